/* SPDX-License-Identifier: MIT */

/* Options begin with their size: of a program that knows fewer of them no more is read, and one
 * that has forgotten the size is told. */

#include "test.h"

#include <actor-impl/deadlock.h>
#include <actor-impl/observer.h>
#include <actor-impl/runtime.h>
#include <actor-impl/simulation.h>
#include <actor-impl/supervisor.h>

union options {
	size_t size;
	unsigned char bytes[256];
	struct actor_deadlock_options deadlocks;
	struct actor_pool_options pool;
	struct actor_runtime_options runtime;
	struct actor_simulation_options simulation;
	struct actor_subscribe_options subscribe;
	struct actor_supervisor_options supervisor;
};

typedef int take_fn(const union options *options);

static int take_pool(const union options *options)
{
	struct actor_executor *pool;
	int rc = actor_pool_create(&options->pool, &pool);

	return rc < 0 ? rc : actor_executor_destroy(pool);
}

static int take_simulation(const union options *options)
{
	struct actor_executor *simulation;
	int rc = actor_simulation_create(&options->simulation, &simulation);

	return rc < 0 ? rc : actor_executor_destroy(simulation);
}

static int take_supervisor(const union options *options)
{
	struct actor_supervisor *state;
	int rc = actor_supervisor_create(&options->supervisor, &state);

	if (rc == 0)
		actor_supervisor_behavior.destroy(state);
	return rc;
}

static int take_runtime(const union options *options)
{
	struct actor_executor *local;
	struct actor_runtime *runtime;
	int rc = actor_local_create(&local);

	assert_int_equal(rc, 0);
	rc = actor_runtime_create(local, &options->runtime, &runtime);
	if (rc == 0)
		actor_runtime_destroy(runtime);
	assert_int_equal(actor_executor_destroy(local), 0);
	return rc;
}

static int take_deadlocks(const union options *options)
{
	struct actor_executor *local;
	int rc = actor_local_create(&local);

	assert_int_equal(rc, 0);
	rc = actor_executor_set_deadlocks(local, &options->deadlocks);
	assert_int_equal(actor_executor_destroy(local), 0);
	return rc;
}

static int take_subscribe(const union options *options)
{
	struct actor_subscription *subscription = NULL;
	struct actor_observable *observable;
	int rc = actor_observable_create(&observable);

	assert_int_equal(rc, 0);
	rc = actor_observable_subscribe(observable, &options->subscribe, &subscription);
	actor_subscription_destroy(subscription);
	actor_observable_unref(observable);
	return rc;
}

static take_fn *const takers[] = { take_pool,	 take_simulation, take_supervisor,
				   take_runtime, take_deadlocks,  take_subscribe };

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
		cmocka_unit_test_teardown(what_has_no_size_is_refused, test_nothing_held),
		cmocka_unit_test_teardown(of_what_is_beyond_the_size_nothing_is_read,
					  test_nothing_held),
	};

	return cmocka_run_group_tests_name("options", tests, NULL, NULL);
}
