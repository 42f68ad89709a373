/* SPDX-License-Identifier: MIT */
/* call, call_from_main, call_nested: questions, one after the other, and their answers. */

#include "stage.h"

#include <stdlib.h>

struct increment {
	uint64_t value;
};
ACTOR_MESSAGE(increment, uint64_t);
ACTOR_MESSAGE_DEFINE(increment, "benchmark.increment", NULL, NULL);

#define COUNTER_MESSAGES(CALL, SEND, X) CALL(X, increment)
ACTOR_DECLARE(counter, COUNTER_MESSAGES);

/* Adds one, and, unless it is the last of a chain, what all after it add. */
struct counter {
	union counter_address next; /* owned; or NULL */
};

static uint64_t counter_on_increment(struct counter *self, struct increment *message,
				     struct actor_context *context)
{
	uint64_t value = message->value + 1;

	if (self->next.address)
		CHECK(ACTOR_CALL(context, self->next, increment, &value,
				 &(struct increment){ value }));
	return value;
}

static void counter_destroy(struct counter *self)
{
	actor_address_unref(self->next.address);
	free(self);
}
ACTOR_DEFINE(counter, COUNTER_MESSAGES, NULL, NULL, counter_destroy);

struct begin_calls {
	uint64_t n_calls;
};
ACTOR_SIGNAL(begin_calls);
ACTOR_SIGNAL_DEFINE(begin_calls, "benchmark.begin-calls", NULL);

#define CALLER_MESSAGES(CALL, SEND, X) SEND(X, begin_calls)
ACTOR_DECLARE(caller, CALLER_MESSAGES);

struct caller {
	union counter_address counter; /* borrowed: main() has it */
	uint64_t n_counters;
};

/* Each answer is sent with the next question, so that none can be missed. */
static void call(struct actor_context *context, union counter_address counter, uint64_t n_calls,
		 uint64_t n_counters)
{
	uint64_t value = 0;

	for (uint64_t i = 0; i < n_calls; i++)
		CHECK(ACTOR_CALL(context, counter, increment, &value,
				 &(struct increment){ value }));
	EXPECT(value == n_calls * n_counters);
}

static void caller_on_begin_calls(struct caller *self, struct begin_calls *message,
				  struct actor_context *context)
{
	call(context, self->counter, message->n_calls, self->n_counters);
	stage_finish();
}
ACTOR_DEFINE(caller, CALLER_MESSAGES, NULL, NULL, NULL);

/* The first of a chain of counters. */
static union counter_address chain(struct stage *stage, uint64_t n_counters, uint64_t capacity)
{
	union counter_address head = { NULL };

	for (uint64_t i = 0; i < n_counters; i++) {
		struct counter *state = malloc(sizeof *state);

		EXPECT(state);
		state->next = head;
		CHECK(ACTOR_SPAWN(counter, stage->spawner, state,
				  ACTOR_OPTIONS(.capacity = capacity), &head));
	}
	return head;
}

static double run_caller(struct stage *stage, union counter_address counter, uint64_t n_calls,
			 uint64_t n_counters)
{
	struct caller state = { .counter = counter, .n_counters = n_counters };
	union caller_address caller;
	double ns;

	CHECK(ACTOR_SPAWN(caller, stage->spawner, &state, NULL, &caller));
	stage_begin();
	CHECK(ACTOR_SEND(stage->context, caller, begin_calls, &(struct begin_calls){ n_calls }));
	ns = stage_wait(1);
	actor_address_unref(caller.address);
	actor_address_unref(counter.address);
	stage_close(stage);
	return ns;
}

struct result call_run(const struct settings *settings)
{
	struct stage stage;
	union counter_address counter;

	stage_open(&stage, settings);
	counter = chain(&stage, 1, settings->capacity);
	return result_time(settings->n, run_caller(&stage, counter, settings->n, 1));
}

struct result call_nested_run(const struct settings *settings)
{
	uint64_t n_levels = settings->n * settings->actors;
	struct stage stage;
	union counter_address head;

	stage_open(&stage, settings);
	head = chain(&stage, settings->actors, settings->capacity);
	return result_time(n_levels, run_caller(&stage, head, settings->n, settings->actors));
}

struct result call_from_main_run(const struct settings *settings)
{
	struct stage stage;
	union counter_address counter;
	double ns;

	stage_open(&stage, settings);
	counter = chain(&stage, 1, settings->capacity);
	stage_begin();
	call(stage.context, counter, settings->n, 1);
	ns = stage_wait(0);
	actor_address_unref(counter.address);
	stage_close(&stage);
	return result_time(settings->n, ns);
}
