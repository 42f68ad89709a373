/* SPDX-License-Identifier: MIT */
#ifndef ACTOR__SLOT_H
#define ACTOR__SLOT_H

#include "executor.h"
#include "util/compiler.h"
#include "util/fence.h"
#include "util/step.h"

#include <pthread.h>
#include <stdatomic.h>

/*
 * Slots for one task: the owner puts it there and takes it out again all the time, without any
 * atomic read-modify-write; a thief comes hardly ever.
 *
 * Each side says that it is in and then looks for the other, with a light fence between the two for
 * the owner, and a heavy one for the thief: at least one of them sees the other. A thief who sees
 * the owner leaves; the owner, if it sees a thief, waits for the lock that thieves hold.
 */

/** struct actor__slot - zeroed is empty */
struct actor__slot {
	_Atomic(struct actor__task *) task;
	atomic_bool in_use;    /* by the owner */
	atomic_bool is_robbed; /* by a thief, who holds the lock */
};

/** actor__slot_is_empty() - for the owner; a guess for all others */
static inline bool actor__slot_is_empty(const struct actor__slot *slot)
{
	/* Relaxed: only the owner puts something there. */
	return !atomic_load_explicit(&slot->task, memory_order_relaxed);
}

/** actor__slot_enter() - by the owner: go in, unless a thief is in there */
ACTOR__INLINE bool actor__slot_enter(struct actor__slot *slot)
{
	ACTOR__STEP(slot);
	/* Relaxed stores: order comes from the fences. */
	atomic_store_explicit(&slot->in_use, true, memory_order_relaxed);
	actor__fence_light();
	/* Acquire: what the thief did comes before. */
	if (!ACTOR__RARELY(atomic_load_explicit(&slot->is_robbed, memory_order_acquire)))
		return true;
	atomic_store_explicit(&slot->in_use, false, memory_order_relaxed);
	return false;
}

/** actor__slot_exchange() - by the owner, when it is in: put @task there, take out what was there
 * (NULL if it has been robbed meanwhile), and leave */
ACTOR__INLINE struct actor__task *actor__slot_exchange(struct actor__slot *slot,
						       struct actor__task *task)
{
	struct actor__task *before = atomic_load_explicit(&slot->task, memory_order_relaxed);

	/* Release: what the task's scheduler did comes before its run by a thief. */
	atomic_store_explicit(&slot->task, task, memory_order_release);
	atomic_store_explicit(&slot->in_use, false, memory_order_release);
	return before;
}

/** actor__slot_swap() - by the owner: the two together; thieves hold @lock */
static inline struct actor__task *actor__slot_swap(struct actor__slot *slot, pthread_mutex_t *lock,
						   struct actor__task *task)
{
	while (!actor__slot_enter(slot)) { /* wait for the end of that */
		pthread_mutex_lock(lock);
		pthread_mutex_unlock(lock);
	}
	return actor__slot_exchange(slot, task);
}

/** actor__slot_rob() - by anybody, with the lock that all thieves hold: what is there; or NULL,
 * also if the owner is in */
static inline struct actor__task *actor__slot_rob(struct actor__slot *slot)
{
	struct actor__task *task = NULL;

	atomic_store_explicit(&slot->is_robbed, true, memory_order_relaxed);
	actor__fence_heavy();
	/* Acquire: what the owner did when it was in comes before. */
	if (!atomic_load_explicit(&slot->in_use, memory_order_acquire)) {
		task = atomic_load_explicit(&slot->task, memory_order_acquire);
		atomic_store_explicit(&slot->task, NULL, memory_order_relaxed);
	}
	/* Release: for the owner's next look. */
	atomic_store_explicit(&slot->is_robbed, false, memory_order_release);
	return task;
}

#endif
