/* SPDX-License-Identifier: MIT */

/* Addresses: who they lead to, what they accept, and what becomes of a message they refuse. */

#include "suite.h"

/* ---- identity */

static void assert_leads_to(const struct actor_address *address, const struct actor_info *info)
{
	struct actor_info other = actor_address_info(address);

	assert_true(actor_identity_same(other.identity, info->identity));
	assert_string_equal(other.name, info->name);
	assert_string_equal(other.type, info->type);
}

static void record_self(struct player *self, struct play_perform *message,
			struct actor_reply **slot, struct actor_context *context)
{
	const struct actor_info *expected = message->user;
	struct actor_info info = actor_address_info(actor_self(context));

	player_record(self, "%s",
		      actor_identity_same(info.identity, expected->identity) ? "same" : "other");
	play_answer(slot, 0);
}

static void every_address_reports_the_mailboxs_identity(struct stage *stage)
{
	struct cast a = stage_spawn(stage, "a", 0);
	struct actor_address *second = stage_address(stage, a.mailbox);
	struct actor_address *another = stage_keep(stage, actor_address_ref(a.address));
	struct actor_address *weak = stage_keep(stage, actor_address_weak(a.address));
	struct actor_address *weaker = stage_keep(stage, actor_address_weak(weak));
	struct actor_address *upgraded = stage_keep(stage, actor_address_upgrade(weak));
	struct actor_info info = actor_mailbox_info(a.mailbox);

	assert_non_null(info.identity.domain);
	assert_true(info.identity.number != 0);
	assert_string_equal(info.name, "a");
	assert_string_equal(info.type, "player");
	assert_leads_to(a.address, &info);
	assert_leads_to(second, &info);
	assert_leads_to(another, &info);
	assert_leads_to(weak, &info);
	assert_leads_to(weaker, &info);
	assert_leads_to(upgraded, &info);
	assert_true(actor_address_same(a.address, weak));
	assert_true(actor_address_same(weaker, upgraded));
	assert_int_equal(stage_call(stage, weak, record_self, 0, &info), 0);
	assert_int_equal(probe_count(&stage->probe, "a.same"), 1);
}

static void mailboxes_are_told_apart_by_identity_not_by_name(struct stage *stage)
{
	enum { N = 100 };
	struct actor_identity identities[N];
	size_t i, j;

	for (i = 0; i < N; i++) {
		struct actor_mailbox *mailbox = stage_mailbox(stage, &player_behavior, "twin", 1);

		assert_string_equal(actor_mailbox_info(mailbox).name, "twin");
		identities[i] = actor_mailbox_info(mailbox).identity;
		for (j = 0; j < i; j++)
			assert_false(actor_identity_same(identities[i], identities[j]));
		if (i % 2) /* a number is not used again */
			stage_destroy(stage, &mailbox);
	}
}

static void addresses_of_different_actors_differ(struct stage *stage)
{
	struct cast a = stage_unstarted(stage, "a", 0), b = stage_unstarted(stage, "b", 0);
	struct actor_address *weak = stage_keep(stage, actor_address_weak(a.address));

	assert_false(actor_address_same(a.address, b.address));
	assert_false(actor_address_same(weak, b.address));
	assert_true(actor_address_same(weak, a.address));
}

static void a_name_is_copied_and_may_be_missing(struct stage *stage)
{
	char text[] = "mutable";
	struct actor_mailbox *named = stage_mailbox(stage, &player_behavior, text, 0);
	struct actor_mailbox *unnamed = stage_mailbox(stage, &player_behavior, NULL, 0);
	struct actor_mailbox *empty = stage_mailbox(stage, &player_behavior, "", 0);
	struct actor_mailbox *plain;

	assert_int_equal(actor_mailbox_create(stage->spawner, &player_behavior, NULL, &plain), 0);
	stage_keep_mailbox(stage, plain);
	memset(text, 'x', strlen(text));
	assert_string_equal(actor_mailbox_info(named).name, "mutable");
	assert_string_equal(actor_address_name(stage_address(stage, named)), "mutable");
	assert_string_equal(actor_mailbox_info(unnamed).name, "");
	assert_string_equal(actor_mailbox_info(empty).name, "");
	assert_string_equal(actor_mailbox_info(plain).name, "");
}

static void an_actor_can_be_shown_as_text(struct stage *stage)
{
	struct cast a = stage_unstarted(stage, "savings", 0);
	struct cast b = stage_unstarted(stage, "", 0);
	struct actor_info a_info = actor_address_info(a.address);
	struct actor_info b_info = actor_address_info(b.address);
	char text[80], expected[80];

	snprintf(expected, sizeof expected, "player: id=%llu, name=savings",
		 (unsigned long long)a_info.identity.number);
	assert_int_equal(actor_info_format(&a_info, text, sizeof text), strlen(expected));
	assert_string_equal(text, expected);
	snprintf(expected, sizeof expected, "player: id=%llu",
		 (unsigned long long)b_info.identity.number);
	actor_info_format(&b_info, text, sizeof text);
	assert_string_equal(text, expected);
}

/* ---- what is handled */

static void an_address_knows_what_its_actor_handles_before_and_after_its_life(struct stage *stage)
{
	struct cast a = stage_unstarted(stage, "a", 0);
	struct actor_address *weak = stage_keep(stage, actor_address_weak(a.address));
	int i;

	for (i = 0; i < 3; i++) {
		assert_true(actor_address_handles(a.address, &play_note_type));
		assert_true(actor_address_handles(weak, &play_perform_type));
		assert_false(actor_address_handles(a.address, &play_unheard_type));
		assert_false(actor_address_handles(weak, &play_unheard_type));
		if (i == 0)
			stage_start(stage, &a);
		if (i == 1)
			stage_destroy(stage, &a.mailbox);
	}
}

/* Equal descriptions elsewhere in memory, as two shared libraries would have them. */
static void an_equal_description_denotes_the_same_type(struct stage *stage)
{
	char note_name[] = "play.note", ping_name[] = "play.ping";
	struct actor_message_type note_type = play_note_type, ping_type = play_ping_type;
	struct actor_message_type answer_type = *play_ping_type.reply;
	struct cast a = stage_spawn(stage, "", 0);
	struct play_note note = { .number = 1 };
	struct play_ping ping = { .number = 2 };
	int64_t answer = 0;

	note_type.name = note_name;
	ping_type.name = ping_name;
	ping_type.reply = &answer_type;
	assert_true(actor_address_handles(a.address, &note_type));
	assert_int_equal(actor_try_send(a.address, &note_type, &note), 0);
	assert_int_equal(actor_call_until(stage->context, a.address, &ping_type, &ping, &answer,
					  stage_soon(stage)),
			 0);
	assert_int_equal(answer, 2);
	assert_recorded(stage, "started 1");
}

static void the_same_name_with_another_layout_is_not_handled(struct stage *stage)
{
	struct actor_message_type larger = play_note_type, aligned = play_note_type;
	struct actor_message_type owning = play_note_type, answered = play_note_type;
	struct actor_message_type bigger_answer = play_ping_type;
	struct actor_message_type answer = *play_ping_type.reply;
	const struct actor_message_type *types[] = { &larger, &aligned, &owning, &answered,
						     &bigger_answer };
	struct cast a = stage_spawn(stage, "", 0);
	char message[64] = "untouched";
	size_t i;

	larger.message_size *= 2;
	aligned.message_align *= 2;
	owning.drop = owned_drop;
	answered.reply = play_ping_type.reply;
	answer.message_size *= 2;
	bigger_answer.reply = &answer;
	for (i = 0; i < sizeof types / sizeof types[0]; i++) {
		assert_false(actor_address_handles(a.address, types[i]));
		assert_int_equal(actor_try_send(a.address, types[i], message), ACTOR_E_UNHANDLED);
		assert_string_equal(message, "untouched");
	}
}

static void unanswerable(struct actor_ask *ask, int status, void *value)
{
	(void)value;
	probe_record(ask->user, "answered:%s", status_word(status));
}

/* Each way to hand over a message, with one that the sender must still own afterwards. */
static void assert_refused(struct stage *stage, struct actor_address *address, int status)
{
	struct play_parcel parcel = { .number = 9, .cargo = ledger_lend(&stage->ledger) };
	struct play_perform perform = { .number = 9, .cargo = ledger_lend(&stage->ledger) };
	const struct play_parcel same_parcel = parcel;
	const struct play_perform same_perform = perform;
	struct actor_context *context = stage->context;
	struct actor_waiter waiter;
	struct actor_ask ask;

	actor_waiter_init(&waiter, NULL);
	assert_int_equal(actor_try_send(address, &play_parcel_type, &parcel), status);
	assert_int_equal(actor_address_post(address, &play_parcel_type, &parcel, NULL, &waiter),
			 status);
	assert_null(waiter.line);
	assert_int_equal(actor_send(context, address, &play_parcel_type, &parcel), status);
	assert_int_equal(actor_retry_send(context, address, &play_parcel_type, &parcel, 3, 1000),
			 status);
	assert_int_equal(actor_call_until(context, address, &play_perform_type, &perform, NULL,
					  stage_soon(stage)),
			 status);
	assert_int_equal(actor_call_begin(context, &stage->futures[0], address, &play_perform_type,
					  &perform, NULL),
			 status);
	assert_int_equal(stage->futures[0].status, status);
	assert_int_equal(actor_ask(NULL, &ask, address, &play_perform_type, &perform, unanswerable,
				   &stage->probe),
			 status);
	assert_int_equal(actor_ask(context, &ask, address, &play_perform_type, &perform,
				   unanswerable, &stage->probe),
			 status);
	assert_memory_equal(&parcel, &same_parcel, sizeof parcel);
	assert_memory_equal(&perform, &same_perform, sizeof perform);
	owned_return(&parcel.cargo);
	owned_return(&perform.cargo);
}

static void what_is_not_handled_stays_with_its_sender(struct stage *stage)
{
	struct actor_mailbox *mailbox = stage_mailbox(stage, &listener_behavior, "", 0);
	struct actor_address *address = stage_address(stage, mailbox);
	struct listener listener = { stage };

	assert_refused(stage, address, ACTOR_E_UNHANDLED);
	assert_int_equal(actor_mailbox_start(mailbox, &listener, NULL, NULL), 0);
	assert_refused(stage, address, ACTOR_E_UNHANDLED);
	stage_note(stage, address, 1);
	stage_release(stage, &address);
	assert_ptr_equal(stage_join(stage, mailbox).state, &listener);
	assert_recorded(stage, "heard.1");
}

static void what_finds_the_mailbox_closed_stays_with_its_sender(struct stage *stage)
{
	struct cast unstarted = stage_unstarted(stage, "a", 0), ended = stage_spawn(stage, "b", 0);
	struct actor_address *weak = stage_keep(stage, actor_address_weak(ended.address));

	stage_destroy(stage, &unstarted.mailbox);
	assert_refused(stage, unstarted.address, ACTOR_E_CLOSED);
	stage_release(stage, &ended.address);
	stage_join_stopped(stage, &ended);
	assert_refused(stage, weak, ACTOR_E_CLOSED);
	assert_recorded(stage, "b.started b.stopped");
}

static void a_reply_for_a_message_without_answer_is_invalid(struct stage *stage)
{
	struct cast a = stage_unstarted(stage, "", 1);
	struct play_parcel parcel = { .number = 1, .cargo = ledger_lend(&stage->ledger) };
	const struct play_parcel same = parcel;
	struct actor_context *context = stage->context;
	struct actor_reply *reply;

	assert_int_equal(wait_open(context, &reply), 0);
	assert_int_equal(actor_address_post(a.address, &play_parcel_type, &parcel, reply, NULL),
			 ACTOR_E_INVALID);
	assert_int_equal(context->ops->post(context, a.address, &play_parcel_type, &parcel, reply,
					    ACTOR_FOREVER),
			 ACTOR_E_INVALID);
	wait_end(reply); /* it is still ours */
	wait_close(context, reply);
	assert_int_equal(actor_call_until(context, a.address, &play_parcel_type, &parcel, NULL,
					  stage_soon(stage)),
			 ACTOR_E_INVALID);
	assert_memory_equal(&parcel, &same, sizeof parcel);
	owned_return(&parcel.cargo);
	stage_note(stage, a.address, 1); /* no room was lost over it */
	stage->n_dead = 1;
}

/* ---- moving */

static bool is_zero(const void *memory, size_t n_bytes)
{
	const unsigned char *bytes = memory;
	size_t i;

	for (i = 0; i < n_bytes && bytes[i] == 0; i++)
		;
	return i == n_bytes;
}

static void what_was_moved_is_zeroed_if_it_can_own_something(struct stage *stage)
{
	struct cast a = stage_spawn(stage, "", 0);
	struct actor_context *context = stage->context;
	struct play_parcel parcel = { .number = 1, .cargo = ledger_lend(&stage->ledger) };
	struct play_perform perform = { .act = play_note_number, .number = 4 };
	struct play_note note = { .number = 3 };

	assert_int_equal(actor_try_send(a.address, &play_parcel_type, &parcel), 0);
	assert_true(is_zero(&parcel, sizeof parcel));
	parcel = (struct play_parcel){ .number = 2, .cargo = ledger_lend(&stage->ledger) };
	assert_int_equal(actor_send(context, a.address, &play_parcel_type, &parcel), 0);
	assert_true(is_zero(&parcel, sizeof parcel));
	assert_int_equal(actor_try_send(a.address, &play_note_type, &note), 0);
	assert_int_equal(note.number, 3);
	assert_int_equal(actor_call_until(context, a.address, &play_perform_type, &perform, NULL,
					  stage_soon(stage)),
			 0);
	assert_true(is_zero(&perform, sizeof perform));
	assert_recorded(stage, "started 1 2 3 4");
}

/* Zeroing is the wrapper's, so that no implementation can forget it. */
static void the_post_operation_itself_leaves_the_source_alone(struct stage *stage)
{
	struct cast a = stage_spawn(stage, "", 0);
	struct play_parcel parcel = { .number = 1, .cargo = ledger_lend(&stage->ledger) };
	const struct play_parcel same = parcel;

	assert_int_equal(a.address->ops->post(a.address, &play_parcel_type, &parcel, NULL, NULL),
			 0);
	assert_memory_equal(&parcel, &same, sizeof parcel);
	stage_release(stage, &a.address);
	stage_join_stopped(stage, &a);
}

static void large_messages_and_answers_arrive_whole(struct stage *stage)
{
	static struct play_bulk bulk, answer;
	struct cast a = stage_spawn(stage, "", 0);
	size_t i;

	for (i = 0; i < sizeof bulk.bytes; i++)
		bulk.bytes[i] = (unsigned char)(i * 7);
	assert_int_equal(actor_call_until(stage->context, a.address, &play_bulk_type, &bulk,
					  &answer, stage_soon(stage)),
			 0);
	for (i = 0; i < sizeof bulk.bytes; i++)
		assert_int_equal(answer.bytes[i], (unsigned char)(i * 7 + 1));
}

static void over_aligned_messages_are_aligned(struct stage *stage)
{
	struct cast a = stage_unstarted(stage, "", 0);
	struct play_slab slab = { .number = 5 };
	int64_t answers[10];
	size_t i;

	for (i = 0; i < 10; i++)
		assert_int_equal(actor_call_begin(stage->context, &stage->futures[i], a.address,
						  &play_slab_type, &slab, &answers[i]),
				 0);
	stage_start(stage, &a);
	for (i = 0; i < 10; i++) {
		assert_int_equal(stage_answer(stage, i), 0);
		assert_int_equal(answers[i], 0);
	}
}

/* ---- erased and typed */

/* Any actor that handles both; the player and the listener do. */
#define NOTE_AND_PING(CALL, SEND, X) SEND(X, play_note) CALL(X, play_ping)
ACTOR_RECIPIENT(note_and_ping, NOTE_AND_PING);

static void actors_of_different_types_share_one_type_of_recipient(struct stage *stage)
{
	struct cast a = stage_spawn(stage, "", 0);
	struct actor_mailbox *mailbox = stage_mailbox(stage, &listener_behavior, "", 0);
	struct actor_address *heard = stage_address(stage, mailbox);
	struct listener listener = { stage };
	struct actor_context *context = stage->context;
	union note_and_ping recipients[2];
	union play_note_recipient note_recipient;
	union player_address player;
	const int64_t answers[2] = { 7, -7 };
	size_t i;

	assert_int_equal(actor_mailbox_start(mailbox, &listener, NULL, NULL), 0);
	assert_int_equal(note_and_ping_from(a.address, &recipients[0]), 0);
	assert_int_equal(note_and_ping_from(heard, &recipients[1]), 0);
	for (i = 0; i < 2; i++) {
		int64_t answer = 0;

		note_recipient = ACTOR_FOR(play_note, recipients[i]);
		assert_int_equal(ACTOR_SEND(context, note_recipient, play_note,
					    &(struct play_note){ .number = (int64_t)i }),
				 0);
		assert_int_equal(ACTOR_CALL(context, recipients[i], play_ping, &answer,
					    &(struct play_ping){ .number = 7 }),
				 0);
		assert_int_equal(answer, answers[i]);
	}
	assert_int_equal(player_address_from(a.address, &player), 0);
	assert_ptr_equal(player.address, a.address);
	assert_int_equal(player_address_from(heard, &player), ACTOR_E_UNHANDLED);
	stage_release(stage, &heard);
	assert_ptr_equal(stage_join(stage, mailbox).state, &listener);
	assert_int_equal(probe_count(&stage->probe, "0"), 1);
	assert_int_equal(probe_count(&stage->probe, "heard.1"), 1);
}

/* ---- weak */

static void a_weak_address_sends_and_calls(struct stage *stage)
{
	struct cast a = stage_spawn(stage, "", 0);
	struct actor_address *weak = stage_keep(stage, actor_address_weak(a.address));
	struct actor_address *another = stage_keep(stage, actor_address_ref(weak));

	stage_note(stage, weak, 1);
	stage_release(stage, &weak);
	stage_note(stage, another, 2);
	stage_ping(stage, another);
	assert_recorded(stage, "started 1 2");
}

static void a_weak_address_upgrades_while_there_is_a_strong_one(struct stage *stage)
{
	struct cast a = stage_spawn(stage, "", 0);
	struct actor_address *weak = stage_keep(stage, actor_address_weak(a.address));
	struct actor_address *strong = stage_keep(stage, actor_address_upgrade(weak));
	struct actor_address *stronger = stage_keep(stage, actor_address_upgrade(strong));

	stage_release(stage, &a.address);
	stage_release(stage, &strong);
	stage_ping(stage, stronger);
	stage_release(stage, &stronger);
	stage_join_stopped(stage, &a);
	assert_null(actor_address_upgrade(weak));
}

/* ---- outliving */

static void assert_dead(struct actor_address *address, const char *name)
{
	struct play_note note = { .number = 1 };
	struct actor_waiter waiter;

	assert_string_equal(actor_address_info(address).name, name);
	assert_string_equal(actor_address_info(address).type, "player");
	assert_true(actor_address_handles(address, &play_note_type));
	actor_waiter_init(&waiter, NULL);
	assert_int_equal(actor_address_post(address, &play_note_type, &note, NULL, &waiter),
			 ACTOR_E_CLOSED);
	actor_address_withdraw(address, &waiter);
	actor_address_stop(address, ACTOR_STOP_NOW);
	actor_address_unref(actor_address_ref(address));
	actor_address_unref(actor_address_weak(address));
}

static void addresses_outlive_everything(struct stage *stage)
{
	struct cast ran = stage_spawn(stage, "ran", 0), unstarted = stage_unstarted(stage, "un", 0);
	struct cast ended = stage_spawn(stage, "ended", 0);
	struct actor_address *weak = stage_keep(stage, actor_address_weak(ended.address));
	struct actor_address *lone = stage_keep(stage, actor_address_weak(ran.address));

	stage_ping(stage, ran.address);
	stage_release(stage, &ended.address);
	stage_join_stopped(stage, &ended);
	stage_end(stage);
	assert_dead(ran.address, "ran");
	assert_dead(unstarted.address, "un");
	assert_dead(weak, "ended");
	assert_null(actor_address_upgrade(weak));
	stage_release(stage, &ran.address);
	assert_dead(lone, "ran");
	assert_null(actor_address_upgrade(lone));
}

/* ---- threads */

static void *use_address(void *user)
{
	struct actor_address *address = user, *strong;
	struct play_note note = { .number = 1 };
	struct actor_address *weak = actor_address_weak(actor_address_ref(address));
	int sent = actor_try_send(weak, &play_note_type, &note);

	strong = actor_address_upgrade(weak);
	actor_address_unref(address);
	actor_address_unref(weak);
	actor_address_unref(strong);
	return sent == 0 && strong && actor_address_handles(address, &play_note_type) ? user : NULL;
}

/* Threads that have nothing to do with actors. */
static void any_thread_may_use_an_address(struct stage *stage)
{
	struct cast a = stage_spawn(stage, "", ACTOR_UNBOUNDED);
	pthread_t threads[4];
	void *result;
	size_t i;
	int n_good = 0;

	for (i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, use_address, a.address), 0);
	for (i = 0; i < 4; i++) {
		pthread_join(threads[i], &result);
		n_good += result != NULL;
	}
	assert_int_equal(n_good, 4);
	stage_release(stage, &a.address);
	stage_join_stopped(stage, &a);
	assert_recorded(stage, "started 1 1 1 1 stopped");
}

const struct contract_test contract_address_tests[] = {
	{ "address: every address reports the mailbox's identity, name and type",
	  "I-23 I-27 I-28 I-29 ID-01 ID-03 L-39", every_address_reports_the_mailboxs_identity, 0,
	  0 },
	{ "address: mailboxes are told apart by identity, not by name", "I-27 ID-01 ID-04 B-01",
	  mailboxes_are_told_apart_by_identity_not_by_name, 0, 0 },
	{ "address: addresses are the same when their actors are", "I-27 L-39 ID-08",
	  addresses_of_different_actors_differ, 0, 0 },
	{ "address: a name is copied, and may be missing", "I-28 B-01 spawner",
	  a_name_is_copied_and_may_be_missing, 0, 0 },
	{ "address: an actor can be shown as text", "C-10 ID-06 ID-08",
	  an_actor_can_be_shown_as_text, 0, 0 },
	{ "address: it knows what its actor handles, before and after its life", "I-08 I-25 L-02",
	  an_address_knows_what_its_actor_handles_before_and_after_its_life, 0, 0 },
	{ "address: an equal description elsewhere denotes the same type", "I-08 type",
	  an_equal_description_denotes_the_same_type, 0, 0 },
	{ "address: the same name with another layout is not handled", "I-08 type",
	  the_same_name_with_another_layout_is_not_handled, 0, 0 },
	{ "address: what is not handled stays with its sender", "I-08 I-15 move",
	  what_is_not_handled_stays_with_its_sender, 0, 0 },
	{ "address: what finds the mailbox closed stays with its sender",
	  "C-02 L-18 L-19 L-31 move", what_finds_the_mailbox_closed_stays_with_its_sender, 0, 0 },
	{ "address: a reply for a message without an answer is invalid", "I-05 post",
	  a_reply_for_a_message_without_answer_is_invalid, 0, 0 },
	{ "address: what was moved is zeroed if it can own something", "I-06 move",
	  what_was_moved_is_zeroed_if_it_can_own_something, 0, 0 },
	{ "address: the post operation itself leaves the source alone", "move",
	  the_post_operation_itself_leaves_the_source_alone, 0, 0 },
	{ "address: large messages and answers arrive whole", "I-06 size",
	  large_messages_and_answers_arrive_whole, 0, 0 },
	{ "address: over-aligned messages are aligned", "size", over_aligned_messages_are_aligned,
	  0, 0 },
	{ "address: actors of different types share one type of recipient",
	  "I-08 I-13 I-24 I-25 I-26", actors_of_different_types_share_one_type_of_recipient, 0, 0 },
	{ "address: a weak address sends and calls", "I-13 L-20 L-21",
	  a_weak_address_sends_and_calls, 0, 0 },
	{ "address: a weak address upgrades while there is a strong one", "L-05 L-22 C-03",
	  a_weak_address_upgrades_while_there_is_a_strong_one, 0, 0 },
	{ "address: addresses outlive actor, mailbox and executor", "L-19 outlive",
	  addresses_outlive_everything, 0, 0 },
	{ "address: any thread may use an address", "I-06 LO-06 L-05",
	  any_thread_may_use_an_address, CONTRACT_CROSS_THREAD, 0 },
	{ 0 },
};
