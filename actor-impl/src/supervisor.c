/* SPDX-License-Identifier: MIT */

/*
 * Supervisors. All that a supervisor does it does in its handlers and hooks, one thing after the
 * other, waiting suspended where it has to; only the ends of its children are told on other
 * threads, at its desk: see child.c. Here are its handlers and hooks.
 */

#include "supervisor.h"
#include "actor.h"
#include "util/memory.h"

#include <actor-iface/send.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

/* The latest of their numbers. */
static _Atomic uint64_t last_number;

uint64_t actor__supervisor_last_number(void)
{
	/* Relaxed: whoever has a mailbox has seen the state that runs there being made. */
	return atomic_load_explicit(&last_number, memory_order_relaxed);
}

/* What a supervisor is sent by itself. */
struct actor__look {
	char nothing;
};
ACTOR_MESSAGE(actor__look, struct actor_unit);

void actor__supervisor_forget(struct actor_supervisor *self, struct actor__child *child)
{
	actor__child_unwatch(child, self->desk);
	actor__link_take(&child->link);
	actor__child_destroy(child);
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
	actor__supervisor_attend(self, context);
	actor__desk_end(self->desk);
}

static void on_stopped(struct actor_supervisor *self, struct actor_context *context)
{
	actor__desk_begin(self->desk);
	actor_ignore(actor__supervisor_stop_all(self, context));
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
	actor__supervisor_attend(self, context);
	actor__desk_end(self->desk);
	return ACTOR_UNIT;
}

static void actor_supervisor_on_actor__wind_up(struct actor_supervisor *self,
					       struct actor__wind_up *message,
					       struct actor_context *context)
{
	bool is_meant = self->number <= message->last_number;

	actor__desk_begin(self->desk);
	if (is_meant && actor__supervisor_stop_all(self, context) == 0)
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
	if (actor__supervisor_stop_child(self, child, context) < 0)
		return ACTOR_E_CANCELLED;
	actor__supervisor_forget(self, child);
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
	struct actor_supervisor_options settled;
	struct actor_supervisor *self;
	size_t n_times;
	int rc;

	if (!actor__options_read(&settled, sizeof settled, options))
		return ACTOR_E_INVALID;
	rc = settle(&settled);
	if (rc < 0)
		return rc;
	n_times = settled.most_restarts == UINT_MAX ? 0 : settled.most_restarts;
	self = actor__memory_alloc(sizeof *self + n_times * sizeof self->restarts_ns[0]);
	if (!self)
		return ACTOR_E_NOMEM;
	self->options = settled;
	self->random = settled.seed;
	/* Relaxed: see above. */
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
