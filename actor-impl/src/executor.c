/* SPDX-License-Identifier: MIT */

/* What all executors have in common: which mailboxes are there, which actors run, and how they come
 * to an end. */

#define _GNU_SOURCE /* util/lock.h */

#include "executor.h"

#include "actor.h"
#include "log.h"
#include "util/lock.h"

#include <errno.h>
#include <time.h>

void actor__cond_init_monotonic(pthread_cond_t *condition)
{
	pthread_condattr_t monotonic;

	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(condition, &monotonic);
	pthread_condattr_destroy(&monotonic);
}

bool actor__cond_wait_until(pthread_cond_t *condition, pthread_mutex_t *lock, int64_t deadline_ns)
{
	struct timespec until = { deadline_ns / 1000000000, deadline_ns % 1000000000 };

	if (deadline_ns == ACTOR_FOREVER) {
		pthread_cond_wait(condition, lock);
		return true;
	}
	if (deadline_ns < 0)
		return false;
	return pthread_cond_timedwait(condition, lock, &until) != ETIMEDOUT;
}

void actor__executor_init(struct actor_executor *executor, const struct actor__executor_ops *ops,
			  bool one_thread)
{
	executor->ops = ops;
	executor->spawner.ops = &actor__spawner_ops;
	executor->one_thread = one_thread;
	actor__timers_init(&executor->timers);
	actor__lock_init(&executor->lock);
	actor__cond_init_monotonic(&executor->quiet);
}

void actor__executor_deinit(struct actor_executor *executor)
{
	pthread_cond_destroy(&executor->quiet);
	pthread_mutex_destroy(&executor->lock);
	actor__timers_deinit(&executor->timers);
}

void actor__executor_enter(struct actor_executor *executor, struct actor__actor *actor)
{
	/* Relaxed: whoever waits for the end of this run has seen its beginning otherwise. */
	atomic_fetch_add_explicit(&actor->n_runs, 1, memory_order_relaxed);
	atomic_fetch_add_explicit(&executor->n_running, 1, memory_order_relaxed);
}

void actor__executor_exit(struct actor_executor *executor, struct actor__actor *actor)
{
	size_t n = atomic_load_explicit(&executor->n_running, memory_order_relaxed);

	atomic_fetch_sub_explicit(&actor->n_runs, 1, memory_order_relaxed);
	/* Release: what was done here comes before whoever sees the executor quiet, maybe by way of
	 * the last one's look. While others run, nobody takes it away; to be the last one takes the
	 * lock, and who waits has to get it after that. */
	while (n > 1)
		if (atomic_compare_exchange_weak_explicit(&executor->n_running, &n, n - 1,
							  memory_order_acq_rel,
							  memory_order_relaxed))
			return;
	pthread_mutex_lock(&executor->lock);
	if (atomic_fetch_sub_explicit(&executor->n_running, 1, memory_order_acq_rel) == 1)
		pthread_cond_broadcast(&executor->quiet);
	pthread_mutex_unlock(&executor->lock);
}

int actor__executor_add(struct actor_executor *executor, struct actor__actor *actor)
{
	int rc = 0;

	pthread_mutex_lock(&executor->lock);
	if (executor->closed) {
		rc = ACTOR_E_CLOSED;
	} else {
		actor->next = executor->mailboxes;
		if (actor->next)
			actor->next->previous = actor;
		executor->mailboxes = actor;
		executor->n_mailboxes++;
	}
	pthread_mutex_unlock(&executor->lock);
	return rc;
}

void actor__executor_remove(struct actor_executor *executor, struct actor__actor *actor)
{
	pthread_mutex_lock(&executor->lock);
	*(actor->previous ? &actor->previous->next : &executor->mailboxes) = actor->next;
	if (actor->next)
		actor->next->previous = actor->previous;
	executor->n_mailboxes--;
	pthread_mutex_unlock(&executor->lock);
}

bool actor__executor_quiet(struct actor_executor *executor)
{
	bool quiet;

	pthread_mutex_lock(&executor->lock);
	quiet = atomic_load(&executor->n_running) == 0;
	pthread_mutex_unlock(&executor->lock);
	return quiet;
}

struct actor_spawner *actor_executor_spawner(struct actor_executor *executor)
{
	return &executor->spawner;
}

/* Refuse whatever is new, and return what there is, held and linked by to_cancel: once. */
static struct actor__actor *close_and_hold_all(struct actor_executor *executor)
{
	struct actor__actor *first = NULL;

	pthread_mutex_lock(&executor->lock);
	if (!executor->closed) {
		for (struct actor__actor *actor = executor->mailboxes; actor; actor = actor->next) {
			actor__actor_hold(actor);
			actor->to_cancel = first;
			first = actor;
		}
	}
	executor->closed = true;
	pthread_mutex_unlock(&executor->lock);
	return first;
}

void actor_executor_close(struct actor_executor *executor)
{
	struct actor__actor *actor = close_and_hold_all(executor);

	/* Without the lock: cancelling drops messages and answers calls. */
	while (actor) {
		struct actor__actor *next = actor->to_cancel;

		actor__mailbox_cancel(actor);
		actor__actor_release(actor);
		actor = next;
	}
}

int actor_executor_join(struct actor_executor *executor, int64_t deadline_ns)
{
	if (!executor->ops->here(executor))
		return ACTOR_E_INVALID;
	return executor->ops->join(executor, deadline_ns);
}

/* What keeps an executor from being destroyed, by name. */
static int busy(struct actor_executor *executor)
{
	char text[80];

	for (struct actor__actor *actor = executor->mailboxes; actor; actor = actor->next) {
		struct actor_info info = actor__actor_info(actor);

		if (atomic_load(&actor->n_runs) == 0)
			continue;
		actor__log_text(ACTOR_LOG_WARNING, &info, NULL,
				"runs on an executor that is to go");
	}
	snprintf(text, sizeof text, "an executor that is to go has %zu actors, %zu mailboxes",
		 atomic_load(&executor->n_running), executor->n_mailboxes);
	actor__log_text(ACTOR_LOG_WARNING, NULL, NULL, text);
	return ACTOR_E_BUSY;
}

int actor_executor_destroy(struct actor_executor *executor)
{
	int rc = 0;

	if (!executor)
		return 0;
	if (!executor->ops->here(executor))
		return ACTOR_E_INVALID;
	pthread_mutex_lock(&executor->lock);
	if (atomic_load(&executor->n_running) > 0 || executor->n_mailboxes > 0)
		rc = busy(executor);
	pthread_mutex_unlock(&executor->lock);
	if (rc == 0)
		executor->ops->destroy(executor);
	return rc;
}
