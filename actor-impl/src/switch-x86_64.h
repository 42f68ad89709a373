/* SPDX-License-Identifier: MIT */
#ifndef ACTOR__SWITCH_X86_64_H
#define ACTOR__SWITCH_X86_64_H

/* For x86-64, System V ABI. On a stack that was left lie, from its pointer on: where it goes on,
 * the frame pointer, and 128 bytes that a function may use below its stack pointer. */

static inline void *actor__switch_prepare(void *bottom, size_t bytes, void (*entry)(void))
{
	uintptr_t *top = (uintptr_t *)(void *)((char *)bottom + bytes);

	/* As after a call: a return address, here 0 to end backtraces, is on a stack that is a
	 * multiple of 16 without it. */
	*--top = 0;
	*--top = (uintptr_t)entry;
	return top;
}

#ifdef __AVX512F__
#define ACTOR__SWITCH_AVX512                                                                       \
	, "xmm16", "xmm17", "xmm18", "xmm19", "xmm20", "xmm21", "xmm22", "xmm23", "xmm24",         \
		"xmm25", "xmm26", "xmm27", "xmm28", "xmm29", "xmm30", "xmm31", "k0", "k1", "k2",   \
		"k3", "k4", "k5", "k6", "k7"
#else
#define ACTOR__SWITCH_AVX512
#endif

ACTOR__INLINE void actor__switch(void **ret_here, void *there)
{
	__asm__ volatile("leaq	-128(%%rsp), %%rsp\n\t"
			 "pushq	%%rbp\n\t"
			 "leaq	1f(%%rip), %%rax\n\t"
			 "pushq	%%rax\n\t"
			 "movq	%%rsp, (%%rdi)\n\t"
			 "movq	%%rsi, %%rsp\n\t"
			 "popq	%%rax\n\t"
			 "jmp	*%%rax\n"
			 "1:\n\t"
			 "popq	%%rbp\n\t"
			 "leaq	128(%%rsp), %%rsp"
			 : "+D"(ret_here), "+S"(there)
			 :
			 : "rax", "rbx", "rcx", "rdx", "r8", "r9", "r10", "r11", "r12", "r13",
			   "r14", "r15", "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6",
			   "xmm7", "xmm8", "xmm9", "xmm10", "xmm11", "xmm12", "xmm13", "xmm14",
			   "xmm15", "st", "st(1)", "st(2)", "st(3)", "st(4)", "st(5)", "st(6)",
			   "st(7)", "mm0", "mm1", "mm2", "mm3", "mm4", "mm5", "mm6", "mm7", "cc",
			   "memory" ACTOR__SWITCH_AVX512);
}

#endif
