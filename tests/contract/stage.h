/* SPDX-License-Identifier: MIT */
#ifndef CONTRACT_STAGE_H
#define CONTRACT_STAGE_H

/**
 * DOC: what each test of the contract stands on
 *
 * A stage has one instance of the subject, and keeps what a test holds: a test whose assertion
 * fails is left with a long jump, so that whatever it would have given back must be known here.
 * After each test all is given back, and whatever the subject, the tests' messages or states still
 * hold then is a failure, too.
 *
 * Only the test's own thread, on its own stack, asserts.
 */

#include "contract.h"
#include "player.h"

#include <stdatomic.h>
#include <support/gate.h>
#include <support/ledger.h>
#include <support/probe.h>
#include <support/spy-address.h>
#include <support/wait.h>

/* cmocka.h wants these before it, and itself last: it defines a macro named fail. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

enum { STAGE_MOST = 512, STAGE_FUTURES = 64, STAGE_FLAGS = 8, ANY_NUMBER = -1 };

struct stage;

/**
 * struct contract_test - one test
 * @name:       "group: what holds"
 * @behaviours: keys of what it pins, separated by spaces: see behaviours.c
 * @run:        the test
 * @needs:      capabilities without which it is skipped
 * @lacks:      capabilities with which it is skipped
 */
struct contract_test {
	const char *name;
	const char *behaviours;
	void (*run)(struct stage *stage);
	unsigned needs;
	unsigned lacks;
};

/**
 * struct side - an instance of one subject
 * @subject:     whose
 * @instance:    NULL once it has been ended
 * @spawner:     its
 * @context:     its, of the test's thread
 * @held_before: what the subject held before
 * @dead_before: its dead letters before
 */
struct side {
	const struct contract_subject *subject;
	void *instance;
	struct actor_spawner *spawner;
	struct actor_context *context;
	struct contract_held held_before;
	int64_t dead_before;
};

/**
 * struct flag - a waiter that shows that it has been woken
 * @waiter:   the waiter
 * @address:  where it was last used; NULL if it was not
 * @is_woken: since then
 */
struct flag {
	struct actor_waiter waiter;
	struct actor_address *address;
	atomic_bool is_woken;
};

/**
 * struct stage - see above
 * @sides:        one; two in the mixed tests
 * @n_sides:      how many
 * @spawner:      makes the actors: of the first side, unless a test sets it to another's
 * @context:      of the test's thread: whatever it waits for, it waits here
 * @probe:        what players record
 * @gate:         where players wait
 * @ledger:       lends what messages, answers and states own
 * @futures:      for the test's calls in flight; what is left of them is closed afterwards
 * @answers:      where their values go
 * @flags:        for the test's own waiters
 * @with_log:     what is logged is recorded
 * @log:          a word for each record: "LEVEL:ID:MESSAGE:TEXT", with "-" for what it has not,
 *                "_" for spaces, and TEXT cut at 24 characters
 * @n_dead:       how many dead letters the test has to leave; ANY_NUMBER if that is not settled
 * @addresses:    kept for the test
 * @mailboxes:    kept for the test
 * @was_told:     that there is no memory: see stage_saw()
 */
struct stage {
	struct side sides[2];
	size_t n_sides;
	struct actor_spawner *spawner;
	struct actor_context *context;
	struct probe probe;
	struct gate gate;
	struct ledger ledger;
	struct actor_future futures[STAGE_FUTURES];
	int64_t answers[STAGE_FUTURES];
	struct flag flags[STAGE_FLAGS];
	bool with_log;
	struct probe log;
	int64_t n_dead;
	struct actor_address *addresses[STAGE_MOST];
	struct actor_mailbox *mailboxes[STAGE_MOST];
	atomic_bool was_told;
};

/**
 * struct cast - an actor on the stage
 * @state:   what it was started with; NULL if it was not
 * @mailbox: kept by the stage
 * @address: strong, kept by the stage
 */
struct cast {
	struct player *state;
	struct actor_mailbox *mailbox;
	struct actor_address *address;
};

/* ---- the stage itself: for the runner */

/**
 * stage_set_up() - make one, with an instance of each subject
 * @subjects:   whose
 * @n_subjects: one or two
 * @with_log:   have what the first subject logs recorded
 *
 * Return: NULL if a subject makes no instance
 */
struct stage *stage_set_up(const struct contract_subject *const *subjects, size_t n_subjects,
			   bool with_log);

/** stage_saw() - note whether an operation failed for want of memory, if nothing else shows it:
 * returns its status. Thread: any */
int stage_saw(struct stage *stage, int status);

/** stage_tear_down() - give back everything. Return: NULL, or what was wrong, in words */
const char *stage_tear_down(struct stage *stage);

/** stage_end() - end the instances now, whatever runs is cancelled; addresses stay with the test */
void stage_end(struct stage *stage);

/* ---- time */

/** stage_soon() - a deadline for what should happen: far, so that only what never happens misses
 * it */
int64_t stage_soon(struct stage *stage);

/** stage_until() - wait until a condition holds that nothing can wake us for; fails the test if it
 * does not soon */
void stage_until(struct stage *stage, bool (*holds)(void *user), void *user);

/** stage_expect() - wait until players have recorded a word so often; fails the test if not soon */
void stage_expect(struct stage *stage, const char *word, size_t count);

/** assert_recorded() - the whole record, a space between words */
#define assert_recorded(stage, text) assert_string_equal(probe_text(&(stage)->probe), text)

/* ---- making and giving back */

/** stage_mailbox() - a mailbox for a behavior; capacity 0 is the default */
struct actor_mailbox *stage_mailbox(struct stage *stage, const struct actor_behavior *behavior,
				    const char *name, size_t capacity);

/** stage_keep() - have an address given back after the test; returns it */
struct actor_address *stage_keep(struct stage *stage, struct actor_address *address);

/** stage_address() - a strong address of a mailbox, kept */
struct actor_address *stage_address(struct stage *stage, struct actor_mailbox *mailbox);

/** stage_release() - unref a kept address, and clear the pointer */
void stage_release(struct stage *stage, struct actor_address **address);

/** stage_give_away() - an address is somebody else's to unref from here on; returns it */
struct actor_address *stage_give_away(struct stage *stage, struct actor_address *address);

/** stage_keep_mailbox() - have a mailbox destroyed after the test; returns it */
struct actor_mailbox *stage_keep_mailbox(struct stage *stage, struct actor_mailbox *mailbox);

/** stage_forget() - a mailbox is somebody else's to give up, or has been given up */
void stage_forget(struct stage *stage, struct actor_mailbox *mailbox);

/** stage_detach() - actor_mailbox_detach() */
void stage_detach(struct stage *stage, struct actor_mailbox **mailbox);

/** stage_destroy() - actor_mailbox_destroy() */
void stage_destroy(struct stage *stage, struct actor_mailbox **mailbox);

/** stage_unstarted() - a player's mailbox and address, and no player yet */
struct cast stage_unstarted(struct stage *stage, const char *name, size_t capacity);

/** stage_start() - a player for it */
void stage_start(struct stage *stage, struct cast *cast);

/** stage_spawn() - a player that runs; @name is the mailbox's, and before its records */
struct cast stage_spawn(struct stage *stage, const char *name, size_t capacity);

/** stage_join() - wait for the end of a run; fails the test if it does not come soon */
struct actor_end stage_join(struct stage *stage, struct actor_mailbox *mailbox);

/** stage_join_stopped() - the same, and it must have stopped with its state, which is released */
void stage_join_stopped(struct stage *stage, struct cast *cast);

/** stage_join_ended() - the same, and it must have ended so, without a state */
void stage_join_ended(struct stage *stage, struct cast *cast, enum actor_ended how);

/* ---- messages: each fails the test if it is not accepted */

/** stage_note() - send a play_note without waiting */
void stage_note(struct stage *stage, struct actor_address *address, int64_t number);

/** stage_parcel() - send a play_parcel without waiting */
void stage_parcel(struct stage *stage, struct actor_address *address, int64_t number);

/** stage_perform() - send a play_perform without waiting */
void stage_perform(struct stage *stage, struct actor_address *address, play_act_fn *act,
		   int64_t number, void *user);

/** stage_ping() - call with a play_ping; the answer must come and be right */
void stage_ping(struct stage *stage, struct actor_address *address);

/** stage_call() - call with a play_perform, until soon. Return: status */
int stage_call(struct stage *stage, struct actor_address *address, play_act_fn *act, int64_t number,
	       void *user);

/** stage_begin() - begin a call with a play_perform, as futures[index] */
void stage_begin(struct stage *stage, size_t index, struct actor_address *address, play_act_fn *act,
		 int64_t number, void *user);

/** stage_answer() - wait until futures[index] has ended. Return: status */
int stage_answer(struct stage *stage, size_t index);

/** stage_try_note() - post a play_note without waiting. Return: status */
int stage_try_note(struct stage *stage, struct actor_address *address, int64_t number);

/* ---- waiters of the test's own: flags[index] of the stage */

/** stage_line_up() - post a play_note, as a waiter. Return: status */
int stage_line_up(struct stage *stage, size_t index, struct actor_address *address, int64_t number);

/** stage_step_out() - withdraw a waiter */
void stage_step_out(struct stage *stage, size_t index);

/** stage_expect_woken() - wait until a waiter has been woken; fails the test if not soon */
void stage_expect_woken(struct stage *stage, size_t index);

/** stage_is_woken() - whether a waiter has been woken */
bool stage_is_woken(struct stage *stage, size_t index);

/* ---- threads of the test's own, with CONTRACT_CROSS_THREAD */

/** struct helper - a thread that runs a function with a context of its own */
struct helper {
	struct stage *stage;
	void (*run)(struct helper *helper, struct actor_context *context);
	void *user;
	int number;
	pthread_t thread;
	struct actor_reply *done;
};

/** helper_start() - run; the members stage, run, user, number have been set */
void helper_start(struct helper *helper);

/** helper_join() - wait until it has returned, running actors meanwhile if need be */
void helper_join(struct helper *helper);

#endif
