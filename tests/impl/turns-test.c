/* SPDX-License-Identifier: MIT */

/*
 * How long a turn is, and what is late by it, when handlers are slow: counted in handlers, each of
 * which takes a millisecond by the clock, however fast the machine is.
 */

#include "pool-fixture.h"

#include "context.h"

#include <sched.h>
#include <string.h>

#define SLOW_NS 1000000

/* Messages in an actor's first turn, of which nothing is known yet; and after many quick ones. */
enum { MOST_AT_FIRST = 9, MOST_AFTER_QUICK_ONES = 65, MOST_SLOW = 2 };

/* What is late goes on when the turns are over that others have begun, and are before it in line:
 * not after hundreds of handlers. */
enum { MOST_LATE = 16 };

static struct load {
	union hand_address hands[4];
	unsigned n_hands;
	atomic_uint n_slow;
	unsigned n_in_time;  /* before the deadline */
	int64_t deadline_ns; /* of one that sleeps meanwhile */
	unsigned n_late;     /* since then, when that one went on */
	atomic_bool over;
} load;

static void load_init(struct actor_executor *executor, unsigned n_hands)
{
	load = (struct load){ .n_hands = n_hands, .deadline_ns = ACTOR_FOREVER };
	for (unsigned i = 0; i < n_hands; i++)
		load.hands[i] = hand_spawn(executor, NULL, ACTOR_UNBOUNDED);
}

/* Also where a test has failed. */
static void load_deinit(void)
{
	atomic_store(&load.over, true);
	for (unsigned i = 0; i < load.n_hands; i++)
		actor_address_unref(load.hands[i].address);
	load.n_hands = 0;
}

static int be_slow(struct actor_context *context, void *user)
{
	int64_t ends_ns = actor__now() + SLOW_NS;

	(void)user;
	if (atomic_load(&load.over))
		return 0;
	while (actor__now() < ends_ns)
		;
	atomic_fetch_add(&load.n_slow, 1);
	if (actor_now(context) < load.deadline_ns)
		load.n_in_time = atomic_load(&load.n_slow);
	return 0;
}

static int be_quick(struct actor_context *context, void *user)
{
	(void)context, (void)user;
	return 0;
}

/* ---- one turn ---- */

static struct actor_executor *local;

static int open_local(void **state)
{
	(void)state;
	handled = (struct tally)TALLY_INIT;
	return actor_local_create(&local);
}

static int close_local(void **state)
{
	load_deinit();
	if (actor_executor_join(local, test_deadline()) != 0 || actor_executor_destroy(local) != 0)
		return -1;
	return test_nothing_held(state);
}

static void send_many(hand_fn *function, unsigned n, union hand_address hand)
{
	for (unsigned i = 0; i < n; i++)
		tell(hand, function, NULL);
}

static void keep_busy(void)
{
	for (unsigned i = 0; i < load.n_hands; i++)
		send_many(be_slow, 1000, load.hands[i]);
}

/* Slow ones that a step handles. */
static unsigned step(void)
{
	unsigned n_before = atomic_load(&load.n_slow);

	assert_int_equal(actor_local_step(local), 1);
	return atomic_load(&load.n_slow) - n_before;
}

static void assert_short_turns(void)
{
	while (atomic_load(&load.n_slow) < 100)
		assert_in_range(step(), 1, MOST_SLOW);
}

static void a_turn_is_over_with_the_second_slow_message(void **state)
{
	(void)state;
	load_init(local, 1);
	keep_busy();
	assert_in_range(step(), 1, MOST_AT_FIRST);
	assert_short_turns();
}

/* They may come as a surprise, once. */
static void also_when_the_messages_before_were_quick(void **state)
{
	(void)state;
	load_init(local, 1);
	send_many(be_quick, 10000, load.hands[0]);
	assert_int_equal(actor_local_run(local), 0);
	keep_busy();
	assert_in_range(step(), 1, MOST_AFTER_QUICK_ONES);
	assert_short_turns();
}

/* Whoever else is quick on this thread does not make it forget that this one is slow. */
static void each_actor_is_judged_by_its_own_messages(void **state)
{
	union hand_address slow, quick;

	(void)state;
	load_init(local, 2);
	slow = load.hands[0];
	quick = load.hands[1];
	send_many(be_slow, 150, slow);
	step();
	while (atomic_load(&load.n_slow) < 30) {
		send_many(be_quick, 300, quick);
		assert_in_range(step() + step(), 0, MOST_SLOW);
	}
}

/* A deadline is looked at between turns. */
static int wake_late(struct actor_context *context, void *user)
{
	(void)user;
	load.deadline_ns = actor_now(context) + 10 * SLOW_NS;
	tally_add(&handled, 1);
	actor_ignore(actor_sleep_until(context, load.deadline_ns));
	load.n_late = atomic_load(&load.n_slow) - load.n_in_time;
	atomic_store(&load.over, true);
	tally_add(&handled, 1);
	return 0;
}

static void deadlines_are_met_on_a_local_executor(void **state)
{
	(void)state;
	load_init(local, 4);
	tell_and_let_go(hand_spawn(local, NULL, 0), wake_late, NULL);
	assert_int_equal(actor_local_run(local), 0);
	keep_busy();
	assert_int_equal(actor_local_run(local), 0);
	assert_int_equal(tally_count(&handled), 2);
	assert_in_range(load.n_late, 0, 4 * (MOST_AT_FIRST + MOST_SLOW));
}

/* ---- a pool that is kept busy ---- */

static int open_one(void **state)
{
	(void)state;
	pool_open(1);
	return 0;
}

static int open_two(void **state)
{
	(void)state;
	pool_open(2);
	return 0;
}

static int close_pool(void **state)
{
	load_deinit();
	pool_close();
	return test_nothing_held(state);
}

static void wait_for_slow_ones(unsigned n)
{
	while (atomic_load(&load.n_slow) < n)
		sched_yield();
}

static void those_who_sleep_are_not_kept_waiting(void **state)
{
	(void)state;
	load_init(pool, 4);
	tell_and_let_go(hand_spawn(pool, NULL, 0), wake_late, NULL);
	assert_true(tally_wait(&handled, 1));
	keep_busy();
	assert_true(tally_wait(&handled, 2));
	assert_in_range(load.n_late, 0, MOST_AT_FIRST + MOST_LATE);
}

static int look_in(struct actor_context *context, void *user)
{
	(void)context;
	*(unsigned *)user = atomic_load(&load.n_slow);
	tally_add(&handled, 1);
	return 0;
}

/* From another thread, again and again. */
static void those_who_come_from_elsewhere_are_not_kept_waiting(void **state)
{
	unsigned n_sent, n_seen;

	(void)state;
	load_init(pool, 4);
	keep_busy();
	for (unsigned i = 1; i <= 5; i++) {
		wait_for_slow_ones(i * 40);
		tell_and_let_go(hand_spawn(pool, NULL, 0), look_in, &n_seen);
		n_sent = atomic_load(&load.n_slow);
		assert_true(tally_wait(&handled, i));
		assert_in_range(n_seen > n_sent ? n_seen - n_sent : 0, 0, MOST_LATE);
	}
}

static int strike(struct actor_context *context, void *user)
{
	union hand_address *partner = user;

	be_slow(context, NULL);
	if (atomic_load(&load.over))
		return 0;
	return hand_send(context, *partner, strike,
			 partner == load.hands ? &load.hands[1] : load.hands);
}

/* Two who make each other ready, of which each turn is one message. */
static void short_turns_of_slow_handlers_keep_nobody_waiting(void **state)
{
	(void)state;
	load_init(pool, 2);
	for (unsigned i = 0; i < 4; i++) {
		atomic_store(&load.over, false);
		load.deadline_ns = ACTOR_FOREVER;
		tell_and_let_go(hand_spawn(pool, NULL, 0), wake_late, NULL);
		assert_true(tally_wait(&handled, 2 * i + 1));
		tell(load.hands[0], strike, &load.hands[1]);
		assert_true(tally_wait(&handled, 2 * i + 2));
		assert_in_range(load.n_late, 0, MOST_LATE);
		wait_until_idle(load.hands[0]);
		wait_until_idle(load.hands[1]);
	}
}

/* Beside such two, others who came from elsewhere, many at once. */
static void slow_ones_who_rally_leave_turns_to_others(void **state)
{
	enum { N_OTHERS = 100, MOST_EACH = 4 };
	unsigned n_before, n_seen[N_OTHERS];

	(void)state;
	load_init(pool, 2);
	tell(load.hands[0], strike, &load.hands[1]);
	wait_for_slow_ones(20);
	for (unsigned i = 0; i < N_OTHERS; i++)
		tell_and_let_go(hand_spawn(pool, NULL, 0), look_in, &n_seen[i]);
	n_before = atomic_load(&load.n_slow);
	assert_true(tally_wait(&handled, N_OTHERS));
	for (unsigned i = 0; i < N_OTHERS; i++)
		assert_in_range(n_seen[i], 0, n_before + MOST_LATE + MOST_EACH * (i + 1));
}

/* Somebody comes who is seen by this worker alone, in the middle of what follows quick ones. */
static atomic_bool seen;

static int look_and_say_so(struct actor_context *context, void *user)
{
	look_in(context, user);
	atomic_store(&seen, true);
	return 0;
}

static int send_and_spin(struct actor_context *context, void *user)
{
	int64_t deadline_ns = actor__now() + 10000 * (int64_t)SLOW_NS;
	unsigned n_before = atomic_load(&load.n_slow);
	int rc = hand_send(context, load.hands[1], look_and_say_so, user);

	while (!atomic_load(&seen) && actor__now() < deadline_ns)
		;
	load.n_late = *(unsigned *)user - n_before;
	tally_add(&handled, 1);
	return rc;
}

static void slow_ones_after_quick_ones_are_soon_noticed(void **state)
{
	unsigned n_seen = 0;

	(void)state;
	atomic_store(&seen, false);
	load_init(pool, 2);
	send_many(be_quick, 100000, load.hands[0]);
	send_many(be_slow, 2000, load.hands[0]);
	wait_for_slow_ones(1);
	tell_and_let_go(hand_spawn(pool, NULL, 0), send_and_spin, &n_seen);
	assert_true(tally_wait(&handled, 2));
	assert_in_range(load.n_late, 0, MOST_AFTER_QUICK_ONES + MOST_LATE);
}

/* Who has had its turn gets the next one, also where others always have something for each other.
 */
static struct {
	union hand_address players[8];
	unsigned n_struck, n_mine, n_between;
} game;

static int play_on(struct actor_context *context, void *user)
{
	size_t next = (size_t)((union hand_address *)user - game.players + 1) % 8;

	be_slow(context, NULL);
	game.n_struck++;
	if (atomic_load(&load.over))
		return 0;
	return hand_send(context, game.players[next], play_on, &game.players[next]);
}

static int have_a_turn(struct actor_context *context, void *user)
{
	(void)user;
	be_slow(context, NULL);
	if (++game.n_mine > 2 && game.n_struck > game.n_between)
		game.n_between = game.n_struck;
	game.n_struck = 0;
	if (game.n_mine == 12) {
		atomic_store(&load.over, true);
		tally_add(&handled, 1);
	}
	return 0;
}

static void who_has_had_a_slow_turn_gets_the_next_one(void **state)
{
	(void)state;
	memset(&game, 0, sizeof game);
	load_init(pool, 1);
	for (unsigned i = 0; i < 8; i++)
		game.players[i] = hand_spawn(pool, NULL, ACTOR_UNBOUNDED);
	for (unsigned i = 0; i < 8; i += 2)
		tell(game.players[i], play_on, &game.players[i]);
	send_many(have_a_turn, 100, load.hands[0]);
	assert_true(tally_wait(&handled, 1));
	for (unsigned i = 0; i < 8; i++)
		actor_address_unref(game.players[i].address);
	assert_in_range(game.n_between, 0, 40);
}

#define LOCAL_TEST(test) cmocka_unit_test_setup_teardown(test, open_local, close_local)
#define POOL_TEST(test) cmocka_unit_test_setup_teardown(test, open_one, close_pool)

int main(void)
{
	const struct CMUnitTest tests[] = {
		LOCAL_TEST(a_turn_is_over_with_the_second_slow_message),
		LOCAL_TEST(also_when_the_messages_before_were_quick),
		LOCAL_TEST(each_actor_is_judged_by_its_own_messages),
		LOCAL_TEST(deadlines_are_met_on_a_local_executor),
		POOL_TEST(those_who_sleep_are_not_kept_waiting),
		POOL_TEST(those_who_come_from_elsewhere_are_not_kept_waiting),
		POOL_TEST(short_turns_of_slow_handlers_keep_nobody_waiting),
		POOL_TEST(slow_ones_who_rally_leave_turns_to_others),
		POOL_TEST(who_has_had_a_slow_turn_gets_the_next_one),
		cmocka_unit_test_setup_teardown(slow_ones_after_quick_ones_are_soon_noticed,
						open_two, close_pool),
	};

	return cmocka_run_group_tests_name("turns", tests, NULL, NULL);
}
