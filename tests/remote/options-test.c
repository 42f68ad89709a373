/* SPDX-License-Identifier: MIT */

/* Options begin with their size: of a program that knows fewer of them no more is read, and one
 * that has forgotten the size is told, rather than have a connection without the TLS that it asked
 * for. */

#include "test.h"

#include <actor-impl/actor-impl.h>
#include <string.h>

union options {
	size_t size;
	unsigned char bytes[256];
	struct actor_connect_options connect;
	struct actor_io_options io;
	struct actor_network_options network;
	struct actor_peer_options peer;
};

typedef int take_fn(const union options *options);

static int take_io(const union options *options)
{
	struct actor_io *io;
	int rc = actor_io_create(&options->io, &io);

	return rc < 0 ? rc : actor_io_destroy(io);
}

/* To nobody: all else is right if the system says so. */
static int take_connect(const union options *options)
{
	struct actor_transport *transport;
	struct actor_io *io;
	int rc = actor_io_create(NULL, &io);

	assert_int_equal(rc, 0);
	rc = actor_connect_with(actor_thread_context(), io, "unix:/nobody/is/here",
				&options->connect, ACTOR_FOREVER, &transport);
	assert_int_equal(actor_io_join(io, ACTOR_FOREVER), 0);
	assert_int_equal(actor_io_destroy(io), 0);
	return rc == ACTOR_E_SYSTEM ? 0 : rc;
}

static int take_peer(const union options *options)
{
	struct actor_transport *a, *b;
	struct actor_executor *local;
	struct actor_peer *peer;
	int rc = actor_local_create(&local);

	assert_int_equal(rc, 0);
	assert_int_equal(actor_pair_create(local, local, &a, &b), 0);
	rc = actor_peer_create(a, &options->peer, &peer);
	if (rc == 0)
		actor_peer_unref(peer);
	else
		actor_transport_destroy(a);
	actor_transport_destroy(b);
	assert_int_equal(actor_executor_join(local, ACTOR_FOREVER), 0);
	assert_int_equal(actor_executor_destroy(local), 0);
	return rc;
}

static int take_network(const union options *options)
{
	struct actor_executor *simulation;
	struct actor_network *network;
	int rc = actor_simulation_create(NULL, &simulation);

	assert_int_equal(rc, 0);
	rc = actor_network_create(simulation, &options->network, &network);
	if (rc == 0)
		actor_network_destroy(network);
	assert_int_equal(actor_executor_destroy(simulation), 0);
	return rc;
}

static take_fn *const takers[] = { take_io, take_connect, take_peer, take_network };

static void what_has_no_size_is_refused(void **state)
{
	union options options;

	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(takers); i++) {
		memset(&options, 0, sizeof options);
		assert_int_equal(takers[i](&options), ACTOR_E_INVALID);
		options.size = sizeof options.size - 1;
		assert_int_equal(takers[i](&options), ACTOR_E_INVALID);
	}
}

static void of_what_is_beyond_the_size_nothing_is_read(void **state)
{
	union options options;

	(void)state;
	memset(&options, 0xff, sizeof options);
	options.size = sizeof options.size;
	for (size_t i = 0; i < N_ELEMENTS(takers); i++)
		assert_int_equal(takers[i](&options), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_has_no_size_is_refused),
		cmocka_unit_test(of_what_is_beyond_the_size_nothing_is_read),
	};

	return cmocka_run_group_tests_name("options", tests, NULL, NULL);
}
