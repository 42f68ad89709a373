/* SPDX-License-Identifier: MIT */
#ifndef ACTOR__ID_LIST_H
#define ACTOR__ID_LIST_H

#include "text.h"

#include <stddef.h>
#include <stdint.h>

/** struct actor__id_list - the service ids that a map was made with */
struct actor__id_list {
	size_t n;
	uint64_t *ids;
};

/** actor__id_list_init() - a copy; 0, ACTOR_E_NOMEM, ACTOR_E_INVALID when one is none, or twice */
int actor__id_list_init(struct actor__id_list *list, const uint64_t *ids, size_t n);

void actor__id_list_deinit(struct actor__id_list *list);

/** actor__id_list_get() - as &actor_service_map_ops.services */
size_t actor__id_list_get(const struct actor__id_list *list, uint64_t *ret_ids, size_t n_ids);

/** actor__id_list_describe() - "{\n\tid: 0x…\n}" */
void actor__id_list_describe(const struct actor__id_list *list, struct actor__text *text);

#endif
