/* SPDX-License-Identifier: MIT */
// expect: branch
/* A function that works on the state of another actor. */
#include "bank.h"

ACTOR_EXEC(account);
#define CLERK_MESSAGES(CALL, SEND, X) CALL(X, account_exec)
ACTOR_DECLARE(clerk, CLERK_MESSAGES);

#ifdef FIXED
int function(struct account *self, void *user, struct actor_context *context);
#else
int function(struct branch *self, void *user, struct actor_context *context);
#endif
int program(struct actor_context *context, union clerk_address to);

int program(struct actor_context *context, union clerk_address to)
{
	return ACTOR_EXEC_SEND(context, to, account, function, NULL, NULL);
}
