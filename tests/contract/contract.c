/* SPDX-License-Identifier: MIT */

/*
 * The program around the tests: which are run on which subjects, and which behaviours they pin.
 *
 * All tests of a program are one cmocka group. A stage is set up before and torn down after each
 * test; what the subjects do not declare is skipped, by name.
 */

#include "suite.h"

#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>

const struct contract_test *const contract_lists[] = {
	contract_address_tests,	     contract_send_tests,
	contract_room_tests,	     contract_call_tests,
	contract_ask_tests,	     contract_reply_tests,
	contract_context_tests,	     contract_lifetime_tests,
	contract_mailbox_tests,	     contract_stop_tests,
	contract_cancel_tests,	     contract_failure_tests,
	contract_restart_tests,	     contract_spawner_tests,
	contract_thread_bound_tests, contract_race_tests,
	contract_deadline_tests,     contract_executor_tests,
	contract_deadlock_tests,     NULL,
};

static const struct {
	unsigned capability;
	const char *name;
} capabilities[] = {
	{ CONTRACT_SUSPEND, "suspend" },
	{ CONTRACT_LIGHT_WAITS, "light-waits" },
	{ CONTRACT_FIFO, "first-in-first-out" },
	{ CONTRACT_STOP, "stop" },
	{ CONTRACT_RESTART, "restart" },
	{ CONTRACT_THREAD_BOUND, "thread-bound" },
	{ CONTRACT_CROSS_THREAD, "cross-thread" },
	{ CONTRACT_CLOSE, "close" },
	{ CONTRACT_COUNTS, "counts" },
	{ CONTRACT_DEAD_LETTERS, "dead-letters" },
	{ CONTRACT_LOG, "log" },
	{ CONTRACT_ABANDONED, "abandoned" },
	{ CONTRACT_VIRTUAL_TIME, "virtual-time" },
	{ CONTRACT_FAIL, "owner-fails" },
	{ CONTRACT_DEADLOCKS, "deadlocks" },
};
enum { N_CAPABILITIES = sizeof capabilities / sizeof capabilities[0] };

/* One test on one subject, or on a pair of them. */
struct run {
	char name[192];
	const struct contract_test *test;
	const struct contract_subject *subjects[2];
	size_t n_subjects;
	struct stage *stage;
};

/* All that a program runs. */
struct program {
	const char *name;
	struct run *runs;
	size_t n_runs;
};

/* ---- one test */

static unsigned declared(const struct run *run)
{
	unsigned all = run->subjects[0]->capabilities;

	return run->n_subjects > 1 ? all & run->subjects[1]->capabilities : all;
}

/* The one that this test is among; NULL: none. */
static const struct contract_exception *exception_of(const struct run *run)
{
	const struct contract_exception *exception;

	for (size_t i = 0; i < run->n_subjects; i++)
		for (exception = run->subjects[i]->exceptions; exception && exception->tests;
		     exception++)
			if (fnmatch(exception->tests, run->test->name, 0) == 0)
				return exception;
	return NULL;
}

static bool is_skipped(const struct run *run)
{
	return contract_is_skipped(run->test, declared(run)) || exception_of(run);
}

static void say_why_skipped(const struct run *run)
{
	const struct contract_exception *exception = exception_of(run);
	size_t i;

	if (exception)
		print_message("# skipped: %s\n", exception->why);

	for (i = 0; i < N_CAPABILITIES; i++) {
		if (run->test->needs & ~declared(run) & capabilities[i].capability)
			print_message("# skipped: needs %s\n", capabilities[i].name);
		if (run->test->lacks & declared(run) & capabilities[i].capability)
			print_message("# skipped: only without %s\n", capabilities[i].name);
	}
}

static int set_up(void **state)
{
	struct run *run = *state;

	if (!is_skipped(run)) {
		run->stage = stage_set_up(run->subjects, run->n_subjects,
					  run->test->needs & CONTRACT_LOG);
		assert_non_null(run->stage);
	}
	return 0;
}

static void perform(void **state)
{
	const struct run *run = *state;

	if (is_skipped(run)) {
		say_why_skipped(run);
		skip();
	}
	run->test->run(run->stage);
}

static int tear_down(void **state)
{
	struct run *run = *state;
	const char *wrong = run->stage ? stage_tear_down(run->stage) : NULL;

	run->stage = NULL;
	if (wrong)
		fail_msg("%s", wrong);
	return 0;
}

/* ---- all tests */

static void add_run(struct program *program, const struct run *run)
{
	struct run *runs = realloc(program->runs, (program->n_runs + 1) * sizeof *runs);

	if (!runs)
		abort();
	program->runs = runs;
	runs[program->n_runs++] = *run;
}

static void add_tests(struct program *program, const struct contract_test *test,
		      const struct contract_subject *first, const struct contract_subject *second)
{
	struct run run = { .subjects = { first, second }, .n_subjects = second ? 2 : 1 };

	for (; test->name; test++) {
		run.test = test;
		if (second)
			snprintf(run.name, sizeof run.name, "%s + %s, %s", first->name,
				 second->name, test->name);
		else
			snprintf(run.name, sizeof run.name, "%s", test->name);
		add_run(program, &run);
	}
}

static int run_all(struct program *program)
{
	struct CMUnitTest *tests = calloc(program->n_runs, sizeof *tests);
	size_t i;
	int failed;

	if (!tests)
		abort();
	for (i = 0; i < program->n_runs; i++)
		tests[i] = (struct CMUnitTest){
			.name = program->runs[i].name,
			.test_func = perform,
			.setup_func = set_up,
			.teardown_func = tear_down,
			.initial_state = &program->runs[i],
		};
	setvbuf(stdout, NULL, _IOLBF, 0); /* if a test hangs, its name has been said */
	failed = _cmocka_run_group_tests(program->name, tests, program->n_runs, NULL, NULL);
	free(tests);
	return failed;
}

/* ---- what is pinned */

/* Whether the list of keys, with spaces between, begins with this one. */
static bool begins_with(const char *keys, const char *key)
{
	const size_t n = strcspn(keys, " ");

	return n == strlen(key) && memcmp(keys, key, n) == 0;
}

static const char *next_key(const char *keys)
{
	keys += strcspn(keys, " ");
	return keys + strspn(keys, " ");
}

static bool pins(const struct contract_test *test, const char *key)
{
	const char *keys = test->behaviours;

	while (*keys && !begins_with(keys, key))
		keys = next_key(keys);
	return *keys != '\0';
}

static void list_tests(const struct program *program)
{
	size_t i;

	for (i = 0; i < program->n_runs; i++)
		printf("%s [%s]%s\n", program->runs[i].name, program->runs[i].test->behaviours,
		       is_skipped(&program->runs[i]) ? " (skipped)" : "");
}

static void list_behaviours(const struct program *program)
{
	const struct contract_behaviour *behaviour;
	size_t i;

	for (behaviour = contract_behaviours; behaviour->key; behaviour++) {
		printf("%-8s %s\n", behaviour->key, behaviour->text);
		for (i = 0; i < program->n_runs; i++)
			if (pins(program->runs[i].test, behaviour->key))
				printf("         - %s%s\n", program->runs[i].name,
				       is_skipped(&program->runs[i]) ? " (skipped)" : "");
	}
}

static bool is_behaviour(const char *keys)
{
	const struct contract_behaviour *behaviour = contract_behaviours;

	while (behaviour->key && !begins_with(keys, behaviour->key))
		behaviour++;
	return behaviour->key != NULL;
}

/* Tests cite what exists. Returns how many errors there are. */
static int check_citations(const struct program *program)
{
	const char *keys;
	size_t i;
	int wrong = 0;

	for (i = 0; i < program->n_runs; i++)
		for (keys = program->runs[i].test->behaviours; *keys; keys = next_key(keys))
			if (!is_behaviour(keys)) {
				print_error("%s: what is %s?\n", program->runs[i].name, keys);
				wrong++;
			}
	return wrong;
}

static bool is_pinned(const struct program *program, const char *key)
{
	const struct contract_test *test = contract_mixed_tests;
	size_t i;

	for (i = 0; i < program->n_runs; i++)
		if (pins(program->runs[i].test, key))
			return true;
	while (test->name && !pins(test, key))
		test++;
	return test->name != NULL;
}

/* Exceptions are of what exists. */
static int check_exceptions(const struct program *program, const struct contract_subject *subject)
{
	const struct contract_exception *exception = subject->exceptions;
	size_t i;
	int wrong = 0;

	for (; exception && exception->tests; exception++) {
		for (i = 0; i < program->n_runs; i++)
			if (exception_of(&program->runs[i]) == exception)
				break;
		if (i == program->n_runs) {
			print_error("there is no test '%s'\n", exception->tests);
			wrong++;
		}
	}
	return wrong;
}

/* What exists is cited. */
static int check_behaviours(const struct program *program)
{
	const struct contract_behaviour *behaviour;
	int wrong = 0;

	for (behaviour = contract_behaviours; behaviour->key; behaviour++)
		if (!is_pinned(program, behaviour->key)) {
			print_error("no test pins %s\n", behaviour->key);
			wrong++;
		}
	return wrong;
}

/* ---- the program */

static int run_program(struct program *program, int argc, char **argv)
{
	int failed = check_citations(program);

	if (argc > 1 && strcmp(argv[1], "--list") == 0) {
		list_tests(program);
	} else if (argc > 1 && strcmp(argv[1], "--behaviours") == 0) {
		list_behaviours(program);
	} else {
		if (argc > 1)
			cmocka_set_test_filter(argv[1]);
		failed += run_all(program);
	}
	free(program->runs);
	return failed < 100 ? failed : 100;
}

int contract_run(const struct contract_subject *subject, int argc, char **argv)
{
	struct program program = { .name = subject->name };
	size_t i;
	int wrong;

	for (i = 0; contract_lists[i]; i++)
		add_tests(&program, contract_lists[i], subject, NULL);
	wrong = check_behaviours(&program) + check_exceptions(&program, subject);
	return wrong + run_program(&program, argc, argv);
}

static bool can_mix(const struct contract_subject *a, const struct contract_subject *b)
{
	return a != b && !(a->capabilities & b->capabilities & CONTRACT_DRIVEN);
}

int contract_run_mixed(const struct contract_subject *const *subjects, size_t n_subjects, int argc,
		       char **argv)
{
	struct program program = { .name = "mixed" };
	size_t i, j;

	for (i = 0; i < n_subjects; i++)
		for (j = 0; j < n_subjects; j++)
			if (can_mix(subjects[i], subjects[j]))
				add_tests(&program, contract_mixed_tests, subjects[i], subjects[j]);
	return run_program(&program, argc, argv);
}
