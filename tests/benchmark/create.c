/* SPDX-License-Identifier: MIT */

/*
 * create: actors that are created, handle one message, and end.
 *
 * An actor creates them, as many at a time as are to be alive at once. Whoever completes such a
 * generation asks for the next one.
 */

#include "stage.h"

#include <stdatomic.h>

struct create {
	uint64_t n_actors;
};
struct greeting {
	uint64_t value;
};
ACTOR_SIGNAL(create);
ACTOR_SIGNAL(greeting);
ACTOR_SIGNAL_DEFINE(create, "benchmark.create", NULL);
ACTOR_SIGNAL_DEFINE(greeting, "benchmark.greeting", NULL);

#define CREATOR_MESSAGES(CALL, SEND, X) SEND(X, create)
#define NEWCOMER_MESSAGES(CALL, SEND, X) SEND(X, greeting)
ACTOR_DECLARE(creator, CREATOR_MESSAGES);
ACTOR_DECLARE(newcomer, NEWCOMER_MESSAGES);

/* What newcomers, who have no state, have in common. Each adds what it was sent. */
static struct {
	union creator_address creator; /* main() has it until all have been greeted */
	uint64_t n_actors;
	uint64_t n_generation;
	uint64_t capacity;
	_Atomic uint64_t n_greeted;
} all;

struct newcomer {
	char none;
};

static void newcomer_on_greeting(struct newcomer *self, struct greeting *message,
				 struct actor_context *context)
{
	uint64_t n_greeted = message->value + atomic_fetch_add_explicit(&all.n_greeted,
									message->value,
									memory_order_relaxed);

	(void)self;
	if (n_greeted == all.n_actors)
		stage_finish();
	else if (n_greeted % all.n_generation == 0)
		CHECK(ACTOR_SEND(context, all.creator, create,
				 &(struct create){ all.n_generation }));
}
ACTOR_DEFINE(newcomer, NEWCOMER_MESSAGES, NULL, NULL, NULL);

struct creator {
	char none;
};

static void creator_on_create(struct creator *self, struct create *message,
			      struct actor_context *context)
{
	struct actor_spawner *spawner = actor_spawner(context);
	const struct actor_mailbox_options *options = ACTOR_OPTIONS(.capacity = all.capacity);
	union newcomer_address newcomer;

	(void)self;
	for (uint64_t i = 0; i < message->n_actors; i++) {
		CHECK(ACTOR_SPAWN(newcomer, spawner, NULL, options, &newcomer));
		CHECK(ACTOR_SEND(context, newcomer, greeting, &(struct greeting){ 1 }));
		actor_address_unref(newcomer.address);
	}
}
ACTOR_DEFINE(creator, CREATOR_MESSAGES, NULL, NULL, NULL);

struct result create_run(const struct settings *settings)
{
	struct stage stage;
	double ns;

	all.n_generation = settings->actors < settings->n ? settings->actors : settings->n;
	all.n_actors = settings->n / all.n_generation * all.n_generation;
	all.capacity = settings->capacity;
	stage_open(&stage, settings);
	CHECK(ACTOR_SPAWN(creator, stage.spawner, NULL, NULL, &all.creator));

	stage_begin();
	CHECK(ACTOR_SEND(stage.context, all.creator, create, &(struct create){ all.n_generation }));
	stage_wait(1);
	actor_address_unref(all.creator.address);
	CHECK(actor_executor_join(stage.pool, ACTOR_FOREVER));
	ns = stage_wait(0);

	stage_close(&stage);
	EXPECT(all.n_greeted == all.n_actors);
	return result_time(all.n_actors, ns);
}
