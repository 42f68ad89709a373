/* SPDX-License-Identifier: MIT */
#ifndef ACTOR__WAITING_H
#define ACTOR__WAITING_H

#include "post.h"
#include "reply.h"

/*
 * Waiting, the same for handlers and for plain threads: look at the condition, park, look again.
 * Nothing here knows how a context sleeps: that is the function @park, which sleeps until woken, at
 * most until the deadline, and returns 0 (look again), ACTOR_E_TIMEOUT, ACTOR_E_CANCELLED or
 * ACTOR_E_DEADLOCK.
 *
 * Inline, down to the change of stacks: the processor predicts where a function returns to, and
 * after a change of stacks it is wrong for each that is still to return.
 */

typedef int actor__park_fn(struct actor__context *context, int64_t deadline_ns);

/* Somebody who waits for room in a mailbox, and for which message. */
struct actor__room_waiter {
	struct actor_waiter waiter;
	struct actor__parker *parker;
	const struct actor_address *address;
	const struct actor_message_type *type;
};

static inline void actor__room_wake(struct actor_waiter *waiter)
{
	actor__wake(ACTOR_CONTAINER_OF(waiter, struct actor__room_waiter, waiter)->parker);
}

/* There was no room. */
ACTOR__INLINE int actor__wait_in_line(struct actor__context *context, actor__park_fn *park,
				      struct actor_address *address,
				      const struct actor_message_type *type, void *message,
				      struct actor_reply *reply, int64_t deadline_ns)
{
	struct actor__room_waiter room;
	int rc, parked;

	actor_waiter_init(&room.waiter, actor__room_wake);
	room.parker = &context->parker;
	room.address = address;
	room.type = type;
	while ((rc = actor_address_post(address, type, message, reply, &room.waiter)) ==
	       ACTOR_E_FULL) {
		context->waits = ACTOR__FOR_ROOM;
		context->awaited = &room;
		parked = park(context, deadline_ns);
		context->waits = ACTOR__FOR_ANSWER;
		if (parked < 0) {
			/* Room may have been granted at the very last moment: what is ours, we use.
			 */
			if (parked != ACTOR_E_CANCELLED)
				rc = actor_address_post(address, type, message, reply,
							&room.waiter);
			if (rc == ACTOR_E_FULL && parked != ACTOR_E_TIMEOUT)
				rc = parked;
			actor_address_withdraw(address, &room.waiter);
			break;
		}
	}
	return rc;
}

/* What an await returns if the condition holds now; otherwise ACTOR_E_TIMEOUT. */
static inline int actor__awaited(const struct actor_await *wait)
{
	for (size_t i = 0; i < wait->n_replies; i++) {
		struct actor_reply *reply = actor_await_reply(wait, i);
		bool delivered = reply && actor__reply_delivered(actor__reply_cell_of(reply));

		if (wait->mode == ACTOR_AWAIT_ANY && delivered)
			return (int)i;
		if (wait->mode == ACTOR_AWAIT_ALL && reply && !delivered)
			return ACTOR_E_TIMEOUT;
	}
	return wait->mode == ACTOR_AWAIT_ALL ? 0 : ACTOR_E_TIMEOUT;
}

/* As &actor_context_ops.await. */
ACTOR__INLINE int actor__wait_replies(struct actor__context *context, actor__park_fn *park,
				      const struct actor_await *wait)
{
	int rc, parked;

	while ((rc = actor__awaited(wait)) < 0) {
		context->waits = ACTOR__FOR_REPLIES;
		context->awaited = wait;
		parked = park(context, wait->deadline_ns);
		context->waits = ACTOR__FOR_ANSWER;
		if (parked < 0) {
			rc = actor__awaited(wait);
			return rc < 0 ? parked : rc;
		}
	}
	return rc;
}

/* The end of a call that has been posted. */
ACTOR__INLINE int actor__wait_answer(struct actor__context *context, actor__park_fn *park,
				     struct actor__reply_cell *cell, void *ret_value,
				     int64_t deadline_ns)
{
	int rc, waited = 0;

	while (waited == 0 && !actor__reply_delivered(cell)) {
		context->awaited = cell;
		waited = park(context, deadline_ns);
	}
	rc = actor__reply_end(context, cell, ret_value);
	return ACTOR__RARELY(rc == ACTOR_E_ABANDONED && waited < 0) ? waited : rc;
}

/* A call that could not be posted: both halves are ours. */
static inline int actor__call_off(struct actor__context *context, struct actor__reply_cell *cell,
				  int status)
{
	actor_reply_deliver(&cell->reply, status, NULL);
	return actor__reply_end(context, cell, NULL);
}

#endif
