/* SPDX-License-Identifier: MIT */
#ifndef PUBSUB_NOTICE_BOARD_H
#define PUBSUB_NOTICE_BOARD_H

#include "board.h"

#define NOTICE_BOARD_MESSAGES(CALL, SEND, X)                                                       \
	CALL(X, subscribe)                                                                         \
	CALL(X, count_readers)
ACTOR_DECLARE(notice_board, NOTICE_BOARD_MESSAGES);

/**
 * struct notice_board - an actor that sees to who has subscribed; what is said it never gets to see
 * @topic: by actor_pub_sub_create(); borrowed
 */
struct notice_board {
	struct actor_service_map *topic;
};

#endif
