/* SPDX-License-Identifier: MIT */
#ifndef ACTOR__LATCH_H
#define ACTOR__LATCH_H

#include "util/compiler.h"
#include "util/step.h"

#include <stdatomic.h>
#include <stdbool.h>

/*
 * Latches: locks that are held for some instructions, at most for a wake-up, so small that each
 * thing can have its own, and a fifth of the instructions of a mutex where nobody else is there.
 * Whoever finds one taken looks again for a while, then lets other threads run, then sleeps between
 * looks: the holder may have been preempted, by a thread of higher priority even. None is ever
 * waited for with another one in hand, except in the order of an array, or from the inside of a
 * channel out: see channel-core.c.
 */

/** struct actor__latch - zeroed is free */
struct actor__latch {
	atomic_bool taken;
};

void actor__latch_wait(struct actor__latch *latch);

static inline void actor__latch_take(struct actor__latch *latch)
{
	ACTOR__STEP(latch);
	/* Acquire: what the last holder did is seen. */
	if (ACTOR__RARELY(atomic_exchange_explicit(&latch->taken, true, memory_order_acquire)))
		actor__latch_wait(latch);
}

static inline void actor__latch_leave(struct actor__latch *latch)
{
	/* Release: what was done with it is seen by the next. */
	atomic_store_explicit(&latch->taken, false, memory_order_release);
}

#endif
