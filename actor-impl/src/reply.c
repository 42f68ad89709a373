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

#include "context.h"
#include "thread.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum reply_state {
	REPLY_OPEN,
	REPLY_DELIVERED, /* the cell is the caller's alone */
	REPLY_ABANDONED	 /* the cell is the callee's alone */
};

/* Where the value begins, when it needs no more alignment than anything ordinary does. */
#define VALUE_OFFSET                                                                               \
	((sizeof(struct reply_cell) + _Alignof(max_align_t) - 1) & ~(_Alignof(max_align_t) - 1))

struct reply_cell {
	struct actor_reply reply;
	atomic_int state;
	int status;
	const struct actor_message_type *type;
	struct actor__parker *parker;
	void *value; /* in the cell */
};

static const struct actor_reply_ops reply_ops;

static struct reply_cell *cell_of(const struct actor_reply *reply)
{
	assert(reply->ops == &reply_ops);
	return ACTOR_CONTAINER_OF(reply, struct reply_cell, reply);
}

/* Memory for a cell of this type, with room to align the value. */
static size_t cell_bytes(const struct actor_message_type *type)
{
	size_t slack = type->message_align > _Alignof(max_align_t) ? type->message_align : 0;

	return VALUE_OFFSET + slack + type->message_size;
}

static void cell_free(struct reply_cell *cell)
{
	struct actor__thread *thread = actor__thread();

	actor__count(thread, ACTOR__COUNT_REPLIES, -1);
	actor__cell_free(&thread->cells, cell, cell_bytes(cell->type));
}

static int deliver(struct actor_reply *reply, int status, void *value)
{
	struct reply_cell *cell = cell_of(reply);
	struct actor__parker *parker = cell->parker;

	assert(status <= 0 && (status < 0 || value));
	cell->status = status;
	if (status == 0)
		actor__copy(cell->value, value, cell->type->message_size);
	if (atomic_exchange_explicit(&cell->state, REPLY_DELIVERED, memory_order_acq_rel) ==
	    REPLY_OPEN) {
		actor__wake(parker);
		return 0;
	}
	if (status == 0)
		actor_message_drop(cell->type, cell->value);
	cell_free(cell);
	return ACTOR_E_ABANDONED;
}

static bool abandoned(struct actor_reply *reply)
{
	/* Relaxed: nothing else hangs on it. */
	return atomic_load_explicit(&cell_of(reply)->state, memory_order_relaxed) ==
	       REPLY_ABANDONED;
}

static const struct actor_reply_ops reply_ops = {
	.size = sizeof reply_ops,
	.deliver = deliver,
	.abandoned = abandoned,
};

int actor__reply_open(struct actor_context *base, const struct actor_message_type *type,
		      struct actor_reply **ret_reply)
{
	struct actor__thread *thread = actor__thread();
	struct reply_cell *cell = actor__cell_alloc(&thread->cells, cell_bytes(type));
	uintptr_t value, align = type->message_align;

	if (!cell)
		return ACTOR_E_NOMEM;
	value = (uintptr_t)cell + VALUE_OFFSET;
	if (align > _Alignof(max_align_t))
		value = (value + align - 1) & ~(align - 1);
	cell->reply.ops = &reply_ops;
	atomic_init(&cell->state, REPLY_OPEN);
	cell->status = ACTOR_PENDING;
	cell->type = type;
	cell->parker = &ACTOR_CONTAINER_OF(base, struct actor__context, base)->parker;
	cell->value = (void *)value;
	actor__count(thread, ACTOR__COUNT_REPLIES, 1);
	*ret_reply = &cell->reply;
	return 0;
}

bool actor__reply_delivered(const struct actor_reply *reply)
{
	/* Acquire: status and value were written before. */
	return atomic_load_explicit(&cell_of(reply)->state, memory_order_acquire) ==
	       REPLY_DELIVERED;
}

int actor__reply_close(struct actor_context *base, struct actor_reply *reply, void *ret_value)
{
	struct reply_cell *cell = cell_of(reply);
	int status;

	(void)base;
	if (!actor__reply_delivered(reply) &&
	    atomic_exchange_explicit(&cell->state, REPLY_ABANDONED, memory_order_acq_rel) ==
		    REPLY_OPEN)
		return ACTOR_E_ABANDONED;
	status = cell->status;
	if (status == 0 && ret_value)
		actor__copy(ret_value, cell->value, cell->type->message_size);
	else if (status == 0)
		actor_message_drop(cell->type, cell->value);
	cell_free(cell);
	return status;
}
