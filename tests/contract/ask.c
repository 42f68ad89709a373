/* SPDX-License-Identifier: MIT */

/* Asking: the answer arrives by callback, for those who cannot wait. */

#include "suite.h"

#include <stdlib.h>

/* A question in memory of its own, which goes with the answer. */
struct question {
	struct actor_ask ask;
	struct stage *stage;
	struct actor_address *reply_to;
};

static struct question *make_question(struct stage *stage, struct actor_address *reply_to)
{
	struct question *question = malloc(sizeof *question);

	if (!question)
		abort();
	question->stage = stage;
	question->reply_to = reply_to;
	return question;
}

static void record_answer(struct actor_ask *ask, int status, void *value)
{
	struct question *question = ACTOR_CONTAINER_OF(ask, struct question, ask);

	if (status == 0)
		probe_record(&question->stage->probe, "answer:%lld", (long long)*(int64_t *)value);
	else
		probe_record(&question->stage->probe, "answer:%s%s", status_word(status),
			     value ? ",value" : "");
	free(question);
}

static void ask_number(struct stage *stage, struct actor_context *context,
		       struct actor_address *address, play_act_fn *act, int64_t number)
{
	struct question *question = make_question(stage, NULL);
	struct play_perform perform = { .act = act, .number = number };
	int rc = actor_ask(context, &question->ask, address, &play_perform_type, &perform,
			   record_answer, NULL);

	if (rc < 0)
		free(question);
	assert_int_equal(rc, 0);
}

static void the_answer_arrives_by_callback(struct stage *stage)
{
	struct cast a = stage_spawn(stage, "", 0);

	ask_number(stage, NULL, a.address, play_note_number, 5);
	ask_number(stage, stage->context, a.address, play_note_number, 6);
	stage_ping(stage, a.address);
	assert_recorded(stage, "started 5 answer:5 6 answer:6");
}

static void answer_with_error(struct player *self, struct play_perform *message,
			      struct actor_reply **slot, struct actor_context *context)
{
	struct actor_reply *reply = *slot;

	(void)self;
	(void)message;
	(void)context;
	*slot = NULL;
	actor_reply_deliver(reply, ACTOR_E_BUSY, NULL);
}

static void leave_unanswered(struct player *self, struct play_perform *message,
			     struct actor_reply **slot, struct actor_context *context)
{
	(void)self;
	(void)message;
	(void)slot;
	(void)context;
}

static void every_question_is_answered(struct stage *stage)
{
	struct cast a = stage_unstarted(stage, "", 0), b = stage_unstarted(stage, "b", 0);

	ask_number(stage, NULL, b.address, play_note_number, 1);
	stage_destroy(stage, &b.mailbox);
	stage_start(stage, &a);
	ask_number(stage, NULL, a.address, answer_with_error, 2);
	ask_number(stage, NULL, a.address, leave_unanswered, 3);
	stage_ping(stage, a.address);
	assert_recorded(stage, "answer:stopped started answer:busy answer:stopped");
	ask_number(stage, NULL, a.address, play_fail, 4);
	stage_join_ended(stage, &a, ACTOR_ENDED_FAILED);
	assert_int_equal(probe_count(&stage->probe, "answer:stopped"), 3);
	stage->n_dead = 1;
}

static void keep_answer(struct actor_ask *ask, int status, void *value)
{
	struct question *question = ACTOR_CONTAINER_OF(ask, struct question, ask);
	struct owned *kept = ask->user;

	if (status == 0)
		*kept = *(struct owned *)value;
	probe_record(&question->stage->probe, "%s", status_word(status));
	free(question);
}

static void drop_answer(struct actor_ask *ask, int status, void *value)
{
	struct question *question = ACTOR_CONTAINER_OF(ask, struct question, ask);

	if (status == 0)
		actor_message_drop(play_fetch_type.reply, value);
	probe_record(&question->stage->probe, "%s", status_word(status));
	free(question);
}

static void the_value_is_the_callbacks(struct stage *stage)
{
	actor_answer_fn *const callbacks[] = { keep_answer, drop_answer };
	struct cast a = stage_spawn(stage, "", 0);
	struct owned kept = { 0 };
	size_t i;

	for (i = 0; i < 2; i++) {
		struct question *question = make_question(stage, NULL);
		struct play_fetch fetch = { 0 };

		assert_int_equal(actor_ask(NULL, &question->ask, a.address, &play_fetch_type,
					   &fetch, callbacks[i], &kept),
				 0);
	}
	stage_ping(stage, a.address);
	assert_recorded(stage, "started ok ok");
	assert_ptr_equal(kept.ledger, &stage->ledger);
	assert_int_equal(ledger_n_out(&stage->ledger), 2); /* the state's, and what was kept */
	owned_return(&kept);
}

static void forward_answer(struct actor_ask *ask, int status, void *value)
{
	struct question *question = ACTOR_CONTAINER_OF(ask, struct question, ask);
	struct play_note note = { .number = status == 0 ? *(int64_t *)value : status };

	if (stage_saw(question->stage,
		      actor_try_send(question->reply_to, &play_note_type, &note)) < 0)
		probe_record(&question->stage->probe, "not-sent");
	actor_address_unref(question->reply_to);
	free(question);
}

/* Asks @user, and gets the answer as a message. */
static void ask_on(struct player *self, struct play_perform *message, struct actor_reply **slot,
		   struct actor_context *context)
{
	struct question *question = make_question(self->stage,
						  actor_address_ref(actor_self(context)));
	struct play_ping ping = { .number = message->number };
	int rc = actor_ask(NULL, &question->ask, message->user, &play_ping_type, &ping,
			   forward_answer, NULL);

	player_record(self, "asked:%s", status_word(rc));
	play_answer(slot, 0);
}

static void an_actor_gets_the_answer_as_a_message(struct stage *stage)
{
	struct cast a = stage_spawn(stage, "a", 0), b = stage_spawn(stage, "b", 0);

	stage_perform(stage, a.address, ask_on, 7, b.address);
	stage_expect(stage, "a.7", 1);
	stage_release(stage, &b.address);
	stage_join_stopped(stage, &b);
	assert_string_equal(probe_text_of(&stage->probe, "a."), "a.started a.asked:ok a.7");
}

/* With a context, room is waited for. */
static void ask_and_wait_for_room(struct player *self, struct play_perform *message,
				  struct actor_reply **slot, struct actor_context *context)
{
	struct question *question = make_question(self->stage, NULL);
	struct play_perform perform = { .act = play_note_number, .number = message->number };
	int rc = actor_ask(context, &question->ask, message->user, &play_perform_type, &perform,
			   record_answer, NULL);

	player_record(self, "asked:%s", status_word(rc));
	if (rc < 0)
		free(question);
	play_answer(slot, 0);
}

static void with_a_context_room_is_waited_for(struct stage *stage)
{
	struct cast full = stage_unstarted(stage, "f", 1), a = stage_spawn(stage, "a", 0);
	struct actor_address *spy = stage_keep(
		stage, spy_address_create(full.address, &stage->probe, "in-line"));
	struct play_perform perform = { .act = play_note_number };
	struct actor_ask ask;

	stage_note(stage, full.address, 0);
	assert_int_equal(actor_ask(NULL, &ask, full.address, &play_perform_type, &perform,
				   record_answer, NULL),
			 ACTOR_E_FULL);
	stage_perform(stage, a.address, ask_and_wait_for_room, 3, spy);
	stage_expect(stage, "in-line", 1);
	stage_start(stage, &full);
	stage_expect(stage, "answer:3", 1);
	stage_ping(stage, a.address);
	assert_int_equal(probe_count(&stage->probe, "a.asked:ok"), 1);
}

const struct contract_test contract_ask_tests[] = {
	{ "ask: the answer arrives by callback", "ask", the_answer_arrives_by_callback, 0, 0 },
	{ "ask: every question is answered", "ask C-04 slot", every_question_is_answered, 0, 0 },
	{ "ask: the value is the callback's", "ask", the_value_is_the_callbacks, 0, 0 },
	{ "ask: an actor gets the answer as a message", "ask I-10",
	  an_actor_gets_the_answer_as_a_message, 0, 0 },
	{ "ask: with a context, room is waited for", "ask line", with_a_context_room_is_waited_for,
	  CONTRACT_SUSPEND, 0 },
	{ 0 },
};
