/* SPDX-License-Identifier: MIT */
#ifndef ACTOR__LANES_H
#define ACTOR__LANES_H

#include "links.h"
#include "routes.h"

#include <actor-remote/service-map.h>
#include <stdatomic.h>

struct actor__lane;

/**
 * struct actor__lanes - frames that there was no room for; the peer's thread's
 * @ring:   struct actor__lane, of which each has a line of frames
 * @last:   number of the last one
 * @woken:  there may be room for some; set by anybody
 * @starve: some wait for calls to be answered
 * @sated:  some wait for answers to be written
 */
struct actor__lanes {
	struct actor__link ring;
	uint64_t last;
	atomic_bool woken;
	bool starve;
	bool sated;
};

/** actor__lanes_init() - none */
void actor__lanes_init(struct actor__lanes *lanes);

/** actor__lanes_move() - have those of a service that wait for who served it before go to who does
 * now; false: there are none. Otherwise no route is what it was. Thread: the peer's */
bool actor__lanes_move(struct actor_peer *peer, struct actor__route *route, uint64_t service);

/** actor__lanes_find() - that of a service, if it has frames; or NULL. Thread: the peer's */
struct actor__lane *actor__lanes_find(struct actor_peer *peer, struct actor__route *route,
				      uint64_t service);

/** actor__lanes_hold() - have a frame wait in a lane; NULL: one of its own. Thread: the peer's */
void actor__lanes_hold(struct actor_peer *peer, struct actor__route *route,
		       struct actor__lane *lane, const struct actor_frame *frame,
		       struct actor_answer *answer);

/** actor__lanes_fed() - some of those that wait for calls to be answered, or for answers to be
 * written, can go on. Thread: the peer's */
bool actor__lanes_fed(struct actor_peer *peer);

/** actor__lanes_retry() - see to those that there may be room for; true when there was for some,
 * and soon will be for others. Thread: the peer's */
bool actor__lanes_retry(struct actor_peer *peer);

/** actor__lanes_drop() - refuse all. Thread: the peer's */
void actor__lanes_drop(struct actor_peer *peer);

#endif
