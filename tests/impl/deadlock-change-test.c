/* SPDX-License-Identifier: MIT */

/*
 * Deadlocks that come about though nobody begins to wait: those who wait have all been looked at
 * before, and then what they wait for is handed on, or room is given to somebody else. And what
 * must not be taken for one, since it may still change.
 */

#include "deadlock-fixture.h"

#include "deadlock.h"
#include "parker.h"
#include "thread.h"

#define MILLISECOND INT64_C(1000000)

/* ---- who takes replies */

#define TAKER_MESSAGES(CALL, SEND, X)                                                              \
	CALL(X, errand)                                                                            \
	SEND(X, job)
ACTOR_DECLARE(taker, TAKER_MESSAGES);

struct taker {
	char none;
};

/* What a taker does with an errand that says nothing: take the reply, and then call the other of
 * @user, a party, if that is given; or forward it to B, after a while. */
static struct errand_reply taken;
static atomic_uint n_taken;
static bool forwards;

static void taker_on_errand(struct taker *self, struct errand *message,
			    struct errand_pending pending, struct actor_context *context)
{
	struct errand_reply reply;
	int answer;

	(void)self;
	if (message->function) {
		answer = message->function(context, message->user);
		reply = errand_reply_take(pending);
		errand_reply_answer(&reply, answer);
	} else if (forwards) {
		actor_ignore(actor_sleep_until(context, actor_now(context) + 30 * MILLISECOND));
		actor_ignore(ACTOR_FORWARD(context, B->hand, errand, pending,
					   &(struct errand){ done, B }));
	} else {
		taken = errand_reply_take(pending);
		atomic_fetch_add(&n_taken, 1);
		if (message->user)
			call_other(context, message->user);
	}
}

static void taker_on_job(struct taker *self, struct job *message, struct actor_context *context)
{
	(void)self;
	message->function(context, message->user);
}
ACTOR_DEFINE(taker, TAKER_MESSAGES, NULL, NULL, NULL);

/* As a party that is a hand. */
static void cast_taker_on(struct actor_executor *on, struct party *party, const char *name)
{
	union taker_address made = { NULL };

	*party = (struct party){ .status = ACTOR_PENDING };
	assert_int_equal(ACTOR_SPAWN(taker, actor_executor_spawner(on), NULL,
				     ACTOR_OPTIONS(.name = name), &made),
			 0);
	party->hand.address = made.address;
	party->number = actor_address_info(made.address).identity.number;
}

/* Whom others call is on another executor, or not: ways of handing on a reply to B, who waits. */
static struct actor_executor *theirs;

static void begin_case(void **state)
{
	(void)state;
	taken = (struct errand_reply){ NULL };
	atomic_store(&n_taken, 0);
	forwards = false;
	theirs = executor;
}

static void begin_case_on_two(void **state)
{
	begin_case(state);
	theirs = more = create(POOL);
}

static void await_both(void)
{
	await_two();
	dismiss(3);
	assert_one_told(A, B, 7);
}

/* B waits for A, and A for what was taken from C. */
static void cast_with_taker(void)
{
	cast(A, "A", 0);
	cast_on(theirs, B, "B", 0);
	cast_taker_on(theirs, C, "C");
	plan(A, C, NULL, NULL);
	plan(B, A, done, B);
}

static void post_to_b(struct actor_reply *reply)
{
	struct errand errand = { done, B };

	assert_int_equal(actor_address_post(B->hand.address, &errand_type, &errand, reply, NULL),
			 0);
}

/* A has called somebody who has not yet had the time to take its reply; and all has been looked at.
 */
static void pass_looks(void)
{
	assert_true(has_come(&n_taken, 1));
	pass(40);
	assert_int_equal(A->status, ACTOR_PENDING);
	assert_int_equal(B->status, ACTOR_PENDING);
	assert_string_equal(said, "");
}

static void forward(void)
{
	forwards = true;
	cast_with_taker();
	assert_int_equal(begin(&A->futures[0], A, call_other), 0);
	assert_int_equal(begin(&A->futures[1], B, call_other), 0);
	await_both();
}

static void what_is_forwarded_may_close_a_circle(void **state)
{
	begin_case(state);
	forward();
}

static void what_is_forwarded_elsewhere_may_close_a_circle(void **state)
{
	begin_case_on_two(state);
	forward();
}

/* By a thread that is nobody's. */
static void post_what_is_taken(void)
{
	cast_with_taker();
	assert_int_equal(begin(&A->futures[0], A, call_other), 0);
	assert_int_equal(begin(&A->futures[1], B, call_other), 0);
	pass_looks();
	post_to_b(taken.reply);
	await_both();
}

static void what_a_thread_posts_may_close_a_circle(void **state)
{
	begin_case(state);
	post_what_is_taken();
}

static void what_a_thread_posts_elsewhere_may_close_a_circle(void **state)
{
	begin_case_on_two(state);
	post_what_is_taken();
}

/* B takes A's reply, calls A, and is sent what it has taken. */
static void post_back(void)
{
	cast(A, "A", 0);
	cast_taker_on(theirs, B, "B");
	cast(C, "C", 0);
	plan(A, B, NULL, B);
	plan(B, A, done, B);
	assert_int_equal(begin(&A->futures[0], A, call_other), 0);
	pass_looks();
	assert_int_equal(begin(&A->futures[1], C, nothing), 0);
	post_to_b(taken.reply);
	await_both();
}

static void what_is_handed_back_may_close_a_circle(void **state)
{
	begin_case(state);
	post_back();
}

static void what_is_handed_back_elsewhere_may_close_a_circle(void **state)
{
	begin_case_on_two(state);
	post_back();
}

/* A waits for what nobody has been asked yet. */
static int open_and_wait(struct actor_context *context, void *user)
{
	struct party *party = user;
	struct actor_reply *reply;
	int answer = 0, rc;

	actor_ignore(context->ops->reply_open(context, errand_type.reply, &reply));
	taken.reply = reply;
	atomic_fetch_add(&n_taken, 1);
	rc = actor_await_replies(context, &reply, 1, sizeof reply, ACTOR_AWAIT_ALL, ACTOR_FOREVER);
	note(party, context, rc);
	rc = context->ops->reply_close(context, reply, &answer);
	if (rc == 0)
		party->status = answer;
	return 8;
}

static void what_is_posted_late_may_close_a_circle(void **state)
{
	begin_case(state);
	cast_with_taker();
	assert_int_equal(begin(&A->futures[0], A, open_and_wait), 0);
	assert_int_equal(begin(&A->futures[1], B, call_other), 0);
	pass_looks();
	post_to_b(taken.reply);
	await_both();
}

/* A waits for an answer that was taken, by one who waits for A. */
static void who_has_taken_a_reply_may_have_others_answer(void **state)
{
	begin_case(state);
	cast(A, "A", 0);
	cast_taker_on(theirs, B, "B");
	plan(A, B, NULL, B);
	plan(B, A, done, B);
	assert_int_equal(begin(&A->futures[0], A, call_other), 0);
	pass_looks();
	errand_reply_answer(&taken, 3);
	assert_int_equal(actor_future_await(&A->futures[0], ACTOR_FOREVER), 0);
	assert_int_equal(A->status, 3);
	dismiss(2);
	assert_int_equal(B->status, 7);
	assert_string_equal(said, "");
}

/* ---- in the midst of something */

/* The next time that this thread takes a latch. */
static void (*in_between)(void);
static pthread_t who_comes_between;

void actor__step_latch(void);

void actor__step_latch(void)
{
	void (*function)(void) = in_between;

	if (!function || !pthread_equal(who_comes_between, pthread_self()))
		return;
	in_between = NULL;
	function();
}

/* Have that happen in a look; there is one when this thread waits. */
static void come_between_look(void (*function)(void))
{
	int64_t deadline_ns = soon();

	assert_int_equal(actor_local_run(executor), 0);
	who_comes_between = pthread_self();
	in_between = function;
	while (in_between && actor_now(here()) < deadline_ns)
		pass(1);
	assert_null(in_between);
}

static unsigned n_frozen;

static void post_during_look(void)
{
	for (struct actor__fiber *fiber = actor__fibers(); fiber; fiber = actor__fiber_older(fiber))
		n_frozen += atomic_load(&fiber->context.parker.state) == ACTOR__FROZEN;
	post_to_b(taken.reply);
}

static int acquire(struct actor_context *context, void *user)
{
	struct party *party = user;
	struct actor_permit *permit;
	int rc = actor_semaphore_acquire(context, party->semaphore, 1, &permit);

	note(party, context, rc);
	if (rc == 0)
		actor_permit_release(permit);
	return rc;
}

/* D stands in line for a permit, which a look takes a latch for, after it has found that A can go
 * on.
 */
static void what_is_handed_on_during_a_look_may_close_a_circle(void **state)
{
	struct actor_permit *permit;

	begin_case(state);
	cast_with_taker();
	cast(D, "D", 0);
	assert_int_equal(actor_semaphore_create(1, &D->semaphore), 0);
	assert_int_equal(actor_semaphore_try_acquire(NULL, D->semaphore, 1, &permit), 0);
	assert_int_equal(begin(&A->futures[0], A, call_other), 0);
	assert_int_equal(begin(&A->futures[1], B, call_other), 0);
	leave(D, acquire);
	n_frozen = 0;
	come_between_look(post_during_look);
	assert_int_equal(n_frozen, 3);
	actor_permit_release(permit);
	await_two();
	assert_one_told(A, B, 7);
	actor_semaphore_unref(D->semaphore);
	dismiss(4);
}

static struct actor_permit *held;

static void release_held(void)
{
	actor_permit_release(held);
}

/* The first in line gets it, frozen as it is, and the next one waits for that one; whichever of
 * them a look comes to first. */
static void who_is_granted_a_permit_during_a_look_goes_on(void **state)
{
	begin_case(state);
	cast(A, "A", 0);
	cast(B, "B", 0);
	assert_int_equal(actor_semaphore_create(1, &A->semaphore), 0);
	B->semaphore = A->semaphore;
	for (unsigned i = 0; i < 2; i++) {
		A->status = B->status = ACTOR_PENDING;
		assert_int_equal(actor_semaphore_try_acquire(NULL, A->semaphore, 1, &held), 0);
		assert_int_equal(begin(&A->futures[0], &parties[i], acquire), 0);
		assert_int_equal(begin(&A->futures[1], &parties[1 - i], acquire), 0);
		come_between_look(release_held);
		await_two();
		assert_int_equal(A->status, 0);
		assert_int_equal(B->status, 0);
	}
	dismiss(2);
	actor_semaphore_unref(A->semaphore);
	assert_string_equal(said, "");
}

/* ---- room that is promised */

enum { MOST_GUESTS = 2 };

static struct actor_waiter guests[MOST_GUESTS];
static atomic_uint n_woken;

static void guest_woken(struct actor_waiter *waiter)
{
	(void)waiter;
	atomic_fetch_add(&n_woken, 1);
}

static int post_as_guest(unsigned i)
{
	struct job job = { nothing, NULL };

	return actor_address_post(B->hand.address, &job_type, &job, NULL, &guests[i]);
}

static atomic_uint n_at_gate, gate_open;

static int wait_at_gate(struct actor_context *context, void *user)
{
	(void)user;
	atomic_fetch_add(&n_at_gate, 1);
	while (!atomic_load(&gate_open))
		actor_ignore(actor_sleep_until(context, actor_now(context) + MILLISECOND));
	return 0;
}

static int send_one(struct actor_context *context, void *user)
{
	struct party *party = user;

	atomic_fetch_add(&n_at_gate, 1);
	note(party, context, hand_send(context, party->other, nothing, NULL));
	return 0;
}

/* B calls A, who stands in line for room in B: behind guests, for the first of whom there is room,
 * and no message. */
static void promise_room(unsigned n_guests)
{
	cast(A, "A", 0);
	cast(B, "B", 1);
	plan(A, B, NULL, NULL);
	plan(B, A, done, B);
	atomic_store(&n_woken, 0);
	atomic_store(&n_at_gate, 0);
	atomic_store(&gate_open, 0);
	/* B has one in hand, one in its mailbox, and the others in line. */
	assert_int_equal(hand_send(NULL, B->hand, wait_at_gate, NULL), 0);
	assert_true(has_come(&n_at_gate, 1));
	assert_int_equal(begin(&A->futures[0], B, call_other), 0);
	for (unsigned i = 0; i < n_guests; i++) {
		actor_waiter_init(&guests[i], guest_woken);
		assert_int_equal(post_as_guest(i), ACTOR_E_FULL);
	}
	assert_int_equal(begin(&A->futures[1], A, send_one), 0);
	assert_true(has_come(&n_at_gate, 2));
	atomic_store(&gate_open, 1);
	assert_true(has_come(&n_woken, 1));
	pass(40);
	assert_int_equal(A->status, ACTOR_PENDING);
	assert_int_equal(B->status, ACTOR_PENDING);
	assert_string_equal(said, "");
}

static void who_is_promised_room_may_give_it_back(void **state)
{
	(void)state;
	promise_room(1);
	actor_address_withdraw(B->hand.address, &guests[0]);
	await_two();
	assert_int_equal(A->status, 0);
	assert_int_equal(B->status, 7);
	dismiss(2);
	assert_string_equal(said, "");
}

static void assert_room_closes_a_circle(unsigned guest)
{
	assert_int_equal(post_as_guest(guest), 0);
	await_two();
	assert_true((A->status == ACTOR_E_DEADLOCK) != (B->status == ACTOR_E_DEADLOCK));
	dismiss(2);
}

static void who_is_promised_room_may_close_a_circle(void **state)
{
	(void)state;
	promise_room(1);
	assert_room_closes_a_circle(0);
}

/* What an executor does whose threads have nothing to do. */
static void look_at_once(void)
{
	struct actor__thread *thread = actor__thread();

	thread->until_look = thread->looks_every - 1;
	assert_false(actor__deadlocks_look_idle(thread, executor));
}

/* It takes the latch to see that it was promised room, and then to give that to the next. */
static void look_at_next_latch(void)
{
	in_between = look_at_once;
}

/* The first guest gives its promise back: a look comes just before the next one is given it. */
static void who_is_about_to_be_promised_room_may_close_a_circle(void **state)
{
	(void)state;
	promise_room(2);
	who_comes_between = pthread_self();
	in_between = look_at_next_latch;
	actor_address_withdraw(B->hand.address, &guests[0]);
	assert_null(in_between);
	assert_room_closes_a_circle(1);
}

/* ---- what freezes */

static unsigned n_unparked;

static void unpark(struct actor__parker *parker)
{
	(void)parker;
	n_unparked++;
}

static void what_is_frozen_is_woken_when_it_is_thawed(void **state)
{
	struct actor__parker parker = { .unpark = unpark };

	(void)state;
	n_unparked = 0;
	assert_false(actor__park_freeze(&parker)); /* it runs */
	assert_true(actor__park_commit(&parker));
	assert_true(actor__park_freeze(&parker));
	assert_false(actor__park_freeze(&parker)); /* by one at a time */
	actor__park_thaw(&parker);
	assert_int_equal(n_unparked, 0);

	assert_true(actor__park_freeze(&parker));
	actor__wake(&parker);
	actor__wake(&parker);
	assert_int_equal(n_unparked, 0);
	actor__park_thaw(&parker);
	assert_int_equal(n_unparked, 1);
	assert_false(actor__park_reset(&parker)); /* that wake is used up */

	assert_true(actor__park_commit(&parker));
	assert_true(actor__park_freeze(&parker));
	actor__park_thaw_woken(&parker);
	assert_int_equal(n_unparked, 2);
	assert_true(actor__park_reset(&parker));
	dismiss(0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_ALL(what_is_forwarded_may_close_a_circle),
		ON(local, what_is_forwarded_elsewhere_may_close_a_circle),
		ON(pool, what_is_forwarded_elsewhere_may_close_a_circle),
		ON_ALL(what_a_thread_posts_may_close_a_circle),
		ON(local, what_a_thread_posts_elsewhere_may_close_a_circle),
		ON(pool, what_a_thread_posts_elsewhere_may_close_a_circle),
		ON_ALL(what_is_handed_back_may_close_a_circle),
		ON(local, what_is_handed_back_elsewhere_may_close_a_circle),
		ON(pool, what_is_handed_back_elsewhere_may_close_a_circle),
		ON_ALL(what_is_posted_late_may_close_a_circle),
		ON_ALL(who_has_taken_a_reply_may_have_others_answer),
		ON(local, what_is_handed_on_during_a_look_may_close_a_circle),
		ON(local, who_is_granted_a_permit_during_a_look_goes_on),
		ON(simulation, who_is_promised_room_may_give_it_back),
		ON_ALL(who_is_promised_room_may_close_a_circle),
		ON(local, who_is_about_to_be_promised_room_may_close_a_circle),
		ON(simulation, what_is_frozen_is_woken_when_it_is_thawed),
	};

	return cmocka_run_group_tests_name("deadlock-change", tests, NULL, NULL);
}
