/* SPDX-License-Identifier: MIT */
#ifndef ACTOR__HELD_H
#define ACTOR__HELD_H

#include <actor-remote/service-map.h>

/**
 * struct actor__held - a copy of a frame that cannot be served yet
 * @next:    in its line
 * @answer:  of a call
 * @frame:   its payload is that which follows
 * @payload: the bytes
 */
struct actor__held {
	struct actor__held *next;
	struct actor_answer *answer;
	struct actor_frame frame;
	uint8_t payload[];
};

/** struct actor__held_line - frames in the order in which they came; zeroed is empty */
struct actor__held_line {
	struct actor__held *first;
	struct actor__held *last;
};

/** actor__held_append() - a copy of a frame, at the end; false without memory. Thread: the peer's
 */
bool actor__held_append(struct actor_peer *peer, struct actor__held_line *line,
			const struct actor_frame *frame, struct actor_answer *answer);

/** actor__held_any() - whether the peer holds any. Thread: its */
bool actor__held_any(const struct actor_peer *peer);

/** actor__held_take() - the first, to be freed; or NULL. Thread: the peer's */
struct actor__held *actor__held_take(struct actor__held_line *line);

/** actor__held_move() - those of a service, to the end of another line. Thread: the peer's */
void actor__held_move(struct actor__held_line *from, struct actor__held_line *to, uint64_t service);

/** actor__held_free() - one that was taken; its answer is not its. Thread: the peer's */
void actor__held_free(struct actor_peer *peer, struct actor__held *held);

#endif
