/* SPDX-License-Identifier: MIT */

/*
 * busy-client ADDRESS PATIENCE-MS KEEPALIVE-S CALLERS MS - ask and be asked, by many threads
 *
 * Until so many milliseconds have passed, or the connection is lost. Then every call must have
 * ended, the connection, too, and nothing be left. Prints how they ended: answered, answered wrong
 * (what may be when somebody changes bytes), refused by the other side, lost with the connection,
 * late; how long the longest took, and how long the last after the connection was lost, in
 * milliseconds.
 */

#include "busy.h"

#include <actor-impl/thread.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

enum { MOST_CALLERS = 64 };

enum outcome { ANSWERED, WRONG, REFUSED, LOST, LATE, N_OUTCOMES };

struct client {
	struct actor_io *io;
	struct actor_peer *peer;
	union busy_address server;
	int64_t ends_ns;
	atomic_uint n_outcomes[N_OUTCOMES];
	atomic_llong slowest_ns;
	atomic_llong lost_ns; /* the first call that was */
	atomic_llong last_ns; /* the last */
};

static struct client client;

static enum outcome outcome_of(int rc)
{
	switch (rc) {
	case 0:
		return ANSWERED;
	case ACTOR_E_CLOSED:
	case ACTOR_E_DISCONNECTED:
		return LOST;
	case ACTOR_E_TIMEOUT:
		return LATE;
	case ACTOR_E_DECODE:
	case ACTOR_E_REMOTE_UNKNOWN_SERVICE:
	case ACTOR_E_REMOTE_DECODE:
	case ACTOR_E_REMOTE_FAILED:
	case ACTOR_E_REMOTE_NO_CALLS:
	case ACTOR_E_REMOTE_PROTOCOL:
		return REFUSED;
	default:
		busy_fail("a call", rc);
		return N_OUTCOMES;
	}
}

static void at_most(atomic_llong *most, long long value)
{
	long long now = atomic_load(most);

	while (now < value && !atomic_compare_exchange_weak(most, &now, value))
		;
}

/* Whether there may be more. */
static bool call_once(struct actor_context *context, int64_t n)
{
	int64_t answer = n + 1, began_ns = actor_now(context), now_ns;
	long long none = 0;
	enum outcome outcome;
	int rc = 0;

	if (n % 32 == 0)
		rc = ACTOR_SEND(context, client.server, news, &(struct news){ n });
	if (rc == 0)
		rc = n % 4 ? ACTOR_CALL(context, client.server, work, &answer, &(struct work){ n })
			   : ACTOR_CALL(context, client.server, turn, &answer,
					(&(struct turn){ n, { NULL } }));
	now_ns = actor_now(context);
	outcome = outcome_of(rc);
	if (outcome == ANSWERED && answer != n + 1)
		outcome = WRONG;
	atomic_fetch_add(&client.n_outcomes[outcome], 1);
	at_most(&client.slowest_ns, now_ns - began_ns);
	if (outcome != LOST)
		return true;
	atomic_compare_exchange_strong(&client.lost_ns, &none, now_ns);
	at_most(&client.last_ns, now_ns);
	return false;
}

static void *caller_run(void *argument)
{
	struct actor_context *context = actor_thread_context();
	int64_t n = (int64_t)(intptr_t)argument * 1000000;

	while (actor_now(context) < client.ends_ns && call_once(context, n))
		n++;
	return NULL;
}

static void run_callers(unsigned n)
{
	pthread_t threads[MOST_CALLERS];

	for (unsigned i = 0; i < n; i++)
		if (pthread_create(&threads[i], NULL, caller_run, (void *)(intptr_t)i))
			busy_fail("a thread", ACTOR_E_NOMEM);
	for (unsigned i = 0; i < n; i++)
		pthread_join(threads[i], NULL);
}

static int begin(const char *address, int64_t patience_ms, int64_t keepalive_ns)
{
	struct actor_context *context = actor_thread_context();
	const struct actor_io_options io = { .size = sizeof io, .keepalive_ns = keepalive_ns };
	const struct actor_peer_options options = busy_options(patience_ms);
	struct busy_services services;
	struct actor_transport *transport;
	int rc = actor_io_create(&io, &client.io);

	if (rc < 0)
		busy_fail("a loop", rc);
	rc = actor_connect(context, client.io, address,
			   actor_deadline_after(context, INT64_C(10000000000)), &transport);
	if (rc < 0)
		busy_fail(address, rc);
	rc = actor_peer_create(transport, &options, &client.peer);
	if (rc == 0)
		rc = busy_open(actor_io_executor(client.io), NULL, &services);
	if (rc == 0)
		rc = actor_peer_serve(client.peer, services.map);
	if (rc == 0)
		rc = busy_remote(client.peer, &client.server);
	if (rc == 0)
		rc = actor_peer_start(client.peer);
	actor_service_map_unref(services.map);
	if (rc < 0)
		return rc;
	rc = ACTOR_CALL(context, client.server, subscribe, NULL, (&(struct subscribe){ { NULL } }));
	return outcome_of(rc) == N_OUTCOMES ? rc : 0;
}

static void end(void)
{
	struct actor_context *context = actor_thread_context();
	int rc;

	actor_peer_close(client.peer, NULL);
	rc = actor_peer_join(context, client.peer,
			     actor_deadline_after(context, INT64_C(20000000000)));
	if (rc < 0)
		busy_fail("the connection does not end", rc);
	actor_peer_unref(client.peer);
	actor_address_unref(client.server.address);
	busy_end(client.io);
}

int main(int argc, char **argv)
{
	unsigned n_callers;
	int64_t keepalive_s;
	int rc;

	if (argc != 6)
		return 2;
	busy_begin();
	keepalive_s = atoll(argv[3]);
	n_callers = (unsigned)atoi(argv[4]);
	rc = begin(argv[1], atoll(argv[2]),
		   keepalive_s ? keepalive_s * INT64_C(1000000000) : ACTOR_FOREVER);
	if (rc < 0)
		busy_fail("the other side", rc);
	puts("connected");
	fflush(stdout);
	client.ends_ns = actor_deadline_after(actor_thread_context(), atoll(argv[5]) * 1000000);
	run_callers(n_callers < MOST_CALLERS ? n_callers : MOST_CALLERS);
	end();
	for (int i = 0; i < N_OUTCOMES; i++)
		printf("%u ", atomic_load(&client.n_outcomes[i]));
	printf("%lld %lld\n", atomic_load(&client.slowest_ns) / 1000000,
	       (atomic_load(&client.last_ns) - atomic_load(&client.lost_ns)) / 1000000);
	return 0;
}
