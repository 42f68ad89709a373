/* SPDX-License-Identifier: MIT */
/* Calls and sends by the library: by callbacks, by actors on the loop, or by a plain thread. */

#include "costs.h"
#include "remote.h"
#include "secure.h"
#include "services.h"

#include <errno.h>
#include <semaphore.h>
#include <stdlib.h>

/* A connection, and who waits for the end of what is done over it. */
struct client {
	struct actor_context *context; /* of the main thread */
	struct actor_io *io;
	struct actor_peer *peer;
	union benchmark_address remote;
	sem_t finished;
};

static void client_open(struct client *client, const struct settings *settings, const char *address)
{
	struct actor_connect_options options = { .size = sizeof options,
						 .tls = secure_tls(settings),
						 .tls_name = SECURE_NAME };
	struct actor_transport *transport;

	client->context = actor_thread_context();
	EXPECT(client->context);
	EXPECT(sem_init(&client->finished, 0, 0) == 0);
	CHECK(actor_io_create(NULL, &client->io));
	CHECK(actor_connect_with(client->context, client->io, address, &options, ACTOR_FOREVER,
				 &transport));
	actor_tls_unref(options.tls);
	CHECK(actor_peer_create(transport, NULL, &client->peer));
	CHECK(actor_peer_start(client->peer));
	CHECK(benchmark_remote(client->peer, &client->remote));
}

static void client_close(struct client *client)
{
	actor_address_unref(client->remote.address);
	actor_peer_close(client->peer, NULL);
	CHECK(actor_peer_join(client->context, client->peer, ACTOR_FOREVER));
	actor_peer_unref(client->peer);
	CHECK(actor_io_join(client->io, ACTOR_FOREVER));
	CHECK(actor_io_destroy(client->io));
	sem_destroy(&client->finished);
}

static void client_wait(struct client *client, uint64_t n_times)
{
	while (n_times-- > 0)
		while (sem_wait(&client->finished) < 0 && errno == EINTR)
			;
}

/* ---- by callbacks: each answer leads to the next question, on the peer's thread */

struct start_asking {
	char none;
};
ACTOR_SIGNAL(start_asking);
ACTOR_SIGNAL_DEFINE(start_asking, "benchmark.start-asking", NULL);

#define ASKER_MESSAGES(CALL, SEND, X) SEND(X, start_asking)
ACTOR_DECLARE(asker, ASKER_MESSAGES);

struct question {
	struct actor_ask ask;
	uint64_t number;
};

struct asker {
	struct client *client;
	struct question *questions;
	uint64_t n_questions;
	uint64_t n;
	uint64_t n_asked;
	uint64_t n_answered;
};

static void asker_on_answer(struct actor_ask *ask, int status, void *value);

static void asker_ask(struct asker *self, struct question *question)
{
	question->number = FIRST_NUMBER + self->n_asked++;
	CHECK(ACTOR_ASK(NULL, &question->ask, self->client->remote, echo, asker_on_answer, self,
			&(struct echo){ question->number }));
}

static void asker_on_answer(struct actor_ask *ask, int status, void *value)
{
	struct question *question = ACTOR_CONTAINER_OF(ask, struct question, ask);
	struct asker *self = ask->user;

	CHECK(status);
	EXPECT(*(uint64_t *)value == question->number);
	if (++self->n_answered == self->n)
		sem_post(&self->client->finished);
	else if (self->n_asked < self->n)
		asker_ask(self, question);
}

static void asker_on_start_asking(struct asker *self, struct start_asking *message,
				  struct actor_context *context)
{
	(void)message, (void)context;
	for (uint64_t i = 0; i < self->n_questions && self->n_asked < self->n; i++)
		asker_ask(self, &self->questions[i]);
}
ACTOR_DEFINE(asker, ASKER_MESSAGES, NULL, NULL, NULL);

static void run_asker(struct client *client, const struct settings *settings)
{
	struct asker state = { .client = client,
			       .n = settings->n,
			       .n_questions = settings->in_flight };
	union asker_address asker;

	state.questions = malloc(state.n_questions * sizeof *state.questions);
	EXPECT(state.questions);
	CHECK(ACTOR_SPAWN(asker, actor_executor_spawner(actor_io_executor(client->io)), &state,
			  NULL, &asker));
	CHECK(ACTOR_SEND(client->context, asker, start_asking, &(struct start_asking){ 0 }));
	client_wait(client, 1);
	actor_address_unref(asker.address);
	free(state.questions);
}

/* ---- by actors on the loop, or by the main thread: each question awaits its answer */

static void call(struct client *client, struct actor_context *context, uint64_t n)
{
	uint64_t answer;

	for (uint64_t i = 0; i < n; i++) {
		CHECK(ACTOR_CALL(context, client->remote, echo, &answer,
				 &(struct echo){ FIRST_NUMBER + i }));
		EXPECT(answer == FIRST_NUMBER + i);
	}
}

/* What is told is in order, so that the sum is of all. */
static void tell(struct client *client, struct actor_context *context, uint64_t n)
{
	uint64_t total, sum = 0;

	for (uint64_t i = 0; i < n; i++) {
		struct tell message;

		for (uint64_t k = 0; k < N_NUMBERS; k++)
			message.numbers[k] = FIRST_NUMBER + i + k;
		sum += message.numbers[0];
		CHECK(ACTOR_SEND(context, client->remote, tell, &message));
	}
	CHECK(ACTOR_CALL(context, client->remote, total, &total, &(struct total){ 0 }));
	EXPECT(total == sum);
}

struct start {
	void (*run)(struct client *client, struct actor_context *context, uint64_t n);
	uint64_t n;
};
ACTOR_SIGNAL(start);
ACTOR_SIGNAL_DEFINE(start, "benchmark.start", NULL);

#define WORKER_MESSAGES(CALL, SEND, X) SEND(X, start)
ACTOR_DECLARE(worker, WORKER_MESSAGES);

/* All of them use one state, which they only read. */
struct worker {
	struct client *client;
};

static void worker_on_start(struct worker *self, struct start *message,
			    struct actor_context *context)
{
	message->run(self->client, context, message->n);
	sem_post(&self->client->finished);
}
ACTOR_DEFINE(worker, WORKER_MESSAGES, NULL, NULL, NULL);

static void run_workers(struct client *client, const struct settings *settings, uint64_t n_workers,
			void (*run)(struct client *client, struct actor_context *context,
				    uint64_t n))
{
	struct worker state = { .client = client };
	struct start start = { .run = run, .n = settings->n / n_workers };
	union worker_address worker;

	EXPECT(start.n * n_workers == settings->n);
	for (uint64_t i = 0; i < n_workers; i++) {
		struct start copy = start;

		CHECK(ACTOR_SPAWN(worker, actor_executor_spawner(actor_io_executor(client->io)),
				  &state, NULL, &worker));
		CHECK(ACTOR_SEND(client->context, worker, start, &copy));
		actor_address_unref(worker.address);
	}
	client_wait(client, n_workers);
}

/* One call before the measure, so that both sides know each other. */
void actor_calls(const struct settings *settings, const char *address, struct costs *costs)
{
	struct client client;

	client_open(&client, settings, address);
	call(&client, client.context, 1);
	costs_begin(costs);
	if (strcmp(settings->by, "ask") == 0)
		run_asker(&client, settings);
	else if (strcmp(settings->by, "actor") == 0)
		run_workers(&client, settings, settings->in_flight, call);
	else
		call(&client, client.context, settings->n);
	costs_end(costs);
	client_close(&client);
}

void actor_sends(const struct settings *settings, const char *address, struct costs *costs)
{
	struct client client;

	client_open(&client, settings, address);
	call(&client, client.context, 1);
	costs_begin(costs);
	if (strcmp(settings->by, "thread") == 0)
		tell(&client, client.context, settings->n);
	else
		run_workers(&client, settings, 1, tell);
	costs_end(costs);
	client_close(&client);
}
