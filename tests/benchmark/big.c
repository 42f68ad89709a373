/* SPDX-License-Identifier: MIT */

/*
 * big: everybody pings others at random, one ping at a time, and answers the pings of the others.
 *
 * Pongs are messages, because an actor that awaited the answer to a call would not answer others
 * meanwhile, and two of them that call each other would wait for ever. There is at most one ping of
 * each actor under way, which bounds the mailboxes.
 */

#include "stage.h"

#include <stdlib.h>

struct begin_pings {
	char none;
};
struct ping {
	uint64_t from;
};
struct pong {
	uint64_t value;
};
ACTOR_SIGNAL(begin_pings);
ACTOR_SIGNAL(ping);
ACTOR_SIGNAL(pong);
ACTOR_SIGNAL_DEFINE(begin_pings, "benchmark.begin-pings", NULL);
ACTOR_SIGNAL_DEFINE(ping, "benchmark.ping", NULL);
ACTOR_SIGNAL_DEFINE(pong, "benchmark.pong", NULL);

#define PINGER_MESSAGES(CALL, SEND, X)                                                             \
	SEND(X, ping)                                                                              \
	SEND(X, pong)                                                                              \
	SEND(X, begin_pings)
ACTOR_DECLARE(pinger, PINGER_MESSAGES);

struct pinger {
	const union pinger_address *all; /* main() has them as long as there are pings */
	uint64_t n_all;
	uint64_t number; /* its own, in all */
	uint64_t random;
	uint64_t n_left; /* pings to send */
	uint64_t n_answered;
};

static uint64_t random_next(uint64_t *random)
{
	*random ^= *random << 13;
	*random ^= *random >> 7;
	*random ^= *random << 17;
	return *random;
}

static void pinger_ping(struct pinger *self, struct actor_context *context)
{
	uint64_t distance = 1 + random_next(&self->random) % (self->n_all - 1);
	uint64_t other = (self->number + distance) % self->n_all;

	self->n_left--;
	CHECK(ACTOR_SEND(context, self->all[other], ping, &(struct ping){ self->number }));
}

static void pinger_on_ping(struct pinger *self, struct ping *message, struct actor_context *context)
{
	self->n_answered++;
	CHECK(ACTOR_SEND(context, self->all[message->from], pong, &(struct pong){ message->from }));
}

static void pinger_on_pong(struct pinger *self, struct pong *message, struct actor_context *context)
{
	EXPECT(message->value == self->number);
	if (self->n_left > 0)
		pinger_ping(self, context);
	else
		stage_finish();
}

static void pinger_on_begin_pings(struct pinger *self, struct begin_pings *message,
				  struct actor_context *context)
{
	(void)message;
	pinger_ping(self, context);
}
ACTOR_DEFINE(pinger, PINGER_MESSAGES, NULL, NULL, NULL);

static double run(struct stage *stage, const union pinger_address *all, uint64_t n_all)
{
	double ns;

	stage_begin();
	for (uint64_t i = 0; i < n_all; i++)
		CHECK(ACTOR_SEND(stage->context, all[i], begin_pings, &(struct begin_pings){ 0 }));
	ns = stage_wait(n_all);
	for (uint64_t i = 0; i < n_all; i++)
		actor_address_unref(all[i].address);
	stage_close(stage);
	return ns;
}

struct result big_run(const struct settings *settings)
{
	uint64_t n_all = settings->actors, n_answered = 0;
	union pinger_address *all = allocate(n_all, sizeof *all);
	struct pinger *states = allocate(n_all, sizeof *states);
	struct stage stage;
	double ns;

	EXPECT(n_all > 1);
	stage_open(&stage, settings);
	for (uint64_t i = 0; i < n_all; i++) {
		states[i] = (struct pinger){ .all = all, .n_all = n_all, .number = i };
		states[i].random = (i + 1) * UINT64_C(0x9e3779b97f4a7c15);
		states[i].n_left = settings->n;
		CHECK(ACTOR_SPAWN(pinger, stage.spawner, &states[i],
				  ACTOR_OPTIONS(.capacity = settings->capacity), &all[i]));
	}
	ns = run(&stage, all, n_all);
	for (uint64_t i = 0; i < n_all; i++)
		n_answered += states[i].n_answered;
	EXPECT(n_answered == n_all * settings->n);
	free(states);
	free(all);
	return result_time(n_answered, ns);
}
