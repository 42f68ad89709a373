/* SPDX-License-Identifier: MIT */

/*
 * Queues and rings: a list of messages, and what is to be done when it is long.
 *
 * How large a message will be for which room was promised is known only when it comes. So where
 * bytes are counted there is one promise at a time, and while it stands nobody else is let in: the
 * bound holds, and who waits is not overtaken.
 */

#include <actor-impl/channel-kinds.h>

#include "util/given.h"
#include "util/memory.h"

#include <stdlib.h>

struct queue {
	struct actor_channel base;
	struct actor_envelope_list list;
	size_t n_bytes;
	size_t capacity;
	size_t most_bytes;
};

static struct queue *queue_of(const struct actor_channel *channel)
{
	return ACTOR_CONTAINER_OF((void *)(uintptr_t)channel, struct queue, base);
}

static int queue_take(struct actor_channel *channel, struct actor_context *context,
		      struct actor_envelope **ret_envelope, int64_t *ret_until_ns)
{
	struct queue *queue = queue_of(channel);
	struct actor_envelope *envelope = actor_envelope_list_take(&queue->list);

	(void)context, (void)ret_until_ns;
	if (!envelope)
		return ACTOR_CHANNEL_EMPTY;
	queue->n_bytes -= actor_envelope_bytes(envelope);
	*ret_envelope = envelope;
	return ACTOR_CHANNEL_MESSAGE;
}

static int queue_put(struct actor_channel *channel, struct actor_envelope *envelope)
{
	struct queue *queue = queue_of(channel);

	queue->n_bytes += actor_envelope_bytes(envelope);
	actor_envelope_list_append(&queue->list, envelope);
	return 0;
}

static bool bytes_fit(const struct queue *queue, const struct actor_envelope *envelope)
{
	size_t bytes = envelope ? actor_envelope_bytes(envelope) : 1;

	if (queue->list.n == 0)
		return true;
	return queue->n_bytes <= queue->most_bytes && bytes <= queue->most_bytes - queue->n_bytes;
}

static bool queue_room(const struct actor_channel *channel, const struct actor_envelope *envelope,
		       size_t n_granted)
{
	const struct queue *queue = queue_of(channel);

	if (queue->most_bytes != ACTOR_UNBOUNDED && (n_granted > 0 || !bytes_fit(queue, envelope)))
		return false;
	return queue->list.n + n_granted < queue->capacity;
}

static void queue_destroy(struct actor_channel *channel)
{
	free(queue_of(channel));
}

static int ring_put(struct actor_channel *channel, struct actor_envelope *envelope)
{
	struct queue *ring = queue_of(channel);

	if (ring->list.n == ring->capacity)
		actor_channel_spill(channel, actor_envelope_list_take(&ring->list));
	actor_envelope_list_append(&ring->list, envelope);
	return 0;
}

static int ring_take(struct actor_channel *channel, struct actor_context *context,
		     struct actor_envelope **ret_envelope, int64_t *ret_until_ns)
{
	(void)context, (void)ret_until_ns;
	*ret_envelope = actor_envelope_list_take(&queue_of(channel)->list);
	return *ret_envelope ? ACTOR_CHANNEL_MESSAGE : ACTOR_CHANNEL_EMPTY;
}

static const struct actor_channel_ops queue_ops = {
	.size = sizeof queue_ops,
	.take = queue_take,
	.destroy = queue_destroy,
	.put = queue_put,
	.room = queue_room,
};

static const struct actor_channel_ops ring_ops = {
	.size = sizeof ring_ops,
	.take = ring_take,
	.destroy = queue_destroy,
	.put = ring_put,
};

static int create(const struct actor_channel_ops *ops, size_t capacity, size_t most_bytes,
		  struct actor_channel **ret_channel)
{
	struct queue *queue = actor__memory_alloc(sizeof *queue);
	int rc = queue ? actor_channel_init(&queue->base, ops) : ACTOR_E_NOMEM;

	if (rc < 0) {
		free(queue);
		return rc;
	}
	queue->capacity = capacity;
	queue->most_bytes = most_bytes;
	*ret_channel = &queue->base;
	return 0;
}

int actor_queue_create(const struct actor_queue_options *options,
		       struct actor_channel **ret_channel)
{
	size_t capacity = ACTOR__GIVEN(options, capacity, 0);
	size_t bytes = ACTOR__GIVEN(options, bytes, 0);

	return create(&queue_ops, capacity ? capacity : ACTOR_UNBOUNDED,
		      bytes ? bytes : ACTOR_UNBOUNDED, ret_channel);
}

int actor_ring_create(size_t capacity, struct actor_channel **ret_channel)
{
	return capacity ? create(&ring_ops, capacity, ACTOR_UNBOUNDED, ret_channel)
			: ACTOR_E_INVALID;
}
