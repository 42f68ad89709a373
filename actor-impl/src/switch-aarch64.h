/* SPDX-License-Identifier: MIT */
#ifndef ACTOR__SWITCH_AARCH64_H
#define ACTOR__SWITCH_AARCH64_H

/* For AArch64, AAPCS64. On a stack that was left lie, from its pointer on: the frame pointer, where
 * it goes on, a gap, and x19, by which some compilers address the frame. */

static inline void *actor__switch_prepare(void *bottom, size_t bytes, void (*entry)(void))
{
	uintptr_t *top = (uintptr_t *)(((uintptr_t)bottom + bytes) & ~(uintptr_t)15);

	top -= 4;
	top[0] = 0; /* ends backtraces */
	top[1] = (uintptr_t)entry;
	top[2] = top[3] = 0;
	return top;
}

#ifdef __ARM_FEATURE_SVE
#define ACTOR__SWITCH_SVE                                                                          \
	, "p0", "p1", "p2", "p3", "p4", "p5", "p6", "p7", "p8", "p9", "p10", "p11", "p12", "p13",  \
		"p14", "p15"
#else
#define ACTOR__SWITCH_SVE
#endif

ACTOR__INLINE void actor__switch(void **ret_here, void *there)
{
	register void **here __asm__("x0") = ret_here;
	register void *to __asm__("x1") = there;

	/* By x16, which may go to where any kind of branch target is marked. */
	__asm__ volatile("adr	x16, 1f\n\t"
			 "sub	sp, sp, #32\n\t"
			 "stp	x29, x16, [sp]\n\t"
			 "str	x19, [sp, #24]\n\t"
			 "mov	x9, sp\n\t"
			 "str	x9, [x0]\n\t"
			 "mov	sp, x1\n\t"
			 "ldp	x29, x16, [sp]\n\t"
			 "ldr	x19, [sp, #24]\n\t"
			 "add	sp, sp, #32\n\t"
			 "br	x16\n"
			 "1:\n\t"
			 "hint	#36" /* bti j */
			 : "+r"(here), "+r"(to)
			 :
			 : "x2", "x3", "x4", "x5", "x6", "x7", "x8", "x9", "x10", "x11", "x12",
			   "x13", "x14", "x15", "x16", "x17", "x18", "x20", "x21", "x22", "x23",
			   "x24", "x25", "x26", "x27", "x28", "x30", "v0", "v1", "v2", "v3", "v4",
			   "v5", "v6", "v7", "v8", "v9", "v10", "v11", "v12", "v13", "v14", "v15",
			   "v16", "v17", "v18", "v19", "v20", "v21", "v22", "v23", "v24", "v25",
			   "v26", "v27", "v28", "v29", "v30", "v31", "cc",
			   "memory" ACTOR__SWITCH_SVE);
}

#endif
