/* SPDX-License-Identifier: MIT */

/* How long a peer waits for what has begun to come, and for anything to come at all. */

#include "peer-fixture.h"

#include "peer.h"
#include <stdlib.h>

#define SECOND INT64_C(1000000000)

/* A frame with a text of so many bytes, for Note. */
static uint8_t *make_note(size_t n_text, size_t *ret_n)
{
	size_t n = 24 + 5 + n_text;
	uint8_t *frame = malloc(n);
	uint64_t head[3] = { n, NOTE_ID, 0 };

	memcpy(frame, head, sizeof head);
	frame[24] = 0x7a;
	for (int i = 0; i < 4; i++)
		frame[25 + i] = (uint8_t)(n_text >> 8 * (3 - i));
	memset(frame + 29, 'n', n_text);
	*ret_n = n;
	return frame;
}

static void expect_timed_out(void)
{
	expect_event(&left, ACTOR_PEER_ERROR, ACTOR_E_TIMEOUT);
	stranger_expect_error(ACTOR_WIRE_DESERIALIZE_WIRE_FORMAT, 0, 0);
	expect_event(&left, ACTOR_PEER_CLOSED, ACTOR_E_TIMEOUT);
	pass_ns(3 * SECOND);
	expect_ended(&left);
}

static void expect_alive(void)
{
	expect_no_event(&left);
	stranger_frame(SHOW_ID, 1, "f6");
	stranger_expect(ACTOR_SERVICE_RESPONSE, 1, "00");
}

/* ---- frames */

/* However much of it has come: a part of its length, or all but its last byte. */
static void a_frame_that_does_not_end_closes(void)
{
	static const size_t parts[] = { 1, 7, 8, 24, 99 };
	size_t n, part = parts[actor_simulation_seed(executor) % N_ELEMENTS(parts)];
	uint8_t *frame = make_note(71, &n);

	connect_stranger(NULL);
	assert_int_equal(n, 100);
	stranger_write(frame, part);
	free(frame);
	pass_ns(29 * SECOND);
	expect_no_event(&left);
	pass_ns(2 * SECOND);
	expect_timed_out();
}

/* Whatever it has announced; and what it holds meanwhile is what has come. */
static void what_is_only_announced_buys_no_time(void)
{
	uint64_t head[3] = { 1 << 20, NOTE_ID, 0 };

	connect_stranger(NULL);
	stranger_write(head, sizeof head);
	pass_ns(29 * SECOND);
	assert_in_range(left.peer->incoming.bytes.capacity, 24, 4096);
	expect_no_event(&left);
	pass_ns(2 * SECOND);
	expect_timed_out();
}

static void a_drip_does_not_hold_a_connection(void)
{
	const struct actor_peer_options options = { .size = sizeof options, .min_bytes_per_s = 20 };
	unsigned n_seconds = 0;
	size_t n;
	uint8_t *frame = make_note(4000, &n);

	connect_stranger(&options);
	for (; counts_of(&left).n_frames_written == 0; n_seconds++) {
		stranger_write(frame + n_seconds, 1);
		pass_ns(SECOND);
		assert_in_range(n_seconds, 0, 33);
	}
	free(frame);
	assert_in_range(n_seconds, 30, 33);
	expect_timed_out();
}

/* A slow link is no reason. */
static void what_comes_fast_enough_may_take_longer(void)
{
	const struct actor_peer_options options = { .size = sizeof options,
						    .min_bytes_per_s = 100 };
	size_t n, at = 0;
	uint8_t *frame = make_note(10000, &n);

	connect_stranger(&options);
	for (; at < n; at += 101) {
		stranger_write(frame + at, n - at < 101 ? n - at : 101);
		pass_ns(SECOND);
	}
	free(frame);
	assert_int_equal(left.sum.n_notes, 1);
	expect_alive();
}

/* Each frame has its own time, also if another has always begun when it ends. */
static void one_frame_after_the_other_may_go_on_for_ever(void)
{
	const struct actor_peer_options options = { .size = sizeof options,
						    .frame_timeout_ns = 2 * SECOND };
	uint8_t *frames[2];
	size_t n;

	connect_stranger(&options);
	frames[0] = make_note(1, &n);
	frames[1] = realloc(frames[0], 2 * n);
	memcpy(frames[1] + n, frames[1], n);
	stranger_write(frames[1], n / 2);
	for (int i = 0; i < 20; i++) {
		stranger_write(frames[1] + n / 2, n);
		pass_ns(SECOND);
	}
	stranger_write(frames[1] + n / 2, n - n / 2);
	free(frames[1]);
	assert_int_equal(left.sum.n_notes, 21);
	expect_alive();
}

/* One after the other, each of @ret_n bytes. The caller frees them. */
static uint8_t *make_two_notes(size_t *ret_n)
{
	uint8_t *note = make_note(50, ret_n), *both = realloc(note, 2 * *ret_n);

	assert_non_null(both);
	assert_int_equal(*ret_n, 79);
	memcpy(both + *ret_n, both, *ret_n);
	return both;
}

static void the_time_of_a_pause_does_not_count(void)
{
	const struct actor_peer_options options = { .size = sizeof options,
						    .max_held_bytes = 250,
						    .frame_timeout_ns = 3 * SECOND };
	size_t n;
	uint8_t *both = make_two_notes(&n), *frame = both; /* the first of them */

	left.options.capacity = 1;
	connect_stranger(&options);
	left.sum.blocks_until_ns = actor_now(context) + 20 * SECOND;
	for (int i = 0; i < 4; i++)
		stranger_write(frame, n);
	assert_false(counts_of(&left).paused);
	pass_ns(SECOND);
	stranger_write(both, n + 10); /* too much: it pauses, mostly in the middle of a frame */
	assert_true(counts_of(&left).paused);
	pass_ns(20 * SECOND);
	assert_false(counts_of(&left).paused);
	expect_no_event(&left);
	stranger_write(frame + 10, n - 10);
	assert_int_equal(left.sum.n_notes, 6);
	stranger_write(frame, 10);
	free(both);
	pass_ns(4 * SECOND);
	expect_timed_out();
}

/* However long it takes: nobody wakes up to see that no time has gone by. */
static void nobody_looks_at_the_time_of_a_pause(void)
{
	const struct actor_peer_options options = { .size = sizeof options,
						    .max_held_bytes = 1,
						    .frame_timeout_ns = SECOND,
						    .stall_ns = ACTOR_FOREVER };
	const int64_t month_ns = 30 * 24 * 3600 * SECOND;
	size_t n;
	uint8_t *both = make_two_notes(&n), *frame = both; /* the first of them */

	left.options.capacity = 1;
	connect_stranger(&options);
	left.sum.blocks_until_ns = actor_now(context) + month_ns;
	for (int i = 0; i < 2; i++)
		stranger_write(frame, n);
	stranger_write(both, n + 10);
	free(both);
	assert_true(counts_of(&left).paused);
	pass_ns(month_ns - SECOND);
	expect_no_event(&left);
	pass_ns(4 * SECOND);
	expect_timed_out();
}

/* ---- connections that nobody uses */

static void by_default_one_may_be_quiet_for_days(void)
{
	connect_stranger(NULL);
	for (int i = 0; i < 10; i++)
		pass_ns(24 * 3600 * SECOND);
	expect_alive();
}

static const struct actor_peer_options idle = { .size = sizeof idle,
						.idle_timeout_ns = 5 * SECOND };

static void expect_idle(struct side *side)
{
	expect_no_event(side);
	pass_ns(2 * SECOND);
	expect_event(side, ACTOR_PEER_CLOSED, ACTOR_E_TIMEOUT);
	pass_ns(3 * SECOND);
	expect_ended(side);
}

/* The first of what nobody has ever used; the other of what nobody does any more. */
static void a_connection_that_is_idle_is_closed(void)
{
	connect_stranger(&idle);
	if (actor_simulation_seed(executor) / 2 % 2) {
		pass_ns(4 * SECOND);
		stranger_frame(SHOW_ID, 1, "f6");
		stranger_expect(ACTOR_SERVICE_RESPONSE, 1, "00");
	}
	pass_ns(4 * SECOND);
	expect_idle(&left);
}

static void a_call_under_way_is_not_idle(void)
{
	struct caller caller;

	connect_sides(&idle, &idle);
	right.sum.slow = true;
	begin_add(&caller, &left, 1);
	pass_ns(50 * SECOND);
	expect_no_event(&left);
	expect_no_event(&right);
	assert_true(sum_answer(&right.sum));
	settle();
	assert_int_equal(end_add(&caller), 0);
	pass_ns(4 * SECOND);
	expect_no_event(&left);
	pass_ns(2 * SECOND);
	assert_int_equal(actor_peer_join(context, left.peer, ACTOR_AT_ONCE), 0);
	assert_int_equal(actor_peer_join(context, right.peer, ACTOR_AT_ONCE), 0);
}

/* A frame has its own time. */
static void a_frame_that_is_coming_is_not_idle(void)
{
	size_t n;
	uint8_t *frame = make_note(50, &n);

	connect_stranger(&idle);
	stranger_write(frame, 10);
	pass_ns(20 * SECOND);
	expect_no_event(&left);
	stranger_write(frame + 10, n - 10);
	free(frame);
	assert_int_equal(left.sum.n_notes, 1);
	pass_ns(4 * SECOND);
	expect_idle(&left);
}

static void what_is_wrong_is_refused(void)
{
	struct actor_peer_options options = { .size = sizeof options, .frame_timeout_ns = -1 };
	struct actor_transport *ends[2];
	struct actor_peer *peer;

	make_link(&ends[0], &ends[1]);
	assert_int_equal(actor_peer_create(ends[0], &options, &peer), ACTOR_E_INVALID);
	options.frame_timeout_ns = 0;
	options.idle_timeout_ns = -1;
	assert_int_equal(actor_peer_create(ends[0], &options, &peer), ACTOR_E_INVALID);
	actor_transport_destroy(ends[0]);
	actor_transport_destroy(ends[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		PEER_TEST(a_frame_that_does_not_end_closes),
		PEER_TEST(what_is_only_announced_buys_no_time),
		PEER_TEST(a_drip_does_not_hold_a_connection),
		PEER_TEST(what_comes_fast_enough_may_take_longer),
		PEER_TEST(one_frame_after_the_other_may_go_on_for_ever),
		PEER_TEST(the_time_of_a_pause_does_not_count),
		PEER_TEST(nobody_looks_at_the_time_of_a_pause),
		PEER_TEST(by_default_one_may_be_quiet_for_days),
		PEER_TEST(a_connection_that_is_idle_is_closed),
		PEER_TEST(a_call_under_way_is_not_idle),
		PEER_TEST(a_frame_that_is_coming_is_not_idle),
		PEER_TEST(what_is_wrong_is_refused),
	};

	return cmocka_run_group_tests_name("patience", tests, NULL, NULL);
}
