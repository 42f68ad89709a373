/* SPDX-License-Identifier: MIT */
#ifndef TESTS_IMPL_SHARED_FIXTURE_H
#define TESTS_IMPL_SHARED_FIXTURE_H

#include "hand.h"
#include "pool-fixture.h"
#include "test.h"

/** DOC: a shared channel, and workers that take from it; one at a time */

enum { N_WORKERS = 3 };

/** executor - of the workers */
extern struct actor_executor *executor;

/** queue - what they share; shared - and how; hands - the address that leads to all of them */
extern struct actor_channel *queue;
extern struct actor_shared *shared;
extern union hand_address hands;

/** workers - NULL where there is none */
extern struct actor_mailbox *workers[N_WORKERS];

/** said - by say(), which writes a digit and what it is to say; n_said - so many characters */
extern char said[64];
extern size_t n_said;

/** open_local(), close_executor() - around a test, whose workers run on its thread */
int open_local(void **state);
int close_executor(void **state);

/** share_queue() - with room for eight; there is nothing shared yet, and nobody works: 0, or not */
int share_queue(void);

/** share_another() - instead of the queue; it is the test's no more */
void share_another(struct actor_channel *channel);

/** let_go() - of the address */
void let_go(void);

/** hire() - a worker, with room for two of his own; start() - he begins; start_all() - all do */
void hire(size_t i);
void start(size_t i);
void start_all(void);

/** run() - until there is nothing to do */
void run(void);

/** fire() - destroy a worker's mailbox */
void fire(size_t i);

/** order() - something to do, which must be accepted at once */
void order(union hand_address hand, hand_fn *function, void *user);

/** say() - something to do: who does it, and the text that @user is, is appended to what is said */
int say(struct actor_context *context, void *user);

/** sleep_for_ever() - something to do, until it is cancelled */
int sleep_for_ever(struct actor_context *context, void *user);

/** begin_call() - by the test's thread: somebody is to say() something */
void begin_call(struct actor_future *future, void *user);

/** assert_refused() - that is not done any more */
void assert_refused(struct actor_future *future);

/** assert_runs() - a worker has not ended; assert_ended() - he does, now; assert_all_ended() - all
 */
void assert_runs(size_t i);
void assert_ended(size_t i, enum actor_ended how);
void assert_all_ended(enum actor_ended how);

#define LOCAL_TEST(test) cmocka_unit_test_setup_teardown(test, open_local, close_executor)

#endif
