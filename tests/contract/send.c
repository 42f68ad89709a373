/* SPDX-License-Identifier: MIT */

/* Sending: when it is done, in which order messages are handled, and what becomes of what they
 * own. */

#include "suite.h"

#include <stdlib.h>

static void sending_ends_with_acceptance(struct stage *stage)
{
	struct cast a = stage_unstarted(stage, "", 0);
	struct play_note note = { .number = 2 };

	stage_note(stage, a.address, 1);
	assert_int_equal(actor_send(stage->context, a.address, &play_note_type, &note), 0);
	assert_recorded(stage, "");
	stage_start(stage, &a);
	stage_ping(stage, a.address);
	assert_recorded(stage, "started 1 2");
}

static void what_happens_afterwards_is_not_reported(struct stage *stage)
{
	struct cast a = stage_spawn(stage, "", 0);
	struct play_perform perform = { .act = play_fail, .cargo = ledger_lend(&stage->ledger) };

	assert_int_equal(actor_send(stage->context, a.address, &play_perform_type, &perform), 0);
	stage_join_ended(stage, &a, ACTOR_ENDED_FAILED);
	assert_recorded(stage, "started failing destroyed");
}

struct count {
	int64_t next[4];
	int n_wrong;
};

/* The number is 4 * sequence + sender. */
static void count_in_order(struct player *self, struct play_perform *message,
			   struct actor_reply **slot, struct actor_context *context)
{
	struct count *count = message->user;

	(void)self;
	(void)slot;
	(void)context;
	count->n_wrong += count->next[message->number % 4]++ != message->number / 4;
}

static void messages_are_handled_in_the_order_in_which_they_were_sent(struct stage *stage)
{
	enum { N = 3000 };
	struct cast a = stage_spawn(stage, "", 5);
	struct count count = { 0 };
	int64_t i;

	for (i = 0; i < N; i++) {
		struct play_perform perform = {
			.act = count_in_order,
			.number = 4 * i,
			.user = &count,
		};

		assert_int_equal(actor_send_until(stage->context, a.address, &play_perform_type,
						  &perform, stage_soon(stage)),
				 0);
	}
	stage_ping(stage, a.address);
	assert_int_equal(count.next[0], N);
	assert_int_equal(count.n_wrong, 0);
}

struct stream {
	struct actor_address *target;
	struct count *count;
	int64_t sender;
	int64_t n;
};

/* Sends a stream of numbers, waiting for room as needed. */
static void send_stream(struct player *self, struct play_perform *message,
			struct actor_reply **slot, struct actor_context *context)
{
	struct stream *stream = message->user;
	int64_t i;
	int rc = 0;

	for (i = 0; i < stream->n && rc == 0; i++) {
		struct play_perform perform = {
			.act = count_in_order,
			.number = 4 * i + stream->sender,
			.user = stream->count,
		};

		rc = actor_send(context, stream->target, &play_perform_type, &perform);
	}
	player_record(self, "sent:%s", status_word(rc));
	play_answer(slot, message->number);
}

static void each_senders_order_is_kept_among_others(struct stage *stage)
{
	enum { N = 300 };
	struct cast target = stage_spawn(stage, "", 3);
	struct stream streams[4];
	struct count count = { 0 };
	size_t i;

	for (i = 0; i < 4; i++) {
		struct cast sender = stage_spawn(stage, "sender", 0);

		streams[i] = (struct stream){ target.address, &count, (int64_t)i, N };
		stage_begin(stage, i, sender.address, send_stream, 0, &streams[i]);
	}
	for (i = 0; i < 4; i++)
		assert_int_equal(stage_answer(stage, i), 0);
	assert_int_equal(probe_count(&stage->probe, "sender.sent:ok"), 4);
	stage_ping(stage, target.address);
	for (i = 0; i < 4; i++)
		assert_int_equal(count.next[i], N);
	assert_int_equal(count.n_wrong, 0);
}

static void an_answer_that_nobody_asked_for_is_dropped(struct stage *stage)
{
	struct cast a = stage_spawn(stage, "", 0);
	struct play_fetch fetch = { 0 };
	struct play_ping ping = { .number = 1 };

	assert_int_equal(actor_try_send(a.address, &play_fetch_type, &fetch), 0);
	assert_int_equal(actor_try_send(a.address, &play_ping_type, &ping), 0);
	stage_ping(stage, a.address);
	assert_int_equal(stage->ledger.n_lent, 2); /* the state's, and the answer's */
	assert_int_equal(ledger_n_out(&stage->ledger), 1);
}

static void record_slot(struct player *self, struct play_perform *message,
			struct actor_reply **slot, struct actor_context *context)
{
	(void)message;
	(void)context;
	player_record(self, "%s", *slot ? "called" : "sent");
	play_answer(slot, message->number);
}

static void a_handler_sees_whether_somebody_waits(struct stage *stage)
{
	struct cast a = stage_spawn(stage, "", 0);

	stage_perform(stage, a.address, record_slot, 0, NULL);
	assert_int_equal(stage_call(stage, a.address, record_slot, 0, NULL), 0);
	assert_recorded(stage, "started sent called");
}

static void a_handled_message_is_dropped_when_its_handler_returns(struct stage *stage)
{
	struct cast a = stage_spawn(stage, "", 0);

	stage_parcel(stage, a.address, 1);
	stage_parcel(stage, a.address, 2);
	stage_ping(stage, a.address);
	assert_int_equal(stage->ledger.n_lent, 3);
	assert_int_equal(ledger_n_out(&stage->ledger), 1); /* the state's */
	assert_int_equal(ledger_n_twice(&stage->ledger), 0);
}

static void keep_cargo(struct player *self, struct play_perform *message, struct actor_reply **slot,
		       struct actor_context *context)
{
	struct owned *kept = message->user;

	(void)self;
	(void)context;
	*kept = owned_move(&message->cargo);
	play_answer(slot, message->number);
}

static void a_handler_keeps_a_member_by_moving_it_out(struct stage *stage)
{
	struct cast a = stage_spawn(stage, "", 0);
	struct owned kept = { 0 };

	assert_int_equal(stage_call(stage, a.address, keep_cargo, 0, &kept), 0);
	stage_release(stage, &a.address);
	stage_join_stopped(stage, &a);
	assert_ptr_equal(kept.ledger, &stage->ledger);
	assert_int_equal(ledger_n_out(&stage->ledger), 1);
	owned_return(&kept);
}

static void send_notes_to_self(struct player *self, struct play_perform *message,
			       struct actor_reply **slot, struct actor_context *context)
{
	struct play_note notes[] = { { 1 }, { 2 } };
	size_t i;

	for (i = 0; i < 2; i++) {
		int rc = actor_send(context, actor_self(context), &play_note_type, &notes[i]);

		player_record(self, "sent:%s", status_word(rc));
	}
	play_answer(slot, message->number);
}

static void what_an_actor_sends_to_itself_is_handled_afterwards(struct stage *stage)
{
	struct cast a = stage_spawn(stage, "", 0);

	assert_int_equal(stage_call(stage, a.address, send_notes_to_self, 0, NULL), 0);
	stage_ping(stage, a.address);
	assert_recorded(stage, "started sent:ok sent:ok 1 2");
}

/* Fills its own mailbox, and then waits for room that only it can make. */
static void wait_for_own_room(struct player *self, struct play_perform *message,
			      struct actor_reply **slot, struct actor_context *context)
{
	struct play_note note = { .number = 1 };
	int rc;

	while (stage_saw(self->stage,
			 actor_try_send(actor_self(context), &play_note_type, &note)) == 0)
		;
	rc = actor_send_until(context, actor_self(context), &play_note_type, &note,
			      actor_now(context) + 1000 * 1000);
	player_record(self, "%s",
		      rc == ACTOR_E_FULL || rc == ACTOR_E_DEADLOCK ? "refused" : status_word(rc));
	play_answer(slot, message->number);
}

static void an_actor_that_waits_for_its_own_room_is_not_entered_again(struct stage *stage)
{
	struct cast a = stage_spawn(stage, "", 2);

	assert_int_equal(stage_call(stage, a.address, wait_for_own_room, 0, NULL), 0);
	stage_ping(stage, a.address);
	assert_recorded(stage, "started refused 1 1");
}

/* ---- threads */

static void send_from_thread(struct helper *helper, struct actor_context *context)
{
	struct stream *stream = helper->user;
	int64_t i;

	for (i = 0; i < stream->n; i++) {
		struct play_perform perform = {
			.act = count_in_order,
			.number = 4 * i + stream->sender,
			.user = stream->count,
			.cargo = ledger_lend(&helper->stage->ledger),
		};

		if (actor_send(context, stream->target, &play_perform_type, &perform) < 0)
			probe_record(&helper->stage->probe, "not-sent");
	}
}

static void threads_wait_for_room_too(struct stage *stage)
{
	enum { N = 300 };
	struct cast target = stage_spawn(stage, "", 2);
	static struct helper helpers[4];
	static struct stream streams[4];
	struct count count = { 0 };
	size_t i;

	for (i = 0; i < 4; i++) {
		streams[i] = (struct stream){ target.address, &count, (int64_t)i, N };
		helpers[i] = (struct helper){
			.stage = stage,
			.run = send_from_thread,
			.user = &streams[i],
		};
		helper_start(&helpers[i]);
	}
	for (i = 0; i < 4; i++)
		helper_join(&helpers[i]);
	stage_ping(stage, target.address);
	for (i = 0; i < 4; i++)
		assert_int_equal(count.next[i], N);
	assert_int_equal(count.n_wrong, 0);
	assert_recorded(stage, "started");
}

const struct contract_test contract_send_tests[] = {
	{ "send: it ends with acceptance, not with handling", "I-14 L-01",
	  sending_ends_with_acceptance, 0, 0 },
	{ "send: what happens afterwards is not reported", "I-15",
	  what_happens_afterwards_is_not_reported, 0, 0 },
	{ "send: messages are handled in the order in which they were sent", "L-04 I-22 H-08",
	  messages_are_handled_in_the_order_in_which_they_were_sent, 0, 0 },
	{ "send: each sender's order is kept among others", "L-04 H-08 C-14",
	  each_senders_order_is_kept_among_others, CONTRACT_SUSPEND, 0 },
	{ "send: an answer that nobody asked for is dropped", "I-16",
	  an_answer_that_nobody_asked_for_is_dropped, 0, 0 },
	{ "send: a handler sees whether somebody waits for its answer", "I-16 slot",
	  a_handler_sees_whether_somebody_waits, 0, 0 },
	{ "send: a handled message is dropped when its handler returns", "drop",
	  a_handled_message_is_dropped_when_its_handler_returns, 0, 0 },
	{ "send: a handler keeps a member by moving it out", "drop",
	  a_handler_keeps_a_member_by_moving_it_out, 0, 0 },
	{ "send: what an actor sends to itself is handled afterwards", "L-04 I-09",
	  what_an_actor_sends_to_itself_is_handled_afterwards, 0, 0 },
	{ "send: an actor that waits for its own room is not entered again", "C-16 I-09 full",
	  an_actor_that_waits_for_its_own_room_is_not_entered_again, CONTRACT_SUSPEND, 0 },
	{ "send: threads wait for room too", "I-06 LO-06 H-08", threads_wait_for_room_too,
	  CONTRACT_CROSS_THREAD, 0 },
	{ 0 },
};
