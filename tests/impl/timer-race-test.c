/* SPDX-License-Identifier: MIT */

/*
 * Timers that send messages, with several threads: on pools, whose threads fire, while others set,
 * reset, cancel and destroy them, and those that they send to come and go.
 */

#include "pool-fixture.h"
#include "target.h"

#include <sched.h>
#include <stdlib.h>

/* ---- messages that are counted ---- */

static atomic_int n_parcels;
static atomic_uint n_handled, n_at_a_time, n_wrong;

struct parcel {
	int64_t value;
	bool owns;
};

static struct parcel parcel_of(int64_t value)
{
	atomic_fetch_add(&n_parcels, 1);
	return (struct parcel){ value, true };
}

static void parcel_drop(void *message)
{
	if (((struct parcel *)message)->owns)
		atomic_fetch_sub(&n_parcels, 1);
}

static int parcel_copy(void *to, const void *from)
{
	*(struct parcel *)to = parcel_of(((const struct parcel *)from)->value);
	return 0;
}

static const struct actor_message_type parcel_type = {
	.size = sizeof parcel_type,
	.name = "test.parcel",
	.message_size = sizeof(struct parcel),
	.message_align = _Alignof(struct parcel),
	.drop = parcel_drop,
	.copy = parcel_copy,
};

struct query {
	int64_t value;
};
ACTOR_MESSAGE(query, int64_t);
ACTOR_MESSAGE_DEFINE(query, "test.query", NULL, NULL);

/* ---- an actor that counts them, and sees whether they come in order ---- */

struct counter {
	int64_t last;
};

static void counter_handle_parcel(void *self, void *message, struct actor_reply **reply,
				  struct actor_context *context)
{
	struct counter *counter = self;
	int64_t value = ((struct parcel *)message)->value;

	(void)reply, (void)context;
	if (counter && value < counter->last)
		atomic_fetch_add(&n_wrong, 1);
	if (counter)
		counter->last = value;
	atomic_fetch_add(&n_handled, 1);
}

static void counter_handle_query(void *self, void *message, struct actor_reply **reply,
				 struct actor_context *context)
{
	int64_t answer = 0;

	(void)self, (void)message;
	if (atomic_fetch_add(&n_at_a_time, 1) > 0)
		atomic_fetch_add(&n_wrong, 1);
	actor_ignore(actor_sleep_until(context, actor_now(context) + 20000));
	atomic_fetch_sub(&n_at_a_time, 1);
	atomic_fetch_add(&n_handled, 1);
	if (*reply)
		actor_reply_deliver(*reply, 0, &answer);
	*reply = NULL;
}

static const struct actor_handler counter_handlers[] = {
	{ &parcel_type, counter_handle_parcel },
	{ &query_type, counter_handle_query },
};

static const struct actor_behavior counter_behavior = {
	.size = sizeof counter_behavior,
	.name = "counter",
	.handlers = counter_handlers,
	.n_handlers = N_ELEMENTS(counter_handlers),
	.stride = sizeof *counter_handlers,
};

static struct actor_address *counter_spawn(struct counter *state, size_t capacity)
{
	struct actor_address *address = NULL;

	if (actor_spawn(actor_executor_spawner(pool), &counter_behavior, state,
			ACTOR_OPTIONS(.capacity = capacity), &address) != 0)
		abort();
	return address;
}

static void begin(unsigned n_threads)
{
	atomic_store(&n_handled, 0);
	atomic_store(&n_wrong, 0);
	pool_open(n_threads);
}

static void end(void)
{
	pool_close();
	assert_int_equal(atomic_load(&n_wrong), 0);
	assert_int_equal(atomic_load(&n_parcels), 0);
}

static int64_t soon(uint64_t *random)
{
	return actor_now(here()) + (int64_t)(test_random(random) % 100000);
}

/* ---- cancelling ---- */

/* A target that nobody may post to while it is closed. */
struct door {
	struct target target;
	atomic_bool closed;
};

static void look_at_door(struct target *target)
{
	struct door *door = ACTOR_CONTAINER_OF(target, struct door, target);

	sched_yield(); /* somebody may come in between */
	if (atomic_load(&door->closed))
		atomic_fetch_add(&n_wrong, 1);
}

static void close_door(struct door *door, uint64_t *random)
{
	atomic_store(&door->closed, true);
	for (unsigned i = test_random(random) % 4; i > 0; i--)
		sched_yield();
	atomic_store(&door->closed, false);
}

static struct actor_timer *set_timer(struct actor_address *address, uint64_t *random)
{
	struct parcel parcel = parcel_of(1);
	struct actor_timer *timer = NULL;
	int rc;

	if (test_random(random) % 2)
		rc = actor_timer_once(pool, address, &parcel_type, &parcel, soon(random), &timer);
	else
		rc = actor_timer_every(pool, address, &parcel_type, &parcel,
				       1 + (int64_t)(test_random(random) % 20000), &timer);
	if (rc != 0)
		abort();
	return timer;
}

static void open_and_close(void *user, unsigned index)
{
	struct door door = { .closed = false };
	uint64_t random = index + 1;

	(void)user;
	target_init(&door.target);
	door.target.on_post = look_at_door;
	for (unsigned i = 0; i < test_times(3000) || atomic_load(&door.target.n_posts) == 0; i++) {
		struct actor_timer *timer = set_timer(&door.target.base, &random);

		while (test_random(&random) % 4) {
			if (test_random(&random) % 2)
				sched_yield();
			else
				actor_timer_reset(timer, soon(&random));
			if (test_random(&random) % 4 == 0) {
				actor_timer_cancel(timer);
				close_door(&door, &random);
			}
		}
		actor_timer_destroy(timer);
		close_door(&door, &random);
	}
	if (atomic_load(&door.target.n_owners) != 1)
		atomic_fetch_add(&n_wrong, 1);
	tally_add(&handled, atomic_load(&door.target.n_posts) > 0);
}

static void a_cancelled_timer_does_not_send(void **state)
{
	(void)state;
	begin(2);
	crew_run(3, open_and_close, NULL);
	assert_int_equal(tally_count(&handled), 3); /* they have sent otherwise */
	end();
}

/* ---- each message is sent or cancelled ---- */

struct market {
	struct actor_address *address;
	atomic_uint n_made, n_cancelled;
};

static void make_and_cancel(void *user, unsigned index)
{
	enum { N = 16 };
	struct market *market = user;
	struct actor_timer *timers[N] = { NULL };
	uint64_t random = index + 1;

	for (unsigned i = 0; i < test_times(20000) || atomic_load(&n_handled) == 0; i++) {
		struct actor_timer **timer = &timers[test_random(&random) % N];
		struct parcel parcel = parcel_of(i);

		if (*timer && test_random(&random) % 2)
			actor_timer_reset(*timer, soon(&random));
		if (*timer && actor_timer_cancel(*timer))
			atomic_fetch_add(&market->n_cancelled, 1);
		actor_timer_destroy(*timer);
		atomic_fetch_add(&market->n_made, 1);
		if (actor_timer_once(pool, market->address, &parcel_type, &parcel, soon(&random),
				     timer) != 0)
			abort();
	}
	for (unsigned i = 0; i < N; i++) {
		if (timers[i] && actor_timer_cancel(timers[i]))
			atomic_fetch_add(&market->n_cancelled, 1);
		actor_timer_destroy(timers[i]);
	}
}

/* Through a mailbox with so little room that nearly all stand in line. */
static void each_message_is_sent_or_cancelled(void **state)
{
	(void)state;
	for (unsigned n_threads = 1; n_threads <= 2; n_threads++) {
		struct market market = { .n_made = 0 };

		begin(n_threads);
		market.address = counter_spawn(NULL, 1);
		crew_run(3, make_and_cancel, &market);
		actor_address_unref(market.address);
		end();
		assert_int_equal(atomic_load(&n_handled) + atomic_load(&market.n_cancelled),
				 atomic_load(&market.n_made));
		assert_true(atomic_load(&n_handled) > 0 && atomic_load(&market.n_cancelled) > 0);
	}
}

/* ---- one at a time ---- */

static void shake(void *user, unsigned index)
{
	struct actor_timer *timer = user;
	uint64_t random = index + 1;

	for (unsigned i = 0; i < test_times(5000); i++) {
		if (test_random(&random) % 8 == 0)
			actor_timer_cancel(timer);
		actor_timer_reset(timer, soon(&random));
		if (test_random(&random) % 4 == 0)
			sched_yield();
	}
}

/* By several threads at once, too. */
static void of_what_is_answered_there_is_one_at_a_time(void **state)
{
	struct actor_address *address;
	struct actor_timer *timer;
	struct query query = { 0 };

	(void)state;
	begin(2);
	address = counter_spawn(NULL, 16);
	assert_int_equal(actor_timer_every(pool, address, &query_type, &query, 5000, &timer), 0);
	crew_run(3, shake, timer);
	while (atomic_load(&n_handled) == 0)
		sched_yield();
	actor_timer_destroy(timer);
	actor_address_unref(address);
	end();
}

/* ---- order ---- */

static void messages_come_in_the_order_of_their_times(void **state)
{
	const unsigned n = test_times(5000);
	uint64_t random = 1;

	(void)state;
	for (unsigned n_threads = 1; n_threads <= 2; n_threads++) {
		struct counter counter = { .last = 0 };
		struct actor_address *address;
		int64_t begin_ns;

		begin(n_threads);
		address = counter_spawn(&counter, ACTOR_UNBOUNDED);
		begin_ns = in_ms(30); /* until all are set */
		for (unsigned i = 0; i < n; i++) {
			int64_t value = (int64_t)(test_random(&random) % 1000);
			struct parcel parcel = parcel_of(value);

			assert_int_equal(actor_timer_once(pool, address, &parcel_type, &parcel,
							  begin_ns + value * 10000, NULL),
					 0);
		}
		while (atomic_load(&n_handled) < n)
			sched_yield();
		actor_address_unref(address);
		pool_close();
		assert_int_equal(atomic_load(&n_parcels), 0);
		/* If setting them took too long, those that were late are not in order. */
		if (actor_now(here()) < begin_ns + 1000 * 10000)
			assert_int_equal(atomic_load(&n_wrong), 0);
	}
}

/* ---- actors that come and go ---- */

static void come_and_go(void *user, unsigned index)
{
	uint64_t random = index + 1;

	(void)user;
	for (unsigned i = 0; i < test_times(3000); i++) {
		struct actor_address *address = counter_spawn(NULL, 1 + i % 3);
		struct query query = { 0 };
		struct actor_timer *timers[2];

		for (unsigned j = 0; j < 2; j++)
			timers[j] = set_timer(address, &random);
		if (actor_timer_every(pool, address, &query_type, &query, 10000, NULL) != 0)
			abort();
		if (test_random(&random) % 2)
			sched_yield();
		if (test_random(&random) % 4 == 0)
			actor_address_stop(address, ACTOR_STOP_NOW);
		actor_timer_destroy(timers[0]);
		actor_address_unref(address);
		actor_timer_destroy(timers[1]);
	}
}

/* Those that nobody owns end by themselves, soon after their actor. */
static void timers_end_with_their_actors(void **state)
{
	int64_t deadline_ns = test_deadline();
	bool any = true;

	(void)state;
	begin(2);
	atomic_store(&n_at_a_time, 0);
	crew_run(3, come_and_go, NULL);
	assert_int_equal(actor_executor_join(pool, deadline_ns), 0);
	while (any && actor_now(here()) < deadline_ns) {
		struct actor_counts counts;

		actor_counts_get(&counts);
		any = counts.mailboxes > 0;
		sched_yield();
	}
	assert_false(any);
	atomic_store(&n_wrong, 0); /* of several actors, each has one at a time */
	end();
}

/* ---- who has to get up ---- */

/* All sleep, until a time that is far away. */
static void an_earlier_timer_wakes_a_sleeping_pool(void **state)
{
	struct target target;
	struct parcel far = parcel_of(1);
	struct actor_timer *timer;

	(void)state;
	begin(2);
	target_init(&target);
	assert_int_equal(
		actor_timer_once(pool, &target.base, &parcel_type, &far, test_deadline(), &timer),
		0);
	let_pass(20);
	for (unsigned i = 0; i < 20; i++) {
		struct parcel parcel = parcel_of(2);
		int64_t at_ns = in_ms(i % 3);

		assert_int_equal(
			actor_timer_once(pool, &target.base, &parcel_type, &parcel, at_ns, NULL),
			0);
		while (atomic_load(&target.n_posts) <= i)
			assert_true(actor_now(here()) < at_ns + INT64_C(20000000000));
		assert_true(actor_now(here()) >= at_ns);
	}
	actor_timer_destroy(timer);
	end();
}

static struct target local_target;

static void *arm_for_another_thread(void *user)
{
	struct parcel parcel = parcel_of(1);

	let_pass(10);
	if (actor_timer_once(user, &local_target.base, &parcel_type, &parcel, in_ms(5), NULL) != 0)
		abort();
	return NULL;
}

static bool has_posted(void *user)
{
	(void)user;
	return atomic_load(&local_target.n_posts) > 0;
}

static void a_timer_wakes_the_thread_of_a_local_executor(void **state)
{
	struct actor_executor *local;
	pthread_t thread;

	(void)state;
	target_init(&local_target);
	assert_int_equal(actor_local_create(&local), 0);
	assert_int_equal(pthread_create(&thread, NULL, arm_for_another_thread, local), 0);
	assert_int_equal(actor_local_run_until(local, has_posted, NULL, test_deadline()), 0);
	pthread_join(thread, NULL);
	assert_int_equal(actor_executor_destroy(local), 0);
	assert_int_equal(atomic_load(&n_parcels), 0);
}

/* ---- an executor that nobody runs ---- */

static void room_for_a_timer_is_held_until_its_executor_is_run(void **state)
{
	struct actor_executor *local = NULL;
	struct hand_mailbox mailbox = { NULL };
	struct job job = { count_handled, NULL };
	struct actor_timer *timer = NULL;
	union hand_address hand;

	(void)state;
	begin(1);
	assert_int_equal(actor_local_create(&local), 0);
	assert_int_equal(ACTOR_MAILBOX_CREATE(hand, actor_executor_spawner(pool),
					      ACTOR_OPTIONS(.capacity = 1), &mailbox),
			 0);
	hand = ACTOR_MAILBOX_ADDRESS(hand, mailbox);
	assert_int_equal(hand_send(NULL, hand, count_handled, NULL), 0); /* it is full */
	assert_int_equal(ACTOR_TIMER_ONCE(local, hand, job, ACTOR_AT_ONCE, &timer, &job), 0);
	assert_int_equal(actor_local_run(local), 0); /* and the timer in line */
	assert_int_equal(ACTOR_MAILBOX_START(hand, mailbox, NULL, NULL, NULL), 0);
	actor_mailbox_detach(mailbox.mailbox);
	assert_true(tally_wait(&handled, 1));
	/* What it has granted when it took the message is not for others. */
	assert_int_equal(hand_send(NULL, hand, count_handled, NULL), ACTOR_E_FULL);
	assert_true(actor_timer_cancel(timer));
	tell(hand, count_handled, NULL);
	assert_true(tally_wait(&handled, 2));
	actor_timer_destroy(timer);
	assert_int_equal(actor_executor_destroy(local), 0);
	actor_address_unref(hand.address);
	end();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(a_cancelled_timer_does_not_send, test_nothing_held),
		cmocka_unit_test_teardown(each_message_is_sent_or_cancelled, test_nothing_held),
		cmocka_unit_test_teardown(of_what_is_answered_there_is_one_at_a_time,
					  test_nothing_held),
		cmocka_unit_test_teardown(messages_come_in_the_order_of_their_times,
					  test_nothing_held),
		cmocka_unit_test_teardown(timers_end_with_their_actors, test_nothing_held),
		cmocka_unit_test_teardown(an_earlier_timer_wakes_a_sleeping_pool,
					  test_nothing_held),
		cmocka_unit_test_teardown(a_timer_wakes_the_thread_of_a_local_executor,
					  test_nothing_held),
		cmocka_unit_test_teardown(room_for_a_timer_is_held_until_its_executor_is_run,
					  test_nothing_held),
	};

	return cmocka_run_group_tests_name("timer-race", tests, NULL, NULL);
}
