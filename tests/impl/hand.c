/* SPDX-License-Identifier: MIT */

#include "hand.h"

#include "test.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

ACTOR_SIGNAL_DEFINE(job, "test.job", NULL);
ACTOR_MESSAGE_DEFINE(errand, "test.errand", NULL, NULL);

static int hand_on_errand(struct hand *self, struct errand *message, struct actor_context *context)
{
	(void)self;
	return message->function(context, message->user);
}

static void hand_on_job(struct hand *self, struct job *message, struct actor_context *context)
{
	(void)self;
	message->function(context, message->user);
}

static void count(struct tally *tally)
{
	if (tally)
		tally_add(tally, 1);
}

static void hand_started(struct hand *self, struct actor_context *context)
{
	if (!self)
		return;
	if (self->in_started)
		self->in_started(context, self->user);
	count(self->started);
}

static void hand_stopped(struct hand *self, struct actor_context *context)
{
	if (!self)
		return;
	if (self->in_stopped)
		self->in_stopped(context, self->user);
	count(self->stopped);
}

static void hand_destroy(struct hand *self)
{
	count(self->destroyed);
}

ACTOR_DEFINE(hand, HAND_MESSAGES, hand_started, hand_stopped, hand_destroy);

enum { LOADED_BYTES = 4096 };

const struct actor_behavior *hand_load(void)
{
	void *loaded = mmap(NULL, LOADED_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			    -1, 0);

	assert_true(loaded != MAP_FAILED);
	return memcpy(loaded, &hand_behavior, sizeof hand_behavior);
}

/* Nothing else is to get there. */
void hand_unload(const struct actor_behavior *behavior)
{
	if (mprotect((void *)(uintptr_t)behavior, LOADED_BYTES, PROT_NONE) != 0)
		abort();
}

union hand_address hand_spawn(struct actor_executor *executor, struct hand *state, size_t capacity)
{
	union hand_address hand = { NULL };

	assert_int_equal(ACTOR_SPAWN(hand, actor_executor_spawner(executor), state,
				     ACTOR_OPTIONS(.capacity = capacity), &hand),
			 0);
	return hand;
}

int hand_send(struct actor_context *context, union hand_address hand, hand_fn *function, void *user)
{
	struct job job = { function, user };

	return context ? ACTOR_SEND(context, hand, job, &job) : ACTOR_TRY_SEND(hand, job, &job);
}

int hand_call(struct actor_context *context, union hand_address hand, hand_fn *function, void *user)
{
	int answer = 0;
	int rc = ACTOR_CALL(context, hand, errand, &answer, &(struct errand){ function, user });

	return rc < 0 ? rc : answer;
}
