/* SPDX-License-Identifier: MIT */
#ifndef TESTS_HEADERS_EVERY_SCHEMA_H
#define TESTS_HEADERS_EVERY_SCHEMA_H

/* Every macro of schemas, each in all ways that it can be used, in C and in C++. */

#include <actor-remote/schema.h>

enum colour { RED = -1, GREEN = 1 };
ACTOR_SCHEMA_ENUM(colour);
ACTOR_SCHEMA_ENUM_DEFINE(colour, ACTOR_CASE(RED, "Red"), ACTOR_CASE(GREEN, "Green"));

ACTOR_SCHEMA_ARRAY(rgb, actor_u8, 3);
ACTOR_SCHEMA_ARRAY_DEFINE(rgb, actor_u8, 3);

ACTOR_SCHEMA(show);
struct show {
	char unused;
};
ACTOR_SCHEMA_UNIT_DEFINE(show);

ACTOR_SCHEMA(ask);
struct ask {
	struct actor_origin from;
};
ACTOR_SCHEMA_UNIT_DEFINE_WITH_ORIGIN(ask, from);

ACTOR_SCHEMA(add);
struct add {
	int64_t n;
};
ACTOR_SCHEMA_NEWTYPE_DEFINE(add, n, actor_i64);

ACTOR_SCHEMA(add_for);
struct add_for {
	int64_t n;
	struct actor_origin from;
};
ACTOR_SCHEMA_NEWTYPE_DEFINE_WITH_ORIGIN(add_for, n, actor_i64, from);

ACTOR_SCHEMA(pair);
struct pair {
	double first;
	float second;
};
ACTOR_SCHEMA_TUPLE_DEFINE(pair, ACTOR_MEMBER(pair, first, actor_f64),
			  ACTOR_MEMBER(pair, second, actor_f32));

ACTOR_SCHEMA_MAP(pairs, pair);
ACTOR_SCHEMA_MAP_DEFINE(pairs, pair);

/* It contains itself, in both ways. */
ACTOR_SCHEMA(tree);
struct tree {
	struct tree *left;
	struct tree_list others;
	rgb_value rgb;
	rgb_value *maybe_rgb;
	struct rgb_list rgbs;
	enum colour colour;
	enum colour *maybe_colour;
	struct colour_list colours;
	struct pair_list pairs;
	bool yes;
	char *text;
	char **maybe_text;
	struct actor_text_list texts;
	struct actor_blob bytes;
};
ACTOR_SCHEMA_STRUCT_DEFINE(
	tree, ACTOR_MEMBER(tree, left, tree_optional), ACTOR_MEMBER(tree, others, tree_list),
	ACTOR_MEMBER(tree, rgb, rgb), ACTOR_MEMBER(tree, maybe_rgb, rgb_optional),
	ACTOR_MEMBER(tree, rgbs, rgb_list), ACTOR_MEMBER(tree, colour, colour),
	ACTOR_MEMBER(tree, maybe_colour, colour_optional), ACTOR_MEMBER(tree, colours, colour_list),
	ACTOR_MEMBER_NAMED(tree, yes, "no", actor_bool), ACTOR_MEMBER(tree, text, actor_text),
	ACTOR_MEMBER(tree, maybe_text, actor_text_optional),
	ACTOR_MEMBER(tree, texts, actor_text_list), ACTOR_MEMBER(tree, bytes, actor_blob));

ACTOR_SCHEMA(result);
struct result {
	int which;
	union {
		struct tree tree;
		struct pair pair;
	} value;
};
ACTOR_SCHEMA_VARIANT_DEFINE(result, ACTOR_CASE(0, "Nothing"),
			    ACTOR_CASE_OF(1, "Tree", result, value.tree, tree),
			    ACTOR_CASE_OF(2, "Pair", result, value.pair, pair));

ACTOR_SIGNAL(tree);
ACTOR_SIGNAL_DEFINE_WITH_COPY(tree, "every.tree", tree_schema_drop, tree_schema_copy);

extern char more_than_a_byte_can_count[ACTOR_MOST_MEMBERS];

#endif
