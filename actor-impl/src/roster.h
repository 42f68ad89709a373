/* SPDX-License-Identifier: MIT */
#ifndef ACTOR__ROSTER_H
#define ACTOR__ROSTER_H

#include "util/latch.h"

#include <stddef.h>

struct actor__actor;
struct actor__thread;

/*
 * The roster of an executor: which mailboxes were made there, and which of them have an actor
 * running. In parts, each with a latch of its own; a mailbox is in the part of the thread that made
 * it, so that threads seldom meet.
 */

#define ACTOR__ROSTER_PARTS 16

/** struct actor__roster - zeroed is empty */
struct actor__roster {
	struct actor__roster_part {
		struct actor__latch latch;
		struct actor__actor *first;
		size_t n_mailboxes;
		size_t n_running;
		char apart[96]; /* from the next one: lines are fetched in pairs */
	} parts[ACTOR__ROSTER_PARTS];
	atomic_bool closed;
};

/** struct actor__roster_totals - of all parts */
struct actor__roster_totals {
	size_t n_mailboxes;
	size_t n_running;
};

/** actor__roster_add() - a mailbox has been made, maybe with an actor that @runs: false when the
 * roster is closed */
bool actor__roster_add(struct actor__roster *roster, struct actor__thread *thread,
		       struct actor__actor *actor, bool runs);

/** actor__roster_enter() - its actor begins a run */
void actor__roster_enter(struct actor__roster *roster, struct actor__actor *actor);

/** actor__roster_exit() - a run is over, and the mailbox gone, or not; false, with nothing done, if
 * it is the last one of its part, unless @even_the_last */
bool actor__roster_exit(struct actor__roster *roster, struct actor__actor *actor, bool gone,
			bool even_the_last);

/** actor__roster_remove() - a mailbox on which nothing runs is gone */
void actor__roster_remove(struct actor__roster *roster, struct actor__actor *actor);

/** actor__roster_close() - take nothing more: once, all that are there, held, and linked by
 * &actor__actor.to_cancel */
struct actor__actor *actor__roster_close(struct actor__roster *roster);

/** actor__roster_totals() - all of them at one moment */
struct actor__roster_totals actor__roster_totals(struct actor__roster *roster);

/** actor__roster_quiet() - nothing runs in any part, at one moment */
bool actor__roster_quiet(struct actor__roster *roster);

/** actor__roster_running() - how many run, of those that are @wanted (NULL: of all), and up to @n
 * of these, held; @wanted is a leaf */
size_t actor__roster_running(struct actor__roster *roster,
			     bool (*wanted)(const struct actor__actor *actor),
			     struct actor__actor **ret_actors, size_t n);

#endif
