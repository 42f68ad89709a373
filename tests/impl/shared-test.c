/* SPDX-License-Identifier: MIT */

/* Shared channels: who of those that take from one queue gets what, the address that leads to all
 * of them, and other channels than queues. */

#include "scarce.h"
#include "shared-fixture.h"
#include "user-channels.h"

#include "channel-core.h"
#include "channel.h"

/* ---- who takes what ---- */

/* GO-37 */
static void each_message_is_handled_by_one(void **state)
{
	(void)state;
	order(hands, say, "a");
	start_all();
	run();
	order(hands, say, "b");
	order(hands, say, "c");
	run();
	assert_int_equal(n_said, 6);
	assert_int_equal(actor_channel_length(queue), 0);
	run();
	assert_int_equal(n_said, 6);
}

/* Whoever is idle, not those who wait in their handlers. */
static void an_idle_one_is_preferred(void **state)
{
	(void)state;
	start_all();
	run();
	order(hands, sleep_for_ever, NULL);
	run();
	order(hands, sleep_for_ever, NULL);
	run();
	order(hands, say, "a");
	run();
	assert_int_equal(n_said, 2);
	order(hands, say, "b");
	run();
	assert_int_equal(n_said, 4);
	assert_int_equal(said[0], said[2]); /* the third */
	order(hands, sleep_for_ever, NULL);
	run();
	order(hands, say, "c");
	run();
	assert_int_equal(n_said, 4); /* all are busy */
	assert_int_equal(actor_channel_length(queue), 1);
}

static void one_is_woken_for_one_message(void **state)
{
	unsigned n_steps = 0;

	(void)state;
	start_all();
	run();
	order(hands, say, "a");
	while (actor_local_step(executor) == 1)
		n_steps++;
	assert_int_equal(n_steps, 1);
	assert_int_equal(n_said, 2);
}

/* Whoever takes one and leaves more behind calls the next. */
static void what_was_held_back_is_shared_out(void **state)
{
	(void)state;
	start_all();
	actor_channel_disable(queue);
	order(hands, sleep_for_ever, NULL);
	order(hands, sleep_for_ever, NULL);
	order(hands, say, "a");
	run();
	assert_int_equal(n_said, 0);
	actor_channel_enable(queue);
	run();
	assert_int_equal(n_said, 2);
}

/* Its own addresses lead to it alone. */
static void a_worker_can_be_spoken_to_alone(void **state)
{
	union hand_address second;

	(void)state;
	start_all();
	second.address = actor_mailbox_address(workers[1]);
	assert_false(actor_address_same(second.address, hands.address));
	run();
	order(second, say, "a");
	order(second, say, "b");
	assert_int_equal(hand_send(NULL, second, say, "c"), ACTOR_E_FULL);
	run();
	assert_string_equal(said, "1a1b");
	actor_address_unref(second.address);
}

/* One after the other: the second one waits last, and is told first. Returns its own address. */
static union hand_address start_two(void)
{
	for (size_t i = 0; i < 2; i++) {
		hire(i);
		start(i);
		run();
	}
	return (union hand_address){ .address = actor_mailbox_address(workers[1]) };
}

/* Busy with that, it is not the one who is woken for the others. */
static void who_is_spoken_to_alone_is_busy(void **state)
{
	union hand_address last;

	(void)state;
	last = start_two();
	order(last, sleep_for_ever, NULL);
	run();
	order(hands, say, "a");
	run();
	assert_string_equal(said, "0a");
	actor_address_unref(last.address);
}

/* It has been told of a message for all, and takes its own first: another is told instead. */
static void who_takes_its_own_first_passes_the_others_on(void **state)
{
	union hand_address last;

	(void)state;
	last = start_two();
	order(last, sleep_for_ever, NULL);
	order(hands, say, "a");
	run();
	assert_string_equal(said, "0a");
	actor_address_unref(last.address);
}

/* ---- its address ---- */

static void it_is_somebody(void **state)
{
	struct actor_address *weak = actor_address_weak(hands.address);
	struct actor_info info = actor_address_info(hands.address);
	struct actor_address *again;

	(void)state;
	hire(0);
	assert_string_equal(info.name, "crew");
	assert_string_equal(info.type, "hand");
	assert_true(actor_address_same(weak, hands.address));
	assert_false(actor_identity_same(info.identity, actor_mailbox_info(workers[0]).identity));
	assert_true(actor_address_handles(weak, &job_type));
	assert_false(actor_address_handles(weak, actor_join_type()));
	again = actor_address_upgrade(weak);
	assert_ptr_equal(again, hands.address);
	actor_address_unref(again);
	assert_ptr_equal(actor_address_ref(again), again);
	actor_address_unref(again);
	assert_int_equal(actor_address_pause(hands.address), ACTOR_E_UNSUPPORTED);
	assert_int_equal(actor_address_stop(hands.address, 77), ACTOR_E_INVALID);
	let_go();
	assert_null(actor_address_upgrade(weak));
	assert_int_equal(hand_send(NULL, (union hand_address){ weak }, say, "a"), ACTOR_E_CLOSED);
	hands.address = actor_shared_address(shared); /* L-30 */
	again = actor_address_upgrade(weak);
	assert_ptr_equal(again, hands.address);
	assert_int_equal(hand_send(NULL, (union hand_address){ weak }, say, "a"), 0);
	actor_address_unref(again);
	actor_address_unref(weak);
}

/* L-05, L-07, L-11 */
static void it_holds_its_workers(void **state)
{
	(void)state;
	start_all();
	run();
	for (size_t i = 0; i < N_WORKERS; i++)
		assert_runs(i);
	order(hands, say, "a");
	order(hands, say, "b");
	let_go();
	assert_all_ended(ACTOR_ENDED_STOPPED);
	assert_int_equal(n_said, 4);
	assert_true(actor_channel_is_closed(queue));
}

/* Held by somebody else, a worker goes on, and can be held again. */
static void a_worker_may_be_held_by_others(void **state)
{
	union hand_address first;

	(void)state;
	hire(0);
	start(0);
	first.address = actor_mailbox_address(workers[0]);
	let_go();
	run();
	assert_runs(0);
	hands.address = actor_shared_address(shared);
	actor_address_unref(first.address);
	run();
	assert_runs(0);
	order(hands, say, "a");
	let_go();
	assert_ended(0, ACTOR_ENDED_STOPPED);
	assert_string_equal(said, "0a");
}

/* ---- other channels than queues ---- */

/* Not by way of the address, which leads into the first of several. */
static void put_job(struct actor_channel *channel, hand_fn *function, void *user)
{
	struct job job = { function, user };
	const struct actor_handler *handler = actor_behavior_find(&hand_behavior, &job_type);
	struct actor__envelope *envelope = actor__envelope_create(actor__thread(), handler, &job,
								  NULL);

	assert_non_null(envelope);
	assert_int_equal(actor_channel_push(channel, actor__envelope_out(envelope), NULL), 0);
}

/* The last one has left, and goes on with what comes later; and with what may be taken again. */
static void the_last_one_hears_of_enabling(void **state)
{
	struct actor_channel *inner = NULL, *both[2] = { NULL, NULL }, *select = NULL;
	union hand_address first;

	(void)state;
	assert_int_equal(actor_queue_create(NULL, &inner), 0);
	assert_int_equal(actor_throttle_create(inner, 1, INT64_C(3600) * 1000000000, &both[0]), 0);
	assert_int_equal(actor_queue_create(NULL, &both[1]), 0);
	assert_int_equal(actor_select_create(both, 2, NULL, NULL, &select), 0);
	share_another(select);
	hire(0);
	start(0);
	first.address = actor_mailbox_address(workers[0]);
	actor_channel_disable(both[1]);
	order(hands, say, "a");
	order(hands, say, "b");
	put_job(both[1], say, "c");
	run();
	assert_string_equal(said, "0a");
	assert_int_equal(actor_address_stop(first.address, ACTOR_STOP_DRAIN), 0);
	run();
	assert_runs(0);
	actor_channel_enable(both[1]);
	run();
	assert_string_equal(said, "0a0c");
	assert_runs(0);
	actor_address_unref(first.address);
	fire(0);
	run();
	actor_channel_enable(both[1]); /* there is nobody left to hear of it */
	assert_string_equal(said, "0a0c");
	actor_channel_unref(inner);
	actor_channel_unref(both[0]);
	actor_channel_unref(both[1]);
}

static bool is_job(const struct actor_envelope *envelope)
{
	return !actor_envelope_is_call(envelope);
}

ACTOR_SHARED_DECLARE(hand);

static void it_may_be_typed(void **state)
{
	struct hand_shared typed;
	struct hand_mailbox worker;
	struct actor_channel *channel = NULL;

	(void)state;
	assert_int_equal(actor_queue_create(NULL, &channel), 0);
	assert_int_equal(ACTOR_SHARED_CREATE(hand, "typed", channel, &typed), 0);
	let_go();
	hands = ACTOR_SHARED_ADDRESS(hand, typed);
	assert_string_equal(actor_address_name(hands.address), "typed");
	assert_int_equal(
		ACTOR_SHARED_MAILBOX(hand, typed, actor_executor_spawner(executor), NULL, &worker),
		0);
	assert_int_equal(ACTOR_MAILBOX_START(hand, worker, NULL, NULL, NULL), 0);
	order(hands, say, "a");
	run();
	assert_string_equal(said, "a");
	actor_mailbox_destroy(worker.mailbox);
	actor_shared_destroy(typed.shared);
	actor_channel_unref(channel);
}

static void what_they_pass_by_is_discarded(void **state)
{
	struct actor_channel *fresh = NULL;
	struct actor_future future;

	(void)state;
	assert_int_equal(fresh_create(is_job, &fresh), 0);
	share_another(fresh);
	hire(0);
	start(0);
	begin_call(&future, "1");
	order(hands, say, "a");
	run();
	assert_string_equal(said, "0a");
	assert_refused(&future);
}

/* ---- refusals ---- */

static void one_takes_from_a_channel(void **state)
{
	const struct actor_behavior nameless = { .size = sizeof nameless };
	struct actor_shared *refused = NULL;
	struct actor_mailbox *mailbox = NULL;

	(void)state;
	assert_int_equal(actor_shared_create(&hand_behavior, "", queue, &refused), ACTOR_E_BUSY);
	assert_int_equal(actor_shared_create(&nameless, "", queue, &refused), ACTOR_E_INVALID);
	assert_int_equal(actor_channel_mailbox(actor_executor_spawner(executor), &hand_behavior,
					       NULL, queue, &mailbox),
			 ACTOR_E_BUSY);
	assert_null(refused);
	assert_null(mailbox);
	hire(0);
	start(0);
	order(hands, say, "a");
	run();
	assert_string_equal(said, "0a");
}

static void what_cannot_be_made_leaves_nothing(void **state)
{
	struct actor_shared *made = NULL;
	struct actor_channel *inner = NULL;
	int n, rc = ACTOR_E_NOMEM;

	(void)state;
	assert_int_equal(actor_queue_create(NULL, &inner), 0);
	n_before_none = 0;
	assert_int_equal(actor_shared_create(&hand_behavior, "", inner, &made), ACTOR_E_NOMEM);
	n_before_none = -1;
	assert_null(made);
	actor_channel_unref(inner);
	for (n = 0; rc == ACTOR_E_NOMEM && n < 20; n++) {
		n_before_none = n;
		rc = actor_shared_mailbox(shared, actor_executor_spawner(executor), NULL,
					  &workers[0]);
		n_before_none = -1;
		assert_true(rc == 0 || rc == ACTOR_E_NOMEM);
	}
	assert_int_equal(rc, 0);
	assert_in_range(n, 5, 10);
	start(0);
	order(hands, say, "a");
	run();
	assert_string_equal(said, "0a");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LOCAL_TEST(each_message_is_handled_by_one),
		LOCAL_TEST(an_idle_one_is_preferred),
		LOCAL_TEST(one_is_woken_for_one_message),
		LOCAL_TEST(what_was_held_back_is_shared_out),
		LOCAL_TEST(a_worker_can_be_spoken_to_alone),
		LOCAL_TEST(who_is_spoken_to_alone_is_busy),
		LOCAL_TEST(who_takes_its_own_first_passes_the_others_on),
		LOCAL_TEST(it_is_somebody),
		LOCAL_TEST(it_holds_its_workers),
		LOCAL_TEST(a_worker_may_be_held_by_others),
		LOCAL_TEST(the_last_one_hears_of_enabling),
		LOCAL_TEST(it_may_be_typed),
		LOCAL_TEST(what_they_pass_by_is_discarded),
		LOCAL_TEST(one_takes_from_a_channel),
		LOCAL_TEST(what_cannot_be_made_leaves_nothing),
	};

	return cmocka_run_group_tests_name("shared", tests, NULL, NULL);
}
