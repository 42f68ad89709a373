/* SPDX-License-Identifier: MIT */
#ifndef ACTOR_IMPL_DEADLOCK_H
#define ACTOR_IMPL_DEADLOCK_H

#include <actor-impl/executor.h>

ACTOR__BEGIN_C

/**
 * DOC: actors that wait for each other for ever
 *
 * A handler that waits without a deadline, for answers, for room, or for permits, and can see that
 * none of those on whom this depends will ever go on, is told %ACTOR_E_DEADLOCK. What it waits for
 * is known of
 *
 *   - a call: the answer is still with the actor that was called, be the message in its hands or in
 *     its mailbox. Several answers: any one, if all are waited for; otherwise each of them
 *   - room in a mailbox that is full of messages
 *   - permits: so many are held by handlers that wait themselves that it can never get enough, or
 *     such a one stands before it in line
 *
 * Of nothing else: an answer that its handler has taken, to give it later; a wait with a deadline;
 * joins, nurseries; what is queued in channels that were given, and room there; permits that are in
 * a state or in a message; plain threads; other implementations' actors. All these may still come,
 * so who waits for them is left alone: there are no false alarms. What comes from outside, such as
 * a cancel, counts as never.
 *
 * One of the handlers in the circle is told, if it can be seen the one that has closed it: its call
 * is given up, as by a deadline, and what it wanted to send was not accepted. The others may then
 * go on; if not, the next one is told. actor_error() has the whole circle in words, and so has the
 * log, as an error.
 *
 * A handler that calls its own actor is told at once, and nothing is sent. All else is found by
 * looking, some milliseconds later; by a simulation, as soon as nobody else is ready. On an
 * executor that always has something to do it may take longer; a local one whose handlers are all
 * short, never wait, and have one message at a time, looks when it rests. Calls that come to their
 * end pay a few instructions for this, and only if they have to wait.
 *
 * A circle may go through several executors. One of those is told whose executor says that waits
 * fail; if there is none, it is reported where an executor says so; and if there is none, it is
 * left alone. Its own executor hears of who is told, whoever has looked.
 */

/** enum actor_deadlock_mode - what is done about deadlocks */
enum actor_deadlock_mode {
	/** @ACTOR_DEADLOCKS_FAIL: a wait fails; the default */
	ACTOR_DEADLOCKS_FAIL = 0,
	/** @ACTOR_DEADLOCKS_REPORT: they are reported and logged, each once; nothing else changes.
	 * Also who calls itself is then found by looking */
	ACTOR_DEADLOCKS_REPORT = 1,
	/** @ACTOR_DEADLOCKS_IGNORE: nobody here is told, nor looks for what was closed here. Actors
	 * elsewhere may be told of a circle that goes through these */
	ACTOR_DEADLOCKS_IGNORE = 2
};

/**
 * struct actor_deadlock - a deadlock that was found; borrowed during the report
 * @size:         sizeof(struct actor_deadlock)
 * @text:         the circle in words, beginning with @actor
 * @actor:        whose wait fails, or would
 * @message_type: name of the type of the message that this is about, or NULL
 * @n_actors:     how many the circle has
 * @fails:        its wait does fail
 */
struct actor_deadlock {
	size_t size;
	const char *text;
	struct actor_info actor;
	const char *message_type;
	size_t n_actors;
	bool fails;
};

/**
 * typedef actor_deadlock_fn - is told of a deadlock, before the wait fails
 * @user:     as given
 * @deadlock: borrowed
 *
 * Must not wait, fail, or close the executor. On a thread of any executor: who looks tells.
 */
typedef void actor_deadlock_fn(void *user, const struct actor_deadlock *deadlock);

/**
 * struct actor_deadlock_options - zero means the default
 * @size:   sizeof(struct actor_deadlock_options)
 * @mode:   for waits of this executor's actors
 * @report: is told when one of these waits fails, or would; NULL: nobody
 * @user:   for it
 */
struct actor_deadlock_options {
	size_t size;
	enum actor_deadlock_mode mode;
	actor_deadlock_fn *report;
	void *user;
};

/**
 * actor_executor_set_deadlocks() - choose what is done about deadlocks
 * @executor: on which no actor runs yet
 * @options:  NULL: the default
 *
 * Thread:  any
 * Return:  0, ACTOR_E_INVALID, ACTOR_E_BUSY
 */
ACTOR_NODISCARD ACTOR_EXPORT int actor_executor_set_deadlocks(
	struct actor_executor *executor, const struct actor_deadlock_options *options);

ACTOR__END_C

#endif
