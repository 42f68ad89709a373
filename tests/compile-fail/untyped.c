/* SPDX-License-Identifier: MIT */
// expect c: struct actor__untyped_pointer
// expect g++: invalid conversion from 'void*' to
// expect clang++: 'void *'
// vary VERB: CALL CALL_UNTIL CALL_BEGIN SPAWN SPAWN_MAILBOX START
/* A place for an answer, or a state, comes as a pointer that does not say to what. */
#include "bank.h"

#ifdef FIXED
#define POINTER NULL
#else
#define POINTER untyped
#endif

extern union account_address to;
extern struct account_mailbox mailbox;
extern struct actor_spawner *spawner;

#define SPAWN(context, to, M, state, message) ACTOR_SPAWN(account, spawner, state, NULL, &(to))
#define SPAWN_MAILBOX(context, to, M, state, message)                                              \
	ACTOR_SPAWN_MAILBOX(account, spawner, state, NULL, &(to), &mailbox)
#define START(context, to, M, state, message)                                                      \
	ACTOR_MAILBOX_START(account, mailbox, state, NULL, NULL)

int program(struct actor_context *context, struct deposit *message, void *untyped);

int program(struct actor_context *context, struct deposit *message, void *untyped)
{
	(void)context;
	(void)message;
	(void)untyped;
	return VERB(context, to, deposit, POINTER, message);
}
