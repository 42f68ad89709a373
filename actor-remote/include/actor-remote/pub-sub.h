/* SPDX-License-Identifier: MIT */
#ifndef ACTOR_REMOTE_PUB_SUB_H
#define ACTOR_REMOTE_PUB_SUB_H

#include <actor-remote/peer.h>

ACTOR__BEGIN_C

/**
 * actor_pub_sub_create() - a service map that passes each send on to all who have subscribed
 * @services:   which service ids; copied
 * @n_services: how many
 * @ret_map:    the caller's to unref
 *
 * Payloads are not looked into. Calls are refused: ACTOR_WIRE_PUB_SUB_NO_CALL. Each message goes to
 * those who are subscribed when it comes; who has no room for it misses it, which is counted, and
 * nobody waits for anybody. A peer that has ended is a subscriber no more.
 *
 * Thread:  any
 * Return:  0, ACTOR_E_NOMEM, ACTOR_E_INVALID
 */
ACTOR_NODISCARD ACTOR_EXPORT int actor_pub_sub_create(const uint64_t *services, size_t n_services,
						      struct actor_service_map **ret_map);

/** actor_pub_sub_subscribe() - pass on to a peer, from now on; twice is once. 0, ACTOR_E_NOMEM,
 * ACTOR_E_CLOSED when it has closed, ACTOR_E_INVALID for a map of another kind. Thread: any */
ACTOR_NODISCARD ACTOR_EXPORT int actor_pub_sub_subscribe(struct actor_service_map *map,
							 struct actor_peer *peer);

/** actor_pub_sub_unsubscribe() - no more; one that is none is fine. Thread: any */
ACTOR_EXPORT void actor_pub_sub_unsubscribe(struct actor_service_map *map, struct actor_peer *peer);

/**
 * struct actor_pub_sub_counts - a topic at one moment
 * @n_subscribers: how many there are
 * @n_received:    messages that came
 * @n_sent:        that went out, to each subscriber
 * @n_missed:      that did not, for want of room or memory
 */
struct actor_pub_sub_counts {
	size_t n_subscribers;
	uint64_t n_received;
	uint64_t n_sent;
	uint64_t n_missed;
};

/** actor_pub_sub_counts_get() - count. Thread: any */
ACTOR_EXPORT void actor_pub_sub_counts_get(struct actor_service_map *map,
					   struct actor_pub_sub_counts *ret_counts);

ACTOR__END_C

#endif
