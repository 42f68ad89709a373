/* SPDX-License-Identifier: MIT */

/*
 * Each allocation refused once, as in peer-memory-test.c, in what stands on peers: a relay, a
 * topic, a network that is slow and breaks. Whatever fails, every call ends, every peer ends,
 * nothing is delivered out of order and nothing is left.
 */

#include "large.h"
#include "memory.h"
#include "peer-fixture.h"

#include <actor-impl/thread.h>
#include <actor-remote/network.h>
#include <stdlib.h>
#include <string.h>

#define SECOND INT64_C(1000000000)

enum { N_SIDES = 6, N_CALLS = 20 };

/* Any of it may not be there. */
static struct side *const sides[N_SIDES] = {
	&left, &right, &more[0], &more[1], &more[2], &more[3]
};
static struct actor_transport *ends[N_SIDES]; /* that have no peer */
static struct actor_network *network;
static struct actor_service_map *map;

/* What a run has come to. */
static struct {
	bool connected;
	size_t n_callers;
	struct caller callers[N_CALLS];
	unsigned n_pending;
	unsigned n_answered;
	unsigned n_peers;
	unsigned n_joined;
	bool in_order;
	uint64_t n_asked;
	uint64_t n_asked_beneath;
} outcome;

/* ---- connections, as far as there is memory for them */

static bool open_side(size_t i)
{
	const struct actor_peer_options options = { .size = sizeof options, .n_permits = 2 };
	struct side *side = sides[i];

	if (actor_peer_create(ends[i], &options, &side->peer) < 0)
		return false;
	ends[i] = NULL;
	side->options.size = sizeof side->options;
	side->options.capacity = 1;
	return ACTOR_SPAWN_MAILBOX(sum, actor_executor_spawner(executor), &side->sum,
				   &side->options, &side->address, &side->mailbox) == 0 &&
	       remotes_remote(side->peer, &side->remote) == 0;
}

static bool link_two(size_t a, size_t b)
{
	int rc = network ? actor_network_connect(network, &ends[a], &ends[b])
			 : actor_pair_create(executor, executor, &ends[a], &ends[b]);

	return rc == 0 && open_side(a) && open_side(b);
}

static bool start_all(size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (actor_peer_start(sides[i]->peer) < 0)
			return false;
	return true;
}

static bool serve(struct side *side)
{
	return remotes_services_create(&side->services) == 0 &&
	       ACTOR_SERVE_ALL(remotes, REMOTES_SERVICES, side->services, side->address) == 0 &&
	       actor_peer_serve(side->peer, side->services.map) == 0;
}

/* ---- what is said over them */

static void wait_a_while(int64_t duration_ns)
{
	actor_ignore(actor_sleep_until(context, actor_deadline_after(context, duration_ns)));
}

static void call(struct side *from)
{
	struct caller *caller = &outcome.callers[outcome.n_callers++];

	caller->add.n = 1;
	caller->future.status = ACTOR_E_CLOSED;
	actor_ignore(ACTOR_CALL_BEGIN(context, &caller->future, from->remote, add, &caller->unit,
				      &caller->add));
	wait_a_while(100);
}

/* Of so many bytes, all the same. */
static void say(struct side *from, char letter, size_t n)
{
	struct note note = { calloc(1, n + 1) };

	if (note.text)
		memset(note.text, letter, n);
	if (note.text)
		actor_ignore(ACTOR_TRY_SEND(from->remote, note, &note));
	actor_message_drop(&note_type, &note);
	wait_a_while(100);
}

/* Each of them has ended when its time is over. */
static void count_calls(void)
{
	wait_a_while(61 * SECOND);
	for (size_t i = 0; i < outcome.n_callers; i++) {
		struct actor_future *future = &outcome.callers[i].future;

		if (future->status == ACTOR_PENDING)
			outcome.n_answered += actor_future_await(future, ACTOR_AT_ONCE) == 0;
		outcome.n_pending += future->status == ACTOR_PENDING;
		actor_future_cancel(future);
	}
}

static bool rises(const char *text)
{
	while (text[0] && text[1] && text[0] <= text[1])
		text++;
	return !text[0] || !text[1];
}

/* ---- a relay: a caller, its two peers, and who serves */

static bool connect_relay(void)
{
	const uint64_t services[] = { ACTOR_SERVICE_ID(remotes, add),
				      ACTOR_SERVICE_ID(remotes, echo),
				      ACTOR_SERVICE_ID(remotes, note) };
	struct actor_relay_options options = {
		.size = sizeof options,
		.services = services,
		.n_services = N_ELEMENTS(services),
	};

	if (!link_two(0, 1) || !link_two(2, 3))
		return false;
	options.peer = sides[2]->peer;
	return actor_relay_map_create(&options, &map) == 0 &&
	       actor_peer_serve(sides[1]->peer, map) == 0 && serve(sides[3]) && start_all(4);
}

static void talk_over_relay(void)
{
	struct echo echo = { calloc(1, 5), { NULL } };
	char *text = NULL;

	sides[3]->sum.slow = true;
	for (char letter = 'a'; letter < 'd'; letter++) {
		call(sides[0]);
		say(sides[0], letter, 1000);
	}
	wait_a_while(2000000);
	while (sum_answer(&sides[3]->sum))
		wait_a_while(2000000);
	sides[3]->sum.slow = false;
	actor_ignore(ACTOR_CALL(context, sides[0]->remote, echo, &text, &echo));
	actor_message_drop(&echo_type, &echo);
	free(text);
	/* Under way when there is nobody any more to whom to pass it on, and after that. */
	sides[3]->sum.slow = true;
	call(sides[0]);
	actor_peer_close(sides[2]->peer, NULL);
	call(sides[0]);
	count_calls();
	outcome.in_order = rises(sides[3]->sum.notes);
}

/* ---- a topic: who publishes, the board's peer for him; two subscribers, and its peers for them */

static bool connect_topic(void)
{
	const uint64_t service = ACTOR_SERVICE_ID(remotes, note);

	return link_two(0, 1) && link_two(2, 3) && link_two(4, 5) &&
	       actor_pub_sub_create(&service, 1, &map) == 0 &&
	       actor_peer_serve(sides[1]->peer, map) == 0 && serve(sides[3]) && serve(sides[5]) &&
	       actor_pub_sub_subscribe(map, sides[2]->peer) == 0 &&
	       actor_pub_sub_subscribe(map, sides[4]->peer) == 0 && start_all(6);
}

static void talk_on_topic(void)
{
	say(sides[0], 'a', 10);
	say(sides[0], 'b', 1000);
	say(sides[0], 'c', 10);
	wait_a_while(2000000);
	actor_pub_sub_unsubscribe(map, sides[4]->peer);
	say(sides[0], 'd', 10);
	wait_a_while(2000000);
	actor_ignore(actor_pub_sub_subscribe(map, sides[4]->peer));
	actor_peer_close(sides[3]->peer, NULL);
	say(sides[0], 'e', 10);
	call(sides[0]); /* which nobody takes */
	count_calls();
	outcome.in_order = rises(sides[3]->sum.notes) && rises(sides[5]->sum.notes);
}

/* ---- a network, which holds all up for a while, and a map that is another's clone */

static bool connect_over_network(void)
{
	const struct actor_network_options options = {
		.size = sizeof options,
		.most_bytes = 64,
		.room_bytes = 512,
	};
	struct actor_service_map *clone;
	bool served;

	if (actor_network_create(executor, &options, &network) < 0 || !link_two(0, 1) ||
	    !serve(sides[0]) || actor_services_clone(sides[0]->services.map, &clone) < 0)
		return false;
	served = actor_peer_serve(sides[1]->peer, clone) == 0;
	actor_service_map_unref(clone);
	return served && start_all(2);
}

static void talk_over_network(void)
{
	for (char letter = 'a'; letter < 'd'; letter++) {
		call(sides[0]);
		say(sides[0], letter, 300);
	}
	wait_a_while(SECOND);
	actor_network_partition(network, true);
	call(sides[1]);
	wait_a_while(SECOND);
	actor_network_partition(network, false);
	wait_a_while(SECOND);
	call(sides[0]);
	actor_peer_close(sides[1]->peer, NULL);
	count_calls();
	outcome.in_order = rises(sides[0]->sum.notes); /* who serves at both ends */
}

/* ---- much: many calls under way, and large ones */

static bool connect_much(void)
{
	static struct mirror state;
	union mirror_address mirror;
	struct larges_services larges;
	bool served;

	if (!link_two(0, 1) || !serve(sides[1]) || larges_services_create(&larges) < 0)
		return false;
	map = larges.map;
	if (ACTOR_SPAWN(mirror, actor_executor_spawner(executor), &state, NULL, &mirror) < 0)
		return false;
	served = ACTOR_SERVE_ALL(larges, LARGE_SERVICES, larges, mirror) == 0 &&
		 actor_peer_serve(sides[1]->peer, map) == 0;
	actor_address_unref(mirror.address);
	return served && start_all(2);
}

static void talk_much(void)
{
	static struct large large, answer;
	union larges_address remote;

	sides[1]->sum.slow = true;
	for (int i = 0; i < N_CALLS; i++)
		call(sides[0]);
	for (int i = 0; i < 2 * N_CALLS; i++) {
		wait_a_while(2000000);
		sum_answer(&sides[1]->sum);
	}
	memset(&large, 'l', sizeof large);
	memset(&answer, 0, sizeof answer);
	if (larges_remote(sides[0]->peer, &remote) == 0) {
		if (ACTOR_CALL(context, remote, large, &answer, &large) == 0)
			outcome.in_order = memcmp(&large, &answer, sizeof large) == 0;
		actor_address_unref(remote.address);
	}
	count_calls();
}

/* ---- each of them, with each allocation refused */

struct scenario {
	bool (*connect)(void);
	void (*talk)(void);
	unsigned n_answered; /* of a run without refusals */
};

static void close_all(void)
{
	for (size_t i = 0; i < N_SIDES; i++)
		if (sides[i]->peer)
			actor_peer_close(sides[i]->peer, NULL);
	wait_a_while(61 * SECOND);
	/* From here on, it is the test that asks. */
	outcome.n_asked_beneath = actor_simulation_fail_nth(0);
	outcome.n_asked = memory_n_asked();
	memory_fail_nth(0);
	for (size_t i = 0; i < N_SIDES; i++) {
		outcome.n_peers += sides[i]->peer != NULL;
		outcome.n_joined += sides[i]->peer &&
				    actor_peer_join(context, sides[i]->peer, ACTOR_AT_ONCE) == 0;
		side_close(sides[i]);
		actor_transport_destroy(ends[i]);
		ends[i] = NULL;
	}
	actor_service_map_unref(map);
	map = NULL;
	wait_a_while(SECOND);
	actor_network_destroy(network);
	network = NULL;
}

/* The @nth of this library, or of the one beneath it, is refused; 0: none. */
static void run(const struct scenario *scenario, unsigned nth, uint64_t nth_beneath)
{
	const struct actor_simulation_options options = { .size = sizeof options, .seed = 7 };
	long n_live;

	assert_int_equal(actor_simulation_create(&options, &executor), 0);
	context = actor_thread_context();
	memset(&outcome, 0, sizeof outcome);
	outcome.in_order = true;
	n_live = memory_n_live();
	memory_fail_nth(nth);
	actor_simulation_fail_nth(nth_beneath ? nth_beneath : UINT64_MAX);
	outcome.connected = scenario->connect();
	if (outcome.connected)
		scenario->talk();
	close_all();
	assert_int_equal(actor_executor_join(executor, ACTOR_FOREVER), 0);
	assert_int_equal(outcome.n_pending, 0);
	assert_int_equal(outcome.n_joined, outcome.n_peers);
	assert_true(outcome.in_order);
	assert_int_equal(memory_n_live(), n_live);
	assert_int_equal(actor_executor_destroy(executor), 0);
	executor = NULL;
	for (size_t i = 0; i < N_SIDES; i++)
		memset(sides[i], 0, sizeof *sides[i]);
	assert_int_equal(test_nothing_held(NULL), 0);
}

static void refuse_each(void **state)
{
	const struct scenario *scenario = *state;
	unsigned step = 200 / test_times(200);
	uint64_t n_beneath, nth;

	run(scenario, 0, 0);
	assert_true(outcome.connected);
	assert_int_equal(outcome.n_answered, scenario->n_answered);
	n_beneath = outcome.n_asked_beneath;
	nth = 0;
	do
		run(scenario, (unsigned)++nth, 0);
	while (nth <= outcome.n_asked);
	assert_in_range(nth, 30, 10000);
	for (nth = 1; nth <= n_beneath; nth += step)
		run(scenario, 0, nth);
	assert_in_range(n_beneath, 50, 10000);
}

#define SCENARIO(name, connect, talk, n_answered)                                                  \
	{                                                                                          \
		name, refuse_each, NULL, NULL, &(struct scenario)                                  \
		{                                                                                  \
			connect, talk, n_answered                                                  \
		}                                                                                  \
	}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SCENARIO("a relay without memory", connect_relay, talk_over_relay, 3),
		SCENARIO("a topic without memory", connect_topic, talk_on_topic, 0),
		SCENARIO("a network without memory", connect_over_network, talk_over_network, 4),
		SCENARIO("much without memory", connect_much, talk_much, N_CALLS),
	};

	return cmocka_run_group_tests_name("scenario-memory", tests, NULL, NULL);
}
