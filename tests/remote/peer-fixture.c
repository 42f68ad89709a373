/* SPDX-License-Identifier: MIT */

#include "peer-fixture.h"

#include "hex.h"

#include <actor-impl/thread.h>
#include <actor-remote/network.h>
#include <stdlib.h>

struct actor_executor *executor;
struct actor_context *context;
struct side left, right, more[4];
struct stranger stranger;

/* ---- links */

static enum link_kind links;
static struct actor_network *network; /* with every other seed */

void make_link(struct actor_transport **ret_a, struct actor_transport **ret_b)
{
	if (links != LINK_SIMULATED)
		socket_links_connect(ret_a, ret_b);
	else if (network)
		assert_int_equal(actor_network_connect(network, ret_a, ret_b), 0);
	else
		assert_int_equal(actor_pair_create(executor, executor, ret_a, ret_b), 0);
}

/* ---- sides */

void side_open(struct side *side, struct actor_transport *transport,
	       const struct actor_peer_options *options)
{
	const struct actor_subscribe_options all = { .size = sizeof all,
						     .capacity = ACTOR_UNBOUNDED };

	side->options.size = sizeof side->options;
	assert_int_equal(actor_peer_create(transport, options, &side->peer), 0);
	assert_int_equal(
		actor_observable_subscribe(actor_peer_observable(side->peer), &all, &side->events),
		0);
	assert_int_equal(ACTOR_SPAWN_MAILBOX(sum, actor_executor_spawner(executor), &side->sum,
					     &side->options, &side->address, &side->mailbox),
			 0);
	assert_int_equal(remotes_services_create(&side->services), 0);
	assert_int_equal(remotes_remote(side->peer, &side->remote), 0);
}

void side_serve(struct side *side)
{
	assert_int_equal(ACTOR_SERVE_ALL(remotes, REMOTES_SERVICES, side->services, side->address),
			 0);
	assert_int_equal(actor_peer_serve(side->peer, side->services.map), 0);
}

void side_close(struct side *side)
{
	if (side->peer)
		actor_peer_close(side->peer, "the test is over");
	actor_peer_unref(side->peer);
	actor_subscription_destroy(side->events);
	actor_address_unref(side->remote.address);
	actor_address_unref(side->address.address);
	actor_service_map_unref(side->services.map);
	actor_mailbox_detach(side->mailbox.mailbox);
	side->peer = NULL;
	side->events = NULL;
	side->remote.address = side->address.address = NULL;
	side->services.map = NULL;
	side->mailbox.mailbox = NULL;
}

void link_sides(struct side *a, const struct actor_peer_options *a_options, struct side *b,
		const struct actor_peer_options *b_options)
{
	struct actor_transport *ends[2];

	make_link(&ends[0], &ends[1]);
	side_open(a, ends[0], a_options);
	side_open(b, ends[1], b_options);
	assert_int_equal(actor_peer_start(a->peer), 0);
	assert_int_equal(actor_peer_start(b->peer), 0);
}

void connect_sides(const struct actor_peer_options *left_options,
		   const struct actor_peer_options *right_options)
{
	link_sides(&left, left_options, &right, right_options);
	side_serve(&left);
	side_serve(&right);
}

/* Longer than what is tried again for want of memory. */
void settle(void)
{
	pass_ns(2000000);
}

void pass_ns(int64_t duration_ns)
{
	assert_int_equal(actor_sleep_until(context, actor_deadline_after(context, duration_ns)), 0);
}

/* ---- what is told */

const struct actor_peer_event *expect_event(struct side *side, enum actor_peer_event_kind kind,
					    int status)
{
	static struct actor_peer_event last;
	struct actor_event event;

	settle();
	assert_int_equal(actor_subscription_next(context, side->events, ACTOR_AT_ONCE, &event), 0);
	last = *ACTOR_EVENT(actor_peer_event, &event);
	actor_event_drop(&event);
	assert_int_equal(last.kind, kind);
	assert_int_equal(last.status, status);
	return &last;
}

void expect_no_event(struct side *side)
{
	struct actor_event event;
	int rc;

	settle();
	rc = actor_subscription_next(context, side->events, ACTOR_AT_ONCE, &event);
	if (rc == 0)
		print_error("an event: kind %d, status %d, %s\n",
			    (int)ACTOR_EVENT(actor_peer_event, &event)->kind,
			    ACTOR_EVENT(actor_peer_event, &event)->status,
			    ACTOR_EVENT(actor_peer_event, &event)->text);
	assert_true(rc == ACTOR_E_TIMEOUT || rc == ACTOR_E_CLOSED);
}

void expect_ended(struct side *side)
{
	struct actor_event event;

	assert_int_equal(actor_peer_join(context, side->peer, ACTOR_AT_ONCE), 0);
	assert_int_equal(actor_subscription_next(context, side->events, ACTOR_AT_ONCE, &event),
			 ACTOR_E_CLOSED);
}

struct actor_peer_counts counts_of(const struct side *side)
{
	struct actor_peer_counts counts;

	actor_peer_counts_get(side->peer, &counts);
	return counts;
}

/* ---- messages */

int call_add(struct side *from, int64_t n)
{
	return ACTOR_CALL(context, from->remote, add, NULL, &(struct add){ n });
}

int call_show(struct side *from, int64_t *ret_total)
{
	return ACTOR_CALL(context, from->remote, show, ret_total, &(struct show){ 0 });
}

int send_note(struct side *from, const char *text)
{
	struct note note = { strdup(text) };
	int rc = ACTOR_SEND(context, from->remote, note, &note);

	actor_message_drop(&note_type, &note);
	return rc;
}

void begin_add(struct caller *caller, struct side *from, int64_t n)
{
	caller->add.n = n;
	assert_int_equal(ACTOR_CALL_BEGIN(context, &caller->future, from->remote, add,
					  &caller->unit, &caller->add),
			 0);
}

int end_add(struct caller *caller)
{
	int rc = actor_future_await(&caller->future, ACTOR_AT_ONCE);

	actor_future_cancel(&caller->future);
	return rc;
}

/* ---- the stranger */

static void stranger_flush(void)
{
	int rc;

	if (stranger.pending || stranger.n_unwritten == 0)
		return;
	rc = actor_transport_write(stranger.transport, stranger.unwritten, stranger.n_unwritten);
	stranger.pending = rc == ACTOR_PENDING;
	if (rc == ACTOR_PENDING)
		return;
	stranger.n_unwritten = 0;
}

static void stranger_read(void *user, const uint8_t *bytes, size_t n)
{
	(void)user;
	if (n > sizeof stranger.frames - stranger.n_frames)
		n = sizeof stranger.frames - stranger.n_frames;
	memcpy(stranger.frames + stranger.n_frames, bytes, n);
	stranger.n_frames += n;
	stranger.n_reads++;
	if (stranger.most && stranger.n_frames >= stranger.most)
		actor_transport_read(stranger.transport, false);
}

static void stranger_written(void *user)
{
	(void)user;
	stranger.pending = false;
	stranger.n_unwritten = 0;
}

static void stranger_ended(void *user, int status, int system_errno)
{
	(void)user, (void)system_errno;
	stranger.ended++;
	stranger.status = status;
}

const struct actor_transport_events stranger_events = {
	.size = sizeof stranger_events,
	.read = stranger_read,
	.written = stranger_written,
	.ended = stranger_ended,
};

void connect_stranger(const struct actor_peer_options *options)
{
	struct actor_transport *a;

	make_link(&a, &stranger.transport);
	side_open(&left, a, options);
	side_serve(&left);
	assert_int_equal(actor_peer_start(left.peer), 0);
	assert_int_equal(actor_transport_start(stranger.transport, &stranger_events, NULL), 0);
}

/* One write after the other. */
void stranger_write_now(const void *bytes, size_t n)
{
	assert_false(stranger.pending);
	stranger.unwritten = realloc(stranger.unwritten, n + !n);
	memcpy(stranger.unwritten, bytes, n);
	stranger.n_unwritten = n;
	stranger_flush();
}

void stranger_write(const void *bytes, size_t n)
{
	settle();
	stranger_write_now(bytes, n);
	settle();
}

static void put(uint8_t *at, uint64_t value)
{
	for (int i = 0; i < 8; i++)
		at[i] = (uint8_t)(value >> 8 * i);
}

static uint64_t get(const uint8_t *at)
{
	uint64_t value = 0;

	for (int i = 7; i >= 0; i--)
		value = value << 8 | at[i];
	return value;
}

void stranger_frame(uint64_t service, uint64_t call, const char *payload)
{
	uint8_t frame[24 + 4096], buffer[4096], *bytes;
	size_t n = hex_bytes(payload, buffer, sizeof buffer, &bytes);

	put(frame, 24 + n);
	put(frame + 8, service);
	put(frame + 16, call);
	memcpy(frame + 24, bytes, n);
	stranger_write(frame, 24 + n);
}

/* The next frame: its payload, and how long that is. */
static const uint8_t *next_frame(uint64_t service, uint64_t call, size_t *ret_n)
{
	const uint8_t *frame = stranger.frames + stranger.n_seen;

	settle();
	assert_true(stranger.n_frames - stranger.n_seen >= 24);
	assert_true(stranger.n_frames - stranger.n_seen >= get(frame));
	assert_true(get(frame + 8) == service);
	assert_true(get(frame + 16) == call);
	*ret_n = (size_t)get(frame) - 24;
	stranger.n_seen += (size_t)get(frame);
	return frame + 24;
}

void stranger_expect(uint64_t service, uint64_t call, const char *payload)
{
	size_t n;
	const uint8_t *bytes = next_frame(service, call, &n);

	assert_string_equal(hex_text(bytes, n), payload);
}

void stranger_expect_error(enum actor_wire_error_kind kind, uint64_t service, uint64_t call)
{
	const struct actor_wire_format *format = actor_cbor_format();
	struct actor_wire_error error;
	size_t n;
	const uint8_t *bytes = next_frame(ACTOR_SERVICE_ERROR, call, &n);

	assert_int_equal(format->ops->decode_error(format, bytes, n, &error, NULL), 0);
	assert_int_equal(error.kind, kind);
	if (kind == ACTOR_WIRE_DESERIALIZE_WIRE_FORMAT)
		return;
	assert_true(error.service == service);
	if (kind != ACTOR_WIRE_TIMEOUT)
		assert_true(error.call == call);
}

void stranger_expect_nothing(void)
{
	settle();
	assert_int_equal(stranger.n_frames, stranger.n_seen);
}

void stranger_close(void)
{
	actor_transport_destroy(stranger.transport);
	if (executor)
		settle();
	free(stranger.unwritten);
	memset(&stranger, 0, sizeof stranger);
}

/* ---- tests */

enum { SEEDS = 200, SOCKET_SEEDS = 8 };

static uint64_t seed;

static void open_simulation(void)
{
	const struct actor_simulation_options options = { .size = sizeof options, .seed = seed };

	/* So quick that all has come when it has settled. */
	const struct actor_network_options quick = { .size = sizeof quick,
						     .most_delay_ns = 1000,
						     .room_bytes = 32768 };

	assert_int_equal(actor_simulation_create(&options, &executor), 0);
	context = actor_thread_context();
	if (links != LINK_SIMULATED)
		socket_links_open(executor, links);
	else if (seed % 2 == 0)
		assert_int_equal(actor_network_create(executor, &quick, &network), 0);
}

static int close_simulation(void)
{
	side_close(&left);
	side_close(&right);
	for (size_t i = 0; i < N_ELEMENTS(more); i++)
		side_close(&more[i]);
	stranger_close();
	pass_ns(1000000000); /* until the connections are gone */
	actor_network_destroy(network);
	network = NULL;
	if (links != LINK_SIMULATED)
		socket_links_release();
	if (actor_executor_join(executor, ACTOR_FOREVER) != 0) {
		actor_executor_close(executor);
		actor_ignore(actor_executor_join(executor, ACTOR_FOREVER));
		print_error("actors did not end\n");
		return -1;
	}
	memset(&left, 0, sizeof left);
	memset(&right, 0, sizeof right);
	memset(more, 0, sizeof more);
	if (actor_executor_destroy(executor) != 0)
		return -1;
	executor = NULL;
	if (links != LINK_SIMULATED && socket_links_close() != 0)
		return -1;
	return test_nothing_held(NULL);
}

void peer_test_run(void **state)
{
	const struct peer_test *test = *state;
	unsigned n_seeds = test_times(test->links == LINK_SIMULATED ? SEEDS : SOCKET_SEEDS);

	links = test->links;
	for (seed = 1; seed <= n_seeds; seed++) {
		open_simulation();
		test->run();
		assert_int_equal(close_simulation(), 0);
	}
}

static const char *name_of_links(void)
{
	if (links == LINK_SIMULATED)
		return network ? "a network" : "memory";
	return links == LINK_TCP ? "tcp" : "unix";
}

int peer_test_tear_down(void **state)
{
	(void)state;
	if (!executor)
		return 0;
	print_error("failed with seed %llu over %s\n", (unsigned long long)seed, name_of_links());
	/* What the test has left half done is not looked at any more. */
	return close_simulation();
}
