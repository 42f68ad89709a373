/* SPDX-License-Identifier: MIT */

/*
 * Deadlocks: one of those who wait for each other is told. How they are found is in
 * deadlock-look.c.
 *
 * In what is left, from anyone on who waits for whom leads into a circle. In it, a reply that is in
 * somebody's hands was there before that one began to wait; so the wait that has closed it is one
 * of the others, and one of these is told. What it has to hear it finds in its context, which is
 * the looker's as long as it is frozen, and so is its executor, whose business the report is; it
 * stays so until log and report have been told.
 *
 * One look at a time, in the whole process.
 */

#include "deadlock.h"

#include "actor.h"
#include "deadlock-look.h"
#include "log.h"
#include "util/memory.h"

#include <actor-iface/error.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define LOOK_NS 5000000	  /* 5 ms */
#define SHARE 100	  /* of the time, looks take one part in so many, */
#define MOST_NS 100000000 /* unless that would be more seldom than this: 100 ms */
#define N_TEXT 1000

static pthread_mutex_t looking = PTHREAD_MUTEX_INITIALIZER;

/* A deadlock that was found, and who is to hear of it. */
struct found {
	struct actor__fiber *fiber;
	struct actor_deadlock deadlock;
	size_t n_text;
	char text[N_TEXT];
};

/* ---- who is told ---- */

/* With numbers, here and below, so that a simulation finds the same one each time. */
static struct actor__fiber *any_stuck(struct actor__look *look)
{
	struct actor__fiber *best = NULL;

	for (struct actor__fiber *fiber = look->first; fiber; fiber = fiber->knot.next)
		if (fiber->knot.is_stuck &&
		    (!best || actor__fiber_actor(fiber)->number > actor__fiber_actor(best)->number))
			best = fiber;
	return best;
}

/* Somebody in a circle. */
static struct actor__fiber *into_circle(struct actor__fiber *fiber)
{
	while (!fiber->knot.is_passed) {
		fiber->knot.is_passed = true;
		fiber = fiber->knot.edge.to;
	}
	return fiber;
}

/* Of its executor, which stays as long as the handler does. */
static const struct actor__deadlocks *deadlocks_of(const struct actor__fiber *fiber)
{
	return &actor__fiber_actor(fiber)->executor->deadlocks;
}

static enum actor_deadlock_mode mode_of(const struct actor__fiber *fiber)
{
	return deadlocks_of(fiber)->mode;
}

/* Who would rather be told: who fails, or at least reports it, and may have been the last to wait.
 */
static bool is_better(const struct actor__fiber *fiber, const struct actor__fiber *than)
{
	if (mode_of(fiber) != mode_of(than))
		return mode_of(fiber) < mode_of(than);
	if ((fiber->knot.edge.what == ACTOR__FOR_WHAT_IS_IN_HAND) !=
	    (than->knot.edge.what == ACTOR__FOR_WHAT_IS_IN_HAND))
		return than->knot.edge.what == ACTOR__FOR_WHAT_IS_IN_HAND;
	if (fiber->knot.is_new != than->knot.is_new)
		return fiber->knot.is_new;
	return actor__fiber_actor(fiber)->number > actor__fiber_actor(than)->number;
}

static struct actor__fiber *choose(struct actor__fiber *first)
{
	struct actor__fiber *best = first, *fiber = first;

	while ((fiber = fiber->knot.edge.to) != first)
		if (is_better(fiber, best))
			best = fiber;
	return best;
}

/* What does not fit is left out. */
ACTOR__PRINTF(2, 3) static void append(struct found *found, const char *format, ...)
{
	va_list arguments;
	int n;

	va_start(arguments, format);
	n = vsnprintf(found->text + found->n_text, N_TEXT - found->n_text, format, arguments);
	va_end(arguments);
	if (n > 0)
		found->n_text += (size_t)n;
	if (found->n_text >= N_TEXT)
		found->n_text = N_TEXT - 1;
}

static void append_actor(struct found *found, const struct actor__actor *actor)
{
	struct actor_info info = actor__actor_info(actor);

	append(found, "%s(id %llu)", info.name[0] ? info.name : info.type,
	       (unsigned long long)info.identity.number);
}

static const struct actor_message_type *type_of_wait(const struct actor__edge *edge)
{
	return edge->what == ACTOR__FOR_WHAT_IS_QUEUED
		       ? actor__look_queued_type(edge->to, edge->reply)
		       : edge->type;
}

static void append_wait(struct found *found, const struct actor__fiber *fiber)
{
	const struct actor__edge *edge = &fiber->knot.edge;

	if (edge->what == ACTOR__FOR_PERMIT)
		append(found, " waits for a permit that depends on ");
	else
		append(found,
		       edge->what == ACTOR__FOR_FULL ? " waits for room for '%s' in "
						     : " awaits '%s' of ",
		       type_of_wait(edge)->name);
	if (edge->to == fiber)
		append(found, "itself");
	else
		append_actor(found, actor__fiber_actor(edge->to));
}

static void init_found(struct found *found, struct actor__fiber *fiber,
		       const struct actor_message_type *type)
{
	found->fiber = fiber;
	found->n_text = 0;
	found->deadlock = (struct actor_deadlock){
		.size = sizeof found->deadlock,
		.text = found->text,
		.actor = actor__actor_info(actor__fiber_actor(fiber)),
		.message_type = type ? type->name : NULL,
		.n_actors = 1,
		.fails = mode_of(fiber) == ACTOR_DEADLOCKS_FAIL,
	};
	append(found, "deadlock: ");
	append_actor(found, actor__fiber_actor(fiber));
}

static void describe(struct found *found, struct actor__fiber *first)
{
	struct actor__fiber *fiber = first;

	init_found(found, first, type_of_wait(&first->knot.edge));
	append_wait(found, first);
	while ((fiber = fiber->knot.edge.to) != first) {
		append(found, ", which");
		append_wait(found, fiber);
		found->deadlock.n_actors++;
	}
}

/* It is on the stack of a handler, or that is frozen. */
static void note_error(const struct found *found)
{
	struct actor_error *error = &found->fiber->context.error;

	actor__error_init(error, ACTOR_E_DEADLOCK, &found->deadlock.actor,
			  found->deadlock.message_type);
	actor__copy_text(error->text, sizeof error->text, found->text);
}

/* Nobody of those who are told of nothing: what was found is then only known. */
static void tell(const struct found *found)
{
	const struct actor__deadlocks *deadlocks = deadlocks_of(found->fiber);

	if (deadlocks->mode == ACTOR_DEADLOCKS_IGNORE)
		return;
	actor__log_text(ACTOR_LOG_ERROR, &found->deadlock.actor, found->deadlock.message_type,
			found->text);
	if (deadlocks->report)
		deadlocks->report(deadlocks->user, &found->deadlock);
}

/* ---- looking ---- */

/* With the lock: whether there is a deadlock, of which one is still frozen. */
static bool find(struct actor__look *look, struct found *ret_found)
{
	struct actor__fiber *fiber;

	actor__look_begin(look);
	fiber = any_stuck(look);
	if (fiber) {
		fiber = choose(into_circle(fiber));
		describe(ret_found, fiber);
	}
	actor__look_end(look, fiber);
	return fiber;
}

/* Nobody but us has it frozen. */
static void end_wait(const struct found *found)
{
	if (!found->deadlock.fails) {
		actor__park_thaw(&found->fiber->context.parker);
		return;
	}
	note_error(found);
	found->fiber->waits_in_vain = true;
	actor__park_thaw_woken(&found->fiber->context.parker);
}

/* Find one: whether there was one. What all others had to wait for meanwhile is added to @took_ns.
 */
static bool look_once(struct actor_executor *executor, bool at_once, bool *any_young,
		      int64_t *took_ns)
{
	struct actor__look look = { .executor = executor, .at_once = at_once };
	struct found found;
	int64_t begun_ns;
	bool any = false;

	pthread_mutex_lock(&looking);
	begun_ns = actor__now();
	if (actor__look_any_due(&look))
		any = find(&look, &found);
	*took_ns += actor__now() - begun_ns;
	pthread_mutex_unlock(&looking);
	*any_young |= look.any_young || look.any_promised;
	if (any) {
		tell(&found);
		end_wait(&found);
	}
	return any;
}

/* The thread will look around, as if somebody had begun to wait there. */
static void look_when_idle(struct actor__thread *thread)
{
	if (thread->until_look == thread->looks_every)
		thread->until_look--;
}

bool actor__deadlocks_look_idle(struct actor__thread *thread, struct actor_executor *executor)
{
	bool any_young = false, any = false;
	int64_t took_ns = 0; /* which is nobody's time there */

	if (thread->until_look == thread->looks_every ||
	    executor->deadlocks.mode == ACTOR_DEADLOCKS_IGNORE)
		return false;
	actor__deadlocks_look_every(thread, thread->looks_every);
	while (look_once(executor, true, &any_young, &took_ns))
		any = true;
	if (any_young)
		look_when_idle(thread);
	return any;
}

/* ---- when to look ---- */

static void arm(struct actor_executor *executor, int64_t at_ns)
{
	struct actor__deadlocks *deadlocks = &executor->deadlocks;

	/* An exchange, also where it is taken back: who finds it armed has its wait seen. */
	if (deadlocks->mode != ACTOR_DEADLOCKS_IGNORE && !atomic_exchange(&deadlocks->armed, true))
		actor__executor_arm(executor, &deadlocks->timer, at_ns);
}

static int64_t next_ns(const struct actor__deadlocks *deadlocks)
{
	/* Relaxed: whoever has the timer writes them. */
	return atomic_load_explicit(&deadlocks->looked_ns, memory_order_relaxed) +
	       atomic_load_explicit(&deadlocks->every_ns, memory_order_relaxed);
}

static void arm_soon(struct actor_executor *executor)
{
	int64_t soon = actor__executor_now(executor) + LOOK_NS,
		next = next_ns(&executor->deadlocks);

	arm(executor, soon > next ? soon : next);
}

void actor__deadlocks_some_wait(struct actor__thread *thread, struct actor_executor *executor)
{
	actor__deadlocks_look_every(thread, thread->looks_every);
	arm_soon(executor);
}

void actor__deadlocks_many_wait(struct actor__thread *thread, struct actor_executor *executor)
{
	int64_t now = 0;

	actor__deadlocks_look_every(thread, thread->looks_every);
	if (thread->looks_every == 1)
		arm_soon(executor);
	else if (executor->deadlocks.when_idle ||
		 (now = actor__executor_now(executor)) < next_ns(&executor->deadlocks))
		look_when_idle(thread); /* they are not forgotten */
	else
		arm(executor, now); /* until then, each look at the timers is one at the clock */
}

static void fire(struct actor__timer *timer)
{
	(void)timer;
}

/* How long after looks that took so long together the next one may come. */
static int64_t pause_after(int64_t took_ns)
{
	if (took_ns > MOST_NS / SHARE)
		return MOST_NS;
	return took_ns > LOOK_NS / SHARE ? took_ns * SHARE : LOOK_NS;
}

static void run(struct actor__timer *timer, int64_t now_ns)
{
	struct actor__deadlocks *deadlocks = ACTOR_CONTAINER_OF(timer, struct actor__deadlocks,
								timer);
	struct actor_executor *executor = ACTOR_CONTAINER_OF(deadlocks, struct actor_executor,
							     deadlocks);
	struct actor__thread *thread = actor__thread();
	int64_t took_ns = 0;
	bool any_young = false;

	atomic_store_explicit(&timer->fired, false, memory_order_relaxed);
	atomic_exchange(&deadlocks->armed, false);
	while (look_once(executor, false, &any_young, &took_ns))
		;
	/* Relaxed: see next_ns(). */
	atomic_store_explicit(&deadlocks->looked_ns, now_ns, memory_order_relaxed);
	atomic_store_explicit(&deadlocks->every_ns, pause_after(took_ns), memory_order_relaxed);
	if (any_young && thread->looks_every == 1)
		arm_soon(executor);
	else if (any_young)
		look_when_idle(thread);
}

static const struct actor__timer_kind looks = { .fire = fire, .run = run };

void actor__deadlocks_init(struct actor__deadlocks *deadlocks)
{
	deadlocks->timer.kind = &looks;
	atomic_init(&deadlocks->every_ns, LOOK_NS);
}

/* ---- what others call ---- */

void actor__deadlocks_moved(struct actor__fiber *fiber)
{
	uintptr_t look;

	if (actor__thread()->fiber == fiber) /* it has only just posted it */
		return;
	/* Nothing is added. Release: if the wait has not been examined, it will be after this, by
	 * somebody who sees where the reply is now. */
	look = atomic_fetch_add_explicit(&fiber->look, 0, memory_order_acq_rel);
	if (actor__looked(look) != ACTOR__LOOK_FIRST)
		actor__wake(&fiber->context.parker);
}

int actor__deadlocks_itself(struct actor__fiber *fiber, const struct actor_message_type *type)
{
	struct found found;

	if (mode_of(fiber) != ACTOR_DEADLOCKS_FAIL)
		return 0;
	init_found(&found, fiber, type);
	append(&found, " awaits '%s' of itself", type->name);
	tell(&found);
	note_error(&found);
	return ACTOR_E_DEADLOCK;
}

int actor_executor_set_deadlocks(struct actor_executor *executor,
				 const struct actor_deadlock_options *given)
{
	struct actor_deadlock_options options;
	bool is_quiet;

	if (!actor__options_read(&options, sizeof options, given) ||
	    options.mode > ACTOR_DEADLOCKS_IGNORE)
		return ACTOR_E_INVALID;
	pthread_mutex_lock(&executor->lock);
	is_quiet = actor__executor_quiet(executor);
	if (is_quiet) {
		executor->deadlocks.mode = options.mode;
		executor->deadlocks.report = options.report;
		executor->deadlocks.user = options.user;
	}
	pthread_mutex_unlock(&executor->lock);
	return is_quiet ? 0 : ACTOR_E_BUSY;
}
