/* SPDX-License-Identifier: MIT */

/* Whoever takes options looks at their size. */

#include "options-fixture.h"

#include <actor-impl/deadlock.h>
#include <actor-impl/observer.h>
#include <actor-impl/runtime.h>
#include <actor-impl/simulation.h>
#include <actor-impl/supervisor.h>

static int take_pool(const void *options)
{
	struct actor_executor *pool;
	int rc = actor_pool_create(options, &pool);

	return rc < 0 ? rc : actor_executor_destroy(pool);
}

static int take_simulation(const void *options)
{
	struct actor_executor *simulation;
	int rc = actor_simulation_create(options, &simulation);

	return rc < 0 ? rc : actor_executor_destroy(simulation);
}

static int take_supervisor(const void *options)
{
	struct actor_supervisor *state;
	int rc = actor_supervisor_create(options, &state);

	if (rc == 0)
		actor_supervisor_behavior.destroy(state);
	return rc;
}

static int take_runtime(const void *options)
{
	struct actor_executor *local;
	struct actor_runtime *runtime;
	int rc = actor_local_create(&local);

	assert_int_equal(rc, 0);
	rc = actor_runtime_create(local, options, &runtime);
	if (rc == 0)
		actor_runtime_destroy(runtime);
	assert_int_equal(actor_executor_destroy(local), 0);
	return rc;
}

static int take_deadlocks(const void *options)
{
	struct actor_executor *local;
	int rc = actor_local_create(&local);

	assert_int_equal(rc, 0);
	rc = actor_executor_set_deadlocks(local, options);
	assert_int_equal(actor_executor_destroy(local), 0);
	return rc;
}

static int take_subscribe(const void *options)
{
	struct actor_subscription *subscription = NULL;
	struct actor_observable *observable;
	int rc = actor_observable_create(&observable);

	assert_int_equal(rc, 0);
	rc = actor_observable_subscribe(observable, options, &subscription);
	actor_subscription_destroy(subscription);
	actor_observable_unref(observable);
	return rc;
}

int main(void)
{
	take_options_fn *const takers[] = {
		take_deadlocks,	 take_pool,	 take_runtime,
		take_simulation, take_subscribe, take_supervisor,
	};

	return options_test_run(takers, N_ELEMENTS(takers));
}
