/* SPDX-License-Identifier: MIT */

/* Simulations: what comes from the seed, what time does, and how a run ends that leads nowhere. */

#include "hand.h"
#include "test.h"

#include "context.h"

#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

#define HOUR_NS (INT64_C(3600) * 1000000000)

static struct actor_simulation_options options;
static char order[400]; /* what happened, a character each time */
static char said[4000]; /* what was logged */

static struct actor_context *here(void)
{
	return actor_thread_context();
}

static void hear(void *user, const struct actor_log_record *record)
{
	size_t n = strlen(said);

	(void)user;
	snprintf(said + n, sizeof said - n, "[%s%s%s%s%s]",
		 record->actor ? record->actor->name : "", record->actor ? ": " : "",
		 record->message_type ? record->message_type : "", record->message_type ? ": " : "",
		 record->text);
}

static int set_up(void **state)
{
	(void)state;
	unsetenv("ACTOR_SEED");
	options = (struct actor_simulation_options){ .size = sizeof options, .seed = 1 };
	order[0] = said[0] = '\0';
	actor_log_set_sink(hear, NULL, ACTOR_LOG_WARNING);
	return 0;
}

static int tear_down(void **state)
{
	actor_log_set_sink(NULL, NULL, ACTOR_LOG_NONE);
	return test_nothing_held(state);
}

static struct actor_executor *open_simulation(void)
{
	struct actor_executor *executor;

	assert_int_equal(actor_simulation_create(&options, &executor), 0);
	return executor;
}

static void close_simulation(struct actor_executor *executor)
{
	assert_int_equal(actor_executor_join(executor, ACTOR_FOREVER), 0);
	assert_int_equal(actor_executor_destroy(executor), 0);
}

static union hand_address spawn_named(struct actor_executor *executor, const char *name,
				      struct hand *state)
{
	union hand_address hand = { NULL };

	assert_int_equal(ACTOR_SPAWN(hand, actor_executor_spawner(executor), state,
				     ACTOR_OPTIONS(.name = name), &hand),
			 0);
	return hand;
}

static void tell(union hand_address hand, hand_fn *function, void *user)
{
	assert_int_equal(hand_send(NULL, hand, function, user), 0);
}

static void tell_and_let_go(union hand_address hand, hand_fn *function, void *user)
{
	tell(hand, function, user);
	actor_address_unref(hand.address);
}

static int note(struct actor_context *context, void *user)
{
	const char *what = user;
	size_t n = strlen(order);

	(void)context;
	if (n + 1 < sizeof order)
		memcpy(order + n, (char[]){ *what, '\0' }, 2);
	return 0;
}

/* ---- who comes next */

/* Sends a word to a writer, letter by letter. */
struct speaker {
	union hand_address writer;
	const char *word;
};

static int speak(struct actor_context *context, void *user)
{
	struct speaker *speaker = user;
	int rc = 0;

	for (const char *at = speaker->word; *at && rc == 0; at++)
		rc = hand_send(context, speaker->writer, note, (void *)at);
	return rc;
}

/* Three who speak at the same time. Returns the trace. */
static uint64_t run_speakers(const char *words[3])
{
	struct actor_executor *executor = open_simulation();
	union hand_address writer = hand_spawn(executor, NULL, ACTOR_UNBOUNDED);
	struct speaker speakers[3];
	uint64_t trace;

	order[0] = '\0';
	for (unsigned i = 0; i < 3; i++) {
		speakers[i] = (struct speaker){ writer, words[i] };
		tell_and_let_go(hand_spawn(executor, NULL, 0), speak, &speakers[i]);
	}
	actor_address_unref(actor_address_ref(writer.address));
	assert_int_equal(actor_sleep_until(here(), actor_now(here()) + 1), 0);
	trace = actor_simulation_trace(executor);
	actor_address_unref(writer.address);
	close_simulation(executor);
	return trace;
}

static const char *long_words[3] = { "aaaaaaaaaa", "bbbbbbbbbb", "cccccccccc" };

static void a_seed_makes_the_same_run(enum actor_simulation_strategy strategy)
{
	char first[sizeof order];
	uint64_t trace;

	options.strategy = strategy;
	for (options.seed = 1; options.seed < 50; options.seed++) {
		trace = run_speakers(long_words);
		assert_int_equal(strlen(order), 30);
		memcpy(first, order, sizeof order);
		assert_int_equal(run_speakers(long_words), trace);
		assert_string_equal(order, first);
	}
}

static void the_same_seed_makes_the_same_run(void **state)
{
	(void)state;
	a_seed_makes_the_same_run(ACTOR_SIMULATION_RANDOM);
	a_seed_makes_the_same_run(ACTOR_SIMULATION_PRIORITIES);
	a_seed_makes_the_same_run(ACTOR_SIMULATION_FIFO);
}

/* How many of a hundred seeds make the same run as the one before them. */
static unsigned n_alike(enum actor_simulation_strategy strategy)
{
	uint64_t before = 0, trace;
	unsigned n = 0;

	options.strategy = strategy;
	options.length = 50;
	for (options.seed = 1; options.seed <= 100; options.seed++, before = trace) {
		trace = run_speakers(long_words);
		n += trace == before;
	}
	return n;
}

static void another_seed_makes_another_run(void **state)
{
	(void)state;
	assert_int_equal(n_alike(ACTOR_SIMULATION_RANDOM), 0);
	assert_in_range(n_alike(ACTOR_SIMULATION_PRIORITIES), 0, 20);
	assert_int_equal(n_alike(ACTOR_SIMULATION_FIFO), 99);
}

/* Also between two sends of one handler. */
static void every_order_of_messages_is_possible(void **state)
{
	static const char *words[3] = { "ab", "cd", "ef" };
	static char seen[90][7];
	unsigned n_seen = 0, i;

	(void)state;
	for (options.seed = 1; n_seen < 90 && options.seed < 20000; options.seed++) {
		run_speakers(words);
		assert_int_equal(strlen(order), 6);
		assert_true(strchr(order, 'a') < strchr(order, 'b'));
		assert_true(strchr(order, 'c') < strchr(order, 'd'));
		assert_true(strchr(order, 'e') < strchr(order, 'f'));
		for (i = 0; i < n_seen && strcmp(seen[i], order) != 0; i++)
			;
		if (i == n_seen)
			memcpy(seen[n_seen++], order, 7);
	}
	assert_int_equal(n_seen, 90);
}

/* A call is a send, too: what comes before it and what comes after may be far apart. */
static int send_and_call(struct actor_context *context, void *user)
{
	union hand_address *others = user;

	actor_ignore(hand_send(context, others[0], note, "s"));
	return hand_call(context, others[1], note, "c");
}

static int send_to_second(struct actor_context *context, void *user)
{
	return hand_send(context, ((union hand_address *)user)[1], note, "x");
}

static void there_is_a_point_before_each_call(void **state)
{
	bool seen = false;

	(void)state;
	for (options.seed = 1; options.seed <= 1000; options.seed++) {
		struct actor_executor *executor = open_simulation();
		union hand_address others[2] = { hand_spawn(executor, NULL, 0),
						 hand_spawn(executor, NULL, 0) };

		order[0] = '\0';
		tell_and_let_go(hand_spawn(executor, NULL, 0), send_and_call, others);
		tell_and_let_go(hand_spawn(executor, NULL, 0), send_to_second, others);
		assert_int_equal(actor_sleep_until(here(), actor_now(here()) + 1), 0);
		seen |= strcmp(order, "sxc") == 0;
		for (unsigned i = 0; i < 2; i++)
			actor_address_unref(others[i].address);
		close_simulation(executor);
	}
	assert_true(seen);
}

/* What an actor does in `started` and with its first message may be far apart; without waiting,
 * which would be a point itself. */
static int try_to_send_s(struct actor_context *context, void *user)
{
	(void)context;
	return hand_send(NULL, *(union hand_address *)user, note, "s");
}

static int try_to_send_m(struct actor_context *context, void *user)
{
	(void)context;
	return hand_send(NULL, *(union hand_address *)user, note, "m");
}

static int send_x(struct actor_context *context, void *user)
{
	return hand_send(context, *(union hand_address *)user, note, "x");
}

static void there_is_a_point_after_started(void **state)
{
	bool seen = false;

	(void)state;
	for (options.seed = 1; options.seed <= 1000; options.seed++) {
		struct actor_executor *executor = open_simulation();
		union hand_address writer = hand_spawn(executor, NULL, 0);
		struct hand self = { .in_started = try_to_send_s, .user = &writer };

		order[0] = '\0';
		tell_and_let_go(hand_spawn(executor, &self, 0), try_to_send_m, &writer);
		tell_and_let_go(hand_spawn(executor, NULL, 0), send_x, &writer);
		assert_int_equal(actor_sleep_until(here(), actor_now(here()) + 1), 0);
		seen |= strcmp(order, "sxm") == 0;
		actor_address_unref(writer.address);
		close_simulation(executor);
	}
	assert_true(seen);
}

/* The thread is one of those whose turn may come, or not yet. */
static void the_thread_has_its_turn_among_the_others(void **state)
{
	unsigned n_late = 0, n_runs = 0;

	(void)state;
	for (options.seed = 1; options.seed <= 200; options.seed++, n_runs++) {
		struct actor_executor *executor = open_simulation();
		union hand_address called = hand_spawn(executor, NULL, 0);
		union hand_address other = hand_spawn(executor, NULL, 0);

		order[0] = '\0';
		assert_int_equal(actor_sleep_until(here(), actor_now(here()) + 1), 0);
		tell(called, send_x, &other);
		assert_int_equal(hand_call(here(), called, note, "c"), 0);
		n_late += strlen(order) == 2;
		actor_address_unref(called.address);
		actor_address_unref(other.address);
		close_simulation(executor);
		assert_int_equal(strlen(order), 2);
	}
	assert_in_range(n_late, 1, n_runs - 1);
}

static void first_in_first_out_is_what_it_says(void **state)
{
	struct actor_executor *executor;

	(void)state;
	options.strategy = ACTOR_SIMULATION_FIFO;
	executor = open_simulation();
	for (const char *at = "abcdefghijklmnopqrstuvwxyz"; *at; at++)
		tell_and_let_go(hand_spawn(executor, NULL, 0), note, (void *)at);
	close_simulation(executor);
	assert_string_equal(order, "abcdefghijklmnopqrstuvwxyz");
}

/* ---- what is found */

/* A world in which something goes wrong if enough happens in a certain order. */
static struct {
	union hand_address sink;
	unsigned n_before; /* steps before anything interesting */
	bool a_is_open;
	bool b_is_open;
	bool has_gone_wrong;
} flaw;

static int ignore_it(struct actor_context *context, void *user)
{
	(void)context, (void)user;
	return 0;
}

static void make_steps(struct actor_context *context, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		actor_ignore(hand_send(context, flaw.sink, ignore_it, NULL));
}

static int open_a(struct actor_context *context, void *user)
{
	(void)user;
	make_steps(context, flaw.n_before);
	flaw.a_is_open = true;
	make_steps(context, 1);
	flaw.a_is_open = false;
	return 0;
}

static int open_b_in_a(struct actor_context *context, void *user)
{
	(void)user;
	make_steps(context, flaw.n_before);
	flaw.b_is_open = flaw.a_is_open;
	make_steps(context, 1);
	flaw.b_is_open = false;
	return 0;
}

static int go_wrong_in_a(struct actor_context *context, void *user)
{
	(void)user;
	make_steps(context, flaw.n_before);
	flaw.has_gone_wrong |= flaw.a_is_open;
	return 0;
}

static int go_wrong_in_b(struct actor_context *context, void *user)
{
	(void)user;
	make_steps(context, flaw.n_before);
	flaw.has_gone_wrong |= flaw.a_is_open && flaw.b_is_open;
	return 0;
}

static int take_long(struct actor_context *context, void *user)
{
	(void)user;
	make_steps(context, flaw.n_before);
	flaw.a_is_open = true;
	return 0;
}

static int go_wrong_when_last(struct actor_context *context, void *user)
{
	(void)context, (void)user;
	flaw.has_gone_wrong |= flaw.a_is_open;
	return 0;
}

static bool goes_wrong(hand_fn *const *functions, unsigned n)
{
	struct actor_executor *executor = open_simulation();

	flaw.has_gone_wrong = flaw.a_is_open = flaw.b_is_open = false;
	flaw.sink = hand_spawn(executor, NULL, ACTOR_UNBOUNDED);
	for (unsigned i = 0; i < n; i++)
		tell_and_let_go(hand_spawn(executor, NULL, 0), functions[i], NULL);
	assert_int_equal(actor_sleep_until(here(), actor_now(here()) + 1), 0);
	actor_address_unref(flaw.sink.address);
	close_simulation(executor);
	return flaw.has_gone_wrong;
}

/* How many seeds it takes, or @most + 1. */
static unsigned n_until_wrong(hand_fn *const *functions, unsigned n, unsigned most)
{
	unsigned i = 1;

	for (options.seed = 1; i <= most && !goes_wrong(functions, n); options.seed++)
		i++;
	return i;
}

/* Somebody makes fifty steps while somebody else makes none. */
static void priorities_find_who_is_slow_for_long(void **state)
{
	static hand_fn *const functions[] = { take_long, go_wrong_when_last };

	(void)state;
	flaw.n_before = 50;
	options.strategy = ACTOR_SIMULATION_PRIORITIES;
	options.depth = 1;
	assert_in_range(n_until_wrong(functions, 2, 20), 1, 20);
	options.strategy = ACTOR_SIMULATION_RANDOM;
	assert_int_equal(n_until_wrong(functions, 2, 1000), 1001);
	options.strategy = ACTOR_SIMULATION_FIFO;
	assert_int_equal(n_until_wrong(functions, 2, 1), 2);
}

/* With n actors and k steps, a flaw of depth d is found with a probability of at least
 * 1 / (n * k^(d - 1)): so five times as many runs miss it once in 150 times, and these seeds do
 * not. */
static void priorities_find_a_flaw_of_depth_2(void **state)
{
	static hand_fn *const functions[] = { open_a, go_wrong_in_a };
	const unsigned n = 4, k = 2 * 21 * 2 + 6;

	(void)state;
	flaw.n_before = 20;
	options.strategy = ACTOR_SIMULATION_PRIORITIES;
	options.length = k;
	options.depth = 2;
	assert_in_range(n_until_wrong(functions, 2, 5 * n * k), 1, 5 * n * k);
	options.depth = 1; /* nobody falls behind */
	assert_int_equal(n_until_wrong(functions, 2, 200), 201);
}

static void priorities_find_a_flaw_of_depth_3(void **state)
{
	static hand_fn *const functions[] = { open_a, open_b_in_a, go_wrong_in_b };
	const unsigned n = 5, k = 3 * 5 * 2 + 6;

	(void)state;
	flaw.n_before = 4;
	options.strategy = ACTOR_SIMULATION_PRIORITIES;
	options.length = k;
	options.depth = 3;
	assert_in_range(n_until_wrong(functions, 3, 5 * n * k * k), 1, 5 * n * k * k);
	options.depth = 2;
	assert_int_equal(n_until_wrong(functions, 3, 1000), 1001);
}

/* ---- the trace */

struct witness {
	uint64_t n_steps;
	uint64_t n_own;
	uint64_t n_actor[3];
	int64_t last_ns;
	bool wrong;
};

static void see(void *user, const struct actor_simulation_step *step)
{
	static const char *const names[] = { "first", "second" };
	struct witness *witness = user;

	witness->wrong |= step->size != sizeof *step || step->number != ++witness->n_steps;
	witness->wrong |= step->now_ns < witness->last_ns || step->actor > 2;
	witness->last_ns = step->now_ns;
	if (step->actor > 2)
		return;
	witness->n_actor[step->actor]++;
	if (step->actor == 0)
		witness->wrong |= step->info != NULL;
	else
		witness->wrong |= !step->info ||
				  strcmp(step->info->name, names[step->actor - 1]) != 0 ||
				  strcmp(step->info->type, "hand") != 0;
}

static void the_trace_shows_each_step(void **state)
{
	struct witness witness = { .n_steps = 0 };
	struct actor_executor *executor;
	union hand_address second;

	(void)state;
	options.trace = see;
	options.user = &witness;
	for (options.seed = 1; options.seed <= 20; options.seed++) {
		witness = (struct witness){ .n_steps = 0 };
		executor = open_simulation();
		tell_and_let_go(spawn_named(executor, "first", NULL), note, "x");
		second = spawn_named(executor, "second", NULL);
		assert_int_equal(actor_sleep_until(here(), actor_now(here()) + 5), 0);
		assert_int_equal(hand_call(here(), second, note, "x"), 0);
		actor_address_unref(second.address);
		close_simulation(executor);
		assert_false(witness.wrong);
		assert_in_range(witness.n_actor[0], 2, 3);
		assert_in_range(witness.n_actor[1], 1, 2);
		assert_in_range(witness.n_actor[2], 2, 4);
	}
}

/* ---- time */

static int sleep_for(struct actor_context *context, void *user)
{
	int64_t hours = *(const char *)user - '0';

	actor_ignore(actor_sleep_until(context, actor_now(context) + hours * HOUR_NS));
	return note(context, user);
}

static void an_hour_takes_no_time(void **state)
{
	int64_t used_ns = test_thread_time_ns(), begin_ns;
	struct actor_executor *executor = open_simulation();
	union hand_address hand = hand_spawn(executor, NULL, 0);

	(void)state;
	begin_ns = actor_now(here());
	assert_int_equal(hand_call(here(), hand, sleep_for, "1"), 0);
	assert_int_equal(actor_now(here()), begin_ns + HOUR_NS);
	assert_int_equal(actor_sleep_until(here(), begin_ns + 100 * HOUR_NS), 0);
	assert_int_equal(actor_now(here()), begin_ns + 100 * HOUR_NS);
	actor_address_unref(hand.address);
	close_simulation(executor);
	assert_in_range(test_thread_time_ns() - used_ns, 0, 2000000000);
	executor = open_simulation();
	assert_int_equal(actor_now(here()), begin_ns); /* each begins at the same time */
	close_simulation(executor);
}

static void timers_go_off_in_their_order(void **state)
{
	(void)state;
	for (options.seed = 1; options.seed <= 50; options.seed++) {
		struct actor_executor *executor = open_simulation();

		order[0] = '\0';
		for (const char *at = "729518346"; *at; at++)
			tell_and_let_go(hand_spawn(executor, NULL, 0), sleep_for, (void *)at);
		close_simulation(executor);
		assert_string_equal(order, "123456789");
	}
}

/* Nobody's deadline passes while anybody can do something. */
static int work_for_long(struct actor_context *context, void *user)
{
	union hand_address *sink = user;
	int64_t begin_ns = actor_now(context);

	for (unsigned i = 0; i < 1000; i++)
		actor_ignore(hand_send(context, *sink, ignore_it, NULL));
	return actor_now(context) == begin_ns ? note(context, "w") : 0;
}

static void time_stands_still_while_somebody_is_ready(void **state)
{
	(void)state;
	for (options.seed = 1; options.seed <= 20; options.seed++) {
		struct actor_executor *executor = open_simulation();
		union hand_address sink = hand_spawn(executor, NULL, 1);
		struct errand errand = { sleep_for, "1" };
		union hand_address sleeper = hand_spawn(executor, NULL, 0);
		int answer;

		order[0] = '\0';
		tell_and_let_go(hand_spawn(executor, NULL, 0), work_for_long, &sink);
		/* The answer comes later than that, and the deadline passes. */
		assert_int_equal(ACTOR_CALL_UNTIL(here(), sleeper, errand, &answer,
						  actor_now(here()) + 1, &errand),
				 ACTOR_E_TIMEOUT);
		assert_string_equal(order, "w");
		actor_address_unref(sink.address);
		actor_address_unref(sleeper.address);
		close_simulation(executor);
	}
}

/* A deadline and an answer: whichever comes first. */
static void what_is_due_at_the_same_time_comes_in_any_order(void **state)
{
	unsigned n_in_time = 0, n_runs = 0;

	(void)state;
	for (options.seed = 1; options.seed <= 100; options.seed++, n_runs++) {
		struct actor_executor *executor = open_simulation();
		union hand_address sleeper = hand_spawn(executor, NULL, 0);
		struct errand errand = { sleep_for, "1" };
		int answer, rc;

		rc = ACTOR_CALL_UNTIL(here(), sleeper, errand, &answer, actor_now(here()) + HOUR_NS,
				      &errand);
		assert_true(rc == 0 || rc == ACTOR_E_TIMEOUT);
		n_in_time += rc == 0;
		actor_address_unref(sleeper.address);
		close_simulation(executor);
	}
	assert_in_range(n_in_time, 1, n_runs - 1);
}

static void a_join_may_time_out(void **state)
{
	struct actor_executor *executor = open_simulation();
	union hand_address hand = hand_spawn(executor, NULL, 0);
	int64_t now_ns = actor_now(here());

	(void)state;
	assert_int_equal(actor_executor_join(executor, ACTOR_AT_ONCE), ACTOR_E_TIMEOUT);
	assert_int_equal(actor_executor_join(executor, now_ns + HOUR_NS), ACTOR_E_TIMEOUT);
	assert_int_equal(actor_now(here()), now_ns + HOUR_NS);
	actor_address_unref(hand.address);
	close_simulation(executor);
	assert_string_equal(said, "");
}

/* ---- callbacks that wait */

/* Each end is told to a callback that waits for others, among them the next one to end. */
struct downfall {
	struct hand_mailbox mailboxes[4];
	union hand_address hands[4];
	union hand_address sleeper;
	unsigned at, n_wrong;
};

static int fall(struct actor_context *context, void *user)
{
	(void)user;
	ACTOR_FAIL(context, "as it was told");
}

static void fall_on(void *user, struct actor_end *end)
{
	struct downfall *downfall = user;
	unsigned next = ++downfall->at;

	downfall->n_wrong += end->how != ACTOR_ENDED_FAILED;
	downfall->n_wrong += hand_call(here(), downfall->sleeper, sleep_for, "1") != 0;
	if (next < N_ELEMENTS(downfall->hands))
		downfall->n_wrong += hand_call(here(), downfall->hands[next], fall, NULL) !=
				     ACTOR_E_STOPPED;
	downfall->n_wrong += actor_sleep_until(here(), actor_now(here()) + HOUR_NS) != 0;
}

/* Waits within waits, all on one stack and one thread. */
static void callbacks_that_wait_run_others_meanwhile(void **state)
{
	(void)state;
	for (options.seed = 1; options.seed <= 100; options.seed++) {
		struct actor_executor *executor = open_simulation();
		struct actor_spawner *spawner = actor_executor_spawner(executor);
		struct downfall downfall = { .sleeper = hand_spawn(executor, NULL, 0) };
		const unsigned n = N_ELEMENTS(downfall.hands);

		for (unsigned i = 0; i < n; i++) {
			struct hand_mailbox *mailbox = &downfall.mailboxes[i];

			assert_int_equal(ACTOR_MAILBOX_CREATE(hand, spawner, NULL, mailbox), 0);
			downfall.hands[i] = ACTOR_MAILBOX_ADDRESS(hand, *mailbox);
			assert_int_equal(
				ACTOR_MAILBOX_START(hand, *mailbox, NULL, fall_on, &downfall), 0);
		}
		assert_int_equal(hand_call(here(), downfall.hands[0], fall, NULL), ACTOR_E_STOPPED);
		actor_address_unref(downfall.sleeper.address);
		assert_int_equal(actor_executor_join(executor, ACTOR_FOREVER), 0);
		assert_int_equal(downfall.at, n);
		assert_int_equal(downfall.n_wrong, 0);
		for (unsigned i = 0; i < n; i++) {
			actor_address_unref(downfall.hands[i].address);
			actor_mailbox_detach(downfall.mailboxes[i].mailbox);
		}
		close_simulation(executor);
	}
}

/* ---- what leads nowhere */

struct pair {
	union hand_address other;
	int status;
};

static int call_the_other(struct actor_context *context, void *user)
{
	struct pair *pair = user;

	pair->status = hand_call(context, pair->other, ignore_it, NULL);
	return pair->status;
}

static void end_by_force(struct actor_executor *executor)
{
	actor_executor_close(executor);
	close_simulation(executor);
}

static void a_deadlock_names_those_who_wait(void **state)
{
	struct actor_executor *executor = open_simulation();
	union hand_address left = spawn_named(executor, "left", NULL);
	union hand_address right = spawn_named(executor, "right", NULL);
	union hand_address idle = spawn_named(executor, "idle", NULL);
	struct pair from_left = { right, 0 }, from_right = { left, 0 };

	(void)state;
	tell(left, call_the_other, &from_left);
	assert_int_equal(hand_call(here(), right, call_the_other, &from_right), ACTOR_E_DEADLOCK);
	assert_non_null(strstr(said, "[left: test.job: waits]"));
	assert_non_null(strstr(said, "[right: test.errand: waits]"));
	assert_null(strstr(said, "idle"));
	assert_non_null(strstr(said, "[a simulation waits for what will never happen]"));

	/* A deadline is something that will happen. */
	said[0] = '\0';
	assert_int_equal(actor_executor_join(executor, actor_now(here()) + 1), ACTOR_E_TIMEOUT);
	assert_string_equal(said, "");
	assert_int_equal(actor_executor_join(executor, ACTOR_FOREVER), ACTOR_E_DEADLOCK);
	end_by_force(executor);
	assert_int_equal(from_left.status, ACTOR_E_CANCELLED);
	assert_int_equal(from_right.status, ACTOR_E_CANCELLED);
	actor_address_unref(left.address);
	actor_address_unref(right.address);
	actor_address_unref(idle.address);
}

/* In `started` there is no message in hand. */
static void a_deadlock_may_be_in_a_hook(void **state)
{
	struct actor_executor *executor = open_simulation();
	struct hand_mailbox never = { NULL };
	struct pair pair = { { NULL }, 0 };
	struct hand self = { .in_started = call_the_other, .user = &pair };

	(void)state;
	assert_int_equal(ACTOR_MAILBOX_CREATE(hand, actor_executor_spawner(executor), NULL, &never),
			 0);
	pair.other = ACTOR_MAILBOX_ADDRESS(hand, never);
	actor_address_unref(spawn_named(executor, "starter", &self).address);
	assert_int_equal(actor_executor_join(executor, ACTOR_FOREVER), ACTOR_E_DEADLOCK);
	assert_non_null(strstr(said, "[starter: waits]"));
	actor_mailbox_destroy(never.mailbox);
	assert_int_equal(actor_executor_join(executor, ACTOR_FOREVER), 0);
	assert_int_equal(pair.status, ACTOR_E_STOPPED);
	actor_address_unref(pair.other.address);
	close_simulation(executor);
}

static void a_deadlock_names_those_who_are_held_when_nobody_waits(void **state)
{
	struct actor_executor *executor = open_simulation();
	union hand_address held = spawn_named(executor, "held", NULL);

	(void)state;
	assert_int_equal(actor_executor_join(executor, ACTOR_FOREVER), ACTOR_E_DEADLOCK);
	assert_non_null(strstr(said, "[held: is idle"));
	actor_address_unref(held.address);
	close_simulation(executor);
}

static void a_wait_for_room_may_be_a_deadlock(void **state)
{
	struct actor_executor *executor = open_simulation();
	struct hand_mailbox full = { NULL };
	union hand_address hand;

	(void)state;
	assert_int_equal(ACTOR_MAILBOX_CREATE(hand, actor_executor_spawner(executor),
					      ACTOR_OPTIONS(.capacity = 1), &full),
			 0);
	hand = ACTOR_MAILBOX_ADDRESS(hand, full);
	assert_int_equal(hand_send(here(), hand, ignore_it, NULL), 0);
	assert_int_equal(hand_send(here(), hand, ignore_it, NULL), ACTOR_E_DEADLOCK);
	actor_address_unref(hand.address);
	actor_mailbox_destroy(full.mailbox);
	close_simulation(executor);
}

struct restless {
	union hand_address self;
	bool over;
};

static int be_restless(struct actor_context *context, void *user)
{
	struct restless *restless = user;

	return restless->over ? 0 : hand_send(context, restless->self, be_restless, restless);
}

static void steps_come_to_an_end(void **state)
{
	struct restless restless = { .over = false };
	struct actor_executor *executor;
	struct hand_mailbox full = { NULL };
	union hand_address hand;

	(void)state;
	options.most_steps = 1000;
	executor = open_simulation();
	restless.self = hand_spawn(executor, NULL, 0);
	assert_int_equal(ACTOR_MAILBOX_CREATE(hand, actor_executor_spawner(executor),
					      ACTOR_OPTIONS(.capacity = 1), &full),
			 0);
	hand = ACTOR_MAILBOX_ADDRESS(hand, full);
	tell(restless.self, be_restless, &restless);
	assert_int_equal(hand_call(here(), hand, ignore_it, NULL), ACTOR_E_TIMEOUT);
	assert_string_equal(said, "[a simulation has made as many steps as it may]");
	assert_int_equal(hand_send(here(), hand, ignore_it, NULL), ACTOR_E_FULL);
	assert_int_equal(actor_executor_join(executor, ACTOR_FOREVER), ACTOR_E_TIMEOUT);
	restless.over = true; /* and after each of these it may go on */
	actor_address_unref(restless.self.address);
	actor_address_unref(hand.address);
	actor_mailbox_destroy(full.mailbox);
	close_simulation(executor);
}

/* ---- the seed */

static void a_seed_may_come_from_the_environment(void **state)
{
	static const char *const wrong[] = { "0", "-1", "x", "12x", " 7", "99999999999999999999" };
	struct actor_executor *executor;

	(void)state;
	options.seed = 0;
	setenv("ACTOR_SEED", "4711", 1);
	executor = open_simulation();
	assert_int_equal(actor_simulation_seed(executor), 4711);
	close_simulation(executor);
	for (unsigned i = 0; i < N_ELEMENTS(wrong); i++) {
		setenv("ACTOR_SEED", wrong[i], 1);
		assert_int_equal(actor_simulation_create(&options, &executor), ACTOR_E_INVALID);
	}
	options.seed = 3;
	executor = open_simulation();
	assert_int_equal(actor_simulation_seed(executor), 3);
	close_simulation(executor);
}

static void a_seed_may_be_fresh(void **state)
{
	struct actor_executor *executor;
	uint64_t seed = 0;
	bool differ = false;

	(void)state;
	setenv("ACTOR_SEED", "", 1); /* as if it were not there */
	for (unsigned i = 0; i < 10; i++) {
		assert_int_equal(actor_simulation_create(NULL, &executor), 0);
		assert_true(actor_simulation_seed(executor) != 0);
		differ |= i > 0 && actor_simulation_seed(executor) != seed;
		seed = actor_simulation_seed(executor);
		close_simulation(executor);
	}
	assert_true(differ);
}

static void choices_come_from_the_seed(void **state)
{
	struct actor_executor *executor = open_simulation();
	unsigned n_of[6] = { 0 };
	uint64_t first[100];

	(void)state;
	for (unsigned i = 0; i < 600; i++)
		n_of[actor_simulation_choose(executor, 6)]++;
	for (unsigned i = 0; i < 6; i++)
		assert_in_range(n_of[i], 50, 150);
	close_simulation(executor);
	for (unsigned round = 0; round < 2; round++) {
		executor = open_simulation();
		assert_int_equal(actor_simulation_choose(executor, 1), 0);
		for (unsigned i = 0; i < 100; i++)
			if (round == 0)
				first[i] = actor_simulation_choose(executor, UINT64_MAX);
			else
				assert_true(actor_simulation_choose(executor, UINT64_MAX) ==
					    first[i]);
		close_simulation(executor);
	}
}

/* ---- memory */

static void the_nth_allocation_fails(void **state)
{
	struct actor_executor *executor = open_simulation();
	struct actor_spawner *spawner = actor_executor_spawner(executor);
	union hand_address hand;

	(void)state;
	actor_simulation_fail_nth(1);
	assert_int_equal(ACTOR_SPAWN(hand, spawner, NULL, NULL, &hand), ACTOR_E_NOMEM);
	assert_int_equal(ACTOR_SPAWN(hand, spawner, NULL, NULL, &hand), 0);
	assert_int_equal(hand_call(here(), hand, ignore_it, NULL), 0);
	actor_simulation_fail_nth(1); /* the reply */
	assert_int_equal(hand_call(here(), hand, ignore_it, NULL), ACTOR_E_NOMEM);
	actor_simulation_fail_nth(2); /* the envelope */
	assert_int_equal(hand_call(here(), hand, ignore_it, NULL), ACTOR_E_NOMEM);
	assert_int_equal(actor_simulation_fail_nth(0), 2);
	assert_int_equal(hand_call(here(), hand, ignore_it, NULL), 0);
	assert_int_equal(actor_simulation_fail_nth(0), 2); /* it has its stack from before */
	actor_address_unref(hand.address);
	close_simulation(executor);
	actor_simulation_fail_nth(1);
	assert_int_equal(actor_simulation_create(&options, &executor), ACTOR_E_NOMEM);
	assert_int_equal(actor_simulation_fail_nth(0), 1);
}

/* What is in the pools of a thread counts like all else: also without a simulation. */
static void pools_are_no_help(void **state)
{
	struct actor_executor *executor;
	union hand_address hand;

	(void)state;
	assert_int_equal(actor_local_create(&executor), 0);
	hand = hand_spawn(executor, NULL, 0);
	for (unsigned i = 0; i < 10; i++)
		assert_int_equal(hand_call(here(), hand, ignore_it, NULL), 0);
	for (uint64_t n = 1; n <= 2; n++) {
		actor_simulation_fail_nth(n);
		assert_int_equal(hand_call(here(), hand, ignore_it, NULL), ACTOR_E_NOMEM);
	}
	actor_simulation_fail_nth(3); /* a stack: tried again, without anybody's noticing */
	assert_int_equal(hand_call(here(), hand, ignore_it, NULL), 0);
	assert_int_equal(actor_simulation_fail_nth(0), 4);
	actor_address_unref(hand.address);
	close_simulation(executor);
}

/* The array of those who are ready does not grow: they wait for their turn all the same. */
static void who_is_ready_needs_no_memory(void **state)
{
	struct actor_executor *executor = open_simulation();
	union hand_address hands[100];
	unsigned n_refused = 0;

	(void)state;
	for (unsigned i = 0; i < N_ELEMENTS(hands); i++) {
		actor_simulation_fail_nth(2); /* the one after the actor itself */
		hands[i] = hand_spawn(executor, NULL, 0);
		n_refused += actor_simulation_fail_nth(0) == 2;
		tell(hands[i], note, "x");
	}
	assert_in_range(n_refused, 50, 99);
	assert_int_equal(actor_sleep_until(here(), actor_now(here()) + 1), 0);
	assert_int_equal(strlen(order), N_ELEMENTS(hands));
	for (unsigned i = 0; i < N_ELEMENTS(hands); i++)
		actor_address_unref(hands[i].address);
	close_simulation(executor);
}

static void allocations_fail_by_chance(void **state)
{
	char results[2][301] = { "", "" };

	(void)state;
	for (unsigned round = 0; round < 2; round++) {
		struct actor_executor *executor = open_simulation();
		union hand_address hand = hand_spawn(executor, NULL, 0);

		actor_simulation_fail_some(executor, 10);
		for (unsigned i = 0; i < 300; i++)
			results[round][i] = hand_call(here(), hand, ignore_it, NULL) == 0 ? '.'
											  : 'x';
		actor_address_unref(hand.address);
		close_simulation(executor);
		assert_in_range(actor_simulation_fail_nth(0), 301, 600);
	}
	assert_string_equal(results[0], results[1]);
	assert_non_null(strchr(results[0], '.'));
	assert_non_null(strchr(results[0], 'x'));
}

/* ---- one seed after the other */

struct trial {
	uint64_t fails_at;
	uint64_t last_seed;
	uint64_t last_trace;
	unsigned n_runs;
	int (*more)(struct actor_executor *executor);
	union hand_address kept;
};

static int try_it(struct actor_executor *executor, void *user)
{
	struct trial *trial = user;
	union hand_address writer = hand_spawn(executor, NULL, ACTOR_UNBOUNDED);
	struct speaker speakers[2] = { { writer, "aaaa" }, { writer, "bbbb" } };

	trial->n_runs++;
	trial->last_seed = actor_simulation_seed(executor);
	for (unsigned i = 0; i < 2; i++)
		tell_and_let_go(hand_spawn(executor, NULL, 0), speak, &speakers[i]);
	actor_ignore(actor_sleep_until(here(), actor_now(here()) + 1));
	actor_address_unref(writer.address);
	trial->last_trace = actor_simulation_trace(executor);
	if (trial->more)
		return trial->more(executor);
	return trial->last_seed == trial->fails_at ? -12345 : 0;
}

static void a_check_runs_one_seed_after_the_other(void **state)
{
	struct trial trial = { .n_runs = 0 };

	(void)state;
	options.seed = 100;
	assert_int_equal(actor_simulation_check(&options, 20, try_it, &trial), 0);
	assert_int_equal(trial.n_runs, 20);
	assert_int_equal(trial.last_seed, 119);
	assert_string_equal(said, "");
	assert_int_equal(actor_simulation_check(NULL, 3, try_it, &trial), 0);
	assert_int_equal(trial.n_runs, 23);
}

static void the_first_failure_is_the_last(void **state)
{
	struct trial trial = { .fails_at = 7 };
	uint64_t trace;

	(void)state;
	assert_int_equal(actor_simulation_check(&options, 20, try_it, &trial), -12345);
	assert_int_equal(trial.n_runs, 7);
	assert_non_null(strstr(said, "[ACTOR_SEED=7]"));

	/* With that in the environment, it is run again, and nothing else. */
	trace = trial.last_trace;
	trial = (struct trial){ .fails_at = 7 };
	setenv("ACTOR_SEED", "7", 1);
	assert_int_equal(actor_simulation_check(&options, 20, try_it, &trial), -12345);
	assert_int_equal(trial.n_runs, 1);
	assert_true(trial.last_trace == trace);
	setenv("ACTOR_SEED", "seven", 1);
	assert_int_equal(actor_simulation_check(&options, 20, try_it, &trial), ACTOR_E_INVALID);
	assert_int_equal(trial.n_runs, 1);
}

static union hand_address kept;

static int keep_an_address(struct actor_executor *executor)
{
	kept = spawn_named(executor, "kept", NULL);
	return 0;
}

static int keep_a_weak_address(struct actor_executor *executor)
{
	union hand_address hand = hand_spawn(executor, NULL, 0);

	kept.address = actor_address_weak(hand.address);
	actor_address_unref(hand.address);
	return 0;
}

static int overlook_a_deadlock(struct actor_executor *executor)
{
	struct actor_reply *reply;

	(void)executor;
	assert_int_equal(here()->ops->reply_open(here(), actor_join_type(), &reply), 0);
	actor_ignore(actor_await_replies(here(), &reply, 1, sizeof reply, ACTOR_AWAIT_ALL,
					 ACTOR_FOREVER));
	actor_reply_deliver(reply, ACTOR_E_STOPPED, NULL);
	actor_ignore(here()->ops->reply_close(here(), reply, NULL));
	return 0;
}

static int fail_in_the_midst(struct actor_executor *executor)
{
	tell_and_let_go(hand_spawn(executor, NULL, 0), sleep_for, "9");
	return -77;
}

static void a_run_fails_that_does_not_come_to_an_end(void **state)
{
	struct trial trial = { .more = keep_an_address };

	(void)state;
	assert_int_equal(actor_simulation_check(&options, 2, try_it, &trial), ACTOR_E_DEADLOCK);
	assert_non_null(strstr(said, "[kept: is idle"));
	actor_address_unref(kept.address);
	trial.more = keep_a_weak_address;
	assert_int_equal(actor_simulation_check(&options, 2, try_it, &trial), ACTOR_E_BUSY);
	actor_address_unref(kept.address);
	trial.more = overlook_a_deadlock;
	assert_int_equal(actor_simulation_check(&options, 2, try_it, &trial), ACTOR_E_DEADLOCK);
	trial.more = fail_in_the_midst;
	assert_int_equal(actor_simulation_check(&options, 2, try_it, &trial), -77);
	assert_int_equal(trial.n_runs, 4);
}

/* ---- where it may be */

static void *try_elsewhere(void *user)
{
	bool joins = actor_executor_join(user, ACTOR_FOREVER) != ACTOR_E_INVALID;
	bool destroys = actor_executor_destroy(user) != ACTOR_E_INVALID;

	return joins || destroys ? user : NULL;
}

static int try_in_handler(struct actor_context *context, void *user)
{
	struct actor_executor *other;

	(void)context;
	if (actor_executor_join(user, ACTOR_FOREVER) != ACTOR_E_INVALID)
		return -1;
	return actor_simulation_create(&options, &other) == ACTOR_E_INVALID ? 0 : -2;
}

static void a_thread_has_one_and_keeps_to_it(void **state)
{
	struct actor_executor *executor = open_simulation(), *other;
	union hand_address hand = hand_spawn(executor, NULL, 0);
	pthread_t thread;
	void *wrong;

	(void)state;
	assert_int_equal(actor_simulation_create(&options, &other), ACTOR_E_BUSY);
	assert_int_equal(actor_local_create(&other), ACTOR_E_BUSY);
	assert_int_equal(hand_call(here(), hand, try_in_handler, executor), 0);
	assert_int_equal(pthread_create(&thread, NULL, try_elsewhere, executor), 0);
	pthread_join(thread, &wrong);
	assert_null(wrong);
	actor_address_unref(hand.address);
	close_simulation(executor);
	assert_int_equal(actor_local_create(&other), 0);
	assert_int_equal(actor_simulation_create(&options, &executor), ACTOR_E_BUSY);
	close_simulation(other);
}

static void options_must_make_sense(void **state)
{
	struct actor_executor *executor;

	(void)state;
	options.depth = 33;
	assert_int_equal(actor_simulation_create(&options, &executor), ACTOR_E_INVALID);
	options.depth = 32;
	options.strategy = (enum actor_simulation_strategy)3;
	assert_int_equal(actor_simulation_create(&options, &executor), ACTOR_E_INVALID);
	options.size = offsetof(struct actor_simulation_options, strategy); /* as if unknown */
	close_simulation(open_simulation());
}

/* Nobody can replay when they come, but no message is lost. */
static void *send_from_elsewhere(void *user)
{
	union hand_address hand = { user };

	for (unsigned i = 0; i < 1000; i++)
		if (hand_send(here(), hand, note, "x") != 0)
			abort();
	actor_address_unref(hand.address);
	return NULL;
}

static void other_threads_do_no_harm(void **state)
{
	struct actor_executor *executor = open_simulation();
	union hand_address hand = hand_spawn(executor, NULL, 2);
	int64_t patience_ns = test_deadline() - actor__now(), begin_ns = actor__now();
	pthread_t threads[2];

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		actor_address_ref(hand.address);
		assert_int_equal(
			pthread_create(&threads[i], NULL, send_from_elsewhere, hand.address), 0);
	}
	actor_address_unref(hand.address);
	/* Its time passes at once; theirs does not. */
	while (actor_executor_join(executor, actor_now(here()) + 1) != 0) {
		assert_true(actor__now() - begin_ns < patience_ns);
		sched_yield();
	}
	for (unsigned i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
	close_simulation(executor);
	assert_int_equal(strlen(order), sizeof order - 1);
}

#define SIMULATION_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		SIMULATION_TEST(the_same_seed_makes_the_same_run),
		SIMULATION_TEST(another_seed_makes_another_run),
		SIMULATION_TEST(every_order_of_messages_is_possible),
		SIMULATION_TEST(there_is_a_point_before_each_call),
		SIMULATION_TEST(there_is_a_point_after_started),
		SIMULATION_TEST(the_thread_has_its_turn_among_the_others),
		SIMULATION_TEST(first_in_first_out_is_what_it_says),
		SIMULATION_TEST(priorities_find_who_is_slow_for_long),
		SIMULATION_TEST(priorities_find_a_flaw_of_depth_2),
		SIMULATION_TEST(priorities_find_a_flaw_of_depth_3),
		SIMULATION_TEST(the_trace_shows_each_step),
		SIMULATION_TEST(an_hour_takes_no_time),
		SIMULATION_TEST(timers_go_off_in_their_order),
		SIMULATION_TEST(time_stands_still_while_somebody_is_ready),
		SIMULATION_TEST(what_is_due_at_the_same_time_comes_in_any_order),
		SIMULATION_TEST(a_join_may_time_out),
		SIMULATION_TEST(callbacks_that_wait_run_others_meanwhile),
		SIMULATION_TEST(a_deadlock_names_those_who_wait),
		SIMULATION_TEST(a_deadlock_may_be_in_a_hook),
		SIMULATION_TEST(a_deadlock_names_those_who_are_held_when_nobody_waits),
		SIMULATION_TEST(a_wait_for_room_may_be_a_deadlock),
		SIMULATION_TEST(steps_come_to_an_end),
		SIMULATION_TEST(a_seed_may_come_from_the_environment),
		SIMULATION_TEST(a_seed_may_be_fresh),
		SIMULATION_TEST(choices_come_from_the_seed),
		SIMULATION_TEST(the_nth_allocation_fails),
		SIMULATION_TEST(pools_are_no_help),
		SIMULATION_TEST(who_is_ready_needs_no_memory),
		SIMULATION_TEST(allocations_fail_by_chance),
		SIMULATION_TEST(a_check_runs_one_seed_after_the_other),
		SIMULATION_TEST(the_first_failure_is_the_last),
		SIMULATION_TEST(a_run_fails_that_does_not_come_to_an_end),
		SIMULATION_TEST(a_thread_has_one_and_keeps_to_it),
		SIMULATION_TEST(options_must_make_sense),
		SIMULATION_TEST(other_threads_do_no_harm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
