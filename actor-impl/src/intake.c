/* SPDX-License-Identifier: MIT */

/*
 * Intakes: actors on channels that were given.
 *
 * Of the actor's own channel only the word is used: idle, nudged, closed. Whoever tells that there
 * may be something to take nudges it, as does the timer of what is to be taken later; and the
 * actor, told that there is nothing, goes idle only if it has not been nudged since it looked. So
 * no message is overlooked, and all else (stop, cancel, the last address) is as for any actor.
 */

#include "intake.h"

#include "reply.h"

#include <assert.h>

static void look(struct actor__actor *actor)
{
	if (actor__channel_nudge(&actor->channel))
		actor__actor_schedule(actor, actor__thread(), ACTOR__SOON);
}

static void told(struct actor__listener *listener)
{
	look(ACTOR_CONTAINER_OF(listener, struct actor__intake, listener)->actor);
}

static void timer_fired(struct actor__timer *timer)
{
	look(ACTOR_CONTAINER_OF(timer, struct actor__intake, timer)->actor);
}

static const struct actor__timer_kind timers = { .fire = timer_fired };

int actor__intake_init(struct actor__actor *actor, struct actor_channel *channel)
{
	struct actor__intake *intake = actor__intake_of(actor);
	int rc;

	*intake = (struct actor__intake){
		.actor = actor,
		.channel = channel,
		.listener = { told },
		.timer = { .kind = &timers },
	};
	rc = actor__channel_attach(channel, &intake->listener);
	if (rc < 0)
		return rc;
	actor_channel_ref(channel);
	/* Relaxed: nobody knows the actor yet. */
	atomic_fetch_or_explicit(&actor->asked, ACTOR__HAS_INTAKE, memory_order_relaxed);
	return 0;
}

void actor__intake_deinit(struct actor__actor *actor)
{
	struct actor__intake *intake = actor__intake_of(actor);

	actor__channel_detach(intake->channel, &intake->listener);
	actor_channel_unref(intake->channel);
}

bool actor__intake_idle(struct actor__actor *actor, int64_t until_ns)
{
	struct actor__intake *intake = actor__intake_of(actor);

	if (until_ns != ACTOR_FOREVER) {
		assert(!intake->armed);
		intake->armed = true;
		actor__executor_arm(actor->executor, &intake->timer, until_ns);
	}
	return actor__channel_idle(&actor->channel);
}

void actor__intake_awake(struct actor__actor *actor)
{
	struct actor__intake *intake = actor__intake_of(actor);

	if (intake->armed) {
		actor__timer_disarm(&actor->executor->timers, &intake->timer);
		intake->armed = false;
	}
}

int actor__intake_post(struct actor__actor *actor, struct actor_channel *channel, bool open,
		       const struct actor_message_type *type, void *message,
		       struct actor_reply *reply, struct actor_waiter *waiter)
{
	struct actor_info info = actor__actor_info(actor);
	struct actor__handing handing = { 0, NULL };
	int rc;

	if (reply)
		handing = actor__reply_hand_to(reply, (uintptr_t)actor, NULL);
	rc = actor__channel_post(channel, actor->behavior, &info, open, type, message, reply,
				 waiter);
	if (reply)
		actor__reply_handed(reply, &handing, rc);
	return rc;
}

void actor__intake_shut(struct actor__actor *actor)
{
	struct actor__intake *intake = actor__intake_of(actor);

	if (intake->is_shut)
		return;
	intake->is_shut = true;
	actor_channel_close(intake->channel);
	actor__channel_discard(intake->channel);
	actor__channel_detach(intake->channel, &intake->listener);
}
