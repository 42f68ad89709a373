/* SPDX-License-Identifier: MIT */

/*
 * The context of a handler: what it waits, posts, calls and fails by, on the fiber that its actor's
 * activation is on. That of plain threads is in thread-context.c.
 *
 * A wait names the fiber in `suspended`, looks whether the actor is asked to end, and leaves the
 * stack; whoever wakes it schedules the actor, whose next run finds the fiber there: see
 * activation.c.
 */

#include "actor.h"
#include "deadlock.h"
#include "fiber-switch.h"
#include "log.h"
#include "runtime.h"
#include "turn.h"
#include "util/fence.h"
#include "waiting.h"
#include "worker.h"

#include <assert.h>
#include <stdlib.h>

/* A handler that posts gives way after so many messages. */
#define POSTS_A_TURN 64

/* A handler that gives way again so soon does little but send. */
#define HASTE_NS 20000

static struct actor__fiber *fiber_of(struct actor_context *base)
{
	return ACTOR_CONTAINER_OF(base, struct actor__fiber, context.base);
}

static struct actor__actor *actor_of(struct actor__task *task)
{
	return ACTOR_CONTAINER_OF(task, struct actor__actor, task);
}

static struct actor_address *fiber_self(struct actor_context *base)
{
	return &actor__fiber_actor(fiber_of(base))->weak;
}

static int64_t fiber_now(struct actor_context *base)
{
	return actor__executor_now(actor__fiber_actor(fiber_of(base))->executor);
}

/* Who is in a runtime makes others that are there, too. */
static struct actor_spawner *fiber_spawner(struct actor_context *base)
{
	struct actor__actor *actor = actor__fiber_actor(fiber_of(base));

	/* Relaxed: who has been a member since before it ran sees that. */
	if (ACTOR__RARELY(atomic_load_explicit(&actor->watchers, memory_order_relaxed)))
		return actor__runtime_spawner_for(actor);
	return &actor->executor->spawner;
}

/* What the handler of an actor that is to fail has in hand is not why it fails: if it may be
 * handled again, the next run begins with it. The handler still reads it there; and nobody takes it
 * out before that has ended, and the run with it. */
static ACTOR__OUT_OF_LINE void give_up(struct actor__fiber *fiber)
{
	struct actor__actor *actor = actor__fiber_actor(fiber);
	struct actor__envelope *envelope = fiber->envelope;

	if (actor->n_attempts == 0 || !envelope || envelope->reply ||
	    actor__actor_is_cancelled(actor))
		return;
	actor->begun = ACTOR__GIVES_UP;
	fiber->envelope = NULL;
	actor__envelope_keep(envelope);
	actor__channel_put_back(&actor->channel, envelope);
}

/* A cancel, or a wish to have it fail, that finds a handler waiting answers its caller at once. */
static int cancelled(struct actor__fiber *fiber)
{
	struct actor_reply *reply = fiber->reply;

	fiber->reply = NULL;
	if (reply)
		actor_reply_deliver(reply, ACTOR_E_STOPPED, NULL);
	else
		give_up(fiber);
	return ACTOR_E_CANCELLED;
}

/* What this thread was to run next, anybody may. */
static ACTOR__OUT_OF_LINE void schedule_given(struct actor__thread *thread)
{
	struct actor__task *given = thread->given;

	thread->given = NULL;
	if (given)
		actor__actor_schedule(actor_of(given), thread, ACTOR__SOON);
}

/* A stack to go on with: one that will find something to run, if that is asked for and there is
 * memory for one, or else the one that all this began on. */
ACTOR__INLINE struct actor__fiber *where_to(struct actor__thread *thread)
{
	struct actor__fiber *fiber = thread->next ? actor__fiber_get(thread) : NULL;

	if (ACTOR__RARELY(!fiber)) {
		schedule_given(thread);
		fiber = thread->base;
	}
	return fiber;
}

/* Leave the fiber, and come back, maybe on another thread. */
ACTOR__INLINE void leave(struct actor__fiber *fiber, enum actor__leaving how)
{
	struct actor__thread *thread = fiber->context.thread;

	/* Relaxed: nobody else writes it, and who reads it looks again, much later. */
	atomic_store_explicit(&fiber->n_waits,
			      atomic_load_explicit(&fiber->n_waits, memory_order_relaxed) + 1,
			      memory_order_relaxed);
	actor__fiber_switch(thread, where_to(thread), how);
	if (ACTOR__RARELY(fiber->context.thread != thread))
		actor__turn_count_anew(fiber);
}

ACTOR__INLINE void suspend(struct actor__fiber *fiber)
{
	actor__count(fiber->context.thread, ACTOR__COUNT_SUSPENDED, 1);
	leave(fiber, ACTOR__SUSPENDED);
	actor__count(fiber->context.thread, ACTOR__COUNT_SUSPENDED, -1);
}

/* A wake at a point in time; lies in the frame of the sleeper. */
struct alarm {
	struct actor__timer timer;
	struct actor__parker *parker;
};

static void ring(struct actor__timer *timer)
{
	actor__wake(ACTOR_CONTAINER_OF(timer, struct alarm, timer)->parker);
}

static const struct actor__timer_kind alarms = { .fire = ring };

/* Something has woken it, at the end of its wait or before it went on: 0, or ACTOR_E_DEADLOCK. */
static ACTOR__OUT_OF_LINE int notified(struct actor__fiber *fiber)
{
	bool in_vain = fiber->waits_in_vain;

	fiber->waits_in_vain = false;
	return in_vain ? ACTOR_E_DEADLOCK : 0;
}

/* Sleep until woken or until the deadline: 0, ACTOR_E_TIMEOUT or ACTOR_E_DEADLOCK. */
ACTOR__INLINE int sleep_until(struct actor__fiber *fiber, int64_t deadline_ns)
{
	struct actor__parker *parker = &fiber->context.parker;
	struct actor_executor *executor = actor__fiber_actor(fiber)->executor;
	struct alarm alarm = { { .kind = &alarms }, parker };

	if (actor__park_reset(parker))
		return 0;
	if (actor__executor_passed(executor, deadline_ns))
		return ACTOR_E_TIMEOUT;
	/* Relaxed, here and below: see deadlock.h; those who look at the deadline look again. */
	if (deadline_ns == ACTOR_FOREVER) {
		atomic_store_explicit(&fiber->look, (uintptr_t)executor, memory_order_relaxed);
		actor__deadlocks_waits(fiber->context.thread, executor);
		suspend(fiber);
	} else {
		atomic_store_explicit(&fiber->look, 0, memory_order_relaxed);
		atomic_store_explicit(&fiber->deadline_on, executor, memory_order_relaxed);
		actor__executor_arm(executor, &alarm.timer, deadline_ns);
		suspend(fiber);
		actor__timer_disarm(&executor->timers, &alarm.timer);
		atomic_store_explicit(&fiber->deadline_on, NULL, memory_order_relaxed);
	}
	return ACTOR__RARELY(actor__park_reset(parker)) ? notified(fiber) : 0;
}

ACTOR__INLINE int fiber_park(struct actor__context *context, int64_t deadline_ns)
{
	struct actor__fiber *fiber = ACTOR_CONTAINER_OF(context, struct actor__fiber, context);
	struct actor__actor *actor = actor__fiber_actor(fiber);
	int rc = 0;

	/* Whoever cancels after the look that follows finds the fiber named here, and wakes it. */
	atomic_store_explicit(&actor->suspended, fiber, memory_order_release);
	actor__fence_light();
	if (!actor__actor_is_interrupted(actor))
		rc = sleep_until(fiber, deadline_ns);
	/* Relaxed: a cancel that reads the old value wakes somebody in vain, which does no harm. */
	atomic_store_explicit(&actor->suspended, NULL, memory_order_relaxed);
	return actor__actor_is_interrupted(actor) ? cancelled(fiber) : rc;
}

void actor__fiber_unpark(struct actor__parker *parker)
{
	struct actor__fiber *fiber = ACTOR_CONTAINER_OF(parker, struct actor__fiber,
							context.parker);

	actor__actor_schedule(actor__fiber_actor(fiber), actor__thread(), ACTOR__SOON);
}

static const char *type_in_hand(const struct actor__fiber *fiber)
{
	if (actor__fiber_actor(fiber)->begun == ACTOR__GIVES_UP) /* it is back in the channel */
		return atomic_load_explicit(&fiber->handling, memory_order_relaxed)->type->name;
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
	struct actor__actor *actor = actor__fiber_actor(fiber);

	assert(!actor->fault && "a cleanup must not fail");
	actor->fault = actor__fault_create(failure, type_in_hand(fiber));
	log_failure(actor);
	actor_unwind(base);
	leave(fiber, ACTOR__FAILED);
	abort(); /* not reached: nobody goes on with that stack */
}

/* Let others go first. */
static ACTOR__OUT_OF_LINE void give_way(struct actor__fiber *fiber)
{
	struct actor__actor *actor = actor__fiber_actor(fiber);
	int64_t now;

	fiber->n_posts = 1; /* the one that follows */
	actor__turn_count_done(fiber->context.thread, POSTS_A_TURN);
	if (!actor__others_wait(actor->executor, fiber->context.thread))
		return;
	now = actor__now();
	fiber->in_haste = now - fiber->paused_ns < HASTE_NS;
	fiber->paused_ns = fiber->context.thread->looked_ns = now;
	atomic_store_explicit(&actor->suspended, fiber, memory_order_release);
	leave(fiber, ACTOR__PAUSED);
	atomic_store_explicit(&actor->suspended, NULL, memory_order_relaxed);
}

static ACTOR__OUT_OF_LINE int post_slowly(struct actor__fiber *fiber, struct actor_address *address,
					  const struct actor_message_type *type, void *message,
					  struct actor_reply *reply, int64_t deadline_ns)
{
	int rc;

	if (fiber->n_posts > POSTS_A_TURN || fiber->context.thread->simulates)
		give_way(fiber);
	rc = actor_address_post(address, type, message, reply, NULL);
	if (rc == ACTOR_E_FULL)
		rc = actor__wait_in_line(&fiber->context, fiber_park, address, type, message, reply,
					 deadline_ns);
	return rc;
}

/* With a reply. Only strong addresses are posted to quickly: they are where their actors are. */
static ACTOR__OUT_OF_LINE int post_to_answer(struct actor__fiber *fiber,
					     struct actor_address *address,
					     const struct actor_message_type *type, void *message,
					     struct actor_reply *reply, int64_t deadline_ns)
{
	struct actor__thread *thread = fiber->context.thread;
	enum actor__quick_post posted = ACTOR__NOT_QUICKLY;
	struct actor__handing handing;
	struct actor__actor *to;

	if (++fiber->n_posts <= POSTS_A_TURN && type->reply) {
		handing = actor__reply_hand_to(reply, (uintptr_t)address, fiber);
		posted = actor__post_quickly(thread, address, type, message, reply, &to);
		actor__reply_handed(reply, &handing, posted);
	}
	if (posted == ACTOR__NOT_QUICKLY)
		return post_slowly(fiber, address, type, message, reply, deadline_ns);
	if (posted == ACTOR__TO_SCHEDULE)
		actor__actor_schedule(to, thread, ACTOR__SOON);
	return 0;
}

static int fiber_post(struct actor_context *base, struct actor_address *address,
		      const struct actor_message_type *type, void *message,
		      struct actor_reply *reply, int64_t deadline_ns)
{
	struct actor__fiber *fiber = fiber_of(base);
	struct actor__thread *thread = fiber->context.thread;
	enum actor__quick_post posted = ACTOR__NOT_QUICKLY;
	struct actor__actor *to;

	if (ACTOR__RARELY(reply))
		return post_to_answer(fiber, address, type, message, reply, deadline_ns);
	if (++fiber->n_posts <= POSTS_A_TURN)
		posted = actor__post_quickly(thread, address, type, message, NULL, &to);
	if (ACTOR__RARELY(posted == ACTOR__NOT_QUICKLY))
		return post_slowly(fiber, address, type, message, NULL, deadline_ns);
	if (posted == ACTOR__TO_SCHEDULE)
		actor__actor_schedule(to, thread, ACTOR__SOON);
	return 0;
}

static int fiber_await(struct actor_context *base, const struct actor_await *wait)
{
	return actor__wait_replies(&fiber_of(base)->context, fiber_park, wait);
}

/* The callee has nothing to do, and the caller is about to leave its stack: it comes next, without
 * any detour; if they are of the same pool, whose worker's loop this thread is in. Before it
 * leaves, an answer may be delivered to a function that calls, too: only one is given. */
ACTOR__INLINE void hand_over(struct actor__actor *caller, struct actor__thread *thread,
			     struct actor__actor *callee)
{
	if (ACTOR__RARELY(!thread->next || thread->given || callee->executor != caller->executor ||
			  !actor__worker_hands_over(thread->worker)))
		actor__actor_schedule(callee, thread, ACTOR__SOON);
	else
		thread->given = &callee->task;
}

/* What nobody will ever answer; unless it is refused for another reason, or ends by itself. */
static ACTOR__OUT_OF_LINE int call_itself(struct actor__fiber *fiber,
					  const struct actor_address *address,
					  const struct actor_message_type *type,
					  int64_t deadline_ns)
{
	if (deadline_ns != ACTOR_FOREVER ||
	    !actor__post_is_open(actor__fiber_actor(fiber), actor__address_is_weak(address)) ||
	    !actor_behavior_find(actor__fiber_actor(fiber)->behavior, type))
		return 0;
	return actor__deadlocks_itself(fiber, type);
}

/* As post_slowly(). */
static ACTOR__OUT_OF_LINE int call_slowly(struct actor__fiber *fiber, struct actor_address *address,
					  const struct actor_message_type *type, void *message,
					  struct actor_reply *reply, int64_t deadline_ns)
{
	int rc = 0;

	if (actor__address_actor(address) == actor__fiber_actor(fiber))
		rc = call_itself(fiber, address, type, deadline_ns);
	return rc < 0 ? rc : post_slowly(fiber, address, type, message, reply, deadline_ns);
}

static int fiber_call(struct actor_context *base, struct actor_address *address,
		      const struct actor_message_type *type, void *message, void *ret_value,
		      int64_t deadline_ns)
{
	struct actor__fiber *fiber = fiber_of(base);
	struct actor__context *context = &fiber->context;
	struct actor__actor *caller = actor__fiber_actor(fiber), *callee;
	struct actor__reply_cell *cell = actor__reply_create(context, type->reply,
							     (uintptr_t)address);
	enum actor__quick_post posted = ACTOR__NOT_QUICKLY;
	int rc;

	if (ACTOR__RARELY(!cell))
		return ACTOR_E_NOMEM;
	if (!ACTOR__RARELY(address == &caller->strong))
		posted = actor__post_quickly(context->thread, address, type, message, &cell->reply,
					     &callee);
	if (ACTOR__RARELY(posted == ACTOR__NOT_QUICKLY)) {
		rc = call_slowly(fiber, address, type, message, &cell->reply, deadline_ns);
		if (rc < 0)
			return actor__call_off(context, cell, rc);
	} else if (posted == ACTOR__TO_SCHEDULE) {
		hand_over(caller, context->thread, callee);
	}
	rc = actor__wait_answer(context, fiber_park, cell, ret_value, deadline_ns);
	if (ACTOR__RARELY(context->thread->given)) /* there was no wait */
		schedule_given(context->thread);
	return rc;
}

static const struct actor_context_ops fiber_context_ops = {
	.size = sizeof fiber_context_ops,
	.self = fiber_self,
	.spawner = fiber_spawner,
	.now = fiber_now,
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

struct actor__fiber *actor__fiber_of(struct actor_context *context)
{
	return context->ops == &fiber_context_ops ? fiber_of(context) : NULL;
}

void actor__fiber_context_init(struct actor__fiber *fiber)
{
	fiber->context.base.ops = &fiber_context_ops;
	fiber->context.parker.unpark = actor__fiber_unpark;
}
