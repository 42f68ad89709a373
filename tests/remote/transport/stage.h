/* SPDX-License-Identifier: MIT */
#ifndef TRANSPORT_STAGE_H
#define TRANSPORT_STAGE_H

#include "side.h"
#include "suite.h"

/* cmocka last, with what it needs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/** stage_subject - what is tested */
extern const struct transport_subject *stage_subject;

/** stage_a, stage_b - the two ends of the connection of a test */
extern struct side *stage_a, *stage_b;

/** stage_warm_up() - before all tests */
int stage_warm_up(void **state);

/** stage_setup(), stage_teardown() - an instance and a connection whose ends are not started; all
 * is given back */
int stage_setup(void **state);
int stage_teardown(void **state);

/** stage_start() - start both ends */
void stage_start(void);

/** stage_connect() - another connection in the place of the one there is, not started either */
void stage_connect(void);

/** stage_times() - @n, or fewer under what makes everything slow */
unsigned stage_times(unsigned n);

/** stage_end() - close what is open in order, and see that all is told at both ends: @n_a bytes
 * from @stage_a have arrived, @n_b from @stage_b */
void stage_end(uint64_t n_a, uint64_t n_b);

/** stage_check() - nothing was told that should not have been */
void stage_check(void);

#define STAGE_TEST(name) cmocka_unit_test_setup_teardown(name, stage_setup, stage_teardown)

/* The tests. */
extern const struct CMUnitTest stream_tests[], end_tests[], destroy_tests[];
extern const size_t n_stream_tests, n_end_tests, n_destroy_tests;

#endif
