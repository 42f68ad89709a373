/* SPDX-License-Identifier: MIT */
#ifndef ACTOR__LOCAL_H
#define ACTOR__LOCAL_H

#include <actor-impl/local.h>

/** actor__local_step_or_sleep() - run one actor; if none is ready, sleep until one is, or the
 * thread's own context is woken, or @deadline_ns */
void actor__local_step_or_sleep(struct actor_executor *executor, int64_t deadline_ns);

#endif
