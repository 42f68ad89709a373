/* SPDX-License-Identifier: MIT */

/* CBOR to values that have no others inside: numbers and strings, and the memory of all. */

#include "cbor-decoder.h"
#include "utf8.h"
#include "value.h"

#include <stdlib.h>

/* What malloc() adds, about. */
enum { PER_ALLOCATION = 16 };

/* ---- memory ---- */

int actor__cbor_charge(struct decoder *decoder, size_t n)
{
	if (n > decoder->n_memory || decoder->n_memory - n < PER_ALLOCATION)
		return actor__cbor_wrong(&decoder->reader, decoder->reader.at,
					 "would need too much memory");
	decoder->n_memory -= n + PER_ALLOCATION;
	return 0;
}

int actor__cbor_allocate(struct decoder *decoder, void *value, size_t n)
{
	int rc = actor__cbor_charge(decoder, n);
	void *memory;

	if (rc < 0)
		return rc;
	memory = malloc(n);
	if (!memory)
		return ACTOR_E_NOMEM;
	actor__pointer_set(value, memory);
	return 0;
}

/* ---- numbers ---- */

static int get_bool(struct decoder *decoder, void *value)
{
	struct cbor_item item;
	int rc = actor__cbor_next(&decoder->reader, &item);

	if (rc < 0)
		return rc;
	if (item.kind != CBOR_FALSE && item.kind != CBOR_TRUE)
		return actor__cbor_unexpected(&decoder->reader, "bool", &item);
	*(uint8_t *)value = item.kind == CBOR_TRUE;
	return 0;
}

/* The largest there is of this size, and of the negative ones, as they are written. */
static inline uint64_t most_of(size_t size, bool is_signed)
{
	return UINT64_MAX >> (64 + is_signed - 8 * size);
}

static int get_integer(struct decoder *decoder, const struct actor_schema *schema, void *value)
{
	bool is_signed = schema->kind == ACTOR_KIND_SIGNED;
	struct cbor_item item;
	int rc = actor__cbor_next(&decoder->reader, &item);

	if (rc < 0)
		return rc;
	if (item.kind > (is_signed ? CBOR_NEGATIVE : CBOR_UNSIGNED) ||
	    item.number > most_of(schema->value_size, is_signed))
		return actor__cbor_unexpected(&decoder->reader, schema->name, &item);
	actor__integer_set(value, schema->value_size,
			   item.kind == CBOR_NEGATIVE ? ~item.number : item.number);
	return 0;
}

/* One that is usual, and fits: how many bytes it has been read of; 0: it is not. */
static inline size_t integer_get(const uint8_t *at, const uint8_t *end, size_t size, bool is_signed,
				 uint64_t *ret_number)
{
	enum cbor_major major;
	uint64_t number;
	size_t n;

	if (size == 8 && end - at >= CBOR_MOST_HEAD && *at == CBOR_IS_IN_8) {
		actor__cbor_number_get(at, CBOR_MOST_HEAD, 8, ret_number);
		return *ret_number <= most_of(size, is_signed) ? CBOR_MOST_HEAD : 0;
	}
	n = actor__cbor_head_get(at, end, &major, &number);
	if (n == 0 || major > (unsigned)is_signed || number > most_of(size, is_signed))
		return 0;
	*ret_number = major == CBOR_MAJOR_NEGATIVE ? ~number : number;
	return n;
}

/* Inline, so that there is a loop of its own for each size. */
static inline size_t integers_get(struct cbor_reader *reader, uint8_t *values, size_t n,
				  size_t size, bool is_signed)
{
	const uint8_t *at = reader->at, *end = reader->end;
	uint64_t number;
	size_t i, n_read;

	for (i = 0; i < n; i++) {
		n_read = integer_get(at, end, size, is_signed, &number);
		if (n_read == 0)
			break;
		actor__integer_set(values + i * size, size, number);
		at += n_read;
	}
	reader->at = at;
	return i;
}

size_t actor__cbor_get_integers(struct decoder *decoder, const struct actor_schema *schema,
				uint8_t *values, size_t n)
{
	bool is_signed = schema->kind == ACTOR_KIND_SIGNED;

	if (schema->value_size == 8 && !is_signed)
		return integers_get(&decoder->reader, values, n, 8, false);
	if (schema->value_size == 1 && !is_signed)
		return integers_get(&decoder->reader, values, n, 1, false);
	return integers_get(&decoder->reader, values, n, schema->value_size, is_signed);
}

bool actor__cbor_get_lone_integer(const struct actor_schema *schema, const uint8_t *bytes, size_t n,
				  void *value)
{
	uint64_t number;

	if (n == 0 || integer_get(bytes, bytes + n, schema->value_size,
				  schema->kind == ACTOR_KIND_SIGNED, &number) != n)
		return false;
	actor__integer_set(value, schema->value_size, number);
	return true;
}

/* Integers are numbers, too. */
static int get_float(struct decoder *decoder, const struct actor_schema *schema, void *value)
{
	struct cbor_item item;
	double number;
	float single;
	int rc = actor__cbor_next(&decoder->reader, &item);

	if (rc < 0)
		return rc;
	if (item.kind == CBOR_FLOAT)
		number = item.real;
	else if (item.kind == CBOR_UNSIGNED)
		number = (double)item.number;
	else if (item.kind == CBOR_NEGATIVE)
		number = -1.0 - (double)item.number;
	else
		return actor__cbor_unexpected(&decoder->reader, schema->name, &item);
	if (schema->value_size == sizeof number) {
		memcpy(value, &number, sizeof number);
		return 0;
	}
	single = (float)number; /* the nearest there is; beyond the largest, infinity */
	memcpy(value, &single, sizeof single);
	return 0;
}

static int get_unit(struct decoder *decoder)
{
	struct cbor_item item;
	int rc = actor__cbor_next(&decoder->reader, &item);

	if (rc < 0)
		return rc;
	if (item.kind != CBOR_NULL && item.kind != CBOR_UNDEFINED)
		return actor__cbor_unexpected(&decoder->reader, "null", &item);
	return 0;
}

/* ---- strings ---- */

static int get_string(struct decoder *decoder, const char *expected, enum cbor_kind kind,
		      struct cbor_item *ret_string)
{
	int rc = actor__cbor_next(&decoder->reader, ret_string);

	if (rc < 0)
		return rc;
	if (ret_string->kind != kind)
		return actor__cbor_unexpected(&decoder->reader, expected, ret_string);
	if (kind == CBOR_TEXT)
		return actor__cbor_text(&decoder->reader, ret_string);
	return actor__cbor_string(&decoder->reader, ret_string);
}

static int get_char(struct decoder *decoder, void *value)
{
	struct cbor_item text;
	uint32_t character = 0;
	int rc = get_string(decoder, "char", CBOR_TEXT, &text);

	if (rc < 0)
		return rc;
	if (text.number == 0 || actor__utf8_get(text.bytes, &character) != text.number)
		return actor__cbor_wrong(&decoder->reader, text.at, "expected one character");
	memcpy(value, &character, sizeof character);
	return 0;
}

static int get_text(struct decoder *decoder, void *value)
{
	struct cbor_item text;
	char *copy;
	size_t n;
	int rc = get_string(decoder, "text", CBOR_TEXT, &text);

	if (rc < 0)
		return rc;
	n = (size_t)text.number;
	if (memchr(text.bytes, '\0', n))
		return actor__cbor_wrong(&decoder->reader, text.at, "text has a character 0");
	rc = actor__cbor_allocate(decoder, value, n + 1);
	if (rc < 0)
		return rc;
	copy = actor__pointer_get(value);
	memcpy(copy, text.bytes, n);
	copy[n] = '\0';
	return 0;
}

static int get_blob(struct decoder *decoder, struct actor_blob *value)
{
	struct cbor_item string;
	int rc = get_string(decoder, "bytes", CBOR_BYTES, &string);

	if (rc < 0 || string.number == 0)
		return rc;
	rc = actor__cbor_allocate(decoder, &value->data, (size_t)string.number);
	if (rc < 0)
		return rc;
	value->n = (size_t)string.number;
	memcpy(value->data, string.bytes, value->n);
	return 0;
}

/* ---- */

int actor__cbor_get_plain(struct decoder *decoder, const struct actor_schema *schema, void *value)
{
	switch (schema->kind) {
	case ACTOR_KIND_UNIT:
		return get_unit(decoder);
	case ACTOR_KIND_BOOL:
		return get_bool(decoder, value);
	case ACTOR_KIND_SIGNED:
	case ACTOR_KIND_UNSIGNED:
		return get_integer(decoder, schema, value);
	case ACTOR_KIND_FLOAT:
		return get_float(decoder, schema, value);
	case ACTOR_KIND_CHAR:
		return get_char(decoder, value);
	case ACTOR_KIND_TEXT:
		return get_text(decoder, value);
	case ACTOR_KIND_BYTES:
		return get_blob(decoder, value);
	default: /* an origin, which is left out where it may be */
		return actor__cbor_wrong(&decoder->reader, decoder->reader.at, "%s does not travel",
					 schema->name);
	}
}
