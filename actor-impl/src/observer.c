/* SPDX-License-Identifier: MIT */

/*
 * Observers. One latch of the observable guards its list of subscriptions and all their queues; it
 * is a leaf: filters, copies, posts and drops are called without it.
 *
 * Whoever publishes goes through the list without holding the latch, and meanwhile nothing is taken
 * out of the list: what ends is marked, and the last one who goes through it sweeps. So a
 * subscription that is in hand stays where it is.
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
#include <limits.h>
#include <stdlib.h>

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
	size_t n_visitors;  /* who go through the list */
	bool to_sweep;
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
	if (rc < 0)
		actor__cell_free(&actor__thread()->cells, entry, bytes);
	else
		*ret_entry = entry;
	return rc;
}

/* Also when its message has been moved out, and zeroed. */
static void entry_destroy(struct actor_event_entry *entry)
{
	actor_message_drop(entry->type, entry->message);
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
	if (atomic_fetch_sub_explicit(&observable->n_memory, 1, memory_order_acq_rel) == 1)
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
	free(subscription);
}

/* ---- the list, under the latch ---- */

static struct actor_subscription *subscription_of(struct actor__link *link)
{
	return ACTOR_CONTAINER_OF(link, struct actor_subscription, link);
}

/* It gets no more events, and leaves the list at the latest with the next sweep. */
static void end(struct actor_subscription *subscription, int why)
{
	struct actor_observable *observable = subscription->observable;

	if (subscription->ended)
		return;
	subscription->ended = why;
	observable->n_observers--;
	observable->to_sweep = true;
}

/* What has ended leaves the list for @swept, if nobody goes through it. */
static void sweep(struct actor_observable *observable, struct actor__link *swept)
{
	struct actor__link *link, *next;

	if (observable->n_visitors > 0 || !observable->to_sweep)
		return;
	observable->to_sweep = false;
	for (link = observable->subscriptions.next; link != &observable->subscriptions;
	     link = next) {
		next = link->next;
		if (subscription_of(link)->ended) {
			actor__link_take(link);
			actor__link_before(swept, link);
		}
	}
}

/* Without the latch: the list owns them no more. */
static void release_swept(struct actor__link *swept)
{
	struct actor__link *link;

	while ((link = actor__links_first(swept))) {
		actor__link_take(link);
		subscription_release(subscription_of(link));
	}
}

/* ---- going through the list ---- */

struct visit {
	const struct actor_message_type *type;
	const void *event;
	int n_received;
};

typedef void visit_fn(struct actor_subscription *subscription, struct visit *visit);

/* Visit all, then sweep. With the latch held, but not during a visit. */
static void visit_all(struct actor_observable *observable, visit_fn *function, struct visit *visit,
		      struct actor__link *swept)
{
	struct actor__link *link;

	observable->n_visitors++;
	for (link = observable->subscriptions.next; link != &observable->subscriptions;
	     link = link->next) {
		bool wanted = !subscription_of(link)->ended;

		unlatch(observable);
		if (wanted)
			function(subscription_of(link), visit);
		latch(observable);
	}
	observable->n_visitors--;
	sweep(observable, swept);
}

/* Count what became of an event. */
static void note(struct actor_subscription *subscription, int rc)
{
	latch(subscription->observable);
	if (rc == 0)
		subscription->n_received++;
	else if (rc == ACTOR_E_CLOSED)
		end(subscription, rc);
	else if (rc < 0)
		subscription->n_dropped++;
	if (rc == ACTOR_E_FULL && subscription->overflow == ACTOR_UNSUBSCRIBE_SLOW)
		end(subscription, rc);
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

static void enqueue(struct actor_subscription *subscription, struct actor_event_entry *entry,
		    struct visit *visit)
{
	struct actor_observable *observable = subscription->observable;
	struct actor_event_entry *dropped = NULL;
	struct actor_reply *waiter;

	latch(observable);
	if (subscription->ended) {
		dropped = entry;
	} else if (subscription->n_queued < subscription->capacity) {
		queue_put(subscription, entry);
	} else {
		subscription->n_dropped++;
		dropped = entry;
		if (subscription->overflow == ACTOR_DROP_OLDEST) {
			dropped = queue_take(subscription);
			queue_put(subscription, entry);
		} else if (subscription->overflow == ACTOR_UNSUBSCRIBE_SLOW) {
			end(subscription, ACTOR_E_FULL);
		}
	}
	if (dropped != entry) {
		subscription->n_received++;
		visit->n_received++;
	}
	waiter = actor__bell_take(&subscription->bell);
	unlatch(observable);
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

int actor_observable_publish(struct actor_observable *observable,
			     const struct actor_message_type *type, const void *event)
{
	struct visit visit = { .type = type, .event = event };
	struct actor__link swept;
	bool closed;

	if (type->drop && !type->copy)
		return ACTOR_E_UNSUPPORTED;
	actor__links_init(&swept);
	latch(observable);
	closed = observable->closed;
	if (!closed)
		visit_all(observable, offer, &visit, &swept);
	unlatch(observable);
	release_swept(&swept);
	return closed ? ACTOR_E_CLOSED : visit.n_received;
}

ACTOR_SIGNAL_DEFINE(actor_observed_end, "actor.observed-end", NULL);

static void tell_end(struct actor_subscription *subscription, struct visit *visit)
{
	struct actor_observed_end message = { ACTOR_E_CLOSED };
	struct actor_address *address = subscription->address;
	struct actor_reply *waiter;

	(void)visit;
	if (address && actor_address_handles(address, &actor_observed_end_type))
		actor_ignore(actor_address_post(address, &actor_observed_end_type, &message, NULL,
						NULL));
	latch(subscription->observable);
	end(subscription, ACTOR_E_CLOSED);
	waiter = actor__bell_take(&subscription->bell);
	unlatch(subscription->observable);
	actor__bell_ring(waiter);
}

void actor_observable_close(struct actor_observable *observable)
{
	struct actor__link swept;

	if (!observable)
		return;
	actor__links_init(&swept);
	latch(observable);
	if (!observable->closed) {
		observable->closed = true;
		visit_all(observable, tell_end, NULL, &swept);
	}
	unlatch(observable);
	release_swept(&swept);
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

static int check(const struct actor_subscribe_options *options, bool has_owner)
{
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
	/* Relaxed: the caller keeps it. */
	atomic_fetch_add_explicit(&observable->n_memory, 1, memory_order_relaxed);
	subscription->observable = observable;
	atomic_init(&subscription->n_owners, n_owners);
	if (options->address)
		subscription->address = actor_address_weak(options->address);
	subscription->filter = options->filter;
	subscription->user = options->user;
	subscription->capacity = options->capacity ? options->capacity : ACTOR_DEFAULT_CAPACITY;
	subscription->overflow = options->overflow;
	return subscription;
}

int actor_observable_subscribe(struct actor_observable *observable,
			       const struct actor_subscribe_options *options,
			       struct actor_subscription **ret_subscription)
{
	static const struct actor_subscribe_options defaults = { .size = sizeof defaults };
	struct actor_subscription *subscription;
	bool closed;
	int rc;

	if (!options)
		options = &defaults;
	rc = check(options, ret_subscription != NULL);
	if (rc < 0)
		return rc;
	subscription = subscription_create(observable, options, ret_subscription ? 2 : 1);
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
	bool taken_out;

	if (!subscription)
		return;
	observable = subscription->observable;
	latch(observable);
	taken_out = !subscription->ended && observable->n_visitors == 0;
	end(subscription, ACTOR_E_CLOSED);
	if (taken_out)
		actor__link_take(&subscription->link);
	queued = subscription->first_event;
	subscription->first_event = subscription->last_event = NULL;
	subscription->n_queued = 0;
	unlatch(observable);
	entries_destroy(queued);
	if (taken_out)
		subscription_release(subscription); /* the list's */
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
