/* SPDX-License-Identifier: MIT */
// expect gcc: is not compatible with any association
// expect clang: '{WRONG}'
// expect g++: to 'account*'
// expect clang++: '{WRONG}'
// vary VERB: SPAWN SPAWN_MAILBOX START
// vary WRONG: other_state constant pointer_to_pointer
/* An actor is started with the state of another. */
#include "bank.h"

typedef struct branch *other_state;
typedef const struct account *constant;
typedef struct account **pointer_to_pointer;

#ifdef FIXED
#define STATE struct account *
#else
#define STATE WRONG
#endif

extern union account_address address;
extern struct account_mailbox mailbox;

#define SPAWN(spawner, state) ACTOR_SPAWN(account, spawner, state, NULL, &address)
#define SPAWN_MAILBOX(spawner, state)                                                              \
	ACTOR_SPAWN_MAILBOX(account, spawner, state, NULL, &address, &mailbox)
#define START(spawner, state) ACTOR_MAILBOX_START(account, mailbox, state, NULL, NULL)

int program(struct actor_spawner *spawner, STATE state);

int program(struct actor_spawner *spawner, STATE state)
{
	(void)spawner;
	return VERB(spawner, state);
}
