/* SPDX-License-Identifier: MIT */

/*
 * The governor: how many threads it allows to be up, by what it is told. The machine is made up: a
 * function says how many messages so many threads handle in a millisecond.
 */

#include "test.h"

#include "governor.h"

enum { MS = 1000000, MANY = 10000 /* messages a millisecond: short ones */ };

static struct {
	struct actor__governor governor;
	uint64_t (*speed)(unsigned n_threads);
	unsigned n_work_for; /* threads that there is something to do for */
	int64_t now;
	uint64_t n_done;
	unsigned n_allowed;
	unsigned n_changes;
} machine;

static void machine_start(unsigned n_most, uint64_t (*speed)(unsigned n_threads))
{
	actor__governor_init(&machine.governor, n_most);
	machine.speed = speed;
	machine.n_work_for = n_most;
	machine.now = 5000 * (int64_t)MS;
	machine.n_done = 1000;
	machine.n_allowed = n_most;
	machine.n_changes = 0;
}

/* Returns how many milliseconds had so many threads up. */
static unsigned machine_run(unsigned n_ms, unsigned n_threads)
{
	unsigned n_with = 0;

	for (unsigned i = 0; i < n_ms; i++) {
		unsigned n_up = machine.n_allowed < machine.n_work_for ? machine.n_allowed
								       : machine.n_work_for;
		unsigned before = machine.n_allowed;

		machine.now += MS;
		machine.n_done += machine.speed(n_up);
		machine.n_allowed = actor__governor_look(&machine.governor, machine.now,
							 machine.n_done, n_up);
		machine.n_changes += machine.n_allowed != before;
		n_with += n_up == n_threads;
	}
	return n_with;
}

/* Each thread adds as much as the first one. */
static uint64_t each_helps(unsigned n_threads)
{
	return (uint64_t)MANY * n_threads;
}

/* They get into each other's way: two do half of what one does. */
static uint64_t each_hinders(unsigned n_threads)
{
	return n_threads ? MANY * 8 / n_threads : 0;
}

/* Up to four help, more hinder. */
static uint64_t four_are_best(unsigned n_threads)
{
	return n_threads <= 4 ? each_helps(n_threads) : each_helps(4) * 4 / n_threads;
}

/* All the same. */
static uint64_t nothing_matters(unsigned n_threads)
{
	(void)n_threads;
	return (uint64_t)8 * MANY;
}

/* 20 µs each: then a change of threads costs nothing that matters. */
static uint64_t long_messages_that_hinder(unsigned n_threads)
{
	return n_threads == 1 ? 50 : 40;
}

static void threads_that_help_stay_up(void **state)
{
	(void)state;
	for (unsigned n = 1; n <= 16; n++) {
		machine_start(n, each_helps);
		assert_in_range(machine_run(10000, n), n > 1 ? 9900 : 10000, 10000);
	}
}

static void threads_that_hinder_stand_down(void **state)
{
	(void)state;
	for (unsigned n = 2; n <= 16; n++) {
		machine_start(n, each_hinders);
		machine_run(200, 1);
		assert_in_range(machine_run(10000, 1), 9800, 10000);
	}
}

static unsigned n_to_clear; /* milliseconds that one thread needs until it gains speed */

static uint64_t each_hinders_but_much_has_piled_up(unsigned n_threads)
{
	if (n_threads == 1 && n_to_clear > 0)
		n_to_clear--;
	return n_threads == 1 && n_to_clear == 0 ? 2 * MANY : MANY;
}

/* What is in nobody's cache at first hides for a while what a trial is worth. */
static void a_trial_may_take_time_to_show(void **state)
{
	(void)state;
	n_to_clear = 4;
	machine_start(2, each_hinders_but_much_has_piled_up);
	machine_run(20, 2);
	machine_run(7, 1);
	assert_in_range(machine_run(500, 1), 480, 500);
}

/* One look is enough for what one thread does not do half as fast. */
static void a_hopeless_trial_is_short(void **state)
{
	(void)state;
	machine_start(2, each_helps);
	machine_run(20, 2);
	assert_in_range(machine_run(20, 1), 2, 2);
}

static void in_between_is_found(void **state)
{
	(void)state;
	machine_start(16, four_are_best);
	machine_run(500, 4);
	assert_in_range(machine_run(10000, 4), 9500, 10000);
}

/* Nothing is gained: nothing is changed for long. */
static void without_a_difference_all_stay(void **state)
{
	(void)state;
	machine_start(8, nothing_matters);
	assert_in_range(machine_run(10000, 8), 9900, 10000);
}

static void short_runs_are_left_alone(void **state)
{
	(void)state;
	machine_start(2, each_hinders);
	for (unsigned i = 0; i < 100; i++) {
		machine.n_work_for = 2;
		assert_int_equal(machine_run(19, 2), 19);
		machine.n_work_for = 0;
		machine_run(2, 0);
	}
	assert_int_equal(machine.n_changes, 0);
}

static void long_messages_are_left_alone(void **state)
{
	(void)state;
	machine_start(2, long_messages_that_hinder);
	assert_int_equal(machine_run(1000, 2), 1000);
}

/* Who is not up for want of work is not missed. */
static void idle_threads_are_left_alone(void **state)
{
	(void)state;
	machine_start(8, each_hinders);
	machine.n_work_for = 3;
	assert_int_equal(machine_run(1000, 3), 1000);
	assert_int_equal(machine.n_changes, 0);
}

static void it_notices_when_threads_begin_to_help(void **state)
{
	(void)state;
	machine_start(2, each_hinders);
	machine_run(200, 1);
	assert_int_equal(machine.n_allowed, 1);
	machine.speed = each_helps;
	machine_run(2100, 2); /* the longest that it waits for the next trial */
	assert_in_range(machine_run(1000, 2), 980, 1000);
	machine.speed = each_hinders;
	machine_run(2100, 1);
	assert_in_range(machine_run(1000, 1), 900, 1000);
}

static void when_messages_take_long_all_may_be_up_at_once(void **state)
{
	(void)state;
	machine_start(2, each_hinders);
	machine_run(200, 1);
	assert_int_equal(machine.n_allowed, 1);
	machine.speed = long_messages_that_hinder;
	machine_run(2, 1);
	assert_int_equal(machine.n_allowed, 2);
}

static void when_somebody_is_kept_waiting_too(void **state)
{
	(void)state;
	machine_start(4, each_hinders);
	machine_run(200, 1);
	assert_int_equal(machine.n_allowed, 1);
	actor__governor_lift(&machine.governor, machine.now);
	assert_int_equal(machine.governor.n_allowed, 4);
}

/* A look that comes early says what the last one said; one that comes late is a long window. */
static void looks_may_come_at_any_time(void **state)
{
	uint64_t random = 1;

	(void)state;
	machine_start(2, each_helps);
	for (unsigned i = 0; i < 100000; i++) {
		unsigned n_up = test_random(&random) % 3;

		machine.now += (int64_t)(test_random(&random) % (3 * MS));
		machine.n_done += test_random(&random) % MANY;
		machine.n_allowed = actor__governor_look(&machine.governor, machine.now,
							 machine.n_done, n_up);
		assert_in_range(machine.n_allowed, 1, 2);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(threads_that_help_stay_up),
		cmocka_unit_test(threads_that_hinder_stand_down),
		cmocka_unit_test(a_trial_may_take_time_to_show),
		cmocka_unit_test(a_hopeless_trial_is_short),
		cmocka_unit_test(in_between_is_found),
		cmocka_unit_test(without_a_difference_all_stay),
		cmocka_unit_test(short_runs_are_left_alone),
		cmocka_unit_test(long_messages_are_left_alone),
		cmocka_unit_test(idle_threads_are_left_alone),
		cmocka_unit_test(it_notices_when_threads_begin_to_help),
		cmocka_unit_test(when_messages_take_long_all_may_be_up_at_once),
		cmocka_unit_test(when_somebody_is_kept_waiting_too),
		cmocka_unit_test(looks_may_come_at_any_time),
	};

	return cmocka_run_group_tests_name("governor", tests, NULL, NULL);
}
