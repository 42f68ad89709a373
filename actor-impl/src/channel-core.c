/* SPDX-License-Identifier: MIT */

/*
 * What all channels that are given have in common; what each kind makes of it is in its own file.
 *
 * A core has a lock for what a channel stores, for the line of those who wait for room there, and
 * for closing it; and an ear, for who is told. The ear is taken without the lock, and from the
 * inside out: a member's, then that of the channel it is a member of, then whatever the actor's
 * scheduling takes. The lock is never held while another one is taken, but for waking waiters,
 * which only schedule.
 *
 * No message is forgotten: a push tells after the message is in, and who is told asks again before
 * it sleeps. Who asks and is told EMPTY by a closed channel knows that nothing will come: members
 * are closed first, then the flag goes up, and it is read before they are asked. What a channel
 * still holds back when its own operation for that has returned, it will never let go of; so this
 * is noted, too, before the last time that it tells.
 *
 * What a channel stores is counted here. Who takes looks at the count without the lock, and goes by
 * if there is nothing: a push counts before it tells.
 *
 * What is spilled is discarded without a lock. By a push, when it has left its own; what a look for
 * the next message has spilled is left with the thread, and discarded by the first that holds
 * nothing: others may be taking from channels around it.
 *
 * Room: what ops->room() says, and a line of waiters. Newcomers queue up behind. Whenever a message
 * has been taken, or a promise has been used or given back, the first in line is promised room, and
 * the next, as long as there is some. A promise is one wake. If room turns out to be too small for
 * what its owner has to send, it is the first in line again, until the next message has been taken.
 */

#include "channel-core.h"

#include "channel.h"
#include "util/latch.h"
#include "util/lock.h"
#include "util/memory.h"

#include <assert.h>
#include <stdlib.h>

/**
 * struct actor__channel_core - the library's part of a channel
 * @channel:   whose it is
 * @n_owners:  of the channel
 * @lock:      see above
 * @closed:    for good; changed with the lock
 * @settled:   and all that follows from it has been done
 * @disabled:  nothing is taken
 * @first, @last: the line
 * @n_granted: promises that have not been used yet
 * @n_stored:  messages in it; changed with the lock, read without
 * @spilled:   to be discarded without the lock
 * @ear:       for the listener
 * @listener:  is told; or NULL
 * @relay:     the listener of the members
 * @members, @n_members: fixed before the channel is used
 */
struct actor__channel_core {
	struct actor_channel *channel;
	atomic_size_t n_owners;
	pthread_mutex_t lock;
	atomic_bool closed;
	atomic_bool settled;
	atomic_bool disabled;
	struct actor_waiter *first;
	struct actor_waiter *last;
	size_t n_granted;
	atomic_size_t n_stored;
	struct actor_envelope_list spilled;
	struct actor__latch ear;
	struct actor__listener *listener;
	struct actor__listener relay;
	struct actor_channel **members;
	size_t n_members;
};

/* ---- owners and members ---- */

static bool stores(const struct actor_channel *channel)
{
	return ACTOR_OPS_HAS(channel->ops, struct actor_channel_ops, put);
}

/* Whether there is something behind each way into it. */
static bool is_whole(const struct actor_channel *channel)
{
	const struct actor__channel_core *core = channel->core;
	bool whole = stores(channel) || core->n_members > 0;

	for (size_t i = 0; i < core->n_members && whole; i++)
		whole = is_whole(core->members[i]);
	return whole;
}

static void relay(struct actor__listener *listener)
{
	actor_channel_tell(
		ACTOR_CONTAINER_OF(listener, struct actor__channel_core, relay)->channel);
}

int actor_channel_init(struct actor_channel *channel, const struct actor_channel_ops *ops)
{
	struct actor__channel_core *core = actor__memory_alloc(sizeof *core);

	if (!core)
		return ACTOR_E_NOMEM;
	core->channel = channel;
	atomic_init(&core->n_owners, 1);
	actor__lock_init(&core->lock);
	core->relay.tell = relay;
	actor__count(actor__thread(), ACTOR__COUNT_CHANNELS, 1);
	channel->ops = ops;
	channel->core = core;
	return 0;
}

int actor_channel_adopt(struct actor_channel *channel, struct actor_channel *member)
{
	struct actor__channel_core *core = channel->core;
	size_t bytes = (core->n_members + 1) * sizeof(struct actor_channel *);
	struct actor_channel **members;
	int rc;

	if (stores(channel) || actor_channel_contains(member, channel))
		return ACTOR_E_INVALID;
	members = actor__memory_refused() ? NULL : realloc(core->members, bytes);
	if (!members)
		return ACTOR_E_NOMEM;
	core->members = members;
	rc = actor__channel_attach(member, &core->relay);
	if (rc == 0)
		core->members[core->n_members++] = actor_channel_ref(member);
	return rc;
}

struct actor_channel *const *actor_channel_members(const struct actor_channel *channel,
						   size_t *ret_n)
{
	*ret_n = channel->core->n_members;
	return channel->core->members;
}

struct actor_channel *actor_channel_ref(struct actor_channel *channel)
{
	/* Relaxed: the caller has one already. */
	atomic_fetch_add_explicit(&channel->core->n_owners, 1, memory_order_relaxed);
	return channel;
}

static void destroy(struct actor_channel *channel)
{
	struct actor__channel_core *core = channel->core;

	assert(!core->listener);
	if (stores(channel))
		actor__channel_discard(channel);
	for (size_t i = 0; i < core->n_members; i++) {
		actor__channel_detach(core->members[i], &core->relay);
		actor_channel_unref(core->members[i]);
	}
	channel->ops->destroy(channel);
	pthread_mutex_destroy(&core->lock);
	free(core->members);
	free(core);
	actor__count(actor__thread(), ACTOR__COUNT_CHANNELS, -1);
}

void actor_channel_unref(struct actor_channel *channel)
{
	/* Release: what was done with it comes before it goes; acquire: for the last. */
	if (channel &&
	    atomic_fetch_sub_explicit(&channel->core->n_owners, 1, memory_order_acq_rel) == 1)
		destroy(channel);
}

bool actor_channel_contains(const struct actor_channel *channel, const struct actor_channel *other)
{
	const struct actor__channel_core *core = channel->core;
	bool contains = channel == other;

	for (size_t i = 0; i < core->n_members && !contains; i++)
		contains = actor_channel_contains(core->members[i], other);
	return contains;
}

/* Where a message goes that is pushed. */
static struct actor_channel *entrance(struct actor_channel *channel)
{
	while (!stores(channel))
		channel = channel->core->members[0];
	return channel;
}

/* ---- who is told ---- */

int actor__channel_attach(struct actor_channel *channel, struct actor__listener *listener)
{
	struct actor__channel_core *core = channel->core;
	int rc = ACTOR_E_BUSY;

	if (!is_whole(channel))
		return ACTOR_E_INVALID;
	actor__latch_take(&core->ear);
	if (!core->listener) {
		core->listener = listener;
		rc = 0;
	}
	actor__latch_leave(&core->ear);
	return rc;
}

void actor__channel_detach(struct actor_channel *channel, struct actor__listener *listener)
{
	struct actor__channel_core *core = channel->core;

	actor__latch_take(&core->ear);
	if (core->listener == listener)
		core->listener = NULL;
	actor__latch_leave(&core->ear);
}

void actor_channel_tell(struct actor_channel *channel)
{
	struct actor__channel_core *core = channel->core;

	actor__latch_take(&core->ear);
	if (core->listener)
		core->listener->tell(core->listener);
	actor__latch_leave(&core->ear);
}

void actor__channel_absent(struct actor_channel *channel)
{
	struct actor__channel_core *core = channel->core;

	if (ACTOR_OPS_HAS(channel->ops, struct actor_channel_ops, absent))
		channel->ops->absent(channel);
	for (size_t i = 0; i < core->n_members; i++)
		actor__channel_absent(core->members[i]);
}

/* ---- the line; with the lock held ---- */

static bool has_room(struct actor_channel *channel, struct actor_envelope *envelope)
{
	return !ACTOR_OPS_HAS(channel->ops, struct actor_channel_ops, room) ||
	       channel->ops->room(channel, envelope, channel->core->n_granted);
}

static void line_append(struct actor__channel_core *core, struct actor_waiter *waiter)
{
	waiter->line = core;
	waiter->granted = false;
	waiter->next = NULL;
	waiter->previous = core->last;
	*(core->last ? &core->last->next : &core->first) = waiter;
	core->last = waiter;
}

static void line_prepend(struct actor__channel_core *core, struct actor_waiter *waiter)
{
	waiter->previous = NULL;
	waiter->next = core->first;
	*(core->first ? &core->first->previous : &core->last) = waiter;
	core->first = waiter;
}

static void line_remove(struct actor__channel_core *core, struct actor_waiter *waiter)
{
	*(waiter->previous ? &waiter->previous->next : &core->first) = waiter->next;
	*(waiter->next ? &waiter->next->previous : &core->last) = waiter->previous;
}

/* Promise room to the first in line, as long as there is some. */
static void line_grant(struct actor_channel *channel)
{
	struct actor__channel_core *core = channel->core;
	struct actor_waiter *waiter;

	while ((waiter = core->first) && !atomic_load(&core->closed) && has_room(channel, NULL)) {
		line_remove(core, waiter);
		core->n_granted++;
		waiter->granted = true;
		waiter->wake(waiter);
	}
}

/* Out of line, or out of a promise, which is then there for the next. NULL is fine. */
static void line_leave(struct actor_channel *channel, struct actor_waiter *waiter)
{
	struct actor__channel_core *core = channel->core;

	if (!waiter || !waiter->line)
		return;
	assert(waiter->line == core);
	if (waiter->granted)
		core->n_granted--;
	else
		line_remove(core, waiter);
	waiter->line = NULL;
	waiter->granted = false;
}

/* With what it was promised. */
static bool admit_granted(struct actor_channel *channel, struct actor_envelope *envelope,
			  struct actor_waiter *waiter)
{
	struct actor__channel_core *core = channel->core;
	bool room;

	core->n_granted--;
	waiter->granted = false;
	room = has_room(channel, envelope);
	if (room)
		waiter->line = NULL;
	else
		line_prepend(core, waiter);
	return room;
}

/* Whether there is room; otherwise the waiter, if there is one, is in line. */
static bool admit(struct actor_channel *channel, struct actor_envelope *envelope,
		  struct actor_waiter *waiter)
{
	struct actor__channel_core *core = channel->core;
	bool waits = waiter && waiter->line;

	if (waits)
		return waiter->granted && admit_granted(channel, envelope, waiter);
	if (!core->first && has_room(channel, envelope))
		return true;
	if (waiter)
		line_append(core, waiter);
	return false;
}

static int push_locked(struct actor_channel *channel, struct actor_envelope *envelope,
		       struct actor_waiter *waiter)
{
	int rc = ACTOR_E_CLOSED;

	if (atomic_load(&channel->core->closed))
		line_leave(channel, waiter);
	else if (!admit(channel, envelope, waiter))
		return ACTOR_E_FULL;
	else
		rc = channel->ops->put(channel, envelope);
	/* What was promised may have been for more, or for nothing. */
	line_grant(channel);
	return rc;
}

/* ---- in and out ---- */

void actor_channel_spill(struct actor_channel *channel, struct actor_envelope *envelope)
{
	actor_envelope_list_append(&channel->core->spilled, envelope);
}

/* So many more are in it, and what has been spilled is not any more. */
static struct actor_envelope_list count_locked(struct actor__channel_core *core, int n_more)
{
	struct actor_envelope_list spilled = core->spilled;

	core->spilled = (struct actor_envelope_list){ NULL, NULL, 0 };
	/* Relaxed: only with the lock. Release: who sees that there is nothing left, and the
	 * channel closed, knows that it has all been taken. */
	atomic_store_explicit(&core->n_stored,
			      atomic_load_explicit(&core->n_stored, memory_order_relaxed) +
				      (size_t)n_more - spilled.n,
			      memory_order_release);
	return spilled;
}

/* To be discarded by this thread, when it holds nothing. */
static void leave_behind(struct actor_envelope_list spilled)
{
	struct actor__thread *thread = actor__thread();

	actor_envelope_link(spilled.last, actor__envelope_out(thread->spilled));
	thread->spilled = actor__envelope_in(spilled.first);
}

void actor__channel_sweep(void)
{
	struct actor__envelope *spilled;

	/* Each time that of the thread that this is on: a program's function may have waited. */
	while ((spilled = actor__thread()->spilled)) {
		actor__thread()->spilled = NULL;
		actor__envelopes_discard(spilled, NULL);
	}
}

int actor_channel_push(struct actor_channel *channel, struct actor_envelope *envelope,
		       struct actor_waiter *waiter)
{
	struct actor_channel *store = entrance(channel);
	struct actor__channel_core *core = store->core;
	struct actor_envelope_list spilled;
	int rc;

	pthread_mutex_lock(&core->lock);
	rc = push_locked(store, envelope, waiter);
	spilled = count_locked(core, rc == 0);
	pthread_mutex_unlock(&core->lock);
	if (rc == 0)
		actor_channel_tell(store);
	if (spilled.first)
		actor__envelopes_discard(actor__envelope_in(spilled.first), NULL);
	return rc;
}

void actor_channel_withdraw(struct actor_channel *channel, struct actor_waiter *waiter)
{
	struct actor_channel *store = entrance(channel);

	/* Only its owner's thread puts it in line, or takes it out. */
	if (!waiter || !waiter->line)
		return;
	pthread_mutex_lock(&store->core->lock);
	line_leave(store, waiter);
	line_grant(store);
	pthread_mutex_unlock(&store->core->lock);
}

static int take_stored(struct actor_channel *channel, struct actor_context *context,
		       struct actor_envelope **ret_envelope, int64_t *ret_until_ns)
{
	struct actor__channel_core *core = channel->core;
	struct actor_envelope_list spilled;
	int rc;

	/* Acquire: what was pushed before somebody told. */
	if (atomic_load_explicit(&core->n_stored, memory_order_acquire) == 0)
		return ACTOR_CHANNEL_EMPTY;
	pthread_mutex_lock(&core->lock);
	rc = channel->ops->take(channel, context, ret_envelope, ret_until_ns);
	spilled = count_locked(core, rc == ACTOR_CHANNEL_MESSAGE ? -1 : 0);
	line_grant(channel);
	pthread_mutex_unlock(&core->lock);
	if (spilled.first)
		leave_behind(spilled);
	return rc;
}

static int take_nothing(struct actor_channel *channel)
{
	actor__channel_absent(channel);
	return actor_channel_length(channel) > 0 ? ACTOR_CHANNEL_LATER : ACTOR_CHANNEL_EMPTY;
}

int actor_channel_pop(struct actor_channel *channel, struct actor_context *context,
		      struct actor_envelope **ret_envelope, int64_t *ret_until_ns)
{
	struct actor__channel_core *core = channel->core;
	bool closed = atomic_load(&core->closed);
	int rc;

	*ret_until_ns = ACTOR_FOREVER;
	if (context && atomic_load(&core->disabled))
		rc = take_nothing(channel);
	else if (stores(channel))
		rc = take_stored(channel, context, ret_envelope, ret_until_ns);
	else
		rc = channel->ops->take(channel, context, ret_envelope, ret_until_ns);
	return rc == ACTOR_CHANNEL_EMPTY && closed ? ACTOR_E_CLOSED : rc;
}

/* Closed, by itself or because all that it takes from is; if @settled, with all that follows. */
static bool is_over(const struct actor_channel *channel, bool settled)
{
	const struct actor__channel_core *core = channel->core;
	bool over = core->n_members > 0;

	if (atomic_load(settled ? &core->settled : &core->closed))
		return true;
	for (size_t i = 0; i < core->n_members && over; i++)
		over = is_over(core->members[i], settled);
	return over;
}

int actor__channel_pop_or_end(struct actor_channel *channel, struct actor_context *context,
			      struct actor_envelope **ret_envelope, int64_t *ret_until_ns)
{
	int rc = actor_channel_pop(channel, context, ret_envelope, ret_until_ns);

	if (rc != ACTOR_CHANNEL_LATER || *ret_until_ns != ACTOR_FOREVER || !is_over(channel, true))
		return rc;
	/* It may have let go of something since it was looked at. */
	rc = actor_channel_pop(channel, context, ret_envelope, ret_until_ns);
	return rc == ACTOR_CHANNEL_LATER && *ret_until_ns == ACTOR_FOREVER ? ACTOR_E_CLOSED : rc;
}

void actor__channel_discard(struct actor_channel *channel)
{
	struct actor_envelope *envelope;
	int64_t until_ns;

	while (actor_channel_pop(channel, NULL, &envelope, &until_ns) == ACTOR_CHANNEL_MESSAGE)
		actor_envelope_discard(envelope);
	actor__channel_sweep();
}

static size_t length_of_members(const struct actor__channel_core *core)
{
	size_t length = 0;

	for (size_t i = 0; i < core->n_members; i++)
		length += actor_channel_length(core->members[i]);
	return length;
}

size_t actor_channel_length(const struct actor_channel *channel)
{
	const struct actor__channel_core *core = channel->core;

	if (stores(channel))
		return atomic_load_explicit(&core->n_stored, memory_order_acquire);
	return ACTOR_OPS_HAS(channel->ops, struct actor_channel_ops, length)
		       ? channel->ops->length(channel)
		       : length_of_members(core);
}

/* ---- open, closed, enabled ---- */

bool actor_channel_is_closed(const struct actor_channel *channel)
{
	return is_over(channel, false);
}

void actor_channel_close(struct actor_channel *channel)
{
	struct actor__channel_core *core = channel->core;
	bool was_open;

	if (atomic_load(&core->closed))
		return;
	for (size_t i = 0; i < core->n_members; i++)
		actor_channel_close(core->members[i]);
	pthread_mutex_lock(&core->lock);
	was_open = !atomic_exchange(&core->closed, true);
	if (was_open)
		for (struct actor_waiter *waiter = core->first; waiter; waiter = waiter->next)
			waiter->wake(waiter);
	pthread_mutex_unlock(&core->lock);
	if (!was_open)
		return;
	if (ACTOR_OPS_HAS(channel->ops, struct actor_channel_ops, close))
		channel->ops->close(channel);
	atomic_store(&core->settled, true);
	actor_channel_tell(channel);
}

void actor_channel_disable(struct actor_channel *channel)
{
	atomic_store(&channel->core->disabled, true);
}

void actor_channel_enable(struct actor_channel *channel)
{
	/* Before it is told: who asks after that takes. */
	atomic_store(&channel->core->disabled, false);
	actor_channel_tell(channel);
}
