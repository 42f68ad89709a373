/* SPDX-License-Identifier: MIT */

/* One simulation after the other: a scenario with many seeds, and what it leaves behind. */

#include "simulation.h"

#include "log.h"
#include "thread.h"
#include "util/memory.h"

#include <inttypes.h>
#include <stdio.h>

static const struct {
	enum actor__count count;
	const char *name;
} kinds[] = {
	{ ACTOR__COUNT_MAILBOXES, "mailboxes or addresses" },
	{ ACTOR__COUNT_ENVELOPES, "messages" },
	{ ACTOR__COUNT_REPLIES, "replies" },
	{ ACTOR__COUNT_SUSPENDED, "handlers that wait" },
	{ ACTOR__COUNT_CHANNELS, "channels" },
	{ ACTOR__COUNT_TIMERS, "timers" },
	{ ACTOR__COUNT_SEMAPHORES, "semaphores" },
	{ ACTOR__COUNT_PERMITS, "permits" },
	{ ACTOR__COUNT_NURSERIES, "nurseries or results" },
	{ ACTOR__COUNT_OBSERVABLES, "observables" },
	{ ACTOR__COUNT_SUBSCRIPTIONS, "subscriptions" },
	{ ACTOR__COUNT_EVENTS, "events" },
};
enum { N_KINDS = sizeof kinds / sizeof kinds[0] };

/* What the thread holds; what others do meanwhile is their affair. */
struct stock {
	int64_t n[N_KINDS];
	const struct actor_cleanup *scope;
};

static struct stock take_stock(const struct actor__thread *thread)
{
	struct stock stock = { .scope = actor_thread_context()->scope };

	/* Relaxed: only this thread writes them. */
	for (size_t i = 0; i < N_KINDS; i++)
		stock.n[i] = atomic_load_explicit(&thread->counts[kinds[i].count],
						  memory_order_relaxed);
	return stock;
}

/* What is held now beyond what was then, by name: whether there is anything. */
static bool name_what_is_left(const struct stock *then, const struct stock *now)
{
	char text[120];
	bool any = false;

	for (size_t i = 0; i < N_KINDS; i++) {
		if (now->n[i] <= then->n[i])
			continue;
		snprintf(text, sizeof text, "%s are held after the end of a simulation: %" PRId64,
			 kinds[i].name, now->n[i] - then->n[i]);
		actor__log_text(ACTOR_LOG_ERROR, NULL, NULL, text);
		any = true;
	}
	/* What it leads to may be in a frame that is gone. */
	if (now->scope == then->scope)
		return any;
	actor__log_text(ACTOR_LOG_ERROR, NULL, NULL,
			"something was deferred, and not taken back, in a simulation");
	return true;
}

/* How it came to its end; if not by itself, everything is cancelled. What was to be refused, is no
 * more: neither in that, nor in the run that follows. */
static int end_run(struct actor_executor *executor, int rc)
{
	int destroyed;

	if (rc == 0)
		rc = actor_executor_join(executor, ACTOR_FOREVER);
	actor__memory_refuse_none();
	if (actor__simulation_status(executor) < 0)
		rc = actor__simulation_status(executor);
	if (rc < 0) {
		actor_executor_close(executor);
		actor_ignore(actor_executor_join(executor, ACTOR_FOREVER));
	}
	destroyed = actor_executor_destroy(executor);
	if (destroyed < 0) /* somebody still holds what lives there; but the next run is another */
		actor__simulation_leave(executor);
	return rc < 0 ? rc : destroyed;
}

static int run_once(struct actor_executor *executor, actor_simulation_scenario_fn *scenario,
		    void *user)
{
	struct actor__thread *thread = actor__thread();
	struct stock before = take_stock(thread), after;
	int rc = scenario(executor, user);

	rc = end_run(executor, rc < 0 ? rc : 0);
	after = take_stock(thread);
	/* After any other failure it need not have come to giving things back. */
	if ((rc == 0 || rc == ACTOR_E_BUSY) && name_what_is_left(&before, &after))
		rc = ACTOR_E_BUSY;
	return rc;
}

#define SEED_TEXT "ACTOR_SEED=%" PRIu64

/* For whoever wants to see it, if the run ends the process. */
static void announce(uint64_t seed)
{
	char text[80];

	snprintf(text, sizeof text, "a simulated run begins: " SEED_TEXT, seed);
	actor__log_text(ACTOR_LOG_DEBUG, NULL, NULL, text);
}

static void report(uint64_t seed, int status)
{
	char text[200];

	snprintf(text, sizeof text, "a simulated run has failed: %s (%d); it is run again by",
		 actor_strerror(status), status);
	actor__log_surely(text);
	snprintf(text, sizeof text, SEED_TEXT, seed);
	actor__log_surely(text);
}

/* 0 is none. */
static uint64_t seed_after(uint64_t seed)
{
	return seed == UINT64_MAX ? 1 : seed + 1;
}

int actor_simulation_check(const struct actor_simulation_options *options, unsigned n_seeds,
			   actor_simulation_scenario_fn *scenario, void *user)
{
	struct actor_simulation_options each;
	struct actor_executor *executor;
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
	for (unsigned i = 0; i < n_seeds && rc == 0; i++, each.seed = seed_after(each.seed)) {
		announce(each.seed);
		rc = actor_simulation_create(&each, &executor);
		if (rc < 0)
			return rc;
		rc = run_once(executor, scenario, user);
		if (rc < 0)
			report(each.seed, rc);
	}
	return rc;
}
