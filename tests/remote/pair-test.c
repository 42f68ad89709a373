/* SPDX-License-Identifier: MIT */

/* Pairs, beyond what is expected of any transport: where they can live, and what becomes of them
 * when that goes, or memory does. */

#include "impl/test.h"
#include "quiet-ends.h"
#include "transport/side.h"

#include <actor-impl/local.h>
#include <actor-impl/pool.h>
#include <actor-impl/simulation.h>

enum { SOME = 100000 };

static bool refuse_malloc;

void *__real_malloc(size_t bytes);
void *__wrap_malloc(size_t bytes);

void *__wrap_malloc(size_t bytes)
{
	return refuse_malloc ? NULL : __real_malloc(bytes);
}

static struct actor_executor *local;
static struct actor_transport *ends[2];

static int set_up(void **state)
{
	(void)state;
	return actor_local_create(&local) < 0 ? -1
					      : actor_pair_create(local, local, &ends[0], &ends[1]);
}

static int tear_down(void **state)
{
	if (actor_executor_join(local, test_deadline()) < 0 || actor_executor_destroy(local) < 0)
		return -1;
	return test_nothing_held(state);
}

#define PAIR_TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

static unsigned n_events;

static void count_read(void *user, const uint8_t *bytes, size_t n)
{
	(void)user, (void)bytes, (void)n;
	n_events++;
}

static void count_written(void *user)
{
	(void)user;
	n_events++;
}

static void count_ended(void *user, int status, int system_errno)
{
	(void)user, (void)status, (void)system_errno;
	n_events++;
}

static const struct actor_transport_events counting = {
	.size = sizeof counting,
	.read = count_read,
	.written = count_written,
	.ended = count_ended,
};

static void destroy_both(void)
{
	actor_transport_destroy(ends[0]);
	actor_transport_destroy(ends[1]);
}

static void without_memory_there_is_none(void **state)
{
	struct actor_transport *none[2];

	(void)state;
	refuse_malloc = true;
	assert_int_equal(actor_pair_create(local, local, &none[0], &none[1]), ACTOR_E_NOMEM);
	refuse_malloc = false;
	destroy_both();
}

static void an_executor_of_several_threads_is_refused(void **state)
{
	struct actor_executor *pool;
	struct actor_transport *a, *b;

	(void)state;
	assert_int_equal(actor_pool_create(NULL, &pool), 0);
	assert_int_equal(actor_pair_create(pool, local, &a, &b), 0);
	assert_int_equal(actor_transport_start(a, &counting, NULL), ACTOR_E_UNSUPPORTED);
	actor_transport_destroy(a);
	actor_transport_destroy(b);
	assert_int_equal(actor_executor_destroy(pool), 0);
	destroy_both();
}

static void a_closed_executor_starts_none(void **state)
{
	(void)state;
	actor_executor_close(local);
	assert_int_equal(actor_transport_start(ends[0], &counting, NULL), ACTOR_E_CLOSED);
	destroy_both();
}

static void when_its_executor_closes_nothing_more_is_told(void **state)
{
	(void)state;
	assert_int_equal(actor_transport_start(ends[0], &counting, NULL), 0);
	assert_int_equal(actor_transport_start(ends[1], &counting, NULL), 0);
	assert_int_equal(actor_local_run(local), 0);
	n_events = 0;
	assert_int_equal(actor_transport_write(ends[0], (const uint8_t *)"x", 1), 0);
	actor_executor_close(local);
	assert_int_equal(actor_executor_join(local, test_deadline()), 0);
	assert_int_equal(actor_transport_write(ends[0], (const uint8_t *)"x", 1), 0);
	actor_transport_read(ends[1], false);
	actor_transport_read(ends[1], true);
	actor_transport_shutdown(ends[0]);
	destroy_both();
	assert_int_equal(n_events, 0);
}

/* The ends, and what they are made of, outlive their executor. */
static void unstarted_it_may_outlive_its_executor(void **state)
{
	(void)state;
	assert_int_equal(actor_transport_start(ends[0], &counting, NULL), 0);
	actor_transport_destroy(ends[0]);
	assert_int_equal(actor_executor_join(local, test_deadline()), 0);
	assert_int_equal(actor_executor_destroy(local), 0);
	actor_transport_destroy(ends[1]);
	assert_int_equal(actor_local_create(&local), 0);
}

/* ---- in any order, and with memory refused */

static struct side a, b;

static void write_some_and_shut(struct side *side)
{
	side->most_bytes = 5000;
	side->n_to_write = SOME;
	side->to_shut = true;
	side_write(side);
}

static void pause_now_and_then(struct side *side)
{
	side->pauses = true;
}

static bool is_settled(const struct side *side, uint64_t unused)
{
	return side->paused || side_has_ended(side, unused);
}

/* Until it has ended or was lost. */
static void read_to_the_end(struct side *side)
{
	struct side_seen seen;

	do {
		assert_true(side_wait(side, is_settled, 0));
		side_do(side, side_resume);
		seen = side_look(side);
	} while (seen.n_finished == 0 && seen.n_lost == 0);
}

static void open_sides(struct actor_executor *executor)
{
	struct actor_transport *both[2];

	assert_int_equal(actor_pair_create(executor, executor, &both[0], &both[1]), 0);
	assert_int_equal(side_init(&a, both[0], 0), 0);
	assert_int_equal(side_init(&b, both[1], 1), 0);
	side_do(&a, side_start);
	side_do(&b, side_start);
}

static int transfer(struct actor_executor *executor, void *user)
{
	(void)user;
	open_sides(executor);
	side_do(&b, pause_now_and_then);
	side_do(&a, write_some_and_shut);
	read_to_the_end(&b);
	assert_int_equal(side_look(&b).n_read, SOME);
	assert_int_equal(side_look(&b).n_wrong + side_look(&b).n_misplaced, 0);
	assert_int_equal(side_look(&b).n_lost + side_look(&a).n_misplaced, 0);
	side_deinit(&a);
	side_deinit(&b);
	return 0;
}

static void it_works_in_any_order(void **state)
{
	(void)state;
	assert_int_equal(actor_simulation_check(NULL, test_times(200), transfer, NULL), 0);
}

static int connect_plainly(struct actor_executor *executor, struct actor_transport *ret_ends[2],
			   void **user)
{
	(void)user;
	return actor_pair_create(executor, executor, &ret_ends[0], &ret_ends[1]);
}

static void what_cannot_be_told_for_want_of_memory_is_lost(void **state)
{
	(void)state;
	assert_in_range(quiet_ends_sweep(connect_plainly, NULL), 5, 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		PAIR_TEST(without_memory_there_is_none),
		PAIR_TEST(an_executor_of_several_threads_is_refused),
		PAIR_TEST(a_closed_executor_starts_none),
		PAIR_TEST(when_its_executor_closes_nothing_more_is_told),
		PAIR_TEST(unstarted_it_may_outlive_its_executor),
		cmocka_unit_test_teardown(it_works_in_any_order, test_nothing_held),
		cmocka_unit_test_teardown(what_cannot_be_told_for_want_of_memory_is_lost,
					  test_nothing_held),
	};

	return cmocka_run_group_tests_name("pair", tests, NULL, NULL);
}
