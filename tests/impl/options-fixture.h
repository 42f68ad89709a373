/* SPDX-License-Identifier: MIT */
#ifndef TESTS_IMPL_OPTIONS_FIXTURE_H
#define TESTS_IMPL_OPTIONS_FIXTURE_H

#include "test.h"

/** DOC: options begin with their size: of a program that knows fewer of them no more is read, and
 * one that has forgotten the size is told */

/** typedef take_options_fn - make something with @options, and give it back: 0, or why there is
 * nothing */
typedef int take_options_fn(const void *options);

/** options_test_run() - run the tests with each of these: how many have failed */
int options_test_run(take_options_fn *const takers[], size_t n_takers);

#endif
