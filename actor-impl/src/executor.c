/* SPDX-License-Identifier: MIT */

/* What all executors have in common: which actors run there, and how they come to an end. */

#include "executor.h"

#include "actor.h"
#include "log.h"

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
	pthread_mutex_init(&executor->lock, NULL);
	actor__cond_init_monotonic(&executor->quiet);
}

void actor__executor_deinit(struct actor_executor *executor)
{
	pthread_cond_destroy(&executor->quiet);
	pthread_mutex_destroy(&executor->lock);
	actor__timers_deinit(&executor->timers);
}

int actor__executor_enter(struct actor_executor *executor, struct actor__actor *actor)
{
	int rc = 0;

	pthread_mutex_lock(&executor->lock);
	if (executor->closed) {
		rc = ACTOR_E_CLOSED;
	} else if (actor->n_runs++ == 0) {
		actor->run_previous = NULL;
		actor->run_next = executor->running;
		if (executor->running)
			executor->running->run_previous = actor;
		executor->running = actor;
		executor->n_running++;
	}
	pthread_mutex_unlock(&executor->lock);
	return rc;
}

void actor__executor_exit(struct actor_executor *executor, struct actor__actor *actor)
{
	pthread_mutex_lock(&executor->lock);
	if (--actor->n_runs == 0) {
		*(actor->run_previous ? &actor->run_previous->run_next
				      : &executor->running) = actor->run_next;
		if (actor->run_next)
			actor->run_next->run_previous = actor->run_previous;
		if (--executor->n_running == 0)
			pthread_cond_broadcast(&executor->quiet);
	}
	pthread_mutex_unlock(&executor->lock);
}

int actor__executor_count_mailbox(struct actor_executor *executor, int n)
{
	int rc = 0;

	pthread_mutex_lock(&executor->lock);
	if (n > 0 && executor->closed)
		rc = ACTOR_E_CLOSED;
	else
		executor->n_mailboxes += (size_t)n;
	pthread_mutex_unlock(&executor->lock);
	return rc;
}

bool actor__executor_quiet(struct actor_executor *executor)
{
	bool quiet;

	pthread_mutex_lock(&executor->lock);
	quiet = executor->n_running == 0;
	pthread_mutex_unlock(&executor->lock);
	return quiet;
}

struct actor_spawner *actor_executor_spawner(struct actor_executor *executor)
{
	return &executor->spawner;
}

void actor_executor_close(struct actor_executor *executor)
{
	pthread_mutex_lock(&executor->lock);
	executor->closed = true;
	for (struct actor__actor *actor = executor->running; actor; actor = actor->run_next)
		actor__actor_ask(actor, ACTOR__ASKED_CANCEL);
	pthread_mutex_unlock(&executor->lock);
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

	for (struct actor__actor *actor = executor->running; actor; actor = actor->run_next) {
		struct actor_info info = actor__actor_info(actor);

		actor__log_text(ACTOR_LOG_WARNING, &info, NULL,
				"runs on an executor that is to go");
	}
	snprintf(text, sizeof text, "an executor that is to go has %zu actors, %zu mailboxes",
		 executor->n_running, executor->n_mailboxes);
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
	if (executor->n_running > 0 || executor->n_mailboxes > 0)
		rc = busy(executor);
	pthread_mutex_unlock(&executor->lock);
	if (rc == 0)
		executor->ops->destroy(executor);
	return rc;
}
