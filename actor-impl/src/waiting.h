/* SPDX-License-Identifier: MIT */
#ifndef ACTOR__WAITING_H
#define ACTOR__WAITING_H

#include "context.h"

/*
 * Waiting, the same for handlers and for plain threads: look at the condition, park, look again.
 * Nothing here knows how a context sleeps: that is the function @park, which sleeps until woken, at
 * most until the deadline, and returns 0 (look again), ACTOR_E_TIMEOUT or ACTOR_E_CANCELLED.
 *
 * Inline, down to the change of stacks: the processor predicts where a function returns to, and
 * after a change of stacks it is wrong for each that is still to return.
 */

typedef int actor__park_fn(struct actor__context *context, int64_t deadline_ns);

#define ACTOR__INLINE static inline __attribute__((always_inline))

/* Somebody who waits for room in a mailbox. */
struct actor__room_waiter {
	struct actor_waiter waiter;
	struct actor__parker *parker;
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
	while ((rc = actor_address_post(address, type, message, reply, &room.waiter)) ==
	       ACTOR_E_FULL) {
		parked = park(context, deadline_ns);
		if (parked < 0) {
			/* Room may have been granted at the very last moment: what is ours, we use.
			 */
			if (parked == ACTOR_E_TIMEOUT)
				rc = actor_address_post(address, type, message, reply,
							&room.waiter);
			else
				rc = parked;
			actor_address_withdraw(address, &room.waiter);
			break;
		}
	}
	return rc;
}

/* As &actor_context_ops.post. */
ACTOR__INLINE int actor__wait_post(struct actor__context *context, actor__park_fn *park,
				   struct actor_address *address,
				   const struct actor_message_type *type, void *message,
				   struct actor_reply *reply, int64_t deadline_ns)
{
	int rc = actor_address_post(address, type, message, reply, NULL);

	if (rc == ACTOR_E_FULL)
		rc = actor__wait_in_line(context, park, address, type, message, reply, deadline_ns);
	return rc;
}

/* What an await returns if the condition holds now; otherwise ACTOR_E_TIMEOUT. */
static inline int actor__awaited(const struct actor_await *wait)
{
	for (size_t i = 0; i < wait->n_replies; i++) {
		struct actor_reply *reply = actor_await_reply(wait, i);
		bool delivered = reply && actor__reply_delivered(reply);

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
		parked = park(context, wait->deadline_ns);
		if (parked < 0) {
			rc = actor__awaited(wait);
			return rc < 0 ? parked : rc;
		}
	}
	return rc;
}

/* As &actor_context_ops.call. */
ACTOR__INLINE int actor__wait_call(struct actor__context *context, actor__park_fn *park,
				   struct actor_address *address,
				   const struct actor_message_type *type, void *message,
				   void *ret_value, int64_t deadline_ns)
{
	struct actor_reply *reply;
	int waited = 0, rc = actor__reply_open(&context->base, type->reply, &reply);

	if (rc < 0)
		return rc;
	rc = actor__wait_post(context, park, address, type, message, reply, deadline_ns);
	if (rc < 0) { /* both halves are ours */
		actor_reply_deliver(reply, rc, NULL);
		return actor__reply_close(&context->base, reply, NULL);
	}
	while (waited == 0 && !actor__reply_delivered(reply))
		waited = park(context, deadline_ns);
	rc = actor__reply_close(&context->base, reply, ret_value);
	return rc == ACTOR_E_ABANDONED && waited < 0 ? waited : rc;
}

#endif
