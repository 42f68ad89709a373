/* SPDX-License-Identifier: MIT */

/*
 * Supervisors: in a simulation, where delays and deadlines pass at once; then on pools, and with
 * children of another implementation.
 *
 * A child is a hand. In what is noted, a capital letter is its start, a small one its stop, and a
 * digit something that it was told to note.
 */

#include "simulation-fixture.h"
#include "test.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <thread-per-actor.h>

#define SECOND_NS INT64_C(1000000000)

/* ---- children ---- */

enum { N_ROLES = 4 };

/* What a child is made of, again and again. */
struct role {
	char name[2];
	char small[2];
	struct hand state;
	int make_status;     /* what its make function says, */
	unsigned n_refusals; /* so many times */
	unsigned n_made;
	int64_t made_ns[20];
	unsigned n_drops;
	hand_fn *in_started;
};

static struct role roles[N_ROLES];
static struct actor_executor *executor;
static struct actor_child children[N_ROLES];
static struct actor_supervisor_options supervisor_options;
static union actor_supervisor_address supervisor;
static struct actor_mailbox *supervisor_mailbox;

static int in_started(struct actor_context *context, void *user)
{
	struct role *role = user;

	note(context, role->name);
	return role->in_started ? role->in_started(context, role) : 0;
}

static int in_stopped(struct actor_context *context, void *user)
{
	struct role *role = user;

	return note(context, role->small);
}

static int make_role(void *user, void **ret_state)
{
	struct role *role = user;

	if (role->n_refusals > 0) {
		role->n_refusals--;
		return role->make_status;
	}
	if (role->n_made < N_ELEMENTS(role->made_ns))
		role->made_ns[role->n_made] = actor_executor_now(executor);
	role->n_made++;
	*ret_state = &role->state;
	return 0;
}

static void drop_role(void *user)
{
	((struct role *)user)->n_drops++;
}

static struct actor_child child_of(unsigned index)
{
	struct actor_child child = ACTOR_CHILD(hand, .make = make_role);

	child.user = &roles[index];
	child.name = roles[index].name;
	return child;
}

static int fail_now(struct actor_context *context, void *user)
{
	(void)user;
	ACTOR_FAIL(context, "as told");
}

static int stop_now(struct actor_context *context, void *user)
{
	(void)user;
	return actor_stop(context, ACTOR_STOP_NOW);
}

/* ---- the supervisor ---- */

static void make_supervisor(unsigned n_children)
{
	struct actor_supervisor *state;

	supervisor_options.children = children;
	supervisor_options.n_children = n_children;
	assert_int_equal(actor_supervisor_create(&supervisor_options, &state), 0);
	assert_int_equal(actor_spawn_mailbox(actor_executor_spawner(executor),
					     &actor_supervisor_behavior, state,
					     ACTOR_OPTIONS(.name = "boss"), &supervisor.address,
					     &supervisor_mailbox),
			 0);
	wait_for_all();
}

static struct actor_children list(void)
{
	struct actor_children listed = { 0 };

	assert_int_equal(ACTOR_CALL(here(), supervisor, actor_child_list, &listed,
				    &(struct actor_child_list){ 0 }),
			 0);
	return listed;
}

/* The address of a child, the caller's to unref; and nothing else about it. */
static union hand_address child_at(size_t index)
{
	struct actor_children listed = list();
	union hand_address hand = { NULL };

	if (index < listed.n)
		hand.address = actor_address_ref(listed.each[index].address);
	actor_children_drop(&listed);
	return hand;
}

static void tell_child(size_t index, hand_fn *function, void *user)
{
	tell_and_let_go(child_at(index), function, user);
}

static void fail_child(size_t index)
{
	tell_child(index, fail_now, NULL);
	wait_for_all();
}

static size_t n_listed(void)
{
	struct actor_children listed = list();
	size_t n = listed.n;

	actor_children_drop(&listed);
	return n;
}

static unsigned n_restarts_of(size_t index)
{
	struct actor_children listed = list();
	unsigned n = index < listed.n ? listed.each[index].n_restarts : 999;

	actor_children_drop(&listed);
	return n;
}

static void pass(int64_t ns)
{
	assert_int_equal(actor_sleep_until(here(), actor_now(here()) + ns), 0);
}

/* How the supervisor has ended; its mailbox is given up. */
static enum actor_ended ended(char *ret_text, size_t n_text)
{
	struct actor_end end;

	assert_int_equal(actor_mailbox_join(here(), supervisor_mailbox, ACTOR_FOREVER, &end), 0);
	if (ret_text)
		snprintf(ret_text, n_text, "%s", end.failure ? end.failure->text : "");
	actor_end_drop(&end);
	actor_mailbox_detach(supervisor_mailbox);
	supervisor_mailbox = NULL;
	return end.how;
}

/* It ends because nobody can send to it any more. */
static void let_go_of_supervisor(void)
{
	actor_address_unref(supervisor.address);
	supervisor.address = NULL;
	assert_int_equal(ended(NULL, 0), ACTOR_ENDED_STOPPED);
}

static int set_up(void **state)
{
	if (simulation_set_up(state) != 0)
		return -1;
	actor_log_set_sink(NULL, NULL, ACTOR_LOG_NONE);
	options.strategy = ACTOR_SIMULATION_FIFO;
	executor = open_simulation();
	memset(roles, 0, sizeof roles);
	for (unsigned i = 0; i < N_ROLES; i++) {
		roles[i].name[0] = (char)('A' + i);
		roles[i].small[0] = (char)('a' + i);
		roles[i].state.in_started = in_started;
		roles[i].state.in_stopped = in_stopped;
		roles[i].state.user = &roles[i];
		children[i] = child_of(i);
	}
	supervisor_options = (struct actor_supervisor_options){
		.size = sizeof supervisor_options,
	};
	return 0;
}

static int tear_down(void **state)
{
	actor_address_unref(supervisor.address);
	actor_mailbox_destroy(supervisor_mailbox);
	supervisor.address = NULL;
	supervisor_mailbox = NULL;
	close_simulation(executor);
	return simulation_tear_down(state);
}

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

static int linger(struct actor_context *context, void *user)
{
	(void)user;
	return sleep_for(context, "9");
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

static void a_supervisor_is_a_child_like_any_other(void **state)
{
	struct actor_supervisor_options inner = {
		.size = sizeof inner,
		.children = &children[2],
		.n_children = 2,
		.most_restarts = 1,
	};
	union actor_supervisor_address inner_address = { NULL };
	struct actor_children listed = { 0 };
	union hand_address leaf;

	(void)state;
	children[1] = (struct actor_child)ACTOR_SUPERVISOR_CHILD("inner", &inner);
	make_supervisor(2);
	assert_string_equal(order, "ACD");
	inner_address.address = child_at(1).address;
	for (int i = 0; i < 2; i++) {
		assert_int_equal(ACTOR_CALL(here(), inner_address, actor_child_list, &listed,
					    &(struct actor_child_list){ 0 }),
				 0);
		leaf.address = actor_address_ref(listed.each[0].address);
		actor_children_drop(&listed);
		tell_and_let_go(leaf, fail_now, NULL);
		wait_for_all();
	}
	/* The second failure was one too many: the inner one has been started again, with all. */
	assert_string_equal(order, "ACDCdCD");
	assert_int_equal(ACTOR_CALL(here(), inner_address, actor_child_list, &listed,
				    &(struct actor_child_list){ 0 }),
			 0);
	assert_int_equal(listed.n, 2);
	actor_children_drop(&listed);
	actor_address_unref(inner_address.address);
	assert_int_equal(n_restarts_of(1), 1);
	let_go_of_supervisor();
	assert_string_equal(order, "ACDCdCDdca");
}

static void a_supervisor_that_begins_anew_stops_its_children_first(void **state)
{
	struct actor_supervisor_options inner = {
		.size = sizeof inner,
		.children = &children[2],
		.n_children = 2,
	};
	union hand_address before, now;

	(void)state;
	supervisor_options.strategy = ACTOR_ONE_FOR_ALL;
	children[1] = (struct actor_child)ACTOR_SUPERVISOR_CHILD("inner", &inner);
	roles[2].state.in_stopped = linger;
	children[2].stop_ns = 20 * HOUR_NS;
	make_supervisor(2);
	before = child_at(1);
	fail_child(0);
	pass(10 * HOUR_NS);
	assert_string_equal(order, "ACDd9ACD");
	now = child_at(1);
	assert_true(actor_address_same(before.address, now.address));
	actor_address_unref(before.address);
	actor_address_unref(now.address);
}

/* It was told to while it came to its end for another reason: who follows it is not meant. */
static void who_follows_it_does_not_begin_anew_once_more(void **state)
{
	struct actor_supervisor_options inner = {
		.size = sizeof inner,
		.children = &children[2],
		.n_children = 2,
		.most_restarts = 1,
	};
	union actor_supervisor_address inner_address;
	struct actor_children listed = { 0 };
	union hand_address leaf;

	(void)state;
	supervisor_options.strategy = ACTOR_ONE_FOR_ALL;
	children[1] = (struct actor_child)ACTOR_SUPERVISOR_CHILD("inner", &inner);
	roles[3].state.in_stopped = linger;
	children[3].stop_ns = 20 * HOUR_NS;
	make_supervisor(2);
	inner_address.address = child_at(1).address;
	assert_int_equal(ACTOR_CALL(here(), inner_address, actor_child_list, &listed,
				    &(struct actor_child_list){ 0 }),
			 0);
	leaf.address = actor_address_ref(listed.each[0].address);
	actor_children_drop(&listed);
	tell(leaf, fail_now, NULL);
	tell_and_let_go(leaf, fail_now, NULL);
	wait_for_all();
	fail_child(0);
	pass(HOUR_NS);
	assert_string_equal(order, "ACDC"); /* both wait for the last one to stop */
	pass(30 * HOUR_NS);
	assert_string_equal(order, "ACDC9ACD");
	actor_address_unref(inner_address.address);
	assert_int_equal(n_restarts_of(0), 1);
	assert_int_equal(n_restarts_of(1), 1);
}

/* ---- children that come and go ---- */

static int add_child(struct actor_child child, struct actor_address **ret_address)
{
	struct actor_child_add add = { child };
	int rc = ACTOR_CALL(here(), supervisor, actor_child_add, ret_address, &add);

	actor_message_drop(&actor_child_add_type, &add);
	return rc;
}

static int remove_child(struct actor_identity identity)
{
	return ACTOR_CALL(here(), supervisor, actor_child_remove, NULL,
			  &(struct actor_child_remove){ identity });
}

static struct actor_child owned_child(unsigned index)
{
	struct actor_child child = child_of(index);

	child.drop = drop_role;
	return child;
}

static void children_are_added_and_removed(void **state)
{
	struct actor_address *address = NULL;
	struct actor_identity identity;
	struct actor_children listed;

	(void)state;
	make_supervisor(1);
	assert_int_equal(add_child(owned_child(1), &address), 0);
	assert_string_equal(order, "AB");
	assert_int_equal(roles[1].n_drops, 0);
	identity = actor_address_identity(address);
	actor_address_unref(address);
	fail_child(1);
	assert_string_equal(order, "ABB");
	listed = list();
	assert_int_equal(listed.n, 2);
	assert_true(actor_identity_same(listed.each[1].info.identity, identity));
	assert_string_equal(listed.each[1].info.name, "B");
	assert_string_equal(listed.each[1].info.type, "hand");
	assert_true(listed.each[1].is_running);
	assert_int_equal(listed.each[0].n_restarts, 0);
	assert_int_equal(listed.each[1].n_restarts, 1);
	actor_children_drop(&listed);
	assert_int_equal(remove_child(identity), 0);
	assert_string_equal(order, "ABBb");
	assert_int_equal(roles[1].n_drops, 1);
	assert_int_equal(remove_child(identity), ACTOR_E_INVALID);
	assert_int_equal(n_listed(), 1);
	assert_int_equal(add_child(owned_child(2), NULL), 0);
	let_go_of_supervisor();
	assert_string_equal(order, "ABBbCca");
	assert_int_equal(roles[2].n_drops, 1);
}

static void a_child_that_waits_for_its_restart_can_be_removed(void **state)
{
	union hand_address child;

	(void)state;
	supervisor_options.first_delay_ns = HOUR_NS;
	make_supervisor(2);
	fail_child(0);
	child = child_at(0);
	assert_int_equal(hand_send(NULL, child, note, "1"), 0);
	assert_int_equal(remove_child(actor_address_identity(child.address)), 0);
	assert_int_equal(hand_send(NULL, child, note, "2"), ACTOR_E_CLOSED);
	actor_address_unref(child.address);
	pass(2 * HOUR_NS);
	assert_string_equal(order, "AB");
}

static void what_cannot_be_added_is_refused(void **state)
{
	struct actor_child child = owned_child(1);

	(void)state;
	make_supervisor(1);
	child.behavior = NULL;
	assert_int_equal(add_child(child, NULL), ACTOR_E_INVALID);
	child = owned_child(1);
	child.make = NULL;
	assert_int_equal(add_child(child, NULL), ACTOR_E_INVALID);
	child = owned_child(1);
	child.capacity = ACTOR_UNBOUNDED - 1;
	assert_int_equal(add_child(child, NULL), ACTOR_E_INVALID);
	child = owned_child(1);
	child.attempts = ACTOR_MOST_ATTEMPTS + 1;
	assert_int_equal(add_child(child, NULL), ACTOR_E_INVALID);
	roles[1].make_status = -12345;
	roles[1].n_refusals = 1;
	assert_int_equal(add_child(owned_child(1), NULL), -12345);
	assert_int_equal(roles[1].n_drops, 5);
	assert_int_equal(n_listed(), 1);
	assert_string_equal(order, "A");
}

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
	children[0].drop = drop_role;
	for (size_t i = 0; i < N_ELEMENTS(wrong); i++)
		assert_int_equal(actor_supervisor_create(&wrong[i], &made), ACTOR_E_INVALID);
	assert_int_equal(roles[0].n_drops, 0);
	assert_int_equal(actor_supervisor_create(NULL, &made), 0);
	actor_supervisor_behavior.destroy(made);
}

/* ---- S-10: any mailbox, whatever runs there ---- */

static void a_mailbox_that_runs_is_taken_over(void **state)
{
	struct actor_child child = owned_child(1);
	union hand_address hand = { NULL };
	struct hand_mailbox mailbox = { NULL };

	(void)state;
	make_supervisor(1);
	assert_int_equal(ACTOR_SPAWN_MAILBOX(hand, actor_executor_spawner(executor),
					     &roles[1].state, NULL, &hand, &mailbox),
			 0);
	child.mailbox = mailbox.mailbox;
	assert_int_equal(add_child(child, NULL), 0);
	assert_string_equal(order, "AB");
	assert_int_equal(roles[1].n_made, 0);
	assert_int_equal(hand_call(here(), hand, fail_now, NULL), ACTOR_E_STOPPED);
	assert_int_equal(hand_call(here(), hand, note, "1"), 0);
	assert_string_equal(order, "ABB1");
	assert_int_equal(roles[1].n_made, 1);
	actor_address_unref(hand.address);
	let_go_of_supervisor();
	assert_string_equal(order, "ABB1ba");
}

static void a_mailbox_that_never_ran_is_started(void **state)
{
	struct actor_child child = owned_child(1);
	struct hand_mailbox mailbox = { NULL };
	union hand_address hand;

	(void)state;
	make_supervisor(1);
	assert_int_equal(
		ACTOR_MAILBOX_CREATE(hand, actor_executor_spawner(executor), NULL, &mailbox), 0);
	hand = ACTOR_MAILBOX_ADDRESS(hand, mailbox);
	tell(hand, fail_now, NULL);
	tell(hand, note, "1");
	child.mailbox = mailbox.mailbox;
	child.attempts = 2;
	assert_int_equal(add_child(child, NULL), 0);
	wait_for_all();
	assert_string_equal(order, "ABBB1");
	actor_address_unref(hand.address);
}

static void a_mailbox_that_failed_is_started_again(void **state)
{
	struct actor_child child = owned_child(1);
	union hand_address hand = { NULL };
	struct hand_mailbox mailbox = { NULL };

	(void)state;
	make_supervisor(1);
	assert_int_equal(ACTOR_SPAWN_MAILBOX(hand, actor_executor_spawner(executor),
					     &roles[1].state, NULL, &hand, &mailbox),
			 0);
	tell(hand, fail_now, NULL);
	tell(hand, note, "1");
	wait_for_all();
	assert_string_equal(order, "AB");
	child.mailbox = mailbox.mailbox;
	assert_int_equal(add_child(child, NULL), 0);
	wait_for_all();
	assert_string_equal(order, "ABB1");
	actor_address_unref(hand.address);
}

static void a_mailbox_that_is_not_taken_over_is_destroyed(void **state)
{
	struct actor_child child = owned_child(1);
	struct hand_mailbox mailbox = { NULL };
	union hand_address hand;

	(void)state;
	make_supervisor(1);
	assert_int_equal(
		ACTOR_MAILBOX_CREATE(hand, actor_executor_spawner(executor), NULL, &mailbox), 0);
	hand = ACTOR_MAILBOX_ADDRESS(hand, mailbox);
	child.mailbox = mailbox.mailbox;
	child.make = NULL;
	assert_int_equal(add_child(child, NULL), ACTOR_E_INVALID);
	assert_int_equal(hand_send(NULL, hand, note, "1"), ACTOR_E_CLOSED);
	actor_address_unref(hand.address);

	assert_int_equal(
		ACTOR_MAILBOX_CREATE(hand, actor_executor_spawner(executor), NULL, &mailbox), 0);
	child = owned_child(1);
	child.mailbox = mailbox.mailbox;
	roles[1].make_status = -12345;
	roles[1].n_refusals = 1;
	assert_int_equal(add_child(child, NULL), -12345);
	assert_int_equal(roles[1].n_drops, 2);

	/* One that is closed, and cannot be replaced. */
	assert_int_equal(
		ACTOR_MAILBOX_CREATE(hand, actor_executor_spawner(executor), NULL, &mailbox), 0);
	actor_mailbox_cancel(mailbox.mailbox);
	child = owned_child(1);
	child.mailbox = mailbox.mailbox;
	child.capacity = ACTOR_UNBOUNDED - 1;
	assert_int_equal(add_child(child, NULL), ACTOR_E_INVALID);
	assert_int_equal(roles[1].n_drops, 3);
}

static void a_closed_mailbox_is_replaced(void **state)
{
	struct actor_child child = owned_child(1);
	struct actor_address *address = NULL;
	struct hand_mailbox mailbox = { NULL };

	(void)state;
	make_supervisor(1);
	assert_int_equal(
		ACTOR_MAILBOX_CREATE(hand, actor_executor_spawner(executor), NULL, &mailbox), 0);
	actor_mailbox_cancel(mailbox.mailbox);
	child.mailbox = mailbox.mailbox;
	assert_int_equal(add_child(child, &address), 0);
	assert_int_equal(hand_call(here(), (union hand_address){ address }, note, "1"), 0);
	assert_string_equal(order, "AB1");
	actor_address_unref(address);
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

/* ---- with threads, and with guests ---- */

static void run_until_told(struct tally *tally, uint64_t n)
{
	assert_true(tally_wait(tally, n));
}

static struct tally made, let_go;
static struct hand plain_hands[64];

static int make_hand(void *user, void **ret_state)
{
	*ret_state = user;
	tally_add(&made, 1);
	return 0;
}

static int block(struct actor_context *context, void *user)
{
	(void)context;
	tally_add(user, 1);
	run_until_told(&let_go, 1);
	return 0;
}

/* The calls that fail end, the others are answered, nobody's address becomes invalid. */
static void many_children_fail_at_once(void **state)
{
	enum { N = 20, N_ROUNDS = 20 };
	struct actor_supervisor_options many = {
		.size = sizeof many,
		.most_restarts = UINT_MAX,
	};
	struct actor_child each[N];
	struct actor_children listed = { 0 };
	struct actor_context *context = here();
	struct actor_supervisor *supervisor_state;
	struct actor_executor *pool;
	struct actor_future futures[N];
	int answers[N];

	made = (struct tally)TALLY_INIT;
	for (size_t i = 0; i < N; i++) {
		plain_hands[i] = (struct hand){ 0 };
		each[i] = (struct actor_child)ACTOR_CHILD(hand, .make = make_hand,
							  .user = &plain_hands[i]);
	}
	many.children = each;
	many.n_children = N;
	many.strategy = *state ? ACTOR_REST_FOR_ONE : ACTOR_ONE_FOR_ONE;
	assert_int_equal(
		actor_pool_create(
			&(struct actor_pool_options){ .size = sizeof(struct actor_pool_options),
						      .n_threads = 2 },
			&pool),
		0);
	assert_int_equal(actor_supervisor_create(&many, &supervisor_state), 0);
	assert_int_equal(ACTOR_SPAWN(actor_supervisor, actor_executor_spawner(pool),
				     supervisor_state, NULL, &supervisor),
			 0);
	listed = list();
	assert_int_equal(listed.n, N);
	for (size_t round = 0; round < test_times(N_ROUNDS) + 2; round++) {
		for (size_t i = 0; i < N; i++) {
			struct errand errand = { (i + round) % 3 ? fail_now : ignore_it, NULL };

			assert_int_equal(actor_call_begin(context, &futures[i],
							  listed.each[i].address, &errand_type,
							  &errand, &answers[i]),
					 0);
		}
		for (size_t i = 0; i < N; i++)
			assert_int_equal(actor_future_await(&futures[i], test_deadline()),
					 (i + round) % 3 ? ACTOR_E_STOPPED : 0);
	}
	for (size_t i = 0; i < N; i++)
		assert_int_equal(hand_call(context, (union hand_address){ listed.each[i].address },
					   ignore_it, NULL),
				 0);
	actor_children_drop(&listed);
	actor_address_unref(supervisor.address);
	supervisor.address = NULL;
	assert_int_equal(actor_executor_join(pool, test_deadline()), 0);
	assert_int_equal(actor_executor_destroy(pool), 0);
}

/* On another executor than its supervisor, and it does not even notice that it was cancelled. */
static void who_runs_on_is_left_to_itself(void **state)
{
	const struct actor_pool_options one = { .size = sizeof one, .n_threads = 1 };
	struct tally blocked = TALLY_INIT;
	struct actor_executor *pool, *other;
	struct actor_child child = ACTOR_CHILD(hand, .make = make_hand, .stop_ns = 1000);
	struct actor_supervisor_options options_of_one = {
		.size = sizeof options_of_one,
		.children = &child,
		.n_children = 1,
	};
	struct actor_supervisor *supervisor_state;
	struct hand plain = { .destroyed = &made };

	(void)state;
	made = let_go = (struct tally)TALLY_INIT;
	assert_int_equal(actor_pool_create(&one, &pool), 0);
	assert_int_equal(actor_pool_create(&one, &other), 0);
	child.spawner = actor_executor_spawner(other);
	child.user = &plain;
	assert_int_equal(actor_supervisor_create(&options_of_one, &supervisor_state), 0);
	assert_int_equal(ACTOR_SPAWN(actor_supervisor, actor_executor_spawner(pool),
				     supervisor_state, NULL, &supervisor),
			 0);
	tell_child(0, block, &blocked);
	run_until_told(&blocked, 1);
	actor_address_unref(supervisor.address);
	supervisor.address = NULL;
	assert_int_equal(actor_executor_join(pool, test_deadline()), 0);
	assert_int_equal(actor_executor_destroy(pool), 0);
	assert_int_equal(tally_count(&made), 1);
	tally_add(&let_go, 1);
	assert_int_equal(actor_executor_join(other, test_deadline()), 0);
	assert_int_equal(tally_count(&made), 2); /* its state is destroyed */
	assert_int_equal(actor_executor_destroy(other), 0);
}

/* A guest cannot be made to fail: it is stopped, and begins anew on another mailbox. */
static void children_may_be_of_another_implementation(void **state)
{
	struct actor_child two[2] = { ACTOR_CHILD(hand, .make = make_hand),
				      ACTOR_CHILD(hand, .make = make_hand) };
	struct actor_supervisor_options options_of_two = {
		.size = sizeof options_of_two,
		.children = two,
		.n_children = 2,
		.strategy = ACTOR_ONE_FOR_ALL,
	};
	struct tally stopped = TALLY_INIT;
	struct hand plain[2] = { { .stopped = &stopped }, { .stopped = &stopped } };
	struct actor_supervisor *supervisor_state;
	union hand_address before[2];
	struct actor_executor *pool;
	struct actor_tpa *tpa;

	(void)state;
	made = (struct tally)TALLY_INIT;
	assert_int_equal(actor_pool_create(NULL, &pool), 0);
	assert_int_equal(actor_tpa_create(&tpa), 0);
	for (size_t i = 0; i < 2; i++) {
		two[i].spawner = actor_tpa_spawner(tpa);
		two[i].user = &plain[i];
	}
	assert_int_equal(actor_supervisor_create(&options_of_two, &supervisor_state), 0);
	assert_int_equal(ACTOR_SPAWN(actor_supervisor, actor_executor_spawner(pool),
				     supervisor_state, NULL, &supervisor),
			 0);
	before[0] = child_at(0);
	before[1] = child_at(1);
	assert_int_equal(hand_call(here(), before[0], fail_now, NULL), ACTOR_E_STOPPED);
	assert_int_equal(hand_call(here(), before[0], ignore_it, NULL), 0);
	assert_true(tally_wait(&made, 4));
	assert_int_equal(tally_count(&stopped), 1);
	assert_int_equal(hand_send(NULL, before[1], ignore_it, NULL), ACTOR_E_CLOSED);
	for (size_t i = 0; i < 2; i++) {
		union hand_address now = child_at(i);

		assert_int_equal(actor_address_same(before[i].address, now.address), i == 0);
		assert_int_equal(hand_call(here(), now, ignore_it, NULL), 0);
		actor_address_unref(now.address);
		actor_address_unref(before[i].address);
	}
	actor_address_unref(supervisor.address);
	supervisor.address = NULL;
	assert_int_equal(actor_executor_join(pool, test_deadline()), 0);
	assert_int_equal(actor_tpa_join(tpa, test_deadline()), 0);
	assert_int_equal(tally_count(&stopped), 3);
	assert_int_equal(actor_executor_destroy(pool), 0);
	assert_int_equal(actor_tpa_destroy(tpa), 0);
}

/* Nor can it run there itself. */
static void elsewhere_it_fails(void **state)
{
	struct actor_supervisor *supervisor_state;
	struct actor_end end;
	struct actor_tpa *tpa;

	(void)state;
	assert_int_equal(actor_tpa_create(&tpa), 0);
	assert_int_equal(actor_supervisor_create(NULL, &supervisor_state), 0);
	assert_int_equal(actor_spawn_mailbox(actor_tpa_spawner(tpa), &actor_supervisor_behavior,
					     supervisor_state, NULL, &supervisor.address,
					     &supervisor_mailbox),
			 0);
	assert_int_equal(actor_mailbox_join(here(), supervisor_mailbox, test_deadline(), &end), 0);
	assert_int_equal(end.how, ACTOR_ENDED_FAILED);
	actor_address_unref(supervisor.address);
	actor_mailbox_destroy(supervisor_mailbox);
	supervisor.address = NULL;
	supervisor_mailbox = NULL;
	assert_int_equal(actor_tpa_join(tpa, test_deadline()), 0);
	assert_int_equal(actor_tpa_destroy(tpa), 0);
}

static int set_up_quietly(void **state)
{
	(void)state;
	actor_log_set_sink(NULL, NULL, ACTOR_LOG_NONE);
	return 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
#define THREAD_TEST(name) cmocka_unit_test_setup_teardown(name, set_up_quietly, test_nothing_held)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(children_start_in_order_and_stop_in_reverse),
		TEST(who_fails_goes_on_at_the_same_address),
		TEST(what_is_queued_is_handled_after_the_restart),
		TEST(a_failure_in_started_is_one_like_any_other),
		TEST(one_for_one_starts_one),
		TEST(one_for_all_starts_all),
		TEST(rest_for_one_starts_those_after_it),
		TEST(who_does_not_come_to_its_end_begins_anew_elsewhere),
		TEST(while_it_waits_nothing_tries_again),
		TEST(temporary_siblings_do_not_come_back),
		TEST(a_permanent_child_that_stops_comes_back_with_a_new_address),
		TEST(a_transient_child_comes_back_from_failures_alone),
		TEST(a_temporary_child_does_not_come_back),
		TEST(who_fails_in_stopped_comes_back_on_a_new_mailbox),
		TEST(what_happens_too_often_is_the_supervisors_failure),
		TEST(what_is_long_ago_does_not_count),
		TEST(delays_become_longer_up_to_a_bound),
		TEST(delays_are_drawn_from_the_seed),
		TEST(others_go_on_during_a_delay),
		TEST(without_memory_it_is_tried_again_and_does_not_count),
		TEST(another_refusal_counts),
		TEST(what_the_program_refuses_leaves_the_mailbox_alone),
		TEST(nobody_is_started_before_those_ahead),
		TEST(a_child_drains_in_its_time),
		TEST(nobody_waits_for_a_start_that_will_not_be),
		TEST(who_fails_while_it_drains_drains_on),
		TEST(but_not_for_ever),
		TEST(nor_if_it_does_not_even_start),
		TEST(what_takes_longer_is_dropped_then_cancelled),
		TEST(cancelled_it_cancels_its_children),
		TEST(cancelled_while_it_stops_it_waits_no_longer),
		TEST(its_executor_can_be_closed),
		TEST(a_supervisor_is_a_child_like_any_other),
		TEST(a_supervisor_that_begins_anew_stops_its_children_first),
		TEST(who_follows_it_does_not_begin_anew_once_more),
		TEST(children_are_added_and_removed),
		TEST(a_child_that_waits_for_its_restart_can_be_removed),
		TEST(what_cannot_be_added_is_refused),
		TEST(options_that_make_no_sense_are_refused),
		TEST(a_mailbox_that_runs_is_taken_over),
		TEST(a_mailbox_that_never_ran_is_started),
		TEST(a_mailbox_that_failed_is_started_again),
		TEST(a_mailbox_that_is_not_taken_over_is_destroyed),
		TEST(a_closed_mailbox_is_replaced),
		TEST(a_child_may_have_several_attempts_at_a_message),
		THREAD_TEST(many_children_fail_at_once),
		{ "many_children_fail_at_once (rest for one)", many_children_fail_at_once,
		  set_up_quietly, test_nothing_held, (void *)1 },
		THREAD_TEST(who_runs_on_is_left_to_itself),
		THREAD_TEST(children_may_be_of_another_implementation),
		THREAD_TEST(elsewhere_it_fails),
	};

	return cmocka_run_group_tests_name("supervisor", tests, NULL, NULL);
}
