/* SPDX-License-Identifier: MIT */
#ifndef ACTOR__TURN_H
#define ACTOR__TURN_H

#include "actor.h"
#include "fiber.h"
#include "thread.h"

/* What is counted while an actor has its turn: see activation.c. */

/** actor__turn_count_anew() - after so many messages, and one, it is asked whether the turn is over
 */
static inline void actor__turn_count_anew(struct actor__fiber *fiber)
{
	fiber->n_until_asked = (int)(actor__fiber_actor(fiber)->patience &
				     fiber->context.thread->patience);
}

/** actor__turn_count_done() - for those who want to know how much is done: see governor.c */
static inline void actor__turn_count_done(struct actor__thread *thread, unsigned n)
{
	uint64_t n_done = atomic_load_explicit(&thread->n_done, memory_order_relaxed);

	atomic_store_explicit(&thread->n_done, n_done + n, memory_order_relaxed);
}

#endif
