/* SPDX-License-Identifier: MIT */
/*
 * A file does not fit in memory, and a word must not be cut where one read ends and the next
 * begins. So whoever reads gets whole words only: the letters at the end of the buffer are held
 * back until what follows them is known. The same holds where a piece of a file ends: the word
 * there is finished with what lies beyond, which the reader of the next piece passes over.
 *
 * The buffer is filled before it is used, however little a pipe gives at a time, and it doubles
 * when a word fills it: so the letters of a word are looked at a few times, whatever its length.
 */
#include "text.h"
#include "words.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* How much to read in search of the end of a word that crosses the border of a piece. */
#define N_BEYOND 4096

/* Have room for as much again as is held, and for no more than that. */
static bool fit(struct text *text)
{
	size_t n_room = text->n_first;
	char *buffer;

	while (n_room / 2 < text->n_held)
		n_room *= 2;
	if (n_room == text->n_room)
		return true;
	buffer = realloc(text->buffer, n_room + WORDS_PADDING);
	if (!buffer)
		return false;
	text->buffer = buffer;
	text->n_room = n_room;
	return true;
}

/* Read what comes next: how much it was. At the end, and on an error, 0 and nothing from then on.
 */
static size_t read_some(struct text *text, const struct piece *piece, char *to, size_t n_to)
{
	ssize_t n;

	do
		n = piece->is_stream ? read(piece->fd, to, n_to)
				     : pread(piece->fd, to, n_to, text->at);
	while (n < 0 && errno == EINTR);
	if (n > 0)
		return (size_t)n;
	text->at_end = true;
	text->error = n < 0 ? -errno : 0;
	return 0;
}

/* Read what comes next in the piece itself. */
static size_t read_inside(struct text *text, const struct piece *piece, char *to, size_t n_to)
{
	uint64_t n_left = (uint64_t)(piece->end - text->at);

	return read_some(text, piece, to, n_left < n_to ? (size_t)n_left : n_to);
}

/* Read letters only, which belong to the word at the border; anything else is the end. */
static size_t read_letters(struct text *text, const struct piece *piece, char *to, size_t n_to)
{
	size_t n = read_some(text, piece, to, n_to < N_BEYOND ? n_to : N_BEYOND);
	size_t n_letters = words_leading(to, n);

	text->at_end |= n_letters < n;
	return n_letters;
}

static bool ends_in_word(const struct text *text)
{
	return text->n_held > 0 && words_is_letter(text->buffer[text->n_held - 1]);
}

/* Read until the buffer is full or there is no more. */
static void fill(struct text *text, const struct piece *piece)
{
	while (text->n_held < text->n_room && !text->at_end) {
		char *to = text->buffer + text->n_held;
		size_t n_to = text->n_room - text->n_held;
		size_t n = 0;

		if (text->at < piece->end)
			n = read_inside(text, piece, to, n_to);
		else if (ends_in_word(text))
			n = read_letters(text, piece, to, n_to);
		else
			text->at_end = true;
		text->n_held += n;
		text->at += (int64_t)n;
	}
}

bool text_init(struct text *text, size_t n_first)
{
	*text = (struct text){ .n_first = n_first };
	return fit(text);
}

void text_deinit(struct text *text)
{
	free(text->buffer);
	*text = (struct text){ 0 };
}

void text_begin(struct text *text, const struct piece *piece)
{
	text->n_held = text->n_whole = 0;
	text->at_end = false;
	text->error = 0;
	text->at = piece->begin;
	if (piece->begin == 0)
		return;
	/* The word that the byte before the piece is in, if any, is not ours. */
	text->at--;
	while (text->at < piece->end && !text->at_end)
		text->at += (int64_t)read_letters(text, piece, text->buffer, text->n_room);
	text->at_end = text->error != 0;
}

int text_next(struct text *text, const struct piece *piece, char **ret_bytes, size_t *ret_n)
{
	do {
		text->n_held -= text->n_whole;
		memmove(text->buffer, text->buffer + text->n_whole, text->n_held);
		text->n_whole = 0;
		if (!fit(text))
			return -ENOMEM;
		fill(text, piece);
		text->n_whole = text->n_held;
		if (!text->at_end)
			text->n_whole -= words_trailing(text->buffer, text->n_held);
	} while (text->n_whole == 0 && !text->at_end);
	if (text->n_whole == 0)
		return text->error;
	*ret_bytes = text->buffer;
	*ret_n = text->n_whole;
	return 1;
}
