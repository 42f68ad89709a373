/* SPDX-License-Identifier: MIT */
#include "sum.h"

static void sum_on_add(struct sum *self, struct add *message, struct add_pending pending,
		       struct actor_context *context)
{
	struct add_reply reply = add_reply_take(pending);
	int64_t value;

	(void)context;
	if (__builtin_add_overflow(self->value, message->n, &value)) {
		add_reply_refuse(&reply, ACTOR_E_INVALID); /* why, the other side is not told */
		return;
	}
	self->value = value;
	add_reply_answer(&reply, ACTOR_UNIT);
}

static void sum_on_sub(struct sum *self, struct sub *message, struct sub_pending pending,
		       struct actor_context *context)
{
	struct sub_reply reply = sub_reply_take(pending);
	int64_t value;

	(void)context;
	if (__builtin_sub_overflow(self->value, message->n, &value)) {
		sub_reply_refuse(&reply, ACTOR_E_INVALID);
		return;
	}
	self->value = value;
	sub_reply_answer(&reply, ACTOR_UNIT);
}

static int64_t sum_on_show(struct sum *self, struct show *message, struct actor_context *context)
{
	(void)message, (void)context;
	return self->value;
}

ACTOR_DEFINE(sum, REMOTES_SERVICES, NULL, NULL, NULL);
