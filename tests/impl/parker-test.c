/* SPDX-License-Identifier: MIT */

/* Parkers: three states, and two threads of which one sleeps and the other wakes. */

#include "test.h"

#include "parker.h"

#include <errno.h>
#include <sched.h>
#include <semaphore.h>
#include <time.h>

static unsigned n_unparked;

static void count_unparked(struct actor__parker *parker)
{
	(void)parker;
	n_unparked++;
}

static int set_up(void **state)
{
	static struct actor__parker parker;

	atomic_store(&parker.state, ACTOR__RUNNING);
	parker.unpark = count_unparked;
	n_unparked = 0;
	*state = &parker;
	return 0;
}

static void who_parks_is_unparked_once(void **state)
{
	struct actor__parker *parker = *state;

	assert_false(actor__park_reset(parker));
	assert_true(actor__park_commit(parker));
	assert_int_equal(n_unparked, 0);
	actor__wake(parker);
	actor__wake(parker);
	assert_int_equal(n_unparked, 1);
	assert_true(actor__park_reset(parker));
	assert_false(actor__park_reset(parker));
}

static void the_wake_that_ends_a_wait_is_used_up(void **state)
{
	struct actor__parker *parker = *state;

	assert_true(actor__park_commit(parker));
	actor__wake(parker);
	assert_false(actor__park_reset(parker));
	assert_true(actor__park_commit(parker));
	assert_int_equal(n_unparked, 1);
}

static void a_wake_before_the_parking_prevents_it(void **state)
{
	struct actor__parker *parker = *state;

	actor__wake(parker);
	assert_false(actor__park_commit(parker));
	assert_int_equal(n_unparked, 0); /* whoever failed to park goes on by itself */
	assert_true(actor__park_reset(parker));
	assert_true(actor__park_commit(parker));
}

static void a_forgotten_wake_does_not_prevent_it(void **state)
{
	struct actor__parker *parker = *state;

	actor__wake(parker);
	assert_true(actor__park_reset(parker));
	assert_true(actor__park_commit(parker));
	assert_int_equal(n_unparked, 0);
}

static void a_wait_that_ended_otherwise_leaves_nothing_behind(void **state)
{
	struct actor__parker *parker = *state;

	assert_true(actor__park_commit(parker));
	/* A timeout: nobody has woken it. */
	assert_false(actor__park_reset(parker));
	actor__wake(parker);
	assert_int_equal(n_unparked, 0);
	assert_false(actor__park_commit(parker));
	/* Nor does it keep the next one from sleeping. */
	assert_true(actor__park_reset(parker));
	assert_true(actor__park_commit(parker));
	assert_false(actor__park_reset(parker));
	assert_true(actor__park_commit(parker));
}

/* ---- two threads ---- */

struct bedroom {
	struct actor__parker parker;
	sem_t unparked;
	unsigned n_nights;
	atomic_uint said, heard; /* nights announced by the one, seen by the other */
	atomic_uint n_overslept;
};

static void bedroom_unpark(struct actor__parker *parker)
{
	sem_post(&ACTOR_CONTAINER_OF(parker, struct bedroom, parker)->unparked);
}

static bool sleep_in(struct bedroom *bedroom)
{
	struct timespec until;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += 60;
	while (sem_timedwait(&bedroom->unparked, &until) < 0)
		if (errno != EINTR)
			return false;
	return true;
}

/* Look at the condition, park, look again: as every wait of the library. Every fourth time the
 * sleep ends by itself. */
static void sleeper(struct bedroom *bedroom)
{
	unsigned n_sleeps = 0;

	for (unsigned night = 1; night <= bedroom->n_nights; night++) {
		while (atomic_load_explicit(&bedroom->said, memory_order_relaxed) < night) {
			if (actor__park_reset(&bedroom->parker) ||
			    !actor__park_commit(&bedroom->parker) || n_sleeps++ % 4 == 0)
				continue;
			if (!sleep_in(bedroom)) {
				atomic_fetch_add(&bedroom->n_overslept, 1);
				return;
			}
		}
		atomic_store(&bedroom->heard, night);
	}
}

static void waker(struct bedroom *bedroom)
{
	for (unsigned night = 1; night <= bedroom->n_nights; night++) {
		/* Only the wake orders this before the sleeper's look. */
		atomic_store_explicit(&bedroom->said, night, memory_order_relaxed);
		actor__wake(&bedroom->parker);
		if (night % 3 == 0)
			actor__wake(&bedroom->parker); /* one too many */
		while (night % 2 == 0 && atomic_load(&bedroom->heard) < night &&
		       atomic_load(&bedroom->n_overslept) == 0)
			sched_yield();
	}
}

static void bedroom_member(void *user, unsigned index)
{
	if (index == 0)
		sleeper(user);
	else
		waker(user);
}

static void no_wake_is_lost(void **state)
{
	struct bedroom bedroom = { .parker.unpark = bedroom_unpark,
				   .n_nights = test_times(200000) };

	(void)state;
	sem_init(&bedroom.unparked, 0, 0);
	crew_run(2, bedroom_member, &bedroom);
	assert_int_equal(bedroom.n_overslept, 0);
	assert_int_equal(bedroom.heard, bedroom.n_nights);
	sem_destroy(&bedroom.unparked);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(who_parks_is_unparked_once, set_up),
		cmocka_unit_test_setup(the_wake_that_ends_a_wait_is_used_up, set_up),
		cmocka_unit_test_setup(a_wake_before_the_parking_prevents_it, set_up),
		cmocka_unit_test_setup(a_forgotten_wake_does_not_prevent_it, set_up),
		cmocka_unit_test_setup(a_wait_that_ended_otherwise_leaves_nothing_behind, set_up),
		cmocka_unit_test(no_wake_is_lost),
	};

	return cmocka_run_group_tests_name("parker", tests, NULL, NULL);
}
