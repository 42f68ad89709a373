/* SPDX-License-Identifier: MIT */
#ifndef TESTS_REMOTE_QUIET_ENDS_H
#define TESTS_REMOTE_QUIET_ENDS_H

#include <actor-remote/transport.h>

/** DOC: ends of connections in a simulation that need no memory themselves, so that all that is
 * asked for is asked for by the transport */

/** typedef quiet_connect_fn - make a connection in a simulation; @user is kept for the other */
typedef int quiet_connect_fn(struct actor_executor *simulation, struct actor_transport *ret_ends[2],
			     void **user);

/** typedef quiet_end_fn - it is over: the ends have been destroyed */
typedef void quiet_end_fn(void *user);

/** quiet_ends_once() - have a question asked and answered, with an allocation refused, and see that
 * nobody is left in the dark: whether there were fewer, and all has gone well */
bool quiet_ends_once(uint64_t nth, quiet_connect_fn *connect, quiet_end_fn *end);

/** quiet_ends_sweep() - have a question asked and answered, again and again, each time with another
 * allocation refused, and see that nobody is left in the dark: how many there were */
uint64_t quiet_ends_sweep(quiet_connect_fn *connect, quiet_end_fn *end);

#endif
