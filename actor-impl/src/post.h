/* SPDX-License-Identifier: MIT */
#ifndef ACTOR__POST_H
#define ACTOR__POST_H

#include "actor.h"
#include "thread.h"

/*
 * Posting, from the address to the scheduled actor, in two versions: one for everything, and one
 * for what nearly all posts are, in which the code of a handler gets from its context to the
 * receiver without any table or call in between.
 */

/* The handler of a type, if it is the same object for sender and receiver; otherwise NULL. */
static inline const struct actor_handler *actor__post_handler(const struct actor__actor *actor,
							      const struct actor_message_type *type)
{
	const struct actor_behavior *behavior = actor->behavior;

	for (size_t i = 0; i < behavior->n_handlers; i++)
		if (actor_behavior_handler(behavior, i)->type == type)
			return actor_behavior_handler(behavior, i);
	return NULL;
}

/* Whether no strong address is left, and this is a weak one. */
static inline bool actor__post_is_late(const struct actor__actor *actor, bool from_weak)
{
	return from_weak && atomic_load_explicit(&actor->n_strong, memory_order_relaxed) == 0;
}

/* Whether a message from this address goes into the actor's own channel, and that is all. */
static inline bool actor__post_is_plain(const struct actor__actor *actor, bool from_weak)
{
	return !atomic_load_explicit(&actor->asked, memory_order_relaxed) &&
	       !actor__post_is_late(actor, from_weak);
}

/* Whether an actor whose channel is still open takes anything more from this address. */
static inline bool actor__post_is_open(const struct actor__actor *actor, bool from_weak)
{
	return !(atomic_load_explicit(&actor->asked, memory_order_relaxed) & ACTOR__ASKED_TO_END) &&
	       !actor__post_is_late(actor, from_weak);
}

/** enum actor__quick_post - what came of it */
enum actor__quick_post {
	ACTOR__NOT_QUICKLY = -1, /* it takes more than this: nothing has been done */
	ACTOR__POSTED,
	ACTOR__TO_SCHEDULE /* the same, and now the receiver must be scheduled */
};

/** actor__post_quickly() - as actor_address_post() without a waiter, by @thread; a @reply goes with
 * the type, and is said to be handed to the receiver: see actor__reply_hand_to(). @ret_actor is the
 * receiver, if it was posted */
ACTOR__INLINE enum actor__quick_post actor__post_quickly(struct actor__thread *thread,
							 struct actor_address *address,
							 const struct actor_message_type *type,
							 void *message, struct actor_reply *reply,
							 struct actor__actor **ret_actor)
{
	struct actor__actor *actor = ACTOR_CONTAINER_OF(address, struct actor__actor, strong);
	const struct actor_handler *handler;
	struct actor__envelope *envelope;
	int rc;

	if (ACTOR__RARELY(address->ops != &actor__strong_ops || type->drop ||
			  !actor__envelope_is_small(type)))
		return ACTOR__NOT_QUICKLY;
	actor__fetch_to_write(&actor->channel);
	handler = actor__post_handler(actor, type);
	if (ACTOR__RARELY(!handler || !actor__post_is_plain(actor, false)))
		return ACTOR__NOT_QUICKLY;
	envelope = actor__cell_take(&thread->cells, 0);
	if (ACTOR__RARELY(!envelope))
		return ACTOR__NOT_QUICKLY;
	actor__envelope_fill(envelope, handler, message, type->message_size, true, reply);
	rc = actor__channel_push(&actor->channel, envelope, false);
	if (ACTOR__RARELY(rc < 0)) {
		actor__cell_give(&thread->cells, envelope, 0);
		return ACTOR__NOT_QUICKLY;
	}
	actor__count(thread, ACTOR__COUNT_ENVELOPES, 1);
	*ret_actor = actor;
	return rc > 0 ? ACTOR__TO_SCHEDULE : ACTOR__POSTED;
}

#endif
