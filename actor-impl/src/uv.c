/* SPDX-License-Identifier: MIT */

/*
 * A driver for a loop of libuv; a library of its own, made of nothing but driver.h.
 *
 * There are two queues: what the loop's own thread schedules is in one that nobody else touches;
 * what others do, in one under a lock, of which all is moved to the end of the former before the
 * next task is taken. Tasks are run by the check handle, right after the loop has looked for
 * events: what an event has made ready is done before the loop looks again. While there may be
 * something in the queues, the idle handle is active, which does nothing, but has the loop look for
 * events without waiting for any. The loop's own thread activates it at once, others through the
 * async handle, which they call when their queue was empty: otherwise somebody else has called it,
 * and what it is called for is still to come.
 *
 * Only the idle handle, when active, and the async handle keep the loop alive; the latter only
 * while an actor runs. Whether one does is looked at whenever the queues have become empty: each
 * start and each end of an actor is on its way through them.
 */

#include <actor-impl/driver.h>
#include <actor-impl/uv.h>

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <uv.h>

/* A round of the loop runs so many tasks, or fewer when these take so long. */
#define TASKS_A_ROUND 32
#define ROUND_NS 500000

#define N_HANDLES 4

struct queue {
	struct actor_task *first;
	struct actor_task **end;
};

struct loop_driver {
	struct actor_driver driver;
	struct actor_executor *executor;
	pthread_t thread;
	uv_async_t async;
	uv_check_t check;
	uv_idle_t idle;
	uv_timer_t timer;
	unsigned n_closed;
	/* Of the loop's thread. */
	bool awake; /* the idle handle is active */
	struct queue ready;
	/* Of others, under the lock. */
	pthread_mutex_t lock;
	struct queue others;
	atomic_bool any_others; /* read without the lock, too */
};

static struct loop_driver *of_driver(struct actor_driver *driver)
{
	return ACTOR_CONTAINER_OF(driver, struct loop_driver, driver);
}

static void queue_init(struct queue *queue)
{
	queue->first = NULL;
	queue->end = &queue->first;
}

static void queue_append(struct queue *queue, struct actor_task *task)
{
	task->next = NULL;
	*queue->end = task;
	queue->end = &task->next;
}

static struct actor_task *queue_take(struct queue *queue)
{
	struct actor_task *task = queue->first;

	if (task) {
		queue->first = task->next;
		if (!queue->first)
			queue->end = &queue->first;
	}
	return task;
}

static void schedule_from_elsewhere(struct loop_driver *this, struct actor_task *task)
{
	bool was_empty;

	pthread_mutex_lock(&this->lock);
	was_empty = !this->others.first;
	queue_append(&this->others, task);
	atomic_store_explicit(&this->any_others, true, memory_order_relaxed);
	pthread_mutex_unlock(&this->lock);
	if (was_empty)
		uv_async_send(&this->async);
}

/* Relaxed: what is not seen yet, the async handle is called for, and then it is. */
static void take_over_others(struct loop_driver *this)
{
	if (!atomic_load_explicit(&this->any_others, memory_order_relaxed))
		return;
	pthread_mutex_lock(&this->lock);
	*this->ready.end = this->others.first;
	this->ready.end = this->others.end;
	queue_init(&this->others);
	atomic_store_explicit(&this->any_others, false, memory_order_relaxed);
	pthread_mutex_unlock(&this->lock);
}

static bool loop_step(struct actor_driver *driver)
{
	struct loop_driver *this = of_driver(driver);
	struct actor_task *task;

	take_over_others(this);
	task = queue_take(&this->ready);
	if (task)
		actor_task_run(task);
	return task != NULL;
}

/* Nothing is ready: what is there to wait for? */
static void fall_asleep(struct loop_driver *this)
{
	uv_idle_stop(&this->idle);
	this->awake = false;
	if (actor_executor_join(this->executor, ACTOR_AT_ONCE) == 0)
		uv_unref((uv_handle_t *)&this->async);
	else
		uv_ref((uv_handle_t *)&this->async);
}

static void on_check(uv_check_t *handle)
{
	struct loop_driver *this = handle->data;
	unsigned n = 0;
	uint64_t ends_ns;

	if (!this->awake)
		return;
	ends_ns = uv_hrtime() + ROUND_NS;
	while (loop_step(&this->driver))
		if (++n == TASKS_A_ROUND || uv_hrtime() >= ends_ns)
			return;
	fall_asleep(this);
}

static void on_idle(uv_idle_t *handle)
{
	(void)handle;
}

static void wake_up(struct loop_driver *this)
{
	if (!this->awake)
		uv_idle_start(&this->idle, on_idle);
	this->awake = true;
}

static void on_async(uv_async_t *handle)
{
	struct loop_driver *this = handle->data;

	wake_up(this);
	actor_driver_fire(this->executor); /* it was a timer, maybe */
}

static void loop_schedule(struct actor_driver *driver, struct actor_task *task)
{
	struct loop_driver *this = of_driver(driver);

	if (pthread_equal(pthread_self(), this->thread)) {
		queue_append(&this->ready, task);
		wake_up(this);
	} else {
		schedule_from_elsewhere(this, task);
	}
}

static void on_timer(uv_timer_t *handle)
{
	struct loop_driver *this = handle->data;

	actor_driver_fire(this->executor);
}

/* Early, because the loop counts milliseconds and began this one some time ago, is no harm. */
static void loop_wake_at(struct actor_driver *driver, int64_t deadline_ns)
{
	struct loop_driver *this = of_driver(driver);
	int64_t left_ns = deadline_ns - (int64_t)uv_hrtime();

	if (!pthread_equal(pthread_self(), this->thread)) {
		uv_async_send(&this->async); /* told again there */
		return;
	}
	uv_update_time(this->timer.loop);
	uv_timer_start(&this->timer, on_timer,
		       left_ns > 0 ? (uint64_t)(left_ns - 1) / 1000000 + 1 : 0, 0);
}

static void on_close(uv_handle_t *handle)
{
	struct loop_driver *this = handle->data;

	if (++this->n_closed < N_HANDLES)
		return;
	pthread_mutex_destroy(&this->lock);
	free(this);
}

static void loop_destroy(struct actor_driver *driver)
{
	struct loop_driver *this = of_driver(driver);

	uv_close((uv_handle_t *)&this->async, on_close);
	uv_close((uv_handle_t *)&this->check, on_close);
	uv_close((uv_handle_t *)&this->idle, on_close);
	uv_close((uv_handle_t *)&this->timer, on_close);
}

static const struct actor_driver_ops loop_driver_ops = {
	.size = sizeof loop_driver_ops,
	.schedule = loop_schedule,
	.wake_at = loop_wake_at,
	.step = loop_step,
	.destroy = loop_destroy,
};

/* False when there is no descriptor for it. */
static bool add_handles(struct loop_driver *this, uv_loop_t *loop)
{
	if (uv_async_init(loop, &this->async, on_async) < 0)
		return false;
	uv_check_init(loop, &this->check);
	uv_idle_init(loop, &this->idle);
	uv_timer_init(loop, &this->timer);
	uv_check_start(&this->check, on_check);
	uv_unref((uv_handle_t *)&this->async);
	uv_unref((uv_handle_t *)&this->check);
	uv_unref((uv_handle_t *)&this->timer);
	this->async.data = this->check.data = this->idle.data = this->timer.data = this;
	return true;
}

int actor_uv_create(struct uv_loop_s *loop, struct actor_executor **ret_executor)
{
	struct loop_driver *this = calloc(1, sizeof *this);
	int rc;

	if (!this)
		return ACTOR_E_NOMEM;
	if (!add_handles(this, loop)) {
		free(this);
		return ACTOR_E_SYSTEM;
	}
	this->driver.ops = &loop_driver_ops;
	this->thread = pthread_self();
	queue_init(&this->ready);
	queue_init(&this->others);
	pthread_mutex_init(&this->lock, NULL);
	rc = actor_driver_create(&this->driver, &this->executor);
	if (rc < 0)
		loop_destroy(&this->driver);
	else
		*ret_executor = this->executor;
	return rc;
}
