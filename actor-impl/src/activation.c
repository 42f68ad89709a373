/* SPDX-License-Identifier: MIT */

/*
 * Activations: an actor's turn on a fiber.
 *
 * An executor runs an actor's task on a fiber; that handles messages until there are none, a
 *handler waits, the run ends, or the turn has lasted long enough. An actor is in one of these
 *states, and each change of it is one atomic operation, so that exactly one thread has the actor in
 *hand:
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
#include "util/fence.h"
#include "waiting.h"

#include <assert.h>
#include <stdlib.h>

/*
 * A turn lasts for MESSAGES_A_TURN messages, and then, since they were quick ones or there would be
 * nobody else, as long as nobody else waits or until TURN_NS have passed, looked at after each so
 * many messages: so a receiver keeps up with many senders. A handler that posts gives way after
 * each POSTS_A_TURN messages.
 */
#define MESSAGES_A_TURN 64
#define POSTS_A_TURN 64
#define TURN_NS 50000

/* A handler that gives way again so soon does little but send. */
#define HASTE_NS 20000

/* Why an activation has stopped. */
enum outcome {
	IDLE,	 /* nothing to do; the actor may be running elsewhere already */
	YIELDED, /* more to do, later */
	STOPPED, /* the run has ended */
	CANCELLED
};

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

/* A stack to go on with: one that will find something to run, if that is asked for and there is
 * memory for one, or else the one that all this began on. */
static struct actor__fiber *where_to(struct actor__thread *thread)
{
	struct actor__fiber *fiber = thread->next ? actor__fiber_get(thread) : NULL;

	return fiber ? fiber : thread->base;
}

ACTOR__INLINE void suspend(void)
{
	struct actor__thread *thread = actor__thread();

	actor__count(thread, ACTOR__COUNT_SUSPENDED, 1);
	actor__fiber_switch(where_to(thread), ACTOR__SUSPENDED);
	actor__count(actor__thread(), ACTOR__COUNT_SUSPENDED, -1);
}

/* Sleep until woken or until the deadline: 0, or ACTOR_E_TIMEOUT. */
ACTOR__INLINE int sleep_until(struct actor__fiber *fiber, int64_t deadline_ns)
{
	struct actor__parker *parker = &fiber->context.parker;
	struct actor__timers *timers = &fiber->actor->executor->timers;
	struct actor__timer timer = { .deadline_ns = deadline_ns, .parker = parker };

	if (actor__park_reset(parker))
		return 0;
	if (actor__passed(deadline_ns))
		return ACTOR_E_TIMEOUT;
	if (deadline_ns == ACTOR_FOREVER) {
		suspend();
	} else {
		actor__timer_arm(timers, &timer);
		fiber->actor->executor->ops->armed(fiber->actor->executor);
		suspend();
		actor__timer_disarm(timers, &timer);
	}
	actor__park_reset(parker);
	return 0;
}

ACTOR__INLINE int fiber_park(struct actor__context *context, int64_t deadline_ns)
{
	struct actor__fiber *fiber = ACTOR_CONTAINER_OF(context, struct actor__fiber, context);
	struct actor__actor *actor = fiber->actor;
	int rc = 0;

	/* Whoever cancels after the look that follows finds the fiber named here, and wakes it. */
	atomic_store_explicit(&actor->suspended, fiber, memory_order_release);
	actor__fence_light();
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
	actor__fiber_switch(where_to(actor__thread()), ACTOR__FAILED);
	abort(); /* not reached: nobody goes on with that stack */
}

/* Let others go first. */
static void give_way(struct actor__fiber *fiber)
{
	struct actor__actor *actor = fiber->actor;
	int64_t now;

	fiber->n_posts = 1; /* the one that follows */
	if (!actor__others_wait(actor->executor))
		return;
	now = actor__now();
	fiber->in_haste = now - fiber->paused_ns < HASTE_NS;
	fiber->paused_ns = now;
	atomic_store_explicit(&actor->suspended, fiber, memory_order_release);
	actor__fiber_switch(where_to(actor__thread()), ACTOR__PAUSED);
	atomic_store_explicit(&actor->suspended, NULL, memory_order_relaxed);
}

static int fiber_post(struct actor_context *base, struct actor_address *address,
		      const struct actor_message_type *type, void *message,
		      struct actor_reply *reply, int64_t deadline_ns)
{
	struct actor__fiber *fiber = fiber_of(base);

	if (++fiber->n_posts > POSTS_A_TURN)
		give_way(fiber);
	return actor__wait_post(&fiber->context, fiber_park, address, type, message, reply,
				deadline_ns);
}

static int fiber_await(struct actor_context *base, const struct actor_await *wait)
{
	return actor__wait_replies(&fiber_of(base)->context, fiber_park, wait);
}

static int fiber_call(struct actor_context *base, struct actor_address *address,
		      const struct actor_message_type *type, void *message, void *ret_value,
		      int64_t deadline_ns)
{
	return actor__wait_call(&fiber_of(base)->context, fiber_park, address, type, message,
				ret_value, deadline_ns);
}

static const struct actor_context_ops fiber_context_ops = {
	.size = sizeof fiber_context_ops,
	.self = fiber_self,
	.spawner = fiber_spawner,
	.now = actor__context_now,
	.post = fiber_post,
	.reply_open = actor__reply_open,
	.await = fiber_await,
	.reply_close = actor__reply_close,
	.fail = fiber_fail,
	.log = actor__context_log,
	.log_level = actor__context_log_level,
	.error = actor__context_error,
	.call = fiber_call,
};

void actor__fiber_context_init(struct actor__fiber *fiber)
{
	fiber->context.base.ops = &fiber_context_ops;
	fiber->context.parker.unpark = fiber_unpark;
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

/* The channel is closed: the hook may still wait, fail or be cancelled. */
static enum outcome stop(struct actor__fiber *fiber)
{
	struct actor__actor *actor = fiber->actor;

	actor->finished = true;
	if (actor->behavior->stopped)
		actor->behavior->stopped(actor->state, &fiber->context.base);
	assert(!fiber->context.base.scope && "a hook must undo what it deferred");
	return is_cancelled(actor) ? CANCELLED : STOPPED;
}

/* Asked after each MESSAGES_A_TURN messages. */
static bool turn_is_over(struct actor__fiber *fiber)
{
	bool over = false;
	int64_t now;

	/* Where a thread has no loop, somebody waits for it to come back. */
	if (actor__thread()->next && !actor__others_wait(fiber->actor->executor))
		return false;
	now = actor__now();
	if (fiber->turn_ends_ns == 0)
		fiber->turn_ends_ns = now + TURN_NS;
	else
		over = now >= fiber->turn_ends_ns;
	return over;
}

static enum outcome activate(struct actor__fiber *fiber, bool lent)
{
	struct actor__actor *actor = fiber->actor;
	struct actor__channel *channel = &actor->channel;
	unsigned n_handled = 0;

	fiber->n_posts = 0;
	fiber->turn_ends_ns = 0;
	fiber->context.error.code = ACTOR_OK; /* what another actor left is not this one's */
	if (!actor->begun) {
		actor->begun = true;
		if (actor->behavior->started && !is_cancelled(actor))
			actor->behavior->started(actor->state, &fiber->context.base);
		assert(!fiber->context.base.scope && "a hook must undo what it deferred");
	}
	for (;;) {
		struct actor__envelope *envelope = NULL;
		unsigned asked = atomic_load(&actor->asked);

		if (asked & ACTOR__ASKED_CANCEL)
			return CANCELLED;
		if (asked)
			actor__channel_close(channel);
		if (!(asked & ACTOR__ASKED_NOW))
			envelope = actor__channel_pop(channel);
		if (envelope) {
			handle(fiber, envelope);
			if ((lent || ++n_handled % MESSAGES_A_TURN == 0) &&
			    actor__channel_any(channel) && (lent || turn_is_over(fiber)))
				return YIELDED;
		} else if (asked) {
			return stop(fiber);
		} else if (atomic_load(&actor->asked)) {
			continue; /* and the pop may have used up the nudge that said so */
		} else if (atomic_load(&actor->n_strong) > 0) {
			if (actor__channel_idle(channel))
				return IDLE;
		} else if (actor__channel_close_empty(channel)) {
			return stop(fiber);
		}
	}
}

/* What a fiber is entered for, then what its thread has to run. */
static struct actor__task *next_task(struct actor__thread *thread)
{
	struct actor__task *given = thread->given;

	thread->given = NULL;
	if (given)
		return given;
	return thread->next ? thread->next(thread) : NULL;
}

_Noreturn void actor__fiber_main(void)
{
	for (;;) {
		struct actor__thread *thread = actor__thread();
		struct actor__task *task = next_task(thread);

		if (task)
			task->run(task);
		else
			actor__fiber_switch(thread->base, ACTOR__FREE);
	}
}

void actor__fiber_left(struct actor__thread *thread, struct actor__fiber *fiber,
		       enum actor__leaving how)
{
	struct actor__actor *actor = fiber->actor;

	switch (how) {
	case ACTOR__FREE:
		actor__fiber_put(thread, fiber);
		break;
	case ACTOR__SUSPENDED:
		if (!actor__park_commit(&fiber->context.parker))
			actor__schedule(actor->executor, &actor->task, ACTOR__SOON);
		break;
	case ACTOR__PAUSED:
		actor__schedule(actor->executor, &actor->task,
				fiber->in_haste ? ACTOR__QUIETLY : ACTOR__LATER);
		break;
	case ACTOR__FAILED:
		put_down(fiber);
		fiber->actor = NULL;
		actor__fiber_restart(fiber);
		actor__fiber_put(thread, fiber);
		actor__mailbox_end(actor, ACTOR_ENDED_FAILED);
		break;
	case ACTOR__BASE:
		break;
	}
}

/* On the fiber that the thread is on. */
static void run_here(struct actor__fiber *fiber, struct actor__actor *actor)
{
	struct actor__thread *thread = actor__thread();
	/* A thread that only lends itself has business of its own. */
	bool lent = !thread->worker && !thread->local;
	enum outcome outcome;

	fiber->actor = actor;
	outcome = activate(fiber, lent);
	fiber->actor = NULL;
	if (outcome == YIELDED)
		actor__schedule(actor->executor, &actor->task, ACTOR__LATER);
	else if (outcome != IDLE)
		actor__mailbox_end(actor, outcome == STOPPED ? ACTOR_ENDED_STOPPED
							     : ACTOR_ENDED_CANCELLED);
}

void actor__actor_run(struct actor__task *task)
{
	struct actor__actor *actor = ACTOR_CONTAINER_OF(task, struct actor__actor, task);
	struct actor__thread *thread = actor__thread();
	struct actor__fiber *fiber = atomic_load_explicit(&actor->suspended, memory_order_relaxed);
	bool on_base = thread->fiber == thread->base;

	if (fiber) {
		actor__fiber_switch(fiber, on_base ? ACTOR__BASE : ACTOR__FREE);
	} else if (!on_base) {
		run_here(thread->fiber, actor);
	} else if ((fiber = actor__fiber_get(thread))) {
		thread->given = task;
		actor__fiber_switch(fiber, ACTOR__BASE);
	} else {
		actor__schedule(actor->executor, task, ACTOR__LATER);
	}
}
