/* SPDX-License-Identifier: MIT */
#ifndef WORDCOUNT_BATCHES_H
#define WORDCOUNT_BATCHES_H

#include "counter.h"

/**
 * struct batches - words on their way to counters, counted in small tables, one for each counter
 * @counters:     who gets them; owned
 * @batches:      what has been counted, for each
 * @n_counters:   how many, at least 1
 * @n_most_words: words that make a batch full
 * @n_most_bytes: bytes of text that do
 *
 * A table that is full is sent to its counter as a message. As most words of a text are the same
 * few, a message stands for ten to twenty times as many words as it has; and as the tables are
 * small, counting stays in the cache.
 */
struct batches {
	union counter_address *counters;
	struct batch *batches;
	size_t n_counters;
	size_t n_most_words;
	size_t n_most_bytes;
};

/** batches_init() - for these counters, which are copied; false when out of memory. The caller's to
 * batches_deinit(), whatever is returned */
bool batches_init(struct batches *batches, const union counter_address *counters,
		  size_t n_counters);

/** batches_deinit() - release everything; fine when zeroed */
void batches_deinit(struct batches *batches);

/** batches_send() - what is there for a counter; 0, or as actor_send() */
int batches_send(struct batches *batches, size_t i, struct actor_context *context);

/** batches_send_rest() - what is there for all; the same */
int batches_send_rest(struct batches *batches, struct actor_context *context);

/** batches_add() - count a word; 0, ACTOR_E_NOMEM, or as actor_send() */
static inline int batches_add(struct batches *batches, const struct word *word, uint64_t count,
			      struct actor_context *context)
{
	size_t i = counter_of(word, batches->n_counters);
	struct table *words = &batches->batches[i].words;

	if (!table_add(words, word, count))
		return ACTOR_E_NOMEM;
	if (words->n_words < batches->n_most_words && words->texts.n_bytes < batches->n_most_bytes)
		return 0;
	return batches_send(batches, i, context);
}

/** batches_add_text() - count the words of a text, as words_init() takes it; the same */
int batches_add_text(struct batches *batches, char *bytes, size_t n, struct actor_context *context);

#endif
