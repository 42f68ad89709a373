/* SPDX-License-Identifier: MIT */
#ifndef ACTOR_REMOTE_H
#define ACTOR_REMOTE_H

/**
 * DOC: actor-remote, addresses that lead to other processes
 *
 * Peers, service maps and relaying are not written yet: so far the library only says which version
 * it is.
 */

#include <actor-iface/actor-iface.h>
#include <actor-impl/export.h>

ACTOR__BEGIN_C

/** actor_remote_version() - "major.minor.patch". Thread: any */
ACTOR_EXPORT const char *actor_remote_version(void);

ACTOR__END_C

#endif
