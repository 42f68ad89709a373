/* SPDX-License-Identifier: MIT */

/* Frames that cannot be served at once: held in order, within bounds, and never for ever. */

#include "peer-fixture.h"
#include "peer.h"

#include <actor-remote/network.h>

#define SECOND INT64_C(1000000000)

/* Messages take until then, and the mailbox has room for one. */
static void connect_to_busy(const struct actor_peer_options *options, int64_t busy_ns)
{
	left.options.capacity = 1;
	connect_stranger(options);
	left.sum.blocks_until_ns = actor_now(context) + busy_ns;
}

static void connect_flood(const struct actor_peer_options *options)
{
	connect_to_busy(options, 3600 * SECOND);
	for (int i = 0; i < 6; i++)
		stranger_frame(NOTE_ID, 0, "6161");
}

/* ---- order */

/* P-09, SM-12. */
static void sends_are_held_in_order(void)
{
	connect_to_busy(NULL, 5 * SECOND);
	for (int i = 0; i < 9; i++) {
		char payload[] = "6161";

		payload[3] = (char)('1' + i);
		stranger_frame(NOTE_ID, 0, payload);
	}
	assert_int_equal(counts_of(&left).n_held, 7);
	assert_true(counts_of(&left).n_held_bytes >= 7 * 26);
	pass_ns(6 * SECOND);
	assert_string_equal(left.sum.notes, "abcdefghi");
	assert_int_equal(counts_of(&left).n_held, 0);
	assert_int_equal(counts_of(&left).n_held_bytes, 0);
	expect_no_event(&left);
}

/* OR-01, OR-03: of several services of one actor, too: what is asked last is what was added. */
static void messages_to_one_actor_keep_their_order(void)
{
	connect_to_busy(NULL, 5 * SECOND);
	for (uint64_t i = 1; i <= 5; i++) {
		stranger_frame(NOTE_ID, 0, "6161");
		stranger_frame(ADD_ID, 0, "01");
		stranger_frame(SHOW_ID, i, "f6");
	}
	pass_ns(6 * SECOND);
	for (uint64_t i = 1; i <= 5; i++) {
		char total[] = "00";

		total[1] = (char)('0' + i);
		stranger_expect(ACTOR_SERVICE_RESPONSE, i, total);
	}
}

static void they_do_by_services_that_were_cloned(void)
{
	struct actor_service_map *clone;

	connect_to_busy(NULL, 5 * SECOND);
	assert_int_equal(actor_services_clone(left.services.map, &clone), 0);
	actor_peer_withdraw(left.peer, left.services.map);
	assert_int_equal(actor_peer_serve(left.peer, clone), 0);
	actor_service_map_unref(clone);
	for (int i = 0; i < 5; i++)
		stranger_frame(ADD_ID, 0, "01");
	stranger_frame(SHOW_ID, 1, "f6");
	pass_ns(6 * SECOND);
	stranger_expect(ACTOR_SERVICE_RESPONSE, 1, "05");
}

/* P-09, P-10: nobody waits for another actor's room. */
static void actors_do_not_wait_for_each_other(void)
{
	struct sum other = { 0 };
	union sum_address address;

	connect_to_busy(NULL, 5 * SECOND);
	assert_int_equal(ACTOR_SPAWN(sum, actor_executor_spawner(executor), &other, NULL, &address),
			 0);
	assert_int_equal(ACTOR_SERVE(remotes, left.services, add, address), 0);
	for (int i = 0; i < 5; i++)
		stranger_frame(NOTE_ID, 0, "6161");
	stranger_frame(ADD_ID, 1, "01");
	stranger_expect(ACTOR_SERVICE_RESPONSE, 1, "f6");
	assert_int_equal(other.total, 1);
	assert_int_equal(counts_of(&left).n_held, 3);
	actor_address_unref(address.address);
	actor_services_unregister(left.services.map, &add_type);
	settle();
	assert_int_equal(other.destroyed, 1);
}

static void ask_shows(unsigned n)
{
	for (unsigned i = 1; i <= n; i++)
		stranger_frame(SHOW_ID, i, "f6");
}

static void expect_shows(unsigned first, unsigned n)
{
	for (unsigned i = first; i < first + n; i++)
		stranger_expect(ACTOR_SERVICE_RESPONSE, i, "00");
}

/* A small mailbox does not mean small writes. */
static void answers_of_what_was_held_are_written_together(void)
{
	connect_to_busy(NULL, 5 * SECOND);
	ask_shows(50);
	pass_ns(6 * SECOND);
	expect_shows(1, 50);
	assert_in_range(stranger.n_reads, 1, 10);
}

/* But none waits for another that takes long. */
static void answers_do_not_wait_for_those_that_take_long(void)
{
	connect_to_busy(NULL, 0);
	left.sum.takes_ns = SECOND;
	ask_shows(10);
	for (unsigned i = 1; i <= 10; i++) {
		pass_ns(SECOND);
		expect_shows(i, 1);
		stranger_expect_nothing();
	}
}

/* Whoever serves may be replaced meanwhile: then it is the other one's. */
static void what_is_held_goes_to_whoever_serves_then(void)
{
	struct sum other = { 0 };
	union sum_address address;

	connect_to_busy(NULL, 5 * SECOND);
	for (int i = 0; i < 4; i++)
		stranger_frame(NOTE_ID, 0, "6161");
	assert_int_equal(ACTOR_SPAWN(sum, actor_executor_spawner(executor), &other, NULL, &address),
			 0);
	assert_int_equal(ACTOR_SERVE(remotes, left.services, note, address), 0);
	pass_ns(6 * SECOND);
	assert_int_equal(left.sum.n_notes, 2);
	assert_int_equal(other.n_notes, 2);
	actor_address_unref(address.address);
	actor_services_unregister(left.services.map, &note_type);
	settle();
	assert_int_equal(other.destroyed, 1);
}

/* Also if that one has no room either. */
static void what_is_held_stands_in_one_line_only(void)
{
	static struct sum other;
	union sum_address address;

	other = (struct sum){ 0 };
	connect_to_busy(NULL, 5 * SECOND);
	other.blocks_until_ns = left.sum.blocks_until_ns + 5 * SECOND;
	for (int i = 0; i < 5; i++)
		stranger_frame(NOTE_ID, 0, "6161");
	assert_int_equal(ACTOR_SPAWN(sum, actor_executor_spawner(executor), &other,
				     ACTOR_OPTIONS(.capacity = 1), &address),
			 0);
	assert_int_equal(ACTOR_SERVE(remotes, left.services, note, address), 0);
	pass_ns(6 * SECOND);
	assert_int_equal(left.sum.n_notes, 2);
	assert_int_equal(other.n_notes, 0);
	assert_int_equal(counts_of(&left).n_held, 1);
	/* The first one's room is anybody's. */
	assert_int_equal(actor_try_send(left.address.address, &note_type, &(struct note){ NULL }),
			 0);
	pass_ns(6 * SECOND);
	assert_int_equal(other.n_notes, 3);
	assert_int_equal(left.sum.n_notes, 3);
	actor_address_unref(address.address);
	actor_services_unregister(left.services.map, &note_type);
	settle();
	assert_int_equal(other.destroyed, 1);
}

static void not_told(struct actor_waiter *waiter)
{
	(void)waiter;
}

/* Somebody here, who waits for room until he gets it. */
static int post_when_granted(struct actor_waiter *waiter, struct note *note)
{
	return waiter->granted
		       ? actor_address_post(left.address.address, &note_type, note, NULL, waiter)
		       : ACTOR_E_FULL;
}

/* OR-01. Another service is somebody else's: who serves this one is looked up, and is the same. */
static void what_is_held_keeps_its_place(void)
{
	struct note note = { strdup("z") };
	struct actor_waiter waiter;
	int rc;

	actor_waiter_init(&waiter, not_told);
	connect_to_busy(NULL, 0);
	left.sum.takes_ns = SECOND;
	stranger_frame(NOTE_ID, 0, "6161");
	stranger_frame(NOTE_ID, 0, "6162");
	stranger_frame(NOTE_ID, 0, "6163");
	stranger_frame(NOTE_ID, 0, "6164");
	pass_ns(3 * SECOND / 2);
	assert_int_equal(counts_of(&left).n_held, 1);
	rc = actor_address_post(left.address.address, &note_type, &note, NULL, &waiter);
	assert_int_equal(rc, ACTOR_E_FULL);
	assert_int_equal(ACTOR_SERVE(remotes, left.services, show, left.address), 0);
	for (int i = 0; i < 10 && rc == ACTOR_E_FULL; i++) {
		pass_ns(SECOND / 2);
		rc = post_when_granted(&waiter, &note);
	}
	assert_int_equal(rc, 0);
	pass_ns(5 * SECOND);
	assert_string_equal(left.sum.notes, "abcdz");
}

/* With room for one in each. */
static void make_with_channels(struct sum *sum, union sum_address *ret_first,
			       union sum_address *ret_second)
{
	const struct actor_queue_options one = { .size = sizeof one, .capacity = 1 };
	struct actor_channel *channels[2], *select;
	struct sum_mailbox mailbox;

	for (int i = 0; i < 2; i++)
		assert_int_equal(actor_queue_create(&one, &channels[i]), 0);
	assert_int_equal(actor_select_create(channels, 2, NULL, NULL, &select), 0);
	assert_int_equal(ACTOR_CHANNEL_MAILBOX(sum, actor_executor_spawner(executor), NULL, select,
					       &mailbox),
			 0);
	assert_int_equal(ACTOR_CHANNEL_ADDRESS(sum, mailbox, channels[0], ret_first), 0);
	assert_int_equal(ACTOR_CHANNEL_ADDRESS(sum, mailbox, channels[1], ret_second), 0);
	assert_int_equal(ACTOR_MAILBOX_START(sum, mailbox, sum, NULL, NULL), 0);
	actor_mailbox_detach(mailbox.mailbox);
	actor_channel_unref(select);
	for (int i = 0; i < 2; i++)
		actor_channel_unref(channels[i]);
}

/* And another one of the same actor's is another line. */
static void what_is_held_leaves_the_line_of_a_channel(void)
{
	static struct sum other;
	union sum_address first, second;

	other = (struct sum){ .takes_ns = SECOND };
	connect_to_busy(NULL, 0);
	make_with_channels(&other, &first, &second);
	assert_int_equal(ACTOR_SERVE(remotes, left.services, note, first), 0);
	for (int i = 0; i < 3; i++)
		stranger_frame(NOTE_ID, 0, "6161");
	assert_int_equal(counts_of(&left).n_held, 1);
	assert_int_equal(ACTOR_SERVE(remotes, left.services, note, second), 0);
	pass_ns(5 * SECOND);
	assert_int_equal(other.n_notes, 3);
	/* The room that it was granted there is anybody's. */
	assert_int_equal(ACTOR_TRY_SEND(first, note, &(struct note){ NULL }), 0);
	actor_address_unref(first.address);
	actor_address_unref(second.address);
	actor_services_unregister(left.services.map, &note_type);
	pass_ns(2 * SECOND);
	assert_int_equal(other.n_notes, 4);
	assert_int_equal(other.destroyed, 1);
}

/* SM-17: or nobody may. */
static void what_is_held_for_nobody_is_told(void)
{
	connect_to_busy(NULL, 5 * SECOND);
	for (int i = 0; i < 3; i++)
		stranger_frame(NOTE_ID, 0, "6161");
	stranger_frame(SHOW_ID, 1, "f6");
	actor_services_unregister(left.services.map, &note_type);
	actor_services_unregister(left.services.map, &show_type);
	pass_ns(6 * SECOND);
	expect_event(&left, ACTOR_PEER_ERROR, ACTOR_E_UNHANDLED);
	expect_event(&left, ACTOR_PEER_ERROR, ACTOR_E_UNHANDLED);
	stranger_expect_error(ACTOR_WIRE_UNKNOWN_SERVICE, SHOW_ID, 1);
	assert_int_equal(left.sum.n_notes, 2);
}

/* The actor may go while frames wait for it. */
static void what_is_held_for_one_that_goes_is_told(void)
{
	connect_to_busy(NULL, 5 * SECOND);
	for (int i = 0; i < 3; i++)
		stranger_frame(NOTE_ID, 0, "6161");
	stranger_frame(ADD_ID, 1, "01");
	actor_mailbox_cancel(left.mailbox.mailbox);
	settle();
	expect_event(&left, ACTOR_PEER_ERROR, ACTOR_E_CLOSED);
	expect_event(&left, ACTOR_PEER_ERROR, ACTOR_E_CLOSED);
	stranger_expect_error(ACTOR_WIRE_INTERNAL_SERVER_ERROR, ADD_ID, 1);
	assert_int_equal(counts_of(&left).n_held, 0);
}

/* A map that is withdrawn goes on with what it has. */
static void a_map_that_is_withdrawn_goes_on_with_what_it_has(void)
{
	connect_to_busy(NULL, 5 * SECOND);
	for (int i = 0; i < 4; i++)
		stranger_frame(NOTE_ID, 0, "6161");
	actor_peer_withdraw(left.peer, left.services.map);
	actor_peer_withdraw(left.peer, left.services.map);
	stranger_frame(SHOW_ID, 1, "f6");
	expect_event(&left, ACTOR_PEER_ERROR, ACTOR_E_UNHANDLED);
	stranger_expect_error(ACTOR_WIRE_UNKNOWN_SERVICE, SHOW_ID, 1);
	pass_ns(6 * SECOND);
	assert_int_equal(left.sum.n_notes, 4);
}

/* ---- bounds */

/* P-08: reading pauses, and goes on. */
static void reading_pauses_when_much_is_held(void)
{
	const struct actor_peer_options options = { .size = sizeof options, .max_held_bytes = 150 };
	uint8_t frame[1024];

	connect_to_busy(&options, 5 * SECOND);
	for (int i = 0; i < 6; i++)
		stranger_frame(NOTE_ID, 0, "6161");
	assert_true(counts_of(&left).paused);
	assert_int_equal(left.sum.n_notes, 0);
	memset(frame, 0, sizeof frame); /* no frame, and it is not even looked at */
	frame[0] = 26;
	memcpy(frame + 24, "ab", 2);
	stranger_write(frame, sizeof frame);
	assert_true(counts_of(&left).n_held < 6 + 3);
	expect_no_event(&left);
	pass_ns(6 * SECOND);
	assert_false(counts_of(&left).paused);
	assert_true(left.sum.n_notes >= 6);
}

/* It does so at once, and not in its next turn: no more is held than comes in one read. */
static void reading_pauses_at_once(void)
{
	enum { FRAMES = 3000, MOST_READ = 32768 };
	const struct actor_peer_options options = { .size = sizeof options, .max_held_bytes = 150 };
	static uint8_t frames[FRAMES][26];
	uint64_t note = NOTE_ID;

	for (unsigned i = 0; i < FRAMES; i++) {
		frames[i][0] = 26;
		for (unsigned k = 0; k < 8; k++)
			frames[i][8 + k] = (uint8_t)(note >> 8 * k);
		memcpy(&frames[i][24], "aa", 2);
	}
	connect_to_busy(&options, 3600 * SECOND);
	settle();
	stranger_write(frames, sizeof frames);
	assert_true(counts_of(&left).paused);
	assert_in_range(counts_of(&left).n_held, 3, 6 + MOST_READ / 26);
}

/* It closes for overload when nothing moves for too long. */
static void it_closes_when_nothing_moves(void)
{
	const struct actor_peer_options options = { .size = sizeof options,
						    .max_held_bytes = 100,
						    .grace_ns = 100 * SECOND };

	connect_flood(&options);
	assert_true(counts_of(&left).paused);
	pass_ns(29 * SECOND);
	expect_no_event(&left);
	pass_ns(2 * SECOND); /* TO-08: not for ever */
	expect_event(&left, ACTOR_PEER_ERROR, ACTOR_E_OVERLOAD);
	expect_event(&left, ACTOR_PEER_CLOSED, ACTOR_E_OVERLOAD);
	assert_true(stranger.ended > 0);
	/* Those that are held are dropped, and that was all. */
	for (int i = 0; i < 3; i++)
		expect_event(&left, ACTOR_PEER_ERROR, ACTOR_E_CLOSED);
	expect_ended(&left);
}

/* As long as something does, it does not. */
static void it_stays_when_something_moves(void)
{
	const struct actor_peer_options options = { .size = sizeof options,
						    .max_held_bytes = 100,
						    .stall_ns = 10 * SECOND };

	connect_to_busy(&options, 8 * SECOND);
	for (int i = 0; i < 8; i++)
		stranger_frame(NOTE_ID, 0, "6161");
	for (unsigned i = 0; i < 4; i++) {
		assert_int_equal(left.sum.n_notes, i);
		assert_true(counts_of(&left).paused);
		left.sum.blocks_until_ns += 8 * SECOND; /* of the next */
		pass_ns(8 * SECOND);
	}
	expect_no_event(&left);
	left.sum.blocks_until_ns = 0;
	pass_ns(9 * SECOND);
	assert_false(counts_of(&left).paused);
	assert_int_equal(left.sum.n_notes, 8);
}

/* ---- writing */

static char long_text[600001];

static void write_much(const struct actor_peer_options *options)
{
	memset(long_text, 't', sizeof long_text - 1);
	connect_stranger(options);
	settle();
	stranger.most = 1;
	assert_int_equal(send_note(&left, long_text), 0);
	settle();
}

/* Also when nothing is held, and reading goes on: frames that come move nothing that is written. */
static void it_closes_when_nothing_is_taken(void)
{
	write_much(NULL);
	for (int i = 0; i < 29; i++) {
		pass_ns(SECOND);
		stranger_frame(NOTE_ID, 0, "6161");
	}
	expect_no_event(&left);
	assert_false(counts_of(&left).paused);
	pass_ns(2 * SECOND);
	expect_event(&left, ACTOR_PEER_ERROR, ACTOR_E_OVERLOAD);
	expect_event(&left, ACTOR_PEER_CLOSED, ACTOR_E_OVERLOAD);
	expect_event(&left, ACTOR_PEER_ERROR, ACTOR_E_DISCONNECTED);
	expect_ended(&left);
}

/* Some of it is enough, each time. */
static void it_stays_when_a_part_is_taken(void)
{
	unsigned n = 0;

	write_much(NULL);
	while (counts_of(&left).n_unwritten_bytes > 0 && n++ < 100) {
		pass_ns(12 * SECOND);
		stranger.n_frames = 0;
		actor_transport_read(stranger.transport, true);
	}
	assert_in_range(n, 5, 99); /* so it took longer than what is a stall */
	expect_no_event(&left);
}

/* Nor is a link stalled that is slow. */
static void a_slow_link_is_none_that_stalls(void)
{
	const struct actor_network_options slow = { .size = sizeof slow,
						    .most_delay_ns = SECOND / 2,
						    .room_bytes = 4096 };
	struct actor_transport *ends[2];
	struct actor_network *network;

	memset(long_text, 't', sizeof long_text - 1);
	assert_int_equal(actor_network_create(executor, &slow, &network), 0);
	assert_int_equal(actor_network_connect(network, &ends[0], &ends[1]), 0);
	side_open(&left, ends[0], NULL);
	side_open(&right, ends[1], NULL);
	side_serve(&right);
	assert_int_equal(actor_peer_start(left.peer), 0);
	assert_int_equal(actor_peer_start(right.peer), 0);
	assert_int_equal(send_note(&left, long_text), 0);
	pass_ns(40 * SECOND);
	assert_true(counts_of(&left).n_unwritten_bytes > 0);
	pass_ns(1000 * SECOND);
	assert_int_equal(right.sum.n_notes, 1);
	expect_no_event(&left);
	actor_network_destroy(network);
	settle();
}

/* PR-05: two that flood each other with sends. */
static void two_that_flood_each_other_get_through(void)
{
	const struct actor_peer_options options = { .size = sizeof options,
						    .max_unwritten_bytes = 2000,
						    .max_held_bytes = 2000 };

	connect_sides(&options, &options);
	for (int i = 0; i < 200; i++) {
		struct note note = { strdup("0123456789012345678901234567890123456789") };

		assert_int_equal(ACTOR_SEND(context, left.remote, note, &note), 0);
		note.text = strdup("0123456789012345678901234567890123456789");
		assert_int_equal(ACTOR_SEND(context, right.remote, note, &note), 0);
	}
	settle(); /* PR-02: what goes out does not keep out what comes */
	assert_int_equal(left.sum.n_notes, 200);
	assert_int_equal(right.sum.n_notes, 200);
	expect_no_event(&left);
	expect_no_event(&right);
}

/* A stranger that takes no answers gets no more of them: reading pauses. */
static void reading_pauses_when_answers_are_not_taken(void)
{
	const struct actor_peer_options options = { .size = sizeof options,
						    .max_unwritten_bytes = 10000 };
	uint64_t call;

	connect_stranger(&options);
	actor_transport_read(stranger.transport, false);
	for (call = 1; call < 3000 && !counts_of(&left).paused; call++)
		stranger_frame(SHOW_ID, call, "f6");
	assert_in_range(call, 100, 2900);
	assert_true(counts_of(&left).n_unwritten_bytes > 10000);
	actor_transport_read(stranger.transport, true);
	settle();
	assert_false(counts_of(&left).paused);
	assert_int_equal(counts_of(&left).n_unwritten_bytes, 0);
}

/* Nor of the errors that answer what nobody serves. */
static void errors_that_are_not_taken_are_bounded(void)
{
	enum { CALLS = 100, MOST_READ = 32768, MOST_ERROR = 200, MOST_UNWRITTEN = 10000 };
	const struct actor_peer_options options = { .size = sizeof options,
						    .max_unwritten_bytes = MOST_UNWRITTEN };
	static uint8_t calls[CALLS][24];

	for (unsigned i = 0; i < CALLS; i++) {
		calls[i][0] = 24;
		calls[i][8] = 77; /* the service */
		calls[i][16] = 1;
	}
	connect_stranger(&options);
	settle();
	actor_transport_read(stranger.transport, false);
	for (int i = 0; i < 200 && !stranger.pending; i++) {
		struct actor_peer_counts counts;

		stranger_write(calls, sizeof calls);
		counts = counts_of(&left);
		assert_in_range(counts.n_unwritten_bytes, 0,
				MOST_UNWRITTEN + MOST_READ / 24 * MOST_ERROR);
		assert_int_equal(counts.n_serving, 0);
	}
	assert_true(stranger.pending);
	assert_true(counts_of(&left).paused);
}

static int write_nothing(struct actor_transport *transport, const uint8_t *bytes, size_t n)
{
	(void)transport, (void)bytes, (void)n;
	return ACTOR_E_SYSTEM;
}

/* The transport's next write fails, and it has not told yet how it ended. */
static void lose_writing(void)
{
	static struct actor_transport_ops ops;

	settle();
	ops = *left.peer->transport->ops;
	ops.write = write_nothing;
	left.peer->transport->ops = &ops;
}

/* How it ended is read behind all that comes before, of which no more is held than ever. */
static void a_connection_that_is_lost_is_read_to_its_end(void)
{
	const struct actor_peer_options options = { .size = sizeof options,
						    .max_held_bytes = 1000 };

	connect_to_busy(&options, 3600 * SECOND);
	lose_writing();
	assert_int_equal(send_note(&left, "x"), 0);
	settle();
	assert_true(left.peer->lost);
	for (int i = 0; i < 100; i++) {
		stranger_frame(NOTE_ID, 0, "6161");
		assert_false(counts_of(&left).paused);
	}
	assert_in_range(counts_of(&left).n_held_bytes, 1001, 1200);
	actor_transport_shutdown(stranger.transport);
	expect_event(&left, ACTOR_PEER_CLOSED_BY_REMOTE, 0);
}

/* Nor are there more errors for who cannot be told. */
static void errors_that_cannot_be_written_are_bounded(void)
{
	const struct actor_peer_options options = { .size = sizeof options,
						    .max_unwritten_bytes = 1000 };

	connect_stranger(&options);
	lose_writing();
	for (uint64_t call = 1; call <= 100; call++)
		stranger_frame(77, call, "f6");
	assert_true(left.peer->lost);
	assert_false(counts_of(&left).paused);
	assert_in_range(counts_of(&left).n_unwritten_bytes, 1001, 1200);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		PEER_TEST(sends_are_held_in_order),
		PEER_TEST(messages_to_one_actor_keep_their_order),
		PEER_TEST(they_do_by_services_that_were_cloned),
		PEER_TEST(answers_of_what_was_held_are_written_together),
		PEER_TEST(answers_do_not_wait_for_those_that_take_long),
		PEER_TEST(actors_do_not_wait_for_each_other),
		PEER_TEST(what_is_held_goes_to_whoever_serves_then),
		PEER_TEST(what_is_held_stands_in_one_line_only),
		PEER_TEST(what_is_held_keeps_its_place),
		SIMULATED_TEST(what_is_held_leaves_the_line_of_a_channel),
		PEER_TEST(what_is_held_for_nobody_is_told),
		PEER_TEST(what_is_held_for_one_that_goes_is_told),
		PEER_TEST(a_map_that_is_withdrawn_goes_on_with_what_it_has),
		PEER_TEST(reading_pauses_when_much_is_held),
		PEER_TEST(reading_pauses_at_once),
		PEER_TEST(it_closes_when_nothing_moves),
		PEER_TEST(it_stays_when_something_moves),
		PEER_TEST(it_closes_when_nothing_is_taken),
		SIMULATED_TEST(it_stays_when_a_part_is_taken),
		PEER_TEST(a_slow_link_is_none_that_stalls),
		PEER_TEST(two_that_flood_each_other_get_through),
		PEER_TEST(reading_pauses_when_answers_are_not_taken),
		PEER_TEST(errors_that_are_not_taken_are_bounded),
		PEER_TEST(a_connection_that_is_lost_is_read_to_its_end),
		PEER_TEST(errors_that_cannot_be_written_are_bounded),
	};

	return cmocka_run_group_tests_name("held", tests, NULL, NULL);
}
