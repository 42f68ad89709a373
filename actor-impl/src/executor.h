/* SPDX-License-Identifier: MIT */
#ifndef ACTOR__EXECUTOR_H
#define ACTOR__EXECUTOR_H

#include "timers.h"

#include <actor-impl/executor.h>

struct actor__actor;

/**
 * struct actor__task - something that an executor can run
 * @next: the executor's, while scheduled
 * @run:  called once for each time it was scheduled, on the stack of one of the executor's threads
 */
struct actor__task {
	struct actor__task *next;
	void (*run)(struct actor__task *task);
};

/** enum actor__urgency - where a task belongs among the others */
enum actor__urgency {
	ACTOR__FIRST,  /* an actor begins a run */
	ACTOR__SOON,   /* it was just made ready: what it needs is in this core's cache */
	ACTOR__LATER,  /* it has had its turn */
	ACTOR__QUIETLY /* the same, and it is not worth waking a thread for it */
};

/**
 * struct actor__executor_ops - what kinds of executors do differently
 * @schedule: run @task soon; any thread, any lock held but the executor's own; never waits or
 *            fails. Only while an actor of this executor is running
 * @others_wait: whether other tasks wait for this thread: a hint
 * @armed:    this thread, which may be none of the executor's own, has armed a timer
 * @join, @destroy: see actor_executor_join(), actor_executor_destroy(); only called where they may
 *            be, destroy only when nothing lives here
 * @here:     whether this thread may join and destroy it
 */
struct actor__executor_ops {
	void (*schedule)(struct actor_executor *executor, struct actor__task *task,
			 enum actor__urgency urgency);
	bool (*others_wait)(struct actor_executor *executor);
	void (*armed)(struct actor_executor *executor);
	bool (*here)(struct actor_executor *executor);
	int (*join)(struct actor_executor *executor, int64_t deadline_ns);
	void (*destroy)(struct actor_executor *executor);
};

/**
 * struct actor_executor - embedded first in each kind
 * @ops:         the kind's
 * @spawner:     makes its mailboxes
 * @one_thread:  everything here runs on one thread
 * @timers:      of the handlers that wait here
 * @lock:        for what follows
 * @quiet:       signalled when n_running becomes 0
 * @closed:      accepts no actor any more
 * @mailboxes:   those that were made here and not given up, a list
 * @n_mailboxes: how many
 * @n_running:   how many runs of actors there are; becomes 0 under the lock only
 */
struct actor_executor {
	const struct actor__executor_ops *ops;
	struct actor_spawner spawner;
	bool one_thread;
	struct actor__timers timers;
	pthread_mutex_t lock;
	pthread_cond_t quiet;
	bool closed;
	struct actor__actor *mailboxes;
	size_t n_mailboxes;
	atomic_size_t n_running;
};

void actor__executor_init(struct actor_executor *executor, const struct actor__executor_ops *ops,
			  bool one_thread);
void actor__executor_deinit(struct actor_executor *executor);

/** actor__executor_enter() - an actor begins a run */
void actor__executor_enter(struct actor_executor *executor, struct actor__actor *actor);

/** actor__executor_exit() - its run is over; after this the executor may be gone */
void actor__executor_exit(struct actor_executor *executor, struct actor__actor *actor);

/** actor__executor_add() - a mailbox has been made here: 0, ACTOR_E_CLOSED */
int actor__executor_add(struct actor_executor *executor, struct actor__actor *actor);

/** actor__executor_remove() - it has been given up */
void actor__executor_remove(struct actor_executor *executor, struct actor__actor *actor);

/** actor__executor_quiet() - whether no actor runs here */
bool actor__executor_quiet(struct actor_executor *executor);

static inline void actor__schedule(struct actor_executor *executor, struct actor__task *task,
				   enum actor__urgency urgency)
{
	executor->ops->schedule(executor, task, urgency);
}

static inline bool actor__others_wait(struct actor_executor *executor)
{
	return executor->ops->others_wait(executor);
}

/** actor__cond_init_monotonic() - a condition variable whose deadlines are actor__now()'s */
void actor__cond_init_monotonic(pthread_cond_t *condition);

/** actor__cond_wait_until() - false when the deadline has passed */
bool actor__cond_wait_until(pthread_cond_t *condition, pthread_mutex_t *lock, int64_t deadline_ns);

#endif
