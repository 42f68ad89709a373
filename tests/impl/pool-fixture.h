/* SPDX-License-Identifier: MIT */
#ifndef TESTS_IMPL_POOL_FIXTURE_H
#define TESTS_IMPL_POOL_FIXTURE_H

#include "hand.h"
#include "test.h"

/** DOC: a thread pool to test, and hands on it; one at a time */

struct gang;

/** pool - as pool_open() has made it */
extern struct actor_executor *pool;

/** handled - since then */
extern struct tally handled;

/** pool_create() - of so many threads; as actor_pool_create() */
int pool_create(unsigned n_threads, struct actor_executor **ret_executor);

/** pool_open() - of so many threads, with nothing handled */
void pool_open(unsigned n_threads);

/** pool_close() - when nobody holds an address there any more: wait for the end, and destroy it */
void pool_close(void);

/** here() - the context of the calling thread, or of the handler that runs there */
struct actor_context *here(void);

/** wait_until_idle() - until an actor has handled everything, and nobody runs it any more */
void wait_until_idle(union hand_address hand);

/** let_pass() - let time pass, where time itself is what matters */
void let_pass(int64_t ms);

/** in_ms() - a deadline */
int64_t in_ms(int64_t ms);

/** count_handled() - something to do for a hand */
int count_handled(struct actor_context *context, void *user);

/** struct busybody - an actor that always has another message for itself; of a gang */
struct busybody {
	union hand_address self;
	struct gang *gang;
	atomic_uint n_done;
};

/**
 * struct gang - some of these, of which each is handled once more when it is over
 * @goal: it is over when one of them has done so much; 0: not by itself
 */
struct gang {
	struct busybody members[8];
	unsigned n_members;
	unsigned goal;
	atomic_bool over;
};

/** gang_start() - set them to work on the pool */
void gang_start(struct gang *gang, unsigned n_members, unsigned goal);

/** gang_end() - let them go, when all have been handled */
void gang_end(struct gang *gang);

/** tell() - something to do, which must be accepted */
void tell(union hand_address hand, hand_fn *function, void *user);

/** tell_and_let_go() - the same, and give up the address */
void tell_and_let_go(union hand_address hand, hand_fn *function, void *user);

#endif
