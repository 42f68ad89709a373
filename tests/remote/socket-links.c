/* SPDX-License-Identifier: MIT */

/*
 * Transports of sockets whose loop is run by an actor of the simulation.
 *
 * What makes something happen at a socket is a call: a write at the other end, say. All of these
 * are wrapped by the linker: they are counted, and ring for the actor, which runs the loop once,
 * without waiting, and again as long as it was rung for. So an event comes in an order that the
 * seed decides, and nobody is ready any more only when nothing is left to be read or written.
 *
 * What is written to a Unix socket is there at once. By TCP it mostly is, too; when it is not, the
 * actor waits for it, in real time, by poll(): from what has been counted, and what the system says
 * is in its queues, it follows what is still to come.
 */

#define _GNU_SOURCE /* for POLLRDHUP */

#include "socket-links.h"

#include "transport-socket.h"

#include <errno.h>
#include <fcntl.h>
#include <impl/hand.h>
#include <impl/test.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { MOST_ENDS = 256, BUFFER_BYTES = 16384, CUT_BYTES = 100 };

#define PATIENCE_NS INT64_C(10000000000)

/**
 * struct end - a socket
 * @other:     of the same connection
 * @open:      it is not closed
 * @shut:      its direction is
 * @reset:     it was closed so that the other end loses the connection
 * @n_sent:    bytes that the system has taken
 * @n_got:     that have been read
 * @watched:   what it is polled for
 * @was_cut:   the last call was made to do less: this one is not
 */
struct end {
	int fd;
	struct end *other;
	bool open;
	bool shut;
	bool reset;
	uint64_t n_sent;
	uint64_t n_got;
	int watched;
	bool was_cut;
};

static struct {
	struct actor_executor *simulation;
	enum link_kind kind;
	uv_loop_t loop;
	struct actor_io io;
	union hand_address driver;
	bool rung;
	bool stuck;
	struct end ends[MOST_ENDS];
	size_t n_ends;
} links;

/* ---- the actor that looks */

static int look(struct actor_context *context, void *user);

static void ring(void)
{
	int error = errno;

	if (links.driver.address && !links.rung)
		links.rung = hand_send(NULL, links.driver, look, NULL) == 0;
	errno = error;
}

/* ---- what is on its way */

static bool is_unread(const struct end *end)
{
	int n = 0;

	ioctl(end->fd, SIOCINQ, &n);
	return n > 0;
}

static short state_of(const struct end *end)
{
	struct pollfd at = { end->fd, POLLOUT | POLLRDHUP, 0 };

	poll(&at, 1, 0);
	return at.revents;
}

/* Bytes, or that there will be no more. */
static bool has_more(const struct end *other, const struct end *end, short state)
{
	bool is_done = other->shut || !other->open;

	return other->n_sent > end->n_got || (is_done && !(state & POLLRDHUP));
}

/* While an end leaves unread what has come, it is not known what else can. */
static bool is_awaited(const struct end *end)
{
	const struct end *other = end->other;
	short state;

	if (!end->open)
		return false;
	state = state_of(end);
	if (state & (POLLERR | POLLHUP))
		return false; /* that was all */
	if (!other->open && (other->reset || end->n_sent > other->n_got))
		return true; /* the loss */
	if (!is_unread(end) && has_more(other, end, state))
		return true;
	/* Room, when all has been read. */
	return end->watched & UV_WRITABLE && other->n_got == end->n_sent && !(state & POLLOUT);
}

static struct end *find_awaited(void)
{
	for (size_t i = 0; links.kind == LINK_TCP && i < links.n_ends; i++)
		if (is_awaited(&links.ends[i]))
			return &links.ends[i];
	return NULL;
}

static int64_t real_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

/* Whether there was any; then it has come. */
static bool wait_for_awaited(void)
{
	int64_t ends_ns = real_ns() + PATIENCE_NS;
	struct end *end = find_awaited();
	bool any = end != NULL;

	for (; end && !links.stuck; end = find_awaited()) {
		struct pollfd at = { end->fd, POLLIN | POLLRDHUP, 0 };

		if (end->watched & UV_WRITABLE)
			at.events |= POLLOUT;
		poll(&at, 1, 1);
		links.stuck = real_ns() >= ends_ns;
	}
	return any && !links.stuck;
}

static int look(struct actor_context *context, void *user)
{
	(void)context, (void)user;
	links.rung = false;
	uv_run(&links.loop, UV_RUN_NOWAIT);
	if (!links.rung && wait_for_awaited())
		ring();
	return 0;
}

/* ---- the calls of the library */

ssize_t __real_send(int fd, const void *bytes, size_t n, int flags);
ssize_t __real_recv(int fd, void *bytes, size_t n, int flags);
int __real_shutdown(int fd, int how);
int __real_close(int fd);
int __real_uv_poll_start(uv_poll_t *poll, int events, uv_poll_cb callback);
int __real_uv_poll_stop(uv_poll_t *poll);
ssize_t __wrap_send(int fd, const void *bytes, size_t n, int flags);
ssize_t __wrap_recv(int fd, void *bytes, size_t n, int flags);
int __wrap_shutdown(int fd, int how);
int __wrap_close(int fd);
int __wrap_uv_poll_start(uv_poll_t *poll, int events, uv_poll_cb callback);
int __wrap_uv_poll_stop(uv_poll_t *poll);

static struct end *end_of(int fd)
{
	for (size_t i = 0; i < links.n_ends; i++)
		if (links.ends[i].open && links.ends[i].fd == fd)
			return &links.ends[i];
	return NULL;
}

static struct end *end_of_poll(const uv_poll_t *poll)
{
	uv_os_fd_t fd = -1;

	return uv_fileno((const uv_handle_t *)poll, &fd) == 0 ? end_of(fd) : NULL;
}

/* Seldom twice in a row, so that little is still little. */
static size_t cut(struct end *end, size_t n)
{
	end->was_cut = !end->was_cut && links.driver.address &&
		       actor_simulation_choose(links.simulation, 4) == 0;
	return end->was_cut ? actor_simulation_choose(links.simulation, CUT_BYTES) : n;
}

/* As if there were no room at all when there would be for no byte. */
ssize_t __wrap_send(int fd, const void *bytes, size_t n, int flags)
{
	struct end *end = end_of(fd);
	size_t n_cut = end ? cut(end, n) : n;
	ssize_t rc = -1;

	if (n_cut == 0)
		errno = EAGAIN;
	else
		rc = __real_send(fd, bytes, n_cut < n ? n_cut : n, flags);
	if (end && rc > 0)
		end->n_sent += (uint64_t)rc;
	ring();
	return rc;
}

ssize_t __wrap_recv(int fd, void *bytes, size_t n, int flags)
{
	struct end *end = end_of(fd);
	size_t n_cut = end ? cut(end, n) : n;
	ssize_t rc = -1;

	if (n_cut == 0)
		errno = EINTR;
	else
		rc = __real_recv(fd, bytes, n_cut < n ? n_cut : n, flags);
	if (end && rc > 0)
		end->n_got += (uint64_t)rc;
	ring();
	return rc;
}

int __wrap_shutdown(int fd, int how)
{
	struct end *end = end_of(fd);

	if (end)
		end->shut = true;
	ring();
	return __real_shutdown(fd, how);
}

static void note_close(struct end *end)
{
	struct linger linger = { 0, 0 };
	socklen_t size = sizeof linger;

	getsockopt(end->fd, SOL_SOCKET, SO_LINGER, &linger, &size);
	end->reset = linger.l_onoff || is_unread(end);
	end->open = false;
}

int __wrap_close(int fd)
{
	struct end *end = end_of(fd);

	if (end) {
		note_close(end);
		ring();
	}
	return __real_close(fd);
}

int __wrap_uv_poll_start(uv_poll_t *poll, int events, uv_poll_cb callback)
{
	struct end *end = end_of_poll(poll);

	if (end)
		end->watched = events;
	ring();
	return __real_uv_poll_start(poll, events, callback);
}

int __wrap_uv_poll_stop(uv_poll_t *poll)
{
	struct end *end = end_of_poll(poll);

	if (end)
		end->watched = 0;
	return __real_uv_poll_stop(poll);
}

/* ---- connections */

static void set_room(int fd)
{
	const int n = BUFFER_BYTES;

	assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &n, sizeof n), 0);
	assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &n, sizeof n), 0);
}

static int new_tcp(void)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	set_room(fd);
	return fd;
}

/* One for all, since each port that was listened at is kept by the system for a while. */
static int listen_once(struct sockaddr_in *ret_at)
{
	static struct sockaddr_in at = { .sin_family = AF_INET };
	static int listener = -1;
	socklen_t size = sizeof at;

	if (listener < 0) {
		at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
		listener = new_tcp();
		assert_int_equal(bind(listener, (struct sockaddr *)&at, sizeof at), 0);
		assert_int_equal(listen(listener, 1), 0);
		assert_int_equal(getsockname(listener, (struct sockaddr *)&at, &size), 0);
	}
	*ret_at = at;
	return listener;
}

static void connect_tcp(int *fds)
{
	struct sockaddr_in at;
	int listener = listen_once(&at);

	fds[0] = new_tcp();
	assert_int_equal(connect(fds[0], (struct sockaddr *)&at, sizeof at), 0);
	fds[1] = accept(listener, NULL, NULL);
	assert_true(fds[1] >= 0);
}

static void connect_unix(int *fds)
{
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
	set_room(fds[0]);
	set_room(fds[1]);
}

static struct actor_transport *make_end(int fd)
{
	struct actor_transport *transport;

	assert_int_equal(fcntl(fd, F_SETFL, O_NONBLOCK), 0);
	transport = actor__socket_transport_create(
		&links.io, fd, links.kind == LINK_TCP ? "tcp:127.0.0.1:1" : "unix:", NULL);
	assert_non_null(transport);
	return transport;
}

void socket_links_connect(struct actor_transport **ret_a, struct actor_transport **ret_b)
{
	struct end *ends = &links.ends[links.n_ends];
	int fds[2];

	assert_true(links.n_ends + 2 <= MOST_ENDS);
	if (links.kind == LINK_TCP)
		connect_tcp(fds);
	else
		connect_unix(fds);
	ends[0] = (struct end){ .fd = fds[0], .other = &ends[1], .open = true };
	ends[1] = (struct end){ .fd = fds[1], .other = &ends[0], .open = true };
	links.n_ends += 2;
	*ret_a = make_end(fds[0]);
	*ret_b = make_end(fds[1]);
}

void socket_links_open(struct actor_executor *simulation, enum link_kind kind)
{
	memset(&links, 0, sizeof links);
	links.simulation = simulation;
	links.kind = kind;
	assert_int_equal(uv_loop_init(&links.loop), 0);
	links.io.loop = &links.loop;
	links.io.executor = simulation;
	links.io.keepalive_ns = ACTOR_FOREVER; /* time is not real */
	pthread_mutex_init(&links.io.lock, NULL);
	links.driver = hand_spawn(simulation, NULL, 0);
}

void socket_links_release(void)
{
	actor_address_unref(links.driver.address);
	links.driver.address = NULL;
}

int socket_links_close(void)
{
	while (uv_run(&links.loop, UV_RUN_NOWAIT) != 0 &&
	       links.io.n_living[ACTOR__IO_TRANSPORT] == 0)
		;
	if (uv_loop_close(&links.loop) != 0 || links.io.n_living[ACTOR__IO_TRANSPORT] > 0) {
		print_error("transports are left\n");
		return -1;
	}
	pthread_mutex_destroy(&links.io.lock);
	if (links.stuck)
		print_error("what was sent did not come\n");
	return links.stuck ? -1 : 0;
}
