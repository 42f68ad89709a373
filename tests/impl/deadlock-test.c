/* SPDX-License-Identifier: MIT */

/*
 * Deadlocks: who waits for whom for ever is found, one of them is told, and nobody else. On a
 * simulation, the local executor, and a pool; what must not be found, and when, on a simulation
 * alone, where nobody waits for time to pass.
 */

#include "deadlock-fixture.h"

#include <stdlib.h>

/* ---- calls */

static void who_calls_itself_is_told_at_once(void **state)
{
	(void)state;
	cast(A, "A", 0);
	plan(A, A, done, A);
	assert_int_equal(tell(A, call_myself), 8);
	assert_int_equal(A->status, ACTOR_E_DEADLOCK);
	assert_int_equal(A->n_told, 2); /* by either address */
	assert_error(A, with_numbers("deadlock: A(id #A) awaits 'test.errand' of itself"));
	dismiss(1);
	assert_int_equal(A->n_done, 0); /* nothing was sent */
}

/* When nobody has an address of it any more: what is sent there is refused, also by itself. */
static int call_myself_at_last(struct actor_context *context, void *user)
{
	struct party *party = user;
	struct actor_address *strong;

	while ((strong = actor_address_upgrade(actor_self(context)))) {
		actor_address_unref(strong);
		actor_ignore(actor_sleep_until(context, actor_now(context) + 1000));
	}
	party->other = ACTOR_SELF(hand, context);
	return call_other(context, party);
}

static void who_takes_nothing_more_is_told_that(void **state)
{
	(void)state;
	cast(A, "A", 0);
	plan(A, A, done, A);
	leave(A, call_myself_at_last);
	actor_address_unref(A->hand.address);
	A->hand.address = NULL;
	dismiss(0);
	assert_int_equal(A->status, ACTOR_E_CLOSED);
	assert_int_equal(A->n_done, 0);
	assert_string_equal(said, "");
}

/* A calls B, who calls A, whose message stays where it is and is handled later. */
static void of_two_who_call_each_other_one_is_told(void **state)
{
	(void)state;
	cast_two();
	assert_int_equal(tell(A, call_other), 8);
	assert_int_equal(A->status, 8);
	assert_int_equal(B->status, ACTOR_E_DEADLOCK);
	assert_error(B, "test.errand: waiting would deadlock. For actor: hand: id=");
	assert_error(B, with_numbers(". deadlock: B(id #B) awaits 'test.errand' of A(id #A), which "
				     "awaits 'test.errand' of B(id #B)"));
	assert_said_once(with_numbers("[deadlock: B(id #B) awaits 'test.errand' of A(id #A), which "
				      "awaits 'test.errand' of B(id #B)]"));
	dismiss(2);
	assert_int_equal(B->n_done, 1);
}

static atomic_uint n_begun;

/* When the other one has begun, too. */
static int meet_and_call(struct actor_context *context, void *user)
{
	atomic_fetch_add(&n_begun, 1);
	while (atomic_load(&n_begun) < 2)
		actor_ignore(actor_sleep_until(context, actor_now(context) + 1000));
	return call_other(context, user);
}

/* Neither has the other's message in hand: either may be told. */
static void two_who_begin_at_the_same_time(void **state)
{
	struct actor_future futures[2];

	(void)state;
	n_begun = 0;
	cast_two();
	plan(A, B, done, A);
	plan(B, A, done, B);
	for (unsigned i = 0; i < 2; i++)
		assert_int_equal(begin(&futures[i], &parties[i], meet_and_call), 0);
	assert_int_equal(actor_future_await_all(futures, 2, ACTOR_FOREVER), 0);
	assert_one_told(A, B, 7);
	dismiss(2);
	assert_int_equal(A->n_done + B->n_done, 2);
}

static void in_a_ring_of_three_the_last_is_told(void **state)
{
	(void)state;
	a_ring(3);
}

static void in_a_ring_of_eight_the_last_is_told(void **state)
{
	(void)state;
	a_ring(8);
}

/* B's messages come through a channel, but what it has in hand is known. */
static void who_is_called_through_a_channel_may_be_in_a_circle(void **state)
{
	const struct actor_queue_options options = { .size = sizeof options, .capacity = 4 };
	struct actor_channel *channel = NULL;
	struct hand_mailbox mailbox;

	(void)state;
	cast(A, "A", 0);
	assert_int_equal(actor_queue_create(&options, &channel), 0);
	assert_int_equal(ACTOR_CHANNEL_MAILBOX(hand, actor_executor_spawner(executor),
					       ACTOR_OPTIONS(.name = "B"), channel, &mailbox),
			 0);
	assert_int_equal(ACTOR_CHANNEL_ADDRESS(hand, mailbox, channel, &B->hand), 0);
	assert_int_equal(ACTOR_MAILBOX_START(hand, mailbox, NULL, NULL, NULL), 0);
	actor_mailbox_detach(mailbox.mailbox);
	actor_channel_unref(channel);
	plan(A, B, call_other, B);
	plan(B, A, done, B);
	assert_int_equal(tell(A, call_other), 8);
	assert_int_equal(A->status, 8);
	assert_int_equal(B->status, ACTOR_E_DEADLOCK);
	dismiss(2);
}

/* ---- room */

/* Three messages to the other, who has room for one. */
static int send_other(struct actor_context *context, void *user)
{
	struct party *party = user;
	int rc = 0;

	for (int i = 0; i < 3 && rc == 0; i++)
		rc = hand_send(context, party->other, party->then, party->user);
	note(party, context, rc);
	return rc;
}

/* A sends to B, who for each message sends to A, who takes none meanwhile. */
static void who_waits_for_room_in_a_circle_is_told(void **state)
{
	(void)state;
	cast(A, "A", 1);
	cast(B, "B", 1);
	plan(A, B, send_other, B);
	plan(B, A, done, B);
	tell(A, send_other);
	dismiss(2);
	assert_true(A->n_told + B->n_told > 0);
	if (B->n_told)
		assert_error(B, with_numbers("deadlock: B(id #B) waits for room for 'test.job' in "
					     "A(id #A), which waits for room for 'test.job' in "
					     "B(id #B)"));
	else
		assert_error(A, with_numbers("deadlock: A(id #A) waits for room for 'test.job' in "
					     "B(id #B), which waits for room for 'test.job' in "
					     "A(id #A)"));
}

/* What it wanted to send was not accepted: A finds room for one. */
static void who_fills_its_own_mailbox_is_told(void **state)
{
	(void)state;
	cast(A, "A", 1);
	plan(A, A, done, A);
	assert_int_equal(tell(A, send_other), ACTOR_E_DEADLOCK);
	assert_error(A, with_numbers("deadlock: A(id #A) waits for room for 'test.job' in itself"));
	dismiss(1);
	assert_int_equal(A->n_done, 1);
}

/* ---- several answers */

/* Begin a call of each of two, and wait for both, or for one. */
static int call_two(struct actor_context *context, struct party *party, bool all)
{
	int answers[2], rc;

	actor_ignore(ACTOR_CALL_BEGIN(context, &party->futures[0], party->other, errand,
				      &answers[0], &(struct errand){ party->then, party->user }));
	actor_ignore(ACTOR_CALL_BEGIN(context, &party->futures[1], C->hand, errand, &answers[1],
				      &(struct errand){ C->then, C }));
	rc = all ? actor_future_await_all(party->futures, 2, ACTOR_FOREVER)
		 : actor_future_await_any(party->futures, 2, ACTOR_FOREVER);
	note(party, context, rc);
	actor_future_cancel(&party->futures[0]);
	actor_future_cancel(&party->futures[1]);
	return 9;
}

static int call_two_for_all(struct actor_context *context, void *user)
{
	return call_two(context, user, true);
}

static int call_two_for_any(struct actor_context *context, void *user)
{
	return call_two(context, user, false);
}

/* A calls B, who waits for A and for C. */
static void cast_three(hand_fn *of_b, hand_fn *of_c)
{
	cast_two();
	cast(C, "C", 0);
	plan(A, B, of_b, B);
	plan(C, A, of_c, C);
}

static void of_all_answers_one_that_never_comes_is_enough(void **state)
{
	(void)state;
	cast_three(call_two_for_all, done);
	assert_int_equal(tell(A, call_other), 8);
	assert_int_equal(A->status, 9);
	assert_int_equal(B->status, ACTOR_E_DEADLOCK);
	dismiss(3);
}

static int sleep_first(struct actor_context *context, void *user)
{
	actor_ignore(actor_sleep_until(context, actor_now(context) + 50000000));
	return done(context, user);
}

static void of_any_answers_one_that_may_come_is_enough(void **state)
{
	(void)state;
	cast_three(call_two_for_any, sleep_first);
	assert_int_equal(tell(A, call_other), 8);
	assert_int_equal(A->status, 9);
	assert_int_equal(B->status, 1);
	dismiss(3);
	assert_string_equal(said, "");
}

static int call_a(struct actor_context *context, void *user)
{
	struct party *party = user;

	party->then = done;
	return call_other(context, party);
}

/* C waits for A, too: B or C is told, and goes on. */
static void of_any_answers_all_may_be_such_that_never_come(void **state)
{
	(void)state;
	cast_three(call_two_for_any, call_a);
	assert_int_equal(tell(A, call_other), 8);
	assert_int_equal(A->status, 9);
	assert_true(B->status == ACTOR_E_DEADLOCK || C->status == ACTOR_E_DEADLOCK);
	dismiss(3);
}

/* ---- permits */

static int acquire_some(struct actor_context *context, struct party *party, size_t n)
{
	struct actor_permit *permit;
	int rc = actor_semaphore_acquire(context, party->semaphore, n, &permit);

	note(party, context, rc);
	if (rc == 0)
		actor_permit_release(permit);
	return 10;
}

static int acquire(struct actor_context *context, void *user)
{
	return acquire_some(context, user, 1);
}

static int acquire_two(struct actor_context *context, void *user)
{
	return acquire_some(context, user, 2);
}

static int acquire_and_call(struct actor_context *context, void *user)
{
	struct party *party = user;
	struct actor_permit *permit;

	if (actor_semaphore_acquire(context, party->semaphore, 1, &permit) < 0)
		return -1;
	call_other(context, party);
	actor_permit_release(permit);
	return 8;
}

static void cast_for_permits(size_t n_permits, unsigned n)
{
	static const char *const names[] = { "A", "B", "C", "D" };
	struct actor_semaphore *semaphore = NULL;

	assert_int_equal(actor_semaphore_create(n_permits, &semaphore), 0);
	for (unsigned i = 0; i < n; i++) {
		cast(&parties[i], names[i], 0);
		parties[i].semaphore = semaphore;
	}
	plan(A, &parties[n - 1], acquire, &parties[n - 1]);
}

static void dismiss_with_permits(unsigned n)
{
	dismiss(n);
	actor_semaphore_unref(A->semaphore);
}

static void who_waits_for_a_permit_in_a_circle_is_told(void **state)
{
	(void)state;
	cast_for_permits(1, 2);
	assert_int_equal(tell(A, acquire_and_call), 8);
	assert_int_equal(A->status, 10);
	assert_int_equal(B->status, ACTOR_E_DEADLOCK);
	assert_error(B, with_numbers("deadlock: B(id #B) waits for a permit that depends on A(id "
				     "#A), which awaits 'test.errand' of B(id #B)"));
	dismiss_with_permits(2);
}

/* A waits for B until @permit is released; nobody is told. */
static void assert_waits_for(struct actor_permit **permit)
{
	assert_int_equal(actor_future_await(&A->futures[0], actor_now(here()) + 20000000),
			 ACTOR_E_TIMEOUT);
	actor_permit_release(*permit);
	assert_int_equal(actor_future_await(&A->futures[0], ACTOR_FOREVER), 0);
	assert_int_equal(B->status, 0);
	dismiss_with_permits(2);
	assert_string_equal(said, "");
}

/* One is held by nobody knows whom: B may get it. */
static void who_may_get_a_permit_from_somebody_else_is_not_told(void **state)
{
	struct actor_permit *permit;

	(void)state;
	cast_for_permits(2, 2);
	assert_int_equal(actor_semaphore_try_acquire(NULL, A->semaphore, 1, &permit), 0);
	assert_int_equal(begin(&A->futures[0], A, acquire_and_call), 0);
	assert_waits_for(&permit);
}

/* A keeps its permit in its state: nobody knows when it gives it back. */
static struct actor_permit *kept;

static int acquire_keep_and_call(struct actor_context *context, void *user)
{
	struct party *party = user;

	if (actor_semaphore_acquire(context, party->semaphore, 1, &kept) < 0)
		return -1;
	actor_permit_keep(kept);
	return call_other(context, party);
}

static void whose_permits_are_kept_is_not_known(void **state)
{
	(void)state;
	cast_for_permits(1, 2);
	assert_int_equal(begin(&A->futures[0], A, acquire_keep_and_call), 0);
	assert_waits_for(&kept);
}

/* Once somebody stands in line. */
static int acquire_wait_and_call(struct actor_context *context, void *user)
{
	struct party *party = user;
	struct actor_semaphore_counts counts;
	struct actor_permit *permit;

	if (actor_semaphore_acquire(context, party->semaphore, 1, &permit) < 0)
		return -1;
	atomic_fetch_add(&n_begun, 1);
	do {
		actor_ignore(actor_sleep_until(context, actor_now(context) + 1000));
		actor_semaphore_counts_get(party->semaphore, &counts);
	} while (counts.n_waiting == 0);
	call_other(context, party);
	actor_permit_release(permit);
	return 8;
}

/* Of two permits A holds one and calls C. B waits for both, and so in front of C, who wants the one
 * that is left. */
static void who_stands_in_line_behind_one_who_is_stuck_is_told(void **state)
{
	(void)state;
	cast_for_permits(2, 3);
	n_begun = 0;
	assert_int_equal(begin(&A->futures[0], A, acquire_wait_and_call), 0);
	assert_true(has_come(&n_begun, 1));
	leave(B, acquire_two);
	assert_int_equal(actor_future_await(&A->futures[0], soon()), 0);
	assert_int_equal(A->status, 10);
	dismiss_with_permits(3);
	assert_one_told(B, C, 0);
	assert_error(B->status < 0 ? B : C, with_numbers("C(id #C) waits for a permit that depends "
							 "on B(id #B)"));
}

/* One after the other. */
static int acquire_both(struct actor_context *context, void *user)
{
	struct party *party = user;
	struct actor_permit *first;

	if (actor_semaphore_acquire(context, B->semaphore, 1, &first) < 0)
		return -1;
	atomic_fetch_add(&n_begun, 1);
	acquire(context, party);
	actor_permit_release(first);
	return 12;
}

/* A waits for both permits. C has one, and will give it back when it has got another; but B, who
 * has the other, waits for A. */
static void what_some_give_back_may_not_be_enough(void **state)
{
	struct actor_semaphore *others = NULL;
	struct actor_permit *permit;

	(void)state;
	cast_for_permits(2, 3);
	assert_int_equal(actor_semaphore_create(1, &others), 0);
	assert_int_equal(actor_semaphore_try_acquire(NULL, others, 1, &permit), 0);
	C->semaphore = others;
	plan(B, A, done, B);
	n_begun = 0;
	assert_int_equal(begin(&A->futures[0], B, acquire_wait_and_call), 0);
	assert_true(has_come(&n_begun, 1));
	assert_int_equal(begin(&A->futures[1], C, acquire_both), 0);
	assert_true(has_come(&n_begun, 2));
	leave(A, acquire_two);
	assert_int_equal(actor_future_await(&A->futures[0], soon()), 0);
	assert_true((A->n_told == 1) != (B->n_told == 1));
	actor_permit_release(permit);
	assert_int_equal(actor_future_await(&A->futures[1], soon()), 0);
	assert_int_equal(C->status, 0);
	dismiss_with_permits(3);
	actor_semaphore_unref(others);
}

/* ---- a long line */

enum { MOST_IN_LINE = 400 };

static union hand_address in_line[MOST_IN_LINE];
static atomic_uint n_latched;
static pthread_t who_looks;
static atomic_bool counts_latches;

void actor__step_latch(void);

void actor__step_latch(void)
{
	if (atomic_load(&counts_latches) && pthread_equal(who_looks, pthread_self()))
		atomic_fetch_add(&n_latched, 1);
}

static int count_and_acquire(struct actor_context *context, void *user)
{
	struct party *party = user;

	atomic_fetch_add(&n_begun, 1);
	acquire(context, party);
	atomic_fetch_add(&party->n_done, 1);
	return 0;
}

/* Nobody knows who holds the permit, so all may go on. */
static void stand_in_line(void)
{
	struct actor_permit *permit;

	n_begun = A->n_done = 0;
	assert_int_equal(actor_semaphore_try_acquire(NULL, A->semaphore, 1, &permit), 0);
	for (unsigned i = 0; i < MOST_IN_LINE; i++)
		assert_int_equal(hand_send(here(), in_line[i], count_and_acquire, A), 0);
	assert_true(has_come(&n_begun, MOST_IN_LINE));
	pass(30);
	actor_permit_release(permit);
	assert_true(has_come(&A->n_done, MOST_IN_LINE));
}

/* A look goes through the line some times at most, and not once for each who stands there; in
 * whichever order they are found: the second time, the fibers come in another one. */
static void a_long_line_is_looked_at_as_a_whole(void **state)
{
	(void)state;
	cast_for_permits(1, 1);
	for (unsigned i = 0; i < MOST_IN_LINE; i++)
		in_line[i] = hand_spawn(executor, NULL, 0);
	stand_in_line();
	who_looks = pthread_self();
	n_latched = 0;
	atomic_store(&counts_latches, true);
	stand_in_line();
	atomic_store(&counts_latches, false);
	for (unsigned i = 0; i < MOST_IN_LINE; i++)
		actor_address_unref(in_line[i].address);
	dismiss_with_permits(1);
	assert_in_range(n_latched, MOST_IN_LINE, 10 * MOST_IN_LINE);
	assert_string_equal(said, "");
}

/* ---- what may still come */

static int call_other_for_a_while(struct actor_context *context, void *user)
{
	struct party *party = user;
	int answer = 0;
	int rc = ACTOR_CALL_UNTIL(context, party->other, errand, &answer,
				  actor_now(context) + 30000000,
				  &(struct errand){ party->then, party->user });

	note(party, context, rc);
	return 8;
}

static void a_deadline_is_no_deadlock(void **state)
{
	(void)state;
	cast_two();
	plan(A, B, call_other_for_a_while, B);
	assert_int_equal(tell(A, call_other), 8);
	assert_int_equal(B->status, ACTOR_E_TIMEOUT);
	/* Its own actor, too. */
	plan(A, A, done, A);
	assert_int_equal(tell(A, call_other_for_a_while), 8);
	assert_int_equal(A->status, ACTOR_E_TIMEOUT);
	dismiss(2);
	assert_string_equal(said, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_ALL(who_calls_itself_is_told_at_once),
		ON_ALL(who_takes_nothing_more_is_told_that),
		ON_ALL(of_two_who_call_each_other_one_is_told),
		ON_ALL(two_who_begin_at_the_same_time),
		ON_ALL(in_a_ring_of_three_the_last_is_told),
		ON_ALL(in_a_ring_of_eight_the_last_is_told),
		ON_ALL(who_is_called_through_a_channel_may_be_in_a_circle),
		ON_ALL(who_waits_for_room_in_a_circle_is_told),
		ON_ALL(who_fills_its_own_mailbox_is_told),
		ON_ALL(of_all_answers_one_that_never_comes_is_enough),
		ON_ALL(of_any_answers_one_that_may_come_is_enough),
		ON_ALL(of_any_answers_all_may_be_such_that_never_come),
		ON_ALL(who_waits_for_a_permit_in_a_circle_is_told),
		ON(simulation, who_may_get_a_permit_from_somebody_else_is_not_told),
		ON(simulation, whose_permits_are_kept_is_not_known),
		ON_ALL(who_stands_in_line_behind_one_who_is_stuck_is_told),
		ON_ALL(what_some_give_back_may_not_be_enough),
		ON(simulation, a_long_line_is_looked_at_as_a_whole),
		ON(local, a_long_line_is_looked_at_as_a_whole),
		ON_ALL(a_deadline_is_no_deadlock),
	};

	return cmocka_run_group_tests_name("deadlock", tests, NULL, NULL);
}
