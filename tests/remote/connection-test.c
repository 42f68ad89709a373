/* SPDX-License-Identifier: MIT */

/* Peers over real connections: two loops with a thread each, actors on a pool, and threads that
 * call; over each transport there is. */

#include "remotes.h"

#include "support/wait.h"

#include <actor-impl/thread.h>
#include <actor-remote/io.h>
#include <actor-remote/peer.h>
#include <impl/test.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { CALLERS = 4 };

static struct actor_executor *pool;

static struct actor_context *here(void)
{
	return actor_thread_context();
}

/* ---- somebody who is asked, and asks back */

struct twice {
	int64_t n;
	struct actor_origin origin;
};
ACTOR_MESSAGE(twice, int64_t);
ACTOR_SCHEMA(twice);

#define ECHOES_SERVICES(CALL, SEND, X) CALL(X, twice)
ACTOR_NAMESPACE_DECLARE(echoes, ECHOES_SERVICES);
ACTOR_DECLARE(echoing, ECHOES_SERVICES);

ACTOR_MESSAGE_DEFINE(twice, "test.twice", twice_schema_drop, NULL);
ACTOR_SCHEMA_NEWTYPE_DEFINE_WITH_ORIGIN(twice, n, actor_i64, origin);
ACTOR_CALL_SERVICE_DEFINE(twice, "Twice", twice, actor_i64);
ACTOR_NAMESPACE_DEFINE(echoes, "echoes", ECHOES_SERVICES);

struct echoing {
	bool asks_back;
};

/* P-11: over the connection that the call came over. */
static int64_t ask_back(struct actor_peer *peer, int64_t n, struct actor_context *context)
{
	union echoes_address remote;
	int64_t answer = -1;
	struct twice twice = { n, { NULL } };

	if (echoes_remote(peer, &remote) < 0)
		return -1;
	if (ACTOR_CALL(context, remote, twice, &answer, &twice) < 0)
		answer = -1;
	actor_address_unref(remote.address);
	return answer;
}

static int64_t echoing_on_twice(struct echoing *self, struct twice *message,
				struct actor_context *context)
{
	return self->asks_back ? ask_back(message->origin.peer, message->n, context)
			       : 2 * message->n;
}

ACTOR_DEFINE(echoing, ECHOES_SERVICES, NULL, NULL, NULL);

/* ---- connections */

/* One end: with what it serves. */
struct end {
	struct actor_io *io;
	struct actor_peer *peer;
	struct sum sum;
	struct sum_mailbox mailbox;
	union sum_address address;
	struct remotes_services services;
	struct echoing echoing;
	union echoing_address echo_address;
	struct echoes_services echoes;
	union remotes_address remote;
	union echoes_address remote_echoes;
};

static struct end client, server;
static struct actor_transport *accepted;
static struct actor_reply *accepting;

static void on_accept(void *user, struct actor_transport *transport)
{
	(void)user;
	accepted = transport;
	wait_end(accepting);
}

static void connect_pair(const char *address, struct actor_transport *ret_ends[2])
{
	(void)address;
	assert_int_equal(actor_pair_create(actor_io_executor(client.io),
					   actor_io_executor(server.io), &ret_ends[0],
					   &ret_ends[1]),
			 0);
}

static void connect_sockets(const char *address, struct actor_transport *ret_ends[2])
{
	const struct actor_listen_options options = { .size = sizeof options, .accept = on_accept };
	struct actor_listener *listener;

	assert_int_equal(actor_listen(here(), server.io, address, &options, &listener), 0);
	assert_int_equal(wait_open(here(), &accepting), 0);
	assert_int_equal(actor_connect(here(), client.io, actor_listener_address(listener),
				       test_deadline(), &ret_ends[0]),
			 0);
	assert_int_equal(wait_for(here(), accepting, test_deadline()), 0);
	wait_close(here(), accepting);
	ret_ends[1] = accepted;
	actor_listener_close(listener);
}

/* struct subject - a kind of connection */
struct subject {
	const char *name;
	void (*connect)(const char *address, struct actor_transport *ret_ends[2]);
	char address[64];
};

static struct subject subjects[] = {
	{ "pair", connect_pair, "" },
	{ "tcp", connect_sockets, "tcp:127.0.0.1:0" },
	{ "unix", connect_sockets, "" },
};

static void end_open(struct end *end, struct actor_transport *transport,
		     const struct actor_peer_options *options)
{
	struct actor_spawner *spawner = actor_executor_spawner(pool);

	assert_int_equal(actor_peer_create(transport, options, &end->peer), 0);
	assert_int_equal(
		ACTOR_SPAWN_MAILBOX(sum, spawner, &end->sum, NULL, &end->address, &end->mailbox),
		0);
	assert_int_equal(remotes_services_create(&end->services), 0);
	assert_int_equal(ACTOR_SERVE(remotes, end->services, add, end->address), 0);
	assert_int_equal(ACTOR_SERVE(remotes, end->services, show, end->address), 0);
	assert_int_equal(ACTOR_SERVE(remotes, end->services, note, end->address), 0);
	assert_int_equal(actor_peer_serve(end->peer, end->services.map), 0);
	assert_int_equal(ACTOR_SPAWN(echoing, spawner, &end->echoing, NULL, &end->echo_address), 0);
	assert_int_equal(echoes_services_create(&end->echoes), 0);
	assert_int_equal(ACTOR_SERVE(echoes, end->echoes, twice, end->echo_address), 0);
	assert_int_equal(actor_peer_serve(end->peer, end->echoes.map), 0);
	assert_int_equal(remotes_remote(end->peer, &end->remote), 0);
	assert_int_equal(echoes_remote(end->peer, &end->remote_echoes), 0);
}

static void end_close(struct end *end)
{
	actor_peer_close(end->peer, NULL);
	actor_peer_unref(end->peer);
	actor_address_unref(end->remote.address);
	actor_address_unref(end->remote_echoes.address);
	actor_address_unref(end->address.address);
	actor_address_unref(end->echo_address.address);
	actor_service_map_unref(end->services.map);
	actor_service_map_unref(end->echoes.map);
	assert_int_equal(actor_mailbox_join(here(), end->mailbox.mailbox, test_deadline(), NULL),
			 0);
	actor_mailbox_detach(end->mailbox.mailbox);
	assert_int_equal(actor_io_join(end->io, test_deadline()), 0);
	assert_int_equal(actor_io_destroy(end->io), 0);
	memset(end, 0, sizeof *end);
}

static void open_both(const struct subject *subject, const struct actor_peer_options *options)
{
	struct actor_transport *ends[2];

	assert_int_equal(actor_io_create(NULL, &client.io), 0);
	assert_int_equal(actor_io_create(NULL, &server.io), 0);
	subject->connect(subject->address, ends);
	end_open(&client, ends[0], options);
	end_open(&server, ends[1], options);
	assert_int_equal(actor_peer_start(client.peer), 0);
	assert_int_equal(actor_peer_start(server.peer), 0);
}

static void close_both(void)
{
	end_close(&client);
	end_close(&server);
}

static int set_up(void **state)
{
	const struct actor_pool_options two = { .size = sizeof two, .n_threads = 2 };

	(void)state;
	snprintf(subjects[2].address, sizeof subjects[2].address, "unix:/tmp/actor-test-%ld",
		 (long)getpid());
	return actor_pool_create(&two, &pool);
}

static int tear_down(void **state)
{
	if (actor_executor_join(pool, test_deadline()) < 0 || actor_executor_destroy(pool) < 0)
		return -1;
	return test_nothing_held(state);
}

/* ---- many at a time */

static unsigned n_each;
static atomic_uint n_wrong;

static void call_and_send(void *user, unsigned index)
{
	struct end *from = user;

	for (unsigned i = 0; i < n_each; i++) {
		struct note note = { strdup("note") };
		struct twice twice = { i, { NULL } };
		int64_t answer = 0;

		if (ACTOR_CALL(here(), from->remote, add, NULL, &(struct add){ 1 }) < 0)
			atomic_fetch_add(&n_wrong, 1);
		if (ACTOR_SEND(here(), from->remote, note, &note) < 0)
			atomic_fetch_add(&n_wrong, 1);
		if (ACTOR_CALL(here(), from->remote_echoes, twice, &answer, &twice) < 0 ||
		    answer != 2 * (int64_t)i)
			atomic_fetch_add(&n_wrong, 1);
		(void)index;
	}
}

/* TO: both ways at once, from threads of all sorts. */
static void both_ways(void *user, unsigned index)
{
	(void)user;
	call_and_send(index % 2 ? &client : &server, index);
}

static void many_threads_share_a_connection(void **state)
{
	int64_t total = 0;

	open_both(*state, NULL);
	n_each = test_times(300);
	atomic_store(&n_wrong, 0);
	crew_run(CALLERS, both_ways, NULL);
	assert_int_equal(atomic_load(&n_wrong), 0);
	assert_int_equal(ACTOR_CALL(here(), client.remote, show, &total, &(struct show){ 0 }), 0);
	assert_int_equal(total, CALLERS / 2 * (int64_t)n_each);
	assert_int_equal(ACTOR_CALL(here(), server.remote, show, &total, &(struct show){ 0 }), 0);
	assert_int_equal(total, CALLERS / 2 * (int64_t)n_each);
	/* What was sent before is there, too. */
	assert_int_equal(client.sum.n_notes, CALLERS / 2 * n_each);
	assert_int_equal(server.sum.n_notes, CALLERS / 2 * n_each);
	close_both();
}

/* With so little room that everybody waits for it all the time, and for permits. */
static void a_narrow_connection_is_shared(void **state)
{
	const struct actor_peer_options narrow = { .size = sizeof narrow,
						   .n_permits = 2,
						   .max_held_bytes = 200,
						   .max_unwritten_bytes = 100 };

	open_both(*state, &narrow);
	n_each = test_times(100);
	atomic_store(&n_wrong, 0);
	crew_run(CALLERS, both_ways, NULL);
	assert_int_equal(atomic_load(&n_wrong), 0);
	close_both();
}

/* P-11. */
static void a_handler_calls_back(void **state)
{
	int64_t answer = 0;

	open_both(*state, NULL);
	server.echoing.asks_back = true;
	for (int64_t i = 1; i < 20; i++) {
		struct twice twice = { i, { NULL } };

		assert_int_equal(ACTOR_CALL(here(), client.remote_echoes, twice, &answer, &twice),
				 0);
		assert_int_equal(answer, 2 * i);
	}
	close_both();
}

/* ---- ends, with calls under way */

static atomic_uint n_answered;

static void call_until_the_end(void *user, unsigned index)
{
	struct end *from = index % 2 ? &client : &server;
	int rc = 0;

	(void)user;
	while (rc == 0) {
		rc = ACTOR_CALL(here(), from->remote, add, NULL, &(struct add){ 1 });
		if (rc == 0)
			atomic_fetch_add(&n_answered, 1);
		if (rc == 0 && index == 0 && atomic_load(&n_answered) > n_each)
			actor_peer_close(client.peer, "in the middle");
	}
	if (rc != ACTOR_E_CLOSED && rc != ACTOR_E_DISCONNECTED && rc != ACTOR_E_REMOTE_FAILED)
		atomic_fetch_add(&n_wrong, 1);
}

static void every_call_ends_when_it_closes(void **state)
{
	unsigned n = test_times(20);

	for (unsigned i = 0; i < n; i++) {
		open_both(*state, NULL);
		n_each = 10 * i;
		atomic_store(&n_wrong, 0);
		atomic_store(&n_answered, 0);
		crew_run(CALLERS, call_until_the_end, NULL);
		assert_int_equal(atomic_load(&n_wrong), 0);
		assert_int_equal(actor_peer_join(here(), client.peer, test_deadline()), 0);
		assert_int_equal(actor_peer_join(here(), server.peer, test_deadline()), 0);
		close_both();
	}
}

/* The loop of one side is closed, with all that is there. */
static void *close_loop(void *io)
{
	while (atomic_load(&n_answered) <= n_each)
		sched_yield();
	actor_executor_close(actor_io_executor(io));
	return NULL;
}

static void call_until_gone(void *user, unsigned index)
{
	struct end *from = index % 2 ? &client : &server;
	int rc = 0;

	(void)user;
	while (rc == 0) {
		rc = ACTOR_CALL(here(), from->remote, add, NULL, &(struct add){ 1 });
		atomic_fetch_add(&n_answered, 1);
	}
	if (rc != ACTOR_E_CLOSED && rc != ACTOR_E_DISCONNECTED && rc != ACTOR_E_REMOTE_FAILED)
		atomic_fetch_add(&n_wrong, 1);
}

static void every_call_ends_with_its_loop(void **state)
{
	unsigned n = test_times(10);

	for (unsigned i = 0; i < n; i++) {
		pthread_t thread;

		open_both(*state, NULL);
		n_each = 20 * i;
		atomic_store(&n_wrong, 0);
		atomic_store(&n_answered, 0);
		assert_int_equal(pthread_create(&thread, NULL, close_loop, client.io), 0);
		crew_run(CALLERS, call_until_gone, NULL);
		pthread_join(thread, NULL);
		assert_int_equal(atomic_load(&n_wrong), 0);
		assert_int_equal(actor_peer_join(here(), client.peer, test_deadline()), 0);
		assert_int_equal(actor_peer_join(here(), server.peer, test_deadline()), 0);
		close_both();
	}
}

/* Again and again, while others are told. */
static void wait_for_the_end_in_pieces(void *user, unsigned index)
{
	int rc;

	(void)user;
	if (index == 0)
		actor_peer_close(client.peer, NULL);
	do {
		rc = actor_peer_join(here(), client.peer,
				     actor_deadline_after(here(), 500 * (int64_t)index));
	} while (rc == ACTOR_E_TIMEOUT);
	if (rc != 0)
		atomic_fetch_add(&n_wrong, 1);
}

static void who_waits_for_the_end_may_give_up(void **state)
{
	unsigned n = test_times(300);

	for (unsigned i = 0; i < n; i++) {
		open_both(*state, NULL);
		atomic_store(&n_wrong, 0);
		crew_run(2 * CALLERS, wait_for_the_end_in_pieces, NULL);
		assert_int_equal(atomic_load(&n_wrong), 0);
		assert_int_equal(actor_peer_join(here(), server.peer, test_deadline()), 0);
		close_both();
	}
}

#define OVER(subject, test)                                                                        \
	{                                                                                          \
#test " (" #subject ")", test, set_up, tear_down, &subjects[subject]               \
	}
enum { pair, tcp, local_socket };
#define SUBJECT_TESTS(test) OVER(pair, test), OVER(tcp, test), OVER(local_socket, test)

int main(void)
{
	const struct CMUnitTest tests[] = {
		SUBJECT_TESTS(many_threads_share_a_connection),
		SUBJECT_TESTS(a_narrow_connection_is_shared),
		SUBJECT_TESTS(a_handler_calls_back),
		SUBJECT_TESTS(every_call_ends_when_it_closes),
		SUBJECT_TESTS(every_call_ends_with_its_loop),
		OVER(pair, who_waits_for_the_end_may_give_up),
	};

	return cmocka_run_group_tests_name("connection", tests, NULL, NULL);
}
