/* SPDX-License-Identifier: MIT */

/* The same in C++: messages, recipients, actors and verbs, all in one file. */

#include "every-macro.h"

/* Some structs share their name with a function, which C++ then takes it for: hence "struct". */
int use_everything(actor_context *context, struct actor_ask *ask, actor_answer_fn *on_answer,
		   account_address to, account *state, window *other);

int use_everything(actor_context *context, struct actor_ask *ask, actor_answer_fn *on_answer,
		   account_address to, account *state, window *other)
{
	struct actor_spawner *spawner = actor_spawner(context);

	return use_verbs(context, to) | use_more_verbs(context, to) |
	       use_ask(context, ask, to, on_answer) | use_makers(spawner, state, other) |
	       use_erased(to.address) | use_building_blocks(to.address);
}
