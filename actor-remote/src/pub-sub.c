/* SPDX-License-Identifier: MIT */

/*
 * Publish and subscribe. The subscribers are a list under a lock, each with the memory of its peer
 * held; a message goes to those that are there, one after the other, with the lock held: each only
 * copies it to what is to be written, so nobody waits for anybody. That takes the lock of a peer
 * inside of this one, and never the other way round.
 */

#include "id-list.h"
#include "peer.h"

#include <actor-remote/pub-sub.h>
#include <stdlib.h>

struct pub_sub {
	struct actor_service_map map;
	atomic_size_t n_refs;
	struct actor__id_list services;
	pthread_mutex_t lock;
	/* Under the lock. */
	struct actor_peer **peers;
	size_t n_room;
	struct actor_pub_sub_counts counts;
};

static struct pub_sub *pub_sub_of(const struct actor_service_map *map)
{
	return ACTOR_CONTAINER_OF(map, struct pub_sub, map);
}

static void pub_sub_ref(struct actor_service_map *map)
{
	/* Relaxed: the caller has it already. */
	atomic_fetch_add_explicit(&pub_sub_of(map)->n_refs, 1, memory_order_relaxed);
}

static void pub_sub_unref(struct actor_service_map *map)
{
	struct pub_sub *pub_sub = pub_sub_of(map);

	/* Release: what was done with it comes before it goes; acquire: for the last. */
	if (atomic_fetch_sub_explicit(&pub_sub->n_refs, 1, memory_order_acq_rel) > 1)
		return;
	for (size_t i = 0; i < pub_sub->counts.n_subscribers; i++)
		actor__peer_release(pub_sub->peers[i]);
	free(pub_sub->peers);
	pthread_mutex_destroy(&pub_sub->lock);
	actor__id_list_deinit(&pub_sub->services);
	free(pub_sub);
}

static size_t pub_sub_services(struct actor_service_map *map, uint64_t *ret_ids, size_t n_ids)
{
	return actor__id_list_get(&pub_sub_of(map)->services, ret_ids, n_ids);
}

/* ---- subscribers */

static bool has_closed(struct actor_peer *peer)
{
	bool closing;

	actor__peer_lock(peer);
	closing = peer->closing;
	actor__peer_unlock(peer);
	return closing;
}

/* Out of the list, one that is this one, or, for NULL, has closed: to be released; or NULL. */
static struct actor_peer *take(struct pub_sub *pub_sub, const struct actor_peer *which)
{
	struct actor_peer *taken = NULL;

	pthread_mutex_lock(&pub_sub->lock);
	for (size_t i = 0; i < pub_sub->counts.n_subscribers && !taken; i++) {
		struct actor_peer *peer = pub_sub->peers[i];

		if (which ? peer == which : has_closed(peer)) {
			taken = peer;
			pub_sub->peers[i] = pub_sub->peers[--pub_sub->counts.n_subscribers];
		}
	}
	pthread_mutex_unlock(&pub_sub->lock);
	return taken;
}

static void drop_closed(struct pub_sub *pub_sub)
{
	struct actor_peer *peer;

	while ((peer = take(pub_sub, NULL)))
		actor__peer_release(peer);
}

/* With the lock held: whether some have gone. */
static bool pass_on(struct pub_sub *pub_sub, const struct actor_incoming *incoming)
{
	const struct actor_frame *frame = &incoming->frame;
	bool gone = false;

	pub_sub->counts.n_received++;
	for (size_t i = pub_sub->counts.n_subscribers; i-- > 0;) {
		struct actor_peer *peer = pub_sub->peers[i];
		int rc = ACTOR_E_INVALID;

		if (peer->format == incoming->format)
			rc = actor_peer_send_frame(peer, frame->service, frame->payload,
						   frame->n_payload, NULL);
		if (rc == ACTOR_E_CLOSED)
			gone = true;
		else if (rc < 0)
			pub_sub->counts.n_missed++;
		else
			pub_sub->counts.n_sent++;
	}
	return gone;
}

/* With the lock held. */
static int add(struct pub_sub *pub_sub, struct actor_peer *peer)
{
	size_t n = pub_sub->counts.n_subscribers;

	for (size_t i = 0; i < n; i++)
		if (pub_sub->peers[i] == peer)
			return 0;
	if (n == pub_sub->n_room) {
		size_t n_room = n ? 2 * n : 4;
		struct actor_peer **peers = realloc(pub_sub->peers, n_room * sizeof(void *));

		if (!peers)
			return ACTOR_E_NOMEM;
		pub_sub->peers = peers;
		pub_sub->n_room = n_room;
	}
	pub_sub->peers[pub_sub->counts.n_subscribers++] = actor__peer_hold(peer);
	return 0;
}

/* ---- what a service map does */

static int pub_sub_serve(struct actor_service_map *map, struct actor_incoming *incoming)
{
	struct pub_sub *pub_sub = pub_sub_of(map);
	bool gone;

	if (incoming->answer)
		return ACTOR_E_UNSUPPORTED;
	pthread_mutex_lock(&pub_sub->lock);
	gone = pass_on(pub_sub, incoming);
	pthread_mutex_unlock(&pub_sub->lock);
	if (gone)
		drop_closed(pub_sub);
	return 0;
}

static void pub_sub_withdraw(struct actor_service_map *map, struct actor_place *place)
{
	(void)map, (void)place; /* nobody ever stands in line */
}

static bool pub_sub_takes_permits(const struct actor_service_map *map)
{
	(void)map;
	return false;
}

static int pub_sub_describe(struct actor_service_map *map, char *buffer, size_t n_buffer)
{
	struct pub_sub *pub_sub = pub_sub_of(map);
	struct actor__text text = { buffer, n_buffer, 0 };
	struct actor_pub_sub_counts counts;

	actor_pub_sub_counts_get(map, &counts);
	actor__text_add(&text, "PubSub, subscribers: %zu, services:\n", counts.n_subscribers);
	actor__id_list_describe(&pub_sub->services, &text);
	return (int)text.n;
}

static const struct actor_service_map_ops pub_sub_ops = {
	.size = sizeof pub_sub_ops,
	.ref = pub_sub_ref,
	.unref = pub_sub_unref,
	.services = pub_sub_services,
	.serve = pub_sub_serve,
	.withdraw = pub_sub_withdraw,
	.takes_permits = pub_sub_takes_permits,
	.describe = pub_sub_describe,
};

/* ---- for those who have one */

int actor_pub_sub_create(const uint64_t *services, size_t n_services,
			 struct actor_service_map **ret_map)
{
	struct pub_sub *pub_sub = calloc(1, sizeof *pub_sub);
	int rc;

	if (!pub_sub)
		return ACTOR_E_NOMEM;
	rc = actor__id_list_init(&pub_sub->services, services, n_services);
	if (rc < 0) {
		free(pub_sub);
		return rc;
	}
	pub_sub->map.ops = &pub_sub_ops;
	atomic_init(&pub_sub->n_refs, 1);
	pthread_mutex_init(&pub_sub->lock, NULL);
	*ret_map = &pub_sub->map;
	return 0;
}

int actor_pub_sub_subscribe(struct actor_service_map *map, struct actor_peer *peer)
{
	struct pub_sub *pub_sub = pub_sub_of(map);
	int rc;

	if (map->ops != &pub_sub_ops)
		return ACTOR_E_INVALID;
	pthread_mutex_lock(&pub_sub->lock);
	rc = has_closed(peer) ? ACTOR_E_CLOSED : add(pub_sub, peer);
	pthread_mutex_unlock(&pub_sub->lock);
	drop_closed(pub_sub); /* there may never be a message that finds them gone */
	return rc;
}

void actor_pub_sub_unsubscribe(struct actor_service_map *map, struct actor_peer *peer)
{
	struct actor_peer *taken = map->ops == &pub_sub_ops ? take(pub_sub_of(map), peer) : NULL;

	if (taken)
		actor__peer_release(taken);
}

void actor_pub_sub_counts_get(struct actor_service_map *map,
			      struct actor_pub_sub_counts *ret_counts)
{
	struct pub_sub *pub_sub = pub_sub_of(map);

	*ret_counts = (struct actor_pub_sub_counts){ 0 };
	if (map->ops != &pub_sub_ops)
		return;
	drop_closed(pub_sub);
	pthread_mutex_lock(&pub_sub->lock);
	*ret_counts = pub_sub->counts;
	pthread_mutex_unlock(&pub_sub->lock);
}
