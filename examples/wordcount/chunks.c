/* SPDX-License-Identifier: MIT */
/*
 * Chunks are handed out one at a time to whoever asks, so a fast worker gets more than a slow one,
 * and what is in memory is bounded by how many ask. Each is counted once: who has it says so with
 * its next question, or gives it back, and then another one gets it, before anything new is read.
 *
 * So nobody is told that all is done while a chunk is out: it may still come back.
 */
#include "chunks.h"
#include "text.h"
#include "words.h"

#include <errno.h>
#include <stdlib.h>

/* Bytes of a chunk, but for a long word at its end. */
#define N_CHUNK ((size_t)256 << 10)

/**
 * struct chunks - the state of the actor
 * @files:     owned
 * @progress:  owned
 * @text:      reads
 * @piece:     what it reads; none: the next one is to be asked for
 * @is_read:   there is no next one
 * @back:      have been given back; room for as many as ask
 * @n_back:    how many
 * @waiting:   who has asked, and waits; room for as many
 * @n_waiting: how many
 * @n_out:     chunks that somebody has
 * @n_askers:  who may still ask
 */
struct chunks {
	union files_address files;
	union progress_address progress;
	struct text text;
	struct piece piece;
	bool is_read;
	struct chunk *back;
	size_t n_back;
	struct next_chunk_reply *waiting;
	size_t n_waiting;
	size_t n_out;
	size_t n_askers;
};

void chunk_drop(void *chunk)
{
	struct chunk *dropped = chunk;

	free(dropped->bytes);
	*dropped = (struct chunk){ 0 };
}

static void give_back_drop(void *message)
{
	chunk_drop(&((struct give_back *)message)->chunk);
}

ACTOR_MESSAGE_DEFINE(next_chunk, "wordcount.next_chunk", NULL, chunk_drop);
ACTOR_MESSAGE_DEFINE(give_back, "wordcount.give_back", give_back_drop, NULL);

/* ---- reading */

static int begin_piece(struct chunks *self, struct actor_context *context)
{
	int rc = ACTOR_CALL(context, self->files, next_piece, &self->piece,
			    &(struct next_piece){ 0 });

	if (rc < 0)
		return rc;
	self->is_read = !self->piece.path;
	if (!self->is_read)
		text_begin(&self->text, &self->piece);
	return 0;
}

static int end_piece(struct chunks *self, int status, struct actor_context *context)
{
	struct advance advance = { .n_files = self->piece.end == PIECE_TO_EOF };
	int rc;

	if (status == -ENOMEM)
		rc = ACTOR_E_NOMEM;
	else if (status < 0)
		rc = progress_skip(context, self->progress, self->piece.path, -status);
	else
		rc = ACTOR_SEND(context, self->progress, advance, &advance);
	piece_drop(&self->piece);
	return rc;
}

static int copy(const char *bytes, size_t n, struct chunk *ret_chunk)
{
	ret_chunk->bytes = malloc(n + WORDS_PADDING);
	if (!ret_chunk->bytes)
		return ACTOR_E_NOMEM;
	memcpy(ret_chunk->bytes, bytes, n);
	ret_chunk->n = n;
	return 0;
}

/* The next one of all that there is to read; none at the end. */
static int read_chunk(struct chunks *self, struct chunk *ret_chunk, struct actor_context *context)
{
	int status, rc = 0;
	char *bytes;
	size_t n;

	while (rc == 0 && !self->is_read) {
		if (!self->piece.path) {
			rc = begin_piece(self, context);
			continue;
		}
		status = text_next(&self->text, &self->piece, &bytes, &n);
		if (status > 0)
			return copy(bytes, n, ret_chunk);
		rc = end_piece(self, status, context);
	}
	return rc;
}

/* ---- who asks */

static void answer(struct chunks *self, struct next_chunk_reply *reply, struct chunk chunk)
{
	self->n_out += chunk.bytes != NULL;
	next_chunk_reply_answer(reply, chunk);
}

static void answer_waiting(struct chunks *self, struct chunk chunk)
{
	answer(self, &self->waiting[--self->n_waiting], chunk);
}

static void tell_all_that_it_is_done(struct chunks *self)
{
	while (self->n_waiting > 0)
		answer_waiting(self, (struct chunk){ 0 });
}

static void chunks_on_next_chunk(struct chunks *self, struct next_chunk *message,
				 struct next_chunk_pending pending, struct actor_context *context)
{
	struct next_chunk_reply reply = next_chunk_reply_take(pending);
	struct chunk chunk = { 0 };
	int rc = 0;

	self->n_out -= message->n_done;
	if (self->n_back > 0)
		chunk = self->back[--self->n_back];
	else
		rc = read_chunk(self, &chunk, context);
	if (rc < 0) {
		next_chunk_reply_refuse(&reply, rc);
	} else if (!chunk.bytes && self->n_out > 0) {
		self->waiting[self->n_waiting++] = reply;
	} else {
		answer(self, &reply, chunk);
		if (!chunk.bytes)
			tell_all_that_it_is_done(self);
	}
}

static void chunks_on_give_back(struct chunks *self, struct give_back *message,
				struct give_back_pending pending, struct actor_context *context)
{
	struct give_back_reply reply = give_back_reply_take(pending);
	struct chunk chunk = message->chunk;

	(void)context;
	message->chunk = (struct chunk){ 0 };
	self->n_askers--;
	self->n_out--;
	if (self->n_waiting > 0)
		answer_waiting(self, chunk);
	else
		self->back[self->n_back++] = chunk;
	if (self->n_askers == 0)
		give_back_reply_refuse(&reply, ACTOR_E_UNREACHABLE);
	else
		give_back_reply_answer(&reply, ACTOR_UNIT);
}

/* ---- the actor */

static void chunks_destroy(struct chunks *self)
{
	while (self->n_waiting > 0)
		next_chunk_reply_refuse(&self->waiting[--self->n_waiting], ACTOR_E_STOPPED);
	while (self->n_back > 0)
		chunk_drop(&self->back[--self->n_back]);
	free(self->waiting);
	free(self->back);
	piece_drop(&self->piece);
	text_deinit(&self->text);
	actor_address_unref(self->files.address);
	actor_address_unref(self->progress.address);
	free(self);
}

ACTOR_DEFINE(chunks, CHUNKS_MESSAGES, NULL, NULL, chunks_destroy);

static struct chunks *chunks_create(union files_address files, union progress_address progress,
				    size_t n_askers)
{
	struct chunks *self = calloc(1, sizeof *self);

	if (!self)
		return NULL;
	self->n_askers = n_askers;
	self->files.address = actor_address_ref(files.address);
	self->progress.address = actor_address_ref(progress.address);
	self->back = calloc(n_askers, sizeof *self->back);
	self->waiting = calloc(n_askers, sizeof *self->waiting);
	if (self->back && self->waiting && text_init(&self->text, N_CHUNK))
		return self;
	chunks_destroy(self);
	return NULL;
}

int chunks_spawn(struct actor_spawner *spawner, union files_address files,
		 union progress_address progress, size_t n_askers,
		 const struct actor_mailbox_options *options, union chunks_address *ret_address)
{
	struct chunks *self = chunks_create(files, progress, n_askers);
	int rc;

	if (!self)
		return ACTOR_E_NOMEM;
	rc = ACTOR_SPAWN(chunks, spawner, self, options, ret_address);
	if (rc < 0)
		chunks_destroy(self);
	return rc;
}
