/* SPDX-License-Identifier: MIT */
/*
 * Actors of the reference implementation and of thread-per-actor in one process: they send to and
 * await each other, wait for room in each other's mailboxes, and see each other fail. An actor
 * cannot tell who runs the one that it holds an address of.
 */

#include <actor-impl/actor-impl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <thread-per-actor.h>

#define N_DEPOSITS 1000
#define N_RELAYS 8

static int check(int status, const char *what)
{
	if (status < 0) {
		fprintf(stderr, "%s: %s\n", what, actor_strerror(status));
		exit(EXIT_FAILURE);
	}
	return status;
}

/* States are on the heap, and each is freed by its actor's destroy function. */
static void *new_state(size_t size)
{
	void *state = calloc(1, size);

	check(state ? 0 : ACTOR_E_NOMEM, "state");
	return state;
}

static void check_result(const char *what, int64_t result, int64_t expected)
{
	printf("%s: %" PRId64 "\n", what, result);
	if (result != expected) {
		fprintf(stderr, "%s: expected %" PRId64 "\n", what, expected);
		exit(EXIT_FAILURE);
	}
}

/* An account, and someone who pays into it as fast as there is room. */

struct deposit {
	int64_t cents;
};
struct get_balance {
	char none;
};
struct pay_in {
	int n_deposits;
};
ACTOR_SIGNAL(deposit);
ACTOR_MESSAGE(get_balance, int64_t);
ACTOR_MESSAGE(pay_in, int64_t); /* the balance after that */
ACTOR_SIGNAL_DEFINE(deposit, "two-implementations.deposit", NULL);
ACTOR_MESSAGE_DEFINE(get_balance, "two-implementations.get-balance", NULL, NULL);
ACTOR_MESSAGE_DEFINE(pay_in, "two-implementations.pay-in", NULL, NULL);

#define ACCOUNT_MESSAGES(CALL, SEND, X)                                                            \
	SEND(X, deposit)                                                                           \
	CALL(X, get_balance)
ACTOR_DECLARE(account, ACCOUNT_MESSAGES);

struct account {
	int64_t cents;
};

static void account_on_deposit(struct account *self, struct deposit *message,
			       struct actor_context *context)
{
	(void)context;
	self->cents += message->cents;
}

static int64_t account_on_get_balance(struct account *self, struct get_balance *message,
				      struct actor_context *context)
{
	(void)message, (void)context;
	return self->cents;
}

static void account_destroy(struct account *self)
{
	free(self);
}

ACTOR_DEFINE(account, ACCOUNT_MESSAGES, NULL, NULL, account_destroy);

#define CUSTOMER_MESSAGES(CALL, SEND, X) CALL(X, pay_in)
ACTOR_DECLARE(customer, CUSTOMER_MESSAGES);

struct customer {
	union account_address account; /* owned */
};

static void customer_on_pay_in(struct customer *self, struct pay_in *message,
			       struct pay_in_pending pending, struct actor_context *context)
{
	struct pay_in_reply reply;
	int64_t balance = 0;
	int i, rc = 0;

	for (i = 1; i <= message->n_deposits && rc == 0; i++)
		rc = ACTOR_SEND(context, self->account, deposit, &(struct deposit){ i });
	if (rc == 0)
		rc = ACTOR_CALL(context, self->account, get_balance, &balance,
				&(struct get_balance){ 0 });
	reply = pay_in_reply_take(pending);
	if (rc < 0)
		pay_in_reply_refuse(&reply, rc);
	else
		pay_in_reply_answer(&reply, balance);
}

static void customer_destroy(struct customer *self)
{
	actor_address_unref(self->account.address);
	free(self);
}

ACTOR_DEFINE(customer, CUSTOMER_MESSAGES, NULL, NULL, customer_destroy);

/* A chain in which each awaits the next. */

struct count_hops {
	bool last_fails;
};
ACTOR_MESSAGE(count_hops, int64_t);
ACTOR_MESSAGE_DEFINE(count_hops, "two-implementations.count-hops", NULL, NULL);

#define RELAY_MESSAGES(CALL, SEND, X) CALL(X, count_hops)
ACTOR_DECLARE(relay, RELAY_MESSAGES);

struct relay {
	union relay_address next; /* owned; NULL in the last */
};

static void relay_on_count_hops(struct relay *self, struct count_hops *message,
				struct count_hops_pending pending, struct actor_context *context)
{
	struct count_hops_reply reply;
	int64_t n_hops = 0;
	int rc = 0;

	if (self->next.address)
		rc = ACTOR_CALL(context, self->next, count_hops, &n_hops, message);
	else if (message->last_fails)
		ACTOR_FAIL(context, "end of the line");
	reply = count_hops_reply_take(pending);
	if (rc < 0)
		count_hops_reply_refuse(&reply, rc);
	else
		count_hops_reply_answer(&reply, n_hops + 1);
}

static void relay_destroy(struct relay *self)
{
	actor_address_unref(self->next.address);
	free(self);
}

ACTOR_DEFINE(relay, RELAY_MESSAGES, NULL, NULL, relay_destroy);

/* One customer on each side, whose account is on the other, with room for two deposits. */
static union customer_address new_customer(struct actor_spawner *here, struct actor_spawner *there)
{
	struct customer *state = new_state(sizeof *state);
	struct account *account = new_state(sizeof *account);
	union customer_address customer;

	check(ACTOR_SPAWN(account, there, account, ACTOR_OPTIONS(.capacity = 2), &state->account),
	      "account");
	check(ACTOR_SPAWN(customer, here, state, NULL, &customer), "customer");
	return customer;
}

static void pay_both_ways(struct actor_context *context, struct actor_spawner *pool,
			  struct actor_spawner *threads)
{
	union customer_address customers[2] = { new_customer(pool, threads),
						new_customer(threads, pool) };
	struct actor_future futures[2];
	int64_t balances[2];
	int i;

	for (i = 0; i < 2; i++)
		check(ACTOR_CALL_BEGIN(context, &futures[i], customers[i], pay_in, &balances[i],
				       &(struct pay_in){ N_DEPOSITS }),
		      "pay in");
	check(actor_future_await_all(futures, 2, ACTOR_FOREVER), "balances");
	check_result("from the pool to a thread", balances[0], N_DEPOSITS * (N_DEPOSITS + 1) / 2);
	check_result("from a thread to the pool", balances[1], N_DEPOSITS * (N_DEPOSITS + 1) / 2);
	for (i = 0; i < 2; i++)
		actor_address_unref(customers[i].address);
}

/* A chain that crosses from one implementation to the other with every call. */
static void call_along_a_chain(struct actor_context *context, struct actor_spawner *pool,
			       struct actor_spawner *threads)
{
	union relay_address first = { NULL };
	int64_t n_hops;
	int i, rc;

	for (i = 0; i < N_RELAYS; i++) {
		struct relay *state = new_state(sizeof *state);

		state->next = first;
		check(ACTOR_SPAWN(relay, i % 2 ? pool : threads, state, NULL, &first), "relay");
	}
	check(ACTOR_CALL(context, first, count_hops, &n_hops, &(struct count_hops){ false }),
	      "count hops");
	check_result("relays in the chain", n_hops, N_RELAYS);

	rc = ACTOR_CALL(context, first, count_hops, &n_hops, &(struct count_hops){ true });
	printf("the last one fails: %s\n", actor_strerror(rc));
	if (rc != ACTOR_E_STOPPED)
		exit(EXIT_FAILURE);
	actor_address_unref(first.address);
}

int main(void)
{
	struct actor_context *context = actor_thread_context();
	struct actor_executor *pool;
	struct actor_tpa *threads;

	check(context ? 0 : ACTOR_E_NOMEM, "context");
	check(actor_pool_create(NULL, &pool), "pool");
	check(actor_tpa_create(&threads), "threads");

	pay_both_ways(context, actor_executor_spawner(pool), actor_tpa_spawner(threads));
	call_along_a_chain(context, actor_executor_spawner(pool), actor_tpa_spawner(threads));

	check(actor_executor_join(pool, ACTOR_FOREVER), "join pool");
	check(actor_tpa_join(threads, ACTOR_FOREVER), "join threads");
	check(actor_executor_destroy(pool), "destroy pool");
	check(actor_tpa_destroy(threads), "destroy threads");
	return EXIT_SUCCESS;
}
