/* SPDX-License-Identifier: MIT */
/* The splitter, compared with one that looks at every byte. */
#include "counter.h"
#include "test.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

#define MOST 400

/* A text, the words that one byte after the other shows, and the splitter's. */
struct comparison {
	char text[MOST + WORDS_PADDING];
	char lower[MOST];
	size_t begins[MOST];
	size_t ends[MOST];
	size_t n_words;
	size_t n_letters;
};

static bool is_letter(char byte)
{
	return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
}

static void split_slowly(struct comparison *one, size_t n_text)
{
	one->n_words = one->n_letters = 0;
	for (size_t i = 0; i < n_text; i++) {
		one->lower[i] = is_letter(one->text[i]) ? (char)(one->text[i] | 0x20) : 0;
		if (!one->lower[i])
			continue;
		one->n_letters++;
		if (i == 0 || !one->lower[i - 1])
			one->begins[one->n_words++] = i;
		one->ends[one->n_words - 1] = i + 1;
	}
}

/* Compare, taking @n_at_once words at a time; what follows the text are letters, to be ignored. */
static void compare(struct comparison *one, size_t n_text, size_t n_at_once)
{
	struct word found[64];
	struct words words;
	size_t n, n_found = 0;

	split_slowly(one, n_text);
	assert_int_equal(words_letters(one->text, n_text), one->n_letters);
	memset(one->text + n_text, 'x', WORDS_PADDING);
	words_init(&words, one->text, n_text);
	do {
		n = words_take(&words, found, n_at_once);
		assert_in_range(n_found + n, 0, one->n_words);
		for (size_t i = 0; i < n; i++, n_found++) {
			size_t begin = one->begins[n_found];

			assert_ptr_equal(found[i].text, one->text + begin);
			assert_int_equal(found[i].length, one->ends[n_found] - begin);
			assert_memory_equal(found[i].text, one->lower + begin, found[i].length);
		}
	} while (n == n_at_once);
	assert_int_equal(n_found, one->n_words);
	assert_int_equal(words_take(&words, found, n_at_once), 0);
}

static void every_byte_is_a_letter_or_not(void **state)
{
	struct comparison one;

	(void)state;
	for (int byte = 0; byte < 256; byte++) {
		one.text[0] = one.text[2] = (char)byte;
		one.text[1] = '-';
		compare(&one, 3, 1);
		assert_int_equal(one.n_words, byte < 128 && isalpha(byte) ? 2 : 0);
		assert_int_equal(words_is_letter((char)byte), one.n_words > 0);
	}
}

static void a_word_of_any_length_at_any_place(void **state)
{
	struct comparison one;

	(void)state;
	for (size_t begin = 0; begin < 140; begin++)
		for (size_t end = begin; end <= 200; end++) {
			memset(one.text, ' ', 200);
			memset(one.text + begin, 'W', end - begin);
			compare(&one, 200, 2);
			assert_int_equal(one.n_words, end > begin);
		}
}

static void a_text_of_any_length(void **state)
{
	struct comparison one;

	(void)state;
	for (size_t n_text = 0; n_text <= 200; n_text++) {
		memset(one.text, 'a', n_text);
		compare(&one, n_text, 64);
		assert_int_equal(one.n_words, n_text > 0);
		for (size_t i = 0; i < n_text; i += 2)
			one.text[i] = '\0';
		compare(&one, n_text, 64);
		assert_int_equal(one.n_words, n_text / 2);
	}
}

static void any_text(void **state)
{
	static const char *const alphabets[] = { "aZ ", "ab\xe1\x80[`{@AZaz", "a               " };
	uint64_t random = 1;
	struct comparison one;

	(void)state;
	for (int round = 0; round < 20000; round++) {
		const char *alphabet = alphabets[test_random(&random) % N_ELEMENTS(alphabets)];
		size_t n_alphabet = strlen(alphabet);
		size_t n_text = test_random(&random) % MOST;

		for (size_t i = 0; i < n_text; i++)
			one.text[i] = round % 4 == 0 ? (char)test_random(&random)
						     : alphabet[test_random(&random) % n_alphabet];
		compare(&one, n_text, 1 + test_random(&random) % 64);
	}
}

static void hash_depends_on_the_letters_alone(void **state)
{
	char text[128 + WORDS_PADDING];
	struct padded copy;
	struct words words;
	struct word word, same;

	(void)state;
	for (size_t length = 1; length < sizeof copy.text; length++)
		for (size_t begin = 0; begin < 64; begin++) {
			char letters[sizeof copy.text] = "";

			for (size_t i = 0; i < length; i++)
				letters[i] = (char)('a' + i % 26);
			word = test_word(letters, &copy);
			memset(text, '~', sizeof text);
			for (size_t i = 0; i < length; i++)
				text[begin + i] = (char)toupper(letters[i]);
			words_init(&words, text, 128);
			assert_int_equal(words_take(&words, &same, 1), 1);
			assert_true(same.hash == word.hash);
			assert_true(word_same(&same, &word));
		}
}

static void hash_depends_on_every_letter(void **state)
{
	struct padded copies[2];
	struct word word, other;

	(void)state;
	for (size_t length = 1; length < sizeof copies[0].text; length++)
		for (size_t i = 0; i < length; i++) {
			char letters[sizeof copies[0].text] = "";

			memset(letters, 'a', length);
			word = test_word(letters, &copies[0]);
			letters[i] = 'b';
			other = test_word(letters, &copies[1]);
			assert_true(word.hash != other.hash);
			assert_false(word_same(&word, &other));
		}
	word = test_word("abcdefghstuvwxyz", &copies[0]);
	other = test_word("stuvwxyzabcdefgh", &copies[1]);
	assert_true(word.hash != other.hash);
}

static int compare_hashes(const void *a, const void *b)
{
	uint64_t one = *(const uint64_t *)a, other = *(const uint64_t *)b;

	return (one > other) - (one < other);
}

/* word_same() does not look at the letters of short words. */
static void hash_tells_all_short_words_apart(void **state)
{
	size_t n = 0, n_most = 26 + 26 * 26 + 26 * 26 * 26;
	uint64_t *hashes = calloc(n_most, sizeof *hashes);
	struct padded copy;

	(void)state;
	assert_non_null(hashes);
	for (char a = 'a' - 1; a <= 'z'; a++)
		for (char b = 'a' - (a < 'a'); b <= 'z'; b++)
			for (char c = 'a'; c <= 'z'; c++) {
				char text[] = { a, b, c, '\0' };

				hashes[n++] = test_word(text + (a < 'a') + (b < 'a'), &copy).hash;
			}
	assert_int_equal(n, n_most);
	qsort(hashes, n, sizeof *hashes, compare_hashes);
	for (size_t i = 1; i < n; i++)
		assert_true(hashes[i - 1] != hashes[i]);
	free(hashes);
}

/* Words that differ in few letters must still find places, and counters, of their own. */
static void hash_spreads(void **state)
{
	static const char *const patterns[] = { "%c%c%c", "aaaaa%c%c%c", "%c%c%caaaaa",
						"aaaaaaaaaaaaa%c%c%c" };
	enum { N_PLACES = 1 << 15, N_SHARES = 7, N_WORDS = 26 * 26 * 26 };
	static bool taken[N_PLACES];
	struct padded copy;
	char text[24];

	(void)state;
	for (size_t p = 0; p < N_ELEMENTS(patterns); p++) {
		size_t n_taken = 0, shares[N_SHARES] = { 0 };

		memset(taken, 0, sizeof taken);
		for (int i = 0; i < N_WORDS; i++) {
			snprintf(text, sizeof text, patterns[p], 'a' + i / 676, 'a' + i / 26 % 26,
				 'a' + i % 26);
			struct word word = test_word(text, &copy);

			n_taken += !taken[word.hash % N_PLACES];
			taken[word.hash % N_PLACES] = true;
			shares[counter_of(&word, N_SHARES)]++;
		}
		/* Chance alone takes 13,600 of the places. */
		assert_in_range(n_taken, 13000, N_WORDS);
		for (int i = 0; i < N_SHARES; i++)
			assert_in_range(shares[i], N_WORDS / N_SHARES * 9 / 10,
					N_WORDS / N_SHARES * 11 / 10);
	}
}

static void letters_at_both_ends(void **state)
{
	static const struct {
		const char *text;
		size_t n_leading, n_trailing;
	} cases[] = {
		{ "", 0, 0 },	    { "a", 1, 1 },     { "-", 0, 0 },	     { "Zz", 2, 2 },
		{ "ab-c", 2, 1 },   { "-ab", 0, 2 },   { "ab-", 2, 0 },	     { "@[`{", 0, 0 },
		{ "a\xe4z", 1, 1 }, { "-abc-", 0, 0 }, { "abc-d-ef", 3, 2 },
	};

	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(cases); i++) {
		size_t n = strlen(cases[i].text);

		assert_int_equal(words_leading(cases[i].text, n), cases[i].n_leading);
		assert_int_equal(words_trailing(cases[i].text, n), cases[i].n_trailing);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_byte_is_a_letter_or_not),
		cmocka_unit_test(a_word_of_any_length_at_any_place),
		cmocka_unit_test(a_text_of_any_length),
		cmocka_unit_test(any_text),
		cmocka_unit_test(hash_depends_on_the_letters_alone),
		cmocka_unit_test(hash_depends_on_every_letter),
		cmocka_unit_test(hash_tells_all_short_words_apart),
		cmocka_unit_test(hash_spreads),
		cmocka_unit_test(letters_at_both_ends),
	};

	return cmocka_run_group_tests_name("wordcount/words", tests, NULL, NULL);
}
