/* SPDX-License-Identifier: MIT */

/* Waiting for a peer: until its connection is open, and until it has ended. */

#include "io.h"
#include "peer.h"

void actor__peer_opens(struct actor_peer *peer)
{
	peer->is_open = true;
	actor__gate_open(&peer->opened, &peer->lock);
}

void actor__peer_tell_joiners(struct actor_peer *peer)
{
	actor__peer_lock(peer);
	peer->state = ACTOR__PEER_ENDED;
	actor__peer_unlock(peer);
	actor__gate_open(&peer->opened, &peer->lock); /* if it never was */
	actor__gate_open(&peer->ended, &peer->lock);
}

int actor__peer_await_open(struct actor_context *context, struct actor_peer *peer,
			   int64_t deadline_ns)
{
	int rc = actor__gate_await(&peer->opened, &peer->lock, context, deadline_ns);

	return rc == 0 && !peer->is_open ? ACTOR_E_CLOSED : rc;
}

int actor__peer_await_end(struct actor_context *context, struct actor_peer *peer,
			  int64_t deadline_ns)
{
	return actor__gate_await(&peer->ended, &peer->lock, context, deadline_ns);
}

int actor_peer_join(struct actor_context *context, struct actor_peer *peer, int64_t deadline_ns)
{
	bool waits = deadline_ns != ACTOR_AT_ONCE;
	bool stands_still = waits && actor__io_stands_still(context, peer->executor);
	int rc = actor__peer_await_end(context, peer, stands_still ? ACTOR_AT_ONCE : deadline_ns);

	if (stands_still && rc == ACTOR_E_TIMEOUT)
		rc = ACTOR_E_NOSUSPEND;
	return rc < 0 ? actor_error_set(context, rc, peer->address, NULL) : rc;
}
