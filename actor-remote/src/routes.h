/* SPDX-License-Identifier: MIT */
#ifndef ACTOR__ROUTES_H
#define ACTOR__ROUTES_H

#include <actor-remote/service-map.h>
#include <stdatomic.h>

#define ACTOR__ROUTES_CACHED 64

/**
 * struct actor__routes - the service maps of a peer, and which service is of which
 * @maps:     all; under the peer's lock, each referenced
 * @n_maps:   how many
 * @n_room:   how many there is room for
 * @version:  changes with them
 * @seen:     the peer's thread's: the version of what follows
 * @known:    the peer's thread's: the same maps, each referenced
 * @n_known:  how many
 * @cached:   the peer's thread's: services that were found, each at the place of its id
 */
struct actor__routes {
	struct actor_service_map **maps;
	size_t n_maps;
	size_t n_room;
	atomic_uint version;
	unsigned seen;
	struct actor_service_map **known;
	size_t n_known;
	struct {
		uint64_t service;
		struct actor_service_map *map;
	} cached[ACTOR__ROUTES_CACHED];
};

/** actor__routes_refresh() - let go of maps that have been withdrawn; false without memory: then it
 * is all as it was. Thread: the peer's */
bool actor__routes_refresh(struct actor_peer *peer);

/** actor__routes_find() - which map offers a service: borrowed until the next refresh, or NULL.
 * Thread: the peer's */
struct actor_service_map *actor__routes_find(struct actor_peer *peer, uint64_t service);

/** actor__routes_forget() - its map says that it does not offer that any more. Thread: the peer's
 */
void actor__routes_forget(struct actor_peer *peer, uint64_t service);

/** actor__routes_deinit() - let go of all. Thread: the peer's */
void actor__routes_deinit(struct actor_peer *peer);

#endif
