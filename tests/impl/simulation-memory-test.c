/* SPDX-License-Identifier: MIT */

/* Simulations: any allocation may fail. */

#include "simulation-fixture.h"

#include <string.h>

/* ---- memory */

static void the_nth_allocation_fails(void **state)
{
	struct actor_executor *executor = open_simulation();
	struct actor_spawner *spawner = actor_executor_spawner(executor);
	union hand_address hand;

	(void)state;
	actor_simulation_fail_nth(1);
	assert_int_equal(ACTOR_SPAWN(hand, spawner, NULL, NULL, &hand), ACTOR_E_NOMEM);
	assert_int_equal(ACTOR_SPAWN(hand, spawner, NULL, NULL, &hand), 0);
	assert_int_equal(hand_call(here(), hand, ignore_it, NULL), 0);
	actor_simulation_fail_nth(1); /* the reply */
	assert_int_equal(hand_call(here(), hand, ignore_it, NULL), ACTOR_E_NOMEM);
	actor_simulation_fail_nth(2); /* the envelope */
	assert_int_equal(hand_call(here(), hand, ignore_it, NULL), ACTOR_E_NOMEM);
	assert_int_equal(actor_simulation_fail_nth(0), 2);
	assert_int_equal(hand_call(here(), hand, ignore_it, NULL), 0);
	assert_int_equal(actor_simulation_fail_nth(0), 2); /* it has its stack from before */
	actor_address_unref(hand.address);
	close_simulation(executor);
	actor_simulation_fail_nth(1);
	assert_int_equal(actor_simulation_create(&options, &executor), ACTOR_E_NOMEM);
	assert_int_equal(actor_simulation_fail_nth(0), 1);
}

/* What is in the pools of a thread counts like all else: also without a simulation. */
static void pools_are_no_help(void **state)
{
	struct actor_executor *executor;
	union hand_address hand;

	(void)state;
	assert_int_equal(actor_local_create(&executor), 0);
	hand = hand_spawn(executor, NULL, 0);
	for (unsigned i = 0; i < 10; i++)
		assert_int_equal(hand_call(here(), hand, ignore_it, NULL), 0);
	for (uint64_t n = 1; n <= 2; n++) {
		actor_simulation_fail_nth(n);
		assert_int_equal(hand_call(here(), hand, ignore_it, NULL), ACTOR_E_NOMEM);
	}
	actor_simulation_fail_nth(3); /* a stack: tried again, without anybody's noticing */
	assert_int_equal(hand_call(here(), hand, ignore_it, NULL), 0);
	assert_int_equal(actor_simulation_fail_nth(0), 4);
	actor_address_unref(hand.address);
	close_simulation(executor);
}

static int64_t begin_ns;

static int note_at_once(struct actor_context *context, void *user)
{
	return note(context, actor_now(context) == begin_ns ? user : "late");
}

/* The array of those who are ready does not grow: they wait for their turn all the same, and time
 * does not pass until they have had it. */
static void who_is_ready_needs_no_memory(void **state)
{
	struct actor_executor *executor = open_simulation();
	union hand_address hands[100];
	unsigned n_refused = 0;

	(void)state;
	begin_ns = actor_now(here());
	for (unsigned i = 0; i < N_ELEMENTS(hands); i++) {
		actor_simulation_fail_nth(2); /* the one after the actor itself */
		hands[i] = hand_spawn(executor, NULL, 0);
		n_refused += actor_simulation_fail_nth(0) == 2;
		tell(hands[i], note_at_once, "x");
	}
	assert_in_range(n_refused, 50, 99);
	wait_for_all();
	assert_int_equal(strspn(order, "x"), N_ELEMENTS(hands));
	for (unsigned i = 0; i < N_ELEMENTS(hands); i++)
		actor_address_unref(hands[i].address);
	close_simulation(executor);
}

static void allocations_fail_by_chance(void **state)
{
	char results[2][301] = { "", "" };

	(void)state;
	for (unsigned round = 0; round < 2; round++) {
		struct actor_executor *executor = open_simulation();
		union hand_address hand = hand_spawn(executor, NULL, 0);

		actor_simulation_fail_some(executor, 10);
		for (unsigned i = 0; i < 300; i++)
			results[round][i] = hand_call(here(), hand, ignore_it, NULL) == 0 ? '.'
											  : 'x';
		actor_address_unref(hand.address);
		close_simulation(executor);
		assert_in_range(actor_simulation_fail_nth(0), 301, 600);
	}
	assert_string_equal(results[0], results[1]);
	assert_non_null(strchr(results[0], '.'));
	assert_non_null(strchr(results[0], 'x'));
}

/* Nothing succeeds any more that takes memory, and then the run fails in the midst of it all. */
static int fail_without_memory(struct actor_executor *executor, void *user)
{
	union hand_address hand = hand_spawn(executor, NULL, 0);
	unsigned *n_runs = user;

	++*n_runs;
	tell(hand, sleep_for, "9");
	tell_and_let_go(hand, ignore_it, NULL);
	wait_for_all();
	actor_simulation_fail_some(executor, 1);
	return -77;
}

static void a_run_that_has_failed_is_cleaned_up_with_memory(void **state)
{
	unsigned n_runs = 0;

	(void)state;
	options.most_steps = 1000;
	assert_int_equal(actor_simulation_check(&options, 1, fail_without_memory, &n_runs), -77);
	assert_string_equal(said, "[a simulated run has failed: unknown error (-77); it is run "
				  "again by][ACTOR_SEED=1]");
}

/* One run's refusal is none of the next one's: it would not be the same again by itself. */
static int have_a_later_one_fail(struct actor_executor *executor, void *user)
{
	unsigned *n_runs = user;

	actor_address_unref(hand_spawn(executor, NULL, 0).address);
	if (++*n_runs == 1)
		actor_simulation_fail_nth(20);
	return 0;
}

static void what_is_refused_ends_with_its_run(void **state)
{
	unsigned n_runs = 0;

	(void)state;
	assert_int_equal(actor_simulation_check(&options, 100, have_a_later_one_fail, &n_runs), 0);
	assert_int_equal(n_runs, 100);
	assert_in_range(actor_simulation_fail_nth(0), 200, 1000); /* it was counted on */
}

/* Where nothing is to fail, what comes out of a thread's pools is not asked for. */
static void allocations_can_be_counted(void **state)
{
	struct actor_executor *executor;
	union hand_address hand;

	(void)state;
	assert_int_equal(actor_local_create(&executor), 0);
	hand = hand_spawn(executor, NULL, 0);
	for (unsigned i = 0; i < 10; i++)
		assert_int_equal(hand_call(here(), hand, ignore_it, NULL), 0);
	for (unsigned round = 0; round < 2; round++) {
		actor_simulation_fail_nth(UINT64_MAX);
		assert_int_equal(hand_call(here(), hand, ignore_it, NULL), 0);
		assert_int_equal(actor_simulation_fail_nth(0), 3); /* reply, envelope, stack */
	}
	actor_address_unref(hand.address);
	close_simulation(executor);
}

#define SIMULATION_TEST(name)                                                                      \
	cmocka_unit_test_setup_teardown(name, simulation_set_up, simulation_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		SIMULATION_TEST(the_nth_allocation_fails),
		SIMULATION_TEST(pools_are_no_help),
		SIMULATION_TEST(who_is_ready_needs_no_memory),
		SIMULATION_TEST(allocations_fail_by_chance),
		SIMULATION_TEST(a_run_that_has_failed_is_cleaned_up_with_memory),
		SIMULATION_TEST(what_is_refused_ends_with_its_run),
		SIMULATION_TEST(allocations_can_be_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
