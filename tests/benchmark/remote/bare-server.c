/* SPDX-License-Identifier: MIT */
/* Answers echoes, and adds up what it is told. */

#define _GNU_SOURCE /* accept4() */

#include "bare-loop.h"
#include "remote.h"
#include "services.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct server {
	struct bare_source listener;
	struct bare_source end;
	struct bare_loop loop;
	int fd;
	uint64_t sum;
	uint64_t service_tell;
	uint64_t service_total;
};

static void on_frame(struct bare_connection *connection, const struct bare_frame *frame)
{
	struct server *server = connection->user;
	uint8_t total[BARE_NUMBER];

	if (frame->service == server->service_tell) {
		EXPECT(frame->n_payload == BARE_NUMBERS);
		server->sum += bare_get_number(frame->payload + 1);
	} else if (frame->service == server->service_total) {
		bare_put_number(total, server->sum);
		bare_append(connection->loop, UINT64_MAX, frame->call, total, sizeof total);
	} else {
		bare_append(connection->loop, UINT64_MAX, frame->call, frame->payload,
			    frame->n_payload);
	}
}

static void on_end(struct bare_connection *connection)
{
	bare_close(connection);
	free(connection);
}

static void on_connection(struct bare_source *source, uint32_t events)
{
	struct server *server = ACTOR_CONTAINER_OF(source, struct server, listener);
	struct bare_connection *connection;
	int fd = accept4(server->fd, NULL, NULL, SOCK_NONBLOCK);

	(void)events;
	if (fd < 0 && errno == EAGAIN)
		return;
	EXPECT(fd >= 0);
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){ 1 }, sizeof(int)); /* where it is TCP */
	connection = calloc(1, sizeof *connection);
	EXPECT(connection);
	connection->on_frame = on_frame;
	connection->on_end = on_end;
	connection->user = server;
	bare_open(connection, &server->loop, fd);
}

static void on_stop(struct bare_source *source, uint32_t events)
{
	(void)events;
	ACTOR_CONTAINER_OF(source, struct server, end)->loop.ended = true;
}

void bare_serve(const struct settings *settings, const struct station *station)
{
	static struct server server = { .listener = { on_connection }, .end = { on_stop } };
	char address[MOST_ADDRESS];

	server.service_tell = actor_service_id(BENCHMARK_NAMESPACE, "Tell");
	server.service_total = actor_service_id(BENCHMARK_NAMESPACE, "Total");
	bare_loop_init(&server.loop);
	server.fd = bare_listen(settings->transport, address);
	bare_loop_add(&server.loop, server.fd, &server.listener);
	bare_loop_add(&server.loop, station->stop, &server.end);
	station_ready(station, address);
	while (!server.loop.ended)
		bare_loop_wait(&server.loop);
	close(server.fd);
	bare_loop_deinit(&server.loop);
	if (strncmp(address, "unix:", 5) == 0)
		unlink(address + 5);
}
