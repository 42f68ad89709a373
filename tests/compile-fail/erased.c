/* SPDX-License-Identifier: MIT */
// expect gcc: 'to' is a pointer
// expect clang: member reference type 'struct actor_address *' is a pointer
// expect g++: in 'to', which is of pointer type 'actor_address*'
// expect clang++: member reference type 'struct actor_address *' is a pointer
// vary VERB: TRY_SEND SEND SEND_UNTIL RETRY_SEND CALL_IT CALL_UNTIL_IT CALL_BEGIN_IT ASK
/* An erased address says nothing about what may be sent there. */
#include "bank.h"

#ifdef FIXED
#define ADDRESS union deposit_recipient
#else
#define ADDRESS struct actor_address *
#endif

int program(struct actor_context *context, ADDRESS to, struct deposit *message);

int program(struct actor_context *context, ADDRESS to, struct deposit *message)
{
	(void)context;
	return VERB(context, to, deposit, message);
}
