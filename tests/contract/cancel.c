/* SPDX-License-Identifier: MIT */

/* Cancelling: the end without ceremony. Waits end, and stay ended; running code is left alone. */

#include "suite.h"

/* ---- while it waits */

static void a_waiting_handler_is_told_and_returns(struct stage *stage)
{
	struct cast a = stage_spawn(stage, "", 0);

	stage_begin(stage, 0, a.address, play_wait, 0, NULL);
	stage_expect(stage, "waiting", 1);
	stage_parcel(stage, a.address, 1);
	stage_begin(stage, 1, a.address, play_note_number, 2, NULL);
	actor_mailbox_cancel(a.mailbox);
	assert_int_equal(stage_answer(stage, 0), ACTOR_E_STOPPED);
	assert_int_equal(stage_answer(stage, 1), ACTOR_E_STOPPED);
	stage_join_ended(stage, &a, ACTOR_ENDED_CANCELLED);
	assert_recorded(stage, "started waiting cancelled destroyed");
	assert_int_equal(stage_try_note(stage, a.address, 9), ACTOR_E_CLOSED);
	stage->n_dead = 2;
}

/* Tries every kind of wait; then one for what has been delivered. */
static void wait_again(struct player *self, struct play_perform *message, struct actor_reply **slot,
		       struct actor_context *context)
{
	int64_t soon_ns = actor_now(context) + INT64_C(1000) * 1000 * 1000 * 1000;
	struct play_note note = { .number = 1 };
	struct actor_reply *reply;
	int rc;

	(void)slot;
	if (stage_saw(self->stage, wait_open(context, &reply)) < 0)
		return;
	player_record(self, "waiting");
	rc = gate_pass(&self->stage->gate, context, ACTOR_FOREVER);
	player_record(self, "1:%s", status_word(rc));
	rc = gate_pass(&self->stage->gate, context, soon_ns);
	player_record(self, "2:%s", status_word(rc));
	rc = actor_sleep_until(context, soon_ns);
	player_record(self, "3:%s", status_word(rc));
	rc = actor_send(context, message->user, &play_note_type, &note);
	player_record(self, "4:%s", status_word(rc));
	rc = wait_for(context, reply, ACTOR_AT_ONCE);
	player_record(self, "5:%s", status_word(rc));
	wait_end(reply);
	rc = wait_for(context, reply, ACTOR_FOREVER);
	player_record(self, "6:%s", status_word(rc));
	wait_close(context, reply);
}

static void every_later_wait_ends_at_once(struct stage *stage)
{
	struct cast a = stage_spawn(stage, "", 0), full = stage_unstarted(stage, "", 1);

	stage_note(stage, full.address, 0);
	stage_perform(stage, a.address, wait_again, 0, full.address);
	stage_expect(stage, "waiting", 1);
	actor_mailbox_cancel(a.mailbox);
	stage_join_ended(stage, &a, ACTOR_ENDED_CANCELLED);
	assert_recorded(stage, "started waiting 1:cancelled 2:cancelled 3:cancelled 4:cancelled "
			       "5:cancelled 6:ok destroyed");
	stage_start(stage, &full);
	stage_expect(stage, "0", 1);
	stage_note(stage, full.address, 2); /* nobody is left in line */
	stage_ping(stage, full.address);
	assert_int_equal(probe_count(&stage->probe, "1"), 0);
}

static void send_parcel(struct player *self, struct play_perform *message,
			struct actor_reply **slot, struct actor_context *context)
{
	struct play_parcel parcel = { .number = 1, .cargo = ledger_lend(&self->stage->ledger) };
	const struct play_parcel same = parcel;
	int rc = actor_send(context, message->user, &play_parcel_type, &parcel);

	(void)slot;
	player_record(self, "sent:%s", status_word(rc));
	player_record(self, "%s",
		      memcmp(&parcel, &same, sizeof parcel) == 0 ? "untouched" : "touched");
	owned_return(&parcel.cargo);
}

static void waiting_for_room_ends(struct stage *stage)
{
	struct cast a = stage_spawn(stage, "", 0), full = stage_unstarted(stage, "f", 1);
	struct actor_address *spy = stage_keep(
		stage, spy_address_create(full.address, &stage->probe, "in-line"));

	stage_note(stage, full.address, 0);
	stage_begin(stage, 0, a.address, send_parcel, 0, spy);
	stage_expect(stage, "in-line", 1);
	actor_mailbox_cancel(a.mailbox);
	assert_int_equal(stage_answer(stage, 0), ACTOR_E_STOPPED);
	stage_join_ended(stage, &a, ACTOR_ENDED_CANCELLED);
	assert_recorded(stage, "started in-line sent:cancelled untouched destroyed");
	stage_start(stage, &full);
	stage_expect(stage, "f.0", 1);
	stage_note(stage, full.address, 2); /* the room is anybody's */
	stage_ping(stage, full.address);
	assert_int_equal(probe_count(&stage->probe, "f.1"), 0);
}

static void sleep_long(struct player *self, struct play_perform *message, struct actor_reply **slot,
		       struct actor_context *context)
{
	int rc;

	(void)message;
	(void)slot;
	player_record(self, "waiting");
	rc = actor_sleep_until(context, actor_now(context) + INT64_C(1000) * 1000 * 1000 * 1000);
	player_record(self, "slept:%s", status_word(rc));
}

static void sleeping_ends(struct stage *stage)
{
	struct cast a = stage_spawn(stage, "", 0);

	stage_perform(stage, a.address, sleep_long, 0, NULL);
	stage_expect(stage, "waiting", 1);
	actor_mailbox_cancel(a.mailbox);
	stage_join_ended(stage, &a, ACTOR_ENDED_CANCELLED);
	assert_recorded(stage, "started waiting slept:cancelled destroyed");
}

static void call_user(struct player *self, struct play_perform *message, struct actor_reply **slot,
		      struct actor_context *context)
{
	struct play_perform perform = { .act = play_keep };
	int rc = actor_call(context, message->user, &play_perform_type, &perform, NULL);

	(void)slot;
	player_record(self, "called:%s", status_word(rc));
}

static void a_call_ends_and_its_callee_learns_that_nobody_waits(struct stage *stage)
{
	struct cast caller = stage_spawn(stage, "", 0), callee = stage_spawn(stage, "c", 0);

	stage_perform(stage, caller.address, call_user, 0, callee.address);
	stage_expect(stage, "c.kept", 1);
	actor_mailbox_cancel(caller.mailbox);
	stage_join_ended(stage, &caller, ACTOR_ENDED_CANCELLED);
	stage_perform(stage, callee.address, play_answer_kept, 1, NULL);
	stage_ping(stage, callee.address);
	assert_int_equal(probe_count(&stage->probe, "called:cancelled"), 1);
	assert_int_equal(probe_count(&stage->probe, "c.answered:abandoned"), 1);
}

static void wait_in_hook(struct player *self, struct actor_context *context)
{
	int rc = gate_pass(&self->stage->gate, context, ACTOR_FOREVER);

	player_record(self, "hook:%s", status_word(rc));
}

static struct cast spawn_with_hooks(struct stage *stage, player_hook_fn *on_started,
				    player_hook_fn *on_stopped)
{
	struct cast a = stage_unstarted(stage, "", 0);

	a.state = player_create(stage, "");
	a.state->on_started = on_started;
	a.state->on_stopped = on_stopped;
	stage_note(stage, a.address, 1);
	assert_int_equal(actor_mailbox_start(a.mailbox, a.state, NULL, NULL), 0);
	return a;
}

static void waiting_in_started_ends_and_no_message_is_handled(struct stage *stage)
{
	struct cast a = spawn_with_hooks(stage, wait_in_hook, NULL);

	stage_expect(stage, "started", 1);
	actor_mailbox_cancel(a.mailbox);
	stage_join_ended(stage, &a, ACTOR_ENDED_CANCELLED);
	assert_recorded(stage, "started hook:cancelled destroyed");
	stage->n_dead = 1;
}

static void waiting_in_stopped_ends_and_the_state_is_not_handed_back(struct stage *stage)
{
	struct cast a = spawn_with_hooks(stage, NULL, wait_in_hook);

	stage_release(stage, &a.address);
	stage_expect(stage, "stopped", 1);
	actor_mailbox_cancel(a.mailbox);
	stage_join_ended(stage, &a, ACTOR_ENDED_CANCELLED);
	assert_recorded(stage, "started 1 stopped hook:cancelled destroyed");
}

/* ---- while it does not */

static void cancel_self(struct player *self, struct play_perform *message,
			struct actor_reply **slot, struct actor_context *context)
{
	int rc;

	(void)slot;
	actor_mailbox_cancel(message->user);
	player_record(self, "running");
	rc = gate_pass(&self->stage->gate, context, ACTOR_FOREVER);
	player_record(self, "%s", status_word(rc));
}

static void running_code_is_not_interrupted(struct stage *stage)
{
	struct cast a = stage_spawn(stage, "", 0);

	stage_begin(stage, 0, a.address, cancel_self, 0, a.mailbox);
	assert_int_equal(stage_answer(stage, 0), ACTOR_E_STOPPED);
	stage_join_ended(stage, &a, ACTOR_ENDED_CANCELLED);
	assert_recorded(stage, "started running cancelled destroyed");
}

static void cancel_and_return(struct player *self, struct play_perform *message,
			      struct actor_reply **slot, struct actor_context *context)
{
	(void)slot;
	(void)context;
	actor_mailbox_cancel(message->user);
	player_record(self, "running");
}

static void a_handler_that_does_not_wait_ends_by_itself(struct stage *stage)
{
	struct cast a = stage_unstarted(stage, "", 0);

	stage_begin(stage, 0, a.address, cancel_and_return, 0, a.mailbox);
	stage_note(stage, a.address, 9);
	stage_start(stage, &a);
	assert_int_equal(stage_answer(stage, 0), ACTOR_E_STOPPED);
	stage_join_ended(stage, &a, ACTOR_ENDED_CANCELLED);
	assert_recorded(stage, "started running destroyed");
	stage->n_dead = 1;
}

static void an_idle_actor_ends(struct stage *stage)
{
	struct cast a = stage_spawn(stage, "", 0);

	stage_ping(stage, a.address);
	actor_mailbox_cancel(a.mailbox);
	actor_mailbox_cancel(a.mailbox);
	stage_join_ended(stage, &a, ACTOR_ENDED_CANCELLED);
	actor_mailbox_cancel(a.mailbox);
	stage_join_ended(stage, &a, ACTOR_ENDED_CANCELLED);
	assert_recorded(stage, "started destroyed");
}

static void one_that_has_just_been_started_ends(struct stage *stage)
{
	int i;

	for (i = 0; i < 50; i++) {
		struct cast a = stage_spawn(stage, "", 0);
		const char *text;

		actor_mailbox_cancel(a.mailbox);
		stage_join_ended(stage, &a, ACTOR_ENDED_CANCELLED);
		text = probe_text(&stage->probe);
		assert_true(strcmp(text, "started destroyed") == 0 ||
			    strcmp(text, "destroyed") == 0);
		probe_clear(&stage->probe);
		stage_destroy(stage, &a.mailbox);
	}
}

static void assert_closed_for_good(struct stage *stage, struct cast *cast)
{
	struct player *player = player_create(stage, "late");

	assert_int_equal(stage_try_note(stage, cast->address, 9), ACTOR_E_CLOSED);
	assert_int_equal(actor_mailbox_start(cast->mailbox, player, NULL, NULL), ACTOR_E_CLOSED);
	player_destroy(player);
}

static void an_unstarted_mailbox_is_closed_for_good(struct stage *stage)
{
	struct cast a = stage_unstarted(stage, "", 0);
	struct actor_end end;

	stage_parcel(stage, a.address, 1);
	stage_begin(stage, 0, a.address, play_note_number, 2, NULL);
	actor_mailbox_cancel(a.mailbox);
	assert_int_equal(stage_answer(stage, 0), ACTOR_E_STOPPED);
	assert_int_equal(ledger_n_out(&stage->ledger), 0);
	assert_closed_for_good(stage, &a);
	assert_int_equal(actor_mailbox_end(a.mailbox, &end), ACTOR_E_INVALID); /* it never ran */
	assert_recorded(stage, "");
	stage->n_dead = 2;
}

static void a_failed_mailbox_is_closed_for_good(struct stage *stage)
{
	struct cast a = stage_unstarted(stage, "", 0);

	stage_perform(stage, a.address, play_fail, 0, NULL);
	stage_begin(stage, 0, a.address, play_note_number, 2, NULL);
	stage_start(stage, &a);
	stage_join_ended(stage, &a, ACTOR_ENDED_FAILED);
	actor_mailbox_cancel(a.mailbox);
	assert_int_equal(stage_answer(stage, 0), ACTOR_E_STOPPED);
	assert_closed_for_good(stage, &a);
	stage_join_ended(stage, &a, ACTOR_ENDED_FAILED); /* that is how its last run ended */
	assert_recorded(stage, "started failing destroyed");
	stage->n_dead = 1;
}

static void one_that_has_ended_keeps_its_end(struct stage *stage)
{
	struct cast a = stage_spawn(stage, "", 0);

	stage_release(stage, &a.address);
	assert_int_equal(actor_mailbox_join(stage->context, a.mailbox, stage_soon(stage), NULL), 0);
	actor_mailbox_cancel(a.mailbox);
	stage_join_stopped(stage, &a);
	assert_recorded(stage, "started stopped");
}

static void take_end(void *user, struct actor_end *end)
{
	struct stage *stage = user;

	probe_record(&stage->probe, "ended:%d%s%s", end->how, end->state ? ",state" : "",
		     end->failure ? ",failure" : "");
}

static void on_end_is_told(struct stage *stage)
{
	struct cast a = stage_unstarted(stage, "", 0);

	a.state = player_create(stage, "");
	assert_int_equal(actor_mailbox_start(a.mailbox, a.state, take_end, stage), 0);
	stage_perform(stage, a.address, play_wait, 0, NULL);
	stage_expect(stage, "waiting", 1);
	actor_mailbox_cancel(a.mailbox);
	actor_mailbox_cancel(a.mailbox);
	stage_join_ended(stage, &a, ACTOR_ENDED_CANCELLED);
	assert_recorded(stage, "started waiting cancelled destroyed ended:3");
}

const struct contract_test contract_cancel_tests[] = {
	{ "cancel: a waiting handler is told, and returns", "cancel L-10 L-34 L-35 C-04 drop",
	  a_waiting_handler_is_told_and_returns, CONTRACT_SUSPEND, 0 },
	{ "cancel: every later wait ends at once", "cancel sticky await",
	  every_later_wait_ends_at_once, CONTRACT_SUSPEND, 0 },
	{ "cancel: waiting for room ends, and the message stays", "cancel line move",
	  waiting_for_room_ends, CONTRACT_SUSPEND, 0 },
	{ "cancel: sleeping ends", "cancel", sleeping_ends, CONTRACT_SUSPEND, 0 },
	{ "cancel: a call ends, and its callee learns that nobody waits", "cancel C-12 deliver",
	  a_call_ends_and_its_callee_learns_that_nobody_waits, CONTRACT_SUSPEND, 0 },
	{ "cancel: waiting in started ends, and no message is handled", "cancel I-02 L-10",
	  waiting_in_started_ends_and_no_message_is_handled, CONTRACT_SUSPEND, 0 },
	{ "cancel: waiting in stopped ends, and the state is not handed back", "cancel I-03 L-10",
	  waiting_in_stopped_ends_and_the_state_is_not_handed_back, CONTRACT_SUSPEND, 0 },
	{ "cancel: running code is not interrupted", "cancel S-17", running_code_is_not_interrupted,
	  CONTRACT_SUSPEND, 0 },
	{ "cancel: a handler that does not wait ends by itself", "cancel L-34",
	  a_handler_that_does_not_wait_ends_by_itself, 0, 0 },
	{ "cancel: an idle actor ends", "cancel L-10", an_idle_actor_ends, 0, 0 },
	{ "cancel: one that has just been started ends", "cancel L-10",
	  one_that_has_just_been_started_ends, 0, 0 },
	{ "cancel: an unstarted mailbox is closed for good", "cancel end start L-31 L-35",
	  an_unstarted_mailbox_is_closed_for_good, 0, 0 },
	{ "cancel: a failed mailbox is closed for good", "cancel end start L-34 L-35",
	  a_failed_mailbox_is_closed_for_good, 0, 0 },
	{ "cancel: one that has ended keeps its end", "cancel end",
	  one_that_has_ended_keeps_its_end, 0, 0 },
	{ "cancel: on_end is told, once", "cancel on-end", on_end_is_told, CONTRACT_SUSPEND, 0 },
	{ 0 },
};
