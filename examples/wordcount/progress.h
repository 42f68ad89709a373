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
 * struct worker_report - what a worker has done
 * @index:    which one
 * @n_chunks: that it has counted since the last report
 * @n_bytes:  of them
 * @lost:     it will not count any more: why, an ACTOR_E_*; or 0
 */
struct worker_report {
	size_t index;
	uint64_t n_chunks;
	uint64_t n_bytes;
	int lost;
};
ACTOR_SIGNAL(worker_report);

/** struct progress - what the user sees on stderr while files are read */
#define PROGRESS_MESSAGES(CALL, SEND, X)                                                           \
	SEND(X, advance)                                                                           \
	SEND(X, skip)                                                                              \
	SEND(X, worker_report)                                                                     \
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

#endif
