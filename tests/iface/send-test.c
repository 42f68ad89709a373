/* SPDX-License-Identifier: MIT */

/* send.h: the verbs that send, as sequences of operations. */

#include "fake.h"
#include "parcel.h"
#include "test.h"

static const int refusals[] = {
	ACTOR_E_FULL,	   ACTOR_E_CLOSED,   ACTOR_E_UNHANDLED, ACTOR_E_NOMEM,
	ACTOR_E_CANCELLED, ACTOR_E_DEADLOCK, ACTOR_E_NOSUSPEND,
};

static int set_up(void **state)
{
	static struct fake fake;

	fake_init(&fake);
	*state = &fake;
	return 0;
}

static void assert_error_is_about_parcel(struct fake *fake, int code)
{
	const struct actor_error *error = actor_error(&fake->context);

	assert_int_equal(error->code, code);
	assert_int_equal(error->identity.number, 3);
	assert_string_equal(error->actor_name, "savings");
	assert_string_equal(error->actor_type, "account");
	assert_string_equal(error->message_type, "test.parcel");
}

static void trying_needs_no_context(void **state)
{
	struct fake *fake = *state;
	int content = 0;
	struct parcel parcel = parcel_of(&content);

	fake->post.returns[0] = ACTOR_E_FULL;
	assert_int_equal(actor_try_send(&fake->address, &parcel_type, &parcel), ACTOR_E_FULL);
	assert_ptr_equal(parcel.content, &content);
	assert_int_equal(actor_try_send(&fake->address, &parcel_type, &parcel), 0);
	assert_null(parcel.content);
	assert_string_equal(fake_trace(fake), "post(test.parcel) post(test.parcel)");
	assert_null(fake->reply);
	assert_null(fake->waiter);
	assert_int_equal(fake->error.code, 0);
}

static void sending_waits_forever(void **state)
{
	struct fake *fake = *state;
	int content = 0;
	struct parcel parcel = parcel_of(&content);

	assert_int_equal(actor_send(&fake->context, &fake->address, &parcel_type, &parcel), 0);
	assert_string_equal(fake_trace(fake), "wait-post(test.parcel forever)");
	assert_null(fake->reply);
	assert_null(parcel.content);
	assert_int_equal(fake->error.code, 0);
}

static void sending_waits_until_a_deadline(void **state)
{
	struct fake *fake = *state;
	struct number number = { 5 };

	assert_int_equal(
		actor_send_until(&fake->context, &fake->address, &number_type, &number, 5000), 0);
	assert_int_equal(actor_send_until(&fake->context, &fake->address, &number_type, &number,
					  ACTOR_AT_ONCE),
			 0);
	assert_string_equal(fake_trace(fake),
			    "wait-post(test.number 5000) wait-post(test.number at-once)");
}

static void failed_send_leaves_the_message_and_tells_why(void **state)
{
	struct fake *fake = *state;
	int content = 0;
	struct parcel parcel = parcel_of(&content);
	size_t i;

	for (i = 0; i < N_ELEMENTS(refusals); i++) {
		fake->post.returns[i] = refusals[i];
		assert_int_equal(actor_send(&fake->context, &fake->address, &parcel_type, &parcel),
				 refusals[i]);
		assert_ptr_equal(parcel.content, &content);
		assert_error_is_about_parcel(fake, refusals[i]);
	}
	assert_int_equal(content, 1);
}

/* By all that send, and of the message that was refused. */
static void what_cannot_be_encoded_is_explained(void **state)
{
	struct fake *fake = *state;
	int content = 0;
	struct parcel parcel = parcel_of(&content);

	fake->why = "content: it is alive";
	for (size_t i = 0; i < 3; i++)
		fake->post.returns[i] = i < 2 ? ACTOR_E_ENCODE : ACTOR_E_CLOSED;
	assert_int_equal(actor_send(&fake->context, &fake->address, &parcel_type, &parcel),
			 ACTOR_E_ENCODE);
	assert_error_is_about_parcel(fake, ACTOR_E_ENCODE);
	assert_string_equal(actor_error(&fake->context)->text, "content: it is alive");
	assert_ptr_equal(fake->explained, &parcel);
	fake->error.text[0] = '\0';
	assert_int_equal(
		actor_retry_send(&fake->context, &fake->address, &parcel_type, &parcel, 3, 10),
		ACTOR_E_ENCODE);
	assert_string_equal(actor_error(&fake->context)->text, "content: it is alive");
	assert_int_equal(actor_send(&fake->context, &fake->address, &parcel_type, &parcel),
			 ACTOR_E_CLOSED);
	assert_string_equal(actor_error(&fake->context)->text, "");
	assert_string_equal(fake_trace(fake), "wait-post(test.parcel forever) explain(test.parcel) "
					      "post(test.parcel) explain(test.parcel) "
					      "wait-post(test.parcel forever)");
}

static void success_leaves_the_last_error(void **state)
{
	struct fake *fake = *state;
	int content = 0;
	struct parcel parcel = parcel_of(&content);
	struct number number = { 5 };

	fake->post.returns[0] = ACTOR_E_CLOSED;
	assert_int_equal(actor_send(&fake->context, &fake->address, &parcel_type, &parcel),
			 ACTOR_E_CLOSED);
	assert_int_equal(actor_send(&fake->context, &fake->address, &number_type, &number), 0);
	assert_error_is_about_parcel(fake, ACTOR_E_CLOSED);
}

static void let_time_pass(struct fake *fake)
{
	fake->now += 100;
}

static void retrying_sleeps_between_attempts(void **state)
{
	struct fake *fake = *state;
	int content = 0;
	struct parcel parcel = parcel_of(&content);

	fake->on_await = let_time_pass;
	fake->post.returns[0] = fake->post.returns[1] = ACTOR_E_FULL;
	fake->await.returns[0] = fake->await.returns[1] = ACTOR_E_TIMEOUT;
	assert_int_equal(
		actor_retry_send(&fake->context, &fake->address, &parcel_type, &parcel, 3, 10), 0);
	assert_string_equal(fake_trace(fake), "post(test.parcel) await(any 1010) "
					      "post(test.parcel) await(any 1110) "
					      "post(test.parcel)");
	assert_null(parcel.content);
	assert_null(fake->waiter); /* never stands in line */
	assert_int_equal(fake->error.code, 0);
}

static void a_delay_beyond_all_time_ends_there(void **state)
{
	static const struct {
		int64_t now, delay;
		const char *trace;
	} delays[] = {
		{ 1000, INT64_MAX, "forever" },
		{ 1000, INT64_MAX - 1000, "forever" },
		{ 1000, INT64_MAX - 1001, "9223372036854775806" },
		{ 1000, 0, "1000" },
		{ 1000, -1, "1000" },
		{ -1000, INT64_MIN, "-1000" },
		{ -1000, INT64_MAX, "forever" },
	};
	struct fake *fake = *state;
	struct number number = { 5 };
	char trace[100];
	size_t i;

	for (i = 0; i < N_ELEMENTS(delays); i++) {
		fake_init(fake);
		fake->now = delays[i].now;
		fake->post.returns[0] = ACTOR_E_FULL;
		fake->await.returns[0] = ACTOR_E_TIMEOUT;
		assert_int_equal(actor_retry_send(&fake->context, &fake->address, &number_type,
						  &number, 2, delays[i].delay),
				 0);
		snprintf(trace, sizeof trace, "post(test.number) await(any %s) post(test.number)",
			 delays[i].trace);
		assert_string_equal(fake_trace(fake), trace);
	}
}

static void retrying_ends_with_the_last_attempt(void **state)
{
	struct fake *fake = *state;
	int content = 0;
	struct parcel parcel = parcel_of(&content);

	fake->post.returns[0] = fake->post.returns[1] = ACTOR_E_FULL;
	fake->await.returns[0] = ACTOR_E_TIMEOUT;
	assert_int_equal(
		actor_retry_send(&fake->context, &fake->address, &parcel_type, &parcel, 2, 10),
		ACTOR_E_FULL);
	assert_string_equal(fake_trace(fake),
			    "post(test.parcel) await(any 1010) post(test.parcel)");
	assert_ptr_equal(parcel.content, &content);
	assert_error_is_about_parcel(fake, ACTOR_E_FULL);
}

static void only_a_full_mailbox_is_tried_again(void **state)
{
	struct fake *fake = *state;
	int content = 0;
	struct parcel parcel = parcel_of(&content);
	size_t i;

	for (i = 1; i < 4; i++) {
		fake->post.returns[i - 1] = refusals[i];
		assert_int_equal(actor_retry_send(&fake->context, &fake->address, &parcel_type,
						  &parcel, 5, 10),
				 refusals[i]);
		assert_string_equal(fake_trace(fake), "post(test.parcel)");
		assert_ptr_equal(parcel.content, &content);
		assert_error_is_about_parcel(fake, refusals[i]);
	}
}

static void cancelled_while_retrying(void **state)
{
	struct fake *fake = *state;
	int content = 0;
	struct parcel parcel = parcel_of(&content);

	fake->post.returns[0] = ACTOR_E_FULL;
	fake->await.returns[0] = ACTOR_E_CANCELLED;
	assert_int_equal(
		actor_retry_send(&fake->context, &fake->address, &parcel_type, &parcel, 5, 10),
		ACTOR_E_CANCELLED);
	assert_string_equal(fake_trace(fake), "post(test.parcel) await(any 1010)");
	assert_ptr_equal(parcel.content, &content);
	assert_error_is_about_parcel(fake, ACTOR_E_CANCELLED);
}

static void no_attempt_makes_no_sense(void **state)
{
	struct fake *fake = *state;
	int content = 0;
	struct parcel parcel = parcel_of(&content);

	assert_int_equal(
		actor_retry_send(&fake->context, &fake->address, &parcel_type, &parcel, 0, 10),
		ACTOR_E_INVALID);
	assert_string_equal(fake_trace(fake), "");
	assert_ptr_equal(parcel.content, &content);
	assert_error_is_about_parcel(fake, ACTOR_E_INVALID);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(trying_needs_no_context, set_up),
		cmocka_unit_test_setup(sending_waits_forever, set_up),
		cmocka_unit_test_setup(sending_waits_until_a_deadline, set_up),
		cmocka_unit_test_setup(failed_send_leaves_the_message_and_tells_why, set_up),
		cmocka_unit_test_setup(what_cannot_be_encoded_is_explained, set_up),
		cmocka_unit_test_setup(success_leaves_the_last_error, set_up),
		cmocka_unit_test_setup(retrying_sleeps_between_attempts, set_up),
		cmocka_unit_test_setup(a_delay_beyond_all_time_ends_there, set_up),
		cmocka_unit_test_setup(retrying_ends_with_the_last_attempt, set_up),
		cmocka_unit_test_setup(only_a_full_mailbox_is_tried_again, set_up),
		cmocka_unit_test_setup(cancelled_while_retrying, set_up),
		cmocka_unit_test_setup(no_attempt_makes_no_sense, set_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
