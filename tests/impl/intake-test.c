/* SPDX-License-Identifier: MIT */

/*
 * Actors on channels that are given: when they end, and what becomes of what is queued. Mostly on
 * the local executor, where each step is the test's; what threads may do to each other, on a pool.
 */

#include "intake-fixture.h"

#include "channel-core.h"
#include "channel.h"

#include <sched.h>
#include <stdlib.h>

/* ---- when it ends ---- */

/* L-04, L-11, L-12, L-16 */
static void it_is_an_actor_like_any_other(void **state)
{
	struct actor_channel *channel = queue(16);

	(void)state;
	start_on(channel);
	actor_channel_unref(channel);
	tell("abc");
	assert_string_equal(all_said(), "abc");
	tell("de");
	actor_address_unref(hand.address);
	hand.address = NULL;
	assert_ended(ACTOR_ENDED_STOPPED);
	assert_string_equal(said, "abcde");
	let_go();
}

/* L-02, L-14: sent to before it starts. */
static void what_was_sent_before_the_start_is_handled(void **state)
{
	struct actor_channel *channel = queue(16);

	(void)state;
	make_on(channel);
	tell("ab");
	actor_address_unref(hand.address);
	hand.address = NULL;
	start(NULL);
	assert_ended(ACTOR_ENDED_STOPPED);
	assert_string_equal(said, "ab");
	actor_channel_unref(channel);
	let_go();
}

/* L-08 */
static void it_ends_with_its_channel(void **state)
{
	struct actor_channel *channel = queue(16);

	(void)state;
	start_on(channel);
	assert_string_equal(all_said(), "");
	tell("ab");
	actor_channel_close(channel);
	assert_ended(ACTOR_ENDED_STOPPED);
	assert_string_equal(said, "ab");
	assert_int_equal(hand_send(NULL, hand, say, "c"), ACTOR_E_CLOSED);
	actor_channel_unref(channel);
	let_go();
}

/* Idle when it is closed. */
static void it_is_told_that_its_channel_is_closed(void **state)
{
	struct actor_channel *channel = queue(16);

	(void)state;
	start_on(channel);
	assert_string_equal(all_said(), "");
	actor_channel_close(channel);
	assert_ended(ACTOR_ENDED_STOPPED);
	actor_channel_unref(channel);
	let_go();
}

static void draining_handles_what_is_queued(void **state)
{
	struct actor_channel *channel = queue(16);

	(void)state;
	start_on(channel);
	tell("abc");
	assert_int_equal(actor_address_stop(hand.address, ACTOR_STOP_DRAIN), 0);
	assert_int_equal(hand_send(NULL, hand, say, "d"), ACTOR_E_CLOSED);
	assert_ended(ACTOR_ENDED_STOPPED);
	assert_string_equal(said, "abc");
	assert_true(actor_channel_is_closed(channel));
	actor_channel_unref(channel);
	let_go();
}

static void stopped_now_it_drops_what_is_queued(void **state)
{
	struct actor_channel *channel = queue(16);
	struct actor_future future;

	(void)state;
	start_on(channel);
	assert_string_equal(all_said(), "");
	tell("a");
	begin_call(&future, hand, say, "b");
	assert_int_equal(actor_address_stop(hand.address, ACTOR_STOP_NOW), 0);
	assert_ended(ACTOR_ENDED_STOPPED);
	assert_int_equal(actor_future_await(&future, ACTOR_AT_ONCE), ACTOR_E_STOPPED);
	assert_string_equal(said, "");
	assert_int_equal(actor_channel_length(channel), 0);
	actor_channel_unref(channel);
	let_go();
}

/* L-10, L-34 */
static void cancelled_it_drops_what_is_queued(void **state)
{
	struct actor_channel *channel = queue(16);
	struct actor_future future;

	(void)state;
	start_on(channel);
	tell("a");
	begin_call(&future, hand, say, "b");
	actor_mailbox_cancel(mailbox.mailbox);
	assert_ended(ACTOR_ENDED_CANCELLED);
	assert_int_equal(actor_future_await(&future, ACTOR_AT_ONCE), ACTOR_E_STOPPED);
	assert_string_equal(said, "");
	assert_true(actor_channel_is_closed(channel));
	actor_channel_unref(channel);
	let_go();
}

/* L-31 */
static void never_started_it_drops_what_is_queued(void **state)
{
	struct actor_channel *channel = queue(16);
	struct actor_future future;

	(void)state;
	make_on(channel);
	begin_call(&future, hand, say, "a");
	actor_mailbox_detach(mailbox.mailbox);
	assert_int_equal(actor_future_await(&future, ACTOR_AT_ONCE), ACTOR_E_STOPPED);
	assert_int_equal(hand_send(NULL, hand, say, "b"), ACTOR_E_CLOSED);
	actor_address_unref(hand.address);
	assert_true(actor_channel_is_closed(channel));
	actor_channel_unref(channel);
}

static void a_closed_executor_drops_what_is_queued(void **state)
{
	struct actor_channel *channel = queue(16);
	struct actor_channel *another = queue(16), *select = NULL;
	struct actor_mailbox *refused = NULL;
	struct actor_future future;

	(void)state;
	start_on(channel);
	begin_call(&future, hand, say, "a");
	actor_executor_close(executor);
	assert_ended(ACTOR_ENDED_CANCELLED);
	assert_int_equal(actor_future_await(&future, ACTOR_AT_ONCE), ACTOR_E_STOPPED);
	assert_int_equal(actor_channel_mailbox(actor_executor_spawner(executor), &hand_behavior,
					       NULL, another, &refused),
			 ACTOR_E_CLOSED);
	assert_null(refused);
	/* It is the caller's, as it was. */
	assert_false(actor_channel_is_closed(another));
	assert_int_equal(actor_select_create(&another, 1, NULL, NULL, &select), 0);
	actor_channel_unref(select);
	actor_channel_unref(another);
	actor_channel_unref(channel);
	let_go();
}

/* Of any end that closes it. */
static void who_waits_for_room_is_told_of_the_end(void **state)
{
	struct job job = { say, "b" };

	(void)state;
	for (unsigned i = 0; i < 4; i++) {
		struct actor_channel *channel = queue(1);
		struct late late = { .n_woken = 0 };

		actor_waiter_init(&late.waiter, late_wake);
		make_on(channel);
		actor_channel_unref(channel);
		tell("a");
		assert_int_equal(
			actor_address_post(hand.address, &job_type, &job, NULL, &late.waiter),
			ACTOR_E_FULL);
		if (i < 3)
			start(NULL);
		if (i == 0)
			assert_int_equal(actor_address_stop(hand.address, ACTOR_STOP_NOW), 0);
		else if (i == 1)
			actor_mailbox_cancel(mailbox.mailbox);
		else if (i == 2)
			actor_channel_close(channel);
		else
			actor_mailbox_cancel(mailbox.mailbox);
		assert_int_equal(actor_local_run(executor), 0);
		assert_int_equal(late.n_woken, 1);
		assert_int_equal(
			actor_address_post(hand.address, &job_type, &job, NULL, &late.waiter),
			ACTOR_E_CLOSED);
		assert_null(late.waiter.line);
		let_go();
	}
}

/* ---- failing and starting again ---- */

static int burn(struct actor_context *context, void *user)
{
	(void)user;
	ACTOR_FAIL(context, "burnt");
}

static void start_again(void *user, struct actor_end *end)
{
	(void)user;
	if (end->how == ACTOR_ENDED_FAILED)
		actor_ignore(actor_mailbox_start(end->mailbox, &self, start_again, NULL));
	actor_end_drop(end);
}

/* L-34, S-12 */
static void a_failure_leaves_the_channel_as_it_is(void **state)
{
	struct actor_channel *channel = queue(16);

	(void)state;
	make_on(channel);
	start(start_again);
	tell("a");
	tell_to(hand, burn, NULL);
	tell("bc");
	assert_string_equal(all_said(), "abc");
	assert_int_equal(tally_count(&started), 2);
	assert_false(actor_channel_is_closed(channel));
	tell_to(hand, burn, NULL);
	tell("d");
	actor_address_unref(hand.address);
	hand.address = NULL;
	assert_string_equal(all_said(), "abcd");
	assert_int_equal(tally_count(&started), 3);
	assert_int_equal(tally_count(&stopped), 1);
	actor_channel_unref(channel);
	let_go();
}

static int fail_in_hook(struct actor_context *context, void *user)
{
	(void)user;
	ACTOR_FAIL(context, "in the hook");
}

static void nothing_is_left_when_stopped_fails(void **state)
{
	struct actor_channel *channel = queue(16);
	struct actor_future future;
	struct actor_end end;

	(void)state;
	self.in_stopped = fail_in_hook;
	start_on(channel);
	begin_call(&future, hand, say, "a");
	assert_int_equal(actor_address_stop(hand.address, ACTOR_STOP_NOW), 0);
	assert_int_equal(actor_mailbox_join(here(), mailbox.mailbox, test_deadline(), &end), 0);
	assert_int_equal(end.how, ACTOR_ENDED_FAILED);
	assert_int_equal(actor_future_await(&future, ACTOR_AT_ONCE), ACTOR_E_STOPPED);
	assert_int_equal(actor_mailbox_start(mailbox.mailbox, &self, NULL, NULL), ACTOR_E_CLOSED);
	actor_channel_unref(channel);
	let_go();
}

/* ---- later ---- */

/* L-29 */
static void what_comes_later_keeps_the_actor(void **state)
{
	int64_t begun_ns = actor_now(here());
	struct actor_channel *channel = throttle(queue(16), 20 * MILLISECOND);

	(void)state;
	start_on(channel);
	actor_channel_unref(channel);
	tell("abc");
	actor_address_unref(hand.address);
	hand.address = NULL;
	assert_string_equal(all_said(), "a");
	/* It does not look all the time. */
	assert_int_equal(actor_local_step(executor), 0);
	assert_runs();
	assert_ended(ACTOR_ENDED_STOPPED);
	assert_string_equal(said, "abc");
	assert_true(actor_now(here()) - begun_ns >= 40 * MILLISECOND);
	let_go();
}

static void draining_waits_for_what_comes_later(void **state)
{
	struct actor_channel *channel = throttle(queue(16), 10 * MILLISECOND);

	(void)state;
	start_on(channel);
	actor_channel_unref(channel);
	tell("abc");
	assert_int_equal(actor_address_stop(hand.address, ACTOR_STOP_DRAIN), 0);
	assert_ended(ACTOR_ENDED_STOPPED);
	assert_string_equal(said, "abc");
	let_go();
}

/* The timer of what would have come does no harm. */
static void what_comes_later_does_not_keep_who_is_stopped(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		struct actor_channel *channel = throttle(queue(16), 3600000 * MILLISECOND);

		set_up(NULL);
		start_on(channel);
		actor_channel_unref(channel);
		tell("abc");
		assert_string_equal(all_said(), "a");
		if (i == 0)
			assert_int_equal(actor_address_stop(hand.address, ACTOR_STOP_NOW), 0);
		else if (i == 1)
			actor_mailbox_cancel(mailbox.mailbox);
		else
			actor_executor_close(executor);
		assert_ended(i == 0 ? ACTOR_ENDED_STOPPED : ACTOR_ENDED_CANCELLED);
		assert_string_equal(said, "a");
		let_go();
	}
}

static void on_a_pool_later_comes_by_itself(void **state)
{
	struct actor_channel *channel = throttle(queue(16), 2 * MILLISECOND);

	(void)state;
	start_on(channel);
	actor_channel_unref(channel);
	tell("abcdef");
	actor_address_unref(hand.address);
	hand.address = NULL;
	assert_ended(ACTOR_ENDED_STOPPED);
	assert_string_equal(said, "abcdef");
	let_go();
}

/* ---- the last moment ---- */

/* A channel that is looked at just before somebody puts something in. */
struct tardy {
	struct actor_channel base;
	bool is_over;
};

static struct tardy tardy;

static void put_at_the_last_moment(struct actor_channel *channel)
{
	static struct job job = { say, "!" };
	const struct actor_handler *handler = actor_behavior_find(&hand_behavior, &job_type);
	struct actor__envelope *envelope = actor__envelope_create(actor__thread(), handler, &job,
								  NULL);

	if (actor_channel_push(channel, actor__envelope_out(envelope), NULL) != 0)
		abort();
}

static int tardy_take(struct actor_channel *channel, struct actor_context *context,
		      struct actor_envelope **ret_envelope, int64_t *ret_until_ns)
{
	size_t n;
	struct actor_channel *inner = actor_channel_members(channel, &n)[0];
	int rc = actor_channel_pop(inner, context, ret_envelope, ret_until_ns);

	if (rc == ACTOR_CHANNEL_EMPTY && !hand.address && !tardy.is_over) {
		tardy.is_over = true;
		put_at_the_last_moment(inner);
	}
	return rc;
}

static void tardy_destroy(struct actor_channel *channel)
{
	(void)channel;
}

static const struct actor_channel_ops tardy_ops = {
	.size = sizeof tardy_ops,
	.take = tardy_take,
	.destroy = tardy_destroy,
};

/* L-26: accepted after the actor has found nothing, and nobody left who might send. */
static void what_comes_at_the_last_moment_is_handled(void **state)
{
	struct actor_channel *inner = queue(16);

	(void)state;
	assert_int_equal(actor_channel_init(&tardy.base, &tardy_ops), 0);
	assert_int_equal(actor_channel_adopt(&tardy.base, inner), 0);
	start_on(&tardy.base);
	tell("a");
	assert_string_equal(all_said(), "a");
	actor_address_unref(hand.address);
	hand.address = NULL;
	assert_ended(ACTOR_ENDED_STOPPED);
	assert_true(tardy.is_over);
	assert_string_equal(said, "a!");
	actor_channel_unref(inner);
	actor_channel_unref(&tardy.base);
	let_go();
}

/* ---- sending to oneself ---- */

static int say_later(struct actor_context *context, void *user)
{
	struct job job = { say, user };

	return actor_address_post(actor_self(context), &job_type, &job, NULL, NULL);
}

static void it_sends_to_itself(void **state)
{
	struct actor_channel *channel = queue(16);

	(void)state;
	start_on(channel);
	actor_channel_unref(channel);
	tell_to(hand, say_later, "a");
	tell_to(hand, say, "b");
	assert_string_equal(all_said(), "ba");
	let_go();
}

/* ---- many threads ---- */

/* The message is handled and the actor ends, however close the last unref comes to its going idle;
 * and what is accepted of one who has only a weak one is handled, too, or a call answered. */
static void the_last_address_meets_idling(void **state)
{
	const unsigned n = test_times(5000);
	unsigned n_accepted = 0;

	(void)state;
	for (unsigned i = 0; i < n; i++) {
		struct actor_channel *channel = queue(4);
		union hand_address weak;

		start_on(channel);
		weak.address = actor_address_weak(hand.address);
		actor_channel_unref(channel);
		n_accepted += hand_send(NULL, hand, count_handled, NULL) == 0;
		for (unsigned k = i % 7; k > 0; k--)
			sched_yield();
		actor_address_unref(hand.address);
		n_accepted += hand_send(NULL, weak, count_handled, NULL) == 0;
		actor_address_unref(weak.address);
		actor_mailbox_detach(mailbox.mailbox);
	}
	assert_int_equal(actor_executor_join(executor, test_deadline()), 0);
	assert_int_equal(tally_count(&handled), n_accepted);
	assert_int_equal(tally_count(&stopped), n);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LOCAL_TEST(it_is_an_actor_like_any_other),
		LOCAL_TEST(what_was_sent_before_the_start_is_handled),
		LOCAL_TEST(it_ends_with_its_channel),
		LOCAL_TEST(it_is_told_that_its_channel_is_closed),
		LOCAL_TEST(draining_handles_what_is_queued),
		LOCAL_TEST(stopped_now_it_drops_what_is_queued),
		LOCAL_TEST(cancelled_it_drops_what_is_queued),
		LOCAL_TEST(never_started_it_drops_what_is_queued),
		LOCAL_TEST(a_closed_executor_drops_what_is_queued),
		LOCAL_TEST(who_waits_for_room_is_told_of_the_end),
		LOCAL_TEST(a_failure_leaves_the_channel_as_it_is),
		LOCAL_TEST(nothing_is_left_when_stopped_fails),
		LOCAL_TEST(what_comes_later_keeps_the_actor),
		LOCAL_TEST(draining_waits_for_what_comes_later),
		LOCAL_TEST(what_comes_later_does_not_keep_who_is_stopped),
		POOL_TEST(on_a_pool_later_comes_by_itself),
		LOCAL_TEST(what_comes_at_the_last_moment_is_handled),
		LOCAL_TEST(it_sends_to_itself),
		POOL_TEST(the_last_address_meets_idling),
	};

	return cmocka_run_group_tests_name("intake", tests, NULL, NULL);
}
