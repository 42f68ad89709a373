/* SPDX-License-Identifier: MIT */

/*
 * A run is the same again in another process, from its seed in the environment and from what the
 * program says anyway: step by step, in virtual time, and with the same allocations that fail;
 * though there memory lies elsewhere, and nothing has run before.
 */

#include "plays.h"

#include "test.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { N_SEEDS = 8 };

static const char *program; /* this one */

static const struct way {
	const char *name;
	enum actor_simulation_strategy strategy;
	bool scarce;
} ways[] = {
	{ "at random", ACTOR_SIMULATION_RANDOM, false },
	{ "by priorities", ACTOR_SIMULATION_PRIORITIES, false },
	{ "first in, first out", ACTOR_SIMULATION_FIFO, false },
	{ "with little memory", ACTOR_SIMULATION_RANDOM, true },
};

/* One play, one way; and all that happened in the latest run of it. */
struct trial {
	size_t play;
	size_t way;
	uint64_t seed;
	uint64_t n_steps;
	uint64_t steps;
};

static void mix(struct trial *trial, uint64_t what)
{
	trial->steps = (trial->steps ^ what) * UINT64_C(0x9e3779b97f4a7c15);
	trial->steps ^= trial->steps >> 29;
}

static void follow(void *user, const struct actor_simulation_step *step)
{
	struct trial *trial = user;

	trial->n_steps = step->number;
	mix(trial, step->actor);
	mix(trial, (uint64_t)step->now_ns);
	for (const char *at = step->info ? step->info->type : ""; *at; at++)
		mix(trial, (unsigned char)*at);
}

static int run_play(struct actor_executor *executor, void *user)
{
	struct trial *trial = user;
	bool scarce = ways[trial->way].scarce;

	trial->seed = actor_simulation_seed(executor);
	trial->n_steps = trial->steps = 0;
	if (scarce)
		actor_simulation_fail_some(executor, 10 + actor_simulation_choose(executor, 100));
	return world_run(executor, plays[trial->play].run, scarce);
}

static int try_seeds(struct trial *trial, unsigned n_seeds)
{
	struct actor_simulation_options options = {
		.size = sizeof options,
		.seed = 1,
		.strategy = ways[trial->way].strategy,
		.length = 200,
		.most_steps = 100000,
		.trace = follow,
		.user = trial,
	};

	return actor_simulation_check(&options, n_seeds, run_play, trial);
}

/* ---- the other process: play and way are its arguments */

static int replay(char **argv)
{
	struct trial trial = { .play = strtoul(argv[1], NULL, 10),
			       .way = strtoul(argv[2], NULL, 10) };
	int rc = try_seeds(&trial, N_SEEDS);

	printf("%" PRIu64 " %" PRIu64 " %" PRIu64 "\n", trial.seed, trial.n_steps, trial.steps);
	return rc == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

/* ---- this one */

static void say_steps(const struct trial *trial, char *ret_text, size_t n)
{
	snprintf(ret_text, n, "%" PRIu64 " %" PRIu64 " %" PRIu64 "\n", trial->seed, trial->n_steps,
		 trial->steps);
}

/* What it prints. */
static void replay_elsewhere(const struct trial *trial, char *ret_text, int n)
{
	char command[1000];
	FILE *pipe;

	snprintf(command, sizeof command, "ACTOR_SEED=%" PRIu64 " '%s' %zu %zu", trial->seed,
		 program, trial->play, trial->way);
	pipe = popen(command, "r");
	assert_non_null(pipe);
	if (!fgets(ret_text, n, pipe))
		ret_text[0] = '\0';
	assert_int_equal(pclose(pipe), 0);
}

static void a_run_is_the_same_in_another_process(void **state)
{
	struct trial *trial = *state;
	char here[100], there[100];

	unsetenv("ACTOR_SEED");
	for (unsigned n_seeds = 1; n_seeds <= N_SEEDS; n_seeds++) {
		assert_int_equal(try_seeds(trial, n_seeds), 0);
		assert_int_equal(trial->seed, n_seeds);
		say_steps(trial, here, sizeof here);
		replay_elsewhere(trial, there, sizeof there);
		assert_string_equal(here, there);
	}
}

int main(int argc, char **argv)
{
	static struct trial trials[100];
	static char names[100][80];
	struct CMUnitTest tests[100] = { { 0 } };
	size_t n = 0;

	program = argv[0];
	if (argc > 2)
		return replay(argv);
	for (size_t i = 0; plays[i].name; i++)
		for (size_t k = 0; k < N_ELEMENTS(ways); k++, n++) {
			trials[n] = (struct trial){ .play = i, .way = k };
			snprintf(names[n], sizeof names[n], "%s, %s", plays[i].name, ways[k].name);
			tests[n] = (struct CMUnitTest){
				.name = names[n],
				.test_func = a_run_is_the_same_in_another_process,
				.teardown_func = test_nothing_held,
				.initial_state = &trials[n],
			};
		}
	return _cmocka_run_group_tests("replay", tests, n, NULL, NULL);
}
