/* SPDX-License-Identifier: MIT */

#include "random-type.h"

#include "util/random.h"
#include "value.h"

#include <stdlib.h>
#include <string.h>

enum { MOST_MEMBERS = 6, MOST_LEVELS = 4 };

static uint64_t *random_state;

static uint64_t below(uint64_t n)
{
	return actor__random(random_state) % n;
}

/* Memory of types, forgotten all at once. */
static _Alignas(16) unsigned char arena[1 << 20];
static size_t n_arena;

static void *arena_take(size_t n)
{
	void *memory = arena + n_arena;

	n_arena += (n + 15) / 16 * 16;
	if (n_arena > sizeof arena)
		abort();
	memset(memory, 0, n);
	return memory;
}

static const char *random_name(void)
{
	char *name = arena_take(40);
	size_t n = 1 + below(30);

	for (size_t i = 0; i < n; i++)
		name[i] = (char)('a' + below(26));
	return name;
}

static const struct actor_schema *some_type(unsigned n_levels);

static struct actor_schema *new_type(enum actor_schema_kind kind, size_t value_size)
{
	struct actor_schema *schema = arena_take(sizeof *schema);

	schema->size = sizeof *schema;
	schema->kind = kind;
	schema->name = random_name();
	schema->value_size = value_size;
	return schema;
}

/* As a compiler would lay them out, but for the alignment, which is eight for everything. */
static size_t eights(size_t n)
{
	return (n + 7) / 8 * 8;
}

static const struct actor_schema *random_struct(enum actor_schema_kind kind, unsigned n_levels)
{
	struct actor_schema *schema = new_type(kind, 8);
	size_t n = kind == ACTOR_KIND_NEWTYPE ? 1 : below(MOST_MEMBERS + 1);
	struct actor_member *members = arena_take((n + 1) * sizeof *members);

	schema->members = members;
	for (size_t i = 0; i < n; i++, schema->n_members++) {
		bool hidden = kind != ACTOR_KIND_NEWTYPE && below(8) == 0;

		members[i].name = random_name();
		members[i].n_name = strlen(members[i].name);
		members[i].schema = hidden ? &actor_origin_schema : some_type(n_levels - 1);
		members[i].offset = schema->value_size;
		schema->value_size += eights(members[i].schema->value_size);
	}
	return schema;
}

static const struct actor_schema *random_cases(enum actor_schema_kind kind, unsigned n_levels)
{
	struct actor_schema *schema = new_type(kind, kind == ACTOR_KIND_ENUM ? sizeof(int) : 8);
	size_t n = 1 + below(MOST_MEMBERS);
	struct actor_member *members = arena_take(n * sizeof *members);

	schema->members = members;
	for (size_t i = 0; i < n; i++, schema->n_members++) {
		members[i].name = random_name();
		members[i].n_name = strlen(members[i].name);
		members[i].number = (int)(i * 3 - below(3));
		if (kind == ACTOR_KIND_ENUM || below(3) == 0)
			continue;
		members[i].schema = some_type(n_levels - 1);
		members[i].offset = 8;
		if (schema->value_size < 8 + members[i].schema->value_size)
			schema->value_size = 8 + eights(members[i].schema->value_size);
	}
	return schema;
}

static const struct actor_schema *random_pair(unsigned n_levels)
{
	struct actor_schema *schema = new_type(ACTOR_KIND_TUPLE, 0);
	struct actor_member *members = arena_take(2 * sizeof *members);

	schema->members = members;
	for (schema->n_members = 0; schema->n_members < 2; schema->n_members++) {
		members[schema->n_members].name = "";
		members[schema->n_members].schema = some_type(n_levels - 1);
		members[schema->n_members].offset = schema->value_size;
		schema->value_size += eights(members[schema->n_members].schema->value_size);
	}
	return schema;
}

static const struct actor_schema *random_row(enum actor_schema_kind kind, unsigned n_levels)
{
	const struct actor_schema *element = some_type(n_levels - 1);
	struct actor_schema *schema = new_type(kind, sizeof(struct actor__items));

	if (kind == ACTOR_KIND_MAP)
		element = random_pair(n_levels);
	/* No optional of optionals: of those what is written is less than there is. */
	while (kind == ACTOR_KIND_OPTIONAL &&
	       (element->kind == ACTOR_KIND_OPTIONAL || element->kind == ACTOR_KIND_NEWTYPE ||
		element->kind == ACTOR_KIND_UNIT))
		element = some_type(n_levels - 1);
	schema->element = element;
	if (kind == ACTOR_KIND_OPTIONAL)
		schema->value_size = sizeof(void *);
	if (kind == ACTOR_KIND_ARRAY) {
		schema->n_elements = 1 + below(4);
		schema->value_size = schema->n_elements * element->value_size;
	}
	return schema;
}

static const struct actor_schema *some_type(unsigned n_levels)
{
	static const struct actor_schema *const plain[] = {
		&actor_unit_schema,   &actor_bool_schema, &actor_i8_schema,   &actor_i16_schema,
		&actor_i32_schema,    &actor_i64_schema,  &actor_u8_schema,   &actor_u16_schema,
		&actor_u32_schema,    &actor_u64_schema,  &actor_f32_schema,  &actor_f64_schema,
		&actor_char32_schema, &actor_text_schema, &actor_blob_schema, &actor_id_schema,
	};

	if (n_levels == 0 || below(3) == 0)
		return plain[below(sizeof plain / sizeof plain[0])];
	switch (below(9)) {
	case 0:
		return random_struct(ACTOR_KIND_TUPLE, n_levels);
	case 1:
		return random_struct(ACTOR_KIND_NEWTYPE, n_levels);
	case 2:
		return random_cases(ACTOR_KIND_ENUM, n_levels);
	case 3:
		return random_cases(ACTOR_KIND_VARIANT, n_levels);
	case 4:
		return random_row(ACTOR_KIND_OPTIONAL, n_levels);
	case 5:
		return random_row(ACTOR_KIND_ARRAY, n_levels);
	case 6:
		return random_row(ACTOR_KIND_LIST, n_levels);
	case 7:
		return random_row(ACTOR_KIND_MAP, n_levels);
	default:
		return random_struct(ACTOR_KIND_STRUCT, n_levels);
	}
}

const struct actor_schema *random_type(uint64_t *state)
{
	random_state = state;
	n_arena = 0;
	return some_type(MOST_LEVELS);
}
