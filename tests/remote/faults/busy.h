/* SPDX-License-Identifier: MIT */
#ifndef TESTS_REMOTE_BUSY_H
#define TESTS_REMOTE_BUSY_H

/* What the two sides have in common that have to survive faults: calls both ways, calls within
 * calls, and news for all who subscribe. */

#include <actor-remote/actor-remote.h>

/* Answered by the next number; now and then it takes a moment. */
struct work {
	int64_t n;
};
ACTOR_MESSAGE(work, int64_t);
ACTOR_SCHEMA(work);

/* The same, by asking whoever calls. */
struct turn {
	int64_t n;
	struct actor_origin origin;
};
ACTOR_MESSAGE(turn, int64_t);
ACTOR_SCHEMA(turn);

/* The caller gets all news from now on. */
struct subscribe {
	struct actor_origin origin;
};
ACTOR_MESSAGE(subscribe, struct actor_unit);
ACTOR_SCHEMA(subscribe);

struct news {
	int64_t n;
};
ACTOR_SIGNAL(news);
ACTOR_SCHEMA(news);

#define BUSY_SERVICES(CALL, SEND, X) CALL(X, work) CALL(X, turn) CALL(X, subscribe) SEND(X, news)
ACTOR_NAMESPACE_DECLARE(busy, BUSY_SERVICES);

/** struct worker - does it all */
struct worker {
	struct actor_service_map *topic; /* NULL: nobody can subscribe */
	uint64_t n_news;
};
ACTOR_DECLARE(worker, BUSY_SERVICES);

/** busy_open() - an actor of its own, and services to which it is registered, but for news if there
 * is a topic for them. 0 or an error */
int busy_open(struct actor_executor *executor, struct actor_service_map *topic,
	      struct busy_services *ret_services);

/** busy_options() - how patient a peer is: no more than so long, with anything */
struct actor_peer_options busy_options(int64_t patience_ms);

/** busy_fail() - say what cannot be gone on with, and exit */
void busy_fail(const char *what, int rc);

/** busy_begin() - before all else: make what there is once for a process, and see what there is */
void busy_begin(void);

/** busy_end() - wait until nothing lives there, and see that nothing is left; or fail */
void busy_end(struct actor_io *io);

#endif
