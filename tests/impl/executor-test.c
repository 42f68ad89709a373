/* SPDX-License-Identifier: MIT */

/*
 * What all executors have in common, on the thread pool: how they come to an end, who may bring it
 * about, what meets it; and several executors whose actors call each other.
 */

#include "pool-fixture.h"

#include <sched.h>
#include <stdlib.h>
#include <string.h>

/* ---- the end of a pool ---- */

static void a_join_may_time_out(void **state)
{
	union hand_address hand;

	(void)state;
	pool_open(2);
	hand = hand_spawn(pool, NULL, 0);
	assert_int_equal(actor_executor_join(pool, ACTOR_AT_ONCE), ACTOR_E_TIMEOUT);
	assert_int_equal(actor_executor_join(pool, in_ms(10)), ACTOR_E_TIMEOUT);
	actor_address_unref(hand.address);
	assert_int_equal(actor_executor_join(pool, ACTOR_FOREVER), 0);
	assert_int_equal(actor_executor_join(pool, ACTOR_AT_ONCE), 0);
	pool_close();
}

struct verdict {
	struct actor_executor *executor;
	int joined, destroyed;
};

static void try_to_end(struct verdict *verdict)
{
	verdict->joined = actor_executor_join(verdict->executor, test_deadline());
	verdict->destroyed = actor_executor_destroy(verdict->executor);
}

static int try_to_end_in_handler(struct actor_context *context, void *user)
{
	(void)context;
	try_to_end(user);
	tally_add(&handled, 1);
	return 0;
}

static void try_to_end_in_on_end(void *user, struct actor_end *end)
{
	(void)end;
	try_to_end(user);
	tally_add(&handled, 1);
}

static void handlers_and_hooks_may_not_end_a_pool(void **state)
{
	struct actor_executor *other;
	struct verdict own = { .joined = 0 }, others = { .joined = 0 }, hook = { .joined = 0 };
	struct hand_mailbox mailbox = { NULL };

	(void)state;
	pool_open(2);
	assert_int_equal(pool_create(1, &other), 0);
	own.executor = hook.executor = pool;
	others.executor = other;
	tell_and_let_go(hand_spawn(pool, NULL, 0), try_to_end_in_handler, &own);
	tell_and_let_go(hand_spawn(pool, NULL, 0), try_to_end_in_handler, &others);
	assert_int_equal(ACTOR_MAILBOX_CREATE(hand, actor_executor_spawner(pool), NULL, &mailbox),
			 0);
	assert_int_equal(ACTOR_MAILBOX_START(hand, mailbox, NULL, try_to_end_in_on_end, &hook), 0);
	actor_mailbox_destroy(mailbox.mailbox);
	assert_true(tally_wait(&handled, 3));
	assert_int_equal(own.joined, ACTOR_E_INVALID);
	assert_int_equal(own.destroyed, ACTOR_E_INVALID);
	assert_int_equal(others.joined, ACTOR_E_INVALID);
	assert_int_equal(others.destroyed, ACTOR_E_INVALID);
	assert_int_equal(hook.joined, ACTOR_E_INVALID);
	assert_int_equal(hook.destroyed, ACTOR_E_INVALID);
	assert_int_equal(actor_executor_destroy(other), 0);
	pool_close();
}

static char said[2000];

static void hear(void *user, const struct actor_log_record *record)
{
	size_t n = strlen(said);

	(void)user;
	snprintf(said + n, sizeof said - n, "[%s%s%s]", record->actor ? record->actor->name : "",
		 record->actor ? ": " : "", record->text);
}

static void a_busy_pool_is_not_destroyed(void **state)
{
	union hand_address hand = { NULL };
	struct hand_mailbox mailbox = { NULL };

	(void)state;
	pool_open(2);
	said[0] = '\0';
	assert_int_equal(ACTOR_SPAWN_MAILBOX(hand, actor_executor_spawner(pool), NULL,
					     ACTOR_OPTIONS(.name = "clinger"), &hand, &mailbox),
			 0);
	actor_log_set_sink(hear, NULL, ACTOR_LOG_WARNING);
	assert_int_equal(actor_executor_destroy(pool), ACTOR_E_BUSY);
	actor_log_set_sink(NULL, NULL, ACTOR_LOG_NONE);
	assert_non_null(strstr(said, "[clinger: "));
	assert_non_null(strstr(said, "1 actors, 1 mailboxes"));

	/* It is as it was. */
	tell_and_let_go(hand, count_handled, NULL);
	assert_int_equal(actor_executor_join(pool, test_deadline()), 0);
	assert_int_equal(tally_count(&handled), 1);
	said[0] = '\0';
	actor_log_set_sink(hear, NULL, ACTOR_LOG_WARNING);
	assert_int_equal(actor_executor_destroy(pool), ACTOR_E_BUSY);
	actor_log_set_sink(NULL, NULL, ACTOR_LOG_NONE);
	assert_non_null(strstr(said, "0 actors, 1 mailboxes"));
	actor_mailbox_detach(mailbox.mailbox);
	pool_close();
}

struct wait {
	union hand_address other;
	hand_fn *function;
	int status;
};

static int wait_for_answer(struct actor_context *context, void *user)
{
	struct wait *wait = user;

	wait->status = hand_call(context, wait->other, count_handled, NULL);
	tally_add(&handled, 1);
	return 0;
}

static int wait_for_room(struct actor_context *context, void *user)
{
	struct wait *wait = user;

	wait->status = 0;
	while (wait->status == 0) /* until it is full, and then */
		wait->status = hand_send(context, wait->other, count_handled, NULL);
	tally_add(&handled, 1);
	return 0;
}

static int wait_for_time(struct actor_context *context, void *user)
{
	struct wait *wait = user;

	wait->status = actor_sleep_until(context, test_deadline());
	tally_add(&handled, 1);
	return 0;
}

static int64_t n_suspended(void)
{
	struct actor_counts counts;

	actor_counts_get(&counts);
	return counts.suspended;
}

static void closing_cancels_everything(void **state)
{
	struct wait waits[3] = { { .function = wait_for_answer },
				 { .function = wait_for_room },
				 { .function = wait_for_time } };
	struct hand_mailbox blocked = { NULL }, unstarted = { NULL }, late;
	struct actor_executor *other;
	struct hand self = { 0 };

	(void)state;
	pool_open(2);
	assert_int_equal(pool_create(1, &other), 0);
	assert_int_equal(ACTOR_MAILBOX_CREATE(hand, actor_executor_spawner(pool), NULL, &unstarted),
			 0);
	/* Nobody runs on this mailbox: nothing is answered, and it fills up. */
	assert_int_equal(ACTOR_MAILBOX_CREATE(hand, actor_executor_spawner(other), NULL, &blocked),
			 0);
	for (unsigned i = 0; i < 3; i++) {
		waits[i].other = ACTOR_MAILBOX_ADDRESS(hand, blocked);
		tell_and_let_go(hand_spawn(pool, &self, 0), waits[i].function, &waits[i]);
	}
	while (n_suspended() < 3)
		sched_yield();
	actor_executor_close(pool);
	actor_executor_close(pool);
	assert_int_equal(actor_executor_join(pool, test_deadline()), 0);
	assert_int_equal(tally_count(&handled), 3);
	for (unsigned i = 0; i < 3; i++) {
		assert_int_equal(waits[i].status, ACTOR_E_CANCELLED);
		actor_address_unref(waits[i].other.address);
	}
	assert_int_equal(ACTOR_MAILBOX_START(hand, unstarted, &self, NULL, NULL), ACTOR_E_CLOSED);
	assert_int_equal(ACTOR_MAILBOX_CREATE(hand, actor_executor_spawner(pool), NULL, &late),
			 ACTOR_E_CLOSED);
	actor_mailbox_detach(unstarted.mailbox);
	actor_mailbox_detach(blocked.mailbox);
	assert_int_equal(actor_executor_destroy(other), 0);
	pool_close();
}

struct crowd {
	union hand_address hand;
	unsigned n_each;
	atomic_uint n_accepted;
};

static void crowd_send(void *user, unsigned index)
{
	struct crowd *crowd = user;

	if (index == 0) { /* the one that has the pool */
		actor_address_unref(crowd->hand.address);
		if (actor_executor_join(pool, test_deadline()) != 0)
			abort();
		return;
	}
	for (unsigned i = 0; i < crowd->n_each; i++)
		if (hand_send(here(), crowd->hand, count_handled, NULL) == 0)
			atomic_fetch_add(&crowd->n_accepted, 1);
	actor_address_unref(crowd->hand.address);
}

static void senders_meet_a_join(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 20; i++) {
		struct crowd crowd = { .n_each = test_times(2000) };

		pool_open(2);
		crowd.hand = hand_spawn(pool, NULL, 4);
		for (unsigned k = 0; k < 3; k++)
			actor_address_ref(crowd.hand.address);
		crew_run(4, crowd_send, &crowd);
		/* The actor lived as long as somebody had its address. */
		assert_int_equal(crowd.n_accepted, 3 * crowd.n_each);
		assert_int_equal(tally_count(&handled), crowd.n_accepted);
		pool_close();
	}
}

static void crowd_send_or_close(void *user, unsigned index)
{
	if (index == 0)
		actor_executor_close(pool);
	else
		crowd_send(user, index);
}

static void senders_meet_a_close(void **state)
{
	struct actor_counts before, after;

	(void)state;
	for (unsigned i = 0; i < test_times(200); i++) {
		struct crowd crowd = { .n_each = 20 };

		pool_open(2);
		crowd.hand = hand_spawn(pool, NULL, 4);
		for (unsigned k = 0; k < 2; k++)
			actor_address_ref(crowd.hand.address);
		actor_counts_get(&before);
		crew_run(4, crowd_send_or_close, &crowd);
		pool_close();
		actor_counts_get(&after);
		assert_int_equal(tally_count(&handled) +
					 (uint64_t)(after.dead_letters - before.dead_letters),
				 crowd.n_accepted);
	}
}

/* ---- with others ---- */

/* A call that goes on from actor to actor, and the answers all the way back. */
struct chain {
	union hand_address *hands;
	unsigned n_hands;
	atomic_uint at;
};

static int call_the_next(struct actor_context *context, void *user)
{
	struct chain *chain = user;
	unsigned next = atomic_fetch_add(&chain->at, 1);
	int rc = 0;

	if (next < chain->n_hands)
		rc = hand_call(context, chain->hands[next], call_the_next, chain);
	return rc < 0 ? rc : rc + 1;
}

static void calls_nest_deeply(void **state)
{
	enum { MOST = 2000 };
	static union hand_address hands[MOST];
	struct chain chain = { hands, test_times(MOST), 0 };

	(void)state;
	pool_open(2);
	for (unsigned i = 0; i < chain.n_hands; i++)
		hands[i] = hand_spawn(pool, NULL, 0);
	assert_int_equal(call_the_next(here(), &chain), chain.n_hands + 1);
	for (unsigned i = 0; i < chain.n_hands; i++)
		actor_address_unref(hands[i].address);
	pool_close();
}

static void two_pools_call_each_other(void **state)
{
	enum { N = 20 };
	union hand_address hands[N];
	struct actor_executor *other;

	(void)state;
	pool_open(2);
	assert_int_equal(pool_create(2, &other), 0);
	for (unsigned round = 0; round < test_times(500); round++) {
		struct chain chain = { hands, N, 0 };

		for (unsigned i = 0; i < N; i++)
			hands[i] = hand_spawn(i % 2 ? pool : other, NULL, 0);
		assert_int_equal(call_the_next(here(), &chain), N + 1);
		for (unsigned i = 0; i < N; i++)
			actor_address_unref(hands[i].address);
	}
	assert_int_equal(actor_executor_join(other, test_deadline()), 0);
	assert_int_equal(actor_executor_destroy(other), 0);
	pool_close();
}

static void a_pool_and_a_local_executor_call_each_other(void **state)
{
	enum { N = 20 };
	union hand_address hands[N];
	struct actor_executor *local;

	(void)state;
	pool_open(2);
	assert_int_equal(actor_local_create(&local), 0);
	for (unsigned round = 0; round < test_times(500); round++) {
		struct chain chain = { hands, N, 0 };

		for (unsigned i = 0; i < N; i++)
			hands[i] = hand_spawn(i % 2 ? pool : local, NULL, 0);
		assert_int_equal(call_the_next(here(), &chain), N + 1);
		for (unsigned i = 0; i < N; i++)
			actor_address_unref(hands[i].address);
	}
	assert_int_equal(actor_executor_join(local, test_deadline()), 0);
	assert_int_equal(actor_executor_destroy(local), 0);
	pool_close();
}

#define EXECUTOR_TEST(test) cmocka_unit_test_teardown(test, test_nothing_held)

int main(void)
{
	const struct CMUnitTest tests[] = {
		EXECUTOR_TEST(a_join_may_time_out),
		EXECUTOR_TEST(handlers_and_hooks_may_not_end_a_pool),
		EXECUTOR_TEST(a_busy_pool_is_not_destroyed),
		EXECUTOR_TEST(closing_cancels_everything),
		EXECUTOR_TEST(senders_meet_a_join),
		EXECUTOR_TEST(senders_meet_a_close),
		EXECUTOR_TEST(calls_nest_deeply),
		EXECUTOR_TEST(two_pools_call_each_other),
		EXECUTOR_TEST(a_pool_and_a_local_executor_call_each_other),
	};

	return cmocka_run_group_tests_name("executor", tests, NULL, NULL);
}
