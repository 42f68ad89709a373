/* SPDX-License-Identifier: MIT */

/* Restarting: a failed actor's mailbox runs a fresh one, and nobody who has its address notices
 * more than a failed call. */

#include "suite.h"

static void the_next_actor_goes_on_with_the_queue(struct stage *stage)
{
	struct cast a = stage_unstarted(stage, "a", 4);
	struct actor_address *weak = stage_keep(stage, actor_address_weak(a.address));
	struct actor_info before = actor_mailbox_info(a.mailbox), after;

	stage_note(stage, a.address, 1);
	stage_perform(stage, a.address, play_fail, 0, NULL);
	stage_note(stage, a.address, 2);
	stage_begin(stage, 0, a.address, play_note_number, 3, NULL);
	stage_start(stage, &a);
	stage_join_ended(stage, &a, ACTOR_ENDED_FAILED);
	stage_note(stage, weak, 4);
	stage_begin(stage, 1, weak, play_note_number, 5, NULL);
	assert_int_equal(stage_try_note(stage, a.address, 9), ACTOR_E_FULL);
	assert_string_equal(probe_text(&stage->probe), "a.started a.1 a.failing a.destroyed");
	stage_start(stage, &a);
	assert_int_equal(stage_answer(stage, 0), 0);
	assert_int_equal(stage_answer(stage, 1), 0);
	assert_recorded(stage, "a.started a.1 a.failing a.destroyed a.started a.2 a.3 a.4 a.5");

	after = actor_mailbox_info(a.mailbox);
	assert_true(actor_identity_same(before.identity, after.identity));
	assert_string_equal(after.name, "a");
	assert_true(actor_identity_same(actor_address_identity(a.address), before.identity));
	assert_true(actor_identity_same(actor_address_identity(weak), before.identity));
	stage_ping(stage, weak);
	stage_ping(stage, stage_keep(stage, actor_address_upgrade(weak)));
}

static void an_actor_may_fail_again_and_again(struct stage *stage)
{
	struct cast a = stage_spawn(stage, "", 2);
	int i;

	for (i = 0; i < 20; i++) {
		assert_int_equal(stage_call(stage, a.address, play_fail, 0, NULL), ACTOR_E_STOPPED);
		stage_join_ended(stage, &a, ACTOR_ENDED_FAILED);
		stage_note(stage, a.address, i);
		stage_begin(stage, 0, a.address, play_note_number, 11, NULL);
		/* No room was lost or won. */
		assert_int_equal(stage_try_note(stage, a.address, i), ACTOR_E_FULL);
		stage_start(stage, &a);
		assert_int_equal(stage_answer(stage, 0), 0);
		assert_int_equal(stage->answers[0], 11);
	}
	stage_release(stage, &a.address);
	stage_join_stopped(stage, &a);
	assert_int_equal(probe_count(&stage->probe, "started"), 21);
	assert_int_equal(probe_count(&stage->probe, "destroyed"), 20);
	assert_int_equal(probe_count(&stage->probe, "stopped"), 1);
}

static void a_restarted_actor_without_addresses_drains_and_ends(struct stage *stage)
{
	struct cast a = stage_unstarted(stage, "", 0);
	struct actor_address *weak = stage_keep(stage, actor_address_weak(a.address));

	stage_perform(stage, a.address, play_fail, 0, NULL);
	stage_note(stage, a.address, 1);
	stage_start(stage, &a);
	stage_join_ended(stage, &a, ACTOR_ENDED_FAILED);
	stage_release(stage, &a.address);
	assert_int_equal(stage_try_note(stage, weak, 9), ACTOR_E_CLOSED);
	assert_null(actor_address_upgrade(weak));
	stage_start(stage, &a);
	stage_join_stopped(stage, &a);
	assert_recorded(stage, "started failing destroyed started 1 stopped");
}

static void a_failed_mailbox_gives_out_addresses(struct stage *stage)
{
	struct cast a = stage_spawn(stage, "", 0);
	struct actor_address *weak = stage_keep(stage, actor_address_weak(a.address));

	stage_perform(stage, a.address, play_fail, 0, NULL);
	stage_release(stage, &a.address);
	stage_join_ended(stage, &a, ACTOR_ENDED_FAILED);
	a.address = stage_address(stage, a.mailbox);
	stage_note(stage, a.address, 1);
	stage_note(stage, weak, 2);
	stage_start(stage, &a);
	stage_ping(stage, a.address);
	assert_recorded(stage, "started failing destroyed started 1 2");
}

static void fail_in_hook(struct player *self, struct actor_context *context)
{
	(void)self;
	ACTOR_FAIL(context, "in a hook");
}

static void what_failed_to_start_may_start_again(struct stage *stage)
{
	struct cast a = stage_unstarted(stage, "", 0);
	int i;

	stage_note(stage, a.address, 1);
	for (i = 0; i < 3; i++) {
		a.state = player_create(stage, "");
		a.state->on_started = fail_in_hook;
		assert_int_equal(actor_mailbox_start(a.mailbox, a.state, NULL, NULL), 0);
		stage_join_ended(stage, &a, ACTOR_ENDED_FAILED);
	}
	stage_start(stage, &a);
	stage_ping(stage, a.address);
	assert_recorded(stage, "started destroyed started destroyed started destroyed started 1");
}

static void stop_and_fail(struct player *self, struct play_perform *message,
			  struct actor_reply **slot, struct actor_context *context)
{
	int rc = actor_stop(context, ACTOR_STOP_DRAIN);

	(void)message;
	(void)slot;
	player_record(self, "stop:%s", status_word(rc));
	ACTOR_FAIL(context, "while draining");
}

static void what_fails_while_it_drains_drains_the_rest_when_restarted(struct stage *stage)
{
	struct cast a = stage_unstarted(stage, "", 0);

	stage_perform(stage, a.address, stop_and_fail, 0, NULL);
	stage_note(stage, a.address, 1);
	stage_begin(stage, 0, a.address, play_note_number, 2, NULL);
	stage_start(stage, &a);
	stage_join_ended(stage, &a, ACTOR_ENDED_FAILED);
	assert_int_equal(stage_try_note(stage, a.address, 9), ACTOR_E_CLOSED);
	stage_start(stage, &a);
	assert_int_equal(stage_answer(stage, 0), 0);
	stage_join_stopped(stage, &a);
	assert_recorded(stage, "started stop:ok destroyed started 1 2 stopped");
}

/* ---- from on_end */

struct supervision {
	struct stage *stage;
	struct actor_mailbox *mailbox;
	struct actor_address *supervisor;
	player_hook_fn *on_started;
	int n_restarts_left;
	struct player *state;
	atomic_int n_ends;
};

static void restart_on_end(void *user, struct actor_end *end);

static void supervise(struct supervision *supervision)
{
	struct player *player = player_create(supervision->stage, "");
	int rc;

	player->on_started = supervision->on_started;
	if (supervision->n_restarts_left == 0)
		player->on_started = NULL;
	rc = actor_mailbox_start(supervision->mailbox, player, restart_on_end, supervision);
	if (rc < 0) {
		probe_record(&supervision->stage->probe, "start:%s", status_word(rc));
		player_destroy(player);
	}
}

static void restart_on_end(void *user, struct actor_end *end)
{
	struct supervision *supervision = user;

	atomic_fetch_add(&supervision->n_ends, 1);
	if (end->how == ACTOR_ENDED_STOPPED) {
		supervision->state = end->state;
		probe_record(&supervision->stage->probe, "over");
	} else if (supervision->n_restarts_left-- > 0) {
		supervise(supervision);
	}
}

static void on_end_may_start_it_again(struct stage *stage)
{
	struct cast a = stage_unstarted(stage, "", 0);
	struct supervision supervision = {
		.stage = stage,
		.mailbox = a.mailbox,
		.n_restarts_left = 1000,
	};
	int i;

	supervise(&supervision);
	for (i = 0; i < 5; i++) {
		assert_int_equal(stage_call(stage, a.address, play_fail, 0, NULL), ACTOR_E_STOPPED);
		stage_note(stage, a.address, i);
		stage_ping(stage, a.address);
	}
	stage_release(stage, &a.address);
	stage_expect(stage, "over", 1);
	assert_int_equal(atomic_load(&supervision.n_ends), 6);
	player_destroy(supervision.state);
	assert_int_equal(probe_count(&stage->probe, "started"), 6);
	assert_int_equal(probe_count(&stage->probe, "stopped"), 1);
}

static void a_join_ends_with_the_run_that_it_waited_for(struct stage *stage)
{
	struct cast a = stage_unstarted(stage, "", 0);
	struct supervision supervision = {
		.stage = stage,
		.mailbox = a.mailbox,
		.n_restarts_left = 1,
	};
	struct actor_reply *reply;
	struct actor_end end;

	supervise(&supervision);
	assert_int_equal(stage->context->ops->reply_open(stage->context, actor_join_type(), &reply),
			 0);
	assert_int_equal(a.mailbox->ops->join(a.mailbox, reply), 0);
	stage_perform(stage, a.address, play_fail, 0, NULL);
	assert_int_equal(wait_for(stage->context, reply, stage_soon(stage)), 0);
	assert_int_equal(stage->context->ops->reply_close(stage->context, reply, NULL), 0);
	/* The next run is on: there is no end to speak of. */
	assert_int_equal(actor_mailbox_end(a.mailbox, &end), ACTOR_E_BUSY);
	stage_ping(stage, a.address);
	stage_release(stage, &a.address);
	stage_expect(stage, "over", 1);
	player_destroy(supervision.state);
}

static void fail_quietly(struct player *self, struct actor_context *context)
{
	probe_clear(&self->stage->probe);
	ACTOR_FAIL(context, "at once");
}

/* Each restart is a new turn, not a call inside the one before: no stack grows. */
static void a_thousand_restarts_do_not_nest(struct stage *stage)
{
	struct cast a = stage_unstarted(stage, "", 0);
	struct supervision supervision = {
		.stage = stage,
		.mailbox = a.mailbox,
		.on_started = fail_quietly,
		.n_restarts_left = 1000,
	};

	supervise(&supervision);
	stage_ping(stage, a.address);
	assert_int_equal(atomic_load(&supervision.n_ends), 1000);
	stage_release(stage, &a.address);
	stage_expect(stage, "over", 1);
	player_destroy(supervision.state);
}

/* ---- by another actor */

static void start_user(struct player *self, struct play_perform *message, struct actor_reply **slot,
		       struct actor_context *context);

static void tell_supervisor(void *user, struct actor_end *end)
{
	struct supervision *supervision = user;
	struct play_perform perform = { .act = start_user, .user = supervision };

	if (end->how == ACTOR_ENDED_STOPPED) {
		supervision->state = end->state;
		probe_record(&supervision->stage->probe, "over");
	} else if (stage_saw(supervision->stage, actor_try_send(supervision->supervisor,
								&play_perform_type, &perform)) <
		   0) {
		probe_record(&supervision->stage->probe, "lost");
	}
}

static void start_user(struct player *self, struct play_perform *message, struct actor_reply **slot,
		       struct actor_context *context)
{
	struct supervision *supervision = message->user;
	struct player *player = player_create(self->stage, "child");
	int rc = actor_mailbox_start(supervision->mailbox, player, tell_supervisor, supervision);

	(void)context;
	player_record(self, "start:%s", status_word(rc));
	if (rc < 0)
		player_destroy(player);
	play_answer(slot, 0);
}

static void an_actor_may_supervise_another(struct stage *stage)
{
	struct cast supervisor = stage_spawn(stage, "s", 0);
	struct cast child = stage_unstarted(stage, "child", 0);
	struct supervision supervision = {
		.stage = stage,
		.mailbox = child.mailbox,
		.supervisor = supervisor.address,
	};

	assert_int_equal(stage_call(stage, supervisor.address, start_user, 0, &supervision), 0);
	assert_int_equal(stage_call(stage, child.address, play_fail, 0, NULL), ACTOR_E_STOPPED);
	stage_note(stage, child.address, 10);
	assert_int_equal(stage_call(stage, child.address, play_note_number, 11, NULL), 0);
	assert_int_equal(stage_call(stage, child.address, play_fail, 0, NULL), ACTOR_E_STOPPED);
	assert_int_equal(stage_call(stage, child.address, play_note_number, 12, NULL), 0);
	stage_release(stage, &child.address);
	stage_expect(stage, "over", 1);
	player_destroy(supervision.state);
	stage_expect(stage, "s.start:ok", 3); /* the child may be quicker than its starter */
	assert_string_equal(probe_text_of(&stage->probe, "s."),
			    "s.started s.start:ok s.start:ok s.start:ok");
	assert_string_equal(probe_text_of(&stage->probe, "child."),
			    "child.started child.failing child.destroyed "
			    "child.started child.10 child.11 child.failing child.destroyed "
			    "child.started child.12 child.stopped");
}

/* ---- as its owner wants it */

static void wait_in_hook(struct player *self, struct actor_context *context)
{
	int rc = gate_pass(&self->stage->gate, context, ACTOR_FOREVER);

	player_record(self, "hook:%s", status_word(rc));
}

static void an_owner_has_an_idle_actor_fail(struct stage *stage)
{
	struct cast a = stage_unstarted(stage, "", 0);
	struct actor_end end;
	int i;

	stage_start(stage, &a);
	for (i = 0; i < 20; i++) {
		stage_ping(stage, a.address);
		assert_int_equal(actor_mailbox_fail(a.mailbox), 0);
		end = stage_join(stage, a.mailbox);
		assert_int_equal(end.how, ACTOR_ENDED_FAILED);
		assert_null(end.state);
		assert_non_null(end.failure);
		assert_null(end.failure->message_type);
		stage_note(stage, a.address, i);
		/* Nothing runs that could fail, and the next run is not meant. */
		assert_int_equal(actor_mailbox_fail(a.mailbox), 0);
		stage_start(stage, &a);
	}
	stage_ping(stage, a.address);
	stage_release(stage, &a.address);
	stage_join_stopped(stage, &a);
	assert_int_equal(actor_mailbox_fail(a.mailbox), 0);
	assert_int_equal(probe_count(&stage->probe, "started"), 21);
	assert_int_equal(probe_count(&stage->probe, "destroyed"), 20);
	assert_int_equal(probe_count(&stage->probe, "19"), 1);
	assert_int_equal(probe_count(&stage->probe, "stopped"), 1);
}

static void who_waits_waits_no_longer(struct stage *stage)
{
	struct cast a = stage_spawn(stage, "", 0);

	stage_begin(stage, 0, a.address, play_wait, 1, NULL);
	stage_expect(stage, "waiting", 1);
	stage_note(stage, a.address, 2);
	assert_int_equal(actor_mailbox_fail(a.mailbox), 0);
	assert_int_equal(stage_answer(stage, 0), ACTOR_E_STOPPED);
	stage_join_ended(stage, &a, ACTOR_ENDED_FAILED);
	stage_note(stage, a.address, 3); /* it takes messages as before */
	assert_recorded(stage, "started waiting cancelled destroyed");
	stage_start(stage, &a);
	/* This one may wait. */
	stage_begin(stage, 0, a.address, play_wait, 4, NULL);
	stage_expect(stage, "waiting", 2);
	gate_open(&stage->gate);
	assert_int_equal(stage_answer(stage, 0), 0);
	assert_recorded(stage, "started waiting cancelled destroyed started 2 3 waiting woken");
}

static void who_waits_in_started_waits_no_longer(struct stage *stage)
{
	struct cast a = stage_unstarted(stage, "", 0);

	a.state = player_create(stage, "");
	a.state->on_started = wait_in_hook;
	assert_int_equal(actor_mailbox_start(a.mailbox, a.state, NULL, NULL), 0);
	stage_expect(stage, "started", 1);
	assert_int_equal(actor_mailbox_fail(a.mailbox), 0);
	stage_join_ended(stage, &a, ACTOR_ENDED_FAILED);
	assert_recorded(stage, "started hook:cancelled destroyed");
}

static void have_it_fail(struct player *self, struct play_perform *message,
			 struct actor_reply **slot, struct actor_context *context)
{
	player_record(self, "fail:%s", status_word(actor_mailbox_fail(message->user)));
	play_answer(slot, 0);
	player_record(self, "wait:%s",
		      status_word(gate_pass(&self->stage->gate, context, ACTOR_FOREVER)));
}

static void running_code_goes_on(struct stage *stage)
{
	struct cast a = stage_spawn(stage, "", 0);

	assert_int_equal(stage_call(stage, a.address, have_it_fail, 0, a.mailbox), 0);
	stage_join_ended(stage, &a, ACTOR_ENDED_FAILED);
	assert_recorded(stage, "started fail:ok wait:cancelled destroyed");
}

static void who_is_to_drain_drains_after_the_restart(struct stage *stage)
{
	struct cast a = stage_spawn(stage, "", 0);

	stage_begin(stage, 0, a.address, play_wait, 1, NULL);
	stage_expect(stage, "waiting", 1);
	stage_note(stage, a.address, 2);
	assert_int_equal(actor_mailbox_stop(a.mailbox, ACTOR_STOP_DRAIN), 0);
	assert_int_equal(actor_mailbox_fail(a.mailbox), 0);
	stage_join_ended(stage, &a, ACTOR_ENDED_FAILED);
	stage_start(stage, &a);
	stage_join_stopped(stage, &a);
	assert_recorded(stage, "started waiting cancelled destroyed started 2 stopped");
}

static void in_stopped_it_is_too_late(struct stage *stage)
{
	struct cast a = stage_unstarted(stage, "", 0), b = stage_spawn(stage, "b", 0);
	struct actor_end end;

	a.state = player_create(stage, "");
	a.state->on_stopped = wait_in_hook;
	assert_int_equal(actor_mailbox_start(a.mailbox, a.state, NULL, NULL), 0);
	stage_release(stage, &a.address);
	stage_expect(stage, "stopped", 1);
	assert_int_equal(actor_mailbox_fail(a.mailbox), 0);
	stage_ping(stage, b.address); /* time enough to notice */
	gate_open(&stage->gate);
	end = stage_join(stage, a.mailbox);
	assert_int_equal(end.how, ACTOR_ENDED_STOPPED);
	actor_end_drop(&end);
	assert_int_equal(probe_count(&stage->probe, "hook:ok"), 1);
}

static void who_cannot_have_it_fail_is_told_so(struct stage *stage)
{
	struct cast a = stage_spawn(stage, "", 0);

	assert_int_equal(actor_mailbox_fail(a.mailbox), ACTOR_E_UNSUPPORTED);
	stage_ping(stage, a.address);
	assert_recorded(stage, "started");
}

const struct contract_test contract_restart_tests[] = {
	{ "restart: the next actor goes on with the queue", "S-05 S-06 S-07 ID-02 L-34 start",
	  the_next_actor_goes_on_with_the_queue, CONTRACT_RESTART, 0 },
	{ "restart: an actor may fail again and again", "S-07 S-11",
	  an_actor_may_fail_again_and_again, CONTRACT_RESTART, 0 },
	{ "restart: one without addresses drains and ends", "S-12 L-14 L-25",
	  a_restarted_actor_without_addresses_drains_and_ends, CONTRACT_RESTART, 0 },
	{ "restart: a failed mailbox gives out addresses", "L-30 S-05",
	  a_failed_mailbox_gives_out_addresses, CONTRACT_RESTART, 0 },
	{ "restart: what failed to start may start again", "S-13 S-07",
	  what_failed_to_start_may_start_again, CONTRACT_RESTART, 0 },
	{ "restart: what fails while it drains, drains the rest when restarted", "stop S-07 L-34",
	  what_fails_while_it_drains_drains_the_rest_when_restarted,
	  CONTRACT_RESTART | CONTRACT_STOP, 0 },
	{ "restart: on_end may start it again", "S-09 on-end", on_end_may_start_it_again,
	  CONTRACT_RESTART, 0 },
	{ "restart: a join ends with the run that it waited for", "join end on-end",
	  a_join_ends_with_the_run_that_it_waited_for, CONTRACT_RESTART, 0 },
	{ "restart: a thousand restarts do not nest", "S-09 S-11 on-end",
	  a_thousand_restarts_do_not_nest, CONTRACT_RESTART, 0 },
	{ "restart: an actor may supervise another", "S-09 S-10 S-11 on-end",
	  an_actor_may_supervise_another, CONTRACT_RESTART, 0 },
	{ "restart: an owner has an idle actor fail", "end-as-failed S-02 S-07 S-08",
	  an_owner_has_an_idle_actor_fail, CONTRACT_RESTART | CONTRACT_FAIL, 0 },
	{ "restart: who waits when it is to fail waits no longer", "end-as-failed S-03 S-04 S-05",
	  who_waits_waits_no_longer, CONTRACT_RESTART | CONTRACT_FAIL | CONTRACT_SUSPEND, 0 },
	{ "restart: nor does who waits in started", "end-as-failed",
	  who_waits_in_started_waits_no_longer, CONTRACT_FAIL | CONTRACT_SUSPEND, 0 },
	{ "restart: running code goes on, but waits no longer", "end-as-failed",
	  running_code_goes_on, CONTRACT_FAIL | CONTRACT_SUSPEND, 0 },
	{ "restart: in stopped it is too late to fail", "end-as-failed", in_stopped_it_is_too_late,
	  CONTRACT_FAIL | CONTRACT_SUSPEND, 0 },
	{ "restart: who is to drain drains after the restart", "end-as-failed stop",
	  who_is_to_drain_drains_after_the_restart,
	  CONTRACT_RESTART | CONTRACT_FAIL | CONTRACT_SUSPEND | CONTRACT_STOP, 0 },
	{ "restart: who cannot have it fail is told so", "end-as-failed",
	  who_cannot_have_it_fail_is_told_so, 0, CONTRACT_FAIL },
	{ 0 },
};
