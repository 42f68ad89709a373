/* SPDX-License-Identifier: MIT */
#ifndef ACTOR__CHANNEL_CORE_H
#define ACTOR__CHANNEL_CORE_H

#include <actor-iface/behavior.h>
#include <actor-iface/info.h>
#include <actor-impl/channel.h>

struct actor__envelope;

/** struct actor__listener - is told when there may be something to take
 * @tell: a leaf: it only schedules; any thread, with the ear of the channel held */
struct actor__listener {
	void (*tell)(struct actor__listener *listener);
};

/** actor__channel_attach() - have somebody told: 0, ACTOR_E_BUSY when somebody is already,
 * ACTOR_E_INVALID when there are no members where nothing is stored */
int actor__channel_attach(struct actor_channel *channel, struct actor__listener *listener);

/** actor__channel_detach() - no more: after this, it is not told anything */
void actor__channel_detach(struct actor_channel *channel, struct actor__listener *listener);

/** actor__channel_absent() - who was told may not take for a while: see &actor_channel_ops.absent
 */
void actor__channel_absent(struct actor_channel *channel);

/** actor__channel_pop_or_end() - as actor_channel_pop(), and ACTOR_E_CLOSED also when it is closed
 * and holds back what is left until it is told, which nobody waits for */
int actor__channel_pop_or_end(struct actor_channel *channel, struct actor_context *context,
			      struct actor_envelope **ret_envelope, int64_t *ret_until_ns);

/** actor__channel_sweep() - discard what was spilled by looks for messages on this thread; with no
 * lock held */
void actor__channel_sweep(void);

/** actor__channel_discard() - drop all that is in it; by whoever takes from it */
void actor__channel_discard(struct actor_channel *channel);

/** actor__channel_post() - as &actor_address_ops.post, into a channel, for actors of @behavior;
 * @open: unless it refuses everything */
int actor__channel_post(struct actor_channel *channel, const struct actor_behavior *behavior,
			const struct actor_info *info, bool open,
			const struct actor_message_type *type, void *message,
			struct actor_reply *reply, struct actor_waiter *waiter);

static inline struct actor_envelope *actor__envelope_out(struct actor__envelope *envelope)
{
	return (struct actor_envelope *)(void *)envelope;
}

static inline struct actor__envelope *actor__envelope_in(const struct actor_envelope *envelope)
{
	return (struct actor__envelope *)(void *)(uintptr_t)envelope;
}

#endif
