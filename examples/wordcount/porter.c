/* SPDX-License-Identifier: MIT */
/*
 * A porter keeps a chunk until its worker has counted it. Whatever goes wrong before (the
 * connection is lost, the worker takes too long, refuses, or answers nonsense), the chunk is given
 * back, and nothing of it has been counted: an answer is looked through before it is used, and one
 * that comes later finds the connection closed. Then this porter is done, and so are the others of
 * its worker, as they will see.
 */
#include "porter.h"
#include "batches.h"

#include <stdio.h>
#include <stdlib.h>

/* Words looked at at a time. */
#define N_SPLIT 64

/**
 * struct porter - the state of the actor
 * @peers:   owned: addresses and peer; the counters are those of @batches
 * @remote:  of the worker; owned
 * @batches: what has been counted
 */
struct porter {
	struct porter_peers peers;
	union jobs_address remote;
	struct batches batches;
};

/* ---- what a worker has counted */

/* Have room for the splitter behind it. */
static bool pad(struct actor_blob *words)
{
	uint8_t *padded = realloc(words->data, words->n + WORDS_PADDING);

	if (padded)
		words->data = padded;
	return padded != NULL;
}

/* Whether that can be the words of a text of so many bytes. */
static bool makes_sense(const struct counted *counted, size_t n_bytes)
{
	struct word found[N_SPLIT];
	struct words words;
	size_t n_found, at = 0, n_letters = 0;

	words_init(&words, (char *)counted->words.data, counted->words.n);
	while ((n_found = words_take(&words, found, N_SPLIT)) > 0) {
		if (n_found > counted->counts.n - at)
			return false;
		for (size_t i = 0; i < n_found; i++, at++) {
			uint64_t count = counted->counts.items[at];

			if (count == 0 || count > (n_bytes - n_letters) / found[i].length)
				return false;
			n_letters += (size_t)count * found[i].length;
		}
	}
	return at == counted->counts.n;
}

static int add_counted(struct porter *self, const struct counted *counted,
		       struct actor_context *context)
{
	struct word found[N_SPLIT];
	struct words words;
	size_t n_found, at = 0;
	int rc = 0;

	words_init(&words, (char *)counted->words.data, counted->words.n);
	while (rc == 0 && (n_found = words_take(&words, found, N_SPLIT)) > 0)
		for (size_t i = 0; i < n_found && rc == 0; i++, at++)
			rc = batches_add(&self->batches, &found[i], counted->counts.items[at],
					 context);
	return rc;
}

/* ---- to the worker and back */

/* How a worker has served a chunk. */
struct service {
	int lost; /* why it will serve no other one; 0 */
	struct counted counted;
};

static int copy_text(const struct chunk *chunk, struct count *ret_message)
{
	ret_message->text.data = malloc(chunk->n);
	if (!ret_message->text.data)
		return ACTOR_E_NOMEM;
	memcpy(ret_message->text.data, chunk->bytes, chunk->n);
	ret_message->text.n = chunk->n;
	return 0;
}

/* Have it counted. Errors are our own: what the worker has to do with is in @ret_service. */
static int serve(struct porter *self, const struct chunk *chunk, struct service *ret_service,
		 struct actor_context *context)
{
	int64_t deadline_ns = actor_deadline_after(context, self->peers.patience_ns);
	struct count message = { { NULL, 0 } };
	int rc = copy_text(chunk, &message);

	*ret_service = (struct service){ 0 };
	if (rc < 0)
		return rc;
	rc = ACTOR_CALL_UNTIL(context, self->remote, count, &ret_service->counted, deadline_ns,
			      &message);
	actor_message_drop(&count_type, &message);
	if (rc == ACTOR_E_NOMEM || rc == ACTOR_E_CANCELLED)
		return rc;
	ret_service->lost = rc;
	if (rc < 0 || ret_service->counted.words.n == 0)
		return 0;
	if (!pad(&ret_service->counted.words))
		return ACTOR_E_NOMEM;
	return 0;
}

static int report(struct porter *self, size_t n_bytes, int lost, struct actor_context *context)
{
	struct worker_report message = {
		.index = self->peers.index,
		.n_chunks = n_bytes > 0,
		.n_bytes = n_bytes,
		.lost = lost,
	};
	struct advance advance = { .n_bytes = n_bytes };
	int rc = ACTOR_SEND(context, self->peers.progress, worker_report, &message);

	return rc < 0 ? rc : ACTOR_SEND(context, self->peers.progress, advance, &advance);
}

/* The worker is no good any more. */
static int lose(struct porter *self, struct chunk *chunk, int why, struct actor_context *context)
{
	struct give_back message = { *chunk };
	int rc;

	*chunk = (struct chunk){ 0 };
	actor_peer_close(self->peers.peer, "it is not wanted any more");
	rc = report(self, 0, why, context);
	if (rc == 0)
		rc = ACTOR_CALL(context, self->peers.chunks, give_back, NULL, &message);
	actor_message_drop(&give_back_type, &message);
	return rc;
}

/* A text with a word that fits in no frame is counted here. Whether the worker is still good is
 * what @ret_lost says: then the chunk is as it was. */
static int count_chunk(struct porter *self, struct chunk *chunk, int *ret_lost,
		       struct actor_context *context)
{
	struct service service;
	int rc;

	*ret_lost = 0;
	if (chunk->n > JOBS_MOST_BYTES)
		return batches_add_text(&self->batches, chunk->bytes, chunk->n, context);
	rc = serve(self, chunk, &service, context);
	if (rc == 0 && service.lost == 0 && !makes_sense(&service.counted, chunk->n))
		service.lost = ACTOR_E_DECODE;
	if (rc == 0 && service.lost == 0)
		rc = add_counted(self, &service.counted, context);
	counted_schema_drop(&service.counted);
	*ret_lost = service.lost;
	return rc;
}

static int carry_all(struct porter *self, struct actor_context *context)
{
	struct next_chunk next = { 0 };
	struct chunk chunk = { 0 };
	int rc, lost = 0;

	while (lost == 0) {
		rc = ACTOR_CALL(context, self->peers.chunks, next_chunk, &chunk, &next);
		if (rc < 0 || !chunk.bytes)
			break;
		rc = count_chunk(self, &chunk, &lost, context);
		if (rc == 0)
			rc = lost < 0 ? lose(self, &chunk, lost, context)
				      : report(self, chunk.n, 0, context);
		chunk_drop(&chunk);
		if (rc < 0)
			break;
		next.n_done = 1;
	}
	return rc < 0 ? rc : batches_send_rest(&self->batches, context);
}

/* ---- the actor */

static void porter_on_read_all(struct porter *self, struct read_all *message,
			       struct read_all_pending pending, struct actor_context *context)
{
	int rc = carry_all(self, context);
	struct read_all_reply reply = read_all_reply_take(pending);

	(void)message;
	if (rc < 0)
		read_all_reply_refuse(&reply, rc);
	else
		read_all_reply_answer(&reply, ACTOR_UNIT);
}

static void porter_destroy(struct porter *self)
{
	batches_deinit(&self->batches);
	actor_address_unref(self->peers.chunks.address);
	actor_address_unref(self->peers.progress.address);
	actor_address_unref(self->remote.address);
	actor_peer_unref(self->peers.peer);
	free(self);
}

ACTOR_DEFINE(porter, PORTER_MESSAGES, NULL, NULL, porter_destroy);

static int porter_create(const struct porter_peers *peers, struct porter **ret_self)
{
	struct porter *self = calloc(1, sizeof *self);
	int rc = ACTOR_E_NOMEM;

	if (!self)
		return rc;
	self->peers = *peers;
	self->peers.counters = NULL;
	actor_address_ref(peers->chunks.address);
	actor_address_ref(peers->progress.address);
	actor_peer_ref(peers->peer);
	if (batches_init(&self->batches, peers->counters, peers->n_counters))
		rc = jobs_remote(peers->peer, &self->remote);
	if (rc < 0)
		porter_destroy(self);
	else
		*ret_self = self;
	return rc;
}

int porter_spawn(struct actor_spawner *spawner, const struct porter_peers *peers,
		 const struct actor_mailbox_options *options, union porter_address *ret_address)
{
	struct porter *self;
	int rc = porter_create(peers, &self);

	if (rc < 0)
		return rc;
	rc = ACTOR_SPAWN(porter, spawner, self, options, ret_address);
	if (rc < 0)
		porter_destroy(self);
	return rc;
}
