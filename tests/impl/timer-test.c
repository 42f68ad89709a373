/* SPDX-License-Identifier: MIT */

/*
 * Timers that send messages, step by step: what is sent once, what executors have to do with it,
 * and those who sleep, which are in the same list. What waits for room is in timer-room-test.c,
 * what is sent again and again in timer-every-test.c, what several threads do in timer-race-test.c,
 * and tickers are in ticker-test.c.
 */

#include "executor.h"
#include "timer-fixture.h"

#include <string.h>

/* ---- memory that is refused ---- */

typedef void *aligned_alloc_fn(size_t alignment, size_t bytes);
aligned_alloc_fn __real_aligned_alloc, __wrap_aligned_alloc;

static bool refuses_memory;

void *__wrap_aligned_alloc(size_t alignment, size_t bytes)
{
	return refuses_memory ? NULL : __real_aligned_alloc(alignment, bytes);
}

/* ---- once ---- */

static void a_message_is_sent_when_its_time_has_come(void **state)
{
	struct actor_timer *timer = once(7, at_ms(10));

	(void)state;
	pass_until(9);
	assert_int_equal(n_posts(), 0);
	pass_until(10);
	assert_int_equal(n_posts(), 1);
	assert_int_equal(target.value, 7);
	assert_ptr_equal(target.type, &note_type);
	assert_null(target.reply);
	assert_int_equal(atomic_load(&target.n_owners), 1); /* it has ended */
	assert_int_equal(actor_timer_reset(timer, at_ms(20)), ACTOR_E_CLOSED);
	assert_false(actor_timer_cancel(timer));
	pass_until(30);
	assert_int_equal(n_posts(), 1);
	actor_timer_destroy(timer);
}

static void a_time_that_has_passed_is_now(void **state)
{
	const int64_t times[] = { ACTOR_AT_ONCE, -1, 0, at_ms(-1), at_ms(0) };

	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(times); i++) {
		struct actor_timer *timer = once(1, times[i]);

		assert_int_equal(n_posts(), i); /* by the executor, not by the caller */
		actor_local_run(local);
		assert_int_equal(n_posts(), i + 1);
		actor_timer_destroy(timer);
	}
}

static void a_time_that_never_comes_waits_for_a_reset(void **state)
{
	struct actor_timer *timer = once(1, ACTOR_FOREVER), *last = once(2, INT64_MAX - 1);
	struct note note = { 3 };

	(void)state;
	still_clock_set(INT64_MAX - 2);
	actor_local_run(local);
	assert_int_equal(n_posts(), 0);
	assert_false(actor_timer_cancel(timer));
	assert_int_equal(actor_timer_reset(timer, INT64_MAX - 2), 0);
	actor_local_run(local);
	assert_int_equal(target.value, 1);
	still_clock_set(INT64_MAX - 1);
	actor_local_run(local);
	assert_int_equal(target.value, 2);
	actor_timer_destroy(timer);
	actor_timer_destroy(last);
	assert_int_equal(
		actor_timer_once(local, &target.base, &note_type, &note, ACTOR_FOREVER, NULL),
		ACTOR_E_INVALID);
}

static void messages_are_sent_in_the_order_of_their_times(void **state)
{
	static const int64_t times[] = { 30, 10, 20, 10, 30, 5, 20, 10 };
	static const int64_t expected[] = { 5, 1, 3, 7, 2, 6, 0, 4 };
	struct keeper keeper = { .n_values = 0 };
	union keeper_address address = keeper_spawn(&keeper, 0);

	(void)state;
	for (int64_t i = 0; i < (int64_t)N_ELEMENTS(times); i++)
		assert_int_equal(ACTOR_TIMER_ONCE(local, address, note, at_ms(times[i]), NULL,
						  &(struct note){ i }),
				 0);
	pass_until(100); /* late: all at the same time */
	assert_int_equal(keeper.n_values, N_ELEMENTS(times));
	for (size_t i = 0; i < N_ELEMENTS(times); i++)
		assert_int_equal(keeper.values[i], expected[i]);
	actor_address_unref(address.address);
}

static void a_cancelled_timer_sends_nothing_until_it_is_reset(void **state)
{
	struct actor_timer *timer = once(1, at_ms(10));

	(void)state;
	assert_true(actor_timer_cancel(timer));
	assert_false(actor_timer_cancel(timer));
	pass_until(20);
	assert_int_equal(n_posts(), 0);
	assert_int_equal(actor_timer_reset(timer, at_ms(30)), 0);
	pass_until(29);
	assert_int_equal(n_posts(), 0);
	pass_until(30);
	assert_int_equal(n_posts(), 1);
	actor_timer_destroy(timer);
}

static void a_reset_timer_sends_at_the_new_time_alone(void **state)
{
	struct actor_timer *later = once(1, at_ms(10)), *earlier = once(2, at_ms(50));

	(void)state;
	assert_int_equal(actor_timer_reset(later, at_ms(40)), 0);
	assert_int_equal(actor_timer_reset(earlier, at_ms(20)), 0);
	pass_until(19);
	assert_int_equal(n_posts(), 0);
	pass_until(20);
	assert_int_equal(target.value, 2);
	pass_until(39);
	assert_int_equal(n_posts(), 1);
	pass_until(60);
	assert_int_equal(n_posts(), 2);
	assert_int_equal(target.value, 1);
	actor_timer_destroy(later);
	actor_timer_destroy(earlier);
}

/* Moved in, and out; or dropped, once. */
static void a_message_has_one_owner(void **state)
{
	struct parcel sent = parcel_of(1), kept = parcel_of(2), refused = parcel_of(3);
	struct actor_timer *timer;

	(void)state;
	assert_int_equal(actor_timer_once(local, &target.base, &unique_type, &sent, at_ms(1), NULL),
			 0);
	assert_false(sent.owns);
	assert_int_equal(
		actor_timer_once(local, &target.base, &unique_type, &kept, at_ms(9), &timer), 0);
	assert_false(kept.owns);
	assert_int_equal(n_parcels, 3);
	pass_until(5);
	assert_int_equal(target.value, 1);
	assert_int_equal(n_parcels, 2);
	actor_timer_destroy(timer);
	assert_int_equal(n_parcels, 1);
	pass_until(20);
	assert_int_equal(n_posts(), 1);
	assert_int_equal(
		actor_timer_once(local, &target.base, &unique_type, &refused, ACTOR_FOREVER, NULL),
		ACTOR_E_INVALID);
	assert_true(refused.owns);
	actor_message_drop(&unique_type, &refused);
	actor_timer_destroy(NULL);
}

static void what_nobody_handles_is_refused(void **state)
{
	struct actor_timer *timer = NULL;
	struct note note = { 1 };

	(void)state;
	assert_int_equal(
		actor_timer_once(local, &target.base, &unhandled_type, &note, at_ms(1), &timer),
		ACTOR_E_UNHANDLED);
	assert_int_equal(actor_timer_every(local, &target.base, &unhandled_type, &note, MS, &timer),
			 ACTOR_E_UNHANDLED);
	assert_null(timer);
}

static void a_timer_keeps_no_actor_alive_and_ends_after_it(void **state)
{
	struct keeper keeper = { .n_values = 0 };
	union keeper_address address = keeper_spawn(&keeper, 0);
	struct actor_timer *one, *many;
	struct actor_counts counts;

	(void)state;
	assert_int_equal(
		ACTOR_TIMER_ONCE(local, address, note, at_ms(10), &one, &(struct note){ 1 }), 0);
	assert_int_equal(
		ACTOR_TIMER_EVERY(local, address, note, 5 * MS, &many, &(struct note){ 2 }), 0);
	assert_int_equal(ACTOR_TIMER_EVERY(local, address, note, 5 * MS, NULL, &(struct note){ 3 }),
			 0);
	pass_until(5);
	assert_int_equal(keeper.n_values, 2);
	actor_address_unref(address.address);
	actor_local_run(local);
	assert_int_equal(actor_executor_join(local, ACTOR_AT_ONCE), 0); /* it has ended */
	pass_until(10);
	actor_counts_get(&counts);
	assert_int_equal(counts.mailboxes, 0); /* nobody holds it any more */
	assert_int_equal(actor_timer_reset(one, at_ms(50)), ACTOR_E_CLOSED);
	assert_int_equal(actor_timer_reset(many, at_ms(50)), ACTOR_E_CLOSED);
	assert_int_equal(keeper.n_values, 2);
	actor_timer_destroy(one);
	actor_timer_destroy(many);
}

static int copy_big(void *to, const void *from)
{
	memcpy(to, from, target.type->message_size);
	return 0;
}

static void messages_may_be_large_and_aligned(void **state)
{
	static _Alignas(256) struct {
		int64_t value;
		char padding[5000];
	} big = { .value = 11 };
	struct actor_message_type type = note_type;
	struct actor_timer *timer;

	(void)state;
	type.message_size = sizeof big;
	for (type.message_align = 1; type.message_align <= 256; type.message_align *= 2) {
		type.copy = NULL;
		assert_int_equal(
			actor_timer_once(local, &target.base, &type, &big, ACTOR_AT_ONCE, NULL), 0);
		actor_local_run(local);
		assert_int_equal(target.value, 11);
		assert_int_equal(target.at % type.message_align, 0);
		target.value = 0;
		type.copy = copy_big;
		assert_int_equal(actor_timer_every(local, &target.base, &type, &big, MS, &timer),
				 0);
		still_clock_set(actor_executor_now(local) + MS);
		actor_local_run(local);
		assert_int_equal(target.value, 11);
		assert_int_equal(target.at % type.message_align, 0);
		actor_timer_destroy(timer);
		target.value = 0;
	}
	type.message_size = SIZE_MAX - 64;
	assert_int_equal(actor_timer_once(local, &target.base, &type, &big, ACTOR_AT_ONCE, &timer),
			 ACTOR_E_NOMEM);
}

static void without_memory_there_is_no_timer(void **state)
{
	static struct {
		char bytes[5000]; /* more than a cell */
	} big;
	struct actor_message_type type = note_type;
	struct actor_timer *timer = NULL;
	int once_rc, every_rc;

	(void)state;
	type.message_size = sizeof big;
	refuses_memory = true;
	once_rc = actor_timer_once(local, &target.base, &type, &big, 0, &timer);
	every_rc = actor_timer_every(local, &target.base, &type, &big, 1, &timer);
	refuses_memory = false;
	assert_int_equal(once_rc, ACTOR_E_NOMEM);
	assert_int_equal(every_rc, ACTOR_E_NOMEM);
	assert_null(timer);
}

/* ---- the executor ---- */

static int arm_in_handler(struct actor_context *context, void *user)
{
	struct note note = { 8 };

	if (actor_executor_of(context) != local || actor_executor_now(local) != actor_now(context))
		return ACTOR_E_INVALID;
	return actor_timer_once(actor_executor_of(context), &target.base, &note_type, &note,
				actor_now(context) + MS, user);
}

static void a_handler_can_set_timers(void **state)
{
	union hand_address hand = hand_spawn(local, NULL, 0);
	struct actor_timer *timer = NULL;

	(void)state;
	assert_int_equal(hand_call(actor_thread_context(), hand, arm_in_handler, &timer), 0);
	actor_address_unref(hand.address);
	actor_local_run(local);
	pass_until(1);
	assert_int_equal(n_posts(), 1);
	assert_int_equal(target.value, 8);
	actor_timer_destroy(timer);
}

static char said[500];

static void hear(void *user, const struct actor_log_record *record)
{
	(void)user;
	snprintf(said, sizeof said, "%s", record->text);
}

static void owned_timers_keep_their_executor(void **state)
{
	struct actor_timer *timer = once(1, at_ms(1)), *other = every(2, MS);

	(void)state;
	actor_executor_close(local); /* does nothing to timers */
	pass_until(1);
	assert_int_equal(n_posts(), 2);
	actor_log_set_sink(hear, NULL, ACTOR_LOG_WARNING);
	assert_int_equal(actor_executor_destroy(local), ACTOR_E_BUSY);
	actor_log_set_sink(NULL, NULL, ACTOR_LOG_NONE);
	assert_non_null(strstr(said, "0 actors, 0 mailboxes, 2 timers"));
	actor_timer_destroy(timer);
	actor_timer_destroy(other);
}

/* Whatever they are doing: they wait for their time, for room, or for an answer. */
static void unowned_timers_go_with_their_executor(void **state)
{
	struct target full;
	struct query query = { 1 };
	struct parcel parcel = parcel_of(1), in_line = parcel_of(2);

	(void)state;
	target_init(&full);
	atomic_store(&full.status, ACTOR_E_FULL);
	assert_int_equal(
		actor_timer_once(local, &target.base, &unique_type, &parcel, at_ms(99), NULL), 0);
	assert_int_equal(actor_timer_once(local, &full.base, &unique_type, &in_line, 0, NULL), 0);
	assert_int_equal(actor_timer_every(local, &target.base, &query_type, &query, MS, NULL), 0);
	pass_until(1);
	assert_int_equal(n_posts(), 1);
	assert_non_null(full.waiter);
	assert_int_equal(n_parcels, 2);
	assert_int_equal(actor_executor_destroy(local), 0);
	assert_int_equal(n_parcels, 0);
	assert_null(full.waiter);
	assert_int_equal(atomic_load(&full.n_owners), 1);
	assert_int_equal(atomic_load(&target.n_owners), 1);
	actor_reply_deliver(target.reply, ACTOR_E_STOPPED, NULL);
	assert_int_equal(actor_local_create(&local), 0);
}

/* ---- those who sleep ---- */

struct sleep {
	int64_t until_ns;
	int value;
	int status;
};

static int n_woken;
static int woken[64];

static int fall_asleep(struct actor_context *context, void *user)
{
	struct sleep *sleep = user;

	sleep->status = actor_sleep_until(context, sleep->until_ns);
	woken[n_woken++] = sleep->value;
	return 0;
}

/* The earliest first, and of those who sleep until the same moment, who fell asleep first; also
 * when it is late, and others are busy. */
static void sleepers_wake_in_order(void **state)
{
	static const int64_t times[] = { 30, 10, 20, 10, 30, 5, 20, 10 };
	static const int expected[] = { 5, 1, 3, 7, 2, 6, 0, 4 };
	struct sleep sleeps[N_ELEMENTS(times)];
	struct keeper keeper = { .n_values = 0 };
	union keeper_address busy = keeper_spawn(&keeper, 0);

	(void)state;
	n_woken = 0;
	for (int i = 0; i < (int)N_ELEMENTS(times); i++) {
		union hand_address hand = hand_spawn(local, NULL, 0);

		sleeps[i] = (struct sleep){ at_ms(times[i]), i, 1 };
		assert_int_equal(hand_send(NULL, hand, fall_asleep, &sleeps[i]), 0);
		actor_address_unref(hand.address);
	}
	actor_local_run(local);
	for (int i = 0; i < 5; i++)
		assert_int_equal(ACTOR_TRY_SEND(busy, note, &(struct note){ i }), 0);
	pass_until(40);
	assert_int_equal(n_woken, N_ELEMENTS(times));
	for (size_t i = 0; i < N_ELEMENTS(times); i++) {
		assert_int_equal(woken[i], expected[i]);
		assert_int_equal(sleeps[i].status, 0);
	}
	actor_address_unref(busy.address);
}

/* One that is cancelled leaves nothing behind that comes due. */
static void a_cancelled_sleeper_leaves_no_timer(void **state)
{
	struct sleep sleep = { at_ms(1000), 0, 1 };
	struct hand_mailbox mailbox = { NULL };
	union hand_address hand;

	(void)state;
	assert_int_equal(ACTOR_MAILBOX_CREATE(hand, actor_executor_spawner(local), NULL, &mailbox),
			 0);
	assert_int_equal(ACTOR_MAILBOX_START(hand, mailbox, NULL, NULL, NULL), 0);
	hand = ACTOR_MAILBOX_ADDRESS(hand, mailbox);
	assert_int_equal(hand_send(NULL, hand, fall_asleep, &sleep), 0);
	actor_local_run(local);
	assert_int_equal(actor__timers_next(&local->timers), at_ms(1000));
	actor_mailbox_cancel(mailbox.mailbox);
	actor_local_run(local);
	assert_int_equal(sleep.status, ACTOR_E_CANCELLED);
	assert_int_equal(actor__timers_next(&local->timers), ACTOR_FOREVER);
	actor_address_unref(hand.address);
	actor_mailbox_destroy(mailbox.mailbox);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TIMER_TEST(a_message_is_sent_when_its_time_has_come),
		TIMER_TEST(a_time_that_has_passed_is_now),
		TIMER_TEST(a_time_that_never_comes_waits_for_a_reset),
		TIMER_TEST(messages_are_sent_in_the_order_of_their_times),
		TIMER_TEST(a_cancelled_timer_sends_nothing_until_it_is_reset),
		TIMER_TEST(a_reset_timer_sends_at_the_new_time_alone),
		TIMER_TEST(a_message_has_one_owner),
		TIMER_TEST(what_nobody_handles_is_refused),
		TIMER_TEST(a_timer_keeps_no_actor_alive_and_ends_after_it),
		TIMER_TEST(messages_may_be_large_and_aligned),
		TIMER_TEST(without_memory_there_is_no_timer),
		TIMER_TEST(a_handler_can_set_timers),
		TIMER_TEST(owned_timers_keep_their_executor),
		TIMER_TEST(unowned_timers_go_with_their_executor),
		TIMER_TEST(sleepers_wake_in_order),
		TIMER_TEST(a_cancelled_sleeper_leaves_no_timer),
	};

	return cmocka_run_group_tests_name("timer", tests, NULL, NULL);
}
