/* SPDX-License-Identifier: MIT */
#ifndef REMOTE_H
#define REMOTE_H

#include "process.h"

#include <stdint.h>

/**
 * struct settings - what to run
 * @n:         calls, messages or connections
 * @in_flight: calls that wait for their answers at a time
 * @capacity:  of the mailbox of whoever serves
 * @transport: "tcp", "unix"
 * @client:    who calls: "bare", "actor"; "zmq", "nng", where these libraries are
 * @by:        how actors do: "ask", by callbacks; "actor", each awaits its answers; "thread"
 * @relay:     who passes on, in workloads that have a relay: "bare", "actor"
 * @server:    who answers: "bare", "zmq", "nng"; "loop", an actor on the loop of its connection;
 *             "pool"
 * @secure:    "no"; "yes", encrypted, and each side proves who it is: see secure.h
 * @cores:     1: all are on one; 2: what is measured has one for itself
 */
struct settings {
	uint64_t n;
	uint64_t in_flight;
	uint64_t capacity;
	const char *transport;
	const char *client;
	const char *by;
	const char *relay;
	const char *server;
	const char *secure;
	unsigned cores;
};

/* What is said over connections are numbers from here on: of 9 bytes each. */
#define FIRST_NUMBER UINT64_C(0x123456789abcdef0)

struct costs;

/* Who calls: each returns when all has been answered, and only if the answers are right. */
typedef void client_fn(const struct settings *settings, const char *address, struct costs *costs);
client_fn actor_calls, actor_sends;
client_fn bare_calls, bare_sends;
client_fn libzmq_calls, libzmq_sends;
client_fn libnng_calls, libnng_sends;
void libzmq_prepare(const struct settings *settings); /* before there are other processes */
client_fn bare_handshakes; /* one call over each connection, with TLS, which is closed at once */
client_fn bare_visits;	   /* one call over each of many connections, which are closed at the end */

role_fn actor_relay, actor_serve_on_loop, actor_serve_on_pool;
role_fn bare_relay, bare_serve, bare_secure_serve;
role_fn libzmq_serve, libnng_serve;

#endif
