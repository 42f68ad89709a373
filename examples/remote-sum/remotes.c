/* SPDX-License-Identifier: MIT */
#include "remotes.h"

ACTOR_MESSAGE_DEFINE(add, "remotes.add", NULL, NULL);
ACTOR_MESSAGE_DEFINE(sub, "remotes.sub", NULL, NULL);
ACTOR_MESSAGE_DEFINE(show, "remotes.show", NULL, NULL);

/* What they look like on the wire: Add and Sub like the numbers in them, Show like nothing. */
ACTOR_SCHEMA_NEWTYPE_DEFINE(add, n, actor_i64);
ACTOR_SCHEMA_NEWTYPE_DEFINE(sub, n, actor_i64);
ACTOR_SCHEMA_UNIT_DEFINE(show);

/* What they are called there, and what the answers are. */
ACTOR_CALL_SERVICE_DEFINE(add, "Add", add, actor_unit);
ACTOR_CALL_SERVICE_DEFINE(sub, "Sub", sub, actor_unit);
ACTOR_CALL_SERVICE_DEFINE(show, "Show", show, actor_i64);
ACTOR_NAMESPACE_DEFINE(remotes, "remotes", REMOTES_SERVICES);
