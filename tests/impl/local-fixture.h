/* SPDX-License-Identifier: MIT */
#ifndef TESTS_IMPL_LOCAL_FIXTURE_H
#define TESTS_IMPL_LOCAL_FIXTURE_H

#include "hand.h"
#include "test.h"

/** DOC: an executor whose actors run on the thread of the test, and hands on it; one at a time */

/** local - which a test makes, or local_open() */
extern struct actor_executor *local;

/** n_handled - by note_handled() and the like; on that thread alone */
extern unsigned n_handled;

/** local_open(), local_close() - around a test: a local executor, with nothing handled */
int local_open(void **state);
int local_close(void **state);

/** local_end() - when nobody holds an address there any more: wait for the end, and destroy it: 0,
 * or not */
int local_end(void);

/** say() - something to do, which must be accepted at once */
void say(union hand_address hand, hand_fn *function, void *user);

/** say_and_let_go() - the same, and give up the address */
void say_and_let_go(union hand_address hand, hand_fn *function, void *user);

/** note_handled() - something to do for a hand */
int note_handled(struct actor_context *context, void *user);

/** sleep_until() - the same, later: @user points to the time */
int sleep_until(struct actor_context *context, void *user);

/** struct restless - a hand that always has another message for itself */
struct restless {
	union hand_address self;
	bool over;
};

/** be_restless() - the first of them; @user is the restless one */
int be_restless(struct actor_context *context, void *user);

/** struct foreigner - a thread that has a hand note so many things */
struct foreigner {
	union hand_address hand;
	unsigned n_each;
	unsigned n_failed;
};

/** call_and_let_go() - what such a thread does: call, and give up the address */
void *call_and_let_go(void *foreigner);

/** set_timer() - what another thread does: a hand, whose address this is, is to note something in
 * 5 ms; returns the executor if that has worked */
void *set_timer(void *address);

#endif
