/* SPDX-License-Identifier: MIT */
#ifndef WORDCOUNT_PROGRESS_H
#define WORDCOUNT_PROGRESS_H

#include "walk.h"

#include <actor-iface/actor-iface.h>

/**
 * struct advance - so much more has been read
 * @n_files: files that have been read to their end
 * @n_bytes: bytes
 */
struct advance {
	uint64_t n_files;
	uint64_t n_bytes;
};
ACTOR_SIGNAL(advance);

/**
 * struct skip - a file cannot be read, or not to its end
 * @path:  of it; owned
 * @error: why, an errno
 */
struct skip {
	char *path;
	int error;
};
ACTOR_SIGNAL(skip);

/**
 * struct finish - reading is over: take the bar away
 * @unit: C has no empty structs
 *
 * Answered with the number of files that were skipped.
 */
struct finish {
	char unit;
};
ACTOR_MESSAGE(finish, uint64_t);

/**
 * struct worker_report - a worker has counted a chunk
 * @index:   which one
 * @n_bytes: of the chunk
 */
struct worker_report {
	size_t index;
	uint64_t n_bytes;
};
ACTOR_SIGNAL(worker_report);

/**
 * struct worker_loss - a worker will not count any more
 * @index: which one
 * @why:   in words; owned
 *
 * Of what is said about a worker, the first is shown.
 */
struct worker_loss {
	size_t index;
	char *why;
};
ACTOR_SIGNAL(worker_loss);

/** struct progress - what the user sees on stderr while files are read */
#define PROGRESS_MESSAGES(CALL, SEND, X)                                                           \
	SEND(X, advance)                                                                           \
	SEND(X, skip)                                                                              \
	SEND(X, worker_report)                                                                     \
	SEND(X, worker_loss)                                                                       \
	CALL(X, finish)
ACTOR_DECLARE(progress, PROGRESS_MESSAGES);

/**
 * struct progress_options - what there is to tell of
 * @total:     what there is to read, copied; NULL: draw no bar
 * @workers:   addresses of those who count; borrowed while it lives
 * @n_workers: how many
 */
struct progress_options {
	const struct walk_total *total;
	const char *const *workers;
	size_t n_workers;
};

/**
 * progress_spawn() - start it
 * @spawner:     runs it
 * @shown:       borrowed, but for what it says
 * @options:     of its mailbox
 * @ret_address: the caller's to unref
 *
 * Return:  0, or as actor_spawn()
 */
int progress_spawn(struct actor_spawner *spawner, const struct progress_options *shown,
		   const struct actor_mailbox_options *options,
		   union progress_address *ret_address);

/**
 * progress_skip() - say that a file cannot be read
 * @context:  the caller's
 * @progress: is told; borrowed
 * @path:     of the file; copied
 * @error:    why, an errno
 *
 * Return:  0, or as actor_send()
 */
int progress_skip(struct actor_context *context, union progress_address progress, const char *path,
		  int error);

/**
 * progress_lose() - say that a worker will not count any more
 * @context:  the caller's
 * @progress: is told; borrowed
 * @index:    which worker
 * @why:      in words; copied
 *
 * Return:  0, or as actor_send()
 */
int progress_lose(struct actor_context *context, union progress_address progress, size_t index,
		  const char *why);

#endif
