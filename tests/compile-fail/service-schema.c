/* SPDX-License-Identifier: MIT */
// expect: the schema of add is of another type
// vary WRONG: subtract actor_i64 shout
/* A service has the schema of another type than its message. */
#include "remotes.h"

#ifdef FIXED
#define SCHEMA add
#else
#define SCHEMA WRONG
#endif
#define DEFINE(X) ACTOR_CALL_SERVICE_DEFINE(add, "Add", X, actor_i64)

DEFINE(SCHEMA);
