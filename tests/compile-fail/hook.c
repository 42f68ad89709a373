/* SPDX-License-Identifier: MIT */
// expect gcc: is not compatible with any association
// expect clang: not compatible with any generic association type
// expect g++: to 'void (*)(account*, actor_context*)'
// expect clang++: type 'void (*)(struct account *, struct actor_context *)' with
// vary PLACE: STARTED STOPPED
// vary WRONG: wrong_self wrong_return no_context
/* A hook is not the function that it must be. */
#include "bank.h"

void right(struct account *self, struct actor_context *context);
void wrong_self(struct branch *self, struct actor_context *context);
int wrong_return(struct account *self, struct actor_context *context);
void no_context(struct account *self);

#ifdef FIXED
#define HOOK right
#else
#define HOOK WRONG
#endif

struct balance account_on_deposit(struct account *self, struct deposit *message,
				  struct actor_context *context);
void account_on_audit(struct account *self, struct audit *message, struct actor_context *context);

#define STARTED(hook) ACTOR_DEFINE(account, ACCOUNT_MESSAGES, hook, NULL, NULL)
#define STOPPED(hook) ACTOR_DEFINE(account, ACCOUNT_MESSAGES, NULL, hook, NULL)
PLACE(HOOK);
