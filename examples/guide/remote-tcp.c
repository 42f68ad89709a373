/* SPDX-License-Identifier: MIT */
/* A server that listens on a port, and clients that connect to it. */

#include "check.h"
#include "sum.h"

#define SECOND INT64_C(1000000000)

/* Runs on the thread of the connections, whenever somebody has connected. */
static void welcome(void *user, struct actor_transport *transport)
{
	struct actor_service_map *services = user;
	struct actor_peer *peer;

	CHECK(actor_peer_create(transport, NULL, &peer));
	CHECK(actor_peer_serve(peer, services));
	CHECK(actor_peer_start(peer));
	actor_peer_unref(peer); /* it lives as long as its connection */
}

static struct actor_listener *open_server(struct actor_context *context, struct actor_io *io,
					  struct actor_service_map *services)
{
	struct actor_listen_options options = { .size = sizeof options,
						.accept = welcome,
						.user = services };
	struct actor_listener *listener;

	CHECK(actor_listen(context, io, "tcp:127.0.0.1:0", &options, &listener));
	return listener;
}

/* Connect, make three calls before the first is answered, and go. */
static void visit(struct actor_context *context, struct actor_io *io, const char *address, int n)
{
	struct actor_transport *transport;
	struct actor_future futures[3];
	union remotes_address remote;
	struct actor_peer *peer;
	int i;

	CHECK(actor_connect(context, io, address, actor_now(context) + 5 * SECOND, &transport));
	CHECK(actor_peer_create(transport, NULL, &peer));
	CHECK(actor_peer_start(peer));
	CHECK(remotes_remote(peer, &remote));
	for (i = 0; i < 3; i++)
		CHECK(ACTOR_CALL_BEGIN(context, &futures[i], remote, add, NULL,
				       &(struct add){ n }));
	for (i = 0; i < 3; i++)
		CHECK(actor_future_await(&futures[i], ACTOR_FOREVER));
	actor_address_unref(remote.address);
	actor_peer_close(peer, NULL);
	actor_peer_unref(peer);
}

int main(void)
{
	struct actor_context *context = main_context();
	struct sum state = { 0 };
	struct remotes_services services;
	struct actor_listener *listener;
	struct actor_executor *pool;
	union sum_address sum;
	struct actor_io *io;

	CHECK(actor_pool_create(NULL, &pool));
	CHECK(actor_io_create(NULL, &io));
	CHECK(ACTOR_SPAWN(sum, actor_executor_spawner(pool), &state, NULL, &sum));
	CHECK(remotes_services_create(&services));
	CHECK(ACTOR_SERVE(remotes, services, add, sum));
	listener = open_server(context, io, services.map);
	visit(context, io, actor_listener_address(listener), 1);
	visit(context, io, actor_listener_address(listener), 100);

	actor_listener_close(listener);
	CHECK(actor_io_join(io, ACTOR_FOREVER)); /* until all connections have ended */
	actor_service_map_unref(services.map);
	CHECK(actor_io_destroy(io));
	actor_address_unref(sum.address);
	end_executor(pool);
	printf("sum: %d\n", (int)state.value);
	return EXIT_SUCCESS;
}
