/* SPDX-License-Identifier: MIT */
#ifndef SUPERVISED_SPLITTER_H
#define SUPERVISED_SPLITTER_H

#include <counter.h>

/**
 * struct page - some text, to be counted
 * @text: owned; no word goes on in another page
 * @n:    its bytes
 */
struct page {
	char *text;
	size_t n;
};
ACTOR_SIGNAL(page);

/** struct splitter - counts the words of a page, then tells the counter */
#define SPLITTER_MESSAGES(CALL, SEND, X) SEND(X, page)
ACTOR_DECLARE(splitter, SPLITTER_MESSAGES);

/**
 * struct splitter_role - what splitters are made of, one after the other; outlives them
 * @counter:   is told
 * @fails_at:  each page of which this is the number, counted from 1, they fail at; 0: none
 * @n_begun:   pages
 * @n_made:    splitters
 */
struct splitter_role {
	union counter_address counter;
	unsigned fails_at;
	unsigned n_begun;
	unsigned n_made;
};

/** splitter_make() - an actor_make_fn whose user is a struct splitter_role */
int splitter_make(void *role, void **ret_state);

#endif
