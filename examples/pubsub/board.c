/* SPDX-License-Identifier: MIT */
#include "board.h"

ACTOR_SCHEMA_NEWTYPE_DEFINE(say, text, actor_text);
ACTOR_SCHEMA_UNIT_DEFINE_WITH_ORIGIN(subscribe, from);
ACTOR_SCHEMA_UNIT_DEFINE(count_readers);

ACTOR_SIGNAL_DEFINE(say, "board.say", say_schema_drop);
ACTOR_MESSAGE_DEFINE(subscribe, "board.subscribe", subscribe_schema_drop, NULL);
ACTOR_MESSAGE_DEFINE(count_readers, "board.count-readers", NULL, NULL);

ACTOR_SEND_SERVICE_DEFINE(say, "Say", say);
ACTOR_CALL_SERVICE_DEFINE(subscribe, "Subscribe", subscribe, actor_unit);
ACTOR_CALL_SERVICE_DEFINE(count_readers, "CountReaders", count_readers, actor_u64);
ACTOR_NAMESPACE_DEFINE(board, "board", BOARD_SERVICES);
