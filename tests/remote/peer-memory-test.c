/* SPDX-License-Identifier: MIT */

/* Each allocation refused once: of this library, and of the one beneath it. Whatever fails, every
 * call ends, every permit comes back, peers end and nothing is left. */

#include "memory.h"
#include "peer-fixture.h"
#include "unopened.h"

#include "peer.h"

#include <actor-impl/thread.h>
#include <stdlib.h>
#include <string.h>

#define SECOND INT64_C(1000000000)

enum { N_CALLS = 6 };

/* What a run has come to. */
static struct {
	bool connected; /* both peers were there */
	unsigned n_begun;
	unsigned n_pending;    /* calls that have not ended */
	unsigned n_closing[2]; /* events, or what an observer had no memory for */
	unsigned n_joined;
	size_t n_free; /* permits */
	unsigned n_answered;
	uint64_t n_asked;
	uint64_t n_asked_beneath;
} outcome;

/* Ends and their parts, of which any may not be there. */
static struct actor_transport *ends[2];
static struct side *const sides[2] = { &left, &right };

static bool open_side(struct side *side, struct actor_transport **transport,
		      const struct actor_peer_options *options)
{
	const struct actor_subscribe_options all = { .size = sizeof all,
						     .capacity = ACTOR_UNBOUNDED };

	if (actor_peer_create(*transport, options, &side->peer) < 0)
		return false;
	*transport = NULL;
	side->options.size = sizeof side->options;
	side->options.capacity = 1;
	return actor_observable_subscribe(actor_peer_observable(side->peer), &all, &side->events) ==
		       0 &&
	       ACTOR_SPAWN_MAILBOX(sum, actor_executor_spawner(executor), &side->sum,
				   &side->options, &side->address, &side->mailbox) == 0 &&
	       remotes_services_create(&side->services) == 0 &&
	       remotes_remote(side->peer, &side->remote) == 0 &&
	       ACTOR_SERVE(remotes, side->services, add, side->address) == 0 &&
	       ACTOR_SERVE(remotes, side->services, echo, side->address) == 0 &&
	       ACTOR_SERVE(remotes, side->services, note, side->address) == 0 &&
	       actor_peer_serve(side->peer, side->services.map) == 0;
}

static bool open_both(struct actor_semaphore *semaphore)
{
	const struct actor_peer_options options = { .size = sizeof options,
						    .permits = semaphore,
						    .max_unwritten_bytes = 200 };

	return actor_pair_create(executor, executor, &ends[0], &ends[1]) == 0 &&
	       open_side(&left, &ends[0], &options) && open_side(&right, &ends[1], &options) &&
	       actor_peer_start(left.peer) == 0 && actor_peer_start(right.peer) == 0;
}

static void send_text(struct side *from)
{
	/* More than what is kept on stacks. */
	struct note note = { calloc(1, 1001) };

	if (!note.text)
		return;
	memset(note.text, 't', 1000);
	actor_ignore(ACTOR_TRY_SEND(from->remote, note, &note));
	actor_message_drop(&note_type, &note);
}

static void wait_a_while(int64_t duration_ns)
{
	actor_ignore(actor_sleep_until(context, actor_deadline_after(context, duration_ns)));
}

static void talk(void)
{
	struct caller callers[N_CALLS];
	struct echo echo = { calloc(1, 5), { NULL } };
	char *text = NULL;

	right.sum.slow = true;
	for (int i = 0; i < N_CALLS; i++) {
		callers[i].add.n = 1;
		callers[i].future.status = ACTOR_E_CLOSED;
		if (ACTOR_CALL_BEGIN(context, &callers[i].future, left.remote, add,
				     &callers[i].unit, &callers[i].add) == 0)
			outcome.n_begun++;
		send_text(&left);
		send_text(&right);
		wait_a_while(100);
	}
	for (int i = 0; i < N_CALLS + 1; i++) {
		wait_a_while(2000000);
		sum_answer(&right.sum);
	}
	right.sum.slow = false;
	actor_ignore(ACTOR_CALL(context, left.remote, echo, &text, &echo));
	actor_message_drop(&echo_type, &echo);
	free(text);
	wait_a_while(61 * SECOND);
	for (int i = 0; i < N_CALLS; i++) {
		outcome.n_answered += callers[i].future.status == ACTOR_PENDING &&
				      actor_future_await(&callers[i].future, ACTOR_AT_ONCE) == 0;
		outcome.n_pending += callers[i].future.status == ACTOR_PENDING;
		actor_future_cancel(&callers[i].future);
	}
}

/* The one, also if it is among those that an observer has missed. */
static unsigned count_closing(struct side *side)
{
	struct actor_subscription_counts counts = { 0 };
	struct actor_event event;
	unsigned n = 0;

	while (side->events &&
	       actor_subscription_next(context, side->events, ACTOR_AT_ONCE, &event) == 0) {
		n += ACTOR_EVENT(actor_peer_event, &event)->kind <= ACTOR_PEER_CLOSED_BY_REMOTE;
		actor_event_drop(&event);
	}
	if (side->events)
		actor_subscription_counts_get(side->events, &counts);
	return n == 0 && counts.n_dropped > 0 ? 1 : n;
}

static void run(void)
{
	struct actor_semaphore *semaphore;
	struct actor_semaphore_counts permits;

	memset(&outcome, 0, sizeof outcome);
	if (actor_semaphore_create(2, &semaphore) < 0)
		return;
	outcome.connected = open_both(semaphore);
	if (outcome.connected)
		talk();
	for (int i = 0; i < 2; i++)
		if (sides[i]->peer)
			actor_peer_close(sides[i]->peer, NULL);
	wait_a_while(61 * SECOND);
	/* From here on, it is the test that asks. */
	outcome.n_asked_beneath = actor_simulation_fail_nth(0);
	outcome.n_asked = memory_n_asked();
	memory_fail_nth(0);
	for (int i = 0; i < 2; i++) {
		outcome.n_closing[i] = count_closing(sides[i]);
		outcome.n_joined += sides[i]->peer &&
				    actor_peer_join(context, sides[i]->peer, ACTOR_AT_ONCE) == 0;
		side_close(sides[i]);
		actor_transport_destroy(ends[i]);
		ends[i] = NULL;
	}
	wait_a_while(SECOND);
	actor_semaphore_counts_get(semaphore, &permits);
	outcome.n_free = permits.n_free;
	actor_semaphore_unref(semaphore);
}

static void check(void)
{
	assert_int_equal(actor_executor_join(executor, ACTOR_FOREVER), 0);
	assert_int_equal(outcome.n_pending, 0);
	if (!outcome.connected)
		return;
	assert_int_equal(outcome.n_joined, 2);
	assert_int_equal(outcome.n_closing[0], 1);
	assert_int_equal(outcome.n_closing[1], 1);
	assert_int_equal(outcome.n_free, 2);
}

static void open_once(void)
{
	const struct actor_simulation_options options = { .size = sizeof options, .seed = 7 };

	assert_int_equal(actor_simulation_create(&options, &executor), 0);
	context = actor_thread_context();
}

static void close_once(void)
{
	assert_int_equal(actor_executor_destroy(executor), 0);
	executor = NULL;
	memset(&left, 0, sizeof left);
	memset(&right, 0, sizeof right);
	assert_int_equal(test_nothing_held(NULL), 0);
}

static void nothing_fails_without_refusals(void **state)
{
	long n_live;

	(void)state;
	open_once();
	n_live = memory_n_live();
	run();
	check();
	assert_true(outcome.connected);
	assert_int_equal(outcome.n_begun, N_CALLS);
	assert_int_equal(outcome.n_answered, N_CALLS);
	assert_int_equal(memory_n_live(), n_live);
	close_once();
}

static void each_allocation_may_be_refused(void **state)
{
	unsigned nth = 0;

	(void)state;
	do {
		long n_live;

		open_once();
		n_live = memory_n_live();
		memory_fail_nth(++nth);
		run();
		check();
		assert_int_equal(memory_n_live(), n_live);
		close_once();
	} while (nth < outcome.n_asked || !outcome.connected);
	assert_in_range(nth, 50, 10000);
}

static void each_allocation_beneath_may_be_refused(void **state)
{
	unsigned step = 500 / test_times(500);

	(void)state;
	for (uint64_t nth = 1; nth <= outcome.n_asked_beneath + 1 || !outcome.connected;
	     nth += step) {
		open_once();
		actor_simulation_fail_nth(nth);
		run();
		check();
		close_once();
		assert_in_range(nth, 1, 10000);
	}
}

/* ---- when there is no memory for a while */

/* The caller is not forgotten: when there is memory, it is told that it will not be answered. So
 * that what is owed does not become more and more, nothing is read meanwhile. */
static void an_answer_without_memory_is_owed(void)
{
	struct caller caller;

	connect_sides(NULL, NULL);
	right.sum.slow = true;
	begin_add(&caller, &left, 1);
	settle();
	memory_fail_some(1, 1);
	assert_true(sum_answer(&right.sum));
	settle();
	settle();
	memory_fail_some(0, 0);
	assert_int_equal(counts_of(&right).n_serving, 1);
	assert_true(counts_of(&right).paused);
	settle();
	assert_int_equal(counts_of(&right).n_serving, 0);
	assert_false(counts_of(&right).paused);
	assert_int_equal(end_add(&caller), ACTOR_E_REMOTE_FAILED);
	expect_event(&right, ACTOR_PEER_ERROR, ACTOR_E_NOMEM);
}

static unsigned n_without_memory;

/* Not even for what keeps a call while it is served: its caller is told all the same. */
static void a_call_without_memory_is_answered(void)
{
	for (unsigned nth = 2; nth < 9; nth++) { /* the first is of who writes the frame here */
		connect_stranger(NULL);
		stranger_frame(ADD_ID, 1, "01");
		stranger_expect(ACTOR_SERVICE_RESPONSE, 1, "f6");
		stranger_frame(ADD_ID, 2, "01");
		stranger_expect(ACTOR_SERVICE_RESPONSE, 2, "f6");
		left.sum.slow = true;
		stranger_frame(ADD_ID, 3, "01");
		memory_fail_nth(nth);
		stranger_frame(ADD_ID, 4, "01");
		memory_fail_nth(0);
		/* When what is read was cut, there may have been none for the first part. */
		if (counts_of(&left).n_serving < 2 && !left.peer->closing) {
			stranger_expect_error(ACTOR_WIRE_INTERNAL_SERVER_ERROR, ADD_ID, 4);
			expect_event(&left, ACTOR_PEER_ERROR, ACTOR_E_NOMEM);
			n_without_memory++;
		}
		while (sum_answer(&left.sum))
			settle();
		side_close(&left);
		stranger_close();
		pass_ns(5 * SECOND);
		memset(&left, 0, sizeof left);
	}
}

/* Which allocation is whose differs from seed to seed. */
static void there_have_been_calls_without_memory(void **state)
{
	(void)state;
	assert_true(n_without_memory > 0);
}

/* What is owed at the end is given up, with its permit. */
static void what_is_owed_ends_with_the_connection(void)
{
	struct caller caller;
	struct actor_peer_options options = { .size = sizeof options };
	struct actor_semaphore *semaphore;
	struct actor_semaphore_counts permits;

	assert_int_equal(actor_semaphore_create(1, &semaphore), 0);
	options.permits = semaphore;
	connect_sides(NULL, &options);
	right.sum.slow = true;
	begin_add(&caller, &left, 1);
	settle();
	memory_fail_some(1, 1);
	assert_true(sum_answer(&right.sum));
	actor_peer_close(left.peer, NULL);
	pass_ns(60 * SECOND);
	memory_fail_some(0, 0);
	assert_int_equal(actor_peer_join(context, right.peer, ACTOR_AT_ONCE), 0);
	assert_int_equal(counts_of(&right).n_serving, 0);
	assert_int_equal(end_add(&caller), ACTOR_E_DISCONNECTED);
	actor_semaphore_counts_get(semaphore, &permits);
	assert_int_equal(permits.n_free, 1);
	actor_semaphore_unref(semaphore);
}

/* Whatever there is no memory for when a call has to wait: it is served when there is a permit. */
static void a_call_without_memory_to_wait_is_tried_again(void)
{
	for (uint64_t nth = 1; nth < 40; nth++) {
		struct actor_peer_options options = { .size = sizeof options };
		struct actor_semaphore *semaphore;
		struct actor_permit *permit;
		bool held;

		assert_int_equal(actor_semaphore_create(1, &semaphore), 0);
		assert_int_equal(actor_semaphore_try_acquire(NULL, semaphore, 1, &permit), 0);
		options.permits = semaphore;
		connect_stranger(&options);
		settle();
		actor_simulation_fail_nth(nth);
		stranger_frame(ADD_ID, 1, "01");
		actor_simulation_fail_nth(0);
		held = counts_of(&left).n_held == 1;
		actor_permit_release(permit);
		settle();
		if (held)
			assert_int_equal(left.sum.total, 1);
		side_close(&left);
		stranger_close();
		pass_ns(5 * SECOND);
		memset(&left, 0, sizeof left);
		actor_semaphore_unref(semaphore);
	}
}

/* It has asked for a permit, and then had no memory to wait. */
static void a_call_that_is_refused_leaves_its_permit_to_others(void)
{
	uint8_t frame[25] = { sizeof frame };
	uint64_t service = ADD_ID;

	memcpy(frame + 8, &service, sizeof service);
	frame[16] = 1;
	for (uint64_t nth = 1; nth < 12; nth++) {
		struct actor_peer_options options = { .size = sizeof options };
		struct actor_semaphore_counts now;
		struct actor_permit *permit;

		assert_int_equal(actor_semaphore_create(1, &options.permits), 0);
		assert_int_equal(actor_semaphore_try_acquire(NULL, options.permits, 1, &permit), 0);
		connect_stranger(&options);
		settle();
		stranger_write_now(frame, sizeof frame);
		memory_fail_nth(nth);
		settle();
		memory_fail_nth(0);
		actor_permit_release(permit);
		pass_ns(SECOND);
		actor_semaphore_counts_get(options.permits, &now);
		assert_int_equal(now.n_free, 1);
		side_close(&left);
		stranger_close();
		pass_ns(5 * SECOND);
		memset(&left, 0, sizeof left);
		actor_semaphore_unref(options.permits);
	}
}

/* ---- how much there is */

enum { FLOOD_BYTES = 30000, N_FLOODS = 12, MOST_HELD = 300000, FRAME_BYTES = 25 };

/* Frames with a small payload, an empty text or a number, or one with the beginning of much. */
static size_t make_flood(uint8_t *bytes, uint64_t service, uint64_t call, uint64_t length)
{
	size_t n = 0;

	for (; n + FRAME_BYTES <= FLOOD_BYTES; n += FRAME_BYTES) {
		memset(bytes + n, 0, 24);
		bytes[n + 24] = service == ADD_ID ? 0x05 : 0x60;
		for (unsigned i = 0; i < 8; i++) {
			bytes[n + i] = (uint8_t)(length >> 8 * i);
			bytes[n + 8 + i] = (uint8_t)(service >> 8 * i);
			bytes[n + 16 + i] = (uint8_t)(call >> 8 * i);
		}
	}
	return n;
}

/* As long as it is taken; the most that there was meanwhile. */
static size_t most_held(const uint8_t *bytes, size_t n)
{
	size_t before = memory_n_live_bytes(), most = 0;

	for (unsigned i = 0; i < N_FLOODS && !stranger.pending && !stranger.ended; i++) {
		stranger_write(bytes, n);
		if (memory_n_live_bytes() - before > most)
			most = memory_n_live_bytes() - before;
	}
	return most;
}

static void relay_to_nobody_who_answers(void)
{
	const uint64_t ids[] = { ECHO_ID };
	struct actor_relay_options options = {
		.size = sizeof options, .peer = more[0].peer, .services = ids, .n_services = 1
	};
	struct actor_service_map *map;

	actor_services_unregister(left.services.map, &echo_type);
	settle();
	assert_int_equal(actor_relay_map_create(&options, &map), 0);
	assert_int_equal(actor_peer_serve(left.peer, map), 0);
	actor_service_map_unref(map);
}

/* Many frames of one kind, to whom does not keep up, by one who reads nothing. */
static void what_a_stranger_makes_a_peer_hold_is_bounded(void)
{
	const uint64_t services[] = {
		NOTE_ID, ADD_ID, ECHO_ID, 0x1234, ACTOR_SERVICE_ERROR, ACTOR_SERVICE_RESPONSE
	};
	const struct actor_peer_options options = { .size = sizeof options,
						    .max_read_bytes = 100000,
						    .max_write_bytes = 1000,
						    .n_permits = 4,
						    .max_held_bytes = 10000,
						    .max_unwritten_bytes = 10000,
						    .max_relayed_bytes = 10000,
						    .stall_ns = 3600 * SECOND };
	size_t which = actor_simulation_choose(executor, N_ELEMENTS(services));
	uint64_t call = actor_simulation_choose(executor, 2);
	uint64_t length = actor_simulation_choose(executor, 4) ? FRAME_BYTES : 100000;
	static uint8_t bytes[FLOOD_BYTES];
	size_t n = make_flood(bytes, services[which], call, length);

	/* Where it is relayed to, nobody serves it, or reads. */
	link_sides(&more[0], NULL, &more[1], NULL);
	connect_stranger(&options);
	left.sum.blocks_until_ns = actor_now(context) + 3600 * SECOND;
	relay_to_nobody_who_answers();
	settle();
	actor_transport_read(stranger.transport, false);
	assert_in_range(most_held(bytes, n), 0, MOST_HELD);
}

/* ---- a transport that says more than it has to */

/* Whether it has read before makes no difference. */
static void to_be_told_twice_that_it_is_open_costs_nothing(void)
{
	bool reads = actor_simulation_choose(executor, 2);
	struct actor_certificate certificate;
	struct unopened opening;
	long n_live;

	unopened_init(&opening, executor);
	side_open(&left, &opening.transport, NULL);
	assert_int_equal(actor_peer_start(left.peer), 0);
	settle();
	assert_int_equal(actor_peer_certificate(left.peer, &certificate), ACTOR_E_UNSUPPORTED);
	if (reads)
		opening.events->read(opening.user, (const uint8_t *)"\x18", 1);
	else
		opening.events->opened(opening.user);
	assert_int_equal(actor_peer_certificate(left.peer, &certificate), 0);
	n_live = memory_n_live();
	opening.events->opened(opening.user);
	opening.events->opened(opening.user);
	assert_int_equal(memory_n_live(), n_live);
	assert_int_equal(actor_peer_certificate(left.peer, &certificate), 0);
	actor_peer_close(left.peer, NULL);
	pass_ns(2 * SECOND);
	assert_true(opening.destroyed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_fails_without_refusals),
		cmocka_unit_test(each_allocation_may_be_refused),
		cmocka_unit_test(each_allocation_beneath_may_be_refused),
		PEER_TEST(an_answer_without_memory_is_owed),
		PEER_TEST(a_call_without_memory_is_answered),
		cmocka_unit_test(there_have_been_calls_without_memory),
		PEER_TEST(what_is_owed_ends_with_the_connection),
		PEER_TEST(a_call_without_memory_to_wait_is_tried_again),
		PEER_TEST(a_call_that_is_refused_leaves_its_permit_to_others),
		PEER_TEST(what_a_stranger_makes_a_peer_hold_is_bounded),
		SIMULATED_TEST(to_be_told_twice_that_it_is_open_costs_nothing),
	};

	return cmocka_run_group_tests_name("peer-memory", tests, NULL, NULL);
}
