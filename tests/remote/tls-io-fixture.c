/* SPDX-License-Identifier: MIT */

#include "tls-io-fixture.h"

struct actor_tls *tls, *other;
struct server server;

int tls_io_set_up(void **state)
{
	certificates_open_usual();
	certificate_make("other", &(struct certificate_wish){ .common_name = "other",
							      .names = "DNS:other.example",
							      .by = "ca" });
	tls = certificate_load("server", "ca", NULL);
	other = certificate_load("other", "ca", NULL);
	return io_warm_up(state);
}

int tls_io_tear_down(void **state)
{
	(void)state;
	actor_tls_unref(tls);
	actor_tls_unref(other);
	certificates_close();
	return 0;
}

static void welcome(void *user, struct actor_transport *transport)
{
	struct actor_peer *peer;

	(void)user;
	if (actor_peer_create(transport, NULL, &peer) < 0) {
		actor_transport_destroy(transport);
		return;
	}
	if (actor_peer_serve(peer, server.services.map) == 0)
		actor_ignore(actor_peer_start(peer));
	actor_peer_unref(atomic_exchange(&server.peer, peer));
}

static struct tally n_gone = TALLY_INIT; /* listeners */

static void count_gone(void *user)
{
	(void)user;
	tally_add(&n_gone, 1);
}

int listen_again(struct actor_tls *as)
{
	const struct actor_listen_options options = {
		.size = sizeof options, .accept = welcome, .on_closed = count_gone, .tls = as
	};
	int rc = actor_listen(actor_thread_context(), io, server.where, &options, &server.listener);

	if (rc == 0)
		snprintf(server.where, sizeof server.where, "%s",
			 actor_listener_address(server.listener));
	return rc;
}

void listen_no_more(void)
{
	uint64_t n = tally_count(&n_gone);
	struct actor_peer *peer;

	actor_listener_close(server.listener);
	assert_true(tally_wait(&n_gone, n + 1)); /* the address is free, and nobody comes */
	peer = atomic_exchange(&server.peer, NULL);
	if (peer)
		actor_peer_close(peer, "it goes");
	actor_peer_unref(peer);
}

void serve(struct actor_tls *as, const char *where)
{
	memset(&server, 0, sizeof server);
	snprintf(server.where, sizeof server.where, "%s", where ? where : "tcp:127.0.0.1:0");
	assert_int_equal(ACTOR_SPAWN(sum, actor_executor_spawner(actor_io_executor(io)),
				     &server.sum, NULL, &server.address),
			 0);
	assert_int_equal(remotes_services_create(&server.services), 0);
	assert_int_equal(ACTOR_SERVE(remotes, server.services, add, server.address), 0);
	assert_int_equal(listen_again(as), 0);
}

void serve_no_more(void)
{
	listen_no_more();
	actor_service_map_unref(server.services.map);
	actor_address_unref(server.address.address);
}
