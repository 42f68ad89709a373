/* SPDX-License-Identifier: MIT */

/* Latches: one holder at a time, who sees what the one before has done; also with many more threads
 * than processors, and when the holder keeps it for long. */

#include "test.h"

#include "util/latch.h"

#include <sched.h>

static struct {
	struct actor__latch latch;
	uint64_t n; /* under the latch */
	atomic_uint n_inside;
	atomic_uint n_crowded; /* times somebody else was inside */
	unsigned n_times;
} shared;

static void count_up(void *user, unsigned index)
{
	(void)user;
	for (unsigned i = 0; i < shared.n_times; i++) {
		actor__latch_take(&shared.latch);
		if (atomic_fetch_add(&shared.n_inside, 1) > 0)
			atomic_fetch_add(&shared.n_crowded, 1);
		shared.n++;
		if ((i + index) % 1000 == 0)
			sched_yield(); /* as if preempted */
		atomic_fetch_sub(&shared.n_inside, 1);
		actor__latch_leave(&shared.latch);
	}
}

static void one_at_a_time(void **state)
{
	static const unsigned crews[] = { 1, 2, 8, 64 };

	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(crews); i++) {
		shared.n = 0;
		shared.n_times = test_times(200000) / crews[i];
		crew_run(crews[i], count_up, NULL);
		assert_int_equal(shared.n, (uint64_t)shared.n_times * crews[i]);
		assert_int_equal(shared.n_crowded, 0);
	}
}

/* The others have to stop looking, and sleep. */
static void hold_for_long(void *user, unsigned index)
{
	int64_t *times = user, before = test_thread_time_ns();

	for (unsigned i = 0; i < 5; i++) {
		actor__latch_take(&shared.latch);
		shared.n++;
		if (index == 0) {
			int64_t until = test_thread_time_ns() + 20000000;

			while (test_thread_time_ns() < until)
				;
		}
		actor__latch_leave(&shared.latch);
	}
	times[index] = test_thread_time_ns() - before;
}

static void who_waits_long_sleeps(void **state)
{
	int64_t times[4];

	(void)state;
	shared.n = 0;
	crew_run(N_ELEMENTS(times), hold_for_long, times);
	assert_int_equal(shared.n, 5 * N_ELEMENTS(times));
	assert_true(times[0] >= 100000000);
	for (size_t i = 1; i < N_ELEMENTS(times); i++)
		assert_true(times[i] < times[0] / 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_at_a_time),
		cmocka_unit_test(who_waits_long_sleeps),
	};

	return cmocka_run_group_tests_name("latch", tests, NULL, NULL);
}
