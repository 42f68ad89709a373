/* SPDX-License-Identifier: MIT */

/*
 * Nurseries: subtasks live no longer than who started them, and each of them has one result, or
 * none any more. N-01 to N-09 of the list of behaviours; N-03 is the other way round here: an actor
 * takes its next message while its subtasks run. Here: how results come back.
 */

#include "nursery-fixture.h"

#include <string.h>

/* ---- as messages ---- */

/* N-02, N-03, N-04 */
static void an_actor_takes_its_next_message_while_subtasks_run(void **state)
{
	(void)state;
	parent_here(0);
	parent_starts(pass_door, 1, 1);
	assert_true(tally_wait(&begun, 1));
	assert_int_equal(parent_call(do_nothing, NULL), 0);
	assert_int_equal(tally_count(&mother.got), 0);
	doors_open(1);
	assert_true(tally_wait(&mother.got, 1));
	assert_seen(0, 1, 0, 1);
}

/* N-05 */
static void results_come_in_the_order_of_completion(void **state)
{
	(void)state;
	parent_here(0);
	parent_starts(pass_door, 1, 3);
	for (unsigned i = 3; i > 0; i--) {
		doors_open(i);
		assert_true(tally_wait(&mother.got, 4 - i));
	}
	for (unsigned i = 0; i < 3; i++)
		assert_seen(i, 3 - i, 0, (int)(3 - i));
}

static void only_so_many_run_at_a_time_and_the_others_in_order(void **state)
{
	struct actor_nursery_counts counts;

	(void)state;
	parent_here(2);
	parent_starts(pass_door, 0, 7); /* through doors 0 to 6 */
	assert_true(tally_wait(&begun, 2));
	actor_nursery_counts_get(mother.nursery, &counts);
	assert_int_equal(counts.n_running, 2);
	assert_int_equal(counts.n_waiting, 5);
	for (unsigned i = 0; i < 7; i++) {
		doors_open(i);
		assert_true(tally_wait(&mother.got, i + 1));
		assert_seen(i, i + 1, 0, (int)i);
	}
	assert_int_equal(atomic_load(&n_most), 2);
}

static int give_nonsense(struct actor_context *context, struct chore *chore)
{
	(void)context, (void)chore;
	return 5;
}

static atomic_int last_of_line, n_out_of_order;

static int be_in_order(struct actor_context *context, struct chore *chore)
{
	(void)context;
	if (atomic_exchange(&last_of_line, chore->number) != chore->number - 1)
		atomic_fetch_add(&n_out_of_order, 1);
	return 0;
}

/* Who hears that one has ended may start the next before the nursery has come to those in line. */
static void nobody_overtakes_those_in_line(void **state)
{
	struct actor_nursery *nursery = thread_nursery(1);
	int n_started = 0;

	(void)state;
	atomic_store(&last_of_line, 0);
	atomic_store(&n_out_of_order, 0);
	for (int i = 1; i <= 20000; i++) {
		while (n_started < i + 3)
			assert_int_equal(start(nursery, be_in_order, ++n_started), 0);
		assert_int_equal(next_seen(nursery).status, 0);
	}
	assert_int_equal(actor_nursery_join(here(), nursery, test_deadline()), 0);
	assert_int_equal(atomic_load(&n_out_of_order), 0);
	actor_nursery_destroy(nursery);
}

static void an_error_is_a_result(void **state)
{
	(void)state;
	parent_here(1);
	parent_starts(give_error, 1, 1);
	parent_starts(give_nonsense, 2, 1);
	assert_true(tally_wait(&mother.got, 2));
	assert_seen(0, 1, ACTOR_E_INVALID, -1);
	assert_seen(1, 2, ACTOR_E_INVALID, -1);
}

static void a_failure_is_a_result_and_the_next_one_s_turn(void **state)
{
	(void)state;
	parent_here(1);
	parent_starts(fail_now, 1, 1);
	parent_starts(succeed, 2, 1);
	assert_true(tally_wait(&mother.got, 2));
	assert_seen(0, 1, ACTOR_E_STOPPED, -1);
	assert_string_equal(mother.seen[0].failure, "as it was told");
	assert_seen(1, 2, 0, 2);
}

static void results_wait_for_room(void **state)
{
	(void)state;
	parent_spawn(actor_executor_spawner(pool), (struct actor_nursery_options){ .limit = 1 }, 1);
	parent_starts(pass_door, 1, 1);
	parent_starts(succeed, 2, 3);
	parent_starts(fail_now, 5, 1);
	parent_starts(succeed, 6, 2);
	parent_blocks();
	doors_open(1);
	assert_true(tally_wait(&begun, 7)); /* all have run, one after the other */
	tally_add(&mother.unblock, 1);
	assert_true(tally_wait(&mother.got, 7));
	for (unsigned i = 0; i < 7; i++)
		assert_seen(i, i + 1, i == 4 ? ACTOR_E_STOPPED : 0, i == 4 ? -1 : (int)i + 1);
}

/* The last to end is one that has failed, and has to wait for room. */
static void a_failure_waits_for_room(void **state)
{
	(void)state;
	parent_spawn(actor_executor_spawner(pool), (struct actor_nursery_options){ .limit = 0 }, 1);
	parent_starts(pass_door_and_fail, 1, 1);
	parent_fills_up();
	doors_open(1);
	assert_true(tally_wait(&begun, 1));
	let_pass(20); /* it may have failed by now: the result has no room */
	assert_int_equal(tally_count(&mother.got), 0);
	tally_add(&mother.unblock, 1);
	assert_true(tally_wait(&mother.got, 1));
	assert_seen(0, 1, ACTOR_E_STOPPED, -1);
}

/* The result has no room when its subtask ends, and whatever is allocated from then on is refused
 * once. */
static int start_and_wait_without_room(struct actor_context *context, void *user)
{
	struct errand errand = { do_nothing, NULL };
	uint64_t *nth = user;
	int rc = start(mother.nursery, succeed, 1);

	actor_ignore(ACTOR_SEND_UNTIL(context, parent, errand, ACTOR_AT_ONCE, &errand)); /* full */
	actor_simulation_fail_nth(*nth);
	actor_ignore(actor_sleep_until(context, actor_now(context) + 1000000000));
	return rc;
}

static void results_are_sent_also_when_memory_was_short(void **state)
{
	struct actor_simulation_options in_order = { .size = sizeof in_order,
						     .strategy = ACTOR_SIMULATION_FIFO };
	struct actor_executor *simulation;
	uint64_t nth = 0, n_made;
	int rc;

	(void)state;
	do {
		nth++;
		assert_int_equal(actor_simulation_create(&in_order, &simulation), 0);
		parent_spawn(actor_executor_spawner(simulation),
			     (struct actor_nursery_options){ .limit = 1 }, 1);
		rc = parent_call(start_and_wait_without_room, &nth);
		actor_ignore(actor_sleep_until(here(), actor_now(here()) + 1000000000));
		n_made = actor_simulation_fail_nth(0);
		assert_int_equal(rc, 0);
		assert_int_equal(tally_count(&mother.got), 1);
		assert_seen(0, 1, 0, 1);
		parent_let_go();
		assert_int_equal(actor_executor_join(simulation, ACTOR_FOREVER), 0);
		assert_int_equal(actor_executor_destroy(simulation), 0);
	} while (n_made >= nth);
	assert_in_range(nth, 4, 100); /* at least the courier's stack, the next one, the result */
}

static int start_another(struct actor_context *context, struct chore *chore)
{
	(void)context;
	return start(mother.nursery, succeed, chore->number + 1);
}

static void a_subtask_starts_another(void **state)
{
	(void)state;
	parent_here(1);
	parent_starts(start_another, 1, 1);
	assert_true(tally_wait(&mother.got, 2));
	assert_seen(0, 1, 0, 1);
	assert_seen(1, 2, 0, 2);
}

static int call_parent(struct actor_context *context, struct chore *chore)
{
	int answer = 0;
	int rc = ACTOR_CALL(context, parent, errand, &answer, &(struct errand){ do_nothing, NULL });

	(void)chore;
	if (rc == 0)
		rc = actor_sleep_until(context, actor_now(context) + 1);
	return rc;
}

static void a_subtask_calls_and_sleeps(void **state)
{
	(void)state;
	parent_here(0);
	parent_starts(call_parent, 1, 1);
	assert_true(tally_wait(&mother.got, 1));
	assert_seen(0, 1, 0, 1);
}

/* ---- closing and joining ---- */

static int close_nursery(struct actor_context *context, void *user)
{
	struct chore chore = chore_of(succeed, 1);
	int rc;

	(void)context, (void)user;
	actor_nursery_close(mother.nursery);
	rc = ACTOR_NURSERY_START(mother.nursery, do_chore, NULL, &chore);
	if (chore.function != succeed || !chore.owned.is)
		rc = ACTOR_E_BUSY;
	chore_drop(&chore);
	return rc;
}

/* N-07 */
static void what_is_closed_starts_nothing_new(void **state)
{
	(void)state;
	parent_here(1);
	parent_starts(pass_door, 1, 2);
	assert_int_equal(parent_call(close_nursery, NULL), ACTOR_E_CLOSED);
	doors_open(1);
	doors_open(2);
	assert_true(tally_wait(&mother.got, 2));
	assert_seen(1, 2, 0, 2);
}

static int join_nursery(struct actor_context *context, void *user)
{
	return actor_nursery_join(context, mother.nursery, *(int64_t *)user);
}

/* N-09 */
static void joining_waits_until_all_have_returned_or_the_deadline(void **state)
{
	int64_t soon, later = test_deadline();

	(void)state;
	parent_here(1);
	assert_int_equal(parent_call(join_nursery, &later), 0); /* nothing to wait for */
	parent_starts(pass_door, 1, 2);
	soon = in_ms(10);
	assert_int_equal(parent_call(join_nursery, &soon), ACTOR_E_TIMEOUT);
	doors_open(1);
	doors_open(2);
	assert_int_equal(parent_call(join_nursery, &later), 0);
	assert_int_equal(tally_count(&ended), 2);
	assert_true(tally_wait(&mother.got, 2));
}

/* ---- for whoever asks ---- */

static void a_thread_asks_for_results(void **state)
{
	struct actor_nursery *nursery = thread_nursery(0);
	struct actor_result result;

	(void)state;
	assert_int_equal(start(nursery, pass_door, 1), 0);
	assert_int_equal(start(nursery, pass_door, 2), 0);
	assert_int_equal(actor_nursery_next(here(), nursery, ACTOR_AT_ONCE, &result),
			 ACTOR_E_TIMEOUT);
	doors_open(2);
	assert_int_equal(actor_nursery_next(here(), nursery, test_deadline(), &result), 0);
	assert_int_equal(result.number, 2);
	assert_ptr_equal(result.nursery, nursery);
	assert_int_equal(ACTOR_RESULT(chore, &result)->number, 2);
	assert_null(ACTOR_RESULT(errand, &result));
	actor_result_drop(&result);
	actor_nursery_close(nursery);
	assert_int_equal(actor_nursery_next(here(), nursery, in_ms(5), &result), ACTOR_E_TIMEOUT);
	doors_open(1);
	assert_int_equal(next_seen(nursery).number, 1);
	/* N-05 */
	assert_int_equal(actor_nursery_next(here(), nursery, test_deadline(), &result),
			 ACTOR_E_CLOSED);
	actor_nursery_destroy(nursery);
	actor_nursery_destroy(NULL);
}

static void who_keeps_a_value_moves_it_out(void **state)
{
	struct actor_nursery *nursery = thread_nursery(0);
	struct actor_result result;
	struct yield kept;

	(void)state;
	assert_int_equal(start(nursery, succeed, 1), 0);
	assert_int_equal(actor_nursery_next(here(), nursery, test_deadline(), &result), 0);
	kept = *ACTOR_RESULT(chore, &result);
	memset(result.value, 0, sizeof kept);
	actor_result_drop(&result);
	assert_int_equal(atomic_load(&n_owned), 1);
	yield_drop(&kept);
	actor_nursery_destroy(nursery);
}

static void results_that_nobody_has_asked_for_are_dropped(void **state)
{
	struct actor_nursery *nursery = thread_nursery(1);

	(void)state;
	for (int i = 0; i < 3; i++)
		assert_int_equal(start(nursery, i == 1 ? fail_now : succeed, i), 0);
	assert_int_equal(actor_nursery_join(here(), nursery, test_deadline()), 0);
	assert_int_equal(atomic_load(&n_owned), 2); /* values: what was moved has been dropped */
	actor_nursery_destroy(nursery);
	assert_int_equal(actor_executor_join(pool, test_deadline()), 0);
	assert_int_equal(atomic_load(&n_owned), 0);
}

static struct actor_nursery *asked;

static int ask_too(struct actor_context *context, struct chore *chore)
{
	struct actor_result result;
	int rc;

	(void)chore;
	do /* the test may be there for a moment */
		rc = actor_nursery_next(context, asked, ACTOR_FOREVER, &result);
	while (rc == ACTOR_E_BUSY);
	if (rc == 0)
		actor_result_drop(&result);
	return rc;
}

/* One waits; a second one is refused, whatever it waits for. */
static void only_one_waits_at_a_time(void **state)
{
	int64_t deadline_ns = test_deadline();
	struct actor_result result;

	(void)state;
	asked = thread_nursery(0);
	assert_int_equal(start(asked, ask_too, 1), 0);
	while (actor_nursery_join(here(), asked, ACTOR_AT_ONCE) != ACTOR_E_BUSY)
		assert_true(actor_now(here()) < deadline_ns);
	assert_int_equal(actor_nursery_next(here(), asked, ACTOR_FOREVER, &result), ACTOR_E_BUSY);
	assert_int_equal(actor_nursery_join(here(), asked, ACTOR_FOREVER), ACTOR_E_BUSY);
	assert_int_equal(start(asked, succeed, 2), 0); /* is what the subtask gets */
	assert_true(tally_wait(&ended, 2));
	actor_nursery_destroy(asked);
}

/* ---- what cannot be ---- */

static int create_nursery(struct actor_context *context, void *user)
{
	struct actor_nursery *nursery;

	return actor_nursery_create(context, user, &nursery);
}

static void who_does_not_handle_results_has_no_nursery_that_sends_them(void **state)
{
	union hand_address hand = hand_spawn(pool, NULL, 0);
	struct actor_nursery_options options = { .size = sizeof options,
						 .spawner = actor_executor_spawner(pool) };
	struct actor_nursery_options without_size = { .size = 0 };
	struct actor_nursery *none;

	(void)state;
	assert_int_equal(hand_call(here(), hand, create_nursery, NULL), ACTOR_E_UNHANDLED);
	assert_int_equal(hand_call(here(), hand, create_nursery, &without_size), ACTOR_E_INVALID);
	actor_address_unref(hand.address);
	assert_int_equal(actor_nursery_create(here(), &options, &none), ACTOR_E_INVALID);
	options.results = ACTOR_NURSERY_NEXT;
	options.spawner = NULL;
	assert_int_equal(actor_nursery_create(here(), &options, &none), ACTOR_E_INVALID);
	options.spawner = actor_executor_spawner(pool);
	options.results = (enum actor_nursery_results)2;
	assert_int_equal(actor_nursery_create(here(), &options, &none), ACTOR_E_INVALID);
}

static void memory_runs_out(void **state)
{
	struct actor_nursery *nursery = thread_nursery(0), *none;
	struct actor_nursery_options options = { .size = sizeof options,
						 .results = ACTOR_NURSERY_NEXT,
						 .spawner = actor_executor_spawner(pool) };
	struct chore chore = chore_of(succeed, 1);

	(void)state;
	actor_simulation_fail_nth(1);
	assert_int_equal(actor_nursery_create(here(), &options, &none), ACTOR_E_NOMEM);
	for (uint64_t nth = 1; nth <= 2; nth++) { /* the subtask's record, its mailbox */
		actor_simulation_fail_nth(nth);
		assert_int_equal(ACTOR_NURSERY_START(nursery, do_chore, NULL, &chore),
				 ACTOR_E_NOMEM);
		assert_true(chore.owned.is);
	}
	actor_simulation_fail_nth(0);
	chore_drop(&chore);
	actor_nursery_destroy(nursery);
}

static int create_with_little_memory(struct actor_context *context, void *user)
{
	struct actor_nursery *nursery;
	int rc;

	actor_simulation_fail_nth(*(uint64_t *)user);
	rc = actor_nursery_create(context, NULL, &nursery);
	actor_simulation_fail_nth(0);
	if (rc == 0)
		actor_nursery_destroy(nursery);
	return rc;
}

/* The nursery, and the courier's mailbox. */
static void memory_runs_out_for_one_that_sends_messages(void **state)
{
	(void)state;
	parent_here(0);
	for (uint64_t nth = 1; nth <= 3; nth++)
		assert_int_equal(parent_call(create_with_little_memory, &nth),
				 nth <= 2 ? ACTOR_E_NOMEM : 0);
}

/* What lies beyond its options is not the caller's. */
static void options_may_be_of_a_program_that_knows_of_fewer(void **state)
{
	struct actor_nursery_options options = {
		.size = offsetof(struct actor_nursery_options, limit),
		.results = ACTOR_NURSERY_NEXT,
		.limit = 1,
		.spawner = actor_executor_spawner(pool),
	};
	struct actor_nursery *none;

	(void)state;
	assert_int_equal(actor_nursery_create(here(), &options, &none), ACTOR_E_INVALID);
	options.size = offsetof(struct actor_nursery_options, name);
	options.name = (const char *)1;
	assert_int_equal(actor_nursery_create(here(), &options, &asked), 0);
	assert_int_equal(start(asked, succeed, 1), 0);
	assert_int_equal(actor_nursery_join(here(), asked, test_deadline()), 0);
	actor_nursery_destroy(asked);
}

static void what_is_kept_can_be_kept(void **state)
{
	(void)state;
	asked = thread_nursery(0);
	assert_non_null(here()->scope);
	actor_nursery_keep(asked);
	actor_nursery_keep(asked);
	assert_null(here()->scope);
	actor_nursery_destroy(asked);
}

/* ---- layouts ---- */

struct slab {
	_Alignas(256) char bytes[300];
};
ACTOR_MESSAGE(slab, struct slab);
ACTOR_MESSAGE_DEFINE(slab, "test.slab", NULL, NULL);

static int turn_over(struct actor_context *context, struct slab *slab, struct slab *ret_value)
{
	(void)context;
	if ((uintptr_t)slab % 256 || (uintptr_t)ret_value % 256)
		return ACTOR_E_INVALID;
	for (size_t i = 0; i < sizeof slab->bytes; i++)
		ret_value->bytes[i] = slab->bytes[sizeof slab->bytes - 1 - i];
	return 0;
}
ACTOR_SUBTASK(turn_over, slab);

/* A message without an answer describes a subtask without a value. */
static int just_do_it(struct actor_context *context, void *argument, void *ret_value)
{
	(void)context;
	return ((struct job *)argument)->user == NULL && !ret_value ? 0 : ACTOR_E_INVALID;
}

static void arguments_and_values_lie_where_they_belong(void **state)
{
	struct actor_nursery *nursery = thread_nursery(0);
	struct actor_result result;
	struct job job = { NULL, NULL };
	struct slab slab = { { 0 } };
	uint64_t number;

	(void)state;
	slab.bytes[0] = 'x';
	assert_int_equal(ACTOR_NURSERY_START(nursery, turn_over, &number, &slab), 0);
	assert_int_equal(number, 1);
	assert_int_equal(actor_nursery_next(here(), nursery, test_deadline(), &result), 0);
	assert_int_equal(result.status, 0);
	assert_int_equal(ACTOR_RESULT(slab, &result)->bytes[299], 'x');
	actor_result_drop(&result);
	assert_int_equal(actor_nursery_start(nursery, just_do_it, &job_type, &job, NULL), 0);
	assert_int_equal(actor_nursery_next(here(), nursery, test_deadline(), &result), 0);
	assert_int_equal(result.status, 0);
	assert_null(result.value);
	actor_result_drop(&result);
	actor_nursery_destroy(nursery);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON(one, an_actor_takes_its_next_message_while_subtasks_run),
		ON(two, results_come_in_the_order_of_completion),
		ON(two, only_so_many_run_at_a_time_and_the_others_in_order),
		ON(two, nobody_overtakes_those_in_line),
		ON(one, an_error_is_a_result),
		ON(one, a_failure_is_a_result_and_the_next_one_s_turn),
		ON(two, results_wait_for_room),
		ON(two, a_failure_waits_for_room),
		ON(one, results_are_sent_also_when_memory_was_short),
		ON(two, a_subtask_starts_another),
		ON(two, a_subtask_calls_and_sleeps),
		ON(one, what_is_closed_starts_nothing_new),
		ON(two, joining_waits_until_all_have_returned_or_the_deadline),
		ON(two, a_thread_asks_for_results),
		ON(one, who_keeps_a_value_moves_it_out),
		ON(one, results_that_nobody_has_asked_for_are_dropped),
		ON(one, only_one_waits_at_a_time),
		ON(one, who_does_not_handle_results_has_no_nursery_that_sends_them),
		ON(one, memory_runs_out),
		ON(one, memory_runs_out_for_one_that_sends_messages),
		ON(one, options_may_be_of_a_program_that_knows_of_fewer),
		ON(one, what_is_kept_can_be_kept),
		ON(one, arguments_and_values_lie_where_they_belong),
	};

	return cmocka_run_group_tests_name("nursery", tests, NULL, NULL);
}
