/* SPDX-License-Identifier: MIT */
#ifndef ACTOR__TRANSPORT_PAIR_H
#define ACTOR__TRANSPORT_PAIR_H

#include <actor-iface/address.h>
#include <actor-remote/transport.h>
#include <pthread.h>
#include <stdatomic.h>

/** ACTOR__IN_ORDER - how a stream ends, if not with an errno */
#define ACTOR__IN_ORDER (-1)

/**
 * struct actor__stream - what one end has written and the other has not read
 * @ring:      of @room bytes, of which @n from @first on are in use
 * @n_here:    so many of them have arrived
 * @rest:      of a write that is pending: what did not fit, in the writer's memory
 * @written:   that write has gone out, which its writer is to be told
 * @unread:    nobody reads any more
 * @last:      0; how it ends: ACTOR__IN_ORDER or errno; no more is written then
 * @last_here: that has arrived, too
 */
struct actor__stream {
	uint8_t *ring;
	size_t room;
	size_t first;
	size_t n;
	size_t n_here;
	const uint8_t *rest;
	size_t n_rest;
	bool written;
	bool unread;
	int last;
	bool last_here;
};

/**
 * struct actor__end - one of the two transports
 * @address: its actor's; NULL before it is started, then the same until the pair goes
 * @to_look: there may be something to tell
 *
 * These two under the lock; the others are those of the thread of its executor.
 */
struct actor__end {
	struct actor_transport transport;
	struct actor__pair *pair;
	const struct actor_transport_events *events;
	void *user;
	bool reading;
	bool destroyed;
	bool told_finished;
	bool told_lost;
	struct actor_address *address;
	bool to_look;
};

/**
 * struct actor__pair_ops - what lies between two ends
 * @name:    for people
 * @stop:    an end is destroyed that has been started: on its thread; or NULL
 * @ship:    something is on its way to an end, or still is. Under the lock
 * @look:    an end looks what has come: on its thread, under the lock; or NULL
 * @destroy: the pair goes
 */
struct actor__pair_ops {
	const char *name;
	void (*stop)(struct actor__end *end);
	void (*ship)(struct actor__end *end);
	void (*look)(struct actor__end *end);
	void (*destroy)(struct actor__pair *pair);
};

/** struct actor__pair - two transports; embedded first in what has them */
struct actor__pair {
	const struct actor__pair_ops *ops;
	pthread_mutex_t lock;
	atomic_uint n_owners;
	struct actor__end ends[2];
	struct actor__stream streams[2]; /* each from the end of that number */
};

/** actor__pair_init() - two ends, which are those of two users; @rings has twice @room bytes */
void actor__pair_init(struct actor__pair *pair, const struct actor__pair_ops *ops,
		      struct actor_executor *executor_a, struct actor_executor *executor_b,
		      uint8_t *rings, size_t room);

/** actor__end_of() - of a transport that is one; NULL if it is not */
struct actor__end *actor__end_of(struct actor_transport *transport);

/** actor__pair_lock() - needed for all that follows, and for what is marked so above */
void actor__pair_lock(struct actor__pair *pair);

/** actor__pair_unlock() - and have ends look that are to */
void actor__pair_unlock(struct actor__pair *pair);

/** actor__end_in() - the stream to this end */
struct actor__stream *actor__end_in(struct actor__end *end);

/** actor__end_on_way() - so many bytes to this end have not arrived */
size_t actor__end_on_way(struct actor__end *end);

/** actor__end_awaits() - whether anything has not, be it the end of the stream */
bool actor__end_awaits(struct actor__end *end);

/** actor__end_arrive() - so many bytes more have; with the last of them, the end of the stream */
void actor__end_arrive(struct actor__end *end, size_t n);

/** actor__end_cut() - of what has not arrived, only @n bytes will, and then a loss */
void actor__end_cut(struct actor__end *end, size_t n);

/** actor__look_type - the message on which the actor of an end looks: one byte, which does not
 * matter */
extern const struct actor_message_type actor__look_type;

#endif
