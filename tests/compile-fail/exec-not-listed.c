/* SPDX-License-Identifier: MIT */
// expect: no member named 'kiosk_exec'
/* The actor does not let others run functions in it. */
#include "bank.h"

ACTOR_EXEC(kiosk);
#ifdef FIXED
#define KIOSK_MESSAGES(CALL, SEND, X) CALL(X, kiosk_exec)
#else
#define KIOSK_MESSAGES(CALL, SEND, X) CALL(X, deposit)
#endif
ACTOR_DECLARE(kiosk, KIOSK_MESSAGES);

int program(struct actor_context *context, union kiosk_address to, kiosk_exec_fn *function);

int program(struct actor_context *context, union kiosk_address to, kiosk_exec_fn *function)
{
	return ACTOR_EXEC_CALL(context, to, kiosk, NULL, function, NULL, NULL);
}
