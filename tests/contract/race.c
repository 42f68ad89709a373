/* SPDX-License-Identifier: MIT */

/*
 * Races: things that may happen in any order, done many times at about the same moment. What is
 * checked holds for every order: nothing is lost, nothing happens twice, and everything ends. (And
 * a sanitizer may look on.)
 */

#include "suite.h"

#include <stdlib.h>

enum { ROUNDS = 150, N_HELPERS = 3 };

/* A moment, a little longer each time, so that what races meets at different places. */
static void linger(int i)
{
	int spins;

	for (spins = 0; spins < i % 40 * 25; spins++)
		atomic_signal_fence(memory_order_seq_cst);
}

/* What several threads did with one actor. */
struct tally {
	struct actor_address *address;
	struct actor_mailbox *mailbox;
	atomic_int n_accepted;
	atomic_int n_handled;
	atomic_int n_wrong;
};

static void count_one(struct player *self, struct play_perform *message, struct actor_reply **slot,
		      struct actor_context *context)
{
	struct tally *tally = message->user;

	(void)self;
	(void)context;
	atomic_fetch_add(&tally->n_handled, 1);
	play_answer(slot, message->number);
}

static struct play_perform make_message(struct stage *stage, struct tally *tally)
{
	return (struct play_perform){
		.act = count_one,
		.user = tally,
		.cargo = ledger_lend(&stage->ledger),
	};
}

/* Returns the status; whoever asks for another than these two counts it as wrong. */
static int try_one(struct helper *helper, struct actor_address *address)
{
	struct tally *tally = helper->user;
	struct play_perform perform = make_message(helper->stage, tally);
	int rc = actor_try_send(address, &play_perform_type, &perform);

	if (rc == 0)
		atomic_fetch_add(&tally->n_accepted, 1);
	else if (rc != ACTOR_E_FULL && rc != ACTOR_E_CLOSED)
		atomic_fetch_add(&tally->n_wrong, 1);
	owned_return(&perform.cargo);
	return rc;
}

static struct helper helpers[N_HELPERS];

static void start_helpers(struct stage *stage, struct tally *tally,
			  void (*run)(struct helper *helper, struct actor_context *context))
{
	int i;

	for (i = 0; i < N_HELPERS; i++) {
		helpers[i] = (struct helper){
			.stage = stage,
			.run = run,
			.user = tally,
			.number = i,
		};
		helper_start(&helpers[i]);
	}
}

static void join_helpers(struct tally *tally)
{
	int i;

	for (i = 0; i < N_HELPERS; i++)
		helper_join(&helpers[i]);
	assert_int_equal(atomic_load(&tally->n_wrong), 0);
}

/* ---- ends */

/* The last address goes just when the actor may be going idle. */
static void the_end_is_never_missed(struct stage *stage)
{
	int i;

	for (i = 0; i < ROUNDS; i++) {
		struct cast a = stage_spawn(stage, "", 0);

		stage_parcel(stage, a.address, i);
		linger(i);
		stage_release(stage, &a.address);
		stage_join_stopped(stage, &a);
		stage_destroy(stage, &a.mailbox);
		probe_clear(&stage->probe);
	}
}

/* Who is asked to end just when it may be going idle ends all the same. */
static void being_asked_to_end_is_never_missed(struct stage *stage)
{
	int i;

	for (i = 0; i < 3 * ROUNDS; i++) {
		struct cast a = stage_spawn(stage, "", 0);
		struct actor_end end;

		stage_note(stage, a.address, i);
		linger(i);
		if (i % 3 == 0)
			actor_mailbox_cancel(a.mailbox);
		else
			assert_int_equal(actor_address_stop(a.address, i % 3 == 1
									       ? ACTOR_STOP_NOW
									       : ACTOR_STOP_DRAIN),
					 0);
		end = stage_join(stage, a.mailbox);
		assert_int_equal(end.how, i % 3 == 0 ? ACTOR_ENDED_CANCELLED : ACTOR_ENDED_STOPPED);
		actor_end_drop(&end);
		stage_destroy(stage, &a.mailbox);
		stage_release(stage, &a.address);
		probe_clear(&stage->probe);
	}
	stage->n_dead = ANY_NUMBER;
}

static void giving_a_mailbox_up_meets_the_end(struct stage *stage)
{
	int i;

	for (i = 0; i < ROUNDS; i++) {
		struct cast a = stage_spawn(stage, "", 0);

		stage_note(stage, a.address, 1);
		stage_release(stage, &a.address);
		linger(i);
		if (i % 2)
			stage_detach(stage, &a.mailbox);
		else
			stage_destroy(stage, &a.mailbox);
		stage_expect(stage, "destroyed", 1);
		probe_clear(&stage->probe);
	}
	stage->n_dead = ANY_NUMBER;
}

static void giving_up_a_join_meets_the_end(struct stage *stage)
{
	int i, rc;

	for (i = 0; i < ROUNDS; i++) {
		struct cast a = stage_spawn(stage, "", 0);
		int64_t patience_ns = 1 + i * 50;
		struct actor_end end;

		stage_release(stage, &a.address);
		do {
			rc = actor_mailbox_join(stage->context, a.mailbox,
						actor_now(stage->context) + patience_ns, &end);
			patience_ns *= 2;
		} while (rc == ACTOR_E_TIMEOUT);
		assert_int_equal(rc, 0);
		assert_ptr_equal(end.state, a.state);
		player_destroy(end.state);
		stage_destroy(stage, &a.mailbox);
		probe_clear(&stage->probe);
	}
}

/* While somebody holds a strong address, nothing is refused for good, and all is handled. */
static void upgrade_and_send(struct helper *helper, struct actor_context *context)
{
	struct tally *tally = helper->user;
	struct actor_address *strong;
	int i;

	(void)context;
	for (i = 0; i < 30 && (strong = actor_address_upgrade(tally->address)); i++) {
		if (try_one(helper, strong) == ACTOR_E_CLOSED)
			atomic_fetch_add(&tally->n_wrong, 1);
		actor_address_unref(strong);
	}
}

static void whoever_got_a_strong_address_is_heard(struct stage *stage)
{
	int i;

	for (i = 0; i < 20; i++) {
		struct cast a = stage_spawn(stage, "", 4);
		struct tally tally = { .address = actor_address_weak(a.address) };

		stage_keep(stage, tally.address);
		start_helpers(stage, &tally, upgrade_and_send);
		linger(i);
		stage_release(stage, &a.address);
		join_helpers(&tally);
		stage_join_stopped(stage, &a);
		assert_int_equal(atomic_load(&tally.n_handled), atomic_load(&tally.n_accepted));
		assert_null(actor_address_upgrade(tally.address));
		stage_release(stage, &tally.address);
		stage_destroy(stage, &a.mailbox);
		probe_clear(&stage->probe);
	}
}

static void send_until_closed(struct helper *helper, struct actor_context *context)
{
	struct tally *tally = helper->user;
	int i;

	(void)context;
	for (i = 0; i < 2000 && try_one(helper, tally->address) != ACTOR_E_CLOSED; i++)
		linger(i);
}

static void what_a_weak_address_got_in_before_the_end_is_not_lost(struct stage *stage)
{
	int i, n_dead = 0;

	for (i = 0; i < 5; i++) {
		struct cast a = stage_spawn(stage, "", 4);
		struct tally tally = { .address = actor_address_weak(a.address) };

		stage_keep(stage, tally.address);
		start_helpers(stage, &tally, send_until_closed);
		stage_ping(stage, a.address);
		linger(i * 7);
		stage_release(stage, &a.address);
		stage_join_stopped(stage, &a);
		join_helpers(&tally);
		assert_true(atomic_load(&tally.n_handled) <= atomic_load(&tally.n_accepted));
		n_dead += atomic_load(&tally.n_accepted) - atomic_load(&tally.n_handled);
		probe_clear(&stage->probe);
	}
	stage->n_dead = n_dead;
}

static void stopping_meets_those_who_send(struct stage *stage)
{
	int i, n_dead = 0;

	for (i = 0; i < 6; i++) {
		struct cast a = stage_spawn(stage, "", 4);
		struct tally tally = { .address = a.address };

		start_helpers(stage, &tally, send_until_closed);
		stage_ping(stage, a.address);
		linger(i * 7);
		assert_int_equal(
			actor_address_stop(a.address, i % 2 ? ACTOR_STOP_NOW : ACTOR_STOP_DRAIN),
			0);
		stage_join_stopped(stage, &a);
		join_helpers(&tally);
		n_dead += atomic_load(&tally.n_accepted) - atomic_load(&tally.n_handled);
		if (i % 2 == 0)
			assert_int_equal(atomic_load(&tally.n_accepted),
					 atomic_load(&tally.n_handled));
		probe_clear(&stage->probe);
	}
	stage->n_dead = n_dead;
}

static void call_until_closed(struct helper *helper, struct actor_context *context)
{
	struct tally *tally = helper->user;
	int i, rc = 0;

	for (i = 0; i < 500 && rc != ACTOR_E_CLOSED; i++) {
		struct play_perform perform = make_message(helper->stage, tally);

		rc = actor_call(context, tally->address, &play_perform_type, &perform, NULL);
		if (rc != 0 && rc != ACTOR_E_STOPPED && rc != ACTOR_E_CLOSED)
			atomic_fetch_add(&tally->n_wrong, 1);
		owned_return(&perform.cargo);
	}
}

static void destroying_meets_those_who_call(struct stage *stage)
{
	int i;

	for (i = 0; i < 10; i++) {
		struct cast a = stage_spawn(stage, "", 2);
		struct tally tally = { .address = a.address };

		start_helpers(stage, &tally, call_until_closed);
		stage_ping(stage, a.address);
		linger(i * 7);
		stage_destroy(stage, &a.mailbox);
		join_helpers(&tally); /* every call has ended */
		stage_expect(stage, "destroyed", 1);
		probe_clear(&stage->probe);
	}
	stage->n_dead = ANY_NUMBER;
}

/* ---- room */

static void send_for_a_moment(struct helper *helper, struct actor_context *context)
{
	struct tally *tally = helper->user;
	int i;

	for (i = 0; i < 200; i++) {
		struct play_perform perform = make_message(helper->stage, tally);
		int rc = actor_send_until(context, tally->address, &play_perform_type, &perform,
					  actor_now(context) + i * 100);

		if (rc == 0)
			atomic_fetch_add(&tally->n_accepted, 1);
		else if (rc != ACTOR_E_FULL)
			atomic_fetch_add(&tally->n_wrong, 1);
		owned_return(&perform.cargo);
	}
}

/* A waiter in memory that goes as soon as it has been withdrawn. */
struct brief_waiter {
	struct actor_waiter waiter;
	atomic_int *n_woken;
};

static void count_wake(struct actor_waiter *waiter)
{
	struct brief_waiter *brief = ACTOR_CONTAINER_OF(waiter, struct brief_waiter, waiter);

	atomic_fetch_add(brief->n_woken, 1);
}

static void line_up_and_leave(struct helper *helper, struct actor_context *context)
{
	struct tally *tally = helper->user;
	atomic_int n_woken = 0;
	int i, seen;

	(void)context;
	for (i = 0; i < 300; i++) {
		struct brief_waiter *brief = malloc(sizeof *brief);
		struct play_perform perform = make_message(helper->stage, tally);

		if (!brief)
			abort();
		actor_waiter_init(&brief->waiter, count_wake);
		brief->n_woken = &n_woken;
		if (actor_address_post(tally->address, &play_perform_type, &perform, NULL,
				       &brief->waiter) == 0)
			atomic_fetch_add(&tally->n_accepted, 1);
		linger(i);
		actor_address_withdraw(tally->address, &brief->waiter);
		seen = atomic_load(&n_woken);
		memset(brief, 0xee, sizeof *brief);
		free(brief);
		linger(i);
		if (atomic_load(&n_woken) != seen)
			atomic_fetch_add(&tally->n_wrong, 1);
		owned_return(&perform.cargo);
	}
}

static void assert_room_is_whole(struct stage *stage, struct cast *cast, size_t capacity)
{
	size_t i;

	stage_perform(stage, cast->address, play_wait, 0, NULL);
	stage_expect(stage, "waiting", 1);
	for (i = 0; i < capacity; i++)
		stage_note(stage, cast->address, (int64_t)i);
	assert_int_equal(stage_try_note(stage, cast->address, 9), ACTOR_E_FULL);
	gate_open(&stage->gate);
	stage_ping(stage, cast->address);
}

static void race_for_room(struct stage *stage,
			  void (*run)(struct helper *helper, struct actor_context *context))
{
	struct cast a = stage_spawn(stage, "", 2);
	struct tally tally = { .address = a.address };

	start_helpers(stage, &tally, run);
	join_helpers(&tally);
	stage_ping(stage, a.address);
	assert_int_equal(atomic_load(&tally.n_handled), atomic_load(&tally.n_accepted));
	assert_room_is_whole(stage, &a, 2);
}

static void no_room_is_lost_on_those_who_give_up(struct stage *stage)
{
	race_for_room(stage, send_for_a_moment);
}

static void who_has_withdrawn_is_never_woken(struct stage *stage)
{
	race_for_room(stage, line_up_and_leave);
}

/* A sender is cancelled just when there may be room for it. */
static void send_to_user(struct player *self, struct play_perform *message,
			 struct actor_reply **slot, struct actor_context *context)
{
	struct tally *tally = message->user;
	struct play_perform perform = make_message(self->stage, tally);
	int rc = actor_send(context, tally->address, &play_perform_type, &perform);

	(void)slot;
	if (rc == 0)
		atomic_fetch_add(&tally->n_accepted, 1);
	else if (rc != ACTOR_E_CANCELLED)
		atomic_fetch_add(&tally->n_wrong, 1);
	owned_return(&perform.cargo);
}

static void cancelling_meets_room(struct stage *stage)
{
	int i;

	for (i = 0; i < 40; i++) {
		struct cast full = stage_unstarted(stage, "", 1),
			    sender = stage_spawn(stage, "s", 0);
		struct tally tally = { .address = full.address };
		struct actor_address *spy = stage_keep(
			stage, spy_address_create(full.address, &stage->probe, "in-line"));

		stage_note(stage, full.address, 0);
		tally.address = spy;
		stage_perform(stage, sender.address, send_to_user, 0, &tally);
		stage_expect(stage, "in-line", 1);
		stage_start(stage, &full);
		linger(i);
		actor_mailbox_cancel(sender.mailbox);
		stage_join_ended(stage, &sender, ACTOR_ENDED_CANCELLED);
		stage_ping(stage, full.address);
		assert_int_equal(atomic_load(&tally.n_wrong), 0);
		assert_int_equal(atomic_load(&tally.n_handled), atomic_load(&tally.n_accepted));
		assert_room_is_whole(stage, &full, 1);
		gate_close(&stage->gate);
		probe_clear(&stage->probe);
		stage_destroy(stage, &full.mailbox);
		stage_destroy(stage, &sender.mailbox);
		stage_release(stage, &spy);
		stage_release(stage, &full.address);
		stage_release(stage, &sender.address);
	}
}

/* ---- answers */

static void giving_up_meets_the_answer(struct stage *stage)
{
	struct cast a = stage_spawn(stage, "", 0);
	int i, rc;

	for (i = 0; i < 400; i++) {
		struct play_fetch fetch = { 0 };
		struct owned answer = { 0 };

		rc = actor_call_until(stage->context, a.address, &play_fetch_type, &fetch, &answer,
				      actor_now(stage->context) + i * 100);
		assert_true(rc == 0 || rc == ACTOR_E_TIMEOUT || rc == ACTOR_E_FULL);
		assert_int_equal(rc == 0, answer.ledger != NULL);
		owned_return(&answer);
	}
	stage_ping(stage, a.address);
	assert_int_equal(ledger_n_out(&stage->ledger), 1); /* the state's */
}

static void call_user(struct player *self, struct play_perform *message, struct actor_reply **slot,
		      struct actor_context *context)
{
	struct play_perform perform = { .act = play_keep };
	int rc = actor_call(context, message->user, &play_perform_type, &perform, NULL);

	(void)slot;
	player_record(self, "called:%s", status_word(rc));
}

static void cancelling_meets_the_answer(struct stage *stage)
{
	int i;

	for (i = 0; i < 60; i++) {
		struct cast caller = stage_spawn(stage, "", 0), callee = stage_spawn(stage, "c", 0);

		stage_perform(stage, caller.address, call_user, 0, callee.address);
		stage_expect(stage, "c.kept", 1);
		stage_perform(stage, callee.address, play_answer_kept, 1, NULL);
		linger(i);
		actor_mailbox_cancel(caller.mailbox);
		stage_join_ended(stage, &caller, ACTOR_ENDED_CANCELLED);
		stage_ping(stage, callee.address);
		assert_int_equal(probe_count(&stage->probe, "called:ok") +
					 probe_count(&stage->probe, "called:cancelled"),
				 1);
		assert_int_equal(probe_count(&stage->probe, "c.answered:ok") +
					 probe_count(&stage->probe, "c.answered:abandoned"),
				 1);
		probe_clear(&stage->probe);
		stage_destroy(stage, &caller.mailbox);
		stage_destroy(stage, &callee.mailbox);
		stage_release(stage, &caller.address);
		stage_release(stage, &callee.address);
	}
}

/* ---- failures */

struct supervised {
	struct stage *stage;
	struct actor_mailbox *mailbox;
};

static void start_again(void *user, struct actor_end *end)
{
	struct supervised *supervised = user;
	struct player *player;

	if (end->how != ACTOR_ENDED_FAILED) {
		actor_end_drop(end);
		probe_record(&supervised->stage->probe, "over");
		return;
	}
	probe_clear(&supervised->stage->probe);
	player = player_create(supervised->stage, "");
	if (actor_mailbox_start(supervised->mailbox, player, start_again, supervised) < 0) {
		player_destroy(player);
		probe_record(&supervised->stage->probe, "over");
	}
}

static void start_supervised(struct supervised *supervised)
{
	struct actor_end none = { .how = ACTOR_ENDED_FAILED };

	start_again(supervised, &none);
}

static void count_and_fail(struct player *self, struct play_perform *message,
			   struct actor_reply **slot, struct actor_context *context)
{
	struct tally *tally = message->user;

	(void)self;
	(void)slot;
	atomic_fetch_add(&tally->n_handled, 1);
	ACTOR_FAIL(context, "now and then");
}

static void send_trouble(struct helper *helper, struct actor_context *context)
{
	struct tally *tally = helper->user;
	int i;

	for (i = 0; i < 150; i++) {
		struct play_perform perform = make_message(helper->stage, tally);

		if (i % 5 == helper->number)
			perform.act = count_and_fail;
		if (actor_send(context, tally->address, &play_perform_type, &perform) == 0)
			atomic_fetch_add(&tally->n_accepted, 1);
		else
			atomic_fetch_add(&tally->n_wrong, 1);
	}
}

static void those_who_send_do_not_notice_restarts(struct stage *stage)
{
	struct cast a = stage_unstarted(stage, "", 3);
	struct tally tally = { .address = a.address };
	struct supervised supervised = { stage, a.mailbox };

	start_supervised(&supervised);
	start_helpers(stage, &tally, send_trouble);
	join_helpers(&tally);
	stage_ping(stage, a.address);
	assert_int_equal(atomic_load(&tally.n_accepted), N_HELPERS * 150);
	assert_int_equal(atomic_load(&tally.n_handled), N_HELPERS * 150);
	stage_release(stage, &a.address);
	stage_expect(stage, "over", 1);
	assert_int_equal(probe_count(&stage->probe, "stopped"), 1);
}

static void cancelling_meets_restarts(struct stage *stage)
{
	int i, j;

	for (i = 0; i < 60; i++) {
		struct cast a = stage_unstarted(stage, "", 0);
		struct supervised supervised = { stage, a.mailbox };

		start_supervised(&supervised);
		for (j = 0; j < 3; j++)
			stage_perform(stage, a.address, play_fail, 0, NULL);
		stage_begin(stage, 0, a.address, play_note_number, 1, NULL);
		linger(i);
		actor_mailbox_cancel(a.mailbox);
		stage_expect(stage, "over", 1);
		stage_answer(stage, 0);
		stage_destroy(stage, &a.mailbox);
		probe_clear(&stage->probe);
	}
	stage->n_dead = ANY_NUMBER;
}

/* ---- the executor */

static void use_executor(struct helper *helper, struct actor_context *context)
{
	struct tally *tally = helper->user;
	struct stage *stage = helper->stage;
	struct player *player;
	struct actor_address *address;
	int i, rc = 0;

	for (i = 0; i < 1000 && rc != ACTOR_E_CLOSED; i++) {
		struct play_ping ping = { .number = i };

		player = player_create(stage, "");
		rc = actor_spawn(stage->spawner, &player_behavior, player, NULL, &address);
		if (rc < 0) {
			player_destroy(player);
			continue;
		}
		rc = actor_call(context, address, &play_ping_type, &ping, NULL);
		if (rc != 0 && rc != ACTOR_E_STOPPED && rc != ACTOR_E_CLOSED)
			atomic_fetch_add(&tally->n_wrong, 1);
		actor_address_unref(address);
		if (helper->number == 0)
			probe_clear(&stage->probe);
	}
}

static void closing_meets_those_who_spawn_and_call(struct stage *stage)
{
	struct cast a = stage_spawn(stage, "", 0);
	struct tally tally = { .address = a.address };

	start_helpers(stage, &tally, use_executor);
	stage_ping(stage, a.address);
	stage_ping(stage, a.address);
	stage->sides[0].subject->close(stage->sides[0].instance);
	join_helpers(&tally);
	stage->n_dead = ANY_NUMBER;
}

enum { N_MAILBOXES = 60 };

static void start_late(struct stage *stage, struct actor_mailbox *mailbox)
{
	struct player *player = player_create(stage, "");

	if (actor_mailbox_start(mailbox, player, NULL, NULL) < 0)
		player_destroy(player);
}

/* Makes mailboxes with a call each; then starts some, and gives all up in this way or that. */
static void give_mailboxes_up(struct helper *helper, struct actor_context *context)
{
	struct tally *tally = helper->user;
	struct actor_mailbox *mailboxes[N_MAILBOXES];
	struct actor_address *addresses[N_MAILBOXES];
	struct actor_future futures[N_MAILBOXES];
	struct play_ping ping = { .number = 1 };
	int i, rc, n_wrong = 0;

	for (i = 0; i < N_MAILBOXES; i++) {
		if (actor_mailbox_create(helper->stage->spawner, &player_behavior, NULL,
					 &mailboxes[i]) < 0)
			abort();
		addresses[i] = actor_mailbox_address(mailboxes[i]);
		n_wrong += actor_call_begin(context, &futures[i], addresses[i], &play_ping_type,
					    &ping, NULL) < 0;
	}
	probe_record(&helper->stage->probe, "made");
	for (i = 0; i < N_MAILBOXES; i++) {
		if (i % 4 == 0)
			start_late(helper->stage, mailboxes[i]);
		if (i % 2)
			actor_mailbox_detach(mailboxes[i]);
		else
			actor_mailbox_destroy(mailboxes[i]);
	}
	for (i = 0; i < N_MAILBOXES; i++) {
		rc = actor_future_await(&futures[i], ACTOR_FOREVER);
		n_wrong += rc != 0 && rc != ACTOR_E_STOPPED;
		actor_address_unref(addresses[i]);
	}
	atomic_fetch_add(&tally->n_wrong, n_wrong);
}

static void closing_meets_those_who_give_mailboxes_up(struct stage *stage)
{
	struct tally tally = { 0 };

	start_helpers(stage, &tally, give_mailboxes_up);
	stage_expect(stage, "made", N_HELPERS);
	stage->sides[0].subject->close(stage->sides[0].instance);
	join_helpers(&tally);
	stage->n_dead = ANY_NUMBER;
}

#define THREADS (CONTRACT_CROSS_THREAD)
#define WAITS (CONTRACT_SUSPEND)

const struct contract_test contract_race_tests[] = {
	{ "race: the end is never missed", "L-13 L-12", the_end_is_never_missed, 0, 0 },
	{ "race: being asked to end is never missed", "L-08 L-10 stop cancel",
	  being_asked_to_end_is_never_missed, CONTRACT_STOP, 0 },
	{ "race: giving a mailbox up meets the end", "detach end",
	  giving_a_mailbox_up_meets_the_end, 0, 0 },
	{ "race: giving up a join meets the end", "join end", giving_up_a_join_meets_the_end, 0,
	  0 },
	{ "race: whoever got a strong address is heard", "L-13 L-22 L-11",
	  whoever_got_a_strong_address_is_heard, THREADS, 0 },
	{ "race: what a weak address got in before the end is not lost", "L-26 L-13",
	  what_a_weak_address_got_in_before_the_end_is_not_lost, THREADS, 0 },
	{ "race: stopping meets those who send", "stop drop", stopping_meets_those_who_send,
	  THREADS | CONTRACT_STOP, 0 },
	{ "race: destroying meets those who call", "cancel detach C-04",
	  destroying_meets_those_who_call, THREADS, 0 },
	{ "race: no room is lost on those who give up waiting for it", "full withdraw room",
	  no_room_is_lost_on_those_who_give_up, THREADS | WAITS, 0 },
	{ "race: who has withdrawn is never woken", "withdraw grant room",
	  who_has_withdrawn_is_never_woken, THREADS | WAITS, 0 },
	{ "race: cancelling meets room", "cancel withdraw room", cancelling_meets_room, WAITS, 0 },
	{ "race: giving up meets the answer", "timeout deliver", giving_up_meets_the_answer, 0, 0 },
	{ "race: cancelling meets the answer", "cancel deliver", cancelling_meets_the_answer, WAITS,
	  0 },
	{ "race: those who send do not notice restarts", "S-05 S-06 S-11",
	  those_who_send_do_not_notice_restarts, THREADS | CONTRACT_RESTART, 0 },
	{ "race: cancelling meets restarts", "cancel on-end S-09", cancelling_meets_restarts,
	  CONTRACT_RESTART, 0 },
	{ "race: closing meets those who spawn and call", "close C-05",
	  closing_meets_those_who_spawn_and_call, THREADS | CONTRACT_CLOSE, 0 },
	{ "race: closing meets those who give mailboxes up", "close detach C-04",
	  closing_meets_those_who_give_mailboxes_up, THREADS | CONTRACT_CLOSE, 0 },
	{ 0 },
};
