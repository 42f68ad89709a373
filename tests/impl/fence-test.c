/* SPDX-License-Identifier: MIT */

/*
 * Fences of two weights: the question of the store buffer. Each side writes, passes its fence, and
 * looks at what the other side has written; it must not be that neither sees the other's.
 *
 * The light side runs on its own, without ever waiting, so that its latest write is always about to
 * leave its processor; it notes what it has seen after each. The heavy side looks up what the light
 * one saw after the first write that it has not seen itself.
 */

#include "test.h"

#include "context.h"
#include "util/fence.h"

#include <sched.h>
#include <string.h>

#if defined(__linux__)
#include <sys/syscall.h>
#include <unistd.h>
#endif

enum { N_NOTES = 65536 };

/* Without fences nearly every round goes wrong. So on a machine that has much else to do it need
 * not be all of them. */
enum { MOST_ROUNDS = 100000, FEWEST_ROUNDS = 500 };
#define LONG_ENOUGH_NS INT64_C(4000000000)

struct litmus {
	_Alignas(64) atomic_uint light; /* counts up: the light side's write */
	_Alignas(64) atomic_uint heavy; /* counts up: the heavy side's */
	_Alignas(64) atomic_uint n_noted;
	_Atomic uint64_t notes[N_NOTES]; /* a write of the light side's, and what it saw then */
	atomic_bool over;
	unsigned n_checked, n_missed; /* of the heavy side's rounds; those that say something */
};

static void light_side(struct litmus *litmus)
{
	for (uint32_t write = 1; !atomic_load_explicit(&litmus->over, memory_order_relaxed);
	     write++) {
		uint32_t seen;

		atomic_store_explicit(&litmus->light, write, memory_order_relaxed);
		actor__fence_light();
		seen = atomic_load_explicit(&litmus->heavy, memory_order_relaxed);
		atomic_store_explicit(&litmus->notes[write % N_NOTES], (uint64_t)write << 32 | seen,
				      memory_order_relaxed);
		atomic_store_explicit(&litmus->n_noted, write, memory_order_release);
	}
}

/* What the light side saw after a write, as soon as it is noted: false if nobody knows any more. */
static bool look_up(struct litmus *litmus, uint32_t write, int64_t deadline_ns, uint32_t *ret_seen)
{
	uint64_t note;

	while ((int32_t)(atomic_load_explicit(&litmus->n_noted, memory_order_acquire) - write) <
	       0) {
		if (actor__now() > deadline_ns)
			return false;
		sched_yield();
	}
	note = atomic_load_explicit(&litmus->notes[write % N_NOTES], memory_order_relaxed);
	*ret_seen = (uint32_t)note;
	return note >> 32 == write;
}

static void heavy_side(struct litmus *litmus)
{
	int64_t enough_ns = actor__now() + LONG_ENOUGH_NS, deadline_ns = test_deadline();
	uint32_t unseen, seen;

	for (uint32_t write = 1; litmus->n_checked < MOST_ROUNDS; write++) {
		if (actor__now() > (litmus->n_checked < FEWEST_ROUNDS ? deadline_ns : enough_ns))
			break;
		atomic_store_explicit(&litmus->heavy, write, memory_order_relaxed);
		actor__fence_heavy();
		unseen = atomic_load_explicit(&litmus->light, memory_order_relaxed) + 1;
		if (!look_up(litmus, unseen, deadline_ns, &seen))
			continue;
		litmus->n_checked++;
		litmus->n_missed += (int32_t)(seen - write) < 0;
	}
	atomic_store(&litmus->over, true);
}

static void litmus_side(void *user, unsigned index)
{
	if (index == 0)
		light_side(user);
	else
		heavy_side(user);
}

static void one_side_sees_the_other(void)
{
	static struct litmus litmus;

	if (test_on_valgrind()) /* left out: only one side at a time would run there */
		return;
	memset(&litmus, 0, sizeof litmus);
	crew_run(2, litmus_side, &litmus);
	assert_int_equal(litmus.n_missed, 0);
	assert_in_range(litmus.n_checked, FEWEST_ROUNDS, MOST_ROUNDS);
}

static void what_the_system_offers_is_used(void **state)
{
	bool offered = false;

	(void)state;
#if defined(SYS_membarrier)
	long commands = syscall(SYS_membarrier, 0, 0, 0);

	offered = commands > 0 && (commands & 1 << 3) && (commands & 1 << 4);
#endif
	assert_int_equal(actor__fence_is_asymmetric, offered);
}

static void light_meets_heavy(void **state)
{
	(void)state;
	one_side_sees_the_other();
}

/* As where the system cannot do that: each side helps itself. */
static void both_are_ordinary_fences_where_they_must_be(void **state)
{
	bool asymmetric = actor__fence_is_asymmetric;

	(void)state;
	actor__fence_is_asymmetric = false;
	one_side_sees_the_other();
	actor__fence_is_asymmetric = asymmetric;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_the_system_offers_is_used),
		cmocka_unit_test(light_meets_heavy),
		cmocka_unit_test(both_are_ordinary_fences_where_they_must_be),
	};

	return cmocka_run_group_tests_name("fence", tests, NULL, NULL);
}
