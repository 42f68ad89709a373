/* SPDX-License-Identifier: MIT */

/*
 * Random values of random types: what is written is read as the same, copied as the same, and is
 * what another reader of CBOR takes for CBOR; and what comes of bytes that were changed at random
 * is nothing, or a value.
 */

#include "test.h"

#include "hex.h"
#include "memory.h"
#include "random-type.h"
#include "utf8.h"
#include "util/random.h"
#include "value.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { N_TYPES = 400, N_VALUES = 5, N_CHANGES = 20 };

static uint64_t random_state;

static uint64_t below(uint64_t n)
{
	return actor__random(&random_state) % n;
}

/* ---- random values ---- */

static uint32_t random_char(void)
{
	static const uint32_t most[] = { 0x7f, 0x7ff, 0xd7ff, 0xffff, 0x10ffff };
	uint32_t character = 1 + (uint32_t)below(most[below(N_ELEMENTS(most))]);

	return actor__char_is_valid(character) ? character : 0xfffd;
}

static char *random_text(void)
{
	size_t n_characters = below(40), n = 0;
	char *text = calloc(1, 4 * n_characters + 1);

	for (size_t i = 0; i < n_characters; i++)
		n += actor__utf8_put((uint8_t *)text + n, random_char());
	return text;
}

/* A number of any length. */
static uint64_t random_number(void)
{
	return actor__random(&random_state) >> below(64);
}

static void random_value(const struct actor_schema *schema, uint8_t *value)
{
	const struct actor_member *member;
	struct actor_blob blob;
	size_t n = schema->kind == ACTOR_KIND_ARRAY ? schema->n_elements : below(4);
	uint32_t character;
	float single;
	double number;
	uint8_t *items;

	switch (schema->kind) {
	case ACTOR_KIND_UNIT:
	case ACTOR_KIND_ORIGIN:
		break;
	case ACTOR_KIND_BOOL:
		*value = below(2) == 1;
		break;
	case ACTOR_KIND_SIGNED:
	case ACTOR_KIND_UNSIGNED:
		actor__integer_set(value, schema->value_size,
				   below(2) ? random_number() : ~random_number());
		break;
	case ACTOR_KIND_FLOAT:
		number = below(2) ? (double)(int64_t)random_number() / (double)(1 << below(30))
				  : (double)below(1000) / 7;
		single = (float)number;
		memcpy(value, schema->value_size == 4 ? (void *)&single : (void *)&number,
		       schema->value_size);
		break;
	case ACTOR_KIND_CHAR:
		character = random_char();
		memcpy(value, &character, sizeof character);
		break;
	case ACTOR_KIND_TEXT:
		actor__pointer_set(value, random_text());
		break;
	case ACTOR_KIND_BYTES:
		blob.n = below(300);
		blob.data = blob.n > 0 ? calloc(1, blob.n) : NULL;
		for (size_t i = 0; i < blob.n; i++)
			blob.data[i] = (uint8_t)below(256);
		memcpy(value, &blob, sizeof blob);
		break;
	case ACTOR_KIND_OPTIONAL:
		if (n == 0)
			break;
		items = calloc(1, schema->element->value_size);
		actor__pointer_set(value, items);
		random_value(schema->element, items);
		break;
	case ACTOR_KIND_LIST:
	case ACTOR_KIND_MAP:
		items = n > 0 ? calloc(n, schema->element->value_size) : NULL;
		actor__items_set(value, items, n);
		for (size_t i = 0; i < n; i++)
			random_value(schema->element, items + i * schema->element->value_size);
		break;
	case ACTOR_KIND_ARRAY:
		for (size_t i = 0; i < n; i++)
			random_value(schema->element, value + i * schema->element->value_size);
		break;
	case ACTOR_KIND_ENUM:
	case ACTOR_KIND_VARIANT:
		member = &schema->members[below(schema->n_members)];
		memcpy(value, &member->number, sizeof member->number);
		if (member->schema)
			random_value(member->schema, value + member->offset);
		break;
	case ACTOR_KIND_STRUCT:
	case ACTOR_KIND_TUPLE:
	case ACTOR_KIND_NEWTYPE:
		for (size_t i = 0; i < schema->n_members; i++)
			random_value(schema->members[i].schema, value + schema->members[i].offset);
		break;
	}
}

/* ---- */

static const struct actor_wire_format *format;
static _Alignas(16) uint8_t value[1 << 16], back[1 << 16], copy[1 << 16];

static void write_value(const struct actor_schema *schema, const void *from,
			struct actor_bytes *bytes)
{
	bytes->n = 0;
	assert_int_equal(format->ops->encode(format, schema, from, bytes), 0);
}

static void check_same(const struct actor_schema *schema, const void *other,
		       const struct actor_bytes *bytes)
{
	struct actor_bytes again;

	actor_bytes_init(&again, NULL, 0, SIZE_MAX);
	write_value(schema, other, &again);
	assert_int_equal(again.n, bytes->n);
	assert_memory_equal(again.data, bytes->data, bytes->n);
	actor_bytes_deinit(&again);
}

static void read_it(const struct actor_schema *schema, const struct actor_bytes *bytes)
{
	struct actor_why why = { "" };
	int rc = format->ops->decode(format, schema, bytes->data, bytes->n, back, &why);

	if (rc < 0)
		print_error("%s\n", why.text);
	assert_int_equal(rc, 0);
	check_same(schema, back, bytes);
	actor_schema_drop(schema, back);
}

static void copy_it(const struct actor_schema *schema, const struct actor_bytes *bytes)
{
	assert_int_equal(actor_schema_copy(schema, copy, value), 0);
	check_same(schema, copy, bytes);
	actor_schema_drop(schema, copy);
}

/* One to three bytes are others, or left out. */
static void change_it(const struct actor_schema *schema, const struct actor_bytes *bytes)
{
	uint8_t *changed = test_malloc(bytes->n);
	size_t n = bytes->n;

	memcpy(changed, bytes->data, n);
	for (size_t i = 0, n_changes = 1 + below(3); i < n_changes; i++)
		changed[below(n)] = (uint8_t)below(256);
	if (below(4) == 0)
		n = below(n);
	memory_fail_nth(0);
	if (format->ops->decode(format, schema, changed, n, back, NULL) == 0) {
		struct actor_bytes again;

		actor_bytes_init(&again, NULL, 0, SIZE_MAX);
		write_value(schema, back, &again);
		actor_bytes_deinit(&again);
	}
	actor_schema_drop(schema, back);
	test_free(changed);
}

static void check_value(const struct actor_schema *schema)
{
	struct actor_bytes bytes;
	char text[100];

	memset(value, 0, schema->value_size);
	random_value(schema, value);
	actor_bytes_init(&bytes, NULL, 0, SIZE_MAX);
	write_value(schema, value, &bytes);
	read_it(schema, &bytes);
	copy_it(schema, &bytes);
	for (unsigned i = 0; i < N_CHANGES; i++)
		change_it(schema, &bytes);
	assert_true(actor_schema_format(schema, value, text, sizeof text) > 0);
	actor_schema_drop(schema, value);
	actor_bytes_deinit(&bytes);
	assert_int_equal(memory_n_live(), 0);
}

static void any_value_of_any_type_travels(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= N_TYPES; seed++) {
		const struct actor_schema *schema;

		random_state = seed;
		schema = random_type(&random_state);
		assert_true(schema->value_size <= sizeof value);
		for (unsigned i = 0; i < N_VALUES; i++)
			check_value(schema);
	}
}

/* Not even of a type that it might be. */
static void any_bytes_are_a_value_or_none(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 20 * N_TYPES; seed++) {
		const struct actor_schema *schema;
		uint8_t bytes[64];
		size_t n;

		random_state = seed;
		schema = random_type(&random_state);
		n = below(sizeof bytes);
		for (size_t i = 0; i < n; i++)
			bytes[i] = (uint8_t)below(256);
		actor_ignore(format->ops->decode(format, schema, bytes, n, back, NULL));
		actor_schema_drop(schema, back);
		assert_int_equal(memory_n_live(), 0);
	}
}

static int set_up(void **state)
{
	(void)state;
	format = actor_cbor_format();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_value_of_any_type_travels),
		cmocka_unit_test(any_bytes_are_a_value_or_none),
	};

	return cmocka_run_group_tests_name("cbor-random", tests, set_up, NULL);
}
