/* SPDX-License-Identifier: MIT */

/* What contexts of handlers and of plain threads have in common; their waits are in waiting.h. */

#include "context.h"

#include "log.h"

#include <time.h>

int64_t actor__now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

struct actor_error *actor__context_error(struct actor_context *base)
{
	return &actor__context_of(base)->error;
}

void actor__context_log(struct actor_context *base, const struct actor_log_record *record)
{
	struct actor_address *self = base->ops->self(base);
	struct actor_log_record signed_record = *record;
	struct actor_info info;

	if (!record->actor && self) {
		info = actor_address_info(self);
		signed_record.actor = &info;
	}
	actor__log(&signed_record);
}

enum actor_log_level actor__context_log_level(struct actor_context *base)
{
	(void)base;
	return actor__log_level();
}
