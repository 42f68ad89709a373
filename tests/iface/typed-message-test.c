/* SPDX-License-Identifier: MIT */

/* typed-message.h: messages, verbs and recipients, with actors that run. */

#include "bank-fixture.h"

/* Calls, sends and answers. */

static void call_returns_what_the_handler_returns(void **state)
{
	struct local_fixture *local = *state;
	union account_address account = spawn_account(local, 10);
	struct balance balance = { 0 };

	assert_int_equal(ACTOR_CALL(local->context, account, deposit, &balance,
				    &(struct deposit){ .cents = 5 }),
			 0);
	assert_int_equal(balance.cents, 15);
	release(local, account.address);
}

/* I-17 */
static void acknowledgement_means_handled(void **state)
{
	struct local_fixture *local = *state;
	union account_address account = spawn_account(local, 0);

	assert_int_equal(ACTOR_SEND(local->context, account, deposit, &(struct deposit){ 5 }), 0);
	assert_int_equal(ACTOR_CALL(local->context, account, flush, NULL, &(struct flush){ 0 }), 0);
	release(local, account.address);
}

static void answer_may_be_a_pointer_and_null(void **state)
{
	struct local_fixture *local = *state;
	union account_address account = spawn_account(local, 0);
	const char *answer = NULL;

	assert_int_equal(
		ACTOR_CALL(local->context, account, lookup, &answer, &(struct lookup){ "type" }),
		0);
	assert_string_equal(answer, "account");
	assert_int_equal(
		ACTOR_CALL(local->context, account, lookup, &answer, &(struct lookup){ "age" }), 0);
	assert_null(answer);
	release(local, account.address);
}

static void owned_answer_is_the_caller_s(void **state)
{
	struct local_fixture *local = *state;
	union account_address account = spawn_account(local, 0);
	struct text text = { NULL };

	assert_int_equal(ACTOR_CALL(local->context, account, describe, &text,
				    &(struct describe){ .later = false }),
			 0);
	assert_string_equal(text.chars, "an account");
	assert_int_equal(text_n_live(), 1);
	text_drop(&text);
	release(local, account.address);
}

/* I-16: nobody wants it, or nobody called. */
static void unwanted_answer_is_dropped(void **state)
{
	struct local_fixture *local = *state;
	union account_address account = spawn_account(local, 0);

	assert_int_equal(
		ACTOR_CALL(local->context, account, describe, NULL, &(struct describe){ false }),
		0);
	assert_int_equal(text_n_live(), 0);
	assert_int_equal(ACTOR_SEND(local->context, account, describe, &(struct describe){ false }),
			 0);
	assert_int_equal(actor_local_run(local->executor), 0);
	assert_int_equal(text_n_live(), 0);
	release(local, account.address);
}

static void message_is_moved_and_dropped_by_the_library(void **state)
{
	struct local_fixture *local = *state;
	union account_address account = spawn_account(local, 0);
	struct note note = { .text = text_of("rent") };

	assert_int_equal(ACTOR_SEND(local->context, account, note, &note), 0);
	assert_null(note.text.chars);
	assert_int_equal(text_n_live(), 1);
	assert_int_equal(actor_local_run(local->executor), 0);
	assert_int_equal(text_n_live(), 0);
	release(local, account.address);
}

static void handler_keeps_what_it_moves_out(void **state)
{
	struct local_fixture *local = *state;
	struct account *account = new_account(0, NULL);
	union account_address address = { NULL };

	assert_int_equal(ACTOR_SPAWN(account, local->spawner, account, NULL, &address), 0);
	assert_int_equal(ACTOR_SEND(local->context, address, note,
				    &(struct note){ .text = text_of("rent"), .keep = true }),
			 0);
	assert_int_equal(actor_local_run(local->executor), 0);
	assert_string_equal(account->text.chars, "rent");
	assert_int_equal(text_n_live(), 1);
	release(local, address.address);
	assert_int_equal(text_n_live(), 0);
}

static void refused_message_stays_with_its_sender(void **state)
{
	struct local_fixture *local = *state;
	struct account_mailbox mailbox = { NULL };
	union account_address account = { NULL };
	struct note note = { .text = text_of("rent") };

	/* no actor yet: what is accepted stays queued */
	assert_int_equal(ACTOR_MAILBOX_CREATE(account, local->spawner, ACTOR_OPTIONS(.capacity = 1),
					      &mailbox),
			 0);
	account = ACTOR_MAILBOX_ADDRESS(account, mailbox);
	assert_int_equal(ACTOR_TRY_SEND(account, deposit, &(struct deposit){ 5 }), 0);
	assert_int_equal(ACTOR_TRY_SEND(account, note, &note), ACTOR_E_FULL);
	assert_int_equal(ACTOR_SEND_UNTIL(local->context, account, note, ACTOR_AT_ONCE, &note),
			 ACTOR_E_FULL);
	assert_int_equal(ACTOR_RETRY_SEND(local->context, account, note, 2, 1, &note),
			 ACTOR_E_FULL);
	assert_string_equal(actor_error(local->context)->message_type, "bank.note");
	assert_string_equal(actor_error(local->context)->actor_type, "account");
	assert_string_equal(note.text.chars, "rent");
	actor_mailbox_destroy(mailbox.mailbox);
	assert_int_equal(ACTOR_SEND(local->context, account, note, &note), ACTOR_E_CLOSED);
	assert_string_equal(note.text.chars, "rent");
	text_drop(&note.text);
	release(local, account.address);
}

/* Answers that come later. */

static void deferred_answer_comes_when_there_is_one(void **state)
{
	struct local_fixture *local = *state;
	union account_address account = spawn_account(local, 10);
	struct balance after = { 0 }, balance = { 0 };
	struct actor_future future;

	assert_int_equal(ACTOR_CALL_BEGIN(local->context, &future, account, withdraw, &after,
					  &(struct withdraw){ .cents = 100 }),
			 0);
	assert_int_equal(actor_local_run(local->executor), 0);
	assert_int_equal(actor_future_await(&future, ACTOR_AT_ONCE), ACTOR_E_TIMEOUT);
	assert_int_equal(
		ACTOR_CALL(local->context, account, deposit, &balance, &(struct deposit){ 95 }), 0);
	assert_int_equal(actor_future_await(&future, ACTOR_AT_ONCE), 0);
	assert_int_equal(after.cents, 5);
	assert_int_equal(balance.cents, 5);
	release(local, account.address);
}

static void refusal_ends_the_call_with_its_status(void **state)
{
	struct local_fixture *local = *state;
	union account_address account = spawn_account(local, 10);
	struct balance balance = { 77 };

	assert_int_equal(
		ACTOR_CALL(local->context, account, withdraw, &balance, &(struct withdraw){ -1 }),
		ACTOR_E_INVALID);
	assert_int_equal(balance.cents, 77);
	assert_string_equal(actor_error(local->context)->message_type, "bank.withdraw");
	assert_string_equal(actor_error(local->context)->actor_name, "savings");
	release(local, account.address);
}

static void reply_that_is_not_taken_is_refused(void **state)
{
	struct local_fixture *local = *state;
	union account_address account = spawn_account(local, 10);

	assert_int_equal(
		ACTOR_CALL(local->context, account, withdraw, NULL, &(struct withdraw){ 0 }),
		ACTOR_E_STOPPED);
	release(local, account.address);
}

/* C-04: every call ends, also one whose reply was taken by an actor that is no more. */
static void reply_in_a_destroyed_state_is_refused(void **state)
{
	struct local_fixture *local = *state;
	union account_address account = spawn_account(local, 10);
	struct actor_future future;

	assert_int_equal(ACTOR_CALL_BEGIN(local->context, &future, account, withdraw, NULL,
					  &(struct withdraw){ 100 }),
			 0);
	assert_int_equal(actor_address_stop(account.address, ACTOR_STOP_DRAIN), 0);
	assert_int_equal(actor_future_await(&future, ACTOR_FOREVER), ACTOR_E_STOPPED);
	release(local, account.address);
}

/* Sent, not called: there is nobody to answer, and everything else is the same. */
static void message_that_was_sent_may_be_answered(void **state)
{
	struct local_fixture *local = *state;
	struct account *account = new_account(10, NULL);
	union account_address address = { NULL };

	assert_int_equal(ACTOR_SPAWN(account, local->spawner, account, NULL, &address), 0);
	assert_int_equal(ACTOR_SEND(local->context, address, withdraw, &(struct withdraw){ 5 }), 0);
	assert_int_equal(ACTOR_SEND(local->context, address, withdraw, &(struct withdraw){ -1 }),
			 0);
	assert_int_equal(ACTOR_SEND(local->context, address, withdraw, &(struct withdraw){ 0 }), 0);
	assert_int_equal(ACTOR_SEND(local->context, address, describe, &(struct describe){ false }),
			 0);
	assert_int_equal(actor_local_run(local->executor), 0);
	assert_int_equal(account->cents, 5);
	assert_int_equal(account->n_lost, 2); /* a balance and a text */
	assert_int_equal(text_n_live(), 0);
	release(local, address.address);
}

/* C-12 */
static void answer_to_a_caller_who_has_gone_is_dropped(void **state)
{
	struct local_fixture *local = *state;
	struct account *account = new_account(10, NULL);
	union account_address address = { NULL };
	struct text text;
	struct actor_future future;

	assert_int_equal(ACTOR_SPAWN(account, local->spawner, account, NULL, &address), 0);
	assert_int_equal(ACTOR_CALL_BEGIN(local->context, &future, address, describe, &text,
					  &(struct describe){ .later = true }),
			 0);
	assert_int_equal(actor_local_run(local->executor), 0);
	actor_future_cancel(&future);
	assert_int_equal(ACTOR_CALL(local->context, address, flush, NULL, &(struct flush){ 0 }), 0);
	assert_int_equal(account->n_lost, 1);
	assert_int_equal(text_n_live(), 0);
	/* the reply is cleared: another answer is lost, too */
	assert_int_equal(ACTOR_CALL(local->context, address, flush, NULL, &(struct flush){ 0 }), 0);
	assert_int_equal(account->n_lost, 2);
	assert_int_equal(text_n_live(), 0);
	release(local, address.address);
}

static struct {
	int status;
	struct balance balance;
	int n_calls;
} asked;

static void take_balance(struct actor_ask *ask, int status, void *value)
{
	(void)ask;
	asked.status = status;
	if (value)
		asked.balance = *(struct balance *)value;
	asked.n_calls++;
}

static void answer_arrives_by_callback(void **state)
{
	struct local_fixture *local = *state;
	union account_address account = spawn_account(local, 10);
	struct actor_ask now, never;

	memset(&asked, 0, sizeof asked);
	assert_int_equal(
		ACTOR_ASK(NULL, &now, account, deposit, take_balance, NULL, &(struct deposit){ 5 }),
		0);
	assert_int_equal(asked.n_calls, 0);
	assert_int_equal(actor_local_run(local->executor), 0);
	assert_int_equal(asked.n_calls, 1);
	assert_int_equal(asked.status, 0);
	assert_int_equal(asked.balance.cents, 15);
	assert_int_equal(ACTOR_ASK(local->context, &never, account, withdraw, take_balance, NULL,
				   &(struct withdraw){ 1000 }),
			 0);
	release(local, account.address);
	assert_int_equal(asked.n_calls, 2);
	assert_int_equal(asked.status, ACTOR_E_STOPPED);
}

static void calls_in_flight_to_several_actors(void **state)
{
	struct local_fixture *local = *state;
	union account_address accounts[3];
	struct balance balances[3];
	struct actor_future futures[3];
	int i;

	for (i = 0; i < 3; i++) {
		accounts[i] = spawn_account(local, 10 * i);
		assert_int_equal(ACTOR_CALL_BEGIN(local->context, &futures[i], accounts[i], deposit,
						  &balances[i], &(struct deposit){ 1 }),
				 0);
	}
	assert_int_equal(actor_future_await_all(futures, 3, ACTOR_FOREVER), 0);
	for (i = 0; i < 3; i++) {
		assert_int_equal(balances[i].cents, 10 * i + 1);
		release(local, accounts[i].address);
	}
}

static void first_of_several_actors(void **state)
{
	struct local_fixture *local = *state;
	union account_address poor = spawn_account(local, 0), rich = spawn_account(local, 100);
	struct balance balances[2];
	struct actor_future futures[2];

	assert_int_equal(ACTOR_CALL_BEGIN(local->context, &futures[0], poor, withdraw, &balances[0],
					  &(struct withdraw){ 60 }),
			 0);
	assert_int_equal(ACTOR_CALL_BEGIN(local->context, &futures[1], rich, withdraw, &balances[1],
					  &(struct withdraw){ 60 }),
			 0);
	assert_int_equal(actor_future_await_any(futures, 2, ACTOR_FOREVER), 1);
	assert_int_equal(balances[1].cents, 40);
	assert_int_equal(futures[0].status, ACTOR_PENDING);
	actor_future_cancel(&futures[0]);
	release(local, poor.address);
	release(local, rich.address);
}

static void call_with_a_deadline(void **state)
{
	struct local_fixture *local = *state;
	union account_address account = spawn_account(local, 0);

	assert_int_equal(ACTOR_CALL_UNTIL(local->context, account, withdraw, NULL,
					  actor_now(local->context) + 1000,
					  &(struct withdraw){ 60 }),
			 ACTOR_E_TIMEOUT);
	assert_int_equal(actor_error(local->context)->code, ACTOR_E_TIMEOUT);
	release(local, account.address);
}

/* Recipients. */

static void recipients_are_addresses(void **state)
{
	(void)state;
	assert_int_equal(sizeof(union account_address), sizeof(struct actor_address *));
	assert_int_equal(sizeof(union deposit_recipient), sizeof(struct actor_address *));
	assert_int_equal(sizeof(union cashier), sizeof(struct actor_address *));
}

/* I-24, I-26 */
static void recipients_lead_to_the_same_actor(void **state)
{
	struct local_fixture *local = *state;
	union account_address account = spawn_account(local, 0);
	union deposit_recipient one = ACTOR_FOR(deposit, account);
	union cashier set = ACTOR_FOR_ALL(cashier, CASHIER_MESSAGES, account);
	union depositor part = ACTOR_FOR_ALL(depositor, DEPOSITOR_MESSAGES, set);
	union deposit_recipient of_part = ACTOR_FOR(deposit, part);
	union deposit_recipient again = ACTOR_FOR(deposit, of_part);
	struct balance balance = { 0 };

	assert_ptr_equal(one.address, account.address);
	assert_ptr_equal(set.address, account.address);
	assert_ptr_equal(part.address, account.address);
	assert_ptr_equal(again.address, account.address);
	assert_int_equal(ACTOR_SEND(local->context, one, deposit, &(struct deposit){ 1 }), 0);
	assert_int_equal(ACTOR_SEND(local->context, set, deposit, &(struct deposit){ 2 }), 0);
	assert_int_equal(ACTOR_TRY_SEND(part, deposit, &(struct deposit){ 4 }), 0);
	assert_int_equal(
		ACTOR_CALL(local->context, again, deposit, &balance, &(struct deposit){ 8 }), 0);
	assert_int_equal(balance.cents, 15);
	release(local, account.address);
}

static void actors_of_different_types_are_recipients_alike(void **state)
{
	struct local_fixture *local = *state;
	union account_address account = spawn_account(local, 0);
	struct teller teller = { .to = ACTOR_FOR_ALL(depositor, DEPOSITOR_MESSAGES, account) };
	union teller_address through = spawn_teller(local, &teller);
	union deposit_recipient both[] = { ACTOR_FOR(deposit, account),
					   ACTOR_FOR(deposit, through) };
	struct balance balance = { 0 };
	size_t i;

	for (i = 0; i < N_ELEMENTS(both); i++) {
		assert_int_equal(ACTOR_CALL(local->context, both[i], deposit, &balance,
					    &(struct deposit){ 5 }),
				 0);
		assert_int_equal(balance.cents, 5 * ((int)i + 1));
	}
	release(local, through.address);
	release(local, account.address);
}

/* I-25 */
static void erased_address_is_asked_back(void **state)
{
	struct local_fixture *local = *state;
	union account_address account = spawn_account(local, 0), found = { NULL };
	struct actor_address *erased = account.address;
	union deposit_recipient one = { NULL };
	union cashier set = { NULL };

	assert_int_equal(account_address_from(erased, &found), 0);
	assert_int_equal(deposit_recipient_from(erased, &one), 0);
	assert_int_equal(cashier_from(erased, &set), 0);
	assert_ptr_equal(found.address, erased);
	assert_ptr_equal(one.address, erased);
	assert_ptr_equal(set.address, erased);
	assert_int_equal(ACTOR_CALL(local->context, found, flush, NULL, &(struct flush){ 0 }), 0);
	release(local, erased);
}

static void erased_address_is_not_what_it_does_not_handle(void **state)
{
	struct local_fixture *local = *state;
	struct teller teller = { { NULL }, { NULL } };
	union teller_address address = spawn_teller(local, &teller);
	struct actor_address *erased = address.address;
	union account_address account = { NULL };
	union withdraw_recipient one = { NULL };
	union note_recipient signal = { NULL };
	union cashier set = { NULL }; /* of which a teller handles one */
	union depositor part = { NULL };

	assert_int_equal(account_address_from(erased, &account), ACTOR_E_UNHANDLED);
	assert_int_equal(withdraw_recipient_from(erased, &one), ACTOR_E_UNHANDLED);
	assert_int_equal(note_recipient_from(erased, &signal), ACTOR_E_UNHANDLED);
	assert_int_equal(cashier_from(erased, &set), ACTOR_E_UNHANDLED);
	assert_null(account.address);
	assert_null(one.address);
	assert_null(signal.address);
	assert_null(set.address);
	assert_int_equal(depositor_from(erased, &part), 0);
	release(local, erased);
}

static void weak_address_is_typed_again(void **state)
{
	struct local_fixture *local = *state;
	union account_address account = spawn_account(local, 0);
	union account_address weak = { actor_address_weak(account.address) };

	assert_true(actor_address_same(weak.address, account.address));
	assert_int_equal(ACTOR_CALL(local->context, weak, flush, NULL, &(struct flush){ 0 }), 0);
	release(local, account.address);
	assert_int_equal(ACTOR_SEND(local->context, weak, flush, &(struct flush){ 0 }),
			 ACTOR_E_CLOSED);
	release(local, weak.address);
}

/* What is evaluated, is evaluated once. */
static int n_evaluated;

static union account_address evaluated(union account_address address)
{
	n_evaluated++;
	return address;
}

static void recipient_is_evaluated_once(void **state)
{
	struct local_fixture *local = *state;
	union account_address account = spawn_account(local, 0);

	n_evaluated = 0;
	assert_int_equal(
		ACTOR_SEND(local->context, evaluated(account), flush, &(struct flush){ 0 }), 0);
	assert_int_equal(
		ACTOR_CALL(local->context, evaluated(account), flush, NULL, &(struct flush){ 0 }),
		0);
	assert_ptr_equal(ACTOR_FOR(flush, evaluated(account)).address, account.address);
	assert_int_equal(n_evaluated, 3);
	release(local, account.address);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LOCAL_TEST(call_returns_what_the_handler_returns),
		LOCAL_TEST(acknowledgement_means_handled),
		LOCAL_TEST(answer_may_be_a_pointer_and_null),
		LOCAL_TEST(owned_answer_is_the_caller_s),
		LOCAL_TEST(unwanted_answer_is_dropped),
		LOCAL_TEST(message_is_moved_and_dropped_by_the_library),
		LOCAL_TEST(handler_keeps_what_it_moves_out),
		LOCAL_TEST(refused_message_stays_with_its_sender),
		LOCAL_TEST(deferred_answer_comes_when_there_is_one),
		LOCAL_TEST(refusal_ends_the_call_with_its_status),
		LOCAL_TEST(reply_that_is_not_taken_is_refused),
		LOCAL_TEST(reply_in_a_destroyed_state_is_refused),
		LOCAL_TEST(message_that_was_sent_may_be_answered),
		LOCAL_TEST(answer_to_a_caller_who_has_gone_is_dropped),
		LOCAL_TEST(answer_arrives_by_callback),
		LOCAL_TEST(calls_in_flight_to_several_actors),
		LOCAL_TEST(first_of_several_actors),
		LOCAL_TEST(call_with_a_deadline),
		cmocka_unit_test(recipients_are_addresses),
		LOCAL_TEST(recipients_lead_to_the_same_actor),
		LOCAL_TEST(actors_of_different_types_are_recipients_alike),
		LOCAL_TEST(erased_address_is_asked_back),
		LOCAL_TEST(erased_address_is_not_what_it_does_not_handle),
		LOCAL_TEST(weak_address_is_typed_again),
		LOCAL_TEST(recipient_is_evaluated_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
