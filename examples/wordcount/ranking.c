/* SPDX-License-Identifier: MIT */
/*
 * The first words of a table are found in one pass over it, in memory for those alone: they are
 * kept in a heap with the last of them on top, which is where the next one that is better goes.
 * Sorting follows at the end. As many words as the table has make this a plain sort.
 */
#include "ranking.h"

#include <stdlib.h>
#include <string.h>

/* Below 0 when @a comes before @b, above 0 when after it. */
static int compare(const void *a, const void *b)
{
	const struct table_entry *one = a, *other = b;
	size_t n_common = one->word.length < other->word.length ? one->word.length
								: other->word.length;
	int order;

	if (one->count != other->count)
		return one->count > other->count ? -1 : 1;
	order = memcmp(one->word.text, other->word.text, n_common);
	if (order != 0)
		return order;
	return (one->word.length > other->word.length) - (one->word.length < other->word.length);
}

/* Let the entry at @i sink to its place in the heap below it. */
static void sink(struct table_entry *heap, size_t n_heap, size_t i)
{
	struct table_entry entry = heap[i];
	size_t child;

	while ((child = 2 * i + 1) < n_heap) {
		if (child + 1 < n_heap && compare(&heap[child + 1], &heap[child]) > 0)
			child++;
		if (compare(&heap[child], &entry) <= 0)
			break;
		heap[i] = heap[child];
		i = child;
	}
	heap[i] = entry;
}

/* The first @n_kept words of the table, in any order; there are more in it, or as many. */
static void select_first(const struct table *table, struct table_entry *kept, size_t n_kept)
{
	const struct table_entry *entry = NULL;
	size_t i;

	for (i = 0; i < n_kept; i++)
		kept[i] = *(entry = table_next(table, entry));
	if (n_kept == 0 || n_kept == table->n_words)
		return;
	for (i = n_kept / 2; i-- > 0;)
		sink(kept, n_kept, i);
	while ((entry = table_next(table, entry))) {
		if (compare(entry, &kept[0]) < 0) {
			kept[0] = *entry;
			sink(kept, n_kept, 0);
		}
	}
}

bool ranking_of(struct table *table, size_t n_words, struct ranking *ret_ranking)
{
	size_t n_kept = n_words < table->n_words ? n_words : table->n_words;
	struct table_entry *kept = NULL;

	if (n_kept > 0) {
		kept = calloc(n_kept, sizeof *kept);
		if (!kept)
			return false;
		select_first(table, kept, n_kept);
		qsort(kept, n_kept, sizeof *kept, compare);
	}
	*ret_ranking = (struct ranking){
		.entries = kept,
		.n_entries = n_kept,
		.texts = table->texts,
	};
	table->texts = (struct arena){ 0 };
	table_deinit(table);
	return true;
}

const struct table_entry *ranking_take(struct ranking *rankings, size_t n_rankings)
{
	const struct table_entry *best = NULL;
	struct ranking *from = NULL;

	for (struct ranking *one = rankings; one < rankings + n_rankings; one++) {
		if (one->n_taken == one->n_entries)
			continue;
		if (!best || compare(&one->entries[one->n_taken], best) < 0) {
			best = &one->entries[one->n_taken];
			from = one;
		}
	}
	if (from)
		from->n_taken++;
	return best;
}

void ranking_deinit(struct ranking *ranking)
{
	free(ranking->entries);
	arena_deinit(&ranking->texts);
	*ranking = (struct ranking){ 0 };
}
