/* SPDX-License-Identifier: MIT */

/* What is wrong with a value, and where. */

#include "why.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

static void put_before(struct actor__path *path, const char *text, size_t n)
{
	assert(n <= path->at);
	path->at -= n;
	memcpy(path->text + path->at, text, n);
}

/* Before what has been said so far, as long as there is room. */
void actor__path_add(struct actor__path *path, const char *name)
{
	static const char cut[] = "...";
	size_t n = name ? strlen(name) : 0, n_cut = sizeof cut - 1;
	bool dot = path->text[path->at] != '\0' && path->text[path->at] != '[';

	if (!name || path->is_cut)
		return;
	if (n + dot + n_cut > path->at) {
		path->is_cut = true;
		put_before(path, cut, n_cut);
		return;
	}
	put_before(path, ".", dot);
	put_before(path, name, n);
}

void actor__path_add_item(struct actor__path *path, size_t i)
{
	char name[24];

	snprintf(name, sizeof name, "[%zu]", i);
	actor__path_add(path, name);
}

void actor__path_say(const struct actor__path *path, const char *words, struct actor_why *ret_why)
{
	const char *where = path->text + path->at;

	snprintf(ret_why->text, sizeof ret_why->text, "%s%s%s", where, where[0] ? ": " : "", words);
}

void actor__explain(const struct actor_wire_format *format, const struct actor_schema *schema,
		    const void *value, struct actor_why *ret_why)
{
	ret_why->text[0] = '\0';
	if (ACTOR_OPS_HAS(format->ops, struct actor_wire_format_ops, explain))
		format->ops->explain(format, schema, value, ret_why);
}
