/* SPDX-License-Identifier: MIT */

/*
 * Answers. One is made for each call that comes, and lives until what answers it has been written,
 * or the connection has gone; its permit is given back with it, on every path and once. It keeps
 * the memory of its peer. The cells that come back on the peer's thread are kept for the next call.
 *
 * As a reply it is what a local actor is handed: what is delivered is encoded right there.
 */

#include "answer.h"

#include "outbox.h"
#include "peer.h"

#include <stdlib.h>

/* So many are kept for later use. */
#define KEPT 256

struct actor_answer *actor__answer_create(struct actor_peer *peer, uint64_t service, uint64_t call)
{
	struct actor_answer *answer = peer->free_answers;

	if (answer) {
		peer->free_answers = answer->next;
		peer->n_free_answers--;
	} else {
		answer = malloc(sizeof *answer);
	}
	if (!answer)
		return NULL;
	*answer = (struct actor_answer){
		.peer = actor__peer_hold(peer),
		.service = service,
		.call = call,
	};
	/* Relaxed: who asks whether there are any does so on this thread. */
	atomic_fetch_add_explicit(&peer->n_serving, 1, memory_order_relaxed);
	return answer;
}

void actor__answer_release(struct actor_answer *answer)
{
	struct actor_peer *peer = answer->peer;

	actor_permit_release(answer->permit);
	free(answer);
	actor__peer_release(peer);
}

void actor__answer_recycle(struct actor_answer *answer)
{
	struct actor_peer *peer = answer->peer;

	if (peer->n_free_answers == KEPT) {
		actor__answer_release(answer);
		return;
	}
	actor_permit_release(answer->permit);
	answer->next = peer->free_answers;
	peer->free_answers = answer;
	peer->n_free_answers++;
	actor__peer_release(peer);
}

bool actor__answer_abandoned(const struct actor_answer *answer)
{
	/* Relaxed: nothing else hangs on it. */
	return atomic_load_explicit(&answer->peer->gone, memory_order_relaxed);
}

/* ---- errors */

int actor__error_frame(const struct actor_wire_format *format, const struct actor_wire_error *error,
		       uint64_t call, struct actor_bytes *frame)
{
	int rc;

	format->ops->begin(format, frame, ACTOR_SERVICE_ERROR, call);
	if (frame->failed)
		return frame->failed;
	rc = format->ops->encode_error(format, error, frame);
	if (rc == 0)
		format->ops->end(format, frame, 0);
	return rc;
}

/* One that can not even be said, for want of memory, is owed: as an empty frame. */
int actor_answer_error(struct actor_answer *answer, const struct actor_wire_error *error)
{
	struct actor_peer *peer = answer->peer;
	struct actor_wire_error complete = *error;
	uint8_t memory[ACTOR__FRAME_BYTES];
	struct actor_bytes frame;
	int rc;

	if (!complete.has_service)
		complete.service = answer->service;
	if (!complete.has_call)
		complete.call = answer->call;
	complete.has_service = complete.has_call = true;
	actor_bytes_init(&frame, memory, sizeof memory, SIZE_MAX);
	rc = actor__error_frame(peer->format, &complete, answer->call, &frame);
	actor__peer_hold(peer);
	rc = actor__outbox_answer(peer, answer, rc == 0 ? &frame : NULL);
	actor__peer_release(peer);
	actor_bytes_deinit(&frame);
	return rc;
}

int actor__answer_with(struct actor_answer *answer, enum actor_wire_error_kind kind)
{
	const struct actor_wire_error error = { .kind = kind };

	return actor_answer_error(answer, &error);
}

/* Nobody is to know why, but for those who observe. */
static int fail(struct actor_answer *answer, int status, const char *text)
{
	int rc;

	actor__peer_tell_error(answer->peer, status, answer->service, answer->call, text);
	rc = actor__answer_with(answer, ACTOR_WIRE_INTERNAL_SERVER_ERROR);
	return rc == ACTOR_E_ABANDONED ? rc : status;
}

/* ---- values */

/* A response of either an encoded value, or one that is to be encoded. */
static int make_response(struct actor_answer *answer, const uint8_t *payload, size_t n_payload,
			 const void *value, struct actor_bytes *frame)
{
	const struct actor_wire_format *format = answer->peer->format;
	int rc = 0;

	format->ops->begin(format, frame, ACTOR_SERVICE_RESPONSE, answer->call);
	if (frame->failed)
		return frame->failed;
	if (value)
		rc = format->ops->encode(format, answer->schema, value, frame);
	else
		actor_bytes_append(frame, payload, n_payload);
	if (rc == 0)
		rc = frame->failed;
	if (rc == 0)
		format->ops->end(format, frame, 0);
	return rc;
}

static int respond(struct actor_answer *answer, const uint8_t *payload, size_t n_payload,
		   const void *value)
{
	struct actor_peer *peer = answer->peer;
	uint64_t service = answer->service, call = answer->call;
	uint8_t memory[ACTOR__FRAME_BYTES];
	struct actor_bytes frame;
	int rc;

	actor_bytes_init(&frame, memory, sizeof memory, peer->options.max_write_bytes);
	rc = make_response(answer, payload, n_payload, value, &frame);
	if (rc < 0) {
		rc = fail(answer, rc, "an answer could not be written");
	} else {
		actor__peer_hold(peer);
		rc = actor__outbox_answer(peer, answer, &frame);
		if (rc == ACTOR_E_NOMEM)
			actor__peer_tell_error(peer, rc, service, call,
					       "an answer could not be written");
		actor__peer_release(peer);
	}
	actor_bytes_deinit(&frame);
	return rc;
}

int actor_answer_payload(struct actor_answer *answer, const uint8_t *payload, size_t n_payload)
{
	return respond(answer, payload, n_payload, NULL);
}

/* ---- as a reply */

static struct actor_answer *answer_of(struct actor_reply *reply)
{
	return ACTOR_CONTAINER_OF(reply, struct actor_answer, reply);
}

static int reply_deliver(struct actor_reply *reply, int status, void *value)
{
	struct actor_answer *answer = answer_of(reply);
	const struct actor_message_type *type = answer->type;
	int rc;

	if (status < 0)
		return fail(answer, status, "a call was not answered") == ACTOR_E_ABANDONED
			       ? ACTOR_E_ABANDONED
			       : 0;
	rc = respond(answer, NULL, 0, value);
	actor_message_drop(type, value);
	return rc == ACTOR_E_ABANDONED ? rc : 0;
}

static bool reply_abandoned(struct actor_reply *reply)
{
	return actor__answer_abandoned(answer_of(reply));
}

static const struct actor_reply_ops answer_reply_ops = {
	.size = sizeof answer_reply_ops,
	.deliver = reply_deliver,
	.abandoned = reply_abandoned,
};

struct actor_reply *actor_answer_reply(struct actor_answer *answer,
				       const struct actor_message_type *type,
				       const struct actor_schema *schema)
{
	answer->reply.ops = &answer_reply_ops;
	answer->type = type;
	answer->schema = schema;
	return &answer->reply;
}
