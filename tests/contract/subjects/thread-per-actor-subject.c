/* SPDX-License-Identifier: MIT */

/* thread-per-actor as a subject of the contract. */

#include "thread-per-actor-subject.h"

#include <thread-per-actor.h>

static void *create(void)
{
	struct actor_tpa *tpa;

	return actor_tpa_create(&tpa) == 0 ? tpa : NULL;
}

static int join(void *instance, int64_t deadline_ns)
{
	return actor_tpa_join(instance, deadline_ns);
}

static int destroy(void *instance)
{
	return actor_tpa_destroy(instance);
}

static struct actor_spawner *spawner(void *instance)
{
	return actor_tpa_spawner(instance);
}

static struct actor_context *context(void *instance)
{
	struct actor_context *context;

	return actor_tpa_context_create(instance, &context) == 0 ? context : NULL;
}

static void context_done(void *instance, struct actor_context *context)
{
	(void)instance;
	actor_tpa_context_destroy(context);
}

static void close(void *instance)
{
	actor_tpa_close(instance);
}

static void held(struct contract_held *ret_held)
{
	struct actor_tpa_counts counts;

	actor_tpa_counts_get(&counts);
	*ret_held = (struct contract_held){
		.mailboxes = counts.mailboxes,
		.envelopes = counts.envelopes,
		.replies = counts.replies,
	};
}

static int64_t dead_letters(void)
{
	struct actor_tpa_counts counts;

	actor_tpa_counts_get(&counts);
	return counts.dead_letters;
}

static void log_to(contract_log_fn *log, void *user)
{
	actor_tpa_log_set_sink(log, user, ACTOR_LOG_TRACE);
}

const struct contract_subject thread_per_actor_subject = {
	.name = "thread-per-actor",
	.capabilities = CONTRACT_SUSPEND | CONTRACT_FIFO | CONTRACT_STOP | CONTRACT_RESTART |
			CONTRACT_CROSS_THREAD | CONTRACT_CLOSE | CONTRACT_COUNTS |
			CONTRACT_DEAD_LETTERS | CONTRACT_LOG | CONTRACT_ABANDONED,
	.chain = 100,
	.crowd = 50,
	.create = create,
	.join = join,
	.destroy = destroy,
	.spawner = spawner,
	.context = context,
	.context_done = context_done,
	.close = close,
	.held = held,
	.dead_letters = dead_letters,
	.log_to = log_to,
};
