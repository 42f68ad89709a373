/* SPDX-License-Identifier: MIT */

/* Actors that wait for each other for ever, where an implementation finds that out. */

#include "suite.h"

#include <string.h>

enum { MOST_IN_CIRCLE = 3 };

struct circle {
	struct cast casts[MOST_IN_CIRCLE];
	size_t n;
};

/* What came of a wait, and whether the detail names who waits here and for whom. */
static void record_wait(struct player *self, struct actor_context *context, int rc,
			const char *other)
{
	const struct actor_error *error = actor_error(context);

	stage_saw(self->stage, rc);
	player_record(self, "%s", status_word(rc));
	if (rc == ACTOR_E_DEADLOCK && error->code == rc && strstr(error->text, self->name) &&
	    strstr(error->text, other))
		player_record(self, "explained");
}

/* Calls the next one, who calls the next one, up to the first. */
static void call_next(struct player *self, struct play_perform *message, struct actor_reply **slot,
		      struct actor_context *context)
{
	struct circle *circle = message->user;
	int64_t next = message->number + 1;
	struct cast *cast = &circle->casts[(size_t)next % circle->n];
	struct play_perform perform = {
		.act = (size_t)next < circle->n ? call_next : play_note_number,
		.number = next,
		.user = circle,
	};
	int rc = actor_call(context, cast->address, &play_perform_type, &perform, NULL);

	record_wait(self, context, rc, cast->state->name);
	play_answer(slot, message->number);
}

static struct circle make_circle(struct stage *stage, size_t n)
{
	static const char *const names[MOST_IN_CIRCLE] = { "anna", "bert", "carl" };
	struct circle circle = { .n = n };

	for (size_t i = 0; i < n; i++)
		circle.casts[i] = stage_spawn(stage, names[i], 0);
	return circle;
}

static void call_in_circle(struct stage *stage, struct circle *circle)
{
	assert_int_equal(stage_call(stage, circle->casts[0].address, call_next, 0, circle), 0);
	for (size_t i = 0; i < circle->n; i++)
		stage_ping(stage, circle->casts[i].address);
}

static void who_calls_itself_is_told_and_nothing_is_sent(struct stage *stage)
{
	struct circle circle = make_circle(stage, 1);

	call_in_circle(stage, &circle);
	assert_recorded(stage, "anna.started anna.deadlock anna.explained");
}

/* A weak address, as well. */
static void call_self(struct player *self, struct play_perform *message, struct actor_reply **slot,
		      struct actor_context *context)
{
	struct play_ping ping = { .number = message->number };
	int rc = actor_call(context, actor_self(context), &play_ping_type, &ping, NULL);

	record_wait(self, context, rc, self->name);
	play_answer(slot, message->number);
}

static void who_calls_itself_by_its_weak_address_is_told(struct stage *stage)
{
	struct cast a = stage_spawn(stage, "anna", 0);

	assert_int_equal(stage_call(stage, a.address, call_self, 0, NULL), 0);
	assert_recorded(stage, "anna.started anna.deadlock anna.explained");
}

/* The call that is given up is handled afterwards, as after a deadline. */
static void of_two_who_call_each_other_the_last_is_told(struct stage *stage)
{
	struct circle circle = make_circle(stage, 2);

	call_in_circle(stage, &circle);
	assert_string_equal(probe_text_of(&stage->probe, "anna."), "anna.started anna.ok anna.2");
	assert_string_equal(probe_text_of(&stage->probe, "bert."),
			    "bert.started bert.deadlock bert.explained");
}

static void of_three_in_a_circle_the_last_is_told(struct stage *stage)
{
	struct circle circle = make_circle(stage, 3);

	call_in_circle(stage, &circle);
	assert_string_equal(probe_text_of(&stage->probe, "anna."), "anna.started anna.ok anna.3");
	assert_string_equal(probe_text_of(&stage->probe, "bert."), "bert.started bert.ok");
	assert_string_equal(probe_text_of(&stage->probe, "carl."),
			    "carl.started carl.deadlock carl.explained");
}

static void fill_own_mailbox(struct player *self, struct play_perform *message,
			     struct actor_reply **slot, struct actor_context *context)
{
	struct play_note note = { .number = 1 };
	int rc;

	while ((rc = actor_try_send(actor_self(context), &play_note_type, &note)) == 0)
		;
	stage_saw(self->stage, rc);
	note.number = 2;
	rc = actor_send(context, actor_self(context), &play_note_type, &note);
	record_wait(self, context, rc, self->name);
	play_answer(slot, message->number);
}

/* What it wanted to send was not accepted. */
static void who_waits_for_its_own_room_is_told(struct stage *stage)
{
	struct cast a = stage_spawn(stage, "anna", 2);

	assert_int_equal(stage_call(stage, a.address, fill_own_mailbox, 0, NULL), 0);
	stage_ping(stage, a.address);
	assert_recorded(stage, "anna.started anna.deadlock anna.explained anna.1 anna.1");
}

/* Sends three notes to the next one, whose mailbox has room for one; there is one in its hands. */
static void send_next(struct player *self, struct play_perform *message, struct actor_reply **slot,
		      struct actor_context *context)
{
	struct circle *circle = message->user;
	struct cast *next = &circle->casts[1 - message->number];
	struct play_note note = { .number = message->number };
	int rc = 0;

	for (int i = 0; i < 3 && rc == 0; i++)
		rc = actor_send(context, next->address, &play_note_type, &note);
	record_wait(self, context, rc, next->state->name);
	play_answer(slot, message->number);
}

/* Passes the gate first, with the other. */
static void meet_and_send(struct player *self, struct play_perform *message,
			  struct actor_reply **slot, struct actor_context *context)
{
	player_record(self, "ready");
	stage_saw(self->stage, gate_pass(&self->stage->gate, context, ACTOR_FOREVER));
	send_next(self, message, slot, context);
}

static void of_two_who_wait_for_each_others_room_one_is_told(struct stage *stage)
{
	struct circle circle = {
		.casts = { stage_spawn(stage, "anna", 1), stage_spawn(stage, "bert", 1) }, .n = 2
	};
	size_t i;

	for (i = 0; i < 2; i++)
		stage_begin(stage, i, circle.casts[i].address, meet_and_send, (int64_t)i, &circle);
	stage_expect(stage, "anna.ready", 1);
	stage_expect(stage, "bert.ready", 1);
	gate_open(&stage->gate);
	for (i = 0; i < 2; i++)
		assert_int_equal(stage_answer(stage, i), 0);
	for (i = 0; i < 2; i++)
		stage_ping(stage, circle.casts[i].address);
	/* Either; its notes are fewer then. */
	assert_int_equal(probe_count(&stage->probe, "anna.deadlock") +
				 probe_count(&stage->probe, "bert.deadlock"),
			 1);
	assert_int_equal(probe_count(&stage->probe, "anna.explained") +
				 probe_count(&stage->probe, "bert.explained"),
			 1);
	assert_int_equal(
		probe_count(&stage->probe, "anna.ok") + probe_count(&stage->probe, "bert.ok"), 1);
}

static void call_friend(struct player *self, struct play_perform *message,
			struct actor_reply **slot, struct actor_context *context)
{
	struct play_ping ping = { .number = message->number };
	int rc = actor_call(context, message->user, &play_ping_type, &ping, NULL);

	player_record(self, "%s", status_word(rc));
	play_answer(slot, message->number);
}

/* Somebody who waits for something else, and somebody who waits for him. */
static void who_may_still_go_on_is_left_alone(struct stage *stage)
{
	struct circle circle = make_circle(stage, 2);
	struct cast x = stage_spawn(stage, "xaver", 0), y = stage_spawn(stage, "yvonne", 0);

	stage_begin(stage, 0, x.address, play_wait, 0, NULL);
	stage_expect(stage, "xaver.waiting", 1);
	stage_begin(stage, 1, y.address, call_friend, 0, x.address);
	call_in_circle(stage, &circle);
	assert_int_equal(probe_count(&stage->probe, "bert.deadlock"), 1);
	assert_string_equal(probe_text_of(&stage->probe, "xaver."), "xaver.started xaver.waiting");
	gate_open(&stage->gate);
	assert_int_equal(stage_answer(stage, 0), 0);
	assert_int_equal(stage_answer(stage, 1), 0);
	assert_string_equal(probe_text_of(&stage->probe, "yvonne."), "yvonne.started yvonne.ok");
}

/* A second time, with the same actors: a deadlock leaves nothing behind. */
static void who_was_told_can_be_told_again(struct stage *stage)
{
	struct circle circle = make_circle(stage, 2);

	call_in_circle(stage, &circle);
	call_in_circle(stage, &circle);
	assert_int_equal(probe_count(&stage->probe, "bert.deadlock"), 2);
	assert_int_equal(probe_count(&stage->probe, "anna.ok"), 2);
}

enum { NEEDED = CONTRACT_SUSPEND | CONTRACT_DEADLOCKS };

const struct contract_test contract_deadlock_tests[] = {
	{ "deadlock: who calls itself is told, and nothing is sent", "C-15 deadlock",
	  who_calls_itself_is_told_and_nothing_is_sent, NEEDED, 0 },
	{ "deadlock: who calls itself by its weak address is told", "C-15 deadlock",
	  who_calls_itself_by_its_weak_address_is_told, NEEDED, 0 },
	{ "deadlock: of two who call each other the last is told", "C-15 deadlock",
	  of_two_who_call_each_other_the_last_is_told, NEEDED, 0 },
	{ "deadlock: of three in a circle the last is told", "C-15 deadlock",
	  of_three_in_a_circle_the_last_is_told, NEEDED, 0 },
	{ "deadlock: who waits for its own room is told", "C-16 deadlock",
	  who_waits_for_its_own_room_is_told, NEEDED, 0 },
	{ "deadlock: of two who wait for each other's room one is told", "C-16 deadlock",
	  of_two_who_wait_for_each_others_room_one_is_told, NEEDED, 0 },
	{ "deadlock: who may still go on is left alone", "deadlock",
	  who_may_still_go_on_is_left_alone, NEEDED, 0 },
	{ "deadlock: who was told can be told again", "deadlock", who_was_told_can_be_told_again,
	  NEEDED, 0 },
	{ 0 },
};
