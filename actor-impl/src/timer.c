/* SPDX-License-Identifier: MIT */

/*
 * Timers that send messages.
 *
 * Whoever fires it, resets it, cancels it or ends it has the timer's turn, a latch, so that these
 * happen one after the other: a cancel that finds a message being sent waits until it is. With the
 * turn in hand, addresses are used and messages copied and dropped; nobody is waited for there but
 * those who have the turn, and they wait for nobody. The functions that others call with locks of
 * theirs, fire() and wake(), do without.
 *
 * A timer is in the list of its executor until it has ended or its owner destroys it. Its memory is
 * held by whoever may make it send (the owner, or the timer itself if nobody owns it), by the
 * thread that has taken it to fire it, and by an answer that is still to come. So a thread that
 * comes to fire it finds the memory there, and looks, with the turn, whether there is still
 * something to do: `fired` is withdrawn by a reset or a cancel meanwhile.
 *
 * A message that waits for room needs no thread: its timer is in line, and wake(), which may only
 * schedule, arms it again, due at once. A message that has an answer is sent with a reply of the
 * timer's, which so learns when it has been handled.
 */

#include "timer.h"

#include "executor.h"
#include "thread.h"

#include <actor-impl/timer.h>
#include <string.h>

/* When there was no memory to send a message, it is tried again after that time. */
#define RETRY_NS 10000000

/**
 * struct actor_timer - with its message behind it
 * @node:      in the executor's timers
 * @executor:  where it fires; set once
 * @address:   where to, weak; NULL: it has ended; with the turn
 * @n_holders: of its memory
 * @turn:      see above
 * @in_line:   it waits for room; with the turn
 * @owned:     it has an owner; set once
 *
 * Up to here, all that is needed to set and to cancel one is in a cache line. Set once:
 * @type:      of the message
 * @message:   what is sent, or copied
 * @copy:      where copies are made; NULL: plain data is sent as it is
 * @bytes:     of its memory
 *
 * @next, @previous: in its executor's list, under the latch of that
 * @period_ns: 0: it sends once. Of a ticker it changes, with the turn
 * @n_missed:  what is told
 * @waiter:    in line
 * @reply:     what is sent with a message that has an answer
 * @is_out:    that has not come back yet. Set with the turn, cleared by deliver()
 */
struct actor_timer {
	struct actor__timer node;
	struct actor_executor *executor;
	struct actor_address *address;
	atomic_uint n_holders;
	struct actor__latch turn;
	bool in_line;
	bool owned;
	const struct actor_message_type *type;
	void *message;
	void *copy;
	size_t bytes;
	struct actor_timer *next;
	struct actor_timer *previous;
	int64_t period_ns;
	_Atomic uint64_t n_missed;
	struct actor_waiter waiter;
	struct actor_reply reply;
	atomic_bool is_out;
};

_Static_assert(offsetof(struct actor_timer, type) <= 64, "what is hot is a cache line");

static void hold(struct actor_timer *timer)
{
	/* Relaxed: whoever holds more holds some already, or keeps it armed. */
	atomic_fetch_add_explicit(&timer->n_holders, 1, memory_order_relaxed);
}

static void release(struct actor_timer *timer)
{
	/* Release: what was done with the memory comes before it goes; acquire: for the last. */
	if (atomic_fetch_sub_explicit(&timer->n_holders, 1, memory_order_acq_rel) > 1)
		return;
	actor__count(actor__thread(), ACTOR__COUNT_TIMERS, -1);
	actor__cell_free(&actor__thread()->cells, timer, timer->bytes);
}

/* ---- the executor's list ---- */

static void enlist(struct actor_timer *timer)
{
	struct actor__timer_list *list = &timer->executor->posting;

	actor__latch_take(&list->latch);
	timer->previous = NULL;
	timer->next = list->first;
	if (timer->next)
		timer->next->previous = timer;
	list->first = timer;
	list->n_owned += timer->owned;
	actor__latch_leave(&list->latch);
}

static void delist(struct actor_timer *timer)
{
	struct actor__timer_list *list = &timer->executor->posting;

	actor__latch_take(&list->latch);
	*(timer->previous ? &timer->previous->next : &list->first) = timer->next;
	if (timer->next)
		timer->next->previous = timer->previous;
	list->n_owned -= timer->owned;
	actor__latch_leave(&list->latch);
}

static void count_owned(struct actor__timer_list *list, int n)
{
	actor__latch_take(&list->latch);
	list->n_owned += (size_t)n;
	actor__latch_leave(&list->latch);
}

void actor__timer_list_keep(struct actor__timer_list *list)
{
	count_owned(list, 1);
}

void actor__timer_list_leave(struct actor__timer_list *list)
{
	count_owned(list, -1);
}

size_t actor__timer_list_n_owned(struct actor__timer_list *list)
{
	size_t n_owned;

	actor__latch_take(&list->latch);
	n_owned = list->n_owned;
	actor__latch_leave(&list->latch);
	return n_owned;
}

/* ---- with the turn ---- */

static void miss(struct actor_timer *timer, uint64_t n)
{
	/* Relaxed: only a number. */
	atomic_fetch_add_explicit(&timer->n_missed, n, memory_order_relaxed);
}

/* By wake(), too, while it is in line. */
static void arm(struct actor_timer *timer, int64_t at_ns)
{
	actor__executor_arm(timer->executor, &timer->node, at_ns);
}

static void leave_line(struct actor_timer *timer)
{
	if (timer->in_line)
		actor_address_withdraw(timer->address, &timer->waiter);
	timer->in_line = false;
}

/* Nothing is to be sent any more: whether something was. */
static bool disarm(struct actor_timer *timer)
{
	bool was_in_line = timer->in_line;

	leave_line(timer); /* from here on nobody arms it */
	return actor__timer_disarm(&timer->executor->timers, &timer->node) || was_in_line;
}

/* To be sent at another time. */
static void set(struct actor_timer *timer, int64_t at_ns)
{
	leave_line(timer);
	if (at_ns == ACTOR_FOREVER)
		disarm(timer);
	else
		arm(timer, at_ns);
}

static void end(struct actor_timer *timer)
{
	struct actor_address *address = timer->address;

	disarm(timer);
	actor_message_drop(timer->type, timer->message);
	timer->address = NULL;
	actor_address_unref(address);
}

static bool has_ended(const struct actor_timer *timer)
{
	return !timer->address;
}

/* Whether a message that was not accepted may be at another time. */
static bool may_be_accepted_later(int status)
{
	return status == ACTOR_E_FULL || status == ACTOR_E_NOMEM;
}

static void send_once(struct actor_timer *timer)
{
	int rc = actor_address_post(timer->address, timer->type, timer->message, NULL,
				    &timer->waiter);

	timer->in_line = rc == ACTOR_E_FULL;
	if (rc == ACTOR_E_NOMEM)
		arm(timer, actor_time_after(actor__executor_now(timer->executor), RETRY_NS));
	else if (!timer->in_line)
		end(timer);
}

static int post(struct actor_timer *timer, void *message)
{
	struct actor_reply *reply = timer->type->reply ? &timer->reply : NULL;
	int rc;

	if (reply) { /* it may come back before the post returns */
		atomic_store_explicit(&timer->is_out, true, memory_order_relaxed);
		hold(timer);
	}
	rc = actor_address_post(timer->address, timer->type, message, reply, NULL);
	if (rc < 0 && reply) {
		atomic_store_explicit(&timer->is_out, false, memory_order_relaxed);
		release(timer);
	}
	return rc;
}

static int post_copy(struct actor_timer *timer)
{
	int rc = actor_message_copy(timer->type, timer->copy, timer->message);

	if (rc < 0)
		return rc;
	rc = post(timer, timer->copy);
	if (rc < 0)
		actor_message_drop(timer->type, timer->copy);
	return rc;
}

static int post_tick(struct actor_timer *timer)
{
	/* Acquire: the message before has been handled. */
	if (atomic_load_explicit(&timer->is_out, memory_order_acquire))
		return ACTOR_E_FULL;
	if (timer->type == &actor_tick_type)
		((struct actor_tick *)timer->message)->time_ns = timer->node.deadline_ns;
	return timer->copy ? post_copy(timer) : post(timer, timer->message);
}

static void send_again(struct actor_timer *timer, int64_t now_ns)
{
	int64_t late_ns = now_ns - timer->node.deadline_ns, rest_ns = late_ns % timer->period_ns;
	int rc = post_tick(timer);

	if (rc < 0 && !may_be_accepted_later(rc)) {
		end(timer);
		return;
	}
	miss(timer, (uint64_t)(late_ns / timer->period_ns) + (rc < 0));
	set(timer, actor_time_after(now_ns, timer->period_ns - rest_ns));
}

/* ---- firing ---- */

static struct actor_timer *timer_of(struct actor__timer *node)
{
	return ACTOR_CONTAINER_OF(node, struct actor_timer, node);
}

static void fire(struct actor__timer *node)
{
	hold(timer_of(node));
}

static void run(struct actor__timer *node, int64_t now_ns)
{
	struct actor_timer *timer = timer_of(node);
	bool is_over;

	actor__latch_take(&timer->turn);
	/* Relaxed: it is changed with the turn; or by wake(), after which it fires again. */
	if (atomic_exchange_explicit(&node->fired, false, memory_order_relaxed)) {
		if (timer->period_ns > 0)
			send_again(timer, now_ns);
		else
			send_once(timer);
	}
	is_over = has_ended(timer) && !timer->owned;
	actor__latch_leave(&timer->turn);
	if (is_over) {
		delist(timer);
		release(timer); /* its own */
	}
	release(timer);
}

static const struct actor__timer_kind posting = { .fire = fire, .run = run };

/* Room, maybe. With somebody's lock held. */
static void wake(struct actor_waiter *waiter)
{
	struct actor_timer *timer = ACTOR_CONTAINER_OF(waiter, struct actor_timer, waiter);

	arm(timer, ACTOR_AT_ONCE);
}

/* The message with which this was sent has been handled, or will not be. */
static int deliver(struct actor_reply *reply, int status, void *value)
{
	struct actor_timer *timer = ACTOR_CONTAINER_OF(reply, struct actor_timer, reply);

	if (status == 0)
		actor_message_drop(timer->type->reply, value);
	/* Release: it has been handled before the next is sent. */
	atomic_store_explicit(&timer->is_out, false, memory_order_release);
	release(timer);
	return 0;
}

static const struct actor_reply_ops reply_ops = { .size = sizeof reply_ops, .deliver = deliver };

/* ---- for those who make timers ---- */

/* Where in a timer of so many bytes up to there a message lies; @bytes becomes more by that. */
static size_t place(size_t *bytes, const struct actor_message_type *type)
{
	size_t at = (*bytes + type->message_align - 1) & ~(type->message_align - 1);

	*bytes = at + type->message_size;
	return at;
}

/* Its memory; NULL when there is none. What is not zero yet is for those who call this. */
static struct actor_timer *allocate(const struct actor_message_type *type, bool copies)
{
	size_t slack = type->message_align > 64 ? type->message_align : 0; /* cells begin a line */
	size_t bytes = sizeof(struct actor_timer);
	size_t message_at = place(&bytes, type), copy_at = copies ? place(&bytes, type) : 0;
	struct actor_timer *timer;
	char *base;

	if (type->message_size > SIZE_MAX / 8)
		return NULL;
	bytes += slack;
	timer = actor__cell_alloc(&actor__thread()->cells, bytes);
	if (!timer)
		return NULL;
	actor__count(actor__thread(), ACTOR__COUNT_TIMERS, 1);
	memset(timer, 0, sizeof *timer);
	timer->bytes = bytes;
	base = (char *)timer;
	if (slack)
		base += -(uintptr_t)timer & (type->message_align - 1);
	timer->message = base + message_at;
	timer->copy = copies ? base + copy_at : NULL;
	return timer;
}

/* All but the message; not armed. */
static struct actor_timer *create(struct actor_executor *executor, struct actor_address *address,
				  const struct actor_message_type *type, bool copies, bool owned)
{
	struct actor_timer *timer = allocate(type, copies);

	if (!timer)
		return NULL;
	timer->node.kind = &posting;
	timer->executor = executor;
	timer->address = actor_address_weak(address);
	timer->type = type;
	timer->owned = owned;
	timer->reply.ops = &reply_ops;
	actor_waiter_init(&timer->waiter, wake);
	atomic_init(&timer->n_holders, 1);
	return timer;
}

/* With its message, and its first time. It may have gone when this returns. */
static void set_off(struct actor_timer *timer, void *message, int64_t at_ns,
		    struct actor_timer **ret_timer)
{
	memcpy(timer->message, message, timer->type->message_size);
	if (timer->type->drop)
		memset(message, 0, timer->type->message_size);
	if (ret_timer)
		*ret_timer = timer;
	enlist(timer);
	if (at_ns != ACTOR_FOREVER)
		arm(timer, at_ns);
}

int actor_timer_once(struct actor_executor *executor, struct actor_address *address,
		     const struct actor_message_type *type, void *message, int64_t at_ns,
		     struct actor_timer **ret_timer)
{
	struct actor_timer *timer;

	if (at_ns == ACTOR_FOREVER && !ret_timer)
		return ACTOR_E_INVALID;
	if (!actor_address_handles(address, type))
		return ACTOR_E_UNHANDLED;
	timer = create(executor, address, type, false, ret_timer);
	if (!timer)
		return ACTOR_E_NOMEM;
	set_off(timer, message, at_ns, ret_timer);
	return 0;
}

int actor_timer_every(struct actor_executor *executor, struct actor_address *address,
		      const struct actor_message_type *type, void *message, int64_t period_ns,
		      struct actor_timer **ret_timer)
{
	int64_t at_ns = actor_time_after(actor__executor_now(executor), period_ns);
	struct actor_timer *timer;

	if (period_ns <= 0 || (type->drop && !type->copy))
		return ACTOR_E_INVALID;
	if (at_ns == ACTOR_FOREVER && !ret_timer)
		return ACTOR_E_INVALID;
	if (!actor_address_handles(address, type))
		return ACTOR_E_UNHANDLED;
	timer = create(executor, address, type, type->copy, ret_timer);
	if (!timer)
		return ACTOR_E_NOMEM;
	timer->period_ns = period_ns;
	set_off(timer, message, at_ns, ret_timer);
	return 0;
}

/* Ticks are counted from there: that is now, if it has passed. */
static int64_t first_tick(struct actor_timer *timer, int64_t at_ns)
{
	int64_t now_ns = actor__executor_now(timer->executor);

	return at_ns < now_ns ? now_ns : at_ns;
}

int actor_timer_reset(struct actor_timer *timer, int64_t at_ns)
{
	int rc = 0;

	actor__latch_take(&timer->turn);
	if (has_ended(timer))
		rc = ACTOR_E_CLOSED;
	else
		set(timer, timer->period_ns > 0 ? first_tick(timer, at_ns) : at_ns);
	actor__latch_leave(&timer->turn);
	return rc;
}

bool actor_timer_cancel(struct actor_timer *timer)
{
	bool was_to_send;

	actor__latch_take(&timer->turn);
	was_to_send = disarm(timer);
	actor__latch_leave(&timer->turn);
	return was_to_send;
}

uint64_t actor_timer_n_missed(const struct actor_timer *timer)
{
	return atomic_load_explicit(&timer->n_missed, memory_order_relaxed);
}

void actor_timer_destroy(struct actor_timer *timer)
{
	if (!timer)
		return;
	actor__latch_take(&timer->turn);
	if (!has_ended(timer))
		end(timer);
	actor__latch_leave(&timer->turn);
	delist(timer);
	release(timer);
}

/* Nobody else takes anything off the list any more. */
void actor__timer_list_end(struct actor__timer_list *list)
{
	while (list->first)
		actor_timer_destroy(list->first);
}

/* ---- tickers ---- */

static const struct actor_message_type tick_reply_type = {
	.size = sizeof tick_reply_type,
	.name = "actor.tick.reply",
	.message_size = sizeof(struct actor_unit),
	.message_align = _Alignof(struct actor_unit),
};

ACTOR_EXPORT const struct actor_message_type actor_tick_type = {
	.size = sizeof actor_tick_type,
	.name = "actor.tick",
	.message_size = sizeof(struct actor_tick),
	.message_align = _Alignof(struct actor_tick),
	.reply = &tick_reply_type,
};

/* A ticker is a timer. */
static struct actor_timer *ticker_timer(const struct actor_ticker *ticker)
{
	return (struct actor_timer *)(void *)ticker;
}

int actor_ticker_create(struct actor_context *context, struct actor_ticker **ret_ticker)
{
	struct actor_executor *executor = actor_executor_of(context);
	struct actor_address *self = actor_self(context);
	struct actor_tick tick = { NULL, 0 };
	struct actor_timer *timer;

	if (!self)
		return ACTOR_E_INVALID;
	if (!executor)
		return ACTOR_E_UNSUPPORTED;
	if (!actor_address_handles(self, &actor_tick_type))
		return ACTOR_E_UNHANDLED;
	timer = create(executor, self, &actor_tick_type, false, true);
	if (!timer)
		return ACTOR_E_NOMEM;
	*ret_ticker = (struct actor_ticker *)(void *)timer;
	tick.ticker = *ret_ticker;
	set_off(timer, &tick, ACTOR_FOREVER, NULL);
	return 0;
}

int actor_ticker_reset(struct actor_ticker *ticker, int64_t period_ns)
{
	struct actor_timer *timer = ticker_timer(ticker);
	int rc = 0;

	if (period_ns <= 0)
		return ACTOR_E_INVALID;
	actor__latch_take(&timer->turn);
	if (has_ended(timer)) {
		rc = ACTOR_E_CLOSED;
	} else {
		timer->period_ns = period_ns;
		set(timer, actor_time_after(actor__executor_now(timer->executor), period_ns));
	}
	actor__latch_leave(&timer->turn);
	return rc;
}

void actor_ticker_stop(struct actor_ticker *ticker)
{
	actor_timer_cancel(ticker_timer(ticker));
}

uint64_t actor_ticker_n_missed(const struct actor_ticker *ticker)
{
	return actor_timer_n_missed(ticker_timer(ticker));
}

void actor_ticker_destroy(struct actor_ticker *ticker)
{
	actor_timer_destroy(ticker_timer(ticker));
}
