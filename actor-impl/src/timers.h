/* SPDX-License-Identifier: MIT */
#ifndef ACTOR__TIMERS_H
#define ACTOR__TIMERS_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct actor__parker;

/**
 * struct actor__timer - a wake at a point in time; lives where it waits
 * @deadline_ns: when
 * @parker:      whom to wake
 * @child, @sibling, @previous: in the heap; @previous is NULL when not armed
 */
struct actor__timer {
	int64_t deadline_ns;
	struct actor__parker *parker;
	struct actor__timer *child;
	struct actor__timer *sibling;
	struct actor__timer **previous;
};

/** struct actor__timers - the armed timers of an executor */
struct actor__timers {
	pthread_mutex_t lock;
	struct actor__timer *root;
	_Atomic int64_t next_ns; /* the earliest deadline; ACTOR_FOREVER: none */
};

void actor__timers_init(struct actor__timers *timers);
void actor__timers_deinit(struct actor__timers *timers);

/** actor__timer_arm() - wake @timer's parker once its deadline has passed */
void actor__timer_arm(struct actor__timers *timers, struct actor__timer *timer);

/** actor__timer_disarm() - after this it will not fire; it may have */
void actor__timer_disarm(struct actor__timers *timers, struct actor__timer *timer);

/** actor__timers_next() - when something is to be fired: ACTOR_FOREVER for never */
int64_t actor__timers_next(const struct actor__timers *timers);

/** actor__timers_fire() - wake those whose deadline has passed */
void actor__timers_fire(struct actor__timers *timers, int64_t now_ns);

#endif
