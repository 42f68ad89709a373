/* SPDX-License-Identifier: MIT */

/* The thread looks, each time before its loop waits for events, at whether actors run and at what
 * it is asked for. */

#include "loop-thread.h"

#include <actor-iface/error.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>
#include <uv.h>

struct loop_thread {
	pthread_t thread;
	uv_loop_t loop;
	uv_async_t asked;
	uv_prepare_t prepare;
	struct actor_executor *executor;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	bool is_ready;
	bool is_quiet;
	bool to_destroy;
	int destroyed; /* 1: not tried */
};

static void on_prepare(uv_prepare_t *handle)
{
	struct loop_thread *this = handle->data;

	pthread_mutex_lock(&this->lock);
	this->is_quiet = actor_executor_join(this->executor, ACTOR_AT_ONCE) == 0;
	if (this->to_destroy) {
		this->to_destroy = false;
		this->destroyed = actor_executor_destroy(this->executor);
	}
	if (this->destroyed == 0) {
		uv_close((uv_handle_t *)&this->prepare, NULL);
		uv_close((uv_handle_t *)&this->asked, NULL);
	}
	pthread_cond_broadcast(&this->changed);
	pthread_mutex_unlock(&this->lock);
}

/* Only that the loop goes round once more. */
static void on_asked(uv_async_t *handle)
{
	(void)handle;
}

static void *loop_main(void *user)
{
	struct loop_thread *this = user;

	if (uv_loop_init(&this->loop) < 0 ||
	    uv_async_init(&this->loop, &this->asked, on_asked) < 0 ||
	    actor_uv_create(&this->loop, &this->executor) < 0)
		abort();
	uv_prepare_init(&this->loop, &this->prepare);
	this->prepare.data = this;
	uv_prepare_start(&this->prepare, on_prepare);
	pthread_mutex_lock(&this->lock);
	this->is_ready = true;
	pthread_cond_broadcast(&this->changed);
	pthread_mutex_unlock(&this->lock);
	uv_run(&this->loop, UV_RUN_DEFAULT);
	if (uv_loop_close(&this->loop) < 0)
		abort();
	return NULL;
}

struct loop_thread *loop_thread_create(void)
{
	struct loop_thread *this = calloc(1, sizeof *this);
	pthread_condattr_t monotonic;

	if (!this)
		return NULL;
	this->destroyed = 1;
	pthread_mutex_init(&this->lock, NULL);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&this->changed, &monotonic);
	pthread_condattr_destroy(&monotonic);
	if (pthread_create(&this->thread, NULL, loop_main, this) != 0)
		abort();
	pthread_mutex_lock(&this->lock);
	while (!this->is_ready)
		pthread_cond_wait(&this->changed, &this->lock);
	pthread_mutex_unlock(&this->lock);
	return this;
}

struct actor_executor *loop_thread_executor(struct loop_thread *this)
{
	return this->executor;
}

int loop_thread_join(struct loop_thread *this, int64_t deadline_ns)
{
	struct timespec until = { deadline_ns / 1000000000, deadline_ns % 1000000000 };
	int rc = 0;

	pthread_mutex_lock(&this->lock);
	this->is_quiet = false; /* what was seen before is of no interest */
	uv_async_send(&this->asked);
	while (!this->is_quiet && rc != ETIMEDOUT)
		rc = pthread_cond_timedwait(&this->changed, &this->lock, &until);
	rc = this->is_quiet ? 0 : ACTOR_E_TIMEOUT;
	pthread_mutex_unlock(&this->lock);
	return rc;
}

int loop_thread_destroy(struct loop_thread *this)
{
	int rc;

	pthread_mutex_lock(&this->lock);
	this->destroyed = 1;
	this->to_destroy = true;
	uv_async_send(&this->asked);
	while (this->destroyed == 1)
		pthread_cond_wait(&this->changed, &this->lock);
	rc = this->destroyed;
	pthread_mutex_unlock(&this->lock);
	if (rc < 0)
		return rc;
	pthread_join(this->thread, NULL);
	pthread_cond_destroy(&this->changed);
	pthread_mutex_destroy(&this->lock);
	free(this);
	return 0;
}
