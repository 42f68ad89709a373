/* SPDX-License-Identifier: MIT */

/*
 * Executors that are driven by somebody else's loop or threads.
 *
 * Whatever calls the driver's schedule() is counted until that has returned, since a task that can
 * be taken may be the last one, and end the executor: destroying it waits for those who are not out
 * yet. What is used after schedule() has been read before.
 *
 * A driver with a step() is the executor of one thread, as a local executor is: while that thread
 * waits in its own context, it runs steps, and sleeps on the parker of that context when there are
 * none; whoever schedules from another thread wakes it after the task is with the driver.
 *
 * The driver is told the earliest deadline only, under a lock of its own, so that what it is told
 * last is what counts: who arms a timer tells after arming, who fires looks again after firing.
 */

#include <actor-impl/driver.h>

#include "actor.h"
#include "log.h"
#include "thread-context.h"
#include "thread.h"
#include "util/memory.h"

#include <stdlib.h>
#include <time.h>

struct driven {
	struct actor_executor executor;
	struct actor_driver *driver;
	struct actor__thread *home; /* the one thread; or NULL */
	struct actor__thread_context *context;
	pthread_mutex_t lock;
	int64_t told_ns; /* with the lock: the driver knows of this deadline */
	bool ended;	 /* with the lock: it is told nothing any more */
	atomic_size_t n_scheduling;
};

static struct driven *driven_of(struct actor_executor *executor)
{
	return ACTOR_CONTAINER_OF(executor, struct driven, executor);
}

static struct actor__task *task_of(struct actor_task *task)
{
	return ACTOR_CONTAINER_OF(task, struct actor__task, driven);
}

#define HAS(driver, op) ACTOR_OPS_HAS((driver)->ops, struct actor_driver_ops, op)

static void was_run(struct actor__task *task)
{
	(void)task;
	actor__log_text(ACTOR_LOG_ERROR, NULL, NULL,
			"a driver must run a task once for each time it was scheduled");
	abort();
}

/* From here on it may be scheduled again. */
static void run_once(struct actor__task *task)
{
	task->run = was_run;
	actor__actor_run(task);
}

static void driven_schedule(struct actor_executor *executor, struct actor__thread *thread,
			    struct actor__task *task, enum actor__urgency urgency)
{
	struct driven *driven = driven_of(executor);
	struct actor_driver *driver = driven->driver;
	struct actor__parker *parker = driven->home ? actor__thread_context_parker(driven->context)
						    : NULL;

	(void)urgency;
	task->run = run_once;
	if (thread == driven->home) { /* nobody else ends it */
		driver->ops->schedule(driver, &task->driven);
		return;
	}
	atomic_fetch_add_explicit(&driven->n_scheduling, 1, memory_order_relaxed);
	driver->ops->schedule(driver, &task->driven);
	/* Release: whoever sees that nobody is in there any more may free it. */
	atomic_fetch_sub_explicit(&driven->n_scheduling, 1, memory_order_release);
	if (parker) /* never given back: see parker.h */
		actor__wake(parker);
}

static bool driven_others_wait(struct actor_executor *executor, struct actor__thread *thread)
{
	struct actor_driver *driver = driven_of(executor)->driver;

	(void)thread;
	return !HAS(driver, others_wait) || driver->ops->others_wait(driver) ||
	       actor__executor_due(executor);
}

static int64_t driven_now(struct actor_executor *executor)
{
	struct actor_driver *driver = driven_of(executor)->driver;

	return HAS(driver, now) ? driver->ops->now(driver) : actor__now();
}

static void driven_armed(struct actor_executor *executor)
{
	struct driven *driven = driven_of(executor);
	int64_t next_ns;

	pthread_mutex_lock(&driven->lock);
	next_ns = actor__timers_next(&executor->timers);
	if (!driven->ended && next_ns < driven->told_ns) {
		driven->told_ns = next_ns;
		driven->driver->ops->wake_at(driven->driver, next_ns);
	}
	pthread_mutex_unlock(&driven->lock);
	if (driven->home && driven->home != actor__thread()) /* it may be asleep */
		actor__wake(actor__thread_context_parker(driven->context));
}

void actor_driver_fire(struct actor_executor *executor)
{
	struct driven *driven = driven_of(executor);

	pthread_mutex_lock(&driven->lock);
	driven->told_ns = ACTOR_FOREVER;
	pthread_mutex_unlock(&driven->lock);
	actor__executor_fire(executor);
	driven_armed(executor);
}

void actor_task_run(struct actor_task *task)
{
	struct actor__thread *thread = actor__thread();
	struct actor__task *(*next)(struct actor__thread * thread) = thread->next;
	unsigned patience = thread->patience;
	unsigned until_look = thread->until_look, looks_every = thread->looks_every;

	actor__burst_over(thread);
	/* On whatever stack this is, of whatever thread: a pool's, too, whose loop is not to be
	 * entered from here. */
	thread->next = NULL;
	thread->patience = ACTOR__PATIENCE;
	actor__deadlocks_look_every(thread, 1); /* nobody tells when the driver has nothing to do */
	actor__thread_run(thread, task_of(task));
	thread->until_look = until_look;
	thread->looks_every = looks_every;
	thread->patience = patience;
	thread->next = next;
}

void actor_task_abandon(struct actor_task *task)
{
	actor__mailbox_cancel(ACTOR_CONTAINER_OF(task_of(task), struct actor__actor, task));
	actor_task_run(task);
}

/* ---- the thread that a driver with a step() is for ---- */

static int driven_drive(struct actor_executor *executor, int64_t deadline_ns)
{
	struct driven *driven = driven_of(executor);
	int64_t next_ns;

	/* The caller has reset the parker: a wake since then keeps us from sleeping. */
	if (actor__executor_due(executor))
		actor_driver_fire(executor);
	if (driven->driver->ops->step(driven->driver))
		return 0;
	next_ns = actor__timers_next(&executor->timers);
	if (deadline_ns < next_ns)
		next_ns = deadline_ns;
	actor__thread_context_sleep(driven->context,
				    actor__executor_to_monotonic(executor, next_ns));
	return 0;
}

static bool driven_here(struct actor_executor *executor)
{
	const struct actor__thread *thread = actor__thread(), *home = driven_of(executor)->home;

	return !thread->fiber && !thread->busy && (!home || home == thread);
}

static int join_by_steps(struct driven *driven, int64_t deadline_ns)
{
	struct actor_executor *executor = &driven->executor;

	while (!actor__executor_quiet(executor)) {
		actor__park_reset(actor__thread_context_parker(driven->context));
		if (actor__executor_passed(executor, deadline_ns))
			return ACTOR_E_TIMEOUT;
		driven_drive(executor, deadline_ns);
	}
	return 0;
}

static int driven_join(struct actor_executor *executor, int64_t deadline_ns)
{
	struct driven *driven = driven_of(executor);

	return driven->home ? join_by_steps(driven, deadline_ns)
			    : actor__executor_wait_quiet(executor, deadline_ns);
}

/* ---- the end ---- */

static void wait_for_schedulers(struct driven *driven)
{
	const struct timespec moment = { 0, 20000 };

	/* Acquire: what they did comes before what follows. */
	while (atomic_load_explicit(&driven->n_scheduling, memory_order_acquire) > 0)
		nanosleep(&moment, NULL);
}

static void driven_destroy(struct actor_executor *executor)
{
	struct driven *driven = driven_of(executor);
	struct actor_driver *driver = driven->driver;

	wait_for_schedulers(driven);
	if (driven->home)
		actor__thread_set_local(driven->home, NULL);
	/* What is still in line for room may be armed until the timers are gone. */
	pthread_mutex_lock(&driven->lock);
	driven->ended = true;
	pthread_mutex_unlock(&driven->lock);
	/* First, since it may be firing timers, in vain, until that returns. */
	if (HAS(driver, destroy))
		driver->ops->destroy(driver);
	actor__executor_deinit(executor);
	pthread_mutex_destroy(&driven->lock);
	free(driven);
}

static const struct actor__executor_ops driven_ops = {
	.schedule = driven_schedule,
	.others_wait = driven_others_wait,
	.armed = driven_armed,
	.here = driven_here,
	.now = driven_now,
	.drive = driven_drive,
	.join = driven_join,
	.destroy = driven_destroy,
};

/* What is required is there, and this thread may have an executor of its own. */
static int check(struct actor_driver *driver, const struct actor__thread *thread)
{
	if (thread->fiber || thread->busy || !driver || !HAS(driver, schedule) ||
	    !HAS(driver, wake_at) || (HAS(driver, now) && driver->ops->now(driver) < 0))
		return ACTOR_E_INVALID;
	if (!HAS(driver, step))
		return 0;
	if (thread->worker)
		return ACTOR_E_INVALID;
	return thread->local ? ACTOR_E_BUSY : 0;
}

int actor_driver_create(struct actor_driver *driver, struct actor_executor **ret_executor)
{
	struct actor__thread *thread = actor__thread();
	struct driven *driven;
	int rc = check(driver, thread);

	if (rc < 0)
		return rc;
	driven = actor__memory_alloc(sizeof *driven);
	if (!driven || (HAS(driver, step) && !actor__thread_context_get(thread))) {
		free(driven);
		return ACTOR_E_NOMEM;
	}
	driven->driver = driver;
	driven->told_ns = ACTOR_FOREVER;
	pthread_mutex_init(&driven->lock, NULL);
	actor__executor_init(&driven->executor, &driven_ops, HAS(driver, step));
	if (HAS(driver, step)) {
		driven->home = thread;
		driven->context = thread->context;
		actor__thread_set_local(thread, &driven->executor);
		actor__deadlocks_look_every(thread, 1);
	}
	*ret_executor = &driven->executor;
	return 0;
}
