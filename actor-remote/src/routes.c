/* SPDX-License-Identifier: MIT */

/*
 * The service maps of a peer. Any thread adds and withdraws them, under the lock. The peer's thread
 * works with a copy of the list, which it makes anew when the version has changed, and remembers
 * for each service that came which map offers it, and for that map what it likes to remember of it:
 * a map is not asked again until it says itself that it does not, or the list changes. What nobody
 * offers is looked for each time, since a map may offer more at any time.
 */

#include "routes.h"

#include "peer.h"

#include <stdlib.h>
#include <string.h>

/* So many services at most are remembered, which is more than most programs have. */
enum { MOST_PLACES = 64 };

/* ---- any thread */

/* The ids of a map, the caller's to free; NULL without memory, or when there are none. */
static uint64_t *ids_of(struct actor_service_map *map, size_t *ret_n)
{
	size_t n_room = map->ops->services(map, NULL, 0);
	uint64_t *ids = n_room > 0 ? malloc(n_room * sizeof *ids) : NULL;

	*ret_n = ids ? map->ops->services(map, ids, n_room) : n_room;
	if (ids && *ret_n > n_room)
		*ret_n = n_room; /* it grows meanwhile */
	return ids;
}

static bool has_id(const uint64_t *ids, size_t n_ids, uint64_t id)
{
	for (size_t i = 0; i < n_ids; i++)
		if (ids[i] == id)
			return true;
	return false;
}

/* 0, ACTOR_E_BUSY when another map has one of these services, ACTOR_E_NOMEM. */
static int compare(struct actor_service_map *map, const uint64_t *ids, size_t n_ids)
{
	size_t n_others;
	uint64_t *others = ids_of(map, &n_others);
	int rc = !others && n_others > 0 ? ACTOR_E_NOMEM : 0;

	for (size_t i = 0; others && rc == 0 && i < n_others; i++)
		if (has_id(ids, n_ids, others[i]))
			rc = ACTOR_E_BUSY;
	free(others);
	return rc;
}

/* With the lock held. */
static int add(struct actor__routes *routes, struct actor_service_map *map)
{
	if (routes->n_maps == routes->n_room) {
		size_t n_room = routes->n_room ? 2 * routes->n_room : 4;
		struct actor_service_map **maps = realloc(routes->maps, n_room * sizeof(void *));

		if (!maps)
			return ACTOR_E_NOMEM;
		routes->maps = maps;
		routes->n_room = n_room;
	}
	routes->maps[routes->n_maps++] = map;
	atomic_fetch_add(&routes->version, 1);
	return 0;
}

static void unref_all(struct actor_service_map **maps, size_t n_maps)
{
	for (size_t i = 0; i < n_maps; i++)
		actor_service_map_unref(maps[i]);
	free(maps);
}

/* The maps there are, each referenced, the caller's; false without memory. */
static bool copy_maps(struct actor_peer *peer, struct actor_service_map ***ret_maps, size_t *ret_n,
		      unsigned *ret_version)
{
	struct actor__routes *routes = &peer->routes;
	struct actor_service_map **maps = NULL;
	size_t n;

	actor__peer_lock(peer);
	n = routes->n_maps;
	*ret_version = atomic_load(&routes->version);
	if (n > 0)
		maps = malloc(n * sizeof(void *));
	for (size_t i = 0; maps && i < n; i++)
		maps[i] = actor_service_map_ref(routes->maps[i]);
	actor__peer_unlock(peer);
	*ret_maps = maps;
	*ret_n = maps ? n : 0;
	return maps || n == 0;
}

/* Whether the services of a map are still free; @ret_version: of the list that was looked at. */
static int check(struct actor_peer *peer, struct actor_service_map *map, unsigned *ret_version)
{
	struct actor_service_map **maps;
	size_t n_maps, n_ids;
	uint64_t *ids = ids_of(map, &n_ids);
	int rc = !ids && n_ids > 0 ? ACTOR_E_NOMEM : 0;

	if (rc == 0 && !copy_maps(peer, &maps, &n_maps, ret_version))
		rc = ACTOR_E_NOMEM;
	if (rc == 0) {
		for (size_t i = 0; i < n_maps && rc == 0; i++)
			rc = maps[i] == map ? ACTOR_E_BUSY : compare(maps[i], ids, n_ids);
		unref_all(maps, n_maps);
	}
	free(ids);
	return rc;
}

/* ACTOR_PENDING: somebody else has been faster. */
static int try_to_add(struct actor_peer *peer, struct actor_service_map *map)
{
	unsigned version;
	int rc = check(peer, map, &version);

	if (rc < 0)
		return rc;
	actor__peer_lock(peer);
	if (peer->closing)
		rc = ACTOR_E_CLOSED;
	else if (version != atomic_load(&peer->routes.version))
		rc = ACTOR_PENDING;
	else
		rc = add(&peer->routes, map);
	actor__peer_unlock(peer);
	return rc;
}

int actor_peer_serve(struct actor_peer *peer, struct actor_service_map *map)
{
	int rc;

	actor_service_map_ref(map);
	do
		rc = try_to_add(peer, map);
	while (rc == ACTOR_PENDING);
	if (rc < 0)
		actor_service_map_unref(map);
	return rc;
}

void actor_peer_withdraw(struct actor_peer *peer, struct actor_service_map *map)
{
	struct actor__routes *routes = &peer->routes;
	struct actor_service_map *found = NULL;

	actor__peer_lock(peer);
	for (size_t i = 0; i < routes->n_maps && !found; i++)
		if (routes->maps[i] == map) {
			found = map;
			routes->maps[i] = routes->maps[--routes->n_maps];
			atomic_fetch_add(&routes->version, 1);
		}
	actor__peer_unlock(peer);
	if (found)
		actor__peer_ring(peer); /* its thread has a copy */
	actor_service_map_unref(found);
}

/* ---- the peer's thread */

void actor__routes_init(struct actor__routes *routes)
{
	routes->found = &routes->one;
	routes->n_found = 1;
}

static void forget(struct actor__route *route)
{
	actor_address_unref(route->memo.address);
	memset(route, 0, sizeof *route);
}

static void forget_all(struct actor__routes *routes)
{
	for (size_t i = 0; i < routes->n_found; i++)
		forget(&routes->found[i]);
}

static bool take_list(struct actor_peer *peer)
{
	struct actor__routes *routes = &peer->routes;
	struct actor_service_map **maps;
	size_t n_maps;
	unsigned version;

	if (!copy_maps(peer, &maps, &n_maps, &version))
		return false;
	forget_all(routes);
	unref_all(routes->known, routes->n_known);
	routes->known = maps;
	routes->n_known = n_maps;
	routes->seen = version;
	return true;
}

bool actor__routes_refresh(struct actor_peer *peer)
{
	return peer->routes.seen == atomic_load(&peer->routes.version) || take_list(peer);
}

static bool offers(struct actor_service_map *map, uint64_t service)
{
	uint64_t few[32], *ids = few;
	size_t n = map->ops->services(map, few, 32);
	bool found;

	if (n > 32)
		ids = ids_of(map, &n);
	found = ids && has_id(ids, n, service);
	if (ids != few)
		free(ids);
	return found;
}

static struct actor__route *place_of(const struct actor__routes *routes, uint64_t service)
{
	return &routes->found[service & (routes->n_found - 1)];
}

/* So that two services that have the same place have different ones; not without memory. */
static bool spread(struct actor__routes *routes)
{
	struct actor__route *before = routes->found, *found;
	size_t n_before = routes->n_found;

	if (n_before == MOST_PLACES)
		return false;
	found = calloc(2 * n_before, sizeof *found);
	if (!found)
		return false;
	routes->found = found;
	routes->n_found = 2 * n_before;
	for (size_t i = 0; i < n_before; i++)
		if (before[i].map)
			*place_of(routes, before[i].service) = before[i];
	if (before != &routes->one)
		free(before);
	return true;
}

static struct actor__route *add_route(struct actor__routes *routes, uint64_t service,
				      struct actor_service_map *map)
{
	struct actor__route *route = place_of(routes, service);

	while (route->map && spread(routes))
		route = place_of(routes, service);
	forget(route);
	route->service = service;
	route->map = map;
	return route;
}

static struct actor__route *look_for(struct actor__routes *routes, uint64_t service)
{
	for (size_t i = 0; i < routes->n_known; i++)
		if (offers(routes->known[i], service))
			return add_route(routes, service, routes->known[i]);
	return NULL;
}

struct actor__route *actor__routes_look_for(struct actor_peer *peer, uint64_t service)
{
	struct actor__routes *routes = &peer->routes;
	struct actor__route *route;

	actor__routes_refresh(peer);
	route = place_of(routes, service);
	return route->map && route->service == service ? route : look_for(routes, service);
}

void actor__routes_forget(struct actor_peer *peer, uint64_t service)
{
	struct actor__route *route = place_of(&peer->routes, service);

	if (route->service == service)
		forget(route);
}

void actor__routes_deinit(struct actor_peer *peer)
{
	struct actor__routes *routes = &peer->routes;
	struct actor_service_map **maps;
	size_t n_maps;

	forget_all(routes);
	if (routes->found != &routes->one)
		free(routes->found);
	actor__routes_init(routes);
	unref_all(routes->known, routes->n_known);
	routes->known = NULL;
	routes->n_known = 0;
	actor__peer_lock(peer);
	maps = routes->maps;
	n_maps = routes->n_maps;
	routes->maps = NULL;
	routes->n_maps = routes->n_room = 0;
	actor__peer_unlock(peer);
	unref_all(maps, n_maps);
}
