/* SPDX-License-Identifier: MIT */

/*
 * Deadlines: every wait that has one, on a thread and in a handler, at the edges of what a deadline
 * can be; and deadlines that pass just when what was waited for happens.
 */

#include "suite.h"

/* ---- what does not happen */

/**
 * struct scene - where nothing comes of any wait
 * @full:    an address without room
 * @mute:    one that takes everything, and answers nothing
 * @forever: a mailbox whose run does not end
 */
struct scene {
	struct actor_address *full;
	struct actor_address *mute;
	struct actor_mailbox *forever;
};

static int send_to_full(struct scene *scene, struct actor_context *context, int64_t deadline_ns)
{
	struct play_note note = { 0 };

	return actor_send_until(context, scene->full, &play_note_type, &note, deadline_ns);
}

static int call_full(struct scene *scene, struct actor_context *context, int64_t deadline_ns)
{
	struct play_ping ping = { 0 };

	return actor_call_until(context, scene->full, &play_ping_type, &ping, NULL, deadline_ns);
}

static int begin_with_full(struct scene *scene, struct actor_context *context, int64_t deadline_ns)
{
	struct play_ping ping = { 0 };
	struct actor_future future;

	return actor_call_begin_until(context, &future, scene->full, &play_ping_type, &ping, NULL,
				      deadline_ns);
}

static int call_mute(struct scene *scene, struct actor_context *context, int64_t deadline_ns)
{
	struct play_ping ping = { 0 };

	return actor_call_until(context, scene->mute, &play_ping_type, &ping, NULL, deadline_ns);
}

enum how { ONE, ALL, ANY };

static int await_mute(struct scene *scene, struct actor_context *context, enum how how,
		      int64_t deadline_ns)
{
	struct play_ping ping = { 0 };
	struct actor_future futures[2];
	int rc = 0, n_begun = 0;

	while (n_begun < 2 && rc == 0) {
		rc = actor_call_begin(context, &futures[n_begun], scene->mute, &play_ping_type,
				      &ping, NULL);
		n_begun += rc == 0;
	}
	if (rc < 0)
		;
	else if (how == ONE)
		rc = actor_future_await(&futures[0], deadline_ns);
	else if (how == ALL)
		rc = actor_future_await_all(futures, 2, deadline_ns);
	else
		rc = actor_future_await_any(futures, 2, deadline_ns);
	while (n_begun > 0)
		actor_future_cancel(&futures[--n_begun]);
	return rc;
}

static int await_one(struct scene *scene, struct actor_context *context, int64_t deadline_ns)
{
	return await_mute(scene, context, ONE, deadline_ns);
}

static int await_all(struct scene *scene, struct actor_context *context, int64_t deadline_ns)
{
	return await_mute(scene, context, ALL, deadline_ns);
}

static int await_any(struct scene *scene, struct actor_context *context, int64_t deadline_ns)
{
	return await_mute(scene, context, ANY, deadline_ns);
}

static int join_endless(struct scene *scene, struct actor_context *context, int64_t deadline_ns)
{
	return actor_mailbox_join(context, scene->forever, deadline_ns, NULL);
}

static int sleep_until(struct scene *scene, struct actor_context *context, int64_t deadline_ns)
{
	(void)scene;
	return actor_sleep_until(context, deadline_ns);
}

static const struct {
	const char *name;
	int (*wait)(struct scene *scene, struct actor_context *context, int64_t deadline_ns);
	int passed; /* what it returns when its deadline has passed */
} waits[] = {
	{ "send", send_to_full, ACTOR_E_FULL },
	{ "call-full", call_full, ACTOR_E_FULL },
	{ "begin", begin_with_full, ACTOR_E_FULL },
	{ "call", call_mute, ACTOR_E_TIMEOUT },
	{ "await", await_one, ACTOR_E_TIMEOUT },
	{ "await-all", await_all, ACTOR_E_TIMEOUT },
	{ "await-any", await_any, ACTOR_E_TIMEOUT },
	{ "join", join_endless, ACTOR_E_TIMEOUT },
	{ "sleep", sleep_until, 0 },
};

/* The deadlines that pass: those that have, the present moment, and soon. */
static void try_all(struct stage *stage, struct scene *scene, struct actor_context *context)
{
	const int64_t now_ns = actor_now(context);
	const int64_t deadlines[] = { ACTOR_AT_ONCE, INT64_MIN + 1,   -1, 0, now_ns - 1000 * 1000,
				      now_ns,	     now_ns + 300000, 1 };
	size_t i, j;

	for (i = 0; i < sizeof waits / sizeof waits[0]; i++) {
		for (j = 0; j < sizeof deadlines / sizeof deadlines[0]; j++) {
			int64_t deadline_ns = deadlines[j];
			int rc;

			if (deadline_ns > now_ns) /* that of each wait */
				deadline_ns += actor_now(context) - now_ns;
			rc = waits[i].wait(scene, context, deadline_ns);
			if (rc != waits[i].passed)
				probe_record(&stage->probe, "wrong:%s:%d:%s", waits[i].name, (int)j,
					     status_word(rc));
			if (actor_now(context) < deadline_ns)
				probe_record(&stage->probe, "early:%s", waits[i].name);
		}
	}
	probe_record(&stage->probe, "tried");
}

static struct scene make_scene(struct stage *stage)
{
	struct cast full = stage_unstarted(stage, "", 1);
	struct cast mute = stage_unstarted(stage, "", ACTOR_UNBOUNDED);
	struct cast forever = stage_spawn(stage, "", 0);

	stage_note(stage, full.address, 1);
	stage->n_dead = ANY_NUMBER;
	return (struct scene){ full.address, mute.address, forever.mailbox };
}

static void a_threads_waits_end_at_their_deadlines(struct stage *stage)
{
	struct scene scene = make_scene(stage);

	try_all(stage, &scene, stage->context);
	assert_string_equal(probe_text_of(&stage->probe, "wrong"), "");
	assert_string_equal(probe_text_of(&stage->probe, "early"), "");
	assert_int_equal(probe_count(&stage->probe, "tried"), 1);
}

static void try_all_here(struct player *self, struct play_perform *message,
			 struct actor_reply **slot, struct actor_context *context)
{
	try_all(self->stage, message->user, context);
	play_answer(slot, message->number);
}

static void a_handlers_waits_end_at_their_deadlines(struct stage *stage)
{
	struct scene scene = make_scene(stage);
	struct cast a = stage_spawn(stage, "", 0);

	assert_int_equal(stage_call(stage, a.address, try_all_here, 1, &scene), 0);
	assert_string_equal(probe_text_of(&stage->probe, "wrong"), "");
	assert_string_equal(probe_text_of(&stage->probe, "early"), "");
	assert_int_equal(probe_count(&stage->probe, "tried"), 1);
}

/* ---- what does happen, long before */

/* The number of what went wrong, or 0. */
static int use_far_deadlines(struct actor_context *context, struct actor_address *address,
			     struct actor_mailbox *ended)
{
	static const int64_t deadlines[] = { ACTOR_FOREVER, INT64_MAX - 1, INT64_MAX / 2 };
	struct play_ping ping = { 5 };
	struct actor_future futures[2];
	int64_t answers[2];
	size_t i, j;

	for (i = 0; i < sizeof deadlines / sizeof deadlines[0]; i++) {
		int64_t deadline_ns = deadlines[i];

		for (j = 0; j < 5; j++) { /* there is room for one */
			struct play_note note = { 0 };

			if (actor_send_until(context, address, &play_note_type, &note,
					     deadline_ns) != 0)
				return 1;
		}
		answers[0] = 0;
		if (actor_call_until(context, address, &play_ping_type, &ping, answers,
				     deadline_ns) != 0 ||
		    answers[0] != 5)
			return 2;
		if (actor_call_begin_until(context, &futures[0], address, &play_ping_type, &ping,
					   &answers[0], deadline_ns) != 0)
			return 3;
		if (actor_call_begin_until(context, &futures[1], address, &play_ping_type, &ping,
					   &answers[1], deadline_ns) != 0) {
			actor_future_cancel(&futures[0]);
			return 3;
		}
		if (actor_future_await(&futures[0], deadline_ns) != 0 ||
		    actor_future_await_any(futures, 2, deadline_ns) != 1 ||
		    actor_future_await_all(futures, 2, deadline_ns) != 0)
			return 4;
		if (actor_mailbox_join(context, ended, deadline_ns, NULL) != 0)
			return 5;
	}
	return 0;
}

struct far {
	struct actor_address *address;
	struct actor_mailbox *ended;
};

static struct far make_far(struct stage *stage)
{
	struct cast busy = stage_spawn(stage, "", 1), ended = stage_spawn(stage, "", 0);

	assert_int_equal(actor_address_stop(ended.address, ACTOR_STOP_NOW), 0);
	return (struct far){ busy.address, ended.mailbox };
}

static void far_deadlines_do_not_pass_on_a_thread(struct stage *stage)
{
	struct far far = make_far(stage);

	assert_int_equal(use_far_deadlines(stage->context, far.address, far.ended), 0);
}

static void use_far_here(struct player *self, struct play_perform *message,
			 struct actor_reply **slot, struct actor_context *context)
{
	struct far *far = message->user;

	player_record(self, "wrong:%d", use_far_deadlines(context, far->address, far->ended));
	play_answer(slot, message->number);
}

static void far_deadlines_do_not_pass_in_a_handler(struct stage *stage)
{
	struct far far = make_far(stage);
	struct cast a = stage_spawn(stage, "a", 0);

	assert_int_equal(stage_call(stage, a.address, use_far_here, 1, &far), 0);
	assert_int_equal(probe_count(&stage->probe, "a.wrong:0"), 1);
}

/* ---- at the very moment */

enum { N_MOMENTS = 300 };

/* Calls, sends and sleeps whose deadlines pass around the moment at which they would succeed: how
 * many of the parcels were accepted, or a negative number when something went wrong. */
static int meet_deadlines(struct actor_context *context, struct stage *stage,
			  struct actor_address *address)
{
	int i, rc, n_accepted = 0;

	for (i = 0; i < N_MOMENTS; i++) {
		struct play_parcel parcel = { .number = 0, .cargo = ledger_lend(&stage->ledger) };
		struct play_fetch fetch = { 0 };
		struct owned answer = { 0 };

		rc = actor_send_until(context, address, &play_parcel_type, &parcel,
				      actor_now(context) + i * 50);
		if ((rc != 0 && rc != ACTOR_E_FULL) || (rc == 0) != (parcel.cargo.ledger == NULL))
			return -1;
		n_accepted += rc == 0;
		owned_return(&parcel.cargo);
		rc = actor_call_until(context, address, &play_fetch_type, &fetch, &answer,
				      actor_now(context) + i * 100);
		if (rc != 0 && rc != ACTOR_E_TIMEOUT && rc != ACTOR_E_FULL)
			return -2;
		if ((rc == 0) != (answer.ledger != NULL))
			return -3;
		owned_return(&answer);
		if (actor_sleep_until(context, actor_now(context) + i * 20) != 0)
			return -4;
	}
	return n_accepted;
}

/* What was accepted is handled, and no room is lost. */
static void assert_met(struct stage *stage, struct cast *target, int n_accepted)
{
	assert_true(n_accepted >= 0);
	stage_ping(stage, target->address);
	assert_int_equal(probe_count(&stage->probe, "target.0"), n_accepted);
	stage_note(stage, target->address, 1);
	stage_ping(stage, target->address);
	assert_int_equal(ledger_n_twice(&stage->ledger), 0);
}

static void deadlines_meet_what_a_thread_waits_for(struct stage *stage)
{
	struct cast target = stage_spawn(stage, "target", 1);
	int n_accepted = meet_deadlines(stage->context, stage, target.address);

	assert_met(stage, &target, n_accepted);
	assert_int_equal(ledger_n_out(&stage->ledger), 1); /* the state's */
}

struct meeting {
	struct actor_address *address;
	int n_accepted;
};

static void meet_here(struct player *self, struct play_perform *message, struct actor_reply **slot,
		      struct actor_context *context)
{
	struct meeting *meeting = message->user;

	meeting->n_accepted = meet_deadlines(context, self->stage, meeting->address);
	play_answer(slot, message->number);
}

static void deadlines_meet_what_a_handler_waits_for(struct stage *stage)
{
	struct cast target = stage_spawn(stage, "target", 1), a = stage_spawn(stage, "a", 0);
	struct meeting meeting = { .address = target.address };

	assert_int_equal(stage_call(stage, a.address, meet_here, 1, &meeting), 0);
	stage_ping(stage, a.address); /* it answers before it is done with the message */
	assert_met(stage, &target, meeting.n_accepted);
	stage_ping(stage, a.address); /* what it was told is dropped after it has answered */
	assert_int_equal(ledger_n_out(&stage->ledger), 2); /* the states' */
}

/* Whoever gave up just then finds the end when it asks again. */
static void deadlines_meet_the_end_of_a_run(struct stage *stage)
{
	int i, rc;

	for (i = 0; i < 100; i++) {
		struct cast a = stage_spawn(stage, "", 0);

		stage_ping(stage, a.address);
		assert_int_equal(actor_address_stop(a.address, ACTOR_STOP_NOW), 0);
		rc = actor_mailbox_join(stage->context, a.mailbox,
					actor_now(stage->context) + i * 100, NULL);
		assert_true(rc == 0 || rc == ACTOR_E_TIMEOUT);
		stage_join_stopped(stage, &a);
		stage_release(stage, &a.address);
		stage_destroy(stage, &a.mailbox);
	}
}

const struct contract_test contract_deadline_tests[] = {
	{ "deadline: a thread's waits end at theirs", "deadline timeout full await",
	  a_threads_waits_end_at_their_deadlines, 0, 0 },
	{ "deadline: a handler's waits end at theirs", "deadline timeout full await",
	  a_handlers_waits_end_at_their_deadlines, CONTRACT_SUSPEND, 0 },
	{ "deadline: those that are far do not pass on a thread", "deadline",
	  far_deadlines_do_not_pass_on_a_thread, CONTRACT_STOP, 0 },
	{ "deadline: those that are far do not pass in a handler", "deadline",
	  far_deadlines_do_not_pass_in_a_handler, CONTRACT_SUSPEND | CONTRACT_STOP, 0 },
	{ "deadline: some meet what a thread waits for", "deadline move",
	  deadlines_meet_what_a_thread_waits_for, 0, 0 },
	{ "deadline: some meet what a handler waits for", "deadline move",
	  deadlines_meet_what_a_handler_waits_for, CONTRACT_SUSPEND, 0 },
	{ "deadline: some meet the end of a run", "deadline", deadlines_meet_the_end_of_a_run,
	  CONTRACT_STOP, 0 },
	{ 0 },
};
