/* SPDX-License-Identifier: MIT */
#ifndef ACTOR_IMPL_H
#define ACTOR_IMPL_H

/**
 * DOC: actor-impl, the reference implementation of actor-iface
 *
 * Make an executor (pool.h, local.h, simulation.h; in a loop of libuv uv.h, in any other driver.h),
 * get its spawner, and from there on use actor-iface alone. Plain threads take part through
 * actor_thread_context() (thread.h), and send many messages in a row in bursts (burst.h); messages
 * at points in time are sent by timers (timer.h).
 *
 * Where a queue is not what an actor needs between it and its senders: channel.h, channel-kinds.h,
 * channel-mailbox.h, shared.h, pause.h.
 *
 * Who fails is started again by a supervisor (supervisor.h), others are told by a monitor
 * (monitor.h), and messages can have several attempts (attempts.h).
 *
 * A program of many actors may want to know who is there, who is stuck, and to be stopped in order:
 * runtime.h.
 *
 * Beside that, for actors of any implementation: permits that are waited for in line (semaphore.h),
 * subtasks (nursery.h), events for whoever wants to know (observer.h).
 */

#include <actor-iface/actor-iface.h>
#include <actor-impl/attempts.h>
#include <actor-impl/burst.h>
#include <actor-impl/channel-kinds.h>
#include <actor-impl/channel-mailbox.h>
#include <actor-impl/channel.h>
#include <actor-impl/counts.h>
#include <actor-impl/deadlock.h>
#include <actor-impl/driver.h>
#include <actor-impl/executor.h>
#include <actor-impl/local.h>
#include <actor-impl/log-sink.h>
#include <actor-impl/monitor.h>
#include <actor-impl/nursery.h>
#include <actor-impl/observer.h>
#include <actor-impl/pause.h>
#include <actor-impl/pool.h>
#include <actor-impl/runtime.h>
#include <actor-impl/semaphore.h>
#include <actor-impl/shared.h>
#include <actor-impl/simulation.h>
#include <actor-impl/stack.h>
#include <actor-impl/supervisor.h>
#include <actor-impl/thread.h>
#include <actor-impl/timer.h>
#include <actor-impl/uv.h>

#endif
