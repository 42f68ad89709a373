/* SPDX-License-Identifier: MIT */

/* The network of a simulation: what its seed decides, and what the test does. */

#include "impl/test.h"
#include "quiet-ends.h"
#include "transport/side.h"

#include <actor-impl/local.h>
#include <actor-remote/network.h>

enum { SOME = 100000 };
#define HOUR_NS (INT64_C(3600) * 1000000000)

static bool refuse_malloc;

void *__real_malloc(size_t bytes);
void *__wrap_malloc(size_t bytes);

void *__wrap_malloc(size_t bytes)
{
	return refuse_malloc ? NULL : __real_malloc(bytes);
}

/* ---- one connection, or two */

static struct actor_executor *simulation;
static struct actor_network *network;
static struct side a, b;

static void open_simulation(uint64_t seed)
{
	const struct actor_simulation_options options = { .size = sizeof options, .seed = seed };

	assert_int_equal(actor_simulation_create(&options, &simulation), 0);
}

static void connect_two(struct side *from, struct side *to)
{
	struct actor_transport *ends[2];

	assert_int_equal(actor_network_connect(network, &ends[0], &ends[1]), 0);
	assert_int_equal(side_init(from, ends[0], 0), 0);
	assert_int_equal(side_init(to, ends[1], 1), 0);
	side_do(from, side_start);
	side_do(to, side_start);
}

static void open_network(const struct actor_network_options *options)
{
	assert_int_equal(actor_network_create(simulation, options, &network), 0);
	connect_two(&a, &b);
}

static void close_network(void)
{
	side_deinit(&a);
	side_deinit(&b);
	actor_network_destroy(network);
}

static int set_up(void **state)
{
	(void)state;
	side_seed(1);
	open_simulation(1);
	return 0;
}

static int tear_down(void **state)
{
	if (actor_executor_join(simulation, ACTOR_FOREVER) < 0 ||
	    actor_executor_destroy(simulation) < 0)
		return -1;
	return test_nothing_held(state);
}

#define NETWORK_TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

static void write_some(struct side *side)
{
	side->n_to_write = SOME;
	side_write(side);
}

static void write_some_and_shut(struct side *side)
{
	side->to_shut = true;
	write_some(side);
}

static void write_all_at_once(struct side *side)
{
	side->most_bytes = 1;
	side->n_to_write = 2000;
	side_write(side);
}

static int64_t now(void)
{
	return actor_executor_now(simulation);
}

/* ---- what the seed decides */

static uint64_t sizes;
static uint64_t n_single;
static size_t largest;

static void note_size(struct side *side)
{
	static uint64_t before;
	size_t n = side->seen.n_read - (side->seen.n_reads == 1 ? 0 : before);

	before = side->seen.n_read;
	sizes = 31 * sizes + n;
	n_single += n == 1;
	if (n > largest)
		largest = n;
}

static void set_note_size(struct side *side)
{
	side->on_read = note_size;
}

/* What stands for the run. */
static uint64_t run_with(uint64_t seed, const struct actor_network_options *options)
{
	uint64_t trace;

	sizes = n_single = largest = 0;
	open_simulation(seed);
	open_network(options);
	side_do(&b, set_note_size);
	side_do(&a, write_some_and_shut);
	assert_true(side_wait(&b, side_has_finished, 0));
	assert_int_equal(side_look(&b).n_read, SOME);
	trace = actor_simulation_trace(simulation);
	close_network();
	assert_int_equal(tear_down(NULL), 0);
	return trace;
}

static void the_same_seed_makes_the_same_run(void **state)
{
	uint64_t trace = run_with(7, NULL), same_sizes = sizes, other;

	(void)state;
	assert_int_equal(run_with(7, NULL), trace);
	assert_int_equal(sizes, same_sizes);
	other = run_with(8, NULL);
	assert_int_not_equal(other, trace);
	assert_int_not_equal(sizes, same_sizes);
}

static void pieces_are_of_all_sizes(void **state)
{
	struct actor_network_options options = { .size = sizeof options, .most_bytes = 500 };

	(void)state;
	run_with(1, &options);
	assert_in_range(largest, 400, 500);
	assert_true(n_single > 20);
	options.most_bytes = 1;
	run_with(1, &options);
	assert_int_equal(largest, 1);
	run_with(1, NULL);
	assert_in_range(largest, 3000, 4096);
}

/* One byte, there and back, a hundred times. */
static void answer(struct side *side)
{
	side->n_to_write = 1;
	side_write(side);
}

static void set_answer(struct side *side)
{
	side->on_read = answer;
}

static int64_t time_of_hundred(int64_t most_delay_ns)
{
	const struct actor_network_options options = { .size = sizeof options,
						       .most_delay_ns = most_delay_ns };
	int64_t began_ns;

	open_network(&options);
	side_do(&a, set_answer);
	side_do(&b, set_answer);
	began_ns = now();
	side_do(&a, answer);
	assert_true(side_wait(&a, side_has_read, 100));
	close_network();
	return now() - began_ns;
}

static void what_is_on_its_way_takes_time(void **state)
{
	(void)state;
	assert_in_range(time_of_hundred(1000), 50000, 200 * 1000);
	assert_in_range(time_of_hundred(1000000), 50000000, 200 * INT64_C(1000000));
}

static int first;

static void be_first(struct side *side)
{
	if (first == 0)
		first = 1 + (side != &b);
}

static void set_be_first(struct side *side)
{
	side->on_read = be_first;
}

/* Of two connections, what was written first may come last. */
static void connections_overtake_each_other(void **state)
{
	static struct side c, d;
	unsigned n_first[3] = { 0 };

	(void)state;
	open_network(NULL);
	connect_two(&c, &d);
	side_do(&b, set_be_first);
	side_do(&d, set_be_first);
	for (unsigned i = 1; i <= 50; i++) {
		first = 0;
		side_do(&a, answer);
		side_do(&c, answer);
		assert_true(side_wait(&b, side_has_read, i));
		assert_true(side_wait(&d, side_has_read, i));
		n_first[first]++;
	}
	assert_true(n_first[1] > 5 && n_first[2] > 5);
	side_deinit(&c);
	side_deinit(&d);
	close_network();
}

static void a_sender_is_only_so_far_ahead(void **state)
{
	const struct actor_network_options options = { .size = sizeof options, .room_bytes = 1000 };

	(void)state;
	open_network(&options);
	side_do(&b, side_pause);
	side_do(&a, write_all_at_once);
	assert_true(side_wait(&a, side_is_pending, 0));
	side_settle();
	assert_int_equal(side_look(&a).n_accepted, 1001);
	side_do(&b, side_resume);
	assert_true(side_wait(&b, side_has_read, 2000));
	assert_true(side_wait(&a, side_is_done_writing, 0));
	close_network();
}

/* Also when all has arrived that there was room for, and the end was on its way before. */
static void the_end_does_not_overtake_what_is_pending(void **state)
{
	const struct actor_network_options options = { .size = sizeof options, .room_bytes = 1000 };

	(void)state;
	open_network(&options);
	side_do(&b, side_pause);
	side_do(&a, write_all_at_once);
	side_do(&a, side_shutdown);
	assert_int_equal(actor_sleep_until(actor_thread_context(), now() + HOUR_NS), 0);
	side_do(&b, side_resume);
	assert_true(side_wait(&b, side_has_finished, 0));
	assert_int_equal(side_look(&b).n_read, 1001);
	assert_int_equal(side_look(&b).n_misplaced, 0);
	close_network();
}

/* ---- what the test does */

static void what_is_partitioned_arrives_when_it_is_healed(void **state)
{
	uint64_t n_before;

	(void)state;
	open_network(NULL);
	side_do(&a, write_some_and_shut);
	side_do(&b, write_some);
	assert_true(side_wait(&b, side_has_read, 1));
	actor_network_partition(network, true);
	n_before = side_look(&b).n_read;
	side_settle();
	assert_int_equal(side_look(&b).n_read, n_before);
	assert_true(n_before < SOME);
	actor_network_partition(network, false);
	assert_true(side_wait(&b, side_has_finished, 0));
	assert_true(side_wait(&a, side_has_read, SOME));
	assert_int_equal(side_look(&b).n_read, SOME);
	assert_int_equal(side_look(&b).n_wrong, 0);
	close_network();
}

/* Nor is the end of either side told before. */
static void ends_are_partitioned_too(void **state)
{
	(void)state;
	open_network(NULL);
	actor_network_partition(network, true);
	side_do(&a, side_destroy);
	side_do(&b, write_some);
	side_settle();
	assert_int_equal(side_look(&b).n_finished + side_look(&b).n_lost, 0);
	actor_network_partition(network, false);
	assert_true(side_wait(&b, side_has_lost, 0));
	close_network();
}

static void check_lost(struct side *side)
{
	struct side_seen seen;

	assert_true(side_wait(side, side_has_lost, 0));
	seen = side_look(side);
	assert_int_equal(seen.n_lost, 1);
	assert_int_equal(seen.n_misplaced + seen.n_wrong, 0);
	assert_true(seen.lost_errno > 0);
}

static void what_is_cut_is_lost_at_both_ends(void **state)
{
	uint64_t n_whole = 0, n_part = 0;

	(void)state;
	for (unsigned i = 0; i < 50; i++) {
		uint64_t n_read, n_written;

		open_network(NULL);
		side_do(&a, write_all_at_once);
		actor_network_cut(network, (i % 2 ? &a : &b)->transport);
		check_lost(&a);
		check_lost(&b);
		n_read = side_look(&b).n_read;
		n_written = side_look(&a).n_accepted;
		assert_true(n_read <= n_written);
		n_whole += n_read == 0 || n_read == n_written;
		n_part += n_read > 0 && n_read < n_written;
		close_network();
	}
	assert_true(n_part > n_whole);
}

/* What is written before one has heard of it is lost, and makes no gap. */
static void nothing_follows_a_cut(void **state)
{
	(void)state;
	open_network(NULL);
	side_do(&a, write_all_at_once);
	actor_network_cut(network, a.transport);
	side_do(&a, write_some);
	side_do(&b, write_some);
	check_lost(&a);
	check_lost(&b);
	assert_true(side_look(&b).n_read <= 2000);
	assert_int_equal(side_look(&a).n_read, 0);
	close_network();
}

static void some_pieces_are_the_last(void **state)
{
	const struct actor_network_options options = { .size = sizeof options, .cut_every = 10 };
	uint64_t n_read = 0;

	(void)state;
	for (unsigned i = 0; i < 50; i++) {
		open_network(&options);
		side_do(&a, write_some);
		side_do(&b, write_some);
		check_lost(&a);
		check_lost(&b);
		n_read += side_look(&b).n_read;
		close_network();
	}
	/* After ten pieces, of both, on average. */
	assert_in_range(n_read / 50, 1000, 30000);
}

static void without_a_network_what_is_left_is_cut(void **state)
{
	(void)state;
	open_network(NULL);
	side_do(&a, write_some);
	actor_network_destroy(network);
	network = NULL;
	check_lost(&a);
	check_lost(&b);
	side_do(&a, write_some);
	assert_true(side_look(&a).write_failed);
	/* Nothing goes on: an hour is but a step. */
	assert_int_equal(actor_sleep_until(actor_thread_context(), now() + HOUR_NS), 0);
	close_network();
}

static void what_is_not_of_the_network_is_left_alone(void **state)
{
	struct actor_transport *pair[2], *others[2];
	struct actor_network *other;

	(void)state;
	open_network(NULL);
	assert_int_equal(actor_network_create(simulation, NULL, &other), 0);
	assert_int_equal(actor_network_connect(other, &others[0], &others[1]), 0);
	assert_int_equal(actor_pair_create(simulation, simulation, &pair[0], &pair[1]), 0);
	actor_network_cut(network, pair[0]);
	actor_network_cut(other, a.transport);
	side_do(&a, write_some);
	assert_true(side_wait(&b, side_has_read, SOME));
	for (unsigned i = 0; i < 2; i++) {
		actor_transport_destroy(pair[i]);
		actor_transport_destroy(others[i]);
	}
	actor_network_destroy(other);
	close_network();
}

/* ---- what cannot be */

static void it_is_one_of_a_simulation(void **state)
{
	const struct actor_network_options backwards = { .size = sizeof backwards,
							 .most_delay_ns = -1 };
	struct actor_executor *local;

	(void)state;
	assert_int_equal(actor_network_create(simulation, &backwards, &network), ACTOR_E_INVALID);
	assert_int_equal(tear_down(NULL), 0);
	assert_int_equal(actor_local_create(&local), 0);
	assert_false(actor_simulation_is(local));
	assert_int_equal(actor_network_create(local, NULL, &network), ACTOR_E_INVALID);
	assert_int_equal(actor_executor_destroy(local), 0);
	open_simulation(1);
	assert_true(actor_simulation_is(simulation));
	actor_network_destroy(NULL);
}

static void without_memory_there_is_no_connection(void **state)
{
	struct actor_transport *ends[2];

	(void)state;
	open_network(NULL);
	refuse_malloc = true;
	assert_int_equal(actor_network_connect(network, &ends[0], &ends[1]), ACTOR_E_NOMEM);
	refuse_malloc = false;
	close_network();
}

static int connect_by_network(struct actor_executor *executor, struct actor_transport *ret_ends[2],
			      void **user)
{
	struct actor_network *made;

	assert_int_equal(actor_network_create(executor, NULL, &made), 0);
	*user = made;
	return actor_network_connect(made, &ret_ends[0], &ret_ends[1]);
}

static void destroy_network(void *user)
{
	actor_network_destroy(user);
}

static void what_cannot_be_told_for_want_of_memory_is_lost(void **state)
{
	(void)state;
	assert_in_range(quiet_ends_sweep(connect_by_network, destroy_network), 20, 1000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_same_seed_makes_the_same_run),
		cmocka_unit_test(pieces_are_of_all_sizes),
		NETWORK_TEST(what_is_on_its_way_takes_time),
		NETWORK_TEST(connections_overtake_each_other),
		NETWORK_TEST(a_sender_is_only_so_far_ahead),
		NETWORK_TEST(the_end_does_not_overtake_what_is_pending),
		NETWORK_TEST(what_is_partitioned_arrives_when_it_is_healed),
		NETWORK_TEST(ends_are_partitioned_too),
		NETWORK_TEST(what_is_cut_is_lost_at_both_ends),
		NETWORK_TEST(nothing_follows_a_cut),
		NETWORK_TEST(some_pieces_are_the_last),
		NETWORK_TEST(without_a_network_what_is_left_is_cut),
		NETWORK_TEST(what_is_not_of_the_network_is_left_alone),
		NETWORK_TEST(it_is_one_of_a_simulation),
		NETWORK_TEST(without_memory_there_is_no_connection),
		cmocka_unit_test_teardown(what_cannot_be_told_for_want_of_memory_is_lost,
					  test_nothing_held),
	};

	return cmocka_run_group_tests_name("network", tests, NULL, NULL);
}
