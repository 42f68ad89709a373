/* SPDX-License-Identifier: MIT */

/* Contexts: what whoever runs offers to its code. */

#include "suite.h"

/* ---- who and where */

static void a_thread_is_no_actor(struct stage *stage)
{
	assert_null(actor_self(stage->context));
	assert_int_equal(actor_stop(stage->context, ACTOR_STOP_NOW), ACTOR_E_INVALID);
}

static void hold_self(struct player *self, struct play_perform *message, struct actor_reply **slot,
		      struct actor_context *context)
{
	struct actor_address **weak = message->user;

	player_record(self, "%s", actor_spawner(context) ? "spawner" : "none");
	*weak = actor_address_ref(actor_self(context));
	play_answer(slot, message->number);
}

/* The actor may keep its own address: it is a weak one. */
static void self_is_a_weak_address(struct stage *stage)
{
	struct cast a = stage_spawn(stage, "", 0);
	struct actor_address *weak;

	assert_int_equal(stage_call(stage, a.address, hold_self, 0, &weak), 0);
	stage_keep(stage, weak);
	assert_true(actor_address_same(weak, a.address));
	stage_ping(stage, weak);
	stage_release(stage, &a.address);
	stage_join_stopped(stage, &a);
	assert_null(actor_address_upgrade(weak));
	assert_recorded(stage, "started spawner stopped");
}

static void the_clock_does_not_go_back(struct stage *stage)
{
	int64_t last_ns = actor_now(stage->context), now_ns;
	int i;

	for (i = 0; i < 1000; i++, last_ns = now_ns) {
		now_ns = actor_now(stage->context);
		assert_true(now_ns >= last_ns);
	}
}

/* ---- waiting */

static void sleep_a_while(struct player *self, struct play_perform *message,
			  struct actor_reply **slot, struct actor_context *context)
{
	int64_t deadline_ns = actor_now(context) + message->number;
	int rc = actor_sleep_until(context, deadline_ns);

	player_record(self, "slept:%s", status_word(rc));
	if (actor_now(context) < deadline_ns)
		player_record(self, "early");
	rc = actor_sleep_until(context, deadline_ns);
	player_record(self, "passed:%s", status_word(rc));
	play_answer(slot, message->number);
}

static void a_thread_sleeps_until_a_point_in_time(struct stage *stage)
{
	int64_t deadline_ns = actor_now(stage->context) + 2 * 1000 * 1000;

	assert_int_equal(actor_sleep_until(stage->context, deadline_ns), 0);
	assert_true(actor_now(stage->context) >= deadline_ns);
	assert_int_equal(actor_sleep_until(stage->context, deadline_ns), 0);
	assert_int_equal(actor_sleep_until(stage->context, ACTOR_AT_ONCE), 0);
}

static void an_actor_sleeps_until_a_point_in_time(struct stage *stage)
{
	struct cast a = stage_spawn(stage, "", 0);

	assert_int_equal(stage_call(stage, a.address, sleep_a_while, 2 * 1000 * 1000, NULL), 0);
	assert_recorded(stage, "started slept:ok passed:ok");
}

static void actors_sleep_side_by_side(struct stage *stage)
{
	enum { N = 20 };
	struct cast actors[N], awake = stage_spawn(stage, "awake", 0);
	size_t i;

	for (i = 0; i < N; i++) {
		actors[i] = stage_spawn(stage, "", 0);
		/* The later ones have the earlier deadlines. */
		stage_begin(stage, i, actors[i].address, sleep_a_while,
			    (int64_t)(N - i) * 200 * 1000, NULL);
	}
	stage_ping(stage, awake.address);
	assert_int_equal(actor_future_await_all(stage->futures, N, stage_soon(stage)), 0);
	assert_int_equal(probe_count(&stage->probe, "slept:ok"), N);
	assert_int_equal(probe_count(&stage->probe, "early"), 0);
}

/* Replies as members of larger structs, some of them missing. */
struct entry {
	int64_t before;
	struct actor_reply *reply;
	int64_t after;
};

static int await_entries(struct stage *stage, struct entry *entries, size_t n,
			 enum actor_await_mode mode, int64_t deadline_ns)
{
	return actor_await_replies(stage->context, &entries[0].reply, n, sizeof *entries, mode,
				   deadline_ns);
}

static void waiting_passes_over_what_is_missing(struct stage *stage)
{
	struct entry entries[4] = { 0 };
	int64_t soon_ns;

	assert_int_equal(wait_open(stage->context, &entries[1].reply), 0);
	assert_int_equal(wait_open(stage->context, &entries[3].reply), 0);
	assert_int_equal(await_entries(stage, entries, 4, ACTOR_AWAIT_ANY, ACTOR_AT_ONCE),
			 ACTOR_E_TIMEOUT);
	wait_end(entries[3].reply);
	assert_int_equal(await_entries(stage, entries, 4, ACTOR_AWAIT_ANY, ACTOR_AT_ONCE), 3);
	assert_int_equal(await_entries(stage, entries, 4, ACTOR_AWAIT_ANY, stage_soon(stage)), 3);
	assert_int_equal(await_entries(stage, entries, 3, ACTOR_AWAIT_ANY, ACTOR_AT_ONCE),
			 ACTOR_E_TIMEOUT);
	assert_int_equal(await_entries(stage, entries, 4, ACTOR_AWAIT_ALL, ACTOR_AT_ONCE),
			 ACTOR_E_TIMEOUT);
	soon_ns = actor_now(stage->context) + 1000 * 1000;
	assert_int_equal(await_entries(stage, entries, 4, ACTOR_AWAIT_ALL, soon_ns),
			 ACTOR_E_TIMEOUT);
	assert_true(actor_now(stage->context) >= soon_ns);
	wait_end(entries[1].reply);
	assert_int_equal(await_entries(stage, entries, 4, ACTOR_AWAIT_ALL, stage_soon(stage)), 0);
	assert_int_equal(await_entries(stage, entries, 4, ACTOR_AWAIT_ALL, ACTOR_AT_ONCE), 0);
	wait_close(stage->context, entries[1].reply);
	wait_close(stage->context, entries[3].reply);
}

static void waiting_for_nothing_at_all_ends_at_once(struct stage *stage)
{
	struct entry entries[2] = { 0 };

	assert_int_equal(await_entries(stage, entries, 2, ACTOR_AWAIT_ALL, stage_soon(stage)), 0);
	assert_int_equal(await_entries(stage, entries, 0, ACTOR_AWAIT_ALL, stage_soon(stage)), 0);
	assert_int_equal(await_entries(stage, entries, 0, ACTOR_AWAIT_ANY, ACTOR_AT_ONCE),
			 ACTOR_E_TIMEOUT);
	assert_int_equal(
		await_entries(stage, entries, 2, ACTOR_AWAIT_ANY, actor_now(stage->context) + 1000),
		ACTOR_E_TIMEOUT);
}

/* ---- not waiting */

/* Waits in every way there is; @user is an address without room. */
static void wait_for_everything(struct player *self, struct play_perform *message,
				struct actor_reply **slot, struct actor_context *context)
{
	struct play_parcel parcel = { .cargo = ledger_lend(&self->stage->ledger) };
	struct actor_reply *reply;
	int rc = wait_open(context, &reply);

	if (rc < 0)
		return;
	player_record(self, "answer:%s", status_word(wait_for(context, reply, ACTOR_FOREVER)));
	player_record(self, "time:%s",
		      status_word(actor_sleep_until(context, actor_now(context) + 1000 * 1000)));
	rc = actor_send(context, message->user, &play_parcel_type, &parcel);
	player_record(self, "room:%s:%s", status_word(rc), parcel.cargo.ledger ? "kept" : "gone");
	/* What needs no waiting. */
	player_record(self, "poll:%s", status_word(wait_for(context, reply, ACTOR_AT_ONCE)));
	wait_end(reply);
	player_record(self, "come:%s", status_word(wait_for(context, reply, ACTOR_FOREVER)));
	wait_close(context, reply);
	player_record(self, "past:%s", status_word(actor_sleep_until(context, actor_now(context))));
	rc = actor_send_until(context, message->user, &play_parcel_type, &parcel, ACTOR_AT_ONCE);
	player_record(self, "full:%s:%s", status_word(rc), parcel.cargo.ledger ? "kept" : "gone");
	owned_return(&parcel.cargo);
	play_answer(slot, message->number);
}

static void a_handler_that_cannot_wait_is_told_so(struct stage *stage)
{
	struct cast a = stage_spawn(stage, "", 0), full = stage_unstarted(stage, "full", 1);

	stage_note(stage, full.address, 1);
	assert_int_equal(stage_call(stage, a.address, wait_for_everything, 7, full.address), 0);
	assert_recorded(stage, "started answer:nosuspend time:nosuspend room:nosuspend:kept "
			       "poll:timeout come:ok past:ok full:full:kept");
	stage->n_dead = 1;
}

static void call_another(struct player *self, struct play_perform *message,
			 struct actor_reply **slot, struct actor_context *context)
{
	struct play_perform perform = {
		.act = play_note_number,
		.number = 5,
		.cargo = ledger_lend(&self->stage->ledger),
	};
	int rc = actor_call(context, message->user, &play_perform_type, &perform, NULL);

	player_record(self, "called:%s:%s:%s", status_word(rc),
		      status_word(actor_error(context)->code),
		      perform.cargo.ledger ? "kept" : "gone");
	owned_return(&perform.cargo);
	play_answer(slot, message->number);
}

/* The message has been accepted when it turns out that its answer cannot be awaited. */
static void a_call_that_cannot_wait_is_a_send(struct stage *stage)
{
	struct cast a = stage_spawn(stage, "a", 0), b = stage_spawn(stage, "b", 0);

	assert_int_equal(stage_call(stage, a.address, call_another, 7, b.address), 0);
	stage_expect(stage, "b.5", 1);
	assert_string_equal(probe_text_of(&stage->probe, "a."),
			    "a.started a.called:nosuspend:nosuspend:gone");
}

static void wait_in_hook(struct player *self, struct actor_context *context)
{
	int rc = actor_sleep_until(context, actor_now(context) + 1000 * 1000);

	player_record(self, "slept:%s", status_word(rc));
}

static void a_hook_that_cannot_wait_is_told_so(struct stage *stage)
{
	struct cast a = stage_unstarted(stage, "", 0);

	a.state = player_create(stage, "");
	a.state->on_started = a.state->on_stopped = wait_in_hook;
	assert_int_equal(actor_mailbox_start(a.mailbox, a.state, NULL, NULL), 0);
	stage_ping(stage, a.address);
	stage_release(stage, &a.address);
	stage_join_stopped(stage, &a);
	assert_recorded(stage, "started slept:nosuspend stopped slept:nosuspend");
}

/* ---- the error detail of a handler */

static void provoke_errors(struct player *self, struct play_perform *message,
			   struct actor_reply **slot, struct actor_context *context)
{
	struct play_note note = { .number = 1 };
	struct play_unheard unheard = { .cargo = { 0 } };
	const struct actor_error *error;

	if (actor_send(context, message->user, &play_unheard_type, &unheard) < 0) {
		error = actor_error(context);
		player_record(self, "%s:%s:%s", status_word(error->code), error->actor_name,
			      error->message_type);
	}
	if (actor_send_until(context, message->user, &play_note_type, &note,
			     actor_now(context) + 1000) < 0) {
		error = actor_error(context);
		player_record(self, "%s:%s:%s", status_word(error->code), error->actor_name,
			      error->message_type);
	}
	play_answer(slot, 0);
}

static void a_handler_has_an_error_detail_of_its_own(struct stage *stage)
{
	struct cast a = stage_spawn(stage, "", 0), full = stage_unstarted(stage, "full", 1);
	struct play_unheard unheard = { .cargo = { 0 } };

	stage_note(stage, full.address, 0);
	assert_int_equal(actor_send(stage->context, a.address, &play_unheard_type, &unheard),
			 ACTOR_E_UNHANDLED);
	stage_begin(stage, 0, a.address, provoke_errors, 0, full.address);
	assert_int_equal(stage_answer(stage, 0), 0);
	assert_recorded(stage, "started unhandled:full:play.unheard full:full:play.note");
	assert_int_equal(actor_error(stage->context)->code, ACTOR_E_UNHANDLED);
	assert_string_equal(actor_error(stage->context)->actor_name, "");
	stage->n_dead = 1;
}

/* ---- the log */

static void log_something(struct player *self, struct play_perform *message,
			  struct actor_reply **slot, struct actor_context *context)
{
	(void)self;
	ACTOR_LOG(context, ACTOR_LOG_INFO, "number %d", (int)message->number);
	play_answer(slot, 0);
}

static void assert_logged(struct stage *stage, const char *level,
			  const struct actor_address *address, const char *rest)
{
	char word[64];

	snprintf(word, sizeof word, "%s:%llu:%s", level,
		 address ? (unsigned long long)actor_address_identity(address).number : 0, rest);
	if (probe_count(&stage->log, word) != 1)
		print_error("no %s in %s\n", word, probe_text(&stage->log));
	assert_int_equal(probe_count(&stage->log, word), 1);
}

static void a_record_tells_which_actor_speaks(struct stage *stage)
{
	struct cast a = stage_spawn(stage, "", 0);

	stage_begin(stage, 0, a.address, log_something, 5, NULL);
	assert_int_equal(stage_answer(stage, 0), 0);
	assert_logged(stage, "info", a.address, "-:number_5");
	ACTOR_LOG(stage->context, ACTOR_LOG_WARNING, "outside");
	assert_logged(stage, "warning", NULL, "-:outside");
}

static void a_failure_is_logged_as_an_error(struct stage *stage)
{
	struct cast a = stage_spawn(stage, "", 0);

	stage_perform(stage, a.address, play_fail, 0, NULL);
	stage_join_ended(stage, &a, ACTOR_ENDED_FAILED);
	assert_logged(stage, "error", a.address, "play.perform:as_told");
}

static void conflicting_declarations_are_logged(struct stage *stage)
{
	struct actor_message_type larger = play_note_type;
	struct cast a = stage_unstarted(stage, "", 0);
	char message[64] = "", prefix[64];

	larger.message_size *= 2;
	assert_int_equal(actor_try_send(a.address, &larger, message), ACTOR_E_UNHANDLED);
	snprintf(prefix, sizeof prefix, "error:%llu:play.note:",
		 (unsigned long long)actor_address_identity(a.address).number);
	assert_string_not_equal(probe_text_of(&stage->log, prefix), "");
	/* What is merely not handled is the sender's business. */
	probe_clear(&stage->log);
	assert_int_equal(actor_try_send(a.address, &play_unheard_type, message), ACTOR_E_UNHANDLED);
	assert_string_equal(probe_text_of(&stage->log, "error"), "");
}

const struct contract_test contract_context_tests[] = {
	{ "context: a thread is no actor", "self", a_thread_is_no_actor, 0, 0 },
	{ "context: self is a weak address", "self L-06 L-32", self_is_a_weak_address, 0, 0 },
	{ "context: the clock does not go back", "now", the_clock_does_not_go_back, 0, 0 },
	{ "context: a thread sleeps until a point in time", "now await",
	  a_thread_sleeps_until_a_point_in_time, 0, 0 },
	{ "context: an actor sleeps until a point in time", "now await",
	  an_actor_sleeps_until_a_point_in_time, CONTRACT_SUSPEND, 0 },
	{ "context: actors sleep side by side", "now await C-14", actors_sleep_side_by_side,
	  CONTRACT_SUSPEND, 0 },
	{ "context: waiting passes over what is missing", "await",
	  waiting_passes_over_what_is_missing, 0, 0 },
	{ "context: waiting for nothing at all ends at once", "await",
	  waiting_for_nothing_at_all_ends_at_once, 0, 0 },
	{ "context: a handler that cannot wait is told so", "nosuspend await move",
	  a_handler_that_cannot_wait_is_told_so, 0, CONTRACT_SUSPEND },
	{ "context: a call that cannot wait is a send", "nosuspend C-12",
	  a_call_that_cannot_wait_is_a_send, 0, CONTRACT_SUSPEND },
	{ "context: a hook that cannot wait is told so", "nosuspend",
	  a_hook_that_cannot_wait_is_told_so, 0, CONTRACT_SUSPEND },
	{ "context: a handler has an error detail of its own", "C-07 I-21",
	  a_handler_has_an_error_detail_of_its_own, CONTRACT_SUSPEND, 0 },
	{ "context: a log record tells which actor speaks", "log",
	  a_record_tells_which_actor_speaks, CONTRACT_LOG, 0 },
	{ "context: a failure is logged as an error", "S-15 log", a_failure_is_logged_as_an_error,
	  CONTRACT_LOG, 0 },
	{ "context: conflicting declarations are logged as an error", "log type",
	  conflicting_declarations_are_logged, CONTRACT_LOG, 0 },
	{ 0 },
};
