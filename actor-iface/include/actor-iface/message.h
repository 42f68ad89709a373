/* SPDX-License-Identifier: MIT */
#ifndef ACTOR_IFACE_MESSAGE_H
#define ACTOR_IFACE_MESSAGE_H

#include <actor-iface/error.h>
#include <string.h>

ACTOR__BEGIN_C

/**
 * struct actor_message_type - describes the values of one type, so that they can be moved
 * @size:          sizeof(struct actor_message_type) as its definer compiled it
 * @name:          unique in the program, by convention with a prefix: "bank.deposit"
 * @message_size:  bytes of one value, at least 1
 * @message_align: its alignment, a power of two
 * @drop:          releases what a value owns and leaves its memory alone; accepts a zeroed value;
 *                 may run on any thread, must not wait or fail. NULL for plain data
 * @copy:          makes @to a second, independent owner of what @from holds; 0 or %ACTOR_E_NOMEM,
 *                 with @to untouched. NULL: plain data is copied bytewise, a type with @drop
 *                 cannot be copied
 * @reply:         describes the value that answers such a message; NULL when nothing answers it.
 *                 The reply's own @reply is NULL
 *
 * A message is *moved*: on success its bytes are in the receiver's hands, and the source is zeroed
 * if the type has a drop function; on failure nothing has happened to it. What is large travels as
 * an owned pointer.
 *
 * Two descriptions denote the same type when they are equal, not only when they are the same
 * object: see actor_message_type_same().
 */
struct actor_message_type {
	size_t size;
	const char *name;
	size_t message_size;
	size_t message_align;
	void (*drop)(void *message);
	int (*copy)(void *to, const void *from);
	const struct actor_message_type *reply;
};

static inline bool actor__layout_same(const struct actor_message_type *a,
				      const struct actor_message_type *b)
{
	return a->message_size == b->message_size && a->message_align == b->message_align &&
	       !a->drop == !b->drop;
}

/**
 * actor_message_type_same() - whether two descriptions denote the same message type
 * @a: one
 * @b: the other
 *
 * Name and layout decide, so that two shared libraries with private copies of one declaration
 * understand each other; the same address is the fast path.
 *
 * Thread:  any
 */
static inline bool actor_message_type_same(const struct actor_message_type *a,
					   const struct actor_message_type *b)
{
	if (a == b)
		return true;
	return actor__text_same(a->name, b->name) && actor__layout_same(a, b) &&
	       !a->reply == !b->reply && (!a->reply || actor__layout_same(a->reply, b->reply));
}

/** actor_message_drop() - release what a message owns; its memory stays. Thread: any */
static inline void actor_message_drop(const struct actor_message_type *type, void *message)
{
	if (type->drop)
		type->drop(message);
}

/**
 * actor_message_copy() - a second, independent message
 * @type: of both
 * @to:   memory for it; untouched on failure
 * @from: stays its owner's
 *
 * Thread:  any
 * Return:  0, ACTOR_E_NOMEM, ACTOR_E_UNSUPPORTED when the type owns something and has no copy
 */
static inline int actor_message_copy(const struct actor_message_type *type, void *to,
				     const void *from)
{
	if (type->copy)
		return type->copy(to, from);
	if (type->drop)
		return ACTOR_E_UNSUPPORTED;
	memcpy(to, from, type->message_size);
	return 0;
}

/**
 * struct actor_unit - the answer that carries nothing but "it has been handled"
 * @unit: C has no empty structs
 *
 * ACTOR_MESSAGE(flush, struct actor_unit) declares a message whose answer is an acknowledgement.
 */
struct actor_unit {
	char unit;
};

ACTOR__END_C

#endif
