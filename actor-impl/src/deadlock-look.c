/* SPDX-License-Identifier: MIT */

/*
 * Looks for deadlocks: which handlers wait for each other.
 *
 * A look begins with the handlers that have waited for a while and have not been examined. They
 * are frozen (parker.h), and so is whoever they wait for, as far as that is a handler that waits
 * without a deadline, and so on. What is frozen together is taken for stuck, all of it, until
 * something is found that it may go on by: that nothing it waits for depends on who is stuck. Who
 * can go on no longer counts as stuck, which may be what others can go on by. Whatever is left can
 * go on only if somebody else in there does first: that is no guess, since nothing of it changes
 * while it is frozen.
 *
 *	an answer  is stuck if it is in the hands or in the queue of one that is
 *	room       if the queue of one that is holds as many messages as it may, and so no room is
 *		   promised to anybody
 *	a permit   if one that is stands before it in line, or such as are hold so many that there
 *		   are never enough
 *
 * Each is examined once. One who is stuck is so on account of another, and is put with those who
 * wait for that one: they are examined again when that one can go on, and nobody else is. For any
 * of several answers it is so on account of all of them, which is too many to be put with: such are
 * gone through again at the end, if anybody can go on. For permits a whole line is gone through at
 * once, again when one who holds any, or who stands there, can go on.
 *
 * Whom a reply was posted to is known from its cell, as a hint: it need not be there any more, and
 * the actor may be gone. So an actor's fiber is looked up among all that are shown, and whether the
 * reply is still there is looked up in its queue; but only when nothing else speaks for it.
 */

#include "deadlock-look.h"

#include "actor.h"
#include "intake.h"
#include "permit.h"
#include "waiting.h"

#include <stdlib.h>

/* Where to look actors up, when there is no memory for more. */
#define FEW_BITS 6
static struct actor__fiber *few_buckets[1 << FEW_BITS];

/* ---- who is frozen ---- */

static struct actor__parker *parker_of(struct actor__fiber *fiber)
{
	return &fiber->context.parker;
}

static uintptr_t look_of(const struct actor__fiber *fiber)
{
	return atomic_load_explicit(&fiber->look, memory_order_relaxed);
}

/* Of a fiber that is frozen. */
static void set_looked(struct actor__fiber *fiber, enum actor__looked looked)
{
	atomic_store_explicit(&fiber->look, (look_of(fiber) & ~ACTOR__LOOK_MASK) | looked,
			      memory_order_relaxed);
}

/* Onto a list of fibers that are stuck, each of which is on one at most. */
static void push(struct actor__fiber **list, struct actor__fiber *fiber)
{
	fiber->knot.beside = *list;
	*list = fiber;
}

static struct actor__fiber *pop(struct actor__fiber **list)
{
	struct actor__fiber *fiber = *list;

	if (fiber)
		*list = fiber->knot.beside;
	return fiber;
}

/* Whether it is there now, on a handler of that actor that waits without a deadline. */
static bool freeze(struct actor__look *look, struct actor__fiber *fiber,
		   const struct actor__actor *actor)
{
	struct actor__knot *knot = &fiber->knot;

	if (knot->is_ours)
		return actor__fiber_actor(fiber) == actor;
	if (!actor__park_freeze(parker_of(fiber)))
		return false;
	if (actor__fiber_actor(fiber) != actor ||
	    atomic_load_explicit(&fiber->deadline_on, memory_order_relaxed)) {
		actor__park_thaw(parker_of(fiber));
		return false;
	}
	*knot = (struct actor__knot){
		.same_bucket = knot->same_bucket,
		.is_ours = true,
		.is_stuck = actor__looked(look_of(fiber)) != ACTOR__REPORTED,
	};
	*(look->last ? &look->last->knot.next : &look->first) = fiber;
	look->last = fiber;
	if (knot->is_stuck)
		push(&look->unexamined, fiber);
	return true;
}

/* Knuth's multiplicative hashing: the highest bits, on which all those of the address have a
 * bearing. */
static size_t bucket_of(const struct actor__look *look, const struct actor__actor *actor)
{
	return (size_t)((uint64_t)(uintptr_t)actor * UINT64_C(0x9e3779b97f4a7c15) >>
			(64 - look->bits));
}

/* The fiber on which an actor waits, frozen and stuck; or NULL. */
static struct actor__fiber *find_stuck(struct actor__look *look, const struct actor__actor *actor)
{
	struct actor__fiber *fiber = look->buckets[bucket_of(look, actor)];

	for (; fiber; fiber = fiber->knot.same_bucket)
		if (actor__fiber_actor(fiber) == actor && freeze(look, fiber, actor))
			return fiber->knot.is_stuck ? fiber : NULL;
	return NULL;
}

/* ---- what is in a queue; of a fiber that is frozen, so nothing goes out there ---- */

/* Whoever pushes meanwhile has said before to whom: nobody else writes that but us. */
static void mark(struct actor__envelope *envelope, bool is_seen)
{
	struct actor_reply *reply = envelope->reply;
	struct actor__reply_cell *cell;
	uintptr_t holder;

	if (!reply || reply->ops != &actor__reply_ops)
		return;
	cell = actor__reply_cell_of(reply);
	holder = actor__reply_holder(cell);
	actor__reply_hold(cell, is_seen ? holder | ACTOR__HELD_SEEN : holder & ~ACTOR__HELD_SEEN);
}

static size_t mark_all(struct actor__envelope *envelope, bool is_seen)
{
	size_t n = 0;

	for (; envelope; envelope = envelope->next, n++)
		mark(envelope, is_seen);
	return n;
}

static void see_queue(struct actor__fiber *fiber)
{
	struct actor__channel *channel = &actor__fiber_actor(fiber)->channel;
	uint64_t head = atomic_load(&channel->head);
	size_t n;

	if (fiber->knot.is_seen)
		return;
	fiber->knot.is_seen = true;
	n = mark_all(channel->stash, true) + mark_all(actor__messages(head), true);
	/* With messages, and not with promises of room that others may give back. */
	fiber->knot.is_full = channel->one && actor__where(head) != ACTOR__CLOSED &&
			      n * ACTOR__ONE >= channel->full;
	/* If not, room has been promised, or is about to be: somebody stands in line there. */
	fiber->knot.is_promised = channel->one && !fiber->knot.is_full;
}

static void forget_queue(struct actor__fiber *fiber)
{
	struct actor__channel *channel = &actor__fiber_actor(fiber)->channel;

	if (!fiber->knot.is_seen)
		return;
	mark_all(channel->stash, false);
	mark_all(actor__messages(atomic_load(&channel->head)), false);
}

static const struct actor_message_type *type_of(const struct actor__envelope *envelope,
						const struct actor_reply *reply)
{
	for (; envelope; envelope = envelope->next)
		if (envelope->reply == reply)
			return envelope->handler->type;
	return NULL;
}

const struct actor_message_type *actor__look_queued_type(const struct actor__fiber *holder,
							 const struct actor_reply *reply)
{
	const struct actor__channel *channel = &actor__fiber_actor(holder)->channel;
	const struct actor_message_type *type = type_of(channel->stash, reply);

	return type ? type : type_of(actor__messages(atomic_load(&channel->head)), reply);
}

/* ---- who can go on ---- */

static void loosen(struct actor__look *look, struct actor__fiber *fiber)
{
	fiber->knot.is_stuck = false;
	fiber->knot.next_loose = look->loose;
	look->loose = fiber;
	look->any_loose = true;
}

static struct actor__fiber *pop_loose(struct actor__look *look)
{
	struct actor__fiber *fiber = look->loose;

	if (fiber)
		look->loose = fiber->knot.next_loose;
	return fiber;
}

/* ---- permits ---- */

/* Its line is to be gone through. */
static void note_semaphore(struct actor__look *look, struct actor_permit *permit)
{
	struct actor__semaphore_knot *knot = actor__permit_knot(permit);

	if (knot->is_noted)
		return;
	knot->is_noted = true;
	knot->next = look->semaphores;
	look->semaphores = knot;
}

static struct actor__semaphore_knot *pop_semaphore(struct actor__look *look)
{
	struct actor__semaphore_knot *knot = look->semaphores;

	if (knot) {
		look->semaphores = knot->next;
		knot->is_noted = false;
	}
	return knot;
}

/* A semaphore that is gone through, its holders first: how many permits they leave if those who are
 * stuck never give back any, the first of these, and the first who is stuck in line. */
struct sifting {
	struct actor__look *look;
	size_t n_to_come;
	struct actor__fiber *holder;
	struct actor__fiber *first;
};

static struct actor__fiber *find_bound(struct actor__look *look, const struct actor__actor *bound)
{
	return bound ? find_stuck(look, bound) : NULL;
}

static void sift_holder(void *user, const struct actor__actor *bound, size_t n)
{
	struct sifting *sifting = user;
	struct actor__fiber *fiber = find_bound(sifting->look, bound);

	if (!fiber)
		return;
	sifting->n_to_come -= n;
	if (!sifting->holder)
		sifting->holder = fiber;
}

/* Behind one who is stuck are all; but who does not count may give up. */
static void sift_waiter(void *user, const struct actor__actor *bound, size_t n)
{
	struct sifting *sifting = user;
	struct actor__fiber *fiber = find_bound(sifting->look, bound);

	if (!fiber)
		return;
	if (!sifting->first && n <= sifting->n_to_come) {
		loosen(sifting->look, fiber);
		return;
	}
	fiber->knot.edge = (struct actor__edge){ sifting->first ? sifting->first : sifting->holder,
						 ACTOR__FOR_PERMIT, NULL, NULL };
	if (!sifting->first)
		sifting->first = fiber;
}

static void sift(struct actor__look *look, struct actor__semaphore_knot *knot)
{
	struct sifting sifting = { look, actor__semaphore_permits(knot), NULL, NULL };

	actor__semaphore_visit(knot, sift_holder, sift_waiter, &sifting);
}

/* ---- who is stuck, and on account of whom ---- */

/* It is seen when the line is gone through; if it is still there. */
static bool permit_is_stuck(struct actor__look *look, struct actor_permit *permit,
			    struct actor__edge *ret_edge)
{
	*ret_edge = (struct actor__edge){ NULL, ACTOR__FOR_PERMIT, NULL, NULL };
	note_semaphore(look, permit);
	return true;
}

/* The permit that it stands in line for, or NULL. */
static struct actor_permit *in_line_for(const struct actor_reply *reply)
{
	uintptr_t holder = actor__reply_holder(actor__reply_cell_of(reply));

	return holder & ACTOR__HELD_IN_LINE ? (struct actor_permit *)(holder - ACTOR__HELD_IN_LINE)
					    : NULL;
}

static bool reply_is_stuck(struct actor__look *look, struct actor_reply *reply,
			   struct actor__edge *ret_edge)
{
	struct actor__reply_cell *cell = actor__reply_cell_of(reply);
	uintptr_t holder = actor__reply_holder(cell);
	struct actor__fiber *fiber;

	if (in_line_for(reply))
		return permit_is_stuck(look, in_line_for(reply), ret_edge);
	fiber = find_stuck(look, (struct actor__actor *)(holder & ~ACTOR__HELD_SEEN));
	if (!fiber)
		return false;
	*ret_edge = (struct actor__edge){ fiber, ACTOR__FOR_WHAT_IS_QUEUED, NULL, reply };
	if (fiber->reply == reply) {
		ret_edge->what = ACTOR__FOR_WHAT_IS_IN_HAND;
		ret_edge->type = fiber->envelope->handler->type;
		return true;
	}
	if (!look->is_exact)
		return true;
	see_queue(fiber);
	return actor__reply_holder(cell) & ACTOR__HELD_SEEN;
}

/* One is enough. Those before it can come: they are not asked about again. */
static bool wait_for_all_is_stuck(struct actor__look *look, struct actor__fiber *fiber,
				  const struct actor_await *wait, struct actor__edge *ret_edge)
{
	size_t *n_passed = &fiber->knot.n_passed;

	for (; *n_passed < wait->n_replies; ++*n_passed) {
		struct actor_reply *reply = actor_await_reply(wait, *n_passed);

		if (reply && reply_is_stuck(look, reply, ret_edge))
			return true;
	}
	return false;
}

static bool wait_for_any_is_stuck(struct actor__look *look, const struct actor_await *wait,
				  struct actor__edge *ret_edge)
{
	bool any = false;

	for (size_t i = 0; i < wait->n_replies; i++) {
		struct actor_reply *reply = actor_await_reply(wait, i);
		struct actor__edge edge;

		if (!reply)
			continue;
		if (!reply_is_stuck(look, reply, &edge))
			return false;
		if (!any)
			*ret_edge = edge;
		any = true;
	}
	return any;
}

/* Room is waited for with an address, so the actor is there. */
static bool room_is_stuck(struct actor__look *look, const struct actor__room_waiter *room,
			  struct actor__edge *ret_edge)
{
	struct actor__actor *actor = actor__address_actor(room->address);
	struct actor__fiber *fiber;

	if (!actor || actor__has_intake(actor) || !(fiber = find_stuck(look, actor)))
		return false;
	*ret_edge = (struct actor__edge){ fiber, ACTOR__FOR_FULL, room->type, NULL };
	if (!look->is_exact)
		return true;
	see_queue(fiber);
	look->any_promised |= fiber->knot.is_promised;
	return fiber->knot.is_full;
}

/* What it awaits, if that is any of several answers; or NULL. */
static const struct actor_await *choice_of(const struct actor__fiber *fiber)
{
	const struct actor_await *wait = fiber->context.awaited;

	return fiber->context.waits == ACTOR__FOR_REPLIES && wait->mode == ACTOR_AWAIT_ANY ? wait
											   : NULL;
}

/* Whether nobody but who is stuck can have it go on, and through whom. */
static bool is_stuck(struct actor__look *look, struct actor__fiber *fiber,
		     struct actor__edge *ret_edge)
{
	const struct actor__context *context = &fiber->context;

	switch (context->waits) {
	case ACTOR__FOR_ANSWER: {
		const struct actor__reply_cell *cell = context->awaited;

		return reply_is_stuck(look, (struct actor_reply *)(uintptr_t)&cell->reply,
				      ret_edge);
	}
	case ACTOR__FOR_REPLIES:
		return choice_of(fiber)
			       ? wait_for_any_is_stuck(look, choice_of(fiber), ret_edge)
			       : wait_for_all_is_stuck(look, fiber, context->awaited, ret_edge);
	case ACTOR__FOR_ROOM:
		return room_is_stuck(look, context->awaited, ret_edge);
	}
	return false;
}

static void examine(struct actor__look *look, struct actor__fiber *fiber)
{
	struct actor__edge *edge = &fiber->knot.edge;

	if (!fiber->knot.is_stuck) /* it has been found out meanwhile */
		return;
	if (!is_stuck(look, fiber, edge))
		loosen(look, fiber);
	else if (choice_of(fiber))
		push(&look->choosers, fiber);
	else if (edge->to)
		push(&edge->to->knot.waiters, fiber);
}

static void examine_again(struct actor__look *look, struct actor__fiber **list)
{
	struct actor__fiber *fiber;

	while ((fiber = pop(list)))
		push(&look->unexamined, fiber);
}

/* The permit that a handler waits for, or NULL. */
static struct actor_permit *permit_awaited(const struct actor__fiber *fiber)
{
	const struct actor_await *wait = fiber->context.awaited;
	struct actor_reply *reply;

	if (fiber->context.waits != ACTOR__FOR_REPLIES || wait->n_replies == 0)
		return NULL;
	reply = actor_await_reply(wait, 0);
	return reply ? in_line_for(reply) : NULL;
}

/* One who can go on: those who wait for it may, too. */
static void relieve(struct actor__look *look, struct actor__fiber *fiber)
{
	struct actor_cleanup *cleanup = fiber->context.base.scope;
	struct actor_permit *permit = permit_awaited(fiber);

	examine_again(look, &fiber->knot.waiters);
	if (permit)
		note_semaphore(look, permit);
	for (; cleanup; cleanup = cleanup->next)
		if ((permit = actor__permit_of(cleanup)))
			note_semaphore(look, permit);
}

/* Who has been granted a permit meanwhile is not in line any more. Whether there was anybody. */
static bool loosen_lost(struct actor__look *look)
{
	for (struct actor__fiber *fiber = look->first; fiber; fiber = fiber->knot.next) {
		const struct actor__fiber *to = fiber->knot.edge.to;

		if (fiber->knot.is_stuck && !(to && to->knot.is_stuck))
			loosen(look, fiber);
	}
	return look->loose;
}

/* Whether there was anything to be done; what takes least comes first. */
static bool settle_one(struct actor__look *look)
{
	struct actor__semaphore_knot *knot;
	struct actor__fiber *fiber;

	if ((fiber = pop_loose(look))) {
		relieve(look, fiber);
	} else if ((fiber = pop(&look->unexamined))) {
		examine(look, fiber);
	} else if ((knot = pop_semaphore(look))) {
		sift(look, knot);
	} else if (look->any_loose) {
		look->any_loose = false;
		examine_again(look, &look->choosers);
	} else {
		return loosen_lost(look);
	}
	return true;
}

static void settle(struct actor__look *look)
{
	while (settle_one(look))
		;
}

/* The same of those who are still stuck, looking into their queues. */
static void settle_exactly(struct actor__look *look)
{
	look->is_exact = true;
	look->choosers = NULL;
	for (struct actor__fiber *fiber = look->first; fiber; fiber = fiber->knot.next) {
		fiber->knot.waiters = NULL;
		if (fiber->knot.is_stuck)
			push(&look->unexamined, fiber);
	}
	settle(look);
}

/* ---- what to look at ---- */

/* Whether its wait is to be examined now. */
static bool is_due(struct actor__look *look, struct actor__fiber *fiber)
{
	uintptr_t seen = look_of(fiber);

	if ((seen & ~ACTOR__LOOK_MASK) != (uintptr_t)look->executor ||
	    actor__looked(seen) > ACTOR__LOOK_AGAIN ||
	    atomic_load_explicit(&parker_of(fiber)->state, memory_order_relaxed) != ACTOR__PARKED)
		return false;
	return look->at_once || actor__looked(seen) == ACTOR__LOOK_AGAIN;
}

bool actor__look_any_due(struct actor__look *look)
{
	bool any = false;

	for (struct actor__fiber *fiber = actor__fibers(); fiber;
	     fiber = actor__fiber_older(fiber)) {
		uintptr_t first = (uintptr_t)look->executor + ACTOR__LOOK_FIRST;

		any |= is_due(look, fiber);
		/* Acquire: see actor__deadlocks_moved(). */
		if (atomic_compare_exchange_strong_explicit(
			    &fiber->look, &first, first + ACTOR__LOOK_AGAIN, memory_order_acquire,
			    memory_order_relaxed))
			look->any_young |= !look->at_once;
		look->n_fibers++;
	}
	return any;
}

static size_t n_buckets(const struct actor__look *look)
{
	return (size_t)1 << look->bits;
}

static void make_buckets(struct actor__look *look)
{
	struct actor__fiber **buckets;

	look->bits = FEW_BITS;
	while (look->n_fibers > 2 * n_buckets(look))
		look->bits++;
	buckets = look->bits > FEW_BITS ? malloc(n_buckets(look) * sizeof *buckets) : few_buckets;
	if (!buckets) {
		look->bits = FEW_BITS;
		buckets = few_buckets;
	}
	look->buckets = buckets;
	for (size_t i = 0; i < n_buckets(look); i++)
		buckets[i] = NULL;
}

/* All actors that are shown, for find_stuck(). Who comes later can go on. */
static void fill_buckets(struct actor__look *look)
{
	for (struct actor__fiber *fiber = actor__fibers(); fiber;
	     fiber = actor__fiber_older(fiber)) {
		struct actor__actor *actor = actor__fiber_actor(fiber);
		struct actor__fiber **bucket = &look->buckets[bucket_of(look, actor)];

		if (!actor)
			continue;
		fiber->knot.same_bucket = *bucket;
		*bucket = fiber;
	}
}

static void freeze_due(struct actor__look *look)
{
	for (struct actor__fiber *fiber = actor__fibers(); fiber;
	     fiber = actor__fiber_older(fiber)) {
		if (!is_due(look, fiber))
			continue;
		if (freeze(look, fiber, actor__fiber_actor(fiber)))
			/* It may have begun another wait meanwhile. */
			fiber->knot.is_new = look->at_once ||
					     actor__looked(look_of(fiber)) == ACTOR__LOOK_AGAIN;
	}
}

static void thaw(const struct actor__look *look, struct actor__fiber *fiber)
{
	struct actor__knot *knot = &fiber->knot;

	/* What is stuck waits for who was told, or is another deadlock: there is another look. Room
	 * that is promised may be taken, and nobody begin to wait. */
	if (knot->is_new && !knot->is_stuck && !look->any_promised &&
	    actor__looked(look_of(fiber)) < ACTOR__LOOKED)
		set_looked(fiber, ACTOR__LOOKED);
	forget_queue(fiber);
	knot->is_ours = false;
	actor__park_thaw(parker_of(fiber));
}

void actor__look_begin(struct actor__look *look)
{
	make_buckets(look);
	fill_buckets(look);
	freeze_due(look);
	settle(look);
	settle_exactly(look);
}

static void leave_to_looker(struct actor__fiber *fiber)
{
	set_looked(fiber, ACTOR__REPORTED);
	forget_queue(fiber);
	fiber->knot.is_ours = false;
}

void actor__look_end(struct actor__look *look, struct actor__fiber *told)
{
	struct actor__fiber *fiber = look->first, *next;

	for (; fiber; fiber = next) {
		next = fiber->knot.next;
		if (fiber == told)
			leave_to_looker(fiber);
		else
			thaw(look, fiber);
	}
	if (look->buckets != few_buckets)
		free(look->buckets);
}
