/* SPDX-License-Identifier: MIT */
#ifndef ACTOR__NUMBERS_H
#define ACTOR__NUMBERS_H

#include <endian.h>
#include <stdint.h>
#include <string.h>

/*
 * Numbers of 8 bytes, the least significant first, as heads of frames have them. Without loops:
 * compilers make one or two instructions of each.
 */

/** actor__little_get() - of 8 bytes */
static inline uint64_t actor__little_get(const uint8_t *bytes)
{
	uint64_t number;

	memcpy(&number, bytes, sizeof number);
	return le64toh(number);
}

/** actor__little_set() - in 8 bytes */
static inline void actor__little_set(uint8_t *bytes, uint64_t number)
{
	number = htole64(number);
	memcpy(bytes, &number, sizeof number);
}

#endif
