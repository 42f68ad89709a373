/* SPDX-License-Identifier: MIT */
#ifndef ACTOR__CALLS_H
#define ACTOR__CALLS_H

#include "links.h"

#include <actor-remote/service-map.h>
#include <stdatomic.h>

struct actor__outgoing;
struct actor_frame_call;

/** struct actor__pending - a call that went out */
struct actor__pending {
	struct actor__pending *next; /* accepted, in its bucket, or to be used again */
	struct actor__link link;
	uint64_t id;
	uint64_t service;
	int64_t deadline_ns;
	struct actor_reply *reply;
	const struct actor_message_type *type;
	const struct actor_schema *schema;
	struct actor_frame_call *call;
};

#define ACTOR__CALLS_FEW 16

/**
 * struct actor__calls - calls that went out and are not answered yet: see calls.c
 * @accepted:   those that the peer's thread has not taken over
 * @last:       of them
 * @n_accepted: all that ever were
 * @last_id:    given out last
 * @free:       memory for others
 * @n_free:     how many
 *
 * Up to here under the peer's lock, from here on the peer's thread's:
 * @ring:       all that have been taken over, in the order of their deadlines
 * @buckets:    the same, by their ids
 * @n_buckets:  a power of two
 * @n:          how many there are
 * @n_ended:    all that ever have; read by anybody
 * @n_look_at:  when there are so many, those that nobody waits for are looked for
 * @look_ns:    and then
 * @used:       memory to be free
 * @last_used:  of them
 * @n_used:     how many
 */
struct actor__calls {
	struct actor__pending *accepted;
	struct actor__pending *last;
	uint64_t n_accepted;
	uint64_t last_id;
	struct actor__pending *free;
	size_t n_free;

	struct actor__link ring;
	struct actor__pending **buckets;
	size_t n_buckets;
	size_t n;
	_Atomic uint64_t n_ended;
	size_t n_look_at;
	int64_t look_ns;
	struct actor__pending *used;
	struct actor__pending *last_used;
	size_t n_used;
	struct actor__pending *few[ACTOR__CALLS_FEW];
};

void actor__calls_init(struct actor__calls *calls);
void actor__calls_deinit(struct actor__calls *calls);

/** actor__calls_take() - memory for a call, with an id that is never 0; NULL when there is none.
 * With the lock held */
struct actor__pending *actor__calls_take(struct actor__calls *calls);

/** actor__calls_give() - the same back: it has not been accepted. With the lock held */
void actor__calls_give(struct actor__calls *calls, struct actor__pending *pending);

/** actor__calls_accept() - what was taken will be written. With the lock held */
static inline void actor__calls_accept(struct actor__calls *calls, struct actor__pending *pending)
{
	pending->next = NULL;
	if (calls->accepted)
		calls->last->next = pending;
	else
		calls->accepted = pending;
	calls->last = pending;
	calls->n_accepted++;
}

/** actor__calls_count() - how many are not answered. With the lock held */
size_t actor__calls_count(const struct actor__calls *calls);

/** actor__calls_take_accepted() - what has been since the last time, and give back what was used.
 * Thread: the peer's, with the lock held */
struct actor__pending *actor__calls_take_accepted(struct actor__calls *calls);

/** actor__calls_add() - what was taken, if anything was. Thread: the peer's */
void actor__calls_add(struct actor_peer *peer, struct actor__pending *accepted);

/** actor__calls_answer() - a response or an error came: to whoever called, if anybody has. Thread:
 * the peer's */
bool actor__calls_answer(struct actor_peer *peer, const struct actor_frame *frame);

/** actor__calls_next_ns() - when actor__calls_expire() is to be called: at the deadline of the
 * first, or sooner, when those that nobody waits for are to be looked for. Thread: the peer's */
int64_t actor__calls_next_ns(const struct actor__calls *calls);

/** actor__calls_expire() - end those whose time is over, or that nobody waits for; when to call it
 * again, or ACTOR_FOREVER. Thread: the peer's */
int64_t actor__calls_expire(struct actor_peer *peer, int64_t now_ns);

/** actor__calls_end_all() - with this status. Thread: the peer's */
void actor__calls_end_all(struct actor_peer *peer, int status);

#endif
