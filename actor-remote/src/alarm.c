/* SPDX-License-Identifier: MIT */

/*
 * Alarms. Whoever waits opens a reply of its own and leaves the callee's half in the alarm; whoever
 * rings takes that half out and delivers it. The flag says it to a waiter that is not waiting yet:
 * who rings sets the flag and then looks for a reply, who waits leaves the reply and then looks at
 * the flag, both sequentially consistent, so that one of them sees the other.
 *
 * The reply is opened by a context of actor-impl and carries nothing to drop: to deliver it is one
 * exchange and one wake-up, which may be done where a waiter is woken, whatever locks are held.
 */

#include "alarm.h"

#include <actor-iface/mailbox.h>

/* So long does it wait for memory to wait properly; and at most for somebody to have a turn. */
enum { RETRY_NS = 1000000, TURN_NS = 10000000 };

const struct actor_message_type actor__nudge_type = {
	.size = sizeof actor__nudge_type,
	.name = "actor.remote.nudge",
	.message_size = 1,
	.message_align = 1,
};

static void deliver(struct actor_reply *reply)
{
	struct actor_unit unit = { 0 };

	if (reply)
		actor_reply_deliver(reply, 0, &unit);
}

void actor__alarm_ring(struct actor__alarm *alarm)
{
	if (atomic_exchange(&alarm->rung, true))
		return; /* whoever has set it does the rest */
	deliver(atomic_exchange(&alarm->reply, NULL));
}

void actor__alarm_nudged(struct actor__alarm *alarm)
{
	deliver(atomic_exchange(&alarm->reply, NULL));
}

static int sleep_a_little(struct actor_context *context)
{
	int rc = actor_await_replies(context, NULL, 0, 0, ACTOR_AWAIT_ANY,
				     actor_deadline_after(context, RETRY_NS));

	return rc == ACTOR_E_TIMEOUT ? 0 : rc;
}

static int await(struct actor_context *context, struct actor_reply *reply, int64_t deadline_ns)
{
	return actor_await_replies(context, &reply, 1, sizeof reply, ACTOR_AWAIT_ALL, deadline_ns);
}

static int wait_until_rung(struct actor__alarm *alarm, struct actor_context *context,
			   struct actor_reply *reply, int64_t deadline_ns)
{
	return atomic_load(&alarm->rung) ? 0 : await(context, reply, deadline_ns);
}

/* It may be rung without end, and an actor that does not wait lets nobody else have a turn. One
 * that has been nudged before, and has not had its turn, does. Where there is no memory for more
 * stacks, it may have none before who waits here has ended, and given back its own. */
static int give_way(struct actor_context *context, struct actor_reply *reply,
		    struct actor_address *aside)
{
	char nudge = 0;
	int rc = aside ? actor_address_post(aside, &actor__nudge_type, &nudge, NULL, NULL)
		       : ACTOR_E_CLOSED;

	return rc == 0 || rc == ACTOR_E_FULL
		       ? await(context, reply, actor_deadline_after(context, TURN_NS))
		       : sleep_a_little(context);
}

int actor__alarm_wait(struct actor__alarm *alarm, struct actor_context *context,
		      int64_t deadline_ns, struct actor_address *aside)
{
	bool rung = atomic_load(&alarm->rung);
	struct actor_reply *reply;
	int rc;

	if (context->ops->reply_open(context, actor_join_type(), &reply) < 0) {
		rc = sleep_a_little(context);
	} else {
		atomic_store(&alarm->reply, reply);
		rc = rung ? give_way(context, reply, aside)
			  : wait_until_rung(alarm, context, reply, deadline_ns);
		deliver(atomic_exchange(&alarm->reply, NULL)); /* if nobody has taken it */
		context->ops->reply_close(context, reply, NULL);
	}
	return atomic_exchange(&alarm->rung, false) && rc == ACTOR_E_TIMEOUT ? 0 : rc;
}
