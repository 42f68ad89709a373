/* SPDX-License-Identifier: MIT */

/* What strangers may write, and what becomes of it: frames in pieces, frames for nobody, and what
 * are no frames. */

#include "peer-fixture.h"

#include "peer.h"

#define TOO_LONG UINT64_C(0xffffffffffffffff)

static void put_head(uint8_t *head, uint64_t length, uint64_t service, uint64_t call)
{
	for (int i = 0; i < 8; i++) {
		head[i] = (uint8_t)(length >> 8 * i);
		head[8 + i] = (uint8_t)(service >> 8 * i);
		head[16 + i] = (uint8_t)(call >> 8 * i);
	}
}

/* ---- frames */

/* W-05 to W-07, W-11, SM-11. */
static void frames_are_answered_byte_by_byte(void)
{
	connect_stranger(NULL);
	stranger_frame(ADD_ID, 0, "05");
	stranger_frame(ADD_ID, 7, "03");
	stranger_expect(ACTOR_SERVICE_RESPONSE, 7, "f6");
	stranger_frame(SHOW_ID, 8, "f6");
	stranger_expect(ACTOR_SERVICE_RESPONSE, 8, "08");
	stranger_expect_nothing();
	expect_no_event(&left);
}

/* W-19, W-20: ids count from 1. */
static void calls_are_written_byte_by_byte(void)
{
	struct caller first, second;

	connect_stranger(NULL);
	begin_add(&first, &left, 1000);
	begin_add(&second, &left, -1);
	assert_int_equal(send_note(&left, "hi"), 0);
	stranger_expect(ADD_ID, 1, "1903e8");
	stranger_expect(ADD_ID, 2, "20");
	stranger_expect(NOTE_ID, 0, "626869");
	stranger_frame(ACTOR_SERVICE_RESPONSE, 2, "f6");
	stranger_frame(ACTOR_SERVICE_RESPONSE, 1, "f6");
	assert_int_equal(end_add(&first), 0);
	assert_int_equal(end_add(&second), 0);
}

/* W-23: in pieces of any size. */
static void frames_may_come_in_pieces(void)
{
	uint8_t bytes[3 * 25 + 24 + 61];
	size_t n = 0;

	connect_stranger(NULL);
	for (int i = 0; i < 3; i++) {
		put_head(bytes + n, 25, ADD_ID, 0);
		bytes[n + 24] = 1;
		n += 25;
	}
	put_head(bytes + n, 24 + 61, NOTE_ID, 0);
	bytes[n + 24] = 0x78;
	bytes[n + 25] = 59;
	memset(bytes + n + 26, 'n', 59);
	n += 24 + 61;
	for (size_t piece = 1; piece <= n; piece = piece < 30 ? piece + 1 : 2 * piece) {
		left.sum.total = 0;
		left.sum.n_notes = 0;
		for (size_t at = 0; at < n; at += piece)
			stranger_write(bytes + at, n - at < piece ? n - at : piece);
		assert_int_equal(left.sum.total, 3);
		assert_int_equal(left.sum.n_notes, 1);
	}
	expect_no_event(&left);
}

/* W-26: what a frame announces it gets when it is there. */
static void what_is_announced_takes_no_memory(void)
{
	uint8_t bytes[24 + 1000];

	connect_stranger(NULL);
	memset(bytes, 0, sizeof bytes);
	put_head(bytes, 1 << 20, NOTE_ID, 0);
	stranger_write(bytes, sizeof bytes);
	expect_no_event(&left);
	assert_int_equal(left.peer->incoming.bytes.n, sizeof bytes);
	assert_in_range(left.peer->incoming.bytes.capacity, sizeof bytes, 4 * sizeof bytes);
}

/* ---- messages that nobody understands */

/* P-27, E-24. */
static void a_send_to_nobody_is_told_here_only(void)
{
	connect_stranger(NULL);
	stranger_frame(0x1234, 0, "05");
	assert_true(expect_event(&left, ACTOR_PEER_ERROR, ACTOR_E_UNHANDLED)->service == 0x1234);
	stranger_expect_nothing();
	stranger_frame(SHOW_ID, 1, "f6");
	stranger_expect(ACTOR_SERVICE_RESPONSE, 1, "00");
}

/* P-28, E-10, BP-11, W-09. */
static void a_call_to_nobody_is_told_there_and_here(void)
{
	const struct actor_peer_options options = { .size = sizeof options, .n_permits = 1 };
	const struct actor_peer_event *event;

	connect_stranger(&options);
	for (uint64_t call = 1; call <= 3; call++) {
		stranger_frame(0x1234, call, "05");
		event = expect_event(&left, ACTOR_PEER_ERROR, ACTOR_E_UNHANDLED);
		assert_true(event->service == 0x1234);
		assert_true(event->call == call);
		stranger_expect_error(ACTOR_WIRE_UNKNOWN_SERVICE, 0x1234, call);
	}
	stranger_frame(SHOW_ID, 4, "f6");
	stranger_expect(ACTOR_SERVICE_RESPONSE, 4, "00");
}

/* E-05, E-26, E-27, P-17, X-15, W-03, BP-12: as often as one likes, since its permit comes back. */
static void what_does_not_decode_is_told_there_and_here(void)
{
	const struct actor_peer_options options = { .size = sizeof options, .n_permits = 1 };
	const char *const payloads[] = { "0303", "0102030405", "",
					 "f6",	 "6161",       "1bffffffffffffffff" };

	connect_stranger(&options);
	for (uint64_t i = 0; i < N_ELEMENTS(payloads); i++) {
		stranger_frame(ADD_ID, 0, payloads[i]);
		expect_event(&left, ACTOR_PEER_ERROR, ACTOR_E_DECODE);
		stranger_expect_nothing();
		stranger_frame(ADD_ID, 1 + i, payloads[i]);
		assert_true(strlen(expect_event(&left, ACTOR_PEER_ERROR, ACTOR_E_DECODE)->text) >
			    0);
		stranger_expect_error(ACTOR_WIRE_DESERIALIZE, ADD_ID, 1 + i);
	}
	assert_int_equal(counts_of(&left).n_serving, 0);
	stranger_frame(SHOW_ID, 99, "f6");
	stranger_expect(ACTOR_SERVICE_RESPONSE, 99, "00");
}

/* E-28, E-29: what cannot be seen to is told in words, with the numbers that there are. */
static void errors_say_what_was_wrong(void)
{
	static const struct {
		uint64_t service;
		uint64_t call;
		const char *payload;
		const char *text;
	} cases[] = {
		{ 0x1234, 0, "05", "nobody serves that" },
		{ 0x1234, 7, "05", "nobody serves that" },
		{ ADD_ID, 0, "6161", "expected i64, found text, at byte 0" },
		{ ADD_ID, 8, "0101", "something follows the value, at byte 1" },
	};
	const struct actor_peer_event *event;

	connect_stranger(NULL);
	for (size_t i = 0; i < N_ELEMENTS(cases); i++) {
		stranger_frame(cases[i].service, cases[i].call, cases[i].payload);
		event = expect_event(&left, ACTOR_PEER_ERROR,
				     cases[i].service == ADD_ID ? ACTOR_E_DECODE
								: ACTOR_E_UNHANDLED);
		assert_string_equal(event->text, cases[i].text);
		assert_true(event->service == cases[i].service);
		assert_true(event->call == cases[i].call);
	}
	left.sum.fails = true;
	stranger_frame(ADD_ID, 9, "01");
	event = expect_event(&left, ACTOR_PEER_ERROR, ACTOR_E_STOPPED);
	assert_string_equal(event->text, "a call was not answered");
	assert_true(event->call == 9);
}

/* A call of what is only sent is refused, as a topic does it. */
static void a_signal_cannot_be_called(void)
{
	connect_stranger(NULL);
	stranger_frame(NOTE_ID, 3, "6161");
	expect_event(&left, ACTOR_PEER_ERROR, ACTOR_E_UNSUPPORTED);
	stranger_expect_error(ACTOR_WIRE_PUB_SUB_NO_CALL, NOTE_ID, 3);
	assert_int_equal(left.sum.n_notes, 0);
}

/* ---- answers to nothing */

/* P-29, TO-06, W-08. */
static void a_response_to_no_call_is_dropped(void)
{
	connect_stranger(NULL);
	stranger_frame(ACTOR_SERVICE_RESPONSE, 17, "f6");
	stranger_frame(ACTOR_SERVICE_RESPONSE, 0, "f6");
	expect_no_event(&left);
	stranger_frame(SHOW_ID, 1, "f6");
	stranger_expect(ACTOR_SERVICE_RESPONSE, 1, "00");
}

/* P-18. */
static void an_error_that_belongs_to_no_call_is_told(void)
{
	const struct actor_peer_event *event;

	connect_stranger(NULL);
	/* {"UnknownService": {"sid": …, "cid": …}}, by what this side makes itself */
	stranger_frame(0x1234, 9, "05");
	expect_event(&left, ACTOR_PEER_ERROR, ACTOR_E_UNHANDLED);
	stranger_write(stranger.frames, stranger.n_frames);
	event = expect_event(&left, ACTOR_PEER_REMOTE_ERROR, ACTOR_E_REMOTE_UNKNOWN_SERVICE);
	assert_int_equal(event->error.kind, ACTOR_WIRE_UNKNOWN_SERVICE);
	assert_true(event->service == 0x1234);
	assert_true(event->call == 9);
}

/* E-07. */
static void an_error_that_does_not_decode_is_told(void)
{
	connect_stranger(NULL);
	stranger_frame(ACTOR_SERVICE_ERROR, 0, "00");
	expect_event(&left, ACTOR_PEER_ERROR, ACTOR_E_DECODE);
	stranger_frame(SHOW_ID, 1, "f6");
	stranger_expect(ACTOR_SERVICE_RESPONSE, 1, "00");
}

/* ---- what are no frames */

static void expect_closed_for(int status)
{
	expect_event(&left, ACTOR_PEER_ERROR, status);
	stranger_expect_error(ACTOR_WIRE_DESERIALIZE_WIRE_FORMAT, 0, 0);
	expect_event(&left, ACTOR_PEER_CLOSED, status);
	stranger_expect_nothing();
	assert_int_equal(stranger.ended, 1);
	assert_int_equal(stranger.status, 0);
	pass_ns(INT64_C(1100000000));
	expect_ended(&left);
}

/* E-15, E-20, E-26, W-09, W-25: what is shorter than its own head. */
static void a_frame_that_is_too_short_closes(void)
{
	static const uint64_t lengths[] = { 0, 1, 7, 8, 23 };
	uint8_t head[24];

	for (size_t i = 0; i < N_ELEMENTS(lengths); i++) {
		connect_stranger(NULL);
		put_head(head, lengths[i], ADD_ID, 1);
		stranger_write(head, sizeof head);
		expect_closed_for(ACTOR_E_PROTOCOL);
		side_close(&left);
		stranger_close();
		memset(&left, 0, sizeof left);
	}
}

/* SZ-06, E-15, E-20: as soon as that is known. */
static void a_frame_that_is_too_long_closes(void)
{
	const struct actor_peer_options options = { .size = sizeof options, .max_read_bytes = 100 };
	uint8_t head[24];

	connect_stranger(&options);
	put_head(head, 101, ADD_ID, 1);
	stranger_write(head, 8);
	expect_closed_for(ACTOR_E_TOO_BIG);
}

static void a_frame_that_is_absurdly_long_closes(void)
{
	uint8_t head[24];

	connect_stranger(NULL);
	put_head(head, TOO_LONG, ADD_ID, 1);
	stranger_write(head, sizeof head);
	expect_closed_for(ACTOR_E_TOO_BIG);
}

/* SZ-01: equal is allowed. */
static void a_frame_may_be_as_long_as_the_limit(void)
{
	const struct actor_peer_options options = { .size = sizeof options, .max_read_bytes = 25 };

	connect_stranger(&options);
	stranger_frame(ADD_ID, 1, "05");
	stranger_expect(ACTOR_SERVICE_RESPONSE, 1, "f6");
	expect_no_event(&left);
}

/* What came before is seen to, what comes after is not. */
static void after_that_nothing_is_looked_at(void)
{
	uint8_t bytes[3 * 25];

	connect_stranger(NULL);
	for (int i = 0; i < 3; i++) {
		put_head(bytes + 25 * i, i == 1 ? 3 : 25, ADD_ID, 0);
		bytes[25 * i + 24] = 1;
	}
	stranger_write(bytes, sizeof bytes);
	stranger_frame(ADD_ID, 0, "01");
	assert_int_equal(left.sum.total, 1);
	expect_closed_for(ACTOR_E_PROTOCOL);
}

/* W-24, PC-02: but that it is said: who speaks something else, and has gone, may have said too
 * little to be refused. */
static void the_end_in_the_middle_of_a_frame_is_an_end(void)
{
	uint8_t head[24];

	connect_stranger(NULL);
	put_head(head, 100, ADD_ID, 1);
	stranger_write(head, 20);
	actor_transport_shutdown(stranger.transport);
	assert_string_equal(expect_event(&left, ACTOR_PEER_CLOSED_BY_REMOTE, 0)->text,
			    "the other side has closed inside a frame");
	expect_ended(&left);
}

/* Whatever it is: nothing crashes, hangs or is left. */
static void noise_does_no_harm(void)
{
	uint64_t random = actor_simulation_seed(executor);
	uint8_t bytes[2000];

	connect_stranger(NULL);
	for (int i = 0; i < 20; i++) {
		size_t n = (size_t)(test_random(&random) % sizeof bytes) + 1, at = 0;

		for (size_t k = 0; k < n; k++)
			bytes[k] = (uint8_t)test_random(&random);
		while (test_random(&random) % 3 > 0 && at + 24 < n) {
			uint64_t ids[] = { ADD_ID, NOTE_ID, 0, TOO_LONG, ECHO_ID };
			size_t length = 24 + (size_t)(test_random(&random) % 40);

			put_head(bytes + at, length, ids[test_random(&random) % 5],
				 test_random(&random) % 3);
			at += length;
		}
		if (counts_of(&left).n_unwritten_bytes == 0)
			stranger_write(bytes, n);
	}
	settle();
	assert_int_equal(counts_of(&left).n_serving, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		PEER_TEST(frames_are_answered_byte_by_byte),
		PEER_TEST(calls_are_written_byte_by_byte),
		PEER_TEST(frames_may_come_in_pieces),
		PEER_TEST(what_is_announced_takes_no_memory),
		PEER_TEST(a_send_to_nobody_is_told_here_only),
		PEER_TEST(a_call_to_nobody_is_told_there_and_here),
		PEER_TEST(what_does_not_decode_is_told_there_and_here),
		PEER_TEST(errors_say_what_was_wrong),
		PEER_TEST(a_signal_cannot_be_called),
		PEER_TEST(a_response_to_no_call_is_dropped),
		PEER_TEST(an_error_that_belongs_to_no_call_is_told),
		PEER_TEST(an_error_that_does_not_decode_is_told),
		PEER_TEST(a_frame_that_is_too_short_closes),
		PEER_TEST(a_frame_that_is_too_long_closes),
		PEER_TEST(a_frame_that_is_absurdly_long_closes),
		PEER_TEST(a_frame_may_be_as_long_as_the_limit),
		PEER_TEST(after_that_nothing_is_looked_at),
		PEER_TEST(the_end_in_the_middle_of_a_frame_is_an_end),
		PEER_TEST(noise_does_no_harm),
	};

	return cmocka_run_group_tests_name("incoming", tests, NULL, NULL);
}
