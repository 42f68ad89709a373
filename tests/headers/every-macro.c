/* SPDX-License-Identifier: MIT */

/* What only C has: compound literals, and options made of them. */

#include "every-macro.h"

int use_everything(struct actor_context *context, struct actor_ask *ask, actor_answer_fn *on_answer,
		   struct account *account, struct window *window);

int use_everything(struct actor_context *context, struct actor_ask *ask, actor_answer_fn *on_answer,
		   struct account *account, struct window *window)
{
	struct actor_spawner *spawner = actor_spawner(context);
	union account_address to;
	struct account_mailbox mailbox;
	int rc = ACTOR_MAILBOX_CREATE(account, spawner,
				      ACTOR_OPTIONS(.name = "savings", .capacity = ACTOR_UNBOUNDED),
				      &mailbox);

	if (rc == 0)
		rc = ACTOR_SPAWN(account, spawner, account, ACTOR_OPTIONS(.capacity = 100), &to);
	if (rc == 0)
		rc = ACTOR_SEND(context, to, audit, &(struct audit){ .year = 2026 });
	if (rc == 0)
		rc = ACTOR_CALL(context, to, note, NULL, &(struct note){ .text = NULL });
	return rc | use_verbs(context, to) | use_more_verbs(context, to) |
	       use_ask(context, ask, to, on_answer) | use_makers(spawner, account, window) |
	       use_erased(to.address) | use_building_blocks(to.address);
}
