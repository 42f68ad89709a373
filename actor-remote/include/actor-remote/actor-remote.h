/* SPDX-License-Identifier: MIT */
#ifndef ACTOR_REMOTE_H
#define ACTOR_REMOTE_H

/**
 * DOC: actor-remote, addresses that lead to other processes
 *
 * A program's own part is in services.h: what may be sent, who serves it, and addresses of who
 * serves it elsewhere. peer.h: the two ends of a connection, which io.h makes, with TLS by tls.h;
 * session.h: one connection after the other. What else may be behind a service: relay-map.h,
 * pub-sub.h, or what service-map.h says. README.md has the whole of it.
 */

#include <actor-iface/actor-iface.h>
#include <actor-impl/export.h>
#include <actor-remote/bytes.h>
#include <actor-remote/io.h>
#include <actor-remote/network.h>
#include <actor-remote/peer.h>
#include <actor-remote/pub-sub.h>
#include <actor-remote/relay-map.h>
#include <actor-remote/schema.h>
#include <actor-remote/service-map.h>
#include <actor-remote/services.h>
#include <actor-remote/session.h>
#include <actor-remote/tls.h>
#include <actor-remote/transport.h>
#include <actor-remote/wire-format.h>

ACTOR__BEGIN_C

/** actor_remote_version() - "major.minor.patch". Thread: any */
ACTOR_EXPORT const char *actor_remote_version(void);

ACTOR__END_C

#endif
