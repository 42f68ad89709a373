/* SPDX-License-Identifier: MIT */

/* Origins: which connection a message came from. Each is an owner of the peer, which lives as long
 * as its connection whoever owns it. */

#include "origin.h"

#include <actor-remote/peer.h>

void actor__origin_drop(struct actor_origin *origin)
{
	actor_peer_unref(origin->peer);
}

void actor__origin_copy(struct actor_origin *to, const struct actor_origin *from)
{
	to->peer = from->peer ? actor_peer_ref(from->peer) : NULL;
}
