/* SPDX-License-Identifier: MIT */

#include "model.h"

#include <stdatomic.h>

enum { MOST_GATEWAYS = 8 };

/* What all have in common. */
struct run {
	struct actor_executor *executor;
	atomic_int status; /* 0; ACTOR_E_NOMEM or ACTOR_E_DEADLOCK: something was lost */
	char *why;	   /* of the model */
};

/* Nobody need wait for what has not been sent, for want of memory, or because nobody would ever
 * have taken it: that ends them all. */
static void run_check(struct run *run, struct actor_context *context, int status)
{
	int before = 0;

	if (status != ACTOR_E_NOMEM && status != ACTOR_E_DEADLOCK)
		return;
	if (atomic_compare_exchange_strong(&run->status, &before, status))
		snprintf(run->why, GATEWAY_WHY, "%s", actor_error(context)->text);
	actor_executor_close(run->executor);
}

/* What travels through the system: as a request, then as work, then as a response. */
struct parcel {
	unsigned gateway;
	struct actor_permit *permit; /* owned; NULL where none is needed */
};

struct request {
	struct parcel parcel;
};
struct work {
	struct parcel parcel;
};
struct response {
	struct parcel parcel;
};
struct begin {
	unsigned n_requests;
};

ACTOR_SIGNAL(request);
ACTOR_SIGNAL(work);
ACTOR_SIGNAL(response);
ACTOR_SIGNAL(begin);

static void parcel_drop(struct parcel *parcel)
{
	actor_permit_release(parcel->permit);
	parcel->permit = NULL;
}

static void request_drop(void *message)
{
	parcel_drop(&((struct request *)message)->parcel);
}

static void work_drop(void *message)
{
	parcel_drop(&((struct work *)message)->parcel);
}

static void response_drop(void *message)
{
	parcel_drop(&((struct response *)message)->parcel);
}

ACTOR_SIGNAL_DEFINE(request, "gateway.request", request_drop);
ACTOR_SIGNAL_DEFINE(work, "gateway.work", work_drop);
ACTOR_SIGNAL_DEFINE(response, "gateway.response", response_drop);
ACTOR_SIGNAL_DEFINE(begin, "gateway.begin", NULL);

/* A message's parcel is moved on. */
static struct parcel parcel_take(struct parcel *parcel)
{
	struct parcel taken = *parcel;

	parcel->permit = NULL;
	return taken;
}

/* ---- the gateway ---- */

#define GATEWAY_MESSAGES(CALL, SEND, X)                                                            \
	SEND(X, request)                                                                           \
	SEND(X, response)
ACTOR_DECLARE(gateway, GATEWAY_MESSAGES);

#define WORKER_MESSAGES(CALL, SEND, X) SEND(X, work)
ACTOR_DECLARE(worker, WORKER_MESSAGES);

struct gateway {
	union worker_address worker; /* owned */
	unsigned n_expected;
	struct run *run;
};

/* Here it waits, if the worker has no room; and takes no response meanwhile. */
static void gateway_on_request(struct gateway *self, struct request *message,
			       struct actor_context *context)
{
	struct work work = { parcel_take(&message->parcel) };
	int rc = ACTOR_SEND(context, self->worker, work, &work);

	work_drop(&work); /* if it was not sent */
	run_check(self->run, context, rc);
}

/* The permit goes back when the message is dropped. */
static void gateway_on_response(struct gateway *self, struct response *message,
				struct actor_context *context)
{
	(void)message;
	if (--self->n_expected == 0)
		actor_stop(context, ACTOR_STOP_DRAIN);
}

static void gateway_destroy(struct gateway *self)
{
	actor_address_unref(self->worker.address);
}

ACTOR_DEFINE(gateway, GATEWAY_MESSAGES, NULL, NULL, gateway_destroy);

/* ---- the worker: it ends when all gateways have ---- */

struct worker {
	union gateway_address gateways[MOST_GATEWAYS]; /* owned, as far as they are not NULL */
	struct run *run;
};

static void worker_on_work(struct worker *self, struct work *message, struct actor_context *context)
{
	unsigned gateway = message->parcel.gateway;
	struct response response = { parcel_take(&message->parcel) };
	int rc = ACTOR_SEND(context, self->gateways[gateway], response, &response);

	response_drop(&response);
	run_check(self->run, context, rc);
}

static void worker_destroy(struct worker *self)
{
	for (unsigned i = 0; i < MOST_GATEWAYS; i++)
		actor_address_unref(self->gateways[i].address);
}

ACTOR_DEFINE(worker, WORKER_MESSAGES, NULL, NULL, worker_destroy);

/* ---- where requests come from ---- */

#define SOURCE_MESSAGES(CALL, SEND, X) SEND(X, begin)
ACTOR_DECLARE(source, SOURCE_MESSAGES);

struct source {
	unsigned number;
	union gateway_address gateway;	   /* owned */
	struct actor_semaphore *semaphore; /* owned; NULL where none is needed */
	struct run *run;
};

/* One request: false when the system has come to an end. */
static bool source_ask(struct source *self, struct actor_context *context)
{
	struct request request = { { self->number, NULL } };
	int rc = 0;

	if (self->semaphore)
		rc = actor_semaphore_acquire(context, self->semaphore, 1, &request.parcel.permit);
	if (rc == 0 && self->semaphore)
		actor_permit_hand_on(request.parcel.permit);
	if (rc == 0)
		rc = ACTOR_SEND(context, self->gateway, request, &request);
	request_drop(&request);
	run_check(self->run, context, rc);
	return rc == 0;
}

static void source_on_begin(struct source *self, struct begin *message,
			    struct actor_context *context)
{
	for (unsigned i = 0; i < message->n_requests; i++)
		if (!source_ask(self, context))
			return;
}

static void source_destroy(struct source *self)
{
	actor_address_unref(self->gateway.address);
	actor_semaphore_unref(self->semaphore);
}

ACTOR_DEFINE(source, SOURCE_MESSAGES, NULL, NULL, source_destroy);

/* ---- putting it together ---- */

#define ONE_MESSAGE ACTOR_OPTIONS(.capacity = 1)

struct system {
	const struct gateway_model *model;
	struct run run;
	struct actor_spawner *spawner;
	struct actor_semaphore *semaphore;
	struct worker_mailbox worker;
	struct gateway_mailbox gateways[MOST_GATEWAYS];
	union gateway_address entries[MOST_GATEWAYS]; /* for requests */
	struct gateway gateway_states[MOST_GATEWAYS];
	struct source source_states[MOST_GATEWAYS];
	struct worker worker_state;
};

/* Responses come first; requests get an address of their own. */
static int make_channels(struct system *system, unsigned i)
{
	static const struct actor_queue_options one = { sizeof one, .capacity = 1 };
	struct actor_channel *channels[2] = { NULL, NULL }, *both = NULL;
	int rc = actor_queue_create(&one, &channels[0]);

	if (rc == 0)
		rc = actor_queue_create(&one, &channels[1]);
	if (rc == 0)
		rc = actor_select_create(channels, 2, NULL, NULL, &both);
	if (rc == 0)
		rc = ACTOR_CHANNEL_MAILBOX(gateway, system->spawner, NULL, both,
					   &system->gateways[i]);
	if (rc == 0)
		rc = ACTOR_CHANNEL_ADDRESS(gateway, system->gateways[i], channels[1],
					   &system->entries[i]);
	actor_channel_unref(both);
	actor_channel_unref(channels[1]);
	actor_channel_unref(channels[0]);
	return rc;
}

static int make_gateway(struct system *system, unsigned i)
{
	int rc;

	if (system->model->design != GATEWAY_ONE_MAILBOX)
		return make_channels(system, i);
	rc = ACTOR_MAILBOX_CREATE(gateway, system->spawner, ONE_MESSAGE, &system->gateways[i]);
	if (rc == 0)
		system->entries[i] = ACTOR_MAILBOX_ADDRESS(gateway, system->gateways[i]);
	return rc;
}

/* Everything that can fail for want of memory but starting. */
static int make_mailboxes(struct system *system)
{
	int rc = ACTOR_MAILBOX_CREATE(worker, system->spawner, ONE_MESSAGE, &system->worker);

	/* One in the worker's mailbox, and one in its hands. */
	if (rc == 0 && system->model->design == GATEWAY_PERMITS)
		rc = actor_semaphore_create(2, &system->semaphore);
	for (unsigned i = 0; i < system->model->n_gateways && rc == 0; i++)
		rc = make_gateway(system, i);
	return rc;
}

static int start_gateway(struct system *system, unsigned i)
{
	struct gateway *state = &system->gateway_states[i];
	int rc;

	*state = (struct gateway){ ACTOR_MAILBOX_ADDRESS(worker, system->worker),
				   system->model->n_requests, &system->run };
	rc = ACTOR_MAILBOX_START(gateway, system->gateways[i], state, NULL, NULL);
	if (rc < 0)
		gateway_destroy(state);
	return rc;
}

static int start_worker(struct system *system)
{
	int rc;

	system->worker_state.run = &system->run;
	for (unsigned i = 0; i < system->model->n_gateways; i++)
		system->worker_state.gateways[i] = ACTOR_MAILBOX_ADDRESS(gateway,
									 system->gateways[i]);
	rc = ACTOR_MAILBOX_START(worker, system->worker, &system->worker_state, NULL, NULL);
	if (rc < 0)
		worker_destroy(&system->worker_state);
	return rc;
}

static int start_source(struct system *system, unsigned i)
{
	struct source *state = &system->source_states[i];
	struct begin begin = { system->model->n_requests };
	union source_address source;
	int rc;

	*state = (struct source){ i, system->entries[i], NULL, &system->run };
	actor_address_ref(state->gateway.address);
	if (system->semaphore)
		state->semaphore = actor_semaphore_ref(system->semaphore);
	rc = ACTOR_SPAWN(source, system->spawner, state, NULL, &source);
	if (rc < 0) {
		source_destroy(state);
		return rc;
	}
	rc = ACTOR_TRY_SEND(source, begin, &begin);
	actor_address_unref(source.address);
	return rc;
}

static int start_all(struct system *system)
{
	int rc = start_worker(system);

	for (unsigned i = 0; i < system->model->n_gateways && rc == 0; i++)
		rc = start_gateway(system, i);
	for (unsigned i = 0; i < system->model->n_gateways && rc == 0; i++)
		rc = start_source(system, i);
	return rc;
}

static bool is_possible(const struct gateway_model *model)
{
	return model->design >= GATEWAY_ONE_MAILBOX && model->design <= GATEWAY_PERMITS &&
	       model->n_gateways >= 1 && model->n_gateways <= MOST_GATEWAYS &&
	       model->n_requests >= 1;
}

int gateway_run(struct actor_executor *executor, void *user)
{
	struct gateway_model *model = user;
	struct system system = { .model = model,
				 .run = { .executor = executor, .why = model->why },
				 .spawner = actor_executor_spawner(executor) };
	int rc = is_possible(user) ? 0 : ACTOR_E_INVALID;

	if (rc < 0)
		return rc;
	rc = make_mailboxes(&system);
	if (rc == 0)
		rc = start_all(&system);
	if (rc < 0) /* what has been started ends */
		actor_executor_close(executor);
	for (unsigned i = 0; i < MOST_GATEWAYS; i++) {
		actor_address_unref(system.entries[i].address);
		actor_mailbox_detach(system.gateways[i].mailbox);
	}
	actor_mailbox_detach(system.worker.mailbox);
	actor_semaphore_unref(system.semaphore);
	if (rc == 0)
		rc = actor_executor_join(executor, ACTOR_FOREVER);
	if (rc < 0) { /* states are on this stack */
		actor_executor_close(executor);
		actor_ignore(actor_executor_join(executor, ACTOR_FOREVER));
	}
	return rc == 0 ? atomic_load(&system.run.status) : rc;
}
