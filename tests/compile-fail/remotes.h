/* SPDX-License-Identifier: MIT */
#ifndef TESTS_COMPILE_FAIL_REMOTES_H
#define TESTS_COMPILE_FAIL_REMOTES_H

/* What the programs are about whose services must not compile. All of this is right, in C and C++.
 */

#include <actor-iface/typed-actor.h>
#include <actor-remote/services.h>

struct add {
	int64_t n;
};
struct subtract {
	int64_t n;
};
struct shout {
	char *text;
};
ACTOR_MESSAGE(add, int64_t);
ACTOR_MESSAGE(subtract, int64_t);
ACTOR_SIGNAL(shout);
ACTOR_SCHEMA(add);
ACTOR_SCHEMA(subtract);
ACTOR_SCHEMA(shout);

#define REMOTES_SERVICES(CALL, SEND, X) CALL(X, add) SEND(X, shout)
ACTOR_NAMESPACE_DECLARE(remotes, REMOTES_SERVICES);

#define BOTH_MESSAGES(CALL, SEND, X) CALL(X, add) CALL(X, subtract)
ACTOR_DECLARE(both, BOTH_MESSAGES);

/* With its arguments expanded. */
#define SERVE(N, services, M, to) ACTOR_SERVE(N, services, M, to)
#define SERVICE_ID(N, M) ACTOR_SERVICE_ID(N, M)

#endif
