/* SPDX-License-Identifier: MIT */
// expect c: 'union {TO}'
// expect g++: could not convert 'to' from '{TO}' to 'deposit_recipient'
// expect clang++: no viable conversion from returned value of type 'union {TO}'
// vary TO: account_address teller audit_recipient
/* A recipient becomes another without being narrowed. */
#include "bank.h"

#ifdef FIXED
#define RECIPIENT union TO
#else
#define RECIPIENT union deposit_recipient
#endif

RECIPIENT program(union TO to);

RECIPIENT program(union TO to)
{
	return to;
}
