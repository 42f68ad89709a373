/* SPDX-License-Identifier: MIT */
#ifndef TESTS_IMPL_DEADLOCK_FIXTURE_H
#define TESTS_IMPL_DEADLOCK_FIXTURE_H

/* Hands that wait for each other, what they come to hear, and what is said of it: what the tests of
 * deadlocks share. */

#include "hand.h"
#include "test.h"

#include <string.h>

enum kind { SIMULATION, LOCAL, POOL };

/* Made by set_up(): the executor; another one, in some. */
extern struct actor_executor *executor;
extern struct actor_executor *more;

/** create() - an executor; end() - and give it back, when all have ended */
struct actor_executor *create(enum kind kind);
void end(struct actor_executor **ended);

/* A setup for the executor of &kind at *state, and its teardown: all is given back. */
int set_up(void **state);
int tear_down(void **state);

extern enum kind simulation, local, pool;

#define ON(kind, test)                                                                             \
	{                                                                                          \
#test " (" #kind ")", test, set_up, tear_down, &kind                               \
	}
#define ON_ALL(test) ON(simulation, test), ON(local, test), ON(pool, test)

/* ---- what was said */

extern char said[4000]; /* in the log: each in brackets */

/** struct reports - what has been reported, the last of it in full, and how often: see on_report()
 */
struct reports {
	atomic_uint n;
	size_t n_actors;
	bool fails;
	char text[1000];
	char message_type[40];
	uint64_t number;
};

extern struct reports reported;

/** on_report() - an &actor_deadlock_fn; @user: a struct reports */
void on_report(void *user, const struct actor_deadlock *deadlock);

/** set_on() - a mode, for an executor, and where it reports: 0, or an error */
int set_on(struct actor_executor *on, enum actor_deadlock_mode mode, struct reports *reports);

void assert_said_once(const char *text);

/* ---- who plays */

enum { MOST = 16 };

/**
 * struct party - a hand with a name
 * @hand:   its address
 * @other:  whom it calls
 * @then, @user: what that one is to do
 * @status: what came of its last wait; ACTOR_PENDING before
 * @n_told: of these, ACTOR_E_DEADLOCK
 * @n_done: how often it has done its job
 * @error:  the last one, in words
 */
struct party {
	union hand_address hand;
	union hand_address other;
	struct actor_semaphore *semaphore;
	struct actor_future futures[2];
	uint64_t number;
	atomic_int status;
	atomic_uint n_told;
	atomic_uint n_done;
	hand_fn *then;
	void *user;
	char error[600];
};

extern struct party parties[MOST];

#define A (&parties[0])
#define B (&parties[1])
#define C (&parties[2])
#define D (&parties[3])

/** here() - the context of the test's thread */
struct actor_context *here(void);

/** cast() - spawn one; cast_on() - elsewhere */
void cast(struct party *party, const char *name, size_t capacity);
void cast_on(struct actor_executor *on, struct party *party, const char *name, size_t capacity);

/** plan() - whom it will call, to do what, as whom */
void plan(struct party *party, const struct party *other, hand_fn *then, struct party *as);

/** cast_two() - A calls B, who calls A */
void cast_two(void);
void cast_two_on(struct actor_executor *first, struct actor_executor *second);

/** dismiss() - the first @n, with each other's addresses, when all have done what they had to do
 * for each other; and end what they ran on */
void dismiss(unsigned n);

/** cancel_all() - before that: those who wait for ever */
void cancel_all(void);

/** note() - what came of a wait */
void note(struct party *party, struct actor_context *context, int rc);

/** tell() - have it do something, as itself, and wait for that: what it returned; begin() - and do
 * not wait; leave() - nor ever hear of it */
int tell(struct party *party, hand_fn *function);
int begin(struct actor_future *future, struct party *party, hand_fn *function);
void leave(struct party *party, hand_fn *function);

/** soon() - a deadline for what should have come long before; await_two() - for both of A's futures
 */
int64_t soon(void);
void await_two(void);

/** pass() - let so many milliseconds pass */
void pass(int n_ms);

/** has_come() - wait for a count: whether it has */
bool has_come(atomic_uint *count, unsigned n);

void assert_error(const struct party *party, const char *text);

/** assert_one_told() - either of two, and the other has been answered */
void assert_one_told(const struct party *one, const struct party *other, int answer);

/** with_numbers() - a text with the numbers of actors in the places of their letters: "A(id #A)" */
const char *with_numbers(const char *pattern);

/* What hands do; @user: a party. */

/** nothing() - and answer 0 */
int nothing(struct actor_context *context, void *user);

/** done() - count it, and answer 7 */
int done(struct actor_context *context, void *user);

/** call_other() - have the other one do what is planned, wait for it, note that, and answer 8 */
int call_other(struct actor_context *context, void *user);

/** call_myself() - the same, of its own actor; told, once more by its weak address */
int call_myself(struct actor_context *context, void *user);

/** a_ring() - @n, of whom each calls the next: the last one is told. Ends with dismiss() */
void a_ring(unsigned n);

#endif
