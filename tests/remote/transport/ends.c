/* SPDX-License-Identifier: MIT */

/* The end of a connection: in order, one direction after the other, or not. */

#include "stage.h"

enum { LITTLE = 100, SOME = 100000 };

static void write_some_and_shut(struct side *side)
{
	side->n_to_write = SOME;
	side->to_shut = true;
	side_write(side);
}

static void write_some(struct side *side)
{
	side->n_to_write = SOME;
	side_write(side);
}

static void write_little(struct side *side)
{
	side->n_to_write = LITTLE;
	side_write(side);
}

static void write_without_end(struct side *side)
{
	side->most_bytes = sizeof side->bytes;
	side->n_to_write = UINT64_MAX;
	side_write(side);
}

static void write_no_more_and_shut(struct side *side)
{
	side->n_to_write = 0;
	side_shutdown(side);
}

static void closing_one_direction_leaves_the_other(void **state)
{
	(void)state;
	stage_start();
	side_do(stage_a, write_some_and_shut);
	assert_true(side_wait(stage_b, side_has_finished, 0));
	assert_int_equal(side_look(stage_b).n_read, SOME);
	assert_int_equal(side_look(stage_a).n_finished, 0);
	side_do(stage_b, write_some);
	assert_true(side_wait(stage_a, side_has_read, SOME));
	stage_end(SOME, SOME);
}

static void either_may_be_the_first_to_close(void **state)
{
	(void)state;
	stage_start();
	side_do(stage_b, side_shutdown);
	assert_true(side_wait(stage_a, side_has_finished, 0));
	side_do(stage_a, write_some_and_shut);
	stage_end(SOME, 0);
}

static void both_may_close_at_once(void **state)
{
	(void)state;
	stage_start();
	side_do(stage_a, write_some_and_shut);
	side_do(stage_b, write_some_and_shut);
	stage_end(SOME, SOME);
}

static void one_may_close_before_the_other_starts(void **state)
{
	(void)state;
	side_do(stage_a, side_start);
	side_do(stage_a, side_shutdown);
	side_do(stage_b, side_start);
	stage_end(0, 0);
}

static void closing_follows_what_is_pending(void **state)
{
	uint64_t n_accepted;

	(void)state;
	for (unsigned before = 0; before < 2;
	     before++) { /* all has arrived for which there is room */
		stage_connect();
		stage_start();
		side_do(stage_b, side_pause);
		side_do(stage_a, write_without_end);
		assert_true(side_wait(stage_a, side_is_pending, 0));
		if (before)
			side_settle();
		side_do(stage_a, write_no_more_and_shut);
		if (!before)
			side_settle();
		n_accepted = side_look(stage_a).n_accepted;
		stage_end(n_accepted, 0);
		assert_true(side_look(stage_a).n_written > 0);
	}
}

static void answer_and_shut(struct side *side)
{
	side->n_to_write = side->seen.n_read - side->seen.n_accepted;
	side->to_shut = true;
	side_write(side);
}

static void set_answer_and_shut(struct side *side)
{
	side->on_finished = answer_and_shut;
}

static void one_may_close_in_any_event(void **state)
{
	(void)state;
	stage_start();
	side_do(stage_b, set_answer_and_shut);
	side_do(stage_a, write_some_and_shut);
	assert_true(side_wait(stage_a, side_has_finished, 0));
	stage_end(SOME, SOME);
}

/* ---- not in order */

static void who_goes_without_a_word_has_the_other_told(void **state)
{
	(void)state;
	stage_start();
	side_do(stage_a, side_destroy);
	assert_true(side_wait(stage_b, side_has_ended, 0));
	stage_check();
}

static void what_was_written_before_arrives(void **state)
{
	(void)state;
	stage_start();
	side_do(stage_a, write_some);
	assert_true(side_wait(stage_a, side_is_done_writing, 0));
	side_do(stage_a, side_destroy);
	assert_true(side_wait(stage_b, side_has_ended, 0));
	assert_int_equal(side_look(stage_b).n_read, SOME);
	assert_int_equal(side_look(stage_b).n_finished, 1);
	stage_check();
}

static void who_is_paused_is_told_later(void **state)
{
	(void)state;
	stage_start();
	side_do(stage_b, side_pause);
	side_do(stage_a, write_some);
	side_do(stage_a, side_destroy);
	side_settle();
	assert_int_equal(side_look(stage_b).n_finished, 0);
	side_do(stage_b, side_resume);
	assert_true(side_wait(stage_b, side_has_ended, 0));
	stage_check();
}

/* What was pending does not come: it must not look as if all had. */
static void what_is_cut_off_does_not_end_in_order(void **state)
{
	(void)state;
	stage_start();
	side_do(stage_b, side_pause);
	side_do(stage_a, write_without_end);
	assert_true(side_wait(stage_a, side_is_pending, 0));
	side_settle();
	side_do(stage_a, side_destroy);
	side_do(stage_b, side_resume);
	assert_true(side_wait(stage_b, side_has_ended, 0));
	stage_check();
	assert_true(side_look(stage_b).n_read < side_look(stage_a).n_accepted);
	if (!(stage_subject->capabilities & TRANSPORT_LOSS_IS_TOLD))
		return;
	assert_int_equal(side_look(stage_b).n_finished, 0);
	assert_int_equal(side_look(stage_b).n_lost, 1);
}

static void who_writes_to_nobody_is_told(void **state)
{
	(void)state;
	stage_start();
	side_do(stage_a, side_destroy);
	side_do(stage_b, write_without_end);
	assert_true(side_wait(stage_b, side_has_lost, 0));
	stage_check();
	assert_true(side_look(stage_b).lost_errno > 0);
	/* That was the last of it. */
	side_do(stage_b, side_resume);
	side_do(stage_b, write_some);
	side_do(stage_b, side_shutdown);
	side_settle();
	stage_check();
	assert_true(side_look(stage_b).write_failed);
}

static void resume_and_write(struct side *side)
{
	side_resume(side);
	write_without_end(side);
}

static void what_came_before_a_loss_is_read_before(void **state)
{
	(void)state;
	stage_start();
	side_do(stage_b, side_pause);
	side_do(stage_a, write_little);
	assert_true(side_wait(stage_a, side_is_done_writing, 0));
	side_do(stage_a, side_destroy);
	side_settle();
	side_do(stage_b, resume_and_write);
	assert_true(side_wait(stage_b, side_has_lost, 0));
	assert_int_equal(side_look(stage_b).n_read, LITTLE);
	stage_check();
}

static void who_writes_to_nobody_is_told_although_paused(void **state)
{
	(void)state;
	stage_start();
	side_do(stage_b, side_pause);
	side_do(stage_a, side_destroy);
	side_do(stage_b, write_without_end);
	assert_true(side_wait(stage_b, side_has_lost, 0));
	stage_check();
}

static void who_has_a_write_pending_to_who_goes_is_told(void **state)
{
	(void)state;
	stage_start();
	side_do(stage_a, side_pause);
	side_do(stage_b, write_without_end);
	assert_true(side_wait(stage_b, side_is_pending, 0));
	side_do(stage_a, side_destroy);
	assert_true(side_wait(stage_b, side_has_lost, 0));
	stage_check();
}

static void who_still_writes_after_the_other_has_closed_is_told(void **state)
{
	(void)state;
	stage_start();
	side_do(stage_a, side_shutdown);
	assert_true(side_wait(stage_b, side_has_finished, 0));
	side_do(stage_b, write_some);
	assert_true(side_wait(stage_a, side_has_read, SOME));
	side_do(stage_a, side_destroy);
	side_do(stage_b, write_without_end);
	assert_true(side_wait(stage_b, side_has_lost, 0));
	stage_check();
}

const struct CMUnitTest end_tests[] = {
	STAGE_TEST(closing_one_direction_leaves_the_other),
	STAGE_TEST(either_may_be_the_first_to_close),
	STAGE_TEST(both_may_close_at_once),
	STAGE_TEST(one_may_close_before_the_other_starts),
	STAGE_TEST(closing_follows_what_is_pending),
	STAGE_TEST(one_may_close_in_any_event),
	STAGE_TEST(who_goes_without_a_word_has_the_other_told),
	STAGE_TEST(what_was_written_before_arrives),
	STAGE_TEST(who_is_paused_is_told_later),
	STAGE_TEST(what_is_cut_off_does_not_end_in_order),
	STAGE_TEST(who_writes_to_nobody_is_told),
	STAGE_TEST(what_came_before_a_loss_is_read_before),
	STAGE_TEST(who_writes_to_nobody_is_told_although_paused),
	STAGE_TEST(who_has_a_write_pending_to_who_goes_is_told),
	STAGE_TEST(who_still_writes_after_the_other_has_closed_is_told),
};
const size_t n_end_tests = sizeof end_tests / sizeof end_tests[0];
