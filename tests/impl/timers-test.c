/* SPDX-License-Identifier: MIT */

/* Timers against a plain array: what is armed, when the next is due, what fires and in which
 * order; and several threads. */

#include "test.h"

#include "timers.h"

#include <assert.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

enum { N_TIMERS = 200 };

/* A timer and what it ought to be. */
struct alarm {
	struct actor__timer timer;
	int64_t due_ns;
	uint64_t number; /* counts the armings */
	bool armed;
};

static struct {
	struct actor__timers timers;
	struct alarm alarms[N_TIMERS];
	struct alarm *fired[N_TIMERS];
	size_t n_fired;
	uint64_t n_armed;
	int64_t passed_ns; /* fired for at last */
	bool running;
} clock_;

static void note_fired(struct actor__timer *timer)
{
	assert(clock_.n_fired < N_TIMERS);
	clock_.fired[clock_.n_fired++] = ACTOR_CONTAINER_OF(timer, struct alarm, timer);
}

static const struct actor__timer_kind noted = { .fire = note_fired };

static void count_fired(struct actor__timer *timer)
{
	(void)timer;
	clock_.n_fired++;
}

static const struct actor__timer_kind counted = { .fire = count_fired };

static int set_up(void **state)
{
	(void)state;
	memset(&clock_, 0, sizeof clock_);
	actor__timers_init(&clock_.timers, 0);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	actor__timers_deinit(&clock_.timers);
	return 0;
}

static int64_t expected_next(void)
{
	int64_t next = ACTOR_FOREVER;

	for (size_t i = 0; i < N_TIMERS; i++)
		if (clock_.alarms[i].armed && clock_.alarms[i].due_ns < next)
			next = clock_.alarms[i].due_ns;
	return next;
}

/* Whoever sleeps until the next is told of an earlier one. */
static void arm(struct alarm *alarm, int64_t deadline_ns)
{
	int64_t next_ns = actor__timers_next(&clock_.timers);

	alarm->timer.kind = &noted;
	/* What is armed late is due when the last was, at the latest. */
	alarm->due_ns = deadline_ns < clock_.timers.last_ns ? clock_.timers.last_ns : deadline_ns;
	assert_true(clock_.timers.last_ns <= clock_.passed_ns);
	alarm->number = clock_.n_armed++;
	alarm->armed = true;
	assert_int_equal(actor__timer_arm(&clock_.timers, &alarm->timer, deadline_ns),
			 alarm->due_ns < next_ns);
}

static void disarm(struct alarm *alarm)
{
	assert_int_equal(actor__timer_disarm(&clock_.timers, &alarm->timer), alarm->armed);
	alarm->armed = false;
}

static bool comes_before(const struct alarm *a, const struct alarm *b)
{
	return a->due_ns < b->due_ns || (a->due_ns == b->due_ns && a->number < b->number);
}

/* Exactly those that are due, the earliest first, and of equal ones the one armed first. */
static void fire(int64_t now_ns)
{
	size_t n_due = 0;

	clock_.n_fired = 0;
	clock_.passed_ns = now_ns;
	actor__timers_fire(&clock_.timers, now_ns);
	for (size_t i = 0; i < N_TIMERS; i++)
		n_due += clock_.alarms[i].armed && clock_.alarms[i].due_ns <= now_ns;
	assert_int_equal(clock_.n_fired, n_due);
	for (size_t i = 0; i < clock_.n_fired; i++) {
		struct alarm *alarm = clock_.fired[i];

		assert_true(alarm->armed && alarm->due_ns <= now_ns);
		assert_true(i == 0 || comes_before(clock_.fired[i - 1], alarm));
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

/* However far apart they are: at each distance some with the same deadline, armed in the order
 * there and back, so that they meet in buckets of every level. */
static void equal_deadlines_fire_in_the_order_of_arming(void **state)
{
	const int64_t base_ns = 1234567890123456789;

	(void)state;
	for (unsigned n_bits = 0; n_bits < 62; n_bits++) {
		int64_t far_ns = base_ns + ((int64_t)1 << n_bits);

		for (unsigned i = 0; i < N_TIMERS; i++)
			arm(&clock_.alarms[i], i % 4 == 0 ? base_ns + i % 3 : far_ns - i % 5);
		fire(base_ns + 1);
		for (unsigned i = 0; i < N_TIMERS; i++)
			if (!clock_.alarms[i].armed && i % 2 == 0)
				arm(&clock_.alarms[i], far_ns - i % 5);
		fire(far_ns - 3);
		fire(far_ns);
		tear_down(NULL);
		set_up(NULL);
	}
}

/* A deadline is any number: the clock's, the last one before ACTOR_FOREVER, one long ago. */
static void deadlines_may_be_extreme(void **state)
{
	(void)state;
	arm(&clock_.alarms[0], INT64_MAX - 1);
	arm(&clock_.alarms[1], ACTOR_AT_ONCE);
	arm(&clock_.alarms[2], -1);
	arm(&clock_.alarms[3], 0);
	arm(&clock_.alarms[4], INT64_MAX - 2);
	assert_int_equal(actor__timers_next(&clock_.timers), 0);
	fire(0);
	assert_int_equal(clock_.n_fired, 3);
	fire(INT64_MAX - 3);
	assert_int_equal(clock_.n_fired, 0);
	fire(INT64_MAX - 1);
	assert_int_equal(clock_.n_fired, 2);
	arm(&clock_.alarms[0], 5); /* late */
	fire(INT64_MAX - 1);
	assert_int_equal(clock_.n_fired, 1);
}

/* After a disarm it may be too early, but then only once. */
static void assert_next_is_no_later_than_it_should_be(int64_t now_ns)
{
	int64_t next_ns = actor__timers_next(&clock_.timers), expected_ns = expected_next();

	assert_true(next_ns <= expected_ns);
	assert_int_equal(next_ns == ACTOR_FOREVER, expected_ns == ACTOR_FOREVER);
	if (next_ns >= now_ns && next_ns < expected_ns) {
		fire(next_ns);
		assert_int_equal(clock_.n_fired, 0);
		assert_int_equal(actor__timers_next(&clock_.timers), expected_ns);
	}
}

static void random_operation(uint64_t *random, unsigned n_bits, int64_t *now_ns)
{
	struct alarm *alarm = &clock_.alarms[test_random(random) % N_TIMERS];
	int64_t range = (int64_t)1 << n_bits;

	switch (test_random(random) % 8) {
	case 0:
		*now_ns += (int64_t)(test_random(random) % (uint64_t)(range / 6 + 1));
		fire(*now_ns);
		break;
	case 1:
	case 2:
		disarm(alarm);
		break;
	default:
		disarm(alarm);
		/* In a small range many deadlines are equal; some have passed. */
		arm(alarm, *now_ns - range / 30 + (int64_t)(test_random(random) % (uint64_t)range));
		break;
	}
}

static void agrees_with_an_array(void **state)
{
	(void)state;
	for (unsigned n_bits = 2; n_bits <= 50; n_bits += 3) {
		uint64_t random = n_bits * UINT64_C(0x9e3779b97f4a7c15);
		int64_t now_ns = 1000;

		clock_.passed_ns = now_ns;
		for (unsigned i = 0; i < test_times(20000); i++)
			random_operation(&random, n_bits, &now_ns);
		fire(INT64_MAX - 1);
		tear_down(NULL);
		set_up(NULL);
	}
}

/* And then what is said without looking is, too. */
static void assert_first_is_exact(void)
{
	assert_int_equal(actor__timers_first(&clock_.timers), expected_next());
	assert_int_equal(actor__timers_next(&clock_.timers), expected_next());
}

static void the_next_is_known(void **state)
{
	(void)state;
	for (unsigned n_bits = 2; n_bits <= 50; n_bits += 3) {
		uint64_t random = n_bits * UINT64_C(0x9e3779b97f4a7c15);
		int64_t now_ns = 1000;

		clock_.passed_ns = now_ns;
		for (unsigned i = 0; i < test_times(4000); i++) {
			random_operation(&random, n_bits, &now_ns);
			assert_next_is_no_later_than_it_should_be(now_ns);
			if (i % 3 == 0)
				assert_first_is_exact();
			if (clock_.passed_ns > now_ns)
				now_ns = clock_.passed_ns;
		}
		tear_down(NULL);
		set_up(NULL);
	}
}

/* ---- what is done without the lock ---- */

static void run_and_arm_again(struct actor__timer *timer, int64_t now_ns)
{
	struct alarm *alarm = ACTOR_CONTAINER_OF(timer, struct alarm, timer);

	assert(!alarm->timer.link.next && clock_.n_fired > 0);
	assert(!clock_.running);
	clock_.running = true;
	if (alarm->number-- > 0) {
		/* Late: it fires once more at once. */
		actor__timer_arm(&clock_.timers, timer, now_ns - 1);
	}
	actor__timers_fire(&clock_.timers, now_ns); /* nothing: one at a time */
	clock_.running = false;
}

/* Firing goes on as long as there is something due, whatever is armed meanwhile. */
static void what_runs_may_arm_timers(void **state)
{
	static const struct actor__timer_kind again = { note_fired, run_and_arm_again };
	struct alarm *a = &clock_.alarms[0], *b = &clock_.alarms[1];

	(void)state;
	a->timer = (struct actor__timer){ .kind = &again };
	b->timer = (struct actor__timer){ .kind = &again };
	a->number = 2;
	actor__timer_arm(&clock_.timers, &b->timer, 20);
	actor__timer_arm(&clock_.timers, &a->timer, 10);
	actor__timers_fire(&clock_.timers, 30);
	assert_int_equal(clock_.n_fired, 4);
	assert_ptr_equal(clock_.fired[0], a);
	assert_ptr_equal(clock_.fired[1], b); /* 20 is before 29 */
	assert_ptr_equal(clock_.fired[2], a);
	assert_ptr_equal(clock_.fired[3], a);
	actor__timers_fire(&clock_.timers, 30);
	assert_int_equal(clock_.n_fired, 4);
}

static void look_meanwhile(struct actor__timer *timer, int64_t now_ns)
{
	(void)timer;
	/* Others are not to get up for what is due: it is being seen to. Nor for what is armed. */
	assert(actor__timers_next(&clock_.timers) == ACTOR_FOREVER);
	assert(actor__timer_disarm(&clock_.timers, &clock_.alarms[2].timer));
	assert(!actor__timer_arm(&clock_.timers, &clock_.alarms[2].timer, now_ns + 5));
	assert(!actor__timer_arm(&clock_.timers, &clock_.alarms[3].timer, now_ns));
	assert(actor__timers_next(&clock_.timers) == ACTOR_FOREVER);
}

static void while_one_fires_nothing_is_next_for_the_others(void **state)
{
	static const struct actor__timer_kind looks = { note_fired, look_meanwhile };

	(void)state;
	clock_.alarms[0].timer.kind = &looks;
	actor__timer_arm(&clock_.timers, &clock_.alarms[0].timer, 10);
	for (unsigned i = 1; i < 4; i++) {
		clock_.alarms[i].timer.kind = &noted;
		if (i < 3)
			actor__timer_arm(&clock_.timers, &clock_.alarms[i].timer, 20 * i);
	}
	actor__timers_fire(&clock_.timers, 30);
	assert_int_equal(clock_.n_fired, 3);
	assert_ptr_equal(clock_.fired[1], &clock_.alarms[1]); /* 20 */
	assert_ptr_equal(clock_.fired[2], &clock_.alarms[3]); /* 30 */
	assert_int_equal(actor__timers_next(&clock_.timers), 35);
}

/* Whoever fires comes back soon, and what is left is still due. */
static void very_many_do_not_fire_in_a_row(void **state)
{
	enum { N = 2000 };
	struct alarm *alarms = calloc(N, sizeof *alarms);
	size_t n_fired = 0;

	(void)state;
	assert_non_null(alarms);
	for (size_t i = 0; i < N; i++) {
		alarms[i].timer.kind = &counted;
		actor__timer_arm(&clock_.timers, &alarms[i].timer, (int64_t)i);
	}
	while (n_fired < N) {
		clock_.n_fired = 0;
		actor__timers_fire(&clock_.timers, N);
		assert_in_range(clock_.n_fired, 1, N / 2);
		n_fired += clock_.n_fired;
		if (n_fired < N)
			assert_int_equal(actor__timers_next(&clock_.timers), n_fired);
	}
	free(alarms);
}

/* ---- several threads ---- */

struct race {
	struct actor__timers timers;
	unsigned n_each;
	atomic_uint n_late; /* fired after a disarm */
	atomic_uint n_fired;
	atomic_uint n_seen;
};

struct sleeper {
	struct actor__timer timer;
	struct race *race;
	bool fired; /* under the lock */
	atomic_bool gone;
};

static void sleeper_wake(struct actor__timer *timer)
{
	struct sleeper *sleeper = ACTOR_CONTAINER_OF(timer, struct sleeper, timer);

	sleeper->fired = true;
	atomic_fetch_add(&sleeper->race->n_fired, 1);
	if (atomic_load(&sleeper->gone))
		atomic_fetch_add(&sleeper->race->n_late, 1);
}

static const struct actor__timer_kind sleepers = { .fire = sleeper_wake };

/* In this frame, as in a handler that waits: after the disarm nothing may touch it. */
static void sleep_once(struct race *race, uint64_t random)
{
	struct sleeper sleeper = { .timer.kind = &sleepers, .race = race };

	actor__timer_arm(&race->timers, &sleeper.timer, (int64_t)(random % 100));
	if (random % 3 == 0)
		actor__timers_fire(&race->timers, 50);
	actor__timer_disarm(&race->timers, &sleeper.timer);
	atomic_store(&sleeper.gone, true);
	if (sleeper.fired)
		atomic_fetch_add(&race->n_seen, 1);
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
	struct race *race = calloc(1, sizeof *race);

	(void)state;
	assert_non_null(race);
	race->n_each = test_times(100000);
	actor__timers_init(&race->timers, 0);
	crew_run(4, sleep_often, race);
	assert_int_equal(race->n_late, 0);
	assert_int_equal(race->n_fired, race->n_seen);
	assert_true(race->n_fired > 0);
	assert_int_equal(actor__timers_next(&race->timers), ACTOR_FOREVER);
	actor__timers_deinit(&race->timers);
	free(race);
}

/* ---- and one after the other ---- */

struct parade {
	struct actor__timers timers;
	unsigned n_timers;
	struct marcher {
		struct actor__timer timer;
		struct parade *parade;
	} * marchers;
	atomic_int n_running;
	atomic_uint n_run;
	atomic_uint n_wrong; /* two at a time, or out of order */
	int64_t last_ns;     /* of whoever runs */
};

static void say_nothing(struct actor__timer *timer)
{
	(void)timer;
}

static void march(struct actor__timer *timer, int64_t now_ns)
{
	struct parade *parade = ACTOR_CONTAINER_OF(timer, struct marcher, timer)->parade;

	(void)now_ns;
	if (atomic_fetch_add(&parade->n_running, 1) != 0 || timer->deadline_ns < parade->last_ns)
		atomic_fetch_add(&parade->n_wrong, 1);
	parade->last_ns = timer->deadline_ns;
	if (parade->n_run % 64 == 0)
		sched_yield(); /* somebody may come in between */
	atomic_fetch_add(&parade->n_run, 1);
	atomic_fetch_sub(&parade->n_running, 1);
}

static void watch_parade(void *user, unsigned index)
{
	struct parade *parade = user;

	for (int64_t now_ns = index; atomic_load(&parade->n_run) < parade->n_timers; now_ns += 50)
		actor__timers_fire(&parade->timers, now_ns);
}

static void timers_run_in_order_on_several_threads(void **state)
{
	static const struct actor__timer_kind marching = { say_nothing, march };
	struct parade *parade = calloc(1, sizeof *parade);
	uint64_t random = 1;

	(void)state;
	assert_non_null(parade);
	parade->n_timers = test_times(20000);
	parade->marchers = calloc(parade->n_timers, sizeof *parade->marchers);
	assert_non_null(parade->marchers);
	actor__timers_init(&parade->timers, 0);
	for (unsigned i = 0; i < parade->n_timers; i++) {
		struct marcher *marcher = &parade->marchers[i];

		marcher->parade = parade;
		marcher->timer.kind = &marching;
		actor__timer_arm(&parade->timers, &marcher->timer,
				 (int64_t)(test_random(&random) % 1000000));
	}
	crew_run(4, watch_parade, parade);
	assert_int_equal(parade->n_run, parade->n_timers);
	assert_int_equal(parade->n_wrong, 0);
	actor__timers_deinit(&parade->timers);
	free(parade->marchers);
	free(parade);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(fires_in_order_of_deadlines, set_up, tear_down),
		cmocka_unit_test_setup_teardown(disarmed_timers_do_not_fire, set_up, tear_down),
		cmocka_unit_test_setup_teardown(equal_deadlines_fire_in_the_order_of_arming, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(deadlines_may_be_extreme, set_up, tear_down),
		cmocka_unit_test_setup_teardown(agrees_with_an_array, set_up, tear_down),
		cmocka_unit_test_setup_teardown(the_next_is_known, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_runs_may_arm_timers, set_up, tear_down),
		cmocka_unit_test_setup_teardown(while_one_fires_nothing_is_next_for_the_others,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(very_many_do_not_fire_in_a_row, set_up, tear_down),
		cmocka_unit_test(nothing_is_touched_after_a_disarm),
		cmocka_unit_test(timers_run_in_order_on_several_threads),
	};

	return cmocka_run_group_tests_name("timers", tests, NULL, NULL);
}
