/* SPDX-License-Identifier: MIT */
#ifndef WORDCOUNT_TEXT_H
#define WORDCOUNT_TEXT_H

#include "piece.h"

#include <stddef.h>

/**
 * struct text - reads a piece in parts that never cut a word
 * @buffer:  the bytes that are held
 * @n_first: the room it begins with
 * @n_room:  the room it has; longer words have made it larger
 * @n_held:  how many bytes are in it
 * @n_whole: how many of them the last text_next() returned; behind them, a word has begun
 * @at:      where to read on
 * @at_end:  whether there is no more
 * @error:   why, if that is not the end: a negative errno
 */
struct text {
	char *buffer;
	size_t n_first;
	size_t n_room;
	size_t n_held;
	size_t n_whole;
	int64_t at;
	bool at_end;
	int error;
};

/**
 * text_init() - a reader without a piece
 * @text:    the caller's to text_deinit()
 * @n_first: how many bytes to read at a time, at least 1
 *
 * Return:  false when out of memory
 */
bool text_init(struct text *text, size_t n_first);

/** text_deinit() - release the buffer; fine when zeroed */
void text_deinit(struct text *text);

/**
 * text_begin() - turn to a piece
 * @text:  initialised
 * @piece: to be given to the following calls of text_next()
 */
void text_begin(struct text *text, const struct piece *piece);

/**
 * text_next() - read on
 * @text:      has begun with @piece
 * @piece:     read from, at the position that @text keeps
 * @ret_bytes: the next bytes, with words_init()'s padding; the caller's to change until the next
 *             call
 * @ret_n:     how many
 *
 * A word that does not fit makes the buffer grow, to less than four times the word's length, until
 * it has been returned. What was read before an error is returned before the error.
 *
 * Return:  1; 0 at the end; a negative errno, of which -ENOMEM may be the buffer's
 */
int text_next(struct text *text, const struct piece *piece, char **ret_bytes, size_t *ret_n);

#endif
