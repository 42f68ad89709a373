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

/* How long it may take a connection that has ended to say why. */
#define PATIENCE_NS 1000000000 /* 1 s */

/**
 * struct porter - the state of the actor
 * @peers:   addresses and peer are owned, the end is not, the counters are those of @batches
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

/* Whether that can be the words of a text: in all, they have as many letters as it has. */
static bool makes_sense(const struct counted *counted, const struct chunk *chunk)
{
	size_t n_left = words_letters(chunk->bytes, chunk->n), n_found, at = 0;
	struct word found[WORDS_AT_A_TIME];
	struct words words;

	words_init(&words, (char *)counted->words.data, counted->words.n);
	while ((n_found = words_take(&words, found, WORDS_AT_A_TIME)) > 0) {
		if (n_found > counted->counts.n - at)
			return false;
		for (size_t i = 0; i < n_found; i++, at++) {
			uint64_t count = counted->counts.items[at];

			if (count == 0 || count > n_left / found[i].length)
				return false;
			n_left -= (size_t)count * found[i].length;
		}
	}
	return at == counted->counts.n && n_left == 0;
}

static int add_counted(struct porter *self, const struct counted *counted,
		       struct actor_context *context)
{
	struct word found[WORDS_AT_A_TIME];
	struct words words;
	size_t n_found, at = 0;
	int rc = 0;

	words_init(&words, (char *)counted->words.data, counted->words.n);
	while (rc == 0 && (n_found = words_take(&words, found, WORDS_AT_A_TIME)) > 0)
		for (size_t i = 0; i < n_found && rc == 0; i++, at++)
			rc = batches_add(&self->batches, &found[i], counted->counts.items[at],
					 context);
	return rc;
}

/* ---- to the worker and back */

static int copy_text(const struct chunk *chunk, struct count *ret_message)
{
	ret_message->text.data = malloc(chunk->n);
	if (!ret_message->text.data)
		return ACTOR_E_NOMEM;
	memcpy(ret_message->text.data, chunk->bytes, chunk->n);
	ret_message->text.n = chunk->n;
	return 0;
}

/* Have a chunk counted. What makes sense is the caller's to drop. */
static int ask(struct porter *self, const struct chunk *chunk, struct counted *ret_counted,
	       struct actor_context *context)
{
	struct count message = { { NULL, 0 } };
	int rc = copy_text(chunk, &message);

	if (rc < 0)
		return rc;
	rc = ACTOR_CALL(context, self->remote, count, ret_counted, &message);
	actor_message_drop(&count_type, &message);
	if (rc < 0)
		return rc;
	if (!pad(&ret_counted->words))
		rc = ACTOR_E_NOMEM;
	else if (!makes_sense(ret_counted, chunk))
		rc = ACTOR_E_DECODE;
	if (rc < 0)
		counted_schema_drop(ret_counted);
	return rc;
}

/* Whether that is our own misfortune; anything else is the worker's. */
static bool is_our_own(int rc)
{
	return rc == ACTOR_E_NOMEM || rc == ACTOR_E_CANCELLED;
}

static int advance(struct porter *self, size_t n_bytes, struct actor_context *context)
{
	return ACTOR_SEND(context, self->peers.progress, advance,
			  &(struct advance){ .n_bytes = n_bytes });
}

static int report(struct porter *self, size_t n_bytes, struct actor_context *context)
{
	struct worker_report message = { self->peers.index, n_bytes };
	int rc = ACTOR_SEND(context, self->peers.progress, worker_report, &message);

	return rc < 0 ? rc : advance(self, n_bytes, context);
}

/* The end of a connection says more than that of the calls that ended with it. */
static void describe_loss(struct porter *self, int status, char *ret_why, size_t n_why,
			  struct actor_context *context)
{
	int64_t deadline_ns = actor_deadline_after(context, PATIENCE_NS);
	const struct actor_peer_event *end;
	struct actor_event event;

	snprintf(ret_why, n_why, "%s", actor_strerror(status));
	if ((status != ACTOR_E_DISCONNECTED && status != ACTOR_E_CLOSED) ||
	    actor_subscription_next(context, self->peers.end, deadline_ns, &event) < 0)
		return;
	end = ACTOR_EVENT(actor_peer_event, &event);
	snprintf(ret_why, n_why, "%s%s%s", end->text, end->system_errno ? ": " : "",
		 end->system_errno ? strerror(end->system_errno) : "");
	actor_event_drop(&event);
}

/* The worker is no good any more; why is told to its other porters, too. */
static int lose(struct porter *self, struct chunk *chunk, int status, struct actor_context *context)
{
	struct give_back message = { *chunk };
	char why[256];
	int rc;

	*chunk = (struct chunk){ 0 };
	describe_loss(self, status, why, sizeof why, context);
	actor_peer_close(self->peers.peer, why);
	rc = progress_lose(context, self->peers.progress, self->peers.index, why);
	if (rc == 0)
		rc = ACTOR_CALL(context, self->peers.chunks, give_back, NULL, &message);
	actor_message_drop(&give_back_type, &message);
	return rc;
}

/* From the files to the counters. If the worker was lost on the way, the chunk is gone. */
static int carry(struct porter *self, struct chunk *chunk, struct actor_context *context)
{
	struct counted counted;
	int rc = ask(self, chunk, &counted, context);

	if (rc < 0)
		return is_our_own(rc) ? rc : lose(self, chunk, rc, context);
	rc = add_counted(self, &counted, context);
	counted_schema_drop(&counted);
	return rc < 0 ? rc : report(self, chunk->n, context);
}

/* A word that fits in no frame. */
static int count_here(struct porter *self, struct chunk *chunk, struct actor_context *context)
{
	int rc = batches_add_text(&self->batches, chunk->bytes, chunk->n, context);

	return rc < 0 ? rc : advance(self, chunk->n, context);
}

/* As long as there is something to carry, and somebody to carry it to. */
static int carry_all(struct porter *self, struct actor_context *context)
{
	struct next_chunk next = { 0 };
	struct chunk chunk;
	int rc;

	do {
		rc = ACTOR_CALL(context, self->peers.chunks, next_chunk, &chunk, &next);
		if (rc < 0 || !chunk.bytes)
			break;
		rc = chunk.n > JOBS_MOST_BYTES ? count_here(self, &chunk, context)
					       : carry(self, &chunk, context);
		next.n_done = chunk.bytes != NULL;
		chunk_drop(&chunk);
	} while (rc == 0 && next.n_done);
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
