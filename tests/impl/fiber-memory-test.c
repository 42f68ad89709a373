/* SPDX-License-Identifier: MIT */

/*
 * When there is no memory for another stack: who waits does so all the same, and its thread goes on
 * with the stack that it came from; what needs a stack is run by whoever has one, or later, or
 * fails.
 *
 * No fiber is left in the library's pool but those that a test wants there, and the system grants
 * no more, or only now and then.
 */

#include "pool-fixture.h"

#include "executor.h"
#include "fiber-switch.h"
#include "thread.h"

#include <errno.h>
#include <sched.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

static atomic_bool refuse_mmap;
static atomic_uint grant_one_in, n_asked; /* while it is refused; 0: none */

/* By the name that it has with offsets of 64 bits, as meson wants them, and without. */
typedef void *mmap_fn(void *address, size_t bytes, int protection, int flags, int fd, off_t offset);
mmap_fn __real_mmap, __wrap_mmap, __real_mmap64, __wrap_mmap64;

void *__wrap_mmap64(void *address, size_t bytes, int protection, int flags, int fd, off_t offset)
{
	unsigned one_in = atomic_load(&grant_one_in);

	if (!atomic_load(&refuse_mmap) ||
	    (one_in > 0 && atomic_fetch_add(&n_asked, 1) % one_in == 0))
		return __real_mmap64(address, bytes, protection, flags, fd, offset);
	errno = ENOMEM;
	return MAP_FAILED;
}

void *__wrap_mmap(void *address, size_t bytes, int protection, int flags, int fd, off_t offset)
{
	return __wrap_mmap64(address, bytes, protection, flags, fd, offset);
}

/* There no timer has those who wait for a stack tried again. */
static struct actor_executor *never_tries;

bool __real_actor__timer_arm(struct actor__timers *timers, struct actor__timer *timer,
			     int64_t deadline_ns);
bool __wrap_actor__timer_arm(struct actor__timers *timers, struct actor__timer *timer,
			     int64_t deadline_ns);

bool __wrap_actor__timer_arm(struct actor__timers *timers, struct actor__timer *timer,
			     int64_t deadline_ns)
{
	if (never_tries && timer == &never_tries->starved.timer)
		return false;
	return __real_actor__timer_arm(timers, timer, deadline_ns);
}

static struct actor__fiber *hoard[400];
static size_t n_hoard;

/* From here on there are no stacks but those in use. */
static void use_up_stacks(void)
{
	struct actor__fiber *fiber;

	atomic_store(&refuse_mmap, true);
	while ((fiber = actor__fiber_get(actor__thread()))) {
		assert_true(n_hoard < N_ELEMENTS(hoard));
		hoard[n_hoard++] = fiber;
	}
}

static void give_back_stacks(void)
{
	atomic_store(&grant_one_in, 0);
	atomic_store(&refuse_mmap, false);
	while (n_hoard > 0)
		actor__fiber_recycle(hoard[--n_hoard]);
}

static int nothing(struct actor_context *context, void *user)
{
	(void)context, (void)user;
	return 0;
}

/* Of all threads. */
static int64_t processor_time_ns(void)
{
	struct timespec used;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
	return used.tv_sec * INT64_C(1000000000) + used.tv_nsec;
}

/* The last thing that was logged. */
static char said[200];
static struct tally n_said;

static void hear(void *user, const struct actor_log_record *record)
{
	(void)user;
	snprintf(said, sizeof said, "%s", record->text);
	tally_add(&n_said, 1);
}

/* A pool whose only worker has one stack, and nothing to do. */
static int open_with_one_stack(void **state)
{
	union hand_address hand;

	(void)state;
	pool_open(1);
	hand = hand_spawn(pool, NULL, 0);
	wait_until_idle(hand);
	tell_and_let_go(hand, nothing, NULL);
	assert_int_equal(actor_executor_join(pool, test_deadline()), 0);
	use_up_stacks();
	return 0;
}

static int meet(struct actor_context *context, void *user)
{
	(void)context, (void)user;
	tally_add(&handled, 1);
	return tally_wait(&handled, 2) ? 0 : ACTOR_E_TIMEOUT;
}

/* Both workers have one. */
static int open_with_two_stacks(void **state)
{
	(void)state;
	pool_open(2);
	for (unsigned i = 0; i < 2; i++)
		tell_and_let_go(hand_spawn(pool, NULL, 0), meet, NULL);
	assert_int_equal(actor_executor_join(pool, test_deadline()), 0);
	handled = (struct tally)TALLY_INIT;
	use_up_stacks();
	return 0;
}

static int close_pool(void **state)
{
	never_tries = NULL;
	actor_log_set_sink(NULL, NULL, ACTOR_LOG_NONE);
	give_back_stacks();
	assert_int_equal(actor_executor_join(pool, test_deadline()), 0);
	assert_int_equal(atomic_load(&pool->starved.n), 0);
	pool_close();
	return test_nothing_held(state);
}

static int64_t n_suspended(void)
{
	struct actor_counts counts;

	actor_counts_get(&counts);
	return counts.suspended;
}

static void wait_until_suspended(int64_t n)
{
	int64_t deadline_ns = test_deadline();

	while (n_suspended() < n && actor__now() < deadline_ns)
		sched_yield();
	assert_int_equal(n_suspended(), n);
}

static void wait_until_starved(size_t n)
{
	int64_t deadline_ns = test_deadline();

	while (atomic_load(&pool->starved.n) < n && actor__now() < deadline_ns)
		sched_yield();
	assert_int_equal(atomic_load(&pool->starved.n), n);
}

/* ---- on a worker ---- */

struct nap {
	unsigned n_times;
	bool failed;
};

static int take_naps(struct actor_context *context, void *user)
{
	struct nap *nap = user;

	for (unsigned i = 0; i < nap->n_times; i++)
		nap->failed |= actor_sleep_until(context, actor_now(context) + 1000000) != 0;
	tally_add(&handled, 1);
	return 0;
}

/* The worker minds the timers on its own stack. */
static void who_waits_is_woken(void **state)
{
	struct nap nap = { .n_times = 5 };

	(void)state;
	tell_and_let_go(hand_spawn(pool, NULL, 0), take_naps, &nap);
	assert_true(tally_wait(&handled, 1));
	assert_false(nap.failed);
}

/* What needs a stack gets the one of whoever has been there before. */
static void others_run_when_a_stack_is_free(void **state)
{
	struct nap naps[10] = { { .n_times = 0 } };

	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(naps); i++) {
		naps[i].n_times = (unsigned)i % 3;
		tell_and_let_go(hand_spawn(pool, NULL, 0), take_naps, &naps[i]);
	}
	assert_true(tally_wait(&handled, N_ELEMENTS(naps)));
	for (size_t i = 0; i < N_ELEMENTS(naps); i++)
		assert_false(naps[i].failed);
}

static int sleep_until_released(struct actor_context *context, void *user)
{
	atomic_bool *released = user;

	while (!atomic_load(released))
		actor_ignore(actor_sleep_until(context, actor_now(context) + 1000000));
	tally_add(&handled, 1);
	return 0;
}

/* At once. */
static void who_ends_leaves_its_stack_to_who_waits(void **state)
{
	atomic_bool released = false;

	(void)state;
	never_tries = pool;
	tell_and_let_go(hand_spawn(pool, NULL, 0), sleep_until_released, &released);
	wait_until_suspended(1);
	tell_and_let_go(hand_spawn(pool, NULL, 0), count_handled, NULL);
	wait_until_starved(1);
	atomic_store(&released, true);
	assert_true(tally_wait(&handled, 2));
}

struct request {
	union hand_address to;
	int64_t patience_ns;
	int status;
};

static int call_another(struct actor_context *context, void *user)
{
	struct request *request = user;
	struct errand errand = { nothing, NULL };
	int64_t deadline_ns = request->patience_ns == ACTOR_FOREVER
				      ? ACTOR_FOREVER
				      : actor_now(context) + request->patience_ns;

	request->status = ACTOR_CALL_UNTIL(context, request->to, errand, NULL, deadline_ns,
					   &errand);
	tally_add(&handled, 1);
	return 0;
}

/* The one stack that there is belongs to the caller. */
static void a_call_is_answered_when_there_is_memory_again(void **state)
{
	struct request request = { .to = hand_spawn(pool, NULL, 0), .patience_ns = ACTOR_FOREVER };

	(void)state;
	wait_until_idle(request.to);
	tell_and_let_go(hand_spawn(pool, NULL, 0), call_another, &request);
	wait_until_suspended(1);
	let_pass(5);
	assert_int_equal(n_suspended(), 1);
	atomic_store(&refuse_mmap, false);
	assert_true(tally_wait(&handled, 1));
	assert_int_equal(request.status, 0);
	actor_address_unref(request.to.address);
}

/* Nor does a thread try all the time. */
static void who_waits_for_a_stack_sleeps(void **state)
{
	struct request request = { .to = hand_spawn(pool, NULL, 0), .patience_ns = ACTOR_FOREVER };
	int64_t used_ns;

	(void)state;
	wait_until_idle(request.to);
	tell_and_let_go(hand_spawn(pool, NULL, 0), call_another, &request);
	wait_until_suspended(1);
	used_ns = processor_time_ns();
	let_pass(200);
	assert_in_range(processor_time_ns() - used_ns, 0, 100000000);
	assert_int_equal(tally_count(&handled), 0);
	atomic_store(&refuse_mmap, false);
	assert_true(tally_wait(&handled, 1));
	assert_int_equal(request.status, 0);
	actor_address_unref(request.to.address);
}

/* The caller waits for whom there is no stack, and nobody else has one. */
static void a_call_ends_when_there_is_no_memory_for_long(void **state)
{
	struct request request = { .to = hand_spawn(pool, NULL, 0), .patience_ns = ACTOR_FOREVER };
	int64_t used_ns, begin_ns;

	(void)state;
	n_said = (struct tally)TALLY_INIT;
	actor_log_set_sink(hear, NULL, ACTOR_LOG_ERROR);
	wait_until_idle(request.to);
	begin_ns = actor__now();
	used_ns = processor_time_ns();
	tell_and_let_go(hand_spawn(pool, NULL, 0), call_another, &request);
	assert_true(tally_wait(&handled, 1));
	assert_int_equal(request.status, ACTOR_E_STOPPED);
	assert_in_range(processor_time_ns() - used_ns, 0, 500000000);
	assert_true(actor__now() - begin_ns >= 1000000000);
	assert_int_equal(tally_count(&n_said), 1);
	assert_string_equal(said, "cannot be run: there is no memory for a stack");
	assert_int_equal(hand_send(NULL, request.to, nothing, NULL), ACTOR_E_CLOSED);
	actor_address_unref(request.to.address);
}

static void a_call_may_time_out_meanwhile(void **state)
{
	struct request request = { .to = hand_spawn(pool, NULL, 0), .patience_ns = 3000000 };

	(void)state;
	wait_until_idle(request.to);
	tell_and_let_go(hand_spawn(pool, NULL, 0), call_another, &request);
	assert_true(tally_wait(&handled, 1));
	assert_int_equal(request.status, ACTOR_E_TIMEOUT);
	actor_address_unref(request.to.address); /* its message is handled on the caller's stack */
	assert_int_equal(actor_executor_join(pool, test_deadline()), 0);
}

static int post_much(struct actor_context *context, void *user)
{
	struct request *request = user;

	request->status = 0;
	for (unsigned i = 0; i < 1000 && request->status == 0; i++)
		request->status = hand_send(context, request->to, nothing, NULL);
	tally_add(&handled, 1);
	return 0;
}

/* It lets others go first, who cannot, so it goes on itself. */
static void who_gives_way_in_vain_goes_on(void **state)
{
	struct request request = { .to = hand_spawn(pool, NULL, ACTOR_UNBOUNDED) };

	(void)state;
	wait_until_idle(request.to);
	tell_and_let_go(hand_spawn(pool, NULL, 0), post_much, &request);
	assert_true(tally_wait(&handled, 1));
	assert_int_equal(request.status, 0);
	actor_address_unref(request.to.address);
	assert_int_equal(actor_executor_join(pool, test_deadline()), 0);
}

static int fall(struct actor_context *context, void *user)
{
	(void)user;
	tally_add(&handled, 1);
	ACTOR_FAIL(context, "as it was told");
}

/* The stack that it leaves is the one to go on with. */
static void who_fails_leaves_its_stack_to_others(void **state)
{
	struct nap nap = { .n_times = 2 };

	(void)state;
	for (unsigned i = 0; i < 5; i++)
		tell_and_let_go(hand_spawn(pool, NULL, 0), fall, NULL);
	tell_and_let_go(hand_spawn(pool, NULL, 0), take_naps, &nap);
	assert_true(tally_wait(&handled, 6));
	assert_false(nap.failed);
}

static void closing_ends_those_who_wait(void **state)
{
	struct nap nap = { .n_times = 1000000 };

	(void)state;
	tell_and_let_go(hand_spawn(pool, NULL, 0), take_naps, &nap);
	wait_until_suspended(1);
	actor_executor_close(pool);
	assert_true(tally_wait(&handled, 1));
	assert_true(nap.failed);
}

static int sleep_long(struct actor_context *context, void *user)
{
	(void)user;
	return actor_sleep_until(context, test_deadline());
}

/* Neither the handler nor who waits for a stack: to end, that one needs none. */
static void closing_needs_no_memory(void **state)
{
	union hand_address sleeper, hand;

	(void)state;
	n_said = (struct tally)TALLY_INIT;
	actor_log_set_sink(hear, NULL, ACTOR_LOG_ERROR);
	sleeper = hand_spawn(pool, NULL, 0);
	tell(sleeper, sleep_long, NULL);
	wait_until_suspended(1);
	hand = hand_spawn(pool, NULL, 0);
	wait_until_starved(1);
	actor_address_unref(sleeper.address);
	actor_address_unref(hand.address);
	actor_executor_close(pool);
	assert_int_equal(actor_executor_join(pool, test_deadline()), 0);
	assert_int_equal(tally_count(&n_said), 0);
}

/* ---- on two workers ---- */

/* One worker's handler waits; the other worker sleeps, or is about to, and has the only stack. This
 * thread would run whom it calls, and has none. */
static void who_sleeps_with_a_stack_gets_up(void **state)
{
	union hand_address sleeper = hand_spawn(pool, NULL, 0), hand = hand_spawn(pool, NULL, 0);

	(void)state;
	never_tries = pool;
	tell(sleeper, sleep_long, NULL);
	wait_until_suspended(1);
	for (unsigned i = 0; i < 120; i++) {
		wait_until_idle(hand);
		if (i % 6 == 0)
			let_pass(5);
		assert_int_equal(hand_call(here(), hand, nothing, NULL), 0);
	}
	actor_address_unref(hand.address);
	actor_address_unref(sleeper.address);
	actor_executor_close(pool);
}

/* Nobody fails as long as somebody is at work, who may give a stack back: here for longer than that
 * takes. */
static int work_long(struct actor_context *context, void *user)
{
	(void)context, (void)user;
	tally_add(&handled, 1);
	let_pass(1200);
	return 0;
}

static void who_works_is_waited_for(void **state)
{
	struct request request = { .to = hand_spawn(pool, NULL, 0), .patience_ns = ACTOR_FOREVER };

	(void)state;
	wait_until_idle(request.to);
	tell_and_let_go(hand_spawn(pool, NULL, 0), work_long, NULL);
	assert_true(tally_wait(&handled, 1));
	tell_and_let_go(hand_spawn(pool, NULL, 0), call_another, &request);
	assert_true(tally_wait(&handled, 2));
	assert_int_equal(request.status, 0);
	actor_address_unref(request.to.address);
}

static int call_down(struct actor_context *context, void *user)
{
	unsigned depth = (unsigned)(uintptr_t)user;
	union hand_address next = { NULL };
	int rc = 0;

	if (depth > 0 && (rc = ACTOR_SPAWN(hand, actor_spawner(context), NULL, NULL, &next)) == 0) {
		rc = hand_call(context, next, call_down, (void *)(uintptr_t)(depth - 1));
		actor_address_unref(next.address);
	}
	return rc;
}

static int begin_calls(struct actor_context *context, void *user)
{
	atomic_uint *n_ended_well = user;

	if (call_down(context, (void *)(uintptr_t)5) == 0)
		atomic_fetch_add(n_ended_well, 1);
	tally_add(&handled, 1);
	return 0;
}

/* All wait for whom there is no stack, until there is one. */
static void all_go_on_with_a_stack_now_and_then(void **state)
{
	atomic_uint n_ended_well = 0;

	(void)state;
	atomic_store(&grant_one_in, 3);
	for (unsigned i = 0; i < 30; i++)
		tell_and_let_go(hand_spawn(pool, NULL, 0), begin_calls, &n_ended_well);
	assert_true(tally_wait(&handled, 30));
	assert_int_equal(n_ended_well, 30);
}

/* ---- on other threads ---- */

/* This thread would run the actor itself, but has no stack for it. */
static void who_calls_leaves_it_to_a_worker(void **state)
{
	union hand_address hand = hand_spawn(pool, NULL, 0);

	(void)state;
	for (unsigned i = 0; i < 5; i++) {
		wait_until_idle(hand);
		assert_int_equal(hand_call(here(), hand, nothing, NULL), 0);
	}
	actor_address_unref(hand.address);
}

static void a_local_executor_waits_for_memory(void **state)
{
	struct actor_executor *local;
	union hand_address hand;
	int64_t next_ns;

	(void)state;
	assert_int_equal(actor_local_create(&local), 0);
	use_up_stacks();
	hand = hand_spawn(local, NULL, 0);
	tell(hand, count_handled, NULL);
	assert_int_equal(actor_local_step(local), 1); /* it is tried */
	assert_int_equal(actor_local_step(local), 0);
	assert_int_equal(actor_local_run(local), 0);
	assert_int_equal(actor_local_run_once(local), 0);
	next_ns = actor_local_next_timeout_ns(local);
	assert_in_range(next_ns, 0, 128000000);
	assert_int_equal(tally_count(&handled), 0);
	give_back_stacks();
	assert_int_equal(actor_local_run(local), 0);
	assert_int_equal(tally_count(&handled), 1);
	assert_int_equal(actor_local_next_timeout_ns(local), ACTOR_FOREVER);
	actor_address_unref(hand.address);
	assert_int_equal(actor_executor_join(local, test_deadline()), 0);
	assert_int_equal(actor_executor_destroy(local), 0);
}

/* It need not wait for the time when that is tried again. */
static void a_local_executor_has_the_stack_of_who_has_ended(void **state)
{
	struct nap naps[2] = { { .n_times = 1 }, { .n_times = 1 } };
	struct actor_executor *local;

	(void)state;
	assert_int_equal(actor_local_create(&local), 0);
	never_tries = local;
	use_up_stacks();
	actor__fiber_recycle(hoard[--n_hoard]);
	for (unsigned i = 0; i < 2; i++) {
		tell_and_let_go(hand_spawn(local, NULL, 0), take_naps, &naps[i]);
		assert_int_equal(actor_local_step(local), 1);
	}
	tell_and_let_go(hand_spawn(local, NULL, 0), count_handled, NULL);
	assert_int_equal(actor_local_step(local), 1);
	while (tally_count(&handled) < 1)
		actor_ignore(actor_local_step(local));
	assert_int_equal(actor_local_next_timeout_ns(local), 0);
	assert_int_equal(actor_local_run_once(local), 1);
	assert_int_equal(tally_count(&handled), 1); /* the second naps */
	assert_true(actor_local_next_timeout_ns(local) > 0);
	while (tally_count(&handled) < 2)
		actor_ignore(actor_local_step(local));
	assert_int_equal(actor_local_step(local), 1);
	assert_int_equal(tally_count(&handled), 3);
	give_back_stacks();
	assert_int_equal(actor_executor_destroy(local), 0);
}

static int close_local(void **state)
{
	never_tries = NULL;
	return test_nothing_held(state);
}

static int forget_handled(void **state)
{
	(void)state;
	handled = (struct tally)TALLY_INIT;
	return 0;
}

#define TWO_WORKERS_TEST(test)                                                                     \
	cmocka_unit_test_setup_teardown(test, open_with_two_stacks, close_pool)
#define LOCAL_TEST(test) cmocka_unit_test_setup_teardown(test, forget_handled, close_local)
#define MEMORY_TEST(test) cmocka_unit_test_setup_teardown(test, open_with_one_stack, close_pool)

int main(void)
{
	const struct CMUnitTest tests[] = {
		MEMORY_TEST(who_waits_is_woken),
		MEMORY_TEST(others_run_when_a_stack_is_free),
		MEMORY_TEST(who_ends_leaves_its_stack_to_who_waits),
		MEMORY_TEST(a_call_is_answered_when_there_is_memory_again),
		MEMORY_TEST(who_waits_for_a_stack_sleeps),
		MEMORY_TEST(a_call_ends_when_there_is_no_memory_for_long),
		MEMORY_TEST(a_call_may_time_out_meanwhile),
		MEMORY_TEST(who_gives_way_in_vain_goes_on),
		MEMORY_TEST(who_fails_leaves_its_stack_to_others),
		MEMORY_TEST(closing_ends_those_who_wait),
		MEMORY_TEST(closing_needs_no_memory),
		MEMORY_TEST(who_calls_leaves_it_to_a_worker),
		TWO_WORKERS_TEST(who_sleeps_with_a_stack_gets_up),
		TWO_WORKERS_TEST(who_works_is_waited_for),
		TWO_WORKERS_TEST(all_go_on_with_a_stack_now_and_then),
		LOCAL_TEST(a_local_executor_waits_for_memory),
		LOCAL_TEST(a_local_executor_has_the_stack_of_who_has_ended),
	};

	return cmocka_run_group_tests_name("fiber-memory", tests, NULL, NULL);
}
