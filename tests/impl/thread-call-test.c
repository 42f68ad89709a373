/* SPDX-License-Identifier: MIT */

/*
 * Calls of plain threads: a thread that waits for the answer of an idle actor runs that itself,
 * for this one message; and leaves it to the executor whenever that would not do.
 *
 * That an actor is idle is waited for, so who runs it is no accident.
 */

#include "pool-fixture.h"

#include "actor.h"
#include "channel.h"
#include "thread.h"

#include <pthread.h>
#include <sched.h>
#include <string.h>

/* ---- who runs what ---- */

/* On which threads something has run. (What pthread_self() says the compiler keeps, also where a
 * handler goes on elsewhere.) */
struct trace {
	struct actor__thread *threads[16];
	unsigned n;
};

static int leave_trace(struct actor_context *context, void *user)
{
	struct trace *trace = user;

	(void)context;
	trace->threads[trace->n++] = actor__thread();
	tally_add(&handled, 1);
	return 0;
}

static bool is_here(const struct trace *trace, unsigned n)
{
	return n < trace->n && trace->threads[n] == actor__thread();
}

static union hand_address idle_hand(size_t capacity)
{
	union hand_address hand = hand_spawn(pool, NULL, capacity);

	wait_until_idle(hand);
	return hand;
}

/* What is sent from here next is run by the pool: nothing is left over from the call before. */
static void assert_nothing_lent(void)
{
	struct trace trace = { .n = 0 };
	union hand_address hand = idle_hand(0);
	uint64_t before = tally_count(&handled);

	assert_false(actor__thread()->lends_itself);
	assert_null(actor__thread()->given);
	tell(hand, leave_trace, &trace);
	assert_true(tally_wait(&handled, before + 1));
	assert_int_equal(trace.n, 1);
	assert_false(is_here(&trace, 0));
	actor_address_unref(hand.address);
}

static int open_two(void **state)
{
	(void)state;
	pool_open(2);
	return 0;
}

static int close_pool(void **state)
{
	pool_close();
	return test_nothing_held(state);
}

static void an_idle_actor_is_run_by_who_calls_it(void **state)
{
	struct trace trace = { .n = 0 };
	union hand_address hand = idle_hand(0);

	(void)state;
	for (unsigned i = 0; i < 10; i++) {
		assert_int_equal(hand_call(here(), hand, leave_trace, &trace), 0);
		assert_int_equal(trace.n, i + 1);
		assert_true(is_here(&trace, i));
		wait_until_idle(hand);
	}
	assert_nothing_lent();
	actor_address_unref(hand.address);
}

static int nothing(struct actor_context *context, void *user)
{
	(void)context, (void)user;
	return 0;
}

static void not_with_a_deadline(void **state)
{
	struct trace trace = { .n = 0 };
	struct errand errand = { leave_trace, &trace };
	union hand_address hand = idle_hand(0);
	int answer = 1;

	(void)state;
	assert_int_equal(ACTOR_CALL_UNTIL(here(), hand, errand, &answer, test_deadline(), &errand),
			 0);
	assert_int_equal(answer, 0);
	assert_int_equal(trace.n, 1);
	assert_false(is_here(&trace, 0));
	assert_nothing_lent();
	actor_address_unref(hand.address);
}

static void not_for_what_needs_no_answer(void **state)
{
	struct trace trace = { .n = 0 };
	union hand_address hand = idle_hand(0);

	(void)state;
	tell(hand, leave_trace, &trace);
	assert_true(tally_wait(&handled, 1));
	assert_false(is_here(&trace, 0));
	actor_address_unref(hand.address);
}

static void not_on_a_thread_with_a_local_executor(void **state)
{
	struct trace trace = { .n = 0 };
	union hand_address hand = idle_hand(0);
	struct actor_executor *local;

	(void)state;
	assert_int_equal(actor_local_create(&local), 0);
	assert_int_equal(hand_call(here(), hand, leave_trace, &trace), 0);
	assert_false(is_here(&trace, 0));
	assert_int_equal(actor_executor_destroy(local), 0);
	/* When that has gone, again. */
	wait_until_idle(hand);
	assert_int_equal(hand_call(here(), hand, leave_trace, &trace), 0);
	assert_true(is_here(&trace, 1));
	actor_address_unref(hand.address);
}

struct request {
	union hand_address to;
	hand_fn *function;
	void *user;
};

static int pass_on(struct actor_context *context, void *user)
{
	struct request *request = user;

	return hand_call(context, request->to, request->function, request->user);
}

/* A worker lets others run while it waits, and a handler that this thread runs is on its own. */
static void not_for_what_handlers_call(void **state)
{
	struct trace trace = { .n = 0 };
	struct request request = { idle_hand(0), leave_trace, &trace };
	union hand_address hand = idle_hand(0);

	(void)state;
	assert_int_equal(hand_call(here(), hand, pass_on, &request), 0);
	assert_int_equal(trace.n, 1);
	assert_false(is_here(&trace, 0));
	assert_nothing_lent();
	actor_address_unref(request.to.address);
	actor_address_unref(hand.address);
}

/* ---- one message ---- */

struct flood {
	union hand_address self;
	struct trace *trace;
	unsigned n_refused;
	bool here;
};

enum { N_MORE = 12 };

static int flood_oneself(struct actor_context *context, void *user)
{
	struct flood *flood = user;

	(void)context;
	for (unsigned i = 0; i < N_MORE; i++)
		flood->n_refused += hand_send(NULL, flood->self, leave_trace, flood->trace) != 0;
	return leave_trace(context, flood->trace);
}

static void the_rest_of_the_queue_is_the_pools(void **state)
{
	(void)state;
	for (unsigned round = 1; round <= test_times(200); round++) {
		struct trace trace = { .n = 0 };
		struct flood flood = { .self = idle_hand(N_MORE), .trace = &trace };
		uint64_t before = tally_count(&handled);

		assert_int_equal(hand_call(here(), flood.self, flood_oneself, &flood), 0);
		assert_int_equal(flood.n_refused, 0);
		assert_true(tally_wait(&handled, before + 1 + N_MORE));
		wait_until_idle(flood.self);
		assert_int_equal(trace.n, 1 + N_MORE);
		assert_true(is_here(&trace, 0));
		for (unsigned i = 1; i < trace.n; i++)
			assert_false(is_here(&trace, i));
		actor_address_unref(flood.self.address);
	}
	assert_nothing_lent();
}

/* ---- actors that cannot be run at once ---- */

static int wait_for_flag(struct actor_context *context, void *user)
{
	atomic_bool *flag = user;
	int64_t deadline_ns = test_deadline();

	while (!atomic_load(flag) && actor_now(context) < deadline_ns)
		sched_yield();
	return 0;
}

static const struct actor__channel *channel_of(union hand_address hand)
{
	return &ACTOR_CONTAINER_OF(hand.address, struct actor__actor, strong)->channel;
}

/* Until nothing is queued any more, though somebody may be at work. */
static void wait_until_taken(union hand_address hand)
{
	while (actor__channel_used(channel_of(hand)) > 0)
		sched_yield();
}

struct release {
	union hand_address hand;
	atomic_bool flag;
	uint64_t awaited; /* bits of the channel's head */
};

/* When somebody waits for the actor. */
static void *release_when_awaited(void *user)
{
	struct release *release = user;
	int64_t deadline_ns = test_deadline();

	while (!(atomic_load(&channel_of(release->hand)->head) & release->awaited) &&
	       actor_now(here()) < deadline_ns)
		sched_yield();
	atomic_store(&release->flag, true);
	return NULL;
}

static void a_busy_actor_goes_on_where_it_is(void **state)
{
	struct trace trace = { .n = 0 };
	struct release release = { .hand = idle_hand(8), .awaited = ACTOR__ONE };
	pthread_t thread;

	(void)state;
	tell(release.hand, wait_for_flag, &release.flag);
	wait_until_taken(release.hand);
	assert_int_equal(pthread_create(&thread, NULL, release_when_awaited, &release), 0);
	assert_int_equal(hand_call(here(), release.hand, leave_trace, &trace), 0);
	pthread_join(thread, NULL);
	assert_false(is_here(&trace, 0));
	assert_nothing_lent();
	actor_address_unref(release.hand.address);
}

static void who_waits_for_room_first_lends_nothing(void **state)
{
	struct trace trace = { .n = 0 };
	struct release release = { .hand = idle_hand(1), .awaited = ACTOR__IN_LINE };
	pthread_t thread;

	(void)state;
	tell(release.hand, wait_for_flag, &release.flag);
	wait_until_taken(release.hand);
	tell(release.hand, nothing, NULL);
	assert_int_equal(pthread_create(&thread, NULL, release_when_awaited, &release), 0);
	assert_int_equal(hand_call(here(), release.hand, leave_trace, &trace), 0);
	pthread_join(thread, NULL);
	assert_int_equal(trace.n, 1);
	assert_nothing_lent();
	actor_address_unref(release.hand.address);
}

static void who_is_refused_lends_nothing(void **state)
{
	struct trace trace = { .n = 0 };
	union hand_address hand = idle_hand(0);
	struct tally stopped = TALLY_INIT;
	struct hand self = { .stopped = &stopped };
	union hand_address gone = hand_spawn(pool, &self, 0);

	(void)state;
	assert_int_equal(actor_address_stop(gone.address, ACTOR_STOP_NOW), 0);
	assert_true(tally_wait(&stopped, 1));
	assert_int_equal(hand_call(here(), gone, leave_trace, &trace), ACTOR_E_CLOSED);
	assert_int_equal(trace.n, 0);
	assert_nothing_lent();
	actor_address_unref(gone.address);
	actor_address_unref(hand.address);
}

/* ---- what a handler may do on its caller's thread ---- */

static int nap(struct actor_context *context, void *user)
{
	leave_trace(context, user);
	actor_sleep_until(context, actor_now(context) + 5000000);
	return leave_trace(context, user);
}

/* The pool sleeps, and does not know of any deadline. */
static void handlers_may_wait_for_a_time(void **state)
{
	union hand_address hand = idle_hand(0);
	unsigned n_moved = 0;

	(void)state;
	for (unsigned i = 0; i < 6; i++) {
		struct trace trace = { .n = 0 };

		let_pass(i % 2 ? 0 : 30); /* also while its threads are still awake */
		assert_int_equal(hand_call(here(), hand, nap, &trace), 0);
		assert_int_equal(trace.n, 2);
		assert_true(is_here(&trace, 0));
		n_moved += !is_here(&trace, 1);
		wait_until_idle(hand);
	}
	assert_true(n_moved > 0); /* but when this thread was stopped until it was too late */
	assert_nothing_lent();
	actor_address_unref(hand.address);
}

static int wait_in_vain(struct actor_context *context, void *user)
{
	struct request *request = user;
	struct errand errand = { nothing, NULL };

	return ACTOR_CALL_UNTIL(context, request->to, errand, NULL, actor_now(context) + 2000000,
				&errand);
}

/* An earlier timer than the one that somebody sleeps for. */
static void handlers_may_wait_less_than_others(void **state)
{
	struct hand_mailbox mute = { NULL };
	struct request request = { { NULL }, NULL, NULL };
	union hand_address hand = idle_hand(0), sleeper = idle_hand(0);
	struct trace trace = { .n = 0 };

	(void)state;
	assert_int_equal(ACTOR_MAILBOX_CREATE(hand, actor_executor_spawner(pool), NULL, &mute), 0);
	request.to = ACTOR_MAILBOX_ADDRESS(hand, mute);
	tell(sleeper, nap, &trace); /* some timer of the pool's own, now and then */
	for (unsigned i = 0; i < 5; i++) {
		let_pass(i * 8);
		assert_int_equal(hand_call(here(), hand, wait_in_vain, &request), ACTOR_E_TIMEOUT);
		wait_until_idle(hand);
	}
	assert_true(tally_wait(&handled, 2));
	actor_address_unref(request.to.address);
	actor_mailbox_detach(mute.mailbox);
	actor_address_unref(hand.address);
	actor_address_unref(sleeper.address);
}

static int fall(struct actor_context *context, void *user)
{
	leave_trace(context, user);
	ACTOR_FAIL(context, "as it was told");
}

static int end_oneself(struct actor_context *context, void *user)
{
	leave_trace(context, user);
	return actor_stop(context, ACTOR_STOP_NOW);
}

/* What on_end has seen and tried. */
struct ending {
	unsigned n;
	enum actor_ended how;
	bool here; /* on the thread that it began on */
	struct actor__thread *thread;
	int joined, destroyed, locals, called;
	union hand_address other;
};

static void note_ending(void *user, struct actor_end *end)
{
	struct ending *ending = user;
	struct actor_executor *none = NULL;

	ending->n++;
	ending->how = end->how;
	ending->here = ending->thread == actor__thread();
	ending->joined = actor_executor_join(pool, actor__now() + 1000000000);
	ending->destroyed = actor_executor_destroy(pool);
	ending->locals = actor_local_create(&none);
	ending->called = hand_call(here(), ending->other, nothing, NULL);
	tally_add(&handled, 1);
}

static void end_by(hand_fn *function, int expected, enum actor_ended how)
{
	struct ending ending = { .thread = actor__thread(), .other = idle_hand(0) };
	struct trace trace = { .n = 0 };
	struct hand_mailbox mailbox = { NULL };
	union hand_address hand;

	assert_int_equal(ACTOR_MAILBOX_CREATE(hand, actor_executor_spawner(pool), NULL, &mailbox),
			 0);
	hand = ACTOR_MAILBOX_ADDRESS(hand, mailbox);
	assert_int_equal(ACTOR_MAILBOX_START(hand, mailbox, NULL, note_ending, &ending), 0);
	wait_until_idle(hand);
	assert_int_equal(hand_call(here(), hand, function, &trace), expected);
	assert_true(tally_wait(&handled, 2));
	assert_true(is_here(&trace, 0));
	assert_int_equal(ending.n, 1);
	assert_int_equal(ending.how, how);
	assert_true(ending.here);
	assert_int_equal(ending.joined, ACTOR_E_INVALID);
	assert_int_equal(ending.destroyed, ACTOR_E_INVALID);
	assert_int_equal(ending.locals, ACTOR_E_INVALID);
	assert_int_equal(ending.called, 0);
	assert_nothing_lent();
	actor_mailbox_detach(mailbox.mailbox);
	actor_address_unref(hand.address);
	actor_address_unref(ending.other.address);
}

/* Hooks, too, run on that thread, and are no more than hooks there. */
static void an_actor_may_fail_on_its_callers_thread(void **state)
{
	(void)state;
	end_by(fall, ACTOR_E_STOPPED, ACTOR_ENDED_FAILED);
}

static void an_actor_may_end_on_its_callers_thread(void **state)
{
	(void)state;
	end_by(end_oneself, 0, ACTOR_ENDED_STOPPED);
}

static int look_at_context(struct actor_context *context, void *user)
{
	return context != user && actor_thread_context() == context && actor_self(context) &&
	       actor_spawner(context) == actor_executor_spawner(pool);
}

static void the_context_is_the_handlers(void **state)
{
	struct actor_context *outside = here();
	union hand_address hand = idle_hand(0);

	(void)state;
	assert_int_equal(hand_call(outside, hand, look_at_context, outside), 1);
	assert_ptr_equal(here(), outside);
	assert_null(actor_self(outside));
	actor_address_unref(hand.address);
}

/* Each goes down one more handler: whoever can, runs on this thread, and nobody twice. */
struct descent {
	union hand_address *hands;
	unsigned n_hands, at;
};

static int descend(struct actor_context *context, void *user)
{
	struct descent *descent = user;
	unsigned at = descent->at++;
	int rc = 0;

	if (at < descent->n_hands)
		rc = hand_call(context, descent->hands[at], descend, descent);
	return rc < 0 ? rc : rc + 1;
}

static void calls_nest(void **state)
{
	enum { N = 100 };
	union hand_address hands[N];

	(void)state;
	for (unsigned i = 0; i < N; i++)
		hands[i] = hand_spawn(pool, NULL, 0);
	for (unsigned round = 0; round < test_times(50); round++) {
		struct descent descent = { hands, N, 0 };

		assert_int_equal(descend(here(), &descent), N + 1);
	}
	for (unsigned i = 0; i < N; i++)
		actor_address_unref(hands[i].address);
}

/* ---- several callers, and others who send ---- */

enum { N_COUNTERS = 3, N_CALLERS = 4 };

/* Each counter's number is its actor's alone. */
struct market {
	union hand_address hands[N_COUNTERS];
	uint64_t counts[N_COUNTERS];
	atomic_int n_inside[N_COUNTERS];
	atomic_uint n_wrong;
	unsigned n_each;
};

struct stall {
	struct market *market;
	unsigned index;
};

static struct market market;
static struct stall stalls[N_COUNTERS];

static int count_inside(struct actor_context *context, void *user)
{
	struct stall *stall = user;
	struct market *at = stall->market;

	if (atomic_fetch_add(&at->n_inside[stall->index], 1) != 0)
		atomic_fetch_add(&at->n_wrong, 1);
	if (++at->counts[stall->index] % 64 == 0)
		actor_sleep_until(context, actor_now(context) + 1000);
	atomic_fetch_sub(&at->n_inside[stall->index], 1);
	return (int)stall->index;
}

static void visit(void *user, unsigned index)
{
	uint64_t random = index + 1;
	unsigned n_wrong = 0;

	(void)user;
	for (unsigned i = 0; i < market.n_each; i++) {
		unsigned at = (unsigned)(test_random(&random) % N_COUNTERS);
		struct stall *stall = &stalls[at];

		if (test_random(&random) % 4 > 0)
			n_wrong += hand_call(here(), market.hands[at], count_inside, stall) !=
				   (int)at;
		else
			n_wrong += hand_send(here(), market.hands[at], count_inside, stall) != 0;
	}
	atomic_fetch_add(&market.n_wrong, n_wrong);
}

static void an_actor_is_run_by_one_thread_at_a_time(void **state)
{
	uint64_t n = 0;

	(void)state;
	memset(&market, 0, sizeof market);
	market.n_each = test_times(10000);
	for (unsigned i = 0; i < N_COUNTERS; i++) {
		stalls[i] = (struct stall){ &market, i };
		market.hands[i] = hand_spawn(pool, NULL, 1 + i);
	}
	crew_run(N_CALLERS, visit, NULL);
	for (unsigned i = 0; i < N_COUNTERS; i++)
		actor_address_unref(market.hands[i].address);
	assert_int_equal(actor_executor_join(pool, test_deadline()), 0);
	for (unsigned i = 0; i < N_COUNTERS; i++)
		n += market.counts[i];
	assert_int_equal(market.n_wrong, 0);
	assert_int_equal(n, (uint64_t)N_CALLERS * market.n_each);
}

#define CALL_TEST(test) cmocka_unit_test_setup_teardown(test, open_two, close_pool)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CALL_TEST(an_idle_actor_is_run_by_who_calls_it),
		CALL_TEST(not_with_a_deadline),
		CALL_TEST(not_for_what_needs_no_answer),
		CALL_TEST(not_on_a_thread_with_a_local_executor),
		CALL_TEST(not_for_what_handlers_call),
		CALL_TEST(the_rest_of_the_queue_is_the_pools),
		CALL_TEST(a_busy_actor_goes_on_where_it_is),
		CALL_TEST(who_waits_for_room_first_lends_nothing),
		CALL_TEST(who_is_refused_lends_nothing),
		CALL_TEST(handlers_may_wait_for_a_time),
		CALL_TEST(handlers_may_wait_less_than_others),
		CALL_TEST(an_actor_may_fail_on_its_callers_thread),
		CALL_TEST(an_actor_may_end_on_its_callers_thread),
		CALL_TEST(the_context_is_the_handlers),
		CALL_TEST(calls_nest),
		CALL_TEST(an_actor_is_run_by_one_thread_at_a_time),
	};

	return cmocka_run_group_tests_name("thread-call", tests, NULL, NULL);
}
