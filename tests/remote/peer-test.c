/* SPDX-License-Identifier: MIT */

/* Peers: both sides of a connection, how they talk, and how they are made and given up. */

#include "peer-fixture.h"

#include <stdlib.h>
#include <string.h>

/* ---- talking */

/* P-12, W-05 to W-07, OR-04. */
static void a_call_is_answered_by_the_other_side(void)
{
	int64_t total = 0;

	connect_sides(NULL, NULL);
	assert_int_equal(call_add(&left, 5), 0);
	assert_int_equal(call_add(&left, -2), 0);
	assert_int_equal(call_show(&left, &total), 0);
	assert_int_equal(total, 3);
	assert_int_equal(right.sum.total, 3);
	assert_int_equal(left.sum.total, 0);
	expect_no_event(&left);
	expect_no_event(&right);
}

/* P-12, W-20: the same ids are in flight both ways. */
static void both_sides_may_call(void)
{
	struct caller callers[2][3];

	connect_sides(NULL, NULL);
	left.sum.slow = right.sum.slow = true;
	for (int i = 0; i < 3; i++) {
		begin_add(&callers[0][i], &left, 1);
		begin_add(&callers[1][i], &right, 10);
	}
	settle();
	assert_int_equal(counts_of(&left).n_pending, 3);
	assert_int_equal(counts_of(&left).n_serving, 3);
	while (sum_answer(&left.sum) || sum_answer(&right.sum))
		;
	settle();
	for (int i = 0; i < 3; i++) {
		assert_int_equal(end_add(&callers[0][i]), 0);
		assert_int_equal(end_add(&callers[1][i]), 0);
	}
	assert_int_equal(right.sum.total, 3);
	assert_int_equal(left.sum.total, 30);
	assert_int_equal(counts_of(&left).n_pending, 0);
	assert_int_equal(counts_of(&left).n_serving, 0);
}

/* RA-03, OR-02: in order, and nobody answers. */
static void sends_arrive_in_order(void)
{
	connect_sides(NULL, NULL);
	assert_int_equal(send_note(&left, "a"), 0);
	assert_int_equal(send_note(&left, "b"), 0);
	assert_int_equal(send_note(&left, "c"), 0);
	settle();
	assert_string_equal(right.sum.notes, "abc");
	assert_int_equal(counts_of(&left).n_frames_written, 3);
	assert_int_equal(counts_of(&right).n_frames_read, 3);
	assert_int_equal(counts_of(&right).n_frames_written, 0);
	assert_int_equal(counts_of(&right).n_bytes_read, 3 * 26);
	assert_int_equal(counts_of(&left).n_bytes_written, 3 * 26);
}

/* P-10, OR-05: answers come as they are given. */
static void answers_come_in_any_order(void)
{
	struct caller first, second;
	struct add_reply reply;

	connect_sides(NULL, NULL);
	right.sum.slow = true;
	begin_add(&first, &left, 1);
	begin_add(&second, &left, 2);
	settle();
	assert_int_equal(right.sum.n_kept, 2);
	reply = right.sum.kept[0].add;
	right.sum.kept[0].add = right.sum.kept[1].add;
	right.sum.kept[1].add = reply;
	assert_true(sum_answer(&right.sum));
	settle();
	assert_int_equal(actor_future_await(&first.future, ACTOR_AT_ONCE), ACTOR_E_TIMEOUT);
	assert_int_equal(end_add(&second), 0);
	assert_true(sum_answer(&right.sum));
	settle();
	assert_int_equal(end_add(&first), 0);
}

/* P-11, BP-06, PR-02: neither side is blocked by calls that are not answered. */
static void messages_pass_while_calls_wait(void)
{
	struct caller caller;
	int64_t total;

	connect_sides(NULL, NULL);
	right.sum.slow = true;
	begin_add(&caller, &left, 7);
	assert_int_equal(send_note(&left, "x"), 0);
	assert_int_equal(send_note(&right, "y"), 0);
	assert_int_equal(call_show(&left, &total), 0);
	assert_int_equal(total, 7);
	settle();
	assert_string_equal(right.sum.notes, "x");
	assert_string_equal(left.sum.notes, "y");
	assert_true(sum_answer(&right.sum));
	settle();
	assert_int_equal(end_add(&caller), 0);
}

/* What a message owns travels, and so does what an answer owns; a handler learns who asks (which it
 * does not where SM-13 comes from). */
static void texts_travel_and_say_where_they_come_from(void)
{
	struct echo echo = { strdup("hello, \xc3\xa4world"), { NULL } };
	char *text = NULL;

	connect_sides(NULL, NULL);
	assert_int_equal(ACTOR_CALL(context, left.remote, echo, &text, &echo), 0);
	assert_null(echo.text);
	assert_string_equal(text, "hello, \xc3\xa4world");
	free(text);
	assert_ptr_equal(right.sum.origin, right.peer);
}

/* ---- before it is started */

/* P-02, P-04: messages wait, and nothing is read; the first start is the only one. */
static void what_is_sent_before_the_start_is_sent_then(void)
{
	struct actor_transport *a, *b;
	struct caller caller;

	make_link(&a, &b);
	side_open(&left, a, NULL);
	side_open(&right, b, NULL);
	side_serve(&right);
	assert_int_equal(send_note(&left, "early"), 0);
	begin_add(&caller, &left, 4);
	settle();
	assert_int_equal(counts_of(&left).n_pending, 1);
	assert_int_equal(actor_peer_start(left.peer), 0);
	assert_int_equal(actor_peer_start(left.peer), ACTOR_E_BUSY);
	settle();
	assert_int_equal(counts_of(&left).n_frames_written, 2);
	assert_int_equal(counts_of(&right).n_frames_read, 0);
	assert_int_equal(actor_peer_start(right.peer), 0);
	settle();
	assert_string_equal(right.sum.notes, "early");
	assert_int_equal(end_add(&caller), 0);
}

/* Its owners may give it up, with calls in it: they end. */
static void one_that_was_never_started_goes_with_its_owners(void)
{
	struct actor_transport *a;
	struct caller caller;

	make_link(&a, &stranger.transport);
	side_open(&left, a, NULL);
	side_serve(&left);
	begin_add(&caller, &left, 4);
	actor_peer_unref(actor_peer_ref(left.peer));
	assert_int_equal(counts_of(&left).n_pending, 1);
	actor_peer_unref(left.peer);
	left.peer = NULL;
	assert_int_equal(end_add(&caller), ACTOR_E_DISCONNECTED);
	assert_int_equal(call_add(&left, 1), ACTOR_E_CLOSED);
	expect_event(&left, ACTOR_PEER_CLOSED, ACTOR_E_CANCELLED);
	expect_event(&left, ACTOR_PEER_ERROR, ACTOR_E_DISCONNECTED); /* what was accepted */
	expect_no_event(&left);
}

/* CC-11. */
static void one_that_was_never_started_can_be_closed(void)
{
	struct actor_transport *a;

	make_link(&a, &stranger.transport);
	side_open(&left, a, NULL);
	assert_int_equal(actor_peer_join(context, left.peer, ACTOR_AT_ONCE), ACTOR_E_TIMEOUT);
	actor_peer_close(left.peer, "never mind");
	actor_peer_close(left.peer, "again");
	assert_string_equal(expect_event(&left, ACTOR_PEER_CLOSED, 0)->text, "never mind");
	expect_ended(&left);
	assert_int_equal(actor_peer_start(left.peer), ACTOR_E_CLOSED);
	assert_int_equal(actor_peer_serve(left.peer, left.services.map), ACTOR_E_CLOSED);
}

/* ---- without owners */

/* P-05, RA-02. */
static void a_peer_lives_as_long_as_its_connection(void)
{
	connect_sides(NULL, NULL);
	actor_peer_unref(left.peer);
	left.peer = NULL;
	assert_int_equal(call_add(&left, 5), 0);
	assert_int_equal(call_add(&right, 6), 0);
	actor_peer_close(right.peer, NULL);
	expect_event(&left, ACTOR_PEER_CLOSED_BY_REMOTE, 0);
	assert_int_equal(call_add(&left, 5), ACTOR_E_CLOSED);
}

/* P-01: what others see of it is an actor, whose end is that of the peer. */
static void it_can_be_stopped_by_its_address(void)
{
	struct actor_address *address;

	connect_sides(NULL, NULL);
	address = actor_peer_address(left.peer);
	assert_false(actor_address_handles(address, &add_type));
	assert_true(actor_address_same(address, left.remote.address));
	assert_int_equal(send_note(&left, "before"), 0);
	assert_int_equal(actor_address_stop(address, ACTOR_STOP_DRAIN), 0);
	expect_event(&left, ACTOR_PEER_CLOSED, 0);
	expect_event(&right, ACTOR_PEER_CLOSED_BY_REMOTE, 0);
	expect_ended(&left);
	expect_ended(&right);
	assert_string_equal(right.sum.notes, "before");
	actor_address_unref(address);
}

/* ---- options */

static bool is_closing(void *user, const struct actor_message_type *type, const void *event)
{
	(void)user, (void)type;
	return ((const struct actor_peer_event *)event)->kind == ACTOR_PEER_CLOSED;
}

static void options_that_make_no_sense_are_refused(void)
{
	const struct actor_peer_options wrong[] = {
		{ .size = sizeof wrong[0], .call_timeout_ns = -1 },
		{ .size = sizeof wrong[0], .stall_ns = -1 },
		{ .size = sizeof wrong[0], .grace_ns = -1 },
		{ .size = sizeof wrong[0], .frame_timeout_ns = -1 },
		{ .size = sizeof wrong[0], .idle_timeout_ns = -1 },
		{ .size = sizeof wrong[0], .max_read_bytes = 23 },
		{ .size = sizeof wrong[0], .max_write_bytes = 23 },
	};
	struct actor_transport *a;
	struct actor_peer *peer;

	make_link(&a, &stranger.transport);
	for (size_t i = 0; i < N_ELEMENTS(wrong); i++)
		assert_int_equal(actor_peer_create(a, &wrong[i], &peer), ACTOR_E_INVALID);
	actor_transport_destroy(a);
}

/* SZ-01: so many bytes have a frame without a payload. */
static void the_shortest_frame_may_be_the_longest(void)
{
	const struct actor_peer_options options = { .size = sizeof options,
						    .max_read_bytes = 24,
						    .max_write_bytes = 24 };

	connect_stranger(&options);
	stranger_frame(NOTE_ID, 0, "");
	expect_event(&left, ACTOR_PEER_ERROR, ACTOR_E_DECODE);
	assert_int_equal(send_note(&left, ""), ACTOR_E_TOO_BIG);
	stranger_frame(NOTE_ID, 0, "60");
	expect_event(&left, ACTOR_PEER_ERROR, ACTOR_E_TOO_BIG);
	expect_event(&left, ACTOR_PEER_CLOSED, ACTOR_E_TOO_BIG);
}

/* The name is that of the actor, of events and of remote addresses. */
static void it_has_a_name(void)
{
	char name[] = "london";
	const struct actor_peer_options options = { .size = sizeof options, .name = name };

	connect_stranger(&options);
	name[0] = 'L';
	assert_string_equal(actor_address_name(left.remote.address), "london");
	assert_string_equal(actor_address_info(left.remote.address).type, "remotes");
	actor_peer_close(left.peer, "enough");
	assert_string_equal(expect_event(&left, ACTOR_PEER_CLOSED, 0)->name, "london");
}

/* So that who has several tells them apart. */
static void its_events_and_addresses_have_its_identity(void)
{
	struct actor_identity identity;

	connect_stranger(NULL);
	identity = actor_peer_identity(left.peer);
	assert_non_null(identity.domain);
	assert_true(actor_identity_same(actor_address_identity(left.remote.address), identity));
	actor_peer_close(left.peer, "enough");
	settle();
	assert_true(actor_identity_same(expect_event(&left, ACTOR_PEER_CLOSED, 0)->peer, identity));
	assert_true(actor_identity_same(actor_peer_identity(left.peer), identity));
}

/* P-13. */
static void who_waits_for_the_end_is_told_that_alone(void)
{
	const struct actor_subscribe_options ends = { .size = sizeof ends,
						      .filter = actor_peer_end_filter };
	struct actor_subscription *observers[2];
	struct actor_event event;

	connect_sides(NULL, NULL);
	for (size_t i = 0; i < 2; i++)
		assert_int_equal(actor_observable_subscribe(
					 actor_peer_observable((i ? &right : &left)->peer), &ends,
					 &observers[i]),
				 0);
	actor_services_unregister(right.services.map, &note_type);
	assert_int_equal(send_note(&left, "nobody reads that"), 0);
	settle();
	expect_event(&right, ACTOR_PEER_ERROR, ACTOR_E_UNHANDLED);
	assert_int_equal(actor_subscription_next(context, observers[1], ACTOR_AT_ONCE, &event),
			 ACTOR_E_TIMEOUT);
	actor_peer_close(left.peer, NULL);
	settle();
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(
			actor_subscription_next(context, observers[i], ACTOR_AT_ONCE, &event), 0);
		assert_true(actor_peer_event_is_end(ACTOR_EVENT(actor_peer_event, &event)));
		assert_int_equal(ACTOR_EVENT(actor_peer_event, &event)->kind,
				 i ? ACTOR_PEER_CLOSED_BY_REMOTE : ACTOR_PEER_CLOSED);
		actor_event_drop(&event);
		actor_subscription_destroy(observers[i]);
	}
}

/* P-13. */
static void several_may_observe_with_filters_of_their_own(void)
{
	const struct actor_subscribe_options options = { .size = sizeof options,
							 .filter = is_closing };
	struct actor_subscription *other;
	struct actor_event event;

	connect_stranger(NULL);
	assert_int_equal(
		actor_observable_subscribe(actor_peer_observable(left.peer), &options, &other), 0);
	stranger_frame(0x1234, 0, "05");
	expect_event(&left, ACTOR_PEER_ERROR, ACTOR_E_UNHANDLED);
	actor_peer_close(left.peer, "told to both");
	expect_event(&left, ACTOR_PEER_CLOSED, 0);
	assert_int_equal(actor_subscription_next(context, other, ACTOR_AT_ONCE, &event), 0);
	assert_string_equal(ACTOR_EVENT(actor_peer_event, &event)->text, "told to both");
	actor_event_drop(&event);
	actor_subscription_destroy(other);
}

/* P-14: what a slow one misses, it misses; and one that has gone is not missed. */
static void an_observer_that_does_not_read_holds_nobody_up(void)
{
	const struct actor_subscribe_options one = { .size = sizeof one, .capacity = 1 };
	struct actor_subscription *slow, *gone;
	struct actor_event event;

	connect_stranger(NULL);
	assert_int_equal(actor_observable_subscribe(actor_peer_observable(left.peer), &one, &slow),
			 0);
	assert_int_equal(actor_observable_subscribe(actor_peer_observable(left.peer), &one, &gone),
			 0);
	actor_subscription_destroy(gone);
	for (int i = 0; i < 5; i++)
		stranger_frame(0x1234, 0, "05");
	for (int i = 0; i < 5; i++)
		expect_event(&left, ACTOR_PEER_ERROR, ACTOR_E_UNHANDLED);
	stranger_frame(SHOW_ID, 1, "f6");
	stranger_expect(ACTOR_SERVICE_RESPONSE, 1, "00");
	assert_int_equal(actor_subscription_next(context, slow, ACTOR_AT_ONCE, &event), 0);
	actor_event_drop(&event);
	assert_int_equal(actor_subscription_next(context, slow, ACTOR_AT_ONCE, &event),
			 ACTOR_E_TIMEOUT);
	actor_subscription_destroy(slow);
}

/* ---- another format */

/* As CBOR, with a byte in front of each frame. */
enum { MARK = '#' };

static int marked_length(const struct actor_wire_format *format, const uint8_t *bytes, size_t n,
			 uint64_t *ret_n_frame)
{
	const struct actor_wire_format *cbor = actor_cbor_format();
	int rc;

	(void)format;
	if (n == 0)
		return ACTOR_PENDING;
	rc = bytes[0] == MARK ? cbor->ops->length(cbor, bytes + 1, n - 1, ret_n_frame)
			      : ACTOR_E_PROTOCOL;
	if (rc == 0)
		++*ret_n_frame;
	return rc;
}

static int marked_parse(const struct actor_wire_format *format, const uint8_t *bytes, size_t n,
			struct actor_frame *ret_frame)
{
	const struct actor_wire_format *cbor = actor_cbor_format();

	(void)format;
	return cbor->ops->parse(cbor, bytes + 1, n - 1, ret_frame);
}

static void marked_begin(const struct actor_wire_format *format, struct actor_bytes *bytes,
			 uint64_t service, uint64_t call)
{
	const struct actor_wire_format *cbor = actor_cbor_format();
	const uint8_t mark = MARK;

	(void)format;
	actor_bytes_append(bytes, &mark, 1);
	cbor->ops->begin(cbor, bytes, service, call);
}

static void marked_end(const struct actor_wire_format *format, struct actor_bytes *bytes,
		       size_t start)
{
	const struct actor_wire_format *cbor = actor_cbor_format();

	(void)format;
	cbor->ops->end(cbor, bytes, start + 1);
}

static void marked_readdress(const struct actor_wire_format *format, uint8_t *bytes, size_t n,
			     uint64_t call)
{
	const struct actor_wire_format *cbor = actor_cbor_format();

	(void)format;
	cbor->ops->readdress(cbor, bytes + 1, n - 1, call);
}

static const struct actor_wire_format *marked_format(void)
{
	static struct actor_wire_format_ops ops;
	static const struct actor_wire_format format = { &ops, "marked" };

	ops = *actor_cbor_format()->ops;
	ops.length = marked_length;
	ops.parse = marked_parse;
	ops.begin = marked_begin;
	ops.end = marked_end;
	ops.readdress = marked_readdress;
	return &format;
}

/* W-29: of all that is written and read. */
static void another_format_may_be_used(void)
{
	const struct actor_peer_options options = { .size = sizeof options,
						    .format = marked_format() };
	union others_address other;
	int64_t total = 0;

	connect_sides(&options, &options);
	assert_int_equal(call_add(&left, 5), 0);
	assert_int_equal(send_note(&right, "n"), 0);
	assert_int_equal(call_show(&left, &total), 0);
	assert_int_equal(total, 5);
	settle();
	assert_string_equal(left.sum.notes, "n");
	assert_int_equal(counts_of(&right).n_bytes_read, 1 + 25 + 1 + 25);
	assert_int_equal(others_remote(left.peer, &other), 0);
	assert_int_equal(ACTOR_CALL(context, other, add, NULL, &(struct add){ 1 }),
			 ACTOR_E_REMOTE_UNKNOWN_SERVICE);
	actor_address_unref(other.address);
}

/* W-29: and who uses another is not understood. */
static void both_sides_use_one_format(void)
{
	const struct actor_peer_options options = { .size = sizeof options,
						    .format = marked_format() };

	connect_stranger(&options);
	stranger_frame(SHOW_ID, 1, "f6");
	expect_event(&left, ACTOR_PEER_ERROR, ACTOR_E_PROTOCOL);
	expect_event(&left, ACTOR_PEER_CLOSED, ACTOR_E_PROTOCOL);
	assert_int_equal(stranger.frames[0], MARK);
}

/* Whoever owned it has let go, and a message that came over it still says so. */
static void an_origin_is_an_owner_like_any_other(void)
{
	char *text;

	connect_sides(NULL, NULL);
	settle();
	actor_peer_unref(right.peer);
	right.peer = NULL;
	for (int i = 0; i < 4; i++) {
		struct echo echo = { strdup("x"), { NULL } };

		assert_int_equal(ACTOR_CALL(context, left.remote, echo, &text, &echo), 0);
		free(text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		PEER_TEST(a_call_is_answered_by_the_other_side),
		PEER_TEST(both_sides_may_call),
		PEER_TEST(sends_arrive_in_order),
		PEER_TEST(answers_come_in_any_order),
		PEER_TEST(messages_pass_while_calls_wait),
		PEER_TEST(texts_travel_and_say_where_they_come_from),
		PEER_TEST(what_is_sent_before_the_start_is_sent_then),
		PEER_TEST(one_that_was_never_started_goes_with_its_owners),
		PEER_TEST(one_that_was_never_started_can_be_closed),
		PEER_TEST(a_peer_lives_as_long_as_its_connection),
		PEER_TEST(it_can_be_stopped_by_its_address),
		PEER_TEST(options_that_make_no_sense_are_refused),
		PEER_TEST(the_shortest_frame_may_be_the_longest),
		PEER_TEST(it_has_a_name),
		PEER_TEST(an_origin_is_an_owner_like_any_other),
		PEER_TEST(its_events_and_addresses_have_its_identity),
		PEER_TEST(who_waits_for_the_end_is_told_that_alone),
		PEER_TEST(several_may_observe_with_filters_of_their_own),
		PEER_TEST(an_observer_that_does_not_read_holds_nobody_up),
		PEER_TEST(another_format_may_be_used),
		PEER_TEST(both_sides_use_one_format),
	};

	return cmocka_run_group_tests_name("peer", tests, NULL, NULL);
}
