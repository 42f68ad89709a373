/* SPDX-License-Identifier: MIT */

/*
 * Activations: an actor's turn on a fiber.
 *
 * An executor runs an actor's task; the task enters a fiber, which handles messages until there are
 * none, a handler waits, the run ends, or the turn has lasted long enough; then the thread gets its
 * own stack back and acts on the outcome. An actor is in one of these states, and each change of it
 * is one atomic operation, so that exactly one thread has the actor in hand:
 *
 *	idle       in the channel's head; whoever changes that schedules the task
 *	scheduled  with the executor
 *	active     on a fiber
 *	suspended  in the parker of its fiber, which `suspended` names; whoever wakes it schedules
 *
 * After going idle, or being committed to a wait, the thread that ran the actor does not touch it
 * any more.
 */

#include "actor.h"
#include "fiber.h"
#include "log.h"
#include "thread.h"

#include <assert.h>
#include <stdlib.h>

/* Messages in one turn, while others wait for theirs. */
#define MESSAGES_A_TURN 64

static struct actor__fiber *fiber_of(struct actor_context *base)
{
	return ACTOR_CONTAINER_OF(base, struct actor__fiber, context.base);
}

static struct actor_address *fiber_self(struct actor_context *base)
{
	return &fiber_of(base)->actor->weak;
}

static struct actor_spawner *fiber_spawner(struct actor_context *base)
{
	return &fiber_of(base)->actor->executor->spawner;
}

static bool is_cancelled(const struct actor__actor *actor)
{
	return atomic_load(&actor->asked) & ACTOR__ASKED_CANCEL;
}

/* A cancel that finds a handler waiting answers its caller at once. */
static int cancelled(struct actor__fiber *fiber)
{
	struct actor_reply *reply = fiber->reply;

	fiber->reply = NULL;
	if (reply)
		actor_reply_deliver(reply, ACTOR_E_STOPPED, NULL);
	return ACTOR_E_CANCELLED;
}

static void suspend(struct actor__fiber *fiber)
{
	actor__count(actor__thread(), ACTOR__COUNT_SUSPENDED, 1);
	fiber->outcome = ACTOR__SUSPENDED;
	actor__fiber_leave(fiber);
	actor__count(actor__thread(), ACTOR__COUNT_SUSPENDED, -1);
}

/* Sleep until woken or until the deadline: 0, or ACTOR_E_TIMEOUT. */
static int sleep_until(struct actor__fiber *fiber, int64_t deadline_ns)
{
	struct actor__parker *parker = &fiber->context.parker;
	struct actor__timers *timers = &fiber->actor->executor->timers;
	struct actor__timer timer = { .deadline_ns = deadline_ns, .parker = parker };

	if (actor__park_reset(parker))
		return 0;
	if (actor__passed(deadline_ns))
		return ACTOR_E_TIMEOUT;
	if (deadline_ns == ACTOR_FOREVER) {
		suspend(fiber);
	} else {
		actor__timer_arm(timers, &timer);
		suspend(fiber);
		actor__timer_disarm(timers, &timer);
	}
	actor__park_reset(parker);
	return 0;
}

static int fiber_park(struct actor__context *context, int64_t deadline_ns)
{
	struct actor__fiber *fiber = ACTOR_CONTAINER_OF(context, struct actor__fiber, context);
	struct actor__actor *actor = fiber->actor;
	int rc = 0;

	/* Whoever cancels after the look that follows finds the fiber named here, and wakes it. */
	atomic_store(&actor->suspended, fiber);
	if (!is_cancelled(actor))
		rc = sleep_until(fiber, deadline_ns);
	/* Relaxed: a cancel that reads the old value wakes somebody in vain, which does no harm. */
	atomic_store_explicit(&actor->suspended, NULL, memory_order_relaxed);
	return is_cancelled(actor) ? cancelled(fiber) : rc;
}

static void fiber_unpark(struct actor__parker *parker)
{
	struct actor__fiber *fiber = ACTOR_CONTAINER_OF(parker, struct actor__fiber,
							context.parker);

	actor__schedule(fiber->actor->executor, &fiber->actor->task, ACTOR__SOON);
}

static const char *type_in_hand(const struct actor__fiber *fiber)
{
	return fiber->envelope ? fiber->envelope->handler->type->name : NULL;
}

static void log_failure(struct actor__actor *actor)
{
	const struct actor_failure *failure = &actor->fault->failure;
	struct actor_info info = actor__actor_info(actor);
	struct actor_log_record record = {
		.size = sizeof record,
		.level = ACTOR_LOG_ERROR,
		.actor = &info,
		.message_type = failure->message_type,
		.file = failure->file,
		.line = failure->line,
		.text = failure->text,
	};

	actor__log(&record);
}

static void fiber_fail(struct actor_context *base, const struct actor_failure *failure)
{
	struct actor__fiber *fiber = fiber_of(base);
	struct actor__actor *actor = fiber->actor;

	assert(!actor->fault && "a cleanup must not fail");
	actor->fault = actor__fault_create(failure, type_in_hand(fiber));
	log_failure(actor);
	actor_unwind(base);
	fiber->outcome = ACTOR__FAILED;
	actor__fiber_abandon(fiber);
}

static const struct actor_context_ops fiber_context_ops = {
	.size = sizeof fiber_context_ops,
	.self = fiber_self,
	.spawner = fiber_spawner,
	.now = actor__context_now,
	.post = actor__context_post,
	.reply_open = actor__reply_open,
	.await = actor__context_await,
	.reply_close = actor__reply_close,
	.fail = fiber_fail,
	.log = actor__context_log,
	.log_level = actor__context_log_level,
	.error = actor__context_error,
};

void actor__fiber_context_init(struct actor__fiber *fiber)
{
	fiber->context.base.ops = &fiber_context_ops;
	fiber->context.parker.unpark = fiber_unpark;
	fiber->context.park = fiber_park;
}

/* The message in hand has been handled, or will not be. */
static void put_down(struct actor__fiber *fiber)
{
	struct actor__envelope *envelope = fiber->envelope;

	fiber->envelope = NULL;
	if (envelope)
		actor__envelope_end(envelope, fiber->reply);
	fiber->reply = NULL;
}

static void handle(struct actor__fiber *fiber, struct actor__envelope *envelope)
{
	struct actor__actor *actor = fiber->actor;

	fiber->envelope = envelope;
	fiber->reply = envelope->reply;
	envelope->handler->handle(actor->state, actor__envelope_message(envelope), &fiber->reply,
				  &fiber->context.base);
	assert(!fiber->context.base.scope && "a handler must undo what it deferred");
	put_down(fiber);
}

static enum actor__outcome end(struct actor__fiber *fiber, enum actor_ended how)
{
	fiber->how = how;
	return ACTOR__ENDED;
}

/* The channel is closed: the hook may still wait, fail or be cancelled. */
static enum actor__outcome end_stopped(struct actor__fiber *fiber)
{
	struct actor__actor *actor = fiber->actor;

	actor->finished = true;
	if (actor->behavior->stopped)
		actor->behavior->stopped(actor->state, &fiber->context.base);
	assert(!fiber->context.base.scope && "a hook must undo what it deferred");
	return end(fiber, is_cancelled(actor) ? ACTOR_ENDED_CANCELLED : ACTOR_ENDED_STOPPED);
}

static enum actor__outcome activate(struct actor__fiber *fiber)
{
	struct actor__actor *actor = fiber->actor;
	struct actor__channel *channel = &actor->channel;

	fiber->context.error.code = ACTOR_OK; /* what another actor left is not this one's */
	if (!actor->begun) {
		actor->begun = true;
		if (actor->behavior->started && !is_cancelled(actor))
			actor->behavior->started(actor->state, &fiber->context.base);
		assert(!fiber->context.base.scope && "a hook must undo what it deferred");
	}
	for (int i = 0; i < MESSAGES_A_TURN; i++) {
		struct actor__envelope *envelope = NULL;
		unsigned asked = atomic_load(&actor->asked);

		if (asked & ACTOR__ASKED_CANCEL)
			return end(fiber, ACTOR_ENDED_CANCELLED);
		if (asked)
			actor__channel_close(channel);
		if (!(asked & ACTOR__ASKED_NOW))
			envelope = actor__channel_pop(channel);
		if (envelope)
			handle(fiber, envelope);
		else if (asked)
			return end_stopped(fiber);
		else if (atomic_load(&actor->asked))
			continue; /* and the pop may have used up the nudge that said so */
		else if (atomic_load(&actor->n_strong) > 0 && actor__channel_idle(channel))
			return ACTOR__IDLE;
		else if (atomic_load(&actor->n_strong) == 0 && actor__channel_close_empty(channel))
			return end_stopped(fiber);
	}
	return ACTOR__YIELDED;
}

void actor__fiber_main(struct actor__fiber *fiber)
{
	fiber->outcome = activate(fiber);
}

void actor__actor_run(struct actor__task *task)
{
	struct actor__actor *actor = ACTOR_CONTAINER_OF(task, struct actor__actor, task);
	struct actor_executor *executor = actor->executor;
	struct actor__thread *thread = actor__thread();
	struct actor__fiber *fiber = atomic_load_explicit(&actor->suspended, memory_order_relaxed);

	if (!fiber)
		fiber = actor__fiber_get(thread);
	if (!fiber) {
		actor__schedule(executor, task, ACTOR__LATER);
		return;
	}
	fiber->actor = actor;
	actor__fiber_enter(thread, fiber);
	switch (fiber->outcome) {
	case ACTOR__SUSPENDED:
		if (!actor__park_commit(&fiber->context.parker))
			actor__schedule(executor, task, ACTOR__SOON);
		return;
	case ACTOR__YIELDED:
		actor__schedule(executor, task, ACTOR__LATER);
		break;
	case ACTOR__IDLE:
		break;
	case ACTOR__FAILED:
		put_down(fiber);
		actor__mailbox_end(actor, ACTOR_ENDED_FAILED);
		break;
	case ACTOR__ENDED:
		actor__mailbox_end(actor, fiber->how);
		break;
	}
	actor__fiber_put(thread, fiber);
}
