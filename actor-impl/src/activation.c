/* SPDX-License-Identifier: MIT */

/*
 * Activations: an actor's turn on a fiber.
 *
 * An executor runs an actor's task on a fiber; that handles messages until there are none, a
 * handler waits, the run ends, or the turn has lasted long enough. An actor is in one of these
 * states, and each change of it is one atomic operation, so that exactly one thread has the actor
 * in hand:
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
#include "fiber-switch.h"
#include "intake.h"
#include "thread.h"
#include "turn.h"
#include "worker.h"

#include <assert.h>

/*
 * A turn lasts as long as nobody else waits or until TURN_NS have passed. What was queued when it
 * last took messages over it may handle first, for BACKLOG_NS more: so a receiver keeps up with
 * many senders, whose messages would leave the cache otherwise. Even where nobody waits, its thread
 * has to look around after ALONE_NS. A handler that posts gives way now and then, too: see
 * fiber-context.c.
 *
 * A look at the clock takes longer than many a handler, so it is asked only after so many messages
 * whether the turn is over: that is the actor's patience, and whenever it is asked, it learns from
 * how long they took. It has all of it while so many fit into a turn easily, and none as soon as
 * they do not, so that a turn is then over with the second message: the first look is when the time
 * begins. All that is known of the messages before that is when somebody on this thread last
 * looked; to take them for slow ones in error costs some looks, and no more than one time in
 * TURN_NS.
 *
 * In a simulation (simulation.c) it is another's turn whenever it may be: after a message, after
 * `started`, before each post.
 */
#define TURN_NS 50000
#define BACKLOG_NS 200000
#define ALONE_NS 1000000

/* Why an activation has stopped. */
enum outcome {
	GO_ON,	 /* not at all */
	IDLE,	 /* nothing to do; the actor may be running elsewhere already */
	YIELDED, /* more to do, later */
	STOPPED, /* the run has ended */
	CANCELLED,
	FAILED
};

static struct actor__actor *actor_of(struct actor__task *task)
{
	return ACTOR_CONTAINER_OF(task, struct actor__actor, task);
}

/* What the fiber's actor has done since this was last asked. */
ACTOR__INLINE void count_turn(struct actor__fiber *fiber)
{
	struct actor__channel *channel = &actor__fiber_actor(fiber)->channel;
	uint32_t n_popped = actor__channel_n_popped(channel);

	actor__turn_count_done(fiber->context.thread, n_popped - channel->n_counted);
	channel->n_counted = n_popped;
}

/* The message in hand has been handled, or will not be. What ends with it is no longer in hand. */
static ACTOR__OUT_OF_LINE void put_down(struct actor__fiber *fiber)
{
	struct actor__envelope *envelope = fiber->envelope;
	struct actor_reply *reply = fiber->reply;

	fiber->envelope = NULL;
	fiber->reply = NULL;
	if (envelope)
		actor__envelope_end(envelope, reply);
}

/* The message in hand has failed its actor: it comes first in the next run, or is dropped. One that
 * somebody waits for is, so that they learn. */
static ACTOR__OUT_OF_LINE void put_down_failed(struct actor__fiber *fiber)
{
	struct actor__actor *actor = fiber->actor;
	struct actor__envelope *envelope = fiber->envelope;
	struct actor_info info = actor__actor_info(actor);

	if (!envelope) /* a hook has failed, or it has been put back already */
		return;
	if (envelope->reply || actor->n_attempts == 0) {
		actor->n_failed = 0;
		put_down(fiber);
		return;
	}
	fiber->envelope = NULL;
	if (++actor->n_failed < actor->n_attempts) {
		actor__channel_put_back(&actor->channel, envelope);
	} else {
		actor->n_failed = 0;
		envelope->next = NULL;
		actor__envelopes_discard(envelope, &info);
	}
}

/* What stands in for a hook's handler where it is shown what an actor is at. */
static const struct actor_message_type started_type = { .size = sizeof started_type,
							.name = "started" },
				       stopped_type = { .size = sizeof stopped_type,
							.name = "stopped" };
static const struct actor_handler started_hook = { .type = &started_type },
				  stopped_hook = { .type = &stopped_type };

static bool is_handler_of(const struct actor__actor *actor, const struct actor_handler *handler)
{
	const struct actor_behavior *behavior = actor->behavior;

	for (size_t i = 0; i < behavior->n_handlers; i++)
		if (actor_behavior_handler(behavior, i) == handler)
			return true;
	return handler == &started_hook || handler == &stopped_hook;
}

const char *actor__fiber_in_hand(const struct actor__fiber *fiber, const struct actor__actor *actor)
{
	const struct actor_handler *handler = atomic_load_explicit(&fiber->handling,
								   memory_order_relaxed);

	/* What was last there may be another actor's, who has gone: it is only compared. */
	if (actor__fiber_actor(fiber) != actor || !is_handler_of(actor, handler))
		return NULL;
	return handler->type->name;
}

/* For those who look from other threads at what it is. */
ACTOR__INLINE void begin_handling(struct actor__fiber *fiber, const struct actor_handler *handler)
{
	/* Relaxed: they look more than once. */
	atomic_store_explicit(&fiber->handling, handler, memory_order_relaxed);
}

ACTOR__INLINE void handle(struct actor__fiber *fiber, struct actor__envelope *envelope)
{
	const struct actor_handler *handler = envelope->handler;

	fiber->envelope = envelope;
	fiber->reply = envelope->reply;
	begin_handling(fiber, handler);
	handler->handle(actor__fiber_actor(fiber)->state, actor__envelope_message(envelope),
			&fiber->reply, &fiber->context.base);
	assert(!fiber->context.base.scope && "a handler must undo what it deferred");
	if (fiber->reply || !actor__envelope_is_plain(envelope))
		put_down(fiber);
	else
		actor__envelope_free_plain(fiber->context.thread, envelope);
}

/* A hook runs, without a message in hand. */
static void run_hook(struct actor__fiber *fiber, const struct actor_handler *stand_in,
		     void (*hook)(void *self, struct actor_context *context))
{
	fiber->envelope = NULL;
	fiber->reply = NULL;
	begin_handling(fiber, stand_in);
	actor__channel_count_other(&actor__fiber_actor(fiber)->channel);
	if (hook)
		hook(actor__fiber_actor(fiber)->state, &fiber->context.base);
	assert(!fiber->context.base.scope && "a hook must undo what it deferred");
}

/* The channel is closed: the hook may still wait, fail or be cancelled. */
static enum outcome stop(struct actor__fiber *fiber)
{
	struct actor__actor *actor = actor__fiber_actor(fiber);

	actor->finished = true;
	run_hook(fiber, &stopped_hook, actor->behavior->stopped);
	return actor__actor_is_cancelled(actor) ? CANCELLED : STOPPED;
}

/* So many messages took so long, or less. */
static void learn(struct actor__actor *actor, int64_t took_ns, int64_t turn_ns)
{
	if (took_ns > 2 * turn_ns)
		actor->patience = 0;
	else if (took_ns < turn_ns / 2 && actor->patience < ACTOR__PATIENCE)
		actor->patience = (unsigned char)(2 * actor->patience + 1);
}

static bool time_is_up(struct actor__fiber *fiber)
{
	struct actor__thread *thread = fiber->context.thread;
	struct actor__actor *actor = actor__fiber_actor(fiber);
	bool others = true, backlog = false;
	int64_t now;

	if (thread->next) {
		others = actor__others_wait(actor->executor, thread);
		backlog = others && actor->channel.stash;
	} /* else somebody waits for the thread to come back */
	now = actor__now();
	learn(actor, now - thread->looked_ns, others ? TURN_NS : ALONE_NS);
	thread->looked_ns = now;
	if (thread->local) /* it may never rest, and nobody else is there to look around */
		actor__deadlocks_expect_now(thread, actor->executor);
	if (fiber->turn_ends_ns == 0)
		fiber->turn_ends_ns = now + TURN_NS;
	if (!others)
		return now >= fiber->turn_ends_ns + ALONE_NS;
	return now >= fiber->turn_ends_ns + (backlog ? BACKLOG_NS : 0);
}

/* Asked when its patience is at an end. */
static ACTOR__OUT_OF_LINE bool turn_is_over(struct actor__fiber *fiber)
{
	bool over = fiber->context.thread->patience == 0 || time_is_up(fiber);

	actor__turn_count_anew(fiber);
	count_turn(fiber);
	return over;
}

static bool anything_left(struct actor__actor *actor)
{
	if (actor__has_intake(actor))
		return actor_channel_length(actor__intake_of(actor)->channel) > 0;
	return actor__channel_any(&actor->channel);
}

/* Beside the loop in activate(): a message, and whether the turn is over with it. */
static enum outcome handle_aside(struct actor__fiber *fiber, struct actor__envelope *envelope)
{
	handle(fiber, envelope);
	if (--fiber->n_until_asked >= 0 || !turn_is_over(fiber))
		return GO_ON;
	return anything_left(actor__fiber_actor(fiber)) ? YIELDED : GO_ON;
}

/* To the end of what is queued, or at once. */
static enum outcome drain(struct actor__fiber *fiber, unsigned asked)
{
	struct actor__channel *channel = &actor__fiber_actor(fiber)->channel;

	actor__channel_close(channel);
	if (asked & ACTOR__ASKED_NOW || !actor__channel_any(channel))
		return stop(fiber);
	return handle_aside(fiber, actor__channel_pop(channel));
}

/* Whether it is to take nothing. Who is to end, or to fail, does. */
static bool is_to_pause(unsigned asked)
{
	return asked & ACTOR__ASKED_TO_PAUSE &&
	       !(asked & (ACTOR__ASKED_TO_END | ACTOR__ASKED_TO_FAIL));
}

/* The actor takes nothing until it is resumed, or asked to end or to fail: each of them undoes
 * this, or has come before. */
static enum outcome pause_actor(struct actor__actor *actor, unsigned asked)
{
	if (asked & ACTOR__HAS_INTAKE)
		actor__channel_absent(actor__intake_of(actor)->channel);
	return atomic_compare_exchange_strong(&actor->asked, &asked, asked | ACTOR__PAUSES) ? IDLE
											    : GO_ON;
}

static enum outcome stop_intake(struct actor__fiber *fiber)
{
	actor__channel_close(&actor__fiber_actor(fiber)->channel);
	actor__intake_shut(actor__fiber_actor(fiber));
	return stop(fiber);
}

/* A look at the channel that was given. */
static enum outcome take_in(struct actor__fiber *fiber, unsigned asked)
{
	struct actor__actor *actor = actor__fiber_actor(fiber);
	struct actor_channel *channel = actor__intake_of(actor)->channel;
	struct actor_envelope *envelope;
	int64_t until_ns;
	int rc;

	if (asked & ACTOR__ASKED_TO_END)
		actor_channel_close(channel);
	if (asked & ACTOR__ASKED_NOW)
		return stop_intake(fiber);
	rc = actor__channel_pop_or_end(channel, &fiber->context.base, &envelope, &until_ns);
	if (ACTOR__RARELY(fiber->context.thread->spilled)) {
		/* The program's functions run there: what is in hand is this one, or nothing. */
		fiber->envelope = rc == ACTOR_CHANNEL_MESSAGE ? actor__envelope_in(envelope) : NULL;
		fiber->reply = fiber->envelope ? fiber->envelope->reply : NULL;
		actor__channel_sweep();
	}
	switch (rc) {
	case ACTOR_CHANNEL_MESSAGE:
		actor__channel_count_other(&actor->channel);
		return handle_aside(fiber, actor__envelope_in(envelope));
	case ACTOR_CHANNEL_EMPTY:
		if (atomic_load(&actor->n_strong) > 0)
			break;
		/* Nobody is to come; but somebody may have, meanwhile. */
		actor_channel_close(channel);
		return GO_ON;
	case ACTOR_CHANNEL_LATER:
		break;
	case ACTOR_E_CLOSED:
		return stop_intake(fiber);
	}
	count_turn(fiber);
	return actor__intake_idle(actor, until_ns) ? IDLE : GO_ON;
}

static enum outcome fail_as_asked(struct actor__actor *actor)
{
	static const struct actor_failure failure = {
		.size = sizeof failure,
		.text = "had to, for its owner",
	};

	actor->fault = actor__fault_create(&failure, NULL);
	return FAILED;
}

/* There is more to see to than the actor's own channel. */
static ACTOR__OUT_OF_LINE enum outcome attend(struct actor__fiber *fiber, unsigned asked)
{
	struct actor__actor *actor = actor__fiber_actor(fiber);

	if (asked & ACTOR__HAS_INTAKE)
		actor__intake_awake(actor);
	if (asked & ACTOR__ASKED_CANCEL)
		return CANCELLED;
	if (asked & ACTOR__ASKED_TO_FAIL)
		return fail_as_asked(actor);
	if (is_to_pause(asked))
		return pause_actor(actor, asked);
	if (asked & ACTOR__HAS_INTAKE)
		return take_in(fiber, asked);
	return drain(fiber, asked);
}

/* What the run before failed at comes first, unless nothing does. */
static ACTOR__OUT_OF_LINE enum outcome try_again(struct actor__fiber *fiber)
{
	struct actor__actor *actor = fiber->actor;
	unsigned asked;

	while (is_to_pause(asked = atomic_load(&actor->asked)))
		if (pause_actor(actor, asked) == IDLE)
			return IDLE;
	actor->begun = ACTOR__HAS_BEGUN;
	/* It will be dropped, or comes first in the next run. */
	if (asked & (ACTOR__ASKED_NOW | ACTOR__ASKED_CANCEL | ACTOR__ASKED_TO_FAIL))
		return GO_ON;
	handle(fiber, actor__channel_pop(&actor->channel));
	if (actor->begun != ACTOR__GIVES_UP)
		actor->n_failed = 0;
	return GO_ON;
}

static enum outcome begin(struct actor__fiber *fiber)
{
	struct actor__actor *actor = fiber->actor;

	if (actor->begun == ACTOR__NOT_BEGUN) {
		actor->begun = actor->n_failed > 0 ? ACTOR__BEGINS : ACTOR__HAS_BEGUN;
		if (actor->behavior->started && !actor__actor_is_cancelled(actor)) {
			run_hook(fiber, &started_hook, actor->behavior->started);
			if (fiber->context.thread->simulates)
				return YIELDED;
		}
	}
	return actor->begun == ACTOR__BEGINS ? try_again(fiber) : GO_ON;
}

ACTOR__INLINE enum outcome activate(struct actor__fiber *fiber)
{
	struct actor__actor *actor = actor__fiber_actor(fiber);
	struct actor__channel *channel = &actor->channel;

	fiber->n_posts = 0;
	actor__turn_count_anew(fiber);
	fiber->turn_ends_ns = 0;
	fiber->context.error.code = ACTOR_OK; /* what another actor left is not this one's */
	if (actor->begun != ACTOR__HAS_BEGUN) {
		enum outcome outcome = begin(fiber);

		if (outcome != GO_ON)
			return outcome;
	}
	for (;;) {
		unsigned asked = atomic_load(&actor->asked);
		struct actor__envelope *envelope;

		if (ACTOR__RARELY(asked)) {
			enum outcome outcome = attend(fiber, asked);

			if (outcome != GO_ON)
				return outcome;
			continue;
		}
		envelope = actor__channel_pop(channel);
		if (envelope) {
			handle(fiber, envelope);
			if (ACTOR__RARELY(--fiber->n_until_asked < 0) && turn_is_over(fiber) &&
			    actor__channel_any(channel))
				return YIELDED;
		} else if (ACTOR__RARELY(atomic_load(&actor->n_strong) == 0)) {
			if (actor__channel_close_empty(channel))
				return stop(fiber);
		} else {
			count_turn(fiber);
			if (actor__channel_idle(channel))
				return IDLE;
		} /* if not, somebody has pushed, or nudged: look again */
	}
}

/* The fiber of a handler that waits, and whose turn it is now; or NULL. */
static struct actor__fiber *suspended(struct actor__actor *actor)
{
	/* Relaxed: whoever scheduled the task has seen it. */
	return atomic_load_explicit(&actor->suspended, memory_order_relaxed);
}

static enum actor_ended how_ended(enum outcome outcome)
{
	if (outcome == FAILED)
		return ACTOR_ENDED_FAILED;
	return outcome == STOPPED ? ACTOR_ENDED_STOPPED : ACTOR_ENDED_CANCELLED;
}

ACTOR__INLINE void take_up(struct actor__fiber *fiber, struct actor__actor *actor)
{
	/* Relaxed: see actor__fiber_actor(). */
	atomic_store_explicit(&fiber->actor, actor, memory_order_relaxed);
}

/* Run an actor on a fiber that has nothing in hand, the one the thread is on; or leave it for the
 * one that the actor has. */
ACTOR__INLINE void run_on(struct actor__fiber *fiber, struct actor__actor *actor)
{
	struct actor__thread *thread = fiber->context.thread;
	enum outcome outcome;

	if (suspended(actor)) {
		actor__fiber_switch(thread, suspended(actor), ACTOR__FREE);
		return;
	}
	take_up(fiber, actor);
	outcome = activate(fiber);
	take_up(fiber, NULL);
	thread = fiber->context.thread;
	if (outcome == YIELDED)
		actor__actor_schedule(actor, thread,
				      actor__others_wait(actor->executor, thread) ? ACTOR__LATER
										  : ACTOR__ALONE);
	else if (outcome != IDLE)
		actor__mailbox_end(actor, how_ended(outcome));
}

/* What a fiber is entered for, then what its thread has to run. */
static struct actor__task *next_task(struct actor__thread *thread)
{
	struct actor__task *given = thread->given;

	if (ACTOR__RARELY(given)) {
		thread->given = NULL;
		return given;
	}
	return thread->next ? thread->next(thread) : NULL;
}

_Noreturn void actor__fiber_main(void)
{
	struct actor__fiber *fiber = actor__thread()->fiber;

	for (;;) {
		struct actor__thread *thread = fiber->context.thread;
		struct actor__task *task = next_task(thread);

		if (task)
			run_on(fiber, actor_of(task));
		else
			actor__fiber_switch(thread, thread->base, ACTOR__FREE);
	}
}

/* There is no stack to run it on. */
static ACTOR__OUT_OF_LINE void do_without(struct actor__actor *actor)
{
	if (!actor__actor_is_cancelled(actor)) {
		actor__starved_add(actor->executor, &actor->task);
		return;
	}
	if (actor__has_intake(actor))
		actor__intake_awake(actor);
	actor__mailbox_end(actor, ACTOR_ENDED_CANCELLED);
}

void actor__actor_run(struct actor__task *task)
{
	struct actor__thread *thread = actor__thread();
	struct actor__fiber *fiber = suspended(actor_of(task));

	assert(thread->fiber == thread->base);
	if (!fiber && (fiber = actor__fiber_get(thread)))
		thread->given = task;
	if (fiber)
		actor__fiber_switch(thread, fiber, ACTOR__BASE);
	else
		do_without(actor_of(task));
}

void actor__fiber_left(struct actor__thread *thread, struct actor__fiber *fiber,
		       enum actor__leaving how)
{
	struct actor__actor *actor = actor__fiber_actor(fiber);

	switch (how) {
	case ACTOR__FREE:
		actor__fiber_put(thread, fiber);
		break;
	case ACTOR__SUSPENDED:
		if (!actor__park_commit(&fiber->context.parker))
			actor__actor_schedule(actor, thread, ACTOR__SOON);
		break;
	case ACTOR__PAUSED:
		actor__actor_schedule(actor, thread,
				      fiber->in_haste ? ACTOR__QUIETLY : ACTOR__LATER);
		break;
	case ACTOR__FAILED:
		put_down_failed(fiber);
		take_up(fiber, NULL);
		actor__fiber_restart(fiber);
		actor__fiber_put(thread, fiber);
		actor__mailbox_end(actor, ACTOR_ENDED_FAILED);
		break;
	case ACTOR__BASE:
		break;
	}
}
