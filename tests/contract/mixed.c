/* SPDX-License-Identifier: MIT */

/*
 * Actors of two implementations in one process. Everything here passes between them: what the one
 * holds of the other are addresses, replies, waiters and messages, and nothing else.
 *
 * In each pair, "a" and its like are of the first implementation, "b" and its like of the second.
 */

#include "suite.h"

static struct cast unstarted_on(struct stage *stage, size_t side, const char *name, size_t capacity)
{
	struct cast cast;

	stage->spawner = stage->sides[side].spawner;
	cast = stage_unstarted(stage, name, capacity);
	stage->spawner = stage->sides[0].spawner;
	return cast;
}

static struct cast spawn_on(struct stage *stage, size_t side, const char *name, size_t capacity)
{
	struct cast cast = unstarted_on(stage, side, name, capacity);

	stage_start(stage, &cast);
	return cast;
}

static struct actor_address *spy_on(struct stage *stage, struct actor_address *address)
{
	return stage_keep(stage, spy_address_create(address, &stage->probe, "in-line"));
}

/* ---- calls */

/* Calls @user to do @number: 0 answer, 1 keep, 2 fail, 3 wait. */
static void call_user(struct player *self, struct play_perform *message, struct actor_reply **slot,
		      struct actor_context *context)
{
	play_act_fn *const acts[] = { play_note_number, play_keep, play_fail, play_wait };
	struct play_perform perform = {
		.act = acts[message->number],
		.number = 40,
		.cargo = ledger_lend(&self->stage->ledger),
	};
	int64_t answer = 0;
	int rc;

	player_record(self, "calling");
	rc = actor_call(context, message->user, &play_perform_type, &perform, &answer);
	player_record(self, "called:%s", status_word(rc));
	owned_return(&perform.cargo);
	play_answer(slot, answer + 2);
}

static void one_calls_the_other(struct stage *stage)
{
	struct cast a = spawn_on(stage, 0, "a", 0), b = spawn_on(stage, 1, "b", 0);

	stage_begin(stage, 0, a.address, call_user, 0, b.address);
	assert_int_equal(stage_answer(stage, 0), 0);
	assert_int_equal(stage->answers[0], 42);
	assert_int_equal(probe_count(&stage->probe, "a.called:ok"), 1);
	assert_int_equal(probe_count(&stage->probe, "b.40"), 1);
}

/* Calls its friend, and so on. */
static void call_on(struct player *self, struct play_perform *message, struct actor_reply **slot,
		    struct actor_context *context)
{
	struct play_perform perform = { .act = call_on };
	int64_t answer = 0;
	int rc = 0;

	(void)message;
	if (self->friend)
		rc = actor_call(context, self->friend, &play_perform_type, &perform, &answer);
	if (rc == 0)
		play_answer(slot, answer + 1);
}

static void make_friend(struct actor_address *address, struct actor_address *friend)
{
	struct play_letter letter = { actor_address_ref(friend) };
	int rc = actor_try_send(address, &play_letter_type, &letter);

	if (rc < 0)
		actor_address_unref(letter.address);
	assert_int_equal(rc, 0);
}

static void calls_go_back_and_forth(struct stage *stage)
{
	enum { N = 10 };
	struct cast chain[N];
	struct play_perform perform = { .act = call_on };
	int64_t answer = 0;
	size_t i;

	for (i = 0; i < N; i++) {
		chain[i] = spawn_on(stage, i % 2, "", 0);
		if (i > 0)
			make_friend(chain[i].address, chain[i - 1].address);
	}
	assert_int_equal(actor_call_until(stage->context, chain[N - 1].address, &play_perform_type,
					  &perform, &answer, stage_soon(stage)),
			 0);
	assert_int_equal(answer, N);
}

/* Calls each of the addresses at @user, and answers with the sum of their answers. */
static void call_all(struct player *self, struct play_perform *message, struct actor_reply **slot,
		     struct actor_context *context)
{
	struct actor_address **addresses = message->user;
	struct actor_future futures[6];
	int64_t answers[6] = { 0 }, sum = 0;
	int64_t i;
	int rc;

	for (i = 0; i < message->number; i++) {
		struct play_ping ping = { .number = 1 + i };

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

static void answers_of_both_are_awaited_together(struct stage *stage)
{
	struct cast a = spawn_on(stage, 0, "a", 0);
	struct actor_address *addresses[6];
	size_t i;

	for (i = 0; i < 6; i++)
		addresses[i] = spawn_on(stage, i % 2, "callee", 0).address;
	stage_begin(stage, 0, a.address, call_all, 6, addresses);
	assert_int_equal(stage_answer(stage, 0), 0);
	assert_int_equal(stage->answers[0], 21);
	assert_int_equal(probe_count(&stage->probe, "a.awaited:ok"), 1);
}

static void an_answer_may_own_something_of_the_others(struct stage *stage)
{
	struct cast b = spawn_on(stage, 1, "b", 0);
	struct play_fetch fetch = { 0 };
	struct owned answer = { 0 };

	assert_int_equal(actor_call_until(stage->context, b.address, &play_fetch_type, &fetch,
					  &answer, stage_soon(stage)),
			 0);
	assert_ptr_equal(answer.ledger, &stage->ledger);
	owned_return(&answer);
}

/* Hands the reply that it was called with on to @user. */
static void delegate(struct player *self, struct play_perform *message, struct actor_reply **slot,
		     struct actor_context *context)
{
	struct play_perform perform = { .act = play_note_number, .number = message->number };
	int rc = context->ops->post(context, message->user, &play_perform_type, &perform, *slot,
				    ACTOR_FOREVER);

	player_record(self, "delegated:%s", status_word(rc));
	if (rc == 0)
		*slot = NULL;
}

static void a_reply_is_handed_on_to_the_other(struct stage *stage)
{
	struct cast a = spawn_on(stage, 0, "a", 0), b = spawn_on(stage, 1, "b", 0);

	stage_begin(stage, 0, a.address, delegate, 5, b.address);
	assert_int_equal(stage_answer(stage, 0), 0);
	assert_int_equal(stage->answers[0], 5);
	assert_int_equal(probe_count(&stage->probe, "b.5"), 1);
}

static void record_answer(struct actor_ask *ask, int status, void *value)
{
	probe_record(ask->user, "answer:%s:%d", status_word(status),
		     status == 0 ? (int)*(int64_t *)value : 0);
}

static void one_asks_the_other(struct stage *stage)
{
	static struct actor_ask asks[2];
	struct cast b = spawn_on(stage, 1, "b", 0), gone = unstarted_on(stage, 1, "gone", 0);
	struct play_ping ping = { .number = 3 };

	assert_int_equal(actor_ask(NULL, &asks[0], b.address, &play_ping_type, &ping, record_answer,
				   &stage->probe),
			 0);
	assert_int_equal(actor_ask(NULL, &asks[1], gone.address, &play_ping_type, &ping,
				   record_answer, &stage->probe),
			 0);
	stage_destroy(stage, &gone.mailbox);
	stage_expect(stage, "answer:ok:3", 1);
	stage_expect(stage, "answer:stopped:0", 1);
}

/* ---- ends under a call */

static void one_fails_under_the_others_call(struct stage *stage)
{
	struct cast a = spawn_on(stage, 0, "a", 0), b = spawn_on(stage, 1, "b", 0);

	stage_begin(stage, 0, a.address, call_user, 2, b.address);
	assert_int_equal(stage_answer(stage, 0), 0);
	stage_join_ended(stage, &b, ACTOR_ENDED_FAILED);
	assert_int_equal(probe_count(&stage->probe, "a.called:stopped"), 1);
}

static void one_is_destroyed_under_the_others_call(struct stage *stage)
{
	struct cast a = spawn_on(stage, 0, "a", 0), b = spawn_on(stage, 1, "b", 0);

	stage_begin(stage, 0, a.address, call_user, 3, b.address);
	stage_expect(stage, "b.waiting", 1);
	stage_destroy(stage, &b.mailbox);
	assert_int_equal(stage_answer(stage, 0), 0);
	assert_int_equal(probe_count(&stage->probe, "a.called:stopped"), 1);
	stage_expect(stage, "b.destroyed", 1);
}

static void one_never_starts_under_the_others_call(struct stage *stage)
{
	struct cast a = spawn_on(stage, 0, "a", 0), b = unstarted_on(stage, 1, "b", 0);

	stage_begin(stage, 0, a.address, call_user, 0, b.address);
	stage_expect(stage, "a.calling", 1);
	stage_destroy(stage, &b.mailbox);
	assert_int_equal(stage_answer(stage, 0), 0);
	/* It may have come too late to be called at all. */
	assert_int_equal(probe_count(&stage->probe, "a.called:stopped") +
				 probe_count(&stage->probe, "a.called:closed"),
			 1);
}

static void one_is_cancelled_while_the_other_handles_its_call(struct stage *stage)
{
	struct cast a = spawn_on(stage, 0, "a", 0), b = spawn_on(stage, 1, "b", 0);

	stage_perform(stage, a.address, call_user, 1, b.address);
	stage_expect(stage, "b.kept", 1);
	actor_mailbox_cancel(a.mailbox);
	stage_join_ended(stage, &a, ACTOR_ENDED_CANCELLED);
	stage_perform(stage, b.address, play_answer_kept, 0, NULL);
	stage_ping(stage, b.address);
	assert_int_equal(probe_count(&stage->probe, "a.called:cancelled"), 1);
	assert_int_equal(probe_count(&stage->probe, "b.answered:abandoned"), 1);
}

static void begin_and_fail(struct player *self, struct play_perform *message,
			   struct actor_reply **slot, struct actor_context *context)
{
	struct play_perform perform = { .act = play_keep };
	struct actor_future future;
	int64_t answer;
	int rc = actor_call_begin(context, &future, message->user, &play_perform_type, &perform,
				  &answer);

	(void)slot;
	player_record(self, "begun:%s", status_word(rc));
	ACTOR_FAIL(context, "with a call in flight");
}

static void one_fails_while_the_other_handles_its_call(struct stage *stage)
{
	struct cast a = spawn_on(stage, 0, "a", 0), b = spawn_on(stage, 1, "b", 0);

	stage_perform(stage, a.address, begin_and_fail, 0, b.address);
	stage_join_ended(stage, &a, ACTOR_ENDED_FAILED);
	stage_expect(stage, "b.kept", 1);
	stage_perform(stage, b.address, play_answer_kept, 0, NULL);
	stage_ping(stage, b.address);
	assert_int_equal(probe_count(&stage->probe, "b.answered:abandoned"), 1);
}

/* ---- room */

static void send_parcel(struct player *self, struct play_perform *message,
			struct actor_reply **slot, struct actor_context *context)
{
	struct play_parcel parcel = {
		.number = message->number,
		.cargo = ledger_lend(&self->stage->ledger),
	};
	int rc = actor_send(context, message->user, &play_parcel_type, &parcel);

	player_record(self, "sent:%s", status_word(rc));
	owned_return(&parcel.cargo);
	play_answer(slot, message->number);
}

/* Senders of both stand in one line. */
static void both_wait_for_room_in_the_order_of_arrival(struct stage *stage)
{
	struct cast target = unstarted_on(stage, 1, "t", 1);
	struct actor_address *spy = spy_on(stage, target.address);
	size_t i;

	stage_note(stage, target.address, 0);
	for (i = 1; i <= 6; i++) {
		struct cast sender = spawn_on(stage, i % 2, "sender", 0);

		stage_perform(stage, sender.address, send_parcel, (int64_t)i, spy);
		stage_expect(stage, "in-line", i);
	}
	stage_start(stage, &target);
	stage_expect(stage, "sender.sent:ok", 6);
	stage_ping(stage, target.address);
	assert_string_equal(probe_text_of(&stage->probe, "t."),
			    "t.started t.0 t.1 t.2 t.3 t.4 t.5 t.6");
}

static void who_waits_for_room_is_cancelled(struct stage *stage)
{
	struct cast a = spawn_on(stage, 0, "a", 0), full = unstarted_on(stage, 1, "f", 1);
	struct actor_address *spy = spy_on(stage, full.address);

	stage_note(stage, full.address, 0);
	stage_perform(stage, a.address, send_parcel, 1, spy);
	stage_expect(stage, "in-line", 1);
	actor_mailbox_cancel(a.mailbox);
	stage_join_ended(stage, &a, ACTOR_ENDED_CANCELLED);
	stage_start(stage, &full);
	stage_expect(stage, "f.0", 1);
	stage_note(stage, full.address, 2);
	stage_ping(stage, full.address);
	assert_int_equal(probe_count(&stage->probe, "a.sent:cancelled"), 1);
	assert_string_equal(probe_text_of(&stage->probe, "f."), "f.started f.0 f.2");
}

static void who_waits_for_room_learns_that_the_mailbox_is_closed(struct stage *stage)
{
	struct cast a = spawn_on(stage, 0, "a", 0), full = unstarted_on(stage, 1, "f", 1);
	struct actor_address *spy = spy_on(stage, full.address);

	stage_note(stage, full.address, 0);
	stage_begin(stage, 0, a.address, send_parcel, 1, spy);
	stage_expect(stage, "in-line", 1);
	stage_destroy(stage, &full.mailbox);
	assert_int_equal(stage_answer(stage, 0), 0);
	assert_int_equal(probe_count(&stage->probe, "a.sent:closed"), 1);
}

/* ---- lives */

static void identities_are_told_apart(struct stage *stage)
{
	struct cast a = unstarted_on(stage, 0, "same", 0), b = unstarted_on(stage, 1, "same", 0);

	assert_false(actor_address_same(a.address, b.address));
	assert_true(actor_address_same(b.address, b.address));
}

static void one_holds_the_others_last_address(struct stage *stage)
{
	enum { N = 10 };
	struct cast chain[N];
	size_t i;

	for (i = 0; i < N; i++) {
		chain[i] = spawn_on(stage, i % 2, "", 0);
		if (i > 0) {
			make_friend(chain[i].address, chain[i - 1].address);
			stage_release(stage, &chain[i - 1].address);
		}
		stage_ping(stage, chain[i].address);
	}
	for (i = 0; i < N; i++)
		stage_detach(stage, &chain[i].mailbox);
	assert_int_equal(probe_count(&stage->probe, "stopped"), 0);
	stage_release(stage, &chain[N - 1].address);
	stage_expect(stage, "destroyed", N);
}

static void join_user(struct player *self, struct play_perform *message, struct actor_reply **slot,
		      struct actor_context *context)
{
	struct actor_end end;
	int rc;

	player_record(self, "joining");
	rc = actor_mailbox_join(context, message->user, ACTOR_FOREVER, &end);
	player_record(self, "joined:%s", status_word(rc));
	if (rc == 0)
		actor_end_drop(&end);
	play_answer(slot, 0);
}

static void one_joins_the_other(struct stage *stage)
{
	struct cast a = spawn_on(stage, 0, "a", 0), b = spawn_on(stage, 1, "b", 0);

	stage_begin(stage, 0, a.address, join_user, 0, b.mailbox);
	stage_expect(stage, "a.joining", 1);
	stage_release(stage, &b.address);
	assert_int_equal(stage_answer(stage, 0), 0);
	assert_int_equal(probe_count(&stage->probe, "a.joined:ok"), 1);
	assert_int_equal(probe_count(&stage->probe, "b.destroyed"), 1);
}

/* Spawns a child with the spawner at @user, calls it and lets it go. */
static void spawn_with_user(struct player *self, struct play_perform *message,
			    struct actor_reply **slot, struct actor_context *context)
{
	struct player *player = player_create(self->stage, "child");
	struct play_ping ping = { .number = message->number };
	struct actor_address *address;
	int64_t answer = 0;
	int rc = actor_spawn(message->user, &player_behavior, player, NULL, &address);

	if (rc < 0) {
		player_record(self, "spawned:%s", status_word(rc));
		player_destroy(player);
		return;
	}
	rc = actor_call(context, address, &play_ping_type, &ping, &answer);
	player_record(self, "called:%s", status_word(rc));
	actor_address_unref(address);
	play_answer(slot, answer);
}

static void one_spawns_the_other(struct stage *stage)
{
	struct cast a = spawn_on(stage, 0, "a", 0);

	stage_begin(stage, 0, a.address, spawn_with_user, 6, stage->sides[1].spawner);
	assert_int_equal(stage_answer(stage, 0), 0);
	assert_int_equal(stage->answers[0], 6);
	stage_expect(stage, "child.destroyed", 1);
	assert_int_equal(probe_count(&stage->probe, "a.called:ok"), 1);
}

static void one_restarts_under_the_others_messages(struct stage *stage)
{
	struct cast a = spawn_on(stage, 0, "a", 0), b = spawn_on(stage, 1, "b", 0);

	stage_begin(stage, 0, a.address, call_user, 2, b.address);
	assert_int_equal(stage_answer(stage, 0), 0);
	stage_join_ended(stage, &b, ACTOR_ENDED_FAILED);
	stage_begin(stage, 0, a.address, call_user, 0, b.address);
	stage_expect(stage, "a.calling", 2);
	stage_start(stage, &b);
	assert_int_equal(stage_answer(stage, 0), 0);
	assert_int_equal(stage->answers[0], 42);
	assert_string_equal(probe_text_of(&stage->probe, "a."),
			    "a.started a.calling a.called:stopped a.calling a.called:ok");
}

/* ---- all at once */

struct traffic {
	struct actor_address **addresses;
	size_t n_addresses;
	atomic_int n_sent;
	atomic_int n_handled;
	atomic_int n_wrong;
};

static void count_message(struct player *self, struct play_perform *message,
			  struct actor_reply **slot, struct actor_context *context)
{
	struct traffic *traffic = message->user;

	(void)self;
	(void)context;
	atomic_fetch_add(&traffic->n_handled, 1);
	play_answer(slot, message->number);
}

/* Sends to some and calls others, across small mailboxes. */
static void make_traffic(struct player *self, struct play_perform *message,
			 struct actor_reply **slot, struct actor_context *context)
{
	struct traffic *traffic = message->user;
	int64_t i;

	for (i = 0; i < 60; i++) {
		struct play_perform perform = {
			.act = count_message,
			.number = i,
			.user = traffic,
			.cargo = ledger_lend(&self->stage->ledger),
		};
		struct actor_address *address =
			traffic->addresses[(size_t)(i + message->number) % traffic->n_addresses];
		int64_t answer = i;
		int rc = i % 3 == 0 ? actor_call(context, address, &play_perform_type, &perform,
						 &answer)
				    : actor_send(context, address, &play_perform_type, &perform);

		if (rc == 0 && answer == i)
			atomic_fetch_add(&traffic->n_sent, 1);
		else
			atomic_fetch_add(&traffic->n_wrong, 1);
		owned_return(&perform.cargo);
	}
	play_answer(slot, 0);
}

static void many_work_with_many(struct stage *stage)
{
	enum { N = 6 };
	struct actor_address *addresses[N];
	struct traffic traffic = { .addresses = addresses, .n_addresses = N };
	size_t i;

	for (i = 0; i < N; i++)
		addresses[i] = spawn_on(stage, i % 2, "", 2).address;
	for (i = 0; i < N; i++)
		stage_begin(stage, i, spawn_on(stage, i % 2, "", 0).address, make_traffic,
			    (int64_t)i, &traffic);
	assert_int_equal(actor_future_await_all(stage->futures, N, stage_soon(stage)), 0);
	for (i = 0; i < N; i++)
		stage_ping(stage, addresses[i]);
	assert_int_equal(atomic_load(&traffic.n_wrong), 0);
	assert_int_equal(atomic_load(&traffic.n_sent), N * 60);
	assert_int_equal(atomic_load(&traffic.n_handled), N * 60);
}

const struct contract_test contract_mixed_tests[] = {
	{ "one calls the other", "mixed I-17", one_calls_the_other, CONTRACT_SUSPEND, 0 },
	{ "calls go back and forth", "mixed C-14", calls_go_back_and_forth, CONTRACT_SUSPEND, 0 },
	{ "answers of both are awaited together", "mixed future",
	  answers_of_both_are_awaited_together, CONTRACT_SUSPEND, 0 },
	{ "an answer may own something of the other's", "mixed deliver",
	  an_answer_may_own_something_of_the_others, 0, 0 },
	{ "a reply is handed on to the other", "mixed slot", a_reply_is_handed_on_to_the_other,
	  CONTRACT_SUSPEND, 0 },
	{ "one asks the other", "mixed ask", one_asks_the_other, 0, 0 },
	{ "one fails under the other's call", "mixed S-04 fail", one_fails_under_the_others_call,
	  CONTRACT_SUSPEND, 0 },
	{ "one is destroyed under the other's call", "mixed C-04 cancel",
	  one_is_destroyed_under_the_others_call, CONTRACT_SUSPEND, 0 },
	{ "one never starts under the other's call", "mixed C-04 L-31",
	  one_never_starts_under_the_others_call, CONTRACT_SUSPEND, 0 },
	{ "one is cancelled while the other handles its call", "mixed C-12 cancel",
	  one_is_cancelled_while_the_other_handles_its_call, CONTRACT_SUSPEND, 0 },
	{ "one fails while the other handles its call", "mixed C-12 fail scope",
	  one_fails_while_the_other_handles_its_call, CONTRACT_SUSPEND, 0 },
	{ "both wait for room in the order of arrival", "mixed line",
	  both_wait_for_room_in_the_order_of_arrival, CONTRACT_SUSPEND | CONTRACT_FIFO, 0 },
	{ "who waits for room is cancelled", "mixed cancel withdraw",
	  who_waits_for_room_is_cancelled, CONTRACT_SUSPEND, 0 },
	{ "who waits for room learns that the mailbox is closed", "mixed L-36",
	  who_waits_for_room_learns_that_the_mailbox_is_closed, CONTRACT_SUSPEND, 0 },
	{ "identities are told apart", "mixed I-27", identities_are_told_apart, 0, 0 },
	{ "one holds the other's last address", "mixed L-05 fall",
	  one_holds_the_others_last_address, 0, 0 },
	{ "one joins the other", "mixed join", one_joins_the_other, CONTRACT_SUSPEND, 0 },
	{ "one spawns the other", "mixed spawner I-31", one_spawns_the_other, CONTRACT_SUSPEND, 0 },
	{ "one restarts under the other's messages", "mixed S-05",
	  one_restarts_under_the_others_messages, CONTRACT_SUSPEND | CONTRACT_RESTART, 0 },
	{ "many work with many", "mixed H-08 C-14", many_work_with_many, CONTRACT_SUSPEND, 0 },
	{ 0 },
};
