/* SPDX-License-Identifier: MIT */

/* How members of runtimes are, in simulations: health, at exact times, failures and restarts. */

#include "runtime-fixture.h"

#include <string.h>

/* ---- health */

static int linger_and_fail(struct actor_context *context, void *user)
{
	actor_ignore(sleep_ns(context, user));
	ACTOR_FAIL(context, "at last");
}

/* What a member has to do, one after the other, and what is heard of it then. */
struct episode {
	int64_t limit_ns;
	int64_t watchdog_ns;
	int64_t jobs_ns[10];
	hand_fn *job;
	const char *heard;
};

static void play_episode(void **state)
{
	struct episode *episode = *state;
	union being_address anna;

	runtime_options.limit_ns = episode->limit_ns;
	runtime_options.watchdog_ns = episode->watchdog_ns;
	open_and_start();
	anna = member("anna", NULL);
	for (unsigned i = 0; i < N_ELEMENTS(episode->jobs_ns) && episode->jobs_ns[i]; i++)
		do_job(anna, episode->job ? episode->job : sleep_ns, &episode->jobs_ns[i]);
	leave(anna);
	close_stage();
	assert_string_equal(heard, episode->heard);
	assert_true(episode->job || !said[0]);
}

#define EPISODE(...) (&(struct episode){ __VA_ARGS__ })
#define EPISODE_TEST(test, ...)                                                                    \
	{                                                                                          \
		.name = #test, .test_func = play_episode, .setup_func = runtime_set_up,            \
		.teardown_func = simulation_tear_down, .initial_state = EPISODE(__VA_ARGS__)       \
	}

static int64_t changed_ns[ACTOR_NOTICED_OVERRUN + 1];

static void keep_time(void *user, const struct actor_notice *notice)
{
	hear_notice(user, notice);
	changed_ns[notice->what] = actor_now(here());
}

/* GO-09: wherever between two ticks it begins. */
static void it_is_never_early_and_two_ticks_late_at_most(void **state)
{
	int64_t long_ns = 2 * SECOND, begin_ns;
	union being_address anna;

	(void)state;
	runtime_options.on_notice = keep_time;
	open_and_start();
	anna = member("anna", NULL);
	for (int64_t offset_ns = 1; offset_ns < 40 * MS; offset_ns += 3 * MS) {
		pass(3 * SECOND + offset_ns);
		begin_ns = actor_now(here());
		do_job(anna, sleep_ns, &long_ns);
		pass(3 * SECOND);
		assert_in_range(changed_ns[ACTOR_NOTICED_UNHEALTHY], begin_ns + SECOND,
				begin_ns + SECOND + 80 * MS);
		assert_in_range(changed_ns[ACTOR_NOTICED_HEALTHY], begin_ns + 2 * SECOND,
				begin_ns + 2 * SECOND + 40 * MS);
	}
	leave(anna);
	close_stage();
}

/* GO-08, GO-10, GO-11: simulations begin at 1 s, the ticks are at 1.04 s, 1.08 s ... */
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
		EPISODE_TEST(who_handles_one_after_the_other_is_healthy, .heard = "anna:stopped ",
			     .jobs_ns = { 700 * MS, 700 * MS, 700 * MS, 700 * MS, 999 * MS }),
		/* It has ended, so it need not be healthy before. */
		EPISODE_TEST(one_handler_after_the_other_may_be_unhealthy,
			     .jobs_ns = { 1500 * MS, 1500 * MS },
			     .heard = "anna:unhealthy/test.job anna:healthy "
				      "anna:unhealthy/test.job anna:stopped "),
		EPISODE_TEST(there_may_be_no_limit, .limit_ns = ACTOR_FOREVER,
			     .watchdog_ns = ACTOR_FOREVER, .jobs_ns = { 100 * SECOND },
			     .heard = "anna:stopped "),
		/* Who waits keeps no thread. */
		EPISODE_TEST(the_watchdog_leaves_those_alone_who_wait, .limit_ns = ACTOR_FOREVER,
			     .jobs_ns = { 10 * SECOND }, .heard = "anna:stopped "),
		EPISODE_TEST(who_fails_need_not_be_healthy_before, .jobs_ns = { 2 * SECOND },
			     .job = linger_and_fail,
			     .heard = "anna:unhealthy/test.job anna:failed/test.job anna:stopped "),
		RUNTIME_TEST(it_is_never_early_and_two_ticks_late_at_most),
		RUNTIME_TEST(health_changes_at_edges),
		RUNTIME_TEST(the_limit_can_be_chosen),
		RUNTIME_TEST(time_does_not_pass_for_the_monitor_alone),
		RUNTIME_TEST(failures_and_restarts_are_told),
		RUNTIME_TEST(who_begins_anew_is_healthy),
	};

	return cmocka_run_group_tests_name("runtime-health", tests, NULL, NULL);
}
