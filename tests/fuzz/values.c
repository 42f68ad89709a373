/* SPDX-License-Identifier: MIT */

/*
 * Values: of any bytes, what a type can be made of is made, or refused, and takes no more memory
 * than is said; what was made is written, in the one way there is, read again as the same, copied
 * as the same, and can be shown. Nothing that is a part of a value, or has something behind it, is
 * one.
 *
 *	0	which type: one of the table, or, from there on, one that is drawn by this
 *	1	  and this number
 *	2	where what has been written is cut off
 *	3	the bytes
 */

#include "fuzz.h"

#include "well-formed.h"

#include <actor-remote/actor-remote.h>
#include <remote/memory.h>
#include <remote/random-type.h>
#include <remote/sample.h>

static const struct actor_wire_format *format;
static _Alignas(16) uint8_t value[1 << 16], other[1 << 16];

/* ---- types */

/* Inside of each other as deep as may be, and deeper than may travel. */
enum { N_NESTED = 140 };
static struct actor_schema optionals[N_NESTED], lists[N_NESTED], newtypes[N_NESTED];
static struct actor_member inners[N_NESTED];

static const struct actor_schema *const types[] = {
	&add_schema,
	&show_schema,
	&nothing_schema,
	&set_nick_schema,
	&user_schema,
	&users_schema,
	&colour_schema,
	&user_left_schema,
	&server_msg_schema,
	&outcome_schema,
	&tree_schema,
	&chain_schema,
	&knot_schema,
	&rgb_schema,
	&age_schema,
	&ages_schema,
	&no_map_schema,
	&all_schema,
	&wide_schema,
	&all_list_schema,
	&wide_list_schema,
	&all_optional_schema,
	&actor_unit_schema,
	&actor_bool_schema,
	&actor_i8_schema,
	&actor_i16_schema,
	&actor_i32_schema,
	&actor_i64_schema,
	&actor_u8_schema,
	&actor_u16_schema,
	&actor_u32_schema,
	&actor_u64_schema,
	&actor_f32_schema,
	&actor_f64_schema,
	&actor_char32_schema,
	&actor_text_schema,
	&actor_blob_schema,
	&actor_id_schema,
	&actor_unit_list_schema,
	&actor_unit_optional_schema,
	&actor_u8_list_schema,
	&actor_f64_list_schema,
	&actor_text_list_schema,
	&actor_blob_list_schema,
	&ages_list_schema,
	&rgb_optional_schema,
	&server_msg_list_schema,
	&tree_list_schema,
	&chain_optional_schema,
	&optionals[1],
	&optionals[N_NESTED - 1],
	&lists[1],
	&lists[N_NESTED - 1],
	&newtypes[N_NESTED - 1],
};

static struct actor_schema of_kind(enum actor_schema_kind kind, const char *name, size_t size,
				   const struct actor_schema *element)
{
	return (struct actor_schema){ .size = sizeof(struct actor_schema),
				      .kind = kind,
				      .name = name,
				      .value_size = size,
				      .element = element };
}

static void nest(void)
{
	for (int i = 0; i < N_NESTED; i++) {
		optionals[i] = of_kind(ACTOR_KIND_OPTIONAL, "optional", sizeof(void *),
				       i == 0 ? &actor_text_schema : &optionals[i - 1]);
		lists[i] = of_kind(ACTOR_KIND_LIST, "list", sizeof(struct actor_text_list),
				   i == 0 ? &actor_unit_schema : &lists[i - 1]);
		newtypes[i] = of_kind(ACTOR_KIND_NEWTYPE, "newtype",
				      i == 0 ? sizeof(char *) : newtypes[i - 1].value_size, NULL);
		inners[i].name = "inner";
		inners[i].n_name = 5;
		inners[i].schema = i == 0 ? &actor_text_schema : &newtypes[i - 1];
		newtypes[i].members = &inners[i];
		newtypes[i].n_members = 1;
	}
}

static const struct actor_schema *choose_type(struct input *input)
{
	uint64_t which = input_byte(input), seed = which << 8 | input_byte(input);

	return which < N_ELEMENTS(types) ? types[which] : random_type(&seed);
}

/* ---- what must hold */

static bool is_zero(const uint8_t *bytes, size_t n)
{
	return n == 0 || (bytes[0] == 0 && memcmp(bytes, bytes + 1, n - 1) == 0);
}

static int decode(const struct actor_schema *schema, const uint8_t *bytes, size_t n, uint8_t *to)
{
	size_t most = 64 * n > 65536 ? 64 * n : 65536;
	struct actor_why why = { "" };
	int rc;

	memset(to, 0xa5, schema->value_size);
	memory_fail_nth(0);
	rc = format->ops->decode(format, schema, bytes, n, to, &why);
	MUST(memory_n_bytes() <= 3 * most); /* what grows is counted each time */
	MUST(rc == 0 || rc == ACTOR_E_DECODE);
	MUST(memchr(why.text, '\0', sizeof why.text));
	MUST((rc == 0) == (why.text[0] == '\0'));
	if (rc < 0)
		MUST(is_zero(to, schema->value_size));
	else
		MUST(well_formed(bytes, n, false));
	return rc;
}

static void encode(const struct actor_schema *schema, const uint8_t *from,
		   struct actor_bytes *bytes)
{
	actor_bytes_init(bytes, NULL, 0, SIZE_MAX);
	MUST(format->ops->encode(format, schema, from, bytes) == 0);
	MUST(well_formed(bytes->data, bytes->n, true));
}

/* That bytes are the same says that values are: there is one way to write each. */
static void must_be(const struct actor_schema *schema, const uint8_t *from,
		    const struct actor_bytes *bytes)
{
	struct actor_bytes again;

	encode(schema, from, &again);
	MUST(again.n == bytes->n && memcmp(again.data, bytes->data, bytes->n) == 0);
	actor_bytes_deinit(&again);
}

static void must_not_be(const struct actor_schema *schema, const uint8_t *bytes, size_t n)
{
	uint8_t *copy = fuzz_copy(bytes, n);

	MUST(decode(schema, copy, n, other) < 0);
	free(copy);
}

/* Nor fits what is written where there is less room. */
static void must_need_room(const struct actor_schema *schema, size_t n, size_t cut)
{
	struct actor_bytes bytes;

	actor_bytes_init(&bytes, NULL, 0, cut % n);
	MUST(format->ops->encode(format, schema, value, &bytes) == ACTOR_E_TOO_BIG);
	MUST(bytes.n == 0 && bytes.failed == 0);
	actor_bytes_deinit(&bytes);
}

static void show(const struct actor_schema *schema)
{
	char text[40];
	int n = actor_schema_format(schema, value, text, sizeof text);

	MUST(n >= 0 && strlen(text) == ((size_t)n < sizeof text ? (size_t)n : sizeof text - 1));
}

static void use(const struct actor_schema *schema, size_t cut)
{
	struct actor_bytes bytes;

	encode(schema, value, &bytes);
	MUST(decode(schema, bytes.data, bytes.n, other) == 0);
	must_be(schema, other, &bytes);
	actor_schema_drop(schema, other);
	MUST(actor_schema_copy(schema, other, value) == 0);
	must_be(schema, other, &bytes);
	actor_schema_drop(schema, other);
	MUST(is_zero(other, schema->value_size));
	must_not_be(schema, bytes.data, cut % bytes.n);
	must_need_room(schema, bytes.n, cut);
	actor_bytes_append(&bytes, "", 1);
	must_not_be(schema, bytes.data, bytes.n);
	show(schema);
	actor_bytes_deinit(&bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct input input = { data, n };
	const struct actor_schema *schema;
	long n_live = memory_n_live();
	size_t cut;

	if (!format) {
		format = actor_cbor_format();
		nest();
	}
	schema = choose_type(&input);
	cut = input_byte(&input);
	if (schema->value_size > sizeof value)
		return 0;
	if (decode(schema, input.at, input.n, value) == 0)
		use(schema, cut);
	actor_schema_drop(schema, value);
	MUST(memory_n_live() == n_live);
	return 0;
}
