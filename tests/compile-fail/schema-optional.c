/* SPDX-License-Identifier: MIT */
// expect gcc: is not compatible with any association
// expect clang: not compatible with any generic association type
// expect g++: cannot convert
// expect clang++: no matching function for call to 'actor__pointer'
// vary WRONG: itself pointer_to_other text
/* An optional member is not a pointer to what there may be. */
#include "chat.h"

typedef struct nick *right;
typedef struct nick itself;
typedef struct other *pointer_to_other;
typedef char *text;

#ifdef FIXED
#define T right
#else
#define T WRONG
#endif

ACTOR_SCHEMA(message);
struct message {
	T member;
};
ACTOR_SCHEMA_STRUCT_DEFINE(message, ACTOR_MEMBER(message, member, nick_optional));
