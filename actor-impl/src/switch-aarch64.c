/* SPDX-License-Identifier: MIT */

/* A new stack for switch-aarch64.S: what it will restore, and where it will then jump. */

#include "switch.h"

#include <stdint.h>
#include <string.h>

/* As laid out there. */
enum { SAVED_BYTES = 160, LINK = 88 };

void *actor__switch_prepare(void *bottom, size_t bytes, void (*entry)(void))
{
	uintptr_t top = ((uintptr_t)bottom + bytes) & ~(uintptr_t)15;
	char *there = (char *)top - SAVED_BYTES;
	uintptr_t address = (uintptr_t)entry;

	memset(there, 0, SAVED_BYTES); /* a frame pointer of 0 ends backtraces */
	memcpy(there + LINK, &address, sizeof address);
	return there;
}
