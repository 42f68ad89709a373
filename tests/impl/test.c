/* SPDX-License-Identifier: MIT */

#include "test.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>
#if ACTOR__VALGRIND
#include <valgrind/valgrind.h>
#endif

enum { PATIENCE_S = 60, MOST_CREW = 64 };

/* What the library calls where a test may want to come in between; see util/step.h. */
__attribute__((weak)) void actor__step_switch(void)
{
}

__attribute__((weak)) void actor__step_left(void)
{
}

__attribute__((weak)) void actor__step_latch(void)
{
}

__attribute__((weak)) void actor__step_slot(void)
{
}

__attribute__((weak)) void actor__step_watch(void)
{
}

__attribute__((weak)) void actor__step_tick(void)
{
}

__attribute__((weak)) void actor__step_look(void)
{
}

__attribute__((weak)) void actor__step_paid(void)
{
}

int64_t test_deadline(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return ((int64_t)now.tv_sec + PATIENCE_S) * 1000000000 + now.tv_nsec;
}

int64_t test_thread_time_ns(void)
{
	struct timespec used;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
	return (int64_t)used.tv_sec * 1000000000 + used.tv_nsec;
}

bool test_on_valgrind(void)
{
#if ACTOR__VALGRIND
	return RUNNING_ON_VALGRIND != 0;
#else
	return false;
#endif
}

#ifdef __OPTIMIZE__
#define OPTIMISED true
#else
#define OPTIMISED false
#endif

unsigned test_times(unsigned n)
{
	unsigned fewer = n;

	if (test_on_valgrind())
		fewer = n / 20;
	else if (ACTOR__TSAN)
		fewer = n / 10;
	else if (ACTOR__ASAN || !OPTIMISED)
		fewer = n / 4;
	return fewer > 0 ? fewer : 1;
}

/* Marsaglia's xorshift64. */
uint64_t test_random(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

int test_nothing_held(void **state)
{
	struct actor_counts counts;

	(void)state;
	actor_counts_get(&counts);
	if (!counts.mailboxes && !counts.envelopes && !counts.replies && !counts.suspended)
		return 0;
	print_error("held: %lld mailboxes, %lld envelopes, %lld replies, %lld suspended\n",
		    (long long)counts.mailboxes, (long long)counts.envelopes,
		    (long long)counts.replies, (long long)counts.suspended);
	return -1;
}

void tally_add(struct tally *tally, uint64_t n)
{
	pthread_mutex_lock(&tally->lock);
	tally->count += n;
	pthread_cond_broadcast(&tally->changed);
	pthread_mutex_unlock(&tally->lock);
}

bool tally_wait(struct tally *tally, uint64_t n)
{
	struct timespec until;
	bool reached;
	int rc = 0;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += PATIENCE_S;
	pthread_mutex_lock(&tally->lock);
	while (tally->count < n && rc != ETIMEDOUT)
		rc = pthread_cond_timedwait(&tally->changed, &tally->lock, &until);
	reached = tally->count >= n;
	pthread_mutex_unlock(&tally->lock);
	return reached;
}

uint64_t tally_count(struct tally *tally)
{
	uint64_t count;

	pthread_mutex_lock(&tally->lock);
	count = tally->count;
	pthread_mutex_unlock(&tally->lock);
	return count;
}

struct crew_member {
	pthread_t thread;
	pthread_barrier_t *start;
	crew_fn *function;
	void *user;
	unsigned index;
};

static void *crew_main(void *argument)
{
	struct crew_member *member = argument;

	pthread_barrier_wait(member->start);
	member->function(member->user, member->index);
	return NULL;
}

void crew_run(unsigned n, crew_fn *function, void *user)
{
	struct crew_member members[MOST_CREW];
	pthread_barrier_t start;

	assert_true(n <= MOST_CREW);
	pthread_barrier_init(&start, NULL, n);
	for (unsigned i = 0; i < n; i++) {
		members[i] = (struct crew_member){
			.start = &start, .function = function, .user = user, .index = i
		};
		/* Without its thread the others would wait for it for ever. */
		if (pthread_create(&members[i].thread, NULL, crew_main, &members[i]) != 0)
			abort();
	}
	for (unsigned i = 0; i < n; i++)
		pthread_join(members[i].thread, NULL);
	pthread_barrier_destroy(&start);
}
