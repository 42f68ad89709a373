/* SPDX-License-Identifier: MIT */

/* A play of observers: each gets what one publisher publishes in order, or it is counted as missed;
 * and nothing after the end. */

#include "plays.h"

enum { N_PUBLISHERS = 2, N_BULLETINS = 6, N_WATCHERS = 3, N_READERS = 2 };

struct press {
	struct world *world;
	struct actor_observable *observable;
	struct cast publishers[N_PUBLISHERS];
	unsigned n_published;
	unsigned by[N_PUBLISHERS]; /* of these, by whom */
	bool is_closed;
	/* Actors that are sent events. */
	struct watcher {
		struct press *press;
		struct cast cast;
		struct actor_subscription *subscription; /* owned */
		unsigned last[N_PUBLISHERS];
		unsigned n_heard;
		unsigned n_ends;
		bool is_disturbed; /* what is in its mailbox may be dropped */
	} watchers[N_WATCHERS];
	/* Actors that read a queue. */
	struct cast readers[N_READERS];
};

static void must_be_in_order(struct press *press, unsigned *last, const struct bulletin *bulletin)
{
	world_must(press->world, bulletin->number > last[bulletin->from],
		   "events of one publisher are out of order, or come twice");
	last[bulletin->from] = bulletin->number;
}

static int publish(struct doer *self, struct actor_context *context, void *user)
{
	struct press *press = user;
	struct world *world = self->world;
	unsigned from = world_choose(world, N_PUBLISHERS);

	for (unsigned i = 0; i < N_BULLETINS; i++) {
		struct bulletin bulletin = { world_token(world), from, ++press->by[from] };
		int rc = ACTOR_PUBLISH(press->observable, bulletin, &bulletin);

		world_must(world, press->is_closed ? rc == ACTOR_E_CLOSED : rc >= 0,
			   "publishing ends in a way in which it cannot");
		press->n_published += rc >= 0;
		actor_message_drop(&bulletin_type, &bulletin);
		if (world_choose(world, 12) == 0)
			ACTOR_FAIL(context, "as it happens");
		if (world_pause(world, context, 3) < 0)
			return 0;
	}
	return 0;
}

/* ---- those who are sent events */

static void watch(struct doer *self, const struct actor_message_type *type, void *message,
		  void *user)
{
	struct watcher *watcher = user;

	world_must(self->world, watcher->n_ends == 0, "something comes after the end");
	if (actor_message_type_same(type, &bulletin_type)) {
		must_be_in_order(watcher->press, watcher->last, message);
		watcher->n_heard++;
	} else {
		world_must(self->world, watcher->press->is_closed, "an end that cannot be");
		watcher->n_ends++;
	}
}

static bool subscribed(struct press *press, int rc)
{
	world_must(press->world,
		   rc == 0 || (rc == ACTOR_E_CLOSED && press->is_closed) ||
			   (rc == ACTOR_E_NOMEM && press->world->scarce),
		   "somebody cannot subscribe");
	return rc == 0;
}

static int start_watching(struct doer *self, struct actor_context *context, void *user)
{
	struct watcher *watcher = user;
	struct actor_subscribe_options options = {
		.size = sizeof options,
		.address = actor_self(context),
		.overflow = world_choose(self->world, 2) ? ACTOR_DROP_NEWEST
							 : ACTOR_UNSUBSCRIBE_SLOW,
	};

	self->hear = watch;
	self->user = watcher;
	actor_ignore(subscribed(watcher->press,
				actor_observable_subscribe(watcher->press->observable, &options,
							   &watcher->subscription)));
	return 0;
}

static int be_slow(struct doer *self, struct actor_context *context, void *user)
{
	(void)user;
	return world_pause(self->world, context, 6);
}

static void stop_watching(struct watcher *watcher)
{
	struct world *world = watcher->press->world;
	struct actor_subscription_counts counts;

	if (!watcher->subscription)
		return;
	actor_subscription_counts_get(watcher->subscription, &counts);
	world_must(world, watcher->is_disturbed || counts.n_received == watcher->n_heard,
		   "what was got was not heard");
	world_must(world, counts.n_received + counts.n_dropped <= watcher->press->n_published,
		   "an event is counted twice");
	actor_subscription_destroy(watcher->subscription);
}

/* ---- those who read a queue */

static void give_up(void *user)
{
	actor_subscription_destroy(*(struct actor_subscription **)user);
}

/* As long as there is something to come, or until it does not want any more. */
static int take_events(struct press *press, struct actor_context *context,
		       struct actor_subscription *queue, unsigned *ret_n_taken)
{
	struct world *world = press->world;
	unsigned last[N_PUBLISHERS] = { 0 };
	struct actor_event event;
	int64_t deadline_ns;
	int rc;

	for (;;) {
		deadline_ns = world_soon(world, context);
		rc = actor_subscription_next(context, queue, deadline_ns, &event);
		if (rc < 0)
			break;
		must_be_in_order(press, last, ACTOR_EVENT(bulletin, &event));
		actor_event_drop(&event);
		++*ret_n_taken;
		if (world_choose(world, 20) == 0)
			ACTOR_FAIL(context, "as it happens");
		actor_ignore(world_pause(world, context, 4));
	}
	world_must(world,
		   rc == ACTOR_E_CANCELLED || rc == ACTOR_E_FULL ||
			   (rc == ACTOR_E_CLOSED && press->is_closed) ||
			   (rc == ACTOR_E_TIMEOUT && deadline_ns != ACTOR_FOREVER) ||
			   (rc == ACTOR_E_NOMEM && world->scarce),
		   "reading ends in a way in which it cannot");
	return rc;
}

static int read_events(struct doer *self, struct actor_context *context, void *user)
{
	struct press *press = user;
	struct world *world = self->world;
	struct actor_subscribe_options options = {
		.size = sizeof options,
		.capacity = 1 + world_choose(world, 3),
		.overflow = (enum actor_overflow)world_choose(world, 3),
	};
	unsigned n_before = press->n_published, n_taken = 0, n_missed;
	struct actor_subscription_counts counts;
	struct actor_subscription *queue;
	struct actor_cleanup cleanup;
	int rc;

	if (!subscribed(press, actor_observable_subscribe(press->observable, &options, &queue)))
		return 0;
	actor_defer(context, &cleanup, give_up, &queue);
	rc = take_events(press, context, queue, &n_taken);
	actor_undefer(context, &cleanup);
	actor_subscription_counts_get(queue, &counts);
	n_missed = press->n_published - n_before - n_taken - (unsigned)counts.n_queued;
	world_must(world, counts.n_received == n_taken + counts.n_queued,
		   "what was got was not taken");
	world_must(world, counts.n_dropped <= n_missed, "an event is counted twice");
	world_must(world, rc == ACTOR_E_FULL || counts.ended || counts.n_dropped == n_missed,
		   "an event was missed, and not counted");
	world_must(world, (rc != ACTOR_E_CLOSED && rc != ACTOR_E_FULL) || counts.n_queued == 0,
		   "an end comes before what is queued");
	actor_subscription_destroy(queue);
	return 0;
}

/* ---- the play */

static void put_on(struct press *press)
{
	struct world *world = press->world;

	for (unsigned i = 0; i < N_WATCHERS; i++) {
		struct watcher *watcher = &press->watchers[i];

		watcher->press = press;
		watcher->cast = cast_create(world, 1 + world_choose(world, 3));
		cast_start(&watcher->cast);
		actor_ignore(world_send(world, world->context, watcher->cast.address,
					start_watching, watcher, ACTOR_FOREVER));
		actor_ignore(world_send(world, world->context, watcher->cast.address, be_slow, NULL,
					ACTOR_AT_ONCE));
	}
	for (unsigned i = 0; i < N_READERS; i++) {
		press->readers[i] = cast_create(world, 0);
		cast_start(&press->readers[i]);
		actor_ignore(world_send(world, world->context, press->readers[i].address,
					read_events, press, ACTOR_FOREVER));
	}
	for (unsigned i = 0; i < N_PUBLISHERS; i++) {
		press->publishers[i] = cast_create(world, 0);
		cast_start(&press->publishers[i]);
		actor_ignore(world_send(world, world->context, press->publishers[i].address,
					publish, press, ACTOR_FOREVER));
	}
}

static void happen(struct press *press)
{
	struct world *world = press->world;
	struct watcher *watcher = &press->watchers[world_choose(world, N_WATCHERS)];
	union doer_address to = watcher->cast.address;

	world_stand_by(world);
	switch (world_choose(world, 6)) {
	case 0:
		watcher->is_disturbed = true;
		cast_disturb(&watcher->cast);
		break;
	case 1:
		cast_disturb(&press->readers[world_choose(world, N_READERS)]);
		break;
	case 2:
		cast_disturb(&press->publishers[world_choose(world, N_PUBLISHERS)]);
		break;
	case 3:
		actor_ignore(world_send(world, world->context, to, be_slow, NULL, ACTOR_AT_ONCE));
		break;
	case 4:
		press->is_closed = true;
		actor_observable_close(press->observable);
		break;
	}
}

static void take_off(struct press *press)
{
	press->is_closed = true;
	actor_observable_close(press->observable);
	world_must(press->world, actor_observable_n_observers(press->observable) == 0,
		   "an observer is left");
	world_let_finish(press->world);
	for (unsigned i = 0; i < N_WATCHERS; i++) {
		stop_watching(&press->watchers[i]);
		cast_leave(&press->watchers[i].cast);
	}
	for (unsigned i = 0; i < N_READERS; i++)
		cast_leave(&press->readers[i]);
	for (unsigned i = 0; i < N_PUBLISHERS; i++)
		cast_leave(&press->publishers[i]);
}

void play_observers(struct world *world)
{
	struct press press = { .world = world };
	int rc = actor_observable_create(&press.observable);

	world_must(world, rc == 0 || (rc == ACTOR_E_NOMEM && world->scarce),
		   "an observable was not made");
	if (rc < 0)
		return;
	put_on(&press);
	for (unsigned n = world_choose(world, 5); n > 0; n--)
		happen(&press);
	world_let_finish(world);
	take_off(&press);
	world_join(world);
	actor_observable_unref(press.observable);
}
