/* SPDX-License-Identifier: MIT */

/* Workers that share a channel, on several threads: they work at the same time, lose nothing. */

#include "shared-fixture.h"

#include <sched.h>
#include <stdlib.h>

static struct tally go_on;

static int open_pool(void **state)
{
	(void)state;
	go_on = (struct tally)TALLY_INIT;
	return pool_create(3, &executor) != 0 ? -1 : share_queue();
}

#define POOL_TEST(test) cmocka_unit_test_setup_teardown(test, open_pool, close_executor)

static int lie_in_wait(struct actor_context *context, void *user)
{
	(void)context;
	tally_add(&handled, 1);
	return tally_wait(user, 1) ? 0 : -1;
}

/* As many at a time as there are workers and threads. */
static void they_work_at_the_same_time(void **state)
{
	(void)state;
	start_all();
	for (size_t i = 0; i < N_WORKERS; i++)
		order(hands, lie_in_wait, &go_on);
	assert_true(tally_wait(&handled, N_WORKERS));
	tally_add(&go_on, 1);
	let_go();
	assert_all_ended(ACTOR_ENDED_STOPPED);
}

static void what_is_disabled_wakes_all_when_it_is_enabled(void **state)
{
	(void)state;
	actor_channel_disable(queue);
	start_all();
	for (size_t i = 0; i < N_WORKERS; i++)
		order(hands, lie_in_wait, &go_on);
	assert_int_equal(tally_count(&handled), 0);
	actor_channel_enable(queue);
	assert_true(tally_wait(&handled, N_WORKERS)); /* all at the same time */
	tally_add(&go_on, 1);
}

/* L-29, H-13: together they keep to it, and handle all before they end. */
static void they_share_a_throttle(void **state)
{
	struct actor_channel *inner = NULL, *slow = NULL;

	(void)state;
	assert_int_equal(actor_queue_create(NULL, &inner), 0);
	assert_int_equal(actor_throttle_create(inner, 1, 1000000, &slow), 0);
	actor_channel_unref(inner);
	share_another(slow);
	assert_string_equal(actor_address_name(hands.address), "");
	start_all();
	for (unsigned i = 0; i < 10; i++)
		order(hands, count_handled, NULL);
	let_go();
	assert_all_ended(ACTOR_ENDED_STOPPED);
	assert_int_equal(tally_count(&handled), 10);
}

struct crowd {
	unsigned n_each;
	atomic_uint n_refused;
};

static void crowd_send(void *user, unsigned index)
{
	struct crowd *crowd = user;

	(void)index;
	for (unsigned i = 0; i < crowd->n_each; i++)
		if ((i % 4 ? hand_send(here(), hands, count_handled, NULL)
			   : hand_call(here(), hands, count_handled, NULL)) != 0)
			atomic_fetch_add(&crowd->n_refused, 1);
}

/* With little room: each message is handled once, and nobody is left waiting. */
static void a_crowd_is_served(void **state)
{
	struct crowd crowd = { .n_each = test_times(8000) };

	(void)state;
	start_all();
	crew_run(3, crowd_send, &crowd);
	assert_int_equal(crowd.n_refused, 0);
	let_go();
	assert_all_ended(ACTOR_ENDED_STOPPED);
	assert_int_equal(tally_count(&handled), 3 * crowd.n_each);
}

static atomic_uint n_busy;

static void send_or_come_and_go(void *user, unsigned index)
{
	if (index < 2) {
		crowd_send(user, index);
		atomic_fetch_sub(&n_busy, 1);
		return;
	}
	/* One is always there: the first. */
	for (unsigned i = 0; atomic_load(&n_busy) > 0; i++) {
		struct actor_address *address;

		if (!workers[1]) {
			if (actor_shared_mailbox(shared, actor_executor_spawner(executor), NULL,
						 &workers[1]) != 0)
				abort();
			actor_ignore(actor_mailbox_start(workers[1], NULL, NULL, NULL));
		}
		address = actor_mailbox_address(workers[1]);
		sched_yield();
		actor_ignore(actor_address_pause(address));
		sched_yield();
		actor_ignore(actor_address_resume(address));
		actor_ignore(actor_address_stop(address, ACTOR_STOP_DRAIN));
		actor_address_unref(address);
		actor_mailbox_detach(workers[1]);
		workers[1] = NULL;
	}
}

/* Workers that drain lose nothing, and leave nobody waiting, whoever comes and goes. */
static void workers_come_and_go_while_it_is_used(void **state)
{
	struct crowd crowd = { .n_each = test_times(4000) };

	(void)state;
	hire(0);
	start(0);
	atomic_store(&n_busy, 2);
	crew_run(3, send_or_come_and_go, &crowd);
	assert_int_equal(crowd.n_refused, 0);
	let_go();
	assert_ended(0, ACTOR_ENDED_STOPPED);
	assert_int_equal(actor_executor_join(executor, test_deadline()), 0);
	assert_int_equal(tally_count(&handled), 2 * crowd.n_each);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		POOL_TEST(they_work_at_the_same_time),
		POOL_TEST(what_is_disabled_wakes_all_when_it_is_enabled),
		POOL_TEST(they_share_a_throttle),
		POOL_TEST(a_crowd_is_served),
		POOL_TEST(workers_come_and_go_while_it_is_used),
	};

	return cmocka_run_group_tests_name("shared-pool", tests, NULL, NULL);
}
