/* SPDX-License-Identifier: MIT */
#ifndef TESTS_IMPL_CHANNEL_FIXTURE_H
#define TESTS_IMPL_CHANNEL_FIXTURE_H

/* A channel, and numbered letters to put into it: what the tests of messages and of room share. */

#include "test.h"

#include "channel.h"
#include "thread.h"

struct letter {
	unsigned sender;
	unsigned number;
};

/** letter_handler - of letters, whose drop function counts in n_dropped */
extern const struct actor_handler letter_handler;
extern atomic_uint n_dropped;

/** letter_create() - an envelope with a letter; nobody waits for an answer. Thread: any */
struct actor__envelope *letter_create(unsigned sender, unsigned number);

/** letter_in() - what an envelope holds */
struct letter *letter_in(struct actor__envelope *envelope);

/** channel - of the test; open_...() are setups, close_down() is a teardown */
extern struct actor__channel channel;
int open_unbounded(void **state);
int open_for_most(void **state);
int open_for_two(void **state);
int close_down(void **state);

/** push() - a letter, into room that is there: what actor__channel_push() says */
int push(unsigned number);

/** push_reserved() - the same, into room that was reserved */
int push_reserved(unsigned number);

/** pop() - the number of the next letter; 0 if there is none */
unsigned pop(void);

#endif
