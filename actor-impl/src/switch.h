/* SPDX-License-Identifier: MIT */
#ifndef ACTOR__SWITCH_H
#define ACTOR__SWITCH_H

#include <stddef.h>

/*
 * Changing stacks: in assembly for x86-64 and AArch64, switch-ucontext.c everywhere else.
 */

/**
 * actor__switch_prepare() - make a stack ready to be switched to for the first time
 * @bottom: of the stack: its lowest address
 * @bytes:  its size
 * @entry:  runs there, and never returns
 *
 * Return: what to switch to
 */
void *actor__switch_prepare(void *bottom, size_t bytes, void (*entry)(void));

/**
 * actor__switch() - go on with another stack; returns when somebody switches back
 * @ret_here: receives what to switch to in order to come back here; written before the switch
 * @there:    from actor__switch_prepare() or an earlier @ret_here; used up
 *
 * Keeps what a function call keeps. The floating-point environment (rounding mode) belongs to the
 * thread, not to the stack.
 */
void actor__switch(void **ret_here, void *there);

#endif
