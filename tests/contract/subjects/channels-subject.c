/* SPDX-License-Identifier: MIT */

/*
 * actor-impl as a subject of the contract, with every mailbox on a channel that is given: on a pool
 * a queue, on the local executor one that is behind a select and a throttle. (What handlers spawn
 * has a channel of its own.)
 */

#include "channels-subject.h"

#include "actor-impl-subject.h"

#include <actor-impl/actor-impl.h>
#include <stdlib.h>

struct instance {
	struct actor_executor *executor;
	struct actor_spawner spawner;
	int (*channel)(size_t capacity, struct actor_channel **ret_channel);
};

static int make_queue(size_t capacity, struct actor_channel **ret_channel)
{
	return actor_queue_create(
		&(struct actor_queue_options){ .size = sizeof(struct actor_queue_options),
					       .capacity = capacity },
		ret_channel);
}

/* A throttle that lets everything through. */
static int make_nested(size_t capacity, struct actor_channel **ret_channel)
{
	struct actor_channel *queue, *selection;
	int rc = make_queue(capacity, &queue);

	if (rc < 0)
		return rc;
	rc = actor_select_create(&queue, 1, actor_select_in_turn, NULL, &selection);
	actor_channel_unref(queue);
	if (rc < 0)
		return rc;
	rc = actor_throttle_create(selection, 1000, 1, ret_channel);
	actor_channel_unref(selection);
	return rc;
}

static int mailbox(struct actor_spawner *spawner, const struct actor_behavior *behavior,
		   const struct actor_mailbox_options *options, struct actor_mailbox **ret_mailbox)
{
	struct instance *instance = ACTOR_CONTAINER_OF(spawner, struct instance, spawner);
	size_t capacity = options && options->capacity ? options->capacity : ACTOR_DEFAULT_CAPACITY;
	struct actor_channel *channel;
	int rc = instance->channel(capacity, &channel);

	if (rc < 0)
		return rc;
	rc = actor_channel_mailbox(actor_executor_spawner(instance->executor), behavior, options,
				   channel, ret_mailbox);
	actor_channel_unref(channel);
	return rc;
}

static const struct actor_spawner_ops spawner_ops = {
	.size = sizeof spawner_ops,
	.mailbox = mailbox,
};

static void *create(void *executor,
		    int (*channel)(size_t capacity, struct actor_channel **ret_channel))
{
	struct instance *instance = executor ? malloc(sizeof *instance) : NULL;

	if (instance)
		*instance = (struct instance){ executor, { &spawner_ops }, channel };
	return instance;
}

static void *create_on_pool(void)
{
	return create(pool_subject.create(), make_queue);
}

static void *create_on_local(void)
{
	return create(local_subject.create(), make_nested);
}

static int join(void *instance, int64_t deadline_ns)
{
	return actor_executor_join(((struct instance *)instance)->executor, deadline_ns);
}

static int destroy(void *instance)
{
	int rc = actor_executor_destroy(((struct instance *)instance)->executor);

	if (rc == 0)
		free(instance);
	return rc;
}

static struct actor_spawner *spawner(void *instance)
{
	return &((struct instance *)instance)->spawner;
}

static void close(void *instance)
{
	actor_executor_close(((struct instance *)instance)->executor);
}

struct contract_subject channels_subject(const struct contract_subject *executor)
{
	struct contract_subject subject = *executor;

	subject.name = executor == &pool_subject ? "queues on a pool" : "nested on local";
	subject.capabilities &= ~(unsigned)CONTRACT_DEADLOCKS; /* not through such channels */
	subject.create = executor == &pool_subject ? create_on_pool : create_on_local;
	subject.join = join;
	subject.destroy = destroy;
	subject.spawner = spawner;
	subject.close = close;
	return subject;
}
