/* SPDX-License-Identifier: MIT */
// expect: 'audit_reply_value'
/* A message that was declared without an answer is defined with one. */
#include "bank.h"

#ifdef FIXED
ACTOR_SIGNAL_DEFINE(audit, "bank.audit", NULL);
#else
ACTOR_MESSAGE_DEFINE(audit, "bank.audit", NULL, NULL);
#endif
