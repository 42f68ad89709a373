/* SPDX-License-Identifier: MIT */

/* Observers: each event reaches each observer once and in order, or is counted as missed; and who
 * is observed neither waits for anybody nor fails because of anybody. */

#include "pool-fixture.h"

#include "thread.h"

#include <sched.h>
#include <string.h>
#include <thread-per-actor.h>

static struct actor_observable *observable;

/* ---- memory that runs out ---- */

static atomic_bool refuse_memory;

void *__real_actor__cell_alloc_slowly(struct actor__cells *cells, size_t bytes);
void *__wrap_actor__cell_alloc_slowly(struct actor__cells *cells, size_t bytes);
void *__real_calloc(size_t n, size_t bytes);
void *__wrap_calloc(size_t n, size_t bytes);

void *__wrap_actor__cell_alloc_slowly(struct actor__cells *cells, size_t bytes)
{
	return atomic_load(&refuse_memory) ? NULL : __real_actor__cell_alloc_slowly(cells, bytes);
}

void *__wrap_calloc(size_t n, size_t bytes)
{
	return atomic_load(&refuse_memory) ? NULL : __real_calloc(n, bytes);
}

/* ---- events ---- */

struct tick { /* plain */
	int number;
};
struct news { /* owns something, and can be copied */
	int number;
	int owned;
};
struct secret { /* owns something, and cannot */
	int owned;
};
struct slab {
	_Alignas(256) int number;
};
ACTOR_SIGNAL(tick);
ACTOR_SIGNAL(news);
ACTOR_SIGNAL(secret);
ACTOR_SIGNAL(slab);

static atomic_int n_owned;
static atomic_bool refuse_copy;

static void news_drop(void *message)
{
	atomic_fetch_sub(&n_owned, ((struct news *)message)->owned);
}

static int news_copy(void *to, const void *from)
{
	if (atomic_load(&refuse_copy))
		return ACTOR_E_NOMEM;
	memcpy(to, from, sizeof(struct news));
	atomic_fetch_add(&n_owned, 1);
	return 0;
}

static void secret_drop(void *message)
{
	(void)message;
}

ACTOR_SIGNAL_DEFINE(tick, "test.tick", NULL);
ACTOR_SIGNAL_DEFINE(secret, "test.secret", secret_drop);
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
	atomic_fetch_add(&n_owned, 1);
	return (struct news){ number, 1 };
}

static int publish_news(int number)
{
	struct news news = news_of(number);
	int rc = ACTOR_PUBLISH(observable, news, &news);

	news_drop(&news);
	return rc;
}

static int publish(int number)
{
	return ACTOR_PUBLISH(observable, tick, &(struct tick){ number });
}

/* ---- an actor that observes ---- */

#define VIEWER_MESSAGES(CALL, SEND, X)                                                             \
	CALL(X, errand)                                                                            \
	SEND(X, tick)                                                                              \
	SEND(X, news)                                                                              \
	SEND(X, actor_observed_end)
ACTOR_DECLARE(viewer, VIEWER_MESSAGES);

struct viewer {
	int seen[64];
	struct tally n_seen;
	struct tally over;
	int status;
	struct tally blocked, unblock;
	bool in_order;
};

static void see(struct viewer *self, int number)
{
	uint64_t n = tally_count(&self->n_seen);

	self->seen[n % N_ELEMENTS(self->seen)] = number;
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

static struct viewer viewers[4];

static union viewer_address viewer_spawn(unsigned i, struct actor_spawner *spawner, size_t capacity)
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

static union viewer_address viewer_here(unsigned i, size_t capacity)
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

static void viewer_blocks(unsigned i, union viewer_address viewer)
{
	assert_int_equal(ACTOR_SEND(here(), viewer, errand, &(struct errand){ block, &viewers[i] }),
			 0);
	assert_true(tally_wait(&viewers[i].blocked, 1));
}

static struct actor_subscription *subscribe(struct actor_subscribe_options options)
{
	struct actor_subscription *subscription = NULL;

	options.size = sizeof options;
	assert_int_equal(actor_observable_subscribe(observable, &options, &subscription), 0);
	return subscription;
}

static struct actor_subscription_counts counts_of(struct actor_subscription *subscription)
{
	struct actor_subscription_counts counts;

	actor_subscription_counts_get(subscription, &counts);
	return counts;
}

/* The number of the next tick or news, or an error. */
static int next(struct actor_subscription *subscription, int64_t deadline_ns)
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

static int set_up(void **state)
{
	pool_open(*(unsigned *)*state);
	atomic_store(&n_owned, 0);
	atomic_store(&refuse_copy, false);
	return actor_observable_create(&observable);
}

static int tear_down(void **state)
{
	actor_observable_unref(observable);
	pool_close();
	if (atomic_load(&n_owned) != 0) {
		print_error("owned: %d\n", atomic_load(&n_owned));
		return -1;
	}
	return test_nothing_held(state);
}

/* ---- actors ---- */

static void each_actor_gets_a_copy_of_each_event_in_order(void **state)
{
	union viewer_address a = viewer_here(0, ACTOR_UNBOUNDED);
	union viewer_address b = viewer_here(1, ACTOR_UNBOUNDED);
	struct actor_subscription *first, *second;

	(void)state;
	assert_int_equal(publish_news(0), 0);
	first = subscribe((struct actor_subscribe_options){ .address = a.address });
	second = subscribe((struct actor_subscribe_options){ .address = b.address });
	for (int i = 1; i <= 20; i++)
		assert_int_equal(publish_news(i), 2);
	for (unsigned i = 0; i < 2; i++) {
		assert_true(tally_wait(&viewers[i].n_seen, 20));
		for (int j = 0; j < 20; j++)
			assert_int_equal(viewers[i].seen[j], j + 1);
	}
	assert_int_equal(counts_of(first).n_received, 20);
	actor_subscription_destroy(first);
	assert_int_equal(publish(21), 1);
	assert_true(tally_wait(&viewers[1].n_seen, 21));
	assert_int_equal(tally_count(&viewers[0].n_seen), 20);
	actor_subscription_destroy(second);
	actor_subscription_destroy(NULL);
	actor_address_unref(a.address);
	actor_address_unref(b.address);
}

static void what_an_actor_does_not_handle_is_not_sent(void **state)
{
	union viewer_address viewer = viewer_here(0, 0);
	struct actor_subscription *subscription = subscribe(
		(struct actor_subscribe_options){ .address = viewer.address });
	struct slab slab = { 1 };

	(void)state;
	assert_int_equal(ACTOR_PUBLISH(observable, slab, &slab), 0);
	assert_int_equal(counts_of(subscription).n_dropped, 0);
	actor_subscription_destroy(subscription);
	actor_address_unref(viewer.address);
}

static bool is_even(void *user, const struct actor_message_type *type, const void *event)
{
	tally_add(user, 1);
	return actor_message_type_same(type, &tick_type) &&
	       ((const struct tick *)event)->number % 2 == 0;
}

static void a_filter_chooses(void **state)
{
	struct tally asked = TALLY_INIT;
	struct actor_subscription *subscription = subscribe(
		(struct actor_subscribe_options){ .filter = is_even, .user = &asked });

	(void)state;
	assert_int_equal(publish(1), 0);
	assert_int_equal(publish_news(2), 0);
	assert_int_equal(publish(2), 1);
	assert_int_equal(tally_count(&asked), 3);
	assert_int_equal(next(subscription, ACTOR_AT_ONCE), 2);
	assert_int_equal(next(subscription, ACTOR_AT_ONCE), ACTOR_E_TIMEOUT);
	assert_int_equal(counts_of(subscription).n_dropped, 0);
	actor_subscription_destroy(subscription);
}

/* A full mailbox: what it misses is counted, and publishing has never waited. */
static void a_slow_actor_misses_events_and_blocks_nobody(void **state)
{
	union viewer_address viewer = viewer_here(0, 2);
	struct actor_subscription *subscription = subscribe(
		(struct actor_subscribe_options){ .address = viewer.address });

	(void)state;
	viewer_blocks(0, viewer);
	for (int i = 0; i < 5; i++)
		assert_int_equal(publish_news(i), i < 2 ? 1 : 0);
	assert_int_equal(counts_of(subscription).n_received, 2);
	assert_int_equal(counts_of(subscription).n_dropped, 3);
	assert_false(counts_of(subscription).ended);
	tally_add(&viewers[0].unblock, 1);
	assert_true(tally_wait(&viewers[0].n_seen, 2));
	assert_int_equal(publish(7), 1);
	assert_true(tally_wait(&viewers[0].n_seen, 3));
	assert_int_equal(viewers[0].seen[2], 7);
	actor_subscription_destroy(subscription);
	actor_address_unref(viewer.address);
}

static void a_slow_actor_may_be_unsubscribed(void **state)
{
	union viewer_address viewer = viewer_here(0, 1);
	struct actor_subscription *subscription = subscribe((struct actor_subscribe_options){
		.address = viewer.address, .overflow = ACTOR_UNSUBSCRIBE_SLOW });

	(void)state;
	viewer_blocks(0, viewer);
	assert_int_equal(publish(1), 1);
	assert_int_equal(publish(2), 0);
	assert_true(counts_of(subscription).ended);
	assert_int_equal(counts_of(subscription).n_dropped, 1);
	assert_int_equal(actor_observable_n_observers(observable), 0);
	tally_add(&viewers[0].unblock, 1);
	actor_subscription_destroy(subscription);
	actor_address_unref(viewer.address);
}

/* Its worker gives an actor's memory back after the run has been counted as over. */
static void await_no_mailbox(void)
{
	int64_t deadline_ns = test_deadline();
	struct actor_counts held;

	for (actor_counts_get(&held); held.mailboxes > 0; actor_counts_get(&held)) {
		assert_true(actor__now() < deadline_ns);
		sched_yield();
	}
}

/* A subscription does not keep its actor, and goes with it. */
static void an_actor_that_has_gone_is_forgotten(void **state)
{
	union viewer_address viewer = viewer_here(0, 0);
	struct actor_subscribe_options options = { .size = sizeof options,
						   .address = viewer.address };

	(void)state;
	assert_int_equal(actor_observable_subscribe(observable, &options, NULL), 0);
	assert_int_equal(publish(1), 1);
	assert_int_equal(actor_observable_n_observers(observable), 1);
	actor_address_unref(viewer.address);
	assert_int_equal(actor_executor_join(pool, test_deadline()), 0);
	assert_int_equal(publish(2), 0);
	assert_int_equal(actor_observable_n_observers(observable), 0);
	await_no_mailbox();
}

static void closing_tells_actors(void **state)
{
	union viewer_address viewer = viewer_here(0, 0);
	union hand_address hand = hand_spawn(pool, NULL, 0); /* does not want to know */
	struct actor_subscription *subscription = subscribe(
		(struct actor_subscribe_options){ .address = viewer.address });
	struct actor_subscription *other = subscribe(
		(struct actor_subscribe_options){ .address = hand.address });
	struct actor_subscribe_options options = { .size = sizeof options,
						   .address = viewer.address };

	(void)state;
	assert_int_equal(publish(1), 1);
	actor_observable_close(observable);
	actor_observable_close(observable);
	actor_observable_close(NULL);
	assert_true(tally_wait(&viewers[0].over, 1));
	assert_int_equal(viewers[0].status, ACTOR_E_CLOSED);
	assert_int_equal(tally_count(&viewers[0].n_seen), 1);
	assert_int_equal(publish(2), ACTOR_E_CLOSED);
	assert_int_equal(actor_observable_subscribe(observable, &options, NULL), ACTOR_E_CLOSED);
	assert_true(counts_of(subscription).ended);
	wait_until_idle((union hand_address){ .address = viewer.address });
	assert_int_equal(tally_count(&viewers[0].over), 1);
	actor_subscription_destroy(subscription);
	actor_subscription_destroy(other);
	actor_address_unref(viewer.address);
	actor_address_unref(hand.address);
}

/* ---- queues ---- */

static void a_queue_holds_events_of_any_type_in_order(void **state)
{
	struct actor_subscription *queue = subscribe((struct actor_subscribe_options){ 0 });
	struct slab slab = { 3 };
	struct actor_event event;

	(void)state;
	assert_int_equal(publish(1), 1);
	assert_int_equal(publish_news(2), 1);
	assert_int_equal(ACTOR_PUBLISH(observable, slab, &slab), 1);
	assert_int_equal(counts_of(queue).n_queued, 3);
	assert_int_equal(next(queue, ACTOR_AT_ONCE), 1);
	assert_int_equal(next(queue, ACTOR_AT_ONCE), 2);
	assert_int_equal(actor_subscription_next(here(), queue, ACTOR_AT_ONCE, &event), 0);
	assert_null(ACTOR_EVENT(tick, &event));
	assert_int_equal(ACTOR_EVENT(slab, &event)->number, 3);
	assert_int_equal((uintptr_t)event.event % 256, 0);
	actor_event_drop(&event);
	actor_event_drop(&event); /* it is empty by now */
	actor_subscription_destroy(queue);
}

static void a_full_queue_drops_the_newest(void **state)
{
	struct actor_subscription *queue = subscribe(
		(struct actor_subscribe_options){ .capacity = 2 });

	(void)state;
	for (int i = 1; i <= 4; i++)
		assert_int_equal(publish_news(i), i <= 2);
	assert_int_equal(counts_of(queue).n_dropped, 2);
	assert_int_equal(counts_of(queue).n_received, 2);
	assert_int_equal(next(queue, ACTOR_AT_ONCE), 1);
	assert_int_equal(publish_news(5), 1);
	assert_int_equal(next(queue, ACTOR_AT_ONCE), 2);
	assert_int_equal(next(queue, ACTOR_AT_ONCE), 5);
	actor_subscription_destroy(queue);
}

static void a_full_queue_drops_the_oldest(void **state)
{
	struct actor_subscription *queue = subscribe(
		(struct actor_subscribe_options){ .capacity = 2, .overflow = ACTOR_DROP_OLDEST });

	(void)state;
	for (int i = 1; i <= 4; i++)
		assert_int_equal(publish_news(i), 1);
	assert_int_equal(counts_of(queue).n_dropped, 2);
	assert_int_equal(counts_of(queue).n_received, 4);
	assert_int_equal(counts_of(queue).n_queued, 2);
	assert_int_equal(next(queue, ACTOR_AT_ONCE), 3);
	assert_int_equal(next(queue, ACTOR_AT_ONCE), 4);
	actor_subscription_destroy(queue);
}

static void a_slow_queue_may_be_unsubscribed(void **state)
{
	struct actor_subscription *queue = subscribe((struct actor_subscribe_options){
		.capacity = 2, .overflow = ACTOR_UNSUBSCRIBE_SLOW });

	(void)state;
	for (int i = 1; i <= 4; i++)
		assert_int_equal(publish_news(i), i <= 2);
	assert_int_equal(counts_of(queue).n_dropped, 1); /* after that it was none any more */
	assert_int_equal(actor_observable_n_observers(observable), 0);
	assert_int_equal(next(queue, ACTOR_AT_ONCE), 1);
	assert_int_equal(next(queue, ACTOR_AT_ONCE), 2);
	assert_int_equal(next(queue, ACTOR_AT_ONCE), ACTOR_E_FULL);
	actor_subscription_destroy(queue);
}

static void an_unbounded_queue_drops_nothing(void **state)
{
	struct actor_subscription *queue = subscribe(
		(struct actor_subscribe_options){ .capacity = ACTOR_UNBOUNDED });

	(void)state;
	for (int i = 0; i < 1000; i++)
		assert_int_equal(publish(i), 1);
	for (int i = 0; i < 1000; i++)
		assert_int_equal(next(queue, ACTOR_AT_ONCE), i);
	actor_subscription_destroy(queue);
}

static void closing_leaves_what_is_queued(void **state)
{
	struct actor_subscription *queue = subscribe((struct actor_subscribe_options){ 0 });

	(void)state;
	publish_news(1);
	actor_observable_close(observable);
	assert_int_equal(next(queue, ACTOR_AT_ONCE), 1);
	assert_int_equal(next(queue, ACTOR_FOREVER), ACTOR_E_CLOSED);
	actor_subscription_destroy(queue);
}

static void what_is_queued_goes_with_the_subscription(void **state)
{
	struct actor_subscription *queue = subscribe((struct actor_subscribe_options){ 0 });

	(void)state;
	publish_news(1);
	publish_news(2);
	assert_int_equal(atomic_load(&n_owned), 2);
	actor_subscription_destroy(queue);
	assert_int_equal(atomic_load(&n_owned), 0);
	assert_int_equal(actor_observable_n_observers(observable), 0);
	assert_int_equal(publish(3), 0);
}

static void a_subscription_outlives_the_observable(void **state)
{
	struct actor_subscription *queue = subscribe((struct actor_subscribe_options){ 0 });

	(void)state;
	assert_ptr_equal(actor_observable_ref(observable), observable);
	actor_observable_unref(observable);
	publish(1);
	actor_observable_unref(observable); /* the last one closes it */
	observable = NULL;
	assert_int_equal(next(queue, ACTOR_FOREVER), 1);
	assert_int_equal(next(queue, ACTOR_FOREVER), ACTOR_E_CLOSED);
	actor_subscription_destroy(queue);
}

struct reader {
	struct actor_subscription *queue;
	int64_t deadline_ns;
	int last;
	struct tally reads; /* is about to wait */
	struct tally done;
};

static int read_to_the_end(struct actor_context *context, void *user)
{
	struct reader *reader = user;
	int rc;

	(void)context;
	tally_add(&reader->reads, 1);
	while ((rc = next(reader->queue, reader->deadline_ns)) >= 0)
		reader->last = rc;
	reader->last = rc < 0 && rc != ACTOR_E_CLOSED ? rc : reader->last;
	tally_add(&reader->done, 1);
	return 0;
}

/* On one thread: a reader that waits does not keep it. */
static void a_reader_waits_and_is_woken(void **state)
{
	struct reader reader = { .queue = subscribe((struct actor_subscribe_options){ 0 }),
				 .deadline_ns = ACTOR_FOREVER,
				 .reads = TALLY_INIT,
				 .done = TALLY_INIT };
	union hand_address other = hand_spawn(pool, NULL, 0);

	(void)state;
	tell_and_let_go(hand_spawn(pool, NULL, 0), read_to_the_end, &reader);
	assert_true(tally_wait(&reader.reads, 1));
	assert_int_equal(hand_call(here(), other, count_handled, NULL), 0);
	publish(1);
	publish(2);
	assert_int_equal(hand_call(here(), other, count_handled, NULL), 0);
	actor_observable_close(observable);
	assert_true(tally_wait(&reader.done, 1));
	assert_int_equal(reader.last, 2);
	actor_subscription_destroy(reader.queue);
	actor_address_unref(other.address);
}

static void a_reader_has_a_deadline_and_may_be_cancelled(void **state)
{
	struct reader reader = { .queue = subscribe((struct actor_subscribe_options){ 0 }),
				 .deadline_ns = in_ms(5),
				 .reads = TALLY_INIT,
				 .done = TALLY_INIT };
	struct hand_mailbox mailbox = { NULL };
	struct hand hand_state = { .started = NULL };
	union hand_address hand = { NULL };

	(void)state;
	tell_and_let_go(hand_spawn(pool, NULL, 0), read_to_the_end, &reader);
	assert_true(tally_wait(&reader.done, 1));
	assert_int_equal(reader.last, ACTOR_E_TIMEOUT);
	reader.deadline_ns = ACTOR_FOREVER;
	assert_int_equal(ACTOR_SPAWN_MAILBOX(hand, actor_executor_spawner(pool), &hand_state, NULL,
					     &hand, &mailbox),
			 0);
	tell(hand, read_to_the_end, &reader);
	assert_true(tally_wait(&reader.reads, 2));
	actor_mailbox_cancel(mailbox.mailbox);
	assert_true(tally_wait(&reader.done, 2));
	assert_int_equal(reader.last, ACTOR_E_CANCELLED);
	actor_address_unref(hand.address);
	actor_mailbox_detach(mailbox.mailbox);
	assert_int_equal(actor_executor_join(pool, test_deadline()), 0);
	actor_subscription_destroy(reader.queue);
}

/* One waits; a second one is refused. */
static void only_one_reads_at_a_time(void **state)
{
	struct reader reader = { .queue = subscribe((struct actor_subscribe_options){ 0 }),
				 .deadline_ns = ACTOR_FOREVER,
				 .reads = TALLY_INIT,
				 .done = TALLY_INIT };
	union hand_address hand = hand_spawn(pool, NULL, 0);
	union hand_address other = hand_spawn(pool, NULL, 0);

	(void)state;
	tell(hand, read_to_the_end, &reader);
	assert_true(tally_wait(&reader.reads, 1));
	/* The pool has one thread: when another actor has had its turn, the first one waits. */
	assert_int_equal(hand_call(here(), other, count_handled, NULL), 0);
	assert_int_equal(next(reader.queue, ACTOR_FOREVER), ACTOR_E_BUSY);
	actor_observable_close(observable);
	assert_true(tally_wait(&reader.done, 1));
	actor_address_unref(hand.address);
	actor_address_unref(other.address);
	actor_subscription_destroy(reader.queue);
}

/* ---- forwarding ---- */

struct courier {
	struct actor_subscription *queue;
	struct actor_address *to;
	int status;
	struct tally done;
};

static int forward(struct actor_context *context, void *user)
{
	struct courier *courier = user;

	courier->status = actor_subscription_forward(context, courier->queue, courier->to);
	tally_add(&courier->done, 1);
	return 0;
}

/* In front of a mailbox of one: nothing is lost, whoever publishes does not wait. */
static void a_queue_is_forwarded_no_faster_than_there_is_room(void **state)
{
	union viewer_address viewer = viewer_here(0, 1);
	struct courier courier = {
		.queue = subscribe((struct actor_subscribe_options){ .capacity = ACTOR_UNBOUNDED }),
		.to = viewer.address,
		.done = TALLY_INIT,
	};
	struct slab slab = { 3 };

	(void)state;
	tell_and_let_go(hand_spawn(pool, NULL, 0), forward, &courier);
	viewer_blocks(0, viewer);
	for (int i = 0; i < 20; i++)
		assert_int_equal(publish_news(i), 1);
	assert_int_equal(ACTOR_PUBLISH(observable, slab, &slab), 1); /* it does not handle that */
	assert_int_equal(publish(20), 1);
	actor_observable_close(observable);
	tally_add(&viewers[0].unblock, 1);
	assert_true(tally_wait(&viewers[0].n_seen, 21));
	for (int i = 0; i <= 20; i++)
		assert_int_equal(viewers[0].seen[i], i);
	assert_true(tally_wait(&courier.done, 1));
	assert_int_equal(courier.status, ACTOR_E_CLOSED);
	actor_subscription_destroy(courier.queue);
	actor_address_unref(viewer.address);
}

static void forwarding_ends_with_the_receiver(void **state)
{
	union viewer_address viewer = viewer_here(0, 1);
	struct actor_address *weak = actor_address_weak(viewer.address);
	struct courier courier = { .queue = subscribe((struct actor_subscribe_options){ 0 }),
				   .to = weak,
				   .done = TALLY_INIT };

	(void)state;
	actor_address_unref(viewer.address);
	tell_and_let_go(hand_spawn(pool, NULL, 0), forward, &courier);
	publish_news(1); /* is dropped: tear_down() counts */
	assert_true(tally_wait(&courier.done, 1));
	assert_int_equal(courier.status, ACTOR_E_CLOSED);
	assert_false(counts_of(courier.queue).ended);
	actor_subscription_destroy(courier.queue);
	actor_address_unref(weak);
}

/* ---- what cannot be ---- */

static void what_makes_no_sense_is_refused(void **state)
{
	union viewer_address viewer = viewer_here(0, 1);
	struct actor_subscribe_options options = { .size = sizeof options };
	struct actor_subscription *subscription;
	struct actor_event event;
	struct secret secret = { 1 };

	(void)state;
	assert_int_equal(ACTOR_PUBLISH(observable, secret, &secret), ACTOR_E_UNSUPPORTED);
	assert_int_equal(actor_observable_subscribe(observable, NULL, NULL), ACTOR_E_INVALID);
	options.overflow = (enum actor_overflow)3;
	assert_int_equal(actor_observable_subscribe(observable, &options, &subscription),
			 ACTOR_E_INVALID);
	options.overflow = ACTOR_DROP_OLDEST;
	options.address = viewer.address;
	assert_int_equal(actor_observable_subscribe(observable, &options, &subscription),
			 ACTOR_E_INVALID);
	subscription = subscribe((struct actor_subscribe_options){ .address = viewer.address });
	assert_int_equal(actor_subscription_next(here(), subscription, ACTOR_AT_ONCE, &event),
			 ACTOR_E_INVALID);
	actor_subscription_destroy(subscription);
	actor_address_unref(viewer.address);
}

static void memory_runs_out_and_the_event_is_missed(void **state)
{
	struct actor_subscription *queue = subscribe((struct actor_subscribe_options){ 0 }), *none;
	struct actor__thread *thread = actor__thread();
	struct actor__cells cells = thread->cells;
	struct actor_observable *no_observable;
	int published, made, subscribed;

	(void)state;
	thread->cells = (struct actor__cells){ .asks = false };
	atomic_store(&refuse_memory, true);
	published = publish(1);
	made = actor_observable_create(&no_observable);
	subscribed = actor_observable_subscribe(observable, NULL, &none);
	atomic_store(&refuse_memory, false);
	thread->cells = cells;
	assert_int_equal(published, 0);
	assert_int_equal(made, ACTOR_E_NOMEM);
	assert_int_equal(subscribed, ACTOR_E_NOMEM);
	atomic_store(&refuse_copy, true);
	assert_int_equal(publish_news(2), 0);
	assert_int_equal(counts_of(queue).n_dropped, 2);
	actor_subscription_destroy(queue);
}

/* ---- in the middle of it ---- */

static struct actor_subscription *others[2];

/* Destroys the subscription before and the one after its own, while an event goes through. */
static bool destroy_others(void *user, const struct actor_message_type *type, const void *event)
{
	(void)user, (void)type, (void)event;
	for (unsigned i = 0; i < 2; i++) {
		actor_subscription_destroy(others[i]);
		others[i] = NULL;
	}
	return true;
}

static void who_leaves_while_an_event_goes_through_is_passed_over(void **state)
{
	struct actor_subscription *queue;

	(void)state;
	others[0] = subscribe((struct actor_subscribe_options){ 0 });
	queue = subscribe((struct actor_subscribe_options){ .filter = destroy_others });
	others[1] = subscribe((struct actor_subscribe_options){ 0 });
	assert_int_equal(publish_news(1), 2);
	assert_int_equal(publish_news(2), 1);
	assert_int_equal(actor_observable_n_observers(observable), 1);
	actor_subscription_destroy(queue);
}

static struct actor_subscription *itself;

static bool destroy_itself(void *user, const struct actor_message_type *type, const void *event)
{
	(void)user, (void)type, (void)event;
	actor_subscription_destroy(itself);
	return true;
}

/* Under AddressSanitizer: it is there as long as an event is in hand; and gets none any more. */
static void who_leaves_with_an_event_in_hand_does_not_get_it(void **state)
{
	struct actor_subscription *queue;

	(void)state;
	itself = subscribe((struct actor_subscribe_options){ .filter = destroy_itself });
	queue = subscribe((struct actor_subscribe_options){ 0 });
	assert_int_equal(publish_news(1), 1);
	assert_int_equal(publish_news(2), 1);
	assert_int_equal(counts_of(queue).n_queued, 2);
	actor_subscription_destroy(queue);
}

/* At the very moment at which the wait ends otherwise. */
static int await_until_it_comes(struct actor_context *context, const struct actor_await *wait)
{
	(void)context, (void)wait;
	publish_news(1);
	return ACTOR_E_TIMEOUT;
}

static void an_event_at_the_last_moment_is_got(void **state)
{
	struct actor_context *context = here();
	const struct actor_context_ops *ops = context->ops;
	struct actor_context_ops tampered = *ops;
	struct actor_subscription *queue = subscribe((struct actor_subscribe_options){ 0 });
	int number;

	(void)state;
	tampered.await = await_until_it_comes;
	context->ops = &tampered;
	number = next(queue, ACTOR_AT_ONCE);
	context->ops = ops;
	assert_int_equal(number, 1);
	actor_subscription_destroy(queue);
}

static int no_reply(struct actor_context *context, const struct actor_message_type *type,
		    struct actor_reply **ret_reply)
{
	(void)context, (void)type, (void)ret_reply;
	return ACTOR_E_NOMEM;
}

static void memory_runs_out_for_waiting(void **state)
{
	struct actor_context *context = here();
	const struct actor_context_ops *ops = context->ops;
	struct actor_context_ops poor = *ops;
	struct actor_subscription *queue = subscribe((struct actor_subscribe_options){ 0 });
	int rc;

	(void)state;
	poor.reply_open = no_reply;
	context->ops = &poor;
	rc = next(queue, ACTOR_FOREVER);
	context->ops = ops;
	assert_int_equal(rc, ACTOR_E_NOMEM);
	actor_subscription_destroy(queue);
}

/* ---- other implementations ---- */

static void observers_are_of_any_implementation(void **state)
{
	struct actor_tpa *tpa;
	union viewer_address ours, theirs;
	struct actor_subscription *first, *second;
	struct courier courier = { .done = TALLY_INIT };
	union hand_address guest;

	(void)state;
	assert_int_equal(actor_tpa_create(&tpa), 0);
	ours = viewer_here(0, ACTOR_UNBOUNDED);
	theirs = viewer_spawn(1, actor_tpa_spawner(tpa), ACTOR_UNBOUNDED);
	first = subscribe((struct actor_subscribe_options){ .address = ours.address });
	second = subscribe((struct actor_subscribe_options){ .address = theirs.address });
	courier.queue = subscribe((struct actor_subscribe_options){ 0 });
	courier.to = ours.address;
	assert_int_equal(ACTOR_SPAWN(hand, actor_tpa_spawner(tpa), NULL, NULL, &guest), 0);
	tell(guest, forward, &courier);
	for (int i = 0; i < 10; i++)
		assert_int_equal(publish_news(i), 3);
	assert_true(tally_wait(&viewers[0].n_seen, 20));
	assert_true(tally_wait(&viewers[1].n_seen, 10));
	actor_observable_close(observable);
	assert_true(tally_wait(&courier.done, 1));
	actor_subscription_destroy(first);
	actor_subscription_destroy(second);
	actor_subscription_destroy(courier.queue);
	actor_address_unref(ours.address);
	actor_address_unref(theirs.address);
	actor_address_unref(guest.address);
	assert_int_equal(actor_tpa_join(tpa, test_deadline()), 0);
	assert_int_equal(actor_tpa_destroy(tpa), 0);
}

/* ---- all at once ---- */

static atomic_int n_out_of_order;
static unsigned n_events;

/* Two publish, one comes and goes, two read all there is. */
static void publish_read_come_and_go(void *user, unsigned index)
{
	struct actor_subscription **queues = user;

	if (index < 2) {
		for (unsigned i = 0; i < n_events; i++)
			publish_news((int)(i * 2 + index));
	} else if (index == 2) {
		for (unsigned i = 0; i < n_events; i++) {
			struct actor_subscription *queue = subscribe(
				(struct actor_subscribe_options){
					.capacity = 1, .overflow = (enum actor_overflow)(i % 3) });

			next(queue, ACTOR_AT_ONCE);
			actor_subscription_destroy(queue);
		}
	} else {
		int last[2] = { -1, -1 };

		for (unsigned i = 0; i < 2 * n_events; i++) {
			int number = next(queues[index - 3], test_deadline());

			if (number < 0 || number / 2 != last[number % 2] + 1)
				atomic_fetch_add(&n_out_of_order, 1);
			else
				last[number % 2] = number / 2;
		}
	}
}

static void all_of_it_at_once_loses_nothing(void **state)
{
	struct actor_subscription *queues[2];

	(void)state;
	n_events = test_times(2000);
	atomic_store(&n_out_of_order, 0);
	for (unsigned i = 0; i < 2; i++)
		queues[i] = subscribe(
			(struct actor_subscribe_options){ .capacity = ACTOR_UNBOUNDED });
	crew_run(5, publish_read_come_and_go, queues);
	assert_int_equal(atomic_load(&n_out_of_order), 0);
	for (unsigned i = 0; i < 2; i++) {
		assert_int_equal(counts_of(queues[i]).n_received, 2 * n_events);
		actor_subscription_destroy(queues[i]);
	}
	assert_int_equal(actor_observable_n_observers(observable), 0);
}

static void close_among_publishers(void *user, unsigned index)
{
	struct actor_subscription **queues = user;

	if (index == 0) {
		for (unsigned i = 0; i < 50; i++)
			sched_yield();
		actor_observable_close(observable);
	} else if (index == 1) {
		while (publish_news(1) >= 0)
			sched_yield(); /* where threads take turns, not in the middle of it */
	} else {
		int rc;

		while ((rc = next(queues[index - 2], test_deadline())) >= 0)
			;
		if (rc != ACTOR_E_CLOSED)
			atomic_fetch_add(&n_out_of_order, 1);
	}
}

static void closing_under_load_ends_every_reader(void **state)
{
	struct actor_subscription *queues[2];

	(void)state;
	atomic_store(&n_out_of_order, 0);
	for (unsigned i = 0; i < 2; i++)
		queues[i] = subscribe((struct actor_subscribe_options){ .capacity = 4 });
	crew_run(4, close_among_publishers, queues);
	assert_int_equal(atomic_load(&n_out_of_order), 0);
	for (unsigned i = 0; i < 2; i++)
		actor_subscription_destroy(queues[i]);
}

static unsigned one = 1, two = 2;

#define ON(n_threads, test)                                                                        \
	cmocka_unit_test_prestate_setup_teardown(test, set_up, tear_down, &n_threads)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON(two, each_actor_gets_a_copy_of_each_event_in_order),
		ON(one, what_an_actor_does_not_handle_is_not_sent),
		ON(one, a_filter_chooses),
		ON(two, a_slow_actor_misses_events_and_blocks_nobody),
		ON(two, a_slow_actor_may_be_unsubscribed),
		ON(one, an_actor_that_has_gone_is_forgotten),
		ON(one, closing_tells_actors),
		ON(one, a_queue_holds_events_of_any_type_in_order),
		ON(one, a_full_queue_drops_the_newest),
		ON(one, a_full_queue_drops_the_oldest),
		ON(one, a_slow_queue_may_be_unsubscribed),
		ON(one, an_unbounded_queue_drops_nothing),
		ON(one, closing_leaves_what_is_queued),
		ON(one, what_is_queued_goes_with_the_subscription),
		ON(one, a_subscription_outlives_the_observable),
		ON(one, a_reader_waits_and_is_woken),
		ON(one, a_reader_has_a_deadline_and_may_be_cancelled),
		ON(one, only_one_reads_at_a_time),
		ON(two, a_queue_is_forwarded_no_faster_than_there_is_room),
		ON(one, forwarding_ends_with_the_receiver),
		ON(one, what_makes_no_sense_is_refused),
		ON(one, memory_runs_out_and_the_event_is_missed),
		ON(one, who_leaves_while_an_event_goes_through_is_passed_over),
		ON(one, who_leaves_with_an_event_in_hand_does_not_get_it),
		ON(one, an_event_at_the_last_moment_is_got),
		ON(one, memory_runs_out_for_waiting),
		ON(two, observers_are_of_any_implementation),
		ON(two, all_of_it_at_once_loses_nothing),
		ON(two, closing_under_load_ends_every_reader),
	};

	return cmocka_run_group_tests_name("observer", tests, NULL, NULL);
}
