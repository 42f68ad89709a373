/* SPDX-License-Identifier: MIT */
/*
 * supervised [--fail-at N] FILE... - count words with actors that fail
 *
 *	main --send--> splitters --send--> counter
 *
 * Each Nth time (2 or more) that a splitter has counted the words of a page, it fails, and what it
 * has counted is lost. Its supervisor starts another one, at the same address, which begins with
 * the same page. So the numbers are the same as without.
 */
#include "splitter.h"

#include <actor-impl/actor-impl.h>
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { N_SPLITTERS = 2, N_TOP = 5, N_PAGE = 4096 };

static void check(int status, const char *what)
{
	if (status >= 0)
		return;
	fprintf(stderr, "supervised: %s: %s\n", what, actor_strerror(status));
	exit(EXIT_FAILURE);
}

/* ---- the supervisor, and its splitters ---- */

/* A splitter waits for nobody but the counter: so it may take the time that it needs to drain. */
static const struct actor_child splitter = ACTOR_CHILD(splitter, .name = "splitter",
						       .make = splitter_make, .attempts = 3,
						       .stop_ns = ACTOR_FOREVER);

static struct splitter_role roles[N_SPLITTERS];
static struct actor_child children[N_SPLITTERS];
static const struct actor_supervisor_options options = {
	.size = sizeof options,
	.children = children,
	.n_children = N_SPLITTERS,
	.strategy = ACTOR_ONE_FOR_ONE,
	.most_restarts = UINT_MAX, /* this is how it is meant to be */
};

static struct actor_mailbox *supervise(struct actor_spawner *spawner, union counter_address counter,
				       unsigned fails_at,
				       union actor_supervisor_address *ret_supervisor)
{
	struct actor_supervisor *state;
	struct actor_supervisor_mailbox mailbox = { NULL };

	for (size_t i = 0; i < N_SPLITTERS; i++) {
		roles[i] = (struct splitter_role){ .counter = counter, .fails_at = fails_at };
		children[i] = splitter;
		children[i].user = &roles[i];
	}
	check(actor_supervisor_create(&options, &state), "supervisor");
	check(ACTOR_SPAWN_MAILBOX(actor_supervisor, spawner, state, NULL, ret_supervisor, &mailbox),
	      "supervisor");
	return mailbox.mailbox;
}

/* ---- reading ---- */

static void give_page(struct actor_context *context, const struct actor_children *splitters,
		      const char *text, size_t n)
{
	static unsigned n_given;
	struct page page = { malloc(n), n };
	union splitter_address to = { NULL };

	check(page.text ? 0 : ACTOR_E_NOMEM, "page");
	memcpy(page.text, text, n);
	check(splitter_address_from(splitters->each[n_given++ % N_SPLITTERS].address, &to), "page");
	check(ACTOR_SEND(context, to, page, &page), "page"); /* waits while that one is behind */
}

/* In pages that end between two words. */
static void read_file(struct actor_context *context, const struct actor_children *splitters,
		      FILE *file)
{
	char text[N_PAGE];
	size_t n = 0, n_read;

	while ((n_read = fread(text + n, 1, sizeof text - n, file)) > 0) {
		size_t n_words;

		n += n_read;
		n_words = n - words_trailing(text, n);
		if (n_words == 0) /* all of it is one word */
			n_words = n;
		give_page(context, splitters, text, n_words);
		n -= n_words;
		memmove(text, text + n_words, n);
	}
	if (n > 0)
		give_page(context, splitters, text, n);
}

static void read_files(struct actor_context *context, union actor_supervisor_address supervisor,
		       char **paths)
{
	struct actor_children splitters;

	check(ACTOR_CALL(context, supervisor, actor_child_list, &splitters,
			 &(struct actor_child_list){ 0 }),
	      "splitters");
	for (; *paths; paths++) {
		FILE *file = fopen(*paths, "rb");

		if (!file) {
			fprintf(stderr, "supervised: %s: %s\n", *paths, strerror(errno));
			exit(EXIT_FAILURE);
		}
		read_file(context, &splitters, file);
		fclose(file);
	}
	actor_children_drop(&splitters);
}

/* ---- the result ---- */

static void print(struct ranking *ranking)
{
	const struct table_entry *entry;
	uint64_t n_words = 0;

	for (size_t i = 0; (entry = ranking_take(ranking, 1)); i++) {
		n_words += entry->count;
		if (i < N_TOP)
			printf("%8" PRIu64 " %.*s\n", entry->count, (int)entry->word.length,
			       entry->word.text);
	}
	printf("%8" PRIu64 " words\n", n_words);
}

static unsigned n_failures(void)
{
	unsigned n = 0;

	for (size_t i = 0; i < N_SPLITTERS; i++)
		n += roles[i].n_made - 1;
	return n;
}

int main(int argc, char **argv)
{
	struct actor_context *context = actor_thread_context();
	bool fails = argc > 2 && strcmp(argv[1], "--fail-at") == 0;
	unsigned fails_at = fails ? (unsigned)atoi(argv[2]) : 0;
	union actor_supervisor_address supervisor;
	struct actor_mailbox *supervisor_mailbox;
	union counter_address counter;
	struct actor_executor *pool;
	struct actor_future future;
	struct ranking ranking = { 0 };

	check(context ? 0 : ACTOR_E_NOMEM, "main");
	check(actor_pool_create(NULL, &pool), "pool");
	check(counter_spawn(actor_executor_spawner(pool), NULL, &counter), "counter");
	check(ACTOR_CALL_BEGIN(context, &future, counter, top_words, &ranking,
			       &(struct top_words){ SIZE_MAX }),
	      "counter");
	supervisor_mailbox = supervise(actor_executor_spawner(pool), counter, fails_at,
				       &supervisor);
	read_files(context, supervisor, argv + 1 + (fails ? 2 : 0));
	/* Nobody needs them any more: they handle what they have, then the supervisor ends. */
	actor_address_unref(supervisor.address);
	check(actor_mailbox_join(context, supervisor_mailbox, ACTOR_FOREVER, NULL), "supervisor");
	actor_mailbox_detach(supervisor_mailbox);

	check(ACTOR_SEND(context, counter, enough, &(struct enough){ 0 }), "counter");
	check(actor_future_await(&future, ACTOR_FOREVER), "counter");
	print(&ranking);
	printf("%8u failures\n", n_failures());
	ranking_deinit(&ranking);
	actor_address_unref(counter.address);
	check(actor_executor_join(pool, ACTOR_FOREVER), "pool");
	check(actor_executor_destroy(pool), "pool");
	return EXIT_SUCCESS;
}
