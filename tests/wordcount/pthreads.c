/* SPDX-License-Identifier: MIT */
/*
 * wordcount by hand: what examples/wordcount does, with the same command line and the same output,
 * but with POSIX threads and no actors, to be compared with it.
 *
 * What splits text and counts and ranks words is the example's own, which knows nothing of actors;
 * so what is compared is how threads share the work, and nothing else. Here each of them takes a
 * piece of a file, under a lock, counts its words in tables that no other thread sees, and takes
 * the next. When all is read, each gathers a share of the words from everybody's tables, and ranks
 * them. So they only meet for a piece of 8 MB; the price is that frequent words, and the less
 * frequent ones too in the end, are held by every thread.
 *
 * There is no progress bar, and --counters and --mailbox are without meaning.
 */
#include "options.h"
#include "piece.h"
#include "ranking.h"
#include "text.h"
#include "walk.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* As the example has them. */
#define PIECE_BYTES ((int64_t)8 << 20)
#define N_READ ((size_t)128 << 10)

/* Words split at a time, so that their places in the tables can be fetched meanwhile. */
#define N_SPLIT 64

struct worker;

/**
 * struct job - what all threads work at
 * @lock:      for what comes next
 * @walk:      where it is among the files
 * @rest:      of the file it is at, what nobody has taken
 * @n_bytes:   size of that file
 * @n_skipped: files that could not be read
 * @failed:    out of memory: nothing is worth doing any more
 * @n_top:     how many words are wanted
 * @workers:   @n_workers
 */
struct job {
	pthread_mutex_t lock;
	struct walk walk;
	struct piece rest;
	int64_t n_bytes;
	size_t n_skipped;
	atomic_bool failed;
	size_t n_top;
	size_t n_workers;
	struct worker *workers;
};

/**
 * struct worker - what one thread has to itself
 * @job:     of all
 * @thread:  its own
 * @text:    reads
 * @tables:  the words it has counted, one table for each worker, who will gather it
 * @ranking: of the words that it has gathered
 */
struct worker {
	struct job *job;
	pthread_t thread;
	struct text text;
	struct table *tables;
	struct ranking ranking;
};

/* ---- pieces; with the lock ---- */

static void skip(struct job *job, const char *path, int error)
{
	fprintf(stderr, "wordcount: %s: %s\n", path, strerror(error));
	job->n_skipped++;
}

/* Return: a file descriptor, or a negative errno. */
static int open_entry(const struct walk_entry *entry)
{
	int fd;

	if (entry->error)
		return -entry->error;
	if (strcmp(entry->path, WALK_STDIN) == 0)
		fd = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0);
	else
		fd = open(entry->path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	return fd < 0 ? -errno : fd;
}

static void begin_file(struct job *job, const struct walk_entry *entry, int fd)
{
	char *path = strdup(entry->path);

	if (!path) {
		close(fd);
		atomic_store(&job->failed, true);
		return;
	}
	job->n_bytes = entry->n_bytes;
	job->rest = (struct piece){
		.path = path,
		.fd = fd,
		.is_stream = entry->is_stream,
		.end = PIECE_TO_EOF,
	};
}

/* Turn to the next file that can be opened, if there is one. */
static void next_file(struct job *job)
{
	struct walk_entry entry;
	int fd;

	while (walk_next(&job->walk, &entry)) {
		fd = open_entry(&entry);
		if (fd >= 0) {
			begin_file(job, &entry, fd);
			return;
		}
		skip(job, entry.path, -fd);
	}
}

/* Return: whether there was one; it is the caller's then. */
static bool take_piece(struct job *job, struct piece *ret_piece)
{
	struct piece piece = { 0 };

	pthread_mutex_lock(&job->lock);
	if (!job->rest.path && !atomic_load(&job->failed))
		next_file(job);
	if (job->rest.path && !atomic_load(&job->failed))
		piece = piece_cut(&job->rest, job->n_bytes - job->rest.begin, PIECE_BYTES);
	pthread_mutex_unlock(&job->lock);
	*ret_piece = piece;
	return piece.path != NULL;
}

/* ---- counting ---- */

/* By bits that the tables leave alone. */
static struct table *table_of(struct worker *worker, const struct word *word)
{
	return &worker->tables[(word->hash >> 32) * worker->job->n_workers >> 32];
}

/* A place in a large table takes longer to come than a word to be split: ask for it in time. */
static void fetch(const struct table *table, const struct word *word)
{
	if (table->n_entries > 0)
		__builtin_prefetch(&table->entries[word->hash & (table->n_entries - 1)]);
}

static bool count_text(struct worker *worker, char *bytes, size_t n)
{
	struct word found[N_SPLIT];
	struct words words;
	size_t n_found;

	words_init(&words, bytes, n);
	while ((n_found = words_take(&words, found, N_SPLIT)) > 0) {
		for (size_t i = 0; i < n_found; i++)
			fetch(table_of(worker, &found[i]), &found[i]);
		for (size_t i = 0; i < n_found; i++)
			if (!table_add(table_of(worker, &found[i]), &found[i], 1))
				return false;
	}
	return true;
}

/* Return: false when out of memory. That a piece cannot be read is no reason to end. */
static bool read_piece(struct worker *worker, const struct piece *piece)
{
	char *bytes;
	int status;
	size_t n;

	text_begin(&worker->text, piece);
	while ((status = text_next(&worker->text, piece, &bytes, &n)) > 0)
		if (!count_text(worker, bytes, n))
			return false;
	if (status == -ENOMEM)
		return false;
	if (status < 0) {
		pthread_mutex_lock(&worker->job->lock);
		skip(worker->job, piece->path, -status);
		pthread_mutex_unlock(&worker->job->lock);
	}
	return true;
}

static void *count(void *user)
{
	struct worker *worker = user;
	struct piece piece;

	while (take_piece(worker->job, &piece)) {
		if (!read_piece(worker, &piece))
			atomic_store(&worker->job->failed, true);
		piece_drop(&piece);
	}
	text_deinit(&worker->text);
	return NULL;
}

/* ---- gathering ---- */

static bool add_all(struct table *words, struct table *more)
{
	const struct table_entry *entry;

	for (entry = NULL; (entry = table_next(more, entry));)
		if (!table_add(words, &entry->word, entry->count))
			return false;
	table_deinit(more);
	return true;
}

static void *gather(void *user)
{
	struct worker *worker = user, *other;
	struct job *job = worker->job;
	size_t share = (size_t)(worker - job->workers);
	struct table *words = &worker->tables[share];
	bool good = true;

	for (other = job->workers; good && other < job->workers + job->n_workers; other++)
		if (other != worker)
			good = add_all(words, &other->tables[share]);
	if (!good || !ranking_of(words, job->n_top, &worker->ranking))
		atomic_store(&job->failed, true);
	return NULL;
}

/* ---- the program ---- */

static enum status give_up(const char *why)
{
	fprintf(stderr, "wordcount: gave up: %s\n", why);
	return STATUS_GAVE_UP;
}

/* Let every worker do something, each on a thread; return: 0 or an errno. */
static int on_all(struct job *job, void *(*what)(void *worker))
{
	size_t n_begun;
	int error = 0;

	for (n_begun = 0; n_begun < job->n_workers && error == 0; n_begun += error == 0) {
		struct worker *worker = &job->workers[n_begun];

		error = pthread_create(&worker->thread, NULL, what, worker);
	}
	if (error != 0)
		atomic_store(&job->failed, true);
	while (n_begun > 0)
		pthread_join(job->workers[--n_begun].thread, NULL);
	return error == 0 && atomic_load(&job->failed) ? ENOMEM : error;
}

static enum status print(struct job *job)
{
	struct ranking *rankings = calloc(job->n_workers, sizeof *rankings);
	const struct table_entry *entry;

	if (!rankings)
		return give_up(strerror(ENOMEM));
	for (size_t i = 0; i < job->n_workers; i++)
		rankings[i] = job->workers[i].ranking; /* moved, to lie next to each other */
	for (size_t i = 0; i < job->n_top; i++) {
		entry = ranking_take(rankings, job->n_workers);
		if (!entry)
			break;
		printf("%llu ", (unsigned long long)entry->count);
		fwrite(entry->word.text, 1, entry->word.length, stdout);
		putchar('\n');
	}
	free(rankings);
	if (fflush(stdout) != 0 || ferror(stdout))
		return give_up(strerror(errno));
	return job->n_skipped > 0 ? STATUS_SKIPPED : STATUS_OK;
}

static bool job_init(struct job *job, const struct options *options)
{
	*job = (struct job){ .lock = PTHREAD_MUTEX_INITIALIZER, .n_top = options->n_top };
	walk_init(&job->walk, options->paths);
	job->workers = calloc(options->n_threads, sizeof *job->workers);
	if (!job->workers)
		return false;
	while (job->n_workers < options->n_threads) {
		struct worker *worker = &job->workers[job->n_workers++];

		worker->job = job;
		worker->tables = calloc(options->n_threads, sizeof *worker->tables);
		if (!worker->tables || !text_init(&worker->text, N_READ))
			return false;
	}
	return true;
}

static void job_deinit(struct job *job)
{
	struct worker *worker;

	for (worker = job->workers; worker < job->workers + job->n_workers; worker++) {
		for (size_t i = 0; worker->tables && i < job->n_workers; i++)
			table_deinit(&worker->tables[i]);
		free(worker->tables);
		text_deinit(&worker->text);
		ranking_deinit(&worker->ranking);
	}
	free(job->workers);
	piece_drop(&job->rest);
	walk_deinit(&job->walk);
}

int main(int argc, char **argv)
{
	struct options options;
	enum status status;
	struct job job;
	int error;

	if (!options_parse(argc, argv, &options, &status))
		return status;
	error = job_init(&job, &options) ? on_all(&job, count) : ENOMEM;
	if (error == 0)
		error = on_all(&job, gather);
	status = error == 0 ? print(&job) : give_up(strerror(error));
	job_deinit(&job);
	return status;
}
