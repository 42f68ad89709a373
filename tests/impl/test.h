/* SPDX-License-Identifier: MIT */
#ifndef TESTS_IMPL_TEST_H
#define TESTS_IMPL_TEST_H

/**
 * DOC: what the tests of the implementation's modules have in common
 *
 * Threads and handlers never assert: they count in a tally or keep what they saw, and the test's
 * own thread waits for that, with a deadline, and asserts.
 */

#include "util/sanitizers.h"

#include <actor-impl/actor-impl.h>
#include <pthread.h>
#include <stdatomic.h>

/* cmocka last, with what it needs: its macro fail() would replace the operation of that name. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define N_ELEMENTS(array) (sizeof(array) / sizeof(array)[0])

/** test_deadline() - absolute: a test that still waits then has failed. Thread: any */
int64_t test_deadline(void);

/** test_on_valgrind() - whether this runs under valgrind, one thread at a time. Thread: any */
bool test_on_valgrind(void);

/** test_times() - @n, or fewer under what makes everything slow: sanitizers, valgrind, no
 * optimisation. Thread: any */
unsigned test_times(unsigned n);

/** test_random() - the next number of a sequence that a @state other than 0 begins. Thread: any */
uint64_t test_random(uint64_t *state);

/** test_nothing_held() - as a teardown: everything that is counted has been given back */
int test_nothing_held(void **state);

/** test_thread_time_ns() - processor time that the calling thread has used. Thread: any */
int64_t test_thread_time_ns(void);

/** struct tally - a count to wait for */
struct tally {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	uint64_t count;
};

#define TALLY_INIT                                                                                 \
	{                                                                                          \
		PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, 0                             \
	}

/** tally_add() - count @n more. Thread: any */
void tally_add(struct tally *tally, uint64_t n);

/** tally_wait() - block until there are @n; false when that takes too long. Thread: any */
bool tally_wait(struct tally *tally, uint64_t n);

/** tally_count() - how many there are. Thread: any */
uint64_t tally_count(struct tally *tally);

/** typedef crew_fn - what each thread of a crew does; @index counts from 0 */
typedef void crew_fn(void *user, unsigned index);

/** crew_run() - run a function on @n threads at once, and wait for them */
void crew_run(unsigned n, crew_fn *function, void *user);

#endif
