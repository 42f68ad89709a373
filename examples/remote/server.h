/* SPDX-License-Identifier: MIT */
#ifndef REMOTE_SERVER_H
#define REMOTE_SERVER_H

#include <actor-remote/actor-remote.h>

/** struct server - listens, and has a peer for each connection that somebody makes */
struct server;

/**
 * struct server_options - what it is for
 * @address: where to listen
 * @peer:    options of the peers; NULL
 * @welcome: gives a new peer what it is to serve; if that fails, it is closed
 * @user:    for @welcome
 */
struct server_options {
	const char *address;
	const struct actor_peer_options *peer;
	int (*welcome)(void *user, struct actor_peer *peer);
	void *user;
};

/**
 * server_open() - listen
 * @context:    who waits for that
 * @io:         where it lives, with all of its peers
 * @options:    what it points to has to stay until server_close()
 * @ret_server: the caller's to close
 *
 * When who receives connections fails, that is said, and the program is to end: see
 * program_signals_raise().
 *
 * Return: as actor_listen()
 */
ACTOR_NODISCARD int server_open(struct actor_context *context, struct actor_io *io,
				const struct server_options *options, struct server **ret_server);

/** server_run() - the same, say where, wait until somebody wants the program to end, and close.
 * After program_signals_block(). Returns as that, or as server_close() */
ACTOR_NODISCARD int server_run(struct actor_context *context, struct actor_io *io,
			       const struct server_options *options);

/** server_address() - where it listens, with the port that was picked */
const char *server_address(const struct server *server);

/**
 * server_close() - listen no more, close all connections in order, and wait for that; NULL is fine
 *
 * Return: 0, or why it has not been waited for: ACTOR_E_NOMEM, ACTOR_E_CLOSED, ACTOR_E_STOPPED;
 *         they are closed all the same
 */
ACTOR_NODISCARD int server_close(struct actor_context *context, struct server *server);

#endif
