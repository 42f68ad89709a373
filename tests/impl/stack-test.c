/* SPDX-License-Identifier: MIT */

/* The stacks of handlers: how large they are, and what becomes of one that overflows. Each test is
 * a process of its own, of which is known how it ended and what it said on stderr. */

#include "hand.h"
#include "test.h"

#include "fiber.h"
#include "thread.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum { KIB = 1024, PAST_THAT = 42, PASSED_ON = 43, FAILED = 44 };

#if defined(ACTOR__SWITCH_UCONTEXT)
enum { LEAST = 32 * KIB };
#else
enum { LEAST = 16 * KIB };
#endif

/* Frames are larger with what sanitizers do to them. */
static const size_t small = ACTOR__ASAN || ACTOR__TSAN ? 64 * KIB : LEAST;

/* ---- what the system refuses */

static bool refuse_mprotect;

int __real_mprotect(void *address, size_t bytes, int protection);
int __wrap_mprotect(void *address, size_t bytes, int protection);

int __wrap_mprotect(void *address, size_t bytes, int protection)
{
	if (!refuse_mprotect)
		return __real_mprotect(address, bytes, protection);
	errno = ENOMEM;
	return -1;
}

/* ---- processes */

static char said[20000];

/* How a function in a process of its own has ended. */
static int status_of(void (*function)(void))
{
	const struct rlimit none = { 0, 0 };
	int status = -1, ends[2];
	size_t n = 0;
	ssize_t got;
	pid_t child;

	if (pipe(ends) < 0)
		abort();
	child = fork();
	if (child == 0) {
		setrlimit(RLIMIT_CORE, &none);
		signal(SIGSEGV, SIG_DFL); /* cmocka, and sanitizers, have them */
		signal(SIGBUS, SIG_DFL);
		signal(SIGABRT, SIG_DFL);
		dup2(ends[1], STDERR_FILENO);
		close(ends[0]);
		close(ends[1]);
		function();
		_exit(PAST_THAT);
	}
	close(ends[1]);
	while (n < sizeof said - 1 && (got = read(ends[0], said + n, sizeof said - 1 - n)) > 0)
		n += (size_t)got;
	said[n] = '\0';
	close(ends[0]);
	if (child < 0 || waitpid(child, &status, 0) != child)
		abort();
	return status;
}

/* Valgrind finds that a process has faults, or leaks what it ends with, and has it exit so. */
static bool valgrind_objects(int status)
{
	return test_on_valgrind() && WIFEXITED(status) && WEXITSTATUS(status) == 99;
}

static bool died_of(int status, int number)
{
	return (WIFSIGNALED(status) && WTERMSIG(status) == number) || valgrind_objects(status);
}

static bool exited(int status, int code)
{
	return (WIFEXITED(status) && WEXITSTATUS(status) == code) || valgrind_objects(status);
}

/* In such a process: no cmocka there. */
static void must(bool holds)
{
	if (!holds)
		_exit(FAILED);
}

static struct actor_executor *executor;
static union hand_address hand;

static struct hand state_of_hand;
static size_t stack_bytes, used_bytes;

static void spawn(void)
{
	must(ACTOR_SPAWN(hand, actor_executor_spawner(executor), &state_of_hand,
			 ACTOR_OPTIONS(.name = "greedy"), &hand) == 0);
}

static void on_a_pool(hand_fn *function, void *user)
{
	const struct actor_pool_options options = { .size = sizeof options, .n_threads = 1 };

	must(actor_pool_create(&options, &executor) == 0);
	spawn();
	/* Not called: a thread that calls runs the actor itself. */
	must(hand_send(NULL, hand, function, user) == 0);
	actor_address_unref(hand.address);
	must(actor_executor_join(executor, test_deadline()) == 0);
	must(actor_executor_destroy(executor) == 0);
}

static void on_this_thread(hand_fn *function, void *user)
{
	must(actor_local_create(&executor) == 0);
	spawn();
	must(hand_send(NULL, hand, function, user) == 0);
	actor_address_unref(hand.address);
	must(actor_executor_join(executor, test_deadline()) == 0);
	must(actor_executor_destroy(executor) == 0);
}

/* ---- handlers that need much */

static uint64_t dig(uint64_t depth)
{
	volatile uint64_t weight[64];
	uint64_t sum = 0;

	weight[depth % 64] = depth;
	if (depth < UINT64_MAX)
		sum = dig(depth + 1);
	return sum + weight[depth % 64];
}

static int recurse_for_ever(struct actor_context *context, void *user)
{
	(void)context, (void)user;
	return dig(0) > 0;
}

static int use_a_large_array(struct actor_context *context, void *user)
{
	char large[900 * KIB];
	char *volatile far_end = large; /* or a compiler makes do with less */

	(void)context, (void)user;
	far_end[0] = 1;
	return far_end[0];
}

/* In frames of a KiB, each full, down to so many bytes from an address. */
static unsigned descend(uintptr_t from, size_t bytes)
{
	volatile char frame[KIB];
	unsigned n = 1;

	for (size_t i = 0; i < sizeof frame; i++)
		frame[i] = 1;
	if (from - (uintptr_t)frame < bytes)
		n += descend(from, bytes);
	return n + (unsigned)frame[0];
}

static int use_bytes(struct actor_context *context, void *user)
{
	char here;

	(void)context;
	return descend((uintptr_t)&here, *(size_t *)user) > 0;
}

/* Not NULL, which sanitizers look for. */
static int use_nothing(struct actor_context *context, void *user)
{
	int *volatile nothing = (int *)(uintptr_t)64;

	(void)context, (void)user;
	return *nothing;
}

/* ---- overflows */

static void recurse_on_a_pool(void)
{
	must(actor_stack_report_overflow() == 0);
	must(actor_stack_report_overflow() == 0);
	on_a_pool(recurse_for_ever, NULL);
}

static void recurse_here(void)
{
	must(actor_stack_report_overflow() == 0);
	on_this_thread(recurse_for_ever, NULL);
}

static void use_a_large_array_on_a_pool(void)
{
	must(actor_stack_report_overflow() == 0);
	on_a_pool(use_a_large_array, NULL);
}

static void assert_reported(int status)
{
	const char *line = strstr(said, "actor: a handler has overflowed its stack: ");

	assert_true(died_of(status, SIGSEGV));
	assert_non_null(line);
	assert_non_null(strstr(line, "hand: id="));
	assert_non_null(strstr(line, ", name=greedy: handling test.job\n"));
}

static void recursion_without_end_is_reported(void **state)
{
	(void)state;
	assert_reported(status_of(recurse_on_a_pool));
	assert_reported(status_of(recurse_here));
}

static void a_frame_that_is_too_large_is_reported(void **state)
{
	(void)state;
	assert_reported(status_of(use_a_large_array_on_a_pool));
}

static void recurse_in_hook(void)
{
	state_of_hand.in_started = recurse_for_ever;
	recurse_on_a_pool();
}

static void a_hook_handles_no_message(void **state)
{
	int status = status_of(recurse_in_hook);

	(void)state;
	assert_true(died_of(status, SIGSEGV));
	assert_non_null(strstr(said, ", name=greedy\n"));
	assert_null(strstr(said, "handling"));
}

static void recurse_at_end(void *user, struct actor_end *end)
{
	(void)user, (void)end;
	dig(0);
}

static void end_badly(void)
{
	struct hand_mailbox mailbox = { NULL };

	must(actor_stack_report_overflow() == 0);
	must(actor_local_create(&executor) == 0);
	must(ACTOR_MAILBOX_CREATE(hand, actor_executor_spawner(executor), NULL, &mailbox) == 0);
	hand = ACTOR_MAILBOX_ADDRESS(hand, mailbox);
	must(ACTOR_MAILBOX_START(hand, mailbox, NULL, recurse_at_end, NULL) == 0);
	used_bytes = KIB;
	must(hand_send(NULL, hand, use_bytes, &used_bytes) == 0);
	actor_address_unref(hand.address);
	must(actor_local_run(executor) == 0);
}

static void when_an_actor_has_ended_nobody_is_named(void **state)
{
	int status = status_of(end_badly);

	(void)state;
	assert_true(died_of(status, SIGSEGV));
	assert_non_null(strstr(said, "actor: a handler has overflowed its stack\n"));
}

static void recurse_without_a_report(void)
{
	on_a_pool(recurse_for_ever, NULL);
}

static void nothing_is_reported_unasked(void **state)
{
	int status = status_of(recurse_without_a_report);

	(void)state;
	assert_true(died_of(status, SIGSEGV));
	assert_null(strstr(said, "actor: "));
}

/* ---- other faults, other handlers of signals */

static void fault_otherwise(void)
{
	must(actor_stack_report_overflow() == 0);
	on_a_pool(use_nothing, NULL);
}

static void other_faults_are_left_alone(void **state)
{
	int status = status_of(fault_otherwise);

	(void)state;
	assert_true(died_of(status, SIGSEGV));
	assert_null(strstr(said, "actor: "));
}

static void pass(int number)
{
	_exit(number == SIGSEGV ? PASSED_ON : FAILED);
}

static void pass_with_info(int number, siginfo_t *info, void *context)
{
	_exit(number == SIGSEGV && info->si_signo == number && context ? PASSED_ON : FAILED);
}

static void recurse_with_a_handler(void)
{
	struct sigaction action = { .sa_handler = pass };

	sigaction(SIGSEGV, &action, NULL);
	recurse_on_a_pool();
}

static void recurse_with_another_handler(void)
{
	struct sigaction action = { .sa_sigaction = pass_with_info, .sa_flags = SA_SIGINFO };

	sigaction(SIGSEGV, &action, NULL);
	recurse_on_a_pool();
}

static void who_had_the_signal_before_gets_it(void **state)
{
	(void)state;
	assert_true(exited(status_of(recurse_with_a_handler), PASSED_ON));
	assert_non_null(strstr(said, "handling test.job\n"));
	assert_true(exited(status_of(recurse_with_another_handler), PASSED_ON));
	assert_non_null(strstr(said, "handling test.job\n"));
}

static void be_sent_a_signal(void)
{
	struct sigaction action = { .sa_handler = SIG_DFL };

	sigaction(SIGSEGV, &action, NULL);
	must(actor_stack_report_overflow() == 0);
	raise(SIGSEGV);
}

static void a_signal_that_was_sent_is_not_lost(void **state)
{
	int status = status_of(be_sent_a_signal);

	(void)state;
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV);
	assert_null(strstr(said, "actor: "));
}

static void ignore_a_signal(void)
{
	must(signal(SIGSEGV, SIG_IGN) != SIG_ERR);
	must(actor_stack_report_overflow() == 0);
	raise(SIGSEGV);
}

static void recurse_where_it_is_ignored(void)
{
	must(signal(SIGSEGV, SIG_IGN) != SIG_ERR);
	recurse_on_a_pool();
}

/* Unlike a fault, which nobody can ignore. */
static void a_signal_that_was_ignored_still_is(void **state)
{
	(void)state;
	assert_true(exited(status_of(ignore_a_signal), PAST_THAT));
	assert_reported(status_of(recurse_where_it_is_ignored));
}

static void come_and_go(void)
{
	must(actor_stack_report_overflow() == 0);
	for (unsigned i = 0; i < 20; i++) {
		size_t bytes = KIB;

		on_a_pool(use_bytes, &bytes);
	}
	exit(PAST_THAT); /* leaks count */
}

static void threads_give_back_what_they_report_on(void **state)
{
	(void)state;
	assert_true(exited(status_of(come_and_go), PAST_THAT));
}

/* ---- without a guard */

static void hear(void *user, const struct actor_log_record *record)
{
	(void)user;
	fprintf(stderr, "logged: %s, %s, %s\n", record->actor ? record->actor->name : "-",
		record->message_type ? record->message_type : "-", record->text);
}

/* As a frame would that reaches so far. */
static int overwrite_and_wait(struct actor_context *context, void *user)
{
	(void)user;
	memset(actor__thread()->fiber->stack, 1, 16);
	return actor_sleep_until(context, ACTOR_FOREVER - 1);
}

static void overflow_without_a_guard(void)
{
	must(actor_stack_report_overflow() == 0);
	actor_log_set_sink(hear, NULL, ACTOR_LOG_ERROR);
	refuse_mprotect = true;
	on_a_pool(overwrite_and_wait, NULL);
}

static void without_a_guard_it_is_noticed_at_a_wait(void **state)
{
	int status = status_of(overflow_without_a_guard);

	(void)state;
	assert_true(died_of(status, SIGABRT));
	assert_non_null(strstr(said, "actor: a handler, this or an earlier one, has overflowed"));
	assert_non_null(strstr(said, ", name=greedy: handling test.job\n"));
	assert_non_null(strstr(said, "logged: greedy, test.job, a handler, this or"));
}

/* ---- how large */

static void use_some(void)
{
	must(stack_bytes == 0 || actor_stack_set_bytes(stack_bytes) == 0);
	on_a_pool(use_bytes, &used_bytes);
}

static int status_of_use(size_t of, size_t used)
{
	stack_bytes = of;
	used_bytes = used;
	return status_of(use_some);
}

static void a_stack_has_as_many_bytes_as_were_set(void **state)
{
	(void)state;
	assert_true(exited(status_of_use(0, 230 * KIB), PAST_THAT));
	assert_true(died_of(status_of_use(0, 258 * KIB), SIGSEGV));
	assert_true(exited(status_of_use(128 * KIB, 100 * KIB), PAST_THAT));
	assert_true(died_of(status_of_use(128 * KIB, 130 * KIB), SIGSEGV));
	assert_true(exited(status_of_use(4096 * KIB, 4000 * KIB), PAST_THAT));
}

static void ask_for_strange_ones(void)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);

	must(actor_stack_set_bytes(0) == ACTOR_E_INVALID);
	must(actor_stack_set_bytes(page) == (page >= LEAST ? 0 : ACTOR_E_INVALID));
	must(actor_stack_set_bytes(64 * KIB + 1) == ACTOR_E_INVALID);
	must(actor_stack_set_bytes(64 * KIB + page / 2) == ACTOR_E_INVALID);
	must(actor_stack_set_bytes(SIZE_MAX - SIZE_MAX % page) == ACTOR_E_INVALID);
	/* More than there are addresses, where these have 48 bits or so. */
	must(actor_stack_set_bytes((SIZE_MAX / 8 + 1) & ~(page - 1)) == ACTOR_E_NOMEM);
	must(actor_stack_set_bytes(64 * KIB) == 0);
	must(actor_stack_set_bytes(128 * KIB) == 0); /* not used yet */
	used_bytes = 100 * KIB;
	on_a_pool(use_bytes, &used_bytes);
	must(actor_stack_set_bytes(128 * KIB) == ACTOR_E_BUSY);
	must(actor_stack_set_bytes(64 * KIB) == ACTOR_E_BUSY);
	on_a_pool(use_bytes, &used_bytes);
}

static void what_makes_no_sense_or_comes_late_is_refused(void **state)
{
	(void)state;
	assert_true(exited(status_of(ask_for_strange_ones), PAST_THAT));
}

static int fall(struct actor_context *context, void *user)
{
	(void)user;
	ACTOR_FAIL(context, "as it was told");
}

static int do_this_and_that(struct actor_context *context, void *user)
{
	union hand_address other = { NULL };
	int rc;

	(void)user;
	must(ACTOR_SPAWN(hand, actor_spawner(context), NULL, NULL, &other) == 0);
	must(hand_call(context, other, fall, NULL) == ACTOR_E_STOPPED);
	actor_address_unref(other.address);
	rc = actor_sleep_until(context, actor_now(context) + 100000);
	ACTOR_LOG(context, ACTOR_LOG_ERROR, "slept");
	return rc;
}

static void live_on_small_stacks(void)
{
	must(actor_stack_set_bytes(small) == 0);
	actor_log_set_sink(actor_log_to_stderr, NULL, ACTOR_LOG_ERROR);
	for (unsigned i = 0; i < 10; i++) {
		on_a_pool(do_this_and_that, NULL);
		on_this_thread(do_this_and_that, NULL);
	}
}

static void small_stacks_are_enough_for_the_library(void **state)
{
	(void)state;
	assert_true(exited(status_of(live_on_small_stacks), PAST_THAT));
	assert_non_null(strstr(said, "as it was told"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(recursion_without_end_is_reported),
		cmocka_unit_test(a_frame_that_is_too_large_is_reported),
		cmocka_unit_test(a_hook_handles_no_message),
		cmocka_unit_test(when_an_actor_has_ended_nobody_is_named),
		cmocka_unit_test(nothing_is_reported_unasked),
		cmocka_unit_test(other_faults_are_left_alone),
		cmocka_unit_test(who_had_the_signal_before_gets_it),
		cmocka_unit_test(a_signal_that_was_sent_is_not_lost),
		cmocka_unit_test(a_signal_that_was_ignored_still_is),
		cmocka_unit_test(threads_give_back_what_they_report_on),
		cmocka_unit_test(without_a_guard_it_is_noticed_at_a_wait),
		cmocka_unit_test(a_stack_has_as_many_bytes_as_were_set),
		cmocka_unit_test(what_makes_no_sense_or_comes_late_is_refused),
		cmocka_unit_test(small_stacks_are_enough_for_the_library),
	};

	return cmocka_run_group_tests_name("stack", tests, NULL, NULL);
}
