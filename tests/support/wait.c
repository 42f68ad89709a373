/* SPDX-License-Identifier: MIT */

/* A wait is a reply of type struct actor_unit: everything here is the contract's own. */

#include "wait.h"

static const struct actor_message_type wait_type = {
	.size = sizeof wait_type,
	.name = "test.wait",
	.message_size = sizeof(struct actor_unit),
	.message_align = _Alignof(struct actor_unit),
};

int wait_open(struct actor_context *context, struct actor_reply **ret_reply)
{
	return context->ops->reply_open(context, &wait_type, ret_reply);
}

void wait_end(struct actor_reply *reply)
{
	struct actor_unit unit = { 0 };

	actor_reply_deliver(reply, 0, &unit);
}

int wait_for(struct actor_context *context, struct actor_reply *reply, int64_t deadline_ns)
{
	return actor_await_replies(context, &reply, 1, sizeof reply, ACTOR_AWAIT_ALL, deadline_ns);
}

void wait_close(struct actor_context *context, struct actor_reply *reply)
{
	context->ops->reply_close(context, reply, NULL);
}
