/* SPDX-License-Identifier: MIT */

/* One simulation after the other: a scenario with many seeds, and what it leaves behind. */

#include "simulation.h"

#include "log.h"
#include "thread.h"

#include <inttypes.h>
#include <stdio.h>

/* What the thread holds; what others do meanwhile is their affair. */
static int64_t n_held(struct actor__thread *thread)
{
	static const enum actor__count counts[] = { ACTOR__COUNT_MAILBOXES, ACTOR__COUNT_ENVELOPES,
						    ACTOR__COUNT_REPLIES, ACTOR__COUNT_SUSPENDED };
	int64_t n = 0;

	/* Relaxed: only this thread writes them. */
	for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++)
		n += atomic_load_explicit(&thread->counts[counts[i]], memory_order_relaxed);
	return n;
}

/* How it came to its end; if not by itself, everything is cancelled. */
static int end_run(struct actor_executor *executor, int rc)
{
	int destroyed;

	if (rc == 0)
		rc = actor_executor_join(executor, ACTOR_FOREVER);
	if (actor__simulation_status(executor) < 0)
		rc = actor__simulation_status(executor);
	if (rc < 0) {
		actor_executor_close(executor);
		actor_ignore(actor_executor_join(executor, ACTOR_FOREVER));
	}
	destroyed = actor_executor_destroy(executor);
	return rc < 0 ? rc : destroyed;
}

static int run_once(const struct actor_simulation_options *options,
		    actor_simulation_scenario_fn *scenario, void *user)
{
	struct actor__thread *thread = actor__thread();
	struct actor_executor *executor;
	int64_t n_before = n_held(thread);
	int rc = actor_simulation_create(options, &executor);

	if (rc < 0)
		return rc;
	rc = scenario(executor, user);
	rc = end_run(executor, rc < 0 ? rc : 0);
	if (rc == 0 && n_held(thread) != n_before) {
		actor__log_text(ACTOR_LOG_ERROR, NULL, NULL,
				"addresses or replies are held after the end of a simulation");
		rc = ACTOR_E_BUSY;
	}
	return rc;
}

static void report(uint64_t seed, int status)
{
	char text[200];

	snprintf(text, sizeof text, "a simulated run has failed: %s; it is run again by",
		 actor_strerror(status));
	actor__log_text(ACTOR_LOG_ERROR, NULL, NULL, text);
	snprintf(text, sizeof text, "ACTOR_SEED=%" PRIu64, seed);
	actor__log_text(ACTOR_LOG_ERROR, NULL, NULL, text);
}

int actor_simulation_check(const struct actor_simulation_options *options, unsigned n_seeds,
			   actor_simulation_scenario_fn *scenario, void *user)
{
	struct actor_simulation_options each;
	uint64_t replayed = 0;
	int rc = actor__simulation_environment(&replayed);

	if (rc == 0)
		rc = actor__simulation_settle(options, &each);
	if (rc < 0)
		return rc;
	if (replayed) {
		each.seed = replayed;
		n_seeds = 1;
	}
	for (unsigned i = 0; i < n_seeds && rc == 0; i++, each.seed++) {
		rc = run_once(&each, scenario, user);
		if (rc < 0)
			report(each.seed, rc);
	}
	return rc;
}
