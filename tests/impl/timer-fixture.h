/* SPDX-License-Identifier: MIT */
#ifndef TESTS_IMPL_TIMER_FIXTURE_H
#define TESTS_IMPL_TIMER_FIXTURE_H

#include "local-fixture.h"
#include "still-clock.h"
#include "target.h"

/**
 * DOC: timers on a local executor whose clock stands still
 *
 * They send to a target, which is an address of no implementation, or to actors.
 */

enum { MS = 1000000 };

/** target - of the test */
extern struct target target;

/** timer_set_up(), timer_tear_down() - around each test */
int timer_set_up(void **state);
int timer_tear_down(void **state);

#define TIMER_TEST(test) cmocka_unit_test_setup_teardown(test, timer_set_up, timer_tear_down)

/* ---- messages: plain, with an answer, and one that owns something ---- */

struct note {
	int64_t value;
};
ACTOR_SIGNAL(note);

struct query {
	int64_t value;
};
ACTOR_MESSAGE(query, int64_t);

/** struct parcel - owns one of those that are counted in n_parcels, or nothing */
struct parcel {
	int64_t value;
	bool owns;
};

extern int n_parcels;

/** refuses_copies - there is no memory for one more parcel */
extern bool refuses_copies;

struct parcel parcel_of(int64_t value);

extern const struct actor_message_type parcel_type;
extern const struct actor_message_type unique_type;    /* a parcel that cannot be copied */
extern const struct actor_message_type unhandled_type; /* a note that nobody handles */

/* ---- an actor that keeps what it gets ---- */

#define KEEPER_MESSAGES(CALL, SEND, X)                                                             \
	CALL(X, query)                                                                             \
	SEND(X, note)
ACTOR_DECLARE(keeper, KEEPER_MESSAGES);

struct keeper {
	int64_t values[64];
	size_t n_values;
	struct query_reply reply; /* of the last query, unanswered */
};

union keeper_address keeper_spawn(struct keeper *state, size_t capacity);

/* ---- time, and timers ---- */

/** at_ms() - so long after the beginning */
int64_t at_ms(int64_t ms);

/** pass_until() - everything that happens until then */
void pass_until(int64_t ms);

/** once(), every() - a timer that sends notes to the target */
struct actor_timer *once(int64_t value, int64_t at_ns);
struct actor_timer *every(int64_t value, int64_t period_ns);

/** n_posts() - that the target has accepted */
unsigned n_posts(void);

#endif
