/* SPDX-License-Identifier: MIT */
#ifndef ACTOR__FIBER_H
#define ACTOR__FIBER_H

#include "context.h"

#include <actor-iface/mailbox.h>
#include <stddef.h>

struct actor__actor;
struct actor__envelope;
struct actor__thread;

/** enum actor__outcome - why a fiber gave its thread back */
enum actor__outcome {
	ACTOR__IDLE,	  /* nothing to do; the actor may be running elsewhere already */
	ACTOR__YIELDED,	  /* more to do, later */
	ACTOR__SUSPENDED, /* its handler waits */
	ACTOR__ENDED,	  /* the last activation is over: see how */
	ACTOR__FAILED	  /* the same, and the stack was abandoned */
};

/**
 * struct actor__fiber - a stack on which activations of actors run, one at a time
 * @context:  what handlers are given
 * @actor:    whose activation this is
 * @envelope: the message in hand, or NULL
 * @reply:    its reply, until the handler takes it
 * @outcome:  of the activation
 * @how:      with ACTOR__ENDED: how the run has ended
 *
 * The struct outlives its stack, and is never given back: see parker.h.
 */
struct actor__fiber {
	struct actor__context context;
	struct actor__actor *actor;
	struct actor__envelope *envelope;
	struct actor_reply *reply;
	enum actor__outcome outcome;
	enum actor_ended how;
	/* private to fiber.c */
	struct actor__fiber *next;
	void *there;
	char *stack;
	bool guarded;
	bool abandoned;
	void *asan;
	void *tsan;
};

/** actor__fiber_get() - a fiber with nothing to run; NULL when there is no memory */
struct actor__fiber *actor__fiber_get(struct actor__thread *thread);

/** actor__fiber_put() - done with it, for this thread to use again */
void actor__fiber_put(struct actor__thread *thread, struct actor__fiber *fiber);

/** actor__fiber_recycle() - done with it, for any thread to use again; NULL is fine */
void actor__fiber_recycle(struct actor__fiber *fiber);

/** actor__fiber_enter() - from the thread's own stack: go on with @fiber until it leaves */
void actor__fiber_enter(struct actor__thread *thread, struct actor__fiber *fiber);

/** actor__fiber_leave() - from @fiber: go on with the thread; returns when entered again, maybe on
 * another thread */
void actor__fiber_leave(struct actor__fiber *fiber);

/** actor__fiber_abandon() - from @fiber: go on with the thread; nothing on this stack ever runs
 * again */
_Noreturn void actor__fiber_abandon(struct actor__fiber *fiber);

/** actor__fiber_main() - what each fiber runs, over and over: one activation; in activation.c */
void actor__fiber_main(struct actor__fiber *fiber);

/** actor__fiber_context_init() - fill in a new fiber's context; in activation.c */
void actor__fiber_context_init(struct actor__fiber *fiber);

#endif
