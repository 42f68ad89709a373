/* SPDX-License-Identifier: MIT */

/* Waiting for the end of a peer. Each who does has a reply in a list, under the peer's lock;
 * whoever takes it out of there delivers it: the end, or the waiter that gives up. */

#include "peer.h"

/* One at a time: another one may give up meanwhile, and is gone when it has taken itself out. */
static struct actor_reply *take_joiner(struct actor_peer *peer)
{
	struct actor__joiner *joiner;
	struct actor_reply *reply = NULL;

	actor__peer_lock(peer);
	peer->state = ACTOR__PEER_ENDED;
	joiner = peer->joiners;
	if (joiner) {
		peer->joiners = joiner->next;
		reply = joiner->reply;
	}
	actor__peer_unlock(peer);
	return reply;
}

void actor__peer_tell_joiners(struct actor_peer *peer)
{
	struct actor_reply *reply;

	while ((reply = take_joiner(peer))) {
		struct actor_unit unit = { 0 };

		actor_reply_deliver(reply, 0, &unit);
	}
}

/* Whether its reply will be delivered by whoever ends the peer. */
static bool joiner_add(struct actor_peer *peer, struct actor__joiner *joiner)
{
	bool added;

	actor__peer_lock(peer);
	added = peer->state != ACTOR__PEER_ENDED;
	if (added) {
		joiner->next = peer->joiners;
		peer->joiners = joiner;
	}
	actor__peer_unlock(peer);
	return added;
}

/* Whether it was still there. */
static bool joiner_remove(struct actor_peer *peer, struct actor__joiner *joiner)
{
	struct actor__joiner **link = &peer->joiners;
	bool was_there;

	actor__peer_lock(peer);
	while (*link && *link != joiner)
		link = &(*link)->next;
	was_there = *link != NULL;
	if (was_there)
		*link = joiner->next;
	actor__peer_unlock(peer);
	return was_there;
}

int actor__peer_await_end(struct actor_context *context, struct actor_peer *peer,
			  int64_t deadline_ns)
{
	struct actor__joiner joiner = { NULL, NULL };
	struct actor_unit unit = { 0 };
	int rc = context->ops->reply_open(context, actor_join_type(), &joiner.reply);
	bool mine = true;

	if (rc < 0)
		return rc;
	if (joiner_add(peer, &joiner)) {
		rc = actor_await_replies(context, &joiner.reply, 1, sizeof joiner.reply,
					 ACTOR_AWAIT_ALL, deadline_ns);
		mine = joiner_remove(peer, &joiner);
	}
	if (mine)
		actor_reply_deliver(joiner.reply, 0, &unit);
	context->ops->reply_close(context, joiner.reply, NULL);
	return rc;
}

int actor_peer_join(struct actor_context *context, struct actor_peer *peer, int64_t deadline_ns)
{
	int rc = actor__peer_await_end(context, peer, deadline_ns);

	return rc < 0 ? actor_error_set(context, rc, peer->address, NULL) : rc;
}
