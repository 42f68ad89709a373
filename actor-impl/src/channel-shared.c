/* SPDX-License-Identifier: MIT */

/*
 * Shared channels: one queue, several actors, and an address that leads to whichever comes first.
 *
 * Each worker has a seat: the channel that its mailbox is made on, with a queue of its own for what
 * is sent to it alone, and with the shared one behind it. A seat waits after it has found nothing;
 * it is noted as waiting before it looks for the last time, so a message that comes in between is
 * either seen by it or told to it. A push tells one seat that waits, the one that was the last to
 * begin; if none does, all are busy, and each looks again before it waits. Who was told and cannot
 * come (paused, disabled, gone) passes it on; who takes one and leaves more behind does so, too.
 *
 * The latch is for the seats and for the count of strong addresses. With it held, actors are told,
 * asked and let go, which only schedules: a seat that is in the list has not been shut, so its
 * actor's memory is held by others as well.
 */

#include <actor-impl/channel-kinds.h>
#include <actor-impl/channel-mailbox.h>
#include <actor-impl/shared.h>

#include "actor.h"
#include "channel-core.h"
#include "util/given.h"
#include "util/latch.h"
#include "util/links.h"
#include "util/lock.h"
#include "util/memory.h"

#include <stdlib.h>
#include <string.h>

/**
 * struct seat - of one worker
 * @link:   in the ring of seats
 * @waiting: in that of those that wait
 * @waits:  it is in that
 * @member: it is in the ring of seats
 * @heir:   it was the last one: what is queued is its to take, although it has left
 * @holds:  a strong address of the actor, on behalf of the holders of ours
 *
 * All are changed with the latch held; @member and @heir are read without by the one who takes,
 * since only he changes them once the mailbox has been made; @waits is a hint there.
 */
struct seat {
	struct actor_channel base;
	struct actor_shared *shared;
	struct actor__actor *actor;
	struct actor__link link;
	struct actor__link waiting;
	atomic_bool waits;
	atomic_bool member;
	atomic_bool heir;
	bool holds;
};

/**
 * struct actor_shared - see above
 * @n_owners:  of the memory: the owner, seats, holders of addresses
 * @taking:    channels are taken from by one at a time
 * @latch:     for what follows
 * @n_strong:  holders of the strong address
 * @n_waiting: seats that wait; read as a hint without the latch
 * @is_full:   no seat can be added any more
 * @inherited: the last seat has left, and sees to what is queued
 */
struct actor_shared {
	struct actor_address strong;
	struct actor_address weak;
	const struct actor_behavior *behavior;
	struct actor_channel *channel;
	struct actor__listener listener;
	struct actor_identity identity;
	atomic_size_t n_owners;
	pthread_mutex_t taking;
	struct actor__latch latch;
	atomic_size_t n_strong;
	struct actor__link seats;
	struct actor__link waiting;
	atomic_size_t n_waiting;
	bool is_full;
	bool inherited;
	char name[];
};

static const struct actor_address_ops strong_ops;
static const struct actor_address_ops weak_ops;

static void hold(struct actor_shared *shared)
{
	/* Relaxed: the caller is an owner already. */
	atomic_fetch_add_explicit(&shared->n_owners, 1, memory_order_relaxed);
}

static void release(struct actor_shared *shared)
{
	/* Release: what was done with it comes before it goes; acquire: for the last. */
	if (atomic_fetch_sub_explicit(&shared->n_owners, 1, memory_order_acq_rel) > 1)
		return;
	actor__channel_detach(shared->channel, &shared->listener);
	actor_channel_unref(shared->channel);
	pthread_mutex_destroy(&shared->taking);
	free(shared);
}

static bool takes_part(const struct seat *seat)
{
	return atomic_load(&seat->member) || atomic_load(&seat->heir);
}

/* ---- who waits; with the latch held ---- */

static void wait_latched(struct seat *seat)
{
	struct actor_shared *shared = seat->shared;

	if (atomic_load(&seat->waits) || !takes_part(seat))
		return;
	atomic_store(&seat->waits, true);
	actor__link_before(shared->waiting.next, &seat->waiting);
	atomic_fetch_add(&shared->n_waiting, 1);
}

static void unwait_latched(struct seat *seat)
{
	if (!atomic_load(&seat->waits))
		return;
	atomic_store(&seat->waits, false);
	actor__link_take(&seat->waiting);
	atomic_fetch_sub(&seat->shared->n_waiting, 1);
}

/* ---- the same without ---- */

static void wait_on(struct seat *seat)
{
	actor__latch_take(&seat->shared->latch);
	wait_latched(seat);
	actor__latch_leave(&seat->shared->latch);
}

static void unwait(struct seat *seat)
{
	if (!atomic_load(&seat->waits))
		return;
	actor__latch_take(&seat->shared->latch);
	unwait_latched(seat);
	actor__latch_leave(&seat->shared->latch);
}

/* One of those who wait; all, when it has been closed, to find that out. */
static void tell(struct actor__listener *listener)
{
	struct actor_shared *shared = ACTOR_CONTAINER_OF(listener, struct actor_shared, listener);
	bool all = actor_channel_is_closed(shared->channel);
	struct actor__link *first;

	actor__latch_take(&shared->latch);
	do {
		first = actor__links_first(&shared->waiting);
		if (first) {
			struct seat *seat = ACTOR_CONTAINER_OF(first, struct seat, waiting);

			unwait_latched(seat);
			actor_channel_tell(&seat->base);
		}
	} while (first && all);
	actor__latch_leave(&shared->latch);
}

/* There may be more than whoever was told takes. */
static void pass_on(struct actor_shared *shared)
{
	if (atomic_load(&shared->n_waiting) > 0 && actor_channel_length(shared->channel) > 0)
		tell(&shared->listener);
}

/* ---- a seat ---- */

static struct seat *seat_of(const struct actor_channel *channel)
{
	return ACTOR_CONTAINER_OF((void *)(uintptr_t)channel, struct seat, base);
}

static struct actor_channel *own_of(const struct seat *seat)
{
	size_t n;

	return actor_channel_members(&seat->base, &n)[0];
}

static int take_shared(struct actor_shared *shared, struct actor_context *context,
		       struct actor_envelope **ret_envelope, int64_t *ret_until_ns)
{
	int rc;

	pthread_mutex_lock(&shared->taking);
	rc = actor__channel_pop_or_end(shared->channel, context, ret_envelope, ret_until_ns);
	pthread_mutex_unlock(&shared->taking);
	return rc;
}

static int take_or_wait(struct seat *seat, struct actor_context *context,
			struct actor_envelope **ret_envelope, int64_t *ret_until_ns)
{
	int rc = take_shared(seat->shared, context, ret_envelope, ret_until_ns);

	if (context && (rc == ACTOR_CHANNEL_EMPTY || rc == ACTOR_CHANNEL_LATER)) {
		wait_on(seat);
		rc = take_shared(seat->shared, context, ret_envelope, ret_until_ns);
	}
	return rc;
}

static int seat_take(struct actor_channel *channel, struct actor_context *context,
		     struct actor_envelope **ret_envelope, int64_t *ret_until_ns)
{
	struct seat *seat = seat_of(channel);
	int rc = actor_channel_pop(own_of(seat), context, ret_envelope, ret_until_ns);

	if (rc != ACTOR_CHANNEL_MESSAGE && takes_part(seat))
		rc = take_or_wait(seat, context, ret_envelope, ret_until_ns);
	if (rc == ACTOR_CHANNEL_MESSAGE) {
		unwait(seat);
		if (takes_part(seat))
			pass_on(seat->shared);
	}
	if (rc == ACTOR_E_CLOSED) { /* the shared one: and what has come for this actor alone? */
		actor_channel_close(own_of(seat));
		rc = actor_channel_pop(own_of(seat), context, ret_envelope, ret_until_ns);
	}
	return rc;
}

static size_t seat_length(const struct actor_channel *channel)
{
	const struct seat *seat = seat_of(channel);
	size_t length = actor_channel_length(own_of(seat));

	return takes_part(seat) ? length + actor_channel_length(seat->shared->channel) : length;
}

static void seat_absent(struct actor_channel *channel)
{
	struct seat *seat = seat_of(channel);

	if (!takes_part(seat))
		return;
	unwait(seat);
	pass_on(seat->shared);
}

static void unlink_latched(struct seat *seat)
{
	struct actor_shared *shared = seat->shared;

	unwait_latched(seat);
	actor__link_take(&seat->link);
	atomic_store(&seat->member, false);
	if (!actor__links_first(&shared->seats)) {
		atomic_store(&seat->heir, true);
		shared->is_full = true;
		shared->inherited = true;
	}
}

/* The worker goes; or does not become one any more: see seat_join(). */
static void seat_close(struct actor_channel *channel)
{
	struct seat *seat = seat_of(channel);
	struct actor_shared *shared = seat->shared;
	bool was_member, held;

	actor__latch_take(&shared->latch);
	was_member = atomic_load(&seat->member);
	held = seat->holds;
	seat->holds = false;
	if (was_member)
		unlink_latched(seat);
	actor__latch_leave(&shared->latch);
	if (!was_member)
		return;
	if (atomic_load(&seat->heir))
		actor_channel_close(shared->channel);
	else
		pass_on(shared);
	if (held)
		actor_address_unref(&seat->actor->strong);
}

static void seat_destroy(struct actor_channel *channel)
{
	struct seat *seat = seat_of(channel);

	unwait(seat); /* an heir's */
	release(seat->shared);
	free(seat);
}

static const struct actor_channel_ops seat_ops = {
	.size = sizeof seat_ops,
	.take = seat_take,
	.destroy = seat_destroy,
	.length = seat_length,
	.close = seat_close,
	.absent = seat_absent,
};

static int seat_adopt_queue(struct seat *seat, const struct actor_mailbox_options *options)
{
	struct actor_queue_options bound = { .size = sizeof bound,
					     .capacity = ACTOR_DEFAULT_CAPACITY };
	struct actor_channel *queue;
	int rc;

	if (ACTOR__GIVEN(options, capacity, 0))
		bound.capacity = options->capacity;
	rc = actor_queue_create(&bound, &queue);
	if (rc < 0)
		return rc;
	rc = actor_channel_adopt(&seat->base, queue);
	actor_channel_unref(queue);
	return rc;
}

static int seat_create(struct actor_shared *shared, const struct actor_mailbox_options *options,
		       struct seat **ret_seat)
{
	struct seat *seat = actor__memory_alloc(sizeof *seat);
	int rc = seat ? actor_channel_init(&seat->base, &seat_ops) : ACTOR_E_NOMEM;

	if (rc < 0) {
		free(seat);
		return rc;
	}
	hold(shared);
	seat->shared = shared;
	rc = seat_adopt_queue(seat, options);
	if (rc < 0)
		actor_channel_unref(&seat->base);
	else
		*ret_seat = seat;
	return rc;
}

static void hold_worker(struct seat *seat)
{
	actor__actor_strong(seat->actor);
	seat->holds = true;
}

static void release_worker(struct seat *seat)
{
	seat->holds = false;
	actor_address_unref(&seat->actor->strong);
}

static void stop_worker(struct seat *seat)
{
	actor__actor_ask(seat->actor, ACTOR__ASKED_NOW);
}

/* With the latch held. */
static void for_each_seat(struct actor_shared *shared, void (*function)(struct seat *seat))
{
	struct actor__link *link = shared->seats.next;

	for (; link != &shared->seats; link = link->next)
		function(ACTOR_CONTAINER_OF(link, struct seat, link));
}

/* Among the others: false when it is too late for that. Its executor may have been closed by now,
 * and the seat with it: that is seen here, or else seat_close() sees a member, since it comes
 * after. */
static bool seat_join(struct seat *seat)
{
	struct actor_shared *shared = seat->shared;
	bool joined;

	actor__latch_take(&shared->latch);
	joined = !shared->is_full && !actor_channel_is_closed(&seat->base);
	if (joined) {
		actor__link_before(&shared->seats, &seat->link);
		atomic_store(&seat->member, true);
		if (atomic_load(&shared->n_strong) > 0)
			hold_worker(seat);
	}
	actor__latch_leave(&shared->latch);
	return joined;
}

int actor_shared_mailbox(struct actor_shared *shared, struct actor_spawner *spawner,
			 const struct actor_mailbox_options *options,
			 struct actor_mailbox **ret_mailbox)
{
	struct actor_mailbox *mailbox;
	struct seat *seat;
	int rc = seat_create(shared, options, &seat);

	if (rc < 0)
		return rc;
	rc = actor_channel_mailbox(spawner, shared->behavior, options, &seat->base, &mailbox);
	if (rc < 0) {
		actor_channel_unref(&seat->base);
		return rc;
	}
	seat->actor = ACTOR_CONTAINER_OF(mailbox, struct actor__actor, mailbox);
	if (seat_join(seat)) {
		*ret_mailbox = mailbox;
	} else {
		actor_mailbox_destroy(mailbox);
		rc = ACTOR_E_CLOSED;
	}
	actor_channel_unref(&seat->base);
	return rc;
}

/* ---- the addresses ---- */

static struct actor_shared *this_of(const struct actor_address *address)
{
	void *at = (void *)(uintptr_t)address;

	return address->ops == &weak_ops ? ACTOR_CONTAINER_OF(at, struct actor_shared, weak)
					 : ACTOR_CONTAINER_OF(at, struct actor_shared, strong);
}

/* One more holder of the strong address; if @again, only if there is one. */
static bool ref_strong(struct actor_shared *shared, bool again)
{
	bool any;

	actor__latch_take(&shared->latch);
	any = atomic_load(&shared->n_strong) > 0;
	if (!any && !again)
		for_each_seat(shared, hold_worker);
	if (any || !again) {
		hold(shared);
		atomic_fetch_add(&shared->n_strong, 1);
	}
	actor__latch_leave(&shared->latch);
	return any || !again;
}

static void strong_ref(struct actor_address *address)
{
	ref_strong(this_of(address), true);
}

static void strong_unref(struct actor_address *address)
{
	struct actor_shared *shared = this_of(address);

	actor__latch_take(&shared->latch);
	if (atomic_fetch_sub(&shared->n_strong, 1) == 1)
		for_each_seat(shared, release_worker);
	actor__latch_leave(&shared->latch);
	release(shared);
}

static void weak_ref(struct actor_address *address)
{
	hold(this_of(address));
}

static void weak_unref(struct actor_address *address)
{
	release(this_of(address));
}

static struct actor_address *weak(struct actor_address *address)
{
	hold(this_of(address));
	return &this_of(address)->weak;
}

static struct actor_address *upgrade(struct actor_address *address)
{
	struct actor_shared *shared = this_of(address);

	return ref_strong(shared, true) ? &shared->strong : NULL;
}

static void info(const struct actor_address *address, struct actor_info *ret_info)
{
	const struct actor_shared *shared = this_of(address);

	*ret_info = (struct actor_info){ shared->identity, shared->name, shared->behavior->name };
}

static bool handles(const struct actor_address *address, const struct actor_message_type *type)
{
	return actor_behavior_find(this_of(address)->behavior, type) != NULL;
}

static int post(struct actor_address *address, const struct actor_message_type *type, void *message,
		struct actor_reply *reply, struct actor_waiter *waiter)
{
	struct actor_shared *shared = this_of(address);
	bool late = address->ops == &weak_ops && atomic_load(&shared->n_strong) == 0;
	struct actor_info who;

	info(address, &who);
	return actor__channel_post(shared->channel, shared->behavior, &who, !late, type, message,
				   reply, waiter);
}

static void withdraw(struct actor_address *address, struct actor_waiter *waiter)
{
	actor_channel_withdraw(this_of(address)->channel, waiter);
}

/* Let no more workers in; and without any, nobody will ever take what is queued. */
static void fill_up(struct actor_shared *shared)
{
	bool deserted;

	actor__latch_take(&shared->latch);
	deserted = !actor__links_first(&shared->seats) && !shared->inherited;
	shared->is_full = true;
	shared->inherited |= deserted;
	actor__latch_leave(&shared->latch);
	if (deserted) {
		actor_channel_close(shared->channel);
		actor__channel_discard(shared->channel);
	}
}

static int stop(struct actor_address *address, enum actor_stop how)
{
	struct actor_shared *shared = this_of(address);

	if (how != ACTOR_STOP_DRAIN && how != ACTOR_STOP_NOW)
		return ACTOR_E_INVALID;
	fill_up(shared);
	actor_channel_close(shared->channel);
	if (how == ACTOR_STOP_DRAIN)
		return 0;
	actor__latch_take(&shared->latch);
	for_each_seat(shared, stop_worker);
	actor__latch_leave(&shared->latch);
	return 0;
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

/* ---- the owner ---- */

int actor_shared_create(const struct actor_behavior *behavior, const char *name,
			struct actor_channel *channel, struct actor_shared **ret_shared)
{
	size_t n_name = name ? strlen(name) : 0;
	struct actor_shared *shared;
	int rc;

	if (!behavior || !behavior->name)
		return ACTOR_E_INVALID;
	shared = actor__memory_alloc(sizeof *shared + n_name + 1);
	if (!shared)
		return ACTOR_E_NOMEM;
	shared->strong.ops = &strong_ops;
	shared->weak.ops = &weak_ops;
	shared->behavior = behavior;
	shared->channel = channel;
	shared->listener.tell = tell;
	shared->identity = actor__identity_create(actor__thread());
	atomic_init(&shared->n_owners, 1);
	actor__links_init(&shared->seats);
	actor__links_init(&shared->waiting);
	if (name)
		memcpy(shared->name, name, n_name);
	rc = actor__channel_attach(channel, &shared->listener);
	if (rc < 0) {
		free(shared);
		return rc;
	}
	actor_channel_ref(channel);
	actor__lock_init(&shared->taking);
	*ret_shared = shared;
	return 0;
}

void actor_shared_destroy(struct actor_shared *shared)
{
	if (!shared)
		return;
	fill_up(shared);
	release(shared);
}

struct actor_address *actor_shared_address(struct actor_shared *shared)
{
	ref_strong(shared, false);
	return &shared->strong;
}
