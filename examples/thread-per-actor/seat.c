/* SPDX-License-Identifier: MIT */

/*
 * A seat is where one thread sleeps until somebody wakes it: an actor's thread, idle or waiting in
 * a handler, or a plain thread.
 *
 * No wake-up is lost: a wake puts up a sign, which only the end of a wait takes down, so one that
 * comes before the wait ends it at once. Whoever sleeps has a sign for what it sleeps for, looks at
 * that before each wait, and therefore needs to be told no more than "something may have changed".
 *
 * Waking takes the seat's lock and nothing else, and nothing is called while it is held. That makes
 * it a leaf, which may be called with any mailbox's lock held, also one of another implementation:
 * this is why the seat's lock is not the mailbox's, which *is* held while others are woken.
 *
 * A seat is shared by the one who sleeps in it and the replies that it has opened: whoever delivers
 * an answer can still wake it, however late.
 */

#include "tpa.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>

#define NS_PER_S 1000000000

int64_t tpa_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * NS_PER_S + now.tv_nsec;
}

int tpa_condition_init(pthread_cond_t *condition)
{
	pthread_condattr_t attributes;
	int failed = pthread_condattr_init(&attributes);

	if (!failed) {
		failed = pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC) ||
			 pthread_cond_init(condition, &attributes);
		pthread_condattr_destroy(&attributes);
	}
	return failed ? ACTOR_E_NOMEM : 0;
}

int tpa_condition_wait(pthread_cond_t *condition, pthread_mutex_t *lock, int64_t deadline_ns)
{
	int64_t at = deadline_ns > 0 ? deadline_ns : 0;
	struct timespec until = { .tv_sec = at / NS_PER_S, .tv_nsec = at % NS_PER_S };

	if (deadline_ns == ACTOR_FOREVER)
		return pthread_cond_wait(condition, lock), 0;
	return pthread_cond_timedwait(condition, lock, &until) == ETIMEDOUT ? ACTOR_E_TIMEOUT : 0;
}

struct tpa_seat *tpa_seat_create(void)
{
	struct tpa_seat *seat = calloc(1, sizeof *seat);

	if (!seat)
		return NULL;
	if (pthread_mutex_init(&seat->lock, NULL))
		goto no_lock;
	if (tpa_condition_init(&seat->changed) < 0)
		goto no_condition;
	seat->owners = 1;
	return seat;

no_condition:
	pthread_mutex_destroy(&seat->lock);
no_lock:
	free(seat);
	return NULL;
}

void tpa_seat_ref(struct tpa_seat *seat)
{
	pthread_mutex_lock(&seat->lock);
	seat->owners++;
	pthread_mutex_unlock(&seat->lock);
}

void tpa_seat_unref(struct tpa_seat *seat)
{
	bool last;

	pthread_mutex_lock(&seat->lock);
	last = --seat->owners == 0;
	pthread_mutex_unlock(&seat->lock);
	if (!last)
		return;
	pthread_cond_destroy(&seat->changed);
	pthread_mutex_destroy(&seat->lock);
	free(seat);
}

void tpa_seat_wake(struct tpa_seat *seat, bool *sign)
{
	pthread_mutex_lock(&seat->lock);
	*sign = true;
	pthread_cond_signal(&seat->changed);
	pthread_mutex_unlock(&seat->lock);
}

void tpa_seat_cancel(struct tpa_seat *seat)
{
	pthread_mutex_lock(&seat->lock);
	seat->cancelled = true;
	pthread_cond_signal(&seat->changed);
	pthread_mutex_unlock(&seat->lock);
}

int tpa_seat_wait(struct tpa_seat *seat, bool *sign, int64_t deadline_ns)
{
	int rc = 0;

	pthread_mutex_lock(&seat->lock);
	while (!*sign && !seat->cancelled && rc == 0)
		rc = tpa_condition_wait(&seat->changed, &seat->lock, deadline_ns);
	if (*sign)
		rc = 0;
	else if (seat->cancelled)
		rc = ACTOR_E_CANCELLED;
	*sign = false;
	pthread_mutex_unlock(&seat->lock);
	return rc;
}
