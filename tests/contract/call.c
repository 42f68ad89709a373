/* SPDX-License-Identifier: MIT */

/* Calls: the answer or an error always comes, any number may be in flight, and whoever waits is
 * not entered by anybody else meanwhile. */

#include "suite.h"

#include <stdio.h>

static void a_call_returns_the_handlers_answer(struct stage *stage)
{
	struct cast a = stage_spawn(stage, "", 0);
	struct play_ping ping = { .number = 42 };
	struct play_flush flush = { 0 };
	int64_t answer = 0;

	assert_int_equal(actor_call(stage->context, a.address, &play_ping_type, &ping, &answer), 0);
	assert_int_equal(answer, 42);
	assert_int_equal(actor_call(stage->context, a.address, &play_ping_type, &ping, NULL), 0);
	assert_int_equal(actor_call(stage->context, a.address, &play_flush_type, &flush, NULL), 0);
}

static void when_a_call_returns_what_was_sent_before_has_been_handled(struct stage *stage)
{
	struct cast a = stage_unstarted(stage, "", 0);
	struct play_flush flush = { 0 };

	stage_note(stage, a.address, 1);
	stage_note(stage, a.address, 2);
	stage_note(stage, a.address, 3);
	stage_start(stage, &a);
	assert_int_equal(actor_call_until(stage->context, a.address, &play_flush_type, &flush, NULL,
					  stage_soon(stage)),
			 0);
	assert_recorded(stage, "started 1 2 3");
}

static void an_answer_may_own_something(struct stage *stage)
{
	struct cast a = stage_spawn(stage, "", 0);
	struct play_fetch fetch = { 0 };
	struct owned answer = { 0 };

	assert_int_equal(actor_call_until(stage->context, a.address, &play_fetch_type, &fetch,
					  &answer, stage_soon(stage)),
			 0);
	assert_ptr_equal(answer.ledger, &stage->ledger);
	assert_int_equal(ledger_n_out(&stage->ledger), 2);
	owned_return(&answer);
	/* Nobody takes this one. */
	assert_int_equal(actor_call_until(stage->context, a.address, &play_fetch_type, &fetch, NULL,
					  stage_soon(stage)),
			 0);
	assert_int_equal(ledger_n_out(&stage->ledger), 1);
}

static void refuse_with_number(struct player *self, struct play_perform *message,
			       struct actor_reply **slot, struct actor_context *context)
{
	struct actor_reply *reply = *slot;

	(void)self;
	(void)context;
	*slot = NULL;
	actor_reply_deliver(reply, (int)message->number, NULL);
}

static void a_handler_may_answer_with_an_error(struct stage *stage)
{
	const int errors[] = { ACTOR_E_BUSY, ACTOR_E_TIMEOUT, ACTOR_E_CLOSED, -17, -123456 };
	struct cast a = stage_spawn(stage, "", 0);
	struct play_perform perform;
	int64_t answer = 5;
	size_t i;

	for (i = 0; i < sizeof errors / sizeof errors[0]; i++) {
		perform = (struct play_perform){ .act = refuse_with_number, .number = errors[i] };
		assert_int_equal(actor_call_until(stage->context, a.address, &play_perform_type,
						  &perform, &answer, stage_soon(stage)),
				 errors[i]);
		assert_int_equal(actor_error(stage->context)->code, errors[i]);
		assert_int_equal(answer, 5);
	}
	stage_ping(stage, a.address);
}

/* ---- the detail of an error */

static void an_error_tells_which_actor_and_which_message(struct stage *stage)
{
	struct cast a = stage_spawn(stage, "savings", 0);
	struct actor_identity identity = actor_address_identity(a.address);
	struct play_unheard unheard = { .cargo = { 0 } };
	const struct actor_error *error;
	char text[300], expected[300];

	assert_int_equal(actor_send(stage->context, a.address, &play_unheard_type, &unheard),
			 ACTOR_E_UNHANDLED);
	error = actor_error(stage->context);
	assert_int_equal(error->code, ACTOR_E_UNHANDLED);
	assert_int_equal(error->system_errno, 0);
	assert_true(actor_identity_same(error->identity, identity));
	assert_string_equal(error->actor_name, "savings");
	assert_string_equal(error->actor_type, "player");
	assert_string_equal(error->message_type, "play.unheard");
	snprintf(expected, sizeof expected,
		 "play.unheard: actor does not handle this message type. "
		 "For actor: player: id=%llu, name=savings",
		 (unsigned long long)identity.number);
	actor_error_format(error, text, sizeof text);
	assert_string_equal(text, expected);

	assert_int_equal(stage_call(stage, a.address, play_fail, 0, NULL), ACTOR_E_STOPPED);
	error = actor_error(stage->context);
	assert_int_equal(error->code, ACTOR_E_STOPPED);
	assert_true(actor_identity_same(error->identity, identity));
	assert_string_equal(error->message_type, "play.perform");
}

static void the_detail_is_the_last_failed_operations(struct stage *stage)
{
	struct cast a = stage_spawn(stage, "a", 0), b = stage_unstarted(stage, "b", 0);
	struct play_ping ping = { .number = 1 };

	assert_int_equal(actor_call_until(stage->context, b.address, &play_ping_type, &ping, NULL,
					  ACTOR_AT_ONCE),
			 ACTOR_E_TIMEOUT);
	assert_string_equal(actor_error(stage->context)->actor_name, "b");
	assert_int_equal(actor_error(stage->context)->code, ACTOR_E_TIMEOUT);
	stage_destroy(stage, &b.mailbox);
	assert_int_equal(actor_call_until(stage->context, b.address, &play_ping_type, &ping, NULL,
					  stage_soon(stage)),
			 ACTOR_E_CLOSED);
	assert_int_equal(actor_error(stage->context)->code, ACTOR_E_CLOSED);
	assert_true(actor_identity_same(actor_error(stage->context)->identity,
					actor_address_identity(b.address)));
	assert_int_equal(stage_call(stage, a.address, play_fail, 0, NULL), ACTOR_E_STOPPED);
	assert_string_equal(actor_error(stage->context)->actor_name, "a");
	stage->n_dead = 1;
}

static void a_long_name_is_cut_in_the_detail(struct stage *stage)
{
	char name[200];
	struct cast a;
	struct play_unheard unheard = { .cargo = { 0 } };
	const struct actor_error *error = actor_error(stage->context);

	memset(name, 'n', sizeof name - 1);
	name[sizeof name - 1] = '\0';
	a = stage_unstarted(stage, name, 0);
	assert_string_equal(actor_address_name(a.address), name);
	assert_int_equal(actor_send(stage->context, a.address, &play_unheard_type, &unheard),
			 ACTOR_E_UNHANDLED);
	assert_int_equal(strlen(error->actor_name), sizeof error->actor_name - 1);
	assert_memory_equal(error->actor_name, name, sizeof error->actor_name - 1);
}

/* ---- the end of waiting */

static void a_call_gives_up_at_its_deadline(struct stage *stage)
{
	struct cast a = stage_spawn(stage, "", 0);
	struct play_perform perform = { .act = play_keep, .cargo = ledger_lend(&stage->ledger) };
	int64_t deadline_ns = actor_now(stage->context) + 1000 * 1000;

	assert_int_equal(actor_call_until(stage->context, a.address, &play_perform_type, &perform,
					  NULL, deadline_ns),
			 ACTOR_E_TIMEOUT);
	assert_true(actor_now(stage->context) >= deadline_ns);
	assert_null(perform.cargo.ledger);
	stage_expect(stage, "kept", 1);
	stage_perform(stage, a.address, play_answer_kept, 0, NULL);
	stage_ping(stage, a.address);
	assert_recorded(stage, "started kept answered:abandoned");
}

static void a_late_answer_is_dropped(struct stage *stage)
{
	struct cast a = stage_unstarted(stage, "", 0);
	struct play_fetch fetch = { 0 };
	struct owned answer = { 0 };

	assert_int_equal(actor_call_until(stage->context, a.address, &play_fetch_type, &fetch,
					  &answer, ACTOR_AT_ONCE),
			 ACTOR_E_TIMEOUT);
	assert_int_equal(actor_call_begin(stage->context, &stage->futures[0], a.address,
					  &play_fetch_type, &fetch, &answer),
			 0);
	actor_future_cancel(&stage->futures[0]);
	stage_start(stage, &a);
	stage_ping(stage, a.address);
	assert_null(answer.ledger);
	assert_int_equal(stage->ledger.n_lent, 3); /* the state's and two answers' */
	assert_int_equal(ledger_n_out(&stage->ledger), 1);
}

static void a_caller_that_gives_up_does_not_stop_the_handler(struct stage *stage)
{
	struct cast a = stage_spawn(stage, "", 0);

	stage_begin(stage, 0, a.address, play_wait, 0, NULL);
	stage_expect(stage, "waiting", 1);
	actor_future_cancel(&stage->futures[0]);
	assert_int_equal(stage->futures[0].status, ACTOR_E_ABANDONED);
	assert_int_equal(actor_future_await(&stage->futures[0], ACTOR_FOREVER), ACTOR_E_ABANDONED);
	actor_future_cancel(&stage->futures[0]);
	gate_open(&stage->gate);
	stage_ping(stage, a.address);
	assert_recorded(stage, "started waiting woken");
}

/* ---- several in flight */

static void several_calls_may_be_in_flight_through_one_address(struct stage *stage)
{
	enum { N = 10 };
	struct cast a = stage_unstarted(stage, "", 0);
	size_t i;

	for (i = 0; i < N; i++)
		stage_begin(stage, i, a.address, play_note_number, (int64_t)i, NULL);
	stage_start(stage, &a);
	for (i = N; i-- > 0;) {
		assert_int_equal(stage_answer(stage, i), 0);
		assert_int_equal(stage->answers[i], i);
		assert_int_equal(stage_answer(stage, i), 0); /* its status, from now on */
	}
	assert_recorded(stage, "started 0 1 2 3 4 5 6 7 8 9");
}

static void a_call_that_is_not_accepted_has_ended(struct stage *stage)
{
	struct cast a = stage_unstarted(stage, "", 1);
	struct play_perform perform = { .number = 1 };
	struct actor_future *future = &stage->futures[0];

	stage_note(stage, a.address, 0);
	assert_int_equal(actor_call_begin_until(stage->context, future, a.address,
						&play_perform_type, &perform, NULL, ACTOR_AT_ONCE),
			 ACTOR_E_FULL);
	assert_int_equal(future->status, ACTOR_E_FULL);
	assert_int_equal(actor_future_await(future, ACTOR_FOREVER), ACTOR_E_FULL);
	actor_future_cancel(future);
	assert_int_equal(future->status, ACTOR_E_FULL);
	stage->n_dead = 1;
}

static void all_answers_are_awaited(struct stage *stage)
{
	struct cast a = stage_spawn(stage, "a", 0), b = stage_spawn(stage, "b", 0);
	int64_t soon_ns;

	stage_begin(stage, 0, a.address, play_note_number, 10, NULL);
	stage_begin(stage, 1, b.address, play_wait, 11, NULL);
	stage_begin(stage, 2, a.address, play_note_number, 12, NULL);
	soon_ns = actor_now(stage->context) + 1000 * 1000;
	assert_int_equal(actor_future_await_all(stage->futures, 3, soon_ns), ACTOR_E_TIMEOUT);
	assert_true(actor_now(stage->context) >= soon_ns);
	assert_int_equal(stage->futures[1].status, ACTOR_PENDING);
	gate_open(&stage->gate);
	assert_int_equal(actor_future_await_all(stage->futures, 3, stage_soon(stage)), 0);
	assert_int_equal(stage->answers[0], 10);
	assert_int_equal(stage->answers[1], 11);
	assert_int_equal(stage->answers[2], 12);
	assert_int_equal(actor_future_await_all(stage->futures, 3, ACTOR_AT_ONCE), 0);
	assert_int_equal(actor_future_await_all(stage->futures, 0, ACTOR_FOREVER), 0);
}

static void the_first_error_of_all_is_returned(struct stage *stage)
{
	struct cast a = stage_spawn(stage, "", 0);

	stage_begin(stage, 0, a.address, play_note_number, 1, NULL);
	stage_begin(stage, 1, a.address, refuse_with_number, ACTOR_E_BUSY, NULL);
	stage_begin(stage, 2, a.address, refuse_with_number, ACTOR_E_FULL, NULL);
	stage_begin(stage, 3, a.address, play_note_number, 4, NULL);
	assert_int_equal(actor_future_await_all(stage->futures, 4, stage_soon(stage)),
			 ACTOR_E_BUSY);
	assert_int_equal(stage->futures[0].status, 0);
	assert_int_equal(stage->futures[1].status, ACTOR_E_BUSY);
	assert_int_equal(stage->futures[2].status, ACTOR_E_FULL);
	assert_int_equal(stage->futures[3].status, 0);
	assert_int_equal(stage->answers[3], 4);
}

static void the_first_answer_of_any_is_awaited(struct stage *stage)
{
	struct cast a = stage_spawn(stage, "a", 0), b = stage_spawn(stage, "b", 0);
	struct actor_future *futures = stage->futures;
	int64_t soon_ns = actor_now(stage->context) + 1000 * 1000;

	stage_begin(stage, 0, a.address, play_wait, 10, NULL);
	assert_int_equal(actor_future_await_any(futures, 1, ACTOR_AT_ONCE), ACTOR_E_TIMEOUT);
	assert_int_equal(actor_future_await_any(futures, 1, soon_ns), ACTOR_E_TIMEOUT);
	assert_true(actor_now(stage->context) >= soon_ns);
	stage_begin(stage, 1, b.address, play_note_number, 11, NULL);
	assert_int_equal(actor_future_await_any(futures, 2, stage_soon(stage)), 1);
	assert_int_equal(stage->answers[1], 11);
	assert_int_equal(futures[0].status, ACTOR_PENDING);
	stage_begin(stage, 2, b.address, refuse_with_number, ACTOR_E_BUSY, NULL);
	assert_int_equal(actor_future_await_any(futures, 3, stage_soon(stage)), 2);
	assert_int_equal(futures[2].status, ACTOR_E_BUSY);
	gate_open(&stage->gate);
	assert_int_equal(actor_future_await_any(futures, 3, stage_soon(stage)), 0);
	assert_int_equal(stage->answers[0], 10);
	assert_int_equal(actor_future_await_any(futures, 3, ACTOR_FOREVER), ACTOR_E_INVALID);
}

static void what_is_not_awaited_can_be_cancelled_one_by_one(struct stage *stage)
{
	struct cast a = stage_unstarted(stage, "", 0);
	size_t i;

	for (i = 0; i < 4; i++)
		stage_begin(stage, i, a.address, play_note_number, (int64_t)i, NULL);
	actor_future_cancel(&stage->futures[2]);
	actor_future_cancel(&stage->futures[0]);
	actor_future_cancel(&stage->futures[3]);
	stage_start(stage, &a);
	assert_int_equal(stage_answer(stage, 1), 0);
	assert_null(stage->context->scope);
	stage_ping(stage, a.address);
	assert_recorded(stage, "started 0 1 2 3");
}

/* ---- callers that are actors */

/* Calls its friend, if it has one, and answers one more than that. */
static void call_on(struct player *self, struct play_perform *message, struct actor_reply **slot,
		    struct actor_context *context)
{
	struct play_perform perform = { .act = call_on };
	int64_t answer = 0;
	int rc = 0;

	(void)message;
	if (self->friend)
		rc = actor_call(context, self->friend, &play_perform_type, &perform, &answer);
	if (rc < 0)
		player_record(self, "called:%s", status_word(rc));
	play_answer(slot, answer + 1);
}

static void calls_go_through_a_chain_of_actors(struct stage *stage)
{
	enum { N = 20 };
	struct cast chain[N];
	struct play_perform perform = { .act = call_on };
	int64_t answer = 0;
	size_t i;

	for (i = 0; i < N; i++) {
		chain[i] = stage_unstarted(stage, "", 0);
		stage_start(stage, &chain[i]);
		if (i > 0) {
			struct play_letter letter = { actor_address_ref(chain[i - 1].address) };

			assert_int_equal(
				actor_try_send(chain[i].address, &play_letter_type, &letter), 0);
		}
	}
	assert_int_equal(actor_call_until(stage->context, chain[N - 1].address, &play_perform_type,
					  &perform, &answer, stage_soon(stage)),
			 0);
	assert_int_equal(answer, N);
}

/* Calls each of the addresses at @user, an array of number, and answers with the sum. */
static void call_all(struct player *self, struct play_perform *message, struct actor_reply **slot,
		     struct actor_context *context)
{
	struct actor_address **addresses = message->user;
	struct actor_future futures[10];
	int64_t answers[10] = { 0 }, sum = 0;
	int64_t i;
	int rc;

	for (i = 0; i < message->number; i++) {
		struct play_ping ping = { .number = i };

		rc = actor_call_begin(context, &futures[i], addresses[i], &play_ping_type, &ping,
				      &answers[i]);
		if (rc < 0)
			player_record(self, "begun:%s", status_word(rc));
	}
	rc = actor_future_await_all(futures, (size_t)message->number, ACTOR_FOREVER);
	player_record(self, "awaited:%s", status_word(rc));
	for (i = 0; i < message->number; i++)
		sum += answers[i];
	play_answer(slot, sum);
}

static void an_actor_may_wait_for_many(struct stage *stage)
{
	enum { N = 10 };
	struct cast caller = stage_spawn(stage, "", 0);
	struct actor_address *addresses[N];
	size_t i;

	for (i = 0; i < N; i++)
		addresses[i] = stage_spawn(stage, "callee", 0).address;
	stage_begin(stage, 0, caller.address, call_all, N, addresses);
	assert_int_equal(stage_answer(stage, 0), 0);
	assert_int_equal(stage->answers[0], N * (N - 1) / 2);
	assert_int_equal(probe_count(&stage->probe, "awaited:ok"), 1);
}

static void no_message_is_begun_while_a_handler_waits(struct stage *stage)
{
	struct cast a = stage_spawn(stage, "a", 0), other = stage_spawn(stage, "other", 0);
	size_t i;

	stage_begin(stage, 0, a.address, play_wait, 0, NULL);
	stage_expect(stage, "a.waiting", 1);
	for (i = 1; i <= 5; i++)
		stage_note(stage, a.address, (int64_t)i);
	for (i = 0; i < 50; i++)
		stage_ping(stage, other.address);
	assert_string_equal(probe_text_of(&stage->probe, "a."), "a.started a.waiting");
	gate_open(&stage->gate);
	assert_int_equal(stage_answer(stage, 0), 0);
	stage_ping(stage, a.address);
	assert_string_equal(probe_text_of(&stage->probe, "a."),
			    "a.started a.waiting a.woken a.1 a.2 a.3 a.4 a.5");
}

/* Calls one of @user, which calls back: for a moment, because that cannot come to anything. */
static void call_in_circle(struct player *self, struct play_perform *message,
			   struct actor_reply **slot, struct actor_context *context)
{
	struct actor_address *const *others = message->user;
	struct play_perform perform = {
		.act = message->number > 0 ? call_in_circle : play_note_number,
		.number = message->number - 1,
		.user = message->user,
	};
	int64_t deadline_ns = message->number > 0 ? ACTOR_FOREVER
						  : actor_now(context) + 2 * 1000 * 1000;
	int rc = actor_call_until(context, others[message->number], &play_perform_type, &perform,
				  NULL, deadline_ns);

	player_record(self, "%s",
		      rc == ACTOR_E_TIMEOUT || rc == ACTOR_E_DEADLOCK ? "refused"
								      : status_word(rc));
	play_answer(slot, message->number);
}

static void actors_that_call_each_other_in_a_circle_are_not_entered_again(struct stage *stage)
{
	struct cast a = stage_spawn(stage, "a", 0), b = stage_spawn(stage, "b", 0);
	struct actor_address *others[] = { a.address, b.address };

	/* a calls b, which calls a, which is busy. */
	stage_begin(stage, 0, a.address, call_in_circle, 1, others);
	assert_int_equal(stage_answer(stage, 0), 0);
	stage_ping(stage, a.address);
	/* The call that came back is handled afterwards, as any other message. */
	assert_string_equal(probe_text_of(&stage->probe, "a."), "a.started a.ok a.-1");
	assert_string_equal(probe_text_of(&stage->probe, "b."), "b.started b.refused");
}

static void a_call_in_flight_needs_no_more_than_the_callers_address(struct stage *stage)
{
	struct cast a = stage_spawn(stage, "", 0);

	stage_begin(stage, 0, a.address, play_wait, 3, NULL);
	stage_expect(stage, "waiting", 1);
	gate_open(&stage->gate);
	assert_int_equal(stage_answer(stage, 0), 0);
	assert_int_equal(stage->answers[0], 3);
	stage_release(stage, &a.address);
	stage_join_stopped(stage, &a);
	assert_recorded(stage, "started waiting woken stopped");
}

/* ---- crowds */

struct crowd {
	pthread_mutex_t lock;
	pthread_t threads[64];
	size_t n_threads;
};

static void note_thread(struct crowd *crowd)
{
	size_t i;

	pthread_mutex_lock(&crowd->lock);
	for (i = 0; i < crowd->n_threads; i++)
		if (pthread_equal(crowd->threads[i], pthread_self()))
			break;
	if (i == crowd->n_threads && i < sizeof crowd->threads / sizeof crowd->threads[0])
		crowd->threads[crowd->n_threads++] = pthread_self();
	pthread_mutex_unlock(&crowd->lock);
}

static void wait_in_crowd(struct player *self, struct play_perform *message,
			  struct actor_reply **slot, struct actor_context *context)
{
	note_thread(message->user);
	player_record(self, "w");
	gate_pass(&self->stage->gate, context, ACTOR_FOREVER);
	play_answer(slot, message->number);
}

static void gather_crowd(struct stage *stage, struct crowd *crowd, size_t n)
{
	struct cast other = stage_spawn(stage, "other", 0);
	size_t i;

	*crowd = (struct crowd){ .lock = PTHREAD_MUTEX_INITIALIZER };
	for (i = 0; i < n; i++)
		stage_perform(stage, stage_spawn(stage, "", 1).address, wait_in_crowd, 0, crowd);
	stage_expect(stage, "w", n);
	stage_ping(stage, other.address); /* others go on meanwhile */
	gate_open(&stage->gate);
	for (i = 0; i < STAGE_MOST; i++)
		if (stage->addresses[i])
			stage_ping(stage, stage->addresses[i]);
}

static void many_actors_may_wait_at_a_time(struct stage *stage)
{
	const size_t crowd_size = stage->sides[0].subject->crowd;
	struct crowd crowd;

	gather_crowd(stage, &crowd, crowd_size ? crowd_size : 200);
}

static void who_waits_holds_no_thread(struct stage *stage)
{
	struct crowd crowd;

	gather_crowd(stage, &crowd, 64);
	assert_true(crowd.n_threads < 16);
}

const struct contract_test contract_call_tests[] = {
	{ "call: it returns the handler's answer", "I-05 I-13 I-17",
	  a_call_returns_the_handlers_answer, 0, 0 },
	{ "call: when it returns, what was sent before has been handled", "C-17 I-17",
	  when_a_call_returns_what_was_sent_before_has_been_handled, 0, 0 },
	{ "call: an answer may own something", "I-06 I-17 deliver", an_answer_may_own_something, 0,
	  0 },
	{ "call: a handler may answer with an error of its choice", "S-16 deliver",
	  a_handler_may_answer_with_an_error, 0, 0 },
	{ "call: an error tells which actor and which message", "I-21 C-07 C-10 C-04",
	  an_error_tells_which_actor_and_which_message, 0, 0 },
	{ "call: the detail is the last failed operation's", "C-07 C-08 I-21",
	  the_detail_is_the_last_failed_operations, 0, 0 },
	{ "call: a long name is cut in the detail", "C-07 I-21", a_long_name_is_cut_in_the_detail,
	  0, 0 },
	{ "call: it gives up at its deadline", "timeout C-12", a_call_gives_up_at_its_deadline, 0,
	  0 },
	{ "call: a late answer is dropped", "timeout C-12 deliver", a_late_answer_is_dropped, 0,
	  0 },
	{ "call: a caller that gives up does not stop the handler", "C-12 future",
	  a_caller_that_gives_up_does_not_stop_the_handler, CONTRACT_SUSPEND, 0 },
	{ "call: several may be in flight through one address", "I-19 future",
	  several_calls_may_be_in_flight_through_one_address, 0, 0 },
	{ "call: one that is not accepted has ended", "future full",
	  a_call_that_is_not_accepted_has_ended, 0, 0 },
	{ "call: all answers are awaited", "future await", all_answers_are_awaited,
	  CONTRACT_SUSPEND, 0 },
	{ "call: the first error of all is returned", "future", the_first_error_of_all_is_returned,
	  0, 0 },
	{ "call: the first answer of any is awaited", "future await",
	  the_first_answer_of_any_is_awaited, CONTRACT_SUSPEND, 0 },
	{ "call: those in flight are cancelled one by one, in any order", "future C-12",
	  what_is_not_awaited_can_be_cancelled_one_by_one, 0, 0 },
	{ "call: calls go through a chain of actors", "C-14", calls_go_through_a_chain_of_actors,
	  CONTRACT_SUSPEND, 0 },
	{ "call: an actor may wait for many answers", "C-14 I-10 future",
	  an_actor_may_wait_for_many, CONTRACT_SUSPEND, 0 },
	{ "call: no message is begun while a handler waits", "I-09 L-04 C-14",
	  no_message_is_begun_while_a_handler_waits, CONTRACT_SUSPEND, 0 },
	{ "call: actors that call each other in a circle are not entered again", "C-15 I-09",
	  actors_that_call_each_other_in_a_circle_are_not_entered_again, CONTRACT_SUSPEND, 0 },
	{ "call: one in flight needs no more than the caller's address", "C-13",
	  a_call_in_flight_needs_no_more_than_the_callers_address, CONTRACT_SUSPEND, 0 },
	{ "call: many actors may wait at a time", "C-14", many_actors_may_wait_at_a_time,
	  CONTRACT_SUSPEND, 0 },
	{ "call: who waits holds no thread", "C-14", who_waits_holds_no_thread,
	  CONTRACT_SUSPEND | CONTRACT_LIGHT_WAITS, 0 },
	{ 0 },
};
