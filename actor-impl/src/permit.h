/* SPDX-License-Identifier: MIT */
#ifndef ACTOR__PERMIT_H
#define ACTOR__PERMIT_H

#include <actor-impl/semaphore.h>

struct actor__actor;
struct actor_cleanup;

/**
 * struct actor__semaphore_knot - a semaphore as part of what may be a deadlock: see deadlock-look.c
 * @next:     of those that are noted
 * @is_noted: it is one of them
 */
struct actor__semaphore_knot {
	struct actor__semaphore_knot *next;
	bool is_noted;
};

/** actor__permit_knot() - of its semaphore; as long as the permit is there */
struct actor__semaphore_knot *actor__permit_knot(struct actor_permit *permit);

/** actor__semaphore_permits() - how many there are */
size_t actor__semaphore_permits(struct actor__semaphore_knot *knot);

/** actor__permit_of() - what is on the scope list of a handler, if that is a permit; or NULL */
struct actor_permit *actor__permit_of(const struct actor_cleanup *cleanup);

/** typedef actor__permits_fn - some permits, held or waited for together, and whose they are: see
 * &actor_permit.bound; NULL: nobody knows. With a latch held: only schedules */
typedef void actor__permits_fn(void *user, const struct actor__actor *bound, size_t n);

/** actor__semaphore_visit() - all who hold permits, and then all who wait for some, the first one
 * first */
void actor__semaphore_visit(struct actor__semaphore_knot *knot, actor__permits_fn *holder,
			    actor__permits_fn *waiter, void *user);

#endif
