/* SPDX-License-Identifier: MIT */
/* Calls, sends, and visits over many connections. */

#include "bare-loop.h"
#include "costs.h"
#include "remote.h"
#include "services.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct client {
	struct bare_loop loop;
	struct bare_connection connection;
	uint64_t service;
	uint64_t n;
	uint64_t n_called;
	uint64_t n_answered;
};

static void on_end(struct bare_connection *connection)
{
	(void)connection;
	wrong("the server has closed the connection");
}

static struct client *client_open(const char *address, const char *service,
				  void (*on_frame)(struct bare_connection *,
						   const struct bare_frame *))
{
	static struct client client;
	int fd = bare_connect(address);

	fcntl(fd, F_SETFL, O_NONBLOCK);
	bare_loop_init(&client.loop);
	client.connection.on_frame = on_frame;
	client.connection.on_end = on_end;
	client.connection.user = &client;
	client.service = actor_service_id(BENCHMARK_NAMESPACE, service);
	bare_open(&client.connection, &client.loop, fd);
	return &client;
}

static void client_close(struct client *client)
{
	bare_close(&client->connection);
	bare_loop_deinit(&client->loop);
}

static void call_next(struct client *client)
{
	uint8_t payload[BARE_NUMBER];

	client->n_called++;
	bare_put_number(payload, FIRST_NUMBER + client->n_called);
	bare_append(&client->loop, client->service, client->n_called, payload, sizeof payload);
}

static void on_answer(struct bare_connection *connection, const struct bare_frame *frame)
{
	struct client *client = connection->user;

	EXPECT(frame->service == UINT64_MAX && frame->n_payload == BARE_NUMBER);
	EXPECT(bare_get_number(frame->payload) == FIRST_NUMBER + frame->call);
	client->n_answered++;
	if (client->n_called < client->n)
		call_next(client);
}

/* One before the clock runs, so that both sides know each other. */
void bare_calls(const struct settings *settings, const char *address, struct costs *costs)
{
	struct client *client = client_open(address, "Echo", on_answer);

	client->n = 1;
	call_next(client);
	bare_flush(&client->connection);
	while (client->n_answered < 1)
		bare_loop_wait(&client->loop);
	costs_begin(costs);
	client->n += settings->n;
	while (client->n_called < client->n && client->n_called <= settings->in_flight)
		call_next(client);
	bare_flush(&client->connection);
	while (client->n_answered < client->n)
		bare_loop_wait(&client->loop);
	costs_end(costs);
	client_close(client);
}

static void on_total(struct bare_connection *connection, const struct bare_frame *frame)
{
	struct client *client = connection->user;

	EXPECT(bare_get_number(frame->payload) == client->n);
	client->n_answered++;
}

static void client_flush(struct client *client)
{
	bare_flush(&client->connection);
	while (client->connection.n_unsent)
		bare_loop_wait(&client->loop);
}

static uint64_t tell(struct client *client, uint64_t number)
{
	uint8_t payload[BARE_NUMBERS];

	bare_put_numbers(payload, number);
	if (client->loop.n_out + BARE_HEAD + sizeof payload > BARE_IN)
		client_flush(client);
	bare_append(&client->loop, client->service, 0, payload, sizeof payload);
	return number;
}

void bare_sends(const struct settings *settings, const char *address, struct costs *costs)
{
	struct client *client = client_open(address, "Tell", on_total);
	uint8_t nothing = 0xf6;

	costs_begin(costs);
	for (uint64_t i = 0; i < settings->n; i++)
		client->n += tell(client, FIRST_NUMBER + i);
	bare_append(&client->loop, actor_service_id(BENCHMARK_NAMESPACE, "Total"), 1, &nothing, 1);
	bare_flush(&client->connection);
	while (client->n_answered < 1)
		bare_loop_wait(&client->loop);
	costs_end(costs);
	client_close(client);
}

/* A call over a connection of its own, without a loop. */
static int visit(struct client *client, const char *address)
{
	uint8_t answer[BARE_HEAD + BARE_NUMBER];
	int fd = bare_connect(address);

	client->loop.n_out = 0;
	call_next(client);
	EXPECT(send(fd, client->loop.out, client->loop.n_out, MSG_NOSIGNAL) ==
	       (ssize_t)client->loop.n_out);
	EXPECT(recv(fd, answer, sizeof answer, MSG_WAITALL) == (ssize_t)sizeof answer);
	EXPECT(memcmp(answer + BARE_HEAD, client->loop.out + BARE_HEAD, BARE_NUMBER) == 0);
	return fd;
}

/* The first one is before the measure is taken. */
void bare_visits(const struct settings *settings, const char *address, struct costs *costs)
{
	static struct client client;
	int *fds = malloc((settings->n + 1) * sizeof *fds);

	EXPECT(fds);
	client.service = actor_service_id(BENCHMARK_NAMESPACE, "Echo");
	fds[0] = visit(&client, address);
	costs_begin(costs);
	for (uint64_t i = 1; i <= settings->n; i++)
		fds[i] = visit(&client, address);
	costs_end(costs);
	for (uint64_t i = 0; i <= settings->n; i++)
		close(fds[i]);
	free(fds);
}
