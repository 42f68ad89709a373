/* SPDX-License-Identifier: MIT */

/*
 * Supervisors. All that a supervisor does it does in its handlers and hooks, one thing after the
 * other, waiting suspended where it has to; only the ends of its children are told on other
 * threads, at its desk: see child.c.
 */

#include "actor.h"
#include "child.h"
#include "util/memory.h"
#include "util/random.h"

#include <actor-iface/send.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

/* The latest of their numbers. */
static _Atomic uint64_t last_number;

/* What a supervisor is sent by itself. */
struct actor__look {
	char nothing;
};
ACTOR_MESSAGE(actor__look, struct actor_unit);

/* And by the supervisor above, to begin anew: stop your children, then fail. For the state that
 * runs when this is sent, and not for those that follow it, whose numbers are larger. */
struct actor__wind_up {
	uint64_t last_number;
};
ACTOR_SIGNAL(actor__wind_up);

static void forget(struct actor_supervisor *self, struct actor__child *child)
{
	actor__child_unwatch(child, self->desk);
	actor__link_take(&child->link);
	actor__child_destroy(child);
}

/* ---- bringing down ---- */

/* One more, or one too many. */
static bool is_too_often(struct actor_supervisor *self, int64_t now_ns)
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
	/* Relaxed: whoever has the mailbox has seen the state that runs there being made. */
	struct actor__wind_up wind_up = { atomic_load_explicit(&last_number,
							       memory_order_relaxed) };
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
	    is_too_often(self, actor_now(context)))
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

static int stop_child(struct actor_supervisor *self, struct actor__child *child,
		      struct actor_context *context)
{
	actor__child_unwatch(child, self->desk);
	return child->is_running ? bring_down(self, child, context, for_good) : 0;
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

/* The last one first: 0, or ACTOR_E_CANCELLED. Who waits for a start that will not be is in
 * nobody's way. */
static int stop_all(struct actor_supervisor *self, struct actor_context *context)
{
	struct actor__link *link, *next;
	struct actor__child *ended;

	while ((ended = actor__desk_take(self->desk)))
		see_last_end(self, ended, context);
	link = self->children.next;
	for (; link != &self->children; link = next) {
		next = link->next;
		if (!actor__child_of(link)->is_running)
			forget(self, actor__child_of(link));
	}
	while (actor__links_first(&self->children)) {
		struct actor__child *child = actor__child_of(self->children.previous);

		if (stop_child(self, child, context) < 0)
			return ACTOR_E_CANCELLED;
		forget(self, child);
	}
	return 0;
}

/* ---- restarts ---- */

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
	if (stop_all(self, context) < 0)
		return ACTOR_E_CANCELLED;
	ACTOR_FAIL(context, text);
}

/* A sibling has to begin anew at @due_ns. */
static int renew(struct actor_supervisor *self, struct actor__child *child, int64_t due_ns,
		 struct actor_context *context)
{
	if (child->is_running) {
		actor__child_unwatch(child, self->desk);
		if (bring_down(self, child, context, for_restart) < 0)
			return ACTOR_E_CANCELLED;
	}
	child->due_ns = due_ns;
	if (child->spec.restart == ACTOR_TEMPORARY)
		forget(self, child);
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

	if (is_too_often(self, now_ns))
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
	forget(self, child);
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

/* Whatever has happened to the children. If we are cancelled, we end; if we are to end, who has
 * ended is stopped with the others. */
static void attend(struct actor_supervisor *self, struct actor_context *context)
{
	struct actor__child *child;

	while (!is_to_end(context) && (child = actor__desk_take(self->desk)))
		if (see_end(self, child, context) < 0)
			return;
	if (!is_to_end(context) && start_due(self, context) == 0)
		actor_timer_reset(self->looker, next_due(self));
}

/* ---- the actor ---- */

/* Until there is memory, or we are cancelled. */
static bool have_desk(struct actor_supervisor *self, struct actor_executor *executor,
		      struct actor_context *context)
{
	struct actor_address *address = actor_self(context);
	struct actor__look look = { 0 };

	while (!self->looker) {
		if (!self->desk)
			self->desk = actor__desk_create();
		if (self->desk && actor_timer_every(executor, address, &actor__look_type, &look,
						    ACTOR__RETRY_NS, &self->looker) == 0)
			break;
		if (actor_sleep_until(context, actor_now(context) + ACTOR__RETRY_NS) < 0)
			return false;
	}
	actor__desk_set_looker(self->desk, self->looker);
	return true;
}

static void on_started(struct actor_supervisor *self, struct actor_context *context)
{
	struct actor_executor *executor = actor_executor_of(context);

	if (!executor)
		ACTOR_FAIL(context, "a supervisor runs on executors of actor-impl");
	self->spawner = actor_spawner(context);
	if (self->options.seed == 0)
		self->random = actor_address_identity(actor_self(context)).number;
	if (!have_desk(self, executor, context))
		return;
	actor__desk_begin(self->desk);
	attend(self, context);
	actor__desk_end(self->desk);
}

static void on_stopped(struct actor_supervisor *self, struct actor_context *context)
{
	actor__desk_begin(self->desk);
	actor_ignore(stop_all(self, context));
}

static void destroy(struct actor_supervisor *self)
{
	struct actor__link *link;

	while ((link = actor__links_first(&self->children))) {
		struct actor__child *child = actor__child_of(self->children.previous);

		if (self->desk)
			actor__child_unwatch(child, self->desk);
		if (child->mailbox)
			actor_mailbox_cancel(child->mailbox);
		actor__link_take(&child->link);
		actor__child_destroy(child);
	}
	if (self->desk) {
		actor__desk_set_looker(self->desk, NULL);
		actor_timer_destroy(self->looker);
		actor__desk_unref(self->desk);
	}
	free(self);
}

static struct actor_unit actor_supervisor_on_actor__look(struct actor_supervisor *self,
							 struct actor__look *message,
							 struct actor_context *context)
{
	(void)message;
	actor__desk_begin(self->desk);
	actor_timer_cancel(self->looker); /* or it would try again while we wait */
	attend(self, context);
	actor__desk_end(self->desk);
	return ACTOR_UNIT;
}

static void actor_supervisor_on_actor__wind_up(struct actor_supervisor *self,
					       struct actor__wind_up *message,
					       struct actor_context *context)
{
	bool is_meant = self->number <= message->last_number;

	actor__desk_begin(self->desk);
	if (is_meant && stop_all(self, context) == 0)
		ACTOR_FAIL(context, "begins anew with another child");
	actor__desk_end(self->desk);
}

/* It could not be taken in: what it was given stays the message's. */
static void give_back(struct actor__child *child, struct actor_child *given)
{
	actor__child_keep_user(child);
	if (child->mailbox == child->spec.mailbox)
		child->mailbox = NULL;
	else
		given->mailbox = NULL; /* it was closed, and has been given up */
	actor__child_destroy(child);
}

static int add(struct actor_supervisor *self, struct actor_child *given,
	       struct actor_context *context, struct actor__child **ret_child)
{
	int64_t now_ns = actor_now(context);
	struct actor__child *child;
	int rc;

	if (!actor__child_makes_sense(given))
		return ACTOR_E_INVALID;
	child = actor__child_create(given);
	if (!child)
		return ACTOR_E_NOMEM;
	rc = child->spec.mailbox ? actor__child_take_over(child, self->desk, self->spawner, now_ns)
				 : actor__child_start(child, self->desk, self->spawner, now_ns);
	if (rc < 0) {
		give_back(child, given);
		return rc;
	}
	actor__link_before(&self->children, &child->link);
	memset(given, 0, sizeof *given);
	*ret_child = child;
	return 0;
}

static void actor_supervisor_on_actor_child_add(struct actor_supervisor *self,
						struct actor_child_add *message,
						struct actor_child_add_pending pending,
						struct actor_context *context)
{
	struct actor_child_add_reply reply = actor_child_add_reply_take(pending);
	struct actor__child *child = NULL;
	int rc;

	actor__desk_begin(self->desk);
	rc = add(self, &message->child, context, &child);
	actor__desk_end(self->desk);
	if (rc < 0)
		actor_child_add_reply_refuse(&reply, rc);
	else
		actor_ignore(
			actor_child_add_reply_answer(&reply, actor_address_ref(child->address)));
}

static struct actor__child *find(struct actor_supervisor *self, struct actor_identity identity)
{
	for (struct actor__link *link = self->children.next; link != &self->children;
	     link = link->next) {
		struct actor__child *child = actor__child_of(link);

		if (child->address &&
		    actor_identity_same(actor_address_identity(child->address), identity))
			return child;
	}
	return NULL;
}

/* As it is listed, "" when unnamed. */
static const char *name_of(const struct actor__child *child)
{
	if (child->address)
		return actor_address_name(child->address);
	return child->spec.name ? child->spec.name : "";
}

static struct actor__child *find_named(struct actor_supervisor *self, const char *name)
{
	struct actor__link *link = self->children.next;

	if (!name || !name[0])
		return NULL;
	while (link != &self->children && strcmp(name_of(actor__child_of(link)), name) != 0)
		link = link->next;
	return link == &self->children ? NULL : actor__child_of(link);
}

/* 0, ACTOR_E_INVALID when there is none; ACTOR_E_CANCELLED when we are, and so is it. */
static int remove_child(struct actor_supervisor *self, struct actor__child *child,
			struct actor_context *context)
{
	if (!child)
		return ACTOR_E_INVALID;
	actor__desk_begin(self->desk);
	if (stop_child(self, child, context) < 0)
		return ACTOR_E_CANCELLED;
	forget(self, child);
	actor__desk_end(self->desk);
	return 0;
}

static void actor_supervisor_on_actor_child_remove(struct actor_supervisor *self,
						   struct actor_child_remove *message,
						   struct actor_child_remove_pending pending,
						   struct actor_context *context)
{
	int rc = remove_child(self, find(self, message->identity), context);
	struct actor_child_remove_reply reply = actor_child_remove_reply_take(pending);

	if (rc < 0)
		actor_child_remove_reply_refuse(&reply, rc);
	else
		actor_ignore(actor_child_remove_reply_answer(&reply, ACTOR_UNIT));
}

static void actor_supervisor_on_actor_child_remove_named(
	struct actor_supervisor *self, struct actor_child_remove_named *message,
	struct actor_child_remove_named_pending pending, struct actor_context *context)
{
	int rc = remove_child(self, find_named(self, message->name), context);
	struct actor_child_remove_named_reply reply = actor_child_remove_named_reply_take(pending);

	if (rc < 0)
		actor_child_remove_named_reply_refuse(&reply, rc);
	else
		actor_ignore(actor_child_remove_named_reply_answer(&reply, ACTOR_UNIT));
}

static struct actor_child_info describe(const struct actor__child *child)
{
	struct actor_child_info info = {
		.is_running = child->is_running,
		.n_restarts = child->n_starts > 0 ? child->n_starts - 1 : 0,
	};

	if (child->address) {
		info.address = actor_address_ref(child->address);
		info.info = actor_address_info(child->address);
	}
	return info;
}

static void actor_supervisor_on_actor_child_list(struct actor_supervisor *self,
						 struct actor_child_list *message,
						 struct actor_child_list_pending pending,
						 struct actor_context *context)
{
	struct actor_child_list_reply reply = actor_child_list_reply_take(pending);
	struct actor_children children = { 0 };
	struct actor__link *link;
	size_t n = 0;

	(void)message, (void)context;
	for (link = self->children.next; link != &self->children; link = link->next)
		n++;
	children.each = actor__memory_alloc((n + 1) * sizeof *children.each);
	if (!children.each) {
		actor_child_list_reply_refuse(&reply, ACTOR_E_NOMEM);
		return;
	}
	for (link = self->children.next; link != &self->children; link = link->next)
		children.each[children.n++] = describe(actor__child_of(link));
	actor_ignore(actor_child_list_reply_answer(&reply, children));
}

/* ---- types ---- */

static void add_drop(void *message)
{
	struct actor_child_add *add = message;

	actor_mailbox_destroy(add->child.mailbox);
	if (add->child.drop)
		add->child.drop(add->child.user);
}

static void remove_named_drop(void *message)
{
	free(((struct actor_child_remove_named *)message)->name);
}

static void address_drop(void *value)
{
	actor_address_unref(*(struct actor_address **)value);
}

void actor_children_drop(struct actor_children *children)
{
	for (size_t i = 0; i < children->n; i++)
		actor_address_unref(children->each[i].address);
	free(children->each);
	*children = (struct actor_children){ 0 };
}

static void children_drop(void *value)
{
	actor_children_drop(value);
}

ACTOR_EXPORT extern const struct actor_message_type actor_child_add_type, actor_child_remove_type,
	actor_child_remove_named_type, actor_child_list_type;
ACTOR_EXPORT extern const struct actor_behavior actor_supervisor_behavior;

ACTOR_MESSAGE_DEFINE(actor_child_add, "actor.child-add", add_drop, address_drop);
ACTOR_MESSAGE_DEFINE(actor_child_remove, "actor.child-remove", NULL, NULL);
ACTOR_MESSAGE_DEFINE(actor_child_remove_named, "actor.child-remove-named", remove_named_drop, NULL);
ACTOR_MESSAGE_DEFINE(actor_child_list, "actor.child-list", NULL, children_drop);
ACTOR_MESSAGE_DEFINE(actor__look, "actor.supervisor-look", NULL, NULL);
ACTOR_SIGNAL_DEFINE(actor__wind_up, "actor.supervisor-wind-up", NULL);

#define ALL_MESSAGES(CALL, SEND, X)                                                                \
	CALL(X, actor__look)                                                                       \
	SEND(X, actor__wind_up)                                                                    \
	ACTOR_SUPERVISOR_MESSAGES(CALL, SEND, X)
ACTOR_DEFINE(actor_supervisor, ALL_MESSAGES, on_started, on_stopped, destroy);

/* ---- for those who make supervisors ---- */

static int settle(struct actor_supervisor_options *options)
{
	if (options->most_restarts == 0)
		options->most_restarts = 3;
	if (options->period_ns == 0)
		options->period_ns = ACTOR__DEFAULT_NS;
	if (options->most_delay_ns == 0)
		options->most_delay_ns = options->first_delay_ns < INT64_MAX / 64
						 ? options->first_delay_ns * 64
						 : INT64_MAX / 2;
	if (options->period_ns < 0 || options->first_delay_ns < 0 ||
	    options->most_delay_ns < options->first_delay_ns ||
	    options->strategy > ACTOR_REST_FOR_ONE ||
	    (options->n_children > 0 && !options->children))
		return ACTOR_E_INVALID;
	return 0;
}

static int declare(struct actor_supervisor *self, const struct actor_child *given)
{
	struct actor__child *child;

	if (!actor__child_makes_sense(given) || given->mailbox || given->drop)
		return ACTOR_E_INVALID;
	child = actor__child_create(given);
	if (!child)
		return ACTOR_E_NOMEM;
	actor__link_before(&self->children, &child->link);
	child->due_ns = ACTOR_AT_ONCE;
	return 0;
}

static int declare_all(struct actor_supervisor *self)
{
	const char *given = (const char *)self->options.children;
	int rc = 0;

	for (size_t i = 0; i < self->options.n_children && rc == 0; i++)
		rc = declare(self, (const void *)(given + i * self->options.children->size));
	return rc;
}

int actor_supervisor_create(const struct actor_supervisor_options *options,
			    struct actor_supervisor **ret_state)
{
	struct actor_supervisor_options settled = { .size = sizeof settled };
	struct actor_supervisor *self;
	size_t n_times;
	int rc;

	if (options)
		memcpy(&settled, options,
		       options->size < sizeof settled ? options->size : sizeof settled);
	rc = settle(&settled);
	if (rc < 0)
		return rc;
	n_times = settled.most_restarts == UINT_MAX ? 0 : settled.most_restarts;
	self = actor__memory_alloc(sizeof *self + n_times * sizeof self->restarts_ns[0]);
	if (!self)
		return ACTOR_E_NOMEM;
	self->options = settled;
	self->random = settled.seed;
	/* Relaxed: see tell_to_wind_up(). */
	self->number = atomic_fetch_add_explicit(&last_number, 1, memory_order_relaxed) + 1;
	actor__links_init(&self->children);
	rc = declare_all(self);
	if (rc < 0) {
		destroy(self);
		return rc;
	}
	*ret_state = self;
	return 0;
}

int actor_supervisor_make(void *options, void **ret_state)
{
	struct actor_supervisor *self;
	int rc = actor_supervisor_create(options, &self);

	if (rc == 0)
		*ret_state = self;
	return rc;
}
