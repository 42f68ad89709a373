/* SPDX-License-Identifier: MIT */

/*
 * A worker's slot: its owner changes it without any atomic read-modify-write, thieves ask for the
 * way in. Whatever they do, each task is got once, and by one of them.
 *
 * The pool's source is part of this test, and comes first as it would by itself: nothing of this is
 * seen outside, and a thief that comes of its own accord comes once in ten milliseconds.
 */

#include "pool.c"

#include "test.h"

struct item {
	struct actor__task task;
	unsigned number; /* the owner fills it in, whoever gets the task reads it */
	atomic_uint n_got;
};

static struct item *item_of(struct actor__task *task)
{
	return ACTOR_CONTAINER_OF(task, struct item, task);
}

enum { N_ITEMS = 5000, N_THIEVES = 2 };

static struct item items[N_ITEMS];
static struct pool *owners;
static struct worker *owner;

static int open_pool_without_threads(void **state)
{
	(void)state;
	memset(items, 0, sizeof items);
	owners = pool_alloc(1);
	owner = owners ? &owners->workers[0] : NULL;
	if (!owner)
		return -1;
	owner->base.look_at = 1000; /* not soon */
	owner->base.most_handovers = 64;
	return 0;
}

static int free_pool(void **state)
{
	(void)state;
	pool_free(owners, 0);
	return 0;
}

static void the_slot_keeps_the_latest(void **state)
{
	(void)state;
	assert_null(slot_take(owner));
	assert_null(slot_rob(owner));
	assert_null(slot_swap(owner, &items[0].task));
	assert_ptr_equal(slot_swap(owner, &items[1].task), &items[0].task);
	assert_ptr_equal(slot_take(owner), &items[1].task);
	assert_null(slot_take(owner));
	assert_null(slot_swap(owner, &items[2].task));
	assert_ptr_equal(slot_rob(owner), &items[2].task);
	assert_null(slot_rob(owner));
	assert_null(slot_take(owner));
}

static void nobody_robs_a_slot_in_use(void **state)
{
	(void)state;
	slot_swap(owner, &items[0].task);
	/* As in the middle of a swap. */
	atomic_store(&owner->base.slot.in_use, true);
	assert_null(slot_rob(owner));
	assert_false(owner->base.slot.is_robbed);
	atomic_store(&owner->base.slot.in_use, false);
	assert_ptr_equal(slot_rob(owner), &items[0].task);
}

/* ---- robbed just before ---- */

static struct actor__task *loot;
static bool thief_is_coming;

void actor__step_slot(void)
{
	if (thief_is_coming) {
		thief_is_coming = false;
		loot = slot_rob(owner);
	}
}

/* The owner has seen something in its slot, and finds nothing there: it looks elsewhere. */
static void who_was_robbed_looks_elsewhere(void **state)
{
	struct actor__thread *thread = actor__thread();

	(void)state;
	slot_swap(owner, &items[0].task);
	assert_true(actor__ring_push(&owner->rings[LATER], &items[1].task));
	thread->worker = &owner->base;
	thief_is_coming = true;
	assert_ptr_equal(worker_next(thread), &items[1].task);
	assert_ptr_equal(loot, &items[0].task);
	thread->worker = NULL;
}

/* ---- around the slot ---- */

static void what_is_handed_over_counts_as_a_turn(void **state)
{
	uint32_t before = owner->base.turns;

	(void)state;
	assert_true(actor__worker_hands_over(&owner->base));
	assert_int_equal(owner->base.turns, before + 1);
	assert_int_equal(owner->base.handovers, 1);
}

static void nobody_is_passed_over_in_the_slot(void **state)
{
	(void)state;
	slot_swap(owner, &items[0].task);
	assert_false(actor__worker_hands_over(&owner->base));
	assert_int_equal(owner->base.handovers, 0);
	assert_ptr_equal(slot_take(owner), &items[0].task);
	assert_true(actor__worker_hands_over(&owner->base));
}

static void a_chain_of_calls_ends_with_a_look_around(void **state)
{
	(void)state;
	owner->base.look_at = owner->base.turns + 3;
	assert_true(actor__worker_hands_over(&owner->base));
	assert_true(actor__worker_hands_over(&owner->base));
	/* The next turn is for looking around: worker_next() begins it. */
	assert_false(actor__worker_hands_over(&owner->base));
	assert_int_equal(owner->base.turns + 1, owner->base.look_at);
}

static void so_many_in_a_row_and_no_more(void **state)
{
	(void)state;
	owner->base.handovers = owner->base.most_handovers - 1;
	assert_true(actor__worker_hands_over(&owner->base));
	assert_false(actor__worker_hands_over(&owner->base));
}

/* ---- the owner and thieves ---- */

static struct {
	unsigned goal; /* so many are to be robbed */
	int64_t deadline_ns;
	unsigned n_laps;
	atomic_bool over;
	atomic_uint n_got, n_wrong, n_robbed;
} raid;

static void got(struct actor__task *task)
{
	struct item *item = task ? item_of(task) : NULL;

	if (!item)
		return;
	if (item->number != item - items || atomic_fetch_add(&item->n_got, 1) != raid.n_laps)
		atomic_fetch_add(&raid.n_wrong, 1);
	atomic_fetch_add(&raid.n_got, 1);
}

/* All of them, each into the slot, from where it is pushed out, taken out or robbed. False when
 * that takes too long. */
static bool raid_lap(uint64_t *random)
{
	for (unsigned i = 0; i < N_ITEMS; i++) {
		items[i].number = i;
		got(slot_swap(owner, &items[i].task));
		if (test_random(random) % 64 == 0) /* also where there is but one processor */
			sched_yield();
		if (test_random(random) % 2 == 0)
			got(slot_take(owner));
	}
	got(slot_take(owner));
	while (atomic_load(&raid.n_got) < N_ITEMS && actor__now() < raid.deadline_ns)
		sched_yield();
	return atomic_exchange(&raid.n_got, 0) == N_ITEMS;
}

static void raid_owner(void)
{
	uint64_t random = 1;
	bool whole;

	do {
		whole = raid_lap(&random);
		raid.n_laps++;
	} while (whole && atomic_load(&raid.n_robbed) < raid.goal);
	atomic_store(&raid.over, true);
}

static void raid_thief(void)
{
	while (!atomic_load(&raid.over)) {
		struct actor__task *task = slot_rob(owner);

		got(task);
		if (task)
			atomic_fetch_add(&raid.n_robbed, 1);
		else
			sched_yield();
	}
}

static void raid_member(void *user, unsigned index)
{
	(void)user;
	if (index == 0)
		raid_owner();
	else
		raid_thief();
}

static void nothing_is_lost_and_nothing_got_twice(void)
{
	unsigned n_lost = 0;

	memset(&raid, 0, sizeof raid);
	raid.goal = test_times(50000);
	raid.deadline_ns = test_deadline();
	crew_run(1 + N_THIEVES, raid_member, NULL);
	for (unsigned i = 0; i < N_ITEMS; i++)
		n_lost += items[i].n_got != raid.n_laps;
	assert_int_equal(raid.n_wrong, 0);
	assert_int_equal(n_lost, 0);
	assert_true(raid.n_robbed >= raid.goal);
	assert_null(slot_take(owner));
}

static void thieves_meet_the_owner(void **state)
{
	(void)state;
	nothing_is_lost_and_nothing_got_twice();
}

static void thieves_meet_the_owner_where_fences_are_ordinary(void **state)
{
	bool asymmetric = actor__fence_is_asymmetric;

	(void)state;
	actor__fence_is_asymmetric = false;
	nothing_is_lost_and_nothing_got_twice();
	actor__fence_is_asymmetric = asymmetric;
}

#define SLOT_TEST(test) cmocka_unit_test_setup_teardown(test, open_pool_without_threads, free_pool)

int main(void)
{
	const struct CMUnitTest tests[] = {
		SLOT_TEST(the_slot_keeps_the_latest),
		SLOT_TEST(nobody_robs_a_slot_in_use),
		SLOT_TEST(who_was_robbed_looks_elsewhere),
		SLOT_TEST(what_is_handed_over_counts_as_a_turn),
		SLOT_TEST(nobody_is_passed_over_in_the_slot),
		SLOT_TEST(a_chain_of_calls_ends_with_a_look_around),
		SLOT_TEST(so_many_in_a_row_and_no_more),
		SLOT_TEST(thieves_meet_the_owner),
		SLOT_TEST(thieves_meet_the_owner_where_fences_are_ordinary),
	};

	return cmocka_run_group_tests_name("pool-slot", tests, NULL, NULL);
}
