/* SPDX-License-Identifier: MIT */

/*
 * Rosters. A run can only begin by an actor that runs, or by a thread that has no part in waiting
 * for the end; so to see that nothing runs takes a look at all parts at the same moment: with all
 * latches in hand, taken in order.
 */

#include "roster.h"

#include "actor.h"
#include "thread.h"

static struct actor__roster_part *part_of(struct actor__roster *roster,
					  const struct actor__actor *actor)
{
	return &roster->parts[actor->part];
}

static void unlink_locked(struct actor__roster_part *part, struct actor__actor *actor)
{
	*(actor->previous ? &actor->previous->next : &part->first) = actor->next;
	if (actor->next)
		actor->next->previous = actor->previous;
	part->n_mailboxes--;
}

bool actor__roster_add(struct actor__roster *roster, struct actor__thread *thread,
		       struct actor__actor *actor, bool runs)
{
	struct actor__roster_part *part;
	bool closed;

	actor->part = thread->number % ACTOR__ROSTER_PARTS;
	part = part_of(roster, actor);
	actor__latch_take(&part->latch);
	/* Relaxed: who closes looks at each part after that, with its latch: it finds this one
	 * there, or we find it closed. */
	closed = atomic_load_explicit(&roster->closed, memory_order_relaxed);
	if (!closed) {
		actor->next = part->first;
		if (actor->next)
			actor->next->previous = actor;
		part->first = actor;
		part->n_mailboxes++;
		part->n_running += runs;
		actor->n_runs += runs;
	}
	actor__latch_leave(&part->latch);
	return !closed;
}

void actor__roster_enter(struct actor__roster *roster, struct actor__actor *actor)
{
	struct actor__roster_part *part = part_of(roster, actor);

	actor__latch_take(&part->latch);
	part->n_running++;
	actor->n_runs++;
	actor__latch_leave(&part->latch);
}

bool actor__roster_exit(struct actor__roster *roster, struct actor__actor *actor, bool gone,
			bool even_the_last)
{
	struct actor__roster_part *part = part_of(roster, actor);
	bool done;

	actor__latch_take(&part->latch);
	done = even_the_last || part->n_running > 1;
	if (done) {
		part->n_running--;
		actor->n_runs--;
		if (gone)
			unlink_locked(part, actor);
	}
	actor__latch_leave(&part->latch);
	return done;
}

void actor__roster_remove(struct actor__roster *roster, struct actor__actor *actor)
{
	struct actor__roster_part *part = part_of(roster, actor);

	actor__latch_take(&part->latch);
	unlink_locked(part, actor);
	actor__latch_leave(&part->latch);
}

struct actor__actor *actor__roster_close(struct actor__roster *roster)
{
	struct actor__actor *first = NULL;

	if (atomic_exchange(&roster->closed, true))
		return NULL;
	for (size_t i = 0; i < ACTOR__ROSTER_PARTS; i++) {
		struct actor__roster_part *part = &roster->parts[i];

		actor__latch_take(&part->latch);
		for (struct actor__actor *actor = part->first; actor; actor = actor->next) {
			actor__actor_hold(actor);
			actor->to_cancel = first;
			first = actor;
		}
		actor__latch_leave(&part->latch);
	}
	return first;
}

struct actor__roster_totals actor__roster_totals(struct actor__roster *roster)
{
	struct actor__roster_totals totals = { 0, 0 };

	for (size_t i = 0; i < ACTOR__ROSTER_PARTS; i++) {
		actor__latch_take(&roster->parts[i].latch);
		totals.n_mailboxes += roster->parts[i].n_mailboxes;
		totals.n_running += roster->parts[i].n_running;
	}
	for (size_t i = 0; i < ACTOR__ROSTER_PARTS; i++)
		actor__latch_leave(&roster->parts[i].latch);
	return totals;
}

/* The first part where something runs is enough to know. */
bool actor__roster_quiet(struct actor__roster *roster)
{
	size_t n = 0;
	bool quiet = true;

	while (quiet && n < ACTOR__ROSTER_PARTS) {
		actor__latch_take(&roster->parts[n].latch);
		quiet = roster->parts[n++].n_running == 0;
	}
	while (n-- > 0)
		actor__latch_leave(&roster->parts[n].latch);
	return quiet;
}

size_t actor__roster_running(struct actor__roster *roster,
			     bool (*wanted)(const struct actor__actor *actor),
			     struct actor__actor **ret_actors, size_t n)
{
	size_t n_found = 0;

	for (size_t i = 0; i < ACTOR__ROSTER_PARTS; i++) {
		struct actor__roster_part *part = &roster->parts[i];
		struct actor__actor *actor;

		actor__latch_take(&part->latch);
		for (actor = part->first; actor; actor = actor->next) {
			if (actor->n_runs == 0 || (wanted && !wanted(actor)))
				continue;
			if (n_found < n) {
				actor__actor_hold(actor);
				ret_actors[n_found] = actor;
			}
			n_found++;
		}
		actor__latch_leave(&part->latch);
	}
	return n_found;
}
