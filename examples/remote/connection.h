/* SPDX-License-Identifier: MIT */
#ifndef REMOTE_CONNECTION_H
#define REMOTE_CONNECTION_H

#include <actor-remote/actor-remote.h>

/** connection_tls - what connections are made with, and accepted with; NULL: without TLS. Owned,
 * until connection_end_io() */
extern struct actor_tls *connection_tls;

/** connection_tls_load() - the option --tls CERTIFICATE KEY AUTHORITIES, of which getopt_long() has
 * just found the first; what is wrong with them is said. Returns whether nothing is */
bool connection_tls_load(int argc, char **argv);

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

/** connection_close() - close it in order, wait for that, and unref it; NULL is fine */
void connection_close(struct actor_context *context, struct actor_peer *peer);

/** connection_end_io() - when all connections are closed: wait until nothing lives there, and free
 * it, and @connection_tls */
void connection_end_io(struct actor_io *io);

#endif
