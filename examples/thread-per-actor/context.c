/* SPDX-License-Identifier: MIT */

/*
 * Contexts: what handlers and plain threads are handed to send, call and wait. A thread that waits
 * here simply blocks, which is what it has a thread for; so the two kinds differ only in that a
 * plain thread's has no mailbox behind it.
 *
 * Every wait looks first at what it waits for, then whether it is cancelled, then at the clock, and
 * looks once more at what it waits for when the deadline has passed: an answer, or room, that came
 * at the last moment is not thrown away.
 *
 * The first wait that finds its actor cancelled refuses the reply of the message in hand: the
 * caller need not wait until a handler that may take its time has returned.
 */

#include "tpa.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

static const struct actor_context_ops context_ops;

static struct tpa_context *context_of(struct actor_context *base)
{
	assert(base->ops == &context_ops);
	return ACTOR_CONTAINER_OF(base, struct tpa_context, base);
}

static struct actor_address *context_self(struct actor_context *base)
{
	struct tpa_mailbox *mailbox = context_of(base)->mailbox;

	return mailbox ? &mailbox->weak.base : NULL;
}

static struct actor_spawner *context_spawner(struct actor_context *base)
{
	return actor_tpa_spawner(context_of(base)->tpa);
}

static int64_t context_now(struct actor_context *base)
{
	(void)base;
	return tpa_now();
}

/* The end of a wait. */
static int context_waited(struct tpa_context *context, int rc)
{
	if (rc == ACTOR_E_CANCELLED && context->envelope)
		tpa_reply_refuse(&context->envelope->reply);
	return rc;
}

/* Somebody who stands in line for room. */
struct tpa_waiter {
	struct actor_waiter base;
	struct tpa_seat *seat;
	bool called;
};

static void waiter_wake(struct actor_waiter *base)
{
	struct tpa_waiter *waiter = ACTOR_CONTAINER_OF(base, struct tpa_waiter, base);

	tpa_seat_wake(waiter->seat, &waiter->called);
}

static int context_post(struct actor_context *base, struct actor_address *address,
			const struct actor_message_type *type, void *message,
			struct actor_reply *reply, int64_t deadline_ns)
{
	struct tpa_context *context = context_of(base);
	struct tpa_waiter waiter = { .seat = context->seat };
	int rc, slept = 0;

	actor_waiter_init(&waiter.base, waiter_wake);
	for (;;) {
		rc = actor_address_post(address, type, message, reply, &waiter.base);
		if (rc != ACTOR_E_FULL)
			return rc;
		if (slept == ACTOR_E_TIMEOUT)
			break;
		slept = tpa_seat_wait(context->seat, &waiter.called, deadline_ns);
		if (slept == ACTOR_E_CANCELLED)
			break;
	}
	actor_address_withdraw(address, &waiter.base);
	return context_waited(context, slept == ACTOR_E_CANCELLED ? slept : rc);
}

static int context_reply_open(struct actor_context *base, const struct actor_message_type *type,
			      struct actor_reply **ret_reply)
{
	return tpa_reply_open(context_of(base)->seat, type, ret_reply);
}

static int context_await(struct actor_context *base, const struct actor_await *wait)
{
	struct tpa_context *context = context_of(base);

	return context_waited(context, tpa_reply_await(context->seat, wait));
}

static int context_reply_close(struct actor_context *base, struct actor_reply *reply,
			       void *ret_value)
{
	(void)base;
	return tpa_reply_close(reply, ret_value);
}

/* Keep why, for as long as the mailbox does not start again. */
static void note_failure(struct tpa_context *context, const struct actor_failure *failure)
{
	struct tpa_mailbox *mailbox = context->mailbox;

	/* Copies: what a failing handler gives may lie on the stack that it leaves. */
	snprintf(mailbox->failure_text, sizeof mailbox->failure_text, "%s", failure->text);
	snprintf(mailbox->failure_file, sizeof mailbox->failure_file, "%s",
		 failure->file ? failure->file : "");
	mailbox->failure = (struct actor_failure){
		.size = sizeof mailbox->failure,
		.text = mailbox->failure_text,
		.file = failure->file ? mailbox->failure_file : NULL,
		.line = failure->line,
		.message_type = context->envelope ? context->envelope->handler->type->name : NULL,
	};
}

static void log_failure(struct actor_context *base, const struct actor_failure *failure)
{
	struct actor_log_record record = {
		.size = sizeof record,
		.level = ACTOR_LOG_ERROR,
		.message_type = failure->message_type,
		.file = failure->file,
		.line = failure->line,
		.text = failure->text,
	};

	base->ops->log(base, &record);
}

/* Only what is on the scope list is undone; the frames of the handler are jumped over. */
static void context_fail(struct actor_context *base, const struct actor_failure *failure)
{
	struct tpa_context *context = context_of(base);

	assert(!context->failing); /* a cleanup must not fail */
	context->failing = true;
	if (context->mailbox) {
		note_failure(context, failure);
		failure = &context->mailbox->failure;
	}
	log_failure(base, failure);
	actor_unwind(base);
	context->failing = false;
	if (!context->mailbox)
		abort();
	longjmp(context->failed, 1);
}

static void context_log(struct actor_context *base, const struct actor_log_record *record)
{
	struct tpa_context *context = context_of(base);
	struct actor_log_record complete = *record;
	struct actor_info info;

	if (!complete.actor && context->mailbox) {
		tpa_mailbox_info(context->mailbox, &info);
		complete.actor = &info;
	}
	tpa_log(&complete);
}

static enum actor_log_level context_log_level(struct actor_context *base)
{
	(void)base;
	return tpa_log_level();
}

static struct actor_error *context_error(struct actor_context *base)
{
	return &context_of(base)->error;
}

static const struct actor_context_ops context_ops = {
	.size = sizeof context_ops,
	.self = context_self,
	.spawner = context_spawner,
	.now = context_now,
	.post = context_post,
	.reply_open = context_reply_open,
	.await = context_await,
	.reply_close = context_reply_close,
	.fail = context_fail,
	.log = context_log,
	.log_level = context_log_level,
	.error = context_error,
};

void tpa_context_init(struct tpa_context *context, struct actor_tpa *tpa, struct tpa_seat *seat,
		      struct tpa_mailbox *mailbox)
{
	memset(context, 0, sizeof *context);
	context->base.ops = &context_ops;
	context->tpa = tpa;
	context->seat = seat;
	context->mailbox = mailbox;
}

int actor_tpa_context_create(struct actor_tpa *tpa, struct actor_context **ret_context)
{
	struct tpa_context *context = malloc(sizeof *context);
	struct tpa_seat *seat = tpa_seat_create();

	if (!context || !seat) {
		free(context);
		if (seat)
			tpa_seat_unref(seat);
		return ACTOR_E_NOMEM;
	}
	tpa_context_init(context, tpa, seat, NULL);
	*ret_context = &context->base;
	return 0;
}

void actor_tpa_context_destroy(struct actor_context *base)
{
	struct tpa_context *context = base ? context_of(base) : NULL;

	if (!context)
		return;
	assert(!base->scope);
	tpa_seat_unref(context->seat);
	free(context);
}
