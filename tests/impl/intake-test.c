/* SPDX-License-Identifier: MIT */

/*
 * Actors on channels that are given: when they end, what becomes of what is queued, what addresses
 * lead where; channels that are disabled and enabled while messages come. Mostly on the local
 * executor, where each step is the test's; what threads may do to each other, on a pool.
 */

#include "hand.h"
#include "test.h"
#include "user-channels.h"

#include "channel-core.h"
#include "channel.h"

#include <sched.h>
#include <stdlib.h>
#include <string.h>

static bool memory_is_out;

void *__real_calloc(size_t n, size_t bytes);
void *__wrap_calloc(size_t n, size_t bytes);

void *__wrap_calloc(size_t n, size_t bytes)
{
	return memory_is_out ? NULL : __real_calloc(n, bytes);
}

#define MILLISECOND INT64_C(1000000)

/* ---- an actor on a channel ---- */

static struct actor_executor *executor;
static struct hand self;
static struct tally started, stopped, destroyed;
static struct hand_mailbox mailbox;
static union hand_address hand; /* as the mailbox gives it */
static char said[64];		/* a letter for each job */
static size_t n_said;

static struct actor_context *here(void)
{
	return actor_thread_context();
}

static int say(struct actor_context *context, void *user)
{
	(void)context;
	said[n_said++] = *(const char *)user;
	return 0;
}

/* What has been said until now, when nothing is ready any more. */
static const char *all_said(void)
{
	assert_int_equal(actor_local_run(executor), 0);
	return said;
}

static int set_up(void **state)
{
	(void)state;
	started = stopped = destroyed = (struct tally)TALLY_INIT;
	self = (struct hand){ .started = &started, .stopped = &stopped, .destroyed = &destroyed };
	memset(said, 0, sizeof said);
	n_said = 0;
	hand.address = NULL;
	mailbox.mailbox = NULL;
	return 0;
}

static int open_local(void **state)
{
	return set_up(state) ? -1 : actor_local_create(&executor);
}

static int open_pool(void **state)
{
	const struct actor_pool_options options = { .size = sizeof options, .n_threads = 2 };

	return set_up(state) ? -1 : actor_pool_create(&options, &executor);
}

static int close_executor(void **state)
{
	if (actor_executor_join(executor, test_deadline()) != 0 ||
	    actor_executor_destroy(executor) != 0)
		return -1;
	return test_nothing_held(state);
}

static struct actor_channel *queue(size_t capacity)
{
	const struct actor_queue_options options = { .size = sizeof options, .capacity = capacity };
	struct actor_channel *made = NULL;

	assert_int_equal(actor_queue_create(&options, &made), 0);
	return made;
}

static struct actor_channel *throttle(struct actor_channel *inner, int64_t interval_ns)
{
	struct actor_channel *made = NULL;

	assert_int_equal(actor_throttle_create(inner, 1, interval_ns, &made), 0);
	actor_channel_unref(inner);
	return made;
}

static void make_on(struct actor_channel *channel)
{
	assert_int_equal(actor_channel_mailbox(actor_executor_spawner(executor), &hand_behavior,
					       ACTOR_OPTIONS(.name = "ann"), channel,
					       &mailbox.mailbox),
			 0);
	hand = ACTOR_MAILBOX_ADDRESS(hand, mailbox);
}

static void start(actor_end_fn *on_end)
{
	assert_int_equal(ACTOR_MAILBOX_START(hand, mailbox, &self, on_end, NULL), 0);
}

static void start_on(struct actor_channel *channel)
{
	make_on(channel);
	start(NULL);
}

static void tell_to(union hand_address to, hand_fn *function, void *user)
{
	assert_int_equal(hand_send(NULL, to, function, user), 0);
}

static void tell(const char *letters)
{
	for (; *letters; letters++)
		tell_to(hand, say, (void *)(uintptr_t)letters);
}

static void assert_runs(void)
{
	struct actor_end end;

	assert_int_equal(actor_mailbox_end(mailbox.mailbox, &end), ACTOR_E_BUSY);
}

/* The run is over, and how. */
static void assert_ended(enum actor_ended how)
{
	struct actor_end end = { 0 };

	assert_int_equal(actor_mailbox_join(here(), mailbox.mailbox, test_deadline(), &end), 0);
	assert_int_equal(end.how, how);
	assert_int_equal(tally_count(&stopped), how == ACTOR_ENDED_STOPPED);
	assert_int_equal(tally_count(&destroyed), how != ACTOR_ENDED_STOPPED);
}

static void let_go(void)
{
	actor_address_unref(hand.address);
	actor_mailbox_destroy(mailbox.mailbox);
}

static void begin_call(struct actor_future *future, union hand_address to, hand_fn *function,
		       void *user)
{
	struct errand errand = { function, user };

	assert_int_equal(ACTOR_CALL_BEGIN(here(), future, to, errand, NULL, &errand), 0);
}

/* ---- when it ends ---- */

/* L-04, L-11, L-12, L-16 */
static void it_is_an_actor_like_any_other(void **state)
{
	struct actor_channel *channel = queue(16);

	(void)state;
	start_on(channel);
	actor_channel_unref(channel);
	tell("abc");
	assert_string_equal(all_said(), "abc");
	tell("de");
	actor_address_unref(hand.address);
	hand.address = NULL;
	assert_ended(ACTOR_ENDED_STOPPED);
	assert_string_equal(said, "abcde");
	let_go();
}

/* L-02, L-14: sent to before it starts. */
static void what_was_sent_before_the_start_is_handled(void **state)
{
	struct actor_channel *channel = queue(16);

	(void)state;
	make_on(channel);
	tell("ab");
	actor_address_unref(hand.address);
	hand.address = NULL;
	start(NULL);
	assert_ended(ACTOR_ENDED_STOPPED);
	assert_string_equal(said, "ab");
	actor_channel_unref(channel);
	let_go();
}

/* L-08 */
static void it_ends_with_its_channel(void **state)
{
	struct actor_channel *channel = queue(16);

	(void)state;
	start_on(channel);
	assert_string_equal(all_said(), "");
	tell("ab");
	actor_channel_close(channel);
	assert_ended(ACTOR_ENDED_STOPPED);
	assert_string_equal(said, "ab");
	assert_int_equal(hand_send(NULL, hand, say, "c"), ACTOR_E_CLOSED);
	actor_channel_unref(channel);
	let_go();
}

/* Idle when it is closed. */
static void it_is_told_that_its_channel_is_closed(void **state)
{
	struct actor_channel *channel = queue(16);

	(void)state;
	start_on(channel);
	assert_string_equal(all_said(), "");
	actor_channel_close(channel);
	assert_ended(ACTOR_ENDED_STOPPED);
	actor_channel_unref(channel);
	let_go();
}

static void draining_handles_what_is_queued(void **state)
{
	struct actor_channel *channel = queue(16);

	(void)state;
	start_on(channel);
	tell("abc");
	assert_int_equal(actor_address_stop(hand.address, ACTOR_STOP_DRAIN), 0);
	assert_int_equal(hand_send(NULL, hand, say, "d"), ACTOR_E_CLOSED);
	assert_ended(ACTOR_ENDED_STOPPED);
	assert_string_equal(said, "abc");
	assert_true(actor_channel_is_closed(channel));
	actor_channel_unref(channel);
	let_go();
}

static void stopped_now_it_drops_what_is_queued(void **state)
{
	struct actor_channel *channel = queue(16);
	struct actor_future future;

	(void)state;
	start_on(channel);
	assert_string_equal(all_said(), "");
	tell("a");
	begin_call(&future, hand, say, "b");
	assert_int_equal(actor_address_stop(hand.address, ACTOR_STOP_NOW), 0);
	assert_ended(ACTOR_ENDED_STOPPED);
	assert_int_equal(actor_future_await(&future, ACTOR_AT_ONCE), ACTOR_E_STOPPED);
	assert_string_equal(said, "");
	assert_int_equal(actor_channel_length(channel), 0);
	actor_channel_unref(channel);
	let_go();
}

/* L-10, L-34 */
static void cancelled_it_drops_what_is_queued(void **state)
{
	struct actor_channel *channel = queue(16);
	struct actor_future future;

	(void)state;
	start_on(channel);
	tell("a");
	begin_call(&future, hand, say, "b");
	actor_mailbox_cancel(mailbox.mailbox);
	assert_ended(ACTOR_ENDED_CANCELLED);
	assert_int_equal(actor_future_await(&future, ACTOR_AT_ONCE), ACTOR_E_STOPPED);
	assert_string_equal(said, "");
	assert_true(actor_channel_is_closed(channel));
	actor_channel_unref(channel);
	let_go();
}

/* L-31 */
static void never_started_it_drops_what_is_queued(void **state)
{
	struct actor_channel *channel = queue(16);
	struct actor_future future;

	(void)state;
	make_on(channel);
	begin_call(&future, hand, say, "a");
	actor_mailbox_detach(mailbox.mailbox);
	assert_int_equal(actor_future_await(&future, ACTOR_AT_ONCE), ACTOR_E_STOPPED);
	assert_int_equal(hand_send(NULL, hand, say, "b"), ACTOR_E_CLOSED);
	actor_address_unref(hand.address);
	assert_true(actor_channel_is_closed(channel));
	actor_channel_unref(channel);
}

static void a_closed_executor_drops_what_is_queued(void **state)
{
	struct actor_channel *channel = queue(16);
	struct actor_channel *another = queue(16);
	struct actor_mailbox *refused = NULL;
	struct actor_future future;

	(void)state;
	start_on(channel);
	begin_call(&future, hand, say, "a");
	actor_executor_close(executor);
	assert_ended(ACTOR_ENDED_CANCELLED);
	assert_int_equal(actor_future_await(&future, ACTOR_AT_ONCE), ACTOR_E_STOPPED);
	assert_int_equal(actor_channel_mailbox(actor_executor_spawner(executor), &hand_behavior,
					       NULL, another, &refused),
			 ACTOR_E_CLOSED);
	assert_null(refused);
	actor_channel_unref(another);
	actor_channel_unref(channel);
	let_go();
}

struct late {
	struct actor_waiter waiter;
	unsigned n_woken;
};

static void late_wake(struct actor_waiter *waiter)
{
	ACTOR_CONTAINER_OF(waiter, struct late, waiter)->n_woken++;
}

/* Of any end that closes it. */
static void who_waits_for_room_is_told_of_the_end(void **state)
{
	struct job job = { say, "b" };

	(void)state;
	for (unsigned i = 0; i < 4; i++) {
		struct actor_channel *channel = queue(1);
		struct late late = { .n_woken = 0 };

		actor_waiter_init(&late.waiter, late_wake);
		make_on(channel);
		actor_channel_unref(channel);
		tell("a");
		assert_int_equal(
			actor_address_post(hand.address, &job_type, &job, NULL, &late.waiter),
			ACTOR_E_FULL);
		if (i < 3)
			start(NULL);
		if (i == 0)
			assert_int_equal(actor_address_stop(hand.address, ACTOR_STOP_NOW), 0);
		else if (i == 1)
			actor_mailbox_cancel(mailbox.mailbox);
		else if (i == 2)
			actor_channel_close(channel);
		else
			actor_mailbox_cancel(mailbox.mailbox);
		assert_int_equal(actor_local_run(executor), 0);
		assert_int_equal(late.n_woken, 1);
		assert_int_equal(
			actor_address_post(hand.address, &job_type, &job, NULL, &late.waiter),
			ACTOR_E_CLOSED);
		assert_null(late.waiter.line);
		let_go();
	}
}

/* ---- failing and starting again ---- */

static int burn(struct actor_context *context, void *user)
{
	(void)user;
	ACTOR_FAIL(context, "burnt");
}

static void start_again(void *user, struct actor_end *end)
{
	(void)user;
	if (end->how == ACTOR_ENDED_FAILED)
		actor_ignore(actor_mailbox_start(end->mailbox, &self, start_again, NULL));
	actor_end_drop(end);
}

/* L-34, S-12 */
static void a_failure_leaves_the_channel_as_it_is(void **state)
{
	struct actor_channel *channel = queue(16);

	(void)state;
	make_on(channel);
	start(start_again);
	tell("a");
	tell_to(hand, burn, NULL);
	tell("bc");
	assert_string_equal(all_said(), "abc");
	assert_int_equal(tally_count(&started), 2);
	assert_false(actor_channel_is_closed(channel));
	tell_to(hand, burn, NULL);
	tell("d");
	actor_address_unref(hand.address);
	hand.address = NULL;
	assert_string_equal(all_said(), "abcd");
	assert_int_equal(tally_count(&started), 3);
	assert_int_equal(tally_count(&stopped), 1);
	actor_channel_unref(channel);
	let_go();
}

static int fail_in_hook(struct actor_context *context, void *user)
{
	(void)user;
	ACTOR_FAIL(context, "in the hook");
}

static void nothing_is_left_when_stopped_fails(void **state)
{
	struct actor_channel *channel = queue(16);
	struct actor_future future;
	struct actor_end end;

	(void)state;
	self.in_stopped = fail_in_hook;
	start_on(channel);
	begin_call(&future, hand, say, "a");
	assert_int_equal(actor_address_stop(hand.address, ACTOR_STOP_NOW), 0);
	assert_int_equal(actor_mailbox_join(here(), mailbox.mailbox, test_deadline(), &end), 0);
	assert_int_equal(end.how, ACTOR_ENDED_FAILED);
	assert_int_equal(actor_future_await(&future, ACTOR_AT_ONCE), ACTOR_E_STOPPED);
	assert_int_equal(actor_mailbox_start(mailbox.mailbox, &self, NULL, NULL), ACTOR_E_CLOSED);
	actor_channel_unref(channel);
	let_go();
}

/* ---- later ---- */

/* L-29 */
static void what_comes_later_keeps_the_actor(void **state)
{
	int64_t begun_ns = actor_now(here());
	struct actor_channel *channel = throttle(queue(16), 20 * MILLISECOND);

	(void)state;
	start_on(channel);
	actor_channel_unref(channel);
	tell("abc");
	actor_address_unref(hand.address);
	hand.address = NULL;
	assert_string_equal(all_said(), "a");
	/* It does not look all the time. */
	assert_int_equal(actor_local_step(executor), 0);
	assert_runs();
	assert_ended(ACTOR_ENDED_STOPPED);
	assert_string_equal(said, "abc");
	assert_true(actor_now(here()) - begun_ns >= 40 * MILLISECOND);
	let_go();
}

static void draining_waits_for_what_comes_later(void **state)
{
	struct actor_channel *channel = throttle(queue(16), 10 * MILLISECOND);

	(void)state;
	start_on(channel);
	actor_channel_unref(channel);
	tell("abc");
	assert_int_equal(actor_address_stop(hand.address, ACTOR_STOP_DRAIN), 0);
	assert_ended(ACTOR_ENDED_STOPPED);
	assert_string_equal(said, "abc");
	let_go();
}

/* The timer of what would have come does no harm. */
static void what_comes_later_does_not_keep_who_is_stopped(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		struct actor_channel *channel = throttle(queue(16), 3600000 * MILLISECOND);

		set_up(NULL);
		start_on(channel);
		actor_channel_unref(channel);
		tell("abc");
		assert_string_equal(all_said(), "a");
		if (i == 0)
			assert_int_equal(actor_address_stop(hand.address, ACTOR_STOP_NOW), 0);
		else if (i == 1)
			actor_mailbox_cancel(mailbox.mailbox);
		else
			actor_executor_close(executor);
		assert_ended(i == 0 ? ACTOR_ENDED_STOPPED : ACTOR_ENDED_CANCELLED);
		assert_string_equal(said, "a");
		let_go();
	}
}

static void on_a_pool_later_comes_by_itself(void **state)
{
	struct actor_channel *channel = throttle(queue(16), 2 * MILLISECOND);

	(void)state;
	start_on(channel);
	actor_channel_unref(channel);
	tell("abcdef");
	actor_address_unref(hand.address);
	hand.address = NULL;
	assert_ended(ACTOR_ENDED_STOPPED);
	assert_string_equal(said, "abcdef");
	let_go();
}

/* ---- disabled ---- */

static int disable(struct actor_context *context, void *user)
{
	(void)context;
	actor_channel_disable(user);
	return 0;
}

static int enable(struct actor_context *context, void *user)
{
	(void)context;
	actor_channel_enable(user);
	return 0;
}

/* GO-36, GO-38, GO-39 */
static void an_actor_chooses_what_it_takes(void **state)
{
	struct actor_channel *both[] = { queue(16), queue(2) }, *select = NULL;
	union hand_address other = { NULL };

	(void)state;
	actor_channel_disable(both[1]);
	assert_int_equal(actor_select_create(both, 2, NULL, NULL, &select), 0);
	start_on(select);
	assert_int_equal(actor_channel_address(mailbox.mailbox, both[1], &other.address), 0);
	tell_to(other, say, "1");
	tell_to(other, say, "2");
	assert_int_equal(hand_send(NULL, other, say, "3"), ACTOR_E_FULL);
	tell("a");
	assert_string_equal(all_said(), "a");
	/* It matters from the next message on. */
	tell_to(hand, enable, both[1]);
	assert_string_equal(all_said(), "a12");
	tell_to(other, disable, both[1]);
	tell_to(other, say, "3");
	tell("b");
	assert_string_equal(all_said(), "a12b");
	assert_int_equal(actor_channel_length(select), 1);
	tell_to(hand, enable, both[1]);
	assert_string_equal(all_said(), "a12b3");
	actor_channel_unref(select);
	actor_channel_unref(both[0]);
	actor_channel_unref(both[1]);
	actor_address_unref(other.address);
	let_go();
}

/* Nothing will ever be taken out of it: what is in it is dropped. */
static void it_ends_with_its_channel_also_if_that_is_disabled(void **state)
{
	struct actor_channel *channel = queue(16);

	(void)state;
	start_on(channel);
	actor_channel_disable(channel);
	tell("a");
	assert_string_equal(all_said(), "");
	actor_channel_close(channel);
	assert_ended(ACTOR_ENDED_STOPPED);
	assert_string_equal(said, "");
	actor_channel_unref(channel);
	let_go();
}

static void what_is_disabled_keeps_the_actor_if_there_is_any(void **state)
{
	struct actor_channel *channel = queue(16);

	(void)state;
	start_on(channel);
	actor_channel_disable(channel);
	tell("a");
	actor_address_unref(hand.address);
	hand.address = NULL;
	assert_string_equal(all_said(), "");
	assert_runs();
	actor_channel_enable(channel);
	assert_ended(ACTOR_ENDED_STOPPED);
	assert_string_equal(said, "a");
	actor_channel_unref(channel);
	let_go();
}

static void an_empty_one_does_not(void **state)
{
	struct actor_channel *channel = queue(16);

	(void)state;
	start_on(channel);
	actor_channel_disable(channel);
	assert_string_equal(all_said(), "");
	actor_address_unref(hand.address);
	hand.address = NULL;
	assert_ended(ACTOR_ENDED_STOPPED);
	actor_channel_unref(channel);
	let_go();
}

static void draining_drops_what_is_disabled(void **state)
{
	struct actor_channel *both[] = { queue(16), queue(16) }, *select = NULL;
	union hand_address other = { NULL };
	struct actor_future future;

	(void)state;
	actor_channel_disable(both[1]);
	assert_int_equal(actor_select_create(both, 2, NULL, NULL, &select), 0);
	start_on(select);
	assert_int_equal(actor_channel_address(mailbox.mailbox, both[1], &other.address), 0);
	tell("ab");
	begin_call(&future, other, say, "1");
	assert_int_equal(actor_address_stop(hand.address, ACTOR_STOP_DRAIN), 0);
	assert_ended(ACTOR_ENDED_STOPPED);
	assert_int_equal(actor_future_await(&future, ACTOR_AT_ONCE), ACTOR_E_STOPPED);
	assert_string_equal(said, "ab");
	actor_channel_unref(select);
	actor_channel_unref(both[0]);
	actor_channel_unref(both[1]);
	actor_address_unref(other.address);
	let_go();
}

/* ---- addresses through channels ---- */

static struct actor_channel *channels[2];
static union hand_address urgent, normal;

/* The mailbox's own address goes into the first. */
static void make_two(void)
{
	struct actor_channel *select = NULL;

	channels[0] = queue(16);
	channels[1] = queue(2);
	assert_int_equal(actor_select_create(channels, 2, NULL, NULL, &select), 0);
	make_on(select);
	actor_channel_unref(select);
	assert_int_equal(actor_channel_address(mailbox.mailbox, channels[0], &urgent.address), 0);
	assert_int_equal(actor_channel_address(mailbox.mailbox, channels[1], &normal.address), 0);
	actor_channel_unref(channels[0]);
	actor_channel_unref(channels[1]);
}

/* H-11, L-39 */
static void each_address_has_its_channel(void **state)
{
	struct actor_info info;

	(void)state;
	make_two();
	tell_to(normal, say, "1");
	tell_to(normal, say, "2");
	assert_int_equal(hand_send(NULL, normal, say, "3"), ACTOR_E_FULL);
	tell_to(urgent, say, "a");
	tell("b");
	start(NULL);
	assert_string_equal(all_said(), "ab12");
	assert_true(actor_address_same(normal.address, urgent.address));
	assert_true(actor_address_same(normal.address, hand.address));
	info = actor_address_info(normal.address);
	assert_string_equal(info.name, "ann");
	assert_string_equal(info.type, "hand");
	assert_true(actor_address_handles(normal.address, &job_type));
	assert_false(actor_address_handles(normal.address, actor_join_type()));
	actor_address_unref(normal.address);
	actor_address_unref(urgent.address);
	let_go();
}

/* L-05, L-20 to L-25 */
static void it_counts_like_any_other_address(void **state)
{
	union hand_address weak, again;

	(void)state;
	make_two();
	start(NULL);
	weak.address = actor_address_weak(normal.address);
	actor_address_unref(hand.address);
	actor_address_unref(urgent.address);
	hand.address = NULL;
	assert_string_equal(all_said(), "");
	assert_runs(); /* by the one through its second channel */
	tell_to(weak, say, "1");
	again.address = actor_address_upgrade(weak.address);
	assert_ptr_equal(again.address, normal.address);
	actor_address_unref(normal.address);
	assert_string_equal(all_said(), "1");
	assert_runs();
	assert_ptr_equal(actor_address_ref(again.address), again.address);
	actor_address_unref(again.address);
	assert_string_equal(all_said(), "1");
	assert_runs();
	tell_to(again, say, "2");
	actor_address_unref(again.address);
	assert_null(actor_address_upgrade(weak.address));
	assert_int_equal(hand_send(NULL, weak, say, "3"), ACTOR_E_CLOSED);
	assert_int_equal(ACTOR_CALL(here(), weak, errand, NULL, &(struct errand){ say, "4" }),
			 ACTOR_E_CLOSED);
	assert_ended(ACTOR_ENDED_STOPPED);
	assert_string_equal(said, "12");
	actor_mailbox_detach(mailbox.mailbox);
	/* What nothing runs on any more can still be asked. */
	assert_string_equal(actor_address_name(weak.address), "ann");
	assert_int_equal(hand_send(NULL, weak, say, "3"), ACTOR_E_CLOSED);
	assert_ptr_equal(actor_address_ref(weak.address), weak.address);
	actor_address_unref(weak.address);
	actor_address_unref(weak.address);
}

/* A weak one leads through its channel, whichever strong one there still is. */
static void a_weak_one_finds_its_channel_again(void **state)
{
	union hand_address weak, again;

	(void)state;
	make_two();
	weak.address = actor_address_weak(normal.address);
	actor_address_unref(normal.address);
	again.address = actor_address_upgrade(weak.address);
	assert_non_null(again.address);
	tell_to(again, say, "1");
	tell_to(weak, say, "2");
	assert_int_equal(hand_send(NULL, weak, say, "3"), ACTOR_E_FULL);
	tell_to(urgent, say, "a");
	start(NULL);
	assert_string_equal(all_said(), "a12");
	actor_address_unref(weak.address);
	actor_address_unref(again.address);
	actor_address_unref(urgent.address);
	let_go();
}

static void it_refuses_like_any_other_address(void **state)
{
	const struct actor_message_type *foreign = actor_join_type();
	struct actor_unit unit = { 0 };
	struct late late = { .n_woken = 0 };
	struct job job = { say, "x" };
	struct actor_reply *reply;

	(void)state;
	make_two();
	actor_waiter_init(&late.waiter, late_wake);
	assert_int_equal(actor_address_post(normal.address, foreign, &unit, NULL, NULL),
			 ACTOR_E_UNHANDLED);
	assert_int_equal(here()->ops->reply_open(here(), foreign, &reply), 0);
	assert_int_equal(actor_address_post(normal.address, &job_type, &job, reply, NULL),
			 ACTOR_E_INVALID);
	actor_reply_deliver(reply, ACTOR_E_STOPPED, NULL);
	here()->ops->reply_close(here(), reply, NULL);
	/* Whatever it is refused for, it is out of line then. */
	tell_to(normal, say, "1");
	tell_to(normal, say, "2");
	assert_int_equal(actor_address_post(normal.address, &job_type, &job, NULL, &late.waiter),
			 ACTOR_E_FULL);
	assert_non_null(late.waiter.line);
	assert_int_equal(actor_address_post(normal.address, foreign, &unit, NULL, &late.waiter),
			 ACTOR_E_UNHANDLED);
	assert_null(late.waiter.line);
	assert_int_equal(actor_address_post(normal.address, &job_type, &job, NULL, &late.waiter),
			 ACTOR_E_FULL);
	actor_address_withdraw(normal.address, &late.waiter);
	assert_null(late.waiter.line);
	assert_int_equal(actor_address_stop(normal.address, 77), ACTOR_E_INVALID);
	assert_int_equal(actor_address_stop(normal.address, ACTOR_STOP_DRAIN), 0);
	assert_int_equal(hand_send(NULL, urgent, say, "a"), ACTOR_E_CLOSED);
	start(NULL);
	assert_ended(ACTOR_ENDED_STOPPED);
	assert_string_equal(said, "12");
	actor_address_unref(normal.address);
	actor_address_unref(urgent.address);
	let_go();
}

/* Without memory for the message, too; and the room that it had goes to the next. */
static void out_of_memory_it_is_out_of_line(void **state)
{
	struct late one = { .n_woken = 0 }, two = { .n_woken = 0 };
	struct job job = { say, "3" };

	(void)state;
	make_two();
	actor_waiter_init(&one.waiter, late_wake);
	actor_waiter_init(&two.waiter, late_wake);
	tell_to(normal, say, "1");
	tell_to(normal, say, "2");
	assert_int_equal(actor_address_post(normal.address, &job_type, &job, NULL, &one.waiter),
			 ACTOR_E_FULL);
	assert_int_equal(actor_address_post(normal.address, &job_type, &job, NULL, &two.waiter),
			 ACTOR_E_FULL);
	start(NULL);
	assert_int_equal(actor_address_pause(hand.address), 0);
	assert_string_equal(all_said(), "");
	actor_simulation_fail_nth(1);
	assert_int_equal(actor_address_post(normal.address, &job_type, &job, NULL, &two.waiter),
			 ACTOR_E_NOMEM);
	actor_simulation_fail_nth(0);
	assert_null(two.waiter.line);
	assert_int_equal(actor_address_post(normal.address, &job_type, &job, NULL, &two.waiter),
			 ACTOR_E_FULL);
	assert_int_equal(actor_address_resume(hand.address), 0);
	assert_string_equal(all_said(), "12");
	assert_int_equal(one.n_woken, 1);
	assert_int_equal(two.n_woken, 1);
	actor_simulation_fail_nth(1);
	assert_int_equal(actor_address_post(normal.address, &job_type, &job, NULL, &one.waiter),
			 ACTOR_E_NOMEM);
	actor_simulation_fail_nth(0);
	assert_null(one.waiter.line);
	assert_int_equal(actor_address_post(normal.address, &job_type, &job, NULL, &two.waiter), 0);
	assert_string_equal(all_said(), "123");
	actor_address_unref(normal.address);
	actor_address_unref(urgent.address);
	let_go();
}

static void an_address_leads_through_what_the_mailbox_takes_from(void **state)
{
	struct actor_channel *own = queue(1), *other = queue(1);
	struct actor_address *address = NULL;
	struct hand_mailbox plain;

	(void)state;
	make_on(own);
	assert_int_equal(actor_channel_address(mailbox.mailbox, other, &address), ACTOR_E_INVALID);
	assert_int_equal(ACTOR_MAILBOX_CREATE(hand, actor_executor_spawner(executor), NULL, &plain),
			 0);
	assert_int_equal(actor_channel_address(plain.mailbox, other, &address), ACTOR_E_INVALID);
	memory_is_out = true;
	assert_int_equal(actor_channel_address(mailbox.mailbox, own, &address), ACTOR_E_NOMEM);
	memory_is_out = false;
	assert_null(address);
	actor_mailbox_destroy(plain.mailbox);
	actor_channel_unref(own);
	actor_channel_unref(other);
	let_go();
}

static void one_mailbox_takes_from_a_channel(void **state)
{
	const struct actor_behavior nameless = { .size = sizeof nameless };
	struct actor_behavior bound = hand_behavior;
	struct actor_channel *channel = queue(16);
	struct actor_mailbox *second = NULL;

	(void)state;
	make_on(channel);
	assert_int_equal(actor_channel_mailbox(actor_executor_spawner(executor), &hand_behavior,
					       NULL, channel, &second),
			 ACTOR_E_BUSY);
	assert_int_equal(actor_channel_mailbox(actor_executor_spawner(executor), &nameless, NULL,
					       channel, &second),
			 ACTOR_E_INVALID);
	assert_null(second);
	/* The first is none the worse for it. */
	start(NULL);
	tell("a");
	assert_string_equal(all_said(), "a");
	let_go();
	actor_channel_unref(channel);
	/* What must not leave a thread can be on a channel, too. */
	channel = queue(16);
	bound.flags = ACTOR_THREAD_BOUND;
	assert_int_equal(actor_channel_mailbox(actor_executor_spawner(executor), &bound, NULL,
					       channel, &second),
			 0);
	actor_mailbox_destroy(second);
	actor_channel_unref(channel);
}

/* ---- a user's channel ---- */

static bool is_call(const struct actor_envelope *envelope)
{
	return actor_envelope_is_call(envelope);
}

static void calls_may_come_first(void **state)
{
	struct actor_channel *channel = NULL;
	struct actor_future future;

	(void)state;
	assert_int_equal(urgent_create(16, is_call, &channel), 0);
	make_on(channel);
	actor_channel_unref(channel);
	tell("ab");
	begin_call(&future, hand, say, "!");
	tell("c");
	start(NULL);
	assert_int_equal(actor_future_await(&future, test_deadline()), 0);
	assert_string_equal(all_said(), "!abc");
	let_go();
}

/* ---- the last moment ---- */

/* A channel that is looked at just before somebody puts something in. */
struct tardy {
	struct actor_channel base;
	bool is_over;
};

static struct tardy tardy;

static void put_at_the_last_moment(struct actor_channel *channel)
{
	static struct job job = { say, "!" };
	const struct actor_handler *handler = actor_behavior_find(&hand_behavior, &job_type);
	struct actor__envelope *envelope = actor__envelope_create(actor__thread(), handler, &job,
								  NULL);

	if (actor_channel_push(channel, actor__envelope_out(envelope), NULL) != 0)
		abort();
}

static int tardy_take(struct actor_channel *channel, struct actor_context *context,
		      struct actor_envelope **ret_envelope, int64_t *ret_until_ns)
{
	size_t n;
	struct actor_channel *inner = actor_channel_members(channel, &n)[0];
	int rc = actor_channel_pop(inner, context, ret_envelope, ret_until_ns);

	if (rc == ACTOR_CHANNEL_EMPTY && !hand.address && !tardy.is_over) {
		tardy.is_over = true;
		put_at_the_last_moment(inner);
	}
	return rc;
}

static void tardy_destroy(struct actor_channel *channel)
{
	(void)channel;
}

static const struct actor_channel_ops tardy_ops = {
	.size = sizeof tardy_ops,
	.take = tardy_take,
	.destroy = tardy_destroy,
};

/* L-26: accepted after the actor has found nothing, and nobody left who might send. */
static void what_comes_at_the_last_moment_is_handled(void **state)
{
	struct actor_channel *inner = queue(16);

	(void)state;
	assert_int_equal(actor_channel_init(&tardy.base, &tardy_ops), 0);
	assert_int_equal(actor_channel_adopt(&tardy.base, inner), 0);
	start_on(&tardy.base);
	tell("a");
	assert_string_equal(all_said(), "a");
	actor_address_unref(hand.address);
	hand.address = NULL;
	assert_ended(ACTOR_ENDED_STOPPED);
	assert_true(tardy.is_over);
	assert_string_equal(said, "a!");
	actor_channel_unref(inner);
	actor_channel_unref(&tardy.base);
	let_go();
}

/* ---- sending to oneself ---- */

static int say_later(struct actor_context *context, void *user)
{
	struct job job = { say, user };

	return actor_address_post(actor_self(context), &job_type, &job, NULL, NULL);
}

static void it_sends_to_itself(void **state)
{
	struct actor_channel *channel = queue(16);

	(void)state;
	start_on(channel);
	actor_channel_unref(channel);
	tell_to(hand, say_later, "a");
	tell_to(hand, say, "b");
	assert_string_equal(all_said(), "ba");
	let_go();
}

/* ---- many threads ---- */

static struct tally handled;

static int count_handled(struct actor_context *context, void *user)
{
	(void)context, (void)user;
	tally_add(&handled, 1);
	return 0;
}

struct crowd {
	union hand_address to[2];
	unsigned n_each;
	atomic_uint n_refused;
	atomic_uint n_busy;
	struct actor_channel *toggled;
};

static void send_or_toggle(void *user, unsigned index)
{
	struct crowd *crowd = user;

	if (index == 0) {
		while (atomic_load(&crowd->n_busy) > 0) {
			actor_channel_disable(crowd->toggled);
			sched_yield();
			actor_channel_enable(crowd->toggled);
			sched_yield();
		}
		return;
	}
	for (unsigned i = 0; i < crowd->n_each; i++) {
		union hand_address to = crowd->to[(i + index) % 2];
		int rc = i % 3 ? hand_send(here(), to, count_handled, NULL)
			       : hand_call(here(), to, count_handled, NULL);

		if (rc != 0)
			atomic_fetch_add(&crowd->n_refused, 1);
	}
	atomic_fetch_sub(&crowd->n_busy, 1);
}

/* Calls and sends through both, with little room, while one is disabled and enabled. */
static void senders_meet_enabling(void **state)
{
	struct crowd crowd = { .n_each = test_times(6000), .n_busy = 3 };

	(void)state;
	handled = (struct tally)TALLY_INIT;
	make_two();
	crowd.to[0] = urgent;
	crowd.to[1] = normal;
	crowd.toggled = channels[1];
	start(NULL);
	crew_run(4, send_or_toggle, &crowd);
	assert_int_equal(crowd.n_refused, 0);
	actor_address_unref(hand.address);
	actor_address_unref(urgent.address);
	actor_address_unref(normal.address);
	hand.address = NULL;
	assert_ended(ACTOR_ENDED_STOPPED);
	assert_int_equal(tally_count(&handled), 3 * crowd.n_each);
	let_go();
}

/* The message is handled and the actor ends, however close the last unref comes to its going idle;
 * and what is accepted of one who has only a weak one is handled, too, or a call answered. */
static void the_last_address_meets_idling(void **state)
{
	const unsigned n = test_times(5000);
	unsigned n_accepted = 0;

	(void)state;
	handled = (struct tally)TALLY_INIT;
	for (unsigned i = 0; i < n; i++) {
		struct actor_channel *channel = queue(4);
		union hand_address weak;

		start_on(channel);
		weak.address = actor_address_weak(hand.address);
		actor_channel_unref(channel);
		n_accepted += hand_send(NULL, hand, count_handled, NULL) == 0;
		for (unsigned k = i % 7; k > 0; k--)
			sched_yield();
		actor_address_unref(hand.address);
		n_accepted += hand_send(NULL, weak, count_handled, NULL) == 0;
		actor_address_unref(weak.address);
		actor_mailbox_detach(mailbox.mailbox);
	}
	assert_int_equal(actor_executor_join(executor, test_deadline()), 0);
	assert_int_equal(tally_count(&handled), n_accepted);
	assert_int_equal(tally_count(&stopped), n);
}

#define LOCAL_TEST(test) cmocka_unit_test_setup_teardown(test, open_local, close_executor)
#define POOL_TEST(test) cmocka_unit_test_setup_teardown(test, open_pool, close_executor)

int main(void)
{
	const struct CMUnitTest tests[] = {
		LOCAL_TEST(it_is_an_actor_like_any_other),
		LOCAL_TEST(what_was_sent_before_the_start_is_handled),
		LOCAL_TEST(it_ends_with_its_channel),
		LOCAL_TEST(it_is_told_that_its_channel_is_closed),
		LOCAL_TEST(draining_handles_what_is_queued),
		LOCAL_TEST(stopped_now_it_drops_what_is_queued),
		LOCAL_TEST(cancelled_it_drops_what_is_queued),
		LOCAL_TEST(never_started_it_drops_what_is_queued),
		LOCAL_TEST(a_closed_executor_drops_what_is_queued),
		LOCAL_TEST(who_waits_for_room_is_told_of_the_end),
		LOCAL_TEST(a_failure_leaves_the_channel_as_it_is),
		LOCAL_TEST(nothing_is_left_when_stopped_fails),
		LOCAL_TEST(what_comes_later_keeps_the_actor),
		LOCAL_TEST(draining_waits_for_what_comes_later),
		LOCAL_TEST(what_comes_later_does_not_keep_who_is_stopped),
		POOL_TEST(on_a_pool_later_comes_by_itself),
		LOCAL_TEST(an_actor_chooses_what_it_takes),
		LOCAL_TEST(it_ends_with_its_channel_also_if_that_is_disabled),
		LOCAL_TEST(what_is_disabled_keeps_the_actor_if_there_is_any),
		LOCAL_TEST(an_empty_one_does_not),
		LOCAL_TEST(draining_drops_what_is_disabled),
		LOCAL_TEST(each_address_has_its_channel),
		LOCAL_TEST(it_counts_like_any_other_address),
		LOCAL_TEST(a_weak_one_finds_its_channel_again),
		LOCAL_TEST(it_refuses_like_any_other_address),
		LOCAL_TEST(out_of_memory_it_is_out_of_line),
		LOCAL_TEST(an_address_leads_through_what_the_mailbox_takes_from),
		LOCAL_TEST(one_mailbox_takes_from_a_channel),
		LOCAL_TEST(calls_may_come_first),
		LOCAL_TEST(what_comes_at_the_last_moment_is_handled),
		LOCAL_TEST(it_sends_to_itself),
		POOL_TEST(senders_meet_enabling),
		POOL_TEST(the_last_address_meets_idling),
	};

	return cmocka_run_group_tests_name("intake", tests, NULL, NULL);
}
