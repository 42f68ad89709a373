/* SPDX-License-Identifier: MIT */
#ifndef ACTOR__STARVED_H
#define ACTOR__STARVED_H

#include "timers.h"

#include <stddef.h>

struct actor__task;
struct actor__thread;
struct actor_executor;

/**
 * struct actor__starved - the actors of an executor for which there was no memory for a stack
 * @n:        how many; for a look without the lock
 *
 * Under the executor's lock:
 * @timer:    when it is tried again; armed while there are any
 * @pause_ns: from one such time to the next
 * @n_vain:   of these in a row in vain, with no other thread awake, and no deadline ahead
 * @first, @end: of them, who has waited longest first
 */
struct actor__starved {
	atomic_size_t n;
	struct actor__timer timer;
	int64_t pause_ns;
	unsigned n_vain;
	struct actor__task *first;
	struct actor__task **end;
};

/** actor__starved_init() - none */
void actor__starved_init(struct actor__starved *starved);

/** actor__starved_add() - a thread that was to run @task has no stack for it: another will, or this
 * one later, or the actor fails. Thread: any, with no lock */
void actor__starved_add(struct actor_executor *executor, struct actor__task *task);

/** actor__starved_any() - whether there are any: relaxed, a look */
static inline bool actor__starved_any(const struct actor__starved *starved)
{
	return atomic_load_explicit(&starved->n, memory_order_relaxed) > 0;
}

/** actor__starved_take() - one that the calling thread, which has nothing in hand, can run now; or
 * NULL */
struct actor__task *actor__starved_take(struct actor_executor *executor,
					struct actor__thread *thread);

/** actor__starved_take_all() - all of them, the caller's to schedule: to end, an actor that is
 * cancelled needs no stack. Thread: any, with no lock */
struct actor__task *actor__starved_take_all(struct actor_executor *executor);

/** actor__starved_waits() - whether there is one that a thread can run with a stack that it has.
 * Relaxed: who sleeps because of it has a lock that &actor__executor_ops.starved takes, too */
bool actor__starved_waits(const struct actor_executor *executor,
			  const struct actor__thread *thread);

#endif
