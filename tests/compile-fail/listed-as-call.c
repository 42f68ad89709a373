/* SPDX-License-Identifier: MIT */
// expect: audit_has_an_answer'
/* A signal is listed as a message with an answer. */
#include "bank.h"

#ifdef FIXED
#define KIOSK_MESSAGES(CALL, SEND, X) SEND(X, audit)
#else
#define KIOSK_MESSAGES(CALL, SEND, X) CALL(X, audit)
#endif
ACTOR_DECLARE(kiosk, KIOSK_MESSAGES);

void kiosk_on_audit(struct kiosk *self, struct audit *message, struct actor_context *context);

ACTOR_DEFINE(kiosk, KIOSK_MESSAGES, NULL, NULL, NULL);
