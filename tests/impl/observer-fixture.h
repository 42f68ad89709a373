/* SPDX-License-Identifier: MIT */
#ifndef TESTS_IMPL_OBSERVER_FIXTURE_H
#define TESTS_IMPL_OBSERVER_FIXTURE_H

#include "pool-fixture.h"

/** DOC: an observable, events, and actors that observe; on the pool of the fixture */

/** struct tick - an event that is plain */
struct tick {
	int number;
};

/** struct news - one that owns something, and can be copied */
struct news {
	int number;
	int owned;
};

/** struct slab - one that wants to lie in a certain way */
struct slab {
	_Alignas(256) int number;
};

ACTOR_SIGNAL(tick);
ACTOR_SIGNAL(news);
ACTOR_SIGNAL(slab);

#define VIEWER_MESSAGES(CALL, SEND, X)                                                             \
	CALL(X, errand)                                                                            \
	SEND(X, tick)                                                                              \
	SEND(X, news)                                                                              \
	SEND(X, actor_observed_end)
ACTOR_DECLARE(viewer, VIEWER_MESSAGES);

/**
 * struct viewer - an actor that observes
 * @seen:    the numbers of the first ticks and news
 * @n_seen:  how many there were
 * @over:    how often it was told of the end
 * @n_after: what it has seen after that
 * @status:  as it was told
 * @blocked: it is in viewer_blocks()
 * @unblock: and leaves that when there is one
 */
struct viewer {
	int seen[64];
	struct tally n_seen;
	struct tally over;
	unsigned n_after;
	int status;
	struct tally blocked;
	struct tally unblock;
};

/** observable - of the test */
extern struct actor_observable *observable;

/** viewers - the states of those who observe it */
extern struct viewer viewers[4];

/** n_events_owned - news that somebody owns */
extern atomic_int n_events_owned;

/** copies_refused - news cannot be copied */
extern atomic_bool copies_refused;

/** observer_set_up() - an observable, and a pool of as many threads as the test's state says */
int observer_set_up(void **state);

/** observer_tear_down() - nothing is left, owned or held */
int observer_tear_down(void **state);

/** ON() - with a pool of so many threads: one, or two */
#define ON(n_threads, test)                                                                        \
	cmocka_unit_test_prestate_setup_teardown(test, observer_set_up, observer_tear_down,        \
						 &observer_##n_threads)
extern unsigned observer_one, observer_two;

/** publish(), publish_news() - a tick, or news, of this number. Return: as
 * actor_observable_publish() */
int publish(int number);
int publish_news(int number);

/** viewer_spawn() - the actor whose state is viewers[i], forgetting what was in there */
union viewer_address viewer_spawn(unsigned i, struct actor_spawner *spawner, size_t capacity);

/** viewer_here() - the same on the pool */
union viewer_address viewer_here(unsigned i, size_t capacity);

/** viewer_blocks() - from here on its mailbox fills up, until there is an unblock */
void viewer_blocks(unsigned i, union viewer_address viewer);

/** await_no_mailbox() - until the memory of all actors is given back, which their workers do after
 * their runs are over. Return: whether that did not take too long */
bool await_no_mailbox(void);

/** subscribe() - with these options, the size excepted */
struct actor_subscription *subscribe(struct actor_subscribe_options options);

/** counts_of() - as actor_subscription_counts_get() */
struct actor_subscription_counts counts_of(struct actor_subscription *subscription);

/** next_number() - the number of the next tick or news in a queue, or an error */
int next_number(struct actor_subscription *subscription, int64_t deadline_ns);

#endif
