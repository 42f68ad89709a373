/* SPDX-License-Identifier: MIT */
#ifndef TESTS_IMPL_SCARCE_H
#define TESTS_IMPL_SCARCE_H

/** n_before_none - so many times more calloc() and realloc() find memory, and then once they do
 * not; negative: they always do. For one thread */
extern int n_before_none;

#endif
