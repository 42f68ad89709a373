/* SPDX-License-Identifier: MIT */
#ifndef ACTOR__LINKS_H
#define ACTOR__LINKS_H

#include <stdbool.h>
#include <stddef.h>

/**
 * struct actor__link - a place in a ring of what embeds it; the ring itself is one, too
 *
 * Whoever uses it guards it. No member knows the ring: it can be taken out of any.
 */
struct actor__link {
	struct actor__link *next;
	struct actor__link *previous;
};

/** actor__links_init() - a ring without members */
static inline void actor__links_init(struct actor__link *ring)
{
	ring->next = ring->previous = ring;
}

/** actor__links_first() - its first member; NULL when there is none */
static inline struct actor__link *actor__links_first(const struct actor__link *ring)
{
	return ring->next != ring ? ring->next : NULL;
}

/** actor__link_before() - put a link before a member, or, before the ring, at the end */
static inline void actor__link_before(struct actor__link *place, struct actor__link *link)
{
	link->next = place;
	link->previous = place->previous;
	place->previous->next = link;
	place->previous = link;
}

/** actor__link_take() - take a member out */
static inline void actor__link_take(struct actor__link *link)
{
	link->previous->next = link->next;
	link->next->previous = link->previous;
}

/** actor__links_move() - all members of @from, to a ring that has not been used yet */
static inline void actor__links_move(struct actor__link *to, struct actor__link *from)
{
	actor__links_init(to);
	if (!actor__links_first(from))
		return;
	*to = *from;
	to->next->previous = to->previous->next = to;
	actor__links_init(from);
}

#endif
