/* SPDX-License-Identifier: MIT */
/* Threads that are no actors call one, and may block as much as they like. */

#include "check.h"

#include <pthread.h>

#define N_THREADS 4
#define N_TICKETS 1000

struct take_ticket {
	char none;
};
ACTOR_MESSAGE(take_ticket, int);
ACTOR_MESSAGE_DEFINE(take_ticket, "plain-threads.take-ticket", NULL, NULL);

#define DISPENSER_MESSAGES(CALL, SEND, X) CALL(X, take_ticket)
ACTOR_DECLARE(dispenser, DISPENSER_MESSAGES);

struct dispenser {
	int n_taken;
};

static int dispenser_on_take_ticket(struct dispenser *self, struct take_ticket *message,
				    struct actor_context *context)
{
	(void)message, (void)context;
	return ++self->n_taken; /* no lock: one message at a time */
}

ACTOR_DEFINE(dispenser, DISPENSER_MESSAGES, NULL, NULL, NULL);

struct customer {
	union dispenser_address dispenser; /* owned */
	long sum;
};

/* A plain thread has a context of its own; waiting through it blocks this thread and no other. */
static void *customer_run(void *user)
{
	struct actor_context *context = actor_thread_context();
	struct customer *customer = user;
	int i, ticket;

	CHECK(context ? 0 : ACTOR_E_NOMEM);
	for (i = 0; i < N_TICKETS; i++) {
		CHECK(ACTOR_CALL(context, customer->dispenser, take_ticket, &ticket,
				 &(struct take_ticket){ 0 }));
		customer->sum += ticket;
	}
	actor_address_unref(customer->dispenser.address);
	return NULL;
}

int main(void)
{
	struct dispenser state = { .n_taken = 0 };
	struct customer customers[N_THREADS];
	pthread_t threads[N_THREADS];
	struct actor_executor *pool;
	union dispenser_address dispenser;
	long sum = 0;
	int i;

	CHECK(actor_pool_create(NULL, &pool));
	CHECK(ACTOR_SPAWN(dispenser, actor_executor_spawner(pool), &state, NULL, &dispenser));
	for (i = 0; i < N_THREADS; i++) {
		customers[i].dispenser.address = actor_address_ref(dispenser.address);
		customers[i].sum = 0;
		CHECK(-pthread_create(&threads[i], NULL, customer_run, &customers[i]));
	}
	for (i = 0; i < N_THREADS; i++) {
		CHECK(-pthread_join(threads[i], NULL));
		sum += customers[i].sum;
	}
	printf("%d threads took %d tickets each, sum %ld\n", N_THREADS, N_TICKETS, sum);

	actor_address_unref(dispenser.address);
	end_executor(pool);
	return EXIT_SUCCESS;
}
