/* SPDX-License-Identifier: MIT */

/*
 * Channels, as far as room goes: how much there is, and the line of those who wait for it, also
 * where two threads meet in the narrowest places; and many senders at once.
 *
 * Where the interleaving matters, the test does what another thread would do just before the
 * channel takes its latch.
 */

#include "channel-fixture.h"

#include <errno.h>
#include <sched.h>
#include <semaphore.h>
#include <time.h>

/* ---- what happens before a latch is taken ---- */

static _Thread_local void (*before_latch)(void);

void actor__step_latch(void)
{
	void (*meanwhile)(void) = before_latch;

	before_latch = NULL;
	if (meanwhile)
		meanwhile();
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

/* As address.c does: into room that is there, or that can be waited for. */
static int post(struct actor__channel *to, struct actor__envelope *envelope,
		struct actor_waiter *waiter)
{
	int rc = ACTOR_E_FULL;

	if (!(waiter && waiter->line))
		rc = actor__channel_push(to, envelope, false);
	if (rc != ACTOR_E_FULL)
		return rc;
	rc = actor__channel_reserve(to, waiter);
	if (rc < 0)
		return rc;
	rc = actor__channel_push(to, envelope, true);
	if (rc < 0)
		actor__channel_release(to);
	return rc;
}

static int send(struct hopeful *hopeful, unsigned number)
{
	struct actor__envelope *envelope = letter_create(0, number);
	int rc = post(&channel, envelope, hopeful ? &hopeful->waiter : NULL);

	if (rc < 0)
		actor__envelope_free(actor__thread(), envelope);
	return rc;
}

static size_t used(void)
{
	return actor__channel_used(&channel);
}

static bool anybody_in_line(void)
{
	return atomic_load(&channel.head) & ACTOR__IN_LINE;
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

static int push_beyond(unsigned number)
{
	struct actor__envelope *envelope = letter_create(0, number);
	int rc = actor__channel_push_beyond(&channel, envelope);

	if (rc < 0)
		actor__envelope_free(actor__thread(), envelope);
	return rc;
}

static void what_needs_no_room_takes_none_from_those_in_line(void **state)
{
	struct hopeful hopeful;

	(void)state;
	hopeful_init(&hopeful);
	assert_true(actor__channel_idle(&channel));
	assert_int_equal(push_beyond(1), 1);
	assert_int_equal(push_beyond(2), 0);
	assert_int_equal(push_beyond(3), 0);
	assert_int_equal(used(), 3);
	assert_int_equal(send(&hopeful, 4), ACTOR_E_FULL);
	assert_int_equal(push_beyond(5), 0);
	assert_true(anybody_in_line());
	assert_int_equal(pop(), 1);
	assert_int_equal(pop(), 2);
	assert_int_equal(hopeful.n_woken, 0); /* there are two */
	assert_int_equal(pop(), 3);
	assert_int_equal(hopeful.n_woken, 1);
	assert_int_equal(send(&hopeful, 4), 0);
	assert_int_equal(pop(), 5);
	assert_int_equal(pop(), 4);
	actor__channel_close(&channel);
	assert_int_equal(push_beyond(6), ACTOR_E_CLOSED);
}

/* But for the one that was in hand, and comes back. */
static void what_cannot_be_counted_is_refused(void **state)
{
	uint64_t most = ACTOR__CHANNEL_MOST * ACTOR__ONE;
	struct actor__envelope *in_hand;

	(void)state;
	atomic_store(&channel.head, most | ACTOR__IN_LINE);
	assert_int_equal(push_beyond(1), ACTOR_E_FULL);
	atomic_store(&channel.head, most - ACTOR__ONE);
	assert_int_equal(push_beyond(1), 0);
	assert_int_equal(push_beyond(2), ACTOR_E_FULL);
	in_hand = actor__channel_pop(&channel);
	assert_int_equal(push_beyond(2), 0);
	actor__channel_put_back(&channel, in_hand);
	assert_int_equal(used(), ACTOR__CHANNEL_MOST + 1);
	assert_false(anybody_in_line());
	assert_int_equal(push_beyond(3), ACTOR_E_FULL);
	assert_int_equal(pop(), 1);
	assert_int_equal(pop(), 2);
	atomic_store(&channel.head, ACTOR__EMPTY);
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
	struct hopeful hopeful;

	(void)state;
	hopeful_init(&hopeful);
	assert_int_equal(reserve(&hopeful), 0);
	assert_int_equal(reserve(&hopeful), 0);
	assert_int_equal(push(1), ACTOR_E_FULL);
	assert_int_equal(reserve(NULL), ACTOR_E_FULL);
	actor__channel_release(&channel);
	assert_int_equal(push(1), 0);
	assert_int_equal(push(2), ACTOR_E_FULL);
	actor__channel_release(&channel);
	assert_int_equal(pop(), 1);
	assert_int_equal(used(), 0);
	assert_null(hopeful.waiter.line);
}

static void closing_refuses_with_or_without_room(void **state)
{
	struct hopeful late;

	(void)state;
	hopeful_init(&late);
	assert_int_equal(reserve(&late), 0);
	actor__channel_close(&channel);
	/* Room can be had, but a push is refused: the sender gives the room back. */
	assert_int_equal(push_reserved(1), ACTOR_E_CLOSED);
	assert_int_equal(reserve(&late), 0);
	assert_int_equal(push_reserved(1), ACTOR_E_CLOSED);
	assert_int_equal(push(1), ACTOR_E_CLOSED);
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
	before_latch = NULL;
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
	assert_int_equal(push(6), ACTOR_E_FULL);
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
	assert_int_equal(send(NULL, 7), ACTOR_E_FULL);
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
	assert_int_equal(used(), 2);
	assert_false(anybody_in_line());
}

static void closing_wakes_the_whole_line(void **state)
{
	(void)state;
	assert_int_equal(pop(), 1); /* granted to the first */
	actor__channel_close(&channel);
	assert_woken(1, 1, 1);
	/* The grant still stands, but a push is refused. */
	assert_int_equal(reserve(&first), 0);
	assert_int_equal(push_reserved(3), ACTOR_E_CLOSED);
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

/* The consumer comes and goes while room is granted and somebody waits: in the same word. */
static void grants_and_line_survive_idling(void **state)
{
	(void)state;
	assert_int_equal(pop(), 1);
	assert_int_equal(pop(), 2);
	assert_true(actor__channel_idle(&channel));
	assert_int_equal(used(), 2);
	assert_true(anybody_in_line());
	assert_int_equal(push(6), ACTOR_E_FULL);
	assert_true(actor__channel_nudge(&channel));
	assert_true(actor__channel_idle(&channel));
	assert_int_equal(used(), 2);
	assert_true(anybody_in_line());
	assert_int_equal(send(&first, 3), 1); /* the consumer is called */
	assert_false(actor__channel_nudge(&channel));
	assert_int_equal(send(&second, 4), 0);
	assert_woken(1, 1, 0);
	assert_int_equal(pop(), 3);
	assert_woken(1, 1, 1);
	assert_false(anybody_in_line());
	assert_false(actor__channel_nudge(&channel));
	assert_int_equal(pop(), 4);
	assert_int_equal(pop(), 0);
	assert_int_equal(used(), 1);
	assert_false(actor__channel_idle(&channel)); /* nudged */
	assert_true(actor__channel_idle(&channel));
	assert_int_equal(send(&third, 5), 1);
	assert_int_equal(pop(), 5);
	assert_int_equal(used(), 0);
}

/* As many places are used as can be counted: nothing runs over into the rest of the word. */
static void the_largest_bound_is_exact(void **state)
{
	struct hopeful hopeful;

	(void)state;
	hopeful_init(&hopeful);
	assert_true(actor__channel_idle(&channel));
	atomic_fetch_add(&channel.head, (ACTOR__CHANNEL_MOST - 1) * ACTOR__ONE);
	assert_int_equal(push(1), 1);
	assert_int_equal(used(), ACTOR__CHANNEL_MOST);
	assert_int_equal(push(2), ACTOR_E_FULL);
	assert_int_equal(send(&hopeful, 2), ACTOR_E_FULL);
	assert_int_equal(used(), ACTOR__CHANNEL_MOST);
	assert_int_equal(pop(), 1);
	assert_int_equal(hopeful.n_woken, 1);
	assert_int_equal(send(&hopeful, 2), 0);
	assert_int_equal(push(3), ACTOR_E_FULL);
	assert_int_equal(pop(), 2);
	assert_int_equal(used(), ACTOR__CHANNEL_MOST - 1);
	atomic_fetch_sub(&channel.head, (ACTOR__CHANNEL_MOST - 1) * ACTOR__ONE);
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
	before_latch = first_leaves_third_takes_the_room_second_waits;
	assert_int_equal(pop(), 1);
	assert_null(before_latch);
	assert_int_equal(used(), 2);
	assert_int_equal(second.n_woken, 0);
	/* The next one is the second's. */
	assert_int_equal(pop(), 2);
	assert_int_equal(second.n_woken, 1);
	assert_int_equal(used(), 2);
	assert_int_equal(push_reserved(3), 0); /* the third's */
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
	before_latch = everybody_leaves;
	assert_int_equal(pop(), 1);
	assert_int_equal(used(), 1);
	assert_false(anybody_in_line());
	assert_woken(0, 0, 0);
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
	before_latch = room_appears;
	assert_int_equal(send(&hopeful, 3), 0);
	assert_null(hopeful.waiter.line);
	assert_int_equal(pop(), 2);
	assert_int_equal(pop(), 3);
	assert_int_equal(used(), 0);
	assert_false(anybody_in_line());
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
	before_latch = close_it;
	assert_int_equal(send(&hopeful, 3), ACTOR_E_CLOSED);
	assert_null(hopeful.waiter.line);
	assert_int_equal(used(), 2);
	assert_false(anybody_in_line());
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
	    actor__channel_used(&crowd->channel) > crowd->capacity)
		atomic_fetch_add(&crowd->n_over, 1);
}

/* By one of the ways to room: stubbornly, in line, or in line with a change of mind. Returns what
 * the push said; ACTOR_E_FULL when it has taken too long. */
static int crowd_post(struct crowd *crowd, struct patient *patient,
		      struct actor__envelope *envelope, uint64_t random)
{
	struct actor_waiter *waiter = random % 4 == 0 ? NULL : &patient->waiter;
	bool in_time = true;
	int rc;

	while ((rc = post(&crowd->channel, envelope, waiter)) == ACTOR_E_FULL && in_time) {
		if (random % 4 == 1) /* at once, or all who do this would pass a grant round */
			actor__channel_withdraw(&crowd->channel, waiter);
		if (random % 4 > 1)
			in_time = sem_wait_patiently(&patient->woken);
		else
			sched_yield();
	}
	if (!in_time)
		actor__channel_withdraw(&crowd->channel, waiter);
	return rc;
}

static void crowd_send(struct crowd *crowd, unsigned sender)
{
	uint64_t random = sender + 1;
	struct patient patient;

	actor_waiter_init(&patient.waiter, patient_wake);
	sem_init(&patient.woken, 0, 0);
	for (unsigned i = 1; i <= crowd->n_each; i++) {
		struct actor__envelope *envelope = letter_create(sender, i);
		int rc = crowd_post(crowd, &patient, envelope, test_random(&random));

		if (rc < 0) {
			actor__envelope_free(actor__thread(), envelope);
			atomic_fetch_add(&crowd->n_stuck, 1);
			break;
		}
		check_bound(crowd);
		if (rc > 0)
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
		assert_int_equal(atomic_load(&crowd.channel.head) & ~ACTOR__WHERE, 0);
	actor__channel_close(&crowd.channel);
	assert_null(crowd.channel.stash);
	assert_null(crowd.channel.first);
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
	struct actor__envelope *envelope = letter_create(sender, 0);
	struct patient patient;
	int rc;

	actor_waiter_init(&patient.waiter, patient_wake);
	sem_init(&patient.woken, 0, 0);
	while ((rc = post(&closing->channel, envelope, &patient.waiter)) != ACTOR_E_CLOSED) {
		if (rc >= 0) {
			atomic_fetch_add(&closing->n_accepted, 1);
			envelope = letter_create(sender, 0);
			continue;
		}
		atomic_fetch_add(&closing->n_hopeful, 1);
		if (!sem_wait_patiently(&patient.woken)) {
			atomic_fetch_add(&closing->n_stuck, 1);
			actor__channel_withdraw(&closing->channel, &patient.waiter);
			break;
		}
	}
	actor__envelope_free(actor__thread(), envelope);
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
		actor__envelopes_discard(left, NULL);
		assert_int_equal(atomic_load(&closing.channel.head) & ~ACTOR__WHERE, 0);
		assert_null(closing.channel.stash);
		assert_null(closing.channel.first);
	}
}

#define UNBOUNDED_TEST(test) cmocka_unit_test_setup_teardown(test, open_unbounded, close_down)
#define MOST_TEST(test) cmocka_unit_test_setup_teardown(test, open_for_most, close_down)
#define BOUNDED_TEST(test) cmocka_unit_test_setup_teardown(test, open_for_two, close_down)
#define LINE_TEST(test) cmocka_unit_test_setup_teardown(test, fill_and_wait, empty_and_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNBOUNDED_TEST(unbounded_channels_are_never_full),
		BOUNDED_TEST(capacity_is_exact),
		BOUNDED_TEST(what_needs_no_room_takes_none_from_those_in_line),
		MOST_TEST(what_cannot_be_counted_is_refused),
		BOUNDED_TEST(room_that_was_not_used_is_given_back),
		BOUNDED_TEST(closing_refuses_with_or_without_room),
		LINE_TEST(room_is_granted_in_the_order_of_arrival),
		LINE_TEST(a_grant_cannot_be_stolen),
		LINE_TEST(nobody_overtakes_the_line),
		LINE_TEST(who_gives_up_without_a_grant_just_leaves),
		LINE_TEST(when_all_give_up_there_is_no_line),
		LINE_TEST(closing_wakes_the_whole_line),
		LINE_TEST(closing_an_empty_channel_wakes_the_line),
		LINE_TEST(grants_and_line_survive_idling),
		MOST_TEST(the_largest_bound_is_exact),
		LINE_TEST(a_grant_needs_room),
		LINE_TEST(room_for_a_line_that_has_gone_stays_free),
		BOUNDED_TEST(who_is_about_to_wait_finds_room),
		BOUNDED_TEST(who_is_about_to_wait_finds_it_closed),
		cmocka_unit_test_teardown(a_crowd_at_a_narrow_door, test_nothing_held),
		cmocka_unit_test_teardown(a_crowd_at_a_wide_door, test_nothing_held),
		cmocka_unit_test_teardown(nobody_waits_at_a_closed_door, test_nothing_held),
	};

	return cmocka_run_group_tests_name("channel-room", tests, NULL, NULL);
}
