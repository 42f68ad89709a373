/* SPDX-License-Identifier: MIT */

/* Messages that fail their actor and are handled again: on a local executor, step by step. What is
 * sent fails its actor as often as the test says. */

#include "test.h"

#include <string.h>
#include <thread-per-actor.h>

struct task {
	char name;
	int *n_owned; /* counts those that own something */
};
ACTOR_SIGNAL(task);

static void task_drop(void *message)
{
	struct task *task = message;

	if (task->n_owned)
		--*task->n_owned;
}
ACTOR_SIGNAL_DEFINE(task, "test.task", task_drop);

struct query {
	char name;
};
ACTOR_MESSAGE(query, int);
ACTOR_MESSAGE_DEFINE(query, "test.query", NULL, NULL);

#define WORKER_MESSAGES(CALL, SEND, X)                                                             \
	CALL(X, query)                                                                             \
	SEND(X, task)
ACTOR_DECLARE(worker, WORKER_MESSAGES);

struct worker {
	int unused;
};

static struct actor_executor *executor;
static struct worker_mailbox mailbox;
static union worker_address worker;
static struct worker state;
static int n_owned, n_failures_to_come, n_failures_in_started, n_restarts;
static bool waits_first, waits_long, is_to_fail_unheard;
static enum { RETURN, FAIL, CANCEL } when_told;
static char said[200], told_type[40];
static int64_t dead_letters_before;

static void say(char what)
{
	size_t n = strlen(said);

	assert_true(n + 1 < sizeof said);
	said[n] = what;
}

/* More than once. */
static void hear_that_it_is_to_fail(struct actor_context *context)
{
	for (int i = 0; i < 2; i++)
		if (actor_sleep_until(context, ACTOR_FOREVER) != ACTOR_E_CANCELLED)
			say('?');
	say('!');
	if (when_told == FAIL)
		ACTOR_FAIL(context, "as it was told");
	if (when_told == CANCEL)
		actor_mailbox_cancel(mailbox.mailbox);
}

static void handle(char name, struct actor_context *context)
{
	say(name);
	if (waits_first)
		actor_ignore(actor_sleep_until(context, actor_now(context) + 1));
	if (waits_long) {
		hear_that_it_is_to_fail(context);
		return;
	}
	if (is_to_fail_unheard)
		actor_mailbox_fail(mailbox.mailbox);
	if (n_failures_to_come > 0) {
		n_failures_to_come--;
		ACTOR_FAIL(context, "as told");
	}
}

static void worker_on_task(struct worker *self, struct task *message, struct actor_context *context)
{
	(void)self;
	handle(message->name, context);
}

static int worker_on_query(struct worker *self, struct query *message,
			   struct actor_context *context)
{
	(void)self;
	handle(message->name, context);
	return 7;
}

static void on_started(struct worker *self, struct actor_context *context)
{
	(void)self;
	say('(');
	if (n_failures_in_started > 0) {
		n_failures_in_started--;
		ACTOR_FAIL(context, "in started");
	}
}
ACTOR_DEFINE(worker, WORKER_MESSAGES, on_started, NULL, NULL);

/* ---- around each test ---- */

static void on_end(void *user, struct actor_end *end)
{
	(void)user;
	if (end->how != ACTOR_ENDED_FAILED)
		return;
	say(')');
	snprintf(told_type, sizeof told_type, "%s",
		 end->failure->message_type ? end->failure->message_type : "");
	if (end->mailbox && n_restarts-- > 0)
		assert_int_equal(ACTOR_MAILBOX_START(worker, mailbox, &state, on_end, NULL), 0);
}

static void start(void)
{
	assert_int_equal(ACTOR_MAILBOX_START(worker, mailbox, &state, on_end, NULL), 0);
}

static void run(void)
{
	assert_int_equal(actor_local_run(executor), 0);
}

static void make(size_t capacity, unsigned n_attempts)
{
	assert_int_equal(ACTOR_MAILBOX_CREATE(worker, actor_executor_spawner(executor),
					      ACTOR_OPTIONS(.capacity = capacity), &mailbox),
			 0);
	worker = ACTOR_MAILBOX_ADDRESS(worker, mailbox);
	if (n_attempts > 0)
		assert_int_equal(actor_mailbox_set_attempts(mailbox.mailbox, n_attempts), 0);
}

static int try_task(char name)
{
	struct task task = { name, &n_owned };
	int rc;

	n_owned++;
	rc = ACTOR_TRY_SEND(worker, task, &task);
	task_drop(&task); /* unless it was moved */
	return rc;
}

static void send_tasks(const char *names)
{
	for (; *names; names++)
		assert_int_equal(try_task(*names), 0);
}

static int64_t n_dead_letters(void)
{
	struct actor_counts counts;

	actor_counts_get(&counts);
	return counts.dead_letters - dead_letters_before;
}

static int set_up(void **state_)
{
	(void)state_;
	memset(said, 0, sizeof said);
	n_owned = n_failures_to_come = n_failures_in_started = 0;
	n_restarts = 1000;
	waits_first = waits_long = is_to_fail_unheard = false;
	when_told = RETURN;
	told_type[0] = '\0';
	dead_letters_before = 0;
	dead_letters_before = n_dead_letters();
	return actor_local_create(&executor);
}

static int tear_down(void **state_)
{
	actor_address_unref(worker.address);
	actor_mailbox_destroy(mailbox.mailbox);
	assert_int_equal(actor_executor_join(executor, ACTOR_FOREVER), 0);
	assert_int_equal(actor_executor_destroy(executor), 0);
	assert_int_equal(n_owned, 0);
	return test_nothing_held(state_);
}

/* ---- the tests; parentheses are runs ---- */

/* What becomes of a, b and c, when so many of the first handlers fail. */
static void assert_course(size_t capacity, unsigned n_attempts, int n_failures,
			  const char *expected, int64_t n_expected_letters)
{
	struct actor_context *context = actor_thread_context();

	make(capacity, n_attempts);
	n_failures_to_come = n_failures;
	send_tasks("abc");
	start();
	run();
	while (waits_first && strlen(said) < strlen(expected))
		assert_int_equal(actor_sleep_until(context, actor_now(context) + 1000), 0);
	assert_string_equal(said, expected);
	assert_int_equal(n_dead_letters(), n_expected_letters);
}

static void what_failed_its_actor_is_handled_again_first(void **state_)
{
	(void)state_;
	assert_course(0, 3, 2, "(a)(a)(abc", 0);
}

static void failed_too_often_it_is_a_dead_letter(void **state_)
{
	(void)state_;
	assert_course(0, 3, 3, "(a)(a)(a)(bc", 1);
	/* Those that follow have all their attempts. */
	n_failures_to_come = 5;
	send_tasks("de");
	run();
	assert_string_equal(said, "(a)(a)(a)(bcd)(d)(d)(e)(e)(e");
	assert_int_equal(n_dead_letters(), 2);
}

static void only_failures_in_a_row_count(void **state_)
{
	(void)state_;
	make(0, 2);
	start();
	for (int i = 0; i < 3; i++) {
		n_failures_to_come = 1;
		send_tasks("a");
		run();
	}
	assert_string_equal(said, "(a)(aa)(aa)(a");
	assert_int_equal(n_dead_letters(), 0);
}

static void it_makes_no_difference_whether_it_waits_before(void **state_)
{
	(void)state_;
	waits_first = true;
	assert_course(0, 2, 3, "(a)(a)(b)(bc", 1);
}

static void the_caller_of_one_learns_at_once(void **state_)
{
	int answer;

	(void)state_;
	make(0, 3);
	start();
	n_failures_to_come = 1;
	assert_int_equal(
		ACTOR_CALL(actor_thread_context(), worker, query, &answer, &(struct query){ 'q' }),
		ACTOR_E_STOPPED);
	run();
	assert_string_equal(said, "(q)(");
	/* The same, when nobody waits: it is a message like any other. */
	n_failures_to_come = 1;
	assert_int_equal(ACTOR_TRY_SEND(worker, query, &(struct query){ 'r' }), 0);
	run();
	assert_string_equal(said, "(q)(r)(r");
	assert_int_equal(n_dead_letters(), 0);
}

static void by_default_it_is_gone(void **state_)
{
	(void)state_;
	assert_course(0, 0, 1, "(a)(bc", 0);
}

static void the_bound_is_as_before(void **state_)
{
	(void)state_;
	make(2, 2);
	n_failures_to_come = 1;
	n_restarts = 0;
	send_tasks("ab");
	assert_int_equal(try_task('-'), ACTOR_E_FULL);
	start();
	run();
	/* What has failed is in the mailbox again; there was room for one more meanwhile. */
	assert_int_equal(try_task('-'), ACTOR_E_FULL);
	start();
	run();
	assert_string_equal(said, "(a)(ab");
	send_tasks("cd");
	assert_int_equal(try_task('-'), ACTOR_E_FULL);
	run();
	assert_string_equal(said, "(a)(abcd");
}

static void wake(struct actor_waiter *waiter)
{
	(void)waiter;
}

static void who_waits_for_room_gets_it(void **state_)
{
	struct task task = { 'c', &n_owned };
	struct actor_waiter waiter;

	(void)state_;
	make(1, 2);
	n_failures_to_come = 1;
	n_restarts = 0;
	send_tasks("a");
	actor_waiter_init(&waiter, wake);
	n_owned++;
	assert_int_equal(actor_address_post(worker.address, &task_type, &task, NULL, &waiter),
			 ACTOR_E_FULL);
	start();
	run(); /* its room is granted, and taken; then what failed comes back */
	assert_int_equal(actor_address_post(worker.address, &task_type, &task, NULL, &waiter), 0);
	assert_int_equal(try_task('-'), ACTOR_E_FULL);
	start();
	run();
	assert_string_equal(said, "(a)(ac");
	send_tasks("d");
	assert_int_equal(try_task('-'), ACTOR_E_FULL);
	run();
	assert_string_equal(said, "(a)(acd");
}

static void without_a_bound_it_is_the_same(void **state_)
{
	(void)state_;
	assert_course(ACTOR_UNBOUNDED, 2, 3, "(a)(a)(b)(bc", 1);
}

static void started_may_fail_in_between(void **state_)
{
	(void)state_;
	make(0, 2);
	n_failures_to_come = 1;
	send_tasks("ab");
	n_restarts = 0;
	start();
	run();
	n_restarts = 1000;
	n_failures_in_started = 3;
	start();
	run();
	assert_string_equal(said, "(a)()()()(ab");
	assert_int_equal(n_dead_letters(), 0);
}

static void fail_once(void)
{
	n_failures_to_come = 1;
	n_restarts = 0;
	send_tasks("ab");
	start();
	run();
	assert_string_equal(said, "(a)");
}

static void stopped_now_it_is_dropped(void **state_)
{
	(void)state_;
	make(0, 2);
	fail_once();
	assert_int_equal(actor_address_stop(worker.address, ACTOR_STOP_NOW), 0);
	start();
	run();
	assert_string_equal(said, "(a)(");
	assert_int_equal(n_owned, 0);
	assert_int_equal(n_dead_letters(), 2);
}

static void drained_it_is_handled_again(void **state_)
{
	(void)state_;
	make(0, 2);
	fail_once();
	assert_int_equal(actor_address_stop(worker.address, ACTOR_STOP_DRAIN), 0);
	start();
	run();
	assert_string_equal(said, "(a)(ab");
	assert_int_equal(n_dead_letters(), 0);
}

static void given_up_it_is_dropped(void **state_)
{
	(void)state_;
	make(0, 2);
	fail_once();
	actor_mailbox_destroy(mailbox.mailbox);
	mailbox.mailbox = NULL;
	assert_int_equal(n_owned, 0);
	assert_int_equal(n_dead_letters(), 2);
}

static void a_pause_keeps_it(void **state_)
{
	(void)state_;
	make(0, 2);
	fail_once();
	assert_int_equal(actor_address_pause(worker.address), 0);
	start();
	run();
	assert_string_equal(said, "(a)(");
	n_failures_to_come = 2;
	n_restarts = 1000;
	assert_int_equal(actor_address_resume(worker.address), 0);
	run();
	/* Its second failure is its last; that of the other is its first. */
	assert_string_equal(said, "(a)(a)(b)(b");
	assert_int_equal(n_dead_letters(), 1);
}

static void its_owner_has_it_fail_in_between(void **state_)
{
	(void)state_;
	make(0, 2);
	fail_once();
	assert_int_equal(actor_address_pause(worker.address), 0);
	start();
	run();
	assert_int_equal(actor_mailbox_fail(mailbox.mailbox), 0);
	run();
	assert_string_equal(said, "(a)()");
	start();
	run();
	assert_string_equal(said, "(a)()("); /* it still pauses */
	n_failures_to_come = 1;
	n_restarts = 1000;
	assert_int_equal(actor_address_resume(worker.address), 0);
	run();
	/* Between two failures of its own it has lost no attempt, and got no other. */
	assert_string_equal(said, "(a)()(a)(b");
	assert_int_equal(n_dead_letters(), 1);
}

/* ---- what its owner has it fail at ---- */

/* While it waits with the first message in hand. */
static void have_it_fail(const char *names)
{
	waits_long = true;
	send_tasks(names);
	start();
	run();
	assert_int_equal(actor_mailbox_fail(mailbox.mailbox), 0);
	waits_long = false;
}

static void assert_not_blamed(size_t capacity)
{
	make(capacity, 2);
	have_it_fail("ab");
	run();
	assert_string_equal(said, "(a!)(ab");
	assert_int_equal(n_dead_letters(), 0);
}

static void what_is_in_hand_is_handled_again_first(void **state_)
{
	(void)state_;
	assert_not_blamed(2);
	assert_string_equal(told_type, "");
}

static void also_if_its_handler_fails_then(void **state_)
{
	(void)state_;
	when_told = FAIL;
	assert_not_blamed(2);
	assert_string_equal(told_type, "test.task");
}

static void also_without_a_bound(void **state_)
{
	(void)state_;
	assert_not_blamed(ACTOR_UNBOUNDED);
}

/* Such a message is freed in another way. */
static void also_if_it_owns_nothing(void **state_)
{
	(void)state_;
	make(0, 2);
	assert_int_equal(ACTOR_TRY_SEND(worker, query, &(struct query){ 'q' }), 0);
	have_it_fail("a");
	run();
	assert_string_equal(said, "(q!)(qa");
}

static void also_while_it_drains(void **state_)
{
	(void)state_;
	make(0, 2);
	have_it_fail("ab");
	assert_int_equal(actor_address_stop(worker.address, ACTOR_STOP_DRAIN), 0);
	run();
	assert_string_equal(said, "(a!)(ab");
	assert_int_equal(n_dead_letters(), 0);
}

/* It has failed its actor once before, and may twice more. */
static void assert_attempts_kept(void)
{
	make(0, 3);
	n_failures_to_come = 1;
	n_restarts = 0;
	send_tasks("ab");
	start();
	run();
	have_it_fail("");
	run();
	assert_string_equal(said, "(a)(a!)");
	n_failures_to_come = 2;
	n_restarts = 1000;
	start();
	run();
	assert_string_equal(said, "(a)(a!)(a)(a)(b");
	assert_int_equal(n_dead_letters(), 1);
}

static void it_keeps_the_attempts_that_it_had(void **state_)
{
	(void)state_;
	assert_attempts_kept();
}

static void also_those_of_a_handler_that_fails_then(void **state_)
{
	(void)state_;
	when_told = FAIL;
	assert_attempts_kept();
}

static void by_default_it_is_gone_then_too(void **state_)
{
	(void)state_;
	make(0, 0);
	have_it_fail("ab");
	run();
	assert_string_equal(said, "(a!)(b");
	assert_int_equal(n_dead_letters(), 0);
}

static void a_call_in_hand_is_over_then(void **state_)
{
	struct query query = { 'q' };
	struct actor_future future;
	int answer;

	(void)state_;
	make(0, 2);
	assert_int_equal(
		ACTOR_CALL_BEGIN(actor_thread_context(), &future, worker, query, &answer, &query),
		0);
	have_it_fail("a");
	run();
	assert_int_equal(actor_future_await(&future, ACTOR_FOREVER), ACTOR_E_STOPPED);
	assert_string_equal(said, "(q!)(a");
}

/* Nothing has told its handler. */
static void what_has_been_handled_is_not_handled_again(void **state_)
{
	(void)state_;
	make(0, 2);
	is_to_fail_unheard = true;
	send_tasks("ab");
	start();
	run();
	assert_string_equal(said, "(a)(b)(");
}

static void cancelled_then_it_is_handled_no_more(void **state_)
{
	(void)state_;
	make(0, 2);
	have_it_fail("ab");
	actor_mailbox_cancel(mailbox.mailbox);
	run();
	assert_string_equal(said, "(a!");
	assert_int_equal(n_owned, 0);
	assert_int_equal(n_dead_letters(), 1);
}

static void cancelled_later_it_is_a_dead_letter(void **state_)
{
	(void)state_;
	when_told = CANCEL;
	make(0, 2);
	have_it_fail("ab");
	run();
	assert_string_equal(said, "(a!");
	assert_int_equal(n_owned, 0);
	assert_int_equal(n_dead_letters(), 2);
}

/* ---- where not ---- */

static void where_it_cannot_be_it_is_refused(void **state_)
{
	const struct actor_queue_options options = { .size = sizeof options };
	struct actor_spawner *spawner = actor_executor_spawner(executor);
	struct actor_tpa *other;
	struct actor_mailbox *unable;
	struct actor_channel *channel;

	(void)state_;
	make(0, ACTOR_MOST_ATTEMPTS);
	assert_int_equal(actor_mailbox_set_attempts(mailbox.mailbox, 0), ACTOR_E_INVALID);
	assert_int_equal(actor_mailbox_set_attempts(mailbox.mailbox, ACTOR_MOST_ATTEMPTS + 1),
			 ACTOR_E_INVALID);
	start();
	assert_int_equal(actor_mailbox_set_attempts(mailbox.mailbox, 2), ACTOR_E_BUSY);
	run();
	assert_int_equal(actor_mailbox_set_attempts(mailbox.mailbox, 2), ACTOR_E_BUSY);

	assert_int_equal(actor_queue_create(&options, &channel), 0);
	assert_int_equal(actor_channel_mailbox(spawner, &worker_behavior, NULL, channel, &unable),
			 0);
	actor_channel_unref(channel);
	assert_int_equal(actor_mailbox_set_attempts(unable, 2), ACTOR_E_UNSUPPORTED);
	actor_mailbox_destroy(unable);

	assert_int_equal(actor_tpa_create(&other), 0);
	assert_int_equal(
		actor_mailbox_create(actor_tpa_spawner(other), &worker_behavior, NULL, &unable), 0);
	assert_int_equal(actor_mailbox_set_attempts(unable, 2), ACTOR_E_UNSUPPORTED);
	actor_mailbox_destroy(unable);
	assert_int_equal(actor_tpa_destroy(other), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_failed_its_actor_is_handled_again_first),
		TEST(failed_too_often_it_is_a_dead_letter),
		TEST(only_failures_in_a_row_count),
		TEST(it_makes_no_difference_whether_it_waits_before),
		TEST(the_caller_of_one_learns_at_once),
		TEST(by_default_it_is_gone),
		TEST(the_bound_is_as_before),
		TEST(who_waits_for_room_gets_it),
		TEST(without_a_bound_it_is_the_same),
		TEST(started_may_fail_in_between),
		TEST(stopped_now_it_is_dropped),
		TEST(drained_it_is_handled_again),
		TEST(given_up_it_is_dropped),
		TEST(a_pause_keeps_it),
		TEST(its_owner_has_it_fail_in_between),
		TEST(what_is_in_hand_is_handled_again_first),
		TEST(also_if_its_handler_fails_then),
		TEST(also_without_a_bound),
		TEST(also_if_it_owns_nothing),
		TEST(also_while_it_drains),
		TEST(it_keeps_the_attempts_that_it_had),
		TEST(also_those_of_a_handler_that_fails_then),
		TEST(by_default_it_is_gone_then_too),
		TEST(a_call_in_hand_is_over_then),
		TEST(what_has_been_handled_is_not_handled_again),
		TEST(cancelled_then_it_is_handled_no_more),
		TEST(cancelled_later_it_is_a_dead_letter),
		TEST(where_it_cannot_be_it_is_refused),
	};

	actor_log_set_sink(NULL, NULL, ACTOR_LOG_NONE);
	return cmocka_run_group_tests_name("attempts", tests, NULL, NULL);
}
