/* SPDX-License-Identifier: MIT */
#ifndef ACTOR__FENCE_H
#define ACTOR__FENCE_H

#include "util/compiler.h"

#include <stdatomic.h>
#include <stdbool.h>

/*
 * Fences for two sides of which one passes all the time and the other hardly ever.
 *
 * Each side writes something and then looks at what the other side has written. With a light fence
 * between write and look here, and a heavy one there, at least one of them sees the other's write.
 * A light fence only keeps the compiler from reordering; the heavy one makes every running thread
 * of the process pass a full barrier: membarrier(2). Where the system has no such thing, both are
 * ordinary fences.
 */

/* Whether a heavy fence works; fixed before main() begins. */
extern bool actor__fence_is_asymmetric __attribute__((visibility("hidden")));

/** actor__fence_heavy() - the rare side: some microseconds */
void actor__fence_heavy(void);

/** actor__fence_full() - a full barrier of this thread's alone */
static inline void actor__fence_full(void)
{
	__sync_synchronize(); /* not atomic_thread_fence(): thread sanitizers refuse that */
}

/** actor__fence_light() - the frequent side */
static inline void actor__fence_light(void)
{
	atomic_signal_fence(memory_order_seq_cst);
	if (ACTOR__RARELY(!actor__fence_is_asymmetric))
		actor__fence_full();
}

#endif
