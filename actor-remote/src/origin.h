/* SPDX-License-Identifier: MIT */
#ifndef ACTOR__ORIGIN_H
#define ACTOR__ORIGIN_H

#include <actor-remote/schema.h>

/** actor__origin_drop() - forget the connection; one of none is fine. Its memory is zeroed by the
 * caller. Thread: any */
void actor__origin_drop(struct actor_origin *origin);

/** actor__origin_copy() - one more that knows it. Thread: any */
void actor__origin_copy(struct actor_origin *to, const struct actor_origin *from);

/** actor__origin_is_in() - whether there is an origin among a value's own members. Thread: any */
bool actor__origin_is_in(const struct actor_schema *schema);

/** actor__origin_of() - the origin among a value's own members; NULL: it has none. Thread: any */
struct actor_origin *actor__origin_of(const struct actor_schema *schema, void *value);

#endif
