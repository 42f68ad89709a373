/* SPDX-License-Identifier: MIT */
#ifndef PUBSUB_BOARD_H
#define PUBSUB_BOARD_H

/* What a board and those who come there know of each other. */

#include <actor-remote/actor-remote.h>

/** struct say - the topic: passed on to all who have subscribed */
struct say {
	char *text; /* owned */
};
ACTOR_SIGNAL(say);
ACTOR_SCHEMA(say);

/** struct subscribe - from now on, what is said is to come over this connection, too */
struct subscribe {
	struct actor_origin from; /* not on the wire: set where it arrives */
};
ACTOR_MESSAGE(subscribe, struct actor_unit);
ACTOR_SCHEMA(subscribe);

/** struct count_readers - how many have subscribed: answered after what was said before has been
 * passed on */
struct count_readers {
	char none;
};
ACTOR_MESSAGE(count_readers, uint64_t);
ACTOR_SCHEMA(count_readers);

#define BOARD_SERVICES(CALL, SEND, X)                                                              \
	SEND(X, say)                                                                               \
	CALL(X, subscribe)                                                                         \
	CALL(X, count_readers)
ACTOR_NAMESPACE_DECLARE(board, BOARD_SERVICES);

#endif
