/* SPDX-License-Identifier: MIT */
#ifndef WORDCOUNT_RANKING_H
#define WORDCOUNT_RANKING_H

#include "table.h"

/**
 * struct ranking - the most frequent words of a table; empty when zeroed, may be moved
 * @entries:   the most frequent first, words of one count in byte order
 * @n_entries: how many
 * @n_taken:   how many of them ranking_take() has returned
 * @texts:     of the words
 */
struct ranking {
	struct table_entry *entries;
	size_t n_entries;
	size_t n_taken;
	struct arena texts;
};

/**
 * ranking_of() - rank the words of a table
 * @table:       loses its words, because their texts move to the ranking; unchanged on failure
 * @n_words:     how many of the first to keep
 * @ret_ranking: the caller's to ranking_deinit()
 *
 * Return:  false when out of memory
 */
bool ranking_of(struct table *table, size_t n_words, struct ranking *ret_ranking);

/**
 * ranking_take() - the next of all words of several rankings
 * @rankings:   of tables that have no word in common
 * @n_rankings: how many
 *
 * Return:  borrowed from its ranking; NULL after the last
 */
const struct table_entry *ranking_take(struct ranking *rankings, size_t n_rankings);

/** ranking_deinit() - release everything; the ranking is empty then */
void ranking_deinit(struct ranking *ranking);

#endif
