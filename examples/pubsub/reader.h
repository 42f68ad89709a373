/* SPDX-License-Identifier: MIT */
#ifndef PUBSUB_READER_H
#define PUBSUB_READER_H

#include "board.h"

/** struct finish - answered after the last text, or refused when the connection has ended, or a
 * text could not be printed */
struct finish {
	char none;
};
ACTOR_MESSAGE(finish, struct actor_unit);

#define READER_MESSAGES(CALL, SEND, X)                                                             \
	SEND(X, say)                                                                               \
	SEND(X, actor_peer_event)                                                                  \
	CALL(X, finish)
ACTOR_DECLARE(reader, READER_MESSAGES);

/**
 * struct reader - an actor that prints what is said
 * @n_left: so many texts are to come; 0: there is no last one
 */
struct reader {
	uint64_t n_left;
	bool has_finished;
	bool has_failed;
	bool is_disconnected;
	struct finish_reply waiting;
};

#endif
