/* SPDX-License-Identifier: MIT */
#ifndef TESTS_REMOTE_SAMPLE_H
#define TESTS_REMOTE_SAMPLE_H

/* Types of all kinds, with schemas. */

#include <actor-remote/schema.h>

/* Add(5) */
ACTOR_SCHEMA(add);
struct add {
	int64_t n;
	struct actor_origin from;
};

/* Show */
ACTOR_SCHEMA(show);
struct show {
	struct actor_origin from;
};

ACTOR_SCHEMA(nothing);
struct nothing {
	char unused;
};

/* SetNick { nick: "bob" } */
ACTOR_SCHEMA(set_nick);
struct set_nick {
	char *nick;
};

/* (1, "ann") */
ACTOR_SCHEMA(user);
struct user {
	uint64_t id;
	char *name;
};

/* Vec<(usize, String)> */
ACTOR_SCHEMA(users);
struct users {
	struct user_list list;
};

enum colour { RED = 0, GREEN = 1, BLUE = 7 };
ACTOR_SCHEMA_ENUM(colour);

ACTOR_SCHEMA(user_left);
struct user_left {
	int64_t time;
	uint64_t sid;
};

/* An enum with cases of all kinds. */
enum { SERVER_USER_LEFT, SERVER_SAID, SERVER_CLOSING, SERVER_MOVED, SERVER_FAR = -3 };
ACTOR_SCHEMA(server_msg);
struct server_msg {
	int which;
	union {
		struct user_left user_left;
		char *said;
		struct user moved;
	};
};

/* Result<(), String> */
enum outcome_kind { OUTCOME_OK = 1, OUTCOME_ERR };
ACTOR_SCHEMA(outcome);
struct outcome {
	enum outcome_kind which;
	union {
		struct actor_unit ok;
		char *err;
	};
};

ACTOR_SCHEMA(tree);
struct tree {
	int64_t n;
	struct tree_list children;
};

ACTOR_SCHEMA(chain);
struct chain {
	uint8_t n;
	struct chain *next;
};

/* What is an optional of itself, and nothing else. */
ACTOR_SCHEMA(knot);
struct knot {
	struct knot *inner;
};

ACTOR_SCHEMA_ARRAY(rgb, actor_u8, 3);

/* HashMap<String, u8>, and what is no map since it is of no pairs. */
ACTOR_SCHEMA(age);
struct age {
	char *name;
	uint8_t years;
};
ACTOR_SCHEMA_MAP(ages, age);
ACTOR_SCHEMA_MAP(no_map, user_left);

/* One of each. */
ACTOR_SCHEMA(all);
struct all {
	struct actor_unit unit;
	bool yes;
	int8_t i8;
	int16_t i16;
	int32_t i32;
	int64_t i64;
	uint8_t u8;
	uint16_t u16;
	uint32_t u32;
	uint64_t u64;
	float f32;
	double f64;
	uint32_t letter;
	char *text;
	struct actor_blob blob;
	uint32_t *some;
	uint32_t *none;
	struct actor_text_list texts;
	uint64_t id;
	rgb_value rgb;
	rgb_value *maybe_rgb;
	enum colour colour;
	struct colour_list colours;
	struct server_msg server_msg;
	struct user user;
	struct actor_origin from;
	int private;
};

/* What is large in memory and may be a byte on the wire. */
ACTOR_SCHEMA(wide);
struct wide {
	char hidden[1000];
	uint64_t *maybe;
};

/** sample_all() - one that owns something in all places, the caller's to drop */
struct all sample_all(void);

/** sample_text() - a copy of a text, for a value to own */
char *sample_text(const char *text);

#endif
