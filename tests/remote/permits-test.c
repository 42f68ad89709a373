/* SPDX-License-Identifier: MIT */

/* Back-pressure on calls: permits, which are of a peer or shared, and come back on every path. */

#include "peer-fixture.h"

#include "answer.h"
#include "held.h"

#define SECOND INT64_C(1000000000)

static const struct actor_peer_options two = { .size = sizeof two, .n_permits = 2 };

/* ---- one peer's */

/* BP-03, BP-05, BP-16. */
static void calls_beyond_the_permits_wait_in_order(void)
{
	connect_stranger(&two);
	left.sum.slow = true;
	for (uint64_t call = 1; call <= 5; call++)
		stranger_frame(ADD_ID, call, "01");
	assert_int_equal(left.sum.n_kept, 2);
	assert_int_equal(counts_of(&left).n_held, 3);
	assert_int_equal(counts_of(&left).n_held_bytes,
			 3 * (sizeof(struct actor__held) + 1 + sizeof(struct actor_answer)));
	assert_int_equal(counts_of(&left).n_serving, 5);
	for (uint64_t call = 1; call <= 5; call++) {
		assert_true(sum_answer(&left.sum));
		stranger_expect(ACTOR_SERVICE_RESPONSE, call, "f6");
		assert_int_equal(left.sum.n_kept, call <= 3 ? 2 : 5 - call);
	}
	assert_int_equal(counts_of(&left).n_held, 0);
}

/* BP-04, BP-06, BP-07, OR-03: nothing but calls waits for them, not even what comes behind. */
static void nothing_else_waits_for_permits(void)
{
	struct caller caller;

	connect_stranger(&two);
	left.sum.slow = true;
	for (uint64_t call = 1; call <= 3; call++)
		stranger_frame(ADD_ID, call, "01");
	assert_int_equal(counts_of(&left).n_held, 1);
	stranger_frame(NOTE_ID, 0, "6161");
	assert_string_equal(left.sum.notes, "a");
	begin_add(&caller, &left, 1);
	settle();
	stranger_frame(ACTOR_SERVICE_RESPONSE, 1, "f6");
	assert_int_equal(end_add(&caller), 0);
	stranger_frame(0x1234, 9, "01");
	expect_event(&left, ACTOR_PEER_ERROR, ACTOR_E_UNHANDLED);
	assert_int_equal(counts_of(&left).n_held, 1);
}

/* BP-07, PR-03: over the connection on which that was called. */
static void one_may_call_back_with_all_permits_taken(void)
{
	const struct actor_peer_options one = { .size = sizeof one, .n_permits = 1 };
	struct caller first, second;

	connect_sides(&one, &one);
	right.sum.slow = true;
	begin_add(&first, &left, 1);
	begin_add(&second, &left, 2); /* waits for the permit */
	settle();
	assert_int_equal(counts_of(&right).n_held, 1);
	assert_int_equal(call_add(&right, 5), 0); /* while the other side's calls are in hand */
	assert_true(sum_answer(&right.sum));
	settle();
	assert_true(sum_answer(&right.sum));
	settle();
	assert_int_equal(end_add(&first), 0);
	assert_int_equal(end_add(&second), 0);
}

/* BP-08: until the answer has been written. */
static void a_permit_is_held_until_the_answer_is_written(void)
{
	const struct actor_peer_options one = { .size = sizeof one, .n_permits = 1 };
	static char text[100001];

	memset(text, 't', sizeof text - 1);
	connect_stranger(&one);
	actor_transport_read(stranger.transport, false);
	assert_int_equal(send_note(&left, text), 0); /* more than the transport takes */
	settle();
	stranger_frame(ADD_ID, 1, "01");
	stranger_frame(ADD_ID, 2, "01");
	assert_int_equal(left.sum.total, 1);
	assert_int_equal(counts_of(&left).n_held, 1);
	actor_transport_read(stranger.transport, true);
	settle();
	assert_int_equal(left.sum.total, 2);
	assert_int_equal(counts_of(&left).n_held, 0);
}

/* BP-08: also when it goes out in another write than what was before it. */
static void a_permit_is_held_until_its_own_write_is_done(void)
{
	const struct actor_peer_options one = { .size = sizeof one, .n_permits = 1 };
	static char text[60001];

	memset(text, 't', sizeof text - 1);
	connect_stranger(&one);
	actor_transport_read(stranger.transport, false);
	assert_int_equal(send_note(&left, text), 0);
	settle();
	stranger_frame(ADD_ID, 1, "01");
	stranger_frame(ADD_ID, 2, "01");
	for (int i = 0; i < 3; i++)
		assert_int_equal(send_note(&left, text), 0);
	stranger.most =
		60001; /* all of the first write, and what the transport holds of the next */
	actor_transport_read(stranger.transport, true);
	settle();
	assert_true(counts_of(&left).n_unwritten_bytes > 0);
	assert_int_equal(left.sum.total, 1);
	stranger.most = 0;
	actor_transport_read(stranger.transport, true);
	settle();
	assert_int_equal(left.sum.total, 2);
}

/* BP-16: who comes just when a permit has come does not overtake who waits for it. */
static void who_waits_for_a_permit_is_not_overtaken(void)
{
	const struct actor_peer_options one = { .size = sizeof one, .n_permits = 1 };
	uint8_t frame[25] = { 25 };

	connect_stranger(&one);
	left.sum.slow = true;
	stranger_frame(ADD_ID, 1, "01");
	stranger_frame(ADD_ID, 2, "02");
	for (int i = 0; i < 8; i++)
		frame[8 + i] = (uint8_t)(ADD_ID >> 8 * i);
	for (uint8_t call = 3; call < 10; call++) {
		int64_t total = left.sum.total;

		frame[16] = frame[24] = call;
		assert_true(sum_answer(&left.sum));
		for (uint64_t n = actor_simulation_choose(executor, 6); n > 0; n--)
			pass_ns(1);
		stranger_write_now(frame, sizeof frame);
		settle();
		assert_int_equal(left.sum.total, total + call - 1);
	}
}

/* BP-12: whatever becomes of the call. */
static void permits_come_back_on_every_path(void)
{
	struct actor_semaphore *semaphore;
	struct actor_semaphore_counts now;
	struct actor_peer_options options = { .size = sizeof options, .max_write_bytes = 150 };

	assert_int_equal(actor_semaphore_create(2, &semaphore), 0);
	options.permits = semaphore;
	connect_stranger(&options);
	for (uint64_t i = 0; i < 5; i++) {
		stranger_frame(ADD_ID, 10 * i + 1, "6161");  /* does not decode */
		stranger_frame(0x1234, 10 * i + 2, "01");    /* nobody's */
		stranger_frame(NOTE_ID, 10 * i + 3, "6161"); /* no call */
		left.sum.refuses = true;
		stranger_frame(SHOW_ID, 10 * i + 4, "f6"); /* refused */
		left.sum.refuses = false;
		stranger_frame(ADD_ID, 10 * i + 5, "01"); /* answered */
		actor_semaphore_counts_get(semaphore, &now);
		assert_int_equal(now.n_free, 2);
	}
	left.sum.fails = true;
	stranger_frame(ADD_ID, 99, "01");  /* fails */
	stranger_frame(ADD_ID, 100, "01"); /* waits for the next run of the actor */
	actor_semaphore_counts_get(semaphore, &now);
	assert_int_equal(now.n_free, 1);
	actor_mailbox_cancel(left.mailbox.mailbox); /* which does not come */
	settle();
	stranger_frame(ADD_ID, 101, "01"); /* gone */
	actor_semaphore_counts_get(semaphore, &now);
	assert_int_equal(now.n_free, 2);
	assert_int_equal(counts_of(&left).n_serving, 0);
	actor_semaphore_unref(semaphore);
}

/* BP-15: with the answers that are never given, and those that are given too late. */
static void permits_come_back_after_the_end(void)
{
	struct actor_semaphore *semaphore;
	struct actor_semaphore_counts now;
	struct actor_peer_options options = { .size = sizeof options };

	assert_int_equal(actor_semaphore_create(2, &semaphore), 0);
	options.permits = semaphore;
	connect_stranger(&options);
	left.sum.slow = true;
	for (uint64_t call = 1; call <= 4; call++)
		stranger_frame(ADD_ID, call, "01");
	actor_transport_destroy(stranger.transport);
	stranger.transport = NULL;
	settle();
	actor_semaphore_counts_get(semaphore, &now);
	assert_int_equal(now.n_free, 0); /* those in hand */
	assert_int_equal(now.n_waiting, 0);
	assert_true(sum_answer(&left.sum));
	settle();
	actor_semaphore_counts_get(semaphore, &now);
	assert_int_equal(now.n_free, 1);
	assert_true(sum_answer(&left.sum));
	settle();
	actor_semaphore_counts_get(semaphore, &now);
	assert_int_equal(now.n_free, 2);
	actor_semaphore_unref(semaphore);
}

/* BP-02: nobody has as many as he likes. */
static void there_are_1024_unless_something_else_is_said(void)
{
	enum { N = 1024 + 1 };
	static uint8_t frames[N * 25];

	left.options.capacity = ACTOR_UNBOUNDED;
	connect_stranger(NULL);
	left.sum.blocks_until_ns = actor_now(context) + 5 * SECOND;
	for (unsigned i = 0; i < N; i++) {
		uint8_t *frame = frames + (size_t)25 * i;

		frame[0] = 25;
		for (int k = 0; k < 8; k++)
			frame[8 + k] = (uint8_t)(ADD_ID >> 8 * k);
		frame[16] = (uint8_t)(i + 1);
		frame[17] = (uint8_t)((i + 1) >> 8);
		frame[24] = 1;
	}
	stranger_write(frames, sizeof frames);
	assert_int_equal(counts_of(&left).n_serving, N);
	assert_int_equal(counts_of(&left).n_held, 1);
	pass_ns(6 * SECOND);
	assert_int_equal(left.sum.total, N);
	assert_int_equal(counts_of(&left).n_serving, 0);
}

/* BP-18: they are for calls that come. */
static void calls_that_go_out_need_none(void)
{
	const struct actor_peer_options one = { .size = sizeof one, .n_permits = 1 };
	struct caller callers[5];

	connect_stranger(&one);
	left.sum.slow = true;
	stranger_frame(ADD_ID, 1, "01");
	for (uint64_t i = 0; i < 5; i++) {
		begin_add(&callers[i], &left, 1);
		stranger_expect(ADD_ID, 1 + i, "01");
	}
	assert_int_equal(counts_of(&left).n_pending, 5);
	for (uint64_t i = 0; i < 5; i++) {
		stranger_frame(ACTOR_SERVICE_RESPONSE, 1 + i, "f6");
		assert_int_equal(end_add(&callers[i]), 0);
	}
}

/* ---- shared */

/* BP-01, BP-16: and whoever else takes them. */
static void permits_may_be_shared(void)
{
	struct actor_peer_options options = { .size = sizeof options };
	struct actor_semaphore *semaphore;
	struct caller to_left, to_right;
	struct actor_permit *permit;

	assert_int_equal(actor_semaphore_create(1, &semaphore), 0);
	assert_int_equal(actor_semaphore_try_acquire(NULL, semaphore, 1, &permit), 0);
	options.permits = semaphore;
	connect_sides(&options, &options);
	begin_add(&to_right, &left, 1);
	settle();
	begin_add(&to_left, &right, 1);
	settle();
	assert_int_equal(counts_of(&left).n_held, 1);
	assert_int_equal(counts_of(&right).n_held, 1);
	assert_int_equal(right.sum.total, 0);
	right.sum.slow = left.sum.slow = true;
	actor_permit_release(permit);
	settle();
	assert_int_equal(right.sum.total, 1); /* who came first */
	assert_int_equal(left.sum.total, 0);
	assert_true(sum_answer(&right.sum));
	settle();
	assert_int_equal(left.sum.total, 1);
	assert_true(sum_answer(&left.sum));
	settle();
	assert_int_equal(end_add(&to_right), 0);
	assert_int_equal(end_add(&to_left), 0);
	actor_semaphore_unref(semaphore);
}

/* A side that asks and does not read does not keep what others share. */
static void who_takes_no_answers_gives_permits_back(void)
{
	static char payload[2 * 3003 + 1] = "790bb8";
	struct actor_peer_options options = { .size = sizeof options };
	struct actor_semaphore *semaphore;
	struct caller caller;

	for (size_t i = 6; i < sizeof payload - 1; i += 2)
		memcpy(payload + i, "61", 2);
	assert_int_equal(actor_semaphore_create(4, &semaphore), 0);
	options.permits = semaphore;
	connect_stranger(&options);
	link_sides(&more[0], NULL, &more[1], &options);
	side_serve(&more[1]);
	settle();
	stranger.most = 1;
	for (uint64_t call = 1; call < 100 && counts_of(&left).n_held == 0; call++)
		stranger_frame(ECHO_ID, call, payload);
	begin_add(&caller, &more[0], 1);
	pass_ns(29 * SECOND);
	assert_int_equal(more[1].sum.total, 0);
	pass_ns(2 * SECOND);
	expect_event(&left, ACTOR_PEER_ERROR, ACTOR_E_OVERLOAD);
	assert_int_equal(end_add(&caller), 0);
	actor_semaphore_unref(semaphore);
}

/* A peer that ends while it waits for a permit waits no more. */
static void the_end_gives_up_the_place_in_line(void)
{
	struct actor_peer_options options = { .size = sizeof options };
	struct actor_semaphore *semaphore;
	struct actor_semaphore_counts now;
	struct actor_permit *permit;

	assert_int_equal(actor_semaphore_create(1, &semaphore), 0);
	assert_int_equal(actor_semaphore_try_acquire(NULL, semaphore, 1, &permit), 0);
	options.permits = semaphore;
	connect_stranger(&options);
	stranger_frame(ADD_ID, 1, "01");
	actor_semaphore_counts_get(semaphore, &now);
	assert_int_equal(now.n_waiting, 1);
	actor_transport_destroy(stranger.transport);
	stranger.transport = NULL;
	pass_ns(2 * SECOND);
	expect_event(&left, ACTOR_PEER_CLOSED_BY_REMOTE, 0);
	expect_event(&left, ACTOR_PEER_ERROR, ACTOR_E_CLOSED);
	expect_ended(&left);
	actor_semaphore_counts_get(semaphore, &now);
	assert_int_equal(now.n_waiting, 0);
	actor_permit_release(permit);
	actor_semaphore_counts_get(semaphore, &now);
	assert_int_equal(now.n_free, 1);
	actor_semaphore_unref(semaphore);
}

/* Nor does one that closes, though it waits for its grace. */
static void a_peer_that_closes_asks_for_no_permit(void)
{
	struct actor_peer_options options = { .size = sizeof options, .grace_ns = 100 * SECOND };
	struct actor_semaphore *semaphore;
	struct actor_semaphore_counts now;

	assert_int_equal(actor_semaphore_create(1, &semaphore), 0);
	options.permits = semaphore;
	connect_stranger(&options);
	left.sum.slow = true;
	stranger_frame(ADD_ID, 1, "01");
	stranger_frame(ADD_ID, 2, "01");
	actor_semaphore_counts_get(semaphore, &now);
	assert_int_equal(now.n_waiting, 1);
	actor_peer_close(left.peer, NULL);
	settle();
	actor_semaphore_counts_get(semaphore, &now);
	assert_int_equal(now.n_waiting, 0);
	assert_true(sum_answer(&left.sum));
	settle();
	actor_semaphore_counts_get(semaphore, &now);
	assert_int_equal(now.n_free, 1);
	actor_semaphore_unref(semaphore);
}

/* E-19, BP-17. */
static void the_end_of_all_permits_closes(void)
{
	struct actor_peer_options options = { .size = sizeof options };
	struct actor_semaphore *semaphore;

	assert_int_equal(actor_semaphore_create(1, &semaphore), 0);
	options.permits = semaphore;
	connect_stranger(&options);
	left.sum.slow = true;
	stranger_frame(ADD_ID, 1, "01");
	stranger_frame(ADD_ID, 2, "01"); /* waits */
	actor_semaphore_close(semaphore);
	expect_event(&left, ACTOR_PEER_ERROR, ACTOR_E_CLOSED);
	expect_event(&left, ACTOR_PEER_CLOSED, ACTOR_E_CLOSED);
	stranger_expect_error(ACTOR_WIRE_INTERNAL_SERVER_ERROR, ADD_ID, 2);
	assert_true(sum_answer(&left.sum));
	stranger_expect(ACTOR_SERVICE_RESPONSE, 1, "f6");
	actor_semaphore_unref(semaphore);
}

static void that_there_are_no_permits_is_noticed(void)
{
	struct actor_peer_options options = { .size = sizeof options };
	struct actor_semaphore *semaphore;

	assert_int_equal(actor_semaphore_create(1, &semaphore), 0);
	actor_semaphore_close(semaphore);
	options.permits = semaphore;
	connect_stranger(&options);
	stranger_frame(NOTE_ID, 0, "6161");
	expect_no_event(&left);
	stranger_frame(ADD_ID, 1, "01");
	expect_event(&left, ACTOR_PEER_ERROR, ACTOR_E_CLOSED);
	expect_event(&left, ACTOR_PEER_CLOSED, ACTOR_E_CLOSED);
	stranger_expect_error(ACTOR_WIRE_INTERNAL_SERVER_ERROR, ADD_ID, 1);
	actor_semaphore_unref(semaphore);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		PEER_TEST(calls_beyond_the_permits_wait_in_order),
		PEER_TEST(nothing_else_waits_for_permits),
		PEER_TEST(one_may_call_back_with_all_permits_taken),
		PEER_TEST(a_permit_is_held_until_the_answer_is_written),
		PEER_TEST(a_permit_is_held_until_its_own_write_is_done),
		PEER_TEST(who_waits_for_a_permit_is_not_overtaken),
		PEER_TEST(permits_come_back_on_every_path),
		PEER_TEST(permits_come_back_after_the_end),
		PEER_TEST(there_are_1024_unless_something_else_is_said),
		PEER_TEST(calls_that_go_out_need_none),
		PEER_TEST(permits_may_be_shared),
		PEER_TEST(who_takes_no_answers_gives_permits_back),
		PEER_TEST(the_end_gives_up_the_place_in_line),
		PEER_TEST(a_peer_that_closes_asks_for_no_permit),
		PEER_TEST(the_end_of_all_permits_closes),
		PEER_TEST(that_there_are_no_permits_is_noticed),
	};

	return cmocka_run_group_tests_name("permits", tests, NULL, NULL);
}
