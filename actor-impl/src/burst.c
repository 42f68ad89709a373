/* SPDX-License-Identifier: MIT */

/*
 * Bursts. A task that is made ready in one is in the hands of the thread that did, which hands all
 * of them over at the end: to the pool that they are for, or, when one for another pool comes, to
 * that of those before. Until then its actor is scheduled like any other, so that it keeps its
 * executor, and nobody schedules it again.
 *
 * No task is forgotten: whatever may keep the thread from getting to the end, or lets something
 * else have its turn there, ends the burst first: a wait in a context, or for an executor, the
 * beginning and the end of a turn on the thread's own stack, the end of the thread. And who finds
 * no room, and will not be told when there is some, may try again: so what there is is offered
 * then. On a pool's threads, whose turns follow each other without that, there are no bursts.
 */

#include "burst.h"

#include <actor-impl/burst.h>

/* More actors than that are not kept waiting: there is enough for others to do. */
#define MOST_TASKS 32

static void offer(struct actor__burst *burst)
{
	struct actor__task *first = burst->first;

	burst->first = NULL;
	burst->n = 0;
	if (first)
		burst->executor->ops->offer(burst->executor, first);
}

void actor__burst_note(struct actor__thread *thread, struct actor_executor *executor,
		       struct actor__task *task)
{
	struct actor__burst *burst = &thread->burst;

	if (burst->executor != executor)
		offer(burst);
	if (!burst->first)
		burst->end = &burst->first;
	burst->executor = executor;
	task->next = NULL;
	*burst->end = task;
	burst->end = &task->next;
	if (++burst->n == MOST_TASKS)
		offer(burst);
}

void actor__burst_offer(struct actor__thread *thread)
{
	offer(&thread->burst);
}

void actor__burst_end(struct actor__thread *thread)
{
	thread->burst.on = false;
	offer(&thread->burst);
}

void actor_burst_begin(void)
{
	struct actor__thread *thread = actor__thread();

	thread->burst.on = !thread->worker;
}

void actor_burst_end(void)
{
	actor__burst_over(actor__thread());
}
