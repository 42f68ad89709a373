/* SPDX-License-Identifier: MIT */

/*
 * Timers: a pairing heap (Fredman, Sedgewick, Sleator, Tarjan: The pairing heap, 1986) of nodes
 * that lie where they wait, so that arming one allocates nothing. Firing happens under the lock:
 * after a disarm nothing touches the node any more.
 */

#include "timers.h"

#include "context.h"
#include "parker.h"

#include <actor-iface/base.h>

void actor__timers_init(struct actor__timers *timers)
{
	pthread_mutex_init(&timers->lock, NULL);
	timers->root = NULL;
	atomic_init(&timers->next_ns, ACTOR_FOREVER);
}

void actor__timers_deinit(struct actor__timers *timers)
{
	pthread_mutex_destroy(&timers->lock);
}

/* Two heaps into one; either may be NULL. */
static struct actor__timer *meld(struct actor__timer *a, struct actor__timer *b)
{
	struct actor__timer *swapped;

	if (!a || !b)
		return a ? a : b;
	if (b->deadline_ns < a->deadline_ns) {
		swapped = a;
		a = b;
		b = swapped;
	}
	b->sibling = a->child;
	if (b->sibling)
		b->sibling->previous = &b->sibling;
	b->previous = &a->child;
	a->child = b;
	return a;
}

/* The children of a node that goes: melded in pairs, then all together. */
static struct actor__timer *meld_children(struct actor__timer *child)
{
	struct actor__timer *pairs = NULL, *heap = NULL, *a, *b;

	while ((a = child)) {
		b = a->sibling;
		child = b ? b->sibling : NULL;
		a->sibling = NULL;
		if (b)
			b->sibling = NULL;
		a = meld(a, b);
		a->sibling = pairs;
		pairs = a;
	}
	while ((a = pairs)) {
		pairs = a->sibling;
		a->sibling = NULL;
		heap = meld(heap, a);
	}
	return heap;
}

static void set_root(struct actor__timers *timers, struct actor__timer *root)
{
	timers->root = root;
	if (root) {
		root->previous = &timers->root;
		root->sibling = NULL;
	}
	/* Relaxed: a hint to look, taken seriously only under the lock. */
	atomic_store_explicit(&timers->next_ns, root ? root->deadline_ns : ACTOR_FOREVER,
			      memory_order_relaxed);
}

static void remove_locked(struct actor__timers *timers, struct actor__timer *timer)
{
	struct actor__timer *children = meld_children(timer->child);

	if (timers->root == timer) {
		set_root(timers, children);
	} else {
		*timer->previous = timer->sibling;
		if (timer->sibling)
			timer->sibling->previous = timer->previous;
		set_root(timers, meld(timers->root, children));
	}
	timer->previous = NULL;
}

void actor__timer_arm(struct actor__timers *timers, struct actor__timer *timer)
{
	pthread_mutex_lock(&timers->lock);
	timer->child = NULL;
	timer->sibling = NULL;
	set_root(timers, meld(timers->root, timer));
	pthread_mutex_unlock(&timers->lock);
}

void actor__timer_disarm(struct actor__timers *timers, struct actor__timer *timer)
{
	pthread_mutex_lock(&timers->lock);
	if (timer->previous)
		remove_locked(timers, timer);
	pthread_mutex_unlock(&timers->lock);
}

int64_t actor__timers_next(const struct actor__timers *timers)
{
	return atomic_load_explicit(&timers->next_ns, memory_order_relaxed);
}

void actor__timers_fire(struct actor__timers *timers, int64_t now_ns)
{
	struct actor__timer *timer;

	pthread_mutex_lock(&timers->lock);
	while ((timer = timers->root) && timer->deadline_ns <= now_ns) {
		remove_locked(timers, timer);
		actor__wake(timer->parker);
	}
	pthread_mutex_unlock(&timers->lock);
}
