/* SPDX-License-Identifier: MIT */

/* Mailboxes: what their owner can do, and who gets what at the end. */

#include "suite.h"

/* ---- starting */

static void one_actor_runs_at_a_time(struct stage *stage)
{
	struct cast a = stage_spawn(stage, "", 0);
	struct player *second = player_create(stage, "second");

	assert_int_equal(actor_mailbox_start(a.mailbox, second, NULL, NULL), ACTOR_E_BUSY);
	player_destroy(second); /* it is still ours */
	stage_ping(stage, a.address);
	assert_recorded(stage, "started");
}

static void a_mailbox_that_has_ended_does_not_start_again(struct stage *stage)
{
	struct cast a = stage_spawn(stage, "", 0);
	struct player *second = player_create(stage, "second");

	stage_release(stage, &a.address);
	stage_join_stopped(stage, &a);
	assert_int_equal(actor_mailbox_start(a.mailbox, second, NULL, NULL), ACTOR_E_CLOSED);
	player_destroy(second);
	assert_recorded(stage, "started stopped");
}

/* ---- joining */

static struct actor_reply *begin_join(struct stage *stage, struct actor_mailbox *mailbox)
{
	struct actor_reply *reply;

	assert_int_equal(stage->context->ops->reply_open(stage->context, actor_join_type(), &reply),
			 0);
	assert_int_equal(mailbox->ops->join(mailbox, reply), 0);
	return reply;
}

static int end_join(struct stage *stage, struct actor_reply *reply)
{
	assert_int_equal(wait_for(stage->context, reply, stage_soon(stage)), 0);
	return stage->context->ops->reply_close(stage->context, reply, NULL);
}

static void a_join_before_the_end_waits_for_it(struct stage *stage)
{
	struct cast a = stage_spawn(stage, "", 0);
	struct actor_reply *reply = begin_join(stage, a.mailbox);
	struct actor_end end;

	stage_ping(stage, a.address);
	assert_int_equal(wait_for(stage->context, reply, ACTOR_AT_ONCE), ACTOR_E_TIMEOUT);
	stage_release(stage, &a.address);
	assert_int_equal(end_join(stage, reply), 0);
	assert_recorded(stage, "started stopped");
	assert_int_equal(actor_mailbox_end(a.mailbox, &end), 0);
	assert_int_equal(end.size, sizeof end);
	assert_int_equal(end.how, ACTOR_ENDED_STOPPED);
	assert_ptr_equal(end.state, a.state);
	assert_ptr_equal(end.behavior, &player_behavior);
	assert_ptr_equal(end.mailbox, a.mailbox);
	assert_null(end.failure);
	actor_end_drop(&end);
	assert_recorded(stage, "started stopped destroyed");
}

static void a_join_after_the_end_returns_at_once(struct stage *stage)
{
	struct cast a = stage_spawn(stage, "", 0);

	stage_release(stage, &a.address);
	assert_int_equal(actor_mailbox_join(stage->context, a.mailbox, stage_soon(stage), NULL), 0);
	assert_int_equal(actor_mailbox_join(stage->context, a.mailbox, ACTOR_AT_ONCE, NULL), 0);
	stage_join_stopped(stage, &a);
}

static void the_state_is_handed_over_once(struct stage *stage)
{
	struct cast a = stage_spawn(stage, "", 0);
	struct actor_end end;

	stage_release(stage, &a.address);
	stage_join_stopped(stage, &a);
	end = stage_join(stage, a.mailbox);
	assert_int_equal(end.how, ACTOR_ENDED_STOPPED);
	assert_null(end.state);
	assert_int_equal(actor_mailbox_end(a.mailbox, &end), 0);
	assert_int_equal(end.how, ACTOR_ENDED_STOPPED);
	assert_null(end.state);
}

static void a_later_join_takes_the_place_of_an_earlier(struct stage *stage)
{
	struct cast a = stage_spawn(stage, "", 0);
	struct actor_reply *first = begin_join(stage, a.mailbox);
	struct actor_reply *second = begin_join(stage, a.mailbox), *third;

	assert_int_equal(end_join(stage, first), ACTOR_E_BUSY);
	assert_int_equal(wait_for(stage->context, second, ACTOR_AT_ONCE), ACTOR_E_TIMEOUT);
	third = begin_join(stage, a.mailbox);
	assert_int_equal(end_join(stage, second), ACTOR_E_BUSY);
	stage_release(stage, &a.address);
	assert_int_equal(end_join(stage, third), 0);
	stage_join_stopped(stage, &a);
}

static void only_what_has_run_has_ended(struct stage *stage)
{
	struct cast a = stage_unstarted(stage, "", 0);
	struct actor_end end;

	assert_int_equal(actor_mailbox_join(stage->context, a.mailbox, stage_soon(stage), &end),
			 ACTOR_E_INVALID);
	assert_int_equal(actor_mailbox_end(a.mailbox, &end), ACTOR_E_INVALID);
	stage_start(stage, &a);
	assert_int_equal(actor_mailbox_end(a.mailbox, &end), ACTOR_E_BUSY);
	stage_ping(stage, a.address);
	assert_int_equal(actor_mailbox_end(a.mailbox, &end), ACTOR_E_BUSY);
	stage_release(stage, &a.address);
	stage_join_stopped(stage, &a);
}

static void a_join_that_gave_up_can_be_repeated(struct stage *stage)
{
	struct cast a = stage_spawn(stage, "", 0);
	struct actor_end end;
	int64_t soon_ns = actor_now(stage->context) + 1000 * 1000;

	assert_int_equal(actor_mailbox_join(stage->context, a.mailbox, ACTOR_AT_ONCE, &end),
			 ACTOR_E_TIMEOUT);
	assert_int_equal(actor_mailbox_join(stage->context, a.mailbox, soon_ns, &end),
			 ACTOR_E_TIMEOUT);
	assert_true(actor_now(stage->context) >= soon_ns);
	assert_int_equal(actor_mailbox_join(stage->context, a.mailbox, ACTOR_AT_ONCE, NULL),
			 ACTOR_E_TIMEOUT);
	stage_ping(stage, a.address);
	stage_release(stage, &a.address);
	stage_join_stopped(stage, &a);
	assert_recorded(stage, "started stopped");
}

/* The state waits for whoever asks next. */
static void a_join_that_gave_up_costs_nobody_the_state(struct stage *stage)
{
	struct cast a = stage_spawn(stage, "", 0);

	assert_int_equal(actor_mailbox_join(stage->context, a.mailbox, ACTOR_AT_ONCE, NULL),
			 ACTOR_E_TIMEOUT);
	stage_release(stage, &a.address);
	stage_join_stopped(stage, &a);
}

static void join_user(struct player *self, struct play_perform *message, struct actor_reply **slot,
		      struct actor_context *context)
{
	struct actor_end end;
	int rc;

	player_record(self, "joining");
	rc = actor_mailbox_join(context, message->user, ACTOR_FOREVER, &end);
	player_record(self, "joined:%s", status_word(rc));
	if (rc == 0) {
		player_record(self, "how:%d", end.how);
		actor_end_drop(&end);
	}
	play_answer(slot, message->number);
}

static void an_actor_may_join_another(struct stage *stage)
{
	struct cast a = stage_spawn(stage, "a", 0), b = stage_spawn(stage, "b", 0);

	stage_begin(stage, 0, a.address, join_user, 0, b.mailbox);
	stage_expect(stage, "a.joining", 1);
	stage_release(stage, &b.address);
	assert_int_equal(stage_answer(stage, 0), 0);
	assert_string_equal(probe_text_of(&stage->probe, "a."),
			    "a.started a.joining a.joined:ok a.how:1");
	assert_string_equal(probe_text_of(&stage->probe, "b."), "b.started b.stopped b.destroyed");
}

/* ---- on_end */

struct listener_of_ends {
	struct stage *stage;
	void *state;
	struct actor_mailbox *mailbox;
	struct actor_mailbox *give_up;
};

static void take_end(void *user, struct actor_end *end)
{
	struct listener_of_ends *listener = user;
	struct stage *stage = listener->stage;
	int i;

	listener->state = end->state;
	listener->mailbox = end->mailbox;
	probe_record(&stage->probe, "ended:%d%s", end->how, end->failure ? ",failure" : "");
	for (i = 0; i < 100 * 1000; i++) /* time for a join to return too early */
		atomic_signal_fence(memory_order_seq_cst);
	if (listener->give_up)
		actor_mailbox_detach(listener->give_up);
	probe_record(&stage->probe, "told");
}

static void start_with_listener(struct stage *stage, struct cast *cast,
				struct listener_of_ends *listener)
{
	struct player *player = player_create(stage, "");
	int rc = actor_mailbox_start(cast->mailbox, player, take_end, listener);

	if (rc < 0)
		player_destroy(player);
	assert_int_equal(rc, 0);
	cast->state = player;
}

static void on_end_gets_the_state(struct stage *stage)
{
	struct listener_of_ends listener = { .stage = stage };
	struct cast a = stage_unstarted(stage, "", 0);
	struct actor_end end;

	start_with_listener(stage, &a, &listener);
	stage_release(stage, &a.address);
	stage_expect(stage, "told", 1);
	assert_ptr_equal(listener.state, a.state);
	assert_ptr_equal(listener.mailbox, a.mailbox);
	end = stage_join(stage, a.mailbox);
	assert_int_equal(end.how, ACTOR_ENDED_STOPPED);
	assert_null(end.state);
	player_destroy(listener.state);
	assert_recorded(stage, "started stopped ended:1 told");
}

static void a_join_waits_for_the_end_beside_on_end(struct stage *stage)
{
	struct listener_of_ends listener = { .stage = stage };
	struct cast a = stage_unstarted(stage, "", 0);
	struct actor_reply *reply;
	struct actor_end end;

	start_with_listener(stage, &a, &listener);
	reply = begin_join(stage, a.mailbox);
	stage_release(stage, &a.address);
	assert_int_equal(end_join(stage, reply), 0);
	assert_int_equal(actor_mailbox_end(a.mailbox, &end), 0);
	assert_int_equal(end.how, ACTOR_ENDED_STOPPED);
	assert_null(end.state);
	assert_recorded(stage, "started stopped ended:1 told");
	assert_ptr_equal(listener.state, a.state);
	player_destroy(listener.state);
}

static void on_end_may_give_the_mailbox_up(struct stage *stage)
{
	struct cast a = stage_unstarted(stage, "", 0);
	struct listener_of_ends listener = { .stage = stage, .give_up = a.mailbox };

	stage_forget(stage, a.mailbox);
	start_with_listener(stage, &a, &listener);
	stage_note(stage, a.address, 1);
	stage_release(stage, &a.address);
	stage_expect(stage, "told", 1);
	player_destroy(listener.state);
	assert_recorded(stage, "started 1 stopped ended:1 told");
}

/* ---- giving it up */

static void a_detached_actor_goes_on(struct stage *stage)
{
	struct cast a = stage_spawn(stage, "", 0);

	stage_detach(stage, &a.mailbox);
	stage_ping(stage, a.address);
	stage_note(stage, a.address, 1);
	stage_release(stage, &a.address);
	stage_expect(stage, "destroyed", 1);
	assert_recorded(stage, "started 1 stopped destroyed");
}

/* So that who has joined may release what the state has used. */
static void whoever_joins_a_detached_actor_is_told_when_its_state_is_gone(struct stage *stage)
{
	struct cast a = stage_spawn(stage, "", 0);
	struct actor_reply *reply = begin_join(stage, a.mailbox);

	stage_detach(stage, &a.mailbox);
	stage_release(stage, &a.address);
	assert_int_equal(end_join(stage, reply), 0);
	assert_recorded(stage, "started stopped destroyed");
}

static void a_detached_actor_may_end_while_it_is_busy(struct stage *stage)
{
	struct cast a = stage_spawn(stage, "", 0);

	stage_perform(stage, a.address, play_wait, 0, NULL);
	stage_expect(stage, "waiting", 1);
	stage_note(stage, a.address, 1);
	stage_release(stage, &a.address);
	stage_detach(stage, &a.mailbox);
	gate_open(&stage->gate);
	stage_expect(stage, "destroyed", 1);
	assert_recorded(stage, "started waiting woken 1 stopped destroyed");
}

static void a_detached_actor_still_tells_its_end(struct stage *stage)
{
	struct listener_of_ends listener = { .stage = stage, .mailbox = (void *)stage };
	struct cast a = stage_unstarted(stage, "", 0);

	start_with_listener(stage, &a, &listener);
	stage_detach(stage, &a.mailbox);
	stage_release(stage, &a.address);
	stage_expect(stage, "told", 1);
	assert_null(listener.mailbox);
	assert_ptr_equal(listener.state, a.state); /* still the callback's to keep */
	player_destroy(listener.state);
	assert_recorded(stage, "started stopped ended:1 told");
}

static void a_detached_actor_that_fails_is_gone(struct stage *stage)
{
	struct cast a = stage_spawn(stage, "", 0);
	struct actor_address *weak = stage_keep(stage, actor_address_weak(a.address));

	stage_perform(stage, a.address, play_wait, 0, NULL);
	stage_expect(stage, "waiting", 1);
	stage_perform(stage, a.address, play_fail, 0, NULL);
	stage_begin(stage, 0, weak, play_note_number, 1, NULL);
	stage_detach(stage, &a.mailbox);
	gate_open(&stage->gate);
	assert_int_equal(stage_answer(stage, 0), ACTOR_E_STOPPED);
	assert_int_equal(stage_try_note(stage, a.address, 1), ACTOR_E_CLOSED);
	assert_recorded(stage, "started waiting woken failing destroyed");
	stage->n_dead = 1;
}

static void giving_up_an_unstarted_mailbox_refuses_what_is_queued(struct stage *stage)
{
	struct cast a = stage_unstarted(stage, "", 0);
	int i;

	for (i = 0; i < 3; i++)
		stage_parcel(stage, a.address, i);
	stage_begin(stage, 0, a.address, play_note_number, 0, NULL);
	stage_begin(stage, 1, a.address, play_note_number, 1, NULL);
	stage_detach(stage, &a.mailbox);
	assert_int_equal(stage_answer(stage, 0), ACTOR_E_STOPPED);
	assert_int_equal(stage_answer(stage, 1), ACTOR_E_STOPPED);
	assert_int_equal(ledger_n_out(&stage->ledger), 0);
	assert_int_equal(stage_try_note(stage, a.address, 1), ACTOR_E_CLOSED);
	assert_recorded(stage, "");
	stage->n_dead = 5;
}

static void giving_up_an_ended_mailbox_releases_the_state(struct stage *stage)
{
	struct cast a = stage_spawn(stage, "", 0);

	stage_release(stage, &a.address);
	stage_expect(stage, "stopped", 1);
	stage_detach(stage, &a.mailbox); /* the end may still be on its way */
	stage_expect(stage, "destroyed", 1);
	assert_recorded(stage, "started stopped destroyed");
}

static void giving_up_a_failed_mailbox_refuses_what_is_queued(struct stage *stage)
{
	struct cast a = stage_unstarted(stage, "", 0);

	stage_perform(stage, a.address, play_fail, 0, NULL);
	stage_parcel(stage, a.address, 1);
	stage_begin(stage, 0, a.address, play_note_number, 0, NULL);
	stage_start(stage, &a);
	stage_join_ended(stage, &a, ACTOR_ENDED_FAILED);
	assert_int_equal(actor_future_await(&stage->futures[0], ACTOR_AT_ONCE), ACTOR_E_TIMEOUT);
	stage_detach(stage, &a.mailbox);
	assert_int_equal(stage_answer(stage, 0), ACTOR_E_STOPPED);
	assert_int_equal(stage_try_note(stage, a.address, 1), ACTOR_E_CLOSED);
	assert_recorded(stage, "started failing destroyed");
	stage->n_dead = 2;
}

static void destroying_a_running_actor_cancels_it(struct stage *stage)
{
	struct cast a = stage_spawn(stage, "", 0);

	stage_begin(stage, 0, a.address, play_wait, 0, NULL);
	stage_begin(stage, 1, a.address, play_note_number, 0, NULL);
	stage_expect(stage, "waiting", 1);
	stage_destroy(stage, &a.mailbox);
	assert_int_equal(stage_answer(stage, 0), ACTOR_E_STOPPED);
	assert_int_equal(stage_answer(stage, 1), ACTOR_E_STOPPED);
	stage_expect(stage, "destroyed", 1);
	assert_recorded(stage, "started waiting cancelled destroyed");
	stage->n_dead = 1;
}

static void destroying_an_idle_actor_ends_it(struct stage *stage)
{
	struct cast a = stage_spawn(stage, "", 0);

	stage_ping(stage, a.address);
	stage_destroy(stage, &a.mailbox);
	stage_expect(stage, "destroyed", 1);
	assert_int_equal(stage_try_note(stage, a.address, 1), ACTOR_E_CLOSED);
	assert_recorded(stage, "started destroyed");
}

static void nothing_can_be_given_up(struct stage *stage)
{
	actor_mailbox_detach(NULL);
	actor_mailbox_destroy(NULL);
	actor_address_unref(NULL);
	stage_ping(stage, stage_spawn(stage, "", 0).address);
}

const struct contract_test contract_mailbox_tests[] = {
	{ "mailbox: one actor runs at a time", "L-03 start", one_actor_runs_at_a_time, 0, 0 },
	{ "mailbox: one that has ended does not start again", "L-18 start",
	  a_mailbox_that_has_ended_does_not_start_again, 0, 0 },
	{ "mailbox: a join before the end waits for it", "join L-16 B-08 I-04",
	  a_join_before_the_end_waits_for_it, 0, 0 },
	{ "mailbox: a join after the end returns at once", "join L-16 B-08",
	  a_join_after_the_end_returns_at_once, 0, 0 },
	{ "mailbox: the state is handed over once", "end L-16", the_state_is_handed_over_once, 0,
	  0 },
	{ "mailbox: a later join takes the place of an earlier", "join",
	  a_later_join_takes_the_place_of_an_earlier, 0, 0 },
	{ "mailbox: only what has run has ended", "join end", only_what_has_run_has_ended, 0, 0 },
	{ "mailbox: a join that gave up can be repeated", "join",
	  a_join_that_gave_up_can_be_repeated, 0, 0 },
	{ "mailbox: a join that gave up costs nobody the state", "join end L-16",
	  a_join_that_gave_up_costs_nobody_the_state, 0, 0 },
	{ "mailbox: an actor may join another", "join S-10", an_actor_may_join_another,
	  CONTRACT_SUSPEND, 0 },
	{ "mailbox: on_end gets the state", "on-end L-16", on_end_gets_the_state, 0, 0 },
	{ "mailbox: a join waits for the end beside on_end", "on-end join",
	  a_join_waits_for_the_end_beside_on_end, 0, 0 },
	{ "mailbox: on_end may give the mailbox up", "on-end detach",
	  on_end_may_give_the_mailbox_up, 0, 0 },
	{ "mailbox: a detached actor goes on", "detach B-07 B-09 L-05", a_detached_actor_goes_on, 0,
	  0 },
	{ "mailbox: a detached actor handles what is queued before it ends", "detach L-11",
	  a_detached_actor_may_end_while_it_is_busy, CONTRACT_SUSPEND, 0 },
	{ "mailbox: whoever joins a detached actor is told when its state is gone", "detach join",
	  whoever_joins_a_detached_actor_is_told_when_its_state_is_gone, 0, 0 },
	{ "mailbox: a detached actor still tells its end", "detach on-end",
	  a_detached_actor_still_tells_its_end, 0, 0 },
	{ "mailbox: a detached actor that fails is gone", "detach L-31 L-34 fail",
	  a_detached_actor_that_fails_is_gone, CONTRACT_SUSPEND, 0 },
	{ "mailbox: giving up an unstarted one refuses what is queued", "L-31 L-35 C-04 drop",
	  giving_up_an_unstarted_mailbox_refuses_what_is_queued, 0, 0 },
	{ "mailbox: giving up an ended one releases the state", "detach",
	  giving_up_an_ended_mailbox_releases_the_state, 0, 0 },
	{ "mailbox: giving up a failed one refuses what is queued", "L-31 L-34 L-35 C-04 drop",
	  giving_up_a_failed_mailbox_refuses_what_is_queued, 0, 0 },
	{ "mailbox: destroying a running one cancels its actor", "B-09 L-10 cancel",
	  destroying_a_running_actor_cancels_it, CONTRACT_SUSPEND, 0 },
	{ "mailbox: destroying an idle one ends its actor", "B-09 L-10",
	  destroying_an_idle_actor_ends_it, 0, 0 },
	{ "mailbox: nothing can be given up", "detach", nothing_can_be_given_up, 0, 0 },
	{ 0 },
};
