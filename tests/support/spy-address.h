/* SPDX-License-Identifier: MIT */
#ifndef TEST_SUPPORT_SPY_ADDRESS_H
#define TEST_SUPPORT_SPY_ADDRESS_H

#include "probe.h"

#include <actor-iface/address.h>

/**
 * spy_address_create() - an address of the same actor, that tells when somebody stands in line
 * @inner: strong or weak; the spy holds a reference of its own
 * @probe: records @word when a waiter that was in no line has found no room, and so is in line
 * @word:  borrowed
 *
 * Everything else goes straight to @inner. So a test can know that a sender waits for room without
 * looking into any implementation, and every sender meets an address that is not its own
 * implementation's.
 *
 * Thread:  any
 * Return:  the caller's to unref
 */
struct actor_address *spy_address_create(struct actor_address *inner, struct probe *probe,
					 const char *word);

#endif
