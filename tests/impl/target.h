/* SPDX-License-Identifier: MIT */
#ifndef TESTS_IMPL_TARGET_H
#define TESTS_IMPL_TARGET_H

#include <actor-iface/actor-iface.h>
#include <stdatomic.h>

/**
 * struct target - an address of no implementation: it does what the test says
 * @base:     the address: strong and weak in one
 * @n_owners: references
 * @n_posts:  accepted
 * @n_tries:  posts, accepted or not
 * @status:   what a post returns
 * @type:     of the last message accepted
 * @value:    the first bytes of it
 * @at:       where it lay
 * @reply:    that came with it, for the test to deliver
 * @waiter:   in line, or NULL
 * @n_withdrawn: waiters that were in line and left
 * @on_post:  called by each post, before it returns; or NULL
 *
 * A message that was accepted is dropped at once. Members are the test's to change while nobody
 * posts.
 */
struct target {
	struct actor_address base;
	atomic_int n_owners;
	atomic_uint n_posts;
	atomic_uint n_tries;
	atomic_int status;
	const struct actor_message_type *type;
	int64_t value;
	uintptr_t at;
	struct actor_reply *reply;
	struct actor_waiter *waiter;
	unsigned n_withdrawn;
	void (*on_post)(struct target *target);
};

/** target_init() - accepts everything; with one owner, the test */
void target_init(struct target *target);

/** target_wake() - tell whoever is in line that there is room. Thread: any */
void target_wake(struct target *target);

#endif
