/* SPDX-License-Identifier: MIT */
/*
 * The walk holds one directory at a time and no list of files, so that it needs no more memory for
 * a million files than for one. It is the C library's fts, a tree for each path, told to follow
 * only links that the user named, and to leave the working directory, which all threads share,
 * alone.
 */
#include "walk.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

void walk_init(struct walk *walk, char *const *paths)
{
	*walk = (struct walk){ .paths = paths };
}

void walk_deinit(struct walk *walk)
{
	if (walk->tree)
		fts_close(walk->tree);
	*walk = (struct walk){ 0 };
}

/* What the user named himself is read whatever it is; opening it shows whether that is possible. */
static bool is_asked_for(const FTSENT *node)
{
	return node->fts_level == FTS_ROOTLEVEL;
}

/* Whether a node of the tree concerns us, and what to know about it. */
static bool describe(const FTSENT *node, struct walk_entry *ret_entry)
{
	*ret_entry = (struct walk_entry){ .path = node->fts_path };
	switch (node->fts_info) {
	case FTS_F:
		ret_entry->n_bytes = node->fts_statp->st_size;
		return true;
	case FTS_DEFAULT:
	case FTS_SL:
	case FTS_SLNONE:
		ret_entry->is_stream = true;
		return is_asked_for(node);
	case FTS_DNR:
	case FTS_ERR:
	case FTS_NS:
		ret_entry->error = node->fts_errno;
		return true;
	case FTS_DC:
		ret_entry->error = ELOOP;
		return true;
	default: /* a directory, on the way in or out */
		return false;
	}
}

/* Turn to the next path: false if it needs no tree, because @ret_entry is all there is. */
static bool begin_tree(struct walk *walk, struct walk_entry *ret_entry)
{
	char *path = *walk->paths++;
	char *const only[] = { path, NULL };

	*ret_entry = (struct walk_entry){ .path = path };
	if (strcmp(path, WALK_STDIN) == 0) {
		ret_entry->is_stream = true;
		return false;
	}
	walk->tree = fts_open(only, FTS_PHYSICAL | FTS_COMFOLLOW | FTS_NOCHDIR, NULL);
	if (!walk->tree)
		ret_entry->error = errno;
	return walk->tree;
}

/* The next entry of the tree: false at its end, after which there is no tree. */
static bool next_in_tree(struct walk *walk, struct walk_entry *ret_entry)
{
	FTSENT *node;
	int error;

	do {
		errno = 0;
		node = fts_read(walk->tree);
	} while (node && !describe(node, ret_entry));
	if (node)
		return true;
	error = errno;
	fts_close(walk->tree);
	walk->tree = NULL;
	*ret_entry = (struct walk_entry){ .path = walk->paths[-1], .error = error };
	return error != 0;
}

bool walk_next(struct walk *walk, struct walk_entry *ret_entry)
{
	for (;;) {
		if (walk->tree && next_in_tree(walk, ret_entry))
			return true;
		if (!*walk->paths)
			return false;
		if (!begin_tree(walk, ret_entry))
			return true;
	}
}

struct walk_total walk_count(char *const *paths)
{
	struct walk_total total = { 0 };
	struct walk_entry entry;
	struct walk walk;

	walk_init(&walk, paths);
	while (walk_next(&walk, &entry)) {
		total.n_files++;
		total.n_bytes += (uint64_t)entry.n_bytes;
	}
	walk_deinit(&walk);
	return total;
}
