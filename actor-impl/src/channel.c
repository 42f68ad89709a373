/* SPDX-License-Identifier: MIT */

/*
 * Channels: many senders, one consumer.
 *
 * One atomic word, head, says all there is to say. Where the next message goes: behind a list of
 * messages pushed, the latest first, or one of
 *
 *	EMPTY   nothing is queued; the consumer is running, or will be
 *	NUDGED  the same, and it must look around before it goes idle
 *	IDLE    nothing is queued, and nobody runs: who changes this schedules the consumer
 *	CLOSED  for good
 *
 * How much room is used: messages queued plus room granted to waiters; if there is no bound, only
 * what has been pushed since the consumer last took the list over, and that modulo 2^22, flag
 * included. And IN_LINE: somebody waits for room, so newcomers queue up behind, and whoever gives
 * room back learns from the same operation that there is somebody to grant it to.
 *
 * So taking room, pushing, seeing that the consumer is idle, and seeing that the mailbox is closed
 * are one compare-and-swap, and going idle or closing happens only if nothing has come in between.
 * The consumer takes the whole list over at once and reverses it into its stash: first in, first
 * out. Once it has gone idle it touches nothing here any more, since somebody else may run it
 * already, to its end.
 *
 * Operations on head are sequentially consistent: a nudge announces a change of something else (a
 * strong count, a flag), and when it finds messages queued it changes nothing here, relying on the
 * consumer to look at that something after it has taken them.
 *
 * IN_LINE and the line change under the channel's latch only. A waiter's own links and its grant
 * belong to the latch too; its `line` is written by its owner's thread alone, who may therefore
 * read it without.
 */

#include "channel.h"

#include "dead-letter.h"
#include "thread.h"

#include <actor-iface/error.h>
#include <assert.h>
#include <stdlib.h>
#include <string.h>

struct actor__envelope *actor__envelope_create_large(struct actor__thread *thread,
						     const struct actor_handler *handler,
						     void *message, struct actor_reply *reply)
{
	size_t size = handler->type->message_size, align = handler->type->message_align;
	size_t slack = align > _Alignof(max_align_t) ? align : 0;
	size_t bytes = ACTOR__MESSAGE_OFFSET + slack + size;
	struct actor__envelope *envelope;
	uintptr_t at;

	if (size > UINT32_MAX / 2 || slack > UINT32_MAX / 4)
		return NULL;
	envelope = actor__cell_alloc(&thread->cells, bytes);
	if (!envelope)
		return NULL;
	at = (uintptr_t)envelope + ACTOR__MESSAGE_OFFSET;
	if (slack)
		at = (at + align - 1) & ~(uintptr_t)(align - 1);
	envelope->handler = handler;
	envelope->reply = reply;
	envelope->bytes = (uint32_t)bytes;
	envelope->offset = (uint32_t)(at - (uintptr_t)envelope);
	memcpy((void *)at, message, size);
	actor__count(thread, ACTOR__COUNT_ENVELOPES, 1);
	return envelope;
}

void actor__envelope_end(struct actor__envelope *envelope, struct actor_reply *reply)
{
	if (reply)
		actor_reply_deliver(reply, ACTOR_E_STOPPED, NULL);
	if (!actor__envelope_is_plain(envelope))
		actor_message_drop(envelope->handler->type, actor__envelope_message(envelope));
	/* Not earlier: the program's function may have let others go first, and be elsewhere. */
	actor__envelope_free(actor__thread(), envelope);
}

void actor__envelopes_discard(struct actor__envelope *first, const struct actor_info *actor)
{
	while (first) {
		struct actor__envelope *envelope = first;

		first = envelope->next;
		if (!first)
			actor__dead_letter_note(envelope->handler->type->name, actor);
		actor__envelope_end(envelope, envelope->reply);
		actor__count(actor__thread(), ACTOR__COUNT_DEAD_LETTERS, 1);
	}
}

/* Go on to @to if head is still @head; otherwise see in @head what it is. */
static bool advance(struct actor__channel *channel, uint64_t *head, uint64_t to)
{
	return atomic_compare_exchange_weak(&channel->head, head, to);
}

size_t actor__channel_used(const struct actor__channel *channel)
{
	return actor__used(atomic_load(&channel->head));
}

/* Take room if there is some and nobody waits for it; otherwise raise ACTOR__IN_LINE. */
static bool take_room_or_raise(struct actor__channel *channel)
{
	uint64_t head = atomic_load(&channel->head);
	bool room;

	do {
		room = actor__has_room(channel, head);
	} while (!advance(channel, &head, room ? head + channel->one : head | ACTOR__IN_LINE));
	return room;
}

int actor__channel_push_beyond(struct actor__channel *channel, struct actor__envelope *envelope)
{
	uint64_t head = atomic_load(&channel->head);
	uint64_t place = (uint64_t)(uintptr_t)envelope >> ACTOR__WHERE_SHIFT;

	do {
		if (actor__where(head) == ACTOR__CLOSED)
			return ACTOR_E_CLOSED;
		if (channel->one && actor__used(head) >= ACTOR__CHANNEL_MOST)
			return ACTOR_E_FULL; /* the last one is for what is put back */
		envelope->next = actor__messages(head);
	} while (!advance(channel, &head, actor__moved(head, place) + ACTOR__ONE));
	return actor__where(head) == ACTOR__IDLE;
}

static void line_append(struct actor__channel *channel, struct actor_waiter *waiter)
{
	waiter->next = NULL;
	waiter->previous = channel->last;
	waiter->granted = false;
	*(channel->last ? &channel->last->next : &channel->first) = waiter;
	channel->last = waiter;
}

static void line_remove(struct actor__channel *channel, struct actor_waiter *waiter)
{
	*(waiter->previous ? &waiter->previous->next : &channel->first) = waiter->next;
	*(waiter->next ? &waiter->next->previous : &channel->last) = waiter->previous;
	if (!channel->first)
		atomic_fetch_and(&channel->head, ~ACTOR__IN_LINE);
}

static int reserve_latched(struct actor__channel *channel, struct actor_waiter *waiter)
{
	if (waiter->line && waiter->granted)
		return 0;
	if (!waiter->line) {
		if (take_room_or_raise(channel))
			return 0;
		line_append(channel, waiter);
	}
	/* Whoever closes wakes the line after closing: either it finds us there, or we find it
	 * closed here. */
	if (!actor__channel_closed(channel))
		return ACTOR_E_FULL;
	line_remove(channel, waiter);
	return ACTOR_E_CLOSED;
}

int actor__channel_reserve(struct actor__channel *channel, struct actor_waiter *waiter)
{
	int rc;

	if (!waiter)
		return actor__channel_closed(channel) ? ACTOR_E_CLOSED : ACTOR_E_FULL;
	actor__latch_take(&channel->latch);
	rc = reserve_latched(channel, waiter);
	waiter->line = rc == ACTOR_E_FULL ? channel : NULL;
	actor__latch_leave(&channel->latch);
	return rc;
}

void actor__channel_grant(struct actor__channel *channel)
{
	struct actor_waiter *waiter;

	actor__latch_take(&channel->latch);
	waiter = channel->first;
	/* Meanwhile the line may have dissolved, the room been taken, and a new line formed: who is
	 * in line now waits for the next. With the flag up, only the latch's holder takes room. */
	if (waiter && (atomic_load(&channel->head) & ~ACTOR__IN_LINE) < channel->full) {
		atomic_fetch_add(&channel->head, ACTOR__ONE);
		line_remove(channel, waiter);
		waiter->granted = true;
		waiter->wake(waiter);
	}
	actor__latch_leave(&channel->latch);
}

void actor__channel_withdraw(struct actor__channel *channel, struct actor_waiter *waiter)
{
	bool granted;

	if (!waiter->line)
		return;
	actor__latch_take(&channel->latch);
	granted = waiter->granted;
	if (!granted)
		line_remove(channel, waiter);
	actor__latch_leave(&channel->latch);
	waiter->line = NULL;
	if (granted)
		actor__channel_release(channel);
}

bool actor__channel_nudge(struct actor__channel *channel)
{
	uint64_t head = atomic_load(&channel->head);

	do {
		if (actor__where(head) != ACTOR__IDLE && actor__where(head) != ACTOR__EMPTY)
			return false;
	} while (!advance(channel, &head,
			  actor__moved(head, actor__where(head) == ACTOR__IDLE ? ACTOR__EMPTY
									       : ACTOR__NUDGED)));
	return actor__where(head) == ACTOR__IDLE;
}

/* Messages in the stash, if there is no bound. */
static uint32_t stashed(const struct actor__channel *channel)
{
	/* Relaxed: for others, how many there are changes anyway. */
	uint32_t n = atomic_load_explicit(&channel->n_popped_last, memory_order_relaxed) -
		     atomic_load_explicit(&channel->n_popped, memory_order_relaxed);

	return n < UINT32_MAX / 2 ? n : 0; /* it may have got on since */
}

/* So many more have come into it than were there when @n_before were. */
static void count_stashed(struct actor__channel *channel, uint32_t n_before, uint64_t head)
{
	uint32_t n_popped = atomic_load_explicit(&channel->n_popped, memory_order_relaxed);

	atomic_store_explicit(&channel->n_popped_last,
			      n_popped + n_before + (uint32_t)actor__used(head),
			      memory_order_relaxed);
}

size_t actor__channel_length(const struct actor__channel *channel)
{
	return actor__channel_used(channel) + (channel->one ? 0 : stashed(channel));
}

static struct actor__envelope *reversed(struct actor__envelope *last)
{
	struct actor__envelope *first = NULL;

	while (last) {
		struct actor__envelope *envelope = last;

		last = envelope->next;
		envelope->next = first;
		first = envelope;
	}
	return first;
}

bool actor__channel_any(const struct actor__channel *channel)
{
	return channel->stash || actor__messages(atomic_load(&channel->head));
}

/* More than one message, or somebody in line. */
static ACTOR__OUT_OF_LINE struct actor__envelope *take_list(struct actor__channel *channel,
							    uint64_t head)
{
	struct actor__envelope *first = reversed(actor__messages(head));

	if (!channel->one)
		count_stashed(channel, 0, head - ACTOR__ONE); /* but for the first one */
	else if (head & ACTOR__IN_LINE)
		actor__channel_grant(channel);
	channel->stash = first->next;
	return first;
}

struct actor__envelope *actor__channel_take_over(struct actor__channel *channel)
{
	uint64_t head = atomic_load(&channel->head), where;
	struct actor__envelope *latest;

	do {
		where = actor__where(head);
		if (ACTOR__RARELY(where <= ACTOR__CLOSED)) {
			assert(where != ACTOR__IDLE);
			return NULL;
		}
		/* With this, the room of the first one, which is now to be handled, is free. */
	} while (!advance(channel, &head, channel->one ? head - where - channel->one : 0));
	actor__channel_count(channel);
	/* Nothing is left in the stash, if this is the only one. */
	atomic_store_explicit(&channel->n_popped_last, actor__channel_n_popped(channel),
			      memory_order_relaxed);
	latest = actor__messages_at(where);
	if (latest->next || head & ACTOR__IN_LINE)
		return take_list(channel, head);
	return latest;
}

void actor__channel_put_back(struct actor__channel *channel, struct actor__envelope *envelope)
{
	envelope->next = channel->stash;
	channel->stash = envelope;
	if (channel->one)
		atomic_fetch_add(&channel->head, ACTOR__ONE);
	else
		count_stashed(channel, stashed(channel) + 1, 0);
}

/* From EMPTY to something else, if nothing has come in between. A nudge has: it is used up by that.
 * @ret_head is what was there. */
static bool leave_empty(struct actor__channel *channel, uint64_t to, uint64_t *ret_head)
{
	uint64_t head = atomic_load(&channel->head);
	bool nudged;

	do {
		nudged = actor__where(head) == ACTOR__NUDGED;
		if (actor__where(head) != ACTOR__EMPTY && !nudged)
			return false;
	} while (!advance(channel, &head, nudged ? actor__moved(head, ACTOR__EMPTY) : head + to));
	*ret_head = head;
	return !nudged;
}

bool actor__channel_idle(struct actor__channel *channel)
{
	uint64_t head;

	return leave_empty(channel, ACTOR__IDLE, &head);
}

/* It was closed at @head: everybody in line looks again, and finds that out. Whoever gets in line
 * later finds it before. */
static void wake_line(struct actor__channel *channel, uint64_t head)
{
	if (!(head & ACTOR__IN_LINE))
		return;
	actor__latch_take(&channel->latch);
	for (struct actor_waiter *waiter = channel->first; waiter; waiter = waiter->next)
		waiter->wake(waiter);
	actor__latch_leave(&channel->latch);
}

bool actor__channel_close_empty(struct actor__channel *channel)
{
	uint64_t head;

	assert(!channel->stash);
	if (!leave_empty(channel, ACTOR__CLOSED, &head))
		return false;
	wake_line(channel, head);
	return true;
}

void actor__channel_close(struct actor__channel *channel)
{
	uint64_t head = atomic_load(&channel->head);
	struct actor__envelope **end = &channel->stash;

	do {
		if (actor__where(head) == ACTOR__CLOSED)
			return;
	} while (!advance(channel, &head,
			  channel->one ? actor__moved(head, ACTOR__CLOSED) : ACTOR__CLOSED));
	if (!channel->one)
		count_stashed(channel, stashed(channel), head);
	while (*end)
		end = &(*end)->next;
	*end = reversed(actor__messages(head));
	wake_line(channel, head);
}

struct actor__envelope *actor__channel_take_all(struct actor__channel *channel)
{
	struct actor__envelope *first = channel->stash;

	channel->stash = NULL;
	count_stashed(channel, 0, 0);
	for (struct actor__envelope *envelope = first; envelope; envelope = envelope->next)
		actor__channel_release(channel);
	return first;
}
