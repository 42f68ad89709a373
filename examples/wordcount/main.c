/* SPDX-License-Identifier: MIT */
/*
 * wordcount: the most frequent words of files.
 *
 * A program of actors that does real work. In reading order: words.c splits text, table.c counts
 * words, ranking.c sorts them; walk.c, piece.c and text.c get text out of files; none of these
 * knows what an actor is. Then the actors: files.c hands out work, reader.c does it, counter.c
 * collects the results, progress.c talks to the user, and crew.c introduces them to each other.
 *
 * All of that works on any implementation of actors. This file chooses one, a pool of threads, and
 * does what remains: start, print, say how it went.
 *
 * Other processes may do the counting: jobs.h says what they are told, worker.c is one, chunks.c
 * and porter.c give them work in the place of the readers, workers.c connects to them.
 */
#define _GNU_SOURCE /* O_PATH */

#include "crew.h"
#include "worker.h"
#include "workers.h"

#include <actor-impl/actor-impl.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* How long to wait, after an error, for readers that may be stuck in a file that gives nothing. */
#define PATIENCE_NS 1000000000 /* 1 s */

/* Return: whether all of it could be written. */
static bool print(struct ranking *rankings, size_t n_rankings, size_t n_top)
{
	const struct table_entry *entry;

	for (; n_top > 0 && (entry = ranking_take(rankings, n_rankings)); n_top--) {
		printf("%llu ", (unsigned long long)entry->count);
		fwrite(entry->word.text, 1, entry->word.length, stdout);
		putchar('\n');
	}
	return fflush(stdout) == 0 && !ferror(stdout);
}

static enum status give_up(const char *why)
{
	fprintf(stderr, "wordcount: gave up: %s\n", why);
	return STATUS_GAVE_UP;
}

static enum status give_up_for(int rc)
{
	if (rc != ACTOR_E_UNREACHABLE)
		return give_up(actor_strerror(rc));
	give_up("no worker is left");
	return STATUS_NO_WORKER;
}

/* Take the bar away, and learn how many files were skipped; do not wait long after an error. */
static int finish(struct actor_context *context, const struct crew *crew, bool patient,
		  uint64_t *ret_n_skipped)
{
	int64_t deadline = actor_deadline_after(context, patient ? ACTOR_FOREVER : PATIENCE_NS);

	return ACTOR_CALL_UNTIL(context, crew->progress, finish, ret_n_skipped, deadline,
				&(struct finish){ 0 });
}

/* From the first file to the last line of the output. */
static enum status count_and_print(struct actor_context *context, const struct crew *crew,
				   size_t n_top)
{
	struct ranking *rankings = calloc(crew->n_counters, sizeof *rankings);
	enum status status = STATUS_OK;
	uint64_t n_skipped = 0;
	int rc = rankings ? crew_count(crew, context, n_top, rankings) : ACTOR_E_NOMEM;
	int finished = finish(context, crew, rc == 0, &n_skipped);

	if (rc < 0 || finished < 0)
		status = give_up_for(rc < 0 ? rc : finished);
	else if (!print(rankings, crew->n_counters, n_top))
		status = give_up(strerror(errno));
	else if (n_skipped > 0)
		status = STATUS_SKIPPED;
	for (size_t i = 0; rankings && i < crew->n_counters; i++)
		ranking_deinit(&rankings[i]);
	free(rankings);
	return status;
}

/* Whether all has come to its end; only after an error somebody may be stuck. */
static bool is_over(struct actor_executor *pool, struct actor_context *context, bool patient)
{
	int64_t patience_ns = patient ? ACTOR_FOREVER : PATIENCE_NS;

	if (!patient)
		actor_executor_close(pool);
	return actor_executor_join(pool, actor_deadline_after(context, patience_ns)) == 0;
}

static enum status run(struct actor_executor *pool, struct actor_context *context,
		       const struct options *options, const struct hire *hire)
{
	bool has_bar = isatty(STDERR_FILENO);
	struct walk_total total = { 0 };
	enum status status;
	struct crew crew;
	int rc;

	if (has_bar)
		total = walk_count(options->paths);
	rc = crew_init(&crew, actor_executor_spawner(pool), options, hire, has_bar ? &total : NULL);
	status = rc < 0 ? give_up_for(rc) : count_and_print(context, &crew, options->n_top);
	crew_deinit(&crew);
	if (!is_over(pool, context, status != STATUS_GAVE_UP))
		_exit(status);
	return status;
}

static enum status run_with_workers(struct actor_executor *pool, struct actor_context *context,
				    const struct options *options)
{
	struct workers *workers;
	int rc = workers_open(context, options, &workers);
	enum status status = rc < 0 ? give_up_for(rc)
				    : run(pool, context, options, workers_hire(workers));

	workers_close(workers);
	return status;
}

static enum status start(struct actor_executor *pool, const struct options *options)
{
	struct actor_context *context = actor_thread_context();
	enum status status;

	if (!context)
		status = give_up(actor_strerror(ACTOR_E_NOMEM));
	else if (options->n_workers > 0)
		status = run_with_workers(pool, context, options);
	else
		status = run(pool, context, options, NULL);
	actor_executor_destroy(pool);
	return status;
}

/* What the library has to say: which actor failed, and why. */
static void log_failure(void *user, const struct actor_log_record *record)
{
	(void)user;
	fprintf(stderr, "wordcount: %s: %s\n", record->actor ? record->actor->type : "actors",
		record->text);
}

/*
 * What it was started without, of the first three descriptors, can be neither read nor written:
 * otherwise a connection would be in its place, and what is printed go there.
 */
static void hold_descriptors(void)
{
	int file;

	do {
		file = open("/dev/null", O_PATH);
	} while (file >= 0 && file <= STDERR_FILENO);
	if (file >= 0)
		close(file);
}

int main(int argc, char **argv)
{
	struct actor_pool_options pool_options = { .size = sizeof pool_options };
	struct actor_executor *pool;
	struct options options;
	enum status status;
	int rc;

	hold_descriptors();
	if (!options_parse(argc, argv, &options, &status))
		return status;
	if (options.listen)
		return worker_main(options.listen);
	actor_log_set_sink(log_failure, NULL, ACTOR_LOG_ERROR);
	pool_options.n_threads = (unsigned)options.n_threads;
	rc = actor_pool_create(&pool_options, &pool);
	status = rc < 0 ? give_up(actor_strerror(rc)) : start(pool, &options);
	options_deinit(&options);
	return status;
}
