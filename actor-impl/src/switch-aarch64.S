/* SPDX-License-Identifier: MIT */

/*
 * actor__switch() for AArch64, AAPCS64: save the registers that a call keeps (x19 to x28, the frame
 * pointer, the link register, d8 to d15), change stacks, restore. It ends in a jump to where the
 * other stack goes on, not in ret: the return-stack predictor is always wrong about that.
 */

	.text
	.globl	actor__switch
	.hidden	actor__switch
	.type	actor__switch, %function
	.p2align 4
actor__switch:
	hint	#34		/* bti c: may be called indirectly */
	sub	sp, sp, #160
	stp	x19, x20, [sp]
	stp	x21, x22, [sp, #16]
	stp	x23, x24, [sp, #32]
	stp	x25, x26, [sp, #48]
	stp	x27, x28, [sp, #64]
	stp	x29, x30, [sp, #80]
	stp	d8, d9, [sp, #96]
	stp	d10, d11, [sp, #112]
	stp	d12, d13, [sp, #128]
	stp	d14, d15, [sp, #144]
	mov	x9, sp
	str	x9, [x0]
	mov	sp, x1
	ldp	x19, x20, [sp]
	ldp	x21, x22, [sp, #16]
	ldp	x23, x24, [sp, #32]
	ldp	x25, x26, [sp, #48]
	ldp	x27, x28, [sp, #64]
	ldp	x29, x30, [sp, #80]
	ldp	d8, d9, [sp, #96]
	ldp	d10, d11, [sp, #112]
	ldp	d12, d13, [sp, #128]
	ldp	d14, d15, [sp, #144]
	add	sp, sp, #160
	mov	x16, x30	/* x16: where branch targets are checked, it may go to any of them */
	br	x16
	.size	actor__switch, . - actor__switch

	.section .note.GNU-stack, "", %progbits
