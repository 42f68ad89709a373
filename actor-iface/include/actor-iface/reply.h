/* SPDX-License-Identifier: MIT */
#ifndef ACTOR_IFACE_REPLY_H
#define ACTOR_IFACE_REPLY_H

#include <actor-iface/message.h>

ACTOR__BEGIN_C

struct actor_reply;

/**
 * struct actor_reply_ops - what a caller gives to whoever will answer
 *
 * A reply is opened by the caller's context and has two owners: the caller, who closes it through
 * its context, and the callee, who delivers it exactly once. An implementation outlives every
 * reply that it has opened.
 */
struct actor_reply_ops {
	size_t size;
	/**
	 * @deliver: answer, and give up the callee's half
	 *
	 * @status is 0 with @value, or an error with @value NULL. The value is consumed whatever
	 * is returned: moved to the caller, or dropped through the reply type if the caller has
	 * gone. Called with no lock held; never waits.
	 *
	 * Thread:  any
	 * Return:  0, ACTOR_E_ABANDONED when nobody waits any more
	 */
	int (*deliver)(struct actor_reply *reply, int status, void *value);
};

/** struct actor_reply - embedded first in what an implementation opens */
struct actor_reply {
	const struct actor_reply_ops *ops;
};

/** actor_reply_deliver() - answer a call: see &actor_reply_ops.deliver. Thread: any */
static inline int actor_reply_deliver(struct actor_reply *reply, int status, void *value)
{
	return reply->ops->deliver(reply, status, value);
}

ACTOR__END_C

#endif
