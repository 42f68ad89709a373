/* SPDX-License-Identifier: MIT */

/*
 * Semaphores. A latch guards the number of free permits, the line of those who wait, and the list
 * of those who hold; each permit is in exactly one of the two, or is looked at by its maker alone.
 *
 * Whoever waits has opened a reply, and left the callee's half in its permit. As long as the permit
 * is in line, that half belongs to the line. Who takes it out of there under the latch (because
 * there is room for the first, or the semaphore closes, or the waiter gives up) decides what
 * becomes of it and delivers the half, after it has let go of the latch. So a grant and a deadline
 * that meet end with the one or the other; whichever it is, the state says so, and nothing else
 * does.
 *
 * The latch is a leaf: nothing is called while it is held, but for what asks for deadlocks, which
 * only schedules.
 */

#include "permit.h"

#include "bell.h"
#include "fiber.h"
#include "reply.h"
#include "thread.h"
#include "util/cells.h"
#include "util/latch.h"
#include "util/links.h"
#include "util/memory.h"

#include <actor-iface/mailbox.h>
#include <actor-impl/semaphore.h>
#include <assert.h>
#include <stdlib.h>

enum state {
	NEW,
	WAITS,	/* in line */
	HELD,	/* among the holders */
	REFUSED /* was in line when the semaphore closed */
};

struct actor_permit {
	struct actor_semaphore *semaphore; /* a reference of its own */
	size_t n;
	enum state state;
	struct actor_identity holder;
	const struct actor__actor *bound; /* see below; NULL: anybody may give it back */
	struct actor__link link;	  /* in line, or among the holders */
	struct actor_reply *reply;	  /* the line's half, while in line */
	struct actor_context *context;	  /* whose scope list it is on, or NULL */
	struct actor_cleanup cleanup;
};

/*
 * A permit is bound to an actor while it is in line for it, and then while it is on the scope list
 * of its handler, which alone can give it back: for those who look for deadlocks. Changes under the
 * latch, but for its maker, and by the actor alone. It is never followed, only compared.
 */

struct actor_semaphore {
	atomic_size_t n_refs;
	struct actor__latch latch;
	bool closed;
	struct actor__semaphore_knot knot; /* of whoever looks for deadlocks */
	size_t n_permits;
	size_t n_free;
	size_t n_waiting;
	size_t n_holders;
	struct actor__link line;
	struct actor__link holders; /* the latest first */
};

static struct actor_permit *permit_of(struct actor__link *link)
{
	return ACTOR_CONTAINER_OF(link, struct actor_permit, link);
}

/* With the latch held: the first in line, or NULL. */
static struct actor_permit *first_in_line(struct actor_semaphore *semaphore)
{
	struct actor__link *link = actor__links_first(&semaphore->line);

	return link ? permit_of(link) : NULL;
}

/* With the latch held. */
static void leave_line(struct actor_semaphore *semaphore, struct actor_permit *permit)
{
	actor__link_take(&permit->link);
	semaphore->n_waiting--;
}

/* With the latch held. */
static void hold(struct actor_semaphore *semaphore, struct actor_permit *permit)
{
	semaphore->n_free -= permit->n;
	permit->state = HELD;
	actor__link_before(semaphore->holders.next, &permit->link);
	semaphore->n_holders++;
}

/* ---- the semaphore ---- */

int actor_semaphore_create(size_t n_permits, struct actor_semaphore **ret_semaphore)
{
	struct actor_semaphore *semaphore;

	if (n_permits == 0)
		return ACTOR_E_INVALID;
	semaphore = actor__memory_alloc(sizeof *semaphore);
	if (!semaphore)
		return ACTOR_E_NOMEM;
	atomic_init(&semaphore->n_refs, 1);
	semaphore->n_permits = semaphore->n_free = n_permits;
	actor__links_init(&semaphore->line);
	actor__links_init(&semaphore->holders);
	actor__count(actor__thread(), ACTOR__COUNT_SEMAPHORES, 1);
	*ret_semaphore = semaphore;
	return 0;
}

struct actor_semaphore *actor_semaphore_ref(struct actor_semaphore *semaphore)
{
	/* Relaxed: the caller holds one already. */
	atomic_fetch_add_explicit(&semaphore->n_refs, 1, memory_order_relaxed);
	return semaphore;
}

void actor_semaphore_unref(struct actor_semaphore *semaphore)
{
	/* Release: what was done with it comes before it goes; acquire: for the last. */
	if (!semaphore ||
	    atomic_fetch_sub_explicit(&semaphore->n_refs, 1, memory_order_acq_rel) > 1)
		return;
	assert(semaphore->n_waiting == 0 && semaphore->n_holders == 0);
	actor__count(actor__thread(), ACTOR__COUNT_SEMAPHORES, -1);
	free(semaphore);
}

/* Take the first out of line, if there is room for it: its half, or NULL. */
static struct actor_reply *grant_first(struct actor_semaphore *semaphore)
{
	struct actor_reply *reply = NULL;
	struct actor_permit *permit;

	actor__latch_take(&semaphore->latch);
	permit = first_in_line(semaphore);
	if (permit && !semaphore->closed && permit->n <= semaphore->n_free) {
		reply = permit->reply;
		leave_line(semaphore, permit);
		hold(semaphore, permit);
	}
	actor__latch_leave(&semaphore->latch);
	return reply;
}

/* After room has come, or the first in line has gone. */
static void grant(struct actor_semaphore *semaphore)
{
	struct actor_reply *reply;

	while ((reply = grant_first(semaphore)))
		actor__bell_ring(reply);
}

/* Close, and take the first out of line: its half, or NULL. */
static struct actor_reply *refuse_first(struct actor_semaphore *semaphore)
{
	struct actor_reply *reply = NULL;
	struct actor_permit *permit;

	actor__latch_take(&semaphore->latch);
	semaphore->closed = true;
	permit = first_in_line(semaphore);
	if (permit) {
		reply = permit->reply;
		leave_line(semaphore, permit);
		permit->state = REFUSED;
	}
	actor__latch_leave(&semaphore->latch);
	return reply;
}

void actor_semaphore_close(struct actor_semaphore *semaphore)
{
	struct actor_reply *reply;

	while ((reply = refuse_first(semaphore)))
		actor__bell_ring(reply);
}

void actor_semaphore_counts_get(struct actor_semaphore *semaphore,
				struct actor_semaphore_counts *ret_counts)
{
	actor__latch_take(&semaphore->latch);
	*ret_counts = (struct actor_semaphore_counts){
		.n_permits = semaphore->n_permits,
		.n_free = semaphore->n_free,
		.n_holders = semaphore->n_holders,
		.n_waiting = semaphore->n_waiting,
		.closed = semaphore->closed,
	};
	actor__latch_leave(&semaphore->latch);
}

size_t actor_semaphore_holders(struct actor_semaphore *semaphore,
			       struct actor_permit_holder *holders, size_t n_holders)
{
	struct actor__link *link;
	size_t i = 0, n;

	actor__latch_take(&semaphore->latch);
	for (link = semaphore->holders.next; link != &semaphore->holders && i < n_holders;
	     link = link->next)
		holders[i++] = (struct actor_permit_holder){ permit_of(link)->holder,
							     permit_of(link)->n };
	n = semaphore->n_holders;
	actor__latch_leave(&semaphore->latch);
	return n;
}

/* ---- permits ---- */

static struct actor_identity identity_of(struct actor_context *context)
{
	struct actor_address *self = context ? context->ops->self(context) : NULL;

	return self ? actor_address_identity(self) : (struct actor_identity){ NULL, 0 };
}

static const struct actor__actor *actor_with(struct actor_context *context)
{
	struct actor__fiber *fiber = context ? actor__fiber_of(context) : NULL;

	return fiber ? actor__fiber_actor(fiber) : NULL;
}

static struct actor_permit *permit_create(struct actor_context *context,
					  struct actor_semaphore *semaphore, size_t n)
{
	struct actor_permit *permit = actor__cell_alloc(&actor__thread()->cells, sizeof *permit);

	if (!permit)
		return NULL;
	*permit = (struct actor_permit){
		.semaphore = actor_semaphore_ref(semaphore),
		.n = n,
		.holder = identity_of(context),
		.bound = actor_with(context),
	};
	actor__count(actor__thread(), ACTOR__COUNT_PERMITS, 1);
	return permit;
}

static void permit_free(struct actor_permit *permit)
{
	actor__count(actor__thread(), ACTOR__COUNT_PERMITS, -1);
	actor_semaphore_unref(permit->semaphore);
	actor__cell_free(&actor__thread()->cells, permit, sizeof *permit);
}

void actor_permit_release(struct actor_permit *permit)
{
	struct actor_semaphore *semaphore;

	if (!permit)
		return;
	semaphore = permit->semaphore;
	if (permit->context)
		actor_undefer(permit->context, &permit->cleanup);
	actor__latch_take(&semaphore->latch);
	actor__link_take(&permit->link);
	semaphore->n_holders--;
	semaphore->n_free += permit->n;
	actor__latch_leave(&semaphore->latch);
	grant(semaphore);
	permit_free(permit);
}

/* The holder fails. */
static void undo(void *user)
{
	struct actor_permit *permit = user;

	permit->context = NULL;
	actor_permit_release(permit);
}

static void put_in_scope(struct actor_context *context, struct actor_permit *permit)
{
	permit->context = context;
	if (context)
		actor_defer(context, &permit->cleanup, undo, permit);
}

static void set_holder(struct actor_permit *permit, struct actor_identity holder,
		       const struct actor__actor *bound)
{
	actor__latch_take(&permit->semaphore->latch);
	permit->holder = holder;
	permit->bound = bound;
	actor__latch_leave(&permit->semaphore->latch);
}

static void take_out_of_scope(struct actor_permit *permit)
{
	if (permit->context)
		actor_undefer(permit->context, &permit->cleanup);
	permit->context = NULL;
}

void actor_permit_keep(struct actor_permit *permit)
{
	take_out_of_scope(permit);
	set_holder(permit, permit->holder, NULL);
}

void actor_permit_hand_on(struct actor_permit *permit)
{
	take_out_of_scope(permit);
	set_holder(permit, (struct actor_identity){ NULL, 0 }, NULL);
}

void actor_permit_adopt(struct actor_context *context, struct actor_permit *permit)
{
	take_out_of_scope(permit);
	set_holder(permit, identity_of(context), actor_with(context));
	put_in_scope(context, permit);
}

/* Hold it, if it may be: 0, ACTOR_E_CLOSED, or ACTOR_E_BUSY; then it is in line, if it has a reply
 * to wait for. */
static int hold_or_line_up(struct actor_permit *permit)
{
	struct actor_semaphore *semaphore = permit->semaphore;
	int rc = 0;

	actor__latch_take(&semaphore->latch);
	if (semaphore->closed) {
		rc = ACTOR_E_CLOSED;
	} else if (semaphore->n_waiting == 0 && permit->n <= semaphore->n_free) {
		hold(semaphore, permit);
	} else {
		rc = ACTOR_E_BUSY;
		if (permit->reply) {
			permit->state = WAITS;
			actor__link_before(&semaphore->line, &permit->link);
			semaphore->n_waiting++;
		}
	}
	actor__latch_leave(&semaphore->latch);
	return rc;
}

/* Step out of line; false if somebody has been faster. */
static bool give_up(struct actor_permit *permit)
{
	struct actor_semaphore *semaphore = permit->semaphore;
	bool was_there;

	actor__latch_take(&semaphore->latch);
	was_there = permit->state == WAITS;
	if (was_there)
		leave_line(semaphore, permit);
	actor__latch_leave(&semaphore->latch);
	return was_there;
}

/* In line: until granted, refused, or the wait ends. */
static int wait_in_line(struct actor_context *context, struct actor_permit *permit,
			struct actor_reply *reply, int64_t deadline_ns)
{
	int rc = actor_await_replies(context, &reply, 1, sizeof reply, ACTOR_AWAIT_ALL,
				     deadline_ns);

	if (give_up(permit)) {
		actor__bell_ring(reply);
		grant(permit->semaphore); /* to those who stood behind */
		return rc;
	}
	return permit->state == HELD ? 0 : ACTOR_E_CLOSED;
}

static int line_up(struct actor_context *context, struct actor_permit *permit, int64_t deadline_ns)
{
	struct actor_reply *reply;
	int rc = context->ops->reply_open(context, actor_join_type(), &reply);

	if (rc < 0)
		return rc;
	permit->reply = reply;
	if (reply->ops == &actor__reply_ops)
		actor__reply_hold(actor__reply_cell_of(reply),
				  (uintptr_t)permit | ACTOR__HELD_IN_LINE);
	rc = hold_or_line_up(permit);
	if (rc == ACTOR_E_BUSY)
		rc = wait_in_line(context, permit, reply, deadline_ns);
	else
		actor__bell_ring(reply);
	context->ops->reply_close(context, reply, NULL);
	return rc;
}

static int acquire(struct actor_context *context, struct actor_semaphore *semaphore, size_t n,
		   bool waits, int64_t deadline_ns, struct actor_permit **ret_permit)
{
	struct actor_permit *permit;
	int rc;

	if (n == 0 || n > semaphore->n_permits)
		return ACTOR_E_INVALID;
	permit = permit_create(context, semaphore, n);
	if (!permit)
		return ACTOR_E_NOMEM;
	rc = hold_or_line_up(permit);
	if (rc == ACTOR_E_BUSY && waits)
		rc = line_up(context, permit, deadline_ns);
	if (rc < 0) {
		permit_free(permit);
		return rc;
	}
	put_in_scope(context, permit);
	*ret_permit = permit;
	return 0;
}

int actor_semaphore_acquire_until(struct actor_context *context, struct actor_semaphore *semaphore,
				  size_t n, int64_t deadline_ns, struct actor_permit **ret_permit)
{
	int rc = acquire(context, semaphore, n, true, deadline_ns, ret_permit);

	return rc < 0 ? actor_error_set(context, rc, NULL, NULL) : rc;
}

int actor_semaphore_try_acquire(struct actor_context *context, struct actor_semaphore *semaphore,
				size_t n, struct actor_permit **ret_permit)
{
	int rc = acquire(context, semaphore, n, false, ACTOR_AT_ONCE, ret_permit);

	return rc < 0 && context ? actor_error_set(context, rc, NULL, NULL) : rc;
}

/* ---- for those who look for deadlocks ---- */

struct actor__semaphore_knot *actor__permit_knot(struct actor_permit *permit)
{
	return &permit->semaphore->knot;
}

static struct actor_semaphore *semaphore_of(struct actor__semaphore_knot *knot)
{
	return ACTOR_CONTAINER_OF(knot, struct actor_semaphore, knot);
}

size_t actor__semaphore_permits(struct actor__semaphore_knot *knot)
{
	return semaphore_of(knot)->n_permits;
}

struct actor_permit *actor__permit_of(const struct actor_cleanup *cleanup)
{
	return cleanup->run == undo ? cleanup->user : NULL;
}

static void visit(const struct actor__link *list, actor__permits_fn *function, void *user)
{
	for (struct actor__link *link = list->next; link != list; link = link->next)
		function(user, permit_of(link)->bound, permit_of(link)->n);
}

void actor__semaphore_visit(struct actor__semaphore_knot *knot, actor__permits_fn *holder,
			    actor__permits_fn *waiter, void *user)
{
	struct actor_semaphore *semaphore = semaphore_of(knot);

	actor__latch_take(&semaphore->latch);
	visit(&semaphore->holders, holder, user);
	visit(&semaphore->line, waiter, user);
	actor__latch_leave(&semaphore->latch);
}
