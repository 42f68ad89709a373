/* SPDX-License-Identifier: MIT */
/* A window that must stay on the thread of main(), and workers on a pool that send to it. */

#include "check.h"

#include <pthread.h>

#define N_WORKERS 4

struct part {
	int sum;
};
ACTOR_SIGNAL(part);
ACTOR_SIGNAL_DEFINE(part, "thread-bound.part", NULL);

#define WINDOW_MESSAGES(CALL, SEND, X) SEND(X, part)
ACTOR_DECLARE(window, WINDOW_MESSAGES);

struct window {
	pthread_t thread;
	int n_parts;
	int sum;
};

static void window_on_part(struct window *self, struct part *message, struct actor_context *context)
{
	if (!pthread_equal(self->thread, pthread_self()))
		ACTOR_FAIL(context, "a window is only touched on its own thread");
	self->n_parts++;
	self->sum += message->sum;
}

static void window_stopped(struct window *self, struct actor_context *context)
{
	(void)context;
	printf("%d parts, sum %d\n", self->n_parts, self->sum);
}

ACTOR_DEFINE_THREAD_BOUND(window, WINDOW_MESSAGES, NULL, window_stopped, NULL);

struct add_up {
	int from, to;
	union part_recipient window; /* owned */
};
ACTOR_SIGNAL(add_up);

static void add_up_drop(void *message)
{
	actor_address_unref(((struct add_up *)message)->window.address);
}

ACTOR_SIGNAL_DEFINE(add_up, "thread-bound.add-up", add_up_drop);

#define WORKER_MESSAGES(CALL, SEND, X) SEND(X, add_up)
ACTOR_DECLARE(worker, WORKER_MESSAGES);

static void worker_on_add_up(struct worker *self, struct add_up *message,
			     struct actor_context *context)
{
	struct part part = { .sum = 0 };
	int i, rc;

	(void)self;
	for (i = message->from; i < message->to; i++)
		part.sum += i;
	rc = ACTOR_SEND(context, message->window, part, &part);
	if (rc < 0)
		ACTOR_FAIL(context, actor_strerror(rc));
}

ACTOR_DEFINE(worker, WORKER_MESSAGES, NULL, NULL, NULL);

static void start_worker(struct actor_spawner *spawner, int from, int to,
			 union window_address window)
{
	struct add_up message = { from, to, ACTOR_FOR(part, window) };
	union worker_address worker;

	actor_address_ref(window.address);
	CHECK(ACTOR_SPAWN(worker, spawner, NULL, NULL, &worker));
	CHECK(ACTOR_TRY_SEND(worker, add_up, &message));
	actor_address_unref(worker.address);
}

int main(void)
{
	struct window state = { .thread = pthread_self() };
	struct actor_executor *local, *pool;
	union window_address window;
	int i, rc;

	CHECK(actor_local_create(&local));
	CHECK(actor_pool_create(NULL, &pool));
	rc = ACTOR_SPAWN(window, actor_executor_spawner(pool), &state, NULL, &window);
	printf("on a pool: %s\n", actor_strerror(rc));
	CHECK(ACTOR_SPAWN(window, actor_executor_spawner(local), &state, NULL, &window));
	for (i = 0; i < N_WORKERS; i++)
		start_worker(actor_executor_spawner(pool), 1000 * i, 1000 * (i + 1), window);
	actor_address_unref(window.address);

	end_executor(local); /* runs the window until the last worker has let go of it */
	end_executor(pool);
	return EXIT_SUCCESS;
}
