/* SPDX-License-Identifier: MIT */
#ifndef TESTS_IMPL_SUPERVISOR_FIXTURE_H
#define TESTS_IMPL_SUPERVISOR_FIXTURE_H

#include "simulation-fixture.h"

/**
 * DOC: a supervisor of hands, in a simulation, where delays and deadlines pass at once
 *
 * In what is noted, a capital letter is the start of a child, a small one its stop, and a digit
 * something that it was told to note.
 */

#define SECOND_NS INT64_C(1000000000)

enum { N_ROLES = 4 };

/**
 * struct role - what a child is made of, again and again
 * @name, @small: A and a, and so on
 * @state:        of all its runs
 * @make_status:  what its make function says,
 * @n_refusals:   so many times
 * @n_made:       starts
 * @made_ns:      when they were
 * @n_drops:      how often it was let go
 * @in_started:   what its states do there
 */
struct role {
	char name[2];
	char small[2];
	struct hand state;
	int make_status;
	unsigned n_refusals;
	unsigned n_made;
	int64_t made_ns[20];
	unsigned n_drops;
	hand_fn *in_started;
};

extern struct role roles[N_ROLES];

/** executor - the simulation */
extern struct actor_executor *executor;

/** children, supervisor_options - of the next supervisor; before each test, the roles as hands, and
 * the defaults */
extern struct actor_child children[N_ROLES];
extern struct actor_supervisor_options supervisor_options;

/** supervisor, supervisor_mailbox - once it is made */
extern union actor_supervisor_address supervisor;
extern struct actor_mailbox *supervisor_mailbox;

/** supervisor_spawner - makes it; NULL, as before each test: the executor's */
extern struct actor_spawner *supervisor_spawner;

/** child_of() - a hand in this role */
struct actor_child child_of(unsigned index);

/** owned_child() - the same, to be added, which counts when it is let go */
struct actor_child owned_child(unsigned index);

/** make_supervisor() - of the first children, started */
void make_supervisor(unsigned n_children);

/** add_child() - one more; ret_address: NULL, or the caller's. Return: as the supervisor answers */
int add_child(struct actor_child child, struct actor_address **ret_address);

/** make_tree() - of A and a supervisor of C and D, with the latter's options */
void make_tree(void);

/** inner_options - before that */
extern struct actor_supervisor_options inner_options;

/** list_of() - what a supervisor says, the caller's to drop; list() - ours */
struct actor_children list_of(union actor_supervisor_address of);
struct actor_children list(void);

/** child_at() - the address of a child, the caller's to unref; and nothing else about it. NULL if
 * there are not so many */
union hand_address child_at(size_t index);

/** tell_child() - something to do for a child */
void tell_child(size_t index, hand_fn *function, void *user);

/** fail_child() - have it fail, and wait for all that follows at once */
void fail_child(size_t index);

/** n_listed(), n_restarts_of() - what a list says; 999: there is no such child */
size_t n_listed(void);
unsigned n_restarts_of(size_t index);

/** pass() - let virtual time pass */
void pass(int64_t ns);

/** ended() - how the supervisor has ended, and in which words, if not NULL; its mailbox is given up
 */
enum actor_ended ended(char *ret_text, size_t n_text);

/** let_go_of_supervisor() - it ends because nobody can send to it any more */
void let_go_of_supervisor(void);

/* Things to do for a hand: fail; stop; sleep for nine hours, then note 9. */
hand_fn fail_now, stop_now, linger;

int supervisor_set_up(void **state);
int supervisor_tear_down(void **state);

#define SUPERVISOR_TEST(name)                                                                      \
	cmocka_unit_test_setup_teardown(name, supervisor_set_up, supervisor_tear_down)

#endif
