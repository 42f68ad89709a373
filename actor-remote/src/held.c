/* SPDX-License-Identifier: MIT */

/* Frames that are held, and how many bytes that is: with what it takes to hold them and to answer
 * them, since many without a payload take memory, too. */

#include "held.h"

#include "answer.h"
#include "peer.h"

#include <stdlib.h>

static size_t bytes_of(const struct actor__held *held)
{
	return sizeof *held + held->frame.n_payload +
	       (held->answer ? sizeof(struct actor_answer) : 0);
}

/* Relaxed: others only look at it; and nobody else writes it. */
static void count(atomic_size_t *counter, size_t n)
{
	atomic_store_explicit(counter, atomic_load_explicit(counter, memory_order_relaxed) + n,
			      memory_order_relaxed);
}

static struct actor__held *create(const struct actor_frame *frame, struct actor_answer *answer)
{
	struct actor__held *held = malloc(sizeof *held + frame->n_payload);

	if (!held)
		return NULL;
	held->answer = answer;
	held->frame = *frame;
	held->frame.payload = held->payload;
	if (frame->n_payload > 0)
		memcpy(held->payload, frame->payload, frame->n_payload);
	return held;
}

static void append(struct actor__held_line *line, struct actor__held *held)
{
	held->next = NULL;
	if (line->first)
		line->last->next = held;
	else
		line->first = held;
	line->last = held;
}

bool actor__held_append(struct actor_peer *peer, struct actor__held_line *line,
			const struct actor_frame *frame, struct actor_answer *answer)
{
	struct actor__held *held = create(frame, answer);

	if (!held)
		return false;
	append(line, held);
	count(&peer->serving.n_held, 1);
	count(&peer->serving.n_bytes, bytes_of(held));
	peer->serving.n_sends += !frame->call;
	return true;
}

bool actor__held_any(const struct actor_peer *peer)
{
	/* Relaxed: only this thread writes it. */
	return atomic_load_explicit(&peer->serving.n_held, memory_order_relaxed) > 0;
}

struct actor__held *actor__held_take(struct actor__held_line *line)
{
	struct actor__held *held = line->first;

	if (held)
		line->first = held->next;
	return held;
}

void actor__held_free(struct actor_peer *peer, struct actor__held *held)
{
	count(&peer->serving.n_held, (size_t)-1);
	count(&peer->serving.n_bytes, -bytes_of(held));
	peer->serving.n_sends -= !held->frame.call;
	free(held);
}

void actor__held_move(struct actor__held_line *from, struct actor__held_line *to, uint64_t service)
{
	struct actor__held_line all = *from;
	struct actor__held *held;

	from->first = NULL;
	while ((held = actor__held_take(&all)))
		append(held->frame.service == service ? to : from, held);
}
