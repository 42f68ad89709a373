/* SPDX-License-Identifier: MIT */

/*
 * Addresses that lead to an actor through a channel of their own.
 *
 * One object each: a strong and a weak address, as an actor itself has. A holder of the strong one
 * also holds the actor's strong address, so that all strong addresses of an actor are counted in
 * one place; all holders hold the object, which holds the actor's memory and the channel.
 */

#include <actor-impl/channel-mailbox.h>

#include "intake.h"
#include "post.h"
#include "util/memory.h"

#include <stdlib.h>

struct channel_address {
	struct actor_address strong;
	struct actor_address weak;
	struct actor__actor *actor;
	struct actor_channel *channel;
	atomic_size_t n_owners;
};

static const struct actor_address_ops strong_ops;
static const struct actor_address_ops weak_ops;

static struct channel_address *of_strong(const struct actor_address *address)
{
	return ACTOR_CONTAINER_OF((void *)(uintptr_t)address, struct channel_address, strong);
}

static struct channel_address *of_weak(const struct actor_address *address)
{
	return ACTOR_CONTAINER_OF((void *)(uintptr_t)address, struct channel_address, weak);
}

static struct channel_address *this_of(const struct actor_address *address)
{
	return address->ops == &weak_ops ? of_weak(address) : of_strong(address);
}

static void hold(struct channel_address *this)
{
	/* Relaxed: the caller is an owner already. */
	atomic_fetch_add_explicit(&this->n_owners, 1, memory_order_relaxed);
}

static void release(struct channel_address *this)
{
	/* Release: what was done with it comes before it goes; acquire: for the last. */
	if (atomic_fetch_sub_explicit(&this->n_owners, 1, memory_order_acq_rel) > 1)
		return;
	actor_channel_unref(this->channel);
	actor__actor_release(this->actor);
	free(this);
}

static void strong_ref(struct actor_address *address)
{
	struct channel_address *this = of_strong(address);

	actor_address_ref(&this->actor->strong);
	hold(this);
}

static void strong_unref(struct actor_address *address)
{
	struct channel_address *this = of_strong(address);

	actor_address_unref(&this->actor->strong);
	release(this);
}

static void weak_ref(struct actor_address *address)
{
	hold(of_weak(address));
}

static void weak_unref(struct actor_address *address)
{
	release(of_weak(address));
}

static struct actor_address *weak(struct actor_address *address)
{
	struct channel_address *this = this_of(address);

	hold(this);
	return &this->weak;
}

static struct actor_address *upgrade(struct actor_address *address)
{
	struct channel_address *this = this_of(address);

	if (!actor_address_upgrade(&this->actor->weak))
		return NULL;
	hold(this);
	return &this->strong;
}

static void info(const struct actor_address *address, struct actor_info *ret_info)
{
	*ret_info = actor__actor_info(this_of(address)->actor);
}

static bool handles(const struct actor_address *address, const struct actor_message_type *type)
{
	return actor_behavior_find(this_of(address)->actor->behavior, type) != NULL;
}

static int post(struct actor_address *address, const struct actor_message_type *type, void *message,
		struct actor_reply *reply, struct actor_waiter *waiter)
{
	struct channel_address *this = this_of(address);
	bool open = actor__post_is_open(this->actor, address->ops == &weak_ops);

	return actor__intake_post(this->actor, this->channel, open, type, message, reply, waiter);
}

static void withdraw(struct actor_address *address, struct actor_waiter *waiter)
{
	actor_channel_withdraw(this_of(address)->channel, waiter);
}

static int stop(struct actor_address *address, enum actor_stop how)
{
	return actor_address_stop(&this_of(address)->actor->weak, how);
}

static const struct actor_address_ops strong_ops = {
	.size = sizeof strong_ops,
	.ref = strong_ref,
	.unref = strong_unref,
	.weak = weak,
	.upgrade = upgrade,
	.info = info,
	.handles = handles,
	.post = post,
	.withdraw = withdraw,
	.stop = stop,
};

static const struct actor_address_ops weak_ops = {
	.size = sizeof weak_ops,
	.ref = weak_ref,
	.unref = weak_unref,
	.weak = weak,
	.upgrade = upgrade,
	.info = info,
	.handles = handles,
	.post = post,
	.withdraw = withdraw,
	.stop = stop,
};

struct actor__actor *actor__channel_address_actor(const struct actor_address *address)
{
	return address->ops == &strong_ops || address->ops == &weak_ops ? this_of(address)->actor
									: NULL;
}

bool actor__channel_address_is_weak(const struct actor_address *address)
{
	return address->ops == &weak_ops;
}

int actor_channel_address(struct actor_mailbox *mailbox, struct actor_channel *channel,
			  struct actor_address **ret_address)
{
	struct channel_address *this;
	struct actor__actor *actor;

	if (mailbox->ops != &actor__mailbox_ops)
		return ACTOR_E_INVALID;
	actor = ACTOR_CONTAINER_OF(mailbox, struct actor__actor, mailbox);
	if (!actor__has_intake(actor) ||
	    !actor_channel_contains(actor__intake_of(actor)->channel, channel))
		return ACTOR_E_INVALID;
	this = actor__memory_alloc(sizeof *this);
	if (!this)
		return ACTOR_E_NOMEM;
	this->strong.ops = &strong_ops;
	this->weak.ops = &weak_ops;
	this->actor = actor;
	this->channel = actor_channel_ref(channel);
	atomic_init(&this->n_owners, 1);
	actor__actor_hold(actor);
	actor__actor_strong(actor);
	*ret_address = &this->strong;
	return 0;
}
