/* SPDX-License-Identifier: MIT */
// expect: account_on_audit() is not a handler of audit: see ACTOR_DEFINE()
// vary WRONG: returns wrong_message wrong_self no_context constant_message
/* The handler of a signal is not the function that it must be. */
#include "bank.h"

typedef void right(struct account *self, struct audit *message, struct actor_context *context);
typedef int returns(struct account *self, struct audit *message, struct actor_context *context);
typedef void wrong_message(struct account *self, struct alarm *message,
			   struct actor_context *context);
typedef void wrong_self(struct branch *self, struct audit *message, struct actor_context *context);
typedef void no_context(struct account *self, struct audit *message);
typedef void constant_message(struct account *self, const struct audit *message,
			      struct actor_context *context);

#ifdef FIXED
#define HANDLER right
#else
#define HANDLER WRONG
#endif

struct balance account_on_deposit(struct account *self, struct deposit *message,
				  struct actor_context *context);
HANDLER account_on_audit;

ACTOR_DEFINE(account, ACCOUNT_MESSAGES, NULL, NULL, NULL);
