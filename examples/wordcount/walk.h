/* SPDX-License-Identifier: MIT */
#ifndef WORDCOUNT_WALK_H
#define WORDCOUNT_WALK_H

#include <fts.h>
#include <stdbool.h>
#include <stdint.h>

/**
 * struct walk - visits the files that a command line names
 * @paths: of the command line that come next, ended by NULL
 * @tree:  of the path before those, NULL when it is done with
 */
struct walk {
	char *const *paths;
	FTS *tree;
};

/**
 * struct walk_entry - a file to read
 * @path:      borrowed until the next step; WALK_STDIN for standard input
 * @is_stream: whether it is not a regular file, so that it may have neither size nor offsets
 * @n_bytes:   its size, 0 for a stream
 * @error:     0, or the errno that says why there is nothing to read under this path
 */
struct walk_entry {
	const char *path;
	bool is_stream;
	int64_t n_bytes;
	int error;
};

/** WALK_STDIN - how a command line names standard input */
#define WALK_STDIN "-"

/** walk_init() - begin with the first of @paths, which are borrowed until walk_deinit() */
void walk_init(struct walk *walk, char *const *paths);

/** walk_deinit() - release what a walk holds, wherever it is */
void walk_deinit(struct walk *walk);

/**
 * walk_next() - one step
 * @walk:      where
 * @ret_entry: the next file, or why there is none
 *
 * A path is read whatever it leads to, symbolic links followed. A directory is visited with all
 * below it: regular files, and nothing else. Neither links nor loops of links lead anywhere there.
 *
 * Return:  false at the end
 */
bool walk_next(struct walk *walk, struct walk_entry *ret_entry);

/**
 * struct walk_total - how much there is to read
 * @n_files: files, those included that will turn out to be unreadable
 * @n_bytes: bytes of the regular ones
 */
struct walk_total {
	uint64_t n_files;
	uint64_t n_bytes;
};

/** walk_count() - walk through everything, to know how much it is */
struct walk_total walk_count(char *const *paths);

#endif
