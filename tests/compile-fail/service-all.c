/* SPDX-License-Identifier: MIT */
// expect: messages_handled_by_both_address
// expect: no member named 'shout'
/* An actor is to serve all of a namespace, and does not handle all of it. */
#include "remotes.h"

ACTOR_DECLARE(all, REMOTES_SERVICES);

#ifdef FIXED
#define SERVER all
#else
#define SERVER both
#endif

int program(struct remotes_services services, union both_address both, union all_address all);

int program(struct remotes_services services, union both_address both, union all_address all)
{
	(void)both, (void)all;
	return ACTOR_SERVE_ALL(remotes, REMOTES_SERVICES, services, SERVER);
}
