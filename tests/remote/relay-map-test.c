/* SPDX-License-Identifier: MIT */

/* Relays: consumers and providers that do not know of them, one or several in between, and what
 * becomes of calls when a part of the way is gone. */

#include "peer-fixture.h"

#include "peer.h"

#include <stdlib.h>

#define SECOND INT64_C(1000000000)

/* The way of a message: left, more[0] = more[1], right. */
#define CONSUMER (&left)
#define RELAY_IN (&more[0])
#define RELAY_OUT (&more[1])
#define PROVIDER (&right)

static const uint64_t *ids(void)
{
	static uint64_t all[4];

	all[0] = ADD_ID;
	all[1] = SHOW_ID;
	all[2] = ECHO_ID;
	all[3] = NOTE_ID;
	return all;
}

static void relay(struct side *in, struct side *out)
{
	const struct actor_relay_options options = {
		.size = sizeof options, .peer = out->peer, .services = ids(), .n_services = 4
	};
	struct actor_service_map *map;

	assert_int_equal(actor_relay_map_create(&options, &map), 0);
	assert_int_equal(actor_peer_serve(in->peer, map), 0);
	actor_service_map_unref(map);
}

static void connect_by_relay(const struct actor_peer_options *in_options,
			     const struct actor_peer_options *out_options,
			     const struct actor_peer_options *provider_options)
{
	link_sides(CONSUMER, NULL, RELAY_IN, in_options);
	link_sides(RELAY_OUT, out_options, PROVIDER, provider_options);
	side_serve(PROVIDER);
	relay(RELAY_IN, RELAY_OUT);
}

/* ---- through it */

/* RM-02 to RM-04. */
static void messages_go_through(void)
{
	int64_t total;
	char *text;
	struct echo echo = { strdup("round trip"), { NULL } };

	connect_by_relay(NULL, NULL, NULL);
	assert_int_equal(call_add(CONSUMER, 5), 0);
	assert_int_equal(send_note(CONSUMER, "n"), 0);
	assert_int_equal(call_show(CONSUMER, &total), 0);
	assert_int_equal(total, 5);
	assert_int_equal(ACTOR_CALL(context, CONSUMER->remote, echo, &text, &echo), 0);
	assert_string_equal(text, "round trip");
	free(text);
	settle();
	assert_string_equal(PROVIDER->sum.notes, "n");
	assert_int_equal(RELAY_IN->sum.total, 0);
	expect_no_event(RELAY_IN);
	expect_no_event(RELAY_OUT);
	assert_int_equal(counts_of(RELAY_IN).n_serving, 0);
	assert_int_equal(counts_of(RELAY_OUT).n_pending, 0);
}

/* RM-04: each connection has ids of its own, and answers find their way back in any order. */
static void answers_find_their_way(void)
{
	struct caller callers[20];

	connect_by_relay(NULL, NULL, NULL);
	link_sides(&more[2], NULL, &more[3], NULL); /* another consumer */
	relay(&more[3], RELAY_OUT);
	PROVIDER->sum.slow = true;
	for (int i = 0; i < 20; i++) {
		begin_add(&callers[i], i % 2 ? CONSUMER : &more[2], 1);
		settle();
	}
	while (PROVIDER->sum.n_kept > 0) { /* the last first */
		size_t last = PROVIDER->sum.n_kept - 1;
		struct add_reply reply = PROVIDER->sum.kept[0].add;

		PROVIDER->sum.kept[0].add = PROVIDER->sum.kept[last].add;
		PROVIDER->sum.kept[last].add = reply;
		assert_true(sum_answer(&PROVIDER->sum));
	}
	settle();
	for (int i = 0; i < 20; i++)
		assert_int_equal(end_add(&callers[i]), 0);
}

/* RM-08. */
static void relays_may_be_chained(void)
{
	int64_t total;

	connect_by_relay(NULL, NULL, NULL);
	link_sides(&more[2], NULL, &more[3], NULL);
	relay(&more[3], CONSUMER);
	assert_int_equal(call_add(&more[2], 5), 0);
	assert_int_equal(call_show(&more[2], &total), 0);
	assert_int_equal(total, 5);
}

/* BP-09, BP-10, BP-13, RM-12: calls through it take no permits, and give none back. */
static void it_takes_no_permits(void)
{
	struct actor_semaphore *semaphore;
	struct actor_semaphore_counts now;
	struct actor_peer_options options = { .size = sizeof options };
	struct actor_permit *permit;

	assert_int_equal(actor_semaphore_create(1, &semaphore), 0);
	assert_int_equal(actor_semaphore_try_acquire(NULL, semaphore, 1, &permit), 0);
	options.permits = semaphore;
	connect_by_relay(&options, &options, NULL);
	for (int i = 0; i < 5; i++)
		assert_int_equal(call_add(CONSUMER, 1), 0);
	actor_semaphore_counts_get(semaphore, &now);
	assert_int_equal(now.n_free, 0);
	actor_permit_release(permit);
	actor_semaphore_counts_get(semaphore, &now);
	assert_int_equal(now.n_free, 1);
	actor_semaphore_unref(semaphore);
}

/* ---- errors */

/* RM-05: with the consumer's ids, on the outside and inside. */
static void errors_come_back(void)
{
	connect_stranger(NULL);
	actor_peer_withdraw(left.peer, left.services.map);
	link_sides(RELAY_OUT, NULL, PROVIDER, NULL);
	relay(&left, RELAY_OUT);
	assert_int_equal(call_add(RELAY_OUT, 1), ACTOR_E_REMOTE_UNKNOWN_SERVICE); /* ids differ */
	stranger_frame(ADD_ID, 77, "01");
	stranger_expect_error(ACTOR_WIRE_UNKNOWN_SERVICE, ADD_ID, 77);
	side_serve(PROVIDER);
	stranger_frame(ADD_ID, 78, "6161");
	stranger_expect_error(ACTOR_WIRE_DESERIALIZE, ADD_ID, 78);
	PROVIDER->sum.refuses = true;
	stranger_frame(SHOW_ID, 79, "f6");
	stranger_expect_error(ACTOR_WIRE_INTERNAL_SERVER_ERROR, SHOW_ID, 79);
	expect_no_event(&left);
}

/* RM-07, RM-08. */
static void what_is_not_relayed_is_unknown(void)
{
	union others_address other;

	connect_by_relay(NULL, NULL, NULL);
	assert_int_equal(others_remote(CONSUMER->peer, &other), 0);
	assert_int_equal(ACTOR_CALL(context, other, add, NULL, &(struct add){ 1 }),
			 ACTOR_E_REMOTE_UNKNOWN_SERVICE);
	expect_event(RELAY_IN, ACTOR_PEER_ERROR, ACTOR_E_UNHANDLED);
	assert_int_equal(counts_of(PROVIDER).n_frames_read, 0);
	actor_address_unref(other.address);
}

/* E-14, E-25: a timeout of the relay's is one for the consumer. */
static void a_timeout_comes_back(void)
{
	const struct actor_peer_options options = { .size = sizeof options,
						    .call_timeout_ns = 5 * SECOND };
	struct caller caller;

	connect_by_relay(NULL, &options, NULL);
	PROVIDER->sum.slow = true;
	begin_add(&caller, CONSUMER, 1);
	pass_ns(6 * SECOND);
	assert_int_equal(end_add(&caller), ACTOR_E_TIMEOUT);
	expect_no_event(CONSUMER);
	assert_int_equal(counts_of(RELAY_IN).n_serving, 0);
}

/* RM-06, RM-13, E-12, P-21 mended: before and while it is waited for. */
static void a_way_that_has_gone_is_told(void)
{
	const struct actor_peer_event *event;
	struct caller caller;

	connect_by_relay(NULL, NULL, NULL);
	PROVIDER->sum.slow = true;
	begin_add(&caller, CONSUMER, 1);
	settle();
	actor_peer_close(RELAY_OUT->peer, NULL);
	settle();
	assert_int_equal(end_add(&caller), ACTOR_E_REMOTE_FAILED);
	event = expect_event(RELAY_IN, ACTOR_PEER_RELAY_GONE, ACTOR_E_DISCONNECTED);
	assert_true(event->service == ADD_ID);
	assert_true(actor_identity_same(event->relay,
					actor_address_identity(RELAY_OUT->remote.address)));
	assert_int_equal(call_add(CONSUMER, 1), ACTOR_E_REMOTE_FAILED);
	expect_event(RELAY_IN, ACTOR_PEER_RELAY_GONE, ACTOR_E_DISCONNECTED);
	assert_int_equal(send_note(CONSUMER, "x"), 0); /* RM-03 */
	expect_event(RELAY_IN, ACTOR_PEER_RELAY_GONE, ACTOR_E_DISCONNECTED);
	expect_no_event(CONSUMER);
	assert_int_equal(counts_of(RELAY_IN).n_serving, 0);
}

/* The consumer may go as well, and is not missed: what it has asked is not waited for either. */
static void a_consumer_that_has_gone_is_not_missed(void)
{
	struct caller caller;

	connect_by_relay(NULL, NULL, NULL);
	PROVIDER->sum.slow = true;
	begin_add(&caller, CONSUMER, 1);
	settle();
	assert_int_equal(counts_of(RELAY_OUT).n_pending, 1);
	actor_peer_close(CONSUMER->peer, NULL);
	pass_ns(5 * SECOND);
	assert_int_equal(end_add(&caller), ACTOR_E_DISCONNECTED);
	assert_int_equal(counts_of(RELAY_OUT).n_pending, 0);
	assert_int_equal(counts_of(RELAY_IN).n_serving, 0);
	assert_true(sum_answer(&PROVIDER->sum));
	settle();
	expect_event(RELAY_IN, ACTOR_PEER_CLOSED_BY_REMOTE, 0);
	expect_no_event(RELAY_OUT);
	assert_int_equal(counts_of(RELAY_OUT).n_pending, 0);
}

/* SZ-02: of a relay with a narrower limit. */
static void what_is_too_big_for_the_relay_is_an_error(void)
{
	const struct actor_peer_options options = { .size = sizeof options, .max_write_bytes = 40 };
	struct echo echo = { strdup("more than what goes through there"), { NULL } };

	connect_by_relay(NULL, &options, NULL);
	assert_int_equal(ACTOR_CALL(context, CONSUMER->remote, echo, NULL, &echo),
			 ACTOR_E_REMOTE_FAILED);
	expect_event(RELAY_IN, ACTOR_PEER_ERROR, ACTOR_E_TOO_BIG);
	assert_int_equal(call_add(CONSUMER, 1), 0);
}

/* ---- room */

/* What does not fit through is held at the relay, in order, and nothing is lost. */
static void a_narrow_way_keeps_the_order(void)
{
	const struct actor_peer_options narrow = { .size = sizeof narrow,
						   .max_unwritten_bytes = 60,
						   .max_held_bytes = 300 };

	connect_by_relay(&narrow, &narrow, &narrow);
	for (int i = 0; i < 60; i++) {
		char text[2] = { (char)('A' + i % 26), '\0' };

		assert_int_equal(send_note(CONSUMER, text), 0);
		assert_int_equal(ACTOR_SEND(context, CONSUMER->remote, add, &(struct add){ 1 }), 0);
	}
	settle();
	assert_int_equal(PROVIDER->sum.n_notes, 60);
	assert_int_equal(PROVIDER->sum.total, 60);
	for (int i = 0; i < 60; i++)
		assert_int_equal(PROVIDER->sum.notes[i], 'A' + i % 26);
	expect_no_event(RELAY_IN);
}

/* The way may end while frames stand in line for it. */
static void a_way_that_ends_ends_those_in_line(void)
{
	const struct actor_peer_options narrow = { .size = sizeof narrow,
						   .max_unwritten_bytes = 60 };
	static char text[100001];
	struct actor_transport *a;
	struct caller caller;

	memset(text, 't', sizeof text - 1);
	link_sides(CONSUMER, NULL, RELAY_IN, NULL);
	/* Its other side reads nothing. */
	make_link(&a, &stranger.transport);
	side_open(RELAY_OUT, a, &narrow);
	assert_int_equal(actor_peer_start(RELAY_OUT->peer), 0);
	relay(RELAY_IN, RELAY_OUT);
	assert_int_equal(send_note(RELAY_OUT, text), 0);
	settle();
	begin_add(&caller, CONSUMER, 1);
	assert_int_equal(send_note(CONSUMER, "x"), 0);
	settle();
	assert_int_equal(counts_of(RELAY_IN).n_held, 2);
	actor_peer_close(RELAY_OUT->peer, NULL);
	settle();
	assert_int_equal(end_add(&caller), ACTOR_E_REMOTE_FAILED);
	assert_int_equal(counts_of(RELAY_IN).n_held, 0);
	expect_event(RELAY_IN, ACTOR_PEER_RELAY_GONE, ACTOR_E_DISCONNECTED);
	expect_event(RELAY_IN, ACTOR_PEER_RELAY_GONE, ACTOR_E_DISCONNECTED);
}

/* And so may who sent them. */
static void a_consumer_that_ends_leaves_the_line(void)
{
	const struct actor_peer_options narrow = { .size = sizeof narrow,
						   .max_unwritten_bytes = 60 };
	static char text[100001];
	struct actor_transport *a;

	memset(text, 't', sizeof text - 1);
	link_sides(CONSUMER, NULL, RELAY_IN, NULL);
	make_link(&a, &stranger.transport);
	side_open(RELAY_OUT, a, &narrow);
	assert_int_equal(actor_peer_start(RELAY_OUT->peer), 0);
	relay(RELAY_IN, RELAY_OUT);
	assert_int_equal(send_note(RELAY_OUT, text), 0);
	settle();
	assert_int_equal(send_note(CONSUMER, "x"), 0);
	settle();
	assert_int_equal(counts_of(RELAY_IN).n_held, 1);
	actor_peer_close(CONSUMER->peer, NULL);
	pass_ns(3 * SECOND);
	assert_int_equal(counts_of(RELAY_IN).n_held, 0);
	expect_event(RELAY_IN, ACTOR_PEER_CLOSED_BY_REMOTE, 0);
	expect_event(RELAY_IN, ACTOR_PEER_ERROR, ACTOR_E_CLOSED);
	expect_ended(RELAY_IN);
}

/* ---- bounds */

/* BP-09 mended: calls take no permits, and still there are no more than may be answered. */
static void calls_under_way_are_bounded(void)
{
	const struct actor_peer_options three = { .size = sizeof three,
						  .max_write_bytes = 1000,
						  .max_relayed_bytes = 3000,
						  .max_held_bytes = 500 };
	struct caller callers[20];
	int64_t total;

	connect_by_relay(&three, NULL, NULL);
	PROVIDER->sum.slow = true;
	for (int i = 0; i < 20; i++) {
		begin_add(&callers[i], CONSUMER, 1);
		settle();
	}
	assert_true(counts_of(RELAY_IN).paused);
	assert_in_range(counts_of(RELAY_IN).n_held, 1, 16);
	for (int i = 0; i < 20; i++) {
		assert_int_equal(counts_of(RELAY_OUT).n_pending, i < 18 ? 3 : 20 - i);
		assert_true(sum_answer(&PROVIDER->sum));
		settle();
		assert_int_equal(end_add(&callers[i]), 0);
	}
	assert_false(counts_of(RELAY_IN).paused);
	assert_int_equal(counts_of(RELAY_IN).n_held, 0);
	PROVIDER->sum.slow = false;
	assert_int_equal(call_show(CONSUMER, &total), 0);
	assert_int_equal(total, 20);
	expect_no_event(RELAY_IN);
}

enum { ANSWER_BYTES = 10000, MOST_RELAYED = 100000, MOST_WRITE = 20000 };

/* Whoever serves answers each small call with much. */
static struct {
	struct actor_service_map map;
	struct actor_answer *answers[1000];
	size_t n;
} giver;

static void giver_ref(struct actor_service_map *map)
{
	(void)map;
}

static size_t giver_services(struct actor_service_map *map, uint64_t *ret_ids, size_t n_ids)
{
	(void)map;
	if (n_ids > 0)
		ret_ids[0] = ADD_ID;
	return 1;
}

static int giver_serve(struct actor_service_map *map, struct actor_incoming *incoming)
{
	(void)map;
	giver.answers[giver.n++] = incoming->answer;
	return 0;
}

static void giver_withdraw(struct actor_service_map *map, struct actor_place *place)
{
	(void)map, (void)place;
}

static bool giver_takes_permits(const struct actor_service_map *map)
{
	(void)map;
	return true;
}

static int giver_describe(struct actor_service_map *map, char *buffer, size_t n_buffer)
{
	(void)map, (void)buffer, (void)n_buffer;
	return 0;
}

static const struct actor_service_map_ops giver_ops = {
	.size = sizeof giver_ops,
	.ref = giver_ref,
	.unref = giver_ref,
	.services = giver_services,
	.serve = giver_serve,
	.withdraw = giver_withdraw,
	.takes_permits = giver_takes_permits,
	.describe = giver_describe,
};

static void giver_give(void)
{
	static const uint8_t much[ANSWER_BYTES];

	while (giver.n > 0)
		actor_ignore(actor_answer_payload(giver.answers[--giver.n], much, sizeof much));
	settle();
}

/* The stranger is the consumer, and @left the relay's end of its connection. */
static void connect_giver(const struct actor_peer_options *options)
{
	connect_stranger(options);
	actor_peer_withdraw(left.peer, left.services.map);
	link_sides(RELAY_OUT, NULL, PROVIDER, NULL);
	relay(&left, RELAY_OUT);
	giver.map.ops = &giver_ops;
	assert_int_equal(actor_peer_serve(PROVIDER->peer, &giver.map), 0);
	settle();
}

static size_t most_unwritten(size_t n_calls)
{
	size_t most = 0;

	for (size_t i = 0; i < n_calls && !stranger.pending; i++) {
		stranger_frame(ADD_ID, i + 1, "05");
		if (i % 8 == 7)
			giver_give();
		if (counts_of(&left).n_unwritten_bytes > most)
			most = counts_of(&left).n_unwritten_bytes;
	}
	return most;
}

/* Who asks and does not read gets no more than that; and all, when he reads. */
static void answers_that_are_not_taken_are_bounded(void)
{
	const struct actor_peer_options options = { .size = sizeof options,
						    .max_write_bytes = MOST_WRITE,
						    .max_relayed_bytes = MOST_RELAYED,
						    .stall_ns = 3600 * SECOND };
	size_t n_bytes = 0;

	connect_giver(&options);
	stranger.most = 1;
	assert_in_range(most_unwritten(200), MOST_RELAYED / 2, MOST_RELAYED + MOST_WRITE);
	assert_in_range(counts_of(&left).n_held, 100, 200);
	assert_in_range(counts_of(RELAY_OUT).n_pending, 0, 1);
	for (int i = 0; i < 1000 && counts_of(&left).n_serving > 0; i++) {
		n_bytes += stranger.n_frames;
		stranger.n_frames = 0;
		actor_transport_read(stranger.transport, true);
		settle();
		giver_give();
		assert_true(counts_of(&left).n_unwritten_bytes <= MOST_RELAYED + MOST_WRITE);
	}
	stranger.most = 0;
	actor_transport_read(stranger.transport, true);
	settle();
	n_bytes += stranger.n_frames;
	assert_int_equal(n_bytes, 200 * (24 + ANSWER_BYTES));
	stranger.n_frames = 0;
	expect_no_event(&left);
}

/* Nor is more asked for him than was under way when there were too many answers. */
static void no_more_is_asked_for_one_who_takes_no_answers(void)
{
	const struct actor_peer_options options = { .size = sizeof options,
						    .max_write_bytes = MOST_WRITE,
						    .max_relayed_bytes = 8 * MOST_WRITE,
						    .max_unwritten_bytes = 50000 };

	connect_giver(&options);
	stranger.most = 1;
	for (uint64_t call = 1; call <= 100; call++)
		stranger_frame(ADD_ID, call, "05");
	assert_int_equal(counts_of(RELAY_OUT).n_pending, 8);
	assert_int_equal(counts_of(&left).n_held, 92);
	for (int i = 0; i < 20; i++)
		giver_give();
	assert_in_range(counts_of(&left).n_unwritten_bytes, 50000, 50000 + 8 * (24 + ANSWER_BYTES));
	assert_true(counts_of(&left).paused);
	assert_int_equal(counts_of(RELAY_OUT).n_pending, 0);
}

/* Unless something else is said, there may be as many as there are permits. */
static void calls_under_way_are_bounded_by_default(void)
{
	connect_stranger(NULL);
	assert_int_equal(left.peer->options.max_relayed_bytes, (size_t)1024 << 20);
}

/* With the least room there is one after the other: each when what answers the one before has been
 * written, and not when the next thing happens. */
static void with_the_least_room_there_is_one_at_a_time(void)
{
	const struct actor_peer_options one = { .size = sizeof one, .max_relayed_bytes = 1 };

	connect_giver(&one);
	for (uint64_t call = 1; call <= 10; call++)
		stranger_frame(ADD_ID, call, "05");
	for (int i = 0; i < 10; i++) {
		assert_int_equal(counts_of(RELAY_OUT).n_pending, 1);
		giver_give();
	}
	assert_int_equal(counts_of(&left).n_serving, 0);
	assert_int_equal(stranger.n_frames, 10 * (24 + ANSWER_BYTES));
}

/* Those that wait are told when the consumer goes, and what is under way is not waited for. */
static void calls_that_wait_for_others_end_with_the_connection(void)
{
	const struct actor_peer_options one = { .size = sizeof one, .max_relayed_bytes = 1 };

	connect_giver(&one);
	for (uint64_t call = 1; call <= 3; call++)
		stranger_frame(ADD_ID, call, "05");
	assert_int_equal(counts_of(&left).n_held, 2);
	assert_int_equal(counts_of(RELAY_OUT).n_pending, 1);
	actor_transport_destroy(stranger.transport);
	stranger.transport = NULL;
	pass_ns(3 * SECOND);
	expect_event(&left, ACTOR_PEER_CLOSED_BY_REMOTE, 0);
	expect_event(&left, ACTOR_PEER_ERROR, ACTOR_E_CLOSED);
	expect_event(&left, ACTOR_PEER_ERROR, ACTOR_E_CLOSED);
	expect_ended(&left);
	assert_int_equal(counts_of(RELAY_OUT).n_pending, 0);
	giver_give();
	expect_no_event(RELAY_OUT);
}

/* ---- chosen for each message */

struct chooser {
	struct actor_peer *peers[2];
	unsigned n_chosen;
	unsigned n_dropped;
	uint64_t service;
	bool lets_go;
};

static struct actor_peer *choose(void *user, uint64_t service)
{
	struct chooser *chooser = user;
	struct actor_peer *peer = chooser->peers[chooser->n_chosen++ % 2];

	chooser->service = service;
	if (!peer)
		return NULL;
	actor_peer_ref(peer);
	if (chooser->lets_go)
		actor_peer_unref(peer); /* in the same moment, by its owner */
	return peer;
}

static void drop_chooser(void *user)
{
	struct chooser *chooser = user;

	chooser->n_dropped++;
}

static void choose_between(struct chooser *chooser, struct side *in)
{
	const struct actor_relay_options options = { .size = sizeof options,
						     .choose = choose,
						     .user = chooser,
						     .drop_user = drop_chooser,
						     .services = ids(),
						     .n_services = 4 };
	struct actor_service_map *map;

	assert_int_equal(actor_relay_map_create(&options, &map), 0);
	assert_int_equal(actor_peer_serve(in->peer, map), 0);
	actor_service_map_unref(map);
}

/* RM-09, RM-01, RM-11. */
static void one_may_be_chosen_for_each_message(void)
{
	static struct chooser chooser; /* longer than the map */

	chooser = (struct chooser){ 0 };
	link_sides(CONSUMER, NULL, RELAY_IN, NULL);
	link_sides(RELAY_OUT, NULL, PROVIDER, NULL);
	link_sides(&more[2], NULL, &more[3], NULL);
	side_serve(PROVIDER);
	side_serve(&more[3]);
	chooser.peers[0] = RELAY_OUT->peer;
	chooser.peers[1] = more[2].peer;
	choose_between(&chooser, RELAY_IN);
	for (int i = 0; i < 10; i++)
		assert_int_equal(call_add(CONSUMER, 1), 0);
	assert_int_equal(chooser.n_chosen, 10);
	assert_true(chooser.service == ADD_ID);
	assert_int_equal(PROVIDER->sum.total, 5);
	assert_int_equal(more[3].sum.total, 5);
	chooser.peers[0] = NULL; /* nobody */
	assert_int_equal(call_add(CONSUMER, 1), ACTOR_E_REMOTE_FAILED);
	expect_event(RELAY_IN, ACTOR_PEER_ERROR, ACTOR_E_INVALID);
	actor_peer_close(RELAY_IN->peer, NULL);
	settle();
	assert_int_equal(chooser.n_dropped, 1);
}

/* Who is chosen is kept while it is used, even by nobody else; one that nobody has started ends
 * with that. */
static void one_that_is_chosen_is_kept(void)
{
	static struct chooser chooser;
	struct actor_transport *a, *b;
	struct caller caller;

	chooser = (struct chooser){ .lets_go = true };
	link_sides(CONSUMER, NULL, RELAY_IN, NULL);
	make_link(&a, &b);
	assert_int_equal(actor_peer_create(a, NULL, &chooser.peers[0]), 0);
	choose_between(&chooser, RELAY_IN);
	begin_add(&caller, CONSUMER, 1);
	settle();
	assert_int_equal(chooser.n_chosen, 1);
	expect_event(RELAY_IN, ACTOR_PEER_RELAY_GONE, ACTOR_E_DISCONNECTED);
	assert_int_equal(end_add(&caller), ACTOR_E_REMOTE_FAILED);
	actor_transport_destroy(b);
	settle();
}

/* Again when there was no room: then it may be another one. */
static void another_may_be_chosen_for_want_of_room(void)
{
	const struct actor_peer_options narrow = { .size = sizeof narrow,
						   .max_unwritten_bytes = 60 };
	static struct chooser chooser;
	static char text[100001];
	struct actor_transport *a;

	chooser = (struct chooser){ 0 };
	memset(text, 't', sizeof text - 1);
	link_sides(CONSUMER, NULL, RELAY_IN, NULL);
	make_link(&a, &stranger.transport);
	side_open(RELAY_OUT, a, &narrow);
	assert_int_equal(actor_peer_start(RELAY_OUT->peer), 0);
	assert_int_equal(send_note(RELAY_OUT, text), 0); /* full for ever */
	link_sides(&more[2], NULL, &more[3], NULL);
	side_serve(&more[3]);
	settle();
	chooser.peers[0] = RELAY_OUT->peer;
	chooser.peers[1] = more[2].peer;
	choose_between(&chooser, RELAY_IN);
	for (int i = 0; i < 5; i++)
		assert_int_equal(call_add(CONSUMER, 1), 0);
	assert_int_equal(more[3].sum.total, 5);
	assert_int_equal(chooser.n_chosen, 10);
}

/* Then it stands in the line of that one, and in no other. */
static void it_stands_in_one_line_only(void)
{
	const struct actor_peer_options least = { .size = sizeof least, .max_unwritten_bytes = 1 };
	static struct chooser chooser;
	static char text[100001];
	struct actor_transport *a, *b;

	chooser = (struct chooser){ 0 };
	memset(text, 't', sizeof text - 1);
	link_sides(CONSUMER, NULL, RELAY_IN, NULL);
	make_link(&a, &stranger.transport);
	side_open(RELAY_OUT, a, &least);
	assert_int_equal(actor_peer_start(RELAY_OUT->peer), 0);
	assert_int_equal(send_note(RELAY_OUT, text), 0); /* full */
	make_link(&a, &b);
	side_open(&more[2], a, &least); /* not started, and full with the first message */
	side_open(&more[3], b, NULL);
	side_serve(&more[3]);
	assert_int_equal(actor_peer_start(more[3].peer), 0);
	assert_int_equal(send_note(&more[2], "1"), 0);
	settle();
	chooser.peers[0] = chooser.peers[1] = RELAY_OUT->peer;
	choose_between(&chooser, RELAY_IN);
	assert_int_equal(send_note(CONSUMER, "2"), 0);
	settle();
	assert_int_equal(counts_of(RELAY_IN).n_held, 1);
	chooser.peers[0] = chooser.peers[1] = more[2].peer;
	assert_int_equal(actor_transport_start(stranger.transport, &stranger_events, NULL), 0);
	settle(); /* there was room, but it was not wanted any more */
	assert_int_equal(counts_of(RELAY_IN).n_held, 1);
	assert_int_equal(actor_peer_start(more[2].peer), 0);
	settle();
	assert_int_equal(counts_of(RELAY_IN).n_held, 0);
	assert_string_equal(more[3].sum.notes, "12");
	assert_int_equal(ACTOR_TRY_SEND(RELAY_OUT->remote, add, &(struct add){ 1 }), 0);
}

struct looker {
	struct actor_service_map *map;
	char text[256];
	size_t n_services;
};

static struct actor_peer *look_and_choose_nobody(void *user, uint64_t service)
{
	struct looker *looker = user;

	(void)service;
	actor_service_map_describe(looker->map, looker->text, sizeof looker->text);
	looker->n_services = looker->map->ops->services(looker->map, NULL, 0);
	return NULL;
}

/* RM-10: nothing is locked. */
static void who_chooses_may_look_at_the_map(void)
{
	static struct looker looker;
	const struct actor_relay_options options = { .size = sizeof options,
						     .choose = look_and_choose_nobody,
						     .user = &looker,
						     .services = ids(),
						     .n_services = 4 };

	looker = (struct looker){ 0 };
	link_sides(CONSUMER, NULL, RELAY_IN, NULL);
	assert_int_equal(actor_relay_map_create(&options, &looker.map), 0);
	assert_int_equal(actor_peer_serve(RELAY_IN->peer, looker.map), 0);
	assert_int_equal(call_add(CONSUMER, 1), ACTOR_E_REMOTE_FAILED);
	assert_string_equal(expect_event(RELAY_IN, ACTOR_PEER_ERROR, ACTOR_E_INVALID)->text,
			    "there is nobody to relay it to");
	assert_int_equal(looker.n_services, 4);
	assert_non_null(strstr(looker.text, "0x6440cfd17c374646"));
	actor_service_map_unref(looker.map);
}

/* W-16: nor are services that are none. */
static void options_that_make_no_sense_are_refused(void)
{
	static const uint64_t reserved[][2] = { { 0, 5 }, { 5, UINT64_MAX }, { 5, 5 } };
	struct actor_service_map *map;

	connect_stranger(NULL);
	assert_int_equal(
		actor_relay_map_create(
			&(struct actor_relay_options){ .size = sizeof(struct actor_relay_options),
						       .services = ids(),
						       .n_services = 4 },
			&map),
		ACTOR_E_INVALID);
	for (size_t i = 0; i < N_ELEMENTS(reserved); i++) {
		const struct actor_relay_options options = { .size = sizeof options,
							     .peer = left.peer,
							     .services = reserved[i],
							     .n_services = 2 };

		assert_int_equal(actor_relay_map_create(&options, &map), ACTOR_E_INVALID);
	}
}

static void many_services_may_be_relayed(void)
{
	struct actor_relay_options options = { .size = sizeof options };
	struct actor_service_map *map;
	uint64_t many[100];

	for (uint64_t i = 0; i < N_ELEMENTS(many); i++)
		many[i] = 1000 + i;
	many[99] = ADD_ID;
	link_sides(CONSUMER, NULL, RELAY_IN, NULL);
	link_sides(RELAY_OUT, NULL, PROVIDER, NULL);
	side_serve(PROVIDER);
	options.peer = RELAY_OUT->peer;
	options.services = many;
	options.n_services = N_ELEMENTS(many);
	assert_int_equal(actor_relay_map_create(&options, &map), 0);
	assert_int_equal(actor_peer_serve(RELAY_IN->peer, map), 0);
	assert_int_equal(actor_peer_serve(RELAY_IN->peer, map), ACTOR_E_BUSY);
	actor_service_map_unref(map);
	assert_int_equal(call_add(CONSUMER, 5), 0);
	assert_int_equal(call_show(CONSUMER, NULL), ACTOR_E_REMOTE_UNKNOWN_SERVICE);
	assert_int_equal(PROVIDER->sum.total, 5);
}

/* RM-14, W-18: it knows no names. */
static void a_map_is_described(void)
{
	const struct actor_peer_options named = { .size = sizeof named, .name = "hub" };
	struct actor_relay_options options = { .size = sizeof options };
	struct actor_service_map *map;
	char text[256], expected[256];

	connect_stranger(&named);
	options.peer = left.peer;
	options.services = ids();
	options.n_services = 2;
	assert_int_equal(actor_relay_map_create(&options, &map), 0);
	snprintf(expected, sizeof expected,
		 "RelayMap, to: peer: id=%llu, name=hub, services:\n{\n"
		 "\tid: 0x6440cfd17c374646\n\tid: 0xcdd3781867767588\n}",
		 (unsigned long long)actor_address_identity(left.remote.address).number);
	assert_int_equal(actor_service_map_describe(map, text, sizeof text), strlen(expected));
	assert_string_equal(text, expected);
	assert_int_equal(actor_service_map_describe(map, NULL, 0), strlen(expected));
	actor_service_map_unref(map);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		PEER_TEST(messages_go_through),
		PEER_TEST(answers_find_their_way),
		PEER_TEST(relays_may_be_chained),
		PEER_TEST(it_takes_no_permits),
		PEER_TEST(errors_come_back),
		PEER_TEST(what_is_not_relayed_is_unknown),
		PEER_TEST(a_timeout_comes_back),
		PEER_TEST(a_way_that_has_gone_is_told),
		PEER_TEST(a_consumer_that_has_gone_is_not_missed),
		PEER_TEST(what_is_too_big_for_the_relay_is_an_error),
		PEER_TEST(a_narrow_way_keeps_the_order),
		PEER_TEST(a_way_that_ends_ends_those_in_line),
		PEER_TEST(a_consumer_that_ends_leaves_the_line),
		PEER_TEST(calls_under_way_are_bounded),
		SIMULATED_TEST(answers_that_are_not_taken_are_bounded),
		PEER_TEST(no_more_is_asked_for_one_who_takes_no_answers),
		PEER_TEST(calls_under_way_are_bounded_by_default),
		PEER_TEST(with_the_least_room_there_is_one_at_a_time),
		PEER_TEST(calls_that_wait_for_others_end_with_the_connection),
		PEER_TEST(one_may_be_chosen_for_each_message),
		PEER_TEST(one_that_is_chosen_is_kept),
		PEER_TEST(another_may_be_chosen_for_want_of_room),
		PEER_TEST(it_stands_in_one_line_only),
		PEER_TEST(who_chooses_may_look_at_the_map),
		PEER_TEST(options_that_make_no_sense_are_refused),
		PEER_TEST(many_services_may_be_relayed),
		PEER_TEST(a_map_is_described),
	};

	return cmocka_run_group_tests_name("relay-map", tests, NULL, NULL);
}
