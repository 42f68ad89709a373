/* SPDX-License-Identifier: MIT */

/*
 * Supervisors. All that a supervisor does it does in its handlers and hooks, one thing after the
 * other, waiting suspended where it has to; only the ends of its children are told on other
 * threads. For each run of a child it joins, with a reply of its own, the run's token; that puts
 * the child in the line of those who have ended, and has the supervisor look.
 *
 * A look is a message of a timer that sends again every RETRY_NS until it is told to stop, at most
 * one at a time (see timer.h): so it arrives, whatever memory there is at that moment. Who ends
 * while the supervisor does something is seen to when that is done: all that it does is between
 * begin_work() and end_work(), and the latter sets the timer if anybody has come meanwhile.
 *
 * Supervisor and tokens share the desk, where they meet: it outlives both. A token knows its child
 * until the child's end is told, or nobody wants to know any more. A child is the supervisor's
 * alone, but for its place in the line.
 */

#include "util/links.h"
#include "util/lock.h"
#include "util/memory.h"
#include "util/random.h"

#include <actor-iface/send.h>
#include <actor-impl/attempts.h>
#include <actor-impl/supervisor.h>
#include <actor-impl/timer.h>
#include <assert.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RETRY_NS INT64_C(10000000)
#define DEFAULT_NS INT64_C(5000000000) /* to stop; a period */

struct child;

/**
 * struct desk - where ends are told
 * @n_holders: the supervisor, each token
 *
 * Under the lock:
 * @looker:    has the supervisor look; NULL: it has gone
 * @is_busy:   the supervisor is at something
 * @ended:     children whose ends it has not seen yet
 */
struct desk {
	atomic_size_t n_holders;
	pthread_mutex_t lock;
	struct actor_timer *looker;
	bool is_busy;
	struct actor__link ended;
};

/**
 * struct token - of a run that is to end; freed when that is told
 * @reply: is delivered then
 * @desk:  where
 * @child: whose, under the desk's lock; NULL: nobody wants to know
 */
struct token {
	struct actor_reply reply;
	struct desk *desk;
	struct child *child;
};

/**
 * struct child
 * @link:       in the order of starting
 * @spec:       as given; what it does not say is zero
 * @mailbox:    NULL: to be made
 * @address:    of it, strong
 * @is_running: as far as is known
 * @due_ns:     if not: when it is started again
 * @began_ns:   its last run
 * @n_in_a_row: short runs
 * @n_starts:   runs
 * @number:     of its state, if it is a supervisor
 * @why:        its last run failed
 *
 * Under the desk's lock:
 * @token:      of its run; NULL when the end has been told
 * @ended_link: in line, if @has_ended
 */
struct child {
	struct actor__link link;
	struct actor_child spec;
	struct actor_mailbox *mailbox;
	struct actor_address *address;
	bool is_running;
	int64_t due_ns;
	int64_t began_ns;
	unsigned n_in_a_row;
	unsigned n_starts;
	uint64_t number;
	char why[160];
	struct token *token;
	struct actor__link ended_link;
	bool has_ended;
};

/**
 * struct actor_supervisor - the state
 * @options:    as given, with the defaults filled in
 * @number:     unique
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
	struct desk *desk;
	struct actor_timer *looker;
	struct actor__link children;
	uint64_t random;
	uint64_t n_restarts;
	int64_t restarts_ns[];
};

/* What a supervisor is sent by itself. */
struct actor__look {
	char nothing;
};
ACTOR_MESSAGE(actor__look, struct actor_unit);

/* And by the supervisor above, to begin anew: stop your children, then fail. For one state, and not
 * for those that follow it. */
struct actor__wind_up {
	uint64_t number;
};
ACTOR_SIGNAL(actor__wind_up);

/* ---- the desk ---- */

static struct desk *desk_create(void)
{
	struct desk *desk = actor__memory_alloc(sizeof *desk);

	if (!desk)
		return NULL;
	atomic_init(&desk->n_holders, 1);
	actor__lock_init(&desk->lock);
	actor__links_init(&desk->ended);
	return desk;
}

static void desk_unref(struct desk *desk)
{
	/* Release: what was done with it comes before it goes; acquire: for the last. */
	if (atomic_fetch_sub_explicit(&desk->n_holders, 1, memory_order_acq_rel) > 1)
		return;
	pthread_mutex_destroy(&desk->lock);
	free(desk);
}

/* With the lock held: the end of a child is told, or is nothing to tell any more. */
static void forget_token(struct child *child)
{
	if (child->token)
		child->token->child = NULL;
	child->token = NULL;
}

static int told_of_end(struct actor_reply *reply, int status, void *value)
{
	struct token *token = ACTOR_CONTAINER_OF(reply, struct token, reply);
	struct desk *desk = token->desk;
	struct child *child;

	(void)value;
	pthread_mutex_lock(&desk->lock);
	child = token->child;
	if (child) {
		forget_token(child);
		child->has_ended = status == 0;
		if (child->has_ended)
			actor__link_before(&desk->ended, &child->ended_link);
		if (child->has_ended && desk->looker && !desk->is_busy)
			actor_timer_reset(desk->looker, ACTOR_AT_ONCE);
	}
	pthread_mutex_unlock(&desk->lock);
	desk_unref(desk);
	free(token);
	return 0;
}

static struct token *token_create(struct desk *desk)
{
	static const struct actor_reply_ops ops = { .size = sizeof ops, .deliver = told_of_end };
	struct token *token = actor__memory_alloc(sizeof *token);

	if (token) {
		token->reply.ops = &ops;
		token->desk = desk;
	}
	return token;
}

/* Have the end of the run on a child's mailbox told. The token is used up on success. */
static int watch(struct child *child, struct token *token)
{
	struct desk *desk = token->desk;
	int rc;

	/* Relaxed: the supervisor holds it. */
	atomic_fetch_add_explicit(&desk->n_holders, 1, memory_order_relaxed);
	pthread_mutex_lock(&desk->lock);
	child->token = token;
	token->child = child;
	pthread_mutex_unlock(&desk->lock);
	rc = child->mailbox->ops->join(child->mailbox, &token->reply);
	if (rc == 0)
		return 0;
	pthread_mutex_lock(&desk->lock);
	forget_token(child);
	pthread_mutex_unlock(&desk->lock);
	desk_unref(desk);
	return rc;
}

/* Be told nothing of this run. */
static void unwatch(struct actor_supervisor *self, struct child *child)
{
	pthread_mutex_lock(&self->desk->lock);
	forget_token(child);
	if (child->has_ended)
		actor__link_take(&child->ended_link);
	child->has_ended = false;
	pthread_mutex_unlock(&self->desk->lock);
}

/* Whose end has not been seen yet; NULL when there is nobody. */
static struct child *take_ended(struct actor_supervisor *self)
{
	struct actor__link *link;
	struct child *child = NULL;

	pthread_mutex_lock(&self->desk->lock);
	link = actor__links_first(&self->desk->ended);
	if (link) {
		child = ACTOR_CONTAINER_OF(link, struct child, ended_link);
		actor__link_take(link);
		child->has_ended = false;
	}
	pthread_mutex_unlock(&self->desk->lock);
	return child;
}

static void begin_work(struct actor_supervisor *self)
{
	pthread_mutex_lock(&self->desk->lock);
	self->desk->is_busy = true;
	pthread_mutex_unlock(&self->desk->lock);
}

static void end_work(struct actor_supervisor *self)
{
	pthread_mutex_lock(&self->desk->lock);
	self->desk->is_busy = false;
	if (actor__links_first(&self->desk->ended))
		actor_timer_reset(self->looker, ACTOR_AT_ONCE);
	pthread_mutex_unlock(&self->desk->lock);
}

/* ---- children ---- */

static struct child *child_of(struct actor__link *link)
{
	return ACTOR_CONTAINER_OF(link, struct child, link);
}

/* As large as its maker knew it. */
static struct actor_child spec_of(const struct actor_child *given)
{
	struct actor_child spec = { 0 };

	memcpy(&spec, given, given->size < sizeof spec ? given->size : sizeof spec);
	if (spec.stop_ns == 0)
		spec.stop_ns = DEFAULT_NS;
	return spec;
}

static struct child *child_create(const struct actor_child *given)
{
	struct child *child = actor__memory_alloc(sizeof *child);

	if (child)
		child->spec = spec_of(given);
	return child;
}

/* What runs there is left to itself. */
static void lose_mailbox(struct child *child)
{
	actor_address_unref(child->address);
	child->address = NULL;
	actor_mailbox_detach(child->mailbox);
	child->mailbox = NULL;
}

/* Not in any list any more. */
static void child_destroy(struct child *child)
{
	lose_mailbox(child);
	if (child->spec.drop)
		child->spec.drop(child->spec.user);
	free(child);
}

static void forget(struct actor_supervisor *self, struct child *child)
{
	unwatch(self, child);
	actor__link_take(&child->link);
	child_destroy(child);
}

static int set_attempts(struct child *child)
{
	unsigned n = child->spec.attempts;

	return n > 0 ? actor_mailbox_set_attempts(child->mailbox, n) : 0;
}

static int make_mailbox(struct actor_supervisor *self, struct child *child)
{
	const struct actor_child *spec = &child->spec;
	const struct actor_mailbox_options options = {
		.size = sizeof options,
		.name = spec->name,
		.capacity = spec->capacity,
	};
	int rc = actor_mailbox_create(spec->spawner ? spec->spawner : self->spawner, spec->behavior,
				      &options, &child->mailbox);

	if (rc < 0)
		return rc;
	child->address = actor_mailbox_address(child->mailbox);
	rc = set_attempts(child);
	if (rc < 0)
		lose_mailbox(child);
	return rc;
}

static bool is_supervisor(const struct child *child)
{
	return child->spec.behavior == &actor_supervisor_behavior;
}

static void drop_state(struct child *child, void *state)
{
	if (state && child->spec.behavior->destroy)
		child->spec.behavior->destroy(state);
}

/* A fresh state on its mailbox: 0; ACTOR_E_BUSY when something runs there. */
static int start_fresh(struct child *child)
{
	void *state = NULL;
	int rc = child->spec.make(child->spec.user, &state);

	if (rc < 0)
		return rc;
	if (is_supervisor(child))
		child->number = ((const struct actor_supervisor *)state)->number;
	rc = actor_mailbox_start(child->mailbox, state, NULL, NULL);
	if (rc < 0)
		drop_state(child, state);
	return rc;
}

/* On the mailbox that it has, if that will do. */
static int start_somewhere(struct actor_supervisor *self, struct child *child)
{
	int rc = child->mailbox ? start_fresh(child) : ACTOR_E_CLOSED;

	if (rc != ACTOR_E_CLOSED)
		return rc;
	lose_mailbox(child);
	rc = make_mailbox(self, child);
	return rc < 0 ? rc : start_fresh(child);
}

/* Start it, and have its end told: 0, or why not, and then it is as it was. */
static int start(struct actor_supervisor *self, struct child *child, int64_t now_ns)
{
	struct token *token = token_create(self->desk);
	int rc;

	if (!token)
		return ACTOR_E_NOMEM;
	rc = start_somewhere(self, child);
	if (rc == 0 || rc == ACTOR_E_BUSY) /* somebody else has started it */
		rc = watch(child, token);
	if (rc < 0) {
		free(token);
		return rc;
	}
	child->is_running = true;
	child->began_ns = now_ns;
	child->n_starts++;
	return 0;
}

/* ---- bringing down ---- */

/* One more, or one too many. */
static bool is_too_often(struct actor_supervisor *self, int64_t now_ns)
{
	unsigned most = self->options.most_restarts;
	int64_t *oldest_ns = &self->restarts_ns[self->n_restarts % most];

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

/* As actor_send_until(), whatever memory there is. */
static int send(struct actor_context *context, struct child *child, int64_t deadline_ns)
{
	struct actor__wind_up wind_up = { child->number };
	int rc;

	while ((rc = actor_send_until(context, child->address, &actor__wind_up_type, &wind_up,
				      deadline_ns)) == ACTOR_E_NOMEM)
		if (actor_sleep_until(context, actor_now(context) + RETRY_NS) < 0)
			return ACTOR_E_CANCELLED;
	return rc;
}

/* Supervisors have to stop their children before. */
static int ask_to_fail(struct child *child, struct actor_context *context, int64_t deadline_ns)
{
	if (is_supervisor(child))
		return send(context, child, deadline_ns);
	if (actor_mailbox_fail(child->mailbox) == 0)
		return 0;
	return actor_mailbox_stop(child->mailbox, ACTOR_STOP_NOW);
}

static int ask(struct child *child, enum way way, struct actor_context *context,
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

/* As actor_mailbox_join(), whatever memory there is. */
static int join(struct actor_context *context, struct actor_mailbox *mailbox, int64_t deadline_ns,
		struct actor_end *ret_end)
{
	int rc;

	while ((rc = actor_mailbox_join(context, mailbox, deadline_ns, ret_end)) == ACTOR_E_NOMEM)
		if (actor_sleep_until(context, actor_now(context) + RETRY_NS) < 0)
			return ACTOR_E_CANCELLED;
	return rc;
}

/* A child that has failed while it drained goes on with a fresh state: whether there is one. */
static bool drains_on(struct actor_supervisor *self, struct child *child,
		      struct actor_context *context, int64_t deadline_ns)
{
	int rc;

	if (child->spec.restart == ACTOR_TEMPORARY || is_supervisor(child) ||
	    is_too_often(self, actor_now(context)))
		return false;
	while ((rc = start_fresh(child)) == ACTOR_E_NOMEM)
		if (actor_now(context) >= deadline_ns ||
		    actor_sleep_until(context, actor_now(context) + RETRY_NS) < 0)
			return false;
	return rc == 0;
}

static int drain(struct actor_supervisor *self, struct child *child, struct actor_context *context,
		 int64_t deadline_ns, struct actor_end *ret_end)
{
	int rc;

	do {
		rc = join(context, child->mailbox, deadline_ns, ret_end);
	} while (rc == 0 && ret_end->how == ACTOR_ENDED_FAILED &&
		 drains_on(self, child, context, deadline_ns));
	return rc;
}

/* Its run ends, one way or the other: 0; ACTOR_E_CANCELLED when we are. */
static int bring_down(struct actor_supervisor *self, struct child *child,
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
	lose_mailbox(child);
	return 0;
}

static int stop_child(struct actor_supervisor *self, struct child *child,
		      struct actor_context *context)
{
	unwatch(self, child);
	return child->is_running ? bring_down(self, child, context, for_good) : 0;
}

/* The last one first: 0, or ACTOR_E_CANCELLED. Who waits for a start that will not be is in
 * nobody's way. */
static int stop_all(struct actor_supervisor *self, struct actor_context *context)
{
	struct actor__link *link = self->children.next, *next;

	for (; link != &self->children; link = next) {
		next = link->next;
		if (!child_of(link)->is_running)
			forget(self, child_of(link));
	}
	while (actor__links_first(&self->children)) {
		struct child *child = child_of(self->children.previous);

		if (stop_child(self, child, context) < 0)
			return ACTOR_E_CANCELLED;
		forget(self, child);
	}
	return 0;
}

/* ---- restarts ---- */

static int64_t delay_of(struct actor_supervisor *self, struct child *child, int64_t now_ns)
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
static int escalate(struct actor_supervisor *self, struct child *child,
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
static int renew(struct actor_supervisor *self, struct child *child, int64_t due_ns,
		 struct actor_context *context)
{
	if (child->is_running) {
		unwatch(self, child);
		if (bring_down(self, child, context, for_restart) < 0)
			return ACTOR_E_CANCELLED;
	}
	child->due_ns = due_ns;
	if (child->spec.restart == ACTOR_TEMPORARY)
		forget(self, child);
	return 0;
}

/* Those whom a child takes along, the last one first. */
static int renew_others(struct actor_supervisor *self, struct child *child,
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
		if (renew(self, child_of(link), child->due_ns, context) < 0)
			return ACTOR_E_CANCELLED;
	}
	return 0;
}

/* A child that has come to its end, or could not be started, is to be started again. */
static int plan_restart(struct actor_supervisor *self, struct child *child,
			struct actor_context *context)
{
	int64_t now_ns = actor_now(context);

	if (is_too_often(self, now_ns))
		return escalate(self, child, context);
	child->due_ns = actor_time_after(now_ns, delay_of(self, child, now_ns));
	return self->options.strategy == ACTOR_ONE_FOR_ONE ? 0 : renew_others(self, child, context);
}

static bool is_restarted(const struct child *child, enum actor_ended how)
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

static void keep_why(struct child *child, const struct actor_end *end)
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

static int see_end(struct actor_supervisor *self, struct child *child,
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

static int start_failed(struct actor_supervisor *self, struct child *child, int status,
			struct actor_context *context)
{
	if (status == ACTOR_E_NOMEM) {
		child->due_ns = actor_now(context) + RETRY_NS;
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
		struct child *child = child_of(link);
		int64_t now_ns = actor_now(context);

		next = link->next;
		if (child->is_running)
			continue;
		rc = child->due_ns <= now_ns ? start(self, child, now_ns) : ACTOR_PENDING;
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
		if (child_of(link)->is_running)
			continue;
		if (child_of(link)->due_ns < next_ns)
			next_ns = child_of(link)->due_ns;
		if (starts_in_order(self))
			break;
	}
	return next_ns;
}

/* Whatever has happened to the children. If we are cancelled, we end. */
static void attend(struct actor_supervisor *self, struct actor_context *context)
{
	struct child *child;

	while ((child = take_ended(self)))
		if (see_end(self, child, context) < 0)
			return;
	if (start_due(self, context) == 0)
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
			self->desk = desk_create();
		if (self->desk && actor_timer_every(executor, address, &actor__look_type, &look,
						    RETRY_NS, &self->looker) == 0)
			break;
		if (actor_sleep_until(context, actor_now(context) + RETRY_NS) < 0)
			return false;
	}
	pthread_mutex_lock(&self->desk->lock);
	self->desk->looker = self->looker;
	pthread_mutex_unlock(&self->desk->lock);
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
	begin_work(self);
	attend(self, context);
	end_work(self);
}

static void on_stopped(struct actor_supervisor *self, struct actor_context *context)
{
	begin_work(self);
	actor_ignore(stop_all(self, context));
}

static void leave_desk(struct actor_supervisor *self)
{
	pthread_mutex_lock(&self->desk->lock);
	self->desk->looker = NULL;
	pthread_mutex_unlock(&self->desk->lock);
	actor_timer_destroy(self->looker);
}

static void destroy(struct actor_supervisor *self)
{
	struct actor__link *link;

	while ((link = actor__links_first(&self->children))) {
		struct child *child = child_of(self->children.previous);

		if (self->desk)
			unwatch(self, child);
		if (child->mailbox)
			actor_mailbox_cancel(child->mailbox);
		actor__link_take(&child->link);
		child_destroy(child);
	}
	if (self->desk) {
		leave_desk(self);
		desk_unref(self->desk);
	}
	free(self);
}

static struct actor_unit actor_supervisor_on_actor__look(struct actor_supervisor *self,
							 struct actor__look *message,
							 struct actor_context *context)
{
	(void)message;
	begin_work(self);
	actor_timer_cancel(self->looker); /* or it would try again while we wait */
	attend(self, context);
	end_work(self);
	return ACTOR_UNIT;
}

static void actor_supervisor_on_actor__wind_up(struct actor_supervisor *self,
					       struct actor__wind_up *message,
					       struct actor_context *context)
{
	bool is_meant = message->number == self->number || message->number == 0;

	begin_work(self);
	if (is_meant && stop_all(self, context) == 0)
		ACTOR_FAIL(context, "begins anew with another child");
	end_work(self);
}

/* One that is new: started, or, if it runs already, taken over. */
static int take_in(struct actor_supervisor *self, struct child *child,
		   struct actor_context *context)
{
	struct token *token;
	int rc;

	if (!child->mailbox)
		return start(self, child, actor_now(context));
	rc = set_attempts(child);
	if (rc < 0)
		return rc;
	token = token_create(self->desk);
	if (!token)
		return ACTOR_E_NOMEM;
	child->address = actor_mailbox_address(child->mailbox);
	rc = watch(child, token);
	if (rc < 0)
		free(token);
	if (rc == ACTOR_E_INVALID) /* it has never run */
		return start(self, child, actor_now(context));
	child->is_running = rc == 0;
	child->began_ns = actor_now(context);
	child->n_starts = 1;
	return rc;
}

/* It could not be taken in: what it was given stays the message's. */
static void give_back(struct child *child, struct actor_child *given)
{
	child->spec.drop = NULL;
	if (child->mailbox == child->spec.mailbox)
		child->mailbox = NULL;
	else
		given->mailbox = NULL; /* it was closed, and has been given up */
	child_destroy(child);
}

static bool makes_sense(const struct actor_child *given)
{
	return given->size > 0 && given->behavior && given->make;
}

static int add(struct actor_supervisor *self, struct actor_child *given,
	       struct actor_context *context, struct child **ret_child)
{
	struct child *child;
	int rc;

	if (!makes_sense(given))
		return ACTOR_E_INVALID;
	child = child_create(given);
	if (!child)
		return ACTOR_E_NOMEM;
	child->mailbox = child->spec.mailbox;
	rc = take_in(self, child, context);
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
	struct child *child = NULL;
	int rc;

	begin_work(self);
	rc = add(self, &message->child, context, &child);
	end_work(self);
	if (rc < 0)
		actor_child_add_reply_refuse(&reply, rc);
	else
		actor_ignore(
			actor_child_add_reply_answer(&reply, actor_address_ref(child->address)));
}

static struct child *find(struct actor_supervisor *self, struct actor_identity identity)
{
	for (struct actor__link *link = self->children.next; link != &self->children;
	     link = link->next) {
		struct child *child = child_of(link);

		if (child->address &&
		    actor_identity_same(actor_address_identity(child->address), identity))
			return child;
	}
	return NULL;
}

static void actor_supervisor_on_actor_child_remove(struct actor_supervisor *self,
						   struct actor_child_remove *message,
						   struct actor_child_remove_pending pending,
						   struct actor_context *context)
{
	struct child *child = find(self, message->identity);
	struct actor_child_remove_reply reply;
	int rc = child ? 0 : ACTOR_E_INVALID;

	begin_work(self);
	if (child && stop_child(self, child, context) < 0)
		return; /* we are cancelled, and so is it */
	if (child)
		forget(self, child);
	end_work(self);
	reply = actor_child_remove_reply_take(pending);
	if (rc < 0)
		actor_child_remove_reply_refuse(&reply, rc);
	else
		actor_ignore(actor_child_remove_reply_answer(&reply, ACTOR_UNIT));
}

static struct actor_child_info describe(const struct child *child)
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
		children.each[children.n++] = describe(child_of(link));
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
	actor_child_list_type;
ACTOR_EXPORT extern const struct actor_behavior actor_supervisor_behavior;

ACTOR_MESSAGE_DEFINE(actor_child_add, "actor.child-add", add_drop, address_drop);
ACTOR_MESSAGE_DEFINE(actor_child_remove, "actor.child-remove", NULL, NULL);
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
		options->period_ns = DEFAULT_NS;
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
	struct child *child;

	if (!makes_sense(given) || given->mailbox || given->drop)
		return ACTOR_E_INVALID;
	child = child_create(given);
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
	static _Atomic uint64_t last_number;
	struct actor_supervisor_options settled = { .size = sizeof settled };
	struct actor_supervisor *self;
	int rc;

	if (options)
		memcpy(&settled, options,
		       options->size < sizeof settled ? options->size : sizeof settled);
	rc = settle(&settled);
	if (rc < 0)
		return rc;
	self = actor__memory_alloc(sizeof *self +
				   settled.most_restarts * sizeof self->restarts_ns[0]);
	if (!self)
		return ACTOR_E_NOMEM;
	self->options = settled;
	self->random = settled.seed;
	/* Relaxed: only uniqueness matters. */
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
