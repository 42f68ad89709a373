/* SPDX-License-Identifier: MIT */
/*
 * A worker: an actor that counts the words of a text, and a server that offers that. It counts one
 * text after the other; what comes meanwhile waits, bounded, as it does for any peer.
 */
#include "worker.h"
#include "connection.h"
#include "jobs.h"
#include "options.h"
#include "program.h"
#include "server.h"
#include "table.h"

#include <stdlib.h>

#define ABACUS_MESSAGES(CALL, SEND, X) CALL(X, count)
ACTOR_DECLARE(abacus, ABACUS_MESSAGES);

/** struct abacus - the state of the actor */
struct abacus {
	struct table words;
};

/* ---- counting */

static bool count_text(struct table *table, char *bytes, size_t n)
{
	struct word found[WORDS_AT_A_TIME];
	struct words words;
	size_t n_found;

	words_init(&words, bytes, n);
	while ((n_found = words_take(&words, found, WORDS_AT_A_TIME)) > 0)
		for (size_t i = 0; i < n_found; i++)
			if (!table_add(table, &found[i], 1))
				return false;
	return true;
}

/* What comes over a connection ends where it ends: with room behind it for the splitter. */
static bool count_blob(struct table *table, struct actor_blob *text)
{
	uint8_t *padded = realloc(text->data, text->n + WORDS_PADDING);

	if (!padded)
		return false;
	text->data = padded;
	return count_text(table, (char *)padded, text->n);
}

static void write_down(const struct table *table, struct counted *counted)
{
	const struct table_entry *entry;
	uint8_t *to = counted->words.data;

	for (entry = NULL; (entry = table_next(table, entry));) {
		memcpy(to, entry->word.text, entry->word.length);
		to += entry->word.length;
		*to++ = ' ';
		counted->counts.items[counted->counts.n++] = entry->count;
	}
	counted->words.n = (size_t)(to - counted->words.data);
}

static bool result_of(const struct table *table, struct counted *ret_counted)
{
	*ret_counted = (struct counted){ 0 };
	if (table->n_words == 0)
		return true;
	ret_counted->words.data = malloc(table->texts.n_bytes + table->n_words);
	ret_counted->counts.items = malloc(table->n_words * sizeof *ret_counted->counts.items);
	if (!ret_counted->words.data || !ret_counted->counts.items) {
		counted_schema_drop(ret_counted);
		return false;
	}
	write_down(table, ret_counted);
	return true;
}

static void abacus_on_count(struct abacus *self, struct count *message,
			    struct count_pending pending, struct actor_context *context)
{
	struct count_reply reply = count_reply_take(pending);
	struct counted counted;

	(void)context;
	if (message->text.n > JOBS_MOST_BYTES)
		count_reply_refuse(&reply, ACTOR_E_TOO_BIG);
	else if (!count_blob(&self->words, &message->text) || !result_of(&self->words, &counted))
		count_reply_refuse(&reply, ACTOR_E_NOMEM);
	else
		count_reply_answer(&reply, counted);
	table_deinit(&self->words);
}

static void abacus_destroy(struct abacus *self)
{
	table_deinit(&self->words);
}

ACTOR_DEFINE(abacus, ABACUS_MESSAGES, NULL, NULL, abacus_destroy);

/* ---- serving */

struct offer {
	struct abacus state;
	union abacus_address abacus;
	struct jobs_services services;
};

static int offer_welcome(void *user, struct actor_peer *peer)
{
	const struct offer *offer = user;

	return actor_peer_serve(peer, offer->services.map);
}

static int offer_init(struct offer *offer, struct actor_executor *executor)
{
	int rc = jobs_services_create(&offer->services);

	if (rc == 0)
		rc = ACTOR_SPAWN(abacus, actor_executor_spawner(executor), &offer->state, NULL,
				 &offer->abacus);
	if (rc == 0)
		rc = ACTOR_SERVE(jobs, offer->services, count, offer->abacus);
	return rc;
}

static void offer_deinit(struct offer *offer)
{
	actor_service_map_unref(offer->services.map);
	actor_address_unref(offer->abacus.address);
}

static int serve(struct actor_executor *executor, struct actor_io *io, const char *address)
{
	struct actor_context *context = actor_thread_context();
	struct offer offer = { 0 };
	struct server_options options = { address, NULL, offer_welcome, &offer };
	int status = PROGRAM_OK, rc = offer_init(&offer, executor);

	if (rc == 0)
		rc = server_run(context, io, &options);
	if (rc < 0)
		status = program_failed(address, rc, actor_error(context));
	offer_deinit(&offer);
	connection_end_io(io);
	actor_ignore(actor_executor_join(executor, ACTOR_FOREVER));
	return status;
}

/* Counting has a thread of its own, so that it keeps no connection waiting. */
int worker_main(const char *address)
{
	const struct actor_pool_options one = { .size = sizeof one, .n_threads = 1 };
	struct actor_executor *pool;
	struct actor_io *io = NULL;
	int rc, status;

	program_begin("wordcount");
	program_signals_block();
	rc = actor_pool_create(&one, &pool);
	if (rc < 0)
		return program_failed("a worker", rc, NULL);
	rc = actor_io_create(NULL, &io);
	status = rc < 0 ? program_failed("a worker", rc, NULL) : serve(pool, io, address);
	actor_executor_destroy(pool);
	return status;
}
