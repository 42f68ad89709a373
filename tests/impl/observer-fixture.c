/* SPDX-License-Identifier: MIT */

#include "observer-fixture.h"

#include <sched.h>
#include <string.h>

struct actor_observable *observable;
struct viewer viewers[4];
atomic_int n_events_owned;
atomic_bool copies_refused;

/* ---- events ---- */

static void news_drop(void *message)
{
	atomic_fetch_sub(&n_events_owned, ((struct news *)message)->owned);
}

static int news_copy(void *to, const void *from)
{
	if (atomic_load(&copies_refused))
		return ACTOR_E_NOMEM;
	memcpy(to, from, sizeof(struct news));
	atomic_fetch_add(&n_events_owned, 1);
	return 0;
}

ACTOR_SIGNAL_DEFINE(tick, "test.tick", NULL);
ACTOR_SIGNAL_DEFINE(slab, "test.slab", NULL);
const struct actor_message_type news_type = {
	.size = sizeof news_type,
	.name = "test.news",
	.message_size = sizeof(struct news),
	.message_align = _Alignof(struct news),
	.drop = news_drop,
	.copy = news_copy,
};

static struct news news_of(int number)
{
	atomic_fetch_add(&n_events_owned, 1);
	return (struct news){ number, 1 };
}

int publish_news(int number)
{
	struct news news = news_of(number);
	int rc = ACTOR_PUBLISH(observable, news, &news);

	news_drop(&news);
	return rc;
}

int publish(int number)
{
	return ACTOR_PUBLISH(observable, tick, &(struct tick){ number });
}

/* ---- an actor that observes ---- */

static void see(struct viewer *self, int number)
{
	uint64_t n = tally_count(&self->n_seen);

	self->seen[n % N_ELEMENTS(self->seen)] = number;
	self->n_after += tally_count(&self->over) > 0;
	tally_add(&self->n_seen, 1);
}

static void viewer_on_tick(struct viewer *self, struct tick *message, struct actor_context *context)
{
	(void)context;
	see(self, message->number);
}

static void viewer_on_news(struct viewer *self, struct news *message, struct actor_context *context)
{
	(void)context;
	see(self, message->number);
}

static int viewer_on_errand(struct viewer *self, struct errand *message,
			    struct actor_context *context)
{
	(void)self;
	return message->function(context, message->user);
}

static void viewer_on_actor_observed_end(struct viewer *self, struct actor_observed_end *message,
					 struct actor_context *context)
{
	(void)context;
	self->status = message->status;
	tally_add(&self->over, 1);
}

ACTOR_DEFINE(viewer, VIEWER_MESSAGES, NULL, NULL, NULL);

union viewer_address viewer_spawn(unsigned i, struct actor_spawner *spawner, size_t capacity)
{
	union viewer_address viewer = { NULL };

	viewers[i] = (struct viewer){ .n_seen = TALLY_INIT,
				      .over = TALLY_INIT,
				      .blocked = TALLY_INIT,
				      .unblock = TALLY_INIT };
	assert_int_equal(ACTOR_SPAWN(viewer, spawner, &viewers[i],
				     ACTOR_OPTIONS(.capacity = capacity), &viewer),
			 0);
	return viewer;
}

union viewer_address viewer_here(unsigned i, size_t capacity)
{
	return viewer_spawn(i, actor_executor_spawner(pool), capacity);
}

static int block(struct actor_context *context, void *user)
{
	struct viewer *self = user;

	(void)context;
	tally_add(&self->blocked, 1);
	tally_wait(&self->unblock, 1);
	return 0;
}

void viewer_blocks(unsigned i, union viewer_address viewer)
{
	assert_int_equal(ACTOR_SEND(here(), viewer, errand, &(struct errand){ block, &viewers[i] }),
			 0);
	assert_true(tally_wait(&viewers[i].blocked, 1));
}

bool await_no_mailbox(void)
{
	int64_t deadline_ns = test_deadline();
	struct actor_counts held;

	for (actor_counts_get(&held); held.mailboxes > 0; actor_counts_get(&held)) {
		if (actor_now(here()) >= deadline_ns)
			return false;
		sched_yield();
	}
	return true;
}

/* ---- subscriptions ---- */

struct actor_subscription *subscribe(struct actor_subscribe_options options)
{
	struct actor_subscription *subscription = NULL;

	options.size = sizeof options;
	assert_int_equal(actor_observable_subscribe(observable, &options, &subscription), 0);
	return subscription;
}

struct actor_subscription_counts counts_of(struct actor_subscription *subscription)
{
	struct actor_subscription_counts counts;

	actor_subscription_counts_get(subscription, &counts);
	return counts;
}

int next_number(struct actor_subscription *subscription, int64_t deadline_ns)
{
	struct actor_event event;
	struct tick *tick;
	struct news *news;
	int number = 0;
	int rc = actor_subscription_next(here(), subscription, deadline_ns, &event);

	if (rc < 0)
		return rc;
	if ((tick = ACTOR_EVENT(tick, &event)))
		number = tick->number;
	else if ((news = ACTOR_EVENT(news, &event)))
		number = news->number;
	actor_event_drop(&event);
	return number;
}

unsigned observer_one = 1, observer_two = 2;

int observer_set_up(void **state)
{
	pool_open(*(unsigned *)*state);
	atomic_store(&n_events_owned, 0);
	atomic_store(&copies_refused, false);
	return actor_observable_create(&observable);
}

int observer_tear_down(void **state)
{
	actor_observable_unref(observable);
	pool_close();
	if (atomic_load(&n_events_owned) != 0) {
		print_error("owned: %d\n", atomic_load(&n_events_owned));
		return -1;
	}
	return test_nothing_held(state);
}
