/* SPDX-License-Identifier: MIT */
#ifndef ACTOR__DEADLOCK_LOOK_H
#define ACTOR__DEADLOCK_LOOK_H

#include "deadlock.h"

struct actor__semaphore_knot;
struct actor_message_type;
struct actor_reply;

/**
 * struct actor__look - a look in progress
 * @executor:  for whose actors' waits
 * @at_once:   also if they have just begun
 * @is_exact:  queues are looked into
 * @any_young: waits were found that have just begun
 * @any_promised: in a queue that somebody waits for there is room, which may be promised to others
 * @n_fibers:  that there are
 * @bits:      as many buckets as there are numbers of so many
 * @buckets:   of all fibers, by their actors
 * @first, @last: those that are frozen, as they were found
 * @unexamined: of these, those that are still to be examined, or again
 * @loose:     those that can go on, which has not been told to those who wait for them
 * @choosers:  those that wait for any of several answers
 * @any_loose: since they were last examined, somebody can go on
 * @semaphores: those whose lines are to be gone through
 */
struct actor__look {
	struct actor_executor *executor;
	bool at_once;
	bool is_exact;
	bool any_young;
	bool any_promised;
	size_t n_fibers;
	unsigned bits;
	struct actor__fiber **buckets;
	struct actor__fiber *first;
	struct actor__fiber *last;
	struct actor__fiber *unexamined;
	struct actor__fiber *loose;
	struct actor__fiber *choosers;
	bool any_loose;
	struct actor__semaphore_knot *semaphores;
};

/** actor__look_any_due() - whether there is anything to look at. Counts all fibers, and has the
 * next look look at what has begun since the last */
bool actor__look_any_due(struct actor__look *look);

/** actor__look_begin() - freeze, and find out who is stuck: of those from @first on, who is marked
 * so, and each has an edge to another who is */
void actor__look_begin(struct actor__look *look);

/** actor__look_queued_type() - of the message to @holder, which is frozen, whose answer @reply is
 */
const struct actor_message_type *actor__look_queued_type(const struct actor__fiber *holder,
							 const struct actor_reply *reply);

/** actor__look_end() - let all go on who can, but @told, which may be NULL: it stays frozen */
void actor__look_end(struct actor__look *look, struct actor__fiber *told);

#endif
