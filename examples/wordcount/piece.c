/* SPDX-License-Identifier: MIT */
/*
 * Pieces let several readers share one large file. Each owns a file descriptor of its own, so that
 * none of them needs to know when the others are done: the system closes the file with the last.
 */
#include "piece.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A second owner of the same file; none if that cannot be had. */
static struct piece duplicate(const struct piece *piece)
{
	struct piece copy = *piece;

	copy.fd = fcntl(piece->fd, F_DUPFD_CLOEXEC, 0);
	if (copy.fd < 0)
		return (struct piece){ 0 };
	copy.path = strdup(piece->path);
	if (!copy.path) {
		close(copy.fd);
		return (struct piece){ 0 };
	}
	return copy;
}

struct piece piece_cut(struct piece *rest, int64_t n_rest, int64_t n_piece)
{
	struct piece first = { 0 };

	if (!rest->is_stream && n_rest > n_piece)
		first = duplicate(rest);
	if (!first.path) {
		first = *rest;
		*rest = (struct piece){ 0 };
		return first;
	}
	first.end = first.begin + n_piece;
	rest->begin = first.end;
	return first;
}

void piece_drop(void *piece)
{
	struct piece *dropped = piece;

	if (!dropped->path)
		return;
	close(dropped->fd);
	free(dropped->path);
	*dropped = (struct piece){ 0 };
}
