/* SPDX-License-Identifier: MIT */

/* Pausing and resuming: actors on the channel that a mailbox has by itself, and on one that is
 * given; alone, and while everything else happens to them. */

#include "hand.h"
#include "test.h"

#include <sched.h>
#include <string.h>

static struct actor_executor *executor;
static struct hand self;
static struct tally started, stopped, destroyed, handled;
static struct hand_mailbox mailbox;
static union hand_address hand;
static char said[64];
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

static const char *all_said(void)
{
	assert_int_equal(actor_local_run(executor), 0);
	return said;
}

/* Either kind of mailbox, with room for four. */
static void make(bool on_channel)
{
	const struct actor_queue_options options = { .size = sizeof options, .capacity = 4 };
	struct actor_spawner *spawner = actor_executor_spawner(executor);
	struct actor_channel *channel;

	if (!on_channel) {
		assert_int_equal(
			ACTOR_MAILBOX_CREATE(hand, spawner, ACTOR_OPTIONS(.capacity = 4), &mailbox),
			0);
	} else {
		assert_int_equal(actor_queue_create(&options, &channel), 0);
		assert_int_equal(actor_channel_mailbox(spawner, &hand_behavior, NULL, channel,
						       &mailbox.mailbox),
				 0);
		actor_channel_unref(channel);
	}
	hand = ACTOR_MAILBOX_ADDRESS(hand, mailbox);
}

static void start(void)
{
	assert_int_equal(ACTOR_MAILBOX_START(hand, mailbox, &self, NULL, NULL), 0);
}

static int set_up(void **state)
{
	started = stopped = destroyed = handled = (struct tally)TALLY_INIT;
	self = (struct hand){ .started = &started, .stopped = &stopped, .destroyed = &destroyed };
	memset(said, 0, sizeof said);
	n_said = 0;
	if (!executor && actor_local_create(&executor) != 0)
		return -1;
	make(*state != NULL);
	return 0;
}

static int set_up_pool(void **state)
{
	const struct actor_pool_options options = { .size = sizeof options, .n_threads = 2 };

	return actor_pool_create(&options, &executor) ? -1 : set_up(state);
}

static int tear_down(void **state)
{
	actor_address_unref(hand.address);
	actor_mailbox_destroy(mailbox.mailbox);
	if (actor_executor_join(executor, test_deadline()) != 0 ||
	    actor_executor_destroy(executor) != 0)
		return -1;
	executor = NULL;
	return test_nothing_held(state);
}

static void tell(const char *letters)
{
	for (; *letters; letters++)
		assert_int_equal(hand_send(NULL, hand, say, (void *)(uintptr_t)letters), 0);
}

static void pause_it(void)
{
	assert_int_equal(actor_address_pause(hand.address), 0);
}

static void resume(void)
{
	assert_int_equal(actor_address_resume(hand.address), 0);
}

static void let_go(void)
{
	actor_address_unref(hand.address);
	hand.address = NULL;
}

static void assert_runs(void)
{
	struct actor_end end;

	assert_int_equal(actor_mailbox_end(mailbox.mailbox, &end), ACTOR_E_BUSY);
}

static void assert_ended(enum actor_ended how)
{
	struct actor_end end = { 0 };

	assert_int_equal(actor_mailbox_join(here(), mailbox.mailbox, test_deadline(), &end), 0);
	assert_int_equal(end.how, how);
	assert_int_equal(tally_count(&stopped), how == ACTOR_ENDED_STOPPED);
}

/* ---- one at a time ---- */

/* GO-38 */
static void paused_it_takes_nothing(void **state)
{
	(void)state;
	start();
	tell("a");
	assert_string_equal(all_said(), "a");
	pause_it();
	tell("bcde");
	assert_int_equal(hand_send(NULL, hand, say, "f"), ACTOR_E_FULL);
	assert_string_equal(all_said(), "a");
	resume();
	assert_string_equal(all_said(), "abcde");
	/* Neither of them counts. */
	resume();
	pause_it();
	pause_it();
	tell("f");
	assert_string_equal(all_said(), "abcde");
	resume();
	assert_string_equal(all_said(), "abcdef");
}

static void it_may_begin_paused(void **state)
{
	(void)state;
	pause_it();
	tell("a");
	start();
	assert_string_equal(all_said(), "");
	assert_int_equal(tally_count(&started), 1);
	resume();
	assert_string_equal(all_said(), "a");
}

static void resumed_before_it_has_noticed_it_goes_on(void **state)
{
	(void)state;
	start();
	tell("a");
	pause_it();
	resume();
	tell("b");
	assert_string_equal(all_said(), "ab");
}

static int pause_oneself(struct actor_context *context, void *user)
{
	(void)user;
	return actor_address_pause(actor_self(context));
}

/* GO-39 */
static void it_may_pause_itself(void **state)
{
	(void)state;
	start();
	tell("a");
	assert_int_equal(hand_send(NULL, hand, pause_oneself, NULL), 0);
	tell("b");
	assert_string_equal(all_said(), "a");
	resume();
	assert_string_equal(all_said(), "ab");
}

/* L-29 */
static void paused_it_does_not_end_for_want_of_addresses(void **state)
{
	struct actor_address *weak = actor_address_weak(hand.address);

	start();
	for (unsigned i = 0; i < 2; i++) {
		pause_it();
		if (i == 1)
			tell("a");
		assert_string_equal(all_said(), "");
		let_go();
		assert_string_equal(all_said(), "");
		assert_runs();
		hand = ACTOR_MAILBOX_ADDRESS(hand, mailbox);
	}
	let_go();
	assert_int_equal(actor_address_resume(weak), 0);
	assert_ended(ACTOR_ENDED_STOPPED);
	assert_string_equal(said, "a");
	assert_int_equal(actor_address_pause(weak), 0); /* it has ended, which is no error */
	assert_int_equal(actor_address_resume(weak), 0);
	actor_address_unref(weak);
	(void)state;
}

static void draining_ends_the_pause(void **state)
{
	(void)state;
	start();
	pause_it();
	tell("abc");
	assert_string_equal(all_said(), "");
	assert_int_equal(actor_address_stop(hand.address, ACTOR_STOP_DRAIN), 0);
	assert_ended(ACTOR_ENDED_STOPPED);
	assert_string_equal(said, "abc");
}

static void stopped_now_it_drops_what_is_queued(void **state)
{
	struct errand errand = { say, "b" };
	struct actor_future future;

	(void)state;
	start();
	pause_it();
	tell("a");
	assert_int_equal(ACTOR_CALL_BEGIN(here(), &future, hand, errand, NULL, &errand), 0);
	assert_string_equal(all_said(), "");
	assert_int_equal(actor_address_stop(hand.address, ACTOR_STOP_NOW), 0);
	assert_ended(ACTOR_ENDED_STOPPED);
	assert_int_equal(actor_future_await(&future, ACTOR_AT_ONCE), ACTOR_E_STOPPED);
	assert_string_equal(said, "");
}

static void it_can_be_cancelled(void **state)
{
	(void)state;
	start();
	pause_it();
	tell("a");
	assert_string_equal(all_said(), "");
	actor_mailbox_cancel(mailbox.mailbox);
	assert_ended(ACTOR_ENDED_CANCELLED);
	assert_int_equal(tally_count(&destroyed), 1);
	assert_string_equal(said, "");
}

static void its_executor_can_be_closed(void **state)
{
	(void)state;
	start();
	pause_it();
	tell("a");
	assert_string_equal(all_said(), "");
	actor_executor_close(executor);
	assert_ended(ACTOR_ENDED_CANCELLED);
	assert_string_equal(said, "");
}

static int burn(struct actor_context *context, void *user)
{
	actor_ignore(actor_address_pause(actor_self(context)));
	(void)user;
	ACTOR_FAIL(context, "burnt");
}

static void a_pause_outlives_a_failure(void **state)
{
	struct actor_end end;

	(void)state;
	start();
	assert_int_equal(hand_send(NULL, hand, burn, NULL), 0);
	tell("a");
	assert_int_equal(actor_mailbox_join(here(), mailbox.mailbox, test_deadline(), &end), 0);
	assert_int_equal(end.how, ACTOR_ENDED_FAILED);
	start();
	assert_string_equal(all_said(), "");
	assert_int_equal(tally_count(&started), 2);
	resume();
	assert_string_equal(all_said(), "a");
}

static struct actor_address *no_upgrade(struct actor_address *address)
{
	return address;
}

static void what_is_not_ours_cannot_be_paused(void **state)
{
	static const struct actor_address_ops foreign_ops = { .size = sizeof foreign_ops,
							      .upgrade = no_upgrade };
	struct actor_address foreign = { &foreign_ops };

	(void)state;
	assert_int_equal(actor_address_pause(&foreign), ACTOR_E_UNSUPPORTED);
	assert_int_equal(actor_address_resume(&foreign), ACTOR_E_UNSUPPORTED);
}

/* ---- many threads ---- */

static int count_handled(struct actor_context *context, void *user)
{
	(void)context, (void)user;
	tally_add(&handled, 1);
	return 0;
}

struct crowd {
	unsigned n_each;
	atomic_uint n_refused;
	atomic_uint n_busy;
};

static void send_or_pause(void *user, unsigned index)
{
	struct crowd *crowd = user;

	if (index < 2) {
		while (atomic_load(&crowd->n_busy) > 0) {
			pause_it();
			sched_yield();
			resume();
		}
		return;
	}
	for (unsigned i = 0; i < crowd->n_each; i++)
		if ((i % 4 ? hand_send(here(), hand, count_handled, NULL)
			   : hand_call(here(), hand, count_handled, NULL)) != 0)
			atomic_fetch_add(&crowd->n_refused, 1);
	atomic_fetch_sub(&crowd->n_busy, 1);
}

/* However they meet, each message is handled, and nobody is left waiting. */
static void senders_meet_pausing(void **state)
{
	struct crowd crowd = { .n_each = test_times(8000), .n_busy = 2 };

	(void)state;
	start();
	crew_run(4, send_or_pause, &crowd);
	resume();
	assert_int_equal(crowd.n_refused, 0);
	let_go();
	assert_ended(ACTOR_ENDED_STOPPED);
	assert_int_equal(tally_count(&handled), 2 * crowd.n_each);
}

static void ask_or_pause(void *user, unsigned index)
{
	unsigned round = *(unsigned *)user;

	for (unsigned k = (round * (index + 3)) % 17; k > 0; k--)
		sched_yield();
	if (index == 1)
		pause_it();
	else if (round % 3 == 0)
		actor_address_stop(hand.address, ACTOR_STOP_DRAIN);
	else if (round % 3 == 1)
		actor_address_stop(hand.address, ACTOR_STOP_NOW);
	else
		actor_mailbox_cancel(mailbox.mailbox);
}

/* Whoever comes first: it ends. */
static void its_end_meets_pausing(void **state)
{
	for (unsigned i = 0; i < test_times(1500); i++) {
		unsigned round = i;
		struct actor_end end;

		start();
		actor_ignore(hand_send(NULL, hand, count_handled, NULL));
		crew_run(2, ask_or_pause, &round);
		assert_int_equal(actor_mailbox_join(here(), mailbox.mailbox, test_deadline(), &end),
				 0);
		assert_int_equal(end.how, i % 3 == 2 ? ACTOR_ENDED_CANCELLED : ACTOR_ENDED_STOPPED);
		let_go();
		actor_mailbox_detach(mailbox.mailbox);
		make(*state != NULL);
	}
}

/* Each twice: on the mailbox's own channel, and on one that is given. */
#define TESTS(test, setup)                                                                         \
	{ #test, test, setup, tear_down, NULL },                                                   \
	{                                                                                          \
#test " (on a channel)", test, setup, tear_down, (void *)1                         \
	}
#define LOCAL_TESTS(test) TESTS(test, set_up)
#define POOL_TESTS(test) TESTS(test, set_up_pool)

int main(void)
{
	const struct CMUnitTest tests[] = {
		LOCAL_TESTS(paused_it_takes_nothing),
		LOCAL_TESTS(it_may_begin_paused),
		LOCAL_TESTS(resumed_before_it_has_noticed_it_goes_on),
		LOCAL_TESTS(it_may_pause_itself),
		LOCAL_TESTS(paused_it_does_not_end_for_want_of_addresses),
		LOCAL_TESTS(draining_ends_the_pause),
		LOCAL_TESTS(stopped_now_it_drops_what_is_queued),
		LOCAL_TESTS(it_can_be_cancelled),
		LOCAL_TESTS(its_executor_can_be_closed),
		LOCAL_TESTS(a_pause_outlives_a_failure),
		LOCAL_TESTS(what_is_not_ours_cannot_be_paused),
		POOL_TESTS(senders_meet_pausing),
		POOL_TESTS(its_end_meets_pausing),
	};

	return cmocka_run_group_tests_name("pause", tests, NULL, NULL);
}
