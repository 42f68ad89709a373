/* SPDX-License-Identifier: MIT */
#ifndef ACTOR__VALUE_H
#define ACTOR__VALUE_H

/*
 * How what a schema describes is read and written. By copying, since to the compiler a T * is no
 * void *, and a list of one type none of another.
 */

#include <actor-remote/schema.h>
#include <string.h>

/** struct actor__items - a list of anything */
struct actor__items {
	void *items;
	size_t n;
};

static inline struct actor__items actor__items_get(const void *value)
{
	struct actor__items items;

	memcpy(&items, value, sizeof items);
	return items;
}

static inline void actor__items_set(void *value, void *items, size_t n)
{
	struct actor__items list = { items, n };

	memcpy(value, &list, sizeof list);
}

static inline void *actor__pointer_get(const void *value)
{
	void *pointer;

	memcpy(&pointer, value, sizeof pointer);
	return pointer;
}

static inline void actor__pointer_set(void *value, void *pointer)
{
	memcpy(value, &pointer, sizeof pointer);
}

static inline uint64_t actor__unsigned_get(const void *value, size_t size)
{
	uint16_t u16;
	uint32_t u32;
	uint64_t u64;

	switch (size) {
	case 1:
		return *(const uint8_t *)value;
	case 2:
		memcpy(&u16, value, sizeof u16);
		return u16;
	case 4:
		memcpy(&u32, value, sizeof u32);
		return u32;
	default:
		memcpy(&u64, value, sizeof u64);
		return u64;
	}
}

/** actor__integer_set() - the lowest bits of a number, signed or not */
static inline void actor__integer_set(void *value, size_t size, uint64_t number)
{
	uint8_t u8 = (uint8_t)number;
	uint16_t u16 = (uint16_t)number;
	uint32_t u32 = (uint32_t)number;

	switch (size) {
	case 1:
		memcpy(value, &u8, sizeof u8);
		break;
	case 2:
		memcpy(value, &u16, sizeof u16);
		break;
	case 4:
		memcpy(value, &u32, sizeof u32);
		break;
	default:
		memcpy(value, &number, sizeof number);
	}
}

static inline int64_t actor__signed_get(const void *value, size_t size)
{
	uint64_t number = actor__unsigned_get(value, size);
	uint64_t sign = UINT64_C(1) << (8 * size - 1);

	return (int64_t)((number ^ sign) - sign);
}

static inline int actor__number_get(const void *value)
{
	int number;

	memcpy(&number, value, sizeof number);
	return number;
}

static inline double actor__float_get(const void *value, size_t size)
{
	float f32;
	double f64;

	if (size == sizeof f32) {
		memcpy(&f32, value, sizeof f32);
		return f32;
	}
	memcpy(&f64, value, sizeof f64);
	return f64;
}

/** actor__char_is_valid() - whether a number is a Unicode scalar value */
static inline bool actor__char_is_valid(uint64_t number)
{
	return number < 0xd800 || (number > 0xdfff && number <= 0x10ffff);
}

/** actor__member_travels() - whether a member is on the wire */
static inline bool actor__member_travels(const struct actor_member *member)
{
	return member->schema->kind != ACTOR_KIND_ORIGIN;
}

/** actor__n_travelling() - how many of a struct's members are on the wire */
static inline size_t actor__n_travelling(const struct actor_schema *schema)
{
	size_t i, n = 0;

	for (i = 0; i < schema->n_members; i++)
		n += actor__member_travels(&schema->members[i]);
	return n;
}

/** actor__is_integer() - whether it is a number of 1, 2, 4 or 8 bytes */
static inline bool actor__is_integer(const struct actor_schema *schema)
{
	return schema->kind == ACTOR_KIND_SIGNED || schema->kind == ACTOR_KIND_UNSIGNED;
}

/** actor__inner_offset() - where in a value that is which travels for it, of which schema: inside
 * of newtypes */
static inline size_t actor__inner_offset(const struct actor_schema **schema)
{
	size_t offset = 0;

	while ((*schema)->kind == ACTOR_KIND_NEWTYPE) {
		offset += (*schema)->members[0].offset;
		*schema = (*schema)->members[0].schema;
	}
	return offset;
}

/** actor__is_pair() - whether it is a tuple of two, as maps have */
static inline bool actor__is_pair(const struct actor_schema *schema)
{
	return schema->kind == ACTOR_KIND_TUPLE && schema->n_members == 2 &&
	       actor__n_travelling(schema) == 2;
}

/** actor__case_get() - the case that an enum or variant is; NULL: there is none of that number */
static inline const struct actor_member *actor__case_get(const struct actor_schema *schema,
							 const void *value)
{
	int number = actor__number_get(value);
	size_t i;

	/* Mostly they are numbered from 0 on. */
	if (number >= 0 && (size_t)number < schema->n_members &&
	    schema->members[number].number == number)
		return &schema->members[number];
	for (i = 0; i < schema->n_members; i++)
		if (schema->members[i].number == number)
			return &schema->members[i];
	return NULL;
}

#endif
