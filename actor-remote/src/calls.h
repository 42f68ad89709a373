/* SPDX-License-Identifier: MIT */
#ifndef ACTOR__CALLS_H
#define ACTOR__CALLS_H

#include "links.h"

#include <actor-remote/service-map.h>

struct actor__outgoing;
struct actor_frame_call;

/** struct actor__pending - a call that went out */
struct actor__pending {
	struct actor__pending *next; /* in its bucket, or free */
	struct actor__link link;
	uint64_t id;
	int64_t deadline_ns;
	struct actor_reply *reply;
	const struct actor_message_type *type;
	const struct actor_schema *schema;
	struct actor_frame_call *call;
};

#define ACTOR__CALLS_FEW 16

/**
 * struct actor__calls - calls that went out and are not answered yet; under the peer's lock
 * @ring:      all, in the order of their deadlines, which is that of their ids
 * @buckets:   all, by their ids
 * @n_buckets: a power of two
 * @n:         how many there are
 * @last_id:   given out last
 * @n_look_at: when there are so many, those that nobody waits for are looked for
 * @look_ns:   and then
 * @free:      memory of others
 * @n_free:    how many
 */
struct actor__calls {
	struct actor__link ring;
	struct actor__pending **buckets;
	size_t n_buckets;
	size_t n;
	uint64_t last_id;
	size_t n_look_at;
	int64_t look_ns;
	struct actor__pending *free;
	size_t n_free;
	struct actor__pending *few[ACTOR__CALLS_FEW];
};

void actor__calls_init(struct actor__calls *calls);
void actor__calls_deinit(struct actor__calls *calls);

/** actor__calls_take() - memory for a call; NULL when there is none. With the lock held */
struct actor__pending *actor__calls_take(struct actor__calls *calls);

/** actor__calls_give() - the same back. With the lock held */
void actor__calls_give(struct actor__calls *calls, struct actor__pending *pending);

/** actor__calls_next_id() - never 0. With the lock held */
uint64_t actor__calls_next_id(struct actor__calls *calls);

/** actor__calls_add() - with its id and deadline, which is not before those of the others. With the
 * lock held */
void actor__calls_add(struct actor__calls *calls, struct actor__pending *pending);

/** actor__calls_answer() - a response or an error came: to whoever called, if anybody has. Thread:
 * the peer's */
bool actor__calls_answer(struct actor_peer *peer, const struct actor_frame *frame);

/** actor__calls_next_ns() - when actor__calls_expire() is to be called: at the deadline of the
 * first, or sooner, when those that nobody waits for are to be looked for. With the lock held */
int64_t actor__calls_next_ns(const struct actor__calls *calls);

/** actor__calls_expire() - end those whose time is over, or that nobody waits for; when to call it
 * again, or ACTOR_FOREVER. Thread: the peer's */
int64_t actor__calls_expire(struct actor_peer *peer, int64_t now_ns);

/** actor__calls_end_all() - with this status. Thread: the peer's */
void actor__calls_end_all(struct actor_peer *peer, int status);

#endif
