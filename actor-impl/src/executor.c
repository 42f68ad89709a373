/* SPDX-License-Identifier: MIT */

/* What all executors have in common: which mailboxes are there, which actors run, and how they come
 * to an end. */

#define _GNU_SOURCE /* util/lock.h */

#include "executor.h"

#include "actor.h"
#include "log.h"
#include "thread.h"
#include "util/lock.h"

#include <errno.h>
#include <stdio.h>
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
	actor__timers_init(&executor->timers, actor__executor_now(executor));
	actor__deadlocks_init(&executor->deadlocks);
	actor__starved_init(&executor->starved);
	actor__lock_init(&executor->lock);
	actor__cond_init_monotonic(&executor->quiet);
}

void actor__executor_deinit(struct actor_executor *executor)
{
	pthread_cond_destroy(&executor->quiet);
	pthread_mutex_destroy(&executor->lock);
	actor__timer_list_end(&executor->posting);
	actor__timers_deinit(&executor->timers);
}

void actor__executor_exit(struct actor_executor *executor, struct actor__actor *actor, bool gone)
{
	/* While others run, nobody takes the executor away; to be the last one takes the lock, and
	 * who waits has to get it after that. */
	if (actor__roster_exit(&executor->roster, actor, gone, false))
		return;
	pthread_mutex_lock(&executor->lock);
	actor__roster_exit(&executor->roster, actor, gone, true);
	if (actor__executor_quiet(executor)) /* not only this part */
		pthread_cond_broadcast(&executor->quiet);
	pthread_mutex_unlock(&executor->lock);
}

bool actor__executor_quiet(struct actor_executor *executor)
{
	return actor__roster_quiet(&executor->roster);
}

int64_t actor__executor_to_monotonic(struct actor_executor *executor, int64_t deadline_ns)
{
	int64_t left_ns, now_ns;

	if (deadline_ns == ACTOR_FOREVER || !executor->ops->now)
		return deadline_ns;
	if (actor__executor_passed(executor, deadline_ns))
		return 0;
	left_ns = deadline_ns - actor__executor_now(executor);
	now_ns = actor__now();
	return left_ns < ACTOR_FOREVER - now_ns ? now_ns + left_ns : ACTOR_FOREVER;
}

int actor__executor_wait_quiet(struct actor_executor *executor, int64_t deadline_ns)
{
	bool quiet;

	actor__burst_over(actor__thread());
	pthread_mutex_lock(&executor->lock);
	while (!(quiet = actor__executor_quiet(executor)) &&
	       !actor__executor_passed(executor, deadline_ns))
		actor__cond_wait_until(&executor->quiet, &executor->lock,
				       actor__executor_to_monotonic(executor, deadline_ns));
	pthread_mutex_unlock(&executor->lock);
	return quiet ? 0 : ACTOR_E_TIMEOUT;
}

struct actor_spawner *actor_executor_spawner(struct actor_executor *executor)
{
	return &executor->spawner;
}

int64_t actor_executor_now(struct actor_executor *executor)
{
	return actor__executor_now(executor);
}

struct actor_executor *actor_executor_of(struct actor_context *context)
{
	struct actor_spawner *spawner = actor_spawner(context);

	return spawner ? actor__spawner_executor(spawner) : NULL;
}

void actor_executor_close(struct actor_executor *executor)
{
	struct actor__task *starved = actor__starved_take_all(executor);
	struct actor__actor *actor = actor__roster_close(&executor->roster);

	while (actor) {
		struct actor__actor *next = actor->to_cancel;

		actor__mailbox_cancel(actor);
		actor__actor_release(actor);
		actor = next;
	}
	while (starved) { /* it keeps the executor, up to here */
		struct actor__task *next = starved->next;

		actor__actor_schedule(ACTOR_CONTAINER_OF(starved, struct actor__actor, task),
				      actor__thread(), ACTOR__SOON);
		starved = next;
	}
}

int actor_executor_join(struct actor_executor *executor, int64_t deadline_ns)
{
	if (!executor->ops->here(executor))
		return ACTOR_E_INVALID;
	return executor->ops->join(executor, deadline_ns);
}

/* What keeps an executor from being destroyed, and some of it by name. */
static int busy(struct actor_executor *executor, struct actor__roster_totals totals,
		size_t n_timers)
{
	struct actor__actor *some[16];
	const size_t most = sizeof some / sizeof some[0];
	size_t n = actor__roster_running(&executor->roster, NULL, some, most);
	char text[120];

	for (size_t i = 0; i < n && i < most; i++) {
		struct actor_info info = actor__actor_info(some[i]);

		actor__log_text(ACTOR_LOG_WARNING, &info, NULL,
				"runs on an executor that is to go");
		actor__actor_release(some[i]);
	}
	snprintf(
		text, sizeof text,
		"an executor that is to go has %zu actors, %zu mailboxes, %zu timers, %zu runtimes",
		totals.n_running, totals.n_mailboxes, n_timers,
		(size_t)atomic_load(&executor->n_runtimes));
	actor__log_text(ACTOR_LOG_WARNING, NULL, NULL, text);
	return ACTOR_E_BUSY;
}

int actor_executor_destroy(struct actor_executor *executor)
{
	struct actor__roster_totals totals;
	size_t n_timers;

	if (!executor)
		return 0;
	if (!executor->ops->here(executor))
		return ACTOR_E_INVALID;
	pthread_mutex_lock(&executor->lock);
	totals = actor__roster_totals(&executor->roster);
	pthread_mutex_unlock(&executor->lock);
	n_timers = actor__timer_list_n_owned(&executor->posting);
	if (totals.n_running > 0 || totals.n_mailboxes > 0 || n_timers > 0 ||
	    atomic_load(&executor->n_runtimes) > 0)
		return busy(executor, totals, n_timers);
	executor->ops->destroy(executor);
	return 0;
}
