/* SPDX-License-Identifier: MIT */
#ifndef ACTOR__BURST_H
#define ACTOR__BURST_H

#include "executor.h"
#include "thread.h"

/** actor__burst_note() - have a task be offered later; in a burst. See actor__burst_notes() */
void actor__burst_note(struct actor__thread *thread, struct actor_executor *executor,
		       struct actor__task *task);

/** actor__burst_notes() - whether the thread is in a burst, and will offer @task when that is over
 */
static inline bool actor__burst_notes(struct actor__thread *thread, struct actor_executor *executor,
				      struct actor__task *task)
{
	if (!thread->burst.on)
		return false;
	actor__burst_note(thread, executor, task);
	return true;
}

#endif
