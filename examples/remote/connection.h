/* SPDX-License-Identifier: MIT */
#ifndef REMOTE_CONNECTION_H
#define REMOTE_CONNECTION_H

#include <actor-remote/actor-remote.h>

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
 * it */
void connection_end_io(struct actor_io *io);

#endif
