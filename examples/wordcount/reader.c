/* SPDX-License-Identifier: MIT */
/*
 * A reader does most of the work. It reads text, splits it, and counts the words in small tables,
 * one for each counter; a table that is full is sent to its counter as a message, and the reader
 * goes on with an empty one. As most words of a text are the same few, a message stands for ten to
 * twenty times as many words as it has; and as the tables are small, counting stays in the cache.
 *
 * When a counter's mailbox is full, the send waits, without holding a thread: so the counters set
 * the pace, and what is on the way from readers to counters stays bounded, however much is read.
 * What grows is what the counters hold, with the number of different words.
 */
#include "reader.h"
#include "text.h"

#include <errno.h>
#include <stdlib.h>

/* Bytes read at a time. */
#define N_READ ((size_t)128 << 10)
/* What the tables of a reader hold together at most: as much as a second-level cache does. */
#define N_TABLES_WORDS 8192
#define N_TABLES_BYTES ((size_t)256 << 10)
/* Words split at a time. */
#define N_SPLIT 64
/* How many bytes are worth a message about progress. */
#define N_ADVANCE ((uint64_t)1 << 20)

/**
 * struct reader - the state of the actor
 * @peers:        owned: the addresses, and the array of counters
 * @batches:      what has been counted, for each counter
 * @n_most_words: words that make a batch full
 * @n_most_bytes: bytes of text that do
 * @text:         reads
 * @advance:      what progress has not been told yet
 */
struct reader {
	struct reader_peers peers;
	struct batch *batches;
	size_t n_most_words;
	size_t n_most_bytes;
	struct text text;
	struct advance advance;
};

ACTOR_MESSAGE_DEFINE(read_all, "wordcount.read_all", NULL, NULL);

/* Sending moves the words away: what stays behind is an empty batch. */
static int send_batch(struct reader *self, size_t i, struct actor_context *context)
{
	return ACTOR_SEND(context, self->peers.counters[i], batch, &self->batches[i]);
}

static int send_rest(struct reader *self, struct actor_context *context)
{
	int rc = 0;

	for (size_t i = 0; i < self->peers.n_counters && rc == 0; i++)
		if (self->batches[i].words.n_words > 0)
			rc = send_batch(self, i, context);
	return rc;
}

static int count_word(struct reader *self, const struct word *word, struct actor_context *context)
{
	size_t i = counter_of(word, self->peers.n_counters);
	struct table *words = &self->batches[i].words;

	if (!table_add(words, word, 1))
		return ACTOR_E_NOMEM;
	if (words->n_words < self->n_most_words && words->texts.n_bytes < self->n_most_bytes)
		return 0;
	return send_batch(self, i, context);
}

static int count_text(struct reader *self, char *bytes, size_t n, struct actor_context *context)
{
	struct word found[N_SPLIT];
	struct words words;
	size_t n_found;
	int rc = 0;

	words_init(&words, bytes, n);
	while (rc == 0 && (n_found = words_take(&words, found, N_SPLIT)) > 0)
		for (size_t i = 0; i < n_found && rc == 0; i++)
			rc = count_word(self, &found[i], context);
	return rc;
}

static int advance(struct reader *self, struct actor_context *context)
{
	int rc = ACTOR_SEND(context, self->peers.progress, advance, &self->advance);

	self->advance = (struct advance){ 0 };
	return rc;
}

/* Count the words of a piece. That it cannot be read, or not to its end, is no error of ours. */
static int read_piece(struct reader *self, const struct piece *piece, struct actor_context *context)
{
	int status, rc = 0;
	char *bytes;
	size_t n;

	text_begin(&self->text, piece);
	while ((status = text_next(&self->text, piece, &bytes, &n)) > 0) {
		rc = count_text(self, bytes, n, context);
		self->advance.n_bytes += n;
		if (rc == 0 && self->advance.n_bytes >= N_ADVANCE)
			rc = advance(self, context);
		if (rc < 0)
			return rc;
	}
	if (status == -ENOMEM)
		return ACTOR_E_NOMEM;
	if (status < 0)
		return progress_skip(context, self->peers.progress, piece->path, -status);
	self->advance.n_files += piece->end == PIECE_TO_EOF;
	return 0;
}

static int read_pieces(struct reader *self, struct actor_context *context)
{
	struct piece piece;
	int rc;

	for (;;) {
		rc = ACTOR_CALL(context, self->peers.files, next_piece, &piece,
				&(struct next_piece){ 0 });
		if (rc < 0)
			return rc;
		if (!piece.path)
			return send_rest(self, context);
		rc = read_piece(self, &piece, context);
		piece_drop(&piece);
		if (rc < 0)
			return rc;
	}
}

static void reader_on_read_all(struct reader *self, struct read_all *message,
			       struct read_all_pending pending, struct actor_context *context)
{
	int rc = read_pieces(self, context);
	struct read_all_reply reply = read_all_reply_take(pending);

	(void)message;
	if (rc < 0)
		read_all_reply_refuse(&reply, rc);
	else
		read_all_reply_answer(&reply, ACTOR_UNIT);
}

static void reader_destroy(struct reader *self)
{
	for (size_t i = 0; self->peers.counters && i < self->peers.n_counters; i++)
		actor_address_unref(self->peers.counters[i].address);
	for (size_t i = 0; self->batches && i < self->peers.n_counters; i++)
		table_deinit(&self->batches[i].words);
	actor_address_unref(self->peers.files.address);
	actor_address_unref(self->peers.progress.address);
	free(self->peers.counters);
	free(self->batches);
	text_deinit(&self->text);
	free(self);
}

ACTOR_DEFINE(reader, READER_MESSAGES, NULL, NULL, reader_destroy);

/* An equal share for each counter, but not too small to be worth sending. */
static size_t share(size_t all, size_t n_counters, size_t least)
{
	return all / n_counters > least ? all / n_counters : least;
}

static struct reader *reader_create(const struct reader_peers *peers)
{
	struct reader *self = calloc(1, sizeof *self);

	if (!self)
		return NULL;
	self->peers.n_counters = peers->n_counters;
	self->peers.counters = calloc(peers->n_counters, sizeof *self->peers.counters);
	self->batches = calloc(peers->n_counters, sizeof *self->batches);
	if (!self->peers.counters || !self->batches || !text_init(&self->text, N_READ)) {
		reader_destroy(self);
		return NULL;
	}
	self->peers.files.address = actor_address_ref(peers->files.address);
	self->peers.progress.address = actor_address_ref(peers->progress.address);
	for (size_t i = 0; i < peers->n_counters; i++)
		self->peers.counters[i].address = actor_address_ref(peers->counters[i].address);
	self->n_most_words = share(N_TABLES_WORDS, peers->n_counters, 64);
	self->n_most_bytes = share(N_TABLES_BYTES, peers->n_counters, 2048);
	return self;
}

int reader_spawn(struct actor_spawner *spawner, const struct reader_peers *peers,
		 const struct actor_mailbox_options *options, union reader_address *ret_address)
{
	struct reader *self = reader_create(peers);
	int rc;

	if (!self)
		return ACTOR_E_NOMEM;
	rc = ACTOR_SPAWN(reader, spawner, self, options, ret_address);
	if (rc < 0)
		reader_destroy(self);
	return rc;
}
