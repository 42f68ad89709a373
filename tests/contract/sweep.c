/* SPDX-License-Identifier: MIT */

/*
 * Sweeps: each test in many processes, in each of which another allocation fails.
 *
 * What came of a run is left in memory that parent and child share, and what was said in a file.
 * That a test was told ACTOR_E_NOMEM shows in the detail of its contexts' errors, or in what it
 * says when an assertion fails: as the number, or as the word that players record for it.
 */

#include "suite.h"

#include <fnmatch.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	ALL_UP_TO = 40,
	FEWER_BY = 6,
	PATIENCE_S = 60,
	MOST_SAID = 64 * 1024,
	GAP_BYTES = 256 * 1024
};

/* What came of one run. */
struct verdict {
	uint64_t n_made; /* allocations */
	bool succeeded;	 /* no assertion failed */
	bool was_told;	 /* players were, that there is no memory */
	bool torn_down;	 /* this, too, has come to its end */
	char wrong[100]; /* afterwards; empty if nothing was */
};

struct sweep {
	const struct contract_subject *subject;
	const struct contract_test *test;
	uint64_t nth; /* the allocation that fails */
	struct stage *stage;
	struct verdict *verdict; /* shared */
	FILE *said;		 /* shared */
	unsigned n_early;	 /* runs that a refused allocation has ended, of all tests */
};

/* ---- the child */

static int set_up(void **state)
{
	struct sweep *sweep = *state;

	sweep->stage = stage_set_up(&sweep->subject, 1, sweep->test->needs & CONTRACT_LOG);
	assert_non_null(sweep->stage);
	sweep->subject->fail_nth(sweep->nth);
	return 0;
}

/* What a test that ended early has left in its frames, its actors go on using until all is given
 * back. So nothing else may lie there: the one goes on further down the stack than what comes
 * between the two, and the other further down than the one. */
__attribute__((noinline, no_sanitize_address)) static void descend(struct sweep *sweep,
								   size_t n_bytes,
								   void (*run)(struct sweep *sweep))
{
	void *gap = __builtin_alloca(n_bytes);

	/* Nobody touches it; the compiler must not know. */
	__asm__ volatile("" : : "r"(gap) : "memory");
	run(sweep);
	__asm__ volatile("" : : "r"(gap) : "memory");
}

static void try_it(struct sweep *sweep)
{
	sweep->test->run(sweep->stage);
	sweep->verdict->succeeded = true;
}

static bool was_told(struct stage *stage)
{
	return strstr(probe_text(&stage->probe), "nomem") || atomic_load(&stage->was_told);
}

/* Messages that nobody has handled yet may lead to what is given back now. */
static void cancel_all(struct sweep *sweep)
{
	const struct side *side = &sweep->stage->sides[0];

	if (!side->instance)
		return;
	stage_saw(sweep->stage, actor_error(side->context)->code);
	gate_open(&sweep->stage->gate);
	sweep->subject->close(side->instance);
	sweep->subject->join(side->instance, stage_soon(sweep->stage));
}

static void give_back(struct sweep *sweep)
{
	const char *wrong;

	sweep->verdict->n_made = sweep->subject->fail_nth(0);
	if (!sweep->verdict->succeeded)
		cancel_all(sweep);
	sweep->verdict->was_told = was_told(sweep->stage);
	wrong = stage_tear_down(sweep->stage);
	snprintf(sweep->verdict->wrong, sizeof sweep->verdict->wrong, "%s", wrong ? wrong : "");
	sweep->verdict->torn_down = true;
}

static void perform(void **state)
{
	descend(*state, GAP_BYTES, try_it);
}

static int tear_down(void **state)
{
	descend(*state, 8 * GAP_BYTES, give_back);
	return 0;
}

static void run_child(struct sweep *sweep)
{
	struct CMUnitTest test = {
		.name = sweep->test->name,
		.test_func = perform,
		.setup_func = set_up,
		.teardown_func = tear_down,
		.initial_state = sweep,
	};

	alarm(PATIENCE_S);
	dup2(fileno(sweep->said), STDOUT_FILENO);
	dup2(fileno(sweep->said), STDERR_FILENO);
	cmocka_set_message_output(CM_OUTPUT_STDOUT);
	_cmocka_run_group_tests("sweep", &test, 1, NULL, NULL);
	fflush(NULL);
	_exit(EXIT_SUCCESS);
}

/* ---- the parent */

static const char *read_said(const struct sweep *sweep)
{
	static char text[MOST_SAID];
	ssize_t n = pread(fileno(sweep->said), text, sizeof text - 1, 0);

	text[n > 0 ? n : 0] = '\0';
	return text;
}

static bool names_it(const struct sweep *sweep)
{
	const char *said = read_said(sweep);
	char code[32];

	snprintf(code, sizeof code, "%#llx", (unsigned long long)ACTOR_E_NOMEM);
	return strstr(said, code) || strstr(said, "nomem") || strstr(said, "no memory") ||
	       strstr(said, "no_memory");
}

/* What may not be, whatever a test has given back. */
static bool is_never_right(const char *wrong)
{
	return strstr(wrong, "twice") || strstr(wrong, "at a time") || strstr(wrong, "inside") ||
	       strstr(wrong, "envelopes");
}

/* Return: NULL, or what was wrong about a run. */
static const char *judge(const struct sweep *sweep, int status)
{
	const struct verdict *verdict = sweep->verdict;

	if (WIFSIGNALED(status))
		return WTERMSIG(status) == SIGALRM ? "it hangs" : strsignal(WTERMSIG(status));
	if (WEXITSTATUS(status) != EXIT_SUCCESS || !verdict->torn_down)
		return "it ended the process";
	if (verdict->wrong[0] && (verdict->succeeded || is_never_right(verdict->wrong)))
		return verdict->wrong;
	if (!verdict->succeeded && !verdict->was_told && !names_it(sweep))
		return "a test failed that was not told that there is no memory";
	return NULL;
}

/* Return: whether nothing was wrong. */
static bool run_once(struct sweep *sweep, uint64_t nth)
{
	const char *wrong;
	int status;
	pid_t child;

	sweep->nth = nth;
	memset(sweep->verdict, 0, sizeof *sweep->verdict);
	if (ftruncate(fileno(sweep->said), 0) < 0 || lseek(fileno(sweep->said), 0, SEEK_SET) < 0)
		abort();
	fflush(NULL);
	child = fork();
	if (child == 0)
		run_child(sweep);
	if (child < 0 || waitpid(child, &status, 0) != child)
		abort();
	wrong = judge(sweep, status);
	if (wrong)
		printf("%s: without allocation %llu: %s\n%s\n", sweep->test->name,
		       (unsigned long long)nth, wrong, read_said(sweep));
	return !wrong;
}

/* The next one to fail: at first each, then fewer and fewer. */
static uint64_t next_nth(uint64_t nth, bool all)
{
	return all || nth < ALL_UP_TO ? nth + 1 : nth + nth / FEWER_BY;
}

/* Return: whether nothing was wrong. */
static bool sweep_test(struct sweep *sweep, bool all)
{
	unsigned n_runs = 0, n_early = 0, n_wrong = 0;
	uint64_t nth, n_made;

	if (!run_once(sweep, UINT64_MAX) || !sweep->verdict->succeeded)
		return false;
	n_made = sweep->verdict->n_made;
	for (nth = 1; nth <= n_made && n_wrong < 3; nth = next_nth(nth, all)) {
		n_wrong += !run_once(sweep, nth);
		n_early += !sweep->verdict->succeeded;
		sweep->n_early += !sweep->verdict->succeeded;
		n_runs++;
	}
	printf("%s: %llu allocations, %u refused, %u ended early\n", sweep->test->name,
	       (unsigned long long)n_made, n_runs, n_early);
	return n_wrong == 0;
}

static bool is_chosen(const struct sweep *sweep, const char *pattern)
{
	return !contract_is_skipped(sweep->test, sweep->subject->capabilities) &&
	       (!pattern || fnmatch(pattern, sweep->test->name, 0) == 0);
}

int contract_sweep(const struct contract_subject *subject, int argc, char **argv)
{
	const bool all = argc > 1 && strcmp(argv[1], "--all") == 0;
	const char *pattern = argc > 1 + all ? argv[1 + all] : NULL;
	struct sweep sweep = { .subject = subject, .said = tmpfile() };
	int n_failed = 0, n_chosen = 0;
	size_t i;

	sweep.verdict = mmap(NULL, sizeof *sweep.verdict, PROT_READ | PROT_WRITE,
			     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (!sweep.said || sweep.verdict == MAP_FAILED)
		abort();
	setvbuf(stdout, NULL, _IOLBF, 0);
	for (i = 0; contract_lists[i]; i++)
		for (sweep.test = contract_lists[i]; sweep.test->name; sweep.test++)
			if (is_chosen(&sweep, pattern)) {
				n_failed += !sweep_test(&sweep, all);
				n_chosen++;
			}
	printf("%d of %d failed\n", n_failed, n_chosen);
	if (n_chosen == 0 || (!pattern && sweep.n_early == 0)) {
		printf("%s\n", n_chosen == 0 ? "no test is called that" : "nothing was refused");
		n_failed++;
	}
	munmap(sweep.verdict, sizeof *sweep.verdict);
	fclose(sweep.said);
	return n_failed < 100 ? n_failed : 100;
}
