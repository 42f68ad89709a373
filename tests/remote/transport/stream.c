/* SPDX-License-Identifier: MIT */

/* Bytes: complete, in order, once, and no faster than they are read. */

#include "stage.h"

enum { MILLION = 1000000 };

static void write_million(struct side *side)
{
	side->most_bytes = sizeof side->bytes;
	side->n_to_write = MILLION;
	side_write(side);
}

static void write_little(struct side *side)
{
	side->n_to_write = 1;
	side_write(side);
}

static void write_without_end(struct side *side)
{
	side->most_bytes = sizeof side->bytes;
	side->n_to_write = UINT64_MAX;
	side_write(side);
}

static void write_no_more(struct side *side)
{
	side->n_to_write = 0;
}

static void let_it_pause(struct side *side)
{
	side->pauses = true;
}

static void a_byte_arrives(void **state)
{
	(void)state;
	stage_start();
	side_do(stage_a, write_little);
	assert_true(side_wait(stage_b, side_has_read, 1));
	side_do(stage_b, write_little);
	assert_true(side_wait(stage_a, side_has_read, 1));
	stage_end(1, 1);
}

static void what_is_written_before_the_other_side_starts_arrives(void **state)
{
	(void)state;
	side_do(stage_a, side_start);
	side_do(stage_a, write_million);
	side_do(stage_b, side_start);
	stage_end(MILLION, 0);
}

static void bytes_arrive_complete_in_order_and_once(void **state)
{
	(void)state;
	for (unsigned i = 0; i < stage_times(20); i++) {
		side_seed(i + 1);
		stage_connect();
		stage_start();
		side_do(i % 2 ? stage_a : stage_b, write_million);
		stage_end(i % 2 ? MILLION : 0, i % 2 ? 0 : MILLION);
	}
}

static void a_million_bytes_go_both_ways_at_once(void **state)
{
	(void)state;
	stage_start();
	side_do(stage_a, write_million);
	side_do(stage_b, write_million);
	stage_end(MILLION, MILLION);
}

static void who_pauses_now_and_then_misses_nothing(void **state)
{
	(void)state;
	stage_start();
	side_do(stage_a, let_it_pause);
	side_do(stage_b, write_million);
	/* Each event may be the last before a pause. */
	while (side_look(stage_a).n_read < MILLION / 2) {
		assert_true(side_wait(stage_a, side_is_paused, 0));
		side_do(stage_a, side_resume);
	}
	stage_end(0, MILLION);
}

static void who_does_not_read_makes_the_other_wait(void **state)
{
	struct side_seen seen;
	uint64_t n_accepted;

	(void)state;
	stage_start();
	side_do(stage_b, side_pause);
	side_do(stage_a, write_without_end);
	assert_true(side_wait(stage_a, side_is_pending, 0));
	side_settle();
	/* As much as there is room for on the way, but no more. */
	n_accepted = side_look(stage_a).n_accepted;
	side_settle();
	assert_int_equal(side_look(stage_a).n_accepted, n_accepted);
	seen = side_look(stage_b);
	side_do(stage_a, write_no_more);
	side_do(stage_b, side_resume);
	assert_true(side_wait(stage_b, side_has_read, n_accepted));
	assert_true(side_wait(stage_a, side_is_done_writing, 0));
	assert_true(side_look(stage_a).n_written > 0);
	assert_true(seen.n_read < n_accepted);
	stage_end(n_accepted, 0);
}

static void what_is_paused_is_told_nothing(void **state)
{
	(void)state;
	stage_start();
	side_do(stage_b, side_pause);
	side_do(stage_a, write_little);
	side_do(stage_a, side_shutdown);
	side_settle();
	assert_int_equal(side_look(stage_b).n_reads, 0);
	assert_int_equal(side_look(stage_b).n_finished, 0);
	side_do(stage_b, side_resume);
	stage_end(1, 0);
}

static void resuming_what_is_not_paused_is_no_harm(void **state)
{
	(void)state;
	stage_start();
	side_do(stage_b, side_resume);
	side_do(stage_b, side_pause);
	side_do(stage_b, side_pause);
	side_do(stage_b, side_resume);
	side_do(stage_b, side_resume);
	side_do(stage_a, write_million);
	stage_end(MILLION, 0);
}

/* Who waits for the other to take what it writes still reads. */
static void reading_and_writing_do_not_wait_for_each_other(void **state)
{
	uint64_t n_accepted;

	(void)state;
	stage_start();
	side_do(stage_b, side_pause);
	side_do(stage_a, write_without_end);
	assert_true(side_wait(stage_a, side_is_pending, 0));
	side_do(stage_b, write_million);
	assert_true(side_wait(stage_a, side_has_read, MILLION));
	side_settle();
	side_do(stage_a, write_no_more);
	n_accepted = side_look(stage_a).n_accepted;
	stage_end(n_accepted, MILLION);
}

static void echo(struct side *side)
{
	side->n_to_write = side->seen.n_read - side->seen.n_accepted;
	side_write(side);
}

static void set_echo(struct side *side)
{
	side->on_read = echo;
	side->on_written = echo;
}

static void one_may_write_in_any_event(void **state)
{
	(void)state;
	stage_start();
	side_do(stage_b, set_echo);
	side_do(stage_a, write_million);
	assert_true(side_wait(stage_a, side_has_read, MILLION));
	stage_end(MILLION, MILLION);
}

/* Back and forth, one byte at a time, as questions and answers go. */
static void answer(struct side *side)
{
	if (side->seen.n_accepted < 1000) {
		side->n_to_write = 1;
		side_write(side);
	}
}

static void set_answer(struct side *side)
{
	side->on_read = answer;
}

static void questions_are_answered(void **state)
{
	(void)state;
	stage_start();
	side_do(stage_a, set_answer);
	side_do(stage_b, set_answer);
	side_do(stage_a, answer);
	assert_true(side_wait(stage_a, side_has_read, 1000));
	stage_end(1000, 1000);
}

static void it_can_be_described(void **state)
{
	char text[256], cut[4];
	int n = actor_transport_describe(stage_a->transport, text, sizeof text);

	(void)state;
	assert_in_range(n, 1, sizeof text - 1);
	assert_int_equal(strlen(text), n);
	assert_int_equal(actor_transport_describe(stage_a->transport, cut, sizeof cut), n);
	assert_memory_equal(cut, text, n < 3 ? n : 3);
	assert_int_equal(cut[n < 3 ? n : 3], '\0');
	assert_int_equal(actor_transport_describe(stage_a->transport, NULL, 0), n);
}

const struct CMUnitTest stream_tests[] = {
	STAGE_TEST(a_byte_arrives),
	STAGE_TEST(what_is_written_before_the_other_side_starts_arrives),
	STAGE_TEST(bytes_arrive_complete_in_order_and_once),
	STAGE_TEST(a_million_bytes_go_both_ways_at_once),
	STAGE_TEST(who_pauses_now_and_then_misses_nothing),
	STAGE_TEST(who_does_not_read_makes_the_other_wait),
	STAGE_TEST(what_is_paused_is_told_nothing),
	STAGE_TEST(resuming_what_is_not_paused_is_no_harm),
	STAGE_TEST(reading_and_writing_do_not_wait_for_each_other),
	STAGE_TEST(one_may_write_in_any_event),
	STAGE_TEST(questions_are_answered),
	STAGE_TEST(it_can_be_described),
};
const size_t n_stream_tests = sizeof stream_tests / sizeof stream_tests[0];
