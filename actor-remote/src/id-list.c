/* SPDX-License-Identifier: MIT */

/* The services of maps that do not look into messages: just ids. */

#include "id-list.h"

#include <actor-remote/wire-format.h>
#include <inttypes.h>
#include <stdlib.h>

static bool is_sound(const uint64_t *ids, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (ids[i] == ACTOR_SERVICE_ERROR || ids[i] == ACTOR_SERVICE_RESPONSE)
			return false;
		for (size_t k = 0; k < i; k++)
			if (ids[k] == ids[i])
				return false;
	}
	return true;
}

int actor__id_list_init(struct actor__id_list *list, const uint64_t *ids, size_t n)
{
	if (!is_sound(ids, n))
		return ACTOR_E_INVALID;
	list->n = n;
	list->ids = calloc(n + !n, sizeof *ids);
	if (!list->ids)
		return ACTOR_E_NOMEM;
	if (n > 0)
		memcpy(list->ids, ids, n * sizeof *ids);
	return 0;
}

void actor__id_list_deinit(struct actor__id_list *list)
{
	free(list->ids);
}

size_t actor__id_list_get(const struct actor__id_list *list, uint64_t *ret_ids, size_t n_ids)
{
	for (size_t i = 0; i < list->n && i < n_ids; i++)
		ret_ids[i] = list->ids[i];
	return list->n;
}

void actor__id_list_describe(const struct actor__id_list *list, struct actor__text *text)
{
	actor__text_add(text, "{\n");
	for (size_t i = 0; i < list->n; i++)
		actor__text_add(text, "\tid: 0x%016" PRIx64 "\n", list->ids[i]);
	actor__text_add(text, "}");
}
