/* SPDX-License-Identifier: MIT */
#ifndef TEST_SUPPORT_WAIT_H
#define TEST_SUPPORT_WAIT_H

#include <actor-iface/context.h>

/**
 * DOC: waiting for something that is not an answer
 *
 * A reply that nobody called for makes an event of any kind something that a context can wait for:
 * open it, leave it with whoever will end the wait, wait, close it.
 */

/** wait_open() - a reply without a value. Return: 0, ACTOR_E_NOMEM. Thread: context */
ACTOR_NODISCARD int wait_open(struct actor_context *context, struct actor_reply **ret_reply);

/** wait_end() - end the wait, once; it may be over by then. Thread: any */
void wait_end(struct actor_reply *reply);

/** wait_for() - wait until wait_end(). Return: 0, or as for await. Thread: context */
ACTOR_NODISCARD int wait_for(struct actor_context *context, struct actor_reply *reply,
			     int64_t deadline_ns);

/** wait_close() - the waiting side is done with it. Thread: context */
void wait_close(struct actor_context *context, struct actor_reply *reply);

#endif
