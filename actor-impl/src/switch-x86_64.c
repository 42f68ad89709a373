/* SPDX-License-Identifier: MIT */

/* A new stack for switch-x86_64.S: what it will pop, and where it will then jump. */

#include "switch.h"

#include <stdint.h>

void *actor__switch_prepare(void *bottom, size_t bytes, void (*entry)(void))
{
	uintptr_t *top = (uintptr_t *)(void *)((char *)bottom + bytes);

	/* As after a call: a return address, here 0 to end backtraces, is on a stack that is a
	 * multiple of 16 without it. */
	*--top = 0;
	*--top = (uintptr_t)entry;
	for (int i = 0; i < 6; i++)
		*--top = 0;
	return top;
}
