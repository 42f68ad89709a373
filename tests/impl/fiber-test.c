/* SPDX-License-Identifier: MIT */

/*
 * Fibers: entered, left for each other, resumed anywhere, abandoned, overflowed, and given back.
 * What runs on them here, and what is done about those that were left, is the test's own; compiled
 * with each switch of stacks there is.
 *
 * What the system refuses is refused by functions of the test's that stand in for its own.
 */

#include "test.h"

#include "fiber-switch.h"
#include "thread.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	MOST_POOLED = 256,    /* stacks that are kept for later */
	MOST_GUARDED = 16000, /* stacks with a page behind them that nobody may touch */
	STACK_BYTES = 256 * 1024
};

/* ---- what the system refuses ---- */

static bool refuse_mmap, refuse_mprotect;

/* By the name that it has with offsets of 64 bits, as meson wants them, and without. */
typedef void *mmap_fn(void *address, size_t bytes, int protection, int flags, int fd, off_t offset);
mmap_fn __real_mmap, __wrap_mmap, __real_mmap64, __wrap_mmap64;
int __real_mprotect(void *address, size_t bytes, int protection);
int __wrap_mprotect(void *address, size_t bytes, int protection);

void *__wrap_mmap64(void *address, size_t bytes, int protection, int flags, int fd, off_t offset)
{
	if (!refuse_mmap)
		return __real_mmap64(address, bytes, protection, flags, fd, offset);
	errno = ENOMEM;
	return MAP_FAILED;
}

void *__wrap_mmap(void *address, size_t bytes, int protection, int flags, int fd, off_t offset)
{
	return __wrap_mmap64(address, bytes, protection, flags, fd, offset);
}

int __wrap_mprotect(void *address, size_t bytes, int protection)
{
	if (!refuse_mprotect)
		return __real_mprotect(address, bytes, protection);
	errno = ENOMEM;
	return -1;
}

/* ---- what runs on a fiber ---- */

enum { N_LEAVINGS = ACTOR__BASE + 1 };

struct runner {
	void (*body)(struct runner *runner);
	struct actor__fiber *fiber;
	struct actor__thread *entered_by;
	atomic_bool taken; /* somebody runs it */
	unsigned n_mains, n_runs, n_ends, n_turns, n_strange;
	unsigned n_left[N_LEAVINGS];
	uint64_t sum;
	unsigned char *pattern;
};

/* The fiber does not look at whose it is: here that carries the runner. */
static struct runner *runner_on(const struct actor__fiber *fiber)
{
	return (struct runner *)(void *)actor__fiber_actor(fiber);
}

_Noreturn void __wrap_actor__fiber_main(void);
_Noreturn void __wrap_actor__fiber_main(void)
{
	runner_on(actor__thread()->fiber)->n_mains++;
	for (;;) {
		struct runner *runner = runner_on(actor__thread()->fiber);

		runner->n_runs++;
		runner->body(runner);
		runner->n_ends++;
		actor__fiber_switch(actor__thread(), NULL, ACTOR__FREE);
	}
}

static bool is_on(const struct actor__fiber *fiber, const void *at)
{
	return (uintptr_t)at - (uintptr_t)fiber->stack < STACK_BYTES;
}

/* As activation.c: on the stack arrived at, when nothing uses the other one any more. */
void __wrap_actor__fiber_left(struct actor__thread *thread, struct actor__fiber *fiber,
			      enum actor__leaving how);
void __wrap_actor__fiber_left(struct actor__thread *thread, struct actor__fiber *fiber,
			      enum actor__leaving how)
{
	struct runner *runner = runner_on(fiber);
	const void *here = __builtin_frame_address(0);

	runner->n_left[how]++;
	runner->n_strange += thread != actor__thread() || thread->fiber == fiber;
	runner->n_strange += is_on(fiber, here);
	runner->n_strange += thread->fiber && !is_on(thread->fiber, here);
	if (how == ACTOR__FAILED)
		actor__fiber_restart(fiber);
	atomic_store(&runner->taken, false);
}

static void runner_get(struct runner *runner, void (*body)(struct runner *runner))
{
	memset(runner, 0, sizeof *runner);
	runner->body = body;
	runner->fiber = actor__fiber_get(actor__thread());
	if (runner->fiber)
		runner->fiber->actor = (struct actor__actor *)(void *)runner;
}

static void runner_put(struct runner *runner)
{
	actor__fiber_put(actor__thread(), runner->fiber);
}

static void go_to(struct runner *runner, enum actor__leaving how)
{
	runner->entered_by = actor__thread();
	actor__fiber_switch(actor__thread(), runner->fiber, how);
}

static void enter(struct runner *runner)
{
	go_to(runner, ACTOR__BASE);
}

/* Just come back, maybe elsewhere. */
static void look_around(struct runner *runner)
{
	runner->n_turns++;
	runner->n_strange += actor__thread() != runner->entered_by;
	runner->n_strange += actor__thread()->fiber != runner->fiber;
}

static void leave(struct runner *runner)
{
	actor__fiber_switch(actor__thread(), NULL, ACTOR__SUSPENDED);
	look_around(runner);
}

static void return_at_once(struct runner *runner)
{
	runner->n_strange += actor__thread()->fiber != runner->fiber;
}

static void what_is_free_goes_on_when_it_is_entered(void **state)
{
	struct runner runner;

	(void)state;
	runner_get(&runner, return_at_once);
	assert_null(actor__thread()->fiber);
	for (unsigned i = 1; i <= 5; i++) {
		enter(&runner);
		assert_int_equal(runner.n_runs, i);
		assert_int_equal(runner.n_left[ACTOR__FREE], i);
		assert_null(actor__thread()->fiber);
	}
	assert_true(runner.n_mains <= 1); /* an earlier test may have begun it */
	assert_int_equal(runner.n_strange, 0);
	runner_put(&runner);
}

static void leave_twice(struct runner *runner)
{
	leave(runner);
	leave(runner);
}

static void who_leaves_goes_on_there(void **state)
{
	struct runner runner;

	(void)state;
	runner_get(&runner, leave_twice);
	enter(&runner);
	assert_int_equal(runner.n_turns, 0);
	enter(&runner);
	assert_int_equal(runner.n_turns, 1);
	enter(&runner);
	assert_int_equal(runner.n_turns, 2);
	assert_int_equal(runner.n_runs, 1);
	enter(&runner); /* the next one */
	assert_int_equal(runner.n_runs, 2);
	enter(&runner);
	enter(&runner);
	assert_int_equal(runner.n_left[ACTOR__SUSPENDED], 4);
	assert_int_equal(runner.n_left[ACTOR__FREE], 2);
	assert_int_equal(runner.n_strange, 0);
	runner_put(&runner);
}

/* ---- from fiber to fiber ---- */

enum { N_LINKS = 5 };

static struct runner links[N_LINKS];

/* Each goes on with the next, in every way there is to leave, and the last with this thread. */
static void go_to_the_next(struct runner *runner)
{
	static const enum actor__leaving hows[] = { ACTOR__SUSPENDED, ACTOR__PAUSED, ACTOR__BASE };

	if (runner < &links[N_LINKS - 1])
		go_to(runner + 1, hows[(runner - links) % N_ELEMENTS(hows)]);
	else
		actor__fiber_switch(actor__thread(), NULL, ACTOR__SUSPENDED);
	look_around(runner);
}

static void fibers_go_on_with_each_other(void **state)
{
	(void)state;
	for (unsigned i = 0; i < N_LINKS; i++)
		runner_get(&links[i], go_to_the_next);
	for (unsigned round = 1; round <= 3; round++) {
		enter(&links[0]);
		for (unsigned i = 0; i < N_LINKS; i++) {
			assert_int_equal(links[i].n_runs, round);
			assert_int_equal(links[i].n_ends, round - 1);
		}
		assert_int_equal(links[0].n_left[ACTOR__SUSPENDED], round);
		assert_int_equal(links[1].n_left[ACTOR__PAUSED], round);
		assert_int_equal(links[2].n_left[ACTOR__BASE], round);
		/* They come back in any order. */
		for (unsigned i = 0; i < N_LINKS; i++) {
			enter(&links[(i * 3 + round) % N_LINKS]);
			assert_int_equal(links[(i * 3 + round) % N_LINKS].n_ends, round);
		}
	}
	for (unsigned i = 0; i < N_LINKS; i++) {
		assert_int_equal(links[i].n_left[ACTOR__FREE], 3);
		assert_int_equal(links[i].n_strange, 0);
		runner_put(&links[i]);
	}
}

/* ---- spares ---- */

static void a_thread_keeps_one_spare(void **state)
{
	struct actor__thread *thread = actor__thread();
	struct runner one, other;
	struct actor__fiber *spare;

	(void)state;
	runner_get(&one, return_at_once);
	runner_get(&other, return_at_once);
	assert_null(thread->spare);
	assert_ptr_not_equal(one.fiber, other.fiber);
	runner_put(&one);
	assert_ptr_equal(thread->spare, one.fiber);
	runner_put(&other);
	assert_ptr_equal(thread->spare, one.fiber);

	spare = actor__fiber_get(thread);
	assert_ptr_equal(spare, one.fiber);
	assert_ptr_equal(actor__fiber_get(thread), other.fiber); /* from the pool */
	actor__fiber_put(thread, spare);
	actor__fiber_put(thread, other.fiber);
	actor__fiber_recycle(NULL);
}

static void keep_a_spare(void *user, unsigned index)
{
	struct runner *runner = user;

	(void)index;
	runner_get(runner, return_at_once);
	enter(runner);
	runner_put(runner);
}

static void ended_threads_leave_their_spare(void **state)
{
	struct actor__thread *thread = actor__thread();
	struct actor__fiber *mine = actor__fiber_get(thread), *left;
	struct runner runner;

	(void)state;
	crew_run(1, keep_a_spare, &runner);
	left = actor__fiber_get(thread);
	assert_ptr_equal(left, runner.fiber);
	actor__fiber_put(thread, left);
	actor__fiber_put(thread, mine);
}

/* ---- many stacks, several threads ---- */

enum { N_WANDERERS = 24 };

struct meadow {
	struct runner runners[N_WANDERERS];
	unsigned n_each;
};

static struct meadow meadow;

static bool take(struct runner *runner)
{
	return !atomic_exchange(&runner->taken, true);
}

/* To somebody else's stack or to the thread's own. Who was left is free when it has been left. */
static void wander_off(struct runner *runner, uint64_t random)
{
	struct runner *other = &meadow.runners[random % N_WANDERERS];

	if (random % 8 > 2 && take(other))
		go_to(other, ACTOR__SUSPENDED);
	else
		actor__fiber_switch(actor__thread(), NULL, ACTOR__SUSPENDED);
	look_around(runner);
}

/* Locals at every depth, and a switch between each two uses of them. */
static uint64_t meander(struct runner *runner, unsigned depth, uint64_t seed)
{
	uint64_t table[8], random = seed | 1, sum = 0;

	for (size_t i = 0; i < N_ELEMENTS(table); i++)
		table[i] = test_random(&random);
	wander_off(runner, table[0]);
	if (depth > 0)
		sum = meander(runner, depth - 1, seed * 31 + depth);
	wander_off(runner, table[1]);
	random = seed | 1;
	for (size_t i = 0; i < N_ELEMENTS(table); i++)
		sum += table[i] - test_random(&random);
	return sum;
}

static void meander_once(struct runner *runner)
{
	runner->sum += meander(runner, 12, (uintptr_t)runner + runner->n_turns);
}

static void wander(void *user, unsigned index)
{
	uint64_t random = index + 1;

	(void)user;
	for (unsigned i = 0; i < meadow.n_each; i++) {
		struct runner *runner = &meadow.runners[test_random(&random) % N_WANDERERS];

		if (take(runner))
			enter(runner);
	}
}

static void fibers_resume_on_any_thread(void **state)
{
	unsigned n_direct = 0;

	(void)state;
	memset(&meadow, 0, sizeof meadow);
	meadow.n_each = test_times(50000);
	for (unsigned i = 0; i < N_WANDERERS; i++)
		runner_get(&meadow.runners[i], meander_once);
	crew_run(4, wander, NULL);
	for (unsigned i = 0; i < N_WANDERERS; i++)
		n_direct += meadow.runners[i].n_turns;
	assert_true(n_direct > meadow.n_each); /* more than were entered from outside */
	for (unsigned i = 0; i < N_WANDERERS; i++) {
		struct runner *runner = &meadow.runners[i];

		/* To its end, with nobody else. */
		while (runner->n_runs == 0 || runner->n_ends < runner->n_runs) {
			for (unsigned k = 0; k < N_WANDERERS; k++)
				atomic_store(&meadow.runners[k].taken, true);
			enter(runner);
		}
		assert_int_equal(runner->n_strange, 0);
		assert_int_equal(runner->sum, 0);
		assert_int_equal(runner->n_left[ACTOR__FREE], runner->n_runs);
	}
	for (unsigned i = 0; i < N_WANDERERS; i++)
		runner_put(&meadow.runners[i]);
}

/* ---- abandoned stacks ---- */

static void fall(struct runner *runner, unsigned depth, struct actor__fiber *to)
{
	volatile unsigned weight[30];

	weight[0] = depth;
	if (depth < 10)
		fall(runner, depth + 1, to);
	else if (runner->n_runs > 0)
		actor__fiber_switch(actor__thread(), to, ACTOR__FAILED);
	runner->sum += weight[0];
}

static void fall_in_the_middle(struct runner *runner)
{
	leave(runner);
	fall(runner, 0, NULL);
	runner->n_strange++; /* never */
}

static void abandoned_fibers_begin_anew(void **state)
{
	struct actor__fiber *same = NULL;

	(void)state;
	for (unsigned i = 0; i < test_times(1000); i++) {
		struct runner runner;
		bool falls = i % 3 != 2;

		runner_get(&runner, falls ? fall_in_the_middle : return_at_once);
		assert_true(!same || runner.fiber == same);
		same = runner.fiber;
		enter(&runner);
		if (falls)
			enter(&runner);
		assert_int_equal(runner.n_runs, 1);
		assert_int_equal(runner.n_left[ACTOR__FAILED], falls);
		/* From its beginning, each time after it has fallen. */
		assert_true(i == 0 || runner.n_mains == (i % 3 != 0));
		assert_int_equal(runner.n_strange, 0);
		assert_null(actor__thread()->fiber);
		runner_put(&runner);
	}
}

static struct runner survivor;

static void fall_onto_another(struct runner *runner)
{
	survivor.entered_by = actor__thread();
	fall(runner, 0, survivor.fiber);
	runner->n_strange++; /* never */
}

static void who_falls_may_land_on_another_fiber(void **state)
{
	struct runner runner;

	(void)state;
	runner_get(&survivor, leave_twice);
	runner_get(&runner, fall_onto_another);
	enter(&survivor);
	for (unsigned i = 1; i <= 2; i++) {
		enter(&runner);
		assert_int_equal(runner.n_left[ACTOR__FAILED], i);
		assert_int_equal(survivor.n_turns, i);
	}
	assert_int_equal(survivor.n_ends, 1);
	assert_int_equal(survivor.n_strange, 0);
	assert_int_equal(runner.n_strange, 0);
	runner_put(&survivor);
	runner_put(&runner);
}

/* ---- thousands ---- */

static void wait_once(struct runner *runner)
{
	unsigned char pattern[64];
	unsigned char expected = (unsigned char)((uintptr_t)runner / sizeof *runner);

	memset(pattern, expected, sizeof pattern);
	leave(runner);
	for (size_t i = 0; i < sizeof pattern; i++)
		runner->n_strange += pattern[i] != expected;
}

static unsigned with_a_stack(const struct runner *runners, unsigned n)
{
	unsigned n_stacks = 0;

	for (unsigned i = 0; i < n; i++)
		n_stacks += runners[i].fiber->stack != NULL;
	return n_stacks;
}

static void thousands_wait_and_are_given_back(void **state)
{
	/* Valgrind and the sanitizers know a limited number of mappings. */
	const bool few = ACTOR__TSAN || ACTOR__ASAN || test_on_valgrind();
	const unsigned n = few ? MOST_POOLED + 100 : MOST_GUARDED + 500;
	struct runner *runners = calloc(n, sizeof *runners);
	unsigned n_guarded = 0, n_strange = 0;

	(void)state;
	assert_non_null(runners);
	for (unsigned i = 0; i < n; i++) {
		runner_get(&runners[i], wait_once);
		assert_non_null(runners[i].fiber);
		enter(&runners[i]);
		n_guarded += runners[i].fiber->guarded;
	}
	assert_int_equal(n_guarded, n < MOST_GUARDED ? n : MOST_GUARDED);
	for (unsigned i = n; i-- > 0;)
		enter(&runners[i]);
	for (unsigned i = 0; i < n; i++) {
		n_strange += runners[i].n_strange + (runners[i].n_turns != 1);
		runner_put(&runners[i]);
	}
	assert_int_equal(n_strange, 0);
	assert_in_range(with_a_stack(runners, n), 1, MOST_POOLED + 1);

	/* Fibers that have lost their stack get another. */
	for (unsigned i = 0; i < MOST_POOLED + 50; i++) {
		runner_get(&runners[i], wait_once);
		enter(&runners[i]);
		enter(&runners[i]);
		assert_int_equal(runners[i].n_strange, 0);
		assert_true(runners[i].fiber->guarded);
	}
	for (unsigned i = 0; i < MOST_POOLED + 50; i++)
		runner_put(&runners[i]);
	free(runners);
}

static void without_mappings_there_are_no_fibers(void **state)
{
	static struct runner runners[MOST_POOLED + 10];
	unsigned n = 0;

	(void)state;
	refuse_mmap = true;
	do
		runner_get(&runners[n], return_at_once);
	while (runners[n].fiber && ++n < N_ELEMENTS(runners) - 1);
	assert_in_range(n, 0, MOST_POOLED + 1);
	assert_null(actor__fiber_get(actor__thread()));
	refuse_mmap = false;

	runner_get(&runners[n], return_at_once);
	assert_non_null(runners[n].fiber);
	enter(&runners[n]);
	assert_int_equal(runners[n].n_runs, 1);
	for (unsigned i = 0; i <= n; i++)
		runner_put(&runners[i]);
}

/* ---- signal masks ---- */

static sigset_t mask_now(void)
{
	sigset_t mask;

	pthread_sigmask(SIG_SETMASK, NULL, &mask);
	return mask;
}

static void look_at_mask(struct runner *runner)
{
	sigset_t mask = mask_now();

	runner->n_strange += sigismember(&mask, SIGUSR1) != 1;
	leave(runner);
	mask = mask_now();
	runner->n_strange += sigismember(&mask, SIGUSR1) != 0;
}

static void enter_with_signals(void *user, unsigned index)
{
	struct runner *runner = user;
	sigset_t mask = mask_now();

	(void)index;
	sigdelset(&mask, SIGUSR1);
	pthread_sigmask(SIG_SETMASK, &mask, NULL);
	enter(runner);
	mask = mask_now();
	runner->n_strange += sigismember(&mask, SIGUSR1) != 0;
}

static void the_signal_mask_is_the_threads(void **state)
{
	sigset_t before = mask_now(), blocked = before;
	struct runner runner;

	(void)state;
	runner_get(&runner, look_at_mask); /* its stack is made ready with another mask */
	sigaddset(&blocked, SIGUSR1);
	pthread_sigmask(SIG_SETMASK, &blocked, NULL);
	enter(&runner);
	blocked = mask_now();
	assert_int_equal(sigismember(&blocked, SIGUSR1), 1);
	crew_run(1, enter_with_signals, &runner);
	blocked = mask_now();
	assert_int_equal(sigismember(&blocked, SIGUSR1), 1);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	assert_int_equal(runner.n_turns, 1);
	assert_int_equal(runner.n_strange, 0);
	runner_put(&runner);
}

/* ---- overflows; each in a process of its own ---- */

enum { AS_EXPECTED = 42, ELSEWHERE = 43, HARMED = 44, UNNOTICED = 45 };

static struct runner neighbours[3];
static struct runner *const victim = &neighbours[1];
static size_t reach; /* how far below its stack the victim's overflow is to be noticed */

static bool patterns_are_whole(void)
{
	for (unsigned i = 0; i < N_ELEMENTS(neighbours); i++)
		for (size_t k = 0; neighbours[i].pattern && k < STACK_BYTES / 2; k++)
			if (neighbours[i].pattern[k] != (unsigned char)(k * 3 + i))
				return false;
	return true;
}

static void on_fault(int number, siginfo_t *info, void *context)
{
	const char *at = info->si_addr, *stack = victim->fiber->stack;

	(void)number, (void)context;
	if (at < stack - reach || at >= stack)
		_exit(ELSEWHERE);
	_exit(patterns_are_whole() ? AS_EXPECTED : HARMED);
}

static void catch_faults(void)
{
	static char memory[65536];
	stack_t stack = { .ss_sp = memory, .ss_size = sizeof memory };
	struct sigaction action = { .sa_sigaction = on_fault, .sa_flags = SA_ONSTACK | SA_SIGINFO };

	sigaltstack(&stack, NULL);
	sigaction(SIGSEGV, &action, NULL);
	sigaction(SIGBUS, &action, NULL);
}

/* Half a stack of bytes that somebody else must not change. */
static void own_a_pattern(struct runner *runner)
{
	unsigned char pattern[STACK_BYTES / 2];

	for (size_t k = 0; k < sizeof pattern; k++)
		pattern[k] = (unsigned char)(k * 3 + (size_t)(runner - neighbours));
	runner->pattern = pattern;
	leave(runner);
	runner->pattern = NULL;
}

static uint64_t overflow(struct runner *runner, uint64_t depth)
{
	volatile uint64_t weight[64];

	weight[depth % 64] = depth;
	if (depth < UINT64_MAX)
		runner->sum += overflow(runner, depth + 1);
	return weight[depth % 64];
}

static void overflow_for_ever(struct runner *runner)
{
	overflow(runner, 0);
}

static void overflow_among_neighbours(void (*body)(struct runner *runner))
{
	catch_faults();
	for (unsigned i = 0; i < N_ELEMENTS(neighbours); i++) {
		runner_get(&neighbours[i], &neighbours[i] == victim ? body : own_a_pattern);
		if (&neighbours[i] != victim)
			enter(&neighbours[i]);
	}
	enter(victim);
	_exit(UNNOTICED);
}

static void overflow_bit_by_bit(void)
{
	reach = (size_t)sysconf(_SC_PAGESIZE);
	overflow_among_neighbours(overflow_for_ever);
}

/* Larger than the stack, and only its far end is used. */
static void use_a_large_array(struct runner *runner)
{
	volatile unsigned char large[3 * STACK_BYTES];

	large[0] = 1;
	runner->sum += large[0];
}

static void overflow_at_once(void)
{
	reach = 1024 * 1024;
	overflow_among_neighbours(use_a_large_array);
}

/* How a function in a process of its own has ended. */
static int status_of(void (*function)(void))
{
	int status = -1;
	pid_t child = fork();

	if (child == 0) {
		function();
		_exit(0);
	}
	assert_true(child > 0);
	assert_int_equal(waitpid(child, &status, 0), child);
	return status;
}

static void an_overflow_is_a_fault_and_harms_nobody(void **state)
{
	int status = status_of(overflow_bit_by_bit);

	(void)state;
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), AS_EXPECTED);
}

static void a_large_array_does_not_step_over_the_guard(void **state)
{
	int status = status_of(overflow_at_once);

	(void)state;
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), AS_EXPECTED);
}

static bool may_be_noticed;

/* Who it was is not known here. */
_Noreturn void __wrap_actor__overflow_end(const struct actor__fiber *fiber);
_Noreturn void __wrap_actor__overflow_end(const struct actor__fiber *fiber)
{
	(void)fiber;
	_exit(may_be_noticed ? AS_EXPECTED : ELSEWHERE);
}

static void touch_the_last_byte(struct runner *runner)
{
	runner->fiber->stack[0]++;
	leave(runner);
}

static void touch_all_but_the_last_bytes(struct runner *runner)
{
	runner->fiber->stack[8]++;
	leave(runner);
}

static void overflow_without_a_guard(void)
{
	struct runner modest, greedy;

	refuse_mprotect = true;
	do /* those that have one */
		runner_get(&modest, touch_all_but_the_last_bytes);
	while (modest.fiber->guarded);
	runner_get(&greedy, touch_the_last_byte);
	enter(&modest);
	enter(&modest);
	runner_put(&modest);
	may_be_noticed = true;
	enter(&greedy);
	_exit(UNNOTICED);
}

static void an_overflow_without_a_guard_is_noticed(void **state)
{
	int status = status_of(overflow_without_a_guard);

	(void)state;
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), AS_EXPECTED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_overflow_is_a_fault_and_harms_nobody),
		cmocka_unit_test(a_large_array_does_not_step_over_the_guard),
		cmocka_unit_test(an_overflow_without_a_guard_is_noticed),
		cmocka_unit_test(what_is_free_goes_on_when_it_is_entered),
		cmocka_unit_test(who_leaves_goes_on_there),
		cmocka_unit_test(fibers_go_on_with_each_other),
		cmocka_unit_test(a_thread_keeps_one_spare),
		cmocka_unit_test(ended_threads_leave_their_spare),
		cmocka_unit_test(fibers_resume_on_any_thread),
		cmocka_unit_test(abandoned_fibers_begin_anew),
		cmocka_unit_test(who_falls_may_land_on_another_fiber),
		cmocka_unit_test(thousands_wait_and_are_given_back),
		cmocka_unit_test(without_mappings_there_are_no_fibers),
		cmocka_unit_test(the_signal_mask_is_the_threads),
	};

	return cmocka_run_group_tests_name("fiber", tests, NULL, NULL);
}
