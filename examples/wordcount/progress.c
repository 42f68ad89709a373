/* SPDX-License-Identifier: MIT */
/*
 * The progress actor is the only one that writes to stderr while files are read. That is what keeps
 * the bar and the names of unreadable files from running into each other, without a lock.
 *
 * The bar is a line of fixed width that is written over from its beginning: every terminal can do
 * that. Where workers count, each has a line above it, for which the cursor has to be moved up, as
 * all but the oldest can.
 */
#include "progress.h"

#include <stdio.h>
#include <stdlib.h>

#define N_CELLS 24
#define N_LINE 78
#define DRAW_EVERY_NS 100000000 /* 0.1 s */

/**
 * struct worker - somebody who counts
 * @address:  borrowed
 * @n_chunks: that it has counted
 * @n_bytes:  of them
 * @is_lost:  whether it does not any more
 */
struct worker {
	const char *address;
	uint64_t n_chunks;
	uint64_t n_bytes;
	bool is_lost;
};

/**
 * struct progress - the state of the actor
 * @has_bar:      whether there is a bar
 * @total:        what there is to read, if so
 * @done:         what has been read
 * @n_skipped:    files that could not be read
 * @next_draw_ns: when to draw the bar again
 * @workers:      those who count
 * @n_workers:    how many
 * @is_drawn:     whether there are lines to be written over
 */
struct progress {
	bool has_bar;
	struct walk_total total;
	struct advance done;
	uint64_t n_skipped;
	int64_t next_draw_ns;
	struct worker *workers;
	size_t n_workers;
	bool is_drawn;
};

static void skip_drop(void *message)
{
	free(((struct skip *)message)->path);
}

static void worker_loss_drop(void *message)
{
	free(((struct worker_loss *)message)->why);
}

ACTOR_SIGNAL_DEFINE(advance, "wordcount.advance", NULL);
ACTOR_SIGNAL_DEFINE(skip, "wordcount.skip", skip_drop);
ACTOR_SIGNAL_DEFINE(worker_report, "wordcount.worker_report", NULL);
ACTOR_SIGNAL_DEFINE(worker_loss, "wordcount.worker_loss", worker_loss_drop);
ACTOR_MESSAGE_DEFINE(finish, "wordcount.finish", NULL, NULL);

/* Write over the line that is there. */
static void show_line(const char *line)
{
	fprintf(stderr, "\r%-*.*s\r", N_LINE, N_LINE, line);
}

/* To the first line of what has been drawn. */
static void go_up(const struct progress *self)
{
	if (self->is_drawn && self->n_workers > 0)
		fprintf(stderr, "\033[%zuA", self->n_workers);
}

static void erase(struct progress *self)
{
	if (!self->has_bar)
		return;
	go_up(self);
	for (size_t i = 0; self->is_drawn && i < self->n_workers; i++)
		fprintf(stderr, "\r%-*s\n", N_LINE, "");
	show_line("");
	go_up(self);
	self->is_drawn = false;
}

static void draw_workers(const struct progress *self)
{
	char line[160];

	for (size_t i = 0; i < self->n_workers; i++) {
		const struct worker *worker = &self->workers[i];

		snprintf(line, sizeof line, "%.40s: %llu chunks, %.1f MB, %s", worker->address,
			 (unsigned long long)worker->n_chunks, (double)worker->n_bytes / 1e6,
			 worker->is_lost ? "lost" : "counting");
		fprintf(stderr, "\r%-*.*s\n", N_LINE, N_LINE, line);
	}
}

/* Without a bar if there is more to read than anybody knew, from a pipe for example. */
static void draw_total(const struct progress *self)
{
	static const char full[N_CELLS + 1] = "########################";
	double n_done = (double)self->done.n_bytes, n_total = (double)self->total.n_bytes;
	char bar[64] = "", of[32] = "", line[160];

	if (n_done > 0 && n_done <= n_total) {
		snprintf(bar, sizeof bar, "[%-*.*s] %3d%%  ", N_CELLS,
			 (int)(n_done / n_total * N_CELLS), full, (int)(n_done / n_total * 100));
		snprintf(of, sizeof of, " of %.1f", n_total / 1e6);
	}
	snprintf(line, sizeof line, "%s%.1f%s MB, %llu of %llu files", bar, n_done / 1e6, of,
		 (unsigned long long)self->done.n_files, (unsigned long long)self->total.n_files);
	show_line(line);
}

static void draw(struct progress *self)
{
	go_up(self);
	draw_workers(self);
	draw_total(self);
	self->is_drawn = true;
}

static void progress_on_advance(struct progress *self, struct advance *message,
				struct actor_context *context)
{
	int64_t now = actor_now(context);

	self->done.n_files += message->n_files;
	self->done.n_bytes += message->n_bytes;
	if (!self->has_bar || now < self->next_draw_ns)
		return;
	self->next_draw_ns = now + DRAW_EVERY_NS;
	draw(self);
}

static void progress_on_skip(struct progress *self, struct skip *message,
			     struct actor_context *context)
{
	(void)context;
	self->n_skipped++;
	erase(self);
	fprintf(stderr, "wordcount: %s: %s\n", message->path, strerror(message->error));
}

static void progress_on_worker_report(struct progress *self, struct worker_report *message,
				      struct actor_context *context)
{
	struct worker *worker = &self->workers[message->index];

	(void)context;
	worker->n_chunks++;
	worker->n_bytes += message->n_bytes;
}

/* Each of those who carry to it says so. */
static void progress_on_worker_loss(struct progress *self, struct worker_loss *message,
				    struct actor_context *context)
{
	struct worker *worker = &self->workers[message->index];

	(void)context;
	if (worker->is_lost)
		return;
	worker->is_lost = true;
	erase(self);
	fprintf(stderr, "wordcount: %s: lost: %s\n", worker->address, message->why);
}

static uint64_t progress_on_finish(struct progress *self, struct finish *message,
				   struct actor_context *context)
{
	(void)message;
	(void)context;
	erase(self);
	self->has_bar = false;
	return self->n_skipped;
}

static void progress_destroy(struct progress *self)
{
	free(self->workers);
	free(self);
}

ACTOR_DEFINE(progress, PROGRESS_MESSAGES, NULL, NULL, progress_destroy);

static struct progress *progress_create(const struct progress_options *shown)
{
	struct progress *self = calloc(1, sizeof *self);

	if (!self)
		return NULL;
	if (shown->total) {
		self->has_bar = true;
		self->total = *shown->total;
	}
	if (shown->n_workers == 0)
		return self;
	self->workers = calloc(shown->n_workers, sizeof *self->workers);
	if (!self->workers) {
		progress_destroy(self);
		return NULL;
	}
	for (; self->n_workers < shown->n_workers; self->n_workers++)
		self->workers[self->n_workers].address = shown->workers[self->n_workers];
	return self;
}

int progress_spawn(struct actor_spawner *spawner, const struct progress_options *shown,
		   const struct actor_mailbox_options *options, union progress_address *ret_address)
{
	struct progress *self = progress_create(shown);
	int rc;

	if (!self)
		return ACTOR_E_NOMEM;
	rc = ACTOR_SPAWN(progress, spawner, self, options, ret_address);
	if (rc < 0)
		progress_destroy(self);
	return rc;
}

int progress_skip(struct actor_context *context, union progress_address progress, const char *path,
		  int error)
{
	struct skip skip = { .path = strdup(path), .error = error };
	int rc = ACTOR_E_NOMEM;

	if (skip.path)
		rc = ACTOR_SEND(context, progress, skip, &skip);
	skip_drop(&skip);
	return rc;
}

int progress_lose(struct actor_context *context, union progress_address progress, size_t index,
		  const char *why)
{
	struct worker_loss loss = { index, strdup(why) };
	int rc = ACTOR_E_NOMEM;

	if (loss.why)
		rc = ACTOR_SEND(context, progress, worker_loss, &loss);
	worker_loss_drop(&loss);
	return rc;
}
