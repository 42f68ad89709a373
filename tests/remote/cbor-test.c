/* SPDX-License-Identifier: MIT */

/* CBOR: what is bounded whatever comes, and what is not on the wire. */

#include "test.h"

#include "hex.h"
#include "memory.h"
#include "sample.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_BYTES = 1 << 20 };

static const struct actor_wire_format *format;
static uint8_t *many; /* MOST_BYTES */

static int decode(const struct actor_schema *schema, size_t n, void *ret_value,
		  struct actor_why *ret_why)
{
	return format->ops->decode(format, schema, many, n, ret_value, ret_why);
}

/* ---- depth (X-22) ---- */

/* [0, [0, … null]]: so many arrays. */
static size_t write_chain(unsigned n_levels)
{
	size_t n = 0;

	for (unsigned i = 0; i < n_levels; i++) {
		many[n++] = 0x82;
		many[n++] = 0;
	}
	many[n++] = 0xf6;
	return n;
}

static void fewer_than_128_levels_are_read(void **state)
{
	struct actor_why why;
	struct chain chain;

	(void)state;
	assert_int_equal(decode(&chain_schema, write_chain(127), &chain, &why), 0);
	actor_schema_drop(&chain_schema, &chain);
	assert_int_equal(decode(&chain_schema, write_chain(128), &chain, &why), ACTOR_E_DECODE);
	assert_non_null(strstr(why.text, "too deep inside arrays and maps, at byte 254"));
	assert_int_equal(decode(&chain_schema, write_chain(100000), &chain, NULL), ACTOR_E_DECODE);
	assert_int_equal(memory_n_live(), 0);
}

static int encode_chain(unsigned n_levels)
{
	static struct chain links[1000];
	struct actor_bytes bytes;
	int rc;

	for (unsigned i = 0; i < n_levels; i++)
		links[i].next = i + 1 < n_levels ? &links[i + 1] : NULL;
	actor_bytes_init(&bytes, many, MOST_BYTES, MOST_BYTES);
	rc = format->ops->encode(format, &chain_schema, &links[0], &bytes);
	assert_int_equal(bytes.n == 0, rc < 0);
	return rc;
}

static void what_could_not_be_read_is_not_written(void **state)
{
	(void)state;
	assert_int_equal(encode_chain(127), 0);
	assert_int_equal(encode_chain(128), ACTOR_E_ENCODE);
	assert_int_equal(encode_chain(1000), ACTOR_E_ENCODE);
}

/* {"x": [[…]], 0: 1, 1: 1} */
static size_t write_skipped(unsigned n_levels, uint8_t head, uint8_t second)
{
	size_t n = 0;

	memcpy(many, "\xa3\x61x", 3);
	for (n = 3; n < 3 + 2 * n_levels; n += 2) {
		many[n] = head;
		many[n + 1] = second;
	}
	many[n++] = 0;
	if (head == 0xbf)
		memset(many + n, 0xff, n_levels), n += n_levels;
	memcpy(many + n, "\0\1\1\1", 4);
	return n + 4;
}

/* The outer map counts, and the tags do not. */
static void what_is_skipped_is_bounded_as_well(void **state)
{
	static const uint8_t heads[][2] = { { 0x81, 0xc0 }, { 0xa1, 0 }, { 0xbf, 0 } };
	struct user_left value;

	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(heads); i++) {
		assert_int_equal(decode(&user_left_schema,
					write_skipped(126, heads[i][0], heads[i][1]), &value, NULL),
				 0);
		assert_int_equal(decode(&user_left_schema,
					write_skipped(127, heads[i][0], heads[i][1]), &value, NULL),
				 ACTOR_E_DECODE);
		assert_int_equal(decode(&user_left_schema,
					write_skipped(100000, heads[i][0], heads[i][1]), &value,
					NULL),
				 ACTOR_E_DECODE);
	}
}

static void siblings_do_not_count(void **state)
{
	struct actor_bytes bytes;
	struct tree tree;

	(void)state;
	/* {"n": 0, "children": [ {"n": 0, "children": []}, … ]} */
	memcpy(many,
	       "\xa2\x61n\x00\x68"
	       "children\x99\x03\xe8",
	       16);
	for (unsigned i = 0; i < 1000; i++)
		memcpy(many + 16 + 14 * i,
		       "\xa2\x61n\x00\x68"
		       "children\x80",
		       14);
	assert_int_equal(decode(&tree_schema, 16 + 14 * 1000, &tree, NULL), 0);
	assert_int_equal(tree.children.n, 1000);
	actor_bytes_init(&bytes, NULL, 0, SIZE_MAX);
	assert_int_equal(format->ops->encode(format, &tree_schema, &tree, &bytes), 0);
	assert_int_equal(bytes.n, 16 + 14 * 1000);
	assert_memory_equal(bytes.data, many, bytes.n);
	actor_bytes_deinit(&bytes);
	actor_schema_drop(&tree_schema, &tree);
	assert_int_equal(memory_n_live(), 0);
}

/* An optional of optionals may go on for ever without a byte. */
static void what_does_not_show_on_the_wire_is_bounded_too(void **state)
{
	static struct knot knots[1000];
	struct actor_why why;
	struct knot knot;

	(void)state;
	assert_int_equal(value_of(&knot_schema, "f6", &knot, NULL), 0);
	assert_null(knot.inner);
	assert_int_equal(value_of(&knot_schema, "00", &knot, &why), ACTOR_E_DECODE);
	assert_string_equal(why.text, "too deep, at byte 0");
	assert_int_equal(memory_n_live(), 0);
	for (unsigned i = 0; i < 999; i++)
		knots[i].inner = &knots[i + 1];
	assert_string_equal(hex_of(&knot_schema, &knots[999]), "f6");
	assert_string_equal(hex_of(&knot_schema, &knots[900]), "f6");
	assert_string_equal(hex_of(&knot_schema, &knots[0]), actor_strerror(ACTOR_E_ENCODE));
}

static void any_number_of_tags_is_skipped(void **state)
{
	struct add add;

	(void)state;
	memset(many, 0xc1, MOST_BYTES);
	many[MOST_BYTES - 1] = 5;
	assert_int_equal(decode(&add_schema, MOST_BYTES, &add, NULL), 0);
	assert_int_equal(add.n, 5);
}

/* ---- memory ---- */

/* So many items that are each this byte, and what came of it. */
static int read_list(const struct actor_schema *schema, uint32_t n_items, uint8_t item, bool said)
{
	struct actor_user_list {
		void *items;
		size_t n;
	} list;
	size_t n = said ? 5 : 1, most;
	int rc;

	many[0] = said ? 0x9a : 0x9f;
	for (unsigned i = 0; i < 4 && said; i++)
		many[1 + i] = (uint8_t)(n_items >> (24 - 8 * i));
	memset(many + n, item, n_items);
	n += n_items;
	if (!said)
		many[n++] = 0xff;
	most = 64 * n > 65536 ? 64 * n : 65536;
	memory_fail_nth(0);
	rc = decode(schema, n, &list, NULL);
	assert_true(schema->value_size == sizeof list);
	if (rc == 0)
		assert_int_equal(list.n, n_items);
	if (said)
		assert_true(memory_n_bytes() <= most);
	assert_true(memory_n_bytes() <= 3 * most); /* what grows is counted each time */
	actor_schema_drop(schema, &list);
	assert_int_equal(memory_n_live(), 0);
	return rc;
}

/* 48 bytes for one are fewer than 64. */
ACTOR_SCHEMA(narrow);
struct narrow {
	char hidden[40];
	uint64_t *maybe;
};
ACTOR_SCHEMA_STRUCT_DEFINE(narrow, ACTOR_MEMBER(narrow, maybe, actor_u64_optional));

static void few_bytes_do_not_take_much_memory(void **state)
{
	(void)state;
	for (unsigned said = 0; said < 2; said++) {
		/* Structs that are all left out. */
		assert_int_equal(read_list(&wide_list_schema, 30, 0xa0, said), 0);
		assert_int_equal(read_list(&wide_list_schema, 70, 0xa0, said), ACTOR_E_DECODE);
		assert_int_equal(read_list(&wide_list_schema, 100000, 0xa0, said), ACTOR_E_DECODE);
		assert_int_equal(read_list(&narrow_list_schema, 100000, 0xa0, said), 0);
		assert_int_equal(read_list(&narrow_list_schema, 70000, 0xa0, said), 0);
		/* What is as small as it can be on the wire, and no more than usual in memory. */
		assert_int_equal(read_list(&actor_unit_list_schema, 100000, 0xf6, said), 0);
		assert_int_equal(read_list(&actor_u64_list_schema, 100000, 0x17, said), 0);
		assert_int_equal(read_list(&actor_text_list_schema, 100000, 0x60, said), 0);
		assert_int_equal(read_list(&actor_blob_list_schema, 100000, 0x40, said), 0);
		assert_int_equal(read_list(&colour_list_schema, 100000, 0x01, said), 0);
		assert_int_equal(read_list(&server_msg_list_schema, 100000, 0x02, said), 0);
	}
}

ACTOR_SCHEMA(mixed);
struct mixed {
	struct wide_list wides;
	struct actor_blob blob;
};
ACTOR_SCHEMA_TUPLE_DEFINE(mixed, ACTOR_MEMBER(mixed, wides, wide_list),
			  ACTOR_MEMBER(mixed, blob, actor_blob));

/* Nor is there any when other things have taken it all. */
static void what_is_left_for_a_value_is_what_others_have_left(void **state)
{
	struct wide_list list;
	struct actor_why why;

	(void)state;
	memcpy(many, "\x98\x40", 2);
	for (unsigned i = 0; i < 64; i++)
		memcpy(many + 2 + 8 * i, "\xa1\x65maybe\x05", 8);
	assert_int_equal(decode(&wide_list_schema, 2 + 8 * 64, &list, &why), ACTOR_E_DECODE);
	assert_string_equal(why.text, "[42].maybe: would need too much memory, at byte 345");
	assert_int_equal(memory_n_live(), 0);
}

/* That there are bytes does not mean that they are of the list. */
static void a_list_without_a_length_takes_room_as_it_grows(void **state)
{
	struct mixed mixed;

	(void)state;
	memcpy(many, "\x82\x9f\xa0\xff\x5a\x00\x01\x00\x00", 9);
	memory_fail_nth(0);
	assert_int_equal(decode(&mixed_schema, 9 + 65536, &mixed, NULL), 0);
	assert_int_equal(mixed.wides.n, 1);
	assert_true(memory_n_bytes() < 65536 + 10 * sizeof(struct wide));
	actor_schema_drop(&mixed_schema, &mixed);
}

static void what_is_announced_takes_none(void **state)
{
	static const char *const announced[] = { "9a000f4240", "9b0fffffffffffffff",
						 "9bffffffffffffffff", "9a000f4240f6f6f6" };
	struct actor_unit_list list;

	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(announced); i++) {
		memory_fail_nth(0);
		assert_int_equal(value_of(&actor_unit_list_schema, announced[i], &list, NULL),
				 ACTOR_E_DECODE);
		assert_int_equal(memory_n_asked(), 0);
	}
}

static void small_values_are_written_without_memory(void **state)
{
	uint8_t memory[64];
	struct actor_bytes bytes;

	(void)state;
	memory_fail_nth(0);
	actor_bytes_init(&bytes, memory, sizeof memory, SIZE_MAX);
	assert_int_equal(format->ops->encode(format, &user_left_schema,
					     &(struct user_left){ 1700000000, 3 }, &bytes),
			 0);
	assert_int_equal(memory_n_asked(), 0);
	assert_ptr_equal(bytes.data, memory);
}

static void without_memory_nothing_is_written(void **state)
{
	struct all all = sample_all();
	struct actor_bytes bytes;
	unsigned nth = 0;
	int rc;

	(void)state;
	do {
		actor_bytes_init(&bytes, NULL, 0, SIZE_MAX);
		actor_bytes_append(&bytes, "abc", 3);
		memory_fail_nth(++nth);
		rc = format->ops->encode(format, &all_schema, &all, &bytes);
		assert_int_equal(bytes.failed, 0);
		assert_memory_equal(bytes.data, "abc", 3);
		if (rc < 0) {
			assert_int_equal(rc, ACTOR_E_NOMEM);
			assert_int_equal(bytes.n, 3);
		}
		actor_bytes_deinit(&bytes);
	} while (rc < 0);
	assert_true(nth > 2);
	memory_fail_nth(0);
	actor_schema_drop(&all_schema, &all);
	assert_int_equal(memory_n_live(), 0);
}

static void what_has_failed_stays_so(void **state)
{
	struct actor_bytes bytes;

	(void)state;
	actor_bytes_init(&bytes, NULL, 0, 0);
	actor_bytes_append(&bytes, "a", 1);
	assert_int_equal(format->ops->encode(format, &add_schema, &(struct add){ .n = 5 }, &bytes),
			 ACTOR_E_TOO_BIG);
	assert_int_equal(bytes.failed, ACTOR_E_TOO_BIG);
}

/* ---- many integers, which are read and written in one go ---- */

/* Numbers of both signs and every length, as far as a type has them. */
static const int64_t numbers[] = {
	0,	   23,	     24,	127,	   -1,	       -24,
	-25,	   -128,     255,	256,	   32767,      -32768,
	65535,	   65536,    INT32_MAX, INT32_MIN, UINT32_MAX, INT64_C(1) << 32,
	INT64_MAX, INT64_MIN
};

static const struct integers {
	const struct actor_schema *schema;
	size_t size;
	int64_t least;
	int64_t most;
} lists[] = {
	{ &actor_i8_list_schema, 1, INT8_MIN, INT8_MAX },
	{ &actor_i16_list_schema, 2, INT16_MIN, INT16_MAX },
	{ &actor_i32_list_schema, 4, INT32_MIN, INT32_MAX },
	{ &actor_i64_list_schema, 8, INT64_MIN, INT64_MAX },
	{ &actor_u8_list_schema, 1, 0, UINT8_MAX },
	{ &actor_u16_list_schema, 2, 0, UINT16_MAX },
	{ &actor_u32_list_schema, 4, 0, UINT32_MAX },
	{ &actor_u64_list_schema, 8, 0, INT64_MAX },
};

/* All that fit, by the bytes that any type has: the lowest ones. */
static size_t fill(const struct integers *type, uint8_t *values)
{
	size_t n = 0;

	for (size_t i = 0; i < N_ELEMENTS(numbers); i++)
		if (numbers[i] >= type->least && numbers[i] <= type->most)
			memcpy(values + type->size * n++, &numbers[i], type->size);
	return n;
}

/* Into buffers that grow, and that may not: what does not fit is not there at all. */
static void integers_are_written_wherever_there_is_room(void **state)
{
	uint8_t values[8 * N_ELEMENTS(numbers)], whole[200], some[200];
	struct actor_i64_list list = { (int64_t *)(void *)values, 0 };
	struct actor_bytes bytes;

	(void)state;
	for (const struct integers *type = lists; type < lists + N_ELEMENTS(lists); type++) {
		size_t n_bytes;

		list.n = fill(type, values);
		actor_bytes_init(&bytes, whole, sizeof whole, sizeof whole);
		assert_int_equal(format->ops->encode(format, type->schema, &list, &bytes), 0);
		n_bytes = bytes.n;
		for (size_t n = 0; n <= n_bytes; n++) {
			actor_bytes_init(&bytes, some, sizeof some, n);
			assert_int_equal(format->ops->encode(format, type->schema, &list, &bytes),
					 n < n_bytes ? ACTOR_E_TOO_BIG : 0);
			assert_int_equal(bytes.n, n < n_bytes ? 0 : n_bytes);
			actor_bytes_init(&bytes, some, n, SIZE_MAX);
			assert_int_equal(format->ops->encode(format, type->schema, &list, &bytes),
					 0);
			assert_int_equal(bytes.n, n_bytes);
			assert_memory_equal(bytes.data, whole, n_bytes);
			actor_bytes_deinit(&bytes);
		}
	}
	assert_int_equal(memory_n_live(), 0);
}

/* Of @n items, that one is what is given instead; 7 all others, which is written as one byte. */
static const char *with_one(char *text, size_t n, size_t i, const char *instead)
{
	char *at = text + sprintf(text, "%02x", (unsigned)(0x80 + n));

	for (size_t k = 0; k < n; k++)
		at += sprintf(at, " %s", k == i ? instead : "07");
	return text;
}

/* The unusual ones among the others, and what is none, wherever it is. */
static void integers_are_read_whatever_is_among_them(void **state)
{
	static const char *const fine[] = { "1801",	  "190001",
					    "1a00000001", "1b0000000000000001",
					    "c101",	  "d9ffff1b0000000000000001" };
	static const char *const none[] = { "f5", "6131", "f93c00",
					    "40", "80",	  "a0",
					    "1c", "ff",	  "1bffffffffffffffff" };
	struct actor_i64_list list;
	struct actor_why why;
	char text[200], where[20];

	(void)state;
	for (const struct integers *type = lists; type < lists + N_ELEMENTS(lists); type++)
		for (size_t i = 0; i < 5; i++) {
			for (size_t k = 0; k < N_ELEMENTS(fine); k++) {
				assert_int_equal(value_of(type->schema,
							  with_one(text, 5, i, fine[k]), &list,
							  &why),
						 0);
				assert_int_equal(list.n, 5);
				for (size_t j = 0; j < 5 * type->size; j++)
					assert_int_equal(((uint8_t *)list.items)[j],
							 j % type->size	       ? 0
							 : j / type->size == i ? 1
									       : 7);
				actor_schema_drop(type->schema, &list);
			}
			for (size_t k = 0; k < N_ELEMENTS(none); k++) {
				if (type->schema == &actor_u64_list_schema &&
				    k == N_ELEMENTS(none) - 1)
					continue;
				assert_int_equal(value_of(type->schema,
							  with_one(text, 5, i, none[k]), &list,
							  &why),
						 ACTOR_E_DECODE);
				sprintf(where, "[%zu]: ", i);
				assert_memory_equal(why.text, where, strlen(where));
			}
		}
	assert_int_equal(memory_n_live(), 0);
}

/* One more or one less than there is in each direction. */
static void integers_keep_their_range(void **state)
{
	static const struct {
		const struct actor_schema *schema;
		const char *number;
		bool fits;
	} cases[] = {
		{ &actor_i8_list_schema, "187f", true },
		{ &actor_i8_list_schema, "1880", false },
		{ &actor_i8_list_schema, "387f", true },
		{ &actor_i8_list_schema, "3880", false },
		{ &actor_i32_list_schema, "1a7fffffff", true },
		{ &actor_i32_list_schema, "1a80000000", false },
		{ &actor_i32_list_schema, "3a7fffffff", true },
		{ &actor_i32_list_schema, "3a80000000", false },
		{ &actor_i64_list_schema, "1b7fffffffffffffff", true },
		{ &actor_i64_list_schema, "1b8000000000000000", false },
		{ &actor_i64_list_schema, "3b7fffffffffffffff", true },
		{ &actor_i64_list_schema, "3b8000000000000000", false },
		{ &actor_u8_list_schema, "18ff", true },
		{ &actor_u8_list_schema, "190100", false },
		{ &actor_u8_list_schema, "20", false },
		{ &actor_u16_list_schema, "19ffff", true },
		{ &actor_u16_list_schema, "1a00010000", false },
		{ &actor_u64_list_schema, "1bffffffffffffffff", true },
		{ &actor_u64_list_schema, "20", false },
	};
	struct actor_i64_list list;
	char text[200];

	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(cases); i++) {
		assert_int_equal(value_of(cases[i].schema, with_one(text, 3, 1, cases[i].number),
					  &list, NULL),
				 cases[i].fits ? 0 : ACTOR_E_DECODE);
		if (cases[i].fits)
			assert_memory_equal(hex_of(cases[i].schema, &list) + 4, cases[i].number,
					    strlen(cases[i].number));
		actor_schema_drop(cases[i].schema, &list);
	}
}

/* ---- members ---- */

static void optionals_may_be_missing(void **state)
{
	struct wide wide;

	(void)state;
	memset(&wide, 0x5a, sizeof wide);
	assert_int_equal(value_of(&wide_schema, "a0", &wide, NULL), 0);
	assert_null(wide.maybe);
	for (size_t i = 0; i < sizeof wide.hidden; i++)
		assert_int_equal(wide.hidden[i], 0);
}

/* Whoever sends one cannot say where it comes from. */
static void an_origin_does_not_travel(void **state)
{
	char text[2000], *at;
	struct all all = sample_all(), back;

	(void)state;
	strcpy(text, hex_of(&all_schema, &all));
	actor_schema_drop(&all_schema, &all);
	assert_null(strstr(text, "6466726f6d")); /* "from" */
	assert_memory_equal(text, "b819", 4);	 /* 25 members */
	memset(&back, 0x5a, sizeof back);
	assert_int_equal(value_of(&all_schema, text, &back, NULL), 0);
	assert_null(back.from.peer);
	assert_int_equal(back.private, 0);
	actor_schema_drop(&all_schema, &back);

	/* One more member that is called as it is: unknown, as all are that do not travel. */
	memcpy(text, "b81a", 4);
	at = text + strlen(text);
	strcpy(at, "6466726f6d820102");
	assert_int_equal(value_of(&all_schema, text, &back, NULL), 0);
	assert_null(back.from.peer);
	actor_schema_drop(&all_schema, &back);
	assert_int_equal(memory_n_live(), 0);
	assert_int_equal(value_of(&actor_origin_schema, "00", &back.from, NULL), ACTOR_E_DECODE);
}

/* 24 is the number of the member after the origin. */
static void numbers_of_members_leave_out_what_does_not_travel(void **state)
{
	struct actor_why why;
	struct all all;

	(void)state;
	assert_int_equal(value_of(&all_schema, "a1 1818 01", &all, &why), ACTOR_E_DECODE);
	assert_string_equal(why.text, "user: expected user, found unsigned 1, at byte 3");
	assert_int_equal(value_of(&all_schema, "a1 1819 01", &all, &why), ACTOR_E_DECODE);
	assert_string_equal(why.text, "unit: missing, at byte 4");
}

static void names_are_compared_as_a_whole(void **state)
{
	static const char *const names[] = {
		"636e6963", "656e69636b73", "656e69636b00", "666e69636b0078", "60", "644e69636b",
	};
	struct set_nick set_nick;
	struct actor_why why;
	char text[100];

	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(names); i++) {
		strcat(strcat(strcpy(text, "a1"), names[i]), "63626f62");
		assert_int_equal(value_of(&set_nick_schema, text, &set_nick, &why), ACTOR_E_DECODE);
		assert_non_null(strstr(why.text, "nick: missing"));
	}
}

/* A name whose length is the number that stands for a length that is not said. */
#define A_31 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
ACTOR_SCHEMA(long_name);
struct long_name {
	uint8_t n;
};
ACTOR_SCHEMA_STRUCT_DEFINE(long_name, ACTOR_MEMBER_NAMED(long_name, n, A_31, actor_u8));

static void a_name_in_pieces_is_not_the_bytes_that_follow(void **state)
{
	static const uint8_t bytes[] = "\xbf\x7f" A_31 "a\xff\x05\x78\x1f" A_31 "\x07\xff";
	struct long_name value;

	(void)state;
	assert_int_equal(format->ops->decode(format, &long_name_schema, bytes, sizeof bytes - 1,
					     &value, NULL),
			 0);
	assert_int_equal(value.n, 7);
}

/* ---- words ---- */

/* children[0].children[0]… is cut, and what it says stays. */
static void a_long_way_down_is_cut(void **state)
{
	struct actor_why why;
	struct tree tree;
	size_t n = 0;

	(void)state;
	for (unsigned i = 0; i < 60; i++) {
		memcpy(many + n,
		       "\xa2\x61n\x00\x68"
		       "children\x81",
		       14);
		n += 14;
	}
	many[n++] = 0xf5;
	assert_int_equal(decode(&tree_schema, n, &tree, &why), ACTOR_E_DECODE);
	assert_string_equal(why.text,
			    "...[0].children[0].children[0].children[0].children[0].children[0]"
			    ".children[0]: expected tree, found true, at byte 840");
	assert_int_equal(memory_n_live(), 0);
}

/* The same of what is written. */
static void a_long_way_down_is_cut_when_writing_too(void **state)
{
	static struct tree trees[200];
	struct actor_why why;

	(void)state;
	for (unsigned i = 0; i < N_ELEMENTS(trees); i++) {
		trees[i].children.items = i + 1 < N_ELEMENTS(trees) ? &trees[i + 1] : NULL;
		trees[i].children.n = i + 1 < N_ELEMENTS(trees);
	}
	format->ops->explain(format, &tree_schema, &trees[0], &why);
	assert_string_equal(why.text,
			    "...[0].children[0].children[0].children[0].children[0].children[0]"
			    ".children: too deep");
	format->ops->explain(format, &tree_schema, &trees[190], &why);
	assert_string_equal(why.text, "");
	assert_int_equal(memory_n_live(), 0);
}

/* What is wrong may be behind more than there is memory for. */
static void without_memory_nothing_is_explained(void **state)
{
	char bad[] = "\xff", good[] = "\xc3\xa9";
	struct user users[40];
	struct user_list list = { users, N_ELEMENTS(users) };
	struct actor_why why = { "before" };

	(void)state;
	for (unsigned i = 0; i < list.n; i++)
		users[i] = (struct user){ i, i == 39 ? bad : good };
	memory_fail_nth(1);
	format->ops->explain(format, &user_list_schema, &list, &why);
	assert_string_equal(why.text, "");
	format->ops->explain(format, &user_list_schema, &list, &why);
	assert_string_equal(why.text, "[39].name: text is not UTF-8");
	assert_int_equal(memory_n_live(), 0);
}

static void the_format_has_a_name(void **state)
{
	(void)state;
	assert_string_equal(format->name, "CBOR");
	assert_int_equal(format->ops->size, sizeof *format->ops);
}

static int set_up(void **state)
{
	(void)state;
	format = actor_cbor_format();
	many = test_malloc(MOST_BYTES);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	test_free(many);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fewer_than_128_levels_are_read),
		cmocka_unit_test(what_could_not_be_read_is_not_written),
		cmocka_unit_test(what_is_skipped_is_bounded_as_well),
		cmocka_unit_test(siblings_do_not_count),
		cmocka_unit_test(what_does_not_show_on_the_wire_is_bounded_too),
		cmocka_unit_test(any_number_of_tags_is_skipped),
		cmocka_unit_test(few_bytes_do_not_take_much_memory),
		cmocka_unit_test(what_is_left_for_a_value_is_what_others_have_left),
		cmocka_unit_test(a_list_without_a_length_takes_room_as_it_grows),
		cmocka_unit_test(what_is_announced_takes_none),
		cmocka_unit_test(small_values_are_written_without_memory),
		cmocka_unit_test(without_memory_nothing_is_written),
		cmocka_unit_test(what_has_failed_stays_so),
		cmocka_unit_test(integers_are_written_wherever_there_is_room),
		cmocka_unit_test(integers_are_read_whatever_is_among_them),
		cmocka_unit_test(integers_keep_their_range),
		cmocka_unit_test(optionals_may_be_missing),
		cmocka_unit_test(an_origin_does_not_travel),
		cmocka_unit_test(numbers_of_members_leave_out_what_does_not_travel),
		cmocka_unit_test(names_are_compared_as_a_whole),
		cmocka_unit_test(a_name_in_pieces_is_not_the_bytes_that_follow),
		cmocka_unit_test(a_long_way_down_is_cut),
		cmocka_unit_test(a_long_way_down_is_cut_when_writing_too),
		cmocka_unit_test(without_memory_nothing_is_explained),
		cmocka_unit_test(the_format_has_a_name),
	};

	return cmocka_run_group_tests_name("cbor", tests, set_up, tear_down);
}
