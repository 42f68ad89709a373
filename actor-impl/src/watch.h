/* SPDX-License-Identifier: MIT */
#ifndef ACTOR__WATCH_H
#define ACTOR__WATCH_H

#include "actor.h"

/** enum actor__news - what those who watch an actor are told */
enum actor__news {
	/* Its run has ended. */
	ACTOR__HAS_STOPPED = ACTOR_ENDED_STOPPED,
	ACTOR__HAS_FAILED_NOW = ACTOR_ENDED_FAILED,
	ACTOR__WAS_CANCELLED = ACTOR_ENDED_CANCELLED,
	/* After a failure it has been started again. */
	ACTOR__RESTARTED,
	/* No run follows any more; and nothing else is told. */
	ACTOR__GONE
};

struct actor__watcher;

/**
 * typedef actor__told_fn - something happened to the actor that is watched
 * @failure: with ACTOR__HAS_FAILED_NOW, why: for the duration of the call
 *
 * With the actor's latch held, and maybe with locks of others: schedules, arms timers, and copies;
 * never waits, and uses no address.
 */
typedef void actor__told_fn(struct actor__watcher *watcher, enum actor__news news,
			    const struct actor_failure *failure);

/**
 * struct actor__watcher - embedded in what watches an actor; keeps neither alive
 * @next, @previous: in the actor's list
 * @told:            see above
 * @is_watching:     it is in the list; under the actor's latch
 */
struct actor__watcher {
	struct actor__watcher *next;
	struct actor__watcher *previous;
	actor__told_fn *told;
	bool is_watching;
};

/** actor__watch() - be told of what happens from now on: 0; or how the last run has ended, of enum
 * actor_ended, when none follows any more. The caller holds the actor's memory. Thread: any */
int actor__watch(struct actor__actor *actor, struct actor__watcher *watcher);

/** actor__unwatch() - be told nothing after this. Idempotent; the actor's memory is held. Thread:
 * any, but not from told() */
void actor__unwatch(struct actor__actor *actor, struct actor__watcher *watcher);

/** actor__over() - with the actor's latch held: how its last run has ended, of enum actor_ended, if
 * none follows any more; otherwise 0 */
int actor__over(const struct actor__actor *actor);

/** actor__watchers_tell() - with the actor's latch held */
void actor__watchers_tell(struct actor__actor *actor, enum actor__news news,
			  const struct actor_failure *failure);

/** actor__watchers_tell_gone() - the same, and there are none any more */
void actor__watchers_tell_gone(struct actor__actor *actor);

#endif
