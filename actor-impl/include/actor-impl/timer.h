/* SPDX-License-Identifier: MIT */
#ifndef ACTOR_IMPL_TIMER_H
#define ACTOR_IMPL_TIMER_H

#include <actor-iface/typed-actor.h>
#include <actor-impl/executor.h>

ACTOR__BEGIN_C

/**
 * struct actor_timer - sends a message at a point in time, or again and again
 *
 * A timer belongs to an executor, whose clock it goes by and whose threads do the sending: nothing
 * else needs to be there, and nothing waits. The receiver may be an actor of any implementation. A
 * timer holds a weak address: it keeps no actor alive. Once its actor has ended, so does the
 * timer, when it would have sent next; it then gives back its message and its address.
 *
 * Timers of one executor that come due send in the order of their times, and where these are equal,
 * in the order in which they were set: one after the other, so that a copy function that takes long
 * makes all later ones late, and the executor's handlers whose deadlines have passed.
 *
 * On an executor that nobody runs they send nothing. One that is in line for room and is granted
 * some keeps it until its executor is run, or it is cancelled: who is behind it in line waits, too.
 *
 * Whoever makes a timer owns it, and destroys it; and the executor is not destroyed before. Or
 * nobody owns it, when @ret_timer is NULL: it goes when it has ended, at the latest with its
 * executor. These functions may be called from any thread, and for one timer also by several at a
 * time, but not from functions that drop or copy messages, or are told the answer to an
 * actor_ask(): a timer that sends may have overwritten what was asked. Those that reset, cancel or
 * destroy a timer that is sending just now wait until it has: as long as it takes to copy, post and
 * drop one message, so with no lock in hand that these functions of its type take.
 */
struct actor_timer;

/**
 * actor_timer_once() - send a message at a point in time
 * @executor:  whose clock and threads: see actor_executor_of()
 * @address:   where to, strong or weak; borrowed
 * @type:      of the message
 * @message:   moved out on success; untouched on failure
 * @at_ns:     absolute, on the executor's clock; now, if it has passed; ACTOR_FOREVER: not before
 *             actor_timer_reset()
 * @ret_timer: the caller's to destroy; NULL: nobody's
 *
 * While the mailbox is full, the message stands in line for room like any sender. When it has been
 * accepted, the timer has ended.
 *
 * Thread:  any
 * Return:  0, ACTOR_E_UNHANDLED, ACTOR_E_NOMEM, ACTOR_E_INVALID when nobody would own it and it is
 *          never to send
 */
ACTOR_NODISCARD ACTOR_EXPORT int actor_timer_once(struct actor_executor *executor,
						  struct actor_address *address,
						  const struct actor_message_type *type,
						  void *message, int64_t at_ns,
						  struct actor_timer **ret_timer);

/**
 * actor_timer_every() - send copies of a message, one every so often
 * @executor:  as for actor_timer_once()
 * @address:   as for actor_timer_once()
 * @type:      of the message; if it has a drop function, it must have one to copy, too: of a typed
 *             one, see ACTOR_MESSAGE_DEFINE_WITH_COPY()
 * @message:   moved out on success: what is copied; untouched on failure
 * @period_ns: above 0: the first is sent after that time, and all others without drift;
 *             ACTOR_FOREVER: one, at the time that actor_timer_reset() sets
 * @ret_timer: as for actor_timer_once()
 *
 * What cannot be sent when it is time is not sent: it is missed, as actor_timer_n_missed() tells.
 * So it is when there is no room in the mailbox, or no memory for a copy; when the executor comes
 * so late that the next is due already; and when the message before has not been answered, if its
 * type is one that is: so of these there is one at most in the mailbox or in hand.
 *
 * Thread:  any
 * Return:  0, ACTOR_E_UNHANDLED, ACTOR_E_NOMEM, ACTOR_E_INVALID when the message cannot be copied,
 *          the period is not above 0, or nobody would own it and it is never to send
 */
ACTOR_NODISCARD ACTOR_EXPORT int actor_timer_every(struct actor_executor *executor,
						   struct actor_address *address,
						   const struct actor_message_type *type,
						   void *message, int64_t period_ns,
						   struct actor_timer **ret_timer);

/**
 * actor_timer_reset() - send next at another time, and, if periodic, every period from there on
 * @timer: armed, cancelled, or in line for room, which it leaves
 * @at_ns: absolute, on the executor's clock; ACTOR_FOREVER: not before the next reset
 *
 * What it has sent already may still be in the mailbox.
 *
 * Thread:  any
 * Return:  0, ACTOR_E_CLOSED when it has ended: its one message was accepted, or its actor has
 * ended
 */
ACTOR_EXPORT int actor_timer_reset(struct actor_timer *timer, int64_t at_ns);

/**
 * actor_timer_cancel() - send no more, until actor_timer_reset()
 * @timer: keeps its message
 *
 * When it has returned, the timer does not send any more; it may have.
 *
 * Thread:  any
 * Return:  whether it was still to send something
 */
ACTOR_EXPORT bool actor_timer_cancel(struct actor_timer *timer);

/** actor_timer_n_missed() - how often it was time to send, and it could not. Thread: any */
ACTOR_EXPORT uint64_t actor_timer_n_missed(const struct actor_timer *timer);

/** actor_timer_destroy() - cancel it, and drop its message; NULL is fine. Thread: any */
ACTOR_EXPORT void actor_timer_destroy(struct actor_timer *timer);

/** ACTOR_TIMER_ONCE() - actor_timer_once(): (executor, to, M, at_ns, ret_timer, message) */
#define ACTOR_TIMER_ONCE(executor, to, M, at_ns, ret_timer, ...)                                   \
	actor_timer_once(executor, ACTOR_FOR(M, to).address, &M##_type,                            \
			 ACTOR__POINTER(struct M, (__VA_ARGS__)), at_ns, ret_timer)

/** ACTOR_TIMER_EVERY() - actor_timer_every(): (executor, to, M, period_ns, ret_timer, message) */
#define ACTOR_TIMER_EVERY(executor, to, M, period_ns, ret_timer, ...)                              \
	actor_timer_every(executor, ACTOR_FOR(M, to).address, &M##_type,                           \
			  ACTOR__POINTER(struct M, (__VA_ARGS__)), period_ns, ret_timer)

struct actor_ticker;

/**
 * struct actor_tick - what a ticker sends to its actor
 * @ticker:  which one; for telling them apart
 * @time_ns: when it was due, on the clock of the actor's executor
 *
 * An actor that has a ticker handles them: CALL(X, actor_tick) in the list of its messages. Its
 * answer, ACTOR_UNIT, says that the next one may come; an actor that wants the next one to be
 * queued while it is still busy with this one answers first: see ACTOR_DEFINE().
 */
struct actor_tick {
	const struct actor_ticker *ticker;
	int64_t time_ns;
};

ACTOR__END_C

ACTOR_MESSAGE(actor_tick, struct actor_unit);

ACTOR__BEGIN_C

/**
 * actor_ticker_create() - ticks for an actor, by itself; none before actor_ticker_reset()
 * @context:    of the handler or hook that runs
 * @ret_ticker: the actor's to destroy, at the latest when its state is
 *
 * There is at most one tick at a time in the mailbox or in hand; those that fall due meanwhile are
 * missed, so that an actor that is busy is not flooded when it has time again. When the actor has
 * ended, there are none.
 *
 * Thread:  actor
 * Return:  0, ACTOR_E_NOMEM, ACTOR_E_UNHANDLED when the actor does not handle ticks,
 *          ACTOR_E_UNSUPPORTED when another implementation runs it, ACTOR_E_INVALID on a plain
 * thread
 */
ACTOR_NODISCARD ACTOR_EXPORT int actor_ticker_create(struct actor_context *context,
						     struct actor_ticker **ret_ticker);

/**
 * actor_ticker_reset() - tick from now on
 * @ticker:    ticking or not
 * @period_ns: above 0; the first tick comes after that time, and all others without drift
 *
 * A tick that is in the mailbox is still handled.
 *
 * Thread:  any
 * Return:  0, ACTOR_E_INVALID when the period is not above 0, ACTOR_E_CLOSED when the actor is
 * known to have ended
 */
ACTOR_EXPORT int actor_ticker_reset(struct actor_ticker *ticker, int64_t period_ns);

/** actor_ticker_stop() - no ticks until it is reset; one may still be in the mailbox. Thread: any
 */
ACTOR_EXPORT void actor_ticker_stop(struct actor_ticker *ticker);

/** actor_ticker_n_missed() - how many ticks fell due and were not sent. Thread: any */
ACTOR_EXPORT uint64_t actor_ticker_n_missed(const struct actor_ticker *ticker);

/** actor_ticker_destroy() - stop it, and free it; NULL is fine. Thread: any */
ACTOR_EXPORT void actor_ticker_destroy(struct actor_ticker *ticker);

ACTOR__END_C

#endif
