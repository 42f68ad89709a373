/* SPDX-License-Identifier: MIT */
#ifndef ACTOR__CHANNEL_H
#define ACTOR__CHANNEL_H

#include "thread.h"
#include "util/latch.h"

#include <actor-iface/behavior.h>
#include <actor-iface/error.h>
#include <actor-iface/waiter.h>
#include <stdatomic.h>

/**
 * struct actor__envelope - a message on its way
 * @next:    in its queue
 * @handler: the receiver's, which also says how to drop the message
 * @reply:   the callee's half, or NULL
 * @bytes:   of the envelope's memory; 0: one of the smallest cells, and the message is plain data
 * @offset:  of the message in it
 */
struct actor__envelope {
	struct actor__envelope *next;
	const struct actor_handler *handler;
	struct actor_reply *reply;
	uint32_t bytes;
	uint32_t offset;
};

/* Where the message begins, when it needs no more alignment than anything ordinary does. */
#define ACTOR__MESSAGE_OFFSET 32
_Static_assert(sizeof(struct actor__envelope) <= ACTOR__MESSAGE_OFFSET,
	       "the message follows the envelope");
_Static_assert(ACTOR__MESSAGE_OFFSET % _Alignof(max_align_t) == 0, "the message is aligned");

struct actor__envelope *actor__envelope_create_large(struct actor__thread *thread,
						     const struct actor_handler *handler,
						     void *message, struct actor_reply *reply);

/* Whether a message of this type and its envelope fit into the smallest cell. */
static inline bool actor__envelope_is_small(const struct actor_message_type *type)
{
	return type->message_size <= ACTOR__CELL_SMALLEST - ACTOR__MESSAGE_OFFSET &&
	       type->message_align <= _Alignof(max_align_t);
}

/* A small message into such a cell; @plain: nothing to drop. */
static inline void actor__envelope_fill(struct actor__envelope *envelope,
					const struct actor_handler *handler, const void *message,
					size_t size, bool plain, struct actor_reply *reply)
{
	envelope->handler = handler;
	envelope->reply = reply;
	envelope->bytes = plain ? 0 : ACTOR__CELL_SMALLEST;
	envelope->offset = ACTOR__MESSAGE_OFFSET;
	actor__copy_small((char *)envelope + ACTOR__MESSAGE_OFFSET, message, size);
}

/** actor__envelope_create() - a message moved into an envelope; NULL when there is no memory */
static inline struct actor__envelope *actor__envelope_create(struct actor__thread *thread,
							     const struct actor_handler *handler,
							     void *message,
							     struct actor_reply *reply)
{
	struct actor__envelope *envelope;

	if (!actor__envelope_is_small(handler->type))
		return actor__envelope_create_large(thread, handler, message, reply);
	envelope = actor__cell_alloc(&thread->cells, ACTOR__CELL_SMALLEST);
	if (!envelope)
		return NULL;
	actor__envelope_fill(envelope, handler, message, handler->type->message_size,
			     !handler->type->drop, reply);
	actor__count(thread, ACTOR__COUNT_ENVELOPES, 1);
	return envelope;
}

/** actor__envelope_message() - what is in it */
static inline void *actor__envelope_message(struct actor__envelope *envelope)
{
	return (char *)envelope + envelope->offset;
}

/** actor__envelope_is_plain() - one of the smallest cells, and nothing to drop in it */
static inline bool actor__envelope_is_plain(const struct actor__envelope *envelope)
{
	return envelope->bytes == 0;
}

/** actor__envelope_keep() - have it put down like one that owns something, when its handler
 * returns, and not just freed */
static inline void actor__envelope_keep(struct actor__envelope *envelope)
{
	if (actor__envelope_is_plain(envelope))
		envelope->bytes = ACTOR__CELL_SMALLEST;
}

/** actor__envelope_free_plain() - the memory of such a one */
static inline void actor__envelope_free_plain(struct actor__thread *thread,
					      struct actor__envelope *envelope)
{
	actor__count(thread, ACTOR__COUNT_ENVELOPES, -1);
	actor__cell_free(&thread->cells, envelope, ACTOR__CELL_SMALLEST);
}

/** actor__envelope_free() - the memory; the message has been handed back */
static inline void actor__envelope_free(struct actor__thread *thread,
					struct actor__envelope *envelope)
{
	if (actor__envelope_is_plain(envelope)) {
		actor__envelope_free_plain(thread, envelope);
		return;
	}
	actor__count(thread, ACTOR__COUNT_ENVELOPES, -1);
	actor__cell_free(&thread->cells, envelope, envelope->bytes);
}

/** actor__envelope_end() - refuse @reply if there is one, drop the message, free the envelope */
void actor__envelope_end(struct actor__envelope *envelope, struct actor_reply *reply);

/** actor__envelopes_discard() - drop a list of messages that nobody will handle: dead letters;
 * @actor: whose they were, NULL where that is not known */
void actor__envelopes_discard(struct actor__envelope *first, const struct actor_info *actor);

/** ACTOR__CHANNEL_MOST - the largest bound that can be counted, beside the message that is put back
 * when it has failed the consumer */
#define ACTOR__CHANNEL_MOST ((size_t)2097150)

/*
 * The word: from below 42 bits of where, 21 bits of count, one flag; with the flag the count is
 * beyond any capacity. Envelopes are aligned to cache lines, and user space ends below 2^48.
 */
#define ACTOR__WHERE_SHIFT 6
#define ACTOR__ONE ((uint64_t)1 << 42)
#define ACTOR__WHERE (ACTOR__ONE - 1)
#define ACTOR__IN_LINE ((uint64_t)1 << 63)
_Static_assert(ACTOR__CHANNEL_MOST + 1 < ACTOR__IN_LINE / ACTOR__ONE, "every count fits");

#define ACTOR__EMPTY ((uint64_t)0)
#define ACTOR__NUDGED ((uint64_t)1)
#define ACTOR__IDLE ((uint64_t)2)
#define ACTOR__CLOSED ((uint64_t)3)

/**
 * struct actor__channel - the queue between the addresses of a mailbox and its actor
 * @head:     where the next message goes, how many there are, who waits: see channel.c
 * @one:      what a message that leaves takes from the count in head: nothing if there is no bound
 * @full:     there is room if, and only if, head is below this
 * @first, @last: the line of those who wait for room; under the latch
 * @stash:    the messages taken over, the earliest first; the consumer's
 * @latch:    for what changes rarely: the line, and the mailbox's own affairs
 * @n_popped: by the consumer, and what else it has begun to do: a number by which others see that
 * it gets on
 * @n_counted: of these, so many are in &actor__thread.n_done; the consumer's
 * @n_popped_last: what that will be when the stash is empty, if there is no bound
 */
struct actor__channel {
	_Atomic uint64_t head;
	uint64_t one;
	uint64_t full;
	struct actor_waiter *first;
	struct actor_waiter *last;
	struct actor__envelope *stash;
	struct actor__latch latch;
	_Atomic uint32_t n_popped;
	_Atomic uint32_t n_popped_last;
	uint32_t n_counted;
};

static inline uint64_t actor__where(uint64_t head)
{
	return head & ACTOR__WHERE;
}

/* The same count and flag, and something else where the messages go. */
static inline uint64_t actor__moved(uint64_t head, uint64_t where)
{
	return (head & ~ACTOR__WHERE) | where;
}

/* The messages pushed, the latest first. */
static inline struct actor__envelope *actor__messages_at(uint64_t where)
{
	return where <= ACTOR__CLOSED
		       ? NULL
		       : (struct actor__envelope *)(uintptr_t)(where << ACTOR__WHERE_SHIFT);
}

static inline struct actor__envelope *actor__messages(uint64_t head)
{
	return actor__messages_at(actor__where(head));
}

/* How many messages are counted. */
static inline size_t actor__used(uint64_t head)
{
	return (size_t)((head & ~ACTOR__IN_LINE) / ACTOR__ONE);
}

/* Whether there is room, and nobody waits for it: count and flag are what is highest in head. */
static inline bool actor__has_room(const struct actor__channel *channel, uint64_t head)
{
	return head < channel->full;
}

/** actor__channel_init() - empty, open, and busy: a push does not ask for the consumer. All else is
 * zeroed already */
static inline void actor__channel_init(struct actor__channel *channel, size_t capacity)
{
	bool bounded = capacity != ACTOR_UNBOUNDED;

	atomic_init(&channel->head, ACTOR__EMPTY);
	channel->one = bounded ? ACTOR__ONE : 0; /* what is not counted is never full */
	channel->full = bounded ? capacity * ACTOR__ONE : UINT64_MAX;
}

/** actor__channel_closed() - for good */
static inline bool actor__channel_closed(const struct actor__channel *channel)
{
	return actor__where(atomic_load(&channel->head)) == ACTOR__CLOSED;
}

/** actor__channel_used() - messages queued and room granted, when there is a bound */
size_t actor__channel_used(const struct actor__channel *channel);

/** actor__channel_length() - messages queued, room granted included; without a bound modulo 2^21,
 * and without those that the consumer is just taking over. Thread: any */
size_t actor__channel_length(const struct actor__channel *channel);

/** actor__channel_n_popped() - see &actor__channel.n_popped */
static inline uint32_t actor__channel_n_popped(const struct actor__channel *channel)
{
	/* Relaxed: who reads it elsewhere only compares. */
	return atomic_load_explicit(&channel->n_popped, memory_order_relaxed);
}

/** actor__channel_count() - the consumer gets on. Others may read the number meanwhile */
static inline void actor__channel_count(struct actor__channel *channel)
{
	/* Only the consumer writes. */
	atomic_store_explicit(&channel->n_popped, actor__channel_n_popped(channel) + 1,
			      memory_order_relaxed);
}

/* For those who send; any thread. */

/** actor__channel_push() - put a message into room that was @reserved, or is there: 0; 1 when the
 * consumer is idle and must be scheduled; ACTOR_E_FULL; ACTOR_E_CLOSED, with the room still
 * reserved */
static inline int actor__channel_push(struct actor__channel *channel,
				      struct actor__envelope *envelope, bool reserved)
{
	uint64_t head = atomic_load_explicit(&channel->head, memory_order_relaxed);
	uint64_t place = (uint64_t)(uintptr_t)envelope >> ACTOR__WHERE_SHIFT;
	uint64_t more = place + (reserved ? 0 : ACTOR__ONE), where;

	do {
		where = actor__where(head);
		if (ACTOR__RARELY(where == ACTOR__CLOSED))
			return ACTOR_E_CLOSED;
		if (!reserved && ACTOR__RARELY(!actor__has_room(channel, head)))
			return ACTOR_E_FULL;
		envelope->next = actor__messages_at(where);
	} while (!atomic_compare_exchange_weak(&channel->head, &head, head - where + more));
	return where == ACTOR__IDLE;
}

/** actor__channel_push_beyond() - push what needs no room: 0; 1 as above; ACTOR_E_FULL when no more
 * can be counted; ACTOR_E_CLOSED */
int actor__channel_push_beyond(struct actor__channel *channel, struct actor__envelope *envelope);

/** actor__channel_reserve() - room for one message, after a push has found none: 0, ACTOR_E_FULL
 * (and in line, if @waiter is given), ACTOR_E_CLOSED */
int actor__channel_reserve(struct actor__channel *channel, struct actor_waiter *waiter);

/** actor__channel_grant() - room has been given back while somebody was in line: for the first */
void actor__channel_grant(struct actor__channel *channel);

/** actor__channel_count_other() - the same, by something else than a message that was queued here
 */
static inline void actor__channel_count_other(struct actor__channel *channel)
{
	actor__channel_count(channel);
	atomic_store_explicit(&channel->n_popped_last,
			      atomic_load_explicit(&channel->n_popped_last, memory_order_relaxed) +
				      1,
			      memory_order_relaxed);
}

/** actor__channel_release() - room that was reserved is free again: it goes to the first in line */
static inline void actor__channel_release(struct actor__channel *channel)
{
	if (channel->one && atomic_fetch_sub(&channel->head, ACTOR__ONE) & ACTOR__IN_LINE)
		actor__channel_grant(channel);
}

/** actor__channel_withdraw() - out of line; a grant goes to the next */
void actor__channel_withdraw(struct actor__channel *channel, struct actor_waiter *waiter);

/** actor__channel_nudge() - have the consumer look around before it goes idle: true when it is
 * idle already and must be scheduled */
bool actor__channel_nudge(struct actor__channel *channel);

/* For the consumer; one at a time. */

/** actor__channel_any() - whether there is a message to pop */
bool actor__channel_any(const struct actor__channel *channel);

/** actor__channel_take_over() - the next message, its room given back, when the stash is empty;
 * NULL if nothing has been pushed */
struct actor__envelope *actor__channel_take_over(struct actor__channel *channel);

/** actor__channel_pop() - the next message, its room given back; or NULL */
static inline struct actor__envelope *actor__channel_pop(struct actor__channel *channel)
{
	struct actor__envelope *envelope = channel->stash;

	if (envelope) {
		channel->stash = envelope->next;
		actor__channel_count(channel);
		actor__channel_release(channel);
	} else if (actor__where(atomic_load(&channel->head)) != ACTOR__EMPTY) {
		envelope = actor__channel_take_over(channel);
	}
	return envelope;
}

/** actor__channel_put_back() - a message that was popped comes next again; there may now be one
 * more than there is room for */
void actor__channel_put_back(struct actor__channel *channel, struct actor__envelope *envelope);

/** actor__channel_idle() - wait for a push or a nudge; false if there has been one, and the nudge
 * is used up. After true, the consumer may already be running elsewhere */
bool actor__channel_idle(struct actor__channel *channel);

/** actor__channel_close_empty() - close for good if nothing is queued; false also if there was a
 * nudge, which is used up */
bool actor__channel_close_empty(struct actor__channel *channel);

/** actor__channel_close() - close for good; what is queued can still be popped */
void actor__channel_close(struct actor__channel *channel);

/** actor__channel_take_all() - what is queued in a closed channel, in order */
struct actor__envelope *actor__channel_take_all(struct actor__channel *channel);

#endif
