/* SPDX-License-Identifier: MIT */
#ifndef REMOTE_SUM_REMOTES_H
#define REMOTE_SUM_REMOTES_H

/*
 * What the two sides of a connection have to agree on: the messages, and the namespace to which
 * they belong. On the wire these are "remotes :: Add", "remotes :: Sub" and "remotes :: Show".
 */

#include <actor-remote/actor-remote.h>

/** struct add - add a number; answered when that is done */
struct add {
	int64_t n;
};
ACTOR_MESSAGE(add, struct actor_unit);
ACTOR_SCHEMA(add);

/** struct sub - subtract a number; the same */
struct sub {
	int64_t n;
};
ACTOR_MESSAGE(sub, struct actor_unit);
ACTOR_SCHEMA(sub);

/** struct show - answered with what it comes to */
struct show {
	char none;
};
ACTOR_MESSAGE(show, int64_t);
ACTOR_SCHEMA(show);

#define REMOTES_SERVICES(CALL, SEND, X)                                                            \
	CALL(X, add)                                                                               \
	CALL(X, sub)                                                                               \
	CALL(X, show)
ACTOR_NAMESPACE_DECLARE(remotes, REMOTES_SERVICES);

#endif
