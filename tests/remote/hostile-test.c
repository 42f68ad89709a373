/* SPDX-License-Identifier: MIT */

/* What a stranger may try so that this side pays for it, and what that comes to at most: memory as
 * the allocator counts it, of both sides, the network in between and the test; time as the
 * simulation's clock has it. (Sanitizers have allocators of their own, whose memory is not seen:
 * there, it is they that look.) */

#include "peer-fixture.h"

#include <actor-iface/typed-actor.h>
#include <inttypes.h>
#include <malloc.h>
#include <stdlib.h>

#define SECOND INT64_C(1000000000)
#define KIB ((size_t)1024)
#define MIB (1024 * KIB)

/* What the allocator keeps for itself, and counts as if it were in use. */
#define SLACK (256 * KIB)

static size_t bytes_held(void)
{
	struct mallinfo2 now = mallinfo2();

	return now.uordblks + now.hblkhd;
}

static void expect_bytes(size_t before, size_t most)
{
	size_t now = bytes_held();

	if (now > before + most)
		print_error("%zu KiB more, and %zu are the most\n", (now - before) / KIB,
			    most / KIB);
	assert_true(now <= before + most);
}

/* As long runs as are worth it: with a few of the seeds. */
static bool one_of(uint64_t n_seeds)
{
	return actor_simulation_seed(executor) <= n_seeds;
}

static void put_head(uint8_t *head, uint64_t length, uint64_t service, uint64_t call)
{
	for (int i = 0; i < 8; i++) {
		head[i] = (uint8_t)(length >> 8 * i);
		head[8 + i] = (uint8_t)(service >> 8 * i);
		head[16 + i] = (uint8_t)(call >> 8 * i);
	}
}

/* Nobody reads what is told: it would be the test that holds it. */
static void connect_unobserved(const struct actor_peer_options *options)
{
	connect_stranger(options);
	actor_subscription_destroy(left.events);
	left.events = NULL;
	settle();
}

static void disconnect(void)
{
	side_close(&left);
	stranger_close();
	pass_ns(5 * SECOND);
	memset(&left, 0, sizeof left);
}

/* It is there, and as good as new. */
static void expect_served(void)
{
	pass_ns(SECOND / 10);
	stranger.n_frames = stranger.n_seen = 0;
	stranger_frame(SHOW_ID, UINT64_C(0x7777777777777777), "f6");
	assert_int_equal(stranger.n_frames >= 25, 1);
	assert_int_equal(counts_of(&left).n_serving, 0);
	assert_int_equal(counts_of(&left).n_held, 0);
}

static void expect_gone(void)
{
	assert_int_equal(actor_peer_join(context, left.peer, ACTOR_AT_ONCE), 0);
	assert_int_equal(counts_of(&left).n_serving, 0);
	assert_int_equal(counts_of(&left).n_held, 0);
	assert_int_equal(counts_of(&left).n_pending, 0);
}

/* ---- lengths */

/* W-05, SZ-06: those that cannot be close at once; none costs more than what has come. */
static void every_lie_about_a_length(void)
{
	static const uint64_t lies[] = {
		0,
		1,
		8,
		23,
		MIB + 1,
		UINT64_C(1) << 31,
		UINT64_C(1) << 32,
		(UINT64_C(1) << 32) + 25,
		(UINT64_C(1) << 63) - 1,
		UINT64_C(1) << 63,
		(UINT64_C(1) << 63) + 25,
		UINT64_MAX - 24,
		UINT64_MAX,
	};
	uint8_t frame[25] = { 0 };

	if (!one_of(10))
		return;
	for (size_t i = 0; i < N_ELEMENTS(lies); i++) {
		size_t before;

		connect_unobserved(NULL);
		before = bytes_held();
		put_head(frame, lies[i], ADD_ID, 1);
		stranger_write(frame, sizeof frame);
		expect_bytes(before, SLACK);
		assert_true(stranger.ended > 0);
		pass_ns(3 * SECOND);
		expect_gone();
		assert_int_equal(left.sum.total, 0);
		disconnect();
	}
}

/* As long as may be, and it never comes: by many at a time. */
static void announce_and_wait(void)
{
	enum { N = 60 };
	static struct actor_transport *ends[N];
	static struct actor_peer *peers[N];
	uint8_t head[24];
	size_t before;

	put_head(head, MIB, NOTE_ID, 0);
	for (int i = 0; i < N; i++) {
		struct actor_transport *mine;

		make_link(&mine, &ends[i]);
		assert_int_equal(actor_peer_create(mine, NULL, &peers[i]), 0);
		assert_int_equal(actor_peer_start(peers[i]), 0);
		assert_int_equal(actor_transport_start(ends[i], &stranger_events, NULL), 0);
	}
	settle();
	before = bytes_held();
	for (int i = 0; i < N; i++)
		actor_ignore(actor_transport_write(ends[i], head, sizeof head));
	settle();
	expect_bytes(before, N * KIB);
	pass_ns(31 * SECOND);
	for (int i = 0; i < N; i++)
		actor_transport_destroy(ends[i]);
	pass_ns(3 * SECOND);
	for (int i = 0; i < N; i++) {
		assert_int_equal(actor_peer_join(context, peers[i], ACTOR_AT_ONCE), 0);
		actor_peer_unref(peers[i]);
	}
	settle();
}

static void what_is_announced_and_never_sent_costs_what_has_come(void)
{
	size_t before;

	if (!one_of(2))
		return;
	announce_and_wait(); /* after which there is what is kept for others */
	before = bytes_held();
	announce_and_wait();
	expect_bytes(before, SLACK);
}

/* ---- garbage */

/* At each byte of three frames that are right: it serves on, or closes, and nothing is left. */
static void garbage_after_what_is_right(void)
{
	uint64_t random = actor_simulation_seed(executor);
	uint8_t bytes[3 * 25 + 64];

	if (!one_of(6))
		return;
	for (size_t at = 0; at <= 3 * 25; at++) {
		connect_unobserved(NULL);
		for (int i = 0; i < 3; i++) {
			put_head(bytes + 25 * i, 25, ADD_ID, 1 + (uint64_t)i);
			bytes[25 * i + 24] = 1;
		}
		for (size_t i = at; i < sizeof bytes; i++)
			bytes[i] = (uint8_t)test_random(&random);
		stranger_write(bytes, sizeof bytes);
		assert_int_equal(counts_of(&left).n_serving, 0);
		disconnect();
	}
}

/* One byte changed, at each position, to each value: in what was right but for that. */
static void a_byte_that_is_another_at_each_position(void)
{
	uint8_t frame[25];

	if (!one_of(2))
		return;
	for (size_t at = 0; at < sizeof frame; at++)
		for (unsigned value = 0; value < 256; value += test_times(20) >= 20 ? 1 : 37) {
			connect_unobserved(NULL);
			put_head(frame, 25, ADD_ID, 1);
			frame[24] = 1;
			frame[at] = (uint8_t)value;
			stranger_write(frame, sizeof frame);
			assert_in_range(left.sum.total + 24, 0, 24 + 23);
			assert_int_equal(counts_of(&left).n_serving, 0);
			assert_int_equal(counts_of(&left).n_held, 0);
			disconnect();
		}
}

/* ---- floods */

/* Writes as long as it is let; how many bytes were. */
static size_t flood(const uint8_t *bytes, size_t n, unsigned times, size_t *ret_most_memory)
{
	size_t n_written = 0;

	*ret_most_memory = 0;
	for (unsigned i = 0; i < times && !stranger.pending; i++) {
		stranger_write_now(bytes, n);
		n_written += n;
		settle();
		if (bytes_held() > *ret_most_memory)
			*ret_most_memory = bytes_held();
	}
	return n_written;
}

/* So many frames of this kind one after the other, with call ids that go up; 0: sends. */
static void fill(uint8_t *bytes, size_t n_frames, uint64_t service, uint64_t first_call)
{
	for (size_t i = 0; i < n_frames; i++) {
		put_head(bytes + 25 * i, 25, service, first_call ? first_call + i : 0);
		bytes[25 * i + 24] = service == SHOW_ID ? 0xf6 : 1;
	}
}

enum { BATCH = 600 };
static uint8_t batch[25 * BATCH];

/* BP-03, P-08: without answers, it is held back, and then it is too much. */
static void a_flood_of_calls(void)
{
	const struct actor_peer_options options = { .size = sizeof options,
						    .n_permits = 4,
						    .grace_ns = 1 };
	size_t before, most, n;

	if (!one_of(2))
		return;
	connect_unobserved(&options);
	left.sum.slow = true;
	before = bytes_held();
	fill(batch, BATCH, ADD_ID, 1);
	n = flood(batch, sizeof batch, 10000, &most);
	assert_true(counts_of(&left).paused);
	assert_int_equal(left.sum.n_kept, 4);
	assert_in_range(n, 100 * KIB, 2 * MIB);
	assert_in_range(counts_of(&left).n_held_bytes, MIB, MIB + 256 * KIB);
	/* What is held, and what it takes to hold it. */
	assert_true(most <= before + 2 * MIB);
	pass_ns(31 * SECOND);
	while (sum_answer(&left.sum))
		;
	settle();
	expect_gone();
	disconnect();
	expect_bytes(before, SLACK);
}

/* P-10: sends, to an actor with little room. */
static void a_flood_of_sends(void)
{
	const struct actor_peer_options options = { .size = sizeof options, .grace_ns = 1 };
	size_t before, most, n;

	if (!one_of(2))
		return;
	left.options.capacity = 1;
	connect_unobserved(&options);
	left.sum.blocks_until_ns = actor_now(context) + 100 * SECOND;
	before = bytes_held();
	fill(batch, BATCH, ADD_ID, 0);
	n = flood(batch, sizeof batch, 10000, &most);
	assert_true(counts_of(&left).paused);
	assert_in_range(n, 100 * KIB, 2 * MIB);
	assert_true(most <= before + 2 * MIB);
	pass_ns(31 * SECOND);
	expect_gone();
	pass_ns(100 * SECOND);
	disconnect();
	expect_bytes(before, SLACK);
}

/* P-18, P-29, TO-06: a hundred thousand, of both kinds. */
static void answers_that_nobody_asked_for(void)
{
	size_t before, most, n = 0;
	unsigned times = test_times(100);
	struct caller caller;

	if (!one_of(2))
		return;
	connect_unobserved(NULL);
	left.sum.slow = true;
	begin_add(&caller, &left, 1);
	settle();
	before = bytes_held();
	for (unsigned i = 0; i < times; i++) {
		fill(batch, BATCH, i % 2 ? ACTOR_SERVICE_RESPONSE : ACTOR_SERVICE_ERROR,
		     2 + i * UINT64_C(0x123456789abcdef));
		n += flood(batch, sizeof batch, 2, &most);
		assert_true(most <= before + SLACK);
	}
	assert_int_equal(n, 2 * times * sizeof batch);
	assert_int_equal(counts_of(&left).n_pending, 1);
	assert_int_equal(end_add(&caller), ACTOR_E_TIMEOUT);
	expect_served();
}

/* P-27, P-28, E-10: half of them calls, whose errors the stranger reads. */
static void a_million_messages_to_nobody(void)
{
	unsigned times = test_times(1000000) / BATCH;
	size_t before, most;

	if (!one_of(1))
		return;
	connect_unobserved(NULL);
	before = bytes_held();
	for (unsigned i = 0; i < times; i++) {
		fill(batch, BATCH, UINT64_C(0x100000000) + i * UINT64_C(0x9e3779b97f4a7c15),
		     i % 2 ? 1 + i * (uint64_t)BATCH : 0);
		assert_int_equal(flood(batch, sizeof batch, 1, &most), sizeof batch);
		assert_true(most <= before + MIB);
		stranger.n_frames = stranger.n_seen = 0;
	}
	expect_served();
	expect_bytes(before, SLACK);
}

/* ---- many at a time */

/* A transport of a loop that reads from many, and has little time for turns. It takes what is
 * written when the test says so, or at once. */
struct hose {
	struct actor_transport transport;
	const struct actor_transport_events *events;
	void *user;
	bool reading;
	bool takes_at_once;
	size_t n_pending;
	size_t n_taken;
};

static struct hose *hose_of(struct actor_transport *transport)
{
	return ACTOR_CONTAINER_OF(transport, struct hose, transport);
}

static int hose_start(struct actor_transport *transport,
		      const struct actor_transport_events *events, void *user)
{
	struct hose *hose = hose_of(transport);

	hose->events = events;
	hose->user = user;
	hose->reading = true;
	return 0;
}

static void hose_read(struct actor_transport *transport, bool on)
{
	hose_of(transport)->reading = on;
}

static int hose_write(struct actor_transport *transport, const uint8_t *bytes, size_t n)
{
	struct hose *hose = hose_of(transport);

	(void)bytes;
	*(hose->takes_at_once ? &hose->n_taken : &hose->n_pending) += n;
	return hose->takes_at_once ? 0 : ACTOR_PENDING;
}

static void hose_end(struct actor_transport *transport)
{
	(void)transport;
}

static int hose_describe(const struct actor_transport *transport, char *buffer, size_t n_buffer)
{
	(void)transport;
	return snprintf(buffer, n_buffer, "hose");
}

static const struct actor_transport_ops hose_ops = {
	.size = sizeof hose_ops,
	.start = hose_start,
	.read = hose_read,
	.write = hose_write,
	.shutdown = hose_end,
	.destroy = hose_end,
	.describe = hose_describe,
};

/* As much as is read before there is a turn. */
static size_t pour(struct hose *hose, const uint8_t *bytes, size_t n)
{
	size_t n_poured = 0;

	while (hose->reading && n_poured < 100 * n) {
		hose->events->read(hose->user, bytes, n);
		n_poured += n;
	}
	return n_poured;
}

static void take(struct hose *hose)
{
	hose->n_taken += hose->n_pending;
	hose->n_pending = 0;
	hose->events->written(hose->user);
}

/* BP-03: what answers without being asked for is written no further than what answers may be. */
static void what_comes_before_a_turn_is_bounded(void)
{
	struct hose hose = { .transport = { &hose_ops, executor } };
	static uint8_t calls[25 * 2622];
	struct actor_peer_counts counts;
	struct actor_peer *peer;
	size_t n_poured = 0, n_turns = 0;

	assert_int_equal(actor_peer_create(&hose.transport, NULL, &peer), 0);
	assert_int_equal(actor_peer_start(peer), 0);
	settle();
	fill(calls, sizeof calls / 25, UINT64_C(0x100000000), 1);
	for (; hose.reading && n_turns < 100; n_turns++) {
		size_t n = pour(&hose, calls, sizeof calls);

		assert_in_range(n, sizeof calls, 2 * sizeof calls);
		n_poured += n;
		settle();
	}
	actor_peer_counts_get(peer, &counts);
	assert_true(counts.paused);
	assert_in_range(n_poured, 3 * sizeof calls, 7 * sizeof calls);
	assert_in_range(counts.n_unwritten_bytes, MIB, MIB + 2 * 256 * KIB);
	pass_ns(31 * SECOND);
	assert_int_equal(actor_peer_join(context, peer, ACTOR_AT_ONCE), 0);
	actor_peer_unref(peer);
}

/* ---- who does not read */

/* Answers that are not taken: reading pauses, and then it is over. */
static void who_asks_and_never_reads(void)
{
	const struct actor_peer_options options = { .size = sizeof options };
	size_t before, most, n;

	if (!one_of(2))
		return;
	connect_unobserved(&options);
	actor_transport_read(stranger.transport, false);
	before = bytes_held();
	fill(batch, BATCH, SHOW_ID, 1);
	n = flood(batch, sizeof batch, 10000, &most);
	assert_true(counts_of(&left).paused);
	assert_in_range(n, MIB / 4, 4 * MIB);
	assert_true(most <= before + 2 * MIB);
	pass_ns(35 * SECOND);
	expect_gone();
	disconnect();
	expect_bytes(before, SLACK);
}

/* ---- few words, long answers */

enum { SHELF_BYTES = 100000 };

struct get {
	char unit;
};
ACTOR_MESSAGE(get, char *);
ACTOR_SCHEMA(get);
ACTOR_MESSAGE_DEFINE(get, "shelves.get", NULL, actor_text_schema_drop);
ACTOR_SCHEMA_UNIT_DEFINE(get);
ACTOR_CALL_SERVICE_DEFINE(get, "Get", get, actor_text);

#define SHELVES_SERVICES(CALL, SEND, X) CALL(X, get)
ACTOR_NAMESPACE_DECLARE(shelves, SHELVES_SERVICES);
ACTOR_NAMESPACE_DEFINE(shelves, "shelves", SHELVES_SERVICES);
ACTOR_DECLARE(shelf, SHELVES_SERVICES);

struct shelf {
	size_t n_got;
};

static char *shelf_on_get(struct shelf *self, struct get *message, struct actor_context *its)
{
	char *text = malloc(SHELF_BYTES + 1);

	(void)message, (void)its;
	if (!text)
		abort();
	memset(text, 'x', SHELF_BYTES);
	text[SHELF_BYTES] = '\0';
	self->n_got++;
	return text;
}

ACTOR_DEFINE(shelf, SHELVES_SERVICES, NULL, NULL, NULL);

static struct actor_peer *lend(struct hose *hose, struct shelf *shelf, union shelf_address *address,
			       const struct actor_peer_options *options)
{
	struct shelves_services services;
	struct actor_peer *peer;

	assert_int_equal(ACTOR_SPAWN(shelf, actor_executor_spawner(executor), shelf, NULL, address),
			 0);
	assert_int_equal(shelves_services_create(&services), 0);
	assert_int_equal(ACTOR_SERVE_ALL(shelves, SHELVES_SERVICES, services, *address), 0);
	assert_int_equal(actor_peer_create(&hose->transport, options, &peer), 0);
	assert_int_equal(actor_peer_serve(peer, services.map), 0);
	actor_service_map_unref(services.map);
	assert_int_equal(actor_peer_start(peer), 0);
	settle();
	return peer;
}

static void stop_lending(struct actor_peer *peer, union shelf_address address)
{
	actor_peer_close(peer, NULL);
	pass_ns(3 * SECOND);
	assert_int_equal(actor_peer_join(context, peer, ACTOR_AT_ONCE), 0);
	actor_peer_unref(peer);
	actor_address_unref(address.address);
}

static void ask_for_many(struct hose *hose)
{
	fill(batch, BATCH, actor_service_id("shelves", "Get"), 1);
	for (size_t i = 0; i < BATCH; i++)
		batch[25 * i + 24] = 0xf6;
	hose->events->read(hose->user, batch, sizeof batch);
	settle();
}

/* BP-03: who calls and takes no answers gets no further than what may be unwritten, and what had
 * room with the actor meanwhile, however many permits there are; and when he does take them, all.
 */
static void who_takes_no_answers_is_asked_no_more_for(void)
{
	struct hose hose = { .transport = { &hose_ops, executor } };
	struct shelf shelf = { 0 };
	union shelf_address address;
	struct actor_peer_counts counts;
	struct actor_peer *peer;
	size_t before, n_before = MIB / SHELF_BYTES + 1 + 2 * ACTOR_DEFAULT_CAPACITY;

	if (!one_of(20))
		return;
	peer = lend(&hose, &shelf, &address, NULL);
	before = bytes_held();
	ask_for_many(&hose);
	actor_peer_counts_get(peer, &counts);
	assert_true(counts.paused);
	assert_in_range(shelf.n_got, MIB / SHELF_BYTES, n_before);
	assert_in_range(counts.n_unwritten_bytes, MIB, n_before * (SHELF_BYTES + 64));
	expect_bytes(before, 4 * n_before * SHELF_BYTES);
	while (hose.n_pending > 0) {
		take(&hose);
		settle();
		assert_true(shelf.n_got * SHELF_BYTES <=
			    hose.n_taken + n_before * (SHELF_BYTES + 64));
	}
	assert_int_equal(shelf.n_got, BATCH);
	assert_int_equal(hose.n_taken, BATCH * (24 + 5 + SHELF_BYTES));
	stop_lending(peer, address);
}

/* What waits because there is more than may be, goes on when that has been written at once. */
static void who_takes_answers_gets_them_all(void)
{
	const struct actor_peer_options few = { .size = sizeof few,
						.n_permits = 40,
						.max_unwritten_bytes = SHELF_BYTES };
	struct hose hose = { .transport = { &hose_ops, executor }, .takes_at_once = true };
	const uint64_t topic = 7;
	struct shelf shelf = { 0 };
	struct actor_service_map *map;
	union shelf_address address;
	struct actor_peer *peer;

	if (!one_of(20))
		return;
	peer = lend(&hose, &shelf, &address, &few);
	ask_for_many(&hose);
	assert_int_equal(shelf.n_got, BATCH);
	assert_int_equal(hose.n_taken, BATCH * (24 + 5 + SHELF_BYTES));
	assert_true(hose.reading);
	/* Calls that take no permits have their own measure. */
	assert_int_equal(actor_pub_sub_create(&topic, 1, &map), 0);
	assert_int_equal(actor_peer_serve(peer, map), 0);
	actor_service_map_unref(map);
	fill(batch, 1, topic, 1);
	hose.events->read(hose.user, batch, 25);
	settle();
	assert_in_range(hose.n_taken - BATCH * (24 + 5 + SHELF_BYTES), 25, 100);
	stop_lending(peer, address);
}

/* P-08: permits that others could use are not for whoever has enough to take already. */
static void who_takes_no_answers_leaves_permits_to_others(void)
{
	struct hose hose = { .transport = { &hose_ops, executor } };
	struct shelf shelf = { 0 };
	union shelf_address address;
	struct actor_semaphore *permits;
	struct actor_permit *permit;
	struct actor_peer *peer;

	if (!one_of(20))
		return;
	assert_int_equal(actor_semaphore_create(12, &permits), 0);
	peer = lend(&hose, &shelf, &address,
		    &(struct actor_peer_options){ .size = sizeof(struct actor_peer_options),
						  .permits = permits,
						  .max_unwritten_bytes = 2 * SHELF_BYTES });
	ask_for_many(&hose);
	assert_int_equal(shelf.n_got, 12);
	for (int i = 0; i < 4; i++) { /* of two answers, and some of a third */
		take(&hose);
		settle();
	}
	assert_int_equal(shelf.n_got, 12);
	assert_int_equal(actor_semaphore_try_acquire(NULL, permits, 2, &permit), 0);
	actor_permit_release(permit);
	while (hose.n_pending > 0) {
		take(&hose);
		settle();
	}
	assert_int_equal(shelf.n_got, BATCH);
	stop_lending(peer, address);
	actor_semaphore_unref(permits);
}

/* ---- what takes the processor's time */

/* There is never room with whoever serves one of these. */
static uint64_t full_ids[2];

static void full_ref(struct actor_service_map *map)
{
	(void)map;
}

static size_t full_services(struct actor_service_map *map, uint64_t *ret_ids, size_t n_ids)
{
	(void)map;
	for (size_t i = 0; i < n_ids && i < 2; i++)
		ret_ids[i] = full_ids[i];
	return 2;
}

static int full_serve(struct actor_service_map *map, struct actor_incoming *incoming)
{
	(void)map, (void)incoming;
	return ACTOR_E_FULL;
}

static void full_withdraw(struct actor_service_map *map, struct actor_place *place)
{
	(void)map, (void)place;
}

static bool full_takes_permits(const struct actor_service_map *map)
{
	(void)map;
	return true;
}

static int full_describe(struct actor_service_map *map, char *buffer, size_t n_buffer)
{
	(void)map;
	return snprintf(buffer, n_buffer, "full");
}

static const struct actor_service_map_ops full_ops = {
	.size = sizeof full_ops,
	.ref = full_ref,
	.unref = full_ref,
	.services = full_services,
	.serve = full_serve,
	.withdraw = full_withdraw,
	.takes_permits = full_takes_permits,
	.describe = full_describe,
};

/* How long it takes to hold as many as may be, one for each of these in turn. */
static int64_t time_to_hold(uint64_t one, uint64_t other)
{
	struct actor_service_map map = { &full_ops };
	struct hose hose = { .transport = { &hose_ops, executor } };
	struct actor_peer *peer;
	int64_t before_ns;

	full_ids[0] = one;
	full_ids[1] = other;
	assert_int_equal(actor_peer_create(&hose.transport, NULL, &peer), 0);
	assert_int_equal(actor_peer_serve(peer, &map), 0);
	assert_int_equal(actor_peer_start(peer), 0);
	settle();
	for (size_t i = 0; i < BATCH; i++)
		put_head(batch + 25 * i, 25, i % 2 ? one : other, 0);
	before_ns = test_thread_time_ns();
	while (hose.reading) {
		pour(&hose, batch, sizeof batch);
		settle();
	}
	before_ns = test_thread_time_ns() - before_ns;
	actor_peer_close(peer, NULL);
	pass_ns(3 * SECOND);
	assert_int_equal(actor_peer_join(context, peer, ACTOR_AT_ONCE), 0);
	actor_peer_unref(peer);
	return before_ns;
}

/* Where it is remembered who serves them, there is place for one of these only: that is the
 * stranger's choice, and no reason to look through all that waits, for each frame. */
static void services_of_one_place_take_no_longer(void)
{
	int64_t least_ns = INT64_MAX, least_of_one_place_ns = INT64_MAX;

	if (!one_of(2))
		return;
	for (int i = 0; i < 5; i++) {
		int64_t ns = time_to_hold(0x10001, 0x20042);
		int64_t of_one_place_ns = time_to_hold(0x10001, 0x20041);

		least_ns = ns < least_ns ? ns : least_ns;
		if (of_one_place_ns < least_of_one_place_ns)
			least_of_one_place_ns = of_one_place_ns;
	}
	if (least_of_one_place_ns > 5 * least_ns)
		print_error("%" PRId64 " us, and %" PRId64 "\n", least_of_one_place_ns / 1000,
			    least_ns / 1000);
	assert_true(least_of_one_place_ns <= 5 * least_ns);
}

/* ---- connections */

/* Cut at each byte of calls that are being handled and of one that is coming. */
static void a_reset_at_each_byte(void)
{
	uint8_t bytes[3 * 25];

	if (!one_of(6))
		return;
	fill(bytes, 3, ADD_ID, 1);
	for (size_t at = 0; at <= sizeof bytes; at++) {
		struct caller caller;

		connect_unobserved(NULL);
		left.sum.slow = true;
		begin_add(&caller, &left, 1);
		settle();
		if (at > 0)
			stranger_write(bytes, at);
		assert_int_equal(left.sum.n_kept, at / 25);
		actor_transport_destroy(stranger.transport);
		stranger.transport = NULL;
		pass_ns(3 * SECOND);
		assert_int_equal(end_add(&caller), ACTOR_E_DISCONNECTED);
		while (sum_answer(&left.sum))
			;
		settle();
		expect_gone();
		disconnect();
	}
}

/* Ten thousand, one after the other, each with a part of a frame. */
static void connections_that_come_and_go(void)
{
	unsigned n = test_times(10000);
	uint8_t frame[25];
	size_t before = 0;

	if (!one_of(2))
		return;
	for (unsigned i = 0; i < n; i++) {
		struct actor_transport *mine, *other;
		struct actor_peer *peer;

		if (i == 100) /* by when there is what is made once */
			before = bytes_held();
		make_link(&mine, &other);
		assert_int_equal(actor_peer_create(mine, NULL, &peer), 0);
		assert_int_equal(actor_peer_start(peer), 0);
		assert_int_equal(actor_transport_start(other, &stranger_events, NULL), 0);
		settle();
		put_head(frame, 25, ADD_ID, 1);
		actor_ignore(actor_transport_write(other, frame, 1 + i % 25));
		if (i % 2)
			settle();
		actor_transport_destroy(other);
		pass_ns(3 * SECOND);
		assert_int_equal(actor_peer_join(context, peer, ACTOR_AT_ONCE), 0);
		actor_peer_unref(peer);
	}
	settle();
	if (n > 100)
		expect_bytes(before, SLACK);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		PEER_TEST(every_lie_about_a_length),
		PEER_TEST(what_is_announced_and_never_sent_costs_what_has_come),
		PEER_TEST(garbage_after_what_is_right),
		SIMULATED_TEST(a_byte_that_is_another_at_each_position),
		PEER_TEST(a_flood_of_calls),
		PEER_TEST(a_flood_of_sends),
		PEER_TEST(answers_that_nobody_asked_for),
		SIMULATED_TEST(a_million_messages_to_nobody),
		SIMULATED_TEST(what_comes_before_a_turn_is_bounded),
		PEER_TEST(who_asks_and_never_reads),
		SIMULATED_TEST(who_takes_no_answers_is_asked_no_more_for),
		SIMULATED_TEST(who_takes_answers_gets_them_all),
		SIMULATED_TEST(who_takes_no_answers_leaves_permits_to_others),
		SIMULATED_TEST(services_of_one_place_take_no_longer),
		PEER_TEST(a_reset_at_each_byte),
		SIMULATED_TEST(connections_that_come_and_go),
	};

	return cmocka_run_group_tests_name("hostile", tests, NULL, NULL);
}
