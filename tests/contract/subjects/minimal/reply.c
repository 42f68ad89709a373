/* SPDX-License-Identifier: MIT */

/* Replies: two owners, the caller, who closes it, and the callee, who delivers it; whoever comes
 * second frees it. */

#include "parts.h"

#include <assert.h>
#include <stdlib.h>

struct reply {
	struct actor_reply base;
	const struct actor_message_type *type;
	void *value;
	int status;
	bool delivered;
	bool closed;
};

void *minimal_alloc(size_t header, const struct actor_message_type *type, void **ret_value)
{
	size_t align = type->message_align > _Alignof(max_align_t) ? type->message_align
								   : _Alignof(max_align_t);
	size_t offset = (header + align - 1) / align * align;
	size_t bytes = (offset + type->message_size + align - 1) / align * align;
	void *memory = aligned_alloc(align, bytes);

	if (memory)
		*ret_value = (char *)memory + offset;
	return memory;
}

static const struct actor_reply_ops reply_ops;

static struct reply *reply_of(struct actor_reply *base)
{
	assert(base->ops == &reply_ops);
	return ACTOR_CONTAINER_OF(base, struct reply, base);
}

static void reply_free(struct reply *reply)
{
	minimal_counts.replies--;
	free(reply);
}

static int reply_deliver(struct actor_reply *base, int status, void *value)
{
	struct reply *reply = reply_of(base);

	if (reply->closed) {
		if (value)
			actor_message_drop(reply->type, value);
		reply_free(reply);
		return ACTOR_E_ABANDONED;
	}
	reply->delivered = true;
	reply->status = status;
	if (value)
		memcpy(reply->value, value, reply->type->message_size);
	return 0;
}

static const struct actor_reply_ops reply_ops = {
	.size = sizeof reply_ops,
	.deliver = reply_deliver,
};

int minimal_reply_open(struct actor_context *context, const struct actor_message_type *type,
		       struct actor_reply **ret_reply)
{
	void *value;
	struct reply *reply = minimal_alloc(sizeof *reply, type, &value);

	(void)context;
	if (!reply)
		return ACTOR_E_NOMEM;
	*reply = (struct reply){ .base.ops = &reply_ops, .type = type, .value = value };
	minimal_counts.replies++;
	*ret_reply = &reply->base;
	return 0;
}

int minimal_reply_close(struct actor_context *context, struct actor_reply *base, void *ret_value)
{
	struct reply *reply = reply_of(base);
	int status = reply->status;

	(void)context;
	reply->closed = true;
	if (!reply->delivered)
		return ACTOR_E_ABANDONED;
	if (status == 0 && ret_value)
		memcpy(ret_value, reply->value, reply->type->message_size);
	else if (status == 0)
		actor_message_drop(reply->type, reply->value);
	reply_free(reply);
	return status;
}

void minimal_reply_refuse(struct actor_reply **slot)
{
	struct actor_reply *reply = *slot;

	*slot = NULL;
	if (reply)
		actor_reply_deliver(reply, ACTOR_E_STOPPED, NULL);
}

int minimal_reply_awaited(const struct actor_await *wait)
{
	bool all = wait->mode == ACTOR_AWAIT_ALL;

	for (size_t i = 0; i < wait->n_replies; i++) {
		struct actor_reply *reply = actor_await_reply(wait, i);

		if (reply && reply_of(reply)->delivered != all)
			return all ? ACTOR_E_TIMEOUT : (int)i;
	}
	return all ? 0 : ACTOR_E_TIMEOUT;
}
