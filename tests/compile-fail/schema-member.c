/* SPDX-License-Identifier: MIT */
// expect gcc: is not compatible with any association
// expect clang: not compatible with any generic association type
// expect g++: to 'actor_u64_list*'
// expect clang++: no matching function for call to 'actor__pointer'
// vary PLACE: IN_STRUCT IN_TUPLE IN_NEWTYPE IN_VARIANT
// vary WRONG: narrower other_sign constant not_a_list of_others
/* A member is not of the type that its schema describes. */
#include "chat.h"

typedef struct actor_u64_list right;
typedef uint32_t narrower;
typedef int64_t other_sign;
typedef const struct actor_u64_list constant;
typedef uint64_t *not_a_list;
typedef struct actor_i64_list of_others;

#ifdef FIXED
#define T right
#else
#define T WRONG
#endif

ACTOR_SCHEMA(message);
struct message {
	int which;
	T member;
};

#define MEMBER ACTOR_MEMBER(message, member, actor_u64_list)
#define IN_STRUCT ACTOR_SCHEMA_STRUCT_DEFINE(message, MEMBER)
#define IN_TUPLE ACTOR_SCHEMA_TUPLE_DEFINE(message, ACTOR_MEMBER(message, which, actor_i32), MEMBER)
#define IN_NEWTYPE ACTOR_SCHEMA_NEWTYPE_DEFINE(message, member, actor_u64_list)
#define IN_VARIANT                                                                                 \
	ACTOR_SCHEMA_VARIANT_DEFINE(message, ACTOR_CASE(1, "None"),                                \
				    ACTOR_CASE_OF(2, "Some", message, member, actor_u64_list))
PLACE;
