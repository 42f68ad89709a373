/* SPDX-License-Identifier: MIT */
#ifndef TESTS_REMOTE_MEMORY_H
#define TESTS_REMOTE_MEMORY_H

#include <stddef.h>

/* All that a test's thread allocates, counted; the test is one thread. */

/** memory_fail_nth() - refuse the @nth allocation from now, and none after it; 0: none */
void memory_fail_nth(unsigned nth);

/** memory_fail_some() - refuse one in so many, by chance: the same ones for the same seed; 0: none
 */
void memory_fail_some(unsigned one_in, unsigned seed);

/** memory_n_asked() - how many allocations there were since then */
unsigned memory_n_asked(void);

/** memory_n_live() - how many are not freed yet */
long memory_n_live(void);

/** memory_n_live_bytes() - how many bytes these are, with what the system adds to each */
size_t memory_n_live_bytes(void);

/** memory_n_bytes() - how many bytes were asked for since memory_fail_nth(), all together */
size_t memory_n_bytes(void);

#endif
