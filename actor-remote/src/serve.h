/* SPDX-License-Identifier: MIT */
#ifndef ACTOR__SERVE_H
#define ACTOR__SERVE_H

#include "held.h"
#include "routes.h"

#include <stdatomic.h>

/**
 * struct actor__serving - sends and calls that came and are not seen to yet; the peer's thread's
 * @calls:   those that need a permit first
 * @n_held:  how many are held, here and in lanes; read by anybody
 * @n_bytes: of them; read by anybody
 * @n_sends: of these, sends
 */
struct actor__serving {
	struct actor__held_line calls;
	atomic_size_t n_held;
	atomic_size_t n_bytes;
	size_t n_sends;
};

/** actor__serve() - see to a send or a call, now or later. Thread: the peer's */
void actor__serve(struct actor_peer *peer, const struct actor_frame *frame);

/** actor__serve_held() - see to those that can be, of what is held; true when there was room for
 * some, and soon will be for others. Thread: the peer's */
bool actor__serve_held(struct actor_peer *peer);

/** actor__serve_no_calls() - refuse those that have no permit yet. Thread: the peer's */
void actor__serve_no_calls(struct actor_peer *peer);

/** actor__serve_drop() - refuse all that is held. Thread: the peer's */
void actor__serve_drop(struct actor_peer *peer);

/** actor__serve_attempt() - have its map see to a frame: ACTOR_E_FULL, or it is seen to, or
 * refused. Thread: the peer's */
int actor__serve_attempt(struct actor_peer *peer, struct actor__route *route,
			 const struct actor_frame *frame, struct actor_answer *answer,
			 struct actor_place *place);

/** actor__serve_refuse() - tell observers that a frame is not seen to, and whoever called. Thread:
 * the peer's */
void actor__serve_refuse(struct actor_peer *peer, const struct actor_frame *frame,
			 struct actor_answer *answer, int status, const char *text);

#endif
