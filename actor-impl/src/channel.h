/* SPDX-License-Identifier: MIT */
#ifndef ACTOR__CHANNEL_H
#define ACTOR__CHANNEL_H

#include <actor-iface/behavior.h>
#include <actor-iface/waiter.h>
#include <pthread.h>
#include <stdatomic.h>

struct actor__thread;

/**
 * struct actor__envelope - a message on its way
 * @next:    in its queue
 * @handler: the receiver's, which also says how to drop the message
 * @reply:   the callee's half, or NULL
 * @bytes:   of the envelope's memory
 * @offset:  of the message in it
 */
struct actor__envelope {
	struct actor__envelope *next;
	const struct actor_handler *handler;
	struct actor_reply *reply;
	uint32_t bytes;
	uint32_t offset;
};

/** actor__envelope_create() - a message moved into an envelope; NULL when there is no memory */
struct actor__envelope *actor__envelope_create(struct actor__thread *thread,
					       const struct actor_handler *handler, void *message,
					       struct actor_reply *reply);

/** actor__envelope_message() - what is in it */
static inline void *actor__envelope_message(struct actor__envelope *envelope)
{
	return (char *)envelope + envelope->offset;
}

/** actor__envelope_free() - the memory; the message has been handed back */
void actor__envelope_free(struct actor__thread *thread, struct actor__envelope *envelope);

/** actor__envelope_end() - refuse @reply if there is one, drop the message, free the envelope */
void actor__envelope_end(struct actor__envelope *envelope, struct actor_reply *reply);

/** actor__envelopes_discard() - drop a list of messages that nobody will handle: dead letters */
void actor__envelopes_discard(struct actor__envelope *first);

/**
 * struct actor__channel - the queue between the addresses of a mailbox and its actor
 * @head:     the messages pushed, the latest first; or one of the states in channel.c
 * @stash:    the messages taken over, the earliest first; the consumer's
 * @capacity: most messages that may be queued, or ACTOR_UNBOUNDED
 * @used:     how many are, room granted to waiters included, and a flag: see channel.c; not kept
 *            when unbounded
 * @lock:     for the line
 * @first, @last: the line of those who wait for room
 */
struct actor__channel {
	_Atomic(struct actor__envelope *) head;
	struct actor__envelope *stash;
	size_t capacity;
	atomic_size_t used;
	pthread_mutex_t lock;
	struct actor_waiter *first;
	struct actor_waiter *last;
};

/** actor__channel_init() - empty, open, and busy: a push does not ask for the consumer */
void actor__channel_init(struct actor__channel *channel, size_t capacity);

/** actor__channel_deinit() - empty and closed, with nobody in line */
void actor__channel_deinit(struct actor__channel *channel);

/** actor__channel_closed() - for good */
bool actor__channel_closed(const struct actor__channel *channel);

/* For those who send; any thread. */

/** actor__channel_reserve() - room for one message: 0, ACTOR_E_FULL (and in line, if @waiter is
 * given), ACTOR_E_CLOSED */
int actor__channel_reserve(struct actor__channel *channel, struct actor_waiter *waiter);

/** actor__channel_release() - room that was reserved is free again: it goes to the first in line */
void actor__channel_release(struct actor__channel *channel);

/** actor__channel_push() - put a message into room reserved for it: 0, 1 when the consumer is idle
 * and must be scheduled, ACTOR_E_CLOSED with the room still reserved */
int actor__channel_push(struct actor__channel *channel, struct actor__envelope *envelope);

/** actor__channel_withdraw() - out of line; a grant goes to the next */
void actor__channel_withdraw(struct actor__channel *channel, struct actor_waiter *waiter);

/** actor__channel_nudge() - have the consumer look around before it goes idle: true when it is
 * idle already and must be scheduled */
bool actor__channel_nudge(struct actor__channel *channel);

/* For the consumer; one at a time. */

/** actor__channel_pop() - the next message, its room given back; or NULL: then any nudge that came
 * before is used up */
struct actor__envelope *actor__channel_pop(struct actor__channel *channel);

/** actor__channel_idle() - wait for a push or a nudge; false if there has been one. After true,
 * the consumer may already be running elsewhere */
bool actor__channel_idle(struct actor__channel *channel);

/** actor__channel_close_empty() - close for good if nothing is queued and nobody has nudged */
bool actor__channel_close_empty(struct actor__channel *channel);

/** actor__channel_close() - close for good; what is queued can still be popped */
void actor__channel_close(struct actor__channel *channel);

/** actor__channel_take_all() - what is queued in a closed channel, in order */
struct actor__envelope *actor__channel_take_all(struct actor__channel *channel);

#endif
