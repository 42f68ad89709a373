/* SPDX-License-Identifier: MIT */
#ifndef ACTOR__CONTEXT_H
#define ACTOR__CONTEXT_H

#include "parker.h"

#include <actor-iface/context.h>

/**
 * struct actor__context - a context of this implementation: a fiber's, or a plain thread's
 * @base:   what its code sees
 * @parker: what its waits sleep on
 * @park:   sleep until woken, at most until the deadline: 0 (look again), ACTOR_E_TIMEOUT,
 *          ACTOR_E_CANCELLED
 * @error:  detail of the last failed operation
 */
struct actor__context {
	struct actor_context base;
	struct actor__parker parker;
	int (*park)(struct actor__context *context, int64_t deadline_ns);
	struct actor_error error;
};

/* The operations that both kinds share. */
int actor__context_post(struct actor_context *base, struct actor_address *address,
			const struct actor_message_type *type, void *message,
			struct actor_reply *reply, int64_t deadline_ns);
int actor__context_await(struct actor_context *base, const struct actor_await *wait);
int64_t actor__context_now(struct actor_context *base);
void actor__context_log(struct actor_context *base, const struct actor_log_record *record);
enum actor_log_level actor__context_log_level(struct actor_context *base);
struct actor_error *actor__context_error(struct actor_context *base);

/* Reply cells: reply.c. */
int actor__reply_open(struct actor_context *base, const struct actor_message_type *type,
		      struct actor_reply **ret_reply);
bool actor__reply_delivered(const struct actor_reply *reply);
int actor__reply_close(struct actor_context *base, struct actor_reply *reply, void *ret_value);

/** actor__now() - nanoseconds on the monotonic clock */
int64_t actor__now(void);

/** actor__passed() - whether a deadline has passed */
static inline bool actor__passed(int64_t deadline_ns)
{
	return deadline_ns != ACTOR_FOREVER &&
	       (deadline_ns == ACTOR_AT_ONCE || actor__now() >= deadline_ns);
}

#endif
