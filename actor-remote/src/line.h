/* SPDX-License-Identifier: MIT */
#ifndef ACTOR__LINE_H
#define ACTOR__LINE_H

#include <actor-iface/waiter.h>

/**
 * struct actor__line - those who wait for room, in the order in which they came
 * @first:     who has not been granted any
 * @last:      of them
 * @n_granted: to how many it has been granted, who have not used it yet
 *
 * All under a lock of its owner's.
 */
struct actor__line {
	struct actor_waiter *first;
	struct actor_waiter *last;
	size_t n_granted;
};

/** actor__line_holds() - whether it is in this line, or has been granted room from it */
static inline bool actor__line_holds(const struct actor__line *line,
				     const struct actor_waiter *waiter)
{
	return waiter && waiter->line == line;
}

/** actor__line_enter() - at the end, unless it is in it; NULL is fine */
void actor__line_enter(struct actor__line *line, struct actor_waiter *waiter);

/** actor__line_leave() - out of it, and without a grant; NULL is fine. Room may then be granted to
 * another one */
void actor__line_leave(struct actor__line *line, struct actor_waiter *waiter);

/** actor__line_grant() - room for the first: it is woken */
void actor__line_grant(struct actor__line *line);

/** actor__line_wake_all() - nobody is in line any more; those with a grant find out by themselves
 */
void actor__line_wake_all(struct actor__line *line);

#endif
