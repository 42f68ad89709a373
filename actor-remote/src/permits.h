/* SPDX-License-Identifier: MIT */
#ifndef ACTOR__PERMITS_H
#define ACTOR__PERMITS_H

#include <actor-impl/semaphore.h>
#include <actor-remote/peer.h>

/**
 * struct actor__permits - how a peer comes by permits; its thread's
 * @semaphore: of which; referenced; NULL: the peer has its own
 * @n_free:    of these
 * @asking:    an actor that waits for one; NULL: none does
 * @got:       what it has got
 * @refused:   there are none any more
 * @retry:     there was no memory: to be tried again
 */
struct actor__permits {
	struct actor_semaphore *semaphore;
	size_t n_free;
	struct actor_mailbox *asking;
	struct actor_permit *got;
	bool refused;
	bool retry;
};

/** actor__permits_take() - a permit; or NULL: the peer takes a turn when one has come; or @retry or
 * @refused is set. Thread: the peer's */
struct actor_permit *actor__permits_take(struct actor_peer *peer);

/** actor__permits_give() - the same back; NULL is fine. Thread: the peer's */
void actor__permits_give(struct actor_peer *peer, struct actor_permit *permit);

/** actor__permit_release() - the same, of a peer that serves no more. Thread: any */
void actor__permit_release(struct actor_permit *permit);

/** actor__permits_spare() - no call waits for one: what it has got goes back. Thread: the peer's */
void actor__permits_spare(struct actor_peer *peer);

/** actor__permits_stop() - wait for none any more. Thread: the peer's */
void actor__permits_stop(struct actor_peer *peer);

#endif
