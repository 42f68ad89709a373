/* SPDX-License-Identifier: MIT */
#ifndef THREAD_PER_ACTOR_H
#define THREAD_PER_ACTOR_H

/**
 * DOC: thread-per-actor, the smallest complete implementation of actor-iface
 *
 * Each running actor has a thread of its own, which blocks when the actor waits. That is all there
 * is to running actors: no scheduler, no stack switching, no timers. It is the model for those who
 * write an implementation of their own, see README.md, and a sensible choice for a program of a
 * few dozen actors that block a lot.
 *
 * Its actors and those of any other implementation send to and await each other.
 *
 * Thread-bound behaviors are refused (ACTOR_E_UNSUPPORTED): they ask for one thread shared by all
 * actors of an executor, and for a restart on that same thread.
 */

#include <actor-iface/actor-iface.h>

ACTOR__BEGIN_C

/**
 * struct actor_tpa - an instance: runs actors, each on its own thread
 *
 * Its life: create; spawn; drop the addresses, so that the actors end by themselves, or close it;
 * join; destroy. Addresses may outlive it.
 */
struct actor_tpa;

/**
 * actor_tpa_create() - an instance without actors
 * @ret_tpa: the caller's to destroy
 *
 * Thread:  any
 * Return:  0, ACTOR_E_NOMEM
 */
ACTOR_NODISCARD int actor_tpa_create(struct actor_tpa **ret_tpa);

/** actor_tpa_spawner() - makes actors that run here; borrowed. Thread: any */
struct actor_spawner *actor_tpa_spawner(struct actor_tpa *tpa);

/**
 * actor_tpa_close() - refuse new actors, and cancel every mailbox there is
 * @tpa: may be closed already
 *
 * As by actor_mailbox_cancel(): running actors end when their handlers return, see
 * actor_tpa_join(); mailboxes on which nothing runs are closed at once. So every call ends. The
 * mailboxes stay their owners' to give up.
 *
 * Thread:  any
 */
void actor_tpa_close(struct actor_tpa *tpa);

/**
 * actor_tpa_join() - wait until no actor is running here any more, and its threads are gone
 * @tpa:         blocks the calling thread
 * @deadline_ns: absolute, on actor_now()'s clock; ACTOR_FOREVER
 *
 * Thread:  any but an actor's
 * Return:  0, ACTOR_E_TIMEOUT
 */
ACTOR_NODISCARD int actor_tpa_join(struct actor_tpa *tpa, int64_t deadline_ns);

/**
 * actor_tpa_destroy() - free an instance on which nothing lives any more
 * @tpa: NULL is fine
 *
 * Contexts made with it must have been destroyed.
 *
 * Thread:  any but an actor's
 * Return:  0, or ACTOR_E_BUSY while actors run or mailboxes have not been given up: the instance
 *          then stays as it is
 */
int actor_tpa_destroy(struct actor_tpa *tpa);

/**
 * actor_tpa_context_create() - a context for a plain thread: it may send, call and wait
 * @tpa:         what its spawner belongs to
 * @ret_context: the caller's to destroy; to be used by one thread at a time
 *
 * Its self is NULL. There is nobody to hand a failed thread to: actor_fail() on it unwinds the
 * scope list, logs an error and aborts the process.
 *
 * Thread:  any
 * Return:  0, ACTOR_E_NOMEM
 */
ACTOR_NODISCARD int actor_tpa_context_create(struct actor_tpa *tpa,
					     struct actor_context **ret_context);

/** actor_tpa_context_destroy() - NULL is fine. Answers that are still to come are dropped when they
 * do, provided that their replies have been closed. Thread: the context's */
void actor_tpa_context_destroy(struct actor_context *context);

/**
 * struct actor_tpa_counts - what the implementation holds for the process right now
 * @mailboxes:    mailboxes whose memory is held: by an owner, an actor or an address
 * @envelopes:    messages queued or being handled
 * @replies:      replies that caller or callee has not let go of yet
 * @dead_letters: messages that were accepted, but dropped without being handled, since the process
 *                began
 *
 * All but @dead_letters are 0 again when a program has given back everything.
 */
struct actor_tpa_counts {
	int64_t mailboxes;
	int64_t envelopes;
	int64_t replies;
	int64_t dead_letters;
};

/** actor_tpa_counts_get() - count; exact when nothing runs. Thread: any */
void actor_tpa_counts_get(struct actor_tpa_counts *ret_counts);

/**
 * typedef actor_tpa_log_fn - takes what actors and the implementation have to say
 * @user:   as given
 * @record: borrowed for the call
 *
 * Called from any thread, by several at once; must not wait or use any actor.
 */
typedef void actor_tpa_log_fn(void *user, const struct actor_log_record *record);

/**
 * actor_tpa_log_set_sink() - where records of this process go; nowhere by default
 * @sink:  NULL for nowhere
 * @user:  for it
 * @level: the least grave level that it wants
 *
 * The implementation itself logs as errors: failures, messages of conflicting declarations, and
 * threads that cannot be started.
 *
 * Thread:  any, before actors run or after they have been joined
 */
void actor_tpa_log_set_sink(actor_tpa_log_fn *sink, void *user, enum actor_log_level level);

ACTOR__END_C

#endif
