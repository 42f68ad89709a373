/* SPDX-License-Identifier: MIT */

/*
 * Answers in the outbox. One that has a permit is in a list until its frame has gone out, and keeps
 * it. What could not be put there for want of memory is owed: an internal error, which the peer's
 * thread tries to put there until it can, or the connection ends. So a caller is never forgotten.
 *
 * As long as its peer runs, an answer need not keep it; of those that are left at its end all
 * together do, and the last of them lets go of it.
 *
 * Calls that have a permit wait in their lanes, too, while the answers that there are are more than
 * may be unwritten: so that who takes none does not have as many of the longest as there are
 * permits made for him. One that stands in line for room has been let through before: who is
 * granted room has to use it.
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
	if (answer->admitted)
		return true;
	if (answer->permit)
		return answer->admitted = !peer->sated;
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

static int make_response(const struct actor_wire_format *format, const struct actor__said *said,
			 uint64_t call, struct actor_bytes *frame)
{
	int rc = 0;

	format->ops->begin(format, frame, ACTOR_SERVICE_RESPONSE, call);
	if (frame->failed)
		return frame->failed;
	if (said->schema)
		rc = format->ops->encode(format, said->schema, said->value, frame);
	else
		actor_bytes_append(frame, said->payload, said->n_payload);
	if (rc < 0 || frame->failed)
		return rc < 0 ? rc : frame->failed;
	format->ops->end(format, frame, 0);
	return 0;
}

/* An error that can not even be said is owed. */
static int make(const struct actor_wire_format *format, const struct actor__said *said,
		uint64_t call, struct actor_bytes *frame)
{
	if (!said->error)
		return make_response(format, said, call, frame);
	return actor__error_frame(format, said->error, call, frame) < 0 ? ACTOR_E_NOMEM : 0;
}

/* With the lock held. */
static int append_answer(struct actor_peer *peer, struct actor_answer *answer,
			 const struct actor__said *said)
{
	struct actor__outbox *outbox = &peer->outbox;
	size_t n_before = outbox->filling.n;
	struct actor_bytes frame;
	int rc;

	if (outbox->shut)
		return ACTOR_E_ABANDONED;
	actor__outbox_begin(outbox, &frame, said->error ? SIZE_MAX : peer->options.max_write_bytes);
	rc = make(peer->format, said, answer->call, &frame);
	rc = actor__outbox_end(outbox, &frame, rc);
	if (rc < 0)
		return rc;
	outbox->n_filling_answers += outbox->filling.n - n_before;
	if (answer->permit)
		await_writing(outbox, answer);
	return 0;
}

/* It is not being served any more. With the lock held. */
static void count_out(struct actor_peer *peer, const struct actor_answer *answer)
{
	peer->n_answered++;
	peer->n_unpermitted -= answer->admitted && !answer->permit;
}

/* With the lock held. */
static void owe(struct actor__outbox *outbox, struct actor_answer *answer)
{
	answer->next = outbox->owed;
	outbox->owed = answer;
}

/* What becomes of it. With the lock held. */
static int put_answer(struct actor_peer *peer, struct actor_answer *answer,
		      const struct actor__said *said)
{
	int rc = append_answer(peer, answer, said);

	if (rc == ACTOR_E_NOMEM)
		owe(&peer->outbox, answer);
	else if (rc == 0 || rc == ACTOR_E_ABANDONED)
		count_out(peer, answer);
	return rc;
}

/* Of those who are still being served at the end of their peer, the last one. With the lock held */
static bool is_last_of_all(const struct actor_peer *peer)
{
	return peer->outbox.kept && actor__peer_n_serving(peer) == 0;
}

static void tell_owed(struct actor_peer *peer, uint64_t service, uint64_t call)
{
	actor__peer_tell_error(peer, ACTOR_E_NOMEM, service, call,
			       "an answer could not be written");
}

/* Who is not served any more does not keep the peer: so it is held for what follows. */
int actor__outbox_answer(struct actor_answer *answer, const struct actor__said *said)
{
	struct actor_peer *peer = answer->peer;
	uint64_t service = answer->service, call = answer->call;
	bool rings, done, goes, tells;
	int rc;

	actor__peer_lock(peer);
	rc = put_answer(peer, answer, said);
	done = rc == ACTOR_E_ABANDONED || (rc == 0 && !answer->permit);
	goes = rc == ACTOR_E_ABANDONED && is_last_of_all(peer);
	tells = rc == ACTOR_E_NOMEM && !said->error;
	rings = (rc == 0 || rc == ACTOR_E_NOMEM) && actor__outbox_tell(&peer->outbox);
	if (rings || tells)
		actor__peer_hold(peer);
	actor__peer_unlock(peer);
	if (done)
		actor__answer_release(answer);
	if (rings)
		actor__peer_ring(peer);
	if (tells)
		tell_owed(peer, service, call);
	if (rings || tells || goes)
		actor__peer_release(peer);
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

/* In a turn, which writes by itself. */
static int pay(struct actor_peer *peer, struct actor_answer *answer)
{
	const struct actor_wire_error error = {
		.kind = ACTOR_WIRE_INTERNAL_SERVER_ERROR,
		.has_service = true,
		.service = answer->service,
		.has_call = true,
		.call = answer->call,
	};
	bool done;
	int rc;

	actor__peer_lock(peer);
	rc = put_answer(peer, answer, &(struct actor__said){ .error = &error });
	done = rc == ACTOR_E_ABANDONED || (rc == 0 && !answer->permit);
	actor__peer_unlock(peer);
	if (done)
		actor__answer_recycle(answer);
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

void actor__outbox_count_out_owed(struct actor_peer *peer)
{
	for (struct actor_answer *answer = peer->outbox.owed; answer; answer = answer->next)
		count_out(peer, answer);
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
