/* SPDX-License-Identifier: MIT */

/* Observers that come, go and end while events go through. */

#include "observer-fixture.h"

#include <sched.h>

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

/* ---- two who publish, and one of them is always at it ---- */

static struct tally asked, in_filter, leave_filter;

/* The first event stays in it. */
static bool stay(void *user, const struct actor_message_type *type, const void *event)
{
	(void)user, (void)event;
	tally_add(&asked, 1);
	if (!actor_message_type_same(type, &news_type))
		return false;
	tally_add(&in_filter, 1);
	tally_wait(&leave_filter, 1);
	return true;
}

/* The first publishes news; the second one, while that is under way, @meanwhile. */
static void publish_meanwhile(void *user, unsigned index)
{
	void (*const *meanwhile)(void) = user;

	if (index == 0) {
		publish_news(1);
	} else if (tally_wait(&in_filter, 1)) {
		(*meanwhile)();
		tally_add(&leave_filter, 1);
	}
}

static void while_an_event_is_under_way(void (*meanwhile)(void))
{
	asked = in_filter = leave_filter = (struct tally)TALLY_INIT;
	crew_run(2, publish_meanwhile, &meanwhile);
}

static bool is_freed;

static void publish_a_tick(void)
{
	publish(1);
	is_freed = await_no_mailbox();
}

/* The subscription of an actor that has ended holds its memory. */
static void who_has_ended_is_forgotten_also_while_others_publish(void **state)
{
	struct actor_subscription *slow;
	union viewer_address viewer = viewer_here(0, 0);
	struct actor_subscribe_options options = { .size = sizeof options,
						   .address = viewer.address };

	(void)state;
	slow = subscribe((struct actor_subscribe_options){ .filter = stay });
	assert_int_equal(actor_observable_subscribe(observable, &options, NULL), 0);
	actor_address_unref(viewer.address);
	assert_int_equal(actor_executor_join(pool, test_deadline()), 0);
	while_an_event_is_under_way(publish_a_tick);
	assert_true(is_freed);
	actor_subscription_destroy(slow);
}

static struct actor_subscription *to_destroy;

static void destroy_it(void)
{
	actor_subscription_destroy(to_destroy);
	is_freed = await_no_mailbox();
}

/* Also one that the event has not come to yet. */
static void who_unsubscribes_is_forgotten_also_while_others_publish(void **state)
{
	struct actor_subscription *slow;
	union viewer_address viewer = viewer_here(0, 0);

	(void)state;
	slow = subscribe((struct actor_subscribe_options){ .filter = stay });
	to_destroy = subscribe((struct actor_subscribe_options){ .address = viewer.address });
	actor_address_unref(viewer.address);
	assert_int_equal(actor_executor_join(pool, test_deadline()), 0);
	while_an_event_is_under_way(destroy_it);
	assert_true(is_freed);
	assert_int_equal(counts_of(slow).n_received, 1);
	actor_subscription_destroy(slow);
}

static void destroy_it_and_publish(void)
{
	actor_subscription_destroy(to_destroy);
	publish(1);
}

/* It is in the hand of the one who publishes first, and the second one leaves it there. */
static void who_unsubscribes_is_not_asked_again(void **state)
{
	(void)state;
	to_destroy = subscribe((struct actor_subscribe_options){ .filter = stay });
	while_an_event_is_under_way(destroy_it_and_publish);
	assert_int_equal(tally_count(&asked), 1);
	assert_int_equal(actor_observable_n_observers(observable), 0);
}

static void close_it(void)
{
	actor_observable_close(observable);
}

/* An event in hand comes before the end; for those that it has not come to yet, there is none. */
static void no_event_comes_after_the_end(void **state)
{
	union viewer_address viewer_addresses[2];

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		struct actor_subscribe_options options = { .size = sizeof options };

		viewer_addresses[i] = viewer_here(i, 0);
		options.address = viewer_addresses[i].address;
		options.filter = i == 0 ? stay : NULL;
		assert_int_equal(actor_observable_subscribe(observable, &options, NULL), 0);
	}
	while_an_event_is_under_way(close_it);
	for (unsigned i = 0; i < 2; i++) {
		assert_true(tally_wait(&viewers[i].over, 1));
		wait_until_idle((union hand_address){ .address = viewer_addresses[i].address });
		assert_int_equal(tally_count(&viewers[i].n_seen), i == 0);
		assert_int_equal(viewers[i].n_after, 0);
		assert_int_equal(tally_count(&viewers[i].over), 1);
		actor_address_unref(viewer_addresses[i].address);
	}
}

static void close_and_destroy_it(void)
{
	actor_observable_close(observable);
	actor_subscription_destroy(to_destroy);
}

/* Who has unsubscribed is not told of the end, if nobody has told it before. */
static void who_unsubscribes_is_not_told_of_the_end(void **state)
{
	union viewer_address viewer = viewer_here(0, 0);

	(void)state;
	to_destroy = subscribe(
		(struct actor_subscribe_options){ .address = viewer.address, .filter = stay });
	while_an_event_is_under_way(close_and_destroy_it);
	assert_true(tally_wait(&viewers[0].n_seen, 1));
	wait_until_idle((union hand_address){ .address = viewer.address });
	assert_int_equal(tally_count(&viewers[0].over), 0);
	actor_address_unref(viewer.address);
}

/* It is woken by whoever has it in hand. */
static void a_reader_whose_queue_is_in_hand_is_told_of_the_end(void **state)
{
	struct actor_subscription *queue = subscribe(
		(struct actor_subscribe_options){ .filter = stay });

	(void)state;
	while_an_event_is_under_way(close_it);
	assert_int_equal(next_number(queue, test_deadline()), ACTOR_E_CLOSED);
	assert_int_equal(counts_of(queue).n_received, 0);
	actor_subscription_destroy(queue);
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

			next_number(queue, ACTOR_AT_ONCE);
			actor_subscription_destroy(queue);
		}
	} else {
		int last[2] = { -1, -1 };

		for (unsigned i = 0; i < 2 * n_events; i++) {
			int number = next_number(queues[index - 3], test_deadline());

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

		while ((rc = next_number(queues[index - 2], test_deadline())) >= 0)
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON(one, who_leaves_while_an_event_goes_through_is_passed_over),
		ON(one, who_leaves_with_an_event_in_hand_does_not_get_it),
		ON(one, who_has_ended_is_forgotten_also_while_others_publish),
		ON(one, who_unsubscribes_is_forgotten_also_while_others_publish),
		ON(one, who_unsubscribes_is_not_asked_again),
		ON(one, no_event_comes_after_the_end),
		ON(one, who_unsubscribes_is_not_told_of_the_end),
		ON(one, a_reader_whose_queue_is_in_hand_is_told_of_the_end),
		ON(two, all_of_it_at_once_loses_nothing),
		ON(two, closing_under_load_ends_every_reader),
	};

	return cmocka_run_group_tests_name("observer-race", tests, NULL, NULL);
}
