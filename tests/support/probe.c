/* SPDX-License-Identifier: MIT */

/*
 * The waiting thread leaves one end of a reply with the probe, and whoever records the last word
 * that it wants delivers to it: waiting is an ordinary wait of an ordinary context, so a context
 * that has actors to run meanwhile runs them, and nobody sleeps and looks again.
 *
 * Replies are delivered with the lock released: delivering is a foreign operation.
 */

#include "probe.h"

#include "wait.h"

#include <assert.h>
#include <stdio.h>

void probe_init(struct probe *probe)
{
	memset(probe, 0, sizeof *probe);
	pthread_mutex_init(&probe->lock, NULL);
}

void probe_deinit(struct probe *probe)
{
	assert(!probe->waiting);
	pthread_mutex_destroy(&probe->lock);
}

static size_t count_locked(const struct probe *probe, const char *word)
{
	const size_t n_word = strlen(word);
	const char *at = probe->text;
	size_t count = 0;

	while (*at) {
		size_t n = strcspn(at, " ");

		if (n == n_word && memcmp(at, word, n) == 0)
			count++;
		at += n + (at[n] == ' ');
	}
	return count;
}

/* The reply of whoever waits, if there is now what it waits for. */
static struct actor_reply *take_satisfied_locked(struct probe *probe)
{
	struct actor_reply *reply = probe->waiting;

	if (!reply || count_locked(probe, probe->wanted) < probe->wanted_count)
		return NULL;
	probe->waiting = NULL;
	return reply;
}

void probe_record(struct probe *probe, const char *format, ...)
{
	struct actor_reply *reply;
	char word[64];
	va_list arguments;
	int n;

	va_start(arguments, format);
	n = vsnprintf(word, sizeof word, format, arguments);
	va_end(arguments);
	assert(n > 0 && (size_t)n < sizeof word && !strchr(word, ' '));

	pthread_mutex_lock(&probe->lock);
	assert(probe->n_text + (size_t)n + 2 <= sizeof probe->text);
	if (probe->n_text > 0)
		probe->text[probe->n_text++] = ' ';
	memcpy(probe->text + probe->n_text, word, (size_t)n + 1);
	probe->n_text += (size_t)n;
	reply = take_satisfied_locked(probe);
	pthread_mutex_unlock(&probe->lock);
	if (reply)
		wait_end(reply);
}

size_t probe_count(struct probe *probe, const char *word)
{
	size_t count;

	pthread_mutex_lock(&probe->lock);
	count = count_locked(probe, word);
	pthread_mutex_unlock(&probe->lock);
	return count;
}

const char *probe_text(struct probe *probe)
{
	pthread_mutex_lock(&probe->lock);
	memcpy(probe->snapshot, probe->text, probe->n_text + 1);
	pthread_mutex_unlock(&probe->lock);
	return probe->snapshot;
}

const char *probe_text_of(struct probe *probe, const char *prefix)
{
	char *from, *to = probe->snapshot, *rest;

	probe_text(probe);
	for (from = strtok_r(probe->snapshot, " ", &rest); from;
	     from = strtok_r(NULL, " ", &rest)) {
		size_t n = strlen(from);

		if (strncmp(from, prefix, strlen(prefix)) != 0)
			continue;
		if (to != probe->snapshot)
			*to++ = ' ';
		memmove(to, from, n);
		to += n;
	}
	*to = '\0';
	return probe->snapshot;
}

void probe_clear(struct probe *probe)
{
	pthread_mutex_lock(&probe->lock);
	probe->n_text = 0;
	probe->text[0] = '\0';
	pthread_mutex_unlock(&probe->lock);
}

/* Ends the wait at once if there is nothing to wait for. */
static void post_reply(struct probe *probe, struct actor_reply *reply, const char *word,
		       size_t count)
{
	struct actor_reply *satisfied;

	pthread_mutex_lock(&probe->lock);
	assert(!probe->waiting && strlen(word) < sizeof probe->wanted);
	probe->waiting = reply;
	memcpy(probe->wanted, word, strlen(word) + 1);
	probe->wanted_count = count;
	satisfied = take_satisfied_locked(probe);
	pthread_mutex_unlock(&probe->lock);
	if (satisfied)
		wait_end(satisfied);
}

static void withdraw_reply(struct probe *probe)
{
	struct actor_reply *reply;

	pthread_mutex_lock(&probe->lock);
	reply = probe->waiting;
	probe->waiting = NULL;
	pthread_mutex_unlock(&probe->lock);
	if (reply)
		wait_end(reply);
}

int probe_await(struct probe *probe, struct actor_context *context, const char *word, size_t count,
		int64_t deadline_ns)
{
	struct actor_reply *reply;
	int rc = wait_open(context, &reply);

	if (rc < 0)
		return rc;
	post_reply(probe, reply, word, count);
	rc = wait_for(context, reply, deadline_ns);
	withdraw_reply(probe);
	wait_close(context, reply);
	return rc;
}
