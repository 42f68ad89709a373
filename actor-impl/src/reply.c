/* SPDX-License-Identifier: MIT */

/*
 * Reply cells: where an answer lands.
 *
 * A cell has two owners, the caller, who closes it, and the callee, who delivers it. Each gives up
 * its half with one atomic exchange of the state; whoever is second frees the cell. The value lies
 * in the cell: written before the callee's exchange, read after the caller has seen it. The
 * callee's exchange hands the cell to the caller, who may free it at once, so the callee notes
 * beforehand whom to wake; why that pointer stays good is said in parker.h.
 */

#include "reply.h"

#include <assert.h>

static int deliver(struct actor_reply *reply, int status, void *value)
{
	struct actor__reply_cell *cell = actor__reply_cell_of(reply);
	struct actor__parker *parker = cell->parker;

	assert(status <= 0 && (status < 0 || value));
	cell->status = status;
	if (status == 0)
		actor__copy(actor__reply_value(cell), value, cell->type->message_size);
	if (atomic_exchange_explicit(&cell->state, ACTOR__REPLY_DELIVERED, memory_order_acq_rel) ==
	    ACTOR__REPLY_OPEN) {
		actor__wake(parker);
		return 0;
	}
	if (status == 0)
		actor_message_drop(cell->type, actor__reply_value(cell));
	actor__reply_free(actor__thread(), cell);
	return ACTOR_E_ABANDONED;
}

static bool abandoned(struct actor_reply *reply)
{
	/* Relaxed: nothing else hangs on it. */
	return atomic_load_explicit(&actor__reply_cell_of(reply)->state, memory_order_relaxed) ==
	       ACTOR__REPLY_ABANDONED;
}

const struct actor_reply_ops actor__reply_ops = {
	.size = sizeof actor__reply_ops,
	.deliver = deliver,
	.abandoned = abandoned,
};

int actor__reply_open(struct actor_context *base, const struct actor_message_type *type,
		      struct actor_reply **ret_reply)
{
	struct actor__reply_cell *cell = actor__reply_create(actor__context_of(base), type, 0);

	if (!cell)
		return ACTOR_E_NOMEM;
	*ret_reply = &cell->reply;
	return 0;
}

int actor__reply_close(struct actor_context *base, struct actor_reply *reply, void *ret_value)
{
	return actor__reply_end(actor__context_of(base), actor__reply_cell_of(reply), ret_value);
}
