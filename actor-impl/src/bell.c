/* SPDX-License-Identifier: MIT */

/* Bells: a reply that nobody called for makes any event something that a context can wait for. */

#include "bell.h"

#include <actor-iface/mailbox.h>

void actor__bell_ring(struct actor_reply *waiter)
{
	struct actor_unit unit = { 0 };

	if (waiter)
		actor_reply_deliver(waiter, 0, &unit);
}

/* Look; if there is nothing, and @reply is not NULL, it is what will be rung. */
static int look_or_wait(struct actor__bell *bell, struct actor__latch *latch,
			struct actor_reply *reply, actor__look_fn *look, void *user)
{
	int rc;

	actor__latch_take(latch);
	rc = look(user);
	if (rc == ACTOR_PENDING && reply && bell->waiter)
		rc = ACTOR_E_BUSY;
	else if (rc == ACTOR_PENDING && reply)
		bell->waiter = reply;
	actor__latch_leave(latch);
	return rc;
}

/* Whether the reply is still there, so that both halves are the waiter's. */
static bool take_back(struct actor__bell *bell, struct actor__latch *latch,
		      struct actor_reply *reply)
{
	bool was_there;

	actor__latch_take(latch);
	was_there = bell->waiter == reply;
	if (was_there)
		bell->waiter = NULL;
	actor__latch_leave(latch);
	return was_there;
}

/* ACTOR_PENDING: it has been rung; otherwise as actor__bell_wait(). */
static int sleep_until_rung(struct actor__bell *bell, struct actor__latch *latch,
			    struct actor_context *context, int64_t deadline_ns,
			    actor__look_fn *look, void *user)
{
	struct actor_reply *reply;
	bool mine = true;
	int rc = context->ops->reply_open(context, actor_join_type(), &reply);

	if (rc < 0)
		return rc;
	rc = look_or_wait(bell, latch, reply, look, user);
	if (rc == ACTOR_PENDING) {
		rc = actor_await_replies(context, &reply, 1, sizeof reply, ACTOR_AWAIT_ALL,
					 deadline_ns);
		mine = take_back(bell, latch, reply);
		if (rc == 0)
			rc = ACTOR_PENDING;
	}
	if (mine)
		actor__bell_ring(reply);
	context->ops->reply_close(context, reply, NULL);
	return rc;
}

int actor__bell_wait(struct actor__bell *bell, struct actor__latch *latch,
		     struct actor_context *context, int64_t deadline_ns, actor__look_fn *look,
		     void *user)
{
	int rc, slept = ACTOR_PENDING;

	while ((rc = look_or_wait(bell, latch, NULL, look, user)) == ACTOR_PENDING &&
	       slept == ACTOR_PENDING) {
		slept = sleep_until_rung(bell, latch, context, deadline_ns, look, user);
		if (slept == 0)
			return 0;
	}
	if (rc == ACTOR_PENDING)
		rc = slept;
	return rc < 0 ? actor_error_set(context, rc, NULL, NULL) : rc;
}
