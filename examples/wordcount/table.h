/* SPDX-License-Identifier: MIT */
#ifndef WORDCOUNT_TABLE_H
#define WORDCOUNT_TABLE_H

#include "arena.h"
#include "words.h"

/**
 * struct table_entry - how often a word was seen
 * @word:  its text is the table's
 * @count: 0 in an entry that is not in use
 */
struct table_entry {
	struct word word;
	uint64_t count;
};

/**
 * struct table - counts words; empty when zeroed, may be moved
 * @entries:   a power of two of them, NULL while empty
 * @n_entries: how many
 * @n_words:   how many are in use
 * @texts:     of the words
 */
struct table {
	struct table_entry *entries;
	size_t n_entries;
	size_t n_words;
	struct arena texts;
};

/**
 * table_add() - count a word
 * @table: where
 * @word:  its text is copied when it is new
 * @count: how often it was seen, at least once
 *
 * Return:  false when out of memory; the table is as before
 */
bool table_add(struct table *table, const struct word *word, uint64_t count);

/**
 * table_next() - visit the words, in no particular order
 * @table:    must not change meanwhile
 * @previous: what the last call returned; NULL to begin
 *
 * Return:  the next, borrowed; NULL after the last
 */
const struct table_entry *table_next(const struct table *table, const struct table_entry *previous);

/** table_deinit() - release everything; the table is empty then */
void table_deinit(struct table *table);

#endif
