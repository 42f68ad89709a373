/* SPDX-License-Identifier: MIT */
#ifndef ACTOR__THREAD_H
#define ACTOR__THREAD_H

#include "fiber.h"
#include "util/cells.h"

#include <actor-impl/counts.h>
#include <actor-impl/thread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <string.h>

struct actor__task;
struct actor__thread_context;
struct actor__worker;
struct actor_executor;

#define ACTOR__PATIENCE 63

/* What is counted; see struct actor_counts; those after dead letters only simulations look at, at
 * their end. Differences: one thread adds, another subtracts. */
enum actor__count {
	ACTOR__COUNT_MAILBOXES,
	ACTOR__COUNT_ENVELOPES,
	ACTOR__COUNT_REPLIES,
	ACTOR__COUNT_SUSPENDED,
	ACTOR__COUNT_DEAD_LETTERS,
	ACTOR__COUNT_CHANNELS,
	ACTOR__COUNT_TIMERS,
	ACTOR__COUNT_SEMAPHORES,
	ACTOR__COUNT_PERMITS,
	ACTOR__COUNT_NURSERIES,
	ACTOR__COUNT_OBSERVABLES,
	ACTOR__COUNT_SUBSCRIPTIONS,
	ACTOR__COUNT_EVENTS,
	ACTOR__N_COUNTS
};

/**
 * struct actor__burst - what a thread has made ready for others, who are not told yet: see burst.c
 * @on:       there is a burst
 * @n:        tasks that are noted
 * @executor: that they are for
 * @first, @end: of them
 */
struct actor__burst {
	bool on;
	unsigned n;
	struct actor_executor *executor;
	struct actor__task *first;
	struct actor__task **end;
};

/**
 * struct actor__thread - what the library keeps for each thread that uses it
 * @registered: in the list of all threads, and released when the thread ends
 * @number:     counts the threads
 * @next_thread: in that list
 * @counts:     written by this thread only, read by all
 * @n_done:     messages handled here, and those posted, by handlers that post many; written by
 *              this thread only
 * @cells:      free envelopes, replies and actors
 * @numbers, @numbers_end: of actors yet to be made here
 * @fiber:      what runs here now; NULL on the thread's own stack
 * @spare:      a fiber that has nothing to run, or NULL
 * @left, @leaving: during a switch of stacks: which fiber is left, and how
 * @base:       the stack from which fibers were entered, and to which they return: NULL for the
 *              thread's own, or the fiber of a callback that waits meanwhile
 * @given:      what the fiber that is entered next runs first, or NULL: while a handler runs, only
 *              from a call until it leaves its stack
 * @next:       what its fibers run after that; NULL for nothing. May return NULL: back
 *              to the base
 * @lends_itself: the next task that this thread makes ready, it will run itself: in @given
 * @busy:       a task runs here, maybe in a callback on the thread's own stack
 * @patience:   a mask for that of the actors that run here: ACTOR__PATIENCE, or 0 on a thread that
 *              has business of its own
 * @looked_ns:  when somebody here last looked at the clock to see how long messages take
 * @until_look, @looks_every: so many more waits without a deadline, and somebody looks for
 *              deadlocks: see deadlock.h
 * @simulates:  a simulation runs here: each turn is one step
 * @native:     where the thread's own stack goes on, while a fiber runs
 * @native_bottom, @native_bytes, @native_tsan: the same stack, for the sanitizers
 * @context:    for code outside handlers; NULL until asked for
 * @local:      the executor of this thread alone that was made here, or NULL
 * @worker:     the pool's worker that this thread is, or NULL
 * @alternate:  the stack for signals that it was given, or NULL: see overflow.c
 * @spilled:    messages to be discarded: see channel-core.c
 * @burst:      tasks to be offered
 */
struct actor__thread {
	bool registered;
	unsigned number;
	struct actor__thread *next_thread;
	_Atomic int64_t counts[ACTOR__N_COUNTS];
	_Atomic uint64_t n_done;
	struct actor__cells cells;
	uint64_t numbers;
	uint64_t numbers_end;
	struct actor__fiber *fiber;
	struct actor__fiber *spare;
	struct actor__fiber *left;
	enum actor__leaving leaving;
	struct actor__fiber *base;
	struct actor__task *given;
	bool lends_itself;
	bool busy;
	struct actor__task *(*next)(struct actor__thread *thread);
	unsigned patience;
	int64_t looked_ns;
	unsigned until_look;
	unsigned looks_every;
	bool simulates;
	void *native;
	const void *native_bottom;
	size_t native_bytes;
	void *native_tsan;
	struct actor__thread_context *context;
	struct actor_executor *local;
	struct actor__worker *worker;
	void *alternate;
	struct actor__envelope *spilled;
	struct actor__burst burst;
};

/**
 * actor__thread() - the calling thread's
 *
 * Not inline, and its result does not survive a switch of stacks: a handler may resume on another
 * thread.
 */
struct actor__thread *actor__thread(void);

/** actor__thread_fiber() - the fiber that runs on the calling thread, or NULL; also in a handler of
 * signals */
const struct actor__fiber *actor__thread_fiber(void);

/** actor__thread_run() - run a task of an executor that has no loop on this thread, from the stack
 * that the thread is on: a callback's, if it waits meanwhile */
void actor__thread_run(struct actor__thread *thread, struct actor__task *task);

/** actor__thread_set_local() - its local executor; NULL: it has none any more */
void actor__thread_set_local(struct actor__thread *thread, struct actor_executor *local);

/** actor__thread_ask_always() - for each allocation on this thread ask whether it is refused, if
 * that is wanted now: see util/memory.h */
void actor__thread_ask_always(struct actor__thread *thread);

/** actor__burst_offer() - what was made ready is offered, in a burst that goes on */
void actor__burst_offer(struct actor__thread *thread);

/** actor__burst_no_room() - the same, if there is a burst: somebody may try again */
static inline void actor__burst_no_room(struct actor__thread *thread)
{
	if (ACTOR__RARELY(thread->burst.on))
		actor__burst_offer(thread);
}

/** actor__burst_end() - no burst any more: what was made ready is offered */
void actor__burst_end(struct actor__thread *thread);

/** actor__burst_over() - the same, if there is one */
static inline void actor__burst_over(struct actor__thread *thread)
{
	if (ACTOR__RARELY(thread->burst.on))
		actor__burst_end(thread);
}

/** actor__thread_takes() - whether the thread will run @task itself, because it asked to */
static inline bool actor__thread_takes(struct actor__thread *thread, struct actor__task *task)
{
	bool takes = thread->lends_itself;

	if (takes) {
		thread->lends_itself = false;
		thread->given = task;
	}
	return takes;
}

/** actor__in_handler() - whether a handler or a hook runs on the thread now */
static inline bool actor__in_handler(const struct actor__thread *thread)
{
	return thread->fiber && actor__fiber_actor(thread->fiber);
}

/* Only this thread writes: no read-modify-write needed. */
static inline void actor__count(struct actor__thread *thread, enum actor__count what, int64_t n)
{
	_Atomic int64_t *count = &thread->counts[what];

	atomic_store_explicit(count, atomic_load_explicit(count, memory_order_relaxed) + n,
			      memory_order_relaxed);
}

/* Have a cache line that will be written soon come from another core meanwhile. */
static inline void actor__fetch_to_write(const void *line)
{
#if defined(__x86_64__)
	/* Compilers know it only from later processors on; on earlier ones it does nothing. */
	__asm__ volatile("prefetchw %0" : : "m"(*(const char *)line));
#else
	__builtin_prefetch(line, 1);
#endif
}

/* Copy 1 to 32 bytes, without a call: the first and the last so many, which may overlap. */
static inline void actor__copy_small(void *to, const void *from, size_t bytes)
{
	char *to_last = (char *)to + bytes;
	const char *from_last;

	/* A compiler that sees what is copied, but not how much, would warn of the other cases. */
	__asm__("" : "+r"(from));
	from_last = (const char *)from + bytes;
	if (bytes == 8) {
		memcpy(to, from, 8);
	} else if (bytes > 16) {
		memcpy(to, from, 16);
		memcpy(to_last - 16, from_last - 16, 16);
	} else if (bytes >= 8) {
		memcpy(to, from, 8);
		memcpy(to_last - 8, from_last - 8, 8);
	} else if (bytes >= 4) {
		memcpy(to, from, 4);
		memcpy(to_last - 4, from_last - 4, 4);
	} else {
		*(char *)to = *(const char *)from;
		if (bytes > 1)
			memcpy(to_last - 2, from_last - 2, 2);
	}
}

/* Copy an answer: most are a word. */
static inline void actor__copy(void *to, const void *from, size_t bytes)
{
	if (bytes == sizeof(uint64_t))
		memcpy(to, from, sizeof(uint64_t));
	else
		memcpy(to, from, bytes);
}

#endif
