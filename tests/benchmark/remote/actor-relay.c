/* SPDX-License-Identifier: MIT */
/* Passes on what comes over one connection over another. */

#include "remote.h"
#include "services.h"

#include <semaphore.h>

struct relay {
	struct actor_service_map *map;
	struct actor_peer *client;
	sem_t closed; /* nobody is accepted any more: the client is the main thread's */
};

static void relay_accept(void *user, struct actor_transport *transport)
{
	struct relay *relay = user;

	EXPECT(!relay->client);
	CHECK(actor_peer_create(transport, NULL, &relay->client));
	CHECK(actor_peer_serve(relay->client, relay->map));
	CHECK(actor_peer_start(relay->client));
}

static void relay_closed(void *user)
{
	struct relay *relay = user;

	sem_post(&relay->closed);
}

static struct actor_peer *connect_to(struct actor_context *context, struct actor_io *io,
				     const char *address)
{
	struct actor_transport *transport;
	struct actor_peer *peer;

	CHECK(actor_connect(context, io, address, ACTOR_FOREVER, &transport));
	CHECK(actor_peer_create(transport, NULL, &peer));
	CHECK(actor_peer_start(peer));
	return peer;
}

static struct actor_service_map *pass_on_to(struct actor_peer *server)
{
	uint64_t services[] = { actor_service_id(BENCHMARK_NAMESPACE, "Echo"),
				actor_service_id(BENCHMARK_NAMESPACE, "Tell"),
				actor_service_id(BENCHMARK_NAMESPACE, "Total") };
	struct actor_relay_options options = { .size = sizeof options,
					       .peer = server,
					       .services = services,
					       .n_services = sizeof services / sizeof *services };
	struct actor_service_map *map;

	CHECK(actor_relay_map_create(&options, &map));
	return map;
}

void actor_relay(const struct settings *settings, const struct station *station)
{
	struct actor_context *context = actor_thread_context();
	struct relay relay = { 0 };
	struct actor_listen_options options = { .size = sizeof options,
						.accept = relay_accept,
						.on_closed = relay_closed,
						.user = &relay };
	struct actor_listener *listener;
	struct actor_peer *server;
	char address[MOST_ADDRESS];
	struct actor_io *io;

	sem_init(&relay.closed, 0, 0);
	CHECK(actor_io_create(NULL, &io));
	server = connect_to(context, io, station->to);
	relay.map = pass_on_to(server);
	CHECK(actor_listen(context, io, somewhere(settings->transport, address), &options,
			   &listener));
	station_ready(station, actor_listener_address(listener));
	station_wait(station);
	actor_listener_close(listener);
	sem_wait(&relay.closed);
	sem_destroy(&relay.closed);
	CHECK(actor_peer_join(context, relay.client, ACTOR_FOREVER));
	actor_peer_close(server, NULL);
	CHECK(actor_peer_join(context, server, ACTOR_FOREVER));
	actor_peer_unref(relay.client);
	actor_peer_unref(server);
	actor_service_map_unref(relay.map);
	CHECK(actor_io_join(io, ACTOR_FOREVER));
	CHECK(actor_io_destroy(io));
}
