/* SPDX-License-Identifier: MIT */

#include "pool-fixture.h"

#include "actor.h"

#include <errno.h>
#include <sched.h>
#include <time.h>

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

void wait_until_idle(union hand_address hand)
{
	struct actor__actor *actor = ACTOR_CONTAINER_OF(hand.address, struct actor__actor, strong);
	int64_t deadline_ns = test_deadline();

	while (actor__where(atomic_load(&actor->channel.head)) != ACTOR__IDLE) {
		assert_true(actor__now() < deadline_ns);
		sched_yield();
	}
}

void let_pass(int64_t ms)
{
	pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
	pthread_cond_t never = PTHREAD_COND_INITIALIZER;
	struct timespec until;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_nsec += ms * 1000000;
	until.tv_sec += until.tv_nsec / 1000000000;
	until.tv_nsec %= 1000000000;
	pthread_mutex_lock(&lock);
	while (pthread_cond_timedwait(&never, &lock, &until) != ETIMEDOUT)
		;
	pthread_mutex_unlock(&lock);
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

static int be_busy(struct actor_context *context, void *user)
{
	struct busybody *this = user;
	unsigned n = atomic_fetch_add(&this->n_done, 1) + 1;

	(void)context;
	if (n == this->gang->goal)
		atomic_store(&this->gang->over, true);
	if (!atomic_load(&this->gang->over))
		return hand_send(NULL, this->self, be_busy, this);
	tally_add(&handled, 1);
	return 0;
}

void gang_start(struct gang *gang, unsigned n_members, unsigned goal)
{
	gang->n_members = n_members;
	gang->goal = goal;
	for (unsigned i = 0; i < n_members; i++) {
		gang->members[i].gang = gang;
		gang->members[i].self = hand_spawn(pool, NULL, 0);
	}
	for (unsigned i = 0; i < n_members; i++)
		tell(gang->members[i].self, be_busy, &gang->members[i]);
}

void gang_end(struct gang *gang)
{
	for (unsigned i = 0; i < gang->n_members; i++)
		actor_address_unref(gang->members[i].self.address);
}
