/* SPDX-License-Identifier: MIT */

/*
 * When there is no memory for another stack: who waits does so all the same, and its thread goes on
 * with the stack that it came from; what needs a stack is run by whoever has one, or later.
 *
 * No fiber is left in the library's pool but those that a test wants there, and the system grants
 * no more.
 */

#include "pool-fixture.h"

#include "fiber-switch.h"
#include "thread.h"

#include <errno.h>
#include <sched.h>
#include <sys/mman.h>

static atomic_bool refuse_mmap;

/* By the name that it has with offsets of 64 bits, as meson wants them, and without. */
typedef void *mmap_fn(void *address, size_t bytes, int protection, int flags, int fd, off_t offset);
mmap_fn __real_mmap, __wrap_mmap, __real_mmap64, __wrap_mmap64;

void *__wrap_mmap64(void *address, size_t bytes, int protection, int flags, int fd, off_t offset)
{
	if (!atomic_load(&refuse_mmap))
		return __real_mmap64(address, bytes, protection, flags, fd, offset);
	errno = ENOMEM;
	return MAP_FAILED;
}

void *__wrap_mmap(void *address, size_t bytes, int protection, int flags, int fd, off_t offset)
{
	return __wrap_mmap64(address, bytes, protection, flags, fd, offset);
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
	atomic_store(&refuse_mmap, false);
	while (n_hoard > 0)
		actor__fiber_recycle(hoard[--n_hoard]);
}

static int nothing(struct actor_context *context, void *user)
{
	(void)context, (void)user;
	return 0;
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

static int close_pool(void **state)
{
	give_back_stacks();
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

static void a_local_executor_tries_again(void **state)
{
	struct actor_executor *local;
	union hand_address hand;
	unsigned n_steps = 0;

	(void)state;
	assert_int_equal(actor_local_create(&local), 0);
	use_up_stacks();
	hand = hand_spawn(local, NULL, 0);
	tell_and_let_go(hand, count_handled, NULL);
	while (n_steps < 10 && actor_local_step(local) == 1)
		n_steps++;
	assert_int_equal(n_steps, 10);
	assert_int_equal(tally_count(&handled), 0);
	give_back_stacks();
	assert_int_equal(actor_executor_join(local, test_deadline()), 0);
	assert_int_equal(tally_count(&handled), 1);
	assert_int_equal(actor_executor_destroy(local), 0);
}

static int forget_handled(void **state)
{
	(void)state;
	handled = (struct tally)TALLY_INIT;
	return 0;
}

#define MEMORY_TEST(test) cmocka_unit_test_setup_teardown(test, open_with_one_stack, close_pool)

int main(void)
{
	const struct CMUnitTest tests[] = {
		MEMORY_TEST(who_waits_is_woken),
		MEMORY_TEST(others_run_when_a_stack_is_free),
		MEMORY_TEST(a_call_is_answered_when_there_is_memory_again),
		MEMORY_TEST(a_call_may_time_out_meanwhile),
		MEMORY_TEST(who_gives_way_in_vain_goes_on),
		MEMORY_TEST(who_fails_leaves_its_stack_to_others),
		MEMORY_TEST(closing_ends_those_who_wait),
		MEMORY_TEST(who_calls_leaves_it_to_a_worker),
		cmocka_unit_test_setup_teardown(a_local_executor_tries_again, forget_handled,
						test_nothing_held),
	};

	return cmocka_run_group_tests_name("fiber-memory", tests, NULL, NULL);
}
