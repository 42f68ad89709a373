/* SPDX-License-Identifier: MIT */

/*
 * Rosters: what is added is there until it is gone, in whichever order; and with many threads, an
 * actor that is followed by another one before it ends never seems to have been the last.
 */

#include "test.h"

#include "actor.h"
#include "thread.h"

#include <stdlib.h>
#include <string.h>

static const struct actor_behavior nobody = { .size = sizeof nobody, .name = "nobody" };

static struct actor__roster roster;

static struct actor__actor *actor_create(void)
{
	return actor__actor_create(NULL, actor__thread(), &nobody, NULL, ACTOR_UNBOUNDED);
}

static void actor_discard(struct actor__actor *actor)
{
	actor__channel_close(&actor->channel);
	actor__actor_release(actor);
}

static int empty(void **state)
{
	(void)state;
	memset(&roster, 0, sizeof roster);
	return 0;
}

static void assert_totals(size_t n_mailboxes, size_t n_running)
{
	struct actor__roster_totals totals = actor__roster_totals(&roster);

	assert_int_equal(totals.n_mailboxes, n_mailboxes);
	assert_int_equal(totals.n_running, n_running);
	assert_int_equal(actor__roster_quiet(&roster), n_running == 0);
}

static void mailboxes_and_runs_are_counted(void **state)
{
	struct actor__actor *idle = actor_create(), *busy = actor_create();

	(void)state;
	assert_totals(0, 0);
	assert_true(actor__roster_add(&roster, actor__thread(), idle, false));
	assert_true(actor__roster_add(&roster, actor__thread(), busy, true));
	assert_totals(2, 1);
	actor__roster_enter(&roster, idle);
	assert_totals(2, 2);
	assert_true(actor__roster_exit(&roster, idle, false, false));
	assert_totals(2, 1);
	/* The last run of its part: nothing is done, unless it is to be. */
	assert_false(actor__roster_exit(&roster, busy, true, false));
	assert_totals(2, 1);
	assert_true(actor__roster_exit(&roster, busy, true, true));
	assert_totals(1, 0);
	actor__roster_remove(&roster, idle);
	assert_totals(0, 0);
	actor_discard(idle);
	actor_discard(busy);
}

static void any_can_go_first(void **state)
{
	enum { N = 50 };
	struct actor__actor *actors[N];
	uint64_t random = 1;

	(void)state;
	for (unsigned round = 0; round < 20; round++) {
		for (unsigned i = 0; i < N; i++) {
			actors[i] = actor_create();
			assert_true(actor__roster_add(&roster, actor__thread(), actors[i], false));
		}
		for (unsigned n = N; n > 0; n--) {
			unsigned i = test_random(&random) % n;

			actor__roster_remove(&roster, actors[i]);
			actor_discard(actors[i]);
			actors[i] = actors[n - 1];
			assert_totals(n - 1, 0);
		}
	}
}

static const struct actor__actor *unwanted;

static bool is_wanted(const struct actor__actor *actor)
{
	return actor != unwanted;
}

static void those_that_run_are_found(void **state)
{
	struct actor__actor *actors[10], *found[10];
	size_t n;

	(void)state;
	for (unsigned i = 0; i < N_ELEMENTS(actors); i++) {
		actors[i] = actor_create();
		assert_true(actor__roster_add(&roster, actor__thread(), actors[i], i % 2));
	}
	n = actor__roster_running(&roster, NULL, found, 3);
	assert_int_equal(n, 5);
	unwanted = found[0];
	for (unsigned i = 0; i < 3; i++)
		actor__actor_release(found[i]);
	n = actor__roster_running(&roster, is_wanted, found, N_ELEMENTS(found));
	assert_int_equal(n, 4);
	while (n > 0) {
		assert_ptr_not_equal(found[--n], unwanted);
		actor__actor_release(found[n]);
	}
	n = actor__roster_running(&roster, NULL, found, N_ELEMENTS(found));
	assert_int_equal(n, 5);
	while (n > 0) {
		assert_int_equal(found[--n]->n_runs, 1);
		actor__actor_release(found[n]);
	}
	for (unsigned i = 0; i < N_ELEMENTS(actors); i++) {
		if (i % 2)
			actor__roster_exit(&roster, actors[i], true, true);
		else
			actor__roster_remove(&roster, actors[i]);
		actor_discard(actors[i]);
	}
}

static void closed_once_it_takes_nothing_more(void **state)
{
	struct actor__actor *actors[3], *held;
	unsigned n = 0;

	(void)state;
	for (unsigned i = 0; i < N_ELEMENTS(actors); i++) {
		actors[i] = actor_create();
		assert_true(actor__roster_add(&roster, actor__thread(), actors[i], false));
	}
	held = actor__roster_close(&roster);
	while (held) {
		struct actor__actor *next = held->to_cancel;

		n++;
		actor__actor_release(held);
		held = next;
	}
	assert_int_equal(n, 3);
	assert_null(actor__roster_close(&roster));
	held = actor_create();
	assert_false(actor__roster_add(&roster, actor__thread(), held, true));
	actor_discard(held);
	assert_totals(3, 0);
	for (unsigned i = 0; i < N_ELEMENTS(actors); i++) {
		actor__roster_remove(&roster, actors[i]);
		actor_discard(actors[i]);
	}
}

/* While somebody looks, an actor in the last part is followed by one in the first, and ends, unless
 * that has to wait until who looks is done. */
static struct actor__actor *leaving, *following;
static unsigned moves_at_latch;
static struct actor__thread first_thread, last_thread = { .number = ACTOR__ROSTER_PARTS - 1 };

void actor__step_latch(void)
{
	if (moves_at_latch == 0 || --moves_at_latch > 0)
		return;
	if (atomic_load(&roster.parts[0].latch.taken))
		return;
	actor__roster_add(&roster, &first_thread, following, true);
	actor__roster_exit(&roster, leaving, true, true);
}

static void who_follows_elsewhere_is_not_overlooked(void **state)
{
	(void)state;
	for (unsigned at = 1; at <= ACTOR__ROSTER_PARTS; at++) {
		leaving = actor_create();
		following = actor_create();
		actor__roster_add(&roster, &last_thread, leaving, true);
		moves_at_latch = at;
		assert_false(actor__roster_quiet(&roster));
		if (at == 1) /* nobody was in the way */
			actor__roster_exit(&roster, following, true, true);
		else
			actor__roster_exit(&roster, leaving, true, true);
		assert_true(actor__roster_quiet(&roster));
		actor_discard(leaving);
		actor_discard(following);
	}
}

/* Threads that each replace what another one has added, while one looks. */
enum { N_PLACES = 8 };

static struct {
	_Atomic(struct actor__actor *) places[N_PLACES];
	atomic_uint n_at_work;
	unsigned n_times;
	unsigned n_wrong;
} bustle;

static void replace(void *user, unsigned index)
{
	uint64_t random = index + 1;

	(void)user;
	if (index == 0) { /* looks */
		while (atomic_load(&bustle.n_at_work) > 0) {
			struct actor__roster_totals totals = actor__roster_totals(&roster);

			if (totals.n_running < N_PLACES || totals.n_mailboxes < N_PLACES ||
			    actor__roster_quiet(&roster))
				bustle.n_wrong++;
		}
		return;
	}
	for (unsigned i = 0; i < bustle.n_times; i++) {
		struct actor__actor *actor = actor_create();

		actor__roster_add(&roster, actor__thread(), actor, true);
		actor = atomic_exchange(&bustle.places[test_random(&random) % N_PLACES], actor);
		actor__roster_exit(&roster, actor, true, true);
		actor_discard(actor);
	}
	atomic_fetch_sub(&bustle.n_at_work, 1);
}

static void it_never_seems_empty_while_it_is_not(void **state)
{
	(void)state;
	for (unsigned i = 0; i < N_PLACES; i++) {
		bustle.places[i] = actor_create();
		actor__roster_add(&roster, actor__thread(), bustle.places[i], true);
	}
	bustle.n_at_work = 3;
	bustle.n_times = test_times(100000);
	crew_run(4, replace, NULL);
	assert_int_equal(bustle.n_wrong, 0);
	assert_totals(N_PLACES, N_PLACES);
	for (unsigned i = 0; i < N_PLACES; i++) {
		actor__roster_exit(&roster, bustle.places[i], true, true);
		actor_discard(bustle.places[i]);
	}
	assert_totals(0, 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, empty, test_nothing_held)
	const struct CMUnitTest tests[] = {
		TEST(mailboxes_and_runs_are_counted),
		TEST(any_can_go_first),
		TEST(those_that_run_are_found),
		TEST(closed_once_it_takes_nothing_more),
		TEST(who_follows_elsewhere_is_not_overlooked),
		TEST(it_never_seems_empty_while_it_is_not),
	};

	return cmocka_run_group_tests_name("roster", tests, NULL, NULL);
}
