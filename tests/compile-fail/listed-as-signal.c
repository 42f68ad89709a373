/* SPDX-License-Identifier: MIT */
// expect: deposit_is_a_signal'
/* A message with an answer is listed as one without. */
#include "bank.h"

#ifdef FIXED
#define KIOSK_MESSAGES(CALL, SEND, X) CALL(X, deposit)
#else
#define KIOSK_MESSAGES(CALL, SEND, X) SEND(X, deposit)
#endif
ACTOR_DECLARE(kiosk, KIOSK_MESSAGES);

#ifdef FIXED
struct balance kiosk_on_deposit(struct kiosk *self, struct deposit *message,
				struct actor_context *context);
#else
void kiosk_on_deposit(struct kiosk *self, struct deposit *message, struct actor_context *context);
#endif

ACTOR_DEFINE(kiosk, KIOSK_MESSAGES, NULL, NULL, NULL);
