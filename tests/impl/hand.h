/* SPDX-License-Identifier: MIT */
#ifndef TESTS_IMPL_HAND_H
#define TESTS_IMPL_HAND_H

#include <actor-impl/actor-impl.h>

struct tally;

/**
 * DOC: an actor that does what its messages say
 *
 * A message carries a function, which runs as the handler: so what happens in a test is written
 * where it is tested.
 */

/** typedef hand_fn - runs in the handler; what it returns answers an errand */
typedef int hand_fn(struct actor_context *context, void *user);

/** struct job - something to do */
struct job {
	hand_fn *function;
	void *user;
};

/** struct errand - something to do and to report */
struct errand {
	hand_fn *function;
	void *user;
};

ACTOR_SIGNAL(job);
ACTOR_MESSAGE(errand, int);

#define HAND_MESSAGES(CALL, SEND, X)                                                               \
	CALL(X, errand)                                                                            \
	SEND(X, job)
ACTOR_DECLARE(hand, HAND_MESSAGES);

/**
 * struct hand - the state: in the test's memory
 * @started, @stopped, @destroyed: counted there, if not NULL
 * @in_started, @in_stopped: run in the hooks of these names, if not NULL
 * @user:       for them
 */
struct hand {
	struct tally *started;
	struct tally *stopped;
	struct tally *destroyed;
	hand_fn *in_started;
	hand_fn *in_stopped;
	void *user;
};

/** hand_load() - the behavior of hands, once more, as if it were a library's that is loaded */
const struct actor_behavior *hand_load(void);

/** hand_unload() - that library is unloaded: whoever reads the behavior from here on dies of it */
void hand_unload(const struct actor_behavior *behavior);

/** hand_spawn() - a hand that nobody owns; @state may be NULL; exits the test if it cannot be */
union hand_address hand_spawn(struct actor_executor *executor, struct hand *state, size_t capacity);

/** hand_send() - have something done; waits for room if @context is not NULL: 0 or an error */
int hand_send(struct actor_context *context, union hand_address hand, hand_fn *function,
	      void *user);

/** hand_call() - have something done, and wait for it: what it returned, or an error */
int hand_call(struct actor_context *context, union hand_address hand, hand_fn *function,
	      void *user);

#endif
