/* SPDX-License-Identifier: MIT */
// expect: deposit_is_a_signal'
/* A message that was declared with an answer is defined without. */
#include "bank.h"

#ifdef FIXED
ACTOR_MESSAGE_DEFINE(deposit, "bank.deposit", NULL, NULL);
#else
ACTOR_SIGNAL_DEFINE(deposit, "bank.deposit", NULL);
#endif
