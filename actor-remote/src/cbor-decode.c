/* SPDX-License-Identifier: MIT */

/*
 * CBOR to values, as serde_cbor reads it: what is written is accepted, and what others may write,
 * like lengths that are not said, tags, numbers for names, structs without names. What the bytes
 * say is checked against what is there, before anything is done because of it:
 *
 * - arrays and maps are inside fewer than 128 others, and so is what decoding calls itself for;
 * - memory for what is announced is taken when as many items can be there, and all of it together
 *   is at most LEAST_MEMORY, or TIMES_INPUT times the bytes if that is more: what few bytes say is
 *   large, like a thousand structs whose members are all left out, is refused;
 * - the value is zeroed before, and is one that can be dropped at any moment, with what has been
 *   decoded so far: so that on failure it is.
 */

#include "cbor-decoder.h"
#include "value.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

enum { LEAST_MEMORY = 64 * 1024, TIMES_INPUT = 64, LEAST_ITEMS = 4 };

static int get(struct decoder *decoder, const struct actor_schema *schema, void *value);

/* ---- where something is wrong ---- */

ACTOR__COLD static int wrong_in(struct decoder *decoder, const char *name, int rc)
{
	if (decoder->reader.wants_words)
		actor__path_add(&decoder->path, name);
	return rc;
}

ACTOR__COLD static int wrong_in_item(struct decoder *decoder, size_t i, int rc)
{
	if (decoder->reader.wants_words)
		actor__path_add_item(&decoder->path, i);
	return rc;
}

/* ---- arrays ---- */

static int get_optional(struct decoder *decoder, const struct actor_schema *element, void *value)
{
	struct cbor_reader *reader = &decoder->reader;
	const uint8_t *at = reader->at;
	struct cbor_item item;
	void *one;
	int rc = actor__cbor_next(reader, &item);

	if (rc < 0 || item.kind == CBOR_NULL)
		return rc;
	reader->at = at;
	rc = actor__cbor_allocate(decoder, value, element->value_size);
	if (rc < 0)
		return rc;
	one = actor__pointer_get(value);
	memset(one, 0, element->value_size);
	return get(decoder, element, one);
}

static int get_start(struct decoder *decoder, const char *expected, enum cbor_kind kind,
		     struct cbor_items *ret_items)
{
	struct cbor_item item;
	int rc = actor__cbor_next(&decoder->reader, &item);

	*ret_items = (struct cbor_items){ 0, false };
	if (rc < 0)
		return rc;
	if (item.kind != kind)
		return actor__cbor_unexpected(&decoder->reader, expected, &item);
	return actor__cbor_enter(&decoder->reader, &item, ret_items);
}

ACTOR__COLD static int wrong_number(struct decoder *decoder, size_t n_expected)
{
	return actor__cbor_wrong(&decoder->reader, decoder->reader.at,
				 "expected %zu items, found another number of them", n_expected);
}

/* What can be read in one go, of items whose number is known. */
static size_t get_many(struct decoder *decoder, const struct actor_schema *element, uint8_t *values,
		       size_t n_room, struct cbor_items *items)
{
	size_t n = items->n < n_room ? (size_t)items->n : n_room;

	if (items->indefinite || !actor__is_integer(element))
		return 0;
	n = actor__cbor_get_integers(decoder, element, values, n);
	items->n -= n;
	return n;
}

static int get_array(struct decoder *decoder, const struct actor_schema *schema, uint8_t *value)
{
	const struct actor_schema *element = schema->element;
	struct cbor_items items;
	size_t i;
	int rc = get_start(decoder, "array", CBOR_ARRAY, &items);

	if (rc < 0)
		return rc;
	i = get_many(decoder, element, value, schema->n_elements, &items);
	for (; (rc = actor__cbor_more(&decoder->reader, &items)) > 0; i++) {
		if (i == schema->n_elements)
			return wrong_number(decoder, schema->n_elements);
		rc = get(decoder, element, value + i * element->value_size);
		if (rc < 0)
			return wrong_in_item(decoder, i, rc);
	}
	if (rc == 0 && i < schema->n_elements)
		return wrong_number(decoder, schema->n_elements);
	return rc;
}

/* Room for @n items at least, of which there is for @n_room already. */
static int make_room(struct decoder *decoder, const struct actor_schema *element, void *value,
		     size_t *n_room, size_t n)
{
	struct actor__items list = actor__items_get(value);
	size_t n_more = n - *n_room, size = element->value_size;
	uint8_t *items;
	int rc;

	rc = actor__cbor_charge(decoder, n_more <= SIZE_MAX / size ? n_more * size : SIZE_MAX);
	if (rc < 0)
		return rc;
	items = realloc(list.items, n * size);
	if (!items)
		return ACTOR_E_NOMEM;
	memset(items + *n_room * size, 0, n_more * size);
	actor__items_set(value, items, list.n);
	*n_room = n;
	return 0;
}

/* Twice as much, but no more than there can be items, of a byte at least. */
static size_t room_after(const struct decoder *decoder, size_t n)
{
	size_t twice = n > 0 ? 2 * n : LEAST_ITEMS;
	size_t most = n + (size_t)(decoder->reader.end - decoder->reader.at);

	return twice < most ? twice : most;
}

static int get_member(struct decoder *decoder, const struct actor_member *member, uint8_t *value);

/* An item of a list, or a pair of items of a map. */
static int get_item(struct decoder *decoder, const struct actor_schema *schema, uint8_t *value)
{
	const struct actor_schema *element = schema->element;
	int rc;

	if (schema->kind == ACTOR_KIND_LIST)
		return get(decoder, element, value);
	rc = get_member(decoder, &element->members[0], value);
	return rc < 0 ? rc : get_member(decoder, &element->members[1], value);
}

static int get_items(struct decoder *decoder, const struct actor_schema *schema, void *value,
		     struct cbor_items *items)
{
	const struct actor_schema *element = schema->element;
	struct actor__items list = { NULL, 0 };
	size_t n_room = 0;
	int rc = 0;

	if (items->n > 0)
		rc = make_room(decoder, element, value, &n_room, (size_t)items->n);
	if (rc == 0 && schema->kind == ACTOR_KIND_LIST) {
		list = actor__items_get(value);
		list.n = get_many(decoder, element, list.items, n_room, items);
		actor__items_set(value, list.items, list.n);
	}
	while (rc == 0 && (rc = actor__cbor_more(&decoder->reader, items)) > 0) {
		if (list.n == n_room)
			rc = make_room(decoder, element, value, &n_room,
				       room_after(decoder, n_room));
		else
			rc = 0;
		if (rc < 0)
			return rc;
		list = actor__items_get(value);
		actor__items_set(value, list.items, ++list.n);
		rc = get_item(decoder, schema,
			      (uint8_t *)list.items + (list.n - 1) * element->value_size);
		if (rc < 0)
			return wrong_in_item(decoder, list.n - 1, rc);
	}
	return rc;
}

static int get_list(struct decoder *decoder, const struct actor_schema *schema, void *value)
{
	bool is_map = schema->kind == ACTOR_KIND_MAP;
	struct cbor_items items;
	int rc;

	if (is_map && !actor__is_pair(schema->element))
		return actor__cbor_wrong(&decoder->reader, decoder->reader.at, "%s is no pair",
					 schema->element->name);
	rc = get_start(decoder, is_map ? "map" : "array", is_map ? CBOR_MAP : CBOR_ARRAY, &items);
	return rc < 0 ? rc : get_items(decoder, schema, value, &items);
}

/* ---- members ---- */

/* Names that are there: which members have been. */
struct seen {
	uint64_t bits[ACTOR_MOST_MEMBERS / 64];
};

static bool see(struct seen *seen, size_t i)
{
	uint64_t bit = UINT64_C(1) << i % 64;
	bool before = seen->bits[i / 64] & bit;

	seen->bits[i / 64] |= bit;
	return before;
}

static bool is_called(const struct actor_member *member, const uint8_t *text, size_t n)
{
	return member->n_name == n && memcmp(member->name, text, n) == 0;
}

/* Which of the members that travel, or of the cases, has that number; n_members: none. */
static size_t member_at(const struct actor_schema *schema, uint64_t index)
{
	size_t i;

	for (i = 0; i < schema->n_members; i++) {
		if (schema->members[i].schema && !actor__member_travels(&schema->members[i]))
			continue;
		if (index-- == 0)
			break;
	}
	return i;
}

static size_t member_called(const struct actor_schema *schema, const uint8_t *text, size_t n)
{
	size_t i;

	for (i = 0; i < schema->n_members; i++)
		if (is_called(&schema->members[i], text, n))
			break;
	return i;
}

/* Most often members come in their order. */
static bool is_next(const struct cbor_item *name, const struct actor_schema *schema, size_t next)
{
	return name->kind == CBOR_TEXT && !name->indefinite && next < schema->n_members &&
	       is_called(&schema->members[next], name->bytes, (size_t)name->number);
}

/* A key, or the name of a case: a text, or a number in the order of their definition. Maybe it is
 * @next. */
static int get_name(struct decoder *decoder, const struct actor_schema *schema,
		    struct cbor_item *name, size_t next, size_t *ret_i)
{
	int rc;

	if (is_next(name, schema, next)) {
		*ret_i = next;
		return 0;
	}
	if (name->kind == CBOR_UNSIGNED) {
		*ret_i = member_at(schema, name->number);
		return 0;
	}
	if (name->kind != CBOR_TEXT)
		return actor__cbor_unexpected(&decoder->reader, "a name", name);
	rc = actor__cbor_text(&decoder->reader, name);
	if (rc == 0)
		*ret_i = member_called(schema, name->bytes, (size_t)name->number);
	return rc;
}

static int get_member(struct decoder *decoder, const struct actor_member *member, uint8_t *value)
{
	int rc = get(decoder, member->schema, value + member->offset);

	return rc < 0 ? wrong_in(decoder, member->name, rc) : 0;
}

/* Those that were not there: fine for optionals, and for what does not travel. */
static int check_missing(struct decoder *decoder, const struct actor_schema *schema,
			 const struct seen *seen)
{
	const struct actor_member *member;
	size_t i;

	for (i = 0; i < schema->n_members; i++) {
		member = &schema->members[i];
		if (seen->bits[i / 64] >> i % 64 & 1)
			continue;
		if (actor__member_travels(member) && member->schema->kind != ACTOR_KIND_OPTIONAL)
			return wrong_in(
				decoder, member->name,
				actor__cbor_wrong(&decoder->reader, decoder->reader.at, "missing"));
	}
	return 0;
}

static int get_named(struct decoder *decoder, const struct actor_schema *schema, uint8_t *value,
		     struct cbor_items *items)
{
	struct cbor_reader *reader = &decoder->reader;
	struct seen seen = { { 0 } };
	struct cbor_item name;
	size_t i, next = 0;
	int rc;

	assert(schema->n_members <= ACTOR_MOST_MEMBERS);
	while ((rc = actor__cbor_more(reader, items)) > 0) {
		rc = actor__cbor_next(reader, &name);
		if (rc == 0)
			rc = get_name(decoder, schema, &name, next, &i);
		if (rc < 0)
			return rc;
		if (i == schema->n_members || !actor__member_travels(&schema->members[i])) {
			rc = actor__cbor_skip(reader);
		} else if (see(&seen, i)) {
			rc = wrong_in(decoder, schema->members[i].name,
				      actor__cbor_wrong(reader, name.at, "is there twice"));
		} else {
			rc = get_member(decoder, &schema->members[i], value);
			next = i + 1;
		}
		if (rc < 0)
			return rc;
	}
	return rc < 0 ? rc : check_missing(decoder, schema, &seen);
}

static int get_in_order(struct decoder *decoder, const struct actor_schema *schema, uint8_t *value,
			struct cbor_items *items)
{
	size_t i, n = actor__n_travelling(schema);
	int rc;

	for (i = 0; i < schema->n_members; i++) {
		if (!actor__member_travels(&schema->members[i]))
			continue;
		rc = actor__cbor_more(&decoder->reader, items);
		if (rc == 0)
			return wrong_number(decoder, n);
		if (rc > 0)
			rc = get_member(decoder, &schema->members[i], value);
		if (rc < 0)
			return rc;
	}
	rc = actor__cbor_more(&decoder->reader, items);
	return rc > 0 ? wrong_number(decoder, n) : rc;
}

static int get_members(struct decoder *decoder, const struct actor_schema *schema, uint8_t *value)
{
	struct cbor_reader *reader = &decoder->reader;
	bool named = schema->kind == ACTOR_KIND_STRUCT;
	struct cbor_items items;
	struct cbor_item item;
	int rc = actor__cbor_next(reader, &item);

	if (rc < 0)
		return rc;
	if (item.kind != CBOR_ARRAY && (item.kind != CBOR_MAP || !named))
		return actor__cbor_unexpected(reader, schema->name, &item);
	rc = actor__cbor_enter(reader, &item, &items);
	if (rc < 0)
		return rc;
	return item.kind == CBOR_MAP ? get_named(decoder, schema, value, &items)
				     : get_in_order(decoder, schema, value, &items);
}

/* ---- cases ---- */

/* A name with nothing behind it. */
static int get_plain_case(struct decoder *decoder, const struct actor_schema *schema,
			  struct cbor_item *name, void *value)
{
	size_t i;
	int rc = get_name(decoder, schema, name, 0, &i);

	if (rc < 0)
		return rc;
	if (i == schema->n_members)
		return actor__cbor_wrong(&decoder->reader, name->at, "%s has no such case",
					 schema->name);
	if (schema->members[i].schema)
		return wrong_in(decoder, schema->members[i].name,
				actor__cbor_wrong(&decoder->reader, name->at, "has no value"));
	memcpy(value, &schema->members[i].number, sizeof schema->members[i].number);
	return 0;
}

/* What follows a name. */
static int get_case_value(struct decoder *decoder, const struct actor_member *member,
			  uint8_t *value)
{
	int rc;

	memcpy(value, &member->number, sizeof member->number);
	if (member->schema)
		return get_member(decoder, member, value);
	rc = actor__cbor_get_plain(decoder, &actor_unit_schema, value);
	return rc < 0 ? wrong_in(decoder, member->name, rc) : 0;
}

/* A name and a value: in a map, or an array, of which there is nothing else. */
static int get_case_in(struct decoder *decoder, const struct actor_schema *schema,
		       const struct cbor_item *outer, void *value)
{
	struct cbor_reader *reader = &decoder->reader;
	struct cbor_items items;
	struct cbor_item name;
	size_t i = 0;
	int rc = actor__cbor_enter(reader, outer, &items);

	if (rc == 0 && (rc = actor__cbor_more(reader, &items)) == 0)
		return actor__cbor_unexpected(reader, schema->name, outer);
	if (rc > 0)
		rc = actor__cbor_next(reader, &name);
	if (rc == 0)
		rc = get_name(decoder, schema, &name, 0, &i);
	if (rc < 0)
		return rc;
	if (i == schema->n_members)
		return actor__cbor_wrong(reader, name.at, "%s has no such case", schema->name);
	if (outer->kind == CBOR_ARRAY && (rc = actor__cbor_more(reader, &items)) <= 0)
		return rc < 0 ? rc : actor__cbor_unexpected(reader, "a value", outer);
	rc = get_case_value(decoder, &schema->members[i], value);
	if (rc == 0)
		rc = actor__cbor_more(reader, &items);
	return rc > 0 ? actor__cbor_wrong(reader, outer->at, "more than one case") : rc;
}

static int get_case(struct decoder *decoder, const struct actor_schema *schema, void *value)
{
	struct cbor_item item;
	int rc = actor__cbor_next(&decoder->reader, &item);

	if (rc < 0)
		return rc;
	if (item.kind == CBOR_TEXT || item.kind == CBOR_UNSIGNED)
		return get_plain_case(decoder, schema, &item, value);
	if (item.kind == CBOR_MAP || item.kind == CBOR_ARRAY)
		return get_case_in(decoder, schema, &item, value);
	return actor__cbor_unexpected(&decoder->reader, schema->name, &item);
}

/* ---- values ---- */

static int get_kind(struct decoder *decoder, const struct actor_schema *schema, void *value)
{
	switch (schema->kind) {
	case ACTOR_KIND_OPTIONAL:
		return get_optional(decoder, schema->element, value);
	case ACTOR_KIND_STRUCT:
	case ACTOR_KIND_TUPLE:
		return get_members(decoder, schema, value);
	case ACTOR_KIND_ARRAY:
		return get_array(decoder, schema, value);
	case ACTOR_KIND_LIST:
	case ACTOR_KIND_MAP:
		return get_list(decoder, schema, value);
	case ACTOR_KIND_ENUM:
	case ACTOR_KIND_VARIANT:
		return get_case(decoder, schema, value);
	default:
		return actor__cbor_get_plain(decoder, schema, value);
	}
}

static int get(struct decoder *decoder, const struct actor_schema *schema, void *value)
{
	int rc;

	value = (uint8_t *)value + actor__inner_offset(&schema);
	if (actor__is_integer(schema) && actor__cbor_get_integers(decoder, schema, value, 1) == 1)
		return 0;
	if (++decoder->n_calls >= CBOR_TOO_MANY_CALLS)
		return actor__cbor_wrong(&decoder->reader, decoder->reader.at, "too deep");
	rc = get_kind(decoder, schema, value);
	decoder->n_calls--;
	return rc;
}

static int decode(const struct actor_schema *schema, const uint8_t *bytes, size_t n,
		  void *ret_value, struct actor_why *ret_why)
{
	struct decoder decoder;
	int rc;

	actor__cbor_reader_init(&decoder.reader, bytes, n, ret_why != NULL);
	decoder.n_memory = n > SIZE_MAX / TIMES_INPUT ? SIZE_MAX : n * TIMES_INPUT;
	if (decoder.n_memory < LEAST_MEMORY)
		decoder.n_memory = LEAST_MEMORY;
	decoder.n_calls = 0;
	actor__path_init(&decoder.path);
	memset(ret_value, 0, schema->value_size);
	rc = get(&decoder, schema, ret_value);
	if (rc == 0 && decoder.reader.at < decoder.reader.end)
		rc = actor__cbor_wrong(&decoder.reader, decoder.reader.at,
				       "something follows the value");
	if (!decoder.reader.pieces.given)
		actor__cbor_reader_deinit(&decoder.reader);
	if (rc < 0 && ret_why)
		actor__path_say(&decoder.path,
				rc == ACTOR_E_DECODE ? decoder.reader.words : actor_strerror(rc),
				ret_why);
	if (rc < 0)
		actor_schema_drop(schema, ret_value);
	return rc;
}

/* Many a value is a number, and nothing else; but for an origin, maybe, beside it. */
int actor__cbor_decode(const struct actor_wire_format *format, const struct actor_schema *schema,
		       const uint8_t *bytes, size_t n, void *ret_value, struct actor_why *ret_why)
{
	const struct actor_schema *inner = schema;
	size_t offset = actor__inner_offset(&inner);

	(void)format;
	if (!actor__is_integer(inner))
		return decode(schema, bytes, n, ret_value, ret_why);
	if (inner != schema)
		memset(ret_value, 0, schema->value_size);
	if (actor__cbor_get_lone_integer(inner, bytes, n, (uint8_t *)ret_value + offset))
		return 0;
	return decode(schema, bytes, n, ret_value, ret_why);
}
