/* SPDX-License-Identifier: MIT */

/* Supervisors: children that are added and removed, and mailboxes that are taken over. */

#include "supervisor-fixture.h"

#include <string.h>

/* ---- children that come and go ---- */

static int remove_child(struct actor_identity identity)
{
	return ACTOR_CALL(here(), supervisor, actor_child_remove, NULL,
			  &(struct actor_child_remove){ identity });
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

static int remove_named(const char *name)
{
	struct actor_child_remove_named message = { name ? strdup(name) : NULL };
	int rc = ACTOR_CALL(here(), supervisor, actor_child_remove_named, NULL, &message);

	actor_message_drop(&actor_child_remove_named_type, &message);
	return rc;
}

static void children_are_removed_by_name(void **state)
{
	(void)state;
	children[2].name = "B";
	children[3].name = NULL;
	make_supervisor(4);
	assert_int_equal(remove_named("b"), ACTOR_E_INVALID);
	assert_int_equal(remove_named(""), ACTOR_E_INVALID);
	assert_int_equal(remove_named(NULL), ACTOR_E_INVALID);
	assert_int_equal(remove_named("B"), 0);
	assert_string_equal(order, "ABCDb"); /* the first of that name */
	tell_child(0, stop_now, NULL);	     /* the same one has another address then */
	wait_for_all();
	assert_int_equal(remove_named("A"), 0);
	assert_string_equal(order, "ABCDbaAa");
	assert_int_equal(remove_named("B"), 0);
	assert_int_equal(remove_named("B"), ACTOR_E_INVALID);
	let_go_of_supervisor();
	assert_string_equal(order, "ABCDbaAacd");
}

/* It has no mailbox, so no address. */
static void who_could_never_be_started_can_be_removed(void **state)
{
	struct actor_children listed;

	(void)state;
	supervisor_options.first_delay_ns = HOUR_NS;
	children[1].capacity = ACTOR_UNBOUNDED - 1;
	make_supervisor(2);
	listed = list();
	assert_int_equal(listed.n, 2);
	assert_null(listed.each[1].address);
	actor_children_drop(&listed);
	assert_int_equal(remove_named("B"), 0);
	assert_int_equal(n_listed(), 1);
}

/* ---- what children are made from ---- */

/* Waits till it is told, and notes '-' if what it is made from is still there, '+' if not. */
static int wait_and_look(struct actor_context *context, void *user)
{
	const struct role *role = user;

	actor_ignore(actor_sleep_until(context, ACTOR_FOREVER));
	return note(context, role->n_drops == 0 ? "-" : "+");
}

static void add_one_that_waits(void)
{
	union hand_address child = { NULL };

	make_supervisor(0);
	assert_int_equal(add_child(owned_child(1), &child.address), 0);
	tell_and_let_go(child, wait_and_look, &roles[1]);
	wait_for_all();
}

static void assert_dropped_last(const char *expected)
{
	wait_for_all();
	assert_string_equal(order, expected);
	assert_int_equal(roles[1].n_drops, 1);
}

static void it_outlasts_a_supervisor_that_is_cancelled(void **state)
{
	(void)state;
	add_one_that_waits();
	actor_mailbox_cancel(supervisor_mailbox);
	assert_dropped_last("B-");
}

static void it_outlasts_a_supervisor_that_is_to_fail(void **state)
{
	(void)state;
	add_one_that_waits();
	assert_int_equal(actor_mailbox_fail(supervisor_mailbox), 0);
	assert_dropped_last("B-");
}

/* ---- names in a runtime ---- */

static struct actor_runtime *runtime;

/* One whose name A has. */
static struct actor_child namesake(unsigned index)
{
	struct actor_child child = owned_child(index);

	child.name = "A";
	child.spawner = actor_runtime_spawner(runtime);
	return child;
}

static void supervise_in_runtime(unsigned n_children)
{
	assert_int_equal(actor_runtime_create(executor, NULL, &runtime), 0);
	for (unsigned i = 0; i < n_children; i++) {
		children[i] = namesake(i);
		children[i].drop = NULL;
	}
	make_supervisor(n_children);
}

static void who_finds_its_name_taken_starts_when_it_is_not(void **state)
{
	(void)state;
	supervisor_options.first_delay_ns = SECOND_NS;
	supervise_in_runtime(2);
	assert_string_equal(order, "A");
	assert_int_equal(add_child(namesake(2), NULL), ACTOR_E_BUSY);
	assert_int_equal(roles[2].n_drops, 1);
	assert_int_equal(remove_named("A"), 0);
	pass(HOUR_NS);
	assert_string_equal(order, "AaB");
	let_go_of_supervisor();
	assert_string_equal(order, "AaBb");
	assert_int_equal(actor_runtime_destroy(runtime), 0);
}

static void a_name_that_stays_taken_is_the_supervisors_failure(void **state)
{
	char text[300];

	(void)state;
	supervise_in_runtime(2);
	assert_int_equal(ended(text, sizeof text), ACTOR_ENDED_FAILED);
	assert_non_null(strstr(text, "it did not start: "));
	assert_non_null(strstr(text, actor_strerror(ACTOR_E_BUSY)));
	assert_string_equal(order, "Aa");
	assert_int_equal(actor_runtime_destroy(runtime), 0);
}

/* Nor declared: it could never start. */
static void so_many_attempts_cannot_be_declared(void **state)
{
	struct actor_supervisor *never;

	(void)state;
	supervisor_options.children = children;
	supervisor_options.n_children = 2;
	children[1].attempts = ACTOR_MOST_ATTEMPTS + 1;
	assert_int_equal(actor_supervisor_create(&supervisor_options, &never), ACTOR_E_INVALID);
	children[1].attempts = ACTOR_MOST_ATTEMPTS;
	make_supervisor(2);
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
	child = owned_child(1);
	child.size = offsetof(struct actor_child, mailbox);
	assert_int_equal(add_child(child, NULL), ACTOR_E_INVALID);
	roles[1].make_status = -12345;
	roles[1].n_refusals = 1;
	assert_int_equal(add_child(owned_child(1), NULL), -12345);
	assert_int_equal(roles[1].n_drops, 6);
	assert_int_equal(n_listed(), 1);
	assert_string_equal(order, "A");
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
					     &roles[1].state, ACTOR_OPTIONS(.name = "other"), &hand,
					     &mailbox),
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
	assert_int_equal(remove_named("B"), ACTOR_E_INVALID); /* not as its maker calls it */
	assert_int_equal(remove_named("other"), 0);
	let_go_of_supervisor();
	assert_string_equal(order, "ABB1ba");
}

/* Attempts are of whole runs. */
static void a_mailbox_that_runs_is_not_taken_over_with_attempts(void **state)
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
	child.attempts = 2;
	assert_int_equal(add_child(child, NULL), ACTOR_E_BUSY);
	assert_int_equal(roles[1].n_drops, 1);
	assert_int_equal(hand_send(NULL, hand, note, "1"), ACTOR_E_CLOSED);
	actor_address_unref(hand.address);
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		SUPERVISOR_TEST(children_are_added_and_removed),
		SUPERVISOR_TEST(a_child_that_waits_for_its_restart_can_be_removed),
		SUPERVISOR_TEST(children_are_removed_by_name),
		SUPERVISOR_TEST(who_could_never_be_started_can_be_removed),
		SUPERVISOR_TEST(it_outlasts_a_supervisor_that_is_cancelled),
		SUPERVISOR_TEST(it_outlasts_a_supervisor_that_is_to_fail),
		SUPERVISOR_TEST(who_finds_its_name_taken_starts_when_it_is_not),
		SUPERVISOR_TEST(a_name_that_stays_taken_is_the_supervisors_failure),
		SUPERVISOR_TEST(what_cannot_be_added_is_refused),
		SUPERVISOR_TEST(so_many_attempts_cannot_be_declared),
		SUPERVISOR_TEST(a_mailbox_that_runs_is_taken_over),
		SUPERVISOR_TEST(a_mailbox_that_runs_is_not_taken_over_with_attempts),
		SUPERVISOR_TEST(a_mailbox_that_never_ran_is_started),
		SUPERVISOR_TEST(a_mailbox_that_failed_is_started_again),
		SUPERVISOR_TEST(a_mailbox_that_is_not_taken_over_is_destroyed),
		SUPERVISOR_TEST(a_closed_mailbox_is_replaced),
	};

	return cmocka_run_group_tests_name("supervisor-child", tests, NULL, NULL);
}
