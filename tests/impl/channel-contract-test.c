/* SPDX-License-Identifier: MIT */

/*
 * What every channel does, whoever wrote it: each test here is run on each kind that promises what
 * it is about. The kinds of the library, in several combinations, and two that users might write.
 */

#include "channel-fixture.h"
#include "test.h"
#include "user-channels.h"

#include "channel-core.h"

#include <errno.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { CAPACITY = 3, N_SENDERS = 4 };

/* ---- the kinds ---- */

enum promise {
	FIFO = 1,     /* first in, first out */
	BOUNDED = 2,  /* CAPACITY letters, and no more */
	LOSSLESS = 4, /* what is accepted comes out */
	ALL = FIFO | BOUNDED | LOSSLESS
};

struct kind {
	const char *name;
	unsigned promises;
	struct actor_channel *(*make)(void);
};

static struct actor_channel *make_queue(size_t capacity, size_t bytes)
{
	const struct actor_queue_options options = { .size = sizeof options,
						     .capacity = capacity,
						     .bytes = bytes };
	struct actor_channel *made = NULL;

	assert_int_equal(actor_queue_create(&options, &made), 0);
	return made;
}

static struct actor_channel *bounded(void)
{
	return make_queue(CAPACITY, 0);
}

static struct actor_channel *in_bytes(void)
{
	return make_queue(0, CAPACITY * sizeof(struct letter));
}

static struct actor_channel *unbounded(void)
{
	struct actor_channel *made = NULL;

	assert_int_equal(actor_queue_create(NULL, &made), 0);
	return made;
}

static struct actor_channel *ring(void)
{
	struct actor_channel *made = NULL;

	assert_int_equal(actor_ring_create(CAPACITY, &made), 0);
	return made;
}

/* What is pushed goes into the first; the other is empty. */
static struct actor_channel *selection_of(struct actor_channel *first, actor_select_fn *choose)
{
	struct actor_channel *both[] = { first, unbounded() }, *made = NULL;

	assert_int_equal(actor_select_create(both, 2, choose, NULL, &made), 0);
	actor_channel_unref(both[0]);
	actor_channel_unref(both[1]);
	return made;
}

static struct actor_channel *by_priority(void)
{
	return selection_of(bounded(), NULL);
}

static struct actor_channel *in_turn(void)
{
	return selection_of(bounded(), actor_select_in_turn);
}

static size_t the_last(void *user, struct actor_channel *const *channels, size_t n)
{
	(void)user, (void)channels;
	return n - 1;
}

static struct actor_channel *by_users_choice(void)
{
	return selection_of(bounded(), the_last);
}

static struct actor_channel *slowed(struct actor_channel *inner)
{
	struct actor_channel *made = NULL;

	/* Not by much: this is about all else. */
	assert_int_equal(actor_throttle_create(inner, 1000000, 1, &made), 0);
	actor_channel_unref(inner);
	return made;
}

static struct actor_channel *throttled(void)
{
	return slowed(bounded());
}

static struct actor_channel *nested(void)
{
	return slowed(selection_of(slowed(by_priority()), actor_select_in_turn));
}

static bool is_urgent(const struct actor_envelope *envelope)
{
	return ((const struct letter *)actor_envelope_message(envelope))->number >= 1000000000;
}

static struct actor_channel *urgent(void)
{
	struct actor_channel *made = NULL;

	assert_int_equal(urgent_create(CAPACITY, is_urgent, &made), 0);
	return made;
}

static bool is_same(const struct actor_envelope *a, const struct actor_envelope *b)
{
	const struct letter *one = actor_envelope_message(a), *other = actor_envelope_message(b);

	return one->sender == other->sender && one->number % 8 == other->number % 8;
}

static struct actor_channel *latest(void)
{
	struct actor_channel *made = NULL;

	assert_int_equal(latest_create(is_same, &made), 0);
	return made;
}

static const struct kind kinds[] = {
	{ "queue", ALL, bounded },
	{ "queue in bytes", ALL, in_bytes },
	{ "queue without a bound", FIFO | LOSSLESS, unbounded },
	{ "ring", FIFO, ring },
	{ "select by priority", ALL, by_priority },
	{ "select in turn", ALL, in_turn },
	{ "select by choice", ALL, by_users_choice },
	{ "throttle", ALL, throttled },
	{ "throttle around others", ALL, nested },
	{ "a user's: urgent first", ALL, urgent },
	{ "a user's: only the latest", 0, latest },
};

/* ---- the channel of the test ---- */

static const struct kind *kind;
static struct actor_channel *store;

/* Whoever takes: told when there may be something. */
static struct ear {
	struct actor__listener listener;
	atomic_uint n_told;
	sem_t told;
} ear;

static void ear_tell(struct actor__listener *listener)
{
	struct ear *this = ACTOR_CONTAINER_OF(listener, struct ear, listener);

	atomic_fetch_add(&this->n_told, 1);
	sem_post(&this->told);
}

struct hopeful {
	struct actor_waiter waiter;
	sem_t woken;
	atomic_uint n_woken;
};

static struct hopeful first, second, third;

static void hopeful_wake(struct actor_waiter *waiter)
{
	struct hopeful *hopeful = ACTOR_CONTAINER_OF(waiter, struct hopeful, waiter);

	atomic_fetch_add(&hopeful->n_woken, 1);
	sem_post(&hopeful->woken);
}

static void hopeful_init(struct hopeful *hopeful)
{
	actor_waiter_init(&hopeful->waiter, hopeful_wake);
	sem_init(&hopeful->woken, 0, 0);
	atomic_init(&hopeful->n_woken, 0);
}

static int open_store(void **state)
{
	kind = *state;
	store = kind->make();
	ear.listener.tell = ear_tell;
	atomic_store(&ear.n_told, 0);
	sem_init(&ear.told, 0, 0);
	atomic_store(&n_dropped, 0);
	hopeful_init(&first);
	hopeful_init(&second);
	hopeful_init(&third);
	return actor__channel_attach(store, &ear.listener);
}

static int close_store(void **state)
{
	actor_channel_withdraw(store, &first.waiter);
	actor_channel_withdraw(store, &second.waiter);
	actor_channel_withdraw(store, &third.waiter);
	actor__channel_detach(store, &ear.listener);
	actor_channel_unref(store);
	sem_destroy(&ear.told);
	sem_destroy(&first.woken);
	sem_destroy(&second.woken);
	sem_destroy(&third.woken);
	return test_nothing_held(state);
}

static int put_letter(struct hopeful *hopeful, unsigned sender, unsigned number)
{
	struct actor__envelope *envelope = letter_create(sender, number);
	int rc = actor_channel_push(store, actor__envelope_out(envelope),
				    hopeful ? &hopeful->waiter : NULL);

	if (rc < 0)
		actor__envelope_free(actor__thread(), envelope);
	return rc;
}

static int put(struct hopeful *hopeful, unsigned number)
{
	return put_letter(hopeful, 0, number);
}

static int take_by(struct actor_context *context, struct letter *ret_letter)
{
	struct actor_envelope *envelope;
	int64_t until_ns;
	int rc = actor_channel_pop(store, context, &envelope, &until_ns);

	if (rc == ACTOR_CHANNEL_MESSAGE) {
		*ret_letter = *letter_in(actor__envelope_in(envelope));
		actor__envelope_free(actor__thread(), actor__envelope_in(envelope));
	}
	return rc;
}

static int take_letter(struct letter *ret_letter)
{
	return take_by(actor_thread_context(), ret_letter);
}

/* Its number, if there is one that can be taken. */
static void assert_taken(unsigned number)
{
	struct letter letter = { 0, 0 };

	assert_int_equal(take_letter(&letter), ACTOR_CHANNEL_MESSAGE);
	assert_int_equal(letter.number, number);
}

static void assert_not_taken(int rc)
{
	struct letter letter;

	assert_int_equal(take_letter(&letter), rc);
}

static void assert_woken(unsigned n_first, unsigned n_second, unsigned n_third)
{
	assert_int_equal(first.n_woken, n_first);
	assert_int_equal(second.n_woken, n_second);
	assert_int_equal(third.n_woken, n_third);
}

/* Three letters in it, and three waiting. */
static void fill_and_wait(void)
{
	for (unsigned i = 1; i <= CAPACITY; i++)
		assert_int_equal(put(NULL, i), 0);
	assert_int_equal(put(&first, 4), ACTOR_E_FULL);
	assert_int_equal(put(&second, 5), ACTOR_E_FULL);
	assert_int_equal(put(&third, 6), ACTOR_E_FULL);
	assert_woken(0, 0, 0);
}

/* ---- messages ---- */

static void nothing_is_in_a_new_one(void **state)
{
	(void)state;
	assert_int_equal(actor_channel_length(store), 0);
	assert_false(actor_channel_is_closed(store));
	assert_not_taken(ACTOR_CHANNEL_EMPTY);
}

static void what_is_put_in_comes_out_once(void **state)
{
	bool seen[CAPACITY + 1] = { false };
	struct letter letter;

	(void)state;
	for (unsigned i = 1; i <= CAPACITY; i++)
		assert_int_equal(put(NULL, i), 0);
	assert_int_equal(actor_channel_length(store), CAPACITY);
	for (unsigned i = CAPACITY; i > 0; i--) {
		assert_int_equal(take_letter(&letter), ACTOR_CHANNEL_MESSAGE);
		assert_in_range(letter.number, 1, CAPACITY);
		assert_false(seen[letter.number]);
		seen[letter.number] = true;
		assert_int_equal(actor_channel_length(store), i - 1);
	}
	assert_not_taken(ACTOR_CHANNEL_EMPTY);
}

/* H-08 */
static void first_in_first_out(void **state)
{
	(void)state;
	assert_int_equal(put(NULL, 1), 0);
	assert_int_equal(put(NULL, 2), 0);
	assert_taken(1);
	assert_int_equal(put(NULL, 3), 0);
	assert_taken(2);
	assert_taken(3);
	assert_not_taken(ACTOR_CHANNEL_EMPTY);
}

/* H-09, H-10 */
static void without_a_bound_nobody_waits(void **state)
{
	(void)state;
	for (unsigned i = 1; i <= 1000; i++)
		assert_int_equal(put(&first, i), 0);
	assert_null(first.waiter.line);
	assert_int_equal(actor_channel_length(store) + n_dropped, 1000);
}

/* ---- room ---- */

static void the_bound_is_exact(void **state)
{
	(void)state;
	for (unsigned i = 1; i <= CAPACITY; i++)
		assert_int_equal(put(NULL, i), 0);
	assert_int_equal(put(NULL, 4), ACTOR_E_FULL);
	assert_int_equal(actor_channel_length(store), CAPACITY);
	assert_taken(1);
	assert_int_equal(put(NULL, 5), 0);
	assert_int_equal(put(NULL, 6), ACTOR_E_FULL);
}

static void room_is_granted_in_the_order_of_arrival(void **state)
{
	(void)state;
	fill_and_wait();
	assert_taken(1);
	assert_woken(1, 0, 0);
	/* What is promised is kept: for nobody else, in line or not. */
	assert_int_equal(put(NULL, 7), ACTOR_E_FULL);
	assert_int_equal(put(&second, 5), ACTOR_E_FULL);
	assert_int_equal(put(&first, 4), 0);
	assert_null(first.waiter.line);
	assert_woken(1, 0, 0);
	assert_taken(2);
	assert_woken(1, 1, 0);
	assert_int_equal(put(&second, 5), 0);
	assert_taken(3);
	assert_woken(1, 1, 1);
	assert_int_equal(put(&third, 6), 0);
	assert_taken(4);
	assert_taken(5);
	assert_taken(6);
	assert_woken(1, 1, 1);
	assert_not_taken(ACTOR_CHANNEL_EMPTY);
}

static void who_has_not_been_granted_room_just_leaves(void **state)
{
	(void)state;
	fill_and_wait();
	actor_channel_withdraw(store, &second.waiter);
	assert_null(second.waiter.line);
	assert_taken(1);
	assert_int_equal(put(&first, 4), 0);
	assert_taken(2);
	assert_woken(1, 0, 1);
	assert_int_equal(put(&third, 6), 0);
	actor_channel_withdraw(store, &second.waiter); /* is in no line */
	assert_int_equal(put(NULL, 7), ACTOR_E_FULL);
}

static void a_grant_that_is_not_used_goes_to_the_next(void **state)
{
	(void)state;
	fill_and_wait();
	assert_taken(1);
	assert_woken(1, 0, 0);
	actor_channel_withdraw(store, &first.waiter);
	assert_woken(1, 1, 0);
	actor_channel_withdraw(store, &second.waiter);
	assert_woken(1, 1, 1);
	actor_channel_withdraw(store, &third.waiter);
	assert_int_equal(put(NULL, 7), 0);
	assert_int_equal(put(NULL, 8), ACTOR_E_FULL);
}

static void the_line_is_not_overtaken(void **state)
{
	struct hopeful fourth;

	(void)state;
	hopeful_init(&fourth);
	fill_and_wait();
	assert_taken(1);
	assert_int_equal(put(&first, 4), 0);
	assert_int_equal(put(&fourth, 7), ACTOR_E_FULL);
	for (unsigned i = 2; i <= 3; i++)
		assert_taken(i);
	assert_int_equal(put(&second, 5), 0);
	assert_int_equal(put(&third, 6), 0);
	assert_taken(4);
	assert_int_equal(fourth.n_woken, 1);
	assert_int_equal(put(&fourth, 7), 0);
	for (unsigned i = 5; i <= 7; i++)
		assert_taken(i);
	sem_destroy(&fourth.woken);
}

/* ---- the end ---- */

static void closing_lets_nothing_in_and_everything_out(void **state)
{
	unsigned n_told;

	(void)state;
	assert_int_equal(put(NULL, 1), 0);
	assert_int_equal(put(NULL, 2), 0);
	n_told = ear.n_told;
	actor_channel_close(store);
	assert_true(actor_channel_is_closed(store));
	assert_true(ear.n_told > n_told);
	n_told = ear.n_told;
	actor_channel_close(store);
	assert_int_equal(ear.n_told, n_told);
	assert_int_equal(put(NULL, 3), ACTOR_E_CLOSED);
	assert_int_equal(put(&first, 3), ACTOR_E_CLOSED);
	assert_null(first.waiter.line);
	assert_taken(1);
	assert_taken(2);
	assert_not_taken(ACTOR_E_CLOSED);
	assert_not_taken(ACTOR_E_CLOSED);
}

static void closing_wakes_all_who_wait(void **state)
{
	(void)state;
	fill_and_wait();
	assert_taken(1);
	assert_woken(1, 0, 0);
	actor_channel_close(store);
	assert_woken(1, 1, 1);
	/* The one with a promise, one who asks again, one who does not. */
	assert_int_equal(put(&first, 4), ACTOR_E_CLOSED);
	assert_int_equal(put(&second, 5), ACTOR_E_CLOSED);
	actor_channel_withdraw(store, &third.waiter);
	assert_null(first.waiter.line);
	assert_null(second.waiter.line);
	assert_null(third.waiter.line);
	assert_woken(1, 1, 1);
	assert_taken(2);
	assert_taken(3);
	assert_not_taken(ACTOR_E_CLOSED);
}

static int64_t n_dead_letters(void)
{
	struct actor_counts counts;

	actor_counts_get(&counts);
	return counts.dead_letters;
}

/* H-12, L-35 */
static void what_is_left_in_it_is_discarded(void **state)
{
	const struct actor_message_type *unit = actor_join_type();
	int64_t n_dead = n_dead_letters();
	struct actor_context *here = actor_thread_context();
	struct actor_reply *reply;
	struct letter letter = { 1, 2 };
	struct actor__envelope *call;

	(void)state;
	assert_int_equal(put(NULL, 1), 0);
	assert_int_equal(here->ops->reply_open(here, unit, &reply), 0);
	call = actor__envelope_create(actor__thread(), &letter_handler, &letter, reply);
	assert_true(actor_envelope_is_call(actor__envelope_out(call)));
	assert_int_equal(actor_envelope_bytes(actor__envelope_out(call)), sizeof letter);
	assert_ptr_equal(actor_envelope_type(actor__envelope_out(call)), letter_handler.type);
	assert_int_equal(actor_channel_push(store, actor__envelope_out(call), NULL), 0);
	actor__channel_detach(store, &ear.listener);
	actor_channel_unref(store);
	assert_int_equal(here->ops->reply_close(here, reply, NULL), ACTOR_E_STOPPED);
	assert_int_equal(n_dropped, 2);
	assert_int_equal(n_dead_letters(), n_dead + 2);
	store = kind->make();
}

/* ---- who is told ---- */

static void who_takes_is_told(void **state)
{
	unsigned n_told = 0;

	(void)state;
	for (unsigned i = 1; i <= CAPACITY; i++) {
		assert_int_equal(put(NULL, i), 0);
		assert_int_equal(ear.n_told, ++n_told);
	}
	if (kind->promises & BOUNDED) {
		assert_int_equal(put(NULL, 4), ACTOR_E_FULL);
		assert_int_equal(ear.n_told, n_told);
	}
	actor_channel_tell(store);
	assert_int_equal(ear.n_told, ++n_told);
	actor__channel_detach(store, &ear.listener);
	actor_channel_tell(store);
	actor_channel_close(store);
	assert_int_equal(ear.n_told, n_told);
}

static void one_takes_from_it(void **state)
{
	struct actor__listener other = { ear_tell };
	struct actor_channel *another = unbounded(), *refused = NULL;
	struct actor_channel *both[] = { another, store };

	(void)state;
	assert_int_equal(actor__channel_attach(store, &other), ACTOR_E_BUSY);
	actor__channel_detach(store, &other); /* is not told, so that changes nothing */
	assert_int_equal(actor_throttle_create(store, 1, 1, &refused), ACTOR_E_BUSY);
	assert_int_equal(actor_select_create(both, 2, NULL, NULL, &refused), ACTOR_E_BUSY);
	assert_null(refused);
	/* The one that was free is so again. */
	assert_int_equal(actor__channel_attach(another, &other), 0);
	actor__channel_detach(another, &other);
	actor_channel_unref(another);
	assert_int_equal(put(NULL, 1), 0);
	assert_int_equal(ear.n_told, 1);
}

/* ---- disabled ---- */

/* GO-38, GO-39, L-29 */
static void while_it_is_disabled_nothing_is_taken(void **state)
{
	unsigned n_told;

	(void)state;
	actor_channel_disable(store);
	assert_not_taken(ACTOR_CHANNEL_EMPTY);
	assert_int_equal(put(NULL, 1), 0);
	assert_not_taken(ACTOR_CHANNEL_LATER);
	assert_int_equal(put(NULL, 2), 0);
	assert_int_equal(actor_channel_length(store), 2);
	n_told = ear.n_told;
	actor_channel_enable(store);
	assert_int_equal(ear.n_told, n_told + 1);
	assert_taken(1);
	actor_channel_disable(store);
	assert_not_taken(ACTOR_CHANNEL_LATER);
	actor_channel_enable(store);
	assert_taken(2);
	assert_not_taken(ACTOR_CHANNEL_EMPTY);
}

/* GO-38 */
static void while_it_is_disabled_senders_feel_the_bound(void **state)
{
	(void)state;
	actor_channel_disable(store);
	fill_and_wait();
	assert_not_taken(ACTOR_CHANNEL_LATER);
	assert_woken(0, 0, 0);
	actor_channel_enable(store);
	assert_taken(1);
	assert_woken(1, 0, 0);
}

static void closed_and_disabled_it_keeps_what_is_in_it(void **state)
{
	struct letter letter;

	(void)state;
	actor_channel_disable(store);
	assert_int_equal(put(NULL, 1), 0);
	actor_channel_close(store);
	assert_not_taken(ACTOR_CHANNEL_LATER);
	/* At the end everything is handed out. */
	assert_int_equal(take_by(NULL, &letter), ACTOR_CHANNEL_MESSAGE);
	assert_int_equal(letter.number, 1);
	assert_int_equal(take_by(NULL, &letter), ACTOR_E_CLOSED);
	assert_not_taken(ACTOR_E_CLOSED);
}

/* ---- many threads ---- */

static bool wait_patiently(sem_t *semaphore)
{
	struct timespec until;
	int rc;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += 60;
	while ((rc = sem_timedwait(semaphore, &until)) < 0 && errno == EINTR)
		;
	return rc == 0;
}

struct crowd {
	unsigned n_each;
	atomic_uint n_accepted, n_refused, n_stuck, n_taken, n_out_of_order, n_over;
	unsigned last[N_SENDERS];
	unsigned n_of[N_SENDERS];
};

/* One letter: false when it is not accepted any more. */
static bool crowd_put(struct crowd *crowd, struct hopeful *hopeful, unsigned sender,
		      unsigned number)
{
	int rc;

	while ((rc = put_letter(hopeful, sender, number)) == ACTOR_E_FULL) {
		if (!wait_patiently(&hopeful->woken)) {
			atomic_fetch_add(&crowd->n_stuck, 1);
			actor_channel_withdraw(store, &hopeful->waiter);
			return false;
		}
	}
	atomic_fetch_add(rc == 0 ? &crowd->n_accepted : &crowd->n_refused, 1);
	return rc == 0;
}

static void crowd_send(struct crowd *crowd, unsigned sender)
{
	struct hopeful hopeful;
	bool goes_on = true;

	hopeful_init(&hopeful);
	for (unsigned i = 1; i <= crowd->n_each && goes_on; i++)
		goes_on = crowd_put(crowd, &hopeful, sender, i);
	sem_destroy(&hopeful.woken);
}

/* Now and then somebody changes his mind. */
static void crowd_come_and_go(struct crowd *crowd)
{
	struct hopeful hopeful;

	hopeful_init(&hopeful);
	for (unsigned i = 1; i <= crowd->n_each; i++) {
		if (put_letter(&hopeful, N_SENDERS - 1, i) == 0)
			atomic_fetch_add(&crowd->n_accepted, 1);
		else
			actor_channel_withdraw(store, &hopeful.waiter);
	}
	sem_destroy(&hopeful.woken);
}

static void crowd_note(struct crowd *crowd, const struct letter *letter)
{
	if (letter->number <= crowd->last[letter->sender])
		atomic_fetch_add(&crowd->n_out_of_order, 1);
	crowd->last[letter->sender] = letter->number;
	crowd->n_of[letter->sender]++;
	atomic_fetch_add(&crowd->n_taken, 1);
}

static void crowd_take(struct crowd *crowd)
{
	struct letter letter;
	int rc;

	while ((rc = take_letter(&letter)) != ACTOR_E_CLOSED) {
		if (rc == ACTOR_CHANNEL_MESSAGE) {
			crowd_note(crowd, &letter);
		} else if (rc == ACTOR_CHANNEL_EMPTY && !wait_patiently(&ear.told)) {
			atomic_fetch_add(&crowd->n_stuck, 1);
			return;
		}
		if (kind->promises & BOUNDED && actor_channel_length(store) > CAPACITY)
			atomic_fetch_add(&crowd->n_over, 1);
	}
}

static pthread_barrier_t senders_done;

static void crowd_member(void *user, unsigned index)
{
	struct crowd *crowd = user;

	if (index == N_SENDERS) {
		crowd_take(crowd);
		return;
	}
	if (index == N_SENDERS - 1)
		crowd_come_and_go(crowd);
	else
		crowd_send(crowd, index);
	if (pthread_barrier_wait(&senders_done) == PTHREAD_BARRIER_SERIAL_THREAD)
		actor_channel_close(store);
}

/* L-04, H-08: each once, in each sender's order, whoever waits and gives up meanwhile. */
static void a_crowd_gets_through(void **state)
{
	struct crowd crowd = { .n_each = test_times(4000) };

	(void)state;
	pthread_barrier_init(&senders_done, NULL, N_SENDERS);
	crew_run(N_SENDERS + 1, crowd_member, &crowd);
	pthread_barrier_destroy(&senders_done);
	assert_int_equal(crowd.n_stuck, 0);
	assert_int_equal(crowd.n_refused, 0);
	assert_int_equal(crowd.n_over, 0);
	assert_int_equal(crowd.n_taken + n_dropped, crowd.n_accepted);
	if (kind->promises & FIFO)
		assert_int_equal(crowd.n_out_of_order, 0);
	if (kind->promises & LOSSLESS)
		for (unsigned i = 0; i < N_SENDERS - 1; i++)
			assert_int_equal(crowd.n_of[i], crowd.n_each);
	assert_int_equal(actor_channel_length(store), 0);
}

static void closing_member(void *user, unsigned index)
{
	struct crowd *crowd = user;

	if (index < N_SENDERS) {
		crowd_send(crowd, index);
		return;
	}
	while (atomic_load(&crowd->n_accepted) < 2)
		sched_yield();
	actor_channel_close(store);
}

static void nobody_waits_at_a_closed_door(void **state)
{
	struct letter letter;

	(void)state;
	for (unsigned i = 0; i < test_times(200); i++) {
		struct crowd crowd = { .n_each = 100000000 };

		actor__channel_detach(store, &ear.listener);
		actor_channel_unref(store);
		store = kind->make();
		atomic_store(&n_dropped, 0);
		crew_run(N_SENDERS + 1, closing_member, &crowd);
		assert_int_equal(crowd.n_stuck, 0);
		assert_int_equal(crowd.n_refused, N_SENDERS);
		while (take_letter(&letter) == ACTOR_CHANNEL_MESSAGE)
			crowd.n_taken++;
		assert_int_equal(crowd.n_taken + n_dropped, crowd.n_accepted);
	}
}

/* ---- all of it, for each kind ---- */

#define TEST(test, promises)                                                                       \
	{                                                                                          \
#test, test, promises                                                              \
	}

static const struct {
	const char *name;
	CMUnitTestFunction test;
	unsigned promises; /* without which it is not run */
} contract[] = {
	TEST(nothing_is_in_a_new_one, 0),
	TEST(what_is_put_in_comes_out_once, 0),
	TEST(first_in_first_out, FIFO),
	TEST(the_bound_is_exact, BOUNDED),
	TEST(room_is_granted_in_the_order_of_arrival, BOUNDED),
	TEST(who_has_not_been_granted_room_just_leaves, BOUNDED),
	TEST(a_grant_that_is_not_used_goes_to_the_next, BOUNDED),
	TEST(the_line_is_not_overtaken, BOUNDED),
	TEST(closing_lets_nothing_in_and_everything_out, 0),
	TEST(closing_wakes_all_who_wait, BOUNDED),
	TEST(what_is_left_in_it_is_discarded, 0),
	TEST(who_takes_is_told, 0),
	TEST(one_takes_from_it, 0),
	TEST(while_it_is_disabled_nothing_is_taken, 0),
	TEST(while_it_is_disabled_senders_feel_the_bound, BOUNDED),
	TEST(closed_and_disabled_it_keeps_what_is_in_it, 0),
	TEST(a_crowd_gets_through, 0),
	TEST(nobody_waits_at_a_closed_door, BOUNDED),
};

int main(void)
{
	struct CMUnitTest tests[N_ELEMENTS(kinds) * (N_ELEMENTS(contract) + 1)];
	static char names[N_ELEMENTS(tests)][96];
	size_t n = 0;

	for (size_t k = 0; k < N_ELEMENTS(kinds); k++) {
		for (size_t t = 0; t < N_ELEMENTS(contract); t++) {
			if (contract[t].promises & ~kinds[k].promises)
				continue;
			snprintf(names[n], sizeof names[n], "%s: %s", kinds[k].name,
				 contract[t].name);
			tests[n] = (struct CMUnitTest){ names[n], contract[t].test, open_store,
							close_store, (void *)(uintptr_t)&kinds[k] };
			n++;
		}
		if (kinds[k].promises & BOUNDED)
			continue;
		snprintf(names[n], sizeof names[n], "%s: without_a_bound_nobody_waits",
			 kinds[k].name);
		tests[n] = (struct CMUnitTest){ names[n], without_a_bound_nobody_waits, open_store,
						close_store, (void *)(uintptr_t)&kinds[k] };
		n++;
	}
	return _cmocka_run_group_tests("channel-contract", tests, n, NULL, NULL);
}
