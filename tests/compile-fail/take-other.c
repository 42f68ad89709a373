/* SPDX-License-Identifier: MIT */
// expect gcc: incompatible types when returning type 'struct deposit_reply'
// expect clang: returning 'struct deposit_reply' from a function with incompatible result type
// expect g++: from 'deposit_reply' to 'transfer_reply'
// expect clang++: no viable conversion from returned value of type 'struct deposit_reply'
/* The right to answer one message is taken for that to answer another. */
#include "bank.h"

#ifdef FIXED
#define REPLY struct deposit_reply
#else
#define REPLY struct transfer_reply
#endif

REPLY program(struct deposit_pending pending);

REPLY program(struct deposit_pending pending)
{
	return deposit_reply_take(pending);
}
