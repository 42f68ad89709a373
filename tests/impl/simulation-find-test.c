/* SPDX-License-Identifier: MIT */

/* Simulations: what they find, how a run ends that leads nowhere, and how it is replayed. */

#include "simulation-fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- what is found */

/* A world in which something goes wrong if enough happens in a certain order. */
static struct {
	union hand_address sink;
	unsigned n_before; /* steps before anything interesting */
	bool a_is_open;
	bool b_is_open;
	bool has_gone_wrong;
} flaw;

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
	wait_for_all();
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

/* One that waits for what will never happen; others would be told before. */
static struct actor_executor *open_ignorant(void)
{
	struct actor_deadlock_options ignore = { .size = sizeof ignore,
						 .mode = ACTOR_DEADLOCKS_IGNORE };
	struct actor_executor *executor = open_simulation();

	assert_int_equal(actor_executor_set_deadlocks(executor, &ignore), 0);
	return executor;
}

static void a_deadlock_names_those_who_wait(void **state)
{
	struct actor_executor *executor = open_ignorant();
	union hand_address left = spawn_named(executor, "left", NULL);
	union hand_address right = spawn_named(executor, "right", NULL);
	union hand_address idle = spawn_named(executor, "idle", NULL);
	struct pair from_left = { right, 0 }, from_right = { left, 0 };

	(void)state;
	tell(left, call_the_other, &from_left);
	tell(right, call_the_other, &from_right);
	assert_int_equal(hand_call(here(), right, ignore_it, NULL), ACTOR_E_DEADLOCK);
	assert_non_null(strstr(said, "[left: test.job: waits]"));
	assert_non_null(strstr(said, "[right: test.job: waits]"));
	assert_null(strstr(said, "idle"));
	assert_non_null(strstr(said, "[a simulation waits for what will never happen]"));

	/* A deadline is something that will happen. */
	said[0] = '\0';
	assert_int_equal(actor_executor_join(executor, actor_now(here()) + 1), ACTOR_E_TIMEOUT);
	assert_string_equal(said, "");
	assert_int_equal(actor_executor_join(executor, ACTOR_FOREVER), ACTOR_E_DEADLOCK);
	end_by_force(executor);
	/* Whoever goes on second has an answer by then. */
	assert_true(from_left.status == ACTOR_E_CANCELLED ||
		    from_right.status == ACTOR_E_CANCELLED);
	assert_true(from_left.status == ACTOR_E_CANCELLED || from_left.status == ACTOR_E_STOPPED);
	assert_true(from_right.status == ACTOR_E_CANCELLED || from_right.status == ACTOR_E_STOPPED);
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

/* However many are idle beside those who wait; and of very many of a kind only the number is said.
 */
static void a_deadlock_names_some_of_very_many(void **state)
{
	struct actor_executor *executor = open_ignorant();
	union hand_address left = spawn_named(executor, "left", NULL);
	union hand_address right = spawn_named(executor, "right", NULL);
	union hand_address idle[300];
	struct pair from_left = { right, 0 }, from_right = { left, 0 };

	(void)state;
	for (unsigned i = 0; i < N_ELEMENTS(idle); i++)
		idle[i] = spawn_named(executor, "idle", NULL);
	assert_int_equal(actor_executor_join(executor, ACTOR_FOREVER), ACTOR_E_DEADLOCK);
	assert_non_null(strstr(said, "[idle: is idle"));
	assert_non_null(strstr(said, "[and so it is with 46 more]"));
	said[0] = '\0';
	tell(left, call_the_other, &from_left);
	tell(right, call_the_other, &from_right);
	assert_int_equal(hand_call(here(), right, ignore_it, NULL), ACTOR_E_DEADLOCK);
	assert_non_null(strstr(said, "[left: test.job: waits]"));
	assert_non_null(strstr(said, "[right: test.job: waits]"));
	assert_null(strstr(said, "idle"));
	assert_null(strstr(said, " more]"));
	for (unsigned i = 0; i < N_ELEMENTS(idle); i++)
		actor_address_unref(idle[i].address);
	end_by_force(executor);
	actor_address_unref(left.address);
	actor_address_unref(right.address);
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
	assert_int_equal(hand_call(here(), hand, ignore_it, NULL), ACTOR_E_CANCELLED);
	assert_string_equal(said, "[a simulation has made as many steps as it may]");
	assert_int_equal(hand_send(here(), hand, ignore_it, NULL), ACTOR_E_CANCELLED);
	assert_int_equal(actor_sleep_until(here(), actor_now(here()) + 1), ACTOR_E_CANCELLED);
	assert_int_equal(actor_executor_join(executor, actor_now(here()) + 1), ACTOR_E_CANCELLED);
	restless.over = true; /* and after each of these it may go on */
	actor_address_unref(restless.self.address);
	actor_address_unref(hand.address);
	actor_mailbox_destroy(full.mailbox);
	close_simulation(executor);
}

/* Also of a thread that does nothing but send. */
static void sends_come_to_an_end(void **state)
{
	struct actor_executor *executor;
	union hand_address sink;
	unsigned n_sent = 0;

	(void)state;
	options.most_steps = 1000;
	executor = open_simulation();
	sink = hand_spawn(executor, NULL, ACTOR_UNBOUNDED);
	while (n_sent < 100000 && hand_send(here(), sink, ignore_it, NULL) == 0)
		n_sent++;
	assert_in_range(n_sent, 100, 1000);
	assert_int_equal(hand_call(here(), sink, ignore_it, NULL), 0); /* and may go on */
	actor_address_unref(sink.address);
	close_simulation(executor);
}

/* There is always a deadline to come, and nothing ever comes of it. */
static void time_that_passes_in_vain_comes_to_an_end(void **state)
{
	struct actor_executor *executor;
	struct hand_mailbox full = { NULL };
	struct actor_timer *timer;
	union hand_address hand;

	(void)state;
	options.most_steps = 1000;
	executor = open_simulation();
	assert_int_equal(ACTOR_MAILBOX_CREATE(hand, actor_executor_spawner(executor),
					      ACTOR_OPTIONS(.capacity = 1), &full),
			 0);
	hand = ACTOR_MAILBOX_ADDRESS(hand, full);
	assert_int_equal(ACTOR_TIMER_EVERY(executor, hand, job, HOUR_NS, &timer,
					   &(struct job){ ignore_it, NULL }),
			 0);
	assert_int_equal(actor_sleep_until(here(), actor_now(here()) + 10 * HOUR_NS), 0);
	assert_in_range(actor_timer_n_missed(timer), 8, 9); /* the last one, or not yet */
	assert_int_equal(hand_call(here(), hand, ignore_it, NULL), ACTOR_E_CANCELLED);
	assert_non_null(strstr(said, "as many steps as it may"));
	actor_timer_destroy(timer);
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

/* 0 is no seed: what comes after the last is the first. */
static void the_last_seed_is_followed_by_the_first(void **state)
{
	struct trial trial = { .fails_at = 2 };

	(void)state;
	options.seed = UINT64_MAX;
	assert_int_equal(actor_simulation_check(&options, 10, try_it, &trial), -12345);
	assert_int_equal(trial.n_runs, 3);
	assert_non_null(strstr(said, "[ACTOR_SEED=2]"));
}

static void hear_beginnings(void *user, const struct actor_log_record *record)
{
	unsigned *n_runs = user;

	*n_runs += strstr(record->text, "begins: ACTOR_SEED=5") != NULL;
}

/* Before it is made: it may be the last that the process does. */
static void a_seed_is_logged_in_advance_for_who_wants_to_know(void **state)
{
	struct trial trial = { .n_runs = 0 };
	unsigned n_heard = 0;

	(void)state;
	options.seed = 5;
	actor_log_set_sink(hear_beginnings, &n_heard, ACTOR_LOG_DEBUG);
	assert_int_equal(actor_simulation_check(&options, 1, try_it, &trial), 0);
	assert_int_equal(n_heard, 1);
}

/* What is written to stderr by a check that fails at once. */
static void check_in_vain(char *ret_text, size_t n)
{
	struct trial trial = { .fails_at = 9 };
	FILE *file = tmpfile();
	int standard = dup(STDERR_FILENO);

	assert_non_null(file);
	fflush(stderr);
	dup2(fileno(file), STDERR_FILENO);
	options.seed = 9;
	actor_ignore(actor_simulation_check(&options, 1, try_it, &trial));
	fflush(stderr);
	dup2(standard, STDERR_FILENO);
	close(standard);
	rewind(file);
	ret_text[fread(ret_text, 1, n - 1, file)] = '\0';
	fclose(file);
}

static void without_a_sink_a_seed_that_fails_is_printed(void **state)
{
	char text[400];

	(void)state;
	check_in_vain(text, sizeof text);
	assert_string_equal(text, "");
	actor_log_set_sink(NULL, NULL, ACTOR_LOG_NONE);
	check_in_vain(text, sizeof text);
	assert_non_null(strstr(text, "-12345"));
	assert_non_null(strstr(text, " ACTOR_SEED=9\n"));
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

static struct hand_mailbox kept_mailbox;
static struct actor_executor *kept_executor;

static int keep_a_mailbox(struct actor_executor *executor)
{
	kept_executor = executor;
	assert_int_equal(
		ACTOR_MAILBOX_CREATE(hand, actor_executor_spawner(executor), NULL, &kept_mailbox),
		0);
	return 0;
}

/* What a scenario may forget, and how it is given back after all. */
static struct actor_reply *kept_reply;
static struct actor_channel *kept_channel;
static struct actor_timer *kept_timer;
static struct actor_semaphore *kept_semaphore;
static struct actor_permit *kept_permit;
static struct actor_nursery *kept_nursery;
static struct actor_observable *kept_observable;
static struct actor_subscription *kept_subscription;
static struct actor_event kept_event;
static struct actor_cleanup kept_cleanup;

static int keep_a_reply(struct actor_executor *executor)
{
	(void)executor;
	return here()->ops->reply_open(here(), actor_join_type(), &kept_reply);
}

static void close_reply(void)
{
	actor_reply_deliver(kept_reply, ACTOR_E_STOPPED, NULL);
	actor_ignore(here()->ops->reply_close(here(), kept_reply, NULL));
}

static int keep_a_channel(struct actor_executor *executor)
{
	(void)executor;
	return actor_queue_create(NULL, &kept_channel);
}

static void unref_channel(void)
{
	actor_channel_unref(kept_channel);
}

static int keep_a_timer(struct actor_executor *executor)
{
	union hand_address hand = hand_spawn(executor, NULL, 0);
	int rc = ACTOR_TIMER_ONCE(executor, hand, job, ACTOR_FOREVER, &kept_timer,
				  &(struct job){ ignore_it, NULL });

	kept_executor = executor;
	actor_address_unref(hand.address);
	return rc;
}

static void destroy_timer(void)
{
	actor_timer_destroy(kept_timer);
	assert_int_equal(actor_executor_destroy(kept_executor), 0);
}

static int keep_a_semaphore(struct actor_executor *executor)
{
	(void)executor;
	return actor_semaphore_create(1, &kept_semaphore);
}

static void unref_semaphore(void)
{
	actor_semaphore_unref(kept_semaphore);
}

/* It keeps its semaphore. */
static int keep_a_permit(struct actor_executor *executor)
{
	int rc = keep_a_semaphore(executor);

	if (rc == 0)
		rc = actor_semaphore_try_acquire(NULL, kept_semaphore, 1, &kept_permit);
	actor_semaphore_unref(kept_semaphore);
	return rc;
}

static void release_permit(void)
{
	actor_permit_release(kept_permit);
}

static int keep_a_nursery(struct actor_executor *executor)
{
	int rc = actor_nursery_create(here(),
				      &(struct actor_nursery_options){
					      .size = sizeof(struct actor_nursery_options),
					      .results = ACTOR_NURSERY_NEXT,
					      .spawner = actor_executor_spawner(executor),
				      },
				      &kept_nursery);

	if (rc == 0)
		actor_nursery_keep(kept_nursery);
	return rc;
}

static void destroy_nursery(void)
{
	actor_nursery_destroy(kept_nursery);
}

static int keep_an_observable(struct actor_executor *executor)
{
	(void)executor;
	return actor_observable_create(&kept_observable);
}

static void unref_observable(void)
{
	actor_observable_unref(kept_observable);
}

static int keep_a_subscription(struct actor_executor *executor)
{
	int rc = keep_an_observable(executor);

	if (rc == 0)
		rc = actor_observable_subscribe(kept_observable, NULL, &kept_subscription);
	actor_observable_unref(kept_observable);
	return rc;
}

static void destroy_subscription(void)
{
	actor_subscription_destroy(kept_subscription);
}

static int keep_an_event(struct actor_executor *executor)
{
	int rc = keep_an_observable(executor);

	if (rc == 0)
		rc = actor_observable_subscribe(kept_observable, NULL, &kept_subscription);
	actor_ignore(ACTOR_PUBLISH(kept_observable, job, &(struct job){ ignore_it, NULL }));
	if (rc == 0)
		rc = actor_subscription_next(here(), kept_subscription, ACTOR_FOREVER, &kept_event);
	actor_subscription_destroy(kept_subscription);
	actor_observable_unref(kept_observable);
	return rc;
}

static void drop_event(void)
{
	actor_event_drop(&kept_event);
}

static void undo_nothing(void *user)
{
	(void)user;
}

static int keep_something_deferred(struct actor_executor *executor)
{
	(void)executor;
	actor_defer(here(), &kept_cleanup, undo_nothing, NULL);
	return 0;
}

static void undefer(void)
{
	actor_undefer(here(), &kept_cleanup);
}

static void a_run_fails_that_leaves_something(void **state)
{
	static const struct {
		int (*keep)(struct actor_executor *executor);
		void (*give_back)(void);
		const char *name;
	} kinds[] = {
		{ keep_a_reply, close_reply, "[replies are held" },
		{ keep_a_channel, unref_channel, "[channels are held" },
		{ keep_a_timer, destroy_timer, "[timers are held" },
		{ keep_a_semaphore, unref_semaphore, "[semaphores are held" },
		{ keep_a_permit, release_permit, "[permits are held" },
		{ keep_a_nursery, destroy_nursery, "[nurseries or results are held" },
		{ keep_an_observable, unref_observable, "[observables are held" },
		{ keep_a_subscription, destroy_subscription, "[subscriptions are held" },
		{ keep_an_event, drop_event, "[events are held" },
		{ keep_something_deferred, undefer, "[something was deferred" },
	};
	struct trial trial = { .n_runs = 0 };

	(void)state;
	for (unsigned i = 0; i < N_ELEMENTS(kinds); i++) {
		said[0] = '\0';
		trial.more = kinds[i].keep;
		assert_int_equal(actor_simulation_check(&options, 2, try_it, &trial), ACTOR_E_BUSY);
		assert_non_null(strstr(said, kinds[i].name));
		kinds[i].give_back();
		said[0] = '\0';
		trial.more = NULL; /* and now nothing is left */
		assert_int_equal(actor_simulation_check(&options, 2, try_it, &trial), 0);
		assert_string_equal(said, "");
	}
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
	trial.more = keep_a_mailbox; /* with which its executor stays */
	assert_int_equal(actor_simulation_check(&options, 2, try_it, &trial), ACTOR_E_BUSY);
	actor_mailbox_destroy(kept_mailbox.mailbox);
	assert_int_equal(actor_executor_destroy(kept_executor), 0);
	trial.more = overlook_a_deadlock;
	assert_int_equal(actor_simulation_check(&options, 2, try_it, &trial), ACTOR_E_DEADLOCK);
	trial.more = fail_in_the_midst;
	assert_int_equal(actor_simulation_check(&options, 2, try_it, &trial), -77);
	assert_int_equal(trial.n_runs, 5);
}

#define SIMULATION_TEST(name)                                                                      \
	cmocka_unit_test_setup_teardown(name, simulation_set_up, simulation_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		SIMULATION_TEST(priorities_find_who_is_slow_for_long),
		SIMULATION_TEST(priorities_find_a_flaw_of_depth_2),
		SIMULATION_TEST(priorities_find_a_flaw_of_depth_3),
		SIMULATION_TEST(a_deadlock_names_those_who_wait),
		SIMULATION_TEST(a_deadlock_may_be_in_a_hook),
		SIMULATION_TEST(a_deadlock_names_those_who_are_held_when_nobody_waits),
		SIMULATION_TEST(a_deadlock_names_some_of_very_many),
		SIMULATION_TEST(a_wait_for_room_may_be_a_deadlock),
		SIMULATION_TEST(steps_come_to_an_end),
		SIMULATION_TEST(sends_come_to_an_end),
		SIMULATION_TEST(time_that_passes_in_vain_comes_to_an_end),
		SIMULATION_TEST(a_seed_may_come_from_the_environment),
		SIMULATION_TEST(a_seed_may_be_fresh),
		SIMULATION_TEST(choices_come_from_the_seed),
		SIMULATION_TEST(a_check_runs_one_seed_after_the_other),
		SIMULATION_TEST(the_first_failure_is_the_last),
		SIMULATION_TEST(the_last_seed_is_followed_by_the_first),
		SIMULATION_TEST(a_seed_is_logged_in_advance_for_who_wants_to_know),
		SIMULATION_TEST(without_a_sink_a_seed_that_fails_is_printed),
		SIMULATION_TEST(a_run_fails_that_does_not_come_to_an_end),
		SIMULATION_TEST(a_run_fails_that_leaves_something),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
