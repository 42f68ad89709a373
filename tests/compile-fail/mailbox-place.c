/* SPDX-License-Identifier: MIT */
// expect gcc: is not compatible with any association
// expect clang: '{WRONG} *'
// expect g++: to 'account_mailbox*'
// expect clang++: '{WRONG} *'
// vary VERB: CREATE SPAWN_MAILBOX
// vary WRONG: other_actor erased
/* A new mailbox goes where that of another actor belongs. */
#include "bank.h"

typedef struct branch_mailbox other_actor;
typedef struct actor_mailbox *erased;

#ifdef FIXED
#define MAILBOX struct account_mailbox
#else
#define MAILBOX WRONG
#endif

extern union account_address address;
extern struct account state;

#define CREATE(spawner, mailbox) ACTOR_MAILBOX_CREATE(account, spawner, NULL, mailbox)
#define SPAWN_MAILBOX(spawner, mailbox)                                                            \
	ACTOR_SPAWN_MAILBOX(account, spawner, &state, NULL, &address, mailbox)

int program(struct actor_spawner *spawner, MAILBOX *mailbox);

int program(struct actor_spawner *spawner, MAILBOX *mailbox)
{
	return VERB(spawner, mailbox);
}
