/* SPDX-License-Identifier: MIT */

/*
 * Room in a mailbox: how much there is, who gets it, and what those in line are promised.
 *
 * The line is tested with waiters of the test's own, whose order the test knows; actors that wait
 * for room stand in the same line, and a spy address tells when.
 */

#include "suite.h"

/* ---- how much */

static size_t fill(struct stage *stage, struct actor_address *address)
{
	size_t n = 0;

	while (n < 1000 && stage_try_note(stage, address, (int64_t)n) == 0)
		n++;
	return n;
}

static void a_mailbox_holds_exactly_its_capacity(struct stage *stage)
{
	const size_t capacities[] = { 1, 2, 3, 17, 100 };
	size_t i;

	for (i = 0; i < sizeof capacities / sizeof capacities[0]; i++) {
		struct cast a = stage_unstarted(stage, "", capacities[i]);
		struct actor_address *second = stage_address(stage, a.mailbox);
		struct actor_address *weak = stage_keep(stage, actor_address_weak(a.address));

		assert_int_equal(fill(stage, a.address), capacities[i]);
		/* No address brings room of its own. */
		assert_int_equal(stage_try_note(stage, second, 0), ACTOR_E_FULL);
		assert_int_equal(stage_try_note(stage, weak, 0), ACTOR_E_FULL);
		stage->n_dead += (int64_t)capacities[i];
	}
}

static void the_default_capacity_is_sixteen(struct stage *stage)
{
	struct cast a = stage_unstarted(stage, "", 0);
	struct actor_mailbox *plain;

	assert_int_equal(actor_mailbox_create(stage->spawner, &player_behavior, NULL, &plain), 0);
	stage_keep_mailbox(stage, plain);
	assert_int_equal(fill(stage, a.address), 16);
	assert_int_equal(fill(stage, stage_address(stage, plain)), 16);
	stage->n_dead = 32;
}

struct count {
	int64_t next;
	int n_wrong;
};

static void count_in_order(struct player *self, struct play_perform *message,
			   struct actor_reply **slot, struct actor_context *context)
{
	struct count *count = message->user;

	(void)self;
	(void)slot;
	(void)context;
	count->n_wrong += message->number != count->next++;
}

static void an_unbounded_mailbox_is_never_full(struct stage *stage)
{
	enum { N = 5000 };
	struct cast a = stage_unstarted(stage, "", ACTOR_UNBOUNDED);
	struct count count = { 0, 0 };
	int64_t i;

	for (i = 0; i < N; i++)
		stage_perform(stage, a.address, count_in_order, i, &count);
	stage_start(stage, &a);
	stage_ping(stage, a.address);
	assert_int_equal(count.next, N);
	assert_int_equal(count.n_wrong, 0);
}

static void send_to_self(struct player *self, struct play_perform *message,
			 struct actor_reply **slot, struct actor_context *context)
{
	int64_t i;

	for (i = 1; i <= message->number; i++) {
		struct play_note note = { .number = i };
		int rc = actor_try_send(actor_self(context), &play_note_type, &note);

		player_record(self, "sent:%s", status_word(rc));
	}
	play_answer(slot, message->number);
}

static void room_is_given_back_when_a_message_starts(struct stage *stage)
{
	struct cast a = stage_spawn(stage, "", 2);

	assert_int_equal(stage_call(stage, a.address, send_to_self, 3, NULL), 0);
	stage_release(stage, &a.address);
	stage_join_stopped(stage, &a);
	assert_recorded(stage, "started sent:ok sent:ok sent:full 1 2 stopped");
}

static void the_message_in_hand_takes_no_room(struct stage *stage)
{
	struct cast a = stage_spawn(stage, "", 1);

	stage_perform(stage, a.address, play_wait, 0, NULL);
	stage_expect(stage, "waiting", 1);
	stage_note(stage, a.address, 1);
	assert_int_equal(stage_try_note(stage, a.address, 2), ACTOR_E_FULL);
	gate_open(&stage->gate);
	stage_ping(stage, a.address);
	assert_recorded(stage, "started waiting woken 1");
}

static void what_finds_no_room_stays_with_its_sender(struct stage *stage)
{
	struct cast a = stage_unstarted(stage, "", 1);
	struct play_parcel parcel = { .number = 1, .cargo = ledger_lend(&stage->ledger) };
	const struct play_parcel same = parcel;
	struct play_perform perform = { .number = 2 };
	const struct play_perform same_perform = perform;
	struct actor_context *context = stage->context;
	int64_t soon_ns = actor_now(context) + 1000 * 1000;

	stage_note(stage, a.address, 0);
	stage->n_dead = 1;
	assert_int_equal(actor_try_send(a.address, &play_parcel_type, &parcel), ACTOR_E_FULL);
	assert_int_equal(
		actor_send_until(context, a.address, &play_parcel_type, &parcel, ACTOR_AT_ONCE),
		ACTOR_E_FULL);
	assert_int_equal(actor_send_until(context, a.address, &play_parcel_type, &parcel, soon_ns),
			 ACTOR_E_FULL);
	assert_true(actor_now(context) >= soon_ns);
	assert_int_equal(actor_retry_send(context, a.address, &play_parcel_type, &parcel, 3, 10),
			 ACTOR_E_FULL);
	assert_int_equal(actor_retry_send(context, a.address, &play_parcel_type, &parcel, 0, 10),
			 ACTOR_E_INVALID);
	assert_memory_equal(&parcel, &same, sizeof parcel);
	owned_return(&parcel.cargo);

	soon_ns = actor_now(context) + 1000 * 1000;
	assert_int_equal(
		actor_call_until(context, a.address, &play_perform_type, &perform, NULL, soon_ns),
		ACTOR_E_FULL);
	assert_true(actor_now(context) >= soon_ns);
	assert_int_equal(actor_call_begin_until(context, &stage->futures[0], a.address,
						&play_perform_type, &perform, NULL, soon_ns),
			 ACTOR_E_FULL);
	assert_memory_equal(&perform, &same_perform, sizeof perform);
}

/* ---- the line, by hand */

/* Full with note 0, capacity 1, nobody there yet to handle it. */
static struct cast make_full(struct stage *stage)
{
	struct cast a = stage_unstarted(stage, "", 1);

	stage_note(stage, a.address, 0);
	return a;
}

static void a_waiter_that_finds_room_is_in_no_line(struct stage *stage)
{
	struct cast a = stage_unstarted(stage, "", 1), b = stage_unstarted(stage, "", 1);

	assert_int_equal(stage_line_up(stage, 0, a.address, 1), 0);
	assert_null(stage->flags[0].waiter.line);
	stage_step_out(stage, 0); /* which changes nothing */
	assert_int_equal(stage_try_note(stage, a.address, 2), ACTOR_E_FULL);
	assert_int_equal(stage_line_up(stage, 0, b.address, 1), 0);
	stage->n_dead = 2;
}

static void granted_room_is_nobody_elses(struct stage *stage)
{
	struct cast a = make_full(stage);

	assert_int_equal(stage_line_up(stage, 0, a.address, 1), ACTOR_E_FULL);
	stage_start(stage, &a);
	stage_expect_woken(stage, 0);
	stage_expect(stage, "0", 1); /* the queue is empty now */
	assert_int_equal(stage_try_note(stage, a.address, 9), ACTOR_E_FULL);
	assert_int_equal(stage_line_up(stage, 1, a.address, 9), ACTOR_E_FULL);
	stage_step_out(stage, 1);
	assert_int_equal(stage_line_up(stage, 0, a.address, 1), 0);
	assert_null(stage->flags[0].waiter.line);
	stage_ping(stage, a.address);
	assert_recorded(stage, "started 0 1");
}

static void room_is_granted_in_the_order_of_arrival(struct stage *stage)
{
	struct cast a = make_full(stage);
	size_t i;

	for (i = 0; i < 4; i++)
		assert_int_equal(stage_line_up(stage, i, a.address, 1 + (int64_t)i), ACTOR_E_FULL);
	stage_start(stage, &a);
	for (i = 0; i < 4; i++) {
		stage_expect_woken(stage, i);
		if (i + 1 < 4) {
			assert_false(stage_is_woken(stage, i + 1));
			/* Asking out of turn gets nobody ahead, a newcomer neither. */
			assert_int_equal(stage_line_up(stage, 3, a.address, 4), ACTOR_E_FULL);
			assert_int_equal(stage_line_up(stage, 5, a.address, 9), ACTOR_E_FULL);
			stage_step_out(stage, 5);
		}
		assert_int_equal(stage_line_up(stage, i, a.address, 1 + (int64_t)i), 0);
	}
	stage_ping(stage, a.address);
	assert_recorded(stage, "started 0 1 2 3 4");
}

static void who_posts_again_keeps_its_place(struct stage *stage)
{
	struct cast a = make_full(stage);

	assert_int_equal(stage_line_up(stage, 0, a.address, 1), ACTOR_E_FULL);
	assert_int_equal(stage_line_up(stage, 1, a.address, 2), ACTOR_E_FULL);
	assert_int_equal(stage_line_up(stage, 0, a.address, 1), ACTOR_E_FULL);
	stage_start(stage, &a);
	stage_expect_woken(stage, 0);
	assert_false(stage_is_woken(stage, 1));
	assert_int_equal(stage_line_up(stage, 0, a.address, 1), 0);
	stage_expect_woken(stage, 1);
	assert_int_equal(stage_line_up(stage, 1, a.address, 2), 0);
	stage_ping(stage, a.address);
	assert_recorded(stage, "started 0 1 2");
}

static void who_withdraws_is_not_woken(struct stage *stage)
{
	struct cast a = make_full(stage);

	assert_int_equal(stage_line_up(stage, 0, a.address, 1), ACTOR_E_FULL);
	assert_int_equal(stage_line_up(stage, 1, a.address, 2), ACTOR_E_FULL);
	stage_step_out(stage, 0);
	stage_start(stage, &a);
	stage_expect_woken(stage, 1);
	assert_int_equal(stage_line_up(stage, 1, a.address, 2), 0);
	stage_ping(stage, a.address);
	assert_false(stage_is_woken(stage, 0));
	assert_recorded(stage, "started 0 2");
}

static void a_withdrawn_grant_goes_to_the_next_in_line(struct stage *stage)
{
	struct cast a = make_full(stage);

	assert_int_equal(stage_line_up(stage, 0, a.address, 1), ACTOR_E_FULL);
	stage_start(stage, &a);
	stage_expect_woken(stage, 0);
	assert_int_equal(stage_line_up(stage, 1, a.address, 2), ACTOR_E_FULL);
	stage_step_out(stage, 0);
	stage_expect_woken(stage, 1);
	assert_int_equal(stage_line_up(stage, 1, a.address, 2), 0);
	stage_ping(stage, a.address);
	assert_recorded(stage, "started 0 2");
}

static void a_grant_withdrawn_by_the_last_in_line_is_everybodys(struct stage *stage)
{
	struct cast a = make_full(stage);

	assert_int_equal(stage_line_up(stage, 0, a.address, 1), ACTOR_E_FULL);
	stage_start(stage, &a);
	stage_expect_woken(stage, 0);
	assert_int_equal(stage_try_note(stage, a.address, 2), ACTOR_E_FULL);
	stage_step_out(stage, 0);
	stage_note(stage, a.address, 2);
	stage_ping(stage, a.address);
	assert_recorded(stage, "started 0 2");
}

/* A grant that is used for something that cannot be accepted. */
static void waste_grant(struct stage *stage, struct actor_address *address, bool is_handled)
{
	struct play_unheard unheard = { .cargo = { 0 } };
	struct play_note note = { .number = 9 };
	struct actor_waiter *waiter = &stage->flags[0].waiter;
	struct actor_reply *reply;

	if (!is_handled) {
		assert_int_equal(
			actor_address_post(address, &play_unheard_type, &unheard, NULL, waiter),
			ACTOR_E_UNHANDLED);
		return;
	}
	assert_int_equal(wait_open(stage->context, &reply), 0);
	assert_int_equal(actor_address_post(address, &play_note_type, &note, reply, waiter),
			 ACTOR_E_INVALID);
	wait_end(reply);
	wait_close(stage->context, reply);
}

static void a_grant_that_a_failed_post_does_not_use_is_passed_on(struct stage *stage)
{
	int i;

	for (i = 0; i < 2; i++) {
		struct cast a = make_full(stage);

		assert_int_equal(stage_line_up(stage, 0, a.address, 1), ACTOR_E_FULL);
		stage_start(stage, &a);
		stage_expect_woken(stage, 0);
		assert_int_equal(stage_line_up(stage, 1, a.address, 2), ACTOR_E_FULL);
		waste_grant(stage, a.address, i);
		assert_null(stage->flags[0].waiter.line);
		stage_expect_woken(stage, 1);
		assert_int_equal(stage_line_up(stage, 1, a.address, 2), 0);
		stage_ping(stage, a.address);
		assert_recorded(stage, "started 0 2");
		probe_clear(&stage->probe);
	}
}

static void a_failed_post_takes_its_waiter_out_of_line(struct stage *stage)
{
	struct cast a = make_full(stage);

	assert_int_equal(stage_line_up(stage, 0, a.address, 1), ACTOR_E_FULL);
	assert_int_equal(stage_line_up(stage, 1, a.address, 2), ACTOR_E_FULL);
	waste_grant(stage, a.address, false); /* it has none */
	assert_null(stage->flags[0].waiter.line);
	stage_start(stage, &a);
	stage_expect_woken(stage, 1);
	assert_int_equal(stage_line_up(stage, 1, a.address, 2), 0);
	stage_ping(stage, a.address);
	assert_false(stage_is_woken(stage, 0));
	assert_recorded(stage, "started 0 2");
}

static void assert_line_is_closed(struct stage *stage, struct actor_address *address)
{
	size_t i;

	for (i = 0; i < 3; i++)
		stage_expect_woken(stage, i);
	for (i = 0; i < 3; i++) {
		assert_int_equal(stage_line_up(stage, i, address, 9), ACTOR_E_CLOSED);
		assert_null(stage->flags[i].waiter.line);
	}
}

static void giving_up_an_unstarted_mailbox_wakes_the_line(struct stage *stage)
{
	struct cast a = make_full(stage);
	size_t i;

	for (i = 0; i < 3; i++)
		assert_int_equal(stage_line_up(stage, i, a.address, 9), ACTOR_E_FULL);
	stage_detach(stage, &a.mailbox);
	assert_line_is_closed(stage, a.address);
	stage->n_dead = 1;
}

static void cancelling_wakes_the_line(struct stage *stage)
{
	struct cast a = stage_spawn(stage, "", 1);
	size_t i;

	stage_perform(stage, a.address, play_wait, 0, NULL);
	stage_expect(stage, "waiting", 1);
	stage_note(stage, a.address, 0);
	for (i = 0; i < 3; i++)
		assert_int_equal(stage_line_up(stage, i, a.address, 9), ACTOR_E_FULL);
	actor_mailbox_cancel(a.mailbox);
	assert_line_is_closed(stage, a.address);
	stage_join_ended(stage, &a, ACTOR_ENDED_CANCELLED);
	assert_recorded(stage, "started waiting cancelled destroyed");
	stage->n_dead = 1;
}

static void stopping_wakes_the_line(struct stage *stage)
{
	const enum actor_stop hows[] = { ACTOR_STOP_DRAIN, ACTOR_STOP_NOW };
	size_t i, j;

	for (i = 0; i < 2; i++) {
		struct cast a = stage_spawn(stage, "", 1);

		stage_perform(stage, a.address, play_wait, 0, NULL);
		stage_expect(stage, "waiting", i + 1);
		stage_note(stage, a.address, 0);
		for (j = 0; j < 3; j++)
			assert_int_equal(stage_line_up(stage, j, a.address, 9), ACTOR_E_FULL);
		assert_int_equal(actor_address_stop(a.address, hows[i]), 0);
		gate_open(&stage->gate);
		assert_line_is_closed(stage, a.address);
		stage_join_stopped(stage, &a);
		gate_close(&stage->gate);
	}
	assert_int_equal(probe_count(&stage->probe, "0"), 1);
	stage->n_dead = 1;
}

static void the_line_survives_a_failure(struct stage *stage)
{
	struct cast a = stage_unstarted(stage, "", 2);

	stage_perform(stage, a.address, play_fail, 0, NULL);
	stage_note(stage, a.address, 0);
	assert_int_equal(stage_line_up(stage, 0, a.address, 1), ACTOR_E_FULL);
	assert_int_equal(stage_line_up(stage, 1, a.address, 2), ACTOR_E_FULL);
	stage_start(stage, &a);
	stage_join_ended(stage, &a, ACTOR_ENDED_FAILED);
	stage_expect_woken(stage, 0);
	assert_false(stage_is_woken(stage, 1));
	assert_int_equal(stage_try_note(stage, a.address, 9), ACTOR_E_FULL);
	stage_start(stage, &a);
	stage_expect_woken(stage, 0);
	assert_int_equal(stage_line_up(stage, 0, a.address, 1), 0);
	stage_expect_woken(stage, 1);
	assert_int_equal(stage_line_up(stage, 1, a.address, 2), 0);
	stage_ping(stage, a.address);
	assert_recorded(stage, "started failing destroyed started 0 1 2");
}

static void an_unbounded_mailbox_has_no_line(struct stage *stage)
{
	struct cast a = stage_unstarted(stage, "", ACTOR_UNBOUNDED);
	int64_t i;

	for (i = 0; i < 200; i++)
		assert_int_equal(stage_line_up(stage, 0, a.address, i), 0);
	assert_null(stage->flags[0].waiter.line);
	stage->n_dead = 200;
}

/* ---- the line, with actors and threads in it */

/* Waits for room in @user, with a message that owns something. */
static void send_parcel(struct player *self, struct play_perform *message,
			struct actor_reply **slot, struct actor_context *context)
{
	struct play_parcel parcel = {
		.number = message->number,
		.cargo = ledger_lend(&self->stage->ledger),
	};
	const struct play_parcel same = parcel;
	int rc = actor_send(context, message->user, &play_parcel_type, &parcel);

	player_record(self, "sent:%s", status_word(rc));
	if (rc < 0 && memcmp(&parcel, &same, sizeof parcel) != 0)
		player_record(self, "touched");
	owned_return(&parcel.cargo);
	play_answer(slot, message->number);
}

static void actors_get_room_in_the_order_of_arrival(struct stage *stage)
{
	struct cast target = stage_unstarted(stage, "t", 1);
	struct actor_address *spy = stage_keep(
		stage, spy_address_create(target.address, &stage->probe, "in-line"));
	struct play_note last = { .number = 5 };
	size_t i;

	stage_note(stage, target.address, 0);
	for (i = 1; i <= 4; i++) {
		struct cast sender = stage_spawn(stage, "sender", 0);

		stage_perform(stage, sender.address, send_parcel, (int64_t)i, spy);
		stage_expect(stage, "in-line", i);
	}
	stage_start(stage, &target);
	assert_int_equal(actor_send_until(stage->context, target.address, &play_note_type, &last,
					  stage_soon(stage)),
			 0);
	stage_expect(stage, "sender.sent:ok", 4);
	stage_release(stage, &spy);
	stage_release(stage, &target.address);
	stage_join_stopped(stage, &target);
	assert_string_equal(probe_text_of(&stage->probe, "t."),
			    "t.started t.0 t.1 t.2 t.3 t.4 t.5 t.stopped");
}

static void who_waits_for_room_learns_that_the_mailbox_is_closed(struct stage *stage)
{
	struct cast target = make_full(stage), sender = stage_spawn(stage, "sender", 0);
	struct actor_address *spy = stage_keep(
		stage, spy_address_create(target.address, &stage->probe, "in-line"));

	stage_begin(stage, 0, sender.address, send_parcel, 1, spy);
	stage_expect(stage, "in-line", 1);
	stage_destroy(stage, &target.mailbox);
	assert_int_equal(stage_answer(stage, 0), 0);
	assert_recorded(stage, "sender.started in-line sender.sent:closed");
	stage->n_dead = 1;
}

static void call_ping(struct player *self, struct play_perform *message, struct actor_reply **slot,
		      struct actor_context *context)
{
	struct play_ping ping = { .number = message->number };
	int64_t answer = -1;
	int rc = actor_call(context, message->user, &play_ping_type, &ping, &answer);

	player_record(self, "called:%s", status_word(rc));
	play_answer(slot, answer);
}

static void a_call_waits_for_room_as_a_send_does(struct stage *stage)
{
	struct cast target = make_full(stage), caller = stage_spawn(stage, "caller", 0);
	struct actor_address *spy = stage_keep(
		stage, spy_address_create(target.address, &stage->probe, "in-line"));

	stage_begin(stage, 0, caller.address, call_ping, 7, spy);
	stage_expect(stage, "in-line", 1);
	stage_start(stage, &target);
	assert_int_equal(stage_answer(stage, 0), 0);
	assert_int_equal(stage->answers[0], 7);
	assert_int_equal(probe_count(&stage->probe, "caller.called:ok"), 1);
}

/* Waits for room in @user, but not for long. */
static void send_for_a_while(struct player *self, struct play_perform *message,
			     struct actor_reply **slot, struct actor_context *context)
{
	struct play_note note = { .number = message->number };
	int64_t deadline_ns = actor_now(context) + 1000 * 1000;
	int rc = actor_send_until(context, message->user, &play_note_type, &note, deadline_ns);

	player_record(self, "sent:%s", status_word(rc));
	if (actor_now(context) < deadline_ns)
		player_record(self, "early");
	play_answer(slot, message->number);
}

static void an_actor_may_give_up_waiting_for_room(struct stage *stage)
{
	struct cast target = make_full(stage), sender = stage_spawn(stage, "sender", 0);

	assert_int_equal(stage_call(stage, sender.address, send_for_a_while, 1, target.address), 0);
	/* Nobody is in line any more: the room is anybody's. */
	stage_start(stage, &target);
	stage_expect(stage, "0", 1);
	stage_note(stage, target.address, 2);
	stage_ping(stage, target.address);
	assert_recorded(stage, "sender.started sender.sent:full started 0 2");
}

static void an_actor_that_waits_for_room_keeps_its_thread_free(struct stage *stage)
{
	struct cast target = make_full(stage);
	struct actor_address *spy = stage_keep(
		stage, spy_address_create(target.address, &stage->probe, "in-line"));
	struct cast other = stage_spawn(stage, "other", 0);
	size_t i;

	for (i = 0; i < 10; i++) {
		struct cast sender = stage_spawn(stage, "sender", 0);

		stage_perform(stage, sender.address, send_parcel, (int64_t)i, spy);
	}
	stage_expect(stage, "in-line", 10);
	stage_ping(stage, other.address);
	stage_start(stage, &target);
	stage_expect(stage, "sender.sent:ok", 10);
	stage_ping(stage, target.address);
}

static void open_gate(struct player *self, struct play_perform *message, struct actor_reply **slot,
		      struct actor_context *context)
{
	(void)message;
	(void)slot;
	(void)context;
	gate_open(&self->stage->gate);
}

static void retrying_finds_room_in_the_end(struct stage *stage)
{
	struct cast a = stage_spawn(stage, "", 1), opener = stage_spawn(stage, "opener", 1);
	struct play_parcel parcel = { .number = 2, .cargo = ledger_lend(&stage->ledger) };

	stage_perform(stage, a.address, play_wait, 0, NULL);
	stage_expect(stage, "waiting", 1);
	stage_note(stage, a.address, 1);
	stage_perform(stage, opener.address, open_gate, 0, NULL);
	assert_int_equal(actor_retry_send(stage->context, a.address, &play_parcel_type, &parcel,
					  300 * 1000, 100 * 1000),
			 0);
	assert_null(parcel.cargo.ledger);
	stage_release(stage, &a.address);
	stage_join_stopped(stage, &a);
	assert_int_equal(probe_count(&stage->probe, "2"), 1);
}

const struct contract_test contract_room_tests[] = {
	{ "room: a mailbox holds exactly its capacity", "B-03 room",
	  a_mailbox_holds_exactly_its_capacity, 0, 0 },
	{ "room: the default capacity is 16", "B-02", the_default_capacity_is_sixteen, 0, 0 },
	{ "room: an unbounded mailbox is never full", "B-03 I-22 L-04",
	  an_unbounded_mailbox_is_never_full, 0, 0 },
	{ "room: it is given back when a message starts", "room",
	  room_is_given_back_when_a_message_starts, 0, 0 },
	{ "room: the message in hand takes none", "room", the_message_in_hand_takes_no_room,
	  CONTRACT_SUSPEND, 0 },
	{ "room: what finds none stays with its sender", "move full C-01",
	  what_finds_no_room_stays_with_its_sender, 0, 0 },
	{ "room: a waiter that finds some is in no line", "line",
	  a_waiter_that_finds_room_is_in_no_line, 0, 0 },
	{ "room: what has been granted is nobody else's", "grant", granted_room_is_nobody_elses, 0,
	  0 },
	{ "room: it is granted in the order of arrival", "line grant",
	  room_is_granted_in_the_order_of_arrival, CONTRACT_FIFO, 0 },
	{ "room: who posts again keeps its place in line", "line", who_posts_again_keeps_its_place,
	  CONTRACT_FIFO, 0 },
	{ "room: who withdraws is not woken", "withdraw", who_withdraws_is_not_woken, 0, 0 },
	{ "room: a withdrawn grant goes to the next in line", "withdraw grant",
	  a_withdrawn_grant_goes_to_the_next_in_line, 0, 0 },
	{ "room: a grant withdrawn by the last in line is everybody's", "withdraw grant",
	  a_grant_withdrawn_by_the_last_in_line_is_everybodys, 0, 0 },
	{ "room: a grant that a failed post does not use is passed on", "grant line",
	  a_grant_that_a_failed_post_does_not_use_is_passed_on, 0, 0 },
	{ "room: a failed post takes its waiter out of line", "line",
	  a_failed_post_takes_its_waiter_out_of_line, 0, 0 },
	{ "room: giving up an unstarted mailbox wakes the line", "L-31 L-36 line",
	  giving_up_an_unstarted_mailbox_wakes_the_line, 0, 0 },
	{ "room: cancelling wakes the line", "L-36 line cancel", cancelling_wakes_the_line,
	  CONTRACT_SUSPEND, 0 },
	{ "room: stopping wakes the line", "L-08 L-36 line stop", stopping_wakes_the_line,
	  CONTRACT_SUSPEND | CONTRACT_STOP, 0 },
	{ "room: the line survives a failure", "S-05 S-06 line", the_line_survives_a_failure,
	  CONTRACT_RESTART | CONTRACT_FIFO, 0 },
	{ "room: an unbounded mailbox has no line", "B-03 line", an_unbounded_mailbox_has_no_line,
	  0, 0 },
	{ "room: actors get it in the order of arrival, a thread after them", "line H-08",
	  actors_get_room_in_the_order_of_arrival, CONTRACT_SUSPEND | CONTRACT_FIFO, 0 },
	{ "room: who waits for it learns that the mailbox is closed", "L-36 C-02 move",
	  who_waits_for_room_learns_that_the_mailbox_is_closed, CONTRACT_SUSPEND, 0 },
	{ "room: a call waits for it as a send does", "C-01 line",
	  a_call_waits_for_room_as_a_send_does, CONTRACT_SUSPEND, 0 },
	{ "room: an actor may give up waiting for it", "full withdraw",
	  an_actor_may_give_up_waiting_for_room, CONTRACT_SUSPEND, 0 },
	{ "room: actors that wait for it keep their threads free", "C-14",
	  an_actor_that_waits_for_room_keeps_its_thread_free, CONTRACT_SUSPEND, 0 },
	{ "room: retrying finds it in the end", "full", retrying_finds_room_in_the_end,
	  CONTRACT_SUSPEND, 0 },
	{ 0 },
};
