/* SPDX-License-Identifier: MIT */
/*
 * The files actor knows what is left to read. Readers ask it for work when they have none, so a
 * fast one reads more than a slow one; and because a large file is handed out in pieces, it keeps
 * all of them busy, whether it comes first or last.
 *
 * A file is opened here, once, so that one that cannot be is named once.
 */
#include "files.h"
#include "walk.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

/* Large enough that asking costs nothing, small enough that the last one does not take long. */
#define PIECE_BYTES ((int64_t)8 << 20)

/**
 * struct files - the state of the actor
 * @walk:     where it is among the files
 * @rest:     of the file it is at, what has not been handed out
 * @n_bytes:  size of that file
 * @progress: is told what cannot be read; owned
 */
struct files {
	struct walk walk;
	struct piece rest;
	int64_t n_bytes;
	union progress_address progress;
};

ACTOR_MESSAGE_DEFINE(next_piece, "wordcount.next_piece", NULL, piece_drop);

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

/* All of a file is left to be handed out. */
static int begin_file(struct files *self, const struct walk_entry *entry, int fd)
{
	char *path = strdup(entry->path);

	if (!path) {
		close(fd);
		return ACTOR_E_NOMEM;
	}
	self->n_bytes = entry->n_bytes;
	self->rest = (struct piece){
		.path = path,
		.fd = fd,
		.is_stream = entry->is_stream,
		.end = PIECE_TO_EOF,
	};
	return 0;
}

/* Turn to the next file that can be opened, if there is one. */
static int next_file(struct files *self, struct actor_context *context)
{
	struct walk_entry entry;
	int fd, rc;

	while (walk_next(&self->walk, &entry)) {
		fd = open_entry(&entry);
		if (fd >= 0)
			return begin_file(self, &entry, fd);
		rc = progress_skip(context, self->progress, entry.path, -fd);
		if (rc < 0)
			return rc;
	}
	return 0;
}

static void files_on_next_piece(struct files *self, struct next_piece *message,
				struct next_piece_pending pending, struct actor_context *context)
{
	struct next_piece_reply reply = next_piece_reply_take(pending);
	struct piece piece = { 0 };
	int rc = self->rest.path ? 0 : next_file(self, context);

	(void)message;
	if (rc < 0) {
		next_piece_reply_refuse(&reply, rc);
		return;
	}
	if (self->rest.path)
		piece = piece_cut(&self->rest, self->n_bytes - self->rest.begin, PIECE_BYTES);
	next_piece_reply_answer(&reply, piece);
}

static void files_destroy(struct files *self)
{
	actor_address_unref(self->progress.address);
	piece_drop(&self->rest);
	walk_deinit(&self->walk);
	free(self);
}

ACTOR_DEFINE(files, FILES_MESSAGES, NULL, NULL, files_destroy);

int files_spawn(struct actor_spawner *spawner, char *const *paths, union progress_address progress,
		const struct actor_mailbox_options *options, union files_address *ret_address)
{
	struct files *self = calloc(1, sizeof *self);
	int rc;

	if (!self)
		return ACTOR_E_NOMEM;
	walk_init(&self->walk, paths);
	self->progress = progress;
	actor_address_ref(progress.address);
	rc = ACTOR_SPAWN(files, spawner, self, options, ret_address);
	if (rc < 0)
		files_destroy(self);
	return rc;
}
