/* SPDX-License-Identifier: MIT */
/* The most frequent words of a table, and of several. */
#include "ranking.h"
#include "test.h"

#include <stdlib.h>

struct expected {
	const char *text;
	uint64_t count;
};

static void add(struct table *table, const char *text, uint64_t count)
{
	struct padded copy;
	struct word word = test_word(text, &copy);

	assert_true(table_add(table, &word, count));
}

static void assert_entry(const struct table_entry *entry, struct expected expected)
{
	assert_non_null(entry);
	assert_int_equal(entry->count, expected.count);
	assert_int_equal(entry->word.length, strlen(expected.text));
	assert_memory_equal(entry->word.text, expected.text, entry->word.length);
}

/* Words of one count in byte order, the shorter before what it begins. */
static const struct expected ordered[] = {
	{ "zebra", 9 },	     { "a", 5 },	   { "aa", 5 },		{ "ab", 5 }, { "b", 5 },
	{ "ba", 5 },	     { "c", 4 },	   { "abcdefghij", 3 }, { "d", 3 },  { "e", 2 },
	{ "longerword", 2 }, { "longerwords", 2 }, { "x", 1 },		{ "y", 1 },
};

static void fill(struct table *table)
{
	for (size_t i = 0; i < N_ELEMENTS(ordered); i++) {
		size_t mixed = i * 5 % N_ELEMENTS(ordered);

		add(table, ordered[mixed].text, ordered[mixed].count);
	}
}

static void ranks_as_many_as_asked_for(void **state)
{
	struct ranking ranking;
	struct table table = { 0 };

	(void)state;
	for (size_t n_words = 0; n_words < N_ELEMENTS(ordered) + 3; n_words++) {
		fill(&table);
		assert_true(ranking_of(&table, n_words, &ranking));
		assert_int_equal(table.n_words, 0);
		assert_null(table_next(&table, NULL));
		for (size_t i = 0; i < n_words && i < N_ELEMENTS(ordered); i++)
			assert_entry(ranking_take(&ranking, 1), ordered[i]);
		assert_null(ranking_take(&ranking, 1));
		ranking_deinit(&ranking);
	}
}

static void nothing_to_rank(void **state)
{
	struct table table = { 0 };
	struct ranking ranking;

	(void)state;
	assert_true(ranking_of(&table, SIZE_MAX, &ranking));
	assert_null(ranking_take(&ranking, 1));
	assert_null(ranking_take(NULL, 0));
	ranking_deinit(&ranking);
	ranking_deinit(&ranking);
}

static int by_rank(const void *a, const void *b)
{
	const struct table_entry *one = a, *other = b;

	if (one->count != other->count)
		return one->count > other->count ? -1 : 1;
	return memcmp(one->word.text, other->word.text, 7); /* all have seven letters */
}

static void ranks_any_table(void **state)
{
	enum { N_WORDS = 3000 };
	struct table_entry *all = calloc(N_WORDS, sizeof *all);
	struct padded *copies = calloc(N_WORDS, sizeof *copies);
	struct ranking ranking;
	uint64_t random = 3;

	(void)state;
	assert_non_null(all);
	assert_non_null(copies);
	for (size_t n_top = 1; n_top <= N_WORDS; n_top = 3 * n_top + 1) {
		struct table table = { 0 };

		for (size_t i = 0; i < N_WORDS; i++) {
			all[i].word = test_number_word(i * 7919, &copies[i]);
			all[i].count = 1 + test_random(&random) % 50;
			assert_true(table_add(&table, &all[i].word, all[i].count));
		}
		qsort(all, N_WORDS, sizeof *all, by_rank);
		assert_true(ranking_of(&table, n_top, &ranking));
		assert_int_equal(ranking.n_entries, n_top);
		for (size_t i = 0; i < n_top; i++) {
			const struct table_entry *entry = ranking_take(&ranking, 1);

			assert_int_equal(entry->count, all[i].count);
			assert_true(word_same(&entry->word, &all[i].word));
		}
		ranking_deinit(&ranking);
	}
	free(copies);
	free(all);
}

static void several_rankings_are_one(void **state)
{
	struct ranking rankings[4] = { 0 };
	struct table tables[4] = { 0 };

	(void)state;
	/* The last of the tables has no words. */
	for (size_t i = 0; i < N_ELEMENTS(ordered); i++)
		add(&tables[i * i % 3], ordered[i].text, ordered[i].count);
	for (size_t i = 0; i < N_ELEMENTS(tables); i++)
		assert_true(ranking_of(&tables[i], SIZE_MAX, &rankings[i]));
	for (size_t i = 0; i < N_ELEMENTS(ordered); i++)
		assert_entry(ranking_take(rankings, N_ELEMENTS(rankings)), ordered[i]);
	assert_null(ranking_take(rankings, N_ELEMENTS(rankings)));
	for (size_t i = 0; i < N_ELEMENTS(rankings); i++)
		ranking_deinit(&rankings[i]);
}

static void out_of_memory_leaves_the_table(void **state)
{
	struct table table = { 0 };
	struct ranking ranking;

	(void)state;
	fill(&table);
	test_starve_after(0);
	assert_false(ranking_of(&table, 3, &ranking));
	test_starve_after(-1);
	assert_int_equal(table.n_words, N_ELEMENTS(ordered));
	assert_true(ranking_of(&table, 3, &ranking));
	assert_entry(ranking_take(&ranking, 1), ordered[0]);
	ranking_deinit(&ranking);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ranks_as_many_as_asked_for),
		cmocka_unit_test(nothing_to_rank),
		cmocka_unit_test(ranks_any_table),
		cmocka_unit_test(several_rankings_are_one),
		cmocka_unit_test(out_of_memory_leaves_the_table),
	};

	return cmocka_run_group_tests_name("wordcount/ranking", tests, NULL, NULL);
}
