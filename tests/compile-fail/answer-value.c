/* SPDX-License-Identifier: MIT */
// expect gcc: incompatible type for argument 2 of 'deposit_reply_answer'
// expect clang: passing 'struct transfer' to parameter of incompatible type
// expect g++: could not convert 'value' from 'transfer' to
// expect clang++: no known conversion from 'struct transfer' to
/* A call is answered later, with a value of the wrong type. */
#include "bank.h"

#ifdef FIXED
#define VALUE struct balance
#else
#define VALUE struct transfer
#endif

int program(struct deposit_reply *reply, VALUE value);

int program(struct deposit_reply *reply, VALUE value)
{
	return deposit_reply_answer(reply, value);
}
