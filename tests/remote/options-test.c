/* SPDX-License-Identifier: MIT */

/* Whoever takes options looks at their size: one that has forgotten it is told, rather than have a
 * connection without the TLS that it asked for. */

#include "impl/options-fixture.h"

#include <actor-remote/actor-remote.h>

static int take_io(const void *options)
{
	struct actor_io *io;
	int rc = actor_io_create(options, &io);

	return rc < 0 ? rc : actor_io_destroy(io);
}

/* To nobody: all else is right if the system says so. */
static int take_connect(const void *options)
{
	struct actor_transport *transport;
	struct actor_io *io;
	int rc = actor_io_create(NULL, &io);

	assert_int_equal(rc, 0);
	rc = actor_connect_with(actor_thread_context(), io, "unix:/nobody/is/here", options,
				ACTOR_FOREVER, &transport);
	assert_int_equal(actor_io_join(io, ACTOR_FOREVER), 0);
	assert_int_equal(actor_io_destroy(io), 0);
	return rc == ACTOR_E_SYSTEM ? 0 : rc;
}

static int take_peer(const void *options)
{
	struct actor_transport *a, *b;
	struct actor_executor *local;
	struct actor_peer *peer;
	int rc = actor_local_create(&local);

	assert_int_equal(rc, 0);
	assert_int_equal(actor_pair_create(local, local, &a, &b), 0);
	rc = actor_peer_create(a, options, &peer);
	if (rc == 0)
		actor_peer_unref(peer);
	else
		actor_transport_destroy(a);
	actor_transport_destroy(b);
	assert_int_equal(actor_executor_join(local, ACTOR_FOREVER), 0);
	assert_int_equal(actor_executor_destroy(local), 0);
	return rc;
}

static int take_network(const void *options)
{
	struct actor_executor *simulation;
	struct actor_network *network;
	int rc = actor_simulation_create(NULL, &simulation);

	assert_int_equal(rc, 0);
	rc = actor_network_create(simulation, options, &network);
	if (rc == 0)
		actor_network_destroy(network);
	assert_int_equal(actor_executor_destroy(simulation), 0);
	return rc;
}

int main(void)
{
	take_options_fn *const takers[] = {
		take_connect,
		take_io,
		take_network,
		take_peer,
	};

	return options_test_run(takers, N_ELEMENTS(takers));
}
