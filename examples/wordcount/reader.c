/* SPDX-License-Identifier: MIT */
/*
 * A reader does most of the work: it reads text, splits it, and counts the words in batches
 * (batches.c).
 *
 * When a counter's mailbox is full, the send waits, without holding a thread: so the counters set
 * the pace, and what is on the way from readers to counters stays bounded, however much is read.
 * What grows is what the counters hold, with the number of different words.
 */
#include "reader.h"
#include "batches.h"
#include "text.h"

#include <errno.h>
#include <stdlib.h>

/* Bytes read at a time. */
#define N_READ ((size_t)128 << 10)
/* How many bytes are worth a message about progress. */
#define N_ADVANCE ((uint64_t)1 << 20)

/**
 * struct reader - the state of the actor
 * @files:    owned
 * @progress: owned
 * @batches:  what has been counted
 * @text:     reads
 * @advance:  what progress has not been told yet
 */
struct reader {
	union files_address files;
	union progress_address progress;
	struct batches batches;
	struct text text;
	struct advance advance;
};

ACTOR_MESSAGE_DEFINE(read_all, "wordcount.read_all", NULL, NULL);

static int advance(struct reader *self, struct actor_context *context)
{
	int rc = ACTOR_SEND(context, self->progress, advance, &self->advance);

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
		rc = batches_add_text(&self->batches, bytes, n, context);
		self->advance.n_bytes += n;
		if (rc == 0 && self->advance.n_bytes >= N_ADVANCE)
			rc = advance(self, context);
		if (rc < 0)
			return rc;
	}
	if (status == -ENOMEM)
		return ACTOR_E_NOMEM;
	if (status < 0)
		return progress_skip(context, self->progress, piece->path, -status);
	self->advance.n_files += piece->end == PIECE_TO_EOF;
	return 0;
}

static int read_pieces(struct reader *self, struct actor_context *context)
{
	struct piece piece;
	int rc;

	for (;;) {
		rc = ACTOR_CALL(context, self->files, next_piece, &piece,
				&(struct next_piece){ 0 });
		if (rc < 0)
			return rc;
		if (!piece.path)
			return batches_send_rest(&self->batches, context);
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
	batches_deinit(&self->batches);
	actor_address_unref(self->files.address);
	actor_address_unref(self->progress.address);
	text_deinit(&self->text);
	free(self);
}

ACTOR_DEFINE(reader, READER_MESSAGES, NULL, NULL, reader_destroy);

static struct reader *reader_create(const struct reader_peers *peers)
{
	struct reader *self = calloc(1, sizeof *self);

	if (!self)
		return NULL;
	self->files.address = actor_address_ref(peers->files.address);
	self->progress.address = actor_address_ref(peers->progress.address);
	if (batches_init(&self->batches, peers->counters, peers->n_counters) &&
	    text_init(&self->text, N_READ))
		return self;
	reader_destroy(self);
	return NULL;
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
