/* SPDX-License-Identifier: MIT */
// expect: messages_handled_by_remotes_address
// expect: no member named 'subtract'
/* An actor is to serve a message that the namespace does not have. */
#include "remotes.h"

#ifdef FIXED
#define MESSAGE add
#else
#define MESSAGE subtract
#endif

int program(struct remotes_services services, union both_address both);

int program(struct remotes_services services, union both_address both)
{
	return SERVE(remotes, services, MESSAGE, both);
}
