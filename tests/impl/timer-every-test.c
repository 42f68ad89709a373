/* SPDX-License-Identifier: MIT */

/* Timers that send copies of a message, again and again. */

#include "timer-fixture.h"

static void copies_are_sent_every_so_often_without_drift(void **state)
{
	struct actor_timer *timer = every(5, 10 * MS);

	(void)state;
	for (int64_t i = 1; i <= 20; i++) {
		pass_until(10 * i - 1);
		assert_int_equal(n_posts(), i - 1);
		pass_until(10 * i + i % 7); /* a little late */
		assert_int_equal(n_posts(), i);
		assert_int_equal(target.value, 5);
	}
	assert_int_equal(actor_timer_n_missed(timer), 0);
	actor_timer_destroy(timer);
	pass_until(1000);
	assert_int_equal(n_posts(), 20);
}

/* GO-44, and what nobody could have been sent. */
static void what_is_too_late_is_missed(void **state)
{
	struct actor_timer *timer = every(1, 10 * MS);

	(void)state;
	pass_until(35);
	assert_int_equal(n_posts(), 1);
	assert_int_equal(actor_timer_n_missed(timer), 2);
	pass_until(39);
	assert_int_equal(n_posts(), 1);
	pass_until(40);
	assert_int_equal(n_posts(), 2);
	pass_until(60); /* just as the next is due */
	assert_int_equal(n_posts(), 3);
	assert_int_equal(actor_timer_n_missed(timer), 3);
	actor_timer_destroy(timer);
}

static void what_finds_no_room_is_missed(void **state)
{
	struct actor_timer *timer = every(1, 10 * MS);

	(void)state;
	atomic_store(&target.status, ACTOR_E_FULL);
	pass_until(10);
	pass_until(20);
	atomic_store(&target.status, ACTOR_E_NOMEM);
	pass_until(30);
	assert_int_equal(atomic_load(&target.n_tries), 3);
	assert_int_equal(actor_timer_n_missed(timer), 3);
	assert_null(target.waiter);
	atomic_store(&target.status, 0);
	pass_until(40);
	assert_int_equal(n_posts(), 1);
	assert_int_equal(actor_timer_n_missed(timer), 3);
	actor_timer_destroy(timer);
}

static void each_copy_is_an_owner(void **state)
{
	struct parcel parcel = parcel_of(3);
	struct actor_timer *timer;

	(void)state;
	assert_int_equal(actor_timer_every(local, &target.base, &parcel_type, &parcel, MS, &timer),
			 0);
	assert_false(parcel.owns);
	for (int64_t i = 1; i <= 3; i++) {
		pass_until(i);
		assert_int_equal(target.value, 3);
		assert_int_equal(n_parcels, 1); /* the target has dropped it */
	}
	atomic_store(&target.status, ACTOR_E_FULL);
	pass_until(4);
	assert_int_equal(n_parcels, 1);
	atomic_store(&target.status, 0);
	refuses_copies = true;
	pass_until(5);
	assert_int_equal(n_posts(), 3);
	assert_int_equal(actor_timer_n_missed(timer), 2);
	refuses_copies = false;
	pass_until(6);
	assert_int_equal(n_posts(), 4);
	actor_timer_destroy(timer);
	assert_int_equal(n_parcels, 0);
}

/* GO-46, but as an error. */
static void what_cannot_be_repeated_is_refused(void **state)
{
	static const int64_t periods[] = { 0, -1, INT64_MIN };
	struct parcel parcel = parcel_of(1);
	struct actor_timer *timer = NULL;
	struct note note = { 1 };

	(void)state;
	assert_int_equal(actor_timer_every(local, &target.base, &unique_type, &parcel, MS, &timer),
			 ACTOR_E_INVALID);
	assert_true(parcel.owns);
	for (size_t i = 0; i < N_ELEMENTS(periods); i++)
		assert_int_equal(actor_timer_every(local, &target.base, &note_type, &note,
						   periods[i], &timer),
				 ACTOR_E_INVALID);
	/* Nobody's, and they would never send. */
	for (int64_t i = 0; i < 2; i++)
		assert_int_equal(actor_timer_every(local, &target.base, &note_type, &note,
						   ACTOR_FOREVER - i, NULL),
				 ACTOR_E_INVALID);
	assert_null(timer);
	actor_message_drop(&unique_type, &parcel);
}

/* GO-44: the next one only when the one before has been handled. */
static void of_what_is_answered_there_is_one_at_a_time(void **state)
{
	struct query query = { 4 };
	struct actor_timer *timer;
	struct actor_reply *reply;
	int64_t answer = 1;

	(void)state;
	assert_int_equal(
		actor_timer_every(local, &target.base, &query_type, &query, 10 * MS, &timer), 0);
	pass_until(10);
	pass_until(20);
	pass_until(30);
	assert_int_equal(n_posts(), 1);
	assert_int_equal(actor_timer_n_missed(timer), 2);
	assert_int_equal(actor_reply_deliver(target.reply, 0, &answer), 0);
	pass_until(39);
	assert_int_equal(n_posts(), 1);
	pass_until(40);
	assert_int_equal(n_posts(), 2);
	actor_reply_deliver(target.reply, ACTOR_E_STOPPED, NULL);
	atomic_store(&target.status, ACTOR_E_FULL); /* what is not accepted is not out */
	pass_until(50);
	atomic_store(&target.status, 0);
	pass_until(60);
	assert_int_equal(n_posts(), 3);
	/* The answer may come when the timer has gone. */
	reply = target.reply;
	actor_timer_destroy(timer);
	assert_int_equal(actor_reply_deliver(reply, 0, &answer), 0);
}

static void a_periodic_timer_can_be_cancelled_and_reset(void **state)
{
	struct actor_timer *timer = every(1, 10 * MS);

	(void)state;
	pass_until(10);
	assert_true(actor_timer_cancel(timer));
	pass_until(100);
	assert_int_equal(n_posts(), 1);
	assert_int_equal(actor_timer_reset(timer, at_ms(105)), 0);
	pass_until(105);
	pass_until(115);
	assert_int_equal(n_posts(), 3);
	assert_int_equal(actor_timer_reset(timer, ACTOR_AT_ONCE), 0); /* that is now */
	pass_until(115);
	pass_until(125);
	assert_int_equal(n_posts(), 5);
	assert_int_equal(actor_timer_n_missed(timer), 0);
	actor_timer_destroy(timer);
}

static void a_period_may_be_longer_than_time(void **state)
{
	struct actor_timer *timer = every(1, INT64_MAX), *from_now = every(2, INT64_MAX - 5);

	(void)state;
	still_clock_set(INT64_MAX - 1);
	actor_local_run(local);
	assert_int_equal(n_posts(), 0);
	still_clock_set(STILL_BEGIN_NS);
	actor_timer_destroy(timer);
	actor_timer_destroy(from_now);
	timer = every(3, INT64_MAX - 5);
	assert_int_equal(actor_timer_reset(timer, at_ms(1)), 0);
	pass_until(1);
	assert_int_equal(n_posts(), 1);
	still_clock_set(INT64_MAX - 1); /* and never again */
	actor_local_run(local);
	assert_int_equal(n_posts(), 1);
	actor_timer_destroy(timer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TIMER_TEST(copies_are_sent_every_so_often_without_drift),
		TIMER_TEST(what_is_too_late_is_missed),
		TIMER_TEST(what_finds_no_room_is_missed),
		TIMER_TEST(each_copy_is_an_owner),
		TIMER_TEST(what_cannot_be_repeated_is_refused),
		TIMER_TEST(of_what_is_answered_there_is_one_at_a_time),
		TIMER_TEST(a_periodic_timer_can_be_cancelled_and_reset),
		TIMER_TEST(a_period_may_be_longer_than_time),
	};

	return cmocka_run_group_tests_name("timer-every", tests, NULL, NULL);
}
