/* SPDX-License-Identifier: MIT */

/* Simulations: any allocation may fail. */

#include "simulation-fixture.h"

#include "executor.h"

#include <string.h>

/* ---- memory */

static void the_nth_allocation_fails(void **state)
{
	struct actor_executor *executor = open_simulation();
	struct actor_spawner *spawner = actor_executor_spawner(executor);
	union hand_address hand;

	(void)state;
	actor_simulation_fail_nth(1);
	assert_int_equal(ACTOR_SPAWN(hand, spawner, NULL, NULL, &hand), ACTOR_E_NOMEM);
	assert_int_equal(ACTOR_SPAWN(hand, spawner, NULL, NULL, &hand), 0);
	assert_int_equal(hand_call(here(), hand, ignore_it, NULL), 0);
	actor_simulation_fail_nth(1); /* the reply */
	assert_int_equal(hand_call(here(), hand, ignore_it, NULL), ACTOR_E_NOMEM);
	actor_simulation_fail_nth(2); /* the envelope */
	assert_int_equal(hand_call(here(), hand, ignore_it, NULL), ACTOR_E_NOMEM);
	assert_int_equal(actor_simulation_fail_nth(0), 2);
	assert_int_equal(hand_call(here(), hand, ignore_it, NULL), 0);
	assert_int_equal(actor_simulation_fail_nth(0), 2); /* it has its stack from before */
	actor_address_unref(hand.address);
	close_simulation(executor);
	actor_simulation_fail_nth(1);
	assert_int_equal(actor_simulation_create(&options, &executor), ACTOR_E_NOMEM);
	assert_int_equal(actor_simulation_fail_nth(0), 1);
}

/* What is in the pools of a thread counts like all else: also without a simulation. */
static void pools_are_no_help(void **state)
{
	struct actor_executor *executor;
	union hand_address hand;

	(void)state;
	assert_int_equal(actor_local_create(&executor), 0);
	hand = hand_spawn(executor, NULL, 0);
	for (unsigned i = 0; i < 10; i++)
		assert_int_equal(hand_call(here(), hand, ignore_it, NULL), 0);
	for (uint64_t n = 1; n <= 2; n++) {
		actor_simulation_fail_nth(n);
		assert_int_equal(hand_call(here(), hand, ignore_it, NULL), ACTOR_E_NOMEM);
	}
	actor_simulation_fail_nth(3); /* a stack: tried again, without anybody's noticing */
	assert_int_equal(hand_call(here(), hand, ignore_it, NULL), 0);
	assert_int_equal(actor_simulation_fail_nth(0), 4);
	actor_address_unref(hand.address);
	close_simulation(executor);
}

static int64_t begin_ns;

static int note_at_once(struct actor_context *context, void *user)
{
	return note(context, actor_now(context) == begin_ns ? user : "late");
}

/* The array of those who are ready does not grow: they wait for their turn all the same, and time
 * does not pass until they have had it. */
static void who_is_ready_needs_no_memory(void **state)
{
	struct actor_executor *executor = open_simulation();
	union hand_address hands[100];
	unsigned n_refused = 0;

	(void)state;
	begin_ns = actor_now(here());
	for (unsigned i = 0; i < N_ELEMENTS(hands); i++) {
		actor_simulation_fail_nth(2); /* the one after the actor itself */
		hands[i] = hand_spawn(executor, NULL, 0);
		n_refused += actor_simulation_fail_nth(0) == 2;
		tell(hands[i], note_at_once, "x");
	}
	assert_in_range(n_refused, 50, 99);
	wait_for_all();
	assert_int_equal(strspn(order, "x"), N_ELEMENTS(hands));
	for (unsigned i = 0; i < N_ELEMENTS(hands); i++)
		actor_address_unref(hands[i].address);
	close_simulation(executor);
}

static void allocations_fail_by_chance(void **state)
{
	char results[2][301] = { "", "" };

	(void)state;
	for (unsigned round = 0; round < 2; round++) {
		struct actor_executor *executor = open_simulation();
		union hand_address hand = hand_spawn(executor, NULL, 0);

		actor_simulation_fail_some(executor, 10);
		for (unsigned i = 0; i < 300; i++)
			results[round][i] = hand_call(here(), hand, ignore_it, NULL) == 0 ? '.'
											  : 'x';
		actor_address_unref(hand.address);
		close_simulation(executor);
		assert_in_range(actor_simulation_fail_nth(0), 301, 600);
	}
	assert_string_equal(results[0], results[1]);
	assert_non_null(strchr(results[0], '.'));
	assert_non_null(strchr(results[0], 'x'));
}

/* Nothing succeeds any more that takes memory, and then the run fails in the midst of it all. */
static int fail_without_memory(struct actor_executor *executor, void *user)
{
	union hand_address hand = hand_spawn(executor, NULL, 0);
	unsigned *n_runs = user;

	++*n_runs;
	tell(hand, sleep_for, "9");
	tell_and_let_go(hand, ignore_it, NULL);
	wait_for_all();
	actor_simulation_fail_some(executor, 1);
	return -77;
}

static void a_run_that_has_failed_is_cleaned_up_with_memory(void **state)
{
	unsigned n_runs = 0;

	(void)state;
	options.most_steps = 1000;
	assert_int_equal(actor_simulation_check(&options, 1, fail_without_memory, &n_runs), -77);
	assert_string_equal(said, "[a simulated run has failed: unknown error (-77); it is run "
				  "again by][ACTOR_SEED=1]");
}

/* One run's refusal is none of the next one's: it would not be the same again by itself. */
static int have_a_later_one_fail(struct actor_executor *executor, void *user)
{
	unsigned *n_runs = user;

	actor_address_unref(hand_spawn(executor, NULL, 0).address);
	if (++*n_runs == 1)
		actor_simulation_fail_nth(20);
	return 0;
}

static void what_is_refused_ends_with_its_run(void **state)
{
	unsigned n_runs = 0;

	(void)state;
	assert_int_equal(actor_simulation_check(&options, 100, have_a_later_one_fail, &n_runs), 0);
	assert_int_equal(n_runs, 100);
	assert_in_range(actor_simulation_fail_nth(0), 200, 1000); /* it was counted on */
}

/* Where nothing is to fail, what comes out of a thread's pools is not asked for. */
static void allocations_can_be_counted(void **state)
{
	struct actor_executor *executor;
	union hand_address hand;

	(void)state;
	assert_int_equal(actor_local_create(&executor), 0);
	hand = hand_spawn(executor, NULL, 0);
	for (unsigned i = 0; i < 10; i++)
		assert_int_equal(hand_call(here(), hand, ignore_it, NULL), 0);
	for (unsigned round = 0; round < 2; round++) {
		actor_simulation_fail_nth(UINT64_MAX);
		assert_int_equal(hand_call(here(), hand, ignore_it, NULL), 0);
		assert_int_equal(actor_simulation_fail_nth(0), 3); /* reply, envelope, stack */
	}
	actor_address_unref(hand.address);
	close_simulation(executor);
}

/* ---- stacks ---- */

/* With which it is let go. */
static struct actor_reply *held;

static int be_held(struct actor_context *context, void *user)
{
	struct actor_reply *reply;

	(void)user;
	if (context->ops->reply_open(context, actor_join_type(), &reply) < 0)
		return ACTOR_E_NOMEM;
	held = reply;
	actor_ignore(actor_await_replies(context, &reply, 1, sizeof reply, ACTOR_AWAIT_ALL,
					 ACTOR_FOREVER));
	return context->ops->reply_close(context, reply, NULL);
}

/* On the stack that there was, somebody waits for ever. */
static void use_up_stack(struct actor_executor *executor)
{
	tell_and_let_go(spawn_named(executor, "holder", NULL), be_held, NULL);
	wait_for_all();
	assert_non_null(held);
}

static void let_go_of_holder(void)
{
	struct actor_unit unit = { 0 };

	actor_reply_deliver(held, 0, &unit);
	held = NULL;
}

/* Milliseconds that pass while all memory is refused. */
static void pass_without_memory(struct actor_executor *executor, int64_t ms)
{
	actor_simulation_fail_some(executor, 1);
	assert_int_equal(actor_sleep_until(here(), actor_now(here()) + ms * 1000000), 0);
	actor_simulation_fail_some(executor, 0);
}

static struct actor_executor *open_without_stacks(void)
{
	struct actor_executor *executor = open_simulation();

	use_up_stack(executor);
	return executor;
}

static void close_without_stacks(struct actor_executor *executor)
{
	let_go_of_holder();
	close_simulation(executor);
}

static void who_waits_for_a_stack_goes_on_with_memory(void **state)
{
	union hand_address hand;
	struct actor_executor *executor = open_without_stacks();

	(void)state;
	hand = hand_spawn(executor, NULL, 0);
	tell(hand, note, "a");
	pass_without_memory(executor, 1000);
	assert_string_equal(order, "");
	wait_for_all();
	assert_string_equal(order, "a");
	assert_string_equal(said, "");
	actor_address_unref(hand.address);
	close_without_stacks(executor);
}

/* One by one, who has waited longest first. */
static void who_gets_no_stack_for_long_fails(void **state)
{
	union hand_address first, second;
	struct actor_executor *executor = open_without_stacks();
	static const char said_first[] = "[first: cannot be run: there is no memory for a stack]",
			  said_second[] = "[second: cannot be run: there is no memory for a stack]";

	(void)state;
	first = spawn_named(executor, "first", NULL);
	pass_without_memory(executor, 500);
	second = spawn_named(executor, "second", NULL);
	pass_without_memory(executor, 500);
	assert_string_equal(said, "");
	pass_without_memory(executor, 100);
	assert_string_equal(said, said_first);
	pass_without_memory(executor, 200);
	assert_memory_equal(said, said_first, strlen(said_first));
	assert_string_equal(said + strlen(said_first), said_second);
	assert_int_equal(hand_send(NULL, first, note, "a"), ACTOR_E_CLOSED);
	assert_int_equal(hand_send(NULL, second, note, "b"), ACTOR_E_CLOSED);
	actor_address_unref(first.address);
	actor_address_unref(second.address);
	close_without_stacks(executor);
}

/* For none of no answers, which takes no memory. */
static int wait_for_ever(struct actor_context *context, void *user)
{
	(void)user;
	return actor_await_replies(context, NULL, 0, 0, ACTOR_AWAIT_ANY, ACTOR_FOREVER);
}

/* Somebody got one meanwhile: who is let go leaves it to one, who keeps it. */
static void the_time_begins_anew_with_each_stack(void **state)
{
	struct actor_executor *executor = open_without_stacks();

	(void)state;
	for (unsigned i = 0; i < 8; i++)
		tell_and_let_go(hand_spawn(executor, NULL, 0), wait_for_ever, NULL);
	pass_without_memory(executor, 800);
	let_go_of_holder();
	pass_without_memory(executor, 950);
	assert_string_equal(said, "");
	pass_without_memory(executor, 100);
	assert_string_equal(said, "[: cannot be run: there is no memory for a stack]");
	actor_executor_close(executor);
	close_simulation(executor);
}

/* Its stack comes back by itself, if late. */
static void who_has_a_deadline_is_waited_for(void **state)
{
	struct actor_executor *executor = open_simulation();

	(void)state;
	tell_and_let_go(spawn_named(executor, "sleeper", NULL), sleep_for, "1");
	wait_for_all();
	tell_and_let_go(hand_spawn(executor, NULL, 0), note, "a");
	pass_without_memory(executor, 3599000);
	assert_string_equal(order, "");
	assert_string_equal(said, "");
	pass_without_memory(executor, 2000);
	assert_string_equal(order, "1a");
	close_simulation(executor);
}

/* Those of others, on another executor, do not come to this one. */
static void who_has_one_elsewhere_is_not(void **state)
{
	struct actor_executor *executor = open_without_stacks(), *pool;
	const struct actor_pool_options one = { .size = sizeof one, .n_threads = 1 };
	union hand_address sleeper;
	struct actor_counts counts;

	(void)state;
	assert_int_equal(actor_pool_create(&one, &pool), 0);
	sleeper = hand_spawn(pool, NULL, 0);
	tell(sleeper, sleep_for, "9");
	do
		actor_counts_get(&counts);
	while (counts.suspended < 2);
	tell_and_let_go(hand_spawn(executor, NULL, 0), note, "a");
	pass_without_memory(executor, 1100);
	assert_string_equal(said, "[: cannot be run: there is no memory for a stack]");
	close_without_stacks(executor);
	actor_executor_close(pool);
	actor_address_unref(sleeper.address);
	assert_int_equal(actor_executor_join(pool, test_deadline()), 0);
	assert_int_equal(actor_executor_destroy(pool), 0);
}

/* Each needs a stack of its own, and gets one sooner or later. */
static void all_get_stacks_by_chance(void **state)
{
	(void)state;
	for (options.seed = 1; options.seed <= 100; options.seed++) {
		struct actor_executor *executor = open_simulation();

		order[0] = '\0';
		for (unsigned i = 0; i < 8; i++)
			tell_and_let_go(hand_spawn(executor, NULL, 0), sleep_for, "1");
		actor_simulation_fail_some(executor, 2);
		assert_int_equal(actor_sleep_until(here(), actor_now(here()) + 1000000000), 0);
		actor_simulation_fail_some(executor, 0);
		assert_int_equal(atomic_load(&executor->starved.n), 0);
		close_simulation(executor);
		assert_string_equal(order, "11111111");
	}
	assert_string_equal(said, "");
}

static void its_next_run_handles_what_is_queued(void **state)
{
	union hand_address hand;
	struct actor_executor *executor = open_without_stacks();
	struct hand_mailbox mailbox;
	struct actor_end end;

	(void)state;
	assert_int_equal(
		ACTOR_MAILBOX_CREATE(hand, actor_executor_spawner(executor), NULL, &mailbox), 0);
	hand = ACTOR_MAILBOX_ADDRESS(hand, mailbox);
	tell(hand, note, "a");
	assert_int_equal(ACTOR_MAILBOX_START(hand, mailbox, NULL, NULL, NULL), 0);
	pass_without_memory(executor, 1100);
	assert_int_equal(actor_mailbox_end(mailbox.mailbox, &end), 0);
	assert_int_equal(end.how, ACTOR_ENDED_FAILED);
	assert_int_equal(ACTOR_MAILBOX_START(hand, mailbox, NULL, NULL, NULL), 0);
	wait_for_all();
	assert_string_equal(order, "a");
	actor_address_unref(hand.address);
	actor_mailbox_detach(mailbox.mailbox);
	close_without_stacks(executor);
}

static void who_is_cancelled_needs_no_stack(void **state)
{
	union hand_address hands[3];
	struct actor_executor *executor = open_without_stacks();
	struct hand_mailbox mailboxes[3];
	struct actor_end end;

	(void)state;
	for (unsigned i = 0; i < 3; i++)
		assert_int_equal(ACTOR_SPAWN_MAILBOX(hand, actor_executor_spawner(executor), NULL,
						     NULL, &hands[i], &mailboxes[i]),
				 0);
	pass_without_memory(executor, 300);
	actor_mailbox_cancel(mailboxes[1].mailbox);
	actor_mailbox_cancel(mailboxes[2].mailbox);
	pass_without_memory(executor, 300);
	assert_int_equal(actor_mailbox_end(mailboxes[0].mailbox, &end), ACTOR_E_BUSY);
	for (unsigned i = 1; i < 3; i++) {
		assert_int_equal(actor_mailbox_end(mailboxes[i].mailbox, &end), 0);
		assert_int_equal(end.how, ACTOR_ENDED_CANCELLED);
	}
	for (unsigned i = 0; i < 3; i++) {
		actor_address_unref(hands[i].address);
		actor_mailbox_destroy(mailboxes[i].mailbox);
	}
	assert_string_equal(said, "");
	close_without_stacks(executor);
}

/* That what it was to take later can be taken, is told to nobody who has gone meanwhile. */
static void it_fails_with_a_channel_that_holds_something_back(void **state)
{
	const struct actor_queue_options queue = { .size = sizeof queue, .capacity = 16 };
	struct actor_executor *executor = open_simulation();
	struct actor_channel *inner, *channel;
	union hand_address hand;
	struct hand_mailbox mailbox;

	(void)state;
	assert_int_equal(actor_queue_create(&queue, &inner), 0);
	assert_int_equal(actor_throttle_create(inner, 1, HOUR_NS, &channel), 0);
	actor_channel_unref(inner);
	assert_int_equal(ACTOR_CHANNEL_MAILBOX(hand, actor_executor_spawner(executor), NULL,
					       channel, &mailbox),
			 0);
	actor_channel_unref(channel);
	hand = ACTOR_MAILBOX_ADDRESS(hand, mailbox);
	assert_int_equal(ACTOR_MAILBOX_START(hand, mailbox, NULL, NULL, NULL), 0);
	tell(hand, note, "a");
	tell(hand, note, "b");
	wait_for_all();
	assert_string_equal(order, "a");
	use_up_stack(executor);
	actor_address_unref(hand.address); /* it looks */
	pass_without_memory(executor, 1100);
	assert_string_equal(said, "[: cannot be run: there is no memory for a stack]");
	actor_mailbox_destroy(mailbox.mailbox);
	close_without_stacks(executor);
	assert_string_equal(order, "a");
}

#define SIMULATION_TEST(name)                                                                      \
	cmocka_unit_test_setup_teardown(name, simulation_set_up, simulation_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		SIMULATION_TEST(the_nth_allocation_fails),
		SIMULATION_TEST(pools_are_no_help),
		SIMULATION_TEST(who_is_ready_needs_no_memory),
		SIMULATION_TEST(allocations_fail_by_chance),
		SIMULATION_TEST(a_run_that_has_failed_is_cleaned_up_with_memory),
		SIMULATION_TEST(what_is_refused_ends_with_its_run),
		SIMULATION_TEST(allocations_can_be_counted),
		SIMULATION_TEST(who_waits_for_a_stack_goes_on_with_memory),
		SIMULATION_TEST(who_gets_no_stack_for_long_fails),
		SIMULATION_TEST(the_time_begins_anew_with_each_stack),
		SIMULATION_TEST(who_has_a_deadline_is_waited_for),
		SIMULATION_TEST(who_has_one_elsewhere_is_not),
		SIMULATION_TEST(all_get_stacks_by_chance),
		SIMULATION_TEST(its_next_run_handles_what_is_queued),
		SIMULATION_TEST(who_is_cancelled_needs_no_stack),
		SIMULATION_TEST(it_fails_with_a_channel_that_holds_something_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
