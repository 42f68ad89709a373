/* SPDX-License-Identifier: MIT */

/*
 * Nurseries: subtasks live no longer than who started them, and each of them has one result, or
 * none any more. N-01 to N-09 of the list of behaviours; N-03 is the other way round here: an actor
 * takes its next message while its subtasks run.
 */

#include "pool-fixture.h"

#include "thread.h"

#include <sched.h>
#include <string.h>
#include <thread-per-actor.h>

/* ---- memory that runs out ---- */

static atomic_bool refuse_memory;

void *__real_actor__cell_alloc_slowly(struct actor__cells *cells, size_t bytes);
void *__wrap_actor__cell_alloc_slowly(struct actor__cells *cells, size_t bytes);
void *__real_calloc(size_t n, size_t bytes);
void *__wrap_calloc(size_t n, size_t bytes);

void *__wrap_actor__cell_alloc_slowly(struct actor__cells *cells, size_t bytes)
{
	return atomic_load(&refuse_memory) ? NULL : __real_actor__cell_alloc_slowly(cells, bytes);
}

void *__wrap_calloc(size_t n, size_t bytes)
{
	return atomic_load(&refuse_memory) ? NULL : __real_calloc(n, bytes);
}

/* ---- what is moved to subtasks, and comes back ---- */

static atomic_int n_owned; /* arguments and values that somebody owns */

struct owned {
	int is;
};

static struct owned own(void)
{
	atomic_fetch_add(&n_owned, 1);
	return (struct owned){ 1 };
}

static void disown(struct owned *owned)
{
	if (owned->is)
		atomic_fetch_sub(&n_owned, 1);
}

struct chore;
typedef int chore_fn(struct actor_context *context, struct chore *chore);

struct chore {
	chore_fn *function;
	int number;
	struct owned owned;
	struct errand_reply reply; /* owned */
};

struct yield {
	int number;
	struct owned owned;
};
ACTOR_MESSAGE(chore, struct yield);

static void chore_drop(void *message)
{
	struct chore *chore = message;

	disown(&chore->owned);
	errand_reply_refuse(&chore->reply, ACTOR_E_STOPPED);
}

static void yield_drop(void *value)
{
	disown(&((struct yield *)value)->owned);
}

ACTOR_MESSAGE_DEFINE(chore, "test.chore", chore_drop, yield_drop);

static atomic_int n_at_a_time, n_most;
static struct tally begun, ended;

/* What subtasks wait for: each door opens for as many as there are permits. */
static struct actor_semaphore *doors[8];

static int do_chore(struct actor_context *context, struct chore *chore, struct yield *ret_value)
{
	int now = atomic_fetch_add(&n_at_a_time, 1) + 1;
	int most = atomic_load(&n_most), rc;

	while (now > most && !atomic_compare_exchange_weak(&n_most, &most, now))
		;
	tally_add(&begun, 1);
	rc = chore->function(context, chore);
	atomic_fetch_sub(&n_at_a_time, 1);
	if (rc == 0)
		*ret_value = (struct yield){ chore->number, own() };
	else
		*ret_value = (struct yield){ 0, { 1 } }; /* what it leaves there owns nothing */
	tally_add(&ended, 1);
	return rc;
}
ACTOR_SUBTASK(do_chore, chore);

static int succeed(struct actor_context *context, struct chore *chore)
{
	(void)context, (void)chore;
	return 0;
}

static int give_error(struct actor_context *context, struct chore *chore)
{
	(void)context, (void)chore;
	return ACTOR_E_INVALID;
}

static int give_nonsense(struct actor_context *context, struct chore *chore)
{
	(void)context, (void)chore;
	return 5;
}

static int fail_now(struct actor_context *context, struct chore *chore)
{
	(void)chore;
	atomic_fetch_sub(&n_at_a_time, 1);
	ACTOR_FAIL(context, "as it was told");
}

/* Through the door of its number, or what kept it from that. */
static int pass_door(struct actor_context *context, struct chore *chore)
{
	struct actor_permit *permit;
	int rc = actor_semaphore_acquire(context, doors[chore->number % 8], 1, &permit);

	if (rc < 0)
		return rc;
	actor_permit_keep(permit); /* the door stays as it is: doors_close() takes it back */
	actor_permit_release(permit);
	return 0;
}

static int pass_door_and_fail(struct actor_context *context, struct chore *chore)
{
	int rc = pass_door(context, chore);

	return rc < 0 ? rc : fail_now(context, chore);
}

static int answer_itself(struct actor_context *context, struct chore *chore)
{
	int rc = pass_door(context, chore);

	if (rc == 0)
		errand_reply_answer(&chore->reply, chore->number);
	return rc;
}

static struct actor_permit *bolts[8];

static void doors_open(unsigned number)
{
	actor_permit_release(bolts[number]);
	bolts[number] = NULL;
}

static int doors_create(void)
{
	int rc = 0;

	for (unsigned i = 0; i < N_ELEMENTS(doors) && rc == 0; i++) {
		rc = actor_semaphore_create(1, &doors[i]);
		if (rc == 0)
			rc = actor_semaphore_try_acquire(NULL, doors[i], 1, &bolts[i]);
	}
	return rc;
}

static void doors_destroy(void)
{
	for (unsigned i = 0; i < N_ELEMENTS(doors); i++) {
		doors_open(i);
		actor_semaphore_unref(doors[i]);
	}
}

/* ---- who starts them ---- */

#define PARENT_MESSAGES(CALL, SEND, X)                                                             \
	CALL(X, errand)                                                                            \
	SEND(X, actor_result)
ACTOR_DECLARE(parent, PARENT_MESSAGES);

struct seen {
	uint64_t number;
	int status;
	int value;
	char failure[32];
};

struct parent {
	struct actor_nursery *nursery;
	struct actor_nursery_options options;
	struct seen seen[64];
	struct tally got;
	struct tally destroyed;
	struct tally blocked;
	struct tally unblock;
};

static struct parent mother;
static union parent_address parent;
static struct parent_mailbox parent_mailbox;

static void see(struct parent *self, struct actor_result *result)
{
	struct seen *seen = &self->seen[tally_count(&self->got) % N_ELEMENTS(self->seen)];
	struct yield *value = ACTOR_RESULT(chore, result);

	seen->number = result->number;
	seen->status = result->status;
	seen->value = value ? value->number : -1;
	snprintf(seen->failure, sizeof seen->failure, "%s",
		 result->failure ? result->failure->text : "");
	tally_add(&self->got, 1);
}

static void parent_on_actor_result(struct parent *self, struct actor_result *message,
				   struct actor_context *context)
{
	(void)context;
	see(self, message);
}

static int parent_on_errand(struct parent *self, struct errand *message,
			    struct actor_context *context)
{
	(void)self;
	return message->function(context, message->user);
}

static void parent_started(struct parent *self, struct actor_context *context)
{
	if (actor_nursery_create(context, &self->options, &self->nursery) == 0)
		actor_nursery_keep(self->nursery);
}

static void parent_destroy(struct parent *self)
{
	actor_nursery_destroy(self->nursery);
	self->nursery = NULL;
	tally_add(&self->destroyed, 1);
}

ACTOR_DEFINE(parent, PARENT_MESSAGES, parent_started, NULL, parent_destroy);

static int parent_call(hand_fn *function, void *user)
{
	int answer = 0;
	int rc = ACTOR_CALL(here(), parent, errand, &answer, &(struct errand){ function, user });

	return rc < 0 ? rc : answer;
}

static struct chore chore_of(chore_fn *function, int number)
{
	return (struct chore){ function, number, own(), { NULL } };
}

static int start(struct actor_nursery *nursery, chore_fn *function, int number)
{
	struct chore chore = chore_of(function, number);
	int rc = ACTOR_NURSERY_START(nursery, do_chore, NULL, &chore);

	chore_drop(&chore); /* nothing, if it has been started */
	return rc;
}

struct order {
	chore_fn *function;
	int first;
	int n;
};

static int start_all(struct actor_context *context, void *user)
{
	struct order *order = user;
	int rc = 0;

	(void)context;
	for (int i = 0; i < order->n && rc == 0; i++)
		rc = start(mother.nursery, order->function, order->first + i);
	return rc;
}

static void parent_starts(chore_fn *function, int first, int n)
{
	struct order order = { function, first, n };

	assert_int_equal(parent_call(start_all, &order), 0);
}

static int block(struct actor_context *context, void *user)
{
	(void)context, (void)user;
	tally_add(&mother.blocked, 1);
	tally_wait(&mother.unblock, 1);
	return 0;
}

static int do_nothing(struct actor_context *context, void *user)
{
	(void)context, (void)user;
	return 0;
}

/* From here on its mailbox fills up. */
static void parent_blocks(void)
{
	assert_int_equal(ACTOR_SEND(here(), parent, errand, &(struct errand){ block, NULL }), 0);
	assert_true(tally_wait(&mother.blocked, 1));
}

static void parent_spawn(struct actor_spawner *spawner, struct actor_nursery_options options,
			 size_t capacity)
{
	options.size = sizeof options;
	mother = (struct parent){ .options = options,
				  .got = TALLY_INIT,
				  .destroyed = TALLY_INIT,
				  .blocked = TALLY_INIT,
				  .unblock = TALLY_INIT };
	assert_int_equal(ACTOR_SPAWN_MAILBOX(parent, spawner, &mother,
					     ACTOR_OPTIONS(.capacity = capacity), &parent,
					     &parent_mailbox),
			 0);
}

static void parent_here(size_t limit)
{
	parent_spawn(actor_executor_spawner(pool), (struct actor_nursery_options){ .limit = limit },
		     0);
}

/* Nobody has it any more: it ends, and its state goes. */
static void parent_let_go(void)
{
	actor_address_unref(parent.address);
	actor_mailbox_detach(parent_mailbox.mailbox);
	parent.address = NULL;
}

static void assert_seen(unsigned i, uint64_t number, int status, int value)
{
	assert_int_equal(mother.seen[i].number, number);
	assert_int_equal(mother.seen[i].status, status);
	assert_int_equal(mother.seen[i].value, value);
}

static int set_up(void **state)
{
	pool_open(*(unsigned *)*state);
	begun = ended = (struct tally)TALLY_INIT;
	atomic_store(&n_owned, 0);
	atomic_store(&n_at_a_time, 0);
	atomic_store(&n_most, 0);
	parent.address = NULL;
	return doors_create();
}

static int tear_down(void **state)
{
	if (parent.address)
		parent_let_go();
	pool_close();
	doors_destroy();
	if (atomic_load(&n_owned) != 0) {
		print_error("owned: %d\n", atomic_load(&n_owned));
		return -1;
	}
	return test_nothing_held(state);
}

/* ---- results as messages ---- */

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
	parent_blocks();
	assert_int_equal(ACTOR_SEND(here(), parent, errand, &(struct errand){ do_nothing, NULL }),
			 0); /* full */
	doors_open(1);
	assert_true(tally_wait(&begun, 1));
	let_pass(20); /* it may have failed by now: the result has no room */
	assert_int_equal(tally_count(&mother.got), 0);
	tally_add(&mother.unblock, 1);
	assert_true(tally_wait(&mother.got, 1));
	assert_seen(0, 1, ACTOR_E_STOPPED, -1);
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

/* ---- ends ---- */

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
	assert_int_equal(actor_executor_join(other, test_deadline()), 0);
	assert_int_equal(actor_executor_destroy(other), 0);
}

static struct tally other_blocked, other_unblock;

static int block_other(struct actor_context *context, void *user)
{
	(void)context, (void)user;
	tally_add(&other_blocked, 1);
	tally_wait(&other_unblock, 1);
	return 0;
}

/* Of a thread that has something else to do, until that executor closes. */
static void what_has_never_begun_is_cancelled_and_says_so(void **state)
{
	struct actor_executor *other;

	(void)state;
	other_blocked = other_unblock = (struct tally)TALLY_INIT;
	assert_int_equal(pool_create(1, &other), 0);
	tell_and_let_go(hand_spawn(other, NULL, 0), block_other, NULL);
	assert_true(tally_wait(&other_blocked, 1));
	parent_spawn(actor_executor_spawner(pool),
		     (struct actor_nursery_options){ .spawner = actor_executor_spawner(other) }, 0);
	parent_starts(succeed, 1, 1);
	actor_executor_close(other);
	tally_add(&other_unblock, 1);
	assert_true(tally_wait(&mother.got, 1));
	assert_seen(0, 1, ACTOR_E_CANCELLED, -1);
	assert_int_equal(tally_count(&begun), 0);
	assert_int_equal(actor_executor_join(other, test_deadline()), 0);
	assert_int_equal(actor_executor_destroy(other), 0);
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
	parent_blocks();
	assert_int_equal(ACTOR_SEND(here(), parent, errand, &(struct errand){ do_nothing, NULL }),
			 0); /* full */
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
	assert_int_equal(actor_executor_join(other, test_deadline()), 0);
	assert_int_equal(actor_executor_destroy(other), 0);
}

static void results_that_nobody_can_send_can_be_asked_for(void **state)
{
	struct actor_executor *other;

	(void)state;
	assert_int_equal(pool_create(1, &other), 0);
	parent_has_no_room(other);
	actor_executor_close(other);
	assert_int_equal(actor_executor_join(other, test_deadline()), 0);
	assert_int_equal(actor_executor_destroy(other), 0);
	tally_add(&mother.unblock, 1);
	assert_int_equal(parent_call(take_what_is_left, NULL), 3);
	assert_three_seen();
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

/* ---- results for whoever asks ---- */

static struct actor_nursery *thread_nursery(size_t limit)
{
	struct actor_nursery_options options = { .size = sizeof options,
						 .results = ACTOR_NURSERY_NEXT,
						 .limit = limit,
						 .spawner = actor_executor_spawner(pool),
						 .name = "chore" };
	struct actor_nursery *nursery = NULL;

	assert_int_equal(actor_nursery_create(here(), &options, &nursery), 0);
	return nursery;
}

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
	assert_int_equal(actor_nursery_next(here(), nursery, test_deadline(), &result), 0);
	actor_result_drop(&result);
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

/* ---- what cannot be ---- */

static int create_nursery(struct actor_context *context, void *user)
{
	struct actor_nursery *nursery;

	(void)user;
	return actor_nursery_create(context, NULL, &nursery);
}

static void who_does_not_handle_results_has_no_nursery_that_sends_them(void **state)
{
	union hand_address hand = hand_spawn(pool, NULL, 0);
	struct actor_nursery_options options = { .size = sizeof options,
						 .spawner = actor_executor_spawner(pool) };
	struct actor_nursery *none;

	(void)state;
	assert_int_equal(hand_call(here(), hand, create_nursery, NULL), ACTOR_E_UNHANDLED);
	actor_address_unref(hand.address);
	assert_int_equal(actor_nursery_create(here(), &options, &none), ACTOR_E_INVALID);
	options.results = ACTOR_NURSERY_NEXT;
	options.spawner = NULL;
	assert_int_equal(actor_nursery_create(here(), &options, &none), ACTOR_E_INVALID);
	options.spawner = actor_executor_spawner(pool);
	options.results = (enum actor_nursery_results)2;
	assert_int_equal(actor_nursery_create(here(), &options, &none), ACTOR_E_INVALID);
}

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

static void what_cannot_be_spawned_is_refused_or_has_that_as_its_result(void **state)
{
	struct actor_nursery_options options = { .size = sizeof options,
						 .results = ACTOR_NURSERY_NEXT,
						 .limit = 1,
						 .spawner = &miser.base };
	struct actor_nursery *nursery;
	struct actor_result result;
	struct chore chore = chore_of(succeed, 1);

	(void)state;
	miser.base.ops = &miser_ops;
	miser.real = actor_executor_spawner(pool);
	miser.n_left = 0;
	assert_int_equal(actor_nursery_create(here(), &options, &nursery), 0);
	assert_int_equal(ACTOR_NURSERY_START(nursery, do_chore, NULL, &chore), ACTOR_E_NOMEM);
	assert_true(chore.owned.is);
	chore_drop(&chore);
	miser.n_left = 1;
	assert_int_equal(start(nursery, pass_door, 1), 0);
	assert_int_equal(start(nursery, succeed, 2), 0); /* its turn comes, and it cannot be */
	assert_int_equal(start(nursery, succeed, 3), 0);
	doors_open(1);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(actor_nursery_next(here(), nursery, test_deadline(), &result), 0);
		assert_int_equal(result.status, i == 0 ? 0 : ACTOR_E_NOMEM);
		actor_result_drop(&result);
	}
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

/* A subtask starts another one, while its nursery is destroyed: that one is cancelled, too. */
static void what_is_started_in_a_nursery_that_goes_is_cancelled(void **state)
{
	static const struct actor_spawner_ops slow_ops = { .size = sizeof slow_ops,
							   .mailbox = slow_mailbox };
	struct actor_nursery_options options = { .size = sizeof options,
						 .results = ACTOR_NURSERY_NEXT,
						 .spawner = &miser.base };

	(void)state;
	other_blocked = other_unblock = (struct tally)TALLY_INIT;
	miser.base.ops = &slow_ops;
	miser.real = actor_executor_spawner(pool);
	miser.n_left = 1;
	assert_int_equal(actor_nursery_create(here(), &options, &nursery_of_thread), 0);
	assert_int_equal(start(nursery_of_thread, start_one_at_a_door, 1), 0);
	assert_true(tally_wait(&other_blocked, 1));
	actor_nursery_destroy(nursery_of_thread);
	tally_add(&other_unblock, 1);
	assert_int_equal(actor_executor_join(pool, test_deadline()), 0); /* its door is closed */
}

static void memory_runs_out(void **state)
{
	struct actor_nursery *nursery = thread_nursery(0), *none;
	struct actor__thread *thread = actor__thread();
	struct actor__cells cells = thread->cells;
	struct actor_nursery_options options = { .size = sizeof options,
						 .results = ACTOR_NURSERY_NEXT,
						 .spawner = actor_executor_spawner(pool) };
	struct chore chore = chore_of(succeed, 1);
	int made, started;

	(void)state;
	thread->cells = (struct actor__cells){ .asks = false };
	atomic_store(&refuse_memory, true);
	made = actor_nursery_create(here(), &options, &none);
	started = ACTOR_NURSERY_START(nursery, do_chore, NULL, &chore);
	atomic_store(&refuse_memory, false);
	thread->cells = cells;
	assert_int_equal(made, ACTOR_E_NOMEM);
	assert_int_equal(started, ACTOR_E_NOMEM);
	assert_true(chore.owned.is);
	chore_drop(&chore);
	actor_nursery_destroy(nursery);
}

/* ---- answering a call from a subtask ---- */

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
		struct actor_result result;

		if (i == 2)
			assert_int_equal(start(nursery, pass_door, 1), 0);
		assert_int_equal(actor_semaphore_acquire(here(), doors[7], 1, &repair.permit), 0);
		actor_permit_hand_on(repair.permit);
		assert_int_equal(ACTOR_NURSERY_START(nursery, do_repair, NULL, &repair), 0);
		assert_null(repair.permit);
		if (i < 2) {
			assert_int_equal(
				actor_nursery_next(here(), nursery, test_deadline(), &result), 0);
			assert_int_equal(result.status, expected[i]);
			actor_result_drop(&result);
		}
		actor_nursery_destroy(nursery);
		actor_semaphore_counts_get(doors[7], &counts);
		assert_int_equal(counts.n_free, 1);
	}
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

static unsigned one = 1, two = 2;

#define ON(n_threads, test)                                                                        \
	cmocka_unit_test_prestate_setup_teardown(test, set_up, tear_down, &n_threads)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON(one, an_actor_takes_its_next_message_while_subtasks_run),
		ON(two, results_come_in_the_order_of_completion),
		ON(two, only_so_many_run_at_a_time_and_the_others_in_order),
		ON(one, an_error_is_a_result),
		ON(one, a_failure_is_a_result_and_the_next_one_s_turn),
		ON(two, results_wait_for_room),
		ON(two, a_failure_waits_for_room),
		ON(two, a_subtask_starts_another),
		ON(two, a_subtask_calls_and_sleeps),
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
		ON(one, what_is_closed_starts_nothing_new),
		ON(two, joining_waits_until_all_have_returned_or_the_deadline),
		ON(two, a_thread_asks_for_results),
		ON(one, who_keeps_a_value_moves_it_out),
		ON(one, results_that_nobody_has_asked_for_are_dropped),
		ON(one, who_does_not_handle_results_has_no_nursery_that_sends_them),
		ON(one, what_cannot_be_spawned_is_refused_or_has_that_as_its_result),
		ON(two, what_is_started_in_a_nursery_that_goes_is_cancelled),
		ON(one, memory_runs_out),
		ON(two, calls_are_answered_from_subtasks_in_any_order),
		ON(two, a_call_whose_subtask_fails_or_is_cancelled_ends),
		ON(two, permits_are_handed_on_to_subtasks_and_come_back),
		ON(one, arguments_and_values_lie_where_they_belong),
		ON(two, parents_and_subtasks_are_of_any_implementation),
		ON(one, a_local_executor_runs_them_on_its_thread),
		ON(two, every_subtask_has_one_result_whatever_happens),
	};

	return cmocka_run_group_tests_name("nursery", tests, NULL, NULL);
}
