/* SPDX-License-Identifier: MIT */
#ifndef TESTS_IMPL_POOL_FIXTURE_H
#define TESTS_IMPL_POOL_FIXTURE_H

#include "hand.h"
#include "test.h"

/** DOC: a thread pool to test, and hands on it; one at a time */

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

/** in_ms() - a deadline */
int64_t in_ms(int64_t ms);

/** count_handled() - something to do for a hand */
int count_handled(struct actor_context *context, void *user);

/** tell() - something to do, which must be accepted */
void tell(union hand_address hand, hand_fn *function, void *user);

/** tell_and_let_go() - the same, and give up the address */
void tell_and_let_go(union hand_address hand, hand_fn *function, void *user);

#endif
