/* SPDX-License-Identifier: MIT */

/*
 * Actors are in a list of those that have something to do, and take turns: a hook or a message
 * each. They do so while the thread waits in its context, or joins. Nothing here is locked.
 *
 * A handler's wait looks whether there is anything to wait for, and if so answers
 * ACTOR_E_NOSUSPEND. A handler that fails jumps back to its turn.
 *
 * What a mailbox goes through is what thread-per-actor describes in its mailbox.c and queue.c,
 * which see; here it happens in one thread, so that it is all about who calls whom from where:
 * on_end may start the mailbox again or give it up, and whatever is dropped or destroyed may send
 * messages.
 */

#include "parts.h"

#include <assert.h>
#include <stdlib.h>

static uint64_t last_number;

static const struct actor_address_ops strong_ops, weak_ops;
static const struct actor_mailbox_ops mailbox_ops;

/* ---- turns ---- */

static void hold(struct actor *actor)
{
	actor->n_holders++;
}

static void put(struct actor *actor)
{
	if (--actor->n_holders > 0)
		return;
	assert(!actor->first && !actor->line_first && !actor->state && !actor->is_ready);
	minimal_counts.mailboxes--;
	free(actor);
}

static void make_ready(struct actor *actor)
{
	struct minimal *minimal = actor->minimal;

	if (actor->is_ready)
		return;
	hold(actor);
	actor->is_ready = true;
	actor->next_ready = NULL;
	*minimal->ready_end = actor;
	minimal->ready_end = &actor->next_ready;
}

/* Something has happened to an actor that may be idle. */
static void stir(struct actor *actor)
{
	if (actor->phase == RUNNING)
		make_ready(actor);
}

static void actor_close(struct actor *actor)
{
	actor->closed = true;
	minimal_dissolve_line(actor);
	stir(actor);
}

static void cancel(struct actor *actor)
{
	actor->cancelled = true;
	actor_close(actor);
	if (actor->phase != RUNNING)
		minimal_clear(actor);
}

static struct actor_end take_end(struct actor *actor)
{
	struct actor_end end = {
		.size = sizeof end,
		.how = actor->how,
		.state = actor->state,
		.behavior = actor->behavior,
		.mailbox = actor->owned ? &actor->mailbox : NULL,
		.failure = actor->how == ACTOR_ENDED_FAILED ? &actor->failure : NULL,
	};

	actor->state = NULL;
	return end;
}

static void bury(struct actor *actor)
{
	struct actor_end end = take_end(actor);

	cancel(actor);
	actor_end_drop(&end);
	actor->minimal->n_mailboxes--;
	put(actor);
}

static void tell_joiner(struct actor *actor, int status)
{
	struct actor_reply *joiner = actor->joiner;
	struct actor_unit unit = { 0 };

	actor->joiner = NULL;
	if (joiner)
		actor_reply_deliver(joiner, status, status == 0 ? &unit : NULL);
}

/* The run is over; what on_end does may begin the next. */
static void end(struct actor *actor, bool alive)
{
	actor_end_fn *on_end = actor->on_end;
	struct actor_end end;

	actor->phase = ENDING;
	actor->how = actor->cancelled ? ACTOR_ENDED_CANCELLED
		     : alive	      ? ACTOR_ENDED_STOPPED
				      : ACTOR_ENDED_FAILED;
	end = take_end(actor);
	if (end.how != ACTOR_ENDED_STOPPED)
		actor_end_drop(&end);
	else if (!on_end)
		actor->state = end.state; /* kept for whoever asks */
	if (actor->cancelled)
		minimal_clear(actor);
	if (on_end)
		on_end(actor->user, &end);
	if (actor->phase == RUNNING)
		return;
	actor->phase = RESTING;
	actor->minimal->n_running--;
	tell_joiner(actor, 0);
	if (!actor->owned)
		bury(actor);
}

/* Run a piece of the program's code. Returns false if it failed. */
static bool guarded(struct context *context, void (*code)(struct context *context))
{
	if (setjmp(context->failed))
		return false;
	code(context);
	assert(!context->base.scope);
	return true;
}

static void run_started(struct context *context)
{
	struct actor *actor = context->actor;

	if (actor->behavior->started)
		actor->behavior->started(actor->state, &context->base);
}

static void run_stopped(struct context *context)
{
	struct actor *actor = context->actor;

	if (actor->behavior->stopped)
		actor->behavior->stopped(actor->state, &context->base);
}

static void run_handler(struct context *context)
{
	struct envelope *envelope = context->envelope;

	envelope->handler->handle(context->actor->state, envelope->message, &envelope->reply,
				  &context->base);
}

static bool begin(struct actor *actor, struct context *context)
{
	actor->begun = true;
	return actor->cancelled || guarded(context, run_started);
}

static bool handle(struct context *context)
{
	bool alive = guarded(context, run_handler);

	minimal_envelope_end(context->envelope);
	context->envelope = NULL;
	return alive;
}

static bool finish(struct actor *actor, struct context *context)
{
	actor->finished = true;
	actor_close(actor);
	minimal_clear(actor);
	return actor->cancelled || guarded(context, run_stopped);
}

static void take_turn(struct actor *actor)
{
	struct context context = { .base.ops = &minimal_context_ops, .minimal = actor->minimal };
	bool alive, over = false;

	context.actor = actor;
	if (!actor->begun) {
		alive = begin(actor, &context);
	} else if (!actor->cancelled && (context.envelope = minimal_pop(actor))) {
		alive = handle(&context);
	} else if (actor->cancelled || actor->n_strong == 0) {
		alive = finish(actor, &context);
		over = true;
	} else {
		return; /* idle, until it is stirred */
	}
	if (over || !alive)
		end(actor, alive);
	else
		make_ready(actor);
}

/* Let one actor take its turn. Returns false when there is none. */
bool minimal_step(struct minimal *minimal)
{
	struct actor *actor = minimal->ready_first;

	if (!actor)
		return false;
	minimal->ready_first = actor->next_ready;
	if (!minimal->ready_first)
		minimal->ready_end = &minimal->ready_first;
	actor->is_ready = false;
	if (actor->phase == RUNNING)
		take_turn(actor);
	put(actor);
	return true;
}

/* ---- addresses ---- */

static struct actor *actor_of(const struct actor_address *address)
{
	assert(address->ops == &strong_ops || address->ops == &weak_ops);
	return address->ops == &weak_ops ? ACTOR_CONTAINER_OF(address, struct actor, weak)
					 : ACTOR_CONTAINER_OF(address, struct actor, strong);
}

static void strong_ref(struct actor_address *address)
{
	hold(actor_of(address));
	actor_of(address)->n_strong++;
}

static void strong_unref(struct actor_address *address)
{
	struct actor *actor = actor_of(address);

	if (--actor->n_strong == 0)
		stir(actor);
	put(actor);
}

static void weak_ref(struct actor_address *address)
{
	hold(actor_of(address));
}

static void weak_unref(struct actor_address *address)
{
	put(actor_of(address));
}

static struct actor_address *address_weak(struct actor_address *address)
{
	return actor_address_ref(&actor_of(address)->weak);
}

static struct actor_address *address_upgrade(struct actor_address *address)
{
	struct actor *actor = actor_of(address);

	return actor->n_strong > 0 ? actor_address_ref(&actor->strong) : NULL;
}

static void actor_info(const struct actor *actor, struct actor_info *ret_info)
{
	*ret_info = (struct actor_info){
		.identity = { .domain = &last_number, .number = actor->number },
		.name = actor->name,
		.type = actor->behavior->name,
	};
}

static void address_info(const struct actor_address *address, struct actor_info *ret_info)
{
	actor_info(actor_of(address), ret_info);
}

static bool address_handles(const struct actor_address *address,
			    const struct actor_message_type *type)
{
	return actor_behavior_find(actor_of(address)->behavior, type);
}

static int address_post(struct actor_address *address, const struct actor_message_type *type,
			void *message, struct actor_reply *reply, struct actor_waiter *waiter)
{
	struct actor *actor = actor_of(address);
	const struct actor_handler *handler = actor_behavior_find(actor->behavior, type);
	int rc;

	if (!handler)
		rc = ACTOR_E_UNHANDLED;
	else if (reply && !type->reply)
		rc = ACTOR_E_INVALID;
	else if (address->ops == &weak_ops && actor->n_strong == 0)
		rc = ACTOR_E_CLOSED;
	else
		rc = minimal_push(actor, handler, message, reply, waiter);
	if (waiter && rc != ACTOR_E_FULL)
		minimal_withdraw(actor, waiter);
	if (rc == 0)
		stir(actor);
	return rc;
}

static void address_withdraw(struct actor_address *address, struct actor_waiter *waiter)
{
	minimal_withdraw(actor_of(address), waiter);
}

/* No stop. */
static const struct actor_address_ops strong_ops = {
	.size = sizeof strong_ops,
	.ref = strong_ref,
	.unref = strong_unref,
	.weak = address_weak,
	.upgrade = address_upgrade,
	.info = address_info,
	.handles = address_handles,
	.post = address_post,
	.withdraw = address_withdraw,
};

static const struct actor_address_ops weak_ops = {
	.size = sizeof weak_ops,
	.ref = weak_ref,
	.unref = weak_unref,
	.weak = address_weak,
	.upgrade = address_upgrade,
	.info = address_info,
	.handles = address_handles,
	.post = address_post,
	.withdraw = address_withdraw,
};

/* ---- mailboxes ---- */

static struct actor *owned_by(const struct actor_mailbox *mailbox)
{
	assert(mailbox->ops == &mailbox_ops);
	return ACTOR_CONTAINER_OF(mailbox, struct actor, mailbox);
}

static void mailbox_info(const struct actor_mailbox *mailbox, struct actor_info *ret_info)
{
	actor_info(owned_by(mailbox), ret_info);
}

static struct actor_address *mailbox_address(struct actor_mailbox *mailbox)
{
	return actor_address_ref(&owned_by(mailbox)->strong);
}

static int mailbox_start(struct actor_mailbox *mailbox, void *state, actor_end_fn *on_end,
			 void *user)
{
	struct actor *actor = owned_by(mailbox);

	if (actor->phase == RUNNING)
		return ACTOR_E_BUSY;
	if (actor->finished || actor->cancelled)
		return ACTOR_E_CLOSED;
	if (actor->phase == RESTING)
		actor->minimal->n_running++;
	actor->phase = RUNNING;
	actor->begun = false;
	actor->state = state;
	actor->on_end = on_end;
	actor->user = user;
	tell_joiner(actor, 0); /* of the run before, whose end is being told */
	make_ready(actor);
	return 0;
}

static void mailbox_cancel(struct actor_mailbox *mailbox)
{
	cancel(owned_by(mailbox));
}

static int mailbox_join(struct actor_mailbox *mailbox, struct actor_reply *reply)
{
	struct actor *actor = owned_by(mailbox);

	if (actor->phase == RESTING && !actor->how)
		return ACTOR_E_INVALID;
	tell_joiner(actor, ACTOR_E_BUSY);
	actor->joiner = reply;
	if (actor->phase == RESTING)
		tell_joiner(actor, 0);
	return 0;
}

static int mailbox_end(struct actor_mailbox *mailbox, struct actor_end *ret_end)
{
	struct actor *actor = owned_by(mailbox);

	if (actor->phase == RUNNING)
		return ACTOR_E_BUSY;
	if (!actor->how)
		return ACTOR_E_INVALID;
	*ret_end = take_end(actor);
	return 0;
}

static void mailbox_detach(struct actor_mailbox *mailbox)
{
	struct actor *actor = owned_by(mailbox);

	actor->owned = false;
	if (actor->phase == RESTING)
		bury(actor);
}

static const struct actor_mailbox_ops mailbox_ops = {
	.size = sizeof mailbox_ops,
	.info = mailbox_info,
	.address = mailbox_address,
	.start = mailbox_start,
	.cancel = mailbox_cancel,
	.join = mailbox_join,
	.end = mailbox_end,
	.detach = mailbox_detach,
};

static int spawner_mailbox(struct actor_spawner *spawner, const struct actor_behavior *behavior,
			   const struct actor_mailbox_options *options,
			   struct actor_mailbox **ret_mailbox)
{
	struct minimal *minimal = ACTOR_CONTAINER_OF(spawner, struct minimal, spawner);
	const char *name = options && options->name ? options->name : "";
	struct actor *actor = calloc(1, sizeof *actor + strlen(name) + 1);

	if (!actor)
		return ACTOR_E_NOMEM;
	actor->strong.ops = &strong_ops;
	actor->weak.ops = &weak_ops;
	actor->mailbox.ops = &mailbox_ops;
	actor->minimal = minimal;
	actor->behavior = behavior; /* bound to a thread or not: there is one */
	actor->number = ++last_number;
	actor->n_holders = 1;
	actor->owned = true;
	actor->capacity = options && options->capacity ? options->capacity : ACTOR_DEFAULT_CAPACITY;
	memcpy(actor->name, name, strlen(name) + 1);
	minimal->n_mailboxes++;
	minimal_counts.mailboxes++;
	*ret_mailbox = &actor->mailbox;
	return 0;
}

const struct actor_spawner_ops minimal_spawner_ops = {
	.size = sizeof minimal_spawner_ops,
	.mailbox = spawner_mailbox,
};
