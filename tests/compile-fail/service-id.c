/* SPDX-License-Identifier: MIT */
// expect: messages_handled_by_remotes_address
// expect: no member named 'subtract'
/* The id is asked for of a message that the namespace does not have. */
#include "remotes.h"

#ifdef FIXED
#define MESSAGE add
#else
#define MESSAGE subtract
#endif

uint64_t program(void);

uint64_t program(void)
{
	return SERVICE_ID(remotes, MESSAGE);
}
