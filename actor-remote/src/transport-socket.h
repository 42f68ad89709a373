/* SPDX-License-Identifier: MIT */
#ifndef ACTOR__TRANSPORT_SOCKET_H
#define ACTOR__TRANSPORT_SOCKET_H

#include "io.h"

struct actor_listener;

/**
 * actor__socket_transport_create() - a transport of a socket that is connected
 * @io:       where it lives
 * @fd:       does not block; the transport's on success
 * @address:  of the other side, as a text; copied
 * @listener: is told when it is gone, see actor__listener_freed(); or NULL
 *
 * Return:  NULL when out of memory
 */
struct actor_transport *actor__socket_transport_create(struct actor_io *io, int fd,
						       const char *address,
						       struct actor_listener *listener);

/** actor__listener_first_byte_ns() - see &actor_listen_options.first_byte_timeout_ns. Thread: any
 */
int64_t actor__listener_first_byte_ns(const struct actor_listener *listener);

/** actor__listener_freed() - a transport that it has made is gone. Thread: any */
void actor__listener_freed(struct actor_listener *listener);

#endif
