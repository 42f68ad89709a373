/* SPDX-License-Identifier: MIT */

/* Supervisors: how they end, and how they stop and cancel their children then; and trees of them.
 */

#include "supervisor-fixture.h"

#include <limits.h>
#include <string.h>

/* ---- stopping ---- */

static void a_child_drains_in_its_time(void **state)
{
	(void)state;
	children[0].stop_ns = HOUR_NS + 1;
	make_supervisor(2);
	tell_child(0, sleep_for, "1");
	tell_child(0, note, "2");
	wait_for_all();
	let_go_of_supervisor();
	assert_string_equal(order, "ABb12a");
}

static int call_the_first(struct actor_context *context, void *user)
{
	return hand_call(context, *(union hand_address *)user, ignore_it, NULL);
}

static void nobody_waits_for_a_start_that_will_not_be(void **state)
{
	union hand_address first;
	int64_t began_ns;

	(void)state;
	supervisor_options.first_delay_ns = HOUR_NS;
	make_supervisor(2);
	first = child_at(0);
	fail_child(0);
	tell_child(1, call_the_first, &first);
	wait_for_all();
	began_ns = actor_now(here());
	let_go_of_supervisor();
	assert_string_equal(order, "ABb");
	assert_in_range(actor_now(here()) - began_ns, 0, SECOND_NS);
	actor_address_unref(first.address);
}

/* Its restart was not to be seen to any more, but to drain. */
static void who_waits_for_one_that_has_failed_gets_its_answer(void **state)
{
	union hand_address first, second;

	(void)state;
	children[1].stop_ns = ACTOR_FOREVER;
	make_supervisor(2);
	first = child_at(0);
	second = child_at(1);
	assert_int_equal(actor_address_pause(supervisor.address), 0);
	tell(first, fail_now, NULL);
	tell(first, note, "1");
	wait_for_all();
	tell_and_let_go(second, call_the_first, &first);
	wait_for_all();
	assert_string_equal(order, "AB");
	actor_mailbox_stop(supervisor_mailbox, ACTOR_STOP_DRAIN);
	assert_int_equal(ended(NULL, 0), ACTOR_ENDED_STOPPED);
	assert_string_equal(order, "ABA1ba");
	actor_address_unref(first.address);
}

static void stop_with_failures_queued(unsigned n_failures, enum actor_restart restart)
{
	children[0].stop_ns = 2 * HOUR_NS;
	children[0].restart = restart;
	make_supervisor(1);
	tell_child(0, sleep_for, "1");
	for (unsigned i = 0; i < n_failures; i++)
		tell_child(0, fail_now, NULL);
	tell_child(0, note, "2");
	wait_for_all();
	let_go_of_supervisor();
}

static void who_fails_while_it_drains_drains_on(void **state)
{
	(void)state;
	stop_with_failures_queued(2, ACTOR_PERMANENT);
	assert_string_equal(order, "A1AA2a");
}

static void but_not_for_ever(void **state)
{
	(void)state;
	stop_with_failures_queued(5, ACTOR_TRANSIENT);
	assert_string_equal(order, "A1AAA");
	order[0] = '\0';
	stop_with_failures_queued(1, ACTOR_TEMPORARY);
	assert_string_equal(order, "A1");
}

static int fail_if_it_is_not_the_first(struct actor_context *context, void *user)
{
	const struct role *role = user;

	return role->n_made > 1 ? fail_now(context, NULL) : 0;
}

static void nor_if_it_does_not_even_start(void **state)
{
	(void)state;
	supervisor_options.most_restarts = UINT_MAX;
	roles[0].in_started = fail_if_it_is_not_the_first;
	stop_with_failures_queued(1, ACTOR_PERMANENT);
	assert_string_equal(order, "A1AAAA");
}

static void what_takes_longer_is_dropped_then_cancelled(void **state)
{
	int64_t began_ns;

	(void)state;
	children[0].stop_ns = SECOND_NS;
	children[1].stop_ns = 2 * HOUR_NS;
	make_supervisor(2);
	tell_child(0, sleep_for, "9");
	tell_child(0, note, "2");
	tell_child(1, sleep_for, "3");
	tell_child(1, note, "4");
	wait_for_all();
	began_ns = actor_now(here());
	let_go_of_supervisor();
	/* The second one has the time to finish what it does, not what is queued. */
	assert_string_equal(order, "AB3b9");
	assert_in_range(actor_now(here()) - began_ns, 3 * HOUR_NS + 2 * SECOND_NS - 10,
			3 * HOUR_NS + 2 * SECOND_NS + 10);
}

static void cancelled_it_cancels_its_children(void **state)
{
	(void)state;
	make_supervisor(2);
	tell_child(0, sleep_for, "1");
	wait_for_all();
	actor_mailbox_cancel(supervisor_mailbox);
	assert_int_equal(ended(NULL, 0), ACTOR_ENDED_CANCELLED);
	wait_for_all();
	assert_string_equal(order, "AB1");
	assert_in_range(actor_now(here()), 0, HOUR_NS);
}

static void cancelled_while_it_stops_it_waits_no_longer(void **state)
{
	(void)state;
	children[1].stop_ns = ACTOR_FOREVER;
	make_supervisor(2);
	tell_child(1, sleep_for, "5");
	wait_for_all();
	actor_mailbox_stop(supervisor_mailbox, ACTOR_STOP_DRAIN);
	wait_for_all();
	actor_mailbox_cancel(supervisor_mailbox);
	assert_int_equal(ended(NULL, 0), ACTOR_ENDED_CANCELLED);
	wait_for_all();
	assert_string_equal(order, "AB5");
	assert_in_range(actor_now(here()), 0, HOUR_NS);
}

static void its_executor_can_be_closed(void **state)
{
	(void)state;
	make_supervisor(3);
	fail_child(1);
	actor_executor_close(executor);
	assert_int_equal(ended(NULL, 0), ACTOR_ENDED_CANCELLED);
	assert_string_equal(order, "ABCB");
}

/* ---- trees ---- */

/* The address of a child of the inner one, the caller's to unref. */
static union hand_address leaf_at(size_t index)
{
	union actor_supervisor_address inner = { child_at(1).address };
	struct actor_children listed = list_of(inner);
	union hand_address leaf = { actor_address_ref(listed.each[index].address) };

	actor_children_drop(&listed);
	actor_address_unref(inner.address);
	return leaf;
}

static void a_supervisor_is_a_child_like_any_other(void **state)
{
	(void)state;
	inner_options.most_restarts = 1;
	make_tree();
	assert_string_equal(order, "ACD");
	for (int i = 0; i < 2; i++) {
		tell_and_let_go(leaf_at(0), fail_now, NULL);
		wait_for_all();
	}
	/* The second failure was one too many: the inner one has been started again, with all. */
	assert_string_equal(order, "ACDCdCD");
	tell_and_let_go(leaf_at(1), note, "1");
	wait_for_all();
	assert_int_equal(n_restarts_of(1), 1);
	let_go_of_supervisor();
	assert_string_equal(order, "ACDCdCD1dca");
}

static void a_supervisor_that_begins_anew_stops_its_children_first(void **state)
{
	union hand_address before, now;

	(void)state;
	supervisor_options.strategy = ACTOR_ONE_FOR_ALL;
	roles[2].state.in_stopped = linger;
	children[2].stop_ns = 20 * HOUR_NS;
	make_tree();
	before = child_at(1);
	fail_child(0);
	pass(10 * HOUR_NS);
	assert_string_equal(order, "ACDd9ACD");
	now = child_at(1);
	assert_true(actor_address_same(before.address, now.address));
	actor_address_unref(before.address);
	actor_address_unref(now.address);
}

/* The inner one comes to its end, slowly, since a leaf has failed too often; then A fails, too. */
static void fail_both(void)
{
	union hand_address leaf = leaf_at(0);

	tell(leaf, fail_now, NULL);
	tell_and_let_go(leaf, fail_now, NULL);
	wait_for_all();
	fail_child(0);
}

/* It was told to while it came to its end for another reason: who follows it is not meant. */
static void begin_anew_once(void (*make)(void))
{
	supervisor_options.strategy = ACTOR_ONE_FOR_ALL;
	inner_options.most_restarts = 1;
	roles[3].state.in_stopped = linger;
	children[3].stop_ns = 20 * HOUR_NS;
	make();
	fail_both();
	pass(HOUR_NS);
	assert_string_equal(order, "ACDC"); /* both wait for the last one to stop */
	pass(30 * HOUR_NS);
	assert_string_equal(order, "ACDC9ACD");
	assert_int_equal(n_restarts_of(0), 1);
	assert_int_equal(n_restarts_of(1), 1);
}

static void who_follows_it_does_not_begin_anew_once_more(void **state)
{
	(void)state;
	begin_anew_once(make_tree);
}

/* The same tree, of parts that there were. */
static void put_tree_together(void)
{
	struct actor_child inner = ACTOR_SUPERVISOR_CHILD("inner", &inner_options);
	struct actor_supervisor *state;
	struct actor_address *address = NULL;

	inner_options.children = &children[2];
	inner_options.n_children = 2;
	make_supervisor(1);
	assert_int_equal(actor_supervisor_create(&inner_options, &state), 0);
	assert_int_equal(actor_spawn_mailbox(actor_executor_spawner(executor),
					     &actor_supervisor_behavior, state, NULL, &address,
					     &inner.mailbox),
			 0);
	assert_int_equal(add_child(inner, NULL), 0);
	actor_address_unref(address);
	wait_for_all();
}

static void nor_does_who_follows_one_that_was_taken_over(void **state)
{
	(void)state;
	begin_anew_once(put_tree_together);
}

static void one_that_was_taken_over_stops_its_children_first(void **state)
{
	(void)state;
	supervisor_options.strategy = ACTOR_ONE_FOR_ALL;
	put_tree_together();
	fail_child(0);
	assert_string_equal(order, "ACDdcACD");
}

/* A, an inner one of D, with room for one message, and C, which is slow to stop. */
static void fill_inner_options(void)
{
	supervisor_options.strategy = ACTOR_ONE_FOR_ALL;
	roles[2].state.in_stopped = linger;
	children[2].stop_ns = 20 * HOUR_NS;
	inner_options.children = &children[3];
	inner_options.n_children = inner_options.most_restarts = 1;
	children[1] = (struct actor_child)ACTOR_SUPERVISOR_CHILD("inner", &inner_options);
	children[1].capacity = 1;
}

/* The inner one fails while C is waited for, its mailbox fills up, and then its turn has come.
 * Nobody is there to make room; and what was sent is handled by who follows it. */
static void begin_anew_with_a_full_mailbox(void)
{
	struct actor_child_list message = { 0 };
	union actor_supervisor_address inner = { child_at(1).address };
	union hand_address leaf = leaf_at(0);

	tell_child(2, stop_now, NULL);
	wait_for_all();
	fail_child(0);
	tell(leaf, fail_now, NULL);
	tell_and_let_go(leaf, fail_now, NULL);
	wait_for_all();
	assert_int_equal(ACTOR_TRY_SEND(inner, actor_child_list, &message), 0);
	assert_int_equal(ACTOR_TRY_SEND(inner, actor_child_list, &message), ACTOR_E_FULL);
	pass(10 * HOUR_NS);
	assert_string_equal(order + strlen("ACD"), "D9ACD");
	assert_int_equal(n_restarts_of(1), 1);
	assert_int_equal(ACTOR_TRY_SEND(inner, actor_child_list, &message), 0);
	actor_address_unref(inner.address);
}

static void who_has_failed_with_a_full_mailbox_begins_anew(void **state)
{
	(void)state;
	fill_inner_options();
	make_supervisor(3);
	begin_anew_with_a_full_mailbox();
}

/* The inner one comes after A, on a channel that was given, with room for one message. */
static void add_inner_on_channel(void)
{
	const struct actor_queue_options room_for_one = { .size = sizeof room_for_one,
							  .capacity = 1 };
	struct actor_spawner *spawner = actor_executor_spawner(executor);
	struct actor_channel *channel;

	make_supervisor(1);
	assert_int_equal(actor_queue_create(&room_for_one, &channel), 0);
	assert_int_equal(actor_channel_mailbox(spawner, &actor_supervisor_behavior, NULL, channel,
					       &children[1].mailbox),
			 0);
	actor_channel_unref(channel);
	assert_int_equal(add_child(children[1], NULL), 0);
	wait_for_all();
}

/* Such a channel has room for nobody then. */
static void so_does_who_has_failed_with_a_full_channel(void **state)
{
	(void)state;
	fill_inner_options();
	add_inner_on_channel();
	assert_int_equal(add_child(children[2], NULL), 0);
	wait_for_all();
	begin_anew_with_a_full_mailbox();
}

/* And does not read what is there, since it waits for the end of D. */
static void who_cannot_be_told_in_its_time_is_cancelled(void **state)
{
	struct actor_child_list message = { 0 };
	union actor_supervisor_address inner;
	struct actor_child_remove remove;
	union hand_address leaf;

	(void)state;
	fill_inner_options();
	roles[3].state.in_stopped = linger;
	children[3].stop_ns = 20 * HOUR_NS;
	children[1].stop_ns = SECOND_NS;
	add_inner_on_channel();
	inner.address = child_at(1).address;
	leaf = leaf_at(0);
	remove.identity = actor_address_identity(leaf.address);
	actor_address_unref(leaf.address);
	assert_int_equal(ACTOR_TRY_SEND(inner, actor_child_remove, &remove), 0);
	wait_for_all();
	assert_int_equal(ACTOR_TRY_SEND(inner, actor_child_list, &message), 0);
	assert_int_equal(ACTOR_TRY_SEND(inner, actor_child_list, &message), ACTOR_E_FULL);
	fail_child(0);
	pass(SECOND_NS / 2);
	assert_string_equal(order, "AD");
	pass(SECOND_NS);
	assert_string_equal(order, "AD9AD"); /* D's wait has ended, too */
	assert_int_equal(ACTOR_TRY_SEND(inner, actor_child_list, &message), ACTOR_E_CLOSED);
	actor_address_unref(inner.address);
}

/* ---- with all others of a runtime ---- */

static struct actor_runtime *runtime;

static void supervise_in_runtime(enum actor_strategy strategy)
{
	assert_int_equal(actor_runtime_create(executor, NULL, &runtime), 0);
	supervisor_spawner = actor_runtime_spawner(runtime);
	supervisor_options.strategy = strategy;
	order[0] = '\0';
	make_supervisor(N_ROLES);
}

static void stop_runtime(void)
{
	assert_int_equal(actor_runtime_stop(here(), runtime, actor_now(here()) + 20 * HOUR_NS,
					    ACTOR_RUNTIME_LEAVE, NULL),
			 0);
	assert_int_equal(ended(NULL, 0), ACTOR_ENDED_STOPPED);
	actor_address_unref(supervisor.address);
	supervisor.address = NULL;
	assert_int_equal(actor_runtime_destroy(runtime), 0);
}

static void stopped_with_all_others_it_starts_nobody(void **state)
{
	(void)state;
	for (int strategy = ACTOR_ONE_FOR_ONE; strategy <= ACTOR_REST_FOR_ONE; strategy++) {
		supervise_in_runtime((enum actor_strategy)strategy);
		stop_runtime();
		assert_int_equal(strlen(order), strlen("ABCDabcd"));
	}
}

/* Nor who was to begin anew, and those whom it took along. */
static void nor_if_it_was_about_to(void **state)
{
	(void)state;
	roles[3].state.in_stopped = linger;
	children[3].stop_ns = 20 * HOUR_NS;
	supervise_in_runtime(ACTOR_REST_FOR_ONE);
	tell_child(3, stop_now, NULL);
	wait_for_all();
	fail_child(2); /* it waits for D */
	stop_runtime();
	assert_string_equal(order, "ABCDab9");
	assert_int_equal(roles[0].n_made, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SUPERVISOR_TEST(a_child_drains_in_its_time),
		SUPERVISOR_TEST(nobody_waits_for_a_start_that_will_not_be),
		SUPERVISOR_TEST(who_waits_for_one_that_has_failed_gets_its_answer),
		SUPERVISOR_TEST(who_fails_while_it_drains_drains_on),
		SUPERVISOR_TEST(but_not_for_ever),
		SUPERVISOR_TEST(nor_if_it_does_not_even_start),
		SUPERVISOR_TEST(what_takes_longer_is_dropped_then_cancelled),
		SUPERVISOR_TEST(cancelled_it_cancels_its_children),
		SUPERVISOR_TEST(cancelled_while_it_stops_it_waits_no_longer),
		SUPERVISOR_TEST(its_executor_can_be_closed),
		SUPERVISOR_TEST(a_supervisor_is_a_child_like_any_other),
		SUPERVISOR_TEST(a_supervisor_that_begins_anew_stops_its_children_first),
		SUPERVISOR_TEST(who_follows_it_does_not_begin_anew_once_more),
		SUPERVISOR_TEST(nor_does_who_follows_one_that_was_taken_over),
		SUPERVISOR_TEST(one_that_was_taken_over_stops_its_children_first),
		SUPERVISOR_TEST(who_has_failed_with_a_full_mailbox_begins_anew),
		SUPERVISOR_TEST(so_does_who_has_failed_with_a_full_channel),
		SUPERVISOR_TEST(who_cannot_be_told_in_its_time_is_cancelled),
		SUPERVISOR_TEST(stopped_with_all_others_it_starts_nobody),
		SUPERVISOR_TEST(nor_if_it_was_about_to),
	};

	return cmocka_run_group_tests_name("supervisor-end", tests, NULL, NULL);
}
