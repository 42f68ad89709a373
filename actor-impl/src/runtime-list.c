/* SPDX-License-Identifier: MIT */

/*
 * Members as they are at a moment, for people.
 *
 * Who is a member is seen with the lock, which is let go of now and then while all stacks are
 * looked at; where a member runs is only a hint from that look, or from a later one, and is looked
 * at again for each row, which so is of one moment. Whoever has gone to another stack since it was
 * seen, or while all were looked at, may be taken for one that is about to run. Ages come from the
 * ticks, and hold for what was in hand then only if it still is.
 */

#include "runtime.h"

#include "actor.h"
#include "fiber.h"
#include "intake.h"
#include "log.h"
#include "util/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOST_LOGGED 16

const char *actor_state_name(enum actor_state state)
{
	switch (state) {
	case ACTOR_STATE_NEW:
		return "new";
	case ACTOR_STATE_IDLE:
		return "idle";
	case ACTOR_STATE_SCHEDULED:
		return "scheduled";
	case ACTOR_STATE_RUNNING:
		return "running";
	case ACTOR_STATE_WAITING:
		return "waiting";
	case ACTOR_STATE_PAUSED:
		return "paused";
	case ACTOR_STATE_FAILED:
		return "failed";
	}
	return "unknown";
}

/* ---- one member */

/* Where it is has been noted. */
static void see(struct actor__member *member, int64_t now_ns)
{
	(void)member, (void)now_ns;
}

static enum actor__phase phase_of(struct actor__actor *actor)
{
	enum actor__phase phase;

	actor__latch_take(&actor->channel.latch);
	phase = actor->phase;
	actor__latch_leave(&actor->channel.latch);
	return phase;
}

/* What it does, and what it has in hand, if anything. It has not gone, which takes the lock: so
 * what it handles is there. */
static enum actor_state state_of(const struct actor__member *member, enum actor__phase phase,
				 const char **ret_in_hand)
{
	struct actor__actor *actor = member->actor;
	/* Relaxed: fibers are never given back, and what is found there is looked at with care. */
	const struct actor__fiber *waits = atomic_load_explicit(&actor->suspended,
								memory_order_relaxed);
	const struct actor__fiber *fiber = waits ? waits : member->fiber;

	*ret_in_hand = NULL;
	if (phase == ACTOR__NEW)
		return ACTOR_STATE_NEW;
	if (phase != ACTOR__RUNS)
		return ACTOR_STATE_FAILED;
	if (fiber)
		*ret_in_hand = actor__fiber_in_hand(fiber, actor);
	if (*ret_in_hand)
		return waits ? ACTOR_STATE_WAITING : ACTOR_STATE_RUNNING;
	if (atomic_load_explicit(&actor->asked, memory_order_relaxed) & ACTOR__PAUSES)
		return ACTOR_STATE_PAUSED;
	return actor__where(atomic_load(&actor->channel.head)) == ACTOR__IDLE
		       ? ACTOR_STATE_IDLE
		       : ACTOR_STATE_SCHEDULED;
}

/* For how long it has in hand what it has: seen by a tick, or it is too new to have an age. */
static int64_t in_hand_ns(const struct actor__member *member, int64_t now_ns)
{
	uint32_t n_popped = atomic_load_explicit(&member->actor->channel.n_popped,
						 memory_order_relaxed);

	if (!actor__links_first(&member->busy) || member->n_popped != n_popped)
		return 0;
	return now_ns - member->since_ns;
}

static int64_t oldest_ns(const struct actor__member *member, size_t n_queued, int64_t now_ns)
{
	uint32_t n_popped = atomic_load_explicit(&member->actor->channel.n_popped,
						 memory_order_relaxed);

	if (member->mark_ns == 0 || n_queued == 0 || (int32_t)(n_popped - member->n_marked) >= 0)
		return 0;
	return now_ns - member->mark_ns;
}

static size_t n_queued(const struct actor__actor *actor)
{
	return actor__has_intake(actor)
		       ? actor_channel_length(
				 actor__intake_of((struct actor__actor *)(uintptr_t)actor)->channel)
		       : actor__channel_length(&actor->channel);
}

/* It is held; false when it has gone. */
static bool describe(struct actor__member *member, struct actor_runtime_member *row)
{
	enum actor__phase phase = phase_of(member->actor);
	size_t n = n_queued(member->actor);
	const char *in_hand = NULL;
	int64_t now_ns;
	bool gone;

	memset(row, 0, sizeof *row);
	row->identity = actor__actor_identity(member->actor);
	row->n_queued = n;
	row->n_strong = atomic_load_explicit(&member->actor->n_strong, memory_order_relaxed);
	actor__copy_text(row->name, sizeof row->name, member->name);
	actor__copy_text(row->type, sizeof row->type, member->story.type);
	actor__runtime_lock(member->runtime);
	now_ns = actor__executor_now(member->runtime->executor); /* not before any tick's */
	gone = member->story.is.gone;
	if (!gone)
		row->state = state_of(member, phase, &in_hand);
	actor__copy_text(row->in_hand, sizeof row->in_hand, in_hand);
	row->unhealthy = member->story.is.unhealthy;
	row->n_restarts = member->story.is.n_restarts;
	row->in_hand_ns = in_hand ? in_hand_ns(member, now_ns) : 0;
	row->oldest_ns = oldest_ns(member, n, now_ns);
	actor__runtime_unlock(member->runtime);
	return !gone;
}

/* ---- many */

/* Up to @n of them, held, in the order in which they came: how many. Those who come meanwhile are
 * the last. */
static size_t gather(struct actor_runtime *runtime, const struct actor__member *but,
		     struct actor__member **ret_members, size_t n)
{
	struct actor__link *ring = &runtime->members;
	size_t n_found = 0;

	actor__runtime_lock(runtime);
	actor__runtime_look(runtime, see, 0);
	for (struct actor__link *link = ring->next; link != ring && n_found < n;
	     link = link->next) {
		struct actor__member *member = ACTOR_CONTAINER_OF(link, struct actor__member, link);

		if (member == but || member->story.is.gone)
			continue;
		actor__due_hold(&member->due);
		ret_members[n_found++] = member;
	}
	actor__runtime_unlock(runtime);
	return n_found;
}

/* For all that there are now, and some of those who come meanwhile. */
static size_t room_for_all(struct actor_runtime *runtime)
{
	size_t n;

	actor__runtime_lock(runtime);
	n = runtime->n_members;
	actor__runtime_unlock(runtime);
	return n + n / 8 + 16;
}

int actor__runtime_list(struct actor_runtime *runtime, const struct actor__member *but,
			struct actor_runtime_list **ret_list)
{
	size_t n_room = room_for_all(runtime), n;
	struct actor__member **members = actor__memory_alloc(n_room * sizeof *members);
	struct actor_runtime_list *list = NULL;

	if (members)
		list = actor__memory_alloc(sizeof *list + n_room * sizeof list->members[0]);
	if (!list) {
		free(members);
		return ACTOR_E_NOMEM;
	}
	list->members = (struct actor_runtime_member *)(list + 1);
	n = gather(runtime, but, members, n_room);
	for (size_t i = 0; i < n; i++) {
		list->n_members += describe(members[i], &list->members[list->n_members]);
		actor__due_release(&members[i]->due);
	}
	free(members);
	*ret_list = list;
	return 0;
}

int actor_runtime_list_create(struct actor_runtime *runtime, struct actor_runtime_list **ret_list)
{
	return actor__runtime_list(runtime, NULL, ret_list);
}

void actor_runtime_list_destroy(struct actor_runtime_list *list)
{
	free(list);
}

/* ---- as text */

static int format_what(const struct actor_runtime_member *member, char *buffer, size_t n_buffer)
{
	const char *in_hand = member->in_hand;

	if (!in_hand[0])
		return snprintf(buffer, n_buffer, "%s", actor_state_name(member->state));
	return snprintf(buffer, n_buffer, "%s %s for %.2f s", actor_state_name(member->state),
			in_hand, (double)member->in_hand_ns / 1e9);
}

static int format_row(const struct actor_runtime_member *member, char *buffer, size_t n_buffer)
{
	char what[128];

	format_what(member, what, sizeof what);
	return snprintf(buffer, n_buffer, "%-8llu %-20s %-20s %6zu %8.2f %8u %7zu %-9s %s\n",
			(unsigned long long)member->identity.number,
			member->name[0] ? member->name : "-", member->type, member->n_queued,
			(double)member->oldest_ns / 1e9, member->n_restarts, member->n_strong,
			member->unhealthy ? "unhealthy" : "healthy", what);
}

int actor_runtime_list_format(const struct actor_runtime_list *list, char *buffer, size_t n_buffer)
{
	int n = snprintf(buffer, n_buffer, "%-8s %-20s %-20s %6s %8s %8s %7s %-9s %s\n", "id",
			 "name", "type", "queued", "oldest/s", "restarts", "strong", "health",
			 "state");

	for (size_t i = 0; i < list->n_members; i++) {
		bool room = (size_t)n < n_buffer;

		n += format_row(&list->members[i], room ? buffer + n : NULL,
				room ? n_buffer - (size_t)n : 0);
	}
	return n;
}

static void log_row(const struct actor_runtime_member *row, enum actor_log_level level,
		    const char *before)
{
	struct actor_info info = { row->identity, row->name, row->type };
	char what[128], text[300];

	format_what(row, what, sizeof what);
	snprintf(text, sizeof text,
		 "%s%s, %s, %zu queued, the oldest for %.2f s, %u restarts, %zu strong", before,
		 what, row->unhealthy ? "unhealthy" : "healthy", row->n_queued,
		 (double)row->oldest_ns / 1e9, row->n_restarts, row->n_strong);
	actor__log_text(level, &info, row->in_hand[0] ? row->in_hand : NULL, text);
}

void actor_runtime_list_log(const struct actor_runtime_list *list, enum actor_log_level level)
{
	for (size_t i = 0; i < list->n_members; i++)
		log_row(&list->members[i], level, "");
}

void actor__runtime_log_left(struct actor_runtime *runtime, const struct actor__member *but)
{
	struct actor__member *some[MOST_LOGGED];
	size_t n = gather(runtime, but, some, MOST_LOGGED);
	struct actor_runtime_member row;

	for (size_t i = 0; i < n; i++) {
		if (describe(some[i], &row))
			log_row(&row, ACTOR_LOG_WARNING, "has not stopped: ");
		actor__due_release(&some[i]->due);
	}
}
