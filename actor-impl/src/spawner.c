/* SPDX-License-Identifier: MIT */

/* Spawners: how mailboxes are made for an executor. */

#include "actor.h"

#include <actor-iface/spawner.h>
#include <assert.h>

static int mailbox(struct actor_spawner *spawner, const struct actor_behavior *behavior,
		   const struct actor_mailbox_options *options, struct actor_mailbox **ret_mailbox)
{
	struct actor_executor *executor = ACTOR_CONTAINER_OF(spawner, struct actor_executor,
							     spawner);
	const char *name = options ? options->name : NULL;
	size_t capacity = options && options->capacity ? options->capacity : ACTOR_DEFAULT_CAPACITY;
	struct actor__actor *actor;
	int rc;

	assert(spawner->ops == &actor__spawner_ops);
	if (!behavior || !behavior->name)
		return ACTOR_E_INVALID;
	if (capacity > ACTOR__CHANNEL_MOST && capacity != ACTOR_UNBOUNDED)
		return ACTOR_E_INVALID;
	if ((behavior->flags & ACTOR_THREAD_BOUND) && !executor->one_thread)
		return ACTOR_E_UNSUPPORTED;
	actor = actor__actor_create(executor, behavior, name, capacity);
	if (!actor)
		return ACTOR_E_NOMEM;
	rc = actor__executor_add(executor, actor);
	if (rc < 0) {
		actor__channel_close(&actor->channel);
		actor__actor_release(actor);
		return rc;
	}
	*ret_mailbox = &actor->mailbox;
	return 0;
}

const struct actor_spawner_ops actor__spawner_ops = {
	.size = sizeof actor__spawner_ops,
	.mailbox = mailbox,
};
