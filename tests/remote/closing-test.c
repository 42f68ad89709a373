/* SPDX-License-Identifier: MIT */

/* How peers come to their end: what is still written, answered and delivered, and what is told. */

#include "peer-fixture.h"
#include "unopened.h"

#include "peer.h"

#define SECOND INT64_C(1000000000)

static const struct actor_peer_options with_grace = { .size = sizeof with_grace,
						      .grace_ns = 10 * SECOND };
static const struct actor_peer_options without_grace = { .size = sizeof without_grace,
							 .grace_ns = 1 };

/* ---- telling */

/* P-15, P-16, P-23, P-24, CC-01, CC-04, CC-06, CC-11. */
static void each_side_is_told_once(void)
{
	connect_sides(NULL, NULL);
	actor_peer_close(left.peer, "enough");
	actor_peer_close(left.peer, "really");
	assert_string_equal(expect_event(&left, ACTOR_PEER_CLOSED, 0)->text, "enough");
	expect_event(&right, ACTOR_PEER_CLOSED_BY_REMOTE, 0);
	expect_ended(&left);
	expect_ended(&right);
	actor_peer_close(left.peer, "after the end");
}

/* P-24: so whoever closes it, and is held up after that, does not come too late to tell. */
static void it_tells_by_itself_why_it_closes(void)
{
	struct actor_event event;

	connect_sides(NULL, NULL);
	settle();
	actor_peer_close(left.peer, "enough");
	assert_int_equal(actor_subscription_next(context, left.events, ACTOR_AT_ONCE, &event),
			 ACTOR_E_TIMEOUT);
	assert_string_equal(expect_event(&left, ACTOR_PEER_CLOSED, 0)->text, "enough");
}

/* P-24, G-05: also when both close at the same time; nobody waits for the grace to end. */
static void each_side_is_told_once_when_both_close(void)
{
	connect_sides(&with_grace, &with_grace);
	actor_peer_close(left.peer, NULL);
	actor_peer_close(right.peer, NULL);
	expect_event(&left, ACTOR_PEER_CLOSED, 0);
	expect_event(&right, ACTOR_PEER_CLOSED, 0);
	expect_ended(&left);
	expect_ended(&right);
}

static void expect_refusal(struct side *side)
{
	assert_int_equal(call_add(side, 1), ACTOR_E_CLOSED);
	assert_int_equal(send_note(side, "late"), ACTOR_E_CLOSED);
}

/* CC-07, CC-08, P-22: by whichever side that was, and however far it has come. */
static void nothing_is_accepted_after_that(void)
{
	struct caller caller;

	connect_sides(&with_grace, &with_grace);
	right.sum.slow = true;
	begin_add(&caller, &left, 1);
	settle();
	actor_peer_close(right.peer, NULL);
	expect_refusal(&right);
	assert_int_equal(actor_peer_join(context, right.peer, ACTOR_AT_ONCE), ACTOR_E_TIMEOUT);
	assert_true(sum_answer(&right.sum));
	settle();
	assert_int_equal(end_add(&caller), 0);
	expect_event(&left, ACTOR_PEER_CLOSED_BY_REMOTE, 0);
	expect_refusal(&left);
	assert_int_equal(actor_peer_join(context, right.peer, ACTOR_AT_ONCE), 0);
	expect_refusal(&right);
	assert_int_equal(right.sum.n_notes + left.sum.n_notes, 0);
}

/* ---- what was accepted */

/* CC-02: before the direction is closed. */
static void what_was_accepted_is_written(void)
{
	connect_sides(NULL, NULL);
	for (int i = 0; i < 100; i++)
		assert_int_equal(send_note(&left, "n"), 0);
	actor_peer_close(left.peer, NULL);
	assert_int_equal(send_note(&left, "late"), ACTOR_E_CLOSED);
	settle();
	assert_int_equal(right.sum.n_notes, 100);
	expect_event(&left, ACTOR_PEER_CLOSED, 0);
	expect_ended(&left);
}

/* W-21: more than the transport takes at once. */
static void much_that_was_accepted_is_written(void)
{
	static char text[300001];

	memset(text, 't', sizeof text - 1);
	connect_sides(NULL, NULL);
	for (int i = 0; i < 3; i++)
		assert_int_equal(send_note(&left, text), 0);
	actor_peer_close(left.peer, NULL);
	settle();
	assert_int_equal(right.sum.n_notes, 3);
	expect_event(&left, ACTOR_PEER_CLOSED, 0);
	expect_ended(&left);
}

/* CC-05, W-22: at once, also when this side waits for its grace. */
static void the_direction_is_closed_at_once(void)
{
	connect_stranger(&with_grace);
	assert_int_equal(send_note(&left, "x"), 0);
	actor_peer_close(left.peer, NULL);
	stranger_expect(NOTE_ID, 0, "6178");
	assert_int_equal(stranger.ended, 1);
	assert_int_equal(stranger.status, 0);
}

/* CC-05: the other side's end is awaited for the grace. */
static void the_end_of_the_other_side_is_awaited(void)
{
	connect_stranger(&with_grace);
	actor_peer_close(left.peer, NULL);
	pass_ns(9 * SECOND);
	assert_int_equal(actor_peer_join(context, left.peer, ACTOR_AT_ONCE), ACTOR_E_TIMEOUT);
	actor_transport_shutdown(stranger.transport);
	settle();
	expect_event(&left, ACTOR_PEER_CLOSED, 0);
	expect_ended(&left);
}

/* E-17: that there is none is no error, when all that was accepted had been written. */
static void a_loss_while_it_closes_is_told_no_more(void)
{
	connect_stranger(&with_grace);
	settle();
	actor_transport_read(stranger.transport, false);
	assert_int_equal(send_note(&left, "x"), 0);
	actor_peer_close(left.peer, NULL);
	expect_event(&left, ACTOR_PEER_CLOSED, 0);
	assert_int_equal(actor_peer_join(context, left.peer, ACTOR_AT_ONCE), ACTOR_E_TIMEOUT);
	actor_transport_destroy(stranger.transport); /* with what it has not read */
	stranger.transport = NULL;
	settle();
	expect_ended(&left);
}

static void the_end_of_the_other_side_is_not_awaited_for_ever(void)
{
	connect_stranger(&with_grace);
	actor_peer_close(left.peer, NULL);
	pass_ns(11 * SECOND);
	assert_int_equal(actor_peer_join(context, left.peer, ACTOR_AT_ONCE), 0);
}

static void without_grace_it_is_not_awaited(void)
{
	connect_stranger(&without_grace);
	assert_int_equal(send_note(&left, "x"), 0);
	actor_peer_close(left.peer, NULL);
	settle();
	assert_int_equal(actor_peer_join(context, left.peer, ACTOR_AT_ONCE), 0);
	stranger_expect(NOTE_ID, 0, "6178");
}

/* G-07. */
static void the_grace_is_a_second_unless_something_else_is_said(void)
{
	connect_stranger(NULL);
	actor_peer_close(left.peer, NULL);
	pass_ns(SECOND - 10000000);
	assert_int_equal(actor_peer_join(context, left.peer, ACTOR_AT_ONCE), ACTOR_E_TIMEOUT);
	pass_ns(20000000);
	assert_int_equal(actor_peer_join(context, left.peer, ACTOR_AT_ONCE), 0);
}

/* Much that a stranger does not take. */
static void write_in_vain(const struct actor_peer_options *options)
{
	static char text[300001];

	memset(text, 't', sizeof text - 1);
	connect_stranger(options);
	settle();
	actor_transport_read(stranger.transport, false);
	assert_int_equal(send_note(&left, text), 0);
	settle();
}

/* A stranger that takes nothing keeps it no longer than others; what was accepted is missed. */
static void it_ends_when_nothing_can_be_written(void)
{
	const struct actor_peer_event *event;

	write_in_vain(&with_grace);
	pass_ns(5 * SECOND);
	actor_peer_close(left.peer, NULL);
	pass_ns(9 * SECOND);
	assert_int_equal(actor_peer_join(context, left.peer, ACTOR_AT_ONCE), ACTOR_E_TIMEOUT);
	pass_ns(2 * SECOND);
	expect_event(&left, ACTOR_PEER_CLOSED, 0);
	event = expect_event(&left, ACTOR_PEER_ERROR, ACTOR_E_DISCONNECTED);
	assert_non_null(strstr(event->text, "were not written"));
	expect_ended(&left);
}

/* Who still has a peer that has ended, or its address, does not keep what was in its buffers. */
static void the_end_lets_go_of_buffers(void)
{
	write_in_vain(NULL);
	stranger_write("\x40\0\0\0\0\0\0\0", 8); /* the beginning of a frame */
	assert_int_equal(left.peer->incoming.bytes.n, 8);
	actor_peer_close(left.peer, NULL);
	pass_ns(2 * SECOND);
	assert_int_equal(actor_peer_join(context, left.peer, ACTOR_AT_ONCE), 0);
	assert_null(left.peer->incoming.bytes.data);
	assert_null(left.peer->outbox.filling.data);
	assert_null(left.peer->outbox.writing.data);
}

/* But that a connection is lost says it all. */
static void what_is_lost_with_the_connection_is_not_told(void)
{
	write_in_vain(NULL);
	actor_transport_destroy(stranger.transport);
	stranger.transport = NULL;
	expect_event(&left, ACTOR_PEER_CLOSED_BY_REMOTE, ACTOR_E_SYSTEM);
	expect_ended(&left);
}

/* As when it was the other side that has closed. */
static void it_ends_when_nothing_can_be_written_to_who_has_closed(void)
{
	write_in_vain(NULL);
	actor_transport_read(stranger.transport, true);
	stranger.most = 1;
	actor_transport_shutdown(stranger.transport);
	expect_event(&left, ACTOR_PEER_CLOSED_BY_REMOTE, 0);
	pass_ns(2 * SECOND);
	expect_event(&left, ACTOR_PEER_ERROR, ACTOR_E_DISCONNECTED);
	expect_ended(&left);
}

/* One that takes it slowly gets all. */
static void what_was_accepted_is_written_as_long_as_it_moves(void)
{
	unsigned n = 0;

	write_in_vain(NULL);
	actor_peer_close(left.peer, NULL);
	for (stranger.most = 20000; n < 100 && !stranger.ended; n++) {
		stranger.n_frames = 0;
		actor_transport_read(stranger.transport, true);
		pass_ns(SECOND / 5);
	}
	assert_true(stranger.ended);
	assert_in_range(n, 8, 99); /* fifths of a second */
	assert_int_equal(stranger.status, 0);
	assert_int_equal(counts_of(&left).n_bytes_written, 24 + 5 + 300000);
	pass_ns(2 * SECOND);
	expect_event(&left, ACTOR_PEER_CLOSED, 0);
	expect_ended(&left);
}

/* Before it was started there was nobody to write it. */
static void what_one_that_was_not_started_has_accepted_is_missed(void)
{
	struct actor_transport *a;

	make_link(&a, &stranger.transport);
	side_open(&left, a, NULL);
	assert_int_equal(send_note(&left, "x"), 0);
	actor_peer_close(left.peer, NULL);
	expect_event(&left, ACTOR_PEER_CLOSED, 0);
	expect_event(&left, ACTOR_PEER_ERROR, ACTOR_E_DISCONNECTED);
	expect_ended(&left);
}

/* Nor does the end of who never was there matter, but for what is still to be written to him. */
static void one_that_has_not_opened_is_not_awaited(void)
{
	bool writes = actor_simulation_choose(executor, 2);
	struct unopened unopened;

	unopened_init(&unopened, executor);
	unopened.takes = actor_simulation_choose(executor, 2);
	side_open(&left, &unopened.transport, &with_grace);
	assert_int_equal(actor_peer_start(left.peer), 0);
	if (writes)
		assert_int_equal(send_note(&left, "x"), 0);
	settle();
	actor_peer_close(left.peer, NULL);
	expect_event(&left, ACTOR_PEER_CLOSED, 0);
	assert_true(unopened.destroyed == !writes);
	if (writes)
		pass_ns(11 * SECOND);
	if (writes && !unopened.takes)
		expect_event(&left, ACTOR_PEER_ERROR, ACTOR_E_DISCONNECTED);
	expect_ended(&left);
}

/* ---- calls that came */

/* G-04: the grace is for those that are being handled. */
static void calls_in_hand_are_answered_within_the_grace(void)
{
	connect_stranger(&with_grace);
	left.sum.slow = true;
	stranger_frame(ADD_ID, 1, "01");
	actor_peer_close(left.peer, NULL);
	pass_ns(5 * SECOND);
	assert_int_equal(stranger.ended, 0);
	assert_true(sum_answer(&left.sum));
	stranger_expect(ACTOR_SERVICE_RESPONSE, 1, "f6");
	assert_int_equal(stranger.ended, 1);
	stranger_expect_nothing();
}

/* G-04: also when it is the other side that has closed: its direction, and no more. */
static void calls_in_hand_are_answered_when_the_other_side_has_closed(void)
{
	connect_stranger(&with_grace);
	left.sum.slow = true;
	stranger_frame(ADD_ID, 1, "01");
	actor_transport_shutdown(stranger.transport);
	expect_event(&left, ACTOR_PEER_CLOSED_BY_REMOTE, 0);
	pass_ns(5 * SECOND);
	assert_int_equal(stranger.ended, 0);
	assert_true(sum_answer(&left.sum));
	stranger_expect(ACTOR_SERVICE_RESPONSE, 1, "f6");
	assert_int_equal(stranger.ended, 1);
	assert_int_equal(stranger.status, 0);
	expect_ended(&left);
}

/* PC-05, G-02: after it their answers are dropped, and nothing is left of them. */
static void calls_in_hand_are_not_answered_after_the_grace(void)
{
	connect_stranger(&with_grace);
	left.sum.slow = true;
	stranger_frame(ADD_ID, 1, "01");
	actor_peer_close(left.peer, NULL);
	pass_ns(11 * SECOND);
	assert_int_equal(stranger.ended, 1);
	assert_true(sum_answer(&left.sum));
	stranger_expect_nothing();
	assert_int_equal(counts_of(&left).n_serving, 0);
}

/* CC-09, BP-14: those that come later are refused, as long as one can. */
static void calls_that_come_later_are_refused(void)
{
	connect_stranger(&with_grace);
	left.sum.slow = true;
	stranger_frame(ADD_ID, 1, "01");
	actor_peer_close(left.peer, NULL);
	stranger_frame(ADD_ID, 2, "01");
	stranger_expect_error(ACTOR_WIRE_INTERNAL_SERVER_ERROR, ADD_ID, 2);
	assert_int_equal(left.sum.total, 1);
	assert_true(sum_answer(&left.sum));
	stranger_expect(ACTOR_SERVICE_RESPONSE, 1, "f6");
	stranger_frame(ADD_ID, 3, "01"); /* this direction is closed */
	stranger_expect_nothing();
}

/* CC-09, PR-04: so are those that wait for a permit. */
static void calls_that_are_held_are_refused(void)
{
	const struct actor_peer_options options = { .size = sizeof options,
						    .n_permits = 1,
						    .grace_ns = 10 * SECOND };

	connect_stranger(&options);
	left.sum.slow = true;
	stranger_frame(ADD_ID, 1, "01");
	stranger_frame(ADD_ID, 2, "01");
	assert_int_equal(counts_of(&left).n_held, 1);
	actor_peer_close(left.peer, NULL);
	stranger_expect_error(ACTOR_WIRE_INTERNAL_SERVER_ERROR, ADD_ID, 2);
	assert_int_equal(counts_of(&left).n_held, 0);
}

/* PC-05, C-05: an actor may look whether anybody still waits. */
static void a_handler_can_see_that_the_connection_has_gone(void)
{
	connect_stranger(NULL);
	left.sum.slow = true;
	stranger_frame(ADD_ID, 1, "01");
	assert_false(add_reply_abandoned(&left.sum.kept[0].add));
	actor_transport_shutdown(stranger.transport);
	expect_event(&left, ACTOR_PEER_CLOSED_BY_REMOTE, 0);
	pass_ns(2 * SECOND);
	expect_ended(&left);
	assert_true(add_reply_abandoned(&left.sum.kept[0].add));
	assert_int_equal(add_reply_answer(&left.sum.kept[0].add, ACTOR_UNIT), ACTOR_E_ABANDONED);
}

/* ---- sends that came */

/* CC-10, G-02, G-03: what had come before is delivered, in order, within the grace. */
static void sends_that_had_come_are_delivered(void)
{
	left.options.capacity = 2;
	connect_stranger(&with_grace);
	left.sum.blocks_until_ns = actor_now(context) + 5 * SECOND;
	for (int i = 0; i < 6; i++)
		stranger_frame(NOTE_ID, 0, i % 2 ? "6162" : "6161");
	assert_int_equal(counts_of(&left).n_held, 3);
	actor_transport_shutdown(stranger.transport);
	settle();
	assert_int_equal(actor_peer_join(context, left.peer, ACTOR_AT_ONCE), ACTOR_E_TIMEOUT);
	pass_ns(5 * SECOND);
	assert_string_equal(left.sum.notes, "ababab");
	expect_event(&left, ACTOR_PEER_CLOSED_BY_REMOTE, 0);
	expect_ended(&left);
}

/* G-01: what cannot be is dropped, and that is told. */
static void sends_that_cannot_be_delivered_are_told(void)
{
	left.options.capacity = 2;
	connect_stranger(&without_grace);
	left.sum.blocks_until_ns = actor_now(context) + 5 * SECOND;
	for (int i = 0; i < 5; i++)
		stranger_frame(NOTE_ID, 0, "6161");
	assert_int_equal(counts_of(&left).n_held, 2);
	actor_transport_shutdown(stranger.transport);
	expect_event(&left, ACTOR_PEER_CLOSED_BY_REMOTE, 0);
	expect_event(&left, ACTOR_PEER_ERROR, ACTOR_E_CLOSED);
	expect_event(&left, ACTOR_PEER_ERROR, ACTOR_E_CLOSED);
	expect_ended(&left);
	pass_ns(5 * SECOND);
	assert_string_equal(left.sum.notes, "aaa");
}

/* CC-10: those that come while this side closes are delivered, too, if there is room. */
static void sends_are_delivered_while_it_closes(void)
{
	connect_stranger(NULL);
	actor_peer_close(left.peer, NULL);
	stranger_frame(NOTE_ID, 0, "6161");
	assert_string_equal(left.sum.notes, "a");
	actor_transport_shutdown(stranger.transport);
	expect_event(&left, ACTOR_PEER_CLOSED, 0);
	expect_ended(&left);
}

/* CC-10, G-01: but not when what came before them has been dropped: the call keeps this side, which
 * then could serve them, until the grace is over, and from then on the other side's end is awaited.
 */
static void what_comes_after_what_was_dropped_is_not_served(void)
{
	left.options.capacity = 2;
	connect_stranger(&with_grace);
	left.sum.slow = true;
	stranger_frame(ADD_ID, 1, "01");
	left.sum.blocks_until_ns = actor_now(context) + 12 * SECOND;
	for (int i = 0; i < 5; i++)
		stranger_frame(NOTE_ID, 0, "6161");
	assert_int_equal(counts_of(&left).n_held, 2);
	actor_peer_close(left.peer, NULL);
	expect_event(&left, ACTOR_PEER_CLOSED, 0);
	pass_ns(11 * SECOND);
	expect_event(&left, ACTOR_PEER_ERROR, ACTOR_E_CLOSED);
	expect_event(&left, ACTOR_PEER_ERROR, ACTOR_E_CLOSED);
	pass_ns(2 * SECOND);
	assert_string_equal(left.sum.notes, "aaa");
	assert_int_equal(actor_peer_join(context, left.peer, ACTOR_AT_ONCE), ACTOR_E_TIMEOUT);
	stranger_frame(NOTE_ID, 0, "6162");
	settle();
	assert_string_equal(left.sum.notes, "aaa");
	assert_true(sum_answer(&left.sum));
	pass_ns(10 * SECOND);
	expect_ended(&left);
}

/* ---- harder ends */

/* PC-04. */
static void the_executor_may_close(void)
{
	struct caller caller;

	connect_sides(NULL, NULL);
	right.sum.slow = true;
	begin_add(&caller, &left, 1);
	settle();
	actor_executor_close(executor);
	settle();
	assert_int_equal(end_add(&caller), ACTOR_E_DISCONNECTED);
	expect_event(&left, ACTOR_PEER_CLOSED, ACTOR_E_CANCELLED);
	expect_ended(&left);
}

/* E-11: there is nothing else that could refuse it. */
static void the_executor_may_be_closed_already(void)
{
	struct actor_transport *a;

	make_link(&a, &stranger.transport);
	side_open(&left, a, NULL);
	actor_executor_close(executor);
	assert_int_equal(actor_peer_start(left.peer), ACTOR_E_CLOSED);
	actor_peer_close(left.peer, NULL);
	expect_event(&left, ACTOR_PEER_CLOSED, 0);
	expect_ended(&left);
}

/* Also before it was started. */
static void one_that_is_stopped_before_it_is_started_ends(void)
{
	struct actor_address *address;
	struct actor_transport *a;

	make_link(&a, &stranger.transport);
	side_open(&left, a, NULL);
	address = actor_peer_address(left.peer);
	assert_int_equal(actor_address_stop(address, ACTOR_STOP_NOW), 0);
	assert_string_equal(expect_event(&left, ACTOR_PEER_CLOSED, 0)->text, "stopped");
	expect_ended(&left);
	assert_int_equal(actor_peer_start(left.peer), ACTOR_E_CLOSED);
	actor_address_unref(address);
}

/* Or in the same moment. */
static void one_that_is_stopped_while_it_is_started_ends(void)
{
	struct actor_address *address;
	struct actor_transport *a;
	int rc;

	make_link(&a, &stranger.transport);
	side_open(&left, a, NULL);
	address = actor_peer_address(left.peer);
	assert_int_equal(actor_address_stop(address, ACTOR_STOP_DRAIN), 0);
	if (actor_simulation_choose(executor, 2))
		settle();
	rc = actor_peer_start(left.peer);
	assert_true(rc == 0 || rc == ACTOR_E_CLOSED);
	expect_event(&left, ACTOR_PEER_CLOSED, 0);
	pass_ns(2 * SECOND);
	expect_ended(&left);
	actor_address_unref(address);
}

/* In place of the runner's mailbox: it cannot be started, and somebody closes the peer just
 * then. */
static struct actor_mailbox *real_mailbox;

static int fail_to_start(struct actor_mailbox *mailbox, void *state, actor_end_fn *on_end,
			 void *user)
{
	(void)mailbox, (void)state, (void)on_end, (void)user;
	actor_peer_close(left.peer, "meanwhile");
	return ACTOR_E_NOMEM;
}

static void cancel_real(struct actor_mailbox *mailbox)
{
	(void)mailbox;
	actor_mailbox_cancel(real_mailbox);
}

static void detach_real(struct actor_mailbox *mailbox)
{
	(void)mailbox;
	actor_mailbox_detach(real_mailbox);
}

static const struct actor_mailbox_ops failing_ops = {
	.size = sizeof failing_ops,
	.start = fail_to_start,
	.cancel = cancel_real,
	.detach = detach_real,
};

/* Nobody waits for the end of one that could not be started while it was closed. */
static void one_that_is_closed_while_it_cannot_be_started_ends(void)
{
	struct actor_mailbox failing = { &failing_ops };
	struct actor_transport *a;

	make_link(&a, &stranger.transport);
	side_open(&left, a, NULL);
	real_mailbox = left.peer->runner;
	left.peer->runner = &failing;
	assert_int_equal(actor_peer_start(left.peer), ACTOR_E_NOMEM);
	assert_string_equal(expect_event(&left, ACTOR_PEER_CLOSED, 0)->text, "meanwhile");
	expect_ended(&left);
	assert_int_equal(actor_peer_start(left.peer), ACTOR_E_CLOSED);
}

/* SM-10: what it serves is let go when it ends. */
static void the_end_lets_go_of_what_was_served(void)
{
	connect_sides(NULL, NULL);
	actor_address_unref(right.address.address);
	right.address.address = NULL;
	actor_service_map_unref(right.services.map);
	right.services.map = NULL;
	assert_int_equal(call_add(&left, 1), 0);
	assert_int_equal(actor_mailbox_join(context, right.mailbox.mailbox, ACTOR_AT_ONCE, NULL),
			 ACTOR_E_TIMEOUT);
	actor_peer_close(right.peer, NULL); /* CC-02: after all else */
	settle();
	assert_int_equal(actor_mailbox_join(context, right.mailbox.mailbox, ACTOR_AT_ONCE, NULL),
			 0);
}

/* CC-03, P-25: several may wait, and give up. */
static void the_end_can_be_waited_for(void)
{
	connect_sides(NULL, NULL);
	assert_int_equal(actor_peer_join(context, left.peer, actor_deadline_after(context, SECOND)),
			 ACTOR_E_TIMEOUT);
	actor_peer_close(left.peer, NULL);
	assert_int_equal(actor_peer_join(context, left.peer, ACTOR_FOREVER), 0);
	assert_int_equal(actor_peer_join(context, right.peer, ACTOR_FOREVER), 0);
}

/* Its runner may just be letting others go first, and what it waits for be dropped. */
static void who_is_stopped_while_it_is_busy_ends(void)
{
	struct actor_peer_options options = { .size = sizeof options, .n_permits = 1 };
	struct actor_address *address;
	int64_t total;

	connect_stranger(&options);
	settle();
	address = actor_peer_address(left.peer);
	left.sum.slow = true;
	stranger_frame(ADD_ID, 1, "05");
	for (unsigned i = 0; i < 10; i++)
		stranger_frame(ADD_ID, 2 + i, "61ff");
	settle();
	assert_true(sum_answer(&left.sum));
	for (size_t i = actor_simulation_choose(executor, 12); i > 0; i--)
		assert_int_equal(
			ACTOR_CALL(context, left.address, show, &total, &(struct show){ 0 }), 0);
	assert_int_equal(actor_address_stop(address, ACTOR_STOP_NOW), 0);
	pass_ns(100 * SECOND);
	assert_int_equal(actor_peer_join(context, left.peer, ACTOR_AT_ONCE), 0);
	actor_address_unref(address);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		PEER_TEST(each_side_is_told_once),
		PEER_TEST(each_side_is_told_once_when_both_close),
		PEER_TEST(it_tells_by_itself_why_it_closes),
		PEER_TEST(nothing_is_accepted_after_that),
		PEER_TEST(what_was_accepted_is_written),
		PEER_TEST(much_that_was_accepted_is_written),
		PEER_TEST(the_direction_is_closed_at_once),
		PEER_TEST(the_end_of_the_other_side_is_awaited),
		PEER_TEST(a_loss_while_it_closes_is_told_no_more),
		PEER_TEST(the_end_of_the_other_side_is_not_awaited_for_ever),
		PEER_TEST(without_grace_it_is_not_awaited),
		PEER_TEST(the_grace_is_a_second_unless_something_else_is_said),
		PEER_TEST(it_ends_when_nothing_can_be_written),
		PEER_TEST(the_end_lets_go_of_buffers),
		PEER_TEST(what_is_lost_with_the_connection_is_not_told),
		PEER_TEST(it_ends_when_nothing_can_be_written_to_who_has_closed),
		PEER_TEST(what_was_accepted_is_written_as_long_as_it_moves),
		PEER_TEST(what_one_that_was_not_started_has_accepted_is_missed),
		SIMULATED_TEST(one_that_has_not_opened_is_not_awaited),
		PEER_TEST(calls_in_hand_are_answered_within_the_grace),
		PEER_TEST(calls_in_hand_are_answered_when_the_other_side_has_closed),
		PEER_TEST(calls_in_hand_are_not_answered_after_the_grace),
		PEER_TEST(calls_that_come_later_are_refused),
		PEER_TEST(calls_that_are_held_are_refused),
		PEER_TEST(a_handler_can_see_that_the_connection_has_gone),
		PEER_TEST(sends_that_had_come_are_delivered),
		PEER_TEST(sends_that_cannot_be_delivered_are_told),
		PEER_TEST(sends_are_delivered_while_it_closes),
		PEER_TEST(what_comes_after_what_was_dropped_is_not_served),
		PEER_TEST(the_executor_may_close),
		PEER_TEST(the_executor_may_be_closed_already),
		PEER_TEST(one_that_is_stopped_before_it_is_started_ends),
		PEER_TEST(one_that_is_stopped_while_it_is_started_ends),
		PEER_TEST(one_that_is_closed_while_it_cannot_be_started_ends),
		PEER_TEST(the_end_lets_go_of_what_was_served),
		PEER_TEST(the_end_can_be_waited_for),
		PEER_TEST(who_is_stopped_while_it_is_busy_ends),
	};

	return cmocka_run_group_tests_name("closing", tests, NULL, NULL);
}
