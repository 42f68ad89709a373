/* SPDX-License-Identifier: MIT */
#ifndef ACTOR__ALARM_H
#define ACTOR__ALARM_H

#include <actor-iface/context.h>
#include <stdatomic.h>

/**
 * struct actor__alarm - wakes the one context that waits for there to be something to do
 * @rung:  there is
 * @reply: of the context, while it waits; NULL
 *
 * See alarm.c.
 */
struct actor__alarm {
	atomic_bool rung;
	_Atomic(struct actor_reply *) reply;
};

/** actor__alarm_ring() - there is something to do. Needs no memory, takes no lock: also for a
 * &actor_waiter.wake. Thread: any */
void actor__alarm_ring(struct actor__alarm *alarm);

/**
 * actor__alarm_wait() - wait until it has been rung since the last time
 * @alarm:       its only waiter
 * @context:     of actor-impl
 * @deadline_ns: absolute
 * @aside:       an actor on the same executor, which handles actor__nudge_type by
 *               actor__alarm_nudged(): if it has been rung already, others have a turn, and then
 *               that one, before this returns, unless that takes long. NULL: then it rests for a
 *               while
 *
 * Without memory, it looks as if it had been rung, after a while.
 *
 * Thread:  context
 * Return:  0, ACTOR_E_TIMEOUT, ACTOR_E_CANCELLED
 */
int actor__alarm_wait(struct actor__alarm *alarm, struct actor_context *context,
		      int64_t deadline_ns, struct actor_address *aside);

/** actor__nudge_type - of a message that has the waiter go on: see actor__alarm_wait() */
extern const struct actor_message_type actor__nudge_type;

/** actor__alarm_nudged() - one has come. Thread: any */
void actor__alarm_nudged(struct actor__alarm *alarm);

#endif
