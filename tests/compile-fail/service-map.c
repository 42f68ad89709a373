/* SPDX-License-Identifier: MIT */
// expect c: incompatible type
// expect g++: could not convert
// expect clang++: no known conversion
/* The services are those of another namespace. */
#include "remotes.h"

#define OTHERS_SERVICES(CALL, SEND, X) CALL(X, add)
ACTOR_NAMESPACE_DECLARE(others, OTHERS_SERVICES);

#ifdef FIXED
#define NAMESPACE others
#else
#define NAMESPACE remotes
#endif

int program(struct others_services services, union both_address both);

int program(struct others_services services, union both_address both)
{
	return SERVE(NAMESPACE, services, add, both);
}
