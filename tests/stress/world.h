/* SPDX-License-Identifier: MIT */
#ifndef TESTS_STRESS_WORLD_H
#define TESTS_STRESS_WORLD_H

#include "citizen.h"

#include <actor-impl/actor-impl.h>
#include <pthread.h>
#include <stdatomic.h>

enum { WORLD_PLACES = 12, WORLD_MOST_EXECUTORS = 3 };

/**
 * struct place - where an actor can be found; who takes its place has the same rank
 * @lock:    for the rest
 * @address: a strong one, or NULL
 * @mailbox: its owner's, who is the place; or NULL
 * @world, @rank: where this is, for those who restart what failed here
 */
struct place {
	struct world *world;
	unsigned rank;
	pthread_mutex_t lock;
	struct actor_address *address;
	struct actor_mailbox *mailbox;
};

/**
 * struct world - actors of several executors who know each other by place
 * @places:      the higher the index, the higher the rank
 * @executors:   where they run; the last one may be a local executor, of the main thread
 * @n_executors: how many
 * @over:        nothing new is begun
 * @n_borrowed:  spawners in use where they do not belong
 */
struct world {
	struct place places[WORLD_PLACES];
	struct actor_executor *executors[WORLD_MOST_EXECUTORS];
	unsigned n_executors;
	atomic_bool over;
	atomic_uint n_borrowed;
};

/** world_init() - with nobody in any place */
void world_init(struct world *world);

/** world_deinit() - when everybody has left */
void world_deinit(struct world *world);

/**
 * world_borrow_spawner() - of one of its executors, to be given back; NULL when all is over
 *
 * An executor on which nothing runs any more must not be given something to run by another one's
 * actor: nobody would wait for that.
 */
struct actor_spawner *world_borrow_spawner(struct world *world, uint64_t *random);

/** world_return_spawner() - it is not used any more */
void world_return_spawner(struct world *world);

/** world_find() - somebody: an address, strong or weak, the caller's to unref; or NULL */
struct actor_address *world_find(struct world *world, uint64_t *random, unsigned *ret_rank);

/** world_renew() - somebody new in some place; whoever was there leaves in one way or another */
void world_renew(struct agent *agent);

/** world_vacate() - everybody leaves */
void world_vacate(struct agent *agent);

/** world_options() - of a mailbox: often a tiny one */
struct actor_mailbox_options world_options(uint64_t *random);

#endif
