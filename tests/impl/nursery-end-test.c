/* SPDX-License-Identifier: MIT */

/* Nurseries: what becomes of subtasks, and of their results, when they are cancelled, and when
 * their actor, their nursery or their executor ends (N-01, N-06, N-08). */

#include "nursery-fixture.h"

#include <sched.h>

static int destroy_nursery(struct actor_context *context, void *user)
{
	(void)context, (void)user;
	actor_nursery_destroy(mother.nursery);
	mother.nursery = NULL;
	return 0;
}

/* Its waits return, what was moved is dropped: tear_down() counts. N-01, N-06 */
static void destroying_cancels_what_runs_and_drops_what_waits(void **state)
{
	(void)state;
	parent_here(3);
	parent_starts(pass_door, 1, 7);
	assert_true(tally_wait(&begun, 3));
	assert_int_equal(parent_call(destroy_nursery, NULL), 0);
	assert_true(tally_wait(&ended, 3));
	parent_let_go();
	assert_int_equal(actor_executor_join(pool, test_deadline()), 0);
	assert_int_equal(tally_count(&begun), 3);
	assert_int_equal(tally_count(&mother.got), 0);
}

/* Twice cancelled: a later wait returns at once. */
static int wait_twice(struct actor_context *context, struct chore *chore)
{
	int first = pass_door(context, chore);
	int second = actor_sleep_until(context, ACTOR_FOREVER);

	return first == ACTOR_E_CANCELLED && second == ACTOR_E_CANCELLED ? 0 : ACTOR_E_BUSY;
}

static int status_of_waits;

static int note_waits(struct actor_context *context, struct chore *chore)
{
	return status_of_waits = wait_twice(context, chore);
}

static void later_waits_of_a_cancelled_subtask_return_at_once(void **state)
{
	(void)state;
	status_of_waits = ACTOR_PENDING;
	parent_here(0);
	parent_starts(note_waits, 1, 1);
	assert_true(tally_wait(&begun, 1));
	assert_int_equal(parent_call(destroy_nursery, NULL), 0);
	assert_true(tally_wait(&ended, 1));
	assert_int_equal(status_of_waits, 0);
}

static int fail_parent(struct actor_context *context, void *user)
{
	(void)user;
	ACTOR_FAIL(context, "with subtasks");
}

/* N-08 */
static void an_actor_that_fails_takes_its_subtasks_along(void **state)
{
	(void)state;
	parent_here(0);
	parent_starts(pass_door, 1, 3);
	assert_true(tally_wait(&begun, 3));
	assert_int_equal(parent_call(fail_parent, NULL), ACTOR_E_STOPPED);
	assert_true(tally_wait(&ended, 3));
	assert_true(tally_wait(&mother.destroyed, 1));
}

static void an_actor_that_is_cancelled_takes_its_subtasks_along(void **state)
{
	(void)state;
	parent_here(0);
	parent_starts(pass_door, 1, 3);
	assert_true(tally_wait(&begun, 3));
	actor_mailbox_cancel(parent_mailbox.mailbox);
	assert_true(tally_wait(&ended, 3));
	assert_true(tally_wait(&mother.destroyed, 1));
}

static void an_actor_that_ends_takes_its_subtasks_along(void **state)
{
	(void)state;
	parent_here(1);
	parent_starts(pass_door, 1, 3);
	assert_true(tally_wait(&begun, 1));
	parent_let_go();
	assert_true(tally_wait(&ended, 1));
	assert_true(tally_wait(&mother.destroyed, 1));
}

/* Its state goes back to its owner, nursery and all: the first result that nobody takes ends it. */
static void an_actor_that_has_stopped_takes_no_results(void **state)
{
	struct actor_end end;

	(void)state;
	parent_here(0);
	parent_starts(pass_door, 1, 3);
	assert_true(tally_wait(&begun, 3));
	assert_int_equal(actor_mailbox_stop(parent_mailbox.mailbox, ACTOR_STOP_NOW), 0);
	assert_int_equal(actor_mailbox_join(here(), parent_mailbox.mailbox, test_deadline(), &end),
			 0);
	assert_ptr_equal(end.state, &mother);
	doors_open(2);
	assert_true(tally_wait(&ended, 3));
	assert_int_equal(start(mother.nursery, succeed, 4), ACTOR_E_CLOSED);
	actor_end_drop(&end);
}

static int fail_with_a_nursery(struct actor_context *context, void *user)
{
	struct actor_nursery_options options = { .size = sizeof options };
	struct actor_nursery *nursery;

	(void)user;
	if (actor_nursery_create(context, &options, &nursery) == 0 &&
	    start(nursery, pass_door, 1) == 0)
		tally_wait(&begun, 1);
	ACTOR_FAIL(context, "with a nursery of this handler");
}

static void a_handler_that_fails_takes_its_nursery_along(void **state)
{
	(void)state;
	parent_here(0);
	assert_int_equal(parent_call(fail_with_a_nursery, NULL), ACTOR_E_STOPPED);
	assert_true(tally_wait(&ended, 1));
}

static int use_a_nursery(struct actor_context *context, void *user)
{
	struct actor_nursery_options options = { .size = sizeof options,
						 .results = ACTOR_NURSERY_NEXT };
	struct actor_nursery *nursery;
	struct actor_result result;
	int rc = actor_nursery_create(context, &options, &nursery);

	(void)user;
	if (rc < 0)
		return rc;
	rc = start(nursery, succeed, 1);
	if (rc == 0)
		rc = actor_nursery_next(context, nursery, ACTOR_FOREVER, &result);
	if (rc == 0) {
		rc = result.status;
		actor_result_drop(&result);
	}
	actor_nursery_destroy(nursery);
	return rc;
}

static void a_nursery_may_be_a_handler_s(void **state)
{
	(void)state;
	parent_here(0);
	assert_int_equal(parent_call(use_a_nursery, NULL), 0);
}

/* Results that are queued when the actor ends are dropped with its queue. */
static void queued_results_are_dropped_with_the_queue(void **state)
{
	(void)state;
	parent_here(0);
	parent_starts(pass_door, 1, 3);
	assert_true(tally_wait(&begun, 3));
	parent_blocks();
	for (unsigned i = 1; i <= 3; i++)
		doors_open(i);
	assert_true(tally_wait(&ended, 3));
	actor_mailbox_cancel(parent_mailbox.mailbox);
	tally_add(&mother.unblock, 1);
	assert_true(tally_wait(&mother.destroyed, 1));
}

/* ---- executors ---- */

/* The parent goes, and then the executor of its subtasks. */
static void go_with(struct actor_executor *other)
{
	parent_gone();
	assert_int_equal(actor_executor_join(other, test_deadline()), 0);
	assert_int_equal(actor_executor_destroy(other), 0);
}

/* Subtasks run elsewhere, and that closes. */
static void an_executor_that_closes_cancels_and_says_so(void **state)
{
	struct actor_executor *other;

	(void)state;
	assert_int_equal(pool_create(1, &other), 0);
	parent_spawn(actor_executor_spawner(pool),
		     (struct actor_nursery_options){ .limit = 2,
						     .spawner = actor_executor_spawner(other) },
		     0);
	parent_starts(pass_door, 1, 3);
	assert_true(tally_wait(&begun, 2));
	actor_executor_close(other);
	assert_true(tally_wait(&mother.got, 3));
	for (unsigned i = 0; i < 3; i++)
		assert_int_equal(mother.seen[i].status,
				 mother.seen[i].number == 3 ? ACTOR_E_CLOSED : ACTOR_E_CANCELLED);
	go_with(other);
}

static struct tally other_blocked, other_unblock;

static int block_other(struct actor_context *context, void *user)
{
	(void)context, (void)user;
	tally_add(&other_blocked, 1);
	tally_wait(&other_unblock, 1);
	return 0;
}

/* The parent's subtasks are of a thread that has something else to do. */
static struct actor_executor *parent_with_busy_subtasks(int n)
{
	struct actor_executor *other = NULL;

	other_blocked = other_unblock = (struct tally)TALLY_INIT;
	assert_int_equal(pool_create(1, &other), 0);
	tell_and_let_go(hand_spawn(other, NULL, 0), block_other, NULL);
	assert_true(tally_wait(&other_blocked, 1));
	parent_spawn(actor_executor_spawner(pool),
		     (struct actor_nursery_options){ .spawner = actor_executor_spawner(other) }, 0);
	parent_starts(succeed, 1, n);
	return other;
}

/* Until that executor closes. */
static void what_has_never_begun_is_cancelled_and_says_so(void **state)
{
	struct actor_executor *other = parent_with_busy_subtasks(1);

	(void)state;
	actor_executor_close(other);
	tally_add(&other_unblock, 1);
	assert_true(tally_wait(&mother.got, 1));
	assert_seen(0, 1, ACTOR_E_CANCELLED, -1);
	assert_int_equal(tally_count(&begun), 0);
	go_with(other);
}

static int take_what_is_left(struct actor_context *context, void *user)
{
	struct actor_result result;
	int n = 0;

	(void)user;
	while (actor_nursery_next(context, mother.nursery, ACTOR_AT_ONCE, &result) == 0) {
		see(&mother, &result);
		actor_result_drop(&result);
		n++;
	}
	return n;
}

/* For three results there is no room, and no subtask is left. */
static void parent_has_no_room(struct actor_executor *other)
{
	parent_spawn(actor_executor_spawner(pool),
		     (struct actor_nursery_options){ .limit = 1,
						     .spawner = actor_executor_spawner(other) },
		     1);
	parent_starts(pass_door, 1, 1);
	parent_starts(succeed, 2, 2);
	parent_fills_up();
	doors_open(1);
	assert_true(tally_wait(&ended, 3));
}

static void assert_three_seen(void)
{
	assert_true(tally_wait(&mother.got, 3));
	for (unsigned i = 0; i < 3; i++)
		assert_seen(i, i + 1, 0, (int)i + 1);
}

static void results_are_sent_when_no_subtask_is_left_to_do_it(void **state)
{
	struct actor_executor *other;

	(void)state;
	assert_int_equal(pool_create(1, &other), 0);
	parent_has_no_room(other);
	tally_add(&mother.unblock, 1);
	assert_three_seen();
	go_with(other);
}

static void results_that_nobody_can_send_can_be_asked_for(void **state)
{
	struct actor_executor *other;

	(void)state;
	assert_int_equal(pool_create(1, &other), 0);
	parent_has_no_room(other);
	actor_executor_close(other);
	assert_int_equal(actor_executor_join(other, test_deadline()), 0);
	tally_add(&mother.unblock, 1);
	assert_int_equal(parent_call(take_what_is_left, NULL), 3);
	assert_three_seen();
	go_with(other);
}

/* ---- spawners that do not make what they should, or are slow ---- */

/* A spawner that makes the first so many. */
static struct {
	struct actor_spawner base;
	struct actor_spawner *real;
	int n_left;
} miser;

static int miser_mailbox(struct actor_spawner *spawner, const struct actor_behavior *behavior,
			 const struct actor_mailbox_options *options,
			 struct actor_mailbox **ret_mailbox)
{
	(void)spawner;
	if (miser.n_left-- <= 0)
		return ACTOR_E_NOMEM;
	return actor_mailbox_create(miser.real, behavior, options, ret_mailbox);
}

static const struct actor_spawner_ops miser_ops = { .size = sizeof miser_ops,
						    .mailbox = miser_mailbox };

static struct actor_nursery *miser_nursery(const struct actor_spawner_ops *ops, int n_left,
					   size_t limit)
{
	miser.base.ops = ops;
	miser.real = actor_executor_spawner(pool);
	miser.n_left = n_left;
	return nursery_with(&miser.base, limit);
}

static void what_cannot_be_spawned_is_refused_or_has_that_as_its_result(void **state)
{
	struct actor_nursery *nursery = miser_nursery(&miser_ops, 0, 1);
	struct chore chore = chore_of(succeed, 1);

	(void)state;
	assert_int_equal(ACTOR_NURSERY_START(nursery, do_chore, NULL, &chore), ACTOR_E_NOMEM);
	assert_true(chore.owned.is);
	chore_drop(&chore);
	miser.n_left = 1;
	assert_int_equal(start(nursery, pass_door, 1), 0);
	assert_int_equal(start(nursery, succeed, 2), 0); /* its turn comes, and it cannot be */
	assert_int_equal(start(nursery, succeed, 3), 0);
	doors_open(1);
	for (int i = 0; i < 3; i++)
		assert_int_equal(next_seen(nursery).status, i == 0 ? 0 : ACTOR_E_NOMEM);
	actor_nursery_destroy(nursery);
}

/* Makes a mailbox in the middle of which the nursery goes. */
static int slow_mailbox(struct actor_spawner *spawner, const struct actor_behavior *behavior,
			const struct actor_mailbox_options *options,
			struct actor_mailbox **ret_mailbox)
{
	(void)spawner;
	if (miser.n_left-- <= 0) {
		tally_add(&other_blocked, 1);
		tally_wait(&other_unblock, 1);
	}
	return actor_mailbox_create(miser.real, behavior, options, ret_mailbox);
}

static struct actor_nursery *nursery_of_thread;

static int start_one_at_a_door(struct actor_context *context, struct chore *chore)
{
	(void)context;
	return start(nursery_of_thread, pass_door, chore->number);
}

static const struct actor_spawner_ops slow_ops = { .size = sizeof slow_ops,
						   .mailbox = slow_mailbox };

/* A subtask starts another one, whose mailbox is being made. */
static void start_one_that_starts_slowly(void)
{
	other_blocked = other_unblock = (struct tally)TALLY_INIT;
	nursery_of_thread = miser_nursery(&slow_ops, 1, 0);
	assert_int_equal(start(nursery_of_thread, start_one_at_a_door, 1), 0);
	assert_true(tally_wait(&other_blocked, 1));
}

/* Its nursery is destroyed meanwhile: it is cancelled, too. */
static void what_is_started_in_a_nursery_that_goes_is_cancelled(void **state)
{
	(void)state;
	start_one_that_starts_slowly();
	actor_nursery_destroy(nursery_of_thread);
	tally_add(&other_unblock, 1);
	assert_int_equal(actor_executor_join(pool, test_deadline()), 0); /* its door is closed */
}

/* ---- one of them ---- */

static void who_waits_for_its_turn_is_cancelled_at_once(void **state)
{
	struct actor_nursery_counts counts;

	(void)state;
	parent_here(1);
	parent_starts(pass_door, 1, 3);
	assert_true(parent_cancels(2));
	assert_true(tally_wait(&mother.got, 1));
	assert_seen(0, 2, ACTOR_E_CANCELLED, -1);
	assert_false(parent_cancels(2));
	actor_nursery_counts_get(mother.nursery, &counts);
	assert_int_equal(counts.n_running, 1);
	assert_int_equal(counts.n_waiting, 1);
	doors_open(1);
	doors_open(3);
	assert_true(tally_wait(&mother.got, 3));
	assert_seen(1, 1, 0, 1);
	assert_seen(2, 3, 0, 3);
	assert_int_equal(tally_count(&begun), 2);
}

/* Its wait returns, and so does it; the next one's turn has come, the others go on. */
static void who_runs_is_cancelled_and_the_others_are_not(void **state)
{
	(void)state;
	parent_here(2);
	parent_starts(pass_door, 1, 3);
	assert_true(tally_wait(&begun, 2));
	assert_true(parent_cancels(1));
	assert_true(tally_wait(&mother.got, 1));
	assert_seen(0, 1, ACTOR_E_CANCELLED, -1);
	assert_true(tally_wait(&begun, 3));
	assert_false(parent_cancels(1));
	assert_false(parent_cancels(4));
	assert_false(parent_cancels(0));
	doors_open(2);
	doors_open(3);
	assert_true(tally_wait(&mother.got, 3));
	assert_int_equal(mother.seen[1].status, 0);
	assert_int_equal(mother.seen[2].status, 0);
}

static struct tally standing, may_go;

static int stand_still(struct actor_context *context, struct chore *chore)
{
	(void)context, (void)chore;
	tally_add(&standing, 1);
	tally_wait(&may_go, 1);
	return 0;
}

/* Nothing interrupts it, and its result is what it returns. */
static void who_does_not_wait_does_not_notice(void **state)
{
	(void)state;
	standing = may_go = (struct tally)TALLY_INIT;
	parent_here(0);
	parent_starts(stand_still, 1, 1);
	assert_true(tally_wait(&standing, 1));
	assert_true(parent_cancels(1));
	assert_true(parent_cancels(1));
	tally_add(&may_go, 1);
	assert_true(tally_wait(&mother.got, 1));
	assert_seen(0, 1, 0, 1);
	assert_false(parent_cancels(1));
}

static void who_has_not_begun_is_cancelled(void **state)
{
	struct actor_executor *other = parent_with_busy_subtasks(2);

	(void)state;
	assert_true(parent_cancels(1));
	tally_add(&other_unblock, 1);
	assert_true(tally_wait(&mother.got, 2));
	for (unsigned i = 0; i < 2; i++)
		assert_int_equal(mother.seen[i].status,
				 mother.seen[i].number == 1 ? ACTOR_E_CANCELLED : 0);
	assert_int_equal(tally_count(&begun), 1);
	go_with(other);
}

static void who_is_about_to_begin_is_cancelled(void **state)
{
	static const int expected[] = { 0, ACTOR_E_CANCELLED };

	(void)state;
	start_one_that_starts_slowly();
	assert_true(actor_nursery_cancel(nursery_of_thread, 2));
	tally_add(&other_unblock, 1);
	for (unsigned i = 0; i < 2; i++) {
		struct seen seen = next_seen(nursery_of_thread);

		assert_int_equal(seen.status, expected[seen.number - 1]);
	}
	actor_nursery_destroy(nursery_of_thread);
}

/* One that is told already, and does not notice, is no hindrance for the others. */
static void who_is_told_goes_on_and_all_are_told_at_the_end(void **state)
{
	(void)state;
	standing = may_go = (struct tally)TALLY_INIT;
	parent_here(0);
	parent_starts(stand_still, 1, 1);
	assert_true(tally_wait(&standing, 1));
	assert_true(actor_nursery_cancel(mother.nursery, 1));
	parent_starts(pass_door, 2, 1);
	assert_true(tally_wait(&begun, 2));
	assert_int_equal(parent_call(destroy_nursery, NULL), 0);
	assert_true(tally_wait(&ended, 1));
	tally_add(&may_go, 1);
	assert_true(tally_wait(&ended, 2));
}

/* Its result is there; its thread is busy with the next one's mailbox. */
static void what_is_done_cannot_be_cancelled(void **state)
{
	struct actor_nursery *nursery = miser_nursery(&slow_ops, 1, 1);
	struct actor_result result;

	(void)state;
	other_blocked = other_unblock = (struct tally)TALLY_INIT;
	assert_int_equal(start(nursery, pass_door, 1), 0);
	assert_int_equal(start(nursery, succeed, 2), 0);
	doors_open(1);
	assert_true(tally_wait(&other_blocked, 1));
	assert_int_equal(actor_nursery_next(here(), nursery, test_deadline(), &result), 0);
	assert_int_equal(result.number, 1);
	assert_false(actor_nursery_cancel(nursery, 1));
	actor_result_drop(&result);
	tally_add(&other_unblock, 1);
	assert_int_equal(next_seen(nursery).status, 0);
	actor_nursery_destroy(nursery);
}

/* What is moved to a subtask, and opens its first door when it is dropped. */
struct key {
	struct actor_nursery *nursery;
};
ACTOR_SIGNAL(key);

static void key_drop(void *message)
{
	struct actor_nursery *nursery = ((struct key *)message)->nursery;
	int64_t deadline_ns = test_deadline();
	struct actor_nursery_counts counts;

	if (!nursery)
		return;
	doors_open(1);
	do { /* until the first has a result */
		sched_yield();
		actor_nursery_counts_get(nursery, &counts);
	} while (counts.n_results == 0 && actor_now(here()) < deadline_ns);
}

ACTOR_SIGNAL_DEFINE(key, "test.key", key_drop);

static int keep_key(struct actor_context *context, void *argument, void *ret_value)
{
	(void)context, (void)argument, (void)ret_value;
	return 0;
}

/* Another one ends while one in line is being cancelled: the turn of the one behind has come. */
static void who_is_cancelled_in_line_keeps_nobody_from_their_turn(void **state)
{
	struct actor_nursery *nursery = thread_nursery(1);
	struct key key = { nursery };

	(void)state;
	assert_int_equal(start(nursery, pass_door, 1), 0);
	assert_true(tally_wait(&begun, 1));
	assert_int_equal(actor_nursery_start(nursery, keep_key, &key_type, &key, NULL), 0);
	assert_int_equal(start(nursery, succeed, 3), 0);
	assert_true(actor_nursery_cancel(nursery, 2));
	assert_true(tally_wait(&ended, 2));
	actor_nursery_destroy(nursery);
}

/* The result of one that has not run waits for room like any other. */
static void who_is_cancelled_without_room_says_so_later(void **state)
{
	(void)state;
	parent_spawn(actor_executor_spawner(pool), (struct actor_nursery_options){ .limit = 1 }, 1);
	parent_starts(pass_door, 1, 2);
	assert_true(tally_wait(&begun, 1));
	parent_fills_up();
	assert_true(actor_nursery_cancel(mother.nursery, 2));
	let_pass(5); /* it may be under way by now: it has no room */
	assert_int_equal(tally_count(&mother.got), 0);
	tally_add(&mother.unblock, 1);
	assert_true(tally_wait(&mother.got, 1));
	assert_seen(0, 2, ACTOR_E_CANCELLED, -1);
	doors_open(1);
	assert_true(tally_wait(&mother.got, 2));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON(two, destroying_cancels_what_runs_and_drops_what_waits),
		ON(one, later_waits_of_a_cancelled_subtask_return_at_once),
		ON(two, an_actor_that_fails_takes_its_subtasks_along),
		ON(two, an_actor_that_is_cancelled_takes_its_subtasks_along),
		ON(two, an_actor_that_ends_takes_its_subtasks_along),
		ON(two, an_actor_that_has_stopped_takes_no_results),
		ON(two, a_handler_that_fails_takes_its_nursery_along),
		ON(one, a_nursery_may_be_a_handler_s),
		ON(two, queued_results_are_dropped_with_the_queue),
		ON(two, an_executor_that_closes_cancels_and_says_so),
		ON(one, what_has_never_begun_is_cancelled_and_says_so),
		ON(two, results_are_sent_when_no_subtask_is_left_to_do_it),
		ON(two, results_that_nobody_can_send_can_be_asked_for),
		ON(one, what_cannot_be_spawned_is_refused_or_has_that_as_its_result),
		ON(two, what_is_started_in_a_nursery_that_goes_is_cancelled),
		ON(two, who_waits_for_its_turn_is_cancelled_at_once),
		ON(two, who_runs_is_cancelled_and_the_others_are_not),
		ON(two, who_does_not_wait_does_not_notice),
		ON(one, who_has_not_begun_is_cancelled),
		ON(two, who_is_about_to_begin_is_cancelled),
		ON(two, who_is_told_goes_on_and_all_are_told_at_the_end),
		ON(one, what_is_done_cannot_be_cancelled),
		ON(one, who_is_cancelled_in_line_keeps_nobody_from_their_turn),
		ON(two, who_is_cancelled_without_room_says_so_later),
	};

	return cmocka_run_group_tests_name("nursery-end", tests, NULL, NULL);
}
