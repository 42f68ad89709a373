/* SPDX-License-Identifier: MIT */
#ifndef REMOTE_CONNECTION_H
#define REMOTE_CONNECTION_H

#include <actor-remote/actor-remote.h>

/** connection_tls - what connections are made with, and accepted with; NULL: without TLS. Owned,
 * until connection_end_io() */
extern struct actor_tls *connection_tls;

/** connection_tls_name - whom the certificate of whoever is connected to has to be for; NULL: the
 * HOST of the address. The option --tls-name NAME */
extern const char *connection_tls_name;

/** connection_tls_load() - the option --tls CERTIFICATE KEY AUTHORITIES, of which getopt_long() has
 * just found the first; what is wrong with them is said. SIGHUP has a server read them again.
 * Returns whether nothing is wrong */
bool connection_tls_load(int argc, char **argv);

/** connection_tls_check() - when all options are known: whether they make sense together; if not,
 * that is said */
bool connection_tls_check(void);

/**
 * connection_open() - connect, and have a peer for that, which is yet to be started
 * @context:  who waits for it
 * @io:       where it lives
 * @address:  where to
 * @options:  of the peer; NULL
 * @ret_peer: the caller's to unref
 *
 * Return: as actor_connect() and actor_peer_create()
 */
ACTOR_NODISCARD int connection_open(struct actor_context *context, struct actor_io *io,
				    const char *address, const struct actor_peer_options *options,
				    struct actor_peer **ret_peer);

/** connection_watch() - before it is started: learn how it ends; @ret_ends is the caller's to
 * destroy. As actor_observable_subscribe() */
ACTOR_NODISCARD int connection_watch(struct actor_peer *peer, struct actor_subscription **ret_ends);

/** connection_failed() - say that something over a connection has failed, with @rc, and how that
 * has ended if it has: @ends, or NULL. As program_failed(); @context has the error's detail */
int connection_failed(struct actor_context *context, struct actor_subscription *ends,
		      const char *address, int rc);

/** connection_close() - close it in order, wait for that, and unref it; NULL is fine */
void connection_close(struct actor_context *context, struct actor_peer *peer);

/** connection_end_io() - when all connections are closed: wait until nothing lives there, and free
 * it, and @connection_tls */
void connection_end_io(struct actor_io *io);

#endif
