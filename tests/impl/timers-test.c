/* SPDX-License-Identifier: MIT */

/* Timers against a plain array: what is armed, when the next is due, what fires and in which
 * order. */

#include "test.h"

#include "parker.h"
#include "timers.h"

#include <assert.h>
#include <string.h>

enum { N_TIMERS = 200, MOST_FIRED = 4 * N_TIMERS };

/* A timer and what it ought to be. */
struct alarm {
	struct actor__timer timer;
	struct actor__parker parker;
	bool armed;
};

static struct {
	struct actor__timers timers;
	struct alarm alarms[N_TIMERS];
	struct alarm *fired[MOST_FIRED];
	size_t n_fired;
} clock_;

static void note_fired(struct actor__parker *parker)
{
	struct alarm *alarm = ACTOR_CONTAINER_OF(parker, struct alarm, parker);

	assert(clock_.n_fired < MOST_FIRED);
	clock_.fired[clock_.n_fired++] = alarm;
}

static int set_up(void **state)
{
	(void)state;
	memset(&clock_, 0, sizeof clock_);
	actor__timers_init(&clock_.timers);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	actor__timers_deinit(&clock_.timers);
	return 0;
}

static void arm(struct alarm *alarm, int64_t deadline_ns)
{
	alarm->timer.deadline_ns = deadline_ns;
	alarm->timer.parker = &alarm->parker;
	alarm->parker.unpark = note_fired;
	atomic_store(&alarm->parker.state, ACTOR__PARKED);
	alarm->armed = true;
	actor__timer_arm(&clock_.timers, &alarm->timer);
}

static void disarm(struct alarm *alarm)
{
	alarm->armed = false;
	actor__timer_disarm(&clock_.timers, &alarm->timer);
}

static int64_t expected_next(void)
{
	int64_t next = ACTOR_FOREVER;

	for (size_t i = 0; i < N_TIMERS; i++)
		if (clock_.alarms[i].armed && clock_.alarms[i].timer.deadline_ns < next)
			next = clock_.alarms[i].timer.deadline_ns;
	return next;
}

/* Exactly those that are due, the earliest first. */
static void fire(int64_t now_ns)
{
	size_t n_due = 0;

	clock_.n_fired = 0;
	actor__timers_fire(&clock_.timers, now_ns);
	for (size_t i = 0; i < N_TIMERS; i++)
		n_due += clock_.alarms[i].armed && clock_.alarms[i].timer.deadline_ns <= now_ns;
	assert_int_equal(clock_.n_fired, n_due);
	for (size_t i = 0; i < clock_.n_fired; i++) {
		struct alarm *alarm = clock_.fired[i];

		assert_true(alarm->armed && alarm->timer.deadline_ns <= now_ns);
		assert_true(i == 0 ||
			    clock_.fired[i - 1]->timer.deadline_ns <= alarm->timer.deadline_ns);
		alarm->armed = false;
	}
}

static void fires_in_order_of_deadlines(void **state)
{
	const int64_t deadlines[] = { 50, 10, 30, 10, 40, 20, 60, 5 };

	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(deadlines); i++) {
		arm(&clock_.alarms[i], deadlines[i]);
		assert_int_equal(actor__timers_next(&clock_.timers), expected_next());
	}
	fire(4);
	assert_int_equal(clock_.n_fired, 0);
	fire(10); /* the deadline itself has passed */
	assert_int_equal(clock_.n_fired, 3);
	assert_int_equal(actor__timers_next(&clock_.timers), 20);
	fire(100);
	assert_int_equal(clock_.n_fired, 5);
	assert_int_equal(actor__timers_next(&clock_.timers), ACTOR_FOREVER);
}

static void disarmed_timers_do_not_fire(void **state)
{
	struct alarm *alarms = clock_.alarms;

	(void)state;
	disarm(&alarms[0]); /* never armed */
	arm(&alarms[0], 10);
	arm(&alarms[1], 20);
	arm(&alarms[2], 30);
	disarm(&alarms[1]);
	disarm(&alarms[1]); /* disarmed */
	disarm(&alarms[0]);
	assert_int_equal(actor__timers_next(&clock_.timers), 30);
	fire(100);
	assert_int_equal(clock_.n_fired, 1);
	assert_ptr_equal(clock_.fired[0], &alarms[2]);
	disarm(&alarms[2]);  /* fired */
	arm(&alarms[2], 40); /* and used again */
	fire(100);
	assert_int_equal(clock_.n_fired, 1);
}

static void random_operation(uint64_t *random, int64_t *now_ns)
{
	struct alarm *alarm = &clock_.alarms[test_random(random) % N_TIMERS];

	switch (test_random(random) % 8) {
	case 0:
		*now_ns += (int64_t)(test_random(random) % 50);
		fire(*now_ns);
		break;
	case 1:
	case 2:
		disarm(alarm);
		break;
	default:
		disarm(alarm);
		/* A small range: many deadlines are equal, some have passed. */
		arm(alarm, *now_ns - 10 + (int64_t)(test_random(random) % 300));
		break;
	}
}

static void agrees_with_an_array(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 20; seed++) {
		uint64_t random = seed * UINT64_C(0x9e3779b97f4a7c15);
		int64_t now_ns = 1000;

		for (unsigned i = 0; i < test_times(20000); i++) {
			random_operation(&random, &now_ns);
			assert_int_equal(actor__timers_next(&clock_.timers), expected_next());
		}
		fire(ACTOR_FOREVER - 1);
	}
}

/* ---- several threads ---- */

struct race {
	struct actor__timers timers;
	unsigned n_each;
	atomic_uint n_late; /* fired after a disarm */
	atomic_uint n_fired;
	atomic_uint n_woken;
};

struct sleeper {
	struct actor__timer timer;
	struct actor__parker parker;
	struct race *race;
	atomic_bool gone;
};

static void sleeper_wake(struct actor__parker *parker)
{
	struct sleeper *sleeper = ACTOR_CONTAINER_OF(parker, struct sleeper, parker);

	atomic_fetch_add(&sleeper->race->n_fired, 1);
	if (atomic_load(&sleeper->gone))
		atomic_fetch_add(&sleeper->race->n_late, 1);
}

/* In this frame, as in a handler that waits: after the disarm nothing may touch it. */
static void sleep_once(struct race *race, uint64_t random)
{
	struct sleeper sleeper = { .parker = { ACTOR__PARKED, sleeper_wake }, .race = race };

	sleeper.timer.deadline_ns = (int64_t)(random % 100);
	sleeper.timer.parker = &sleeper.parker;
	actor__timer_arm(&race->timers, &sleeper.timer);
	if (random % 3 == 0)
		actor__timers_fire(&race->timers, 50);
	actor__timer_disarm(&race->timers, &sleeper.timer);
	atomic_store(&sleeper.gone, true);
	if (atomic_load(&sleeper.parker.state) == ACTOR__RUNNING)
		atomic_fetch_add(&race->n_woken, 1);
	memset(&sleeper.timer, 0xff, sizeof sleeper.timer);
}

static void sleep_often(void *user, unsigned index)
{
	struct race *race = user;
	uint64_t random = index + 1;

	for (unsigned i = 0; i < race->n_each; i++)
		sleep_once(race, test_random(&random));
}

static void nothing_is_touched_after_a_disarm(void **state)
{
	struct race race = { .n_each = test_times(100000) };

	(void)state;
	actor__timers_init(&race.timers);
	crew_run(4, sleep_often, &race);
	assert_int_equal(race.n_late, 0);
	assert_int_equal(race.n_fired, race.n_woken);
	assert_true(race.n_fired > 0);
	assert_int_equal(actor__timers_next(&race.timers), ACTOR_FOREVER);
	actor__timers_deinit(&race.timers);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(fires_in_order_of_deadlines, set_up, tear_down),
		cmocka_unit_test_setup_teardown(disarmed_timers_do_not_fire, set_up, tear_down),
		cmocka_unit_test_setup_teardown(agrees_with_an_array, set_up, tear_down),
		cmocka_unit_test(nothing_is_touched_after_a_disarm),
	};

	return cmocka_run_group_tests_name("timers", tests, NULL, NULL);
}
