/* SPDX-License-Identifier: MIT */
#ifndef ACTOR__FIBER_H
#define ACTOR__FIBER_H

#include "context.h"

#include <actor-iface/mailbox.h>
#include <stdatomic.h>
#include <stddef.h>

struct actor__actor;
struct actor__envelope;
struct actor__thread;
struct actor_executor;

/** enum actor__leaving - what is to become of the stack that a thread leaves */
enum actor__leaving {
	ACTOR__FREE,	  /* it has nothing in hand */
	ACTOR__SUSPENDED, /* its handler waits */
	ACTOR__PAUSED,	  /* its handler lets others go first */
	ACTOR__FAILED,	  /* nothing on it ever runs again */
	ACTOR__BASE	  /* all this began there; see &actor__thread.base */
};

/** enum actor__for - what a handler that is stuck waits for */
enum actor__for {
	ACTOR__FOR_WHAT_IS_IN_HAND,
	ACTOR__FOR_WHAT_IS_QUEUED,
	ACTOR__FOR_FULL,
	ACTOR__FOR_PERMIT
};

/**
 * struct actor__edge - from a handler that is stuck to one for which it waits
 * @to:    that one
 * @what:  see above
 * @type:  of the message, unless it is queued, or there is none
 * @reply: that it waits for, if it does
 */
struct actor__edge {
	struct actor__fiber *to;
	enum actor__for what;
	const struct actor_message_type *type;
	const struct actor_reply *reply;
};

/**
 * struct actor__knot - a fiber as part of what may be a deadlock: see deadlock-look.c
 * @next:      of those that are frozen
 * @same_bucket: of those whose actors hash alike
 * @beside:    on the list that it is on
 * @waiters:   those that are stuck on account of it
 * @next_loose: of those that can go on
 * @n_passed:  if it waits for all of several answers: so many of them can come
 * @is_ours:   it is frozen
 * @is_stuck:  so far nothing has been found that it might go on by
 * @is_new:    its wait has not been examined before
 * @is_seen:   its queue has been
 * @is_full:   and there is no room in it
 * @is_promised: but there is; somebody may be promised it, so that may change
 * @is_passed: on the way to the deadlock
 * @edge:      while it is stuck: what it waits for
 */
struct actor__knot {
	struct actor__fiber *next;
	struct actor__fiber *same_bucket;
	struct actor__fiber *beside;
	struct actor__fiber *waiters;
	struct actor__fiber *next_loose;
	size_t n_passed;
	bool is_ours;
	bool is_stuck;
	bool is_new;
	bool is_seen;
	bool is_full;
	bool is_promised;
	bool is_passed;
	struct actor__edge edge;
};

/**
 * struct actor__fiber - a stack on which activations of actors run, one at a time
 * @context:  what handlers are given
 * @actor:    whose activation this is; NULL between activations. Other threads may look which one
 * it is, but follow it only with a hold of their own
 * @handling: with which of its handlers, or a stand-in for a hook; what was last, between messages
 * @envelope: the message in hand, or NULL
 * @reply:    its reply, until the handler takes it
 * @turn_ends_ns: when the actor's turn is over if others wait; 0 until it is asked for the first
 * time
 * @n_until_asked: so many more messages, then one, and it is asked whether the turn is over; only
 * then less than 0
 * @n_posts:  messages posted by handlers, calls apart, since their actor's turn began, or they last
 * gave way
 * @paused_ns: when a handler here last gave way to others
 * @in_haste: it had done so shortly before, too
 * @deadline_on: it waits with a deadline, on this executor; or NULL. Other threads may look
 * @n_waits:  how often a handler here has left, to wait or to let others go first: for those who
 * compare, on other threads
 * @waits_in_vain: that is what it is woken for: whoever has frozen it says so
 * @look:     see deadlock.h
 * @knot:     of whoever looks for deadlocks
 *
 * The struct outlives its stack, and is never given back: see parker.h.
 */
struct actor__fiber {
	struct actor__context context;
	_Atomic(struct actor__actor *) actor;
	_Atomic(const struct actor_handler *) handling;
	struct actor__envelope *envelope;
	struct actor_reply *reply;
	int64_t turn_ends_ns;
	int64_t paused_ns;
	int n_until_asked;
	unsigned n_posts;
	bool in_haste;
	bool waits_in_vain;
	_Atomic(struct actor_executor *) deadline_on;
	atomic_uint n_waits;
	_Atomic uintptr_t look;
	struct actor__knot knot;
	/* private to fiber.c */
	struct actor__fiber *next;
	struct actor__fiber *older;
	void *there;
	char *stack;
	bool guarded;
	unsigned valgrind;
	void *asan;
	void *tsan;
};

/** actor__fiber_actor() - &actor__fiber.actor */
static inline struct actor__actor *actor__fiber_actor(const struct actor__fiber *fiber)
{
	/* Relaxed: only the fiber's own thread changes it, and others compare. */
	return atomic_load_explicit(&fiber->actor, memory_order_relaxed);
}

/** actor__fiber_take() - a fiber with nothing in hand; NULL when there is no memory */
struct actor__fiber *actor__fiber_take(void);

/** actor__fibers() - all that there are, the latest first; more may be made meanwhile, and none
 * ever goes. Thread: any */
struct actor__fiber *actor__fibers(void);

/** actor__fiber_older() - the next of those, or NULL */
static inline struct actor__fiber *actor__fiber_older(const struct actor__fiber *fiber)
{
	return fiber->older;
}

/** actor__fiber_in_hand() - the name of the type of message that @actor has in hand there, or
 * "started", "stopped"; NULL when it is no longer there, or takes up none yet. The actor, and what
 * it needs, is held. Thread: any */
const char *actor__fiber_in_hand(const struct actor__fiber *fiber,
				 const struct actor__actor *actor);

/** actor__fiber_restart() - what was left as %ACTOR__FAILED begins anew when switched to */
void actor__fiber_restart(struct actor__fiber *fiber);

/** actor__fiber_recycle() - done with it, for any thread to use again; NULL is fine */
void actor__fiber_recycle(struct actor__fiber *fiber);

/* Leaving one, and what a thread keeps for itself, is in fiber-switch.h. */

/** actor__stack_bytes - of each fiber's stack; does not change any more when there is one */
extern size_t actor__stack_bytes __attribute__((visibility("hidden")));

/** actor__fiber_check() - a stack without a guard was left: end the process if it has been
 * overwritten beyond its end */
void actor__fiber_check(const struct actor__fiber *fiber);

/** actor__fiber_guards() - whether an address is in the guard of a fiber's stack */
bool actor__fiber_guards(const struct actor__fiber *fiber, const void *at);

/** actor__fiber_main() - what each fiber runs, for ever; in activation.c */
_Noreturn void actor__fiber_main(void);

/** actor__fiber_left() - on the stack arrived at: see to the one that was left; in activation.c */
void actor__fiber_left(struct actor__thread *thread, struct actor__fiber *fiber,
		       enum actor__leaving how);

/** actor__fiber_of() - whose context that is; NULL if it is not a handler's, of this
 * implementation; in fiber-context.c */
struct actor__fiber *actor__fiber_of(struct actor_context *context);

/** actor__fiber_unpark() - what the parkers of fibers do; in fiber-context.c */
void actor__fiber_unpark(struct actor__parker *parker);

/** actor__fiber_parked_on() - whose parker that is; NULL if it is a thread's */
static inline struct actor__fiber *actor__fiber_parked_on(struct actor__parker *parker)
{
	return parker->unpark == actor__fiber_unpark
		       ? ACTOR_CONTAINER_OF(parker, struct actor__fiber, context.parker)
		       : NULL;
}

/** actor__fiber_context_init() - fill in a new fiber's context; in fiber-context.c */
void actor__fiber_context_init(struct actor__fiber *fiber);

#endif
