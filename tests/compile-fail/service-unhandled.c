/* SPDX-License-Identifier: MIT */
// expect: messages_handled_by_remotes_address
// expect: no member named 'subtract'
/* The namespace does not have the message. */
#include "remotes.h"

#ifdef FIXED
#define MESSAGE add
#else
#define MESSAGE subtract
#endif

int program(struct actor_context *context, union remotes_address to, struct MESSAGE *message);

int program(struct actor_context *context, union remotes_address to, struct MESSAGE *message)
{
	return ACTOR_CALL(context, to, MESSAGE, NULL, message);
}
