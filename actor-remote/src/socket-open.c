/* SPDX-License-Identifier: MIT */

/*
 * Opening sockets: on the loop's thread, for somebody who waits anywhere.
 *
 * An attempt looks up the name, if it is no number, and tries the addresses one after the other,
 * each on a socket of its own, with handles that are closed before the next. One that does not
 * answer gets no more than its share of the time that is left, so that there is some for those
 * behind it. It has two owners, the caller and the loop, and a reply, which the loop delivers
 * exactly once. A caller whose wait ends before that gives up: another job, which brings the
 * attempt to its end as soon as that can be. If the socket is there meanwhile, the reply is
 * delivered to nobody, which closes it. The caller keeps the loop until it has left; the attempt
 * does not use it any more when it is given up.
 *
 * A Unix socket whose backlog is full says so at once, and nothing tells when it is not any more:
 * it is tried again, now and then.
 *
 * Where nobody listens at a port from which connections are made, too, TCP may connect a socket to
 * itself. It would answer whatever is said, and keep the port from whoever is to listen there: so
 * that counts as refused.
 */

#include "socket-open.h"

#include <errno.h>
#include <netdb.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { RETRY_MS = 10 };

struct opened {
	int fd;
};

struct attempt {
	struct actor__io_job begin;
	struct actor__io_job give_up; /* run after the other, if at all */
	atomic_uint n_owners;
	struct actor_io *io;
	struct actor_reply *reply; /* NULL when it has been delivered */
	struct actor__socket_address address;
	int backlog;
	int error; /* the last one: errno, or below 0 of libuv's */
	/* The rest is the loop's thread's. */
	int fd; /* or -1 */
	bool given_up;
	bool looking_up;
	uv_getaddrinfo_t lookup;
	struct addrinfo *found;
	const struct addrinfo *next;
	int64_t until_ns; /* of the loop's clock */
	unsigned n_handles;
	bool has_poll;
	bool has_timer;
	uv_poll_t poll;
	uv_timer_t timer;
};

/* At least 0, so that a zeroed message owns nothing: see actor_message_type. */
static void drop_opened(void *message)
{
	struct opened *opened = message;

	if (opened->fd > 0)
		close(opened->fd);
}

static const struct actor_message_type opened_type = {
	.size = sizeof opened_type,
	.name = "actor.socket.opened",
	.message_size = sizeof(struct opened),
	.message_align = _Alignof(struct opened),
	.drop = drop_opened,
};

static void attempt_release(struct attempt *this)
{
	/* Acquire and release: who frees it comes after all that the other has done. */
	if (atomic_fetch_sub_explicit(&this->n_owners, 1, memory_order_acq_rel) == 1)
		free(this);
}

/* ---- the end: nothing is under way any more */

static void answer(struct attempt *this, int rc, struct opened *opened)
{
	struct actor_reply *reply = this->reply;

	this->reply = NULL;
	actor_reply_deliver(reply, rc, opened);
}

static void forget_socket(struct attempt *this)
{
	if (this->fd >= 0)
		close(this->fd);
	this->fd = -1;
}

static void finish(struct attempt *this, int rc)
{
	struct opened opened = { this->fd };

	if (rc == 0 && this->reply) {
		this->fd = -1;
		answer(this, 0, &opened);
	} else if (this->reply) {
		answer(this, rc, NULL);
	}
	forget_socket(this);
	if (this->found)
		freeaddrinfo(this->found);
	attempt_release(this);
}

/* ---- one address */

static int new_socket(int family)
{
	return socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
}

/* A descriptor; or -1, with errno. */
static int listen_at(const struct addrinfo *at, int backlog)
{
	const int on = 1;
	int fd = new_socket(at->ai_family), error;

	if (fd < 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	if (bind(fd, at->ai_addr, at->ai_addrlen) == 0 && listen(fd, backlog) == 0)
		return fd;
	error = errno;
	close(fd);
	errno = error;
	return -1;
}

static void try_next(struct attempt *this);

static void on_closed(uv_handle_t *handle)
{
	struct attempt *this = handle->data;

	if (--this->n_handles > 0)
		return;
	if (!this->error)
		finish(this, 0);
	else
		try_next(this);
}

static void close_handles(struct attempt *this)
{
	if (this->has_poll)
		uv_close((uv_handle_t *)&this->poll, on_closed);
	if (this->has_timer)
		uv_close((uv_handle_t *)&this->timer, on_closed);
	this->has_poll = this->has_timer = false;
}

static bool is_itself(int fd)
{
	struct sockaddr_storage mine = { 0 }, other = { 0 };
	socklen_t n_mine = sizeof mine, n_other = sizeof other;

	return getsockname(fd, (struct sockaddr *)&mine, &n_mine) == 0 &&
	       getpeername(fd, (struct sockaddr *)&other, &n_other) == 0 && n_mine == n_other &&
	       memcmp(&mine, &other, n_mine) == 0;
}

/* At once, so that the port is free for whoever is to listen there. */
static bool refuse_itself(struct attempt *this)
{
	const struct linger at_once = { 1, 0 };

	if (this->address.is_unix || !is_itself(this->fd))
		return false;
	setsockopt(this->fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
	forget_socket(this);
	this->error = ECONNREFUSED;
	return true;
}

static void on_connected(uv_poll_t *poll, int status, int events)
{
	struct attempt *this = poll->data;
	socklen_t n_error = sizeof this->error;

	(void)status, (void)events;
	if (getsockopt(this->fd, SOL_SOCKET, SO_ERROR, &this->error, &n_error) < 0)
		this->error = errno;
	close_handles(this);
	if (!this->error)
		refuse_itself(this);
}

static void on_time_over(uv_timer_t *timer)
{
	close_handles(timer->data);
}

static void wait_ms(struct attempt *this, uint64_t ms)
{
	uv_timer_init(this->io->loop, &this->timer);
	this->timer.data = this;
	this->has_timer = true;
	this->n_handles++;
	uv_update_time(this->io->loop);
	uv_timer_start(&this->timer, on_time_over, ms, 0);
}

/* For one that is followed by others. */
static void limit_time(struct attempt *this)
{
	int64_t left_ns = this->until_ns - (int64_t)uv_hrtime(), n = 1;

	for (const struct addrinfo *at = this->next; at; at = at->ai_next)
		n++;
	if (n > 1 && this->until_ns != ACTOR_FOREVER)
		wait_ms(this, left_ns > 0 ? (uint64_t)(left_ns / n / 1000000) : 0);
}

/* Without an answer, this is what the error will be. */
static bool wait_until_connected(struct attempt *this)
{
	int rc = uv_poll_init(this->io->loop, &this->poll, this->fd);

	if (rc < 0) {
		this->error = rc;
		return false;
	}
	this->error = ETIMEDOUT;
	this->poll.data = this;
	this->has_poll = true;
	this->n_handles++;
	uv_poll_start(&this->poll, UV_WRITABLE, on_connected);
	limit_time(this);
	return true;
}

/* Whether it has begun, or even come to its end, as which it is not ours any more; if not, the
 * error is kept. */
static bool try_to_connect(struct attempt *this, int family, const void *address,
			   socklen_t n_address)
{
	forget_socket(this);
	this->fd = new_socket(family);
	this->error = this->fd >= 0 && connect(this->fd, address, n_address) == 0 ? 0 : errno;
	if (this->fd < 0 || (!this->error && refuse_itself(this)))
		return false;
	switch (this->error) {
	case 0:
		finish(this, 0);
		return true;
	case EINPROGRESS:
		return wait_until_connected(this);
	case EAGAIN:
		wait_ms(this, RETRY_MS);
		return true;
	default:
		return false;
	}
}

static bool try_to_listen(struct attempt *this, const struct addrinfo *at)
{
	this->fd = listen_at(at, this->backlog);
	if (this->fd < 0) {
		this->error = errno;
		return false;
	}
	finish(this, 0);
	return true;
}

/* ---- one after the other */

static bool try_found(struct attempt *this)
{
	const struct addrinfo *at;

	while ((at = this->next)) {
		this->next = at->ai_next;
		if (this->backlog > 0
			    ? try_to_listen(this, at)
			    : try_to_connect(this, at->ai_family, at->ai_addr, at->ai_addrlen))
			return true;
	}
	return false;
}

/* There is but one address, and but one reason to come back to it. */
static bool try_path(struct attempt *this)
{
	const struct sockaddr_un *path = &this->address.path;

	return (!this->error || this->error == EAGAIN) &&
	       try_to_connect(this, AF_UNIX, path, sizeof *path);
}

static void try_next(struct attempt *this)
{
	if (!this->given_up && (this->address.is_unix ? try_path(this) : try_found(this)))
		return;
	finish(this, ACTOR_E_SYSTEM);
}

/* ---- names */

static int find_number(const struct actor__socket_address *address, struct addrinfo **ret_found)
{
	const struct addrinfo hints = { .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV,
					.ai_socktype = SOCK_STREAM };

	return getaddrinfo(address->host, address->port, &hints, ret_found);
}

static void on_looked_up(uv_getaddrinfo_t *lookup, int status, struct addrinfo *found)
{
	struct attempt *this = lookup->data;

	this->looking_up = false;
	this->error = status;
	this->found = found;
	this->next = found;
	try_next(this);
}

static void look_up(struct attempt *this)
{
	const struct addrinfo hints = { .ai_socktype = SOCK_STREAM };

	if (find_number(&this->address, &this->found) == 0) {
		this->next = this->found;
		try_next(this);
		return;
	}
	this->found = NULL;
	this->lookup.data = this;
	this->error = uv_getaddrinfo(this->io->loop, &this->lookup, on_looked_up,
				     this->address.host, this->address.port, &hints);
	if (this->error < 0)
		finish(this, ACTOR_E_SYSTEM);
	else
		this->looking_up = true;
}

/* ---- jobs */

static void run_begin(struct actor__io_job *job)
{
	struct attempt *this = ACTOR_CONTAINER_OF(job, struct attempt, begin);

	if (this->address.is_unix)
		try_next(this);
	else
		look_up(this);
}

/* A look-up that is being made cannot be cancelled: nobody waits for it. */
static void run_give_up(struct actor__io_job *job)
{
	struct attempt *this = ACTOR_CONTAINER_OF(job, struct attempt, give_up);

	this->given_up = true;
	if (this->reply)
		answer(this, ACTOR_E_CANCELLED, NULL);
	if (this->looking_up)
		uv_cancel((uv_req_t *)&this->lookup);
	close_handles(this);
	attempt_release(this);
}

/* ---- the caller */

/* Each context has a clock of its own. */
static int64_t to_loops_clock(struct actor_context *context, int64_t deadline_ns)
{
	int64_t now_ns = actor_now(context), loops_ns = (int64_t)uv_hrtime();

	if (deadline_ns == ACTOR_FOREVER)
		return ACTOR_FOREVER;
	return deadline_ns > now_ns ? actor_time_after(loops_ns, deadline_ns - now_ns) : loops_ns;
}

static struct attempt *attempt_create(struct actor_context *context, struct actor_io *io,
				      const struct actor__opening *opening)
{
	struct attempt *this = calloc(1, sizeof *this);

	if (!this)
		return NULL;
	this->begin.run = run_begin;
	this->give_up.run = run_give_up;
	atomic_init(&this->n_owners, 2);
	this->io = io;
	this->address = *opening->address;
	this->backlog = opening->backlog;
	this->until_ns = to_loops_clock(context, opening->deadline_ns);
	this->fd = -1;
	return this;
}

static int await(struct actor_context *context, struct attempt *this, struct actor_reply *reply,
		 const struct actor__opening *opening, int *ret_fd)
{
	int waited = actor__io_wait(context, this->io, reply, opening->deadline_ns);
	struct opened opened;
	int rc = context->ops->reply_close(context, reply, &opened);

	if (rc == ACTOR_E_ABANDONED) {
		/* Relaxed: we are an owner. */
		atomic_fetch_add_explicit(&this->n_owners, 1, memory_order_relaxed);
		actor__io_submit(this->io, &this->give_up);
		return actor__io_fail(context, waited, 0, opening->text);
	}
	if (rc < 0)
		return actor__io_fail(context, rc, this->error, opening->text);
	*ret_fd = opened.fd;
	return 0;
}

static int open_by_attempt(struct actor_context *context, struct actor_io *io,
			   const struct actor__opening *opening, int *ret_fd)
{
	struct attempt *this = attempt_create(context, io, opening);
	struct actor_reply *reply;
	int rc = this ? context->ops->reply_open(context, &opened_type, &reply) : ACTOR_E_NOMEM;

	if (rc < 0) {
		free(this);
		return actor__io_fail(context, rc, 0, opening->text);
	}
	this->reply = reply;
	actor__io_submit(io, &this->begin);
	rc = await(context, this, reply, opening, ret_fd);
	attempt_release(this);
	return rc;
}

static int listen_here(struct actor_context *context, const struct addrinfo *found,
		       const struct actor__opening *opening, int *ret_fd)
{
	int fd = -1;

	for (; found && fd < 0; found = found->ai_next)
		fd = listen_at(found, opening->backlog);
	if (fd < 0)
		return actor__io_fail(context, ACTOR_E_SYSTEM, errno, opening->text);
	*ret_fd = fd;
	return 0;
}

int actor__socket_open(struct actor_context *context, struct actor_io *io,
		       const struct actor__opening *opening, int *ret_fd)
{
	struct addrinfo *found;
	int rc;

	if (opening->backlog == 0 || find_number(opening->address, &found) != 0)
		return open_by_attempt(context, io, opening, ret_fd);
	rc = listen_here(context, found, opening, ret_fd);
	freeaddrinfo(found);
	return rc;
}
