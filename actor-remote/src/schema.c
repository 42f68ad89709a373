/* SPDX-License-Identifier: MIT */

/*
 * Schemas of what C has by itself; releasing and copying by schema.
 *
 * Both call themselves for what is inside a value. A value that is all zero owns nothing, and one
 * that is half made is zero where nothing is yet: so whatever goes wrong while one is made or
 * copied, it can be dropped.
 */

#include <actor-remote/schema.h>

#include "origin.h"
#include "value.h"

#include <stdlib.h>

/* ---- what there is already ---- */

#define DEFINE(X, NAME, KIND) ACTOR__SCHEMA_DEFINE(X, NAME, KIND, NULL, 0, NULL, 0)

DEFINE(actor_unit, "unit", ACTOR_KIND_UNIT);
DEFINE(actor_bool, "bool", ACTOR_KIND_BOOL);
DEFINE(actor_i8, "i8", ACTOR_KIND_SIGNED);
DEFINE(actor_i16, "i16", ACTOR_KIND_SIGNED);
DEFINE(actor_i32, "i32", ACTOR_KIND_SIGNED);
DEFINE(actor_i64, "i64", ACTOR_KIND_SIGNED);
DEFINE(actor_u8, "u8", ACTOR_KIND_UNSIGNED);
DEFINE(actor_u16, "u16", ACTOR_KIND_UNSIGNED);
DEFINE(actor_u32, "u32", ACTOR_KIND_UNSIGNED);
DEFINE(actor_u64, "u64", ACTOR_KIND_UNSIGNED);
DEFINE(actor_f32, "f32", ACTOR_KIND_FLOAT);
DEFINE(actor_f64, "f64", ACTOR_KIND_FLOAT);
DEFINE(actor_char32, "char", ACTOR_KIND_CHAR);
DEFINE(actor_text, "text", ACTOR_KIND_TEXT);
DEFINE(actor_blob, "bytes", ACTOR_KIND_BYTES);

/* Structs in a struct, each as large as what is in it. */
static const struct actor_member id_members[] = { { "id", 2, 0, &actor_u64_schema, 0 } };
static const struct actor_schema inner_schema = ACTOR__SCHEMA_OF(
	ACTOR_KIND_STRUCT, "inner", actor_id_value, id_members, 1, NULL, 0);
static const struct actor_member inner_members[] = { { "inner", 5, 0, &inner_schema, 0 } };
ACTOR__SCHEMA_DEFINE(actor_id, "id", ACTOR_KIND_STRUCT, inner_members, 1, NULL, 0);

const struct actor_schema actor_origin_schema = ACTOR__SCHEMA_OF(
	ACTOR_KIND_ORIGIN, "origin", actor_origin_value, NULL, 0, NULL, 0);

/* ---- releasing ---- */

static void drop_inside(const struct actor_schema *schema, void *value);

static void drop_each(const struct actor_schema *schema, uint8_t *values, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		drop_inside(schema, values + i * schema->value_size);
}

static void drop_case(const struct actor_schema *schema, void *value)
{
	const struct actor_member *member = actor__case_get(schema, value);

	if (member && member->schema)
		drop_inside(member->schema, (uint8_t *)value + member->offset);
}

/* What a value owns; the value itself is zeroed by whom it is part of. */
static void drop_inside(const struct actor_schema *schema, void *value)
{
	struct actor__items list;
	size_t i;

	switch (schema->kind) {
	case ACTOR_KIND_TEXT:
	case ACTOR_KIND_BYTES: /* begins with a pointer, too */
		free(actor__pointer_get(value));
		break;
	case ACTOR_KIND_OPTIONAL:
		if (actor__pointer_get(value))
			drop_inside(schema->element, actor__pointer_get(value));
		free(actor__pointer_get(value));
		break;
	case ACTOR_KIND_LIST:
	case ACTOR_KIND_MAP:
		list = actor__items_get(value);
		drop_each(schema->element, list.items, list.n);
		free(list.items);
		break;
	case ACTOR_KIND_ARRAY:
		drop_each(schema->element, value, schema->n_elements);
		break;
	case ACTOR_KIND_VARIANT:
		drop_case(schema, value);
		break;
	case ACTOR_KIND_UNIT:
	case ACTOR_KIND_STRUCT:
	case ACTOR_KIND_TUPLE:
	case ACTOR_KIND_NEWTYPE:
		for (i = 0; i < schema->n_members; i++)
			drop_inside(schema->members[i].schema,
				    (uint8_t *)value + schema->members[i].offset);
		break;
	case ACTOR_KIND_ORIGIN:
		actor__origin_drop(value);
		break;
	case ACTOR_KIND_BOOL:
	case ACTOR_KIND_SIGNED:
	case ACTOR_KIND_UNSIGNED:
	case ACTOR_KIND_FLOAT:
	case ACTOR_KIND_CHAR:
	case ACTOR_KIND_ENUM:
		break;
	}
}

void actor_schema_drop(const struct actor_schema *schema, void *value)
{
	drop_inside(schema, value);
	memset(value, 0, schema->value_size);
}

/* ---- copying ---- */

static int own(const struct actor_schema *schema, void *value, const void *from);

/* Memory of one's own, with the same bytes: in place of the pointer at @value. */
static int own_bytes(void *value, const void *from, size_t n)
{
	void *bytes = n > 0 ? malloc(n) : NULL;

	if (n > 0 && !bytes)
		return ACTOR_E_NOMEM;
	if (n > 0)
		memcpy(bytes, from, n);
	actor__pointer_set(value, bytes);
	return 0;
}

static int own_text(void *value, const char *from)
{
	return from ? own_bytes(value, from, strlen(from) + 1) : 0;
}

static int own_blob(struct actor_blob *value, const struct actor_blob *from)
{
	int rc = own_bytes(&value->data, from->data, from->n);

	value->n = from->n;
	return rc;
}

static int own_each(const struct actor_schema *schema, uint8_t *values, const uint8_t *from,
		    size_t n)
{
	size_t i;
	int rc = 0;

	for (i = 0; i < n && rc == 0; i++)
		rc = own(schema, values + i * schema->value_size, from + i * schema->value_size);
	return rc;
}

static int own_list(const struct actor_schema *element, void *value, struct actor__items from)
{
	void *items;

	if (from.n == 0)
		return 0;
	items = calloc(from.n, element->value_size);
	if (!items)
		return ACTOR_E_NOMEM;
	actor__items_set(value, items, from.n);
	return own_each(element, items, from.items, from.n);
}

static int own_optional(const struct actor_schema *element, void *value, const void *from)
{
	void *one;

	if (!from)
		return 0;
	one = calloc(1, element->value_size);
	if (!one)
		return ACTOR_E_NOMEM;
	actor__pointer_set(value, one);
	return own(element, one, from);
}

static int own_members(const struct actor_schema *schema, uint8_t *value, const uint8_t *from)
{
	const struct actor_member *member;
	size_t i;
	int rc = 0;

	for (i = 0; i < schema->n_members && rc == 0; i++) {
		member = &schema->members[i];
		rc = own(member->schema, value + member->offset, from + member->offset);
	}
	return rc;
}

static int own_case(const struct actor_schema *schema, uint8_t *value, const uint8_t *from)
{
	const struct actor_member *member = actor__case_get(schema, from);
	int number = actor__number_get(from);

	memcpy(value, &number, sizeof number);
	if (!member || !member->schema)
		return 0;
	return own(member->schema, value + member->offset, from + member->offset);
}

/* A copy of its own, in zeroed memory; what it owns on failure is to be dropped. */
static int own(const struct actor_schema *schema, void *value, const void *from)
{
	switch (schema->kind) {
	case ACTOR_KIND_TEXT:
		return own_text(value, actor__pointer_get(from));
	case ACTOR_KIND_BYTES:
		return own_blob(value, from);
	case ACTOR_KIND_OPTIONAL:
		return own_optional(schema->element, value, actor__pointer_get(from));
	case ACTOR_KIND_LIST:
	case ACTOR_KIND_MAP:
		return own_list(schema->element, value, actor__items_get(from));
	case ACTOR_KIND_ARRAY:
		return own_each(schema->element, value, from, schema->n_elements);
	case ACTOR_KIND_VARIANT:
		return own_case(schema, value, from);
	case ACTOR_KIND_UNIT:
	case ACTOR_KIND_STRUCT:
	case ACTOR_KIND_TUPLE:
	case ACTOR_KIND_NEWTYPE:
		return own_members(schema, value, from);
	case ACTOR_KIND_ORIGIN:
		actor__origin_copy(value, from);
		return 0;
	case ACTOR_KIND_BOOL:
	case ACTOR_KIND_SIGNED:
	case ACTOR_KIND_UNSIGNED:
	case ACTOR_KIND_FLOAT:
	case ACTOR_KIND_CHAR:
	case ACTOR_KIND_ENUM:
		memcpy(value, from, schema->value_size);
		return 0;
	}
	return 0;
}

int actor_schema_copy(const struct actor_schema *schema, void *to, const void *from)
{
	void *copy = calloc(1, schema->value_size);
	int rc;

	if (!copy)
		return ACTOR_E_NOMEM;
	rc = own(schema, copy, from);
	if (rc == 0)
		memcpy(to, copy, schema->value_size);
	else
		drop_inside(schema, copy);
	free(copy);
	return rc;
}

static const struct actor_member *origin_member(const struct actor_schema *schema)
{
	size_t i;

	if (schema->kind == ACTOR_KIND_ENUM || schema->kind == ACTOR_KIND_VARIANT)
		return NULL;
	for (i = 0; i < schema->n_members; i++)
		if (!actor__member_travels(&schema->members[i]))
			return &schema->members[i];
	return NULL;
}

bool actor__origin_is_in(const struct actor_schema *schema)
{
	return origin_member(schema) != NULL;
}

struct actor_origin *actor__origin_of(const struct actor_schema *schema, void *value)
{
	const struct actor_member *member = origin_member(schema);

	return member ? (void *)((uint8_t *)value + member->offset) : NULL;
}
