/* SPDX-License-Identifier: MIT */
#ifndef ACTOR_IMPL_POOL_H
#define ACTOR_IMPL_POOL_H

#include <actor-impl/executor.h>

ACTOR__BEGIN_C

/**
 * struct actor_pool_options - choices when a pool is made; zero means the default
 * @size:         sizeof(struct actor_pool_options)
 * @n_threads:    how many threads run actors; default: the processors this process may use, and no
 *                more than the processor time that its control groups grant it, rounded up
 * @thread_name:  what their names begin with, for debuggers and the like: a number follows; copied,
 *                of which 11 characters count; default: "actor-"
 * @thread_begin: runs on each thread before any actor does; @index counts them from 0; not on those
 *                that call an actor and run it themselves, see below. Default: nothing
 * @thread_end:   runs on each thread after the last actor, in actor_executor_destroy()
 * @user:         for both; neither may wait for actors
 */
struct actor_pool_options {
	size_t size;
	unsigned n_threads;
	const char *thread_name;
	void (*thread_begin)(void *user, unsigned index);
	void (*thread_end)(void *user, unsigned index);
	void *user;
};

/**
 * actor_pool_create() - an executor of several threads
 * @options:      NULL for the defaults
 * @ret_executor: the caller's to destroy
 *
 * Idle threads take work from busy ones; a thread without work sleeps. So does one that makes the
 * others slower: while all are busy with messages of less than some microseconds, the pool tries
 * now and then, for two milliseconds, whether fewer threads handle more of them, and keeps to what
 * it finds until that changes. Threads block all signals but those of faults. An actor may resume
 * on another thread after each wait; thread-bound behaviors are refused.
 *
 * A plain thread that calls an idle actor here, without a deadline, runs that actor itself for this
 * one message: two threads would have to wake each other for it, which costs a hundred times as
 * much. So a handler may also run on threads that call. A handler that sends very much to others
 * lets them run now and then: a send in a handler is a point where it may resume on another thread.
 *
 * Handlers whose deadlines have passed become ready in the order of these; which of them goes on
 * first, and on which thread, is not settled. Messages of timers are sent in order: see timer.h.
 * All of these, and what other threads send, come late while every thread is kept busy: by the time
 * of some turns. A turn lasts for a fraction of a millisecond, or for two messages where these take
 * longer; once, for up to 65 of them, where an actor's messages were quick before, and for up to 9
 * where it is new. Turns of one slow message each that follow many quick ones may be 128 before
 * that is noticed. When one thread has nothing to do, it is 2 ms or so.
 *
 * Thread:  any
 * Return:  0, ACTOR_E_NOMEM, ACTOR_E_INVALID, ACTOR_E_SYSTEM when a thread cannot be started
 */
ACTOR_NODISCARD ACTOR_EXPORT int actor_pool_create(const struct actor_pool_options *options,
						   struct actor_executor **ret_executor);

ACTOR__END_C

#endif
