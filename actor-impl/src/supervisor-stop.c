/* SPDX-License-Identifier: MIT */

/* Supervisors: how children are brought to their ends, for good or to begin anew. */

#include "actor.h"
#include "supervisor.h"

/* Ways to ask for an end, the friendliest first; the last one is to cancel. */
enum way { TO_DRAIN, TO_STOP_NOW, TO_FAIL, TO_CANCEL };
static const enum way for_good[] = { TO_DRAIN, TO_STOP_NOW, TO_CANCEL };
static const enum way for_restart[] = { TO_FAIL, TO_CANCEL };

/* As actor_mailbox_join(), whatever memory there is. */
static int join(struct actor_context *context, struct actor_mailbox *mailbox, int64_t deadline_ns,
		struct actor_end *ret_end)
{
	int rc;

	while ((rc = actor_mailbox_join(context, mailbox, deadline_ns, ret_end)) == ACTOR_E_NOMEM)
		if (actor_sleep_until(context, actor_now(context) + ACTOR__RETRY_NS) < 0)
			return ACTOR_E_CANCELLED;
	return rc;
}

/* It is told without any room, since nobody may be there who makes some. Where that needs memory,
 * or a channel that was given has no room, it is told as soon as may be, unless it ends before. */
static int tell_to_wind_up(struct actor__child *child, struct actor__actor *actor,
			   struct actor_context *context, int64_t deadline_ns)
{
	struct actor__wind_up wind_up = { actor__supervisor_last_number() };
	struct actor_end end;
	int rc;

	while ((rc = actor__actor_signal(actor, &actor__wind_up_type, &wind_up, NULL)) ==
		       ACTOR_E_NOMEM ||
	       rc == ACTOR_E_FULL) {
		int64_t again_ns = actor_now(context) + ACTOR__RETRY_NS;

		rc = join(context, child->mailbox, again_ns < deadline_ns ? again_ns : deadline_ns,
			  &end);
		if (rc == 0)
			actor_end_drop(&end);
		if (rc != ACTOR_E_TIMEOUT || again_ns >= deadline_ns)
			break;
	}
	return rc;
}

/* Supervisors have to stop their children before. */
static int ask_to_fail(struct actor__child *child, struct actor_context *context,
		       int64_t deadline_ns)
{
	struct actor__actor *actor = actor__address_actor(child->address);

	if (actor && actor__child_is_supervisor(child))
		return tell_to_wind_up(child, actor, context, deadline_ns);
	if (actor_mailbox_fail(child->mailbox) == 0)
		return 0;
	return actor_mailbox_stop(child->mailbox, ACTOR_STOP_NOW);
}

static int ask(struct actor__child *child, enum way way, struct actor_context *context,
	       int64_t deadline_ns)
{
	switch (way) {
	case TO_DRAIN:
		return actor_mailbox_stop(child->mailbox, ACTOR_STOP_DRAIN);
	case TO_STOP_NOW:
		return actor_mailbox_stop(child->mailbox, ACTOR_STOP_NOW);
	case TO_FAIL:
		return ask_to_fail(child, context, deadline_ns);
	case TO_CANCEL:
		actor_mailbox_cancel(child->mailbox);
		break;
	}
	return 0;
}

/* A child that has failed while it drained goes on with a fresh state: whether there is one. */
static bool drains_on(struct actor_supervisor *self, struct actor__child *child,
		      struct actor_context *context, int64_t deadline_ns)
{
	int rc;

	if (child->spec.restart == ACTOR_TEMPORARY || actor__child_is_supervisor(child) ||
	    actor__supervisor_is_too_often(self, actor_now(context)))
		return false;
	while ((rc = actor__child_start_fresh(child)) == ACTOR_E_NOMEM)
		if (actor_now(context) >= deadline_ns ||
		    actor_sleep_until(context, actor_now(context) + ACTOR__RETRY_NS) < 0)
			return false;
	return rc == 0;
}

static bool has_failed_at_a_message(const struct actor_end *end)
{
	return end->failure && end->failure->message_type;
}

/* Each failure leaves less to drain, but for those in `started`. */
static int drain(struct actor_supervisor *self, struct actor__child *child,
		 struct actor_context *context, int64_t deadline_ns, struct actor_end *ret_end)
{
	unsigned n_vain = 0;
	int rc;

	do {
		rc = join(context, child->mailbox, deadline_ns, ret_end);
	} while (rc == 0 && ret_end->how == ACTOR_ENDED_FAILED &&
		 (has_failed_at_a_message(ret_end) || n_vain++ < 3) &&
		 drains_on(self, child, context, deadline_ns));
	return rc;
}

/* Its run ends, one way or the other: 0; ACTOR_E_CANCELLED when we are. */
static int bring_down(struct actor_supervisor *self, struct actor__child *child,
		      struct actor_context *context, const enum way *ways)
{
	struct actor_end end = { .how = ACTOR_ENDED_CANCELLED };
	int rc;

	do {
		int64_t deadline_ns = actor_deadline_after(context, child->spec.stop_ns);

		rc = ask(child, *ways, context, deadline_ns);
		if (rc == 0 && *ways == TO_DRAIN)
			rc = drain(self, child, context, deadline_ns, &end);
		else if (rc == 0 || rc == ACTOR_E_CLOSED) /* it ends already */
			rc = join(context, child->mailbox, deadline_ns, &end);
		if (rc == ACTOR_E_CANCELLED)
			return rc;
	} while (rc != 0 && *ways++ != TO_CANCEL);
	child->is_running = false;
	if (rc == 0) {
		actor_end_drop(&end);
		return 0;
	}
	ACTOR_LOG(context, ACTOR_LOG_WARNING, "a child does not end, and is left to itself: %s: %s",
		  child->spec.behavior->name, actor_mailbox_info(child->mailbox).name);
	actor__child_lose_mailbox(child);
	return 0;
}

int actor__supervisor_stop_child(struct actor_supervisor *self, struct actor__child *child,
				 struct actor_context *context)
{
	actor__child_unwatch(child, self->desk);
	return child->is_running ? bring_down(self, child, context, for_good) : 0;
}

int actor__supervisor_bring_down(struct actor_supervisor *self, struct actor__child *child,
				 struct actor_context *context)
{
	actor__child_unwatch(child, self->desk);
	return bring_down(self, child, context, for_restart);
}

/* One that has ended before it was to stop; if it has failed, it may still have to drain, and
 * others, which are stopped before, may wait for that. */
static void see_last_end(struct actor_supervisor *self, struct actor__child *child,
			 struct actor_context *context)
{
	int64_t deadline_ns = actor_deadline_after(context, child->spec.stop_ns);
	struct actor_end end;

	if (actor_mailbox_end(child->mailbox, &end) < 0) /* somebody else has started it again */
		return;
	actor_end_drop(&end);
	child->is_running = end.how == ACTOR_ENDED_FAILED &&
			    drains_on(self, child, context, deadline_ns);
}

/* Who waits for a start that will not be is in nobody's way. */
int actor__supervisor_stop_all(struct actor_supervisor *self, struct actor_context *context)
{
	struct actor__link *link, *next;
	struct actor__child *ended;

	while ((ended = actor__desk_take(self->desk)))
		see_last_end(self, ended, context);
	link = self->children.next;
	for (; link != &self->children; link = next) {
		next = link->next;
		if (!actor__child_of(link)->is_running)
			actor__supervisor_forget(self, actor__child_of(link));
	}
	while (actor__links_first(&self->children)) {
		struct actor__child *child = actor__child_of(self->children.previous);

		if (actor__supervisor_stop_child(self, child, context) < 0)
			return ACTOR_E_CANCELLED;
		actor__supervisor_forget(self, child);
	}
	return 0;
}
