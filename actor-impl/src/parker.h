/* SPDX-License-Identifier: MIT */
#ifndef ACTOR__PARKER_H
#define ACTOR__PARKER_H

#include <stdatomic.h>
#include <stdbool.h>

/*
 * A parker is what a wait sleeps on, and what ends the wait: of a suspended handler or of a thread.
 *
 * One side parks, any number of threads wake. A wake is never lost: one that comes before the
 * parking is finished keeps it from being finished. Wakes are not counted, and one that comes late
 * makes a later wait return early, so whoever waits looks at its condition again each time.
 *
 * The memory of a parker is never given back, only used again. That is why a wake needs no
 * reference: the worst that a belated one does is to end the wait of whoever has it now.
 *
 * Who is parked can be frozen, by one thread at a time: whatever wakes it meanwhile takes effect
 * when it is thawed, and until then all that its side keeps to itself can be read.
 */

enum actor__parker_state {
	ACTOR__RUNNING = 0,
	ACTOR__PARKED = 1,
	ACTOR__NOTIFIED = 2,
	ACTOR__FROZEN = 3
};

struct actor__parker {
	atomic_int state;
	void (*unpark)(struct actor__parker *parker); /* a leaf: it only schedules */
};

/* End the wait, or the next one. */
static inline void actor__wake(struct actor__parker *parker)
{
	int state = atomic_load_explicit(&parker->state, memory_order_relaxed);

	/* Release: who is woken sees what was done before. Acquire: pairs with actor__park_commit()
	 * so that unpark() sees what the parking side has left there. */
	while (!atomic_compare_exchange_weak_explicit(
		&parker->state, &state, state == ACTOR__PARKED ? ACTOR__RUNNING : ACTOR__NOTIFIED,
		memory_order_acq_rel, memory_order_relaxed))
		;
	if (state == ACTOR__PARKED)
		parker->unpark(parker);
}

/* Forget earlier wakes: whatever they announced is seen from here on. Returns if there was one. */
static inline bool actor__park_reset(struct actor__parker *parker)
{
	/* Running, there is nothing to forget: a wake that comes after this look keeps the parking
	 * from being finished. */
	return atomic_load_explicit(&parker->state, memory_order_relaxed) != ACTOR__RUNNING &&
	       atomic_exchange_explicit(&parker->state, ACTOR__RUNNING, memory_order_acq_rel) ==
		       ACTOR__NOTIFIED;
}

/* Everything is ready for being woken; false if that has happened already. After true, whatever
 * unpark() resumes may be running. */
static inline bool actor__park_commit(struct actor__parker *parker)
{
	int running = ACTOR__RUNNING;

	return atomic_compare_exchange_strong_explicit(&parker->state, &running, ACTOR__PARKED,
						       memory_order_acq_rel, memory_order_acquire);
}

/* Keep what is parked from being resumed: false if it is not parked, or frozen already. */
static inline bool actor__park_freeze(struct actor__parker *parker)
{
	int parked = ACTOR__PARKED;

	/* Acquire: what was left there comes before. */
	return atomic_compare_exchange_strong_explicit(&parker->state, &parked, ACTOR__FROZEN,
						       memory_order_acquire, memory_order_relaxed);
}

/* As if it had never been frozen; what has woken it since resumes it now. */
static inline void actor__park_thaw(struct actor__parker *parker)
{
	int frozen = ACTOR__FROZEN;

	/* Release: whoever resumes it comes after what was read. */
	if (atomic_compare_exchange_strong_explicit(&parker->state, &frozen, ACTOR__PARKED,
						    memory_order_release, memory_order_relaxed))
		return;
	/* On behalf of who has woken it: acquire what that one did. */
	atomic_exchange_explicit(&parker->state, ACTOR__RUNNING, memory_order_acq_rel);
	parker->unpark(parker);
}

/* What is frozen is resumed, and finds itself woken: see actor__park_reset(). */
static inline void actor__park_thaw_woken(struct actor__parker *parker)
{
	atomic_exchange_explicit(&parker->state, ACTOR__NOTIFIED, memory_order_acq_rel);
	parker->unpark(parker);
}

#endif
