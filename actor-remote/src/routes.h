/* SPDX-License-Identifier: MIT */
#ifndef ACTOR__ROUTES_H
#define ACTOR__ROUTES_H

#include <actor-remote/service-map.h>
#include <stdatomic.h>

/* There is no frame of it that there was no room for. */
#define ACTOR__NO_LANE UINT64_MAX

/** struct actor__route - of which map a service is, and what that remembers of it */
struct actor__route {
	uint64_t service;
	struct actor_service_map *map; /* NULL: there is no route here */
	struct actor_memo memo;
	uint64_t lane; /* where the last frame of it that there was no room for is, or was; see
			  lanes.c. 0: not known */
};

/**
 * struct actor__routes - the service maps of a peer, and which service is of which
 * @maps:    all; under the peer's lock, each referenced
 * @n_maps:  how many
 * @n_room:  how many there is room for
 * @version: changes with them
 * @seen:    the peer's thread's, as all that follows: the version of that
 * @known:   the same maps, each referenced
 * @n_known: how many
 * @found:   services that were, each at the place that the lowest bits of its id say
 * @n_found: how many places there are, a power of two
 * @one:     the first of them
 */
struct actor__routes {
	struct actor_service_map **maps;
	size_t n_maps;
	size_t n_room;
	atomic_uint version;
	unsigned seen;
	struct actor_service_map **known;
	size_t n_known;
	struct actor__route *found;
	size_t n_found;
	struct actor__route one;
};

/** actor__routes_init() - none. Thread: any */
void actor__routes_init(struct actor__routes *routes);

/** actor__routes_refresh() - let go of maps that have been withdrawn; false without memory: then it
 * is all as it was. Thread: the peer's */
bool actor__routes_refresh(struct actor_peer *peer);

/** actor__routes_look_for() - as actor__routes_find(), of one that is not known. Thread: the peer's
 */
struct actor__route *actor__routes_look_for(struct actor_peer *peer, uint64_t service);

/** actor__routes_find() - to a service: borrowed until the next time, or NULL: no map offers that.
 * Thread: the peer's */
static inline struct actor__route *actor__routes_find(struct actor_peer *peer,
						      struct actor__routes *routes,
						      uint64_t service)
{
	struct actor__route *route = &routes->found[service & (routes->n_found - 1)];

	if (routes->seen == atomic_load_explicit(&routes->version, memory_order_acquire) &&
	    route->map && route->service == service)
		return route;
	return actor__routes_look_for(peer, service);
}

/** actor__routes_forget() - its map says that it does not offer that any more. Thread: the peer's
 */
void actor__routes_forget(struct actor_peer *peer, uint64_t service);

/** actor__routes_deinit() - let go of all. Thread: the peer's */
void actor__routes_deinit(struct actor_peer *peer);

#endif
