/* SPDX-License-Identifier: MIT */

/* ask.h: the answer arrives by callback. */

#include "fake.h"
#include "parcel.h"
#include "test.h"

static struct {
	struct actor_ask *ask;
	int status;
	struct parcel value;
	int n_calls;
} answer;

static void on_answer(struct actor_ask *ask, int status, void *value)
{
	answer.ask = ask;
	answer.status = status;
	if (value)
		answer.value = *(struct parcel *)value;
	answer.n_calls++;
}

static int set_up(void **state)
{
	static struct fake fake;

	fake_init(&fake);
	memset(&answer, 0, sizeof answer);
	*state = &fake;
	return 0;
}

static void answer_arrives_at_the_callback(void **state)
{
	struct fake *fake = *state;
	int content = 0, user;
	struct parcel question = parcel_of(&content), value = parcel_of(&content);
	struct actor_ask ask;

	assert_int_equal(actor_ask(&fake->context, &ask, &fake->address, &unpack_type, &question,
				   on_answer, &user),
			 0);
	assert_string_equal(fake_trace(fake), "wait-post(test.unpack forever)");
	assert_null(question.content);
	assert_int_equal(answer.n_calls, 0);
	assert_int_equal(actor_reply_deliver(fake->reply, 0, &value), 0);
	assert_int_equal(answer.n_calls, 1);
	assert_ptr_equal(answer.ask, &ask);
	assert_ptr_equal(answer.ask->user, &user);
	assert_int_equal(answer.status, 0);
	assert_ptr_equal(answer.value.content, &content);
}

static void refusal_arrives_without_a_value(void **state)
{
	struct fake *fake = *state;
	int content = 0;
	struct parcel question = parcel_of(&content);
	struct actor_ask ask;

	assert_int_equal(actor_ask(&fake->context, &ask, &fake->address, &unpack_type, &question,
				   on_answer, NULL),
			 0);
	actor_reply_deliver(fake->reply, ACTOR_E_STOPPED, NULL);
	assert_int_equal(answer.n_calls, 1);
	assert_int_equal(answer.status, ACTOR_E_STOPPED);
	assert_null(answer.value.content);
}

static void without_a_context_nothing_waits(void **state)
{
	struct fake *fake = *state;
	int content = 0;
	struct parcel question = parcel_of(&content);
	struct actor_ask ask;

	fake->post.returns[0] = ACTOR_E_FULL;
	assert_int_equal(
		actor_ask(NULL, &ask, &fake->address, &unpack_type, &question, on_answer, NULL),
		ACTOR_E_FULL);
	assert_ptr_equal(question.content, &content);
	assert_int_equal(
		actor_ask(NULL, &ask, &fake->address, &unpack_type, &question, on_answer, NULL), 0);
	assert_null(question.content);
	assert_string_equal(fake_trace(fake), "post(test.unpack) post(test.unpack)");
	assert_null(fake->waiter);
	assert_ptr_equal(fake->reply, &ask.reply);
	assert_int_equal(answer.n_calls, 0);
}

static void question_that_is_not_accepted_is_not_answered(void **state)
{
	static const int refusals[] = {
		ACTOR_E_CLOSED,	  ACTOR_E_UNHANDLED, ACTOR_E_NOMEM,
		ACTOR_E_DEADLOCK, ACTOR_E_CANCELLED, ACTOR_E_NOSUSPEND,
	};
	struct fake *fake = *state;
	int content = 0;
	struct parcel question = parcel_of(&content);
	struct actor_ask ask;
	size_t i;

	for (i = 0; i < N_ELEMENTS(refusals); i++) {
		fake->post.returns[i] = refusals[i];
		assert_int_equal(actor_ask(&fake->context, &ask, &fake->address, &unpack_type,
					   &question, on_answer, NULL),
				 refusals[i]);
		assert_ptr_equal(question.content, &content);
		assert_int_equal(actor_error(&fake->context)->code, refusals[i]);
		assert_string_equal(actor_error(&fake->context)->message_type, "test.unpack");
		assert_string_equal(actor_error(&fake->context)->actor_name, "savings");
	}
	assert_int_equal(answer.n_calls, 0);
	assert_int_equal(content, 1);
}

static void what_cannot_be_encoded_is_explained(void **state)
{
	struct fake *fake = *state;
	int content = 0;
	struct parcel question = parcel_of(&content);
	struct actor_ask ask;

	fake->why = "content: it is alive";
	fake->post.returns[0] = ACTOR_E_ENCODE;
	assert_int_equal(actor_ask(&fake->context, &ask, &fake->address, &unpack_type, &question,
				   on_answer, NULL),
			 ACTOR_E_ENCODE);
	assert_string_equal(actor_error(&fake->context)->text, fake->why);
	assert_ptr_equal(fake->explained, &question);
}

static void message_without_an_answer_is_no_question(void **state)
{
	struct fake *fake = *state;
	struct number number = { 5 };
	struct actor_ask ask;

	assert_int_equal(
		actor_ask(NULL, &ask, &fake->address, &number_type, &number, on_answer, NULL),
		ACTOR_E_INVALID);
	assert_int_equal(actor_ask(&fake->context, &ask, &fake->address, &number_type, &number,
				   on_answer, NULL),
			 ACTOR_E_INVALID);
	assert_string_equal(fake_trace(fake), "");
	assert_int_equal(answer.n_calls, 0);
	assert_int_equal(actor_error(&fake->context)->code, ACTOR_E_INVALID);
	assert_string_equal(actor_error(&fake->context)->message_type, "test.number");
}

/* Its memory is the asker's again as soon as the callback runs: here it asks the next question. */
static struct fake *asking;

static void ask_again(struct actor_ask *ask, int status, void *value)
{
	struct number number = { 6 };

	(void)status, (void)value;
	memset(ask, 0, sizeof *ask);
	answer.n_calls++;
	answer.status = actor_ask(NULL, ask, &asking->address, &count_type, &number, on_answer,
				  NULL);
}

static void callback_may_ask_again(void **state)
{
	struct fake *fake = *state;
	struct number number = { 5 };
	struct actor_ask ask;

	asking = fake;
	assert_int_equal(
		actor_ask(NULL, &ask, &fake->address, &count_type, &number, ask_again, NULL), 0);
	assert_int_equal(actor_reply_deliver(fake->reply, ACTOR_E_STOPPED, NULL), 0);
	assert_int_equal(answer.n_calls, 1);
	assert_int_equal(answer.status, 0);
	assert_int_equal(actor_reply_deliver(fake->reply, ACTOR_E_STOPPED, NULL), 0);
	assert_int_equal(answer.n_calls, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(answer_arrives_at_the_callback, set_up),
		cmocka_unit_test_setup(refusal_arrives_without_a_value, set_up),
		cmocka_unit_test_setup(without_a_context_nothing_waits, set_up),
		cmocka_unit_test_setup(question_that_is_not_accepted_is_not_answered, set_up),
		cmocka_unit_test_setup(what_cannot_be_encoded_is_explained, set_up),
		cmocka_unit_test_setup(message_without_an_answer_is_no_question, set_up),
		cmocka_unit_test_setup(callback_may_ask_again, set_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
