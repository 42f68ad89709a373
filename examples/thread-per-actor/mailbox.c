/* SPDX-License-Identifier: MIT */

/*
 * A mailbox: what an actor's owner holds, before it runs, between its runs, and after them.
 *
 * It has a *phase* (does a thread serve it?) and it is *closing* to some degree (what becomes of
 * messages?). The two are independent: a mailbox may be stopped before it is started, and then
 * does its run, with what had been queued, when it is. Both change under the lock only.
 *
 * Who cleans up. What is to be dropped or destroyed is so by the thread, if one serves the mailbox,
 * and otherwise by whoever makes it necessary:
 *
 *	cancel  while RUNNING leaves the queue to the thread, which goes to ENDING before it looks
 *	        whether it is cancelled; otherwise cancel empties it: one of the two does
 *	detach  while RESTING buries the mailbox; otherwise the thread does, which looks for an
 *	        owner in the moment in which it goes to RESTING. It is buried once
 *	start   while RESTING makes a thread; while ENDING there still is one, which looks for the
 *	        next run in that same moment
 *
 * A buried mailbox is closed and empty: it is no more than the memory that addresses share.
 *
 * When a run is over, on_end is told first, and then who joins: nothing of the program's that has
 * to do with the run is called after that. The state goes to on_end; without one it is kept for the
 * first who asks how the run ended, or until the mailbox is buried.
 */

#include "tpa.h"

#include <assert.h>
#include <stdlib.h>

static const struct actor_mailbox_ops mailbox_ops;

/* Numbers of actors are unique in the process, and this is what they are numbered for. */
static atomic_uint_fast64_t last_number;

static struct tpa_mailbox *mailbox_of(const struct actor_mailbox *base)
{
	assert(base->ops == &mailbox_ops);
	return ACTOR_CONTAINER_OF(base, struct tpa_mailbox, base);
}

void tpa_mailbox_hold(struct tpa_mailbox *mailbox)
{
	/* Relaxed: whoever holds has been given it by a holder. */
	atomic_fetch_add_explicit(&mailbox->holders, 1, memory_order_relaxed);
}

static void mailbox_free(struct tpa_mailbox *mailbox)
{
	if (mailbox->seat)
		tpa_seat_unref(mailbox->seat);
	pthread_mutex_destroy(&mailbox->lock);
	free(mailbox);
	tpa_count(TPA_MAILBOXES, -1);
}

void tpa_mailbox_put(struct tpa_mailbox *mailbox)
{
	if (atomic_fetch_sub(&mailbox->holders, 1) > 1)
		return;
	assert(!mailbox->queue.first && !mailbox->queue.line_first && !mailbox->state);
	mailbox_free(mailbox);
}

void tpa_mailbox_info(const struct tpa_mailbox *mailbox, struct actor_info *ret_info)
{
	*ret_info = (struct actor_info){
		.identity = { .domain = &last_number, .number = mailbox->number },
		.name = mailbox->name,
		.type = mailbox->behavior->name,
	};
}

void tpa_mailbox_close(struct tpa_mailbox *mailbox, enum tpa_closing closing)
{
	if (mailbox->closing < closing)
		mailbox->closing = closing;
	tpa_queue_close(&mailbox->queue);
	if (closing == TPA_CANCELLED)
		tpa_seat_cancel(mailbox->seat);
	else
		tpa_seat_wake(mailbox->seat, &mailbox->stirred);
}

void tpa_mailbox_clear(struct tpa_mailbox *mailbox)
{
	struct tpa_envelope *envelope;

	do {
		pthread_mutex_lock(&mailbox->lock);
		envelope = tpa_queue_pop(&mailbox->queue);
		pthread_mutex_unlock(&mailbox->lock);
		if (envelope) {
			tpa_count(TPA_DEAD_LETTERS, 1);
			tpa_envelope_end(envelope);
		}
	} while (envelope);
}

struct actor_end tpa_mailbox_take_end(struct tpa_mailbox *mailbox)
{
	struct actor_end end = {
		.size = sizeof end,
		.how = mailbox->how,
		.state = mailbox->state,
		.behavior = mailbox->behavior,
		.mailbox = mailbox->owned ? &mailbox->base : NULL,
		.failure = mailbox->how == ACTOR_ENDED_FAILED ? &mailbox->failure : NULL,
	};

	mailbox->state = NULL;
	return end;
}

void tpa_mailbox_bury(struct tpa_mailbox *mailbox)
{
	struct actor_end end;

	pthread_mutex_lock(&mailbox->lock);
	tpa_mailbox_close(mailbox, TPA_CANCELLED);
	end = tpa_mailbox_take_end(mailbox);
	pthread_mutex_unlock(&mailbox->lock);
	actor_end_drop(&end);
	tpa_mailbox_clear(mailbox);
	tpa_unregister(mailbox->tpa, mailbox);
	tpa_mailbox_put(mailbox);
}

static void mailbox_info(const struct actor_mailbox *base, struct actor_info *ret_info)
{
	tpa_mailbox_info(mailbox_of(base), ret_info);
}

static struct actor_address *mailbox_address(struct actor_mailbox *base)
{
	struct tpa_mailbox *mailbox = mailbox_of(base);

	return actor_address_ref(&mailbox->strong.base);
}

static int mailbox_start(struct actor_mailbox *base, void *state, actor_end_fn *on_end, void *user)
{
	struct tpa_mailbox *mailbox = mailbox_of(base);
	struct actor_reply *joiner = NULL;
	int rc = 0;

	pthread_mutex_lock(&mailbox->lock);
	if (mailbox->phase == TPA_RUNNING)
		rc = ACTOR_E_BUSY;
	else if (mailbox->finished || mailbox->closing == TPA_CANCELLED)
		rc = ACTOR_E_CLOSED;
	else if (mailbox->phase == TPA_RESTING)
		rc = tpa_thread_start(mailbox->tpa, mailbox);
	if (rc == 0) {
		mailbox->phase = TPA_RUNNING;
		mailbox->state = state;
		mailbox->on_end = on_end;
		mailbox->user = user;
		joiner = mailbox->joiner;
		mailbox->joiner = NULL;
	}
	pthread_mutex_unlock(&mailbox->lock);
	tpa_joiner_tell(joiner, 0); /* of the run before, whose thread has not come to it yet */
	if (rc == ACTOR_E_SYSTEM)
		tpa_log_error(mailbox, NULL, "no thread can be started for this actor");
	return rc;
}

void tpa_mailbox_cancel(struct tpa_mailbox *mailbox)
{
	bool running;

	pthread_mutex_lock(&mailbox->lock);
	tpa_mailbox_close(mailbox, TPA_CANCELLED);
	running = mailbox->phase == TPA_RUNNING;
	pthread_mutex_unlock(&mailbox->lock);
	if (!running)
		tpa_mailbox_clear(mailbox);
}

static void mailbox_cancel(struct actor_mailbox *base)
{
	tpa_mailbox_cancel(mailbox_of(base));
}

void tpa_joiner_tell(struct actor_reply *joiner, int status)
{
	struct actor_unit unit = { 0 };

	if (joiner)
		actor_reply_deliver(joiner, status, status == 0 ? &unit : NULL);
}

static int mailbox_join(struct actor_mailbox *base, struct actor_reply *reply)
{
	struct tpa_mailbox *mailbox = mailbox_of(base);
	struct actor_reply *before = NULL;
	enum tpa_phase phase;
	bool ran;

	pthread_mutex_lock(&mailbox->lock);
	phase = mailbox->phase;
	ran = phase != TPA_RESTING || mailbox->how;
	if (phase != TPA_RESTING) {
		before = mailbox->joiner;
		mailbox->joiner = reply;
	}
	pthread_mutex_unlock(&mailbox->lock);
	tpa_joiner_tell(before, ACTOR_E_BUSY);
	if (ran && phase == TPA_RESTING)
		tpa_joiner_tell(reply, 0);
	return ran ? 0 : ACTOR_E_INVALID;
}

static int mailbox_end(struct actor_mailbox *base, struct actor_end *ret_end)
{
	struct tpa_mailbox *mailbox = mailbox_of(base);
	int rc = 0;

	pthread_mutex_lock(&mailbox->lock);
	if (mailbox->phase == TPA_RUNNING)
		rc = ACTOR_E_BUSY;
	else if (!mailbox->how)
		rc = ACTOR_E_INVALID;
	else
		*ret_end = tpa_mailbox_take_end(mailbox);
	pthread_mutex_unlock(&mailbox->lock);
	return rc;
}

static void mailbox_detach(struct actor_mailbox *base)
{
	struct tpa_mailbox *mailbox = mailbox_of(base);
	bool resting;

	pthread_mutex_lock(&mailbox->lock);
	mailbox->owned = false;
	resting = mailbox->phase == TPA_RESTING;
	pthread_mutex_unlock(&mailbox->lock);
	if (resting)
		tpa_mailbox_bury(mailbox);
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

static struct tpa_mailbox *mailbox_alloc(const struct actor_behavior *behavior, const char *name,
					 size_t capacity)
{
	size_t n_name = strlen(name) + 1;
	struct tpa_mailbox *mailbox = calloc(1, sizeof *mailbox + n_name);

	if (!mailbox)
		return NULL;
	if (pthread_mutex_init(&mailbox->lock, NULL)) {
		free(mailbox);
		return NULL;
	}
	tpa_count(TPA_MAILBOXES, 1);
	mailbox->seat = tpa_seat_create();
	if (!mailbox->seat) {
		mailbox_free(mailbox);
		return NULL;
	}
	mailbox->base.ops = &mailbox_ops;
	tpa_address_init(&mailbox->strong, mailbox, false);
	tpa_address_init(&mailbox->weak, mailbox, true);
	mailbox->behavior = behavior;
	mailbox->number = atomic_fetch_add(&last_number, 1) + 1;
	atomic_init(&mailbox->holders, 1);
	mailbox->queue.capacity = capacity;
	mailbox->owned = true;
	memcpy(mailbox->name, name, n_name);
	return mailbox;
}

/* What a flag asks for is not offered here: see thread-per-actor.h. */
static int behavior_check(const struct actor_behavior *behavior)
{
	if (!behavior || !behavior->name || (behavior->n_handlers > 0 && !behavior->handlers) ||
	    (behavior->n_handlers > 1 && behavior->stride < sizeof(struct actor_handler)))
		return ACTOR_E_INVALID;
	return behavior->flags ? ACTOR_E_UNSUPPORTED : 0;
}

int tpa_mailbox_create(struct actor_tpa *tpa, const struct actor_behavior *behavior,
		       const struct actor_mailbox_options *options,
		       struct actor_mailbox **ret_mailbox)
{
	const char *name = "";
	size_t capacity = ACTOR_DEFAULT_CAPACITY;
	struct tpa_mailbox *mailbox;
	int rc = behavior_check(behavior);

	if (rc == 0 && options && options->size < sizeof *options)
		rc = ACTOR_E_INVALID;
	if (rc < 0)
		return rc;
	if (options && options->name)
		name = options->name;
	if (options && options->capacity)
		capacity = options->capacity;
	mailbox = mailbox_alloc(behavior, name, capacity);
	if (!mailbox)
		return ACTOR_E_NOMEM;
	rc = tpa_register(tpa, mailbox);
	if (rc < 0)
		mailbox_free(mailbox);
	else
		*ret_mailbox = &mailbox->base;
	return rc;
}
