/* SPDX-License-Identifier: MIT */

/* actor-impl as a subject of the contract: its executors, one set of counts. */

#include "actor-impl-subject.h"

#include <actor-impl/actor-impl.h>
#include <stdlib.h>

#define COMMON                                                                                     \
	(CONTRACT_SUSPEND | CONTRACT_LIGHT_WAITS | CONTRACT_FIFO | CONTRACT_STOP |                 \
	 CONTRACT_RESTART | CONTRACT_CROSS_THREAD | CONTRACT_CLOSE | CONTRACT_COUNTS |             \
	 CONTRACT_DEAD_LETTERS | CONTRACT_LOG | CONTRACT_ABANDONED | CONTRACT_FAIL |               \
	 CONTRACT_DEADLOCKS)

static void *create_pool(unsigned n_threads)
{
	struct actor_pool_options options = { .size = sizeof options, .n_threads = n_threads };
	struct actor_executor *executor;

	return actor_pool_create(&options, &executor) == 0 ? executor : NULL;
}

static void *create_three(void)
{
	return create_pool(3);
}

static void *create_one(void)
{
	return create_pool(1);
}

static void *create_local(void)
{
	struct actor_executor *executor;

	return actor_local_create(&executor) == 0 ? executor : NULL;
}

/* Each test has a seed of its own, the same each time; or the one in the environment. */
static void *create_simulation(void)
{
	static uint64_t n_created;
	struct actor_simulation_options options = {
		.size = sizeof options,
		.seed = getenv("ACTOR_SEED") ? 0 : ++n_created,
		.most_steps = 100000000,
	};
	struct actor_executor *executor;

	return actor_simulation_create(&options, &executor) == 0 ? executor : NULL;
}

static int join(void *instance, int64_t deadline_ns)
{
	return actor_executor_join(instance, deadline_ns);
}

static int destroy(void *instance)
{
	return actor_executor_destroy(instance);
}

static struct actor_spawner *spawner(void *instance)
{
	return actor_executor_spawner(instance);
}

static struct actor_context *context(void *instance)
{
	(void)instance;
	return actor_thread_context();
}

static void close(void *instance)
{
	actor_executor_close(instance);
}

static void held(struct contract_held *ret_held)
{
	struct actor_counts counts;

	actor_counts_get(&counts);
	*ret_held = (struct contract_held){
		.mailboxes = counts.mailboxes,
		.envelopes = counts.envelopes,
		.replies = counts.replies,
	};
}

static int64_t dead_letters(void)
{
	struct actor_counts counts;

	actor_counts_get(&counts);
	return counts.dead_letters;
}

static void log_to(contract_log_fn *log, void *user)
{
	actor_log_set_sink(log, user, ACTOR_LOG_TRACE);
}

static uint64_t fail_nth(uint64_t nth)
{
	return actor_simulation_fail_nth(nth);
}

#define SUBJECT(name_, capabilities_, create_)                                                     \
	{                                                                                          \
		.name = (name_), .capabilities = (capabilities_), .create = (create_),             \
		.join = join, .destroy = destroy, .spawner = spawner, .context = context,          \
		.close = close, .held = held, .dead_letters = dead_letters, .log_to = log_to,      \
		.fail_nth = fail_nth,                                                              \
	}

const struct contract_subject pool_subject = SUBJECT("pool", COMMON, create_three);

const struct contract_subject single_pool_subject = SUBJECT("pool of one thread", COMMON,
							    create_one);

const struct contract_subject local_subject = SUBJECT(
	"local", COMMON | CONTRACT_THREAD_BOUND | CONTRACT_DRIVEN, create_local);

const struct contract_subject simulation_subject = SUBJECT(
	"simulation",
	(COMMON & ~CONTRACT_CROSS_THREAD) | CONTRACT_THREAD_BOUND | CONTRACT_DRIVEN |
		CONTRACT_VIRTUAL_TIME,
	create_simulation);

struct contract_subject executor_subject(const char *name, unsigned more, void *(*create)(void))
{
	return (struct contract_subject)SUBJECT(name, COMMON | more, create);
}
