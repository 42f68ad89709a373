/* SPDX-License-Identifier: MIT */
#ifndef ACTOR_IMPL_LOCAL_H
#define ACTOR_IMPL_LOCAL_H

#include <actor-impl/executor.h>

ACTOR__BEGIN_C

/**
 * actor_local_create() - an executor that runs its actors on the thread that made it
 * @ret_executor: the caller's to destroy, on the same thread
 *
 * Actors run while that thread is in one of the functions below, in actor_executor_join(), or
 * waits through its actor_thread_context(): so main() can call an actor and get the answer. Other
 * threads may send to and call these actors. While that thread does none of these, room in a
 * mailbox that is granted to an actor or a timer from here is held, and keeps others waiting: a
 * program that is done with them cancels or destroys them. A thread has at most one local executor
 * at a time. Handlers whose deadlines have passed go on in the order of these, and where they are
 * equal, in the order in which they began to wait.
 *
 * Deadlines, and what other threads have sent, are looked at after each actor's turn. That lasts
 * for a fraction of a millisecond, or for two messages where these take longer; once, for up to 65
 * of them, where the actor's messages were quick before, and for up to 9 where it is new.
 *
 * Thread:  any but a handler or hook
 * Return:  0, ACTOR_E_NOMEM, ACTOR_E_BUSY when the thread has one, ACTOR_E_INVALID in a handler
 */
ACTOR_NODISCARD ACTOR_EXPORT int actor_local_create(struct actor_executor **ret_executor);

/**
 * actor_local_step() - run one actor, if one is ready, for one turn: see actor_local_create()
 * @executor: made by actor_local_create() on this thread
 *
 * Thread:  the one that made @executor, outside handlers
 * Return:  1 if one ran, 0 if none was ready, ACTOR_E_INVALID on the wrong thread
 */
ACTOR_EXPORT int actor_local_step(struct actor_executor *executor);

/**
 * actor_local_run() - run until no actor is ready
 * @executor: made by actor_local_create() on this thread
 *
 * Actors that wait, for an answer or a deadline, are not waited for.
 *
 * Thread:  the one that made @executor, outside handlers
 * Return:  0, ACTOR_E_INVALID on the wrong thread
 */
ACTOR_EXPORT int actor_local_run(struct actor_executor *executor);

/**
 * actor_local_run_until() - run until a condition holds
 * @executor:    made by actor_local_create() on this thread
 * @done:        asked before each step; what it depends on is changed by actors that run here
 * @user:        for it
 * @deadline_ns: absolute; sleeps while no actor is ready
 *
 * Thread:  the one that made @executor, outside handlers
 * Return:  0 when @done returned true, ACTOR_E_TIMEOUT, ACTOR_E_INVALID on the wrong thread
 */
ACTOR_NODISCARD ACTOR_EXPORT int actor_local_run_until(struct actor_executor *executor,
						       bool (*done)(void *user), void *user,
						       int64_t deadline_ns);

/**
 * DOC: inside a loop of the program's own
 *
 * A thread that waits for events by poll(2) or the like has its local executor wait there, too: the
 * descriptor is one of those it waits for, actor_local_next_timeout_ns() says how long it may, and
 * whatever ended the wait, actor_local_run_once() runs what is ready.
 */

/**
 * actor_local_get_fd() - what becomes readable when another thread makes an actor ready here, or
 * sets a timer
 * @executor: made by actor_local_create() on this thread
 *
 * To be waited for, and not to be read or closed: actor_local_run_once(), and whatever else runs
 * actors here, makes it unreadable again. It is made at the first call. Of answers to what this
 * thread itself has called without waiting it does not tell: actor_ask() has them handled.
 *
 * Thread:  the one that made @executor, outside handlers
 * Return:  the descriptor, borrowed until @executor is destroyed; ACTOR_E_INVALID on the wrong
 *          thread, ACTOR_E_SYSTEM when there are no more descriptors, or never any on this system
 */
ACTOR_NODISCARD ACTOR_EXPORT int actor_local_get_fd(struct actor_executor *executor);

/**
 * actor_local_next_timeout_ns() - how long this thread may wait for what is not an actor's
 * @executor: made by actor_local_create() on this thread
 *
 * Thread:  the one that made @executor, outside handlers
 * Return:  nanoseconds from now; 0 when an actor is ready, ACTOR_FOREVER when none waits for a
 *          time; ACTOR_E_INVALID on the wrong thread
 */
ACTOR_NODISCARD ACTOR_EXPORT int64_t actor_local_next_timeout_ns(struct actor_executor *executor);

/**
 * actor_local_run_once() - run the actors that are ready now, each for one turn
 * @executor: made by actor_local_create() on this thread
 *
 * What becomes ready meanwhile is left for the next time.
 *
 * Thread:  the one that made @executor, outside handlers
 * Return:  how many ran, ACTOR_E_INVALID on the wrong thread
 */
ACTOR_EXPORT int actor_local_run_once(struct actor_executor *executor);

ACTOR__END_C

#endif
