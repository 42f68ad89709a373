/* SPDX-License-Identifier: MIT */

/*
 * Values to CBOR, the way serde_cbor writes them: everything as short as it can be, lengths said
 * beforehand, structs as maps of their members' names. libcbor writes floats, which takes more than
 * to move bytes.
 *
 * What there is no memory or no room for shows in the buffer, at the end; a value that does not
 * exist, at once. What is nested too deep to be read at the other side is not written either.
 *
 * Where in a value it is that has none is found out by writing it once more, by who wants to know.
 */

#include "bytes.h"
#include "cbor-head.h"
#include "cbor.h"
#include "utf8.h"
#include "value.h"
#include "why.h"

#include <cbor/encoding.h>
#include <float.h>
#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>

/* What is wrong, and where. */
struct wrong {
	struct actor__path path;
	char words[100];
};

/* Where to, and inside how many arrays, maps and calls; for who wants to know, what is wrong. */
struct encoder {
	struct actor_bytes *bytes;
	unsigned depth;
	unsigned n_calls;
	struct wrong *wrong;
};

static int put(struct encoder *encoder, const struct actor_schema *schema, const void *value);

/* ---- what is wrong ---- */

ACTOR__COLD ACTOR__PRINTF(2, 3) static int wrong(struct encoder *encoder, const char *format, ...)
{
	va_list arguments;

	if (!encoder->wrong)
		return ACTOR_E_ENCODE;
	va_start(arguments, format);
	vsnprintf(encoder->wrong->words, sizeof encoder->wrong->words, format, arguments);
	va_end(arguments);
	return ACTOR_E_ENCODE;
}

ACTOR__COLD static int wrong_in(struct encoder *encoder, const struct actor_member *member)
{
	if (encoder->wrong)
		actor__path_add(&encoder->wrong->path, member->name);
	return ACTOR_E_ENCODE;
}

ACTOR__COLD static int wrong_in_item(struct encoder *encoder, size_t i)
{
	if (encoder->wrong)
		actor__path_add_item(&encoder->wrong->path, i);
	return ACTOR_E_ENCODE;
}

/* ---- items ---- */

/* Where as many bytes can be written as an item begins with: in the buffer, or beside it, since not
 * all of them may be used, and there may be room for those that are. */
static uint8_t *head_begin(const struct actor_bytes *bytes, uint8_t *beside)
{
	return bytes->failed || bytes->capacity - bytes->n < CBOR_MOST_HEAD
		       ? beside
		       : bytes->data + bytes->n;
}

static void head_end(struct actor_bytes *bytes, const uint8_t *head, const uint8_t *beside,
		     size_t n)
{
	if (head == beside)
		actor_bytes_append(bytes, head, n);
	else
		bytes->n += n;
}

static void put_head(struct actor_bytes *bytes, enum cbor_major major, uint64_t number)
{
	uint8_t beside[CBOR_MOST_HEAD], *head = head_begin(bytes, beside);

	head_end(bytes, head, beside, actor__cbor_head_put(head, major, number));
}

/* PUT() - something else, by the function that libcbor has for it */
#define PUT(BYTES, ENCODE, VALUE)                                                                  \
	do {                                                                                       \
		uint8_t beside[CBOR_MOST_HEAD], *head = head_begin(BYTES, beside);                 \
		head_end(BYTES, head, beside, ENCODE(VALUE, head, CBOR_MOST_HEAD));                \
	} while (0)

static void put_null(struct actor_bytes *bytes)
{
	PUT(bytes, cbor_encode_ctrl, CBOR_CTRL_NULL);
}

static void put_data(struct actor_bytes *bytes, const void *data, size_t n)
{
	uint8_t *to = actor__bytes_room(bytes, n);

	if (to && n > 0)
		memcpy(to, data, n);
}

static void put_string(struct actor_bytes *bytes, const void *text, size_t n)
{
	put_head(bytes, CBOR_MAJOR_TEXT, n);
	put_data(bytes, text, n);
}

static void put_name(struct actor_bytes *bytes, const struct actor_member *member)
{
	put_string(bytes, member->name, member->n_name);
}

/* ---- integers ---- */

static size_t integer_put(uint8_t *to, const void *value, size_t size, bool is_signed)
{
	int64_t number;

	if (!is_signed)
		return actor__cbor_head_put(to, CBOR_MAJOR_UNSIGNED,
					    actor__unsigned_get(value, size));
	number = actor__signed_get(value, size);
	return number < 0 ? actor__cbor_head_put(to, CBOR_MAJOR_NEGATIVE, ~(uint64_t)number)
			  : actor__cbor_head_put(to, CBOR_MAJOR_UNSIGNED, (uint64_t)number);
}

static void put_integer(struct actor_bytes *bytes, const struct actor_schema *schema,
			const void *value)
{
	uint8_t beside[CBOR_MOST_HEAD], *head = head_begin(bytes, beside);

	head_end(bytes, head, beside,
		 integer_put(head, value, schema->value_size, schema->kind == ACTOR_KIND_SIGNED));
}

/* Several, for which there is room. Inline, so that there is a loop of its own for each size. */
static inline void integers_put(struct actor_bytes *bytes, const uint8_t *values, size_t n,
				size_t size, bool is_signed)
{
	uint8_t *to = bytes->data + bytes->n;
	size_t i;

	for (i = 0; i < n; i++)
		to += integer_put(to, values + i * size, size, is_signed);
	bytes->n = (size_t)(to - bytes->data);
}

static void put_some_integers(struct actor_bytes *bytes, const struct actor_schema *schema,
			      const uint8_t *values, size_t n)
{
	bool is_signed = schema->kind == ACTOR_KIND_SIGNED;

	if (schema->value_size == 8 && !is_signed)
		integers_put(bytes, values, n, 8, false);
	else if (schema->value_size == 1 && !is_signed)
		integers_put(bytes, values, n, 1, false);
	else
		integers_put(bytes, values, n, schema->value_size, is_signed);
}

/* As many at a time as there is room for in any case; one that there may be no room for, alone. */
static void put_integers(struct actor_bytes *bytes, const struct actor_schema *schema,
			 const uint8_t *values, size_t n)
{
	while (n > 0 && !bytes->failed) {
		size_t some = (bytes->capacity - bytes->n) / CBOR_MOST_HEAD;

		if (some > n)
			some = n;
		if (some > 0) {
			put_some_integers(bytes, schema, values, some);
		} else {
			put_integer(bytes, schema, values);
			some = 1;
		}
		values += some * schema->value_size;
		n -= some;
	}
}

/* ---- floats: the shortest of three sizes that is the same number ---- */

/* Of a half: 11 bits, the last of which is at least 2^-24, less than 65536. */
static bool is_half(float number)
{
	float size = number < 0 ? -number : number, in_units = size * 0x1p24f;
	uint32_t bits;

	if (size < 0x1p-14f)
		return in_units == (float)(uint32_t)in_units;
	memcpy(&bits, &number, sizeof bits);
	return !(bits & 0x1fff) && (size < 0x1p16f || isinf(size));
}

/* Below 2^-14 libcbor loses bits before 0.10: there it writes a number that has the same ones, with
 * one more before them, which is taken away. */
static size_t encode_half(float number, uint8_t *to, size_t n)
{
	bool is_small = number != 0 && number > -0x1p-14f && number < 0x1p-14f;

	if (is_small)
		number += number < 0 ? -0x1p-14f : 0x1p-14f;
	n = cbor_encode_half(number, to, n);
	if (is_small)
		to[1] &= 0x83;
	return n;
}

static void put_float(struct actor_bytes *bytes, double number)
{
	bool is_single = isinf(number) ||
			 (fabs(number) <= FLT_MAX && (double)(float)number == number);

	if (isnan(number))
		PUT(bytes, cbor_encode_half, NAN);
	else if (!is_single)
		PUT(bytes, cbor_encode_double, number);
	else if (is_half((float)number))
		PUT(bytes, encode_half, (float)number);
	else
		PUT(bytes, cbor_encode_single, (float)number);
}

/* ---- values ---- */

static int put_char(struct encoder *encoder, uint64_t character)
{
	uint8_t text[4];

	if (!actor__char_is_valid(character))
		return wrong(encoder, "0x%" PRIx64 " is no character", character);
	put_string(encoder->bytes, text, actor__utf8_put(text, (uint32_t)character));
	return 0;
}

static int put_text(struct encoder *encoder, const char *text)
{
	size_t n = text ? strlen(text) : 0;

	if (!actor__utf8_is_valid((const uint8_t *)text, n))
		return wrong(encoder, "text is not UTF-8");
	put_string(encoder->bytes, text, n);
	return 0;
}

static int put_blob(struct actor_bytes *bytes, const struct actor_blob *blob)
{
	put_head(bytes, CBOR_MAJOR_BYTES, blob->n);
	put_data(bytes, blob->data, blob->n);
	return 0;
}

static int put_optional(struct encoder *encoder, const struct actor_schema *element,
			const void *value)
{
	if (value)
		return put(encoder, element, value);
	put_null(encoder->bytes);
	return 0;
}

/* How an array or map begins, whose items are put next. */
static int enter(struct encoder *encoder, enum cbor_major major, size_t n)
{
	if (++encoder->depth >= CBOR_TOO_DEEP)
		return wrong(encoder, "too deep");
	put_head(encoder->bytes, major, n);
	return 0;
}

static int put_each(struct encoder *encoder, const struct actor_schema *element,
		    const uint8_t *values, size_t n)
{
	int rc = enter(encoder, CBOR_MAJOR_ARRAY, n);
	size_t i;

	if (rc == 0 && actor__is_integer(element))
		put_integers(encoder->bytes, element, values, n);
	else
		for (i = 0; i < n && rc == 0 && !encoder->bytes->failed; i++)
			if (put(encoder, element, values + i * element->value_size) < 0)
				rc = wrong_in_item(encoder, i);
	encoder->depth--;
	return rc;
}

static int put_list(struct encoder *encoder, const struct actor_schema *element,
		    struct actor__items list)
{
	return put_each(encoder, element, list.items, list.n);
}

static int put_member(struct encoder *encoder, const struct actor_member *member,
		      const uint8_t *value)
{
	int rc = put(encoder, member->schema, value + member->offset);

	return rc < 0 ? wrong_in(encoder, member) : 0;
}

static int put_pair(struct encoder *encoder, const struct actor_schema *pair, const uint8_t *value)
{
	int rc = put_member(encoder, &pair->members[0], value);

	return rc < 0 ? rc : put_member(encoder, &pair->members[1], value);
}

static int put_map(struct encoder *encoder, const struct actor_schema *pair,
		   struct actor__items map)
{
	const uint8_t *value = map.items;
	size_t i;
	int rc;

	if (!actor__is_pair(pair))
		return wrong(encoder, "%s is no pair", pair->name);
	rc = enter(encoder, CBOR_MAJOR_MAP, map.n);
	for (i = 0; i < map.n && rc == 0 && !encoder->bytes->failed; i++)
		if (put_pair(encoder, pair, value + i * pair->value_size) < 0)
			rc = wrong_in_item(encoder, i);
	encoder->depth--;
	return rc;
}

static int put_members(struct encoder *encoder, const struct actor_schema *schema,
		       const uint8_t *value)
{
	const struct actor_member *member = schema->members, *end = member + schema->n_members;
	bool named = schema->kind == ACTOR_KIND_STRUCT;
	int rc = enter(encoder, named ? CBOR_MAJOR_MAP : CBOR_MAJOR_ARRAY,
		       actor__n_travelling(schema));

	for (; member < end && rc == 0; member++) {
		if (!actor__member_travels(member))
			continue;
		if (named)
			put_name(encoder->bytes, member);
		rc = put_member(encoder, member, value);
	}
	encoder->depth--;
	return rc;
}

/* A case without a value is its name, one with a value a map of the one to the other. */
static int put_case(struct encoder *encoder, const struct actor_schema *schema,
		    const uint8_t *value)
{
	const struct actor_member *member = actor__case_get(schema, value);
	int rc;

	if (!member)
		return wrong(encoder, "%s has no case %d", schema->name, actor__number_get(value));
	if (!member->schema) {
		put_name(encoder->bytes, member);
		return 0;
	}
	rc = enter(encoder, CBOR_MAJOR_MAP, 1);
	put_name(encoder->bytes, member);
	if (rc == 0)
		rc = put_member(encoder, member, value);
	encoder->depth--;
	return rc;
}

static int put_kind(struct encoder *encoder, const struct actor_schema *schema, const void *value)
{
	struct actor_bytes *bytes = encoder->bytes;
	size_t size = schema->value_size;

	switch (schema->kind) {
	case ACTOR_KIND_UNIT:
		put_null(bytes);
		return 0;
	case ACTOR_KIND_BOOL:
		PUT(bytes, cbor_encode_bool, *(const uint8_t *)value);
		return 0;
	case ACTOR_KIND_SIGNED:
	case ACTOR_KIND_UNSIGNED:
		put_integer(bytes, schema, value);
		return 0;
	case ACTOR_KIND_FLOAT:
		put_float(bytes, actor__float_get(value, size));
		return 0;
	case ACTOR_KIND_CHAR:
		return put_char(encoder, actor__unsigned_get(value, size));
	case ACTOR_KIND_TEXT:
		return put_text(encoder, actor__pointer_get(value));
	case ACTOR_KIND_BYTES:
		return put_blob(bytes, value);
	case ACTOR_KIND_OPTIONAL:
		return put_optional(encoder, schema->element, actor__pointer_get(value));
	case ACTOR_KIND_STRUCT:
	case ACTOR_KIND_TUPLE:
		return put_members(encoder, schema, value);
	case ACTOR_KIND_ARRAY:
		return put_each(encoder, schema->element, value, schema->n_elements);
	case ACTOR_KIND_LIST:
		return put_list(encoder, schema->element, actor__items_get(value));
	case ACTOR_KIND_MAP:
		return put_map(encoder, schema->element, actor__items_get(value));
	case ACTOR_KIND_ENUM:
	case ACTOR_KIND_VARIANT:
		return put_case(encoder, schema, value);
	case ACTOR_KIND_NEWTYPE: /* has been gone into */
	case ACTOR_KIND_ORIGIN:	 /* nothing but a member, which is left out */
		break;
	}
	return wrong(encoder, "%s does not travel", schema->name);
}

static int put(struct encoder *encoder, const struct actor_schema *schema, const void *value)
{
	int rc;

	value = (const uint8_t *)value + actor__inner_offset(&schema);
	rc = ++encoder->n_calls < CBOR_TOO_MANY_CALLS ? put_kind(encoder, schema, value)
						      : wrong(encoder, "too deep");
	encoder->n_calls--;
	return rc;
}

int actor__cbor_encode(const struct actor_wire_format *format, const struct actor_schema *schema,
		       const void *value, struct actor_bytes *bytes)
{
	struct encoder encoder = { bytes, 0, 0, NULL };
	size_t n_before = bytes->n;
	int rc;

	(void)format;
	if (bytes->failed)
		return bytes->failed;
	value = (const uint8_t *)value + actor__inner_offset(&schema);
	if (actor__is_integer(schema)) { /* as many are */
		put_integer(bytes, schema, value);
		rc = 0;
	} else {
		rc = put(&encoder, schema, value);
	}
	if (rc == 0)
		rc = bytes->failed;
	if (rc == 0)
		return 0;
	bytes->n = n_before;
	bytes->failed = 0;
	return rc;
}

void actor__cbor_explain(const struct actor_wire_format *format, const struct actor_schema *schema,
			 const void *value, struct actor_why *ret_why)
{
	struct actor_bytes bytes;
	struct wrong wrong;
	struct encoder encoder = { &bytes, 0, 0, &wrong };

	(void)format;
	actor_bytes_init(&bytes, NULL, 0, SIZE_MAX);
	actor__path_init(&wrong.path);
	if (put(&encoder, schema, value) < 0)
		actor__path_say(&wrong.path, wrong.words, ret_why);
	else
		ret_why->text[0] = '\0';
	actor_bytes_deinit(&bytes);
}
