/* SPDX-License-Identifier: MIT */
#ifndef ACTOR__INTAKE_H
#define ACTOR__INTAKE_H

#include "actor.h"
#include "channel-core.h"
#include "timers.h"

/**
 * struct actor__intake - the channel that an actor takes its messages from; see intake.c
 * @actor:    whose it is
 * @channel:  owned
 * @listener: has the actor look
 * @timer:    has it look when what is to be taken later can be taken
 * @armed:    the timer is; touched by the runner alone
 * @is_shut:  the actor will take nothing more; touched by who may shut it
 */
struct actor__intake {
	struct actor__actor *actor;
	struct actor_channel *channel;
	struct actor__listener listener;
	struct actor__timer timer;
	bool armed;
	bool is_shut;
};

static inline bool actor__has_intake(const struct actor__actor *actor)
{
	/* Relaxed: set before anybody knows the actor. */
	return atomic_load_explicit(&actor->asked, memory_order_relaxed) & ACTOR__HAS_INTAKE;
}

/** actor__intake_of() - of an actor that has one: at the end of its memory */
static inline struct actor__intake *actor__intake_of(struct actor__actor *actor)
{
	return (void *)((char *)actor + actor->bytes - sizeof(struct actor__intake));
}

/** actor__intake_init() - take from @channel: 0; as actor__channel_attach(), and there is no intake
 */
int actor__intake_init(struct actor__actor *actor, struct actor_channel *channel);

/** actor__intake_deinit() - nothing leads to the actor any more. A channel that was never shut is
 * as it was */
void actor__intake_deinit(struct actor__actor *actor);

/** actor__intake_idle() - as actor__channel_idle(), and look again at @until_ns at the latest */
bool actor__intake_idle(struct actor__actor *actor, int64_t until_ns);

/** actor__intake_awake() - by the runner: the actor looks, it need not be woken */
void actor__intake_awake(struct actor__actor *actor);

/** actor__intake_shut() - close, and drop all that is queued; by the runner, or with nothing
 * running. Idempotent */
void actor__intake_shut(struct actor__actor *actor);

/** actor__intake_post() - as &actor_address_ops.post, into @channel, which is its intake's or a
 * member of that; @open: whether it takes anything more from there */
int actor__intake_post(struct actor__actor *actor, struct actor_channel *channel, bool open,
		       const struct actor_message_type *type, void *message,
		       struct actor_reply *reply, struct actor_waiter *waiter);

/** actor__channel_address_actor() - whose address that is; NULL if it leads through no channel */
struct actor__actor *actor__channel_address_actor(const struct actor_address *address);

/** actor__channel_address_is_weak() - whether it is such a one, and weak */
bool actor__channel_address_is_weak(const struct actor_address *address);

#endif
