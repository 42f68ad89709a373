/* SPDX-License-Identifier: MIT */

/* Who is told of what happens to members of runtimes, in simulations. */

#include "runtime-fixture.h"
#include "target.h"

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

static struct actor_identity anna_s;

static void unsupervise_meanwhile(struct target *target)
{
	target->on_post = NULL;
	actor_runtime_unsupervise(runtime, anna_s, &target->base);
}

/* There was no memory to tell it, which is to be tried again, and is not, as it is told no more:
 * the runtime may go at once. */
static void who_is_told_no_more_is_not_told_later(void **state)
{
	struct target target;
	union being_address anna;

	(void)state;
	target_init(&target);
	open_stage();
	anna = member("anna", NULL);
	anna_s = identity_of(anna);
	assert_int_equal(actor_runtime_supervise(runtime, anna_s, &target.base), 0);
	target.on_post = unsupervise_meanwhile;
	atomic_store(&target.status, ACTOR_E_NOMEM);
	leave(anna);
	assert_int_equal(actor_runtime_wait(here(), runtime, ACTOR_FOREVER), 0);
	assert_int_equal(atomic_load(&target.n_tries), 1);
	assert_int_equal(actor_runtime_destroy(runtime), 0);
	assert_int_equal(atomic_load(&target.n_owners), 1);
	close_simulation(executor);
}

/* ---- those who are told, and have gone */

static int64_t mailboxes(void)
{
	struct actor_counts counts;

	actor_counts_get(&counts);
	return counts.mailboxes;
}

/* GO-19: also if there is nothing to tell. Each would be kept as long as the member is there. */
static void who_has_gone_is_forgotten(void **state)
{
	enum { MANY = 1000 };
	union being_address anna, sentry = { NULL };

	(void)state;
	open_and_start();
	anna = member("anna", NULL);
	for (unsigned i = 0; i < MANY; i++) {
		assert_int_equal(
			ACTOR_SPAWN(being, actor_executor_spawner(executor), NULL, NULL, &sentry),
			0);
		supervise(anna, sentry);
		if (i % 2) /* gone, although somebody has its address */
			assert_int_equal(actor_address_stop(sentry.address, ACTOR_STOP_NOW), 0);
		if (i < MANY - 1)
			leave(sentry);
	}
	wait_for_all();
	assert_int_equal(mailboxes(), MANY + 1);
	pass(4 * 40 * MS);
	assert_int_equal(mailboxes(), 2); /* anna, and the one that is held */
	leave(sentry);
	wait_for_all();
	assert_int_equal(mailboxes(), 1);
	leave(anna);
	close_stage();
}

/* What is on its way is told first. */
static void who_is_there_is_not_forgotten(void **state)
{
	struct being sentry = { .text = "" };
	union being_address anna, address;

	(void)state;
	open_and_start();
	anna = member("anna", NULL);
	address = member("sentry", &sentry);
	supervise(anna, address);
	pass(5 * SECOND);
	leave(anna);
	pass(SECOND);
	assert_string_equal(sentry.text, "start anna:stopped ");
	leave(address);
	close_stage();
}

/* ---- who is told of all */

static union being_address told_of_all(struct being *state, size_t capacity)
{
	union being_address address = { NULL };

	executor = open_simulation();
	assert_int_equal(ACTOR_SPAWN(being, actor_executor_spawner(executor), state,
				     ACTOR_OPTIONS(.capacity = capacity), &address),
			 0);
	runtime_options.to = ACTOR_FOR(actor_notice, address);
	assert_int_equal(actor_runtime_create(executor, &runtime_options, &runtime), 0);
	return address;
}

static void an_actor_can_be_told_of_all(void **state)
{
	static struct being anna, listener;
	int64_t long_ns = 2 * SECOND;
	struct actor_mailbox *mailbox;
	union being_address to, bert, address;

	(void)state;
	listener.text[0] = '\0';
	to = told_of_all(&listener, 0);
	assert_int_equal(actor_runtime_start(runtime), 0);
	bert = member("bert", NULL);
	do_job(bert, sleep_ns, &long_ns);
	leave(bert);
	pass(5 * SECOND);
	address = restarted(&anna, 2, &mailbox);
	supervise(address, to); /* it is already */
	do_job(address, fail_now, "once");
	pass(SECOND);
	leave(address);
	actor_mailbox_destroy(mailbox);
	pass(SECOND);
	leave(to);
	close_stage();
	assert_string_equal(listener.text, "bert:unhealthy bert:stopped anna:failed "
					   "anna:restarted1 anna:stopped ");
}

/* It is as any supervisor: nobody waits for it, and nobody keeps it. */
static void who_is_told_of_all_may_be_slow_or_gone(void **state)
{
	static struct being listener;
	union being_address to, beings[3];

	(void)state;
	listener.text[0] = '\0';
	to = told_of_all(&listener, 1);
	assert_int_equal(actor_runtime_start(runtime), 0);
	assert_int_equal(actor_address_pause(to.address), 0);
	do_job(to, ignore_it, NULL);
	for (unsigned i = 0; i < 3; i++)
		beings[i] = member((const char *[]){ "anna", "bert", "carl" }[i], NULL);
	leave(beings[0]);
	leave(beings[1]);
	pass(SECOND);
	assert_string_equal(heard, "anna:stopped bert:stopped ");
	assert_string_equal(listener.text, "");
	assert_int_equal(actor_address_resume(to.address), 0);
	pass(SECOND);
	assert_string_equal(listener.text, "job anna:stopped bert:stopped ");
	leave(to);
	pass(SECOND);
	assert_int_equal(mailboxes(), 2); /* the runtime has its address */
	leave(member("dora", NULL));
	leave(beings[2]);
	close_stage();
	assert_string_equal(listener.text, "job anna:stopped bert:stopped ");
}

/* Only of those who really were members. */
static void who_was_never_a_member_is_not_told_of(void **state)
{
	static struct being listener;
	struct actor_address *weak;
	union hand_address hand;
	union being_address to;

	(void)state;
	listener.text[0] = '\0';
	to = told_of_all(&listener, 0);
	hand = spawn_named(executor, "hand", NULL);
	weak = actor_address_weak(hand.address);
	actor_address_unref(hand.address);
	wait_for_all();
	assert_int_equal(actor_runtime_register(runtime, weak), ACTOR_E_CLOSED);
	actor_address_unref(weak);
	leave(to);
	close_stage();
	assert_string_equal(listener.text, "");
}

static void who_cannot_be_told_is_not_told_of_all(void **state)
{
	union hand_address hand;

	(void)state;
	executor = open_simulation();
	hand = spawn_named(executor, "hand", NULL);
	runtime_options.to = (union actor_notice_recipient){ hand.address };
	assert_int_equal(actor_runtime_create(executor, &runtime_options, &runtime),
			 ACTOR_E_UNHANDLED);
	actor_address_unref(hand.address);
	close_simulation(executor);
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
		RUNTIME_TEST(who_is_told_no_more_is_not_told_later),
		RUNTIME_TEST(who_has_gone_is_forgotten),
		RUNTIME_TEST(who_is_there_is_not_forgotten),
		RUNTIME_TEST(an_actor_can_be_told_of_all),
		RUNTIME_TEST(who_is_told_of_all_may_be_slow_or_gone),
		RUNTIME_TEST(who_was_never_a_member_is_not_told_of),
		RUNTIME_TEST(who_cannot_be_told_is_not_told_of_all),
	};

	return cmocka_run_group_tests_name("runtime-notices", tests, NULL, NULL);
}
