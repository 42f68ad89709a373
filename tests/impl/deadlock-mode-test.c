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

static void a_circle_may_go_through_two_executors(void **state)
{
	(void)state;
	more = create(POOL);
	cast_two_on(executor, more);
	assert_int_equal(tell(A, call_other), 8);
	assert_int_equal(A->status, 8);
	assert_int_equal(B->status, ACTOR_E_DEADLOCK);
	dismiss(2);
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
		ON(local, who_is_busy_calling_looks_too),
		ON(pool, who_is_busy_calling_looks_too),
	};

	return cmocka_run_group_tests_name("deadlock-mode", tests, NULL, NULL);
}
