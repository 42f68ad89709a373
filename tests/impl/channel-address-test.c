/* SPDX-License-Identifier: MIT */

/* Addresses that lead to one actor through channels of their own. */

#include "intake-fixture.h"

#include <sched.h>

static bool memory_is_out;

void *__real_calloc(size_t n, size_t bytes);
void *__wrap_calloc(size_t n, size_t bytes);

void *__wrap_calloc(size_t n, size_t bytes)
{
	return memory_is_out ? NULL : __real_calloc(n, bytes);
}

static struct actor_channel *channels[2];
static union hand_address urgent, normal;

/* The mailbox's own address goes into the first. */
static void make_two(void)
{
	struct actor_channel *select = NULL;

	channels[0] = queue(16);
	channels[1] = queue(2);
	assert_int_equal(actor_select_create(channels, 2, NULL, NULL, &select), 0);
	make_on(select);
	actor_channel_unref(select);
	assert_int_equal(actor_channel_address(mailbox.mailbox, channels[0], &urgent.address), 0);
	assert_int_equal(actor_channel_address(mailbox.mailbox, channels[1], &normal.address), 0);
	actor_channel_unref(channels[0]);
	actor_channel_unref(channels[1]);
}

/* H-11, L-39 */
static void each_address_has_its_channel(void **state)
{
	struct actor_info info;

	(void)state;
	make_two();
	tell_to(normal, say, "1");
	tell_to(normal, say, "2");
	assert_int_equal(hand_send(NULL, normal, say, "3"), ACTOR_E_FULL);
	tell_to(urgent, say, "a");
	tell("b");
	start(NULL);
	assert_string_equal(all_said(), "ab12");
	assert_true(actor_address_same(normal.address, urgent.address));
	assert_true(actor_address_same(normal.address, hand.address));
	info = actor_address_info(normal.address);
	assert_string_equal(info.name, "ann");
	assert_string_equal(info.type, "hand");
	assert_true(actor_address_handles(normal.address, &job_type));
	assert_false(actor_address_handles(normal.address, actor_join_type()));
	actor_address_unref(normal.address);
	actor_address_unref(urgent.address);
	let_go();
}

/* L-05, L-20 to L-25 */
static void it_counts_like_any_other_address(void **state)
{
	union hand_address weak, again;

	(void)state;
	make_two();
	start(NULL);
	weak.address = actor_address_weak(normal.address);
	actor_address_unref(hand.address);
	actor_address_unref(urgent.address);
	hand.address = NULL;
	assert_string_equal(all_said(), "");
	assert_runs(); /* by the one through its second channel */
	tell_to(weak, say, "1");
	again.address = actor_address_upgrade(weak.address);
	assert_ptr_equal(again.address, normal.address);
	actor_address_unref(normal.address);
	assert_string_equal(all_said(), "1");
	assert_runs();
	assert_ptr_equal(actor_address_ref(again.address), again.address);
	actor_address_unref(again.address);
	assert_string_equal(all_said(), "1");
	assert_runs();
	tell_to(again, say, "2");
	actor_address_unref(again.address);
	assert_null(actor_address_upgrade(weak.address));
	assert_int_equal(hand_send(NULL, weak, say, "3"), ACTOR_E_CLOSED);
	assert_int_equal(ACTOR_CALL(here(), weak, errand, NULL, &(struct errand){ say, "4" }),
			 ACTOR_E_CLOSED);
	assert_ended(ACTOR_ENDED_STOPPED);
	assert_string_equal(said, "12");
	actor_mailbox_detach(mailbox.mailbox);
	/* What nothing runs on any more can still be asked. */
	assert_string_equal(actor_address_name(weak.address), "ann");
	assert_int_equal(hand_send(NULL, weak, say, "3"), ACTOR_E_CLOSED);
	assert_ptr_equal(actor_address_ref(weak.address), weak.address);
	actor_address_unref(weak.address);
	actor_address_unref(weak.address);
}

/* A weak one leads through its channel, whichever strong one there still is. */
static void a_weak_one_finds_its_channel_again(void **state)
{
	union hand_address weak, again;

	(void)state;
	make_two();
	weak.address = actor_address_weak(normal.address);
	actor_address_unref(normal.address);
	again.address = actor_address_upgrade(weak.address);
	assert_non_null(again.address);
	tell_to(again, say, "1");
	tell_to(weak, say, "2");
	assert_int_equal(hand_send(NULL, weak, say, "3"), ACTOR_E_FULL);
	tell_to(urgent, say, "a");
	start(NULL);
	assert_string_equal(all_said(), "a12");
	actor_address_unref(weak.address);
	actor_address_unref(again.address);
	actor_address_unref(urgent.address);
	let_go();
}

static void it_refuses_like_any_other_address(void **state)
{
	const struct actor_message_type *foreign = actor_join_type();
	struct actor_unit unit = { 0 };
	struct late late = { .n_woken = 0 };
	struct job job = { say, "x" };
	struct actor_reply *reply;

	(void)state;
	make_two();
	actor_waiter_init(&late.waiter, late_wake);
	assert_int_equal(actor_address_post(normal.address, foreign, &unit, NULL, NULL),
			 ACTOR_E_UNHANDLED);
	assert_int_equal(here()->ops->reply_open(here(), foreign, &reply), 0);
	assert_int_equal(actor_address_post(normal.address, &job_type, &job, reply, NULL),
			 ACTOR_E_INVALID);
	actor_reply_deliver(reply, ACTOR_E_STOPPED, NULL);
	here()->ops->reply_close(here(), reply, NULL);
	/* Whatever it is refused for, it is out of line then. */
	tell_to(normal, say, "1");
	tell_to(normal, say, "2");
	assert_int_equal(actor_address_post(normal.address, &job_type, &job, NULL, &late.waiter),
			 ACTOR_E_FULL);
	assert_non_null(late.waiter.line);
	assert_int_equal(actor_address_post(normal.address, foreign, &unit, NULL, &late.waiter),
			 ACTOR_E_UNHANDLED);
	assert_null(late.waiter.line);
	assert_int_equal(actor_address_post(normal.address, &job_type, &job, NULL, &late.waiter),
			 ACTOR_E_FULL);
	actor_address_withdraw(normal.address, &late.waiter);
	assert_null(late.waiter.line);
	assert_int_equal(actor_address_stop(normal.address, 77), ACTOR_E_INVALID);
	assert_int_equal(actor_address_stop(normal.address, ACTOR_STOP_DRAIN), 0);
	assert_int_equal(hand_send(NULL, urgent, say, "a"), ACTOR_E_CLOSED);
	start(NULL);
	assert_ended(ACTOR_ENDED_STOPPED);
	assert_string_equal(said, "12");
	actor_address_unref(normal.address);
	actor_address_unref(urgent.address);
	let_go();
}

/* Without memory for the message, too; and the room that it had goes to the next. */
static void out_of_memory_it_is_out_of_line(void **state)
{
	struct late one = { .n_woken = 0 }, two = { .n_woken = 0 };
	struct job job = { say, "3" };

	(void)state;
	make_two();
	actor_waiter_init(&one.waiter, late_wake);
	actor_waiter_init(&two.waiter, late_wake);
	tell_to(normal, say, "1");
	tell_to(normal, say, "2");
	assert_int_equal(actor_address_post(normal.address, &job_type, &job, NULL, &one.waiter),
			 ACTOR_E_FULL);
	assert_int_equal(actor_address_post(normal.address, &job_type, &job, NULL, &two.waiter),
			 ACTOR_E_FULL);
	start(NULL);
	assert_int_equal(actor_address_pause(hand.address), 0);
	assert_string_equal(all_said(), "");
	actor_simulation_fail_nth(1);
	assert_int_equal(actor_address_post(normal.address, &job_type, &job, NULL, &two.waiter),
			 ACTOR_E_NOMEM);
	actor_simulation_fail_nth(0);
	assert_null(two.waiter.line);
	assert_int_equal(actor_address_post(normal.address, &job_type, &job, NULL, &two.waiter),
			 ACTOR_E_FULL);
	assert_int_equal(actor_address_resume(hand.address), 0);
	assert_string_equal(all_said(), "12");
	assert_int_equal(one.n_woken, 1);
	assert_int_equal(two.n_woken, 1);
	actor_simulation_fail_nth(1);
	assert_int_equal(actor_address_post(normal.address, &job_type, &job, NULL, &one.waiter),
			 ACTOR_E_NOMEM);
	actor_simulation_fail_nth(0);
	assert_null(one.waiter.line);
	assert_int_equal(actor_address_post(normal.address, &job_type, &job, NULL, &two.waiter), 0);
	assert_string_equal(all_said(), "123");
	actor_address_unref(normal.address);
	actor_address_unref(urgent.address);
	let_go();
}

static void an_address_leads_through_what_the_mailbox_takes_from(void **state)
{
	struct actor_channel *own = queue(1), *other = queue(1);
	struct actor_address *address = NULL;
	struct hand_mailbox plain;

	(void)state;
	make_on(own);
	assert_int_equal(actor_channel_address(mailbox.mailbox, other, &address), ACTOR_E_INVALID);
	assert_int_equal(ACTOR_MAILBOX_CREATE(hand, actor_executor_spawner(executor), NULL, &plain),
			 0);
	assert_int_equal(actor_channel_address(plain.mailbox, other, &address), ACTOR_E_INVALID);
	memory_is_out = true;
	assert_int_equal(actor_channel_address(mailbox.mailbox, own, &address), ACTOR_E_NOMEM);
	memory_is_out = false;
	assert_null(address);
	actor_mailbox_destroy(plain.mailbox);
	actor_channel_unref(own);
	actor_channel_unref(other);
	let_go();
}

static void one_mailbox_takes_from_a_channel(void **state)
{
	const struct actor_behavior nameless = { .size = sizeof nameless };
	struct actor_behavior bound = hand_behavior;
	struct actor_channel *channel = queue(16);
	struct actor_mailbox *second = NULL;

	(void)state;
	make_on(channel);
	assert_int_equal(actor_channel_mailbox(actor_executor_spawner(executor), &hand_behavior,
					       NULL, channel, &second),
			 ACTOR_E_BUSY);
	assert_int_equal(actor_channel_mailbox(actor_executor_spawner(executor), &nameless, NULL,
					       channel, &second),
			 ACTOR_E_INVALID);
	assert_null(second);
	/* The first is none the worse for it. */
	start(NULL);
	tell("a");
	assert_string_equal(all_said(), "a");
	let_go();
	actor_channel_unref(channel);
	/* What must not leave a thread can be on a channel, too. */
	channel = queue(16);
	bound.flags = ACTOR_THREAD_BOUND;
	assert_int_equal(actor_channel_mailbox(actor_executor_spawner(executor), &bound, NULL,
					       channel, &second),
			 0);
	actor_mailbox_destroy(second);
	actor_channel_unref(channel);
}

/* ---- many threads ---- */

struct crowd {
	union hand_address to[2];
	unsigned n_each;
	atomic_uint n_refused;
	atomic_uint n_busy;
	struct actor_channel *toggled;
};

static void send_or_toggle(void *user, unsigned index)
{
	struct crowd *crowd = user;

	if (index == 0) {
		while (atomic_load(&crowd->n_busy) > 0) {
			actor_channel_disable(crowd->toggled);
			sched_yield();
			actor_channel_enable(crowd->toggled);
			sched_yield();
		}
		return;
	}
	for (unsigned i = 0; i < crowd->n_each; i++) {
		union hand_address to = crowd->to[(i + index) % 2];
		int rc = i % 3 ? hand_send(here(), to, count_handled, NULL)
			       : hand_call(here(), to, count_handled, NULL);

		if (rc != 0)
			atomic_fetch_add(&crowd->n_refused, 1);
	}
	atomic_fetch_sub(&crowd->n_busy, 1);
}

/* Calls and sends through both, with little room, while one is disabled and enabled. */
static void senders_meet_enabling(void **state)
{
	struct crowd crowd = { .n_each = test_times(6000), .n_busy = 3 };

	(void)state;
	make_two();
	crowd.to[0] = urgent;
	crowd.to[1] = normal;
	crowd.toggled = channels[1];
	start(NULL);
	crew_run(4, send_or_toggle, &crowd);
	assert_int_equal(crowd.n_refused, 0);
	actor_address_unref(hand.address);
	actor_address_unref(urgent.address);
	actor_address_unref(normal.address);
	hand.address = NULL;
	assert_ended(ACTOR_ENDED_STOPPED);
	assert_int_equal(tally_count(&handled), 3 * crowd.n_each);
	let_go();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LOCAL_TEST(each_address_has_its_channel),
		LOCAL_TEST(it_counts_like_any_other_address),
		LOCAL_TEST(a_weak_one_finds_its_channel_again),
		LOCAL_TEST(it_refuses_like_any_other_address),
		LOCAL_TEST(out_of_memory_it_is_out_of_line),
		LOCAL_TEST(an_address_leads_through_what_the_mailbox_takes_from),
		LOCAL_TEST(one_mailbox_takes_from_a_channel),
		POOL_TEST(senders_meet_enabling),
	};

	return cmocka_run_group_tests_name("channel-address", tests, NULL, NULL);
}
