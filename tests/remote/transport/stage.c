/* SPDX-License-Identifier: MIT */

#include "stage.h"

#include "../../../actor-impl/src/util/sanitizers.h"

#include <actor-impl/counts.h>
#include <dirent.h>
#include <stdlib.h>
#if ACTOR__VALGRIND
#include <valgrind/valgrind.h>
#endif

const struct transport_subject *stage_subject;
struct side *stage_a, *stage_b;

static struct side sides[2];
static void *instance;
static unsigned n_descriptors;

static unsigned count_descriptors(void)
{
	DIR *directory = opendir("/proc/self/fd");
	unsigned n = 0;

	if (!directory)
		return 0;
	while (readdir(directory))
		n++;
	closedir(directory);
	return n;
}

/* Nor are there dead letters, which somebody might look for the reason of. */
static bool nothing_held(void)
{
	struct actor_counts counts;

	actor_counts_get(&counts);
	return !counts.mailboxes && !counts.envelopes && !counts.replies && !counts.suspended &&
	       !counts.dead_letters;
}

unsigned stage_times(unsigned n)
{
	unsigned fewer = ACTOR__TSAN || ACTOR__ASAN ? n / 4 : n;

#if ACTOR__VALGRIND
	if (RUNNING_ON_VALGRIND)
		fewer = n / 20;
#endif
	return fewer > 0 ? fewer : 1;
}

static int connect_sides(void)
{
	struct actor_transport *ends[2];

	if (stage_subject->connect(instance, ends) < 0)
		return -1;
	return side_init(&sides[0], ends[0], 0) < 0 || side_init(&sides[1], ends[1], 1) < 0 ? -1
											    : 0;
}

/* What is made once for the process is made before anything is counted. */
int stage_warm_up(void **state)
{
	(void)state;
	instance = stage_subject->create();
	return instance ? stage_subject->destroy(instance) : -1;
}

int stage_setup(void **state)
{
	(void)state;
	side_seed(1);
	stage_a = &sides[0];
	stage_b = &sides[1];
	n_descriptors = count_descriptors();
	instance = stage_subject->create();
	return instance ? connect_sides() : -1;
}

static void disconnect_sides(void)
{
	side_deinit(&sides[0]);
	side_deinit(&sides[1]);
}

int stage_teardown(void **state)
{
	(void)state;
	disconnect_sides();
	if (stage_subject->destroy(instance) < 0) {
		print_error("something is left\n");
		return -1;
	}
	if (count_descriptors() != n_descriptors) {
		print_error("%u descriptors, and %u before\n", count_descriptors(), n_descriptors);
		return -1;
	}
	return nothing_held() ? 0 : -1;
}

void stage_start(void)
{
	side_do(stage_a, side_start);
	side_do(stage_b, side_start);
}

void stage_connect(void)
{
	disconnect_sides();
	assert_int_equal(connect_sides(), 0);
}

static void end_by_itself(struct side *side)
{
	side->pauses = false;
	side->to_shut = true;
	side_resume(side);
	side_write(side);
}

static void check_end(struct side *side, uint64_t n_read)
{
	struct side_seen seen;

	assert_true(side_wait(side, side_has_finished, 0));
	assert_true(side_wait(side, side_is_done_writing, 0));
	seen = side_look(side);
	assert_int_equal(seen.n_read, n_read);
	assert_int_equal(seen.n_lost, 0);
	assert_false(seen.write_failed);
}

void stage_end(uint64_t n_a, uint64_t n_b)
{
	side_do(stage_a, end_by_itself);
	side_do(stage_b, end_by_itself);
	check_end(stage_a, n_b);
	check_end(stage_b, n_a);
	stage_check();
}

static void check(struct side *side)
{
	struct side_seen seen = side_look(side);

	assert_int_equal(seen.n_misplaced, 0);
	assert_int_equal(seen.n_wrong, 0);
	assert_in_range(seen.n_finished, 0, 1);
	assert_in_range(seen.n_lost, 0, 1);
}

void stage_check(void)
{
	check(stage_a);
	check(stage_b);
	assert_true(side_look(stage_a).n_read <= side_look(stage_b).n_accepted);
	assert_true(side_look(stage_b).n_read <= side_look(stage_a).n_accepted);
}
