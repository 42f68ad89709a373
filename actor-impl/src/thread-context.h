/* SPDX-License-Identifier: MIT */
#ifndef ACTOR__THREAD_CONTEXT_H
#define ACTOR__THREAD_CONTEXT_H

#include <stdint.h>

struct actor__parker;
struct actor__thread;
struct actor__thread_context;

/** actor__thread_context_release() - its thread ends; NULL is fine */
void actor__thread_context_release(struct actor__thread_context *context);

/** actor__thread_context_get() - the plain context of a thread; NULL when out of memory */
struct actor__thread_context *actor__thread_context_get(struct actor__thread *thread);

/** actor__thread_context_parker() - what its thread sleeps on */
struct actor__parker *actor__thread_context_parker(struct actor__thread_context *context);

/** actor__thread_context_sleep() - sleep until woken or until @deadline_ns; wakes that came since
 * the last actor__park_reset() keep it from sleeping */
void actor__thread_context_sleep(struct actor__thread_context *context, int64_t deadline_ns);

#endif
