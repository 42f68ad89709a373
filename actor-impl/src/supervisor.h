/* SPDX-License-Identifier: MIT */
#ifndef ACTOR__SUPERVISOR_H
#define ACTOR__SUPERVISOR_H

#include "child.h"

/* What the parts of a supervisor have in common: supervisor.c is the actor, supervisor-stop.c ends
 * children, supervisor-restart.c starts them, at first and again. */

/**
 * struct actor_supervisor - the state
 * @options:    as given, with the defaults filled in
 * @number:     of states, in the order in which they are made
 * @spawner:    its own
 * @desk:       NULL before it is started
 * @looker:     the desk's, until the supervisor goes
 * @children:   in the order of starting
 * @random:     for delays
 * @n_restarts: that have been counted
 * @restarts_ns: when the last of these were: as many as are allowed in a period
 */
struct actor_supervisor {
	struct actor_supervisor_options options;
	uint64_t number;
	struct actor_spawner *spawner;
	struct actor__desk *desk;
	struct actor_timer *looker;
	struct actor__link children;
	uint64_t random;
	uint64_t n_restarts;
	int64_t restarts_ns[];
};

/* What a supervisor is sent by the one above, to begin anew: stop your children, then fail. For the
 * state that runs when this is sent, and not for those that follow it, whose numbers are larger. */
struct actor__wind_up {
	uint64_t last_number;
};
ACTOR_SIGNAL(actor__wind_up);

/** actor__supervisor_last_number() - the latest of the numbers of states */
uint64_t actor__supervisor_last_number(void);

/** actor__supervisor_forget() - a child, which does not run any more, or is left to itself */
void actor__supervisor_forget(struct actor_supervisor *self, struct actor__child *child);

/** actor__supervisor_is_too_often() - count one more restart, or it is one too many */
bool actor__supervisor_is_too_often(struct actor_supervisor *self, int64_t now_ns);

/** actor__supervisor_attend() - see to whatever has happened to the children, and start who is due
 */
void actor__supervisor_attend(struct actor_supervisor *self, struct actor_context *context);

/** actor__supervisor_bring_down() - end a child's run, so that it can begin anew: 0, or
 * ACTOR_E_CANCELLED when we are */
int actor__supervisor_bring_down(struct actor_supervisor *self, struct actor__child *child,
				 struct actor_context *context);

/** actor__supervisor_stop_child() - end it, for good, if it runs: 0, or ACTOR_E_CANCELLED when we
 * are */
int actor__supervisor_stop_child(struct actor_supervisor *self, struct actor__child *child,
				 struct actor_context *context);

/** actor__supervisor_stop_all() - and forget them, the last one first: 0, or ACTOR_E_CANCELLED when
 * we are */
int actor__supervisor_stop_all(struct actor_supervisor *self, struct actor_context *context);

#endif
