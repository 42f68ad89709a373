/* SPDX-License-Identifier: MIT */

/*
 * Monitors. What happens to the actor is told under its latch (watch.c), which guards the story.
 * Whoever tells then arms the monitor's timer, due at once, and a thread of its executor has the
 * herald tell: as in timer.c, with the turn in hand, so that to destroy the monitor is to wait
 * until a notice that is being sent has been.
 *
 * A notice that finds no room waits in line, without a thread; one for which there is no memory is
 * sent again after a while.
 *
 * The memory is held by whoever owns the monitor, and by the thread that has taken its timer to
 * fire it. The actor's memory is held by the monitor.
 */

#include "actor.h"
#include "executor.h"
#include "notice.h"
#include "util/memory.h"
#include "watch.h"

#include <actor-impl/monitor.h>
#include <stdlib.h>

/* When there was no memory to send a notice, it is tried again after that time. */
#define RETRY_NS 10000000

/**
 * struct actor_monitor
 * @node:      in the executor's timers
 * @executor:  where it sends
 * @of:        the actor that is watched
 * @n_holders: of its memory
 * @turn:      see above
 * @ended:     with the turn: there is nothing more to send
 * @herald:    with the turn
 * @watcher:   told what happens
 * @story:     of the actor, under its latch
 */
struct actor_monitor {
	struct actor__timer node;
	struct actor_executor *executor;
	struct actor__actor *of;
	atomic_uint n_holders;
	struct actor__latch turn;
	bool ended;
	struct actor__herald herald;
	struct actor__watcher watcher;
	struct actor__story story;
};

static void release(struct actor_monitor *monitor)
{
	/* Release: what was done with the memory comes before it goes; acquire: for the last. */
	if (atomic_fetch_sub_explicit(&monitor->n_holders, 1, memory_order_acq_rel) > 1)
		return;
	actor__story_end(&monitor->story);
	actor__actor_release(monitor->of);
	free(monitor);
}

static void arm(struct actor_monitor *monitor, int64_t at_ns)
{
	actor__executor_arm(monitor->executor, &monitor->node, at_ns);
}

/* With the actor's latch held. */
static void told(struct actor__watcher *watcher, enum actor__news news,
		 const struct actor_failure *failure)
{
	struct actor_monitor *monitor = ACTOR_CONTAINER_OF(watcher, struct actor_monitor, watcher);

	if (actor__story_go_on(&monitor->story, monitor->of, news, failure))
		arm(monitor, ACTOR_AT_ONCE);
}

/* ---- what is sent, with the turn in hand ---- */

static bool next(struct actor__herald *herald, struct actor__told *told,
		 struct actor_notice *ret_notice)
{
	struct actor_monitor *monitor = ACTOR_CONTAINER_OF(herald, struct actor_monitor, herald);
	bool any;

	actor__latch_take(&monitor->of->channel.latch);
	any = actor__story_next(&monitor->story, monitor->of, told, ret_notice);
	actor__latch_leave(&monitor->of->channel.latch);
	if (any)
		ret_notice->monitor = monitor;
	return any;
}

/* Nothing is sent any more. */
static void end(struct actor_monitor *monitor)
{
	if (monitor->ended)
		return;
	monitor->ended = true;
	actor__unwatch(monitor->of, &monitor->watcher); /* from here on nobody tells anything */
	actor__herald_rest(&monitor->herald);		/* nor wakes */
	actor__timer_disarm(&monitor->executor->timers, &monitor->node);
	actor_address_unref(monitor->herald.to);
}

static void send(struct actor_monitor *monitor)
{
	int rc = monitor->ended ? 0 : actor__herald_tell(&monitor->herald);

	if (rc == ACTOR_E_NOMEM)
		arm(monitor, actor__executor_now(monitor->executor) + RETRY_NS);
	else if (rc < 0 && rc != ACTOR_E_FULL)
		end(monitor);
}

static struct actor_monitor *monitor_of(struct actor__timer *node)
{
	return ACTOR_CONTAINER_OF(node, struct actor_monitor, node);
}

static void fire(struct actor__timer *node)
{
	/* Relaxed: whoever has armed it holds the memory. */
	atomic_fetch_add_explicit(&monitor_of(node)->n_holders, 1, memory_order_relaxed);
}

static void run(struct actor__timer *node, int64_t now_ns)
{
	struct actor_monitor *monitor = monitor_of(node);

	(void)now_ns;
	actor__latch_take(&monitor->turn);
	/* Relaxed: it is changed with the turn; or by who tells or wakes, after which it fires
	 * again. */
	if (atomic_exchange_explicit(&node->fired, false, memory_order_relaxed))
		send(monitor);
	actor__latch_leave(&monitor->turn);
	release(monitor);
}

static const struct actor__timer_kind sending = { .fire = fire, .run = run };

/* Room, maybe. With somebody's lock held. */
static void wake(struct actor_waiter *waiter)
{
	arm(ACTOR_CONTAINER_OF(waiter, struct actor_monitor, herald.waiter), ACTOR_AT_ONCE);
}

/* ---- for those who make monitors ---- */

static struct actor_monitor *create(struct actor_executor *executor, struct actor__actor *of,
				    struct actor_address *to)
{
	struct actor_monitor *monitor = actor__memory_alloc(sizeof *monitor);

	if (!monitor)
		return NULL;
	monitor->node.kind = &sending;
	monitor->executor = executor;
	monitor->of = of;
	actor__actor_hold(of);
	actor__herald_init(&monitor->herald, to, next, wake);
	monitor->watcher.told = told;
	actor__story_begin(&monitor->story, of);
	atomic_init(&monitor->n_holders, 1);
	return monitor;
}

/* It has ended before: how is known, why is not. */
static void tell_of_end(struct actor_monitor *monitor, int how)
{
	actor__story_over(&monitor->story, (enum actor_ended)how);
	arm(monitor, ACTOR_AT_ONCE);
}

int actor_monitor_create(struct actor_executor *executor, struct actor_address *of,
			 union actor_notice_recipient to, struct actor_monitor **ret_monitor)
{
	struct actor__actor *actor = actor__address_actor(of);
	struct actor_monitor *monitor;
	int how;

	if (!actor)
		return ACTOR_E_UNSUPPORTED;
	if (!actor_address_handles(to.address, &actor_notice_type))
		return ACTOR_E_UNHANDLED;
	monitor = create(executor, actor, to.address);
	if (!monitor)
		return ACTOR_E_NOMEM;
	actor__timer_list_keep(&executor->posting);
	*ret_monitor = monitor;
	how = actor__watch(actor, &monitor->watcher);
	if (how > 0)
		tell_of_end(monitor, how);
	return 0;
}

void actor_monitor_destroy(struct actor_monitor *monitor)
{
	if (!monitor)
		return;
	actor__latch_take(&monitor->turn);
	end(monitor);
	actor__latch_leave(&monitor->turn);
	actor__timer_list_leave(&monitor->executor->posting);
	release(monitor);
}
