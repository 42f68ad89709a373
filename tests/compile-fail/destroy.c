/* SPDX-License-Identifier: MIT */
// expect gcc: is not compatible with any association
// expect clang: not compatible with any generic association type
// expect g++: to 'void (*)(account*)'
// expect clang++: type 'void (*)(struct account *)' with
// vary WRONG: wrong_self untyped_self wrong_return with_context
/* The function that destroys the state is not the function that it must be. */
#include "bank.h"

void right(struct account *self);
void wrong_self(struct branch *self);
void untyped_self(void *self);
int wrong_return(struct account *self);
void with_context(struct account *self, struct actor_context *context);

#ifdef FIXED
#define DESTROY right
#else
#define DESTROY WRONG
#endif

struct balance account_on_deposit(struct account *self, struct deposit *message,
				  struct actor_context *context);
void account_on_audit(struct account *self, struct audit *message, struct actor_context *context);

ACTOR_DEFINE(account, ACCOUNT_MESSAGES, NULL, NULL, DESTROY);
