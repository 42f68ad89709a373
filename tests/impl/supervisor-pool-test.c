/* SPDX-License-Identifier: MIT */

/* Supervisors: on pools, and with children of another implementation. */

#include "supervisor-fixture.h"

#include <limits.h>
#include <string.h>
#include <thread-per-actor.h>

static struct actor_executor *pool;
static struct tally made, let_go;

/* The supervisor, there. */
static void supervise(const struct actor_supervisor_options *with)
{
	struct actor_supervisor *state;

	assert_int_equal(actor_supervisor_create(with, &state), 0);
	assert_int_equal(ACTOR_SPAWN(actor_supervisor, actor_executor_spawner(pool), state, NULL,
				     &supervisor),
			 0);
}

/* Until nobody is there any more. */
static void supervise_no_more(void)
{
	actor_address_unref(supervisor.address);
	supervisor.address = NULL;
	assert_int_equal(actor_executor_join(pool, test_deadline()), 0);
}

static int make_hand(void *user, void **ret_state)
{
	*ret_state = user;
	tally_add(&made, 1);
	return 0;
}

static int block(struct actor_context *context, void *user)
{
	(void)context;
	tally_add(user, 1);
	tally_wait(&let_go, 1);
	return 0;
}

/* The calls that fail end, the others are answered, nobody's address becomes invalid. */
static void many_children_fail_at_once(void **state)
{
	enum { N = 20, N_ROUNDS = 20 };
	struct actor_supervisor_options many = {
		.size = sizeof many,
		.most_restarts = UINT_MAX,
	};
	struct hand states[N] = { { 0 } };
	struct actor_child each[N];
	struct actor_children listed;
	struct actor_context *context = here();
	struct actor_future futures[N];
	int answers[N];

	for (size_t i = 0; i < N; i++)
		each[i] = (struct actor_child)ACTOR_CHILD(hand, .make = make_hand,
							  .user = &states[i]);
	many.children = each;
	many.n_children = N;
	many.strategy = *state ? ACTOR_REST_FOR_ONE : ACTOR_ONE_FOR_ONE;
	supervise(&many);
	listed = list();
	assert_int_equal(listed.n, N);
	for (size_t round = 0; round < test_times(N_ROUNDS) + 2; round++) {
		for (size_t i = 0; i < N; i++) {
			struct errand errand = { (i + round) % 3 ? fail_now : ignore_it, NULL };

			assert_int_equal(actor_call_begin(context, &futures[i],
							  listed.each[i].address, &errand_type,
							  &errand, &answers[i]),
					 0);
		}
		for (size_t i = 0; i < N; i++)
			assert_int_equal(actor_future_await(&futures[i], test_deadline()),
					 (i + round) % 3 ? ACTOR_E_STOPPED : 0);
	}
	for (size_t i = 0; i < N; i++)
		assert_int_equal(hand_call(context, (union hand_address){ listed.each[i].address },
					   ignore_it, NULL),
				 0);
	actor_children_drop(&listed);
	supervise_no_more();
}

/* On another executor than its supervisor, and it does not even notice that it was cancelled. */
static void who_runs_on_is_left_to_itself(void **state)
{
	const struct actor_pool_options one = { .size = sizeof one, .n_threads = 1 };
	struct tally blocked = TALLY_INIT;
	struct actor_executor *other;
	struct actor_child child = ACTOR_CHILD(hand, .make = make_hand, .stop_ns = 1000);
	struct actor_supervisor_options options_of_one = {
		.size = sizeof options_of_one,
		.children = &child,
		.n_children = 1,
	};
	struct hand plain = { .destroyed = &made };

	(void)state;
	assert_int_equal(actor_pool_create(&one, &other), 0);
	child.spawner = actor_executor_spawner(other);
	child.user = &plain;
	supervise(&options_of_one);
	tell_child(0, block, &blocked);
	assert_true(tally_wait(&blocked, 1));
	supervise_no_more();
	assert_int_equal(tally_count(&made), 1);
	tally_add(&let_go, 1);
	assert_int_equal(actor_executor_join(other, test_deadline()), 0);
	assert_int_equal(tally_count(&made), 2); /* its state is destroyed */
	assert_int_equal(actor_executor_destroy(other), 0);
}

static struct tally destroyed, dropped;
static size_t n_destroyed_when_dropped;

static void drop_hand(void *user)
{
	(void)user;
	n_destroyed_when_dropped = tally_count(&destroyed);
	tally_add(&dropped, 1);
}

static int remove_child(const char *name)
{
	struct actor_child_remove_named message = { strdup(name) };

	return ACTOR_CALL(here(), supervisor, actor_child_remove_named, NULL, &message);
}

/* One begins anew elsewhere, while it still runs where it was; then it is removed. */
static void what_it_is_made_from_outlasts_what_is_left_to_itself(void **state)
{
	const struct actor_pool_options two = { .size = sizeof two, .n_threads = 2 };
	const struct actor_supervisor_options all = { .size = sizeof all,
						      .strategy = ACTOR_ONE_FOR_ALL };
	struct tally blocked = TALLY_INIT;
	struct hand plain[2] = { { 0 }, { .destroyed = &destroyed } };
	struct actor_child a = ACTOR_CHILD(hand, .make = make_hand, .user = &plain[0]);
	struct actor_child b = ACTOR_CHILD(hand, .make = make_hand, .user = &plain[1],
					   .drop = drop_hand, .name = "B", .stop_ns = 1000);
	struct actor_executor *other;
	union hand_address address;

	(void)state;
	assert_int_equal(actor_pool_create(&two, &other), 0);
	b.spawner = actor_executor_spawner(other);
	supervise(&all);
	assert_int_equal(add_child(a, &address.address), 0);
	actor_address_unref(address.address);
	assert_int_equal(add_child(b, &address.address), 0);
	tell_and_let_go(address, block, &blocked);
	assert_true(tally_wait(&blocked, 1));
	tell_child(0, fail_now, NULL);
	assert_true(tally_wait(&made, 4));
	assert_int_equal(remove_child("B"), 0);
	assert_int_equal(tally_count(&dropped), 0);
	tally_add(&let_go, 1);
	assert_int_equal(actor_executor_join(other, test_deadline()), 0);
	assert_int_equal(tally_count(&dropped), 1);
	assert_int_equal(n_destroyed_when_dropped, 2);
	supervise_no_more();
	assert_int_equal(actor_executor_destroy(other), 0);
}

/* A guest cannot be made to fail: it is stopped, and begins anew on another mailbox. */
static void children_may_be_of_another_implementation(void **state)
{
	struct actor_child two[2] = { ACTOR_CHILD(hand, .make = make_hand),
				      ACTOR_CHILD(hand, .make = make_hand) };
	struct actor_supervisor_options options_of_two = {
		.size = sizeof options_of_two,
		.children = two,
		.n_children = 2,
		.strategy = ACTOR_ONE_FOR_ALL,
	};
	struct tally stopped = TALLY_INIT;
	struct hand plain[2] = { { .stopped = &stopped }, { .stopped = &stopped } };
	union hand_address before[2];
	struct actor_tpa *tpa;

	(void)state;
	assert_int_equal(actor_tpa_create(&tpa), 0);
	for (size_t i = 0; i < 2; i++) {
		two[i].spawner = actor_tpa_spawner(tpa);
		two[i].user = &plain[i];
	}
	supervise(&options_of_two);
	before[0] = child_at(0);
	before[1] = child_at(1);
	assert_int_equal(hand_call(here(), before[0], fail_now, NULL), ACTOR_E_STOPPED);
	assert_int_equal(hand_call(here(), before[0], ignore_it, NULL), 0);
	assert_true(tally_wait(&made, 4));
	assert_int_equal(tally_count(&stopped), 1);
	assert_int_equal(hand_send(NULL, before[1], ignore_it, NULL), ACTOR_E_CLOSED);
	for (size_t i = 0; i < 2; i++) {
		union hand_address now = child_at(i);

		assert_int_equal(actor_address_same(before[i].address, now.address), i == 0);
		assert_int_equal(hand_call(here(), now, ignore_it, NULL), 0);
		actor_address_unref(now.address);
		actor_address_unref(before[i].address);
	}
	supervise_no_more();
	assert_int_equal(actor_tpa_join(tpa, test_deadline()), 0);
	assert_int_equal(tally_count(&stopped), 3);
	assert_int_equal(actor_tpa_destroy(tpa), 0);
}

/* Nor can it run there itself. */
static void elsewhere_it_fails(void **state)
{
	struct actor_supervisor *supervisor_state;
	struct actor_end end;
	struct actor_tpa *tpa;

	(void)state;
	assert_int_equal(actor_tpa_create(&tpa), 0);
	assert_int_equal(actor_supervisor_create(NULL, &supervisor_state), 0);
	assert_int_equal(actor_spawn_mailbox(actor_tpa_spawner(tpa), &actor_supervisor_behavior,
					     supervisor_state, NULL, &supervisor.address,
					     &supervisor_mailbox),
			 0);
	assert_int_equal(actor_mailbox_join(here(), supervisor_mailbox, test_deadline(), &end), 0);
	assert_int_equal(end.how, ACTOR_ENDED_FAILED);
	actor_address_unref(supervisor.address);
	actor_mailbox_destroy(supervisor_mailbox);
	supervisor.address = NULL;
	supervisor_mailbox = NULL;
	assert_int_equal(actor_tpa_join(tpa, test_deadline()), 0);
	assert_int_equal(actor_tpa_destroy(tpa), 0);
}

static int set_up(void **state)
{
	const struct actor_pool_options two = { .size = sizeof two, .n_threads = 2 };

	(void)state;
	made = let_go = destroyed = dropped = (struct tally)TALLY_INIT;
	return actor_pool_create(&two, &pool);
}

static int tear_down(void **state)
{
	return actor_executor_destroy(pool) < 0 ? -1 : test_nothing_held(state);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(many_children_fail_at_once),
		{ "many_children_fail_at_once (rest for one)", many_children_fail_at_once, set_up,
		  tear_down, (void *)1 },
		TEST(who_runs_on_is_left_to_itself),
		TEST(what_it_is_made_from_outlasts_what_is_left_to_itself),
		TEST(children_may_be_of_another_implementation),
		TEST(elsewhere_it_fails),
	};

	actor_log_set_sink(NULL, NULL, ACTOR_LOG_NONE);
	return cmocka_run_group_tests_name("supervisor-pool", tests, NULL, NULL);
}
