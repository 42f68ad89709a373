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
	/* 1.0: required */
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
	/* 1.0: optional */
	/**
	 * @abandoned: whether the caller has gone already; default: false
	 *
	 * Once true, it stays so. For whoever holds the callee's half, and still has to deliver.
	 *
	 * Thread:  any
	 */
	bool (*abandoned)(struct actor_reply *reply);
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

/**
 * actor_reply_abandoned() - whether nobody waits for this answer any more
 * @reply: not delivered yet
 *
 * For a handler that takes long: it may look now and then, and save itself the rest. False also
 * where it is not known, as from actor_ask() or from an implementation that cannot tell.
 *
 * Thread:  any
 */
static inline bool actor_reply_abandoned(struct actor_reply *reply)
{
	return ACTOR_OPS_HAS(reply->ops, struct actor_reply_ops, abandoned) &&
	       reply->ops->abandoned(reply);
}

ACTOR__END_C

#endif
