/* SPDX-License-Identifier: MIT */
/*
 * The progress actor is the only one that writes to stderr while files are read. That is what keeps
 * the bar and the names of unreadable files from running into each other, without a lock.
 *
 * The bar is a line of fixed width that is written over from its beginning: every terminal can do
 * that.
 */
#include "progress.h"

#include <stdio.h>
#include <stdlib.h>

#define N_CELLS 24
#define N_LINE 78
#define DRAW_EVERY_NS 100000000 /* 0.1 s */

/**
 * struct progress - the state of the actor
 * @has_bar:      whether there is a bar
 * @total:        what there is to read, if so
 * @done:         what has been read
 * @n_skipped:    files that could not be read
 * @next_draw_ns: when to draw the bar again
 */
struct progress {
	bool has_bar;
	struct walk_total total;
	struct advance done;
	uint64_t n_skipped;
	int64_t next_draw_ns;
};

static void skip_drop(void *message)
{
	free(((struct skip *)message)->path);
}

ACTOR_SIGNAL_DEFINE(advance, "wordcount.advance", NULL);
ACTOR_SIGNAL_DEFINE(skip, "wordcount.skip", skip_drop);
ACTOR_MESSAGE_DEFINE(finish, "wordcount.finish", NULL, NULL);

/* Write over the line that is there. */
static void show_line(const char *line)
{
	fprintf(stderr, "\r%-*.*s\r", N_LINE, N_LINE, line);
}

/* Without a bar if there is more to read than anybody knew, from a pipe for example. */
static void draw(const struct progress *self)
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
	if (self->has_bar)
		show_line("");
	fprintf(stderr, "wordcount: %s: %s\n", message->path, strerror(message->error));
}

static uint64_t progress_on_finish(struct progress *self, struct finish *message,
				   struct actor_context *context)
{
	(void)message;
	(void)context;
	if (self->has_bar)
		show_line("");
	self->has_bar = false;
	return self->n_skipped;
}

static void progress_destroy(struct progress *self)
{
	free(self);
}

ACTOR_DEFINE(progress, PROGRESS_MESSAGES, NULL, NULL, progress_destroy);

int progress_spawn(struct actor_spawner *spawner, const struct walk_total *total,
		   const struct actor_mailbox_options *options, union progress_address *ret_address)
{
	struct progress *self = calloc(1, sizeof *self);
	int rc;

	if (!self)
		return ACTOR_E_NOMEM;
	if (total) {
		self->has_bar = true;
		self->total = *total;
	}
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
