/* SPDX-License-Identifier: MIT */
#ifndef TESTS_IMPL_RUNTIME_FIXTURE_H
#define TESTS_IMPL_RUNTIME_FIXTURE_H

#include "simulation-fixture.h"

/** DOC: a runtime to test, in a simulation, and beings in it */

#define MS INT64_C(1000000)
#define SECOND (1000 * MS)

#define BEING_MESSAGES(CALL, SEND, X)                                                              \
	CALL(X, errand)                                                                            \
	SEND(X, job)                                                                               \
	SEND(X, actor_start)                                                                       \
	SEND(X, actor_terminate)                                                                   \
	SEND(X, actor_notice)
ACTOR_DECLARE(being, BEING_MESSAGES);

/** struct being - does what it is told, and notes that, and what the runtime tells it */
struct being {
	char text[400];
};

/** executor, runtime - of the stage */
extern struct actor_executor *executor;
extern struct actor_runtime *runtime;

/** runtime_options - of the next runtime; before each test, the defaults and hear_notice() */
extern struct actor_runtime_options runtime_options;

/** heard - what the runtime's function was told: name:what/type of message */
extern char heard[2000];

/** hear_notice() - that function */
void hear_notice(void *user, const struct actor_notice *notice);

int runtime_set_up(void **state);

/** open_stage() - a simulation, and a runtime around it, with these options */
void open_stage(void);

/** open_and_start() - the same, and it is started */
void open_and_start(void);

/** pass() - let so much time pass */
void pass(int64_t ns);

/** close_stage() - when all members have ended, or will by themselves */
void close_stage(void);

/** member() - a being with a name; @state may be NULL */
union being_address member(const char *name, struct being *state);

/** restarted() - an owned member, anna, that has @n runs if it fails */
union being_address restarted(struct being *state, unsigned n, struct actor_mailbox **ret_mailbox);

/** do_job() - have something done */
void do_job(union being_address being, hand_fn *function, void *user);

/** call() - have something done, and wait for it: what it returned, or an error */
int call(union being_address being, hand_fn *function, void *user);

/** leave() - let go of an address */
void leave(union being_address being);

/** sleep_ns() - something to do: sleep for what @user points to */
int sleep_ns(struct actor_context *context, void *user);

/** fail_now() - something to do: fail, with the text that is @user */
int fail_now(struct actor_context *context, void *user);

struct actor_identity identity_of(union being_address being);

/** supervise() - have one told of another */
void supervise(union being_address whom, union being_address by);

#define RUNTIME_TEST(name)                                                                         \
	cmocka_unit_test_setup_teardown(name, runtime_set_up, simulation_tear_down)

#endif
