/* SPDX-License-Identifier: MIT */
/*
 * A splitter may fail at any page, in the middle of the work, and nothing is counted twice or not
 * at all: what it has counted of a page it tells in one message, as the last thing that it does;
 * until then it leaves the page as it is, so that another one can begin again.
 */
#include "splitter.h"

#include <stdlib.h>
#include <string.h>
#include <words.h>

static void page_drop(void *message)
{
	free(((struct page *)message)->text);
}
ACTOR_SIGNAL_DEFINE(page, "supervised.page", page_drop);

struct splitter {
	struct splitter_role *role;
};

static void release_text(void *text)
{
	free(text);
}

static void release_words(void *words)
{
	table_deinit(words);
}

/* Splitting changes the text: so this is done with a copy. */
static void count(struct actor_context *context, char *text, size_t n, struct table *counted)
{
	struct word word;
	struct words words;

	words_init(&words, text, n);
	while (words_take(&words, &word, 1) == 1)
		ACTOR_ASSERT(context, table_add(counted, &word, 1));
}

static void splitter_on_page(struct splitter *self, struct page *message,
			     struct actor_context *context)
{
	struct splitter_role *role = self->role;
	struct actor_cleanup text_cleanup, words_cleanup;
	struct batch batch = { .words = { 0 } };
	char *text = malloc(message->n + WORDS_PADDING);

	ACTOR_ASSERT(context, text);
	actor_defer(context, &text_cleanup, release_text, text);
	actor_defer(context, &words_cleanup, release_words, &batch.words);
	memcpy(text, message->text, message->n);
	count(context, text, message->n, &batch.words);
	if (role->fails_at > 0 && ++role->n_begun % role->fails_at == 0)
		ACTOR_FAILF(context, "page %u is one too many", role->n_begun);
	actor_undefer(context, &words_cleanup);
	actor_undefer(context, &text_cleanup);
	free(text);
	if (ACTOR_SEND(context, role->counter, batch, &batch) < 0)
		table_deinit(&batch.words);
}

static void splitter_destroy(struct splitter *self)
{
	free(self);
}

ACTOR_DEFINE(splitter, SPLITTER_MESSAGES, NULL, NULL, splitter_destroy);

int splitter_make(void *role, void **ret_state)
{
	struct splitter *splitter = malloc(sizeof *splitter);

	if (!splitter)
		return ACTOR_E_NOMEM;
	splitter->role = role;
	splitter->role->n_made++;
	*ret_state = splitter;
	return 0;
}
