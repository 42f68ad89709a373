/* SPDX-License-Identifier: MIT */

/* The instance, its one thread, and contexts: the thread's and those of actors' turns. */

#include "parts.h"

#include <assert.h>
#include <stdlib.h>
#include <time.h>

struct minimal_counts minimal_counts;

/* ---- the thread ---- */

static int64_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * INT64_C(1000000000) + time.tv_nsec;
}

/* Nothing can happen before then. */
static void idle_until(int64_t deadline_ns)
{
	struct timespec until = { deadline_ns / 1000000000, deadline_ns % 1000000000 };

	if (deadline_ns == ACTOR_FOREVER)
		abort(); /* nor ever */
	clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL);
}

/* Something happens, or nothing until the deadline: false when that has passed. */
static bool let_happen(struct minimal *minimal, int64_t deadline_ns)
{
	if (deadline_ns != ACTOR_FOREVER && now() >= deadline_ns)
		return false;
	if (!minimal_step(minimal))
		idle_until(deadline_ns);
	return true;
}

/* ---- contexts ---- */

static struct context *context_of(struct actor_context *base)
{
	assert(base->ops == &minimal_context_ops);
	return ACTOR_CONTAINER_OF(base, struct context, base);
}

static struct actor_address *context_self(struct actor_context *base)
{
	struct actor *actor = context_of(base)->actor;

	return actor ? &actor->weak : NULL;
}

static struct actor_spawner *context_spawner(struct actor_context *base)
{
	return &context_of(base)->minimal->spawner;
}

static int64_t context_now(struct actor_context *base)
{
	(void)base;
	return now();
}

/* There is something to wait for: 0 after a while; or why there is no waiting, @late if only the
 * deadline has passed. */
static int wait_a_little(struct context *context, int64_t deadline_ns, int late)
{
	struct actor *actor = context->actor;

	if (!actor)
		return let_happen(context->minimal, deadline_ns) ? 0 : late;
	if (actor->cancelled) {
		if (context->envelope)
			minimal_reply_refuse(&context->envelope->reply);
		return ACTOR_E_CANCELLED;
	}
	return deadline_ns != ACTOR_FOREVER && now() >= deadline_ns ? late : ACTOR_E_NOSUSPEND;
}

static void wake_nobody(struct actor_waiter *waiter)
{
	(void)waiter; /* the thread looks by itself, after each turn */
}

static int context_post(struct actor_context *base, struct actor_address *address,
			const struct actor_message_type *type, void *message,
			struct actor_reply *reply, int64_t deadline_ns)
{
	struct context *context = context_of(base);
	struct actor_waiter waiter;
	int rc, waited = 0;

	actor_waiter_init(&waiter, wake_nobody);
	do {
		rc = actor_address_post(address, type, message, reply, &waiter);
		if (rc == ACTOR_E_FULL)
			waited = wait_a_little(context, deadline_ns, ACTOR_E_FULL);
	} while (rc == ACTOR_E_FULL && waited == 0);
	if (rc != ACTOR_E_FULL)
		return rc;
	actor_address_withdraw(address, &waiter);
	return waited;
}

static int context_await(struct actor_context *base, const struct actor_await *wait)
{
	int rc, waited = 0;

	while ((rc = minimal_reply_awaited(wait)) < 0 && waited == 0)
		waited = wait_a_little(context_of(base), wait->deadline_ns, ACTOR_E_TIMEOUT);
	return rc < 0 ? waited : rc;
}

static void context_fail(struct actor_context *base, const struct actor_failure *failure)
{
	struct context *context = context_of(base);
	struct actor *actor = context->actor;

	if (!actor)
		abort();
	/* Copies: the texts may lie on the stack that is left. */
	snprintf(actor->failure_text, sizeof actor->failure_text, "%s", failure->text);
	snprintf(actor->failure_file, sizeof actor->failure_file, "%s",
		 failure->file ? failure->file : "");
	actor->failure = (struct actor_failure){
		.size = sizeof actor->failure,
		.text = actor->failure_text,
		.file = failure->file ? actor->failure_file : NULL,
		.line = failure->line,
		.message_type = context->envelope ? context->envelope->handler->type->name : NULL,
	};
	actor_unwind(base);
	longjmp(context->failed, 1);
}

static void context_log(struct actor_context *base, const struct actor_log_record *record)
{
	(void)base;
	(void)record;
}

static enum actor_log_level context_log_level(struct actor_context *base)
{
	(void)base;
	return ACTOR_LOG_NONE;
}

static struct actor_error *context_error(struct actor_context *base)
{
	return &context_of(base)->error;
}

const struct actor_context_ops minimal_context_ops = {
	.size = sizeof minimal_context_ops,
	.self = context_self,
	.spawner = context_spawner,
	.now = context_now,
	.post = context_post,
	.reply_open = minimal_reply_open,
	.await = context_await,
	.reply_close = minimal_reply_close,
	.fail = context_fail,
	.log = context_log,
	.log_level = context_log_level,
	.error = context_error,
};

/* ---- the instance ---- */

struct minimal *minimal_create(void)
{
	struct minimal *minimal = calloc(1, sizeof *minimal);

	if (!minimal)
		return NULL;
	minimal->spawner.ops = &minimal_spawner_ops;
	minimal->context.base.ops = &minimal_context_ops;
	minimal->context.minimal = minimal;
	minimal->ready_end = &minimal->ready_first;
	return minimal;
}

int minimal_join(struct minimal *minimal, int64_t deadline_ns)
{
	while (minimal->n_running > 0)
		if (!let_happen(minimal, deadline_ns))
			return ACTOR_E_TIMEOUT;
	return 0;
}

int minimal_destroy(struct minimal *minimal)
{
	if (minimal->n_mailboxes > 0)
		return ACTOR_E_BUSY;
	while (minimal_step(minimal)) /* those whose runs are over are forgotten */
		;
	free(minimal);
	return 0;
}

struct actor_spawner *minimal_spawner(struct minimal *minimal)
{
	return &minimal->spawner;
}

struct actor_context *minimal_context(struct minimal *minimal)
{
	return &minimal->context.base;
}
