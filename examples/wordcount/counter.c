/* SPDX-License-Identifier: MIT */
/*
 * A counter has the words of its share to itself, so it counts them without any lock.
 *
 * When memory runs out it fails: a count with words missing is worth nothing. Nobody owns its
 * mailbox, which therefore closes, and everybody who waits for room in it learns that at once; so
 * does whoever waits for the result, because the state that is destroyed has his call in its hands.
 */
#include "counter.h"

#include <stdlib.h>

/**
 * struct counter - the state of the actor
 * @words:   counted so far
 * @n_top:   how many of them have been asked for
 * @caller:  who has asked, and waits
 */
struct counter {
	struct table words;
	size_t n_top;
	struct top_words_reply caller;
};

static void batch_drop(void *message)
{
	table_deinit(&((struct batch *)message)->words);
}

static void ranking_drop(void *value)
{
	ranking_deinit(value);
}

ACTOR_SIGNAL_DEFINE(batch, "wordcount.batch", batch_drop);
ACTOR_SIGNAL_DEFINE(enough, "wordcount.enough", NULL);
ACTOR_MESSAGE_DEFINE(top_words, "wordcount.top_words", NULL, ranking_drop);

static void counter_on_batch(struct counter *self, struct batch *message,
			     struct actor_context *context)
{
	const struct table_entry *entry;

	for (entry = NULL; (entry = table_next(&message->words, entry));)
		if (!table_add(&self->words, &entry->word, entry->count))
			ACTOR_FAIL(context, "out of memory");
}

static void counter_on_top_words(struct counter *self, struct top_words *message,
				 struct top_words_pending pending, struct actor_context *context)
{
	(void)context;
	top_words_reply_refuse(&self->caller, ACTOR_E_BUSY);
	self->caller = top_words_reply_take(pending);
	self->n_top = message->n_words;
}

static void counter_on_enough(struct counter *self, struct enough *message,
			      struct actor_context *context)
{
	struct ranking ranking;

	(void)message;
	(void)context;
	if (ranking_of(&self->words, self->n_top, &ranking))
		top_words_reply_answer(&self->caller, ranking);
	else
		top_words_reply_refuse(&self->caller, ACTOR_E_NOMEM);
}

static void counter_destroy(struct counter *self)
{
	top_words_reply_refuse(&self->caller, ACTOR_E_STOPPED);
	table_deinit(&self->words);
	free(self);
}

ACTOR_DEFINE(counter, COUNTER_MESSAGES, NULL, NULL, counter_destroy);

int counter_spawn(struct actor_spawner *spawner, const struct actor_mailbox_options *options,
		  union counter_address *ret_address)
{
	struct counter *self = calloc(1, sizeof *self);
	int rc;

	if (!self)
		return ACTOR_E_NOMEM;
	rc = ACTOR_SPAWN(counter, spawner, self, options, ret_address);
	if (rc < 0)
		counter_destroy(self);
	return rc;
}
