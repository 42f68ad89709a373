/* SPDX-License-Identifier: MIT */
#ifndef ACTOR_IMPL_STACK_H
#define ACTOR_IMPL_STACK_H

#include <actor-iface/base.h>
#include <actor-impl/export.h>

ACTOR__BEGIN_C

/**
 * DOC: the stacks on which handlers run
 *
 * Each has 256 KiB, if not told otherwise, of which what is not touched costs addresses alone.
 * Below it lies a guard of 1 MiB, so that an overflow, also by one large array, is a fault at once
 * (SIGSEGV), and not somebody else's memory. Beyond 16,000 stacks there is no guard, but a value at
 * the end: an overflow is noticed when a handler waits, and the process aborted then.
 *
 * A handler that waits keeps its stack; whoever runs meanwhile has another one. When the system
 * has no memory for one more (a limit like RLIMIT_AS is reached), an actor that is to be run waits
 * until a handler of its executor has ended, or there is memory again, which is tried up to every
 * 128 ms; meanwhile threads sleep, deadlines and timers hold, and handlers that wait go on when
 * they are woken. But all of them may be waiting, and just for such actors: so when for about a
 * second nobody has got a stack, no other thread of the executor was busy, and no handler waited
 * with a deadline, at which its stack may come back, the first of these actors fails; and then, as
 * long as that goes on, the others, one by one. It is as if their handlers had failed: with a text
 * that says so, which is logged, too; supervisors are told, calls end with %ACTOR_E_STOPPED.
 */

/**
 * actor_stack_set_bytes() - how large the stacks of handlers are, for the whole process
 * @bytes: at least 16 KiB (32 KiB where the library is built with the portable switch of stacks),
 *         and a multiple of the system's pages; what the library itself needs of them is some KiB,
 *         and printf() may take half of the smallest
 *
 * Thread:  any, before anything has run on such a stack: a pool starts on one
 * Return:  0, ACTOR_E_INVALID, ACTOR_E_BUSY when it is too late, ACTOR_E_NOMEM when the process
 * cannot have even one such stack
 */
ACTOR_NODISCARD ACTOR_EXPORT int actor_stack_set_bytes(size_t bytes);

/**
 * actor_stack_report_overflow() - say on stderr whose handler has overflowed its stack
 *
 * Before the process dies of it, a line names the actor and the message that it handles. By a
 * handler of the signals SIGSEGV and SIGBUS, which, after that and for all other faults, leaves
 * them to whoever had them before: by default the process dies as it would have. It runs on an
 * alternate stack (sigaltstack(2)), which each thread that uses the library from here on gets, and
 * this one, unless it has one already. A thread that blocks these signals dies of a fault without a
 * word, since the system does not ask then.
 *
 * Thread:  any, before executors are made
 * Return:  0, also if that is done already; ACTOR_E_NOMEM, ACTOR_E_SYSTEM
 */
ACTOR_NODISCARD ACTOR_EXPORT int actor_stack_report_overflow(void);

ACTOR__END_C

#endif
