/* SPDX-License-Identifier: MIT */
#ifndef ACTOR__MEMORY_H
#define ACTOR__MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

/*
 * Where memory may be refused: everything here that can do without an allocation, or fail for want
 * of one, asks first, so that a test can have any one of them refused, on its own thread. What is
 * pooled asks when it is taken out of the pool, not when the pool grows: so the same program asks
 * as often each time. See actor__thread_ask_always().
 */

/** actor__memory_refused() - something is to be allocated: whether that has to fail */
bool actor__memory_refused(void);

/** actor__memory_refuse_nth() - refuse this thread the @nth allocation from now, 1 being the next;
 * 0: none. Returns how many it has asked for since the last time */
uint64_t actor__memory_refuse_nth(uint64_t nth);

/** actor__memory_refuse_some() - refuse this thread one allocation in so many, by chance; 0: none
 */
void actor__memory_refuse_some(uint64_t one_in, uint64_t seed);

/** actor__memory_refuse_none() - refuse this thread nothing more; the count goes on */
void actor__memory_refuse_none(void);

/** actor__memory_is_scarce() - whether something is to be refused to this thread */
bool actor__memory_is_scarce(void);

/** actor__memory_alloc() - zeroed memory, for free(); or NULL */
static inline void *actor__memory_alloc(size_t bytes)
{
	return actor__memory_refused() ? NULL : calloc(1, bytes);
}

/** actor__memory_alloc_aligned() - the same, not zeroed, for types that are aligned like that */
static inline void *actor__memory_alloc_aligned(size_t align, size_t bytes)
{
	return actor__memory_refused() ? NULL : aligned_alloc(align, bytes);
}

#endif
