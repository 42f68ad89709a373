/* SPDX-License-Identifier: MIT */

#include "bare-loop.h"

#include <endian.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { MOST_EVENTS = 256 };

void bare_loop_init(struct bare_loop *loop)
{
	loop->epoll = epoll_create1(0);
	EXPECT(loop->epoll >= 0);
	loop->ended = false;
	loop->n_out = 0;
}

void bare_loop_deinit(struct bare_loop *loop)
{
	close(loop->epoll);
}

void bare_loop_wait(struct bare_loop *loop)
{
	struct epoll_event events[MOST_EVENTS];
	int n = epoll_wait(loop->epoll, events, MOST_EVENTS, -1);

	EXPECT(n >= 0 || errno == EINTR);
	for (int i = 0; i < n; i++) {
		struct bare_source *source = events[i].data.ptr;

		source->on_event(source, events[i].events);
	}
}

void bare_loop_add(struct bare_loop *loop, int fd, struct bare_source *source)
{
	struct epoll_event event = { .events = EPOLLIN, .data.ptr = source };

	EXPECT(epoll_ctl(loop->epoll, EPOLL_CTL_ADD, fd, &event) == 0);
}

/* Have it waited for what can be done: write what is left, read what can be passed on. */
static void look_out(struct bare_connection *connection)
{
	struct epoll_event event = { .data.ptr = connection };

	event.events = (connection->n_unsent ? EPOLLOUT : 0) |
		       (connection->to->n_unsent ? 0 : EPOLLIN);
	if (event.events == connection->events)
		return;
	connection->events = event.events;
	EXPECT(epoll_ctl(connection->loop->epoll, EPOLL_CTL_MOD, connection->fd, &event) == 0);
}

static void look_out_on_both_sides(struct bare_connection *connection)
{
	look_out(connection);
	if (connection->to != connection)
		look_out(connection->to);
}

/* How many bytes went out. A lost connection will be read of, too. */
static size_t write_some(struct bare_connection *connection, const uint8_t *bytes, size_t n)
{
	ssize_t written = send(connection->fd, bytes, n, MSG_NOSIGNAL);

	if (written < 0 && errno != EAGAIN && errno != EINTR)
		wrong(strerror(errno));
	return written < 0 ? 0 : (size_t)written;
}

static void keep(uint8_t **kept, size_t *n_kept, const uint8_t *bytes, size_t n)
{
	*kept = realloc(*kept, *n_kept + n);
	EXPECT(*kept);
	memcpy(*kept + *n_kept, bytes, n);
	*n_kept += n;
}

void bare_flush(struct bare_connection *connection)
{
	struct bare_loop *loop = connection->loop;
	size_t n = loop->n_out, n_written = 0;

	if (n == 0)
		return;
	loop->n_out = 0;
	if (connection->n_unsent == 0)
		n_written = write_some(connection, loop->out, n);
	if (n_written == n)
		return;
	keep(&connection->unsent, &connection->n_unsent, loop->out + n_written, n - n_written);
	look_out_on_both_sides(connection);
}

static void write_unsent(struct bare_connection *connection)
{
	size_t n = write_some(connection, connection->unsent, connection->n_unsent);

	connection->n_unsent -= n;
	memmove(connection->unsent, connection->unsent + n, connection->n_unsent);
	if (connection->n_unsent > 0)
		return;
	free(connection->unsent);
	connection->unsent = NULL;
	look_out_on_both_sides(connection);
}

static uint64_t get_little_endian(const uint8_t *bytes)
{
	uint64_t number;

	memcpy(&number, bytes, sizeof number);
	return le64toh(number);
}

static void put_little_endian(uint8_t *bytes, uint64_t number)
{
	number = htole64(number);
	memcpy(bytes, &number, sizeof number);
}

/* How many bytes the frame has that begins here, 0 if it is not whole. */
static size_t take_frame(struct bare_connection *connection, const uint8_t *bytes, size_t n)
{
	struct bare_frame frame;
	uint64_t length;

	if (n < BARE_HEAD)
		return 0;
	length = get_little_endian(bytes);
	EXPECT(length >= BARE_HEAD && length <= BARE_IN);
	if (length > n)
		return 0;
	frame.service = get_little_endian(bytes + 8);
	frame.call = get_little_endian(bytes + 16);
	frame.payload = bytes + BARE_HEAD;
	frame.n_payload = (size_t)length - BARE_HEAD;
	connection->on_frame(connection, &frame);
	return (size_t)length;
}

static void take_frames(struct bare_connection *connection, size_t n)
{
	const uint8_t *bytes = connection->loop->in;
	size_t n_frame;

	while ((n_frame = take_frame(connection, bytes, n))) {
		bytes += n_frame;
		n -= n_frame;
	}
	connection->n_partial = 0;
	if (n > 0)
		keep(&connection->partial, &connection->n_partial, bytes, n);
	if (n == 0 && connection->partial) {
		free(connection->partial);
		connection->partial = NULL;
	}
}

static void read_frames(struct bare_connection *connection)
{
	uint8_t *in = connection->loop->in;
	size_t n_partial = connection->n_partial;
	ssize_t n;

	if (n_partial > 0)
		memcpy(in, connection->partial, n_partial);
	n = recv(connection->fd, in + n_partial, BARE_IN - n_partial, 0);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		connection->on_end(connection);
		return;
	}
	take_frames(connection, n_partial + (size_t)n);
	bare_flush(connection->to);
}

static void on_event(struct bare_source *source, uint32_t events)
{
	struct bare_connection *connection = (struct bare_connection *)source;

	if (events & EPOLLOUT)
		write_unsent(connection);
	else
		read_frames(connection);
}

void bare_open(struct bare_connection *connection, struct bare_loop *loop, int fd)
{
	connection->source.on_event = on_event;
	connection->loop = loop;
	connection->fd = fd;
	connection->events = EPOLLIN;
	connection->to = connection;
	bare_loop_add(loop, fd, &connection->source);
}

void bare_close(struct bare_connection *connection)
{
	close(connection->fd);
	free(connection->partial);
	free(connection->unsent);
}

void bare_append(struct bare_loop *loop, uint64_t service, uint64_t call, const uint8_t *payload,
		 size_t n_payload)
{
	uint8_t *bytes = loop->out + loop->n_out;

	EXPECT(loop->n_out + BARE_HEAD + n_payload <= BARE_OUT);
	put_little_endian(bytes, BARE_HEAD + n_payload);
	put_little_endian(bytes + 8, service);
	put_little_endian(bytes + 16, call);
	memcpy(bytes + BARE_HEAD, payload, n_payload);
	loop->n_out += BARE_HEAD + n_payload;
}

void bare_put_number(uint8_t bytes[BARE_NUMBER], uint64_t number)
{
	number = htobe64(number);
	bytes[0] = 0x1b;
	memcpy(bytes + 1, &number, sizeof number);
}

uint64_t bare_get_number(const uint8_t bytes[BARE_NUMBER])
{
	uint64_t number;

	EXPECT(bytes[0] == 0x1b);
	memcpy(&number, bytes + 1, sizeof number);
	return be64toh(number);
}

uint64_t bare_put_numbers(uint8_t bytes[BARE_NUMBERS], uint64_t number)
{
	bytes[0] = 0x87;
	for (int i = 0; i < 7; i++)
		bare_put_number(bytes + 1 + i * BARE_NUMBER, number + (uint64_t)i);
	return number;
}
