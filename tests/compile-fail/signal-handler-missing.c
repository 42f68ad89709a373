/* SPDX-License-Identifier: MIT */
// expect: 'account_on_audit'
/* A signal that is declared has no handler. */
#include "bank.h"

struct balance account_on_deposit(struct account *self, struct deposit *message,
				  struct actor_context *context);
#ifdef FIXED
void account_on_audit(struct account *self, struct audit *message, struct actor_context *context);
#endif

ACTOR_DEFINE(account, ACCOUNT_MESSAGES, NULL, NULL, NULL);
