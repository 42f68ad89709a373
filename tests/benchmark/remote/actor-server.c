/* SPDX-License-Identifier: MIT */
/* An actor that serves, on the loop of its connections or on a pool. */

#include "remote.h"
#include "secure.h"
#include "services.h"

#include <semaphore.h>
#include <stdlib.h>

#define HOST_MESSAGES(CALL, SEND, X) CALL(X, echo) CALL(X, total) SEND(X, tell)
ACTOR_DECLARE(host, HOST_MESSAGES);

struct host {
	uint64_t sum;
};

static uint64_t host_on_echo(struct host *self, struct echo *message, struct actor_context *context)
{
	(void)self, (void)context;
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
	self->sum += message->numbers[0];
}
ACTOR_DEFINE(host, HOST_MESSAGES, NULL, NULL, NULL);

/* Peers are kept, to wait for their ends. */
struct server {
	struct actor_service_map *map;
	struct actor_peer **peers;
	size_t n_peers;
	size_t n_room;
	sem_t closed; /* no more are accepted: the peers are the main thread's */
};

static void server_keep(struct server *server, struct actor_peer *peer)
{
	if (server->n_peers == server->n_room) {
		server->n_room = 2 * server->n_room + 1;
		server->peers = realloc(server->peers, server->n_room * sizeof *server->peers);
		EXPECT(server->peers);
	}
	server->peers[server->n_peers++] = peer;
}

static void server_accept(void *user, struct actor_transport *transport)
{
	struct server *server = user;
	struct actor_peer *peer;

	CHECK(actor_peer_create(transport, NULL, &peer));
	CHECK(actor_peer_serve(peer, server->map));
	CHECK(actor_peer_start(peer));
	server_keep(server, peer);
}

static void server_closed(void *user)
{
	struct server *server = user;

	sem_post(&server->closed);
}

static void server_join(struct server *server, struct actor_context *context)
{
	sem_wait(&server->closed);
	sem_destroy(&server->closed);
	for (size_t i = 0; i < server->n_peers; i++) {
		CHECK(actor_peer_join(context, server->peers[i], ACTOR_FOREVER));
		actor_peer_unref(server->peers[i]);
	}
	free(server->peers);
}

static struct actor_service_map *offer(union host_address host)
{
	struct benchmark_services services;

	CHECK(benchmark_services_create(&services));
	CHECK(ACTOR_SERVE(benchmark, services, echo, host));
	CHECK(ACTOR_SERVE(benchmark, services, tell, host));
	CHECK(ACTOR_SERVE(benchmark, services, total, host));
	return services.map;
}

/* Its host runs where the spawner says; its peers in the loop. */
static void serve(const struct settings *settings, const struct station *station,
		  struct actor_io *io, struct actor_spawner *spawner)
{
	struct actor_context *context = actor_thread_context();
	struct server server = { 0 };
	struct actor_listen_options options = { .size = sizeof options,
						.accept = server_accept,
						.on_closed = server_closed,
						.user = &server,
						.most = SIZE_MAX,
						.tls = secure_tls(settings) };
	struct actor_listener *listener;
	struct host state = { 0 };
	union host_address host;
	char address[MOST_ADDRESS];

	CHECK(ACTOR_SPAWN(host, spawner, &state, ACTOR_OPTIONS(.capacity = settings->capacity),
			  &host));
	sem_init(&server.closed, 0, 0);
	server.map = offer(host);
	actor_address_unref(host.address);
	CHECK(actor_listen(context, io, somewhere(settings->transport, address), &options,
			   &listener));
	station_ready(station, actor_listener_address(listener));
	station_wait(station);
	actor_listener_close(listener);
	server_join(&server, context);
	actor_service_map_unref(server.map);
	actor_tls_unref(options.tls);
}

void actor_serve_on_loop(const struct settings *settings, const struct station *station)
{
	struct actor_io *io;

	CHECK(actor_io_create(NULL, &io));
	serve(settings, station, io, actor_executor_spawner(actor_io_executor(io)));
	CHECK(actor_io_join(io, ACTOR_FOREVER));
	CHECK(actor_io_destroy(io));
}

void actor_serve_on_pool(const struct settings *settings, const struct station *station)
{
	struct actor_executor *pool;
	struct actor_io *io;

	CHECK(actor_pool_create(NULL, &pool));
	CHECK(actor_io_create(NULL, &io));
	serve(settings, station, io, actor_executor_spawner(pool));
	CHECK(actor_io_join(io, ACTOR_FOREVER));
	CHECK(actor_io_destroy(io));
	CHECK(actor_executor_join(pool, ACTOR_FOREVER));
	CHECK(actor_executor_destroy(pool));
}
