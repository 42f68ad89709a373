/* SPDX-License-Identifier: MIT */

/* Gates. Each who waits has a reply in a list, under the lock; whoever takes it out of there
 * delivers it: who opens the gate, or the one who waits, and gives up. */

#include "gate.h"

#include <actor-iface/mailbox.h>

struct actor__at_gate {
	struct actor__at_gate *next;
	struct actor_reply *reply;
};

/* One at a time: another one may give up meanwhile, and is gone when it has taken itself out. */
static struct actor_reply *let_one_in(struct actor__gate *gate, pthread_mutex_t *lock)
{
	struct actor__at_gate *first;
	struct actor_reply *reply = NULL;

	pthread_mutex_lock(lock);
	gate->is_open = true;
	first = gate->waiting;
	if (first) {
		gate->waiting = first->next;
		reply = first->reply;
	}
	pthread_mutex_unlock(lock);
	return reply;
}

void actor__gate_open(struct actor__gate *gate, pthread_mutex_t *lock)
{
	struct actor_reply *reply;

	while ((reply = let_one_in(gate, lock))) {
		struct actor_unit unit = { 0 };

		actor_reply_deliver(reply, 0, &unit);
	}
}

/* Whether its reply will be delivered by whoever opens the gate. */
static bool enter(struct actor__gate *gate, pthread_mutex_t *lock, struct actor__at_gate *waiting)
{
	bool waits;

	pthread_mutex_lock(lock);
	waits = !gate->is_open;
	if (waits) {
		waiting->next = gate->waiting;
		gate->waiting = waiting;
	}
	pthread_mutex_unlock(lock);
	return waits;
}

/* Whether it was still there. */
static bool leave(struct actor__gate *gate, pthread_mutex_t *lock, struct actor__at_gate *waiting)
{
	struct actor__at_gate **link = &gate->waiting;
	bool was_there;

	pthread_mutex_lock(lock);
	while (*link && *link != waiting)
		link = &(*link)->next;
	was_there = *link != NULL;
	if (was_there)
		*link = waiting->next;
	pthread_mutex_unlock(lock);
	return was_there;
}

int actor__gate_await(struct actor__gate *gate, pthread_mutex_t *lock,
		      struct actor_context *context, int64_t deadline_ns)
{
	struct actor__at_gate waiting = { NULL, NULL };
	struct actor_unit unit = { 0 };
	int rc = context->ops->reply_open(context, actor_join_type(), &waiting.reply);
	bool mine = true;

	if (rc < 0)
		return rc;
	if (enter(gate, lock, &waiting)) {
		rc = actor_await_replies(context, &waiting.reply, 1, sizeof waiting.reply,
					 ACTOR_AWAIT_ALL, deadline_ns);
		mine = leave(gate, lock, &waiting);
	}
	if (mine)
		actor_reply_deliver(waiting.reply, 0, &unit);
	context->ops->reply_close(context, waiting.reply, NULL);
	return rc;
}
