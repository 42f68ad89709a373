/* SPDX-License-Identifier: MIT */

/* Runtimes around executors that have a clock of their own, which may say anything, but is what all
 * goes by: ticks come when it says so, and no others. The test's thread runs the tasks. */

#include "actor.h"
#include "pool-fixture.h"

#include <drivers/drivers.h>

#define MS INT64_C(1000000)
#define TICK_NS (10 * MS)
#define YEARS_NS (INT64_C(50) * 365 * 24 * 3600 * 1000 * MS)

static struct queue_driver queue;
static struct actor_driver_ops ops;
static struct actor_executor *driven;
static struct actor_runtime *runtime;
static struct tally unhealthy, ticks;
static int64_t ahead_ns;
static _Atomic int64_t stands_at_ns, n_asked;

void actor__step_tick(void)
{
	tally_add(&ticks, 1);
}

static void hear(void *user, const struct actor_notice *notice)
{
	(void)user;
	if (notice->what == ACTOR_NOTICED_UNHEALTHY)
		tally_add(&unhealthy, 1);
}

static int64_t another_clock(struct actor_driver *driver)
{
	(void)driver;
	atomic_fetch_add(&n_asked, 1);
	return actor__now() + ahead_ns;
}

static int64_t clock_that_stands(struct actor_driver *driver)
{
	(void)driver;
	return atomic_load(&stands_at_ns);
}

static void open_stage(int64_t (*now)(struct actor_driver *driver))
{
	struct actor_runtime_options options = {
		.size = sizeof options,
		.limit_ns = 25 * TICK_NS,
		.watchdog_ns = ACTOR_FOREVER,
		.on_notice = hear,
	};

	unhealthy = ticks = (struct tally)TALLY_INIT;
	queue_driver_init(&queue);
	ops = *queue.driver.ops;
	ops.step = NULL; /* on any thread */
	ops.now = now;
	queue.driver.ops = &ops;
	assert_int_equal(actor_driver_create(&queue.driver, &driven), 0);
	assert_int_equal(actor_runtime_create(driven, &options, &runtime), 0);
	assert_int_equal(actor_runtime_start(runtime), 0);
}

static void run_all(void)
{
	struct actor_task *task;

	while ((task = queue_driver_take(&queue)))
		actor_task_run(task);
}

static void close_stage(void)
{
	assert_int_equal(actor_runtime_destroy(runtime), 0);
	assert_int_equal(actor_executor_join(driven, ACTOR_FOREVER), 0);
	assert_int_equal(actor_executor_destroy(driven), 0);
}

static int wait_for_ever(struct actor_context *context, void *user)
{
	(void)user;
	return actor_sleep_until(context, ACTOR_FOREVER);
}

static void play_with_clock(int64_t is_ahead_ns)
{
	union hand_address hand;
	int64_t began_ns, n_asked_so_far;
	uint64_t n_ticks;

	ahead_ns = is_ahead_ns;
	atomic_store(&n_asked, 0);
	began_ns = actor__now();
	open_stage(another_clock);
	assert_int_equal(ACTOR_SPAWN(hand, actor_runtime_spawner(runtime), NULL, NULL, &hand), 0);
	tell(hand, wait_for_ever, NULL);
	run_all();
	assert_true(tally_wait(&unhealthy, 1));
	n_ticks = tally_count(&ticks);
	n_asked_so_far = atomic_load(&n_asked);
	assert_in_range((actor__now() - began_ns) / TICK_NS, 25, INT64_MAX);
	assert_in_range(n_ticks, 2, (actor__now() - began_ns) / TICK_NS + 1);
	assert_in_range(n_asked_so_far, 0, 50 * (n_ticks + 1)); /* it sleeps in between */
	actor_executor_close(driven);
	run_all();
	actor_address_unref(hand.address);
	assert_int_equal(actor_runtime_wait(here(), runtime, test_deadline()), 0);
	close_stage();
}

static void ticks_come_by_a_clock_that_begins_at_zero(void **state)
{
	(void)state;
	play_with_clock(-actor__now());
}

static void ticks_come_by_a_clock_that_counts_from_long_ago(void **state)
{
	(void)state;
	play_with_clock(YEARS_NS);
}

static void while_no_time_passes_no_tick_comes(void **state)
{
	(void)state;
	atomic_store(&stands_at_ns, 1000 * MS);
	open_stage(clock_that_stands);
	let_pass(50);
	assert_int_equal(tally_count(&ticks), 0);
	for (uint64_t i = 1; i <= 3; i++) {
		atomic_fetch_add(&stands_at_ns, TICK_NS);
		assert_true(tally_wait(&ticks, i));
		let_pass(50);
		assert_int_equal(tally_count(&ticks), i);
	}
	close_stage();
}

#define TEST(name) cmocka_unit_test_teardown(name, test_nothing_held)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(ticks_come_by_a_clock_that_begins_at_zero),
		TEST(ticks_come_by_a_clock_that_counts_from_long_ago),
		TEST(while_no_time_passes_no_tick_comes),
	};

	return cmocka_run_group_tests_name("runtime-driver", tests, NULL, NULL);
}
