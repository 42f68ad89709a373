/* SPDX-License-Identifier: MIT */
#ifndef TESTS_FUZZ_FUZZ_H
#define TESTS_FUZZ_FUZZ_H

/**
 * DOC: what all fuzz targets have in common
 *
 * A target is one function, which takes bytes and dies if something is wrong: of MUST(), of a
 * sanitizer, of a leak. What it does with the same bytes is always the same. By clang it is linked
 * with libFuzzer, which makes up the bytes; by any compiler with replay.c, which takes files.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/** LLVMFuzzerTestOneInput() - the target; 0, always. @data may be NULL when @n is 0 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

/** MUST() - die, unless this holds */
#define MUST(CONDITION) ((CONDITION) ? (void)0 : fuzz_wrong(#CONDITION, __FILE__, __LINE__))

static inline void fuzz_wrong(const char *condition, const char *file, int line)
{
	fprintf(stderr, "%s:%d: does not hold: %s\n", file, line, condition);
	abort();
}

#define N_ELEMENTS(array) (sizeof(array) / sizeof(array)[0])

/** fuzz_grown() - how much more there is than before, of bytes that are counted: the counts mean
 * nothing, since not all that was freed was counted before */
static inline long fuzz_grown(size_t before, size_t now)
{
	return (long)(now - before);
}

/** struct input - bytes that decide what happens; after the last all are 0 */
struct input {
	const uint8_t *at;
	size_t n;
};

static inline uint8_t input_byte(struct input *input)
{
	if (input->n == 0)
		return 0;
	input->n--;
	return *input->at++;
}

/** input_number() - of so many bytes, the lowest first */
static inline uint64_t input_number(struct input *input, unsigned n_bytes)
{
	uint64_t number = 0;

	for (unsigned i = 0; i < n_bytes; i++)
		number |= (uint64_t)input_byte(input) << 8 * i;
	return number;
}

/** input_bytes() - the next @n, or fewer when there are no more; returns how many */
static inline size_t input_bytes(struct input *input, size_t n, const uint8_t **ret_bytes)
{
	if (n > input->n)
		n = input->n;
	*ret_bytes = input->at;
	input->at += n;
	input->n -= n;
	return n;
}

/** fuzz_copy() - bytes in memory of their own, of just that size: what reads further is noticed;
 * to be freed */
static inline uint8_t *fuzz_copy(const uint8_t *bytes, size_t n)
{
	uint8_t *copy = malloc(n + !n);

	if (!copy) /* where one allocation is refused */
		copy = malloc(n + !n);
	MUST(copy);
	if (n > 0)
		memcpy(copy, bytes, n);
	return copy;
}

#endif
