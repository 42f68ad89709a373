/* SPDX-License-Identifier: MIT */
#ifndef ACTOR__REMOTE_RANDOM_H
#define ACTOR__REMOTE_RANDOM_H

#include <stdint.h>

/** actor__random() - the next number of a sequence; any @state begins one (Steele, Lea, Flood: Fast
 * splittable pseudorandom number generators, 2014) */
static inline uint64_t actor__random(uint64_t *state)
{
	uint64_t number = *state += UINT64_C(0x9e3779b97f4a7c15);

	number = (number ^ number >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	number = (number ^ number >> 27) * UINT64_C(0x94d049bb133111eb);
	return number ^ number >> 31;
}

#endif
