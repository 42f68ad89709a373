/* SPDX-License-Identifier: MIT */
/* A timer of libuv, an actor in the same loop, and one on a pool that works for it. */

#include "check.h"

#include <actor-impl/uv.h>
#include <uv.h>

struct square {
	int number;
};
ACTOR_MESSAGE(square, int);
ACTOR_MESSAGE_DEFINE(square, "event-loop.square", NULL, NULL);

#define WORKER_MESSAGES(CALL, SEND, X) CALL(X, square)
ACTOR_DECLARE(worker, WORKER_MESSAGES);

static int worker_on_square(struct worker *self, struct square *message,
			    struct actor_context *context)
{
	(void)self;
	(void)context;
	return message->number * message->number;
}

ACTOR_DEFINE(worker, WORKER_MESSAGES, NULL, NULL, NULL);

struct tick {
	int number;
};
ACTOR_SIGNAL(tick);
ACTOR_SIGNAL_DEFINE(tick, "event-loop.tick", NULL);

#define WATCHER_MESSAGES(CALL, SEND, X) SEND(X, tick)
ACTOR_DECLARE(watcher, WATCHER_MESSAGES);

struct watcher {
	union worker_address worker;
};

/* While it waits for the worker, the loop goes on. */
static void watcher_on_tick(struct watcher *self, struct tick *message,
			    struct actor_context *context)
{
	int squared, rc;

	rc = ACTOR_CALL(context, self->worker, square, &squared,
			&(struct square){ message->number });
	if (rc < 0)
		ACTOR_FAIL(context, actor_strerror(rc));
	printf("tick %d, squared %d\n", message->number, squared);
}

static void watcher_stopped(struct watcher *self, struct actor_context *context)
{
	(void)context;
	actor_address_unref(self->worker.address);
}

ACTOR_DEFINE(watcher, WATCHER_MESSAGES, NULL, watcher_stopped, NULL);

struct clock {
	uv_timer_t timer;
	union watcher_address watcher; /* owned */
	int n_ticks;
};

/* A callback must not wait, and need not: it sends if there is room. */
static void clock_tick(uv_timer_t *timer)
{
	struct clock *clock = timer->data;

	CHECK(ACTOR_TRY_SEND(clock->watcher, tick, &(struct tick){ ++clock->n_ticks }));
	if (clock->n_ticks == 3) {
		actor_address_unref(clock->watcher.address);
		uv_close((uv_handle_t *)timer, NULL);
	}
}

int main(void)
{
	struct clock clock = { .n_ticks = 0 };
	struct actor_executor *executor, *pool;
	struct watcher state;
	uv_loop_t loop;

	uv_loop_init(&loop);
	CHECK(actor_uv_create(&loop, &executor));
	CHECK(actor_pool_create(NULL, &pool));
	CHECK(ACTOR_SPAWN(worker, actor_executor_spawner(pool), NULL, NULL, &state.worker));
	CHECK(ACTOR_SPAWN(watcher, actor_executor_spawner(executor), &state, NULL, &clock.watcher));

	uv_timer_init(&loop, &clock.timer);
	clock.timer.data = &clock;
	uv_timer_start(&clock.timer, clock_tick, 1, 1);
	uv_run(&loop, UV_RUN_DEFAULT); /* until the timer is closed and the watcher has ended */

	end_executor(executor);
	end_executor(pool);
	uv_run(&loop, UV_RUN_DEFAULT); /* closes what the executor had in the loop */
	uv_loop_close(&loop);
	return EXIT_SUCCESS;
}
