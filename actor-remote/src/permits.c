/* SPDX-License-Identifier: MIT */

/*
 * A peer's own permits are a number. Others may be shared with other peers, and with whoever else
 * takes some; so who wants one stands in line for it like everybody. A peer cannot wait: when there
 * is none, an actor does it, as a stack to wait on. It hands over what it gets, on the same thread,
 * and ends. There is one at a time, so that peers take turns.
 */

#include "permits.h"

#include "peer.h"

/* One of the peer's own, which are only counted. */
static char own;
#define OWN ((struct actor_permit *)(void *)&own)

static void asker_started(void *self, struct actor_context *context)
{
	struct actor_peer *peer = self;
	struct actor__permits *permits = &peer->permits;
	struct actor_permit *permit = NULL;
	int rc = actor_semaphore_acquire(context, permits->semaphore, 1, &permit);

	if (rc == 0)
		actor_permit_hand_on(permit);
	if (!permits->asking) { /* nobody wants it any more */
		actor_permit_release(permit);
		return;
	}
	actor_mailbox_detach(permits->asking);
	permits->asking = NULL;
	permits->got = permit;
	permits->refused |= rc == ACTOR_E_CLOSED;
	actor__peer_ring(peer);
}

static void asker_destroy(void *self)
{
	actor__peer_release(self);
}

static const struct actor_behavior asker = {
	.size = sizeof asker,
	.name = "permit",
	.stride = sizeof(struct actor_handler),
	.flags = ACTOR_THREAD_BOUND,
	.started = asker_started,
	.destroy = asker_destroy,
};

/* Have somebody wait for a permit. */
static void ask(struct actor_peer *peer)
{
	struct actor__permits *permits = &peer->permits;
	int rc = actor_mailbox_create(actor_executor_spawner(peer->executor), &asker,
				      ACTOR_OPTIONS(.name = peer->info.name), &permits->asking);

	if (rc == 0) {
		rc = actor_mailbox_start(permits->asking, actor__peer_hold(peer), NULL, NULL);
		if (rc < 0) {
			actor_mailbox_destroy(permits->asking);
			actor__peer_release(peer);
		}
	}
	if (rc < 0) {
		permits->asking = NULL;
		permits->retry = true;
	}
}

struct actor_permit *actor__permits_take(struct actor_peer *peer)
{
	struct actor__permits *permits = &peer->permits;
	struct actor_permit *permit = permits->got;
	int rc;

	if (!permits->semaphore)
		return permits->n_free > 0 ? permits->n_free--, OWN : NULL;
	permits->got = NULL;
	if (permit || permits->asking || permits->refused)
		return permit;
	rc = actor_semaphore_try_acquire(NULL, permits->semaphore, 1, &permit);
	if (rc == 0)
		return permit;
	if (rc == ACTOR_E_BUSY)
		ask(peer);
	else if (rc == ACTOR_E_CLOSED)
		permits->refused = true;
	else
		permits->retry = true;
	return NULL;
}

void actor__permits_give(struct actor_peer *peer, struct actor_permit *permit)
{
	if (permit != OWN) {
		actor_permit_release(permit);
		return;
	}
	peer->permits.n_free++;
	if (peer->serving.calls.first)
		actor__peer_ring(peer);
}

void actor__permit_release(struct actor_permit *permit)
{
	if (permit != OWN)
		actor_permit_release(permit);
}

void actor__permits_spare(struct actor_peer *peer)
{
	struct actor_permit *permit = peer->permits.got;

	peer->permits.got = NULL;
	actor_permit_release(permit);
}

void actor__permits_stop(struct actor_peer *peer)
{
	struct actor__permits *permits = &peer->permits;
	struct actor_mailbox *asking = permits->asking;

	permits->asking = NULL;
	actor_mailbox_destroy(asking);
	actor__permits_spare(peer);
}
