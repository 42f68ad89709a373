/* SPDX-License-Identifier: MIT */
#ifndef ACTOR_IFACE_WAITER_H
#define ACTOR_IFACE_WAITER_H

#include <actor-iface/base.h>

ACTOR__BEGIN_C

/**
 * struct actor_waiter - a place in the line of those who wait for room in a mailbox
 * @wake:     set by the owner. Room has been granted to this waiter, or the mailbox has closed:
 *            post again to find out. May run on any thread and with the mailbox's lock held, so it
 *            only schedules: no waiting, no lock that is held while anything is woken, no other
 *            operation on any address
 * @next:     the mailbox's, while in line
 * @previous: the mailbox's, while in line
 * @line:     the mailbox's: NULL when not in line, which is how it must start
 * @granted:  the mailbox's: room is kept for this waiter's next post
 *
 * Lives in memory of whoever waits, who must withdraw it (or see a post with it succeed) before
 * that memory goes. Only the owner's thread posts with it or withdraws it.
 */
struct actor_waiter {
	void (*wake)(struct actor_waiter *waiter);
	struct actor_waiter *next;
	struct actor_waiter *previous;
	void *line;
	bool granted;
};

/** actor_waiter_init() - a waiter that is in no line. Thread: the owner's */
static inline void actor_waiter_init(struct actor_waiter *waiter,
				     void (*wake)(struct actor_waiter *waiter))
{
	waiter->wake = wake;
	waiter->next = NULL;
	waiter->previous = NULL;
	waiter->line = NULL;
	waiter->granted = false;
}

ACTOR__END_C

#endif
