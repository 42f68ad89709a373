/* SPDX-License-Identifier: MIT */
#ifndef ACTOR_IMPL_OBSERVER_H
#define ACTOR_IMPL_OBSERVER_H

#include <actor-iface/context.h>
#include <actor-iface/typed-message.h>
#include <actor-impl/export.h>

ACTOR__BEGIN_C

/**
 * DOC: events, published by one actor for whoever wants to know
 *
 * An observable belongs to the actor that is observed, which publishes to it; its destroy function
 * closes and releases it. Events are messages of ordinary types; each observer gets a copy, made by
 * the type's copy function. Publishing never waits, never fails because of an observer, and runs
 * none of their code but their filters.
 *
 * An observer is an actor, to whose mailbox events are sent, or has a queue, from which whoever has
 * the subscription takes them, in the order in which they were published. What a slow one misses is
 * counted. An actor that has ended, or has no strong address left, is forgotten by itself.
 */

/** struct actor_observable - what observers subscribe to; shared, counted */
struct actor_observable;

/** struct actor_subscription - an observer; owned by whoever subscribed */
struct actor_subscription;

/**
 * typedef actor_event_filter_fn - whether an observer wants an event
 * @user:  as given
 * @type:  of the event
 * @event: borrowed
 *
 * Runs where events are published, maybe on several threads at once, and maybe once more just after
 * the subscription has gone; must not wait, fail, publish or subscribe.
 */
typedef bool actor_event_filter_fn(void *user, const struct actor_message_type *type,
				   const void *event);

/** enum actor_overflow - what becomes of an event for which there is no room */
enum actor_overflow {
	/** @ACTOR_DROP_NEWEST: it is dropped */
	ACTOR_DROP_NEWEST = 0,
	/** @ACTOR_DROP_OLDEST: the oldest in the queue is dropped; not for addresses */
	ACTOR_DROP_OLDEST = 1,
	/** @ACTOR_UNSUBSCRIBE_SLOW: it is dropped, and the observer is one no more */
	ACTOR_UNSUBSCRIBE_SLOW = 2
};

/**
 * struct actor_subscribe_options - choices when subscribing; zero means the default
 * @size:     sizeof(struct actor_subscribe_options) as the caller compiled it; what lies beyond
 *            it is not read
 * @address:  send events there, if they are handled there; borrowed: a weak address is kept.
 *            Default: a queue
 * @filter:   default: every event
 * @user:     for it
 * @capacity: of the queue; default ACTOR_DEFAULT_CAPACITY; or ACTOR_UNBOUNDED. An address has the
 *            capacity of its mailbox
 * @overflow: what becomes of an event for which there is no room
 */
struct actor_subscribe_options {
	size_t size;
	struct actor_address *address;
	actor_event_filter_fn *filter;
	void *user;
	size_t capacity;
	enum actor_overflow overflow;
};

/**
 * struct actor_observed_end - tells actors that there will be no more events
 * @status: ACTOR_E_CLOSED
 *
 * Sent once to each address whose actor handles it, if its mailbox has room; no event comes after
 * it.
 */
struct actor_observed_end {
	int status;
};

/* As by ACTOR_SIGNAL(actor_observed_end), but for the export. */
ACTOR_EXPORT extern const struct actor_message_type actor_observed_end_type;
struct actor_observed_end_is_a_signal {
	char actor_observed_end;
};
ACTOR__RECIPIENT(actor_observed_end_recipient, ACTOR__WITNESS(, actor_observed_end),
		 ACTOR__HANDLED(erased, actor_observed_end))

/**
 * actor_observable_create() - an observable without observers
 * @ret_observable: the caller's to close and unref
 *
 * Thread:  any
 * Return:  0, ACTOR_E_NOMEM
 */
ACTOR_NODISCARD ACTOR_EXPORT int actor_observable_create(struct actor_observable **ret_observable);

/** actor_observable_ref() - one more owner; returns @observable. Thread: any */
ACTOR_EXPORT struct actor_observable *actor_observable_ref(struct actor_observable *observable);

/** actor_observable_unref() - one owner fewer; NULL is fine. The last one closes it. Thread: any */
ACTOR_EXPORT void actor_observable_unref(struct actor_observable *observable);

/**
 * actor_observable_close() - no more events
 * @observable: may be closed already; NULL is fine
 *
 * Queues keep what they hold and then say ACTOR_E_CLOSED; actors are sent a struct
 * actor_observed_end. Never waits.
 *
 * Thread:  any
 */
ACTOR_EXPORT void actor_observable_close(struct actor_observable *observable);

/**
 * actor_observable_publish() - let all observers know
 * @observable: where
 * @type:       of the event
 * @event:      stays the caller's; each observer gets a copy
 *
 * Events of one publisher come in order. An observer for whose copy there is no memory misses it,
 * which is counted.
 *
 * Thread:  any
 * Return:  how many observers have got it; ACTOR_E_CLOSED; ACTOR_E_UNSUPPORTED when events of this
 *          type own something and cannot be copied
 */
ACTOR_EXPORT int actor_observable_publish(struct actor_observable *observable,
					  const struct actor_message_type *type, const void *event);

/** ACTOR_PUBLISH() - actor_observable_publish(): (observable, M, event) */
#define ACTOR_PUBLISH(observable, M, ...)                                                          \
	actor_observable_publish(observable, &M##_type, ACTOR__POINTER(struct M, (__VA_ARGS__)))

/**
 * actor_observable_subscribe() - observe from now on
 * @observable:       what
 * @options:          NULL for the defaults
 * @ret_subscription: the caller's to destroy; NULL, for an address only: nobody does, and it ends
 *                    with the observable, or with the observing actor
 *
 * Thread:  any
 * Return:  0, ACTOR_E_CLOSED, ACTOR_E_NOMEM; ACTOR_E_INVALID: nobody could read the queue, or an
 *          address cannot drop the oldest
 */
ACTOR_NODISCARD ACTOR_EXPORT int actor_observable_subscribe(
	struct actor_observable *observable, const struct actor_subscribe_options *options,
	struct actor_subscription **ret_subscription);

/**
 * actor_subscription_destroy() - observe no more
 * @subscription: gone after this, with what is in its queue; nobody waits for it; NULL is fine
 *
 * An event that is being published right now may still be sent to an address. Never waits.
 *
 * Thread:  any
 */
ACTOR_EXPORT void actor_subscription_destroy(struct actor_subscription *subscription);

/**
 * struct actor_event - an event out of a queue, owned
 * @type:  of it
 * @event: the message; to be moved out and zeroed, or left; read it with ACTOR_EVENT()
 * @entry: the library's
 */
struct actor_event {
	const struct actor_message_type *type;
	void *event;
	struct actor_event_entry *entry;
};

/** actor_event_drop() - release an event. Thread: any */
ACTOR_EXPORT void actor_event_drop(struct actor_event *event);

/** actor_event_value() - the message, if it is of this type; else NULL. Thread: any */
static inline void *actor_event_value(const struct actor_event *event,
				      const struct actor_message_type *type)
{
	return actor_message_type_same(event->type, type) ? event->event : NULL;
}

/** ACTOR_EVENT() - (M, event): the message, as a pointer; NULL if it is another */
#define ACTOR_EVENT(M, event) ((struct M *)actor_event_value(event, &M##_type))

/**
 * actor_subscription_next() - wait for an event
 * @context:      whoever takes it; one at a time
 * @subscription: with a queue
 * @deadline_ns:  absolute; ACTOR_AT_ONCE polls
 * @ret_event:    on success, to be released with actor_event_drop()
 *
 * Thread:  context
 * Return:  0; ACTOR_E_CLOSED when nothing will come any more; ACTOR_E_FULL the same, because the
 *          observer was too slow; ACTOR_E_TIMEOUT, ACTOR_E_CANCELLED, ACTOR_E_NOSUSPEND,
 *          ACTOR_E_NOMEM; ACTOR_E_BUSY while another one waits; ACTOR_E_INVALID without a queue
 */
ACTOR_NODISCARD ACTOR_EXPORT int actor_subscription_next(struct actor_context *context,
							 struct actor_subscription *subscription,
							 int64_t deadline_ns,
							 struct actor_event *ret_event);

/**
 * actor_subscription_forward() - send a queue's events on to an actor, until nothing will come
 * @context:      whose wait it is, for events and for room: an actor, or a subtask, for this alone
 * @subscription: with a queue, of which this is the only reader
 * @address:      where to; borrowed; events that it does not handle are dropped
 *
 * So a queue that drops the oldest can stand before a mailbox, which cannot.
 *
 * Thread:  context
 * Return:  why it ended: as actor_subscription_next() or actor_send(); never 0. An event that could
 *          not be sent on is dropped
 */
ACTOR_EXPORT int actor_subscription_forward(struct actor_context *context,
					    struct actor_subscription *subscription,
					    struct actor_address *address);

/**
 * struct actor_subscription_counts - an observer at one moment
 * @n_received: events that it got, in its queue or its mailbox
 * @n_dropped:  that it wanted and missed; one that was dropped from its queue counts here alone
 * @n_queued:   in the queue now
 * @ended:      it gets no more events: the observable has closed, the actor has ended, it was slow
 */
struct actor_subscription_counts {
	uint64_t n_received;
	uint64_t n_dropped;
	size_t n_queued;
	bool ended;
};

/** actor_subscription_counts_get() - count. Thread: any */
ACTOR_EXPORT void actor_subscription_counts_get(struct actor_subscription *subscription,
						struct actor_subscription_counts *ret_counts);

/** actor_observable_n_observers() - how many there are right now. Thread: any */
ACTOR_EXPORT size_t actor_observable_n_observers(struct actor_observable *observable);

ACTOR__END_C

#endif
