/* SPDX-License-Identifier: MIT */

/* Spawners: how mailboxes and actors are made for an executor. */

#include <actor-impl/channel-mailbox.h>

#include "actor.h"
#include "intake.h"
#include "runtime.h"
#include "thread.h"
#include "util/given.h"

#include <actor-iface/spawner.h>
#include <assert.h>

static struct actor_executor *executor_of(struct actor_spawner *spawner)
{
	assert(spawner->ops == &actor__spawner_ops);
	return ACTOR_CONTAINER_OF(spawner, struct actor_executor, spawner);
}

struct actor_executor *actor__spawner_executor(struct actor_spawner *spawner)
{
	if (spawner->ops == &actor__spawner_ops)
		return executor_of(spawner);
	return spawner->ops == &actor__runtime_spawner_ops ? actor__runtime_executor(spawner)
							   : NULL;
}

static int check(const struct actor_executor *executor, const struct actor_behavior *behavior)
{
	if (!behavior || !behavior->name)
		return ACTOR_E_INVALID;
	if ((behavior->flags & ACTOR_THREAD_BOUND) && !executor->one_thread)
		return ACTOR_E_UNSUPPORTED;
	return 0;
}

static int create(struct actor_executor *executor, struct actor__thread *thread,
		  const struct actor_behavior *behavior,
		  const struct actor_mailbox_options *options, struct actor__actor **ret_actor)
{
	const char *name = ACTOR__GIVEN(options, name, NULL);
	size_t capacity = ACTOR__GIVEN(options, capacity, 0);
	int rc = check(executor, behavior);

	if (rc < 0)
		return rc;
	if (capacity == 0)
		capacity = ACTOR_DEFAULT_CAPACITY;
	if (capacity > ACTOR__CHANNEL_MOST && capacity != ACTOR_UNBOUNDED)
		return ACTOR_E_INVALID;
	*ret_actor = actor__actor_create(executor, thread, behavior, name, capacity);
	return *ret_actor ? 0 : ACTOR_E_NOMEM;
}

/* The executor takes it; or nobody has seen it, and nobody will. */
static int enlist(struct actor_executor *executor, struct actor__thread *thread,
		  struct actor__actor *actor, bool runs)
{
	if (actor__roster_add(&executor->roster, thread, actor, runs))
		return 0;
	actor__channel_close(&actor->channel);
	actor__actor_release(actor);
	return ACTOR_E_CLOSED;
}

static int mailbox(struct actor_spawner *spawner, const struct actor_behavior *behavior,
		   const struct actor_mailbox_options *options, struct actor_mailbox **ret_mailbox)
{
	struct actor_executor *executor = executor_of(spawner);
	struct actor__thread *thread = actor__thread();
	struct actor__actor *actor;
	int rc = create(executor, thread, behavior, options, &actor);

	if (rc == 0)
		rc = enlist(executor, thread, actor, false);
	if (rc == 0)
		*ret_mailbox = &actor->mailbox;
	return rc;
}

static int channel_mailbox(struct actor_executor *executor, const struct actor_behavior *behavior,
			   const struct actor_mailbox_options *options,
			   struct actor_channel *channel, struct actor_mailbox **ret_mailbox)
{
	struct actor__thread *thread = actor__thread();
	struct actor__actor *actor;
	int rc = check(executor, behavior);

	if (rc < 0)
		return rc;
	actor = actor__actor_create_with_intake(executor, thread, behavior,
						ACTOR__GIVEN(options, name, NULL));
	if (!actor)
		return ACTOR_E_NOMEM;
	rc = actor__intake_init(actor, channel);
	if (rc < 0) {
		actor__channel_close(&actor->channel);
		actor__actor_release(actor);
		return rc;
	}
	rc = enlist(executor, thread, actor, false);
	if (rc == 0)
		*ret_mailbox = &actor->mailbox;
	return rc;
}

int actor_channel_mailbox(struct actor_spawner *spawner, const struct actor_behavior *behavior,
			  const struct actor_mailbox_options *options,
			  struct actor_channel *channel, struct actor_mailbox **ret_mailbox)
{
	struct actor_executor *executor = actor__spawner_executor(spawner);
	struct actor__member *member = NULL;
	int rc;

	if (!executor)
		return ACTOR_E_UNSUPPORTED;
	if (spawner->ops == &actor__runtime_spawner_ops) {
		rc = actor__runtime_admit(spawner, ACTOR__GIVEN(options, name, NULL), &member);
		if (rc < 0)
			return rc;
	}
	rc = channel_mailbox(executor, behavior, options, channel, ret_mailbox);
	if (member)
		actor__runtime_settle(member, rc, rc == 0 ? *ret_mailbox : NULL);
	return rc;
}

static int spawn(struct actor_spawner *spawner, const struct actor_behavior *behavior, void *state,
		 const struct actor_mailbox_options *options, struct actor_address **ret_address)
{
	struct actor_executor *executor = executor_of(spawner);
	struct actor__thread *thread = actor__thread();
	struct actor__actor *actor;
	int rc = create(executor, thread, behavior, options, &actor);

	if (rc < 0)
		return rc;
	/* As if it had been started by an owner who then gave it up. What keeps the memory is the
	 * run, which has taken the owner's place; and, once it is out, the strong address. */
	actor->phase = ACTOR__RUNS;
	actor->state = state;
	atomic_init(&actor->detached, true);
	rc = enlist(executor, thread, actor, true);
	if (rc < 0)
		return rc;
	atomic_store_explicit(&actor->n_strong, 1, memory_order_relaxed);
	actor__actor_hold(actor);
	*ret_address = &actor->strong;
	actor__actor_schedule(actor, thread, ACTOR__FIRST);
	return 0;
}

const struct actor_spawner_ops actor__spawner_ops = {
	.size = sizeof actor__spawner_ops,
	.mailbox = mailbox,
	.spawn = spawn,
};
