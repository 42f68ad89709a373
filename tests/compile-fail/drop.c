/* SPDX-License-Identifier: MIT */
// expect gcc: is not compatible with any association
// expect clang: not compatible with any generic association type
// expect g++: to 'void (*)(void*)'
// expect clang++: type 'void (*)(void *)' with
// vary PLACE: OF_SIGNAL OF_MESSAGE OF_REPLY
// vary WRONG: typed returns
/* A drop function is not the function that it must be. */
#include "bank.h"

void right(void *message);
void typed(struct audit *message);
int returns(void *message);

#ifdef FIXED
#define DROP right
#else
#define DROP WRONG
#endif

#define OF_SIGNAL(drop) ACTOR_SIGNAL_DEFINE(audit, "bank.audit", drop)
#define OF_MESSAGE(drop) ACTOR_MESSAGE_DEFINE(deposit, "bank.deposit", drop, NULL)
#define OF_REPLY(drop) ACTOR_MESSAGE_DEFINE(deposit, "bank.deposit", NULL, drop)
PLACE(DROP);
