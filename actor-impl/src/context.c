/* SPDX-License-Identifier: MIT */

/*
 * Waiting, the same for handlers and for plain threads: look at the condition, park, look again.
 * Nothing here knows how a context sleeps.
 */

#include "context.h"

#include "log.h"

#include <assert.h>
#include <time.h>

static struct actor__context *context_of(struct actor_context *base)
{
	return ACTOR_CONTAINER_OF(base, struct actor__context, base);
}

int64_t actor__now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

int64_t actor__context_now(struct actor_context *base)
{
	(void)base;
	return actor__now();
}

struct actor_error *actor__context_error(struct actor_context *base)
{
	return &context_of(base)->error;
}

void actor__context_log(struct actor_context *base, const struct actor_log_record *record)
{
	struct actor_address *self = base->ops->self(base);
	struct actor_log_record signed_record = *record;
	struct actor_info info;

	if (!record->actor && self) {
		info = actor_address_info(self);
		signed_record.actor = &info;
	}
	actor__log(&signed_record);
}

enum actor_log_level actor__context_log_level(struct actor_context *base)
{
	(void)base;
	return actor__log_level();
}

/* Somebody who waits for room in a mailbox. */
struct room_waiter {
	struct actor_waiter waiter;
	struct actor__parker *parker;
};

static void room_wake(struct actor_waiter *waiter)
{
	actor__wake(ACTOR_CONTAINER_OF(waiter, struct room_waiter, waiter)->parker);
}

int actor__context_post(struct actor_context *base, struct actor_address *address,
			const struct actor_message_type *type, void *message,
			struct actor_reply *reply, int64_t deadline_ns)
{
	struct actor__context *context = context_of(base);
	struct room_waiter room;
	int rc, parked;

	actor_waiter_init(&room.waiter, room_wake);
	room.parker = &context->parker;
	while ((rc = actor_address_post(address, type, message, reply, &room.waiter)) ==
	       ACTOR_E_FULL) {
		parked = context->park(context, deadline_ns);
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

/* What an await returns if the condition holds now; otherwise ACTOR_E_TIMEOUT. */
static int awaited(const struct actor_await *wait)
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

int actor__context_await(struct actor_context *base, const struct actor_await *wait)
{
	struct actor__context *context = context_of(base);
	int rc, parked;

	while ((rc = awaited(wait)) < 0) {
		parked = context->park(context, wait->deadline_ns);
		if (parked < 0) {
			rc = awaited(wait);
			return rc < 0 ? parked : rc;
		}
	}
	return rc;
}
