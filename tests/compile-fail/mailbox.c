/* SPDX-License-Identifier: MIT */
// expect gcc: incompatible type for argument 1 of 'account_mailbox__
// expect clang: to parameter of incompatible type 'struct account_mailbox'
// expect g++: to 'account_mailbox'
// expect clang++: no known conversion from '{WRONG}'
// vary VERB: START ADDRESS
// vary WRONG: other_actor erased
/* A mailbox is taken for that of another actor. */
#include "bank.h"

typedef struct branch_mailbox other_actor;
typedef struct actor_mailbox *erased;

#ifdef FIXED
#define MAILBOX struct account_mailbox
#else
#define MAILBOX WRONG
#endif

extern struct account state;

#define START(mailbox) ACTOR_MAILBOX_START(account, mailbox, &state, NULL, NULL)
#define ADDRESS(mailbox) (ACTOR_MAILBOX_ADDRESS(account, mailbox).address != NULL)

int program(MAILBOX mailbox);

int program(MAILBOX mailbox)
{
	return VERB(mailbox);
}
