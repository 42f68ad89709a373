/* SPDX-License-Identifier: MIT */

/*
 * Monitors. What happens to the actor is told under its latch (watch.c), which guards the news that
 * have not been sent yet: at most a failure, a restart and the end, in this order, since what
 * comes later takes the place of what has not been sent. Whoever tells then arms the monitor's
 * timer, due at once, and a thread of its executor sends: as in timer.c, with the turn in hand, so
 * that to destroy the monitor is to wait until a notice that is being sent has been.
 *
 * A notice that finds no room waits in line, without a thread; one for which there is no memory is
 * sent again after a while. The next one is made when it has been accepted.
 *
 * The memory is held by whoever owns the monitor, and by the thread that has taken its timer to
 * fire it. The actor's memory is held by the monitor.
 */

#include "actor.h"
#include "executor.h"
#include "util/memory.h"
#include "watch.h"

#include <actor-impl/monitor.h>
#include <assert.h>
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
 *
 * With the turn:
 * @to:        weak; NULL: there is nothing more to send
 * @waiter:    in line
 * @in_line:   that is so
 * @is_filled: @notice is still to be sent
 * @notice:    the one that is sent
 *
 * Under the latch of the actor:
 * @watcher:   told what happens
 * @news:      what is still to be told; its numbers and texts are of the latest failure
 * @to_tell:   which of enum actor_noticed that is: bits
 */
struct actor_monitor {
	struct actor__timer node;
	struct actor_executor *executor;
	struct actor__actor *of;
	atomic_uint n_holders;
	struct actor__latch turn;
	struct actor_address *to;
	struct actor_waiter waiter;
	bool in_line;
	bool is_filled;
	struct actor_notice notice;
	struct actor__watcher watcher;
	struct actor_notice news;
	unsigned to_tell;
};

static void release(struct actor_monitor *monitor)
{
	/* Release: what was done with the memory comes before it goes; acquire: for the last. */
	if (atomic_fetch_sub_explicit(&monitor->n_holders, 1, memory_order_acq_rel) > 1)
		return;
	actor__actor_release(monitor->of);
	free(monitor);
}

static void latch(struct actor_monitor *monitor)
{
	actor__latch_take(&monitor->of->channel.latch);
}

static void unlatch(struct actor_monitor *monitor)
{
	actor__latch_leave(&monitor->of->channel.latch);
}

static void arm(struct actor_monitor *monitor, int64_t at_ns)
{
	actor__executor_arm(monitor->executor, &monitor->node, at_ns);
}

/* ---- what is told, with the actor's latch held ---- */

static unsigned bit(enum actor_noticed what)
{
	return 1u << what;
}

static void keep_failure(struct actor_notice *news, const struct actor_failure *failure)
{
	actor__copy_text(news->text, sizeof news->text, failure->text);
	actor__copy_text(news->file, sizeof news->file, failure->file);
	actor__copy_text(news->message_type, sizeof news->message_type, failure->message_type);
	news->line = failure->line;
}

static void told_of_failure(struct actor_monitor *monitor, const struct actor_failure *failure)
{
	keep_failure(&monitor->news, failure);
	monitor->news.n_failures++;
	/* A restart before it is not news any more. */
	monitor->to_tell = bit(ACTOR_NOTICED_FAILURE);
}

static void told(struct actor__watcher *watcher, enum actor__news news,
		 const struct actor_failure *failure)
{
	struct actor_monitor *monitor = ACTOR_CONTAINER_OF(watcher, struct actor_monitor, watcher);

	switch (news) {
	case ACTOR__HAS_FAILED_NOW:
		told_of_failure(monitor, failure);
		break;
	case ACTOR__RESTARTED:
		monitor->news.n_restarts++;
		monitor->to_tell |= bit(ACTOR_NOTICED_RESTART);
		break;
	case ACTOR__GONE:
		monitor->news.how = (enum actor_ended)actor__over(monitor->of);
		monitor->to_tell |= bit(ACTOR_NOTICED_END);
		break;
	case ACTOR__HAS_STOPPED: /* and so has gone */
	case ACTOR__WAS_CANCELLED:
		return;
	}
	arm(monitor, ACTOR_AT_ONCE);
}

/* ---- what is sent, with the turn in hand ---- */

static void shape(struct actor_notice *notice, enum actor_noticed what)
{
	bool tells_why = what == ACTOR_NOTICED_FAILURE ||
			 (what == ACTOR_NOTICED_END && notice->how == ACTOR_ENDED_FAILED);

	notice->what = what;
	if (what != ACTOR_NOTICED_END)
		notice->how = (enum actor_ended)0;
	if (!tells_why)
		keep_failure(notice, &(const struct actor_failure){ .text = "" });
}

/* The next notice, if there are news. */
static bool fill(struct actor_monitor *monitor)
{
	enum actor_noticed what = ACTOR_NOTICED_FAILURE;

	latch(monitor);
	while (what < ACTOR_NOTICED_END && !(monitor->to_tell & bit(what)))
		what++;
	monitor->is_filled = monitor->to_tell & bit(what);
	monitor->to_tell &= ~bit(what);
	monitor->notice = monitor->news;
	unlatch(monitor);
	shape(&monitor->notice, what);
	return monitor->is_filled;
}

static void leave_line(struct actor_monitor *monitor)
{
	if (monitor->in_line)
		actor_address_withdraw(monitor->to, &monitor->waiter);
	monitor->in_line = false;
}

/* Nothing is sent any more. */
static void end(struct actor_monitor *monitor)
{
	struct actor_address *to = monitor->to;

	if (!to)
		return;
	actor__unwatch(monitor->of, &monitor->watcher); /* from here on nobody tells anything */
	leave_line(monitor);				/* nor wakes */
	actor__timer_disarm(&monitor->executor->timers, &monitor->node);
	monitor->to = NULL;
	actor_address_unref(to);
}

static void send(struct actor_monitor *monitor)
{
	int rc;

	while (monitor->to && (monitor->is_filled || fill(monitor))) {
		rc = actor_address_post(monitor->to, &actor_notice_type, &monitor->notice, NULL,
					&monitor->waiter);
		monitor->in_line = rc == ACTOR_E_FULL;
		if (rc == ACTOR_E_NOMEM)
			arm(monitor, actor__executor_now(monitor->executor) + RETRY_NS);
		if (rc == ACTOR_E_FULL || rc == ACTOR_E_NOMEM)
			return;
		monitor->is_filled = false;
		if (rc < 0 || monitor->notice.what == ACTOR_NOTICED_END)
			end(monitor);
	}
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
	arm(ACTOR_CONTAINER_OF(waiter, struct actor_monitor, waiter), ACTOR_AT_ONCE);
}

/* ---- for those who make monitors ---- */

static struct actor_monitor *create(struct actor_executor *executor, struct actor__actor *of,
				    struct actor_address *to)
{
	struct actor_monitor *monitor = actor__memory_alloc(sizeof *monitor);
	struct actor_info info = actor__actor_info(of);

	if (!monitor)
		return NULL;
	monitor->node.kind = &sending;
	monitor->executor = executor;
	monitor->of = of;
	actor__actor_hold(of);
	monitor->to = actor_address_weak(to);
	actor_waiter_init(&monitor->waiter, wake);
	monitor->watcher.told = told;
	monitor->news.monitor = monitor;
	monitor->news.identity = info.identity;
	actor__copy_text(monitor->news.name, sizeof monitor->news.name, info.name);
	actor__copy_text(monitor->news.type, sizeof monitor->news.type, info.type);
	atomic_init(&monitor->n_holders, 1);
	return monitor;
}

/* It has ended before: how is known, why is not. */
static void tell_of_end(struct actor_monitor *monitor, int how)
{
	monitor->news.how = (enum actor_ended)how;
	monitor->to_tell = bit(ACTOR_NOTICED_END);
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

ACTOR_EXPORT const struct actor_message_type actor_notice_type = {
	.size = sizeof actor_notice_type,
	.name = "actor.notice",
	.message_size = sizeof(struct actor_notice),
	.message_align = _Alignof(struct actor_notice),
};
