/* SPDX-License-Identifier: MIT */

/* Spawners: actors are made by whoever is handed one, actors included. */

#include "suite.h"

static void a_spawned_actor_ends_with_its_last_address(struct stage *stage)
{
	struct player *player = player_create(stage, "");
	struct actor_address *address, *weak;

	assert_int_equal(actor_spawn(stage->spawner, &player_behavior, player,
				     ACTOR_OPTIONS(.name = "child", .capacity = 2), &address),
			 0);
	stage_keep(stage, address);
	weak = stage_keep(stage, actor_address_weak(address));
	assert_string_equal(actor_address_name(address), "child");
	stage_note(stage, address, 1);
	stage_ping(stage, address);
	stage_release(stage, &address);
	stage_expect(stage, "destroyed", 1);
	assert_int_equal(stage_try_note(stage, weak, 1), ACTOR_E_CLOSED);
	assert_recorded(stage, "started 1 stopped destroyed");
}

static void a_spawned_actor_with_a_mailbox_hands_its_state_back(struct stage *stage)
{
	struct player *player = player_create(stage, "");
	struct cast a = { .state = player };

	assert_int_equal(actor_spawn_mailbox(stage->spawner, &player_behavior, player, NULL,
					     &a.address, &a.mailbox),
			 0);
	stage_keep(stage, a.address);
	stage_keep_mailbox(stage, a.mailbox);
	stage_ping(stage, a.address);
	stage_release(stage, &a.address);
	stage_join_stopped(stage, &a);
	assert_recorded(stage, "started stopped");
}

/* Spawns a child beside itself, calls it, and leaves its address to the test. */
static void spawn_child(struct player *self, struct play_perform *message,
			struct actor_reply **slot, struct actor_context *context)
{
	struct actor_address **child = message->user;
	struct player *player = player_create(self->stage, "child");
	struct play_note note = { .number = 1 };
	int rc = actor_spawn(actor_spawner(context), &player_behavior, player, NULL, child);

	player_record(self, "spawned:%s", status_word(rc));
	if (rc < 0) {
		player_destroy(player);
		return;
	}
	rc = actor_try_send(*child, &play_note_type, &note);
	player_record(self, "sent:%s", status_word(rc));
	play_answer(slot, message->number);
}

static void an_actor_spawns_another_that_outlives_it(struct stage *stage)
{
	struct cast parent = stage_spawn(stage, "p", 0);
	struct actor_address *child;

	assert_int_equal(stage_call(stage, parent.address, spawn_child, 0, &child), 0);
	stage_keep(stage, child);
	stage_release(stage, &parent.address);
	stage_join_stopped(stage, &parent);
	stage_ping(stage, child);
	stage_release(stage, &child);
	stage_expect(stage, "child.destroyed", 1);
	assert_string_equal(probe_text_of(&stage->probe, "p."),
			    "p.started p.spawned:ok p.sent:ok p.stopped");
	assert_string_equal(probe_text_of(&stage->probe, "child."),
			    "child.started child.1 child.stopped child.destroyed");
}

/* Makes a child, waits for its answer and for its end, all in one handler. */
static void raise_child(struct player *self, struct play_perform *message,
			struct actor_reply **slot, struct actor_context *context)
{
	struct player *player = player_create(self->stage, "child");
	struct play_ping ping = { .number = message->number };
	struct actor_address *address;
	struct actor_mailbox *mailbox;
	struct actor_end end;
	int64_t answer = 0;
	int rc = actor_spawn_mailbox(actor_spawner(context), &player_behavior, player, NULL,
				     &address, &mailbox);

	player_record(self, "spawned:%s", status_word(rc));
	if (rc < 0) {
		player_destroy(player);
		return;
	}
	rc = actor_call(context, address, &play_ping_type, &ping, &answer);
	player_record(self, "called:%s", status_word(rc));
	actor_address_unref(address);
	rc = actor_mailbox_join(context, mailbox, ACTOR_FOREVER, &end);
	player_record(self, "joined:%s", status_word(rc));
	if (rc == 0)
		actor_end_drop(&end);
	actor_mailbox_destroy(mailbox);
	play_answer(slot, answer);
}

static void an_actor_lives_through_anothers_life(struct stage *stage)
{
	struct cast parent = stage_spawn(stage, "p", 0);

	stage_begin(stage, 0, parent.address, raise_child, 8, NULL);
	assert_int_equal(stage_answer(stage, 0), 0);
	assert_int_equal(stage->answers[0], 8);
	assert_string_equal(probe_text_of(&stage->probe, "p."),
			    "p.started p.spawned:ok p.called:ok p.joined:ok");
	assert_string_equal(probe_text_of(&stage->probe, "child."),
			    "child.started child.stopped child.destroyed");
}

static void spawn_on_thread(struct helper *helper, struct actor_context *context)
{
	struct stage *stage = helper->stage;
	struct player *player = player_create(stage, "child");
	struct play_ping ping = { .number = 3 };
	struct actor_address *address;
	int64_t answer = 0;
	int rc = actor_spawn(stage->spawner, &player_behavior, player, NULL, &address);

	probe_record(&stage->probe, "spawned:%s", status_word(rc));
	if (rc < 0) {
		player_destroy(player);
		return;
	}
	rc = actor_call(context, address, &play_ping_type, &ping, &answer);
	probe_record(&stage->probe, "called:%s:%d", status_word(rc), (int)answer);
	actor_address_unref(address);
}

static void any_thread_may_spawn(struct stage *stage)
{
	static struct helper helpers[3];
	size_t i;

	for (i = 0; i < 3; i++) {
		helpers[i] = (struct helper){ .stage = stage, .run = spawn_on_thread };
		helper_start(&helpers[i]);
	}
	for (i = 0; i < 3; i++)
		helper_join(&helpers[i]);
	stage_expect(stage, "child.destroyed", 3);
	assert_int_equal(probe_count(&stage->probe, "called:ok:3"), 3);
}

/* ---- the end of the executor */

static void a_closed_executor_refuses_and_the_state_stays(struct stage *stage)
{
	struct cast a = stage_unstarted(stage, "", 0);
	struct player *player = player_create(stage, "");
	struct actor_mailbox *mailbox = NULL;
	struct actor_address *address = NULL;
	struct side *side = &stage->sides[0];

	side->subject->close(side->instance);
	side->subject->close(side->instance);
	assert_int_equal(actor_mailbox_create(stage->spawner, &player_behavior, NULL, &mailbox),
			 ACTOR_E_CLOSED);
	assert_int_equal(actor_spawn(stage->spawner, &player_behavior, player, NULL, &address),
			 ACTOR_E_CLOSED);
	assert_int_equal(actor_mailbox_start(a.mailbox, player, NULL, NULL), ACTOR_E_CLOSED);
	assert_null(mailbox);
	assert_null(address);
	player_destroy(player); /* it is still ours, and nothing has happened to it */
	assert_recorded(stage, "");
}

static void closing_cancels_what_runs(struct stage *stage)
{
	struct cast waiting = stage_spawn(stage, "w", 0), idle = stage_spawn(stage, "i", 0);
	struct actor_address *detached = NULL;
	struct side *side = &stage->sides[0];

	assert_int_equal(actor_spawn(stage->spawner, &player_behavior, player_create(stage, "d"),
				     NULL, &detached),
			 0);
	stage_keep(stage, detached);
	stage_begin(stage, 0, waiting.address, play_wait, 0, NULL);
	stage_begin(stage, 1, waiting.address, play_note_number, 0, NULL);
	stage_expect(stage, "w.waiting", 1);
	stage_ping(stage, idle.address);
	stage_ping(stage, detached);
	side->subject->close(side->instance);
	assert_int_equal(stage_answer(stage, 0), ACTOR_E_STOPPED);
	assert_int_equal(stage_answer(stage, 1), ACTOR_E_STOPPED);
	stage_join_ended(stage, &waiting, ACTOR_ENDED_CANCELLED);
	stage_join_ended(stage, &idle, ACTOR_ENDED_CANCELLED);
	stage_expect(stage, "d.destroyed", 1);
	assert_int_equal(stage_try_note(stage, detached, 1), ACTOR_E_CLOSED);
	assert_int_equal(stage_try_note(stage, idle.address, 1), ACTOR_E_CLOSED);
	assert_int_equal(probe_count(&stage->probe, "w.cancelled"), 1);
	assert_int_equal(probe_count(&stage->probe, "i.stopped"), 0);
	stage->n_dead = 1;
}

static void assert_refused(struct stage *stage, struct cast *cast)
{
	struct player *player = player_create(stage, "late");

	assert_int_equal(stage_try_note(stage, cast->address, 9), ACTOR_E_CLOSED);
	assert_int_equal(actor_mailbox_start(cast->mailbox, player, NULL, NULL), ACTOR_E_CLOSED);
	player_destroy(player);
}

/* No call waits for an actor that cannot come any more. */
static void closing_cancels_what_does_not_run(struct stage *stage)
{
	struct cast unstarted = stage_unstarted(stage, "u", 2),
		    failed = stage_unstarted(stage, "f", 0);
	struct side *side = &stage->sides[0];

	stage_parcel(stage, unstarted.address, 1);
	stage_begin(stage, 0, unstarted.address, play_note_number, 2, NULL);
	assert_int_equal(stage_line_up(stage, 0, unstarted.address, 3), ACTOR_E_FULL);
	stage_perform(stage, failed.address, play_fail, 0, NULL);
	stage_begin(stage, 1, failed.address, play_note_number, 4, NULL);
	stage_start(stage, &failed);
	stage_join_ended(stage, &failed, ACTOR_ENDED_FAILED);
	side->subject->close(side->instance);
	assert_int_equal(stage_answer(stage, 0), ACTOR_E_STOPPED);
	assert_int_equal(stage_answer(stage, 1), ACTOR_E_STOPPED);
	stage_expect_woken(stage, 0);
	assert_int_equal(stage_line_up(stage, 0, unstarted.address, 3), ACTOR_E_CLOSED);
	assert_refused(stage, &unstarted);
	assert_refused(stage, &failed);
	assert_recorded(stage, "f.started f.failing f.destroyed");
	stage->n_dead = 3;
}

static void closing_leaves_ends_to_be_asked_for(struct stage *stage)
{
	struct cast a = stage_spawn(stage, "", 0);
	struct side *side = &stage->sides[0];

	stage_release(stage, &a.address);
	assert_int_equal(actor_mailbox_join(stage->context, a.mailbox, stage_soon(stage), NULL), 0);
	side->subject->close(side->instance);
	stage_join_stopped(stage, &a);
	assert_recorded(stage, "started stopped");
}

const struct contract_test contract_spawner_tests[] = {
	{ "spawner: an actor that nobody owns ends with its last address", "B-07 L-06 spawner",
	  a_spawned_actor_ends_with_its_last_address, 0, 0 },
	{ "spawner: an actor with an owner hands its state back", "B-08 L-16 spawner",
	  a_spawned_actor_with_a_mailbox_hands_its_state_back, 0, 0 },
	{ "spawner: an actor spawns another, which outlives it", "spawner self I-31",
	  an_actor_spawns_another_that_outlives_it, 0, 0 },
	{ "spawner: an actor lives through another's life", "spawner B-12 join",
	  an_actor_lives_through_anothers_life, CONTRACT_SUSPEND, 0 },
	{ "spawner: any thread may spawn", "spawner I-06", any_thread_may_spawn,
	  CONTRACT_CROSS_THREAD, 0 },
	{ "spawner: a closed executor refuses, and the state stays", "C-05 start spawner",
	  a_closed_executor_refuses_and_the_state_stays, CONTRACT_CLOSE, 0 },
	{ "spawner: closing cancels what runs", "close L-10", closing_cancels_what_runs,
	  CONTRACT_CLOSE | CONTRACT_SUSPEND, 0 },
	{ "spawner: closing cancels what does not run", "close C-04 L-36 start",
	  closing_cancels_what_does_not_run, CONTRACT_CLOSE, 0 },
	{ "spawner: closing leaves ends to be asked for", "close end",
	  closing_leaves_ends_to_be_asked_for, CONTRACT_CLOSE, 0 },
	{ 0 },
};
