/* SPDX-License-Identifier: MIT */
#ifndef ACTOR_IMPL_THREAD_H
#define ACTOR_IMPL_THREAD_H

#include <actor-iface/context.h>
#include <actor-impl/export.h>

ACTOR__BEGIN_C

/**
 * actor_thread_context() - the context of the code that runs here
 *
 * In a handler it is the handler's. Elsewhere it is the thread's own: it may send, call and wait
 * like an actor, blocking the thread, or running its local executor if it has one, or the actor
 * that it calls (see actor_pool_create()). A thread's self is NULL; its spawner is its local
 * executor's, or NULL. Made at first use, and released when the thread ends.
 *
 * Thread:  any
 * Return:  borrowed, valid on this thread only; NULL when out of memory
 */
ACTOR_EXPORT struct actor_context *actor_thread_context(void);

/**
 * typedef actor_thread_fail_fn - what to do when a plain thread fails
 * @user:    as given
 * @failure: why
 *
 * Must not return. Runs on the thread that failed, after its scope list.
 */
typedef void actor_thread_fail_fn(void *user, const struct actor_failure *failure);

/**
 * actor_thread_set_fail() - what actor_fail() does outside actors, for the whole process
 * @fail: ends the thread or the process, or jumps; NULL restores the default, which is abort()
 * @user: for it
 *
 * Thread:  any, while no thread fails
 */
ACTOR_EXPORT void actor_thread_set_fail(actor_thread_fail_fn *fail, void *user);

ACTOR__END_C

#endif
