/* SPDX-License-Identifier: MIT */
#ifndef ACTOR_REMOTE_CONNECT_H
#define ACTOR_REMOTE_CONNECT_H

#include "socket-address.h"

#include <actor-remote/io.h>

/**
 * actor__connect_fault() - what stands against connecting to an address
 * @text:        the address
 * @options:     complete
 * @ret_address: the same, when there is nothing
 *
 * Return: what, in words; NULL for nothing
 */
const char *actor__connect_fault(const char *text, const struct actor_connect_options *options,
				 struct actor__socket_address *ret_address);

#endif
