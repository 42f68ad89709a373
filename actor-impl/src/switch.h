/* SPDX-License-Identifier: MIT */
#ifndef ACTOR__SWITCH_H
#define ACTOR__SWITCH_H

/*
 * Changing stacks: in assembly for x86-64 and AArch64, by ucontext everywhere else.
 *
 * Each of the files defines
 *
 *	void *actor__switch_prepare(void *bottom, size_t bytes, void (*entry)(void));
 *
 * which makes a stack ready to be switched to for the first time: from its lowest address @bottom,
 * @bytes of it; @entry runs there, and never returns. It returns what to switch to.
 *
 *	void actor__switch(void **ret_here, void *there);
 *
 * goes on with another stack, and returns when somebody switches back. @ret_here receives what to
 * switch to in order to come back here, and is written before the switch; @there is from
 * actor__switch_prepare() or an earlier @ret_here, and used up. It keeps what a function call
 * keeps. The floating-point environment (rounding mode) belongs to the thread, not to the stack.
 *
 * In assembly it is inline, keeps only the registers by which compilers address a frame, and
 * ends in a jump: the processor predicts where a function returns to, and after a change of stacks
 * it would be wrong for each function that was entered on one stack and returns on another.
 */

#include "util/compiler.h"

#include <stddef.h>
#include <stdint.h>

#if defined(ACTOR__SWITCH_UCONTEXT)
#include "switch-ucontext.h"
#elif defined(__x86_64__) && defined(__LP64__)
#include "switch-x86_64.h"
#elif defined(__aarch64__) && defined(__LP64__)
#include "switch-aarch64.h"
#else
#error "no switch of stacks for this processor: configure with -Dswitch=ucontext"
#endif

#endif
