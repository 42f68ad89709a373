/* SPDX-License-Identifier: MIT */
#ifndef ACTOR_REMOTE_RELAY_MAP_H
#define ACTOR_REMOTE_RELAY_MAP_H

#include <actor-remote/peer.h>

ACTOR__BEGIN_C

/**
 * typedef actor_relay_choose_fn - which peer a message goes to
 * @user:    as given
 * @service: of the message
 *
 * Called once for each message (again when there was no room), on the thread of the peer that it
 * came over, by several at a time if the map has several; must not wait.
 *
 * Return:  a reference, by actor_peer_ref(), which the map gives back; NULL: nobody, and a call
 *          ends with an internal error
 */
typedef struct actor_peer *actor_relay_choose_fn(void *user, uint64_t service);

/**
 * struct actor_relay_options - where to
 * @size:       sizeof(struct actor_relay_options)
 * @peer:       to this one, always; referenced. Or:
 * @choose:     to whom this says
 * @user:       for it
 * @drop_user:  releases @user, with the map; optional
 * @services:   which service ids; copied
 * @n_services: how many
 */
struct actor_relay_options {
	size_t size;
	struct actor_peer *peer;
	actor_relay_choose_fn *choose;
	void *user;
	void (*drop_user)(void *user);
	const uint64_t *services;
	size_t n_services;
};

/**
 * actor_relay_map_create() - a service map that passes on to another peer
 * @options: required
 * @ret_map: the caller's to unref
 *
 * Neither side is aware of it. Payloads are not looked into. A call goes out with an id of the
 * other peer's; its answer, or its error, comes back with the caller's. Calls through it take no
 * permits. The other peer is not kept alive: when it has gone, calls end with an internal error,
 * and the observers of the peer that they came over are told. When that peer has ended, nobody
 * waits for its calls any more: within about a second, they are not under way either. How many
 * there may be, and what their answers may take, is bounded by
 * &actor_peer_options.max_relayed_bytes of the peer that they come over.
 *
 * Thread:  any
 * Return:  0, ACTOR_E_NOMEM, ACTOR_E_INVALID
 */
ACTOR_NODISCARD ACTOR_EXPORT int actor_relay_map_create(const struct actor_relay_options *options,
							struct actor_service_map **ret_map);

ACTOR__END_C

#endif
