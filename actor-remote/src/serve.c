/* SPDX-License-Identifier: MIT */

/*
 * Sends and calls that came. What can be served at once is, out of the buffer that it came in. What
 * cannot is copied and held, in the order in which it came: calls that wait for a permit in one
 * line, behind which nothing waits but other calls, and what waits for room in lanes. So a send
 * overtakes calls that have no permit, and nothing else of its actor.
 */

#include "serve.h"

#include "answer.h"
#include "peer.h"

#include <actor-impl/burst.h>

static const char nobody[] = "nobody serves that";
static const char too_late[] = "it came while the peer was closing";
static const char no_permits[] = "there are no permits any more";

static enum actor_wire_error_kind kind_of(int status)
{
	switch (status) {
	case ACTOR_E_DECODE:
		return ACTOR_WIRE_DESERIALIZE;
	case ACTOR_E_UNHANDLED:
		return ACTOR_WIRE_UNKNOWN_SERVICE;
	case ACTOR_E_UNSUPPORTED:
		return ACTOR_WIRE_PUB_SUB_NO_CALL;
	default:
		return ACTOR_WIRE_INTERNAL_SERVER_ERROR;
	}
}

void actor__serve_refuse(struct actor_peer *peer, const struct actor_frame *frame,
			 struct actor_answer *answer, int status, const char *text)
{
	actor__peer_tell_error(peer, status, frame->service, frame->call, text);
	if (answer)
		actor__answer_with(answer, kind_of(status));
}

static bool closes(const struct actor_peer *peer)
{
	return peer->closed_ns != ACTOR_FOREVER;
}

int actor__serve_attempt(struct actor_peer *peer, struct actor__route *route,
			 const struct actor_frame *frame, struct actor_answer *answer,
			 struct actor_place *place)
{
	struct actor_why why;
	struct actor_incoming incoming = {
		.size = sizeof incoming,
		.frame = *frame,
		.peer = peer,
		.format = peer->format,
		.answer = answer,
		.place = place,
		.why = &why,
		.memo = &route->memo,
	};
	int rc;

	why.text[0] = '\0';
	rc = route->map->ops->serve(route->map, &incoming);
	if (rc < 0 && rc != ACTOR_E_FULL) {
		if (rc == ACTOR_E_UNHANDLED)
			actor__routes_forget(peer, frame->service);
		actor__serve_refuse(peer, frame, answer, rc, why.text);
	}
	return rc;
}

static void hold_call(struct actor_peer *peer, const struct actor_frame *frame,
		      struct actor_answer *answer)
{
	if (!actor__held_append(peer, &peer->serving.calls, frame, answer))
		actor__serve_refuse(peer, frame, answer, ACTOR_E_NOMEM, "");
}

/* A call has its permit, if it needs one. Now, or when there is room for it, and for those that
 * wait for that already. */
static void attempt_or_hold(struct actor_peer *peer, struct actor__route *route,
			    const struct actor_frame *frame, struct actor_answer *answer)
{
	struct actor__lane *lane = NULL;

	if (actor__links_first(&peer->lanes.ring)) {
		if (actor__lanes_move(peer, route, frame->service))
			route = actor__routes_find(peer, &peer->routes, frame->service);
		if (!route) {
			actor__serve_refuse(peer, frame, answer, ACTOR_E_UNHANDLED, nobody);
			return;
		}
		lane = actor__lanes_find(peer, route, frame->service);
	}
	if (lane ||
	    (answer && (!answer->permit || peer->sated) && !actor__outbox_admit(peer, answer)) ||
	    actor__serve_attempt(peer, route, frame, answer, NULL) == ACTOR_E_FULL)
		actor__lanes_hold(peer, route, lane, frame, answer);
}

static void serve_call(struct actor_peer *peer, struct actor__route *route,
		       const struct actor_frame *frame, struct actor_answer *answer)
{
	if (closes(peer)) {
		actor__serve_refuse(peer, frame, answer, ACTOR_E_CLOSED, too_late);
		return;
	}
	if (route->map->ops->takes_permits(route->map)) {
		if (!peer->serving.calls.first)
			answer->permit = actor__permits_take(peer);
		if (!answer->permit) {
			hold_call(peer, frame, answer);
			return;
		}
	}
	attempt_or_hold(peer, route, frame, answer);
}

/* There is no memory to keep a call: it is answered all the same, if there is for that. */
static void refuse_unkept(struct actor_peer *peer, const struct actor_frame *call)
{
	const struct actor_wire_error error = {
		.kind = ACTOR_WIRE_INTERNAL_SERVER_ERROR,
		.has_service = true,
		.service = call->service,
		.has_call = true,
		.call = call->call,
	};
	uint8_t memory[ACTOR__FRAME_BYTES];
	struct actor_bytes frame;

	actor__serve_refuse(peer, call, NULL, ACTOR_E_NOMEM, "");
	actor_bytes_init(&frame, memory, sizeof memory, SIZE_MAX);
	if (actor__error_frame(peer->format, &error, call->call, &frame) == 0)
		actor__outbox_notify(peer, &frame);
	actor_bytes_deinit(&frame);
}

void actor__serve(struct actor_peer *peer, const struct actor_frame *frame)
{
	struct actor__route *route = actor__routes_find(peer, &peer->routes, frame->service);
	struct actor_answer *answer = NULL;

	if (frame->call) {
		answer = actor__answer_create(peer, frame->service, frame->call);
		if (!answer) {
			refuse_unkept(peer, frame);
			return;
		}
	}
	if (!route)
		actor__serve_refuse(peer, frame, answer, ACTOR_E_UNHANDLED, nobody);
	else if (answer)
		serve_call(peer, route, frame, answer);
	else
		attempt_or_hold(peer, route, frame, NULL);
}

/* The first in line has got its permit. */
static void serve_held_call(struct actor_peer *peer, struct actor_permit *permit)
{
	struct actor__held *held = actor__held_take(&peer->serving.calls);
	struct actor__route *route = actor__routes_find(peer, &peer->routes, held->frame.service);

	held->answer->permit = permit;
	if (route)
		attempt_or_hold(peer, route, &held->frame, held->answer);
	else
		actor__serve_refuse(peer, &held->frame, held->answer, ACTOR_E_UNHANDLED, nobody);
	actor__held_free(peer, held);
	peer->moved_ns = actor__peer_now(peer);
}

static void serve_calls(struct actor_peer *peer)
{
	struct actor_permit *permit;

	while (peer->serving.calls.first && !peer->sated && (permit = actor__permits_take(peer)))
		serve_held_call(peer, permit);
	/* The call for which it asked may have been refused; or it is somebody else's turn. */
	if (!peer->serving.calls.first || peer->sated)
		actor__permits_spare(peer);
	if (peer->permits.refused && !closes(peer)) {
		actor__peer_tell_error(peer, ACTOR_E_CLOSED, 0, 0, no_permits);
		actor__peer_closes(peer, ACTOR_PEER_CLOSED, ACTOR_E_CLOSED, 0, no_permits);
	}
}

bool actor__serve_held(struct actor_peer *peer)
{
	bool goes_on, any = actor__held_any(peer);

	if (any)
		actor_burst_begin();
	peer->permits.retry = false;
	goes_on = actor__lanes_retry(peer);
	serve_calls(peer);
	if (any)
		actor_burst_end();
	return goes_on;
}

void actor__serve_no_calls(struct actor_peer *peer)
{
	struct actor__held *held;

	actor__permits_stop(peer);
	while ((held = actor__held_take(&peer->serving.calls))) {
		actor__serve_refuse(peer, &held->frame, held->answer, ACTOR_E_CLOSED, too_late);
		actor__held_free(peer, held);
	}
}

void actor__serve_drop(struct actor_peer *peer)
{
	actor__serve_no_calls(peer);
	actor__lanes_drop(peer);
}
