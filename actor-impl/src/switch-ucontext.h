/* SPDX-License-Identifier: MIT */
#ifndef ACTOR__SWITCH_UCONTEXT_H
#define ACTOR__SWITCH_UCONTEXT_H

/*
 * For processors without a switch in assembly. Each switch is a system call (it saves the signal
 * mask), some twenty times slower; it is right, and it is everywhere.
 *
 * What to come back to lies on the stack that is left.
 */

#include <signal.h>
#include <ucontext.h>

static inline void *actor__switch_prepare(void *bottom, size_t bytes, void (*entry)(void))
{
	uintptr_t top = (uintptr_t)bottom + bytes - sizeof(ucontext_t);
	ucontext_t *there = (ucontext_t *)(top - top % 64);

	getcontext(there);
	there->uc_stack.ss_sp = bottom;
	there->uc_stack.ss_size = (size_t)((char *)there - (char *)bottom);
	there->uc_link = NULL;
	makecontext(there, entry, 0);
	return there;
}

/* Not inline: a function with such a thing in it is large. */
static ACTOR__OUT_OF_LINE __attribute__((unused)) void actor__switch(void **ret_here, void *there)
{
	ucontext_t here;

	*ret_here = &here;
	/* A switch of contexts changes the signal mask too, but that belongs to the thread. */
	pthread_sigmask(SIG_SETMASK, NULL, &((ucontext_t *)there)->uc_sigmask);
	swapcontext(&here, there);
}

#endif
