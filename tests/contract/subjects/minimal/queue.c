/* SPDX-License-Identifier: MIT */

/* The queue of a mailbox, and the line of those who wait for room: as thread-per-actor's queue.c,
 * which explains it. */

#include "parts.h"

#include <stdlib.h>

static void line_leave(struct actor *actor, struct actor_waiter *waiter)
{
	*(waiter->previous ? &waiter->previous->next : &actor->line_first) = waiter->next;
	*(waiter->next ? &waiter->next->previous : &actor->line_last) = waiter->previous;
	waiter->line = NULL;
}

static void line_enter(struct actor *actor, struct actor_waiter *waiter)
{
	waiter->line = actor;
	waiter->next = NULL;
	waiter->previous = actor->line_last;
	*(waiter->previous ? &waiter->previous->next : &actor->line_first) = waiter;
	actor->line_last = waiter;
}

static void give_room(struct actor *actor)
{
	struct actor_waiter *first = actor->line_first;

	if (!first) {
		actor->used--;
		return;
	}
	line_leave(actor, first);
	first->granted = true;
	first->wake(first);
}

int minimal_push(struct actor *actor, const struct actor_handler *handler, const void *message,
		 struct actor_reply *reply, struct actor_waiter *waiter)
{
	bool granted = waiter && waiter->granted;
	struct envelope *envelope;
	void *copy;

	if (actor->closed)
		return ACTOR_E_CLOSED;
	if (!granted && actor->used >= actor->capacity) {
		if (waiter && !waiter->line)
			line_enter(actor, waiter);
		return ACTOR_E_FULL;
	}
	envelope = minimal_alloc(sizeof *envelope, handler->type, &copy);
	if (!envelope)
		return ACTOR_E_NOMEM;
	*envelope = (struct envelope){ .handler = handler, .reply = reply, .message = copy };
	memcpy(copy, message, handler->type->message_size);
	minimal_counts.envelopes++;
	if (granted)
		waiter->granted = false;
	else
		actor->used++;
	*(actor->first ? &actor->last->next : &actor->first) = envelope;
	actor->last = envelope;
	return 0;
}

struct envelope *minimal_pop(struct actor *actor)
{
	struct envelope *envelope = actor->first;

	if (envelope) {
		actor->first = envelope->next;
		give_room(actor);
	}
	return envelope;
}

void minimal_withdraw(struct actor *actor, struct actor_waiter *waiter)
{
	if (waiter->line)
		line_leave(actor, waiter);
	if (waiter->granted) {
		waiter->granted = false;
		give_room(actor);
	}
}

void minimal_envelope_end(struct envelope *envelope)
{
	minimal_reply_refuse(&envelope->reply);
	actor_message_drop(envelope->handler->type, envelope->message);
	minimal_counts.envelopes--;
	free(envelope);
}

void minimal_clear(struct actor *actor)
{
	struct envelope *envelope;

	while ((envelope = minimal_pop(actor)))
		minimal_envelope_end(envelope);
}

void minimal_dissolve_line(struct actor *actor)
{
	struct actor_waiter *waiter;

	while ((waiter = actor->line_first)) {
		line_leave(actor, waiter);
		waiter->wake(waiter);
	}
}
