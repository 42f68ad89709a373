/* SPDX-License-Identifier: MIT */

/* Destroying an end, in whatever state it is and wherever: nothing comes after it, nothing is
 * left. */

#include "stage.h"

enum { SOME = 100000 };

static void write_some(struct side *side)
{
	side->n_to_write = SOME;
	side_write(side);
}

static void write_some_and_shut(struct side *side)
{
	side->to_shut = true;
	write_some(side);
}

static void write_without_end(struct side *side)
{
	side->most_bytes = sizeof side->bytes;
	side->n_to_write = UINT64_MAX;
	side_write(side);
}

static void it_need_not_be_started(void **state)
{
	(void)state;
	actor_transport_destroy(stage_a->transport);
	stage_a->transport = NULL;
	side_do(stage_b, side_destroy);
	actor_transport_destroy(NULL);
}

static void start_and_destroy(struct side *side)
{
	side_start(side);
	side_destroy(side);
}

static void it_may_go_when_it_has_just_started(void **state)
{
	(void)state;
	side_do(stage_a, start_and_destroy);
	side_do(stage_b, side_start);
	assert_true(side_wait(stage_b, side_has_ended, 0));
	stage_check();
}

static void it_may_go_before_the_other_starts(void **state)
{
	(void)state;
	side_do(stage_a, side_start);
	side_do(stage_a, write_some);
	side_do(stage_a, side_destroy);
	side_do(stage_b, side_start);
	assert_true(side_wait(stage_b, side_has_ended, 0));
	stage_check();
}

static void who_was_never_started_has_the_other_told(void **state)
{
	(void)state;
	side_do(stage_b, side_start);
	side_do(stage_a, side_destroy);
	assert_true(side_wait(stage_b, side_has_ended, 0));
	stage_check();
}

static void write_and_destroy(struct side *side)
{
	write_some(side);
	side_destroy(side);
}

static void shut_and_destroy(struct side *side)
{
	side_shutdown(side);
	side_destroy(side);
}

static void pause_and_destroy(struct side *side)
{
	side_pause(side);
	side_destroy(side);
}

static void resume_and_destroy(struct side *side)
{
	side_resume(side);
	side_destroy(side);
}

/* What has begun does not come any more. */
static void it_may_go_right_after_anything(void **state)
{
	side_fn *const functions[] = { write_and_destroy, shut_and_destroy, pause_and_destroy,
				       resume_and_destroy };

	(void)state;
	for (unsigned i = 0; i < sizeof functions / sizeof functions[0]; i++) {
		stage_connect();
		stage_start();
		side_do(stage_b, write_some);
		side_do(stage_a, functions[i]);
		side_settle();
		stage_check();
	}
}

static void both_may_go_in_any_order(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		stage_connect();
		stage_start();
		side_do(stage_a, write_some);
		side_do(stage_b, write_some);
		side_do(i ? stage_b : stage_a, side_destroy);
		side_do(i ? stage_a : stage_b, side_destroy);
		stage_check();
	}
}

static void shut_then_destroy(struct side *side)
{
	side->n_to_write = 0;
	side_shutdown(side);
	side_destroy(side);
}

static void it_may_go_with_a_write_pending(void **state)
{
	side_fn *const functions[] = { side_destroy, shut_then_destroy };

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		stage_connect();
		stage_start();
		side_do(stage_b, side_pause);
		side_do(stage_a, write_without_end);
		assert_true(side_wait(stage_a, side_is_pending, 0));
		side_settle();
		side_do(stage_a, functions[i]);
		side_do(stage_b, side_resume);
		assert_true(side_wait(stage_b, side_has_ended, 0));
		side_settle();
		stage_check();
	}
}

static void it_may_go_after_either_end(void **state)
{
	(void)state;
	stage_start();
	side_do(stage_a, write_some_and_shut);
	assert_true(side_wait(stage_b, side_has_finished, 0));
	side_do(stage_b, side_destroy);
	assert_true(side_wait(stage_a, side_has_ended, 0));
	side_do(stage_a, side_destroy);
	stage_check();
}

static void it_may_go_when_it_is_lost(void **state)
{
	(void)state;
	stage_start();
	side_do(stage_a, side_destroy);
	side_do(stage_b, write_without_end);
	assert_true(side_wait(stage_b, side_has_lost, 0));
	side_do(stage_b, side_destroy);
	stage_check();
}

/* ---- inside each event */

static void go_when_it_is_read(struct side *side)
{
	side->on_read = side_destroy;
}

static void go_when_it_is_written(struct side *side)
{
	side->on_written = side_destroy;
}

static void go_when_it_ends(struct side *side)
{
	side->on_finished = side_destroy;
	side->on_lost = side_destroy;
}

static void it_may_go_when_something_is_read(void **state)
{
	uint64_t n_reads;

	(void)state;
	stage_start();
	side_do(stage_b, go_when_it_is_read);
	side_do(stage_a, write_without_end);
	assert_true(side_wait(stage_b, side_is_destroyed, 0));
	n_reads = side_look(stage_b).n_reads;
	assert_true(side_wait(stage_a, side_has_lost, 0));
	side_settle();
	stage_check();
	assert_int_equal(n_reads, 1);
	assert_int_equal(side_look(stage_b).n_reads, 1);
}

static void it_may_go_when_something_is_written(void **state)
{
	(void)state;
	stage_start();
	side_do(stage_b, side_pause);
	side_do(stage_a, go_when_it_is_written);
	side_do(stage_a, write_without_end);
	assert_true(side_wait(stage_a, side_is_pending, 0));
	side_do(stage_b, side_resume);
	assert_true(side_wait(stage_a, side_is_destroyed, 0));
	assert_true(side_wait(stage_b, side_has_ended, 0));
	stage_check();
	assert_int_equal(side_look(stage_a).n_written, 1);
}

static void it_may_go_when_it_ends_in_order(void **state)
{
	(void)state;
	stage_start();
	side_do(stage_b, go_when_it_ends);
	side_do(stage_a, write_some_and_shut);
	assert_true(side_wait(stage_b, side_is_destroyed, 0));
	assert_true(side_wait(stage_a, side_has_ended, 0));
	stage_check();
	assert_int_equal(side_look(stage_b).n_finished, 1);
}

static void it_may_go_when_the_loss_is_told(void **state)
{
	(void)state;
	stage_start();
	side_do(stage_b, go_when_it_ends);
	side_do(stage_b, side_pause);
	side_do(stage_a, side_destroy);
	side_do(stage_b, write_without_end);
	assert_true(side_wait(stage_b, side_is_destroyed, 0));
	side_settle();
	stage_check();
	assert_int_equal(side_look(stage_b).n_lost, 1);
}

/* ---- by chance */

static void do_something(struct side *side)
{
	switch (side_chance(side, 6) ? 0 : 1 + side_chance(side, 2) + 2 * side_chance(side, 2)) {
	case 0:
		side->to_shut = side_chance(side, 4);
		side->pauses = side_chance(side, 4);
		if (side_chance(side, 8))
			side_destroy(side);
		break;
	case 1:
		side->n_to_write += 1000;
		side->most_bytes = side_chance(side, 2) ? 1000 : sizeof side->bytes;
		break;
	case 2:
		side_pause(side);
		break;
	default:
		side_resume(side);
	}
	if (side->transport)
		side_write(side);
}

static void react_by_chance(struct side *side)
{
	side_start(side);
	side->on_read = do_something;
	side->on_written = do_something;
	side->on_finished = do_something;
}

static void whatever_is_done_it_ends(void **state)
{
	(void)state;
	for (unsigned i = 0; i < stage_times(200); i++) {
		side_seed(i + 1);
		stage_connect();
		side_do(stage_a, react_by_chance);
		side_do(stage_b, react_by_chance);
		for (unsigned k = 0; k < 20; k++)
			side_do(k % 3 ? stage_a : stage_b, do_something);
		stage_check();
	}
}

const struct CMUnitTest destroy_tests[] = {
	STAGE_TEST(it_need_not_be_started),
	STAGE_TEST(it_may_go_when_it_has_just_started),
	STAGE_TEST(it_may_go_before_the_other_starts),
	STAGE_TEST(who_was_never_started_has_the_other_told),
	STAGE_TEST(it_may_go_right_after_anything),
	STAGE_TEST(both_may_go_in_any_order),
	STAGE_TEST(it_may_go_with_a_write_pending),
	STAGE_TEST(it_may_go_after_either_end),
	STAGE_TEST(it_may_go_when_it_is_lost),
	STAGE_TEST(it_may_go_when_something_is_read),
	STAGE_TEST(it_may_go_when_something_is_written),
	STAGE_TEST(it_may_go_when_it_ends_in_order),
	STAGE_TEST(it_may_go_when_the_loss_is_told),
	STAGE_TEST(whatever_is_done_it_ends),
};
const size_t n_destroy_tests = sizeof destroy_tests / sizeof destroy_tests[0];
