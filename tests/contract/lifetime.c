/* SPDX-License-Identifier: MIT */

/* Lifetime: strong addresses keep an actor alive, weak ones do not, and it ends by itself when it
 * has nothing to do and nobody can send it anything. */

#include "suite.h"

#include <stdlib.h>

/* ---- before the actor */

static void a_mailbox_takes_messages_before_there_is_an_actor(struct stage *stage)
{
	struct cast a = stage_unstarted(stage, "", 0);
	struct actor_address *weak = stage_keep(stage, actor_address_weak(a.address));

	stage_note(stage, a.address, 1);
	stage_note(stage, weak, 2);
	stage_parcel(stage, a.address, 3);
	assert_recorded(stage, "");
	stage_start(stage, &a);
	stage_ping(stage, a.address);
	assert_recorded(stage, "started 1 2 3");
}

static void record_friend(struct player *self, struct play_perform *message,
			  struct actor_reply **slot, struct actor_context *context)
{
	player_record(self, "%s", self == message->user ? "in-place" : "moved");
	player_record(self, "%s",
		      actor_address_same(self->friend, actor_self(context)) ? "self" : "other");
	play_answer(slot, message->number);
}

/* The address comes first, so that the state can have it from the beginning. */
static void a_state_may_know_its_address_and_stays_where_it_is(struct stage *stage)
{
	struct cast a = stage_unstarted(stage, "", 0);
	struct player *player = player_create(stage, "");

	player->friend = actor_address_weak(a.address);
	assert_int_equal(actor_mailbox_start(a.mailbox, player, NULL, NULL), 0);
	a.state = player;
	assert_int_equal(stage_call(stage, a.address, record_friend, 0, player), 0);
	stage_release(stage, &a.address);
	stage_join_stopped(stage, &a);
	assert_recorded(stage, "started in-place self stopped");
}

static void bare_note(void *self, void *message, struct actor_reply **reply,
		      struct actor_context *context)
{
	struct stage *stage = self;

	(void)reply;
	(void)context;
	probe_record(&stage->probe, "%lld", (long long)((struct play_note *)message)->number);
}

static const struct actor_handler bare_handlers[] = { { &play_note_type, bare_note } };

static const struct actor_behavior bare_behavior = {
	.size = sizeof bare_behavior,
	.name = "bare",
	.handlers = bare_handlers,
	.n_handlers = 1,
	.stride = sizeof bare_handlers[0],
};

/* No hooks, nothing to release: any object will do as a state. */
static void any_object_may_be_an_actor(struct stage *stage)
{
	struct actor_mailbox *mailbox = stage_mailbox(stage, &bare_behavior, "", 0);
	struct actor_address *address = stage_address(stage, mailbox);
	struct actor_end end;

	assert_int_equal(actor_mailbox_start(mailbox, stage, NULL, NULL), 0);
	stage_note(stage, address, 1);
	stage_release(stage, &address);
	end = stage_join(stage, mailbox);
	assert_int_equal(end.how, ACTOR_ENDED_STOPPED);
	assert_ptr_equal(end.state, stage);
	assert_ptr_equal(end.behavior, &bare_behavior);
	actor_end_drop(&end);
	assert_recorded(stage, "1");
}

/* ---- hooks */

static void wait_in_hook(struct player *self, struct actor_context *context)
{
	stage_saw(self->stage, gate_pass(&self->stage->gate, context, ACTOR_FOREVER));
	player_record(self, "hook-done");
}

static void started_is_done_before_the_first_message(struct stage *stage)
{
	struct cast a = stage_unstarted(stage, "", 0);
	struct player *player = player_create(stage, "");

	player->on_started = wait_in_hook;
	stage_note(stage, a.address, 1);
	assert_int_equal(actor_mailbox_start(a.mailbox, player, NULL, NULL), 0);
	a.state = player;
	stage_expect(stage, "started", 1);
	stage_note(stage, a.address, 2);
	assert_recorded(stage, "started");
	gate_open(&stage->gate);
	stage_ping(stage, a.address);
	assert_recorded(stage, "started hook-done 1 2");
	stage_release(stage, &a.address);
	stage_join_stopped(stage, &a);
}

static void stopped_is_done_before_the_end(struct stage *stage)
{
	struct cast a = stage_unstarted(stage, "", 0);
	struct player *player = player_create(stage, "");

	player->on_stopped = wait_in_hook;
	stage_note(stage, a.address, 1);
	assert_int_equal(actor_mailbox_start(a.mailbox, player, NULL, NULL), 0);
	a.state = player;
	stage_release(stage, &a.address);
	stage_expect(stage, "stopped", 1);
	assert_recorded(stage, "started 1 stopped");
	gate_open(&stage->gate);
	stage_join_stopped(stage, &a);
	assert_recorded(stage, "started 1 stopped hook-done");
}

/* Whoever has the mailbox can make an address even now, but nothing comes through any more. */
static void what_is_sent_while_stopped_runs_is_not_handled(struct stage *stage)
{
	struct cast a = stage_unstarted(stage, "", 0);
	struct player *player = player_create(stage, "");
	struct actor_address *late;
	struct play_perform perform = { .act = play_note_number, .number = 9 };
	int rc;

	player->on_stopped = wait_in_hook;
	assert_int_equal(actor_mailbox_start(a.mailbox, player, NULL, NULL), 0);
	a.state = player;
	stage_release(stage, &a.address);
	stage_expect(stage, "stopped", 1);
	late = stage_address(stage, a.mailbox);
	rc = actor_call_begin_until(stage->context, &stage->futures[0], late, &play_perform_type,
				    &perform, NULL, ACTOR_AT_ONCE);
	assert_true(rc == 0 || rc == ACTOR_E_CLOSED);
	gate_open(&stage->gate);
	if (rc == 0)
		assert_int_equal(stage_answer(stage, 0), ACTOR_E_STOPPED);
	stage->n_dead = rc == 0 ? 1 : 0;
	stage_join_stopped(stage, &a);
	assert_recorded(stage, "started stopped hook-done");
	assert_int_equal(stage_try_note(stage, late, 9), ACTOR_E_CLOSED);
}

/* ---- what keeps it */

typedef struct actor_address *make_strong_fn(struct cast *cast);

static struct actor_address *from_mailbox(struct cast *cast)
{
	return actor_mailbox_address(cast->mailbox);
}

static struct actor_address *from_ref(struct cast *cast)
{
	return actor_address_ref(cast->address);
}

static struct actor_address *from_upgrade(struct cast *cast)
{
	struct actor_address *weak = actor_address_weak(cast->address);
	struct actor_address *strong = actor_address_upgrade(weak);

	actor_address_unref(weak);
	return strong;
}

static struct actor_address *from_upgraded_strong(struct cast *cast)
{
	return actor_address_upgrade(cast->address);
}

static void each_strong_address_keeps_its_actor(struct stage *stage)
{
	make_strong_fn *const makers[] = { from_mailbox, from_ref, from_upgrade,
					   from_upgraded_strong };
	struct cast other = stage_spawn(stage, "other", 0);
	size_t i, j;

	for (i = 0; i < sizeof makers / sizeof makers[0]; i++) {
		struct cast a = stage_spawn(stage, "", 0);
		struct actor_address *last;

		stage_ping(stage, a.address);
		last = stage_keep(stage, makers[i](&a));
		stage_release(stage, &a.address);
		for (j = 0; j < 10; j++)
			stage_ping(stage, other.address); /* time to end wrongly */
		stage_ping(stage, last);
		stage_release(stage, &last);
		stage_join_stopped(stage, &a);
	}
	assert_int_equal(probe_count(&stage->probe, "stopped"), 4);
}

static void weak_addresses_do_not_keep_it(struct stage *stage)
{
	enum { N = 50 };
	struct cast a = stage_spawn(stage, "", 0);
	struct actor_address *weak[N];
	size_t i;

	for (i = 0; i < N; i++)
		weak[i] = stage_keep(stage, i % 2 ? actor_address_ref(weak[i - 1])
						  : actor_address_weak(a.address));
	stage_ping(stage, weak[N - 1]);
	stage_release(stage, &a.address);
	stage_join_stopped(stage, &a);
	for (i = 0; i < N; i++) {
		assert_null(actor_address_upgrade(weak[i]));
		assert_int_equal(stage_try_note(stage, weak[i], 1), ACTOR_E_CLOSED);
	}
	assert_recorded(stage, "started stopped");
}

static void giving_back_weak_addresses_does_not_end_it(struct stage *stage)
{
	struct cast a = stage_spawn(stage, "", 0);
	int i;

	for (i = 0; i < 50; i++) {
		struct actor_address *weak = stage_keep(stage, actor_address_weak(a.address));

		stage_release(stage, &weak);
		stage_ping(stage, a.address);
	}
	assert_recorded(stage, "started");
}

/* ---- how it ends by itself */

static void what_is_queued_is_handled_first(struct stage *stage)
{
	struct cast a = stage_spawn(stage, "", 0);
	struct actor_address *weak = stage_keep(stage, actor_address_weak(a.address));
	int64_t i;

	stage_perform(stage, a.address, play_wait, 0, NULL);
	stage_expect(stage, "waiting", 1);
	for (i = 1; i <= 5; i++)
		stage_note(stage, i % 2 ? a.address : weak, i);
	stage_release(stage, &a.address);
	gate_open(&stage->gate);
	stage_join_stopped(stage, &a);
	assert_recorded(stage, "started waiting woken 1 2 3 4 5 stopped");
}

static void record_refusal(struct actor_ask *ask, int status, void *value)
{
	(void)value;
	probe_record(ask->user, "answered:%s", status_word(status));
}

static void a_weak_address_is_refused_once_no_strong_one_is_left(struct stage *stage)
{
	struct cast a = stage_spawn(stage, "", 0);
	struct actor_address *weak = stage_keep(stage, actor_address_weak(a.address));
	struct play_parcel parcel = { .number = 9, .cargo = ledger_lend(&stage->ledger) };
	struct play_ping ping = { .number = 9 };
	struct actor_ask ask;

	stage_perform(stage, a.address, play_wait, 0, NULL);
	stage_expect(stage, "waiting", 1);
	stage_note(stage, a.address, 1);
	stage_release(stage, &a.address);
	/* It still has things to do, but nobody may add to them. */
	assert_null(actor_address_upgrade(weak));
	assert_int_equal(actor_try_send(weak, &play_parcel_type, &parcel), ACTOR_E_CLOSED);
	assert_int_equal(actor_send(stage->context, weak, &play_parcel_type, &parcel),
			 ACTOR_E_CLOSED);
	assert_int_equal(actor_call_until(stage->context, weak, &play_ping_type, &ping, NULL,
					  stage_soon(stage)),
			 ACTOR_E_CLOSED);
	assert_int_equal(actor_error(stage->context)->code, ACTOR_E_CLOSED);
	assert_int_equal(
		actor_ask(NULL, &ask, weak, &play_ping_type, &ping, record_refusal, &stage->probe),
		ACTOR_E_CLOSED);
	owned_return(&parcel.cargo);
	gate_open(&stage->gate);
	stage_join_stopped(stage, &a);
	assert_recorded(stage, "started waiting woken 1 stopped");
}

static void what_a_weak_address_sent_before_is_handled(struct stage *stage)
{
	struct cast a = stage_unstarted(stage, "", 0);
	struct actor_address *weak = stage_keep(stage, actor_address_weak(a.address));

	stage_note(stage, weak, 1);
	stage_begin(stage, 0, weak, play_note_number, 2, NULL);
	stage_release(stage, &a.address);
	stage_start(stage, &a);
	assert_int_equal(stage_answer(stage, 0), 0);
	stage_join_stopped(stage, &a);
	assert_recorded(stage, "started 1 2 stopped");
}

/* It does not get in, but it learns so, and it keeps nobody from ending. */
static void a_weak_address_in_line_learns_that_it_is_too_late(struct stage *stage)
{
	struct cast a = stage_unstarted(stage, "", 1);
	struct actor_address *weak = stage_keep(stage, actor_address_weak(a.address));

	stage_note(stage, a.address, 0);
	assert_int_equal(stage_line_up(stage, 0, weak, 1), ACTOR_E_FULL);
	assert_int_equal(stage_line_up(stage, 1, weak, 2), ACTOR_E_FULL);
	stage_release(stage, &a.address);
	stage_start(stage, &a);
	stage_join_stopped(stage, &a);
	stage_expect_woken(stage, 0); /* by a grant */
	stage_expect_woken(stage, 1); /* by the end */
	assert_int_equal(stage_line_up(stage, 0, weak, 1), ACTOR_E_CLOSED);
	assert_int_equal(stage_line_up(stage, 1, weak, 2), ACTOR_E_CLOSED);
	assert_recorded(stage, "started 0 stopped");
}

static void send_to_user(struct player *self, struct play_perform *message,
			 struct actor_reply **slot, struct actor_context *context)
{
	struct play_note note = { .number = message->number };
	int rc = actor_send(context, message->user, &play_note_type, &note);

	player_record(self, "sent:%s", status_word(rc));
	play_answer(slot, 0);
}

static void an_actor_that_waits_at_a_weak_address_learns_so_too(struct stage *stage)
{
	struct cast a = stage_unstarted(stage, "", 1), sender = stage_spawn(stage, "s", 0);
	struct actor_address *weak = stage_keep(stage, actor_address_weak(a.address));
	struct actor_address *spy = stage_keep(stage,
					       spy_address_create(weak, &stage->probe, "in-line"));

	stage_note(stage, a.address, 0);
	stage_begin(stage, 0, sender.address, send_to_user, 1, spy);
	stage_expect(stage, "in-line", 1);
	stage_release(stage, &a.address);
	stage_start(stage, &a);
	assert_int_equal(stage_answer(stage, 0), 0);
	stage_join_stopped(stage, &a);
	assert_int_equal(probe_count(&stage->probe, "s.sent:closed"), 1);
	assert_int_equal(probe_count(&stage->probe, "1"), 0);
}

static void an_idle_actor_ends_with_its_last_strong_address(struct stage *stage)
{
	struct cast a = stage_spawn(stage, "", 0), b;
	int i;

	stage_ping(stage, a.address);
	b = stage_spawn(stage, "b", 0);
	for (i = 0; i < 10; i++)
		stage_ping(stage, b.address); /* time for a to go idle */
	stage_release(stage, &a.address);
	stage_join_stopped(stage, &a);
	assert_recorded(stage, "started b.started stopped");
}

static void an_actor_whose_addresses_have_gone_already_still_starts(struct stage *stage)
{
	struct cast a = stage_unstarted(stage, "", 0);

	stage_note(stage, a.address, 1);
	stage_parcel(stage, a.address, 2);
	stage_release(stage, &a.address);
	stage_start(stage, &a);
	stage_join_stopped(stage, &a);
	assert_recorded(stage, "started 1 2 stopped");
}

static void an_actor_that_never_had_an_address_ends_at_once(struct stage *stage)
{
	struct cast a = { .mailbox = stage_mailbox(stage, &player_behavior, "", 0) };

	stage_start(stage, &a);
	stage_join_stopped(stage, &a);
	assert_recorded(stage, "started stopped");
}

static void a_mailbox_gives_out_addresses_when_none_is_left(struct stage *stage)
{
	struct cast a = stage_unstarted(stage, "", 0);
	struct actor_address *weak = stage_keep(stage, actor_address_weak(a.address));

	stage_note(stage, a.address, 1);
	stage_release(stage, &a.address);
	assert_null(actor_address_upgrade(weak));
	assert_int_equal(stage_try_note(stage, weak, 9), ACTOR_E_CLOSED);
	a.address = stage_address(stage, a.mailbox);
	stage_note(stage, weak, 2); /* there is a strong one again */
	stage_keep(stage, actor_address_upgrade(weak));
	stage_start(stage, &a);
	stage_ping(stage, a.address);
	assert_recorded(stage, "started 1 2");
}

static void an_ended_mailbox_stays_closed(struct stage *stage)
{
	struct cast a = stage_spawn(stage, "", 0);
	struct actor_address *late;

	stage_release(stage, &a.address);
	stage_join_stopped(stage, &a);
	late = stage_address(stage, a.mailbox);
	assert_int_equal(stage_try_note(stage, late, 1), ACTOR_E_CLOSED);
	assert_int_equal(stage_call(stage, late, play_note_number, 1, NULL), ACTOR_E_CLOSED);
	assert_int_equal(stage_try_note(stage, late, 1), ACTOR_E_CLOSED);
}

/* ---- states and messages that hold addresses */

static void send_letter(struct stage *stage, struct actor_address *to,
			struct actor_address *content)
{
	struct play_letter letter = { actor_address_ref(content) };
	int rc = actor_try_send(to, &play_letter_type, &letter);

	if (rc < 0)
		actor_address_unref(letter.address);
	assert_int_equal(rc, 0);
	(void)stage;
}

static void a_state_that_is_handed_back_still_holds_its_addresses(struct stage *stage)
{
	struct cast a = stage_spawn(stage, "a", 0), b = stage_spawn(stage, "b", 0);
	struct actor_address *weak = stage_keep(stage, actor_address_weak(b.address));
	struct actor_end end;

	send_letter(stage, a.address, b.address);
	stage_release(stage, &b.address);
	stage_release(stage, &a.address);
	end = stage_join(stage, a.mailbox);
	assert_ptr_equal(end.state, a.state);
	stage_ping(stage, weak); /* kept by a state that runs no more */
	player_destroy(end.state);
	stage_join_stopped(stage, &b);
	assert_null(actor_address_upgrade(weak));
}

static void a_state_outlives_its_run_and_may_run_again_elsewhere(struct stage *stage)
{
	struct cast a = stage_spawn(stage, "a", 0), b = stage_unstarted(stage, "b", 0);
	struct player *player = a.state;

	stage_note(stage, a.address, 1);
	stage_release(stage, &a.address);
	assert_ptr_equal(stage_join(stage, a.mailbox).state, player);
	stage_destroy(stage, &a.mailbox);
	assert_int_equal(ledger_n_out(&stage->ledger), 1); /* it lives */
	assert_int_equal(actor_mailbox_start(b.mailbox, player, NULL, NULL), 0);
	b.state = player;
	stage_note(stage, b.address, 2);
	stage_release(stage, &b.address);
	stage_join_stopped(stage, &b);
	assert_recorded(stage, "a.started a.1 a.stopped a.started a.2 a.stopped");
}

static void a_queued_message_holds_the_addresses_in_it(struct stage *stage)
{
	struct cast a = stage_unstarted(stage, "a", 0), b = stage_spawn(stage, "b", 0);
	struct actor_address *weak = stage_keep(stage, actor_address_weak(b.address));

	send_letter(stage, a.address, b.address);
	stage_release(stage, &b.address);
	stage_ping(stage, weak);
	stage_destroy(stage, &a.mailbox);
	stage_join_stopped(stage, &b);
	assert_recorded(stage, "b.started b.stopped");
	stage->n_dead = 1;
}

static void an_actor_that_holds_its_own_strong_address_does_not_end_by_itself(struct stage *stage)
{
	struct cast a = stage_spawn(stage, "", 0);
	struct actor_address *weak = stage_keep(stage, actor_address_weak(a.address));
	int i;

	send_letter(stage, a.address, a.address);
	stage_release(stage, &a.address);
	for (i = 0; i < 20; i++)
		stage_ping(stage, weak);
	stage_destroy(stage, &a.mailbox);
	stage_expect(stage, "destroyed", 1);
	assert_recorded(stage, "started destroyed");
}

static void actors_that_hold_each_other_do_not_end_by_themselves(struct stage *stage)
{
	struct cast a = stage_spawn(stage, "a", 0), b = stage_spawn(stage, "b", 0);
	struct actor_address *weak_a = stage_keep(stage, actor_address_weak(a.address));
	struct actor_address *weak_b = stage_keep(stage, actor_address_weak(b.address));
	int i;

	send_letter(stage, a.address, b.address);
	send_letter(stage, b.address, a.address);
	stage_release(stage, &a.address);
	stage_release(stage, &b.address);
	for (i = 0; i < 20; i++) {
		stage_ping(stage, weak_a);
		stage_ping(stage, weak_b);
	}
	stage_destroy(stage, &a.mailbox); /* which takes the one's address along */
	stage_expect(stage, "a.destroyed", 1);
	stage_join_stopped(stage, &b);
	assert_int_equal(probe_count(&stage->probe, "b.stopped"), 1);
	assert_int_equal(probe_count(&stage->probe, "a.stopped"), 0);
}

static void an_actor_holds_those_it_calls_by_their_addresses(struct stage *stage)
{
	struct cast a = stage_spawn(stage, "a", 0), b = stage_spawn(stage, "b", 0);

	send_letter(stage, a.address, b.address);
	stage_release(stage, &b.address);
	stage_ping(stage, a.address);
	stage_release(stage, &a.address);
	stage_join_stopped(stage, &a); /* releases its state, and so b's last address */
	stage_join_stopped(stage, &b);
}

/* ---- falling together */

struct link {
	atomic_size_t *n_gone;
	struct actor_address *next;
};

static void link_destroy(void *self)
{
	struct link *link = self;

	atomic_fetch_add(link->n_gone, 1);
	actor_address_unref(link->next);
	free(link);
}

static const struct actor_behavior link_behavior = {
	.size = sizeof link_behavior,
	.name = "link",
	.handlers = bare_handlers,
	.n_handlers = 1,
	.stride = sizeof bare_handlers[0],
	.destroy = link_destroy,
};

static void spawn_link(struct stage *stage, atomic_size_t *n_gone, struct actor_address **first)
{
	struct link *link = malloc(sizeof *link);
	struct actor_address *address = NULL;

	assert_non_null(link);
	*link = (struct link){ n_gone, *first };
	assert_int_equal(actor_spawn(stage->spawner, &link_behavior, link,
				     ACTOR_OPTIONS(.capacity = 1), &address),
			 0);
	*first = address;
}

struct fall {
	atomic_size_t n_gone;
	size_t n;
};

static bool all_gone(void *user)
{
	struct fall *fall = user;

	return atomic_load(&fall->n_gone) == fall->n;
}

/* Each holds the only address of the next; a failed assertion leaks the rest. */
static void a_long_chain_of_actors_falls_together(struct stage *stage)
{
	const size_t chain = stage->sides[0].subject->chain;
	struct fall fall = { .n = chain ? chain : 100000 };
	struct actor_address *first = NULL;
	size_t i;

	for (i = 0; i < fall.n; i++)
		spawn_link(stage, &fall.n_gone, &first);
	assert_int_equal(atomic_load(&fall.n_gone), 0);
	player_operation_begin();
	actor_address_unref(first);
	player_operation_end();
	stage_until(stage, all_gone, &fall);
}

static void releasing_an_address_runs_nobodys_code(struct stage *stage)
{
	struct cast a = stage_spawn(stage, "", 0);
	struct actor_address *address;
	struct player *player = player_create(stage, "detached");

	assert_int_equal(actor_spawn(stage->spawner, &player_behavior, player, NULL, &address), 0);
	stage_keep(stage, address);
	stage_ping(stage, address);
	stage_ping(stage, a.address);
	stage_release(stage, &address); /* records "nested" if it does */
	stage_expect(stage, "detached.destroyed", 1);
	stage_release(stage, &a.address);
	stage_join_stopped(stage, &a);
}

const struct contract_test contract_lifetime_tests[] = {
	{ "lifetime: a mailbox takes messages before there is an actor", "L-01 L-02 L-04 B-06",
	  a_mailbox_takes_messages_before_there_is_an_actor, 0, 0 },
	{ "lifetime: a state may know its address, and stays where it is", "L-02 L-03 B-12",
	  a_state_may_know_its_address_and_stays_where_it_is, 0, 0 },
	{ "lifetime: any object may be an actor", "I-01 I-31 L-16", any_object_may_be_an_actor, 0,
	  0 },
	{ "lifetime: started is done before the first message, waits included", "I-02",
	  started_is_done_before_the_first_message, CONTRACT_SUSPEND, 0 },
	{ "lifetime: stopped is done before the end, waits included", "I-03",
	  stopped_is_done_before_the_end, CONTRACT_SUSPEND, 0 },
	{ "lifetime: what is sent while stopped runs is not handled", "L-28 L-30 L-18 C-04",
	  what_is_sent_while_stopped_runs_is_not_handled, CONTRACT_SUSPEND, 0 },
	{ "lifetime: each strong address keeps its actor", "L-05 L-12 L-22",
	  each_strong_address_keeps_its_actor, 0, 0 },
	{ "lifetime: weak addresses do not keep it", "L-06 L-12 L-24",
	  weak_addresses_do_not_keep_it, 0, 0 },
	{ "lifetime: giving back weak addresses does not end it", "L-06 L-20",
	  giving_back_weak_addresses_does_not_end_it, 0, 0 },
	{ "lifetime: what is queued is handled before it ends", "L-07 L-11 L-34",
	  what_is_queued_is_handled_first, CONTRACT_SUSPEND, 0 },
	{ "lifetime: a weak address is refused once no strong one is left", "L-23 L-24 L-25 C-03",
	  a_weak_address_is_refused_once_no_strong_one_is_left, CONTRACT_SUSPEND, 0 },
	{ "lifetime: what a weak address sent before is handled", "L-26 L-11",
	  what_a_weak_address_sent_before_is_handled, 0, 0 },
	{ "lifetime: a weak address in line learns that it is too late", "L-26 L-27 line",
	  a_weak_address_in_line_learns_that_it_is_too_late, 0, 0 },
	{ "lifetime: an actor that waits at a weak address learns so too", "L-26 L-27 line",
	  an_actor_that_waits_at_a_weak_address_learns_so_too, CONTRACT_SUSPEND, 0 },
	{ "lifetime: an idle actor ends with its last strong address", "L-12 L-07",
	  an_idle_actor_ends_with_its_last_strong_address, 0, 0 },
	{ "lifetime: an actor whose addresses have gone already still starts", "L-14 L-11",
	  an_actor_whose_addresses_have_gone_already_still_starts, 0, 0 },
	{ "lifetime: an actor that never had an address ends at once", "L-15",
	  an_actor_that_never_had_an_address_ends_at_once, 0, 0 },
	{ "lifetime: a mailbox gives out addresses when none is left", "L-30 L-22",
	  a_mailbox_gives_out_addresses_when_none_is_left, 0, 0 },
	{ "lifetime: an ended mailbox stays closed", "L-18 L-19 C-02",
	  an_ended_mailbox_stays_closed, 0, 0 },
	{ "lifetime: a state that is handed back still holds its addresses", "L-17 I-04",
	  a_state_that_is_handed_back_still_holds_its_addresses, 0, 0 },
	{ "lifetime: a state outlives its run, and may run again elsewhere", "I-04 L-16",
	  a_state_outlives_its_run_and_may_run_again_elsewhere, 0, 0 },
	{ "lifetime: a queued message holds the addresses in it", "L-05 L-31 drop",
	  a_queued_message_holds_the_addresses_in_it, 0, 0 },
	{ "lifetime: an actor that holds its own strong address does not end by itself", "L-32",
	  an_actor_that_holds_its_own_strong_address_does_not_end_by_itself, 0, 0 },
	{ "lifetime: actors that hold each other do not end by themselves", "L-33",
	  actors_that_hold_each_other_do_not_end_by_themselves, 0, 0 },
	{ "lifetime: an actor holds those it calls by their addresses", "L-05 L-17",
	  an_actor_holds_those_it_calls_by_their_addresses, 0, 0 },
	{ "lifetime: a long chain of actors falls together", "L-12 fall",
	  a_long_chain_of_actors_falls_together, 0, 0 },
	{ "lifetime: releasing an address runs nobody's code", "fall B-07",
	  releasing_an_address_runs_nobodys_code, 0, 0 },
	{ 0 },
};
