/* SPDX-License-Identifier: MIT */

/* The block of memory behind an actor: made, kept and released. What its parts do is in address.c,
 * mailbox.c and activation.c. */

#include "actor.h"

#include "fiber.h"
#include "intake.h"
#include "thread.h"
#include "util/fence.h"
#include "util/memory.h"

#include <assert.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

static atomic_ullong last_number;

/* Of an actor of which nothing is known yet. */
#define FIRST_PATIENCE 7

/* Threads take numbers many at a time. */
#define NUMBERS_A_TIME 1024

uint64_t actor__numbers_take(struct actor__thread *thread, uint64_t n)
{
	/* Relaxed: only uniqueness matters. */
	thread->numbers = atomic_fetch_add_explicit(&last_number, n, memory_order_relaxed);
	thread->numbers_end = thread->numbers + n;
	return thread->numbers;
}

static uint64_t next_number(struct actor__thread *thread)
{
	if (thread->numbers == thread->numbers_end)
		actor__numbers_take(thread, NUMBERS_A_TIME);
	return ++thread->numbers;
}

/* The domain is any object of this implementation's that lives as long as the process. */
struct actor_identity actor__identity_create(struct actor__thread *thread)
{
	return (struct actor_identity){ &last_number, next_number(thread) };
}

/* With @more bytes at its end, aligned. */
ACTOR__INLINE struct actor__actor *create(struct actor_executor *executor,
					  struct actor__thread *thread,
					  const struct actor_behavior *behavior, const char *name,
					  size_t capacity, size_t more)
{
	size_t n_name = name ? strlen(name) : 0, bytes = sizeof(struct actor__actor) + n_name + 1;
	struct actor__actor *actor;

	if (more)
		bytes = ((bytes + _Alignof(max_align_t) - 1) & ~(_Alignof(max_align_t) - 1)) + more;
	if (bytes > UINT_MAX)
		return NULL;
	actor = actor__cell_alloc(&thread->cells, bytes);
	if (!actor)
		return NULL;
	memset(actor, 0, sizeof *actor);
	actor->bytes = (unsigned)bytes;
	actor->patience = FIRST_PATIENCE;
	actor->strong.ops = &actor__strong_ops;
	actor->weak.ops = &actor__weak_ops;
	actor->mailbox.ops = &actor__mailbox_ops;
	actor->task.run = actor__actor_run;
	actor->behavior = behavior;
	actor->executor = executor;
	actor->number = next_number(thread);
	atomic_init(&actor->n_memory, 1);
	actor__channel_init(&actor->channel, capacity);
	if (name)
		memcpy(actor->name, name, n_name);
	actor->name[n_name] = 0;
	actor__count(thread, ACTOR__COUNT_MAILBOXES, 1);
	return actor;
}

struct actor__actor *actor__actor_create(struct actor_executor *executor,
					 struct actor__thread *thread,
					 const struct actor_behavior *behavior, const char *name,
					 size_t capacity)
{
	return create(executor, thread, behavior, name, capacity, 0);
}

struct actor__actor *actor__actor_create_with_intake(struct actor_executor *executor,
						     struct actor__thread *thread,
						     const struct actor_behavior *behavior,
						     const char *name)
{
	return create(executor, thread, behavior, name, ACTOR_UNBOUNDED,
		      sizeof(struct actor__intake));
}

struct actor_identity actor__actor_identity(const struct actor__actor *actor)
{
	return (struct actor_identity){ &last_number, actor->number };
}

struct actor_info actor__actor_info(const struct actor__actor *actor)
{
	return (struct actor_info){ actor__actor_identity(actor), actor->name,
				    actor->behavior->name };
}

void actor__actor_hold(struct actor__actor *actor)
{
	/* Relaxed: whoever holds more holds some already. */
	atomic_fetch_add_explicit(&actor->n_memory, 1, memory_order_relaxed);
}

void actor__actor_release(struct actor__actor *actor)
{
	struct actor__thread *thread;

	/* Release: what was done with the memory comes before it goes; acquire: for the last. */
	if (atomic_fetch_sub_explicit(&actor->n_memory, 1, memory_order_acq_rel) > 1)
		return;
	assert(actor__channel_closed(&actor->channel) && !actor->channel.stash);
	if (actor->fault) /* spares a call for most */
		actor__fault_release(actor->fault);
	if (actor__has_intake(actor))
		actor__intake_deinit(actor);
	thread = actor__thread();
	actor__count(thread, ACTOR__COUNT_MAILBOXES, -1);
	actor__cell_free(&thread->cells, actor, actor->bytes);
}

struct actor_address *actor__actor_strong(struct actor__actor *actor)
{
	/* The holders of the strong address together keep the memory: see address.c. */
	actor__actor_hold(actor);
	if (atomic_fetch_add(&actor->n_strong, 1) > 0)
		actor__actor_release(actor);
	return &actor->strong;
}

/* It is scheduled by whoever takes the bit back. */
static void end_pause(struct actor__actor *actor, unsigned bits)
{
	if (atomic_fetch_and(&actor->asked, ~bits) & ACTOR__PAUSES)
		actor__actor_schedule(actor, actor__thread(), ACTOR__SOON);
}

void actor__actor_resume(struct actor__actor *actor)
{
	end_pause(actor, ACTOR__ASKED_TO_PAUSE | ACTOR__PAUSES);
}

void actor__actor_ask(struct actor__actor *actor, unsigned asked)
{
	struct actor__fiber *fiber;

	/* Sequentially consistent, as are the nudge and the looks in activation.c: the actor sees
	 * either what it is asked, or that it is nudged. */
	if (atomic_fetch_or(&actor->asked, asked) & ACTOR__PAUSES)
		end_pause(actor, ACTOR__PAUSES);
	if (actor__channel_nudge(&actor->channel))
		actor__actor_schedule(actor, actor__thread(), ACTOR__SOON);
	if (!(asked & (ACTOR__ASKED_CANCEL | ACTOR__ASKED_TO_FAIL)))
		return;
	/* A handler that is about to wait sees it too, or we see that it waits. */
	actor__fence_heavy();
	fiber = atomic_load_explicit(&actor->suspended, memory_order_acquire);
	if (fiber)
		actor__wake(&fiber->context.parker);
}

static const char *copy_text(char **to, const char *text)
{
	char *copy = *to;
	size_t n = text ? strlen(text) + 1 : 0;

	if (!text)
		return NULL;
	memcpy(copy, text, n);
	*to += n;
	return copy;
}

/* What is left to say when there is no memory for more. */
static struct actor__fault no_memory = {
	.failure = { .size = sizeof(struct actor_failure),
		     .text = "failed, and no memory was left to say why" },
};

struct actor__fault *actor__fault_create(const struct actor_failure *failure,
					 const char *message_type)
{
	const char *text = failure->text ? failure->text : "";
	size_t n = strlen(text) + (failure->file ? strlen(failure->file) : 0) +
		   (message_type ? strlen(message_type) : 0) + 3;
	struct actor__fault *fault = actor__memory_alloc(sizeof *fault + n);
	char *to;

	if (!fault)
		return &no_memory;
	atomic_init(&fault->n_holders, 1);
	to = fault->texts;
	fault->failure.size = sizeof fault->failure;
	fault->failure.line = failure->line;
	fault->failure.text = copy_text(&to, text);
	fault->failure.file = copy_text(&to, failure->file);
	fault->failure.message_type = copy_text(&to, message_type);
	return fault;
}

struct actor__fault *actor__fault_hold(const struct actor_failure *failure)
{
	struct actor__fault *fault = ACTOR_CONTAINER_OF(failure, struct actor__fault, failure);

	/* Relaxed: the actor holds it, too. */
	if (fault != &no_memory)
		atomic_fetch_add_explicit(&fault->n_holders, 1, memory_order_relaxed);
	return fault;
}

void actor__fault_release(struct actor__fault *fault)
{
	if (!fault || fault == &no_memory)
		return;
	/* Release: what was read there was read before it goes; acquire: for the last. */
	if (atomic_fetch_sub_explicit(&fault->n_holders, 1, memory_order_acq_rel) == 1)
		free(fault);
}
