/* SPDX-License-Identifier: MIT */
#ifndef ACTOR_IMPL_BURST_H
#define ACTOR_IMPL_BURST_H

#include <actor-iface/base.h>
#include <actor-impl/export.h>

ACTOR__BEGIN_C

/**
 * DOC: many messages in a row, from a thread that is none of a pool's
 *
 * To wake a thread takes as long as to handle a hundred messages, and one that is woken for the
 * first of many has handled that, and sleeps, when the second one comes. In a burst it is woken
 * when they are all there. This is for loops, which read many messages at a time and pass them on.
 */

/**
 * actor_burst_begin() - the calling thread is about to send, or to answer, many times in a row
 *
 * What it makes ready in a pool from here on is offered to the pool's threads when the burst is
 * over, and before that if there are many actors, or somebody has no room. So it is not for longer
 * than the sending takes. On one of a pool's threads there are no bursts.
 *
 * A wait of this thread's through the library ends a burst, also a call, and a look that takes no
 * time; and so does an actor's turn here, when it begins and when it ends. Bursts are not nested:
 * the first end is the end.
 *
 * Thread:  any
 */
ACTOR_EXPORT void actor_burst_begin(void);

/** actor_burst_end() - that was all; without a burst, nothing. Thread: that which began it */
ACTOR_EXPORT void actor_burst_end(void);

ACTOR__END_C

#endif
