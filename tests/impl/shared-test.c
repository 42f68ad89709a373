/* SPDX-License-Identifier: MIT */

/* Shared channels: workers that take from one queue, the address that leads to all of them, and
 * what becomes of both when workers come and go. */

#include "hand.h"
#include "test.h"
#include "user-channels.h"

#include "channel-core.h"
#include "channel.h"

#include <sched.h>
#include <stdlib.h>
#include <string.h>

enum { N_WORKERS = 3 };

static int n_before_none = -1;

static bool runs_out(void)
{
	return n_before_none >= 0 && n_before_none-- == 0;
}

void *__real_calloc(size_t n, size_t bytes);
void *__wrap_calloc(size_t n, size_t bytes);
void *__real_realloc(void *memory, size_t bytes);
void *__wrap_realloc(void *memory, size_t bytes);

void *__wrap_calloc(size_t n, size_t bytes)
{
	return runs_out() ? NULL : __real_calloc(n, bytes);
}

void *__wrap_realloc(void *memory, size_t bytes)
{
	return runs_out() ? NULL : __real_realloc(memory, bytes);
}

static bool closes_meanwhile;
static struct actor_executor *executor;

int __real_actor_channel_mailbox(struct actor_spawner *spawner,
				 const struct actor_behavior *behavior,
				 const struct actor_mailbox_options *options,
				 struct actor_channel *channel, struct actor_mailbox **ret_mailbox);
int __wrap_actor_channel_mailbox(struct actor_spawner *spawner,
				 const struct actor_behavior *behavior,
				 const struct actor_mailbox_options *options,
				 struct actor_channel *channel, struct actor_mailbox **ret_mailbox);

int __wrap_actor_channel_mailbox(struct actor_spawner *spawner,
				 const struct actor_behavior *behavior,
				 const struct actor_mailbox_options *options,
				 struct actor_channel *channel, struct actor_mailbox **ret_mailbox)
{
	int rc = __real_actor_channel_mailbox(spawner, behavior, options, channel, ret_mailbox);

	if (closes_meanwhile)
		actor_executor_close(executor);
	return rc;
}

/* ---- workers ---- */

static struct actor_channel *queue;
static struct actor_shared *shared;
static union hand_address hands;
static struct hand selves[N_WORKERS];
static struct actor_mailbox *workers[N_WORKERS];
static struct tally started, stopped, destroyed, handled, go_on;
static char said[64];
static size_t n_said;

static struct actor_context *here(void)
{
	return actor_thread_context();
}

static int set_up(size_t capacity)
{
	const struct actor_queue_options options = { .size = sizeof options, .capacity = capacity };

	started = stopped = destroyed = handled = go_on = (struct tally)TALLY_INIT;
	memset(said, 0, sizeof said);
	memset(workers, 0, sizeof workers);
	n_said = 0;
	if (actor_queue_create(&options, &queue) != 0 ||
	    actor_shared_create(&hand_behavior, "crew", queue, &shared) != 0)
		return -1;
	hands.address = actor_shared_address(shared);
	return 0;
}

static int open_local(void **state)
{
	(void)state;
	return actor_local_create(&executor) != 0 ? -1 : set_up(8);
}

static int open_pool_of(unsigned n_threads, size_t capacity)
{
	const struct actor_pool_options options = { .size = sizeof options,
						    .n_threads = n_threads };

	return actor_pool_create(&options, &executor) != 0 ? -1 : set_up(capacity);
}

static int open_pool(void **state)
{
	(void)state;
	return open_pool_of(3, 8);
}

static int close_executor(void **state)
{
	for (size_t i = 0; i < N_WORKERS; i++)
		actor_mailbox_destroy(workers[i]);
	actor_address_unref(hands.address);
	actor_shared_destroy(shared);
	actor_channel_unref(queue);
	if (actor_executor_join(executor, test_deadline()) != 0 ||
	    actor_executor_destroy(executor) != 0)
		return -1;
	return test_nothing_held(state);
}

static void hire(size_t i)
{
	selves[i] =
		(struct hand){ .started = &started, .stopped = &stopped, .destroyed = &destroyed };
	assert_int_equal(actor_shared_mailbox(shared, actor_executor_spawner(executor),
					      ACTOR_OPTIONS(.capacity = 2), &workers[i]),
			 0);
}

static void start(size_t i)
{
	assert_int_equal(actor_mailbox_start(workers[i], &selves[i], NULL, NULL), 0);
}

static void start_all(void)
{
	for (size_t i = 0; i < N_WORKERS; i++) {
		hire(i);
		start(i);
	}
}

static void run(void)
{
	assert_int_equal(actor_local_run(executor), 0);
}

static void fire(size_t i)
{
	actor_mailbox_destroy(workers[i]);
	workers[i] = NULL;
}

static void tell_to(union hand_address to, hand_fn *function, void *user)
{
	assert_int_equal(hand_send(NULL, to, function, user), 0);
}

static void tell(hand_fn *function, void *user)
{
	tell_to(hands, function, user);
}

/* Which worker says it, and what. */
static int say(struct actor_context *context, void *user)
{
	for (size_t i = 0; i < N_WORKERS; i++) {
		struct actor_identity me = actor_address_identity(actor_self(context));

		if (workers[i] && actor_identity_same(actor_mailbox_info(workers[i]).identity, me))
			said[n_said++] = (char)('0' + i);
	}
	said[n_said++] = *(const char *)user;
	return 0;
}

static void assert_ended(size_t i, enum actor_ended how)
{
	struct actor_end end = { 0 };

	assert_int_equal(actor_mailbox_join(here(), workers[i], test_deadline(), &end), 0);
	assert_int_equal(end.how, how);
}

static void assert_runs(size_t i)
{
	struct actor_end end;

	assert_int_equal(actor_mailbox_end(workers[i], &end), ACTOR_E_BUSY);
}

static void let_go(void)
{
	actor_address_unref(hands.address);
	hands.address = NULL;
}

static void begin_call(struct actor_future *future, void *user)
{
	struct errand errand = { say, user };

	assert_int_equal(ACTOR_CALL_BEGIN(here(), future, hands, errand, NULL, &errand), 0);
}

static void assert_refused(struct actor_future *future)
{
	assert_int_equal(actor_future_await(future, ACTOR_AT_ONCE), ACTOR_E_STOPPED);
}

/* Not by way of the address, which leads into the first of several. */
static void put_job(struct actor_channel *channel, hand_fn *function, void *user)
{
	struct job job = { function, user };
	const struct actor_handler *handler = actor_behavior_find(&hand_behavior, &job_type);
	struct actor__envelope *envelope = actor__envelope_create(actor__thread(), handler, &job,
								  NULL);

	assert_non_null(envelope);
	assert_int_equal(actor_channel_push(channel, actor__envelope_out(envelope), NULL), 0);
}

/* ---- who takes what ---- */

static int sleep_for_ever(struct actor_context *context, void *user)
{
	(void)user;
	return actor_sleep_until(context, ACTOR_FOREVER);
}

/* GO-37 */
static void each_message_is_handled_by_one(void **state)
{
	(void)state;
	tell(say, "a");
	start_all();
	run();
	tell(say, "b");
	tell(say, "c");
	run();
	assert_int_equal(n_said, 6);
	assert_int_equal(actor_channel_length(queue), 0);
	run();
	assert_int_equal(n_said, 6);
}

/* Whoever is idle, not those who wait in their handlers. */
static void an_idle_one_is_preferred(void **state)
{
	(void)state;
	start_all();
	run();
	tell(sleep_for_ever, NULL);
	run();
	tell(sleep_for_ever, NULL);
	run();
	tell(say, "a");
	run();
	assert_int_equal(n_said, 2);
	tell(say, "b");
	run();
	assert_int_equal(n_said, 4);
	assert_int_equal(said[0], said[2]); /* the third */
	tell(sleep_for_ever, NULL);
	run();
	tell(say, "c");
	run();
	assert_int_equal(n_said, 4); /* all are busy */
	assert_int_equal(actor_channel_length(queue), 1);
}

static void one_is_woken_for_one_message(void **state)
{
	unsigned n_steps = 0;

	(void)state;
	start_all();
	run();
	tell(say, "a");
	while (actor_local_step(executor) == 1)
		n_steps++;
	assert_int_equal(n_steps, 1);
	assert_int_equal(n_said, 2);
}

/* Whoever takes one and leaves more behind calls the next. */
static void what_was_held_back_is_shared_out(void **state)
{
	(void)state;
	start_all();
	actor_channel_disable(queue);
	tell(sleep_for_ever, NULL);
	tell(sleep_for_ever, NULL);
	tell(say, "a");
	run();
	assert_int_equal(n_said, 0);
	actor_channel_enable(queue);
	run();
	assert_int_equal(n_said, 2);
}

static int lie_in_wait(struct actor_context *context, void *user)
{
	(void)context;
	tally_add(&handled, 1);
	return tally_wait(user, 1) ? 0 : -1;
}

/* As many at a time as there are workers and threads. */
static void they_work_at_the_same_time(void **state)
{
	(void)state;
	start_all();
	for (size_t i = 0; i < N_WORKERS; i++)
		tell(lie_in_wait, &go_on);
	assert_true(tally_wait(&handled, N_WORKERS));
	tally_add(&go_on, 1);
	let_go();
	for (size_t i = 0; i < N_WORKERS; i++)
		assert_ended(i, ACTOR_ENDED_STOPPED);
}

/* Its own addresses lead to it alone. */
static void a_worker_can_be_spoken_to_alone(void **state)
{
	union hand_address second;

	(void)state;
	start_all();
	second.address = actor_mailbox_address(workers[1]);
	assert_false(actor_address_same(second.address, hands.address));
	run();
	tell_to(second, say, "a");
	tell_to(second, say, "b");
	assert_int_equal(hand_send(NULL, second, say, "c"), ACTOR_E_FULL);
	run();
	assert_string_equal(said, "1a1b");
	actor_address_unref(second.address);
}

/* One after the other: the second one waits last, and is told first. Returns its own address. */
static union hand_address start_two(void)
{
	for (size_t i = 0; i < 2; i++) {
		hire(i);
		start(i);
		run();
	}
	return (union hand_address){ .address = actor_mailbox_address(workers[1]) };
}

/* Busy with that, it is not the one who is woken for the others. */
static void who_is_spoken_to_alone_is_busy(void **state)
{
	union hand_address last;

	(void)state;
	last = start_two();
	tell_to(last, sleep_for_ever, NULL);
	run();
	tell(say, "a");
	run();
	assert_string_equal(said, "0a");
	actor_address_unref(last.address);
}

/* It has been told of a message for all, and takes its own first: another is told instead. */
static void who_takes_its_own_first_passes_the_others_on(void **state)
{
	union hand_address last;

	(void)state;
	last = start_two();
	tell_to(last, sleep_for_ever, NULL);
	tell(say, "a");
	run();
	assert_string_equal(said, "0a");
	actor_address_unref(last.address);
}

/* ---- its address ---- */

static void it_is_somebody(void **state)
{
	struct actor_address *weak = actor_address_weak(hands.address);
	struct actor_info info = actor_address_info(hands.address);
	struct actor_address *again;

	(void)state;
	hire(0);
	assert_string_equal(info.name, "crew");
	assert_string_equal(info.type, "hand");
	assert_true(actor_address_same(weak, hands.address));
	assert_false(actor_identity_same(info.identity, actor_mailbox_info(workers[0]).identity));
	assert_true(actor_address_handles(weak, &job_type));
	assert_false(actor_address_handles(weak, actor_join_type()));
	again = actor_address_upgrade(weak);
	assert_ptr_equal(again, hands.address);
	actor_address_unref(again);
	assert_ptr_equal(actor_address_ref(again), again);
	actor_address_unref(again);
	assert_int_equal(actor_address_pause(hands.address), ACTOR_E_UNSUPPORTED);
	assert_int_equal(actor_address_stop(hands.address, 77), ACTOR_E_INVALID);
	let_go();
	assert_null(actor_address_upgrade(weak));
	assert_int_equal(hand_send(NULL, (union hand_address){ weak }, say, "a"), ACTOR_E_CLOSED);
	hands.address = actor_shared_address(shared); /* L-30 */
	again = actor_address_upgrade(weak);
	assert_ptr_equal(again, hands.address);
	assert_int_equal(hand_send(NULL, (union hand_address){ weak }, say, "a"), 0);
	actor_address_unref(again);
	actor_address_unref(weak);
}

/* L-05, L-07, L-11 */
static void it_holds_its_workers(void **state)
{
	(void)state;
	start_all();
	run();
	for (size_t i = 0; i < N_WORKERS; i++)
		assert_runs(i);
	tell(say, "a");
	tell(say, "b");
	let_go();
	for (size_t i = 0; i < N_WORKERS; i++)
		assert_ended(i, ACTOR_ENDED_STOPPED);
	assert_int_equal(n_said, 4);
	assert_true(actor_channel_is_closed(queue));
}

/* Held by somebody else, a worker goes on, and can be held again. */
static void a_worker_may_be_held_by_others(void **state)
{
	union hand_address first;

	(void)state;
	hire(0);
	start(0);
	first.address = actor_mailbox_address(workers[0]);
	let_go();
	run();
	assert_runs(0);
	hands.address = actor_shared_address(shared);
	actor_address_unref(first.address);
	run();
	assert_runs(0);
	tell(say, "a");
	let_go();
	assert_ended(0, ACTOR_ENDED_STOPPED);
	assert_string_equal(said, "0a");
}

/* ---- workers come and go ---- */

static void the_others_go_on(void **state)
{
	union hand_address first;

	(void)state;
	start_all();
	run();
	first.address = actor_mailbox_address(workers[0]);
	assert_int_equal(actor_address_stop(first.address, ACTOR_STOP_DRAIN), 0);
	actor_address_unref(first.address);
	fire(1);
	run();
	assert_ended(0, ACTOR_ENDED_STOPPED);
	for (unsigned i = 0; i < 3; i++)
		tell(say, "a");
	run();
	assert_string_equal(said, "2a2a2a");
	hire(1);
	start(1);
	tell(sleep_for_ever, NULL);
	run();
	tell(say, "b");
	run();
	assert_int_equal(n_said, 8);
}

/* Without the last one nobody would come. */
static void the_last_one_closes_it(void **state)
{
	struct actor_mailbox *late = NULL;
	struct actor_future future;

	(void)state;
	hire(0);
	hire(1);
	start(0);
	start(1);
	run();
	fire(0);
	run();
	assert_false(actor_channel_is_closed(queue));
	begin_call(&future, "a");
	fire(1);
	run();
	assert_refused(&future);
	assert_true(actor_channel_is_closed(queue));
	assert_int_equal(hand_send(NULL, hands, say, "b"), ACTOR_E_CLOSED);
	assert_int_equal(
		actor_shared_mailbox(shared, actor_executor_spawner(executor), NULL, &late),
		ACTOR_E_CLOSED);
	assert_null(late);
	assert_int_equal(n_said, 0);
}

static void the_last_one_handles_what_is_queued_if_it_is_drained(void **state)
{
	union hand_address first;

	(void)state;
	hire(0);
	start(0);
	tell(say, "a");
	tell(say, "b");
	first.address = actor_mailbox_address(workers[0]);
	tell_to(first, say, "c");
	assert_int_equal(actor_address_stop(first.address, ACTOR_STOP_DRAIN), 0);
	actor_shared_destroy(shared); /* takes nothing away from it */
	shared = NULL;
	assert_ended(0, ACTOR_ENDED_STOPPED);
	assert_string_equal(said, "0c0a0b");
	assert_int_equal(hand_send(NULL, hands, say, "d"), ACTOR_E_CLOSED);
	actor_address_unref(first.address);
}

static int give_it_up(struct actor_context *context, void *user)
{
	(void)context, (void)user;
	actor_shared_destroy(shared);
	shared = NULL;
	return 0;
}

/* Also while that one is at it. */
static void what_the_last_one_is_at_is_not_taken_away(void **state)
{
	struct actor_address *first;

	(void)state;
	hire(0);
	start(0);
	tell(give_it_up, NULL);
	tell(say, "a");
	first = actor_mailbox_address(workers[0]);
	assert_int_equal(actor_address_stop(first, ACTOR_STOP_DRAIN), 0);
	assert_ended(0, ACTOR_ENDED_STOPPED);
	assert_string_equal(said, "0a");
	assert_null(shared);
	actor_address_unref(first);
}

static int burn(struct actor_context *context, void *user)
{
	(void)user;
	ACTOR_FAIL(context, "burnt");
}

static void who_has_failed_is_still_one_of_them(void **state)
{
	struct actor_end end;

	(void)state;
	hire(0);
	start(0);
	tell(burn, NULL);
	tell(say, "a");
	assert_int_equal(actor_mailbox_join(here(), workers[0], test_deadline(), &end), 0);
	assert_int_equal(end.how, ACTOR_ENDED_FAILED);
	assert_int_equal(n_said, 0);
	assert_false(actor_channel_is_closed(queue));
	start(0);
	run();
	assert_string_equal(said, "0a");
}

/* Whoever was told, and then cannot come, passes it on. */
static void passes_it_on(void (*prevent)(struct actor_address *address, struct actor_mailbox *))
{
	struct actor_address *second;

	hire(0);
	hire(1);
	start(0);
	start(1);
	run();
	second = actor_mailbox_address(workers[1]);
	/* So that the second is the last to begin waiting, and the next one to be told. */
	tell_to((union hand_address){ second }, say, "x");
	run();
	assert_string_equal(said, "1x");
	tell(say, "a");
	prevent(second, workers[1]);
	run();
	assert_string_equal(said, "1x0a");
	actor_address_unref(second);
}

static void by_pause(struct actor_address *address, struct actor_mailbox *mailbox)
{
	(void)mailbox;
	actor_ignore(actor_address_pause(address));
}

static void by_cancel(struct actor_address *address, struct actor_mailbox *mailbox)
{
	(void)address;
	actor_mailbox_cancel(mailbox);
}

static void by_stop(struct actor_address *address, struct actor_mailbox *mailbox)
{
	(void)mailbox;
	actor_ignore(actor_address_stop(address, ACTOR_STOP_NOW));
}

static void by_drain(struct actor_address *address, struct actor_mailbox *mailbox)
{
	(void)mailbox;
	actor_ignore(actor_address_stop(address, ACTOR_STOP_DRAIN));
}

static void who_is_paused_passes_it_on(void **state)
{
	(void)state;
	passes_it_on(by_pause);
}

static void who_is_cancelled_passes_it_on(void **state)
{
	(void)state;
	passes_it_on(by_cancel);
}

static void who_is_stopped_passes_it_on(void **state)
{
	(void)state;
	passes_it_on(by_stop);
}

static void who_is_drained_passes_it_on(void **state)
{
	(void)state;
	passes_it_on(by_drain);
}

/* ---- stopping all of them ---- */

static void drained_they_handle_what_is_queued(void **state)
{
	(void)state;
	start_all();
	for (unsigned i = 0; i < 6; i++)
		tell(say, "a");
	assert_int_equal(actor_address_stop(hands.address, ACTOR_STOP_DRAIN), 0);
	assert_int_equal(hand_send(NULL, hands, say, "b"), ACTOR_E_CLOSED);
	for (size_t i = 0; i < N_WORKERS; i++)
		assert_ended(i, ACTOR_ENDED_STOPPED);
	assert_int_equal(n_said, 12);
}

/* Idle, they are told. */
static void drained_they_end_when_there_is_nothing(void **state)
{
	(void)state;
	start_all();
	run();
	assert_int_equal(actor_address_stop(hands.address, ACTOR_STOP_DRAIN), 0);
	for (size_t i = 0; i < N_WORKERS; i++)
		assert_ended(i, ACTOR_ENDED_STOPPED);
}

static void stopped_now_they_drop_what_is_queued(void **state)
{
	struct actor_future future;

	(void)state;
	start_all();
	begin_call(&future, "a");
	assert_int_equal(actor_address_stop(hands.address, ACTOR_STOP_NOW), 0);
	for (size_t i = 0; i < N_WORKERS; i++)
		assert_ended(i, ACTOR_ENDED_STOPPED);
	assert_refused(&future);
	assert_int_equal(n_said, 0);
}

static void without_workers_nobody_will_come(void **state)
{
	struct actor_mailbox *late = NULL;
	struct actor_future futures[2];

	(void)state;
	begin_call(&futures[0], "a");
	assert_int_equal(actor_address_stop(hands.address, ACTOR_STOP_DRAIN), 0);
	assert_refused(&futures[0]);
	assert_int_equal(
		actor_shared_mailbox(shared, actor_executor_spawner(executor), NULL, &late),
		ACTOR_E_CLOSED);
	let_go();
	actor_shared_destroy(shared);
	actor_channel_unref(queue);
	assert_int_equal(set_up(8), 0);
	begin_call(&futures[1], "a");
	actor_shared_destroy(shared);
	shared = NULL;
	assert_refused(&futures[1]);
	assert_int_equal(hand_send(NULL, hands, say, "b"), ACTOR_E_CLOSED);
}

static void a_closed_executor_ends_it(void **state)
{
	struct actor_future future;

	(void)state;
	start_all();
	begin_call(&future, "a");
	actor_executor_close(executor);
	for (size_t i = 0; i < N_WORKERS; i++)
		assert_ended(i, ACTOR_ENDED_CANCELLED);
	assert_refused(&future);
	assert_true(actor_channel_is_closed(queue));
}

/* A worker's executor is closed when there is its mailbox, but it is not one of them yet: then it
 * never is, and what is queued waits for another, from elsewhere. */
static void who_comes_too_late_takes_nothing_away(void **state)
{
	struct actor_mailbox *late = NULL;
	struct actor_future future;

	(void)state;
	begin_call(&future, "a");
	closes_meanwhile = true;
	assert_int_equal(
		actor_shared_mailbox(shared, actor_executor_spawner(executor), NULL, &late),
		ACTOR_E_CLOSED);
	closes_meanwhile = false;
	assert_null(late);
	assert_false(actor_channel_is_closed(queue));
	assert_int_equal(actor_channel_length(queue), 1);
	actor_shared_destroy(shared);
	shared = NULL;
	assert_refused(&future);
}

/* As of one actor: what nobody may take, nobody waits for. */
static void drained_they_drop_what_is_disabled(void **state)
{
	struct actor_future future;

	(void)state;
	start_all();
	run();
	actor_channel_disable(queue);
	begin_call(&future, "a");
	run();
	assert_int_equal(actor_address_stop(hands.address, ACTOR_STOP_DRAIN), 0);
	for (size_t i = 0; i < N_WORKERS; i++)
		assert_ended(i, ACTOR_ENDED_STOPPED);
	assert_refused(&future);
	assert_int_equal(n_said, 0);
}

/* ---- other channels than queues ---- */

/* Instead of the queue; the test's no more. */
static void share_another(struct actor_channel *channel)
{
	let_go();
	actor_shared_destroy(shared);
	actor_channel_unref(queue);
	queue = channel;
	assert_int_equal(actor_shared_create(&hand_behavior, NULL, queue, &shared), 0);
	hands.address = actor_shared_address(shared);
}

/* The last one has left, and goes on with what comes later; and with what may be taken again. */
static void the_last_one_hears_of_enabling(void **state)
{
	struct actor_channel *inner = NULL, *both[2] = { NULL, NULL }, *select = NULL;
	union hand_address first;

	(void)state;
	assert_int_equal(actor_queue_create(NULL, &inner), 0);
	assert_int_equal(actor_throttle_create(inner, 1, INT64_C(3600) * 1000000000, &both[0]), 0);
	assert_int_equal(actor_queue_create(NULL, &both[1]), 0);
	assert_int_equal(actor_select_create(both, 2, NULL, NULL, &select), 0);
	share_another(select);
	hire(0);
	start(0);
	first.address = actor_mailbox_address(workers[0]);
	actor_channel_disable(both[1]);
	tell(say, "a");
	tell(say, "b");
	put_job(both[1], say, "c");
	run();
	assert_string_equal(said, "0a");
	assert_int_equal(actor_address_stop(first.address, ACTOR_STOP_DRAIN), 0);
	run();
	assert_runs(0);
	actor_channel_enable(both[1]);
	run();
	assert_string_equal(said, "0a0c");
	assert_runs(0);
	actor_address_unref(first.address);
	fire(0);
	run();
	actor_channel_enable(both[1]); /* there is nobody left to hear of it */
	assert_string_equal(said, "0a0c");
	actor_channel_unref(inner);
	actor_channel_unref(both[0]);
	actor_channel_unref(both[1]);
}

static bool is_job(const struct actor_envelope *envelope)
{
	return !actor_envelope_is_call(envelope);
}

ACTOR_SHARED_DECLARE(hand);

static void it_may_be_typed(void **state)
{
	struct hand_shared typed;
	struct hand_mailbox worker;
	struct actor_channel *channel = NULL;

	(void)state;
	assert_int_equal(actor_queue_create(NULL, &channel), 0);
	assert_int_equal(ACTOR_SHARED_CREATE(hand, "typed", channel, &typed), 0);
	let_go();
	hands = ACTOR_SHARED_ADDRESS(hand, typed);
	assert_string_equal(actor_address_name(hands.address), "typed");
	assert_int_equal(
		ACTOR_SHARED_MAILBOX(hand, typed, actor_executor_spawner(executor), NULL, &worker),
		0);
	assert_int_equal(ACTOR_MAILBOX_START(hand, worker, &selves[0], NULL, NULL), 0);
	tell(say, "a");
	run();
	assert_string_equal(said, "a");
	actor_mailbox_destroy(worker.mailbox);
	actor_shared_destroy(typed.shared);
	actor_channel_unref(channel);
}

static void what_they_pass_by_is_discarded(void **state)
{
	struct actor_channel *fresh = NULL;
	struct actor_future future;

	(void)state;
	assert_int_equal(fresh_create(is_job, &fresh), 0);
	share_another(fresh);
	hire(0);
	start(0);
	begin_call(&future, "1");
	tell(say, "a");
	run();
	assert_string_equal(said, "0a");
	assert_refused(&future);
}

static void what_is_disabled_wakes_all_when_it_is_enabled(void **state)
{
	(void)state;
	actor_channel_disable(queue);
	start_all();
	for (size_t i = 0; i < N_WORKERS; i++)
		tell(lie_in_wait, &go_on);
	assert_int_equal(tally_count(&handled), 0);
	actor_channel_enable(queue);
	assert_true(tally_wait(&handled, N_WORKERS)); /* all at the same time */
	tally_add(&go_on, 1);
}

static int count_handled(struct actor_context *context, void *user)
{
	(void)context, (void)user;
	tally_add(&handled, 1);
	return 0;
}

/* L-29, H-13: together they keep to it, and handle all before they end. */
static void they_share_a_throttle(void **state)
{
	struct actor_channel *inner = NULL, *slow = NULL;

	(void)state;
	assert_int_equal(actor_queue_create(NULL, &inner), 0);
	assert_int_equal(actor_throttle_create(inner, 1, 1000000, &slow), 0);
	actor_channel_unref(inner);
	share_another(slow);
	assert_string_equal(actor_address_name(hands.address), "");
	start_all();
	for (unsigned i = 0; i < 10; i++)
		tell(count_handled, NULL);
	let_go();
	for (size_t i = 0; i < N_WORKERS; i++)
		assert_ended(i, ACTOR_ENDED_STOPPED);
	assert_int_equal(tally_count(&handled), 10);
}

/* ---- refusals ---- */

static void one_takes_from_a_channel(void **state)
{
	const struct actor_behavior nameless = { .size = sizeof nameless };
	struct actor_shared *refused = NULL;
	struct actor_mailbox *mailbox = NULL;

	(void)state;
	assert_int_equal(actor_shared_create(&hand_behavior, "", queue, &refused), ACTOR_E_BUSY);
	assert_int_equal(actor_shared_create(&nameless, "", queue, &refused), ACTOR_E_INVALID);
	assert_int_equal(actor_channel_mailbox(actor_executor_spawner(executor), &hand_behavior,
					       NULL, queue, &mailbox),
			 ACTOR_E_BUSY);
	assert_null(refused);
	assert_null(mailbox);
	hire(0);
	start(0);
	tell(say, "a");
	run();
	assert_string_equal(said, "0a");
}

static void what_cannot_be_made_leaves_nothing(void **state)
{
	struct actor_shared *made = NULL;
	struct actor_channel *inner = NULL;
	int n, rc = ACTOR_E_NOMEM;

	(void)state;
	assert_int_equal(actor_queue_create(NULL, &inner), 0);
	n_before_none = 0;
	assert_int_equal(actor_shared_create(&hand_behavior, "", inner, &made), ACTOR_E_NOMEM);
	n_before_none = -1;
	assert_null(made);
	actor_channel_unref(inner);
	for (n = 0; rc == ACTOR_E_NOMEM && n < 20; n++) {
		n_before_none = n;
		rc = actor_shared_mailbox(shared, actor_executor_spawner(executor), NULL,
					  &workers[0]);
		n_before_none = -1;
		assert_true(rc == 0 || rc == ACTOR_E_NOMEM);
	}
	assert_int_equal(rc, 0);
	assert_in_range(n, 5, 10);
	start(0);
	tell(say, "a");
	run();
	assert_string_equal(said, "0a");
}

/* ---- many threads ---- */

struct crowd {
	unsigned n_each;
	atomic_uint n_refused;
};

static void crowd_send(void *user, unsigned index)
{
	struct crowd *crowd = user;

	(void)index;
	for (unsigned i = 0; i < crowd->n_each; i++)
		if ((i % 4 ? hand_send(here(), hands, count_handled, NULL)
			   : hand_call(here(), hands, count_handled, NULL)) != 0)
			atomic_fetch_add(&crowd->n_refused, 1);
}

/* With little room: each message is handled once, and nobody is left waiting. */
static void a_crowd_is_served(void **state)
{
	struct crowd crowd = { .n_each = test_times(8000) };

	(void)state;
	start_all();
	crew_run(3, crowd_send, &crowd);
	assert_int_equal(crowd.n_refused, 0);
	let_go();
	for (size_t i = 0; i < N_WORKERS; i++)
		assert_ended(i, ACTOR_ENDED_STOPPED);
	assert_int_equal(tally_count(&handled), 3 * crowd.n_each);
}

static atomic_uint n_busy;

static void send_or_come_and_go(void *user, unsigned index)
{
	if (index < 2) {
		crowd_send(user, index);
		atomic_fetch_sub(&n_busy, 1);
		return;
	}
	/* One is always there: the first. */
	for (unsigned i = 0; atomic_load(&n_busy) > 0; i++) {
		struct actor_address *address;

		if (!workers[1]) {
			if (actor_shared_mailbox(shared, actor_executor_spawner(executor), NULL,
						 &workers[1]) != 0)
				abort();
			actor_ignore(actor_mailbox_start(workers[1], NULL, NULL, NULL));
		}
		address = actor_mailbox_address(workers[1]);
		sched_yield();
		actor_ignore(actor_address_pause(address));
		sched_yield();
		actor_ignore(actor_address_resume(address));
		actor_ignore(actor_address_stop(address, ACTOR_STOP_DRAIN));
		actor_address_unref(address);
		actor_mailbox_detach(workers[1]);
		workers[1] = NULL;
	}
}

/* Workers that drain lose nothing, and leave nobody waiting, whoever comes and goes. */
static void workers_come_and_go_while_it_is_used(void **state)
{
	struct crowd crowd = { .n_each = test_times(4000) };

	(void)state;
	hire(0);
	start(0);
	atomic_store(&n_busy, 2);
	crew_run(3, send_or_come_and_go, &crowd);
	assert_int_equal(crowd.n_refused, 0);
	let_go();
	assert_ended(0, ACTOR_ENDED_STOPPED);
	assert_int_equal(actor_executor_join(executor, test_deadline()), 0);
	assert_int_equal(tally_count(&handled), 2 * crowd.n_each);
}

#define LOCAL_TEST(test) cmocka_unit_test_setup_teardown(test, open_local, close_executor)
#define POOL_TEST(test) cmocka_unit_test_setup_teardown(test, open_pool, close_executor)

int main(void)
{
	const struct CMUnitTest tests[] = {
		LOCAL_TEST(each_message_is_handled_by_one),
		LOCAL_TEST(an_idle_one_is_preferred),
		LOCAL_TEST(one_is_woken_for_one_message),
		LOCAL_TEST(what_was_held_back_is_shared_out),
		POOL_TEST(they_work_at_the_same_time),
		LOCAL_TEST(a_worker_can_be_spoken_to_alone),
		LOCAL_TEST(who_is_spoken_to_alone_is_busy),
		LOCAL_TEST(who_takes_its_own_first_passes_the_others_on),
		LOCAL_TEST(it_is_somebody),
		LOCAL_TEST(it_holds_its_workers),
		LOCAL_TEST(a_worker_may_be_held_by_others),
		LOCAL_TEST(the_others_go_on),
		LOCAL_TEST(the_last_one_closes_it),
		LOCAL_TEST(the_last_one_handles_what_is_queued_if_it_is_drained),
		LOCAL_TEST(what_the_last_one_is_at_is_not_taken_away),
		LOCAL_TEST(who_has_failed_is_still_one_of_them),
		LOCAL_TEST(who_is_paused_passes_it_on),
		LOCAL_TEST(who_is_cancelled_passes_it_on),
		LOCAL_TEST(who_is_stopped_passes_it_on),
		LOCAL_TEST(who_is_drained_passes_it_on),
		LOCAL_TEST(drained_they_handle_what_is_queued),
		LOCAL_TEST(drained_they_end_when_there_is_nothing),
		LOCAL_TEST(stopped_now_they_drop_what_is_queued),
		LOCAL_TEST(without_workers_nobody_will_come),
		LOCAL_TEST(a_closed_executor_ends_it),
		LOCAL_TEST(who_comes_too_late_takes_nothing_away),
		LOCAL_TEST(drained_they_drop_what_is_disabled),
		LOCAL_TEST(the_last_one_hears_of_enabling),
		LOCAL_TEST(it_may_be_typed),
		LOCAL_TEST(what_they_pass_by_is_discarded),
		POOL_TEST(what_is_disabled_wakes_all_when_it_is_enabled),
		POOL_TEST(they_share_a_throttle),
		LOCAL_TEST(one_takes_from_a_channel),
		LOCAL_TEST(what_cannot_be_made_leaves_nothing),
		POOL_TEST(a_crowd_is_served),
		POOL_TEST(workers_come_and_go_while_it_is_used),
	};

	return cmocka_run_group_tests_name("shared", tests, NULL, NULL);
}
