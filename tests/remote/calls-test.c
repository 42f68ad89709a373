/* SPDX-License-Identifier: MIT */

/* Calls that go out: every one ends, with an answer or with an error. */

#include "peer-fixture.h"

#include "peer.h"

#include <stdlib.h>

#define SECOND INT64_C(1000000000)

/* What a side writes for an error of this kind, as a payload in hexadecimal digits. */
static void error_to_left(uint64_t call, const struct actor_wire_error *error)
{
	const struct actor_wire_format *format = actor_cbor_format();
	struct actor_bytes bytes;

	actor_bytes_init(&bytes, NULL, 0, SIZE_MAX);
	format->ops->begin(format, &bytes, ACTOR_SERVICE_ERROR, call);
	assert_int_equal(format->ops->encode_error(format, error, &bytes), 0);
	format->ops->end(format, &bytes, 0);
	stranger_write(bytes.data, bytes.n);
	actor_bytes_deinit(&bytes);
}

/* ---- what the other side says */

/* E-13, E-14, E-21, P-19, RA-04: whoever called learns it, and nobody else. */
static void an_error_ends_its_call(void)
{
	static const struct {
		enum actor_wire_error_kind kind;
		int status;
	} cases[] = {
		{ ACTOR_WIRE_DESERIALIZE, ACTOR_E_REMOTE_DECODE },
		{ ACTOR_WIRE_INTERNAL_SERVER_ERROR, ACTOR_E_REMOTE_FAILED },
		{ ACTOR_WIRE_TIMEOUT, ACTOR_E_TIMEOUT },
		{ ACTOR_WIRE_UNKNOWN_SERVICE, ACTOR_E_REMOTE_UNKNOWN_SERVICE },
		{ ACTOR_WIRE_PUB_SUB_NO_CALL, ACTOR_E_REMOTE_NO_CALLS },
	};
	struct caller caller, other;

	connect_stranger(NULL);
	begin_add(&other, &left, 1);
	for (uint64_t i = 0; i < N_ELEMENTS(cases); i++) {
		const struct actor_wire_error error = {
			.kind = cases[i].kind,
			.has_service = true,
			.service = ADD_ID,
			.has_call = true,
			.call = 2 + i,
		};

		begin_add(&caller, &left, 1);
		error_to_left(2 + i, &error);
		assert_int_equal(end_add(&caller), cases[i].status);
	}
	expect_no_event(&left);
	assert_int_equal(end_add(&other), ACTOR_E_TIMEOUT); /* still waits */
}

/* P-20: and it is told, too. */
static void an_error_that_does_not_decode_ends_its_call(void)
{
	const struct actor_peer_event *event;
	struct caller caller;

	connect_stranger(NULL);
	begin_add(&caller, &left, 1);
	stranger_frame(ACTOR_SERVICE_ERROR, 1, "6161");
	assert_int_equal(end_add(&caller), ACTOR_E_DECODE);
	event = expect_event(&left, ACTOR_PEER_ERROR, ACTOR_E_DECODE);
	assert_int_equal(event->call, 1);
	assert_true(event->service == ADD_ID);
	assert_int_equal(counts_of(&left).n_pending, 0);
}

/* E-06, RA-04: what is wrong with it, observers are told. */
static void an_answer_that_does_not_decode_ends_its_call(void)
{
	const struct actor_peer_event *event;
	int64_t total = 77;
	struct actor_future future;
	struct show show = { 0 };

	connect_stranger(NULL);
	assert_int_equal(ACTOR_CALL_BEGIN(context, &future, left.remote, show, &total, &show), 0);
	stranger_frame(ACTOR_SERVICE_RESPONSE, 1, "6161");
	event = expect_event(&left, ACTOR_PEER_ERROR, ACTOR_E_DECODE);
	assert_int_equal(event->call, 1);
	assert_true(event->service == SHOW_ID);
	assert_non_null(strstr(event->text, "expected i64"));
	assert_int_equal(actor_future_await(&future, ACTOR_AT_ONCE), ACTOR_E_DECODE);
	assert_int_equal(total, 77);
	expect_no_event(&left);
	assert_int_equal(counts_of(&left).n_pending, 0);
}

/* E-08, E-22, SM-11: why is nobody's business there, but told here. */
static void a_handler_that_fails_is_not_told_about(void)
{
	connect_sides(NULL, NULL);
	right.sum.fails = true;
	assert_int_equal(call_add(&left, 5), ACTOR_E_REMOTE_FAILED);
	expect_event(&right, ACTOR_PEER_ERROR, ACTOR_E_STOPPED);
	expect_no_event(&left);
	assert_int_equal(counts_of(&right).n_serving, 0);
	/* The mailbox is there, for the actor to be started again; the connection stays. */
	right.sum.fails = false;
	assert_int_equal(ACTOR_MAILBOX_START(sum, right.mailbox, &right.sum, NULL, NULL), 0);
	assert_int_equal(call_add(&left, 5), 0);
}

/* E-08: one that has ended for good. */
static void a_handler_that_is_gone_is_not_told_about(void)
{
	connect_sides(NULL, NULL);
	actor_mailbox_cancel(right.mailbox.mailbox);
	assert_int_equal(call_add(&left, 5), ACTOR_E_REMOTE_FAILED);
	expect_event(&right, ACTOR_PEER_ERROR, ACTOR_E_CLOSED);
	assert_int_equal(send_note(&left, "x"), 0);
	expect_event(&right, ACTOR_PEER_ERROR, ACTOR_E_CLOSED);
	expect_no_event(&left);
}

static void a_refusal_is_not_told_about(void)
{
	connect_sides(NULL, NULL);
	right.sum.refuses = true;
	assert_int_equal(call_show(&left, NULL), ACTOR_E_REMOTE_FAILED);
	expect_event(&right, ACTOR_PEER_ERROR, -10007);
}

/* P-28: of a namespace that nobody serves there. */
static void a_service_that_nobody_offers_is_told_about(void)
{
	union others_address other;

	connect_sides(NULL, NULL);
	assert_int_equal(others_remote(left.peer, &other), 0);
	assert_int_equal(ACTOR_CALL(context, other, add, NULL, &(struct add){ 1 }),
			 ACTOR_E_REMOTE_UNKNOWN_SERVICE);
	expect_event(&right, ACTOR_PEER_ERROR, ACTOR_E_UNHANDLED);
	expect_no_event(&left);
	actor_address_unref(other.address);
}

/* ---- time */

static struct {
	struct actor_ask asks[2];
	int statuses[2];
	int asked;
} again;

static void on_second_end(struct actor_ask *ask, int status, void *value)
{
	(void)ask, (void)value;
	again.statuses[1] = status;
}

static void on_first_end(struct actor_ask *ask, int status, void *value)
{
	(void)ask, (void)value;
	again.statuses[0] = status;
	again.asked = ACTOR_ASK(NULL, &again.asks[1], left.remote, add, on_second_end, NULL,
				&(struct add){ 1 });
}

/* It is written in the same turn in which the other one ends, and answered before the next. */
static void who_is_told_of_a_timeout_may_call_again(void)
{
	connect_sides(NULL, NULL);
	right.sum.slow = true;
	again.statuses[0] = again.statuses[1] = ACTOR_PENDING;
	assert_int_equal(ACTOR_ASK(NULL, &again.asks[0], left.remote, add, on_first_end, NULL,
				   &(struct add){ 1 }),
			 0);
	settle();
	right.sum.slow = false;
	pass_ns(59 * SECOND);
	assert_int_equal(again.statuses[0], ACTOR_PENDING);
	pass_ns(2 * SECOND);
	assert_int_equal(again.statuses[0], ACTOR_E_TIMEOUT);
	assert_int_equal(again.asked, 0);
	assert_int_equal(again.statuses[1], 0);
	assert_true(sum_answer(&right.sum)); /* too late */
	assert_int_equal(counts_of(&left).n_pending, 0);
}

/* TO-01, TO-03, TO-05, TO-06. */
static void a_call_without_an_answer_times_out(void)
{
	struct caller caller;

	connect_sides(NULL, NULL);
	right.sum.slow = true;
	begin_add(&caller, &left, 1);
	pass_ns(59 * SECOND);
	assert_int_equal(counts_of(&left).n_pending, 1);
	pass_ns(2 * SECOND);
	assert_int_equal(counts_of(&left).n_pending, 0);
	assert_int_equal(end_add(&caller), ACTOR_E_TIMEOUT);
	assert_true(sum_answer(&right.sum)); /* too late */
	expect_no_event(&left);
	right.sum.slow = false;
	assert_int_equal(call_add(&left, 1), 0);
}

/* TO-01: after what was said. */
static void timeouts_come_one_after_the_other(void)
{
	const struct actor_peer_options options = { .size = sizeof options,
						    .call_timeout_ns = 10 * SECOND };
	struct caller callers[3];

	connect_sides(&options, NULL);
	right.sum.slow = true;
	for (int i = 0; i < 3; i++) {
		begin_add(&callers[i], &left, 1);
		pass_ns(2 * SECOND);
	}
	pass_ns(5 * SECOND);
	assert_int_equal(counts_of(&left).n_pending, 2);
	pass_ns(2 * SECOND);
	assert_int_equal(counts_of(&left).n_pending, 1);
	pass_ns(2 * SECOND);
	assert_int_equal(counts_of(&left).n_pending, 0);
	for (int i = 0; i < 3; i++)
		assert_int_equal(end_add(&callers[i]), ACTOR_E_TIMEOUT);
}

/* TO-02: it counts from when the call was accepted, so that also one whose frame the other side
 * never takes does. */
static void a_call_that_is_never_written_times_out(void)
{
	const struct actor_peer_options patient = { .size = sizeof patient,
						    .stall_ns = 100 * SECOND };
	static char text[200001];
	struct caller caller;

	memset(text, 't', sizeof text - 1);
	connect_stranger(&patient);
	actor_transport_read(stranger.transport, false);
	assert_int_equal(send_note(&left, text), 0);
	settle();
	begin_add(&caller, &left, 1);
	pass_ns(61 * SECOND);
	assert_int_equal(end_add(&caller), ACTOR_E_TIMEOUT);
	actor_transport_read(stranger.transport, true);
}

/* TO-08: nothing but the caller's own timeout ends a call, nor a connection that is idle. */
static void a_handler_may_take_as_long_as_it_likes(void)
{
	const struct actor_peer_options options = { .size = sizeof options,
						    .call_timeout_ns = 3600 * SECOND };
	struct caller caller;

	connect_sides(&options, NULL);
	right.sum.slow = true;
	begin_add(&caller, &left, 1);
	pass_ns(600 * SECOND);
	assert_true(sum_answer(&right.sum));
	settle();
	assert_int_equal(end_add(&caller), 0);
	expect_no_event(&left);
	expect_no_event(&right);
}

/* TO-07: what is answered is kept no longer. */
static void a_call_that_is_answered_is_forgotten(void)
{
	connect_sides(NULL, NULL);
	for (int i = 0; i < 300; i++)
		assert_int_equal(call_add(&left, 1), 0);
	assert_int_equal(counts_of(&left).n_pending, 0);
	assert_int_equal(counts_of(&right).n_serving, 0);
}

/* Whoever waits no longer does not fill the other's memory for a minute. */
static void calls_that_nobody_waits_for_are_forgotten(void)
{
	connect_sides(NULL, NULL);
	right.sum.blocks_until_ns = actor_now(context) + 30 * SECOND;
	for (int i = 0; i < 300; i++) {
		struct caller caller;

		begin_add(&caller, &left, 1);
		actor_future_cancel(&caller.future);
		settle();
	}
	assert_in_range(counts_of(&left).n_pending, 0, 64);
}

/* Many at a time, answered from the last to the first, or not at all. */
static void many_calls_find_their_answers(void)
{
	enum { N = 200 };
	static struct caller callers[N];

	connect_stranger(NULL);
	for (int i = 0; i < N; i++)
		begin_add(&callers[i], &left, i);
	for (uint64_t i = N; i > 0; i--)
		if (i % 3)
			stranger_frame(ACTOR_SERVICE_RESPONSE, i, "f6");
	pass_ns(61 * SECOND);
	for (int i = 0; i < N; i++)
		assert_int_equal(end_add(&callers[i]), (i + 1) % 3 ? 0 : ACTOR_E_TIMEOUT);
	assert_int_equal(counts_of(&left).n_pending, 0);
}

/* W-19: no call has the id 0. */
static void ids_begin_anew_after_the_last(void)
{
	struct caller callers[3];

	connect_stranger(NULL);
	left.peer->calls.last_id = UINT64_MAX - 1;
	for (int i = 0; i < 3; i++)
		begin_add(&callers[i], &left, 1);
	stranger_expect(ADD_ID, UINT64_MAX, "01");
	stranger_expect(ADD_ID, 1, "01");
	stranger_expect(ADD_ID, 2, "01");
	stranger_frame(ACTOR_SERVICE_RESPONSE, 1, "f6");
	stranger_frame(ACTOR_SERVICE_RESPONSE, UINT64_MAX, "f6");
	stranger_frame(ACTOR_SERVICE_RESPONSE, 2, "f6");
	for (int i = 0; i < 3; i++)
		assert_int_equal(end_add(&callers[i]), 0);
}

/* ---- sizes */

/* SZ-01, SZ-02, SZ-04: refused at once, and the connection stays. */
static void a_message_that_is_too_big_is_refused(void)
{
	const struct actor_peer_options options = { .size = sizeof options,
						    .max_write_bytes = 24 + 2 + 40 };
	char text[42];

	connect_sides(&options, NULL);
	memset(text, 't', sizeof text);
	text[41] = '\0';
	assert_int_equal(send_note(&left, text), ACTOR_E_TOO_BIG);
	text[40] = '\0';
	assert_int_equal(send_note(&left, text), 0);
	settle();
	assert_string_equal(right.sum.notes, text);
	expect_no_event(&left);
	assert_int_equal(counts_of(&left).n_frames_written, 1);
}

/* SZ-03, E-16. */
static void a_call_that_is_too_big_is_refused(void)
{
	const struct actor_peer_options options = { .size = sizeof options,
						    .max_write_bytes = 24 + 10 };
	struct echo echo = { strdup("longer than what may be"), { NULL } };

	connect_sides(&options, NULL);
	assert_int_equal(ACTOR_CALL(context, left.remote, echo, NULL, &echo), ACTOR_E_TOO_BIG);
	assert_non_null(echo.text);
	actor_message_drop(&echo_type, &echo);
	assert_int_equal(counts_of(&left).n_pending, 0);
}

/* E-04, RA-04. */
static void what_cannot_be_encoded_is_refused(void)
{
	connect_sides(NULL, NULL);
	assert_int_equal(send_note(&left, "\xff"), ACTOR_E_ENCODE);
	assert_int_equal(call_add(&left, 1), 0);
	expect_no_event(&left);
}

/* E-04: which message it is, and where in it. */
static void what_cannot_be_encoded_is_explained(void)
{
	char no_text[] = "no text: \xff", text[100];
	struct echo echo = { no_text, { NULL } };

	connect_sides(NULL, NULL);
	assert_int_equal(send_note(&left, no_text), ACTOR_E_ENCODE);
	assert_string_equal(actor_error(context)->message_type, note_type.name);
	assert_string_equal(actor_error(context)->text, "text is not UTF-8");
	assert_int_equal(call_add(&left, 1), 0);
	assert_int_equal(ACTOR_CALL(context, left.remote, echo, NULL, &echo), ACTOR_E_ENCODE);
	assert_string_equal(actor_error(context)->message_type, echo_type.name);
	assert_string_equal(actor_error(context)->text, "text is not UTF-8");
	actor_address_explain(left.remote.address, &echo_type, &echo, text, sizeof text);
	assert_string_equal(text, "text is not UTF-8");
	actor_address_explain(left.remote.address, &actor_peer_event_type, &echo, text,
			      sizeof text);
	assert_string_equal(text, "");
}

/* SZ-05, E-04, E-16: an answer that is too big. */
static void an_answer_that_cannot_be_written_is_an_error(void)
{
	const struct actor_peer_options options = { .size = sizeof options,
						    .max_write_bytes = 24 + 10,
						    .n_permits = 1 };
	char *text = NULL;

	connect_sides(NULL, &options);
	for (int i = 0; i < 3; i++) {
		struct echo echo = { strdup("longer than what may be"), { NULL } };

		assert_int_equal(ACTOR_CALL(context, left.remote, echo, &text, &echo),
				 ACTOR_E_REMOTE_FAILED);
		assert_true(expect_event(&right, ACTOR_PEER_ERROR, ACTOR_E_TOO_BIG)->service ==
			    ECHO_ID);
	}
	assert_null(text);
	assert_int_equal(call_add(&left, 1), 0);
}

/* SZ-07, E-26: who may write more than the other reads loses the connection by it. */
static void limits_that_differ_close_the_connection(void)
{
	const struct actor_peer_options options = { .size = sizeof options, .max_read_bytes = 50 };
	struct caller caller;

	connect_sides(NULL, &options);
	begin_add(&caller, &left, 1);
	settle();
	assert_int_equal(end_add(&caller), 0);
	assert_int_equal(send_note(&left, "more than what is read over there"), 0);
	expect_event(&right, ACTOR_PEER_ERROR, ACTOR_E_TOO_BIG);
	expect_event(&right, ACTOR_PEER_CLOSED, ACTOR_E_TOO_BIG);
	expect_event(&left, ACTOR_PEER_REMOTE_ERROR, ACTOR_E_REMOTE_PROTOCOL);
	expect_event(&left, ACTOR_PEER_CLOSED_BY_REMOTE, 0);
	assert_int_equal(right.sum.n_notes, 0);
}

/* ---- loss */

/* PC-01, G-06, E-01, RA-04. */
static void calls_end_when_this_side_closes(void)
{
	const struct actor_peer_options options = { .size = sizeof options,
						    .grace_ns = 10 * SECOND };
	struct caller callers[3];

	connect_sides(&options, &options);
	right.sum.slow = true;
	for (int i = 0; i < 3; i++)
		begin_add(&callers[i], &left, 1);
	settle();
	actor_peer_close(left.peer, NULL);
	settle();
	for (int i = 0; i < 3; i++)
		assert_int_equal(end_add(&callers[i]), ACTOR_E_DISCONNECTED);
	assert_int_equal(call_add(&left, 1), ACTOR_E_CLOSED);
}

/* PC-01. */
static void calls_end_when_the_other_side_closes(void)
{
	struct caller caller;

	connect_sides(NULL, NULL);
	right.sum.slow = true;
	begin_add(&caller, &left, 1);
	settle();
	actor_peer_close(right.peer, NULL);
	settle(); /* it may still be answered */
	assert_int_equal(counts_of(&left).n_pending, 1);
	pass_ns(2 * SECOND);
	assert_int_equal(end_add(&caller), ACTOR_E_DISCONNECTED);
	assert_int_equal(call_add(&left, 1), ACTOR_E_CLOSED);
}

/* PC-03. */
static void calls_end_when_the_connection_is_lost(void)
{
	struct caller caller;

	connect_stranger(NULL);
	settle();
	actor_transport_read(stranger.transport, false);
	begin_add(&caller, &left, 1);
	settle();
	actor_transport_destroy(stranger.transport); /* with what it has not read */
	stranger.transport = NULL;
	expect_event(&left, ACTOR_PEER_CLOSED_BY_REMOTE, ACTOR_E_SYSTEM);
	assert_int_equal(end_add(&caller), ACTOR_E_DISCONNECTED);
	expect_ended(&left);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		PEER_TEST(an_error_ends_its_call),
		PEER_TEST(an_error_that_does_not_decode_ends_its_call),
		PEER_TEST(an_answer_that_does_not_decode_ends_its_call),
		PEER_TEST(a_handler_that_fails_is_not_told_about),
		PEER_TEST(a_handler_that_is_gone_is_not_told_about),
		PEER_TEST(a_refusal_is_not_told_about),
		PEER_TEST(a_service_that_nobody_offers_is_told_about),
		PEER_TEST(a_call_without_an_answer_times_out),
		PEER_TEST(who_is_told_of_a_timeout_may_call_again),
		PEER_TEST(timeouts_come_one_after_the_other),
		PEER_TEST(a_call_that_is_never_written_times_out),
		PEER_TEST(a_handler_may_take_as_long_as_it_likes),
		PEER_TEST(a_call_that_is_answered_is_forgotten),
		PEER_TEST(calls_that_nobody_waits_for_are_forgotten),
		PEER_TEST(many_calls_find_their_answers),
		PEER_TEST(ids_begin_anew_after_the_last),
		PEER_TEST(a_message_that_is_too_big_is_refused),
		PEER_TEST(a_call_that_is_too_big_is_refused),
		PEER_TEST(what_cannot_be_encoded_is_refused),
		PEER_TEST(what_cannot_be_encoded_is_explained),
		PEER_TEST(an_answer_that_cannot_be_written_is_an_error),
		PEER_TEST(limits_that_differ_close_the_connection),
		PEER_TEST(calls_end_when_this_side_closes),
		PEER_TEST(calls_end_when_the_other_side_closes),
		PEER_TEST(calls_end_when_the_connection_is_lost),
	};

	return cmocka_run_group_tests_name("calls", tests, NULL, NULL);
}
