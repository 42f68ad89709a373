/* SPDX-License-Identifier: MIT */

/*
 * Addresses: two of each actor, the strong and the weak one, shared and counted.
 *
 * The holders of the strong address together count as one keeper of the memory, so that taking or
 * dropping a reference is one atomic operation. The last one to drop it nudges the actor, which
 * ends when it is idle; until then it handles what is queued.
 */

#include <actor-impl/pause.h>

#include "actor.h"
#include "intake.h"
#include "log.h"
#include "post.h"
#include "reply.h"

#include <assert.h>

static bool is_weak(const struct actor_address *address)
{
	assert(address->ops == &actor__strong_ops || address->ops == &actor__weak_ops);
	return address->ops == &actor__weak_ops;
}

static struct actor__actor *actor_of(const struct actor_address *address)
{
	return is_weak(address) ? ACTOR_CONTAINER_OF(address, struct actor__actor, weak)
				: ACTOR_CONTAINER_OF(address, struct actor__actor, strong);
}

static void strong_ref(struct actor_address *address)
{
	/* Relaxed: the caller holds one already. */
	atomic_fetch_add_explicit(&actor_of(address)->n_strong, 1, memory_order_relaxed);
}

static void strong_unref(struct actor_address *address)
{
	struct actor__actor *actor = actor_of(address);

	/* Sequentially consistent with the nudge and with activation.c's look at the count. */
	if (atomic_fetch_sub(&actor->n_strong, 1) > 1)
		return;
	if (actor__channel_nudge(&actor->channel))
		actor__actor_schedule(actor, actor__thread(), ACTOR__SOON);
	actor__actor_release(actor);
}

static void weak_ref(struct actor_address *address)
{
	actor__actor_hold(actor_of(address));
}

static void weak_unref(struct actor_address *address)
{
	actor__actor_release(actor_of(address));
}

static struct actor_address *weak(struct actor_address *address)
{
	struct actor__actor *actor = actor_of(address);

	actor__actor_hold(actor);
	return &actor->weak;
}

static struct actor_address *upgrade(struct actor_address *address)
{
	struct actor__actor *actor = actor_of(address);
	size_t n = atomic_load_explicit(&actor->n_strong, memory_order_relaxed);

	do {
		if (n == 0)
			return NULL;
		/* Acquire: as if the reference had been handed over by one of its holders. */
	} while (!atomic_compare_exchange_weak_explicit(
		&actor->n_strong, &n, n + 1, memory_order_acquire, memory_order_relaxed));
	return &actor->strong;
}

static void info(const struct actor_address *address, struct actor_info *ret_info)
{
	*ret_info = actor__actor_info(actor_of(address));
}

static bool handles(const struct actor_address *address, const struct actor_message_type *type)
{
	return actor_behavior_find(actor_of(address)->behavior, type) != NULL;
}

static void leave_line(struct actor__actor *actor, struct actor_waiter *waiter)
{
	if (actor__has_intake(actor))
		actor_channel_withdraw(actor__intake_of(actor)->channel, waiter);
	else
		actor__channel_withdraw(&actor->channel, waiter);
}

static void withdraw(struct actor_address *address, struct actor_waiter *waiter)
{
	leave_line(actor_of(address), waiter);
}

/* A refusal that waiting does not change: nobody stays in line for it. */
static int refuse(struct actor__actor *actor, struct actor_waiter *waiter, int status)
{
	if (waiter)
		leave_line(actor, waiter);
	return status;
}

static int refuse_type(struct actor__actor *actor, const struct actor_message_type *type,
		       struct actor_waiter *waiter)
{
	struct actor_info info = actor__actor_info(actor);

	if (actor_behavior_conflict(actor->behavior, type))
		actor__log_text(ACTOR_LOG_ERROR, &info, type->name,
				"refused: sender and receiver declare it with different layouts");
	return refuse(actor, waiter, ACTOR_E_UNHANDLED);
}

/* An envelope into room that was @reserved, or that is there: 0, or why not; room that was reserved
 * is then free again. */
static int put(struct actor__actor *actor, const struct actor_handler *handler, void *message,
	       struct actor_reply *reply, bool reserved)
{
	struct actor__thread *thread = actor__thread();
	struct actor__envelope *envelope = actor__envelope_create(thread, handler, message, reply);
	int rc = ACTOR_E_NOMEM;

	if (envelope) {
		rc = actor__channel_push(&actor->channel, envelope, reserved);
		if (rc > 0)
			actor__actor_schedule(actor, thread, ACTOR__SOON);
		if (rc >= 0)
			return 0;
		actor__envelope_free(thread, envelope);
	}
	if (reserved)
		actor__channel_release(&actor->channel);
	return rc;
}

static int put_in_line(struct actor__actor *actor, const struct actor_handler *handler,
		       void *message, struct actor_reply *reply, struct actor_waiter *waiter)
{
	int rc = actor__channel_reserve(&actor->channel, waiter);

	return rc < 0 ? rc : put(actor, handler, message, reply, true);
}

static int put_or_line_up(struct actor__actor *actor, const struct actor_handler *handler,
			  void *message, struct actor_reply *reply, struct actor_waiter *waiter)
{
	int rc = ACTOR_E_FULL;

	if (!(waiter && waiter->line))
		rc = put(actor, handler, message, reply, false);
	if (rc == ACTOR_E_FULL)
		rc = put_in_line(actor, handler, message, reply, waiter);
	if (rc == ACTOR_E_FULL && !waiter)
		actor__burst_no_room(actor__thread());
	return rc;
}

static ACTOR__OUT_OF_LINE int put_or_line_up_to_answer(struct actor__actor *actor,
						       const struct actor_handler *handler,
						       void *message, struct actor_reply *reply,
						       struct actor_waiter *waiter)
{
	struct actor__handing handing = actor__reply_hand_to(reply, (uintptr_t)actor, NULL);
	int rc = put_or_line_up(actor, handler, message, reply, waiter);

	actor__reply_handed(reply, &handing, rc);
	return rc;
}

static int post(struct actor__actor *actor, bool from_weak, const struct actor_message_type *type,
		void *message, struct actor_reply *reply, struct actor_waiter *waiter)
{
	const struct actor_handler *handler;

	actor__fetch_to_write(&actor->channel);
	handler = actor_behavior_find(actor->behavior, type);
	if (!handler)
		return refuse_type(actor, type, waiter);
	if (reply && !type->reply)
		return refuse(actor, waiter, ACTOR_E_INVALID);
	if (ACTOR__RARELY(!actor__post_is_plain(actor, from_weak))) {
		if (!actor__post_is_open(actor, from_weak))
			return refuse(actor, waiter, ACTOR_E_CLOSED);
		if (actor__has_intake(actor))
			return actor__intake_post(actor, actor__intake_of(actor)->channel, true,
						  type, message, reply, waiter);
	}
	if (ACTOR__RARELY(reply))
		return put_or_line_up_to_answer(actor, handler, message, reply, waiter);
	return put_or_line_up(actor, handler, message, NULL, waiter);
}

int actor__actor_signal(struct actor__actor *actor, const struct actor_message_type *type,
			void *message, struct actor_waiter *waiter)
{
	const struct actor_handler *handler = actor_behavior_find(actor->behavior, type);
	struct actor__thread *thread = actor__thread();
	struct actor__envelope *envelope;
	int rc;

	if (!handler)
		return ACTOR_E_UNHANDLED;
	if (!actor__post_is_open(actor, false))
		return ACTOR_E_CLOSED;
	if (actor__has_intake(actor))
		return actor__intake_post(actor, actor__intake_of(actor)->channel, true, type,
					  message, NULL, waiter);
	envelope = actor__envelope_create(thread, handler, message, NULL);
	if (!envelope)
		return ACTOR_E_NOMEM;
	rc = actor__channel_push_beyond(&actor->channel, envelope);
	if (rc < 0)
		actor__envelope_free(thread, envelope);
	else if (rc > 0)
		actor__actor_schedule(actor, thread, ACTOR__SOON);
	return rc < 0 ? rc : 0;
}

static int strong_post(struct actor_address *address, const struct actor_message_type *type,
		       void *message, struct actor_reply *reply, struct actor_waiter *waiter)
{
	return post(ACTOR_CONTAINER_OF(address, struct actor__actor, strong), false, type, message,
		    reply, waiter);
}

static int weak_post(struct actor_address *address, const struct actor_message_type *type,
		     void *message, struct actor_reply *reply, struct actor_waiter *waiter)
{
	return post(ACTOR_CONTAINER_OF(address, struct actor__actor, weak), true, type, message,
		    reply, waiter);
}

static int stop(struct actor_address *address, enum actor_stop how)
{
	if (how != ACTOR_STOP_DRAIN && how != ACTOR_STOP_NOW)
		return ACTOR_E_INVALID;
	actor__actor_ask(actor_of(address), how);
	return 0;
}

const struct actor_address_ops actor__strong_ops = {
	.size = sizeof actor__strong_ops,
	.ref = strong_ref,
	.unref = strong_unref,
	.weak = weak,
	.upgrade = upgrade,
	.info = info,
	.handles = handles,
	.post = strong_post,
	.withdraw = withdraw,
	.stop = stop,
};

const struct actor_address_ops actor__weak_ops = {
	.size = sizeof actor__weak_ops,
	.ref = weak_ref,
	.unref = weak_unref,
	.weak = weak,
	.upgrade = upgrade,
	.info = info,
	.handles = handles,
	.post = weak_post,
	.withdraw = withdraw,
	.stop = stop,
};

struct actor__actor *actor__address_actor(const struct actor_address *address)
{
	if (address->ops == &actor__strong_ops || address->ops == &actor__weak_ops)
		return actor_of(address);
	return actor__channel_address_actor(address);
}

bool actor__address_is_weak(const struct actor_address *address)
{
	return address->ops == &actor__weak_ops || actor__channel_address_is_weak(address);
}

int actor_address_pause(struct actor_address *address)
{
	struct actor__actor *actor = actor__address_actor(address);

	if (!actor)
		return ACTOR_E_UNSUPPORTED;
	/* Where it goes idle it need not see that: it does when there is something to take. */
	atomic_fetch_or(&actor->asked, ACTOR__ASKED_TO_PAUSE);
	return 0;
}

int actor_address_resume(struct actor_address *address)
{
	struct actor__actor *actor = actor__address_actor(address);

	if (!actor)
		return ACTOR_E_UNSUPPORTED;
	actor__actor_resume(actor);
	return 0;
}
