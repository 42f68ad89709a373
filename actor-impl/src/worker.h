/* SPDX-License-Identifier: MIT */
#ifndef ACTOR__WORKER_H
#define ACTOR__WORKER_H

#include "slot.h"

/* Of a pool's worker, that which a call needs to hand its callee over; the rest is in pool.c. */

/**
 * struct actor__worker - a thread of a pool
 * @turns:     that it has begun; written by itself alone
 * @look_at:   before that turn it looks around; by itself alone
 * @handovers: of these in a row that went to what was made ready last
 * @most_handovers: how many may; by itself alone
 * @slot:      for what that is
 */
struct actor__worker {
	_Atomic uint32_t turns;
	uint32_t look_at;
	unsigned handovers;
	unsigned most_handovers;
	struct actor__slot slot;
};

/** actor__worker_hands_over() - whether what is made ready now may have the next turn without
 * having been in the slot; then it counts as if it had. Not if that would keep somebody waiting
 * whom the slot, or a look around, would have helped. By the worker itself */
static inline bool actor__worker_hands_over(struct actor__worker *worker)
{
	uint32_t turns = atomic_load_explicit(&worker->turns, memory_order_relaxed) + 1;

	if (ACTOR__RARELY(!actor__slot_is_empty(&worker->slot) ||
			  worker->handovers >= worker->most_handovers || turns == worker->look_at))
		return false;
	atomic_store_explicit(&worker->turns, turns, memory_order_relaxed);
	worker->handovers++;
	return true;
}

#endif
