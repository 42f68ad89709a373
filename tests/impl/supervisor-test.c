/* SPDX-License-Identifier: MIT */

/* Supervisors: how children are started, and started again: who, when, and how often. */

#include "supervisor-fixture.h"

#include <string.h>

/* ---- starting, stopping, starting again ---- */

static void children_start_in_order_and_stop_in_reverse(void **state)
{
	(void)state;
	make_supervisor(3);
	assert_string_equal(order, "ABC");
	let_go_of_supervisor();
	assert_string_equal(order, "ABCcba");
}

/* S-05, S-07 and S-11, without any hand of ours. */
static void who_fails_goes_on_at_the_same_address(void **state)
{
	union hand_address child;

	(void)state;
	make_supervisor(1);
	child = child_at(0);
	for (unsigned i = 1; i <= 3; i++) {
		assert_int_equal(hand_call(here(), child, fail_now, NULL), ACTOR_E_STOPPED);
		assert_int_equal(hand_call(here(), child, note, "1"), 0);
		assert_int_equal(n_restarts_of(0), i);
	}
	tell(child, fail_now, NULL);
	tell(child, note, "2");
	actor_address_unref(child.address);
	pass(10 * SECOND_NS);
	assert_string_equal(order, "AA1A1A1");
}

static void what_is_queued_is_handled_after_the_restart(void **state)
{
	union hand_address child;
	struct actor_identity identity;

	(void)state;
	make_supervisor(1);
	child = child_at(0);
	identity = actor_address_identity(child.address);
	tell(child, fail_now, NULL);
	tell(child, note, "1");
	tell(child, note, "2");
	wait_for_all();
	assert_string_equal(order, "AA12");
	actor_address_unref(child.address);
	child = child_at(0);
	assert_true(actor_identity_same(identity, actor_address_identity(child.address)));
	actor_address_unref(child.address);
}

static void a_failure_in_started_is_one_like_any_other(void **state)
{
	char text[300];

	(void)state;
	roles[1].in_started = fail_now;
	make_supervisor(3);
	assert_int_equal(ended(text, sizeof text), ACTOR_ENDED_FAILED);
	assert_non_null(strstr(text, "hand B: "));
	assert_non_null(strstr(text, "more than 3 times in 5000 ms"));
	assert_non_null(strstr(text, "as told"));
	assert_int_equal(roles[1].n_made, 4);
	assert_int_equal(strlen(order), strlen("ABCBBBca"));
	assert_string_equal(order + strlen(order) - 2,
			    "ca"); /* the others are stopped, in reverse */
}

/* ---- strategies ---- */

static void with_strategy(enum actor_strategy strategy, const char *expected)
{
	union hand_address others[4];
	size_t n_others = 0;

	supervisor_options.strategy = strategy;
	make_supervisor(4);
	for (size_t i = 0; i < 4; i++)
		others[n_others++] = child_at(i);
	/* One waits, and has more to do; it waits no longer. All go on where they were. */
	tell(others[3], sleep_for, "1");
	tell(others[3], note, "3");
	wait_for_all();
	tell(others[1], fail_now, NULL);
	tell(others[1], note, "2");
	wait_for_all();
	if (strategy != ACTOR_ONE_FOR_ONE)
		assert_string_equal(order, expected);
	pass(2 * HOUR_NS);
	assert_string_equal(order, expected);
	for (size_t i = 0; i < n_others; i++) {
		assert_int_equal(hand_call(here(), others[i], ignore_it, NULL), 0);
		actor_address_unref(others[i].address);
	}
	let_go_of_supervisor();
}

static void one_for_one_starts_one(void **state)
{
	(void)state;
	with_strategy(ACTOR_ONE_FOR_ONE, "ABCDB213");
	assert_string_equal(order, "ABCDB213dcba");
}

static void one_for_all_starts_all(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_ROLES; i++)
		children[i].stop_ns = 2 * HOUR_NS;
	with_strategy(ACTOR_ONE_FOR_ALL, "ABCD1ABCD23");
	assert_string_equal(order, "ABCD1ABCD23dcba");
}

static void rest_for_one_starts_those_after_it(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_ROLES; i++)
		children[i].stop_ns = ACTOR_FOREVER;
	with_strategy(ACTOR_REST_FOR_ONE, "ABCD1BCD23");
}

static void who_does_not_come_to_its_end_begins_anew_elsewhere(void **state)
{
	union hand_address before[2];

	(void)state;
	supervisor_options.strategy = ACTOR_ONE_FOR_ALL;
	children[1].stop_ns = SECOND_NS;
	roles[1].state.in_stopped = linger;
	make_supervisor(2);
	before[0] = child_at(0);
	before[1] = child_at(1);
	tell(before[1], stop_now, NULL); /* and it is too late to begin anew */
	wait_for_all();
	tell(before[0], fail_now, NULL);
	pass(SECOND_NS / 2);
	assert_string_equal(order, "AB");
	pass(SECOND_NS);
	assert_string_equal(order, "AB9AB");
	assert_int_equal(hand_call(here(), before[0], note, "1"), 0);
	assert_int_equal(hand_send(NULL, before[1], note, "2"), ACTOR_E_CLOSED);
	tell_child(1, note, "3");
	wait_for_all();
	assert_string_equal(order, "AB9AB13");
	actor_address_unref(before[0].address);
	actor_address_unref(before[1].address);
}

static void while_it_waits_nothing_tries_again(void **state)
{
	union hand_address first;

	(void)state;
	close_simulation(executor);
	options.most_steps = 1000;
	executor = open_simulation();
	supervisor_options.strategy = ACTOR_ONE_FOR_ALL;
	children[1].stop_ns = 20 * HOUR_NS;
	roles[1].state.in_stopped = linger;
	make_supervisor(3);
	tell_child(1, stop_now, NULL);
	wait_for_all();
	first = child_at(0);
	tell_child(2, fail_now, NULL);
	wait_for_all();
	actor_address_stop(first.address, ACTOR_STOP_NOW); /* somebody ends meanwhile */
	actor_address_unref(first.address);
	pass(10 * HOUR_NS);
	assert_string_equal(order, "ABCa9ABC");
}

static void temporary_siblings_do_not_come_back(void **state)
{
	(void)state;
	supervisor_options.strategy = ACTOR_ONE_FOR_ALL;
	children[1].restart = ACTOR_TEMPORARY;
	make_supervisor(3);
	fail_child(0);
	assert_string_equal(order, "ABCAC");
	assert_int_equal(n_listed(), 2);
}

/* ---- kinds of children ---- */

static void a_permanent_child_that_stops_comes_back_with_a_new_address(void **state)
{
	union hand_address before, now;

	(void)state;
	make_supervisor(1);
	before = child_at(0);
	tell(before, stop_now, NULL);
	wait_for_all();
	assert_string_equal(order, "AaA");
	now = child_at(0);
	assert_false(actor_address_same(before.address, now.address));
	assert_int_equal(hand_call(here(), now, note, "1"), 0);
	assert_int_equal(hand_send(NULL, before, note, "1"), ACTOR_E_CLOSED);
	actor_address_unref(before.address);
	actor_address_unref(now.address);
}

static void a_transient_child_comes_back_from_failures_alone(void **state)
{
	(void)state;
	children[0].restart = ACTOR_TRANSIENT;
	make_supervisor(2);
	fail_child(0);
	assert_string_equal(order, "ABA");
	tell_child(0, stop_now, NULL);
	wait_for_all();
	assert_string_equal(order, "ABAa");
	assert_int_equal(n_listed(), 1);
}

static void a_temporary_child_does_not_come_back(void **state)
{
	(void)state;
	children[0].restart = ACTOR_TEMPORARY;
	make_supervisor(2);
	fail_child(0);
	assert_string_equal(order, "AB");
	assert_int_equal(n_listed(), 1);
}

static int fail_in_stopped(struct actor_context *context, void *user)
{
	struct role *role = user;

	note(context, role->small);
	return fail_now(context, NULL);
}

static void who_fails_in_stopped_comes_back_on_a_new_mailbox(void **state)
{
	(void)state;
	roles[0].state.in_stopped = fail_in_stopped;
	children[0].restart = ACTOR_TRANSIENT;
	make_supervisor(1);
	tell_child(0, stop_now, NULL);
	wait_for_all();
	assert_string_equal(order, "AaA");
	tell_child(0, note, "1");
	wait_for_all();
	assert_string_equal(order, "AaA1");
}

/* ---- how often ---- */

static void what_happens_too_often_is_the_supervisors_failure(void **state)
{
	char text[300];

	(void)state;
	supervisor_options.most_restarts = 2;
	supervisor_options.period_ns = SECOND_NS;
	make_supervisor(3);
	fail_child(1);
	fail_child(2);
	assert_string_equal(order, "ABCBC");
	tell_child(1, fail_now, NULL);
	assert_int_equal(ended(text, sizeof text), ACTOR_ENDED_FAILED);
	assert_string_equal(order, "ABCBCca");
	assert_non_null(strstr(text, "hand B: a child would have to be restarted more than 2 "
				     "times in 1000 ms; the last time: test.job: as told"));
}

static void what_is_long_ago_does_not_count(void **state)
{
	(void)state;
	supervisor_options.most_restarts = 2;
	supervisor_options.period_ns = SECOND_NS;
	make_supervisor(1);
	for (int i = 0; i < 10; i++) {
		fail_child(0);
		pass(SECOND_NS / 2 + 1);
	}
	assert_string_equal(order, "AAAAAAAAAAA");
}

static void delays_become_longer_up_to_a_bound(void **state)
{
	const int64_t bounds_ms[] = { 100, 200, 400, 500, 500, 500 };

	(void)state;
	supervisor_options.most_restarts = 100;
	supervisor_options.period_ns = HOUR_NS;
	supervisor_options.first_delay_ns = SECOND_NS / 10;
	supervisor_options.most_delay_ns = SECOND_NS / 2;
	make_supervisor(1);
	for (size_t i = 0; i < N_ELEMENTS(bounds_ms); i++) {
		int64_t failed_ns = actor_now(here()), delay_ns;

		fail_child(0);
		assert_int_equal(roles[0].n_made, i + 1);
		pass(SECOND_NS);
		assert_int_equal(roles[0].n_made, i + 2);
		delay_ns = roles[0].made_ns[i + 1] - failed_ns;
		assert_in_range(delay_ns, bounds_ms[i] * 500000, bounds_ms[i] * 1000000 + 10);
	}
	/* After a long run, the next one is short again. */
	pass(HOUR_NS);
	fail_child(0);
	pass(SECOND_NS / 10);
	assert_int_equal(roles[0].n_made, N_ELEMENTS(bounds_ms) + 2);
}

static void delays_are_drawn_from_the_seed(void **state)
{
	int64_t delays[3];

	(void)state;
	supervisor_options.first_delay_ns = SECOND_NS;
	for (size_t i = 0; i < 3; i++) {
		int64_t failed_ns;

		supervisor_options.seed = i == 2 ? 8 : 7;
		roles[0].n_made = 0;
		make_supervisor(1);
		failed_ns = actor_now(here());
		fail_child(0);
		pass(2 * SECOND_NS);
		delays[i] = roles[0].made_ns[1] - failed_ns;
		let_go_of_supervisor();
	}
	assert_int_equal(delays[0], delays[1]);
	assert_int_not_equal(delays[0], delays[2]);
}

static void others_go_on_during_a_delay(void **state)
{
	(void)state;
	supervisor_options.first_delay_ns = HOUR_NS;
	make_supervisor(2);
	fail_child(0);
	tell_child(0, note, "1");
	tell_child(1, note, "2");
	wait_for_all();
	assert_string_equal(order, "AB2");
	pass(HOUR_NS);
	assert_string_equal(order, "AB2A1");
	fail_child(0);
	let_go_of_supervisor();
	assert_string_equal(order, "AB2A1b");
}

/* ---- what make functions say ---- */

static void without_memory_it_is_tried_again_and_does_not_count(void **state)
{
	(void)state;
	make_supervisor(1);
	roles[0].make_status = ACTOR_E_NOMEM;
	roles[0].n_refusals = 20;
	fail_child(0);
	pass(SECOND_NS / 10);
	assert_string_equal(order, "A");
	pass(SECOND_NS);
	assert_string_equal(order, "AA");
}

static void another_refusal_counts(void **state)
{
	char text[300];

	(void)state;
	roles[1].make_status = ACTOR_E_SYSTEM;
	roles[1].n_refusals = 2;
	make_supervisor(2);
	assert_string_equal(order, "AB");
	roles[1].n_refusals = 20;
	tell_child(1, fail_now, NULL);
	assert_int_equal(ended(text, sizeof text), ACTOR_ENDED_FAILED);
	assert_non_null(strstr(text, "it did not start: operating system error"));
	assert_string_equal(order, "ABa");
}

/* A mailbox would say so, too; but that is another matter. */
static void what_the_program_refuses_leaves_the_mailbox_alone(void **state)
{
	static const int statuses[] = { ACTOR_E_CLOSED, ACTOR_E_BUSY };
	union hand_address child;

	(void)state;
	make_supervisor(1);
	child = child_at(0);
	for (unsigned i = 0; i < N_ELEMENTS(statuses); i++) {
		roles[0].make_status = statuses[i];
		roles[0].n_refusals = 1;
		assert_int_equal(hand_call(here(), child, fail_now, NULL), ACTOR_E_STOPPED);
		assert_int_equal(hand_call(here(), child, note, "1"), 0);
		pass(10 * SECOND_NS);
	}
	actor_address_unref(child.address);
	assert_string_equal(order, "AA1A1");
}

static void nobody_is_started_before_those_ahead(void **state)
{
	(void)state;
	supervisor_options.strategy = ACTOR_REST_FOR_ONE;
	roles[1].make_status = ACTOR_E_NOMEM;
	roles[1].n_refusals = 3;
	make_supervisor(3);
	assert_string_equal(order, "A");
	pass(SECOND_NS);
	assert_string_equal(order, "ABC");
}

static void a_child_may_have_several_attempts_at_a_message(void **state)
{
	(void)state;
	children[0].attempts = 2;
	make_supervisor(1);
	tell_child(0, fail_now, NULL);
	tell_child(0, note, "1");
	wait_for_all();
	assert_string_equal(order, "AAA1");
}

/* ---- without memory ---- */

/* A fails in its first run, when all are there. */
static int fail_later_once(struct actor_context *context, void *user)
{
	const struct role *role = user;

	if (role->n_made > 1)
		return 0;
	actor_ignore(actor_sleep_until(context, actor_now(context) + HOUR_NS));
	return fail_now(context, NULL);
}

static bool make_tree_or_not(void)
{
	struct actor_supervisor *state;
	int rc = actor_supervisor_create(&supervisor_options, &state);

	if (rc == 0) {
		rc = actor_spawn_mailbox(actor_executor_spawner(executor),
					 &actor_supervisor_behavior, state, NULL,
					 &supervisor.address, &supervisor_mailbox);
		if (rc < 0)
			actor_supervisor_behavior.destroy(state);
	}
	assert_int_equal(rc, rc == 0 ? 0 : ACTOR_E_NOMEM);
	return rc == 0;
}

/* Whichever of all allocations is refused: it is not made, or all goes on as ever, if later. */
static void refused_memory_changes_nothing(void **state)
{
	uint64_t nth = 0, n_asked;

	(void)state;
	supervisor_options.strategy = inner_options.strategy = ACTOR_ONE_FOR_ALL;
	inner_options.children = &children[2];
	inner_options.n_children = 2;
	children[1] = (struct actor_child)ACTOR_SUPERVISOR_CHILD("inner", &inner_options);
	supervisor_options.children = children;
	supervisor_options.n_children = 2;
	roles[0].in_started = fail_later_once;
	do {
		bool is_made;

		order[0] = '\0';
		roles[0].n_made = 0;
		actor_simulation_fail_nth(++nth);
		is_made = make_tree_or_not();
		pass(2 * HOUR_NS);
		n_asked = actor_simulation_fail_nth(0);
		if (is_made)
			let_go_of_supervisor();
		assert_string_equal(order, is_made ? "ACDdcACDdca" : "");
	} while (n_asked >= nth);
	assert_in_range(nth, 15, 200);
}

/* ---- what cannot be ---- */

static void options_that_make_no_sense_are_refused(void **state)
{
	struct actor_supervisor_options wrong[6];
	struct actor_supervisor *made;

	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(wrong); i++)
		wrong[i] = (struct actor_supervisor_options){ .size = sizeof wrong[i],
							      .children = children,
							      .n_children = 1 };
	wrong[0].children = NULL;
	wrong[1].period_ns = -1;
	wrong[2].first_delay_ns = -1;
	wrong[3].first_delay_ns = 2;
	wrong[3].most_delay_ns = 1;
	wrong[4].strategy = (enum actor_strategy)3;
	children[0] = owned_child(0);
	for (size_t i = 0; i < N_ELEMENTS(wrong); i++)
		assert_int_equal(actor_supervisor_create(&wrong[i], &made), ACTOR_E_INVALID);
	assert_int_equal(roles[0].n_drops, 0);
	assert_int_equal(actor_supervisor_create(NULL, &made), 0);
	actor_supervisor_behavior.destroy(made);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SUPERVISOR_TEST(children_start_in_order_and_stop_in_reverse),
		SUPERVISOR_TEST(who_fails_goes_on_at_the_same_address),
		SUPERVISOR_TEST(what_is_queued_is_handled_after_the_restart),
		SUPERVISOR_TEST(a_failure_in_started_is_one_like_any_other),
		SUPERVISOR_TEST(one_for_one_starts_one),
		SUPERVISOR_TEST(one_for_all_starts_all),
		SUPERVISOR_TEST(rest_for_one_starts_those_after_it),
		SUPERVISOR_TEST(who_does_not_come_to_its_end_begins_anew_elsewhere),
		SUPERVISOR_TEST(while_it_waits_nothing_tries_again),
		SUPERVISOR_TEST(temporary_siblings_do_not_come_back),
		SUPERVISOR_TEST(a_permanent_child_that_stops_comes_back_with_a_new_address),
		SUPERVISOR_TEST(a_transient_child_comes_back_from_failures_alone),
		SUPERVISOR_TEST(a_temporary_child_does_not_come_back),
		SUPERVISOR_TEST(who_fails_in_stopped_comes_back_on_a_new_mailbox),
		SUPERVISOR_TEST(what_happens_too_often_is_the_supervisors_failure),
		SUPERVISOR_TEST(what_is_long_ago_does_not_count),
		SUPERVISOR_TEST(delays_become_longer_up_to_a_bound),
		SUPERVISOR_TEST(delays_are_drawn_from_the_seed),
		SUPERVISOR_TEST(others_go_on_during_a_delay),
		SUPERVISOR_TEST(without_memory_it_is_tried_again_and_does_not_count),
		SUPERVISOR_TEST(another_refusal_counts),
		SUPERVISOR_TEST(what_the_program_refuses_leaves_the_mailbox_alone),
		SUPERVISOR_TEST(nobody_is_started_before_those_ahead),
		SUPERVISOR_TEST(a_child_may_have_several_attempts_at_a_message),
		SUPERVISOR_TEST(refused_memory_changes_nothing),
		SUPERVISOR_TEST(options_that_make_no_sense_are_refused),
	};

	return cmocka_run_group_tests_name("supervisor", tests, NULL, NULL);
}
