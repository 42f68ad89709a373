/* SPDX-License-Identifier: MIT */

/* forward.h through its typed verbs, with actors that run. */

#include "bank-fixture.h"

/* Owns something, and there can be several owners. */
struct letter {
	struct text text;
};
ACTOR_MESSAGE(letter, int);

static void letter_drop(void *message)
{
	text_drop(&((struct letter *)message)->text);
}

static int letter_copy(void *to, const void *from)
{
	((struct letter *)to)->text = text_of(((const struct letter *)from)->text.chars);
	return ((struct letter *)to)->text.chars ? 0 : ACTOR_E_NOMEM;
}

ACTOR_MESSAGE_DEFINE_WITH_COPY(letter, "test.letter", letter_drop, letter_copy, NULL);

/* An actor in front of an account: passes some things on, with the duty to answer. */
#define FRONT_MESSAGES(CALL, SEND, X)                                                              \
	CALL(X, deposit)                                                                           \
	CALL(X, describe)                                                                          \
	CALL(X, letter)                                                                            \
	SEND(X, note)
ACTOR_DECLARE(front, FRONT_MESSAGES);

struct front {
	union account_address account;
	int status;
	int n_notes;
	int n_letters;
};

static void front_on_deposit(struct front *self, struct deposit *message,
			     struct deposit_pending pending, struct actor_context *context)
{
	self->status = ACTOR_FORWARD(context, self->account, deposit, pending, message);
	if (self->status < 0) { /* message and reply are still ours */
		struct deposit_reply reply = deposit_reply_take(pending);

		deposit_reply_answer(&reply, (struct balance){ -message->cents });
	}
}

static void front_on_describe(struct front *self, struct describe *message,
			      struct describe_pending pending, struct actor_context *context)
{
	self->status = ACTOR_FORWARD_UNTIL(context, self->account, describe, pending,
					   actor_now(context), message);
}

static void front_on_note(struct front *self, struct note *message, struct actor_context *context)
{
	(void)message, (void)context;
	self->n_notes++;
}

static int front_on_letter(struct front *self, struct letter *message,
			   struct actor_context *context)
{
	(void)context;
	self->n_letters += strcmp(message->text.chars, "dear all") == 0;
	return self->n_letters;
}

ACTOR_DEFINE(front, FRONT_MESSAGES, NULL, NULL, NULL);

static union front_address spawn_front(struct local_fixture *local, struct front *front)
{
	union front_address address = { NULL };

	assert_int_equal(ACTOR_SPAWN(front, local->spawner, front, NULL, &address), 0);
	return address;
}

static void the_answer_goes_to_the_original_caller(void **state)
{
	struct local_fixture *local = *state;
	struct front front = { .account = spawn_account(local, 10) };
	union front_address to = spawn_front(local, &front);
	struct balance balance = { 0 };
	struct text text = { NULL };

	assert_int_equal(ACTOR_CALL(local->context, to, deposit, &balance, &(struct deposit){ 5 }),
			 0);
	assert_int_equal(balance.cents, 15);
	assert_int_equal(
		ACTOR_CALL(local->context, to, describe, &text, &(struct describe){ false }), 0);
	assert_string_equal(text.chars, "an account");
	text_drop(&text);
	release(local, to.address);
	release(local, front.account.address);
}

static void what_was_sent_is_forwarded_without_a_reply(void **state)
{
	struct local_fixture *local = *state;
	struct front front = { .account = spawn_account(local, 10) };
	union front_address to = spawn_front(local, &front);
	struct balance balance = { 0 };

	assert_int_equal(ACTOR_SEND(local->context, to, deposit, &(struct deposit){ 5 }), 0);
	assert_int_equal(actor_local_run(local->executor), 0);
	assert_int_equal(front.status, 0);
	assert_int_equal(ACTOR_CALL(local->context, front.account, deposit, &balance,
				    &(struct deposit){ 1 }),
			 0);
	assert_int_equal(balance.cents, 16);
	release(local, to.address);
	release(local, front.account.address);
}

static void what_is_refused_is_answered_by_the_handler(void **state)
{
	struct local_fixture *local = *state;
	struct front front = { .account = spawn_account(local, 10) };
	union front_address to = spawn_front(local, &front);
	struct balance balance = { 0 };

	assert_int_equal(actor_address_stop(front.account.address, ACTOR_STOP_NOW), 0);
	assert_int_equal(ACTOR_CALL(local->context, to, deposit, &balance, &(struct deposit){ 5 }),
			 0);
	assert_int_equal(front.status, ACTOR_E_CLOSED);
	assert_int_equal(balance.cents, -5);
	/* One that leaves the reply where it is. */
	assert_int_equal(
		ACTOR_CALL(local->context, to, describe, NULL, &(struct describe){ false }),
		ACTOR_E_STOPPED);
	release(local, to.address);
	release(local, front.account.address);
}

static int next_deposit(struct actor_context *context, void *user, void *ret_message)
{
	int *n_left = user;

	(void)context;
	if (*n_left == 0)
		return 0;
	((struct deposit *)ret_message)->cents = (*n_left)--;
	return 1;
}

/* More than there is room for at a time. */
static void a_source_is_drained_into_an_actor(void **state)
{
	struct local_fixture *local = *state;
	union account_address account = spawn_account(local, 0);
	struct balance balance = { 0 };
	struct deposit deposit;
	int n_left = 100;

	assert_int_equal(
		ACTOR_DRAIN(local->context, account, deposit, next_deposit, &n_left, &deposit), 0);
	assert_int_equal(
		ACTOR_CALL(local->context, account, deposit, &balance, &(struct deposit){ 0 }), 0);
	assert_int_equal(balance.cents, 5050);
	release(local, account.address);
}

static void a_source_is_drained_as_long_as_there_is_room(void **state)
{
	struct local_fixture *local = *state;
	union account_address account = spawn_account(local, 0);
	struct deposit deposit;
	int n_left = 100;

	assert_int_equal(ACTOR_DRAIN_UNTIL(local->context, account, deposit, next_deposit, &n_left,
					   ACTOR_AT_ONCE, &deposit),
			 ACTOR_E_FULL);
	assert_int_equal(n_left, 100 - ACTOR_DEFAULT_CAPACITY - 1);
	release(local, account.address);
}

/* OD-12, OD-13 */
static void a_list_of_recipients_gets_a_message_each(void **state)
{
	struct local_fixture *local = *state;
	union account_address account = spawn_account(local, 0);
	struct front front = { .account = account };
	union front_address to = spawn_front(local, &front);
	union deposit_recipient list[] = { ACTOR_FOR(deposit, account), ACTOR_FOR(deposit, to) };
	struct balance balance = { 0 };
	size_t n_sent = 0;

	assert_int_equal(ACTOR_SEND_EACH(local->context, list, 2, deposit, ACTOR_EACH_UNTIL_FAILED,
					 ACTOR_FOREVER, &n_sent, &(struct deposit){ 5 }),
			 0);
	assert_int_equal(n_sent, 2);
	assert_int_equal(actor_local_run(local->executor), 0);
	assert_int_equal(
		ACTOR_CALL(local->context, account, deposit, &balance, &(struct deposit){ 0 }), 0);
	assert_int_equal(balance.cents, 10);
	assert_int_equal(actor_address_stop(account.address, ACTOR_STOP_NOW), 0);
	assert_int_equal(ACTOR_SEND_EACH(NULL, list, 2, deposit, ACTOR_EACH_REGARDLESS,
					 ACTOR_AT_ONCE, &n_sent, &(struct deposit){ 5 }),
			 ACTOR_E_CLOSED);
	assert_int_equal(n_sent, 1);
	release(local, to.address);
	release(local, account.address);
}

/* The detail says which of those that failed was the first. */
static void the_first_that_does_not_accept_is_named(void **state)
{
	struct local_fixture *local = *state;
	struct front front = { .account = spawn_account(local, 0) };
	union front_address to = spawn_front(local, &front);
	union deposit_recipient list[] = { ACTOR_FOR(deposit, front.account),
					   ACTOR_FOR(deposit, to) };

	assert_int_equal(actor_address_stop(front.account.address, ACTOR_STOP_NOW), 0);
	assert_int_equal(actor_address_stop(to.address, ACTOR_STOP_NOW), 0);
	assert_int_equal(ACTOR_SEND_EACH(local->context, list, 2, deposit, ACTOR_EACH_REGARDLESS,
					 ACTOR_FOREVER, NULL, &(struct deposit){ 5 }),
			 ACTOR_E_CLOSED);
	assert_string_equal(actor_error(local->context)->actor_type, "account");
	release(local, to.address);
	release(local, front.account.address);
}

static void what_owns_something_is_copied_by_its_function(void **state)
{
	struct local_fixture *local = *state;
	struct front front = { .account = spawn_account(local, 0) };
	union front_address to = spawn_front(local, &front);
	union note_recipient noted[] = { ACTOR_FOR(note, front.account), ACTOR_FOR(note, to) };
	union letter_recipient readers[] = { ACTOR_FOR(letter, to), ACTOR_FOR(letter, to) };
	struct note note = { .text = text_of("rent"), .keep = false };
	struct letter letter = { text_of("dear all") };

	assert_int_equal(ACTOR_SEND_EACH(local->context, noted, 2, note, ACTOR_EACH_UNTIL_FAILED,
					 ACTOR_FOREVER, NULL, &note),
			 0);
	assert_int_equal(ACTOR_SEND_EACH(local->context, readers, 2, letter,
					 ACTOR_EACH_UNTIL_FAILED, ACTOR_FOREVER, NULL, &letter),
			 0);
	assert_int_equal(text_n_live(), 6); /* theirs, and still ours */
	assert_int_equal(actor_local_run(local->executor), 0);
	assert_int_equal(front.n_notes, 1);
	assert_int_equal(front.n_letters, 2);
	assert_int_equal(text_n_live(), 2);
	text_drop(&note.text);
	text_drop(&letter.text);
	release(local, to.address);
	release(local, front.account.address);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LOCAL_TEST(the_answer_goes_to_the_original_caller),
		LOCAL_TEST(what_was_sent_is_forwarded_without_a_reply),
		LOCAL_TEST(what_is_refused_is_answered_by_the_handler),
		LOCAL_TEST(a_source_is_drained_into_an_actor),
		LOCAL_TEST(a_source_is_drained_as_long_as_there_is_room),
		LOCAL_TEST(a_list_of_recipients_gets_a_message_each),
		LOCAL_TEST(the_first_that_does_not_accept_is_named),
		LOCAL_TEST(what_owns_something_is_copied_by_its_function),
	};

	return cmocka_run_group_tests_name("typed-forward", tests, NULL, NULL);
}
