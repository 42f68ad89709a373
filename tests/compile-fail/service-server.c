/* SPDX-License-Identifier: MIT */
// expect: messages_handled_by_both_address
// expect: no member named 'shout'
/* An actor is to serve a message that it does not handle. */
#include "remotes.h"

#ifdef FIXED
#define MESSAGE add
#else
#define MESSAGE shout
#endif

int program(struct remotes_services services, union both_address both);

int program(struct remotes_services services, union both_address both)
{
	return SERVE(remotes, services, MESSAGE, both);
}
