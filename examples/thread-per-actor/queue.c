/* SPDX-License-Identifier: MIT */

/*
 * The queue of a mailbox: messages in the order in which they were accepted, and the line of those
 * who wait for room. Everything here happens with the mailbox's lock held.
 *
 * `used` counts messages queued and room granted, and never exceeds the capacity. Room that appears
 * while somebody stands in line is not free for a moment: it is granted to the first, and stays
 * counted. Hence the invariant that all rests on: *as long as there is a line, there is no room*,
 * and nobody can overtake it.
 *
 * A waiter is in line (`line` is set), or has been granted room (`granted`), or neither. A grant
 * ends by its owner's next post, or by withdrawing, which hands it to the next in line; a deadline
 * that passes while room is being granted comes to the one or the other, and no room is lost.
 * Closing takes everybody out of line and wakes them; afterwards nobody gets into it again.
 *
 * A waiter is taken out of line before it is woken, and its owner can only learn of that by a post
 * or by withdrawing, both of which need the lock: its memory stays until `wake` has returned.
 */

#include "tpa.h"

#include <assert.h>
#include <stdlib.h>

static struct tpa_envelope *envelope_create(const struct actor_handler *handler,
					    const void *message, struct actor_reply *reply)
{
	void *copy;
	struct tpa_envelope *envelope = tpa_alloc(sizeof *envelope, handler->type, &copy);

	if (!envelope)
		return NULL;
	*envelope = (struct tpa_envelope){ .handler = handler, .reply = reply, .message = copy };
	memcpy(copy, message, handler->type->message_size);
	tpa_count(TPA_ENVELOPES, 1);
	return envelope;
}

void tpa_envelope_end(struct tpa_envelope *envelope)
{
	tpa_reply_refuse(&envelope->reply);
	actor_message_drop(envelope->handler->type, envelope->message);
	free(envelope);
	tpa_count(TPA_ENVELOPES, -1);
}

static void line_enter(struct tpa_queue *queue, struct actor_waiter *waiter)
{
	waiter->line = queue;
	waiter->next = NULL;
	waiter->previous = queue->line_last;
	*(waiter->previous ? &waiter->previous->next : &queue->line_first) = waiter;
	queue->line_last = waiter;
}

static void line_leave(struct tpa_queue *queue, struct actor_waiter *waiter)
{
	assert(waiter->line == queue);
	*(waiter->previous ? &waiter->previous->next : &queue->line_first) = waiter->next;
	*(waiter->next ? &waiter->next->previous : &queue->line_last) = waiter->previous;
	waiter->line = NULL;
}

/* There is room for one more: the first in line gets it. */
static void give_room(struct tpa_queue *queue)
{
	struct actor_waiter *first = queue->line_first;

	if (!first) {
		queue->used--;
		return;
	}
	line_leave(queue, first);
	first->granted = true;
	first->wake(first);
}

int tpa_queue_push(struct tpa_queue *queue, const struct actor_handler *handler,
		   const void *message, struct actor_reply *reply, struct actor_waiter *waiter)
{
	bool granted = waiter && waiter->granted;
	struct tpa_envelope *envelope;

	if (queue->closed)
		return ACTOR_E_CLOSED;
	if (!granted && queue->used >= queue->capacity) {
		if (waiter && !waiter->line)
			line_enter(queue, waiter);
		return ACTOR_E_FULL;
	}
	envelope = envelope_create(handler, message, reply);
	if (!envelope)
		return ACTOR_E_NOMEM;
	if (granted)
		waiter->granted = false;
	else
		queue->used++;
	*(queue->first ? &queue->last->next : &queue->first) = envelope;
	queue->last = envelope;
	return 0;
}

struct tpa_envelope *tpa_queue_pop(struct tpa_queue *queue)
{
	struct tpa_envelope *envelope = queue->first;

	if (!envelope)
		return NULL;
	queue->first = envelope->next;
	give_room(queue);
	return envelope;
}

void tpa_queue_withdraw(struct tpa_queue *queue, struct actor_waiter *waiter)
{
	if (waiter->line)
		line_leave(queue, waiter);
	if (waiter->granted) {
		waiter->granted = false;
		give_room(queue);
	}
}

void tpa_queue_close(struct tpa_queue *queue)
{
	struct actor_waiter *waiter;

	queue->closed = true;
	while ((waiter = queue->line_first)) {
		line_leave(queue, waiter);
		waiter->wake(waiter);
	}
}
