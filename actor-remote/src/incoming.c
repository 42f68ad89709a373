/* SPDX-License-Identifier: MIT */

/*
 * What comes over a connection: bytes of a stranger. Frames that are whole in what the transport
 * hands over are seen to in place. The beginning of one that is not is collected, in a buffer that
 * grows as its bytes come, whatever length it has announced.
 *
 * Responses and errors are seen to at once, whatever else has to wait.
 */

#include "incoming.h"

#include "answer.h"
#include "outbox.h"
#include "peer.h"

/* So many bytes at a time are collected until it is known how long a frame is. */
enum { HEAD_BYTES = 64 };

/* Buffers larger than this are given back when they are empty. */
#define KEPT_BYTES ((size_t)64 << 10)

void actor__incoming_violation(struct actor_peer *peer, int status, const char *text)
{
	struct actor_wire_error error = { .kind = ACTOR_WIRE_DESERIALIZE_WIRE_FORMAT };
	uint8_t memory[ACTOR__FRAME_BYTES];
	struct actor_bytes frame;

	peer->incoming.deaf = true;
	actor__peer_tell_error(peer, status, 0, 0, text);
	actor__copy_text(error.context, sizeof error.context, text);
	actor_bytes_init(&frame, memory, sizeof memory, SIZE_MAX);
	if (actor__error_frame(peer->format, &error, 0, &frame) == 0)
		actor__outbox_notify(peer, &frame);
	actor_bytes_deinit(&frame);
	actor__peer_closes(peer, ACTOR_PEER_CLOSED, status, 0, text);
}

/* That belongs to no call here. */
static void remote_error(struct actor_peer *peer, const struct actor_frame *frame)
{
	struct actor_peer_event event = { .kind = ACTOR_PEER_REMOTE_ERROR, .call = frame->call };
	struct actor_why why = { "" };
	int rc = peer->format->ops->decode_error(peer->format, frame->payload, frame->n_payload,
						 &event.error, &why);

	if (rc < 0) {
		actor__peer_tell_error(peer, rc, 0, frame->call, why.text);
		return;
	}
	event.status = actor_wire_error_status(&event.error);
	event.service = event.error.has_service ? event.error.service : 0;
	actor_wire_error_format(&event.error, event.text, sizeof event.text);
	actor__peer_tell(peer, &event);
}

static void see_to(struct actor_peer *peer, const struct actor_frame *frame)
{
	switch (actor_frame_kind(frame)) {
	case ACTOR_FRAME_ERROR:
		peer->incoming.answered = true;
		if (!actor__calls_answer(peer, frame))
			remote_error(peer, frame);
		break;
	case ACTOR_FRAME_RESPONSE:
		peer->incoming.answered = true;
		actor__calls_answer(peer, frame); /* or it is too late */
		break;
	case ACTOR_FRAME_SEND:
	case ACTOR_FRAME_CALL:
		actor__serve(peer, frame);
	}
}

/* How long the frame is that begins here; 0: not known yet, or never will be. */
static size_t length_of(struct actor_peer *peer, const uint8_t *bytes, size_t n)
{
	uint64_t length = 0;
	int rc = peer->format->ops->length(peer->format, bytes, n, &length);

	if (rc == ACTOR_PENDING)
		return 0;
	if (rc < 0 || length == 0) {
		actor__incoming_violation(peer, ACTOR_E_PROTOCOL, "what came is no frame");
		return 0;
	}
	if (length > peer->options.max_read_bytes) {
		actor__incoming_violation(peer, ACTOR_E_TOO_BIG, "a frame that came is too long");
		return 0;
	}
	return (size_t)length;
}

/* Relaxed: others only look at it; and nobody else writes it. */
static void count(_Atomic uint64_t *counter, uint64_t n)
{
	atomic_store_explicit(counter, atomic_load_explicit(counter, memory_order_relaxed) + n,
			      memory_order_relaxed);
}

static void see_to_bytes(struct actor_peer *peer, const uint8_t *bytes, size_t n)
{
	struct actor__incoming *incoming = &peer->incoming;
	struct actor_frame frame;

	if (peer->format->ops->parse(peer->format, bytes, n, &frame) < 0) {
		actor__incoming_violation(peer, ACTOR_E_PROTOCOL, "what came is no frame");
		return;
	}
	count(&incoming->n_frames, 1);
	count(&incoming->n_bytes, n);
	see_to(peer, &frame);
}

/* All frames that are whole; how many bytes these are. */
static size_t take_frames(struct actor_peer *peer, const uint8_t *bytes, size_t n)
{
	struct actor__incoming *incoming = &peer->incoming;
	size_t at = 0;

	incoming->n_wanted = 0;
	while (at < n && !incoming->deaf) {
		size_t length = length_of(peer, bytes + at, n - at);

		if (length == 0 || length > n - at) {
			incoming->n_wanted = length;
			break;
		}
		see_to_bytes(peer, bytes + at, length);
		at += length;
	}
	return at;
}

static bool keep(struct actor_peer *peer, const uint8_t *bytes, size_t n)
{
	if (n == 0 || actor_bytes_append(&peer->incoming.bytes, bytes, n))
		return true;
	actor__incoming_violation(peer, ACTOR_E_NOMEM, "there was no memory for a frame");
	return false;
}

/* How many of the bytes that came belong to the frame that is being collected, as far as is known.
 */
static size_t wanted(const struct actor__incoming *incoming, size_t n)
{
	size_t most = HEAD_BYTES;

	if (incoming->n_wanted > 0)
		most = incoming->n_wanted - incoming->bytes.n;
	return n < most ? n : most;
}

static void forget_taken(struct actor_bytes *bytes, size_t n)
{
	memmove(bytes->data, bytes->data + n, bytes->n - n);
	bytes->n -= n;
	if (bytes->n == 0 && bytes->capacity > KEPT_BYTES)
		actor_bytes_deinit(bytes);
}

void actor__incoming_read(struct actor_peer *peer, const uint8_t *bytes, size_t n)
{
	struct actor__incoming *incoming = &peer->incoming;
	size_t taken;

	while (incoming->bytes.n > 0 && n > 0 && !incoming->deaf) {
		size_t more = wanted(incoming, n);

		if (!keep(peer, bytes, more))
			return;
		bytes += more;
		n -= more;
		taken = take_frames(peer, incoming->bytes.data, incoming->bytes.n);
		if (taken > 0)
			forget_taken(&incoming->bytes, taken);
	}
	if (incoming->deaf || n == 0)
		return;
	taken = take_frames(peer, bytes, n);
	if (!incoming->deaf)
		keep(peer, bytes + taken, n - taken);
}
