/* SPDX-License-Identifier: MIT */

/* What services are called on the wire. */

#include <actor-remote/wire-format.h>
#include <stdio.h>
#include <xxhash.h>

enum { N_SPACED = 4, MOST_NAMES = 254 };

uint64_t actor_service_id(const char *namespace_name, const char *type_name)
{
	char name[MOST_NAMES + N_SPACED + 1];
	int n = snprintf(name, sizeof name, "%s :: %s", namespace_name, type_name);
	uint64_t id;

	if (n < 0 || (size_t)n >= sizeof name)
		return 0;
	id = XXH64(name, (size_t)n, 0);
	return id == ACTOR_SERVICE_RESPONSE ? 0 : id;
}
