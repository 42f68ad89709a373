/* SPDX-License-Identifier: MIT */

/*
 * What a peer is to write. Frames are made on the thread of whoever sends, right in a buffer, under
 * the peer's lock; the peer's thread swaps that for an empty one and writes it, while the other
 * fills up. So in the long run nothing is allocated and nothing copied, a write carries whatever
 * has come meanwhile, and nobody waits for the socket. It is written in pieces, from where it is,
 * because only when a write is done is it known that something has moved.
 *
 * Messages of remote addresses are refused while there is much to write; who is refused stands in
 * line, and is granted room when there is. A grant is for one frame of whatever length: so that
 * many of them do not lead far beyond the bound, each counts as a sixteenth of it until its frame
 * is there. Answers are never refused: permits bound them, and where there are none, the peer reads
 * no more while there are too many.
 */

#include "outbox.h"

#include "bytes.h"
#include "peer.h"

#include <stdlib.h>

/* Buffers larger than this are given back when they are empty. */
#define KEPT_BYTES ((size_t)64 << 10)

/* At most so much in a write. */
#define PIECE_BYTES ((size_t)64 << 10)

/* So much room there is for a frame, before it is seen whether that is enough. */
#define LEAST_ROOM 128

/* So many writes in a turn. */
#define WRITES 16

void actor__outbox_init(struct actor__outbox *outbox)
{
	memset(outbox, 0, sizeof *outbox);
	actor_bytes_init(&outbox->filling, NULL, 0, SIZE_MAX);
	actor_bytes_init(&outbox->writing, NULL, 0, SIZE_MAX);
}

void actor__outbox_deinit(struct actor__outbox *outbox)
{
	actor_bytes_deinit(&outbox->filling);
	actor_bytes_deinit(&outbox->writing);
}

/* ---- room, with the lock held */

static bool has_room(const struct actor_peer *peer)
{
	const struct actor__outbox *outbox = &peer->outbox;
	size_t most = peer->options.max_unwritten_bytes;

	return actor__outbox_unwritten(outbox) + outbox->line.n_granted * (most / 16 + 1) < most;
}

static void grant(struct actor_peer *peer)
{
	struct actor__line *line = &peer->outbox.line;

	while (line->first && has_room(peer))
		actor__line_grant(line);
}

void actor__outbox_withdraw(struct actor_peer *peer, struct actor_waiter *waiter)
{
	actor__peer_lock(peer);
	actor__line_leave(&peer->outbox.line, waiter);
	grant(peer);
	actor__peer_unlock(peer);
}

/* ---- messages */

/* May this one be sent? With the lock held. */
static int admit(const struct actor_peer *peer, const struct actor_waiter *waiter)
{
	bool granted = actor__line_holds(&peer->outbox.line, waiter) && waiter->granted;

	if (peer->closing)
		return ACTOR_E_CLOSED;
	if (!granted && !has_room(peer)) /* as long as somebody is in line there is none */
		return ACTOR_E_FULL;
	return 0;
}

void actor__outbox_begin(struct actor__outbox *outbox, struct actor_bytes *frame, size_t limit)
{
	struct actor_bytes *filling = &outbox->filling;

	if (filling->capacity - filling->n < LEAST_ROOM)
		actor__bytes_reserve(filling, LEAST_ROOM);
	actor_bytes_init(frame, filling->data ? filling->data + filling->n : NULL,
			 filling->capacity - filling->n, limit);
}

static void count_frame(struct actor__outbox *outbox)
{
	/* Relaxed: nothing else hangs on it; and nobody else writes it meanwhile. */
	atomic_store_explicit(&outbox->n_frames,
			      atomic_load_explicit(&outbox->n_frames, memory_order_relaxed) + 1,
			      memory_order_relaxed);
}

int actor__outbox_append(struct actor__outbox *outbox, const struct actor_bytes *frame)
{
	if (!actor_bytes_append(&outbox->filling, frame->data, frame->n)) {
		outbox->filling.failed = 0;
		return ACTOR_E_NOMEM;
	}
	count_frame(outbox);
	return 0;
}

int actor__outbox_end(struct actor__outbox *outbox, struct actor_bytes *frame, int rc)
{
	if (rc == 0 && frame->given) {
		outbox->filling.n += frame->n;
		count_frame(outbox);
		return 0;
	}
	if (rc == 0)
		rc = actor__outbox_append(outbox, frame);
	actor_bytes_deinit(frame);
	return rc;
}

static int make(const struct actor_wire_format *format, const struct actor__outgoing *outgoing,
		uint64_t call, struct actor_bytes *frame)
{
	int rc = 0;

	format->ops->begin(format, frame, outgoing->service, call);
	if (frame->failed)
		return frame->failed;
	if (outgoing->schema)
		rc = format->ops->encode(format, outgoing->schema, outgoing->message, frame);
	else
		actor_bytes_append(frame, outgoing->payload, outgoing->n_payload);
	if (rc < 0 || frame->failed)
		return rc < 0 ? rc : frame->failed;
	format->ops->end(format, frame, 0);
	return 0;
}

/* With the lock held. */
static int put(struct actor_peer *peer, const struct actor__outgoing *outgoing, uint64_t call)
{
	struct actor_bytes frame;

	actor__outbox_begin(&peer->outbox, &frame, peer->options.max_write_bytes);
	return actor__outbox_end(&peer->outbox, &frame, make(peer->format, outgoing, call, &frame));
}

static void describe_call(struct actor__pending *pending, const struct actor__outgoing *outgoing)
{
	pending->service = outgoing->service;
	pending->reply = outgoing->reply;
	pending->type = outgoing->type;
	pending->schema = outgoing->answer;
	pending->call = outgoing->call;
}

/* With the lock held. */
static int put_call(struct actor_peer *peer, const struct actor__outgoing *outgoing)
{
	struct actor__pending *pending = actor__calls_take(&peer->calls);
	int rc;

	if (!pending)
		return ACTOR_E_NOMEM;
	rc = put(peer, outgoing, pending->id);
	if (rc < 0) {
		actor__calls_give(&peer->calls, pending);
		return rc;
	}
	describe_call(pending, outgoing);
	actor__calls_accept(&peer->calls, pending);
	return 0;
}

/* With the lock held. */
static int post(struct actor_peer *peer, const struct actor__outgoing *outgoing,
		struct actor_waiter *waiter)
{
	int rc = admit(peer, waiter);

	if (rc == ACTOR_E_FULL) {
		actor__line_enter(&peer->outbox.line, waiter);
		return rc;
	}
	actor__line_leave(&peer->outbox.line, waiter);
	if (rc == 0)
		rc = outgoing->reply || outgoing->call ? put_call(peer, outgoing)
						       : put(peer, outgoing, 0);
	grant(peer);
	return rc;
}

int actor__outbox_post(struct actor_peer *peer, const struct actor__outgoing *outgoing,
		       struct actor_waiter *waiter)
{
	bool rings;
	int rc;

	actor__peer_lock(peer);
	rc = post(peer, outgoing, waiter);
	rings = rc == 0 && actor__outbox_tell(&peer->outbox);
	actor__peer_unlock(peer);
	if (rings)
		actor__peer_ring(peer);
	return rc;
}

/* ---- writing */

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

static void forget_written(struct actor_bytes *writing)
{
	writing->n = 0;
	if (writing->capacity > KEPT_BYTES)
		actor_bytes_deinit(writing);
}

/* Whether there is more. */
static bool wrote(struct actor_peer *peer, int64_t now_ns)
{
	struct actor__outbox *outbox = &peer->outbox;
	struct actor_answer *answers;
	bool more;

	actor__peer_lock(peer);
	outbox->n_gone += outbox->n_piece;
	outbox->n_writing -= outbox->n_piece;
	outbox->n_writing_answers = least(outbox->n_writing_answers, outbox->n_writing);
	answers = actor__outbox_take_written(outbox);
	more = actor__outbox_unwritten(outbox) > 0;
	grant(peer);
	actor__peer_unlock(peer);
	if (outbox->n_writing == 0)
		forget_written(&outbox->writing);
	peer->moved_ns = now_ns;
	actor__outbox_release(answers);
	return more;
}

void actor__outbox_written(struct actor_peer *peer)
{
	peer->outbox.pending = false;
	wrote(peer, actor__peer_now(peer));
}

static void swap(struct actor_peer *peer)
{
	struct actor__outbox *outbox = &peer->outbox;
	struct actor_bytes empty = outbox->writing;

	actor__peer_lock(peer);
	if (outbox->filling.n > 0) {
		outbox->writing = outbox->filling;
		outbox->filling = empty;
		outbox->n_writing = outbox->writing.n;
		outbox->n_writing_answers = outbox->n_filling_answers;
		outbox->n_filling_answers = 0;
	}
	actor__peer_unlock(peer);
}

/* Without the lock: it changes on this thread alone. */
static int write_piece(struct actor_peer *peer, int64_t now_ns)
{
	struct actor__outbox *outbox = &peer->outbox;
	const uint8_t *rest = outbox->writing.data + outbox->writing.n - outbox->n_writing;
	int rc;

	outbox->n_piece = least(outbox->n_writing, PIECE_BYTES);
	rc = actor_transport_write(peer->transport, rest, outbox->n_piece);
	outbox->pending = rc == ACTOR_PENDING;
	peer->wrote_ns = now_ns;
	return rc;
}

bool actor__outbox_flush(struct actor_peer *peer, int64_t now_ns)
{
	struct actor__outbox *outbox = &peer->outbox;

	for (int i = 0; i < WRITES; i++) {
		int rc;

		if (!outbox->pending && outbox->n_writing == 0)
			swap(peer);
		if (outbox->pending || outbox->n_writing == 0)
			return true;
		rc = write_piece(peer, now_ns);
		if (rc < 0)
			return false;
		if (outbox->pending || !wrote(peer, now_ns))
			return true;
	}
	actor__peer_ring(peer); /* there is more */
	return true;
}

size_t actor__outbox_close(struct actor_peer *peer)
{
	struct actor__outbox *outbox = &peer->outbox;
	struct actor_answer *answers, *owed;
	size_t n_dropped;

	actor__peer_lock(peer);
	outbox->shut = true;
	actor__outbox_count_out_owed(peer);
	outbox->kept = actor__peer_n_serving(peer) > 0;
	if (outbox->kept)
		actor__peer_hold(peer);
	answers = outbox->answers;
	owed = outbox->owed;
	outbox->answers = outbox->last_answer = outbox->owed = NULL;
	n_dropped = actor__outbox_unwritten(outbox);
	outbox->n_writing = outbox->n_filling_answers = outbox->n_writing_answers = 0;
	actor__outbox_deinit(outbox); /* who keeps the peer does not keep that */
	actor__peer_unlock(peer);
	actor__outbox_release(answers);
	actor__outbox_release(owed);
	return n_dropped;
}
