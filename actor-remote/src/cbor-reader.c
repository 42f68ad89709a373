/* SPDX-License-Identifier: MIT */

/*
 * Items of CBOR, one after the other. What is usual is read here, which is quick, and what is not
 * by libcbor; but for what it cannot say:
 *
 * - simple values without a name, for which it has no callback; and tags of one byte that had no
 *   meaning once, which it refuses before 0.11: see is_ours();
 * - what takes more than one item: strings in pieces, what is inside of what, and whether as much
 *   as is announced can be there.
 */

#include "cbor-reader.h"

#include "utf8.h"

#include <cbor/streaming.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void actor__cbor_reader_deinit(struct cbor_reader *reader)
{
	actor_bytes_deinit(&reader->pieces);
}

static size_t n_left(const struct cbor_reader *reader)
{
	return (size_t)(reader->end - reader->at);
}

/* ---- what is wrong ---- */

int actor__cbor_wrong(struct cbor_reader *reader, const uint8_t *at, const char *format, ...)
{
	size_t n = sizeof reader->words, n_words;
	va_list arguments;

	if (!reader->wants_words)
		return ACTOR_E_DECODE;
	va_start(arguments, format);
	vsnprintf(reader->words, n, format, arguments);
	va_end(arguments);
	n_words = strlen(reader->words);
	snprintf(reader->words + n_words, n - n_words, ", at byte %zu",
		 (size_t)(at - reader->begin));
	return ACTOR_E_DECODE;
}

static int ended(struct cbor_reader *reader)
{
	return actor__cbor_wrong(reader, reader->end, "ends too early");
}

int actor__cbor_unexpected(struct cbor_reader *reader, const char *expected,
			   const struct cbor_item *found)
{
	static const char *const names[] = {
		[CBOR_UNSIGNED] = "unsigned",	[CBOR_NEGATIVE] = "negative",
		[CBOR_BYTES] = "bytes",		[CBOR_TEXT] = "text",
		[CBOR_ARRAY] = "array",		[CBOR_MAP] = "map",
		[CBOR_TAG] = "a tag",		[CBOR_FALSE] = "false",
		[CBOR_TRUE] = "true",		[CBOR_NULL] = "null",
		[CBOR_UNDEFINED] = "undefined", [CBOR_SIMPLE] = "an unknown simple value",
		[CBOR_FLOAT] = "a float",	[CBOR_BREAK] = "the end of an array or map",
	};

	if (found->kind == CBOR_UNSIGNED)
		return actor__cbor_wrong(reader, found->at, "expected %s, found unsigned %" PRIu64,
					 expected, found->number);
	if (found->kind == CBOR_NEGATIVE && found->number <= INT64_MAX)
		return actor__cbor_wrong(reader, found->at, "expected %s, found %" PRId64, expected,
					 -1 - (int64_t)found->number);
	return actor__cbor_wrong(reader, found->at, "expected %s, found %s", expected,
				 names[found->kind]);
}

/* ---- items ---- */

/* What libcbor calls, with which arguments, and what the item is then. */
#define ITEMS(X)                                                                                   \
	X(uint8, (void *to, uint8_t n), .kind = CBOR_UNSIGNED, .number = n)                        \
	X(uint16, (void *to, uint16_t n), .kind = CBOR_UNSIGNED, .number = n)                      \
	X(uint32, (void *to, uint32_t n), .kind = CBOR_UNSIGNED, .number = n)                      \
	X(uint64, (void *to, uint64_t n), .kind = CBOR_UNSIGNED, .number = n)                      \
	X(negint8, (void *to, uint8_t n), .kind = CBOR_NEGATIVE, .number = n)                      \
	X(negint16, (void *to, uint16_t n), .kind = CBOR_NEGATIVE, .number = n)                    \
	X(negint32, (void *to, uint32_t n), .kind = CBOR_NEGATIVE, .number = n)                    \
	X(negint64, (void *to, uint64_t n), .kind = CBOR_NEGATIVE, .number = n)                    \
	X(byte_string, (void *to, cbor_data data, uint64_t n), .kind = CBOR_BYTES, .number = n,    \
	  .bytes = data)                                                                           \
	X(byte_string_start, (void *to), .kind = CBOR_BYTES, .indefinite = true)                   \
	X(string, (void *to, cbor_data data, uint64_t n), .kind = CBOR_TEXT, .number = n,          \
	  .bytes = data)                                                                           \
	X(string_start, (void *to), .kind = CBOR_TEXT, .indefinite = true)                         \
	X(array_start, (void *to, uint64_t n), .kind = CBOR_ARRAY, .number = n)                    \
	X(indef_array_start, (void *to), .kind = CBOR_ARRAY, .indefinite = true)                   \
	X(map_start, (void *to, uint64_t n), .kind = CBOR_MAP, .number = n)                        \
	X(indef_map_start, (void *to), .kind = CBOR_MAP, .indefinite = true)                       \
	X(tag, (void *to, uint64_t n), .kind = CBOR_TAG, .number = n)                              \
	X(float2, (void *to, float x), .kind = CBOR_FLOAT, .real = x)                              \
	X(float4, (void *to, float x), .kind = CBOR_FLOAT, .real = x)                              \
	X(float8, (void *to, double x), .kind = CBOR_FLOAT, .real = x)                             \
	X(boolean, (void *to, bool x), .kind = x ? CBOR_TRUE : CBOR_FALSE)                         \
	X(null, (void *to), .kind = CBOR_NULL)                                                     \
	X(undefined, (void *to), .kind = CBOR_UNDEFINED)                                           \
	X(indef_break, (void *to), .kind = CBOR_BREAK)

#define CALLBACK(NAME, PARAMETERS, ...)                                                            \
	static void on_##NAME PARAMETERS                                                           \
	{                                                                                          \
		*(struct cbor_item *)to = (struct cbor_item){ __VA_ARGS__ };                       \
	}
#define ENTRY(NAME, ...) .NAME = on_##NAME,

ITEMS(CALLBACK)
static const struct cbor_callbacks callbacks = { ITEMS(ENTRY) };

/* Not for libcbor, neither now nor when it has a callback for them, which we would not give it. */
static bool is_ours(uint8_t first)
{
	return (first >= 0xc6 && first <= 0xd4) || (first >= 0xe0 && first <= 0xf3) ||
	       first == 0xf8;
}

static int read_ours(struct cbor_reader *reader, struct cbor_item *ret_item)
{
	const uint8_t *at = reader->at++;

	*ret_item = (struct cbor_item){ .kind = *at < 0xe0 ? CBOR_TAG : CBOR_SIMPLE, .at = at };
	if (*at != 0xf8)
		return 0;
	if (reader->at == reader->end)
		return ended(reader);
	if (*reader->at++ < 32)
		return actor__cbor_wrong(reader, at, "simple value too long");
	return 0;
}

/* There are too few bytes: for a head, or for the string that it begins, the length of which is
 * written as an unsigned number would be. */
ACTOR__COLD static int cut_short(struct cbor_reader *reader)
{
	struct cbor_decoder_result result;
	struct cbor_item length;
	uint8_t head[9];
	size_t n = n_left(reader) < sizeof head ? n_left(reader) : sizeof head;

	if (n == 0)
		return ended(reader);
	memcpy(head, reader->at, n);
	head[0] &= 0x1f;
	result = cbor_stream_decode(head, n, &callbacks, &length);
	if (result.status != CBOR_DECODER_FINISHED)
		return ended(reader);
	return actor__cbor_wrong(reader, reader->at, "%" PRIu64 " bytes announced, %zu are there",
				 length.number, n_left(reader) - result.read);
}

/* By libcbor. */
static int read_unusual(struct cbor_reader *reader, struct cbor_item *ret_item)
{
	const uint8_t *at = reader->at;
	struct cbor_decoder_result result;

	if (at < reader->end && is_ours(*at))
		return read_ours(reader, ret_item);
	result = cbor_stream_decode(at, n_left(reader), &callbacks, ret_item);
	if (result.status == CBOR_DECODER_NEDATA)
		return cut_short(reader);
	if (result.status != CBOR_DECODER_FINISHED)
		return actor__cbor_wrong(reader, at, "no item begins with 0x%02x", *at);
	ret_item->at = at;
	reader->at += result.read;
	return 0;
}

static int read_item(struct cbor_reader *reader, struct cbor_item *ret_item)
{
	const uint8_t *at = reader->at;
	enum cbor_major major;
	size_t n = actor__cbor_head_get(at, reader->end, &major, &ret_item->number);

	if (n == 0)
		return read_unusual(reader, ret_item);
	reader->at += n;
	if (major == CBOR_MAJOR_BYTES || major == CBOR_MAJOR_TEXT) {
		if (ret_item->number > n_left(reader)) {
			reader->at = at;
			return cut_short(reader);
		}
		ret_item->bytes = reader->at;
		reader->at += ret_item->number;
	}
	ret_item->kind = (enum cbor_kind)major;
	ret_item->indefinite = false;
	ret_item->at = at;
	return 0;
}

int actor__cbor_next_item(struct cbor_reader *reader, struct cbor_item *ret_item)
{
	int rc;

	do {
		rc = read_item(reader, ret_item);
	} while (rc == 0 && ret_item->kind == CBOR_TAG);
	return rc;
}

/* ---- strings ---- */

static int join_pieces(struct cbor_reader *reader, enum cbor_kind kind)
{
	struct cbor_item piece;
	int rc;

	reader->pieces.n = 0;
	while ((rc = read_item(reader, &piece)) == 0 && piece.kind != CBOR_BREAK) {
		if (piece.kind != kind || piece.indefinite)
			return actor__cbor_unexpected(reader, "a piece of a string", &piece);
		actor_bytes_append(&reader->pieces, piece.bytes, (size_t)piece.number);
		if (reader->pieces.failed)
			return reader->pieces.failed;
	}
	return rc;
}

int actor__cbor_string(struct cbor_reader *reader, struct cbor_item *string)
{
	int rc;

	if (!string->indefinite)
		return 0;
	rc = join_pieces(reader, string->kind);
	string->indefinite = false;
	string->number = reader->pieces.n;
	string->bytes = reader->pieces.n > 0 ? reader->pieces.data : reader->at;
	return rc;
}

int actor__cbor_text(struct cbor_reader *reader, struct cbor_item *text)
{
	int rc = actor__cbor_string(reader, text);

	if (rc == 0 && !actor__utf8_is_valid(text->bytes, (size_t)text->number))
		return actor__cbor_wrong(reader, text->at, "text is not UTF-8");
	return rc;
}

/* ---- arrays and maps ---- */

/* Where another item would begin, if there was one. */
enum { BREAK = 0xff };

int actor__cbor_wrong_enter(struct cbor_reader *reader, const struct cbor_item *outer,
			    uint64_t most)
{
	if (reader->depth >= CBOR_TOO_DEEP)
		return actor__cbor_wrong(reader, outer->at, "too deep inside arrays and maps");
	return actor__cbor_wrong(reader, outer->at,
				 "%" PRIu64 " items announced, at most %" PRIu64 " are there",
				 outer->number, most);
}

int actor__cbor_more_of_many(struct cbor_reader *reader)
{
	if (reader->at == reader->end)
		return ended(reader);
	if (*reader->at != BREAK)
		return 1;
	reader->at++;
	reader->depth--;
	return 0;
}

/* An array or map that is being skipped: both have items, a map an even number of them. */
struct skipped {
	struct cbor_items items;
	bool is_map;
	bool is_odd;
};

static int skip_into(struct cbor_reader *reader, const struct cbor_item *outer,
		     struct skipped *ret_skipped)
{
	int rc = actor__cbor_enter(reader, outer, &ret_skipped->items);

	ret_skipped->is_map = outer->kind == CBOR_MAP;
	ret_skipped->is_odd = false;
	if (ret_skipped->is_map)
		ret_skipped->items.n *= 2; /* there are so many bytes */
	return rc;
}

static int skip_more(struct cbor_reader *reader, struct skipped *skipped)
{
	const uint8_t *at = reader->at;
	int rc = actor__cbor_more(reader, &skipped->items);

	if (rc == 0 && skipped->is_map && skipped->is_odd)
		return actor__cbor_wrong(reader, at, "a key without a value");
	skipped->is_odd = !skipped->is_odd;
	return rc;
}

/* What has no items. */
static int skip_plain(struct cbor_reader *reader, struct cbor_item *item)
{
	if (item->kind == CBOR_BYTES)
		return actor__cbor_string(reader, item);
	if (item->kind == CBOR_TEXT)
		return actor__cbor_text(reader, item);
	if (item->kind == CBOR_BREAK)
		return actor__cbor_unexpected(reader, "a value", item);
	return 0;
}

/* Without calling itself: how deep this goes is for a stranger to say. */
int actor__cbor_skip(struct cbor_reader *reader)
{
	struct skipped inside[CBOR_TOO_DEEP];
	struct cbor_item item;
	size_t n_inside = 0;
	int rc;

	do {
		rc = actor__cbor_next(reader, &item);
		if (rc < 0)
			return rc;
		if (item.kind == CBOR_ARRAY || item.kind == CBOR_MAP)
			rc = skip_into(reader, &item, &inside[n_inside++]);
		else
			rc = skip_plain(reader, &item);
		while (rc == 0 && n_inside > 0) {
			rc = skip_more(reader, &inside[n_inside - 1]);
			if (rc == 0)
				n_inside--;
		}
	} while (rc > 0);
	return rc;
}
