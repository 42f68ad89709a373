/* SPDX-License-Identifier: MIT */
#ifndef ACTOR__OVERFLOW_H
#define ACTOR__OVERFLOW_H

struct actor__fiber;
struct actor__thread;

/** actor__overflow_arm() - a thread begins to use the library: the stack on which it reports */
void actor__overflow_arm(struct actor__thread *thread);

/** actor__overflow_disarm() - it ends */
void actor__overflow_disarm(struct actor__thread *thread);

/** actor__overflow_end() - a stack without a guard has been overwritten: say so, and abort */
_Noreturn void actor__overflow_end(const struct actor__fiber *fiber);

#endif
