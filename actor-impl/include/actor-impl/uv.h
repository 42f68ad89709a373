/* SPDX-License-Identifier: MIT */
#ifndef ACTOR_IMPL_UV_H
#define ACTOR_IMPL_UV_H

#include <actor-impl/executor.h>

ACTOR__BEGIN_C

struct uv_loop_s; /* uv_loop_t */

/**
 * actor_uv_create() - an executor that runs its actors in a loop of libuv
 * @loop:         of this thread; must outlive the executor and be run once more after that
 * @ret_executor: the caller's to destroy, on the same thread
 *
 * In the library actor-uv, which is there where libuv was found when this was built.
 *
 * Actors take turns with whatever else the loop does: some of them a round, for half a millisecond
 * and what the last one takes: see actor_local_create(). Thread-bound ones may live here. While an
 * actor runs here, in the sense of actor_executor_join(), the loop is kept alive; uv_run() returns
 * when the last one has ended and nothing else keeps it. An actor that another thread starts here
 * while there is none keeps it from when the loop hears of it: until then something else has to, a
 * handle or an actor, or uv_run() returns before. Timers alone do not: what they were still
 * to send, to actors that live elsewhere, is not sent.
 *
 * A handler may use the loop, its handles and requests. What callbacks of the loop have for actors,
 * they send or ask; a callback that waits, through its actor_thread_context(), runs actors
 * meanwhile, but not the loop, and so does actor_executor_join().
 *
 * When actor_executor_destroy() has returned 0, handles in the loop are still to be closed, as by
 * uv_close(): the loop has to be run before uv_loop_close().
 *
 * Thread:  the one that runs @loop, outside handlers
 * Return:  0, ACTOR_E_NOMEM, ACTOR_E_BUSY when the thread has an executor of its own,
 *          ACTOR_E_INVALID in a handler, ACTOR_E_SYSTEM when the loop takes no more handles
 */
ACTOR_NODISCARD ACTOR_EXPORT int actor_uv_create(struct uv_loop_s *loop,
						 struct actor_executor **ret_executor);

ACTOR__END_C

#endif
