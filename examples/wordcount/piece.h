/* SPDX-License-Identifier: MIT */
#ifndef WORDCOUNT_PIECE_H
#define WORDCOUNT_PIECE_H

#include <stdbool.h>
#include <stdint.h>

/** PIECE_TO_EOF - the end of a piece that goes on as long as there is something to read */
#define PIECE_TO_EOF INT64_MAX

/**
 * struct piece - a part of a file, open for reading; none when zeroed, may be moved
 * @path:      of the file, for people; owned
 * @fd:        the file; owned, and read by offset, because pieces share one position
 * @is_stream: whether it has no offsets, but can only be read on: a pipe, a terminal
 * @begin:     the first byte
 * @end:       behind the last byte; or PIECE_TO_EOF
 *
 * A word belongs to the piece in which it begins: whoever reads a piece reads beyond @end to finish
 * a word, and passes over the letters that finish one from before @begin.
 */
struct piece {
	char *path;
	int fd;
	bool is_stream;
	int64_t begin;
	int64_t end;
};

/**
 * piece_cut() - cut a piece off the front of another
 * @rest:    becomes what is left: none, if it was not worth cutting or could not be
 * @n_rest:  its length, as far as known
 * @n_piece: the length to cut off, at least 1
 *
 * Return:  the caller's
 */
struct piece piece_cut(struct piece *rest, int64_t n_rest, int64_t n_piece);

/** piece_drop() - release what a struct piece owns: none then */
void piece_drop(void *piece);

#endif
