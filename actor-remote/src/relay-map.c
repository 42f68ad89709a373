/* SPDX-License-Identifier: MIT */

/*
 * Relaying. A send is sent on; a call is made anew, with an id of the other peer's, by a record
 * that has the answer to give. Who is asked which peer it is to be returns an owner of it, which is
 * kept only while it is used; where a frame stands in line, the peer's memory is held.
 *
 * When the other peer ends, it ends the calls that went out through it on its own thread, and there
 * the callers are answered. When the peer that a call came over ends, nobody waits for its answer:
 * the other peer finds out when it asks.
 */

#include "answer.h"
#include "id-list.h"
#include "peer.h"

#include <actor-remote/relay-map.h>
#include <stdlib.h>

struct relay_map {
	struct actor_service_map map;
	atomic_size_t n_refs;
	struct actor_peer *peer; /* held; or NULL */
	actor_relay_choose_fn *choose;
	void *user;
	void (*drop_user)(void *user);
	struct actor__id_list services;
};

/* A call that has been relayed. */
struct relayed {
	struct actor_frame_call call;
	struct actor_answer *answer;
	struct actor_identity to;
};

static struct relay_map *relay_of(const struct actor_service_map *map)
{
	return ACTOR_CONTAINER_OF(map, struct relay_map, map);
}

static void relay_ref(struct actor_service_map *map)
{
	/* Relaxed: the caller has it already. */
	atomic_fetch_add_explicit(&relay_of(map)->n_refs, 1, memory_order_relaxed);
}

static void relay_unref(struct actor_service_map *map)
{
	struct relay_map *relay = relay_of(map);

	/* Release: what was done with it comes before it goes; acquire: for the last. */
	if (atomic_fetch_sub_explicit(&relay->n_refs, 1, memory_order_acq_rel) > 1)
		return;
	if (relay->drop_user)
		relay->drop_user(relay->user);
	if (relay->peer)
		actor__peer_release(relay->peer);
	actor__id_list_deinit(&relay->services);
	free(relay);
}

static size_t relay_services(struct actor_service_map *map, uint64_t *ret_ids, size_t n_ids)
{
	return actor__id_list_get(&relay_of(map)->services, ret_ids, n_ids);
}

/* ---- answers */

/* As the other side has made it, but for the call's id, which is the caller's here. */
static void answer_error(struct actor_answer *answer, const struct actor_frame *frame)
{
	const struct actor_wire_format *format = answer->peer->format;
	struct actor_wire_error error;

	if (format->ops->decode_error(format, frame->payload, frame->n_payload, &error, NULL) < 0) {
		actor__answer_with(answer, ACTOR_WIRE_INTERNAL_SERVER_ERROR);
		return;
	}
	error.has_call = false; /* to be filled in */
	actor_ignore(actor_answer_error(answer, &error));
}

static void answer_gone(struct actor_answer *answer, struct actor_identity relay)
{
	actor__relay_gone(answer->peer, answer->service, answer->call, relay);
	actor__answer_with(answer, ACTOR_WIRE_INTERNAL_SERVER_ERROR);
}

static void answered(struct actor_frame_call *call, int status, const struct actor_frame *frame)
{
	struct relayed *relayed = ACTOR_CONTAINER_OF(call, struct relayed, call);
	struct actor_answer *answer = relayed->answer;

	if (status == ACTOR_E_TIMEOUT)
		actor__answer_with(answer, ACTOR_WIRE_TIMEOUT);
	else if (status == ACTOR_E_ABANDONED)
		actor__answer_with(answer, ACTOR_WIRE_INTERNAL_SERVER_ERROR); /* for nobody */
	else if (status < 0)
		answer_gone(answer, relayed->to);
	else if (actor_frame_kind(frame) == ACTOR_FRAME_ERROR)
		answer_error(answer, frame);
	else
		actor_ignore(actor_answer_payload(answer, frame->payload, frame->n_payload));
	free(relayed);
}

static bool abandoned(const struct actor_frame_call *call)
{
	return actor__answer_abandoned(ACTOR_CONTAINER_OF(call, struct relayed, call)->answer);
}

/* ---- serving */

static void leave_line(struct actor_place *place, const struct actor_peer *peer)
{
	struct actor_peer *where = place ? place->where : NULL;

	if (!where || where == peer)
		return;
	place->where = NULL;
	actor_peer_withdraw_waiter(where, &place->waiter);
	actor__peer_release(where);
}

static int relay_call(struct actor_peer *to, const struct actor_incoming *incoming,
		      struct actor_waiter *waiter)
{
	const struct actor_frame *frame = &incoming->frame;
	struct relayed *relayed = malloc(sizeof *relayed);
	int rc;

	if (!relayed)
		return ACTOR_E_NOMEM;
	relayed->call.answered = answered;
	relayed->call.abandoned = abandoned;
	relayed->answer = incoming->answer;
	relayed->to = to->info.identity;
	rc = actor_peer_call_frame(to, frame->service, frame->payload, frame->n_payload, waiter,
				   &relayed->call);
	if (rc < 0)
		free(relayed);
	return rc;
}

static int relay_to(struct actor_peer *to, struct actor_incoming *incoming)
{
	const struct actor_frame *frame = &incoming->frame;
	struct actor_place *place = incoming->place;
	struct actor_waiter *waiter = place ? &place->waiter : NULL;
	int rc;

	if (to->format != incoming->format)
		return ACTOR_E_INVALID;
	leave_line(place, to); /* if it is another one than last time */
	if (incoming->answer)
		rc = relay_call(to, incoming, waiter);
	else
		rc = actor_peer_send_frame(to, frame->service, frame->payload, frame->n_payload,
					   waiter);
	if (rc == ACTOR_E_FULL && place && !place->where)
		place->where = actor__peer_hold(to);
	return rc;
}

/* Held; or an owner, which may be the last by now. */
static struct actor_peer *choose(const struct relay_map *relay, uint64_t service)
{
	return relay->choose ? relay->choose(relay->user, service) : actor__peer_hold(relay->peer);
}

static void give_back(const struct relay_map *relay, struct actor_peer *to)
{
	if (relay->choose)
		actor_peer_unref(to);
	else
		actor__peer_release(to);
}

static void seen_to_by_nobody(struct actor_incoming *incoming, struct actor_identity relay)
{
	if (incoming->answer)
		answer_gone(incoming->answer, relay);
	else
		actor__relay_gone(incoming->peer, incoming->frame.service, 0, relay);
}

static int relay_serve(struct actor_service_map *map, struct actor_incoming *incoming)
{
	const struct relay_map *relay = relay_of(map);
	struct actor_peer *to = choose(relay, incoming->frame.service);
	int rc = ACTOR_E_INVALID;

	if (to) {
		rc = relay_to(to, incoming);
	} else {
		actor__copy_text(incoming->why->text, sizeof incoming->why->text,
				 "there is nobody to relay it to");
	}
	if (rc != ACTOR_E_FULL)
		leave_line(incoming->place, NULL);
	if (rc == ACTOR_E_CLOSED) {
		seen_to_by_nobody(incoming, to->info.identity);
		rc = 0;
	}
	if (to)
		give_back(relay, to);
	return rc;
}

static void relay_withdraw(struct actor_service_map *map, struct actor_place *place)
{
	(void)map;
	leave_line(place, NULL);
}

static bool relay_takes_permits(const struct actor_service_map *map)
{
	(void)map;
	return false;
}

/* To one peer all goes in the order in which it came; who chooses one each time asks for no order.
 */
static uint64_t relay_lane(struct actor_service_map *map, uint64_t service)
{
	return relay_of(map)->choose ? service : 0;
}

static int relay_describe(struct actor_service_map *map, char *buffer, size_t n_buffer)
{
	const struct relay_map *relay = relay_of(map);
	struct actor__text text = { buffer, n_buffer, 0 };
	char who[128] = "chosen for each message";

	if (relay->peer)
		actor_info_format(&relay->peer->info, who, sizeof who);
	actor__text_add(&text, "RelayMap, to: %s, services:\n", who);
	actor__id_list_describe(&relay->services, &text);
	return (int)text.n;
}

static const struct actor_service_map_ops relay_map_ops = {
	.size = sizeof relay_map_ops,
	.ref = relay_ref,
	.unref = relay_unref,
	.services = relay_services,
	.serve = relay_serve,
	.withdraw = relay_withdraw,
	.takes_permits = relay_takes_permits,
	.describe = relay_describe,
	.lane = relay_lane,
};

int actor_relay_map_create(const struct actor_relay_options *options,
			   struct actor_service_map **ret_map)
{
	struct relay_map *relay;
	int rc;

	if (!options->peer == !options->choose)
		return ACTOR_E_INVALID;
	relay = calloc(1, sizeof *relay);
	if (!relay)
		return ACTOR_E_NOMEM;
	rc = actor__id_list_init(&relay->services, options->services, options->n_services);
	if (rc < 0) {
		free(relay);
		return rc;
	}
	relay->map.ops = &relay_map_ops;
	atomic_init(&relay->n_refs, 1);
	relay->peer = options->peer ? actor__peer_hold(options->peer) : NULL;
	relay->choose = options->choose;
	relay->user = options->user;
	relay->drop_user = options->drop_user;
	*ret_map = &relay->map;
	return 0;
}
