/* SPDX-License-Identifier: MIT */

/* Remote addresses are addresses like any other: what their contract says, one by one. */

#include "peer-fixture.h"

/* Full with this much to be written. */
static const struct actor_peer_options narrow = { .size = sizeof narrow,
						  .max_unwritten_bytes = 4000 };

/* ---- somebody who waits for room */

struct waiting {
	struct actor_waiter waiter;
	unsigned n_woken;
};

static void wake(struct actor_waiter *waiter)
{
	ACTOR_CONTAINER_OF(waiter, struct waiting, waiter)->n_woken++;
}

static int post(struct actor_address *address, int64_t n, struct waiting *waiting)
{
	return actor_address_post(address, &add_type, &(struct add){ n }, NULL,
				  waiting ? &waiting->waiter : NULL);
}

/* With a stranger that reads nothing. */
static void fill(void)
{
	connect_stranger(&narrow);
	actor_transport_read(stranger.transport, false);
	for (int i = 0; i < 50 && counts_of(&left).n_unwritten_bytes == 0; i++) {
		char text[2001];

		memset(text, 't', 2000);
		text[2000] = '\0';
		assert_int_equal(send_note(&left, text), 0); /* what the transport takes */
		settle();
	}
	while (post(left.remote.address, 1, NULL) == 0)
		;
	assert_int_equal(post(left.remote.address, 1, NULL), ACTOR_E_FULL);
}

static void empty(void)
{
	actor_transport_read(stranger.transport, true);
	settle();
	assert_int_equal(counts_of(&left).n_unwritten_bytes, 0);
}

/* ---- who */

/* RA-01, RA-02, L-39. */
static void it_says_who_it_is(void)
{
	struct actor_address *own, *weak, *strong;
	union remotes_address again;
	union add_recipient adds;
	union others_address others;

	connect_sides(NULL, NULL);
	own = actor_peer_address(left.peer);
	assert_int_equal(remotes_remote(left.peer, &again), 0);
	assert_true(actor_address_same(own, left.remote.address));
	assert_true(actor_address_same(again.address, left.remote.address));
	assert_false(actor_address_same(right.remote.address, left.remote.address));
	assert_true(actor_address_handles(left.remote.address, &note_type));
	assert_false(actor_address_handles(left.remote.address, &actor_peer_event_type));
	assert_int_equal(add_recipient_from(left.remote.address, &adds), 0);
	assert_int_equal(others_address_from(left.remote.address, &others), 0);
	weak = actor_address_weak(left.remote.address);
	strong = actor_address_upgrade(weak);
	assert_non_null(strong);
	assert_int_equal(post(weak, 3, NULL), 0);
	settle();
	assert_int_equal(right.sum.total, 3);
	actor_peer_close(left.peer, NULL);
	assert_null(actor_address_upgrade(weak));
	assert_int_equal(actor_address_stop(weak, ACTOR_STOP_NOW), ACTOR_E_UNSUPPORTED);
	actor_address_unref(weak);
	actor_address_unref(strong);
	actor_address_unref(again.address);
	actor_address_unref(own);
}

/* P-06, P-26, E-02, E-03: it may outlive everything, and keeps nothing. */
static void it_may_outlive_its_peer(void)
{
	union remotes_address kept;

	connect_sides(NULL, NULL);
	assert_int_equal(remotes_remote(left.peer, &kept), 0);
	actor_peer_close(left.peer, NULL);
	side_close(&left);
	settle();
	assert_int_equal(post(kept.address, 1, NULL), ACTOR_E_CLOSED);
	assert_int_equal(actor_address_info(kept.address).identity.number != 0, 1);
	actor_address_unref(kept.address);
}

static void what_it_does_not_handle_is_refused(void)
{
	struct actor_peer_event event = { .kind = ACTOR_PEER_ERROR };
	struct note note = { NULL };
	struct actor_reply *reply;

	connect_sides(NULL, NULL);
	assert_int_equal(actor_try_send(left.remote.address, &actor_peer_event_type, &event),
			 ACTOR_E_UNHANDLED);
	assert_int_equal(context->ops->reply_open(context, actor_join_type(), &reply), 0);
	assert_int_equal(actor_address_post(left.remote.address, &note_type, &note, reply, NULL),
			 ACTOR_E_INVALID);
	actor_reply_deliver(reply, ACTOR_E_INVALID, NULL);
	context->ops->reply_close(context, reply, NULL);
}

/* Of another part of the program, that has a description of its own. */
static void equal_types_are_the_same(void)
{
	struct actor_message_type copy;

	connect_sides(NULL, NULL);
	copy = add_type;
	assert_true(actor_address_handles(left.remote.address, &copy));
	assert_int_equal(actor_try_send(left.remote.address, &copy, &(struct add){ 5 }), 0);
	settle();
	assert_int_equal(right.sum.total, 5);
}

/* E-03: a message that was sent is moved; one that was not stays. */
static void messages_are_moved(void)
{
	struct note note = { strdup("moved") };

	connect_sides(NULL, NULL);
	assert_int_equal(ACTOR_SEND(context, left.remote, note, &note), 0);
	assert_null(note.text);
	actor_peer_close(left.peer, NULL);
	note.text = strdup("kept");
	assert_int_equal(ACTOR_SEND(context, left.remote, note, &note), ACTOR_E_CLOSED);
	assert_string_equal(note.text, "kept");
	actor_message_drop(&note_type, &note);
}

/* ---- room */

/* A handler or thread that sends waits, suspended, as with any mailbox. */
static void senders_wait_for_room(void)
{
	fill();
	assert_int_equal(actor_send_until(context, left.remote.address, &add_type,
					  &(struct add){ 1 },
					  actor_deadline_after(context, 1000000)),
			 ACTOR_E_FULL);
	empty();
	assert_int_equal(ACTOR_SEND(context, left.remote, add, &(struct add){ 1 }), 0);
}

static void room_is_granted_in_order(void)
{
	enum { N = 40 };
	struct waiting waiting[N] = { 0 };

	fill();
	for (int i = 0; i < N; i++) {
		actor_waiter_init(&waiting[i].waiter, wake);
		assert_int_equal(post(left.remote.address, i, &waiting[i]), ACTOR_E_FULL);
		assert_int_equal(post(left.remote.address, i, &waiting[i]), ACTOR_E_FULL);
	}
	empty();
	/* Not all at once: some have been granted room, from the first on. */
	assert_int_equal(waiting[0].n_woken, 1);
	assert_int_equal(waiting[N - 1].n_woken, 0);
	assert_int_equal(post(left.remote.address, 99, NULL), ACTOR_E_FULL); /* nobody overtakes */
	for (int i = 0; i < N; i++) {
		assert_int_equal(waiting[i].n_woken, 1);
		assert_int_equal(post(left.remote.address, i, &waiting[i]), 0);
		assert_null(waiting[i].waiter.line);
		settle();
	}
	assert_int_equal(post(left.remote.address, 99, NULL), 0);
}

static void room_that_is_not_wanted_goes_to_the_next(void)
{
	enum { N = 40 };
	struct waiting waiting[N] = { 0 };

	fill();
	for (int i = 0; i < N; i++) {
		actor_waiter_init(&waiting[i].waiter, wake);
		assert_int_equal(post(left.remote.address, i, &waiting[i]), ACTOR_E_FULL);
	}
	actor_address_withdraw(left.remote.address, &waiting[1].waiter); /* in line */
	empty();
	for (int i = 0; i < N; i++) {
		assert_int_equal(waiting[i].n_woken, i != 1);
		actor_address_withdraw(left.remote.address, &waiting[i].waiter);
		assert_null(waiting[i].waiter.line);
		assert_false(waiting[i].waiter.granted);
	}
	assert_int_equal(post(left.remote.address, 1, NULL), 0);
}

/* On any result but FULL a waiter is out of line, its grant passed on. */
static void what_fails_passes_its_grant_on(void)
{
	struct waiting waiting[20] = { 0 };
	struct note note = { NULL };
	char no_text[] = "\xff";

	fill();
	for (int i = 0; i < 20; i++) {
		actor_waiter_init(&waiting[i].waiter, wake);
		assert_int_equal(post(left.remote.address, 1, &waiting[i]), ACTOR_E_FULL);
	}
	empty();
	assert_int_equal(waiting[19].n_woken, 0);
	note.text = no_text;
	for (int i = 0; i < 18; i++) {
		assert_int_equal(actor_address_post(left.remote.address, &note_type, &note, NULL,
						    &waiting[i].waiter),
				 ACTOR_E_ENCODE);
		assert_null(waiting[i].waiter.line);
	}
	assert_int_equal(waiting[19].n_woken, 1);
	assert_int_equal(actor_address_post(left.remote.address, &actor_peer_event_type, &note,
					    NULL, &waiting[18].waiter),
			 ACTOR_E_UNHANDLED);
	assert_null(waiting[18].waiter.line);
	assert_int_equal(post(left.remote.address, 1, &waiting[19]), 0);
}

static void closing_wakes_all(void)
{
	struct waiting waiting[3] = { 0 };

	fill();
	for (int i = 0; i < 3; i++) {
		actor_waiter_init(&waiting[i].waiter, wake);
		assert_int_equal(post(left.remote.address, 1, &waiting[i]), ACTOR_E_FULL);
	}
	actor_peer_close(left.peer, NULL);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(waiting[i].n_woken, 1);
		assert_int_equal(post(left.remote.address, 1, &waiting[i]), ACTOR_E_CLOSED);
		assert_null(waiting[i].waiter.line);
	}
}

/* With a grant in hand, too. */
static void closing_takes_grants_back(void)
{
	struct waiting waiting = { 0 };

	fill();
	actor_waiter_init(&waiting.waiter, wake);
	assert_int_equal(post(left.remote.address, 1, &waiting), ACTOR_E_FULL);
	empty();
	assert_true(waiting.waiter.granted);
	actor_peer_close(left.peer, NULL);
	assert_int_equal(post(left.remote.address, 1, &waiting), ACTOR_E_CLOSED);
	assert_null(waiting.waiter.line);
	assert_false(waiting.waiter.granted);
}

/* The smallest bound lets one message through at a time. */
static void a_bound_of_nothing_lets_one_through(void)
{
	const struct actor_peer_options options = { .size = sizeof options,
						    .max_unwritten_bytes = 1 };

	connect_sides(&options, &options);
	for (int i = 0; i < 10; i++)
		assert_int_equal(ACTOR_SEND(context, left.remote, add, &(struct add){ 1 }), 0);
	assert_int_equal(call_add(&left, 1), 0);
	assert_int_equal(right.sum.total, 11);
}

/* ---- frames, for those who relay */

struct taker {
	struct actor_frame_call call;
	unsigned n_answered;
	int status;
	enum actor_frame_kind kind;
	uint8_t payload[64];
	size_t n_payload;
	bool abandoned;
};

static void taken(struct actor_frame_call *call, int status, const struct actor_frame *frame)
{
	struct taker *taker = ACTOR_CONTAINER_OF(call, struct taker, call);

	taker->n_answered++;
	taker->status = status;
	if (!frame)
		return;
	taker->kind = actor_frame_kind(frame);
	taker->n_payload = frame->n_payload < 64 ? frame->n_payload : 64;
	memcpy(taker->payload, frame->payload, taker->n_payload);
}

/* TO-04. */
static void a_frame_without_an_answer_times_out(void)
{
	struct taker taker = { .call = { .answered = taken } };

	connect_sides(NULL, NULL);
	right.sum.slow = true;
	assert_int_equal(actor_peer_call_frame(left.peer, ADD_ID, (const uint8_t *)"\x05", 1, NULL,
					       &taker.call),
			 0);
	pass_ns(INT64_C(59000000000));
	assert_int_equal(taker.n_answered, 0);
	pass_ns(INT64_C(2000000000));
	assert_int_equal(taker.n_answered, 1);
	assert_int_equal(taker.status, ACTOR_E_TIMEOUT);
	expect_no_event(&left);
}

/* RA-06: whatever is said to it is said to nobody. */
static void a_frame_that_is_sent_is_not_waited_for(void)
{
	connect_stranger(NULL);
	assert_int_equal(actor_peer_send_frame(left.peer, ADD_ID, (const uint8_t *)"\x05", 1, NULL),
			 0);
	stranger_expect(ADD_ID, 0, "05");
	assert_int_equal(counts_of(&left).n_pending, 0);
	stranger_frame(ACTOR_SERVICE_RESPONSE, 0, "f6");
	expect_no_event(&left);
	stranger_frame(ACTOR_SERVICE_ERROR, 0, "a16b446573657269616c697a65a263736964f663636964f6");
	expect_event(&left, ACTOR_PEER_REMOTE_ERROR, ACTOR_E_REMOTE_DECODE);
}

/* RA-05. */
static void frames_are_called_and_answered(void)
{
	struct taker right_one = { .call = { .answered = taken } }, unknown = right_one,
		     late = right_one;

	connect_sides(NULL, NULL);
	assert_int_equal(actor_peer_send_frame(left.peer, ADD_ID, (const uint8_t *)"\x05", 1, NULL),
			 0);
	assert_int_equal(actor_peer_call_frame(left.peer, SHOW_ID, (const uint8_t *)"\xf6", 1, NULL,
					       &right_one.call),
			 0);
	assert_int_equal(actor_peer_call_frame(left.peer, 0x1234, (const uint8_t *)"\xf6", 1, NULL,
					       &unknown.call),
			 0);
	settle();
	assert_int_equal(right_one.n_answered, 1);
	assert_int_equal(right_one.status, 0);
	assert_int_equal(right_one.kind, ACTOR_FRAME_RESPONSE);
	assert_int_equal(right_one.payload[0], 5);
	assert_int_equal(unknown.n_answered, 1);
	assert_int_equal(unknown.kind, ACTOR_FRAME_ERROR);
	right.sum.slow = true;
	assert_int_equal(actor_peer_call_frame(left.peer, ADD_ID, (const uint8_t *)"\x05", 1, NULL,
					       &late.call),
			 0);
	settle();
	actor_peer_close(left.peer, NULL);
	settle();
	assert_int_equal(late.n_answered, 1);
	assert_int_equal(late.status, ACTOR_E_DISCONNECTED);
	assert_int_equal(actor_peer_call_frame(left.peer, ADD_ID, (const uint8_t *)"\x05", 1, NULL,
					       &late.call),
			 ACTOR_E_CLOSED);
	assert_int_equal(late.n_answered, 1);
}

static bool is_abandoned(const struct actor_frame_call *call)
{
	return ACTOR_CONTAINER_OF(call, struct taker, call)->abandoned;
}

/* One that nobody waits for ends soon, and the others stay. */
static void frames_may_be_abandoned(void)
{
	struct taker takers[3] = { { .call = { .answered = taken } },
				   { .call = { taken, is_abandoned } },
				   { .call = { taken, is_abandoned } } };

	connect_sides(NULL, NULL);
	right.sum.slow = true;
	for (int i = 0; i < 3; i++)
		assert_int_equal(actor_peer_call_frame(left.peer, ADD_ID, (const uint8_t *)"\x05",
						       1, NULL, &takers[i].call),
				 0);
	pass_ns(INT64_C(5000000000));
	takers[1].abandoned = true;
	pass_ns(INT64_C(1100000000));
	assert_int_equal(takers[1].n_answered, 1);
	assert_int_equal(takers[1].status, ACTOR_E_ABANDONED);
	assert_int_equal(counts_of(&left).n_pending, 2);
	for (int i = 0; i < 3; i++)
		assert_true(sum_answer(&right.sum));
	settle();
	assert_int_equal(takers[1].n_answered, 1);
	assert_int_equal(takers[0].n_answered, 1);
	assert_int_equal(takers[2].n_answered, 1);
	assert_int_equal(takers[2].status, 0);
}

static void frames_stand_in_line(void)
{
	struct waiting waiting = { 0 };

	fill();
	actor_waiter_init(&waiting.waiter, wake);
	assert_int_equal(actor_peer_send_frame(left.peer, ADD_ID, (const uint8_t *)"\x05", 1,
					       &waiting.waiter),
			 ACTOR_E_FULL);
	empty();
	assert_int_equal(waiting.n_woken, 1);
	actor_peer_withdraw_waiter(left.peer, &waiting.waiter);
	assert_null(waiting.waiter.line);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		PEER_TEST(it_says_who_it_is),
		PEER_TEST(it_may_outlive_its_peer),
		PEER_TEST(what_it_does_not_handle_is_refused),
		PEER_TEST(equal_types_are_the_same),
		PEER_TEST(messages_are_moved),
		PEER_TEST(senders_wait_for_room),
		PEER_TEST(room_is_granted_in_order),
		PEER_TEST(room_that_is_not_wanted_goes_to_the_next),
		PEER_TEST(what_fails_passes_its_grant_on),
		PEER_TEST(closing_wakes_all),
		PEER_TEST(closing_takes_grants_back),
		PEER_TEST(a_bound_of_nothing_lets_one_through),
		PEER_TEST(a_frame_without_an_answer_times_out),
		PEER_TEST(a_frame_that_is_sent_is_not_waited_for),
		PEER_TEST(frames_are_called_and_answered),
		PEER_TEST(frames_may_be_abandoned),
		PEER_TEST(frames_stand_in_line),
	};

	return cmocka_run_group_tests_name("remote-address", tests, NULL, NULL);
}
