/* SPDX-License-Identifier: MIT */

/*
 * busy-server ADDRESS PATIENCE-MS KEEPALIVE-S MOST - serve whoever comes, an actor each
 *
 * Prints "listening ADDRESS"; then, for each line that it reads, how many connections there are,
 * permits in use, mailboxes, replies and handlers that wait, and subscribers. At the end of its
 * input it ends, when all connections have: "over", or what is left.
 */

#include "busy.h"

#include <actor-impl/counts.h>
#include <actor-impl/thread.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

enum { N_PERMITS = 64 };

struct server {
	struct actor_io *io;
	struct actor_listener *listener;
	struct actor_service_map *topic;
	struct actor_peer_options options;
};

static int welcome(struct server *server, struct actor_peer *peer)
{
	struct busy_services services;
	int rc = busy_open(actor_io_executor(server->io), server->topic, &services);

	if (rc == 0)
		rc = actor_peer_serve(peer, services.map);
	if (rc == 0)
		rc = actor_peer_serve(peer, server->topic);
	if (rc == 0)
		rc = actor_peer_start(peer);
	actor_service_map_unref(services.map);
	return rc;
}

static void on_accept(void *user, struct actor_transport *transport)
{
	struct server *server = user;
	struct actor_peer *peer;
	int rc = actor_peer_create(transport, &server->options, &peer);

	if (rc < 0)
		busy_fail("a peer", rc);
	rc = welcome(server, peer);
	if (rc < 0)
		busy_fail("a peer's services", rc);
	actor_peer_unref(peer);
}

static void server_open(struct server *server, const char *address, int64_t keepalive_ns,
			size_t most)
{
	const struct actor_io_options io = { .size = sizeof io, .keepalive_ns = keepalive_ns };
	const struct actor_listen_options listen = {
		.size = sizeof listen,
		.accept = on_accept,
		.user = server,
		.most = most,
	};
	uint64_t news = actor_service_id("busy", "News");
	int rc = actor_io_create(&io, &server->io);

	if (rc == 0)
		rc = actor_pub_sub_create(&news, 1, &server->topic);
	if (rc == 0)
		rc = actor_semaphore_create(N_PERMITS, &server->options.permits);
	if (rc == 0)
		rc = actor_listen(actor_thread_context(), server->io, address, &listen,
				  &server->listener);
	if (rc < 0)
		busy_fail(address, rc);
}

static void tell(struct server *server)
{
	struct actor_listener_counts connections;
	struct actor_semaphore_counts permits;
	struct actor_pub_sub_counts topic;
	struct actor_counts held;

	actor_listener_counts_get(server->listener, &connections);
	actor_semaphore_counts_get(server->options.permits, &permits);
	actor_pub_sub_counts_get(server->topic, &topic);
	actor_counts_get(&held);
	printf("%zu %zu %lld %lld %zu\n", connections.n_connections, N_PERMITS - permits.n_free,
	       (long long)held.mailboxes, (long long)(held.replies + held.suspended),
	       topic.n_subscribers);
	fflush(stdout);
}

static void server_close(struct server *server)
{
	actor_listener_close(server->listener);
	actor_service_map_unref(server->topic);
	busy_end(server->io);
	actor_semaphore_unref(server->options.permits);
}

int main(int argc, char **argv)
{
	struct server server = { 0 };
	int64_t keepalive_s;
	char line[16];

	if (argc != 5)
		return 2;
	keepalive_s = atoll(argv[3]);
	busy_begin();
	server.options = busy_options(atoll(argv[2]));
	server_open(&server, argv[1],
		    keepalive_s ? keepalive_s * INT64_C(1000000000) : ACTOR_FOREVER,
		    (size_t)atoll(argv[4]));
	printf("listening %s\n", actor_listener_address(server.listener));
	fflush(stdout);
	while (fgets(line, sizeof line, stdin))
		tell(&server);
	server_close(&server);
	puts("over");
	return 0;
}
