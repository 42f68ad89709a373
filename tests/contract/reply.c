/* SPDX-License-Identifier: MIT */

/* Replies: delivered exactly once, by whoever holds them, to whoever may have gone. */

#include "suite.h"

/* ---- the cell itself, both halves in the test's hands */

static struct actor_reply *open_reply(struct stage *stage, const struct actor_message_type *type)
{
	struct actor_reply *reply;

	assert_int_equal(stage->context->ops->reply_open(stage->context, type, &reply), 0);
	return reply;
}

static int close_reply(struct stage *stage, struct actor_reply *reply, void *ret_value)
{
	return stage->context->ops->reply_close(stage->context, reply, ret_value);
}

static void a_delivered_value_is_moved_to_the_caller(struct stage *stage)
{
	struct actor_reply *reply = open_reply(stage, play_fetch_type.reply);
	struct owned value = ledger_lend(&stage->ledger), answer = { 0 };

	assert_int_equal(actor_reply_deliver(reply, 0, &value), 0);
	assert_int_equal(close_reply(stage, reply, &answer), 0);
	assert_ptr_equal(answer.ledger, &stage->ledger);
	assert_int_equal(ledger_n_out(&stage->ledger), 1);
	owned_return(&answer);
}

static void a_delivered_value_that_is_not_taken_is_dropped(struct stage *stage)
{
	struct actor_reply *reply = open_reply(stage, play_fetch_type.reply);
	struct owned value = ledger_lend(&stage->ledger);

	assert_int_equal(actor_reply_deliver(reply, 0, &value), 0);
	assert_int_equal(ledger_n_out(&stage->ledger), 1);
	assert_int_equal(close_reply(stage, reply, NULL), 0);
	assert_int_equal(ledger_n_out(&stage->ledger), 0);
}

static void what_comes_after_the_caller_has_gone_is_dropped(struct stage *stage)
{
	struct actor_reply *reply = open_reply(stage, play_fetch_type.reply);
	struct owned value = ledger_lend(&stage->ledger), answer = { 0 };

	assert_int_equal(close_reply(stage, reply, &answer), ACTOR_E_ABANDONED);
	assert_null(answer.ledger);
	assert_int_equal(actor_reply_deliver(reply, 0, &value), ACTOR_E_ABANDONED);
	assert_int_equal(ledger_n_out(&stage->ledger), 0);
	reply = open_reply(stage, play_fetch_type.reply);
	assert_int_equal(close_reply(stage, reply, NULL), ACTOR_E_ABANDONED);
	assert_int_equal(actor_reply_deliver(reply, ACTOR_E_STOPPED, NULL), ACTOR_E_ABANDONED);
}

static void a_delivered_error_has_no_value(struct stage *stage)
{
	struct actor_reply *reply = open_reply(stage, play_fetch_type.reply);
	struct owned answer = { 0 };

	assert_int_equal(actor_reply_deliver(reply, -77, NULL), 0);
	assert_int_equal(close_reply(stage, reply, &answer), -77);
	assert_null(answer.ledger);
}

static atomic_int n_misaligned;

static void check_alignment(void *value)
{
	if ((uintptr_t)value % _Alignof(struct play_slab) != 0)
		atomic_fetch_add(&n_misaligned, 1);
}

/* A drop function sees where the value is kept. */
static void an_over_aligned_value_is_kept_aligned(struct stage *stage)
{
	static const struct actor_message_type type = {
		.size = sizeof type,
		.name = "reply.slab",
		.message_size = sizeof(struct play_slab),
		.message_align = _Alignof(struct play_slab),
		.drop = check_alignment,
	};
	struct play_slab slab = { .number = 1 }, answer = { .number = 0 };
	struct actor_reply *replies[20];
	size_t i;

	atomic_store(&n_misaligned, 0);
	for (i = 0; i < 20; i++)
		replies[i] = open_reply(stage, &type);
	for (i = 0; i < 20; i++) {
		assert_int_equal(actor_reply_deliver(replies[i], 0, &slab), 0);
		assert_int_equal(close_reply(stage, replies[i], NULL), 0);
	}
	assert_int_equal(atomic_load(&n_misaligned), 0);
	replies[0] = open_reply(stage, &type);
	assert_int_equal(actor_reply_deliver(replies[0], 0, &slab), 0);
	assert_int_equal(close_reply(stage, replies[0], &answer), 0);
	assert_int_equal(answer.number, 1);
}

static void many_replies_may_be_open(struct stage *stage)
{
	enum { N = 500 };
	static struct actor_reply *replies[N];
	int64_t i, answer;

	for (i = 0; i < N; i++)
		replies[i] = open_reply(stage, play_ping_type.reply);
	for (i = N; i-- > 0;)
		assert_int_equal(actor_reply_deliver(replies[i], 0, &i), 0);
	for (i = 0; i < N; i++) {
		assert_int_equal(close_reply(stage, replies[i], &answer), 0);
		assert_int_equal(answer, i);
	}
}

static void a_callee_can_see_that_its_caller_has_gone(struct stage *stage)
{
	struct actor_reply *reply = open_reply(stage, play_ping_type.reply);

	assert_false(actor_reply_abandoned(reply));
	assert_int_equal(close_reply(stage, reply, NULL), ACTOR_E_ABANDONED);
	assert_true(actor_reply_abandoned(reply));
	assert_true(actor_reply_abandoned(reply));
	assert_int_equal(actor_reply_deliver(reply, ACTOR_E_STOPPED, NULL), ACTOR_E_ABANDONED);
}

static void who_cannot_tell_supposes_that_somebody_waits(struct stage *stage)
{
	struct actor_reply *reply = open_reply(stage, play_ping_type.reply);

	assert_false(actor_reply_abandoned(reply));
	assert_int_equal(close_reply(stage, reply, NULL), ACTOR_E_ABANDONED);
	assert_false(actor_reply_abandoned(reply));
	assert_int_equal(actor_reply_deliver(reply, ACTOR_E_STOPPED, NULL), ACTOR_E_ABANDONED);
}

/* ---- the slot of a handler */

static void ignore_slot(struct player *self, struct play_perform *message,
			struct actor_reply **slot, struct actor_context *context)
{
	(void)message;
	(void)slot;
	(void)context;
	player_record(self, "ignored");
}

static void what_is_left_in_the_slot_is_stopped(struct stage *stage)
{
	struct cast a = stage_spawn(stage, "", 0);

	assert_int_equal(stage_call(stage, a.address, ignore_slot, 0, NULL), ACTOR_E_STOPPED);
	stage_ping(stage, a.address);
	assert_recorded(stage, "started ignored");
}

static void answer_and_wait(struct player *self, struct play_perform *message,
			    struct actor_reply **slot, struct actor_context *context)
{
	player_record(self, "answered:%s", status_word(play_answer(slot, message->number)));
	stage_saw(self->stage, gate_pass(&self->stage->gate, context, ACTOR_FOREVER));
	player_record(self, "done");
}

static void an_answer_counts_from_when_it_is_delivered(struct stage *stage)
{
	struct cast a = stage_spawn(stage, "", 0);

	assert_int_equal(stage_call(stage, a.address, answer_and_wait, 3, NULL), 0);
	stage_expect(stage, "answered:ok", 1);
	assert_int_equal(probe_count(&stage->probe, "done"), 0);
	gate_open(&stage->gate);
	stage_ping(stage, a.address);
	assert_recorded(stage, "started answered:ok done");
}

/* Works until it is done, which is never, or until nobody wants to know any more. */
static void work_on(struct player *self, struct play_perform *message, struct actor_reply **slot,
		    struct actor_context *context)
{
	(void)message;
	player_record(self, actor_reply_abandoned(*slot) ? "too-soon" : "working");
	while (*slot && !actor_reply_abandoned(*slot))
		actor_sleep_until(context, actor_now(context) + 20 * 1000);
	player_record(self, "gave-up");
}

static void a_long_handler_can_give_up_with_its_caller(struct stage *stage)
{
	struct cast a = stage_spawn(stage, "", 0);

	stage_begin(stage, 0, a.address, work_on, 0, NULL);
	stage_expect(stage, "working", 1);
	actor_future_cancel(&stage->futures[0]);
	stage_expect(stage, "gave-up", 1);
	stage_ping(stage, a.address);
	assert_recorded(stage, "started working gave-up");
}

static void another_handler_may_answer(struct stage *stage)
{
	struct cast a = stage_spawn(stage, "", 0);

	stage_begin(stage, 0, a.address, play_keep, 1, NULL);
	stage_note(stage, a.address, 5);
	stage_ping(stage, a.address); /* other messages are handled meanwhile */
	assert_int_equal(actor_future_await(&stage->futures[0], ACTOR_AT_ONCE), ACTOR_E_TIMEOUT);
	stage_perform(stage, a.address, play_answer_kept, 8, NULL);
	assert_int_equal(stage_answer(stage, 0), 0);
	assert_int_equal(stage->answers[0], 8);
	stage_ping(stage, a.address);
	assert_recorded(stage, "started kept 5 answered:ok");
}

/* Hands its own reply on to the actor at @user, in a message. */
static void delegate(struct player *self, struct play_perform *message, struct actor_reply **slot,
		     struct actor_context *context)
{
	struct play_perform perform = { .act = play_note_number, .number = message->number };
	struct actor_reply *reply = *slot;
	int rc = context->ops->post(context, message->user, &play_perform_type, &perform, reply,
				    ACTOR_AT_ONCE);

	player_record(self, "delegated:%s", status_word(rc));
	if (rc == 0)
		*slot = NULL;
}

static void another_actor_may_answer(struct stage *stage)
{
	struct cast a = stage_spawn(stage, "a", 0), b = stage_unstarted(stage, "b", 1);

	stage_begin(stage, 0, a.address, delegate, 6, b.address);
	stage_ping(stage, a.address);
	/* No room for another: the reply stays in its slot. */
	assert_int_equal(stage_call(stage, a.address, delegate, 7, b.address), ACTOR_E_STOPPED);
	stage_start(stage, &b);
	assert_int_equal(stage_answer(stage, 0), 0);
	assert_int_equal(stage->answers[0], 6);
	assert_recorded(stage, "a.started a.delegated:ok a.delegated:full b.started b.6");
}

static void deliver_from_thread(struct helper *helper, struct actor_context *context)
{
	struct actor_reply *reply = helper->user;
	int64_t value = 77;
	int rc;

	(void)context;
	rc = actor_reply_deliver(reply, 0, &value);
	probe_record(&helper->stage->probe, "delivered:%s", status_word(rc));
}

/* Gives its reply to the test, which has a thread answer. */
static void hand_out(struct player *self, struct play_perform *message, struct actor_reply **slot,
		     struct actor_context *context)
{
	struct actor_reply **reply = message->user;

	(void)context;
	*reply = *slot;
	*slot = NULL;
	player_record(self, "handed-out");
}

static void another_thread_may_answer(struct stage *stage)
{
	static struct helper helper;
	struct cast a = stage_spawn(stage, "", 0);
	struct actor_reply *reply;

	stage_begin(stage, 0, a.address, hand_out, 0, &reply);
	stage_expect(stage, "handed-out", 1);
	helper = (struct helper){ .stage = stage, .run = deliver_from_thread, .user = reply };
	helper_start(&helper);
	assert_int_equal(stage_answer(stage, 0), 0);
	assert_int_equal(stage->answers[0], 77);
	helper_join(&helper);
	assert_recorded(stage, "started handed-out delivered:ok");
}

/* ---- replies that an actor holds when it ends */

static void what_a_failed_actor_kept_is_stopped_with_its_state(struct stage *stage)
{
	struct cast a = stage_spawn(stage, "", 0);

	stage_begin(stage, 0, a.address, play_keep, 0, NULL);
	stage_perform(stage, a.address, play_fail, 0, NULL);
	assert_int_equal(stage_answer(stage, 0), ACTOR_E_STOPPED);
	stage_join_ended(stage, &a, ACTOR_ENDED_FAILED);
	assert_recorded(stage, "started kept failing destroyed");
}

static void what_a_cancelled_actor_kept_is_stopped_with_its_state(struct stage *stage)
{
	struct cast a = stage_spawn(stage, "", 0);

	stage_begin(stage, 0, a.address, play_keep, 0, NULL);
	stage_expect(stage, "kept", 1);
	actor_mailbox_cancel(a.mailbox);
	assert_int_equal(stage_answer(stage, 0), ACTOR_E_STOPPED);
	stage_join_ended(stage, &a, ACTOR_ENDED_CANCELLED);
	assert_recorded(stage, "started kept destroyed");
}

/* It belongs to the state, and so to whoever gets that. */
static void what_a_stopped_actor_kept_goes_with_its_state(struct stage *stage)
{
	struct cast a = stage_spawn(stage, "", 0);
	struct actor_address *weak = stage_keep(stage, actor_address_weak(a.address));
	struct actor_end end;

	stage_begin(stage, 0, weak, play_keep, 0, NULL);
	stage_expect(stage, "kept", 1);
	stage_release(stage, &a.address);
	end = stage_join(stage, a.mailbox);
	assert_int_equal(end.how, ACTOR_ENDED_STOPPED);
	assert_int_equal(actor_future_await(&stage->futures[0], ACTOR_AT_ONCE), ACTOR_E_TIMEOUT);
	actor_end_drop(&end);
	assert_int_equal(stage_answer(stage, 0), ACTOR_E_STOPPED);
}

const struct contract_test contract_reply_tests[] = {
	{ "reply: a delivered value is moved to the caller", "deliver",
	  a_delivered_value_is_moved_to_the_caller, 0, 0 },
	{ "reply: a delivered value that is not taken is dropped", "deliver",
	  a_delivered_value_that_is_not_taken_is_dropped, 0, 0 },
	{ "reply: what comes after the caller has gone is dropped", "deliver C-12",
	  what_comes_after_the_caller_has_gone_is_dropped, 0, 0 },
	{ "reply: a delivered error has no value", "deliver", a_delivered_error_has_no_value, 0,
	  0 },
	{ "reply: an over-aligned value is kept aligned", "size deliver",
	  an_over_aligned_value_is_kept_aligned, 0, 0 },
	{ "reply: many may be open", "deliver", many_replies_may_be_open, 0, 0 },
	{ "reply: a callee can see that its caller has gone", "abandoned C-12",
	  a_callee_can_see_that_its_caller_has_gone, CONTRACT_ABANDONED, 0 },
	{ "reply: who cannot tell supposes that somebody waits", "abandoned",
	  who_cannot_tell_supposes_that_somebody_waits, 0, CONTRACT_ABANDONED },
	{ "reply: a long handler can give up with its caller", "abandoned C-12",
	  a_long_handler_can_give_up_with_its_caller, CONTRACT_ABANDONED | CONTRACT_SUSPEND, 0 },
	{ "reply: what is left in the slot is stopped", "slot C-04",
	  what_is_left_in_the_slot_is_stopped, 0, 0 },
	{ "reply: an answer counts from when it is delivered", "slot deliver",
	  an_answer_counts_from_when_it_is_delivered, CONTRACT_SUSPEND, 0 },
	{ "reply: another handler may answer", "slot I-10", another_handler_may_answer, 0, 0 },
	{ "reply: another actor may answer", "slot I-10", another_actor_may_answer, 0, 0 },
	{ "reply: another thread may answer", "slot I-06 I-20", another_thread_may_answer,
	  CONTRACT_CROSS_THREAD, 0 },
	{ "reply: what a failed actor kept is stopped with its state", "C-04 slot",
	  what_a_failed_actor_kept_is_stopped_with_its_state, 0, 0 },
	{ "reply: what a cancelled actor kept is stopped with its state", "C-04 slot cancel",
	  what_a_cancelled_actor_kept_is_stopped_with_its_state, 0, 0 },
	{ "reply: what a stopped actor kept goes with its state", "I-04 C-04 slot",
	  what_a_stopped_actor_kept_goes_with_its_state, 0, 0 },
	{ 0 },
};
