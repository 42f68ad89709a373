/* SPDX-License-Identifier: MIT */

/*
 * Whoever waits leaves one end of a reply, linked into the gate from its own frame; opening
 * delivers to each. A visitor whose wait ends otherwise takes its reply back, unless it is just
 * being delivered: then the two ends are closed independently of each other, as replies may be.
 */

#include "gate.h"

#include "wait.h"

#include <assert.h>

struct gate_visitor {
	struct gate_visitor *next;
	struct actor_reply *reply;
};

void gate_init(struct gate *gate)
{
	pthread_mutex_init(&gate->lock, NULL);
	gate->visitors = NULL;
	gate->open = false;
}

void gate_deinit(struct gate *gate)
{
	assert(!gate->visitors);
	pthread_mutex_destroy(&gate->lock);
}

/* Whether the visitor has to wait. */
static bool enter(struct gate *gate, struct gate_visitor *visitor)
{
	bool open;

	pthread_mutex_lock(&gate->lock);
	open = gate->open;
	if (!open) {
		visitor->next = gate->visitors;
		gate->visitors = visitor;
	}
	pthread_mutex_unlock(&gate->lock);
	return !open;
}

/* Whether the visitor was still there, so that its reply is its own again. */
static bool leave(struct gate *gate, struct gate_visitor *visitor)
{
	struct gate_visitor **link;
	bool there;

	pthread_mutex_lock(&gate->lock);
	for (link = &gate->visitors; *link && *link != visitor; link = &(*link)->next)
		;
	there = *link != NULL;
	if (there)
		*link = visitor->next;
	pthread_mutex_unlock(&gate->lock);
	return there;
}

int gate_pass(struct gate *gate, struct actor_context *context, int64_t deadline_ns)
{
	struct gate_visitor visitor;
	int rc = wait_open(context, &visitor.reply);

	if (rc < 0)
		return rc;
	if (!enter(gate, &visitor))
		wait_end(visitor.reply);
	rc = wait_for(context, visitor.reply, deadline_ns);
	if (leave(gate, &visitor))
		wait_end(visitor.reply);
	wait_close(context, visitor.reply);
	return rc;
}

static struct actor_reply *next_reply(struct gate *gate)
{
	struct actor_reply *reply = NULL;

	pthread_mutex_lock(&gate->lock);
	if (gate->visitors) {
		reply = gate->visitors->reply;
		gate->visitors = gate->visitors->next;
	}
	pthread_mutex_unlock(&gate->lock);
	return reply;
}

void gate_open(struct gate *gate)
{
	struct actor_reply *reply;

	pthread_mutex_lock(&gate->lock);
	gate->open = true;
	pthread_mutex_unlock(&gate->lock);
	while ((reply = next_reply(gate)))
		wait_end(reply);
}

void gate_close(struct gate *gate)
{
	pthread_mutex_lock(&gate->lock);
	gate->open = false;
	pthread_mutex_unlock(&gate->lock);
}
