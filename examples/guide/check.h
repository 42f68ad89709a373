/* SPDX-License-Identifier: MIT */
#ifndef GUIDE_CHECK_H
#define GUIDE_CHECK_H

/*
 * What the programs of the guide do about an error that they do not expect: name it, and end. An
 * error that a program does expect is part of what it shows. At its end, each makes sure that it
 * has given back everything.
 */

#include <actor-impl/actor-impl.h>
#include <stdio.h>
#include <stdlib.h>

/** CHECK() - evaluate an operation that has to succeed; its value is the operation's */
#define CHECK(operation) check((operation), #operation, __FILE__, __LINE__)

static inline int check(int status, const char *operation, const char *file, int line)
{
	if (status < 0) {
		fprintf(stderr, "%s:%d: %s: %s\n", file, line, operation, actor_strerror(status));
		exit(EXIT_FAILURE);
	}
	return status;
}

/** main_context() - the context of the thread that runs main() */
static inline struct actor_context *main_context(void)
{
	struct actor_context *context = actor_thread_context();

	CHECK(context ? 0 : ACTOR_E_NOMEM);
	return context;
}

/** end_executor() - wait until its actors have ended, and free it */
static inline void end_executor(struct actor_executor *executor)
{
	CHECK(actor_executor_join(executor, ACTOR_FOREVER));
	CHECK(actor_executor_destroy(executor));
}

/* Runs when main() has returned. */
__attribute__((destructor)) static void check_counts(void)
{
	struct actor_counts counts;

	actor_counts_get(&counts);
	if (counts.mailboxes || counts.envelopes || counts.replies || counts.suspended)
		fprintf(stderr, "left: %d mailboxes, %d envelopes, %d replies, %d suspended\n",
			(int)counts.mailboxes, (int)counts.envelopes, (int)counts.replies,
			(int)counts.suspended);
}

#endif
