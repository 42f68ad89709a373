/* SPDX-License-Identifier: MIT */
// expect: 'refund_type'
/* A list names something that was not declared as a message. */
#include "bank.h"

struct refund {
	int64_t cents;
};
#ifdef FIXED
ACTOR_SIGNAL(refund);
#endif

#define KIOSK_MESSAGES(CALL, SEND, X) SEND(X, refund)
ACTOR_DECLARE(kiosk, KIOSK_MESSAGES);
