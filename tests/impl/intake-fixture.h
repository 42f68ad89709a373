/* SPDX-License-Identifier: MIT */
#ifndef TESTS_IMPL_INTAKE_FIXTURE_H
#define TESTS_IMPL_INTAKE_FIXTURE_H

/* An actor on a channel that is given, and what it has said: what the tests of intakes share. */

#include "hand.h"
#include "test.h"

#define MILLISECOND INT64_C(1000000)

/* Made by set_up(): the state, and who counts its hooks; by open_...(), setups: the executor. */
extern struct actor_executor *executor;
extern struct hand self;
extern struct tally started, stopped, destroyed, handled;
extern struct hand_mailbox mailbox;
extern union hand_address hand; /* as the mailbox gives it */
extern char said[64];		/* a letter for each job */

int set_up(void **state);
int open_local(void **state);
int open_pool(void **state);

/** close_executor() - a teardown: nothing runs on, and nothing is held */
int close_executor(void **state);

#define LOCAL_TEST(test) cmocka_unit_test_setup_teardown(test, open_local, close_executor)
#define POOL_TEST(test) cmocka_unit_test_setup_teardown(test, open_pool, close_executor)

/** here() - the context of the test's thread. Thread: any */
struct actor_context *here(void);

/** queue() - a bounded one, the test's to unref */
struct actor_channel *queue(size_t capacity);

/** throttle() - around @inner, whose owner it becomes: one message an interval */
struct actor_channel *throttle(struct actor_channel *inner, int64_t interval_ns);

/** make_on() - the mailbox, on a channel, and its address; start(), start_on(): and start it */
void make_on(struct actor_channel *channel);
void start(actor_end_fn *on_end);
void start_on(struct actor_channel *channel);

/** let_go() - of the mailbox and its address, if that has not gone yet */
void let_go(void);

/** say() - a &hand_fn: the letter at @user */
int say(struct actor_context *context, void *user);

/** count_handled() - a &hand_fn */
int count_handled(struct actor_context *context, void *user);

/** tell() - have each letter said, in order; tell_to() - something done by way of another address
 */
void tell(const char *letters);
void tell_to(union hand_address to, hand_fn *function, void *user);

/** begin_call() - the same, with an answer to come */
void begin_call(struct actor_future *future, union hand_address to, hand_fn *function, void *user);

/** all_said() - until now, when nothing is ready any more */
const char *all_said(void);

/** assert_runs() - the run goes on; assert_ended() - it is over, or will be, and how */
void assert_runs(void);
void assert_ended(enum actor_ended how);

/** struct late - waits for room: its waiter's function is late_wake() */
struct late {
	struct actor_waiter waiter;
	unsigned n_woken;
};

void late_wake(struct actor_waiter *waiter);

#endif
