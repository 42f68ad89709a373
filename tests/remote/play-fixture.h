/* SPDX-License-Identifier: MIT */
#ifndef TESTS_REMOTE_PLAY_FIXTURE_H
#define TESTS_REMOTE_PLAY_FIXTURE_H

/* First, because of its cmocka. */
#include <impl/hand.h>
#include <impl/test.h>

#include <actor-impl/simulation.h>
#include <actor-remote/network.h>

/**
 * DOC: plays: whatever may happen to peers over a simulated network, in thousands of orders
 *
 * What happens is drawn, and what memory there is not. Nobody asserts: it is said what must hold,
 * and the first that did not is told with the seed.
 */

#define SECOND INT64_C(1000000000)
#define MS INT64_C(1000000)

/** executor, network - of the play; the network is the play's to create, and is given back */
extern struct actor_executor *executor;
extern struct actor_network *network;

/** draw() - a number below @n; draw_ms() - so many milliseconds, in nanoseconds */
uint64_t draw(uint64_t n);
int64_t draw_ms(uint64_t n);

/** must() - what must hold */
void must(bool holds, const char *what);

/** pass() - let so much time pass; split() - and nothing come through meanwhile */
void pass(int64_t duration_ns);
void split(int64_t duration_ns);

/** rest() - every other time, as a handler, for less than so many milliseconds */
void rest(struct actor_context *context, uint64_t ms);

/** be_scarce(), be_plenty() - some memory is refused from here on, and none any more */
void be_scarce(void);
void be_plenty(void);

/** typedef play_fn - once, from its beginning to its end; @scarce: memory is to be */
typedef void play_fn(bool scarce);

/** play_orders() - in so many orders, fewer where all is slow: how many there were */
unsigned play_orders(play_fn *play, enum actor_simulation_strategy strategy, bool scarce,
		     unsigned n_orders);

#define PLAY_TEST(name) cmocka_unit_test_teardown(name, test_nothing_held)

#endif
