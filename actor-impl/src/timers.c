/* SPDX-License-Identifier: MIT */

/*
 * Timers: a radix heap (Ahuja, Mehlhorn, Orlin, Tarjan: Faster algorithms for the shortest path
 * problem, 1990), which is what becomes of a hierarchical timing wheel (Varghese, Lauck: Hashed and
 * hierarchical timing wheels, 1987) whose ticks are nanoseconds and which turns only as far as it
 * has to.
 *
 * A deadline is a number of eleven digits of six bits. The last moment that was looked at is one,
 * too; it is not later than any deadline. A timer lies in the bucket of the highest digit in which
 * its deadline differs from that moment, and of the value it has there. So all in a lower level are
 * due before all in a higher one, in a level those in a lower slot before those in a higher one,
 * and in the lowest level all in a bucket at the same moment. When the first bucket of all has a
 * timer that is due, the earliest in it is the new last moment, and those in the bucket are spread
 * over lower levels. Nothing else moves: for all others the highest digit that differs is the same.
 *
 * Arming and disarming is linking and unlinking, however many there are; and most timers are the
 * deadlines of calls, which are disarmed before they get near. One that fires has moved a few times
 * before, at most once a level. Equal deadlines keep the order in which they were armed: each
 * bucket is a queue, it is spread in order, and a timer can be armed beside one with the same
 * deadline only where that one has moved to already.
 *
 * In a heap a timer costs the logarithm of how many there are, with a cache miss a step, when it is
 * removed from the middle (binary heap) or when others are removed after it (pairing heap, which
 * was here before: its worst removal takes as long as all insertions before). A heap for each
 * thread would have to look at all of them for what is next, and would lose the order.
 *
 * What is next is known with each bucket: the earliest deadline that was put there. When that one
 * is disarmed it is not looked for again, so that somebody may get up for nothing; the bucket is
 * then spread, and what is next is exact again.
 *
 * One lock, held for some instructions, or while a bucket is spread: some 50 ns for each timer in
 * it, which with a million in one bucket is a pause, but once in a bucket's time. Timers fire under
 * it: after a disarm nothing touches them any more. What takes more than a leaf runs without the
 * lock, but one at a time, on the one thread that fires, so that here, too, the order is that of
 * the deadlines; how such a timer survives until then is the business of its kind. As long as that
 * takes, nothing is next for the others, who might get up for it again and again, and could do
 * nothing: the one that fires sees to what is armed meanwhile, and then to how long it may sleep.
 */

#define _GNU_SOURCE /* util/lock.h */

#include "timers.h"

#include "util/lock.h"

#include <actor-iface/base.h>

/* Timers fired in a row: then whoever was woken has a turn, and the rest are still due. */
#define MOST_AT_A_TIME 256

void actor__timers_init(struct actor__timers *timers, int64_t now_ns)
{
	atomic_init(&timers->next_ns, ACTOR_FOREVER);
	actor__lock_init(&timers->lock);
	timers->last_ns = now_ns;
	timers->firing = false;
	timers->levels = 0;
	for (unsigned level = 0; level < ACTOR__TIMER_LEVELS; level++)
		timers->slots[level] = 0;
}

void actor__timers_deinit(struct actor__timers *timers)
{
	pthread_mutex_destroy(&timers->lock);
}

static struct actor__timer *timer_of(struct actor__timer_link *link)
{
	return ACTOR_CONTAINER_OF(link, struct actor__timer, link);
}

/* Relaxed: changes under the lock, but for a timer that runs. */
static void set_fired(struct actor__timer *timer, bool fired)
{
	atomic_store_explicit(&timer->fired, fired, memory_order_relaxed);
}

static bool is_armed(const struct actor__timer *timer)
{
	return timer->link.next;
}

/* What a timer is sorted by. */
static int64_t key_of(const struct actor__timers *timers, const struct actor__timer *timer)
{
	return timer->deadline_ns < timers->last_ns ? timers->last_ns : timer->deadline_ns;
}

static struct actor__timer_bucket *bucket_at(struct actor__timers *timers, unsigned level,
					     unsigned slot)
{
	return &timers->buckets[level * ACTOR__TIMER_SLOTS + slot];
}

/* The first bucket that is not empty, and its level; or NULL. */
static struct actor__timer_bucket *first_bucket(struct actor__timers *timers, unsigned *ret_level)
{
	unsigned level;

	if (timers->levels == 0)
		return NULL;
	level = (unsigned)__builtin_ctz(timers->levels);
	*ret_level = level;
	return bucket_at(timers, level, (unsigned)__builtin_ctzll(timers->slots[level]));
}

/* But while a thread fires there is none: see above. */
static void set_next(struct actor__timers *timers, int64_t next_ns)
{
	/* Relaxed: a hint to look, taken seriously only under the lock. */
	if (!timers->firing)
		atomic_store_explicit(&timers->next_ns, next_ns, memory_order_relaxed);
}

static void find_next(struct actor__timers *timers)
{
	unsigned level;
	struct actor__timer_bucket *first = first_bucket(timers, &level);

	set_next(timers, first ? first->earliest_ns : ACTOR_FOREVER);
}

static void mark_used(struct actor__timers *timers, unsigned level, unsigned slot)
{
	timers->levels |= 1u << level;
	timers->slots[level] |= (uint64_t)1 << slot;
}

static void mark_empty(struct actor__timers *timers, const struct actor__timer_bucket *bucket)
{
	size_t index = (size_t)(bucket - timers->buckets);
	unsigned level = (unsigned)(index / ACTOR__TIMER_SLOTS);

	timers->slots[level] &= ~((uint64_t)1 << index % ACTOR__TIMER_SLOTS);
	if (timers->slots[level] == 0)
		timers->levels &= ~(1u << level);
}

/* At the end of the bucket where it belongs. */
static void put(struct actor__timers *timers, struct actor__timer *timer)
{
	uint64_t key = (uint64_t)key_of(timers, timer), differs = key ^ (uint64_t)timers->last_ns;
	unsigned level = differs ? (63 - (unsigned)__builtin_clzll(differs)) / ACTOR__TIMER_DIGIT
				 : 0;
	unsigned slot = key >> level * ACTOR__TIMER_DIGIT & (ACTOR__TIMER_SLOTS - 1);
	struct actor__timer_bucket *bucket = bucket_at(timers, level, slot);
	struct actor__timer_link *end = &bucket->timers;

	if (!(timers->slots[level] >> slot & 1)) {
		end->next = end->previous = end;
		bucket->earliest_ns = (int64_t)key;
		mark_used(timers, level, slot);
	} else if ((int64_t)key < bucket->earliest_ns) {
		bucket->earliest_ns = (int64_t)key;
	}
	timer->link.next = end;
	timer->link.previous = end->previous;
	end->previous->next = &timer->link;
	end->previous = &timer->link;
}

static void take_out(struct actor__timers *timers, struct actor__timer *timer)
{
	struct actor__timer_link *next = timer->link.next, *previous = timer->link.previous;

	next->previous = previous;
	previous->next = next;
	timer->link.next = NULL;
	if (next == previous) { /* only the bucket is left in the circle */
		mark_empty(timers, ACTOR_CONTAINER_OF(next, struct actor__timer_bucket, timers));
		find_next(timers);
	}
}

int64_t actor__timers_first(struct actor__timers *timers)
{
	struct actor__timer_bucket *bucket;
	int64_t first_ns = ACTOR_FOREVER;
	unsigned level;

	pthread_mutex_lock(&timers->lock);
	bucket = first_bucket(timers, &level);
	if (bucket) {
		for (struct actor__timer_link *link = bucket->timers.next; link != &bucket->timers;
		     link = link->next)
			if (key_of(timers, timer_of(link)) < first_ns)
				first_ns = key_of(timers, timer_of(link));
		bucket->earliest_ns = first_ns;
		find_next(timers);
	}
	pthread_mutex_unlock(&timers->lock);
	return first_ns;
}

/* Those in the first bucket go to lower levels. */
static void spread(struct actor__timers *timers, struct actor__timer_bucket *bucket)
{
	struct actor__timer_link *link = bucket->timers.next, *end = &bucket->timers;

	timers->last_ns = bucket->earliest_ns;
	mark_empty(timers, bucket);
	while (link != end) {
		struct actor__timer_link *next = link->next;

		put(timers, timer_of(link));
		link = next;
	}
	find_next(timers);
}

/* The first of all, if it is due, off the heap; or NULL. */
static struct actor__timer *take_due(struct actor__timers *timers, int64_t now_ns)
{
	struct actor__timer_bucket *bucket;
	struct actor__timer *timer;
	unsigned level;

	while ((bucket = first_bucket(timers, &level)) && bucket->earliest_ns <= now_ns) {
		if (level > 0) {
			spread(timers, bucket);
			continue;
		}
		timer = timer_of(bucket->timers.next);
		take_out(timers, timer);
		if (timer->kind->run)
			set_fired(timer, true);
		return timer;
	}
	return NULL;
}

/* As it was before: whether it was to fire, or to run. */
static bool reset(struct actor__timers *timers, struct actor__timer *timer)
{
	bool was_to_run = atomic_load_explicit(&timer->fired, memory_order_relaxed);

	if (was_to_run)
		set_fired(timer, false);
	if (!is_armed(timer))
		return was_to_run;
	take_out(timers, timer);
	return true;
}

bool actor__timer_arm(struct actor__timers *timers, struct actor__timer *timer, int64_t deadline_ns)
{
	int64_t key;
	bool is_next;

	pthread_mutex_lock(&timers->lock);
	reset(timers, timer);
	timer->deadline_ns = deadline_ns;
	put(timers, timer);
	key = key_of(timers, timer);
	is_next = !timers->firing && key < actor__timers_next(timers);
	if (is_next)
		set_next(timers, key);
	pthread_mutex_unlock(&timers->lock);
	return is_next;
}

bool actor__timer_disarm(struct actor__timers *timers, struct actor__timer *timer)
{
	bool was_armed;

	pthread_mutex_lock(&timers->lock);
	was_armed = reset(timers, timer);
	pthread_mutex_unlock(&timers->lock);
	return was_armed;
}

int64_t actor__timers_next(const struct actor__timers *timers)
{
	return atomic_load_explicit(&timers->next_ns, memory_order_relaxed);
}

void actor__timers_fire(struct actor__timers *timers, int64_t now_ns)
{
	struct actor__timer *timer;
	unsigned n_fired = 0;

	pthread_mutex_lock(&timers->lock);
	if (timers->firing) {
		pthread_mutex_unlock(&timers->lock);
		return;
	}
	set_next(timers, ACTOR_FOREVER);
	timers->firing = true;
	while (n_fired++ < MOST_AT_A_TIME && (timer = take_due(timers, now_ns))) {
		const struct actor__timer_kind *kind = timer->kind;

		kind->fire(timer);
		if (kind->run) {
			pthread_mutex_unlock(&timers->lock);
			kind->run(timer, now_ns);
			pthread_mutex_lock(&timers->lock);
		}
	}
	timers->firing = false;
	find_next(timers);
	pthread_mutex_unlock(&timers->lock);
}
