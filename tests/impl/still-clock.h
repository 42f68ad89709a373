/* SPDX-License-Identifier: MIT */
#ifndef TESTS_IMPL_STILL_CLOCK_H
#define TESTS_IMPL_STILL_CLOCK_H

#include <stdint.h>

/**
 * DOC: a clock that stands still, until it is told what time it is
 *
 * For tests that are linked so that this stands in for actor__now(), and in which nobody sleeps.
 */

/** STILL_BEGIN_NS - when it begins */
#define STILL_BEGIN_NS INT64_C(1000000000000)

/** still_clock_stop() - from here on it stands still: at its beginning. Thread: any */
void still_clock_stop(void);

/** still_clock_go() - from here on it is the system's again. Thread: any */
void still_clock_go(void);

/** still_clock_set() - what time it is. Thread: any */
void still_clock_set(int64_t now_ns);

#endif
