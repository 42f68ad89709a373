/* SPDX-License-Identifier: MIT */
// expect: the schema of the answer to add is of another type
// vary WRONG: actor_u64 actor_i32 actor_unit add
/* A service has the schema of another type than its answer. */
#include "remotes.h"

#ifdef FIXED
#define SCHEMA actor_i64
#else
#define SCHEMA WRONG
#endif
#define DEFINE(X) ACTOR_CALL_SERVICE_DEFINE(add, "Add", add, X)

DEFINE(SCHEMA);
