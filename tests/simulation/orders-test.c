/* SPDX-License-Identifier: MIT */

/*
 * Every play in thousands of orders, at random and by priorities, and with allocations that fail at
 * random. A seed that fails is printed; ACTOR_SEED=... makes that run again.
 */

#include "plays.h"

#include "test.h"

struct trial {
	const struct play *play;
	bool scarce;
};

static int run_play(struct actor_executor *executor, void *user)
{
	const struct trial *trial = user;

	if (trial->scarce)
		actor_simulation_fail_some(executor, 10 + actor_simulation_choose(executor, 100));
	return world_run(executor, trial->play->run, trial->scarce);
}

static void try_orders(const struct play *play, enum actor_simulation_strategy strategy,
		       bool scarce, unsigned n_seeds)
{
	struct actor_simulation_options options = {
		.size = sizeof options,
		.seed = 1,
		.strategy = strategy,
		.length = 200,
		.most_steps = 100000,
	};
	struct trial trial = { play, scarce };

	assert_int_equal(actor_simulation_check(&options, test_times(n_seeds), run_play, &trial),
			 0);
}

static void at_random(void **state)
{
	try_orders(*state, ACTOR_SIMULATION_RANDOM, false, 10000);
}

static void by_priorities(void **state)
{
	try_orders(*state, ACTOR_SIMULATION_PRIORITIES, false, 5000);
}

static void in_order(void **state)
{
	try_orders(*state, ACTOR_SIMULATION_FIFO, false, 1000);
}

static void with_little_memory(void **state)
{
	try_orders(*state, ACTOR_SIMULATION_RANDOM, true, 5000);
}

int main(void)
{
	static const struct {
		const char *name;
		CMUnitTestFunction run;
	} ways[] = {
		{ "at random", at_random },
		{ "by priorities", by_priorities },
		{ "first in, first out", in_order },
		{ "with little memory", with_little_memory },
	};
	static char names[100][80];
	struct CMUnitTest tests[100] = { { 0 } };
	size_t n = 0;

	actor_log_set_sink(world_log, NULL, ACTOR_LOG_ERROR);
	for (const struct play *play = plays; play->name; play++)
		for (size_t i = 0; i < N_ELEMENTS(ways); i++, n++) {
			snprintf(names[n], sizeof names[n], "%s, %s", play->name, ways[i].name);
			tests[n] = (struct CMUnitTest){
				.name = names[n],
				.test_func = ways[i].run,
				.teardown_func = test_nothing_held,
				.initial_state = (void *)(uintptr_t)play,
			};
		}
	return _cmocka_run_group_tests("orders", tests, n, NULL, NULL);
}
