/* SPDX-License-Identifier: MIT */

#include "drivers.h"

#include <stdlib.h>
#include <time.h>

/* ---- one thread */

static struct queue_driver *queue_of(struct actor_driver *driver)
{
	return ACTOR_CONTAINER_OF(driver, struct queue_driver, driver);
}

static void queue_schedule(struct actor_driver *driver, struct actor_task *task)
{
	struct queue_driver *queue = queue_of(driver);

	task->next = NULL;
	pthread_mutex_lock(&queue->lock);
	*queue->end = task;
	queue->end = &task->next;
	pthread_mutex_unlock(&queue->lock);
}

struct actor_task *queue_driver_take(struct queue_driver *queue)
{
	struct actor_task *task;

	pthread_mutex_lock(&queue->lock);
	task = queue->first;
	if (task) {
		queue->first = task->next;
		if (!queue->first)
			queue->end = &queue->first;
	}
	pthread_mutex_unlock(&queue->lock);
	return task;
}

static bool queue_step(struct actor_driver *driver)
{
	struct actor_task *task = queue_driver_take(queue_of(driver));

	if (task)
		actor_task_run(task);
	return task != NULL;
}

/* Its thread looks at the timers itself whenever it waits. */
static void queue_wake_at(struct actor_driver *driver, int64_t deadline_ns)
{
	queue_of(driver)->wake_ns = deadline_ns;
}

static void queue_destroy(struct actor_driver *driver)
{
	queue_of(driver)->n_destroyed++;
}

static const struct actor_driver_ops queue_driver_ops = {
	.size = sizeof queue_driver_ops,
	.schedule = queue_schedule,
	.wake_at = queue_wake_at,
	.step = queue_step,
	.destroy = queue_destroy,
};

void queue_driver_init(struct queue_driver *queue)
{
	*queue = (struct queue_driver){
		.driver = { &queue_driver_ops },
		.lock = PTHREAD_MUTEX_INITIALIZER,
		.end = &queue->first,
	};
}

/* ---- several threads */

enum { MOST_CREW = 16 };

struct crew_driver {
	struct actor_driver driver;
	struct actor_executor *executor;
	pthread_t threads[MOST_CREW];
	unsigned n_threads;
	pthread_mutex_t lock;
	pthread_cond_t work;
	struct actor_task *first;
	struct actor_task **end;
	int64_t wake_ns;
	bool ending;
};

static struct crew_driver *crew_of(struct actor_driver *driver)
{
	return ACTOR_CONTAINER_OF(driver, struct crew_driver, driver);
}

static void crew_schedule(struct actor_driver *driver, struct actor_task *task)
{
	struct crew_driver *crew = crew_of(driver);

	task->next = NULL;
	pthread_mutex_lock(&crew->lock);
	*crew->end = task;
	crew->end = &task->next;
	pthread_cond_signal(&crew->work);
	pthread_mutex_unlock(&crew->lock);
}

static void crew_wake_at(struct actor_driver *driver, int64_t deadline_ns)
{
	struct crew_driver *crew = crew_of(driver);

	pthread_mutex_lock(&crew->lock);
	crew->wake_ns = deadline_ns;
	pthread_cond_signal(&crew->work);
	pthread_mutex_unlock(&crew->lock);
}

static int64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static void crew_wait(struct crew_driver *crew)
{
	struct timespec until = { crew->wake_ns / 1000000000, crew->wake_ns % 1000000000 };

	if (crew->wake_ns == ACTOR_FOREVER)
		pthread_cond_wait(&crew->work, &crew->lock);
	else
		pthread_cond_timedwait(&crew->work, &crew->lock, &until);
}

static struct actor_task *crew_take(struct crew_driver *crew)
{
	struct actor_task *task = crew->first;

	crew->first = task->next;
	if (!crew->first)
		crew->end = &crew->first;
	return task;
}

static void *crew_main(void *user)
{
	struct crew_driver *crew = user;
	struct actor_task *task;

	pthread_mutex_lock(&crew->lock);
	while (!crew->ending) {
		if (crew->wake_ns <= now_ns()) {
			crew->wake_ns = ACTOR_FOREVER;
			pthread_mutex_unlock(&crew->lock);
			actor_driver_fire(crew->executor);
			pthread_mutex_lock(&crew->lock);
		}
		if (!crew->first) {
			if (!crew->ending)
				crew_wait(crew);
			continue;
		}
		task = crew_take(crew);
		pthread_mutex_unlock(&crew->lock);
		actor_task_run(task);
		pthread_mutex_lock(&crew->lock);
	}
	pthread_mutex_unlock(&crew->lock);
	return NULL;
}

static void crew_end(struct crew_driver *crew)
{
	pthread_mutex_lock(&crew->lock);
	crew->ending = true;
	pthread_cond_broadcast(&crew->work);
	pthread_mutex_unlock(&crew->lock);
	for (unsigned i = 0; i < crew->n_threads; i++)
		pthread_join(crew->threads[i], NULL);
	pthread_cond_destroy(&crew->work);
	pthread_mutex_destroy(&crew->lock);
	free(crew);
}

static void crew_destroy(struct actor_driver *driver)
{
	crew_end(crew_of(driver));
}

static const struct actor_driver_ops crew_driver_ops = {
	.size = sizeof crew_driver_ops,
	.schedule = crew_schedule,
	.wake_at = crew_wake_at,
	.destroy = crew_destroy,
};

static void init_monotonic(pthread_cond_t *condition)
{
	pthread_condattr_t monotonic;

	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(condition, &monotonic);
	pthread_condattr_destroy(&monotonic);
}

int crew_driver_create(unsigned n, struct actor_executor **ret_executor)
{
	struct crew_driver *crew = calloc(1, sizeof *crew);
	int rc;

	if (!crew)
		return ACTOR_E_NOMEM;
	crew->driver.ops = &crew_driver_ops;
	crew->end = &crew->first;
	crew->wake_ns = ACTOR_FOREVER;
	pthread_mutex_init(&crew->lock, NULL);
	init_monotonic(&crew->work);
	rc = actor_driver_create(&crew->driver, &crew->executor);
	if (rc < 0) {
		crew_end(crew);
		return rc;
	}
	for (; crew->n_threads < n && crew->n_threads < MOST_CREW; crew->n_threads++)
		if (pthread_create(&crew->threads[crew->n_threads], NULL, crew_main, crew) != 0)
			abort();
	*ret_executor = crew->executor;
	return 0;
}
