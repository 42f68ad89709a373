/* SPDX-License-Identifier: MIT */

/*
 * Who waits for a stack, because there was no memory for one more.
 *
 * A handler that waits keeps its stack, and goes on without another one; what needs a fresh one,
 * and cannot have it, is an actor that is to be run. It stands in line here, instead of with the
 * executor, which so has nothing to do on account of it, and sleeps. It is taken out, before who
 * came later, by
 *
 *	- a thread of the executor that has a stack and nothing else to run. One that sleeps with a
 *	  stack is woken for it (a pool's; where there is one thread, that is awake);
 *	- a timer, after pauses that grow: memory may be there again, or all threads be busy;
 *	- who closes the executor: to end, cancelled, needs no stack.
 *
 * If none of these has helped any of them for about a second, in which nothing ran, and no handler
 * waited only until a deadline, there is little hope: the handlers that have the stacks may well
 * wait for just these actors. So the first one fails, as if by its handler, and whoever waits for
 * it is told by what such a failure brings; then, if that was of no avail, the next one. That is
 * counted in times that were tried, not read off a clock: a process that was stopped meanwhile has
 * not tried. Timers that only send messages do not count: they give no stack back.
 *
 * All of it is under the executor's lock, which is taken before those of its timers and of a pool.
 * Without it only @n is read, as a hint: who misses somebody there comes again by the timer.
 */

#include "starved.h"

#include "actor.h"
#include "executor.h"
#include "fiber.h"
#include "intake.h"
#include "log.h"
#include "thread.h"

#define LEAST_PAUSE_NS 1000000	/* 1 ms */
#define MOST_PAUSE_NS 128000000 /* 128 ms */
#define MOST_VAIN 14		/* with these pauses, 1 s */

static bool has_stack(const struct actor__thread *thread)
{
	return thread->spare ||
	       (thread->fiber != thread->base && !actor__fiber_actor(thread->fiber));
}

static bool can_have_stack(struct actor__thread *thread)
{
	if (!has_stack(thread))
		thread->spare = actor__fiber_take();
	return has_stack(thread);
}

bool actor__starved_waits(const struct actor_executor *executor, const struct actor__thread *thread)
{
	return actor__starved_any(&executor->starved) && has_stack(thread);
}

/* ---- the line; under the executor's lock ---- */

static void arm(struct actor_executor *executor)
{
	struct actor__starved *starved = &executor->starved;

	if (starved->first)
		actor__executor_arm(executor, &starved->timer,
				    actor__executor_now(executor) + starved->pause_ns);
}

static void begin_anew(struct actor_executor *executor)
{
	executor->starved.n_vain = 0;
	executor->starved.pause_ns = LEAST_PAUSE_NS;
	arm(executor);
}

static void append(struct actor_executor *executor, struct actor__task *task)
{
	struct actor__starved *starved = &executor->starved;
	bool is_first = !starved->first;

	task->next = NULL;
	*starved->end = task;
	starved->end = &task->next;
	atomic_fetch_add_explicit(&starved->n, 1, memory_order_relaxed);
	if (is_first)
		begin_anew(executor);
}

/* The one at @link, which is there. */
static struct actor__task *take_out(struct actor_executor *executor, struct actor__task **link)
{
	struct actor__starved *starved = &executor->starved;
	struct actor__task *task = *link;

	*link = task->next;
	if (!task->next)
		starved->end = link;
	atomic_fetch_sub_explicit(&starved->n, 1, memory_order_relaxed);
	if (!starved->first)
		actor__timer_disarm(&executor->timers, &starved->timer);
	return task;
}

static struct actor__task *take_first(struct actor_executor *executor)
{
	struct actor__task **first = &executor->starved.first;

	return *first ? take_out(executor, first) : NULL;
}

static struct actor__actor *actor_of(struct actor__task *task)
{
	return ACTOR_CONTAINER_OF(task, struct actor__actor, task);
}

/* Who only has to end needs no stack. */
static void schedule_cancelled(struct actor_executor *executor)
{
	struct actor__task **link = &executor->starved.first;

	while (*link)
		if (actor__actor_is_cancelled(actor_of(*link)))
			actor__actor_schedule(actor_of(take_out(executor, link)), actor__thread(),
					      ACTOR__SOON);
		else
			link = &(*link)->next;
}

/* Whether somebody who has a stack waits no longer than until a deadline: it comes back by itself.
 * What is relaxed there is looked at again the next time. */
static bool one_comes_back(const struct actor_executor *executor)
{
	const struct actor__fiber *fiber = actor__fibers();

	while (fiber && atomic_load_explicit(&fiber->deadline_on, memory_order_relaxed) != executor)
		fiber = actor__fiber_older(fiber);
	return fiber;
}

/* Have others look: whether there are any who might see to it by themselves. */
static bool tell_others(struct actor_executor *executor)
{
	return executor->ops->starved && executor->ops->starved(executor);
}

/* ---- who needs a stack, and who has one ---- */

void actor__starved_add(struct actor_executor *executor, struct actor__task *task)
{
	/* All with the lock: once the actor can be taken, it can end, and the executor with it. */
	pthread_mutex_lock(&executor->lock);
	append(executor, task);
	tell_others(executor);
	pthread_mutex_unlock(&executor->lock);
}

struct actor__task *actor__starved_take_all(struct actor_executor *executor)
{
	struct actor__task *first;

	pthread_mutex_lock(&executor->lock);
	first = executor->starved.first;
	while (executor->starved.first)
		take_first(executor);
	pthread_mutex_unlock(&executor->lock);
	return first;
}

struct actor__task *actor__starved_take(struct actor_executor *executor,
					struct actor__thread *thread)
{
	struct actor__task *task;

	if (!actor__starved_any(&executor->starved) || !can_have_stack(thread))
		return NULL;
	pthread_mutex_lock(&executor->lock);
	task = take_first(executor);
	if (task)
		begin_anew(executor);
	pthread_mutex_unlock(&executor->lock);
	return task;
}

/* ---- trying again ---- */

static void fail(struct actor__actor *actor)
{
	static const struct actor_failure failure = {
		.size = sizeof failure,
		.text = "cannot be run: there is no memory for a stack",
	};
	struct actor_info info = actor__actor_info(actor);

	if (actor__has_intake(actor))
		actor__intake_awake(actor);
	actor->fault = actor__fault_create(&failure, NULL);
	actor__log_text(ACTOR_LOG_ERROR, &info, NULL, failure.text);
	actor__mailbox_end(actor, ACTOR_ENDED_FAILED);
}

/* Nobody can be run: who is to fail, or NULL. */
static struct actor__task *wait_on(struct actor_executor *executor)
{
	struct actor__starved *starved = &executor->starved;
	struct actor__task *task = NULL;

	pthread_mutex_lock(&executor->lock);
	schedule_cancelled(executor);
	if (starved->pause_ns < MOST_PAUSE_NS)
		starved->pause_ns *= 2;
	if (!tell_others(executor) && !one_comes_back(executor) && ++starved->n_vain >= MOST_VAIN)
		task = take_first(executor);
	arm(executor);
	pthread_mutex_unlock(&executor->lock);
	return task;
}

static void fired(struct actor__timer *timer)
{
	(void)timer; /* what follows takes locks */
}

static void try_again(struct actor__timer *timer, int64_t now_ns)
{
	struct actor_executor *executor = ACTOR_CONTAINER_OF(timer, struct actor_executor,
							     starved.timer);
	struct actor__thread *thread = actor__thread();
	struct actor__task *task;

	(void)now_ns;
	if (!atomic_exchange_explicit(&timer->fired, false, memory_order_relaxed))
		return;
	task = actor__starved_take(executor, thread);
	if (task)
		actor__actor_schedule(actor_of(task), thread, ACTOR__SOON);
	else if ((task = wait_on(executor)))
		fail(actor_of(task));
}

static const struct actor__timer_kind tries = { .fire = fired, .run = try_again };

void actor__starved_init(struct actor__starved *starved)
{
	starved->timer.kind = &tries;
	starved->end = &starved->first;
}
