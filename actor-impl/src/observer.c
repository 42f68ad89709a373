/* SPDX-License-Identifier: MIT */

/*
 * Observers. One latch of the observable guards its list of subscriptions and all their queues; it
 * is a leaf: filters, copies, posts and drops are called without it.
 *
 * Whoever publishes goes through the list without holding the latch, with one subscription in hand
 * at a time; that one stays where it is, so that the way goes on from there. A subscription is in
 * the list as long as it has not ended, or somebody has it in hand: whoever makes neither true
 * takes it out, and parts with it. One that has ended is not taken in hand any more, so that nobody
 * who publishes, however often, keeps it there.
 *
 * Closing marks all as ended. An actor is told of the end by whoever parts with its subscription,
 * which is after the last event that somebody had in hand for it.
 *
 * A subscription has two owners, the list and whoever subscribed, and keeps the memory of the
 * observable. Events in queues are copies of their own, each in one block with its link.
 */

#include "bell.h"
#include "thread.h"
#include "util/align.h"
#include "util/cells.h"
#include "util/latch.h"
#include "util/links.h"
#include "util/memory.h"

#include <actor-iface/send.h>
#include <actor-impl/observer.h>
#include <assert.h>
#include <stdlib.h>
#include <string.h>

struct actor_event_entry {
	struct actor_event_entry *next;
	const struct actor_message_type *type;
	size_t bytes;
	void *message;
};

struct actor_observable {
	atomic_size_t n_owners;
	atomic_size_t n_memory; /* its owners together, each subscription */
	struct actor__latch latch;
	struct actor__link subscriptions;
	size_t n_observers; /* that have not ended */
	bool closed;
};

struct actor_subscription {
	struct actor_observable *observable;
	atomic_uint n_owners;
	struct actor_address *address; /* weak; NULL: there is a queue */
	actor_event_filter_fn *filter;
	void *user;
	size_t capacity;
	enum actor_overflow overflow;
	/* Under the latch. */
	struct actor__link link; /* in the list */
	size_t n_hands;		 /* that it is in */
	int ended;		 /* 0, or why */
	struct actor_event_entry *first_event;
	struct actor_event_entry *last_event;
	size_t n_queued;
	uint64_t n_received;
	uint64_t n_dropped;
	struct actor__bell bell;
};

static void latch(struct actor_observable *observable)
{
	actor__latch_take(&observable->latch);
}

static void unlatch(struct actor_observable *observable)
{
	actor__latch_leave(&observable->latch);
}

/* ---- events ---- */

/* A copy: 0, or why there is none. */
static int entry_create(const struct actor_message_type *type, const void *event,
			struct actor_event_entry **ret_entry)
{
	size_t at = actor__align(sizeof(struct actor_event_entry), type->message_align);
	size_t bytes = at + type->message_size + type->message_align;
	struct actor_event_entry *entry = actor__cell_alloc(&actor__thread()->cells, bytes);
	int rc;

	if (!entry)
		return ACTOR_E_NOMEM;
	entry->next = NULL;
	entry->type = type;
	entry->bytes = bytes;
	/* A cell's address may lack something to a larger alignment than its own. */
	entry->message = actor__align_pointer(entry, type->message_align) + at;
	rc = actor_message_copy(type, entry->message, event);
	if (rc < 0) {
		actor__cell_free(&actor__thread()->cells, entry, bytes);
		return rc;
	}
	actor__count(actor__thread(), ACTOR__COUNT_EVENTS, 1);
	*ret_entry = entry;
	return 0;
}

/* Also when its message has been moved out, and zeroed. */
static void entry_destroy(struct actor_event_entry *entry)
{
	actor_message_drop(entry->type, entry->message);
	actor__count(actor__thread(), ACTOR__COUNT_EVENTS, -1);
	actor__cell_free(&actor__thread()->cells, entry, entry->bytes);
}

static void entries_destroy(struct actor_event_entry *entry)
{
	while (entry) {
		struct actor_event_entry *next = entry->next;

		entry_destroy(entry);
		entry = next;
	}
}

void actor_event_drop(struct actor_event *event)
{
	if (event->entry)
		entry_destroy(event->entry);
	event->entry = NULL;
	event->event = NULL;
}

static void queue_put(struct actor_subscription *subscription, struct actor_event_entry *entry)
{
	if (subscription->last_event)
		subscription->last_event->next = entry;
	else
		subscription->first_event = entry;
	subscription->last_event = entry;
	subscription->n_queued++;
}

static struct actor_event_entry *queue_take(struct actor_subscription *subscription)
{
	struct actor_event_entry *entry = subscription->first_event;

	if (!entry)
		return NULL;
	subscription->first_event = entry->next;
	if (!entry->next)
		subscription->last_event = NULL;
	entry->next = NULL;
	subscription->n_queued--;
	return entry;
}

/* ---- memory ---- */

static void observable_release(struct actor_observable *observable)
{
	/* Release: what was done with it comes before it goes; acquire: for the last. */
	if (atomic_fetch_sub_explicit(&observable->n_memory, 1, memory_order_acq_rel) > 1)
		return;
	actor__count(actor__thread(), ACTOR__COUNT_OBSERVABLES, -1);
	free(observable);
}

static void subscription_release(struct actor_subscription *subscription)
{
	/* As observable_release(). */
	if (atomic_fetch_sub_explicit(&subscription->n_owners, 1, memory_order_acq_rel) > 1)
		return;
	assert(!subscription->first_event);
	actor_address_unref(subscription->address);
	observable_release(subscription->observable);
	actor__count(actor__thread(), ACTOR__COUNT_SUBSCRIPTIONS, -1);
	free(subscription);
}

/* ---- the list, under the latch ---- */

static struct actor_subscription *subscription_of(struct actor__link *link)
{
	return ACTOR_CONTAINER_OF(link, struct actor_subscription, link);
}

/* It gets no more events. True, if it has left the list with that, and is the caller's to part
 * with; otherwise it is that of whoever has it in hand, or has been parted with before. */
static bool end(struct actor_subscription *subscription, int why)
{
	if (subscription->ended)
		return false;
	subscription->ended = why;
	subscription->observable->n_observers--;
	if (subscription->n_hands > 0)
		return false;
	actor__link_take(&subscription->link);
	return true;
}

/* The same for one that the caller has in hand, and will put down. */
static void end_in_hand(struct actor_subscription *subscription, int why)
{
	bool left = end(subscription, why);

	assert(!left);
	(void)left;
}

/* Out of the hand: true, if it has left the list with that. */
static bool put_down(struct actor_subscription *subscription)
{
	if (--subscription->n_hands > 0 || !subscription->ended)
		return false;
	actor__link_take(&subscription->link);
	return true;
}

ACTOR_SIGNAL_DEFINE(actor_observed_end, "actor.observed-end", NULL);

static void tell_end(struct actor_address *address)
{
	struct actor_observed_end message = { ACTOR_E_CLOSED };

	if (address && actor_address_handles(address, &actor_observed_end_type))
		actor_ignore(actor_address_post(address, &actor_observed_end_type, &message, NULL,
						NULL));
}

/* Without the latch: it has left the list, which owns it no more. */
static void part(struct actor_subscription *subscription)
{
	struct actor_reply *waiter;
	bool tells;

	latch(subscription->observable);
	tells = subscription->ended == ACTOR_E_CLOSED;
	waiter = actor__bell_take(&subscription->bell);
	unlatch(subscription->observable);
	if (tells)
		tell_end(subscription->address);
	actor__bell_ring(waiter);
	subscription_release(subscription);
}

/* ---- going through the list ---- */

/* Put down the one in hand (NULL: begin), and take up the next that has not ended; NULL: there is
 * none. What is put at the end of the list meanwhile has its turn, too. */
static struct actor_subscription *step(struct actor_observable *observable,
				       struct actor_subscription *in_hand)
{
	struct actor_subscription *next = NULL;
	struct actor__link *link;
	bool left;

	latch(observable);
	link = in_hand ? in_hand->link.next : observable->subscriptions.next;
	while (link != &observable->subscriptions && subscription_of(link)->ended)
		link = link->next;
	if (link != &observable->subscriptions) {
		next = subscription_of(link);
		next->n_hands++;
	}
	left = in_hand && put_down(in_hand);
	unlatch(observable);
	if (left)
		part(in_hand);
	return next;
}

struct visit {
	const struct actor_message_type *type;
	const void *event;
	int n_received;
};

/* Count what became of an event. */
static void note(struct actor_subscription *subscription, int rc)
{
	latch(subscription->observable);
	if (rc == 0)
		subscription->n_received++;
	else if (rc == ACTOR_E_CLOSED)
		end_in_hand(subscription, rc);
	else if (rc < 0)
		subscription->n_dropped++;
	if (rc == ACTOR_E_FULL && subscription->overflow == ACTOR_UNSUBSCRIBE_SLOW)
		end_in_hand(subscription, rc);
	unlatch(subscription->observable);
}

static void post(struct actor_subscription *subscription, struct actor_event_entry *entry,
		 struct visit *visit)
{
	int rc = actor_address_post(subscription->address, entry->type, entry->message, NULL, NULL);

	note(subscription, rc);
	if (rc == 0)
		visit->n_received++;
	entry_destroy(entry);
}

/* Under the latch: what has to be dropped for it, or NULL. */
static struct actor_event_entry *queue_put_if_room(struct actor_subscription *subscription,
						   struct actor_event_entry *entry)
{
	struct actor_event_entry *oldest;

	if (subscription->ended)
		return entry;
	if (subscription->n_queued < subscription->capacity) {
		queue_put(subscription, entry);
		subscription->n_received++;
		return NULL;
	}
	subscription->n_dropped++;
	if (subscription->overflow == ACTOR_UNSUBSCRIBE_SLOW)
		end_in_hand(subscription, ACTOR_E_FULL);
	if (subscription->overflow != ACTOR_DROP_OLDEST)
		return entry;
	oldest = queue_take(subscription); /* was received, and is missed now */
	queue_put(subscription, entry);
	return oldest;
}

static void enqueue(struct actor_subscription *subscription, struct actor_event_entry *entry,
		    struct visit *visit)
{
	struct actor_observable *observable = subscription->observable;
	struct actor_event_entry *dropped;
	struct actor_reply *waiter;

	latch(observable);
	dropped = queue_put_if_room(subscription, entry);
	waiter = actor__bell_take(&subscription->bell);
	unlatch(observable);
	if (dropped != entry)
		visit->n_received++;
	if (dropped)
		entry_destroy(dropped);
	actor__bell_ring(waiter);
}

static void offer(struct actor_subscription *subscription, struct visit *visit)
{
	const struct actor_message_type *type = visit->type;
	struct actor_event_entry *entry;
	int rc;

	if (subscription->address && !actor_address_handles(subscription->address, type))
		return;
	if (subscription->filter && !subscription->filter(subscription->user, type, visit->event))
		return;
	rc = entry_create(type, visit->event, &entry);
	if (rc < 0)
		note(subscription, rc);
	else if (subscription->address)
		post(subscription, entry, visit);
	else
		enqueue(subscription, entry, visit);
}

static bool is_closed(struct actor_observable *observable)
{
	bool closed;

	latch(observable);
	closed = observable->closed;
	unlatch(observable);
	return closed;
}

int actor_observable_publish(struct actor_observable *observable,
			     const struct actor_message_type *type, const void *event)
{
	struct visit visit = { .type = type, .event = event };
	struct actor_subscription *subscription = NULL;

	if (type->drop && !type->copy)
		return ACTOR_E_UNSUPPORTED;
	if (is_closed(observable))
		return ACTOR_E_CLOSED;
	while ((subscription = step(observable, subscription)))
		offer(subscription, &visit);
	return visit.n_received;
}

void actor_observable_close(struct actor_observable *observable)
{
	struct actor__link ended, *link, *next;

	if (!observable)
		return;
	actor__links_init(&ended);
	latch(observable);
	observable->closed = true;
	for (link = observable->subscriptions.next; link != &observable->subscriptions;
	     link = next) {
		next = link->next;
		if (end(subscription_of(link), ACTOR_E_CLOSED))
			actor__link_before(&ended, link);
	}
	unlatch(observable);
	while ((link = actor__links_first(&ended))) {
		actor__link_take(link);
		part(subscription_of(link));
	}
}

/* ---- the observable ---- */

int actor_observable_create(struct actor_observable **ret_observable)
{
	struct actor_observable *observable = actor__memory_alloc(sizeof *observable);

	if (!observable)
		return ACTOR_E_NOMEM;
	atomic_init(&observable->n_owners, 1);
	atomic_init(&observable->n_memory, 1);
	actor__links_init(&observable->subscriptions);
	actor__count(actor__thread(), ACTOR__COUNT_OBSERVABLES, 1);
	*ret_observable = observable;
	return 0;
}

struct actor_observable *actor_observable_ref(struct actor_observable *observable)
{
	/* Relaxed: the caller holds one already. */
	atomic_fetch_add_explicit(&observable->n_owners, 1, memory_order_relaxed);
	return observable;
}

void actor_observable_unref(struct actor_observable *observable)
{
	/* As observable_release(). */
	if (!observable ||
	    atomic_fetch_sub_explicit(&observable->n_owners, 1, memory_order_acq_rel) > 1)
		return;
	actor_observable_close(observable);
	observable_release(observable);
}

size_t actor_observable_n_observers(struct actor_observable *observable)
{
	size_t n;

	latch(observable);
	n = observable->n_observers;
	unlatch(observable);
	return n;
}

/* ---- subscriptions ---- */

static int settle(const struct actor_subscribe_options *given,
		  struct actor_subscribe_options *options, bool has_owner)
{
	if (!actor__options_read(options, sizeof *options, given))
		return ACTOR_E_INVALID;
	if (!options->capacity)
		options->capacity = ACTOR_DEFAULT_CAPACITY;
	if (options->overflow != ACTOR_DROP_NEWEST && options->overflow != ACTOR_DROP_OLDEST &&
	    options->overflow != ACTOR_UNSUBSCRIBE_SLOW)
		return ACTOR_E_INVALID;
	if (options->address)
		return options->overflow == ACTOR_DROP_OLDEST ? ACTOR_E_INVALID : 0;
	return has_owner ? 0 : ACTOR_E_INVALID;
}

static struct actor_subscription *subscription_create(struct actor_observable *observable,
						      const struct actor_subscribe_options *options,
						      unsigned n_owners)
{
	struct actor_subscription *subscription = actor__memory_alloc(sizeof *subscription);

	if (!subscription)
		return NULL;
	actor__count(actor__thread(), ACTOR__COUNT_SUBSCRIPTIONS, 1);
	/* Relaxed: the caller keeps it. */
	atomic_fetch_add_explicit(&observable->n_memory, 1, memory_order_relaxed);
	subscription->observable = observable;
	atomic_init(&subscription->n_owners, n_owners);
	if (options->address)
		subscription->address = actor_address_weak(options->address);
	subscription->filter = options->filter;
	subscription->user = options->user;
	subscription->capacity = options->capacity;
	subscription->overflow = options->overflow;
	return subscription;
}

int actor_observable_subscribe(struct actor_observable *observable,
			       const struct actor_subscribe_options *options,
			       struct actor_subscription **ret_subscription)
{
	struct actor_subscribe_options all;
	struct actor_subscription *subscription;
	bool closed;
	int rc = settle(options, &all, ret_subscription != NULL);

	if (rc < 0)
		return rc;
	subscription = subscription_create(observable, &all, ret_subscription ? 2 : 1);
	if (!subscription)
		return ACTOR_E_NOMEM;
	latch(observable);
	closed = observable->closed;
	if (!closed) {
		actor__link_before(&observable->subscriptions, &subscription->link);
		observable->n_observers++;
	}
	unlatch(observable);
	if (ret_subscription && !closed)
		*ret_subscription = subscription;
	if (closed && ret_subscription)
		subscription_release(subscription);
	if (closed)
		subscription_release(subscription);
	return closed ? ACTOR_E_CLOSED : 0;
}

void actor_subscription_destroy(struct actor_subscription *subscription)
{
	struct actor_observable *observable;
	struct actor_event_entry *queued;
	bool left;

	if (!subscription)
		return;
	observable = subscription->observable;
	latch(observable);
	left = end(subscription, ACTOR_E_CANCELLED);
	subscription->ended = ACTOR_E_CANCELLED; /* of no end is told any more */
	queued = subscription->first_event;
	subscription->first_event = subscription->last_event = NULL;
	subscription->n_queued = 0;
	unlatch(observable);
	entries_destroy(queued);
	if (left)
		part(subscription);
	subscription_release(subscription);
}

void actor_subscription_counts_get(struct actor_subscription *subscription,
				   struct actor_subscription_counts *ret_counts)
{
	latch(subscription->observable);
	*ret_counts = (struct actor_subscription_counts){
		.n_received = subscription->n_received,
		.n_dropped = subscription->n_dropped,
		.n_queued = subscription->n_queued,
		.ended = subscription->ended != 0,
	};
	unlatch(subscription->observable);
}

struct look {
	struct actor_subscription *subscription;
	struct actor_event_entry *entry;
};

static int look_for_event(void *user)
{
	struct look *look = user;

	look->entry = queue_take(look->subscription);
	if (look->entry)
		return 0;
	return look->subscription->ended ? look->subscription->ended : ACTOR_PENDING;
}

int actor_subscription_next(struct actor_context *context, struct actor_subscription *subscription,
			    int64_t deadline_ns, struct actor_event *ret_event)
{
	struct look look = { .subscription = subscription };
	int rc;

	if (subscription->address)
		return actor_error_set(context, ACTOR_E_INVALID, NULL, NULL);
	rc = actor__bell_wait(&subscription->bell, &subscription->observable->latch, context,
			      deadline_ns, look_for_event, &look);
	if (rc == 0)
		*ret_event = (struct actor_event){
			.type = look.entry->type,
			.event = look.entry->message,
			.entry = look.entry,
		};
	return rc;
}

int actor_subscription_forward(struct actor_context *context,
			       struct actor_subscription *subscription,
			       struct actor_address *address)
{
	struct actor_event event;
	int rc;

	do {
		rc = actor_subscription_next(context, subscription, ACTOR_FOREVER, &event);
		if (rc < 0)
			return rc;
		rc = actor_send(context, address, event.type, event.event);
		actor_event_drop(&event);
	} while (rc == 0 || rc == ACTOR_E_UNHANDLED);
	return rc;
}
