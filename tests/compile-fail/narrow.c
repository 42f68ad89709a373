/* SPDX-License-Identifier: MIT */
// expect: messages_handled_by_{TO}
// expect: no member named 'transfer'
// vary TO: account_address deposit_recipient teller
/* A recipient is narrowed to a message that it does not handle. */
#include "bank.h"

struct actor_address *program(union TO to);

struct actor_address *program(union TO to)
{
#ifdef FIXED
	return ACTOR_FOR(deposit, to).address;
#else
	return ACTOR_FOR(transfer, to).address;
#endif
}
