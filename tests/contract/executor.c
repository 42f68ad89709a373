/* SPDX-License-Identifier: MIT */

/*
 * What runs the actors: whoever has something to do is run, by one thread at a time, soon, and
 * fairly; times are kept; who has nothing to do costs nothing. For those whose part of an
 * implementation this is.
 */

#include "suite.h"

#include <stdlib.h>
#include <time.h>

enum { N_HELPERS = 3, N_CROWD = 30, N_RING = 20, N_TOKENS = 5, N_LIVES = 100 };

static const int64_t ms = 1000 * 1000;

/* ---- being made ready */

struct crowd {
	struct actor_address *addresses[N_CROWD];
	atomic_int n_sent, n_handled, n_wrong;
	int n_each;
};

static void count_one(struct player *self, struct play_perform *message, struct actor_reply **slot,
		      struct actor_context *context)
{
	struct crowd *crowd = message->user;

	(void)self;
	(void)context;
	atomic_fetch_add(&crowd->n_handled, 1);
	play_answer(slot, message->number);
}

static void send_to_all(struct helper *helper, struct actor_context *context)
{
	struct crowd *crowd = helper->user;
	int i;

	for (i = 0; i < crowd->n_each; i++) {
		struct play_perform perform = {
			.act = count_one,
			.user = crowd,
			.cargo = ledger_lend(&helper->stage->ledger),
		};
		struct actor_address *to = crowd->addresses[(i * 7 + helper->number) % N_CROWD];

		if (actor_send(context, to, &play_perform_type, &perform) == 0)
			atomic_fetch_add(&crowd->n_sent, 1);
		else
			atomic_fetch_add(&crowd->n_wrong, 1);
		owned_return(&perform.cargo);
	}
}

static bool all_are_handled(void *user)
{
	struct crowd *crowd = user;

	return atomic_load(&crowd->n_handled) == atomic_load(&crowd->n_sent);
}

/* That an actor is run by one thread at a time, each player looks after. */
static void other_threads_make_actors_ready(struct stage *stage)
{
	static struct helper helpers[N_HELPERS];
	static struct crowd crowd;
	int i;

	memset(&crowd, 0, sizeof crowd);
	crowd.n_each = 2000;
	for (i = 0; i < N_CROWD; i++)
		crowd.addresses[i] = stage_spawn(stage, "", 2).address;
	for (i = 0; i < N_HELPERS; i++) {
		helpers[i] = (struct helper){
			.stage = stage,
			.run = send_to_all,
			.user = &crowd,
			.number = i,
		};
		helper_start(&helpers[i]);
	}
	for (i = 0; i < N_HELPERS; i++)
		helper_join(&helpers[i]);
	assert_int_equal(atomic_load(&crowd.n_wrong), 0);
	assert_int_equal(atomic_load(&crowd.n_sent), N_HELPERS * crowd.n_each);
	stage_until(stage, all_are_handled, &crowd);
}

/* Each time after it has come to rest. */
static void an_idle_actor_is_made_ready_again_and_again(struct stage *stage)
{
	static struct helper helper;
	static struct crowd crowd;
	int i;

	memset(&crowd, 0, sizeof crowd);
	crowd.n_each = 1;
	for (i = 0; i < N_CROWD; i++)
		crowd.addresses[i] = stage_spawn(stage, "", 2).address;
	for (i = 0; i < 3 * N_CROWD; i++) {
		helper = (struct helper){
			.stage = stage,
			.run = send_to_all,
			.user = &crowd,
			.number = i,
		};
		helper_start(&helper);
		helper_join(&helper);
		stage_until(stage, all_are_handled, &crowd);
		assert_int_equal(atomic_load(&crowd.n_handled), i + 1);
	}
}

struct ring {
	struct actor_address *addresses[N_RING];
	atomic_int n_over;
};

/* The number is how far it still has to go. */
static void pass_token(struct player *self, struct play_perform *message, struct actor_reply **slot,
		       struct actor_context *context)
{
	struct ring *ring = message->user;
	struct play_perform next = {
		.act = pass_token,
		.number = message->number - 1,
		.user = ring,
		.cargo = ledger_lend(&self->stage->ledger),
	};

	(void)slot;
	(void)context;
	if (message->number == 0 ||
	    stage_saw(self->stage, actor_try_send(ring->addresses[message->number % N_RING],
						  &play_perform_type, &next)) < 0)
		atomic_fetch_add(&ring->n_over, message->number == 0 ? 1 : 1000);
	owned_return(&next.cargo);
}

static bool all_tokens_are_over(void *user)
{
	return atomic_load(&((struct ring *)user)->n_over) >= N_TOKENS;
}

static void actors_make_each_other_ready(struct stage *stage)
{
	static struct ring ring;
	int i;

	atomic_store(&ring.n_over, 0);
	for (i = 0; i < N_RING; i++)
		ring.addresses[i] = stage_spawn(stage, "", 0).address;
	for (i = 0; i < N_TOKENS; i++)
		stage_perform(stage, ring.addresses[i], pass_token, 2000 + i, &ring);
	stage_until(stage, all_tokens_are_over, &ring);
	assert_int_equal(atomic_load(&ring.n_over), N_TOKENS);
}

/* ---- turns */

struct gang {
	atomic_bool is_over;
	atomic_int n_done;
};

static void be_restless(struct player *self, struct play_perform *message,
			struct actor_reply **slot, struct actor_context *context)
{
	struct gang *gang = message->user;
	struct play_perform again = {
		.act = be_restless,
		.user = gang,
		.cargo = ledger_lend(&self->stage->ledger),
	};

	(void)slot;
	(void)context;
	if (atomic_load(&gang->is_over) ||
	    stage_saw(self->stage, actor_try_send(self->friend, &play_perform_type, &again)) < 0)
		atomic_fetch_add(&gang->n_done, 1);
	owned_return(&again.cargo);
}

enum { N_GANG = 4 };

/* A player that is its own friend. */
static struct actor_address *spawn_member(struct stage *stage)
{
	struct cast member = stage_spawn(stage, "", 0);
	struct play_letter letter = { member.address };

	actor_address_ref(member.address);
	assert_int_equal(actor_try_send(member.address, &play_letter_type, &letter), 0);
	return member.address;
}

static void start_gang(struct stage *stage, struct gang *gang)
{
	int i;

	atomic_store(&gang->is_over, false);
	atomic_store(&gang->n_done, 0);
	for (i = 0; i < N_GANG; i++)
		stage_perform(stage, spawn_member(stage), be_restless, 0, gang);
}

static bool all_are_done(void *user)
{
	return atomic_load(&((struct gang *)user)->n_done) == N_GANG;
}

static void end_gang(struct stage *stage, struct gang *gang)
{
	atomic_store(&gang->is_over, true);
	stage_until(stage, all_are_done, gang);
}

static void nobody_is_kept_waiting_by_those_who_are_always_busy(struct stage *stage)
{
	static struct gang gang;
	int i;

	start_gang(stage, &gang);
	for (i = 0; i < 20; i++) {
		struct cast other = stage_spawn(stage, "", 0);

		stage_ping(stage, other.address);
		stage_destroy(stage, &other.mailbox);
		stage_release(stage, &other.address);
	}
	assert_int_equal(atomic_load(&gang.n_done), 0);
	end_gang(stage, &gang);
}

/* ---- times */

struct sleeps {
	int64_t base_ns;
	int64_t late_ns[N_CROWD];
	atomic_int n_awake;
};

/* For as many milliseconds as its number says, or for very long. */
static void sleep_for(struct player *self, struct play_perform *message, struct actor_reply **slot,
		      struct actor_context *context)
{
	struct sleeps *sleeps = message->user;
	int64_t until = sleeps->base_ns + message->number * ms;
	int rc = actor_sleep_until(context, until);

	(void)slot;
	if (message->number < N_CROWD)
		sleeps->late_ns[message->number] = actor_now(context) - until;
	player_record(self, rc == 0 ? "awake" : "called-off");
	atomic_fetch_add(&sleeps->n_awake, 1);
}

static bool all_are_awake(void *user)
{
	return atomic_load(&((struct sleeps *)user)->n_awake) == N_CROWD;
}

/* Of so many, one at least is not delayed by what else the machine does. */
static void no_wait_ends_early_and_none_much_too_late(struct stage *stage)
{
	static struct sleeps sleeps;
	int64_t least_ns = INT64_MAX;
	int i;

	atomic_store(&sleeps.n_awake, 0);
	sleeps.base_ns = actor_now(stage->context) + 20 * ms;
	for (i = 0; i < N_CROWD; i++)
		stage_perform(stage, stage_spawn(stage, "", 0).address, sleep_for, i * 7 % N_CROWD,
			      &sleeps);
	stage_until(stage, all_are_awake, &sleeps);
	for (i = 0; i < N_CROWD; i++) {
		assert_true(sleeps.late_ns[i] >= 0);
		if (sleeps.late_ns[i] < least_ns)
			least_ns = sleeps.late_ns[i];
	}
	assert_true(least_ns < 100 * ms);
}

static void an_earlier_time_overtakes_a_later_one(struct stage *stage)
{
	static struct sleeps sleeps, long_sleeps;
	struct cast late = stage_spawn(stage, "late", 0), soon = stage_spawn(stage, "soon", 0);
	int i;

	long_sleeps.base_ns = actor_now(stage->context);
	stage_perform(stage, late.address, sleep_for, 20000, &long_sleeps);
	stage_ping(stage, soon.address);
	for (i = 1; i <= 3; i++) {
		sleeps.base_ns = actor_now(stage->context) - N_CROWD * ms;
		stage_perform(stage, soon.address, sleep_for, N_CROWD + 5, &sleeps);
		stage_expect(stage, "soon.awake", i);
	}
	assert_int_equal(probe_count(&stage->probe, "late.awake"), 0);
	actor_mailbox_cancel(late.mailbox);
	stage_expect(stage, "late.called-off", 1);
}

static void a_time_comes_while_others_are_busy(struct stage *stage)
{
	static struct sleeps sleeps;
	static struct gang gang;
	struct cast sleeper = stage_spawn(stage, "sleeper", 0);
	int i;

	start_gang(stage, &gang);
	for (i = 1; i <= 5; i++) {
		sleeps.base_ns = actor_now(stage->context);
		stage_perform(stage, sleeper.address, sleep_for, N_CROWD + 1, &sleeps);
		stage_expect(stage, "sleeper.awake", i);
	}
	assert_int_equal(atomic_load(&gang.n_done), 0);
	end_gang(stage, &gang);
}

static int64_t used_ns(void)
{
	struct timespec used;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
	return (int64_t)used.tv_sec * 1000 * ms + used.tv_nsec;
}

/* Of several moments, one at least is not taken by what has nothing to do with it. */
static void assert_costs_nothing(struct stage *stage)
{
	int64_t least_ns = INT64_MAX;
	int i;

	for (i = 0; i < 5; i++) {
		int64_t before_ns = used_ns();

		actor_sleep_until(stage->context, actor_now(stage->context) + 40 * ms);
		if (used_ns() - before_ns < least_ns)
			least_ns = used_ns() - before_ns;
	}
	assert_true(least_ns < 5 * ms);
}

static void who_has_nothing_to_do_costs_nothing(struct stage *stage)
{
	static struct sleeps sleeps;
	struct cast idle = stage_spawn(stage, "", 0), sleeper;

	stage_ping(stage, idle.address);
	assert_costs_nothing(stage);
	sleeper = stage_spawn(stage, "", 0);
	sleeps.base_ns = actor_now(stage->context);
	stage_perform(stage, sleeper.address, sleep_for, 20000, &sleeps);
	stage_ping(stage, idle.address);
	assert_costs_nothing(stage);
	actor_mailbox_cancel(sleeper.mailbox);
}

/* ---- the end */

static void closing_ends_whatever_is_going_on(struct stage *stage)
{
	static struct sleeps sleeps;
	static struct gang gang;
	static struct ring ring;
	int i;

	start_gang(stage, &gang);
	sleeps.base_ns = actor_now(stage->context);
	atomic_store(&ring.n_over, 0);
	for (i = 0; i < N_RING; i++)
		ring.addresses[i] = stage_spawn(stage, "", 0).address;
	for (i = 0; i < N_TOKENS; i++)
		stage_perform(stage, ring.addresses[i], pass_token, INT32_MAX, &ring);
	for (i = 0; i < 5; i++)
		stage_perform(stage, stage_spawn(stage, "", 0).address, sleep_for, 20000, &sleeps);
	stage_ping(stage, stage_spawn(stage, "", 0).address);
	stage->sides[0].subject->close(stage->sides[0].instance);
	stage_end(stage);
	stage->n_dead = ANY_NUMBER;
}

static void *release_it(void *user)
{
	actor_address_unref(user);
	return NULL;
}

/* An instance from its begin to its end, which another thread brings about. */
static void live(struct stage *stage, const struct contract_subject *subject)
{
	struct player *state = player_create(stage, "");
	struct actor_address *address = NULL;
	void *instance = subject->create();
	struct actor_context *context;
	pthread_t thread;

	assert_non_null(instance);
	context = subject->context(instance);
	assert_non_null(context);
	assert_int_equal(
		actor_spawn(subject->spawner(instance), &player_behavior, state, NULL, &address),
		0);
	if (pthread_create(&thread, NULL, release_it, address) != 0)
		abort();
	assert_int_equal(subject->join(instance, actor_now(context) + 30 * 1000 * ms), 0);
	if (subject->context_done)
		subject->context_done(instance, context);
	assert_int_equal(subject->destroy(instance), 0);
	pthread_join(thread, NULL);
}

static void it_may_be_ended_as_soon_as_its_last_actor_has(struct stage *stage)
{
	const struct contract_subject *subject = stage->sides[0].subject;
	int i;

	stage_end(stage);
	for (i = 0; i < N_LIVES; i++) {
		live(stage, subject);
		probe_clear(&stage->probe);
	}
}

const struct contract_test contract_executor_tests[] = {
	{ "executor: other threads make actors ready", "ready L-04 I-09",
	  other_threads_make_actors_ready, CONTRACT_CROSS_THREAD, 0 },
	{ "executor: an idle actor is made ready again and again", "ready",
	  an_idle_actor_is_made_ready_again_and_again, CONTRACT_CROSS_THREAD, 0 },
	{ "executor: actors make each other ready", "ready", actors_make_each_other_ready, 0, 0 },
	{ "executor: nobody is kept waiting by those who are always busy", "turn",
	  nobody_is_kept_waiting_by_those_who_are_always_busy, 0, 0 },
	{ "executor: no wait ends early, and none much too late", "now",
	  no_wait_ends_early_and_none_much_too_late, CONTRACT_SUSPEND, 0 },
	{ "executor: an earlier time overtakes a later one", "now",
	  an_earlier_time_overtakes_a_later_one, CONTRACT_SUSPEND, 0 },
	{ "executor: a time comes while others are busy", "now turn",
	  a_time_comes_while_others_are_busy, CONTRACT_SUSPEND, CONTRACT_VIRTUAL_TIME },
	{ "executor: who has nothing to do costs nothing", "turn",
	  who_has_nothing_to_do_costs_nothing, CONTRACT_SUSPEND, 0 },
	{ "executor: closing ends whatever is going on", "close", closing_ends_whatever_is_going_on,
	  CONTRACT_SUSPEND | CONTRACT_CLOSE, 0 },
	{ "executor: it may be ended as soon as its last actor has", "outlive",
	  it_may_be_ended_as_soon_as_its_last_actor_has, CONTRACT_CROSS_THREAD, 0 },
	{ 0 },
};
