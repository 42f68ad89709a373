/* SPDX-License-Identifier: MIT */
// expect: messages_handled_by_{TO}
// expect: no member named 'alarm'
// vary VERB: TRY_SEND SEND SEND_UNTIL RETRY_SEND
// vary TO: account_address audit_recipient teller
/* The actor, or the recipient, does not handle the signal. */
#include "bank.h"

#ifdef FIXED
#define SIGNAL audit
#else
#define SIGNAL alarm
#endif

int program(struct actor_context *context, union TO to, struct SIGNAL *message);

int program(struct actor_context *context, union TO to, struct SIGNAL *message)
{
	(void)context;
	return VERB(context, to, SIGNAL, message);
}
