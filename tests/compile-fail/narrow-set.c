/* SPDX-License-Identifier: MIT */
// expect: messages_handled_by_{TO}
// expect: no member named 'transfer'
// vary TO: account_address deposit_recipient teller
/* A recipient is narrowed to a set of which it handles only a part. */
#include "bank.h"

struct actor_address *program(union TO to);

struct actor_address *program(union TO to)
{
#ifdef FIXED
	return ACTOR_FOR_ALL(cashier, CASHIER_MESSAGES, to).address;
#else
	return ACTOR_FOR_ALL(agent, AGENT_MESSAGES, to).address;
#endif
}
