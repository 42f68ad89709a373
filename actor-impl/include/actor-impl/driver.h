/* SPDX-License-Identifier: MIT */
#ifndef ACTOR_IMPL_DRIVER_H
#define ACTOR_IMPL_DRIVER_H

#include <actor-impl/executor.h>

ACTOR__BEGIN_C

/**
 * DOC: actors on a loop or on threads of your own
 *
 * A driver is told what is to be run, and runs it: on the thread of a loop, or on as many threads
 * as it likes. actor_driver_create() makes an executor of it, which has a spawner, is closed,
 * joined and destroyed like any other. tests/contract has what is expected of it, as tests that run
 * with any driver.
 *
 * Its duties: each task it was given is run once, by actor_task_run(), soon, and in some fair
 * order; and actor_driver_fire() is called when the time has come that it was last told.
 *
 * Its end: actor_executor_close(), run what is scheduled until actor_executor_join() returns 0,
 * actor_executor_destroy(). A loop that must end earlier runs no more, but abandons each task that
 * is left, and each that is scheduled then, by actor_task_abandon(). Of a driver that just stops,
 * actors never end: a join times out, and actor_executor_destroy() says ACTOR_E_BUSY and whom it
 * is for.
 */

struct actor_driver;

/**
 * struct actor_task - something to be run; memory of the library's
 * @next: the driver's to link it with others, from when it is scheduled until it is run
 */
struct actor_task {
	struct actor_task *next;
};

/**
 * struct actor_driver_ops - what a driver does
 *
 * None of these may wait, fail or call back into the library, but @step: they are called with locks
 * held, also from inside tasks that run, and from any thread unless it says otherwise. None is
 * called any more when actor_executor_destroy() returns 0.
 */
struct actor_driver_ops {
	size_t size;
	/* 1.0: required */
	/** @schedule: have a task run once; only while an actor runs here */
	void (*schedule)(struct actor_driver *driver, struct actor_task *task);
	/**
	 * @wake_at: have actor_driver_fire() called at a time, on @now's clock
	 *
	 * Each call replaces the one before. With @step, it is on the thread of the loop but where
	 * another thread sets or changes a timer: then it is enough to have actor_driver_fire()
	 * called on the thread of the loop soon, which tells again.
	 */
	void (*wake_at)(struct actor_driver *driver, int64_t deadline_ns);
	/* 1.0: optional */
	/**
	 * @step: run one task that is ready, if there is one; return whether there was
	 *
	 * Who has this says that the driver runs everything on one thread: the one that makes the
	 * executor. Thread-bound actors may live there; and while that thread waits through its
	 * actor_thread_context(), or joins, this is called again and again, and the thread sleeps
	 * when there is nothing to do. So it is also called from inside tasks. Default: tasks run
	 * on several threads.
	 */
	bool (*step)(struct actor_driver *driver);
	/** @now: nanoseconds, from 0 on, never less than before; default: the monotonic clock */
	int64_t (*now)(struct actor_driver *driver);
	/** @others_wait: a hint: whether the calling thread has other tasks to run, so that the one
	 * that runs should return soon; default: it has */
	bool (*others_wait)(struct actor_driver *driver);
	/**
	 * @destroy: the last call of all, by actor_executor_destroy(), on its thread
	 *
	 * When this returns, actor_driver_fire() is not being called any more, nor will be.
	 * Default: nothing, and it is not called any more when the executor is destroyed.
	 */
	void (*destroy)(struct actor_driver *driver);
};

/** struct actor_driver - embedded in yours */
struct actor_driver {
	const struct actor_driver_ops *ops;
};

/**
 * actor_driver_create() - an executor whose actors a driver runs
 * @driver:       the caller's, until &actor_driver_ops.destroy is called or, without that,
 *                actor_executor_destroy() has returned 0
 * @ret_executor: the caller's to destroy: with &actor_driver_ops.step on this thread, otherwise on
 *                any
 *
 * A thread has at most one executor that runs on it alone: see actor_local_create().
 *
 * Thread:  any but a handler or hook
 * Return:  0, ACTOR_E_NOMEM, ACTOR_E_BUSY when the thread has one, ACTOR_E_INVALID in a handler or
 *          when a required operation is missing, or @now says less than 0
 */
ACTOR_NODISCARD ACTOR_EXPORT int actor_driver_create(struct actor_driver *driver,
						     struct actor_executor **ret_executor);

/**
 * actor_driver_fire() - have those go on whose deadlines have passed
 * @executor: made by actor_driver_create()
 *
 * May be called early or in vain: a time that is still to come is told again, by
 * &actor_driver_ops.wake_at.
 *
 * Thread:  any, with no lock of the driver's held; with &actor_driver_ops.step, the one that made
 *          @executor
 */
ACTOR_EXPORT void actor_driver_fire(struct actor_executor *executor);

/**
 * actor_task_run() - run a task that was scheduled: an actor, for one turn
 * @task: not to be touched any more, unless it is scheduled again: it may be before this returns,
 *        and run by another thread then
 *
 * Turns are as long as those of a local executor: see actor_local_create().
 *
 * Always returns, on the same thread and stack: handlers that wait leave for stacks of their own.
 * A task that is run but was not scheduled is an error that is logged and ends the process.
 *
 * Thread:  one of the driver's, with no lock of its held; not from &actor_driver_ops.schedule
 */
ACTOR_EXPORT void actor_task_run(struct actor_task *task);

/**
 * actor_task_abandon() - do away with a task that was scheduled, because the loop ends
 * @task: as for actor_task_run()
 *
 * Its actor is cancelled, see actor_mailbox_cancel(), and ends: no message is handled any more. A
 * handler that waited is told ACTOR_E_CANCELLED, and runs until it returns. What the actor holds is
 * released by that, so that others may be scheduled.
 *
 * Thread:  as for actor_task_run()
 */
ACTOR_EXPORT void actor_task_abandon(struct actor_task *task);

ACTOR__END_C

#endif
