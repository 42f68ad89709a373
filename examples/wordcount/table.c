/* SPDX-License-Identifier: MIT */
/*
 * A hash table with open addressing: one array of entries, at most half of them in use, and a word
 * that finds its place taken goes to the next. An entry caches its word's hash, so that other words
 * are passed over without a look at their letters, and growing reads no letters at all.
 *
 * The lowest bits of the hash choose the place. Whoever deals words out to several tables must
 * choose by other bits, or each table would use a part of its places only.
 */
#include "table.h"

#include <stdlib.h>

#define MIN_ENTRIES 64

/* The entry of a word, or the unused one where it belongs. */
static struct table_entry *find(const struct table *table, const struct word *word)
{
	size_t mask = table->n_entries - 1;
	size_t i = word->hash & mask;

	while (table->entries[i].count > 0 && !word_same(&table->entries[i].word, word))
		i = (i + 1) & mask;
	return &table->entries[i];
}

/*
 * Written to here rather than zeroed by calloc(). Its memory would be pages of the one zero page,
 * to be exchanged at the first write to each, and of that all processors have to be told.
 */
static struct table_entry *unused_entries(size_t n_entries)
{
	struct table_entry *entries = malloc(n_entries * sizeof *entries);

	for (size_t i = 0; entries && i < n_entries; i++)
		entries[i].count = 0;
	return entries;
}

static bool grow(struct table *table)
{
	struct table larger = *table;
	const struct table_entry *entry;

	larger.n_entries = table->n_entries > 0 ? 2 * table->n_entries : MIN_ENTRIES;
	larger.entries = unused_entries(larger.n_entries);
	if (!larger.entries)
		return false;
	for (entry = NULL; (entry = table_next(table, entry));)
		*find(&larger, &entry->word) = *entry;
	free(table->entries);
	*table = larger;
	return true;
}

bool table_add(struct table *table, const struct word *word, uint64_t count)
{
	struct table_entry *entry;
	const char *text;

	if (table->n_words >= table->n_entries / 2 && !grow(table))
		return false;
	entry = find(table, word);
	if (entry->count == 0) {
		text = arena_copy(&table->texts, word->text, word->length);
		if (!text)
			return false;
		entry->word = *word;
		entry->word.text = text;
		table->n_words++;
	}
	entry->count += count;
	return true;
}

const struct table_entry *table_next(const struct table *table, const struct table_entry *previous)
{
	size_t i = previous ? (size_t)(previous - table->entries) + 1 : 0;

	while (i < table->n_entries && table->entries[i].count == 0)
		i++;
	return i < table->n_entries ? &table->entries[i] : NULL;
}

void table_deinit(struct table *table)
{
	free(table->entries);
	arena_deinit(&table->texts);
	*table = (struct table){ 0 };
}
