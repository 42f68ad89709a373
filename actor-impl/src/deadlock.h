/* SPDX-License-Identifier: MIT */
#ifndef ACTOR__DEADLOCK_H
#define ACTOR__DEADLOCK_H

#include "thread.h"
#include "timers.h"

#include <actor-impl/deadlock.h>

struct actor__fiber;
struct actor__parker;
struct actor_executor;

/*
 * When somebody looks for deadlocks; how, is in deadlock-look.c.
 *
 * A handler that begins to wait leaves in its fiber for which executor to look, and nobody does
 * anything about it. A thread of an executor that has nothing to do, or on which many have begun to
 * wait without a deadline, sets a timer if there are any since it last did. When that fires,
 * somebody looks, and has it set again as long as waits are found that have begun since the look
 * before: those are examined the next time. So waits that soon come to their end cost a few
 * instructions, and who sleeps is left to sleep. What has been examined need not be again: nobody
 * becomes stuck but by beginning to wait, and that one is examined; except when room that was
 * promised is taken, for which it is looked again and again, or a reply is handed on to who waits
 * already. Then who waits for it is woken, finds nothing, and begins to wait anew: whichever
 * executor it is of, whoever hands on, and also in the midst of a look.
 *
 * &actor__fiber.look: the executor, plus one of enum actor__looked; 0 before the first wait, and
 * with a deadline. Its owner overwrites it when it begins to wait; whoever looks adds to it, under
 * the lock of all looks, by compare-and-swap, or while the fiber is frozen. Relaxed: a thread sets
 * the timer after the wait has begun, in its own order, and what follows is ordered by the exchange
 * of `armed`.
 */

enum actor__looked { ACTOR__LOOK_FIRST, ACTOR__LOOK_AGAIN, ACTOR__LOOKED, ACTOR__REPORTED };
#define ACTOR__LOOK_MASK ((uintptr_t)3)

static inline enum actor__looked actor__looked(uintptr_t look)
{
	return (enum actor__looked)(look & ACTOR__LOOK_MASK);
}

/* Waits without a deadline on a thread that is never idle, between looks. */
#define ACTOR__WAITS_A_LOOK 4096

/**
 * struct actor__deadlocks - of an executor
 * @timer:     for the next look
 * @armed:     it is
 * @looked_ns: when the last one was
 * @every_ns:  the next one is not before that
 * @when_idle: there is no timer: the executor itself looks when nobody is ready
 * @mode, @report, @user: as in the options
 */
struct actor__deadlocks {
	struct actor__timer timer;
	atomic_bool armed;
	_Atomic int64_t looked_ns;
	_Atomic int64_t every_ns;
	bool when_idle;
	enum actor_deadlock_mode mode;
	actor_deadlock_fn *report;
	void *user;
};

void actor__deadlocks_init(struct actor__deadlocks *deadlocks);

/** actor__deadlocks_look_every() - a thread looks after so many waits: 1 if nobody calls
 * actor__deadlocks_expect() there */
static inline void actor__deadlocks_look_every(struct actor__thread *thread, unsigned n)
{
	thread->until_look = thread->looks_every = n;
}

void actor__deadlocks_many_wait(struct actor__thread *thread, struct actor_executor *executor);
void actor__deadlocks_some_wait(struct actor__thread *thread, struct actor_executor *executor);

/** actor__deadlocks_waits() - on the thread where it runs, a handler begins to wait without a
 * deadline */
static inline void actor__deadlocks_waits(struct actor__thread *thread,
					  struct actor_executor *executor)
{
	if (ACTOR__RARELY(--thread->until_look == 0))
		actor__deadlocks_many_wait(thread, executor);
}

/** actor__deadlocks_expect() - the thread has nothing to do, or looks around: have somebody look
 * soon, if there is anything new. Arms a timer */
static inline void actor__deadlocks_expect(struct actor__thread *thread,
					   struct actor_executor *executor)
{
	if (thread->until_look < thread->looks_every)
		actor__deadlocks_some_wait(thread, executor);
}

/** actor__deadlocks_expect_now() - the same, by a thread that may have something to do all the
 * time, and would have to look at the clock until then */
static inline void actor__deadlocks_expect_now(struct actor__thread *thread,
					       struct actor_executor *executor)
{
	if (thread->until_look < thread->looks_every)
		actor__deadlocks_many_wait(thread, executor);
}

/** actor__deadlocks_look_idle() - by an executor with when_idle: whether somebody can go on now */
bool actor__deadlocks_look_idle(struct actor__thread *thread, struct actor_executor *executor);

/** actor__deadlocks_moved() - what somebody waits for, maybe, is no longer where it was when they
 * began to: if they have been looked at since, they are woken. After it has moved */
void actor__deadlocks_moved(struct actor__fiber *fiber);

/** actor__deadlocks_itself() - the handler calls its own actor: ACTOR_E_DEADLOCK, or 0: let it, it
 * will be found like anybody else */
int actor__deadlocks_itself(struct actor__fiber *fiber, const struct actor_message_type *type);

#endif
