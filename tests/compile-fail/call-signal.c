/* SPDX-License-Identifier: MIT */
// expect: audit_has_an_answer'
// vary VERB: CALL_IT CALL_UNTIL_IT CALL_BEGIN_IT ASK
/* A signal is called, as if it had an answer. */
#include "bank.h"

#ifdef FIXED
#define MESSAGE deposit
#else
#define MESSAGE audit
#endif

int program(struct actor_context *context, union account_address to, struct MESSAGE *message);

int program(struct actor_context *context, union account_address to, struct MESSAGE *message)
{
	(void)context;
	return VERB(context, to, MESSAGE, message);
}
