/* SPDX-License-Identifier: MIT */

#include "pool-fixture.h"

struct actor_executor *pool;
struct tally handled;

int pool_create(unsigned n_threads, struct actor_executor **ret_executor)
{
	const struct actor_pool_options options = { .size = sizeof options,
						    .n_threads = n_threads };

	return actor_pool_create(&options, ret_executor);
}

void pool_open(unsigned n_threads)
{
	handled = (struct tally)TALLY_INIT;
	assert_int_equal(pool_create(n_threads, &pool), 0);
}

void pool_close(void)
{
	assert_int_equal(actor_executor_join(pool, test_deadline()), 0);
	assert_int_equal(actor_executor_destroy(pool), 0);
}

struct actor_context *here(void)
{
	return actor_thread_context();
}

int64_t in_ms(int64_t ms)
{
	return actor_now(here()) + ms * 1000000;
}

int count_handled(struct actor_context *context, void *user)
{
	(void)context, (void)user;
	tally_add(&handled, 1);
	return 0;
}

void tell(union hand_address hand, hand_fn *function, void *user)
{
	assert_int_equal(hand_send(here(), hand, function, user), 0);
}

void tell_and_let_go(union hand_address hand, hand_fn *function, void *user)
{
	tell(hand, function, user);
	actor_address_unref(hand.address);
}
