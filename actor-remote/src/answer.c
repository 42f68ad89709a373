/* SPDX-License-Identifier: MIT */

/*
 * Answers. One is made for each call that comes, and lives until what answers it has been written,
 * or the connection has gone; its permit is given back with it, on every path and once. The cells
 * that come back on the peer's thread are kept for the next call.
 *
 * As a reply it is what a local actor is handed: what is delivered is encoded right there.
 */

#include "answer.h"

#include "outbox.h"
#include "peer.h"
#include "why.h"

#include <stdlib.h>

/* So many are kept for later use. */
#define KEPT 1024

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
	answer->peer = peer;
	answer->permit = NULL;
	answer->admitted = false;
	answer->service = service;
	answer->call = call;
	/* Relaxed: see actor__peer_n_serving(); and nobody else writes it. */
	atomic_store_explicit(&peer->n_serving_begun,
			      atomic_load_explicit(&peer->n_serving_begun, memory_order_relaxed) +
				      1,
			      memory_order_relaxed);
	return answer;
}

void actor__answer_release(struct actor_answer *answer)
{
	actor__permit_release(answer->permit);
	free(answer);
}

void actor__answer_recycle(struct actor_answer *answer)
{
	struct actor_peer *peer = answer->peer;

	actor__permits_give(peer, answer->permit);
	if (peer->n_free_answers == KEPT) {
		free(answer);
		return;
	}
	answer->next = peer->free_answers;
	peer->free_answers = answer;
	peer->n_free_answers++;
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

int actor_answer_error(struct actor_answer *answer, const struct actor_wire_error *error)
{
	struct actor_wire_error complete = *error;

	if (!complete.has_service)
		complete.service = answer->service;
	if (!complete.has_call)
		complete.call = answer->call;
	complete.has_service = complete.has_call = true;
	return actor__outbox_answer(answer, &(struct actor__said){ .error = &complete });
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

ACTOR__COLD static int fail_to_write(struct actor_answer *answer, const struct actor__said *said,
				     int status)
{
	struct actor_why why = { "" };

	if (status == ACTOR_E_ENCODE)
		actor__explain(answer->peer->format, said->schema, said->value, &why);
	return fail(answer, status, why.text[0] ? why.text : "an answer could not be written");
}

static int respond(struct actor_answer *answer, const struct actor__said *said)
{
	int rc = actor__outbox_answer(answer, said);

	if (rc == 0 || rc == ACTOR_E_ABANDONED || rc == ACTOR_E_NOMEM)
		return rc;
	return fail_to_write(answer, said, rc);
}

int actor_answer_payload(struct actor_answer *answer, const uint8_t *payload, size_t n_payload)
{
	const struct actor__said said = { .payload = payload, .n_payload = n_payload };

	return respond(answer, &said);
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
	const struct actor__said said = { .schema = answer->schema, .value = value };
	int rc;

	if (status < 0)
		return fail(answer, status, "a call was not answered") == ACTOR_E_ABANDONED
			       ? ACTOR_E_ABANDONED
			       : 0;
	rc = respond(answer, &said);
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
