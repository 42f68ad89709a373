/* SPDX-License-Identifier: MIT */

#include "io-fixture.h"

#include "socket-address.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>
#include <uv.h>

struct actor_io *io;
struct tally n_accepted = TALLY_INIT, n_closed = TALLY_INIT;
struct actor_transport *accepted[64];

atomic_bool refuse_poll;

int __real_uv_poll_init(uv_loop_t *loop, uv_poll_t *poll, int fd);
int __wrap_uv_poll_init(uv_loop_t *loop, uv_poll_t *poll, int fd);

int __wrap_uv_poll_init(uv_loop_t *loop, uv_poll_t *poll, int fd)
{
	return atomic_load(&refuse_poll) ? UV_ENOMEM : __real_uv_poll_init(loop, poll, fd);
}

atomic_bool refuse_accept;

int __real_accept4(int fd, struct sockaddr *address, socklen_t *n_address, int flags);
int __wrap_accept4(int fd, struct sockaddr *address, socklen_t *n_address, int flags);

int __wrap_accept4(int fd, struct sockaddr *address, socklen_t *n_address, int flags)
{
	if (!atomic_load(&refuse_accept))
		return __real_accept4(fd, address, n_address, flags);
	errno = EACCES;
	return -1;
}

atomic_bool connects_from_there;

int __real_connect(int fd, const struct sockaddr *address, socklen_t n_address);
int __wrap_connect(int fd, const struct sockaddr *address, socklen_t n_address);

int __wrap_connect(int fd, const struct sockaddr *address, socklen_t n_address)
{
	if (atomic_load(&connects_from_there) && bind(fd, address, n_address) < 0)
		return -1;
	return __real_connect(fd, address, n_address);
}

static char directory[64];
static unsigned n_descriptors;

int64_t io_deadline_in(int64_t ms)
{
	return actor_deadline_after(actor_thread_context(), ms * 1000000);
}

unsigned io_count_descriptors(void)
{
	DIR *entries = opendir("/proc/self/fd");
	unsigned n = 0;

	while (entries && readdir(entries))
		n++;
	closedir(entries);
	return n;
}

int io_warm_up(void **state)
{
	(void)state;
	return actor_io_create(NULL, &io) < 0 ? -1 : actor_io_destroy(io);
}

int io_open(void **state)
{
	(void)state;
	n_accepted.count = n_closed.count = 0;
	directory[0] = '\0';
	n_descriptors = io_count_descriptors();
	return actor_io_create(NULL, &io);
}

int io_close(void **state)
{
	if (actor_io_join(io, test_deadline()) < 0 || actor_io_destroy(io) < 0) {
		print_error("something still lives there\n");
		return -1;
	}
	if (io_count_descriptors() != n_descriptors) {
		print_error("%u descriptors, and %u before\n", io_count_descriptors(),
			    n_descriptors);
		return -1;
	}
	if (directory[0] && rmdir(directory) < 0) {
		print_error("a file is left\n");
		return -1;
	}
	return test_nothing_held(state);
}

static void on_accept(void *user, struct actor_transport *transport)
{
	(void)user;
	accepted[tally_count(&n_accepted) % N_ELEMENTS(accepted)] = transport;
	tally_add(&n_accepted, 1);
}

static void on_closed(void *user)
{
	(void)user;
	tally_add(&n_closed, 1);
}

int io_listen(const char *address, size_t most, struct actor_listener **ret_listener)
{
	const struct actor_listen_options options = {
		.size = sizeof options,
		.accept = on_accept,
		.on_closed = on_closed,
		.most = most,
	};

	return actor_listen(actor_thread_context(), io, address, &options, ret_listener);
}

void io_destroy_accepted(unsigned first, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		actor_transport_destroy(accepted[first + i]);
}

/* ---- sockets of nobody's library */

static int must(int rc)
{
	if (rc >= 0)
		return rc;
	print_error("%s\n", strerror(errno));
	abort();
}

static int listen_at_path(const char *path, int backlog)
{
	struct sockaddr_un name = { .sun_family = AF_UNIX };
	int fd = must(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));

	snprintf(name.sun_path, sizeof name.sun_path, "%s", path);
	must(bind(fd, (void *)&name, sizeof name));
	must(listen(fd, backlog));
	return fd;
}

int plain_listen(const char *path, int backlog, unsigned *ret_port)
{
	struct sockaddr_in name = { .sin_family = AF_INET };
	socklen_t n_name = sizeof name;
	int fd;

	if (path)
		return listen_at_path(path, backlog);
	fd = must(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
	inet_pton(AF_INET, "127.0.0.1", &name.sin_addr);
	must(bind(fd, (void *)&name, sizeof name));
	must(listen(fd, backlog));
	must(getsockname(fd, (void *)&name, &n_name));
	*ret_port = ntohs(name.sin_port);
	return fd;
}

int plain_connect(const char *text)
{
	struct actor__socket_address address;
	struct sockaddr_in name = { .sin_family = AF_INET };
	int fd, rc;

	if (actor__socket_address_parse(&address, text) < 0)
		abort();
	fd = must(socket(address.is_unix ? AF_UNIX : AF_INET,
			 SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
	inet_pton(AF_INET, address.host, &name.sin_addr);
	name.sin_port = htons((uint16_t)strtoul(address.port, NULL, 10));
	rc = address.is_unix ? connect(fd, (void *)&address.path, sizeof address.path)
			     : connect(fd, (void *)&name, sizeof name);
	if (rc < 0 && errno != EINPROGRESS)
		must(rc);
	return fd;
}

bool plain_ends(int fd)
{
	struct pollfd wait = { .fd = fd, .events = POLLIN };
	char byte;

	while (poll(&wait, 1, 10000) == 1 && recv(fd, &byte, 1, 0) > 0)
		;
	return wait.revents != 0;
}

/* ---- names */

const char *temporary_path(const char *name)
{
	static char path[128];

	if (!directory[0]) {
		snprintf(directory, sizeof directory, "/tmp/actor-io-XXXXXX");
		if (!mkdtemp(directory))
			abort();
	}
	snprintf(path, sizeof path, "%s/%s", directory, name);
	return path;
}

const char *unix_address(const char *path)
{
	static char text[160];

	snprintf(text, sizeof text, "unix:%s", path);
	return text;
}

const char *tcp_address(unsigned port)
{
	static char text[64];

	snprintf(text, sizeof text, "tcp:127.0.0.1:%u", port);
	return text;
}
