/* SPDX-License-Identifier: MIT */
#ifndef ACTOR__CHILD_H
#define ACTOR__CHILD_H

#include "util/links.h"

#include <actor-iface/mailbox.h>
#include <actor-impl/attempts.h>
#include <actor-impl/supervisor.h>
#include <actor-impl/timer.h>
#include <pthread.h>
#include <stdatomic.h>

/** ACTOR__RETRY_NS - when something was refused for want of memory, it is tried again after that */
#define ACTOR__RETRY_NS INT64_C(10000000)

/** ACTOR__DEFAULT_NS - to stop; a period */
#define ACTOR__DEFAULT_NS INT64_C(5000000000)

struct actor__borrower;
struct actor__loan;
struct actor__token;

/**
 * struct actor__desk - where the ends of a supervisor's children are told; see child.c
 * @n_holders: the supervisor, each token
 *
 * Under the lock:
 * @looker:    has the supervisor look; NULL: not yet, or not any more
 * @is_busy:   the supervisor is at something
 * @ended:     children whose ends it has not seen yet
 */
struct actor__desk {
	atomic_size_t n_holders;
	pthread_mutex_t lock;
	struct actor_timer *looker;
	bool is_busy;
	struct actor__link ended;
};

/** actor__desk_create() - held by the caller; NULL when there is no memory */
struct actor__desk *actor__desk_create(void);

/** actor__desk_unref() - one holder fewer */
void actor__desk_unref(struct actor__desk *desk);

/** actor__desk_set_looker() - what sends to the supervisor when there is something to see; NULL:
 * nothing any more, and then the old one is the caller's to destroy */
void actor__desk_set_looker(struct actor__desk *desk, struct actor_timer *looker);

/** actor__desk_begin() - the supervisor is at something: it need not be told before the end */
void actor__desk_begin(struct actor__desk *desk);

/** actor__desk_end() - it is not any more: if anybody has ended, it is told to look */
void actor__desk_end(struct actor__desk *desk);

/** actor__desk_take() - a child whose end has not been seen yet; NULL when there is none */
struct actor__child *actor__desk_take(struct actor__desk *desk);

/**
 * struct actor__child - the supervisor's alone, but for its place at the desk
 * @link:       in the order of starting
 * @spec:       as given; what it does not say is zero
 * @mailbox:    NULL: to be made
 * @address:    of it, strong
 * @loan:       of what its spec says has to be dropped; NULL: nothing
 * @borrower:   of that: the mailbox; NULL when there is none, or nothing to borrow
 * @is_running: as far as is known
 * @due_ns:     if not: when it is started again
 * @began_ns:   its last run
 * @n_in_a_row: short runs
 * @n_starts:   runs
 * @why:        its last run failed
 *
 * Under the desk's lock:
 * @token:      of its run; NULL when the end has been told
 * @ended_link: in line, if @has_ended
 */
struct actor__child {
	struct actor__link link;
	struct actor_child spec;
	struct actor_mailbox *mailbox;
	struct actor_address *address;
	struct actor__loan *loan;
	struct actor__borrower *borrower;
	bool is_running;
	int64_t due_ns;
	int64_t began_ns;
	unsigned n_in_a_row;
	unsigned n_starts;
	char why[160];
	struct actor__token *token;
	struct actor__link ended_link;
	bool has_ended;
};

/** actor__child_of() - by its place among the others */
static inline struct actor__child *actor__child_of(struct actor__link *link)
{
	return ACTOR_CONTAINER_OF(link, struct actor__child, link);
}

/** actor__child_makes_sense() - whether it can be one: it has all that a child has had since 1.0 */
static inline bool actor__child_makes_sense(const struct actor_child *given)
{
	return given->size >= offsetof(struct actor_child, mailbox) + sizeof given->mailbox &&
	       given->behavior && given->make && given->attempts <= ACTOR_MOST_ATTEMPTS;
}

/** actor__child_is_supervisor() - itself */
static inline bool actor__child_is_supervisor(const struct actor__child *child)
{
	return child->spec.behavior == &actor_supervisor_behavior;
}

/** actor__child_create() - not running, in no list, without a mailbox; NULL when there is no memory
 */
struct actor__child *actor__child_create(const struct actor_child *given);

/** actor__child_destroy() - in no list, and nothing is told of it any more; what runs there is left
 * to itself, and what it has borrowed is dropped when that has ended */
void actor__child_destroy(struct actor__child *child);

/** actor__child_keep_user() - what would have to be dropped is somebody else's */
void actor__child_keep_user(struct actor__child *child);

/** actor__child_lose_mailbox() - give it up; what runs there is left to itself */
void actor__child_lose_mailbox(struct actor__child *child);

/** actor__child_start_fresh() - a fresh state on its mailbox, and nothing is told of its end: 0;
 * ACTOR_E_BUSY when something runs there; ACTOR_E_CLOSED, ... */
int actor__child_start_fresh(struct actor__child *child);

/** actor__child_start() - a fresh state on its mailbox, or, if that will not do, on a new one of
 * @spawner, and its end is told: 0, or why not, and it does not run */
int actor__child_start(struct actor__child *child, struct actor__desk *desk,
		       struct actor_spawner *spawner, int64_t now_ns);

/** actor__child_take_over() - the mailbox that it was given, with what runs there: 0; or why not,
 * and the mailbox is still the giver's, unless it is not the child's any more */
int actor__child_take_over(struct actor__child *child, struct actor__desk *desk,
			   struct actor_spawner *spawner, int64_t now_ns);

/** actor__child_unwatch() - be told nothing of this run */
void actor__child_unwatch(struct actor__child *child, struct actor__desk *desk);

#endif
