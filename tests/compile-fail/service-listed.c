/* SPDX-License-Identifier: MIT */
// expect: has_an_answer
/* A namespace lists a signal as a call. */
#include "remotes.h"

#ifdef FIXED
#define ODD_SERVICES(CALL, SEND, X) SEND(X, shout)
#else
#define ODD_SERVICES(CALL, SEND, X) CALL(X, shout)
#endif
ACTOR_NAMESPACE_DECLARE(odd, ODD_SERVICES);
ACTOR_NAMESPACE_DEFINE(odd, "odd", ODD_SERVICES);
