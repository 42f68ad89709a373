/* SPDX-License-Identifier: MIT */

/*
 * The switch of stacks by itself: what a function call keeps is kept. Only stacks and switches:
 * what the sanitizers must be told about them is the business of fibers.
 */

#include "test.h"

#include "switch.h"

#include <stdlib.h>
#include <string.h>

enum { STACK_BYTES = 256 * 1024, N_STACKS = 20 };

struct strand {
	void *bottom;
	void *there;
	unsigned index;
	unsigned n_turns;
	uint64_t sum;
	bool aligned;
};

static struct strand strands[N_STACKS];
static struct strand *current;
static void *home;

static void strand_init(unsigned index, void (*entry)(void))
{
	struct strand *strand = &strands[index];

	memset(strand, 0, sizeof *strand);
	strand->bottom = aligned_alloc(4096, STACK_BYTES);
	assert_non_null(strand->bottom);
	strand->index = index;
	strand->there = actor__switch_prepare(strand->bottom, STACK_BYTES, entry);
}

static void enter(struct strand *strand)
{
	current = strand;
	actor__switch(&home, strand->there);
}

static void leave(struct strand *strand)
{
	actor__switch(&strand->there, home);
}

static int free_stacks(void **state)
{
	(void)state;
	for (unsigned i = 0; i < N_STACKS; i++)
		free(strands[i].bottom);
	memset(strands, 0, sizeof strands);
	return 0;
}

static void say_where(void)
{
	struct strand *strand = current;
	char here;

	strand->n_turns++;
	strand->aligned = (uintptr_t)__builtin_frame_address(0) % 16 == 0;
	strand->sum = (uintptr_t)&here;
	for (;;)
		leave(strand);
}

static void entry_runs_on_the_new_stack(void **state)
{
	uintptr_t bottom;

	(void)state;
	strand_init(0, say_where);
	bottom = (uintptr_t)strands[0].bottom;
	enter(&strands[0]);
	assert_int_equal(strands[0].n_turns, 1);
	assert_true(strands[0].aligned);
	assert_in_range(strands[0].sum, bottom, bottom + STACK_BYTES - 1);
	enter(&strands[0]);
	assert_int_equal(strands[0].n_turns, 1);
}

/* Locals of every kind at every depth, over many turns in any order. */
static uint64_t meander(struct strand *strand, unsigned depth, uint64_t seed)
{
	uint64_t table[16], random = seed | 1, sum = 0;
	double ratio = (double)(seed % 1000) / 8;

	for (size_t i = 0; i < N_ELEMENTS(table); i++)
		table[i] = test_random(&random);
	leave(strand);
	if (depth > 0)
		sum = meander(strand, depth - 1, seed * 31 + depth);
	leave(strand);
	random = seed | 1;
	for (size_t i = 0; i < N_ELEMENTS(table); i++)
		sum += table[i] - test_random(&random);
	return sum + (ratio != (double)(seed % 1000) / 8);
}

static void meander_for_ever(void)
{
	struct strand *strand = current;

	for (;;) {
		strand->sum += meander(strand, 20, strand->index + 1000 * strand->n_turns);
		strand->n_turns++;
	}
}

static void locals_survive(void **state)
{
	uint64_t random = 1;

	(void)state;
	for (unsigned i = 0; i < N_STACKS; i++)
		strand_init(i, meander_for_ever);
	for (unsigned i = 0; i < 20000; i++)
		enter(&strands[test_random(&random) % N_STACKS]);
	for (unsigned i = 0; i < N_STACKS; i++) {
		assert_true(strands[i].n_turns > 0);
		assert_int_equal(strands[i].sum, 0);
	}
}

#if defined(__x86_64__)

/* The switch as a function, whose caller finds all that a call keeps as it was. */
void switch_stacks(void **ret_here, void *there);
__attribute__((noinline)) void switch_stacks(void **ret_here, void *there)
{
	actor__switch(ret_here, there);
}

/*
 * unsigned registers_lost(void **ret_here, void *there, uint64_t pattern)
 *
 * Fill the registers that a call keeps with PATTERN + 1 ... PATTERN + 6, switch, and count those
 * that have something else in them afterwards. PATTERN itself is kept on the stack.
 */
unsigned registers_lost(void **ret_here, void *there, uint64_t pattern);
__asm__("	.text\n"
	"	.type registers_lost, @function\n"
	"registers_lost:\n"
	"	push %rbx\n"
	"	push %rbp\n"
	"	push %r12\n"
	"	push %r13\n"
	"	push %r14\n"
	"	push %r15\n"
	"	push %rdx\n"
	"	lea 1(%rdx), %rbx\n"
	"	lea 2(%rdx), %rbp\n"
	"	lea 3(%rdx), %r12\n"
	"	lea 4(%rdx), %r13\n"
	"	lea 5(%rdx), %r14\n"
	"	lea 6(%rdx), %r15\n"
	"	call switch_stacks\n"
	"	pop %rdx\n"
	"	xor %eax, %eax\n"
	"	sub %rdx, %rbx\n	sub $1, %rbx\n	setne %cl\n	add %cl, %al\n"
	"	sub %rdx, %rbp\n	sub $2, %rbp\n	setne %cl\n	add %cl, %al\n"
	"	sub %rdx, %r12\n	sub $3, %r12\n	setne %cl\n	add %cl, %al\n"
	"	sub %rdx, %r13\n	sub $4, %r13\n	setne %cl\n	add %cl, %al\n"
	"	sub %rdx, %r14\n	sub $5, %r14\n	setne %cl\n	add %cl, %al\n"
	"	sub %rdx, %r15\n	sub $6, %r15\n	setne %cl\n	add %cl, %al\n"
	"	pop %r15\n"
	"	pop %r14\n"
	"	pop %r13\n"
	"	pop %r12\n"
	"	pop %rbp\n"
	"	pop %rbx\n"
	"	ret\n"
	"	.size registers_lost, . - registers_lost\n");

static void count_lost_registers(void)
{
	struct strand *strand = current;

	for (;;) {
		strand->n_turns++;
		strand->sum += registers_lost(&strand->there, home,
					      UINT64_C(0x1111111111111111) * (strand->index + 1));
	}
}

static void registers_survive(void **state)
{
	uint64_t random = 1;
	unsigned n_lost = 0;

	(void)state;
	for (unsigned i = 0; i < 10; i++)
		strand_init(i, count_lost_registers);
	for (unsigned i = 0; i < 10000; i++) {
		current = &strands[test_random(&random) % 10];
		n_lost += registers_lost(&home, current->there, 0xfedcba9876543210);
	}
	assert_int_equal(n_lost, 0);
	for (unsigned i = 0; i < 10; i++) {
		assert_true(strands[i].n_turns > 1);
		assert_int_equal(strands[i].sum, 0);
	}
}

#endif

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(entry_runs_on_the_new_stack, free_stacks),
		cmocka_unit_test_teardown(locals_survive, free_stacks),
#if defined(__x86_64__)
		cmocka_unit_test_teardown(registers_survive, free_stacks),
#endif
	};

	return cmocka_run_group_tests_name("switch", tests, NULL, NULL);
}
