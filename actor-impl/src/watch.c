/* SPDX-License-Identifier: MIT */

/*
 * Watching an actor: the list of those who are told of its starts and ends.
 *
 * The list changes, and is told, under the actor's latch. Only the end of a run that nobody owns
 * any more changes nothing under it: that marks the actor as over, and then looks whether there is
 * anybody to tell; who begins to watch enters the list, and then looks whether it is over. With a
 * fence on either side, at least one sees the other, and the latch decides who is told by whom.
 */

#include "watch.h"

#include "util/fence.h"

static struct actor__watcher *first(struct actor__actor *actor)
{
	/* Relaxed: under the latch. */
	return atomic_load_explicit(&actor->watchers, memory_order_relaxed);
}

static void insert(struct actor__actor *actor, struct actor__watcher *watcher)
{
	watcher->previous = NULL;
	watcher->next = first(actor);
	if (watcher->next)
		watcher->next->previous = watcher;
	watcher->is_watching = true;
	atomic_store_explicit(&actor->watchers, watcher, memory_order_relaxed);
}

static void remove_watcher(struct actor__actor *actor, struct actor__watcher *watcher)
{
	watcher->is_watching = false;
	if (watcher->next)
		watcher->next->previous = watcher->previous;
	if (watcher->previous)
		watcher->previous->next = watcher->next;
	else
		atomic_store_explicit(&actor->watchers, watcher->next, memory_order_relaxed);
}

int actor__over(const struct actor__actor *actor)
{
	/* Acquire: what happened before the end of a run that nobody owned. */
	int how = atomic_load_explicit(&actor->over, memory_order_acquire);

	if (how > 0 || !actor->retired)
		return how;
	switch (actor->phase) {
	case ACTOR__STOPPED:
		return ACTOR_ENDED_STOPPED;
	case ACTOR__HAS_FAILED:
		return ACTOR_ENDED_FAILED;
	case ACTOR__NEW:
	case ACTOR__RUNS: /* not retired */
	case ACTOR__CANCELLED:
		break;
	}
	return ACTOR_ENDED_CANCELLED;
}

int actor__watch(struct actor__actor *actor, struct actor__watcher *watcher)
{
	int how;

	actor__latch_take(&actor->channel.latch);
	how = actor__over(actor);
	ACTOR__STEP(watch);
	if (how == 0)
		insert(actor, watcher);
	actor__latch_leave(&actor->channel.latch);
	/* Relaxed: if it is given up after this, the run's end has the latch, or has seen that. */
	if (how > 0 || !atomic_load_explicit(&actor->detached, memory_order_relaxed))
		return how;
	actor__fence_heavy();
	actor__latch_take(&actor->channel.latch);
	how = actor__over(actor);
	if (how > 0 && !watcher->is_watching)
		how = 0; /* told already */
	else if (how > 0)
		remove_watcher(actor, watcher);
	actor__latch_leave(&actor->channel.latch);
	return how;
}

void actor__unwatch(struct actor__actor *actor, struct actor__watcher *watcher)
{
	actor__latch_take(&actor->channel.latch);
	if (watcher->is_watching)
		remove_watcher(actor, watcher);
	actor__latch_leave(&actor->channel.latch);
}

void actor__watchers_tell(struct actor__actor *actor, enum actor__news news,
			  const struct actor_failure *failure)
{
	for (struct actor__watcher *watcher = first(actor); watcher; watcher = watcher->next)
		watcher->told(watcher, news, failure);
}

void actor__watchers_tell_gone(struct actor__actor *actor)
{
	struct actor__watcher *watcher;

	while ((watcher = first(actor))) {
		remove_watcher(actor, watcher);
		watcher->told(watcher, ACTOR__GONE, NULL);
	}
}
