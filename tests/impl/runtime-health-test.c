/* SPDX-License-Identifier: MIT */

/* How members of runtimes are, in simulations: health, at exact times, failures and restarts. */

#include "runtime-fixture.h"

#include <string.h>

/* ---- health */

/* GO-08 to GO-11: the handler begins at 1 s, the ticks are at 1.05 s, 1.1 s ... */
static void health_changes_at_edges(void **state)
{
	int64_t just_ns = 900 * MS, long_ns = 3 * SECOND;
	union being_address anna;

	(void)state;
	open_and_start();
	anna = member("anna", NULL);
	do_job(anna, sleep_ns, &just_ns);
	pass(2 * SECOND - 1 * MS);
	assert_string_equal(heard, "");
	do_job(anna, sleep_ns, &long_ns); /* at 2.999 s: seen at 3 s */
	pass(1000 * MS);
	assert_string_equal(heard, "");
	pass(2 * MS); /* 4.001 s */
	assert_string_equal(heard, "anna:unhealthy/test.job ");
	pass(1997 * MS); /* 5.998 s */
	assert_string_equal(heard, "anna:unhealthy/test.job ");
	pass(3 * MS);
	assert_string_equal(heard, "anna:unhealthy/test.job anna:healthy ");
	pass(5 * SECOND);
	assert_string_equal(heard, "anna:unhealthy/test.job anna:healthy ");
	leave(anna);
	close_stage();
}

static void who_handles_one_after_the_other_is_healthy(void **state)
{
	int64_t just_ns = 700 * MS;
	union being_address anna;

	(void)state;
	open_and_start();
	anna = member("anna", NULL);
	for (unsigned i = 0; i < 10; i++)
		do_job(anna, sleep_ns, &just_ns);
	leave(anna);
	close_stage();
	assert_string_equal(heard, "anna:stopped ");
}

static void one_handler_after_the_other_may_be_unhealthy(void **state)
{
	int64_t long_ns = 1500 * MS;
	union being_address anna;

	(void)state;
	open_and_start();
	anna = member("anna", NULL);
	do_job(anna, sleep_ns, &long_ns);
	do_job(anna, sleep_ns, &long_ns);
	leave(anna);
	close_stage();
	assert_string_equal(heard, "anna:unhealthy/test.job anna:healthy anna:unhealthy/test.job "
				   "anna:stopped ");
}

static void the_limit_can_be_chosen(void **state)
{
	int64_t long_ns = 300 * MS;
	union being_address anna;

	(void)state;
	runtime_options.limit_ns = 200 * MS;
	open_and_start();
	anna = member("anna", NULL);
	do_job(anna, sleep_ns, &long_ns);
	pass(200 * MS);
	assert_string_equal(heard, "");
	pass(20 * MS);
	assert_string_equal(heard, "anna:unhealthy/test.job ");
	leave(anna);
	close_stage();
}

static void there_may_be_no_limit(void **state)
{
	int64_t long_ns = 100 * SECOND;
	union being_address anna;

	(void)state;
	runtime_options.limit_ns = runtime_options.watchdog_ns = ACTOR_FOREVER;
	open_and_start();
	anna = member("anna", NULL);
	do_job(anna, sleep_ns, &long_ns);
	leave(anna);
	close_stage();
	assert_string_equal(heard, "anna:stopped ");
}

/* Who waits keeps no thread. */
static void the_watchdog_leaves_those_alone_who_wait(void **state)
{
	int64_t long_ns = 10 * SECOND;
	union being_address anna;

	(void)state;
	runtime_options.limit_ns = ACTOR_FOREVER;
	open_and_start();
	anna = member("anna", NULL);
	do_job(anna, sleep_ns, &long_ns);
	leave(anna);
	close_stage();
	assert_string_equal(heard, "anna:stopped ");
	assert_string_equal(said, "");
}

static int wait_for_ever(struct actor_context *context, void *user)
{
	(void)user;
	return actor_sleep_until(context, ACTOR_FOREVER);
}

static void time_does_not_pass_for_the_monitor_alone(void **state)
{
	union being_address anna;
	int64_t began_ns;

	(void)state;
	open_and_start();
	anna = member("anna", NULL);
	do_job(anna, wait_for_ever, NULL);
	began_ns = actor_now(here());
	assert_int_equal(actor_runtime_wait(here(), runtime, ACTOR_FOREVER), ACTOR_E_DEADLOCK);
	assert_int_equal(actor_now(here()), began_ns);
	assert_non_null(strstr(said, "[anna: test.job: waits]"));
	actor_executor_close(executor);
	leave(anna);
	close_stage();
}

/* ---- failures */

static struct actor_notice last_failure;

static void keep_failure(void *user, const struct actor_notice *notice)
{
	hear_notice(user, notice);
	if (notice->what == ACTOR_NOTICED_FAILURE)
		last_failure = *notice;
}

static void failures_and_restarts_are_told(void **state)
{
	static struct being anna;
	struct actor_mailbox *mailbox;
	union being_address address;
	struct actor_runtime_list *list;

	(void)state;
	runtime_options.on_notice = keep_failure;
	open_and_start();
	address = restarted(&anna, 2, &mailbox);
	do_job(address, fail_now, "too bad");
	pass(SECOND);
	assert_string_equal(heard, "anna:failed/test.job anna:restarted ");
	assert_string_equal(last_failure.text, "too bad");
	assert_non_null(strstr(last_failure.file, "runtime-fixture.c")); /* fail_now() */
	assert_true(last_failure.line > 0);
	assert_int_equal(last_failure.n_failures, 1);
	assert_true(actor_identity_same(last_failure.identity, identity_of(address)));
	do_job(address, fail_now, "too bad");
	pass(SECOND);
	assert_string_equal(heard, "anna:failed/test.job anna:restarted anna:failed/test.job ");
	assert_int_equal(actor_runtime_list_create(runtime, &list), 0);
	assert_int_equal(list->members[0].state, ACTOR_STATE_FAILED);
	assert_int_equal(list->members[0].n_restarts, 1);
	actor_runtime_list_destroy(list);
	leave(address);
	actor_mailbox_destroy(mailbox);
	close_stage();
	assert_string_equal(heard, "anna:failed/test.job anna:restarted anna:failed/test.job "
				   "anna:stopped ");
}

static int linger_and_fail(struct actor_context *context, void *user)
{
	actor_ignore(sleep_ns(context, user));
	ACTOR_FAIL(context, "at last");
}

static void who_fails_need_not_be_healthy_before(void **state)
{
	int64_t long_ns = 2 * SECOND;
	union being_address anna;

	(void)state;
	open_and_start();
	anna = member("anna", NULL);
	do_job(anna, linger_and_fail, &long_ns);
	leave(anna);
	close_stage();
	assert_string_equal(heard, "anna:unhealthy/test.job anna:failed/test.job anna:stopped ");
}

static void who_begins_anew_is_healthy(void **state)
{
	static struct being anna;
	int64_t long_ns = 2 * SECOND;
	struct actor_mailbox *mailbox;
	union being_address address;

	(void)state;
	open_and_start();
	address = restarted(&anna, 2, &mailbox);
	do_job(address, linger_and_fail, &long_ns);
	pass(5 * SECOND);
	assert_string_equal(heard, "anna:unhealthy/test.job anna:failed/test.job anna:restarted ");
	leave(address);
	actor_mailbox_destroy(mailbox);
	close_stage();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		RUNTIME_TEST(health_changes_at_edges),
		RUNTIME_TEST(who_handles_one_after_the_other_is_healthy),
		RUNTIME_TEST(one_handler_after_the_other_may_be_unhealthy),
		RUNTIME_TEST(the_limit_can_be_chosen),
		RUNTIME_TEST(there_may_be_no_limit),
		RUNTIME_TEST(the_watchdog_leaves_those_alone_who_wait),
		RUNTIME_TEST(time_does_not_pass_for_the_monitor_alone),
		RUNTIME_TEST(failures_and_restarts_are_told),
		RUNTIME_TEST(who_fails_need_not_be_healthy_before),
		RUNTIME_TEST(who_begins_anew_is_healthy),
	};

	return cmocka_run_group_tests_name("runtime-health", tests, NULL, NULL);
}
