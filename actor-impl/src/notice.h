/* SPDX-License-Identifier: MIT */
#ifndef ACTOR__NOTICE_H
#define ACTOR__NOTICE_H

#include "watch.h"

#include <actor-impl/monitor.h>

/*
 * What happens to an actor, and how others are told: of monitors and runtimes alike; see notice.c.
 */

/**
 * struct actor__told - how an actor is, or was when somebody was told of it last
 * @unhealthy: a handler takes too long
 * @failed:    the last of its failures and restarts was a failure
 * @gone:      there is no run any more
 * @n_failures, @n_restarts, @n_overruns: so far
 */
struct actor__told {
	bool unhealthy;
	bool failed;
	bool gone;
	unsigned n_failures;
	unsigned n_restarts;
	unsigned n_overruns;
};

/**
 * struct actor__story - what there is to tell of an actor; whoever has it guards it
 * @is:     how it is
 * @how:    once it has gone: how its last run has ended
 * @why:    its last failure; held; NULL: there was none
 * @age_ns, @in_hand: of what made it unhealthy, or overran
 * @type:   name of its behavior, which may be gone before it has been told
 */
struct actor__story {
	struct actor__told is;
	enum actor_ended how;
	struct actor__fault *why;
	int64_t age_ns;
	char in_hand[64];
	char type[48];
};

/** actor__story_begin() - of an actor: from now on */
void actor__story_begin(struct actor__story *story, const struct actor__actor *actor);

/** actor__story_end() - let go of what it holds */
void actor__story_end(struct actor__story *story);

/** actor__story_go_on() - as told by a watcher, with the actor's latch held: whether that is to be
 * told */
bool actor__story_go_on(struct actor__story *story, const struct actor__actor *actor,
			enum actor__news news, const struct actor_failure *failure);

/** actor__story_over() - it had ended before, and how */
void actor__story_over(struct actor__story *story, enum actor_ended how);

/** actor__story_next() - what has changed first since @told, which then has it: false if nothing
 * has */
bool actor__story_next(const struct actor__story *story, const struct actor__actor *actor,
		       struct actor__told *told, struct actor_notice *ret_notice);

/**
 * struct actor__herald - tells one actor, as fast as that takes it
 * @next:    as actor__story_next(), guarded
 * @to:      whom; weak; held
 * @told:    what it has been told
 * @waiter:  where there is no room
 * @in_line: that is so
 *
 * Used by one thread at a time.
 */
struct actor__herald {
	bool (*next)(struct actor__herald *herald, struct actor__told *told,
		     struct actor_notice *ret_notice);
	struct actor_address *to;
	struct actor__told told;
	struct actor_waiter waiter;
	bool in_line;
};

/** actor__herald_init() - to tell whom an address, borrowed, leads to; @wake as in
 * actor_waiter_init() */
void actor__herald_init(struct actor__herald *herald, struct actor_address *to,
			bool (*next)(struct actor__herald *herald, struct actor__told *told,
				     struct actor_notice *ret_notice),
			void (*wake)(struct actor_waiter *waiter));

/** actor__herald_tell() - all that there is, if that can be: 0; ACTOR_E_FULL: the rest when it is
 * woken; ACTOR_E_NOMEM: in a while; ACTOR_E_CLOSED, ...: nothing any more, also after the end. No
 * lock held */
int actor__herald_tell(struct actor__herald *herald);

/** actor__herald_is_idle() - whether nobody will take anything there any more, as far as can be
 * seen without sending. No lock held */
bool actor__herald_is_idle(const struct actor__herald *herald);

/** actor__herald_rest() - be woken no more. No lock held */
void actor__herald_rest(struct actor__herald *herald);

#endif
