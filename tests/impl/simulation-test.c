/* SPDX-License-Identifier: MIT */

/* Simulations: in which order steps are made, what time does, and who may take part. */

#include "simulation-fixture.h"

#include "context.h"

#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

/* ---- who comes next */

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
	wait_for_all();
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
		wait_for_all();
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
		wait_for_all();
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
		wait_for_all();
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

/* Others may come in between before what the thread sends, as in a handler: an order of notes is
 * seen that there cannot be otherwise. */
static bool is_seen(const char *wanted,
		    void (*play)(struct actor_executor *executor, union hand_address one,
				 union hand_address other))
{
	bool seen = false;

	for (options.seed = 1; options.seed <= 200 && !seen; options.seed++) {
		struct actor_executor *executor = open_simulation();
		union hand_address one = hand_spawn(executor, NULL, 0);
		union hand_address other = hand_spawn(executor, NULL, 0);

		wait_for_all();
		order[0] = '\0';
		play(executor, one, other);
		actor_address_unref(one.address);
		actor_address_unref(other.address);
		close_simulation(executor);
		seen = strcmp(order, wanted) == 0;
	}
	return seen;
}

static void send_twice(struct actor_executor *executor, union hand_address one,
		       union hand_address other)
{
	(void)executor;
	tell(one, note, "a");
	assert_int_equal(hand_send(here(), other, ignore_it, NULL), 0);
	note(NULL, "t");
}

static void send_and_begin_a_call(struct actor_executor *executor, union hand_address one,
				  union hand_address other)
{
	struct errand errand = { ignore_it, NULL };
	struct actor_future future;
	int answer;

	(void)executor;
	tell(one, note, "a");
	assert_int_equal(ACTOR_CALL_BEGIN(here(), &future, other, errand, &answer, &errand), 0);
	note(NULL, "t");
	assert_int_equal(actor_future_await(&future, ACTOR_FOREVER), 0);
}

static void send_and_call_in_thread(struct actor_executor *executor, union hand_address one,
				    union hand_address other)
{
	(void)executor;
	tell(one, send_x, &other);
	assert_int_equal(hand_call(here(), other, note, "c"), 0);
}

static void there_is_a_point_before_what_the_thread_sends(void **state)
{
	(void)state;
	assert_true(is_seen("ta", send_twice));
	assert_true(is_seen("at", send_twice));
	assert_true(is_seen("ta", send_and_begin_a_call));
	assert_true(is_seen("at", send_and_begin_a_call));
	assert_true(is_seen("cx", send_and_call_in_thread));
	assert_true(is_seen("xc", send_and_call_in_thread));
}

/* A callback is in the midst of a step: what it sends is no point, or they would lie one within the
 * other, as deep as there are any. */
static void note_the_end(void *user, struct actor_end *end)
{
	(void)end;
	note(NULL, "b");
	actor_ignore(hand_send(here(), *(union hand_address *)user, note, "m"));
	note(NULL, "e");
}

static void end_and_tell(struct actor_executor *executor, union hand_address one,
			 union hand_address other)
{
	struct hand_mailbox mailbox;
	union hand_address ends;

	assert_int_equal(
		ACTOR_MAILBOX_CREATE(hand, actor_executor_spawner(executor), NULL, &mailbox), 0);
	ends = ACTOR_MAILBOX_ADDRESS(hand, mailbox);
	assert_int_equal(ACTOR_MAILBOX_START(hand, mailbox, NULL, note_the_end, &other), 0);
	actor_address_unref(ends.address);
	actor_mailbox_detach(mailbox.mailbox);
	tell(one, note, "o");
	wait_for_all();
}

static void a_callback_is_part_of_a_step(void **state)
{
	(void)state;
	assert_true(is_seen("obem", end_and_tell));
	assert_true(is_seen("beom", end_and_tell));
	assert_false(is_seen("boem", end_and_tell));
}

/* A handler lets the thread go first, that it has woken, though no actor is ready. */
struct helper {
	struct actor_reply *reply;
	union hand_address sink;
	bool is_done;
};

static int wake_and_send(struct actor_context *context, void *user)
{
	struct helper *helper = user;
	int rc;

	actor_reply_deliver(helper->reply, ACTOR_E_STOPPED, NULL);
	rc = hand_send(context, helper->sink, ignore_it, NULL);
	helper->is_done = true;
	return rc;
}

static void who_is_woken_may_come_next(void **state)
{
	unsigned n_done = 0, n_runs = 0;

	(void)state;
	for (options.seed = 1; options.seed <= 200; options.seed++, n_runs++) {
		struct actor_executor *executor = open_simulation();
		union hand_address hand = hand_spawn(executor, NULL, 0);
		struct helper helper = { .sink = hand_spawn(executor, NULL, 0) };

		assert_int_equal(here()->ops->reply_open(here(), actor_join_type(), &helper.reply),
				 0);
		wait_for_all();
		tell(hand, wake_and_send, &helper);
		assert_int_equal(actor_await_replies(here(), &helper.reply, 1, sizeof helper.reply,
						     ACTOR_AWAIT_ALL, ACTOR_FOREVER),
				 0);
		n_done += helper.is_done;
		actor_ignore(here()->ops->reply_close(here(), helper.reply, NULL));
		wait_for_all();
		assert_true(helper.is_done);
		actor_address_unref(hand.address);
		actor_address_unref(helper.sink.address);
		close_simulation(executor);
	}
	assert_in_range(n_done, 1, n_runs - 1);
}

/* And timers, whose time has come. */
static int set_timer_and_send(struct actor_context *context, void *user)
{
	union hand_address *others = user;
	int rc = ACTOR_TIMER_ONCE(actor_executor_of(context), others[0], job, actor_now(context),
				  NULL, &(struct job){ note, "t" });

	if (rc == 0)
		rc = hand_send(context, others[1], ignore_it, NULL);
	note(NULL, "x");
	return rc;
}

static void set_timer_in_handler(struct actor_executor *executor, union hand_address one,
				 union hand_address other)
{
	union hand_address setter = hand_spawn(executor, NULL, 0);
	union hand_address others[2] = { one, other };

	tell_and_let_go(setter, set_timer_and_send, others);
	wait_for_all();
}

static void what_is_due_may_come_next(void **state)
{
	(void)state;
	assert_true(is_seen("xt", set_timer_in_handler));
	assert_true(is_seen("tx", set_timer_in_handler));
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

static int call_in_time(struct actor_context *context, void *user)
{
	struct errand errand = { ignore_it, NULL };
	int answer;

	return ACTOR_CALL_UNTIL(context, *(union hand_address *)user, errand, &answer,
				actor_now(context) + HOUR_NS, &errand);
}

/* A deadline that was met is none any more. */
static void time_does_not_pass_for_nothing(void **state)
{
	struct actor_executor *executor = open_simulation();
	union hand_address caller = hand_spawn(executor, NULL, 0);
	union hand_address called = hand_spawn(executor, NULL, 0);
	int64_t begin_ns = actor_now(here());

	(void)state;
	assert_int_equal(hand_call(here(), caller, call_in_time, &called), 0);
	assert_int_equal(actor_executor_join(executor, ACTOR_FOREVER), ACTOR_E_DEADLOCK);
	assert_int_equal(actor_now(here()), begin_ns);
	actor_address_unref(caller.address);
	actor_address_unref(called.address);
	close_simulation(executor);
}

/* Those who are woken by it, and those who are ready anyway. */
static void timers_go_off_at_any_moment_of_their_time(void **state)
{
	unsigned n_first = 0, n_runs = 0;

	(void)state;
	for (options.seed = 1; options.seed <= 100; options.seed++, n_runs++) {
		struct actor_executor *executor = open_simulation();
		union hand_address writer = hand_spawn(executor, NULL, 0);
		union hand_address other = hand_spawn(executor, NULL, 0);

		order[0] = '\0';
		wait_for_all();
		assert_int_equal(ACTOR_TIMER_ONCE(executor, writer, job, actor_now(here()), NULL,
						  &(struct job){ note, "t" }),
				 0);
		tell(other, send_x, &writer);
		wait_for_all();
		assert_int_equal(strlen(order), 2);
		n_first += order[0] == 't';
		actor_address_unref(writer.address);
		actor_address_unref(other.address);
		close_simulation(executor);
	}
	assert_in_range(n_first, 1, n_runs - 1);
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
	/* As if it had been compiled before there were any after the seed. */
	options.size = offsetof(struct actor_simulation_options, strategy);
	options.seed = 77;
	executor = open_simulation();
	assert_int_equal(actor_simulation_seed(executor), 77);
	close_simulation(executor);
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

#define SIMULATION_TEST(name)                                                                      \
	cmocka_unit_test_setup_teardown(name, simulation_set_up, simulation_tear_down)

/* ---- timers ---- */

static int count_tick(struct actor_context *context, void *user)
{
	int64_t *ret_ns = user;

	*ret_ns = actor_now(context);
	return note(context, "t");
}

/* An hour passes in no time, and ticks do not drift. */
static void messages_come_in_simulated_time(void **state)
{
	struct actor_executor *executor = open_simulation();
	union hand_address hand = hand_spawn(executor, NULL, 0);
	int64_t begin_ns = actor_now(here()), tick_ns = 0;
	struct job job = { count_tick, &tick_ns };
	struct actor_timer *timer;

	(void)state;
	assert_int_equal(
		actor_timer_every(executor, hand.address, &job_type, &job, HOUR_NS, &timer), 0);
	for (int i = 1; i <= 3; i++) {
		assert_int_equal(actor_sleep_until(here(), begin_ns + i * HOUR_NS + 1), 0);
		assert_int_equal(tick_ns, begin_ns + i * HOUR_NS);
	}
	assert_string_equal(order, "ttt");
	actor_timer_destroy(timer);
	actor_address_unref(hand.address);
	close_simulation(executor);
}

/* Nobody handles these messages: time would pass for ever. */
static void timers_alone_do_not_keep_a_simulation_going(void **state)
{
	struct actor_executor *executor;
	struct hand_mailbox full = { NULL };
	struct job job = { ignore_it, NULL };
	struct actor_timer *timer;
	union hand_address hand;

	(void)state;
	options.most_steps = 1000;
	executor = open_simulation();
	assert_int_equal(ACTOR_MAILBOX_CREATE(hand, actor_executor_spawner(executor),
					      ACTOR_OPTIONS(.capacity = 1), &full),
			 0);
	hand = ACTOR_MAILBOX_ADDRESS(hand, full);
	assert_int_equal(
		actor_timer_every(executor, hand.address, &job_type, &job, HOUR_NS, &timer), 0);
	assert_int_equal(hand_call(here(), hand, ignore_it, NULL), ACTOR_E_CANCELLED);
	assert_string_equal(said, "[a simulation has made as many steps as it may]");
	actor_timer_destroy(timer);
	actor_address_unref(hand.address);
	actor_mailbox_destroy(full.mailbox);
	close_simulation(executor);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SIMULATION_TEST(messages_come_in_simulated_time),
		SIMULATION_TEST(timers_alone_do_not_keep_a_simulation_going),
		SIMULATION_TEST(the_same_seed_makes_the_same_run),
		SIMULATION_TEST(another_seed_makes_another_run),
		SIMULATION_TEST(every_order_of_messages_is_possible),
		SIMULATION_TEST(there_is_a_point_before_each_call),
		SIMULATION_TEST(there_is_a_point_after_started),
		SIMULATION_TEST(the_thread_has_its_turn_among_the_others),
		SIMULATION_TEST(there_is_a_point_before_what_the_thread_sends),
		SIMULATION_TEST(a_callback_is_part_of_a_step),
		SIMULATION_TEST(who_is_woken_may_come_next),
		SIMULATION_TEST(what_is_due_may_come_next),
		SIMULATION_TEST(first_in_first_out_is_what_it_says),
		SIMULATION_TEST(the_trace_shows_each_step),
		SIMULATION_TEST(an_hour_takes_no_time),
		SIMULATION_TEST(timers_go_off_in_their_order),
		SIMULATION_TEST(time_stands_still_while_somebody_is_ready),
		SIMULATION_TEST(what_is_due_at_the_same_time_comes_in_any_order),
		SIMULATION_TEST(time_does_not_pass_for_nothing),
		SIMULATION_TEST(timers_go_off_at_any_moment_of_their_time),
		SIMULATION_TEST(a_join_may_time_out),
		SIMULATION_TEST(callbacks_that_wait_run_others_meanwhile),
		SIMULATION_TEST(a_thread_has_one_and_keeps_to_it),
		SIMULATION_TEST(options_must_make_sense),
		SIMULATION_TEST(other_threads_do_no_harm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
