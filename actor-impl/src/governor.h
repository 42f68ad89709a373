/* SPDX-License-Identifier: MIT */
#ifndef ACTOR__GOVERNOR_H
#define ACTOR__GOVERNOR_H

#include <stdbool.h>
#include <stdint.h>

/*
 * How many threads of a pool should be up: see governor.c. No clock and no thread here: whoever
 * looks says what time it is, and what has been done so far. One thread at a time.
 */

/**
 * struct actor__governor - what it goes by
 * @n_most:     threads there are
 * @n_allowed:  of them may be up now
 * @state:      what the window that runs now is for
 * @since_ns, @since_done: when that began
 * @rate:       messages a second, in the windows before
 * @n_before:   threads allowed before the trial
 * @n_windows:  of the trial, so far
 * @fewer:      the next trial is with fewer threads; or else with more
 * @next_ns:    when that is
 * @interval_ns: between trials
 */
struct actor__governor {
	unsigned n_most;
	unsigned n_allowed;
	enum { ACTOR__GOVERNOR_WATCHES, ACTOR__GOVERNOR_SETTLES, ACTOR__GOVERNOR_TRIES } state;
	int64_t since_ns;
	uint64_t since_done;
	double rate;
	unsigned n_before;
	unsigned n_windows;
	bool fewer;
	int64_t next_ns;
	int64_t interval_ns;
};

void actor__governor_init(struct actor__governor *governor, unsigned n_most);

/** actor__governor_look() - so many messages have been handled and posted until now, and so many
 * threads are up: how many may be */
unsigned actor__governor_look(struct actor__governor *governor, int64_t now_ns, uint64_t n_done,
			      unsigned n_up);

/** actor__governor_lift() - somebody is kept waiting: all may be up */
void actor__governor_lift(struct actor__governor *governor, int64_t now_ns);

#endif
