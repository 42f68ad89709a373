/* SPDX-License-Identifier: MIT */
#ifndef TESTS_IFACE_LOCAL_FIXTURE_H
#define TESTS_IFACE_LOCAL_FIXTURE_H

#include <actor-iface/actor-iface.h>
#include <actor-impl/counts.h>
#include <actor-impl/local.h>

/**
 * struct local_fixture - a local executor for one test, and whether nothing was left of it
 * @executor: on the test's thread
 * @spawner:  its
 * @context:  the thread's, that runs the executor while it waits
 * @before:   what the library held before
 * @text:     the last line of log, or ""
 * @n_errors: how many errors have been logged
 */
struct local_fixture {
	struct actor_executor *executor;
	struct actor_spawner *spawner;
	struct actor_context *context;
	struct actor_counts before;
	char text[400];
	int n_errors;
};

/** local_set_up() - as a cmocka setup function */
int local_set_up(void **state);

/** local_tear_down() - as a cmocka teardown function: the test has released all of its addresses
 * and mailboxes; fails when anything is left */
int local_tear_down(void **state);

/** LOCAL_TEST() - a test with that around it */
#define LOCAL_TEST(name) cmocka_unit_test_setup_teardown(name, local_set_up, local_tear_down)

#endif
