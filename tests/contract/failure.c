/* SPDX-License-Identifier: MIT */

/* Failing: an actor that cannot go on takes nobody along, and leaves nothing behind. */

#include "suite.h"

#include <stdio.h>

/* Joins, and checks what is told about the failure. */
static void assert_failed(struct stage *stage, struct cast *cast, const char *text,
			  const char *message_type)
{
	struct actor_end end = stage_join(stage, cast->mailbox);

	assert_int_equal(end.how, ACTOR_ENDED_FAILED);
	assert_null(end.state);
	assert_non_null(end.failure);
	assert_string_equal(end.failure->text, text);
	if (message_type)
		assert_string_equal(end.failure->message_type, message_type);
	else
		assert_null(end.failure->message_type);
}

static void the_caller_learns_and_the_state_is_released(struct stage *stage)
{
	struct cast a = stage_spawn(stage, "", 0);
	struct actor_end end;

	stage_begin(stage, 0, a.address, play_fail, 0, NULL);
	assert_int_equal(stage_answer(stage, 0), ACTOR_E_STOPPED);
	end = stage_join(stage, a.mailbox);
	assert_int_equal(end.how, ACTOR_ENDED_FAILED);
	assert_null(end.state);
	assert_ptr_equal(end.mailbox, a.mailbox);
	assert_non_null(end.failure);
	assert_string_equal(end.failure->text, "as told");
	assert_string_equal(end.failure->message_type, "play.perform");
	assert_non_null(strstr(end.failure->file, "player.c"));
	assert_true(end.failure->line > 0);
	assert_recorded(stage, "started failing destroyed");
}

static void wait_and_fail(struct player *self, struct play_perform *message,
			  struct actor_reply **slot, struct actor_context *context)
{
	char text[32];

	(void)slot;
	player_record(self, "waiting");
	gate_pass(&self->stage->gate, context, ACTOR_FOREVER);
	snprintf(text, sizeof text, "number %d", (int)message->number);
	actor_fail(context, text, NULL, 0); /* a text on the stack that is abandoned */
}

static void a_handler_may_fail_after_a_wait(struct stage *stage)
{
	struct cast a = stage_spawn(stage, "", 0);

	stage_begin(stage, 0, a.address, wait_and_fail, 5, NULL);
	stage_expect(stage, "waiting", 1);
	gate_open(&stage->gate);
	assert_int_equal(stage_answer(stage, 0), ACTOR_E_STOPPED);
	assert_failed(stage, &a, "number 5", "play.perform");
	assert_recorded(stage, "started waiting destroyed");
}

static void fail_with_text(struct player *self, struct play_perform *message,
			   struct actor_reply **slot, struct actor_context *context)
{
	char text[] = "a reason";

	(void)self;
	(void)slot;
	actor_fail(context, text, "a file", (int)message->number);
}

/* Writes over what was on the stack before. */
static void scribble(struct player *self, struct play_perform *message, struct actor_reply **slot,
		     struct actor_context *context)
{
	volatile char stack[8 * 1024];
	size_t i;

	(void)self;
	(void)context;
	for (i = 0; i < sizeof stack; i++)
		stack[i] = 'x';
	play_answer(slot, message->number);
}

static void the_reason_outlives_the_stack(struct stage *stage)
{
	struct cast a = stage_spawn(stage, "", 0), b;
	struct actor_end end;

	assert_int_equal(stage_call(stage, a.address, fail_with_text, 7, NULL), ACTOR_E_STOPPED);
	end = stage_join(stage, a.mailbox);
	b = stage_spawn(stage, "b", 0);
	assert_int_equal(stage_call(stage, b.address, scribble, 0, NULL), 0);
	assert_string_equal(end.failure->text, "a reason");
	assert_string_equal(end.failure->file, "a file");
	assert_int_equal(end.failure->line, 7);
}

static void assert_even(struct player *self, struct play_perform *message,
			struct actor_reply **slot, struct actor_context *context)
{
	(void)self;
	ACTOR_ASSERT(context, message->number++ % 2 == 0);
	play_answer(slot, message->number);
}

static void an_assertion_fails_only_its_actor(struct stage *stage)
{
	struct cast a = stage_spawn(stage, "", 0), b = stage_spawn(stage, "b", 0);
	struct actor_end end;

	assert_int_equal(stage_call(stage, a.address, assert_even, 3, NULL), ACTOR_E_STOPPED);
	end = stage_join(stage, a.mailbox);
	assert_int_equal(end.how, ACTOR_ENDED_FAILED);
	assert_string_equal(end.failure->text, "message->number++ % 2 == 0");
	assert_string_equal(end.failure->message_type, "play.perform");
	assert_non_null(strstr(end.failure->file, "failure.c"));
	assert_true(end.failure->line > 0);
	/* What holds is evaluated once, and nothing comes of it. */
	stage_begin(stage, 0, b.address, assert_even, 4, NULL);
	assert_int_equal(stage_answer(stage, 0), 0);
	assert_int_equal(stage->answers[0], 5);
}

static void fail_with_numbers(struct player *self, struct play_perform *message,
			      struct actor_reply **slot, struct actor_context *context)
{
	(void)self;
	(void)slot;
	if (message->number < 0)
		ACTOR_FAILF(context, "%0*d", (int)-message->number, 0);
	ACTOR_FAILF(context, "%d of %s", (int)message->number, "seven");
}

static void the_reason_may_be_formatted(struct stage *stage)
{
	struct cast a = stage_spawn(stage, "", 0), b = stage_spawn(stage, "b", 0);
	struct actor_end end;

	assert_int_equal(stage_call(stage, a.address, fail_with_numbers, 3, NULL), ACTOR_E_STOPPED);
	end = stage_join(stage, a.mailbox);
	assert_int_equal(end.how, ACTOR_ENDED_FAILED);
	assert_string_equal(end.failure->text, "3 of seven");
	assert_non_null(strstr(end.failure->file, "failure.c"));
	/* What is too long is cut; an implementation may keep even less. */
	assert_int_equal(stage_call(stage, b.address, fail_with_numbers, -600, NULL),
			 ACTOR_E_STOPPED);
	end = stage_join(stage, b.mailbox);
	assert_int_equal(end.how, ACTOR_ENDED_FAILED);
	assert_true(strlen(end.failure->text) < 500);
}

static void fail_in_hook(struct player *self, struct actor_context *context)
{
	(void)self;
	ACTOR_FAIL(context, "in a hook");
}

static void wait_and_fail_in_hook(struct player *self, struct actor_context *context)
{
	gate_pass(&self->stage->gate, context, ACTOR_FOREVER);
	fail_in_hook(self, context);
}

static void start_with_hooks(struct stage *stage, struct cast *cast, player_hook_fn *on_started,
			     player_hook_fn *on_stopped)
{
	cast->state = player_create(stage, "");
	cast->state->on_started = on_started;
	cast->state->on_stopped = on_stopped;
	assert_int_equal(actor_mailbox_start(cast->mailbox, cast->state, NULL, NULL), 0);
}

static void started_may_fail(struct stage *stage)
{
	struct cast a = stage_unstarted(stage, "", 2);

	stage_note(stage, a.address, 1);
	start_with_hooks(stage, &a, fail_in_hook, NULL);
	assert_failed(stage, &a, "in a hook", NULL);
	assert_recorded(stage, "started destroyed");
	/* What was queued is still there. */
	stage_note(stage, a.address, 2);
	assert_int_equal(stage_try_note(stage, a.address, 3), ACTOR_E_FULL);
	stage->n_dead = 2;
}

static void started_may_fail_after_a_wait(struct stage *stage)
{
	struct cast a = stage_unstarted(stage, "", 0);

	start_with_hooks(stage, &a, wait_and_fail_in_hook, NULL);
	stage_expect(stage, "started", 1);
	gate_open(&stage->gate);
	assert_failed(stage, &a, "in a hook", NULL);
	assert_recorded(stage, "started destroyed");
}

static void stopped_may_fail_and_the_mailbox_is_closed(struct stage *stage)
{
	struct cast a = stage_unstarted(stage, "", 0);
	struct player *late = player_create(stage, "late");

	start_with_hooks(stage, &a, NULL, fail_in_hook);
	stage_release(stage, &a.address);
	assert_failed(stage, &a, "in a hook", NULL);
	a.address = stage_address(stage, a.mailbox);
	assert_int_equal(stage_try_note(stage, a.address, 1), ACTOR_E_CLOSED);
	assert_int_equal(actor_mailbox_start(a.mailbox, late, NULL, NULL), ACTOR_E_CLOSED);
	player_destroy(late);
	assert_recorded(stage, "started stopped destroyed");
}

static void others_go_on(struct stage *stage)
{
	struct cast a = stage_spawn(stage, "", 0), b = stage_spawn(stage, "b", 0);
	int i;

	stage_begin(stage, 0, b.address, play_wait, 3, NULL);
	stage_expect(stage, "b.waiting", 1);
	for (i = 0; i < 20; i++) {
		struct cast failing = stage_spawn(stage, "f", 0);

		assert_int_equal(stage_call(stage, failing.address, play_fail, 0, NULL),
				 ACTOR_E_STOPPED);
		stage_join_ended(stage, &failing, ACTOR_ENDED_FAILED);
		stage_ping(stage, a.address);
		stage_destroy(stage, &failing.mailbox);
	}
	gate_open(&stage->gate);
	assert_int_equal(stage_answer(stage, 0), 0);
	assert_int_equal(stage->answers[0], 3);
}

static void answer_and_fail(struct player *self, struct play_perform *message,
			    struct actor_reply **slot, struct actor_context *context)
{
	(void)self;
	play_answer(slot, message->number);
	ACTOR_FAIL(context, "after the answer");
}

static void what_has_been_answered_stays_answered(struct stage *stage)
{
	struct cast a = stage_spawn(stage, "", 0);

	assert_int_equal(stage_call(stage, a.address, answer_and_fail, 4, NULL), 0);
	assert_failed(stage, &a, "after the answer", "play.perform");
}

/* ---- what the abandoned stack had open */

struct undo {
	struct actor_cleanup cleanup;
	struct player *player;
	char name;
};

static void record_undo(void *user)
{
	struct undo *undo = user;

	player_record(undo->player, "undo-%c", undo->name);
}

static void open_and_fail(struct player *self, struct play_perform *message,
			  struct actor_reply **slot, struct actor_context *context)
{
	struct undo undos[4] = {
		{ .player = self, .name = 'a' },
		{ .player = self, .name = 'b' },
		{ .player = self, .name = 'c' },
		{ .player = self, .name = 'd' },
	};
	size_t i;

	(void)slot;
	for (i = 0; i < 4; i++)
		actor_defer(context, &undos[i].cleanup, record_undo, &undos[i]);
	actor_undefer(context, &undos[1].cleanup);
	if (message->number > 0)
		actor_sleep_until(context, actor_now(context) + message->number);
	ACTOR_FAIL(context, "with things to undo");
}

static void what_was_deferred_is_undone_the_latest_first(struct stage *stage)
{
	struct cast a = stage_spawn(stage, "", 0);

	assert_int_equal(stage_call(stage, a.address, open_and_fail, 0, NULL), ACTOR_E_STOPPED);
	assert_failed(stage, &a, "with things to undo", "play.perform");
	assert_recorded(stage, "started undo-d undo-c undo-a destroyed");
}

static void what_was_deferred_is_undone_after_a_wait_too(struct stage *stage)
{
	struct cast a = stage_spawn(stage, "", 0);

	stage_begin(stage, 0, a.address, open_and_fail, 1000, NULL);
	assert_int_equal(stage_answer(stage, 0), ACTOR_E_STOPPED);
	assert_failed(stage, &a, "with things to undo", "play.perform");
	assert_recorded(stage, "started undo-d undo-c undo-a destroyed");
}

static void return_cargo(void *user)
{
	owned_return(user);
}

/* Takes its message's cargo, which is then its own to release. */
static void take_and_fail(struct player *self, struct play_perform *message,
			  struct actor_reply **slot, struct actor_context *context)
{
	struct owned cargo = owned_move(&message->cargo);
	struct actor_cleanup cleanup;

	(void)self;
	(void)slot;
	actor_defer(context, &cleanup, return_cargo, &cargo);
	ACTOR_FAIL(context, "with cargo");
}

static void the_message_in_hand_is_dropped_once(struct stage *stage)
{
	struct cast a = stage_spawn(stage, "", 0), b = stage_spawn(stage, "b", 0);

	stage_perform(stage, a.address, play_fail, 0, NULL);
	stage_perform(stage, b.address, take_and_fail, 0, NULL);
	stage_join_ended(stage, &a, ACTOR_ENDED_FAILED);
	stage_join_ended(stage, &b, ACTOR_ENDED_FAILED);
	assert_int_equal(ledger_n_out(&stage->ledger), 0);
	assert_int_equal(ledger_n_twice(&stage->ledger), 0);
}

/* Begins two calls at @user, and fails before they are answered. */
static void call_and_fail(struct player *self, struct play_perform *message,
			  struct actor_reply **slot, struct actor_context *context)
{
	struct actor_future futures[2];
	int64_t answer;
	size_t i;

	(void)slot;
	for (i = 0; i < 2; i++) {
		struct play_perform perform = { .act = i == 0 ? play_keep : play_wait };
		int rc = actor_call_begin(context, &futures[i], message->user, &play_perform_type,
					  &perform, &answer);

		player_record(self, "begun:%s", status_word(rc));
	}
	if (message->number > 0)
		actor_sleep_until(context, actor_now(context) + message->number);
	ACTOR_FAIL(context, "with calls in flight");
}

static void calls_in_flight_are_given_up(struct stage *stage)
{
	struct cast a = stage_spawn(stage, "", 0), callee = stage_spawn(stage, "c", 0);

	stage_perform(stage, a.address, call_and_fail, 1000, callee.address);
	assert_failed(stage, &a, "with calls in flight", "play.perform");
	gate_open(&stage->gate);
	stage_perform(stage, callee.address, play_answer_kept, 1, NULL);
	stage_ping(stage, callee.address);
	assert_string_equal(probe_text_of(&stage->probe, "c."),
			    "c.started c.kept c.waiting c.woken c.answered:abandoned");
}

static int fail_deep(struct actor_context *context, int depth)
{
	volatile char frame[100];

	frame[depth] = 1;
	if (context && depth == 0)
		ACTOR_FAIL(context, "deep down");
	return depth > 0 ? fail_deep(context, depth - 1) + frame[depth] : 0;
}

static void recurse_and_fail(struct player *self, struct play_perform *message,
			     struct actor_reply **slot, struct actor_context *context)
{
	(void)slot;
	player_record(self, "returned:%d", fail_deep(context, (int)message->number));
}

static void a_failure_may_come_from_deep_down(struct stage *stage)
{
	int i;

	for (i = 0; i < 30; i++) {
		struct cast a = stage_spawn(stage, "", 0);

		assert_int_equal(stage_call(stage, a.address, recurse_and_fail, 99, NULL),
				 ACTOR_E_STOPPED);
		assert_failed(stage, &a, "deep down", "play.perform");
		stage_destroy(stage, &a.mailbox);
	}
}

/* ---- the mailbox */

static void what_is_queued_stays_queued(struct stage *stage)
{
	struct cast a = stage_unstarted(stage, "", 3);
	struct actor_address *weak = stage_keep(stage, actor_address_weak(a.address));

	stage_perform(stage, a.address, play_fail, 0, NULL);
	stage_parcel(stage, a.address, 1);
	stage_begin(stage, 0, a.address, play_note_number, 2, NULL);
	stage_start(stage, &a);
	stage_join_ended(stage, &a, ACTOR_ENDED_FAILED);
	assert_int_equal(actor_future_await(&stage->futures[0], ACTOR_AT_ONCE), ACTOR_E_TIMEOUT);
	stage_note(stage, weak, 3); /* it takes messages as before */
	assert_int_equal(stage_try_note(stage, a.address, 4), ACTOR_E_FULL);
	assert_non_null(stage_keep(stage, actor_address_upgrade(weak)));
	assert_recorded(stage, "started failing destroyed");
	stage->n_dead = 3;
}

static void take_end(void *user, struct actor_end *end)
{
	struct stage *stage = user;

	if (end->failure && strstr(end->failure->text, "no memory"))
		stage_saw(stage, ACTOR_E_NOMEM);
	probe_record(&stage->probe, "ended:%d:%s%s", end->how, end->state ? "state" : "none",
		     end->failure && strcmp(end->failure->text, "as told") == 0 ? ":as-told" : "");
}

static void on_end_is_told_why(struct stage *stage)
{
	struct cast a = stage_unstarted(stage, "", 0);

	a.state = player_create(stage, "");
	assert_int_equal(actor_mailbox_start(a.mailbox, a.state, take_end, stage), 0);
	stage_perform(stage, a.address, play_fail, 0, NULL);
	stage_join_ended(stage, &a, ACTOR_ENDED_FAILED);
	assert_recorded(stage, "started failing destroyed ended:2:none:as-told");
}

const struct contract_test contract_failure_tests[] = {
	{ "failure: the caller learns, and the state is released", "fail S-02 S-04 S-08 S-14 C-04",
	  the_caller_learns_and_the_state_is_released, 0, 0 },
	{ "failure: a handler may fail after a wait", "fail S-01 S-04",
	  a_handler_may_fail_after_a_wait, CONTRACT_SUSPEND, 0 },
	{ "failure: the reason outlives the stack that it was given on", "fail end",
	  the_reason_outlives_the_stack, 0, 0 },
	{ "failure: an assertion fails only its actor", "fail S-01 S-04",
	  an_assertion_fails_only_its_actor, 0, 0 },
	{ "failure: the reason may be formatted", "fail end", the_reason_may_be_formatted, 0, 0 },
	{ "failure: started may fail", "fail S-13 S-03", started_may_fail, 0, 0 },
	{ "failure: started may fail after a wait", "fail S-13", started_may_fail_after_a_wait,
	  CONTRACT_SUSPEND, 0 },
	{ "failure: stopped may fail, and the mailbox is closed", "fail S-13 start",
	  stopped_may_fail_and_the_mailbox_is_closed, 0, 0 },
	{ "failure: others go on", "fail S-01 L-09", others_go_on, CONTRACT_SUSPEND, 0 },
	{ "failure: what has been answered stays answered", "fail deliver",
	  what_has_been_answered_stays_answered, 0, 0 },
	{ "failure: what was deferred is undone, the latest first", "fail scope",
	  what_was_deferred_is_undone_the_latest_first, 0, 0 },
	{ "failure: what was deferred is undone after a wait, too", "fail scope",
	  what_was_deferred_is_undone_after_a_wait_too, CONTRACT_SUSPEND, 0 },
	{ "failure: the message in hand is dropped once", "fail drop S-03 L-34",
	  the_message_in_hand_is_dropped_once, 0, 0 },
	{ "failure: calls in flight are given up", "fail scope C-12", calls_in_flight_are_given_up,
	  CONTRACT_SUSPEND, 0 },
	{ "failure: it may come from deep down", "fail", a_failure_may_come_from_deep_down, 0, 0 },
	{ "failure: what is queued stays queued", "fail S-02 S-03 S-06 L-34 L-30",
	  what_is_queued_stays_queued, 0, 0 },
	{ "failure: on_end is told why, once", "fail on-end", on_end_is_told_why, 0, 0 },
	{ 0 },
};
