/* SPDX-License-Identifier: MIT */
#ifndef TESTS_IMPL_NURSERY_FIXTURE_H
#define TESTS_IMPL_NURSERY_FIXTURE_H

#include "pool-fixture.h"

/** DOC: subtasks that do what they are told, and an actor that starts them; on the pool of the
 * fixture */

/** struct owned - what is moved to subtasks and comes back: counted while somebody owns it */
struct owned {
	int is;
};

/** n_owned - how many that are */
extern atomic_int n_owned;

struct chore;

/** typedef chore_fn - what a subtask does; what it returns is its status */
typedef int chore_fn(struct actor_context *context, struct chore *chore);

/**
 * struct chore - moved to a subtask
 * @function: what it does
 * @number:   of its door, and of its value
 * @owned:    with it
 * @reply:    owned; may be none
 */
struct chore {
	chore_fn *function;
	int number;
	struct owned owned;
	struct errand_reply reply;
};

/** struct yield - its value */
struct yield {
	int number;
	struct owned owned;
};
ACTOR_MESSAGE(chore, struct yield);

/** chore_of() - one to be moved to a subtask */
struct chore chore_of(chore_fn *function, int number);

/** chore_drop(), yield_drop() - as their types do */
void chore_drop(void *message);
void yield_drop(void *value);

/** do_chore() - what every subtask here is: notes that it is there, and does its chore */
int do_chore(struct actor_context *context, struct chore *chore, struct yield *ret_value);
ACTOR_SUBTASK(do_chore, chore);

/** begun, ended - how many subtasks have begun, and have returned by themselves */
extern struct tally begun, ended;

/** n_most - how many of them have run at a time */
extern atomic_int n_most;

/* Chores: ends well, ends badly, fails; passes the door of its number, and fails then. */
chore_fn succeed, give_error, fail_now, pass_door, pass_door_and_fail;

/** doors - what subtasks wait for: each is open once it has been opened */
extern struct actor_semaphore *doors[8];

/** doors_open() - for everybody, from now on */
void doors_open(unsigned number);

/** start() - a subtask that does this, from here. Return: as actor_nursery_start() */
int start(struct actor_nursery *nursery, chore_fn *function, int number);

/** nursery_with() - of the test's thread, which asks for results; thread_nursery() - with the
 * pool's spawner */
struct actor_nursery *nursery_with(struct actor_spawner *spawner, size_t limit);
struct actor_nursery *thread_nursery(size_t limit);

/** struct seen - a result; -1 is no value */
struct seen {
	uint64_t number;
	int status;
	int value;
	char failure[32];
};

/** next_seen() - the next result of a nursery of the test's thread, which is dropped */
struct seen next_seen(struct actor_nursery *nursery);

/* ---- an actor that starts subtasks, and is sent their results ---- */

#define PARENT_MESSAGES(CALL, SEND, X)                                                             \
	CALL(X, errand)                                                                            \
	SEND(X, actor_result)
ACTOR_DECLARE(parent, PARENT_MESSAGES);

/**
 * struct parent - its state
 * @nursery:   its own
 * @options:   of that
 * @seen:      the first results
 * @got:       how many there were
 * @destroyed: the state, with the nursery
 * @blocked:   it is in parent_blocks()
 * @unblock:   and leaves that when there is one
 */
struct parent {
	struct actor_nursery *nursery;
	struct actor_nursery_options options;
	struct seen seen[64];
	struct tally got;
	struct tally destroyed;
	struct tally blocked;
	struct tally unblock;
};

/** mother, parent, parent_mailbox - the state, the address and the mailbox; one at a time */
extern struct parent mother;
extern union parent_address parent;
extern struct parent_mailbox parent_mailbox;

/** parent_spawn() - with these options, the size excepted */
void parent_spawn(struct actor_spawner *spawner, struct actor_nursery_options options,
		  size_t capacity);

/** parent_here() - on the pool */
void parent_here(size_t limit);

/** parent_let_go() - nobody has it any more: it ends, and its state goes */
void parent_let_go(void);

/** parent_gone() - the same, and wait until its nursery has gone */
void parent_gone(void);

/** parent_call() - have it do something in a handler. Return: what that returned, or an error */
int parent_call(hand_fn *function, void *user);

/** parent_starts() - have it start @n subtasks, with numbers from @first */
void parent_starts(chore_fn *function, int first, int n);

/** parent_cancels() - have it cancel one. Return: as actor_nursery_cancel() */
bool parent_cancels(uint64_t number);

/** parent_blocks() - from here on its mailbox fills up, until there is an unblock */
void parent_blocks(void);

/** parent_fills_up() - the same, and its mailbox, which has room for one, has none */
void parent_fills_up(void);

/** see() - note a result as seen, as the parent does */
void see(struct parent *self, struct actor_result *result);

/** assert_seen() - the result at this place */
void assert_seen(unsigned i, uint64_t number, int status, int value);

/** do_nothing() - something to do for the parent */
int do_nothing(struct actor_context *context, void *user);

/** nursery_set_up() - closed doors, and a pool of as many threads as the test's state says */
int nursery_set_up(void **state);

/** nursery_tear_down() - nothing is left, owned or held */
int nursery_tear_down(void **state);

/** ON() - such a test: (one, name), (two, name) */
#define ON(n_threads, name)                                                                        \
	cmocka_unit_test_prestate_setup_teardown(name, nursery_set_up, nursery_tear_down,          \
						 &nursery_##n_threads)
extern unsigned nursery_one, nursery_two;

#endif
