/* SPDX-License-Identifier: MIT */
#ifndef ACTOR__CONTEXT_H
#define ACTOR__CONTEXT_H

#include "parker.h"

#include <actor-iface/context.h>

struct actor__thread;

/** enum actor__waits - what a context waits for, when it does */
enum actor__waits {
	ACTOR__FOR_ANSWER,  /* a struct actor__reply_cell */
	ACTOR__FOR_REPLIES, /* a struct actor_await */
	ACTOR__FOR_ROOM	    /* a struct actor__room_waiter */
};

/**
 * struct actor__context - a context of this implementation: a fiber's, or a plain thread's
 * @base:   what its code sees
 * @thread: on which its code runs now: after a wait, that may be another one
 * @parker: what its waits sleep on
 * @waits:  what kind of thing it waits for, while it waits: for those who look for deadlocks
 * @awaited: which
 * @error:  detail of the last failed operation
 */
struct actor__context {
	struct actor_context base;
	struct actor__thread *thread;
	struct actor__parker parker;
	enum actor__waits waits;
	const void *awaited;
	struct actor_error error;
};

static inline struct actor__context *actor__context_of(struct actor_context *base)
{
	return ACTOR_CONTAINER_OF(base, struct actor__context, base);
}

/* The operations that both kinds share; how they wait is in waiting.h. */
void actor__context_log(struct actor_context *base, const struct actor_log_record *record);
enum actor_log_level actor__context_log_level(struct actor_context *base);
struct actor_error *actor__context_error(struct actor_context *base);

/* The same for replies: reply.c. */
int actor__reply_open(struct actor_context *base, const struct actor_message_type *type,
		      struct actor_reply **ret_reply);
int actor__reply_close(struct actor_context *base, struct actor_reply *reply, void *ret_value);

/** actor__now() - nanoseconds on the monotonic clock */
int64_t actor__now(void);

#endif
