/* SPDX-License-Identifier: MIT */

/*
 * Sockets, TCP's and Unix's, as transports.
 *
 * An idle connection is a descriptor and a handle that polls it: what comes is read into the loop's
 * one buffer, what goes out is sent from the caller's memory, at once as far as there is room, and
 * the rest when there is more. The handle polls for what can be made use of: for bytes while
 * reading is on and has not ended, for room while a write is pending, or an operation has found
 * that the connection is lost, which is to be told outside it: such a socket always has room.
 *
 * Of TCP, the system is asked to find out when the other side has vanished: no peer has to know of
 * it. Who may not be silent from the start has a timer besides, until the first byte.
 *
 * They are read and written here, and not by libuv's streams, because these raise SIGPIPE when the
 * other side has gone, and a library leaves the program's signals alone.
 *
 * Everything is the loop's thread's; but before it is started, when there is no handle yet, a
 * transport may be destroyed by any.
 */

#include "transport-socket.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Of keep-alive: so often it asks before it gives up; and the most that Linux takes. */
enum { N_QUESTIONS = 4, MOST_SECONDS = 32767 };

struct socket {
	struct actor_transport transport;
	struct actor_io *io;
	struct actor_listener *listener; /* or NULL */
	const struct actor_transport_events *events;
	void *user;
	const uint8_t *rest; /* of a write that is pending */
	size_t n_rest;
	int fd;
	int lost;    /* errno of what was found and is not told yet */
	int watched; /* the events that the handle polls for */
	bool started;
	bool reading;
	bool finished; /* nothing comes any more */
	bool to_shut;  /* when what is pending has gone out */
	bool gone;     /* nothing is told any more: lost, or destroyed */
	uv_poll_t poll;
	uv_timer_t *first; /* until the first byte comes, if that may not take for ever */
	char address[];	   /* of the other side */
};

static struct socket *socket_of(const struct actor_transport *transport)
{
	return ACTOR_CONTAINER_OF(transport, struct socket, transport);
}

static bool would_block(int error)
{
	return error == EAGAIN || error == EWOULDBLOCK || error == EINTR;
}

/* ---- what is polled for */

static void on_poll(uv_poll_t *poll, int status, int events);

static void watch(struct socket *this)
{
	int wanted = 0;

	if (!this->gone && this->reading && !this->finished)
		wanted |= UV_READABLE;
	if (!this->gone && (this->n_rest > 0 || this->lost))
		wanted |= UV_WRITABLE;
	if (wanted == this->watched)
		return;
	this->watched = wanted;
	if (wanted)
		uv_poll_start(&this->poll, wanted, on_poll);
	else
		uv_poll_stop(&this->poll);
}

/* ---- the first byte */

static void on_first_closed(uv_handle_t *handle)
{
	free(handle);
}

static void first_is_over(struct socket *this)
{
	if (this->first)
		uv_close((uv_handle_t *)this->first, on_first_closed);
	this->first = NULL;
}

/* What has come but was not read, as while reading is paused or nobody got round to it, is not
 * nothing. */
static void on_first_late(uv_timer_t *first)
{
	struct socket *this = first->data;
	uint8_t byte;

	if (recv(this->fd, &byte, sizeof byte, MSG_PEEK) < 0 && would_block(errno) && !this->lost)
		this->lost = ETIMEDOUT;
	first_is_over(this);
	watch(this);
}

static int first_alloc(struct socket *this)
{
	if (!this->listener || actor__listener_first_byte_ns(this->listener) == ACTOR_FOREVER)
		return 0;
	this->first = calloc(1, sizeof *this->first);
	return this->first ? 0 : ACTOR_E_NOMEM;
}

static void first_begin(struct socket *this)
{
	uint64_t after_ms;

	if (!this->first)
		return;
	after_ms = (uint64_t)actor__listener_first_byte_ns(this->listener) / 1000000 + 1;
	uv_timer_init(this->io->loop, this->first);
	this->first->data = this;
	uv_timer_start(this->first, on_first_late, after_ms, 0);
}

/* ---- events */

static void tell_lost(struct socket *this, int error)
{
	this->gone = true;
	this->n_rest = 0;
	this->events->ended(this->user, ACTOR_E_SYSTEM, error);
}

/* How many bytes have gone out; an error is kept. */
static size_t send_some(struct socket *this, const uint8_t *bytes, size_t n)
{
	ssize_t n_sent = send(this->fd, bytes, n, MSG_NOSIGNAL);

	if (n_sent < 0 && !would_block(errno))
		this->lost = errno;
	return n_sent < 0 ? 0 : (size_t)n_sent;
}

static void send_rest(struct socket *this)
{
	size_t n = send_some(this, this->rest, this->n_rest);

	this->rest += n;
	this->n_rest -= n;
	if (this->n_rest > 0)
		return;
	if (this->to_shut)
		shutdown(this->fd, SHUT_WR);
	this->events->written(this->user);
}

/* Whether it need not be looked for more before a loss is told. */
static bool receive(struct socket *this)
{
	ssize_t n = recv(this->fd, this->io->buffer, sizeof this->io->buffer, 0);

	if (n > 0) {
		first_is_over(this);
		this->events->read(this->user, this->io->buffer, (size_t)n);
		return false;
	}
	if (n == 0) {
		this->finished = true;
		this->events->ended(this->user, 0, 0);
	} else if (!would_block(errno) && !this->lost) {
		this->lost = errno;
	}
	return true;
}

/* The callback of any event may be the last one, or pause. */
static void look(struct socket *this, int events)
{
	bool nothing_left = true;

	if (events & UV_READABLE && this->reading && !this->finished)
		nothing_left = receive(this);
	if (events & UV_WRITABLE && this->n_rest > 0 && !this->gone && !this->lost)
		send_rest(this);
	if (this->lost && !this->gone && (nothing_left || !this->reading))
		tell_lost(this, this->lost);
}

static void on_poll(uv_poll_t *poll, int status, int events)
{
	struct socket *this = poll->data;

	if (status < 0) { /* an error that the socket knows; libuv has stopped the handle */
		this->watched = 0;
		events = UV_READABLE | UV_WRITABLE;
	}
	look(this, events);
	if (!uv_is_closing((uv_handle_t *)poll))
		watch(this);
}

/* ---- what a transport does */

static int socket_start(struct actor_transport *transport,
			const struct actor_transport_events *events, void *user)
{
	struct socket *this = socket_of(transport);

	if (first_alloc(this) < 0)
		return ACTOR_E_NOMEM;
	if (uv_poll_init(this->io->loop, &this->poll, this->fd) < 0) {
		free(this->first);
		this->first = NULL;
		return ACTOR_E_SYSTEM;
	}
	first_begin(this);
	this->poll.data = this;
	this->events = events;
	this->user = user;
	this->started = this->reading = true;
	watch(this);
	return 0;
}

static void socket_read(struct actor_transport *transport, bool on)
{
	struct socket *this = socket_of(transport);

	this->reading = on;
	watch(this);
}

static int socket_write(struct actor_transport *transport, const uint8_t *bytes, size_t n)
{
	struct socket *this = socket_of(transport);
	size_t n_sent = 0;

	if (this->gone)
		return ACTOR_E_SYSTEM;
	if (!this->lost)
		n_sent = send_some(this, bytes, n);
	this->rest = bytes + n_sent;
	this->n_rest = this->lost ? 0 : n - n_sent;
	watch(this);
	if (this->lost)
		return ACTOR_E_SYSTEM;
	return this->n_rest > 0 ? ACTOR_PENDING : 0;
}

static void socket_shutdown(struct actor_transport *transport)
{
	struct socket *this = socket_of(transport);

	this->to_shut = true;
	if (this->n_rest == 0)
		shutdown(this->fd, SHUT_WR);
}

static void on_closed(uv_handle_t *handle)
{
	free(handle->data);
}

/* So that what is cut off is not taken for all there was; as far as TCP goes. */
static void reset_when_closed(int fd)
{
	struct linger linger = { 1, 0 };

	setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
}

static void socket_destroy(struct actor_transport *transport)
{
	struct socket *this = socket_of(transport);
	struct actor_listener *listener = this->listener;
	struct actor_io *io = this->io;
	bool started = this->started;

	this->gone = true;
	if (started) {
		if (this->n_rest > 0)
			reset_when_closed(this->fd);
		first_is_over(this);
		uv_close((uv_handle_t *)&this->poll, on_closed);
	}
	close(this->fd);
	if (!started)
		free(this);
	if (listener)
		actor__listener_freed(listener);
	actor__io_done(io, ACTOR__IO_TRANSPORT);
}

static int socket_describe(const struct actor_transport *transport, char *buffer, size_t n_buffer)
{
	return snprintf(buffer, n_buffer, "%s", socket_of(transport)->address);
}

static const struct actor_transport_ops socket_ops = {
	.size = sizeof socket_ops,
	.start = socket_start,
	.read = socket_read,
	.write = socket_write,
	.shutdown = socket_shutdown,
	.destroy = socket_destroy,
	.describe = socket_describe,
};

/* ---- that somebody is there */

static void set(int fd, int level, int name, int value)
{
	setsockopt(fd, level, name, &value, sizeof value);
}

static int in_seconds(int64_t duration_ns)
{
	int64_t n = duration_ns / INT64_C(1000000000);

	return n < 1 ? 1 : n < MOST_SECONDS ? (int)n : MOST_SECONDS;
}

/* Who is quiet is asked after half of the time, and then until it has passed; who ought to say that
 * he has got something has all of it. */
static void keep_alive(int fd, int64_t duration_ns)
{
	set(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
	set(fd, IPPROTO_TCP, TCP_KEEPIDLE, in_seconds(duration_ns / 2));
	set(fd, IPPROTO_TCP, TCP_KEEPINTVL, in_seconds(duration_ns / 2 / N_QUESTIONS));
	set(fd, IPPROTO_TCP, TCP_KEEPCNT, N_QUESTIONS);
	set(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, in_seconds(duration_ns) * 1000);
}

/* Unix sockets have no delay, and know when the other side has gone. */
static void settle_tcp(int fd, int64_t keepalive_ns)
{
	const int on = 1;
	bool is_tcp = setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) == 0;

	if (is_tcp && keepalive_ns != ACTOR_FOREVER)
		keep_alive(fd, keepalive_ns);
}

struct actor_transport *actor__socket_transport_create(struct actor_io *io, int fd,
						       const char *address,
						       struct actor_listener *listener)
{
	size_t n_address = strlen(address) + 1;
	struct socket *this = calloc(1, sizeof *this + n_address);

	if (!this)
		return NULL;
	settle_tcp(fd, io->keepalive_ns);
	this->transport.ops = &socket_ops;
	this->transport.executor = io->executor;
	this->io = io;
	this->listener = listener;
	this->fd = fd;
	memcpy(this->address, address, n_address);
	actor__io_begin(io, ACTOR__IO_TRANSPORT);
	return &this->transport;
}
