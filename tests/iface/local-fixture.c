/* SPDX-License-Identifier: MIT */

/*
 * Tests that need actors that run: each on a local executor of its own, so that all of it happens
 * on the test's thread and in a fixed order, and ends with nothing left.
 */

#include "local-fixture.h"

#include <actor-impl/log-sink.h>
#include <actor-impl/thread.h>
#include <stdio.h>

static struct local_fixture fixture;

static void note_record(void *user, const struct actor_log_record *record)
{
	struct local_fixture *this = user;

	this->n_errors += record->level == ACTOR_LOG_ERROR;
	actor_log_format(record, this->text, sizeof this->text);
}

int local_set_up(void **state)
{
	fixture = (struct local_fixture){ .context = actor_thread_context() };
	if (!fixture.context || actor_local_create(&fixture.executor) < 0)
		return -1;
	fixture.spawner = actor_executor_spawner(fixture.executor);
	actor_counts_get(&fixture.before);
	actor_log_set_sink(note_record, &fixture, ACTOR_LOG_WARNING);
	*state = &fixture;
	return 0;
}

/* Actors that a failed test has left must not fail the tests after it. */
static int end_executor(struct local_fixture *this)
{
	int rc = actor_executor_join(this->executor, actor_now(this->context) + 2000000000);

	if (rc == 0)
		return actor_executor_destroy(this->executor);
	actor_executor_close(this->executor);
	if (actor_executor_join(this->executor, ACTOR_FOREVER) == 0)
		actor_executor_destroy(this->executor);
	return rc;
}

int local_tear_down(void **state)
{
	struct local_fixture *this = *state;
	const struct actor_counts *before = &this->before;
	struct actor_counts after;
	int rc = end_executor(this);

	actor_log_set_sink(NULL, NULL, ACTOR_LOG_NONE);
	actor_counts_get(&after);
	if (rc == 0 && after.mailboxes == before->mailboxes &&
	    after.envelopes == before->envelopes && after.replies == before->replies &&
	    after.suspended == before->suspended)
		return 0;
	fprintf(stderr, "%s; left: %lld mailboxes, %lld envelopes, %lld replies, %lld waits; %s\n",
		actor_strerror(rc), (long long)(after.mailboxes - before->mailboxes),
		(long long)(after.envelopes - before->envelopes),
		(long long)(after.replies - before->replies),
		(long long)(after.suspended - before->suspended), this->text);
	return -1;
}
