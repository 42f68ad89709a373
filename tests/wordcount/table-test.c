/* SPDX-License-Identifier: MIT */
/* The table of words, and the arena that holds their texts. */
#include "table.h"
#include "test.h"

#include <stdlib.h>

static uint64_t count_of(const struct table *table, const struct word *word)
{
	const struct table_entry *entry;

	for (entry = NULL; (entry = table_next(table, entry));)
		if (word_same(&entry->word, word))
			return entry->count;
	return 0;
}

static uint64_t sum_of(const struct table *table)
{
	const struct table_entry *entry;
	uint64_t sum = 0;

	for (entry = NULL; (entry = table_next(table, entry));)
		sum += entry->count;
	return sum;
}

static void empty_when_zeroed(void **state)
{
	struct table table = { 0 };

	(void)state;
	assert_null(table_next(&table, NULL));
	table_deinit(&table);
	table_deinit(&table);
}

static void counts_many_words(void **state)
{
	enum { N_WORDS = 50000 };
	struct table table = { 0 };
	const struct table_entry *entry;
	struct padded copy;
	struct word word;
	size_t n = 0;

	(void)state;
	for (uint64_t round = 1; round <= 3; round++)
		for (unsigned long i = 0; i < N_WORDS; i++) {
			word = test_number_word(i * i, &copy);
			assert_true(table_add(&table, &word, round));
		}
	assert_int_equal(table.n_words, N_WORDS);
	assert_int_equal(table.texts.n_bytes, 7 * N_WORDS);
	assert_in_range(table.n_entries, 2 * N_WORDS, 4 * N_WORDS);
	for (entry = NULL; (entry = table_next(&table, entry)); n++) {
		char text[8] = "";

		assert_int_equal(entry->count, 1 + 2 + 3);
		memcpy(text, entry->word.text, 7);
		word = test_word(text, &copy);
		assert_true(word_same(&entry->word, &word));
	}
	assert_int_equal(n, N_WORDS);
	table_deinit(&table);
}

static void keeps_its_own_copy(void **state)
{
	struct table table = { 0 };
	struct padded copy;
	struct word word = test_word("before", &copy);

	(void)state;
	assert_true(table_add(&table, &word, 1));
	memcpy(copy.text, "behind", 6);
	assert_memory_equal(table_next(&table, NULL)->word.text, "before", 6);
	table_deinit(&table);
}

/* Long words may have the hash of others; their letters decide. */
static void equal_hashes_are_no_equal_words(void **state)
{
	struct table table = { 0 };
	char texts[100][12];
	struct word word = { .hash = 63 };

	(void)state;
	for (int round = 0; round < 2; round++)
		for (size_t i = 0; i < N_ELEMENTS(texts); i++) {
			memset(texts[i], 'a', sizeof texts[i]);
			texts[i][10] = (char)('a' + i / 26);
			texts[i][11] = (char)('a' + i % 26);
			word.text = texts[i];
			word.length = sizeof texts[i];
			assert_true(table_add(&table, &word, 1 + i));
		}
	word.length = 9; /* a short one with the beginning of all of them */
	assert_true(table_add(&table, &word, 1000));
	word.length = 8;
	assert_true(table_add(&table, &word, 2000));
	assert_int_equal(table.n_words, N_ELEMENTS(texts) + 2);
	assert_int_equal(count_of(&table, &word), 2000);
	word.length = 12;
	assert_int_equal(count_of(&table, &word), 2 * N_ELEMENTS(texts));
	table_deinit(&table);
}

static void may_be_moved(void **state)
{
	struct table table = { 0 }, moved;
	struct padded copy;
	struct word word = test_word("word", &copy);

	(void)state;
	assert_true(table_add(&table, &word, 2));
	moved = table;
	memset(&table, 0, sizeof table);
	assert_true(table_add(&moved, &word, 3));
	assert_true(table_add(&table, &word, 7));
	assert_int_equal(count_of(&moved, &word), 5);
	assert_int_equal(count_of(&table, &word), 7);
	table_deinit(&moved);
	table_deinit(&table);
}

static void out_of_memory_changes_nothing(void **state)
{
	struct table table = { 0 };
	struct padded copy;
	struct word word;
	unsigned long n_added = 0, n_refused = 0;

	(void)state;
	while (n_added < 20000) {
		size_t n_words = table.n_words;

		word = test_number_word(n_added, &copy);
		test_starve_after(0);
		if (table_add(&table, &word, 1)) {
			n_added++;
			continue;
		}
		n_refused++;
		assert_int_equal(table.n_words, n_words);
		assert_int_equal(sum_of(&table), n_words);
		/* With one piece it may still lack the other. */
		test_starve_after(1);
		if (!table_add(&table, &word, 1)) {
			assert_int_equal(sum_of(&table), n_words);
			test_starve_after(-1);
			assert_true(table_add(&table, &word, 1));
		}
		n_added++;
	}
	test_starve_after(-1);
	assert_in_range(n_refused, 10, 1000);
	assert_int_equal(table.n_words, n_added);
	assert_int_equal(sum_of(&table), n_added);
	table_deinit(&table);
}

static void arena_keeps_texts_of_any_length(void **state)
{
	enum { N_TEXTS = 500, MOST = 100000 };
	char *source = malloc(MOST), *texts[N_TEXTS];
	size_t lengths[N_TEXTS], n_bytes = 0;
	struct arena arena = { 0 };
	uint64_t random = 7;

	(void)state;
	assert_non_null(source);
	for (size_t i = 0; i < N_TEXTS; i++) {
		lengths[i] = 1 + test_random(&random) % (i % 50 == 0 ? MOST : 60);
		memset(source, (int)('a' + i % 26), lengths[i]);
		texts[i] = arena_copy(&arena, source, lengths[i]);
		assert_non_null(texts[i]);
		n_bytes += lengths[i];
	}
	assert_int_equal(arena.n_bytes, n_bytes);
	for (size_t i = 0; i < N_TEXTS; i++)
		for (size_t j = 0; j < lengths[i]; j++)
			assert_int_equal(texts[i][j], 'a' + i % 26);
	arena_deinit(&arena);
	assert_null(arena.blocks);
	free(source);
}

/* A long word costs its length: neither a copy of it, nor a block of which half is lost. */
static void arena_gives_a_long_text_its_own_block(void **state)
{
	struct arena arena = { 0 };
	char source[8000] = "";
	char *first, *second;

	(void)state;
	first = arena_copy(&arena, "a", 1);
	assert_non_null(arena_copy(&arena, source, sizeof source));
	second = arena_copy(&arena, "b", 1);
	assert_ptr_equal(second, first + 1);
	arena_deinit(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(empty_when_zeroed),
		cmocka_unit_test(counts_many_words),
		cmocka_unit_test(keeps_its_own_copy),
		cmocka_unit_test(equal_hashes_are_no_equal_words),
		cmocka_unit_test(may_be_moved),
		cmocka_unit_test(out_of_memory_changes_nothing),
		cmocka_unit_test(arena_keeps_texts_of_any_length),
		cmocka_unit_test(arena_gives_a_long_text_its_own_block),
	};

	return cmocka_run_group_tests_name("wordcount/table", tests, NULL, NULL);
}
