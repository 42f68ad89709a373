/* SPDX-License-Identifier: MIT */
#ifndef ACTOR__SOCKET_OPEN_H
#define ACTOR__SOCKET_OPEN_H

#include "io.h"
#include "socket-address.h"

/**
 * struct actor__opening - a socket to be opened
 * @address:     where
 * @text:        the same
 * @backlog:     of one that listens; 0: it is to be connected
 * @deadline_ns: for who waits for it
 */
struct actor__opening {
	const struct actor__socket_address *address;
	const char *text;
	int backlog;
	int64_t deadline_ns;
};

/**
 * actor__socket_open() - a socket that is connected, or listens by TCP; it does not block
 * @context: who waits for it: to listen at a number, nobody need wait
 * @io:      which lives until this returns
 * @opening: all addresses that are found are tried in turn
 * @ret_fd:  the caller's to close
 *
 * Return: 0, ACTOR_E_SYSTEM, ACTOR_E_TIMEOUT, ACTOR_E_CANCELLED, ACTOR_E_NOSUSPEND, ACTOR_E_NOMEM:
 *         noted with the context
 */
int actor__socket_open(struct actor_context *context, struct actor_io *io,
		       const struct actor__opening *opening, int *ret_fd);

#endif
