/* SPDX-License-Identifier: MIT */

/*
 * Deadlocks: which handlers wait for each other, and one of them told so.
 *
 * A look begins with the handlers that have waited for a while and have not been examined. They
 * are frozen (parker.h), and so is whoever they wait for, as far as that is a handler that waits
 * without a deadline, and so on. What is frozen together is taken for stuck, all of it, until
 * something is found that it may go on by: that nothing it waits for depends on who is stuck. Who
 * can go on no longer counts as stuck, which may be what others can go on by; so it is gone through
 * them until nothing changes. Whatever is left can go on only if somebody else in there does first:
 * that is no guess, since nothing of it changes while it is frozen.
 *
 *	an answer  is stuck if it is in the hands or in the queue of one that is
 *	room       if the queue of one that is holds as many messages as it may, and so no room is
 *		   promised to anybody
 *	a permit   see actor__permit_is_stuck()
 *
 * Whom a reply was posted to is known from its cell, as a hint: it need not be there any more, and
 * the actor may be gone. So an actor's fiber is looked up among all that are shown, and whether the
 * reply is still there is looked up in its queue; but only when nothing else speaks for it.
 *
 * In what is left, from anyone on who waits for whom leads into a circle. In it, a reply that is in
 * somebody's hands was there before that one began to wait; so the wait that has closed it is one
 * of the others, and one of these is told. What it has to hear it finds in its context, which is
 * the looker's as long as it is frozen; it stays so until log and report have been told.
 *
 * One look at a time, in the whole process.
 */

#include "deadlock.h"

#include "actor.h"
#include "intake.h"
#include "log.h"
#include "permit.h"
#include "util/memory.h"
#include "waiting.h"

#include <actor-iface/error.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define LOOK_NS 5000000	  /* 5 ms */
#define SHARE 100	  /* of the time, looks take one part in so many, */
#define MOST_NS 100000000 /* unless that would be more seldom than this: 100 ms */
#define N_TEXT 1000

static pthread_mutex_t looking = PTHREAD_MUTEX_INITIALIZER;

/* Where to look actors up, when there is no memory for more. */
static struct actor__fiber *few_buckets[64];

/**
 * struct look - a look in progress
 * @executor:  for whose actors' waits
 * @at_once:   also if they have just begun
 * @is_exact:  queues are looked into
 * @any_young: waits were found that have just begun
 * @any_promised: in a queue that somebody waits for there is room that is promised to others
 * @n_fibers:  that there are
 * @n_buckets: a power of two
 * @first, @last: those that are frozen, as they were found
 */
struct look {
	struct actor_executor *executor;
	bool at_once;
	bool is_exact;
	bool any_young;
	bool any_promised;
	size_t n_fibers;
	size_t n_buckets;
	struct actor__fiber **buckets;
	struct actor__fiber *first;
	struct actor__fiber *last;
};

/* A deadlock that was found, and who is to hear of it. */
struct found {
	struct actor__fiber *fiber;
	struct actor_deadlock deadlock;
	size_t n_text;
	char text[N_TEXT];
};

/* ---- who is frozen ---- */

static struct actor__parker *parker_of(struct actor__fiber *fiber)
{
	return &fiber->context.parker;
}

static enum actor__looked looked(uintptr_t look)
{
	return (enum actor__looked)(look & ACTOR__LOOK_MASK);
}

static uintptr_t look_of(struct actor__fiber *fiber)
{
	return atomic_load_explicit(&fiber->look, memory_order_relaxed);
}

/* Of a fiber that is frozen. */
static void set_looked(struct actor__fiber *fiber, enum actor__looked looked)
{
	atomic_store_explicit(&fiber->look, (look_of(fiber) & ~ACTOR__LOOK_MASK) | looked,
			      memory_order_relaxed);
}

/* Whether it is there now, on a handler of that actor that waits without a deadline. */
static bool freeze(struct look *look, struct actor__fiber *fiber, const struct actor__actor *actor)
{
	struct actor__knot *knot = &fiber->knot;

	if (knot->is_ours)
		return actor__fiber_actor(fiber) == actor;
	if (!actor__park_freeze(parker_of(fiber)))
		return false;
	if (actor__fiber_actor(fiber) != actor || fiber->has_deadline) {
		actor__park_thaw(parker_of(fiber));
		return false;
	}
	*knot = (struct actor__knot){
		.previous = look->last,
		.same_bucket = knot->same_bucket,
		.is_ours = true,
		.is_stuck = looked(look_of(fiber)) != ACTOR__REPORTED,
	};
	*(look->last ? &look->last->knot.next : &look->first) = fiber;
	look->last = fiber;
	return true;
}

static size_t bucket_of(const struct look *look, const struct actor__actor *actor)
{
	return ((uintptr_t)actor >> 6) * 2654435761u & (look->n_buckets - 1);
}

/* The fiber on which an actor waits, frozen and stuck; or NULL. */
static struct actor__fiber *find_stuck(struct look *look, const struct actor__actor *actor)
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
	fiber->knot.is_promised = channel->one && n < actor__used(head);
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

/* Of the message whose answer is awaited. */
static const struct actor_message_type *queued_type(const struct actor__fiber *holder,
						    const struct actor_reply *reply)
{
	const struct actor__channel *channel = &actor__fiber_actor(holder)->channel;
	const struct actor_message_type *type = type_of(channel->stash, reply);

	return type ? type : type_of(actor__messages(atomic_load(&channel->head)), reply);
}

/* ---- who is stuck ---- */

/* For permits. */
struct asking {
	struct look *look;
	struct actor__fiber *first; /* that was found */
};

static bool actor_is_stuck(void *user, const struct actor__actor *actor)
{
	struct asking *asking = user;
	struct actor__fiber *fiber = actor ? find_stuck(asking->look, actor) : NULL;

	if (!asking->first)
		asking->first = fiber;
	return fiber;
}

static bool permit_is_stuck(struct look *look, struct actor_permit *permit,
			    struct actor__edge *ret_edge)
{
	struct asking asking = { look, NULL };
	bool stuck = actor__permit_is_stuck(permit, actor_is_stuck, &asking);

	*ret_edge = (struct actor__edge){ asking.first, ACTOR__FOR_PERMIT, NULL, NULL };
	return stuck;
}

static bool reply_is_stuck(struct look *look, struct actor_reply *reply,
			   struct actor__edge *ret_edge)
{
	struct actor__reply_cell *cell = actor__reply_cell_of(reply);
	uintptr_t holder = actor__reply_holder(cell);
	struct actor__fiber *fiber;

	if (holder & ACTOR__HELD_IN_LINE)
		return permit_is_stuck(look, (struct actor_permit *)(holder - ACTOR__HELD_IN_LINE),
				       ret_edge);
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

static bool replies_are_stuck(struct look *look, const struct actor_await *wait,
			      struct actor__edge *ret_edge)
{
	bool any = false, stuck;

	for (size_t i = 0; i < wait->n_replies; i++) {
		struct actor_reply *reply = actor_await_reply(wait, i);
		struct actor__edge edge;

		if (!reply)
			continue;
		stuck = reply_is_stuck(look, reply, &edge);
		if (stuck && !any)
			*ret_edge = edge;
		any |= stuck;
		if (stuck != (wait->mode == ACTOR_AWAIT_ANY))
			return stuck;
	}
	return any;
}

/* Room is waited for with an address, so the actor is there. */
static bool room_is_stuck(struct look *look, const struct actor__room_waiter *room,
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

/* Whether nobody but who is stuck can have it go on, and through whom. */
static bool is_stuck(struct look *look, struct actor__fiber *fiber, struct actor__edge *ret_edge)
{
	const struct actor__context *context = &fiber->context;

	switch (context->waits) {
	case ACTOR__FOR_ANSWER: {
		const struct actor__reply_cell *cell = context->awaited;

		return reply_is_stuck(look, (struct actor_reply *)(uintptr_t)&cell->reply,
				      ret_edge);
	}
	case ACTOR__FOR_REPLIES:
		return replies_are_stuck(look, context->awaited, ret_edge);
	case ACTOR__FOR_ROOM:
		return room_is_stuck(look, context->awaited, ret_edge);
	}
	return false;
}

/* Have those who can go on no longer counted. What is found on the way comes last; and since who
 * can go on is at the end of a chain of those who wait for it, most often it is begun there. */
static void settle(struct look *look)
{
	struct actor__fiber *fiber, *last;
	bool changed;

	do {
		changed = false;
		last = look->last;
		for (fiber = last; fiber; fiber = fiber->knot.previous)
			if (fiber->knot.is_stuck && !is_stuck(look, fiber, &fiber->knot.edge)) {
				fiber->knot.is_stuck = false;
				changed = true;
			}
	} while (changed || look->last != last);
}

/* ---- what to look at ---- */

/* Whether its wait is to be examined now. */
static bool is_due(struct look *look, struct actor__fiber *fiber)
{
	uintptr_t seen = look_of(fiber);

	if ((seen & ~ACTOR__LOOK_MASK) != (uintptr_t)look->executor ||
	    looked(seen) > ACTOR__LOOK_AGAIN ||
	    atomic_load_explicit(&parker_of(fiber)->state, memory_order_relaxed) != ACTOR__PARKED)
		return false;
	return look->at_once || looked(seen) == ACTOR__LOOK_AGAIN;
}

/* Count all, and have the next look look at what has begun since the last. */
static bool any_due(struct look *look)
{
	bool any = false;

	for (struct actor__fiber *fiber = actor__fibers(); fiber;
	     fiber = actor__fiber_older(fiber)) {
		uintptr_t first = (uintptr_t)look->executor + ACTOR__LOOK_FIRST;

		any |= is_due(look, fiber);
		if (atomic_compare_exchange_strong_explicit(
			    &fiber->look, &first, first + ACTOR__LOOK_AGAIN, memory_order_relaxed,
			    memory_order_relaxed))
			look->any_young |= !look->at_once;
		look->n_fibers++;
	}
	return any;
}

static void make_buckets(struct look *look)
{
	look->buckets = few_buckets;
	look->n_buckets = sizeof few_buckets / sizeof few_buckets[0];
	if (look->n_fibers > 2 * look->n_buckets) {
		size_t n = look->n_buckets;
		struct actor__fiber **buckets;

		while (n < look->n_fibers)
			n *= 2;
		buckets = malloc(n * sizeof(struct actor__fiber *));
		if (buckets) {
			look->buckets = buckets;
			look->n_buckets = n;
		}
	}
	for (size_t i = 0; i < look->n_buckets; i++)
		look->buckets[i] = NULL;
}

/* All actors that are shown, for find_stuck(). Who comes later can go on. */
static void fill_buckets(struct look *look)
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

static void freeze_due(struct look *look)
{
	for (struct actor__fiber *fiber = actor__fibers(); fiber;
	     fiber = actor__fiber_older(fiber)) {
		if (!is_due(look, fiber))
			continue;
		if (freeze(look, fiber, actor__fiber_actor(fiber)))
			/* It may have begun another wait meanwhile. */
			fiber->knot.is_new = look->at_once ||
					     looked(look_of(fiber)) == ACTOR__LOOK_AGAIN;
	}
}

static void thaw(const struct look *look, struct actor__fiber *fiber)
{
	struct actor__knot *knot = &fiber->knot;

	/* What is stuck waits for who was told, or is another deadlock: there is another look. Room
	 * that is promised may be taken, and nobody begin to wait. */
	if (knot->is_new && !knot->is_stuck && !look->any_promised &&
	    looked(look_of(fiber)) < ACTOR__LOOKED)
		set_looked(fiber, ACTOR__LOOKED);
	forget_queue(fiber);
	knot->is_ours = false;
	actor__park_thaw(parker_of(fiber));
}

/* All but one, which may be NULL. */
static void thaw_all(struct look *look, const struct actor__fiber *but)
{
	struct actor__fiber *fiber = look->first, *next;

	for (; fiber; fiber = next) {
		next = fiber->knot.next;
		if (fiber != but)
			thaw(look, fiber);
	}
}

/* ---- who is told ---- */

/* With numbers, here and below, so that a simulation finds the same one each time. */
static struct actor__fiber *any_stuck(struct look *look)
{
	struct actor__fiber *best = NULL;

	for (struct actor__fiber *fiber = look->first; fiber; fiber = fiber->knot.next)
		if (fiber->knot.is_stuck &&
		    (!best || actor__fiber_actor(fiber)->number > actor__fiber_actor(best)->number))
			best = fiber;
	return best;
}

/* Somebody in a circle. */
static struct actor__fiber *into_circle(struct actor__fiber *fiber)
{
	while (!fiber->knot.is_passed) {
		fiber->knot.is_passed = true;
		fiber = fiber->knot.edge.to;
	}
	return fiber;
}

static bool is_to_fail(const struct actor__fiber *fiber)
{
	return actor__fiber_actor(fiber)->executor->deadlocks.mode == ACTOR_DEADLOCKS_FAIL;
}

/* Who would rather be told: who can be, and who may have been the last to wait. */
static bool is_better(const struct actor__fiber *fiber, const struct actor__fiber *than)
{
	if (is_to_fail(fiber) != is_to_fail(than))
		return is_to_fail(fiber);
	if ((fiber->knot.edge.what == ACTOR__FOR_WHAT_IS_IN_HAND) !=
	    (than->knot.edge.what == ACTOR__FOR_WHAT_IS_IN_HAND))
		return than->knot.edge.what == ACTOR__FOR_WHAT_IS_IN_HAND;
	if (fiber->knot.is_new != than->knot.is_new)
		return fiber->knot.is_new;
	return actor__fiber_actor(fiber)->number > actor__fiber_actor(than)->number;
}

static struct actor__fiber *choose(struct actor__fiber *first)
{
	struct actor__fiber *best = first, *fiber = first;

	while ((fiber = fiber->knot.edge.to) != first)
		if (is_better(fiber, best))
			best = fiber;
	return best;
}

/* What does not fit is left out. */
ACTOR__PRINTF(2, 3) static void append(struct found *found, const char *format, ...)
{
	va_list arguments;
	int n;

	va_start(arguments, format);
	n = vsnprintf(found->text + found->n_text, N_TEXT - found->n_text, format, arguments);
	va_end(arguments);
	if (n > 0)
		found->n_text += (size_t)n;
	if (found->n_text >= N_TEXT)
		found->n_text = N_TEXT - 1;
}

static void append_actor(struct found *found, const struct actor__actor *actor)
{
	struct actor_info info = actor__actor_info(actor);

	append(found, "%s(id %llu)", info.name[0] ? info.name : info.type,
	       (unsigned long long)info.identity.number);
}

static const struct actor_message_type *type_of_wait(const struct actor__edge *edge)
{
	return edge->what == ACTOR__FOR_WHAT_IS_QUEUED ? queued_type(edge->to, edge->reply)
						       : edge->type;
}

static void append_wait(struct found *found, const struct actor__edge *edge)
{
	if (edge->what == ACTOR__FOR_PERMIT)
		append(found, " waits for a permit that depends on ");
	else
		append(found,
		       edge->what == ACTOR__FOR_FULL ? " waits for room for '%s' in "
						     : " awaits '%s' of ",
		       type_of_wait(edge)->name);
	append_actor(found, actor__fiber_actor(edge->to));
}

static void init_found(struct found *found, struct actor__fiber *fiber,
		       const struct actor_message_type *type)
{
	found->fiber = fiber;
	found->n_text = 0;
	found->deadlock = (struct actor_deadlock){
		.size = sizeof found->deadlock,
		.text = found->text,
		.actor = actor__actor_info(actor__fiber_actor(fiber)),
		.message_type = type ? type->name : NULL,
		.n_actors = 1,
		.fails = is_to_fail(fiber),
	};
	append(found, "deadlock: ");
	append_actor(found, actor__fiber_actor(fiber));
}

static void describe(struct found *found, struct actor__fiber *first)
{
	struct actor__fiber *fiber = first;

	init_found(found, first, type_of_wait(&first->knot.edge));
	append_wait(found, &first->knot.edge);
	while ((fiber = fiber->knot.edge.to) != first) {
		append(found, ", which");
		append_wait(found, &fiber->knot.edge);
		found->deadlock.n_actors++;
	}
}

/* It is on the stack of a handler, or that is frozen. */
static void note_error(const struct found *found)
{
	struct actor_error *error = &found->fiber->context.error;

	actor__error_init(error, ACTOR_E_DEADLOCK, &found->deadlock.actor,
			  found->deadlock.message_type);
	actor__copy_text(error->text, sizeof error->text, found->text);
}

static void tell(const struct actor__deadlocks *deadlocks, const struct found *found)
{
	actor__log_text(ACTOR_LOG_ERROR, &found->deadlock.actor, found->deadlock.message_type,
			found->text);
	if (deadlocks->report)
		deadlocks->report(deadlocks->user, &found->deadlock);
}

/* ---- looking ---- */

/* With the lock: whether there is a deadlock, of which one is still frozen. */
static bool find(struct look *look, struct found *ret_found)
{
	struct actor__fiber *fiber;

	make_buckets(look);
	fill_buckets(look);
	freeze_due(look);
	settle(look);
	look->is_exact = true;
	settle(look);
	fiber = any_stuck(look);
	if (fiber) {
		fiber = choose(into_circle(fiber));
		describe(ret_found, fiber);
		fiber->knot.is_stuck = false;
		set_looked(fiber, ACTOR__REPORTED);
		forget_queue(fiber);
		fiber->knot.is_ours = false;
	}
	thaw_all(look, fiber);
	if (look->buckets != few_buckets)
		free(look->buckets);
	return fiber;
}

/* Nobody but us has it frozen. */
static void end_wait(const struct found *found)
{
	if (!found->deadlock.fails) {
		actor__park_thaw(parker_of(found->fiber));
		return;
	}
	note_error(found);
	found->fiber->waits_in_vain = true;
	actor__park_thaw_woken(parker_of(found->fiber));
}

/* Find one: whether there was one. */
static bool look_once(struct actor_executor *executor, bool at_once, bool *any_young)
{
	struct look look = { .executor = executor, .at_once = at_once };
	struct found found;
	bool any = false;

	pthread_mutex_lock(&looking);
	if (any_due(&look))
		any = find(&look, &found);
	pthread_mutex_unlock(&looking);
	*any_young |= look.any_young || look.any_promised;
	if (any) {
		tell(&executor->deadlocks, &found);
		end_wait(&found);
	}
	return any;
}

/* The thread will look around, as if somebody had begun to wait there. */
static void look_when_idle(struct actor__thread *thread)
{
	if (thread->until_look == thread->looks_every)
		thread->until_look--;
}

bool actor__deadlocks_look_idle(struct actor__thread *thread, struct actor_executor *executor)
{
	bool any_young = false, any = false;

	if (thread->until_look == thread->looks_every ||
	    executor->deadlocks.mode == ACTOR_DEADLOCKS_IGNORE)
		return false;
	actor__deadlocks_look_every(thread, thread->looks_every);
	while (look_once(executor, true, &any_young))
		any = true;
	if (any_young)
		look_when_idle(thread);
	return any;
}

/* ---- when to look ---- */

static void arm(struct actor_executor *executor, int64_t at_ns)
{
	struct actor__deadlocks *deadlocks = &executor->deadlocks;

	/* An exchange, also where it is taken back: who finds it armed has its wait seen. */
	if (deadlocks->mode != ACTOR_DEADLOCKS_IGNORE && !atomic_exchange(&deadlocks->armed, true))
		actor__executor_arm(executor, &deadlocks->timer, at_ns);
}

static int64_t next_ns(const struct actor__deadlocks *deadlocks)
{
	/* Relaxed: whoever has the timer writes them. */
	return atomic_load_explicit(&deadlocks->looked_ns, memory_order_relaxed) +
	       atomic_load_explicit(&deadlocks->every_ns, memory_order_relaxed);
}

static void arm_soon(struct actor_executor *executor)
{
	int64_t soon = actor__executor_now(executor) + LOOK_NS,
		next = next_ns(&executor->deadlocks);

	arm(executor, soon > next ? soon : next);
}

void actor__deadlocks_some_wait(struct actor__thread *thread, struct actor_executor *executor)
{
	actor__deadlocks_look_every(thread, thread->looks_every);
	arm_soon(executor);
}

void actor__deadlocks_many_wait(struct actor__thread *thread, struct actor_executor *executor)
{
	int64_t now;

	actor__deadlocks_look_every(thread, thread->looks_every);
	if (executor->deadlocks.when_idle) {
		look_when_idle(thread);
	} else if (thread->looks_every == 1) {
		arm_soon(executor);
	} else {
		now = actor__executor_now(executor);
		if (now >= next_ns(&executor->deadlocks))
			arm(executor,
			    now); /* until then, each look at the timers is one at the clock */
	}
}

static void fire(struct actor__timer *timer)
{
	(void)timer;
}

/* How long after a look that took so long the next one may come. */
static int64_t pause_after(int64_t took_ns)
{
	if (took_ns > MOST_NS / SHARE)
		return MOST_NS;
	return took_ns > LOOK_NS / SHARE ? took_ns * SHARE : LOOK_NS;
}

static void run(struct actor__timer *timer, int64_t now_ns)
{
	struct actor__deadlocks *deadlocks = ACTOR_CONTAINER_OF(timer, struct actor__deadlocks,
								timer);
	struct actor_executor *executor = ACTOR_CONTAINER_OF(deadlocks, struct actor_executor,
							     deadlocks);
	struct actor__thread *thread = actor__thread();
	int64_t begun_ns = actor__now();
	bool any_young = false;

	atomic_store_explicit(&timer->fired, false, memory_order_relaxed);
	atomic_exchange(&deadlocks->armed, false);
	while (look_once(executor, false, &any_young))
		;
	/* Relaxed: see next_ns(). */
	atomic_store_explicit(&deadlocks->looked_ns, now_ns, memory_order_relaxed);
	atomic_store_explicit(&deadlocks->every_ns, pause_after(actor__now() - begun_ns),
			      memory_order_relaxed);
	if (any_young && thread->looks_every == 1)
		arm_soon(executor);
	else if (any_young)
		look_when_idle(thread);
}

static const struct actor__timer_kind looks = { .fire = fire, .run = run };

void actor__deadlocks_init(struct actor__deadlocks *deadlocks)
{
	deadlocks->timer.kind = &looks;
	atomic_init(&deadlocks->every_ns, LOOK_NS);
}

/* ---- what others call ---- */

/* If the wait is another executor's, that will see it the next time it looks: whether it is there
 * still, nobody knows here. */
void actor__deadlocks_again(struct actor__parker *parker)
{
	struct actor__thread *thread = actor__thread();
	struct actor__fiber *fiber = actor__fiber_parked_on(parker);
	uintptr_t before = fiber ? look_of(fiber) : 0;

	if (looked(before) != ACTOR__LOOKED ||
	    !atomic_compare_exchange_strong_explicit(&fiber->look, &before,
						     before - ACTOR__LOOKED + ACTOR__LOOK_AGAIN,
						     memory_order_relaxed, memory_order_relaxed))
		return;
	if (thread->looks_every > 1)
		look_when_idle(thread);
	else if (actor__in_handler(thread))
		arm_soon(actor__fiber_actor(thread->fiber)->executor);
}

int actor__deadlocks_itself(struct actor__fiber *fiber, const struct actor_message_type *type)
{
	const struct actor__deadlocks *deadlocks = &actor__fiber_actor(fiber)->executor->deadlocks;
	struct found found;

	if (deadlocks->mode == ACTOR_DEADLOCKS_IGNORE)
		return 0;
	init_found(&found, fiber, type);
	append(&found, " awaits '%s' of itself", type->name);
	tell(deadlocks, &found);
	if (!found.deadlock.fails)
		return 0;
	note_error(&found);
	return ACTOR_E_DEADLOCK;
}

int actor_executor_set_deadlocks(struct actor_executor *executor,
				 const struct actor_deadlock_options *given)
{
	struct actor_deadlock_options options = { .size = sizeof options };
	bool is_quiet;

	if (given)
		memcpy(&options, given,
		       given->size < sizeof options ? given->size : sizeof options);
	if (options.mode > ACTOR_DEADLOCKS_IGNORE)
		return ACTOR_E_INVALID;
	pthread_mutex_lock(&executor->lock);
	is_quiet = actor__executor_quiet(executor);
	if (is_quiet) {
		executor->deadlocks.mode = options.mode;
		executor->deadlocks.report = options.report;
		executor->deadlocks.user = options.user;
	}
	pthread_mutex_unlock(&executor->lock);
	return is_quiet ? 0 : ACTOR_E_BUSY;
}
