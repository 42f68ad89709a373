/* SPDX-License-Identifier: MIT */

/*
 * Rings of tasks: against a plain array by one thread, and then the owner against thieves. Whatever
 * they do, each task is got once, and by one of them.
 */

#include "test.h"

#include "context.h"
#include "ring.h"

#include <sched.h>
#include <string.h>

/* What is in a ring: the owner fills in the number before it pushes, whoever gets it reads it. */
struct item {
	struct actor__task task;
	unsigned number;
	atomic_uint n_got;
};

static struct item *item_of(struct actor__task *task)
{
	return task ? ACTOR_CONTAINER_OF(task, struct item, task) : NULL;
}

/* Where the counters begin: anywhere, and just before they wrap around. */
static const uint32_t beginnings[] = { 0, 1000, INT32_MAX - 100, UINT32_MAX - 300, UINT32_MAX };

static void ring_begin(struct actor__ring *ring, uint32_t at)
{
	memset(ring, 0, sizeof *ring);
	atomic_store(&ring->head, at);
	atomic_store(&ring->tail, at);
}

/* ---- one thread ---- */

static void a_ring_has_so_many_places(void **state)
{
	static struct item items[ACTOR__RING_SIZE + 1];
	static struct actor__ring ring;

	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(beginnings); i++) {
		ring_begin(&ring, beginnings[i]);
		for (unsigned k = 0; k < ACTOR__RING_SIZE; k++) {
			assert_int_equal(actor__ring_length(&ring), k);
			assert_true(actor__ring_push(&ring, &items[k].task));
		}
		assert_int_equal(actor__ring_length(&ring), ACTOR__RING_SIZE);
		assert_false(actor__ring_push(&ring, &items[ACTOR__RING_SIZE].task));
		/* A place is free again, whichever end it is at. */
		assert_ptr_equal(actor__ring_take(&ring), &items[0].task);
		assert_true(actor__ring_push(&ring, &items[0].task));
		assert_false(actor__ring_push(&ring, &items[ACTOR__RING_SIZE].task));
		assert_ptr_equal(actor__ring_rob(&ring), &items[1].task);
		assert_true(actor__ring_push(&ring, &items[1].task));
		assert_ptr_equal(actor__ring_pop(&ring), &items[1].task);
		assert_true(actor__ring_push(&ring, &items[1].task));
		assert_false(actor__ring_push(&ring, &items[ACTOR__RING_SIZE].task));
	}
}

static void an_empty_ring_has_nothing_for_anybody(void **state)
{
	static struct actor__ring ring;
	static struct item item;

	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(beginnings); i++) {
		ring_begin(&ring, beginnings[i]);
		for (unsigned k = 0; k < 3; k++) {
			assert_null(actor__ring_take(&ring));
			assert_null(actor__ring_pop(&ring));
			assert_null(actor__ring_rob(&ring));
			assert_int_equal(actor__ring_length(&ring), 0);
			actor__ring_push(&ring, &item.task);
			assert_ptr_equal(k == 0	  ? actor__ring_take(&ring)
					 : k == 1 ? actor__ring_pop(&ring)
						  : actor__ring_rob(&ring),
					 &item.task);
		}
	}
}

/* Both ends, as often as the counters need to pass all beginnings of a lap, against an array. */
static void agrees_with_an_array(void **state)
{
	enum { N = 2000 };
	static struct item items[N];
	static struct actor__ring ring;
	struct item *model[N];

	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(beginnings); i++) {
		unsigned first = 0, end = 0;
		uint64_t random = i + 1;

		ring_begin(&ring, beginnings[i]);
		for (unsigned n = 0; n < N;) {
			struct item *got = NULL, *expected = NULL;
			uint64_t choice = test_random(&random) % 16;

			/* More often full than empty, and both. */
			if (choice < (n / 500 % 2 ? 4 : 12)) {
				bool room = end - first < ACTOR__RING_SIZE;

				assert_int_equal(actor__ring_push(&ring, &items[n].task), room);
				if (room)
					model[end++] = &items[n];
				n++;
				continue;
			}
			if (end > first)
				expected = choice % 3 == 0 ? model[--end] : model[first++];
			got = item_of(choice % 3 == 0	? actor__ring_pop(&ring)
				      : choice % 3 == 1 ? actor__ring_take(&ring)
							: actor__ring_rob(&ring));
			assert_ptr_equal(got, expected);
			assert_int_equal(actor__ring_length(&ring), end - first);
		}
	}
}

/* ---- the owner and thieves ---- */

enum { MOST_THIEVES = 3, MOST_ITEMS = 100000 };

static struct item items[MOST_ITEMS];

/* How the owner takes out what it has put in. */
enum fashion { QUEUE, STACK, EITHER };

/* All items go through the ring, lap after lap, until everything has happened that can. */
struct raid {
	struct actor__ring ring;
	enum fashion fashion;
	unsigned n_items;
	int64_t deadline_ns;
	unsigned n_laps;
	atomic_bool over;
	atomic_uint n_got, n_wrong, n_robbed;
	unsigned n_full;
};

static void got(struct raid *raid, struct actor__task *task)
{
	struct item *item = item_of(task);

	if (item->number != item - items || atomic_fetch_add(&item->n_got, 1) != raid->n_laps)
		atomic_fetch_add(&raid->n_wrong, 1);
	atomic_fetch_add(&raid->n_got, 1);
}

static bool take_out(struct raid *raid, uint64_t random)
{
	bool latest = raid->fashion == STACK || (raid->fashion == EITHER && random % 2);
	struct actor__task *task = latest ? actor__ring_pop(&raid->ring)
					  : actor__ring_take(&raid->ring);

	if (task)
		got(raid, task);
	return task != NULL;
}

/* Puts in and takes out in bursts, so that it is full at times and at times empty. False when that
 * takes too long. */
static bool raid_lap(struct raid *raid, uint64_t *random)
{
	for (unsigned next = 0; next < raid->n_items && actor__now() < raid->deadline_ns;) {
		for (uint64_t n = test_random(random) % 400; n > 0 && next < raid->n_items; n--) {
			items[next].number = next;
			if (!actor__ring_push(&raid->ring, &items[next].task)) {
				raid->n_full++;
				break;
			}
			next++;
		}
		if (test_random(random) % 4 == 0) /* also where there is but one processor */
			sched_yield();
		for (uint64_t n = test_random(random) % 400; n > 0; n--)
			take_out(raid, test_random(random));
	}
	while (take_out(raid, test_random(random)))
		;
	while (atomic_load(&raid->n_got) < raid->n_items && actor__now() < raid->deadline_ns)
		sched_yield();
	return atomic_exchange(&raid->n_got, 0) == raid->n_items;
}

static void raid_owner(struct raid *raid)
{
	uint64_t random = 1;
	bool whole;

	do {
		whole = raid_lap(raid, &random);
		raid->n_laps++;
	} while (whole && (atomic_load(&raid->n_robbed) == 0 || raid->n_full == 0));
	atomic_store(&raid->over, true);
}

static void raid_thief(struct raid *raid)
{
	while (!atomic_load(&raid->over)) {
		struct actor__task *task = actor__ring_rob(&raid->ring);

		if (task) {
			atomic_fetch_add(&raid->n_robbed, 1);
			got(raid, task);
		} else {
			sched_yield();
		}
	}
}

static void raid_member(void *user, unsigned index)
{
	if (index == 0)
		raid_owner(user);
	else
		raid_thief(user);
}

static void run_raid(enum fashion fashion, unsigned n_thieves, uint32_t beginning)
{
	static struct raid raid;
	unsigned n_lost = 0;

	memset(&raid, 0, sizeof raid);
	memset(items, 0, sizeof items);
	ring_begin(&raid.ring, beginning);
	raid.fashion = fashion;
	raid.n_items = test_times(MOST_ITEMS);
	raid.deadline_ns = test_deadline();
	crew_run(1 + n_thieves, raid_member, &raid);
	for (unsigned i = 0; i < raid.n_items; i++)
		n_lost += items[i].n_got != raid.n_laps;
	assert_int_equal(raid.n_wrong, 0);
	assert_int_equal(n_lost, 0);
	assert_int_equal(actor__ring_length(&raid.ring), 0);
	assert_true(raid.n_robbed > 0);
	assert_true(raid.n_full > 0);
}

static void nothing_is_lost_and_nothing_got_twice(enum fashion fashion)
{
	for (unsigned n_thieves = 1; n_thieves <= MOST_THIEVES; n_thieves++) {
		run_raid(fashion, n_thieves, 0);
		/* The counters wrap around on the way. */
		run_raid(fashion, n_thieves, UINT32_MAX - 1000);
	}
}

static void thieves_meet_a_queue(void **state)
{
	(void)state;
	nothing_is_lost_and_nothing_got_twice(QUEUE);
}

static void thieves_meet_a_stack(void **state)
{
	(void)state;
	nothing_is_lost_and_nothing_got_twice(STACK);
}

static void thieves_meet_a_ring_with_two_ends(void **state)
{
	(void)state;
	nothing_is_lost_and_nothing_got_twice(EITHER);
}

/* ---- the last ones ---- */

/* The owner and a thief want the same few at the same moment, round after round. */
struct duel {
	struct actor__ring ring;
	enum fashion fashion;
	unsigned n_rounds;
	atomic_uint n_ready, n_done; /* of both together */
	struct actor__task *robbed[3];
	unsigned n_kept, n_robbed, n_wrong;
};

static void wait_for(atomic_uint *count, unsigned n)
{
	/* At first without the system, so that both go on at the same moment. */
	for (unsigned i = 0; atomic_load(count) < n; i++)
		if (i > 500)
			sched_yield();
}

static void hesitate(struct duel *duel, uint64_t random)
{
	if (random % 32 == 0) /* also where there is but one processor */
		sched_yield();
	for (uint64_t n = random % 20; n > 0; n--)
		atomic_load_explicit(&duel->n_done, memory_order_relaxed);
}

static void duel_owner(struct duel *duel)
{
	struct actor__task *task;
	uint64_t random = 1;

	for (unsigned round = 0; round < duel->n_rounds; round++) {
		unsigned n = 1 + round % N_ELEMENTS(duel->robbed);

		for (unsigned i = 0; i < n; i++)
			actor__ring_push(&duel->ring, &items[i].task);
		atomic_fetch_add(&duel->n_ready, 1);
		wait_for(&duel->n_ready, 2 * (round + 1));
		hesitate(duel, test_random(&random));
		for (unsigned i = 0; i < 10; i++) { /* even if there is no end to them */
			task = duel->fashion == STACK ? actor__ring_pop(&duel->ring)
						      : actor__ring_take(&duel->ring);
			if (!task)
				break;
			item_of(task)->n_got++;
			duel->n_kept++;
		}
		atomic_fetch_add(&duel->n_done, 1);
		wait_for(&duel->n_done, 2 * (round + 1));
		for (unsigned i = 0; i < N_ELEMENTS(duel->robbed); i++) {
			if (!duel->robbed[i])
				continue;
			item_of(duel->robbed[i])->n_got++;
			duel->n_robbed++;
		}
		for (unsigned i = 0; i < n; i++)
			duel->n_wrong += atomic_exchange(&items[i].n_got, 0) != 1;
		duel->n_wrong += actor__ring_length(&duel->ring) != 0;
	}
}

static void duel_thief(struct duel *duel)
{
	uint64_t random = 2;

	for (unsigned round = 0; round < duel->n_rounds; round++) {
		atomic_fetch_add(&duel->n_ready, 1);
		wait_for(&duel->n_ready, 2 * (round + 1));
		hesitate(duel, test_random(&random));
		for (unsigned i = 0; i < N_ELEMENTS(duel->robbed); i++)
			duel->robbed[i] = actor__ring_rob(&duel->ring);
		atomic_fetch_add(&duel->n_done, 1);
		wait_for(&duel->n_done, 2 * (round + 1));
	}
}

static void duel_member(void *user, unsigned index)
{
	if (index == 0)
		duel_owner(user);
	else
		duel_thief(user);
}

static void run_duel(enum fashion fashion)
{
	static struct duel duel;

	memset(&duel, 0, sizeof duel);
	memset(items, 0, sizeof items);
	duel.fashion = fashion;
	duel.n_rounds = test_times(100000);
	crew_run(2, duel_member, &duel);
	assert_int_equal(duel.n_wrong, 0);
	assert_true(duel.n_kept > 0);
	assert_true(duel.n_robbed > 0);
}

static void the_last_ones_are_popped_or_robbed(void **state)
{
	(void)state;
	run_duel(STACK);
}

static void the_last_ones_are_taken_or_robbed(void **state)
{
	(void)state;
	run_duel(QUEUE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_ring_has_so_many_places),
		cmocka_unit_test(an_empty_ring_has_nothing_for_anybody),
		cmocka_unit_test(agrees_with_an_array),
		cmocka_unit_test(thieves_meet_a_queue),
		cmocka_unit_test(thieves_meet_a_stack),
		cmocka_unit_test(thieves_meet_a_ring_with_two_ends),
		cmocka_unit_test(the_last_ones_are_popped_or_robbed),
		cmocka_unit_test(the_last_ones_are_taken_or_robbed),
	};

	return cmocka_run_group_tests_name("ring", tests, NULL, NULL);
}
