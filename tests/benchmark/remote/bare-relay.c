/* SPDX-License-Identifier: MIT */

/*
 * Passes calls on over another connection, under numbers of its own, and answers back.
 *
 * Numbers of calls are indices, not 0, into a table that is as large as there can be calls at a
 * time.
 */

#define _GNU_SOURCE /* accept4() */

#include "bare-loop.h"
#include "remote.h"

#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { MOST_CALLS = 65536 };

static struct {
	struct bare_loop loop;
	struct bare_connection client;
	struct bare_connection server;
	uint64_t calls[MOST_CALLS]; /* what they are called at the client's */
	uint64_t n_calls;
} relay;

static void on_call(struct bare_connection *connection, const struct bare_frame *frame)
{
	uint64_t call = 1 + relay.n_calls++ % (MOST_CALLS - 1);

	relay.calls[call] = frame->call;
	bare_append(connection->loop, frame->service, call, frame->payload, frame->n_payload);
}

static void on_answer(struct bare_connection *connection, const struct bare_frame *frame)
{
	EXPECT(frame->service == UINT64_MAX && frame->call < MOST_CALLS);
	bare_append(connection->loop, frame->service, relay.calls[frame->call], frame->payload,
		    frame->n_payload);
}

static void on_end(struct bare_connection *connection)
{
	connection->loop->ended = true;
}

static int accept_one(int listener)
{
	int fd;

	fcntl(listener, F_SETFL, 0);
	fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
	EXPECT(fd >= 0);
	return fd;
}

static void open_side(struct bare_connection *side, int fd,
		      void (*on_frame)(struct bare_connection *, const struct bare_frame *))
{
	fcntl(fd, F_SETFL, O_NONBLOCK);
	side->on_frame = on_frame;
	side->on_end = on_end;
	bare_open(side, &relay.loop, fd);
}

void bare_relay(const struct settings *settings, const struct station *station)
{
	char address[MOST_ADDRESS];
	int listener = bare_listen(settings->transport, address);

	bare_loop_init(&relay.loop);
	station_ready(station, address);
	open_side(&relay.client, accept_one(listener), on_call);
	open_side(&relay.server, bare_connect(station->to), on_answer);
	relay.client.to = &relay.server;
	relay.server.to = &relay.client;
	while (!relay.loop.ended)
		bare_loop_wait(&relay.loop);
	bare_close(&relay.client);
	bare_close(&relay.server);
	bare_loop_deinit(&relay.loop);
	close(listener);
	if (strncmp(address, "unix:", 5) == 0)
		unlink(address + 5);
}
