/* SPDX-License-Identifier: MIT */

/*
 * The monitor of a runtime: every tick it looks at what members have in hand.
 *
 * It goes over all stacks, not over all members: on each the actor is named whose turn that is, and
 * an actor counts what it takes up. So whoever is found with the same count at one tick after the
 * other has had the same thing in hand since the first of them; and nobody who handles messages has
 * anything to do with it. Who waits counts that, so that a wait between two ticks is seen as well.
 * What is found on a stack is only compared until a member, whose memory is held, turns out to be
 * meant.
 *
 * A handler that was taken up just after one tick is seen at the next, and is found to be too long
 * in hand at the first tick after the limit: late by two ticks at most. It is never too early:
 * since when it has something in hand is asked after it was seen, and what time a tick is before,
 * however long the look in between takes. (Only one that ends within a few instructions before its
 * limit, while its actor is taken up again, may be mistaken for one that goes on.)
 *
 * On real executors the ticks come from a thread, because those of the executor may be what is
 * stuck; where time is virtual, from a timer.
 */

#include "runtime.h"

#include "actor.h"
#include "dead-letter.h"
#include "fiber.h"
#include "log.h"
#include "thread.h"
#include "util/step.h"

#include <signal.h>
#include <stdio.h>

#define FIBERS_A_TIME 256  /* then others get the lock */
#define MEMBERS_A_TICK 256 /* whose queues are looked at */
#define LETTERS_NS INT64_C(1000000000)

static struct actor__member *busy_member(struct actor__link *link)
{
	return ACTOR_CONTAINER_OF(link, struct actor__member, busy);
}

static void leave_busy(struct actor__member *member)
{
	actor__link_take(&member->busy);
	actor__links_init(&member->busy);
}

void actor__monitor_forget(struct actor__member *member)
{
	leave_busy(member);
	actor__link_take(&member->turn);
}

/* ---- what is in hand */

void actor__runtime_look(struct actor_runtime *runtime,
			 void (*see)(struct actor__member *member, int64_t now_ns), int64_t now_ns)
{
	struct actor__fiber *fiber = actor__fibers();

	for (unsigned n = 1; fiber; fiber = actor__fiber_older(fiber), n++) {
		/* Relaxed: a member's actor is held, so it is none that was there before; and who
		 * is just coming or going is not looked at closely. */
		struct actor__actor *actor = actor__fiber_actor(fiber);
		struct actor__member *member = actor ? actor__member_of(runtime, actor) : NULL;

		if (member) {
			member->fiber = fiber;
			see(member, now_ns);
		}
		if (n % FIBERS_A_TIME == 0) {
			actor__runtime_unlock(runtime);
			ACTOR__STEP(look);
			actor__runtime_lock(runtime);
		}
	}
}

static int64_t clock_of(const struct actor__member *member)
{
	return actor__executor_now(member->runtime->executor);
}

static uint32_t n_popped(const struct actor__member *member)
{
	/* Acquire: what time it is, is asked after that. */
	return atomic_load_explicit(&member->actor->channel.n_popped, memory_order_acquire);
}

static void become_healthy(struct actor__member *member)
{
	if (!member->story.is.unhealthy)
		return;
	member->story.is.unhealthy = false;
	actor__member_news(member);
}

/* It has not had that in hand at the tick before. */
static void begin_with(struct actor__member *member)
{
	become_healthy(member);
	member->n_popped = n_popped(member);
	member->since_ns = member->runs_since_ns = clock_of(member);
	member->overruns = false;
	actor__link_take(&member->busy);
	actor__link_before(&member->runtime->busy, &member->busy);
}

static void note(struct actor__member *member, int64_t age_ns)
{
	struct actor__story *story = &member->story;

	actor__copy_text(story->in_hand, sizeof story->in_hand,
			 actor__fiber_in_hand(member->fiber, member->actor));
	story->age_ns = age_ns;
	actor__member_news(member);
}

/* Whether it has waited, or let others go first, since the tick before. Who still does will have
 * done so at the next one, too: so it runs from there on, or from later. */
static bool has_waited(struct actor__member *member)
{
	/* Acquire, both: what time it is, is asked after that. */
	bool waits = atomic_load_explicit(&member->actor->suspended, memory_order_acquire) != NULL;
	unsigned n = atomic_load_explicit(&member->fiber->n_waits, memory_order_acquire);
	bool has = waits || n != member->n_waits;

	member->n_waits = n - waits;
	return has;
}

/* At a tick that began at @now_ns, which may be before it has begun with that. */
static void see_busy(struct actor__member *member, int64_t now_ns)
{
	const struct actor_runtime *runtime = member->runtime;
	struct actor__told *is = &member->story.is;

	if (member->tick + 1 != runtime->n_ticks || member->n_popped != n_popped(member))
		begin_with(member);
	member->tick = runtime->n_ticks;
	if (has_waited(member))
		member->runs_since_ns = clock_of(member);
	if (!is->unhealthy && now_ns - member->since_ns >= runtime->options.limit_ns) {
		is->unhealthy = true;
		note(member, now_ns - member->since_ns);
	}
	if (!member->overruns && now_ns - member->runs_since_ns >= runtime->options.watchdog_ns) {
		member->overruns = true;
		is->n_overruns++;
		note(member, now_ns - member->runs_since_ns);
	}
}

/* Those that were busy at the tick before, and not at this one. */
static void see_idle(struct actor_runtime *runtime)
{
	struct actor__link *link = runtime->busy.next;

	while (link != &runtime->busy) {
		struct actor__member *member = busy_member(link);

		link = link->next;
		if (member->tick == runtime->n_ticks)
			continue;
		become_healthy(member);
		leave_busy(member);
	}
}

/* ---- how old what is queued is */

/* What is taken between the looks is counted among those that have been, so that none of those that
 * are marked has come later. */
static void mark(struct actor__member *member)
{
	uint32_t n = n_popped(member);
	size_t n_queued = actor__channel_length(&member->actor->channel);

	if (n_queued == 0) {
		member->mark_ns = 0;
	} else if (member->mark_ns == 0 || (int32_t)(n - member->n_marked) >= 0) {
		member->mark_ns = clock_of(member);
		member->n_marked = n + (uint32_t)n_queued;
	}
}

/* Some of them, in turn. */
static void mark_some(struct actor_runtime *runtime)
{
	struct actor__link *last = runtime->turns.previous, *link;
	unsigned n = 0;

	do {
		link = actor__links_first(&runtime->turns);
		if (!link)
			return;
		mark(ACTOR_CONTAINER_OF(link, struct actor__member, turn));
		actor__link_take(link);
		actor__link_before(&runtime->turns, link);
	} while (link != last && ++n < MEMBERS_A_TICK);
}

/* ---- dead letters */

static int64_t count_letters(void)
{
	struct actor_counts counts;

	actor_counts_get(&counts);
	return counts.dead_letters;
}

/* If there are any since this was asked last. */
static void report_letters(struct actor_runtime *runtime)
{
	struct actor_error last;
	struct actor_info info;
	int64_t n = count_letters() - runtime->n_letters;
	char text[80];

	runtime->n_letters += n;
	if (n <= 0)
		return;
	last = actor__dead_letter_last();
	info = (struct actor_info){ last.identity, last.actor_name, last.actor_type };
	snprintf(text, sizeof text, "%lld dead letters, of which this is the last", (long long)n);
	actor__log_text(ACTOR_LOG_WARNING, last.identity.domain ? &info : NULL, last.message_type,
			text);
}

/* ---- ticks */

static void tick(struct actor_runtime *runtime)
{
	int64_t now_ns;

	actor__runtime_lock(runtime);
	now_ns = actor__executor_now(runtime->executor);
	runtime->n_ticks++;
	ACTOR__STEP(tick);
	actor__runtime_look(runtime, see_busy, now_ns);
	see_idle(runtime);
	mark_some(runtime);
	actor__listeners_check(runtime);
	actor__runtime_unlock(runtime);
	actor__runtime_deliver(runtime);
	if (now_ns - runtime->letters_ns < LETTERS_NS)
		return;
	runtime->letters_ns = now_ns;
	report_letters(runtime);
}

/* Without drift; ticks that have been missed are not made up for. */
static int64_t after(const struct actor_runtime *runtime, int64_t at_ns)
{
	int64_t now_ns = actor__executor_now(runtime->executor), next_ns = at_ns + runtime->tick_ns;

	return next_ns > now_ns ? next_ns : now_ns + runtime->tick_ns;
}

/* With the lock held, which is let go of: false when there are to be no more ticks. The executor's
 * clock may be another than the one that threads sleep by, and slower. */
static bool wait_until(struct actor_runtime *runtime, int64_t next_ns)
{
	struct actor_executor *executor = runtime->executor;

	while (!runtime->ends && !actor__executor_passed(executor, next_ns))
		actor__cond_wait_until(&runtime->wake, &runtime->lock,
				       actor__executor_to_monotonic(executor, next_ns));
	return !runtime->ends;
}

static void *monitor_main(void *user)
{
	struct actor_runtime *runtime = user;
	int64_t next_ns = runtime->next_ns;

	actor__runtime_lock(runtime);
	while (wait_until(runtime, next_ns)) {
		actor__runtime_unlock(runtime);
		tick(runtime);
		next_ns = after(runtime, next_ns);
		actor__runtime_lock(runtime);
	}
	actor__runtime_unlock(runtime);
	return NULL;
}

static int begin_thread(struct actor_runtime *runtime)
{
	sigset_t all, before;
	int rc;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	rc = pthread_create(&runtime->thread, NULL, monitor_main, runtime);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return rc == 0 ? 0 : ACTOR_E_SYSTEM;
}

/* NULL: it is real. */
static struct actor__timers *virtual_time(const struct actor_runtime *runtime)
{
	struct actor_executor *executor = runtime->executor;

	return executor->ops->background ? executor->ops->background(executor) : NULL;
}

static struct actor_runtime *runtime_of(struct actor__timer *timer)
{
	return ACTOR_CONTAINER_OF(timer, struct actor_runtime, ticker);
}

static void ticker_fired(struct actor__timer *timer)
{
	actor__runtime_hold(runtime_of(timer));
}

static void ticker_run(struct actor__timer *timer, int64_t now_ns)
{
	struct actor_runtime *runtime = runtime_of(timer);

	(void)now_ns;
	/* Relaxed: all this is on one thread. */
	if (atomic_exchange_explicit(&timer->fired, false, memory_order_relaxed)) {
		tick(runtime);
		runtime->next_ns = after(runtime, runtime->next_ns);
		actor__timer_arm(virtual_time(runtime), timer, runtime->next_ns);
	}
	actor__runtime_release(runtime);
}

static const struct actor__timer_kind tickers = { .fire = ticker_fired, .run = ticker_run };

int actor__monitor_begin(struct actor_runtime *runtime)
{
	int rc = 0;

	runtime->next_ns = actor__executor_now(runtime->executor) + runtime->tick_ns;
	runtime->letters_ns = runtime->next_ns;
	runtime->n_letters = count_letters();
	if (virtual_time(runtime)) {
		runtime->ticker.kind = &tickers;
		actor__timer_arm(virtual_time(runtime), &runtime->ticker, runtime->next_ns);
	} else {
		rc = begin_thread(runtime);
	}
	runtime->has_monitor = rc == 0;
	return rc;
}

static void end_thread(struct actor_runtime *runtime)
{
	actor__runtime_lock(runtime);
	runtime->ends = true;
	pthread_cond_signal(&runtime->wake);
	actor__runtime_unlock(runtime);
	pthread_join(runtime->thread, NULL);
}

void actor__monitor_end(struct actor_runtime *runtime)
{
	if (!runtime->has_monitor)
		return;
	if (virtual_time(runtime))
		actor__timer_disarm(virtual_time(runtime), &runtime->ticker);
	else
		end_thread(runtime);
	report_letters(runtime);
}
