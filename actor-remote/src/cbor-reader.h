/* SPDX-License-Identifier: MIT */
#ifndef ACTOR__CBOR_READER_H
#define ACTOR__CBOR_READER_H

#include "cbor-head.h"
#include "cbor.h"

/*
 * CBOR, one item after the other, from bytes that anybody may have sent. Nothing is believed: what
 * a length says is compared with what is there, and nothing is allocated but for strings that come
 * in pieces, as many bytes as they have. The first error is kept in words.
 *
 * All functions return 0 or, where it is said, 1; ACTOR_E_DECODE; ACTOR_E_NOMEM.
 */

/**
 * struct cbor_reader - where reading is
 * @begin:   of all bytes
 * @at:      of the next item
 * @end:     of all bytes
 * @depth:   inside how many arrays and maps
 * @pieces:  of strings that come in several
 * @wants_words: somebody wants to know what is wrong
 * @words:   what is wrong
 */
struct cbor_reader {
	const uint8_t *begin;
	const uint8_t *at;
	const uint8_t *end;
	unsigned depth;
	struct actor_bytes pieces;
	bool wants_words;
	char words[112];
};

/** enum cbor_kind - what an item is; first, as enum cbor_major has them, those that are usual */
enum cbor_kind {
	CBOR_UNSIGNED,
	CBOR_NEGATIVE,
	CBOR_BYTES,
	CBOR_TEXT,
	CBOR_ARRAY,
	CBOR_MAP,
	CBOR_TAG,
	CBOR_FALSE,
	CBOR_TRUE,
	CBOR_NULL,
	CBOR_UNDEFINED,
	CBOR_SIMPLE, /* one that has no name */
	CBOR_FLOAT,
	CBOR_BREAK
};

/**
 * struct cbor_item - a number, a string, or what begins an array or map
 * @kind:       what it is
 * @indefinite: a string that comes in pieces, an array or map that does not say its length
 * @number:     of integers, a negative one being ~@number; the length of what has one
 * @real:       of floats
 * @bytes:      of a string; borrowed
 * @at:         where it is
 */
struct cbor_item {
	enum cbor_kind kind;
	bool indefinite;
	union {
		uint64_t number;
		double real;
	};
	const uint8_t *bytes;
	const uint8_t *at;
};

/** struct cbor_items - the items of an array or map that are still to come */
struct cbor_items {
	uint64_t n;
	bool indefinite;
};

static inline void actor__cbor_reader_init(struct cbor_reader *reader, const uint8_t *bytes,
					   size_t n, bool wants_words)
{
	reader->begin = reader->at = bytes;
	reader->end = bytes + n;
	reader->depth = 0;
	actor_bytes_init(&reader->pieces, NULL, 0, n);
	reader->wants_words = wants_words;
	reader->words[0] = '\0';
}

void actor__cbor_reader_deinit(struct cbor_reader *reader);

/** actor__cbor_next_item() - as actor__cbor_next(), of any */
int actor__cbor_next_item(struct cbor_reader *reader, struct cbor_item *ret_item);

/** actor__cbor_next() - the next item that is no tag */
static inline int actor__cbor_next(struct cbor_reader *reader, struct cbor_item *ret_item)
{
	enum cbor_major major;
	size_t n = actor__cbor_head_get(reader->at, reader->end, &major, &ret_item->number);

	if (n == 0 || major == CBOR_MAJOR_BYTES || major == CBOR_MAJOR_TEXT)
		return actor__cbor_next_item(reader, ret_item);
	ret_item->kind = (enum cbor_kind)major;
	ret_item->indefinite = false;
	ret_item->at = reader->at;
	reader->at += n;
	return 0;
}

/** actor__cbor_string() - join the pieces of a string, if it comes in such; until the next */
int actor__cbor_string(struct cbor_reader *reader, struct cbor_item *string);

/** actor__cbor_text() - the same of text, which is checked to be that */
int actor__cbor_text(struct cbor_reader *reader, struct cbor_item *text);

/** actor__cbor_wrong_enter() - say why actor__cbor_enter() fails */
ACTOR__COLD int actor__cbor_wrong_enter(struct cbor_reader *reader, const struct cbor_item *outer,
					uint64_t most);

/** actor__cbor_enter() - go into an array or map; left by actor__cbor_more() */
static inline int actor__cbor_enter(struct cbor_reader *reader, const struct cbor_item *outer,
				    struct cbor_items *ret_items)
{
	/* An item is at least a byte, so what is not there shows before anything is allocated. */
	uint64_t n_left = (size_t)(reader->end - reader->at);
	uint64_t most = outer->kind == CBOR_MAP ? n_left / 2 : n_left;

	ret_items->indefinite = outer->indefinite;
	ret_items->n = outer->number;
	if (++reader->depth >= CBOR_TOO_DEEP || ret_items->n > most)
		return actor__cbor_wrong_enter(reader, outer, most);
	return 0;
}

/** actor__cbor_more_of_many() - as actor__cbor_more(), where it has not been said how many */
int actor__cbor_more_of_many(struct cbor_reader *reader);

/** actor__cbor_more() - 1: there is another item, or pair of items, next; 0: that was all */
static inline int actor__cbor_more(struct cbor_reader *reader, struct cbor_items *items)
{
	if (items->indefinite)
		return actor__cbor_more_of_many(reader);
	if (items->n > 0) {
		items->n--;
		return 1;
	}
	reader->depth--;
	return 0;
}

/** actor__cbor_skip() - read one item, whatever it is */
int actor__cbor_skip(struct cbor_reader *reader);

/** actor__cbor_wrong() - say what is wrong; ACTOR_E_DECODE */
ACTOR__COLD ACTOR__PRINTF(3, 4) int actor__cbor_wrong(struct cbor_reader *reader, const uint8_t *at,
						      const char *format, ...);

/** actor__cbor_unexpected() - say that something else was expected than what is there */
ACTOR__COLD int actor__cbor_unexpected(struct cbor_reader *reader, const char *expected,
				       const struct cbor_item *found);

#endif
