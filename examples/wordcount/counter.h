/* SPDX-License-Identifier: MIT */
#ifndef WORDCOUNT_COUNTER_H
#define WORDCOUNT_COUNTER_H

#include "ranking.h"

#include <actor-iface/actor-iface.h>

/**
 * struct batch - words to be counted
 * @words: with how often each was seen; owned
 */
struct batch {
	struct table words;
};
ACTOR_SIGNAL(batch);

/**
 * struct top_words - once all is counted, which words were most frequent?
 * @n_words: how many of them
 *
 * Asked before there is anything to count, by one caller, who so learns at once if the counter
 * fails. Answered after struct enough, with a ranking that is the caller's: the counter hands over
 * what it has, and is empty.
 */
struct top_words {
	size_t n_words;
};
ACTOR_MESSAGE(top_words, struct ranking);

/**
 * struct enough - all is counted
 * @unit: C has no empty structs
 */
struct enough {
	char unit;
};
ACTOR_SIGNAL(enough);

/** struct counter - counts the words that fall to its share */
#define COUNTER_MESSAGES(CALL, SEND, X)                                                            \
	SEND(X, batch)                                                                             \
	CALL(X, top_words)                                                                         \
	SEND(X, enough)
ACTOR_DECLARE(counter, COUNTER_MESSAGES);

/** counter_of() - which of several counters a word falls to, by bits that its table leaves alone */
static inline size_t counter_of(const struct word *word, size_t n_counters)
{
	return (size_t)((word->hash >> 32) * n_counters >> 32);
}

/**
 * counter_spawn() - start one
 * @spawner:     runs it
 * @options:     of its mailbox
 * @ret_address: the caller's to unref
 *
 * Fails, and closes its mailbox, when it runs out of memory.
 *
 * Return:  0, or as actor_spawn()
 */
int counter_spawn(struct actor_spawner *spawner, const struct actor_mailbox_options *options,
		  union counter_address *ret_address);

#endif
