/* SPDX-License-Identifier: MIT */

/*
 * latency: how long a call takes while all threads are busy with other actors.
 *
 * Busy actors do a little work on a message and send themselves the next, for ever, so that there
 * is always somebody who waits for a thread. The time of each of a number of calls between two
 * other actors is taken.
 */

#include "stage.h"

#include <stdatomic.h>
#include <stdlib.h>

struct probe {
	uint64_t value;
};
ACTOR_MESSAGE(probe, uint64_t);
ACTOR_MESSAGE_DEFINE(probe, "benchmark.probe", NULL, NULL);

#define PROBED_MESSAGES(CALL, SEND, X) CALL(X, probe)
ACTOR_DECLARE(probed, PROBED_MESSAGES);

struct probed {
	char none;
};

static uint64_t probed_on_probe(struct probed *self, struct probe *message,
				struct actor_context *context)
{
	(void)self, (void)context;
	return message->value + 1;
}
ACTOR_DEFINE(probed, PROBED_MESSAGES, NULL, NULL, NULL);

struct begin_probing {
	char none;
};
ACTOR_SIGNAL(begin_probing);
ACTOR_SIGNAL_DEFINE(begin_probing, "benchmark.begin-probing", NULL);

#define PROBER_MESSAGES(CALL, SEND, X) SEND(X, begin_probing)
ACTOR_DECLARE(prober, PROBER_MESSAGES);

struct prober {
	union probed_address probed; /* borrowed: main() has it */
	uint64_t n_times;
	int64_t *times_ns;
};

static void prober_on_begin_probing(struct prober *self, struct begin_probing *message,
				    struct actor_context *context)
{
	uint64_t answer;

	(void)message;
	for (uint64_t i = 0; i < self->n_times; i++) {
		int64_t begin_ns = now_ns();

		CHECK(ACTOR_CALL(context, self->probed, probe, &answer, &(struct probe){ i }));
		self->times_ns[i] = now_ns() - begin_ns;
		EXPECT(answer == i + 1);
	}
	stage_finish();
}
ACTOR_DEFINE(prober, PROBER_MESSAGES, NULL, NULL, NULL);

struct work {
	uint64_t seed;
};
ACTOR_SIGNAL(work);
ACTOR_SIGNAL_DEFINE(work, "benchmark.work", NULL);

#define WORKER_MESSAGES(CALL, SEND, X) SEND(X, work)
ACTOR_DECLARE(worker, WORKER_MESSAGES);

struct worker {
	union worker_address self; /* its own, and owned by main() */
	uint64_t n_steps;
	atomic_bool over;
};

static void worker_on_work(struct worker *self, struct work *message, struct actor_context *context)
{
	uint64_t seed = message->seed;

	for (uint64_t i = 0; i < self->n_steps; i++)
		seed = seed * UINT64_C(6364136223846793005) + 1;
	if (atomic_load_explicit(&self->over, memory_order_relaxed))
		stage_finish();
	else
		CHECK(ACTOR_SEND(context, self->self, work, &(struct work){ seed }));
}
ACTOR_DEFINE(worker, WORKER_MESSAGES, NULL, NULL, NULL);

static void workers_begin(struct stage *stage, struct worker *workers,
			  const struct settings *settings)
{
	for (uint64_t i = 0; i < settings->actors; i++) {
		union worker_address worker;
		struct worker_mailbox mailbox;

		workers[i].n_steps = settings->steps;
		CHECK(ACTOR_MAILBOX_CREATE(worker, stage->spawner, NULL, &mailbox));
		worker = ACTOR_MAILBOX_ADDRESS(worker, mailbox);
		workers[i].self = worker;
		CHECK(ACTOR_MAILBOX_START(worker, mailbox, &workers[i], NULL, NULL));
		actor_mailbox_detach(mailbox.mailbox);
		CHECK(ACTOR_SEND(stage->context, worker, work, &(struct work){ i }));
	}
}

static void workers_end(struct worker *workers, uint64_t n_workers)
{
	for (uint64_t i = 0; i < n_workers; i++)
		atomic_store(&workers[i].over, true);
	stage_wait(n_workers);
	for (uint64_t i = 0; i < n_workers; i++)
		actor_address_unref(workers[i].self.address);
}

static int compare(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

static struct result result_percentiles(int64_t *times_ns, uint64_t n_times)
{
	qsort(times_ns, n_times, sizeof *times_ns, compare);
	return (struct result){ n_times,
				{ { "p50", (double)times_ns[n_times / 2] },
				  { "p99", (double)times_ns[n_times * 99 / 100] },
				  { "p999", (double)times_ns[n_times * 999 / 1000] },
				  { "worst", (double)times_ns[n_times - 1] } } };
}

struct result latency_run(const struct settings *settings)
{
	struct prober state = { .n_times = settings->n };
	struct worker *workers = allocate(settings->actors, sizeof *workers);
	union prober_address prober;
	struct result result;
	struct stage stage;

	state.times_ns = allocate(settings->n, sizeof *state.times_ns);
	stage_open(&stage, settings);
	CHECK(ACTOR_SPAWN(probed, stage.spawner, NULL, NULL, &state.probed));
	CHECK(ACTOR_SPAWN(prober, stage.spawner, &state, NULL, &prober));
	workers_begin(&stage, workers, settings);
	stage_begin();
	CHECK(ACTOR_SEND(stage.context, prober, begin_probing, &(struct begin_probing){ 0 }));
	stage_wait(1);
	workers_end(workers, settings->actors);
	actor_address_unref(prober.address);
	actor_address_unref(state.probed.address);
	stage_close(&stage);
	result = result_percentiles(state.times_ns, settings->n);
	free(state.times_ns);
	free(workers);
	return result;
}
