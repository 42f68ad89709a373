/* SPDX-License-Identifier: MIT */
#ifndef RELAY_LINK_H
#define RELAY_LINK_H

#include <actor-remote/actor-remote.h>

/** struct link_connect - connect; answered with 0, or an error and there is no link */
struct link_connect {
	char none;
};
ACTOR_MESSAGE(link_connect, int);

#define LINK_MESSAGES(CALL, SEND, X)                                                               \
	CALL(X, link_connect)                                                                      \
	SEND(X, actor_peer_event)
ACTOR_DECLARE(link, LINK_MESSAGES);

/**
 * struct link - an actor that keeps a connection to a target: when it ends, it makes another one
 * @io:      where, and where this actor runs, too
 * @address: of the target
 * @peer:    owned; NULL while there is no connection. For others on the thread of @io
 */
struct link {
	struct actor_io *io;
	const char *address;
	struct actor_peer *peer;
};

#endif
