/* SPDX-License-Identifier: MIT */
#ifndef ACTOR__FIBER_SWITCH_H
#define ACTOR__FIBER_SWITCH_H

#include "fiber.h"
#include "switch.h"
#include "thread.h"
#include "util/sanitizers.h"
#include "util/step.h"

#if ACTOR__ASAN
#include <sanitizer/common_interface_defs.h>
#endif
#if ACTOR__TSAN
#include <sanitizer/tsan_interface.h>
#endif

/*
 * Leaving one fiber for another; inline: see switch.h. The sanitizers must know about a change of
 * stacks, and a call that is entered on one stack must not seem to them to return on another.
 */

/** actor__fiber_get() - a fiber with nothing in hand; NULL when there is no memory */
static inline struct actor__fiber *actor__fiber_get(struct actor__thread *thread)
{
	struct actor__fiber *fiber = thread->spare;

	thread->spare = NULL;
	return ACTOR__RARELY(!fiber) ? actor__fiber_take() : fiber;
}

/** actor__fiber_put() - done with it, for this thread to use again */
static inline void actor__fiber_put(struct actor__thread *thread, struct actor__fiber *fiber)
{
	if (ACTOR__RARELY(thread->spare))
		actor__fiber_recycle(fiber);
	else
		thread->spare = fiber;
}

ACTOR__INLINE void actor__fiber_announce(void **save_here, const void *bottom, size_t bytes,
					 void *tsan)
{
	(void)save_here, (void)bottom, (void)bytes, (void)tsan;
#if ACTOR__ASAN
	__sanitizer_start_switch_fiber(save_here, bottom, bytes);
#endif
#if ACTOR__TSAN
	__tsan_switch_to_fiber(tsan, 0);
#endif
}

ACTOR__INLINE void actor__fiber_confirm(void *saved_here, const void **ret_bottom,
					size_t *ret_bytes)
{
	(void)saved_here, (void)ret_bottom, (void)ret_bytes;
#if ACTOR__ASAN
	__sanitizer_finish_switch_fiber(saved_here, ret_bottom, ret_bytes);
#endif
}

/* Just arrived on a stack; @asan is what was saved when it was left. */
ACTOR__INLINE void actor__fiber_arrive(struct actor__thread *thread, void *asan)
{
	struct actor__fiber *left = thread->left;
	const void *bottom = NULL;
	size_t bytes = 0;

	actor__fiber_confirm(asan, &bottom, &bytes);
	if (ACTOR__RARELY(!left)) {
		thread->native_bottom = bottom;
		thread->native_bytes = bytes;
		return;
	}
	thread->left = NULL;
	if (ACTOR__RARELY(!left->guarded))
		actor__fiber_check(left);
	ACTOR__STEP(left);
	actor__fiber_left(thread, left, thread->leaving);
}

/**
 * actor__fiber_switch() - leave this stack, and go on with another
 * @thread: the calling one
 * @to:     a fiber that was got, or left by whoever had it; NULL for the thread's own stack
 * @how:    what becomes of what is left
 *
 * Returns when somebody goes on with this stack, maybe on another thread: except for fibers left as
 * %ACTOR__FAILED.
 */
ACTOR__INLINE void actor__fiber_switch(struct actor__thread *thread, struct actor__fiber *to,
				       enum actor__leaving how)
{
	struct actor__fiber *from = thread->fiber;
	void *native_asan = NULL, **asan = from ? &from->asan : &native_asan;

	ACTOR__STEP(switch);
#if ACTOR__TSAN
	if (!from)
		thread->native_tsan = __tsan_get_current_fiber();
#endif
	thread->left = from;
	thread->leaving = how;
	thread->fiber = to;
	if (to)
		to->context.thread = thread;
	actor__fiber_announce(how == ACTOR__FAILED ? NULL : asan,
			      to ? to->stack : thread->native_bottom,
			      to ? actor__stack_bytes : thread->native_bytes,
			      to ? to->tsan : thread->native_tsan);
	actor__switch(from ? &from->there : &thread->native, to ? to->there : thread->native);
	/* A fiber may have been resumed by another thread; a thread's own stack never moves. */
	actor__fiber_arrive(from ? from->context.thread : thread, *asan);
}

#endif
