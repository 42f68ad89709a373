/* SPDX-License-Identifier: MIT */

/* Stopping: an ordinary end at somebody's request, whatever addresses there are. */

#include "suite.h"

static struct cast spawn_waiting(struct stage *stage)
{
	struct cast a = stage_spawn(stage, "", 0);

	stage_begin(stage, 0, a.address, play_wait, 7, NULL);
	stage_expect(stage, "waiting", 1);
	return a;
}

static void draining_handles_what_is_queued_and_takes_nothing_new(struct stage *stage)
{
	struct cast a = spawn_waiting(stage);
	struct actor_address *weak = stage_keep(stage, actor_address_weak(a.address));

	stage_note(stage, a.address, 1);
	stage_begin(stage, 1, a.address, play_note_number, 2, NULL);
	assert_int_equal(actor_address_stop(a.address, ACTOR_STOP_DRAIN), 0);
	assert_int_equal(stage_try_note(stage, a.address, 9), ACTOR_E_CLOSED);
	assert_int_equal(stage_try_note(stage, weak, 9), ACTOR_E_CLOSED);
	assert_int_equal(stage_call(stage, a.address, play_note_number, 9, NULL), ACTOR_E_CLOSED);
	gate_open(&stage->gate);
	assert_int_equal(stage_answer(stage, 0), 0);
	assert_int_equal(stage_answer(stage, 1), 0);
	stage_join_stopped(stage, &a);
	assert_recorded(stage, "started waiting woken 1 2 stopped");
	assert_int_equal(stage_try_note(stage, a.address, 9), ACTOR_E_CLOSED);
}

static void stopping_now_finishes_the_message_in_hand_alone(struct stage *stage)
{
	struct cast a = spawn_waiting(stage);

	stage_parcel(stage, a.address, 1);
	stage_begin(stage, 1, a.address, play_note_number, 2, NULL);
	assert_int_equal(actor_address_stop(a.address, ACTOR_STOP_NOW), 0);
	assert_int_equal(stage_try_note(stage, a.address, 9), ACTOR_E_CLOSED);
	gate_open(&stage->gate);
	assert_int_equal(stage_answer(stage, 0), 0); /* its wait is not interrupted */
	assert_int_equal(stage->answers[0], 7);
	assert_int_equal(stage_answer(stage, 1), ACTOR_E_STOPPED);
	stage_join_stopped(stage, &a);
	assert_recorded(stage, "started waiting woken stopped");
	stage->n_dead = 2;
}

static void an_idle_actor_stops_although_there_are_addresses(struct stage *stage)
{
	const enum actor_stop hows[] = { ACTOR_STOP_DRAIN, ACTOR_STOP_NOW };
	size_t i;

	for (i = 0; i < 2; i++) {
		struct cast a = stage_spawn(stage, "", 0);

		stage_ping(stage, a.address);
		assert_int_equal(actor_address_stop(a.address, hows[i]), 0);
		stage_join_stopped(stage, &a);
		assert_int_equal(stage_try_note(stage, a.address, 1), ACTOR_E_CLOSED);
		assert_recorded(stage, "started stopped");
		probe_clear(&stage->probe);
	}
}

static void stop_self(struct player *self, struct play_perform *message, struct actor_reply **slot,
		      struct actor_context *context)
{
	struct play_note note = { .number = 9 };
	int rc = actor_stop(context, (enum actor_stop)message->number);

	player_record(self, "stop:%s", status_word(rc));
	rc = actor_try_send(actor_self(context), &play_note_type, &note);
	player_record(self, "sent:%s", status_word(rc));
	play_answer(slot, message->number);
}

static void an_actor_drains_itself(struct stage *stage)
{
	struct cast a = stage_unstarted(stage, "", 0);

	stage_begin(stage, 0, a.address, stop_self, ACTOR_STOP_DRAIN, NULL);
	stage_note(stage, a.address, 1);
	stage_note(stage, a.address, 2);
	stage_start(stage, &a);
	assert_int_equal(stage_answer(stage, 0), 0);
	stage_join_stopped(stage, &a);
	assert_recorded(stage, "started stop:ok sent:closed 1 2 stopped");
}

static void an_actor_stops_itself_now(struct stage *stage)
{
	struct cast a = stage_unstarted(stage, "", 0);

	stage_begin(stage, 0, a.address, stop_self, ACTOR_STOP_NOW, NULL);
	stage_note(stage, a.address, 1);
	stage_begin(stage, 1, a.address, play_note_number, 2, NULL);
	stage_start(stage, &a);
	assert_int_equal(stage_answer(stage, 0), 0);
	assert_int_equal(stage_answer(stage, 1), ACTOR_E_STOPPED);
	stage_join_stopped(stage, &a);
	assert_recorded(stage, "started stop:ok sent:closed stopped");
	stage->n_dead = 2;
}

static void stop_in_hook(struct player *self, struct actor_context *context)
{
	player_record(self, "stop:%s", status_word(actor_stop(context, ACTOR_STOP_DRAIN)));
}

static void an_actor_may_stop_itself_when_it_starts(struct stage *stage)
{
	struct cast a = stage_unstarted(stage, "", 0);

	a.state = player_create(stage, "");
	a.state->on_started = stop_in_hook;
	stage_note(stage, a.address, 1);
	assert_int_equal(actor_mailbox_start(a.mailbox, a.state, NULL, NULL), 0);
	stage_join_stopped(stage, &a);
	assert_recorded(stage, "started stop:ok 1 stopped");
}

static void draining_can_be_cut_short(struct stage *stage)
{
	struct cast a = spawn_waiting(stage);

	stage_note(stage, a.address, 1);
	assert_int_equal(actor_address_stop(a.address, ACTOR_STOP_DRAIN), 0);
	assert_int_equal(actor_mailbox_stop(a.mailbox, ACTOR_STOP_NOW), 0);
	assert_int_equal(actor_address_stop(a.address, ACTOR_STOP_DRAIN), 0); /* no way back */
	gate_open(&stage->gate);
	stage_join_stopped(stage, &a);
	assert_int_equal(stage_answer(stage, 0), 0);
	assert_recorded(stage, "started waiting woken stopped");
	stage->n_dead = 1;
}

static void stopping_what_has_ended_is_fine(struct stage *stage)
{
	struct cast a = stage_spawn(stage, "", 0);

	assert_int_equal(actor_address_stop(a.address, ACTOR_STOP_NOW), 0);
	assert_int_equal(actor_address_stop(a.address, ACTOR_STOP_NOW), 0);
	stage_join_stopped(stage, &a);
	assert_int_equal(actor_address_stop(a.address, ACTOR_STOP_NOW), 0);
	assert_int_equal(actor_mailbox_stop(a.mailbox, ACTOR_STOP_DRAIN), 0);
	stage_destroy(stage, &a.mailbox);
	assert_int_equal(actor_address_stop(a.address, ACTOR_STOP_DRAIN), 0);
	assert_recorded(stage, "started stopped");
}

static void a_weak_address_can_stop_its_actor(struct stage *stage)
{
	struct cast a = stage_spawn(stage, "", 0);
	struct actor_address *weak = stage_keep(stage, actor_address_weak(a.address));

	stage_ping(stage, a.address);
	assert_int_equal(actor_address_stop(weak, ACTOR_STOP_DRAIN), 0);
	stage_join_stopped(stage, &a);
}

static void stop_for_room(struct player *self, struct play_perform *message,
			  struct actor_reply **slot, struct actor_context *context)
{
	struct play_note note = { .number = message->number };
	int rc = actor_send(context, message->user, &play_note_type, &note);

	player_record(self, "sent:%s", status_word(rc));
	play_answer(slot, message->number);
}

static void an_actor_that_waits_for_room_finishes_before_it_stops(struct stage *stage)
{
	struct cast full = stage_unstarted(stage, "f", 1), a = stage_spawn(stage, "", 0);
	struct actor_address *spy = stage_keep(
		stage, spy_address_create(full.address, &stage->probe, "in-line"));

	stage_note(stage, full.address, 0);
	stage_begin(stage, 0, a.address, stop_for_room, 1, spy);
	stage_expect(stage, "in-line", 1);
	assert_int_equal(actor_address_stop(a.address, ACTOR_STOP_NOW), 0);
	stage_start(stage, &full);
	assert_int_equal(stage_answer(stage, 0), 0);
	stage_join_stopped(stage, &a);
	stage_ping(stage, full.address);
	assert_string_equal(probe_text_of(&stage->probe, "s"), "started sent:ok stopped");
	assert_string_equal(probe_text_of(&stage->probe, "f."), "f.started f.0 f.1");
}

/* There is nobody to stop yet; what is queued is either handled or refused, never lost. */
static void stopping_what_has_not_started_loses_nothing(struct stage *stage)
{
	struct cast a = stage_unstarted(stage, "", 0);
	struct player *player = player_create(stage, "");
	int started, answered;

	stage_begin(stage, 0, a.address, play_note_number, 1, NULL);
	assert_int_equal(actor_address_stop(a.address, ACTOR_STOP_DRAIN), 0);
	started = actor_mailbox_start(a.mailbox, player, NULL, NULL);
	assert_true(started == 0 || started == ACTOR_E_CLOSED);
	if (started == 0)
		a.state = player;
	else
		player_destroy(player);
	stage_destroy(stage, &a.mailbox);
	answered = stage_answer(stage, 0);
	assert_true(answered == 0 || answered == ACTOR_E_STOPPED);
	stage->n_dead = ANY_NUMBER;
}

/* ---- who cannot be stopped */

static void who_cannot_be_stopped_says_so_and_goes_on(struct stage *stage)
{
	struct cast a = stage_unstarted(stage, "", 0);
	struct actor_address *weak = stage_keep(stage, actor_address_weak(a.address));

	stage_begin(stage, 0, a.address, stop_self, ACTOR_STOP_NOW, NULL);
	assert_int_equal(actor_address_stop(a.address, ACTOR_STOP_DRAIN), ACTOR_E_UNSUPPORTED);
	stage_start(stage, &a);
	assert_int_equal(actor_address_stop(a.address, ACTOR_STOP_NOW), ACTOR_E_UNSUPPORTED);
	assert_int_equal(actor_address_stop(weak, ACTOR_STOP_DRAIN), ACTOR_E_UNSUPPORTED);
	assert_int_equal(actor_mailbox_stop(a.mailbox, ACTOR_STOP_DRAIN), ACTOR_E_UNSUPPORTED);
	assert_int_equal(stage_answer(stage, 0), 0);
	stage_ping(stage, a.address);
	stage_release(stage, &a.address);
	stage_join_stopped(stage, &a);
	assert_recorded(stage, "started stop:unsupported sent:ok 9 stopped");
}

const struct contract_test contract_stop_tests[] = {
	{ "stop: draining handles what is queued, and takes nothing new", "stop L-08 L-18",
	  draining_handles_what_is_queued_and_takes_nothing_new, CONTRACT_STOP | CONTRACT_SUSPEND,
	  0 },
	{ "stop: stopping now finishes the message in hand alone", "stop L-35 C-04 drop",
	  stopping_now_finishes_the_message_in_hand_alone, CONTRACT_STOP | CONTRACT_SUSPEND, 0 },
	{ "stop: an idle actor stops although there are addresses", "stop L-08 L-18",
	  an_idle_actor_stops_although_there_are_addresses, CONTRACT_STOP, 0 },
	{ "stop: an actor drains itself", "stop S-17", an_actor_drains_itself, CONTRACT_STOP, 0 },
	{ "stop: an actor stops itself now", "stop S-17 L-35 C-04", an_actor_stops_itself_now,
	  CONTRACT_STOP, 0 },
	{ "stop: an actor may stop itself when it starts", "stop S-17 I-02",
	  an_actor_may_stop_itself_when_it_starts, CONTRACT_STOP, 0 },
	{ "stop: draining can be cut short", "stop", draining_can_be_cut_short,
	  CONTRACT_STOP | CONTRACT_SUSPEND, 0 },
	{ "stop: stopping what has ended is fine", "stop", stopping_what_has_ended_is_fine,
	  CONTRACT_STOP, 0 },
	{ "stop: a weak address can stop its actor", "stop", a_weak_address_can_stop_its_actor,
	  CONTRACT_STOP, 0 },
	{ "stop: an actor that waits for room finishes before it stops", "stop line",
	  an_actor_that_waits_for_room_finishes_before_it_stops, CONTRACT_STOP | CONTRACT_SUSPEND,
	  0 },
	{ "stop: stopping what has not started loses nothing", "stop",
	  stopping_what_has_not_started_loses_nothing, CONTRACT_STOP, 0 },
	{ "stop: who cannot be stopped says so, and goes on", "nostop L-12",
	  who_cannot_be_stopped_says_so_and_goes_on, 0, CONTRACT_STOP },
	{ 0 },
};
