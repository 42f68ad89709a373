/* SPDX-License-Identifier: MIT */
#ifndef ACTOR__PATIENCE_H
#define ACTOR__PATIENCE_H

#include <actor-remote/peer.h>

/**
 * struct actor__patience - for how long a peer has waited for the other side; its thread's
 * @nth_frame: so many had come before the one that has begun; UINT64_MAX: none has yet
 * @frame_ns:  when it began, or as if: reading has been on since
 * @paused:    reading is not, since @paused_ns
 * @n_moved:   frames that had been read and written; UINT64_MAX: it has not begun
 * @quiet_ns:  since when there was none, and nothing was under way
 * @late:      time was up when it was last looked at
 */
struct actor__patience {
	uint64_t nth_frame;
	int64_t frame_ns;
	bool paused;
	int64_t paused_ns;
	uint64_t n_moved;
	int64_t quiet_ns;
	bool late;
};

/** actor__patience_look() - close if it has lasted for too long; or say, at the latest when to look
 * again: *@next_ns. Nothing to do when no frame has begun and one may be idle for ever. Thread: the
 * peer's */
void actor__patience_look(struct actor_peer *peer, int64_t now_ns, int64_t *next_ns);

#endif
