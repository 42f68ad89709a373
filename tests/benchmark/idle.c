/* SPDX-License-Identifier: MIT */

/*
 * idle, idle_waiting, idle_cpu: what actors cost that do nothing, and a pool that has none.
 *
 * Memory is what the system counts as resident, so it includes whatever the allocator and the pool
 * need around the actors.
 */

#include "stage.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

struct look {
	uint64_t value;
};
ACTOR_MESSAGE(look, uint64_t);
ACTOR_MESSAGE_DEFINE(look, "benchmark.look", NULL, NULL);

#define IDLER_MESSAGES(CALL, SEND, X) CALL(X, look)
ACTOR_DECLARE(idler, IDLER_MESSAGES);

struct idler {
	char none;
};

static uint64_t idler_on_look(struct idler *self, struct look *message,
			      struct actor_context *context)
{
	(void)self, (void)context;
	return message->value + 1;
}
ACTOR_DEFINE(idler, IDLER_MESSAGES, NULL, NULL, NULL);

static double resident_bytes(void)
{
	FILE *file = fopen("/proc/self/statm", "r");
	long n_pages = 0;

	if (!file || fscanf(file, "%*d %ld", &n_pages) != 1)
		wrong("cannot read /proc/self/statm");
	fclose(file);
	return (double)n_pages * (double)sysconf(_SC_PAGESIZE);
}

static struct result result_bytes(uint64_t n, double bytes)
{
	return (struct result){ n, { { "bytes_per_op", bytes / (double)n } } };
}

/* A few of them answer, and then they have all had the time to start. */
static void look(struct stage *stage, const union idler_address *idlers, uint64_t n_idlers)
{
	uint64_t step = n_idlers / 1000 + 1, answer;

	for (uint64_t i = 0; i < n_idlers; i += step) {
		CHECK(ACTOR_CALL(stage->context, idlers[i], look, &answer, &(struct look){ i }));
		EXPECT(answer == i + 1);
	}
}

struct result idle_run(const struct settings *settings)
{
	const struct actor_mailbox_options *options = ACTOR_OPTIONS(.capacity = settings->capacity);
	union idler_address *idlers = allocate(settings->n, sizeof *idlers);
	struct stage stage;
	double bytes;

	stage_open(&stage, settings);
	bytes = resident_bytes();
	for (uint64_t i = 0; i < settings->n; i++)
		CHECK(ACTOR_SPAWN(idler, stage.spawner, NULL, options, &idlers[i]));
	look(&stage, idlers, settings->n);
	bytes = resident_bytes() - bytes;

	for (uint64_t i = 0; i < settings->n; i++)
		actor_address_unref(idlers[i].address);
	stage_close(&stage);
	free(idlers);
	return result_bytes(settings->n, bytes);
}

/* Answers when all have asked. */
struct ask_all {
	uint64_t value;
};
ACTOR_MESSAGE(ask_all, uint64_t);
ACTOR_MESSAGE_DEFINE(ask_all, "benchmark.ask-all", NULL, NULL);

struct release {
	char none;
};
ACTOR_SIGNAL(release);
ACTOR_SIGNAL_DEFINE(release, "benchmark.release", NULL);

#define ORACLE_MESSAGES(CALL, SEND, X)                                                             \
	CALL(X, ask_all)                                                                           \
	SEND(X, release)
ACTOR_DECLARE(oracle, ORACLE_MESSAGES);

struct oracle {
	struct {
		struct ask_all_reply reply;
		uint64_t value;
	} * asked;
	uint64_t n_asked, n_expected;
};

static void oracle_on_ask_all(struct oracle *self, struct ask_all *message,
			      struct ask_all_pending pending, struct actor_context *context)
{
	(void)context;
	self->asked[self->n_asked].value = message->value;
	self->asked[self->n_asked].reply = ask_all_reply_take(pending);
	if (++self->n_asked == self->n_expected)
		stage_finish();
}

static void oracle_on_release(struct oracle *self, struct release *message,
			      struct actor_context *context)
{
	(void)message, (void)context;
	for (uint64_t i = 0; i < self->n_asked; i++)
		EXPECT(ask_all_reply_answer(&self->asked[i].reply, self->asked[i].value + 1) == 0);
}
ACTOR_DEFINE(oracle, ORACLE_MESSAGES, NULL, NULL, NULL);

struct begin_asking {
	uint64_t value;
};
ACTOR_SIGNAL(begin_asking);
ACTOR_SIGNAL_DEFINE(begin_asking, "benchmark.begin-asking", NULL);

#define PILGRIM_MESSAGES(CALL, SEND, X) SEND(X, begin_asking)
ACTOR_DECLARE(pilgrim, PILGRIM_MESSAGES);

struct pilgrim {
	union oracle_address oracle; /* borrowed: main() has it */
};

static void pilgrim_on_begin_asking(struct pilgrim *self, struct begin_asking *message,
				    struct actor_context *context)
{
	uint64_t answer;

	CHECK(ACTOR_CALL(context, self->oracle, ask_all, &answer,
			 &(struct ask_all){ message->value }));
	EXPECT(answer == message->value + 1);
	stage_finish();
}
ACTOR_DEFINE(pilgrim, PILGRIM_MESSAGES, NULL, NULL, NULL);

/* All pilgrims use one state, which they only read. */
static double waiting_bytes(struct stage *stage, const struct settings *settings,
			    union pilgrim_address *pilgrims, struct pilgrim *state)
{
	double bytes = resident_bytes();

	stage_begin();
	for (uint64_t i = 0; i < settings->n; i++) {
		CHECK(ACTOR_SPAWN(pilgrim, stage->spawner, state,
				  ACTOR_OPTIONS(.capacity = settings->capacity), &pilgrims[i]));
		CHECK(ACTOR_SEND(stage->context, pilgrims[i], begin_asking,
				 &(struct begin_asking){ i }));
	}
	stage_wait(1);
	return resident_bytes() - bytes;
}

struct result idle_waiting_run(const struct settings *settings)
{
	union pilgrim_address *pilgrims = allocate(settings->n, sizeof *pilgrims);
	struct oracle oracle = { .n_expected = settings->n };
	struct pilgrim pilgrim;
	struct stage stage;
	double bytes;

	oracle.asked = allocate(settings->n, sizeof *oracle.asked);
	stage_open(&stage, settings);
	CHECK(ACTOR_SPAWN(oracle, stage.spawner, &oracle,
			  ACTOR_OPTIONS(.capacity = ACTOR_UNBOUNDED), &pilgrim.oracle));
	bytes = waiting_bytes(&stage, settings, pilgrims, &pilgrim);

	CHECK(ACTOR_SEND(stage.context, pilgrim.oracle, release, &(struct release){ 0 }));
	stage_wait(settings->n);
	for (uint64_t i = 0; i < settings->n; i++)
		actor_address_unref(pilgrims[i].address);
	actor_address_unref(pilgrim.oracle.address);
	stage_close(&stage);
	free(oracle.asked);
	free(pilgrims);
	return result_bytes(settings->n, bytes);
}

static double cpu_ns(void)
{
	struct timespec used;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
	return (double)used.tv_sec * 1e9 + (double)used.tv_nsec;
}

/* The time of the processor that a pool takes which has an actor, but nothing to do. */
struct result idle_cpu_run(const struct settings *settings)
{
	struct timespec time = { .tv_sec = (time_t)(settings->n / 1000),
				 .tv_nsec = (long)(settings->n % 1000) * 1000000 };
	union idler_address idler;
	struct stage stage;
	double begin, ns;

	stage_open(&stage, settings);
	CHECK(ACTOR_SPAWN(idler, stage.spawner, NULL, NULL, &idler));
	look(&stage, &idler, 1);
	begin = cpu_ns();
	nanosleep(&time, NULL);
	ns = cpu_ns() - begin;
	actor_address_unref(idler.address);
	stage_close(&stage);
	return (struct result){ settings->n, { { "cpu_ns_per_ms", ns / (double)settings->n } } };
}
