/* SPDX-License-Identifier: MIT */
#ifndef ACTOR__ALIGN_H
#define ACTOR__ALIGN_H

#include <stddef.h>
#include <stdint.h>

/** actor__align() - the next multiple of a power of two, from @offset on */
static inline size_t actor__align(size_t offset, size_t align)
{
	return (offset + align - 1) & ~(align - 1);
}

/** actor__align_pointer() - the next place that is so aligned, from @place on */
static inline char *actor__align_pointer(void *place, size_t align)
{
	return (char *)place + (-(uintptr_t)place & (align - 1));
}

#endif
