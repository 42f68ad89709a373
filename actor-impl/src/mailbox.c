/* SPDX-License-Identifier: MIT */

/*
 * Mailboxes: the owner's side of an actor. Starts, ends, and who gets what at the end.
 *
 * The phase and what belongs to it change under the channel's lock; the program's own functions
 * (on_end, destroy, drop, a joiner's deliver) are called without it, from copies. A run ends in
 * this order: the state is destroyed or handed over; on_end is told; the joiner is told; what
 * nobody owns is released; last of all the executor forgets the run, after which it may be gone.
 * When on_end starts the mailbox again, the next run may be under way while the first one is still
 * being put away: only copies are used from there on.
 */

#include "actor.h"

#include <assert.h>

static struct actor__actor *actor_of(const struct actor_mailbox *mailbox)
{
	assert(mailbox->ops == &actor__mailbox_ops);
	return ACTOR_CONTAINER_OF(mailbox, struct actor__actor, mailbox);
}

static void lock(struct actor__actor *actor)
{
	pthread_mutex_lock(&actor->channel.lock);
}

static void unlock(struct actor__actor *actor)
{
	pthread_mutex_unlock(&actor->channel.lock);
}

static void destroy_state(struct actor__actor *actor, void *state)
{
	if (state && actor->behavior->destroy)
		actor->behavior->destroy(state);
}

static struct actor_end make_end(struct actor__actor *actor, enum actor__phase phase, void *state)
{
	static const enum actor_ended hows[] = {
		[ACTOR__STOPPED] = ACTOR_ENDED_STOPPED,
		[ACTOR__HAS_FAILED] = ACTOR_ENDED_FAILED,
		[ACTOR__CANCELLED] = ACTOR_ENDED_CANCELLED,
	};

	return (struct actor_end){
		.size = sizeof(struct actor_end),
		.how = hows[phase],
		.state = state,
		.behavior = actor->behavior,
		.mailbox = &actor->mailbox,
		.failure = phase == ACTOR__HAS_FAILED ? &actor->fault->failure : NULL,
	};
}

/* Close for good, and drop what is queued; nothing runs. */
static void shut(struct actor__actor *actor)
{
	actor__channel_close(&actor->channel);
	actor__envelopes_discard(actor__channel_take_all(&actor->channel));
}

/* The mailbox has no owner any more, and nothing runs on it. */
static void dissolve(struct actor__actor *actor)
{
	void *kept = actor->kept;

	actor->kept = NULL;
	shut(actor);
	destroy_state(actor, kept);
	actor__executor_count_mailbox(actor->executor, -1);
	actor__actor_release(actor);
}

static void info(const struct actor_mailbox *mailbox, struct actor_info *ret_info)
{
	*ret_info = actor__actor_info(actor_of(mailbox));
}

static struct actor_address *address(struct actor_mailbox *mailbox)
{
	struct actor__actor *actor = actor_of(mailbox);

	/* The holders of the strong address together keep the memory: see address.c. */
	actor__actor_hold(actor);
	if (atomic_fetch_add(&actor->n_strong, 1) > 0)
		actor__actor_release(actor);
	return &actor->strong;
}

static int start(struct actor_mailbox *mailbox, void *state, actor_end_fn *on_end, void *user)
{
	struct actor__actor *actor = actor_of(mailbox);
	int rc = 0;

	lock(actor);
	if (actor->phase == ACTOR__RUNS)
		rc = ACTOR_E_BUSY;
	else if (actor__channel_closed(&actor->channel))
		rc = ACTOR_E_CLOSED;
	else
		rc = actor__executor_enter(actor->executor, actor);
	if (rc == 0) {
		actor->phase = ACTOR__RUNS;
		actor->on_end = on_end;
		actor->user = user;
		actor->state = state;
		actor->begun = false;
		actor__fault_destroy(actor->fault);
		actor->fault = NULL;
		actor__actor_hold(actor);
	}
	unlock(actor);
	if (rc == 0)
		actor__schedule(actor->executor, &actor->task, ACTOR__SOON);
	return rc;
}

static void cancel(struct actor_mailbox *mailbox)
{
	struct actor__actor *actor = actor_of(mailbox);
	bool runs;

	lock(actor);
	runs = actor->phase == ACTOR__RUNS;
	if (!runs && actor->phase != ACTOR__STOPPED)
		actor->phase = ACTOR__CANCELLED;
	if (runs)
		actor__actor_ask(actor, ACTOR__ASKED_CANCEL);
	unlock(actor);
	if (!runs)
		shut(actor);
}

static int join(struct actor_mailbox *mailbox, struct actor_reply *reply)
{
	struct actor__actor *actor = actor_of(mailbox);
	struct actor_end end;
	int rc = 0;
	bool ended = false;

	lock(actor);
	if (actor->phase == ACTOR__NEW) {
		rc = ACTOR_E_INVALID;
	} else if (actor->phase != ACTOR__RUNS) {
		ended = true;
		end = make_end(actor, actor->phase, actor->kept);
		actor->kept = NULL;
	} else if (actor->joiner) {
		rc = ACTOR_E_BUSY;
	} else {
		actor->joiner = reply;
	}
	unlock(actor);
	if (ended)
		actor_reply_deliver(reply, 0, &end);
	return rc;
}

static void detach(struct actor_mailbox *mailbox)
{
	struct actor__actor *actor = actor_of(mailbox);
	bool runs;

	lock(actor);
	runs = actor->phase == ACTOR__RUNS;
	actor->detached = runs;
	unlock(actor);
	if (!runs)
		dissolve(actor);
}

const struct actor_mailbox_ops actor__mailbox_ops = {
	.size = sizeof actor__mailbox_ops,
	.info = info,
	.address = address,
	.start = start,
	.cancel = cancel,
	.join = join,
	.detach = detach,
};

void actor__mailbox_end(struct actor__actor *actor, enum actor_ended how)
{
	static const enum actor__phase phases[] = {
		[ACTOR_ENDED_STOPPED] = ACTOR__STOPPED,
		[ACTOR_ENDED_FAILED] = ACTOR__HAS_FAILED,
		[ACTOR_ENDED_CANCELLED] = ACTOR__CANCELLED,
	};
	struct actor_executor *executor = actor->executor;
	void *state = actor->state;
	struct actor_reply *joiner;
	struct actor_end end;
	actor_end_fn *on_end;
	void *user;
	bool detached;

	actor->state = NULL;
	if (how != ACTOR_ENDED_STOPPED) {
		destroy_state(actor, state);
		state = NULL;
	}
	if (how != ACTOR_ENDED_FAILED)
		shut(actor);
	lock(actor);
	actor->phase = phases[how];
	end = make_end(actor, actor->phase, state);
	on_end = actor->on_end;
	user = actor->user;
	joiner = actor->joiner;
	actor->joiner = NULL;
	detached = actor->detached;
	if (detached)
		end.mailbox = NULL;
	if (!on_end && !joiner)
		actor->kept = state;
	unlock(actor);

	if (on_end) {
		on_end(user, &end);
		end.state = NULL;
	}
	if (on_end || detached)
		end.failure = NULL; /* goes when the mailbox starts again, or goes itself */
	if (joiner)
		actor_reply_deliver(joiner, 0, &end);
	if (detached)
		dissolve(actor);
	actor__executor_exit(executor, actor);
	actor__actor_release(actor);
}
