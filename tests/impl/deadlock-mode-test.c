/* SPDX-License-Identifier: MIT */

/* Deadlocks: what is done about them, who hears of it, and when, on one executor and on several. */

#include "deadlock-fixture.h"

static int set(enum actor_deadlock_mode mode)
{
	return set_on(executor, mode, &reported);
}

static void a_deadlock_is_reported(void **state)
{
	(void)state;
	assert_int_equal(set(ACTOR_DEADLOCKS_FAIL), 0);
	a_ring(3);
	assert_int_equal(reported.n, 1);
	assert_int_equal(reported.n_actors, 3);
	assert_true(reported.fails);
	assert_string_equal(reported.message_type, "test.errand");
	assert_non_null(strstr(C->error, reported.text));
}

/* Reported once, also when others begin to wait for the same ones; until it ends from outside. */
static void a_deadlock_may_only_be_reported(void **state)
{
	(void)state;
	assert_int_equal(set(ACTOR_DEADLOCKS_REPORT), 0);
	cast_two();
	cast(C, "C", 0);
	plan(C, A, done, C);
	leave(A, call_other);
	pass(20);
	leave(C, call_other);
	pass(20);
	assert_int_equal(reported.n, 1);
	assert_false(reported.fails);
	assert_int_equal(B->status, ACTOR_PENDING);
	assert_said_once("[deadlock: B(id ");
	assert_int_equal(set(ACTOR_DEADLOCKS_FAIL), ACTOR_E_BUSY);
	cancel_all();
	dismiss(3);
	assert_int_equal(B->status, ACTOR_E_CANCELLED);
}

/* Who calls itself, too: it goes on, and waits. */
static void who_calls_itself_may_only_be_reported(void **state)
{
	(void)state;
	assert_int_equal(set(ACTOR_DEADLOCKS_REPORT), 0);
	cast(A, "A", 0);
	plan(A, A, done, A);
	leave(A, call_myself);
	assert_true(has_come(&reported.n, 1));
	pass(20);
	assert_int_equal(A->status, ACTOR_PENDING);
	assert_int_equal(reported.n, 1);
	assert_false(reported.fails);
	assert_said_once(with_numbers("[deadlock: A(id #A) awaits 'test.errand' of itself]"));
	cancel_all();
	dismiss(1);
	assert_int_equal(A->status, ACTOR_E_CANCELLED);
}

static void deadlocks_may_be_ignored(void **state)
{
	(void)state;
	assert_int_equal(set(ACTOR_DEADLOCKS_IGNORE), 0);
	cast(A, "A", 0);
	plan(A, A, done, A);
	leave(A, call_myself);
	pass(20);
	assert_int_equal(A->status, ACTOR_PENDING);
	cancel_all();
	dismiss(1);
	assert_int_equal(reported.n, 0);
	assert_string_equal(said, "");
}

static void modes_must_make_sense(void **state)
{
	(void)state;
	assert_int_equal(set((enum actor_deadlock_mode)3), ACTOR_E_INVALID);
	assert_int_equal(actor_executor_set_deadlocks(executor, NULL), 0);
	dismiss(0);
}

/* ---- several executors */

static struct reports reported_more;

static void two_executors(enum actor_deadlock_mode mode, enum actor_deadlock_mode mode_of_more)
{
	more = create(POOL);
	memset(&reported_more, 0, sizeof reported_more);
	assert_int_equal(set(mode), 0);
	assert_int_equal(set_on(more, mode_of_more, &reported_more), 0);
}

static void a_circle_may_go_through_two_executors(void **state)
{
	(void)state;
	two_executors(ACTOR_DEADLOCKS_FAIL, ACTOR_DEADLOCKS_FAIL);
	cast_two_on(executor, more);
	assert_int_equal(tell(A, call_other), 8);
	assert_int_equal(A->status, 8);
	assert_int_equal(B->status, ACTOR_E_DEADLOCK);
	dismiss(2);
	/* Of whichever executor who looked was. */
	assert_int_equal(reported.n, 0);
	assert_int_equal(reported_more.n, 1);
	assert_int_equal(reported_more.number, B->number);
}

/* When A's wait has been looked at: the next look is for the sake of this one. */
static int call_other_late(struct actor_context *context, void *user)
{
	actor_ignore(actor_sleep_until(context, actor_now(context) + 50000000));
	return call_other(context, user);
}

/* Who can be told is, even if the other one has closed the circle, and it is reported where it
 * fails. */
static void who_only_reports_is_not_told_if_another_can_be(void **state)
{
	(void)state;
	two_executors(ACTOR_DEADLOCKS_FAIL, ACTOR_DEADLOCKS_REPORT);
	cast_two_on(executor, more);
	plan(A, B, call_other_late, B);
	assert_int_equal(tell(A, call_other), 8);
	assert_int_equal(A->status, ACTOR_E_DEADLOCK);
	dismiss(2);
	assert_int_equal(B->status, 7);
	assert_int_equal(reported.n, 1);
	assert_int_equal(reported_more.n, 0);
}

/* Those who are not to be told: somebody else in the circle is. */
static void who_ignores_deadlocks_may_be_in_the_circle_of_another(void **state)
{
	(void)state;
	two_executors(ACTOR_DEADLOCKS_FAIL, ACTOR_DEADLOCKS_IGNORE);
	cast_two_on(executor, more);
	assert_int_equal(tell(A, call_other), 8);
	assert_int_equal(A->status, ACTOR_E_DEADLOCK);
	dismiss(2);
	assert_int_equal(B->status, 7);
	assert_int_equal(reported.n, 1);
	assert_int_equal(reported_more.n, 0);
}

/* C waits for two who wait for each other, and has been told to leave it at that; a look on behalf
 * of C finds them. D is in a circle of its own with C's executor, and is told. */
static void who_ignores_deadlocks_is_left_alone_by_others(void **state)
{
	(void)state;
	two_executors(ACTOR_DEADLOCKS_FAIL, ACTOR_DEADLOCKS_IGNORE);
	cast_two_on(more, more);
	cast(C, "C", 0);
	plan(C, A, done, C);
	leave(A, call_other);
	pass(20);
	leave(C, call_other);
	pass(40);
	assert_int_equal(A->status, ACTOR_PENDING);
	assert_int_equal(B->status, ACTOR_PENDING);
	assert_int_equal(C->status, ACTOR_PENDING);
	assert_string_equal(said, "");
	cast(D, "D", 0);
	plan(D, D, done, D);
	assert_int_equal(tell(D, call_myself), 8);
	assert_int_equal(D->status, ACTOR_E_DEADLOCK);
	cancel_all();
	dismiss(4);
	assert_int_equal(reported.n, 2); /* D, by two addresses */
	assert_int_equal(reported_more.n, 0);
}

/* ---- an executor that always has something to do */

static atomic_bool over;

static int call_and_again(struct actor_context *context, void *user)
{
	struct party *party = user;
	int rc = 0;

	if (!atomic_load(&over))
		rc = hand_call(context, party->other, done, C) < 0 ? -1 : 0;
	if (!atomic_load(&over) && rc == 0)
		actor_ignore(hand_send(NULL, party->hand, call_and_again, party));
	return rc;
}

/* Never waits. */
static int send_again(struct actor_context *context, void *user)
{
	struct party *party = user;

	(void)context;
	if (!atomic_load(&over))
		actor_ignore(hand_send(NULL, party->hand, send_again, party));
	return 0;
}

static void look_while_busy(hand_fn *never_rest)
{
	atomic_store(&over, false);
	cast_two();
	cast(C, "C", 0);
	cast(D, "D", 0);
	plan(D, C, NULL, NULL);
	leave(D, never_rest);
	assert_int_equal(begin(&A->futures[0], A, call_other), 0);
	assert_int_equal(actor_future_await(&A->futures[0], soon()), 0);
	assert_int_equal(B->status, ACTOR_E_DEADLOCK);
	atomic_store(&over, true);
	dismiss(4);
}

static void who_is_busy_calling_looks_too(void **state)
{
	(void)state;
	look_while_busy(call_and_again);
}

static void who_is_busy_and_never_waits_looks_too(void **state)
{
	(void)state;
	look_while_busy(send_again);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_ALL(a_deadlock_is_reported),
		ON(simulation, a_deadlock_may_only_be_reported),
		ON_ALL(who_calls_itself_may_only_be_reported),
		ON(simulation, deadlocks_may_be_ignored),
		ON(simulation, modes_must_make_sense),
		ON(local, a_circle_may_go_through_two_executors),
		ON(pool, a_circle_may_go_through_two_executors),
		ON(local, who_only_reports_is_not_told_if_another_can_be),
		ON(pool, who_only_reports_is_not_told_if_another_can_be),
		ON(local, who_ignores_deadlocks_may_be_in_the_circle_of_another),
		ON(pool, who_ignores_deadlocks_may_be_in_the_circle_of_another),
		ON(local, who_ignores_deadlocks_is_left_alone_by_others),
		ON(pool, who_ignores_deadlocks_is_left_alone_by_others),
		ON(local, who_is_busy_calling_looks_too),
		ON(pool, who_is_busy_calling_looks_too),
		ON(local, who_is_busy_and_never_waits_looks_too),
		ON(pool, who_is_busy_and_never_waits_looks_too),
	};

	return cmocka_run_group_tests_name("deadlock-mode", tests, NULL, NULL);
}
