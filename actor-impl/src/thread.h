/* SPDX-License-Identifier: MIT */
#ifndef ACTOR__THREAD_H
#define ACTOR__THREAD_H

#include "util/cells.h"

#include <actor-impl/counts.h>
#include <actor-impl/thread.h>
#include <stdatomic.h>

struct actor__fiber;
struct actor__thread_context;
struct actor_executor;

/* What is counted; see struct actor_counts. Differences: one thread adds, another subtracts. */
enum actor__count {
	ACTOR__COUNT_MAILBOXES,
	ACTOR__COUNT_ENVELOPES,
	ACTOR__COUNT_REPLIES,
	ACTOR__COUNT_SUSPENDED,
	ACTOR__COUNT_DEAD_LETTERS,
	ACTOR__N_COUNTS
};

/**
 * struct actor__thread - what the library keeps for each thread that uses it
 * @registered: in the list of all threads, and released when the thread ends
 * @next:       in that list
 * @counts:     written by this thread only, read by all
 * @cells:      free envelopes and replies
 * @fiber:      what runs here now; NULL on the thread's own stack
 * @spare:      a fiber that has nothing to run, or NULL
 * @native:     where the thread's own stack goes on, while a fiber runs
 * @native_bottom, @native_bytes, @native_tsan: the same stack, for the sanitizers
 * @context:    for code outside handlers; NULL until asked for
 * @local:      the local executor that was made here, or NULL
 * @worker:     the pool's worker that this thread is, or NULL
 */
struct actor__thread {
	bool registered;
	struct actor__thread *next;
	_Atomic int64_t counts[ACTOR__N_COUNTS];
	struct actor__cells cells;
	struct actor__fiber *fiber;
	struct actor__fiber *spare;
	void *native;
	const void *native_bottom;
	size_t native_bytes;
	void *native_tsan;
	struct actor__thread_context *context;
	struct actor_executor *local;
	void *worker;
};

/**
 * actor__thread() - the calling thread's
 *
 * Not inline, and its result does not survive a switch of stacks: a handler may resume on another
 * thread.
 */
struct actor__thread *actor__thread(void);

/* Only this thread writes: no read-modify-write needed. */
static inline void actor__count(struct actor__thread *thread, enum actor__count what, int64_t n)
{
	_Atomic int64_t *count = &thread->counts[what];

	atomic_store_explicit(count, atomic_load_explicit(count, memory_order_relaxed) + n,
			      memory_order_relaxed);
}

#endif
