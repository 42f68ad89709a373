/* SPDX-License-Identifier: MIT */

/* Alarms: whoever waits for one misses no ring, and lets others have a turn. */

#include "alarm.h"

#include <actor-impl/pause.h>
#include <actor-impl/thread.h>
#include <impl/local-fixture.h>
#include <sched.h>

static struct actor__alarm alarm_;

/* ---- an actor aside, which has the waiter go on */

static void on_nudge(void *self, void *message, struct actor_reply **reply,
		     struct actor_context *context)
{
	(void)self, (void)message, (void)reply, (void)context;
	actor__alarm_nudged(&alarm_);
}

static const struct actor_handler handlers[] = { { &actor__nudge_type, on_nudge } };

static const struct actor_behavior aside_behavior = {
	.size = sizeof aside_behavior,
	.name = "aside",
	.handlers = handlers,
	.n_handlers = 1,
	.stride = sizeof handlers[0],
};

static struct actor_address *aside;

static int set_up(void **state)
{
	atomic_init(&alarm_.rung, false);
	atomic_init(&alarm_.reply, NULL);
	return local_open(state) < 0 ? -1
				     : actor_spawn(actor_executor_spawner(local), &aside_behavior,
						   &alarm_, NULL, &aside);
}

static int tear_down(void **state)
{
	actor_address_unref(aside);
	return local_close(state);
}

/* ---- one that waits */

struct waiter {
	int64_t deadline_ns;
	unsigned n_times;
	bool rings; /* by itself, before each wait */
	int status;
	unsigned n_waited;
	unsigned n_handled; /* by others, when it was done */
};

static int wait(struct actor_context *context, void *user)
{
	struct waiter *waiter = user;

	for (unsigned i = 1; i <= waiter->n_times; i++) {
		if (waiter->rings)
			actor__alarm_ring(&alarm_);
		waiter->status = actor__alarm_wait(&alarm_, context, waiter->deadline_ns, aside);
		waiter->n_handled = n_handled;
		waiter->n_waited = i;
	}
	return 0;
}

static void run_for_a_moment(void)
{
	struct actor_context *context = actor_thread_context();

	assert_int_equal(actor_sleep_until(context, actor_deadline_after(context, 3000000)), 0);
}

static bool is_done(void *user)
{
	const struct waiter *waiter = user;

	return waiter->n_waited == waiter->n_times;
}

static void run_until_done(struct waiter *waiter)
{
	assert_int_equal(actor_local_run_until(local, is_done, waiter, test_deadline()), 0);
}

static void who_waits_is_woken(void **state)
{
	struct waiter waiter = { ACTOR_FOREVER, 1, false, 1, 0, 0 };

	(void)state;
	say_and_let_go(hand_spawn(local, NULL, 0), wait, &waiter);
	run_for_a_moment();
	assert_int_equal(waiter.n_waited, 0);
	actor__alarm_ring(&alarm_);
	actor__alarm_ring(&alarm_);
	run_until_done(&waiter);
	assert_int_equal(waiter.status, 0);
	assert_false(atomic_load(&alarm_.rung));
}

static void a_ring_before_the_wait_counts(void **state)
{
	struct waiter waiter = { ACTOR_FOREVER, 1, false, 1, 0, 0 };

	(void)state;
	actor__alarm_ring(&alarm_);
	say_and_let_go(hand_spawn(local, NULL, 0), wait, &waiter);
	run_until_done(&waiter);
	assert_int_equal(waiter.status, 0);
}

static void the_deadline_ends_the_wait(void **state)
{
	struct waiter waiter = { 0, 1, false, 1, 0, 0 };

	(void)state;
	waiter.deadline_ns = actor_executor_now(local) + 1000000;
	say_and_let_go(hand_spawn(local, NULL, 0), wait, &waiter);
	run_until_done(&waiter);
	assert_int_equal(waiter.status, ACTOR_E_TIMEOUT);
	assert_null(atomic_load(&alarm_.reply));
}

static void a_cancelled_waiter_is_told(void **state)
{
	struct waiter waiter = { ACTOR_FOREVER, 1, false, 1, 0, 0 };

	(void)state;
	say_and_let_go(hand_spawn(local, NULL, 0), wait, &waiter);
	run_for_a_moment();
	actor_executor_close(local);
	run_until_done(&waiter);
	assert_int_equal(waiter.status, ACTOR_E_CANCELLED);
	assert_null(atomic_load(&alarm_.reply));
}

/* Who is rung all the time would otherwise keep the thread. */
static void others_have_a_turn_in_between(void **state)
{
	struct waiter waiter = { ACTOR_FOREVER, 50, true, 1, 0, 0 };
	union hand_address hand = hand_spawn(local, NULL, 0);

	(void)state;
	/* In whatever order they come first, one comes after it. */
	say_and_let_go(hand_spawn(local, NULL, 0), note_handled, NULL);
	say(hand, wait, &waiter);
	say_and_let_go(hand_spawn(local, NULL, 0), note_handled, NULL);
	run_until_done(&waiter);
	assert_int_equal(waiter.status, 0);
	assert_int_equal(waiter.n_handled, 2); /* which did not come last */
	actor_address_unref(hand.address);
}

/* Without somebody aside, after a while. */
static void it_goes_on_without_anybody_aside(void **state)
{
	struct waiter waiter = { ACTOR_FOREVER, 1, true, 1, 0, 0 };

	(void)state;
	actor_ignore(actor_address_stop(aside, ACTOR_STOP_NOW));
	run_for_a_moment();
	say_and_let_go(hand_spawn(local, NULL, 0), wait, &waiter);
	run_until_done(&waiter);
	assert_int_equal(waiter.status, 0);
}

/* As one that there is no stack for. */
static void it_waits_for_nobody_who_has_no_turn(void **state)
{
	struct waiter waiter = { ACTOR_FOREVER, 2, true, 1, 0, 0 };

	(void)state;
	assert_int_equal(actor_address_pause(aside), 0);
	run_for_a_moment();
	say_and_let_go(hand_spawn(local, NULL, 0), wait, &waiter);
	run_until_done(&waiter);
	assert_int_equal(waiter.status, 0);
	assert_null(atomic_load(&alarm_.reply));
	assert_int_equal(actor_address_resume(aside), 0);
}

/* From another thread, many times: if one were missed, both would wait for ever. */
static atomic_uint n_rings, n_seen;

static void *ring_often(void *user)
{
	const unsigned *n_times = user;

	for (unsigned i = 1; i <= *n_times; i++) {
		atomic_store(&n_rings, i);
		actor__alarm_ring(&alarm_);
		while (atomic_load(&n_seen) < i)
			sched_yield();
	}
	return NULL;
}

static int see_all(struct actor_context *context, void *user)
{
	const unsigned *n_times = user;

	while (atomic_load(&n_seen) < *n_times) {
		int rc = actor__alarm_wait(&alarm_, context, ACTOR_FOREVER, aside);

		if (rc < 0)
			return rc;
		atomic_store(&n_seen, atomic_load(&n_rings));
	}
	return 0;
}

static void no_ring_is_missed(void **state)
{
	union hand_address hand = hand_spawn(local, NULL, 0);
	unsigned n_times = test_times(20000);
	pthread_t thread;

	(void)state;
	atomic_store(&n_rings, 0);
	atomic_store(&n_seen, 0);
	assert_int_equal(pthread_create(&thread, NULL, ring_often, &n_times), 0);
	assert_int_equal(hand_call(actor_thread_context(), hand, see_all, &n_times), 0);
	pthread_join(thread, NULL);
	actor_address_unref(hand.address);
}

#define ALARM_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ALARM_TEST(who_waits_is_woken),
		ALARM_TEST(a_ring_before_the_wait_counts),
		ALARM_TEST(the_deadline_ends_the_wait),
		ALARM_TEST(a_cancelled_waiter_is_told),
		ALARM_TEST(others_have_a_turn_in_between),
		ALARM_TEST(it_goes_on_without_anybody_aside),
		ALARM_TEST(it_waits_for_nobody_who_has_no_turn),
		ALARM_TEST(no_ring_is_missed),
	};

	return cmocka_run_group_tests_name("alarm", tests, NULL, NULL);
}
