/* SPDX-License-Identifier: MIT */
// expect: messages_handled_by_{TO}
// expect: no member named 'transfer'
// vary VERB: TRY_SEND SEND SEND_UNTIL RETRY_SEND CALL_IT CALL_UNTIL_IT CALL_BEGIN_IT ASK FORWARD FORWARD_UNTIL DRAIN SEND_EACH
// vary TO: account_address deposit_recipient teller
/* The actor, or the recipient, does not handle the message. */
#include "bank.h"

#ifdef FIXED
#define MESSAGE deposit
#else
#define MESSAGE transfer
#endif

int program(struct actor_context *context, union TO to, struct MESSAGE *message);

int program(struct actor_context *context, union TO to, struct MESSAGE *message)
{
	(void)context;
	return VERB(context, to, MESSAGE, message);
}
