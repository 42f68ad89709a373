/* SPDX-License-Identifier: MIT */
#ifndef ACTOR__PERMIT_H
#define ACTOR__PERMIT_H

#include <actor-impl/semaphore.h>

struct actor__actor;

/** typedef actor__is_stuck_fn - whether an actor will never go on; NULL: nobody knows which. With
 * a latch held: only schedules */
typedef bool actor__is_stuck_fn(void *user, const struct actor__actor *actor);

/** actor__permit_is_stuck() - whether it stands in line behind a handler that will never go on, or
 * for more than can ever be given back. By who has frozen the handler that waits for it */
bool actor__permit_is_stuck(struct actor_permit *permit, actor__is_stuck_fn *is_stuck, void *user);

#endif
