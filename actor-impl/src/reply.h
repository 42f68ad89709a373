/* SPDX-License-Identifier: MIT */
#ifndef ACTOR__REPLY_H
#define ACTOR__REPLY_H

#include "context.h"
#include "deadlock.h"
#include "thread.h"

#include <assert.h>

enum actor__reply_state {
	ACTOR__REPLY_OPEN,
	ACTOR__REPLY_DELIVERED, /* the cell is the caller's alone */
	ACTOR__REPLY_ABANDONED	/* the cell is the callee's alone */
};

/**
 * struct actor__reply_cell - where an answer lands: see reply.c
 * @reply:  the callee's half
 * @state:  see enum actor__reply_state
 * @status: what was delivered
 * @type:   of the value
 * @parker: whom to wake
 * @held_by: where the other half has gone, as far as that is known: an actor, which may not be
 * there any more, or a permit in line with ACTOR__HELD_IN_LINE added; 0: not known.
 * ACTOR__HELD_SEEN is deadlock-look.c's
 * @bytes:  of the cell
 * @offset: of the value in it
 */
struct actor__reply_cell {
	struct actor_reply reply;
	atomic_int state;
	int status;
	const struct actor_message_type *type;
	_Atomic uintptr_t held_by;
	struct actor__parker *parker;
	uint32_t bytes;
	uint32_t offset;
};

/* Of struct actor__reply_cell, held_by. */
#define ACTOR__HELD_IN_LINE ((uintptr_t)1)
#define ACTOR__HELD_SEEN ((uintptr_t)2)

extern const struct actor_reply_ops actor__reply_ops;

/* Where the value begins, when it needs no more alignment than anything ordinary does. */
#define ACTOR__VALUE_OFFSET                                                                        \
	((sizeof(struct actor__reply_cell) + _Alignof(max_align_t) - 1) &                          \
	 ~(_Alignof(max_align_t) - 1))

static inline struct actor__reply_cell *actor__reply_cell_of(const struct actor_reply *reply)
{
	assert(reply->ops == &actor__reply_ops);
	return ACTOR_CONTAINER_OF(reply, struct actor__reply_cell, reply);
}

/* What was answered, or will be. */
static inline void *actor__reply_value(struct actor__reply_cell *cell)
{
	return (char *)cell + cell->offset;
}

/** actor__reply_hold() - say where the other half goes, as for held_by; by who has it, or may look
 * at it */
static inline void actor__reply_hold(struct actor__reply_cell *cell, uintptr_t holder)
{
	/* Relaxed: who looks has a proof of its own. */
	atomic_store_explicit(&cell->held_by, holder, memory_order_relaxed);
}

/** actor__reply_holder() - what was said */
static inline uintptr_t actor__reply_holder(const struct actor__reply_cell *cell)
{
	return atomic_load_explicit(&cell->held_by, memory_order_relaxed);
}

/**
 * struct actor__handing - a reply of whoever's that is being posted
 * @before: what was said of it
 * @waiter: the handler that waits for it, if not the one that posts it: it is handed on
 */
struct actor__handing {
	uintptr_t before;
	struct actor__fiber *waiter;
};

/** actor__reply_hand_to() - before it is posted: to which actor; @poster runs on this thread, NULL:
 * not known */
static inline struct actor__handing actor__reply_hand_to(struct actor_reply *reply, uintptr_t actor,
							 const struct actor__fiber *poster)
{
	struct actor__handing handing = { 0, NULL };
	struct actor__reply_cell *cell;

	if (reply->ops != &actor__reply_ops)
		return handing;
	cell = actor__reply_cell_of(reply);
	handing.before = actor__reply_holder(cell);
	if (!poster || ACTOR__RARELY(cell->parker != &poster->context.parker))
		handing.waiter = actor__fiber_parked_on(cell->parker);
	actor__reply_hold(cell, actor);
	return handing;
}

/** actor__reply_handed() - after that: @rc, below 0: it was not accepted. If it was, it may be gone
 */
static inline void actor__reply_handed(struct actor_reply *reply,
				       const struct actor__handing *handing, int rc)
{
	if (rc < 0 && reply->ops == &actor__reply_ops)
		actor__reply_hold(actor__reply_cell_of(reply), handing->before);
	else if (ACTOR__RARELY(rc >= 0 && handing->waiter))
		actor__deadlocks_moved(handing->waiter);
}

/** actor__reply_create() - opened, for the code of @context to wait for, and about to be handed to
 * @holder, as for held_by; NULL: no memory */
static inline struct actor__reply_cell *actor__reply_create(struct actor__context *context,
							    const struct actor_message_type *type,
							    uintptr_t holder)
{
	size_t align = type->message_align, slack = align > _Alignof(max_align_t) ? align : 0;
	size_t bytes = ACTOR__VALUE_OFFSET + slack + type->message_size;
	struct actor__reply_cell *cell = NULL;

	if (bytes <= UINT32_MAX)
		cell = actor__cell_alloc(&context->thread->cells, bytes);
	if (!cell)
		return NULL;
	cell->bytes = (uint32_t)bytes;
	cell->offset = ACTOR__VALUE_OFFSET;
	if (slack) /* what the cell's address lacks to the next multiple, where the value will be */
		cell->offset += -((uintptr_t)cell + ACTOR__VALUE_OFFSET) & (align - 1);
	cell->reply.ops = &actor__reply_ops;
	atomic_init(&cell->state, ACTOR__REPLY_OPEN);
	cell->status = ACTOR_PENDING;
	cell->type = type;
	cell->parker = &context->parker;
	atomic_init(&cell->held_by, holder);
	actor__count(context->thread, ACTOR__COUNT_REPLIES, 1);
	return cell;
}

/** actor__reply_free() - by whoever is the second to give up its half */
static inline void actor__reply_free(struct actor__thread *thread, struct actor__reply_cell *cell)
{
	actor__count(thread, ACTOR__COUNT_REPLIES, -1);
	actor__cell_free(&thread->cells, cell, cell->bytes);
}

/** actor__reply_delivered() - whether the answer is there */
static inline bool actor__reply_delivered(const struct actor__reply_cell *cell)
{
	/* Acquire: status and value were written before. */
	return atomic_load_explicit(&cell->state, memory_order_acquire) == ACTOR__REPLY_DELIVERED;
}

/** actor__reply_end() - give up the caller's half: see &actor_context_ops.reply_close */
static inline int actor__reply_end(struct actor__context *context, struct actor__reply_cell *cell,
				   void *ret_value)
{
	int status;

	if (!actor__reply_delivered(cell) &&
	    atomic_exchange_explicit(&cell->state, ACTOR__REPLY_ABANDONED, memory_order_acq_rel) ==
		    ACTOR__REPLY_OPEN)
		return ACTOR_E_ABANDONED;
	status = cell->status;
	if (status == 0 && ret_value)
		actor__copy(ret_value, actor__reply_value(cell), cell->type->message_size);
	else if (status == 0)
		actor_message_drop(cell->type, actor__reply_value(cell));
	actor__reply_free(context->thread, cell);
	return status;
}

#endif
