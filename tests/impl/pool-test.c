/* SPDX-License-Identifier: MIT */

/*
 * The thread pool: that work is found wherever it was left, that nothing starves, that timers fire
 * whatever the workers do, that an idle pool sleeps.
 *
 * Handlers that must run at the same time spin until they have met, with a deadline: that is the
 * only way to know that a second thread has taken up what the first one made ready.
 */

#include "pool-fixture.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* ---- what the system refuses ---- */

typedef int pthread_create_fn(pthread_t *thread, const pthread_attr_t *attributes,
			      void *(*start)(void *), void *user);
typedef void *calloc_fn(size_t n, size_t bytes);
typedef void *aligned_alloc_fn(size_t alignment, size_t bytes);
pthread_create_fn __real_pthread_create, __wrap_pthread_create;
calloc_fn __real_calloc, __wrap_calloc;
aligned_alloc_fn __real_aligned_alloc, __wrap_aligned_alloc;

static _Thread_local unsigned threads_left = UINT32_MAX, memory_left = UINT32_MAX;

int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes,
			  void *(*start)(void *), void *user)
{
	if (threads_left == 0)
		return EAGAIN;
	threads_left--;
	return __real_pthread_create(thread, attributes, start, user);
}

void *__wrap_calloc(size_t n, size_t bytes)
{
	if (memory_left == 0)
		return NULL;
	memory_left--;
	return __real_calloc(n, bytes);
}

void *__wrap_aligned_alloc(size_t alignment, size_t bytes)
{
	if (memory_left == 0)
		return NULL;
	memory_left--;
	return __real_aligned_alloc(alignment, bytes);
}

typedef int pthread_cond_signal_fn(pthread_cond_t *condition);
pthread_cond_signal_fn __real_pthread_cond_signal, __wrap_pthread_cond_signal;

static _Thread_local unsigned n_signalled;

int __wrap_pthread_cond_signal(pthread_cond_t *condition)
{
	n_signalled++;
	return __real_pthread_cond_signal(condition);
}

/* ---- options ---- */

static void any_number_of_threads_will_do(void **state)
{
	const unsigned numbers[] = { 0, 1, 2, 3, 64 };
	struct actor_executor *none = NULL;

	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(numbers); i++) {
		pool_open(numbers[i]);
		tell_and_let_go(hand_spawn(pool, NULL, 0), count_handled, NULL);
		assert_true(tally_wait(&handled, 1));
		pool_close();
	}
	assert_int_equal(actor_pool_create(NULL, &pool), 0);
	pool_close();
	assert_int_equal(pool_create(5000, &none), ACTOR_E_INVALID);
	assert_int_equal(pool_create(UINT32_MAX, &none), ACTOR_E_INVALID);
	assert_null(none);
	assert_int_equal(actor_executor_destroy(NULL), 0);
}

static void without_threads_there_is_no_pool(void **state)
{
	struct actor_executor *none = NULL;

	(void)state;
	for (unsigned n = 0; n < 4; n++) {
		threads_left = n;
		assert_int_equal(pool_create(4, &none), ACTOR_E_SYSTEM);
		threads_left = UINT32_MAX;
		assert_null(none);
	}
}

static void without_memory_there_is_no_pool(void **state)
{
	int rc = ACTOR_E_NOMEM;

	(void)state;
	pool = NULL;
	for (unsigned n = 0; rc == ACTOR_E_NOMEM; n++) {
		assert_null(pool);
		assert_in_range(n, 0, 20);
		memory_left = n;
		rc = pool_create(2, &pool);
		memory_left = UINT32_MAX;
	}
	assert_int_equal(rc, 0);
	pool_close();
}

static void pools_come_and_go(void **state)
{
	(void)state;
	for (unsigned i = 0; i < test_times(400); i++) {
		pool_open(1 + i % 5);
		if (i % 2)
			tell_and_let_go(hand_spawn(pool, NULL, 0), count_handled, NULL);
		pool_close();
		assert_int_equal(tally_count(&handled), i % 2);
	}
}

/* ---- work is found wherever it is ---- */

struct meeting {
	unsigned n_expected;
	atomic_uint n_there;
	atomic_uint n_missed;
};

/* Keeps its thread until all are there. */
static int meet(struct actor_context *context, void *user)
{
	struct meeting *meeting = user;
	int64_t deadline_ns = test_deadline();

	atomic_fetch_add(&meeting->n_there, 1);
	while (atomic_load(&meeting->n_there) < meeting->n_expected) {
		if (actor_now(context) > deadline_ns) {
			atomic_fetch_add(&meeting->n_missed, 1);
			break;
		}
		sched_yield();
	}
	tally_add(&handled, 1);
	return 0;
}

struct invitation {
	struct meeting meeting;
	union hand_address guests[16];
	unsigned n_guests;
};

static int invite_and_meet(struct actor_context *context, void *user)
{
	struct invitation *invitation = user;

	for (unsigned i = 0; i < invitation->n_guests; i++)
		if (hand_send(context, invitation->guests[i], meet, &invitation->meeting) != 0)
			atomic_fetch_add(&invitation->meeting.n_missed, 1);
	return meet(context, &invitation->meeting);
}

static void run_invitation(unsigned n_threads)
{
	struct invitation invitation = { .meeting.n_expected = n_threads,
					 .n_guests = n_threads - 1 };

	pool_open(n_threads);
	for (unsigned round = 0; round < 10; round++) {
		atomic_store(&invitation.meeting.n_there, 0);
		for (unsigned i = 0; i < invitation.n_guests; i++)
			invitation.guests[i] = hand_spawn(pool, NULL, 0);
		tell_and_let_go(hand_spawn(pool, NULL, 0), invite_and_meet, &invitation);
		assert_true(tally_wait(&handled, (round + 1) * n_threads));
		for (unsigned i = 0; i < invitation.n_guests; i++)
			actor_address_unref(invitation.guests[i].address);
		assert_int_equal(invitation.meeting.n_missed, 0);
	}
	pool_close();
}

/* What a handler makes ready runs elsewhere while it does not return: one such task lies in the
 * slot, which only the watchman robs; more of them in the ring. */
static void a_stuck_worker_is_relieved(void **state)
{
	(void)state;
	run_invitation(2);
	run_invitation(3);
	run_invitation(5);
}

static void foreign_threads_wake_as_many_as_are_needed(void **state)
{
	struct meeting meeting = { .n_expected = 4 };

	(void)state;
	pool_open(4);
	for (unsigned round = 0; round < test_times(200); round++) {
		atomic_store(&meeting.n_there, 0);
		for (unsigned i = 0; i < 4; i++)
			tell_and_let_go(hand_spawn(pool, NULL, 0), meet, &meeting);
		assert_true(tally_wait(&handled, (round + 1) * 4));
		assert_int_equal(meeting.n_missed, 0);
	}
	pool_close();
}

/* More than the slot holds: a sleeping worker is called, not just left to find it. */
struct appeal {
	union hand_address guests[16];
	struct tally over;
	unsigned n_called;
};

static int send_until_somebody_is_called(struct actor_context *context, void *user)
{
	struct appeal *appeal = user;
	unsigned before = n_signalled;

	(void)context;
	for (unsigned i = 0; i < 200 && n_signalled == before; i++) {
		let_pass(3); /* the other worker goes to sleep; now and then it is on patrol */
		for (size_t k = 0; k < N_ELEMENTS(appeal->guests); k++)
			hand_send(NULL, appeal->guests[k], count_handled, NULL);
	}
	appeal->n_called = n_signalled - before;
	tally_add(&appeal->over, 1);
	return 0;
}

static void a_worker_with_its_hands_full_calls_for_help(void **state)
{
	struct appeal appeal = { .over = TALLY_INIT };
	bool over;

	(void)state;
	pool_open(2);
	for (size_t i = 0; i < N_ELEMENTS(appeal.guests); i++)
		appeal.guests[i] = hand_spawn(pool, NULL, 0);
	tell_and_let_go(hand_spawn(pool, NULL, 0), send_until_somebody_is_called, &appeal);
	over = tally_wait(&appeal.over, 1);
	for (size_t i = 0; i < N_ELEMENTS(appeal.guests); i++)
		actor_address_unref(appeal.guests[i].address);
	pool_close();
	assert_true(over);
	assert_true(appeal.n_called > 0);
}

struct broadcast {
	union hand_address *hands;
	unsigned n_hands;
};

static int send_to_all(struct actor_context *context, void *user)
{
	struct broadcast *broadcast = user;

	for (unsigned i = 0; i < broadcast->n_hands; i++)
		hand_send(context, broadcast->hands[i], count_handled, NULL);
	return 0;
}

/* One handler makes more actors ready than a worker's ring has places. */
static void a_full_ring_overflows(void **state)
{
	enum { N = 2000 };
	static union hand_address hands[N];
	struct broadcast broadcast = { hands, N };

	(void)state;
	for (unsigned n_threads = 1; n_threads <= 3; n_threads++) {
		pool_open(n_threads);
		for (unsigned i = 0; i < N; i++)
			hands[i] = hand_spawn(pool, NULL, 0);
		for (unsigned round = 1; round <= 5; round++) {
			union hand_address sender = hand_spawn(pool, NULL, 0);

			tell_and_let_go(sender, send_to_all, &broadcast);
			assert_true(tally_wait(&handled, round * (uint64_t)N));
		}
		for (unsigned i = 0; i < N; i++)
			actor_address_unref(hands[i].address);
		pool_close();
	}
}

/* ---- timers ---- */

struct nap {
	int64_t deadline_ns;
	int64_t woken_ns;
	int status;
	atomic_bool *ret_over; /* set when it is over, if not NULL */
};

static int take_nap(struct actor_context *context, void *user)
{
	struct nap *nap = user;

	nap->status = actor_sleep_until(context, nap->deadline_ns);
	nap->woken_ns = actor_now(context);
	if (nap->ret_over)
		atomic_store(nap->ret_over, true);
	tally_add(&handled, 1);
	return 0;
}

static void assert_slept_well(const struct nap *nap)
{
	assert_int_equal(nap->status, 0);
	assert_true(nap->woken_ns >= nap->deadline_ns);
}

static void timers_fire_while_all_are_busy(void **state)
{
	(void)state;
	for (unsigned n_threads = 1; n_threads <= 2; n_threads++) {
		struct gang gang = { .over = false };
		struct nap nap = { .ret_over = &gang.over };

		pool_open(n_threads);
		gang_start(&gang, 4, 0);
		nap.deadline_ns = in_ms(20);
		tell_and_let_go(hand_spawn(pool, NULL, 0), take_nap, &nap);
		/* They are busy until the sleeper has woken. */
		assert_true(tally_wait(&handled, 1 + 4));
		gang_end(&gang);
		pool_close();
		assert_slept_well(&nap);
	}
}

static void timers_fire_while_all_sleep(void **state)
{
	enum { N = 20 };
	struct nap naps[N];

	(void)state;
	for (unsigned n_threads = 1; n_threads <= 3; n_threads++) {
		pool_open(n_threads);
		memset(naps, 0, sizeof naps);
		for (unsigned i = 0; i < N; i++) {
			naps[i].deadline_ns = in_ms(5 + (i * 7) % N);
			tell_and_let_go(hand_spawn(pool, NULL, 0), take_nap, &naps[i]);
		}
		assert_true(tally_wait(&handled, N));
		pool_close();
		for (unsigned i = 0; i < N; i++)
			assert_slept_well(&naps[i]);
	}
}

static int wait_for_flag(struct actor_context *context, void *user)
{
	atomic_bool *flag = user;
	int64_t deadline_ns = test_deadline();

	while (!atomic_load(flag) && actor_now(context) < deadline_ns)
		sched_yield();
	tally_add(&handled, 1);
	return 0;
}

struct nap_and_wait {
	struct nap nap;
	union hand_address sleeper, waiter;
	atomic_bool over;
};

static int send_nap_and_wait(struct actor_context *context, void *user)
{
	struct nap_and_wait *both = user;

	both->nap.deadline_ns = actor_now(context) + 5000000;
	hand_send(context, both->waiter, wait_for_flag, &both->over);
	hand_send(context, both->sleeper, take_nap, &both->nap);
	return 0;
}

/* The worker that armed the timer is stuck by the time it is due; the other one slept while it was
 * armed. */
static void a_sleeping_worker_minds_the_timers_of_a_stuck_one(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 10; i++) {
		struct nap_and_wait both = { .over = false };

		pool_open(2);
		both.nap.ret_over = &both.over;
		both.sleeper = hand_spawn(pool, NULL, 0);
		both.waiter = hand_spawn(pool, NULL, 0);
		tell_and_let_go(hand_spawn(pool, NULL, 0), send_nap_and_wait, &both);
		assert_true(tally_wait(&handled, 2));
		assert_slept_well(&both.nap);
		actor_address_unref(both.sleeper.address);
		actor_address_unref(both.waiter.address);
		pool_close();
	}
}

/* ---- sleep ---- */

static int64_t processor_time(void)
{
	struct timespec used;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
	return (int64_t)used.tv_sec * 1000000000 + used.tv_nsec;
}

static void an_idle_pool_sleeps(void **state)
{
	struct nap nap = { .deadline_ns = test_deadline() };
	union hand_address sleeper;
	struct meeting meeting = { .n_expected = 4 };
	int64_t before, used;

	(void)state;
	pool_open(4);
	sleeper = hand_spawn(pool, NULL, 0);
	tell(sleeper, take_nap, &nap);	 /* one timer, far away */
	for (unsigned i = 0; i < 4; i++) /* and each worker has been up */
		tell_and_let_go(hand_spawn(pool, NULL, 0), meet, &meeting);
	assert_true(tally_wait(&handled, 4));
	let_pass(50); /* the last look around */
	before = processor_time();
	let_pass(300);
	used = processor_time() - before;
	assert_in_range(used, 0, 30000000);

	actor_executor_close(pool);
	actor_address_unref(sleeper.address);
	pool_close();
	assert_int_equal(nap.status, ACTOR_E_CANCELLED);
}

/* ---- threads ---- */

static int keep_mask(struct actor_context *context, void *user)
{
	(void)context;
	pthread_sigmask(SIG_SETMASK, NULL, user);
	tally_add(&handled, 1);
	return 0;
}

static void workers_block_all_signals_but_faults(void **state)
{
	static const int faults[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGSYS, SIGABRT };
	struct actor_executor *local;
	sigset_t before, after, mask, expected;

	(void)state;
	pthread_sigmask(SIG_SETMASK, NULL, &before);
	assert_int_equal(sigismember(&before, SIGUSR1), 0);
	/* The stack that a worker will use has been used here, where signals are let in. */
	handled = (struct tally)TALLY_INIT;
	assert_int_equal(actor_local_create(&local), 0);
	tell_and_let_go(hand_spawn(local, NULL, 0), keep_mask, &mask);
	assert_int_equal(actor_executor_join(local, test_deadline()), 0);
	assert_int_equal(actor_executor_destroy(local), 0);
	assert_int_equal(sigismember(&mask, SIGUSR1), 0);

	pool_open(1);
	tell_and_let_go(hand_spawn(pool, NULL, 0), keep_mask, &mask);
	assert_true(tally_wait(&handled, 1));
	pool_close();
	sigfillset(&expected);
	for (size_t i = 0; i < N_ELEMENTS(faults); i++)
		sigdelset(&expected, faults[i]);
	for (int number = 1; number < 32; number++)
		if (number != SIGKILL && number != SIGSTOP)
			assert_int_equal(sigismember(&mask, number),
					 sigismember(&expected, number));
	pthread_sigmask(SIG_SETMASK, NULL, &after);
	for (int number = 1; number < 32; number++)
		assert_int_equal(sigismember(&after, number), sigismember(&before, number));
}

#define POOL_TEST(test) cmocka_unit_test_teardown(test, test_nothing_held)

int main(void)
{
	const struct CMUnitTest tests[] = {
		POOL_TEST(any_number_of_threads_will_do),
		POOL_TEST(without_threads_there_is_no_pool),
		POOL_TEST(without_memory_there_is_no_pool),
		POOL_TEST(pools_come_and_go),
		POOL_TEST(a_stuck_worker_is_relieved),
		POOL_TEST(foreign_threads_wake_as_many_as_are_needed),
		POOL_TEST(a_worker_with_its_hands_full_calls_for_help),
		POOL_TEST(a_full_ring_overflows),
		POOL_TEST(timers_fire_while_all_are_busy),
		POOL_TEST(timers_fire_while_all_sleep),
		POOL_TEST(a_sleeping_worker_minds_the_timers_of_a_stuck_one),
		POOL_TEST(an_idle_pool_sleeps),
		POOL_TEST(workers_block_all_signals_but_faults),
	};

	return cmocka_run_group_tests_name("pool", tests, NULL, NULL);
}
