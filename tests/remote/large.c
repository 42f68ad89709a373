/* SPDX-License-Identifier: MIT */

#include "large.h"

ACTOR_SCHEMA_ARRAY_DEFINE(thousand, actor_u8, 1000);
ACTOR_SCHEMA_NEWTYPE_DEFINE(large, bytes, thousand);
ACTOR_MESSAGE_DEFINE(large, "test.large", NULL, NULL);
ACTOR_CALL_SERVICE_DEFINE(large, "Large", large, large);
ACTOR_NAMESPACE_DEFINE(larges, "larges", LARGE_SERVICES);

static struct large mirror_on_large(struct mirror *self, struct large *message,
				    struct actor_context *context)
{
	(void)self, (void)context;
	return *message;
}

ACTOR_DEFINE(mirror, LARGE_SERVICES, NULL, NULL, NULL);
