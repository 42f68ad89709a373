/* SPDX-License-Identifier: MIT */

/* typed-actor.h: actors in several files, their lives, and how they get to know each other. */

#include "bank-fixture.h"

#include <actor-impl/pool.h>

/* Actors of one file that call those of another, with the messages of a third. */
static void messages_are_used_from_several_files(void **state)
{
	struct local_fixture *local = *state;
	union account_address from = spawn_account(local, 100), to = spawn_account(local, 0);
	struct teller teller = {
		.from = ACTOR_FOR_ALL(cashier, CASHIER_MESSAGES, from),
		.to = ACTOR_FOR_ALL(depositor, DEPOSITOR_MESSAGES, to),
	};
	union teller_address address = spawn_teller(local, &teller);
	struct balance balance = { 0 };
	int answer = -1;

	assert_int_equal(ACTOR_CALL(local->context, address, transfer, &answer,
				    &(struct transfer){ .cents = 30 }),
			 0);
	assert_int_equal(answer, 0);
	assert_int_equal(ACTOR_CALL(local->context, to, deposit, &balance, &(struct deposit){ 0 }),
			 0);
	assert_int_equal(balance.cents, 30);
	assert_int_equal(
		ACTOR_CALL(local->context, from, deposit, &balance, &(struct deposit){ 0 }), 0);
	assert_int_equal(balance.cents, 70);
	assert_int_equal(ACTOR_CALL(local->context, address, transfer, &answer,
				    &(struct transfer){ .cents = -1 }),
			 0);
	assert_int_equal(answer, ACTOR_E_INVALID);
	release(local, address.address);
	release(local, from.address);
	release(local, to.address);
}

/* Lives. */

/* I-02, I-03, L-16 */
static void hooks_run_and_the_state_comes_back(void **state)
{
	struct local_fixture *local = *state;
	int n_ends = 0;
	struct account *account = new_account(0, &n_ends);
	union account_address address = { NULL };
	struct account_mailbox mailbox = { NULL };
	struct actor_end end;

	assert_int_equal(
		ACTOR_SPAWN_MAILBOX(account, local->spawner, account, NULL, &address, &mailbox), 0);
	assert_int_equal(ACTOR_CALL(local->context, address, flush, NULL, &(struct flush){ 0 }), 0);
	assert_string_equal(account->events, "a");
	release(local, address.address);
	assert_int_equal(actor_mailbox_join(local->context, mailbox.mailbox, ACTOR_FOREVER, &end),
			 0);
	assert_int_equal(end.how, ACTOR_ENDED_STOPPED);
	assert_ptr_equal(end.state, account);
	assert_ptr_equal(end.behavior, &account_behavior);
	assert_string_equal(account->events, "ao");
	assert_int_equal(n_ends, 0);
	actor_end_drop(&end);
	assert_int_equal(n_ends, 1);
	actor_mailbox_destroy(mailbox.mailbox);
}

/* L-10 */
static void cancelled_state_is_destroyed_without_ceremony(void **state)
{
	struct local_fixture *local = *state;
	int n_ends = 0;
	union account_address address = { NULL };
	struct account_mailbox mailbox = { NULL };

	assert_int_equal(ACTOR_SPAWN_MAILBOX(account, local->spawner, new_account(0, &n_ends), NULL,
					     &address, &mailbox),
			 0);
	assert_int_equal(ACTOR_CALL(local->context, address, flush, NULL, &(struct flush){ 0 }), 0);
	actor_mailbox_destroy(mailbox.mailbox);
	assert_int_equal(actor_local_run(local->executor), 0);
	assert_int_equal(n_ends, 1);
	release(local, address.address);
}

static void hooks_and_destroy_may_be_left_out(void **state)
{
	struct local_fixture *local = *state;
	struct teller teller = { { NULL }, { NULL } };
	union teller_address address = { NULL };
	struct teller_mailbox mailbox = { NULL };
	struct actor_end end;

	assert_int_equal(
		ACTOR_SPAWN_MAILBOX(teller, local->spawner, &teller, NULL, &address, &mailbox), 0);
	release(local, address.address);
	assert_int_equal(actor_mailbox_join(local->context, mailbox.mailbox, ACTOR_FOREVER, &end),
			 0);
	assert_ptr_equal(end.state, &teller);
	actor_end_drop(&end);
	actor_mailbox_destroy(mailbox.mailbox);
}

static void behavior_says_what_was_declared(void **state)
{
	(void)state;
	assert_int_equal(account_behavior.size, sizeof account_behavior);
	assert_string_equal(account_behavior.name, "account");
	assert_int_equal(account_behavior.n_handlers, 6);
	assert_int_equal(account_behavior.stride, sizeof(struct actor_handler));
	assert_int_equal(account_behavior.flags, 0);
	assert_non_null(actor_behavior_find(&account_behavior, &note_type));
	assert_null(actor_behavior_find(&account_behavior, &transfer_type));
	assert_string_equal(deposit_type.name, "bank.deposit");
	assert_string_equal(deposit_type.reply->name, "bank.deposit.reply");
	assert_int_equal(deposit_type.message_size, sizeof(struct deposit));
	assert_int_equal(deposit_type.reply->message_size, sizeof(struct balance));
	assert_null(note_type.reply);
}

/* Two actors that know each other from the start: addresses come before actors. L-02 */

struct ball {
	int n_left;
};
ACTOR_SIGNAL(ball);
ACTOR_SIGNAL_DEFINE(ball, "test.ball", NULL);

struct player {
	union ball_recipient other;
	int n_hits;
};
#define PLAYER_MESSAGES(CALL, SEND, X) SEND(X, ball)
ACTOR_DECLARE(player, PLAYER_MESSAGES);

static void player_on_ball(struct player *self, struct ball *message, struct actor_context *context)
{
	self->n_hits++;
	if (message->n_left > 0 &&
	    ACTOR_SEND(context, self->other, ball, &(struct ball){ message->n_left - 1 }) < 0)
		ACTOR_FAIL(context, "the ball is lost");
}

ACTOR_DEFINE(player, PLAYER_MESSAGES, NULL, NULL, NULL);

static void mailboxes_introduce_actors_to_each_other(void **state)
{
	struct local_fixture *local = *state;
	struct player players[2] = { { .n_hits = 0 }, { .n_hits = 0 } };
	struct player_mailbox mailboxes[2];
	union player_address addresses[2];
	int i;

	for (i = 0; i < 2; i++) {
		assert_int_equal(ACTOR_MAILBOX_CREATE(player, local->spawner, NULL, &mailboxes[i]),
				 0);
		addresses[i] = ACTOR_MAILBOX_ADDRESS(player, mailboxes[i]);
		players[1 - i].other = ACTOR_FOR(ball, addresses[i]);
	}
	for (i = 0; i < 2; i++)
		assert_int_equal(ACTOR_MAILBOX_START(player, mailboxes[i], &players[i], NULL, NULL),
				 0);
	assert_int_equal(ACTOR_TRY_SEND(addresses[0], ball, &(struct ball){ 6 }), 0);
	assert_int_equal(actor_local_run(local->executor), 0);
	assert_int_equal(players[0].n_hits, 4);
	assert_int_equal(players[1].n_hits, 3);
	for (i = 0; i < 2; i++) {
		release(local, addresses[i].address);
		actor_mailbox_destroy(mailboxes[i].mailbox);
	}
	assert_int_equal(local->n_errors, 0);
}

/* An actor knows its own address, and one that is bound to its thread. */

struct count_down {
	int from;
};
ACTOR_SIGNAL(count_down);
ACTOR_SIGNAL_DEFINE(count_down, "test.count_down", NULL);

struct counter {
	int n_counted;
	int rc;
};
#define COUNTER_MESSAGES(CALL, SEND, X) SEND(X, count_down)
ACTOR_DECLARE(counter, COUNTER_MESSAGES);

static void counter_on_count_down(struct counter *self, struct count_down *message,
				  struct actor_context *context)
{
	union counter_address me = ACTOR_SELF(counter, context);

	self->n_counted++;
	if (message->from > 0)
		self->rc = ACTOR_TRY_SEND(me, count_down,
					  &(struct count_down){ message->from - 1 });
}

ACTOR_DEFINE_THREAD_BOUND(counter, COUNTER_MESSAGES, NULL, NULL, NULL);

static void actor_sends_to_itself(void **state)
{
	struct local_fixture *local = *state;
	struct counter counter = { 0 };
	union counter_address address = { NULL };

	assert_int_equal(ACTOR_SPAWN(counter, local->spawner, &counter, NULL, &address), 0);
	assert_int_equal(ACTOR_TRY_SEND(address, count_down, &(struct count_down){ 3 }), 0);
	assert_int_equal(actor_local_run(local->executor), 0);
	assert_int_equal(counter.n_counted, 4);
	assert_int_equal(counter.rc, 0);
	release(local, address.address);
}

/* LO-01, LO-05 */
static void thread_bound_actor_is_refused_by_a_pool(void **state)
{
	struct counter counter = { 0 };
	union counter_address address = { NULL };
	struct actor_executor *pool = NULL;

	(void)state;
	assert_int_equal(counter_behavior.flags, ACTOR_THREAD_BOUND);
	assert_int_equal(
		actor_pool_create(&(struct actor_pool_options){ sizeof(struct actor_pool_options),
								.n_threads = 2 },
				  &pool),
		0);
	assert_int_equal(
		ACTOR_SPAWN(counter, actor_executor_spawner(pool), &counter, NULL, &address),
		ACTOR_E_UNSUPPORTED);
	assert_null(address.address);
	assert_int_equal(actor_executor_join(pool, ACTOR_FOREVER), 0);
	assert_int_equal(actor_executor_destroy(pool), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LOCAL_TEST(messages_are_used_from_several_files),
		LOCAL_TEST(hooks_run_and_the_state_comes_back),
		LOCAL_TEST(cancelled_state_is_destroyed_without_ceremony),
		LOCAL_TEST(hooks_and_destroy_may_be_left_out),
		cmocka_unit_test(behavior_says_what_was_declared),
		LOCAL_TEST(mailboxes_introduce_actors_to_each_other),
		LOCAL_TEST(actor_sends_to_itself),
		LOCAL_TEST(thread_bound_actor_is_refused_by_a_pool),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
