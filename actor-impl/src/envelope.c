/* SPDX-License-Identifier: MIT */

/* Envelopes, as those see them who write channels, and lists of them. */

#include "channel-core.h"
#include "channel.h"

const struct actor_message_type *actor_envelope_type(const struct actor_envelope *envelope)
{
	return actor__envelope_in(envelope)->handler->type;
}

const void *actor_envelope_message(const struct actor_envelope *envelope)
{
	return actor__envelope_message(actor__envelope_in(envelope));
}

size_t actor_envelope_bytes(const struct actor_envelope *envelope)
{
	return actor_envelope_type(envelope)->message_size;
}

bool actor_envelope_is_call(const struct actor_envelope *envelope)
{
	return actor__envelope_in(envelope)->reply != NULL;
}

struct actor_envelope *actor_envelope_next(const struct actor_envelope *envelope)
{
	return actor__envelope_out(actor__envelope_in(envelope)->next);
}

void actor_envelope_link(struct actor_envelope *envelope, struct actor_envelope *next)
{
	actor__envelope_in(envelope)->next = next ? actor__envelope_in(next) : NULL;
}

void actor_envelope_discard(struct actor_envelope *envelope)
{
	actor_envelope_link(envelope, NULL);
	actor__envelopes_discard(actor__envelope_in(envelope), NULL);
}

void actor_envelope_list_append(struct actor_envelope_list *list, struct actor_envelope *envelope)
{
	actor_envelope_link(envelope, NULL);
	if (list->last)
		actor_envelope_link(list->last, envelope);
	else
		list->first = envelope;
	list->last = envelope;
	list->n++;
}

struct actor_envelope *actor_envelope_list_take(struct actor_envelope_list *list)
{
	struct actor_envelope *envelope = list->first;

	if (envelope) {
		list->first = actor_envelope_next(envelope);
		if (!list->first)
			list->last = NULL;
		list->n--;
	}
	return envelope;
}
