/* SPDX-License-Identifier: MIT */
#ifndef TESTS_WORDCOUNT_TEST_H
#define TESTS_WORDCOUNT_TEST_H

#include "words.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define N_ELEMENTS(array) (sizeof(array) / sizeof(array)[0])

/** struct padded - a text with the room behind it that the splitter needs */
struct padded {
	char text[40];
	char padding[WORDS_PADDING];
};

/** test_word() - a text as a word, by the splitter; @copy must live as long as the word */
struct word test_word(const char *text, struct padded *copy);

/** test_number_word() - the word of a number: numbers below 26^7 have words of seven letters */
struct word test_number_word(unsigned long number, struct padded *copy);

/** test_random() - the next of a fixed sequence of numbers */
uint64_t test_random(uint64_t *state);

/**
 * test_starve_after() - let the tested code have so many pieces of memory and no more
 * @n_pieces: how many; -1: as many as it wants, as at the beginning
 */
void test_starve_after(long n_pieces);

#endif
