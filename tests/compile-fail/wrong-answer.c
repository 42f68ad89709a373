/* SPDX-License-Identifier: MIT */
// expect gcc: is not compatible with any association
// expect clang: '{WRONG}'
// expect g++: to 'balance*'
// expect clang++: '{WRONG}'
// vary VERB: CALL CALL_UNTIL CALL_BEGIN
// vary WRONG: other_answer constant pointer_to_pointer
/* The answer goes where no such value fits. */
#include "bank.h"

typedef struct transfer *other_answer;
typedef const struct balance *constant;
typedef struct balance **pointer_to_pointer;

#ifdef FIXED
#define RESULT struct balance *
#else
#define RESULT WRONG
#endif

int program(struct actor_context *context, union account_address to, struct deposit *message,
	    RESULT ret_answer);

int program(struct actor_context *context, union account_address to, struct deposit *message,
	    RESULT ret_answer)
{
	return VERB(context, to, deposit, ret_answer, message);
}
