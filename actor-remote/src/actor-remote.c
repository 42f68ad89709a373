/* SPDX-License-Identifier: MIT */

/* Which version this is: set by the build. */

#include <actor-remote/actor-remote.h>

const char *actor_remote_version(void)
{
	return ACTOR_VERSION;
}
