/* SPDX-License-Identifier: MIT */
#ifndef TESTS_REMOTE_LARGE_H
#define TESTS_REMOTE_LARGE_H

#include <actor-iface/typed-actor.h>
#include <actor-remote/services.h>

/* A message that is larger than what is kept on stacks, and so is its answer: the same. */

ACTOR_SCHEMA_ARRAY(thousand, actor_u8, 1000);
ACTOR_SCHEMA(large);
struct large {
	thousand_value bytes;
};
ACTOR_MESSAGE(large, struct large);

#define LARGE_SERVICES(CALL, SEND, X) CALL(X, large)
ACTOR_NAMESPACE_DECLARE(larges, LARGE_SERVICES);
ACTOR_DECLARE(mirror, LARGE_SERVICES);

struct mirror {
	char unused;
};

#endif
