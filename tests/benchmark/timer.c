/* SPDX-License-Identifier: MIT */

/*
 * timer_arm_cancel, timer_fire: what timers cost when there are very many.
 *
 * Nearly all timers are deadlines that are never reached, so what counts is to set one and to
 * cancel it while many others are pending. In timer_fire all have come due, and each sends a
 * message that is handled.
 */

#include "stage.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#define SECOND INT64_C(1000000000)

struct ring_out {
	int64_t at_ns;
};
ACTOR_SIGNAL(ring_out);
ACTOR_SIGNAL_DEFINE(ring_out, "benchmark.ring-out", NULL);

#define LISTENER_MESSAGES(CALL, SEND, X) SEND(X, ring_out)
ACTOR_DECLARE(listener, LISTENER_MESSAGES);

struct listener {
	uint64_t n_heard;
	int64_t last_ns;
	bool out_of_order;
};

static void listener_on_ring_out(struct listener *self, struct ring_out *message,
				 struct actor_context *context)
{
	(void)context;
	self->n_heard++;
	self->out_of_order |= message->at_ns < self->last_ns;
	self->last_ns = message->at_ns;
}
ACTOR_DEFINE(listener, LISTENER_MESSAGES, NULL, NULL, NULL);

/* Marsaglia's xorshift64. */
static uint64_t next_random(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

/* Between so far and twice as far from now. */
static int64_t some_time(uint64_t *random, int64_t far_ns)
{
	return now_ns() + far_ns + (int64_t)(next_random(random) % (uint64_t)far_ns);
}

struct hand {
	pthread_t thread;
	pthread_barrier_t *start;
	struct actor_timer **timers;
	uint64_t n;
	uint64_t random;
};

static void *set_and_cancel(void *user)
{
	struct hand *hand = user;

	pthread_barrier_wait(hand->start);
	for (uint64_t i = 0; i < hand->n; i++) {
		struct actor_timer *timer = hand->timers[i]; /* the one that was set first */

		EXPECT(actor_timer_cancel(timer));
		CHECK(actor_timer_reset(timer, some_time(&hand->random, 1000 * SECOND)));
	}
	pthread_barrier_wait(hand->start);
	return NULL;
}

/* Each of the threads has its share of the timers. */
static double run_hands(const struct settings *settings, struct actor_timer **timers)
{
	uint64_t n_threads = settings->threads, share = settings->n / n_threads;
	struct hand *hands = allocate(n_threads, sizeof *hands);
	pthread_barrier_t start;
	double ns;

	EXPECT(share > 0);
	pthread_barrier_init(&start, NULL, settings->threads + 1);
	for (uint64_t i = 0; i < n_threads; i++) {
		hands[i] = (struct hand){ .start = &start,
					  .timers = timers + i * share,
					  .n = share,
					  .random = i + 1 };
		EXPECT(pthread_create(&hands[i].thread, NULL, set_and_cancel, &hands[i]) == 0);
	}
	stage_begin(); /* before they do */
	pthread_barrier_wait(&start);
	pthread_barrier_wait(&start);
	ns = stage_wait(0);
	for (uint64_t i = 0; i < n_threads; i++)
		pthread_join(hands[i].thread, NULL);
	pthread_barrier_destroy(&start);
	free(hands);
	return ns;
}

struct result timer_arm_cancel_run(const struct settings *settings)
{
	struct actor_timer **timers = allocate(settings->n, sizeof *timers);
	struct listener listener = { .n_heard = 0 };
	union listener_address address;
	uint64_t random = 1;
	struct stage stage;
	double ns;

	stage_open(&stage, settings);
	CHECK(ACTOR_SPAWN(listener, stage.spawner, &listener, NULL, &address));
	for (uint64_t i = 0; i < settings->n; i++)
		CHECK(ACTOR_TIMER_ONCE(stage.pool, address, ring_out,
				       some_time(&random, 1000 * SECOND), &timers[i],
				       &(struct ring_out){ 0 }));
	ns = run_hands(settings, timers);
	for (uint64_t i = 0; i < settings->n; i++) {
		EXPECT(actor_timer_cancel(timers[i]));
		actor_timer_destroy(timers[i]);
	}
	actor_address_unref(address.address);
	stage_close(&stage);
	EXPECT(listener.n_heard == 0);
	free(timers);
	return result_time(settings->n, ns);
}

/* On a local executor, which does nothing until it is told. */
struct result timer_fire_run(const struct settings *settings)
{
	struct listener listener = { .n_heard = 0 };
	struct actor_executor *local;
	union listener_address address;
	uint64_t random = 1;
	int64_t begin_ns;
	double ns;

	CHECK(actor_local_create(&local));
	begin_ns = now_ns();
	CHECK(ACTOR_SPAWN(listener, actor_executor_spawner(local), &listener,
			  ACTOR_OPTIONS(.capacity = ACTOR_UNBOUNDED), &address));
	for (uint64_t i = 0; i < settings->n; i++) {
		int64_t at_ns = begin_ns + (int64_t)(next_random(&random) % SECOND);

		CHECK(ACTOR_TIMER_ONCE(local, address, ring_out, at_ns, NULL,
				       &(struct ring_out){ at_ns }));
	}
	while (now_ns() < begin_ns + SECOND)
		nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
	stage_begin();
	CHECK(actor_local_run(local));
	ns = stage_wait(0);
	actor_address_unref(address.address);
	CHECK(actor_executor_join(local, ACTOR_FOREVER));
	CHECK(actor_executor_destroy(local));
	EXPECT(listener.n_heard == settings->n);
	EXPECT(!listener.out_of_order);
	return result_time(settings->n, ns);
}
