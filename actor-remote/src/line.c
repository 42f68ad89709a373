/* SPDX-License-Identifier: MIT */

#include "line.h"

/* Lines of those who wait for room: see struct actor_waiter. */

void actor__line_enter(struct actor__line *line, struct actor_waiter *waiter)
{
	if (!waiter || waiter->line == line)
		return;
	waiter->line = line;
	waiter->next = NULL;
	waiter->previous = line->last;
	if (line->last)
		line->last->next = waiter;
	else
		line->first = waiter;
	line->last = waiter;
}

static void take(struct actor__line *line, struct actor_waiter *waiter)
{
	if (waiter->previous)
		waiter->previous->next = waiter->next;
	else
		line->first = waiter->next;
	if (waiter->next)
		waiter->next->previous = waiter->previous;
	else
		line->last = waiter->previous;
}

void actor__line_leave(struct actor__line *line, struct actor_waiter *waiter)
{
	if (!actor__line_holds(line, waiter))
		return;
	if (waiter->granted)
		line->n_granted--;
	else
		take(line, waiter);
	waiter->granted = false;
	waiter->line = NULL;
}

void actor__line_grant(struct actor__line *line)
{
	struct actor_waiter *waiter = line->first;

	take(line, waiter);
	waiter->granted = true;
	line->n_granted++;
	waiter->wake(waiter);
}

void actor__line_wake_all(struct actor__line *line)
{
	struct actor_waiter *waiter;

	while ((waiter = line->first)) {
		take(line, waiter);
		waiter->line = NULL;
		waiter->wake(waiter);
	}
}
