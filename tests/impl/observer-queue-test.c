/* SPDX-License-Identifier: MIT */

/* Observers that have a queue, from which somebody takes events, or has them sent on. */

#include "observer-fixture.h"

#include <thread-per-actor.h>

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
	assert_int_equal(next_number(queue, ACTOR_AT_ONCE), 1);
	assert_int_equal(next_number(queue, ACTOR_AT_ONCE), 2);
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
	assert_int_equal(next_number(queue, ACTOR_AT_ONCE), 1);
	assert_int_equal(publish_news(5), 1);
	assert_int_equal(next_number(queue, ACTOR_AT_ONCE), 2);
	assert_int_equal(next_number(queue, ACTOR_AT_ONCE), 5);
	actor_subscription_destroy(queue);
}

/* One that was there, and made room for another, counts as missed alone. */
static void a_full_queue_drops_the_oldest(void **state)
{
	struct actor_subscription *queue = subscribe(
		(struct actor_subscribe_options){ .capacity = 2, .overflow = ACTOR_DROP_OLDEST });

	(void)state;
	for (int i = 1; i <= 4; i++)
		assert_int_equal(publish_news(i), 1);
	assert_int_equal(counts_of(queue).n_dropped, 2);
	assert_int_equal(counts_of(queue).n_received, 2);
	assert_int_equal(counts_of(queue).n_queued, 2);
	assert_int_equal(next_number(queue, ACTOR_AT_ONCE), 3);
	assert_int_equal(next_number(queue, ACTOR_AT_ONCE), 4);
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
	assert_int_equal(next_number(queue, ACTOR_AT_ONCE), 1);
	assert_int_equal(next_number(queue, ACTOR_AT_ONCE), 2);
	assert_int_equal(next_number(queue, ACTOR_AT_ONCE), ACTOR_E_FULL);
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
		assert_int_equal(next_number(queue, ACTOR_AT_ONCE), i);
	actor_subscription_destroy(queue);
}

static void closing_leaves_what_is_queued(void **state)
{
	struct actor_subscription *queue = subscribe((struct actor_subscribe_options){ 0 });

	(void)state;
	publish_news(1);
	actor_observable_close(observable);
	assert_int_equal(next_number(queue, ACTOR_AT_ONCE), 1);
	assert_int_equal(next_number(queue, ACTOR_FOREVER), ACTOR_E_CLOSED);
	actor_subscription_destroy(queue);
}

static void what_is_queued_goes_with_the_subscription(void **state)
{
	struct actor_subscription *queue = subscribe((struct actor_subscribe_options){ 0 });

	(void)state;
	publish_news(1);
	publish_news(2);
	assert_int_equal(atomic_load(&n_events_owned), 2);
	actor_subscription_destroy(queue);
	assert_int_equal(atomic_load(&n_events_owned), 0);
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
	assert_int_equal(next_number(queue, ACTOR_FOREVER), 1);
	assert_int_equal(next_number(queue, ACTOR_FOREVER), ACTOR_E_CLOSED);
	actor_subscription_destroy(queue);
}

/* ---- readers ---- */

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
	while ((rc = next_number(reader->queue, reader->deadline_ns)) >= 0)
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

static int read_when_free(struct actor_context *context, void *user)
{
	struct reader *reader = user;

	(void)context;
	do /* the test may be there for a moment */
		reader->last = next_number(reader->queue, reader->deadline_ns);
	while (reader->last == ACTOR_E_BUSY);
	tally_add(&reader->done, 1);
	return 0;
}

/* One waits; a second one is refused. */
static void only_one_reads_at_a_time(void **state)
{
	struct reader reader = { .queue = subscribe((struct actor_subscribe_options){ 0 }),
				 .deadline_ns = ACTOR_FOREVER,
				 .reads = TALLY_INIT,
				 .done = TALLY_INIT };
	int64_t deadline_ns = test_deadline();

	(void)state;
	tell_and_let_go(hand_spawn(pool, NULL, 0), read_when_free, &reader);
	while (next_number(reader.queue, ACTOR_AT_ONCE) != ACTOR_E_BUSY)
		assert_true(actor_now(here()) < deadline_ns);
	assert_int_equal(next_number(reader.queue, ACTOR_FOREVER), ACTOR_E_BUSY);
	actor_observable_close(observable);
	assert_true(tally_wait(&reader.done, 1));
	assert_int_equal(reader.last, ACTOR_E_CLOSED);
	actor_subscription_destroy(reader.queue);
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
	number = next_number(queue, ACTOR_AT_ONCE);
	context->ops = ops;
	assert_int_equal(number, 1);
	actor_subscription_destroy(queue);
}

static void memory_runs_out_for_waiting(void **state)
{
	struct actor_subscription *queue = subscribe((struct actor_subscribe_options){ 0 });

	(void)state;
	actor_simulation_fail_nth(1);
	assert_int_equal(next_number(queue, ACTOR_FOREVER), ACTOR_E_NOMEM);
	actor_simulation_fail_nth(0);
	actor_subscription_destroy(queue);
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

int main(void)
{
	const struct CMUnitTest tests[] = {
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
		ON(one, an_event_at_the_last_moment_is_got),
		ON(one, memory_runs_out_for_waiting),
		ON(two, a_queue_is_forwarded_no_faster_than_there_is_room),
		ON(one, forwarding_ends_with_the_receiver),
		ON(two, observers_are_of_any_implementation),
	};

	return cmocka_run_group_tests_name("observer-queue", tests, NULL, NULL);
}
