/* SPDX-License-Identifier: MIT */

#include "stage.h"

#include <errno.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* An actor that answers, so that the first thing that is measured is not a thread that starts. */
struct hail {
	uint64_t value;
};
ACTOR_MESSAGE(hail, uint64_t);
ACTOR_MESSAGE_DEFINE(hail, "benchmark.hail", NULL, NULL);

#define HERALD_MESSAGES(CALL, SEND, X) CALL(X, hail)
ACTOR_DECLARE(herald, HERALD_MESSAGES);

struct herald {
	char none;
};

static uint64_t herald_on_hail(struct herald *self, struct hail *message,
			       struct actor_context *context)
{
	(void)self, (void)context;
	return message->value;
}
ACTOR_DEFINE(herald, HERALD_MESSAGES, NULL, NULL, NULL);

static sem_t finished;
static int64_t begin_ns;

void wrong(const char *why)
{
	fprintf(stderr, "actor-benchmark: wrong: %s\n", why);
	_exit(1);
}

int64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

void *allocate(uint64_t n, size_t size)
{
	void *memory = calloc(n, size);

	if (!memory)
		wrong("out of memory");
	return memset(memory, 0, n * size);
}

static void warm_up(struct stage *stage)
{
	union herald_address herald;
	uint64_t answer;

	CHECK(ACTOR_SPAWN(herald, stage->spawner, NULL, NULL, &herald));
	CHECK(ACTOR_CALL(stage->context, herald, hail, &answer, &(struct hail){ 1 }));
	EXPECT(answer == 1);
	actor_address_unref(herald.address);
	CHECK(actor_executor_join(stage->pool, ACTOR_FOREVER));
}

void stage_open(struct stage *stage, const struct settings *settings)
{
	struct actor_pool_options options = { .size = sizeof options,
					      .n_threads = settings->threads };

	stage->context = actor_thread_context();
	if (!stage->context || sem_init(&finished, 0, 0) != 0)
		wrong("cannot set the stage");
	CHECK(actor_pool_create(&options, &stage->pool));
	stage->spawner = actor_executor_spawner(stage->pool);
	warm_up(stage);
}

void stage_close(struct stage *stage)
{
	CHECK(actor_executor_join(stage->pool, ACTOR_FOREVER));
	CHECK(actor_executor_destroy(stage->pool));
	sem_destroy(&finished);
}

void stage_begin(void)
{
	begin_ns = now_ns();
}

void stage_finish(void)
{
	sem_post(&finished);
}

double stage_wait(uint64_t n_times)
{
	while (n_times-- > 0)
		while (sem_wait(&finished) < 0 && errno == EINTR)
			;
	return (double)(now_ns() - begin_ns);
}

struct result result_time(uint64_t n, double ns)
{
	return (struct result){ n, { { "ns_per_op", ns / (double)n } } };
}
