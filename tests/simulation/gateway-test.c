/* SPDX-License-Identifier: MIT */

/*
 * The gateway problem (H-14, H-15), which examples/gateway models: in a hundred thousand orders
 * each the designs that are said never to block do not; those that are said to, do within a few.
 */

#include "model.h"
#include "test.h"

enum { N_SEEDS = 100000 };

static int try_orders(struct gateway_model model, enum actor_simulation_strategy strategy,
		      unsigned n_seeds)
{
	struct actor_simulation_options options = {
		.size = sizeof options,
		.seed = 1,
		.strategy = strategy,
		.length = 200,
		.most_steps = 100000,
	};

	return actor_simulation_check(&options, n_seeds, gateway_run, &model);
}

static void assert_never_blocks(struct gateway_model model)
{
	assert_int_equal(try_orders(model, ACTOR_SIMULATION_RANDOM, test_times(N_SEEDS)), 0);
	assert_int_equal(try_orders(model, ACTOR_SIMULATION_PRIORITIES, test_times(N_SEEDS)), 0);
	assert_int_equal(try_orders(model, ACTOR_SIMULATION_FIFO, 1), 0);
}

static void assert_blocks(struct gateway_model model)
{
	assert_int_equal(try_orders(model, ACTOR_SIMULATION_RANDOM, 1000), ACTOR_E_DEADLOCK);
	assert_int_equal(try_orders(model, ACTOR_SIMULATION_PRIORITIES, 1000), ACTOR_E_DEADLOCK);
}

static void one_mailbox_blocks(void **state)
{
	(void)state;
	assert_blocks((struct gateway_model){ GATEWAY_ONE_MAILBOX, 1, 5, "" });
}

/* H-14: a closed circuit. */
static void responses_first_are_enough_for_one_gateway(void **state)
{
	(void)state;
	assert_never_blocks((struct gateway_model){ GATEWAY_PRIORITY, 1, 6, "" });
}

/* H-15: more than one source of requests. */
static void responses_first_are_not_enough_for_several(void **state)
{
	(void)state;
	for (unsigned n_gateways = 2; n_gateways <= 4; n_gateways++)
		assert_blocks((struct gateway_model){ GATEWAY_PRIORITY, n_gateways, 5, "" });
}

static void permits_are_enough_for_several(void **state)
{
	(void)state;
	assert_never_blocks((struct gateway_model){ GATEWAY_PERMITS, 3, 3, "" });
}

static void permits_are_enough_for_one_and_for_many(void **state)
{
	(void)state;
	for (unsigned n_gateways = 1; n_gateways <= 8; n_gateways++) {
		struct gateway_model model = { GATEWAY_PERMITS, n_gateways, 3, "" };

		assert_int_equal(try_orders(model, ACTOR_SIMULATION_RANDOM, test_times(1000)), 0);
	}
}

static void what_is_no_case_is_refused(void **state)
{
	struct gateway_model models[] = { { GATEWAY_PERMITS, 0, 3, "" },
					  { GATEWAY_PERMITS, 9, 3, "" },
					  { GATEWAY_PERMITS, 1, 0, "" },
					  { (enum gateway_design)(GATEWAY_PERMITS + 1), 1, 3,
					    "" } };
	struct actor_executor *executor;

	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(models); i++) {
		assert_int_equal(actor_simulation_create(NULL, &executor), 0);
		assert_int_equal(gateway_run(executor, &models[i]), ACTOR_E_INVALID);
		assert_int_equal(actor_executor_destroy(executor), 0);
	}
}

/* Whatever there is no memory for: it ends, and says so. */
static void it_ends_without_memory(void **state)
{
	struct gateway_model model = { GATEWAY_PERMITS, 2, 3, "" };
	struct actor_executor *executor;
	uint64_t n_made, n = 0;
	unsigned n_failed = 0;
	int rc;

	(void)state;
	do {
		assert_int_equal(actor_simulation_create(NULL, &executor), 0);
		actor_simulation_fail_nth(++n);
		rc = gateway_run(executor, &model);
		n_made = actor_simulation_fail_nth(0);
		assert_true(rc == 0 || rc == ACTOR_E_NOMEM);
		n_failed += rc != 0;
		assert_int_equal(actor_executor_destroy(executor), 0);
		assert_int_equal(test_nothing_held(state), 0);
	} while (n_made >= n);
	assert_int_equal(rc, 0);
	assert_true(n_failed > 20);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(one_mailbox_blocks, test_nothing_held),
		cmocka_unit_test_teardown(responses_first_are_enough_for_one_gateway,
					  test_nothing_held),
		cmocka_unit_test_teardown(responses_first_are_not_enough_for_several,
					  test_nothing_held),
		cmocka_unit_test_teardown(permits_are_enough_for_several, test_nothing_held),
		cmocka_unit_test_teardown(permits_are_enough_for_one_and_for_many,
					  test_nothing_held),
		cmocka_unit_test_teardown(what_is_no_case_is_refused, test_nothing_held),
		cmocka_unit_test_teardown(it_ends_without_memory, test_nothing_held),
	};

	return cmocka_run_group_tests_name("gateway", tests, NULL, NULL);
}
