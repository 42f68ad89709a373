/* SPDX-License-Identifier: MIT */

/*
 * stress [--seconds N] [--seed N] - everything at once, at random
 *
 * In rounds: a world of one or two pools, and at times a local executor, is filled with actors, and
 * plain threads stir it: they send, call, spawn, stop, cancel, replace. Most rounds are a crush, so
 * that mailboxes are full and turns run out; some are calm, so that actors are idle and threads are
 * parked when somebody comes. In some, an executor is closed half-way. A round ends by everybody's
 * leaving, or by closing the executors in the midst of it; then everything must come out even: see
 * account.h. What happens when is up to the machine, so a seed makes a failure likely, not certain.
 *
 * A run of a minute or more fails too if something that can happen never did.
 */

#include "world.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum {
	MOST_STIRRERS = 3,
	PATIENCE_S = 120, /* a round that takes longer is stuck */
	LONG_S = 60	  /* in a run as long as that, everything has happened */
};

static uint64_t seed;
static uint64_t fate;

static int64_t now_ns(void)
{
	return actor_now(actor_thread_context());
}

struct round {
	struct world world;
	struct actor_executor *local; /* one of the world's, or NULL */
	bool closes;		      /* in the midst of it */
	bool calm;
	int64_t until_ns;
	atomic_uint n_stirring;
};

struct stirrer {
	struct round *round;
	struct agent agent;
	pthread_t thread;
};

/* An actor may fail and not be restarted: who waits for it then waits until its place is vacated.
 * One of the threads never waits without a deadline, so that there is always somebody to do it. */
static void vacate_for_the_others(struct round *round, struct agent *agent)
{
	do {
		world_vacate(agent);
		actor_sleep_until(agent->context, actor_now(agent->context) + 1000000);
	} while (atomic_load(&round->n_stirring) > 1);
}

/* Let others come to rest, at times. */
static void pause_a_little(struct agent *agent)
{
	if (random_below(&agent->random, 2))
		actor_sleep_until(agent->context, actor_now(agent->context) +
							  random_below(&agent->random, 300) * 1000);
}

static void *stir(void *user)
{
	struct stirrer *stirrer = user;
	struct round *round = stirrer->round;
	struct agent *agent = &stirrer->agent;

	agent->context = actor_thread_context();
	for (unsigned i = 0; i < 2 * WORLD_PLACES; i++)
		world_renew(agent);
	while (!atomic_load(&round->world.over)) {
		if (random_below(&agent->random, 16) == 0)
			world_renew(agent);
		if (round->calm) {
			agent_call(agent, random_below(&agent->random, 2));
			pause_a_little(agent);
		} else {
			agent_shower(agent);
			agent_act(agent, random_below(&agent->random, 8));
		}
	}
	if (agent->rank == WORLD_PLACES)
		vacate_for_the_others(round, agent);
	world_vacate(agent);
	atomic_fetch_sub(&round->n_stirring, 1);
	return NULL;
}

static void must(int rc, const char *what)
{
	if (rc == 0)
		return;
	fprintf(stderr, "seed %" PRIu64 ": %s: %s\n", seed, what, actor_strerror(rc));
	account_print();
	exit(EXIT_FAILURE);
}

static void open_executors(struct round *round)
{
	struct world *world = &round->world;
	unsigned n_pools = 1 + random_below(&fate, 2);

	for (unsigned i = 0; i < n_pools; i++) {
		struct actor_pool_options options = { .size = sizeof options,
						      .n_threads = 1 + random_below(&fate, 4) };

		must(actor_pool_create(&options, &world->executors[world->n_executors++]),
		     "creating a pool");
	}
	if (random_below(&fate, 2)) {
		must(actor_local_create(&round->local), "creating a local executor");
		world->executors[world->n_executors++] = round->local;
	}
}

static void close_one(struct world *world, unsigned i)
{
	actor_executor_close(world->executors[i]);
	account_add(ACCOUNT_CLOSED, 1);
}

static void close_executors(struct world *world)
{
	for (unsigned i = 0; i < world->n_executors; i++)
		close_one(world, i);
}

static void destroy_executors(struct world *world)
{
	int64_t deadline_ns = now_ns() + (int64_t)PATIENCE_S * 1000000000;
	int rc;

	/* One may wait for another: the local one has to run meanwhile. */
	for (unsigned i = world->n_executors; i-- > 0;)
		must(actor_executor_join(world->executors[i], deadline_ns), "joining");
	for (unsigned i = 0; i < world->n_executors; i++) {
		rc = actor_executor_destroy(world->executors[i]);
		must(rc, "destroying an executor");
	}
}

static bool time_is_up(void *user)
{
	struct round *round = user;

	return now_ns() >= round->until_ns;
}

static bool nobody_stirs(void *user)
{
	struct round *round = user;

	return atomic_load(&round->n_stirring) == 0 && atomic_load(&round->world.n_borrowed) == 0;
}

/* What the main thread does until a condition holds that other threads bring about. */
static void stay(struct round *round, bool (*done)(void *user))
{
	while (!done(round)) {
		int64_t a_little = now_ns() + 2000000;

		if (!round->local)
			actor_sleep_until(actor_thread_context(), a_little);
		else if (actor_local_run_until(round->local, done, round, a_little) ==
			 ACTOR_E_INVALID)
			abort();
	}
}

static void run_round(int64_t length_ns)
{
	struct round round = { .closes = random_below(&fate, 3) == 0,
			       .calm = random_below(&fate, 4) == 0 };
	struct stirrer stirrers[MOST_STIRRERS];
	unsigned n_stirrers = 1 + random_below(&fate, MOST_STIRRERS);

	account_open();
	world_init(&round.world);
	open_executors(&round);
	round.until_ns = now_ns() + length_ns / 2;
	atomic_store(&round.n_stirring, n_stirrers);
	for (unsigned i = 0; i < n_stirrers; i++) {
		stirrers[i].round = &round;
		agent_init(&stirrers[i].agent, &round.world, i == 0 ? WORLD_PLACES : 0);
		stirrers[i].agent.random ^= random_next(&fate);
		if (pthread_create(&stirrers[i].thread, NULL, stir, &stirrers[i]) != 0)
			must(ACTOR_E_SYSTEM, "creating a thread");
	}
	stay(&round, time_is_up);
	if (random_below(&fate, 4) == 0)
		close_one(&round.world, random_below(&fate, round.world.n_executors));
	round.until_ns = now_ns() + length_ns / 2;
	stay(&round, time_is_up);
	if (round.closes)
		close_executors(&round.world);
	atomic_store(&round.world.over, true);
	stay(&round, nobody_stirs);
	for (unsigned i = 0; i < n_stirrers; i++)
		pthread_join(stirrers[i].thread, NULL);
	destroy_executors(&round.world);
	world_deinit(&round.world);
}

static void on_alarm(int number)
{
	static const char text[] = "stuck; the seed is above\n";
	ssize_t written = write(STDERR_FILENO, text, sizeof text - 1);

	(void)number, (void)written;
	abort();
}

static bool parse(const char *text, uint64_t *ret_number)
{
	char *end;

	errno = 0;
	*ret_number = strtoull(text, &end, 10);
	return errno == 0 && *text && !*end;
}

static bool parse_arguments(int argc, char **argv, uint64_t *ret_seconds)
{
	bool good = argc % 2 == 1;

	for (int i = 1; good && i < argc; i += 2) {
		if (strcmp(argv[i], "--seconds") == 0)
			good = parse(argv[i + 1], ret_seconds);
		else
			good = strcmp(argv[i], "--seed") == 0 && parse(argv[i + 1], &seed);
	}
	return good;
}

/* One after the other; in a long run, says now and then that it goes on. */
static bool run_rounds(int64_t until_ns, unsigned *ret_n_rounds)
{
	int64_t next_word_ns = now_ns() + (int64_t)LONG_S * 1000000000;
	unsigned n_rounds = 0;

	while (now_ns() < until_ns) {
		alarm(PATIENCE_S);
		run_round(50000000 + (int64_t)random_below(&fate, 400) * 1000000);
		n_rounds++;
		if (!account_check()) {
			fprintf(stderr, "seed %" PRIu64 ", round %u\n", seed, n_rounds);
			account_print();
			return false;
		}
		if (now_ns() >= next_word_ns) {
			fprintf(stderr, "%u rounds\n", n_rounds);
			next_word_ns += (int64_t)LONG_S * 1000000000;
		}
	}
	*ret_n_rounds = n_rounds;
	return true;
}

int main(int argc, char **argv)
{
	uint64_t seconds = 3;
	unsigned n_rounds;
	bool all;

	seed = (uint64_t)time(NULL) % 1000000;
	if (!parse_arguments(argc, argv, &seconds)) {
		fprintf(stderr, "usage: stress [--seconds N] [--seed N]\n");
		return 2;
	}
	fprintf(stderr, "seed %" PRIu64 "\n", seed);
	fate = (seed + 1) * UINT64_C(0x9e3779b97f4a7c15);
	signal(SIGALRM, on_alarm);
	if (!run_rounds(now_ns() + (int64_t)seconds * 1000000000, &n_rounds))
		return EXIT_FAILURE;
	all = account_sum_up();
	fprintf(stderr, "%u rounds came out even\n", n_rounds);
	return all || seconds < LONG_S ? EXIT_SUCCESS : EXIT_FAILURE;
}
