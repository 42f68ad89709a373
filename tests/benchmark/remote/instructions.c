/* SPDX-License-Identifier: MIT */

/*
 * remote-instructions OPERATION N - do one operation of connections so many times
 *
 * As ../instructions.c, and for the same script: two peers on one local executor, with a pair of
 * transports between them, where everything happens in the same order each time.
 */

#include "services.h"

#include <actor-impl/actor-impl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What is said are numbers from here on: of 9 bytes each. */
#define FIRST_NUMBER UINT64_C(0x123456789abcdef0)

enum { MOST_BYTES = 128 };

#define CHECK(operation)                                                                           \
	do {                                                                                       \
		int check_rc = (operation);                                                        \
		if (check_rc < 0)                                                                  \
			wrong(actor_strerror(check_rc));                                           \
	} while (0)

static void __attribute__((noreturn, cold)) wrong(const char *why)
{
	fprintf(stderr, "remote-instructions: %s\n", why);
	exit(EXIT_FAILURE);
}

/* How many operations were done, as those see it who are at the other end of them. */
static uint64_t n_done;

/* ---- who serves */

#define HOST_MESSAGES(CALL, SEND, X) CALL(X, echo) CALL(X, total) SEND(X, tell)
ACTOR_DECLARE(host, HOST_MESSAGES);

struct host {
	uint64_t sum;
};

static uint64_t host_on_echo(struct host *self, struct echo *message, struct actor_context *context)
{
	(void)self, (void)context;
	n_done++;
	return message->number;
}

static uint64_t host_on_total(struct host *self, struct total *message,
			      struct actor_context *context)
{
	(void)message, (void)context;
	return self->sum;
}

static void host_on_tell(struct host *self, struct tell *message, struct actor_context *context)
{
	(void)context;
	n_done++;
	self->sum += message->numbers[0];
}
ACTOR_DEFINE(host, HOST_MESSAGES, NULL, NULL, NULL);

/* ---- who asks, all in one handler */

struct start {
	uint64_t n;
};
ACTOR_SIGNAL(start);
ACTOR_SIGNAL_DEFINE(start, "instructions.start", NULL);

#define CLIENT_MESSAGES(CALL, SEND, X) SEND(X, start)
ACTOR_DECLARE(client, CLIENT_MESSAGES);

struct client {
	union benchmark_address remote;
	uint64_t n;
};

static struct tell telling(uint64_t number)
{
	struct tell message;

	for (int i = 0; i < N_NUMBERS; i++)
		message.numbers[i] = FIRST_NUMBER + number + (uint64_t)i;
	return message;
}

static void tell(struct client *self, struct actor_context *context)
{
	uint64_t sum = 0, total;

	for (uint64_t i = 0; i < self->n; i++) {
		struct tell message = telling(i);

		sum += message.numbers[0];
		CHECK(ACTOR_SEND(context, self->remote, tell, &message));
	}
	CHECK(ACTOR_CALL(context, self->remote, total, &total, &(struct total){ 0 }));
	if (total != sum)
		wrong("a message is missing");
}

static void call(struct client *self, struct actor_context *context)
{
	uint64_t answer;

	for (uint64_t i = 0; i < self->n; i++) {
		CHECK(ACTOR_CALL(context, self->remote, echo, &answer,
				 &(struct echo){ FIRST_NUMBER + i }));
		if (answer != FIRST_NUMBER + i)
			wrong("an answer is another's");
	}
}

static void (*client_run)(struct client *self, struct actor_context *context);

static void client_on_start(struct client *self, struct start *message,
			    struct actor_context *context)
{
	self->n = message->n;
	client_run(self, context);
}
ACTOR_DEFINE(client, CLIENT_MESSAGES, NULL, NULL, NULL);

/* ---- the connection between them */

struct side {
	struct actor_executor *executor;
	struct actor_peer *peers[2];
	struct actor_service_map *map;
	struct client client;
};

static void side_open(struct side *side)
{
	struct actor_transport *ends[2];
	struct host state = { 0 };
	struct benchmark_services services;
	union host_address host;

	CHECK(actor_local_create(&side->executor));
	CHECK(actor_pair_create(side->executor, side->executor, &ends[0], &ends[1]));
	CHECK(ACTOR_SPAWN(host, actor_executor_spawner(side->executor), &state,
			  ACTOR_OPTIONS(.capacity = 1024), &host));
	CHECK(benchmark_services_create(&services));
	CHECK(ACTOR_SERVE(benchmark, services, echo, host));
	CHECK(ACTOR_SERVE(benchmark, services, tell, host));
	CHECK(ACTOR_SERVE(benchmark, services, total, host));
	side->map = services.map;
	actor_address_unref(host.address);
	for (int i = 0; i < 2; i++)
		CHECK(actor_peer_create(ends[i], NULL, &side->peers[i]));
	CHECK(actor_peer_serve(side->peers[1], side->map));
	for (int i = 0; i < 2; i++)
		CHECK(actor_peer_start(side->peers[i]));
	CHECK(benchmark_remote(side->peers[0], &side->client.remote));
}

static void side_close(struct side *side)
{
	actor_address_unref(side->client.remote.address);
	for (int i = 0; i < 2; i++) {
		actor_peer_close(side->peers[i], NULL);
		actor_peer_unref(side->peers[i]);
	}
	actor_local_run(side->executor);
	actor_service_map_unref(side->map);
	CHECK(actor_executor_join(side->executor, ACTOR_FOREVER));
	CHECK(actor_executor_destroy(side->executor));
}

static void over_connection(uint64_t n)
{
	static struct side side;
	union client_address client;

	side_open(&side);
	CHECK(ACTOR_SPAWN(client, actor_executor_spawner(side.executor), &side.client, NULL,
			  &client));
	CHECK(ACTOR_TRY_SEND(client, start, &(struct start){ n }));
	actor_local_run(side.executor);
	actor_address_unref(client.address);
	side_close(&side);
}

/* ---- values alone */

static void encode(uint64_t n)
{
	const struct actor_wire_format *format = actor_cbor_format();
	uint8_t memory[MOST_BYTES];
	struct actor_bytes bytes;

	for (uint64_t i = 0; i < n; i++) {
		struct tell message = telling(i);

		actor_bytes_init(&bytes, memory, sizeof memory, sizeof memory);
		CHECK(format->ops->encode(format, &tell_schema, &message, &bytes));
		n_done++;
	}
}

static void decode(uint64_t n)
{
	const struct actor_wire_format *format = actor_cbor_format();
	struct tell message = telling(0);
	uint8_t memory[MOST_BYTES];
	struct actor_bytes bytes;

	actor_bytes_init(&bytes, memory, sizeof memory, sizeof memory);
	CHECK(format->ops->encode(format, &tell_schema, &message, &bytes));
	for (uint64_t i = 0; i < n; i++) {
		struct actor_why why;

		CHECK(format->ops->decode(format, &tell_schema, bytes.data, bytes.n, &message,
					  &why));
		n_done++;
	}
}

static const struct {
	const char *name;
	void (*run)(uint64_t n);
	void (*client_run)(struct client *self, struct actor_context *context);
} operations[] = {
	{ "encode", encode, NULL },
	{ "decode", decode, NULL },
	{ "remote_send", over_connection, tell },
	{ "remote_call", over_connection, call },
};

static void run(const char *name, uint64_t n)
{
	for (size_t i = 0; i < sizeof operations / sizeof *operations; i++)
		if (strcmp(operations[i].name, name) == 0) {
			client_run = operations[i].client_run;
			operations[i].run(n);
			return;
		}
	wrong("there is no such operation");
}

int main(int argc, char **argv)
{
	uint64_t n;

	if (argc != 3 || (n = strtoull(argv[2], NULL, 10)) == 0) {
		fprintf(stderr, "usage: remote-instructions OPERATION N\n");
		return 2;
	}
	run(argv[1], n);
	if (n_done != n)
		wrong("not all has been done");
	return EXIT_SUCCESS;
}
