/* SPDX-License-Identifier: MIT */
/* A simulation runs actors in one order after the other, until a deposit is lost. */

#include "check.h"

#define A_DEPOSIT_WAS_LOST (-10001) /* below -10,000: the application's own */
#define N_SEEDS 1000

struct read_balance {
	char none;
};
struct write_balance {
	int balance;
};
struct deposit {
	int amount;
};
ACTOR_MESSAGE(read_balance, int);
ACTOR_MESSAGE(write_balance, struct actor_unit);
ACTOR_MESSAGE(deposit, struct actor_unit);
ACTOR_MESSAGE_DEFINE(read_balance, "simulation.read-balance", NULL, NULL);
ACTOR_MESSAGE_DEFINE(write_balance, "simulation.write-balance", NULL, NULL);
ACTOR_MESSAGE_DEFINE(deposit, "simulation.deposit", NULL, NULL);

#define ACCOUNT_MESSAGES(CALL, SEND, X)                                                            \
	CALL(X, read_balance)                                                                      \
	CALL(X, write_balance)                                                                     \
	CALL(X, deposit)
ACTOR_DECLARE(account, ACCOUNT_MESSAGES);

struct account {
	int balance;
};

static int account_on_read_balance(struct account *self, struct read_balance *message,
				   struct actor_context *context)
{
	(void)message, (void)context;
	return self->balance;
}

static struct actor_unit account_on_write_balance(struct account *self,
						  struct write_balance *message,
						  struct actor_context *context)
{
	(void)context;
	self->balance = message->balance;
	return (struct actor_unit){ 0 };
}

static struct actor_unit account_on_deposit(struct account *self, struct deposit *message,
					    struct actor_context *context)
{
	(void)context;
	self->balance += message->amount;
	return (struct actor_unit){ 0 };
}

ACTOR_DEFINE(account, ACCOUNT_MESSAGES, NULL, NULL, NULL);

#define TELLER_MESSAGES(CALL, SEND, X) CALL(X, deposit)
ACTOR_DECLARE(teller, TELLER_MESSAGES);

struct teller {
	union account_address account; /* borrowed of the scenario */
	bool is_careful;
};

static struct actor_unit teller_on_deposit(struct teller *self, struct deposit *message,
					   struct actor_context *context)
{
	int balance;

	if (self->is_careful) { /* leaves it to the account */
		CHECK(ACTOR_CALL(context, self->account, deposit, NULL, message));
		return (struct actor_unit){ 0 };
	}
	CHECK(ACTOR_CALL(context, self->account, read_balance, &balance,
			 &(struct read_balance){ 0 }));
	/* Here another teller may have read the same balance. */
	CHECK(ACTOR_CALL(context, self->account, write_balance, NULL,
			 &(struct write_balance){ balance + message->amount }));
	return (struct actor_unit){ 0 };
}

ACTOR_DEFINE(teller, TELLER_MESSAGES, NULL, NULL, NULL);

struct trial {
	bool is_careful;
	unsigned n_runs;
	int balance;
	uint64_t seed;
	uint64_t trace;
};

/* Two tellers deposit ten each, at the same time. */
static int deposit_twice(struct actor_executor *executor, void *user)
{
	struct actor_context *context = actor_thread_context();
	struct actor_spawner *spawner = actor_executor_spawner(executor);
	struct trial *trial = user;
	struct account state = { .balance = 0 };
	struct teller tellers[2];
	struct actor_future futures[2];
	union account_address account;
	union teller_address teller[2];
	int i;

	CHECK(ACTOR_SPAWN(account, spawner, &state, NULL, &account));
	for (i = 0; i < 2; i++) {
		tellers[i] = (struct teller){ account, trial->is_careful };
		CHECK(ACTOR_SPAWN(teller, spawner, &tellers[i], NULL, &teller[i]));
		CHECK(ACTOR_CALL_BEGIN(context, &futures[i], teller[i], deposit, NULL,
				       &(struct deposit){ 10 }));
	}
	CHECK(actor_future_await_all(futures, 2, ACTOR_FOREVER));
	for (i = 0; i < 2; i++)
		actor_address_unref(teller[i].address);
	actor_address_unref(account.address);
	CHECK(actor_executor_join(executor, ACTOR_FOREVER)); /* the states are in this frame */

	trial->n_runs++;
	trial->balance = state.balance;
	trial->seed = actor_simulation_seed(executor);
	trial->trace = actor_simulation_trace(executor);
	return state.balance == 20 ? 0 : A_DEPOSIT_WAS_LOST;
}

static void print_record(void *user, const struct actor_log_record *record)
{
	(void)user;
	printf("%s: %s\n", actor_log_level_name(record->level), record->text);
}

int main(void)
{
	struct actor_simulation_options options = { .size = sizeof options, .seed = 1 };
	struct trial careless = { .is_careful = false }, again = careless;
	struct trial careful = { .is_careful = true };

	actor_log_set_sink(print_record, NULL, ACTOR_LOG_ERROR);
	if (actor_simulation_check(&options, N_SEEDS, deposit_twice, &careless) < 0)
		printf("careless tellers: %d of 20\n", careless.balance);
	options.seed = careless.seed;
	if (actor_simulation_check(&options, 1, deposit_twice, &again) < 0)
		printf("from the same seed: %d of 20, %s steps\n", again.balance,
		       again.trace == careless.trace ? "the same" : "other");

	options.seed = 1;
	CHECK(actor_simulation_check(&options, N_SEEDS, deposit_twice, &careful));
	printf("careful tellers: %d of 20, in %u runs\n", careful.balance, careful.n_runs);
	return EXIT_SUCCESS;
}
