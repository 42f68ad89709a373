/* SPDX-License-Identifier: MIT */

/* An actor in a file of its own, that calls others through recipients of sets. */

#include "bank.h"

ACTOR_MESSAGE_DEFINE(transfer, "bank.transfer", NULL, NULL);

static int teller_on_transfer(struct teller *self, struct transfer *message,
			      struct actor_context *context)
{
	int rc = ACTOR_CALL(context, self->from, withdraw, NULL,
			    &(struct withdraw){ .cents = message->cents });

	return rc < 0 ? rc
		      : ACTOR_CALL(context, self->to, deposit, NULL,
				   &(struct deposit){ .cents = message->cents });
}

static struct balance teller_on_deposit(struct teller *self, struct deposit *message,
					struct actor_context *context)
{
	struct balance balance = { -1 };
	int rc = ACTOR_CALL(context, self->to, deposit, &balance, message);

	if (rc < 0)
		ACTOR_FAIL(context, actor_strerror(rc));
	return balance;
}

ACTOR_DEFINE(teller, TELLER_MESSAGES, NULL, NULL, NULL);
