/* SPDX-License-Identifier: MIT */

/*
 * Mailboxes: the owner's side of an actor. Starts, ends, and who gets what at the end.
 *
 * The phase and what belongs to it change under the channel's latch; the program's own functions
 * (on_end, destroy, drop) are called without it, from copies. A run ends in this order: the state
 * is destroyed or handed over; on_end is told; what nobody owns is released; the joiner is told;
 * last of all the executor forgets the run, after which it may be gone. When on_end starts the
 * mailbox again, the next run may be under way while the first one is still being put away: only
 * copies are used from there on.
 */

#include <actor-impl/attempts.h>

#include "actor.h"
#include "intake.h"
#include "util/fence.h"
#include "watch.h"

#include <assert.h>

static struct actor__actor *actor_of(const struct actor_mailbox *mailbox)
{
	assert(mailbox->ops == &actor__mailbox_ops);
	return ACTOR_CONTAINER_OF(mailbox, struct actor__actor, mailbox);
}

static void latch(struct actor__actor *actor)
{
	actor__latch_take(&actor->channel.latch);
}

static void unlatch(struct actor__actor *actor)
{
	actor__latch_leave(&actor->channel.latch);
}

static void destroy_state(struct actor__actor *actor, void *state)
{
	if (state && actor->behavior->destroy)
		actor->behavior->destroy(state);
}

static const struct actor_failure *failure_of(const struct actor__actor *actor,
					      enum actor_ended how)
{
	return how == ACTOR_ENDED_FAILED ? &actor->fault->failure : NULL;
}

static struct actor_end make_end(struct actor__actor *actor, enum actor_ended how, void *state)
{
	return (struct actor_end){
		.size = sizeof(struct actor_end),
		.how = how,
		.state = state,
		.behavior = actor->behavior,
		.mailbox = &actor->mailbox,
		.failure = failure_of(actor, how),
	};
}

/* With the latch held, and nothing running: nothing will any more. Returns whether the mailbox is
 * the caller's to shut, when it has let go of the latch; an owner who gives it up and a thread that
 * closes the executor may come here at the same time. */
static bool retire(struct actor__actor *actor)
{
	bool was_open = !actor->retired;

	actor->retired = true;
	if (was_open)
		actor__watchers_tell_gone(actor);
	return was_open;
}

static ACTOR__OUT_OF_LINE void discard(struct actor__actor *actor, struct actor__envelope *first)
{
	struct actor_info info = actor__actor_info(actor);

	actor__envelopes_discard(first, &info);
}

/* Close for good, and drop what is queued; whoever has retired it, or has its run in hand. */
static void shut(struct actor__actor *actor)
{
	struct actor__envelope *left;

	actor__channel_close(&actor->channel);
	left = actor__channel_take_all(&actor->channel);
	if (left)
		discard(actor, left);
	if (actor__has_intake(actor))
		actor__intake_shut(actor);
}

/* The mailbox has no owner any more, and nothing runs on it; @was_open as retire() has said. */
static void dissolve(struct actor__actor *actor, bool was_open)
{
	void *kept = actor->state;

	actor->state = NULL;
	if (was_open)
		shut(actor);
	destroy_state(actor, kept);
	actor__roster_remove(&actor->executor->roster, actor);
}

static void info(const struct actor_mailbox *mailbox, struct actor_info *ret_info)
{
	*ret_info = actor__actor_info(actor_of(mailbox));
}

static struct actor_address *address(struct actor_mailbox *mailbox)
{
	return actor__actor_strong(actor_of(mailbox));
}

static int start(struct actor_mailbox *mailbox, void *state, actor_end_fn *on_end, void *user)
{
	struct actor__actor *actor = actor_of(mailbox);
	int rc = 0;

	latch(actor);
	if (actor->phase == ACTOR__RUNS)
		rc = ACTOR_E_BUSY;
	else if (actor->retired)
		rc = ACTOR_E_CLOSED;
	if (rc == 0) {
		actor__roster_enter(&actor->executor->roster, actor);
		if (actor->phase == ACTOR__HAS_FAILED)
			actor__watchers_tell(actor, ACTOR__RESTARTED, NULL);
		actor->phase = ACTOR__RUNS;
		actor->on_end = on_end;
		actor->user = user;
		actor->state = state;
		actor->begun = ACTOR__NOT_BEGUN;
		actor__fault_release(actor->fault);
		actor->fault = NULL;
		actor__actor_hold(actor);
	}
	unlatch(actor);
	if (rc == 0)
		actor__actor_schedule(actor, actor__thread(), ACTOR__FIRST);
	return rc;
}

void actor__mailbox_cancel(struct actor__actor *actor)
{
	bool was_open = false;

	latch(actor);
	if (actor->phase == ACTOR__RUNS)
		actor__actor_ask(actor, ACTOR__ASKED_CANCEL);
	else
		was_open = retire(actor);
	unlatch(actor);
	if (was_open)
		shut(actor);
}

static void cancel(struct actor_mailbox *mailbox)
{
	actor__mailbox_cancel(actor_of(mailbox));
}

/* The run that a joiner waited for is over, or nobody waits any more. */
static void tell_joiner(struct actor_reply *joiner, int status)
{
	struct actor_unit unit = { 0 };

	if (joiner)
		actor_reply_deliver(joiner, status, status == 0 ? &unit : NULL);
}

static int join(struct actor_mailbox *mailbox, struct actor_reply *reply)
{
	struct actor__actor *actor = actor_of(mailbox);
	struct actor_reply *before = NULL;
	enum actor__phase phase;

	latch(actor);
	phase = actor->phase;
	if (phase == ACTOR__RUNS) {
		before = actor->joiner;
		actor->joiner = reply;
	}
	unlatch(actor);
	if (phase == ACTOR__NEW)
		return ACTOR_E_INVALID;
	tell_joiner(before, ACTOR_E_BUSY);
	if (phase != ACTOR__RUNS)
		tell_joiner(reply, 0);
	return 0;
}

static int end(struct actor_mailbox *mailbox, struct actor_end *ret_end)
{
	static const enum actor_ended hows[] = {
		[ACTOR__STOPPED] = ACTOR_ENDED_STOPPED,
		[ACTOR__HAS_FAILED] = ACTOR_ENDED_FAILED,
		[ACTOR__CANCELLED] = ACTOR_ENDED_CANCELLED,
	};
	struct actor__actor *actor = actor_of(mailbox);
	int rc = 0;

	latch(actor);
	if (actor->phase == ACTOR__NEW) {
		rc = ACTOR_E_INVALID;
	} else if (actor->phase == ACTOR__RUNS) {
		rc = ACTOR_E_BUSY;
	} else {
		*ret_end = make_end(actor, hows[actor->phase], actor->state);
		actor->state = NULL;
	}
	unlatch(actor);
	return rc;
}

static void detach(struct actor_mailbox *mailbox)
{
	struct actor__actor *actor = actor_of(mailbox);
	bool runs, was_open = false;

	latch(actor);
	runs = actor->phase == ACTOR__RUNS;
	/* Release: for a run that goes by it without the latch. */
	atomic_store_explicit(&actor->detached, runs, memory_order_release);
	if (!runs)
		was_open = retire(actor);
	unlatch(actor);
	if (!runs)
		dissolve(actor, was_open);
	actor__actor_release(actor); /* the owner's */
}

static int fail(struct actor_mailbox *mailbox)
{
	struct actor__actor *actor = actor_of(mailbox);

	latch(actor);
	if (actor->phase == ACTOR__RUNS)
		actor__actor_ask(actor, ACTOR__ASKED_TO_FAIL);
	unlatch(actor);
	return 0;
}

const struct actor_mailbox_ops actor__mailbox_ops = {
	.size = sizeof actor__mailbox_ops,
	.info = info,
	.address = address,
	.start = start,
	.cancel = cancel,
	.join = join,
	.end = end,
	.detach = detach,
	.fail = fail,
};

int actor_mailbox_set_attempts(struct actor_mailbox *mailbox, unsigned n)
{
	struct actor__actor *actor;
	int rc = 0;

	if (n < 1 || n > ACTOR_MOST_ATTEMPTS)
		return ACTOR_E_INVALID;
	if (mailbox->ops != &actor__mailbox_ops)
		return ACTOR_E_UNSUPPORTED;
	actor = actor_of(mailbox);
	if (actor__has_intake(actor))
		return ACTOR_E_UNSUPPORTED;
	latch(actor);
	if (actor->phase == ACTOR__RUNS)
		rc = ACTOR_E_BUSY;
	else
		actor->n_attempts = (unsigned char)n;
	unlatch(actor);
	return rc;
}

/* Drop what no later run will get, and take the latch: returns how the run has really ended. A
 * mailbox that was cancelled is closed for good, whatever its actor did last; until the phase
 * changes under the latch, cancel() leaves closing it to us. */
static enum actor_ended settle_and_latch(struct actor__actor *actor, enum actor_ended how)
{
	for (;;) {
		if (how != ACTOR_ENDED_FAILED || actor->finished)
			shut(actor);
		latch(actor);
		if (how != ACTOR_ENDED_FAILED || !actor__actor_is_cancelled(actor))
			return how;
		unlatch(actor);
		how = ACTOR_ENDED_CANCELLED;
	}
}

/* Whoever begins to watch after this finds out by itself, or we find it: see actor__watch(). */
static void end_for_watchers(struct actor__actor *actor, enum actor_ended how)
{
	/* Release: who reads it sees what happened before. */
	atomic_store_explicit(&actor->over, (unsigned char)how, memory_order_release);
	actor__fence_light();
	if (!atomic_load_explicit(&actor->watchers, memory_order_relaxed))
		return;
	latch(actor);
	actor__watchers_tell(actor, (enum actor__news)how, failure_of(actor, how));
	actor__watchers_tell_gone(actor);
	unlatch(actor);
}

/* The mailbox had no owner any more already: nobody else changes anything, so nothing has to be
 * changed for anybody to see. */
static void end_unowned(struct actor__actor *actor, enum actor_ended how)
{
	struct actor_executor *executor = actor->executor;
	void *state = actor->state;
	struct actor_end the_end;

	if (how == ACTOR_ENDED_FAILED && actor__actor_is_cancelled(actor))
		how = ACTOR_ENDED_CANCELLED; /* as in settle_and_latch(): for all who are told */
	if (how != ACTOR_ENDED_STOPPED || !actor->on_end) {
		destroy_state(actor, state);
		state = NULL;
	}
	if (!actor->finished || actor->channel.stash)
		shut(actor);
	if (actor->on_end) {
		the_end = make_end(actor, how, state);
		the_end.mailbox = NULL;
		actor->on_end(actor->user, &the_end);
	}
	tell_joiner(actor->joiner, 0);
	end_for_watchers(actor, how);
	actor__executor_exit(executor, actor, true);
	actor__actor_release(actor);
}

static void end_owned(struct actor__actor *actor, enum actor_ended how)
{
	static const enum actor__phase phases[] = {
		[ACTOR_ENDED_STOPPED] = ACTOR__STOPPED,
		[ACTOR_ENDED_FAILED] = ACTOR__HAS_FAILED,
		[ACTOR_ENDED_CANCELLED] = ACTOR__CANCELLED,
	};
	struct actor_executor *executor = actor->executor;
	void *state = actor->state;
	struct actor_reply *joiner;
	struct actor_end the_end;
	actor_end_fn *on_end;
	void *user;
	bool detached, was_open = false;

	actor->state = NULL;
	if (how != ACTOR_ENDED_STOPPED) {
		destroy_state(actor, state);
		state = NULL;
	}
	how = settle_and_latch(actor, how);
	actor->phase = phases[how];
	if (atomic_load(&actor->asked) &
	    ACTOR__ASKED_TO_FAIL) /* of this run, nobody asks any more */
		atomic_fetch_and(&actor->asked, ~(unsigned)ACTOR__ASKED_TO_FAIL);
	actor__watchers_tell(actor, (enum actor__news)how, failure_of(actor, how));
	if (how != ACTOR_ENDED_FAILED || actor->finished)
		retire(actor);
	the_end = make_end(actor, how, state);
	on_end = actor->on_end;
	user = actor->user;
	joiner = actor->joiner;
	actor->joiner = NULL;
	detached = actor->detached;
	if (detached) {
		the_end.mailbox = NULL;
		was_open = retire(actor);
	}
	if (!on_end)
		actor->state = state;
	unlatch(actor);

	if (on_end)
		on_end(user, &the_end);
	if (detached)
		dissolve(actor, was_open);
	tell_joiner(joiner, 0);
	actor__executor_exit(executor, actor, false);
	actor__actor_release(actor);
}

void actor__mailbox_end(struct actor__actor *actor, enum actor_ended how)
{
	/* Acquire: what the owner did before it gave the mailbox up. */
	if (atomic_load_explicit(&actor->detached, memory_order_acquire))
		end_unowned(actor, how);
	else
		end_owned(actor, how);
}
