/* SPDX-License-Identifier: MIT */

/* Timers whose messages find no room: they stand in line for it. */

#include "timer-fixture.h"

static void a_message_without_room_stands_in_line(void **state)
{
	struct actor_timer *timer = once(1, at_ms(1));

	(void)state;
	atomic_store(&target.status, ACTOR_E_FULL);
	pass_until(10);
	assert_int_equal(atomic_load(&target.n_tries), 1);
	assert_non_null(target.waiter);
	pass_until(1000); /* it does not ask again by itself */
	assert_int_equal(atomic_load(&target.n_tries), 1);
	target_wake(&target); /* in vain */
	target_wake(&target);
	actor_local_run(local);
	assert_int_equal(atomic_load(&target.n_tries), 2);
	atomic_store(&target.status, 0);
	target_wake(&target);
	assert_int_equal(n_posts(), 0); /* not by whoever wakes */
	actor_local_run(local);
	assert_int_equal(n_posts(), 1);
	assert_int_equal(atomic_load(&target.n_tries), 3);
	actor_timer_destroy(timer);
}

/* Also when it has been woken already, and when it has not. */
static void a_message_in_line_leaves_it_when_asked_to(void **state)
{
	(void)state;
	for (unsigned woken = 0; woken < 2; woken++) {
		int64_t t = 100 * woken;
		struct actor_timer *timer = once(1, at_ms(t + 1)), *other = once(2, ACTOR_FOREVER);

		atomic_store(&target.status, ACTOR_E_FULL);
		pass_until(t + 10);
		if (woken)
			target_wake(&target);
		assert_true(actor_timer_cancel(timer));
		assert_null(target.waiter);
		atomic_store(&target.status, 0);
		pass_until(t + 20);
		assert_int_equal(n_posts(), 0);

		atomic_store(&target.status, ACTOR_E_FULL);
		assert_int_equal(actor_timer_reset(timer, at_ms(t + 30)), 0);
		pass_until(t + 30);
		assert_non_null(target.waiter);
		if (woken)
			target_wake(&target);
		assert_int_equal(actor_timer_reset(timer, at_ms(t + 50)), 0);
		assert_null(target.waiter);
		atomic_store(&target.status, 0);
		pass_until(t + 49);
		assert_int_equal(n_posts(), 0);
		pass_until(t + 50);
		assert_int_equal(n_posts(), 1);

		atomic_store(&target.status, ACTOR_E_FULL);
		assert_int_equal(actor_timer_reset(other, at_ms(t + 60)), 0);
		pass_until(t + 60);
		if (woken)
			target_wake(&target);
		actor_timer_destroy(other);
		assert_null(target.waiter);
		assert_int_equal(target.n_withdrawn, 3);
		actor_timer_destroy(timer);
		assert_int_equal(atomic_load(&target.n_owners), 1);
		target_init(&target);
	}
}

/* The room that a handled message leaves goes to whoever came first. */
static void messages_in_line_are_served_in_the_order_of_arrival(void **state)
{
	struct keeper keeper = { .n_values = 0 };
	union keeper_address address = keeper_spawn(&keeper, 1);

	(void)state;
	for (int64_t i = 0; i < 10; i++)
		assert_int_equal(ACTOR_TIMER_ONCE(local, address, note, at_ms(10 - i), NULL,
						  &(struct note){ 10 - i }),
				 0);
	pass_until(10);
	assert_int_equal(keeper.n_values, 10);
	for (int64_t i = 0; i < 10; i++)
		assert_int_equal(keeper.values[i], 1 + i);
	actor_address_unref(address.address);
}

/* Its mailbox is closed while the message stands in line there. */
static void a_message_in_line_is_dropped_when_its_actor_ends(void **state)
{
	struct keeper_mailbox mailbox = { NULL };
	union keeper_address address;
	struct actor_timer *timer;

	(void)state;
	assert_int_equal(ACTOR_MAILBOX_CREATE(keeper, actor_executor_spawner(local),
					      ACTOR_OPTIONS(.capacity = 1), &mailbox),
			 0);
	address = ACTOR_MAILBOX_ADDRESS(keeper, mailbox);
	for (int i = 0; i < 3; i++) /* nobody runs there: the second and third wait */
		assert_int_equal(ACTOR_TIMER_ONCE(local, address, note, at_ms(i),
						  i == 2 ? &timer : NULL, &(struct note){ i }),
				 0);
	pass_until(10);
	actor_mailbox_destroy(mailbox.mailbox);
	actor_local_run(local);
	assert_int_equal(actor_timer_reset(timer, at_ms(50)), ACTOR_E_CLOSED);
	actor_timer_destroy(timer);
	actor_address_unref(address.address);
}

static void without_memory_a_message_is_sent_later(void **state)
{
	struct actor_timer *timer = once(1, at_ms(1));

	(void)state;
	atomic_store(&target.status, ACTOR_E_NOMEM);
	pass_until(1);
	pass_until(2);
	assert_int_equal(atomic_load(&target.n_tries), 1);
	atomic_store(&target.status, 0);
	pass_until(20);
	assert_int_equal(n_posts(), 1);
	actor_timer_destroy(timer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TIMER_TEST(a_message_without_room_stands_in_line),
		TIMER_TEST(a_message_in_line_leaves_it_when_asked_to),
		TIMER_TEST(messages_in_line_are_served_in_the_order_of_arrival),
		TIMER_TEST(a_message_in_line_is_dropped_when_its_actor_ends),
		TIMER_TEST(without_memory_a_message_is_sent_later),
	};

	return cmocka_run_group_tests_name("timer-room", tests, NULL, NULL);
}
