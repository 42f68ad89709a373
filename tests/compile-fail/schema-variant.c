/* SPDX-License-Identifier: MIT */
// expect: begins with an int
// vary WRONG: LATER LONG SHORT
/* A variant does not begin with which case it is. */
#include "chat.h"

#define RIGHT enum colour which; char *text;
#define LATER char *text; enum colour which;
#define LONG long long which; char *text;
#define SHORT short which; char *text;

#ifdef FIXED
#define MEMBERS RIGHT
#else
#define MEMBERS WRONG
#endif

ACTOR_SCHEMA(message);
struct message {
	MEMBERS
};
ACTOR_SCHEMA_VARIANT_DEFINE(message, ACTOR_CASE(RED, "Red"),
			    ACTOR_CASE_OF(GREEN, "Green", message, text, actor_text));
