/* SPDX-License-Identifier: MIT */
#ifndef ACTOR_IMPL_PAUSE_H
#define ACTOR_IMPL_PAUSE_H

#include <actor-iface/address.h>
#include <actor-impl/export.h>

ACTOR__BEGIN_C

/**
 * actor_address_pause() - have an actor take no message until it is resumed
 * @address: of the actor, strong or weak: also actor_self(), for the handler itself
 *
 * The handler that runs finishes; what is sent stays queued, and senders feel the bound. A paused
 * actor does not end for want of addresses. One that is stopped handles what is queued first, if it
 * is to be drained, as if it had been resumed; one that its owner has fail does so. Before the
 * start, and between runs, it is for the next one, which then runs `started` and takes nothing.
 * Pausing does not count.
 *
 * Thread:  any
 * Return:  0, also when the actor has ended; ACTOR_E_UNSUPPORTED when it is none of this
 *          implementation's, or several: see actor_shared_address()
 */
ACTOR_EXPORT int actor_address_pause(struct actor_address *address);

/** actor_address_resume() - the end of that. Thread and return: as actor_address_pause() */
ACTOR_EXPORT int actor_address_resume(struct actor_address *address);

ACTOR__END_C

#endif
