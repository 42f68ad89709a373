/* SPDX-License-Identifier: MIT */

/* Nurseries in use: calls that subtasks answer, permits that they are handed, parents and subtasks
 * of other implementations, and all of it at once. */

#include "nursery-fixture.h"

#include <thread-per-actor.h>

/* ---- answering a call from a subtask ---- */

static int answer_itself(struct actor_context *context, struct chore *chore)
{
	int rc = pass_door(context, chore);

	if (rc == 0)
		errand_reply_answer(&chore->reply, chore->number);
	return rc;
}

#define DESK_MESSAGES(CALL, SEND, X)                                                               \
	CALL(X, errand)                                                                            \
	SEND(X, actor_result)
ACTOR_DECLARE(desk, DESK_MESSAGES);

/* Answers errands by subtasks, which do what it is told. */
struct desk {
	chore_fn *function;
	struct actor_nursery *nursery;
};

static void desk_on_errand(struct desk *self, struct errand *message, struct errand_pending pending,
			   struct actor_context *context)
{
	struct chore chore = chore_of(self->function, (int)(uintptr_t)message->user);

	(void)context;
	chore.reply = errand_reply_take(pending);
	if (ACTOR_NURSERY_START(self->nursery, do_chore, NULL, &chore) < 0)
		chore_drop(&chore);
}

static void desk_on_actor_result(struct desk *self, struct actor_result *message,
				 struct actor_context *context)
{
	(void)self, (void)message, (void)context;
}

static void desk_started(struct desk *self, struct actor_context *context)
{
	if (actor_nursery_create(context, NULL, &self->nursery) == 0)
		actor_nursery_keep(self->nursery);
}

static void desk_destroy(struct desk *self)
{
	actor_nursery_destroy(self->nursery);
}

ACTOR_DEFINE(desk, DESK_MESSAGES, desk_started, NULL, desk_destroy);

static void calls_are_answered_from_subtasks_in_any_order(void **state)
{
	struct desk desk = { .function = answer_itself };
	struct actor_future futures[3];
	union desk_address address;
	int answers[3];

	(void)state;
	assert_int_equal(ACTOR_SPAWN(desk, actor_executor_spawner(pool), &desk, NULL, &address), 0);
	for (uintptr_t i = 0; i < 3; i++)
		assert_int_equal(ACTOR_CALL_BEGIN(here(), &futures[i], address, errand, &answers[i],
						  &(struct errand){ NULL, (void *)i }),
				 0);
	for (unsigned i = 3; i-- > 0;) {
		doors_open(i);
		assert_int_equal(actor_future_await(&futures[i], test_deadline()), 0);
		assert_int_equal(answers[i], i);
	}
	actor_address_unref(address.address);
	assert_int_equal(actor_executor_join(pool, test_deadline()), 0);
}

static void a_call_whose_subtask_fails_or_is_cancelled_ends(void **state)
{
	struct desk desk = { .function = pass_door_and_fail };
	struct actor_future futures[2];
	struct desk_mailbox mailbox = { NULL };
	union desk_address address = { NULL };

	(void)state;
	assert_int_equal(ACTOR_SPAWN_MAILBOX(desk, actor_executor_spawner(pool), &desk, NULL,
					     &address, &mailbox),
			 0);
	for (uintptr_t i = 0; i < 2; i++)
		assert_int_equal(ACTOR_CALL_BEGIN(here(), &futures[i], address, errand, NULL,
						  &(struct errand){ NULL, (void *)i }),
				 0);
	doors_open(0);
	assert_int_equal(actor_future_await(&futures[0], test_deadline()), ACTOR_E_STOPPED);
	assert_true(tally_wait(&begun, 2));
	actor_mailbox_cancel(mailbox.mailbox);
	assert_int_equal(actor_future_await(&futures[1], test_deadline()), ACTOR_E_STOPPED);
	actor_address_unref(address.address);
	actor_mailbox_detach(mailbox.mailbox);
	assert_int_equal(actor_executor_join(pool, test_deadline()), 0);
}

/* ---- permits in the hands of subtasks ---- */

struct repair {
	struct actor_permit *permit; /* owned */
	bool fails;
};
ACTOR_MESSAGE(repair, struct actor_unit);

static void repair_drop(void *message)
{
	actor_permit_release(((struct repair *)message)->permit);
}

ACTOR_MESSAGE_DEFINE(repair, "test.repair", repair_drop, NULL);

static int do_repair(struct actor_context *context, struct repair *repair,
		     struct actor_unit *ret_value)
{
	struct actor_permit *permit = repair->permit;
	struct actor_permit_holder holder = { { NULL, 0 }, 0 };
	bool mine;

	repair->permit = NULL;
	actor_permit_adopt(context, permit);
	actor_semaphore_holders(doors[7], &holder, 1);
	mine = actor_identity_same(holder.identity, actor_address_identity(actor_self(context)));
	if (repair->fails)
		ACTOR_FAIL(context, "with a permit that it has adopted");
	actor_permit_release(permit);
	*ret_value = ACTOR_UNIT;
	return mine ? 0 : ACTOR_E_INVALID;
}
ACTOR_SUBTASK(do_repair, repair);

/* To one that does its work, one that fails, and one whose turn never comes. */
static void permits_are_handed_on_to_subtasks_and_come_back(void **state)
{
	static const int expected[] = { 0, ACTOR_E_STOPPED };

	(void)state;
	doors_open(7);
	for (int i = 0; i < 3; i++) {
		struct actor_nursery *nursery = thread_nursery(1);
		struct repair repair = { NULL, i == 1 };
		struct actor_semaphore_counts counts;

		if (i == 2)
			assert_int_equal(start(nursery, pass_door, 1), 0);
		assert_int_equal(actor_semaphore_acquire(here(), doors[7], 1, &repair.permit), 0);
		actor_permit_hand_on(repair.permit);
		assert_int_equal(ACTOR_NURSERY_START(nursery, do_repair, NULL, &repair), 0);
		assert_null(repair.permit);
		if (i < 2)
			assert_int_equal(next_seen(nursery).status, expected[i]);
		actor_nursery_destroy(nursery);
		actor_semaphore_counts_get(doors[7], &counts);
		assert_int_equal(counts.n_free, 1);
	}
}

/* ---- other implementations ---- */

static void parents_and_subtasks_are_of_any_implementation(void **state)
{
	struct actor_tpa *tpa;

	(void)state;
	for (int i = 0; i < 3; i++) {
		struct actor_spawner *ours = actor_executor_spawner(pool), *theirs;
		struct actor_nursery_options options = { .limit = 2 };

		assert_int_equal(actor_tpa_create(&tpa), 0);
		theirs = actor_tpa_spawner(tpa);
		options.spawner = i == 1 ? ours : theirs;
		parent_spawn(i == 0 ? ours : theirs, options, 1);
		parent_starts(succeed, 1, 2);
		parent_starts(fail_now, 3, 2);
		parent_starts(give_error, 5, 2);
		assert_true(tally_wait(&mother.got, 6));
		parent_starts(pass_door, 1, 5);
		assert_true(tally_wait(&begun, 8));
		parent_let_go();
		assert_true(tally_wait(&mother.destroyed, 1));
		assert_int_equal(actor_tpa_join(tpa, test_deadline()), 0);
		assert_int_equal(actor_executor_join(pool, test_deadline()), 0);
		assert_int_equal(actor_tpa_destroy(tpa), 0);
		begun = (struct tally)TALLY_INIT;
	}
}

/* Nothing runs there but while this thread waits. */
static void a_local_executor_runs_them_on_its_thread(void **state)
{
	struct actor_executor *local;
	struct actor_end end;

	(void)state;
	assert_int_equal(actor_local_create(&local), 0);
	parent_spawn(actor_executor_spawner(local), (struct actor_nursery_options){ .limit = 2 },
		     1);
	parent_starts(succeed, 1, 5);
	parent_starts(fail_now, 6, 1);
	while (tally_count(&mother.got) < 6)
		assert_int_equal(parent_call(do_nothing, NULL), 0);
	parent_starts(pass_door, 1, 3);
	actor_address_unref(parent.address);
	parent.address = NULL;
	assert_int_equal(actor_mailbox_join(here(), parent_mailbox.mailbox, test_deadline(), &end),
			 0);
	actor_end_drop(&end);
	actor_mailbox_detach(parent_mailbox.mailbox);
	assert_int_equal(actor_executor_join(local, test_deadline()), 0);
	assert_int_equal(actor_executor_destroy(local), 0);
}

/* ---- all at once ---- */

/* Sleeps a little, or not, ends well or badly. */
static int do_anything(struct actor_context *context, struct chore *chore)
{
	uint64_t random = (uint64_t)chore->number * 77 + 1, dice = test_random(&random);

	if (dice % 3 == 0)
		actor_sleep_until(context, actor_now(context) + (int64_t)(dice >> 8) % 50000);
	if (dice % 7 == 0)
		return fail_now(context, chore);
	return dice % 5 == 0 ? ACTOR_E_INVALID : 0;
}

static void every_subtask_has_one_result_whatever_happens(void **state)
{
	unsigned n_rounds = test_times(60);

	(void)state;
	for (unsigned round = 0; round < n_rounds; round++) {
		bool to_the_end = round % 2 == 0;

		parent_spawn(actor_executor_spawner(pool),
			     (struct actor_nursery_options){ .limit = round % 4 }, 1 + round % 3);
		parent_starts(do_anything, (int)round * 100, 30);
		if (to_the_end)
			assert_true(tally_wait(&mother.got, 30));
		if (round % 4 == 1)
			actor_mailbox_cancel(parent_mailbox.mailbox);
		parent_let_go();
		assert_true(tally_wait(&mother.destroyed, 1));
		assert_int_equal(actor_executor_join(pool, test_deadline()), 0);
		assert_true(tally_count(&mother.got) <= 30);
		assert_int_equal(atomic_load(&n_owned), 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON(two, calls_are_answered_from_subtasks_in_any_order),
		ON(two, a_call_whose_subtask_fails_or_is_cancelled_ends),
		ON(two, permits_are_handed_on_to_subtasks_and_come_back),
		ON(two, parents_and_subtasks_are_of_any_implementation),
		ON(one, a_local_executor_runs_them_on_its_thread),
		ON(two, every_subtask_has_one_result_whatever_happens),
	};

	return cmocka_run_group_tests_name("nursery-use", tests, NULL, NULL);
}
