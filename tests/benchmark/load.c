/* SPDX-License-Identifier: MIT */

/*
 * count, contention: one producer, or many of them, and an actor that counts what they send.
 *
 * Messages are structs, so each size is a type of its own, with a counter and a producing loop of
 * its own. What they have in common is outside of the loops.
 */

#include "stage.h"

#include <stdlib.h>

struct produce {
	uint64_t n_loads;
};
ACTOR_SIGNAL(produce);
ACTOR_SIGNAL_DEFINE(produce, "benchmark.produce", NULL);

#define PRODUCER_MESSAGES(CALL, SEND, X) SEND(X, produce)
ACTOR_DECLARE(producer, PRODUCER_MESSAGES);

typedef void produce_fn(struct actor_context *context, struct actor_address *counter,
			uint64_t n_loads);

struct producer {
	produce_fn *produce;
	struct actor_address *counter; /* borrowed: main() has it as long as they produce */
};

static void producer_on_produce(struct producer *self, struct produce *message,
				struct actor_context *context)
{
	self->produce(context, self->counter, message->n_loads);
}
ACTOR_DEFINE(producer, PRODUCER_MESSAGES, NULL, NULL, NULL);

/* What a counter has counted, and when it is done. */
struct tally {
	uint64_t n_loads;
	uint64_t sum;
	uint64_t n_expected;
};

static inline void tally_add(struct tally *tally, uint64_t value)
{
	tally->sum += value;
	if (++tally->n_loads == tally->n_expected)
		stage_finish();
}

#define LOADS_OF(BYTES)                                                                            \
	struct load_##BYTES {                                                                      \
		union {                                                                            \
			uint64_t value;                                                            \
			char bytes[BYTES];                                                         \
		};                                                                                 \
	};                                                                                         \
	ACTOR_SIGNAL(load_##BYTES);                                                                \
	ACTOR_SIGNAL_DEFINE(load_##BYTES, "benchmark.load-" #BYTES, NULL);                         \
                                                                                                   \
	ACTOR_DECLARE(counter_##BYTES, COUNTER_##BYTES##_MESSAGES);                                \
	struct counter_##BYTES {                                                                   \
		struct tally tally;                                                                \
	};                                                                                         \
	static void counter_##BYTES##_on_load_##BYTES(struct counter_##BYTES *self,                \
						      struct load_##BYTES *message,                \
						      struct actor_context *context)               \
	{                                                                                          \
		(void)context;                                                                     \
		tally_add(&self->tally, message->value);                                           \
	}                                                                                          \
	ACTOR_DEFINE(counter_##BYTES, COUNTER_##BYTES##_MESSAGES, NULL, NULL, NULL);               \
                                                                                                   \
	static struct tally *start_##BYTES(struct actor_spawner *spawner,                          \
					   const struct actor_mailbox_options *options,            \
					   struct actor_address **ret_address)                     \
	{                                                                                          \
		static struct counter_##BYTES state;                                               \
		union counter_##BYTES##_address counter;                                           \
                                                                                                   \
		CHECK(ACTOR_SPAWN(counter_##BYTES, spawner, &state, options, &counter));           \
		*ret_address = counter.address;                                                    \
		return &state.tally;                                                               \
	}                                                                                          \
                                                                                                   \
	static void produce_##BYTES(struct actor_context *context, struct actor_address *erased,   \
				    uint64_t n_loads)                                              \
	{                                                                                          \
		union counter_##BYTES##_address counter = { erased };                              \
		struct load_##BYTES load = { { 0 } };                                              \
                                                                                                   \
		for (load.value = 0; load.value < n_loads; load.value++)                           \
			CHECK(ACTOR_SEND(context, counter, load_##BYTES, &load));                  \
	}

#define COUNTER_8_MESSAGES(CALL, SEND, X) SEND(X, load_8)
#define COUNTER_64_MESSAGES(CALL, SEND, X) SEND(X, load_64)
#define COUNTER_512_MESSAGES(CALL, SEND, X) SEND(X, load_512)
#define COUNTER_4096_MESSAGES(CALL, SEND, X) SEND(X, load_4096)

LOADS_OF(8)
LOADS_OF(64)
LOADS_OF(512)
LOADS_OF(4096)

typedef struct tally *start_fn(struct actor_spawner *spawner,
			       const struct actor_mailbox_options *options,
			       struct actor_address **ret_address);

static const struct size {
	uint64_t bytes;
	start_fn *start;
	produce_fn *produce;
} sizes[] = {
	{ 8, start_8, produce_8 },
	{ 64, start_64, produce_64 },
	{ 512, start_512, produce_512 },
	{ 4096, start_4096, produce_4096 },
};

static const struct size *size_find(uint64_t bytes)
{
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
		if (sizes[i].bytes == bytes)
			return &sizes[i];
	wrong("messages are of 8, 64, 512 or 4096 bytes");
}

/* A producer and its address. */
struct post {
	struct producer state;
	union producer_address address;
};

static double run(struct stage *stage, struct post *posts, uint64_t n_posts, uint64_t n_loads)
{
	stage_begin();
	for (uint64_t i = 0; i < n_posts; i++)
		CHECK(ACTOR_SEND(stage->context, posts[i].address, produce,
				 &(struct produce){ n_loads }));
	return stage_wait(1);
}

static struct result load_run(const struct settings *settings, uint64_t n_posts)
{
	const struct size *size = size_find(settings->bytes);
	uint64_t n_each = settings->n / n_posts;
	struct post *posts = allocate(n_posts, sizeof *posts);
	struct actor_address *counter;
	struct tally *tally;
	struct stage stage;
	double ns;

	EXPECT(n_each > 0);
	stage_open(&stage, settings);
	tally = size->start(stage.spawner, ACTOR_OPTIONS(.capacity = settings->capacity), &counter);
	tally->n_expected = n_each * n_posts;
	for (uint64_t i = 0; i < n_posts; i++) {
		posts[i].state = (struct producer){ size->produce, counter };
		CHECK(ACTOR_SPAWN(producer, stage.spawner, &posts[i].state, NULL,
				  &posts[i].address));
	}
	ns = run(&stage, posts, n_posts, n_each);
	for (uint64_t i = 0; i < n_posts; i++)
		actor_address_unref(posts[i].address.address);
	actor_address_unref(counter);
	stage_close(&stage);
	EXPECT(tally->n_loads == tally->n_expected);
	EXPECT(tally->sum == n_posts * (n_each * (n_each - 1) / 2));
	free(posts);
	return result_time(tally->n_loads, ns);
}

struct result count_run(const struct settings *settings)
{
	return load_run(settings, 1);
}

struct result contention_run(const struct settings *settings)
{
	return load_run(settings, settings->senders);
}
