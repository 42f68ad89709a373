/* SPDX-License-Identifier: MIT */

/*
 * The thread of an actor. It serves one run after another, from start to end, for as long as the
 * mailbox is started again before the thread has told everybody that the last run is over; so an
 * immediate restart is a loop, and not a recursion.
 *
 * A run: `started`, messages one at a time, `stopped`. It ends
 *
 *	by itself     when nothing is queued and no strong address is left, or it was asked to
 *	              stop. Decided and carried out under one lock: whatever comes before the
 *	              decision (a post, an unref, an upgrade) is seen by it, and nothing is accepted
 *	              after it
 *	by a failure  which jumps back to here over the frames of the handler. The queue stays as
 *	              it is, for the next run
 *	cancelled     its waits return, and it returns as soon as its code lets it
 *
 * A cancellation may come at any moment until the run is over, and then that is how it ended: even
 * if it was failing, even if `stopped` had been running.
 */

#include "tpa.h"

#include <assert.h>

/* Run a piece of the program's code. Returns false if it failed. */
static bool guarded(struct tpa_context *context, void (*code)(struct tpa_context *context))
{
	if (setjmp(context->failed))
		return false;
	code(context);
	assert(!context->base.scope);
	return true;
}

static void run_started(struct tpa_context *context)
{
	struct tpa_mailbox *mailbox = context->mailbox;

	if (mailbox->behavior->started)
		mailbox->behavior->started(mailbox->state, &context->base);
}

static void run_handler(struct tpa_context *context)
{
	struct tpa_envelope *envelope = context->envelope;

	envelope->handler->handle(context->mailbox->state, envelope->message, &envelope->reply,
				  &context->base);
}

static void run_stopped(struct tpa_context *context)
{
	struct tpa_mailbox *mailbox = context->mailbox;

	if (mailbox->behavior->stopped)
		mailbox->behavior->stopped(mailbox->state, &context->base);
}

static bool cancelled(struct tpa_mailbox *mailbox)
{
	bool is;

	pthread_mutex_lock(&mailbox->lock);
	is = mailbox->closing == TPA_CANCELLED;
	pthread_mutex_unlock(&mailbox->lock);
	return is;
}

/* Wait for a message. NULL: there will be none, the mailbox is closed and empty. */
static struct tpa_envelope *next_message(struct tpa_mailbox *mailbox)
{
	struct tpa_envelope *envelope = NULL;
	bool finished = false;

	while (!envelope && !finished) {
		pthread_mutex_lock(&mailbox->lock);
		if (mailbox->closing < TPA_DROPPING)
			envelope = tpa_queue_pop(&mailbox->queue);
		if (!envelope && (mailbox->closing > TPA_OPEN || mailbox->n_strong == 0)) {
			tpa_mailbox_close(mailbox, TPA_DRAINING);
			mailbox->finished = finished = true;
		}
		pthread_mutex_unlock(&mailbox->lock);
		if (!envelope && !finished)
			tpa_seat_wait(mailbox->seat, &mailbox->stirred, ACTOR_FOREVER);
	}
	if (finished)
		tpa_mailbox_clear(mailbox);
	return envelope;
}

/* One run, to its last activation. Returns false if it failed. */
static bool run(struct tpa_context *context)
{
	struct tpa_mailbox *mailbox = context->mailbox;
	bool alive = cancelled(mailbox) || guarded(context, run_started);

	while (alive && (context->envelope = next_message(mailbox))) {
		alive = guarded(context, run_handler);
		tpa_envelope_end(context->envelope);
		context->envelope = NULL;
	}
	if (alive && !cancelled(mailbox))
		alive = guarded(context, run_stopped);
	return alive;
}

static enum actor_ended how_ended(const struct tpa_mailbox *mailbox, bool alive)
{
	if (mailbox->closing == TPA_CANCELLED)
		return ACTOR_ENDED_CANCELLED;
	return alive ? ACTOR_ENDED_STOPPED : ACTOR_ENDED_FAILED;
}

/*
 * The run is over: release what nobody gets, tell whoever wants to know, and let go of the mailbox.
 * Returns true, with the mailbox still in hand, if it has been started again meanwhile.
 */
static bool end(struct tpa_mailbox *mailbox, bool alive)
{
	struct actor_reply *joiner = NULL;
	struct actor_end end;
	actor_end_fn *on_end;
	void *user;
	bool dropping, restarted, owned;

	pthread_mutex_lock(&mailbox->lock);
	mailbox->phase = TPA_ENDING;
	mailbox->how = how_ended(mailbox, alive);
	dropping = mailbox->closing >= TPA_DROPPING;
	on_end = mailbox->on_end;
	user = mailbox->user;
	end = tpa_mailbox_take_end(mailbox);
	if (!on_end && end.how == ACTOR_ENDED_STOPPED)
		mailbox->state = end.state; /* kept for whoever asks */
	pthread_mutex_unlock(&mailbox->lock);

	if (end.how != ACTOR_ENDED_STOPPED)
		actor_end_drop(&end);
	if (dropping)
		tpa_mailbox_clear(mailbox);
	if (on_end)
		on_end(user, &end);

	pthread_mutex_lock(&mailbox->lock);
	restarted = mailbox->phase == TPA_RUNNING;
	owned = mailbox->owned;
	if (!restarted) {
		mailbox->phase = TPA_RESTING;
		joiner = mailbox->joiner;
		mailbox->joiner = NULL;
	}
	pthread_mutex_unlock(&mailbox->lock);
	if (!restarted && !owned)
		tpa_mailbox_bury(mailbox);
	tpa_joiner_tell(joiner, 0);
	return restarted;
}

void *tpa_actor_main(void *user)
{
	struct tpa_mailbox *mailbox = user;
	struct actor_tpa *tpa = mailbox->tpa;
	struct tpa_context context;
	bool alive;

	tpa_context_init(&context, tpa, mailbox->seat, mailbox);
	do
		alive = run(&context);
	while (end(mailbox, alive));
	tpa_thread_end(tpa);
	return NULL;
}
