/* SPDX-License-Identifier: MIT */
#ifndef TESTS_IMPL_SIMULATION_FIXTURE_H
#define TESTS_IMPL_SIMULATION_FIXTURE_H

#include "hand.h"
#include "test.h"

/** DOC: simulations to test, and hands in them */

#define HOUR_NS (INT64_C(3600) * 1000000000)

/** options - of the next simulation; before each test, seed 1 and the defaults */
extern struct actor_simulation_options options;

/** order - what note() has noted */
extern char order[400];

/** said - what was logged: each record in brackets */
extern char said[40000];

int simulation_set_up(void **state);
int simulation_tear_down(void **state);

/** open_simulation() - with these options */
struct actor_executor *open_simulation(void);

/** close_simulation() - when nobody holds an address there any more */
void close_simulation(struct actor_executor *executor);

/** spawn_named() - a hand with a name */
union hand_address spawn_named(struct actor_executor *executor, const char *name,
			       struct hand *state);

/** note() - something to do for a hand: append the first character of the text that is @user */
int note(struct actor_context *context, void *user);

/** ignore_it() - something to do for a hand: nothing */
int ignore_it(struct actor_context *context, void *user);

/** sleep_for() - something to do for a hand: sleep as many hours as the digit says, then note it */
int sleep_for(struct actor_context *context, void *user);

/** struct speaker - sends a word to a writer, letter by letter */
struct speaker {
	union hand_address writer;
	const char *word;
};

/** speak() - something to do for a hand: be the speaker that is @user */
int speak(struct actor_context *context, void *user);

static inline struct actor_context *here(void)
{
	return actor_thread_context();
}

/** wait_for_all() - until all that can happen has */
static inline void wait_for_all(void)
{
	assert_int_equal(actor_sleep_until(here(), actor_now(here()) + 1), 0);
}

static inline void tell(union hand_address hand, hand_fn *function, void *user)
{
	assert_int_equal(hand_send(NULL, hand, function, user), 0);
}

static inline void tell_and_let_go(union hand_address hand, hand_fn *function, void *user)
{
	tell(hand, function, user);
	actor_address_unref(hand.address);
}

#endif
