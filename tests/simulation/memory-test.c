/* SPDX-License-Identifier: MIT */

/*
 * Every play, each time with another one of its allocations refused, from the first to the last:
 * whatever then ends with an error, nothing is lost, nothing leaks, and nobody waits for ever.
 */

#include "plays.h"

#include "test.h"

struct sweep {
	const struct play *play;
	uint64_t nth;
	uint64_t n_made;
};

static int run_with_one_refused(struct actor_executor *executor, void *user)
{
	struct sweep *sweep = user;
	int rc;

	actor_simulation_fail_nth(sweep->nth);
	rc = world_run(executor, sweep->play->run, true);
	sweep->n_made = actor_simulation_fail_nth(0);
	return rc;
}

static void refuse_one_after_the_other(void **state)
{
	struct actor_simulation_options options = { .size = sizeof options };
	struct sweep sweep = { .play = *state };
	const uint64_t n_seeds = test_times(200);
	uint64_t n_refused = 0;

	for (options.seed = 1; options.seed <= n_seeds; options.seed++) {
		sweep.nth = 0;
		do {
			sweep.nth++;
			n_refused++;
			assert_int_equal(
				actor_simulation_check(&options, 1, run_with_one_refused, &sweep),
				0);
		} while (sweep.n_made >= sweep.nth);
	}
	assert_true(n_refused > 5 * n_seeds);
}

/* As for all others, with creating and destroying executors. */
static void executors_are_made_or_not(void **state)
{
	struct actor_pool_options one = { .size = sizeof one, .n_threads = 1 };
	struct actor_executor *executor;
	uint64_t nth = 0;
	int rc;

	(void)state;
	do {
		actor_simulation_fail_nth(++nth);
		rc = actor_pool_create(&one, &executor);
		assert_int_equal(rc, rc == 0 ? 0 : ACTOR_E_NOMEM);
		if (rc == 0)
			assert_int_equal(actor_executor_destroy(executor), 0);
		rc = actor_local_create(&executor);
		assert_int_equal(rc, rc == 0 ? 0 : ACTOR_E_NOMEM);
		if (rc == 0)
			assert_int_equal(actor_executor_destroy(executor), 0);
		rc = actor_simulation_create(NULL, &executor);
		assert_int_equal(rc, rc == 0 ? 0 : ACTOR_E_NOMEM);
		if (rc == 0)
			assert_int_equal(actor_executor_destroy(executor), 0);
	} while (actor_simulation_fail_nth(0) >= nth);
	assert_true(nth > 4);
}

static void *ask_for_context(void *user)
{
	struct actor_context **contexts = user;

	actor_simulation_fail_nth(1);
	contexts[0] = actor_thread_context();
	contexts[1] = actor_thread_context();
	actor_simulation_fail_nth(0);
	return NULL;
}

static void threads_have_a_context_or_not(void **state)
{
	static struct actor_context *contexts[64][2];
	pthread_t threads[64];
	unsigned n_refused = 0;

	(void)state;
	for (unsigned i = 0; i < 64; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, ask_for_context, contexts[i]),
				 0);
	for (unsigned i = 0; i < 64; i++) {
		pthread_join(threads[i], NULL);
		n_refused += !contexts[i][0];
		assert_non_null(contexts[i][1]);
	}
	assert_in_range(n_refused, 1, 64); /* others got that of a thread that has ended */
}

int main(void)
{
	struct CMUnitTest tests[100] = { { 0 } };
	size_t n = 0;

	actor_log_set_sink(world_log, NULL, ACTOR_LOG_ERROR);
	for (const struct play *play = plays; play->name; play++)
		tests[n++] = (struct CMUnitTest){
			.name = play->name,
			.test_func = refuse_one_after_the_other,
			.teardown_func = test_nothing_held,
			.initial_state = (void *)(uintptr_t)play,
		};
	tests[n++] = (struct CMUnitTest)cmocka_unit_test(executors_are_made_or_not);
	tests[n++] = (struct CMUnitTest)cmocka_unit_test(threads_have_a_context_or_not);
	return _cmocka_run_group_tests("memory", tests, n, NULL, NULL);
}
