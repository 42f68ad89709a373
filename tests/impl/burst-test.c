/* SPDX-License-Identifier: MIT */

/*
 * Bursts: what a thread makes ready in a pool is offered when its burst is over, whatever ends it.
 *
 * The pool has one thread, and what is offered to it is taken in order. So what another thread
 * sends, outside of any burst, is handled after all that has been offered before: when that has
 * been, what has not been handled was not offered.
 */

#include "pool-fixture.h"

#include <actor-impl/burst.h>
#include <sched.h>

static union hand_address other;
static struct tally others;

static int count_at(struct actor_context *context, void *user)
{
	(void)context;
	tally_add(user, 1);
	return 0;
}

static int setup(void **state)
{
	(void)state;
	pool_open(1);
	others = (struct tally)TALLY_INIT;
	other = hand_spawn(pool, NULL, 0);
	wait_until_idle(other);
	return 0;
}

static int teardown(void **state)
{
	actor_address_unref(other.address);
	pool_close();
	return test_nothing_held(state);
}

static void send_to_other(void *user, unsigned index)
{
	uint64_t *n = user;

	(void)index;
	*n = hand_send(NULL, other, count_at, &others) == 0 && tally_wait(&others, 1)
		     ? tally_count(&handled)
		     : UINT64_MAX;
}

/* How much of what has been sent has been handled, when all that has been offered has. */
static uint64_t n_handled(void)
{
	uint64_t n;

	others = (struct tally)TALLY_INIT;
	crew_run(1, send_to_other, &n);
	return n;
}

static void what_is_sent_in_a_burst_is_offered_at_its_end(void **state)
{
	union hand_address hand = hand_spawn(pool, NULL, 0);

	(void)state;
	wait_until_idle(hand);
	actor_burst_begin();
	for (int i = 0; i < ACTOR_DEFAULT_CAPACITY; i++)
		tell(hand, count_handled, NULL);
	assert_int_equal(n_handled(), 0);
	actor_burst_end();
	assert_true(tally_wait(&handled, ACTOR_DEFAULT_CAPACITY));
	tell_and_let_go(hand, count_handled, NULL);
	assert_true(tally_wait(&handled, ACTOR_DEFAULT_CAPACITY + 1));
}

static void the_first_end_is_the_end(void **state)
{
	(void)state;
	actor_burst_end();
	actor_burst_begin();
	actor_burst_begin();
	tell_and_let_go(hand_spawn(pool, NULL, 0), count_handled, NULL);
	assert_int_equal(n_handled(), 0);
	actor_burst_end();
	assert_true(tally_wait(&handled, 1));
	tell_and_let_go(hand_spawn(pool, NULL, 0), count_handled, NULL);
	assert_true(tally_wait(&handled, 2));
	actor_burst_end();
}

/* Each is run once: one that was lost would not be handled, and be running still in the end. */
static void many_actors_do_not_wait_for_the_end(void **state)
{
	const unsigned n = 100;
	uint64_t n_offered;

	(void)state;
	actor_burst_begin();
	for (unsigned i = 0; i < n; i++)
		tell_and_let_go(hand_spawn(pool, NULL, 0), count_handled, NULL);
	n_offered = n_handled();
	assert_in_range(n_offered, n / 2, n - 1);
	actor_burst_end();
	assert_true(tally_wait(&handled, n));
}

static void who_is_of_another_pool_has_the_ones_before_offered(void **state)
{
	struct actor_executor *second;
	struct tally elsewhere = TALLY_INIT;

	(void)state;
	assert_int_equal(pool_create(1, &second), 0);
	actor_burst_begin();
	tell_and_let_go(hand_spawn(pool, NULL, 0), count_handled, NULL);
	assert_int_equal(n_handled(), 0);
	tell_and_let_go(hand_spawn(second, NULL, 0), count_at, &elsewhere);
	assert_true(tally_wait(&handled, 1));
	tell_and_let_go(hand_spawn(pool, NULL, 0), count_handled, NULL);
	assert_true(tally_wait(&elsewhere, 1));
	assert_int_equal(n_handled(), 1);
	actor_burst_end();
	assert_true(tally_wait(&handled, 2));
	assert_int_equal(actor_executor_join(second, test_deadline()), 0);
	assert_int_equal(actor_executor_destroy(second), 0);
}

/* In a mailbox that has room for one. */
static void try_until_there_is_room(union hand_address hand)
{
	int64_t end = test_deadline();

	actor_burst_begin();
	for (unsigned n = 0; n < 3; n++) {
		while (hand_send(NULL, hand, count_handled, NULL) == ACTOR_E_FULL &&
		       actor_now(here()) < end)
			sched_yield();
		assert_true(actor_now(here()) < end);
	}
	actor_burst_end();
	assert_true(tally_wait(&handled, 3));
	actor_address_unref(hand.address);
}

static void who_finds_no_room_may_try_again(void **state)
{
	(void)state;
	try_until_there_is_room(hand_spawn(pool, NULL, 1));
}

static void who_finds_no_room_in_a_channel_may_try_again(void **state)
{
	const struct actor_queue_options one = { .size = sizeof one, .capacity = 1 };
	struct actor_channel *channel;
	struct hand_mailbox mailbox;
	union hand_address hand;

	(void)state;
	assert_int_equal(actor_queue_create(&one, &channel), 0);
	assert_int_equal(
		ACTOR_CHANNEL_MAILBOX(hand, actor_executor_spawner(pool), NULL, channel, &mailbox),
		0);
	hand = ACTOR_MAILBOX_ADDRESS(hand, mailbox);
	assert_int_equal(ACTOR_MAILBOX_START(hand, mailbox, NULL, NULL, NULL), 0);
	actor_mailbox_detach(mailbox.mailbox);
	actor_channel_unref(channel);
	try_until_there_is_room(hand);
}

/* ---- what ends one, too ---- */

static int answer(struct actor_context *context, void *user)
{
	struct actor_unit unit = { 0 };

	(void)context;
	return actor_reply_deliver(user, 0, &unit);
}

static void a_wait_ends_a_burst(void **state)
{
	struct actor_reply *reply;

	(void)state;
	assert_int_equal(here()->ops->reply_open(here(), actor_join_type(), &reply), 0);
	actor_burst_begin();
	tell_and_let_go(hand_spawn(pool, NULL, 0), answer, reply);
	assert_int_equal(actor_await_replies(here(), &reply, 1, sizeof reply, ACTOR_AWAIT_ALL,
					     test_deadline()),
			 0);
	assert_int_equal(here()->ops->reply_close(here(), reply, NULL), 0);
	tell_and_let_go(hand_spawn(pool, NULL, 0), count_handled, NULL);
	assert_true(tally_wait(&handled, 1));
}

/* Here, while the others wait. */
static int wait_for_the_other(struct actor_context *context, void *user)
{
	(void)context;
	*(bool *)user = tally_wait(&handled, 1);
	return 0;
}

/* Who is called may take long, on the thread that calls. */
static void a_call_ends_a_burst(void **state)
{
	union hand_address hand = hand_spawn(pool, NULL, 0);
	bool handled_meanwhile = false;

	(void)state;
	wait_until_idle(hand);
	actor_burst_begin();
	tell_and_let_go(hand_spawn(pool, NULL, 0), count_handled, NULL);
	assert_int_equal(hand_call(here(), hand, wait_for_the_other, &handled_meanwhile), 0);
	assert_true(handled_meanwhile);
	actor_address_unref(hand.address);
}

/* Also if that does not take any time: so one may ask again and again. */
static void a_look_ends_a_burst(void **state)
{
	struct actor_reply *reply;
	int rc = ACTOR_E_TIMEOUT;

	(void)state;
	assert_int_equal(here()->ops->reply_open(here(), actor_join_type(), &reply), 0);
	actor_burst_begin();
	tell_and_let_go(hand_spawn(pool, NULL, 0), answer, reply);
	for (int64_t end = test_deadline(); rc == ACTOR_E_TIMEOUT && actor_now(here()) < end;)
		rc = actor_await_replies(here(), &reply, 1, sizeof reply, ACTOR_AWAIT_ALL,
					 ACTOR_AT_ONCE);
	assert_int_equal(rc, 0);
	assert_int_equal(here()->ops->reply_close(here(), reply, NULL), 0);
}

static void the_beginning_of_a_turn_ends_a_burst(void **state)
{
	struct actor_executor *local;
	bool handled_meanwhile = false;

	(void)state;
	assert_int_equal(actor_local_create(&local), 0);
	actor_burst_begin();
	tell_and_let_go(hand_spawn(pool, NULL, 0), count_handled, NULL);
	tell_and_let_go(hand_spawn(local, NULL, 0), wait_for_the_other, &handled_meanwhile);
	assert_int_equal(actor_local_run(local), 0);
	assert_true(handled_meanwhile);
	assert_int_equal(actor_executor_join(local, test_deadline()), 0);
	assert_int_equal(actor_executor_destroy(local), 0);
}

static void a_wait_for_an_executor_ends_a_burst(void **state)
{
	struct actor_executor *second;

	(void)state;
	assert_int_equal(pool_create(1, &second), 0);
	actor_burst_begin();
	tell_and_let_go(hand_spawn(second, NULL, 0), count_handled, NULL);
	assert_int_equal(actor_executor_join(second, test_deadline()), 0);
	assert_int_equal(tally_count(&handled), 1);
	assert_int_equal(actor_executor_destroy(second), 0);
}

/* One of the pool's, told by a handler that leaves its burst open. */
static int burst_and_return(struct actor_context *context, void *user)
{
	const union hand_address *hand = user;

	(void)context;
	actor_burst_begin();
	return hand_send(NULL, *hand, count_handled, NULL);
}

static void the_end_of_a_turn_ends_a_burst(void **state)
{
	union hand_address hand = hand_spawn(pool, NULL, 0);
	struct actor_executor *local;

	(void)state;
	wait_until_idle(hand);
	assert_int_equal(actor_local_create(&local), 0);
	tell_and_let_go(hand_spawn(local, NULL, 0), burst_and_return, &hand);
	assert_int_equal(actor_local_run(local), 0);
	assert_true(tally_wait(&handled, 1));
	assert_int_equal(actor_executor_join(local, test_deadline()), 0);
	assert_int_equal(actor_executor_destroy(local), 0);
	actor_address_unref(hand.address);
}

static void on_the_threads_of_a_pool_there_are_no_bursts(void **state)
{
	union hand_address hand = hand_spawn(pool, NULL, 0);
	struct actor_executor *second;

	(void)state;
	wait_until_idle(hand);
	assert_int_equal(pool_create(1, &second), 0);
	tell_and_let_go(hand_spawn(second, NULL, 0), burst_and_return, &hand);
	assert_true(tally_wait(&handled, 1));
	assert_int_equal(actor_executor_join(second, test_deadline()), 0);
	assert_int_equal(actor_executor_destroy(second), 0);
	actor_address_unref(hand.address);
}

static void burst_and_end(void *user, unsigned index)
{
	const union hand_address *hand = user;

	(void)index;
	actor_burst_begin();
	hand_send(NULL, *hand, count_handled, NULL);
}

static void the_end_of_a_thread_ends_its_burst(void **state)
{
	union hand_address hand = hand_spawn(pool, NULL, 0);

	(void)state;
	wait_until_idle(hand);
	crew_run(1, burst_and_end, &hand);
	assert_true(tally_wait(&handled, 1));
	actor_address_unref(hand.address);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
		TEST(what_is_sent_in_a_burst_is_offered_at_its_end),
		TEST(the_first_end_is_the_end),
		TEST(many_actors_do_not_wait_for_the_end),
		TEST(who_is_of_another_pool_has_the_ones_before_offered),
		TEST(who_finds_no_room_may_try_again),
		TEST(who_finds_no_room_in_a_channel_may_try_again),
		TEST(a_wait_ends_a_burst),
		TEST(a_call_ends_a_burst),
		TEST(a_look_ends_a_burst),
		TEST(the_beginning_of_a_turn_ends_a_burst),
		TEST(a_wait_for_an_executor_ends_a_burst),
		TEST(the_end_of_a_turn_ends_a_burst),
		TEST(on_the_threads_of_a_pool_there_are_no_bursts),
		TEST(the_end_of_a_thread_ends_its_burst),
	};

	return cmocka_run_group_tests_name("burst", tests, NULL, NULL);
}
