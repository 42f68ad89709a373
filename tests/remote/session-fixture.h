/* SPDX-License-Identifier: MIT */
#ifndef TESTS_REMOTE_SESSION_FIXTURE_H
#define TESTS_REMOTE_SESSION_FIXTURE_H

#include "peer-fixture.h"

#include <actor-impl/thread.h>
#include <actor-remote/session.h>

/**
 * DOC: a session in a simulation, and a server that may be there or not
 *
 * Each test has one of each, from open_session() or start_session() until close_session().
 */

#define MS INT64_C(1000000)
#define SECOND INT64_C(1000000000)

/**
 * struct server - who is dialed
 * @down:           who dials is refused
 * @takes_ns:       so long it takes to dial
 * @n_dialed:       how often somebody has
 * @peer:           the latest; NULL
 * @options:        of those
 * @caller_options: of the session's
 */
struct server {
	bool down;
	int64_t takes_ns;
	unsigned n_dialed;
	struct actor_peer *peer;
	struct actor_peer_options options;
	struct actor_peer_options caller_options;
	struct sum sum;
	union sum_address address;
	struct remotes_services services;
};
extern struct server server;

/** narrow - the session's next peers are full with so much to be written; 0: the default */
extern size_t narrow;

extern struct actor_session *session;
extern union remotes_address remote;

/** dial() - to the server: as &actor_session_options.dial */
int dial(void *user, struct actor_context *by, int64_t deadline_ns,
	 struct actor_transport **ret_transport);

/** server_accept() - serve one end; not the server's when it fails, for want of memory */
int server_accept(struct actor_transport *end);

/** open_session() - and the server; NULL for the defaults */
void open_session(const struct actor_session_options *given);

/** start_session() - the same, and start it; later, to dial takes a moment, so that it can be seen
 * that there is no connection */
void start_session(const struct actor_session_options *options);

/** close_session() - and give back all that is there */
void close_session(void);

/** lose() - the server closes its end */
void lose(void);

/** expect() - the next event of the session is of this kind and status */
struct actor_session_event expect(enum actor_session_event_kind kind, int status);

/** expect_connected() - first that it dials, and then that there is a connection */
void expect_connected(void);

/** expect_no_more() - its events are over */
void expect_no_more(void);

/** counts() - of the session */
struct actor_session_counts counts(void);

/* Calls and sends by the test's thread, over the session. */
int add(int64_t n);
int tell(const char *text);

/** begin() - call, and do not wait: see end_add() */
void begin(struct caller *caller, int64_t n);

/** repeatable - echo and show */
extern const struct actor_service *const repeatable[2];

/** struct echoing - a call of echo that is under way */
struct echoing {
	struct actor_future future;
	struct echo echo;
	char *text;
};
void begin_echo(struct echoing *echoing, const char *text);

/** end_echo() - what has become of it; if it was answered, by @text */
int end_echo(struct echoing *echoing, const char *text);

#endif
