/* SPDX-License-Identifier: MIT */
#ifndef ACTOR__WHY_H
#define ACTOR__WHY_H

#include <actor-remote/wire-format.h>

/**
 * struct actor__path - where in a value something is wrong: put together from the inside out
 * @text:   like "users[3].name", at the end of this, from @at on
 * @is_cut: for want of room
 */
struct actor__path {
	bool is_cut;
	size_t at;
	char text[80];
};

static inline void actor__path_init(struct actor__path *path)
{
	path->is_cut = false;
	path->at = sizeof path->text - 1;
	path->text[path->at] = '\0';
}

/** actor__path_add() - it is inside of a member; NULL is fine */
void actor__path_add(struct actor__path *path, const char *name);

/** actor__path_add_item() - it is inside of an item of a list */
void actor__path_add_item(struct actor__path *path, size_t i);

/** actor__path_say() - where, and what: "users[3].name: text is not UTF-8" */
void actor__path_say(const struct actor__path *path, const char *words, struct actor_why *ret_why);

/** actor__explain() - what is wrong with a value that cannot be encoded; "" when there is nothing
 * to say. Thread: any */
void actor__explain(const struct actor_wire_format *format, const struct actor_schema *schema,
		    const void *value, struct actor_why *ret_why);

#endif
