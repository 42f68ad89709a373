/* SPDX-License-Identifier: MIT */
#ifndef ACTOR__TIMERS_H
#define ACTOR__TIMERS_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct actor__timer;

/** struct actor__timer_link - in a bucket; @next is NULL when not armed */
struct actor__timer_link {
	struct actor__timer_link *next;
	struct actor__timer_link *previous;
};

/**
 * struct actor__timer_kind - what becomes of timers that are due
 * @fire: with the lock of the timers held, so a leaf: it only schedules
 * @run:  NULL, or what is done after that without the lock, one timer at a time; @timer must still
 *        be there, and may be armed again
 */
struct actor__timer_kind {
	void (*fire)(struct actor__timer *timer);
	void (*run)(struct actor__timer *timer, int64_t now_ns);
};

/**
 * struct actor__timer - something to be done at a point in time; lies where it is wanted
 * @link:        zeroed at first; under the lock
 * @deadline_ns: as armed; changes under the lock
 * @kind:        its maker's
 * @fired:       of a kind that runs: its time has come, and it has not been armed or disarmed
 * since; to be looked at and cleared when it runs
 */
struct actor__timer {
	struct actor__timer_link link;
	int64_t deadline_ns;
	const struct actor__timer_kind *kind;
	atomic_bool fired;
};

/** struct actor__timer_bucket - timers whose deadlines begin with the same digits */
struct actor__timer_bucket {
	struct actor__timer_link timers; /* in a circle */
	int64_t earliest_ns;		 /* none is earlier */
};

#define ACTOR__TIMER_DIGIT 6 /* bits */
#define ACTOR__TIMER_SLOTS (1u << ACTOR__TIMER_DIGIT)
#define ACTOR__TIMER_LEVELS (63 / ACTOR__TIMER_DIGIT + 1)

/**
 * struct actor__timers - the armed timers of an executor: see timers.c
 * @next_ns: no timer is due earlier; ACTOR_FOREVER: there is none, or a thread fires, which will
 *           look again. Changes under the lock
 *
 * Under the lock:
 * @last_ns: the deadline that was looked at last: a moment that has passed
 * @firing:  a thread fires
 * @levels:  one bit for each that has a timer
 * @slots:   the same for the buckets of each level
 * @buckets: by the first digit that differs from @last_ns, counted from the lowest, and what it is
 */
struct actor__timers {
	_Atomic int64_t next_ns;
	pthread_mutex_t lock;
	int64_t last_ns;
	bool firing;
	uint32_t levels;
	uint64_t slots[ACTOR__TIMER_LEVELS];
	struct actor__timer_bucket buckets[ACTOR__TIMER_LEVELS * ACTOR__TIMER_SLOTS];
};

/** actor__timers_init() - none; @now_ns is not negative, and time does not go back from there */
void actor__timers_init(struct actor__timers *timers, int64_t now_ns);
void actor__timers_deinit(struct actor__timers *timers);

/** actor__timer_arm() - have it fire once a deadline has passed, and not at an earlier one: whether
 * it is the next now, so that who sleeps until the next one has to be told (while a thread fires,
 * nobody has) */
bool actor__timer_arm(struct actor__timers *timers, struct actor__timer *timer,
		      int64_t deadline_ns);

/** actor__timer_disarm() - after this it will not fire; it may have, and be about to run: whether
 * it was armed, or is */
bool actor__timer_disarm(struct actor__timers *timers, struct actor__timer *timer);

/** actor__timers_next() - when something is to be fired: ACTOR_FOREVER for never. The deadline of
 * the earliest, or, after the earliest was disarmed, a time before that. While a thread fires,
 * ACTOR_FOREVER: whoever has fired asks before it sleeps */
int64_t actor__timers_next(const struct actor__timers *timers);

/** actor__timers_first() - the same, exactly, whatever has been disarmed; looks at those that are
 * due about as soon */
int64_t actor__timers_first(struct actor__timers *timers);

/** actor__timers_fire() - those whose deadline has passed, or the first of very many, unless
 * another thread is at it: the earliest first, and of equal ones the one armed first. What is armed
 * late counts as due when the last one was */
void actor__timers_fire(struct actor__timers *timers, int64_t now_ns);

#endif
