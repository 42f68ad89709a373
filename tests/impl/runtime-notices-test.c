/* SPDX-License-Identifier: MIT */

/* Who is told of what happens to members of runtimes, in simulations. */

#include "runtime-fixture.h"

#include <string.h>

/* ---- who supervises */

/* GO-14, GO-16 */
static void a_supervisor_is_told_once_each(void **state)
{
	struct being sentry = { .text = "" };
	int64_t long_ns = 2 * SECOND;
	union being_address address, anna;

	(void)state;
	open_and_start();
	address = member("sentry", &sentry);
	anna = member("anna", NULL);
	supervise(anna, address);
	supervise(anna, address);
	do_job(anna, sleep_ns, &long_ns);
	leave(anna);
	pass(10 * SECOND);
	assert_string_equal(sentry.text, "start anna:unhealthy anna:stopped ");
	leave(address);
	close_stage();
}

/* GO-14 */
static void who_supervises_no_more_is_told_no_more(void **state)
{
	struct being sentry = { .text = "" };
	union being_address address, anna;

	(void)state;
	open_stage();
	address = member("sentry", &sentry);
	anna = member("anna", NULL);
	actor_runtime_unsupervise(runtime, identity_of(anna), address.address);
	supervise(anna, address);
	actor_runtime_unsupervise(runtime, identity_of(anna), address.address);
	actor_runtime_unsupervise(runtime, identity_of(anna), address.address);
	leave(anna);
	pass(SECOND);
	assert_string_equal(sentry.text, "");
	leave(address);
	close_stage();
}

/* GO-15 */
static void who_has_gone_has_stopped(void **state)
{
	struct being sentry = { .text = "" };
	struct actor_identity gone;
	union being_address address, anna;

	(void)state;
	open_stage();
	address = member("sentry", &sentry);
	anna = member("anna", NULL);
	gone = identity_of(anna);
	leave(anna);
	pass(SECOND);
	assert_int_equal(actor_runtime_supervise(runtime, gone, address.address), 0);
	pass(SECOND);
	assert_string_equal(sentry.text, ":stopped ");
	leave(address);
	close_stage();
}

static void who_cannot_be_told_may_not_supervise(void **state)
{
	union hand_address hand;
	union being_address anna;

	(void)state;
	open_stage();
	anna = member("anna", NULL);
	hand = spawn_named(executor, "hand", NULL);
	assert_int_equal(actor_runtime_supervise(runtime, identity_of(anna), hand.address),
			 ACTOR_E_UNHANDLED);
	actor_address_unref(hand.address);
	leave(anna);
	close_stage();
}

/* GO-18: its mailbox has room for one; while it is stuck, all others go on, and it hears the sum.
 */
static void a_stuck_supervisor_holds_nobody_up(void **state)
{
	static struct being anna, sentry;
	int64_t long_ns = 60 * SECOND, bad_ns = 2 * SECOND;
	struct actor_mailbox *mailbox;
	union being_address address, other, sentry_address;

	(void)state;
	sentry.text[0] = '\0';
	open_and_start();
	assert_int_equal(ACTOR_SPAWN(being, actor_runtime_spawner(runtime), &sentry,
				     ACTOR_OPTIONS(.name = "sentry", .capacity = 1),
				     &sentry_address),
			 0);
	wait_for_all();
	address = restarted(&anna, 5, &mailbox);
	other = member("other", NULL);
	supervise(address, sentry_address);
	supervise(other, sentry_address);
	do_job(sentry_address, sleep_ns, &long_ns);
	wait_for_all();
	for (unsigned i = 0; i < 3; i++)
		do_job(address, fail_now, "again");
	do_job(other, sleep_ns, &bad_ns);
	pass(5 * SECOND);
	leave(other);
	pass(5 * SECOND);
	assert_non_null(strstr(heard, "other:stopped"));
	assert_string_equal(sentry.text, "start job ");
	pass(60 * SECOND);
	/* The first notice had room. */
	assert_string_equal(sentry.text, "start job anna:failed anna:restarted3 other:stopped ");
	leave(address);
	actor_mailbox_destroy(mailbox);
	leave(sentry_address);
	close_stage();
}

/* What waits for room while it is no news any more, is not told. */
static void what_has_been_undone_is_not_told(void **state)
{
	static struct being sentry;
	int64_t long_ns = 60 * SECOND, bad_ns = 2 * SECOND;
	union being_address address, anna;

	(void)state;
	sentry.text[0] = '\0';
	open_and_start();
	assert_int_equal(ACTOR_SPAWN(being, actor_runtime_spawner(runtime), &sentry,
				     ACTOR_OPTIONS(.name = "sentry", .capacity = 1), &address),
			 0);
	wait_for_all();
	anna = member("anna", NULL);
	supervise(anna, address);
	do_job(address, sleep_ns, &long_ns);
	wait_for_all();
	do_job(address, ignore_it, NULL); /* full */
	do_job(anna, sleep_ns, &bad_ns);
	pass(70 * SECOND);
	assert_string_equal(sentry.text, "start job job ");
	do_job(address, ignore_it, NULL); /* nor is any room kept for that */
	pass(SECOND);
	leave(anna);
	pass(SECOND);
	assert_string_equal(sentry.text, "start job job job anna:stopped ");
	leave(address);
	close_stage();
}

/* GO-19, GO-20 */
static void supervisors_come_and_go(void **state)
{
	union being_address self, watcher, anna;

	(void)state;
	open_stage();
	self = member("self", NULL);
	watcher = member("watcher", NULL);
	anna = member("anna", NULL);
	supervise(self, self);
	supervise(anna, watcher);
	leave(watcher);
	leave(self);
	wait_for_all();
	leave(anna);
	close_stage();
	assert_non_null(strstr(heard, "self:stopped"));
	assert_non_null(strstr(heard, "anna:stopped"));
}

static void who_is_unhealthy_already_is_told_of(void **state)
{
	struct being sentry = { .text = "" };
	int64_t long_ns = 3 * SECOND;
	union being_address address, anna;

	(void)state;
	open_and_start();
	address = member("sentry", &sentry);
	anna = member("anna", NULL);
	do_job(anna, sleep_ns, &long_ns);
	pass(2 * SECOND);
	supervise(anna, address);
	pass(2 * SECOND);
	assert_string_equal(sentry.text, "start anna:unhealthy anna:healthy ");
	leave(anna);
	leave(address);
	close_stage();
}

static void who_has_failed_already_is_told_of(void **state)
{
	static struct being anna, sentry;
	struct actor_mailbox *mailbox;
	union being_address address, by;

	(void)state;
	sentry.text[0] = '\0';
	open_stage();
	by = member("sentry", &sentry);
	address = restarted(&anna, 2, &mailbox);
	do_job(address, fail_now, "once");
	pass(SECOND);
	do_job(address, fail_now, "for good");
	pass(SECOND);
	supervise(address, by);
	pass(SECOND);
	assert_string_equal(sentry.text, "anna:failed ");
	leave(address);
	actor_mailbox_destroy(mailbox);
	pass(SECOND);
	assert_string_equal(sentry.text, "anna:failed anna:stopped ");
	leave(by);
	close_stage();
}

static void what_was_before_is_not_told(void **state)
{
	static struct being anna, sentry;
	struct actor_mailbox *mailbox;
	union being_address address, by;

	(void)state;
	sentry.text[0] = '\0';
	open_stage();
	by = member("sentry", &sentry);
	address = restarted(&anna, 3, &mailbox);
	do_job(address, fail_now, "once");
	pass(SECOND);
	supervise(address, by);
	pass(SECOND);
	assert_string_equal(sentry.text, "");
	do_job(address, fail_now, "again");
	pass(SECOND);
	assert_string_equal(sentry.text, "anna:failed anna:restarted2 ");
	leave(address);
	leave(by);
	actor_mailbox_destroy(mailbox);
	close_stage();
}

/* Of an actor that has failed before it became a member, the restart is told, and no failure. */
static void what_was_before_it_was_a_member_is_not_told(void **state)
{
	static struct being anna;
	struct actor_mailbox *mailbox;
	union being_address address;

	(void)state;
	open_stage();
	assert_int_equal(actor_mailbox_create(actor_executor_spawner(executor), &being_behavior,
					      ACTOR_OPTIONS(.name = "anna"), &mailbox),
			 0);
	address.address = actor_mailbox_address(mailbox);
	assert_int_equal(actor_mailbox_start(mailbox, &anna, NULL, NULL), 0);
	do_job(address, fail_now, "before");
	pass(SECOND);
	assert_int_equal(actor_runtime_register(runtime, address.address), 0);
	pass(SECOND);
	assert_string_equal(heard, "");
	assert_int_equal(actor_mailbox_start(mailbox, &anna, NULL, NULL), 0);
	pass(SECOND);
	assert_string_equal(heard, "anna:restarted ");
	leave(address);
	actor_mailbox_destroy(mailbox);
	close_stage();
	assert_string_equal(heard, "anna:restarted anna:stopped ");
}

/* Its runtime goes while a supervisor, which runs elsewhere, has no room to be told. */
static void what_was_not_accepted_is_given_up_with_the_runtime(void **state)
{
	static struct being sentry;
	union being_address address, anna;

	(void)state;
	sentry.text[0] = '\0';
	open_stage();
	assert_int_equal(ACTOR_SPAWN(being, actor_executor_spawner(executor), &sentry,
				     ACTOR_OPTIONS(.capacity = 1), &address),
			 0);
	anna = member("anna", NULL);
	supervise(anna, address);
	assert_int_equal(actor_address_pause(address.address), 0);
	do_job(address, ignore_it, NULL);
	leave(anna);
	assert_int_equal(actor_runtime_wait(here(), runtime, ACTOR_FOREVER), 0);
	assert_int_equal(actor_runtime_destroy(runtime), 0);
	assert_int_equal(actor_address_resume(address.address), 0);
	leave(address);
	close_simulation(executor);
	assert_string_equal(sentry.text, "job ");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		RUNTIME_TEST(a_supervisor_is_told_once_each),
		RUNTIME_TEST(who_supervises_no_more_is_told_no_more),
		RUNTIME_TEST(who_has_gone_has_stopped),
		RUNTIME_TEST(who_cannot_be_told_may_not_supervise),
		RUNTIME_TEST(a_stuck_supervisor_holds_nobody_up),
		RUNTIME_TEST(what_has_been_undone_is_not_told),
		RUNTIME_TEST(supervisors_come_and_go),
		RUNTIME_TEST(who_is_unhealthy_already_is_told_of),
		RUNTIME_TEST(who_has_failed_already_is_told_of),
		RUNTIME_TEST(what_was_before_is_not_told),
		RUNTIME_TEST(what_was_before_it_was_a_member_is_not_told),
		RUNTIME_TEST(what_was_not_accepted_is_given_up_with_the_runtime),
	};

	return cmocka_run_group_tests_name("runtime-notices", tests, NULL, NULL);
}
