/* SPDX-License-Identifier: MIT */
#ifndef ACTOR__BELL_H
#define ACTOR__BELL_H

#include "util/latch.h"

#include <actor-iface/context.h>

/**
 * struct actor__bell - where one context waits until something under a latch has changed
 * @waiter: its reply, under the latch; NULL while nobody waits
 *
 * Whoever changes something takes the bell with the latch held, and rings it afterwards; who waits
 * then looks again. So no change is missed, whichever implementation the context is of.
 */
struct actor__bell {
	struct actor_reply *waiter;
};

/** typedef actor__look_fn - with the latch held: what the wait returns, or ACTOR_PENDING */
typedef int actor__look_fn(void *user);

/** actor__bell_take() - with the latch held: for actor__bell_ring() without it; may be NULL */
static inline struct actor_reply *actor__bell_take(struct actor__bell *bell)
{
	struct actor_reply *waiter = bell->waiter;

	bell->waiter = NULL;
	return waiter;
}

/** actor__bell_ring() - whoever waited looks again; NULL is fine */
void actor__bell_ring(struct actor_reply *waiter);

/** actor__bell_wait() - look until there is something: that, or ACTOR_E_BUSY while somebody else
 * waits, or why the wait ended; what is there then wins over that */
int actor__bell_wait(struct actor__bell *bell, struct actor__latch *latch,
		     struct actor_context *context, int64_t deadline_ns, actor__look_fn *look,
		     void *user);

#endif
