/* SPDX-License-Identifier: MIT */
#ifndef ACTOR__EXECUTOR_H
#define ACTOR__EXECUTOR_H

#include "context.h"
#include "deadlock.h"
#include "roster.h"
#include "starved.h"
#include "timer.h"
#include "timers.h"

#include <actor-impl/driver.h>
#include <actor-impl/executor.h>

struct actor__actor;
struct actor__thread;

/**
 * struct actor__task - something that an executor can run
 * @next: the executor's, while scheduled
 * @driven: the same, as a driver sees it
 * @run:  called once for each time it was scheduled, on the stack of one of the executor's threads
 */
struct actor__task {
	union {
		struct actor__task *next;
		struct actor_task driven;
	};
	void (*run)(struct actor__task *task);
};

/** enum actor__urgency - where a task belongs among the others */
enum actor__urgency {
	ACTOR__FIRST,  /* an actor begins a run */
	ACTOR__SOON,   /* it was just made ready: what it needs is in this core's cache */
	ACTOR__LATER,  /* it has had its turn */
	ACTOR__ALONE,  /* the same, with nobody else there: no thread need be woken for it */
	ACTOR__QUIETLY /* it has had a very short turn: nor here */
};

/**
 * struct actor__executor_ops - what kinds of executors do differently
 * @schedule: run @task soon; any lock held but the executor's own; never waits or fails. Only while
 *            an actor of this executor is running. @thread is the calling one, whichever that is
 * @offer:    the same, of a list of tasks that a thread has noted: see burst.c. NULL: it notes none
 * @others_wait: whether other tasks wait for the calling thread: a hint
 * @armed:    this thread, which may be none of the executor's own, has armed what is now the next
 *            timer; any lock held but the executor's own
 * @now:      its clock; NULL: actor__now()'s
 * @background: where time is virtual: timers for which it does not pass if there is nothing else to
 *            wait for. NULL: it passes by itself
 * @drive:    of an executor of one thread, which waits, and has reset its parker: run an actor, or
 *            sleep until one is ready, the thread is woken, or @deadline_ns; 0, or why the wait is
 *            in vain. NULL: nothing runs here while a thread waits
 * @join, @destroy: see actor_executor_join(), actor_executor_destroy(); only called where they may
 *            be, destroy only when nothing lives here
 * @here:     whether this thread may join and destroy it
 * @starved:  somebody waits for a stack: have threads look that sleep and have one. Whether threads
 *            other than this one are awake; NULL: there are none that either goes for
 */
struct actor__executor_ops {
	void (*schedule)(struct actor_executor *executor, struct actor__thread *thread,
			 struct actor__task *task, enum actor__urgency urgency);
	void (*offer)(struct actor_executor *executor, struct actor__task *first);
	bool (*others_wait)(struct actor_executor *executor, struct actor__thread *thread);
	void (*armed)(struct actor_executor *executor);
	bool (*here)(struct actor_executor *executor);
	bool (*starved)(struct actor_executor *executor);
	int64_t (*now)(struct actor_executor *executor);
	struct actor__timers *(*background)(struct actor_executor *executor);
	int (*drive)(struct actor_executor *executor, int64_t deadline_ns);
	int (*join)(struct actor_executor *executor, int64_t deadline_ns);
	void (*destroy)(struct actor_executor *executor);
};

/**
 * struct actor_executor - embedded first in each kind
 * @ops:         the kind's
 * @spawner:     makes its mailboxes
 * @one_thread:  everything here runs on one thread
 * @timers:      of the handlers that wait here, and of those that follow
 * @posting:     timers that deliver messages
 * @n_runtimes:  that are around it
 * @roster:      of the mailboxes that were made here and not given up, and of the runs
 * @deadlocks:   how those among its actors are found
 * @starved:     actors that wait for a stack to run on
 * @lock:        held when the last run of a part of the roster ends
 * @quiet:       signalled then
 */
struct actor_executor {
	const struct actor__executor_ops *ops;
	struct actor_spawner spawner;
	bool one_thread;
	struct actor__timers timers;
	struct actor__timer_list posting;
	atomic_size_t n_runtimes;
	struct actor__roster roster;
	struct actor__deadlocks deadlocks;
	struct actor__starved starved;
	pthread_mutex_t lock;
	pthread_cond_t quiet;
};

void actor__executor_init(struct actor_executor *executor, const struct actor__executor_ops *ops,
			  bool one_thread);
void actor__executor_deinit(struct actor_executor *executor);

/** actor__executor_exit() - a run is over, and the mailbox @gone, or not; after this the executor
 * may be gone, too */
void actor__executor_exit(struct actor_executor *executor, struct actor__actor *actor, bool gone);

/** actor__executor_quiet() - whether no actor runs here; with the lock held, if anybody else might
 * make it so */
bool actor__executor_quiet(struct actor_executor *executor);

/** actor__executor_wait_quiet() - block the thread until no actor runs here: 0, ACTOR_E_TIMEOUT */
int actor__executor_wait_quiet(struct actor_executor *executor, int64_t deadline_ns);

static inline bool actor__others_wait(struct actor_executor *executor, struct actor__thread *thread)
{
	return executor->ops->others_wait(executor, thread);
}

/** actor__executor_now() - nanoseconds on its clock, by which deadlines are measured there */
static inline int64_t actor__executor_now(struct actor_executor *executor)
{
	return executor->ops->now ? executor->ops->now(executor) : actor__now();
}

/** actor__executor_to_monotonic() - when a deadline there is, as far as can be told now, on the
 * clock by which threads sleep: actor__now()'s */
int64_t actor__executor_to_monotonic(struct actor_executor *executor, int64_t deadline_ns);

/** actor__executor_passed() - whether a deadline has passed there */
static inline bool actor__executor_passed(struct actor_executor *executor, int64_t deadline_ns)
{
	return deadline_ns != ACTOR_FOREVER &&
	       (deadline_ns == ACTOR_AT_ONCE || actor__executor_now(executor) >= deadline_ns);
}

/** actor__executor_due() - whether a timer is to be fired now */
static inline bool actor__executor_due(struct actor_executor *executor)
{
	return actor__executor_passed(executor, actor__timers_next(&executor->timers));
}

/** actor__executor_arm() - have a timer fire there */
static inline void actor__executor_arm(struct actor_executor *executor, struct actor__timer *timer,
				       int64_t deadline_ns)
{
	if (actor__timer_arm(&executor->timers, timer, deadline_ns))
		executor->ops->armed(executor);
}

/** actor__executor_fire() - tasks whose waits are over become ready, messages whose time has come
 * are sent: whether there was anything to do */
static inline bool actor__executor_fire(struct actor_executor *executor)
{
	bool due = actor__executor_due(executor);

	if (due)
		actor__timers_fire(&executor->timers, actor__executor_now(executor));
	return due;
}

/** actor__cond_init_monotonic() - a condition variable whose deadlines are actor__now()'s */
void actor__cond_init_monotonic(pthread_cond_t *condition);

/** actor__cond_wait_until() - false when the deadline has passed */
bool actor__cond_wait_until(pthread_cond_t *condition, pthread_mutex_t *lock, int64_t deadline_ns);

#endif
