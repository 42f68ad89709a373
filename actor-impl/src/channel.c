/* SPDX-License-Identifier: MIT */

/*
 * Channels: many senders, one consumer.
 *
 * Messages. One atomic word, head, says all there is to say about the queue: a list of messages
 * pushed, or one of
 *
 *	EMPTY   nothing is queued; the consumer is running, or will be
 *	NUDGED  the same, and it must look around before it goes idle
 *	IDLE    nothing is queued, and nobody runs: who changes this schedules the consumer
 *	CLOSED  for good
 *
 * so that pushing, seeing that the consumer is idle, and seeing that the mailbox is closed are one
 * compare-and-swap, and going idle or closing happens only if nothing has come in between. The
 * consumer takes the whole list over at once and reverses it into its stash: first in, first out.
 * Once it has gone idle it touches nothing here any more, since somebody else may run it already,
 * to its end.
 *
 * Operations on head are sequentially consistent: a nudge announces a change of something else (a
 * strong count, a flag), and when it finds messages queued it changes nothing here, relying on the
 * consumer to look at that something after it has taken them.
 *
 * Room. The used word counts messages queued plus room granted, and carries the flag IN_LINE while
 * somebody waits. With the flag the count is beyond any capacity, so newcomers queue up behind, and
 * whoever gives room back learns from the same operation that there is somebody to grant it to.
 * The flag and the line change under the lock only. A waiter's own links and its grant belong to
 * the lock too; its `line` is written by its owner's thread alone, who may therefore read it
 * without.
 */

#include "channel.h"

#include "thread.h"

#include <actor-iface/error.h>
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define EMPTY ((struct actor__envelope *)0)
#define NUDGED ((struct actor__envelope *)1)
#define IDLE ((struct actor__envelope *)2)
#define CLOSED ((struct actor__envelope *)3)

#define IN_LINE (SIZE_MAX / 2 + 1)

/* Where the message begins, when it needs no more alignment than anything ordinary does. */
#define MESSAGE_OFFSET 32
_Static_assert(sizeof(struct actor__envelope) <= MESSAGE_OFFSET,
	       "the message follows the envelope");
_Static_assert(MESSAGE_OFFSET % _Alignof(max_align_t) == 0, "the message is aligned");

struct actor__envelope *actor__envelope_create(struct actor__thread *thread,
					       const struct actor_handler *handler, void *message,
					       struct actor_reply *reply)
{
	size_t size = handler->type->message_size, align = handler->type->message_align;
	size_t slack = align > _Alignof(max_align_t) ? align : 0;
	size_t bytes = MESSAGE_OFFSET + slack + size;
	struct actor__envelope *envelope;
	uintptr_t at;

	if (size > UINT32_MAX / 2 || slack > UINT32_MAX / 4)
		return NULL;
	envelope = actor__cell_alloc(&thread->cells, bytes);
	if (!envelope)
		return NULL;
	at = (uintptr_t)envelope + MESSAGE_OFFSET;
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

void actor__envelope_free(struct actor__thread *thread, struct actor__envelope *envelope)
{
	actor__count(thread, ACTOR__COUNT_ENVELOPES, -1);
	actor__cell_free(&thread->cells, envelope, envelope->bytes);
}

void actor__envelope_end(struct actor__envelope *envelope, struct actor_reply *reply)
{
	if (reply)
		actor_reply_deliver(reply, ACTOR_E_STOPPED, NULL);
	actor_message_drop(envelope->handler->type, actor__envelope_message(envelope));
	actor__envelope_free(actor__thread(), envelope);
}

void actor__envelopes_discard(struct actor__envelope *first)
{
	while (first) {
		struct actor__envelope *envelope = first;

		first = envelope->next;
		actor__envelope_end(envelope, envelope->reply);
		actor__count(actor__thread(), ACTOR__COUNT_DEAD_LETTERS, 1);
	}
}

void actor__channel_init(struct actor__channel *channel, size_t capacity)
{
	memset(channel, 0, sizeof *channel);
	atomic_init(&channel->head, EMPTY);
	atomic_init(&channel->used, 0);
	channel->capacity = capacity;
	pthread_mutex_init(&channel->lock, NULL);
}

void actor__channel_deinit(struct actor__channel *channel)
{
	assert(atomic_load(&channel->head) == CLOSED && !channel->stash);
	pthread_mutex_destroy(&channel->lock);
}

bool actor__channel_closed(const struct actor__channel *channel)
{
	return atomic_load(&channel->head) == CLOSED;
}

/* Take room if there is some and nobody waits for it; otherwise raise @flag. */
static bool take_room(struct actor__channel *channel, size_t flag)
{
	size_t used = atomic_load_explicit(&channel->used, memory_order_relaxed);
	bool room;

	do {
		room = used < channel->capacity;
		if (!room && (used & flag) == flag)
			break;
		/* Acquire and release: see actor__channel_release(). */
	} while (!atomic_compare_exchange_weak_explicit(
		&channel->used, &used, room ? used + 1 : used | flag, memory_order_acq_rel,
		memory_order_relaxed));
	return room;
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
		atomic_fetch_and_explicit(&channel->used, ~IN_LINE, memory_order_acq_rel);
}

/* With @waiter, which may be in line already. */
static int reserve_in_line(struct actor__channel *channel, struct actor_waiter *waiter)
{
	int rc = ACTOR_E_FULL;

	pthread_mutex_lock(&channel->lock);
	if (waiter->line && waiter->granted) {
		rc = 0;
	} else if (!waiter->line) {
		if (take_room(channel, IN_LINE)) {
			rc = 0;
		} else {
			line_append(channel, waiter);
			waiter->line = channel;
		}
	}
	/* Whoever closes wakes the line after closing: either it finds us there, or we find it
	 * closed here. */
	if (rc == ACTOR_E_FULL && actor__channel_closed(channel)) {
		line_remove(channel, waiter);
		rc = ACTOR_E_CLOSED;
	}
	if (rc != ACTOR_E_FULL)
		waiter->line = NULL;
	pthread_mutex_unlock(&channel->lock);
	return rc;
}

int actor__channel_reserve(struct actor__channel *channel, struct actor_waiter *waiter)
{
	if (channel->capacity == ACTOR_UNBOUNDED)
		return 0;
	if (!(waiter && waiter->line) && take_room(channel, 0))
		return 0;
	if (waiter)
		return reserve_in_line(channel, waiter);
	return actor__channel_closed(channel) ? ACTOR_E_CLOSED : ACTOR_E_FULL;
}

/* Room has been given back, and somebody was in line. */
static void grant(struct actor__channel *channel)
{
	struct actor_waiter *waiter;

	pthread_mutex_lock(&channel->lock);
	waiter = channel->first;
	/* Meanwhile the line may have dissolved, the room been taken, and a new line formed: who is
	 * in line now waits for the next. With the flag up, only the lock's holder takes room. */
	if (waiter && (atomic_load_explicit(&channel->used, memory_order_relaxed) & ~IN_LINE) <
			      channel->capacity) {
		atomic_fetch_add_explicit(&channel->used, 1, memory_order_relaxed);
		line_remove(channel, waiter);
		waiter->granted = true;
		waiter->wake(waiter);
	}
	pthread_mutex_unlock(&channel->lock);
}

void actor__channel_release(struct actor__channel *channel)
{
	if (channel->capacity == ACTOR_UNBOUNDED)
		return;
	/* Release: who takes this room comes after us. Acquire: with the flag seen, the line is. */
	if (atomic_fetch_sub_explicit(&channel->used, 1, memory_order_acq_rel) & IN_LINE)
		grant(channel);
}

void actor__channel_withdraw(struct actor__channel *channel, struct actor_waiter *waiter)
{
	bool granted;

	if (!waiter->line)
		return;
	pthread_mutex_lock(&channel->lock);
	granted = waiter->granted;
	if (!granted)
		line_remove(channel, waiter);
	pthread_mutex_unlock(&channel->lock);
	waiter->line = NULL;
	if (granted)
		actor__channel_release(channel);
}

int actor__channel_push(struct actor__channel *channel, struct actor__envelope *envelope)
{
	struct actor__envelope *head = atomic_load_explicit(&channel->head, memory_order_relaxed);

	do {
		if (head == CLOSED)
			return ACTOR_E_CLOSED;
		envelope->next = head <= CLOSED ? NULL : head;
	} while (!atomic_compare_exchange_weak(&channel->head, &head, envelope));
	return head == IDLE;
}

bool actor__channel_nudge(struct actor__channel *channel)
{
	struct actor__envelope *head = atomic_load(&channel->head);

	do {
		if (head != IDLE && head != EMPTY)
			return false;
	} while (!atomic_compare_exchange_weak(&channel->head, &head,
					       head == IDLE ? EMPTY : NUDGED));
	return head == IDLE;
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

struct actor__envelope *actor__channel_pop(struct actor__channel *channel)
{
	struct actor__envelope *envelope = channel->stash, *head;

	if (!envelope) {
		head = atomic_load(&channel->head);
		if (head == EMPTY || head == CLOSED)
			return NULL;
		head = atomic_exchange(&channel->head, EMPTY);
		assert(head != IDLE && head != CLOSED);
		if (head == NUDGED)
			return NULL;
		envelope = reversed(head);
	}
	channel->stash = envelope->next;
	actor__channel_release(channel);
	return envelope;
}

bool actor__channel_idle(struct actor__channel *channel)
{
	struct actor__envelope *empty = EMPTY;

	return atomic_compare_exchange_strong(&channel->head, &empty, IDLE);
}

/* Everybody in line looks again, and finds the mailbox closed. */
static void wake_line(struct actor__channel *channel)
{
	pthread_mutex_lock(&channel->lock);
	for (struct actor_waiter *waiter = channel->first; waiter; waiter = waiter->next)
		waiter->wake(waiter);
	pthread_mutex_unlock(&channel->lock);
}

bool actor__channel_close_empty(struct actor__channel *channel)
{
	struct actor__envelope *empty = EMPTY;

	assert(!channel->stash);
	if (!atomic_compare_exchange_strong(&channel->head, &empty, CLOSED))
		return false;
	wake_line(channel);
	return true;
}

void actor__channel_close(struct actor__channel *channel)
{
	struct actor__envelope *head = atomic_exchange(&channel->head, CLOSED);
	struct actor__envelope **end = &channel->stash;

	if (head > CLOSED) {
		while (*end)
			end = &(*end)->next;
		*end = reversed(head);
	}
	if (head != CLOSED)
		wake_line(channel);
}

struct actor__envelope *actor__channel_take_all(struct actor__channel *channel)
{
	struct actor__envelope *first = channel->stash;

	channel->stash = NULL;
	for (struct actor__envelope *envelope = first; envelope; envelope = envelope->next)
		actor__channel_release(channel);
	return first;
}
