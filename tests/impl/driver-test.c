/* SPDX-License-Identifier: MIT */

/* Executors that somebody else drives: what a driver is told, and what becomes of what it does. The
 * test's own thread is the loop, and runs tasks one by one. */

#include "pool-fixture.h"

#include "context.h"
#include "target.h"
#include "thread.h"
#include "util/memory.h"

#include <drivers/drivers.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---- a driver whose operations can be chosen, around a queue */

static struct queue_driver queue;
static struct actor_driver_ops ops;
static struct actor_executor *driven;
static unsigned n_handled, n_told;
static int64_t clock_ns, started_ns;

static void count_told(struct actor_driver *driver, int64_t deadline_ns)
{
	ACTOR_CONTAINER_OF(driver, struct queue_driver, driver)->wake_ns = deadline_ns;
	n_told++;
}

static int64_t by_the_clock(struct actor_driver *driver)
{
	(void)driver;
	return clock_ns;
}

static int prepare(void **state)
{
	(void)state;
	n_handled = n_told = 0;
	clock_ns = 1000;
	queue_driver_init(&queue);
	ops = *queue.driver.ops;
	ops.wake_at = count_told;
	queue.driver.ops = &ops;
	handled = (struct tally)TALLY_INIT;
	return 0;
}

static void open_driven(void)
{
	assert_int_equal(actor_driver_create(&queue.driver, &driven), 0);
}

static int prepare_and_open(void **state)
{
	prepare(state);
	open_driven();
	return 0;
}

static bool destroy_driven(void)
{
	return actor_executor_join(driven, test_deadline()) == 0 &&
	       actor_executor_destroy(driven) == 0 && queue.n_destroyed == 1;
}

static int end_driven(void **state)
{
	return destroy_driven() ? test_nothing_held(state) : -1;
}

/* Run what is scheduled, and what is scheduled by that: how many tasks. */
static unsigned run_all(void)
{
	struct actor_task *task;
	unsigned n = 0;

	for (; (task = queue_driver_take(&queue)); n++)
		actor_task_run(task);
	return n;
}

static int count_here(struct actor_context *context, void *user)
{
	(void)context, (void)user;
	n_handled++;
	return 0;
}

static void let_go(union hand_address hand)
{
	actor_address_unref(hand.address);
}

/* ---- tasks */

static void a_task_is_an_actor_with_something_to_do(void **state)
{
	union hand_address hand = hand_spawn(driven, NULL, 0);

	(void)state;
	assert_int_equal(run_all(), 1); /* it starts */
	assert_int_equal(run_all(), 0);
	assert_int_equal(hand_send(NULL, hand, count_here, NULL), 0);
	assert_int_equal(hand_send(NULL, hand, count_here, NULL), 0);
	assert_int_equal(n_handled, 0);
	assert_int_equal(run_all(), 1);
	assert_int_equal(n_handled, 2);
	let_go(hand);
	assert_int_equal(run_all(), 1); /* it ends */
	assert_int_equal(actor_executor_join(driven, ACTOR_AT_ONCE), 0);
}

static void assert_bounded_turns(void)
{
	const unsigned n_messages = 100000;
	union hand_address hand = hand_spawn(driven, NULL, ACTOR_UNBOUNDED);
	unsigned n_tasks;

	n_handled = 0;
	for (unsigned i = 0; i < n_messages; i++)
		assert_int_equal(hand_send(NULL, hand, count_here, NULL), 0);
	n_tasks = run_all();
	assert_int_equal(n_handled, n_messages);
	assert_in_range(n_tasks, 10, n_messages / 2 + 1); /* a turn is a matter of time */
	let_go(hand);
	run_all();
}

static int wait_for_the_pool(struct actor_context *context, void *user)
{
	(void)context;
	*(bool *)user = tally_wait(&handled, 1);
	return 0;
}

/* There is no stack for it: it is scheduled again when there may be one. */
static void a_task_without_memory_is_run_later(void **state)
{
	union hand_address hand;

	prepare(state);
	ops.now = by_the_clock;
	open_driven();
	hand = hand_spawn(driven, NULL, 0);
	run_all();
	assert_int_equal(hand_send(NULL, hand, count_here, NULL), 0);
	actor_simulation_fail_nth(1);
	assert_int_equal(run_all(), 1);
	actor_simulation_fail_nth(0);
	assert_int_equal(n_handled, 0);
	assert_int_equal(queue.wake_ns, clock_ns + 1000000);
	clock_ns += 1000000;
	actor_driver_fire(driven);
	assert_int_equal(run_all(), 1);
	assert_int_equal(n_handled, 1);
	let_go(hand);
	run_all();
	assert_true(destroy_driven());
	assert_int_equal(test_nothing_held(state), 0);
}

static void refuse_memory(bool refuse)
{
	actor__memory_refuse_some(refuse, 1);
	actor__thread_ask_always(actor__thread());
}

/* Nobody fires timers any more, and there is no stack. */
static void a_task_without_memory_can_be_done_away_with(void **state)
{
	union hand_address hand = hand_spawn(driven, NULL, 0);

	(void)state;
	run_all();
	assert_int_equal(hand_send(NULL, hand, count_here, NULL), 0);
	refuse_memory(true);
	assert_int_equal(run_all(), 1);
	actor_executor_close(driven);
	actor_task_abandon(queue_driver_take(&queue));
	assert_int_equal(actor_executor_join(driven, ACTOR_AT_ONCE), 0);
	refuse_memory(false);
	assert_int_equal(n_handled, 0);
	let_go(hand);
}

/* See burst.h: who has his turn here may wait for what was made ready before. */
static void a_task_ends_a_burst(void **state)
{
	union hand_address hand = hand_spawn(driven, NULL, 0);
	bool handled_meanwhile = false;

	(void)state;
	pool_open(1);
	actor_burst_begin();
	tell_and_let_go(hand_spawn(pool, NULL, 0), count_handled, NULL);
	assert_int_equal(hand_send(NULL, hand, wait_for_the_pool, &handled_meanwhile), 0);
	run_all();
	assert_true(handled_meanwhile);
	pool_close();
	let_go(hand);
	run_all();
}

static void a_task_is_a_bounded_turn(void **state)
{
	prepare_and_open(state);
	assert_bounded_turns();
	assert_int_equal(end_driven(state), 0);

	prepare(state);
	ops.step = NULL; /* of several threads */
	open_driven();
	assert_bounded_turns();
	assert_int_equal(end_driven(state), 0);
}

struct burst {
	union hand_address to;
	unsigned n;
	unsigned n_meanwhile; /* handled before the last one was sent */
};

static int send_a_burst(struct actor_context *context, void *user)
{
	struct burst *burst = user;

	for (unsigned i = 0; i < burst->n; i++)
		if (hand_send(context, burst->to, count_here, NULL) != 0)
			return -1;
	burst->n_meanwhile = n_handled;
	return 0;
}

static bool nobody_waits(struct actor_driver *driver)
{
	(void)driver;
	return false;
}

static bool gives_way(void)
{
	struct burst burst = { hand_spawn(driven, NULL, ACTOR_UNBOUNDED), 1000, 0 };
	union hand_address sender = hand_spawn(driven, NULL, 0);

	run_all();
	n_handled = 0;
	assert_int_equal(hand_send(NULL, sender, send_a_burst, &burst), 0);
	run_all();
	assert_int_equal(n_handled, burst.n);
	let_go(sender);
	let_go(burst.to);
	run_all();
	return burst.n_meanwhile > 0;
}

static void who_sends_much_gives_way_if_others_wait(void **state)
{
	(void)state;
	assert_true(gives_way());
	ops.others_wait = nobody_waits;
	assert_false(gives_way());
	ops.size = offsetof(struct actor_driver_ops, others_wait); /* of an older driver */
	assert_true(gives_way());
	ops.size = sizeof ops;
}

static void run_a_task_twice(int out)
{
	struct actor_task *task;

	hand_spawn(driven, NULL, 0);
	task = queue_driver_take(&queue);
	signal(SIGABRT, SIG_DFL);
	dup2(out, STDERR_FILENO);
	actor_log_set_sink(actor_log_to_stderr, NULL, ACTOR_LOG_ERROR);
	actor_task_run(task);
	actor_task_run(task);
	_exit(0);
}

static void a_task_that_was_not_scheduled_ends_the_process(void **state)
{
	int status = -1, ends[2];
	char text[500] = "";
	pid_t child;

	(void)state;
	assert_int_equal(pipe(ends), 0);
	child = fork();
	if (child == 0)
		run_a_task_twice(ends[1]);
	close(ends[1]);
	assert_true(child > 0);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(read(ends[0], text, sizeof text - 1) > 0);
	assert_non_null(strstr(text, "once for each time it was scheduled"));
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
	close(ends[0]);
}

/* ---- time */

static int sleep_until(struct actor_context *context, void *user)
{
	int rc = actor_sleep_until(context, *(int64_t *)user);

	n_handled++;
	return rc;
}

static void a_driver_is_told_the_earliest_deadline(void **state)
{
	union hand_address hands[3];
	int64_t deadlines[3] = { 5000, 3000, 9000 };

	prepare(state);
	ops.now = by_the_clock;
	open_driven();
	for (unsigned i = 0; i < 3; i++) {
		hands[i] = hand_spawn(driven, NULL, 0);
		assert_int_equal(hand_send(NULL, hands[i], sleep_until, &deadlines[i]), 0);
		run_all();
		assert_int_equal(queue.wake_ns, i == 0 ? 5000 : 3000);
	}
	assert_int_equal(n_told, 2);

	/* Early is in vain. */
	clock_ns = 2999;
	actor_driver_fire(driven);
	assert_int_equal(run_all(), 0);
	assert_int_equal(n_told, 3);
	assert_int_equal(queue.wake_ns, 3000);

	clock_ns = 3000;
	actor_driver_fire(driven);
	assert_int_equal(n_told, 4);
	assert_int_equal(queue.wake_ns, 5000);
	assert_int_equal(run_all(), 1);
	assert_int_equal(n_handled, 1);

	/* Late is for all whose time has come. */
	clock_ns = 10000;
	actor_driver_fire(driven);
	assert_int_equal(n_told, 4);
	assert_int_equal(run_all(), 2);
	assert_int_equal(n_handled, 3);
	for (unsigned i = 0; i < 3; i++)
		let_go(hands[i]);
	run_all();
	assert_int_equal(end_driven(state), 0);
}

struct post {
	struct target target;
	unsigned n_told; /* meanwhile */
};

static void fire_once_more(struct target *target)
{
	unsigned before = n_told;

	actor_driver_fire(driven); /* another thread, say: in vain */
	ACTOR_CONTAINER_OF(target, struct post, target)->n_told += n_told - before;
}

struct moment {
	char nothing;
};
ACTOR_SIGNAL(moment);
ACTOR_SIGNAL_DEFINE(moment, "test.moment", NULL);

/* It could do nothing, again and again, until that one is done. */
static void while_one_thread_fires_no_other_is_told_to(void **state)
{
	struct post post = { .n_told = 0 };
	struct moment moment = { 0 };

	prepare(state);
	ops.now = by_the_clock;
	open_driven();
	target_init(&post.target);
	post.target.on_post = fire_once_more;
	for (int64_t i = 1; i <= 3; i++)
		assert_int_equal(actor_timer_once(driven, &post.target.base, &moment_type, &moment,
						  clock_ns + i * 1000, NULL),
				 0);
	clock_ns += 2000; /* two are due, and the third is not */
	actor_driver_fire(driven);
	assert_int_equal(atomic_load(&post.target.n_posts), 2);
	assert_int_equal(post.n_told, 0);
	assert_int_equal(queue.wake_ns, clock_ns + 1000); /* by the one that fired */
	clock_ns += 1000;
	actor_driver_fire(driven);
	assert_int_equal(atomic_load(&post.target.n_owners), 1);
	assert_int_equal(end_driven(state), 0);
}

static int64_t an_hour_ago(struct actor_driver *driver)
{
	(void)driver;
	return actor__now() - INT64_C(3600) * 1000000000;
}

static void a_thread_that_waits_sleeps_by_the_drivers_clock(void **state)
{
	int64_t used_ns, deadline_ns;

	prepare(state);
	ops.now = an_hour_ago;
	open_driven();
	deadline_ns = actor_now(here()) + 60000000;
	used_ns = test_thread_time_ns();
	assert_int_equal(actor_sleep_until(here(), deadline_ns), 0);
	used_ns = test_thread_time_ns() - used_ns;
	assert_true(an_hour_ago(NULL) >= deadline_ns);
	assert_in_range(used_ns, 0, 20000000);
	assert_int_equal(end_driven(state), 0);
}

static int64_t from_zero(struct actor_driver *driver)
{
	(void)driver;
	return actor__now() - started_ns;
}

/* Where the driver has threads of its own, too: its clock is years behind the joining thread's. */
static void joining_goes_by_the_drivers_clock(void **state)
{
	union hand_address hand;
	int64_t deadline_ns;

	started_ns = actor__now();
	for (unsigned of_one_thread = 0; of_one_thread < 2; of_one_thread++) {
		prepare(state);
		ops.now = from_zero;
		if (!of_one_thread)
			ops.step = NULL;
		open_driven();
		hand = hand_spawn(driven, NULL, 0);
		run_all();
		deadline_ns = actor_executor_now(driven) + 20000000;
		assert_int_equal(actor_executor_join(driven, ACTOR_AT_ONCE), ACTOR_E_TIMEOUT);
		assert_true(actor_executor_now(driven) < deadline_ns || test_on_valgrind());
		assert_int_equal(actor_executor_join(driven, deadline_ns), ACTOR_E_TIMEOUT);
		assert_true(actor_executor_now(driven) >= deadline_ns);
		let_go(hand);
		run_all();
		assert_int_equal(end_driven(state), 0);
	}
}

static int64_t before_zero(struct actor_driver *driver)
{
	(void)driver;
	return -1;
}

static void a_clock_does_not_begin_before_zero(void **state)
{
	prepare(state);
	ops.now = before_zero;
	assert_int_equal(actor_driver_create(&queue.driver, &driven), ACTOR_E_INVALID);
	assert_int_equal(queue.n_destroyed, 0);
}

/* ---- ends */

static void fire_and_destroy(struct actor_driver *driver)
{
	(void)driver;
	queue.n_destroyed++;
	actor_driver_fire(driven);
}

/* What it may do until it has returned from destroy, as if by another thread: there is a timer
 * that nobody owns and nobody waits for. */
static void a_driver_that_ends_is_told_nothing(void **state)
{
	struct actor_executor *other;
	union hand_address hand;
	struct job job = { count_here, NULL };

	prepare(state);
	ops.destroy = fire_and_destroy;
	open_driven();
	assert_int_equal(pool_create(1, &other), 0);
	hand = hand_spawn(other, NULL, 0);
	assert_int_equal(
		actor_timer_once(driven, hand.address, &job_type, &job, test_deadline(), NULL), 0);
	assert_int_equal(n_told, 1);
	assert_true(destroy_driven());
	assert_int_equal(n_told, 1);
	assert_int_equal(n_handled, 0);
	let_go(hand);
	assert_int_equal(actor_executor_join(other, test_deadline()), 0);
	assert_int_equal(actor_executor_destroy(other), 0);
	assert_int_equal(test_nothing_held(state), 0);
}

static int wait_for_ever(struct actor_context *context, void *user)
{
	*(int *)user = actor_sleep_until(context, ACTOR_FOREVER - 1);
	n_handled++;
	return 0;
}

static void an_abandoned_actor_ends_without_handling_anything(void **state)
{
	struct tally destroyed = TALLY_INIT, stopped = TALLY_INIT;
	struct hand self = { .destroyed = &destroyed, .stopped = &stopped };
	union hand_address hand = hand_spawn(driven, &self, 0);
	struct actor_counts before, after;
	struct actor_future future;
	struct errand errand = { count_here, NULL };
	int answer = 0;

	(void)state;
	actor_counts_get(&before);
	assert_int_equal(hand_send(NULL, hand, count_here, NULL), 0);
	assert_int_equal(ACTOR_CALL_BEGIN(here(), &future, hand, errand, &answer, &errand), 0);
	actor_task_abandon(queue_driver_take(&queue));
	assert_null(queue_driver_take(&queue));
	assert_int_equal(n_handled, 0);
	assert_int_equal(tally_count(&destroyed), 1);
	assert_int_equal(tally_count(&stopped), 0);
	assert_int_equal(actor_future_await(&future, ACTOR_AT_ONCE), ACTOR_E_STOPPED);
	assert_int_equal(hand_send(NULL, hand, count_here, NULL), ACTOR_E_CLOSED);
	actor_counts_get(&after);
	assert_int_equal(after.dead_letters - before.dead_letters, 2);
	assert_int_equal(actor_executor_join(driven, ACTOR_AT_ONCE), 0);
	let_go(hand);
}

struct asker {
	union hand_address other;
	int first, second;
};

static int ask_twice(struct actor_context *context, void *user)
{
	struct asker *asker = user;

	asker->first = hand_call(context, asker->other, count_here, NULL);
	asker->second = actor_sleep_until(context, ACTOR_FOREVER - 1);
	n_handled++;
	return 0;
}

/* It was woken by its answer, and is still to run. */
static void an_abandoned_handler_is_told_and_returns(void **state)
{
	struct tally destroyed = TALLY_INIT;
	struct hand self = { .destroyed = &destroyed };
	union hand_address hand = hand_spawn(driven, &self, 0);
	struct asker asker = { hand_spawn(driven, NULL, 0), 1, 1 };
	struct actor_task *woken;

	(void)state;
	run_all();
	assert_int_equal(hand_send(NULL, hand, ask_twice, &asker), 0);
	actor_task_run(queue_driver_take(&queue)); /* it asks */
	actor_task_run(queue_driver_take(&queue)); /* it is answered */
	woken = queue_driver_take(&queue);
	assert_non_null(woken);
	assert_int_equal(asker.first, 1);
	actor_task_abandon(woken);
	assert_int_equal(asker.first, 0);
	assert_int_equal(asker.second, ACTOR_E_CANCELLED);
	assert_int_equal(n_handled, 2);
	assert_int_equal(tally_count(&destroyed), 1);
	let_go(hand);
	let_go(asker.other);
	run_all();
}

/* As a loop does that has to end at once, whatever its actors are at. */
static void a_loop_that_ends_abandons_all(void **state)
{
	struct tally destroyed = TALLY_INIT;
	struct hand self = { .destroyed = &destroyed };
	union hand_address hands[4];
	struct actor_task *task;
	int waited[2] = { 0, 0 };

	(void)state;
	for (unsigned i = 0; i < 4; i++)
		hands[i] = hand_spawn(driven, &self, 0);
	run_all();
	for (unsigned i = 0; i < 2; i++)
		assert_int_equal(hand_send(NULL, hands[i], wait_for_ever, &waited[i]), 0);
	run_all();
	for (unsigned i = 0; i < 3; i++)
		assert_int_equal(hand_send(NULL, hands[i], count_here, NULL), 0);
	actor_executor_close(driven);
	while ((task = queue_driver_take(&queue)))
		actor_task_abandon(task);
	assert_int_equal(actor_executor_join(driven, ACTOR_AT_ONCE), 0);
	assert_int_equal(tally_count(&destroyed), 4);
	assert_int_equal(waited[0], ACTOR_E_CANCELLED);
	assert_int_equal(waited[1], ACTOR_E_CANCELLED);
	assert_int_equal(n_handled, 2);
	for (unsigned i = 0; i < 4; i++)
		let_go(hands[i]);
}

static char said[500];

static void hear(void *user, const struct actor_log_record *record)
{
	size_t n = strlen(said);

	(void)user;
	snprintf(said + n, sizeof said - n, "[%s: %s]", record->actor ? record->actor->name : "",
		 record->text);
}

/* Nothing is lost, nothing is freed: it may go on. */
static void of_a_driver_that_stops_nothing_ends(void **state)
{
	union hand_address hand = { NULL };
	struct actor_task *task;

	(void)state;
	assert_int_equal(ACTOR_SPAWN(hand, actor_executor_spawner(driven), NULL,
				     ACTOR_OPTIONS(.name = "left"), &hand),
			 0);
	assert_int_equal(hand_send(NULL, hand, count_here, NULL), 0);
	task = queue_driver_take(&queue);
	actor_executor_close(driven);
	assert_int_equal(actor_executor_join(driven, in_ms(5)), ACTOR_E_TIMEOUT);
	said[0] = '\0';
	actor_log_set_sink(hear, NULL, ACTOR_LOG_WARNING);
	assert_int_equal(actor_executor_destroy(driven), ACTOR_E_BUSY);
	actor_log_set_sink(NULL, NULL, ACTOR_LOG_NONE);
	assert_non_null(strstr(said, "[left: "));
	assert_int_equal(queue.n_destroyed, 0);
	actor_task_run(task);
	assert_int_equal(actor_executor_join(driven, ACTOR_AT_ONCE), 0);
	assert_int_equal(n_handled, 0); /* it had been cancelled */
	let_go(hand);
}

/* ---- other threads */

static struct tally entered;
static unsigned n_out; /* not atomic: it has to be seen without */

static void schedule_and_linger(struct actor_driver *driver, struct actor_task *task)
{
	static struct queue_driver plain;

	if (!plain.driver.ops)
		queue_driver_init(&plain);
	plain.driver.ops->schedule(driver, task);
	tally_add(&entered, 1);
	let_pass(20);
	n_out++;
}

static void *release(void *user)
{
	actor_address_unref(user);
	return NULL;
}

/* Whoever schedules the last task may still be in there when that has run. */
static void destroying_waits_for_those_who_schedule(void **state)
{
	union hand_address hand;
	pthread_t thread;

	prepare(state);
	open_driven();
	hand = hand_spawn(driven, NULL, 0);
	run_all();
	ops.schedule = schedule_and_linger;
	entered = (struct tally)TALLY_INIT;
	n_out = 0;
	assert_int_equal(pthread_create(&thread, NULL, release, hand.address), 0);
	assert_true(tally_wait(&entered, 1));
	assert_int_equal(run_all(), 1);
	assert_true(destroy_driven());
	assert_int_equal(n_out, 1);
	pthread_join(thread, NULL); /* which holds what it has released until then */
	assert_int_equal(test_nothing_held(state), 0);
}

static void *release_later(void *user)
{
	let_pass(5);
	return release(user);
}

static void who_waits_is_woken_by_what_other_threads_schedule(void **state)
{
	pthread_t thread;

	(void)state;
	for (unsigned i = 0; i < 5; i++) {
		union hand_address hand = hand_spawn(driven, NULL, 0);

		run_all();
		assert_int_equal(pthread_create(&thread, NULL, release_later, hand.address), 0);
		assert_int_equal(actor_executor_join(driven, test_deadline()), 0);
		pthread_join(thread, NULL);
	}
}

static void *step_elsewhere(void *user)
{
	int *rcs = user;

	rcs[0] = actor_executor_join(driven, ACTOR_AT_ONCE);
	rcs[1] = actor_executor_destroy(driven);
	return NULL;
}

static void only_its_thread_ends_it(void **state)
{
	pthread_t thread;
	int rcs[2] = { 0, 0 };

	(void)state;
	assert_int_equal(pthread_create(&thread, NULL, step_elsewhere, rcs), 0);
	pthread_join(thread, NULL);
	assert_int_equal(rcs[0], ACTOR_E_INVALID);
	assert_int_equal(rcs[1], ACTOR_E_INVALID);
}

/* ---- on somebody else's stack */

static int run_all_in_handler(struct actor_context *context, void *user)
{
	(void)context;
	*(unsigned *)user = run_all();
	tally_add(&handled, 1);
	return 0;
}

/* The handler of a pool is a thread like any other to a driver: it gets its stack back each time,
 * and the pool's loop is not entered from there. */
static void tasks_may_be_run_in_a_handler_of_a_pool(void **state)
{
	union hand_address hand, callee;
	struct asker asker;
	unsigned n = 0;

	prepare(state);
	ops.step = NULL; /* on any thread */
	open_driven();
	pool_open(1);
	hand = hand_spawn(driven, NULL, 0);
	callee = hand_spawn(driven, NULL, 0);
	asker = (struct asker){ callee, 1, 1 };
	run_all();
	assert_int_equal(hand_send(NULL, hand, ask_twice, &asker), 0);
	tell_and_let_go(hand_spawn(pool, NULL, 0), run_all_in_handler, &n);
	tell_and_let_go(hand_spawn(pool, NULL, 0), count_handled, NULL);
	assert_true(tally_wait(&handled, 2));
	pool_close();
	assert_int_equal(n, 3); /* asks, answers, waits again */
	assert_int_equal(asker.first, 0);
	actor_executor_close(driven);
	run_all();
	assert_int_equal(asker.second, ACTOR_E_CANCELLED);
	let_go(hand);
	let_go(callee);
	assert_int_equal(end_driven(state), 0);
}

/* ---- making one */

static int fire_without_memory(struct actor_context *context, void *user)
{
	(void)context, (void)user;
	refuse_memory(true);
	run_all();
	for (unsigned i = 0; i < 20; i++) {
		clock_ns += 128000000;
		actor_driver_fire(driven);
		run_all();
	}
	refuse_memory(false);
	tally_add(&handled, 1);
	return 0;
}

/* The stack of a handler that fires is nobody else's: so who waits for one fails at last. */
static void timers_may_be_fired_in_a_handler_of_a_pool(void **state)
{
	union hand_address hand;

	prepare(state);
	ops.step = NULL;
	ops.now = by_the_clock;
	open_driven();
	pool_open(1);
	hand = hand_spawn(driven, NULL, 0);
	assert_int_equal(hand_send(NULL, hand, count_here, NULL), 0);
	tell_and_let_go(hand_spawn(pool, NULL, 0), fire_without_memory, NULL);
	assert_true(tally_wait(&handled, 1));
	pool_close();
	assert_int_equal(hand_send(NULL, hand, count_here, NULL), ACTOR_E_CLOSED);
	assert_int_equal(n_handled, 0);
	let_go(hand);
	assert_true(destroy_driven());
	assert_int_equal(test_nothing_held(state), 0);
}

static int create_in_handler(struct actor_context *context, void *user)
{
	struct actor_executor *executor;

	(void)context;
	*(int *)user = actor_driver_create(&queue.driver, &executor);
	return 0;
}

static void it_is_made_where_it_can_run(void **state)
{
	struct actor_executor *executor = NULL;
	struct queue_driver other;
	struct actor_driver_ops lacking;
	union hand_address hand;
	int rc = 0;

	(void)state;
	queue_driver_init(&other);
	assert_int_equal(actor_driver_create(&other.driver, &executor), ACTOR_E_BUSY);
	assert_int_equal(actor_local_create(&executor), ACTOR_E_BUSY);
	lacking = *other.driver.ops;
	other.driver.ops = &lacking;
	lacking.wake_at = NULL;
	assert_int_equal(actor_driver_create(&other.driver, &executor), ACTOR_E_INVALID);
	lacking.wake_at = ops.wake_at;
	lacking.size = offsetof(struct actor_driver_ops, wake_at);
	assert_int_equal(actor_driver_create(&other.driver, &executor), ACTOR_E_INVALID);
	assert_int_equal(actor_driver_create(NULL, &executor), ACTOR_E_INVALID);
	assert_null(executor);
	hand = hand_spawn(driven, NULL, 0);
	assert_int_equal(hand_send(NULL, hand, create_in_handler, &rc), 0);
	run_all();
	assert_int_equal(rc, ACTOR_E_INVALID);
	let_go(hand);
	run_all();
	assert_int_equal(end_driven(state), 0);
	/* When it has gone there may be another. */
	assert_null(actor_spawner(here()));
	prepare_and_open(state);
	assert_ptr_equal(actor_spawner(here()), actor_executor_spawner(driven));
}

#define DRIVER_TEST(test) cmocka_unit_test_setup_teardown(test, prepare_and_open, end_driven)

int main(void)
{
	const struct CMUnitTest tests[] = {
		/* First: a process that is forked off has no stacks that thread sanitizers
		 * would have to know again. */
		DRIVER_TEST(a_task_that_was_not_scheduled_ends_the_process),
		DRIVER_TEST(a_task_is_an_actor_with_something_to_do),
		cmocka_unit_test(a_task_without_memory_is_run_later),
		DRIVER_TEST(a_task_without_memory_can_be_done_away_with),
		DRIVER_TEST(a_task_ends_a_burst),
		cmocka_unit_test(a_task_is_a_bounded_turn),
		DRIVER_TEST(who_sends_much_gives_way_if_others_wait),
		cmocka_unit_test(a_driver_is_told_the_earliest_deadline),
		cmocka_unit_test(while_one_thread_fires_no_other_is_told_to),
		cmocka_unit_test(a_thread_that_waits_sleeps_by_the_drivers_clock),
		cmocka_unit_test(joining_goes_by_the_drivers_clock),
		cmocka_unit_test(a_clock_does_not_begin_before_zero),
		cmocka_unit_test(a_driver_that_ends_is_told_nothing),
		DRIVER_TEST(an_abandoned_actor_ends_without_handling_anything),
		DRIVER_TEST(an_abandoned_handler_is_told_and_returns),
		DRIVER_TEST(a_loop_that_ends_abandons_all),
		DRIVER_TEST(of_a_driver_that_stops_nothing_ends),
		cmocka_unit_test(destroying_waits_for_those_who_schedule),
		DRIVER_TEST(who_waits_is_woken_by_what_other_threads_schedule),
		DRIVER_TEST(only_its_thread_ends_it),
		cmocka_unit_test(tasks_may_be_run_in_a_handler_of_a_pool),
		cmocka_unit_test(timers_may_be_fired_in_a_handler_of_a_pool),
		DRIVER_TEST(it_is_made_where_it_can_run),
	};

	return cmocka_run_group_tests_name("driver", tests, NULL, NULL);
}
