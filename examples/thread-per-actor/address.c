/* SPDX-License-Identifier: MIT */

/*
 * Addresses: a strong and a weak one live in each mailbox, and all who hold one of a kind hold the
 * same object.
 *
 * Two counts. `n_strong` keeps the actor going; it belongs to the mailbox's lock, under which the
 * idle actor decides to end, so that the last unref, an upgrade, a post and that decision happen in
 * one order. `holders` keeps the memory; every address counts there, strong or weak.
 *
 * Nothing here runs code of the program's. What an unref or a stop entails is left to the actor's
 * thread; and when the memory goes there is nothing left in it, since the mailbox holds itself
 * until it has been buried.
 */

#include "tpa.h"

#include <assert.h>

static const struct actor_address_ops address_ops;

static struct tpa_address *address_of(const struct actor_address *base)
{
	assert(base->ops == &address_ops);
	return ACTOR_CONTAINER_OF(base, struct tpa_address, base);
}

static void address_ref(struct actor_address *base)
{
	struct tpa_address *address = address_of(base);
	struct tpa_mailbox *mailbox = address->mailbox;

	tpa_mailbox_hold(mailbox);
	if (address->weak)
		return;
	pthread_mutex_lock(&mailbox->lock);
	mailbox->n_strong++;
	pthread_mutex_unlock(&mailbox->lock);
}

static void address_unref(struct actor_address *base)
{
	struct tpa_address *address = address_of(base);
	struct tpa_mailbox *mailbox = address->mailbox;

	if (!address->weak) {
		pthread_mutex_lock(&mailbox->lock);
		if (--mailbox->n_strong == 0)
			tpa_seat_wake(mailbox->seat, &mailbox->stirred);
		pthread_mutex_unlock(&mailbox->lock);
	}
	tpa_mailbox_put(mailbox);
}

static struct actor_address *address_weak(struct actor_address *base)
{
	struct tpa_mailbox *mailbox = address_of(base)->mailbox;

	tpa_mailbox_hold(mailbox);
	return &mailbox->weak.base;
}

static struct actor_address *address_upgrade(struct actor_address *base)
{
	struct tpa_mailbox *mailbox = address_of(base)->mailbox;
	bool alive;

	pthread_mutex_lock(&mailbox->lock);
	alive = mailbox->n_strong > 0;
	if (alive)
		mailbox->n_strong++;
	pthread_mutex_unlock(&mailbox->lock);
	if (!alive)
		return NULL;
	tpa_mailbox_hold(mailbox);
	return &mailbox->strong.base;
}

static void address_info(const struct actor_address *base, struct actor_info *ret_info)
{
	tpa_mailbox_info(address_of(base)->mailbox, ret_info);
}

static bool address_handles(const struct actor_address *base, const struct actor_message_type *type)
{
	return actor_behavior_find(address_of(base)->mailbox->behavior, type);
}

/* The handler of a message, and whether it may come with this reply. */
static int address_find(const struct tpa_mailbox *mailbox, const struct actor_message_type *type,
			const struct actor_reply *reply, const struct actor_handler **ret_handler)
{
	*ret_handler = actor_behavior_find(mailbox->behavior, type);
	if (*ret_handler)
		return reply && !type->reply ? ACTOR_E_INVALID : 0;
	if (actor_behavior_conflict(mailbox->behavior, type))
		tpa_log_error(mailbox, type->name,
			      "sender and actor were compiled with different declarations");
	return ACTOR_E_UNHANDLED;
}

static int address_post(struct actor_address *base, const struct actor_message_type *type,
			void *message, struct actor_reply *reply, struct actor_waiter *waiter)
{
	struct tpa_address *address = address_of(base);
	struct tpa_mailbox *mailbox = address->mailbox;
	const struct actor_handler *handler;
	int rc = address_find(mailbox, type, reply, &handler);

	pthread_mutex_lock(&mailbox->lock);
	if (rc == 0 && address->weak && mailbox->n_strong == 0)
		rc = ACTOR_E_CLOSED;
	if (rc == 0)
		rc = tpa_queue_push(&mailbox->queue, handler, message, reply, waiter);
	if (waiter && rc != ACTOR_E_FULL)
		tpa_queue_withdraw(&mailbox->queue, waiter);
	if (rc == 0)
		tpa_seat_wake(mailbox->seat, &mailbox->stirred);
	pthread_mutex_unlock(&mailbox->lock);
	return rc;
}

static void address_withdraw(struct actor_address *base, struct actor_waiter *waiter)
{
	struct tpa_mailbox *mailbox = address_of(base)->mailbox;

	pthread_mutex_lock(&mailbox->lock);
	tpa_queue_withdraw(&mailbox->queue, waiter);
	pthread_mutex_unlock(&mailbox->lock);
}

static int address_stop(struct actor_address *base, enum actor_stop how)
{
	struct tpa_mailbox *mailbox = address_of(base)->mailbox;

	if (how != ACTOR_STOP_DRAIN && how != ACTOR_STOP_NOW)
		return ACTOR_E_INVALID;
	pthread_mutex_lock(&mailbox->lock);
	tpa_mailbox_close(mailbox, how == ACTOR_STOP_DRAIN ? TPA_DRAINING : TPA_DROPPING);
	pthread_mutex_unlock(&mailbox->lock);
	return 0;
}

static const struct actor_address_ops address_ops = {
	.size = sizeof address_ops,
	.ref = address_ref,
	.unref = address_unref,
	.weak = address_weak,
	.upgrade = address_upgrade,
	.info = address_info,
	.handles = address_handles,
	.post = address_post,
	.withdraw = address_withdraw,
	.stop = address_stop,
};

void tpa_address_init(struct tpa_address *address, struct tpa_mailbox *mailbox, bool weak)
{
	*address = (struct tpa_address){ .base.ops = &address_ops, mailbox, weak };
}
