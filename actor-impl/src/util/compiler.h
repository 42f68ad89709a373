/* SPDX-License-Identifier: MIT */
#ifndef ACTOR__COMPILER_H
#define ACTOR__COMPILER_H

/* What a compiler does not see by itself: which way is the one that everything takes, and what is
 * to be kept out of it, so that it needs neither registers nor stack there. */

#define ACTOR__RARELY(condition) __builtin_expect(!!(condition), 0)
#define ACTOR__INLINE static inline __attribute__((always_inline))
#define ACTOR__OUT_OF_LINE __attribute__((noinline))

#endif
