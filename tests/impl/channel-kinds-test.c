/* SPDX-License-Identifier: MIT */

/*
 * What each kind of channel does beside what all do (see channel-contract-test.c): the bound of a
 * queue in bytes, what a ring overwrites, whom a select prefers, when a throttle lets something
 * through; and what happens when there is no memory for one.
 */

#include "channel-fixture.h"
#include "scarce.h"
#include "test.h"
#include "user-channels.h"

#include "channel-core.h"

#include <string.h>

/* ---- a clock that stands still ---- */

static int64_t now_ns;

static int64_t clock_now(struct actor_context *context)
{
	(void)context;
	return now_ns;
}

static const struct actor_context_ops clock_ops = { .size = sizeof clock_ops, .now = clock_now };
static struct actor_context clock_context = { .ops = &clock_ops };

/* ---- messages ---- */

static int put_into(struct actor_channel *store, struct actor_waiter *waiter, unsigned sender,
		    unsigned number)
{
	struct actor__envelope *envelope = letter_create(sender, number);
	int rc = actor_channel_push(store, actor__envelope_out(envelope), waiter);

	if (rc < 0)
		actor__envelope_free(actor__thread(), envelope);
	return rc;
}

static int put(struct actor_channel *store, unsigned number)
{
	return put_into(store, NULL, 0, number);
}

struct parcel {
	char bytes[200];
};
static const struct actor_message_type parcel_type = {
	.size = sizeof parcel_type,
	.name = "test.parcel",
	.message_size = sizeof(struct parcel),
	.message_align = 1,
};
static const struct actor_handler parcel_handler = { .type = &parcel_type };

static int put_parcel(struct actor_channel *store, struct actor_waiter *waiter)
{
	struct parcel parcel = { { 0 } };
	struct actor__envelope *envelope = actor__envelope_create(actor__thread(), &parcel_handler,
								  &parcel, NULL);
	int rc = actor_channel_push(store, actor__envelope_out(envelope), waiter);

	if (rc < 0)
		actor__envelope_free(actor__thread(), envelope);
	return rc;
}

static int take(struct actor_channel *store, unsigned *ret_number, int64_t *ret_until_ns)
{
	struct actor_envelope *envelope;
	int rc = actor_channel_pop(store, &clock_context, &envelope, ret_until_ns);

	if (rc != ACTOR_CHANNEL_MESSAGE)
		return rc;
	*ret_number = actor_envelope_type(envelope) == &parcel_type
			      ? 0
			      : letter_in(actor__envelope_in(envelope))->number;
	actor__envelope_free(actor__thread(), actor__envelope_in(envelope));
	return rc;
}

static void assert_taken(struct actor_channel *store, unsigned number)
{
	unsigned taken = 0;
	int64_t until_ns;

	assert_int_equal(take(store, &taken, &until_ns), ACTOR_CHANNEL_MESSAGE);
	assert_int_equal(taken, number);
}

static void assert_not_taken(struct actor_channel *store, int rc)
{
	int64_t until_ns;
	unsigned taken;

	assert_int_equal(take(store, &taken, &until_ns), rc);
	assert_int_equal(until_ns, ACTOR_FOREVER);
}

/* There is something, but not before @at_ns. */
static void assert_later(struct actor_channel *store, int64_t at_ns)
{
	int64_t until_ns;
	unsigned taken;

	assert_int_equal(take(store, &taken, &until_ns), ACTOR_CHANNEL_LATER);
	assert_int_equal(until_ns, at_ns);
}

static struct actor_channel *queue(size_t capacity, size_t bytes)
{
	const struct actor_queue_options options = { .size = sizeof options,
						     .capacity = capacity,
						     .bytes = bytes };
	struct actor_channel *made = NULL;

	assert_int_equal(actor_queue_create(&options, &made), 0);
	return made;
}

static int set_up(void **state)
{
	(void)state;
	now_ns = 1000;
	n_before_none = -1;
	atomic_store(&n_dropped, 0);
	return 0;
}

static unsigned n_woken;

static void count_wake(struct actor_waiter *waiter)
{
	(void)waiter;
	n_woken++;
}

/* ---- queues in bytes ---- */

static void bytes_are_counted(void **state)
{
	struct actor_channel *store = queue(0, 3 * sizeof(struct letter) + 1);

	(void)state;
	for (unsigned i = 1; i <= 3; i++)
		assert_int_equal(put(store, i), 0);
	assert_int_equal(put(store, 4), ACTOR_E_FULL);
	assert_taken(store, 1);
	assert_int_equal(put_parcel(store, NULL), ACTOR_E_FULL);
	assert_int_equal(put(store, 4), 0);
	actor_channel_unref(store);
}

static void both_bounds_hold(void **state)
{
	struct actor_channel *store = queue(2, 3 * sizeof(struct letter));

	(void)state;
	assert_int_equal(put(store, 1), 0);
	assert_int_equal(put_parcel(store, NULL), ACTOR_E_FULL);
	assert_int_equal(put(store, 2), 0);
	assert_int_equal(put(store, 3), ACTOR_E_FULL);
	actor_channel_unref(store);
}

static void what_lies_behind_the_options_size_is_no_bound(void **state)
{
	const struct actor_queue_options options = {
		.size = offsetof(struct actor_queue_options, bytes),
		.capacity = 2,
		.bytes = 1,
	};
	struct actor_channel *store;

	(void)state;
	assert_int_equal(actor_queue_create(&options, &store), 0);
	assert_int_equal(put(store, 1), 0);
	assert_int_equal(put(store, 2), 0);
	assert_int_equal(put(store, 3), ACTOR_E_FULL);
	actor_channel_unref(store);
}

static void what_is_larger_than_the_bound_has_room_when_it_is_empty(void **state)
{
	struct actor_channel *store = queue(0, sizeof(struct letter));

	(void)state;
	assert_int_equal(put_parcel(store, NULL), 0);
	assert_int_equal(put(store, 1), ACTOR_E_FULL);
	assert_taken(store, 0);
	assert_int_equal(put(store, 1), 0);
	assert_int_equal(put_parcel(store, NULL), ACTOR_E_FULL);
	actor_channel_unref(store);
}

/* Whoever waits with what is large is not overtaken by what is small, and is not woken all the time
 * either. */
static void what_is_large_gets_its_turn(void **state)
{
	struct actor_channel *store = queue(0, 4 * sizeof(struct letter));
	struct actor_waiter large, small;

	(void)state;
	n_woken = 0;
	actor_waiter_init(&large, count_wake);
	actor_waiter_init(&small, count_wake);
	for (unsigned i = 1; i <= 4; i++)
		assert_int_equal(put(store, i), 0);
	assert_int_equal(put_parcel(store, &large), ACTOR_E_FULL);
	assert_int_equal(put_into(store, &small, 0, 5), ACTOR_E_FULL);
	for (unsigned i = 1; i <= 3; i++) {
		assert_taken(store, i);
		assert_int_equal(n_woken, i); /* a message taken, one wake: it might have fitted */
		assert_true(large.granted);
		assert_false(small.granted);
		assert_int_equal(put(store, 9), ACTOR_E_FULL);
		assert_int_equal(put_into(store, &small, 0, 5), ACTOR_E_FULL);
		assert_int_equal(put_parcel(store, &large), ACTOR_E_FULL);
		assert_non_null(large.line);
		assert_int_equal(put(store, 9), ACTOR_E_FULL);
		assert_int_equal(n_woken, i);
	}
	assert_taken(store, 4);
	assert_int_equal(put_parcel(store, &large), 0);
	assert_null(large.line);
	assert_false(small.granted);
	assert_taken(store, 0);
	assert_true(small.granted);
	assert_int_equal(put_into(store, &small, 0, 5), 0);
	assert_taken(store, 5);
	assert_int_equal(n_woken, 5);
	actor_channel_unref(store);
}

/* A promise that was used leaves room for the next. */
static void small_ones_follow_each_other(void **state)
{
	struct actor_channel *store = queue(0, 200);
	struct actor_waiter one, two;

	(void)state;
	n_woken = 0;
	actor_waiter_init(&one, count_wake);
	actor_waiter_init(&two, count_wake);
	assert_int_equal(put_parcel(store, NULL), 0);
	assert_int_equal(put_into(store, &one, 0, 1), ACTOR_E_FULL);
	assert_int_equal(put_into(store, &two, 0, 2), ACTOR_E_FULL);
	assert_taken(store, 0);
	assert_int_equal(n_woken, 1);
	assert_int_equal(put_into(store, &one, 0, 1), 0);
	assert_int_equal(n_woken, 2);
	assert_int_equal(put_into(store, &two, 0, 2), 0);
	actor_channel_unref(store);
}

/* ---- rings ---- */

/* H-10, H-12 */
static void a_ring_keeps_the_latest(void **state)
{
	struct actor_context *here = actor_thread_context();
	struct letter letter = { 0, 1 };
	struct actor_channel *ring;
	struct actor_reply *reply;
	struct actor_counts before, after;

	(void)state;
	assert_int_equal(actor_ring_create(2, &ring), 0);
	assert_int_equal(here->ops->reply_open(here, actor_join_type(), &reply), 0);
	assert_int_equal(
		actor_channel_push(ring,
				   actor__envelope_out(actor__envelope_create(
					   actor__thread(), &letter_handler, &letter, reply)),
				   NULL),
		0);
	actor_counts_get(&before);
	assert_int_equal(put(ring, 2), 0);
	assert_int_equal(n_dropped, 0);
	assert_int_equal(put(ring, 3), 0);
	assert_int_equal(n_dropped, 1);
	assert_int_equal(actor_channel_length(ring), 2);
	actor_counts_get(&after);
	assert_int_equal(after.dead_letters, before.dead_letters + 1);
	assert_int_equal(here->ops->reply_close(here, reply, NULL), ACTOR_E_STOPPED);
	assert_taken(ring, 2);
	assert_taken(ring, 3);
	assert_not_taken(ring, ACTOR_CHANNEL_EMPTY);
	actor_channel_unref(ring);
}

static void a_ring_holds_something(void **state)
{
	struct actor_channel *ring = NULL;

	(void)state;
	assert_int_equal(actor_ring_create(0, &ring), ACTOR_E_INVALID);
	assert_null(ring);
}

/* ---- selects ---- */

static struct actor_channel *three[3];

static struct actor_channel *selection(actor_select_fn *choose, void *user)
{
	struct actor_channel *made = NULL;

	for (size_t i = 0; i < 3; i++)
		three[i] = queue(0, 0);
	assert_int_equal(actor_select_create(three, 3, choose, user, &made), 0);
	for (size_t i = 0; i < 3; i++)
		actor_channel_unref(three[i]); /* the select has them */
	return made;
}

static void put_two_into_each(void)
{
	for (unsigned i = 1; i <= 2; i++)
		for (unsigned k = 0; k < 3; k++)
			assert_int_equal(put(three[k], 10 * (k + 1) + i), 0);
}

/* H-11 */
static void the_first_comes_first(void **state)
{
	const unsigned order[] = { 11, 12, 21, 22, 31, 32 };
	struct actor_channel *store = selection(NULL, NULL);

	(void)state;
	put_two_into_each();
	assert_int_equal(actor_channel_length(store), 6);
	for (size_t i = 0; i < 5; i++)
		assert_taken(store, order[i]);
	assert_int_equal(put(store, 13), 0); /* what goes into itself goes into the first */
	assert_taken(store, 13);
	assert_taken(store, 32);
	assert_not_taken(store, ACTOR_CHANNEL_EMPTY);
	actor_channel_unref(store);
}

static void each_has_its_turn(void **state)
{
	const unsigned order[] = { 11, 21, 31, 12, 22, 32 };
	struct actor_channel *store = selection(actor_select_in_turn, NULL);

	(void)state;
	put_two_into_each();
	for (size_t i = 0; i < N_ELEMENTS(order); i++)
		assert_taken(store, order[i]);
	/* Who has nothing is passed over. */
	assert_int_equal(put(three[1], 23), 0);
	assert_int_equal(put(three[1], 24), 0);
	assert_taken(store, 23);
	assert_int_equal(put(three[0], 13), 0);
	assert_taken(store, 13);
	assert_taken(store, 24);
	actor_channel_unref(store);
}

static size_t the_longest(void *user, struct actor_channel *const *channels, size_t n)
{
	size_t longest = 0;

	++*(unsigned *)user;
	for (size_t i = 1; i < n; i++)
		if (actor_channel_length(channels[i]) > actor_channel_length(channels[longest]))
			longest = i;
	return longest + n; /* counts round */
}

static void a_user_may_choose(void **state)
{
	const unsigned order[] = { 21, 11, 22 };
	unsigned n_asked = 0;
	struct actor_channel *store = selection(the_longest, &n_asked);

	(void)state;
	put_two_into_each();
	assert_int_equal(put(three[1], 23), 0);
	for (size_t i = 0; i < N_ELEMENTS(order); i++)
		assert_taken(store, order[i]);
	assert_int_equal(n_asked, N_ELEMENTS(order));
	actor_channel_unref(store);
}

/* GO-38, GO-40 */
static void who_is_disabled_is_passed_over(void **state)
{
	struct actor_channel *store = selection(NULL, NULL);

	(void)state;
	put_two_into_each();
	actor_channel_disable(three[0]);
	assert_taken(store, 21);
	actor_channel_enable(three[0]);
	assert_taken(store, 11);
	actor_channel_disable(three[0]);
	actor_channel_disable(three[1]);
	assert_taken(store, 31);
	assert_taken(store, 32);
	assert_not_taken(store, ACTOR_CHANNEL_LATER);
	actor_channel_enable(three[0]);
	actor_channel_enable(three[1]);
	assert_taken(store, 12);
	assert_taken(store, 22);
	actor_channel_disable(three[0]);
	assert_not_taken(store, ACTOR_CHANNEL_EMPTY);
	actor_channel_unref(store);
}

static void it_is_closed_when_all_are(void **state)
{
	struct actor_channel *store = selection(NULL, NULL);

	(void)state;
	assert_int_equal(put(three[1], 21), 0);
	actor_channel_close(three[0]);
	actor_channel_close(three[1]);
	assert_false(actor_channel_is_closed(store));
	assert_taken(store, 21);
	assert_not_taken(store, ACTOR_CHANNEL_EMPTY);
	actor_channel_close(three[2]);
	assert_true(actor_channel_is_closed(store));
	assert_not_taken(store, ACTOR_E_CLOSED);
	actor_channel_unref(store);
}

static void closing_it_closes_all(void **state)
{
	struct actor_channel *store = selection(NULL, NULL);

	(void)state;
	assert_int_equal(put(three[2], 31), 0);
	actor_channel_close(store);
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(put(three[i], 1), ACTOR_E_CLOSED);
	assert_taken(store, 31);
	assert_not_taken(store, ACTOR_E_CLOSED);
	actor_channel_unref(store);
}

static void what_it_takes_from_it_contains(void **state)
{
	struct actor_channel *store = selection(NULL, NULL), *outer = NULL, *other = queue(0, 0);

	(void)state;
	assert_int_equal(actor_throttle_create(store, 1, 1, &outer), 0);
	assert_true(actor_channel_contains(outer, outer));
	assert_true(actor_channel_contains(outer, store));
	assert_true(actor_channel_contains(outer, three[2]));
	assert_false(actor_channel_contains(store, outer));
	assert_false(actor_channel_contains(outer, other));
	/* Nothing goes round in a circle. */
	assert_int_equal(actor_channel_adopt(store, outer), ACTOR_E_INVALID);
	assert_int_equal(actor_channel_adopt(store, store), ACTOR_E_INVALID);
	assert_int_equal(actor_select_create(NULL, 0, NULL, NULL, &other), ACTOR_E_INVALID);
	actor_channel_unref(other);
	actor_channel_unref(store);
	actor_channel_unref(outer);
}

/* ---- throttles ---- */

static struct actor_channel *throttle(struct actor_channel *inner, size_t n, int64_t interval_ns)
{
	struct actor_channel *made = NULL;

	assert_int_equal(actor_throttle_create(inner, n, interval_ns, &made), 0);
	actor_channel_unref(inner);
	return made;
}

/* H-13: in no interval of that length more than so many, wherever it begins. */
static void no_interval_has_more(void **state)
{
	struct actor_channel *store = throttle(queue(0, 0), 2, 100);

	(void)state;
	for (unsigned i = 1; i <= 6; i++)
		assert_int_equal(put(store, i), 0);
	assert_taken(store, 1); /* at 1000 */
	now_ns = 1090;
	assert_taken(store, 2);
	assert_later(store, 1100);
	now_ns = 1099;
	assert_later(store, 1100);
	now_ns = 1100;
	assert_taken(store, 3);
	assert_later(store, 1190); /* not 1200, and not now: 2 and 3 are within 100 */
	now_ns = 1190;
	assert_taken(store, 4);
	assert_later(store, 1200);
	now_ns = 5000; /* what was not used is not saved up */
	assert_taken(store, 5);
	assert_taken(store, 6);
	assert_not_taken(store, ACTOR_CHANNEL_EMPTY);
	assert_int_equal(put(store, 7), 0);
	assert_later(store, 5100);
	actor_channel_unref(store);
}

/* L-29 */
static void only_what_is_there_comes_later(void **state)
{
	struct actor_channel *inner = queue(0, 0), *store = throttle(inner, 1, 100);

	(void)state;
	assert_int_equal(put(store, 1), 0);
	assert_taken(store, 1);
	assert_not_taken(store, ACTOR_CHANNEL_EMPTY);
	assert_int_equal(put(store, 2), 0);
	assert_later(store, 1100);
	actor_channel_close(inner);
	assert_later(store, 1100);
	now_ns = 1100;
	assert_taken(store, 2);
	assert_not_taken(store, ACTOR_E_CLOSED);
	actor_channel_unref(store);
}

static void at_the_end_a_throttle_holds_nothing_back(void **state)
{
	struct actor_channel *store = throttle(queue(0, 0), 1, 100);

	(void)state;
	for (unsigned i = 1; i <= 3; i++)
		assert_int_equal(put(store, i), 0);
	assert_taken(store, 1);
	actor_channel_close(store);
	actor__channel_discard(store);
	assert_int_equal(n_dropped, 2);
	assert_not_taken(store, ACTOR_E_CLOSED);
	actor_channel_unref(store);
}

static void an_interval_may_be_as_long_as_time(void **state)
{
	struct actor_channel *store = throttle(queue(0, 0), 1, ACTOR_FOREVER);

	(void)state;
	assert_int_equal(put(store, 1), 0);
	assert_int_equal(put(store, 2), 0);
	assert_taken(store, 1);
	assert_later(store, ACTOR_FOREVER);
	actor_channel_unref(store);
}

static void the_earliest_of_several_counts(void **state)
{
	struct actor_channel *both[] = { throttle(queue(0, 0), 1, 300),
					 throttle(queue(0, 0), 1, 200) };
	struct actor_channel *store = NULL;

	(void)state;
	assert_int_equal(actor_select_create(both, 2, NULL, NULL, &store), 0);
	for (unsigned i = 1; i <= 2; i++) {
		assert_int_equal(put(both[0], 10 + i), 0);
		assert_int_equal(put(both[1], 20 + i), 0);
	}
	assert_taken(store, 11);
	assert_taken(store, 21);
	assert_later(store, 1200);
	now_ns = 1200;
	assert_taken(store, 22);
	assert_later(store, 1300);
	actor_channel_unref(both[0]);
	actor_channel_unref(both[1]);
	actor_channel_unref(store);
}

static void a_throttle_lets_something_through(void **state)
{
	struct actor_channel *inner = queue(0, 0), *store = NULL;

	(void)state;
	assert_int_equal(actor_throttle_create(inner, 0, 1, &store), ACTOR_E_INVALID);
	assert_int_equal(actor_throttle_create(inner, 1, 0, &store), ACTOR_E_INVALID);
	assert_int_equal(actor_throttle_create(inner, SIZE_MAX, 1, &store), ACTOR_E_NOMEM);
	assert_null(store);
	actor_channel_unref(inner);
}

/* ---- users' ---- */

static bool is_even(const struct actor_envelope *envelope)
{
	return ((const struct letter *)actor_envelope_message(envelope))->number % 2 == 0;
}

static void what_is_urgent_comes_first(void **state)
{
	const unsigned order[] = { 2, 4, 1, 3 };
	struct actor_channel *store = NULL;

	(void)state;
	assert_int_equal(urgent_create(4, is_even, &store), 0);
	for (unsigned i = 1; i <= 4; i++)
		assert_int_equal(put(store, i), 0);
	assert_int_equal(put(store, 6), ACTOR_E_FULL);
	for (size_t i = 0; i < N_ELEMENTS(order); i++)
		assert_taken(store, order[i]);
	actor_channel_unref(store);
}

static bool same_sender(const struct actor_envelope *a, const struct actor_envelope *b)
{
	return ((const struct letter *)actor_envelope_message(a))->sender ==
	       ((const struct letter *)actor_envelope_message(b))->sender;
}

static void only_the_latest_is_kept(void **state)
{
	struct actor_channel *store = NULL;

	(void)state;
	assert_int_equal(latest_create(same_sender, &store), 0);
	assert_int_equal(put_into(store, NULL, 1, 11), 0);
	assert_int_equal(put_into(store, NULL, 2, 21), 0);
	assert_int_equal(put_into(store, NULL, 1, 12), 0);
	assert_int_equal(n_dropped, 1);
	assert_taken(store, 12);
	assert_taken(store, 21);
	assert_not_taken(store, ACTOR_CHANNEL_EMPTY);
	actor_channel_unref(store);
}

/* A channel whose bound comes and goes. */
struct gate {
	struct actor_channel base;
	struct actor_envelope_list list;
	bool open;
};

static struct gate gate;

static int gate_take(struct actor_channel *channel, struct actor_context *context,
		     struct actor_envelope **ret_envelope, int64_t *ret_until_ns)
{
	(void)channel, (void)context, (void)ret_until_ns;
	*ret_envelope = actor_envelope_list_take(&gate.list);
	return *ret_envelope ? ACTOR_CHANNEL_MESSAGE : ACTOR_CHANNEL_EMPTY;
}

static int gate_put(struct actor_channel *channel, struct actor_envelope *envelope)
{
	(void)channel;
	actor_envelope_list_append(&gate.list, envelope);
	return 0;
}

static bool gate_room(const struct actor_channel *channel, const struct actor_envelope *envelope,
		      size_t n_granted)
{
	(void)channel, (void)envelope, (void)n_granted;
	return gate.open;
}

static unsigned n_absent;

static void gate_absent(struct actor_channel *channel)
{
	(void)channel;
	n_absent++;
}

static void gate_destroy(struct actor_channel *channel)
{
	(void)channel;
}

static const struct actor_channel_ops gate_ops = {
	.size = sizeof gate_ops,
	.take = gate_take,
	.destroy = gate_destroy,
	.put = gate_put,
	.room = gate_room,
	.absent = gate_absent,
};

/* Whatever the bound is: when there is room for all, nobody goes on waiting. */
static void all_for_whom_there_is_room_are_told(void **state)
{
	struct actor_waiter one, two;

	(void)state;
	n_woken = 0;
	actor_waiter_init(&one, count_wake);
	actor_waiter_init(&two, count_wake);
	assert_int_equal(actor_channel_init(&gate.base, &gate_ops), 0);
	gate.open = true;
	assert_int_equal(put(&gate.base, 7), 0);
	gate.open = false;
	assert_int_equal(put_into(&gate.base, &one, 0, 1), ACTOR_E_FULL);
	assert_int_equal(put_into(&gate.base, &two, 0, 2), ACTOR_E_FULL);
	gate.open = true;
	assert_taken(&gate.base, 7);
	assert_int_equal(n_woken, 2);
	assert_int_equal(put_into(&gate.base, &two, 0, 2), 0);
	assert_int_equal(put_into(&gate.base, &one, 0, 1), 0);
	actor_channel_unref(&gate.base);
	assert_int_equal(n_dropped, 2);
}

/* It can see that somebody else should come: also when it is in something that is disabled. */
static void whoever_is_told_and_may_not_take_says_so(void **state)
{
	struct actor_channel *inside = &gate.base, *select = NULL;

	(void)state;
	n_absent = 0;
	assert_int_equal(actor_channel_init(&gate.base, &gate_ops), 0);
	assert_int_equal(actor_select_create(&inside, 1, NULL, NULL, &select), 0);
	assert_not_taken(select, ACTOR_CHANNEL_EMPTY);
	assert_int_equal(n_absent, 0);
	actor_channel_disable(&gate.base);
	assert_not_taken(select, ACTOR_CHANNEL_EMPTY);
	assert_int_equal(n_absent, 1);
	actor_channel_enable(&gate.base);
	actor_channel_disable(select);
	assert_not_taken(select, ACTOR_CHANNEL_EMPTY);
	assert_int_equal(n_absent, 2);
	actor_channel_unref(&gate.base);
	actor_channel_unref(select);
}

/* What cannot be kept is still the sender's; a promise that it had goes to the next. */
static void a_channel_may_be_out_of_memory(void **state)
{
	struct actor_channel *store = NULL;
	struct actor_waiter one, two;

	(void)state;
	n_woken = 0;
	actor_waiter_init(&one, count_wake);
	actor_waiter_init(&two, count_wake);
	assert_int_equal(urgent_create(1, is_even, &store), 0);
	assert_int_equal(put(store, 1), 0);
	assert_int_equal(put_into(store, &one, 0, 2), ACTOR_E_FULL);
	assert_int_equal(put_into(store, &two, 0, 3), ACTOR_E_FULL);
	assert_taken(store, 1);
	atomic_store(&urgent_is_poor, true);
	assert_int_equal(put_into(store, &one, 0, 2), ACTOR_E_NOMEM);
	atomic_store(&urgent_is_poor, false);
	assert_null(one.line);
	assert_true(two.granted);
	assert_int_equal(n_woken, 2);
	assert_int_equal(put_into(store, &two, 0, 3), 0);
	assert_int_equal(n_dropped, 0);
	actor_channel_unref(store);
}

/* ---- no memory for one ---- */

static int make_all(struct actor_channel **ret_channel)
{
	struct actor_channel *inner[2] = { NULL, NULL }, *select = NULL, *made = NULL;
	int rc = actor_queue_create(NULL, &inner[0]);

	if (rc == 0)
		rc = actor_ring_create(3, &inner[1]);
	if (rc == 0)
		rc = actor_select_create(inner, 2, NULL, NULL, &select);
	if (rc == 0)
		rc = actor_throttle_create(select, 1, 1, &made);
	actor_channel_unref(inner[0]);
	actor_channel_unref(inner[1]);
	actor_channel_unref(select);
	*ret_channel = made;
	return rc;
}

static void what_cannot_be_made_leaves_nothing(void **state)
{
	struct actor_channel *made;
	int n = 0, rc;

	(void)state;
	do {
		n_before_none = n;
		rc = make_all(&made);
		n_before_none = -1;
		if (rc < 0) {
			assert_int_equal(rc, ACTOR_E_NOMEM);
			assert_null(made);
			n++;
		}
	} while (rc < 0 && n < 100);
	assert_int_equal(rc, 0);
	assert_in_range(n, 8, 20); /* so many allocations, each of which has failed once */
	actor_channel_unref(made);
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, set_up, test_nothing_held)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(bytes_are_counted),
		TEST(both_bounds_hold),
		TEST(what_lies_behind_the_options_size_is_no_bound),
		TEST(what_is_larger_than_the_bound_has_room_when_it_is_empty),
		TEST(what_is_large_gets_its_turn),
		TEST(small_ones_follow_each_other),
		TEST(a_ring_keeps_the_latest),
		TEST(a_ring_holds_something),
		TEST(the_first_comes_first),
		TEST(each_has_its_turn),
		TEST(a_user_may_choose),
		TEST(who_is_disabled_is_passed_over),
		TEST(it_is_closed_when_all_are),
		TEST(closing_it_closes_all),
		TEST(what_it_takes_from_it_contains),
		TEST(no_interval_has_more),
		TEST(only_what_is_there_comes_later),
		TEST(at_the_end_a_throttle_holds_nothing_back),
		TEST(an_interval_may_be_as_long_as_time),
		TEST(the_earliest_of_several_counts),
		TEST(a_throttle_lets_something_through),
		TEST(what_is_urgent_comes_first),
		TEST(only_the_latest_is_kept),
		TEST(all_for_whom_there_is_room_are_told),
		TEST(whoever_is_told_and_may_not_take_says_so),
		TEST(a_channel_may_be_out_of_memory),
		TEST(what_cannot_be_made_leaves_nothing),
	};

	return cmocka_run_group_tests_name("channel-kinds", tests, NULL, NULL);
}
