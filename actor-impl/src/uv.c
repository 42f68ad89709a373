/* SPDX-License-Identifier: MIT */

/*
 * A driver for a loop of libuv; a library of its own, made of nothing but driver.h.
 *
 * There is one queue, under a lock. While there may be something in it, the idle handle is active,
 * so that each round of the loop runs some tasks and looks for events without waiting for any. The
 * loop's own thread activates it at once, others through the async handle, which they call when the
 * queue was empty: otherwise somebody else has called it, or the idle handle is active and stays so
 * until the queue is seen empty.
 *
 * Only the idle handle, when active, and the async handle keep the loop alive; the latter only
 * while an actor runs. Whether one does is looked at whenever the queue has become empty: each
 * start and each end of an actor is on its way through the queue.
 */

#include <actor-impl/driver.h>
#include <actor-impl/uv.h>

#include <pthread.h>
#include <stdlib.h>
#include <uv.h>

/* A round of the loop runs so many tasks, or fewer when these take so long. */
#define TASKS_A_ROUND 32
#define ROUND_NS 500000

#define N_HANDLES 3

struct loop_driver {
	struct actor_driver driver;
	struct actor_executor *executor;
	pthread_t thread;
	uv_async_t async;
	uv_idle_t idle;
	uv_timer_t timer;
	unsigned n_closed;
	bool awake; /* the idle handle is active; of the loop's thread */
	pthread_mutex_t lock;
	struct actor_task *first;
	struct actor_task **end;
};

static struct loop_driver *of_driver(struct actor_driver *driver)
{
	return ACTOR_CONTAINER_OF(driver, struct loop_driver, driver);
}

/* Whether it was empty before. */
static bool queue_append(struct loop_driver *this, struct actor_task *task)
{
	bool was_empty;

	task->next = NULL;
	pthread_mutex_lock(&this->lock);
	was_empty = !this->first;
	*this->end = task;
	this->end = &task->next;
	pthread_mutex_unlock(&this->lock);
	return was_empty;
}

static struct actor_task *queue_take(struct loop_driver *this)
{
	struct actor_task *task;

	pthread_mutex_lock(&this->lock);
	task = this->first;
	if (task) {
		this->first = task->next;
		if (!this->first)
			this->end = &this->first;
	}
	pthread_mutex_unlock(&this->lock);
	return task;
}

static bool loop_step(struct actor_driver *driver)
{
	struct actor_task *task = queue_take(of_driver(driver));

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

static void on_idle(uv_idle_t *handle)
{
	struct loop_driver *this = handle->data;
	uint64_t ends_ns = uv_hrtime() + ROUND_NS;

	for (unsigned n = 0; n < TASKS_A_ROUND && uv_hrtime() < ends_ns; n++)
		if (!loop_step(&this->driver)) {
			fall_asleep(this);
			break;
		}
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
	bool was_empty = queue_append(this, task);

	if (pthread_equal(pthread_self(), this->thread))
		wake_up(this);
	else if (was_empty)
		uv_async_send(&this->async);
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
	uv_idle_init(loop, &this->idle);
	uv_timer_init(loop, &this->timer);
	uv_unref((uv_handle_t *)&this->async);
	uv_unref((uv_handle_t *)&this->timer);
	this->async.data = this->idle.data = this->timer.data = this;
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
	this->end = &this->first;
	pthread_mutex_init(&this->lock, NULL);
	rc = actor_driver_create(&this->driver, &this->executor);
	if (rc < 0)
		loop_destroy(&this->driver);
	else
		*ret_executor = this->executor;
	return rc;
}
