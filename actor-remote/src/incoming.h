/* SPDX-License-Identifier: MIT */
#ifndef ACTOR__INCOMING_H
#define ACTOR__INCOMING_H

#include <actor-remote/peer.h>
#include <stdatomic.h>

/**
 * struct actor__incoming - what comes over a connection; the peer's thread's
 * @bytes:    the beginning of a frame whose end has not come
 * @n_wanted: so many bytes it has, as far as is known; 0: not known
 * @deaf:     what comes is not looked at any more
 * @answered: one that answers a call has come since this was last false
 * @n_frames: how many came; read by anybody
 * @n_bytes:  of them
 */
struct actor__incoming {
	struct actor_bytes bytes;
	size_t n_wanted;
	bool deaf;
	bool answered;
	_Atomic uint64_t n_frames;
	_Atomic uint64_t n_bytes;
};

/** actor__incoming_read() - bytes came. Thread: the peer's */
void actor__incoming_read(struct actor_peer *peer, const uint8_t *bytes, size_t n);

/** actor__incoming_violation() - what comes makes no sense: say so here and there, and close.
 * Thread: the peer's */
void actor__incoming_violation(struct actor_peer *peer, int status, const char *text);

#endif
