/* SPDX-License-Identifier: MIT */
#ifndef ACTOR__IO_H
#define ACTOR__IO_H

#include <actor-iface/context.h>
#include <actor-remote/io.h>
#include <pthread.h>
#include <uv.h>

/** enum actor__io_kind - what lives in a loop, and somebody knows of */
enum actor__io_kind {
	ACTOR__IO_LISTENER,
	ACTOR__IO_TRANSPORT,
	ACTOR__IO_ATTEMPT, /* to connect */
	ACTOR__IO_KINDS
};

/** enum - so many bytes are read at a time */
enum { ACTOR__IO_READ_BYTES = 65536 };

/**
 * struct actor__io_job - something to be done on the loop's thread
 * @next: the loop's, from when it is submitted until it is run
 * @run:  does it, outside handlers; the job is not touched any more after it was called
 *
 * Needs no memory of its own: embedded in what it is about.
 */
struct actor__io_job {
	struct actor__io_job *next;
	void (*run)(struct actor__io_job *job);
};

/**
 * struct actor_io - a loop, its thread, and what is to be done there
 * @loop:       in which everything lives: @own_loop, or the program's
 * @executor:   there
 * @thread:     that runs the loop
 * @has_thread: the thread is this one's own
 * @async:      wakes the loop for jobs
 * @prepare:    looks, before the loop waits, whether all is quiet, while somebody joins
 * @timer:      ends the join of who runs the loop for it
 * @n_closed:   of these three
 * @keepalive_ns: of its TCP connections
 * @buffer:     what comes is read into it, for whichever transport: between two events there is
 *              nothing in it
 * @lock:       of what follows
 * @changed:    signalled when that is something a caller waits for
 * @first, @end: jobs
 * @n_living:   of each kind
 * @n_joining:  callers that wait until it is quiet
 * @was_quiet:  it was, since the last of them began
 * @was_looked_at: whether it is, since then
 * @status:     what a caller waits for: 1 as long as it is not known
 */
struct actor_io {
	uv_loop_t *loop;
	uv_loop_t own_loop;
	struct actor_executor *executor;
	pthread_t thread;
	bool has_thread;
	uv_async_t async;
	uv_prepare_t prepare;
	uv_timer_t timer;
	unsigned n_closed;
	int64_t keepalive_ns;
	uint8_t buffer[ACTOR__IO_READ_BYTES];
	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct actor__io_job *first;
	struct actor__io_job **end;
	struct actor__io_job job; /* to end it */
	size_t n_living[ACTOR__IO_KINDS];
	unsigned n_joining;
	bool was_quiet;
	bool was_looked_at;
	int status;
};

/** actor__io_submit() - have a job run on the loop's thread. Thread: any */
void actor__io_submit(struct actor_io *io, struct actor__io_job *job);

/** actor__io_here() - whether this is the loop's thread */
bool actor__io_here(const struct actor_io *io);

/** actor__io_begin() - one more lives there. Thread: any */
void actor__io_begin(struct actor_io *io, enum actor__io_kind kind);

/** actor__io_done() - one fewer: the last one may be the last that keeps @io. Thread: any */
void actor__io_done(struct actor_io *io, enum actor__io_kind kind);

/** actor__io_stands_still() - whether who waits by this context keeps the loop in which this
 * executor lives from running: for what happens there, it would wait in vain. Thread: context */
bool actor__io_stands_still(struct actor_context *context, const struct actor_executor *executor);

/**
 * actor__io_wait() - wait until a reply is delivered by the loop's thread
 * @context: whose reply it is
 *
 * Who runs the loop cannot wait for it, unless it is a handler: jobs are run for it at once, and
 * what has not been delivered then is ACTOR_E_NOSUSPEND.
 *
 * Return: as actor_await_replies()
 */
int actor__io_wait(struct actor_context *context, struct actor_io *io, struct actor_reply *reply,
		   int64_t deadline_ns);

/** actor__io_fail() - note what has failed: @rc, with errno or an error of libuv's below 0. Returns
 * @rc */
int actor__io_fail(struct actor_context *context, int rc, int error, const char *address);

/** actor__io_refuse() - note what makes no sense, and why: returns ACTOR_E_INVALID */
int actor__io_refuse(struct actor_context *context, const char *address, const char *why);

#define ACTOR__NO_ADDRESS "no address: tcp:HOST:PORT or unix:PATH"

#endif
