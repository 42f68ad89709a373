/* SPDX-License-Identifier: MIT */

/*
 * actor__switch() for x86-64, System V ABI: save the six registers that a call keeps, change
 * stacks, restore. It ends in an indirect jump, not in ret: the return-stack predictor is always
 * wrong about a changed stack, and that costs more than the rest together.
 */

	.text
	.globl	actor__switch
	.hidden	actor__switch
	.type	actor__switch, @function
	.p2align 4
actor__switch:
	endbr64
	pushq	%rbp
	pushq	%rbx
	pushq	%r12
	pushq	%r13
	pushq	%r14
	pushq	%r15
	movq	%rsp, (%rdi)
	movq	%rsi, %rsp
	popq	%r15
	popq	%r14
	popq	%r13
	popq	%r12
	popq	%rbx
	popq	%rbp
	popq	%rcx
	jmp	*%rcx
	.size	actor__switch, . - actor__switch

	.section .note.GNU-stack, "", @progbits
