/* SPDX-License-Identifier: MIT */

/* What a peer tells those who observe it. */

#include "peer.h"

ACTOR_SIGNAL_DEFINE(actor_peer_event, "actor.peer-event", NULL);

bool actor_peer_end_filter(void *user, const struct actor_message_type *type, const void *event)
{
	(void)user;
	return type == &actor_peer_event_type && actor_peer_event_is_end(event);
}

void actor__peer_tell(struct actor_peer *peer, const struct actor_peer_event *event)
{
	struct actor_peer_event complete = *event;

	complete.peer = peer->info.identity;
	actor__copy_text(complete.name, sizeof complete.name, peer->info.name);
	actor_observable_publish(peer->observable, &actor_peer_event_type, &complete);
}

void actor__peer_tell_end(struct actor_peer *peer)
{
	const struct actor__peer_end *end = &peer->end;
	struct actor_peer_event event = {
		.kind = end->kind,
		.status = end->status,
		.system_errno = end->system_errno,
	};

	if (peer->end_told)
		return;
	peer->end_told = true;
	memcpy(event.text, end->text, sizeof event.text);
	actor__peer_tell(peer, &event);
}

void actor__peer_tell_error(struct actor_peer *peer, int status, uint64_t service, uint64_t call,
			    const char *text)
{
	struct actor_peer_event event = {
		.kind = ACTOR_PEER_ERROR,
		.status = status,
		.service = service,
		.call = call,
	};

	actor__copy_text(event.text, sizeof event.text, *text ? text : actor_strerror(status));
	actor__peer_tell(peer, &event);
}

void actor__relay_gone(struct actor_peer *peer, uint64_t service, uint64_t call,
		       struct actor_identity relay)
{
	const struct actor_peer_event event = {
		.kind = ACTOR_PEER_RELAY_GONE,
		.status = ACTOR_E_DISCONNECTED,
		.service = service,
		.call = call,
		.relay = relay,
		.text = "the peer that it was relayed to has gone",
	};

	actor__peer_tell(peer, &event);
}
