/* SPDX-License-Identifier: MIT */
#ifndef TESTS_REMOTE_TLS_IO_FIXTURE_H
#define TESTS_REMOTE_TLS_IO_FIXTURE_H

/* First, because of its cmocka. */
#include "io-fixture.h"

#include "certificates.h"
#include "remotes.h"

#include <actor-remote/peer.h>

/** DOC: who listens with TLS on the loop of the test, and serves a sum to whom is trusted */

/** tls, other - this machine, trusted by all; and somebody else, who is other.example */
extern struct actor_tls *tls, *other;

/** tls_io_set_up(), tls_io_tear_down() - around all tests */
int tls_io_set_up(void **state);
int tls_io_tear_down(void **state);

/**
 * struct server - who listens
 * @where: the address
 * @peer:  of the latest connection; NULL: there is none
 */
struct server {
	char where[64];
	struct sum sum;
	union sum_address address;
	struct remotes_services services;
	struct actor_listener *listener;
	_Atomic(struct actor_peer *) peer;
};
extern struct server server;

/** serve() - listen, as somebody, NULL: without TLS; there, NULL: at any port of this machine */
void serve(struct actor_tls *as, const char *where);

/** serve_no_more() - give all of that back */
void serve_no_more(void);

/** listen_no_more() - close the listener and the latest connection; nobody listens there then */
void listen_no_more(void);

/** listen_again() - there, perhaps as somebody else; 0 or an error */
int listen_again(struct actor_tls *as);

#endif
