/* SPDX-License-Identifier: MIT */
// expect gcc: is not compatible with any association
// expect clang: '{WRONG} *'
// expect g++: to 'account_address*'
// expect clang++: '{WRONG} *'
// vary VERB: SPAWN SPAWN_MAILBOX
// vary WRONG: other_actor recipient erased
/* The address of a new actor goes where an address of another type belongs. */
#include "bank.h"

typedef union branch_address other_actor;
typedef union deposit_recipient recipient;
typedef struct actor_address *erased;

#ifdef FIXED
#define ADDRESS union account_address
#else
#define ADDRESS WRONG
#endif

extern struct account_mailbox mailbox;

#define SPAWN(spawner, state, ret) ACTOR_SPAWN(account, spawner, state, NULL, ret)
#define SPAWN_MAILBOX(spawner, state, ret)                                                         \
	ACTOR_SPAWN_MAILBOX(account, spawner, state, NULL, ret, &mailbox)

int program(struct actor_spawner *spawner, struct account *state, ADDRESS *ret_address);

int program(struct actor_spawner *spawner, struct account *state, ADDRESS *ret_address)
{
	return VERB(spawner, state, ret_address);
}
