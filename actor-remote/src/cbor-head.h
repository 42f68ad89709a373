/* SPDX-License-Identifier: MIT */
#ifndef ACTOR__CBOR_HEAD_H
#define ACTOR__CBOR_HEAD_H

#include <endian.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/*
 * What items of CBOR begin with: three bits that say what it is, and a number, as short as it can
 * be. This is most of all work on values, so here it is inline, as far as it is usual: what is not,
 * like floats, and lengths that are not said, is left to libcbor.
 */

/** enum cbor_major - what an item is, as its first three bits say */
enum cbor_major {
	CBOR_MAJOR_UNSIGNED,
	CBOR_MAJOR_NEGATIVE,
	CBOR_MAJOR_BYTES,
	CBOR_MAJOR_TEXT,
	CBOR_MAJOR_ARRAY,
	CBOR_MAJOR_MAP,
	CBOR_MAJOR_TAG, /* from here on they are not usual */
	CBOR_MAJOR_OTHER
};

/* As many bytes as an item begins with, at most; what follows the first is a number of 1, 2, 4 or 8
 * bytes, if the other bits of the first say so. */
enum { CBOR_MOST_HEAD = 9, CBOR_IS_IN_1 = 24, CBOR_IS_IN_2, CBOR_IS_IN_4, CBOR_IS_IN_8 };

/** actor__cbor_head_put() - @to has room for CBOR_MOST_HEAD; how many bytes it has taken */
static inline size_t actor__cbor_head_put(uint8_t *to, enum cbor_major major, uint64_t number)
{
	uint8_t first = (uint8_t)(major << 5);
	uint64_t u64 = htobe64(number);
	uint32_t u32 = htobe32((uint32_t)number);
	uint16_t u16 = htobe16((uint16_t)number);

	if (number > UINT32_MAX) {
		to[0] = first | CBOR_IS_IN_8;
		memcpy(to + 1, &u64, sizeof u64);
		return 1 + sizeof u64;
	}
	if (number < CBOR_IS_IN_1) {
		to[0] = first | (uint8_t)number;
		return 1;
	}
	if (number <= UINT8_MAX) {
		to[0] = first | CBOR_IS_IN_1;
		to[1] = (uint8_t)number;
		return 2;
	}
	if (number <= UINT16_MAX) {
		to[0] = first | CBOR_IS_IN_2;
		memcpy(to + 1, &u16, sizeof u16);
		return 1 + sizeof u16;
	}
	to[0] = first | CBOR_IS_IN_4;
	memcpy(to + 1, &u32, sizeof u32);
	return 1 + sizeof u32;
}

/* A number of @n bytes behind the first one, if they are there. */
static inline size_t actor__cbor_number_get(const uint8_t *at, size_t n_left, size_t n,
					    uint64_t *ret_number)
{
	uint64_t u64;
	uint32_t u32;
	uint16_t u16;

	if (n_left < 1 + n)
		return 0;
	if (n == sizeof u64) {
		memcpy(&u64, at + 1, sizeof u64);
		*ret_number = be64toh(u64);
	} else if (n == sizeof u32) {
		memcpy(&u32, at + 1, sizeof u32);
		*ret_number = be32toh(u32);
	} else if (n == sizeof u16) {
		memcpy(&u16, at + 1, sizeof u16);
		*ret_number = be16toh(u16);
	} else {
		*ret_number = at[1];
	}
	return 1 + n;
}

/** actor__cbor_head_get() - how many bytes the head has that begins at @at, before @end; 0: it is
 * not usual, or not whole */
static inline size_t actor__cbor_head_get(const uint8_t *at, const uint8_t *end,
					  enum cbor_major *ret_major, uint64_t *ret_number)
{
	size_t n_left = (size_t)(end - at);
	unsigned where;

	if (n_left == 0 || *at >= CBOR_MAJOR_TAG << 5)
		return 0;
	*ret_major = (enum cbor_major)(*at >> 5);
	where = *at & 0x1f;
	if (where < CBOR_IS_IN_1) {
		*ret_number = where;
		return 1;
	}
	if (where == CBOR_IS_IN_8)
		return actor__cbor_number_get(at, n_left, 8, ret_number);
	if (where == CBOR_IS_IN_1)
		return actor__cbor_number_get(at, n_left, 1, ret_number);
	if (where == CBOR_IS_IN_2)
		return actor__cbor_number_get(at, n_left, 2, ret_number);
	if (where == CBOR_IS_IN_4)
		return actor__cbor_number_get(at, n_left, 4, ret_number);
	return 0;
}

#endif
