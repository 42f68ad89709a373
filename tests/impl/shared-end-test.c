/* SPDX-License-Identifier: MIT */

/* Workers that share a channel come and go, or are stopped, one or all of them; what becomes of
 * what is in it. */

#include "shared-fixture.h"

static bool closes_meanwhile;

int __real_actor_channel_mailbox(struct actor_spawner *spawner,
				 const struct actor_behavior *behavior,
				 const struct actor_mailbox_options *options,
				 struct actor_channel *channel, struct actor_mailbox **ret_mailbox);
int __wrap_actor_channel_mailbox(struct actor_spawner *spawner,
				 const struct actor_behavior *behavior,
				 const struct actor_mailbox_options *options,
				 struct actor_channel *channel, struct actor_mailbox **ret_mailbox);

int __wrap_actor_channel_mailbox(struct actor_spawner *spawner,
				 const struct actor_behavior *behavior,
				 const struct actor_mailbox_options *options,
				 struct actor_channel *channel, struct actor_mailbox **ret_mailbox)
{
	int rc = __real_actor_channel_mailbox(spawner, behavior, options, channel, ret_mailbox);

	if (closes_meanwhile)
		actor_executor_close(executor);
	return rc;
}

/* ---- workers come and go ---- */

static void the_others_go_on(void **state)
{
	union hand_address first;

	(void)state;
	start_all();
	run();
	first.address = actor_mailbox_address(workers[0]);
	assert_int_equal(actor_address_stop(first.address, ACTOR_STOP_DRAIN), 0);
	actor_address_unref(first.address);
	fire(1);
	run();
	assert_ended(0, ACTOR_ENDED_STOPPED);
	for (unsigned i = 0; i < 3; i++)
		order(hands, say, "a");
	run();
	assert_string_equal(said, "2a2a2a");
	hire(1);
	start(1);
	order(hands, sleep_for_ever, NULL);
	run();
	order(hands, say, "b");
	run();
	assert_int_equal(n_said, 8);
}

/* Without the last one nobody would come. */
static void the_last_one_closes_it(void **state)
{
	struct actor_mailbox *late = NULL;
	struct actor_future future;

	(void)state;
	hire(0);
	hire(1);
	start(0);
	start(1);
	run();
	fire(0);
	run();
	assert_false(actor_channel_is_closed(queue));
	begin_call(&future, "a");
	fire(1);
	run();
	assert_refused(&future);
	assert_true(actor_channel_is_closed(queue));
	assert_int_equal(hand_send(NULL, hands, say, "b"), ACTOR_E_CLOSED);
	assert_int_equal(
		actor_shared_mailbox(shared, actor_executor_spawner(executor), NULL, &late),
		ACTOR_E_CLOSED);
	assert_null(late);
	assert_int_equal(n_said, 0);
}

static void the_last_one_handles_what_is_queued_if_it_is_drained(void **state)
{
	union hand_address first;

	(void)state;
	hire(0);
	start(0);
	order(hands, say, "a");
	order(hands, say, "b");
	first.address = actor_mailbox_address(workers[0]);
	order(first, say, "c");
	assert_int_equal(actor_address_stop(first.address, ACTOR_STOP_DRAIN), 0);
	actor_shared_destroy(shared); /* takes nothing away from it */
	shared = NULL;
	assert_ended(0, ACTOR_ENDED_STOPPED);
	assert_string_equal(said, "0c0a0b");
	assert_int_equal(hand_send(NULL, hands, say, "d"), ACTOR_E_CLOSED);
	actor_address_unref(first.address);
}

static int give_it_up(struct actor_context *context, void *user)
{
	(void)context, (void)user;
	actor_shared_destroy(shared);
	shared = NULL;
	return 0;
}

/* Also while that one is at it. */
static void what_the_last_one_is_at_is_not_taken_away(void **state)
{
	struct actor_address *first;

	(void)state;
	hire(0);
	start(0);
	order(hands, give_it_up, NULL);
	order(hands, say, "a");
	first = actor_mailbox_address(workers[0]);
	assert_int_equal(actor_address_stop(first, ACTOR_STOP_DRAIN), 0);
	assert_ended(0, ACTOR_ENDED_STOPPED);
	assert_string_equal(said, "0a");
	assert_null(shared);
	actor_address_unref(first);
}

static int burn(struct actor_context *context, void *user)
{
	(void)user;
	ACTOR_FAIL(context, "burnt");
}

static void who_has_failed_is_still_one_of_them(void **state)
{
	struct actor_end end;

	(void)state;
	hire(0);
	start(0);
	order(hands, burn, NULL);
	order(hands, say, "a");
	assert_int_equal(actor_mailbox_join(here(), workers[0], test_deadline(), &end), 0);
	assert_int_equal(end.how, ACTOR_ENDED_FAILED);
	assert_int_equal(n_said, 0);
	assert_false(actor_channel_is_closed(queue));
	start(0);
	run();
	assert_string_equal(said, "0a");
}

/* Whoever was told, and then cannot come, passes it on. */
static void passes_it_on(void (*prevent)(struct actor_address *address, struct actor_mailbox *))
{
	struct actor_address *second;

	hire(0);
	hire(1);
	start(0);
	start(1);
	run();
	second = actor_mailbox_address(workers[1]);
	/* So that the second is the last to begin waiting, and the next one to be told. */
	order((union hand_address){ second }, say, "x");
	run();
	assert_string_equal(said, "1x");
	order(hands, say, "a");
	prevent(second, workers[1]);
	run();
	assert_string_equal(said, "1x0a");
	actor_address_unref(second);
}

static void by_pause(struct actor_address *address, struct actor_mailbox *mailbox)
{
	(void)mailbox;
	actor_ignore(actor_address_pause(address));
}

static void by_cancel(struct actor_address *address, struct actor_mailbox *mailbox)
{
	(void)address;
	actor_mailbox_cancel(mailbox);
}

static void by_stop(struct actor_address *address, struct actor_mailbox *mailbox)
{
	(void)mailbox;
	actor_ignore(actor_address_stop(address, ACTOR_STOP_NOW));
}

static void by_drain(struct actor_address *address, struct actor_mailbox *mailbox)
{
	(void)mailbox;
	actor_ignore(actor_address_stop(address, ACTOR_STOP_DRAIN));
}

static void who_is_paused_passes_it_on(void **state)
{
	(void)state;
	passes_it_on(by_pause);
}

static void who_is_cancelled_passes_it_on(void **state)
{
	(void)state;
	passes_it_on(by_cancel);
}

static void who_is_stopped_passes_it_on(void **state)
{
	(void)state;
	passes_it_on(by_stop);
}

static void who_is_drained_passes_it_on(void **state)
{
	(void)state;
	passes_it_on(by_drain);
}

/* ---- stopping all of them ---- */

static void drained_they_handle_what_is_queued(void **state)
{
	(void)state;
	start_all();
	for (unsigned i = 0; i < 6; i++)
		order(hands, say, "a");
	assert_int_equal(actor_address_stop(hands.address, ACTOR_STOP_DRAIN), 0);
	assert_int_equal(hand_send(NULL, hands, say, "b"), ACTOR_E_CLOSED);
	assert_all_ended(ACTOR_ENDED_STOPPED);
	assert_int_equal(n_said, 12);
}

/* Idle, they are told. */
static void drained_they_end_when_there_is_nothing(void **state)
{
	(void)state;
	start_all();
	run();
	assert_int_equal(actor_address_stop(hands.address, ACTOR_STOP_DRAIN), 0);
	assert_all_ended(ACTOR_ENDED_STOPPED);
}

static void stopped_now_they_drop_what_is_queued(void **state)
{
	struct actor_future future;

	(void)state;
	start_all();
	begin_call(&future, "a");
	assert_int_equal(actor_address_stop(hands.address, ACTOR_STOP_NOW), 0);
	assert_all_ended(ACTOR_ENDED_STOPPED);
	assert_refused(&future);
	assert_int_equal(n_said, 0);
}

static void without_workers_nobody_will_come(void **state)
{
	struct actor_mailbox *late = NULL;
	struct actor_future futures[2];

	(void)state;
	begin_call(&futures[0], "a");
	assert_int_equal(actor_address_stop(hands.address, ACTOR_STOP_DRAIN), 0);
	assert_refused(&futures[0]);
	assert_int_equal(
		actor_shared_mailbox(shared, actor_executor_spawner(executor), NULL, &late),
		ACTOR_E_CLOSED);
	let_go();
	actor_shared_destroy(shared);
	actor_channel_unref(queue);
	assert_int_equal(share_queue(), 0);
	begin_call(&futures[1], "a");
	actor_shared_destroy(shared);
	shared = NULL;
	assert_refused(&futures[1]);
	assert_int_equal(hand_send(NULL, hands, say, "b"), ACTOR_E_CLOSED);
}

static void a_closed_executor_ends_it(void **state)
{
	struct actor_future future;

	(void)state;
	start_all();
	begin_call(&future, "a");
	actor_executor_close(executor);
	assert_all_ended(ACTOR_ENDED_CANCELLED);
	assert_refused(&future);
	assert_true(actor_channel_is_closed(queue));
}

/* A worker's executor is closed when there is its mailbox, but it is not one of them yet: then it
 * never is, and what is queued waits for another, from elsewhere. */
static void who_comes_too_late_takes_nothing_away(void **state)
{
	struct actor_mailbox *late = NULL;
	struct actor_future future;

	(void)state;
	begin_call(&future, "a");
	closes_meanwhile = true;
	assert_int_equal(
		actor_shared_mailbox(shared, actor_executor_spawner(executor), NULL, &late),
		ACTOR_E_CLOSED);
	closes_meanwhile = false;
	assert_null(late);
	assert_false(actor_channel_is_closed(queue));
	assert_int_equal(actor_channel_length(queue), 1);
	actor_shared_destroy(shared);
	shared = NULL;
	assert_refused(&future);
}

/* As of one actor: what nobody may take, nobody waits for. */
static void drained_they_drop_what_is_disabled(void **state)
{
	struct actor_future future;

	(void)state;
	start_all();
	run();
	actor_channel_disable(queue);
	begin_call(&future, "a");
	run();
	assert_int_equal(actor_address_stop(hands.address, ACTOR_STOP_DRAIN), 0);
	assert_all_ended(ACTOR_ENDED_STOPPED);
	assert_refused(&future);
	assert_int_equal(n_said, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LOCAL_TEST(the_others_go_on),
		LOCAL_TEST(the_last_one_closes_it),
		LOCAL_TEST(the_last_one_handles_what_is_queued_if_it_is_drained),
		LOCAL_TEST(what_the_last_one_is_at_is_not_taken_away),
		LOCAL_TEST(who_has_failed_is_still_one_of_them),
		LOCAL_TEST(who_is_paused_passes_it_on),
		LOCAL_TEST(who_is_cancelled_passes_it_on),
		LOCAL_TEST(who_is_stopped_passes_it_on),
		LOCAL_TEST(who_is_drained_passes_it_on),
		LOCAL_TEST(drained_they_handle_what_is_queued),
		LOCAL_TEST(drained_they_end_when_there_is_nothing),
		LOCAL_TEST(stopped_now_they_drop_what_is_queued),
		LOCAL_TEST(without_workers_nobody_will_come),
		LOCAL_TEST(a_closed_executor_ends_it),
		LOCAL_TEST(who_comes_too_late_takes_nothing_away),
		LOCAL_TEST(drained_they_drop_what_is_disabled),
	};

	return cmocka_run_group_tests_name("shared-end", tests, NULL, NULL);
}
