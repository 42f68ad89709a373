/* SPDX-License-Identifier: MIT */

/*
 * call.h: calls and futures, as sequences of operations. Replies are numbered in the order in which
 * they are opened, from 0; all of them must have been closed, and delivered once by the verb itself
 * where no callee has them.
 */

#include "fake.h"
#include "parcel.h"
#include "test.h"

static int set_up(void **state)
{
	static struct fake fake;

	fake_init(&fake);
	*state = &fake;
	return 0;
}

static void assert_error(struct fake *fake, int code, const char *message_type)
{
	const struct actor_error *error = actor_error(&fake->context);

	assert_int_equal(error->code, code);
	assert_int_equal(error->identity.number, code ? 3 : 0);
	assert_string_equal(error->message_type, message_type);
}

static int begin(struct fake *fake, struct actor_future *future, struct number *ret)
{
	struct number number = { 5 };

	return actor_call_begin(&fake->context, future, &fake->address, &count_type, &number, ret);
}

/* What callees do while somebody waits. */
static void answer_first(struct fake *fake)
{
	struct number answer = { 7 };

	fake_deliver(fake, 0, 0, &answer);
}

static void answer_second(struct fake *fake)
{
	struct number answer = { 8 };

	if (!fake->replies[1].delivered)
		fake_deliver(fake, 1, 0, &answer);
}

static void refuse_first(struct fake *fake)
{
	fake_deliver(fake, 0, ACTOR_E_STOPPED, NULL);
}

/* Calls that wait. */

static void call_sends_waits_and_closes(void **state)
{
	struct fake *fake = *state;
	struct number number = { 5 }, answer = { 0 };

	fake->on_await = answer_first;
	assert_int_equal(actor_call(&fake->context, &fake->address, &count_type, &number, &answer),
			 0);
	assert_int_equal(answer.value, 7);
	assert_string_equal(fake_trace(fake),
			    "open(test.count.reply) wait-post(test.count 0 forever) "
			    "await(all 0 forever) deliver(0 0) close(0)");
	assert_ptr_equal(fake->reply, &fake->replies[0].base);
	assert_null(fake->context.scope);
	assert_error(fake, 0, "");
}

static void one_deadline_is_for_acceptance_and_answer(void **state)
{
	struct fake *fake = *state;
	struct number number = { 5 };

	fake->on_await = answer_first;
	assert_int_equal(
		actor_call_until(&fake->context, &fake->address, &count_type, &number, NULL, 5000),
		0);
	assert_string_equal(fake_trace(fake), "open(test.count.reply) wait-post(test.count 0 5000) "
					      "await(all 0 5000) deliver(0 0) close(0)");
}

static void unwanted_answer_is_dropped(void **state)
{
	struct fake *fake = *state;
	int content = 0;
	struct parcel parcel = parcel_of(&content), answer = parcel_of(&content);
	struct actor_future future;

	assert_int_equal(actor_call_begin(&fake->context, &future, &fake->address, &unpack_type,
					  &parcel, NULL),
			 0);
	assert_null(parcel.content);
	assert_int_equal(content, 2);
	fake_deliver(fake, 0, 0, &answer);
	assert_int_equal(actor_future_await(&future, ACTOR_FOREVER), 0);
	assert_int_equal(content, 1); /* the message, which the callee has */
}

static void wanted_answer_is_moved_to_the_caller(void **state)
{
	struct fake *fake = *state;
	int content = 0;
	struct parcel parcel = parcel_of(&content), answer = parcel_of(&content), got = { NULL };
	struct actor_future future;

	assert_int_equal(actor_call_begin(&fake->context, &future, &fake->address, &unpack_type,
					  &parcel, &got),
			 0);
	fake_deliver(fake, 0, 0, &answer);
	assert_int_equal(actor_future_await(&future, ACTOR_FOREVER), 0);
	assert_ptr_equal(got.content, &content);
	assert_int_equal(content, 2);
}

static void call_ends_with_what_the_handler_answered(void **state)
{
	struct fake *fake = *state;
	struct number number = { 5 }, answer = { 0 };

	fake->on_await = refuse_first;
	assert_int_equal(actor_call(&fake->context, &fake->address, &count_type, &number, &answer),
			 ACTOR_E_STOPPED);
	assert_int_equal(answer.value, 0);
	assert_string_equal(fake_trace(fake),
			    "open(test.count.reply) wait-post(test.count 0 forever) "
			    "await(all 0 forever) deliver(0 -1101) close(0)");
	assert_error(fake, ACTOR_E_STOPPED, "test.count");
}

static void call_that_is_not_waited_for_to_the_end_is_closed(void **state)
{
	static const int ends[] = {
		ACTOR_E_TIMEOUT,
		ACTOR_E_CANCELLED,
		ACTOR_E_DEADLOCK,
		ACTOR_E_NOSUSPEND,
	};
	size_t i;

	for (i = 0; i < N_ELEMENTS(ends); i++) {
		struct fake *fake = *state;
		struct number number = { 5 }, answer = { 0 };

		fake_init(fake);
		fake->await.returns[0] = ends[i];
		assert_int_equal(actor_call_until(&fake->context, &fake->address, &count_type,
						  &number, &answer, 5000),
				 ends[i]);
		assert_int_equal(answer.value, 0);
		assert_string_equal(fake_trace(fake),
				    "open(test.count.reply) wait-post(test.count 0 5000) "
				    "await(all 0 5000) close(0)");
		assert_null(fake->context.scope);
		assert_error(fake, ends[i], "test.count");
	}
}

/* The answer arrived after the wait had given up, and before the reply was closed. */
static void answer_in_the_last_moment_counts(void **state)
{
	struct fake *fake = *state;
	struct number number = { 5 }, answer = { 0 };

	fake->on_await = answer_first;
	fake->await.returns[0] = ACTOR_E_TIMEOUT;
	assert_int_equal(actor_call_until(&fake->context, &fake->address, &count_type, &number,
					  &answer, 5000),
			 0);
	assert_int_equal(answer.value, 7);
	assert_error(fake, 0, "");
}

static void call_that_is_not_accepted_leaves_the_message(void **state)
{
	static const int refusals[] = {
		ACTOR_E_FULL,	   ACTOR_E_CLOSED,   ACTOR_E_UNHANDLED, ACTOR_E_NOMEM,
		ACTOR_E_CANCELLED, ACTOR_E_DEADLOCK, ACTOR_E_NOSUSPEND,
	};
	size_t i;

	for (i = 0; i < N_ELEMENTS(refusals); i++) {
		struct fake *fake = *state;
		int content = 0;
		struct parcel parcel = parcel_of(&content), answer = { NULL };

		fake_init(fake);
		fake->post.returns[0] = refusals[i];
		assert_int_equal(
			actor_call(&fake->context, &fake->address, &unpack_type, &parcel, &answer),
			refusals[i]);
		assert_ptr_equal(parcel.content, &content);
		assert_null(answer.content);
		/* nobody else has the callee's half: both are given back */
		assert_true(fake->replies[0].delivered && fake->replies[0].closed);
		assert_null(strstr(fake_trace(fake), "AGAIN"));
		assert_error(fake, refusals[i], "test.unpack");
	}
}

static void what_cannot_be_encoded_is_explained(void **state)
{
	struct fake *fake = *state;
	struct actor_future future;
	int content = 0;
	struct parcel parcel = parcel_of(&content);

	fake->why = "content: it is alive";
	fake->post.returns[0] = fake->post.returns[1] = ACTOR_E_ENCODE;
	assert_int_equal(actor_call(&fake->context, &fake->address, &unpack_type, &parcel, NULL),
			 ACTOR_E_ENCODE);
	assert_string_equal(actor_error(&fake->context)->text, fake->why);
	assert_ptr_equal(fake->explained, &parcel);
	fake->error.text[0] = '\0';
	assert_int_equal(actor_call_begin(&fake->context, &future, &fake->address, &unpack_type,
					  &parcel, NULL),
			 ACTOR_E_ENCODE);
	assert_string_equal(actor_error(&fake->context)->text, fake->why);
}

static void call_without_memory_for_the_reply_sends_nothing(void **state)
{
	struct fake *fake = *state;
	int content = 0;
	struct parcel parcel = parcel_of(&content);

	fake->reply_open.returns[0] = ACTOR_E_NOMEM;
	assert_int_equal(actor_call(&fake->context, &fake->address, &unpack_type, &parcel, NULL),
			 ACTOR_E_NOMEM);
	assert_string_equal(fake_trace(fake), "open(test.unpack.reply)");
	assert_ptr_equal(parcel.content, &content);
	assert_error(fake, ACTOR_E_NOMEM, "test.unpack");
}

static void message_without_an_answer_cannot_be_called(void **state)
{
	struct fake *fake = *state;
	struct number number = { 5 };
	struct actor_future future;

	assert_int_equal(actor_call(&fake->context, &fake->address, &number_type, &number, NULL),
			 ACTOR_E_INVALID);
	assert_error(fake, ACTOR_E_INVALID, "test.number");
	assert_int_equal(actor_call_begin(&fake->context, &future, &fake->address, &number_type,
					  &number, NULL),
			 ACTOR_E_INVALID);
	assert_int_equal(future.status, ACTOR_E_INVALID);
	assert_string_equal(fake_trace(fake), "");
}

/* Calls in flight. */

static void future_begins_pending(void **state)
{
	struct fake *fake = *state;
	struct number number = { 5 }, answer = { 0 };
	struct actor_future future;

	assert_int_equal(actor_call_begin_until(&fake->context, &future, &fake->address,
						&count_type, &number, &answer, 5000),
			 0);
	assert_int_equal(future.status, ACTOR_PENDING);
	assert_string_equal(fake_trace(fake),
			    "open(test.count.reply) wait-post(test.count 0 5000)");
	assert_ptr_equal(fake->context.scope, &future.cleanup);
	actor_future_cancel(&future);
}

static void future_that_could_not_begin_has_ended(void **state)
{
	struct fake *fake = *state;
	struct actor_future future;

	fake->post.returns[0] = ACTOR_E_CLOSED;
	assert_int_equal(begin(fake, &future, NULL), ACTOR_E_CLOSED);
	assert_string_equal(fake_trace(fake),
			    "open(test.count.reply) wait-post(test.count 0 forever) "
			    "deliver(0 -1002) close(0)");
	assert_int_equal(future.status, ACTOR_E_CLOSED);
	assert_null(fake->context.scope);
	assert_error(fake, ACTOR_E_CLOSED, "test.count");
	assert_int_equal(actor_future_await(&future, ACTOR_FOREVER), ACTOR_E_CLOSED);
	actor_future_cancel(&future);
	assert_string_equal(fake_trace(fake), "");
}

static void future_ends_once(void **state)
{
	struct fake *fake = *state;
	struct number answer = { 0 };
	struct actor_future future;

	assert_int_equal(begin(fake, &future, &answer), 0);
	fake_trace(fake);
	fake->on_await = answer_first;
	assert_int_equal(actor_future_await(&future, 5000), 0);
	assert_int_equal(future.status, 0);
	assert_int_equal(answer.value, 7);
	assert_string_equal(fake_trace(fake), "await(all 0 5000) deliver(0 0) close(0)");
	assert_null(fake->context.scope);
	assert_int_equal(actor_future_await(&future, 5000), 0);
	actor_future_cancel(&future);
	assert_int_equal(future.status, 0);
	assert_string_equal(fake_trace(fake), "");
}

static void future_may_end_with_an_error(void **state)
{
	struct fake *fake = *state;
	struct actor_future future;

	assert_int_equal(begin(fake, &future, NULL), 0);
	fake->on_await = refuse_first;
	assert_int_equal(actor_future_await(&future, ACTOR_FOREVER), ACTOR_E_STOPPED);
	assert_int_equal(future.status, ACTOR_E_STOPPED);
	assert_error(fake, ACTOR_E_STOPPED, "test.count");
	fake_trace(fake);
	assert_int_equal(actor_future_await(&future, ACTOR_FOREVER), ACTOR_E_STOPPED);
	assert_string_equal(fake_trace(fake), "");
}

static void future_is_still_pending_when_the_wait_ends_early(void **state)
{
	static const int ends[] = {
		ACTOR_E_TIMEOUT,
		ACTOR_E_CANCELLED,
		ACTOR_E_DEADLOCK,
		ACTOR_E_NOSUSPEND,
	};
	struct fake *fake = *state;
	struct number answer = { 0 };
	struct actor_future future;
	size_t i;

	assert_int_equal(begin(fake, &future, &answer), 0);
	fake_trace(fake);
	for (i = 0; i < N_ELEMENTS(ends); i++) {
		fake->await.returns[i] = ends[i];
		assert_int_equal(actor_future_await(&future, ACTOR_AT_ONCE), ends[i]);
		assert_int_equal(future.status, ACTOR_PENDING);
		assert_error(fake, ends[i], "test.count");
		assert_string_equal(fake_trace(fake), "await(all 0 at-once)");
	}
	fake->on_await = answer_first;
	assert_int_equal(actor_future_await(&future, ACTOR_FOREVER), 0);
	assert_int_equal(answer.value, 7);
}

static void cancelled_future_is_abandoned(void **state)
{
	struct fake *fake = *state;
	int content = 0;
	struct parcel parcel = parcel_of(&content), late = parcel_of(&content);
	struct actor_future future;

	assert_int_equal(actor_call_begin(&fake->context, &future, &fake->address, &unpack_type,
					  &parcel, NULL),
			 0);
	fake_trace(fake);
	actor_future_cancel(&future);
	assert_string_equal(fake_trace(fake), "close(0)");
	assert_int_equal(future.status, ACTOR_E_ABANDONED);
	assert_null(future.reply);
	assert_null(fake->context.scope);
	assert_int_equal(actor_future_await(&future, ACTOR_FOREVER), ACTOR_E_ABANDONED);
	actor_future_cancel(&future);
	assert_string_equal(fake_trace(fake), "");
	/* C-12: what comes later is dropped, and whoever brings it learns it */
	assert_int_equal(fake_deliver(fake, 0, 0, &late), ACTOR_E_ABANDONED);
	assert_int_equal(content, 1);
}

/* A failure abandons the frame that the futures live in. */
static void failure_closes_what_is_in_flight(void **state)
{
	struct fake *fake = *state;
	struct number answer;
	struct actor_future futures[3];

	assert_int_equal(begin(fake, &futures[0], NULL), 0);
	assert_int_equal(begin(fake, &futures[1], &answer), 0);
	assert_int_equal(begin(fake, &futures[2], NULL), 0);
	answer_second(fake);
	assert_int_equal(actor_future_await(&futures[1], ACTOR_FOREVER), 0);
	fake_trace(fake);
	actor_unwind(&fake->context);
	assert_string_equal(fake_trace(fake), "close(2) close(0)");
	assert_null(fake->context.scope);
}

/* Several calls in flight. */

static void begin_all(struct fake *fake, struct actor_future *futures, struct number *answers,
		      size_t n_futures)
{
	size_t i;

	for (i = 0; i < n_futures; i++)
		assert_int_equal(begin(fake, &futures[i], &answers[i]), 0);
	fake_trace(fake);
}

static void assert_all_closed(struct fake *fake)
{
	size_t i;

	for (i = 0; i < fake->n_replies; i++)
		assert_true(fake->replies[i].closed);
	assert_null(strstr(fake_trace(fake), "AGAIN"));
	assert_null(fake->context.scope);
}

static void answer_all(struct fake *fake)
{
	size_t i;

	for (i = 0; i < fake->n_replies; i++)
		if (!fake->replies[i].delivered)
			fake_deliver(fake, i, 0, &(struct number){ 7 + (int)i });
}

static void all_are_awaited_together(void **state)
{
	struct fake *fake = *state;
	struct actor_future futures[3];
	struct number answers[3];
	int i;

	begin_all(fake, futures, answers, 3);
	fake->on_await = answer_all;
	assert_int_equal(actor_future_await_all(futures, 3, 5000), 0);
	assert_memory_equal(fake_trace(fake), "await(all 0 1 2 5000) ", 22);
	for (i = 0; i < 3; i++) {
		assert_int_equal(futures[i].status, 0);
		assert_int_equal(answers[i].value, 7 + i);
	}
	assert_all_closed(fake);
	assert_error(fake, 0, "");
}

static void none_to_await_is_no_error(void **state)
{
	struct fake *fake = *state;
	struct actor_future none;

	assert_int_equal(actor_future_await_all(&none, 0, ACTOR_FOREVER), 0);
	assert_int_equal(actor_future_await_any(&none, 0, ACTOR_FOREVER), ACTOR_E_INVALID);
	assert_string_equal(fake_trace(fake), "");
}

/* Those that have ended are no longer waited for. */
static void ended_futures_are_passed_over(void **state)
{
	struct fake *fake = *state;
	struct actor_future futures[3];
	struct number answers[3];

	begin_all(fake, futures, answers, 3);
	answer_second(fake);
	assert_int_equal(actor_future_await(&futures[1], ACTOR_FOREVER), 0);
	fake_trace(fake);
	fake->on_await = answer_all;
	assert_int_equal(actor_future_await_all(futures, 3, 5000), 0);
	assert_memory_equal(fake_trace(fake), "await(all 0 -1 2 5000) ", 23);
	assert_all_closed(fake);
}

static void fail_first_and_third(struct fake *fake)
{
	if (!fake->replies[0].delivered)
		fake_deliver(fake, 0, ACTOR_E_STOPPED, NULL);
	answer_second(fake);
	if (!fake->replies[2].delivered)
		fake_deliver(fake, 2, ACTOR_E_NOMEM, NULL);
}

/* All end, whatever becomes of each; the first error is returned, and is the one with the detail.
 */
static void first_error_of_all_is_returned(void **state)
{
	struct fake *fake = *state;
	struct actor_future futures[3];
	struct number answers[3];

	begin_all(fake, futures, answers, 3);
	fake->on_await = fail_first_and_third;
	assert_int_equal(actor_future_await_all(futures, 3, ACTOR_FOREVER), ACTOR_E_STOPPED);
	assert_int_equal(futures[0].status, ACTOR_E_STOPPED);
	assert_int_equal(futures[1].status, 0);
	assert_int_equal(futures[2].status, ACTOR_E_NOMEM);
	assert_all_closed(fake);
	assert_error(fake, ACTOR_E_STOPPED, "test.count");
}

/* Also when it had ended so before, and something else has failed since. */
static void earlier_error_is_the_detail_again(void **state)
{
	struct fake *fake = *state;
	struct actor_future futures[2];
	struct number answers[2], number = { 5 };

	begin_all(fake, futures, answers, 2);
	fake->on_await = refuse_first;
	assert_int_equal(actor_future_await(&futures[0], ACTOR_FOREVER), ACTOR_E_STOPPED);
	fake->post.returns[fake->post.n_calls] = ACTOR_E_CLOSED;
	assert_int_equal(actor_send(&fake->context, &fake->address, &number_type, &number),
			 ACTOR_E_CLOSED);
	fake->on_await = answer_second;
	assert_int_equal(actor_future_await_all(futures, 2, ACTOR_FOREVER), ACTOR_E_STOPPED);
	assert_error(fake, ACTOR_E_STOPPED, "test.count");
}

/* What is there is taken; why the rest is not is what is returned, and is the detail. */
static void wait_for_all_may_end_early(void **state)
{
	static const int ends[] = {
		ACTOR_E_TIMEOUT,
		ACTOR_E_CANCELLED,
		ACTOR_E_DEADLOCK,
		ACTOR_E_NOSUSPEND,
	};
	size_t i;

	for (i = 0; i < N_ELEMENTS(ends); i++) {
		struct fake *fake = *state;
		struct actor_future futures[2];
		struct number answers[2];

		fake_init(fake);
		begin_all(fake, futures, answers, 2);
		fake->on_await = answer_second;
		fake->await.returns[0] = ends[i];	  /* both */
		fake->await.returns[1] = ACTOR_E_TIMEOUT; /* a look at the first */
		assert_int_equal(actor_future_await_all(futures, 2, 5000), ends[i]);
		assert_int_equal(futures[0].status, ACTOR_PENDING);
		assert_int_equal(futures[1].status, 0);
		assert_int_equal(answers[1].value, 8);
		assert_error(fake, ends[i], "test.count");
		actor_future_cancel(&futures[0]);
		assert_all_closed(fake);
	}
}

/* The last answer arrived after the wait had given up, and before it was looked at. */
static void all_answered_in_the_last_moment_is_success(void **state)
{
	struct fake *fake = *state;
	struct actor_future futures[2];
	struct number answers[2];

	begin_all(fake, futures, answers, 2);
	fake->on_await = answer_all;
	fake->await.returns[0] = ACTOR_E_TIMEOUT;
	assert_int_equal(actor_future_await_all(futures, 2, 5000), 0);
	assert_int_equal(futures[0].status, 0);
	assert_int_equal(futures[1].status, 0);
	assert_all_closed(fake);
}

static void first_of_any_is_taken(void **state)
{
	struct fake *fake = *state;
	struct actor_future futures[3];
	struct number answers[3] = { { 0 } };

	begin_all(fake, futures, answers, 3);
	fake->on_await = answer_second;
	fake->await.returns[0] = 1;
	assert_int_equal(actor_future_await_any(futures, 3, 5000), 1);
	assert_string_equal(fake_trace(fake), "await(any 0 1 2 5000) deliver(1 0) close(1)");
	assert_int_equal(futures[1].status, 0);
	assert_int_equal(answers[1].value, 8);
	assert_int_equal(futures[0].status, ACTOR_PENDING);
	assert_int_equal(futures[2].status, ACTOR_PENDING);

	/* and the first of the others */
	fake->await.returns[1] = 0;
	fake->on_await = refuse_first;
	assert_int_equal(actor_future_await_any(futures, 3, 5000), 0);
	assert_string_equal(fake_trace(fake), "await(any 0 -1 2 5000) deliver(0 -1101) close(0)");
	assert_int_equal(futures[0].status, ACTOR_E_STOPPED);
	actor_future_cancel(&futures[2]);
	assert_all_closed(fake);
}

static void wait_for_any_may_end_early(void **state)
{
	struct fake *fake = *state;
	struct actor_future futures[2];
	struct number answers[2];

	begin_all(fake, futures, answers, 2);
	fake->await.returns[0] = ACTOR_E_TIMEOUT;
	assert_int_equal(actor_future_await_any(futures, 2, 5000), ACTOR_E_TIMEOUT);
	assert_string_equal(fake_trace(fake), "await(any 0 1 5000)");
	assert_int_equal(futures[0].status, ACTOR_PENDING);
	assert_int_equal(futures[1].status, ACTOR_PENDING);
	assert_error(fake, ACTOR_E_TIMEOUT, "test.count");
	actor_future_cancel(&futures[0]);
	actor_future_cancel(&futures[1]);
	assert_all_closed(fake);
}

static void none_pending_is_no_wait_for_any(void **state)
{
	struct fake *fake = *state;
	struct actor_future futures[2];
	struct number answers[2];

	begin_all(fake, futures, answers, 2);
	actor_future_cancel(&futures[0]);
	actor_future_cancel(&futures[1]);
	fake_trace(fake);
	assert_int_equal(actor_future_await_any(futures, 2, ACTOR_FOREVER), ACTOR_E_INVALID);
	assert_string_equal(fake_trace(fake), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(call_sends_waits_and_closes, set_up),
		cmocka_unit_test_setup(one_deadline_is_for_acceptance_and_answer, set_up),
		cmocka_unit_test_setup(unwanted_answer_is_dropped, set_up),
		cmocka_unit_test_setup(wanted_answer_is_moved_to_the_caller, set_up),
		cmocka_unit_test_setup(call_ends_with_what_the_handler_answered, set_up),
		cmocka_unit_test_setup(call_that_is_not_waited_for_to_the_end_is_closed, set_up),
		cmocka_unit_test_setup(answer_in_the_last_moment_counts, set_up),
		cmocka_unit_test_setup(call_that_is_not_accepted_leaves_the_message, set_up),
		cmocka_unit_test_setup(what_cannot_be_encoded_is_explained, set_up),
		cmocka_unit_test_setup(call_without_memory_for_the_reply_sends_nothing, set_up),
		cmocka_unit_test_setup(message_without_an_answer_cannot_be_called, set_up),
		cmocka_unit_test_setup(future_begins_pending, set_up),
		cmocka_unit_test_setup(future_that_could_not_begin_has_ended, set_up),
		cmocka_unit_test_setup(future_ends_once, set_up),
		cmocka_unit_test_setup(future_may_end_with_an_error, set_up),
		cmocka_unit_test_setup(future_is_still_pending_when_the_wait_ends_early, set_up),
		cmocka_unit_test_setup(cancelled_future_is_abandoned, set_up),
		cmocka_unit_test_setup(failure_closes_what_is_in_flight, set_up),
		cmocka_unit_test_setup(all_are_awaited_together, set_up),
		cmocka_unit_test_setup(none_to_await_is_no_error, set_up),
		cmocka_unit_test_setup(ended_futures_are_passed_over, set_up),
		cmocka_unit_test_setup(first_error_of_all_is_returned, set_up),
		cmocka_unit_test_setup(earlier_error_is_the_detail_again, set_up),
		cmocka_unit_test_setup(wait_for_all_may_end_early, set_up),
		cmocka_unit_test_setup(all_answered_in_the_last_moment_is_success, set_up),
		cmocka_unit_test_setup(first_of_any_is_taken, set_up),
		cmocka_unit_test_setup(wait_for_any_may_end_early, set_up),
		cmocka_unit_test_setup(none_pending_is_no_wait_for_any, set_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
