/* SPDX-License-Identifier: MIT */

/*
 * Contexts of plain threads: their waits block the thread, or, on a thread with a local executor,
 * run that meanwhile.
 *
 * The struct is never given back, only passed on to later threads: see parker.h.
 */

#include "thread-context.h"

#include "context.h"
#include "executor.h"
#include "thread.h"
#include "util/memory.h"
#include "waiting.h"

#include <actor-impl/executor.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

struct actor__thread_context {
	struct actor__context context;
	struct actor__thread_context *next; /* in the pool */
	pthread_mutex_t lock;
	pthread_cond_t woken;
};

static struct {
	pthread_mutex_t lock;
	struct actor__thread_context *free;
} pool = { .lock = PTHREAD_MUTEX_INITIALIZER };

static struct {
	actor_thread_fail_fn *fail;
	void *user;
} on_fail;

void actor_thread_set_fail(actor_thread_fail_fn *fail, void *user)
{
	on_fail.fail = fail;
	on_fail.user = user;
}

static void thread_fail(struct actor_context *base, const struct actor_failure *failure)
{
	actor_unwind(base);
	if (on_fail.fail)
		on_fail.fail(on_fail.user, failure);
	abort();
}

static struct actor_address *thread_self(struct actor_context *base)
{
	(void)base;
	return NULL;
}

static struct actor_spawner *thread_spawner(struct actor_context *base)
{
	struct actor_executor *local = actor__context_of(base)->thread->local;

	return local ? actor_executor_spawner(local) : NULL;
}

static void thread_unpark(struct actor__parker *parker)
{
	struct actor__thread_context *this = ACTOR_CONTAINER_OF(
		parker, struct actor__thread_context, context.parker);

	/* The lock, so that the signal does not fall between the sleeper's look and its sleep. */
	pthread_mutex_lock(&this->lock);
	pthread_cond_signal(&this->woken);
	pthread_mutex_unlock(&this->lock);
}

void actor__thread_context_sleep(struct actor__thread_context *this, int64_t deadline_ns)
{
	atomic_int *state = &this->context.parker.state;
	struct timespec until = { deadline_ns / 1000000000, deadline_ns % 1000000000 };
	int rc = 0;

	actor__burst_over(this->context.thread);
	if (!actor__park_commit(&this->context.parker))
		return;
	pthread_mutex_lock(&this->lock);
	while (atomic_load_explicit(state, memory_order_acquire) == ACTOR__PARKED &&
	       rc != ETIMEDOUT)
		rc = deadline_ns == ACTOR_FOREVER
			     ? pthread_cond_wait(&this->woken, &this->lock)
			     : pthread_cond_timedwait(&this->woken, &this->lock, &until);
	pthread_mutex_unlock(&this->lock);
}

/* A task that this thread has taken for itself: false if there is none. */
static bool run_given(struct actor__thread *thread)
{
	struct actor__task *task = thread->given;

	thread->lends_itself = false;
	thread->given = NULL;
	if (task)
		actor__thread_run(thread, task);
	return task != NULL;
}

/* On the clock of the executor that runs while this thread waits, or its own. */
static int64_t thread_now(struct actor_context *base)
{
	struct actor_executor *local = actor__context_of(base)->thread->local;

	return local ? actor__executor_now(local) : actor__now();
}

static bool passed(struct actor__context *context, int64_t deadline_ns)
{
	return deadline_ns != ACTOR_FOREVER &&
	       (deadline_ns == ACTOR_AT_ONCE || thread_now(&context->base) >= deadline_ns);
}

static int thread_park(struct actor__context *context, int64_t deadline_ns)
{
	struct actor__thread_context *this = ACTOR_CONTAINER_OF(
		context, struct actor__thread_context, context);
	struct actor__thread *thread = context->thread;
	struct actor_executor *local = thread->local;

	actor__burst_over(thread);
	if (run_given(thread))
		return 0;
	if (actor__park_reset(&context->parker))
		return 0;
	if (passed(context, deadline_ns))
		return ACTOR_E_TIMEOUT;
	if (local)
		return local->ops->drive(local, deadline_ns);
	actor__thread_context_sleep(this, deadline_ns);
	return 0;
}

/* In a simulation: others may come in between here, as in a handler. A callback in the midst of a
 * step is part of it. */
static ACTOR__OUT_OF_LINE int give_way(struct actor__thread *thread)
{
	struct actor_executor *local = thread->local;

	if (thread->busy || !actor__others_wait(local, thread))
		return 0;
	return local->ops->drive(local, ACTOR_AT_ONCE);
}

static int thread_post(struct actor_context *base, struct actor_address *address,
		       const struct actor_message_type *type, void *message,
		       struct actor_reply *reply, int64_t deadline_ns)
{
	struct actor__context *context = actor__context_of(base);
	int rc;

	if (ACTOR__RARELY(context->thread->simulates)) {
		rc = give_way(context->thread);
		if (rc < 0)
			return rc;
	}
	rc = actor_address_post(address, type, message, reply, NULL);
	if (rc == ACTOR_E_FULL)
		rc = actor__wait_in_line(context, thread_park, address, type, message, reply,
					 deadline_ns);
	return rc;
}

static int thread_await(struct actor_context *base, const struct actor_await *wait)
{
	return actor__wait_replies(actor__context_of(base), thread_park, wait);
}

static int thread_call(struct actor_context *base, struct actor_address *address,
		       const struct actor_message_type *type, void *message, void *ret_value,
		       int64_t deadline_ns)
{
	struct actor__context *context = actor__context_of(base);
	struct actor__thread *thread = context->thread;
	struct actor__reply_cell *cell = actor__reply_create(context, type->reply, 0);
	int rc;

	if (!cell)
		return ACTOR_E_NOMEM;
	/* The actor that is called, if it is idle, this thread runs itself, instead of waking
	 * another one and being woken by it. Not with a deadline: nobody would interrupt it. */
	thread->lends_itself = deadline_ns == ACTOR_FOREVER && !thread->busy && !thread->worker &&
			       !thread->local;
	rc = thread_post(base, address, type, message, &cell->reply, deadline_ns);
	rc = rc < 0 ? actor__call_off(context, cell, rc)
		    : actor__wait_answer(context, thread_park, cell, ret_value, deadline_ns);
	run_given(thread);
	return rc;
}

static const struct actor_context_ops thread_context_ops = {
	.size = sizeof thread_context_ops,
	.self = thread_self,
	.spawner = thread_spawner,
	.now = thread_now,
	.post = thread_post,
	.reply_open = actor__reply_open,
	.await = thread_await,
	.reply_close = actor__reply_close,
	.fail = thread_fail,
	.log = actor__context_log,
	.log_level = actor__context_log_level,
	.error = actor__context_error,
	.call = thread_call,
};

static struct actor__thread_context *create(void)
{
	struct actor__thread_context *this = actor__memory_alloc(sizeof *this);
	pthread_condattr_t monotonic;

	if (!this)
		return NULL;
	this->context.base.ops = &thread_context_ops;
	this->context.parker.unpark = thread_unpark;
	pthread_mutex_init(&this->lock, NULL);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&this->woken, &monotonic);
	pthread_condattr_destroy(&monotonic);
	return this;
}

struct actor__thread_context *actor__thread_context_get(struct actor__thread *thread)
{
	struct actor__thread_context *this = thread->context;

	if (this)
		return this;
	pthread_mutex_lock(&pool.lock);
	this = pool.free;
	if (this)
		pool.free = this->next;
	pthread_mutex_unlock(&pool.lock);
	if (!this)
		this = create();
	if (this) {
		this->context.thread = thread;
		/* Not what an earlier thread left. */
		this->context.error.code = ACTOR_OK;
		this->context.base.scope = NULL;
	}
	thread->context = this;
	return this;
}

void actor__thread_context_release(struct actor__thread_context *this)
{
	if (!this)
		return;
	pthread_mutex_lock(&pool.lock);
	this->next = pool.free;
	pool.free = this;
	pthread_mutex_unlock(&pool.lock);
}

struct actor__parker *actor__thread_context_parker(struct actor__thread_context *this)
{
	return &this->context.parker;
}

struct actor_context *actor_thread_context(void)
{
	struct actor__thread *thread = actor__thread();

	if (actor__in_handler(thread))
		return &thread->fiber->context.base;
	if (!actor__thread_context_get(thread))
		return NULL;
	return &thread->context->context.base;
}
