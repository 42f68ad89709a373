/* SPDX-License-Identifier: MIT */
#ifndef ACTOR__SIMULATION_H
#define ACTOR__SIMULATION_H

#include <actor-impl/simulation.h>

/** actor__simulation_environment() - the seed in the environment; left alone if there is none. 0,
 * or ACTOR_E_INVALID when what is there is no seed */
int actor__simulation_environment(uint64_t *ret_seed);

/** actor__simulation_settle() - what was asked for, with the defaults filled in; ACTOR_E_INVALID
 * when that makes no sense */
int actor__simulation_settle(const struct actor_simulation_options *given,
			     struct actor_simulation_options *ret_options);

/** actor__simulation_leave() - the thread has nothing to do with it any more; its memory stays, for
 * whoever still holds what lives there */
void actor__simulation_leave(struct actor_executor *executor);

/** actor__simulation_status() - how the first wait ended that ended in vain; 0: none has */
int actor__simulation_status(const struct actor_executor *executor);

#endif
