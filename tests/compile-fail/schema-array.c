/* SPDX-License-Identifier: MIT */
// expect: so many
/* An array is defined with another length than it was declared with. */
#include "chat.h"

ACTOR_SCHEMA_ARRAY(colours, colour, 3);

#ifdef FIXED
ACTOR_SCHEMA_ARRAY_DEFINE(colours, colour, 3);
#else
ACTOR_SCHEMA_ARRAY_DEFINE(colours, colour, 4);
#endif
