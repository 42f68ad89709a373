/* SPDX-License-Identifier: MIT */
#ifndef TESTS_LOOP_THREAD_H
#define TESTS_LOOP_THREAD_H

#include <actor-impl/uv.h>

/** struct loop_thread - a thread that runs a loop of libuv in which actors run */
struct loop_thread;

/** loop_thread_create() - start one; NULL if that fails */
struct loop_thread *loop_thread_create(void);

/** loop_thread_executor() - its */
struct actor_executor *loop_thread_executor(struct loop_thread *loop);

/** loop_thread_join() - as actor_executor_join(), by any other thread */
int loop_thread_join(struct loop_thread *loop, int64_t deadline_ns);

/** loop_thread_destroy() - as actor_executor_destroy(), by any other thread; with the loop */
int loop_thread_destroy(struct loop_thread *loop);

#endif
