/* SPDX-License-Identifier: MIT */

/*
 * Lanes: frames that there was no room for, one line for each actor, as its map says, of which the
 * first frame has the lane's place in the actor's line. So messages to one actor do not overtake
 * each other, and nobody waits for another actor's room. A lane is there as long as it has frames,
 * and keeps its map. One whose first frame is a call that waits for others to be answered, since it
 * has no permit, or for answers to be written, starves.
 *
 * When somebody else serves a service, the frames of it that wait go to his lane, before what comes
 * later. To know where they are, the service's route remembers the number of their lane.
 *
 * All of this is the peer's thread's, but for the wake-ups of waiters, which set flags.
 */

#include "lanes.h"

#include "answer.h"
#include "peer.h"

#include <stdlib.h>

struct actor__lane {
	struct actor__link link;
	struct actor_peer *peer;
	struct actor__route route; /* its map is referenced */
	uint64_t key;
	uint64_t number;
	uint64_t services;	  /* a bit for each that has had frames here, and maybe others */
	struct actor_place place; /* of the first frame */
	atomic_bool woken;
	bool starves;
	struct actor__held_line line;
};

void actor__lanes_init(struct actor__lanes *lanes)
{
	actor__links_init(&lanes->ring);
	atomic_init(&lanes->woken, false);
}

/* A leaf: see struct actor_waiter. */
static void wake(struct actor_waiter *waiter)
{
	struct actor__lane *lane = ACTOR_CONTAINER_OF(waiter, struct actor__lane, place.waiter);
	struct actor_peer *peer = lane->peer;

	atomic_store(&lane->woken, true);
	atomic_store(&peer->lanes.woken, true);
	actor__peer_ring(peer);
}

static uint64_t key_of(struct actor_service_map *map, uint64_t service)
{
	return ACTOR_OPS_HAS(map->ops, struct actor_service_map_ops, lane)
		       ? map->ops->lane(map, service)
		       : service;
}

static struct actor__lane *lane_numbered(struct actor_peer *peer, uint64_t number)
{
	struct actor__link *ring = &peer->lanes.ring, *link;

	for (link = ring->next; link != ring; link = link->next) {
		struct actor__lane *lane = ACTOR_CONTAINER_OF(link, struct actor__lane, link);

		if (lane->number == number)
			return lane;
	}
	return NULL;
}

static struct actor__lane *lane_for(struct actor_peer *peer, struct actor_service_map *map,
				    uint64_t service)
{
	struct actor__link *ring = &peer->lanes.ring, *link;
	uint64_t key = key_of(map, service);

	for (link = ring->next; link != ring; link = link->next) {
		struct actor__lane *lane = ACTOR_CONTAINER_OF(link, struct actor__lane, link);

		if (lane->route.map == map && lane->key == key)
			return lane;
	}
	return NULL;
}

/* By other bits of the id than its place among the routes: what has no route for long because
 * another has the same place is looked for often. */
static uint64_t bit_of(uint64_t service)
{
	return UINT64_C(1) << (service >> 6 & 63);
}

static bool lane_has(const struct actor__lane *lane, uint64_t service)
{
	const struct actor__held *held = lane->line.first;

	if (!(lane->services & bit_of(service)))
		return false;
	while (held && held->frame.service != service)
		held = held->next;
	return held;
}

/* A route that is new, as all are when the list of maps has changed, does not know yet. Unless
 * there are some in the lane of another, they are in its own, if there is one. */
static void look_for_lane(struct actor_peer *peer, struct actor__route *route, uint64_t service)
{
	struct actor__link *ring = &peer->lanes.ring, *link;
	struct actor__lane *own;

	if (route->lane)
		return;
	own = lane_for(peer, route->map, service);
	route->lane = own ? own->number : ACTOR__NO_LANE;
	for (link = ring->next; link != ring; link = link->next) {
		struct actor__lane *lane = ACTOR_CONTAINER_OF(link, struct actor__lane, link);

		if (lane != own && lane->route.map == route->map && lane_has(lane, service))
			route->lane = lane->number;
	}
}

/* Whoever serves it may be another one each time that one asks. */
struct actor__lane *actor__lanes_find(struct actor_peer *peer, struct actor__route *route,
				      uint64_t service)
{
	struct actor__lane *lane;

	look_for_lane(peer, route, service);
	lane = lane_numbered(peer, route->lane);
	return lane ? lane : lane_for(peer, route->map, service);
}

static struct actor__lane *lane_create(struct actor_peer *peer, struct actor_service_map *map,
				       uint64_t service)
{
	struct actor__lane *lane = calloc(1, sizeof *lane);

	if (!lane)
		return NULL;
	lane->peer = peer;
	lane->route.map = actor_service_map_ref(map);
	lane->key = key_of(map, service);
	lane->number = ++peer->lanes.last;
	actor_waiter_init(&lane->place.waiter, wake);
	actor__links_append(&peer->lanes.ring, &lane->link);
	return lane;
}

static void lane_destroy(struct actor__lane *lane)
{
	actor__link_take(&lane->link);
	actor_address_unref(lane->route.memo.address);
	actor_service_map_unref(lane->route.map);
	free(lane);
}

/* What becomes of the frame that is the next. */
enum next { NONE, SERVED, FULL, STARVES };

static enum next lane_serve_next(struct actor__lane *lane)
{
	struct actor__held *held = lane->line.first;
	struct actor_peer *peer = lane->peer;

	if (held->answer && !actor__outbox_admit(peer, held->answer)) {
		lane->starves = true;
		*(held->answer->permit ? &peer->lanes.sated : &peer->lanes.starve) = true;
		return STARVES;
	}
	if (actor__serve_attempt(peer, &lane->route, &held->frame, held->answer, &lane->place) ==
	    ACTOR_E_FULL)
		return FULL;
	actor__held_free(peer, actor__held_take(&lane->line));
	return SERVED;
}

/* As far as there is room; gone when it is empty. Whether some were served, and others are left. */
static bool lane_drain(struct actor__lane *lane)
{
	struct actor_peer *peer = lane->peer;
	enum next next = NONE;
	bool any = false;

	lane->starves = false;
	while (lane->line.first && (next = lane_serve_next(lane)) == SERVED)
		any = true;
	if (any)
		peer->moved_ns = actor__peer_now(peer);
	if (!lane->line.first)
		lane_destroy(lane);
	return any && next == FULL;
}

static void lane_refuse(struct actor_peer *peer, struct actor__held_line *line, int status,
			const char *text)
{
	struct actor__held *held;

	while ((held = actor__held_take(line))) {
		actor__serve_refuse(peer, &held->frame, held->answer, status, text);
		actor__held_free(peer, held);
	}
}

void actor__lanes_hold(struct actor_peer *peer, struct actor__route *route,
		       struct actor__lane *lane, const struct actor_frame *frame,
		       struct actor_answer *answer)
{
	bool is_first = !lane;

	if (is_first)
		lane = lane_create(peer, route->map, frame->service);
	if (!lane || !actor__held_append(peer, &lane->line, frame, answer)) {
		if (lane && is_first)
			lane_destroy(lane);
		actor__serve_refuse(peer, frame, answer, ACTOR_E_NOMEM, "");
		return;
	}
	route->lane = lane->number;
	lane->services |= bit_of(frame->service);
	if (is_first)
		lane_drain(lane);
}

/* Its first frame is another one. */
static void lane_go_on(struct actor__lane *lane)
{
	if (!lane->line.first)
		lane->route.map->ops->withdraw(lane->route.map, &lane->place);
	lane_drain(lane);
}

/* Where those that are moved wait from now on: in a lane that there is, or one of their own. */
static void line_up(struct actor_peer *peer, struct actor__route *route, uint64_t service,
		    struct actor__held_line *line)
{
	struct actor__lane *lane = lane_for(peer, route->map, service);
	bool is_first = !lane;

	if (is_first)
		lane = lane_create(peer, route->map, service);
	if (!lane) {
		lane_refuse(peer, line, ACTOR_E_NOMEM, "");
		return;
	}
	route->lane = lane->number;
	lane->services |= bit_of(service);
	actor__held_move(line, &lane->line, service);
	if (is_first)
		lane_drain(lane);
}

bool actor__lanes_move(struct actor_peer *peer, struct actor__route *route, uint64_t service)
{
	struct actor__held_line line = { NULL, NULL };
	struct actor__lane *before;
	struct actor__held *first;

	look_for_lane(peer, route, service);
	before = lane_numbered(peer, route->lane);
	if (!before || before->key == key_of(before->route.map, service))
		return false;
	route->lane = ACTOR__NO_LANE;
	first = before->line.first;
	actor__held_move(&before->line, &line, service);
	if (line.first)
		line_up(peer, route, service, &line);
	if (before->line.first != first)
		lane_go_on(before);
	return true;
}

bool actor__lanes_fed(struct actor_peer *peer)
{
	return (peer->lanes.sated && !peer->sated) ||
	       (peer->lanes.starve && actor__outbox_admits(peer));
}

bool actor__lanes_retry(struct actor_peer *peer)
{
	struct actor__link *ring = &peer->lanes.ring, *link, *next;
	bool fed = actor__lanes_fed(peer), goes_on = false;

	if (!atomic_exchange(&peer->lanes.woken, false) && !fed)
		return false;
	if (fed)
		peer->lanes.starve = peer->lanes.sated = false;
	for (link = ring->next; link != ring; link = next) {
		struct actor__lane *lane = ACTOR_CONTAINER_OF(link, struct actor__lane, link);

		next = link->next;
		if (atomic_exchange(&lane->woken, false) || (fed && lane->starves))
			goes_on |= lane_drain(lane);
	}
	return goes_on;
}

static void lane_drop(struct actor__lane *lane)
{
	lane->route.map->ops->withdraw(lane->route.map, &lane->place);
	lane_refuse(lane->peer, &lane->line, ACTOR_E_CLOSED, "dropped: there was no room for it");
	lane_destroy(lane);
}

void actor__lanes_drop(struct actor_peer *peer)
{
	struct actor__link *link;

	while ((link = actor__links_first(&peer->lanes.ring)))
		lane_drop(ACTOR_CONTAINER_OF(link, struct actor__lane, link));
}
