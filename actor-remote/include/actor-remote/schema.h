/* SPDX-License-Identifier: MIT */
#ifndef ACTOR_REMOTE_SCHEMA_H
#define ACTOR_REMOTE_SCHEMA_H

#include <actor-iface/typed-message.h>
#include <actor-impl/export.h>

ACTOR__BEGIN_C

/**
 * DOC: what the members of a C struct are, so that it can travel
 *
 * One table per type serves encoding and decoding, copying, releasing and printing. C knows where a
 * member is, not what it means: a char pointer is a text, a pointer and a count may be a list, an
 * int an enum. A schema says so. In a header:
 *
 *	ACTOR_SCHEMA(set_nick);
 *	struct set_nick {
 *		char *nick;
 *		uint32_t *colour;
 *		struct actor_text_list rooms;
 *	};
 *
 * and in one .c file:
 *
 *	ACTOR_SCHEMA_STRUCT_DEFINE(set_nick,
 *		ACTOR_MEMBER(set_nick, nick, actor_text),
 *		ACTOR_MEMBER(set_nick, colour, actor_u32_optional),
 *		ACTOR_MEMBER(set_nick, rooms, actor_text_list));
 *
 * Every X that has a schema also has X_optional (in C: X_value *, NULL for none) and X_list (struct
 * X_list: items and n); for a list of lists, or an optional one, make a newtype of the list. A
 * member's type in C is checked against its schema's. Names of members are what they are called on
 * the wire. Whatever a value owns is memory from malloc(). An array of char is no text, and has no
 * schema; one of uint8_t has.
 *
 * X_schema_drop() and X_schema_copy() are what a message type needs:
 *
 *	ACTOR_MESSAGE_DEFINE_WITH_COPY(set_nick, "chat.set_nick", set_nick_schema_drop,
 *				       set_nick_schema_copy, NULL);
 *
 * A type may contain itself, as an optional or in a list. These functions call themselves for what
 * is inside: so many levels as may travel, fewer than 128, are no matter; a list of a million that
 * are each inside the other takes as much stack.
 */

/** enum actor_schema_kind - what a value is */
enum actor_schema_kind {
	/** @ACTOR_KIND_UNIT: nothing; a struct that is all zero, like struct actor_unit */
	ACTOR_KIND_UNIT = 1,
	ACTOR_KIND_BOOL = 2,
	/** @ACTOR_KIND_SIGNED: int8_t to int64_t, by value_size */
	ACTOR_KIND_SIGNED = 3,
	/** @ACTOR_KIND_UNSIGNED: uint8_t to uint64_t, by value_size */
	ACTOR_KIND_UNSIGNED = 4,
	/** @ACTOR_KIND_FLOAT: float or double, by value_size */
	ACTOR_KIND_FLOAT = 5,
	/** @ACTOR_KIND_CHAR: uint32_t, a Unicode scalar value */
	ACTOR_KIND_CHAR = 6,
	/** @ACTOR_KIND_TEXT: char *, owned, UTF-8, ends with 0 and has no other; NULL is "" */
	ACTOR_KIND_TEXT = 7,
	/** @ACTOR_KIND_BYTES: struct actor_blob, owned */
	ACTOR_KIND_BYTES = 8,
	/** @ACTOR_KIND_OPTIONAL: T *, owned; NULL: none. Of one that is none itself nothing is
	 * left on the wire: of an optional of optionals, each arrives as the outer one's NULL */
	ACTOR_KIND_OPTIONAL = 9,
	/** @ACTOR_KIND_STRUCT: a struct whose members have names on the wire */
	ACTOR_KIND_STRUCT = 10,
	/** @ACTOR_KIND_TUPLE: a struct whose members have none */
	ACTOR_KIND_TUPLE = 11,
	/** @ACTOR_KIND_ARRAY: T[n] */
	ACTOR_KIND_ARRAY = 12,
	/** @ACTOR_KIND_LIST: struct { T *items; size_t n; }, owned */
	ACTOR_KIND_LIST = 13,
	/** @ACTOR_KIND_ENUM: the number of one of its cases, as large as an int */
	ACTOR_KIND_ENUM = 14,
	/** @ACTOR_KIND_VARIANT: struct { int which; union { … }; }: a case, maybe with a value */
	ACTOR_KIND_VARIANT = 15,
	/** @ACTOR_KIND_NEWTYPE: a struct that travels as the first of its members; there may be an
	 * origin beside it */
	ACTOR_KIND_NEWTYPE = 16,
	/** @ACTOR_KIND_ORIGIN: struct actor_origin, which never travels; only as a member */
	ACTOR_KIND_ORIGIN = 17,
	/** @ACTOR_KIND_MAP: a list of tuples of two members: keys and values, in any order; that a
	 * key is there twice is for others to see */
	ACTOR_KIND_MAP = 18
};

struct actor_schema;

/**
 * struct actor_member - a member of a struct or tuple, or a case of an enum or variant
 * @name:   on the wire; of tuples and newtypes: for messages of errors
 * @n_name: its bytes
 * @offset: of the value in the struct; of enums: 0
 * @schema: of the value; NULL: a case without one
 * @number: of a case: what `which`, or the enum, is
 */
struct actor_member {
	const char *name;
	size_t n_name;
	size_t offset;
	const struct actor_schema *schema;
	int number;
};

/** ACTOR_MOST_MEMBERS - as many as a type may have, or cases */
#define ACTOR_MOST_MEMBERS 256

/**
 * struct actor_schema - describes the values of one C type
 * @size:       sizeof(struct actor_schema) as its definer compiled it
 * @kind:       what they are
 * @name:       of the type, for messages of errors
 * @value_size: bytes of one value
 * @members:    of structs, tuples, enums, variants, newtypes; of units, when they have an origin
 * @n_members:  how many
 * @element:    of optionals, arrays, lists and maps
 * @n_elements: of arrays
 */
struct actor_schema {
	size_t size;
	enum actor_schema_kind kind;
	const char *name;
	size_t value_size;
	const struct actor_member *members;
	size_t n_members;
	const struct actor_schema *element;
	size_t n_elements;
};

/** struct actor_why - what is wrong with a value, and where, in words */
struct actor_why {
	char text[192];
};

/** struct actor_blob - bytes, owned; NULL when there are none */
struct actor_blob {
	uint8_t *data;
	size_t n;
};

/**
 * struct actor_origin - the connection that a message came from
 * @peer: owns a reference to its memory, which goes with the message, and does not keep the
 *        connection: actor_peer_ref() it to use it after that; NULL: it did not come over one
 *
 * As a member of a message it is not on the wire: it is set when one arrives. So a handler learns
 * who asks, whatever implementation runs it; and by actor_peer_certificate(), who that is.
 */
struct actor_peer;
struct actor_origin {
	struct actor_peer *peer;
};

/**
 * actor_schema_drop() - release what a value owns; its memory stays, zeroed
 * @schema: of it
 * @value:  may be zeroed
 *
 * Thread:  any
 */
ACTOR_EXPORT void actor_schema_drop(const struct actor_schema *schema, void *value);

/**
 * actor_schema_copy() - make a second owner of what a value owns
 * @schema: of both
 * @to:     memory for it; untouched on failure
 * @from:   stays its owner's
 *
 * Thread:  any
 * Return:  0, ACTOR_E_NOMEM
 */
ACTOR_NODISCARD ACTOR_EXPORT int actor_schema_copy(const struct actor_schema *schema, void *to,
						   const void *from);

/**
 * actor_schema_format() - a value in words, like {"nick": "bob", "age": 7}
 * @schema:   of it
 * @value:    which
 * @buffer:   receives the text, always terminated
 * @n_buffer: its size in bytes
 *
 * Thread:  any
 * Return:  the length of the whole text, as snprintf() counts it
 */
ACTOR_EXPORT int actor_schema_format(const struct actor_schema *schema, const void *value,
				     char *buffer, size_t n_buffer);

/* ---- declaring */

/* What is declared for a type X whose values are of the type X_value. */
#define ACTOR__SCHEMA(EXPORT, X)                                                                   \
	typedef X##_value *X##_optional_value;                                                     \
	struct X##_list {                                                                          \
		X##_value *items;                                                                  \
		size_t n;                                                                          \
	};                                                                                         \
	typedef struct X##_list X##_list_value;                                                    \
	ACTOR__LINKAGE EXPORT const struct actor_schema X##_schema;                                \
	ACTOR__LINKAGE EXPORT const struct actor_schema X##_optional_schema;                       \
	ACTOR__LINKAGE EXPORT const struct actor_schema X##_list_schema;                           \
	ACTOR__UNUSED static inline void X##_schema_drop(void *value)                              \
	{                                                                                          \
		actor_schema_drop(&X##_schema, value);                                             \
	}                                                                                          \
	ACTOR__UNUSED static inline int X##_schema_copy(void *to, const void *from)                \
	{                                                                                          \
		return actor_schema_copy(&X##_schema, to, from);                                   \
	}                                                                                          \
	ACTOR__SEMICOLON(X##_schema)

/**
 * ACTOR_SCHEMA() - declare that a struct has a schema
 * @X: its tag
 *
 * In a header; before the struct, if it contains itself. Declares X_schema, X_optional_schema,
 * X_list_schema, struct X_list, X_schema_drop() and X_schema_copy(). One of the macros below
 * defines them.
 */
#define ACTOR_SCHEMA(X)                                                                            \
	typedef struct X X##_value;                                                                \
	ACTOR__SCHEMA(, X)

/** ACTOR_SCHEMA_ENUM() - the same of an enum, after it */
#define ACTOR_SCHEMA_ENUM(X)                                                                       \
	typedef enum X X##_value;                                                                  \
	ACTOR__SCHEMA(, X)

/** ACTOR_SCHEMA_ARRAY() - the same of arrays of @N times @E, which has a schema: E_value[N]. In C,
 * X_value is such an array */
#define ACTOR_SCHEMA_ARRAY(X, E, N)                                                                \
	typedef E##_value X##_value[N];                                                            \
	ACTOR__SCHEMA(, X)

/** ACTOR_SCHEMA_MAP() - the same of maps, which are lists of pairs @P: struct P_list. In C, X_value
 * is such a list */
#define ACTOR_SCHEMA_MAP(X, P)                                                                     \
	typedef struct P##_list X##_value;                                                         \
	ACTOR__SCHEMA(, X)

/* ---- what there is already */

typedef struct actor_unit actor_unit_value;
typedef bool actor_bool_value;
typedef int8_t actor_i8_value;
typedef int16_t actor_i16_value;
typedef int32_t actor_i32_value;
typedef int64_t actor_i64_value;
typedef uint8_t actor_u8_value;
typedef uint16_t actor_u16_value;
typedef uint32_t actor_u32_value;
typedef uint64_t actor_u64_value;
typedef float actor_f32_value;
typedef double actor_f64_value;
typedef uint32_t actor_char32_value;
typedef char *actor_text_value;
typedef struct actor_blob actor_blob_value;
typedef uint64_t actor_id_value; /* as ids are written in thespis: {"inner": {"id": 1}} */
typedef struct actor_origin actor_origin_value;

ACTOR__SCHEMA(ACTOR_EXPORT, actor_unit);
ACTOR__SCHEMA(ACTOR_EXPORT, actor_bool);
ACTOR__SCHEMA(ACTOR_EXPORT, actor_i8);
ACTOR__SCHEMA(ACTOR_EXPORT, actor_i16);
ACTOR__SCHEMA(ACTOR_EXPORT, actor_i32);
ACTOR__SCHEMA(ACTOR_EXPORT, actor_i64);
ACTOR__SCHEMA(ACTOR_EXPORT, actor_u8);
ACTOR__SCHEMA(ACTOR_EXPORT, actor_u16);
ACTOR__SCHEMA(ACTOR_EXPORT, actor_u32);
ACTOR__SCHEMA(ACTOR_EXPORT, actor_u64);
ACTOR__SCHEMA(ACTOR_EXPORT, actor_f32);
ACTOR__SCHEMA(ACTOR_EXPORT, actor_f64);
ACTOR__SCHEMA(ACTOR_EXPORT, actor_char32);
ACTOR__SCHEMA(ACTOR_EXPORT, actor_text);
ACTOR__SCHEMA(ACTOR_EXPORT, actor_blob);
ACTOR__SCHEMA(ACTOR_EXPORT, actor_id);
ACTOR__LINKAGE ACTOR_EXPORT const struct actor_schema actor_origin_schema;

/* ---- defining */

/* A member's offset, if its type is T: an error otherwise. */
#ifdef __cplusplus
#define ACTOR__OFFSET(S, M, T) (offsetof(S, M) + 0 * sizeof(actor__pointer<T>(&((S *)NULL)->M)))
#else
#define ACTOR__OFFSET(S, M, T)                                                                     \
	(offsetof(S, M) + 0 * sizeof(_Generic(&((S *)NULL)->M, T * : (char)0)))
#endif

/**
 * ACTOR_MEMBER() - a member of a struct or tuple
 * @S: the struct's tag
 * @M: the member
 * @X: what has its schema
 */
#define ACTOR_MEMBER(S, M, X) ACTOR_MEMBER_NAMED(S, M, #M, X)

/** ACTOR_MEMBER_NAMED() - the same, with another name on the wire: (S, M, NAME, X) */
#define ACTOR_MEMBER_NAMED(S, M, NAME, X)                                                          \
	{                                                                                          \
		NAME, sizeof(NAME) - 1, ACTOR__OFFSET(struct S, M, X##_value), &X##_schema, 0      \
	}

/** ACTOR_CASE() - a case without a value: its number, its name on the wire */
#define ACTOR_CASE(NUMBER, NAME)                                                                   \
	{                                                                                          \
		NAME, sizeof(NAME) - 1, 0, NULL, NUMBER                                            \
	}

/** ACTOR_CASE_OF() - a case of a variant with a value: its number and name, and (S, M, X) as of
 * ACTOR_MEMBER() */
#define ACTOR_CASE_OF(NUMBER, NAME, S, M, X)                                                       \
	{                                                                                          \
		NAME, sizeof(NAME) - 1, ACTOR__OFFSET(struct S, M, X##_value), &X##_schema, NUMBER \
	}

#define ACTOR__SCHEMA_OF(KIND, NAME, T, MEMBERS, N_MEMBERS, ELEMENT, N_ELEMENTS)                   \
	{                                                                                          \
		sizeof(struct actor_schema), KIND, NAME, sizeof(T), MEMBERS, N_MEMBERS, ELEMENT,   \
			N_ELEMENTS                                                                 \
	}
#define ACTOR__SCHEMA_DEFINE(X, NAME, KIND, MEMBERS, N_MEMBERS, ELEMENT, N_ELEMENTS)               \
	ACTOR__STATIC_ASSERT(ACTOR__ALIGNOF(X##_value) <= ACTOR__ALIGNOF(max_align_t),             \
			     "malloc() aligns no further");                                        \
	ACTOR__STATIC_ASSERT((N_MEMBERS) <= ACTOR_MOST_MEMBERS, "too many members");               \
	const struct actor_schema X##_schema = ACTOR__SCHEMA_OF(KIND, NAME, X##_value, MEMBERS,    \
								N_MEMBERS, ELEMENT, N_ELEMENTS);   \
	const struct actor_schema X##_optional_schema = ACTOR__SCHEMA_OF(                          \
		ACTOR_KIND_OPTIONAL, NAME, X##_optional_value, NULL, 0, &X##_schema, 0);           \
	const struct actor_schema X##_list_schema = ACTOR__SCHEMA_OF(                              \
		ACTOR_KIND_LIST, NAME, X##_list_value, NULL, 0, &X##_schema, 0)
#define ACTOR__SCHEMA_DEFINE_WITH(X, KIND, ...)                                                    \
	static const struct actor_member X##__members[] = { __VA_ARGS__ };                         \
	ACTOR__SCHEMA_DEFINE(X, #X, KIND, X##__members,                                            \
			     sizeof X##__members / sizeof X##__members[0], NULL, 0)

/** ACTOR_SCHEMA_STRUCT_DEFINE() - a struct with named members: (X, ACTOR_MEMBER(…), …). Members
 * that are left out do not travel, and arrive zeroed */
#define ACTOR_SCHEMA_STRUCT_DEFINE(X, ...)                                                         \
	ACTOR__SCHEMA_DEFINE_WITH(X, ACTOR_KIND_STRUCT, __VA_ARGS__)

/** ACTOR_SCHEMA_TUPLE_DEFINE() - a struct whose members travel without names, in this order */
#define ACTOR_SCHEMA_TUPLE_DEFINE(X, ...)                                                          \
	ACTOR__SCHEMA_DEFINE_WITH(X, ACTOR_KIND_TUPLE, __VA_ARGS__)

/** ACTOR_SCHEMA_NEWTYPE_DEFINE() - a struct that travels as its member @M, of @E */
#define ACTOR_SCHEMA_NEWTYPE_DEFINE(X, M, E)                                                       \
	ACTOR__SCHEMA_DEFINE_WITH(X, ACTOR_KIND_NEWTYPE, ACTOR_MEMBER(X, M, E))

/** ACTOR_SCHEMA_NEWTYPE_DEFINE_WITH_ORIGIN() - the same, with a member @O: struct actor_origin */
#define ACTOR_SCHEMA_NEWTYPE_DEFINE_WITH_ORIGIN(X, M, E, O)                                        \
	ACTOR__SCHEMA_DEFINE_WITH(X, ACTOR_KIND_NEWTYPE, ACTOR_MEMBER(X, M, E),                    \
				  ACTOR_MEMBER(X, O, actor_origin))

/** ACTOR_SCHEMA_UNIT_DEFINE() - a struct that carries nothing */
#define ACTOR_SCHEMA_UNIT_DEFINE(X) ACTOR__SCHEMA_DEFINE(X, #X, ACTOR_KIND_UNIT, NULL, 0, NULL, 0)

/** ACTOR_SCHEMA_UNIT_DEFINE_WITH_ORIGIN() - the same, with a member @O: struct actor_origin */
#define ACTOR_SCHEMA_UNIT_DEFINE_WITH_ORIGIN(X, O)                                                 \
	ACTOR__SCHEMA_DEFINE_WITH(X, ACTOR_KIND_UNIT, ACTOR_MEMBER(X, O, actor_origin))

/** ACTOR_SCHEMA_ENUM_DEFINE() - what ACTOR_SCHEMA_ENUM() declared: (X, ACTOR_CASE(…), …) */
#define ACTOR_SCHEMA_ENUM_DEFINE(X, ...)                                                           \
	ACTOR__STATIC_ASSERT(sizeof(X##_value) == sizeof(int), "as large as an int");              \
	ACTOR__SCHEMA_DEFINE_WITH(X, ACTOR_KIND_ENUM, __VA_ARGS__)

/**
 * ACTOR_SCHEMA_VARIANT_DEFINE() - one of several cases: (X, ACTOR_CASE_OF(…), ACTOR_CASE(…), …)
 *
 * Of a struct that begins with which case it is, an int or enum:
 *
 *	struct server_msg {
 *		int which;
 *		union { struct user_left user_left; char *said; };
 *	};
 */
#define ACTOR_SCHEMA_VARIANT_DEFINE(X, ...)                                                        \
	ACTOR__STATIC_ASSERT(offsetof(struct X, which) == 0 &&                                     \
				     sizeof(((struct X *)NULL)->which) == sizeof(int),             \
			     "begins with an int");                                                \
	ACTOR__SCHEMA_DEFINE_WITH(X, ACTOR_KIND_VARIANT, __VA_ARGS__)

/** ACTOR_SCHEMA_ARRAY_DEFINE() - what ACTOR_SCHEMA_ARRAY() declared: (X, E, N) */
#define ACTOR_SCHEMA_ARRAY_DEFINE(X, E, N)                                                         \
	ACTOR__STATIC_ASSERT(sizeof(X##_value) == (N) * sizeof(E##_value), "so many");             \
	ACTOR__SCHEMA_DEFINE(X, #X, ACTOR_KIND_ARRAY, NULL, 0, &E##_schema, N)

/** ACTOR_SCHEMA_MAP_DEFINE() - what ACTOR_SCHEMA_MAP() declared: (X, P), P being a tuple of two */
#define ACTOR_SCHEMA_MAP_DEFINE(X, P)                                                              \
	ACTOR__SCHEMA_DEFINE(X, #X, ACTOR_KIND_MAP, NULL, 0, &P##_schema, 0)

ACTOR__END_C

#endif
