/* SPDX-License-Identifier: MIT */
#ifndef TESTS_REMOTE_SOCKET_LINKS_H
#define TESTS_REMOTE_SOCKET_LINKS_H

#include <actor-impl/executor.h>
#include <actor-remote/transport.h>

/**
 * DOC: connections of the operating system, in a simulation
 *
 * Both ends are in this process, so that it is known when something is on its way: time, which is
 * the simulation's, passes only when all has come. What the seed decides is when the sockets are
 * looked at, and that some calls read or write less than they could.
 */

/** enum link_kind - what connections are made of */
enum link_kind { LINK_SIMULATED, LINK_TCP, LINK_UNIX };

/** socket_links_open() - before any is made; of one kind that has sockets */
void socket_links_open(struct actor_executor *simulation, enum link_kind kind);

/** socket_links_connect() - the two ends of a connection */
void socket_links_connect(struct actor_transport **ret_a, struct actor_transport **ret_b);

/** socket_links_release() - nothing is looked at any more: before the simulation is joined */
void socket_links_release(void);

/** socket_links_close() - 0 when nothing is left, and nothing was waited for in vain */
int socket_links_close(void);

#endif
