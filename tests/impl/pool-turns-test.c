/* SPDX-License-Identifier: MIT */

/*
 * Whose turn it is. What a worker runs first; that whoever has had a turn, or has posted much,
 * lets others go first; and that nothing is kept waiting for ever, wherever it was left. Mostly
 * with one worker, which nobody helps.
 */

#include "pool-fixture.h"

#include <pthread.h>
#include <sched.h>
#include <string.h>

static int open_one(void **state)
{
	(void)state;
	pool_open(1);
	return 0;
}

static int close_pool(void **state)
{
	pool_close();
	return test_nothing_held(state);
}

/* ---- what a worker runs first ---- */

/* In which order things have happened, on one thread. */
struct order {
	char text[64];
	size_t n;
};

struct mark {
	struct order *order;
	char letter;
};

static int make_mark(struct actor_context *context, void *user)
{
	struct mark *mark = user;

	(void)context;
	mark->order->text[mark->order->n++] = mark->letter;
	tally_add(&handled, 1);
	return 0;
}

enum { N_GUESTS = 6 };

/* Actors that are there, and actors that are not there yet. */
struct party {
	struct order order;
	union hand_address ready[N_GUESTS], started[N_GUESTS];
	struct mark ready_marks[N_GUESTS], started_marks[N_GUESTS];
	struct hand started_states[N_GUESTS];
	unsigned n_failed;
};

static struct party party; /* outlives the actors */

static void party_init(void)
{
	memset(&party, 0, sizeof party);
	for (unsigned i = 0; i < N_GUESTS; i++) {
		party.ready[i] = hand_spawn(pool, NULL, 0);
		party.ready_marks[i] = (struct mark){ &party.order, (char)('a' + i) };
		party.started_marks[i] = (struct mark){ &party.order, (char)('A' + i) };
		party.started_states[i] = (struct hand){ .in_started = make_mark,
							 .user = &party.started_marks[i] };
	}
	for (unsigned i = 0; i < N_GUESTS; i++)
		wait_until_idle(party.ready[i]);
}

static void party_end(const char *expected)
{
	bool all = tally_wait(&handled, strlen(expected));

	for (unsigned i = 0; i < N_GUESTS; i++) {
		actor_address_unref(party.ready[i].address);
		actor_address_unref(party.started[i].address);
	}
	assert_true(all);
	assert_int_equal(party.n_failed, 0);
	assert_string_equal(party.order.text, expected);
}

static void start(struct actor_context *context, unsigned i)
{
	party.n_failed += ACTOR_SPAWN(hand, actor_spawner(context), &party.started_states[i], NULL,
				      &party.started[i]) != 0;
}

static void make_ready(struct actor_context *context, unsigned i)
{
	party.n_failed += hand_send(context, party.ready[i], make_mark, &party.ready_marks[i]) != 0;
}

static int start_all(struct actor_context *context, void *user)
{
	(void)user;
	for (unsigned i = 0; i < N_GUESTS; i++)
		start(context, i);
	return 0;
}

static void what_is_started_runs_the_latest_first(void **state)
{
	(void)state;
	party_init();
	tell_and_let_go(hand_spawn(pool, NULL, 0), start_all, NULL);
	party_end("FEDCBA");
}

static int make_all_ready(struct actor_context *context, void *user)
{
	(void)user;
	for (unsigned i = 0; i < N_GUESTS; i++)
		make_ready(context, i);
	return 0;
}

/* The last one was in the slot. */
static void what_is_ready_runs_the_oldest_first(void **state)
{
	(void)state;
	party_init();
	tell_and_let_go(hand_spawn(pool, NULL, 0), make_all_ready, NULL);
	party_end("fabcde");
}

static int make_ready_and_start_all(struct actor_context *context, void *user)
{
	make_all_ready(context, user);
	return start_all(context, user);
}

static bool is_started(char letter)
{
	return letter >= 'A' && letter <= 'F';
}

static void both_kinds_take_turns(void **state)
{
	const char *text = party.order.text;
	char started[N_GUESTS + 1] = "", ready[N_GUESTS + 1] = "";
	bool all;

	(void)state;
	party_init();
	tell_and_let_go(hand_spawn(pool, NULL, 0), make_ready_and_start_all, NULL);
	all = tally_wait(&handled, 2 * N_GUESTS);
	for (unsigned i = 0; i < N_GUESTS; i++) {
		actor_address_unref(party.ready[i].address);
		actor_address_unref(party.started[i].address);
	}
	assert_true(all);
	assert_int_equal(party.n_failed, 0);
	for (unsigned i = 0; i < 2 * N_GUESTS; i++) {
		char *to = is_started(text[i]) ? started : ready;

		to[strlen(to)] = text[i];
		/* As long as there are both: after the slot, never three of one kind in a row. */
		if (i >= 3 && strlen(started) < N_GUESTS && strlen(ready) < N_GUESTS)
			assert_false(is_started(text[i]) == is_started(text[i - 1]) &&
				     is_started(text[i]) == is_started(text[i - 2]));
	}
	assert_string_equal(started, "FEDCBA");
	assert_string_equal(ready, "fabcde");
}

/* ---- who has had its turn ---- */

/* One that makes many others, and how far behind they were when there were most of them. */
static struct {
	unsigned n_made, n_failed, n_most;
	atomic_uint n_greeted;
} nursery;

static int greet(struct actor_context *context, void *user)
{
	(void)context, (void)user;
	atomic_fetch_add(&nursery.n_greeted, 1);
	return 0;
}

static int make_many(struct actor_context *context, void *user)
{
	union hand_address child;
	unsigned n_waiting;

	(void)user;
	for (nursery.n_made = 1; nursery.n_made <= 2000; nursery.n_made++) {
		nursery.n_failed += ACTOR_SPAWN(hand, actor_spawner(context), NULL, NULL, &child) ||
				    hand_send(context, child, greet, NULL);
		actor_address_unref(child.address);
		n_waiting = nursery.n_made - atomic_load(&nursery.n_greeted);
		if (n_waiting > nursery.n_most)
			nursery.n_most = n_waiting;
	}
	tally_add(&handled, 1);
	return 0;
}

/* It lets the others go first now and then: all those that it has started, not some of them. */
static void who_starts_many_lets_them_all_go_first(void **state)
{
	(void)state;
	memset(&nursery, 0, sizeof nursery);
	tell_and_let_go(hand_spawn(pool, NULL, 0), make_many, NULL);
	assert_true(tally_wait(&handled, 1));
	assert_int_equal(nursery.n_failed, 0);
	assert_in_range(nursery.n_most, 1, 200);
}

/* ---- nothing starves ---- */

/* Two that keep each other awake until somebody else has been served. */
struct rally {
	union hand_address hands[2];
	atomic_bool over;
	atomic_uint n_strokes;
};

struct player {
	struct rally *rally;
	unsigned index;
};

static int stroke(struct actor_context *context, void *user)
{
	struct player *player = user;
	struct rally *rally = player->rally;

	(void)context;
	atomic_fetch_add(&rally->n_strokes, 1);
	if (!atomic_load(&rally->over))
		return hand_send(NULL, rally->hands[!player->index], stroke,
				 player->index ? player - 1 : player + 1);
	tally_add(&handled, 1);
	return 0;
}

static int end_rally(struct actor_context *context, void *user)
{
	struct rally *rally = user;

	(void)context;
	atomic_store(&rally->over, true);
	tally_add(&handled, 1);
	return 0;
}

static void a_rally_does_not_starve_the_common_queue(void **state)
{
	struct rally rally = { .over = false };
	struct player players[2] = { { &rally, 0 }, { &rally, 1 } };

	(void)state;
	pool_open(1);
	rally.hands[0] = hand_spawn(pool, NULL, 0);
	rally.hands[1] = hand_spawn(pool, NULL, 0);
	tell(rally.hands[0], stroke, &players[0]);
	while (atomic_load(&rally.n_strokes) < 1000)
		sched_yield();
	/* From a foreign thread: to the common queue. */
	tell_and_let_go(hand_spawn(pool, NULL, 0), end_rally, &rally);
	assert_true(tally_wait(&handled, 2));
	actor_address_unref(rally.hands[0].address);
	actor_address_unref(rally.hands[1].address);
	pool_close();
}

static void busy_actors_take_turns(void **state)
{
	const unsigned goal = test_times(300000); /* of messages that are quick: a hundred turns */
	struct gang gang = { .over = false };

	(void)state;
	if (test_on_valgrind()) /* left out: the first may have ended before the last begins */
		return;
	pool_open(1);
	gang_start(&gang, N_ELEMENTS(gang.members), goal);
	assert_true(tally_wait(&handled, N_ELEMENTS(gang.members)));
	gang_end(&gang);
	pool_close();
	/* A turn is a matter of time, and the system gives its time to others, too. */
	for (unsigned i = 0; i < N_ELEMENTS(gang.members); i++)
		assert_in_range(gang.members[i].n_done, goal / 2, goal);
}

/* What yields goes to the ring, while the two hand each other over in the slot. */
static void a_rally_does_not_starve_the_ring(void **state)
{
	struct rally rally = { .over = false };
	struct player players[2] = { { &rally, 0 }, { &rally, 1 } };
	struct gang gang = { .over = false };

	(void)state;
	pool_open(1);
	rally.hands[0] = hand_spawn(pool, NULL, 0);
	rally.hands[1] = hand_spawn(pool, NULL, 0);
	tell(rally.hands[0], stroke, &players[0]);
	gang_start(&gang, 1, 20000);
	assert_true(tally_wait(&handled, 1));
	atomic_store(&rally.over, true);
	assert_true(tally_wait(&handled, 2));
	gang_end(&gang);
	actor_address_unref(rally.hands[0].address);
	actor_address_unref(rally.hands[1].address);
	pool_close();
}

/* An actor starts the next and ends, and so on, until it is over. */
struct chain {
	struct hand link;
	struct hand first;
	int64_t deadline_ns;
	unsigned n_links;
	unsigned n_failed;
	bool over;
	bool in_vain;
};

static int next_link(struct actor_context *context, void *user)
{
	struct chain *chain = user;
	union hand_address hand = { NULL };

	chain->in_vain = ++chain->n_links % 1000 == 0 && actor_now(context) > chain->deadline_ns;
	if (chain->over || chain->in_vain) {
		tally_add(&handled, 1);
		return 0;
	}
	chain->n_failed += ACTOR_SPAWN(hand, actor_spawner(context), &chain->link, NULL, &hand) !=
			   0;
	actor_address_unref(hand.address);
	return 0;
}

static int end_chain(struct actor_context *context, void *user)
{
	struct chain *chain = user;

	(void)context;
	chain->over = true;
	return 0;
}

static int start_one_and_then_the_chain(struct actor_context *context, void *user)
{
	struct chain *chain = user;
	union hand_address hand = { NULL };

	chain->n_failed += ACTOR_SPAWN(hand, actor_spawner(context), &chain->first, NULL, &hand) !=
			   0;
	actor_address_unref(hand.address);
	return next_link(context, chain);
}

static void starting_does_not_starve_what_was_started_before(void **state)
{
	static struct chain chain; /* outlives its links */

	(void)state;
	memset(&chain, 0, sizeof chain);
	chain.deadline_ns = test_deadline() - 30000000000; /* half of what others wait */
	chain.link = (struct hand){ .in_started = next_link, .user = &chain };
	chain.first = (struct hand){ .in_started = end_chain, .user = &chain };
	tell_and_let_go(hand_spawn(pool, NULL, 0), start_one_and_then_the_chain, &chain);
	assert_true(tally_wait(&handled, 1));
	assert_int_equal(chain.n_failed, 0);
	assert_true(chain.n_links > 2);
	assert_false(chain.in_vain);
}

/* ---- who posts much gives way ---- */

/* Posts without end to another, until that has had enough. */
struct torrent {
	union hand_address sink;
	unsigned goal;
	unsigned n_sent, n_handled, n_failed;
	unsigned most_queued;
	bool over;
};

static int swallow(struct actor_context *context, void *user)
{
	struct torrent *torrent = user;

	(void)context;
	if (++torrent->n_handled == torrent->goal)
		torrent->over = true;
	return 0;
}

static int pour(struct actor_context *context, void *user)
{
	struct torrent *torrent = user;

	while (!torrent->over && torrent->n_failed == 0) {
		torrent->n_failed += hand_send(context, torrent->sink, swallow, torrent) != 0;
		torrent->n_sent++;
		if (torrent->n_sent - torrent->n_handled > torrent->most_queued)
			torrent->most_queued = torrent->n_sent - torrent->n_handled;
		/* Where nobody gives way this must end, too. */
		if (torrent->most_queued > 1000000)
			break;
	}
	tally_add(&handled, 1);
	return 0;
}

static void assert_bounded(const struct torrent *torrent)
{
	assert_true(torrent->over);
	assert_int_equal(torrent->n_failed, 0);
	assert_in_range(torrent->most_queued, 1, 500);
}

/* No bound but that the receiver gets its turns: memory stays small. */
static void an_unbounded_mailbox_stays_small(void **state)
{
	struct torrent torrent = { .goal = test_times(200000) };

	(void)state;
	torrent.sink = hand_spawn(pool, NULL, ACTOR_UNBOUNDED);
	tell_and_let_go(hand_spawn(pool, NULL, 0), pour, &torrent);
	assert_true(tally_wait(&handled, 1));
	actor_address_unref(torrent.sink.address);
	assert_int_equal(actor_executor_join(pool, test_deadline()), 0);
	assert_bounded(&torrent);
}

static void an_unbounded_mailbox_stays_small_on_a_local_executor(void **state)
{
	struct torrent torrent = { .goal = test_times(200000) };
	struct actor_executor *local;

	(void)state;
	handled = (struct tally)TALLY_INIT;
	assert_int_equal(actor_local_create(&local), 0);
	torrent.sink = hand_spawn(local, NULL, ACTOR_UNBOUNDED);
	tell_and_let_go(hand_spawn(local, NULL, 0), pour, &torrent);
	assert_int_equal(actor_local_run(local), 0);
	assert_int_equal(tally_count(&handled), 1);
	actor_address_unref(torrent.sink.address);
	assert_int_equal(actor_executor_join(local, test_deadline()), 0);
	assert_int_equal(actor_executor_destroy(local), 0);
	assert_bounded(&torrent);
}

/* Posts without end, and nobody is there to receive it: until somebody else says stop. */
struct monologue {
	union hand_address gone;
	atomic_uint n_said;
	atomic_bool over;
	bool gave_up;
};

static int talk(struct actor_context *context, void *user)
{
	struct monologue *monologue = user;
	int64_t deadline_ns = test_deadline();

	while (!atomic_load(&monologue->over) && !monologue->gave_up) {
		hand_send(context, monologue->gone, count_handled, NULL);
		if (atomic_fetch_add(&monologue->n_said, 1) % 1000 == 0)
			monologue->gave_up = actor_now(context) > deadline_ns;
	}
	tally_add(&handled, 1);
	return 0;
}

static int say_stop(struct actor_context *context, void *user)
{
	struct monologue *monologue = user;

	(void)context;
	atomic_store(&monologue->over, true);
	tally_add(&handled, 1);
	return 0;
}

static int say_stop_later(struct actor_context *context, void *user)
{
	actor_sleep_until(context, actor_now(context) + 3000000);
	return say_stop(context, user);
}

static void monologue_init(struct monologue *monologue, struct actor_executor *executor)
{
	memset(monologue, 0, sizeof *monologue);
	monologue->gone = hand_spawn(executor, NULL, 0);
	actor_address_stop(monologue->gone.address, ACTOR_STOP_NOW);
}

/* What is in the common queue, or waits for a time, is nobody's in particular. */
static void who_talks_hears_who_comes_from_elsewhere(void **state)
{
	struct monologue monologue;

	(void)state;
	monologue_init(&monologue, pool);
	tell_and_let_go(hand_spawn(pool, NULL, 0), talk, &monologue);
	while (atomic_load(&monologue.n_said) < 1000)
		sched_yield();
	tell_and_let_go(hand_spawn(pool, NULL, 0), say_stop, &monologue);
	assert_true(tally_wait(&handled, 2));
	actor_address_unref(monologue.gone.address);
	assert_false(monologue.gave_up);
}

static void who_talks_hears_whose_time_has_come(void **state)
{
	struct monologue monologue;
	union hand_address other = hand_spawn(pool, NULL, 0);

	(void)state;
	monologue_init(&monologue, pool);
	tell_and_let_go(other, say_stop_later, &monologue);
	tell_and_let_go(hand_spawn(pool, NULL, 0), talk, &monologue);
	assert_true(tally_wait(&handled, 2));
	actor_address_unref(monologue.gone.address);
	assert_false(monologue.gave_up);
}

struct visitor {
	union hand_address hand;
	struct monologue *monologue;
	bool in_vain;
};

static void *visit(void *user)
{
	struct visitor *visitor = user;

	while (atomic_load(&visitor->monologue->n_said) < 1000)
		sched_yield();
	visitor->in_vain = hand_send(NULL, visitor->hand, say_stop, visitor->monologue) != 0;
	return NULL;
}

static void who_talks_on_a_local_executor_hears_others_too(void **state)
{
	struct monologue monologue;
	struct visitor visitor = { .monologue = &monologue };
	struct actor_executor *local;
	union hand_address later;
	pthread_t thread;

	(void)state;
	handled = (struct tally)TALLY_INIT;
	assert_int_equal(actor_local_create(&local), 0);
	monologue_init(&monologue, local);
	visitor.hand = hand_spawn(local, NULL, 0);
	assert_int_equal(actor_local_run(local), 0);
	assert_int_equal(pthread_create(&thread, NULL, visit, &visitor), 0);
	tell_and_let_go(hand_spawn(local, NULL, 0), talk, &monologue);
	assert_int_equal(actor_local_run(local), 0);
	pthread_join(thread, NULL);
	assert_false(monologue.gave_up);
	assert_false(visitor.in_vain);
	assert_int_equal(tally_count(&handled), 2);

	atomic_store(&monologue.over, false);
	later = hand_spawn(local, NULL, 0);
	tell_and_let_go(later, say_stop_later, &monologue);
	tell_and_let_go(hand_spawn(local, NULL, 0), talk, &monologue);
	assert_int_equal(actor_local_run(local), 0);
	assert_false(monologue.gave_up);
	assert_int_equal(tally_count(&handled), 4);
	actor_address_unref(visitor.hand.address);
	actor_address_unref(monologue.gone.address);
	assert_int_equal(actor_executor_join(local, test_deadline()), 0);
	assert_int_equal(actor_executor_destroy(local), 0);
}

#define TURN_TEST(test) cmocka_unit_test_setup_teardown(test, open_one, close_pool)
#define OWN_TEST(test) cmocka_unit_test_teardown(test, test_nothing_held)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TURN_TEST(what_is_started_runs_the_latest_first),
		TURN_TEST(what_is_ready_runs_the_oldest_first),
		TURN_TEST(both_kinds_take_turns),
		TURN_TEST(who_starts_many_lets_them_all_go_first),
		OWN_TEST(a_rally_does_not_starve_the_common_queue),
		OWN_TEST(a_rally_does_not_starve_the_ring),
		OWN_TEST(busy_actors_take_turns),
		TURN_TEST(starting_does_not_starve_what_was_started_before),
		TURN_TEST(an_unbounded_mailbox_stays_small),
		OWN_TEST(an_unbounded_mailbox_stays_small_on_a_local_executor),
		TURN_TEST(who_talks_hears_who_comes_from_elsewhere),
		TURN_TEST(who_talks_hears_whose_time_has_come),
		OWN_TEST(who_talks_on_a_local_executor_hears_others_too),
	};

	return cmocka_run_group_tests_name("pool-turns", tests, NULL, NULL);
}
