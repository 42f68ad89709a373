/* SPDX-License-Identifier: MIT */

/* exec.h: functions that run inside an actor that lets them. */

#include "bank-fixture.h"

#define PATIENCE_NS INT64_C(20000000000)

ACTOR_EXEC(vault);
struct fill {
	int coins;
};
ACTOR_SIGNAL(fill);
ACTOR_SIGNAL_DEFINE(fill, "test.fill", NULL);

#define VAULT_MESSAGES(CALL, SEND, X)                                                              \
	CALL(X, vault_exec)                                                                        \
	SEND(X, fill)
ACTOR_DECLARE(vault, VAULT_MESSAGES);

struct vault {
	int coins;
	int n_inside;
};

ACTOR_EXEC_DEFINE(vault, "test.vault-exec");

static void vault_on_fill(struct vault *self, struct fill *message, struct actor_context *context)
{
	(void)context;
	self->coins += message->coins;
}

ACTOR_DEFINE(vault, VAULT_MESSAGES, NULL, NULL, NULL);

static union vault_address spawn_vault(struct local_fixture *local, struct vault *vault)
{
	union vault_address address = { NULL };

	assert_int_equal(ACTOR_SPAWN(vault, local->spawner, vault, NULL, &address), 0);
	return address;
}

static int n_dropped;

static void drop(void *user)
{
	(void)user;
	n_dropped++;
}

static int add(struct vault *self, void *user, struct actor_context *context)
{
	(void)context;
	return self->coins += *(int *)user;
}

/* In its turn: after what was sent before, on the actor's state. */
static void a_function_runs_on_the_state_in_its_turn(void **state)
{
	struct local_fixture *local = *state;
	struct vault vault = { .coins = 1 };
	union vault_address to = spawn_vault(local, &vault);
	int coins = 5, result = 0;

	n_dropped = 0;
	assert_int_equal(ACTOR_SEND(local->context, to, fill, &(struct fill){ 10 }), 0);
	assert_int_equal(ACTOR_EXEC_CALL(local->context, to, vault, &result, add, &coins, drop), 0);
	assert_int_equal(result, 16);
	assert_int_equal(n_dropped, 1);
	assert_int_equal(ACTOR_EXEC_SEND(local->context, to, vault, add, &coins, NULL), 0);
	assert_int_equal(vault.coins, 16); /* not before it returns to its executor */
	assert_int_equal(actor_local_run(local->executor), 0);
	assert_int_equal(vault.coins, 21);
	assert_int_equal(n_dropped, 1);
	release(local, to.address);
}

static int sleep_inside(struct vault *self, void *user, struct actor_context *context)
{
	int rc;

	(void)user;
	self->n_inside++;
	rc = actor_sleep_until(context, actor_now(context) + 100000);
	return rc < 0 ? rc : self->n_inside--;
}

/* It has the actor's context, and the actor takes no other message meanwhile. */
static void a_function_may_wait(void **state)
{
	struct local_fixture *local = *state;
	struct vault vault = { .coins = 1 };
	union vault_address to = spawn_vault(local, &vault);
	int result = 0;

	assert_int_equal(ACTOR_EXEC_SEND(local->context, to, vault, sleep_inside, NULL, NULL), 0);
	assert_int_equal(
		ACTOR_EXEC_CALL(local->context, to, vault, &result, sleep_inside, NULL, NULL), 0);
	assert_int_equal(result, 1);
	assert_int_equal(vault.n_inside, 0);
	release(local, to.address);
}

/* Nobody waits any more, and it runs all the same. */
static void a_function_is_waited_for_until_a_deadline(void **state)
{
	struct local_fixture *local = *state;
	struct vault vault = { .coins = 1 };
	union vault_address to = spawn_vault(local, &vault);
	int coins = 5, result = 7;

	n_dropped = 0;
	assert_int_equal(ACTOR_EXEC_CALL_UNTIL(local->context, to, vault, &result, ACTOR_AT_ONCE,
					       add, &coins, drop),
			 ACTOR_E_TIMEOUT);
	assert_int_equal(result, 7);
	assert_int_equal(actor_local_run(local->executor), 0);
	assert_int_equal(vault.coins, 6);
	assert_int_equal(n_dropped, 1);
	assert_int_equal(ACTOR_EXEC_CALL_UNTIL(local->context, to, vault, &result,
					       actor_deadline_after(local->context, PATIENCE_NS),
					       add, &coins, NULL),
			 0);
	assert_int_equal(result, 11);
	release(local, to.address);
}

static int fail_inside(struct vault *self, void *user, struct actor_context *context)
{
	(void)self, (void)user;
	ACTOR_FAIL(context, "in a function");
}

static void a_function_that_fails_is_the_actor_s_failure(void **state)
{
	struct local_fixture *local = *state;
	struct vault vault = { .coins = 1 };
	union vault_address to = spawn_vault(local, &vault);
	int result = 7;

	n_dropped = 0;
	assert_int_equal(
		ACTOR_EXEC_CALL(local->context, to, vault, &result, fail_inside, NULL, drop),
		ACTOR_E_STOPPED);
	assert_int_equal(result, 7);
	assert_int_equal(n_dropped, 1);
	assert_int_equal(local->n_errors, 1);
	release(local, to.address);
}

/* Whatever becomes of it: dropped once. */
static void what_does_not_run_is_dropped(void **state)
{
	struct local_fixture *local = *state;
	struct vault vault = { .coins = 1 };
	struct vault_mailbox mailbox = { NULL };
	union vault_address to;

	n_dropped = 0;
	assert_int_equal(ACTOR_MAILBOX_CREATE(vault, local->spawner, NULL, &mailbox), 0);
	to = ACTOR_MAILBOX_ADDRESS(vault, mailbox);
	assert_int_equal(ACTOR_EXEC_SEND(local->context, to, vault, add, &vault.coins, drop), 0);
	assert_int_equal(n_dropped, 0);
	actor_mailbox_destroy(mailbox.mailbox);
	assert_int_equal(n_dropped, 1);
	assert_int_equal(ACTOR_EXEC_SEND(local->context, to, vault, add, &vault.coins, drop),
			 ACTOR_E_CLOSED);
	assert_int_equal(n_dropped, 2);
	assert_int_equal(ACTOR_EXEC_CALL(local->context, to, vault, NULL, add, &vault.coins, drop),
			 ACTOR_E_CLOSED);
	assert_int_equal(n_dropped, 3);
	assert_int_equal(vault.coins, 1);
	release(local, to.address);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LOCAL_TEST(a_function_runs_on_the_state_in_its_turn),
		LOCAL_TEST(a_function_may_wait),
		LOCAL_TEST(a_function_is_waited_for_until_a_deadline),
		LOCAL_TEST(a_function_that_fails_is_the_actor_s_failure),
		LOCAL_TEST(what_does_not_run_is_dropped),
	};

	return cmocka_run_group_tests_name("exec", tests, NULL, NULL);
}
