/* SPDX-License-Identifier: MIT */

#include "sample.h"

#include <stdlib.h>
#include <string.h>

ACTOR_SCHEMA_NEWTYPE_DEFINE_WITH_ORIGIN(add, n, actor_i64, from);
ACTOR_SCHEMA_UNIT_DEFINE_WITH_ORIGIN(show, from);
ACTOR_SCHEMA_UNIT_DEFINE(nothing);
ACTOR_SCHEMA_STRUCT_DEFINE(set_nick, ACTOR_MEMBER(set_nick, nick, actor_text));
ACTOR_SCHEMA_TUPLE_DEFINE(user, ACTOR_MEMBER(user, id, actor_u64),
			  ACTOR_MEMBER(user, name, actor_text));
ACTOR_SCHEMA_NEWTYPE_DEFINE(users, list, user_list);
ACTOR_SCHEMA_ENUM_DEFINE(colour, ACTOR_CASE(RED, "Red"), ACTOR_CASE(GREEN, "Green"),
			 ACTOR_CASE(BLUE, "Blue"));
ACTOR_SCHEMA_STRUCT_DEFINE(user_left, ACTOR_MEMBER(user_left, time, actor_i64),
			   ACTOR_MEMBER(user_left, sid, actor_u64));
ACTOR_SCHEMA_VARIANT_DEFINE(server_msg,
			    ACTOR_CASE_OF(SERVER_USER_LEFT, "UserLeft", server_msg, user_left,
					  user_left),
			    ACTOR_CASE_OF(SERVER_SAID, "Said", server_msg, said, actor_text),
			    ACTOR_CASE(SERVER_CLOSING, "Closing"),
			    ACTOR_CASE_OF(SERVER_MOVED, "Moved", server_msg, moved, user),
			    ACTOR_CASE(SERVER_FAR, "Far"));
ACTOR_SCHEMA_VARIANT_DEFINE(outcome, ACTOR_CASE_OF(OUTCOME_OK, "Ok", outcome, ok, actor_unit),
			    ACTOR_CASE_OF(OUTCOME_ERR, "Err", outcome, err, actor_text));
ACTOR_SCHEMA_STRUCT_DEFINE(tree, ACTOR_MEMBER(tree, n, actor_i64),
			   ACTOR_MEMBER(tree, children, tree_list));
ACTOR_SCHEMA_TUPLE_DEFINE(chain, ACTOR_MEMBER(chain, n, actor_u8),
			  ACTOR_MEMBER(chain, next, chain_optional));
ACTOR_SCHEMA_NEWTYPE_DEFINE(knot, inner, knot_optional);
ACTOR_SCHEMA_ARRAY_DEFINE(rgb, actor_u8, 3);
ACTOR_SCHEMA_TUPLE_DEFINE(age, ACTOR_MEMBER(age, name, actor_text),
			  ACTOR_MEMBER(age, years, actor_u8));
ACTOR_SCHEMA_MAP_DEFINE(ages, age);
ACTOR_SCHEMA_MAP_DEFINE(no_map, user_left);
ACTOR_SCHEMA_STRUCT_DEFINE(
	all, ACTOR_MEMBER(all, unit, actor_unit), ACTOR_MEMBER(all, yes, actor_bool),
	ACTOR_MEMBER(all, i8, actor_i8), ACTOR_MEMBER(all, i16, actor_i16),
	ACTOR_MEMBER(all, i32, actor_i32), ACTOR_MEMBER(all, i64, actor_i64),
	ACTOR_MEMBER(all, u8, actor_u8), ACTOR_MEMBER(all, u16, actor_u16),
	ACTOR_MEMBER(all, u32, actor_u32), ACTOR_MEMBER(all, u64, actor_u64),
	ACTOR_MEMBER(all, f32, actor_f32), ACTOR_MEMBER(all, f64, actor_f64),
	ACTOR_MEMBER(all, letter, actor_char32), ACTOR_MEMBER(all, text, actor_text),
	ACTOR_MEMBER(all, blob, actor_blob), ACTOR_MEMBER(all, some, actor_u32_optional),
	ACTOR_MEMBER(all, none, actor_u32_optional), ACTOR_MEMBER(all, texts, actor_text_list),
	ACTOR_MEMBER(all, id, actor_id), ACTOR_MEMBER(all, rgb, rgb),
	ACTOR_MEMBER(all, maybe_rgb, rgb_optional), ACTOR_MEMBER(all, colour, colour),
	ACTOR_MEMBER_NAMED(all, colours, "more-colours", colour_list),
	ACTOR_MEMBER(all, server_msg, server_msg), ACTOR_MEMBER(all, from, actor_origin),
	ACTOR_MEMBER(all, user, user));
ACTOR_SCHEMA_STRUCT_DEFINE(wide, ACTOR_MEMBER(wide, maybe, actor_u64_optional));

char *sample_text(const char *text)
{
	char *copy = malloc(strlen(text) + 1);

	if (!copy)
		abort();
	return strcpy(copy, text);
}

static void *sample_memory(size_t n)
{
	void *memory = calloc(1, n);

	if (!memory)
		abort();
	return memory;
}

struct all sample_all(void)
{
	struct all all = { .yes = true,
			   .i8 = -128,
			   .i16 = -300,
			   .i32 = INT32_MIN,
			   .i64 = INT64_MIN,
			   .u8 = 255,
			   .u16 = 65535,
			   .u32 = 100000,
			   .u64 = UINT64_MAX,
			   .f32 = 1.5f,
			   .f64 = 0.1,
			   .letter = 0x1f600,
			   .text = sample_text("s\"\\ \xc3\xa9"),
			   .id = 7,
			   .rgb = { 1, 2, 3 },
			   .colour = BLUE,
			   .server_msg = { .which = SERVER_SAID },
			   .user = { 1, NULL },
			   .private = 5 };

	all.blob.data = sample_memory(2);
	all.blob.data[1] = 0xff;
	all.blob.n = 2;
	all.some = sample_memory(sizeof *all.some);
	*all.some = 24;
	all.texts.n = 2;
	all.texts.items = sample_memory(2 * sizeof *all.texts.items);
	all.texts.items[0] = sample_text("a");
	all.maybe_rgb = sample_memory(sizeof *all.maybe_rgb);
	(*all.maybe_rgb)[2] = 9;
	all.colours.n = 2;
	all.colours.items = sample_memory(2 * sizeof *all.colours.items);
	all.colours.items[1] = GREEN;
	all.server_msg.said = sample_text("hello");
	all.user.name = sample_text("ann");
	return all;
}
