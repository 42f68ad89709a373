/* SPDX-License-Identifier: MIT */

/*
 * Channels: each state and each way out of it; the line of those who wait for room, also where two
 * threads meet in the narrowest places; and many senders at once.
 *
 * Where the interleaving matters, the function that takes the lock is stood in for: just before the
 * channel takes it, the test does what another thread would do at that moment.
 */

#include "test.h"

#include "channel.h"
#include "thread.h"

#include <errno.h>
#include <sched.h>
#include <semaphore.h>
#include <string.h>
#include <time.h>

#define IN_LINE (SIZE_MAX / 2 + 1)

/* ---- what happens before a lock is taken ---- */

int __real_pthread_mutex_lock(pthread_mutex_t *mutex);
int __wrap_pthread_mutex_lock(pthread_mutex_t *mutex);

static _Thread_local void (*before_lock)(void);

int __wrap_pthread_mutex_lock(pthread_mutex_t *mutex)
{
	void (*meanwhile)(void) = before_lock;

	before_lock = NULL;
	if (meanwhile)
		meanwhile();
	return __real_pthread_mutex_lock(mutex);
}

/* ---- messages ---- */

struct letter {
	unsigned sender;
	unsigned number;
};

static atomic_uint n_dropped;

static void letter_drop(void *message)
{
	(void)message;
	atomic_fetch_add(&n_dropped, 1);
}

static const struct actor_message_type letter_type = {
	.size = sizeof letter_type,
	.name = "test.letter",
	.message_size = sizeof(struct letter),
	.message_align = _Alignof(struct letter),
	.drop = letter_drop,
};
static const struct actor_handler letter_handler = { .type = &letter_type };

static struct actor__envelope *letter_create(unsigned sender, unsigned number)
{
	struct letter letter = { sender, number };

	return actor__envelope_create(actor__thread(), &letter_handler, &letter, NULL);
}

static struct letter *letter_in(struct actor__envelope *envelope)
{
	return actor__envelope_message(envelope);
}

static struct actor__channel channel;

static int push(unsigned number)
{
	struct actor__envelope *envelope = letter_create(0, number);
	int rc = actor__channel_push(&channel, envelope);

	if (rc < 0)
		actor__envelope_free(actor__thread(), envelope);
	return rc;
}

/* The number of the next letter; 0 if there is none. */
static unsigned pop(void)
{
	struct actor__envelope *envelope = actor__channel_pop(&channel);
	unsigned number = 0;

	if (envelope) {
		number = letter_in(envelope)->number;
		actor__envelope_free(actor__thread(), envelope);
	}
	return number;
}

static size_t used(void)
{
	return atomic_load(&channel.used) & ~IN_LINE;
}

static int close_down(void **state)
{
	actor__channel_close(&channel);
	actor__envelopes_discard(actor__channel_take_all(&channel));
	actor__channel_deinit(&channel);
	before_lock = NULL;
	return test_nothing_held(state);
}

static int open_unbounded(void **state)
{
	(void)state;
	actor__channel_init(&channel, ACTOR_UNBOUNDED);
	atomic_store(&n_dropped, 0);
	return 0;
}

static int open_for_two(void **state)
{
	(void)state;
	actor__channel_init(&channel, 2);
	atomic_store(&n_dropped, 0);
	return 0;
}

/* ---- the states of the queue ---- */

static void busy_consumers_are_not_called(void **state)
{
	(void)state;
	assert_int_equal(push(1), 0);
	assert_int_equal(push(2), 0);
	assert_false(actor__channel_idle(&channel));
	assert_false(actor__channel_close_empty(&channel));
	assert_int_equal(pop(), 1);
	assert_int_equal(pop(), 2);
	assert_int_equal(pop(), 0);
}

static void the_first_push_calls_an_idle_consumer(void **state)
{
	(void)state;
	assert_true(actor__channel_idle(&channel));
	assert_int_equal(push(1), 1);
	assert_int_equal(push(2), 0);
	assert_int_equal(pop(), 1);
	assert_int_equal(pop(), 2);
	assert_true(actor__channel_idle(&channel));
	assert_int_equal(push(3), 1);
}

static void a_nudge_calls_an_idle_consumer_once(void **state)
{
	(void)state;
	assert_true(actor__channel_idle(&channel));
	assert_true(actor__channel_nudge(&channel));
	/* It has been called: it looks before it goes idle again. */
	assert_false(actor__channel_nudge(&channel));
	assert_int_equal(push(1), 0);
	assert_int_equal(pop(), 1);
	assert_true(actor__channel_idle(&channel));
}

static void a_nudge_keeps_a_busy_consumer_from_idling_once(void **state)
{
	(void)state;
	assert_false(actor__channel_nudge(&channel));
	assert_false(actor__channel_nudge(&channel));
	assert_false(actor__channel_idle(&channel));
	assert_false(actor__channel_close_empty(&channel));
	assert_int_equal(pop(), 0); /* uses it up */
	assert_true(actor__channel_idle(&channel));
}

static void a_push_takes_the_place_of_a_nudge(void **state)
{
	(void)state;
	assert_false(actor__channel_nudge(&channel));
	assert_int_equal(push(1), 0);
	assert_false(actor__channel_nudge(&channel)); /* the message does as well */
	assert_int_equal(pop(), 1);
	assert_int_equal(pop(), 0);
	assert_true(actor__channel_idle(&channel));
}

static void a_nudge_is_kept_behind_the_stash(void **state)
{
	(void)state;
	assert_int_equal(push(1), 0);
	assert_int_equal(push(2), 0);
	assert_int_equal(pop(), 1); /* both are in the stash */
	assert_false(actor__channel_nudge(&channel));
	assert_int_equal(pop(), 2);
	assert_false(actor__channel_idle(&channel));
	assert_int_equal(pop(), 0);
	assert_true(actor__channel_idle(&channel));
}

static void closed_is_for_good(void **state)
{
	(void)state;
	assert_false(actor__channel_closed(&channel));
	assert_true(actor__channel_close_empty(&channel));
	assert_true(actor__channel_closed(&channel));
	assert_int_equal(push(1), ACTOR_E_CLOSED);
	assert_false(actor__channel_nudge(&channel));
	assert_false(actor__channel_idle(&channel));
	assert_false(actor__channel_close_empty(&channel));
	assert_int_equal(pop(), 0);
	actor__channel_close(&channel);
	assert_true(actor__channel_closed(&channel));
	assert_null(actor__channel_take_all(&channel));
}

static void idle_and_nudged_channels_can_be_closed(void **state)
{
	(void)state;
	assert_true(actor__channel_idle(&channel));
	actor__channel_close(&channel);
	assert_int_equal(push(1), ACTOR_E_CLOSED);
	assert_int_equal(close_down(state), 0);

	assert_int_equal(open_unbounded(state), 0);
	assert_false(actor__channel_nudge(&channel));
	actor__channel_close(&channel);
	assert_int_equal(pop(), 0);
	assert_int_equal(push(1), ACTOR_E_CLOSED);
}

static void first_in_first_out_over_stash_and_head(void **state)
{
	unsigned next = 1, number = 1;
	uint64_t random = 1;

	(void)state;
	for (unsigned i = 0; i < 1000; i++) {
		for (uint64_t n = test_random(&random) % 5; n > 0; n--)
			push(number++);
		for (uint64_t n = test_random(&random) % 5; n > 0 && next < number; n--)
			assert_int_equal(pop(), next++);
	}
	while (next < number)
		assert_int_equal(pop(), next++);
	assert_int_equal(pop(), 0);
}

static void what_is_queued_outlives_the_closing_in_order(void **state)
{
	struct actor__envelope *left;

	(void)state;
	for (unsigned i = 1; i <= 3; i++)
		push(i);
	assert_int_equal(pop(), 1); /* 2 and 3 in the stash */
	push(4);
	push(5);
	actor__channel_close(&channel);
	assert_int_equal(pop(), 2);
	left = actor__channel_take_all(&channel);
	for (unsigned i = 3; i <= 5; i++) {
		struct actor__envelope *envelope = left;

		assert_int_equal(letter_in(envelope)->number, i);
		left = envelope->next;
		actor__envelope_free(actor__thread(), envelope);
	}
	assert_null(left);
	assert_int_equal(pop(), 0);
}

/* ---- envelopes ---- */

struct receipt {
	struct actor_reply reply;
	unsigned n_delivered;
	int status;
};

static int receipt_deliver(struct actor_reply *reply, int status, void *value)
{
	struct receipt *receipt = ACTOR_CONTAINER_OF(reply, struct receipt, reply);

	(void)value;
	receipt->n_delivered++;
	receipt->status = status;
	return 0;
}

static const struct actor_reply_ops receipt_ops = { sizeof receipt_ops, receipt_deliver };

static void discarded_messages_are_answered_dropped_and_counted(void **state)
{
	struct receipt receipt = { .reply = { &receipt_ops } };
	struct actor_counts before, after;
	struct letter letter = { 0, 2 };

	(void)state;
	actor_counts_get(&before);
	push(1);
	actor__channel_push(&channel, actor__envelope_create(actor__thread(), &letter_handler,
							     &letter, &receipt.reply));
	actor_counts_get(&after);
	assert_int_equal(after.envelopes - before.envelopes, 2);
	actor__channel_close(&channel);
	actor__envelopes_discard(actor__channel_take_all(&channel));
	actor_counts_get(&after);
	assert_int_equal(after.envelopes - before.envelopes, 0);
	assert_int_equal(after.dead_letters - before.dead_letters, 2);
	assert_int_equal(n_dropped, 2);
	assert_int_equal(receipt.n_delivered, 1);
	assert_int_equal(receipt.status, ACTOR_E_STOPPED);
}

static void messages_lie_where_they_may(void **state)
{
	static _Alignas(4096) unsigned char message[3 * 4096];
	struct actor_message_type type = { .size = sizeof type, .name = "test.large" };
	struct actor_handler handler = { .type = &type };
	struct actor__envelope *envelope;

	(void)state;
	for (size_t i = 0; i < sizeof message; i++)
		message[i] = (unsigned char)(i * 7);
	for (size_t align = 1; align <= 4096; align *= 2) {
		for (size_t size = align; size <= 3 * align; size += align) {
			type.message_align = align;
			type.message_size = size;
			envelope = actor__envelope_create(actor__thread(), &handler, message, NULL);
			assert_int_equal((uintptr_t)actor__envelope_message(envelope) % align, 0);
			assert_memory_equal(actor__envelope_message(envelope), message, size);
			actor__envelope_free(actor__thread(), envelope);
		}
	}
	/* Nobody has that much; the message is not even looked at. */
	type.message_size = SIZE_MAX / 4;
	assert_null(actor__envelope_create(actor__thread(), &handler, message, NULL));
}

/* ---- room ---- */

struct hopeful {
	struct actor_waiter waiter;
	unsigned n_woken;
};

static void hopeful_wake(struct actor_waiter *waiter)
{
	ACTOR_CONTAINER_OF(waiter, struct hopeful, waiter)->n_woken++;
}

static void hopeful_init(struct hopeful *hopeful)
{
	actor_waiter_init(&hopeful->waiter, hopeful_wake);
	hopeful->n_woken = 0;
}

static int reserve(struct hopeful *hopeful)
{
	return actor__channel_reserve(&channel, hopeful ? &hopeful->waiter : NULL);
}

/* Room taken, and the message in it. */
static int send(struct hopeful *hopeful, unsigned number)
{
	int rc = reserve(hopeful);

	return rc < 0 ? rc : push(number);
}

static void capacity_is_exact(void **state)
{
	(void)state;
	assert_int_equal(send(NULL, 1), 0);
	assert_int_equal(send(NULL, 2), 0);
	assert_int_equal(send(NULL, 3), ACTOR_E_FULL);
	assert_int_equal(used(), 2);
	assert_int_equal(pop(), 1);
	assert_int_equal(send(NULL, 4), 0);
	assert_int_equal(send(NULL, 5), ACTOR_E_FULL);
	assert_int_equal(pop(), 2);
	assert_int_equal(pop(), 4);
	assert_int_equal(pop(), 0);
	assert_int_equal(used(), 0);
}

static void unbounded_channels_are_never_full(void **state)
{
	struct hopeful hopeful;

	(void)state;
	hopeful_init(&hopeful);
	for (unsigned i = 1; i <= 10000; i++)
		assert_int_equal(send(&hopeful, i), 0);
	assert_null(hopeful.waiter.line);
	for (unsigned i = 1; i <= 10000; i++)
		assert_int_equal(pop(), i);
}

static void room_that_was_not_used_is_given_back(void **state)
{
	(void)state;
	assert_int_equal(reserve(NULL), 0);
	assert_int_equal(reserve(NULL), 0);
	assert_int_equal(reserve(NULL), ACTOR_E_FULL);
	actor__channel_release(&channel);
	assert_int_equal(reserve(NULL), 0);
	actor__channel_release(&channel);
	actor__channel_release(&channel);
	assert_int_equal(used(), 0);
}

static void closing_refuses_with_or_without_room(void **state)
{
	struct hopeful late;

	(void)state;
	hopeful_init(&late);
	assert_int_equal(reserve(NULL), 0);
	actor__channel_close(&channel);
	/* Room can be had, but a push is refused: the sender gives the room back. */
	assert_int_equal(push(1), ACTOR_E_CLOSED);
	assert_int_equal(reserve(NULL), 0);
	assert_int_equal(reserve(NULL), ACTOR_E_CLOSED);
	assert_int_equal(reserve(&late), ACTOR_E_CLOSED);
	assert_null(late.waiter.line);
	assert_int_equal(late.n_woken, 0);
	actor__channel_release(&channel);
	actor__channel_release(&channel);
	assert_int_equal(used(), 0);
}

static struct hopeful first, second, third;

static int fill_and_wait(void **state)
{
	open_for_two(state);
	hopeful_init(&first);
	hopeful_init(&second);
	hopeful_init(&third);
	assert_int_equal(send(NULL, 1), 0);
	assert_int_equal(send(NULL, 2), 0);
	assert_int_equal(send(&first, 3), ACTOR_E_FULL);
	assert_int_equal(send(&second, 4), ACTOR_E_FULL);
	assert_int_equal(send(&third, 5), ACTOR_E_FULL);
	return 0;
}

static int empty_and_close(void **state)
{
	actor__channel_withdraw(&channel, &first.waiter);
	actor__channel_withdraw(&channel, &second.waiter);
	actor__channel_withdraw(&channel, &third.waiter);
	return close_down(state);
}

static void assert_woken(unsigned n_first, unsigned n_second, unsigned n_third)
{
	assert_int_equal(first.n_woken, n_first);
	assert_int_equal(second.n_woken, n_second);
	assert_int_equal(third.n_woken, n_third);
}

static void room_is_granted_in_the_order_of_arrival(void **state)
{
	(void)state;
	assert_woken(0, 0, 0);
	assert_int_equal(pop(), 1);
	assert_woken(1, 0, 0);
	assert_int_equal(pop(), 2);
	assert_woken(1, 1, 0);
	/* Who is granted room may take its time: the order of use is the waiters'. */
	assert_int_equal(send(&second, 4), 0);
	assert_int_equal(send(&first, 3), 0);
	assert_int_equal(pop(), 4);
	assert_woken(1, 1, 1);
	assert_int_equal(send(&third, 5), 0);
	assert_int_equal(pop(), 3);
	assert_int_equal(pop(), 5);
	assert_int_equal(used(), 0);
	assert_woken(1, 1, 1);
}

static void a_grant_cannot_be_stolen(void **state)
{
	struct hopeful thief;

	(void)state;
	hopeful_init(&thief);
	assert_int_equal(pop(), 1);
	assert_int_equal(reserve(NULL), ACTOR_E_FULL);
	assert_int_equal(reserve(&second), ACTOR_E_FULL); /* in line, not granted */
	assert_int_equal(reserve(&thief), ACTOR_E_FULL);
	assert_int_equal(send(&first, 3), 0);
	/* Asking early has cost nobody the place in line. */
	assert_int_equal(pop(), 2);
	assert_woken(1, 1, 0);
	assert_int_equal(thief.n_woken, 0);
	actor__channel_withdraw(&channel, &thief.waiter);
}

static void nobody_overtakes_the_line(void **state)
{
	(void)state;
	assert_int_equal(pop(), 1);
	assert_int_equal(pop(), 2);
	/* Both places are granted, and one waits. */
	actor__channel_withdraw(&channel, &first.waiter);
	assert_woken(1, 1, 1);
	actor__channel_withdraw(&channel, &second.waiter);
	/* Now the line is empty, and one place is free. */
	assert_int_equal(send(NULL, 6), 0);
	assert_int_equal(reserve(NULL), ACTOR_E_FULL);
	assert_int_equal(send(&third, 5), 0);
	assert_int_equal(pop(), 6);
	assert_int_equal(pop(), 5);
}

static void who_gives_up_without_a_grant_just_leaves(void **state)
{
	(void)state;
	actor__channel_withdraw(&channel, &second.waiter);
	assert_null(second.waiter.line);
	actor__channel_withdraw(&channel, &second.waiter); /* in no line: left alone */
	assert_int_equal(pop(), 1);
	assert_int_equal(pop(), 2);
	assert_woken(1, 0, 1);
	/* And may come back, to the end of the line. */
	assert_int_equal(reserve(&second), ACTOR_E_FULL);
	assert_int_equal(send(&third, 5), 0);
	assert_int_equal(pop(), 5);
	assert_woken(1, 1, 1);
}

static void when_all_give_up_there_is_no_line(void **state)
{
	(void)state;
	actor__channel_withdraw(&channel, &third.waiter);
	actor__channel_withdraw(&channel, &first.waiter);
	actor__channel_withdraw(&channel, &second.waiter);
	assert_int_equal(pop(), 1);
	assert_woken(0, 0, 0);
	assert_int_equal(send(NULL, 6), 0);
	assert_int_equal(atomic_load(&channel.used), 2);
}

static void closing_wakes_the_whole_line(void **state)
{
	(void)state;
	assert_int_equal(pop(), 1); /* granted to the first */
	actor__channel_close(&channel);
	assert_woken(1, 1, 1);
	/* The grant still stands, but a push is refused. */
	assert_int_equal(reserve(&first), 0);
	assert_int_equal(push(3), ACTOR_E_CLOSED);
	assert_int_equal(reserve(&second), ACTOR_E_CLOSED);
	assert_null(second.waiter.line);
	actor__channel_release(&channel); /* the first's: granted on, in vain */
	actor__channel_withdraw(&channel, &third.waiter);
	assert_int_equal(pop(), 2);
	assert_int_equal(used(), 0);
}

static void closing_an_empty_channel_wakes_the_line(void **state)
{
	(void)state;
	assert_int_equal(pop(), 1);
	assert_int_equal(pop(), 2);
	assert_woken(1, 1, 0);
	assert_true(actor__channel_close_empty(&channel));
	assert_int_equal(third.n_woken, 1);
	assert_int_equal(reserve(&third), ACTOR_E_CLOSED);
}

/* ---- where two threads meet ---- */

static void first_leaves_third_takes_the_room_second_waits(void)
{
	actor__channel_withdraw(&channel, &first.waiter);
	assert_int_equal(reserve(&third), 0);
	assert_int_equal(reserve(&second), ACTOR_E_FULL);
}

/* Between giving room back and finding whom to grant it, the line has changed and the room is
 * gone. */
static void a_grant_needs_room(void **state)
{
	(void)state;
	actor__channel_withdraw(&channel, &second.waiter);
	actor__channel_withdraw(&channel, &third.waiter);
	before_lock = first_leaves_third_takes_the_room_second_waits;
	assert_int_equal(pop(), 1);
	assert_null(before_lock);
	assert_int_equal(used(), 2);
	assert_int_equal(second.n_woken, 0);
	/* The next one is the second's. */
	assert_int_equal(pop(), 2);
	assert_int_equal(second.n_woken, 1);
	assert_int_equal(used(), 2);
	assert_int_equal(push(3), 0); /* the third's */
}

static void everybody_leaves(void)
{
	actor__channel_withdraw(&channel, &first.waiter);
	actor__channel_withdraw(&channel, &second.waiter);
	actor__channel_withdraw(&channel, &third.waiter);
}

static void room_for_a_line_that_has_gone_stays_free(void **state)
{
	(void)state;
	before_lock = everybody_leaves;
	assert_int_equal(pop(), 1);
	assert_int_equal(atomic_load(&channel.used), 1);
	assert_woken(0, 0, 0);
	assert_int_equal(reserve(NULL), 0);
	assert_int_equal(push(3), 0);
}

static void room_appears(void)
{
	assert_int_equal(pop(), 1);
}

static void who_is_about_to_wait_finds_room(void **state)
{
	struct hopeful hopeful;

	(void)state;
	hopeful_init(&hopeful);
	assert_int_equal(send(NULL, 1), 0);
	assert_int_equal(send(NULL, 2), 0);
	before_lock = room_appears;
	assert_int_equal(send(&hopeful, 3), 0);
	assert_null(hopeful.waiter.line);
	assert_int_equal(pop(), 2);
	assert_int_equal(pop(), 3);
	assert_int_equal(atomic_load(&channel.used), 0);
}

static void close_it(void)
{
	actor__channel_close(&channel);
}

static void who_is_about_to_wait_finds_it_closed(void **state)
{
	struct hopeful hopeful;

	(void)state;
	hopeful_init(&hopeful);
	assert_int_equal(send(NULL, 1), 0);
	assert_int_equal(send(NULL, 2), 0);
	before_lock = close_it;
	assert_int_equal(send(&hopeful, 3), ACTOR_E_CLOSED);
	assert_null(hopeful.waiter.line);
	assert_int_equal(atomic_load(&channel.used), 2);
}

/* ---- many senders, one consumer that goes idle ---- */

enum { N_SENDERS = 5 };

struct crowd {
	struct actor__channel channel;
	size_t capacity;
	unsigned n_each;
	sem_t ready; /* the consumer is scheduled */
	atomic_int n_consuming;
	atomic_uint n_out_of_turn, n_out_of_order, n_over, n_stuck, n_accepted;
	unsigned last[N_SENDERS];
	unsigned n_handled;
};

static bool sem_wait_patiently(sem_t *semaphore)
{
	struct timespec until;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += 60;
	while (sem_timedwait(semaphore, &until) < 0)
		if (errno != EINTR)
			return false;
	return true;
}

struct patient {
	struct actor_waiter waiter;
	sem_t woken;
};

static void patient_wake(struct actor_waiter *waiter)
{
	sem_post(&ACTOR_CONTAINER_OF(waiter, struct patient, waiter)->woken);
}

static void check_bound(struct crowd *crowd)
{
	if (crowd->capacity != ACTOR_UNBOUNDED &&
	    (atomic_load(&crowd->channel.used) & ~IN_LINE) > crowd->capacity)
		atomic_fetch_add(&crowd->n_over, 1);
}

/* Room, by one of the ways to it: stubbornly, in line, or in line with a change of mind. */
static bool crowd_reserve(struct crowd *crowd, struct patient *patient, uint64_t random)
{
	while (random % 4 == 0) {
		if (actor__channel_reserve(&crowd->channel, NULL) == 0)
			return true;
		sched_yield();
	}
	while (actor__channel_reserve(&crowd->channel, &patient->waiter) != 0) {
		if (random % 4 == 1) {
			actor__channel_withdraw(&crowd->channel, &patient->waiter);
			sched_yield();
		} else if (!sem_wait_patiently(&patient->woken)) {
			actor__channel_withdraw(&crowd->channel, &patient->waiter);
			return false;
		}
	}
	return true;
}

static void crowd_send(struct crowd *crowd, unsigned sender)
{
	uint64_t random = sender + 1;
	struct patient patient;

	actor_waiter_init(&patient.waiter, patient_wake);
	sem_init(&patient.woken, 0, 0);
	for (unsigned i = 1; i <= crowd->n_each; i++) {
		if (!crowd_reserve(crowd, &patient, test_random(&random))) {
			atomic_fetch_add(&crowd->n_stuck, 1);
			break;
		}
		check_bound(crowd);
		if (actor__channel_push(&crowd->channel, letter_create(sender, i)) > 0)
			sem_post(&crowd->ready);
		atomic_fetch_add(&crowd->n_accepted, 1);
		if (test_random(&random) % 16 == 0 && actor__channel_nudge(&crowd->channel))
			sem_post(&crowd->ready);
	}
	sem_destroy(&patient.woken);
}

static void crowd_handle(struct crowd *crowd, struct actor__envelope *envelope)
{
	struct letter *letter = letter_in(envelope);

	if (letter->number != ++crowd->last[letter->sender])
		atomic_fetch_add(&crowd->n_out_of_order, 1);
	crowd->n_handled++;
	actor__envelope_free(actor__thread(), envelope);
}

/* A turn: until the channel is idle, or everything has been handled. True when it has. */
static bool crowd_turn(struct crowd *crowd)
{
	struct actor__envelope *envelope;
	bool done;

	do {
		if (atomic_fetch_add(&crowd->n_consuming, 1) != 0)
			atomic_fetch_add(&crowd->n_out_of_turn, 1);
		check_bound(crowd);
		while ((envelope = actor__channel_pop(&crowd->channel)))
			crowd_handle(crowd, envelope);
		done = crowd->n_handled == N_SENDERS * crowd->n_each;
		atomic_fetch_sub(&crowd->n_consuming, 1);
	} while (!done && !actor__channel_idle(&crowd->channel));
	return done;
}

/* One of two: the other may be called before the one has left. */
static void crowd_consume(struct crowd *crowd)
{
	for (;;) {
		if (!sem_wait_patiently(&crowd->ready)) {
			atomic_fetch_add(&crowd->n_stuck, 1);
			return;
		}
		if (crowd_turn(crowd)) {
			sem_post(&crowd->ready); /* for the other one, too */
			return;
		}
	}
}

static void crowd_member(void *user, unsigned index)
{
	struct crowd *crowd = user;

	if (index < N_SENDERS)
		crowd_send(crowd, index);
	else
		crowd_consume(crowd);
}

static void run_crowd(size_t capacity, unsigned n_each)
{
	struct crowd crowd = { .capacity = capacity, .n_each = n_each };

	actor__channel_init(&crowd.channel, capacity);
	sem_init(&crowd.ready, 0, actor__channel_idle(&crowd.channel) ? 0 : 1);
	crew_run(N_SENDERS + 2, crowd_member, &crowd);
	assert_int_equal(crowd.n_stuck, 0);
	assert_int_equal(crowd.n_out_of_turn, 0);
	assert_int_equal(crowd.n_out_of_order, 0);
	assert_int_equal(crowd.n_over, 0);
	assert_int_equal(crowd.n_accepted, N_SENDERS * n_each);
	assert_int_equal(crowd.n_handled, N_SENDERS * n_each);
	if (capacity != ACTOR_UNBOUNDED)
		assert_int_equal(atomic_load(&crowd.channel.used), 0);
	actor__channel_close(&crowd.channel);
	actor__channel_deinit(&crowd.channel);
	sem_destroy(&crowd.ready);
}

static void a_crowd_at_a_narrow_door(void **state)
{
	(void)state;
	for (size_t capacity = 1; capacity <= 3; capacity++)
		run_crowd(capacity, test_times(10000));
}

static void a_crowd_at_a_wide_door(void **state)
{
	(void)state;
	run_crowd(64, test_times(50000));
	run_crowd(ACTOR_UNBOUNDED, test_times(50000));
}

/* ---- the end, against everything else ---- */

struct closing {
	struct actor__channel channel;
	atomic_uint n_accepted, n_refused, n_stuck, n_hopeful;
};

/* Sends until it is refused; what waits must be told of the end. */
static void closing_send(struct closing *closing, unsigned sender)
{
	struct patient patient;
	int rc;

	actor_waiter_init(&patient.waiter, patient_wake);
	sem_init(&patient.woken, 0, 0);
	for (;;) {
		rc = actor__channel_reserve(&closing->channel, &patient.waiter);
		if (rc == 0) {
			struct actor__envelope *envelope = letter_create(sender, 0);

			rc = actor__channel_push(&closing->channel, envelope);
			if (rc < 0) {
				actor__envelope_free(actor__thread(), envelope);
				actor__channel_release(&closing->channel);
			} else {
				atomic_fetch_add(&closing->n_accepted, 1);
			}
		} else if (rc == ACTOR_E_FULL) {
			atomic_fetch_add(&closing->n_hopeful, 1);
			if (!sem_wait_patiently(&patient.woken)) {
				atomic_fetch_add(&closing->n_stuck, 1);
				actor__channel_withdraw(&closing->channel, &patient.waiter);
				rc = ACTOR_E_CLOSED;
			}
		}
		if (rc == ACTOR_E_CLOSED)
			break;
	}
	atomic_fetch_add(&closing->n_refused, 1);
	sem_destroy(&patient.woken);
}

static void closing_member(void *user, unsigned index)
{
	struct closing *closing = user;

	if (index < N_SENDERS) {
		closing_send(closing, index);
		return;
	}
	/* Somebody waits, or is about to. */
	while (atomic_load(&closing->n_hopeful) == 0)
		sched_yield();
	actor__channel_close(&closing->channel);
}

static void nobody_waits_at_a_closed_door(void **state)
{
	(void)state;
	for (unsigned i = 0; i < test_times(1000); i++) {
		struct closing closing = { .n_accepted = 0 };
		struct actor__envelope *left;
		unsigned n_left = 0;

		actor__channel_init(&closing.channel, 1 + i % 3);
		crew_run(N_SENDERS + 1, closing_member, &closing);
		assert_int_equal(closing.n_stuck, 0);
		assert_int_equal(closing.n_refused, N_SENDERS);
		left = actor__channel_take_all(&closing.channel);
		for (struct actor__envelope *at = left; at; at = at->next)
			n_left++;
		assert_int_equal(n_left, closing.n_accepted);
		actor__envelopes_discard(left);
		assert_int_equal(atomic_load(&closing.channel.used), 0);
		actor__channel_deinit(&closing.channel);
	}
}

#define UNBOUNDED_TEST(test) cmocka_unit_test_setup_teardown(test, open_unbounded, close_down)
#define BOUNDED_TEST(test) cmocka_unit_test_setup_teardown(test, open_for_two, close_down)
#define LINE_TEST(test) cmocka_unit_test_setup_teardown(test, fill_and_wait, empty_and_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNBOUNDED_TEST(busy_consumers_are_not_called),
		UNBOUNDED_TEST(the_first_push_calls_an_idle_consumer),
		UNBOUNDED_TEST(a_nudge_calls_an_idle_consumer_once),
		UNBOUNDED_TEST(a_nudge_keeps_a_busy_consumer_from_idling_once),
		UNBOUNDED_TEST(a_push_takes_the_place_of_a_nudge),
		UNBOUNDED_TEST(a_nudge_is_kept_behind_the_stash),
		UNBOUNDED_TEST(closed_is_for_good),
		UNBOUNDED_TEST(idle_and_nudged_channels_can_be_closed),
		UNBOUNDED_TEST(first_in_first_out_over_stash_and_head),
		UNBOUNDED_TEST(what_is_queued_outlives_the_closing_in_order),
		UNBOUNDED_TEST(discarded_messages_are_answered_dropped_and_counted),
		UNBOUNDED_TEST(messages_lie_where_they_may),
		UNBOUNDED_TEST(unbounded_channels_are_never_full),
		BOUNDED_TEST(capacity_is_exact),
		BOUNDED_TEST(room_that_was_not_used_is_given_back),
		BOUNDED_TEST(closing_refuses_with_or_without_room),
		LINE_TEST(room_is_granted_in_the_order_of_arrival),
		LINE_TEST(a_grant_cannot_be_stolen),
		LINE_TEST(nobody_overtakes_the_line),
		LINE_TEST(who_gives_up_without_a_grant_just_leaves),
		LINE_TEST(when_all_give_up_there_is_no_line),
		LINE_TEST(closing_wakes_the_whole_line),
		LINE_TEST(closing_an_empty_channel_wakes_the_line),
		LINE_TEST(a_grant_needs_room),
		LINE_TEST(room_for_a_line_that_has_gone_stays_free),
		BOUNDED_TEST(who_is_about_to_wait_finds_room),
		BOUNDED_TEST(who_is_about_to_wait_finds_it_closed),
		cmocka_unit_test_teardown(a_crowd_at_a_narrow_door, test_nothing_held),
		cmocka_unit_test_teardown(a_crowd_at_a_wide_door, test_nothing_held),
		cmocka_unit_test_teardown(nobody_waits_at_a_closed_door, test_nothing_held),
	};

	return cmocka_run_group_tests_name("channel", tests, NULL, NULL);
}
