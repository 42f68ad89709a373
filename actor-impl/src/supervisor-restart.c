/* SPDX-License-Identifier: MIT */

/* Supervisors: who is started, when, and when that has been tried too often. */

#include "actor.h"
#include "supervisor.h"
#include "util/random.h"

#include <limits.h>
#include <stdio.h>

bool actor__supervisor_is_too_often(struct actor_supervisor *self, int64_t now_ns)
{
	unsigned most = self->options.most_restarts;
	int64_t *oldest_ns;

	if (most == UINT_MAX)
		return false;
	oldest_ns = &self->restarts_ns[self->n_restarts % most];
	if (self->n_restarts >= most && now_ns - *oldest_ns < self->options.period_ns)
		return true;
	*oldest_ns = now_ns;
	self->n_restarts++;
	return false;
}

static int64_t delay_of(struct actor_supervisor *self, struct actor__child *child, int64_t now_ns)
{
	int64_t most_ns = self->options.most_delay_ns, delay_ns = self->options.first_delay_ns;

	if (now_ns - child->began_ns >= self->options.period_ns)
		child->n_in_a_row = 0;
	for (unsigned i = child->n_in_a_row++; i > 0 && delay_ns < most_ns; i--)
		delay_ns = delay_ns > most_ns / 2 ? most_ns : 2 * delay_ns;
	if (delay_ns == 0)
		return 0;
	return delay_ns - (int64_t)(actor__random(&self->random) % (uint64_t)(delay_ns / 2 + 1));
}

/* It cannot go on like this: the own supervisor decides. Returns only if we are cancelled. */
static int escalate(struct actor_supervisor *self, struct actor__child *child,
		    struct actor_context *context)
{
	const char *name = child->spec.name ? child->spec.name : "";
	char text[400];

	snprintf(text, sizeof text,
		 "%s%s%s: a child would have to be restarted more than %u times in %lld ms; "
		 "the last time: %s",
		 child->spec.behavior->name, name[0] ? " " : "", name, self->options.most_restarts,
		 (long long)(self->options.period_ns / 1000000), child->why);
	if (actor__supervisor_stop_all(self, context) < 0)
		return ACTOR_E_CANCELLED;
	ACTOR_FAIL(context, text);
}

/* A sibling has to begin anew at @due_ns. */
static int renew(struct actor_supervisor *self, struct actor__child *child, int64_t due_ns,
		 struct actor_context *context)
{
	if (child->is_running) {
		if (actor__supervisor_bring_down(self, child, context) < 0)
			return ACTOR_E_CANCELLED;
	}
	child->due_ns = due_ns;
	if (child->spec.restart == ACTOR_TEMPORARY)
		actor__supervisor_forget(self, child);
	return 0;
}

/* Those whom a child takes along, the last one first. */
static int renew_others(struct actor_supervisor *self, struct actor__child *child,
			struct actor_context *context)
{
	struct actor__link *link = self->children.previous, *previous;

	for (; link != &self->children; link = previous) {
		previous = link->previous;
		if (link == &child->link) {
			if (self->options.strategy == ACTOR_REST_FOR_ONE)
				break;
			continue;
		}
		if (renew(self, actor__child_of(link), child->due_ns, context) < 0)
			return ACTOR_E_CANCELLED;
	}
	return 0;
}

/* A child that has come to its end, or could not be started, is to be started again. */
static int plan_restart(struct actor_supervisor *self, struct actor__child *child,
			struct actor_context *context)
{
	int64_t now_ns = actor_now(context);

	if (actor__supervisor_is_too_often(self, now_ns))
		return escalate(self, child, context);
	child->due_ns = actor_time_after(now_ns, delay_of(self, child, now_ns));
	return self->options.strategy == ACTOR_ONE_FOR_ONE ? 0 : renew_others(self, child, context);
}

static bool is_restarted(const struct actor__child *child, enum actor_ended how)
{
	switch (child->spec.restart) {
	case ACTOR_PERMANENT:
		return true;
	case ACTOR_TRANSIENT:
		return how != ACTOR_ENDED_STOPPED;
	case ACTOR_TEMPORARY:
		break;
	}
	return false;
}

static void keep_why(struct actor__child *child, const struct actor_end *end)
{
	const struct actor_failure *failure = end->failure;

	if (failure && failure->message_type)
		snprintf(child->why, sizeof child->why, "%s: %s", failure->message_type,
			 failure->text);
	else
		snprintf(child->why, sizeof child->why, "%s",
			 failure			   ? failure->text
			 : end->how == ACTOR_ENDED_STOPPED ? "it has stopped"
							   : "it was cancelled");
}

static int see_end(struct actor_supervisor *self, struct actor__child *child,
		   struct actor_context *context)
{
	struct actor_end end;
	int rc = actor_mailbox_end(child->mailbox, &end);

	child->is_running = false;
	child->due_ns = ACTOR_AT_ONCE;
	if (rc < 0) /* somebody else has started it again */
		return 0;
	keep_why(child, &end);
	actor_end_drop(&end);
	if (is_restarted(child, end.how))
		return plan_restart(self, child, context);
	actor__supervisor_forget(self, child);
	return 0;
}

static int start_failed(struct actor_supervisor *self, struct actor__child *child, int status,
			struct actor_context *context)
{
	if (status == ACTOR_E_NOMEM) {
		child->due_ns = actor_now(context) + ACTOR__RETRY_NS;
		return 0;
	}
	ACTOR_LOG(context, ACTOR_LOG_WARNING, "a child does not start: %s: %s",
		  child->spec.behavior->name, actor_strerror(status));
	snprintf(child->why, sizeof child->why, "it did not start: %s", actor_strerror(status));
	child->began_ns = actor_now(context);
	return plan_restart(self, child, context);
}

/* Whether nobody is started before those ahead. */
static bool starts_in_order(const struct actor_supervisor *self)
{
	return self->options.strategy != ACTOR_ONE_FOR_ONE;
}

/* Those whose delay is over. */
static int start_due(struct actor_supervisor *self, struct actor_context *context)
{
	struct actor__link *link = self->children.next, *next;
	int rc;

	for (; link != &self->children; link = next) {
		struct actor__child *child = actor__child_of(link);
		int64_t now_ns = actor_now(context);

		next = link->next;
		if (child->is_running)
			continue;
		rc = child->due_ns <= now_ns
			     ? actor__child_start(child, self->desk, self->spawner, now_ns)
			     : ACTOR_PENDING;
		if (rc < 0 && start_failed(self, child, rc, context) < 0)
			return ACTOR_E_CANCELLED;
		if (rc != 0 && starts_in_order(self))
			break; /* whom it took along may be gone */
	}
	return 0;
}

/* When somebody is to be started next. */
static int64_t next_due(const struct actor_supervisor *self)
{
	int64_t next_ns = ACTOR_FOREVER;

	for (struct actor__link *link = self->children.next; link != &self->children;
	     link = link->next) {
		if (actor__child_of(link)->is_running)
			continue;
		if (actor__child_of(link)->due_ns < next_ns)
			next_ns = actor__child_of(link)->due_ns;
		if (starts_in_order(self))
			break;
	}
	return next_ns;
}

/* Whether we are to come to an end: then nobody is started any more. */
static bool is_to_end(struct actor_context *context)
{
	const struct actor__actor *self = actor__address_actor(actor_self(context));

	return atomic_load(&self->asked) & ACTOR__ASKED_TO_END;
}

/* If we are cancelled, we end; if we are to end, who has ended is stopped with the others. */
void actor__supervisor_attend(struct actor_supervisor *self, struct actor_context *context)
{
	struct actor__child *child;

	while (!is_to_end(context) && (child = actor__desk_take(self->desk)))
		if (see_end(self, child, context) < 0)
			return;
	if (!is_to_end(context) && start_due(self, context) == 0)
		actor_timer_reset(self->looker, next_due(self));
}
