/* SPDX-License-Identifier: MIT */
#ifndef ACTOR__REMOTE_LINKS_H
#define ACTOR__REMOTE_LINKS_H

#include <stddef.h>

/** struct actor__link - a place in a ring of what embeds it; the ring itself is one, too */
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

/** actor__links_append() - one more, at the end */
static inline void actor__links_append(struct actor__link *ring, struct actor__link *link)
{
	link->next = ring;
	link->previous = ring->previous;
	ring->previous->next = link;
	ring->previous = link;
}

/** actor__link_take() - take a member out */
static inline void actor__link_take(struct actor__link *link)
{
	link->previous->next = link->next;
	link->next->previous = link->previous;
}

#endif
