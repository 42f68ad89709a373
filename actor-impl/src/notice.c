/* SPDX-License-Identifier: MIT */

/*
 * What happens to an actor, and how others are told.
 *
 * There are no queues: an actor is somehow, and for whoever is to be told it is kept how it was
 * when they were told last. What is told next follows from the difference, so that nothing need be
 * allocated when something happens, nothing gets lost, and nobody is waited for: who is slow is
 * told the sum.
 *
 * What is told next is found again for each attempt to send it. So what has been undone while there
 * was no room, or no memory, is not told; and who waits in line for that leaves it.
 */

#include "notice.h"

#include "actor.h"

#include <actor-iface/address.h>

void actor__story_begin(struct actor__story *story, const struct actor__actor *actor)
{
	story->how = ACTOR_ENDED_CANCELLED;
	actor__copy_text(story->type, sizeof story->type, actor->behavior->name);
}

void actor__story_end(struct actor__story *story)
{
	actor__fault_release(story->why);
}

static void note_failure(struct actor__story *story, const struct actor_failure *failure)
{
	story->is.failed = true;
	story->is.unhealthy = false;
	story->is.n_failures++;
	actor__story_end(story); /* the one before */
	story->why = actor__fault_hold(failure);
}

void actor__story_over(struct actor__story *story, enum actor_ended how)
{
	story->how = how;
	story->is.gone = true;
	story->is.unhealthy = false;
}

bool actor__story_go_on(struct actor__story *story, const struct actor__actor *actor,
			enum actor__news news, const struct actor_failure *failure)
{
	switch (news) {
	case ACTOR__HAS_STOPPED: /* and so goes */
	case ACTOR__WAS_CANCELLED:
		return false;
	case ACTOR__HAS_FAILED_NOW:
		note_failure(story, failure);
		break;
	case ACTOR__RESTARTED:
		story->is.failed = false;
		story->is.n_restarts++;
		break;
	case ACTOR__GONE:
		actor__story_over(story, (enum actor_ended)actor__over(actor));
		break;
	}
	return true;
}

/* ---- the next notice */

/* Failures and restarts take turns; of those that nobody was told of, the last count. */
static void tell_failure(const struct actor__told *is, struct actor__told *told)
{
	told->failed = true;
	told->n_failures = is->n_failures;
	told->n_restarts = is->n_restarts - !is->failed; /* the last restart comes after it */
}

static void tell_restart(const struct actor__told *is, struct actor__told *told)
{
	told->failed = false;
	told->n_restarts = is->n_restarts;
	told->n_failures = is->n_failures - is->failed; /* the last failure does */
}

/* 0: nothing has changed. Who has failed or gone need not be told to be healthy. */
static int next_change(const struct actor__told *is, struct actor__told *told)
{
	bool failed = is->n_failures != told->n_failures;
	bool restarted = is->n_restarts != told->n_restarts;

	if (restarted && (told->failed || !failed)) {
		tell_restart(is, told);
		return ACTOR_NOTICED_RESTART;
	}
	if (told->unhealthy && (!is->unhealthy || failed || is->gone)) {
		told->unhealthy = false;
		if (!failed && !is->gone)
			return ACTOR_NOTICED_HEALTHY;
	}
	if (told->n_overruns != is->n_overruns) {
		told->n_overruns = is->n_overruns;
		return ACTOR_NOTICED_OVERRUN;
	}
	if (failed) {
		tell_failure(is, told);
		return ACTOR_NOTICED_FAILURE;
	}
	if (is->unhealthy && !told->unhealthy) {
		told->unhealthy = true;
		return ACTOR_NOTICED_UNHEALTHY;
	}
	if (is->gone && !told->gone) {
		told->gone = true;
		return ACTOR_NOTICED_END;
	}
	return 0;
}

static void say_why(const struct actor__fault *why, struct actor_notice *notice)
{
	if (!why)
		return;
	actor__copy_text(notice->message_type, sizeof notice->message_type,
			 why->failure.message_type);
	actor__copy_text(notice->file, sizeof notice->file, why->failure.file);
	actor__copy_text(notice->text, sizeof notice->text, why->failure.text);
	notice->line = why->failure.line;
}

static void fill(const struct actor__story *story, const struct actor__actor *actor,
		 enum actor_noticed what, const struct actor__told *told,
		 struct actor_notice *notice)
{
	*notice = (struct actor_notice){
		.what = what,
		.identity = actor__actor_identity(actor),
		.n_failures = told->n_failures,
		.n_restarts = told->n_restarts,
	};
	actor__copy_text(notice->name, sizeof notice->name, actor->name);
	actor__copy_text(notice->type, sizeof notice->type, story->type);
	switch (what) {
	case ACTOR_NOTICED_UNHEALTHY:
	case ACTOR_NOTICED_OVERRUN:
		actor__copy_text(notice->message_type, sizeof notice->message_type, story->in_hand);
		notice->age_ns = story->age_ns;
		break;
	case ACTOR_NOTICED_FAILURE:
		say_why(story->why, notice);
		break;
	case ACTOR_NOTICED_END:
		notice->how = story->how;
		if (story->how == ACTOR_ENDED_FAILED)
			say_why(story->why, notice);
		break;
	case ACTOR_NOTICED_HEALTHY:
	case ACTOR_NOTICED_RESTART:
		break;
	}
}

bool actor__story_next(const struct actor__story *story, const struct actor__actor *actor,
		       struct actor__told *told, struct actor_notice *ret_notice)
{
	int what = next_change(&story->is, told);

	if (what)
		fill(story, actor, (enum actor_noticed)what, told, ret_notice);
	return what != 0;
}

/* ---- who is told */

void actor__herald_init(struct actor__herald *herald, struct actor_address *to,
			bool (*next)(struct actor__herald *herald, struct actor__told *told,
				     struct actor_notice *ret_notice),
			void (*wake)(struct actor_waiter *waiter))
{
	*herald = (struct actor__herald){ .next = next, .to = actor_address_weak(to) };
	actor_waiter_init(&herald->waiter, wake);
}

void actor__herald_rest(struct actor__herald *herald)
{
	if (herald->in_line)
		actor_address_withdraw(herald->to, &herald->waiter);
	herald->in_line = false;
}

int actor__herald_tell(struct actor__herald *herald)
{
	struct actor__told told = herald->told;
	struct actor_notice notice;
	int rc = 0;

	while (rc == 0 && herald->next(herald, &told, &notice)) {
		rc = actor_address_post(herald->to, &actor_notice_type, &notice, NULL,
					&herald->waiter);
		herald->in_line = rc == ACTOR_E_FULL;
		if (rc < 0)
			return rc;
		herald->told = told;
		if (told.gone)
			return ACTOR_E_CLOSED;
	}
	actor__herald_rest(herald);
	return 0;
}

bool actor__herald_is_idle(const struct actor__herald *herald)
{
	const struct actor__actor *actor = actor__address_actor(herald->to);
	struct actor_address *strong;

	if (actor)
		return actor__channel_closed(&actor->channel);
	strong = actor_address_upgrade(herald->to);
	actor_address_unref(strong);
	return !strong;
}

ACTOR_EXPORT const struct actor_message_type actor_notice_type = {
	.size = sizeof actor_notice_type,
	.name = "actor.notice",
	.message_size = sizeof(struct actor_notice),
	.message_align = _Alignof(struct actor_notice),
};
