/* SPDX-License-Identifier: MIT */

/* Observers: each event reaches each observer once and in order, or is counted as missed; and who
 * is observed neither waits for anybody nor fails because of anybody. Here: actors that observe. */

#include "observer-fixture.h"

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
	assert_int_equal(next_number(subscription, ACTOR_AT_ONCE), 2);
	assert_int_equal(next_number(subscription, ACTOR_AT_ONCE), ACTOR_E_TIMEOUT);
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
	assert_true(await_no_mailbox());
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

/* ---- what cannot be ---- */

struct secret { /* owns something, and cannot be copied */
	int owned;
};
ACTOR_SIGNAL(secret);

static void secret_drop(void *message)
{
	(void)message;
}

ACTOR_SIGNAL_DEFINE(secret, "test.secret", secret_drop);

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
	struct actor_observable *no_observable;

	(void)state;
	actor_simulation_fail_nth(1);
	assert_int_equal(publish(1), 0);
	actor_simulation_fail_nth(1);
	assert_int_equal(actor_observable_create(&no_observable), ACTOR_E_NOMEM);
	actor_simulation_fail_nth(1);
	assert_int_equal(actor_observable_subscribe(observable, NULL, &none), ACTOR_E_NOMEM);
	actor_simulation_fail_nth(0);
	atomic_store(&copies_refused, true);
	assert_int_equal(publish_news(2), 0);
	assert_int_equal(counts_of(queue).n_dropped, 2);
	actor_subscription_destroy(queue);
}

/* What lies beyond its options is not the caller's. */
static void options_may_be_of_a_program_that_knows_of_fewer(void **state)
{
	struct actor_subscribe_options options = {
		.size = offsetof(struct actor_subscribe_options, capacity),
		.capacity = 1,
		.overflow = (enum actor_overflow)3,
	};
	struct actor_subscription *queue;

	(void)state;
	assert_int_equal(actor_observable_subscribe(observable, &options, &queue), 0);
	for (int i = 0; i < ACTOR_DEFAULT_CAPACITY; i++)
		assert_int_equal(publish(i), 1);
	assert_int_equal(publish(ACTOR_DEFAULT_CAPACITY), 0);
	actor_subscription_destroy(queue);
}

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
		ON(one, what_makes_no_sense_is_refused),
		ON(one, memory_runs_out_and_the_event_is_missed),
		ON(one, options_may_be_of_a_program_that_knows_of_fewer),
	};

	return cmocka_run_group_tests_name("observer", tests, NULL, NULL);
}
