/* SPDX-License-Identifier: MIT */
#ifndef ACTOR_IMPL_EXECUTOR_H
#define ACTOR_IMPL_EXECUTOR_H

#include <actor-iface/spawner.h>
#include <actor-impl/export.h>

ACTOR__BEGIN_C

/**
 * struct actor_executor - runs actors; made by actor_pool_create(), actor_local_create() or
 * actor_simulation_create()
 *
 * Its life: create; spawn; drop the addresses, so that the actors end by themselves, or close it;
 * join; destroy. Addresses may outlive it.
 */
struct actor_executor;

/** actor_executor_spawner() - makes actors that run here; borrowed. Thread: any */
ACTOR_EXPORT struct actor_spawner *actor_executor_spawner(struct actor_executor *executor);

/** actor_executor_now() - nanoseconds on the clock by which its actors' deadlines are measured:
 * what their actor_now() is. Thread: any */
ACTOR_EXPORT int64_t actor_executor_now(struct actor_executor *executor);

/**
 * actor_executor_of() - the executor of the code that runs here
 * @context: the running handler's, or the thread's
 *
 * Thread:  context
 * Return:  borrowed; on a plain thread its local executor. NULL when there is none, or another
 *          implementation's
 */
ACTOR_EXPORT struct actor_executor *actor_executor_of(struct actor_context *context);

/**
 * actor_executor_close() - refuse new actors, and cancel every mailbox there is
 * @executor: may be closed already
 *
 * As by actor_mailbox_cancel(): running actors end when their handlers return, see
 * actor_executor_join(); mailboxes on which nothing runs are closed at once. So every call ends.
 * The mailboxes stay their owners' to give up. Timers go on, but what they send here is refused, so
 * that they end.
 *
 * Thread:  any
 */
ACTOR_EXPORT void actor_executor_close(struct actor_executor *executor);

/**
 * actor_executor_join() - wait until no actor is running here any more
 * @executor:    of a pool: blocks the thread; of a local executor or a simulation: runs it
 * @deadline_ns: absolute, on actor_executor_now()'s clock; ACTOR_FOREVER
 *
 * Actors end when they are stopped, cancelled, fail, or when idle with no strong address left.
 *
 * Thread:  any but a handler or hook; a local executor or a simulation: the thread that made it
 * Return:  0, ACTOR_E_TIMEOUT, ACTOR_E_INVALID on the wrong thread; of a simulation,
 *          ACTOR_E_DEADLOCK: see actor_simulation_create()
 */
ACTOR_NODISCARD ACTOR_EXPORT int actor_executor_join(struct actor_executor *executor,
						     int64_t deadline_ns);

/**
 * actor_executor_destroy() - free an executor on which nothing lives any more
 * @executor: NULL is fine
 *
 * Thread:  as actor_executor_join()
 * Return:  0, or ACTOR_E_BUSY while actors run, or mailboxes, timers, monitors or runtimes have not
 *          been given up: the log then names the first and counts the others, and the executor
 *          stays as it is; ACTOR_E_INVALID on the wrong thread
 */
ACTOR_EXPORT int actor_executor_destroy(struct actor_executor *executor);

ACTOR__END_C

#endif
