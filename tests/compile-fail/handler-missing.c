/* SPDX-License-Identifier: MIT */
// expect: 'account_on_deposit'
/* A message that is declared has no handler. */
#include "bank.h"

#ifdef FIXED
struct balance account_on_deposit(struct account *self, struct deposit *message,
				  struct actor_context *context);
#endif
void account_on_audit(struct account *self, struct audit *message, struct actor_context *context);

ACTOR_DEFINE(account, ACCOUNT_MESSAGES, NULL, NULL, NULL);
