/* SPDX-License-Identifier: MIT */

/*
 * actor__switch() by ucontext: for processors without a switch in assembly. Each switch is a system
 * call (it saves the signal mask), some twenty times slower; it is right, and it is everywhere.
 *
 * What to come back to lies on the stack that is left.
 */

#include "switch.h"

#include <signal.h>
#include <stdint.h>
#include <ucontext.h>

void *actor__switch_prepare(void *bottom, size_t bytes, void (*entry)(void))
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

void actor__switch(void **ret_here, void *there)
{
	ucontext_t here;

	*ret_here = &here;
	/* A switch of contexts changes the signal mask too, but that belongs to the thread. */
	pthread_sigmask(SIG_SETMASK, NULL, &((ucontext_t *)there)->uc_sigmask);
	swapcontext(&here, there);
}
