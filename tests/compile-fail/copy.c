/* SPDX-License-Identifier: MIT */
// expect gcc: is not compatible with any association
// expect clang: not compatible with any generic association type
// expect g++: to 'int (*)(void*, const void*)'
// expect clang++: type 'int (*)(void *, const void *)' with
// vary PLACE: OF_SIGNAL OF_MESSAGE
// vary WRONG: typed returns changes
/* A copy function is not the function that it must be. */
#include "bank.h"

int right(void *to, const void *from);
int typed(struct audit *to, const struct audit *from);
void returns(void *to, const void *from);
int changes(void *to, void *from);

#ifdef FIXED
#define COPY right
#else
#define COPY WRONG
#endif

#define OF_SIGNAL(copy) ACTOR_SIGNAL_DEFINE_WITH_COPY(audit, "bank.audit", NULL, copy)
#define OF_MESSAGE(copy) ACTOR_MESSAGE_DEFINE_WITH_COPY(deposit, "bank.deposit", NULL, copy, NULL)
PLACE(COPY);
