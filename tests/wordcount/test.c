/* SPDX-License-Identifier: MIT */
/*
 * What the unit tests share. The linker replaces the allocations of what is tested, and of the
 * tests, by those below (--wrap), so that memory can run out at any of them.
 */
#include "test.h"

#include <stdlib.h>

static long n_left = -1;

void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *memory, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *memory, size_t size);

static bool may_have(void)
{
	if (n_left == 0)
		return false;
	if (n_left > 0)
		n_left--;
	return true;
}

void *__wrap_malloc(size_t size)
{
	return may_have() ? __real_malloc(size) : NULL;
}

void *__wrap_calloc(size_t n, size_t size)
{
	return may_have() ? __real_calloc(n, size) : NULL;
}

void *__wrap_realloc(void *memory, size_t size)
{
	return may_have() ? __real_realloc(memory, size) : NULL;
}

void test_starve_after(long n_pieces)
{
	n_left = n_pieces;
}

struct word test_word(const char *text, struct padded *copy)
{
	size_t n_text = strlen(text);
	struct words words;
	struct word word;

	assert_true(n_text < sizeof copy->text);
	memset(copy, 0, sizeof *copy);
	memcpy(copy->text, text, n_text);
	words_init(&words, copy->text, n_text);
	assert_int_equal(words_take(&words, &word, 1), 1);
	assert_int_equal(word.length, n_text);
	return word;
}

struct word test_number_word(unsigned long number, struct padded *copy)
{
	char text[8] = "";

	for (size_t i = 7; i-- > 0; number /= 26)
		text[i] = (char)('a' + number % 26);
	return test_word(text, copy);
}

/* The generator xorshift64* by Marsaglia and Vigna. */
uint64_t test_random(uint64_t *state)
{
	*state ^= *state >> 12;
	*state ^= *state << 25;
	*state ^= *state >> 27;
	return *state * 0x2545f4914f6cdd1du;
}
