/* SPDX-License-Identifier: MIT */

/*
 * Answers in the outbox. One that has a permit is in a list until its frame has gone out, and keeps
 * it. What could not be put there for want of memory is owed: an internal error, which the peer's
 * thread tries to put there until it can, or the connection ends. So a caller is never forgotten.
 *
 * Calls without a permit are bounded by what their answers may take: each counts as the longest
 * frame there may be until it is answered, and then as its answer's. A call for which that leaves
 * nothing waits in its lane; and so it does while the answers that there are would have reading
 * pause, so that who takes none gets no more of them than were under way.
 */

#include "answer.h"
#include "outbox.h"
#include "peer.h"

/* With the lock held. */
static void await_writing(struct actor__outbox *outbox, struct actor_answer *answer)
{
	answer->next = NULL;
	answer->position = outbox->n_gone + actor__outbox_unwritten(outbox);
	if (outbox->last_answer)
		outbox->last_answer->next = answer;
	else
		outbox->answers = answer;
	outbox->last_answer = answer;
}

/* With the lock held. */
static bool leaves_room(const struct actor_peer *peer)
{
	size_t most = peer->options.max_relayed_bytes;
	size_t n_bytes = actor__outbox_answers(&peer->outbox);

	return n_bytes < most && n_bytes <= peer->options.max_unwritten_bytes &&
	       peer->n_unpermitted <= (most - n_bytes - 1) / peer->options.max_write_bytes;
}

bool actor__outbox_admit(struct actor_peer *peer, struct actor_answer *answer)
{
	if (answer->permit || answer->admitted)
		return true;
	actor__peer_lock(peer);
	answer->admitted = leaves_room(peer);
	peer->n_unpermitted += answer->admitted;
	actor__peer_unlock(peer);
	return answer->admitted;
}

bool actor__outbox_admits(struct actor_peer *peer)
{
	bool admits;

	actor__peer_lock(peer);
	admits = leaves_room(peer);
	actor__peer_unlock(peer);
	return admits;
}

/* With the lock held. */
static int append_answer(struct actor__outbox *outbox, struct actor_answer *answer,
			 const struct actor_bytes *frame)
{
	int rc = outbox->shut ? ACTOR_E_ABANDONED
		 : frame      ? actor__outbox_append(outbox, frame)
			      : ACTOR_E_NOMEM;

	if (rc == 0) {
		outbox->n_filling_answers += frame->n;
		if (answer->permit)
			await_writing(outbox, answer);
	}
	return rc;
}

/* It is not being served any more. With the lock held. */
static void count_out(struct actor_peer *peer, const struct actor_answer *answer)
{
	atomic_fetch_sub(&peer->n_serving, 1);
	peer->n_unpermitted -= answer->admitted;
}

/* @ret_rings: whether the peer is to be rung; NULL: it is in a turn, and writes by itself. */
static int put_answer(struct actor_peer *peer, struct actor_answer *answer,
		      const struct actor_bytes *frame, bool *ret_rings)
{
	bool done;
	int rc;

	actor__peer_lock(peer);
	rc = append_answer(&peer->outbox, answer, frame);
	done = rc == ACTOR_E_ABANDONED || (rc == 0 && !answer->permit);
	if (rc == ACTOR_E_NOMEM) {
		answer->next = peer->outbox.owed;
		peer->outbox.owed = answer;
	} else {
		count_out(peer, answer);
	}
	if (ret_rings)
		*ret_rings = actor__outbox_tell(&peer->outbox);
	actor__peer_unlock(peer);
	if (done)
		actor__answer_release(answer);
	return rc;
}

int actor__outbox_answer(struct actor_peer *peer, struct actor_answer *answer,
			 const struct actor_bytes *frame)
{
	bool rings;
	int rc = put_answer(peer, answer, frame, &rings);

	if (rings)
		actor__peer_ring(peer);
	return rc;
}

void actor__outbox_notify(struct actor_peer *peer, const struct actor_bytes *frame)
{
	actor__peer_lock(peer);
	if (!peer->outbox.shut && actor__outbox_append(&peer->outbox, frame) == 0)
		peer->outbox.n_filling_answers += frame->n;
	actor__peer_unlock(peer);
	actor__peer_ring(peer);
}

static int pay(struct actor_peer *peer, struct actor_answer *answer)
{
	const struct actor_wire_error error = {
		.kind = ACTOR_WIRE_INTERNAL_SERVER_ERROR,
		.has_service = true,
		.service = answer->service,
		.has_call = true,
		.call = answer->call,
	};
	uint8_t memory[ACTOR__FRAME_BYTES];
	struct actor_bytes frame;
	int rc;

	actor_bytes_init(&frame, memory, sizeof memory, SIZE_MAX);
	rc = actor__error_frame(peer->format, &error, answer->call, &frame);
	rc = put_answer(peer, answer, rc == 0 ? &frame : NULL, NULL);
	actor_bytes_deinit(&frame);
	return rc;
}

static struct actor_answer *take_owed(struct actor_peer *peer)
{
	struct actor_answer *answer;

	actor__peer_lock(peer);
	answer = peer->outbox.owed;
	if (answer)
		peer->outbox.owed = answer->next;
	actor__peer_unlock(peer);
	return answer;
}

bool actor__outbox_pay(struct actor_peer *peer)
{
	struct actor_answer *answer;

	while ((answer = take_owed(peer)))
		if (pay(peer, answer) == ACTOR_E_NOMEM)
			return false;
	return true;
}

void actor__outbox_release(struct actor_answer *answer)
{
	while (answer) {
		struct actor_answer *next = answer->next;

		actor__answer_recycle(answer);
		answer = next;
	}
}

struct actor_answer *actor__outbox_take_written(struct actor__outbox *outbox)
{
	struct actor_answer *first = outbox->answers, *last = NULL;

	while (outbox->answers && outbox->answers->position <= outbox->n_gone) {
		last = outbox->answers;
		outbox->answers = last->next;
	}
	if (!last)
		return NULL;
	if (!outbox->answers)
		outbox->last_answer = NULL;
	last->next = NULL;
	return first;
}
