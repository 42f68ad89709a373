/* SPDX-License-Identifier: MIT */

/*
 * The local executor: everything runs on the thread that made it, while that thread lets it.
 *
 * What is scheduled on that thread goes to a list of its own, what comes from other threads goes
 * through a list under a lock. The thread sleeps on the parker of its plain context, whether it
 * waits for an answer or for work: one sleep, two reasons to wake, and both are looked at after it.
 *
 * Once somebody has asked for the descriptor, it is readable as long as `any_foreign` says that
 * there is something of other threads' to look at, in that second list or among the timers: changed
 * with that, under the lock.
 */

#include "context.h"
#include "executor.h"
#include "thread-context.h"
#include "thread.h"
#include "util/event.h"
#include "util/memory.h"

#include <actor-impl/local.h>
#include <limits.h>
#include <stdlib.h>

struct task_list {
	struct actor__task *first;
	struct actor__task **end;
};

struct local {
	struct actor_executor executor;
	struct actor__thread *thread;
	struct actor__thread_context *context;
	struct task_list ready;
	pthread_mutex_t lock;
	struct task_list foreign; /* scheduled by other threads */
	int fd;			  /* readable when any_foreign is set; -1: not asked for */
	atomic_bool any_foreign;  /* there are some, or one of those threads has armed a timer */
};

static struct local *local_of(struct actor_executor *executor)
{
	return ACTOR_CONTAINER_OF(executor, struct local, executor);
}

static void list_init(struct task_list *list)
{
	list->first = NULL;
	list->end = &list->first;
}

static void list_append(struct task_list *list, struct actor__task *task)
{
	task->next = NULL;
	*list->end = task;
	list->end = &task->next;
}

static struct actor__task *list_take(struct task_list *list)
{
	struct actor__task *task = list->first;

	if (task) {
		list->first = task->next;
		if (!list->first)
			list->end = &list->first;
	}
	return task;
}

/* Another thread has left something. With the lock: once that can be taken, it can end the
 * executor. */
static void announce(struct local *local)
{
	if (ACTOR__RARELY(local->fd >= 0 &&
			  !atomic_load_explicit(&local->any_foreign, memory_order_relaxed)))
		actor__event_set(local->fd);
	atomic_store_explicit(&local->any_foreign, true, memory_order_relaxed);
	actor__wake(actor__thread_context_parker(local->context));
}

static void local_schedule(struct actor_executor *executor, struct actor__thread *thread,
			   struct actor__task *task, enum actor__urgency urgency)
{
	struct local *local = local_of(executor);

	(void)urgency;
	if (thread == local->thread) {
		list_append(&local->ready, task);
		return;
	}
	pthread_mutex_lock(&local->lock);
	list_append(&local->foreign, task);
	announce(local);
	pthread_mutex_unlock(&local->lock);
}

static bool local_others_wait(struct actor_executor *executor, struct actor__thread *thread)
{
	struct local *local = local_of(executor);

	(void)thread;
	return local->ready.first ||
	       atomic_load_explicit(&local->any_foreign, memory_order_relaxed) ||
	       actor__executor_due(executor);
}

static void local_armed(struct actor_executor *executor)
{
	struct local *local = local_of(executor);

	/* It looks at the timers before it sleeps. */
	if (actor__thread() == local->thread)
		return;
	pthread_mutex_lock(&local->lock);
	announce(local);
	pthread_mutex_unlock(&local->lock);
}

static void take_foreign(struct local *local)
{
	/* Relaxed: a look; whoever sets it wakes the thread afterwards. */
	if (!atomic_load_explicit(&local->any_foreign, memory_order_relaxed))
		return;
	pthread_mutex_lock(&local->lock);
	if (local->foreign.first) {
		*local->ready.end = local->foreign.first;
		local->ready.end = local->foreign.end;
		list_init(&local->foreign);
	}
	if (local->fd >= 0)
		actor__event_clear(local->fd);
	atomic_store_explicit(&local->any_foreign, false, memory_order_relaxed);
	pthread_mutex_unlock(&local->lock);
}

/* What a step has done. */
enum done { NOTHING, FIRED, RAN };

/* Somebody who waits for a stack, if nobody is ready who needs none. */
static ACTOR__OUT_OF_LINE bool run_starved(struct local *local)
{
	struct actor__task *task = actor__starved_take(&local->executor, local->thread);

	if (task)
		actor__thread_run(local->thread, task);
	return task;
}

ACTOR__INLINE enum done step(struct local *local)
{
	struct actor__task *task;
	bool fired;

	take_foreign(local);
	fired = actor__executor_fire(&local->executor);
	task = list_take(&local->ready);
	if (task)
		actor__thread_run(local->thread, task);
	else if (!run_starved(local))
		return fired ? FIRED : NOTHING;
	return RAN;
}

static void sleep_until(struct local *local, int64_t deadline_ns)
{
	int64_t next;

	actor__deadlocks_expect(local->thread, &local->executor);
	next = actor__timers_next(&local->executor.timers);
	actor__thread_context_sleep(local->context, next < deadline_ns ? next : deadline_ns);
}

static int local_drive(struct actor_executor *executor, int64_t deadline_ns)
{
	struct local *local = local_of(executor);

	/* The caller has reset the parker: a wake since then keeps us from sleeping. */
	if (step(local) == NOTHING)
		sleep_until(local, deadline_ns);
	return 0;
}

static bool local_here(struct actor_executor *executor)
{
	struct actor__thread *thread = actor__thread();

	return thread == local_of(executor)->thread && !thread->fiber && !thread->busy;
}

/* Whether the caller may run it. Not at each turn, of which each ends the bursts that it begins. */
static bool enter(struct actor_executor *executor)
{
	bool may = local_here(executor);

	if (may)
		actor__burst_over(local_of(executor)->thread);
	return may;
}

int actor_local_step(struct actor_executor *executor)
{
	return enter(executor) ? step(local_of(executor)) == RAN : ACTOR_E_INVALID;
}

int actor_local_run(struct actor_executor *executor)
{
	if (!enter(executor))
		return ACTOR_E_INVALID;
	while (step(local_of(executor)) != NOTHING)
		;
	actor__deadlocks_expect(local_of(executor)->thread, executor);
	return 0;
}

int actor_local_run_until(struct actor_executor *executor, bool (*done)(void *user), void *user,
			  int64_t deadline_ns)
{
	struct local *local = local_of(executor);

	if (!enter(executor))
		return ACTOR_E_INVALID;
	while (!done(user)) {
		actor__park_reset(actor__thread_context_parker(local->context));
		if (actor__executor_passed(executor, deadline_ns))
			return ACTOR_E_TIMEOUT;
		if (step(local) == NOTHING)
			sleep_until(local, deadline_ns);
	}
	return 0;
}

int actor_local_get_fd(struct actor_executor *executor)
{
	struct local *local = local_of(executor);

	if (!local_here(executor))
		return ACTOR_E_INVALID;
	if (local->fd >= 0)
		return local->fd;
	pthread_mutex_lock(&local->lock);
	local->fd = actor__event_open();
	if (local->fd >= 0 && atomic_load_explicit(&local->any_foreign, memory_order_relaxed))
		actor__event_set(local->fd);
	pthread_mutex_unlock(&local->lock);
	return local->fd >= 0 ? local->fd : ACTOR_E_SYSTEM;
}

int64_t actor_local_next_timeout_ns(struct actor_executor *executor)
{
	struct local *local = local_of(executor);
	int64_t next_ns, now_ns;

	if (!local_here(executor))
		return ACTOR_E_INVALID;
	take_foreign(local);
	actor__deadlocks_expect(local->thread, executor);
	next_ns = actor__timers_next(&executor->timers);
	if (local->ready.first || actor__starved_waits(executor, local->thread))
		return 0;
	if (next_ns == ACTOR_FOREVER)
		return ACTOR_FOREVER;
	now_ns = actor__executor_now(executor);
	return next_ns > now_ns ? next_ns - now_ns : 0;
}

/* So many steps, whatever becomes ready meanwhile. */
static size_t n_ready(struct local *local)
{
	size_t n;

	take_foreign(local);
	actor__executor_fire(&local->executor);
	n = actor__starved_waits(&local->executor, local->thread);
	for (const struct actor__task *task = local->ready.first; task; task = task->next)
		n++;
	return n;
}

int actor_local_run_once(struct actor_executor *executor)
{
	struct local *local = local_of(executor);
	size_t n;
	int n_run = 0;

	if (!enter(executor))
		return ACTOR_E_INVALID;
	for (n = n_ready(local); n > 0 && n_run < INT_MAX && step(local); n--)
		n_run++;
	return n_run;
}

static bool is_quiet(void *executor)
{
	return actor__executor_quiet(executor);
}

static int local_join(struct actor_executor *executor, int64_t deadline_ns)
{
	return actor_local_run_until(executor, is_quiet, executor, deadline_ns);
}

static void local_destroy(struct actor_executor *executor)
{
	struct local *local = local_of(executor);

	actor__thread_set_local(local->thread, NULL);
	actor__executor_deinit(executor);
	/* Whoever scheduled the last task may not have left the lock yet. */
	pthread_mutex_lock(&local->lock);
	pthread_mutex_unlock(&local->lock);
	pthread_mutex_destroy(&local->lock);
	if (local->fd >= 0)
		actor__event_close(local->fd);
	free(local);
}

static const struct actor__executor_ops local_ops = {
	.schedule = local_schedule,
	.others_wait = local_others_wait,
	.armed = local_armed,
	.here = local_here,
	.drive = local_drive,
	.join = local_join,
	.destroy = local_destroy,
};

int actor_local_create(struct actor_executor **ret_executor)
{
	struct actor__thread *thread = actor__thread();
	struct local *local;

	if (thread->fiber || thread->busy || thread->worker)
		return ACTOR_E_INVALID;
	if (thread->local)
		return ACTOR_E_BUSY;
	local = actor__memory_alloc(sizeof *local);
	if (!local || !actor__thread_context_get(thread)) {
		free(local);
		return ACTOR_E_NOMEM;
	}
	local->thread = thread;
	local->context = thread->context;
	local->fd = -1;
	list_init(&local->ready);
	list_init(&local->foreign);
	pthread_mutex_init(&local->lock, NULL);
	actor__executor_init(&local->executor, &local_ops, true);
	actor__thread_set_local(thread, &local->executor);
	*ret_executor = &local->executor;
	return 0;
}
