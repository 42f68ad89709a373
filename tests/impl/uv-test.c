/* SPDX-License-Identifier: MIT */

/* Actors in a loop of libuv: what keeps the loop alive, how the two take turns, who wakes it, and
 * how it is left behind. */

#include "local-fixture.h"
#include "target.h"

#include <actor-impl/uv.h>
#include <poll.h>
#include <uv.h>

static uv_loop_t loop;

/* ---- what the system refuses */

static bool refuse_async;

int __real_uv_async_init(uv_loop_t *which, uv_async_t *async, uv_async_cb callback);
int __wrap_uv_async_init(uv_loop_t *which, uv_async_t *async, uv_async_cb callback);

int __wrap_uv_async_init(uv_loop_t *which, uv_async_t *async, uv_async_cb callback)
{
	return refuse_async ? UV_EMFILE : __real_uv_async_init(which, async, callback);
}

static int open_loop(void **state)
{
	(void)state;
	n_handled = 0;
	return uv_loop_init(&loop) < 0 ? -1 : actor_uv_create(&loop, &local);
}

static int close_loop(void **state)
{
	if (local_end() < 0)
		return -1;
	/* Nothing but closing handles is left. */
	if (uv_run(&loop, UV_RUN_DEFAULT) != 0 || uv_loop_close(&loop) != 0)
		return -1;
	return test_nothing_held(state);
}

/* ---- life */

static void a_loop_without_actors_is_not_kept_alive(void **state)
{
	(void)state;
	assert_int_equal(uv_loop_alive(&loop), 0);
	assert_int_equal(uv_run(&loop, UV_RUN_DEFAULT), 0);
}

static void a_loop_runs_until_its_last_actor_has_ended(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 5; i++) {
		for (unsigned k = 0; k < 3; k++)
			say_and_let_go(hand_spawn(local, NULL, 0), note_handled, NULL);
		assert_true(uv_loop_alive(&loop));
		assert_int_equal(uv_run(&loop, UV_RUN_DEFAULT), 0);
		assert_int_equal(n_handled, 3 * (i + 1));
		assert_int_equal(actor_executor_join(local, ACTOR_AT_ONCE), 0);
	}
}

static void the_loop_sleeps_while_actors_wait(void **state)
{
	int64_t now = actor_now(actor_thread_context());
	int64_t deadlines[3] = { now + 60000000, now + 20000000, now + 40500000 };
	int64_t used_ns = test_thread_time_ns();

	(void)state;
	for (unsigned i = 0; i < 3; i++)
		say_and_let_go(hand_spawn(local, NULL, 0), sleep_until, &deadlines[i]);
	assert_int_equal(uv_run(&loop, UV_RUN_DEFAULT), 0);
	used_ns = test_thread_time_ns() - used_ns;
	assert_int_equal(n_handled, 3);
	assert_true(actor_now(actor_thread_context()) >= deadlines[0]);
	assert_in_range(used_ns, 0, test_on_valgrind() ? 1000000000 : 30000000);
}

/* ---- other threads */

/* An actor that is idle keeps it alive, too: somebody may send. */
static void other_threads_wake_the_loop(void **state)
{
	struct foreigner foreigner = { hand_spawn(local, NULL, 0), test_times(5000), 0 };
	pthread_t thread;

	(void)state;
	assert_int_equal(pthread_create(&thread, NULL, call_and_let_go, &foreigner), 0);
	assert_int_equal(uv_run(&loop, UV_RUN_DEFAULT), 0);
	assert_int_equal(n_handled, foreigner.n_each);
	assert_int_equal(actor_executor_join(local, ACTOR_AT_ONCE), 0);
	pthread_join(thread, NULL);
	assert_int_equal(foreigner.n_failed, 0);
}

static void *set_timer_later(void *user)
{
	poll(NULL, 0, 10);
	return set_timer(user);
}

static void stop_if_handled(uv_prepare_t *prepare)
{
	if (n_handled > 0)
		uv_stop(prepare->loop);
}

/* While it waits for nothing, or for a time that is far away. */
static void timers_of_other_threads_wake_the_loop(void **state)
{
	union hand_address hand = hand_spawn(local, NULL, 0);
	static uv_prepare_t prepare;
	pthread_t thread;
	void *set = NULL;

	(void)state;
	uv_prepare_init(&loop, &prepare);
	uv_prepare_start(&prepare, stop_if_handled);
	for (unsigned far = 0; far < 2; far++) {
		struct actor_timer *timer = NULL;
		struct job job = { note_handled, NULL };

		n_handled = 0;
		if (far)
			assert_int_equal(actor_timer_once(local, hand.address, &job_type, &job,
							  test_deadline(), &timer),
					 0);
		assert_int_equal(pthread_create(&thread, NULL, set_timer_later, hand.address), 0);
		uv_run(&loop, UV_RUN_DEFAULT);
		pthread_join(thread, &set);
		assert_ptr_equal(set, local);
		assert_int_equal(n_handled, 1);
		actor_timer_destroy(timer);
	}
	/* Also while the thread waits in a context. */
	n_handled = 0;
	assert_int_equal(pthread_create(&thread, NULL, set_timer_later, hand.address), 0);
	while (n_handled == 0)
		actor_ignore(actor_sleep_until(actor_thread_context(),
					       actor_executor_now(local) + 50000000));
	pthread_join(thread, &set);
	assert_ptr_equal(set, local);
	uv_close((uv_handle_t *)&prepare, NULL);
	actor_address_unref(hand.address);
}

/* What lives elsewhere does not keep it, either. */
static void timers_alone_do_not_keep_a_loop_alive(void **state)
{
	static struct target target;
	struct actor_timer *timer = NULL;
	struct job job = { note_handled, NULL };

	(void)state;
	target_init(&target);
	assert_int_equal(actor_timer_once(local, &target.base, &job_type, &job,
					  actor_executor_now(local) + 5000000, &timer),
			 0);
	assert_int_equal(uv_run(&loop, UV_RUN_DEFAULT), 0);
	assert_int_equal(atomic_load(&target.n_posts), 0);
	assert_true(actor_timer_cancel(timer)); /* it was still to be sent */
	actor_timer_destroy(timer);
	assert_int_equal(atomic_load(&target.n_owners), 1);
}

/* ---- turns */

static unsigned n_rounds;

static void count_rounds(uv_prepare_t *handle)
{
	(void)handle;
	n_rounds++;
}

/* Rounds of the loop until it has nothing to do. */
static unsigned rounds_of_a_run(void)
{
	uv_prepare_t prepare;

	n_rounds = 0;
	uv_prepare_init(&loop, &prepare);
	uv_prepare_start(&prepare, count_rounds);
	uv_unref((uv_handle_t *)&prepare);
	assert_int_equal(uv_run(&loop, UV_RUN_DEFAULT), 0);
	uv_close((uv_handle_t *)&prepare, NULL);
	uv_run(&loop, UV_RUN_DEFAULT);
	return n_rounds;
}

static void a_round_runs_some_of_many_actors(void **state)
{
	unsigned n_rounds_taken;

	(void)state;
	for (unsigned i = 0; i < 1000; i++)
		say_and_let_go(hand_spawn(local, NULL, 0), note_handled, NULL);
	n_rounds_taken = rounds_of_a_run();
	assert_int_equal(n_handled, 1000);
	assert_in_range(n_rounds_taken, 1000 / 32, 1000 / 4);
}

static int note_round(struct actor_context *context, void *user)
{
	*(unsigned *)user = n_rounds;
	return note_handled(context, NULL);
}

struct event {
	union hand_address hand;
	unsigned told;
	unsigned handled;
};

static void tell_once(uv_async_t *async)
{
	struct event *event = async->data;

	event->told = n_rounds;
	say_and_let_go(event->hand, note_round, &event->handled);
	uv_close((uv_handle_t *)async, NULL);
}

/* The loop does not look for events in between. */
static void what_an_event_makes_ready_runs_in_the_same_round(void **state)
{
	struct event event = { .hand = hand_spawn(local, NULL, 0) };
	uv_async_t async;

	(void)state;
	uv_run(&loop, UV_RUN_NOWAIT); /* it has started */
	assert_int_equal(uv_async_init(&loop, &async, tell_once), 0);
	async.data = &event;
	uv_async_send(&async);
	assert_in_range(rounds_of_a_run(), 1, 3);
	assert_int_equal(n_handled, 1);
	assert_in_range(event.told, 1, 1);
	assert_int_equal(event.handled, event.told);
}

/* Each takes longer than all that a round has for actors. */
static int take_a_millisecond(struct actor_context *context, void *user)
{
	uint64_t ends_ns = uv_hrtime() + 1000000;

	while (uv_hrtime() < ends_ns)
		;
	return note_handled(context, user);
}

static void a_round_is_bounded_by_time(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 50; i++)
		say_and_let_go(hand_spawn(local, NULL, 0), take_a_millisecond, NULL);
	assert_in_range(rounds_of_a_run(), 50, 200);
	assert_int_equal(n_handled, 50);
}

static void calm_down(uv_timer_t *timer)
{
	((struct restless *)timer->data)->over = true;
	uv_close((uv_handle_t *)timer, NULL);
}

static void the_loop_has_its_turn_while_an_actor_is_busy(void **state)
{
	struct restless restless = { .self = hand_spawn(local, NULL, 0) };
	uv_timer_t timer;

	(void)state;
	uv_timer_init(&loop, &timer);
	timer.data = &restless;
	uv_timer_start(&timer, calm_down, 5, 0);
	say_and_let_go(restless.self, be_restless, &restless);
	assert_int_equal(uv_run(&loop, UV_RUN_DEFAULT), 0);
	assert_true(restless.over);
	assert_true(n_handled > 1);
}

/* A callback waits for an actor, which runs meanwhile. */
static void call_in_callback(uv_timer_t *timer)
{
	union hand_address *hand = timer->data;
	int64_t deadline_ns = actor_now(actor_thread_context()) + 2000000;

	n_handled += hand_call(actor_thread_context(), *hand, sleep_until, &deadline_ns) == 0;
	uv_close((uv_handle_t *)timer, NULL);
}

static void a_callback_may_wait_for_an_actor(void **state)
{
	union hand_address hand = hand_spawn(local, NULL, 0);
	uv_timer_t timer;

	(void)state;
	uv_timer_init(&loop, &timer);
	timer.data = &hand;
	uv_timer_start(&timer, call_in_callback, 1, 0);
	while (n_handled < 2)
		uv_run(&loop, UV_RUN_ONCE);
	actor_address_unref(hand.address);
	assert_int_equal(uv_run(&loop, UV_RUN_DEFAULT), 0);
}

static void close_timer(uv_timer_t *timer)
{
	n_handled++;
	uv_close((uv_handle_t *)timer, NULL);
}

/* It is on the thread of the loop. */
static int start_timer(struct actor_context *context, void *user)
{
	(void)context;
	return uv_timer_start(user, close_timer, 1, 0);
}

static void a_handler_may_use_the_loop(void **state)
{
	uv_timer_t timer;

	(void)state;
	uv_timer_init(&loop, &timer);
	say_and_let_go(hand_spawn(local, NULL, 0), start_timer, &timer);
	assert_int_equal(uv_run(&loop, UV_RUN_DEFAULT), 0);
	assert_int_equal(n_handled, 1);
}

/* ---- the end */

static void closing_ends_those_who_wait(void **state)
{
	int64_t deadline_ns = test_deadline();
	struct tally destroyed = TALLY_INIT;
	struct hand self = { .destroyed = &destroyed };
	union hand_address waiting = hand_spawn(local, &self, 0);
	union hand_address idle = hand_spawn(local, &self, 0);

	(void)state;
	say(waiting, sleep_until, &deadline_ns);
	uv_run(&loop, UV_RUN_NOWAIT);
	assert_int_equal(actor_executor_destroy(local), ACTOR_E_BUSY);
	actor_executor_close(local);
	assert_int_equal(uv_run(&loop, UV_RUN_DEFAULT), 0);
	assert_int_equal(tally_count(&destroyed), 2);
	actor_address_unref(waiting.address);
	actor_address_unref(idle.address);
}

static void what_cannot_be_made_leaves_nothing(void **state)
{
	struct actor_executor *other = NULL;
	uv_loop_t another;

	(void)state;
	assert_int_equal(uv_loop_init(&another), 0);
	assert_int_equal(actor_uv_create(&another, &other), ACTOR_E_BUSY);
	refuse_async = true;
	assert_int_equal(actor_uv_create(&another, &other), ACTOR_E_SYSTEM);
	refuse_async = false;
	assert_null(other);
	assert_int_equal(uv_run(&another, UV_RUN_DEFAULT), 0);
	assert_int_equal(uv_loop_close(&another), 0);
}

#define UV_TEST(test) cmocka_unit_test_setup_teardown(test, open_loop, close_loop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		UV_TEST(a_loop_without_actors_is_not_kept_alive),
		UV_TEST(a_loop_runs_until_its_last_actor_has_ended),
		UV_TEST(the_loop_sleeps_while_actors_wait),
		UV_TEST(other_threads_wake_the_loop),
		UV_TEST(timers_of_other_threads_wake_the_loop),
		UV_TEST(timers_alone_do_not_keep_a_loop_alive),
		UV_TEST(what_an_event_makes_ready_runs_in_the_same_round),
		UV_TEST(a_round_runs_some_of_many_actors),
		UV_TEST(a_round_is_bounded_by_time),
		UV_TEST(the_loop_has_its_turn_while_an_actor_is_busy),
		UV_TEST(a_callback_may_wait_for_an_actor),
		UV_TEST(a_handler_may_use_the_loop),
		UV_TEST(closing_ends_those_who_wait),
		UV_TEST(what_cannot_be_made_leaves_nothing),
	};

	return cmocka_run_group_tests_name("uv", tests, NULL, NULL);
}
