/* SPDX-License-Identifier: MIT */
// expect gcc: is not compatible with any association
// expect clang: '{WRONG}'
// expect g++: to 'deposit*'
// expect clang++: '{WRONG}'
// vary VERB: TRY_SEND SEND SEND_UNTIL RETRY_SEND CALL_IT CALL_UNTIL_IT CALL_BEGIN_IT ASK
// vary WRONG: other_message constant untyped pointer_to_pointer
/* The last argument does not point to a message of the type that is named. */
#include "bank.h"

typedef struct transfer *other_message;
typedef const struct deposit *constant;
typedef void *untyped;
typedef struct deposit **pointer_to_pointer;

#ifdef FIXED
#define ARGUMENT struct deposit *
#else
#define ARGUMENT WRONG
#endif

int program(struct actor_context *context, union account_address to, ARGUMENT message);

int program(struct actor_context *context, union account_address to, ARGUMENT message)
{
	(void)context;
	return VERB(context, to, deposit, message);
}
