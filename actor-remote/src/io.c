/* SPDX-License-Identifier: MIT */

/*
 * Loops in which connections live.
 *
 * Everything that has to do with a socket is done on the loop's thread; what other threads want,
 * they submit as jobs, which need no memory, and are run one after the other by the async handle's
 * callback, outside handlers. A lock guards the jobs, how many things live there, and what callers
 * wait for; nothing is called while it is held but uv_async_send().
 *
 * What lives there keeps the loop's memory: n_living counts it, under the lock, and who counts down
 * does not touch the loop any more after it has let go of the lock. When nothing lives there and
 * the executor can be destroyed, its handles are closed; what is closing then, a look-up of a name
 * that nobody waits for, say, belongs to itself. A thread of its own goes on until there is no
 * handle and no request left.
 */

#include "io.h"

#include <actor-impl/burst.h>
#include <actor-impl/thread.h>
#include <actor-impl/uv.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { N_HANDLES = 3, NOT_KNOWN = 1 };

/* Whose loop this thread runs: at most one, since it has at most one executor of its own. */
static _Thread_local const struct actor_executor *executor_here;

/* ---- jobs */

static struct actor__io_job *take_jobs(struct actor_io *io)
{
	struct actor__io_job *first;

	pthread_mutex_lock(&io->lock);
	first = io->first;
	io->first = NULL;
	io->end = &io->first;
	pthread_mutex_unlock(&io->lock);
	return first;
}

/* The last of them may be the end of it. */
static void run_jobs(struct actor_io *io)
{
	struct actor__io_job *job = take_jobs(io), *next;

	for (; job; job = next) {
		next = job->next;
		job->run(job);
	}
}

static void on_prepare(uv_prepare_t *prepare);

static void on_async(uv_async_t *async)
{
	struct actor_io *io = async->data;
	bool to_join;

	pthread_mutex_lock(&io->lock);
	to_join = io->n_joining > 0;
	pthread_mutex_unlock(&io->lock);
	if (to_join)
		uv_prepare_start(&io->prepare, on_prepare);
	run_jobs(io);
}

static void wake(struct actor_io *io)
{
	uv_async_send(&io->async);
}

void actor__io_submit(struct actor_io *io, struct actor__io_job *job)
{
	job->next = NULL;
	pthread_mutex_lock(&io->lock);
	*io->end = job;
	io->end = &job->next;
	wake(io); /* with the lock: when it has run, there may be no more async handle */
	pthread_mutex_unlock(&io->lock);
}

bool actor__io_here(const struct actor_io *io)
{
	return pthread_equal(pthread_self(), io->thread);
}

void actor__io_begin(struct actor_io *io, enum actor__io_kind kind)
{
	pthread_mutex_lock(&io->lock);
	io->n_living[kind]++;
	pthread_mutex_unlock(&io->lock);
}

void actor__io_done(struct actor_io *io, enum actor__io_kind kind)
{
	pthread_mutex_lock(&io->lock);
	io->n_living[kind]--;
	if (io->n_joining > 0)
		wake(io);
	pthread_mutex_unlock(&io->lock);
}

/* ---- for callers */

bool actor__io_stands_still(struct actor_context *context, const struct actor_executor *executor)
{
	return executor == executor_here && !actor_self(context);
}

int actor__io_wait(struct actor_context *context, struct actor_io *io, struct actor_reply *reply,
		   int64_t deadline_ns)
{
	bool stands_still = actor__io_stands_still(context, io->executor);
	int rc;

	if (stands_still) {
		run_jobs(io);
		deadline_ns = ACTOR_AT_ONCE;
	}
	rc = actor_await_replies(context, &reply, 1, sizeof reply, ACTOR_AWAIT_ALL, deadline_ns);
	return stands_still && rc == ACTOR_E_TIMEOUT ? ACTOR_E_NOSUSPEND : rc;
}

int actor__io_fail(struct actor_context *context, int rc, int error, const char *address)
{
	struct actor_error *detail = context->ops->error(context);
	const char *reason = error > 0 ? strerror(error) : error < 0 ? uv_strerror(error) : NULL;

	actor__error_init(detail, rc, NULL, NULL);
	detail->system_errno = error > 0 ? error : 0;
	snprintf(detail->text, sizeof detail->text, "%s%s%s", address, reason ? ": " : "",
		 reason ? reason : "");
	return rc;
}

int actor__io_refuse(struct actor_context *context, const char *address, const char *why)
{
	char text[sizeof((struct actor_error *)NULL)->text];

	snprintf(text, sizeof text, "%s: %s", address, why);
	return actor__io_fail(context, ACTOR_E_INVALID, 0, text);
}

/* ---- the end */

struct living {
	size_t n[ACTOR__IO_KINDS];
};

static bool nothing_lives(struct actor_io *io, struct living *ret_living)
{
	bool nothing = true;

	pthread_mutex_lock(&io->lock);
	memcpy(ret_living->n, io->n_living, sizeof io->n_living);
	pthread_mutex_unlock(&io->lock);
	for (size_t i = 0; i < ACTOR__IO_KINDS; i++)
		nothing &= ret_living->n[i] == 0;
	return nothing;
}

/* As executors do. */
static int busy(const struct living *living)
{
	struct actor_context *context = actor_thread_context();

	if (context)
		ACTOR_LOG(context, ACTOR_LOG_WARNING,
			  "a loop that is to go has %zu listeners, %zu connections, %zu attempts "
			  "to connect",
			  living->n[ACTOR__IO_LISTENER], living->n[ACTOR__IO_TRANSPORT],
			  living->n[ACTOR__IO_ATTEMPT]);
	return ACTOR_E_BUSY;
}

static void io_free(struct actor_io *io)
{
	pthread_cond_destroy(&io->changed);
	pthread_mutex_destroy(&io->lock);
	free(io);
}

/* Its own thread frees it when that has been joined. */
static void on_closed(uv_handle_t *handle)
{
	struct actor_io *io = handle->data;

	if (++io->n_closed == N_HANDLES && !io->has_thread)
		io_free(io);
}

static void close_handles(struct actor_io *io)
{
	uv_close((uv_handle_t *)&io->async, on_closed);
	uv_close((uv_handle_t *)&io->prepare, on_closed);
	uv_close((uv_handle_t *)&io->timer, on_closed);
}

static int end(struct actor_io *io)
{
	struct living living;
	int rc = nothing_lives(io, &living) ? actor_executor_destroy(io->executor) : busy(&living);

	if (rc == 0) {
		executor_here = NULL;
		close_handles(io);
	}
	return rc;
}

static void tell(struct actor_io *io, int status)
{
	pthread_mutex_lock(&io->lock);
	io->status = status;
	pthread_cond_broadcast(&io->changed);
	pthread_mutex_unlock(&io->lock);
}

static int wait_for_status(struct actor_io *io)
{
	int status;

	pthread_mutex_lock(&io->lock);
	while (io->status == NOT_KNOWN)
		pthread_cond_wait(&io->changed, &io->lock);
	status = io->status;
	pthread_mutex_unlock(&io->lock);
	return status;
}

static void run_end(struct actor__io_job *job)
{
	struct actor_io *io = ACTOR_CONTAINER_OF(job, struct actor_io, job);

	tell(io, end(io));
}

static int thread_end(struct actor_io *io)
{
	int rc;

	io->status = NOT_KNOWN;
	actor__io_submit(io, &io->job);
	rc = wait_for_status(io);
	if (rc < 0)
		return rc;
	pthread_join(io->thread, NULL);
	io_free(io);
	return 0;
}

int actor_io_destroy(struct actor_io *io)
{
	if (!io)
		return 0;
	if (io->has_thread)
		return actor__io_here(io) ? ACTOR_E_INVALID : thread_end(io);
	if (!actor__io_here(io))
		return ACTOR_E_INVALID;
	run_jobs(io);
	return end(io);
}

/* ---- waiting for it */

static bool is_quiet(struct actor_io *io)
{
	struct living living;

	return nothing_lives(io, &living) && actor_executor_join(io->executor, ACTOR_AT_ONCE) == 0;
}

static void on_prepare(uv_prepare_t *prepare)
{
	struct actor_io *io = prepare->data;
	bool quiet = is_quiet(io);

	pthread_mutex_lock(&io->lock);
	io->was_quiet |= quiet;
	io->was_looked_at = true;
	pthread_cond_broadcast(&io->changed);
	if (io->n_joining == 0)
		uv_prepare_stop(prepare);
	pthread_mutex_unlock(&io->lock);
}

/* So that who joins sees what is, and not what was. */
static void begin_join(struct actor_io *io)
{
	pthread_mutex_lock(&io->lock);
	io->n_joining++;
	io->was_quiet = io->was_looked_at = false;
	wake(io);
	pthread_mutex_unlock(&io->lock);
}

static void end_join(struct actor_io *io)
{
	pthread_mutex_lock(&io->lock);
	io->n_joining--;
	pthread_mutex_unlock(&io->lock);
}

static struct timespec to_timespec(int64_t time_ns)
{
	return time_ns < 0 ? (struct timespec){ 0, 0 }
			   : (struct timespec){ time_ns / 1000000000, time_ns % 1000000000 };
}

/* Also when the deadline has passed it has to be looked whether it is quiet. */
static int thread_join(struct actor_io *io, int64_t deadline_ns)
{
	struct timespec until = to_timespec(deadline_ns);
	bool passed = false;
	int rc;

	actor_burst_end(); /* by what it has made ready, something may go */
	begin_join(io);
	pthread_mutex_lock(&io->lock);
	while (!io->was_quiet && !(passed && io->was_looked_at)) {
		if (passed || deadline_ns == ACTOR_FOREVER)
			pthread_cond_wait(&io->changed, &io->lock);
		else
			passed = pthread_cond_timedwait(&io->changed, &io->lock, &until) ==
				 ETIMEDOUT;
	}
	rc = io->was_quiet ? 0 : ACTOR_E_TIMEOUT;
	pthread_mutex_unlock(&io->lock);
	end_join(io);
	return rc;
}

static void on_timer(uv_timer_t *timer)
{
	(void)timer; /* only that the loop returns */
}

static uint64_t milliseconds_until(int64_t deadline_ns)
{
	int64_t now_ns = (int64_t)uv_hrtime();

	return deadline_ns <= now_ns ? 0 : (uint64_t)(deadline_ns - now_ns - 1) / 1000000 + 1;
}

static int loop_join(struct actor_io *io, int64_t deadline_ns)
{
	begin_join(io);
	uv_ref((uv_handle_t *)&io->async);
	uv_update_time(io->loop);
	uv_timer_start(&io->timer, on_timer, milliseconds_until(deadline_ns), 0);
	while (!is_quiet(io) && uv_is_active((uv_handle_t *)&io->timer))
		uv_run(io->loop, UV_RUN_ONCE);
	uv_timer_stop(&io->timer);
	uv_unref((uv_handle_t *)&io->async);
	end_join(io);
	return is_quiet(io) ? 0 : ACTOR_E_TIMEOUT;
}

int actor_io_join(struct actor_io *io, int64_t deadline_ns)
{
	if (actor__io_here(io) == io->has_thread)
		return ACTOR_E_INVALID;
	return io->has_thread ? thread_join(io, deadline_ns) : loop_join(io, deadline_ns);
}

/* ---- the beginning */

static void add_handles(struct actor_io *io)
{
	uv_prepare_init(io->loop, &io->prepare);
	uv_timer_init(io->loop, &io->timer);
	uv_unref((uv_handle_t *)&io->prepare);
	io->async.data = io->prepare.data = io->timer.data = io;
	if (!io->has_thread)
		uv_unref((uv_handle_t *)&io->async);
}

/* On the loop's thread. */
static int begin(struct actor_io *io)
{
	int rc;

	if (uv_async_init(io->loop, &io->async, on_async) < 0)
		return ACTOR_E_SYSTEM;
	add_handles(io);
	rc = actor_uv_create(io->loop, &io->executor);
	if (rc < 0)
		close_handles(io);
	else
		executor_here = io->executor;
	return rc;
}

static void *thread_main(void *user)
{
	struct actor_io *io = user;
	int rc;

	if (uv_loop_init(&io->own_loop) < 0) {
		tell(io, ACTOR_E_SYSTEM);
		return NULL;
	}
	rc = begin(io);
	if (rc == 0)
		tell(io, 0);
	uv_run(&io->own_loop, UV_RUN_DEFAULT);
	uv_loop_close(&io->own_loop);
	if (rc < 0)
		tell(io, rc);
	return NULL;
}

/* What signals the program takes, it does not take here; nor is the end of it a connection that was
 * closed by the other side. */
static int thread_begin(struct actor_io *io)
{
	sigset_t all, before;
	int error;

	io->status = NOT_KNOWN;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	error = pthread_create(&io->thread, NULL, thread_main, io);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (error)
		return ACTOR_E_SYSTEM;
	error = wait_for_status(io);
	if (error < 0)
		pthread_join(io->thread, NULL);
	return error;
}

static void init_monotonic(pthread_cond_t *condition)
{
	pthread_condattr_t monotonic;

	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(condition, &monotonic);
	pthread_condattr_destroy(&monotonic);
}

static struct actor_io *io_alloc(struct uv_loop_s *loop)
{
	struct actor_io *io = calloc(1, sizeof *io);

	if (!io)
		return NULL;
	io->loop = loop ? loop : &io->own_loop;
	io->has_thread = !loop;
	io->thread = pthread_self(); /* until it has one */
	io->end = &io->first;
	io->job.run = run_end;
	pthread_mutex_init(&io->lock, NULL);
	init_monotonic(&io->changed);
	return io;
}

#define DEFAULT_KEEPALIVE_NS INT64_C(60000000000)

int actor_io_create(const struct actor_io_options *given, struct actor_io **ret_io)
{
	struct actor_io_options options;
	struct actor_io *io;
	int rc;

	if (!actor__options_read(&options, sizeof options, given) || options.keepalive_ns < 0)
		return ACTOR_E_INVALID;
	io = io_alloc(options.loop);
	if (!io)
		return ACTOR_E_NOMEM;
	io->keepalive_ns = options.keepalive_ns ? options.keepalive_ns : DEFAULT_KEEPALIVE_NS;
	rc = io->has_thread ? thread_begin(io) : begin(io);
	if (rc < 0) {
		/* With handles in somebody else's loop, it goes with these. */
		if (io->has_thread || !io->async.data)
			io_free(io);
		return rc;
	}
	*ret_io = io;
	return 0;
}

struct actor_executor *actor_io_executor(struct actor_io *io)
{
	return io->executor;
}
