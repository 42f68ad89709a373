/* SPDX-License-Identifier: MIT */
#ifndef TESTS_COMPILE_FAIL_CHAT_H
#define TESTS_COMPILE_FAIL_CHAT_H

/* What the programs are about whose schemas must not compile. All of this is right, in C and C++.
 */

#include <actor-remote/schema.h>

enum colour { RED, GREEN };
ACTOR_SCHEMA_ENUM(colour);
ACTOR_SCHEMA(nick);
ACTOR_SCHEMA(other);
struct nick {
	char *text;
};
struct other {
	char *text;
};

#endif
