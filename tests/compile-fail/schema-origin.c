/* SPDX-License-Identifier: MIT */
// expect gcc: is not compatible with any association
// expect clang: not compatible with any generic association type
// expect g++: cannot convert
// expect clang++: no matching function for call to 'actor__pointer'
// vary PLACE: IN_UNIT IN_NEWTYPE
/* What is said to be an origin is none. */
#include "chat.h"

#ifdef FIXED
#define T struct actor_origin
#else
#define T struct actor_peer *
#endif

ACTOR_SCHEMA(message);
struct message {
	int64_t n;
	T from;
};
#define IN_UNIT ACTOR_SCHEMA_UNIT_DEFINE_WITH_ORIGIN(message, from)
#define IN_NEWTYPE ACTOR_SCHEMA_NEWTYPE_DEFINE_WITH_ORIGIN(message, n, actor_i64, from)
PLACE;
