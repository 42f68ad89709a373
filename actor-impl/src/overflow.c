/* SPDX-License-Identifier: MIT */

/*
 * Who has overflowed a stack: told in words before the process dies of it.
 *
 * A fault in the guard of the stack that the thread is on is an overflow. The handler of the signal
 * only reads what this thread itself has written, and writes one line; what becomes of the signal
 * is up to whoever had it before.
 */

#define _GNU_SOURCE /* sigaltstack() */

#include "overflow.h"

#include "actor.h"
#include "fiber.h"
#include "log.h"
#include "thread.h"

#include <actor-impl/stack.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ALTERNATE_BYTES ((size_t)64 * 1024)

static const int signals[] = { SIGSEGV, SIGBUS };
enum { N_SIGNALS = sizeof signals / sizeof signals[0] };

static struct {
	pthread_mutex_t lock;
	atomic_bool on;
	struct sigaction before[N_SIGNALS];
} report = { .lock = PTHREAD_MUTEX_INITIALIZER };

/* ---- the line; by what may be called in a handler of signals */

struct line {
	char text[512];
	size_t n;
};

static void append(struct line *line, const char *text)
{
	while (*text && line->n < sizeof line->text - 1) /* and a newline */
		line->text[line->n++] = *text++;
}

static void append_number(struct line *line, uint64_t number)
{
	char digits[21], *first = &digits[sizeof digits - 1];

	*first = '\0';
	do
		*--first = (char)('0' + number % 10);
	while (number /= 10);
	append(line, first);
}

/* As actor_info_format(). */
static void append_info(struct line *line, const struct actor_info *info)
{
	append(line, info->type);
	append(line, ": id=");
	append_number(line, info->identity.number);
	append(line, info->name[0] ? ", name=" : "");
	append(line, info->name);
}

static const char *message_type(const struct actor__fiber *fiber)
{
	return actor__fiber_actor(fiber) && fiber->envelope ? fiber->envelope->handler->type->name
							    : NULL;
}

static void say(const struct actor__fiber *fiber, const char *what)
{
	struct line line = { .n = 0 };
	struct actor_info info;
	ssize_t written;

	append(&line, "actor: ");
	append(&line, what);
	if (actor__fiber_actor(fiber)) {
		info = actor__actor_info(actor__fiber_actor(fiber));
		append(&line, ": ");
		append_info(&line, &info);
	}
	if (message_type(fiber)) {
		append(&line, ": handling ");
		append(&line, message_type(fiber));
	}
	line.text[line.n++] = '\n';
	written = write(STDERR_FILENO, line.text, line.n);
	(void)written;
}

/* ---- faults */

static void pass_on(int number, siginfo_t *info, void *context)
{
	const struct sigaction *before = &report.before[number == signals[0] ? 0 : 1];
	struct sigaction die = { .sa_handler = SIG_DFL };

	if (before->sa_flags & SA_SIGINFO) {
		before->sa_sigaction(number, info, context);
	} else if (before->sa_handler != SIG_DFL && before->sa_handler != SIG_IGN) {
		before->sa_handler(number);
	} else if (info->si_code > 0) {
		sigaction(number, &die, NULL); /* ignored or not: the fault comes again */
	} else if (before->sa_handler == SIG_DFL) {
		sigaction(number, &die, NULL);
		raise(number); /* what somebody has sent does not come again */
	}
}

static void on_fault(int number, siginfo_t *info, void *context)
{
	const struct actor__fiber *fiber = actor__thread_fiber();

	if (info->si_code > 0 && fiber && actor__fiber_guards(fiber, info->si_addr))
		say(fiber, "a handler has overflowed its stack");
	pass_on(number, info, context);
}

_Noreturn void actor__overflow_end(const struct actor__fiber *fiber)
{
	static const char text[] = "a handler, this or an earlier one, has overflowed its stack";
	struct actor_info info;

	if (atomic_load(&report.on))
		say(fiber, text);
	if (actor__fiber_actor(fiber))
		info = actor__actor_info(actor__fiber_actor(fiber));
	actor__log_text(ACTOR_LOG_ERROR, actor__fiber_actor(fiber) ? &info : NULL,
			message_type(fiber), text);
	abort();
}

/* ---- alternate stacks */

static bool arm(struct actor__thread *thread)
{
	stack_t stack = { .ss_size = ALTERNATE_BYTES }, before;

	if (thread->alternate ||
	    (sigaltstack(NULL, &before) == 0 && !(before.ss_flags & SS_DISABLE)))
		return true; /* there is one */
	stack.ss_sp = malloc(ALTERNATE_BYTES);
	if (!stack.ss_sp)
		return false;
	thread->alternate = stack.ss_sp;
	sigaltstack(&stack, NULL);
	return true;
}

void actor__overflow_arm(struct actor__thread *thread)
{
	if (atomic_load(&report.on))
		arm(thread); /* without memory for it, this thread dies without a word */
}

void actor__overflow_disarm(struct actor__thread *thread)
{
	const stack_t none = { .ss_flags = SS_DISABLE };
	stack_t now;

	if (!thread->alternate)
		return;
	if (sigaltstack(NULL, &now) == 0 && now.ss_sp == thread->alternate)
		sigaltstack(&none, NULL);
	free(thread->alternate);
	thread->alternate = NULL;
}

/* ---- turning it on */

static bool take_signals(void)
{
	struct sigaction action = { .sa_sigaction = on_fault, .sa_flags = SA_SIGINFO | SA_ONSTACK };

	sigemptyset(&action.sa_mask);
	for (size_t i = 0; i < N_SIGNALS; i++)
		if (sigaction(signals[i], NULL, &report.before[i]) < 0)
			return false;
	for (size_t i = 0; i < N_SIGNALS; i++)
		if (sigaction(signals[i], &action, NULL) < 0)
			return false;
	return true;
}

int actor_stack_report_overflow(void)
{
	struct actor__thread *thread = actor__thread();
	int rc = 0;

	pthread_mutex_lock(&report.lock);
	if (!arm(thread))
		rc = ACTOR_E_NOMEM;
	else if (!atomic_load(&report.on) && !take_signals())
		rc = ACTOR_E_SYSTEM;
	else
		atomic_store(&report.on, true);
	pthread_mutex_unlock(&report.lock);
	return rc;
}
