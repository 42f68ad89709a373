/* SPDX-License-Identifier: MIT */

/*
 * Listening: sockets that accept, on the loop's thread.
 *
 * A listener is polled while it may accept: not when it has as many connections as it may, until
 * one of them is gone, unless it is to refuse them, nor for a moment when the system has no
 * descriptor or memory for another: who connects then waits in the backlog. Its owners are who has
 * it, whom closing takes the place of until its handles are closed, and each connection, which it
 * counts.
 *
 * The file of a Unix socket on which nobody answers is left from before, and replaced: two programs
 * that begin at the same moment may so replace each other's. It is removed only if it still is the
 * one that was made.
 */

#define _GNU_SOURCE /* accept4() */

#include "socket-open.h"
#include "tls-roles.h"
#include "transport-socket.h"

#include <actor-impl/thread.h>
#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PAUSE_MS = 100, MOST_A_ROUND = 16, DEFAULT_BACKLOG = 128, DEFAULT_MOST = 1024 };

struct actor_listener {
	struct actor__io_job begin;
	struct actor__io_job close;
	struct actor__io_job freed;
	struct actor_io *io;
	struct actor_listen_options options;
	int fd;
	bool has_file;
	struct sockaddr_un path;
	dev_t device; /* of the file, as it was made */
	ino_t number;
	atomic_uint n_owners;
	atomic_bool closed;
	atomic_bool is_freed; /* that job is under way */
	atomic_size_t n_connections;
	_Atomic uint64_t n_accepted;
	_Atomic uint64_t n_refused;
	/* The rest is the loop's thread's. */
	bool watched;
	bool pausing;
	unsigned n_handles;
	bool has_poll;
	uv_poll_t poll;
	uv_timer_t pause;
	char text[ACTOR__SOCKET_ADDRESS_TEXT];
};

static void listener_release(struct actor_listener *this)
{
	if (atomic_fetch_sub(&this->n_owners, 1) > 1)
		return;
	actor_tls_unref(this->options.tls);
	free(this);
}

/* ---- when it accepts */

static void on_poll(uv_poll_t *poll, int status, int events);
static void on_pause_over(uv_timer_t *timer);

static bool is_full(struct actor_listener *this)
{
	return atomic_load(&this->n_connections) >= this->options.most;
}

static bool may_accept(struct actor_listener *this)
{
	return !this->pausing && !atomic_load(&this->closed) &&
	       (this->options.refuse || !is_full(this));
}

/* Without it, the loop would be told of what it cannot take, again and again. */
static void pause_for_want(struct actor_listener *this, const char *of)
{
	struct actor_context *context = actor_thread_context();

	if (context)
		ACTOR_LOG(context, ACTOR_LOG_WARNING, "%s: no more for a moment: %s", this->text,
			  of);
	this->pausing = true;
	uv_timer_start(&this->pause, on_pause_over, PAUSE_MS, 0);
}

static bool add_poll(struct actor_listener *this)
{
	int rc = this->has_poll ? 0 : uv_poll_init(this->io->loop, &this->poll, this->fd);

	if (rc < 0) {
		pause_for_want(this, uv_strerror(rc));
		return false;
	}
	this->n_handles += !this->has_poll;
	this->has_poll = true;
	return true;
}

/* Until it is closed. */
static void watch(struct actor_listener *this)
{
	bool wanted = may_accept(this) && add_poll(this);

	if (wanted == this->watched)
		return;
	this->watched = wanted;
	if (wanted)
		uv_poll_start(&this->poll, UV_READABLE, on_poll);
	else
		uv_poll_stop(&this->poll);
}

static void on_pause_over(uv_timer_t *timer)
{
	struct actor_listener *this = timer->data;

	this->pausing = false;
	watch(this);
}

int64_t actor__listener_first_byte_ns(const struct actor_listener *this)
{
	return this->options.first_byte_timeout_ns;
}

void actor__listener_freed(struct actor_listener *this)
{
	bool was_full = atomic_fetch_sub(&this->n_connections, 1) == this->options.most;

	if (was_full && !atomic_exchange(&this->is_freed, true))
		actor__io_submit(this->io, &this->freed); /* with what it owned */
	else
		listener_release(this);
}

static void run_freed(struct actor__io_job *job)
{
	struct actor_listener *this = ACTOR_CONTAINER_OF(job, struct actor_listener, freed);

	atomic_store(&this->is_freed, false);
	if (!atomic_load(&this->closed))
		watch(this);
	listener_release(this);
}

/* ---- accepting */

static void describe(const struct actor_listener *this, const struct sockaddr_storage *other,
		     socklen_t n_other, char text[ACTOR__SOCKET_ADDRESS_TEXT])
{
	if (this->has_file) /* who connects to it has no address */
		memcpy(text, this->text, ACTOR__SOCKET_ADDRESS_TEXT);
	else
		actor__socket_address_format((const struct sockaddr *)other, n_other, text,
					     ACTOR__SOCKET_ADDRESS_TEXT);
}

static struct actor_transport *transport_create(struct actor_listener *this, int fd,
						const struct sockaddr_storage *other,
						socklen_t n_other)
{
	char text[ACTOR__SOCKET_ADDRESS_TEXT];
	struct actor_transport *transport;

	if (is_full(this))
		return NULL;
	describe(this, other, n_other, text);
	transport = actor__socket_transport_create(this->io, fd, text, this);
	if (!transport)
		return NULL;
	atomic_fetch_add(&this->n_owners, 1);
	atomic_fetch_add(&this->n_connections, 1);
	atomic_fetch_add(&this->n_accepted, 1);
	return transport;
}

/* To whoever is to have it; without memory, who has connected sees it end. */
static void hand_over(struct actor_listener *this, struct actor_transport *transport)
{
	if (!this->options.tls || actor_tls_server(this->options.tls, transport, &transport) == 0)
		this->options.accept(this->options.user, transport);
	else
		actor_transport_destroy(transport);
}

static bool lacks_something(int error)
{
	return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM;
}

/* Whether there may be more. What is wrong with one connection alone is not our concern; but if it
 * is with as many as are accepted in a round, it may be with all that will ever come: as where the
 * system's policy does not let us accept any, and leaves them where they are. */
static bool not_accepted(struct actor_listener *this, int error, unsigned *n_failed)
{
	bool would_block = error == EAGAIN || error == EWOULDBLOCK;

	*n_failed += !would_block;
	if (lacks_something(error) || *n_failed == MOST_A_ROUND)
		pause_for_want(this, strerror(error));
	return !would_block;
}

static bool accept_one(struct actor_listener *this, unsigned *n_failed)
{
	struct sockaddr_storage other;
	socklen_t n_other = sizeof other;
	struct actor_transport *transport;
	int fd = accept4(this->fd, (struct sockaddr *)&other, &n_other,
			 SOCK_NONBLOCK | SOCK_CLOEXEC);

	if (fd < 0)
		return not_accepted(this, errno, n_failed);
	transport = transport_create(this, fd, &other, n_other);
	if (transport) {
		hand_over(this, transport);
	} else {
		close(fd); /* who has connected sees it end */
		atomic_fetch_add(&this->n_refused, 1);
	}
	return true;
}

static void on_poll(uv_poll_t *poll, int status, int events)
{
	struct actor_listener *this = poll->data;
	unsigned n_failed = 0;

	(void)events;
	if (status < 0) /* libuv has stopped the handle; accepting says what it is */
		this->watched = false;
	for (unsigned n = 0; n < MOST_A_ROUND && may_accept(this) && accept_one(this, &n_failed);
	     n++)
		;
	watch(this);
}

/* ---- the file of a Unix socket */

/* Also when it has gone meanwhile. */
static bool nobody_listens(const struct sockaddr_un *path)
{
	struct stat file;
	bool refused;
	int fd;

	if (lstat(path->sun_path, &file) < 0)
		return errno == ENOENT;
	if (!S_ISSOCK(file.st_mode))
		return false;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return false;
	refused = connect(fd, (const void *)path, sizeof *path) < 0 && errno == ECONNREFUSED;
	close(fd);
	return refused;
}

static int bind_path(int fd, const struct sockaddr_un *path)
{
	if (bind(fd, (const void *)path, sizeof *path) == 0)
		return 0;
	if (errno != EADDRINUSE)
		return -1;
	if (!nobody_listens(path)) {
		errno = EADDRINUSE;
		return -1;
	}
	unlink(path->sun_path);
	return bind(fd, (const void *)path, sizeof *path);
}

static void file_made(struct actor_listener *this)
{
	struct stat file;

	if (lstat(this->path.sun_path, &file) < 0)
		return;
	this->has_file = true;
	this->device = file.st_dev;
	this->number = file.st_ino;
}

static void file_remove(const struct actor_listener *this)
{
	struct stat file;

	if (this->has_file && lstat(this->path.sun_path, &file) == 0 &&
	    file.st_dev == this->device && file.st_ino == this->number)
		unlink(this->path.sun_path);
}

static int listen_at_path(struct actor_listener *this)
{
	this->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (this->fd < 0 || bind_path(this->fd, &this->path) < 0)
		return -1;
	file_made(this);
	return listen(this->fd, this->options.backlog);
}

/* ---- the beginning and the end, on the loop's thread */

static void run_begin(struct actor__io_job *job)
{
	struct actor_listener *this = ACTOR_CONTAINER_OF(job, struct actor_listener, begin);

	uv_timer_init(this->io->loop, &this->pause);
	this->n_handles = 1;
	this->pause.data = this->poll.data = this;
	watch(this);
}

static void on_closed(uv_handle_t *handle)
{
	struct actor_listener *this = handle->data;

	if (--this->n_handles == 0)
		listener_release(this);
}

static void run_close(struct actor__io_job *job)
{
	struct actor_listener *this = ACTOR_CONTAINER_OF(job, struct actor_listener, close);

	uv_close((uv_handle_t *)&this->pause, on_closed);
	if (this->has_poll)
		uv_close((uv_handle_t *)&this->poll, on_closed);
	close(this->fd);
	file_remove(this);
	if (this->options.on_closed)
		this->options.on_closed(this->options.user);
	actor__io_done(this->io, ACTOR__IO_LISTENER);
}

/* ---- for those who have one */

static int options_settle(const struct actor_listen_options *given,
			  struct actor_listen_options *options)
{
	if (!actor__options_read(options, sizeof *options, given))
		return ACTOR_E_INVALID;
	if (options->backlog == 0)
		options->backlog = DEFAULT_BACKLOG;
	if (options->most == 0)
		options->most = DEFAULT_MOST;
	if (options->tls && !actor__tls_can_serve(options->tls))
		return ACTOR_E_INVALID;
	if (options->first_byte_timeout_ns == 0)
		options->first_byte_timeout_ns = ACTOR_FOREVER;
	return options->accept && options->backlog > 0 && options->first_byte_timeout_ns > 0
		       ? 0
		       : ACTOR_E_INVALID;
}

static struct actor_listener *listener_create(struct actor_io *io,
					      const struct actor_listen_options *options)
{
	struct actor_listener *this = calloc(1, sizeof *this);

	if (!this)
		return NULL;
	this->begin.run = run_begin;
	this->close.run = run_close;
	this->freed.run = run_freed;
	this->io = io;
	this->options = *options;
	if (options->tls)
		actor_tls_ref(options->tls);
	this->fd = -1;
	atomic_init(&this->n_owners, 1);
	return this;
}

static int open_path(struct actor_context *context, struct actor_listener *this, const char *text)
{
	int error;

	if (listen_at_path(this) == 0) {
		memcpy(this->text, text, strlen(text) + 1);
		return 0;
	}
	error = errno;
	file_remove(this);
	return actor__io_fail(context, ACTOR_E_SYSTEM, error, text);
}

static int open_tcp(struct actor_context *context, struct actor_listener *this,
		    const struct actor__socket_address *address, const char *text)
{
	const struct actor__opening opening = {
		.address = address,
		.text = text,
		.backlog = this->options.backlog,
		.deadline_ns = ACTOR_FOREVER,
	};
	struct sockaddr_storage mine;
	socklen_t n_mine = sizeof mine;
	int rc = actor__socket_open(context, this->io, &opening, &this->fd);

	if (rc < 0)
		return rc;
	if (getsockname(this->fd, (struct sockaddr *)&mine, &n_mine) < 0)
		return actor__io_fail(context, ACTOR_E_SYSTEM, errno, text);
	actor__socket_address_format((struct sockaddr *)&mine, n_mine, this->text,
				     sizeof this->text);
	return 0;
}

static int listener_open(struct actor_context *context, struct actor_listener *this,
			 const char *text)
{
	struct actor__socket_address address;

	if (actor__socket_address_parse(&address, text) < 0)
		return actor__io_refuse(context, text, ACTOR__NO_ADDRESS);
	this->path = address.path;
	return address.is_unix ? open_path(context, this, text)
			       : open_tcp(context, this, &address, text);
}

int actor_listen(struct actor_context *context, struct actor_io *io, const char *text,
		 const struct actor_listen_options *given, struct actor_listener **ret_listener)
{
	struct actor_listen_options options;
	struct actor_listener *this;
	int rc;

	if (options_settle(given, &options) < 0)
		return actor__io_refuse(context, text, "options to listen that make no sense");
	this = listener_create(io, &options);
	if (!this)
		return actor__io_fail(context, ACTOR_E_NOMEM, 0, text);
	actor__io_begin(io, ACTOR__IO_LISTENER);
	rc = listener_open(context, this, text);
	if (rc < 0) {
		if (this->fd >= 0)
			close(this->fd);
		listener_release(this);
		actor__io_done(io, ACTOR__IO_LISTENER);
		return rc;
	}
	actor__io_submit(io, &this->begin);
	*ret_listener = this;
	return 0;
}

const char *actor_listener_address(const struct actor_listener *listener)
{
	return listener->text;
}

void actor_listener_counts_get(const struct actor_listener *listener,
			       struct actor_listener_counts *ret_counts)
{
	ret_counts->n_connections = atomic_load(&listener->n_connections);
	ret_counts->n_accepted = atomic_load(&listener->n_accepted);
	ret_counts->n_refused = atomic_load(&listener->n_refused);
}

void actor_listener_close(struct actor_listener *listener)
{
	if (!listener)
		return;
	atomic_store(&listener->closed, true);
	actor__io_submit(listener->io, &listener->close);
}
